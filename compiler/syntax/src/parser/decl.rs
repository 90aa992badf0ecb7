//! Files and declarations.

use crate::ast::*;
use crate::directives::{DirectiveKind, FuncDirectives, embed_check};
use crate::pos::start_pos;
use crate::stack::with_stack;
use crate::symbol::Symbol;
use crate::token::Token;

use super::Parser;
use super::types::Param;

const DECL_STARTS: [Token; 5] = [Token::Import, Token::Const, Token::Type, Token::Var, Token::Func];

impl Parser<'_> {
    /// `SourceFile = PackageClause ";" { ImportDecl ";" } { TopLevelDecl ";" } .`
    pub(super) fn file(&mut self) -> File {
        let pos = self.pos();
        self.lex.top = false;
        let directives;
        let package;
        if self.got(Token::Package) {
            directives = self.take_directives_for(|kind| kind == DirectiveKind::Build);
            package = self.name();
            self.want(Token::Semi);
        } else {
            self.syntax_error("package statement must be first");
            directives = Vec::new();
            package = self.ident_node(pos, Symbol::BLANK);
        }
        let mut decls = Vec::new();
        if self.error_count() == 0 {
            self.top_level_decls(&mut decls);
        }
        File {
            id: self.lex.file.id,
            pos,
            package,
            directives,
            decls,
            eof: self.pos(),
            constraints: std::mem::take(&mut self.lex.constraints),
            all_directives: std::mem::take(&mut self.lex.all_directives),
            late_checks: std::mem::take(&mut self.late_checks),
            expr_count: self.expr_count,
            ident_count: self.ident_count,
            stmt_count: self.stmt_count,
            decl_count: self.decl_count,
            group_count: self.group_count,
            height: self.height,
        }
    }

    fn top_level_decls(&mut self, decls: &mut Vec<Decl>) {
        let mut previous = Token::Import;
        while self.tok != Token::Eof {
            if self.mode.imports_only && self.tok != Token::Import {
                return;
            }
            if self.tok == Token::Import && previous != Token::Import {
                self.syntax_error("imports must appear before other declarations");
            }
            previous = self.tok;
            match self.tok {
                Token::Import | Token::Const | Token::Type | Token::Var => {
                    self.grouped_decls(decls);
                }
                Token::Func => {
                    self.next();
                    let decl = self.func_decl();
                    decls.push(Decl::Func(Box::new(decl)));
                }
                _ => {
                    let after_signature = matches!(decls.last(), Some(Decl::Func(f)) if f.body.is_none());
                    if self.tok == Token::Lbrace && after_signature {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(&DECL_STARTS);
                    continue;
                }
            }
            // Before the semicolon: behind it the directives of the next declaration begin.
            self.clear_directives();
            if self.tok != Token::Eof && !self.got(Token::Semi) {
                self.syntax_error("after top level declaration");
                self.advance(&DECL_STARTS);
            }
        }
        self.clear_directives();
    }

    /// `keyword spec`, or `keyword "(" { spec ";" } ")"`.
    pub(super) fn grouped_decls(&mut self, decls: &mut Vec<Decl>) {
        let keyword = self.tok;
        self.next();
        if self.tok != Token::Lparen {
            decls.push(self.spec(keyword, None));
            return;
        }
        let group = GroupId(self.group_count);
        self.group_count += 1;
        self.clear_directives();
        self.next();
        self.list("grouped declaration", Token::Semi, Token::Rparen, |p| {
            decls.push(p.spec(keyword, Some(group)));
            false
        });
    }

    fn spec(&mut self, keyword: Token, group: Option<GroupId>) -> Decl {
        match keyword {
            Token::Import => Decl::Import(Box::new(self.import_spec(group))),
            Token::Const => Decl::Const(Box::new(self.const_spec(group))),
            Token::Type => Decl::Type(Box::new(self.type_spec(group))),
            _ => Decl::Var(Box::new(self.var_spec(group))),
        }
    }

    /// `ImportSpec = [ "." | PackageName ] ImportPath .`
    fn import_spec(&mut self, group: Option<GroupId>) -> ImportDecl {
        let pos = self.pos();
        let id = self.decl_id();
        let directives = self.take_directives_for(|_| false);
        let local = match self.tok {
            Token::Name => Some(self.name()),
            Token::Dot => {
                let dot = self.ident_node(pos, Symbol::DOT);
                self.next();
                Some(dot)
            }
            _ => None,
        };
        let mut path = self.opt_literal();
        match &mut path {
            None => {
                self.syntax_error("missing import path");
                self.advance(&[Token::Semi, Token::Rparen]);
            }
            Some(path) if !path.bad && path.kind != LitKind::String => {
                self.syntax_error_at(path.pos, "import path must be a string");
                path.bad = true;
            }
            Some(path) => self.imports_embed |= matches!(path.text.as_str(), "\"embed\"" | "`embed`"),
        }
        ImportDecl { id, pos, group, directives, local, path }
    }

    /// `ConstSpec = IdentifierList [ [ Type ] "=" ExpressionList ] .`
    fn const_spec(&mut self, group: Option<GroupId>) -> ConstDecl {
        let pos = self.pos();
        let id = self.decl_id();
        let directives = self.take_directives_for(|_| false);
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if !matches!(self.tok, Token::Eof | Token::Semi | Token::Rparen) {
            ty = self.opt_type();
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        ConstDecl { id, pos, group, directives, names, ty, values }
    }

    /// `VarSpec = IdentifierList ( Type [ "=" ExpressionList ] | "=" ExpressionList ) .`
    fn var_spec(&mut self, group: Option<GroupId>) -> VarDecl {
        let pos = self.pos();
        let id = self.decl_id();
        let directives = self.take_directives_for(|kind| kind == DirectiveKind::Embed);
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if self.got_assign() {
            values = self.expr_list();
        } else {
            ty = Some(self.type_());
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        let var = VarDecl { id, pos, group, directives, names, ty, values };
        self.late_checks.extend(embed_check(&var, self.imports_embed, self.function_depth > 0));
        var
    }

    /// `TypeSpec = identifier [ TypeParams ] [ "=" ] Type .`
    fn type_spec(&mut self, group: Option<GroupId>) -> TypeDecl {
        let pos = self.pos();
        let id = self.decl_id();
        let directives = self.take_directives_for(|_| false);
        let name = self.name();
        let mut tparams = Vec::new();
        let mut alias = false;
        let ty = if self.tok == Token::Lbrack {
            let bracket = self.pos();
            self.next();
            match self.tok {
                Token::Name => match self.array_len_or_tparam() {
                    LenOrTparam::Len(len) => Some(self.array_type(bracket, Some(len))),
                    LenOrTparam::Tparam(first) => {
                        tparams = self.param_list(Some(first), Token::Rbrack, true, false);
                        alias = self.got_assign();
                        self.opt_type()
                    }
                },
                Token::Rbrack => {
                    self.next();
                    Some(self.slice_type(bracket))
                }
                _ => Some(self.array_type(bracket, None)),
            }
        } else {
            alias = self.got_assign();
            self.opt_type()
        };
        let ty = ty.unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("in type declaration");
            self.advance(&[Token::Semi, Token::Rparen]);
            bad
        });
        TypeDecl { id, pos, group, directives, name, tparams, alias, ty }
    }

    /// Decides what `type T [ name …` starts.
    ///
    /// `[P *C]`, `[P (C)]` and `[P *C|Q]` may be expressions as well. So the text is parsed as
    /// an expression and taken apart again if one of its parts can only be a type, or if a
    /// comma follows. `[P []E` cannot be an expression: an index is no constant.
    fn array_len_or_tparam(&mut self) -> LenOrTparam {
        let name = self.name();
        if self.tok == Token::Lbrack {
            return LenOrTparam::Tparam(Param::named(name));
        }
        self.expr_level += 1;
        let x = self.ident_expr(name);
        let x = self.primary_expr(Some(x), false);
        let x = self.binary_expr(Some(x), 0);
        self.expr_level -= 1;
        if let ExprKind::Ident(name) = x.kind {
            if self.tok == Token::Rbrack {
                return LenOrTparam::Len(x);
            }
            return LenOrTparam::Tparam(Param::named(name));
        }
        let force = self.tok == Token::Comma;
        match with_stack(self.height, 2 << 10, || split_tparam(x, force)) {
            Ok((name, ty)) => LenOrTparam::Tparam(Param { pos: name.pos, name: Some(name), ty: Some(ty) }),
            Err(x) => LenOrTparam::Len(x),
        }
    }

    /// `FunctionDecl = "func" FunctionName [ TypeParams ] Signature [ FunctionBody ] .`
    /// `MethodDecl   = "func" Receiver MethodName [ TypeParams ] Signature [ FunctionBody ] .`
    fn func_decl(&mut self) -> FuncDecl {
        let pos = self.pos();
        let id = self.decl_id();
        let directives = self.take_directives_for(DirectiveKind::is_for_functions);
        let mut recv = None;
        let mut has_recv = false;
        if self.got(Token::Lparen) {
            has_recv = true;
            let mut receivers = self.param_list(None, Token::Rparen, false, false);
            let count: usize = receivers.iter().map(|field| field.names.len().max(1)).sum();
            match count {
                0 => self.error("method has no receiver"),
                1 => {}
                _ => self.error("method has multiple receivers"),
            }
            if count > 0 {
                let mut field = receivers.swap_remove(0);
                field.names.truncate(1);
                recv = Some(field);
            }
        }
        let (name, tparams, ty);
        if self.tok == Token::Name {
            name = self.name();
            (tparams, ty) = self.func_type("");
        } else {
            let pos = self.pos();
            name = self.ident_node(pos, Symbol::BLANK);
            tparams = Vec::new();
            ty = FuncType { pos, params: Vec::new(), results: Vec::new() };
            self.syntax_error(if has_recv { "expected name" } else { "expected name or (" });
            self.advance(&[Token::Lbrace, Token::Semi]);
        }
        let body = (self.tok == Token::Lbrace).then(|| self.func_body());
        let flags = FuncDirectives::of(&directives);
        FuncDecl { id, pos, directives, flags, recv, name, tparams, ty, body }
    }
}

