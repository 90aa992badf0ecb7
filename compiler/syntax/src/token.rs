//! Tokens.

use crate::ast::{BinaryOp, UnaryOp};

/// What the lexer recognises. Keywords come last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Token {
    Eof,
    Name,
    Literal,
    /// An operator other than `*` and `<-`.
    Operator,
    /// `op=`
    AssignOp,
    /// `++` or `--`
    IncOp,
    Assign,
    Define,
    Arrow,
    Star,
    Lparen,
    Lbrack,
    Lbrace,
    Rparen,
    Rbrack,
    Rbrace,
    Comma,
    Semi,
    Colon,
    Dot,
    DotDotDot,
    Break,
    Case,
    Chan,
    Const,
    Continue,
    Default,
    Defer,
    Else,
    Fallthrough,
    For,
    Func,
    Go,
    Goto,
    If,
    Import,
    Interface,
    Map,
    Package,
    Range,
    Return,
    Select,
    Struct,
    Switch,
    Type,
    Var,
}

impl Token {
    pub fn is_keyword(self) -> bool {
        self >= Token::Break
    }

    pub fn as_str(self) -> &'static str {
        use Token::*;
        match self {
            Eof => "EOF",
            Name => "name",
            Literal => "literal",
            Operator => "op",
            AssignOp => "op=",
            IncOp => "opop",
            Assign => "=",
            Define => ":=",
            Arrow => "<-",
            Star => "*",
            Lparen => "(",
            Lbrack => "[",
            Lbrace => "{",
            Rparen => ")",
            Rbrack => "]",
            Rbrace => "}",
            Comma => ",",
            Semi => ";",
            Colon => ":",
            Dot => ".",
            DotDotDot => "...",
            Break => "break",
            Case => "case",
            Chan => "chan",
            Const => "const",
            Continue => "continue",
            Default => "default",
            Defer => "defer",
            Else => "else",
            Fallthrough => "fallthrough",
            For => "for",
            Func => "func",
            Go => "go",
            Goto => "goto",
            If => "if",
            Import => "import",
            Interface => "interface",
            Map => "map",
            Package => "package",
            Range => "range",
            Return => "return",
            Select => "select",
            Struct => "struct",
            Switch => "switch",
            Type => "type",
            Var => "var",
        }
    }

    /// As messages name the token.
    pub fn describe(self) -> String {
        match self {
            Token::Comma => "comma".into(),
            Token::Semi => "semicolon or newline".into(),
            _ if self.is_keyword() => format!("keyword {}", self.as_str()),
            _ => self.as_str().into(),
        }
    }
}

/// The keyword that `text` is.
pub fn keyword(text: &[u8]) -> Option<Token> {
    use Token::*;
    Some(match text {
        b"break" => Break,
        b"case" => Case,
        b"chan" => Chan,
        b"const" => Const,
        b"continue" => Continue,
        b"default" => Default,
        b"defer" => Defer,
        b"else" => Else,
        b"fallthrough" => Fallthrough,
        b"for" => For,
        b"func" => Func,
        b"go" => Go,
        b"goto" => Goto,
        b"if" => If,
        b"import" => Import,
        b"interface" => Interface,
        b"map" => Map,
        b"package" => Package,
        b"range" => Range,
        b"return" => Return,
        b"select" => Select,
        b"struct" => Struct,
        b"switch" => Switch,
        b"type" => Type,
        b"var" => Var,
        _ => return None,
    })
}

/// The operator of an `Operator`, `Star`, `AssignOp` or `IncOp` token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Not,
    Tilde,
    Binary(BinaryOp),
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Not => "!",
            Op::Tilde => "~",
            Op::Binary(op) => op.as_str(),
        }
    }

    pub fn as_unary(self) -> Option<UnaryOp> {
        Some(match self {
            Op::Not => UnaryOp::Not,
            Op::Tilde => UnaryOp::Tilde,
            Op::Binary(BinaryOp::Add) => UnaryOp::Plus,
            Op::Binary(BinaryOp::Sub) => UnaryOp::Neg,
            Op::Binary(BinaryOp::Mul) => UnaryOp::Star,
            Op::Binary(BinaryOp::And) => UnaryOp::Addr,
            Op::Binary(BinaryOp::Xor) => UnaryOp::Xor,
            Op::Binary(_) => return None,
        })
    }
}
