//! The parser: recursive descent, one function per production.
//!
//! It never stops at an error: it reports, skips to where a follower of the production
//! may start, and goes on with the best tree it can make. What is reported, where, and
//! how much is skipped follows gc, because users (and gc's own tests) know its messages.
//! Where gc accepts more than the grammar and leaves the complaint to the type checker,
//! so does this.
//!
//! Nesting is limited to [`MAX_DEPTH`]; beyond [`SHALLOW`] levels the parser moves to a
//! thread with a larger stack.

mod branches;
mod decl;
mod expr;
mod stmt;
mod types;

use std::mem;

use crate::ast::*;
use crate::diag::Diagnostic;
use crate::directives::{self, DirectiveKind, LateCheck};
use crate::lexer::Lexer;
use crate::source::Source;
use crate::span::{Pos, SourceFile, SourceMap};
use crate::stack::{SHALLOW, with_stack};
use crate::symbol::{Symbol, SymbolCache};
use crate::token::Token;

/// Productions nested more deeply than this are an error.
pub const MAX_DEPTH: u32 = 10_000;

/// Operators, calls and selectors in a row: each makes the tree higher by one.
const MAX_CHAIN: u32 = 250_000;

/// Stack for one level of nesting; generous, for unoptimised builds.
const FRAME: usize = 16 << 10;

/// How much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Stop after the imports. The line table then knows no `//line` directives after them.
    pub imports_only: bool,
    /// Check labels and branches, as gc's parser does.
    pub check_branches: bool,
    /// The file belongs to the distribution or replaces one of it: directives may be what they are.
    pub std: bool,
}

impl Default for Mode {
    fn default() -> Mode {
        Mode { imports_only: false, check_branches: true, std: false }
    }
}

/// Adds a file to the map and parses it.
pub fn parse_file(map: &SourceMap, name: &str, source: &[u8], mode: Mode) -> (File, Vec<Diagnostic>) {
    let file = map.file(map.add_file(name, source.len()));
    parse_source(&file, source, mode)
}

/// Parses a file that is in the map already.
pub fn parse_source(file: &SourceFile, source: &[u8], mode: Mode) -> (File, Vec<Diagnostic>) {
    let source = Source::new(source);
    let mut parser = Parser::new(Lexer::new(file, &source, mode.std), mode);
    parser.next();
    let tree = parser.file();
    file.set_lines(mem::take(&mut parser.lex.lines));
    (tree, parser.lex.errors)
}

struct Parser<'a> {
    lex: Lexer<'a>,
    mode: Mode,
    symbols: SymbolCache,
    /// A copy of the lexer's current token.
    tok: Token,
    /// Function nesting: keywords that start a statement are only stopped at inside functions.
    function_depth: u32,
    /// Negative in the header of a control clause, where `{` starts a block, not a literal.
    expr_level: i32,
    /// Package embed is imported.
    imports_embed: bool,
    late_checks: Vec<LateCheck>,
    /// Errors that don't mean that the tree is incomplete.
    branch_errors: usize,
    /// Current nesting, and the most there was.
    depth: u32,
    height: u32,
    expr_count: u32,
    ident_count: u32,
    stmt_count: u32,
    decl_count: u32,
    group_count: u32,
}

