//! References to what is nowhere: gc's linker reports them, and so do we, before there is anything to link. Only what is still
//! reached after optimisation counts.
//!
//! A function without a body that a program pulls by `//go:linkname` may be one of the distribution's that golift does not have (yet):
//! then only a call is an error, at run time, as for such functions of the library itself.

use std::fs;
use std::path::Path;

use golift_ir::reach::Reachable;
use golift_load::Graph;
use golift_lower::Missing;

/// As many as gc's linker reports.
const MOST: usize = 20;

/// gc's text if packages outside of the distribution refer to functions that do not exist.
pub fn references(
    program: &golift_ir::Program,
    missing: &[Missing],
    of_assembly: &[(String, String)],
    reached: &Reachable,
    graph: &Graph,
    goroot: &Path,
) -> Result<(), String> {
    let is_std = |path: &str| graph.packages.iter().any(|p| p.path == path && p.is_std());
    let has_assembly =
        |path: &str| graph.packages.iter().any(|p| p.path == path && !p.asm_files.is_empty() && !p.is_assembled);
    let mut found = Vec::new();
    for function in missing {
        // Assembly that could not be used is another matter.
        if !reached.funcs.contains(function.id)
            || is_std(function.package)
            || has_assembly(function.package)
            || is_of_distribution(goroot, &function.symbol)
        {
            continue;
        }
        let referrers = golift_ir::reach::referrers(program, function.id);
        for referrer in referrers.into_iter().filter(|id| reached.funcs.contains(*id)) {
            let f = &program.funcs[referrer];
            let line = format!("{}: relocation target {} not defined", f.display, function.symbol);
            found.push((&program.texts[f.file], f.start_line, line));
        }
    }
    // In the order of the code.
    found.sort();
    found.dedup();
    let mut lines: Vec<String> = found.into_iter().map(|(_, _, line)| line).collect();
    lines.extend(of_assembly.iter().map(|(user, symbol)| format!("{user}: relocation target {symbol} not defined")));
    if lines.is_empty() {
        return Ok(());
    }
    if lines.len() > MOST {
        lines.truncate(MOST);
        lines.push("too many errors".into());
    }
    Err(format!("# {}\n{}", graph.packages[graph.roots[0]].path, lines.join("\n")))
}

/// Does the distribution declare that symbol, in Go or in assembly?
fn is_of_distribution(goroot: &Path, symbol: &str) -> bool {
    let slash = symbol.rfind('/').map_or(0, |at| at + 1);
    let Some(dot) = symbol[slash..].find('.') else { return false };
    let (package, name) = (&symbol[..slash + dot], &symbol[slash + dot + 1..]);
    let Ok(entries) = fs::read_dir(goroot.join("src").join(package)) else { return false };
    let (plain, method, assembly) = (format!("func {name}("), format!(") {name}("), format!("·{name}(SB)"));
    // A body may be pushed there by another package.
    let pushed = format!("//go:linkname {name}");
    entries.flatten().any(|entry| {
        let path = entry.path();
        let is_source = path.extension().is_some_and(|e| e == "go" || e == "s");
        is_source
            && fs::read_to_string(&path).is_ok_and(|text| {
                text.lines().any(|line| {
                    line.starts_with(&plain)
                        || line.starts_with("func (") && line.contains(&method)
                        || line.starts_with("TEXT") && line.contains(&assembly)
                        || line.starts_with(&pushed)
                })
            })
    })
}
