//! Flags and variables: each is honoured, or an error says that it is not.

use super::{Case, HELLO, MOD};

const PRINTS: (&str, &[u8]) =
    ("main.go", b"package main\n\nimport \"os\"\n\nfunc main() { println(len(os.Args), os.Args[1]) }\n");
const PERCENT: (&str, &[u8]) =
    ("main.go", b"package main\n\nimport \"runtime/debug\"\n\nfunc main() { println(debug.SetGCPercent(100)) }\n");
const LIB: (&str, &[u8]) = ("lib/lib.go", b"package lib\n\nvar x int = \"\"\n");

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "race", files: &[HELLO], args: &["build", "-race", "main.go"], env: &[], code: 2, output: &["golift: -race is not supported yet: "] },
    Case { name: "no_race", files: &[HELLO], args: &["run", "-race=false", "main.go"], env: &[], code: 0, output: &["hello\n"] },
    Case { name: "goflags_race", files: &[HELLO], args: &["build", "main.go"], env: &[("GOFLAGS", "-race")], code: 2, output: &["golift: -race is not supported yet (from $GOFLAGS): "] },
    Case { name: "goflags_unknown", files: &[HELLO], args: &["build", "main.go"], env: &[("GOFLAGS", "-foo")], code: 1, output: &["go: parsing $GOFLAGS: unknown flag -foo\n"] },
    Case { name: "goflags_threads", files: &[HELLO], args: &["build", "main.go"], env: &[("GOFLAGS", "-p=0")], code: 1, output: &["go: -p must be a positive integer: 0\n"] },
    Case { name: "goflags_switch", files: &[HELLO], args: &["build", "main.go"], env: &[("GOFLAGS", "-trimpath=maybe")], code: 2, output: &["go: invalid boolean value \"maybe\" for flag -trimpath (from $GOFLAGS): parse error\nusage: golift build"] },
    Case { name: "goflags_quoted", files: &[("main.go", b"package main\n\nvar s string\n\nfunc main() { println(s) }\n")], args: &["run", "main.go"], env: &[("GOFLAGS", "'-ldflags=-X main.s=value -w' -count=1")], code: 0, output: &["value\n"] },
    Case { name: "goflags_and_env", files: &[], args: &["env", "GOFLAGS"], env: &[("GOFLAGS", "-foo")], code: 0, output: &["-foo\n"] },
    Case { name: "goflags_of_file", files: &[HELLO, ("env", b"GOFLAGS=-foo\n")], args: &["build", "main.go"], env: &[("GOFLAGS", ""), ("GOENV", "env")], code: 1, output: &["go: parsing $GOFLAGS: unknown flag -foo\n"] },
    Case { name: "build_mode", files: &[HELLO], args: &["build", "-buildmode=plugin", "main.go"], env: &[], code: 2, output: &["golift: -buildmode=plugin is not supported yet: "] },
    Case { name: "no_build_mode", files: &[HELLO], args: &["build", "-buildmode=foo", "main.go"], env: &[], code: 1, output: &["buildmode=foo not supported\n"] },
    Case { name: "exe_of_library", files: &[MOD, ("lib.go", b"package lib\n")], args: &["build", "-buildmode=exe", "-o", "x"], env: &[], code: 1, output: &["-buildmode=exe requires exactly one main package\n"] },
    Case { name: "profile", files: &[HELLO], args: &["build", "-pgo=cpu.pprof", "main.go"], env: &[], code: 2, output: &["golift: -pgo=cpu.pprof is not supported yet: "] },
    Case { name: "assembler_flags", files: &[HELLO], args: &["build", "-asmflags=-S", "main.go"], env: &[], code: 2, output: &["golift: -asmflags=-S is not supported yet\n"] },
    Case { name: "package_folder", files: &[HELLO], args: &["build", "-pkgdir=pkg", "main.go"], env: &[], code: 2, output: &["golift: -pkgdir is not supported yet: "] },
    Case { name: "compiler_flag", files: &[HELLO], args: &["build", "-gcflags=all=-d=ssa/check_bce", "main.go"], env: &[], code: 2, output: &["golift: -gcflags=-d=ssa/check_bce is not supported yet\n"] },
    Case { name: "passes_off", files: &[HELLO], args: &["run", "-gcflags=-d=golift/hoist=off,golift/inline=off", "main.go"], env: &[], code: 0, output: &["hello\n"] },
    Case { name: "needed_pass_off", files: &[HELLO], args: &["build", "-gcflags=-d=golift/hoist=off,golift/escape=off", "main.go"], env: &[], code: 2, output: &["golift: -gcflags=-d=golift/escape=off: no pass that can be left out\n"] },
    Case { name: "linker_flag", files: &[HELLO], args: &["build", "-ldflags=-T=0x400000", "main.go"], env: &[], code: 2, output: &["golift: -ldflags=-T=0x400000 is not supported yet\n"] },
    Case { name: "tags_quote", files: &[HELLO], args: &["build", "-tags='a", "main.go"], env: &[], code: 2, output: &["invalid value \"'a\" for flag -tags: unterminated ' string\nusage: golift build"] },
    Case { name: "pattern_missing", files: &[HELLO], args: &["build", "-gcflags=x", "main.go"], env: &[], code: 2, output: &["invalid value \"x\" for flag -gcflags: missing =<value> in <pattern>=<value>\n"] },
    Case { name: "language_of_others", files: &[MOD, ("main.go", b"package main\n\nfunc f[T any]() {}\n\nfunc main() { f[int]() }\n")], args: &["check", "-gcflags=example.org/...=-lang=go1.17"], env: &[], code: 0, output: &[] },
    Case { name: "language_of_pattern", files: &[MOD, ("main.go", b"package main\n\nfunc f[T any]() {}\n\nfunc main() { f[int]() }\n")], args: &["check", "-gcflags=./...=-lang=go1.17"], env: &[], code: 1, output: &["(-lang was set to go1.17"] },
    Case { name: "without_optimiser", files: &[MOD, HELLO], args: &["run", "-gcflags=example.com/...=-N -l", "."], env: &[], code: 0, output: &["hello\n"] },
    Case { name: "no_bounds_checks", files: &[("main.go", b"package main\n\n//go:noinline\nfunc f(s []int, i int) int { return s[i] }\n\nfunc main() { println(f([]int{1, 2, 3, 4}[:2], 3)) }\n")], args: &["run", "-gcflags=-B", "main.go"], env: &[], code: 0, output: &["4\n"] },
    Case { name: "bounds_checks_of_others", files: &[MOD, ("p/p.go", b"package p\n\nfunc F(s []int, i int) int { return s[i] }\n"), ("main.go", b"package main\n\nimport \"example.com/m/p\"\n\nfunc main() { println(p.F([]int{1, 2, 3, 4}[:2], 3)) }\n")], args: &["run", "-gcflags=-B", "."], env: &[], code: 2, output: &["index out of range [3] with length 2", "exit status 2"] },
    Case { name: "tags_of_generators", files: &[MOD, HELLO], args: &["build", "-tags=ignore"], env: &[], code: 1, output: &["import \"internal/goarch\" is a program, not an importable package"] },
    Case { name: "removed_setting", files: &[HELLO], args: &["run", "main.go"], env: &[("GODEBUG", "http2client=1,asynctimerchan=1")], code: 2, output: &["fatal error: removed GODEBUG \"asynctimerchan\" set to old value \"1\" in environment (https://go.dev/doc/godebug#go-127)\n\ngoroutine 1 [running, locked to thread]:\n"] },
    Case { name: "collector_off", files: &[PERCENT], args: &["run", "main.go"], env: &[("GOGC", "-5")], code: 0, output: &["-1\n"] },
    Case { name: "collector_plus", files: &[PERCENT], args: &["run", "main.go"], env: &[("GOGC", "+50")], code: 0, output: &["50\n"] },
    Case { name: "collector_too_large", files: &[PERCENT], args: &["run", "main.go"], env: &[("GOGC", "99999999999")], code: 0, output: &["100\n"] },
    Case { name: "cgo", files: &[HELLO], args: &["build", "main.go"], env: &[("CGO_ENABLED", "1")], code: 2, output: &["golift: CGO_ENABLED=1 is not supported yet: "] },
    Case { name: "fips", files: &[HELLO], args: &["build", "main.go"], env: &[("GOFIPS140", "latest")], code: 2, output: &["golift: GOFIPS140=latest is not supported yet: "] },
    Case { name: "gopath_mode", files: &[HELLO], args: &["build", "main.go"], env: &[("GO111MODULE", "off")], code: 2, output: &["golift: GO111MODULE=off is not supported yet: "] },
    Case { name: "relative_linker", files: &[HELLO], args: &["build", "main.go"], env: &[("CC", "./cc")], code: 2, output: &["go: CC environment variable is relative; must be absolute path: ./cc\n"] },
    Case { name: "check_dry_run", files: &[MOD, ("main.go", b"package main\n\nfunc main() { x }\n")], args: &["check", "-n"], env: &[], code: 0, output: &["check -p example.com/m # cd /"] },
    Case { name: "run_with", files: &[PRINTS], args: &["run", "-exec", "env A=b", "main.go", "x"], env: &[], code: 0, output: &["2 x\n"] },
    Case { name: "run_with_nothing", files: &[PRINTS], args: &["run", "-exec", "nosuch -x", "main.go", "x"], env: &[], code: 1, output: &["exec: \"nosuch\": executable file not found in $PATH\n"] },
    Case { name: "list_fields", files: &[MOD, HELLO], args: &["list", "-json=Name,GoFiles"], env: &[], code: 0, output: &["{\n\t\"Name\": \"main\",\n\t\"GoFiles\": [\n\t\t\"main.go\"\n\t]\n}\n"] },
    Case { name: "list_export", files: &[MOD, HELLO], args: &["list", "-export"], env: &[], code: 2, output: &["golift: -export is not supported yet: "] },
    Case { name: "work_folder", files: &[HELLO], args: &["check", "-work", "main.go"], env: &[("GOTMPDIR", ".")], code: 0, output: &["WORK=", "/golift-"] },
    Case { name: "manual", files: &[], args: &["man", "build"], env: &[], code: 0, output: &[".TH golift-build 1", "trimpath"] },
    Case { name: "completions", files: &[], args: &["completion", "fish"], env: &[], code: 0, output: &["complete -c golift", "trimpath"] },
    Case { name: "completions_of", files: &[], args: &["completion", "csh"], env: &[], code: 2, output: &["bash, zsh or fish"] },
    Case { name: "help_environment", files: &[], args: &["help", "environment"], env: &[], code: 0, output: &["GOLIFTCACHE", "GOPROXY"] },
    Case { name: "flag_syntax", files: &[], args: &["build", "---x"], env: &[], code: 2, output: &["bad flag syntax: ---x\nusage: golift build"] },
    Case { name: "several_errors", files: &[MOD, LIB, HELLO], args: &["build", "-o", "bin/", "./..."], env: &[], code: 1, output: &["lib/lib.go:3:13: cannot use \"\""] },
];
