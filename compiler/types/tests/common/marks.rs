//! `ERROR` and `ERRORx` comments of gc's own test files, and a regular expression matcher for them.

#![allow(dead_code)]

/// An expected error: at the token before the comment.
#[derive(Clone, Debug)]
pub struct Mark {
    pub line: u32,
    pub col: u32,
    pub regex: bool,
    pub pattern: String,
}

/// Finds the marks of a file.
pub fn marks(source: &str) -> Vec<Mark> {
    let b = source.as_bytes();
    let (mut i, mut line, mut line_start) = (0, 1u32, 0);
    let mut prev = (0u32, 0u32);
    let mut out = Vec::new();
    while i < b.len() {
        let start = i;
        let at = (line, (i - line_start + 1) as u32);
        match b[i] {
            b'\n' => {
                i += 1;
                line += 1;
                line_start = i;
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                i += 1;
                continue;
            }
            b'/' if b.get(i + 1) == Some(&b'/') => {
                let end = source[i..].find('\n').map_or(b.len(), |n| i + n);
                comment(source[i + 2..end].trim_end_matches('\r'), prev, &mut out);
                i = end;
                continue;
            }
            b'/' if b.get(i + 1) == Some(&b'*') => {
                let end = source[i + 2..].find("*/").map_or(b.len(), |n| i + 2 + n);
                comment(&source[i + 2..end], prev, &mut out);
                for (k, c) in source[i..end].bytes().enumerate() {
                    if c == b'\n' {
                        line += 1;
                        line_start = i + k + 1;
                    }
                }
                i = (end + 2).min(b.len());
                continue;
            }
            b'`' => {
                let end = source[i + 1..].find('`').map_or(b.len(), |n| i + 1 + n + 1);
                for (k, c) in source[i..end].bytes().enumerate() {
                    if c == b'\n' {
                        line += 1;
                        line_start = i + k + 1;
                    }
                }
                i = end;
            }
            q @ (b'"' | b'\'') => {
                i += 1;
                while i < b.len() && b[i] != q && b[i] != b'\n' {
                    i += if b[i] == b'\\' { 2 } else { 1 };
                }
                i = (i + 1).min(b.len());
            }
            c if c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80 => {
                let number = c.is_ascii_digit();
                let hex = source[i..].starts_with("0x") || source[i..].starts_with("0X");
                while i < b.len() {
                    let c = b[i];
                    let sign = matches!(c, b'+' | b'-')
                        && number
                        && i > start
                        && (matches!(b[i - 1], b'e' | b'E') && !hex || matches!(b[i - 1], b'p' | b'P') && hex);
                    if !(c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80 || number && c == b'.' || sign) {
                        break;
                    }
                    i += 1;
                }
            }
            _ => {
                const OPS: &[&str] = &[
                    "<<=", ">>=", "&^=", "...", "&&", "||", "<-", "++", "--", "==", "!=", "<=", ">=", ":=", "+=", "-=",
                    "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "&^",
                ];
                let op = OPS.iter().find(|op| source[i..].starts_with(**op));
                let number = b[i] == b'.' && b.get(i + 1).is_some_and(u8::is_ascii_digit);
                i += op.map_or(1, |op| op.len());
                while number && i < b.len() && (b[i].is_ascii_alphanumeric()) {
                    i += 1;
                }
            }
        }
        prev = at;
    }
    out
}

fn comment(text: &str, prev: (u32, u32), out: &mut Vec<Mark>) {
    let (regex, rest) = if let Some(rest) = text.strip_prefix(" ERROR ") {
        (false, rest)
    } else if let Some(rest) = text.strip_prefix(" ERRORx ") {
        (true, rest)
    } else {
        return;
    };
    let Some(bytes) = golift_types::literal_value::string_literal(rest.trim()) else { return };
    let pattern = String::from_utf8_lossy(&bytes).into_owned();
    out.push(Mark { line: prev.0, col: prev.1, regex, pattern });
}

impl Mark {
    pub fn matches(&self, msg: &str) -> bool {
        if self.regex { Regex::new(&self.pattern).is_match(msg) } else { msg.contains(&self.pattern) }
    }
}

/// A regular expression, matched by backtracking.
pub struct Regex(Node);

enum Node {
    Empty,
    Char(char),
    Any,
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    Cat(Vec<Node>),
    Alt(Vec<Node>),
    Repeat(Box<Node>, usize, usize),
}

