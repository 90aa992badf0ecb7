//! Errors of lexer and parser: gc's words at gc's positions. Each case lists the messages
//! as `line:col: text`.

use golift_syntax::{Diagnostic, Mode, SourceMap, choose, parse_file};

fn errors(source: &[u8]) -> Vec<String> {
    let map = SourceMap::new();
    let (_, errors) = parse_file(&map, "f", source, Mode::default());
    let render = |e: &Diagnostic| e.render(&map).trim_start_matches("f:").to_string();
    choose(&map, &errors, usize::MAX).errors.into_iter().map(render).collect()
}

#[track_caller]
fn check(source: impl AsRef<[u8]>, expected: &[&str]) {
    let text = String::from_utf8_lossy(source.as_ref());
    assert_eq!(errors(source.as_ref()), expected, "\n{text}");
}

/// Checks a function body; its first line is line 2.
#[track_caller]
fn check_body(body: &str, expected: &[&str]) {
    check(format!("package p; func _() {{\n{body}\n}}\n"), expected);
}

#[test]
fn files() {
    check("", &["1:1: syntax error: package statement must be first"]);
    check("func f() {}", &["1:1: syntax error: package statement must be first"]);
    check("package p; x := 1", &["1:12: syntax error: non-declaration statement outside function body"]);
    check("package p\nfunc f()\n{\n}\n", &["3:1: syntax error: unexpected semicolon or newline before {"]);
    check(
        "package p\nvar x int\nimport \"fmt\"\n",
        &["3:1: syntax error: imports must appear before other declarations"],
    );
    check("package p\nimport 5\n", &["2:8: syntax error: import path must be a string"]);
    check("package p\nimport fmt\n", &["2:11: syntax error: missing import path"]);
    check("package p\nvar x int y\n", &["2:11: syntax error: unexpected name y after top level declaration"]);
}

#[test]
fn characters() {
    check("package p\nvar x = @\n", &["2:9: invalid character U+0040 '@'"]);
    check(b"package p\n\xef\xbb\xbfvar x int\n", &["2:1: invalid BOM in the middle of the file"]);
    check(b"\xef\xbb\xbfpackage p\nvar x int\n", &[]);
    check(b"package p\nvar x\0y int\n", &["2:6: invalid NUL character"]);
    check(
        b"package p\nvar _ int // \xff\nvar x = \"\xe6\x97\"\n",
        &["2:14: invalid UTF-8 encoding", "3:10: invalid UTF-8 encoding"],
    );
    check("package p\nvar \u{661}x int\n", &["2:5: identifier cannot begin with digit U+0661 '\u{661}'"]);
    check("package p\nvar x\u{20ac} int\n", &["2:6: invalid character U+20AC '\u{20ac}' in identifier"]);
    check("package p\nvar 日本語x\u{661} int\n", &[]);
    check("package p\n/* x", &["2:1: comment not terminated"]);
}

#[test]
fn literals() {
    let cases = [
        ("0x", "1:11: hexadecimal literal has no digits"),
        ("0b12", "1:12: invalid digit '2' in binary literal"),
        ("089", "1:10: invalid digit '8' in octal literal"),
        ("089.5", ""),
        ("1_000", ""),
        ("1__0", "1:11: '_' must separate successive digits"),
        ("0x_1", ""),
        ("1_", "1:10: '_' must separate successive digits"),
        ("0x1.0", "1:14: hexadecimal mantissa requires a 'p' exponent"),
        ("0x1p-2", ""),
        ("1p2", "1:10: 'p' exponent requires hexadecimal mantissa"),
        ("0b1e3", "1:12: 'e' exponent requires decimal mantissa"),
        ("1e+", "1:12: exponent has no digits"),
        ("0b1.0", "1:12: invalid radix point in binary literal"),
        ("0o17i", ""),
        ("'ab'", "1:9: more than one character in rune literal"),
        ("''", "1:10: empty rune literal or unescaped '"),
        ("'\\400'", "1:14: octal escape value 256 > 255"),
        ("'\\ud800'", "1:16: escape is invalid Unicode code point U+D800"),
        ("\"\\q\"", "1:11: unknown escape"),
        ("\"\\xg\"", "1:12: invalid character 'g' in hexadecimal escape"),
        ("\"\\'\"", "1:11: unknown escape"),
    ];
    for (literal, expected) in cases {
        let source = format!("package p\n//line f:1:1\nvar x = {literal}\n");
        let expected: Vec<&str> = if expected.is_empty() { vec![] } else { vec![expected] };
        check(source, &expected);
    }
    check("package p\nvar x = \"abc\nvar y int\n", &["2:13: newline in string"]);
    check("package p\nvar x = `abc\n", &["2:9: string not terminated"]);
    check("package p\nvar x = 'a\n", &["2:11: newline in rune literal"]);
}

