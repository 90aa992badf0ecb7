//! What gc looks for only in packages that pass the type checker.
//!
//! It does so in steps and stops after the first that finds something: cycles of anonymous interfaces; uses of types that
//! cannot be allocated; misuse of directives, in the order of the files; what functions and directives together
//! demand; and last what its back end could not deal with: types and frames beyond its limits.

use golift_syntax::{Decl, ExprKind, FuncDecl, LateCheck, Pos, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Checker;
use crate::instances::Printed;
use crate::object::Obj;
use crate::scope::Scopes;
use crate::sizes::Sizes;
use crate::types::{Type, TypeKind};
use crate::typestring::{Qualifier, late_type_string, type_string};
use golift_syntax::GoVersion;

/// A type as it is written somewhere, and the declaration or statement that gc shows for it.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub anchor: Pos,
    pub ty: Type,
    /// It is what a type declaration declares.
    pub declared: bool,
}

/// No type is larger.
const MAX_WIDTH: i64 = 1 << 50;
const MAX_CHAN_ELEM: i64 = 1 << 16;
const MAX_MAP_PART: i64 = 1 << 31;
pub(crate) const MAX_FRAME: i64 = 1 << 30;
const MAX_SYMBOL: i64 = 2_000_000_000;

impl Checker {
    /// All steps. Called when there is no error yet.
    pub fn late_checks(&self) {
        let steps: [fn(&Checker); 9] = [
            Checker::anonymous_interface_cycles,
            Checker::unallocatable_arguments,
            Checker::unallocatable_elements,
            Checker::directives_and_functions,
            Checker::type_limits,
            Checker::unprintable_operands,
            Checker::instance_limits,
            Checker::frame_limits,
            Checker::symbol_limits,
        ];
        for step in steps {
            if !self.errors.borrow().is_empty() {
                return;
            }
            step(self);
        }
    }

    // ------------------------------------------------------------------------
    // Anonymous interfaces

    fn anonymous_interface_cycles(&self) {
        let mut literals = self.interface_literals.borrow().clone();
        literals.sort_by_key(|site| site.anchor);
        let mut finder = CycleFinder::default();
        for site in literals {
            if finder.has_cycle(site.ty) {
                let msg =
                    "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)";
                self.error(site.anchor, "InvalidTypeCycle", msg);
                // One error for all interfaces of a cycle.
                finder.cyclic.values_mut().for_each(|on_path| *on_path = false);
            }
        }
    }

    // ------------------------------------------------------------------------
    // Types that cannot be allocated

    fn unallocatable_arguments(&self) {
        let mut found = self.type_arguments.take();
        found.retain(|site| is_not_in_heap(site.ty));
        found.sort_by_key(|site| site.anchor);
        for Site { anchor, ty, .. } in found {
            let name = type_string(ty, &Qualifier::Path);
            let msg = format!("cannot use incomplete (or unallocatable) type as a type argument: {name}");
            self.error(anchor, "NotInHeap", msg);
        }
    }

    fn unallocatable_elements(&self) {
        for file in self.pkg.files() {
            for decl in &file.decls {
                let Decl::Type(decl) = decl else { continue };
                let Some(obj) = self.scopes.borrow().get(Scopes::PACKAGE, decl.name.name) else { continue };
                let pos = decl.ty.pos;
                match (&decl.ty.kind, obj.ty().under().kind()) {
                    (ExprKind::MapType(..), TypeKind::Map(m)) => {
                        if is_not_in_heap(m.key) {
                            self.error(pos, "NotInHeap", "incomplete (or unallocatable) map key not allowed");
                        }
                        if is_not_in_heap(m.elem) {
                            self.error(pos, "NotInHeap", "incomplete (or unallocatable) map value not allowed");
                        }
                    }
                    (ExprKind::ChanType(..), TypeKind::Chan(c)) if is_not_in_heap(c.elem) => {
                        self.error(pos, "NotInHeap", "chan of incomplete (or unallocatable) type not allowed");
                    }
                    _ => {}
                }
            }
        }
    }

    // ------------------------------------------------------------------------
    // Directives

