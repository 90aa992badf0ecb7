//! `//go:linkname` and friends: which declaration a symbol stands for.
//!
//! A bodyless function *pulls* the symbol it names; a function with a body *pushes* its body under the
//! symbol it names. Variables are shared the same way: the package that the symbol belongs to declares them.

use crate::front::Symbol;
use crate::names;
use golift_syntax::DirectiveKind;
use golift_types::{Obj, Package};
use rustc_hash::{FxHashMap, FxHashSet};

/// Symbol of the function that initialises all packages; package runtime pulls it.
pub const INIT_ALL: &str = "golift.initAll";

#[derive(Default)]
pub struct Links {
    /// What an object was told to be called.
    remote: FxHashMap<Obj, String>,
    /// Bodies pushed under a symbol.
    pushed: FxHashMap<String, Obj>,
    /// Variables pushed under a symbol of another package: their initialisers set that package's variable.
    pushed_vars: FxHashMap<String, Obj>,
    packages: FxHashMap<&'static str, Package>,
    /// Functions that one of ours replaces (`//golift:replace name` in the overlay).
    replaced: FxHashMap<Obj, Obj>,
    /// Bodyless functions that stand for the initialisation of all packages.
    init_all: FxHashSet<Obj>,
}

impl Links {
    pub fn collect(pkgs: &[Package]) -> Links {
        let mut links =
            Links { packages: pkgs.iter().map(|p| (names::pkg_path(*p), *p)).collect(), ..Links::default() };
        for &pkg in pkgs {
            for file in pkg.files() {
                for d in &file.all_directives {
                    if d.kind != DirectiveKind::Linkname {
                        continue;
                    }
                    let mut args = d.args().split_whitespace();
                    let (Some(local), Some(remote)) = (args.next(), args.next()) else { continue };
                    let Some(obj) = pkg.lookup(Symbol::intern(local)) else { continue };
                    if has_body(obj) {
                        links.pushed.insert(remote.to_string(), obj);
                    }
                    if obj.is_var() {
                        links.pushed_vars.insert(remote.to_string(), obj);
                    }
                    if remote == INIT_ALL {
                        links.init_all.insert(obj);
                    }
                    links.remote.insert(obj, remote.to_string());
                }
            }
            for &f in pkg.funcs() {
                let Some((_, d)) = f.func_decl() else { continue };
                for dir in d.directives.iter().filter(|d| d.kind == DirectiveKind::Replace) {
                    if let Some(old) = pkg.lookup(Symbol::intern(dir.args())) {
                        links.replaced.insert(old, f);
                    }
                }
            }
        }
        links
    }

    /// What a call of `obj` in function `user` means: the replacement, except in the replacement itself.
    pub fn replacement(&self, obj: Obj, user: Option<Obj>) -> Obj {
        match self.replaced.get(&obj) {
            Some(&new) if Some(new) != user => new,
            _ => obj,
        }
    }

    /// Does a call of `obj` run the initialisation of all packages?
    pub fn is_init_all(&self, obj: Obj) -> bool {
        self.init_all.contains(&obj)
    }

    /// The linker symbol of a function or variable.
    pub fn symbol(&self, obj: Obj) -> String {
        match self.remote.get(&obj) {
            Some(s) => s.clone(),
            None => format!("{}.{}", obj.pkg().map_or("", names::pkg_path), obj.name()),
        }
    }

    /// The symbol that a function with a body was told to have, by which tracebacks call it.
    pub fn pushed_symbol(&self, obj: Obj) -> Option<&str> {
        let symbol = self.remote.get(&obj)?;
        (self.pushed.get(symbol) == Some(&obj)).then_some(symbol)
    }

    /// The variable of another package whose initialiser sets `obj`.
    pub fn pushed_var(&self, obj: Obj) -> Option<Obj> {
        self.pushed_vars.get(&self.symbol(obj)).copied().filter(|&o| o != obj)
    }

    /// The declaration that provides a symbol.
    pub fn definition(&self, symbol: &str) -> Option<Obj> {
        if let Some(&o) = self.pushed.get(symbol) {
            return Some(o);
        }
        let slash = symbol.rfind('/').map_or(0, |i| i + 1);
        let dot = slash + symbol[slash..].find('.')?;
        let pkg = self.packages.get(&symbol[..dot])?;
        let obj = pkg.lookup(Symbol::intern(&symbol[dot + 1..]))?;
        (obj.is_func() || obj.is_var()).then_some(obj)
    }

    /// The declaration with the body (or the memory) that a use of `obj` means; `obj` itself where there is none.
    pub fn resolve(&self, obj: Obj) -> Obj {
        if obj.is_func() && has_body(obj) {
            return obj;
        }
        // Linknames may form chains, but not long ones.
        let mut cur = obj;
        for _ in 0..4 {
            let symbol = self.symbol(cur);
            match self.definition(&symbol) {
                Some(next) if next != cur => {
                    cur = next;
                    if cur.is_func() && has_body(cur) {
                        break;
                    }
                }
                _ => break,
            }
        }
        cur
    }
}

/// Functions with a Go body, or bound to a symbol of the Rust runtime.
fn has_body(obj: Obj) -> bool {
    obj.func_decl().is_some_and(|(_, d)| d.body.is_some() || rust_symbol(obj).is_some())
}

/// The symbol of `//golift:rust symbol`.
pub fn rust_symbol(obj: Obj) -> Option<&'static str> {
    let (_, d) = obj.func_decl()?;
    d.directives.iter().find(|d| d.kind == DirectiveKind::Rust).map(|d| d.args())
}
