//! The program-wide state of lowering and the worklist of instances.
//!
//! Problem: only what the program can reach may be lowered, and generics are compiled per set of concrete type arguments.
//! Strategy: everything that may become a function is a [`FuncKey`]. Asking for the function of a key declares it
//! and queues it; the queue is worked off until nothing new is asked for. Methods are reached through
//! interfaces in three steps: a type's descriptor or itab exists, the type is converted to an interface, and a
//! method of that name and signature is called through some interface (or reflection may call any exported method).
//! Package variables with pure initial values are initialised only if somebody refers to them.
//! Termination: the checker rejects infinitely growing instantiations, so keys are finite.
//! Invariants: a `FuncId` per key; each is lowered exactly once; output order is that of first request.

use crate::abi::{self, First, FnAbi};
use crate::arguments;
use crate::assembly_symbols::Assembly;
use crate::field_uses::FieldTrack;
use crate::front::{self, Symbol};
use crate::intrinsics::Intrinsics;
use crate::known::Known;
use crate::layout::{self, Layout, Layouts};
use crate::linkname::{INIT_ALL, Links};
use crate::names;
use crate::ty::{Basic, EnvId, FuncTy, Ty, TyKind, TyStore};
use golift_ir as ir;
use golift_ir::{DataId, FuncFlags, FuncId, RuntimeFn};
use golift_syntax::{FuncDirectives, SourceMap};
use golift_types::{Obj, Package};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// Size of `runtime.zeroVal`: larger missing elements need zeros of their own.
pub const ZERO_VAL: u64 = 1024;

/// Packages whose `//go:nosplit` counts: what runs between a fork and the exec, or where no goroutine may wait. Their chains of
/// such functions are at most [`golift_abi::STACK_NOSPLIT_DEPTH`] long. Elsewhere the directive is for gc, whose linker measures chains.
const NOSPLIT: &[&str] = &["runtime", "syscall", "internal/runtime/syscall/linux"];

/// Identity of a function of the program.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum FuncKey {
    /// A declared function or method (always the origin's object) under a binding of its type parameters.
    Decl { obj: Obj, env: EnvId },
    /// Method `name` of `recv` for a receiver passed as one interface data word.
    MethodWord { recv: Ty, name: Symbol, pkg: Option<Package> },
    /// Method `name` of `recv` (promoted, or of an interface type) as a plain function with receiver `recv`; `targs` are the
    /// method's own type arguments.
    MethodExpr { recv: Ty, name: Symbol, pkg: Option<Package>, targs: Vec<Ty> },
    /// A bound method value `x.m`: closure over `x`.
    MethodValue { recv: Ty, name: Symbol, pkg: Option<Package>, targs: Vec<Ty> },
    /// Closure-convention entry of a plain function.
    Thunk(FuncId),
    /// `func(p, q unsafe.Pointer) bool` in closure convention.
    Equal(Ty),
    /// `func(p unsafe.Pointer, seed uintptr) uintptr` in closure convention.
    Hash(Ty),
    /// Runs the n-th initialisation of a package.
    InitVar(Package, u32),
    /// Runs the initialisations and the `init` functions of a package.
    InitPackage(Package),
    /// Runs the initialisation of all packages.
    InitAll,
    /// Calls a func value or method from arguments in memory, for reflection.
    ReflectCall(Ty),
    /// Receives a call and passes it on with arguments in memory, for reflect.MakeFunc.
    ReflectMake(Ty),
}

/// A method entry of a descriptor or itab that waits for a call through an interface.
#[derive(Clone, Debug)]
pub struct MethodSlot {
    pub data: DataId,
    pub offset: u32,
    pub kind: ir::RelocKind,
    pub recv: Ty,
    pub name: Symbol,
    pub pkg: Option<Package>,
    /// For `Method.Tfn`: a func value's code that takes the receiver as first parameter; only reflection uses it.
    pub tfn: bool,
}

/// Bytes, alignment, and relocations: offset, target, addend.
pub type BoxedConstant = (Vec<u8>, u32, Vec<(u32, ir::RelocTarget, i64)>);

