//! Build constraints: `//go:build` expressions, and the older `// +build` lines.

use std::fmt;

use crate::unicode;

/// A build constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A tag: true if it is set.
    Tag(String),
    /// `!x`.
    Not(Box<Constraint>),
    /// `x && y`.
    And(Box<Constraint>, Box<Constraint>),
    /// `x || y`.
    Or(Box<Constraint>, Box<Constraint>),
}

/// Why a line is no build constraint. `offset` counts from the start of the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintError {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// gc's text.
    pub msg: String,
}

/// Larger expressions are refused.
const MAX_SIZE: usize = 1000;
const MAX_PLUS_BUILD_SIZE: usize = 100;

impl Constraint {
    /// Parses a comment line of either form, slashes included.
    pub fn parse(line: &str) -> Result<Constraint, ConstraintError> {
        if let Some(text) = go_build_text(line) {
            return parse_expr(text);
        }
        match plus_build_text(line) {
            Some(text) => parse_plus_build(text),
            None => Err(error(0, "not a build constraint")),
        }
    }

    /// Does the constraint hold where `tag` says which tags do?
    pub fn eval(&self, tag: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(name) => tag(name),
            Constraint::Not(x) => !x.eval(tag),
            // No short cut: callers may want to see all tags.
            Constraint::And(x, y) => x.eval(tag) & y.eval(tag),
            Constraint::Or(x, y) => x.eval(tag) | y.eval(tag),
        }
    }

    /// The lowest Go version 1.N that the constraint implies, as N.
    pub fn min_go_version(&self) -> Option<u32> {
        self.min_version(true)
    }

    /// [`Self::min_go_version`] as `go1.N`.
    pub fn go_version(&self) -> Option<String> {
        Some(match self.min_go_version()? {
            0 => "go1".into(),
            minor => format!("go1.{minor}"),
        })
    }

    fn min_version(&self, positive: bool) -> Option<u32> {
        match self {
            Constraint::Tag(_) if !positive => None,
            Constraint::Tag(tag) if tag == "go1" => Some(0),
            Constraint::Tag(tag) => tag.strip_prefix("go1.")?.parse().ok(),
            Constraint::Not(x) => x.min_version(!positive),
            Constraint::And(x, y) if positive => x.min_version(true).max(y.min_version(true)),
            Constraint::And(x, y) => x.min_version(false).min(y.min_version(false)),
            Constraint::Or(x, y) if positive => x.min_version(true).min(y.min_version(true)),
            Constraint::Or(x, y) => x.min_version(false).max(y.min_version(false)),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operand = |f: &mut fmt::Formatter<'_>, x: &Constraint, parens: bool| {
            if parens { write!(f, "({x})") } else { write!(f, "{x}") }
        };
        match self {
            Constraint::Tag(tag) => f.write_str(tag),
            Constraint::Not(x) => {
                f.write_str("!")?;
                operand(f, x, matches!(**x, Constraint::And(..) | Constraint::Or(..)))
            }
            Constraint::And(x, y) => {
                operand(f, x, matches!(**x, Constraint::Or(..)))?;
                f.write_str(" && ")?;
                operand(f, y, matches!(**y, Constraint::Or(..)))
            }
            Constraint::Or(x, y) => {
                operand(f, x, matches!(**x, Constraint::And(..)))?;
                f.write_str(" || ")?;
                operand(f, y, matches!(**y, Constraint::And(..)))
            }
        }
    }
}

/// Is the line a `//go:build` line (whose expression may be wrong)?
pub fn is_go_build(line: &str) -> bool {
    go_build_text(line).is_some()
}

/// Is the line a `// +build` line?
pub fn is_plus_build(line: &str) -> bool {
    plus_build_text(line).is_some()
}

fn go_build_text(line: &str) -> Option<&str> {
    after_word(line.trim().strip_prefix("//go:build")?)
}

fn plus_build_text(line: &str) -> Option<&str> {
    after_word(line.trim_end_matches('\n').strip_prefix("//")?.trim().strip_prefix("+build")?)
}

/// `rest`, if it is empty or set off by blanks.
fn after_word(rest: &str) -> Option<&str> {
    let trimmed = rest.trim();
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(trimmed)
}

fn error(offset: usize, msg: impl Into<String>) -> ConstraintError {
    ConstraintError { offset, msg: msg.into() }
}

fn is_tag_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || unicode::is_letter(c) || unicode::is_digit(c)
}

struct ExprParser<'a> {
    text: &'a str,
    at: usize,
    /// The current token (empty at the end), and where it starts.
    tok: &'a str,
    start: usize,
    size: usize,
}

fn parse_expr(text: &str) -> Result<Constraint, ConstraintError> {
    let mut parser = ExprParser { text, at: 0, tok: "", start: 0, size: 0 };
    parser.next()?;
    let x = parser.or()?;
    if !parser.tok.is_empty() {
        return Err(error(parser.start, format!("unexpected token {}", parser.tok)));
    }
    Ok(x)
}