enum LenOrTparam {
    Len(Expr),
    Tparam(Param),
}

/// Takes `P *C`, parsed as an expression, apart into the name `P` and the type `*C`, if `C`
/// is clearly a type or if `force` is set; likewise `P (C)` and unions that start so.
fn split_tparam(mut x: Expr, force: bool) -> Result<(Ident, Expr), Expr> {
    match x.kind {
        ExprKind::Binary(BinaryOp::Mul, lhs, rhs) => match lhs.kind {
            ExprKind::Ident(name) if force || is_type_elem(&rhs) => {
                x.kind = ExprKind::Unary(UnaryOp::Star, rhs);
                Ok((name, x))
            }
            _ => {
                x.kind = ExprKind::Binary(BinaryOp::Mul, lhs, rhs);
                Err(x)
            }
        },
        ExprKind::Binary(BinaryOp::Or, mut lhs, rhs) => {
            let split = split_tparam(*lhs, force || is_type_elem(&rhs));
            let (result, first) = match split {
                Ok((name, ty)) => (Some(name), ty),
                Err(first) => (None, first),
            };
            *lhs = first;
            x.kind = ExprKind::Binary(BinaryOp::Or, lhs, rhs);
            match result {
                Some(name) => Ok((name, x)),
                None => Err(x),
            }
        }
        ExprKind::Call(mut call) => {
            if let ExprKind::Ident(name) = call.fun.kind
                && let [arg] = &call.args[..]
                && !call.has_dots
                && (force || is_type_elem(arg))
                && let Some(mut ty) = call.args.pop()
            {
                while let ExprKind::Paren(inner) = ty.kind {
                    ty = *inner;
                }
                return Ok((name, ty));
            }
            x.kind = ExprKind::Call(call);
            Err(x)
        }
        _ => Err(x),
    }
}

/// Can the expression only be a type?
fn is_type_elem(mut x: &Expr) -> bool {
    loop {
        x = match &x.kind {
            ExprKind::ArrayType(..)
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..)
            | ExprKind::Unary(UnaryOp::Tilde, _) => return true,
            ExprKind::Unary(_, x) | ExprKind::Paren(x) => x,
            ExprKind::Binary(_, _, y) if is_type_elem(y) => return true,
            ExprKind::Binary(_, x, _) => x,
            _ => return false,
        }
    }
}

/// Where an unnamed parameter starts, for messages about its missing name.
pub(super) fn param_start(ty: &Expr) -> crate::span::Pos {
    start_pos(ty)
}
