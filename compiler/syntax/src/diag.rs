//! Messages for the user, and which of them are shown.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use crate::span::{COLUMN_LIMIT, Pos, SourceMap};

/// How bad something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Severity {
    /// The program is wrong.
    #[default]
    Error,
    /// The program may be wrong; it is compiled.
    Warning,
    /// What the compiler did or did not do; see the optimiser's remarks.
    Remark,
}

/// Something to say about the user's program, mostly an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where it is shown; unknown for what concerns no place.
    pub pos: Pos,
    /// The name of the kind of error, as in types2's list of codes; `Syntax` for the parser's.
    pub code: &'static str,
    /// gc's text.
    pub msg: String,
    /// A soft error does not make the checked package unusable (unused variables, imports …).
    pub soft: bool,
    /// How bad it is: only errors keep a program from being compiled.
    pub severity: Severity,
    /// Further positions, each with a message.
    pub related: Vec<(Pos, String)>,
}

impl Diagnostic {
    /// An error that makes the package unusable.
    pub fn new(pos: Pos, code: &'static str, msg: impl Into<String>) -> Diagnostic {
        Diagnostic { pos, code, msg: msg.into(), soft: false, severity: Severity::Error, related: Vec::new() }
    }

    /// An error of the lexer or parser.
    pub fn syntax(pos: Pos, msg: impl Into<String>) -> Diagnostic {
        Diagnostic::new(pos, "Syntax", msg)
    }

    /// The same as a soft error.
    #[must_use]
    pub fn soft(mut self) -> Diagnostic {
        self.soft = true;
        self
    }

    /// The same, as bad as that.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// Does it keep the program from being compiled?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same with one more position.
    #[must_use]
    pub fn with_related(mut self, pos: Pos, msg: impl Into<String>) -> Diagnostic {
        self.related.push((pos, msg.into()));
        self
    }

    /// One that says `syntax error`: nothing is checked in a package that has one.
    pub fn is_syntax_error(&self) -> bool {
        self.msg.starts_with("syntax error")
    }

    /// The message as gc prints it: `file:line:col: message`, related ones on indented lines. What is no error says so.
    pub fn render(&self, map: &SourceMap) -> String {
        let mut out = if self.pos.is_known() { format!("{}: ", map.position(self.pos)) } else { String::new() };
        out += match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
            Severity::Remark => "remark: ",
        };
        out += &self.msg;
        for (pos, msg) in &self.related {
            if pos.is_known() {
                let _ = write!(out, "\n\t{}: {}", map.position(*pos), msg);
            } else {
                let _ = write!(out, "\n\t{msg}");
            }
        }
        out
    }
}

/// The errors to print, and where patience ended if it did.
pub struct Shown<'a> {
    /// What is printed, in that order.
    pub errors: Vec<&'a Diagnostic>,
    /// The error after which gc says `too many errors`.
    pub too_many: Option<Pos>,
}

/// Chooses from a package's errors, given in the order in which they were found, the ones that gc prints,
/// in the order in which it prints them.
///
/// gc counts errors as it finds them and gives up at `limit`; only then are they sorted. Files come in the order in
/// which the first error of each was found. Only errors count for `limit`. Of several syntax errors on a line the first counts; other
/// errors that repeat the one before on the same line don't.
pub fn choose<'a>(map: &SourceMap, found: &'a [Diagnostic], limit: usize) -> Shown<'a> {
    let mut counted: Vec<(SortKey, &Diagnostic)> = Vec::new();
    let mut bases = FxHashMap::default();
    let mut last_syntax = None;
    let mut last_other = None;
    let mut too_many = None;
    let mut errors = 0;
    for error in found {
        let physical = map.physical_position(error.pos);
        let base = map.position_base(error.pos);
        let line = (base, physical.line);
        if error.is_syntax_error() {
            if last_syntax == Some(line) {
                continue;
            }
            last_syntax = Some(line);
        } else {
            let this = (line, &error.msg, &error.related);
            if last_other == Some(this) {
                continue;
            }
            last_other = Some(this);
        }
        let next = bases.len();
        let rank = *bases.entry(base).or_insert(next);
        // Columns that are not shown are not told apart either.
        let col = physical.col.min(COLUMN_LIMIT);
        counted.push((SortKey { rank, line: physical.line, col }, error));
        errors += error.is_error() as usize;
        if errors >= limit {
            too_many = Some(error.pos);
            break;
        }
    }
    counted.sort_by_key(|(key, _)| *key);
    counted.dedup_by(|(b_key, b), (a_key, a)| b_key == a_key && b.msg == a.msg && b.related == a.related);
    Shown { errors: counted.into_iter().map(|(_, error)| error).collect(), too_many }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SortKey {
    /// Of the file or `//line` section.
    rank: usize,
    line: u32,
    col: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::LineTable;

    fn pick(found: &[(u32, &str)], limit: usize) -> (Vec<String>, Option<u32>) {
        let map = SourceMap::new();
        let files = [10, 10].map(|size| {
            let file = map.file(map.add_file("f", size));
            file.set_lines(LineTable { starts: vec![5], directives: vec![] });
            file
        });
        let pos = |at: u32| files[(at / 10) as usize].pos(at % 10);
        let errors: Vec<_> = found.iter().map(|&(at, msg)| Diagnostic::new(pos(at), "X", msg)).collect();
        let shown = choose(&map, &errors, limit);
        let texts = shown.errors.iter().map(|e| e.msg.clone()).collect();
        (texts, shown.too_many.map(|p| p.raw() - 1))
    }

    #[test]
    fn sorted_after_counting() {
        assert_eq!(pick(&[(7, "c"), (1, "a"), (2, "b")], 9), (vec!["a".into(), "b".into(), "c".into()], None));
        assert_eq!(pick(&[(7, "c"), (1, "a"), (2, "b")], 2), (vec!["a".into(), "c".into()], Some(1)));
        // The file with the first error comes first.
        assert_eq!(pick(&[(12, "b"), (1, "a")], 9), (vec!["b".into(), "a".into()], None));
    }

    #[test]
    fn only_errors_count() {
        let map = SourceMap::new();
        let file = map.file(map.add_file("f", 10));
        file.set_lines(LineTable { starts: vec![5], directives: vec![] });
        let say = |at, severity| Diagnostic::new(file.pos(at), "X", format!("{at}")).with_severity(severity);
        let found = [say(1, Severity::Remark), say(2, Severity::Warning), say(3, Severity::Error)];
        assert_eq!(found.each_ref().map(Diagnostic::is_error), [false, false, true]);
        let shown = choose(&map, &found, 1);
        assert_eq!((shown.errors.len(), shown.too_many), (3, Some(file.pos(3))));
        let texts = found.each_ref().map(|d| d.render(&map));
        assert_eq!(texts, ["f:1:2: remark: 1", "f:1:3: warning: 2", "f:1:4: 3"]);
    }

    #[test]
    fn repetitions() {
        let found = [(1, "syntax error: x"), (2, "syntax error: y"), (3, "a"), (4, "a"), (7, "a")];
        assert_eq!(pick(&found, 9).0, ["syntax error: x", "a", "a"]);
    }
}