impl<'a> Parser<'a> {
    fn new(lex: Lexer<'a>, mode: Mode) -> Parser<'a> {
        Parser {
            lex,
            mode,
            symbols: SymbolCache::default(),
            tok: Token::Eof,
            function_depth: 0,
            expr_level: 0,
            imports_embed: false,
            late_checks: Vec::new(),
            branch_errors: 0,
            depth: 0,
            height: 0,
            expr_count: 0,
            ident_count: 0,
            stmt_count: 0,
            decl_count: 0,
            group_count: 0,
        }
    }

    // ------------------------------------------------------------------------
    // Tokens

    fn next(&mut self) {
        self.lex.next();
        self.tok = self.lex.tok;
    }

    fn pos(&self) -> Pos {
        self.lex.pos()
    }

    fn got(&mut self, tok: Token) -> bool {
        let got = self.tok == tok;
        if got {
            self.next();
        }
        got
    }

    fn want(&mut self, tok: Token) {
        if !self.got(tok) {
            self.syntax_error(&format!("expected {}", tok.describe()));
            self.advance(&[]);
        }
    }

    /// Accepts `=`, and `:=` with a complaint.
    fn got_assign(&mut self) -> bool {
        match self.tok {
            Token::Define => {
                self.syntax_error("expected =");
                self.next();
                true
            }
            Token::Assign => {
                self.next();
                true
            }
            _ => false,
        }
    }

    // ------------------------------------------------------------------------
    // Errors

    fn error_count(&self) -> usize {
        self.lex.errors.len() + self.lex.repeated - self.lex.directive_errors - self.branch_errors
    }

    fn error_at(&mut self, pos: Pos, msg: impl Into<String>) {
        self.lex.errors.push(Diagnostic::syntax(pos, msg));
    }

    fn error(&mut self, msg: impl Into<String>) {
        self.error_at(self.pos(), msg);
    }

    fn syntax_error(&mut self, msg: &str) {
        self.syntax_error_at(self.pos(), msg);
    }

    /// A message that starts with "expected", "in", "at" or "after" is preceded by what
    /// was found instead.
    #[cold]
    fn syntax_error_at(&mut self, pos: Pos, msg: &str) {
        if self.tok == Token::Eof && self.error_count() > 0 {
            return; // a consequence of earlier errors
        }
        let joint = if msg.starts_with("expected ") {
            ", "
        } else if ["in ", "at ", "after "].iter().any(|word| msg.starts_with(word)) {
            " "
        } else {
            return self.error_at(pos, format!("syntax error: {msg}"));
        };
        let found = match self.tok {
            Token::Name => format!("name {}", self.lex.lit()),
            Token::Semi => self.lex.semi.into(),
            Token::Literal => format!("literal {}", self.lex.lit()),
            Token::Operator => self.lex.op.as_str().into(),
            Token::AssignOp => format!("{}=", self.lex.op.as_str()),
            Token::IncOp => self.lex.op.as_str().repeat(2),
            tok => tok.describe(),
        };
        self.error_at(pos, format!("syntax error: unexpected {found}{joint}{msg}"));
    }

    /// Skips to one of `follow`, or inside functions to a keyword that starts a statement.
    /// Without `follow`, skips one token.
    #[cold]
    fn advance(&mut self, follow: &[Token]) {
        use Token::*;
        const STATEMENT_STARTS: [Token; 14] =
            [Break, Const, Continue, Defer, Fallthrough, For, Go, Goto, If, Return, Select, Switch, Type, Var];
        if follow.is_empty() {
            if self.tok != Eof {
                self.next();
            }
            return;
        }
        while self.tok != Eof
            && !follow.contains(&self.tok)
            && !(self.function_depth > 0 && STATEMENT_STARTS.contains(&self.tok))
        {
            self.next();
        }
    }

    /// Gives up on a tree that is too high.
    fn limit(&mut self, height: u32, max: u32) {
        if height > max && self.tok != Token::Eof {
            self.error("syntax error: exceeded max nesting depth");
            self.lex.skip_to_end();
            self.tok = Token::Eof;
        }
    }

    /// Runs a production that may contain itself.
    fn nested<R: Send>(&mut self, production: impl FnOnce(&mut Self) -> R + Send) -> R {
        self.depth += 1;
        self.height = self.height.max(self.depth);
        self.limit(self.depth, MAX_DEPTH);
        let result = if self.depth == SHALLOW + 1 {
            with_stack(MAX_DEPTH + SHALLOW, FRAME, || production(self))
        } else {
            production(self)
        };
        self.depth -= 1;
        result
    }

    // ------------------------------------------------------------------------
    // Directives

    fn take_directives(&mut self) -> Vec<Directive> {
        mem::take(&mut self.lex.directives)
    }

    /// Takes the directives of a declaration; what does not belong before it is for later.
    fn take_directives_for(&mut self, allowed: impl Fn(DirectiveKind) -> bool) -> Vec<Directive> {
        let taken = self.take_directives();
        if !taken.is_empty() {
            self.late_checks.extend(directives::not_for(&taken, allowed).into_iter().map(LateCheck::Error));
        }
        taken
    }

    /// Complains about directives in front of something that takes none.
    fn clear_directives(&mut self) {
        if !self.lex.directives.is_empty() {
            let unused = self.take_directives();
            for error in directives::misplaced(&unused) {
                self.lex.report_directive(error);
            }
        }
    }

    // ------------------------------------------------------------------------
    // Nodes

    fn expr_node(&mut self, pos: Pos, kind: ExprKind) -> Expr {
        let id = ExprId(self.expr_count);
        self.expr_count += 1;
        Expr { id, pos, kind }
    }

    fn bad_expr(&mut self) -> Expr {
        self.expr_node(self.pos(), ExprKind::Bad)
    }

    fn ident_expr(&mut self, ident: Ident) -> Expr {
        self.expr_node(ident.pos, ExprKind::Ident(ident))
    }

    fn ident_node(&mut self, pos: Pos, name: Symbol) -> Ident {
        let id = IdentId(self.ident_count);
        self.ident_count += 1;
        Ident { id, pos, name }
    }

    fn stmt_id(&mut self) -> StmtId {
        self.stmt_count += 1;
        StmtId(self.stmt_count - 1)
    }

    fn stmt_node(&mut self, pos: Pos, kind: StmtKind) -> Stmt {
        Stmt { id: self.stmt_id(), pos, kind }
    }

    fn decl_id(&mut self) -> DeclId {
        self.decl_count += 1;
        DeclId(self.decl_count - 1)
    }

    // ------------------------------------------------------------------------
    // Common productions

    fn name(&mut self) -> Ident {
        let pos = self.pos();
        if self.tok == Token::Name {
            let name = self.symbols.intern(self.lex.lit());
            self.next();
            return self.ident_node(pos, name);
        }
        self.syntax_error("expected name");
        self.advance(&[]);
        self.ident_node(pos, Symbol::BLANK)
    }

    fn name_expr(&mut self) -> Expr {
        let name = self.name();
        self.ident_expr(name)
    }

    /// `IdentifierList = identifier { "," identifier } .` The first one is given.
    fn name_list(&mut self, first: Ident) -> Vec<Ident> {
        let mut names = vec![first];
        while self.got(Token::Comma) {
            names.push(self.name());
        }
        names
    }

    fn opt_literal(&mut self) -> Option<BasicLit> {
        if self.tok != Token::Literal {
            return None;
        }
        let literal = BasicLit {
            pos: self.pos(),
            kind: self.lex.kind,
            bad: self.lex.bad,
            text: self.symbols.intern(self.lex.lit()),
        };
        self.next();
        Some(literal)
    }

    /// `[ element { sep element } [ sep ] ] close`, where `element` returns true after the
    /// last one. Returns the position of the closing token.
    fn list(&mut self, context: &str, sep: Token, close: Token, mut element: impl FnMut(&mut Self) -> bool) -> Pos {
        let mut done = false;
        while self.tok != Token::Eof && self.tok != close && !done {
            done = element(self);
            if !self.got(sep) && self.tok != close {
                let (sep, closing) = (sep.describe(), close.describe());
                self.syntax_error(&format!("in {context}; possibly missing {sep} or {closing}"));
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                if self.tok != close {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }
}

impl Drop for File {
    /// Takes high trees down where there is room for the recursion.
    fn drop(&mut self) {
        if self.height > SHALLOW {
            let decls = mem::take(&mut self.decls);
            with_stack(self.height, 1 << 10, move || drop(decls));
        }
    }
}
