//! IR to machine code, through Cranelift.
//!
//! Problem: the linker wants bytes with relocations for every function of the program, quickly.
//! Strategy: each function is translated one to one into CLIF (`translate`), compiled, and reduced to a
//! [`CompiledFunction`]; there is no intermediate object file. Functions are independent of each other, so
//! worker threads take them from a shared counter; results land at their own index, which keeps the output
//! independent of timing.
//!
//! Invariants:
//! * Every Go function checks the stack before it makes its frame, unless it has a frame of at most
//!   [`golift_abi::STACK_SMALL`] bytes and is a leaf or marked nosplit (`target`).
//! * What is particular to a machine is in `target`, and Cranelift's.
//! * Locations are exact at calls and at instructions that may fault. Prologues and write barriers are marked as
//!   not preemptible.
//! * What is dead in a frame at a call is known from the IR for slots and from the machine code for the rest (`slot_liveness`,
//!   `frame_map`).
//! * Code blocks reachable from the landing of a recovery point share no computed value with the code
//!   before it (`translate`).

#![warn(missing_docs)]

mod assembly;
mod barrier;
mod cache;
mod code;
mod compile;
mod fault_lines;
mod frame_table;
mod inst;
mod isa;
mod key;
mod leaf;
mod memory;
mod names;
mod options;
mod raw_code;
mod reloc_kind;
mod slot_liveness;
mod target;
mod translate;

pub use cache::{CodeCache, Key};
pub use code::{AsmTables, CodeReloc, CodeTarget, CompiledFunction, CompiledProgram, Line};
pub use frame_table::{ArgumentHome, FrameTable, Home};
pub use options::{Counter, Options};
pub use reloc_kind::CodeRelocKind;
pub use target::Target;

use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::{FuncId, Linkage, Program};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
            f.linkage == Linkage::Local
                && (f.body.is_some() || program.assembly.contains_key(id))
                && opts.only.as_ref().is_none_or(|r| r.funcs.contains(*id))
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
    if let Some(counter) = &opts.counter {
        counter.total.store(work.len(), Ordering::Relaxed);
    }
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
            if let Some(counter) = &opts.counter {
                counter.done.fetch_add(BATCH.min(work.len() - start), Ordering::Relaxed);
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
    // Functions that were inlined everywhere are not compiled, but their frames count.
    let others = program.funcs.iter().filter(|(id, _)| opts.only.as_ref().is_some_and(|r| !r.funcs.contains(*id)));
    for (id, body) in others.filter_map(|(id, f)| Some((id, f.body.as_ref()?))) {
        if let Err(compile::FrameTooLarge(locals)) = compile::check_locals(body) {
            too_large.push((id, locals));
        }
    }
    CompiledProgram { target: *target, funcs, too_large }
}
