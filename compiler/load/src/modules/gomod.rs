//! go.mod and go.work files.
//!
//! First the text is split into statements, where an error ends everything; then each statement is understood, and all that is wrong is
//! reported. The go.mod of a dependency is read leniently: what it says to others than those who build on it is passed over.

use golift_syntax::GoVersion;
use golift_syntax::literal::{go_quote_char, unquote_string};

use super::version::{self, ModuleVersion};

/// What a go.mod file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoMod {
    /// Empty if no line says it.
    pub module: String,
    /// The text after `go`.
    pub go: Option<String>,
    /// `require` lines.
    pub require: Vec<Require>,
    /// `replace` lines.
    pub replace: Vec<Replace>,
    /// `exclude` lines.
    pub exclude: Vec<ModuleVersion>,
    /// Folders of a go.work file, with their lines.
    pub used: Vec<(String, usize)>,
    /// Settings of programs of this module, with their lines.
    pub godebug: Vec<(String, String, usize)>,
    has_toolchain: bool,
}

/// A `require` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// What is required, at least.
    pub module: ModuleVersion,
    /// Marked as needed only by other modules.
    pub indirect: bool,
}

/// `replace OLD [VERSION] => NEW [VERSION]`. Without a version, `old` stands for all versions, and `new` for a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// What is replaced; without a version: all of them.
    pub old: ModuleVersion,
    /// What stands in for it; without a version it is a folder.
    pub new: ModuleVersion,
}

/// Whose file it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The go.mod of a main module.
    Main,
    /// That of a module that a main module needs.
    Dependency,
    /// A go.work.
    Work,
}

impl GoMod {
    /// The error has a line for each thing that is wrong: `go.mod:3: message`.
    pub fn parse(text: &str, name: &str, kind: Kind) -> Result<GoMod, String> {
        let statements = Splitter { name, lines: text.split('\n'), number: 0 }.file()?;
        let mut file = GoMod::default();
        let mut errors = Vec::new();
        let mut known_block = true;
        for Statement { verb, args, line, column, indirect, place } in statements {
            let at = if column > 1 { format!("{name}:{line}:{column}") } else { format!("{name}:{line}") };
            let lenient = kind == Kind::Dependency;
            let result = match place {
                Place::Head => {
                    known_block = is_block(&verb, kind);
                    if known_block || lenient { Ok(()) } else { Err(format!("unknown block type: {verb}")) }
                }
                Place::Inside if !known_block => Ok(()),
                _ if lenient && !matches!(verb.as_str(), "go" | "module" | "require") => Ok(()),
                _ => file.directive(&verb, &args, kind, line, indirect),
            };
            errors.extend(result.err().map(|msg| format!("{at}: {msg}")));
        }
        if errors.is_empty() { Ok(file) } else { Err(errors.join("\n")) }
    }

    fn directive(&mut self, verb: &str, args: &[Word], kind: Kind, line: usize, indirect: bool) -> Result<(), String> {
        match verb {
            "go" => {
                if self.go.is_some() {
                    return Err("repeated go statement".into());
                }
                let [version] = args else { return Err("go directive expects exactly one argument".into()) };
                let lenient = || lenient_go_version(&version.0).filter(|_| kind == Kind::Dependency);
                let fits = Some(version.0.clone()).filter(|version| is_go_version(version)).or_else(lenient);
                let wrong = || format!("invalid go version '{}': must match format 1.23.0", version.0);
                self.go = Some(fits.ok_or_else(wrong)?);
            }
            "toolchain" => {
                if std::mem::replace(&mut self.has_toolchain, true) {
                    return Err("repeated toolchain statement".into());
                }
                let [name] = args else { return Err("toolchain directive expects exactly one argument".into()) };
                let name = &name.0;
                if name != "default" && name != "go1" && !name.starts_with("go1.") {
                    return Err(format!("invalid toolchain version '{name}': must match format go1.23.0 or default"));
                }
            }
            "godebug" => {
                let setting = match args {
                    [Word(text)] if !text.contains(['"', '`', '\'', ',']) => text.split_once('='),
                    _ => None,
                };
                let (name, value) = setting.ok_or("usage: godebug key=value")?;
                self.godebug.push((name.into(), value.into(), line));
            }
            "replace" => self.replace.push(replace(args)?),
            "use" if kind == Kind::Work => {
                let [dir] = args else { return Err("usage: use local/dir".into()) };
                self.used.push((dir.string()?, line));
            }
            _ if kind == Kind::Work => return Err(format!("unknown directive: {verb}")),
            "module" => {
                if !self.module.is_empty() {
                    return Err("repeated module statement".into());
                }
                let [path] = args else { return Err("usage: module module/path".into()) };
                self.module = path.string()?;
            }
            "require" | "exclude" => {
                let [path, version] = args else { return Err(format!("usage: {verb} module/path v1.2.3")) };
                let path = path.string()?;
                let version = version.version(verb, &path)?;
                let major = version::path_major(&path).ok_or("invalid module path")?;
                version::check_path_major(&version, major).map_err(|msg| format!("{verb} {path}: {msg}"))?;
                let module = ModuleVersion { path, version };
                match verb {
                    "require" => self.require.push(Require { module, indirect }),
                    _ => self.exclude.push(module),
                }
            }
            // To whoever chooses versions.
            "retract" => {}
            "tool" | "ignore" => {
                let [path] = args else { return Err(format!("{verb} directive expects exactly one argument")) };
                path.string()?;
            }
            _ => return Err(format!("unknown directive: {verb}")),
        }
        Ok(())
    }

