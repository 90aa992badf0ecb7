//! Cranelift settings of the targets.

use crate::{Options, Target};
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// The code generator for a target.
pub fn make(target: Target, opts: &Options) -> OwnedTargetIsa {
    let mut shared = settings::builder();
    for (name, value) in [
        ("opt_level", if opts.optimize { "speed" } else { "none" }),
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
    let (triple, features): (_, &[&str]) = match target {
        Target::X86_64 => (
            "x86_64-unknown-linux-gnu",
            &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_cmpxchg16b"],
        ),
        Target::Arm64 => ("aarch64-unknown-linux-gnu", &[]),
    };
    let mut builder = isa::lookup_by_name(triple).expect("Cranelift is built with this target");
    for f in features {
        builder.enable(f).expect("known feature");
    }
    builder.finish(settings::Flags::new(shared)).expect("valid settings")
}
