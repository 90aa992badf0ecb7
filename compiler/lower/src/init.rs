//! Package initialisation.
//!
//! `golift.initAll` calls the initialisation of each package in gc's order (`init_order`), package runtime and what it imports
//! before all others, which may need it without importing it. A package's function runs the initial values that need code, in the checker's order, then its `init`
//! functions. An initial value without effects whose variables nobody refers to is left out; as including one may
//! refer to more variables, this is a fixpoint with the collection of functions.

use crate::front::is_init;
use crate::init_order::init_order;
use crate::lower::{FuncKey, Lower};
use crate::static_init;
use crate::ty::EnvId;
use golift_ir::FuncId;
use golift_ir::RuntimeFn;
use golift_types::Package;

impl Lower<'_> {
    /// Knows which initialisation each variable has; includes those with effects.
    pub fn prepare_init(&mut self) {
        for pkg in self.pkgs.clone() {
            for (n, init) in pkg.init_order().iter().enumerate() {
                for &v in &init.lhs {
                    self.init_of_var.insert(v, (pkg, n as u32));
                    // A variable pushed to another package is used under that package's declaration.
                    self.init_of_var.insert(self.links.resolve(v), (pkg, n as u32));
                }
            }
        }
    }

    /// Initialisations and `init` functions that must run whatever is reachable.
    pub fn root_inits(&mut self) {
        for pkg in self.pkgs.clone() {
            for n in 0..pkg.init_order().len() as u32 {
                if !static_init::is_pure(self, pkg, n) {
                    self.include_init(pkg, n);
                }
            }
            for &f in pkg.funcs() {
                if is_init(f) {
                    self.func(FuncKey::Decl { obj: f, env: EnvId::EMPTY });
                }
            }
        }
    }

    /// Makes the bodies of the initialisation functions, after everything is reached.
    pub fn finish_init(&mut self, all: FuncId) {
        let mut list = Vec::new();
        // Allocations are sampled only if somebody can ask for the profile.
        let profile = self.known.mem_profile.map(|obj| FuncKey::Decl { obj, env: EnvId::EMPTY });
        if profile.is_some_and(|key| self.funcs.contains_key(&key)) {
            list.push(self.runtime_func(RuntimeFn::EnableMemProfile));
        }
        let mut first = Vec::new();
        if let Some(runtime) = self.package("runtime") {
            add_with_imports(runtime, &mut first);
        }
        for pkg in init_order(&self.pkgs, &first) {
            if let Some(id) = self.init_package(pkg) {
                list.push(id);
            }
        }
        let body = self.call_list("runtime.doInit", &list);
        self.prog.funcs[all].body = Some(body);
    }

    fn init_package(&mut self, pkg: Package) -> Option<FuncId> {
        let mut list = Vec::new();
        for n in 0..pkg.init_order().len() as u32 {
            if let Some(&id) = self.funcs.get(&FuncKey::InitVar(pkg, n)) {
                list.push(id);
            }
        }
        for &f in pkg.funcs() {
            if is_init(f) {
                list.push(self.funcs[&FuncKey::Decl { obj: f, env: EnvId::EMPTY }]);
            }
        }
        if list.is_empty() {
            return None;
        }
        let id = self.func(FuncKey::InitPackage(pkg));
        // Its body is made here.
        self.queue.retain(|(q, _)| *q != id);
        let name = self.prog.funcs[id].name.to_string();
        let body = self.call_list(&name, &list);
        self.prog.funcs[id].body = Some(body);
        Some(id)
    }
}

fn add_with_imports(pkg: Package, set: &mut Vec<Package>) {
    if !set.contains(&pkg) {
        set.push(pkg);
        for &import in pkg.imports() {
            add_with_imports(import, set);
        }
    }
}
