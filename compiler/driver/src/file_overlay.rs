//! `-overlay file`: a JSON object `{"Replace": {"path": "other path"}}`; an empty path hides a file.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use golift_load::describe;

/// Reads the file. The error is what `go` prints.
pub fn read(file: &str, cwd: &Path) -> Result<BTreeMap<PathBuf, Option<PathBuf>>, String> {
    let text = std::fs::read_to_string(cwd.join(file))
        .map_err(|e| format!("go: reading overlay: open {file}: {}", describe(&e)))?;
    let pairs = parse(&text).map_err(|e| format!("go: reading overlay: parsing overlay JSON: {e}"))?;
    let absolute = |path: &str| golift_load::clean(&cwd.join(path));
    Ok(pairs
        .iter()
        .map(|(from, to)| (absolute(from), Some(to).filter(|to| !to.is_empty()).map(|to| absolute(to))))
        .collect())
}

struct Json<'a>(Peekable<Chars<'a>>);

fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut json = Json(text.chars().peekable());
    let mut pairs = Vec::new();
    json.object(&mut |json, name| match name {
        "Replace" => json.object(&mut |json, from| {
            pairs.push((from.to_owned(), json.string()?));
            Ok(())
        }),
        _ => json.skip(0),
    })?;
    Ok(pairs)
}

impl Json<'_> {
    fn next(&mut self) -> Result<char, String> {
        while self.0.next_if(|c| c.is_whitespace()).is_some() {}
        self.0.next().ok_or_else(|| "unexpected end of JSON input".into())
    }

    fn peek(&mut self) -> Option<char> {
        while self.0.next_if(|c| c.is_whitespace()).is_some() {}
        self.0.peek().copied()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        match self.next()? {
            c if c == wanted => Ok(()),
            c => Err(format!("invalid character {c:?}, expected {wanted:?}")),
        }
    }

    fn object(&mut self, field: &mut dyn FnMut(&mut Self, &str) -> Result<(), String>) -> Result<(), String> {
        self.expect('{')?;
        if self.peek() == Some('}') {
            return self.expect('}');
        }
        loop {
            let name = self.string()?;
            self.expect(':')?;
            field(self, &name)?;
            match self.next()? {
                ',' => {}
                '}' => return Ok(()),
                c => return Err(format!("invalid character {c:?} after object key:value pair")),
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            let mut next = || self.0.next().ok_or_else(|| String::from("unexpected end of JSON input"));
            match next()? {
                '"' => return Ok(text),
                '\\' => text.push(match next()? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let digits: String = (0..4).map(|_| next()).collect::<Result<_, _>>()?;
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        code.unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    c => c,
                }),
                c => text.push(c),
            }
        }
    }

    /// A value that does not matter.
    fn skip(&mut self, depth: u32) -> Result<(), String> {
        match self.peek() {
            _ if depth > 1000 => Err("exceeded max depth".into()),
            Some('"') => self.string().map(drop),
            Some('{') => self.object(&mut |json, _| json.skip(depth + 1)),
            Some('[') => {
                self.expect('[')?;
                while self.peek() != Some(']') {
                    self.skip(depth + 1)?;
                    if self.peek() == Some(',') {
                        self.expect(',')?;
                    }
                }
                self.expect(']')
            }
            Some(c) if c.is_ascii_alphanumeric() || c == '-' => {
                while self.0.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)).is_some() {}
                Ok(())
            }
            Some(c) => Err(format!("invalid character {c:?} looking for beginning of value")),
            None => Err("unexpected end of JSON input".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json() {
        let text = "{\"Other\": [1, {\"a\": null}], \"Replace\": {\"a\\u0062\": \"c\", \"d\": \"\"}}";
        assert_eq!(parse(text).unwrap(), [("ab".into(), "c".into()), ("d".into(), String::new())]);
        for bad in ["", "{", "[]", "{\"Replace\": 1}", "{\"Replace\": {\"a\": 1}}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
