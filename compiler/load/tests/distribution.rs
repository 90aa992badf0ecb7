//! The overlay against the real distribution; passes over it where there is none.

use golift_load::{Context, Overlay, Request, existing_goroot, load};
use golift_syntax::{Decl, DirectiveKind};

/// Each function of the library without a body is provided by the runtime, by another package, or by the compiler as an
/// intrinsic. The runtime's `stubs.go` provides those that nobody implements yet: [`STUBS`].
#[test]
fn bodyless_functions() {
    let Some(goroot) = existing_goroot(None) else { return };
    let context = Context::new("linux", "amd64", Vec::new(), "").unwrap();
    let overlay = Overlay::from_env().unwrap();
    let args = [String::from("std"), String::from("cmd")];
    let request = Request { avoid_asm: true, ..Request::of_distribution(&goroot, &context, &overlay, &args) };
    let graph = load(&request).unwrap();
    assert!(graph.errors.is_empty(), "{:?}", graph.errors);
    let mut defined = std::collections::HashSet::new();
    // Symbol that is wanted, and who wants it.
    let mut wanted = Vec::new();
    let mut stubs = Vec::new();
    for package in &graph.packages {
        if package.is_assembled {
            for name in &package.asm_files {
                let text = std::fs::read_to_string(package.dir.join(name)).unwrap();
                let names = text.lines().filter_map(|line| line.strip_prefix("TEXT ·")?.split(['(', '<']).next());
                defined.extend(names.map(|name| format!("{}.{name}", package.path)));
            }
        }
        for file in &package.files {
            let is_stubs = graph.sources.file(file.id).name.ends_with("/runtime/stubs.go");
            let mut remote = std::collections::HashMap::new();
            for directive in file.all_directives.iter().filter(|d| d.kind == DirectiveKind::Linkname) {
                let mut words = directive.args().split_whitespace();
                let local = words.next().unwrap_or_default();
                if let Some(target) = words.next() {
                    remote.insert(local, target);
                }
            }
            for decl in &file.decls {
                let Decl::Func(f) = decl else { continue };
                let name = format!("{}.{}", package.path, f.name.name.as_str());
                for replaced in f.directives.iter().filter(|d| d.kind == DirectiveKind::Replace) {
                    defined.insert(format!("{}.{}", package.path, replaced.args()));
                }
                let symbol = remote.get(f.name.name.as_str()).map_or(name.clone(), |&target| target.to_owned());
                if f.body.is_some() || f.directives.iter().any(|d| d.kind == DirectiveKind::Rust) {
                    if is_stubs && f.recv.is_none() {
                        stubs.push(symbol.clone());
                    }
                    defined.extend([name, symbol]);
                } else {
                    wanted.push((symbol, name));
                }
            }
        }
    }
    // Methods that modules pull; std itself does not call them.
    let marks_method = |symbol: &str| symbol.rsplit('/').next().is_some_and(|s| s.matches('.').count() > 1);
    wanted.retain(|(symbol, _)| !marks_method(symbol) && !symbol.starts_with("unsafe."));
    // The compiler makes these; and programs that are for cgo or for another architecture.
    wanted.retain(|(symbol, _)| !["golift.initAll", "main.main"].contains(&symbol.as_str()));
    wanted.retain(|(_, name)| {
        !["cmd/cgo/internal/test", "cmd/dist."].iter().any(|elsewhere| name.starts_with(elsewhere))
    });
    wanted.retain(|(symbol, name)| !defined.contains(symbol) && golift_lower::Intrinsic::of_symbol(name).is_none());
    assert!(wanted.is_empty(), "nobody provides {wanted:#?}");
    stubs.retain(|symbol| symbol != "runtime.notImplemented");
    stubs.sort();
    assert_eq!(stubs, STUBS, "what is not implemented has changed");
}

/// What nobody implements yet.
const STUBS: &[&str] = &[
    "internal/runtime/startlinetest.AsmFunc",
    "internal/runtime/sys.GetClosurePtr",
    "runtime.pprof_goroutineLeakProfileWithLabels",
    "runtime/pprof.runtime_goroutineLeakGC",
    "runtime/pprof.runtime_goroutineleakcount",
];
