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
            /// The number, for tables beside the tree.
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
    /// Which file of the source map it is.
    pub id: FileId,
    /// Position of `package`.
    pub pos: Pos,
    /// The name in the package clause.
    pub package: Ident,
    /// Directives before the package clause that nothing else took.
    pub directives: Vec<Directive>,
    /// Declarations in source order, imports among them.
    pub decls: Vec<Decl>,
    /// The end of the file.
    pub eof: Pos,
    /// `//go:build` and `// +build` lines before the package clause, with the slashes.
    pub constraints: Vec<Directive>,
    /// All directives of the file, wherever they stand.
    pub all_directives: Vec<Directive>,
    /// What may be wrong with directives, looked at after type checking.
    pub late_checks: Vec<LateCheck>,
    /// Number of expressions, for tables beside the tree.
    pub expr_count: u32,
    /// Number of identifiers.
    pub ident_count: u32,
    /// Number of statements, blocks and clauses.
    pub stmt_count: u32,
    /// Number of declarations.
    pub decl_count: u32,
    /// Number of groups of declarations.
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
    /// Its number in the file.
    pub id: IdentId,
    /// Its position.
    pub pos: Pos,
    /// The name.
    pub name: Symbol,
}

// ----------------------------------------------------------------------------
// Declarations

/// A declaration, of a file or in a function.
#[derive(Debug)]
pub enum Decl {
    /// `import`.
    Import(Box<ImportDecl>),
    /// `const`.
    Const(Box<ConstDecl>),
    /// `type`.
    Type(Box<TypeDecl>),
    /// `var`.
    Var(Box<VarDecl>),
    /// `func`.
    Func(Box<FuncDecl>),
}

impl Decl {
    /// Its number.
    pub fn id(&self) -> DeclId {
        match self {
            Decl::Import(d) => d.id,
            Decl::Const(d) => d.id,
            Decl::Type(d) => d.id,
            Decl::Var(d) => d.id,
            Decl::Func(d) => d.id,
        }
    }

    /// Its position; see the kinds.
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
    /// Its number in the file.
    pub id: DeclId,
    /// Its position.
    pub pos: Pos,
    /// The parenthesised group that it is in.
    pub group: Option<GroupId>,
    /// The directives in front of it.
    pub directives: Vec<Directive>,
    /// The local name, `.` and `_` included.
    pub local: Option<Ident>,
    /// `None` after a syntax error.
    pub path: Option<BasicLit>,
}

/// `a, b T = x, y`. Without type and values, those of the previous spec of the group apply.
#[derive(Debug)]
pub struct ConstDecl {
    /// Its number in the file.
    pub id: DeclId,
    /// Its position.
    pub pos: Pos,
    /// The parenthesised group that it is in.
    pub group: Option<GroupId>,
    /// The directives in front of it.
    pub directives: Vec<Directive>,
    /// The names that are declared.
    pub names: Vec<Ident>,
    /// The type, where it is written.
    pub ty: Option<Expr>,
    /// The values, as many as there are names in correct programs.
    pub values: Vec<Expr>,
}

/// `Name[P C] T`, or `Name[P C] = T` for an alias.
#[derive(Debug)]
pub struct TypeDecl {
    /// Its number in the file.
    pub id: DeclId,
    /// Its position.
    pub pos: Pos,
    /// The parenthesised group that it is in.
    pub group: Option<GroupId>,
    /// The directives in front of it.
    pub directives: Vec<Directive>,
    /// The name.
    pub name: Ident,
    /// The type parameters.
    pub tparams: Vec<Field>,
    /// With `=`.
    pub alias: bool,
    /// What is declared to be so called.
    pub ty: Expr,
}

