//! Where packages come from: workspaces, replacements, other go.mod files, and modules that have to be fetched.

use std::fs;
use std::path::{Path, PathBuf};
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
    vec![
        Trial::test("cli/fetched_module", fetched_module),
        Trial::test("cli/fetched_together", fetched_together),
        Trial::test("cli/not_to_be_fetched", not_to_be_fetched),
    ]
}

/// Makes what a module proxy serves, in a folder: two modules, one whose files are cut off half-way, and one that has only a go.mod.
const PROXY: &str = r#"
import os, zipfile
for name in ["lib", "two", "cut", "nozip"]:
    d = "proxy/example.org/" + name + "/@v"
    os.makedirs(d)
    mod = "module example.org/" + name + "\n\ngo 1.20\n"
    open(d + "/list", "w").write("v1.0.0\n")
    open(d + "/v1.0.0.info", "w").write('{"Version":"v1.0.0"}')
    open(d + "/v1.0.0.mod", "w").write(mod)
    if name == "nozip":
        continue
    with zipfile.ZipFile(d + "/v1.0.0.zip", "w") as z:
        z.writestr("example.org/" + name + "@v1.0.0/go.mod", mod)
        z.writestr("example.org/" + name + "@v1.0.0/x/x.go", "package x\n\nconst X = 42\n")
    if name == "cut":
        size = os.path.getsize(d + "/v1.0.0.zip")
        os.truncate(d + "/v1.0.0.zip", size // 2)
"#;

/// A module cache that a test may leave behind: its files cannot be written to.
struct ModuleCache(PathBuf);

impl Drop for ModuleCache {
    fn drop(&mut self) {
        let _the_folder_is_temporary = Command::new("chmod").args(["-R", "u+w"]).arg(&self.0).status();
    }
}

/// A module that needs those, and a folder with packages that import them; runs a package with the proxy.
fn run_with_proxy(dir: &Path, package: &str, sums: &str) -> Result<Outcome, Failed> {
    let require = ["lib", "two", "cut", "nozip"].map(|name| format!("\texample.org/{name} v1.0.0\n")).concat();
    let go_mod = format!("module m\n\ngo 1.27\n\nrequire (\n{require})\n");
    write_files(
        dir,
        &[
            ("m/go.mod", go_mod.as_bytes()),
            ("m/go.sum", sums.as_bytes()),
            (
                "m/both/m.go",
                b"package main\n\nimport (\n\t\"example.org/lib/x\"\n\ty \"example.org/two/x\"\n)\n\nfunc main() { println(x.X + y.X) }\n",
            ),
            (
                "m/bad/m.go",
                b"package main\n\nimport (\n\t_ \"example.org/lib/x\"\n\t_ \"example.org/nozip/x\"\n\t_ \"example.org/cut/x\"\n)\n\nfunc main() {}\n",
            ),
        ],
    )?;
    if !dir.join("proxy").exists() {
        let made = run(Command::new("python3").args(["-c", PROXY]).current_dir(dir), Streams::Both, LONG)?;
        if made.code() != Some(0) {
            return Err(made.text().into());
        }
    }
    let cache = ModuleCache(dir.join("cache"));
    let mut command = command(&dir.join("m"), &["run", "-mod=readonly", package]);
    command.env("GOPROXY", format!("file://{}", dir.join("proxy").display())).env("GOMODCACHE", &cache.0);
    command.env("GOSUMDB", "off").env("GONOSUMDB", "").env("GOFLAGS", "");
    Ok(run(&mut command, Streams::Both, LONG)?)
}

const SUMS: &str = "example.org/lib v1.0.0 h1:pzH34QcgK/kVZfSsesiXXmhi/JPTqsqwytjVTNFwjw4=
example.org/lib v1.0.0/go.mod h1:RF8WScGQkDmWniSfXxB+ldTiQWyaGTkMESPse/aXD3w=
example.org/two v1.0.0 h1:dImnSftO3ikLLajrhNamazMc2EsLf/SvgYQ2c81Qa3Q=
example.org/two v1.0.0/go.mod h1:TCRFYM/onAiM1+uRpAwAYCUTHUHMOi+0w0trN9xcOys=
example.org/cut v1.0.0 h1:dImnSftO3ikLLajrhNamazMc2EsLf/SvgYQ2c81Qa3Q=
example.org/cut v1.0.0/go.mod h1:t/8WpxLLwQ4ZokoGQga4mQxoJVVFzbuXy+M1Xq3RHNQ=
example.org/nozip v1.0.0 h1:dImnSftO3ikLLajrhNamazMc2EsLf/SvgYQ2c81Qa3Q=
example.org/nozip v1.0.0/go.mod h1:1FJp0iIPIZHPMdG9PoR/Cf1rA7WVU7bCrZqT+ONvQxY=
";

/// What one package needs is asked for at once.
fn fetched_together() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let expected = "go: downloading example.org/lib v1.0.0\ngo: downloading example.org/two v1.0.0\n84\n";
    let outcome = run_with_proxy(dir.path(), "./both", SUMS)?;
    match (outcome.code(), outcome.text()) {
        (Some(0), text) if text == expected => Ok(()),
        (_, text) => Err(format!("{}: {text}", outcome.ending()).into()),
    }
}

/// Each module that cannot be had is told of, where it is imported, in go's words; a wrong sum ends everything.
fn not_to_be_fetched() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let outcome = run_with_proxy(dir.path(), "./bad", SUMS)?;
    let text = outcome.text();
    let nozip = format!(
        "bad/m.go:5:2: example.org/nozip@v1.0.0: reading file://{}/proxy/example.org/nozip/@v/v1.0.0.zip: no such file or directory\n",
        dir.path().display()
    );
    let errors = format!("bad/m.go:6:2: zip: not a valid zip file\n{nozip}");
    if outcome.code() != Some(1) || !text.ends_with(&errors) {
        return Err(format!("{}: {errors:?} expected in\n{text}", outcome.ending()).into());
    }
    let wrong = SUMS.replace("h1:dImnSftO3ikLLajrhNamazMc2EsLf/SvgYQ2c81Qa3Q=", WRONG_SUM);
    let outcome = run_with_proxy(dir.path(), "./both", &wrong)?;
    let text = outcome.text();
    let expected = format!(
        "go: downloading example.org/two v1.0.0\nverifying example.org/two@v1.0.0: checksum mismatch\n\tdownloaded: h1:dImnSftO3ikLLajrhNamazMc2EsLf/SvgYQ2c81Qa3Q=\n\tgo.sum:     {WRONG_SUM}\n\nSECURITY ERROR\n"
    );
    match outcome.code() == Some(1) && text.starts_with(&expected) {
        true => Ok(()),
        false => Err(format!("{}: {expected:?} expected in\n{text}", outcome.ending()).into()),
    }
}

const WRONG_SUM: &str = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

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

const LONG: Duration = Duration::from_secs(600);
