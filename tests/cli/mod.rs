//! The command line: what it prints and how it ends, for good and for bad input.
//!
//! A case is a folder of files, a command line, the exit code, and what must stand in the output.

mod broken;
mod coverage;
mod flags;
mod go_commands;
mod hostile;
mod load_files;
mod load_modules;
mod modules;
mod outputs;
mod records;
mod stubs;
mod test_profiles;
mod test_results;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Outcome, Streams, golift, run};
use libtest_mimic::{Failed, Trial};

/// What a program printed that ended as it should.
fn output_of(outcome: Outcome) -> Result<String, Failed> {
    let text = outcome.text();
    if outcome.code() == Some(0) { Ok(text) } else { Err(format!("{}\n{text}", outcome.ending()).into()) }
}

struct Case {
    name: &'static str,
    /// `name: text` pairs. A name that ends in `/` is a folder.
    files: &'static [(&'static str, &'static [u8])],
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    code: i32,
    /// Each must occur. `$DIR` stands for the folder.
    output: &'static [&'static str],
}

const HELLO: (&str, &[u8]) = ("main.go", b"package main\n\nfunc main() { println(\"hello\") }\n");
const STAMPED: (&str, &[u8]) = ("main.go", b"package main\n\nvar (\n\tversion = \"dev\"\n\tempty string\n\tnum int\n)\n\nfunc main() {\n\tprintln(version + \"|\" + empty)\n\tif num != 0 {\n\t\tprintln(num)\n\t}\n}\n");
const MOD: (&str, &[u8]) = ("go.mod", b"module example.com/m\n\ngo 1.27\n");

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "no_arguments", files: &[], args: &[], env: &[], code: 2, output: &["Usage:", "golift <command>"] },
    Case { name: "unknown_command", files: &[], args: &["foo"], env: &[], code: 2, output: &["golift foo: unknown command"] },
    Case { name: "unknown_flag", files: &[], args: &["build", "-foo"], env: &[], code: 2, output: &["flag provided but not defined: -foo"] },
    Case { name: "missing_value", files: &[], args: &["build", "-o"], env: &[], code: 2, output: &["flag needs an argument: -o"] },
    Case { name: "help", files: &[], args: &["help", "build"], env: &[], code: 0, output: &["usage: golift build"] },
    Case { name: "version", files: &[], args: &["version"], env: &[], code: 0, output: &["golift version", "go1.27"] },
    Case { name: "check", files: &[HELLO], args: &["check", "main.go"], env: &[], code: 0, output: &[] },
    Case { name: "list", files: &[MOD, HELLO], args: &["list", "-f", "{{.ImportPath}} {{.Name}} {{.GoFiles}}"], env: &[], code: 0, output: &["example.com/m main [main.go]"] },
    Case { name: "env", files: &[MOD], args: &["env", "GOOS", "GOMOD"], env: &[], code: 0, output: &["linux\n", "/go.mod\n"] },
    Case { name: "no_such_file", files: &[], args: &["check", "nosuch.go"], env: &[], code: 1, output: &["no required module provides package nosuch.go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n"] },
    Case { name: "no_such_directory", files: &[MOD], args: &["build", "./nosuch"], env: &[], code: 1, output: &["/nosuch: directory not found\n"] },
    Case { name: "no_go_files", files: &[MOD, ("empty/", b"")], args: &["build", "./empty"], env: &[], code: 1, output: &["no Go files in "] },
    Case { name: "excluded", files: &[MOD, ("x/a_windows.go", b"package x\n")], args: &["build", "./x"], env: &[], code: 1, output: &["build constraints exclude all Go files in "] },
    Case { name: "not_found", files: &[("main.go", b"package main\n\nimport \"foo/bar\"\n\nfunc main() {}\n")], args: &["check", "main.go"], env: &[], code: 1, output: &["main.go:3:8: package foo/bar is not in std ("] },
    Case { name: "not_required", files: &[MOD, ("main.go", b"package main\n\nimport _ \"example.org/x/y\"\n\nfunc main() {}\n")], args: &["check"], env: &[], code: 1, output: &["main.go:3:8: no required module provides package example.org/x/y; to add it:\n\tgo get example.org/x/y"] },
    Case { name: "import_cycle", files: &[MOD, ("a/a.go", b"package a\n\nimport _ \"example.com/m/b\"\n"), ("b/b.go", b"package b\n\nimport _ \"example.com/m/a\"\n")], args: &["check", "./a"], env: &[], code: 1, output: &["package example.com/m/a\n\timports example.com/m/b from a.go\n\timports example.com/m/a from b.go: import cycle not allowed"] },
    Case { name: "two_packages", files: &[MOD, ("a.go", b"package a\n"), ("b.go", b"package b\n")], args: &["check"], env: &[], code: 1, output: &["found packages a (a.go) and b (b.go) in "] },
    Case { name: "internal", files: &[MOD, ("main.go", b"package main\n\nimport _ \"internal/abi\"\n\nfunc main() {}\n")], args: &["check"], env: &[], code: 1, output: &["main.go:3:8: use of internal package internal/abi not allowed"] },
    Case { name: "syntax_error", files: &[MOD, ("p/a.go", b"package p\n\nfunc f() {\n\tx := \n}\n")], args: &["check", "./p"], env: &[], code: 1, output: &["# example.com/m/p\np/a.go:", "syntax error: "] },
    Case { name: "type_errors", files: &[MOD, ("main.go", b"package main\n\nfunc main() {\n\tvar n int = \"x\"\n\ty := undefinedThing\n}\n")], args: &["build"], env: &[], code: 1, output: &["# example.com/m\n./main.go:4:6: declared and not used: n\n", "./main.go:5:7: undefined: undefinedThing"] },
    Case { name: "empty_file", files: &[("main.go", b"")], args: &["check", "main.go"], env: &[], code: 1, output: &["main.go:1:1: expected 'package', found 'EOF'"] },
    Case { name: "no_main", files: &[("main.go", b"package main\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["function main is undeclared in the main package"] },
    Case { name: "run_library", files: &[MOD, ("a.go", b"package a\n")], args: &["run", "."], env: &[], code: 1, output: &["package example.com/m is not a main package"] },
    Case { name: "run_nothing", files: &[], args: &["run"], env: &[], code: 1, output: &["no go files listed"] },
    Case { name: "run_test_file", files: &[("a_test.go", b"package a\n")], args: &["run", "a_test.go"], env: &[], code: 1, output: &["cannot run *_test.go files (a_test.go)"] },
    Case { name: "unknown_goos", files: &[HELLO], args: &["build", "main.go"], env: &[("GOOS", "foo")], code: 2, output: &["unsupported GOOS/GOARCH pair foo/"] },
    Case { name: "unknown_goarch", files: &[HELLO], args: &["check", "main.go"], env: &[("GOOS", "linux"), ("GOARCH", "pdp11")], code: 2, output: &["unsupported GOOS/GOARCH pair linux/pdp11"] },
    Case { name: "wrong_goroot", files: &[HELLO], args: &["check", "main.go"], env: &[("GOROOT", "/nosuch")], code: 1, output: &["GOROOT=/nosuch: this is no Go distribution"] },
    Case { name: "bad_go_mod", files: &[("go.mod", b"module m\nfoo bar\n"), HELLO], args: &["check"], env: &[], code: 1, output: &["go.mod:2: unknown directive: foo"] },
    Case { name: "output_is_directory", files: &[MOD, HELLO, ("m/", b"")], args: &["build"], env: &[], code: 1, output: &["build output \"m\" already exists and is a directory"] },
    Case { name: "tags", files: &[MOD, ("a.go", b"//go:build debug\n\npackage p\n\nvar x int = \"\"\n"), ("b.go", b"package p\n")], args: &["check", "-tags", "debug"], env: &[], code: 1, output: &["a.go:5:13: cannot use \"\""] },
    Case { name: "local_replace", files: &[("go.mod", b"module m\n\ngo 1.27\n\nrequire example.org/lib v1.0.0\n\nreplace example.org/lib => ./lib\n"), ("lib/go.mod", b"module example.org/lib\n\ngo 1.20\n"), ("lib/x/x.go", b"package x\n\nconst X = 1\n"), ("main.go", b"package main\n\nimport \"example.org/lib/x\"\n\nvar _ string = x.X\n\nfunc main() {}\n")], args: &["check"], env: &[], code: 1, output: &["./main.go:5:16: cannot use x.X (untyped int constant 1) as string value in variable declaration"] },
    Case { name: "vendor", files: &[("go.mod", b"module example.com/m\n\ngo 1.27\n\nrequire example.org/lib v1.0.0\n"), ("vendor/modules.txt", b"# example.org/lib v1.0.0\n## explicit; go 1.20\nexample.org/lib\n"), ("vendor/example.org/lib/x.go", b"package lib\n\nconst X = 1\n"), ("main.go", b"package main\n\nimport \"example.org/lib\"\n\nfunc main() { println(lib.X) }\n")], args: &["check"], env: &[], code: 0, output: &[] },
    Case { name: "not_only_syntax", files: &[("main.go", b"package main\n\nfunc main() {\n\tvar x int = 08\n\tvar y string = 1\n\t_ = y\n}\n")], args: &["check", "main.go"], env: &[], code: 1, output: &["main.go:4:6: declared and not used: x\n", "main.go:4:15: invalid digit '8' in octal literal\n", "main.go:5:17: cannot use 1"] },
    Case { name: "linker_variables", files: &[STAMPED], args: &["run", "-ldflags", "-s -w -X main.version=1.2 -X 'main.empty=a b'", "main.go"], env: &[], code: 0, output: &["1.2|a b\n"] },
    Case { name: "linker_variable_type", files: &[STAMPED], args: &["build", "-ldflags=-X main.num=1", "main.go"], env: &[], code: 1, output: &["main.num: cannot set with -X: not a var of type string"] },
    Case { name: "linker_variable_form", files: &[HELLO], args: &["build", "-ldflags=-X version", "main.go"], env: &[], code: 1, output: &["-X flag requires argument of the form importpath.name=value"] },
    Case { name: "external_linker", files: &[HELLO], args: &["run", "-ldflags", "-s -linkmode=external -extld=cc '-extldflags=-Wl,--print-map -Wl,--warn-common'", "main.go"], env: &[], code: 0, output: &["Linker script and memory map", "golift_etext = .", "hello\n"] },
    Case { name: "no_external_linker", files: &[HELLO], args: &["build", "-ldflags", "-linkmode external -extld nosuch", "main.go"], env: &[], code: 1, output: &["link: running nosuch failed: exec: \"nosuch\": executable file not found in $PATH"] },
    Case { name: "no_linker_at_all", files: &[HELLO], args: &["build", "-ldflags=-linkmode=external", "main.go"], env: &[("PATH", ""), ("CC", "")], code: 1, output: &["-linkmode=external needs a linker, and none of cc, gcc, clang, ld is in $PATH"] },
    Case { name: "external_linker_fails", files: &[HELLO], args: &["build", "-ldflags=-linkmode=external -extldflags=-Wl,--foo", "main.go"], env: &[("CC", "cc")], code: 1, output: &["link: running cc failed: exit status 1\n", "--foo"] },
    Case { name: "wrong_link_mode", files: &[HELLO], args: &["build", "-ldflags=-linkmode=foo", "main.go"], env: &[], code: 1, output: &["invalid linkmode: \"foo\""] },
    Case { name: "wrong_language", files: &[HELLO], args: &["build", "-gcflags=-lang=foo", "main.go"], env: &[], code: 1, output: &["compile: invalid value \"foo\" for -lang: should be something like \"go1.12\""] },
    Case { name: "language", files: &[("main.go", b"package main\n\nfunc f[T any]() {}\n\nfunc main() { f[int]() }\n")], args: &["check", "-gcflags=-lang=go1.17", "main.go"], env: &[], code: 1, output: &["main.go:3:8: type parameter requires go1.18 or later (-lang was set to go1.17"] },
    Case { name: "bodies_elsewhere", files: &[("main.go", b"package main\n\nfunc f()\n\nfunc main() { f() }\n")], args: &["check", "-gcflags=-complete=false", "main.go"], env: &[], code: 0, output: &[] },
    Case { name: "goroot_of_program", files: &[("main.go", GOROOT_OF_PROGRAM)], args: &["run", "main.go"], env: &[], code: 0, output: &["known: true\n"] },
    Case { name: "goroot_of_program_trimpath", files: &[("main.go", GOROOT_OF_PROGRAM)], args: &["run", "-trimpath", "main.go"], env: &[], code: 0, output: &["known: false\n"] },
    Case { name: "trimpath", files: &[("main.go", b"package main\n\nimport \"runtime\"\n\nfunc main() {\n\t_, file, line, _ := runtime.Caller(0)\n\tprintln(file, line)\n}\n")], args: &["run", "-trimpath", "main.go"], env: &[], code: 0, output: &["./main.go 6\n"] },
    Case { name: "useless_cache", files: &[HELLO], args: &["run", "main.go"], env: &[("GOLIFTCACHE", "/dev/null/cache")], code: 0, output: &["warning: cannot write to the cache", "hello\n"] },
    Case { name: "embed_missing", files: &[MOD, ("main.go", b"package main\n\nimport _ \"embed\"\n\n//go:embed nosuch.txt\nvar s string\n\nfunc main() { println(s) }\n")], args: &["check"], env: &[], code: 1, output: &["main.go:5:12: pattern nosuch.txt: no matching files found"] },
];

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = CASES
        .iter()
        .chain(broken::CASES)
        .chain(modules::CASES)
        .chain(load_modules::CASES)
        .chain(load_files::CASES)
        .chain(stubs::CASES)
        .chain(flags::CASES)
        .chain(outputs::CASES)
        .chain(go_commands::CASES)
        .map(|case| Trial::test(format!("cli/{}", case.name), move || check(case)))
        .collect();
    trials.extend(broken::trials());
    trials.extend(coverage::trials());
    trials.extend(go_commands::trials());
    trials.extend(hostile::trials());
    trials.extend(modules::trials());
    trials.extend(outputs::trials());
    trials.extend(load_modules::trials());
    trials.extend(load_files::trials());
    trials.extend(records::trials());
    trials.extend(test_results::trials());
    trials.extend(test_profiles::trials());
    trials.push(Trial::test("cli/run_passes_things_through", run_passes_things_through));
    trials.push(Trial::test("cli/nothing_half_written", nothing_half_written));
    trials.push(Trial::test("cli/excerpts_on_a_terminal", excerpts_on_a_terminal));
    trials.push(Trial::test("cli/caches_change_nothing", caches_change_nothing));
    trials
}

fn write_files(dir: &Path, files: &[(&str, &[u8])]) -> Result<(), Failed> {
    for (name, text) in files {
        let path = dir.join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path)?;
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(dir))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(golift());
    command.args(args).current_dir(dir).env("PWD", dir).env_remove("GOFLAGS");
    command
}