/// `a, b T = x, y`.
#[derive(Debug)]
pub struct VarDecl {
    /// Its number in the file.
    pub id: DeclId,
    /// Its position.
    pub pos: Pos,
    /// The parenthesised group that it is in.
    pub group: Option<GroupId>,
    /// The directives in front of it.
    pub directives: Vec<Directive>,
    /// The names that are declared.
    pub names: Vec<Ident>,
    /// The type, where it is written.
    pub ty: Option<Expr>,
    /// The values: none, one for each name, or one call for all.
    pub values: Vec<Expr>,
}

/// `func (recv) name[P C](…) … { … }`. `pos` is that of the token after `func`.
#[derive(Debug)]
pub struct FuncDecl {
    /// Its number in the file.
    pub id: DeclId,
    /// Its position.
    pub pos: Pos,
    /// The directives in front of it.
    pub directives: Vec<Directive>,
    /// What the directives without arguments ask for.
    pub flags: FuncDirectives,
    /// The receiver, of a method.
    pub recv: Option<Field>,
    /// The name.
    pub name: Ident,
    /// The type parameters.
    pub tparams: Vec<Field>,
    /// Parameters and results.
    pub ty: FuncType,
    /// `None` for a function that is implemented elsewhere.
    pub body: Option<Block>,
}

/// A group of struct fields, parameters or type parameters that share a type.
#[derive(Debug)]
pub struct Field {
    /// Where it begins.
    pub pos: Pos,
    /// Empty for an embedded field and for an unnamed parameter or result.
    pub names: Vec<Ident>,
    /// The type that they share.
    pub ty: Expr,
    /// Struct fields only.
    pub tag: Option<BasicLit>,
}

// ----------------------------------------------------------------------------
// Expressions

/// An expression or a type.
#[derive(Debug)]
pub struct Expr {
    /// Its number in the file.
    pub id: ExprId,
    /// Its position.
    pub pos: Pos,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind {
    /// A syntax error was reported here.
    Bad,
    /// A name.
    Ident(Ident),
    /// A literal of a basic type.
    BasicLit(BasicLit),
    /// `T{…}`.
    CompositeLit(Box<CompositeLit>),
    /// `key: value` in a composite literal; `pos` is that of the colon.
    KeyValue(Box<Expr>, Box<Expr>),
    /// A function literal.
    FuncLit(Box<FuncLit>),
    /// `(x)`, where somebody may complain about the parentheses.
    Paren(Box<Expr>),
    /// `x.sel`
    Selector(Box<Expr>, Ident),
    /// `x[i]`, or an instantiation `x[T1, T2]`. Never empty: `x[]` has a `Bad` index.
    Index(Box<Expr>, Vec<Expr>),
    /// `x[lo:hi:max]`.
    Slice(Box<SliceExpr>),
    /// `x.(T)`
    TypeAssert(Box<Expr>, Box<Expr>),
    /// `x.(type)` where it does not belong: the type checker complains.
    /// In its place it becomes a [`TypeSwitchStmt`].
    TypeSwitchGuard(Option<Ident>, Box<Expr>),
    /// `op x`.
    Unary(UnaryOp, Box<Expr>),
    /// `x op y`; `pos` is that of the operator.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `f(args)`, or a conversion; `pos` is that of `(`.
    Call(Box<CallExpr>),

    /// `[len]elem`; no length means `[...]elem`.
    ArrayType(Option<Box<Expr>>, Box<Expr>),
    /// `[]elem`.
    SliceType(Box<Expr>),
    /// `...elem`, in parameter lists.
    DotsType(Box<Expr>),
    /// `struct { … }`.
    StructType(Vec<Field>),
    /// `func(…) …`.
    FuncType(Box<FuncType>),
    /// `interface { … }`.
    InterfaceType(Vec<InterfaceElem>),
    /// `map[key]elem`.
    MapType(Box<Expr>, Box<Expr>),
    /// `chan elem`, `chan<- elem`, `<-chan elem`.
    ChanType(ChanDir, Box<Expr>),
}

/// A literal with its source text.
#[derive(Clone, Copy, Debug)]
pub struct BasicLit {
    /// Its position.
    pub pos: Pos,
    /// What it is a literal of.
    pub kind: LitKind,
    /// The literal was reported as malformed.
    pub bad: bool,
    /// As in the source; see [`literal`](crate::literal) for its value.
    pub text: Symbol,
}

/// Kinds of literals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LitKind {
    /// An integer.
    Int,
    /// A floating-point number.
    Float,
    /// An imaginary number.
    Imag,
    /// A rune.
    Rune,
    /// A string, raw or interpreted.
    String,
}

