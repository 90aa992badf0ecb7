//! Usage texts, from the table.

use std::fmt::Write as _;

use super::table::{self, BUILDS, COMMANDS, Command, FLAGS, Flag, Form, GO_COMMANDS, Support};
use super::variables::VARIABLES;

/// What there is.
pub fn overview() -> String {
    let mut text = String::from(
        "Golift compiles Go programs ahead of time to static native executables.\n\nUsage:\n\n\tgolift <command> [arguments]\n\nThe commands are:\n\n",
    );
    for command in COMMANDS {
        let _ = writeln!(text, "\t{:11} {}", command.name, command.help);
    }
    text += "\nCommands of the go command itself, which golift compiles when they are needed first:\n\n";
    for (name, help) in GO_COMMANDS {
        let _ = writeln!(text, "\t{name:11} {help}");
    }
    text + "\nUse \"golift help <command>\" for more information about a command, and \"golift help environment\" for variables.\n"
}

/// `usage: golift build …`
pub fn usage(command: &Command) -> String {
    format!("usage: golift {} {}", command.name, command.usage).trim_end().to_owned()
}

/// The text about a command or topic.
pub fn of(topic: &str) -> Option<String> {
    if topic == "environment" {
        return Some(environment());
    }
    let command = table::find_command(topic)?;
    let mut text = format!("{}\n\n{}\n", usage(command), sentence(command.help));
    let flags = || FLAGS.iter().filter(|flag| flag.commands.has(command.id) && !flag.is_refused());
    let (build, own): (Vec<&Flag>, Vec<&Flag>) =
        flags().partition(|flag| flag.commands.has(BUILDS) && flag.commands != command.id);
    for (title, flags) in [("Flags", own), ("Build flags", build)] {
        let lines: Vec<String> = flags.into_iter().filter_map(describe).collect();
        if !lines.is_empty() {
            let _ = write!(text, "\n{title}:\n\n{}", lines.concat());
        }
    }
    Some(text)
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

fn describe(flag: &Flag) -> Option<String> {
    let name = match flag.form {
        Form::Value(_) => format!("-{} {}", flag.name, flag.value),
        _ => format!("-{}", flag.name),
    };
    let help = match flag.support {
        Support::Vacuous(why) => why,
        Support::Refused(_) => return None,
        _ => flag.help,
    };
    Some(format!("\t{name:24} {help}\n"))
}

fn environment() -> String {
    let mut text = String::from("Variables that golift honours:\n\n");
    for variable in VARIABLES.iter().filter(|variable| !variable.help.is_empty()) {
        let _ = writeln!(text, "\t{:16} {}", variable.name, variable.help);
    }
    text + "\nVariables of the go command that golift cannot honour are refused if they ask for something.\n"
}