fn check(case: &Case) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), case.files)?;
    let mut command = command(dir.path(), case.args);
    command.envs(case.env.iter().copied());
    // The first one that needs the go command compiles it.
    let outcome = run(&mut command, Streams::Both, Duration::from_secs(300))?;
    let text = outcome.text();
    if outcome.code() != Some(case.code) {
        return Err(format!("{} instead of exit {}\n{text}", outcome.ending(), case.code).into());
    }
    for wanted in case.output {
        if !text.contains(wanted) {
            return Err(format!("{wanted:?} is not in\n{text}").into());
        }
    }
    Ok(())
}

/// Says without the variable whether it knows where the distribution was.
const GOROOT_OF_PROGRAM: &[u8] = b"package main

import (
\t\"fmt\"
\t\"os\"
\t\"os/exec\"
\t\"runtime\"
)

func main() {
\tif len(os.Args) > 1 {
\t\tfmt.Println(\"known:\", runtime.GOROOT() != \"\")
\t\treturn
\t}
\tself, _ := os.Executable()
\tcmd := exec.Command(self, \"again\")
\tcmd.Env = []string{\"HOME=/\"}
\tout, err := cmd.CombinedOutput()
\tfmt.Print(string(out))
\tif err != nil {
\t\tfmt.Println(err)
\t}
}
";

const ECHO: &[u8] = b"package main

import (
	\"fmt\"
	\"io\"
	\"os\"
)

func main() {
	input, _ := io.ReadAll(os.Stdin)
	fmt.Println(os.Args[1:], len(input), os.Getenv(\"GOLIFT_TEST_VARIABLE\"))
	os.Exit(7)
}
";

fn run_passes_things_through() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[("echo.go", ECHO)])?;
    let mut command = command(dir.path(), &["run", "echo.go", "-x", "y z", "a.go"]);
    let outcome = run(command.env("GOLIFT_TEST_VARIABLE", "value"), Streams::Both, Duration::from_secs(60))?;
    // `a.go` does not follow Go files directly, so it is an argument.
    if outcome.text() != "[-x y z a.go] 0 value\nexit status 7\n" || outcome.code() != Some(7) {
        return Err(format!("{}\n{}", outcome.ending(), outcome.text()).into());
    }
    Ok(())
}

/// Python, which the installation of the library needs anyway, has terminals.
fn excerpts_on_a_terminal() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[("main.go", b"package main\n\nfunc main() {\n\tx := wrong\n}\n")])?;
    let coloured = "\x1b[34m4 |\x1b[0m     x := wrong\r\n\x1b[34m  |\x1b[0m          \x1b[1;31m^^^^^\x1b[0m\r\n";
    let plain = "./main.go:4:7: undefined: wrong\r\n4 |     x := wrong\r\n  |          ^^^^^\r\n";
    for (no_color, wanted) in [("", coloured), ("1", plain)] {
        let mut command = Command::new("python3");
        command.args(["-c", "import pty, sys; pty.spawn(sys.argv[1:])"]).arg(golift()).args(["check", "main.go"]);
        command.current_dir(dir.path()).env("PWD", dir.path()).env("TERM", "xterm").env("NO_COLOR", no_color);
        let outcome = run(&mut command, Streams::Both, Duration::from_secs(60))?;
        if !outcome.text().contains(wanted) {
            return Err(format!("{wanted:?} is not in {:?}", outcome.text()).into());
        }
    }
    Ok(())
}

/// A failed build leaves the old output alone and nothing beside it.
fn nothing_half_written() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[("main.go", b"package main\n\nfunc main() { x }\n"), ("main", b"old")])?;
    let outcome = run(&mut command(dir.path(), &["build", "main.go"]), Streams::Both, Duration::from_secs(60))?;
    let names: Vec<_> = fs::read_dir(dir.path())?.flatten().map(|entry| entry.file_name()).collect();
    if outcome.code() != Some(1) || fs::read(dir.path().join("main"))? != b"old" || names.len() != 2 {
        return Err(format!("{}, {names:?}\n{}", outcome.ending(), outcome.text()).into());
    }
    Ok(())
}

