//! What a run of `test -v=test2json` says about a package: one verdict a test, and what the failed ones printed.
//!
//! In that mode package testing puts a control character before each of its own lines, so that they are found behind
//! whatever the tests print, and names a subtest in full.

use std::collections::BTreeMap;

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Passed,
    Failed,
    Skipped,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "PASS",
            Verdict::Failed => "FAIL",
            Verdict::Skipped => "SKIP",
        }
    }

    fn of(word: &str) -> Option<Verdict> {
        [Verdict::Passed, Verdict::Failed, Verdict::Skipped].into_iter().find(|v| v.word() == word)
    }
}

/// The tests of a package.
#[derive(Default, PartialEq, Debug)]
pub struct Verdicts {
    /// The command ended with 0.
    pub passed: bool,
    /// The process ended within a test, so that later ones did not run.
    pub ended_early: bool,
    /// By full name.
    pub tests: BTreeMap<String, Verdict>,
    /// Beginning of what each failed test printed; under the empty name, what belongs to none.
    pub printed: BTreeMap<String, String>,
}

/// Bytes of a test's output that are kept.
const KEPT: usize = 400;

impl Verdicts {
    /// Reads the output of a run.
    pub fn read(output: &str, passed: bool) -> Verdicts {
        let mut verdicts = Verdicts { passed, ..Verdicts::default() };
        let mut printed: BTreeMap<String, String> = BTreeMap::new();
        let mut finished = false;
        let mut current = String::new();
        let mut pieces = output.split('\x16');
        verdicts.print(&mut printed, "", pieces.next().unwrap_or_default());
        for piece in pieces {
            let (line, rest) = piece.split_once('\n').unwrap_or((piece, ""));
            let line = line.trim_start();
            if let Some(named) = line.strip_prefix("--- ") {
                if let Some((verdict, name)) = named.split_once(": ").and_then(|(word, rest)| {
                    Some((Verdict::of(word)?, rest.rsplit_once(" (").map_or(rest, |(name, _)| name)))
                }) {
                    let name = without_addresses(name);
                    verdicts.tests.insert(name.clone(), verdict);
                    current = name;
                }
            } else if let Some(event) = line.strip_prefix("=== ") {
                current = event.split_once(' ').map_or_else(String::new, |(_, name)| without_addresses(name.trim()));
                if event.starts_with("RUN") {
                    // A test that never ends has failed.
                    verdicts.tests.entry(current.clone()).or_insert(Verdict::Failed);
                }
            } else {
                current.clear();
                finished |= matches!(line, "PASS" | "FAIL");
                verdicts.print(&mut printed, "", line);
            }
            verdicts.print(&mut printed, &current, rest);
        }
        let failed = |name: &String| name.is_empty() || verdicts.tests.get(name) == Some(&Verdict::Failed);
        printed.retain(|name, _| failed(name));
        verdicts.printed = printed;
        verdicts.ended_early = !finished;
        verdicts
    }

    fn print(&self, printed: &mut BTreeMap<String, String>, name: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let kept = printed.entry(name.to_owned()).or_default();
        if kept.len() < KEPT {
            if !kept.is_empty() {
                kept.push('\n');
            }
            kept.extend(text.chars().take(KEPT - kept.len().min(KEPT)));
        }
    }

