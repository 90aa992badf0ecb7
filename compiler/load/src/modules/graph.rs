//! Minimal version selection: of all versions of a module that something asks for, the highest.
//!
//! From 1.17 on a go.mod lists everything that its module needs, also through others. So the requirements of such a module are taken
//! as they stand, and nothing is read that lies behind them; of an older module everything is read that can be reached, versions that
//! are not selected in the end included: each (module, version) once in each of the two ways.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::version::{self, ModuleVersion};

/// What a module asks for.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// What it requires.
    pub require: Vec<ModuleVersion>,
    /// It is all that is needed.
    pub pruned: bool,
}

/// An error about a module, which need not be the one that was asked for, but one in its place.
#[derive(Clone, Debug)]
pub struct ModuleError {
    /// The module whose go.mod cannot be had.
    pub module: ModuleVersion,
    /// Why.
    pub msg: String,
}

/// The selected versions, and why.
#[derive(Default, Debug)]
pub struct ModuleGraph {
    selected: FxHashMap<String, String>,
    requirements: FxHashMap<ModuleVersion, Vec<ModuleVersion>>,
}

/// How far to look behind a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Depth {
    /// What it asks for.
    Pruned,
    /// All that can be reached.
    Unpruned,
}

/// How to read a requirement list.
pub type Read<'a> = &'a mut dyn FnMut(&ModuleVersion) -> Result<Requirements, ModuleError>;

struct Reader<'a> {
    graph: ModuleGraph,
    read: Read<'a>,
    known: FxHashMap<ModuleVersion, Result<Requirements, ModuleError>>,
    seen: FxHashSet<(ModuleVersion, Depth)>,
    queue: VecDeque<(ModuleVersion, Depth)>,
    failed: bool,
}

impl ModuleGraph {
    /// The graph of one main module.
    pub fn of_module(main: &str, roots: &Requirements, read: Read) -> Result<ModuleGraph, String> {
        let main = ModuleVersion::new(main, "");
        let mut reader = Reader::new([main.path.as_str()].into_iter(), read);
        reader.require(&main, &roots.require);
        let depth = if roots.pruned { Depth::Pruned } else { Depth::Unpruned };
        reader.queue.extend(roots.require.iter().map(|root| (root.clone(), depth)));
        reader.run();
        reader.finish(&[main])
    }

    /// The graph of the main modules of a workspace.
    pub fn of_workspace(mains: &[(String, Requirements)], read: Read) -> Result<ModuleGraph, String> {
        let mut reader = Reader::new(mains.iter().map(|(path, _)| path.as_str()), read);
        for (main, roots) in mains {
            reader.require(&ModuleVersion::new(main, ""), &roots.require);
            let depth = if roots.pruned { Depth::Pruned } else { Depth::Unpruned };
            reader.queue.extend(roots.require.iter().map(|root| (root.clone(), depth)));
        }
        reader.run();
        // Where another main module raised a version, what that version needs was not in the list of who asked for a lower one.
        let mains: Vec<ModuleVersion> = mains.iter().map(|(path, _)| ModuleVersion::new(path, "")).collect();
        let mut raised: FxHashSet<ModuleVersion> = FxHashSet::default();
        loop {
            let graph = &reader.graph;
            let is_raised = |wanted: &ModuleVersion| {
                let selected = ModuleVersion::new(&wanted.path, graph.selected(&wanted.path));
                let is_raised = !selected.version.is_empty() && selected.version != wanted.version;
                (is_raised && !raised.contains(&selected)).then_some(selected)
            };
            let looked_at = mains.iter().chain(&raised);
            let wanted = looked_at.filter_map(|module| graph.requirements.get(module)).flatten();
            let found: FxHashSet<ModuleVersion> = wanted.filter_map(is_raised).collect();
            if found.is_empty() {
                break;
            }
            for module in found {
                if let Ok(Requirements { require, pruned }) = reader.requirements(&module) {
                    let depth = if pruned { Depth::Pruned } else { Depth::Unpruned };
                    reader.queue.extend(require.into_iter().map(|module| (module, depth)));
                }
                raised.insert(module);
            }
            reader.run();
        }
        reader.finish(&mains)
    }

