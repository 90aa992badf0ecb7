//! The table as clap knows it: from it come parsed flags, completions and pages of the manual.

use std::ffi::OsString;
use std::io::Write;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, ValueHint};
use clap_complete::Shell;

use super::table::{COMMANDS, Command, FLAGS, Flag, Form};

const ARGUMENTS: &str = "arguments";

fn arg(flag: &Flag) -> Arg {
    let arg = Arg::new(flag.name).action(ArgAction::Append).value_parser(ValueParser::os_string()).help(flag.help);
    let arg = match flag.name.chars().collect::<Vec<_>>()[..] {
        [letter] => arg.short(letter),
        _ => arg.long(flag.name),
    };
    match flag.form {
        Form::Switch | Form::Optional(_) => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Form::Value(_) => {
            let hint = match flag.value {
                "dir" => ValueHint::DirPath,
                "file" | "output" => ValueHint::AnyPath,
                _ => ValueHint::Other,
            };
            arg.value_name(flag.value).allow_hyphen_values(true).value_hint(hint)
        }
    }
}

/// A command with what it honours.
fn clap_command(command: &Command) -> clap::Command {
    let flags = FLAGS.iter().filter(|flag| flag.commands.has(command.id) && !flag.is_refused());
    let arguments = Arg::new(ARGUMENTS)
        .num_args(0..)
        .trailing_var_arg(true)
        .value_parser(ValueParser::os_string())
        .value_hint(ValueHint::AnyPath)
        .hide(command.usage.is_empty());
    clap::Command::new(command.name)
        .about(command.help)
        .override_usage(format!("golift {} {}", command.name, command.usage))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(flags.map(arg))
        .arg(arguments)
}

/// All of golift.
fn golift() -> clap::Command {
    clap::Command::new("golift")
        .about("compiles Go programs ahead of time to static native executables")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .after_help("Flags have one dash or two, and come before the arguments.")
        .subcommands(COMMANDS.iter().map(clap_command))
}

/// Flags that are known to be right.
pub fn parse(command: &Command, flags: &[(&'static Flag, OsString)]) -> Result<ArgMatches, clap::Error> {
    let mut words = vec![OsString::from(command.name)];
    for (flag, value) in flags {
        let dashes = if flag.name.len() == 1 { "-" } else { "--" };
        let mut word = OsString::from(format!("{dashes}{}=", flag.name));
        word.push(value);
        words.push(word);
    }
    clap_command(command).try_get_matches_from(words)
}

/// A script with completions.
pub fn write_completions(shell: &str, out: &mut dyn Write) -> Result<(), String> {
    let shell = match shell {
        "bash" => Shell::Bash,
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        other => return Err(format!("golift completion: no completions for {other}: bash, zsh or fish")),
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut golift(), "golift", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Zsh {
        // Flags of several letters with one dash exclude writing flags of one letter together.
        script = script.replace("_arguments_options=(-s -S -C)", "_arguments_options=(-S -C)");
    }
    out.write_all(single_dashes(&script).as_bytes()).map_err(|e| format!("golift completion: {e}"))
}

/// Clap's long flags have two dashes; go's are written with one, and may have two. Fish calls them *old*.
fn single_dashes(text: &str) -> String {
    let mut text = text.to_owned();
    for flag in FLAGS.iter().filter(|flag| flag.name.len() > 1) {
        let name = flag.name;
        for (clap, go) in [
            (format!("--{name}"), format!("-{name}")),
            (format!(" -l {name}"), format!(" -o {name}")),
            (format!("\\-\\-{}", name.replace('-', "\\-")), format!("\\-{}", name.replace('-', "\\-"))),
        ] {
            text = replace_word(&text, &clap, &go);
        }
    }
    text
}

/// Replaces a word, but not where it is only the beginning of one.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on =
            after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_')) || after.starts_with("\\-");
        out += before;
        out += if goes_on { word } else { by };
        rest = after;
    }
    out + rest
}

/// A page of the manual: of golift, or of a command.
pub fn write_manual(command: Option<&Command>, out: &mut dyn Write) -> std::io::Result<()> {
    let page = match command {
        None => golift(),
        Some(command) => clap_command(command).name(format!("golift-{}", command.name)),
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    out.write_all(single_dashes(&String::from_utf8_lossy(&text)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    #[test]
    fn clap_finds_nothing_wrong() {
        golift().debug_assert();
    }

    #[test]
    fn all_that_is_honoured_is_completed_and_described() {
        for command in COMMANDS {
            let mut page = Vec::new();
            write_manual(Some(command), &mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            for flag in FLAGS.iter().filter(|flag| flag.commands.has(command.id) && !flag.is_refused()) {
                let name = flag.name.replace('-', "\\-");
                assert!(page.contains(&format!("\\-{name}")), "{} {}: {page}", command.name, flag.name);
            }
        }
        for shell in ["bash", "zsh", "fish"] {
            let mut script = Vec::new();
            write_completions(shell, &mut script).unwrap();
            let script = String::from_utf8(script).unwrap();
            for wanted in ["trimpath", "ldflags", "setup", "completion"] {
                assert!(script.contains(wanted), "{shell}: {wanted}");
            }
        }
        assert!(write_completions("csh", &mut Vec::new()).is_err());
    }

    #[test]
    fn flags_have_one_dash() {
        let script = |shell: &str| {
            let mut script = Vec::new();
            write_completions(shell, &mut script).unwrap();
            String::from_utf8(script).unwrap()
        };
        let mut page = Vec::new();
        write_manual(table::find_command("build"), &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for (text, wanted) in [
            (script("bash"), " -trimpath"),
            (script("zsh"), "*-trimpath=["),
            (script("fish"), " -o trimpath "),
            (page, "\\-trimpath"),
        ] {
            assert!(text.contains(wanted), "{text}");
            for flag in FLAGS.iter().filter(|flag| flag.name.len() > 1) {
                for ending in [" ", "=", "[", ")", "\\f"] {
                    let long = format!("--{}{ending}", flag.name);
                    assert!(!text.contains(&long), "{long}");
                }
            }
        }
    }
}
