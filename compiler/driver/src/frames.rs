//! Frames that no stack can hold: gc's limit of 1 GB.

use std::path::Path;

use golift_codegen::CompiledProgram;
use golift_ir::Program;
use golift_load::{Graph, shorten};

/// gc's text if there are such functions.
pub fn check(program: &Program, compiled: &CompiledProgram, graph: &Graph, cwd: &Path) -> Result<(), String> {
    let mut found = Vec::new();
    for &(id, locals) in &compiled.too_large {
        let f = &program.funcs[id];
        let folder = Path::new(&*f.file).parent();
        let package = graph.packages.iter().find(|package| Some(&*package.dir) == folder);
        let package = package.map_or(&*graph.packages[graph.roots[0]].path, |package| &package.path);
        let args: u64 = f.sig.params.iter().map(|t| u64::from(t.bytes())).sum();
        found.push((package, &*f.file, f.start_line, f.start_column, locals >> 20, args >> 20));
    }
    found.sort();
    found.dedup();
    let Some(&(first, ..)) = found.first() else { return Ok(()) };
    // gc stops at the first package with errors.
    let mut text = format!("# {first}");
    for (package, file, line, column, locals, args) in found {
        if package == first {
            let is_here = Path::new(file).parent() == Some(cwd);
            let file = format!("{}{}", if is_here { "./" } else { "" }, shorten(file, cwd));
            text +=
                &format!("\n{file}:{line}:{column}: stack frame too large (>1GB): {locals} MB locals + {args} MB args");
        }
    }
    Err(text)
}
