//! What is wrong with packages before any of them is checked, in the order and with the import paths in which `go` shows it.
//!
//! A package has at most one fault of its own, the first that was found; an import that leads nowhere has its own as
//! well. They are shown in depth-first order, imports before importers. Import cycles come out on the way.

use std::path::Path;

use golift_syntax::{Pos, SourceMap};
use rustc_hash::FxHashSet;

use crate::package::{Fault, LoadError, LoadedPackage};
use crate::paths::shorten;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    OnPath,
    Done,
}

struct Walk<'a> {
    packages: &'a [LoadedPackage],
    sources: &'a SourceMap,
    cwd: &'a Path,
    state: Vec<State>,
    /// Own faults, those that the walk finds too.
    faults: Vec<Option<Fault>>,
    /// Packages on the path, each with the index of the import that led to it in its predecessor.
    path: Vec<(usize, Option<usize>)>,
    /// Paths that lead nowhere, each of which is shown once.
    missing: FxHashSet<&'a str>,
    out: Vec<LoadError>,
    late: Vec<LoadError>,
}

/// All messages.
pub fn render(packages: &[LoadedPackage], roots: &[usize], sources: &SourceMap, cwd: &Path) -> Vec<LoadError> {
    let mut walk = Walk {
        packages,
        sources,
        cwd,
        state: vec![State::Unseen; packages.len()],
        faults: packages.iter().map(|p| p.fault.clone()).collect(),
        path: Vec::new(),
        missing: FxHashSet::default(),
        out: Vec::new(),
        late: Vec::new(),
    };
    for &root in roots {
        if walk.state[root] == State::Unseen {
            walk.visit(root, None);
        }
    }
    if walk.out.is_empty() { walk.late } else { walk.out }
}

impl Walk<'_> {
    fn visit(&mut self, package: usize, import: Option<usize>) {
        self.state[package] = State::OnPath;
        self.path.push((package, import));
        for (index, import) in self.packages[package].imports.iter().enumerate() {
            if let Some(msg) = &import.fault
                && self.missing.insert(&import.path)
            {
                let msg = format!("{}: {msg}", self.position(import.pos));
                self.out.push(LoadError { import_path: import.path.clone(), msg });
            }
            let Some(target) = import.package else { continue };
            match self.state[target] {
                State::Unseen => self.visit(target, Some(index)),
                State::OnPath if self.faults[target].is_none() => {
                    self.faults[target] = Some(Fault::Complete(self.cycle(index)));
                }
                State::OnPath | State::Done => {}
            }
        }
        let import_path = self.packages[package].path.clone();
        match self.faults[package].take() {
            Some(Fault::Late(msg)) => self.late.push(LoadError { import_path, msg }),
            Some(fault) => {
                let msg = self.message(fault);
                self.out.push(LoadError { import_path, msg });
            }
            None => {}
        }
        self.path.pop();
        self.state[package] = State::Done;
    }

    fn message(&self, fault: Fault) -> String {
        let names: Vec<&str> = self.path.iter().map(|&(p, _)| self.packages[p].path.as_str()).collect();
        match fault {
            Fault::Complete(msg) | Fault::Late(msg) => msg,
            Fault::AtImport(msg) => match self.path[..] {
                [.., (importer, _), (_, Some(index))] => {
                    format!("{}: {msg}", self.position(self.packages[importer].imports[index].pos))
                }
                _ => msg,
            },
            Fault::WithPath(msg) => format!("package {}: {msg}", names.join("\n\timports ")),
            Fault::Import(pos, msg) => {
                format!("package {}\n\t{}: {msg}", names.join("\n\timports "), self.position(pos))
            }
        }
    }

    /// The path to the current package and on along an import of it.
    fn cycle(&self, last: usize) -> String {
        let mut out = format!("package {}", self.packages[self.path[0].0].path);
        let indices = self.path[1..].iter().filter_map(|&(_, index)| index).chain([last]);
        for (&(package, _), index) in self.path.iter().zip(indices) {
            let import = &self.packages[package].imports[index];
            let target = import.package.map_or(import.path.as_str(), |t| &self.packages[t].path);
            let file = self.sources.physical_position(import.pos).filename;
            let file = file.rsplit('/').next().unwrap_or_default();
            out += &format!("\n\timports {target} from {file}");
        }
        out + ": import cycle not allowed"
    }

    fn position(&self, pos: Pos) -> String {
        shorten(&self.sources.position(pos).to_string(), self.cwd)
    }
}
