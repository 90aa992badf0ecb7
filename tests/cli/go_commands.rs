//! Commands in which the distribution's go command has a part: lists, variables, tools, installation.

use std::fs;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, output_of, write_files};

const TEST: (&str, &[u8]) = ("main_test.go", b"package main\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n");
const BROKEN: (&str, &[u8]) = ("p/p.go", b"package p\n\nimport \"ex.com/nosuch\"\n");

/// What the analyzers of cmd/fix have something to say about.
const OLD: (&str, &[u8]) =
    ("old.go", b"package main\n\nfunc f(x interface{}) {\n\tfor i := 0; i < 3; i++ {\n\t\tprintln(i, x)\n\t}\n}\n");

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "list_template", files: &[MOD, HELLO], args: &["list", "-f", "{{with .Module}}{{.Path | printf \"%q\"}}{{end}} {{join .GoFiles \",\"}} {{len .Deps | eq 0}}"], env: &[], code: 0, output: &["\"example.com/m\" main.go false\n"] },
    Case { name: "list_modules", files: &[MOD, HELLO], args: &["list", "-m", "-f", "{{.Path}} {{.Main}} {{.GoVersion}}"], env: &[], code: 0, output: &["example.com/m true 1.27\n"] },
    Case { name: "list_tests", files: &[MOD, HELLO, TEST], args: &["list", "-test"], env: &[], code: 0, output: &["example.com/m\nexample.com/m.test\nexample.com/m [example.com/m.test]\n"] },
    Case { name: "list_stale", files: &[MOD, HELLO], args: &["list", "-json=Stale,StaleReason"], env: &[("PATH", "")], code: 0, output: &["\"Stale\": true"] },
    Case { name: "list_errors", files: &[MOD, BROKEN], args: &["list", "-e", "-f", "{{.ImportPath}} {{.Incomplete}}", "./..."], env: &[], code: 0, output: &["example.com/m/p true\n"] },
    Case { name: "list_without_cgo", files: &[MOD], args: &["list", "-f", "{{.CgoFiles}}", "net"], env: &[], code: 0, output: &["[]\n"] },
    Case { name: "list_broken", files: &[MOD, BROKEN], args: &["list", "-deps", "./p"], env: &[("GOPROXY", "off")], code: 1, output: &["p/p.go:3:8: no required module provides package ex.com/nosuch; to add it:\n\tgo get ex.com/nosuch\n"] },
    // Before anything is run, or even built.
    Case { name: "no_folder_for_profile", files: &[MOD, ("x_test.go", b"package x\n\nvar x int = \"\"\n")], args: &["test", "-coverprofile=/nosuch/x"], env: &[], code: 1, output: &["open /nosuch/x: no such file or directory\n"] },
    // math/rand's Seed does nothing from Go 1.24 on.
    Case { name: "old_defaults_for_tests", files: &[("go.mod", b"module ex.com/old\n\ngo 1.20\n"), ("x_test.go", b"package old\n\nimport (\n\t\"math/rand\"\n\t\"testing\"\n)\n\nfunc TestSeed(t *testing.T) {\n\trand.Seed(1)\n\ta := rand.Int()\n\trand.Seed(1)\n\tif rand.Int() != a {\n\t\tt.Fatal(\"not seeded\")\n\t}\n}\n")], args: &["test"], env: &[], code: 0, output: &["ok  \tex.com/old"] },
    Case { name: "vet_diff_alone", files: &[MOD, HELLO], args: &["vet", "-diff"], env: &[], code: 1, output: &["go vet -diff flag requires -fix\n"] },
    Case { name: "vet_fix_diff", files: &[MOD, ("v.go", b"package v\n\nimport \"fmt\"\n\nfunc G(s string) {\n\tfmt.Println(\"x\\n\")\n\tfmt.Printf(s)\n}\n")], args: &["vet", "-fix", "-diff"], env: &[], code: 1, output: &["/v.go (new)\n@@ -4,5 +4,5 @@\n \n func G(s string) {\n \tfmt.Println(\"x\\n\")\n-\tfmt.Printf(s)\n+\tfmt.Printf(\"%s\", s)\n }\n"] },
    Case { name: "fix_describes", files: &[MOD, OLD], args: &["fix", "-json"], env: &[], code: 0, output: &["\t\t\t\t\"message\": \"interface{} can be replaced by any\",\n"] },
    Case { name: "fix_obsolete", files: &[MOD, HELLO], args: &["fix", "-fix=buildtag"], env: &[], code: 0, output: &["go fix: the -fix=buildtag flag is obsolete and has no effect\ngo fix: to enable the buildtag check, use -buildtag\n"] },
    Case { name: "env_json", files: &[MOD], args: &["env", "-json", "GOOS", "CGO_ENABLED"], env: &[], code: 0, output: &["{\n\t\"CGO_ENABLED\": \"0\",\n\t\"GOOS\": \"linux\"\n}\n"] },
    Case { name: "env_unknown", files: &[], args: &["env", "-w", "FOO=1"], env: &[("GOENV", "/dev/null/env")], code: 1, output: &["unknown go command variable FOO"] },
    Case { name: "help_topic", files: &[], args: &["help", "buildconstraint"], env: &[], code: 0, output: &["A build constraint, also known as a build tag, is a condition"] },
    Case { name: "help_nothing", files: &[], args: &["help", "nosuch"], env: &[], code: 2, output: &["go help nosuch: unknown help topic. Run 'go help'.\n"] },
    Case { name: "clean_dry", files: &[MOD, HELLO, ("m", b"")], args: &["clean", "-n"], env: &[], code: 0, output: &["rm -f /", "/m\n"] },
    Case { name: "version_of_nothing", files: &[], args: &["version", "nosuch"], env: &[], code: 1, output: &["stat nosuch: no such file or directory\n"] },
    Case { name: "tools", files: &[], args: &["tool"], env: &[], code: 0, output: &["asm\ncgo\ncompile\ncover\nfix\nlink\npreprofile\nvet\n"] },
    Case { name: "tool_targets", files: &[], args: &["tool", "dist", "list"], env: &[], code: 0, output: &["linux/amd64\n", "js/wasm\n"] },
    Case { name: "no_tool", files: &[MOD], args: &["tool", "nosuch"], env: &[], code: 2, output: &["go: no such tool \"nosuch\"\n"] },
    Case { name: "tool_runs", files: &[("text", b"=== RUN TestA\n")], args: &["tool", "test2json", "./text"], env: &[], code: 1, output: &["{\"Action\":\"start\"}\n", "permission denied\\n\"}\n{\"Action\":\"fail\"}\n"] },
    Case { name: "generate_starts_golift", files: &[MOD, ("g.go", b"package g\n\n//go:generate go doctor\n")], args: &["generate"], env: &[], code: 0, output: &["golift: "] },
    Case { name: "all", files: &[MOD, HELLO, ("p/p.go", b"package p\n\nvar X int = \"\"\n")], args: &["check", "all"], env: &[], code: 1, output: &["p/p.go:3:13: cannot use \"\""] },
    Case { name: "install_relative", files: &[MOD, HELLO], args: &["install"], env: &[("GOBIN", "bin")], code: 1, output: &["cannot install, GOBIN must be an absolute path\n"] },
    Case { name: "install_cross", files: &[MOD, HELLO], args: &["install"], env: &[("GOBIN", "/bin"), ("GOARCH", "arm64"), ("GOOS", "linux")], code: 1, output: &["go: cannot install cross-compiled binaries when GOBIN is set\n"] },
    Case { name: "install_file", files: &[HELLO], args: &["install", "main.go"], env: &[("GOBIN", "")], code: 1, output: &["go: no install location for .go files listed on command line (GOBIN not set)\n"] },
    Case { name: "install_mixed", files: &[MOD], args: &["install", "ex.com/a@v1.0.0", "ex.com/b@v2.0.0"], env: &[], code: 1, output: &["ex.com/b@v2.0.0: all arguments must refer to packages in the same module at the same version (@v1.0.0)\n"] },
    Case { name: "doctor", files: &[], args: &["doctor"], env: &[], code: 0, output: &["ok       distribution: go1.27", "ok       targets: linux/amd64"] },
    Case { name: "doctor_without_path", files: &[], args: &["doctor"], env: &[("PATH", "")], code: 0, output: &["missing  C compiler: ", "         to mend it: apt-get install gcc\n"] },
    Case { name: "doctor_without_distribution", files: &[], args: &["doctor"], env: &[("GOROOT", "/nosuch")], code: 1, output: &["FAULT    distribution: GOROOT=/nosuch: this is no Go distribution (no VERSION file)\n         to mend it: unset GOROOT\n"] },
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/build_information", build_information),
        Trial::test("cli/revisions", revisions),
        Trial::test("cli/install", install),
        Trial::test("cli/tool_of_module", tool_of_module),
        Trial::test("cli/fix", fix),
    ]
}

