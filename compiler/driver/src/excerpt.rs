//! The line of source that an error is about, with the place underlined, for people at a terminal.

use golift_syntax::Position;

/// Escape sequences, or nothing where they are not wanted.
#[derive(Clone, Copy)]
pub struct Palette {
    /// Before the message.
    pub message: &'static str,
    /// Before numbers of lines.
    pub margin: &'static str,
    /// Before what is underlined.
    pub mark: &'static str,
    /// After each of them.
    pub reset: &'static str,
}

impl Palette {
    /// No colours.
    pub const PLAIN: Palette = Palette { message: "", margin: "", mark: "", reset: "" };
    /// For terminals.
    pub const COLOURED: Palette =
        Palette { message: "\x1b[1m", margin: "\x1b[34m", mark: "\x1b[1;31m", reset: "\x1b[0m" };

    /// By the conventions of <https://no-color.org> and of terminals that can do nothing.
    pub fn for_environment(no_color: Option<&str>, term: Option<&str>) -> Palette {
        match no_color.is_some_and(|value| !value.is_empty()) || term == Some("dumb") {
            true => Palette::PLAIN,
            false => Palette::COLOURED,
        }
    }
}

/// Longer lines are cut around the place.
const MAX_WIDTH: usize = 120;
const TAB: usize = 4;

/// The excerpt for a place in `source`, two lines; `None` if there is no such place.
pub fn excerpt(source: &[u8], place: &Position, palette: Palette) -> Option<String> {
    let line = source.split(|&c| c == b'\n').nth((place.line as usize).checked_sub(1)?)?;
    let at = (place.col as usize).checked_sub(1).filter(|&at| at <= line.len())?;
    let (before, rest) = (String::from_utf8_lossy(&line[..at]), String::from_utf8_lossy(&line[at..]));
    let rest = rest.trim_end();
    let underlined = token_width(rest);

    let mut shown: Vec<char> = Vec::new();
    let expand = |text: &str, shown: &mut Vec<char>| {
        for c in text.chars() {
            match c {
                '\t' => shown.resize(shown.len() / TAB * TAB + TAB, ' '),
                c if c.is_control() => shown.push('\u{fffd}'),
                c => shown.push(c),
            }
        }
    };
    expand(&before, &mut shown);
    let start = shown.len();
    expand(rest, &mut shown);
    // Cut out what surrounds the place.
    let from = if shown.len() > MAX_WIDTH { start.saturating_sub(MAX_WIDTH / 2) } else { 0 };
    let to = shown.len().min(from + MAX_WIDTH);
    let mut text: String = shown[from..to].iter().collect();
    if from > 0 {
        text = format!("…{}", text.chars().skip(1).collect::<String>());
    }
    if to < shown.len() {
        text.push('…');
    }
    let width = underlined.clamp(1, (to - start.min(to)).max(1));
    let number = place.line.to_string();
    let Palette { margin, mark, reset, .. } = palette;
    let (blank, carets) = (" ".repeat(number.len()), "^".repeat(width));
    Some(format!(
        "{margin}{number} |{reset} {text}\n{margin}{blank} |{reset} {:indent$}{mark}{carets}{reset}",
        "",
        indent = start - from
    ))
}

/// How many characters the token at the start of a text has.
fn token_width(text: &str) -> usize {
    let mut chars = text.chars();
    match chars.next() {
        None => 1,
        Some(quote @ ('"' | '`' | '\'')) => {
            let mut escaped = false;
            let rest = chars.take_while(|&c| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped && quote != '`';
                !ends
            });
            // With both quotes, of which the second may be missing.
            (rest.count() + 2).min(text.chars().count())
        }
        Some(c) if c.is_alphanumeric() || c == '_' => {
            text.chars().take_while(|&c| c.is_alphanumeric() || c == '_').count()
        }
        Some(_) => {
            const OPERATORS: [&str; 25] = [
                "<<=", ">>=", "&^=", "...", "&&", "||", "<-", "++", "--", "==", "!=", "<=", ">=", ":=", "+=", "-=",
                "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "&^",
            ];
            OPERATORS.iter().find(|op| text.starts_with(**op)).map_or(1, |op| op.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(source: &str, line: u32, col: u32) -> String {
        let place = Position { filename: "x.go".into(), line, col };
        excerpt(source.as_bytes(), &place, Palette::PLAIN).unwrap_or_default()
    }

    #[test]
    fn places() {
        assert_eq!(plain("package p\n\tx := yes + 1\n", 2, 7), "2 |     x := yes + 1\n  |          ^^^");
        assert_eq!(plain("\"a\\\"b\" + 1", 1, 1), "1 | \"a\\\"b\" + 1\n  | ^^^^^^");
        assert_eq!(plain("é <<= 1", 1, 4), "1 | é <<= 1\n  |   ^^^");
        assert_eq!(plain("x", 1, 2), "1 | x\n  |  ^");
        assert_eq!(plain("x", 1, 9), "");
        assert_eq!(plain("x", 3, 1), "");
    }

    #[test]
    fn long_lines() {
        let line = format!("{}here{}", "a ".repeat(500), " b".repeat(500));
        let shown = plain(&line, 1, 1001);
        let (first, second) = shown.split_once('\n').unwrap();
        assert!(first.chars().count() < 130 && first.starts_with("1 | …") && first.ends_with('…'));
        let at = second.find("^^^^").unwrap();
        assert_eq!(first.chars().skip(at).take(4).collect::<String>(), "here");
    }

    #[test]
    fn colours() {
        let place = Position { filename: "x.go".into(), line: 1, col: 1 };
        let shown = excerpt(b"x", &place, Palette::COLOURED).unwrap();
        assert_eq!(shown, "\x1b[34m1 |\x1b[0m x\n\x1b[34m  |\x1b[0m \x1b[1;31m^\x1b[0m");
        let mark = |no_color, term| Palette::for_environment(no_color, term).mark;
        assert_eq!(mark(Some("1"), None), "");
        assert_eq!(mark(None, Some("dumb")), "");
        assert_eq!(mark(Some(""), Some("xterm")), Palette::COLOURED.mark);
    }
}
