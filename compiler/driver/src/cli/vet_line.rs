//! The command line of `golift vet` and `golift fix`: build flags, and flags of vet and its analyzers, which are left to vet.

use std::ffi::{OsStr, OsString};

use super::flags::{Flags, VetFlags, VetTool};
use super::grammar;
use super::line::{Refusal, accept, check_together, from_goflags, next_flag, value_of};
use super::table::{self, Command, Form};

/// Flags of vet that have a value; all others are switches.
const WITH_VALUE: [&str; 8] = [
    "c",
    "printf.funcs",
    "printfuncs",
    "tags",
    "unusedfuncs",
    "unusedresult.funcs",
    "unusedresult.stringmethods",
    "unusedstringmethods",
];

/// Flags, and the packages.
pub fn parse(command: &Command, goflags: &OsStr, args: &[OsString]) -> Result<(Flags, Vec<OsString>), Refusal> {
    let mut found = from_goflags(command, goflags)?;
    let mut of_vet: Vec<String> = Vec::new();
    let tool = if command.name == VetTool::Fix.name() { VetTool::Fix } else { VetTool::Vet };
    let mut vet = VetFlags { tool, fix: tool == VetTool::Fix, ..VetFlags::default() };
    let mut has_context = false;
    let mut rest = args.iter();
    while let Some((name, value)) = next_flag(&mut rest)? {
        let flag = table::find_flag(command.id, &name);
        let takes_word = match flag {
            Some(flag) => matches!(flag.form, Form::Value(_)),
            None => WITH_VALUE.contains(&&*name) || tool == VetTool::Fix && name == "fix",
        };
        let value = value_of(&name, value, takes_word, &mut rest)?;
        match (flag, &*name) {
            (Some(flag), _) => found.extend(accept(flag, value, "")?),
            (None, "h" | "help") => return Err(Refusal::Help),
            (None, "fix") if tool == VetTool::Fix => say_obsolete(&value.to_string_lossy()),
            (None, "fix") => vet.fix = value != "false",
            (None, "diff") => vet.diff = value != "false",
            (None, "json") => vet.json = value != "false",
            (None, "c") => {
                has_context = value != "-1";
                of_vet.push(format!("-c={}", value.to_string_lossy()));
            }
            (None, _) => of_vet.push(format!("-{name}={}", value.to_string_lossy())),
        }
    }
    let matches = grammar::parse(command, &found).map_err(|e| Refusal::Usage(e.to_string()))?;
    let mut flags = Flags::from_matches(&matches);
    check_together(&flags)?;
    check_fixing(&vet, has_context)?;
    if vet.fix && !vet.json {
        of_vet.push("-fix".into());
        of_vet.extend(vet.diff.then(|| "-diff".into()));
    } else if vet.json {
        vet.fix = false;
    }
    vet.args = of_vet;
    flags.vet = vet;
    Ok((flags, rest.cloned().collect()))
}

/// What does not go together, in go's words.
fn check_fixing(vet: &VetFlags, has_context: bool) -> Result<(), Refusal> {
    let refuse = |msg: &str| Err(Refusal::Message(msg.to_owned()));
    match vet {
        VetFlags { fix: true, json: true, diff: true, .. } => refuse("-json and -diff cannot be used together"),
        VetFlags { fix: true, .. } if has_context => refuse("-c flag cannot be used when applying fixes"),
        VetFlags { fix: false, diff: true, .. } => refuse("go vet -diff flag requires -fix"),
        _ => Ok(()),
    }
}

/// `fix -fix=list` once named what was to be fixed.
fn say_obsolete(list: &str) {
    eprintln!("go fix: the -fix={list} flag is obsolete and has no effect");
    if list.split(',').any(|name| name == "buildtag") {
        eprintln!("go fix: to enable the buildtag check, use -buildtag");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_what() {
        let parse_of = |command: &str, line: &str| {
            let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            parse(table::find_command(command).unwrap(), OsStr::new(""), &args)
        };
        let parse = |line: &str| parse_of("vet", line);
        let (flags, packages) = parse("-tags=x -printf=false -c 2 -json ./... y").unwrap();
        assert_eq!(flags.vet.args, ["-printf=false", "-c=2"]);
        assert!(flags.vet.json);
        assert_eq!((flags.tags, packages.len()), (vec!["x".to_owned()], 2));
        let (flags, _) = parse("-fix -diff").unwrap();
        assert_eq!(flags.vet.args, ["-fix", "-diff"]);
        assert!(flags.vet.fix && flags.vet.diff && flags.vet.tool == VetTool::Vet);
        let (flags, packages) = parse_of("fix", "-any=false ./...").unwrap();
        assert_eq!((flags.vet.args, packages.len()), (vec!["-any=false".to_owned(), "-fix".into()], 1));
        assert!(flags.vet.fix && flags.vet.tool == VetTool::Fix);
        // What would be done is only described.
        let (flags, _) = parse_of("fix", "-json").unwrap();
        assert!(!flags.vet.fix && flags.vet.json && flags.vet.args.is_empty());
        for (command, line) in [("vet", "-diff"), ("fix", "-json -diff"), ("fix", "-c=2"), ("vet", "-fix -c 2")] {
            assert!(matches!(parse_of(command, line), Err(Refusal::Message(_))), "{command} {line}");
        }
        assert!(matches!(parse("-vettool=x"), Err(Refusal::Unsupported(_))));
    }
}