fn good(command: &mut Command) -> Result<String, Failed> {
    output_of(run(command, Streams::Both, Duration::from_secs(300))?)
}

/// What `fix` would change, it changes, also in test files, and then nothing is left to do.
fn fix() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let test =
        b"package main\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {\n\tvar x interface{} = 1\n\tf(x)\n}\n";
    write_files(work.path(), &[MOD, HELLO, OLD, ("old_test.go", test)])?;
    let fix = |args: &[&str]| run(&mut command(work.path(), args), Streams::Both, Duration::from_secs(300));
    let shown = fix(&["fix", "-diff", "./..."])?;
    let expected = "-func f(x interface{}) {\n-\tfor i := 0; i < 3; i++ {\n+func f(x any) {\n+\tfor i := range 3 {\n";
    if shown.code() != Some(1) || !shown.text().contains(expected) {
        return Err(format!("{}: {expected:?} expected in\n{}", shown.ending(), shown.text()).into());
    }
    for _ in 0..2 {
        let done = fix(&["fix", "./..."])?;
        if (done.code(), &*done.text()) != (Some(0), "") {
            return Err(format!("{}: {}", done.ending(), done.text()).into());
        }
        let old = fs::read_to_string(work.path().join("old.go"))?;
        assert_eq!(old, "package main\n\nfunc f(x any) {\n\tfor i := range 3 {\n\t\tprintln(i, x)\n\t}\n}\n");
        assert!(fs::read_to_string(work.path().join("old_test.go"))?.contains("\tvar x any = 1\n"));
    }
    let shown = fix(&["fix", "-diff"])?;
    if (shown.code(), &*shown.text()) == (Some(0), "") { Ok(()) } else { Err(shown.text().into()) }
}

