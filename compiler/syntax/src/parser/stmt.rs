//! Statements.

use crate::ast::*;
use crate::print::{expr_string, stmt_string};
use crate::span::Pos;
use crate::stack::with_stack;
use crate::token::{Op, Token};

use super::Parser;

/// A simple statement; in the header of a `for` it may be a range clause.
enum Simple {
    Stmt(Stmt),
    Range(RangeClause),
}

struct RangeClause {
    pos: Pos,
    lhs: Vec<Expr>,
    def: bool,
    x: Expr,
}

/// The header of an `if`, `for` or `switch`.
#[derive(Default)]
struct Header {
    init: Option<Stmt>,
    cond: Option<Expr>,
    post: Option<Stmt>,
    range: Option<RangeClause>,
}

impl Parser<'_> {
    pub(super) fn func_body(&mut self) -> Block {
        self.function_depth += 1;
        let errors = self.error_count();
        let body = self.block("");
        self.function_depth -= 1;
        // An incomplete tree would lead to spurious errors.
        if self.mode.check_branches && errors == self.error_count() {
            self.check_branches(&body);
        }
        body
    }

    /// `Block = "{" StatementList "}" .` The context, for the message about a missing brace,
    /// may be empty if there is a brace.
    fn block(&mut self, context: &str) -> Block {
        let id = self.stmt_id();
        let pos = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Token::Name, Token::Rbrace]);
            let rbrace = self.pos();
            if self.got(Token::Rbrace) {
                return Block { id, pos, stmts: Vec::new(), rbrace };
            }
        }
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { id, pos, stmts, rbrace }
    }

    /// `StatementList = { Statement ";" } .`
    fn stmt_list(&mut self) -> Vec<Stmt> {
        use Token::{Case, Default, Eof, Rbrace, Semi};
        let mut stmts = Vec::new();
        while !matches!(self.tok, Eof | Rbrace | Case | Default) {
            let stmt = self.opt_stmt();
            self.clear_directives();
            let Some(stmt) = stmt else {
                break;
            };
            stmts.push(stmt);
            if !self.got(Semi) && self.tok != Rbrace {
                self.syntax_error("at end of statement");
                self.advance(&[Semi, Rbrace, Case, Default]);
                self.got(Semi);
            }
        }
        stmts
    }

    fn opt_stmt(&mut self) -> Option<Stmt> {
        self.nested(Self::nested_opt_stmt)
    }

    fn nested_opt_stmt(&mut self) -> Option<Stmt> {
        if !matches!(self.tok, Token::Var | Token::Const | Token::Type) {
            self.clear_directives();
        }
        let pos = self.pos();
        let kind = match self.tok {
            Token::Name => {
                let mut lhs = self.expr_list();
                if self.tok == Token::Colon
                    && let [Expr { kind: ExprKind::Ident(label), .. }] = lhs[..]
                {
                    return self.labeled_stmt(label);
                }
                return Some(self.simple_stmt_from(&mut lhs));
            }
            Token::Var | Token::Const | Token::Type => {
                let mut decls = Vec::new();
                self.grouped_decls(&mut decls);
                StmtKind::Decl(decls)
            }
            Token::Lbrace => StmtKind::Block(self.block("")),
            Token::Operator | Token::Star if self.lex.op != Op::Tilde => {
                self.lex.op.as_unary()?;
                return Some(self.simple_stmt());
            }
            Token::Literal
            | Token::Func
            | Token::Lparen
            | Token::Lbrack
            | Token::Struct
            | Token::Map
            | Token::Chan
            | Token::Interface
            | Token::Arrow => return Some(self.simple_stmt()),
            Token::For => self.for_stmt(),
            Token::Switch => self.switch_stmt(),
            Token::Select => self.select_stmt(),
            Token::If => self.if_stmt(),
            Token::Fallthrough => {
                self.next();
                StmtKind::Branch(Branch::Fallthrough, None)
            }
            Token::Break => self.break_or_continue(Branch::Break),
            Token::Continue => self.break_or_continue(Branch::Continue),
            Token::Goto => {
                self.next();
                StmtKind::Branch(Branch::Goto, Some(self.name()))
            }
            Token::Go => StmtKind::Go(self.go_or_defer("go")),
            Token::Defer => StmtKind::Defer(self.go_or_defer("defer")),
            Token::Return => {
                self.next();
                let bare = matches!(self.tok, Token::Semi | Token::Rbrace);
                StmtKind::Return(if bare { Vec::new() } else { self.expr_list() })
            }
            Token::Semi => StmtKind::Empty,
            _ => return None,
        };
        Some(self.stmt_node(pos, kind))
    }

    fn break_or_continue(&mut self, branch: Branch) -> StmtKind {
        self.next();
        let label = (self.tok == Token::Name).then(|| self.name());
        StmtKind::Branch(branch, label)
    }

    /// The operand of `go` or `defer`.
    fn go_or_defer(&mut self, keyword: &str) -> Expr {
        self.next();
        let mut x = self.primary_expr(None, self.tok == Token::Lparen);
        if matches!(x.kind, ExprKind::Paren(_)) {
            self.error_at(x.pos, format!("expression in {keyword} must not be parenthesized"));
        }
        while let ExprKind::Paren(inner) = x.kind {
            x = *inner;
        }
        x
    }

    /// `LabeledStmt = Label ":" Statement .` The label has been consumed.
    fn labeled_stmt(&mut self, label: Ident) -> Option<Stmt> {
        let colon = self.pos();
        self.want(Token::Colon);
        if self.tok == Token::Rbrace {
            // The semicolon after an empty statement may be left out here.
            let empty = self.stmt_node(self.pos(), StmtKind::Empty);
            return Some(self.stmt_node(colon, StmtKind::Labeled(label, Box::new(empty))));
        }
        match self.opt_stmt() {
            Some(stmt) => Some(self.stmt_node(colon, StmtKind::Labeled(label, Box::new(stmt)))),
            None => {
                self.syntax_error_at(colon, "missing statement after label");
                None
            }
        }
    }

    // ------------------------------------------------------------------------
    // Simple statements

    fn simple_stmt(&mut self) -> Stmt {
        let mut lhs = self.expr_list();
        self.simple_stmt_from(&mut lhs)
    }

    fn simple_stmt_from(&mut self, lhs: &mut Vec<Expr>) -> Stmt {
        match self.simple_stmt_in(Some(std::mem::take(lhs)), None) {
            Simple::Stmt(stmt) => stmt,
            // Only in the header of a `for`.
            Simple::Range(clause) => self.expr_stmt(clause.x),
        }
    }

    fn expr_stmt(&mut self, x: Expr) -> Stmt {
        self.stmt_node(x.pos, StmtKind::Expr(x))
    }

    /// `SimpleStmt = ExpressionStmt | SendStmt | IncDecStmt | Assignment | ShortVarDecl .`
    /// In the header of a `for` also a range clause, in that of a `switch` a type switch guard.
    fn simple_stmt_in(&mut self, lhs: Option<Vec<Expr>>, header: Option<Token>) -> Simple {
        let in_for = header == Some(Token::For);
        if in_for && self.tok == Token::Range {
            return Simple::Range(self.range_clause(Vec::new(), false));
        }
        let mut lhs = match lhs {
            Some(lhs) => lhs,
            None => self.expr_list(),
        };
        let pos = self.pos();
        let def = self.tok == Token::Define;
        if def || self.tok == Token::Assign {
            self.next();
            if in_for && self.tok == Token::Range {
                return Simple::Range(self.range_clause(lhs, def));
            }
            let mut rhs = self.expr_list();
            if header == Some(Token::Switch)
                && def
                && let [Expr { kind: ExprKind::Ident(name), .. }] = lhs[..]
                && let [Expr { kind: ExprKind::TypeSwitchGuard(guard_lhs, _), .. }] = &mut rhs[..]
            {
                *guard_lhs = Some(name);
                if let Some(guard) = rhs.pop() {
                    return Simple::Stmt(self.expr_stmt(guard));
                }
            }
            let kind = if def { StmtKind::Define(lhs, rhs) } else { StmtKind::Assign(lhs, rhs) };
            return Simple::Stmt(self.stmt_node(pos, kind));
        }
        if lhs.len() > 1 {
            self.syntax_error("expected := or = or comma");
            self.advance(&[Token::Semi, Token::Rbrace]);
        }
        let x = lhs.swap_remove(0);
        // The rest of a faulty list may be too high a tree to be dropped here.
        std::mem::forget(lhs);
        let stmt = match (self.tok, self.lex.op) {
            (Token::AssignOp, Op::Binary(op)) => {
                self.next();
                let y = self.expr();
                self.stmt_node(pos, StmtKind::AssignOp(op, x, y))
            }
            (Token::IncOp, op) => {
                self.next();
                self.stmt_node(pos, StmtKind::IncDec(op == Op::Binary(BinaryOp::Add), x))
            }
            (Token::Arrow, _) => {
                self.next();
                let y = self.expr();
                self.stmt_node(pos, StmtKind::Send(x, y))
            }
            _ => self.expr_stmt(x),
        };
        Simple::Stmt(stmt)
    }

    /// `RangeClause = [ ExpressionList ( "=" | ":=" ) ] "range" Expression .`
    fn range_clause(&mut self, lhs: Vec<Expr>, def: bool) -> RangeClause {
        let pos = self.pos();
        self.next();
        let x = self.expr();
        RangeClause { pos, lhs, def, x }
    }

    // ------------------------------------------------------------------------
    // Control clauses

    /// What stands between `if`, `for` or `switch` and the opening brace.
    fn header(&mut self, keyword: Token) -> Header {
        let mut header = Header::default();
        self.want(keyword);
        if self.tok == Token::Lbrace {
            if keyword == Token::If {
                self.syntax_error("missing condition in if statement");
                header.cond = Some(self.bad_expr());
            }
            return header;
        }
        let outer = std::mem::replace(&mut self.expr_level, -1);
        self.header_clauses(keyword, &mut header);
        self.expr_level = outer;
        header
    }

    fn header_clauses(&mut self, keyword: Token, header: &mut Header) {
        if self.tok != Token::Semi {
            if self.got(Token::Var) {
                let keyword = keyword.as_str();
                self.syntax_error(&format!("var declaration not allowed in {keyword} initializer"));
            }
            match self.simple_stmt_in(None, Some(keyword)) {
                Simple::Stmt(stmt) => header.init = Some(stmt),
                Simple::Range(clause) => {
                    header.range = Some(clause);
                    return;
                }
            }
        }
        let mut semi = None;
        let cond = if self.tok == Token::Lbrace {
            header.init.take()
        } else {
            if self.tok == Token::Semi {
                semi = Some((self.pos(), self.lex.semi));
                self.next();
            } else {
                // Asking for the brace, not for a semicolon, gives the better message.
                self.want(Token::Lbrace);
                if self.tok != Token::Lbrace {
                    self.advance(&[Token::Lbrace, Token::Rbrace]);
                }
            }
            if keyword == Token::For {
                self.for_clauses(header)
            } else if self.tok != Token::Lbrace {
                match self.simple_stmt_in(None, Some(keyword)) {
                    Simple::Stmt(stmt) => Some(stmt),
                    Simple::Range(_) => None,
                }
            } else {
                None
            }
        };
        header.cond = match cond {
            None => match semi {
                Some((pos, text)) if keyword == Token::If => {
                    if text == "semicolon" {
                        self.syntax_error_at(pos, "missing condition in if statement");
                    } else {
                        let msg = format!("unexpected {text}, expected {{ after if clause");
                        self.syntax_error_at(pos, &msg);
                    }
                    Some(self.expr_node(pos, ExprKind::Bad))
                }
                _ => None,
            },
            Some(Stmt { kind: StmtKind::Expr(x), .. }) => Some(x),
            Some(stmt) => {
                let what = with_stack(self.height, 2 << 10, || describe_value(&stmt));
                self.syntax_error_at(stmt.pos, &format!("cannot use {what} as value"));
                std::mem::forget(stmt); // possibly too high to be dropped here
                None
            }
        };
    }

    /// Condition and post statement of a `for` with semicolons; returns the condition.
    fn for_clauses(&mut self, header: &mut Header) -> Option<Stmt> {
        let mut cond = None;
        if self.tok != Token::Semi {
            if self.tok == Token::Lbrace {
                self.syntax_error("expected for loop condition");
                return None;
            }
            cond = Some(self.simple_stmt());
        }
        self.want(Token::Semi);
        if self.tok != Token::Lbrace {
            let post = self.simple_stmt();
            if matches!(post.kind, StmtKind::Define(..)) {
                let msg = "cannot declare in post statement of for loop";
                self.syntax_error_at(post.pos, msg);
            }
            header.post = Some(post);
        }
        cond
    }

    fn if_stmt(&mut self) -> StmtKind {
        let header = self.header(Token::If);
        let then = self.block("if clause");
        let mut else_ = None;
        if self.got(Token::Else) {
            let pos = self.pos();
            match self.tok {
                Token::If => {
                    let kind = self.nested(Self::if_stmt);
                    else_ = Some(self.stmt_node(pos, kind));
                }
                Token::Lbrace => {
                    let block = self.block("");
                    else_ = Some(self.stmt_node(pos, StmtKind::Block(block)));
                }
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(&[Token::Name, Token::Rbrace]);
                }
            }
        }
        let cond = match header.cond {
            Some(cond) => cond,
            None => self.expr_node(then.pos, ExprKind::Bad),
        };
        StmtKind::If(Box::new(IfStmt { init: header.init, cond, then, else_ }))
    }

    fn for_stmt(&mut self) -> StmtKind {
        let Header { init, cond, post, range } = self.header(Token::For);
        let body = self.block("for clause");
        match range {
            Some(RangeClause { pos, lhs, def, x }) => {
                StmtKind::Range(Box::new(RangeStmt { range_pos: pos, lhs, def, x, body }))
            }
            None => StmtKind::For(Box::new(ForStmt { init, cond, post, body })),
        }
    }

    fn switch_stmt(&mut self) -> StmtKind {
        let Header { init, cond: tag, .. } = self.header(Token::Switch);
        if !self.got(Token::Lbrace) {
            self.syntax_error("missing { after switch clause");
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        }
        let mut clauses = Vec::new();
        while !matches!(self.tok, Token::Eof | Token::Rbrace) {
            clauses.push(self.case_clause());
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        match tag {
            Some(Expr { kind: ExprKind::TypeSwitchGuard(lhs, x), pos, .. }) => {
                let (guard_pos, x) = (pos, *x);
                let switch = TypeSwitchStmt { init, guard_pos, lhs, x, clauses, rbrace };
                StmtKind::TypeSwitch(Box::new(switch))
            }
            tag => StmtKind::Switch(Box::new(SwitchStmt { init, tag, clauses, rbrace })),
        }
    }

    fn case_clause(&mut self) -> CaseClause {
        let id = self.stmt_id();
        let pos = self.pos();
        let mut cases = Vec::new();
        let is_default = self.clause_start(|p| cases = p.expr_list());
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        CaseClause { id, pos, is_default, cases, colon, body }
    }

    fn select_stmt(&mut self) -> StmtKind {
        self.want(Token::Select);
        if !self.got(Token::Lbrace) {
            self.syntax_error("missing { after select clause");
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        }
        let mut clauses = Vec::new();
        while !matches!(self.tok, Token::Eof | Token::Rbrace) {
            clauses.push(self.comm_clause());
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        StmtKind::Select(Box::new(SelectStmt { clauses, rbrace }))
    }

    /// `CommClause = ( "case" ( SendStmt | RecvStmt ) | "default" ) ":" StatementList .`
    /// Any simple statement is accepted here.
    fn comm_clause(&mut self) -> CommClause {
        let id = self.stmt_id();
        let pos = self.pos();
        let mut comm = None;
        self.clause_start(|p| comm = Some(p.simple_stmt()));
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        CommClause { id, pos, comm, colon, body }
    }

    /// `case …` or `default`; returns true for anything but `case`.
    fn clause_start(&mut self, case: impl FnOnce(&mut Self)) -> bool {
        use Token::{Case, Colon, Default, Rbrace};
        match self.tok {
            Case => {
                self.next();
                case(self);
                return false;
            }
            Default => self.next(),
            _ => {
                self.syntax_error("expected case or default or }");
                self.advance(&[Colon, Case, Default, Rbrace]);
            }
        }
        true
    }
}

/// A statement where a value is needed.
fn describe_value(stmt: &Stmt) -> String {
    match &stmt.kind {
        // `=` instead of `==`: make it stand out.
        StmtKind::Assign(lhs, rhs) => {
            format!("assignment {} = {}", emphasize(lhs), emphasize(rhs))
        }
        _ => stmt_string(stmt),
    }
}

/// The expressions as text, a binary expression in parentheses.
fn emphasize(list: &[Expr]) -> String {
    match list {
        [x] if matches!(x.kind, ExprKind::Binary(..)) => format!("({})", expr_string(x)),
        _ => list.iter().map(expr_string).collect::<Vec<_>>().join(", "),
    }
}
