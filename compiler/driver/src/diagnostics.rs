//! Errors in the user's program: as `go build` shows them, with an excerpt of the source for people at a terminal, or as
//! JSON for other programs.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use golift_check::{Checked, CheckedPackage};
use golift_load::{Graph, LoadError, LoadedPackage, shorten};
use golift_syntax::{Diagnostic, Pos, choose};
use serde::Serialize;

use crate::excerpt::{Palette, excerpt};
use crate::json::{self, Object};
use crate::session::Session;

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
    /// For `build`, `run` and `list`.
    pub fn for_build(session: &Session) -> Style {
        if session.flags.json {
            return Style::Events;
        }
        if !std::io::stderr().is_terminal() {
            return Style::Plain;
        }
        let variable = |name| session.env.text(name);
        Style::Terminal(Palette::for_environment(variable("NO_COLOR").as_deref(), variable("TERM").as_deref()))
    }

    /// For `check`.
    pub fn for_check(session: &Session) -> Style {
        if session.flags.json { Style::Findings } else { Style::for_build(session) }
    }

    /// Prints a message of several lines about a package.
    fn print(self, import_path: &str, text: &str) {
        if let Style::Events = self {
            for line in text.split_inclusive('\n') {
                event(Event { import_path, action: "build-output", output: Some(line) });
            }
        } else {
            eprint!("{text}");
        }
    }

    fn failed(self, import_path: &str) {
        if let Style::Events = self {
            event(Event { import_path, action: "build-fail", output: None });
        }
    }
}

/// What `go build -json` prints a line for.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    import_path: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
}

fn event(event: Event) {
    // A reader that has gone away misses nothing.
    let _ = writeln!(std::io::stdout(), "{}", json::line(&event));
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

/// Prints why the test of a package cannot be built.
pub fn print_setup_error(style: Style, tested: &str, error: &LoadError) {
    style.print(&error.import_path, &format!("# {tested}\n{}\n", error.msg));
    style.failed(&error.import_path);
}

/// Prints a message about a package.
pub fn print_message(style: Style, import_path: &str, msg: &str) {
    style.print(import_path, &format!("{msg}\n"));
    style.failed(import_path);
}

/// Prints the errors of all packages; true if there were any.
pub fn print_errors(graph: &Graph, checked: &Checked, cwd: &Path, all: &dyn Fn(usize) -> bool, style: Style) -> bool {
    let results = || {
        graph.packages.iter().zip(&checked.packages).enumerate().filter(|(_, (_, result))| !result.errors.is_empty())
    };
    let failed = results().any(|(_, (_, result))| result.errors.iter().any(Diagnostic::is_error));
    if let Style::Findings = style {
        let objects: Vec<(&str, Findings)> =
            results().map(|(_, (loaded, result))| (&*loaded.path, findings(graph, result))).collect();
        let _ = writeln!(std::io::stdout(), "{}", json::indented(&Object(objects)));
        return failed;
    }
    // A package is not compiled with its tests when it is wrong without them.
    let broken: Vec<&str> = results()
        .filter(|(_, (loaded, result))| loaded.for_test.is_none() && result.errors.iter().any(Diagnostic::is_error))
        .map(|(_, (loaded, _))| &*loaded.path)
        .collect();
    let is_repeated =
        |loaded: &LoadedPackage| loaded.for_test.as_ref() == Some(&loaded.path) && broken.contains(&&*loaded.path);
    for (index, (loaded, result)) in results().filter(|(_, (loaded, _))| !is_repeated(loaded)) {
        let name = loaded.shown_name();
        style.print(&name, &format!("# {name}\n"));
        let shown = choose(&graph.sources, &result.errors, if all(index) { usize::MAX } else { LIMIT });
        for error in shown.errors {
            let text = shorten_paths(&error.render(&graph.sources), graph, loaded, cwd);
            match style {
                Style::Terminal(palette) => eprintln!("{}", with_excerpt(&text, error, graph, palette)),
                _ => style.print(&name, &format!("{text}\n")),
            }
        }
        if let Some(pos) = shown.too_many {
            let position = graph.sources.position(pos).to_string();
            let position = shorten_paths(&position, graph, loaded, cwd);
            style.print(&name, &format!("{position}: too many errors\n"));
        }
        if result.errors.iter().any(Diagnostic::is_error) {
            style.failed(&name);
        }
    }
    failed
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

/// Vet's object for one package.
#[derive(Serialize)]
struct Findings {
    compile: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    category: String,
    posn: String,
    end: String,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
}

#[derive(Serialize)]
struct Related {
    posn: String,
    end: String,
    message: String,
}

fn findings(graph: &Graph, result: &CheckedPackage) -> Findings {
    let position = |pos| graph.sources.position(pos).to_string();
    let related =
        |(pos, msg): &(Pos, String)| Related { posn: position(*pos), end: position(*pos), message: msg.clone() };
    let shown = choose(&graph.sources, &result.errors, usize::MAX);
    let finding = |error: &Diagnostic| Finding {
        category: error.code.to_string(),
        posn: position(error.pos),
        end: position(error.pos),
        message: error.msg.clone(),
        related: error.related.iter().map(related).collect(),
    };
    Findings { compile: shown.errors.into_iter().map(finding).collect() }
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