    fn directives_and_functions(&self) {
        let mut linked: FxHashSet<Symbol> = FxHashSet::default();
        for file in self.pkg.files() {
            for check in &file.late_checks {
                match check {
                    LateCheck::Error(error) => self.report(error.clone()),
                    LateCheck::Embed(pos) if self.config.go_version < GoVersion(16) => {
                        let msg = "go:embed requires go1.16 or later".to_owned();
                        self.error(*pos, "MisplacedDirective", msg);
                    }
                    LateCheck::Embed(_) => {}
                }
            }
            let imports_unsafe = file.decls.iter().any(|decl| {
                let Decl::Import(import) = decl else { return false };
                import.path.is_some_and(|path| matches!(path.text.as_str(), "\"unsafe\"" | "`unsafe`"))
            });
            for directive in &file.all_directives {
                let verb = directive.verb();
                if !matches!(verb, "go:linkname" | "go:linknamestd") {
                    continue;
                }
                let mut args = directive.args().split_whitespace();
                let Some(local) = args.next() else { continue };
                let remote = args.next().unwrap_or_default();
                let object = self.scopes.borrow().get(Scopes::PACKAGE, Symbol::intern(local));
                let msg = if !imports_unsafe {
                    format!("//{verb} only allowed in Go files that import \"unsafe\"")
                } else if remote.contains('[') && remote.contains(']') {
                    format!("//{verb} reference of an instantiation is not allowed")
                } else if !object.is_some_and(|o| o.is_func() || o.is_var()) {
                    if self.config.go_version < GoVersion(18) {
                        continue;
                    }
                    format!("//{verb} must refer to declared function or variable")
                } else if !linked.insert(Symbol::intern(local)) {
                    format!("duplicate //{verb} for {local}")
                } else {
                    continue;
                };
                self.error(directive.pos, "MisplacedDirective", msg);
            }
        }
        // In the order of names, which decides what is shown if there is too much: methods come with their types.
        let declared = self.funcs.borrow().iter().filter_map(|f| f.func_decl()).map(|(_, decl)| decl).collect();
        let mut functions: Vec<&FuncDecl> = declared;
        functions.sort_by_cached_key(|decl| {
            let owner = decl.recv.as_ref().and_then(|recv| self.unpack_recv(&recv.ty, false).1.as_ident());
            let name = owner.unwrap_or(&decl.name).name;
            (name == Symbol::INIT, name.as_str())
        });
        for decl in functions {
            self.function_directives(decl, &linked);
        }
    }

    fn function_directives(&self, decl: &FuncDecl, linked: &FxHashSet<Symbol>) {
        // gc leaves out what cannot be called.
        if decl.name.name.is_blank() || !decl.tparams.is_empty() {
            return;
        }
        let has = |verb: &str| decl.directives.iter().any(|d| d.verb() == verb);
        if has("go:systemstack") && has("go:nosplit") {
            self.error(decl.pos, "MisplacedDirective", "go:nosplit and go:systemstack cannot be combined");
        }
        if decl.body.is_some() {
            if has("go:noescape") {
                let msg = "can only use //go:noescape with external func implementations";
                self.error(decl.pos, "MisplacedDirective", msg);
            }
            if has("go:uintptrkeepalive") && !has("go:uintptrescapes") && !has("go:nosplit") {
                self.error(decl.pos, "MisplacedDirective", "go:uintptrkeepalive requires go:nosplit");
            }
        } else if !self.config.allow_bodyless && (decl.recv.is_some() || !linked.contains(&decl.name.name)) {
            self.error(decl.pos, "MissingBody", "missing function body");
        }
    }

    // ------------------------------------------------------------------------
    // Limits