    /// Modules without a `go` line are as old as modules may be.
    pub fn go_version(&self) -> GoVersion {
        self.go.as_deref().and_then(GoVersion::parse).unwrap_or(GoVersion(16))
    }

    /// Does the file list all that is needed to build the module's packages, what others need included?
    pub fn is_pruned(&self) -> bool {
        self.go.is_some() && self.go_version() >= GoVersion(17)
    }
}

fn replace(args: &[Word]) -> Result<Replace, String> {
    const USAGE: &str = "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory";
    let arrow = if args.get(1).is_some_and(|word| word.0 == "=>") { 1 } else { 2 };
    if !(arrow + 2..=arrow + 3).contains(&args.len()) || args[arrow].0 != "=>" {
        return Err(USAGE.into());
    }
    let path = args[0].string()?;
    let of_path = |msg: String| format!("replace {path}: {msg}");
    let major = version::path_major(&path).ok_or_else(|| of_path("invalid module path".into()))?;
    let mut old = ModuleVersion::new(&path, "");
    if arrow == 2 {
        old.version = args[1].version("replace", &path)?;
        version::check_path_major(&old.version, major).map_err(of_path)?;
    }
    let new = args[arrow + 1].string()?;
    let is_dir = is_directory_path(&new);
    let wrong = match args.get(arrow + 2) {
        Some(version) => {
            let version = version.version("replace", &new)?;
            if !is_dir {
                return Ok(Replace { old, new: ModuleVersion { path: new, version } });
            }
            format!("replacement module directory path {new:?} cannot have version")
        }
        None if !is_dir && new.contains('@') => {
            "replacement module must match format 'path version', not 'path@version'".into()
        }
        None if !is_dir => {
            "replacement module without version must be directory path (rooted or starting with . or ..)".into()
        }
        None if new.contains('\\') => {
            "replacement directory appears to be Windows path (on a non-windows system)".into()
        }
        None => return Ok(Replace { old, new: ModuleVersion::new(&new, "") }),
    };
    Err(wrong)
}

fn is_directory_path(path: &str) -> bool {
    let drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path.as_bytes().get(1) == Some(&b':');
    drive || path == "." || path == ".." || ["./", ".\\", "../", "..\\", "/", "\\"].iter().any(|p| path.starts_with(p))
}

/// `1.21`, `1.21.3`, `1.21rc2`.
fn is_go_version(version: &str) -> bool {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (numbers, candidate) = version.split_at(end);
    let mut count = 0;
    let all_numbers = numbers.split('.').all(|number| {
        count += 1;
        !number.is_empty() && (!number.starts_with('0') || (number == "0" && count > 1))
    });
    let digits = candidate.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let is_candidate = digits.len() < candidate.len() && !digits.is_empty();
    let is_candidate = is_candidate && digits.bytes().all(|c| c.is_ascii_digit());
    all_numbers && (2..=3).contains(&count) && (candidate.is_empty() || is_candidate)
}

/// What is left of a version like `v1.21-beta`.
fn lenient_go_version(version: &str) -> Option<String> {
    let text = version.strip_prefix('v').unwrap_or(version);
    let (major, rest) = text.split_once('.')?;
    let minor = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
    let plain = format!("{major}.{minor}");
    (minor.len() < rest.len() && is_go_version(&plain)).then_some(plain)
}

/// Is there a block with these words before its parenthesis?
fn is_block(words: &str, kind: Kind) -> bool {
    match kind {
        Kind::Work => matches!(words, "godebug" | "use" | "replace"),
        _ => matches!(words, "module" | "godebug" | "require" | "exclude" | "replace" | "retract" | "tool" | "ignore"),
    }
}

/// As it is written, perhaps in quotes.
#[derive(Debug)]
struct Word(String);

