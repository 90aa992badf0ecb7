//! Types, fields and parameters.

use crate::ast::*;
use crate::span::Pos;
use crate::symbol::Symbol;
use crate::token::{Op, Token};

use super::Parser;
use super::decl::param_start;

/// A parameter before it is known whether a lone name is a name or a type.
pub(super) struct Param {
    pub pos: Pos,
    pub name: Option<Ident>,
    pub ty: Option<Expr>,
}

impl Param {
    pub fn named(name: Ident) -> Param {
        Param { pos: name.pos, name: Some(name), ty: None }
    }
}

/// What `name [ … ]` goes on with.
enum ArrayOrArgs {
    Array(Expr),
    /// Position of `[`, and type arguments.
    Args(Pos, Vec<Expr>),
}

impl Parser<'_> {
    pub(super) fn type_(&mut self) -> Expr {
        if let Some(ty) = self.opt_type() {
            return ty;
        }
        use Token::*;
        let bad = self.bad_expr();
        self.syntax_error("expected type");
        self.advance(&[Comma, Colon, Semi, Rparen, Rbrack, Rbrace]);
        bad
    }

    /// `Type = TypeName [ TypeArgs ] | TypeLit | "(" Type ")" .`
    pub(super) fn opt_type(&mut self) -> Option<Expr> {
        match self.tok {
            Token::Name => Some(self.qualified_name(None)),
            Token::Star
            | Token::Arrow
            | Token::Func
            | Token::Lbrack
            | Token::Chan
            | Token::Map
            | Token::Struct
            | Token::Interface
            | Token::Lparen => Some(self.nested(Self::type_literal)),
            _ => None,
        }
    }

    /// A type that is not a name.
    fn type_literal(&mut self) -> Expr {
        let pos = self.pos();
        match self.tok {
            Token::Star => {
                self.next();
                let base = self.type_();
                self.pointer_type(pos, base)
            }
            Token::Arrow => {
                self.next();
                self.want(Token::Chan);
                let elem = self.chan_elem();
                self.expr_node(pos, ExprKind::ChanType(ChanDir::Recv, Box::new(elem)))
            }
            Token::Func => {
                self.next();
                let (_, ty) = self.func_type("function type");
                self.expr_node(ty.pos, ExprKind::FuncType(Box::new(ty)))
            }
            Token::Lbrack => {
                self.next();
                if self.got(Token::Rbrack) {
                    return self.slice_type(pos);
                }
                self.array_type(pos, None)
            }
            Token::Chan => {
                self.next();
                let dir = if self.got(Token::Arrow) { ChanDir::Send } else { ChanDir::Both };
                let elem = self.chan_elem();
                self.expr_node(pos, ExprKind::ChanType(dir, Box::new(elem)))
            }
            Token::Map => {
                self.next();
                self.want(Token::Lbrack);
                let key = self.type_();
                self.want(Token::Rbrack);
                let value = self.type_();
                self.expr_node(pos, ExprKind::MapType(Box::new(key), Box::new(value)))
            }
            Token::Struct => self.struct_type(),
            Token::Interface => self.interface_type(),
            Token::Lparen => {
                self.next();
                let ty = self.type_();
                self.want(Token::Rparen);
                ty
            }
            // `nested` gave up.
            _ => self.bad_expr(),
        }
    }

    fn pointer_type(&mut self, pos: Pos, base: Expr) -> Expr {
        self.expr_node(pos, ExprKind::Unary(UnaryOp::Star, Box::new(base)))
    }

    /// `[` has been consumed, and so has the length, if there is one.
    pub(super) fn array_type(&mut self, pos: Pos, mut len: Option<Expr>) -> Expr {
        if len.is_none() && !self.got(Token::DotDotDot) {
            self.expr_level += 1;
            len = Some(self.expr());
            self.expr_level -= 1;
        }
        if self.tok == Token::Comma {
            // Fine in type parameter lists, but not here.
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Token::Rbrack);
        let elem = self.type_();
        self.expr_node(pos, ExprKind::ArrayType(len.map(Box::new), Box::new(elem)))
    }

    /// `[` and `]` have been consumed.
    pub(super) fn slice_type(&mut self, pos: Pos) -> Expr {
        let elem = self.type_();
        self.expr_node(pos, ExprKind::SliceType(Box::new(elem)))
    }

    fn chan_elem(&mut self) -> Expr {
        if let Some(ty) = self.opt_type() {
            return ty;
        }
        let bad = self.bad_expr();
        self.syntax_error("missing channel element type");
        bad
    }

    /// `TypeName = identifier [ "." identifier ] [ TypeArgs ] .` The first name may be given.
    pub(super) fn qualified_name(&mut self, name: Option<Ident>) -> Expr {
        let mut x = match name {
            Some(name) => self.ident_expr(name),
            None if self.tok == Token::Name => self.name_expr(),
            None => {
                let name = self.ident_node(self.pos(), Symbol::BLANK);
                self.syntax_error("expected name");
                self.advance(&[Token::Dot, Token::Semi, Token::Rbrace]);
                self.ident_expr(name)
            }
        };
        if self.tok == Token::Dot {
            let pos = self.pos();
            self.next();
            let sel = self.name();
            x = self.expr_node(pos, ExprKind::Selector(Box::new(x), sel));
        }
        if self.tok == Token::Lbrack {
            x = self.nested(|p| p.type_instance(x));
        }
        x
    }

    /// `TypeArgs = "[" TypeList [ "," ] "]" .`
    fn type_instance(&mut self, x: Expr) -> Expr {
        let pos = self.pos();
        self.want(Token::Lbrack);
        let args = if self.tok == Token::Rbrack {
            self.syntax_error("expected type argument list");
            vec![self.bad_expr()]
        } else {
            self.type_list(true).0
        };
        self.want(Token::Rbrack);
        self.expr_node(pos, ExprKind::Index(Box::new(x), args))
    }

    /// One or more types; unless `strict`, the first may be any expression.
    /// Also returns whether there was a comma.
    pub(super) fn type_list(&mut self, strict: bool) -> (Vec<Expr>, bool) {
        self.expr_level += 1;
        let mut list = vec![if strict { self.type_() } else { self.expr() }];
        let mut comma = false;
        while self.got(Token::Comma) {
            comma = true;
            match self.opt_type() {
                Some(ty) => list.push(ty),
                None => break,
            }
        }
        self.expr_level -= 1;
        (list, comma)
    }

    // ------------------------------------------------------------------------
    // Structs

    /// `StructType = "struct" "{" { FieldDecl ";" } "}" .`
    fn struct_type(&mut self) -> Expr {
        let pos = self.pos();
        self.want(Token::Struct);
        self.want(Token::Lbrace);
        let mut fields = Vec::new();
        self.list("struct type", Token::Semi, Token::Rbrace, |p| {
            fields.extend(p.field_decl());
            false
        });
        self.expr_node(pos, ExprKind::StructType(fields))
    }

    /// `FieldDecl = ( IdentifierList Type | [ "*" ] TypeName [ TypeArgs ] ) [ Tag ] .`
    fn field_decl(&mut self) -> Option<Field> {
        let pos = self.pos();
        let mut names = Vec::new();
        let ty = match self.tok {
            Token::Name => {
                let name = self.name();
                if matches!(self.tok, Token::Dot | Token::Literal | Token::Semi | Token::Rbrace) {
                    self.qualified_name(Some(name))
                } else {
                    names = self.name_list(name);
                    if names.len() == 1 && self.tok == Token::Lbrack {
                        match self.array_or_type_args() {
                            ArrayOrArgs::Array(ty) => ty,
                            ArrayOrArgs::Args(bracket, args) => {
                                names.clear();
                                let x = Box::new(self.ident_expr(name));
                                self.expr_node(bracket, ExprKind::Index(x, args))
                            }
                        }
                    } else {
                        self.type_()
                    }
                }
            }
            Token::Star => {
                self.next();
                let base = if self.tok == Token::Lparen {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                    let base = self.qualified_name(None);
                    self.got(Token::Rparen);
                    base
                } else {
                    self.qualified_name(None)
                };
                self.pointer_type(pos, base)
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let star = self.pos();
                let ty = if self.got(Token::Star) {
                    let base = self.qualified_name(None);
                    self.pointer_type(star, base)
                } else {
                    self.qualified_name(None)
                };
                self.got(Token::Rparen);
                ty
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Token::Semi, Token::Rbrace]);
                return None;
            }
        };
        let tag = self.opt_literal();
        Some(Field { pos, names, ty, tag })
    }

    /// After `name`: an array or slice type, or type arguments.
    fn array_or_type_args(&mut self) -> ArrayOrArgs {
        let pos = self.pos();
        self.want(Token::Lbrack);
        if self.got(Token::Rbrack) {
            return ArrayOrArgs::Array(self.slice_type(pos));
        }
        let (mut args, comma) = self.type_list(false);
        self.want(Token::Rbrack);
        if !comma && let Some(elem) = self.opt_type() {
            let len = args.pop().map(Box::new);
            return ArrayOrArgs::Array(self.expr_node(pos, ExprKind::ArrayType(len, Box::new(elem))));
        }
        ArrayOrArgs::Args(pos, args)
    }

    // ------------------------------------------------------------------------
    // Interfaces

    /// `InterfaceType = "interface" "{" { ( MethodDecl | EmbeddedElem ) ";" } "}" .`
    fn interface_type(&mut self) -> Expr {
        let pos = self.pos();
        self.want(Token::Interface);
        self.want(Token::Lbrace);
        let mut elems = Vec::new();
        self.list("interface type", Token::Semi, Token::Rbrace, |p| {
            let elem = p.interface_elem();
            elems.push(elem);
            false
        });
        self.expr_node(pos, ExprKind::InterfaceType(elems))
    }

    fn interface_elem(&mut self) -> InterfaceElem {
        if self.tok != Token::Name {
            return InterfaceElem::Embedded(self.embedded_elem(None));
        }
        match self.method_or_embedded() {
            InterfaceElem::Embedded(first) => InterfaceElem::Embedded(self.embedded_elem(Some(first))),
            method => method,
        }
    }

    /// `MethodDecl = MethodName Signature .`, or the first term of an embedded element.
    fn method_or_embedded(&mut self) -> InterfaceElem {
        let name = self.name();
        match self.tok {
            Token::Lparen => self.method(name),
            Token::Lbrack => {
                // A generic method m[T C](x T), which is not permitted, or an embedded T[P1, P2].
                let bracket = self.pos();
                self.next();
                if self.tok == Token::Rbrack {
                    let pos = self.pos();
                    self.next();
                    if self.tok == Token::Lparen {
                        self.error_at(pos, "empty type parameter list");
                        return self.method(name);
                    }
                    self.error_at(pos, "empty type argument list");
                    return InterfaceElem::Embedded(self.ident_expr(name));
                }
                let list = self.param_list(None, Token::Rbrack, false, false);
                match list.first() {
                    None if self.tok == Token::Lparen => self.method(name),
                    None => InterfaceElem::Embedded(self.ident_expr(name)),
                    Some(first) if !first.names.is_empty() => {
                        let method = self.method(name);
                        self.error_at(bracket, "interface method must have no type parameters");
                        method
                    }
                    Some(_) => {
                        let args = list.into_iter().map(|field| field.ty).collect();
                        let x = Box::new(self.ident_expr(name));
                        InterfaceElem::Embedded(self.expr_node(bracket, ExprKind::Index(x, args)))
                    }
                }
            }
            _ => InterfaceElem::Embedded(self.qualified_name(Some(name))),
        }
    }

    fn method(&mut self, name: Ident) -> InterfaceElem {
        let (_, ty) = self.func_type("interface method");
        InterfaceElem::Method { name, ty }
    }

    fn at_op(&self, op: Op) -> bool {
        self.tok == Token::Operator && self.lex.op == op
    }

    /// `EmbeddedElem = EmbeddedTerm { "|" EmbeddedTerm } .` The first term may be given.
    fn embedded_elem(&mut self, first: Option<Expr>) -> Expr {
        let mut x = first.unwrap_or_else(|| self.embedded_term());
        while self.at_op(Op::Binary(BinaryOp::Or)) {
            let pos = self.pos();
            self.next();
            let y = self.embedded_term();
            x = self.expr_node(pos, ExprKind::Binary(BinaryOp::Or, Box::new(x), Box::new(y)));
        }
        x
    }

    /// `EmbeddedTerm = [ "~" ] Type .`
    fn embedded_term(&mut self) -> Expr {
        let pos = self.pos();
        if self.at_op(Op::Tilde) {
            self.next();
            let ty = self.type_();
            return self.expr_node(pos, ExprKind::Unary(UnaryOp::Tilde, Box::new(ty)));
        }
        if let Some(ty) = self.opt_type() {
            return ty;
        }
        use Token::*;
        let bad = self.bad_expr();
        self.syntax_error("expected ~ term or type");
        self.advance(&[Operator, Semi, Rparen, Rbrack, Rbrace]);
        bad
    }

    // ------------------------------------------------------------------------
    // Functions

    /// `[ TypeParams ] Parameters [ Result ]`. In a `context` that is not empty, type
    /// parameters are an error.
    pub(super) fn func_type(&mut self, context: &str) -> (Vec<Field>, FuncType) {
        let pos = self.pos();
        let mut tparams = Vec::new();
        if self.got(Token::Lbrack) {
            if !context.is_empty() {
                self.syntax_error_at(pos, &format!("{context} must have no type parameters"));
            }
            if self.tok == Token::Rbrack {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                tparams = self.param_list(None, Token::Rbrack, true, false);
            }
        }
        self.want(Token::Lparen);
        let params = self.param_list(None, Token::Rparen, false, true);
        let results = self.func_result();
        (tparams, FuncType { pos, params, results })
    }

    /// `Result = Parameters | Type .`
    fn func_result(&mut self) -> Vec<Field> {
        if self.got(Token::Lparen) {
            return self.param_list(None, Token::Rparen, false, false);
        }
        let pos = self.pos();
        let ty = self.opt_type();
        ty.map(|ty| Field { pos, names: Vec::new(), ty, tag: None }).into_iter().collect()
    }

    /// `ParameterDecl = [ IdentifierList ] [ "..." ] Type .` The name may be given.
    fn opt_param_decl(&mut self, name: Option<Ident>, follow: Token) -> Option<Param> {
        let type_sets = follow == Token::Rbrack;
        let pos = name.map_or(self.pos(), |name| name.pos);
        let mut param = Param { pos, name: None, ty: None };
        if name.is_none() && type_sets && self.at_op(Op::Tilde) {
            param.ty = Some(self.embedded_elem(None));
            return Some(param);
        }
        if name.is_some() || self.tok == Token::Name {
            let name = match name {
                Some(name) => name,
                None => self.name(),
            };
            let mut ty = None;
            if self.tok == Token::Lbrack {
                ty = Some(match self.array_or_type_args() {
                    ArrayOrArgs::Array(ty) => {
                        param.name = Some(name);
                        ty
                    }
                    ArrayOrArgs::Args(bracket, args) => {
                        let x = Box::new(self.ident_expr(name));
                        self.expr_node(bracket, ExprKind::Index(x, args))
                    }
                });
            } else if self.tok == Token::Dot {
                ty = Some(self.qualified_name(Some(name)));
            } else if type_sets && self.at_op(Op::Binary(BinaryOp::Or)) {
                ty = Some(self.ident_expr(name));
            }
            if let Some(ty) = ty {
                param.ty = Some(self.opt_union(ty, type_sets));
                return Some(param);
            }
            param.name = Some(name);
        }
        if self.tok == Token::DotDotDot {
            let dots = self.pos();
            self.next();
            param.ty = Some(match self.opt_type() {
                Some(elem) => self.expr_node(dots, ExprKind::DotsType(Box::new(elem))),
                None => {
                    let bad = self.bad_expr();
                    self.syntax_error("... is missing type");
                    bad
                }
            });
            return Some(param);
        }
        if type_sets && self.at_op(Op::Tilde) {
            param.ty = Some(self.embedded_elem(None));
            return Some(param);
        }
        if let Some(ty) = self.opt_type() {
            param.ty = Some(self.opt_union(ty, type_sets));
        }
        if param.name.is_some() || param.ty.is_some() {
            return Some(param);
        }
        self.syntax_error(&format!("expected {}", follow.describe()));
        self.advance(&[Token::Comma, follow]);
        None
    }

    /// The rest of a union, where unions are permitted.
    fn opt_union(&mut self, first: Expr, type_sets: bool) -> Expr {
        if type_sets { self.embedded_elem(Some(first)) } else { first }
    }

    /// `Parameters = "(" [ ParameterList [ "," ] ] ")" .`
    ///
    /// The opening token has been consumed, and possibly a first name with or without its
    /// type. Either all or none of the resulting fields have names.
    pub(super) fn param_list(
        &mut self,
        mut first: Option<Param>,
        close: Token,
        require_names: bool,
        dots_ok: bool,
    ) -> Vec<Field> {
        let mut params: Vec<Param> = Vec::new();
        let end;
        if self.tok == close
            && let Some(param) = first.take_if(|param| param.ty.is_some())
        {
            // `list` does not call for elements when it stands at the end.
            end = self.pos();
            self.next();
            params.push(param);
        } else {
            end = self.list("parameter list", Token::Comma, close, |p| {
                let param = match first.take() {
                    Some(param) if param.ty.is_some() => Some(param),
                    Some(param) => p.opt_param_decl(param.name, close),
                    None => p.opt_param_decl(None, close),
                };
                params.extend(param);
                false
            });
        }
        if params.is_empty() {
            return Vec::new();
        }
        let named = params.iter().filter(|p| p.name.is_some() && p.ty.is_some()).count();
        let mut fields = if named == 0 && !require_names {
            self.unnamed_fields(params)
        } else {
            if named != params.len() {
                self.complete_params(&mut params, named, end, require_names);
            }
            group_params(params)
        };
        self.check_dots(&mut fields, dots_ok);
        fields
    }

    /// Lone names are types.
    fn unnamed_fields(&mut self, params: Vec<Param>) -> Vec<Field> {
        let field = |param: Param| {
            let ty = match (param.name, param.ty) {
                (Some(name), _) => self.ident_expr(name),
                (None, Some(ty)) => ty,
                (None, None) => self.bad_expr(),
            };
            Field { pos: param.pos, names: Vec::new(), ty, tag: None }
        };
        params.into_iter().map(field).collect()
    }

    /// Lone names share the type of the next parameter; what is still missing is an error.
    fn complete_params(&mut self, params: &mut [Param], named: usize, end: Pos, require_names: bool) {
        let typed = params.iter().filter(|p| p.ty.is_some()).count();
        let count = params.len();
        let mut error = None; // the leftmost one
        let mut type_follows = false;
        for param in params.iter_mut().rev() {
            match (&param.name, &param.ty) {
                (Some(_), Some(_)) => type_follows = true,
                (None, Some(ty)) => {
                    type_follows = true;
                    let pos = param_start(ty);
                    error = Some(pos);
                    param.name = Some(self.ident_node(pos, Symbol::BLANK));
                }
                _ if type_follows => {}
                _ => {
                    error = Some(param.pos);
                    param.ty = Some(self.expr_node(param.pos, ExprKind::Bad));
                }
            }
        }
        let Some(pos) = error else {
            return;
        };
        if named == typed {
            // Only types at the end are missing.
            let what = if require_names { "type constraint" } else { "parameter type" };
            self.syntax_error_at(end, &format!("missing {what}"));
        } else if !require_names {
            self.syntax_error_at(pos, "missing parameter name");
        } else if count == 1 {
            self.syntax_error_at(pos, "missing type parameter name or invalid array length");
        } else {
            self.syntax_error_at(pos, "missing type parameter name");
        }
    }

    /// `...` is for the last parameter only, and not for receivers, results, type parameters.
    fn check_dots(&mut self, fields: &mut [Field], dots_ok: bool) {
        let mut first = true;
        let count = fields.len();
        for (i, field) in fields.iter_mut().enumerate() {
            if !matches!(field.ty.kind, ExprKind::DotsType(_)) || (dots_ok && i + 1 == count && field.names.len() <= 1)
            {
                continue;
            }
            if std::mem::take(&mut first) {
                let msg = if dots_ok { "can only use ... with final parameter" } else { "invalid use of ..." };
                self.error_at(field.ty.pos, msg);
            }
            if let ExprKind::DotsType(elem) = std::mem::replace(&mut field.ty.kind, ExprKind::Bad) {
                field.ty = *elem;
            }
        }
    }
}

/// Joins lone names and the parameter after them, whose type they share.
fn group_params(params: Vec<Param>) -> Vec<Field> {
    let mut fields = Vec::with_capacity(params.len());
    let mut names = Vec::new();
    for param in params {
        names.extend(param.name);
        if let Some(ty) = param.ty {
            let names = std::mem::take(&mut names);
            let pos = names.first().map_or(param.pos, |name: &Ident| name.pos);
            fields.push(Field { pos, names, ty, tag: None });
        }
    }
    fields
}