/// Name and signature: what an interface call asks for.
pub type MethodKey = (Symbol, Option<Package>, Ty);

pub struct Lower<'s> {
    pub tys: TyStore<'s>,
    pub layouts: Layouts<'s>,
    pub prog: ir::Program,
    pub sources: &'s SourceMap,
    /// All packages, dependencies first.
    pub pkgs: Vec<Package>,
    pub pkg_by_path: FxHashMap<&'static str, Package>,
    pub runtime: Package,
    pub links: Links,
    pub funcs: FxHashMap<FuncKey, FuncId>,
    pub queue: VecDeque<(FuncId, FuncKey)>,
    pub abis: FxHashMap<FuncId, FnAbi>,
    pub strings: FxHashMap<Box<[u8]>, DataId>,
    /// Data of constants in interfaces, by bytes, alignment and relocations.
    pub boxed_constants: FxHashMap<BoxedConstant, DataId>,
    pub globals: FxHashMap<Obj, DataId>,
    pub thunks: FxHashMap<FuncId, DataId>,
    pub rtypes: FxHashMap<Ty, DataId>,
    pub itabs: FxHashMap<(Ty, Ty), DataId>,
    pub names_data: FxHashMap<(Vec<u8>, u32), DataId>,
    /// Types whose values are (or can become) dynamic types of interfaces.
    pub in_iface: FxHashSet<Ty>,
    /// Method entries of descriptors of types not yet in `in_iface`.
    pub dormant: FxHashMap<Ty, Vec<MethodSlot>>,
    pub waiting: FxHashMap<MethodKey, Vec<MethodSlot>>,
    pub called: FxHashSet<MethodKey>,
    pub keep_exported: bool,
    /// Initialisation entries of packages: which are included.
    pub init_included: FxHashSet<(Package, u32)>,
    pub init_of_var: FxHashMap<Obj, (Package, u32)>,
    /// Function literals in the initial values before each one of a package; for packages where that was asked.
    pub literals_before: FxHashMap<Package, Rc<[u32]>>,
    /// `main.main`.
    pub main_func: Obj,
    pub known: Known,
    /// The functions of package runtime that were asked for.
    pub runtime_funcs: [Option<FuncId>; RuntimeFn::COUNT],
    /// Which functions are instructions.
    pub intrinsics: Intrinsics,
    pub extra: Extra,
    /// Type strings of `prog.typelinks`, for their order.
    pub typelink_names: Vec<(String, DataId)>,
    /// The declared function that is being lowered.
    pub current: Option<Obj>,
    /// Functions without a body anywhere.
    pub missing: Vec<(FuncId, Obj)>,
    pub field_track: Option<FieldTrack>,
    /// Packages without checks of bounds.
    pub unchecked: FxHashSet<Package>,
    /// Scopes and variables are kept.
    pub variables: bool,
    /// What the assembler made.
    pub assembly: Assembly,
}

/// Data objects made once.
#[derive(Default)]
pub struct Extra {
    pub static_bytes: Option<DataId>,
    pub zero: Option<DataId>,
    pub embeds: FxHashMap<Obj, EmbedData>,
    /// Embedded files by where their contents are.
    pub contents: FxHashMap<*const Vec<u8>, DataId>,
}

/// The files of a `//go:embed` variable: (name, contents), sorted.
#[derive(Clone, Debug, Default)]
pub struct EmbedData {
    /// Name and contents.
    pub files: Vec<(String, Arc<Vec<u8>>)>,
}

/// A function without a body anywhere.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its number in the program.
    pub id: FuncId,
    /// What it is linked to.
    pub symbol: String,
    /// Import path of the package that declares it.
    pub package: &'static str,
}

