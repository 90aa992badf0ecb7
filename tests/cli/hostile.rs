//! Inputs that are large, deep or wide beyond reason: they compile or give a message, soon and with bounded memory.
//!
//! gc's own limits hold: nesting of 10,000 levels, constants of 512 bits, symbols of 2 GB. A case is a function that makes the file; most are
//! the smallest of their kind that once took minutes, gigabytes or a crash.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Streams, golift, run};
use libtest_mimic::{Failed, Trial};

const MB: usize = 1 << 20;
/// Address space in KB. Much of it are stacks, which are as large as the deepest input might need.
const MEMORY: u32 = 9 << 20;
/// Far more than any case takes, also on a loaded machine.
const TIME: Duration = Duration::from_secs(120);

type Case = (&'static str, fn() -> String, Expected);

enum Expected {
    Good,
    /// What the first line of the output contains.
    Error(&'static str),
}
use Expected::{Error, Good};

const DEEP: Expected = Error("syntax error: exceeded max nesting depth");

#[rustfmt::skip]
const CASES: &[Case] = &[
    // 10 MB in one line.
    ("line_of_statements", || body(&format!("x := 0; {}_ = x", "x++; ".repeat(MB))), Good),
    ("line_of_a_sum", || body(&format!("x := 0; _ = {}x", "x+".repeat(5 * MB))), DEEP),
    ("line_of_a_comment", || body(&format!("/*{}*/", "a".repeat(10 * MB))), Good),
    ("line_of_a_literal", || body(&format!("println(len(\"{}\"))", "a".repeat(10 * MB))), Good),
    ("line_of_elements", || body(&format!("x := []int{{{}}}; println(len(x))", "1,".repeat(3 * MB))), Good),
    ("line_of_semicolons", || body(&";".repeat(5 * MB)), Good),
    ("line_of_garbage", || format!("package main; {}", "@".repeat(10 * MB)), Error("1:15: invalid character U+0040 '@'")),
    ("line_of_braces", || format!("package main; func main() {}", "{".repeat(10 * MB)), DEEP),
    ("unterminated", || body(&format!("_ = `{}", "a".repeat(10 * MB))), Error("string not terminated")),
    ("zeros", || "\0".repeat(MB), Error("unexpected NUL in input")),
    // Nesting of 100,000.
    ("parentheses", || body(&format!("x := 1; _ = {}x{}", "(".repeat(100_000), ")".repeat(100_000))), DEEP),
    ("parentheses_left_open", || body(&format!("_ = {}", "(".repeat(100_000))), DEEP),
    ("parentheses_around_types", || top(&format!("type T {}int{}", "(".repeat(100_000), ")".repeat(100_000))), DEEP),
    ("blocks", || body(&format!("{}{}", "{".repeat(100_000), "}".repeat(100_000))), DEEP),
    ("pointers", || top(&format!("var x {}int", "*".repeat(100_000))), DEEP),
    ("function_types", || top(&format!("var x {}int{}", "func(".repeat(100_000), ")".repeat(100_000))), DEEP),
    ("negations", || body(&format!("x := 1; _ = {}x", "- ".repeat(100_000))), DEEP),
    ("calls_of_calls", || format!("{}\ntype F func() F\nfunc f() F {{ return f }}\n", body(&format!("_ = f{}", "()".repeat(100_000)))), Good),
    ("selectors", || format!("{}\ntype T struct{{ t *T }}\n", body(&format!("var t T; _ = t{}", ".t".repeat(100_000)))), Good),
    ("conditions", || body(&format!("x := true; _ = {}x", "x && ".repeat(100_000))), Good),
    ("closures", || body(&format!("{}{}", "func() {".repeat(100_000), "}()".repeat(100_000))), DEEP),
    ("else_if", || body(&format!("x := 1\n{}{{}}", "if x > 0 {} else ".repeat(100_000))), DEEP),
    ("type_arguments", || top(&format!("type G[T any] struct{{}}\nvar x {}int{}", "G[".repeat(3000), "]".repeat(3000))), Good),
    // Names of a megabyte.
    ("name_unused", || body(&format!("{} := 1", "a".repeat(MB))), Error("declared and not used: aaaa")),
    ("name_undefined", || body(&format!("_ = {}", "a".repeat(MB))), Error("undefined: aaaa")),
    ("name_of_method", || format!("{}\ntype T int\nfunc (T) {}() {{}}\n", body(&format!("T(1).{}()", "é".repeat(MB / 2))), "é".repeat(MB / 2)), Good),
    ("name_imported", || format!("package main\n\nimport \"{}\"\n\nfunc main() {{}}\n", "a".repeat(MB)), Error("package aaaa")),
    // 100,000 errors.
    ("errors_undefined", || body(&lines(100_000, |i| format!("x{i} = 1"))), Error("undefined: x0")),
    ("errors_of_syntax", || format!("package main\n{}", "func ) {\n".repeat(100_000)), Error("2:6: syntax error: unexpected )")),
    ("errors_of_types", || body(&lines(100_000, |i| format!("var x{i} string = {i}"))), Error("cannot use 0 (untyped int constant) as string value")),
    ("errors_redeclared", || top(&"var x int\n".repeat(100_000)), Error("x redeclared in this block")),
    ("errors_of_imports", || format!("package main\n{}func main() {{}}\n", lines(100_000, |i| format!("import a{i} \"os\""))), Error("\"os\" imported as a0 and not used")),
    // Numbers.
    ("number_of_digits", || body(&format!("println({} > 0)", "1".repeat(MB))), Error("excessively long constant: 1111111111... (1048576 chars)")),
    ("number_of_exponent", || body("println(1e999999999 > 0)"), Error("malformed constant: 1e999999999")),
    ("number_shifted", || body("println(1<<1000000000 > 0)"), Error("invalid shift count 1000000000")),
    ("number_squared", || top(&format!("const c0 = 3\n{}", lines(40, |i| format!("const c{} = c{i} * c{i}", i + 1)))), Error("constant multiplication overflow")),
    ("text_doubled", || top(&format!("const c0 = \"abc\"\n{}\nvar x = c40", lines(40, |i| format!("const c{} = c{i} + c{i}", i + 1)))), Error("constant string too long")),
    // What doubles or never ends.
    ("calls_doubled", || format!("{}\n{}func f40(x int) {{}}\n", body("f0(1)"), lines(40, |i| format!("func f{i}(x int) {{ f{0}(x); f{0}(x) }}", i + 1))), Good),
    ("structs_doubled", || top(&format!("type T0 struct{{ a, b int }}\n{}\nvar x T60", lines(60, |i| format!("type T{} struct{{ a, b T{i} }}", i + 1)))), Error("too large")),
    ("instances_doubled", || format!("{}\n{}", body(&format!("var p *{}; var i any = p; _, ok := i.(*int); println(ok)", (1..26).fold("int".to_owned(), |t, i| format!("T{i}[{t}]")))), lines(25, |i| format!("type T{}[P any] struct {{ a, b P }}", i + 1))), Good),
    ("instances_without_end", || format!("{}\nfunc f[T any](n int) {{ if n > 0 {{ f[[]T](n - 1) }} }}\n", body("f[int](3)")), Error("instantiation cycle")),
    // Chains.
    ("chain_of_types", || top(&format!("{}type T20000 int\nvar x T0", lines(20_000, |i| format!("type T{i} T{}", i + 1)))), Good),
    ("chain_of_aliases", || top(&format!("{}type T20000 int\nvar x T0", lines(20_000, |i| format!("type T{i} = T{}", i + 1)))), Good),
    ("chain_of_variables", || top(&format!("{}var v20000 = 1", lines(20_000, |i| format!("var v{i} = v{}", i + 1)))), Good),
    ("chain_of_calls", || format!("{}\n{}func f20000() {{ println() }}\n", body("f0()"), lines(20_000, |i| format!("func f{i}() {{ f{}() }}", i + 1))), Good),
    ("chain_of_embedded_structs", || top(&format!("{}type T1000 struct{{ x int }}\nvar x = T0{{}}.x", lines(1000, |i| format!("type T{i} struct{{ T{} }}", i + 1)))), Good),
    ("chain_of_embedded_interfaces", || top(&format!("{}type T3000 interface{{ m() }}\nvar x T0", lines(3000, |i| format!("type T{i} interface{{ T{} }}", i + 1)))), Good),
    ("cycle_of_structs", || top(&lines(3000, |i| format!("type T{i} struct{{ f T{} }}", (i + 1) % 3000))), Error("invalid recursive type T0")),
    ("cycle_of_variables", || top(&lines(3000, |i| format!("var v{i} = v{}", (i + 1) % 3000))), Error("initialization cycle")),
    // Wide.
    ("many_functions", || top(&lines(50_000, |i| format!("func f{i}() {{}}"))), Good),
    ("many_fields", || format!("{}\ntype T struct {{\n{}}}\n", body("var t T; println(t.f49999)"), lines(50_000, |i| format!("f{i} int"))), Good),
    ("many_methods", || format!("{}\ntype T int\n{}", body("var i any = T(1); _ = i"), lines(10_000, |i| format!("func (T) M{i}() {{}}"))), Good),
    ("many_methods_of_interface", || format!("{}\ntype I interface {{\n{}}}\n", body("var i I; println(i == nil)"), lines(50_000, |i| format!("M{i}()"))), Good),
    ("many_cases", || body(&format!("switch x := len(\"abc\"); x {{\n{}}}", lines(10_000, |i| format!("case {i}: println({i})")))), Good),
    ("many_text_cases", || body(&format!("switch x := \"abc\"; x {{\n{}}}", lines(5_000, |i| format!("case \"{i}\": println({i})")))), Good),
    ("many_equal_cases", || body(&format!("switch x := 1; x {{\n{}}}", "case 1:\n".repeat(50_000))), Error("duplicate case 1")),
    ("many_keys", || body(&format!("x := map[int]string{{\n{}}}; println(len(x))", lines(200_000, |i| format!("{i}: \"{i}\",")))), Good),
    ("many_large_zeros", || format!("{}\nvar z [1<<17]byte\n", body(&format!("{}{}", lines(17_000, |i| format!("var x{i} [1<<17]byte")), lines(17_000, |i| format!("z = x{i}"))))), Good),
    ("many_keys_of_code", || body(&format!("x := map[int]int{{\n{}}}; println(len(x))", lines(20_000, |i| format!("{i}: len(os.Args),")))).replacen("package main", "package main\nimport \"os\"", 1), Good),
    ("sparse_cases", || body(&format!("x := len(os.Args)\nswitch x {{\n{}}}", lines(20_000, |i| format!("case {}: x++", i * 7919 % 1_000_003)))).replacen("package main", "package main\nimport \"os\"", 1), Good),
    ("many_statements", || body(&lines(10_000, |i| format!("println(\"{i}\")"))), Good),
    ("many_variables", || format!("{}\n//go:noinline\nfunc f(x int) int {{ return x }}\n", body(&format!("{}println({}0)", lines(5_000, |i| format!("v{i} := f({i})")), joined(5_000, |i| format!("v{i} + "))))), Good),
    ("many_defers", || body(&lines(2_000, |i| format!("defer println({i})"))), Good),
    ("many_gotos", || body(&lines(20_000, |i| format!("goto l{i}\nl{i}:"))), Good),
    ("many_instances", || format!("{}\nfunc f[T any]() {{ var t T; println(len(any(t).(string))) }}\n", body(&lines(2_000, |i| format!("f[[{i}]int]()")))), Good),
    ("many_parameters", || format!("{}\nfunc f({}) {{}}\n", body(""), joined(10_000, |i| format!("p{i} int, "))), Error("functions of more than 2000 parameters are not supported by golift")),
    ("many_results", || format!("{}\nfunc f() ({}) {{ return {}1 }}\n", body("f()"), joined(5_000, |_| "int, ".into()), "1, ".repeat(4_999)), Good),
    ("large_array", || body("var x [1<<50]int; println(len(x))"), Error("type [1125899906842624]int larger than address space")),
    ("large_variable", || format!("{}\nvar x [1<<40]byte\n", body("x[5] = 1")), Error("main.x: symbol too large")),
];

fn body(statements: &str) -> String {
    format!("package main\n\nfunc main() {{\n{statements}\n}}\n")
}

fn top(declarations: &str) -> String {
    format!("package main\n\n{declarations}\n\nfunc main() {{}}\n")
}

fn joined(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect()
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut all, i| {
        let _ = writeln!(all, "{}", line(i));
        all
    })
}

pub fn trials() -> Vec<Trial> {
    CASES.iter().map(|case| Trial::test(format!("cli/hostile_{}", case.0), || check(case))).collect()
}

fn check((name, make, expected): &Case) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("main.go"), make())?;
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" build -p 2 main.go")]).arg(golift());
    command.current_dir(dir.path()).env("RAYON_NUM_THREADS", "2").env("GOLIFTCACHE", dir.path().join("cache"));
    let outcome = run(&mut command, Streams::Both, TIME)?;
    let text = outcome.text();
    let mut shown = text.lines().filter(|line| !line.starts_with("# "));
    let first: String = shown.next().unwrap_or_default().chars().take(1000).collect();
    match expected {
        Good if outcome.code() == Some(0) => Ok(()),
        Error(wanted) if outcome.code() == Some(1) && first.contains(wanted) && text.lines().count() < 5_000 => Ok(()),
        Good => Err(format!("{name}: {}: {first}", outcome.ending()).into()),
        Error(wanted) => Err(format!("{name}: {}, expected {wanted:?}: {first}", outcome.ending()).into()),
    }
}
