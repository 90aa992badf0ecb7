//! The parser against the Go distribution: all of its sources parse, and gc's own tests of syntax errors find the same
//! errors in the same places.

use std::path::{Path, PathBuf};
use std::time::Instant;

use golift_syntax::{Diagnostic, Mode, Position, SourceMap, parse_file};

fn goroot() -> PathBuf {
    golift_load::find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution")
}

fn go_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            go_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "go") {
            out.push(path);
        }
    }
}

#[test]
fn all_sources_parse() {
    let root = goroot();
    let mut files = Vec::new();
    go_files(&root.join("src"), &mut files);
    let sources: Vec<(PathBuf, Vec<u8>)> =
        files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    let map = SourceMap::new();
    let start = Instant::now();
    let mut lines = 0;
    let mut bytes = 0;
    let mut failures = Vec::new();
    for (path, source) in &sources {
        let (file, errors) = parse_file(&map, &path.to_string_lossy(), source, Mode { std: true, ..Mode::default() });
        lines += source.iter().filter(|&&c| c == b'\n').count();
        bytes += source.len();
        let in_testdata = path.components().any(|c| c.as_os_str() == "testdata");
        if !in_testdata && let Some(error) = errors.first() {
            failures.push(error.render(&map));
        }
        drop(file);
    }
    let seconds = start.elapsed().as_secs_f64();
    let (files, rate) = (sources.len(), lines as f64 / seconds / 1e6);
    let mib = bytes as f64 / seconds / 1048576.0;
    eprintln!("{files} files, {lines} lines, {seconds:.2} s, {rate:.2} million lines/s, {mib:.0} MiB/s");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// An expectation: line, column (0: any), pattern.
type Expected = (u32, u32, String);

/// `// ERROR rx` expects an error on its line, `/* ERROR rx */` one at the next token.
fn expectations(source: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    for (i, line) in source.lines().enumerate() {
        let number = i as u32 + 1;
        let mut rest = line;
        while let Some(at) = rest.find("/* ERROR ") {
            let Some(length) = rest[at..].find("*/") else {
                break;
            };
            let pattern = rest[at + 9..at + length].trim();
            rest = &rest[at + length + 2..];
            // The next token: past blanks and other comments; possibly the end of the line.
            let mut next = rest.trim_start();
            while next.starts_with("/*") && !next.starts_with("/* ERROR ") {
                next = next.find("*/").map_or("", |i| next[i + 2..].trim_start());
            }
            if next.starts_with("/* ERROR ") {
                continue; // only the last one before a token counts
            }
            let col = (line.len() - next.len()) as u32 + 1;
            expected.push((number, col, pattern.to_string()));
        }
        if let Some(at) = rest.find("// ERROR ")
            && rest.find("//") == Some(at)
        {
            expected.push((number, 0, rest[at + 9..].trim().to_string()));
        }
    }
    expected
}

/// Does `pattern` occur in `text`? Knows what the test data use of regular expressions:
/// `|` at the top, `.*`, `.`, escapes and one-character classes.
fn matches(pattern: &str, text: &str) -> bool {
    fn here(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => true,
            ['.', '*', rest @ ..] => (0..=text.len()).any(|i| here(rest, &text[i..])),
            ['[', c, ']', rest @ ..] | ['\\', c, rest @ ..] => text.first() == Some(c) && here(rest, &text[1..]),
            ['$'] => text.is_empty(),
            [c, '*', rest @ ..] => here(rest, text) || (text.first() == Some(c) && here(pattern, &text[1..])),
            ['.', rest @ ..] => !text.is_empty() && here(rest, &text[1..]),
            [c, rest @ ..] => text.first() == Some(c) && here(rest, &text[1..]),
        }
    }
    let text: Vec<char> = text.chars().collect();
    pattern.split('|').any(|pattern| {
        let pattern: Vec<char> = pattern.chars().collect();
        (0..=text.len()).any(|i| here(&pattern, &text[i..]))
    })
}

fn compare(expected: &[Expected], errors: &[(Position, Diagnostic)]) -> (usize, Vec<String>) {
    let mut open: Vec<&Expected> = expected.iter().collect();
    let mut problems = Vec::new();
    let mut matched = 0;
    for (position, error) in errors {
        let fits = |e: &&Expected| e.0 == position.line && (e.1 == 0 || e.1 == position.col);
        match open.iter().position(fits) {
            Some(i) if matches(&open[i].2, &error.msg) => {
                open.remove(i);
                matched += 1;
            }
            Some(i) => {
                let pattern = &open.remove(i).2;
                problems.push(format!("{position}: {:?} does not match {pattern:?}", error.msg));
            }
            None => problems.push(format!("{position}: unexpected: {}", error.msg)),
        }
    }
    problems.extend(open.iter().map(|e| format!("{}:{}: missing: {}", e.0, e.1, e.2)));
    (matched, problems)
}

#[test]
fn gc_syntax_errors() {
    let root = goroot();
    let mut files = Vec::new();
    go_files(&root.join("src/cmd/compile/internal/syntax/testdata"), &mut files);
    let (mut total, mut matched) = (0, 0);
    let mut problems = Vec::new();
    for path in files {
        let source = std::fs::read(&path).unwrap();
        let map = SourceMap::new();
        let name = path.file_name().unwrap().to_string_lossy();
        let (_, errors) = parse_file(&map, &name, &source, Mode { std: true, ..Mode::default() });
        let errors: Vec<_> = errors.into_iter().map(|e| (map.physical_position(e.pos), e)).collect();
        let expected = expectations(&String::from_utf8_lossy(&source));
        let (found, wrong) = compare(&expected, &errors);
        total += expected.len();
        matched += found;
        problems.extend(wrong.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    eprintln!("{matched} of {total} expected errors");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
