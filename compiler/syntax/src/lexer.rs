//! The lexer: from bytes to tokens, without allocating.
//!
//! It also collects what hides in comments: `//line` directives go to the file's line
//! table, compiler directives to [`Lexer::directives`], from where the parser hands
//! them to declarations.

use std::path::{Component, Path, PathBuf};

use crate::ast::{BinaryOp, Directive, LitKind};
use crate::diag::Diagnostic;
use crate::directives::malformed;
use crate::literal::{go_quote_char, go_unicode};
use crate::source::Source;
use crate::span::{LineDirective, LineTable, Pos, SourceFile};
use crate::token::{Op, Token, keyword};
use crate::unicode;

/// Lines and columns above this are not accepted in `//line` directives.
const POS_MAX: u64 = 1 << 30;

pub struct Lexer<'a> {
    pub file: &'a SourceFile,
    source: &'a Source<'a>,
    /// The clean text; reading past the end gives 0, which cannot occur in it.
    text: &'a [u8],
    /// Offset of the next character.
    at: usize,
    /// Where the search for the current token began.
    from: usize,
    std: bool,
    /// A newline or the end of the file becomes a semicolon.
    nlsemi: bool,
    /// How many of the source's errors were reported.
    source_errors: usize,

    pub tok: Token,
    /// Extent of the token.
    start: usize,
    end: usize,
    /// Of `Operator`, `Star`, `AssignOp`, `IncOp`.
    pub op: Op,
    /// Of the same tokens; 0 for `!` and `~`.
    pub prec: u8,
    /// Of `Literal`.
    pub kind: LitKind,
    /// Of `Literal`: it was reported as malformed.
    pub bad: bool,
    /// Of `Semi`: "semicolon", "newline" or "EOF".
    pub semi: &'static str,

    pub errors: Vec<Diagnostic>,
    /// How many of them are about directives: they do not count as errors of the parser.
    pub directive_errors: usize,
    /// Directives since the parser last took them.
    pub directives: Vec<Directive>,
    pub all_directives: Vec<Directive>,
    /// Lines with build constraints.
    pub constraints: Vec<Directive>,
    /// The package clause has not been reached.
    pub top: bool,
    pub lines: LineTable,
    /// Offset of the last error that the lexer found itself.
    last_error: usize,
    /// Errors that were left out.
    pub repeated: usize,
}

fn is_letter(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_'
}

fn base_name(base: u32) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        10 => "decimal",
        _ => "hexadecimal",
    }
}

impl<'a> Lexer<'a> {
    /// `std`: directives need no check.
    pub fn new(file: &'a SourceFile, source: &'a Source<'a>, std: bool) -> Lexer<'a> {
        Lexer {
            file,
            source,
            text: source.text().as_bytes(),
            at: 0,
            from: 0,
            std,
            nlsemi: false,
            source_errors: 0,
            tok: Token::Eof,
            start: 0,
            end: 0,
            op: Op::Not,
            prec: 0,
            kind: LitKind::Int,
            bad: false,
            semi: "",
            errors: Vec::new(),
            directive_errors: 0,
            directives: Vec::new(),
            all_directives: Vec::new(),
            constraints: Vec::new(),
            top: true,
            lines: LineTable { starts: source.line_starts(), directives: Vec::new() },
            last_error: 0,
            repeated: 0,
        }
    }

    /// Position of the current token.
    pub fn pos(&self) -> Pos {
        self.pos_at(self.start)
    }

    /// Source text of the current token.
    pub fn lit(&self) -> &'a str {
        let source: &'a Source<'a> = self.source;
        &source.text()[self.start..self.end]
    }

    /// Gives up: the current and all further tokens are `Eof`.
    pub fn skip_to_end(&mut self) {
        self.at = self.text.len();
        self.nlsemi = false;
        self.start = self.at;
        self.end = self.at;
        self.tok = Token::Eof;
    }

    /// Reads the next token.
    pub fn next(&mut self) {
        self.scan();
        self.end = self.at;
        if self.source_errors < self.source.errors.len() {
            self.report_source_errors();
        }
    }

