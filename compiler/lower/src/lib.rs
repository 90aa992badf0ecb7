//! From checked packages to the SSA IR of a whole program.
//!
//! [`lower_program`] starts at the entry points and follows what they reach; see [`lower`] for the worklist, [`func`] for one
//! function, [`ty`] for monomorphisation, [`rtype`] for type descriptors.

#![warn(missing_docs)]

mod abi;
mod arguments;
mod assembly;
mod assembly_symbols;
mod assign;
mod basic;
mod builtin;
mod call;
mod capture;
mod closure;
mod composite;
mod constant;
mod conv;
mod defer;
mod embed;
mod eqhash;
mod equality;
mod expr;
mod field_uses;
mod fieldtrack;
mod front;
mod func;
mod iface;
mod index;
mod init;
mod init_order;
mod intrinsic_calls;
mod intrinsics;
mod known;
mod layout;
mod linkname;
mod lower;
mod map;
mod methods;
mod names;
mod open_scopes;
mod operand;
mod ops;
mod order;
mod range;
mod range_body;
mod rangefunc;
mod reflect;
mod rtype;
mod search;
mod static_init;
mod stmt;
mod switch;
mod ty;
mod value;
mod variables;
mod wrappers;

use golift_ir as ir;
use golift_ir::RuntimeFn;
use golift_syntax::{SourceMap, Symbol};
use golift_types::{Obj, Package};
use lower::{FuncKey, Lower};
use rustc_hash::{FxHashMap, FxHashSet};
use ty::EnvId;

pub use intrinsics::Intrinsic;
pub use lower::{EmbedData, Missing};

/// What a program is made of.
pub struct Input<'s> {
    /// Where positions are.
    pub sources: &'s SourceMap,
    /// All packages, dependencies first; package runtime and what it imports among them.
    pub packages: Vec<Package>,
    /// The package with `main.main`.
    pub main: Package,
    /// Contents of `//go:embed` variables.
    pub embeds: FxHashMap<Obj, EmbedData>,
    /// Experiment fieldtrack.
    pub field_track: bool,
    /// Packages whose functions do not check indices and bounds of slices (`-B`).
    pub unchecked: FxHashSet<Package>,
    /// Keep scopes and variables for debuggers.
    pub variables: bool,
    /// What the assembler made of the packages.
    pub assembly: std::sync::Arc<[golift_asm::Object]>,
}

/// The program, and the functions without a body that it refers to.
pub struct Output {
    /// The program.
    pub program: ir::Program,
    /// Reached functions that nobody implements; calling one ends the program with a message.
    pub missing: Vec<Missing>,
    /// The uses of tracked fields, as gc's linker lists them.
    pub tracked_fields: String,
    /// Symbols that assembly refers to and nobody defines: who refers to them, and their names.
    pub undefined: Vec<(String, String)>,
}

/// Lowers everything that the program reaches.
///
/// # Panics
/// On internal errors, and if package runtime lacks a function that compiled code needs.
pub fn lower_program(input: Input<'_>) -> Output {
    let arenas = Arenas::default();
    let mut cx = context(&arenas, input);
    cx.prepare_init();
    // `golift.initAll` is called by runtime.main; its body is made last.
    let all = cx.func(FuncKey::InitAll);
    cx.queue.clear();
    for &root in RuntimeFn::ROOTS {
        cx.runtime_func(root);
    }
    cx.func(FuncKey::Decl { obj: cx.main_func, env: EnvId::EMPTY });
    for &f in RuntimeFn::OF_INSTRUCTIONS {
        cx.runtime_func(f);
    }
    cx.root_inits();
    cx.drain();
    cx.reflect_adapters();
    cx.finish_init(all);
    cx.fill_unreachable_methods();
    cx.drain();
    cx.typelink_names.sort();
    cx.prog.typelinks = cx.typelink_names.iter().map(|(_, d)| *d).collect();
    let tracked_fields = cx.tracked_fields();
    let missing = cx.missing_functions();
    Output { program: cx.prog, missing, tracked_fields, undefined: cx.assembly.undefined }
}

/// What is wrong with the declarations of the functions that compiled code calls, in programs with package reflect; for tests.
pub fn runtime_mismatches(input: Input<'_>) -> Vec<String> {
    let arenas = Arenas::default();
    let cx = context(&arenas, input);
    RuntimeFn::ALL.iter().filter_map(|&f| cx.runtime_mismatch(f)).collect()
}

/// What lives as long as the lowering of one program.
#[derive(Default)]
struct Arenas {
    types: ty::TyArena,
    layouts: typed_arena::Arena<layout::Layout>,
}

fn context<'s>(arenas: &'s Arenas, input: Input<'s>) -> Lower<'s> {
    let pkg_by_path: FxHashMap<&'static str, Package> = input.packages.iter().map(|p| (p.path(), *p)).collect();
    let runtime = *pkg_by_path.get("runtime").expect("package runtime");
    let known = known::Known::find(&pkg_by_path);
    let main_func = input.main.lookup(Symbol::intern("main")).expect("main.main");
    let links = linkname::Links::collect(&input.packages);
    Lower {
        tys: ty::TyStore::new(&arenas.types),
        layouts: layout::Layouts::new(&arenas.layouts),
        prog: ir::Program::new(),
        sources: input.sources,
        pkgs: input.packages,
        pkg_by_path,
        runtime,
        links,
        funcs: FxHashMap::default(),
        queue: Default::default(),
        abis: FxHashMap::default(),
        strings: FxHashMap::default(),
        boxed_constants: FxHashMap::default(),
        globals: FxHashMap::default(),
        thunks: FxHashMap::default(),
        rtypes: FxHashMap::default(),
        itabs: FxHashMap::default(),
        names_data: FxHashMap::default(),
        in_iface: Default::default(),
        dormant: FxHashMap::default(),
        waiting: FxHashMap::default(),
        called: Default::default(),
        keep_exported: false,
        init_included: Default::default(),
        init_of_var: FxHashMap::default(),
        literals_before: FxHashMap::default(),
        main_func,
        known,
        runtime_funcs: [None; RuntimeFn::COUNT],
        intrinsics: Default::default(),
        extra: lower::Extra { embeds: input.embeds, ..Default::default() },
        typelink_names: Vec::new(),
        current: None,
        missing: Vec::new(),
        field_track: input.field_track.then(Default::default),
        unchecked: input.unchecked,
        variables: input.variables,
        assembly: assembly_symbols::Assembly::new(input.assembly),
    }
}
