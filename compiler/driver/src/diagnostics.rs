//! Errors in the user's program: as `go build` shows them, with an excerpt of the source for people at a terminal, or as
//! JSON for other programs.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use golift_check::{Checked, CheckedPackage};
use golift_load::{Graph, LoadedPackage, shorten};
use golift_syntax::{Diagnostic, choose};

use crate::excerpt::{Palette, excerpt};
use crate::flags::Flags;
use crate::json;
use crate::settings;

/// gc stops after so many errors in a package.
const LIMIT: usize = 10;

/// Who reads the messages.
#[derive(Clone, Copy)]
pub enum Style {
    /// Programs that know gc's text.
    Plain,
    Terminal(Palette),
    /// `build -json`: events on standard output, a line each.
    Events,
    /// `check -json`: an object in the manner of `go vet`, with all errors of all packages.
    Findings,
}

impl Style {
    pub fn for_build(flags: &Flags) -> Style {
        if flags.json {
            return Style::Events;
        }
        if !std::io::stderr().is_terminal() {
            return Style::Plain;
        }
        let variable = settings::variable;
        Style::Terminal(Palette::for_environment(variable("NO_COLOR").as_deref(), variable("TERM").as_deref()))
    }

    pub fn for_check(flags: &Flags) -> Style {
        if flags.json { Style::Findings } else { Style::for_build(flags) }
    }

    /// Prints a message of several lines about a package.
    fn print(self, import_path: &str, text: &str) {
        if let Style::Events = self {
            for line in text.split_inclusive('\n') {
                let output = json::string(line);
                event(import_path, &format!("\"Action\":\"build-output\",\"Output\":{output}"));
            }
        } else {
            eprint!("{text}");
        }
    }

    fn failed(self, import_path: &str) {
        if let Style::Events = self {
            event(import_path, "\"Action\":\"build-fail\"");
        }
    }
}

fn event(import_path: &str, rest: &str) {
    // A reader that has gone away misses nothing.
    let _ = writeln!(std::io::stdout(), "{{\"ImportPath\":{},{rest}}}", json::string(import_path));
}

/// Names a package that is built.
pub fn print_name(style: Style, import_path: &str) {
    style.print(import_path, &format!("{import_path}\n"));
}

/// Prints what makes the graph incomplete; true if there was anything.
pub fn print_load_errors(graph: &Graph, style: Style) -> bool {
    for error in &graph.errors {
        style.print(&error.import_path, &format!("{}\n", error.msg));
        style.failed(&error.import_path);
    }
    !graph.errors.is_empty()
}

/// Prints the errors of all packages; true if there were any.
pub fn print_errors(graph: &Graph, checked: &Checked, cwd: &Path, all: bool, style: Style) -> bool {
    let results = || graph.packages.iter().zip(&checked.packages).filter(|(_, result)| !result.errors.is_empty());
    if let Style::Findings = style {
        let objects: Vec<String> = results().map(|(loaded, result)| findings(graph, loaded, result)).collect();
        let text = if objects.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n}}", objects.join(",\n")) };
        let _ = writeln!(std::io::stdout(), "{text}");
        return !objects.is_empty();
    }
    for (loaded, result) in results() {
        style.print(&loaded.path, &format!("# {}\n", loaded.path));
        let shown = choose(&graph.sources, &result.errors, if all { usize::MAX } else { LIMIT });
        for error in shown.errors {
            let text = shorten_paths(&error.render(&graph.sources), graph, loaded, cwd);
            match style {
                Style::Terminal(palette) => eprintln!("{}", with_excerpt(&text, error, graph, palette)),
                _ => style.print(&loaded.path, &format!("{text}\n")),
            }
        }
        if let Some(pos) = shown.too_many {
            let position = graph.sources.position(pos).to_string();
            let position = shorten_paths(&position, graph, loaded, cwd);
            style.print(&loaded.path, &format!("{position}: too many errors\n"));
        }
        style.failed(&loaded.path);
    }
    results().next().is_some()
}

fn with_excerpt(text: &str, error: &Diagnostic, graph: &Graph, palette: Palette) -> String {
    let Palette { message, reset, .. } = palette;
    let text = format!("{message}{text}{reset}");
    let place = graph.sources.physical_position(error.pos);
    let source = fs::read(&*place.filename).unwrap_or_default();
    match excerpt(&source, &place, palette) {
        Some(excerpt) => format!("{text}\n{excerpt}"),
        None => text,
    }
}

/// The member of vet's object for one package.
fn findings(graph: &Graph, loaded: &LoadedPackage, result: &CheckedPackage) -> String {
    let position = |pos| json::string(&graph.sources.position(pos).to_string());
    let field = |indent: &str, name: &str, value: String| format!("{indent}\"{name}\": {value}");
    let shown = choose(&graph.sources, &result.errors, usize::MAX);
    let errors = shown.errors.into_iter().map(|error| {
        let indent = "\t\t\t\t";
        let mut fields = vec![
            field(indent, "category", json::string(error.code)),
            field(indent, "posn", position(error.pos)),
            field(indent, "end", position(error.pos)),
            field(indent, "message", json::string(&error.msg)),
        ];
        if !error.related.is_empty() {
            let related = error.related.iter().map(|(pos, msg)| {
                let indent = "\t\t\t\t\t\t";
                let fields = [
                    field(indent, "posn", position(*pos)),
                    field(indent, "end", position(*pos)),
                    field(indent, "message", json::string(msg)),
                ];
                format!("\t\t\t\t\t{{\n{}\n\t\t\t\t\t}}", fields.join(",\n"))
            });
            let related: Vec<String> = related.collect();
            fields.push(field(indent, "related", format!("[\n{}\n\t\t\t\t]", related.join(",\n"))));
        }
        format!("\t\t\t{{\n{}\n\t\t\t}}", fields.join(",\n"))
    });
    let errors: Vec<String> = errors.collect();
    format!("\t{}: {{\n\t\t\"compile\": [\n{}\n\t\t]\n\t}}", json::string(&loaded.path), errors.join(",\n"))
}

/// Paths of the package's files as seen from the current folder, `./` in front of those that are in it.
fn shorten_paths(text: &str, graph: &Graph, loaded: &LoadedPackage, cwd: &Path) -> String {
    let dir = format!("{}/", loaded.dir.display());
    let short = if loaded.dir == cwd { "./".to_owned() } else { shorten(&dir, cwd) };
    // gc's export data knows the library by this name.
    let library = format!("{}/src/", graph.goroot.display());
    let text = if loaded.is_std() { text.to_owned() } else { text.replace(&library, "$GOROOT/src/") };
    // Line directives may lead elsewhere.
    let lines = text.split('\n').map(|line| {
        let (tab, line) = line.strip_prefix('\t').map_or(("", line), |line| ("\t", line));
        match line.strip_prefix('/').is_some() && !line.starts_with(&dir) {
            true => format!("{tab}{}", shorten(line, cwd)),
            false => format!("{tab}{}", line.replace(&dir, &short)),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