    fn scan(&mut self) {
        let nlsemi = std::mem::replace(&mut self.nlsemi, false);
        loop {
            self.from = self.at;
            let mut c = self.peek();
            while c == b' ' || c == b'\t' || c == b'\r' || (c == b'\n' && !nlsemi) {
                self.at += 1;
                c = self.peek();
            }
            self.start = self.at;
            if is_letter(c) {
                return self.ident();
            }
            if c.is_ascii_digit() {
                return self.number(false);
            }
            self.at += 1;
            self.tok = match c {
                b'\n' => {
                    self.semi = "newline";
                    Token::Semi
                }
                b'(' => Token::Lparen,
                b'[' => Token::Lbrack,
                b'{' => Token::Lbrace,
                b',' => Token::Comma,
                b';' => {
                    self.semi = "semicolon";
                    Token::Semi
                }
                b')' => self.ends_line(Token::Rparen),
                b']' => self.ends_line(Token::Rbrack),
                b'}' => self.ends_line(Token::Rbrace),
                b'"' => return self.std_string(),
                b'`' => return self.raw_string(),
                b'\'' => return self.rune(),
                b':' if self.got(b'=') => Token::Define,
                b':' => Token::Colon,
                b'.' if self.peek().is_ascii_digit() => return self.number(true),
                b'.' if self.peek() == b'.' && self.peek_at(1) == b'.' => {
                    self.at += 2;
                    Token::DotDotDot
                }
                b'.' => Token::Dot,
                b'+' => self.add_op(b'+', BinaryOp::Add),
                b'-' => self.add_op(b'-', BinaryOp::Sub),
                b'*' => {
                    self.set_op(BinaryOp::Mul);
                    if self.got(b'=') { Token::AssignOp } else { Token::Star }
                }
                b'/' if self.got(b'/') => {
                    self.line_comment();
                    continue;
                }
                b'/' if self.got(b'*') => {
                    if self.full_comment() && nlsemi {
                        self.semi = "newline";
                        Token::Semi
                    } else {
                        continue;
                    }
                }
                b'/' => self.assign_op(BinaryOp::Div),
                b'%' => self.assign_op(BinaryOp::Rem),
                b'&' if self.got(b'&') => self.operator(BinaryOp::AndAnd),
                b'&' if self.got(b'^') => self.assign_op(BinaryOp::AndNot),
                b'&' => self.assign_op(BinaryOp::And),
                b'|' if self.got(b'|') => self.operator(BinaryOp::OrOr),
                b'|' => self.assign_op(BinaryOp::Or),
                b'^' => self.assign_op(BinaryOp::Xor),
                b'<' if self.got(b'=') => self.operator(BinaryOp::Leq),
                b'<' if self.got(b'<') => self.assign_op(BinaryOp::Shl),
                b'<' if self.got(b'-') => Token::Arrow,
                b'<' => self.operator(BinaryOp::Lss),
                b'>' if self.got(b'=') => self.operator(BinaryOp::Geq),
                b'>' if self.got(b'>') => self.assign_op(BinaryOp::Shr),
                b'>' => self.operator(BinaryOp::Gtr),
                b'=' if self.got(b'=') => self.operator(BinaryOp::Eql),
                b'=' => Token::Assign,
                b'!' if self.got(b'=') => self.operator(BinaryOp::Neq),
                b'!' => self.prefix_operator(Op::Not),
                b'~' => self.prefix_operator(Op::Tilde),
                0 => {
                    self.at = self.text.len();
                    if nlsemi {
                        self.semi = "EOF";
                        Token::Semi
                    } else {
                        Token::Eof
                    }
                }
                _ => {
                    self.at -= 1;
                    let c = self.peek_char();
                    if c >= '\u{80}' {
                        return self.ident();
                    }
                    self.error(self.at, format!("invalid character {}", go_unicode(c)));
                    self.at += c.len_utf8();
                    continue;
                }
            };
            return;
        }
    }

    // ------------------------------------------------------------------------
    // Characters, positions, errors

    fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    fn peek_at(&self, distance: usize) -> u8 {
        self.text.get(self.at + distance).copied().unwrap_or(0)
    }

    fn peek_char(&self) -> char {
        self.source.text()[self.at..].chars().next().unwrap_or('\0')
    }

    fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn got(&mut self, c: u8) -> bool {
        let got = self.peek() == c;
        self.at += usize::from(got);
        got
    }

    fn bump_char(&mut self) {
        self.at += self.peek_char().len_utf8();
    }

    fn pos_at(&self, offset: usize) -> Pos {
        self.file.pos(self.source.file_offset(offset as u32))
    }

    #[cold]
    fn error(&mut self, offset: usize, msg: impl Into<String>) {
        let msg = msg.into();
        let since = &self.text[self.last_error.min(offset)..offset];
        self.last_error = offset;
        // The same once more on a line is never shown; a file of ten million would fill the memory.
        if self.errors.last().is_some_and(|last| last.msg == msg) && !since.contains(&b'\n') {
            self.repeated += 1;
            return;
        }
        self.errors.push(Diagnostic::syntax(self.pos_at(offset), msg));
    }

    /// Reports what was wrong with the bytes up to here.
    #[cold]
    fn report_source_errors(&mut self) {
        while let Some(&(clean, offset, msg)) = self.source.errors.get(self.source_errors)
            && clean as usize <= self.at
        {
            self.source_errors += 1;
            self.errors.push(Diagnostic::syntax(self.file.pos(offset), msg));
        }
    }

    // ------------------------------------------------------------------------
    // Operators

    fn ends_line(&mut self, tok: Token) -> Token {
        self.nlsemi = true;
        tok
    }

    fn set_op(&mut self, op: BinaryOp) {
        self.op = Op::Binary(op);
        self.prec = op.precedence();
    }

    fn operator(&mut self, op: BinaryOp) -> Token {
        self.set_op(op);
        Token::Operator
    }

    fn prefix_operator(&mut self, op: Op) -> Token {
        self.op = op;
        self.prec = 0;
        Token::Operator
    }

    fn assign_op(&mut self, op: BinaryOp) -> Token {
        self.set_op(op);
        if self.got(b'=') { Token::AssignOp } else { Token::Operator }
    }

    fn add_op(&mut self, c: u8, op: BinaryOp) -> Token {
        if self.got(c) {
            self.set_op(op);
            return self.ends_line(Token::IncOp);
        }
        self.assign_op(op)
    }

    // ------------------------------------------------------------------------
    // Names

    fn ident(&mut self) {
        loop {
            let c = self.peek();
            if is_letter(c) || c.is_ascii_digit() {
                self.at += 1;
            } else if c >= 0x80 {
                self.wide_ident_char();
            } else {
                break;
            }
        }
        let text = &self.text[self.start..self.at];
        if let Some(tok) = keyword(text) {
            use Token::{Break, Continue, Fallthrough, Return};
            self.nlsemi = matches!(tok, Break | Continue | Fallthrough | Return);
            self.tok = tok;
            return;
        }
        self.nlsemi = true;
        self.tok = Token::Name;
    }

    /// Any character outside ASCII counts as part of a name; most with an error.
    #[cold]
    fn wide_ident_char(&mut self) {
        let c = self.peek_char();
        if unicode::is_digit(c) {
            if self.at == self.start {
                let msg = format!("identifier cannot begin with digit {}", go_unicode(c));
                self.error(self.at, msg);
            }
        } else if !unicode::is_letter(c) {
            self.error(self.at, format!("invalid character {} in identifier", go_unicode(c)));
        }
        self.at += c.len_utf8();
    }

    // ------------------------------------------------------------------------
    // Literals

    fn literal(&mut self, kind: LitKind, ok: bool) {
        self.nlsemi = true;
        self.tok = Token::Literal;
        self.kind = kind;
        self.bad = !ok;
    }