/// `go version -m` of any distribution reads it, whoever has linked.
fn build_information() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[MOD, HELLO])?;
    for flags in [&["-ldflags=-s"][..], &["-ldflags=-linkmode=external", "-tags=a,b"]] {
        good(command(dir, &["build", "-o", "x"]).args(flags).arg("."))?;
        let text = good(&mut command(dir, &["version", "-m", "x"]))?;
        assert!(text.starts_with("x: go1.27"), "{text}");
        assert!(text.contains("\tpath\texample.com/m\n\tmod\texample.com/m\t(devel)\t\n"), "{text}");
        assert!(text.contains(&format!("\tbuild\t{}\n", flags[0])), "{text}");
        assert!(text.contains("\tbuild\tGOOS=linux\n"), "{text}");
        assert!(!text.contains("vcs"), "{text}");
    }
    Ok(())
}

/// In a git repository, `build` says which revision it was, and `run` does not ask.
fn revisions() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    const INFO: &[u8] = b"package main\n\nimport \"runtime/debug\"\n\nfunc main() {\n\tinfo, _ := debug.ReadBuildInfo()\n\tprintln(info.Main.Version)\n\tfor _, s := range info.Settings {\n\t\tprintln(s.Key, s.Value)\n\t}\n}\n";
    write_files(dir, &[MOD, ("main.go", INFO), (".gitignore", b"/x\n")])?;
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@ex.com", "-c", "commit.gpgsign=false"]).args(args);
        git.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for name in ["GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"] {
            git.env(name, "2024-02-29T12:34:56Z");
        }
        good(&mut git)
    };
    // What `go env -w` has set is nothing that a test should depend on.
    let command = |args: &[&str]| {
        let mut command = command(dir, args);
        command.env("GOENV", "off");
        command
    };
    let info = || {
        good(&mut command(&["build", "-o", "x"]))?;
        good(&mut Command::new(dir.join("x")))
    };
    git(&["init", "-q"])?;
    assert!(info()?.contains("vcs git\nvcs.modified true\n"));
    git(&["add", "."])?;
    git(&["commit", "-q", "-m", "first"])?;
    let revision = git(&["rev-parse", "HEAD"])?;
    let revision = revision.trim();
    let text = info()?;
    let version = format!("v0.0.0-20240229123456-{}\n", &revision[..12]);
    assert!(text.starts_with(&version), "{text}");
    let settings = format!("vcs git\nvcs.revision {revision}\nvcs.time 2024-02-29T12:34:56Z\nvcs.modified false\n");
    assert!(text.ends_with(&settings), "{text}");
    git(&["tag", "v1.2.3"])?;
    assert!(info()?.starts_with("v1.2.3\n"));
    fs::write(dir.join("new"), "")?;
    let text = info()?;
    assert!(text.starts_with("v1.2.3+dirty\n") && text.ends_with("vcs.modified true\n"), "{text}");
    for args in [&["run", "."][..], &["run", "-buildvcs=auto", "."]] {
        assert!(!good(&mut command(args))?.contains("vcs"));
    }
    assert!(good(&mut command(&["run", "-buildvcs=true", "."]))?.contains("vcs.modified"));
    good(&mut command(&["build", "-buildvcs=false", "-o", "x"]))?;
    assert!(good(&mut Command::new(dir.join("x")))?.starts_with("(devel)\n"));
    Ok(())
}