impl Word {
    fn unquoted(&self) -> Result<String, &'static str> {
        if self.0.starts_with(['"', '`']) {
            let bytes = unquote_string(&self.0).ok_or("invalid syntax")?;
            return String::from_utf8(bytes).map_err(|_| "invalid syntax");
        }
        if self.0.contains(['"', '\'', '`']) {
            return Err("unquoted string cannot contain quote");
        }
        Ok(self.0.clone())
    }

    fn string(&self) -> Result<String, String> {
        self.unquoted().map_err(|why| format!("invalid quoted string: {why}"))
    }

    fn version(&self, verb: &str, path: &str) -> Result<String, String> {
        let of_path = |version: &str, why: &str| format!("{verb} {path}: {}", version::invalid(version, why));
        let text = self.unquoted().map_err(|why| of_path(&self.0, why))?;
        version::canonical(&text).ok_or_else(|| of_path(&text, "must be of the form v1.2.3"))
    }
}

enum Place {
    Alone,
    /// The head of a block, of which the verb is all words.
    Head,
    Inside,
}

/// A line that says something, or the head of a block.
struct Statement {
    verb: String,
    args: Vec<Word>,
    line: usize,
    column: usize,
    indirect: bool,
    place: Place,
}

struct Splitter<'a> {
    name: &'a str,
    lines: std::str::Split<'a, char>,
    number: usize,
}

/// The words of a line with their columns, and the comment behind them.
struct Line<'a> {
    words: Vec<(Word, usize)>,
    comment: &'a str,
}

impl Splitter<'_> {
    fn file(mut self) -> Result<Vec<Statement>, String> {
        let mut statements = Vec::new();
        // The head of the block, where it stands.
        let mut open: Option<(String, usize, usize)> = None;
        let mut last = "";
        while let Some(text) = self.lines.next() {
            self.number += 1;
            last = text;
            let Line { mut words, comment } = self.line(text)?;
            let Some(column) = words.first().map(|word| word.1) else { continue };
            let line = self.number;
            let mut add = |verb: String, words: Vec<(Word, usize)>, place| {
                let args = words.into_iter().map(|(word, _)| word).collect();
                statements.push(Statement { verb, args, line, column, indirect: is_indirect(comment), place });
            };
            if let Some((verb, ..)) = &open {
                if words[0].0.0 != ")" {
                    add(verb.clone(), words, Place::Inside);
                } else if words.len() > 1 {
                    return Err(self.error(words[1].1, "syntax error (expected newline after closing paren)"));
                } else {
                    open = None;
                }
                continue;
            }
            let texts: Vec<&str> = words.iter().map(|(word, _)| word.0.as_str()).collect();
            let (head, begins) = match texts[..] {
                [_, .., "("] => (words.len() - 1, true),
                [_, _, .., ")"] if texts[words.len() - 2] == "(" => (words.len() - 2, false),
                _ => {
                    let verb = words.remove(0).0.0;
                    add(verb, words, Place::Alone);
                    continue;
                }
            };
            let verb = texts[..head].join(" ");
            add(verb.clone(), Vec::new(), Place::Head);
            open = begins.then_some((verb, line, column));
        }
        match open {
            None => Ok(statements),
            Some((_, line, column)) => {
                let msg = format!("syntax error (unterminated block started at {}:{line}:{column})", self.name);
                Err(self.error(last.chars().count() + 1, &msg))
            }
        }
    }

    fn error(&self, column: usize, msg: &str) -> String {
        match column {
            0 | 1 => format!("{}:{}: {msg}", self.name, self.number),
            _ => format!("{}:{}:{column}: {msg}", self.name, self.number),
        }
    }

    fn line<'t>(&self, text: &'t str) -> Result<Line<'t>, String> {
        const PUNCTUATION: &[char] = &['(', ')', '[', ']', '{', '}', ','];
        let mut words = Vec::new();
        let mut at = 0;
        let mut column = 1;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let length = match c {
                ' ' | '\t' | '\r' => {
                    at += 1;
                    column += 1;
                    continue;
                }
                _ if rest.starts_with("//") => return Ok(Line { words, comment: &rest[2..] }),
                _ if rest.starts_with("/*") => {
                    return Err(self.error(column, "mod files must use // comments (not /* */ comments)"));
                }
                c if PUNCTUATION.contains(&c) => 1,
                '"' | '`' => {
                    let mut escaped = false;
                    let end = rest[1..].find(|inner| {
                        let ends = inner == c && !escaped;
                        escaped = inner == '\\' && c == '"' && !escaped;
                        ends
                    });
                    let unended = || match self.lines.clone().next() {
                        Some(_) => self.error(column + rest.chars().count(), "unexpected newline in string"),
                        None => self.error(column, "unexpected EOF in string"),
                    };
                    end.ok_or_else(unended)? + 2
                }
                c if c.is_control() || c.is_whitespace() => {
                    let msg = format!("unexpected input character {}", go_quote_char(c));
                    return Err(self.error(column, &msg));
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || c.is_control() || PUNCTUATION.contains(&c);
                    let end = rest.find(ends).unwrap_or(rest.len());
                    let comment = ["//", "/*"].iter().filter_map(|mark| rest[..end].find(mark)).min();
                    comment.unwrap_or(end)
                }
            };
            words.push((Word(rest[..length].to_owned()), column));
            at += length;
            column += rest[..length].chars().count();
        }
        Ok(Line { words, comment: "" })
    }
}

