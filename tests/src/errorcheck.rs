//! `// ERROR "regexp"` marks: each line that has one must get an error that matches, and no other line may get any.
//!
//! Patterns are what Go's own tests use, of which this understands: literal text, `.`, `.*`, `.+`, `\` escapes, alternatives (`|`)
//! and groups, and `*`, `+`, `?` after one character or group.

use std::collections::BTreeMap;

/// The patterns on each line.
pub fn expected_errors(source: &str) -> BTreeMap<usize, Vec<String>> {
    let mut marks = BTreeMap::new();
    for (index, line) in source.lines().enumerate() {
        let mark = line.find("// ERROR ").or_else(|| line.find("// GC_ERROR ").map(|at| at + "GC_".len()));
        let (at, offset) = match (mark, line.find("// ERRORAUTO ")) {
            (Some(at), _) => (at + "// ERROR ".len(), 0),
            (None, Some(at)) => (at + "// ERRORAUTO ".len(), 0),
            (None, None) => match line.find("// ERRORNEXT ") {
                Some(at) => (at + "// ERRORNEXT ".len(), 1),
                None => continue,
            },
        };
        let patterns: Vec<String> = quoted(&line[at..]).iter().map(|p| with_lines(p, index + 1)).collect();
        marks.entry(index + 1 + offset).or_insert_with(Vec::new).extend(patterns);
    }
    marks
}

/// `LINE` and `LINE±n` in a pattern stand for line numbers.
fn with_lines(pattern: &str, line: usize) -> String {
    let mut parts = pattern.split("LINE");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let sign = part.chars().next().filter(|c| matches!(c, '+' | '-'));
        let digits = part[usize::from(sign.is_some())..].chars().take_while(char::is_ascii_digit).count();
        let n: usize = part[usize::from(sign.is_some())..][..digits].parse().unwrap_or(0);
        let (line, used) = match sign {
            Some('+') if digits > 0 => (line + n, digits + 1),
            Some('-') if digits > 0 => (line.saturating_sub(n), digits + 1),
            _ => (line, 0),
        };
        out += &format!(":{line}{}", &part[used..]);
    }
    out
}

fn quoted(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['"', '`']) {
        let quote = rest.as_bytes()[start];
        let mut end = start + 1;
        let bytes = rest.as_bytes();
        while end < bytes.len() && bytes[end] != quote {
            end += if bytes[end] == b'\\' && quote == b'"' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            break;
        }
        let body = &rest[start + 1..end];
        out.push(if quote == b'"' { body.replace("\\\"", "\"").replace("\\\\", "\\") } else { body.into() });
        rest = &rest[end + 1..];
    }
    out
}

/// How messages and patterns of a line belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// Each pattern matches one message: our own tests.
    OneToOne,
    /// A pattern matches as many as it can: Go's tests.
    AsGc,
}

/// Compares the errors that a compiler printed for `file` with the marks in its source. Gives what is wrong.
pub fn compare(source: &str, file: &str, output: &str) -> Vec<String> {
    compare_files(&[(file.to_owned(), source.to_owned())], output, Matching::OneToOne)
}

/// [`compare`] for the files of a package, names and sources.
pub fn compare_files(files: &[(String, String)], output: &str, matching: Matching) -> Vec<String> {
    let mut wanted: Vec<_> = files.iter().map(|(_, source)| expected_errors(source)).collect();
    // Per file and line; patterns that have matched something.
    let mut used: Vec<(usize, usize, String)> = Vec::new();
    let mut problems = Vec::new();
    for message in messages(output) {
        if matching == Matching::OneToOne && message.ends_with("too many errors") {
            continue;
        }
        let parsed = files.iter().enumerate().find_map(|(i, (name, _))| Some((i, parse_error(&message, name)?)));
        let Some((file, (number, msg))) = parsed else {
            problems.push(format!("unexpected output: {message}"));
            continue;
        };
        let again = |(f, n, p): &(usize, usize, String)| (*f, *n) == (file, number) && matches(p, msg);
        if matching == Matching::AsGc && used.iter().any(again) {
            continue;
        }
        let Some(patterns) = wanted[file].get_mut(&number) else {
            problems.push(format!("unexpected error: {message}"));
            continue;
        };
        match patterns.iter().position(|pattern| matches(pattern, msg)) {
            Some(index) => used.push((file, number, patterns.remove(index))),
            None => problems.push(format!("line {number}: {msg:?} matches none of {patterns:?}")),
        }
    }
    for (number, patterns) in wanted.into_iter().flatten() {
        problems.extend(patterns.iter().map(|pattern| format!("line {number}: no error {pattern:?}")));
    }
    problems
}

/// A message goes on on lines that begin with a tab.
fn messages(output: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for line in output.lines() {
        match messages.last_mut() {
            Some(last) if line.starts_with('\t') => *last += &format!("\n{}", without_file(line)),
            _ if line.starts_with('#') || line.starts_with("<autogenerated>") || line.trim().is_empty() => {}
            _ => messages.push(line.to_owned()),
        }
    }
    messages
}

/// Positions within messages are matched without the file's name: see [`with_lines`].
fn without_file(line: &str) -> String {
    let place = line.trim_start().split(' ').next().unwrap_or_default();
    match place.split_once(".go:") {
        Some((file, _)) => line.replacen(&format!("{file}.go:"), ":", 1),
        None => line.to_owned(),
    }
}

