//! Cranelift settings of the targets.

use crate::options::Options;
use crate::target::Target;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// The code generators for a target.
///
/// Cranelift's register allocation takes time of the square of a function's size when many values live long, so that tables of
/// 100,000 entries that are filled by code would take minutes. Functions that large run once; they are compiled
/// by its linear-time means.
pub struct Isas {
    usual: OwnedTargetIsa,
    huge: OwnedTargetIsa,
}

impl Isas {
    pub fn new(target: Target, opts: &Options) -> Isas {
        Isas { usual: make(target, opts, false), huge: make(target, opts, true) }
    }

    /// The one for a function. It depends on the function alone, so the cache needs not know.
    pub fn of(&self, function: &Function) -> &dyn TargetIsa {
        if is_huge(function) { &*self.huge } else { &*self.usual }
    }
}

/// For functions like this compile time counts more than the code.
pub fn is_huge(function: &Function) -> bool {
    function.dfg.num_insts() > HUGE_INSTS || function.dfg.num_blocks() > HUGE_BLOCKS
}

const HUGE_INSTS: usize = 50_000;
const HUGE_BLOCKS: usize = 20_000;

fn make(target: Target, opts: &Options, huge: bool) -> OwnedTargetIsa {
    let mut shared = settings::builder();
    for (name, value) in [
        ("opt_level", if opts.optimize && !huge { "speed" } else { "none" }),
        ("regalloc_algorithm", if huge { "single_pass" } else { "backtracking" }),
        ("enable_verifier", if opts.verify { "true" } else { "false" }),
        ("enable_pinned_reg", "true"),
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_probestack", "false"),
        ("is_pic", "false"),
        // Basic blocks, for the analysis of the finished code.
        ("machine_code_cfg_info", "true"),
        // Arguments of C functions are extended as clang does.
        ("enable_llvm_abi_extensions", "true"),
    ] {
        shared.set(name, value).expect("known setting");
    }
    let mut builder = isa::lookup(target.triple()).expect("Cranelift is built with this target");
    for f in target.features() {
        builder.enable(f).expect("known feature");
    }
    builder.finish(settings::Flags::new(shared)).expect("valid settings")
}