    /// What vendor/modules.txt says.
    pub fn of_list(modules: impl Iterator<Item = ModuleVersion>) -> ModuleGraph {
        let mut graph = ModuleGraph::default();
        graph.selected.extend(modules.map(|module| (module.path, module.version)));
        graph
    }

    /// The version of a module; empty for none, and for main modules.
    pub fn selected(&self, path: &str) -> &str {
        self.selected.get(path).map_or("", String::as_str)
    }

    /// All modules but the main ones, sorted.
    pub fn build_list(&self) -> Vec<ModuleVersion> {
        let modules = self.selected.iter().filter(|(_, version)| !version.is_empty());
        let mut list: Vec<_> = modules.map(|(path, version)| ModuleVersion::new(path, version)).collect();
        list.sort();
        list
    }

    /// Was the list of what this module needs looked at?
    pub fn has_requirements(&self, module: &ModuleVersion) -> bool {
        self.requirements.contains_key(module)
    }

    /// The shortest way from the roots to the first module that `wanted` accepts.
    fn path_to(&self, roots: &[ModuleVersion], wanted: impl Fn(&ModuleVersion) -> bool) -> Vec<ModuleVersion> {
        let mut queue: VecDeque<&ModuleVersion> = roots.iter().collect();
        let mut from: FxHashMap<&ModuleVersion, Option<&ModuleVersion>> = roots.iter().map(|r| (r, None)).collect();
        while let Some(module) = queue.pop_front() {
            if wanted(module) {
                let mut path = vec![module.clone()];
                let mut current = module;
                while let Some(Some(before)) = from.get(current) {
                    path.push((*before).clone());
                    current = before;
                }
                path.reverse();
                return path;
            }
            for required in self.requirements.get(module).into_iter().flatten() {
                from.entry(required).or_insert_with(|| {
                    queue.push_back(required);
                    Some(module)
                });
            }
        }
        Vec::new()
    }
}

impl<'a> Reader<'a> {
    fn new<'m>(mains: impl Iterator<Item = &'m str>, read: Read<'a>) -> Reader<'a> {
        let mut graph = ModuleGraph::default();
        graph.selected.extend(mains.map(|path| (path.to_owned(), String::new())));
        Reader {
            graph,
            read,
            known: FxHashMap::default(),
            seen: FxHashSet::default(),
            queue: VecDeque::new(),
            failed: false,
        }
    }

    /// Notes what a module asks for.
    fn require(&mut self, module: &ModuleVersion, required: &[ModuleVersion]) {
        for ModuleVersion { path, version } in required {
            match self.graph.selected.get_mut(path) {
                // A main module stays what it is.
                Some(old) if old.is_empty() || version::compare(old, version).is_ge() => {}
                Some(old) => old.clone_from(version),
                None => drop(self.graph.selected.insert(path.clone(), version.clone())),
            }
        }
        self.graph.requirements.insert(module.clone(), required.to_vec());
    }

    fn requirements(&mut self, module: &ModuleVersion) -> Result<Requirements, ModuleError> {
        if let Some(known) = self.known.get(module) {
            return known.clone();
        }
        let found = (self.read)(module);
        match &found {
            Ok(requirements) => self.require(module, &requirements.require),
            Err(_) => self.failed = true,
        }
        self.known.insert(module.clone(), found.clone());
        found
    }

    fn run(&mut self) {
        while let Some((module, depth)) = self.queue.pop_front() {
            if !self.seen.insert((module.clone(), depth)) {
                continue;
            }
            let Ok(Requirements { require, pruned }) = self.requirements(&module) else { continue };
            if depth == Depth::Unpruned || !pruned {
                self.queue.extend(require.into_iter().map(|module| (module, Depth::Unpruned)));
            }
        }
    }

