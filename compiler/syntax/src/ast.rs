//! The syntax tree.
//!
//! One [`File`] owns a tree of boxed nodes. Every expression, identifier, statement
//! and declaration has an id that is dense in its file (from 0; the counts are in
//! [`File`]), so that later phases keep what they learn in `Vec`s beside the tree.
//!
//! Types are expressions. Positions follow gc's syntax package, because messages must
//! appear where gc shows them: `pos` is the position of the token that makes the node
//! what it is: the operator of a binary expression, the `(` of a call, the `[` of an
//! index, the `.` of a selector. [`start_pos`](crate::pos::start_pos) gives the leftmost position.
//!
//! As in gc, parentheses are kept only where somebody may complain about them.

use crate::directives::{DirectiveKind, FuncDirectives, LateCheck};
use crate::span::{FileId, Pos};
use crate::symbol::Symbol;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        })*
    };
}

ids! {
    /// An expression, dense per file.
    ExprId
    /// An identifier, dense per file: the key of tables of definitions and uses.
    IdentId
    /// A statement, block or clause, dense per file.
    StmtId
    /// A declaration (local ones too), dense per file.
    DeclId
    /// A parenthesised group of declarations, dense per file.
    GroupId
}

/// A parsed file.
#[derive(Debug)]
pub struct File {
    pub id: FileId,
    /// Position of `package`.
    pub pos: Pos,
    pub package: Ident,
    /// Directives before the package clause that nothing else took.
    pub directives: Vec<Directive>,
    /// Declarations in source order, imports among them.
    pub decls: Vec<Decl>,
    pub eof: Pos,
    /// `//go:build` and `// +build` lines before the package clause, with the slashes.
    pub constraints: Vec<Directive>,
    /// All directives of the file, wherever they stand.
    pub all_directives: Vec<Directive>,
    pub late_checks: Vec<LateCheck>,
    pub expr_count: u32,
    pub ident_count: u32,
    pub stmt_count: u32,
    pub decl_count: u32,
    pub group_count: u32,
    /// Height of the tree, counted in nested productions. See [`with_stack`](crate::with_stack).
    pub height: u32,
}

/// A comment that means something: `//go:noinline` has the text `go:noinline`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Position of the text, after the slashes.
    pub pos: Pos,
    /// What it asks for, found once.
    pub kind: DirectiveKind,
    /// The verb and what follows it, without the slashes.
    pub text: Box<str>,
}

impl Directive {
    /// The directive with that text.
    pub fn new(pos: Pos, text: &str) -> Directive {
        let verb = text.split([' ', '\t']).next().unwrap_or_default();
        Directive { pos, kind: DirectiveKind::of(verb), text: text.into() }
    }

    /// `go:linkname` of `go:linkname a b`.
    pub fn verb(&self) -> &str {
        self.text.split([' ', '\t']).next().unwrap_or_default()
    }

    /// What follows the verb.
    pub fn args(&self) -> &str {
        self.text[self.verb().len()..].trim()
    }
}

/// A name where it is defined or used.
#[derive(Clone, Copy, Debug)]
pub struct Ident {
    pub id: IdentId,
    pub pos: Pos,
    pub name: Symbol,
}

// ----------------------------------------------------------------------------
// Declarations

#[derive(Debug)]
pub enum Decl {
    Import(Box<ImportDecl>),
    Const(Box<ConstDecl>),
    Type(Box<TypeDecl>),
    Var(Box<VarDecl>),
    Func(Box<FuncDecl>),
}

impl Decl {
    pub fn id(&self) -> DeclId {
        match self {
            Decl::Import(d) => d.id,
            Decl::Const(d) => d.id,
            Decl::Type(d) => d.id,
            Decl::Var(d) => d.id,
            Decl::Func(d) => d.id,
        }
    }

    pub fn pos(&self) -> Pos {
        match self {
            Decl::Import(d) => d.pos,
            Decl::Const(d) => d.pos,
            Decl::Type(d) => d.pos,
            Decl::Var(d) => d.pos,
            Decl::Func(d) => d.pos,
        }
    }
}