/// `T{…}`; `pos` is that of `{`.
#[derive(Debug)]
pub struct CompositeLit {
    /// `None` where an enclosing literal implies it.
    pub ty: Option<Expr>,
    /// The elements in source order.
    pub elems: Vec<Expr>,
    /// Number of elements that are `KeyValue`s.
    pub keys: u32,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// A function literal.
#[derive(Debug)]
pub struct FuncLit {
    /// Parameters and results.
    pub ty: FuncType,
    /// What it does.
    pub body: Block,
}

/// `x[lo:hi:max]`
#[derive(Debug)]
pub struct SliceExpr {
    /// What is sliced.
    pub x: Expr,
    /// `lo`, `hi` and `max`.
    pub index: [Option<Expr>; 3],
    /// There are two colons.
    pub full: bool,
}

/// `fun(args)`: a call or a conversion.
#[derive(Debug)]
pub struct CallExpr {
    /// What is called, or the type that is converted to.
    pub fun: Expr,
    /// The arguments.
    pub args: Vec<Expr>,
    /// The last argument is followed by `...`.
    pub has_dots: bool,
}

/// Parameters and results. `pos` is that of `(` (of `[` if there are type parameters).
#[derive(Debug)]
pub struct FuncType {
    /// Its position.
    pub pos: Pos,
    /// The parameters.
    pub params: Vec<Field>,
    /// The results.
    pub results: Vec<Field>,
}

/// An element of an interface type.
#[derive(Debug)]
pub enum InterfaceElem {
    /// `name(…) …`.
    Method {
        /// The name.
        name: Ident,
        /// Parameters and results.
        ty: FuncType,
    },
    /// An interface, or a union of `~T` and `T`.
    Embedded(Expr),
}

/// What a channel type allows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChanDir {
    /// To send and to receive.
    Both,
    /// To send.
    Send,
    /// To receive.
    Recv,
}

/// Operators with one operand.
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

/// Operators with two operands, in gc's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// `x || y`
    OrOr,
    /// `x && y`
    AndAnd,
    /// `x == y`
    Eql,
    /// `x != y`
    Neq,
    /// `x < y`
    Lss,
    /// `x <= y`
    Leq,
    /// `x > y`
    Gtr,
    /// `x >= y`
    Geq,
    /// `x + y`
    Add,
    /// `x - y`
    Sub,
    /// `x | y`
    Or,
    /// `x ^ y`
    Xor,
    /// `x * y`
    Mul,
    /// `x / y`
    Div,
    /// `x % y`
    Rem,
    /// `x & y`
    And,
    /// `x &^ y`
    AndNot,
    /// `x << y`
    Shl,
    /// `x >> y`
    Shr,
}

impl UnaryOp {
    /// The operator as it is written.
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
    /// The operator as it is written.
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

    /// Is it one of `==`, `!=`, `<`, `<=`, `>`, `>=`?
    pub fn is_comparison(self) -> bool {
        (BinaryOp::Eql as u8..=BinaryOp::Geq as u8).contains(&(self as u8))
    }

    /// Is it `<<` or `>>`?
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

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// Its number in the file.
    pub id: StmtId,
    /// Its position.
    pub pos: Pos,
    /// What it is.
    pub kind: StmtKind,
}

