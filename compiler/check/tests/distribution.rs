//! The distribution's library, with our overlay and without it; passes over it where there is none.

use golift_check::{CheckOptions, check};
use golift_load::{Context, ModuleFlags, Overlay, Request, existing_goroot, load};

/// The library type-checks with and without our changes.
#[test]
fn the_library_checks() {
    let Some(goroot) = existing_goroot(None) else { return };
    for overlay in [Overlay::none(), Overlay::from_env().unwrap()] {
        let context = Context::new("linux", "amd64", Vec::new(), "").unwrap();
        let args = [String::from("std")];
        let request = Request {
            modules: &ModuleFlags::default(),
            goroot: &goroot,
            cwd: &goroot,
            context: &context,
            overlay: &overlay,
            args: &args,
            implicit: &[],
            avoid_asm: false,
            compiler: golift_load::Compiler::default(),
            tests: false,
        };
        let graph = load(&request).unwrap();
        let checked = check(&graph, CheckOptions::default());
        let errors: Vec<String> = checked
            .packages
            .iter()
            .flat_map(|p| &p.errors)
            .map(|error| error.render(&graph.sources))
            .take(20)
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
}