/// `name "path"`. `pos` is that of the first token of the spec.
#[derive(Debug)]
pub struct ImportDecl {
    pub id: DeclId,
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub directives: Vec<Directive>,
    /// The local name, `.` and `_` included.
    pub local: Option<Ident>,
    /// `None` after a syntax error.
    pub path: Option<BasicLit>,
}

/// `a, b T = x, y`. Without type and values, those of the previous spec of the group apply.
#[derive(Debug)]
pub struct ConstDecl {
    pub id: DeclId,
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub directives: Vec<Directive>,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    pub values: Vec<Expr>,
}

/// `Name[P C] T`, or `Name[P C] = T` for an alias.
#[derive(Debug)]
pub struct TypeDecl {
    pub id: DeclId,
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub directives: Vec<Directive>,
    pub name: Ident,
    pub tparams: Vec<Field>,
    pub alias: bool,
    pub ty: Expr,
}

/// `a, b T = x, y`.
#[derive(Debug)]
pub struct VarDecl {
    pub id: DeclId,
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub directives: Vec<Directive>,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    pub values: Vec<Expr>,
}

/// `func (recv) name[P C](…) … { … }`. `pos` is that of the token after `func`.
#[derive(Debug)]
pub struct FuncDecl {
    pub id: DeclId,
    pub pos: Pos,
    pub directives: Vec<Directive>,
    /// What the directives without arguments ask for.
    pub flags: FuncDirectives,
    pub recv: Option<Field>,
    pub name: Ident,
    pub tparams: Vec<Field>,
    pub ty: FuncType,
    /// `None` for a function that is implemented elsewhere.
    pub body: Option<Block>,
}

/// A group of struct fields, parameters or type parameters that share a type.
#[derive(Debug)]
pub struct Field {
    pub pos: Pos,
    /// Empty for an embedded field and for an unnamed parameter or result.
    pub names: Vec<Ident>,
    pub ty: Expr,
    /// Struct fields only.
    pub tag: Option<BasicLit>,
}

// ----------------------------------------------------------------------------
// Expressions

#[derive(Debug)]
pub struct Expr {
    pub id: ExprId,
    pub pos: Pos,
    pub kind: ExprKind,
}