fn is_indirect(comment: &str) -> bool {
    let mut words = comment.split_whitespace();
    match words.next() {
        Some("indirect") => words.next().is_none(),
        Some("indirect;") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<GoMod, String> {
        GoMod::parse(text, "go.mod", Kind::Main)
    }

    #[test]
    fn go_mod() {
        let text = "module example.com/m // c\n\ngo 1.21\n\nrequire (\n\ta.b/c v1.2.3 // indirect\n\t\"d.e/f\" v0.1.0\n)\nreplace a.b/c => ../c\nreplace (\n d.e/f v0.1.0 => g.h/f/v2 v2.0.0\n)\nexclude x.y/z v1.0.0\nretract [v1.0.0, v1.1.0]\ntool a.b/c/cmd\nignore ./x\nrequire ( )\n";
        let file = parse(text).unwrap();
        assert_eq!(file.module, "example.com/m");
        assert_eq!(file.go_version(), GoVersion(21));
        assert!(file.is_pruned());
        assert_eq!(file.require.len(), 2);
        assert!(file.require[0].indirect && !file.require[1].indirect);
        assert_eq!(file.require[1].module, ModuleVersion::new("d.e/f", "v0.1.0"));
        assert_eq!(file.replace[0].new.path, "../c");
        assert_eq!(file.replace[1].new, ModuleVersion::new("g.h/f/v2", "v2.0.0"));
        assert_eq!(parse("module \"a b\"\n").unwrap().module, "a b");
    }

    #[test]
    fn errors() {
        for (text, expected) in [
            ("module m\nfoo bar\n", "go.mod:2: unknown directive: foo"),
            ("module m\nmodule n\n", "go.mod:2: repeated module statement"),
            ("module m\ngo x\n", "go.mod:2: invalid go version 'x': must match format 1.23.0"),
            ("module m\ngo 1.20\ngo 1.21\n", "go.mod:3: repeated go statement"),
            (
                "module m\nfoo bar\nrequire x\n",
                "go.mod:2: unknown directive: foo\ngo.mod:3: usage: require module/path v1.2.3",
            ),
            ("module m\nrequire (\n\tx v1.0.0\n\tx\n)\n", "go.mod:4:2: usage: require module/path v1.2.3"),
            ("module m\nrequire (\n\tx v1.0.0\n", "go.mod:4: syntax error (unterminated block started at go.mod:2:1)"),
            ("module m\nrequire (\n) x\n", "go.mod:3:3: syntax error (expected newline after closing paren)"),
            ("module m\nfoo (\n\tx\n)\n", "go.mod:2: unknown block type: foo"),
            ("module m\nrequire a.b/c v1\n", ""),
            (
                "module m\nrequire a.b/c master\n",
                "go.mod:2: require a.b/c: version \"master\" invalid: must be of the form v1.2.3",
            ),
            (
                "module m\nrequire a.b/c v2.0.0\n",
                "go.mod:2: require a.b/c: version \"v2.0.0\" invalid: should be v0 or v1, not v2",
            ),
            (
                "module m\nreplace a.b/c => d\n",
                "go.mod:2: replacement module without version must be directory path (rooted or starting with . or ..)",
            ),
            ("module m /* x */\n", "go.mod:1:10: mod files must use // comments (not /* */ comments)"),
            ("module \"m\n", "go.mod:1:10: unexpected newline in string"),
        ] {
            assert_eq!(parse(text).err().unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn leniently() {
        let file =
            GoMod::parse("module m\ngo v1.21-beta\nfoo bar\nfoo (\n x\n)\n", "go.mod", Kind::Dependency).unwrap();
        assert_eq!(file.go.as_deref(), Some("1.21"));
        assert!(GoMod::parse("module m\nrequire x\n", "go.mod", Kind::Dependency).is_err());
    }

    #[test]
    fn go_work() {
        let file = GoMod::parse("go 1.27\nuse (\n\t./a\n\t./b\n)\n", "go.work", Kind::Work).unwrap();
        assert_eq!(file.used, [("./a".to_owned(), 3), ("./b".to_owned(), 4)]);
        let error = GoMod::parse("module m\n", "go.work", Kind::Work).unwrap_err();
        assert_eq!(error, "go.work:1: unknown directive: module");
    }
}