    /// As the file of references keeps it.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", if self.passed { "ok" } else { "bad" });
        for (name, verdict) in &self.tests {
            text.push_str(&format!("{} {name}\n", verdict.word()));
        }
        text
    }

    /// What [`Verdicts::to_text`] wrote; none if it is something else.
    pub fn from_text(text: &str) -> Option<Verdicts> {
        let mut lines = text.lines();
        let passed = match lines.next()? {
            "ok" => true,
            "bad" => false,
            _ => return None,
        };
        let test = |line: &str| {
            let (word, name) = line.split_once(' ')?;
            Some((name.to_owned(), Verdict::of(word)?))
        };
        Some(Verdicts { passed, tests: lines.map(test).collect::<Option<_>>()?, ..Verdicts::default() })
    }

    /// How many tests passed in `reference` and not here.
    pub fn failures(&self, reference: &Verdicts) -> usize {
        let passed = |(_, verdict): &(&String, &Verdict)| **verdict == Verdict::Passed;
        let here = |name| self.tests.get(name) == Some(&Verdict::Passed);
        reference.tests.iter().filter(passed).filter(|(name, _)| !here(*name)).count()
    }

    /// The tests that passed in `reference` and not here, each with the reason. Parents of failed subtests are left out, and so are subtests of
    /// what did not run.
    pub fn worse_than(&self, reference: &Verdicts) -> Vec<(String, String)> {
        let mut worse: Vec<(String, String)> = Vec::new();
        // Subtests come after their parents, so from the end.
        for (name, _) in reference.tests.iter().rev().filter(|(_, verdict)| **verdict == Verdict::Passed) {
            let parent = name.rsplit_once('/').map(|(parent, _)| parent);
            if parent.is_some_and(|parent| reference.tests.contains_key(parent) && !self.tests.contains_key(parent)) {
                continue;
            }
            let reason = match self.tests.get(name) {
                Some(Verdict::Passed) => continue,
                Some(Verdict::Skipped) => "skipped".to_owned(),
                // One line tells of all of them.
                None if self.ended_early => continue,
                None => "did not run".to_owned(),
                Some(Verdict::Failed) => self.printed.get(name).cloned().unwrap_or_else(|| "failed".to_owned()),
            };
            if !worse
                .iter()
                .any(|(child, _)| child.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')))
            {
                worse.push((name.clone(), reason));
            }
        }
        worse.reverse();
        let missing = reference.tests.keys().filter(|name| !self.tests.contains_key(*name)).count();
        if self.ended_early && missing > 0 {
            worse.push(("(the rest)".to_owned(), format!("{missing} tests did not run, as the process ended")));
        }
        worse
    }
}

/// Some tests are named after pointers, which differ from run to run.
fn without_addresses(name: &str) -> String {
    let mut pieces = name.split("0x");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        out.push_str("0x");
        out.push_str(if digits >= 8 { "…" } else { &piece[..digits] });
        out.push_str(&piece[digits..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "\x16=== RUN   TestA\nnoise\x16=== RUN   TestA/x_(1)\n\x16=== NAME  TestA/x_(1)\n    a_test.go:3: wrong\n\
        \x16--- FAIL: TestA/x_(1) (0.01s)\n\x16--- FAIL: TestA (0.01s)\n\x16=== NAME  \n\x16=== RUN   TestB\n\
        \x16--- SKIP: TestB (0.00s)\n\x16=== NAME  \n\x16=== RUN   TestC\npanic: gone\n";

    #[test]
    fn verdicts_and_what_was_printed() {
        let verdicts = Verdicts::read(RUN, false);
        let expected = [
            ("TestA", Verdict::Failed),
            ("TestA/x_(1)", Verdict::Failed),
            ("TestB", Verdict::Skipped),
            ("TestC", Verdict::Failed),
        ];
        assert_eq!(verdicts.tests, expected.map(|(name, verdict)| (name.to_owned(), verdict)).into());
        assert_eq!(verdicts.printed["TestA/x_(1)"], "a_test.go:3: wrong");
        assert_eq!(verdicts.printed["TestC"], "panic: gone");
        assert!(verdicts.ended_early);
        let read = Verdicts::from_text(&verdicts.to_text()).expect("its own text");
        assert_eq!(read.tests, verdicts.tests);
    }

    #[test]
    fn names_without_addresses() {
        assert_eq!(without_addresses("TestAs/10:As(x,_0x29fd69c6b3d0)"), "TestAs/10:As(x,_0x…)");
        assert_eq!(without_addresses("Test/0x1f"), "Test/0x1f");
    }

    #[test]
    fn only_the_innermost_failure_is_told() {
        let passed =
            ["TestA", "TestA/x_(1)", "TestB", "TestD", "TestD/sub"].map(|name| (name.to_owned(), Verdict::Passed));
        let reference = Verdicts { passed: true, tests: passed.into(), ..Verdicts::default() };
        let worse = Verdicts::read(RUN, false).worse_than(&reference);
        let rest = "2 tests did not run, as the process ended";
        let expected = [("TestA/x_(1)", "a_test.go:3: wrong"), ("TestB", "skipped"), ("(the rest)", rest)];
        assert_eq!(worse, expected.map(|(name, why)| (name.to_owned(), why.to_owned())));
    }
}