#[derive(Debug)]
pub enum ExprKind {
    /// A syntax error was reported here.
    Bad,
    Ident(Ident),
    BasicLit(BasicLit),
    CompositeLit(Box<CompositeLit>),
    /// `key: value` in a composite literal; `pos` is that of the colon.
    KeyValue(Box<Expr>, Box<Expr>),
    FuncLit(Box<FuncLit>),
    Paren(Box<Expr>),
    /// `x.sel`
    Selector(Box<Expr>, Ident),
    /// `x[i]`, or an instantiation `x[T1, T2]`. Never empty: `x[]` has a `Bad` index.
    Index(Box<Expr>, Vec<Expr>),
    Slice(Box<SliceExpr>),
    /// `x.(T)`
    TypeAssert(Box<Expr>, Box<Expr>),
    /// `x.(type)` where it does not belong: the type checker complains.
    /// In its place it becomes a [`TypeSwitchStmt`].
    TypeSwitchGuard(Option<Ident>, Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Call(Box<CallExpr>),

    /// `[len]elem`; no length means `[...]elem`.
    ArrayType(Option<Box<Expr>>, Box<Expr>),
    SliceType(Box<Expr>),
    /// `...elem`, in parameter lists.
    DotsType(Box<Expr>),
    StructType(Vec<Field>),
    FuncType(Box<FuncType>),
    InterfaceType(Vec<InterfaceElem>),
    MapType(Box<Expr>, Box<Expr>),
    ChanType(ChanDir, Box<Expr>),
}

/// A literal with its source text.
#[derive(Clone, Copy, Debug)]
pub struct BasicLit {
    pub pos: Pos,
    pub kind: LitKind,
    /// The literal was reported as malformed.
    pub bad: bool,
    /// As in the source; see [`literal`](crate::literal) for its value.
    pub text: Symbol,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LitKind {
    Int,
    Float,
    Imag,
    Rune,
    String,
}

/// `T{…}`; `pos` is that of `{`.
#[derive(Debug)]
pub struct CompositeLit {
    /// `None` where an enclosing literal implies it.
    pub ty: Option<Expr>,
    pub elems: Vec<Expr>,
    /// Number of elements that are `KeyValue`s.
    pub keys: u32,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct FuncLit {
    pub ty: FuncType,
    pub body: Block,
}

/// `x[lo:hi:max]`
#[derive(Debug)]
pub struct SliceExpr {
    pub x: Expr,
    pub index: [Option<Expr>; 3],
    /// There are two colons.
    pub full: bool,
}

#[derive(Debug)]
pub struct CallExpr {
    pub fun: Expr,
    pub args: Vec<Expr>,
    /// The last argument is followed by `...`.
    pub has_dots: bool,
}

/// Parameters and results. `pos` is that of `(` (of `[` if there are type parameters).
#[derive(Debug)]
pub struct FuncType {
    pub pos: Pos,
    pub params: Vec<Field>,
    pub results: Vec<Field>,
}

#[derive(Debug)]
pub enum InterfaceElem {
    Method {
        name: Ident,
        ty: FuncType,
    },
    /// An interface, or a union of `~T` and `T`.
    Embedded(Expr),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChanDir {
    Both,
    Send,
    Recv,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `+x`
    Plus,
    /// `-x`
    Neg,
    /// `!x`
    Not,
    /// `^x`
    Xor,
    /// `&x`
    Addr,
    /// `*x`: a dereference or a pointer type.
    Star,
    /// `<-x`
    Recv,
    /// `~T`
    Tilde,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    OrOr,
    AndAnd,
    Eql,
    Neq,
    Lss,
    Leq,
    Gtr,
    Geq,
    Add,
    Sub,
    Or,
    Xor,
    Mul,
    Div,
    Rem,
    And,
    AndNot,
    Shl,
    Shr,
}

impl UnaryOp {
    pub fn as_str(self) -> &'static str {
        match self {
            UnaryOp::Plus => "+",
            UnaryOp::Neg => "-",
            UnaryOp::Not => "!",
            UnaryOp::Xor => "^",
            UnaryOp::Addr => "&",
            UnaryOp::Star => "*",
            UnaryOp::Recv => "<-",
            UnaryOp::Tilde => "~",
        }
    }
}

impl BinaryOp {
    pub fn as_str(self) -> &'static str {
        match self {
            BinaryOp::OrOr => "||",
            BinaryOp::AndAnd => "&&",
            BinaryOp::Eql => "==",
            BinaryOp::Neq => "!=",
            BinaryOp::Lss => "<",
            BinaryOp::Leq => "<=",
            BinaryOp::Gtr => ">",
            BinaryOp::Geq => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::And => "&",
            BinaryOp::AndNot => "&^",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
        }
    }

    pub fn is_comparison(self) -> bool {
        (BinaryOp::Eql as u8..=BinaryOp::Geq as u8).contains(&(self as u8))
    }

    pub fn is_shift(self) -> bool {
        matches!(self, BinaryOp::Shl | BinaryOp::Shr)
    }

