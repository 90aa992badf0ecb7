//! Programs of tests/panics: each holds many ways to end badly, the argument chooses one. `x.err` beside `x.go` holds what each must
//! print to standard error and its exit code, as gc's executable does (`golift-tests bless` writes it).
//!
//! What depends on the machine, on addresses and on inlining is taken out before comparing: see [`normalize`]. A program with a line
//! [`KEEPS_ARGUMENTS`] has the arguments of its frames compared, too.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::{Streams, run};

/// Stands for the rest of a text of which only the message counts.
const CUT: &str = "…\n";

/// In a program that takes care that all arguments are alive.
const KEEPS_ARGUMENTS: &str = "// arguments are compared\n";

/// The names of the cases: the keys of the map in the source.
pub fn cases(source: &str) -> Vec<&str> {
    source.lines().filter_map(|line| line.strip_prefix("\t\"")?.split_once("\":").map(|(name, _)| name)).collect()
}

/// Runs every case with `GOMAXPROCS` of `procs`: blocks of a title and the normalised text.
pub fn run_cases(program: &Path, source: &str, procs: u32) -> io::Result<Vec<(String, String)>> {
    let mut blocks = Vec::new();
    let keep = source.contains(KEEPS_ARGUMENTS);
    for name in cases(source) {
        let mut command = Command::new(program);
        command.arg(name).env("GOMAXPROCS", procs.to_string());
        let outcome = run(&mut command, Streams::Both, Duration::from_secs(30))?;
        blocks.push((format!("== {name}: {}", outcome.ending()), normalize(&outcome.text(), keep)));
    }
    Ok(blocks)
}

/// Blocks as they stand in the file.
pub fn join(blocks: &[(String, String)]) -> String {
    blocks.iter().fold(String::new(), |mut all, (title, text)| {
        let _ = writeln!(all, "{title}\n{text}");
        all
    })
}

/// Compares with the expected file; a line for each difference.
pub fn compare(expected: &str, blocks: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut rest = expected;
    for (title, text) in blocks {
        let block = rest.find("\n\n== ").map_or(rest, |end| &rest[..end + 2]);
        rest = &rest[block.len()..];
        let (want_title, want) = block.split_once('\n').unwrap_or((block, ""));
        let want = want.strip_suffix('\n').unwrap_or(want);
        let got = match want.strip_suffix(CUT) {
            Some(_) if !text.ends_with(CUT) => cut(text),
            Some(_) => text.clone(),
            None => text.clone(),
        };
        if title != want_title || !is_same(want, &got) {
            problems.push(format!("{want_title}\n{want}\ngot {title}\n{got}"));
        }
    }
    if blocks.is_empty() || !rest.is_empty() {
        problems.push(format!("cases expected that the program does not have: {rest}"));
    }
    problems
}

/// Is a text as expected? An argument that is expected to be [`STALE`] may be anything.
fn is_same(want: &str, got: &str) -> bool {
    let same_line = |want: &str, got: &str| {
        let words =
            |line: &str| line.split_inclusive(['(', ')', '{', '}', ',', ' ']).map(str::to_owned).collect::<Vec<_>>();
        let (want, got) = (words(want), words(got));
        let same = |(want, got): (&String, &String)| {
            want == got || want.strip_prefix(STALE).is_some_and(|end| end.len() == 1 && got.ends_with(end))
        };
        want.len() == got.len() && want.iter().zip(&got).all(same)
    };
    want.lines().count() == got.lines().count() && want.lines().zip(got.lines()).all(|(w, g)| w == g || same_line(w, g))
}

/// Stands for an argument of which gc says that it need not be right.
const STALE: &str = "_";

fn cut(text: &str) -> String {
    let message = text.split("\n\n").next().unwrap_or_default();
    // The signal that led here is shown or not, with the registers.
    let lines = message.lines().filter(|line| !line.starts_with("[signal "));
    lines.fold(String::new(), |all, line| all + &without_addresses(line) + "\n") + CUT
}

