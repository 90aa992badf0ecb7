//! Expressions.

use crate::ast::*;
use crate::print::expr_string;
use crate::stack::with_stack;
use crate::token::{Op, Token};

use super::{MAX_CHAIN, Parser};

impl Parser<'_> {
    /// `Expression = UnaryExpr | Expression binary_op Expression .`
    pub(super) fn expr(&mut self) -> Expr {
        self.binary_expr(None, 0)
    }

    /// `ExpressionList = Expression { "," Expression } .`
    pub(super) fn expr_list(&mut self) -> Vec<Expr> {
        let first = self.expr();
        if self.tok != Token::Comma {
            return vec![first];
        }
        let mut list = Vec::with_capacity(4);
        list.push(first);
        while self.got(Token::Comma) {
            list.push(self.expr());
        }
        list
    }

    /// An expression of operators that bind more tightly than `prec`. The first operand may
    /// be given.
    pub(super) fn binary_expr(&mut self, x: Option<Expr>, prec: u8) -> Expr {
        let mut x = match x {
            Some(x) => x,
            None => self.unary_expr(),
        };
        let mut chain = 0;
        while matches!(self.tok, Token::Operator | Token::Star)
            && self.lex.prec > prec
            && let Op::Binary(op) = self.lex.op
        {
            let pos = self.pos();
            let op_prec = self.lex.prec;
            self.next();
            let y = self.binary_expr(None, op_prec);
            x = self.expr_node(pos, ExprKind::Binary(op, Box::new(x), Box::new(y)));
            chain += 1;
            self.limit(chain, MAX_CHAIN);
        }
        self.height = self.height.max(self.depth + chain);
        x
    }

    /// `UnaryExpr = PrimaryExpr | unary_op UnaryExpr .`
    fn unary_expr(&mut self) -> Expr {
        self.nested(Self::nested_unary_expr)
    }

    fn nested_unary_expr(&mut self) -> Expr {
        let pos = self.pos();
        match self.tok {
            Token::Operator | Token::Star => {
                let Some(op) = self.lex.op.as_unary() else {
                    return self.primary_expr(None, true);
                };
                self.next();
                let mut x = self.unary_expr();
                if op == UnaryOp::Addr {
                    // &(T{}) is as good as &T{}
                    while let ExprKind::Paren(inner) = x.kind {
                        x = *inner;
                    }
                }
                self.expr_node(pos, ExprKind::Unary(op, Box::new(x)))
            }
            Token::Arrow => {
                self.next();
                let mut x = self.unary_expr();
                if matches!(x.kind, ExprKind::ChanType(..)) {
                    self.reassociate_arrow(&mut x);
                    return x;
                }
                self.expr_node(pos, ExprKind::Unary(UnaryOp::Recv, Box::new(x)))
            }
            // Parentheses are kept so that `(x) := 1` can be reported.
            _ => self.primary_expr(None, true),
        }
    }

    /// Makes `<-(chan T)` the type `(<-chan T)`, and `<-(chan<- T)` the type `(<-chan (<-T))`.
    fn reassociate_arrow(&mut self, x: &mut Expr) {
        let mut ty = x;
        while matches!(ty.kind, ExprKind::ChanType(..)) {
            let ExprKind::ChanType(dir, elem) = &mut ty.kind else {
                return;
            };
            match std::mem::replace(dir, ChanDir::Recv) {
                ChanDir::Both => return,
                ChanDir::Recv => return self.syntax_error("unexpected <-, expected chan"),
                ChanDir::Send => ty = elem,
            }
        }
        let text = with_stack(self.height, 2 << 10, || expr_string(ty));
        let msg = format!("unexpected {text}, expected chan");
        self.syntax_error(&msg);
    }

    /// `Operand = Literal | OperandName | MethodExpr | "(" Expression ")" .`
    ///
    /// Composite literals are left to [`Self::primary_expr`], because their type may be a
    /// qualified name.
    fn operand(&mut self, mut keep_parens: bool) -> Expr {
        let pos = self.pos();
        match self.tok {
            Token::Name => self.name_expr(),
            Token::Literal => match self.opt_literal() {
                Some(literal) => self.expr_node(pos, ExprKind::BasicLit(literal)),
                None => self.bad_expr(),
            },
            Token::Lparen => {
                self.next();
                self.expr_level += 1;
                let x = self.expr();
                self.expr_level -= 1;
                self.want(Token::Rparen);
                // `(T){}` is to be reported.
                keep_parens |= self.tok == Token::Lbrace;
                if keep_parens {
                    return self.expr_node(pos, ExprKind::Paren(Box::new(x)));
                }
                x
            }
            Token::Func => {
                self.next();
                let (_, ty) = self.func_type("function type");
                if self.tok != Token::Lbrace {
                    return self.expr_node(ty.pos, ExprKind::FuncType(Box::new(ty)));
                }
                self.expr_level += 1;
                let body = self.func_body();
                self.expr_level -= 1;
                self.expr_node(pos, ExprKind::FuncLit(Box::new(FuncLit { ty, body })))
            }
            Token::Lbrack | Token::Chan | Token::Map | Token::Struct | Token::Interface => self.type_(),
            _ => {
                let bad = self.bad_expr();
                self.syntax_error("expected expression");
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                bad
            }
        }
    }

    /// `PrimaryExpr = Operand | PrimaryExpr ( Selector | Index | Slice | TypeAssertion | Arguments ) .`
    ///
    /// The operand may be given.
    pub(super) fn primary_expr(&mut self, x: Option<Expr>, keep_parens: bool) -> Expr {
        let mut x = match x {
            Some(x) => x,
            None => self.operand(keep_parens),
        };
        let mut chain = 0;
        loop {
            x = match self.tok {
                Token::Dot => self.selector_or_assertion(x),
                Token::Lbrack => self.index_or_slice(x),
                Token::Lparen => self.call(x),
                Token::Lbrace if self.is_literal_type(&x) => {
                    if matches!(x.kind, ExprKind::Paren(_)) {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    self.composite_lit(Some(x))
                }
                _ => break,
            };
            chain += 1;
            self.limit(chain, MAX_CHAIN);
        }
        self.height = self.height.max(self.depth + chain);
        x
    }

    /// May `{` after `x` start a literal value, rather than a block?
    fn is_literal_type(&self, x: &Expr) -> bool {
        let x = x.unparen();
        match &x.kind {
            ExprKind::Ident(_) | ExprKind::Selector(..) => self.expr_level >= 0,
            ExprKind::Index(..) => self.expr_level >= 0 && !is_value(x),
            ExprKind::ArrayType(..) | ExprKind::SliceType(_) | ExprKind::StructType(_) | ExprKind::MapType(..) => true,
            _ => false,
        }
    }

    /// `Selector = "." identifier .`  `TypeAssertion = "." "(" Type ")" .`
    fn selector_or_assertion(&mut self, x: Expr) -> Expr {
        let pos = self.pos();
        self.next();
        match self.tok {
            Token::Name => {
                let sel = self.name();
                self.expr_node(pos, ExprKind::Selector(Box::new(x), sel))
            }
            Token::Lparen => {
                self.next();
                let kind = if self.got(Token::Type) {
                    ExprKind::TypeSwitchGuard(None, Box::new(x))
                } else {
                    let ty = self.type_();
                    ExprKind::TypeAssert(Box::new(x), Box::new(ty))
                };
                self.want(Token::Rparen);
                self.expr_node(pos, kind)
            }
            _ => {
                self.syntax_error("expected name or (");
                self.advance(&[Token::Semi, Token::Rparen]);
                x
            }
        }
    }

    /// `Index = "[" Expression "]" .`  `Slice = "[" [ lo ] ":" [ hi ] [ ":" max ] "]" .`
    fn index_or_slice(&mut self, x: Expr) -> Expr {
        let pos = self.pos();
        self.next();
        let mut low = None;
        if self.tok != Token::Colon {
            let (mut indices, comma) = if self.tok == Token::Rbrack {
                self.syntax_error("expected operand");
                (vec![self.bad_expr()], false)
            } else {
                self.type_list(false)
            };
            if comma || self.tok == Token::Rbrack {
                self.want(Token::Rbrack);
                return self.expr_node(pos, ExprKind::Index(Box::new(x), indices));
            }
            low = indices.pop();
        }
        if !self.got(Token::Colon) {
            self.syntax_error("expected comma, : or ]");
            self.advance(&[Token::Comma, Token::Colon, Token::Rbrack]);
        }
        self.expr_level += 1;
        let mut high = None;
        let mut max = None;
        if !matches!(self.tok, Token::Colon | Token::Rbrack) {
            high = Some(self.expr());
        }
        let full = self.tok == Token::Colon;
        if full {
            if high.is_none() {
                self.error("middle index required in 3-index slice");
                high = Some(self.bad_expr());
            }
            self.next();
            max = Some(if self.tok == Token::Rbrack {
                self.error("final index required in 3-index slice");
                self.bad_expr()
            } else {
                self.expr()
            });
        }
        self.expr_level -= 1;
        self.want(Token::Rbrack);
        let slice = SliceExpr { x, index: [low, high, max], full };
        self.expr_node(pos, ExprKind::Slice(Box::new(slice)))
    }

    /// `Arguments = "(" [ ExpressionList [ "..." ] [ "," ] ] ")" .` Arguments may be types.
    fn call(&mut self, fun: Expr) -> Expr {
        let pos = self.pos();
        self.next();
        let mut args = Vec::new();
        let mut has_dots = false;
        self.expr_level += 1;
        self.list("argument list", Token::Comma, Token::Rparen, |p| {
            args.push(p.expr());
            has_dots = p.got(Token::DotDotDot);
            has_dots
        });
        self.expr_level -= 1;
        self.expr_node(pos, ExprKind::Call(Box::new(CallExpr { fun, args, has_dots })))
    }

    /// `LiteralValue = "{" [ ElementList [ "," ] ] "}" .`
    fn composite_lit(&mut self, ty: Option<Expr>) -> Expr {
        let pos = self.pos();
        let mut elems = Vec::new();
        let mut keys = 0;
        self.expr_level += 1;
        self.want(Token::Lbrace);
        let rbrace = self.list("composite literal", Token::Comma, Token::Rbrace, |p| {
            let mut elem = p.element();
            if p.tok == Token::Colon {
                let colon = p.pos();
                p.next();
                let value = p.element();
                elem = p.expr_node(colon, ExprKind::KeyValue(Box::new(elem), Box::new(value)));
                keys += 1;
            }
            elems.push(elem);
            false
        });
        self.expr_level -= 1;
        let literal = CompositeLit { ty, elems, keys, rbrace };
        self.expr_node(pos, ExprKind::CompositeLit(Box::new(literal)))
    }

    /// `Element = Expression | LiteralValue .`
    fn element(&mut self) -> Expr {
        if self.tok == Token::Lbrace {
            return self.nested(|p| p.composite_lit(None));
        }
        self.expr()
    }
}

/// Can the expression only be a value, not a type?
fn is_value(mut x: &Expr) -> bool {
    loop {
        x = match &x.kind {
            ExprKind::BasicLit(_)
            | ExprKind::CompositeLit(_)
            | ExprKind::FuncLit(_)
            | ExprKind::Slice(_)
            | ExprKind::TypeAssert(..)
            | ExprKind::TypeSwitchGuard(..)
            | ExprKind::Call(_)
            | ExprKind::Binary(..) => return true,
            ExprKind::Unary(op, _) => return *op != UnaryOp::Star,
            ExprKind::Paren(x) => x,
            ExprKind::Index(_, indices) if matches!(&indices[..], [i] if is_value(i)) => {
                return true;
            }
            ExprKind::Index(x, _) => x,
            _ => return false,
        }
    }
}