impl<'s> Lower<'s> {
    pub fn layout(&self, t: Ty) -> &'s Layout {
        self.layouts.of(&self.tys, t)
    }

    pub fn basic(&self, b: Basic) -> Ty {
        self.tys.basic(b)
    }

    pub fn fn_abi(&self, first: First, f: &FuncTy) -> FnAbi {
        abi::fn_abi(&self.tys, &self.layouts, first, f)
    }

    // ---- functions ----

    /// The function of a key; queued for lowering on first request.
    pub fn func(&mut self, key: FuncKey) -> FuncId {
        if let Some(&id) = self.funcs.get(&key) {
            return id;
        }
        let decl = self.declare(&key);
        let id = self.prog.declare(decl.0);
        self.abis.insert(id, decl.1);
        self.funcs.insert(key.clone(), id);
        if let FuncKey::Decl { obj, env } = &key {
            let (recv, fty, _) = self.decl_signature(*obj, *env);
            self.note_arguments(id, recv.map_or(First::None, First::Recv), &fty);
            self.note_reflection(*obj);
        }
        self.queue.push_back((id, key));
        if let Some(track) = &mut self.field_track {
            track.note_request(id);
        }
        id
    }

    /// Tracebacks show the arguments of function `id`.
    pub fn note_arguments(&mut self, id: FuncId, first: First, f: &FuncTy) {
        let list = arguments::list(&self.tys, &self.layouts, first, f);
        self.prog.arguments.insert(id, list);
    }

    pub fn abi(&self, id: FuncId) -> &FnAbi {
        &self.abis[&id]
    }

    fn declare(&mut self, key: &FuncKey) -> (ir::FuncDecl, FnAbi) {
        let mut flags = FuncFlags::default();
        let mut file = self.autogenerated();
        let mut start_line = 1;
        let mut start_column = 0;
        let any_ptr = self.basic(Basic::UnsafePointer);
        let (link, display, abi) = match key {
            FuncKey::Decl { obj, env } => {
                let (recv, fty, own) = self.decl_signature(*obj, *env);
                let (mut link, mut display) = names::func_names(&self.tys, *obj, recv, &own);
                if obj.func_decl().is_some_and(|(_, d)| d.body.is_some()) && recv.is_none() && own.is_empty() {
                    // A function pushed to another package shows under its name there.
                    display = self.links.symbol(*obj);
                }
                if crate::front::is_init(*obj) {
                    flags.noinline = true;
                    // `init` functions are numbered; `pkg.init` itself initialises the package.
                    let funcs = obj.pkg().map_or(&[][..], |p| p.funcs());
                    let n = funcs.iter().filter(|&&f| crate::front::is_init(f)).position(|f| f == obj).unwrap_or(0);
                    link = format!("{link}.{n}");
                    display = link.clone();
                }
                if own.is_empty()
                    && let Some(symbol) = self.links.pushed_symbol(*obj)
                {
                    display = symbol.to_string();
                }
                if let Some((_, d)) = obj.func_decl() {
                    let p = self.sources.position(d.name.pos);
                    file = self.prog.texts.intern(&p.filename);
                    (start_line, start_column) = (p.line, p.col);
                    flags.noinline |= d.flags.contains(FuncDirectives::NOINLINE);
                    flags.nosplit = d.flags.contains(FuncDirectives::NOSPLIT)
                        && obj.pkg().is_some_and(|p| NOSPLIT.contains(&p.path()));
                    flags.noreturn = d.flags.contains(FuncDirectives::NORETURN);
                    flags.top = d.flags.contains(FuncDirectives::TOP);
                    // Escape analysis has to see the call.
                    flags.uintptrkeepalive = d.flags.contains(FuncDirectives::UINTPTRKEEPALIVE)
                        && !d.flags.contains(FuncDirectives::UINTPTRESCAPES);
                    flags.noinline |= flags.uintptrkeepalive;
                    flags.wrapper = d.flags.contains(FuncDirectives::WRAPPER) || self.known.is_reflect_wrapper(*obj);
                    // Callers see who calls a wrapper in place of the wrapper: it has a frame of its own.
                    flags.noinline |= flags.wrapper;
                    // main.main has a frame of its own, as package runtime calls it from outside of the program.
                    flags.noinline |= *obj == self.main_func;
                    if obj.pkg() == Some(self.runtime) && recv.is_none() {
                        flags.noreturn |= RuntimeFn::from_name(obj.name().as_str()).is_some_and(RuntimeFn::is_noreturn);
                    }
                }
                let first = recv.map_or(First::None, First::Recv);
                let abi = self.fn_abi(first, &fty);
                // Several `init` and `_` functions share a name.
                let link = self.unique_name(link, *obj);
                (link, display, abi)
            }
            FuncKey::MethodWord { recv, name, pkg } => {
                flags.wrapper = true;
                let ptr = if self.tys.as_ptr(*recv).is_some() { *recv } else { self.tys.ptr_to(*recv) };
                let (link, display) = names::method_names(&self.tys, ptr, *name, *pkg, &[]);
                let sig = self.method_sig(key);
                let abi = self.fn_abi(First::Word, &sig);
                let suffix = if ptr == *recv { "-word" } else { "-ptr" };
                (format!("{link}{suffix}"), display, abi)
            }
            FuncKey::MethodExpr { recv, name, pkg, targs } => {
                flags.wrapper = true;
                let (link, display) = names::method_names(&self.tys, *recv, *name, *pkg, targs);
                // A plain function: the receiver is its first parameter.
                let mut sig = self.method_sig(key);
                sig.params.insert(0, *recv);
                let abi = self.fn_abi(First::None, &sig);
                (format!("{link}-expr"), display, abi)
            }
            FuncKey::MethodValue { recv, name, pkg, targs } => {
                flags.wrapper = true;
                flags.closure = true;
                let (link, display) = names::method_names(&self.tys, *recv, *name, *pkg, targs);
                let sig = self.method_sig(key);
                let abi = self.fn_abi(First::Word, &sig);
                (format!("{link}-fm"), format!("{display}-fm"), abi)
            }
            FuncKey::Thunk(target) => {
                flags.wrapper = true;
                flags.closure = true;
                let d = &self.prog.funcs[*target];
                (file, start_line, start_column) = (d.file, d.start_line, d.start_column);
                let (link, display) = (format!("{}·f", d.name), d.display.to_string());
                let target_abi = self.abi(*target).clone();
                let mut sig = target_abi.sig;
                sig.params.insert(0, ir::Type::Ptr);
                (link, display, FnAbi { sig, sret: target_abi.sret })
            }
            FuncKey::Equal(t) => {
                flags.closure = true;
                let link = format!("type:.eq.{}", names::type_string(&self.tys, *t, names::Qualify::Path));
                let f = FuncTy { params: vec![any_ptr; 2], results: vec![self.basic(Basic::Bool)], variadic: false };
                let display = if self.tys.is_interface(*t) { "runtime.interequal".to_string() } else { link.clone() };
                (link, display, self.fn_abi(First::Word, &f))
            }
            FuncKey::Hash(t) => {
                flags.closure = true;
                flags.wrapper = self.hashes_as_interface(*t);
                let link = format!("type:.hash.{}", names::type_string(&self.tys, *t, names::Qualify::Path));
                let word = self.basic(Basic::Uintptr);
                let f = FuncTy { params: vec![any_ptr, word], results: vec![word], variadic: false };
                let display = if self.tys.is_interface(*t) { "runtime.interhash".to_string() } else { link.clone() };
                (link, display, self.fn_abi(First::Word, &f))
            }
            FuncKey::InitVar(pkg, n) => {
                let link = format!("{}.init.var.{n}", names::pkg_path(*pkg));
                (link, format!("{}.init", names::pkg_path(*pkg)), self.plain_abi())
            }
            FuncKey::InitPackage(pkg) => {
                flags.wrapper = true;
                let link = format!("{}.init", names::pkg_path(*pkg));
                (link.clone(), link, self.plain_abi())
            }
            FuncKey::InitAll => (INIT_ALL.into(), "runtime.doInit".into(), self.plain_abi()),
            FuncKey::ReflectCall(t) | FuncKey::ReflectMake(t) => {
                flags.wrapper = true;
                let name = names::type_string(&self.tys, *t, names::Qualify::Path);
                if matches!(key, FuncKey::ReflectCall(_)) {
                    // (code, word, frame)
                    let f = FuncTy { params: vec![any_ptr; 3], results: vec![], variadic: false };
                    (format!("reflect.call:{name}"), "reflect.call".into(), self.fn_abi(First::None, &f))
                } else {
                    flags.closure = true;
                    let f = self.tys.func(*t);
                    (format!("reflect.make:{name}"), "reflect.makeFuncStub".into(), self.fn_abi(First::Word, f))
                }
            }
        };
        // Functions that another package pushes to package runtime are its own, whoever calls them.
        let runtime = match key {
            FuncKey::Decl { env: EnvId::EMPTY, .. } => {
                RuntimeFn::from_symbol(&display).filter(|f| f.has_signature(&abi.sig))
            }
            _ => None,
        };
        let decl = ir::FuncDecl {
            name: link.into(),
            display: display.into(),
            sig: abi.sig.clone(),
            linkage: ir::Linkage::Local,
            flags,
            runtime,
            file,
            start_line,
            start_column,
            body: None,
        };
        (decl, abi)
    }

    /// Is the hash of the type that of an interface in it? gc has functions of the runtime for those.
    fn hashes_as_interface(&self, t: Ty) -> bool {
        match self.tys.under_kind(t) {
            TyKind::Interface(_) => true,
            TyKind::Struct(fields) => matches!(fields.as_slice(), [f] if self.hashes_as_interface(f.ty)),
            TyKind::Array(elem, 1) => self.hashes_as_interface(*elem),
            _ => false,
        }
    }

    fn plain_abi(&self) -> FnAbi {
        self.fn_abi(First::None, &FuncTy { params: vec![], results: vec![], variadic: false })
    }

    fn unique_name(&self, link: String, obj: Obj) -> String {
        if !self.prog.func_by_name.contains_key(link.as_str()) {
            return link;
        }
        format!("{link}·{}", obj.pos().raw())
    }

    /// A name for a function that has none: unique in the program.
    pub fn fresh_name(&self, base: String) -> String {
        let mut name = base.clone();
        let mut n = 1;
        while self.prog.func_by_name.contains_key(name.as_str()) {
            name = format!("{base}·{n}");
            n += 1;
        }
        name
    }

    /// Receiver type, signature without receiver, and own type arguments of a declared function under a binding.
    pub fn decl_signature(&self, obj: Obj, env: EnvId) -> (Option<Ty>, FuncTy, Vec<Ty>) {
        let sig = obj.signature().expect("function has a signature");
        let recv = sig.recv.map(|r| self.tys.convert(r.ty(), env));
        let own = sig.tparams.iter().map(|&p| self.tys.convert(p, env)).collect();
        let fty = self.tys.func(self.tys.convert(obj.ty(), env)).clone();
        (recv, fty, own)
    }

    /// The signature of the method that a method key names.
    fn method_sig(&self, key: &FuncKey) -> FuncTy {
        match key {
            FuncKey::MethodWord { recv, name, pkg } => {
                let m = self.find_method(*recv, *name, *pkg).expect("method exists");
                self.tys.func(self.found_sig(&m, *name, *pkg)).clone()
            }
            FuncKey::MethodExpr { recv, name, pkg, targs } | FuncKey::MethodValue { recv, name, pkg, targs } => {
                let m = self.method_instance(*recv, *name, *pkg, targs);
                self.tys.func(self.found_sig(&m, *name, *pkg)).clone()
            }
            _ => unreachable!("not a method key"),
        }
    }

    /// `reflect.Type`, if package reflect is in the program.
    pub fn reflect_type_iface(&self) -> Ty {
        match self.package("reflect").and_then(|p| p.lookup(Symbol::intern("Type"))) {
            Some(obj) => self.tys.convert(obj.ty(), EnvId::EMPTY),
            None => self.basic(Basic::UntypedNil),
        }
    }

    /// The iterator that a range over a map keeps in its frame.
    pub fn map_iter_ty(&self) -> Ty {
        let pkg = self.package("internal/runtime/maps").expect("package internal/runtime/maps");
        self.tys.convert(pkg.lookup(Symbol::intern("Iter")).expect("maps.Iter").ty(), EnvId::EMPTY)
    }

    /// Static func value `{code}` of a plain function, through a closure-convention thunk.
    pub fn func_value(&mut self, id: FuncId) -> DataId {
        if let Some(&d) = self.thunks.get(&id) {
            return d;
        }
        let code = if self.prog.funcs[id].flags.closure { id } else { self.func(FuncKey::Thunk(id)) };
        let name = format!("{}·value", self.prog.funcs[id].name);
        let d = self.prog.add_data(ir::Data {
            name,
            section: ir::Section::Rodata,
            align: 8,
            size: 8,
            bytes: vec![0; 8].into(),
            relocs: vec![ir::Reloc {
                offset: 0,
                kind: ir::RelocKind::Abs64,
                target: ir::RelocTarget::Func(code),
                addend: 0,
            }],
            ptr_mask: vec![],
        });
        self.thunks.insert(id, d);
        d
    }

    /// A function of package runtime (or pushed to it by linkname), found on first request.
    ///
    /// # Panics
    /// If package runtime declares it with another signature than compiled code calls it with.
    pub fn runtime_func(&mut self, f: RuntimeFn) -> FuncId {
        // The body may have been declared under its own name before anybody asked for it as a function of package runtime.
        if let Some(id) = self.runtime_funcs[f as usize] {
            return id;
        }
        let obj = self.runtime_obj(f).unwrap_or_else(|| panic!("package runtime has no function {}", f.name()));
        let id = self.func(FuncKey::Decl { obj, env: EnvId::EMPTY });
        let sig = &self.prog.funcs[id].sig;
        assert!(f.has_signature(sig), "{} is declared as {sig:?}, compiled code calls {:?}", f.symbol(), f.signature());
        self.prog.set_runtime_fn(f, id);
        self.runtime_funcs[f as usize] = Some(id);
        // What the optimiser may call instead.
        if let Some((other, _)) = f.with_buffer() {
            self.runtime_func(other);
        }
        id
    }

    fn runtime_obj(&self, f: RuntimeFn) -> Option<Obj> {
        match self.runtime.lookup(Symbol::intern(f.name())).filter(|o| o.is_func()) {
            Some(o) => Some(self.links.resolve(o)),
            None => self.links.definition(f.symbol()),
        }
    }

    /// What is wrong with the declaration of `f`.
    pub fn runtime_mismatch(&self, f: RuntimeFn) -> Option<String> {
        let Some(obj) = self.runtime_obj(f) else { return Some(format!("{} is missing", f.symbol())) };
        let (_, fty, _) = self.decl_signature(obj, EnvId::EMPTY);
        let sig = self.fn_abi(First::None, &fty).sig;
        (!f.has_signature(&sig)).then(|| format!("{} is {sig:?}, not {:?}", f.symbol(), f.signature()))
    }

    /// A named type of package runtime.
    pub fn runtime_type(&self, name: &str) -> Ty {
        let obj =
            self.runtime.lookup(Symbol::intern(name)).unwrap_or_else(|| panic!("package runtime has no type {name}"));
        self.tys.convert(obj.ty(), EnvId::EMPTY)
    }

    /// The function that a use of `obj` calls, after linknames.
    pub fn decl_func(&mut self, obj: Obj, env: EnvId) -> FuncId {
        let origin = self.links.replacement(obj.origin(), self.current);
        if self.links.is_init_all(origin) {
            return self.func(FuncKey::InitAll);
        }
        let target = if env == EnvId::EMPTY { self.links.resolve(origin) } else { origin };
        self.func(FuncKey::Decl { obj: target, env })
    }

    fn note_reflection(&mut self, obj: Obj) {
        if !self.keep_exported && self.known.finds_methods(obj) {
            self.keep_exported_methods();
        }
    }

    /// Reflection may call any exported method of a type in an interface.
    pub fn keep_exported_methods(&mut self) {
        if !self.keep_exported {
            self.keep_exported = true;
            let mut waiting: Vec<MethodKey> = self.waiting.keys().filter(|k| k.1.is_none()).copied().collect();
            // Hash order changes from run to run; the output must not.
            waiting.sort_by_key(|k| (k.0.as_str(), k.2));
            for key in waiting {
                for slot in self.waiting.remove(&key).unwrap_or_default() {
                    self.fill_method(slot);
                }
            }
        }
    }

    // ---- data ----

    /// Read-only bytes, shared between equal contents.
    pub fn string_data(&mut self, bytes: &[u8]) -> DataId {
        if let Some(&d) = self.strings.get(bytes) {
            return d;
        }
        let d = self.rodata(bytes.to_vec(), 1);
        self.strings.insert(bytes.into(), d);
        d
    }

    pub fn rodata(&mut self, bytes: impl Into<ir::Bytes>, align: u32) -> DataId {
        let bytes = bytes.into();
        self.prog.add_data(ir::Data {
            name: String::new(),
            section: ir::Section::Rodata,
            align,
            size: bytes.len() as u64,
            bytes,
            relocs: vec![],
            ptr_mask: vec![],
        })
    }

    /// The memory of a package variable.
    pub fn global(&mut self, obj: Obj) -> DataId {
        let obj = self.links.resolve(obj);
        if let Some(&d) = self.globals.get(&obj) {
            return d;
        }
        if let Some(d) = self.asm_variable(obj) {
            self.globals.insert(obj, d);
            return d;
        }
        let t = self.tys.convert(obj.ty(), EnvId::EMPTY);
        let l = self.layout(t);
        let mask = self.layouts.ptr_mask(&self.tys, t);
        let pkg = obj.pkg().map_or("", names::pkg_path);
        let name = format!("{pkg}.{}", obj.name());
        let d = self.prog.add_data(ir::Data::zeroed(name, l.size, l.align.max(layout::by_size(l.size)), mask));
        self.globals.insert(obj, d);
        if let Some(embed) = self.extra.embeds.get(&obj).cloned() {
            self.fill_embed(d, t, &embed);
        }
        if let Some(&(pkg, n)) = self.init_of_var.get(&obj) {
            self.include_init(pkg, n);
        }
        if let Some(&(pkg, n)) = self.links.pushed_var(obj).and_then(|o| self.init_of_var.get(&o)) {
            self.include_init(pkg, n);
        }
        d
    }

    /// Eight-byte cells with the values 0 to 255: data words of boxed bytes and booleans.
    pub fn static_bytes(&mut self) -> DataId {
        if let Some(d) = self.extra.static_bytes {
            return d;
        }
        let bytes: Vec<u8> = (0..256u64).flat_map(|i| i.to_le_bytes()).collect();
        let d = self.rodata(bytes, 8);
        self.extra.static_bytes = Some(d);
        d
    }

    /// Where objects of size zero lie, in package runtime.
    pub fn zero_base(&mut self) -> DataId {
        let base = self.runtime.lookup(Symbol::intern("zerobase")).expect("package runtime has zerobase");
        self.global(base)
    }

    /// Read-only zeros: what may only be read of values of size zero, and the zero element of missing map keys.
    pub fn zero_data(&mut self) -> DataId {
        if let Some(d) = self.extra.zero {
            return d;
        }
        let d = self.rodata(vec![0; ZERO_VAL as usize], 16);
        self.extra.zero = Some(d);
        d
    }

    // ---- methods reached through interfaces ----

    /// A method of this name and signature is called through an interface.
    pub fn note_interface_call(&mut self, key: MethodKey) {
        if self.called.insert(key) {
            for slot in self.waiting.remove(&key).unwrap_or_default() {
                self.add_method_slot(key, slot);
            }
        }
    }

    /// Registers a method entry of a descriptor or itab whose type may be in an interface.
    pub fn add_method_slot(&mut self, key: MethodKey, slot: MethodSlot) {
        let for_reflection = key.1.is_none();
        // What only reflection uses need not be there because of an interface, whose methods take another receiver.
        let is_called = self.called.contains(&key) && !(slot.tfn && for_reflection);
        if is_called || self.keep_exported && for_reflection {
            self.fill_method(slot);
        } else {
            self.waiting.entry(key).or_default().push(slot);
        }
    }

    fn fill_method(&mut self, slot: MethodSlot) {
        let target = if slot.tfn && slot.pkg.is_none() {
            let expr = self.func(FuncKey::MethodExpr { recv: slot.recv, name: slot.name, pkg: None, targs: vec![] });
            let thunk = self.func(FuncKey::Thunk(expr));
            // Reflection takes it for the method, and programs look where that is declared.
            if let Some((file, line, column)) = self.place_of_own_method(slot.recv, slot.name) {
                let decl = &mut self.prog.funcs[thunk];
                (decl.file, decl.start_line, decl.start_column) = (file, line, column);
            }
            thunk
        } else {
            self.method_word(slot.recv, slot.name, slot.pkg)
        };
        self.prog.datas[slot.data].relocs.push(ir::Reloc {
            offset: slot.offset,
            kind: slot.kind,
            target: ir::RelocTarget::Func(target),
            addend: 0,
        });
    }

    /// Where an exported method is declared that has this very type as its receiver.
    fn place_of_own_method(&mut self, recv: Ty, name: Symbol) -> Option<(ir::Text, u32, u32)> {
        let m = self.find_method(recv, name, None)?;
        let is_own = m.path.is_empty() && !m.interface && m.ptr_recv == self.tys.as_ptr(recv).is_some();
        let (_, decl) = m.obj.filter(|_| is_own)?.func_decl()?;
        let position = self.sources.position(decl.name.pos);
        Some((self.prog.texts.intern(&position.filename), position.line, position.col))
    }

    /// The code for an interface's method table: takes the data word as receiver.
    pub fn method_word(&mut self, recv: Ty, name: Symbol, pkg: Option<Package>) -> FuncId {
        if let Some(id) = self.direct_method(recv, name, pkg) {
            return id;
        }
        self.func(FuncKey::MethodWord { recv, name, pkg })
    }

    /// The declared method itself, where the data word already is its receiver.
    fn direct_method(&mut self, recv: Ty, name: Symbol, pkg: Option<Package>) -> Option<FuncId> {
        let m = self.find_method(recv, name, pkg)?;
        if !m.path.is_empty() || m.interface {
            return None;
        }
        let is_ptr = self.tys.as_ptr(recv).is_some() && !matches!(self.tys.kind(recv), TyKind::Named { .. });
        let direct = if is_ptr { m.ptr_recv } else { self.is_direct_iface(recv) };
        if direct { Some(self.found_func(&m)) } else { None }
    }

    /// Values of the type are the data word of an interface themselves.
    pub fn is_direct_iface(&self, t: Ty) -> bool {
        let l = self.layout(t);
        l.size == 8 && l.ptrdata == 8
    }

    // ---- package initialisation ----

    /// The n-th initialisation of `pkg` must run.
    pub fn include_init(&mut self, pkg: Package, n: u32) {
        if self.init_included.insert((pkg, n)) && !self.init_static(pkg, n) {
            self.func(FuncKey::InitVar(pkg, n));
        }
    }

    /// A position as shown: file, line and column.
    pub fn position(&mut self, pos: golift_syntax::Pos) -> (ir::Text, u32, u32) {
        let p = self.sources.position(pos);
        // A line directive without a file name: `//line :10`.
        let file = if p.filename.is_empty() && p.line > 0 { "??".into() } else { p.filename };
        (self.prog.texts.intern(&file), p.line, p.col)
    }

    /// The file of code that stands in none.
    pub fn autogenerated(&mut self) -> ir::Text {
        self.prog.texts.intern(&Arc::from("<autogenerated>"))
    }

    pub fn package(&self, path: &str) -> Option<Package> {
        self.pkg_by_path.get(path).copied()
    }

    /// Type arguments bound to the receiver of a method of the named type `base`.
    pub fn method_env(&self, base: Ty, method: Obj) -> EnvId {
        let TyKind::Named { targs, .. } = self.tys.kind(base) else { return EnvId::EMPTY };
        if targs.is_empty() {
            return EnvId::EMPTY;
        }
        let sig = method.signature().expect("method has a signature");
        self.tys.env(sig.recv_tparams.iter().copied().zip(targs.iter().copied()).collect())
    }

    pub fn declared_methods(&self, base: Ty) -> &'static [Obj] {
        match self.tys.kind(base) {
            TyKind::Named { obj, .. } => front::declared_methods(*obj),
            _ => &[],
        }
    }
}
