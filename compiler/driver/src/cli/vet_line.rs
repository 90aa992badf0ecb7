//! The command line of `golift vet`: build flags, and flags of vet and its analyzers, which are left to vet.

use std::ffi::{OsStr, OsString};

use super::flags::Flags;
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
    let mut json = false;
    let mut rest = args.iter();
    while let Some((name, value)) = next_flag(&mut rest)? {
        let flag = table::find_flag(command.id, &name);
        let takes_word = match flag {
            Some(flag) => matches!(flag.form, Form::Value(_)),
            None => WITH_VALUE.contains(&&*name),
        };
        let value = value_of(&name, value, takes_word, &mut rest)?;
        match (flag, &*name) {
            (Some(flag), _) => found.extend(accept(flag, value, "")?),
            (None, "h" | "help") => return Err(Refusal::Help),
            (None, "fix" | "diff") => {
                return Err(Refusal::Unsupported(format!(
                    "golift: -{name} is not supported yet: golift vet changes no files"
                )));
            }
            (None, "json") => json = value != "false",
            (None, _) => of_vet.push(format!("-{name}={}", value.to_string_lossy())),
        }
    }
    let matches = grammar::parse(command, &found).map_err(|e| Refusal::Usage(e.to_string()))?;
    let mut flags = Flags::from_matches(&matches);
    check_together(&flags)?;
    flags.vet.args = of_vet;
    flags.vet.json = json;
    Ok((flags, rest.cloned().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_what() {
        let parse = |line: &str| {
            let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            parse(table::find_command("vet").unwrap(), OsStr::new(""), &args)
        };
        let (flags, packages) = parse("-tags=x -printf=false -c 2 -json ./... y").unwrap();
        assert_eq!(flags.vet.args, ["-printf=false", "-c=2"]);
        assert!(flags.vet.json);
        assert_eq!((flags.tags, packages.len()), (vec!["x".to_owned()], 2));
        assert!(matches!(parse("-fix"), Err(Refusal::Unsupported(_))));
        assert!(matches!(parse("-vettool=x"), Err(Refusal::Unsupported(_))));
    }
}
