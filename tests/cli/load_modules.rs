//! Modules: which versions are chosen, what go.mod, go.sum and vendor/modules.txt must agree on, and malformed ones of them.
//! The texts are those of `go`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, write_files};

type File = (&'static str, &'static [u8]);

const MAIN_A: File = ("main.go", b"package main\n\nimport \"ex.com/a\"\n\nfunc main() { println(a.V) }\n");
const A10: File = ("a10/go.mod", b"module ex.com/a\n\ngo 1.16\n\nrequire ex.com/c v1.2.0\n");
const A10_LIB: File = ("a10/a.go", b"package a\n\nimport \"ex.com/c\"\n\nvar V = \"a 1.0 \" + c.V\n");
const A11: File = ("a11/go.mod", b"module ex.com/a\n\ngo 1.16\n\nrequire ex.com/c v1.1.0\n");
const A11_LIB: File = ("a11/a.go", b"package a\n\nimport \"ex.com/c\"\n\nvar V = \"a 1.1 \" + c.V\n");
const B10: File = ("b10/go.mod", b"module ex.com/b\n\ngo 1.16\n\nrequire ex.com/a v1.0.0\n");
const B10_LIB: File = ("b10/b.go", b"package b\n\nvar V = 1\n");
const C11: File = ("c11/go.mod", b"module ex.com/c\n\ngo 1.16\n");
const C11_LIB: File = ("c11/c.go", b"package c\n\nvar V = \"c 1.1\"\n");
const C12: File = ("c12/go.mod", b"module ex.com/c\n\ngo 1.16\n");
const C12_LIB: File = ("c12/c.go", b"package c\n\nvar V = \"c 1.2\"\n");
const VENDORED: File = ("vendor/ex.com/a/a.go", b"package a\n\nvar V = \"vendored\"\n");

/// The text of a go.mod behind which the replacements of all the folders above stand.
macro_rules! replaced {
    ($text:literal) => {
        ("go.mod", concat!($text, "\nreplace (\n\tex.com/a v1.0.0 => ./a10\n\tex.com/a v1.1.0 => ./a11\n\tex.com/b v1.0.0 => ./b10\n\tex.com/c v1.1.0 => ./c11\n\tex.com/c v1.2.0 => ./c12\n\tm v0.9.0 => ./m09\n)\n").as_bytes())
    };
}

/// What every build needs, with one go.mod.
macro_rules! modules {
    ($($file:expr),* $(,)?) => {
        &[A10, A10_LIB, A11, A11_LIB, B10, B10_LIB, C11, C11_LIB, C12, C12_LIB, $($file),*]
    };
}

macro_rules! vendor {
    ($mod:literal, $list:literal) => {
        &[("go.mod", $mod), ("vendor/modules.txt", $list), VENDORED, MAIN_A]
    };
}

