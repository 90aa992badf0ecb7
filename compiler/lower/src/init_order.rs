//! The order in which packages are initialised.
//!
//! Since Go 1.21 that is the order of the import paths, each package as soon as all that it imports have been initialised
//! (spec, "Program initialization"). gc refines this: a package takes part only if it has a *task*, which is an `init` function,
//! an initial value that needs code, or an import with a task. A package without one counts as initialised from the start,
//! so those that import it may come earlier than its path says. What needs code is what gc's static initialisation leaves over;
//! [`Task`] knows it up to inlining: a call is no code if it is of a function whose body is `return` with such a value.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use golift_syntax::{CallExpr, Expr, ExprKind, StmtKind, Symbol, UnaryOp};
use golift_types::{FileInfo, Mode, ObjKind, Package, TypeKind, VarKind};
use rustc_hash::FxHashMap;

use crate::front::is_init;

/// Calls within calls that are looked into.
const MAX_CALLS: u32 = 8;

/// All of `pkgs`, which come dependencies first: `done` as they stand, then the others in gc's order.
pub fn init_order(pkgs: &[Package], done: &[Package]) -> Vec<Package> {
    let index: FxHashMap<Symbol, usize> = pkgs.iter().enumerate().map(|(n, pkg)| (pkg.path_symbol(), n)).collect();
    let imports = |n: usize| pkgs[n].imports().iter().filter_map(|import| index.get(&import.path_symbol()).copied());
    let mut tasks = vec![false; pkgs.len()];
    for n in 0..pkgs.len() {
        tasks[n] = imports(n).any(|import| tasks[import]) || has_own_task(pkgs[n]);
    }
    let is_done: Vec<bool> = pkgs.iter().map(|pkg| done.contains(pkg)).collect();
    let mut order: Vec<usize> = (0..pkgs.len()).filter(|&n| is_done[n]).collect();
    // Where gc has data, there may be code here: it runs before anybody can look.
    order.extend((0..pkgs.len()).filter(|&n| !is_done[n] && !tasks[n]));
    let mut waits = vec![0; pkgs.len()];
    let mut importers = vec![Vec::new(); pkgs.len()];
    let mut ready = BinaryHeap::new();
    for n in (0..pkgs.len()).filter(|&n| !is_done[n] && tasks[n]) {
        for import in imports(n).filter(|&import| !is_done[import] && tasks[import]) {
            importers[import].push(n);
            waits[n] += 1;
        }
        if waits[n] == 0 {
            ready.push(Reverse((task_name(pkgs[n]), n)));
        }
    }
    while let Some(Reverse((_, n))) = ready.pop() {
        order.push(n);
        for &importer in &importers[n] {
            waits[importer] -= 1;
            if waits[importer] == 0 {
                ready.push(Reverse((task_name(pkgs[importer]), importer)));
            }
        }
    }
    order.into_iter().map(|n| pkgs[n]).collect()
}

/// gc compares the symbols of the tasks: `a-b` comes before `a`.
fn task_name(pkg: Package) -> String {
    format!("{}..inittask", pkg.symbol_path())
}

/// Packages that have a task in gc only because its assembly asks for features of the CPU.
const ASSEMBLY_TASKS: &[&str] = &["math"];

fn has_own_task(pkg: Package) -> bool {
    if ASSEMBLY_TASKS.contains(&pkg.path()) {
        return true;
    }
    let nonempty = |f: &golift_types::Obj| {
        f.func_decl().is_some_and(|(_, d)| d.body.as_ref().is_some_and(|b| !b.stmts.is_empty()))
    };
    pkg.funcs().iter().any(|f| is_init(*f) && nonempty(f))
        || pkg.init_order().iter().any(|init| {
            let task = Task { pkg, info: pkg.info(init.file), calls: 0 };
            init.lhs.len() > 1 || task.needs_code(init.rhs)
        })
}

/// Looks at an initial value.
struct Task {
    pkg: Package,
    info: &'static FileInfo,
    /// Calls around the expression. Within them parameters are known values.
    calls: u32,
}

impl Task {
    fn needs_code(&self, e: &Expr) -> bool {
        let tv = self.info.types(e.id);
        if matches!(tv.mode, Mode::Constant | Mode::Nil | Mode::TypeExpr) {
            return false;
        }
        match &e.kind {
            ExprKind::Ident(_) | ExprKind::FuncLit(_) => false,
            ExprKind::Paren(x) | ExprKind::KeyValue(_, x) => self.needs_code(x),
            ExprKind::CompositeLit(c) => {
                tv.ty.is_some_and(|t| matches!(t.under().kind(), TypeKind::Map(_)))
                    || c.elems.iter().any(|e| self.needs_code(e))
            }
            ExprKind::Unary(UnaryOp::Addr, x) => !self.is_variable(x) && self.needs_code(x),
            // A qualified name, or a method expression.
            ExprKind::Selector(x, _) => self.info.selection(e.id).is_some() && !self.info.types(x.id).is_type(),
            ExprKind::Index(x, _) => !self.is_function(x),
            ExprKind::Binary(_, x, y) => self.calls == 0 || self.needs_code(x) || self.needs_code(y),
            ExprKind::Call(c) => self.call_needs_code(c),
            _ => true,
        }
    }

    /// A package variable or a field of one.
    fn is_variable(&self, x: &Expr) -> bool {
        match &x.unparen().kind {
            ExprKind::Ident(i) => self.info.use_(i).is_some_and(|o| o.kind() == ObjKind::Var(VarKind::Package)),
            ExprKind::Selector(x, _) => self.is_variable(x),
            _ => false,
        }
    }

    /// A generic function that is instantiated.
    fn is_function(&self, x: &Expr) -> bool {
        match &x.unparen().kind {
            ExprKind::Ident(i) | ExprKind::Selector(_, i) => self.info.use_(i).is_some_and(|o| o.is_func()),
            _ => false,
        }
    }

    fn call_needs_code(&self, c: &CallExpr) -> bool {
        if c.args.iter().any(|arg| self.needs_code(arg)) {
            return true;
        }
        if self.info.types(c.fun.id).is_type() {
            return false;
        }
        let (file, body) = match &c.fun.unparen().kind {
            ExprKind::FuncLit(f) => (None, &f.body),
            ExprKind::Ident(i) => {
                let declared = self.info.use_(i).filter(|o| o.is_func() && o.pkg() == Some(self.pkg));
                let Some((file, decl)) = declared.and_then(|o| o.func_decl()) else { return true };
                let Some(body) = &decl.body else { return true };
                if decl.directives.iter().any(|d| d.verb() == "go:noinline") {
                    return true;
                }
                (Some(file), body)
            }
            _ => return true,
        };
        let info = file.map_or(self.info, |file| self.pkg.info(file));
        let inner = Task { pkg: self.pkg, info, calls: self.calls + 1 };
        match body.stmts.as_slice() {
            [only] => match &only.kind {
                StmtKind::Return(values) => {
                    self.calls == MAX_CALLS || values.len() != 1 || values.iter().any(|v| inner.needs_code(v))
                }
                _ => true,
            },
            _ => true,
        }
    }
}