    /// From 1 (`||`) to 5 (`*` and its kin).
    pub fn precedence(self) -> u8 {
        match self {
            BinaryOp::OrOr => 1,
            BinaryOp::AndAnd => 2,
            op if op.is_comparison() => 3,
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or | BinaryOp::Xor => 4,
            _ => 5,
        }
    }
}

// ----------------------------------------------------------------------------
// Statements

#[derive(Debug)]
pub struct Stmt {
    pub id: StmtId,
    pub pos: Pos,
    pub kind: StmtKind,
}

#[derive(Debug)]
pub enum StmtKind {
    Empty,
    /// `pos` is that of the colon.
    Labeled(Ident, Box<Stmt>),
    Block(Block),
    Expr(Expr),
    /// `chan <- value`; `pos` is that of the arrow.
    Send(Expr, Expr),
    /// Local `const`, `type`, `var`.
    Decl(Vec<Decl>),
    /// `lhs = rhs`; `pos` is that of the operator.
    Assign(Vec<Expr>, Vec<Expr>),
    /// `lhs := rhs`; `lhs` need not be names: the type checker complains.
    Define(Vec<Expr>, Vec<Expr>),
    /// `lhs op= rhs`
    AssignOp(BinaryOp, Expr, Expr),
    /// `x++` (true) or `x--`; `pos` is that of the operator.
    IncDec(bool, Expr),
    Branch(Branch, Option<Ident>),
    /// The operand need not be a call: the type checker complains.
    Go(Expr),
    Defer(Expr),
    Return(Vec<Expr>),
    If(Box<IfStmt>),
    For(Box<ForStmt>),
    Range(Box<RangeStmt>),
    Switch(Box<SwitchStmt>),
    TypeSwitch(Box<TypeSwitchStmt>),
    Select(Box<SelectStmt>),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Branch {
    Break,
    Continue,
    Goto,
    Fallthrough,
}

/// `{ … }`
#[derive(Debug)]
pub struct Block {
    pub id: StmtId,
    /// Position of `{`.
    pub pos: Pos,
    pub stmts: Vec<Stmt>,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct IfStmt {
    pub init: Option<Stmt>,
    pub cond: Expr,
    pub then: Block,
    /// An `If` or a `Block`.
    pub else_: Option<Stmt>,
}

#[derive(Debug)]
pub struct ForStmt {
    pub init: Option<Stmt>,
    pub cond: Option<Expr>,
    pub post: Option<Stmt>,
    pub body: Block,
}

/// `for lhs = range x { … }`
#[derive(Debug)]
pub struct RangeStmt {
    /// Position of `range`.
    pub range_pos: Pos,
    /// Possibly more than two: the type checker complains.
    pub lhs: Vec<Expr>,
    /// `:=` rather than `=`.
    pub def: bool,
    pub x: Expr,
    pub body: Block,
}

#[derive(Debug)]
pub struct SwitchStmt {
    pub init: Option<Stmt>,
    pub tag: Option<Expr>,
    pub clauses: Vec<CaseClause>,
    pub rbrace: Pos,
}

/// `switch init; lhs := x.(type) { … }`
#[derive(Debug)]
pub struct TypeSwitchStmt {
    pub init: Option<Stmt>,
    /// Position of the dot.
    pub guard_pos: Pos,
    pub lhs: Option<Ident>,
    pub x: Expr,
    pub clauses: Vec<CaseClause>,
    pub rbrace: Pos,
}

/// `case a, b:` or `default:`
#[derive(Debug)]
pub struct CaseClause {
    pub id: StmtId,
    pub pos: Pos,
    pub is_default: bool,
    /// Values, or types.
    pub cases: Vec<Expr>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub struct SelectStmt {
    pub clauses: Vec<CommClause>,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct CommClause {
    pub id: StmtId,
    pub pos: Pos,
    /// A send, a receive (`Expr`, `Assign`, `Define`), or anything else: the type checker
    /// complains. `None` for `default`.
    pub comm: Option<Stmt>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}

impl Expr {
    /// The expression without enclosing parentheses.
    pub fn unparen(&self) -> &Expr {
        let mut x = self;
        while let ExprKind::Paren(inner) = &x.kind {
            x = inner;
        }
        x
    }

    pub fn as_ident(&self) -> Option<&Ident> {
        match &self.kind {
            ExprKind::Ident(ident) => Some(ident),
            _ => None,
        }
    }
}
