//! Where packages come from: workspaces, replacements, other go.mod files, and modules that have to be fetched.

use std::fs;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Outcome, Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, write_files};

const A: (&str, &[u8]) = ("a/go.mod", b"module ex.com/a\n\ngo 1.27\n");
const A_MAIN: (&str, &[u8]) = ("a/a.go", b"package main\n\nimport \"ex.com/b\"\n\nfunc main() { println(b.X) }\n");
const B: (&str, &[u8]) = ("b/go.mod", b"module ex.com/b\n\ngo 1.27\n");
const B_LIB: (&str, &[u8]) = ("b/b.go", b"package b\n\nconst X = 1\n");
const WORK: (&str, &[u8]) = ("go.work", b"go 1.27\n\nuse (\n\t./a\n\t./b\n)\n");

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "workspace", files: &[A, A_MAIN, B, B_LIB, WORK], args: &["run", "./a"], env: &[], code: 0, output: &["1\n"] },
    Case { name: "workspace_list", files: &[A, A_MAIN, B, B_LIB, WORK], args: &["list", "./a/...", "./b/..."], env: &[], code: 0, output: &["ex.com/a\nex.com/b\n"] },
    Case { name: "workspace_off", files: &[A, A_MAIN, B, B_LIB, WORK], args: &["build", "-C", "a"], env: &[("GOWORK", "off")], code: 1, output: &["a.go:3:8: no required module provides package ex.com/b; to add it:\n\tgo get ex.com/b\n"] },
    Case { name: "workspace_without", files: &[A, A_MAIN, B, B_LIB, ("go.work", b"go 1.27\n\nuse ./a\n")], args: &["build", "-C", "b"], env: &[], code: 1, output: &["current directory is contained in a module that is not one of the workspace modules listed in go.work. You can add the module to the workspace using:\n\tgo work use .\n"] },
    Case { name: "workspace_missing", files: &[A, A_MAIN, WORK], args: &["build", "-C", "a"], env: &[], code: 1, output: &["go: cannot load module ../b listed in go.work file: open ../b/go.mod: no such file or directory\n"] },
    Case { name: "workspace_replace", files: &[A, A_MAIN, B, B_LIB, ("a2/go.mod", b"module ex.com/a\n\ngo 1.27\n\nrequire ex.com/b v1.0.0\n"), ("a2/a.go", A_MAIN.1), ("go.work", b"go 1.27\n\nuse ./a2\n\nreplace ex.com/b => ./b\n")], args: &["run", "./a2"], env: &[], code: 0, output: &["1\n"] },
    Case { name: "workspace_by_name", files: &[], args: &["build"], env: &[("GOWORK", "x")], code: 1, output: &["go: invalid GOWORK: not an absolute path\n"] },
    Case { name: "other_go_mod", files: &[A, A_MAIN, B, B_LIB, ("a/alt.mod", b"module ex.com/a\n\ngo 1.27\n\nrequire ex.com/b v1.0.0\n\nreplace ex.com/b => ../b\n")], args: &["run", "-C", "a", "-modfile=alt.mod", "."], env: &[], code: 0, output: &["1\n"] },
    Case { name: "no_other_go_mod", files: &[MOD, HELLO], args: &["build", "-modfile=x.mod"], env: &[], code: 1, output: &["go: open x.mod: no such file or directory\n"] },
    Case { name: "mode", files: &[MOD, HELLO], args: &["build", "-mod=foo"], env: &[], code: 1, output: &["-mod=foo not supported (can be '', 'mod', 'readonly', or 'vendor')\n"] },
    Case { name: "mode_in_workspace", files: &[A, A_MAIN, B, B_LIB, WORK], args: &["build", "-mod=mod", "./a"], env: &[], code: 1, output: &["go: -mod may only be set to readonly or vendor when in workspace mode, but it is set to \"mod\"\n"] },
    Case { name: "vendor_not_used", files: &[MOD, ("vendor/modules.txt", b"# example.org/lib v1.0.0\n## explicit; go 1.20\nexample.org/lib\n"), ("vendor/example.org/lib/x.go", b"package lib\n"), ("main.go", b"package main\n\nimport _ \"example.org/lib\"\n\nfunc main() {}\n")], args: &["build", "-mod=mod"], env: &[], code: 1, output: &["main.go:3:8: no required module provides package example.org/lib; to add it:\n\tgo get example.org/lib\n"] },
    Case { name: "no_such_folder", files: &[], args: &["build", "-C", "nosuch"], env: &[], code: 1, output: &["go: chdir nosuch: no such file or directory\n"] },
    Case { name: "folder_not_first", files: &[("x/", b"")], args: &["build", "-v", "-C", "x"], env: &[], code: 2, output: &["invalid value \"x\" for flag -C: -C flag must be first flag on command line\n"] },
    Case { name: "overlay", files: &[MOD, HELLO, ("x/bye.txt", b"package main\n\nimport \"example.com/m/made\"\n\nfunc main() { println(made.Up) }\n"), ("up.txt", b"package made\n\nconst Up = \"made up\"\n"), ("gone.go", b"package main\n\nvar x int = \"\"\n"), ("o.json", b"{\"Replace\": {\"main.go\": \"x/bye.txt\", \"made/up.go\": \"up.txt\", \"gone.go\": \"\"}}")], args: &["run", "-overlay=o.json", "."], env: &[], code: 0, output: &["made up\n"] },
    Case { name: "no_overlay", files: &[MOD, HELLO], args: &["build", "-overlay=o.json"], env: &[], code: 1, output: &["go: reading overlay: open o.json: no such file or directory\n"] },
    Case { name: "bad_overlay", files: &[MOD, HELLO, ("o.json", b"{")], args: &["build", "-overlay=o.json"], env: &[], code: 1, output: &["go: reading overlay: parsing overlay JSON: unexpected end of JSON input\n"] },
    Case { name: "no_sum", files: &[("go.mod", b"module m\n\ngo 1.27\n\nrequire example.org/lib v1.0.0\n"), ("main.go", b"package main\n\nimport _ \"example.org/lib/x\"\n\nfunc main() {}\n")], args: &["build"], env: &[], code: 1, output: &["main.go:3:8: missing go.sum entry for module providing package example.org/lib/x (imported by m); to add:\n\tgo get m\n"] },
    Case { name: "command_of_go_without_cache", files: &[], args: &["mod", "init", "ex.com/x"], env: &[("GOLIFTCACHE", "/proc/nosuch")], code: 0, output: &["golift: warning: cannot write to the cache in /proc/nosuch/", "go: creating new go.mod: module ex.com/x\n"] },
    Case { name: "command_of_go", files: &[("x.go", b"package x\n\nfunc  f( ) {}\n")], args: &["mod", "init", "ex.com/x"], env: &[], code: 0, output: &["go: creating new go.mod: module ex.com/x\n"] },
];

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("cli/fetched_module", fetched_module)]
}

