//! What code generation has to know of a machine: one module per target behind the functions of [`Target`].
//!
//! # The stack check
//!
//! Problem: a Go function must not run without room for its frame. Cranelift has no hook before the frame is made, and a check within
//! the function comes after registers were saved and parameters spilled, keeps all arguments alive to a cold call, and has to guess how large the
//! frame will be.
//! Strategy: the check is machine code of ours in front of Cranelift's. There registers and stack are exactly as at the call, so the way to the
//! runtime is a jump, and the frame is known, because the check is made when the function has been compiled.
//!
//! ```text
//!   entry:  compare sp (for large frames: sp - need) with [g + STACKGUARD]; if it is not above, go to more
//!   body:   Cranelift's code; if it holds constants, this is what is aligned, and the padding lies before the entry
//!   more:   address of info in a scratch register; jump to [g + MORESTACK]
//!   info:   golift_abi::morestack::pack(...)
//! ```
//!
//! Both parts are marked as not preemptible. A frame of up to [`golift_abi::STACK_CHECKED`] bytes may reach below the guard by all its
//! size, which is what lets the common check be one comparison.

mod arm64;
mod contract;
mod x86_64;

pub(crate) use contract::{ArgumentRegisters, Bridge, Checked, StackCheck};

use crate::raw_code::RawCode;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::Function;
use golift_ir::Type;
use target_lexicon::{Aarch64Architecture, Architecture, BinaryFormat, Environment, OperatingSystem, Triple, Vendor};

/// Machine to generate code for; the operating system is Linux.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Target {
    /// x86-64-v2: SSE4.2 and POPCNT are assumed (gc's default is v1; every x86-64 machine since 2009 has them).
    #[default]
    X86_64,
    /// ARMv8-A.
    Arm64,
}

impl Target {
    /// The target for a `GOARCH` value.
    pub fn from_goarch(goarch: &str) -> Option<Target> {
        match goarch {
            "amd64" => Some(Target::X86_64),
            "arm64" => Some(Target::Arm64),
            _ => None,
        }
    }

    /// The name that the world of native tools has for it.
    pub fn triple(self) -> Triple {
        let architecture = match self {
            Target::X86_64 => Architecture::X86_64,
            Target::Arm64 => Architecture::Aarch64(Aarch64Architecture::Aarch64),
        };
        Triple {
            architecture,
            vendor: Vendor::Unknown,
            operating_system: OperatingSystem::Linux,
            environment: Environment::Gnu,
            binary_format: BinaryFormat::Elf,
        }
    }

    /// Features of the processor that are taken for granted, in Cranelift's words.
    pub(crate) fn features(self) -> &'static [&'static str] {
        match self {
            Target::X86_64 => x86_64::FEATURES,
            Target::Arm64 => arm64::FEATURES,
        }
    }

    /// How many arguments are in registers.
    pub(crate) fn argument_registers(self) -> ArgumentRegisters {
        match self {
            Target::X86_64 => x86_64::ARGUMENT_REGISTERS,
            Target::Arm64 => arm64::ARGUMENT_REGISTERS,
        }
    }

    /// The check for a function.
    pub(crate) fn stack_check(self, checked: Checked) -> StackCheck {
        match self {
            Target::X86_64 => x86_64::stack_check(checked),
            Target::Arm64 => arm64::stack_check(checked),
        }
    }

    /// Overwrites the call whose relocation is at `offset` by what the marker stands for.
    pub(crate) fn fill_marker(self, code: &mut [u8], offset: usize, marker: u32) {
        match self {
            Target::X86_64 => x86_64::fill_marker(code, offset, marker),
            Target::Arm64 => arm64::fill_marker(code, offset, marker),
        }
    }

    /// Calls an assembly function, which has that code and perhaps goes on to other functions, with its parameters in a block of `size` bytes.
    pub(crate) fn asm_direct(
        self,
        size: u32,
        params: &[(u32, Type)],
        results: &[(u32, Type)],
        (code, goes_elsewhere): (&[u8], bool),
        stack_args: u32,
    ) -> Bridge {
        match self {
            Target::X86_64 => {
                x86_64::direct(size, params, results, &x86_64::changed_registers(code, goes_elsewhere), stack_args)
            }
            Target::Arm64 => no_assembly(),
        }
    }

    /// Calls an assembly function with a copy of a block of `size` bytes; results begin at `results`.
    pub(crate) fn asm_enter(self, size: u32, results: u32) -> Bridge {
        match self {
            Target::X86_64 => x86_64::enter(size, results),
            Target::Arm64 => no_assembly(),
        }
    }

    /// Calls a Go function with the address of the arguments that assembly passes.
    pub(crate) fn asm_leave(self) -> Bridge {
        match self {
            Target::X86_64 => x86_64::leave(),
            Target::Arm64 => no_assembly(),
        }
    }

    /// What must not be reached.
    pub(crate) fn asm_trap(self) -> Bridge {
        match self {
            Target::X86_64 => x86_64::trap(),
            Target::Arm64 => no_assembly(),
        }
    }

    /// Looks at the code that was made of a function of usual size: what its frames hold, and how the code could be better.
    pub(crate) fn finish(self, func: &Function, compiled: &CompiledCode, raw: &mut RawCode) {
        match self {
            Target::X86_64 => x86_64::finish(func, compiled, raw),
            Target::Arm64 => {}
        }
    }
}

/// The loader takes portable files for machines without bridges.
fn no_assembly() -> ! {
    unreachable!("assembly for a machine without bridges")
}