    /// Accepts digits and underscores; returns whether there were (digits, underscores).
    /// For bases up to 10 all decimal digits are accepted, and the first too large one noted.
    fn digits(&mut self, base: u32, invalid: &mut Option<usize>) -> (bool, bool) {
        let (mut digits, mut separators) = (false, false);
        loop {
            let c = self.peek();
            if c == b'_' {
                separators = true;
            } else if c.is_ascii_digit() || (base == 16 && c.is_ascii_hexdigit()) {
                digits = true;
                if base <= 10 && u32::from(c - b'0') >= base {
                    invalid.get_or_insert(self.at - self.start);
                }
            } else {
                return (digits, separators);
            }
            self.at += 1;
        }
    }

    fn number(&mut self, mut seen_point: bool) {
        let mut kind = LitKind::Int;
        let mut ok = true;
        let mut base = 10;
        let mut prefix = 0u8;
        let mut invalid = None;
        let (mut digits, mut separators) = (false, false);
        let add = |found: (bool, bool), digits: &mut bool, separators: &mut bool| {
            *digits |= found.0;
            *separators |= found.1;
        };

        if !seen_point {
            if self.got(b'0') {
                (base, prefix) = match self.peek() | 0x20 {
                    b'x' => (16, b'x'),
                    b'o' => (8, b'o'),
                    b'b' => (2, b'b'),
                    _ => (8, b'0'),
                };
                if prefix == b'0' {
                    digits = true;
                } else {
                    self.at += 1;
                }
            }
            add(self.digits(base, &mut invalid), &mut digits, &mut separators);
            if self.peek() == b'.' {
                if prefix == b'o' || prefix == b'b' {
                    let msg = format!("invalid radix point in {} literal", base_name(base));
                    self.error(self.at, msg);
                    ok = false;
                }
                self.at += 1;
                seen_point = true;
            }
        }
        if seen_point {
            kind = LitKind::Float;
            add(self.digits(base, &mut invalid), &mut digits, &mut separators);
        }
        if !digits && ok {
            self.error(self.at, format!("{} literal has no digits", base_name(base)));
            ok = false;
        }

        let e = self.peek() | 0x20;
        if e == b'e' || e == b'p' {
            let c = char::from(self.peek());
            if ok && e == b'e' && prefix != 0 && prefix != b'0' {
                self.error(self.at, format!("'{c}' exponent requires decimal mantissa"));
                ok = false;
            } else if ok && e == b'p' && prefix != b'x' {
                self.error(self.at, format!("'{c}' exponent requires hexadecimal mantissa"));
                ok = false;
            }
            self.at += 1;
            kind = LitKind::Float;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let found = self.digits(10, &mut None);
            separators |= found.1;
            if !found.0 && ok {
                self.error(self.at, "exponent has no digits");
                ok = false;
            }
        } else if prefix == b'x' && kind == LitKind::Float && ok {
            self.error(self.at, "hexadecimal mantissa requires a 'p' exponent");
            ok = false;
        }
        if self.got(b'i') {
            kind = LitKind::Imag;
        }

        if let Some(index) = invalid
            && kind == LitKind::Int
            && ok
        {
            let digit = char::from(self.text[self.start + index]);
            let msg = format!("invalid digit '{digit}' in {} literal", base_name(base));
            self.error(self.start + index, msg);
            ok = false;
        }
        if separators
            && ok
            && let Some(index) = invalid_separator(&self.text[self.start..self.at])
        {
            self.error(self.start + index, "'_' must separate successive digits");
            ok = false;
        }
        self.literal(kind, ok);
    }