/// Executables are equal without a cache, with a full one, after a change elsewhere, and with a damaged one.
fn caches_change_nothing() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let build = |cache: &str, name: &str, comment: &str| -> Result<Vec<u8>, Failed> {
        let text = format!(
            "package main\n\n{comment}\nfunc f(n int) int {{\n\tif n < 2 {{\n\t\treturn n\n\t}}\n\treturn f(n-1) + f(n-2)\n}}\n\nfunc main() {{ println(f(20)) }}\n"
        );
        fs::write(dir.path().join("main.go"), text)?;
        let mut command = command(dir.path(), &["build", "-o", name, "main.go"]);
        command.env("GOLIFTCACHE", dir.path().join(cache));
        let outcome = run(&mut command, Streams::Both, Duration::from_secs(60))?;
        match outcome.code() {
            Some(0) => Ok(fs::read(dir.path().join(name))?),
            _ => Err(outcome.text().into()),
        }
    };
    let first = build("a", "first", "// x")?;
    for name in ["hit", "other name"] {
        if build("a", name, "// x")? != first {
            return Err("the cached program differs".into());
        }
    }
    let moved = build("a", "moved", "// x\n\n// y")?;
    if build("b", "fresh", "// x\n\n// y")? != moved {
        return Err("cached functions make a difference".into());
    }
    for folder in ["code", "program"] {
        for entry in fs::read_dir(dir.path().join("a").join(folder))?.flatten() {
            let mut bytes = fs::read(entry.path())?;
            bytes.iter_mut().skip(100).step_by(50).for_each(|byte| *byte ^= 0x5a);
            fs::write(entry.path(), bytes)?;
        }
    }
    if build("a", "damaged", "// x\n\n// y")? != moved {
        return Err("a damaged cache makes a difference".into());
    }
    let cleaned = run(
        command(dir.path(), &["clean", "-cache"]).env("GOLIFTCACHE", dir.path().join("a")),
        Streams::Both,
        Duration::from_secs(60),
    )?;
    if cleaned.code() != Some(0) || dir.path().join("a/code").exists() {
        return Err(format!("clean -cache: {}", cleaned.text()).into());
    }
    Ok(())
}