    fn finish(self, roots: &[ModuleVersion]) -> Result<ModuleGraph, String> {
        let Reader { graph, known, failed, .. } = self;
        if !failed {
            return Ok(graph);
        }
        let mut path = graph.path_to(roots, |module| matches!(known.get(module), Some(Err(_))));
        let error = path.last().and_then(|last| known.get(last)).and_then(|known| known.as_ref().err());
        let (Some(error), Some(last)) = (error, path.pop()) else { return Ok(graph) };
        let mut text = String::new();
        for module in path.iter().skip_while(|module| module.version.is_empty()) {
            text += &format!("{module} requires\n\t");
        }
        text += &match error.module == last {
            true => last.error(&error.msg),
            false => format!("{last} (replaced by {}): {}", error.module, error.msg),
        };
        Err(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(text: &str) -> Vec<ModuleVersion> {
        text.split_whitespace()
            .map(|word| word.split_once('@').unwrap())
            .map(|(p, v)| ModuleVersion::new(p, v))
            .collect()
    }

    /// Reads from lines `module@version: requirements`; `!` in front: of an old module.
    fn reader(lines: &str) -> impl FnMut(&ModuleVersion) -> Result<Requirements, ModuleError> {
        move |module| {
            let line = lines.lines().find_map(|line| {
                let (head, require) = line.trim().split_once(':')?;
                let name = head.trim_start_matches('!');
                (name == module.to_string()).then(|| (modules(require), !head.starts_with('!')))
            });
            let error = || ModuleError { module: module.clone(), msg: "not found".into() };
            line.map(|(require, pruned)| Requirements { require, pruned }).ok_or_else(error)
        }
    }

    fn list(roots: &str, pruned: bool, lines: &str) -> Result<String, String> {
        let roots = Requirements { require: modules(roots), pruned };
        let graph = ModuleGraph::of_module("m", &roots, &mut reader(lines))?;
        Ok(graph.build_list().iter().map(ModuleVersion::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn versions_that_are_not_selected_count() {
        let lines = "!a@v1.1.0: c@v1.1.0\n!a@v1.0.0: c@v1.2.0\n!b@v1.0.0: a@v1.0.0\n!c@v1.1.0:\n!c@v1.2.0:";
        // In whatever order they are found.
        for roots in ["b@v1.0.0 a@v1.1.0", "a@v1.1.0 b@v1.0.0"] {
            assert_eq!(list(roots, false, lines).unwrap(), "a@v1.1.0 b@v1.0.0 c@v1.2.0");
        }
    }

    #[test]
    fn pruning() {
        let lines = "a@v1.0.0: b@v1.0.0\nb@v1.0.0: c@v1.0.0\nc@v1.0.0: a@v1.0.0";
        assert_eq!(list("a@v1.0.0", true, lines).unwrap(), "a@v1.0.0 b@v1.0.0");
        assert_eq!(list("a@v1.0.0", false, lines).unwrap(), "a@v1.0.0 b@v1.0.0 c@v1.0.0");
        let old = "!a@v1.0.0: b@v1.0.0\nb@v1.0.0: c@v1.0.0\nc@v1.0.0: m@v9.0.0\nm@v9.0.0:";
        assert_eq!(list("a@v1.0.0", true, old).unwrap(), "a@v1.0.0 b@v1.0.0 c@v1.0.0");
    }

    #[test]
    fn errors_show_the_way() {
        let error = list("a@v1.0.0", false, "a@v1.0.0: b@v1.0.0\nb@v1.0.0: c@v1.0.0").unwrap_err();
        assert_eq!(error, "a@v1.0.0 requires\n\tb@v1.0.0 requires\n\tc@v1.0.0: not found");
    }

    #[test]
    fn workspaces() {
        let roots = |text| Requirements { require: modules(text), pruned: true };
        let mains = [("m".to_owned(), roots("a@v1.0.0")), ("n".to_owned(), roots("a@v1.1.0 m@v1.0.0"))];
        let lines = "a@v1.0.0:\na@v1.1.0: b@v1.0.0\nb@v1.0.0: c@v1.0.0\nc@v1.0.0:\nm@v1.0.0:";
        let graph = ModuleGraph::of_workspace(&mains, &mut reader(lines)).unwrap();
        assert_eq!(graph.selected("a"), "v1.1.0");
        assert_eq!(graph.selected("m"), "");
        assert_eq!(graph.selected("c"), "v1.0.0");
    }
}
