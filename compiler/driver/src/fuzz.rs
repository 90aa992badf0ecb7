//! `golift test -fuzz`: what guides the distribution's fuzzing engine.
//!
//! The engine (`internal/fuzz`) runs the test binary again as its workers, and looks at counters of edges, which gc's compiler makes with `-d=libfuzzer`.
//! Here `golift_opt::count_edges` does, and the engine finds them through a string variable in our overlay of its package.

use golift_ir::{Program, Reloc, RelocKind, RelocTarget, Section};
use golift_load::LoadedPackage;
use rustc_hash::FxHashSet;

use crate::front::{self, Front};

/// What the engine runs beside the test, and so would count too. It is gc's list.
const UNCOUNTED: [&str; 12] = [
    "context",
    "internal/fuzz",
    "internal/godebug",
    "internal/runtime/maps",
    "internal/sync",
    "reflect",
    "runtime",
    "sync",
    "sync/atomic",
    "syscall",
    "testing",
    "time",
];

/// The variable that tells the engine where the counters are.
const VARIABLE: &str = "internal/fuzz.edgeCounters";

/// Puts counters into the program of a test.
pub fn instrument(program: &mut Program, front: &Front) -> Result<(), String> {
    let root = &front.graph.packages[front.graph.roots[0]];
    let is_counted = |package: &&LoadedPackage| {
        !UNCOUNTED.contains(&&*package.path) && !front::is_of_runtime(package) && package.path != root.path
    };
    let folders: FxHashSet<&std::path::Path> =
        front.graph.packages.iter().filter(is_counted).map(|package| &*package.dir).collect();
    let (counters, count) = golift_opt::count_edges(program, |program, decl| {
        let file = std::path::Path::new(&*program.texts[decl.file]);
        file.parent().is_some_and(|folder| folders.contains(folder)) && !file.ends_with("_testmain.go")
    });
    let variable = program.datas.iter().find(|(_, data)| data.name == VARIABLE).map(|(id, _)| id);
    let Some(variable) = variable.map(|id| &mut program.datas[id]) else {
        return Err(format!("golift: -fuzz: there is no {VARIABLE}"));
    };
    variable.section = Section::Data;
    variable.bytes = [0, count].map(u64::to_le_bytes).concat().into();
    variable.relocs = vec![Reloc { offset: 0, kind: RelocKind::Abs64, target: RelocTarget::Data(counters), addend: 0 }];
    Ok(())
}