macro_rules! go_mod {
    ($text:literal) => {
        &[("go.mod", $text), HELLO]
    };
}

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "versions_not_selected_count", files: modules![MAIN_A, replaced!("module m\n\ngo 1.16\n\nrequire (\n\tex.com/b v1.0.0\n\tex.com/a v1.1.0\n)\n")], args: &["run", "."], env: &[], code: 0, output: &["a 1.1 c 1.2\n"] },
    Case { name: "old_versions_of_the_main_module_count", files: modules![MAIN_A, ("m09/go.mod", b"module m\n\ngo 1.16\n\nrequire ex.com/c v1.2.0\n"), ("b10/go.mod", b"module ex.com/b\n\ngo 1.16\n\nrequire m v0.9.0\n"), replaced!("module m\n\ngo 1.16\n\nrequire (\n\tex.com/b v1.0.0\n\tex.com/a v1.1.0\n)\n")], args: &["run", "."], env: &[], code: 0, output: &["a 1.1 c 1.2\n"] },
    Case { name: "listed_versions", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire (\n\tex.com/a v1.1.0\n\tex.com/c v1.1.0\n\tex.com/b v1.0.0\n)\n")], args: &["run", "."], env: &[], code: 0, output: &["a 1.1 c 1.1\n"] },
    Case { name: "not_listed", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire ex.com/a v1.1.0\n")], args: &["build"], env: &[], code: 1, output: &["go: updates to go.mod needed; to update it:\n\tgo mod tidy\n"] },
    Case { name: "not_listed_readonly", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire ex.com/a v1.1.0\n")], args: &["build", "-mod=readonly"], env: &[], code: 1, output: &["go: updates to go.mod needed, disabled by -mod=readonly; to update it:\n\tgo mod tidy\n"] },
    Case { name: "listed_too_low", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire (\n\tex.com/a v1.0.0\n\tex.com/c v1.1.0\n)\n")], args: &["build"], env: &[], code: 1, output: &["go: updates to go.mod needed; to update it:\n\tgo mod tidy\n"] },
    Case { name: "listed_twice", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire (\n\tex.com/a v1.0.0\n\tex.com/a v1.1.0\n)\n")], args: &["build"], env: &[], code: 1, output: &["go: updates to go.mod needed; to update it:\n\tgo mod tidy\n"] },
    Case { name: "not_listed_direct", files: modules![("main.go", b"package main\n\nimport (\n\t_ \"ex.com/a\"\n\t_ \"ex.com/c\"\n)\n\nfunc main() {}\n"), replaced!("module m\n\ngo 1.16\n\nrequire ex.com/a v1.1.0\n")], args: &["build"], env: &[], code: 1, output: &["package m imports ex.com/c from implicitly required module; to add missing requirements, run:\n\tgo get ex.com/c@v1.1.0\n"] },
    Case { name: "excluded_version", files: modules![MAIN_A, replaced!("module m\n\ngo 1.16\n\nrequire (\n\tex.com/b v1.0.0\n\tex.com/a v1.1.0\n)\n\nexclude ex.com/c v1.2.0\n")], args: &["run", "."], env: &[], code: 0, output: &["a 1.1 c 1.1\n"] },
    Case { name: "excluded_and_listed", files: modules![MAIN_A, replaced!("module m\n\ngo 1.17\n\nrequire (\n\tex.com/a v1.1.0\n\tex.com/c v1.1.0\n)\n\nexclude ex.com/c v1.1.0\n")], args: &["build"], env: &[], code: 1, output: &["go: ignoring requirement on excluded version ex.com/c v1.1.0\ngo: updates to go.mod needed; to update it:\n\tgo mod tidy\n"] },
    Case { name: "no_replacement", files: &[MAIN_A, ("go.mod", b"module m\n\ngo 1.27\n\nrequire ex.com/a v1.0.0\n\nreplace ex.com/a => ./nosuch\n")], args: &["build"], env: &[], code: 1, output: &["main.go:3:8: ex.com/a@v1.0.0: replacement directory ./nosuch does not exist\n"] },
    Case { name: "replacement_asks_for_newer", files: &[MAIN_A, A10_LIB, ("a10/go.mod", b"module ex.com/a\n\ngo 1.99\n"), ("go.mod", b"module m\n\ngo 1.27\n\nrequire ex.com/a v1.0.0\n\nreplace ex.com/a => ./a10\n")], args: &["build"], env: &[], code: 1, output: &["go: module ./a10 requires go >= 1.99 (running go 1.27."] },
    Case { name: "graph_error", files: &[MAIN_A, A11_LIB, ("a11/go.mod", b"module ex.com/a\n\ngo 1.16\n\nrequire ex.com/c v1.1.0\n"), ("go.mod", b"module m\n\ngo 1.16\n\nrequire ex.com/a v1.1.0\n\nreplace (\n\tex.com/a => ./a11\n\tex.com/c => ./c11\n)\n")], args: &["build"], env: &[], code: 1, output: &["go: ex.com/a@v1.1.0 requires\n\tex.com/c@v1.1.0 (replaced by ./c11): reading c11/go.mod: open ", "/c11/go.mod: no such file or directory\n"] },
    Case { name: "ambiguous", files: &[("main.go", b"package main\n\nimport _ \"ex.com/a/b\"\n\nfunc main() {}\n"), ("a/go.mod", b"module ex.com/a\n"), ("a/b/b.go", b"package b\n"), ("b/go.mod", b"module ex.com/a/b\n"), ("b/b.go", b"package b\n"), ("go.mod", b"module m\n\ngo 1.27\n\nrequire (\n\tex.com/a v1.0.0\n\tex.com/a/b v1.0.0\n)\n\nreplace (\n\tex.com/a => ./a\n\tex.com/a/b => ./b\n)\n")], args: &["build"], env: &[], code: 1, output: &["main.go:3:8: ambiguous import: found package ex.com/a/b in multiple modules:\n\tex.com/a v1.0.0 (", "/a/b)\n\tex.com/a/b v1.0.0 ("] },
    Case { name: "module_within", files: &[MOD, ("sub/go.mod", b"module sub\n"), ("sub/x.go", b"package sub\n")], args: &["build", "./sub"], env: &[], code: 1, output: &["main module (example.com/m) does not contain package example.com/m/sub\n"] },
    // go.mod.
    Case { name: "go_mod_two_modules", files: go_mod!(b"module m\nmodule n\n"), args: &["build"], env: &[], code: 1, output: &["go: errors parsing go.mod:\ngo.mod:2: repeated module statement\n"] },
    Case { name: "go_mod_path", files: go_mod!(b"module ../../etc\n"), args: &["build"], env: &[], code: 1, output: &["go: malformed module path \"../../etc\": invalid path element \"..\"\n"] },
    Case { name: "go_mod_reserved", files: go_mod!(b"module go\n"), args: &["build"], env: &[], code: 1, output: &["go: error reading go.mod: invalid module path: \"go\"\n"] },
    Case { name: "go_mod_without_module", files: go_mod!(b"go 1.27\n"), args: &["build"], env: &[], code: 1, output: &["go: error reading go.mod: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod\n"] },
    Case { name: "go_mod_major", files: go_mod!(b"module m\nrequire (\n\tex.com/a v2.1.0\n)\n"), args: &["build"], env: &[], code: 1, output: &["go: errors parsing go.mod:\ngo.mod:3:2: require ex.com/a: version \"v2.1.0\" invalid: should be v0 or v1, not v2\n"] },
    Case { name: "go_mod_blocks", files: go_mod!(b"module m\nfoo (\n\tx\n)\nbar x\n"), args: &["build"], env: &[], code: 1, output: &["go: errors parsing go.mod:\ngo.mod:2: unknown block type: foo\ngo.mod:5: unknown directive: bar\n"] },
    Case { name: "go_mod_conflict", files: go_mod!(b"module m\nreplace ex.com/a => ./a\nreplace ex.com/a => ./b\n"), args: &["build"], env: &[], code: 1, output: &["go: conflicting replacements for ex.com/a:\n\t./a\n\t./b\n"] },
    Case { name: "go_mod_setting", files: go_mod!(b"module m\n\ngo 1.27\n\ngodebug foo=1\n"), args: &["build"], env: &[], code: 1, output: &["go: error loading go.mod:\ngo.mod:5: unknown godebug \"foo\"\n"] },
    // go.work.
    Case { name: "go_work_twice", files: &[("go.work", b"go 1.27\n\nuse (\n\t.\n\t./\n)\n"), MOD, HELLO], args: &["build"], env: &[], code: 1, output: &["go: error loading go.work:\ngo.work:5: path ", " appears multiple times in workspace\n"] },
    Case { name: "go_work_two_of_a_name", files: &[("go.work", b"go 1.27\n\nuse (\n\t.\n\t./a\n)\n"), MOD, ("a/go.mod", MOD.1), HELLO], args: &["build"], env: &[], code: 1, output: &["go: module example.com/m appears multiple times in workspace\n"] },
    Case { name: "go_work_too_old", files: &[("go.work", b"go 1.20\n\nuse .\n"), MOD, HELLO], args: &["build"], env: &[], code: 1, output: &["go: module . listed in go.work file requires go >= 1.27, but go.work lists go 1.20; to download and use go 1.27:\n\tgo work use\n"] },
    Case { name: "go_work_conflict", files: &[("go.work", b"go 1.27\n\nuse (\n\t./a\n\t./b\n)\n"), ("a/go.mod", b"module a\n\ngo 1.27\n\nreplace ex.com/c => ../c1\n"), ("b/go.mod", b"module b\n\ngo 1.27\n\nreplace ex.com/c => ../c2\n")], args: &["build", "./a"], env: &[], code: 1, output: &["go: conflicting replacements for ex.com/c:\n\t", "/c1\n\t", "/c2\nuse \"go work edit -replace ex.com/c=[override]\" to resolve\n"] },
    // vendor/modules.txt.
    Case { name: "vendor_agrees", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n\nreplace ex.com/z => ./z\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n# ex.com/z => ./z\n"), args: &["run", "."], env: &[], code: 0, output: &["vendored\n"] },
    Case { name: "vendor_pattern", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n"), args: &["list", "./vendor/..."], env: &[], code: 0, output: &["ex.com/a\n"] },
    Case { name: "vendor_pattern_below", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n"), args: &["list", "./vendor/ex.com/..."], env: &[], code: 0, output: &["ex.com/a\n"] },
    Case { name: "vendor_pattern_of_std", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n"), args: &["list", "vendor/..."], env: &[], code: 0, output: &["go: warning: \"vendor/...\" matched no packages\n"] },
    Case { name: "vendor_pattern_of_cmd", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n"), args: &["list", "cmd/vendor/golang.org/x/mod/semv..."], env: &[], code: 0, output: &["cmd/vendor/golang.org/x/mod/semver\n"] },
    Case { name: "vendor_pattern_unlisted", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a/b\n"), args: &["list", "./vendor/..."], env: &[], code: 1, output: &["pattern ./vendor/...: directory ", "/vendor/ex.com/a is not a package listed in vendor/modules.txt\n"] },
    Case { name: "vendor_not_explicit", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## go 1.20\nex.com/a\n"), args: &["build"], env: &[], code: 1, output: &["go: inconsistent vendoring in ", ":\n\tex.com/a@v1.0.0: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo mod vendor\n"] },
    Case { name: "vendor_other_version", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.1.0\n## explicit; go 1.20\nex.com/a\n"), args: &["build"], env: &[], code: 1, output: &["\n\tex.com/a@v1.0.0: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt\n\tex.com/a@v1.1.0: is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod\n"] },
    Case { name: "vendor_not_replaced", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n\nreplace ex.com/z => ./z\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n"), args: &["build"], env: &[], code: 1, output: &["\n\tex.com/z: is replaced in go.mod, but not marked as replaced in vendor/modules.txt\n"] },
    Case { name: "vendor_replaced_otherwise", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n\nreplace ex.com/z => ./z\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a\n# ex.com/z => ./y\n"), args: &["build"], env: &[], code: 1, output: &["\n\tex.com/z: is replaced by ./z in go.mod, but marked as replaced by ./y in vendor/modules.txt\n"] },
    Case { name: "vendor_replaced_only_there", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0 => ./x\n## explicit; go 1.20\nex.com/a\n"), args: &["build"], env: &[], code: 1, output: &["\n\tex.com/a@v1.0.0: is marked as replaced in vendor/modules.txt, but not replaced in go.mod\n"] },
    Case { name: "vendor_without_list", files: &[("go.mod", b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n"), VENDORED, MAIN_A], args: &["build"], env: &[], code: 1, output: &["\n\tex.com/a@v1.0.0: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt\n"] },
    Case { name: "vendor_package_not_listed", files: vendor!(b"module m\n\ngo 1.24\n\nrequire ex.com/a v1.0.0\n", b"# ex.com/a v1.0.0\n## explicit; go 1.20\nex.com/a/b\n"), args: &["build"], env: &[], code: 1, output: &["go: ignoring package ex.com/a which exists in the vendor directory but is missing from vendor/modules.txt. To sync the vendor directory run go mod vendor.\nmain.go:3:8: cannot find module providing package ex.com/a: import lookup disabled by -mod=vendor\n\t(Go version in go.mod is at least 1.14 and vendor directory exists.)\n"] },
    // go.sum.
    Case { name: "go_sum_malformed", files: &[MOD, HELLO, ("go.sum", b"ex.com/a v1.0.0 h1:x\nex.com/a v1.0.0\n")], args: &["build"], env: &[], code: 1, output: &["malformed go.sum:\n", "/go.sum:2: wrong number of fields 2\n"] },
    // Import paths.
    Case { name: "import_device", files: &[MOD, ("main.go", b"package main\n\nimport _ \"ex.com/con\"\n\nfunc main() {}\n")], args: &["build"], env: &[], code: 1, output: &["main.go:3:8: malformed import path \"ex.com/con\": \"con\" disallowed as path element component on Windows\n"] },
    Case { name: "import_short_name", files: &[MOD, ("main.go", b"package main\n\nimport _ \"ex.com/a~1\"\n\nfunc main() {}\n")], args: &["build"], env: &[], code: 1, output: &["main.go:3:8: malformed import path \"ex.com/a~1\": trailing tilde and digits in path element\n"] },
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/module_cache", module_cache),
        Trial::test("cli/many_replacements", many_replacements),
        Trial::test("cli/fifos", fifos),
        Trial::test("cli/names_without_utf8", names_without_utf8),
    ]
}

const LONG: Duration = Duration::from_secs(60);

/// A module in the cache as `go` leaves it.
fn cache_module(cache: &Path, ziphash: &str) -> Result<(), Failed> {
    let files: &[(&str, &[u8])] = &[
        ("ex.com/a@v1.0.0/a.go", b"package a\n\nvar V = \"cached\"\n"),
        ("cache/download/ex.com/a/@v/v1.0.0.mod", b"module ex.com/a\n\ngo 1.20\n"),
        ("cache/download/ex.com/a/@v/v1.0.0.ziphash", ziphash.as_bytes()),
    ];
    write_files(cache, files)
}

const ZIP: &str = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER: &str = "h1:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
/// Of the go.mod above.
const OF_MOD: &str = "h1:EzNR0N8afXkvZR/orF7BEQGn601EqHH08bnXGCjRwGE=";

/// What is in the module cache is what go.sum says: the module, and its go.mod.
fn module_cache() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(
        dir.path(),
        &[("m/go.mod", b"module m\n\ngo 1.27\n\nrequire ex.com/a v1.0.0\n"), ("m/main.go", MAIN_A.1)],
    )?;
    let cache = dir.path().join("cache");
    cache_module(&cache, ZIP)?;
    let module = dir.path().join("m");
    let good = format!("ex.com/a v1.0.0 {ZIP}\nex.com/a v1.0.0/go.mod {OF_MOD}\n");
    let check = |sums: &str, wanted: &str| -> Result<(), Failed> {
        fs::write(module.join("go.sum"), sums)?;
        let mut command = command(&module, &["check", "-v"]);
        command.env("GOMODCACHE", &cache).env("GOPROXY", "off").env("GOSUMDB", "off");
        let outcome = run(&mut command, Streams::Both, LONG)?;
        match outcome.text().contains(wanted) {
            true => Ok(()),
            false => Err(format!("{wanted:?} expected in\n{}with\n{sums}", outcome.text()).into()),
        }
    };
    let mismatch = |what: &str, found: &str, wanted: &str| {
        format!(
            "verifying ex.com/a@{what}: checksum mismatch\n\tdownloaded: {found}\n\tgo.sum:     {wanted}\n\nSECURITY ERROR\n"
        )
    };
    let fine = "m\n";
    check(&good, fine)?;
    check(&format!("ex.com/a v1.0.0 h2:x\n\n{good}"), fine)?;
    check(&good.replace(ZIP, OTHER), &mismatch("v1.0.0", ZIP, OTHER))?;
    check(&good.replace(OF_MOD, OTHER), &mismatch("v1.0.0/go.mod", OF_MOD, OTHER))?;
    // Of two sums the first counts.
    check(&format!("{good}ex.com/a v1.0.0 {OTHER}\n"), fine)?;
    check(&format!("ex.com/a v1.0.0 {OTHER}\n{good}"), &mismatch("v1.0.0", ZIP, OTHER))?;
    let no_module = "main.go:3:8: missing go.sum entry for module providing package ex.com/a (imported by m); to add:\n\tgo get m\n";
    check(&format!("ex.com/a v1.0.0/go.mod {OF_MOD}\n"), no_module)?;
    check(&good.replace("h1:A", "h2:A"), no_module)?;
    check(
        &format!("ex.com/a v1.0.0 {ZIP}\n"),
        "main.go:3:8: ex.com/a@v1.0.0: missing go.sum entry for go.mod file; to add it:\n\tgo mod download ex.com/a\n",
    )?;
    // An extraction that was interrupted, and a sum that was half written, are not used; nobody can fetch the module again.
    let download = cache.join("cache/download/ex.com/a/@v");
    fs::write(download.join("v1.0.0.partial"), "")?;
    check(&good, "main.go:3:8: module lookup disabled by GOPROXY=off\n")?;
    fs::remove_file(download.join("v1.0.0.partial"))?;
    fs::write(download.join("v1.0.0.ziphash"), "h1:AAA")?;
    check(&good, "main.go:3:8: module lookup disabled by GOPROXY=off\n")
}

/// A hundred thousand replacements are read and looked up in no time.
fn many_replacements() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let mut text = String::from("module m\n\ngo 1.27\n\nreplace (\n");
    for i in 0..100_000 {
        text += &format!("\tex.com/a{i} => ./a{i}\n");
    }
    text += ")\n\nrequire (\n";
    for i in 0..20_000 {
        text += &format!("\tex.com/a{i} v1.0.0\n");
    }
    text += ")\n";
    write_files(dir.path(), &[("go.mod", text.as_bytes()), HELLO])?;
    let outcome = run(&mut command(dir.path(), &["check", "-v"]), Streams::Both, LONG)?;
    if outcome.text() == "m\n" { Ok(()) } else { Err(outcome.text().into()) }
}

/// Nobody waits for whoever is to write into a pipe.
fn fifos() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    for (name, wanted) in [("go.sum", "/go.sum: not a regular file"), ("x.go", "/x.go: not a regular file")] {
        write_files(dir.path(), &[MOD, HELLO])?;
        let path = dir.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(&path).status()?;
        if !made.success() {
            return Err("no mkfifo".into());
        }
        let outcome = run(&mut command(dir.path(), &["check"]), Streams::Both, LONG)?;
        if outcome.code() != Some(1) || !outcome.text().contains(wanted) {
            return Err(format!("{wanted:?} expected in\n{}", outcome.text()).into());
        }
        fs::remove_file(path)?;
    }
    Ok(())
}

/// A Go file may have any name.
fn names_without_utf8() -> Result<(), Failed> {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[MOD, ("main.go", b"package main\n\nfunc main() { f() }\n")])?;
    let name = std::ffi::OsStr::from_bytes(b"b\xff.go");
    fs::write(dir.path().join(name), "package main\n\nfunc f() { println(\"found\") }\n")?;
    let outcome = run(&mut command(dir.path(), &["run", "."]), Streams::Both, LONG)?;
    if outcome.text() == "found\n" { Ok(()) } else { Err(outcome.text().into()) }
}