impl ExprParser<'_> {
    fn or(&mut self) -> Result<Constraint, ConstraintError> {
        let mut x = self.and()?;
        while self.tok == "||" {
            self.next()?;
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Ok(x)
    }

    fn and(&mut self) -> Result<Constraint, ConstraintError> {
        let mut x = self.not()?;
        while self.tok == "&&" {
            self.next()?;
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Ok(x)
    }

    fn not(&mut self) -> Result<Constraint, ConstraintError> {
        self.size += 1;
        if self.size > MAX_SIZE {
            return Err(error(self.start, "build expression too large"));
        }
        if self.tok != "!" {
            return self.atom();
        }
        self.next()?;
        if self.tok == "!" {
            return Err(error(self.start, "double negation not allowed"));
        }
        Ok(Constraint::Not(Box::new(self.atom()?)))
    }

    fn atom(&mut self) -> Result<Constraint, ConstraintError> {
        if self.tok == "(" {
            let open = self.start;
            let unclosed = |e: ConstraintError| {
                if e.msg == "unexpected end of expression" {
                    return error(e.offset, "missing close paren");
                }
                e
            };
            self.next().map_err(unclosed)?;
            let x = self.or().map_err(unclosed)?;
            if self.tok != ")" {
                return Err(error(open, "missing close paren"));
            }
            self.next()?;
            return Ok(x);
        }
        match self.tok.chars().next() {
            None => Err(error(self.start, "unexpected end of expression")),
            Some(c) if is_tag_char(c) => {
                let tag = Constraint::Tag(self.tok.into());
                self.next()?;
                Ok(tag)
            }
            Some(_) => Err(error(self.start, format!("unexpected token {}", self.tok))),
        }
    }

    fn next(&mut self) -> Result<(), ConstraintError> {
        let rest = self.text[self.at..].trim_start_matches([' ', '\t']);
        self.start = self.text.len() - rest.len();
        let length = match rest.chars().next() {
            None => 0,
            Some('(' | ')' | '!') => 1,
            Some(c @ ('&' | '|')) => {
                if !rest[1..].starts_with(c) {
                    return Err(error(self.start, format!("invalid syntax at {c}")));
                }
                2
            }
            Some(c) => match rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len()) {
                0 => return Err(error(self.start, format!("invalid syntax at {c}"))),
                length => length,
            },
        };
        self.at = self.start + length;
        self.tok = &self.text[self.start..self.at];
        Ok(())
    }
}

/// Blanks mean "or", commas "and". Malformed tags hold nowhere: they become `ignore`.
fn parse_plus_build(text: &str) -> Result<Constraint, ConstraintError> {
    let ignore = || Constraint::Tag("ignore".into());
    let mut size = 0;
    let mut any: Option<Constraint> = None;
    for clause in text.split_whitespace() {
        let mut all: Option<Constraint> = None;
        for word in clause.split(',') {
            let (negated, name) = match word.strip_prefix('!') {
                Some(name) if name.is_empty() || name.starts_with('!') => (false, ""),
                Some(name) => (true, name),
                None => (false, word),
            };
            let valid = !name.is_empty() && name.chars().all(is_tag_char);
            let mut x = if valid { Constraint::Tag(name.into()) } else { ignore() };
            if negated {
                x = Constraint::Not(Box::new(x));
            }
            size += 1;
            all = Some(match all {
                Some(y) => Constraint::And(Box::new(y), Box::new(x)),
                None => x,
            });
        }
        if size > MAX_PLUS_BUILD_SIZE {
            return Err(error(0, "expression too complex for // +build lines"));
        }
        any = match (any, all) {
            (Some(x), Some(y)) => Some(Constraint::Or(Box::new(x), Box::new(y))),
            (x, y) => x.or(y),
        };
    }
    Ok(any.unwrap_or_else(ignore))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(line: &str) -> String {
        match Constraint::parse(line) {
            Ok(x) => x.to_string(),
            Err(e) => format!("{}: {}", e.offset, e.msg),
        }
    }

    #[test]
    fn expressions() {
        assert_eq!(show("//go:build linux && (amd64 || !cgo)"), "linux && (amd64 || !cgo)");
        assert_eq!(show("//go:build a || b && c"), "a || (b && c)");
        assert_eq!(show("//go:build !!a"), "1: double negation not allowed");
        assert_eq!(show("//go:build (a"), "0: missing close paren");
        assert_eq!(show("//go:build ("), "1: missing close paren");
        assert_eq!(show("//go:build a &"), "2: invalid syntax at &");
        assert_eq!(show("//go:build a b"), "2: unexpected token b");
        assert_eq!(show("//go:build"), "0: unexpected end of expression");
        assert_eq!(show("//go:buildx a"), "0: not a build constraint");
        assert_eq!(show("// +build a,!b c"), "(a && !b) || c");
        assert_eq!(show("//+build !! a-b"), "ignore || ignore");
        assert_eq!(show("// a comment"), "0: not a build constraint");
    }

    #[test]
    fn evaluation() {
        let holds = |line: &str| Constraint::parse(line).unwrap().eval(&|tag| matches!(tag, "linux" | "amd64"));
        assert!(holds("//go:build linux && !cgo"));
        assert!(!holds("//go:build !linux || arm64"));
        assert!(holds("// +build arm64 linux,amd64"));
    }

    #[test]
    fn versions() {
        let version = |line: &str| Constraint::parse(line).unwrap().go_version();
        assert_eq!(version("//go:build go1.20 && linux").as_deref(), Some("go1.20"));
        assert_eq!(version("//go:build go1.20 || linux"), None);
        assert_eq!(version("//go:build go1.20 || go1.18").as_deref(), Some("go1.18"));
        assert_eq!(version("//go:build !go1.20"), None);
        assert_eq!(version("//go:build !(!go1.20 || x)"), Some("go1.20".into()));
        assert_eq!(version("//go:build go1").as_deref(), Some("go1"));
    }
}