/// Removes what may differ: numbers of goroutines but the first, addresses, offsets in functions, folders, lines of
/// package runtime, the arguments of frames (unless `keep`), and the comparing and hashing functions of types, whose names are the compiler's own. Where gc shows its runtime's own frames, only the message is kept.
pub fn normalize(text: &str, keep: bool) -> String {
    if text.contains(" gp=0x") {
        return cut(text);
    }
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("type:.") {
            lines.next();
        } else if let Some(place) = line.strip_prefix('\t').filter(|l| l.contains(".go:") || l.starts_with('<')) {
            let place = place.split(" +0x").next().unwrap_or(place);
            let file = place.rsplit('/').next().unwrap_or(place);
            let shown = if place.contains("/src/runtime/") { "runtime" } else { file };
            let _ = writeln!(out, "\t{shown}");
        } else if line.starts_with("goroutine ") || line.starts_with("created by ") {
            let words = line.split(' ').map(|word| match word.parse::<u32>() {
                Ok(n) if n != 1 => "N",
                _ => word,
            });
            let _ = writeln!(out, "{}", words.collect::<Vec<_>>().join(" "));
        } else if let Some(at) = frame_arguments(line)
            && !(keep && line.starts_with("main."))
        {
            let _ = writeln!(out, "{}(...)", &line[..at]);
        } else {
            let _ = writeln!(out, "{}", without_addresses(line));
        }
    }
    out
}

/// Where the arguments of a line like `main.(*T).f(0x1, ...)` begin.
fn frame_arguments(line: &str) -> Option<usize> {
    if !line.ends_with(')') || line.starts_with('\t') {
        return None;
    }
    let mut depth = 0;
    for (at, c) in line.bytes().enumerate().rev() {
        match c {
            b')' => depth += 1,
            b'(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            // A frame's name has no spaces, unlike messages.
            return (at > 0 && !line[..at].contains(' ')).then_some(at);
        }
    }
    None
}

fn without_addresses(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("0x") {
        let digits = rest[at + 2..].find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len() - at - 2);
        out.push_str(&rest[..at]);
        if digits > 0 && rest[at + 2 + digits..].starts_with('?') {
            out.push_str(STALE);
            rest = &rest[at + 2 + digits + 1..];
            continue;
        }
        // Small ones are codes and faults near nil; those of all digits are negative numbers, or floating-point ones.
        out.push_str(if digits > 4 && digits < 16 { "0x?" } else { &rest[at..at + 2 + digits] });
        rest = &rest[at + 2 + digits..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_out_what_differs() {
        let text = "panic: x at 0xc000012340\n\ngoroutine 18 [running]:\nmain.(*T).f(0x1, {0x2, 0x3})\n\t/a/b/c.go:3 +0x1f\n\
                    panic({0x1?, 0x2?})\n\t/r/src/runtime/panic.go:859 +0x125\ncreated by main.g in goroutine 1\n\t/a/c.go:8 +0x1a\n";
        let want = "panic: x at 0x?\n\ngoroutine N [running]:\nmain.(*T).f(...)\n\tc.go:3\n\
                    panic(...)\n\truntime\ncreated by main.g in goroutine 1\n\tc.go:8\n";
        assert_eq!(normalize(text, false), want);
        let want = want.replace("f(...)\n\tc", "f(0x1, {0x2, 0x3})\n\tc");
        assert_eq!(normalize(text, true), want);
        assert_eq!(normalize("fatal error: a\n\ngoroutine 1 gp=0x1 m=0 [running]:\nx\n", true), "fatal error: a\n…\n");
    }

    #[test]
    fn stale_arguments_may_be_anything() {
        let want = normalize("main.f(0x1, {0xc000012340?, 0x3?})\n", true);
        assert_eq!(want, "main.f(0x1, {_, _})\n");
        assert!(is_same(&want, "main.f(0x1, {_, 0x3})\n"));
        assert!(is_same(&want, &want));
        for other in ["main.f(_, {_, 0x3})\n", "main.f(0x1, {_, 0x3, 0x4})\n", "main.g(0x1, {_, _})\n", ""] {
            assert!(!is_same(&want, other));
        }
    }

    #[test]
    fn blocks_survive_the_file() {
        let blocks =
            vec![("== a: exit 2".to_owned(), "x\n\ny\n".to_owned()), ("== b: exit 0".to_owned(), String::new())];
        assert!(compare(&join(&blocks), &blocks).is_empty());
        let other = vec![blocks[0].clone(), ("== b: exit 1".to_owned(), String::new())];
        assert_eq!(compare(&join(&blocks), &other).len(), 1);
    }
}
