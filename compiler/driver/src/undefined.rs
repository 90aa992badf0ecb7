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
use golift_syntax::{Decl, DirectiveKind, FuncDecl, Mode, SourceMap};

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

/// Does the distribution declare that symbol, in Go or in assembly, for whatever system?
fn is_of_distribution(goroot: &Path, symbol: &str) -> bool {
    let slash = symbol.rfind('/').map_or(0, |at| at + 1);
    let Some(dot) = symbol[slash..].find('.') else { return false };
    let (package, name) = (&symbol[..slash + dot], &symbol[slash + dot + 1..]);
    let Ok(entries) = fs::read_dir(goroot.join("src").join(package)) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        let has: fn(&[u8], &str) -> bool = match path.extension().and_then(|e| e.to_str()) {
            Some("go") => is_declared,
            Some("s") => is_assembled,
            _ => return false,
        };
        fs::read(&path).is_ok_and(|text| has(&text, name))
    })
}

/// Does that Go source declare the function or method (`T.m`, `(*T).m`), or does it give it a body by linkname?
fn is_declared(source: &[u8], name: &str) -> bool {
    let (receiver, function) = name.rsplit_once('.').unzip();
    let function = function.unwrap_or(name);
    let map = SourceMap::default();
    let file = map.file(map.add_file("", source.len()));
    let (file, _) = golift_syntax::parse_source(&file, source, Mode { std: true, ..Mode::default() });
    let is_it = |f: &FuncDecl| f.name.name.as_str() == function && f.recv.is_some() == receiver.is_some();
    file.decls.iter().any(|decl| matches!(decl, Decl::Func(f) if is_it(f)))
        || file.all_directives.iter().any(|directive| {
            directive.kind == DirectiveKind::Linkname && directive.args().split_ascii_whitespace().next() == Some(name)
        })
}

/// Does that assembly have a `TEXT` line of the function?
fn is_assembled(source: &[u8], name: &str) -> bool {
    source.split(|&byte| byte == b'\n').any(|line| {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(|c: char| c.is_ascii_whitespace() || c == '(' || c == '<');
        words.next() == Some("TEXT")
            && words.find(|word| !word.is_empty()).is_some_and(|word| word.rsplit('·').next() == Some(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_go_source_are_found() {
        let source = "package p\n\n//go:linkname pushed other.pushed\n\nfunc plain()\n\nfunc generic[T any](x T) {}\n\nfunc (t *T) method() {}\n\n// func comment() {}\n";
        for (name, is_there) in [
            ("pushed", true),
            ("plain", true),
            ("generic", true),
            ("(*T).method", true),
            ("method", false),
            ("comment", false),
            ("other", false),
        ] {
            assert_eq!(is_declared(source.as_bytes(), name), is_there, "{name}");
        }
    }

    #[test]
    fn functions_of_assembly_are_found() {
        let source = "#include \"textflag.h\"\n// TEXT ·comment(SB)\nTEXT ·add(SB), NOSPLIT, $0-8\n\tRET\nTEXT\truntime·gogo<ABIInternal>(SB), NOSPLIT, $0\n";
        for (name, is_there) in [("add", true), ("gogo", true), ("ad", false), ("comment", false)] {
            assert_eq!(is_assembled(source.as_bytes(), name), is_there, "{name}");
        }
    }
}
