//! What the test files of a package hold for package testing: tests, benchmarks, fuzz targets, examples, by the rules of
//! `go test`.

use golift_syntax::{Decl, ExprKind, File, FuncDecl, SourceFile, UnaryOp};

/// A function that the main package of a test names.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// What an example must print.
    pub output: String,
    /// The lines of that may come in any order.
    pub unordered: bool,
}

/// The functions of a file or package, each kind in the order of the source.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    pub tests: Vec<Function>,
    pub benchmarks: Vec<Function>,
    pub fuzz_targets: Vec<Function>,
    /// Examples with a comment that says what they print. Others are only compiled.
    pub examples: Vec<Function>,
    /// There is `TestMain`.
    pub main: bool,
    /// Something makes the package worth compiling, even if nothing in it is run.
    pub wanted: bool,
}

impl Functions {
    /// Does the main package name any of them?
    pub fn is_used(&self) -> bool {
        let lists = [&self.tests, &self.benchmarks, &self.fuzz_targets, &self.examples];
        self.main || lists.iter().any(|list| !list.is_empty())
    }

    /// Adds those of another file. The error is a message.
    pub fn add(&mut self, other: Functions) -> Result<(), String> {
        if self.main && other.main {
            return Err("multiple definitions of TestMain".into());
        }
        self.tests.extend(other.tests);
        self.benchmarks.extend(other.benchmarks);
        self.fuzz_targets.extend(other.fuzz_targets);
        self.examples.extend(other.examples);
        self.main |= other.main;
        self.wanted |= other.wanted;
        Ok(())
    }

    /// Those of a file with this text. The error is a message with its position.
    pub fn of_file(tree: &File, file: &SourceFile, text: &[u8]) -> Result<Functions, String> {
        let mut found = Functions::default();
        for decl in &tree.decls {
            let Decl::Func(decl) = decl else { continue };
            if decl.recv.is_none() {
                found.take(decl, file, text)?;
            }
        }
        found.wanted |= found.is_used();
        Ok(found)
    }

    fn take(&mut self, decl: &FuncDecl, file: &SourceFile, text: &[u8]) -> Result<(), String> {
        let name = decl.name.name.as_str();
        let plain = || Function { name: name.into(), output: String::new(), unordered: false };
        if name == "TestMain" && !takes(decl, "T") {
            check_signature(decl, "M", file, text)?;
            if self.main {
                return Err("multiple definitions of TestMain".into());
            }
            self.main = true;
            return Ok(());
        }
        let kinds = [
            ("Test", "T", &mut self.tests),
            ("Benchmark", "B", &mut self.benchmarks),
            ("Fuzz", "F", &mut self.fuzz_targets),
        ];
        for (prefix, argument, list) in kinds {
            if is_called(name, prefix) {
                check_signature(decl, argument, file, text)?;
                list.push(plain());
                return Ok(());
            }
        }
        let Some(body) = decl.body.as_ref().filter(|_| is_called(name, "Example") && decl.ty.params.is_empty()) else {
            return Ok(());
        };
        self.wanted = true;
        let (start, end) = (file.offset(body.pos) as usize, file.offset(body.rbrace) as usize);
        let comment = text.get(start..end).and_then(last_comment);
        if let Some((output, unordered)) = comment.as_deref().and_then(expected_output) {
            self.examples.push(Function { output, unordered, ..plain() });
        }
        Ok(())
    }
}

/// `Test`, `TestX`, `Test1`, but not `Testing`.
fn is_called(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| !rest.chars().next().is_some_and(char::is_lowercase))
}

/// Is it `func(x *T)` or `func(x *testing.T)`?
fn takes(decl: &FuncDecl, argument: &str) -> bool {
    let [param] = &decl.ty.params[..] else { return false };
    if !decl.ty.results.is_empty() || param.names.len() > 1 {
        return false;
    }
    let ExprKind::Unary(UnaryOp::Star, pointee) = &param.ty.kind else { return false };
    match &pointee.kind {
        ExprKind::Ident(name) | ExprKind::Selector(_, name) => name.name.as_str() == argument,
        _ => false,
    }
}

fn check_signature(decl: &FuncDecl, argument: &str, file: &SourceFile, text: &[u8]) -> Result<(), String> {
    let name = decl.name.name.as_str();
    let why = if !decl.tparams.is_empty() {
        "test functions cannot have type parameters".into()
    } else if !takes(decl, argument) {
        format!("must be: func {name}({} *testing.{argument})", argument.to_lowercase())
    } else {
        return Ok(());
    };
    // The declaration begins with `func`; its position is that of the name.
    let before = &text[..text.len().min(file.offset(decl.pos) as usize)];
    let start = before.windows(4).rposition(|word| word == b"func").unwrap_or(before.len());
    Err(format!("{}: wrong signature for {name}, {why}", file.position(file.pos(start as u32))))
}

/// The text of the last group of comments in a piece of source: what follows without an empty line or code between. As in go/parser,
/// a group that begins behind code ends with that line.
fn last_comment(source: &[u8]) -> Option<String> {
    let mut group: Vec<String> = Vec::new();
    // Newlines since the last comment, or code.
    let mut newlines = 0;
    let mut is_open = false;
    let mut allowed_newlines = 1;
    let mut rest = source;
    while let Some((&first, tail)) = rest.split_first() {
        let comment_len = match (first, tail.first()) {
            (b'/', Some(b'/')) => Some(rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())),
            (b'/', Some(b'*')) => {
                Some(rest[2..].windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |at| at + 4))
            }
            _ => None,
        };
        if let Some(len) = comment_len {
            if !is_open || newlines > allowed_newlines {
                allowed_newlines = usize::from(is_open || newlines > 0);
                group.clear();
            }
            (is_open, newlines) = (true, 0);
            group.push(String::from_utf8_lossy(&rest[..len]).into_owned());
            rest = &rest[len..];
            continue;
        }
        let len = match first {
            b'\n' => {
                newlines += 1;
                1
            }
            b' ' | b'\t' | b'\r' => 1,
            b'"' | b'\'' | b'`' => {
                (is_open, newlines) = (false, 0);
                quoted_len(rest, first)
            }
            _ => {
                (is_open, newlines) = (false, 0);
                1
            }
        };
        rest = &rest[len.min(rest.len())..];
    }
    (!group.is_empty()).then(|| comment_text(&group))
}