/// What a statement is.
#[derive(Debug)]
pub enum StmtKind {
    /// Nothing, between semicolons.
    Empty,
    /// `pos` is that of the colon.
    Labeled(Ident, Box<Stmt>),
    /// `{ … }`.
    Block(Block),
    /// An expression, mostly a call or a receive.
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
    /// `break`, `continue`, `goto` or `fallthrough`, with its label.
    Branch(Branch, Option<Ident>),
    /// The operand need not be a call: the type checker complains.
    Go(Expr),
    /// `defer call`; see `Go`.
    Defer(Expr),
    /// `return values`.
    Return(Vec<Expr>),
    /// `if`.
    If(Box<IfStmt>),
    /// `for` without `range`.
    For(Box<ForStmt>),
    /// `for` with `range`.
    Range(Box<RangeStmt>),
    /// `switch` over values.
    Switch(Box<SwitchStmt>),
    /// `switch` over types.
    TypeSwitch(Box<TypeSwitchStmt>),
    /// `select`.
    Select(Box<SelectStmt>),
}

/// Statements that go elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Branch {
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `goto`.
    Goto,
    /// `fallthrough`.
    Fallthrough,
}

/// `{ … }`
#[derive(Debug)]
pub struct Block {
    /// Its number in the file.
    pub id: StmtId,
    /// Position of `{`.
    pub pos: Pos,
    /// The statements.
    pub stmts: Vec<Stmt>,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// `if init; cond { … } else …`.
#[derive(Debug)]
pub struct IfStmt {
    /// What is done first.
    pub init: Option<Stmt>,
    /// The condition.
    pub cond: Expr,
    /// What is done if it is true.
    pub then: Block,
    /// An `If` or a `Block`.
    pub else_: Option<Stmt>,
}

/// `for init; cond; post { … }`.
#[derive(Debug)]
pub struct ForStmt {
    /// What is done first.
    pub init: Option<Stmt>,
    /// None means for ever.
    pub cond: Option<Expr>,
    /// What is done after each iteration.
    pub post: Option<Stmt>,
    /// What is done in each iteration.
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
    /// What is ranged over.
    pub x: Expr,
    /// What is done in each iteration.
    pub body: Block,
}

/// `switch init; tag { … }`.
#[derive(Debug)]
pub struct SwitchStmt {
    /// What is done first.
    pub init: Option<Stmt>,
    /// What cases are compared with; none means `true`.
    pub tag: Option<Expr>,
    /// The clauses in source order.
    pub clauses: Vec<CaseClause>,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// `switch init; lhs := x.(type) { … }`
#[derive(Debug)]
pub struct TypeSwitchStmt {
    /// What is done first.
    pub init: Option<Stmt>,
    /// Position of the dot.
    pub guard_pos: Pos,
    /// The variable of the clauses.
    pub lhs: Option<Ident>,
    /// The interface that is looked into.
    pub x: Expr,
    /// The clauses in source order.
    pub clauses: Vec<CaseClause>,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// `case a, b:` or `default:`
#[derive(Debug)]
pub struct CaseClause {
    /// Its number in the file.
    pub id: StmtId,
    /// Its position.
    pub pos: Pos,
    /// It says `default`.
    pub is_default: bool,
    /// Values, or types.
    pub cases: Vec<Expr>,
    /// Position of the colon.
    pub colon: Pos,
    /// What is done.
    pub body: Vec<Stmt>,
}

/// `select { … }`.
#[derive(Debug)]
pub struct SelectStmt {
    /// The clauses in source order.
    pub clauses: Vec<CommClause>,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// `case communication:` or `default:`.
#[derive(Debug)]
pub struct CommClause {
    /// Its number in the file.
    pub id: StmtId,
    /// Its position.
    pub pos: Pos,
    /// A send, a receive (`Expr`, `Assign`, `Define`), or anything else: the type checker
    /// complains. `None` for `default`.
    pub comm: Option<Stmt>,
    /// Position of the colon.
    pub colon: Pos,
    /// What is done.
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

    /// The identifier, if it is one (without parentheses).
    pub fn as_ident(&self) -> Option<&Ident> {
        match &self.kind {
            ExprKind::Ident(ident) => Some(ident),
            _ => None,
        }
    }
}