const A: (&str, &[u8]) = ("cmd/a/main.go", b"package main\n\nfunc main() { println(\"a\") }\n");
const B: (&str, &[u8]) = ("cmd/b/v2/main.go", b"package main\n\nfunc main() { println(\"b\") }\n");

fn install() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[MOD, A, B, ("lib/lib.go", b"package lib\n")])?;
    good(command(dir, &["install", "./..."]).env("GOBIN", dir.join("bin")))?;
    assert_eq!(good(&mut Command::new(dir.join("bin/a")))?, "a\n");
    assert_eq!(good(&mut Command::new(dir.join("bin/b")))?, "b\n");
    good(command(dir, &["install", "./cmd/a"]).env("GOBIN", "").env("GOPATH", dir.join("path")))?;
    assert_eq!(good(&mut Command::new(dir.join("path/bin/a")))?, "a\n");
    Ok(())
}

/// A tool of go.mod finds golift as `go`.
fn tool_of_module() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    const RUNS_GO: &[u8] = b"package main\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n)\n\nfunc main() {\n\tprint(os.Args[1], \" \")\n\tcmd := exec.Command(\"go\", \"doctor\")\n\tcmd.Stdout = os.Stdout\n\tcmd.Run()\n}\n";
    write_files(dir, &[("go.mod", b"module m\n\ngo 1.27\n\ntool m/cmd/hi\n"), ("cmd/hi/main.go", RUNS_GO)])?;
    for name in ["hi", "m/cmd/hi"] {
        let text = good(&mut command(dir, &["tool", name, "x"]))?;
        assert!(text.starts_with("x ok ") && text.contains("golift: "), "{text}");
    }
    assert!(good(&mut command(dir, &["tool"]))?.ends_with("hi (m/cmd/hi)\n"));
    let program = good(&mut command(dir, &["tool", "-n", "hi"]))?;
    assert!(good(Command::new(program.trim()).arg("y"))?.starts_with("y "));
    Ok(())
}
