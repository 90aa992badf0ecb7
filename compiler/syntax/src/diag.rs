//! Messages for the user.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use crate::span::{Pos, SourceMap};

/// Sorts errors by position and leaves out what gc leaves out: all but the first reported
/// syntax error of a line, and repetitions of a message on a line.
pub fn sort_and_filter(map: &SourceMap, errors: &mut Vec<Diagnostic>) {
    let line = |error: &Diagnostic| {
        let position = map.physical_position(error.pos);
        (position.filename, position.line)
    };
    let mut syntax_lines = FxHashSet::default();
    errors.retain(|e| !e.msg.starts_with("syntax error") || syntax_lines.insert(line(e)));
    errors.sort_by_key(|error| error.pos);
    errors.dedup_by(|b, a| a.msg == b.msg && line(a) == line(b));
}

/// An error in the user's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub pos: Pos,
    /// The name of the kind of error, as in types2's list of codes; `Syntax` for the parser's.
    pub code: &'static str,
    pub msg: String,
    /// A soft error does not make the checked package unusable (unused variables, imports …).
    pub soft: bool,
    /// Further positions, each with a message.
    pub related: Vec<(Pos, String)>,
}

impl Diagnostic {
    pub fn new(pos: Pos, code: &'static str, msg: impl Into<String>) -> Diagnostic {
        Diagnostic { pos, code, msg: msg.into(), soft: false, related: Vec::new() }
    }

    /// An error of the lexer or parser.
    pub fn syntax(pos: Pos, msg: impl Into<String>) -> Diagnostic {
        Diagnostic::new(pos, "Syntax", msg)
    }

    #[must_use]
    pub fn soft(mut self) -> Diagnostic {
        self.soft = true;
        self
    }

    #[must_use]
    pub fn with_related(mut self, pos: Pos, msg: impl Into<String>) -> Diagnostic {
        self.related.push((pos, msg.into()));
        self
    }

    /// The message as gc prints it: `file:line:col: message`, related ones on indented lines.
    pub fn render(&self, map: &SourceMap) -> String {
        let mut out = format!("{}: {}", map.position(self.pos), self.msg);
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
