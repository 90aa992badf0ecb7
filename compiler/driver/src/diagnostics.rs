//! Errors in the user's program, as `go build` shows them.

use std::path::Path;

use golift_load::{Checked, Graph, LoadedPackage, shorten};
use golift_syntax::choose;

/// gc stops after so many errors in a package.
const LIMIT: usize = 10;

/// Prints the errors of all packages; true if there were any.
pub fn print_errors(graph: &Graph, checked: &Checked, cwd: &Path, all: bool) -> bool {
    let mut any = false;
    for (loaded, result) in graph.packages.iter().zip(&checked.packages) {
        if result.errors.is_empty() {
            continue;
        }
        any = true;
        eprintln!("# {}", loaded.path);
        let shown = choose(&graph.sources, &result.errors, if all { usize::MAX } else { LIMIT });
        for error in shown.errors {
            eprintln!("{}", shorten_paths(&error.render(&graph.sources), loaded, cwd));
        }
        if let Some(pos) = shown.too_many {
            let position = graph.sources.position(pos).to_string();
            eprintln!("{}: too many errors", shorten_paths(&position, loaded, cwd));
        }
    }
    any
}

/// Paths of the package's files as seen from the current folder, `./` in front of those that are in it.
fn shorten_paths(text: &str, loaded: &LoadedPackage, cwd: &Path) -> String {
    let dir = format!("{}/", loaded.dir.display());
    let short = if loaded.dir == cwd { "./".to_owned() } else { shorten(&dir, cwd) };
    text.replace(&dir, &short)
}
