//! The head of a Go file as `go list` sees it: package clause and imports.
//!
//! `go` reads this much with its own parser before it starts the compiler, and what is wrong there it reports in that
//! parser's words, at most one error per file. A quick reader first looks how far the imports reach; only if
//! they look odd does the parser see the rest of the file, so that what follows them is left to the compiler.

use golift_syntax::literal::go_unicode;
use golift_syntax::unicode;

/// `go` finds this when it reads the file, and names no position.
pub const NUL: &str = "unexpected NUL in input";

/// An error, and its offset in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct HeaderError {
    pub offset: usize,
    pub msg: String,
}

/// The first error in the head of a file.
pub fn first_error(text: &[u8]) -> Option<HeaderError> {
    let text = match imports_end(text) {
        Some(end) => &text[..end],
        None => text,
    };
    let mut parser = Parser { scanner: Scanner::new(text), tok: Tok::Eof, start: 0, error: None };
    parser.file();
    let scanned = parser.scanner.error.take();
    // Of errors on the same line the first found counts; the scanner is ahead of the parser.
    match (scanned, parser.error) {
        (Some(a), Some(b)) => Some(if a.offset <= b.offset { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// Does the file need cgo?
pub fn imports_c(text: &[u8]) -> bool {
    let mut found = false;
    let _ = read_imports(text, |literal| found |= matches!(literal, b"\"C\"" | b"`C`"));
    found
}

/// The name in the package clause, if that is where it should be.
pub fn package_name(text: &[u8]) -> Option<&[u8]> {
    let mut r = Reader { text, at: if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } };
    r.keyword("package")?;
    r.peek()?;
    let start = r.at;
    r.ident()?;
    text.get(start..r.at)
}

/// Where the code behind the imports begins; `None` if something in between is out of the ordinary.
fn imports_end(text: &[u8]) -> Option<usize> {
    read_imports(text, |_| {})
}

/// [`imports_end`]; shows the literals of the paths on the way.
fn read_imports<'a>(text: &'a [u8], mut each: impl FnMut(&'a [u8])) -> Option<usize> {
    let mut r = Reader { text, at: if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } };
    r.keyword("package")?;
    r.ident()?;
    while r.peek()? == b'i' {
        r.keyword("import")?;
        if r.peek()? == b'(' {
            r.at += 1;
            while r.peek()? != b')' {
                each(r.import()?);
            }
            r.at += 1;
        } else {
            each(r.import()?);
        }
    }
    Some(r.at)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next byte that is no space, semicolon or comment; 0 at the end.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let rest = &self.text[self.at.min(self.text.len())..];
            match rest {
                [] => return Some(0),
                [b' ' | b'\x0c' | b'\t' | b'\r' | b'\n' | b';', ..] => self.at += 1,
                [b'/', b'/', ..] => self.at += rest.iter().position(|&c| c == b'\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => self.at += rest[2..].windows(2).position(|w| w == b"*/")? + 4,
                [b'/' | 0, ..] => return None,
                [c, ..] => return Some(*c),
            }
        }
    }

    fn keyword(&mut self, word: &str) -> Option<()> {
        self.peek()?;
        let rest = self.text.get(self.at..)?.strip_prefix(word.as_bytes())?;
        self.at += word.len();
        rest.first().is_none_or(|&c| !is_ident(c)).then_some(())
    }

    fn ident(&mut self) -> Option<()> {
        is_ident(self.peek()?).then_some(())?;
        while self.text.get(self.at).is_some_and(|&c| is_ident(c)) {
            self.at += 1;
        }
        Some(())
    }

    /// Gives the literal.
    fn import(&mut self) -> Option<&'a [u8]> {
        match self.peek()? {
            b'.' => self.at += 1,
            c if is_ident(c) => self.ident()?,
            _ => {}
        }
        let quote = self.peek().filter(|c| matches!(c, b'"' | b'`'))?;
        let start = self.at;
        self.at += 1;
        loop {
            match *self.text.get(self.at)? {
                b'\n' if quote == b'"' => return None,
                b'\\' if quote == b'"' => self.at += 1,
                c if c == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.text.get(start..self.at)
    }
}

fn is_ident(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Tok {
    Eof,
    /// A newline or the end of the file where a semicolon may stand.
    Newline,
    Semi,
    Ident,
    String,
    /// Numbers and characters.
    Literal,
    /// Keywords and operators.
    Other,
    Illegal,
}

/// Tokens by the rules of go/scanner.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    start: usize,
    insert_semi: bool,
    error: Option<HeaderError>,
}

const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

impl<'a> Scanner<'a> {
    fn new(text: &'a [u8]) -> Scanner<'a> {
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Scanner { text, at, start: 0, insert_semi: false, error: None }
    }

    fn fail(&mut self, offset: usize, msg: impl Into<String>) {
        self.error.get_or_insert(HeaderError { offset, msg: msg.into() });
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn word(&self) -> &'a str {
        std::str::from_utf8(&self.text[self.start..self.at]).unwrap_or_default()
    }

    fn next(&mut self) -> Tok {
        let insert_semi = std::mem::take(&mut self.insert_semi);
        loop {
            while matches!(self.peek(), b' ' | b'\t' | b'\r') || (self.peek() == b'\n' && !insert_semi) {
                self.at += 1;
            }
            self.start = self.at;
            let Some(&c) = self.text.get(self.at) else {
                return if insert_semi { Tok::Newline } else { Tok::Eof };
            };
            self.at += 1;
            return match c {
                b'\n' => Tok::Newline,
                b'/' if matches!(self.peek(), b'/' | b'*') => {
                    if !self.comment() || !insert_semi {
                        continue;
                    }
                    Tok::Newline
                }
                b';' => Tok::Semi,
                b'"' => self.string(),
                b'`' => self.raw_string(),
                b'\'' => self.character(),
                b'0'..=b'9' => {
                    while is_ident(self.peek()) || self.peek() == b'.' {
                        self.at += 1;
                    }
                    self.insert_semi = true;
                    Tok::Literal
                }
                c if c.is_ascii_alphabetic() || c == b'_' || c >= 0x80 => self.ident_or_illegal(c),
                b')' | b']' | b'}' => {
                    self.insert_semi = true;
                    Tok::Other
                }
                b'.' | b',' | b'(' | b'[' | b'{' | b':' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'='
                | b'!' | b'&' | b'|' | b'^' | b'~' => {
                    self.operator(c);
                    Tok::Other
                }
                0 => {
                    self.fail(self.start, NUL);
                    Tok::Illegal
                }
                c => {
                    self.fail(self.start, format!("illegal character {}", go_unicode(char::from(c))));
                    self.insert_semi = insert_semi;
                    Tok::Illegal
                }
            };
        }
    }

    /// The rest of an operator of several characters.
    fn operator(&mut self, first: u8) {
        let rest = &self.text[self.at..];
        self.at += match (first, rest) {
            (b'.', [b'.', b'.', ..]) | (b'<' | b'>', [b'<' | b'>', b'=', ..]) => 2,
            (b'+' | b'-' | b'&' | b'|', [c, ..]) if *c == first => 1,
            (b'<', [b'-' | b'<', ..]) | (b'>', [b'>', ..]) | (b'&', [b'^', ..]) => 1,
            (b':' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'!' | b'&' | b'|' | b'^', [b'=', ..]) => 1,
            _ => 0,
        };
    }

    /// Does the comment end a line?
    fn comment(&mut self) -> bool {
        if self.peek() == b'/' {
            self.at += self.text[self.at..].iter().position(|&c| c == b'\n').unwrap_or(self.text.len() - self.at);
            self.check_encoding();
            return false; // the newline follows
        }
        match self.text[self.at + 1..].windows(2).position(|w| w == b"*/") {
            Some(length) => self.at += length + 3,
            None => {
                self.at = self.text.len();
                self.fail(self.start, "comment not terminated");
            }
        }
        self.check_encoding();
        self.text[self.start..self.at].contains(&b'\n')
    }

    /// Of what was passed over.
    fn check_encoding(&mut self) {
        if let Err(e) = std::str::from_utf8(&self.text[self.start..self.at]) {
            self.fail(self.start + e.valid_up_to(), "illegal UTF-8 encoding");
        }
    }

    fn ident_or_illegal(&mut self, first: u8) -> Tok {
        if first >= 0x80 {
            let rest = &self.text[self.start..];
            let chunk = rest.utf8_chunks().next();
            match chunk.and_then(|chunk| chunk.valid().chars().next()) {
                None => {
                    self.fail(self.start, "illegal UTF-8 encoding");
                    return Tok::Illegal;
                }
                Some(c) if !unicode::is_letter(c) => {
                    self.at = self.start + c.len_utf8();
                    let msg = match c {
                        '\u{feff}' => "illegal byte order mark".to_owned(),
                        c => format!("illegal character {}", go_unicode(c)),
                    };
                    self.fail(self.start, msg);
                    return Tok::Illegal;
                }
                Some(_) => {}
            }
        }
        while is_ident(self.peek()) {
            self.at += 1;
        }
        let word = self.word();
        if KEYWORDS.contains(&word) {
            self.insert_semi = matches!(word, "break" | "continue" | "fallthrough" | "return");
            return Tok::Other;
        }
        self.insert_semi = true;
        Tok::Ident
    }

    fn string(&mut self) -> Tok {
        self.insert_semi = true;
        loop {
            match self.text.get(self.at) {
                None | Some(b'\n') => {
                    self.fail(self.start, "string literal not terminated");
                    break;
                }
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => {
                    self.at += 1;
                    if !b"abfnrtv\\\"01234567xuU".contains(&self.peek()) {
                        let msg = match self.text.get(self.at) {
                            None => "escape sequence not terminated",
                            Some(_) => "unknown escape sequence",
                        };
                        self.fail(self.at, msg);
                    }
                    // An escaped quote does not end the string.
                    self.at += usize::from(matches!(self.peek(), b'"' | b'\\'));
                }
                Some(c) if *c >= 0x80 => {
                    let chunk = self.text[self.at..].utf8_chunks().next();
                    match chunk.and_then(|chunk| chunk.valid().chars().next()) {
                        Some(c) => self.at += c.len_utf8(),
                        None => {
                            self.fail(self.at, "illegal UTF-8 encoding");
                            self.at += 1;
                        }
                    }
                }
                Some(_) => self.at += 1,
            }
        }
        Tok::String
    }

    fn raw_string(&mut self) -> Tok {
        self.insert_semi = true;
        match self.text[self.at..].iter().position(|&c| c == b'`') {
            Some(length) => self.at += length + 1,
            None => {
                self.at = self.text.len();
                self.fail(self.start, "raw string literal not terminated");
            }
        }
        Tok::String
    }

    fn character(&mut self) -> Tok {
        self.insert_semi = true;
        let mut count = 0;
        loop {
            match self.text.get(self.at) {
                None | Some(b'\n') => {
                    self.fail(self.start, "rune literal not terminated");
                    break;
                }
                Some(b'\'') => {
                    self.at += 1;
                    if count != 1 {
                        self.fail(self.start, "illegal rune literal");
                    }
                    break;
                }
                Some(b'\\') => {
                    self.at += 2;
                    count = 1;
                }
                Some(c) => {
                    self.at += 1;
                    count += usize::from(c & 0xc0 != 0x80);
                }
            }
        }
        Tok::Literal
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    tok: Tok,
    start: usize,
    /// The first error of the parser itself.
    error: Option<HeaderError>,
}

impl Parser<'_> {
    fn next(&mut self) {
        self.tok = self.scanner.next();
        self.start = self.scanner.start;
    }

    fn fail(&mut self, msg: String) {
        self.error.get_or_insert(HeaderError { offset: self.start, msg });
    }

    fn expected(&mut self, what: &str) {
        let found = match self.tok {
            Tok::Newline => "newline".to_owned(),
            Tok::Eof => "'EOF'".into(),
            Tok::Ident | Tok::String | Tok::Literal => self.scanner.word().to_owned(),
            Tok::Illegal => "'ILLEGAL'".into(),
            Tok::Semi | Tok::Other => format!("'{}'", self.scanner.word()),
        };
        self.fail(format!("expected '{what}', found {found}"));
    }

    fn failed(&self) -> bool {
        self.error.is_some() || self.scanner.error.is_some()
    }

    fn is(&self, text: &str) -> bool {
        self.tok == Tok::Other && self.scanner.word() == text
    }

    /// Stops at the first error: only that one is shown.
    fn file(&mut self) {
        self.next();
        if self.failed() {
            return;
        }
        if !self.is("package") {
            return self.expected("package");
        }
        self.next();
        if self.tok != Tok::Ident {
            return self.expected("IDENT");
        }
        self.next();
        self.semi();
        while !self.failed() && self.is("import") {
            self.next();
            if !self.is("(") {
                self.import();
                continue;
            }
            self.next();
            while !self.failed() && !self.is(")") && self.tok != Tok::Eof {
                self.import();
            }
            if !self.failed() && !self.is(")") {
                self.expected(")");
            }
            self.next();
            self.semi();
        }
    }

    fn semi(&mut self) {
        match self.tok {
            Tok::Semi | Tok::Newline => self.next(),
            _ if self.is(")") || self.is("}") => {}
            _ => self.expected(";"),
        }
    }

    fn import(&mut self) {
        if self.tok == Tok::Ident || self.is(".") {
            self.next();
        }
        match self.tok {
            Tok::String => self.next(),
            Tok::Literal | Tok::Ident => return self.fail("import path must be a string".into()),
            _ => return self.fail("missing import path".into()),
        }
        if !self.failed() {
            self.semi();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = first_error(text.as_bytes());
        assert_eq!(found.map_or(String::new(), |e| format!("{}: {}", e.offset, e.msg)), expected, "{text}");
    }

    #[test]
    fn errors() {
        check("type T int\n", "0: expected 'package', found 'type'");
        check("// x\n", "5: expected 'package', found 'EOF'");
        check("package \"p\"\n", "8: expected 'IDENT', found \"p\"");
        check("package p import \"a\"\n", "10: expected ';', found 'import'");
        check("package p\nimport fmt\n\nfunc f() {}\n", "20: missing import path");
        check("package p\nimport \"fmt\n", "17: string literal not terminated");
        check("package p\nimport 'x'\n", "17: import path must be a string");
        check("package p\nimport (\"a\" \"b\")\n", "22: expected ';', found \"b\"");
        check("package p\nimport \"a\\/b\"\n", "20: unknown escape sequence");
        check("package p\n/* x\n", "10: comment not terminated");
    }

    #[test]
    fn cgo() {
        for text in ["import \"C\"", "import (_ \"a\"; x \"C\")", "import . `C`", "/* */ import _ /* */ \"C\" // x"] {
            assert!(imports_c(format!("// x\npackage p\n{text}\nvar x int\n").as_bytes()), "{text}");
        }
        assert!(!imports_c(b"package p\nimport \"c\"\nvar x = \"C\"\nimport \"C\"\n"));
    }

    #[test]
    fn what_follows_is_not_looked_at() {
        for text in [
            "package p\nimport \"a\" \"b\"\n",
            "package p; import \"a\" @\n",
            "package p\nvar x = \"\n",
            "package p.x\n",
        ] {
            check(text, "");
        }
    }
}