/// Makes what a module proxy serves, in a folder.
const PROXY: &str = r#"
import os, zipfile
d = "proxy/example.org/lib/@v"
os.makedirs(d)
mod = "module example.org/lib\n\ngo 1.20\n"
open(d + "/list", "w").write("v1.0.0\n")
open(d + "/v1.0.0.info", "w").write('{"Version":"v1.0.0"}')
open(d + "/v1.0.0.mod", "w").write(mod)
with zipfile.ZipFile(d + "/v1.0.0.zip", "w") as z:
    z.writestr("example.org/lib@v1.0.0/go.mod", mod)
    z.writestr("example.org/lib@v1.0.0/x/x.go", "package x\n\nconst X = 42\n")
"#;

fn fetched_module() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let path = dir.path();
    write_files(
        path,
        &[
            (
                "m/go.mod",
                b"module m\n\ngo 1.27\n\nrequire (\n\texample.org/lib v1.0.0\n\texample.org/unused v1.0.0\n)\n",
            ),
            ("m/main.go", b"package main\n\nimport \"example.org/lib/x\"\n\nfunc main() { println(x.X) }\n"),
        ],
    )?;
    let made = run(Command::new("python3").args(["-c", PROXY]).current_dir(path), Streams::Both, LONG)?;
    if made.code() != Some(0) {
        return Err(made.text().into());
    }
    let cache = path.join("cache");
    let golift = |flags: &[&str], proxy: &str| -> Result<Outcome, Failed> {
        let mut command = command(&path.join("m"), &[&["run"], flags, &["."]].concat());
        command.env("GOPROXY", proxy).env("GOMODCACHE", &cache).env("GOSUMDB", "off").env("GONOSUMDB", "");
        command.env("GOFLAGS", "");
        Ok(run(&mut command, Streams::Both, LONG)?)
    };
    let expect = |outcome: Outcome, code: i32, wanted: &str| -> Result<(), Failed> {
        match outcome.code() == Some(code) && outcome.text().contains(wanted) {
            true => Ok(()),
            false => Err(format!("{}: {wanted:?} expected in\n{}", outcome.ending(), outcome.text()).into()),
        }
    };
    let proxy = format!("file://{}", path.join("proxy").display());
    expect(golift(&["-mod=mod"], "off")?, 1, "main.go:3:8: module lookup disabled by GOPROXY=off\n")?;
    expect(golift(&["-mod=mod"], &proxy)?, 0, "go: downloading example.org/lib v1.0.0\n42\n")?;
    // Now it is there, and go.sum knows it, as it must.
    expect(golift(&[], "off")?, 0, "42\n")?;
    fs::remove_file(path.join("m/go.sum"))?;
    expect(golift(&[], "off")?, 1, "missing go.sum entry for module providing package example.org/lib/x")?;
    let hash = fs::read_to_string(cache.join("cache/download/example.org/lib/@v/v1.0.0.ziphash"))?;
    fs::write(path.join("m/go.sum"), format!("example.org/lib v1.0.0 {hash}\n{OF_MOD}"))?;
    expect(golift(&[], "off")?, 0, "42\n")?;
    fs::write(path.join("m/go.sum"), "example.org/lib v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")?;
    expect(golift(&[], "off")?, 1, "verifying example.org/lib@v1.0.0: checksum mismatch\n")?;
    run(Command::new("chmod").args(["-R", "u+w"]).arg(&cache), Streams::Both, LONG)?;
    Ok(())
}

/// Of the module above.
const OF_MOD: &str = "example.org/lib v1.0.0/go.mod h1:RF8WScGQkDmWniSfXxB+ldTiQWyaGTkMESPse/aXD3w=\n";

const LONG: Duration = Duration::from_secs(60);