    fn rune(&mut self) {
        let mut ok = true;
        let mut n = 0;
        loop {
            match self.peek() {
                b'\'' => {
                    if ok && n == 0 {
                        self.error(self.at, "empty rune literal or unescaped '");
                        ok = false;
                    } else if ok && n != 1 {
                        self.error(self.start, "more than one character in rune literal");
                        ok = false;
                    }
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'\'');
                }
                b'\n' => {
                    if ok {
                        self.error(self.at, "newline in rune literal");
                        ok = false;
                    }
                    break;
                }
                0 => {
                    if ok {
                        self.error(self.start, "rune literal not terminated");
                        ok = false;
                    }
                    break;
                }
                _ => self.bump_char(),
            }
            n += 1;
        }
        self.literal(LitKind::Rune, ok);
    }

    fn std_string(&mut self) {
        let mut ok = true;
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'"');
                }
                b'\n' => {
                    self.error(self.at, "newline in string");
                    ok = false;
                    break;
                }
                0 => {
                    self.error(self.start, "string not terminated");
                    ok = false;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.literal(LitKind::String, ok);
    }

    fn raw_string(&mut self) {
        let mut ok = true;
        match self.text[self.at..].iter().position(|&c| c == b'`') {
            Some(length) => self.at += length + 1,
            None => {
                self.at = self.text.len();
                self.error(self.start, "string not terminated");
                ok = false;
            }
        }
        self.literal(LitKind::String, ok);
    }

    /// Reads an escape sequence after its backslash.
    fn escape(&mut self, quote: u8) -> bool {
        let (digits, base, max) = match self.peek() {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            c if c == quote => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10_ffff),
            b'U' => (8, 16, 0x10_ffff),
            0 => return true, // the caller complains
            _ => {
                self.error(self.at, "unknown escape");
                return false;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value = 0u32;
        for _ in 0..digits {
            if self.at_end() {
                return true; // the caller complains
            }
            let c = self.peek_char();
            let Some(digit) = c.to_digit(base) else {
                let msg = format!("invalid character {} in {} escape", go_quote_char(c), base_name(base));
                self.error(self.at, msg);
                return false;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        if value > max && base == 8 {
            self.error(self.at, format!("octal escape value {value} > 255"));
            return false;
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            let shown = char::from_u32(value).map_or(format!("U+{value:04X}"), go_unicode);
            self.error(self.at, format!("escape is invalid Unicode code point {shown}"));
            return false;
        }
        true
    }

    // ------------------------------------------------------------------------
    // Comments

    /// The opening has been consumed; the newline stays.
    fn line_comment(&mut self) {
        let body = self.at;
        let length = self.text[body..].iter().position(|&c| c == b'\n');
        self.at = length.map_or(self.text.len(), |length| body + length);
        if matches!(self.text.get(body), Some(b'g' | b'l' | b'e' | b'+' | b' ' | b'\t')) {
            self.special_comment(body);
        }
    }

    /// The opening has been consumed. Returns whether the comment has several lines.
    fn full_comment(&mut self) -> bool {
        let body = self.at;
        loop {
            match self.text[self.at..].iter().position(|&c| c == b'*') {
                Some(length) => self.at += length + 1,
                None => {
                    self.at = self.text.len();
                    self.error(self.start, "comment not terminated");
                    break;
                }
            }
            if self.got(b'/') {
                if self.text[body..].starts_with(b"line ") {
                    let text = &self.source.text()[body..self.at - 2];
                    if !text.contains('\n') {
                        self.line_directive(body + 5, &text[5..], self.at);
                    }
                }
                break;
            }
        }
        self.text[body..self.at].contains(&b'\n')
    }

    /// Looks for a directive in the line comment whose text starts at `body`.
    fn special_comment(&mut self, body: usize) {
        let source: &'a Source<'a> = self.source;
        let text = source.text()[body..self.at].trim_end_matches('\r');
        if let Some(args) = text.strip_prefix("line ") {
            if self.start == 0 || self.text[self.start - 1] == b'\n' {
                self.line_directive(body + 5, args, self.at + 1);
            }
            return;
        }
        if self.top && (text.starts_with("go:build") || text.trim_start().starts_with("+build")) {
            let directive = self.directive(self.start, &source.text()[self.start..self.at]);
            self.constraints.push(directive);
        }
        if ["go:", "golift:", "export "].iter().any(|prefix| text.starts_with(prefix)) {
            let directive = self.directive(body, text);
            if text.starts_with("go:") && !self.accept(&directive) {
                return;
            }
            self.all_directives.push(directive.clone());
            self.directives.push(directive);
        }
    }

    /// Checks a compiler directive; false if it is as if it were not there.
    #[cold]
    fn accept(&mut self, directive: &Directive) -> bool {
        let before = &self.text[self.from..self.start];
        let at_line_start = self.from == 0 || self.text[self.from - 1] == b'\n' || before.contains(&b'\n');
        if !at_line_start {
            self.report_directive(Diagnostic::new(directive.pos, "MisplacedDirective", "misplaced compiler directive"));
            return false;
        }
        if self.std {
            return true;
        }
        let errors = malformed(directive);
        let usable = !errors.iter().any(|msg| msg.starts_with("usage: ") && !msg.contains(":cgo_"));
        for msg in errors {
            self.report_directive(Diagnostic::new(directive.pos, "MisplacedDirective", msg));
        }
        usable
    }

    pub fn report_directive(&mut self, error: Diagnostic) {
        self.directive_errors += 1;
        self.errors.push(error);
    }

    fn directive(&self, offset: usize, text: &str) -> Directive {
        Directive::new(self.pos_at(offset), text)
    }

    /// Handles `file:line` or `file:line:col` at `offset`; it takes effect at `end`.
    fn line_directive(&mut self, offset: usize, text: &str, end: usize) {
        let Some((mut colon, last)) = trailing_number(text) else {
            return;
        };
        let Some(last) = last else {
            let msg = format!("invalid line number: {}", &text[colon + 1..]);
            return self.error(offset + colon + 1, msg);
        };
        let (mut line, mut col) = (last, 0);
        let with_col = matches!(trailing_number(&text[..colon]), Some((_, Some(_))));
        let mut rest = text;
        if let Some((first_colon, Some(first))) = trailing_number(&text[..colon]) {
            if last == 0 || last > POS_MAX {
                let msg = format!("invalid column number: {}", &text[colon + 1..]);
                return self.error(offset + colon + 1, msg);
            }
            rest = &text[..colon];
            colon = first_colon;
            (line, col) = (first, last);
        }
        if line == 0 || line > POS_MAX {
            let msg = format!("invalid line number: {}", &rest[colon + 1..]);
            return self.error(offset + colon + 1, msg);
        }
        let name = &rest[..colon];
        let filename = if name.is_empty() && with_col {
            self.lines.directives.last().map_or(&self.file.name, |d| &d.filename).clone()
        } else if name.is_empty() {
            "".into()
        } else {
            let dir = Path::new(&*self.file.name).parent().unwrap_or(Path::new(""));
            clean_path(&dir.join(name)).into()
        };
        self.lines.directives.push(LineDirective {
            offset: self.source.file_offset(end.min(self.text.len()) as u32),
            filename,
            line: line as u32,
            col: col as u32,
        });
    }
}

/// Splits at the last colon: its index, and the number after it if it is one.
fn trailing_number(text: &str) -> Option<(usize, Option<u64>)> {
    let colon = text.rfind(':')?;
    let digits = &text[colon + 1..];
    let number = digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    Some((colon, number))
}

/// The shortest equivalent path, worked out on the text alone.
fn clean_path(path: &Path) -> String {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(".."),
            },
            _ => out.push(part),
        }
    }
    if out.as_os_str().is_empty() {
        return ".".into();
    }
    out.to_string_lossy().into_owned()
}

/// Index of the first `_` that does not stand between digits (or prefix and digit).
fn invalid_separator(text: &[u8]) -> Option<usize> {
    let hex = text.len() >= 2 && text[0] == b'0' && text[1] | 0x20 == b'x';
    let prefixed = text.len() >= 2 && text[0] == b'0' && matches!(text[1] | 0x20, b'x' | b'o' | b'b');
    let is_digit = |c: u8| c.is_ascii_digit() || (hex && c.is_ascii_hexdigit());
    let from = if prefixed { 2 } else { 0 };
    let mut before_ok = prefixed;
    for i in from..text.len() {
        if text[i] == b'_' {
            let after_ok = text.get(i + 1).is_some_and(|&c| is_digit(c));
            if !before_ok || !(after_ok || text.get(i + 1) == Some(&b'_')) {
                return Some(i);
            }
            before_ok = false;
        } else {
            before_ok = is_digit(text[i]);
        }
    }
    None
}