/// Line and message of `file:line:col: message`.
fn parse_error<'a>(line: &'a str, file: &str) -> Option<(usize, &'a str)> {
    let rest = &line[line.find(&format!("{file}:"))? + file.len() + 1..];
    let (number, rest) = rest.split_once(':')?;
    let msg = match rest.split_once(": ") {
        Some((col, msg)) if col.chars().all(|c| c.is_ascii_digit()) => msg,
        _ => rest,
    };
    Some((number.parse().ok()?, msg.trim()))
}

/// Does the pattern match somewhere in the text?
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let Some(node) = parse_alternatives(&pattern, &mut 0) else { return false };
    (0..=text.len()).any(|start| run(&node, &text, start, &mut |_| true))
}

enum Node {
    Char(char),
    Any,
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat(Box<Node>, usize, usize),
}

fn parse_alternatives(p: &[char], at: &mut usize) -> Option<Node> {
    let mut alternatives = vec![parse_sequence(p, at)?];
    while p.get(*at) == Some(&'|') {
        *at += 1;
        alternatives.push(parse_sequence(p, at)?);
    }
    Some(Node::Alternatives(alternatives))
}

fn parse_sequence(p: &[char], at: &mut usize) -> Option<Node> {
    let mut nodes = Vec::new();
    while let Some(&c) = p.get(*at) {
        *at += 1;
        let node = match c {
            '|' | ')' => {
                *at -= 1;
                break;
            }
            '(' => {
                if p.get(*at..*at + 2) == Some(&['?', ':']) {
                    *at += 2;
                }
                let node = parse_alternatives(p, at)?;
                if p.get(*at) != Some(&')') {
                    return None;
                }
                *at += 1;
                node
            }
            '[' => parse_class(p, at)?,
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '\\' => {
                let escaped = *p.get(*at)?;
                *at += 1;
                match escaped {
                    'n' => Node::Char('\n'),
                    't' => Node::Char('\t'),
                    'd' => Node::Class(vec![('0', '9')], false),
                    'w' => Node::Class(vec![('0', '9'), ('a', 'z'), ('A', 'Z'), ('_', '_')], false),
                    's' => Node::Class(vec![(' ', ' '), ('\t', '\t'), ('\n', '\n')], false),
                    c => Node::Char(c),
                }
            }
            c => Node::Char(c),
        };
        let (least, most) = match p.get(*at) {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            _ => {
                nodes.push(node);
                continue;
            }
        };
        *at += 1;
        nodes.push(Node::Repeat(Box::new(node), least, most));
    }
    Some(Node::Sequence(nodes))
}

fn parse_class(p: &[char], at: &mut usize) -> Option<Node> {
    let negated = p.get(*at) == Some(&'^');
    *at += usize::from(negated);
    let mut ranges = Vec::new();
    while *p.get(*at)? != ']' || ranges.is_empty() {
        let mut low = p[*at];
        if low == '\\' {
            *at += 1;
            low = *p.get(*at)?;
        }
        *at += 1;
        let is_range = p.get(*at) == Some(&'-') && p.get(*at + 1).is_some_and(|&c| c != ']');
        let high = if is_range { p[*at + 1] } else { low };
        *at += if is_range { 2 } else { 0 };
        ranges.push((low, high));
    }
    *at += 1;
    Some(Node::Class(ranges, negated))
}

fn run(node: &Node, text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match node {
        Node::Char(c) => text.get(at) == Some(c) && then(at + 1),
        Node::Any => text.get(at).is_some_and(|&c| c != '\n') && then(at + 1),
        Node::Class(ranges, negated) => {
            text.get(at).is_some_and(|c| ranges.iter().any(|(low, high)| (low..=high).contains(&c)) != *negated)
                && then(at + 1)
        }
        Node::Start => at == 0 && then(at),
        Node::End => at == text.len() && then(at),
        Node::Sequence(nodes) => match nodes.split_first() {
            None => then(at),
            Some((first, _)) => run(first, text, at, &mut |next| run_rest(&nodes[1..], text, next, then)),
        },
        Node::Alternatives(nodes) => nodes.iter().any(|node| run(node, text, at, then)),
        Node::Repeat(node, least, most) => {
            if *most > 0
                && run(node, text, at, &mut |next| {
                    next > at && run_repeat(node, least.saturating_sub(1), most - 1, text, next, then)
                })
            {
                return true;
            }
            *least == 0 && then(at)
        }
    }
}

fn run_rest(nodes: &[Node], text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match nodes.split_first() {
        None => then(at),
        Some((first, rest)) => run(first, text, at, &mut |next| run_rest(rest, text, next, then)),
    }
}

fn run_repeat(
    node: &Node,
    least: usize,
    most: usize,
    text: &[char],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    if most > 0
        && run(node, text, at, &mut |next| {
            next > at && run_repeat(node, least.saturating_sub(1), most - 1, text, next, then)
        })
    {
        return true;
    }
    least == 0 && then(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(matches("undefined: x|not defined", "undefined: x"));
        assert!(matches("cannot use .* as (int|string) value", "cannot use y as string value in z"));
        assert!(matches(r"\[\]int \(type\)?", "bad []int (type"));
        assert!(matches("^a[b-d]+e$", "abcde") && !matches("^a[^b]", "ab"));
        assert!(!matches("x+y", "y"));
    }

    #[test]
    fn comparison() {
        let source = "package p\nvar x int = y // ERROR \"undefined: y\"\nvar z = 1\n";
        assert!(compare(source, "a.go", "# p\n./a.go:2:13: undefined: y\n").is_empty());
        assert_eq!(compare(source, "a.go", "./a.go:3:1: foo").len(), 2);
    }
}
