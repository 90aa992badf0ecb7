//! Smaller programs on which the compilers still disagree.
//!
//! Ranges of lines in which braces are balanced are taken out, large ones first, as long as gc compiles what is left
//! and the disagreement stays. Rounds are repeated until none helps.

use std::fs;
use std::path::Path;

use super::batch::{Toolchains, Verdict};

/// Writes the smaller program beside the file, as `name.min.go`. False if the compilers agree on it.
pub fn reduce(tools: &Toolchains, file: &Path) -> bool {
    let Ok(text) = fs::read_to_string(file) else {
        eprintln!("cannot read {}", file.display());
        return false;
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if !differs(tools, &lines) {
        eprintln!("golift and gc agree on {}", file.display());
        return false;
    }
    let mut size = lines.len() / 2;
    loop {
        let before = lines.len();
        let mut at = 0;
        while at < lines.len() {
            let candidates: Vec<usize> = balanced_ends(&lines, at).filter(|end| end - at <= size).collect();
            // The longest range first, then half of it, and so on.
            let mut taken = false;
            let mut n = candidates.len();
            while n > 0 && !taken {
                let end = candidates[n - 1];
                let mut rest = lines[..at].to_vec();
                rest.extend_from_slice(&lines[end..]);
                if differs(tools, &rest) {
                    lines = rest;
                    taken = true;
                }
                n /= 2;
            }
            if !taken {
                at += 1;
            }
        }
        let out = file.with_extension("min.go");
        if let Err(e) = fs::write(&out, lines.join("\n") + "\n") {
            eprintln!("{}: {e}", out.display());
            return false;
        }
        println!("{}: {} lines", out.display(), lines.len());
        if lines.len() == before {
            if size <= 1 {
                return true;
            }
            size /= 4;
        }
    }
}

/// Ends of the ranges from a line on that leave braces and parentheses balanced.
fn balanced_ends(lines: &[String], start: usize) -> impl Iterator<Item = usize> + '_ {
    let mut depth = 0;
    let mut open = true;
    lines[start..].iter().enumerate().filter_map(move |(i, line)| {
        for c in line.chars() {
            match c {
                '{' | '(' => depth += 1,
                '}' | ')' => depth -= 1,
                _ => {}
            }
            open &= depth >= 0;
        }
        (open && depth == 0).then_some(start + i + 1)
    })
}

fn differs(tools: &Toolchains, lines: &[String]) -> bool {
    let judged = tempfile::tempdir().and_then(|work| tools.judge_text(work.path(), &(lines.join("\n") + "\n")));
    matches!(judged, Ok(Verdict::Differ(_)))
}
