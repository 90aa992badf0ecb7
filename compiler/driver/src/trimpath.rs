//! `-trimpath`: programs do not say in which folders they were built.

use std::path::Path;
use std::sync::Arc;

use golift_ir::Program;
use golift_load::{Graph, LoadedPackage, Origin};
use rustc_hash::FxHashMap;

/// What source files of a package have in their names in place of its folder: its import path. Modules with a version
/// name that, too, and files of the command line have nothing.
pub fn trimmed_folder(package: &LoadedPackage, graph: &Graph) -> String {
    let below = |path: &str| package.path.strip_prefix(path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    // Modules may lie in others.
    let modules = graph.dependencies.iter().filter(|module| below(&module.path).is_some());
    let module = modules.max_by_key(|module| module.path.len()).filter(|module| !module.version.is_empty());
    match (package.origin, module) {
        (Origin::CommandLine, _) => ".".into(),
        (Origin::Module(_), Some(module)) => {
            format!("{}@{}{}", module.path, module.version, below(&module.path).unwrap_or_default())
        }
        _ => package.path.clone(),
    }
}

/// Renames the source files of a program.
pub fn trim_paths(program: &mut Program, graph: &Graph) {
    let folder = |package: &LoadedPackage| package.dir.to_string_lossy().into_owned();
    let folders: FxHashMap<String, String> =
        graph.packages.iter().map(|package| (folder(package), trimmed_folder(package, graph))).collect();
    let mut known: FxHashMap<Arc<str>, Arc<str>> = FxHashMap::default();
    let mut trim = |file: &mut Arc<str>| {
        let trimmed = known.entry(Arc::clone(file)).or_insert_with(|| {
            let path = Path::new(&**file);
            let folder = path.parent().and_then(|dir| folders.get(&*dir.to_string_lossy()));
            match (folder, path.file_name()) {
                (Some(folder), Some(name)) => format!("{folder}/{}", name.to_string_lossy()).into(),
                _ => Arc::clone(file),
            }
        });
        *file = Arc::clone(trimmed);
    };
    for func in program.funcs.values_mut() {
        trim(&mut func.file);
        if let Some(body) = &mut func.body {
            body.locs.values_mut().for_each(|loc| trim(&mut loc.file));
        }
    }
}