    fn type_limits(&self) {
        let mut seen: FxHashMap<&'static str, Vec<Type>> = FxHashMap::default();
        let mut last = None;
        let mut sizes = Sizes::default();
        for Site { anchor, ty, declared } in self.sites.take() {
            let mut too_large = |t: Type, limit: i64| !(0..limit).contains(&sizes.size_of(t));
            let mut report = |msg: String, kind: &'static str| {
                // gc computes the size of a type once, and says the same about a line once.
                let line = self.config.source_map.as_ref().map(|map| map.position(anchor).line);
                let known = seen.entry(kind).or_default();
                let again = !declared && known.contains(&ty) || last == Some((line, kind));
                last = Some((line, kind));
                known.push(ty);
                if !again {
                    self.error(anchor, "TypeTooLarge", msg);
                }
            };
            match ty.kind() {
                TypeKind::Array(a) if a.len > 0 && too_large(ty, MAX_WIDTH) => {
                    report(format!("type {} larger than address space", self.late_string(ty)), "array");
                }
                TypeKind::Chan(c) if too_large(c.elem, MAX_CHAN_ELEM) => {
                    report("channel element type too large (>64kB)".into(), "chan");
                }
                TypeKind::Map(m) => {
                    if too_large(m.elem, MAX_MAP_PART) {
                        report("map element type too large".into(), "element");
                    }
                    if too_large(m.key, MAX_MAP_PART) {
                        report("map key type too large".into(), "key");
                    }
                }
                TypeKind::Struct(s) => {
                    let fields_fit = s.fields.iter().all(|f| !too_large(f.ty(), MAX_WIDTH));
                    if fields_fit && too_large(ty, MAX_WIDTH) {
                        report(format!("type {} too large", self.late_string(ty)), "struct");
                    }
                }
                _ => {}
            }
        }
    }

    fn unprintable_operands(&self) {
        for printed in self.printed.borrow().iter().filter(|p| p.tparams == 0) {
            self.report_unprintable(printed, printed.ty);
        }
    }

    /// Remembers an operand of `print` or `println` for [`unprintable_operands`](Checker::unprintable_operands) and
    /// [`instance_limits`](Checker::instance_limits).
    pub fn note_printed(&self, pos: Pos, function: &str, ty: Type) {
        let tparams = self.env.get().tparams;
        let is_composite = matches!(ty.under().kind(), TypeKind::Array(_) | TypeKind::Struct(_));
        if is_composite || ty.is_type_param() {
            self.printed.borrow_mut().push(Printed { pos, function: function.to_owned(), ty, tparams });
        }
    }

    fn late_string(&self, ty: Type) -> String {
        late_type_string(ty, &self.qualifier())
    }

    /// Parameters and results live in the frame of the caller.
    fn frame_limits(&self) {
        let mut sizes = Sizes::default();
        for &function in self.funcs.borrow().iter() {
            let Some((_, decl)) = function.func_decl() else { continue };
            let Some(sig) = function.ty().as_signature() else { continue };
            if decl.body.is_none() || !sig.tparams.is_empty() || !sig.recv_tparams.is_empty() {
                continue;
            }
            let variables = sig.recv.iter().chain(sig.params.iter()).chain(sig.results.iter());
            let args = variables.map(|v| sizes.size_of(v.ty())).fold(0i64, |sum, size| sum.saturating_add(size));
            if args > MAX_FRAME {
                self.frame_too_large(decl.pos, args);
            }
        }
    }

    pub fn frame_too_large(&self, pos: Pos, args: i64) {
        let msg = format!("stack frame too large (>1GB): 0 MB locals + {} MB args", args >> 20);
        self.error(pos, "FrameTooLarge", msg);
    }

    fn symbol_limits(&self) {
        let mut sizes = Sizes::default();
        for &obj in self.objects.borrow().iter() {
            if obj.is_var() && !obj.name().is_blank() {
                let size = sizes.size_of(obj.ty());
                if size > MAX_SYMBOL {
                    let path = self.pkg.symbol_path();
                    let name = obj.name();
                    let msg = format!("{path}.{name}: symbol too large ({size} bytes > {MAX_SYMBOL} bytes)");
                    self.error(obj.pos(), "SymbolTooLarge", msg);
                }
            }
        }
    }

    /// Remembers a type for [`type_limits`](Checker::type_limits); not within the declaration of a local type.
    pub fn note_site(&self, ty: Type, declared: bool) -> Type {
        let anchor = self.env.get().anchor;
        if !self.config.is_std && anchor != Pos::NONE {
            self.sites.borrow_mut().push(Site { anchor, ty, declared });
        }
        ty
    }
}

/// Looks for interfaces without a name that their own methods mention. Named types cannot be part of such a cycle.
#[derive(Default)]
struct CycleFinder {
    /// Interfaces that were visited: are they on the path?
    cyclic: FxHashMap<Type, bool>,
}

impl CycleFinder {
    fn has_cycle(&mut self, interface: Type) -> bool {
        let TypeKind::Interface(i) = interface.kind() else { return false };
        i.type_set().methods.iter().any(|m| self.visit(m.ty()))
    }

    fn visit(&mut self, t: Type) -> bool {
        let t = t.unalias();
        let all = |finder: &mut Self, list: &[Obj]| list.iter().any(|v| finder.visit(v.ty()));
        match t.kind() {
            TypeKind::Pointer(elem) | TypeKind::Slice(elem) => self.visit(*elem),
            TypeKind::Array(a) => self.visit(a.elem),
            TypeKind::Chan(c) => self.visit(c.elem),
            TypeKind::Map(m) => self.visit(m.key) || self.visit(m.elem),
            TypeKind::Struct(s) => all(self, &s.fields),
            TypeKind::Signature(s) => all(self, &s.params) || all(self, &s.results),
            TypeKind::Interface(i) => {
                if i.explicit_methods().is_empty() && i.embeddeds().is_empty() {
                    return false;
                }
                if let Some(&on_path) = self.cyclic.get(&t) {
                    return on_path;
                }
                self.cyclic.insert(t, true);
                let cycle = self.has_cycle(t);
                if !cycle {
                    self.cyclic.insert(t, false);
                }
                cycle
            }
            _ => false,
        }
    }
}

/// Types that contain the runtime's mark for memory that only C may allocate.
fn is_not_in_heap(t: Type) -> bool {
    let t = t.unalias();
    if let Some(n) = t.as_named()
        && n.obj.name().as_str() == "nih"
        && n.obj.pkg().is_some_and(|p| p.path() == "internal/runtime/sys")
    {
        return true;
    }
    match t.under().kind() {
        TypeKind::Array(a) => is_not_in_heap(a.elem),
        TypeKind::Struct(s) => s.fields.iter().any(|f| is_not_in_heap(f.ty())),
        _ => false,
    }
}
