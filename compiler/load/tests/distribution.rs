//! The overlay against the real distribution; passes over it where there is none.

use golift_load::{Context, ModuleFlags, Overlay, Request, existing_goroot, load};
use golift_syntax::Decl;

/// Functions without a body that the runtime, the compiler (as intrinsics) or nobody provides, by package.
#[test]
fn bodyless_functions() {
    let Some(goroot) = existing_goroot(None) else { return };
    let context = Context::new("linux", "amd64", Vec::new(), "").unwrap();
    let overlay = Overlay::from_env().unwrap();
    let args = [String::from("std")];
    let request = Request {
        modules: &ModuleFlags::default(),
        goroot: &goroot,
        cwd: &goroot,
        context: &context,
        overlay: &overlay,
        args: &args,
        implicit: &[],
        avoid_asm: true,
        compiler: golift_load::Compiler::default(),
    };
    let graph = load(&request).unwrap();
    assert!(graph.errors.is_empty(), "{:?}", graph.errors);
    let mut pushed = std::collections::HashSet::new();
    let mut open = Vec::new();
    for package in &graph.packages {
        for file in &package.files {
            let mut pulled = std::collections::HashSet::new();
            for directive in file.all_directives.iter().filter(|d| d.verb() == "go:linkname") {
                let mut words = directive.args().split_whitespace();
                let local = words.next().unwrap_or_default();
                if let Some(target) = words.next() {
                    pushed.insert(target.to_owned());
                    pulled.insert(local.to_owned());
                }
            }
            for decl in &file.decls {
                let Decl::Func(f) = decl else { continue };
                let leaf = f.directives.iter().any(|d| d.verb() == "golift:rust");
                if f.body.is_none() && !leaf && !pulled.contains(f.name.name.as_str()) {
                    open.push(format!("{}.{}", package.path, f.name.name.as_str()));
                }
            }
        }
    }
    open.retain(|name| !pushed.contains(name));
    open.sort();
    println!("{}", open.join("\n"));
    // Whatever else is open belongs to these: intrinsics of the compiler.
    let intrinsics = ["sync/atomic.", "internal/runtime/atomic.", "internal/runtime/sys.Get", "internal/abi.FuncPC"];
    open.retain(|name| !intrinsics.iter().any(|prefix| name.starts_with(prefix)));
    let assembly = ["crypto/internal/fips140/", "vendor/golang.org/x/crypto/", "math.", "math/big.", "hash/crc32."];
    let missed: Vec<_> = open.iter().filter(|name| assembly.iter().any(|prefix| name.starts_with(prefix))).collect();
    let known = [
        "crypto/internal/fips140.fatal",
        "crypto/internal/fips140.getIndicator",
        "crypto/internal/fips140.setIndicator",
    ];
    let missed: Vec<_> = missed.into_iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missed.is_empty(), "no body: {missed:?}");
}