#[test]
fn statements() {
    check_body("x := 1 2", &["2:8: syntax error: unexpected literal 2 at end of statement"]);
    check_body("if x = 1 {}", &["2:6: syntax error: cannot use assignment x = 1 as value"]);
    check_body("if a + b = c {}", &["2:10: syntax error: cannot use assignment (a + b) = c as value"]);
    check_body("if x := 1 {}", &["2:6: syntax error: cannot use x := 1 as value"]);
    check_body("if {}", &["2:4: syntax error: missing condition in if statement"]);
    check_body("if x := 1; {}", &["2:10: syntax error: missing condition in if statement"]);
    check_body("if x := f()\n{}", &["2:12: syntax error: unexpected newline, expected { after if clause"]);
    check_body("if x {} else x", &["2:14: syntax error: else must be followed by if or statement block"]);
    check_body("for var i = 0; i < 10; i++ {}", &["2:9: syntax error: var declaration not allowed in for initializer"]);
    check_body("for i := 0; i < 10; i := 1 {}", &["2:23: syntax error: cannot declare in post statement of for loop"]);
    check_body("for i := 0; i < 10 {}", &["2:20: syntax error: unexpected {, expected semicolon or newline"]);
    check_body("a, b", &["2:5: syntax error: unexpected newline, expected := or = or comma"]);
    check_body("defer (f())", &["2:7: expression in defer must not be parenthesized"]);
    check_body("switch x { foo }", &["2:12: syntax error: unexpected name foo, expected case or default or }"]);
    check_body(
        "x := []int{1, 2\n}",
        &["2:16: syntax error: unexpected newline in composite literal; possibly missing comma or }"],
    );
    check_body("f(1, 2\n)", &["2:7: syntax error: unexpected newline in argument list; possibly missing comma or )"]);
    check_body("x := a[]", &["2:8: syntax error: unexpected ], expected operand"]);
    check_body("x := a[1::2]", &["2:10: middle index required in 3-index slice"]);
    check_body("x := a[1:2:]", &["2:12: final index required in 3-index slice"]);
    check_body("x++ + 1", &["2:5: syntax error: unexpected + at end of statement"]);
    check_body("var x = (T){}", &["2:12: syntax error: cannot parenthesize type in composite literal"]);
}

#[test]
fn declarations() {
    check("package p\nfunc () f() {}\n", &["2:9: method has no receiver"]);
    check("package p\nfunc (a, b T) f() {}\n", &["2:15: method has multiple receivers"]);
    check("package p\nfunc f(a int, *T) {}\n", &["2:15: syntax error: missing parameter name"]);
    check("package p\nfunc f(a int, b) {}\n", &["2:16: syntax error: missing parameter type"]);
    check("package p\nfunc f(a ...int, b int) {}\n", &["2:10: can only use ... with final parameter"]);
    check("package p\nfunc f(a, b ...int) {}\n", &["2:13: can only use ... with final parameter"]);
    check("package p\nfunc f() (a ...int) {}\n", &["2:13: invalid use of ..."]);
    check("package p\nfunc f[]() {}\n", &["2:8: syntax error: empty type parameter list"]);
    check("package p\nfunc f[P]() {}\n", &["2:9: syntax error: missing type constraint"]);
    check("package p\ntype T struct { (T) }\n", &["2:17: syntax error: cannot parenthesize embedded type"]);
    check("package p\ntype I interface { m[T any](T) }\n", &["2:21: interface method must have no type parameters"]);
    check("package p\nvar f = func[T any]() {}\n", &["2:13: syntax error: function type must have no type parameters"]);
    check("package p\ntype T chan\n", &["3:1: syntax error: missing channel element type"]);
    check("package p\ntype T <-chan<-int\n", &["2:16: syntax error: unexpected name int, expected keyword chan"]);
    check("package p\nvar x := 1\n", &["2:7: syntax error: unexpected :=, expected ="]);
    check("package p\ntype T = struct{}\nfunc (T) m[P any](P) {}\ntype A[P any] = []P\n", &[]);
    check("package p\ntype T[P *C,] int\ntype U[P *[]int] int\ntype V[P *C] int\ntype W[N] int\n", &[]);
}