fn quoted_len(source: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&b) = source.get(at) {
        match b {
            b'\\' if quote != b'`' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    source.len()
}

/// As go/ast has it: without marks and directives, without space at the ends of lines, at most one empty line at a time.
fn comment_text(comments: &[String]) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for comment in comments {
        match comment.strip_prefix("//") {
            Some(line) if is_directive(line) => {}
            Some(line) => lines.push(line.strip_prefix(' ').unwrap_or(line)),
            None => lines.extend(comment[2..].trim_end_matches("*/").split('\n')),
        }
    }
    let mut text = String::new();
    let mut gap = false;
    for line in lines.iter().map(|line| line.trim_end_matches([' ', '\t', '\r'])) {
        if line.is_empty() {
            gap = !text.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// `line 1`, `go:noinline` and others that are not for readers.
fn is_directive(line: &str) -> bool {
    if ["line ", "extern ", "export "].iter().any(|word| line.starts_with(word)) {
        return true;
    }
    let Some((tool, rest)) = line.split_once(':') else { return false };
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    !tool.is_empty() && is_word(tool) && rest.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// What follows `Output:` or `Unordered output:` at the start of a comment.
fn expected_output(comment: &str) -> Option<(String, bool)> {
    let text = comment.trim_start();
    let strip = |text: &'_ str, prefix: &str| -> Option<usize> {
        text.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix)).map(str::len)
    };
    let unordered = strip(text, "unordered ");
    let text = &text[unordered.unwrap_or(0)..];
    let text = &text[strip(text, "output:")?..];
    let text = text.trim_start_matches(' ');
    Some((text.strip_prefix('\n').unwrap_or(text).to_owned(), unordered.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use golift_syntax::{Mode, SourceMap, parse_source};

    fn of(text: &str) -> Result<Functions, String> {
        let sources = SourceMap::default();
        let file = sources.file(sources.add_file("x_test.go", text.len()));
        let (tree, errors) = parse_source(&file, text.as_bytes(), Mode::default());
        assert!(errors.is_empty(), "{errors:?}");
        Functions::of_file(&tree, &file, text.as_bytes())
    }

    fn names(list: &[Function]) -> Vec<&str> {
        list.iter().map(|function| &*function.name).collect()
    }

    #[test]
    fn names_and_signatures() {
        let text = "package p\nfunc TestA(t *testing.T) {}\nfunc Test(*T) {}\nfunc Testing() {}\nfunc Test_b(t *testing.T) {}\n\
                    func (x X) TestM(t *testing.T) {}\nfunc BenchmarkA(b *testing.B) {}\nfunc FuzzA(f *testing.F) {}\n\
                    func TestMain(m *testing.M) {}\nfunc TestÄ(t *testing.T) {}\nfunc Testä(t *testing.T) {}\n";
        let found = of(text).unwrap();
        assert_eq!(names(&found.tests), ["TestA", "Test", "Test_b", "TestÄ"]);
        assert_eq!((names(&found.benchmarks), names(&found.fuzz_targets)), (vec!["BenchmarkA"], vec!["FuzzA"]));
        assert!(found.main);
        let error = |text: &str| of(&format!("package p\n{text}")).unwrap_err();
        assert_eq!(
            error("func TestA(t testing.T) {}"),
            "x_test.go:2:1: wrong signature for TestA, must be: func TestA(t *testing.T)"
        );
        assert_eq!(
            error("func BenchmarkA[T any](b *testing.B) {}"),
            "x_test.go:2:1: wrong signature for BenchmarkA, test functions cannot have type parameters"
        );
        assert_eq!(
            error("func TestMain() {}"),
            "x_test.go:2:1: wrong signature for TestMain, must be: func TestMain(m *testing.M)"
        );
        assert!(!of("package p\nfunc helper() {}\n").unwrap().wanted);
    }

    #[test]
    fn examples() {
        let example = |body: &str| {
            let found = of(&format!("package p\nfunc Example_a() {{\n{body}\n}}\n")).unwrap();
            assert!(found.wanted);
            found.examples.first().map(|function| (function.output.clone(), function.unordered))
        };
        let text = |output: &str, unordered| Some((String::from(output), unordered));
        assert_eq!(example("f()"), None);
        assert_eq!(example("f()\n// Output: 1"), text("1\n", false));
        assert_eq!(example("f()\n// Output:\n// a\n//  b\n//\n//\n// c"), text("a\n b\n\nc\n", false));
        assert_eq!(example("// Output: 1\nf()\n// other"), None);
        assert_eq!(example("f() // why\n// Output: 1"), text("1\n", false));
        assert_eq!(example("f() // Output: 1\n// 2"), None);
        assert_eq!(example("// Output: 1\n\n// other"), None);
        assert_eq!(example("// unordered OUTPUT:\n// x"), text("x\n", true));
        assert_eq!(example("// Output:"), text("", false));
        assert_eq!(example("s := \"// Output: 1\""), None);
        assert_eq!(example("s := `\n// Output: 1`"), None);
        assert_eq!(example("c := '\"' // Output: 2"), text("2\n", false));
        assert_eq!(example("/* Output:\n1\n2 */"), text("1\n2\n", false));
    }
}