impl Regex {
    pub fn new(pattern: &str) -> Regex {
        let chars: Vec<char> = pattern.chars().collect();
        let mut i = 0;
        Regex(alt(&chars, &mut i))
    }

    pub fn is_match(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        (0..=chars.len()).any(|i| run(&self.0, &chars, i, &mut |_| true))
    }
}

fn alt(p: &[char], i: &mut usize) -> Node {
    let mut list = vec![cat(p, i)];
    while p.get(*i) == Some(&'|') {
        *i += 1;
        list.push(cat(p, i));
    }
    if list.len() == 1 { list.remove(0) } else { Node::Alt(list) }
}

fn cat(p: &[char], i: &mut usize) -> Node {
    let mut list = Vec::new();
    while *i < p.len() && p[*i] != '|' && p[*i] != ')' {
        let atom = atom(p, i);
        let (min, max) = match p.get(*i) {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            _ => {
                list.push(atom);
                continue;
            }
        };
        *i += 1;
        if p.get(*i) == Some(&'?') {
            *i += 1;
        }
        list.push(Node::Repeat(Box::new(atom), min, max));
    }
    Node::Cat(list)
}

fn atom(p: &[char], i: &mut usize) -> Node {
    let c = p[*i];
    *i += 1;
    match c {
        '.' => Node::Any,
        '^' => Node::Start,
        '$' => Node::End,
        '(' => {
            if p[*i..].starts_with(&['?', ':']) {
                *i += 2;
            } else if p[*i..].starts_with(&['?', 's', ')']) {
                *i += 3;
                return Node::Empty;
            }
            let n = alt(p, i);
            *i += 1;
            n
        }
        '[' => {
            let negated = p.get(*i) == Some(&'^');
            *i += usize::from(negated);
            let mut ranges = Vec::new();
            let mut first = true;
            while *i < p.len() && (p[*i] != ']' || first) {
                first = false;
                let mut lo = p[*i];
                *i += 1;
                if lo == '\\' {
                    lo = p[*i];
                    *i += 1;
                }
                if p.get(*i) == Some(&'-') && p.get(*i + 1) != Some(&']') {
                    ranges.push((lo, p[*i + 1]));
                    *i += 2;
                } else {
                    ranges.push((lo, lo));
                }
            }
            *i += 1;
            Node::Class(ranges, negated)
        }
        '\\' => {
            let c = p.get(*i).copied().unwrap_or('\\');
            *i += 1;
            match c {
                'n' => Node::Char('\n'),
                't' => Node::Char('\t'),
                'd' => Node::Class(vec![('0', '9')], false),
                'w' => Node::Class(vec![('0', '9'), ('a', 'z'), ('A', 'Z'), ('_', '_')], false),
                's' => Node::Class(vec![(' ', ' '), ('\t', '\n')], false),
                c => Node::Char(c),
            }
        }
        c => Node::Char(c),
    }
}

fn run(n: &Node, t: &[char], i: usize, k: &mut dyn FnMut(usize) -> bool) -> bool {
    match n {
        Node::Empty => k(i),
        Node::Char(c) => t.get(i) == Some(c) && k(i + 1),
        Node::Any => t.get(i).is_some_and(|&c| c != '\n') && k(i + 1),
        Node::Class(ranges, negated) => {
            t.get(i).is_some_and(|c| ranges.iter().any(|(lo, hi)| lo <= c && c <= hi) != *negated) && k(i + 1)
        }
        Node::Start => i == 0 && k(i),
        Node::End => i == t.len() && k(i),
        Node::Cat(list) => cat_run(list, t, i, k),
        Node::Alt(list) => list.iter().any(|n| run(n, t, i, k)),
        Node::Repeat(inner, min, max) => repeat(inner, *min, *max, t, i, k),
    }
}

fn cat_run(list: &[Node], t: &[char], i: usize, k: &mut dyn FnMut(usize) -> bool) -> bool {
    match list {
        [] => k(i),
        [first, rest @ ..] => run(first, t, i, &mut |j| cat_run(rest, t, j, k)),
    }
}

fn repeat(n: &Node, min: usize, max: usize, t: &[char], i: usize, k: &mut dyn FnMut(usize) -> bool) -> bool {
    if max > 0 && run(n, t, i, &mut |j| j > i && repeat(n, min.saturating_sub(1), max.saturating_sub(1), t, j, k)) {
        return true;
    }
    min == 0 && k(i)
}