#[test]
fn branches() {
    check_body("L: for { break L; continue L }", &[]);
    check_body("L: x()", &["2:1: label L defined and not used"]);
    check_body("break", &["2:1: break is not in a loop, switch, or select"]);
    check_body("switch { case x: continue }", &["2:18: continue is not in a loop"]);
    check_body("for { break L }", &["2:13: break label not defined: L"]);
    check_body("L: switch { case x: for { continue L } }", &["2:36: invalid continue label L"]);
    check_body("L: x(); for { break L }", &["2:21: invalid break label L"]);
    check_body("goto L; x := 1; _ = x; L:", &["2:6: goto L jumps over declaration of x at f:2:11"]);
    check_body("goto L; { L: }", &["2:6: goto L jumps into block starting at f:2:9"]);
    check_body("goto L", &["2:6: label L not defined"]);
    check_body("L: goto L; L: x()", &["2:12: label L already defined at f:2:1"]);
    check_body("{ goto L }; L:", &[]);
    check_body(
        "switch { case a: fallthrough; case b: fallthrough }",
        &["2:39: cannot fallthrough final case in switch"],
    );
    check_body("switch x.(type) { case a: fallthrough; case b: }", &["2:27: cannot fallthrough in type switch"]);
    check_body("switch { case a: fallthrough; x(); case b: }", &["2:18: fallthrough statement out of place"]);
    check_body("fallthrough", &["2:1: fallthrough statement out of place"]);
    check_body("f := func() { L: for { break L } }; L: goto L", &[]);
    check_body(
        "L: for { func() { break L }() }",
        &["2:1: label L defined and not used", "2:25: break label not defined: L"],
    );
}

#[test]
fn line_directives() {
    check("package p\n//line a.y:7\nvar x @ int\n", &["a.y:7: invalid character U+0040 '@'"]);
    check("package p\n//line a.y:7:3\nvar x @ int\n", &["a.y:7:9: invalid character U+0040 '@'"]);
    check("package p\nvar /*line z:9:20*/ x @ int\n", &["z:9:23: invalid character U+0040 '@'"]);
    check("package p\n//line a.y:0\n", &["2:12: invalid line number: 0"]);
    check("package p\n//line a.y:x\n", &["2:12: invalid line number: x"]);
    check("package p\n//line a.y:1:0\n", &["2:14: invalid column number: 0"]);
    check("package p\n //line a.y:7\nvar x @ int\n", &["3:7: invalid character U+0040 '@'"]);
    check("package p\n//line a.y:7:1\n//line :9:1\nvar x @ int\n", &["a.y:9:7: invalid character U+0040 '@'"]);
}

#[test]
fn directives() {
    let map = SourceMap::new();
    let source = b"// +build x\n\n//go:build linux\n\n//go:debug a=b\npackage p\n\n//go:linkname a b\n\n\
        //go:noinline\n//golift:rust sym\nfunc f()\n\n//go:embed a b\nvar x string\n\
        func g() {\n\t//go:noinline\n\tx()\n}\n";
    let (file, errors) = parse_file(&map, "f", source, Mode::default());
    let errors: Vec<_> = errors.iter().map(|e| e.render(&map)).collect();
    assert_eq!(errors, ["f:17:4: misplaced compiler directive"]);
    let texts: Vec<_> = file.constraints.iter().map(|c| &*c.text).collect();
    assert_eq!(texts, ["// +build x", "//go:build linux"]);
    let golift_syntax::Decl::Func(f) = &file.decls[0] else { panic!() };
    let texts: Vec<_> = f.directives.iter().map(|c| &*c.text).collect();
    assert_eq!(texts, ["go:linkname a b", "go:noinline", "golift:rust sym"]);
    assert_eq!(f.directives[2].args(), "sym");
    let golift_syntax::Decl::Var(x) = &file.decls[1] else { panic!() };
    assert_eq!(x.directives[0].text.as_ref(), "go:embed a b");
    assert_eq!(file.all_directives.len(), 7);
}

#[test]
fn deep_nesting() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("-", ""), ("func() {", "}"), ("*", "")] {
        for depth in [300, 9_000, 100_000] {
            let source = format!(
                "package p\nvar x = {}x{}\nfunc f() {{ {} {} }}\n",
                open.repeat(depth),
                close.repeat(depth),
                open.repeat(depth),
                close.repeat(depth),
            );
            let found = errors(source.as_bytes());
            if depth == 100_000 {
                assert!(!found.is_empty());
            }
        }
    }
    let long = format!("package p\nvar x = 1{}\nvar y = f{}\n", " + 1".repeat(100_000), "()".repeat(100_000));
    check(long, &[]);
    let chain = format!("package p\nfunc f() {{ if a {{}} {} }}\n", "else if a {}".repeat(3000));
    check(chain, &[]);
}
