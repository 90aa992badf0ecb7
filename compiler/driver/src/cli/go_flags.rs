//! The table against the go command: each flag and variable that the sources of the distribution define is honoured or refused.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::table::{self, Flag, Form, Support};
use super::variables;
use super::{Refusal, parse, test_line};

fn goroot() -> PathBuf {
    golift_load::find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution")
}

/// Names that a file gives to `flag.FlagSet`.
fn flags_of(file: &Path) -> BTreeSet<String> {
    const MAKERS: [&str; 12] = [
        "Bool(",
        "BoolVar(",
        "String(",
        "StringVar(",
        "Int(",
        "IntVar(",
        "Uint(",
        "UintVar(",
        "Duration(",
        "DurationVar(",
        "Var(",
        "Func(",
    ];
    let text = fs::read_to_string(file).unwrap();
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let call = ["Flag.", "flags.", "cf."].iter().find_map(|set| line.split_once(set)).map(|(_, call)| call);
        let Some(call) = call.filter(|call| MAKERS.iter().any(|maker| call.starts_with(maker))) else { continue };
        // `"test."+name` is no name.
        if let Some(name) = call.split('"').nth(1).filter(|name| !name.is_empty() && !name.ends_with('.')) {
            names.insert(name.to_owned());
        }
    }
    names
}

/// A value that changes something.
fn sample(flag: &Flag) -> &'static str {
    match (flag.form, flag.name) {
        (Form::Switch, _) => "true",
        (Form::Optional(_), "buildvcs") => "true",
        (Form::Optional(_), "json") => "Dir",
        (Form::Optional(_), "v") => "test2json",
        (Form::Optional(_), _) => "auto",
        (_, "p" | "count" | "parallel") => "3",
        (_, "timeout") => "5s",
        (_, "shuffle") => "on",
        (_, "vet") => "off",
        (_, "mod") => "mod",
        (_, "buildmode") => "exe",
        (_, "compiler") => "gc",
        (_, "pgo") => "off",
        (_, "covermode") => "set",
        (_, "gcflags" | "ldflags" | "asmflags" | "gccgoflags") => "-e",
        _ => "x",
    }
}

/// Honoured, so that it changes what is asked for, or refused.
fn assert_not_ignored(command: &str, name: &str) {
    let command = table::find_command(command).unwrap();
    let flag = table::find_flag(command.id, name);
    let flag = flag.unwrap_or_else(|| panic!("go {} -{name} is unknown", command.name));
    if name == "C" {
        return; // it stands before all flags, and is taken away before they are parsed
    }
    let parse = if command.id == table::Commands::TEST { test_line::parse } else { parse };
    let run = |args: &[OsString]| parse(command, OsStr::new(""), args).map(|(flags, _)| format!("{flags:?}"));
    let without = run(&[]).unwrap();
    let with = run(&[format!("-{name}={}", sample(flag)).into()]);
    match flag.support {
        Support::Honoured => assert_ne!(with.unwrap(), without, "{} -{name} changes nothing", command.name),
        Support::Go => assert!(with.is_ok()),
        Support::Vacuous(why) => assert!(with.is_ok() && !why.is_empty()),
        Support::Partly(_) => assert!(with.is_ok(), "{} -{name}", command.name),
        Support::Refused(_) => {
            assert!(matches!(with, Err(Refusal::Unsupported(_))), "{} -{name}: {with:?}", command.name);
        }
    }
}

#[test]
fn none_of_gos_flags_is_ignored() {
    let internal = goroot().join("src/cmd/go/internal");
    let of = |file: &str| flags_of(&internal.join(file));
    let mut build = of("work/build.go");
    build.extend(of("base/flag.go"));
    // The profile is of `go test` only, the output of `go build`.
    build.remove("coverprofile");
    build.remove("o");
    assert!(build.len() > 30 && build.contains("trimpath") && build.contains("C"), "{build:?}");
    let own = [
        ("build", of("work/build.go")),
        ("run", of("run/run.go")),
        ("list", of("list/list.go")),
        ("test", of("test/testflag.go")),
        ("env", of("envcmd/env.go")),
        ("clean", of("clean/clean.go")),
        ("version", of("version/version.go")),
    ];
    for (command, own) in &own {
        assert!(!own.is_empty(), "{command}");
        own.iter().filter(|name| *name != "coverprofile").for_each(|name| assert_not_ignored(command, name));
    }
    for name in &build {
        for command in ["build", "run", "list", "test"] {
            assert_not_ignored(command, name);
        }
        if name != "json" && !name.starts_with("cover") {
            assert_not_ignored("clean", name);
        }
    }
    for name in ["n", "x", "C"] {
        assert_not_ignored("env", name);
    }
    // What any command has may stand in GOFLAGS.
    for folder in fs::read_dir(&internal).unwrap() {
        let Ok(files) = fs::read_dir(folder.unwrap().path()) else { continue };
        for file in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "go")) {
            for name in flags_of(&file) {
                assert!(table::is_known(&name), "-{name} of {}", file.display());
            }
        }
    }
}

#[test]
fn none_of_gos_variables_is_ignored() {
    let text = fs::read_to_string(goroot().join("src/internal/cfg/cfg.go")).unwrap();
    let list = text.split("KnownEnv = `").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    assert!(list.split_whitespace().count() > 50);
    for name in list.split_whitespace() {
        assert!(variables::is_known(OsStr::new(name)), "{name}");
    }
}
