//! IR to machine code, through Cranelift.
//!
//! Problem: the linker wants bytes with relocations for every function of the program, quickly.
//! Strategy: each function is translated one to one into CLIF (`translate`), compiled, and reduced to a
//! [`CompiledFunction`]; there is no intermediate object file. Functions are independent of each other, so
//! worker threads take them from a shared counter; results land at their own index, which keeps the output
//! independent of timing.
//!
//! Invariants:
//! * Every Go function checks the stack before it makes its frame, unless it is a leaf with a frame of at most
//!   [`golift_abi::STACK_SMALL`] bytes or is marked nosplit (`target`).
//! * What is particular to a machine is in `target`, and Cranelift's.
//! * Locations are exact at calls and at instructions that may fault. Prologues and write barriers are marked as
//!   not preemptible.
//! * What is dead in a frame at a call is known from the IR for slots and from the machine code for the rest (`slot_liveness`,
//!   `frame_map`).
//! * Code blocks reachable from the landing of a recovery point share no computed value with the code
//!   before it (`translate`).

mod barrier;
mod cache;
mod compile;
mod fault_lines;
mod frame_table;
mod inst;
mod isa;
mod leaf;
mod memory;
mod names;
mod slot_liveness;
mod target;
mod translate;

pub use cache::{CodeCache, Key};
pub use frame_table::{ArgumentHome, FrameTable, Home};
pub use target::Target;

use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::{DataId, FuncId, Linkage, Loc, Program};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
pub struct Options {
    /// Run Cranelift's verifier.
    pub verify: bool,
    /// Worker threads; 0 takes the number of CPUs.
    pub threads: usize,
    /// Optimise in Cranelift (`-N` turns it off).
    pub optimize: bool,
    /// Print the CLIF of functions whose name equals this.
    pub dump: Option<String>,
    /// Compile only these functions (by reachability); `None`: all with a body.
    pub only: Option<golift_ir::reach::Reachable>,
    /// Where machine code of earlier runs may be.
    pub cache: Option<Arc<dyn CodeCache>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { verify: cfg!(debug_assertions), threads: 0, optimize: true, dump: None, only: None, cache: None }
    }
}

/// How the linker patches code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeRelocKind {
    /// 64-bit absolute address.
    Abs64,
    /// 32-bit absolute address.
    Abs32,
    /// 32 bits relative to the place: S + A - P.
    X86Pc32,
    /// arm64 `bl`/`b`: 26 bits of (S + A - P) / 4.
    Arm64Call26,
    /// arm64 `adrp`: page of S + A relative to the page of P.
    Arm64AdrPage21,
    /// arm64 `add`: low 12 bits of S + A.
    Arm64AddLo12,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeTarget {
    Func(FuncId),
    Data(DataId),
    /// A symbol of the runtime object.
    Symbol(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeReloc {
    pub offset: u32,
    pub kind: CodeRelocKind,
    pub target: CodeTarget,
    pub addend: i64,
}

/// Location of the code from `pc` (relative to the function) on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    pub pc: u32,
    pub loc: Loc,
    /// Asynchronous preemption must not happen here.
    pub no_preempt: bool,
}

/// Machine code of one function, position independent up to its relocations.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CompiledFunction {
    pub code: Vec<u8>,
    /// Wanted alignment of the byte at `body`, where what precedes the function's own code ends.
    pub align: u32,
    pub body: u32,
    pub relocs: Vec<CodeReloc>,
    /// Location changes, by ascending pc; the first is at 0.
    pub lines: Vec<Line>,
    /// Bytes of the frame below the frame pointer.
    pub frame_size: u32,
    /// What frames hold at calls, where that is known.
    pub frame: Option<FrameTable>,
}

/// Machine code of a program.
#[derive(Default)]
pub struct CompiledProgram {
    pub target: Target,
    pub funcs: SecondaryMap<FuncId, Option<CompiledFunction>>,
    /// Functions that were not compiled because their frames are larger than [`golift_abi::morestack::MAX_NEED`], and how many bytes their
    /// variables take.
    pub too_large: Vec<(FuncId, u64)>,
}

/// Compiles every local function that has a body.
///
/// # Panics
///
/// When Cranelift rejects a function: a compiler bug.
pub fn compile_program(program: &Program, target: &Target, opts: &Options) -> CompiledProgram {
    let isas = isa::Isas::new(*target, opts);
    let work: Vec<FuncId> = program
        .funcs
        .iter()
        .filter(|(id, f)| {
            f.linkage == Linkage::Local && f.body.is_some() && opts.only.as_ref().is_none_or(|r| r.funcs.contains(*id))
        })
        .map(|(id, _)| id)
        .collect();
    let threads = match opts.threads {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
        n => n,
    }
    .clamp(1, work.len().max(1));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(work.len()));
    // Small batches: taking one costs an atomic, and a batch with a huge function must not be the last.
    const BATCH: usize = 8;
    let run = || {
        let mut compiler = compile::FunctionCompiler::new(program, *target, &isas, opts);
        let mut mine = Vec::new();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            if start >= work.len() {
                break;
            }
            for &id in &work[start..(start + BATCH).min(work.len())] {
                mine.push((id, compiler.compile(id)));
            }
        }
        golift_ir::current::leave();
        done.lock().expect("no worker panicked").append(&mut mine);
    };
    if threads == 1 {
        run();
    } else {
        std::thread::scope(|s| {
            // Where the system has no more threads, fewer do the same.
            let start = || std::thread::Builder::new().spawn_scoped(s, run).is_ok();
            if (0..threads).filter(|_| start()).count() == 0 {
                run();
            }
        });
    }
    let mut funcs = SecondaryMap::with_capacity(program.funcs.len());
    if let Some(last) = program.funcs.len().checked_sub(1) {
        funcs[FuncId::new(last)] = None;
    }
    let mut too_large = Vec::new();
    for (id, f) in done.into_inner().expect("no worker panicked") {
        match f {
            Ok(f) => funcs[id] = Some(f),
            Err(compile::FrameTooLarge(locals)) => too_large.push((id, locals)),
        }
    }
    CompiledProgram { target: *target, funcs, too_large }
}
