//! Execution traces: what each goroutine, P and thread did when, in the format of `runtime/trace`.
//!
//! **Problem.** The reader of a trace puts the events of all threads into one order and checks that each fits the state that those before
//! it have led to. So an event must be written when the state changes, neither lost nor twice, and the states must be known at the
//! beginning of each *generation*, a part of the trace that can be read without what was before.
//!
//! **Strategy.** Each thread writes into a batch of its own ([`batch`]), under a lock that nobody else takes but who begins a generation. That
//! is done in a stopped world, with the locks of all threads held: what a thread without a P may do meanwhile to a goroutine's state (come
//! back from a system call, find that the network is ready) it does under its lock, together with the event ([`Writer`]). Then the
//! states of all goroutines and Ps are written down, and the world goes on. Texts and stacks are in tables
//! ([`tables`]), which are written at the end of the generation, when the world runs again.
//!
//! **Invariants.**
//!
//! * Goroutines and Ps count the events that others must not see in another order ([`G::trace_seq`], `P::trace_seq`); who changes the
//!   state counts.
//! * A P is a thread's from `PROC_START` to `PROC_STOP`, or to `PROC_STEAL` if it is taken from a thread in a system call.
//! * The lock of a thread is taken after that of the scheduler, never before, and before those of the tables and queues.
//!
//! **Not as in gc.** gc asks Ps one by one, so its generations need no stopped world; ours stop it for as long as it takes to write ten bytes for
//! each goroutine. The reader is not woken by a full batch but by who begins generations, which looks ten times a second.

pub mod batch;
pub mod event;
mod hooks;
pub mod samples;
mod tables;

pub use hooks::*;

use crate::arch::current_m;
use crate::lock::Mutex;
use crate::locked::Locked;
use crate::sched::*;
use crate::symtab;
use crate::sys;
use crate::traceback::walk_within;
use batch::{Batch, Next};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use event::*;
use tables::Table;

/// Number of a thread in the trace.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Id(pub u64);
const NO_THREAD: Id = Id(u64::MAX);

/// What a thread has of the trace.
#[repr(C)]
pub struct Thread {
    lock: Mutex,
    /// Under `lock`; null: none.
    batch: *mut Batch,
}

/// The generation under way; 0: there is no trace. Changes in a stopped world with all threads' locks held.
static GENERATION: AtomicU64 = AtomicU64::new(0);
/// The last one that there was.
static LAST: AtomicU64 = AtomicU64::new(0);
/// Numbers of texts and stacks, by generation.
static STRINGS: [Locked<Table>; 2] = [const { Locked::new(Table::new()) }; 2];
static STACKS: [Locked<Table>; 2] = [const { Locked::new(Table::new()) }; 2];
/// The number of the next event of a collection; changed by who leads it.
static GC_SEQ: AtomicU64 = AtomicU64::new(0);
/// A collection is under way.
static GC_ACTIVE: AtomicBool = AtomicBool::new(false);
/// The trace says that the world is being stopped, or is.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// States of goroutines and Ps in the trace.
const GO_RUNNABLE: u64 = 1;
const GO_RUNNING: u64 = 2;
const GO_IN_SYSCALL: u64 = 3;
const GO_WAITING: u64 = 4;
const PROC_RUNNING: u64 = 1;
const PROC_IDLE: u64 = 2;

/// Frames of a stack, at most.
const DEPTH: usize = 128;
/// Bytes of a text, at most.
const TEXT: usize = 1 << 10;

/// Is there a trace? If not, an event costs this.
#[inline(always)]
pub fn enabled() -> bool {
    GENERATION.load(Relaxed) != 0
}

/// Nanoseconds.
fn now() -> u64 {
    sys::nanotime() as u64
}

/// The right to write events of a thread.
pub struct Writer {
    m: *mut M,
    generation: u64,
}

/// Changes the state of a goroutine or P, with the event for it if there is a trace: nobody begins a generation in between.
///
/// # Safety
/// On g0 of an M or on its way there, which runs no other such function.
pub unsafe fn transition<R>(f: impl FnOnce(Option<&mut Writer>) -> R) -> R {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        (*m).trace.lock.lock();
        let generation = GENERATION.load(Relaxed);
        let r = f((generation != 0).then_some(Writer { m, generation }).as_mut());
        (*m).trace.lock.unlock();
        r
    }
}

/// Writes events if there is a trace.
///
/// # Safety
/// As for [`transition`].
#[cold]
#[inline(never)]
unsafe fn write(f: impl FnOnce(&mut Writer)) {
    // SAFETY: the contract above.
    unsafe {
        transition(|writer| {
            if let Some(writer) = writer {
                f(writer);
            }
        })
    }
}

impl Writer {
    /// Adds an event of this thread.
    pub fn event(&mut self, kind: u8, args: &[u64]) {
        // SAFETY: this thread's lock is held, or all are.
        unsafe {
            let slot = &raw mut (*self.m).trace.batch;
            if !(*slot).is_null() && !(**slot).has_room(args.len() + 1, 0) {
                batch::end(core::mem::replace(&mut *slot, null_mut()));
            }
            if (*slot).is_null() {
                *slot = batch::begin(self.generation, Id((*self.m).tid as u64));
            }
            // Without memory events are lost.
            if !(*slot).is_null() {
                (**slot).event(kind, args);
            }
        }
    }

    /// The number of a text.
    pub fn string(&mut self, text: &[u8]) -> u64 {
        STRINGS[self.generation as usize % 2].lock().put(&text[..text.len().min(TEXT)])
    }

    fn stack_of(&mut self, pcs: &[usize]) -> u64 {
        // SAFETY: words are bytes.
        let bytes = unsafe { core::slice::from_raw_parts(pcs.as_ptr().cast(), size_of_val(pcs)) };
        if pcs.is_empty() { 0 } else { STACKS[self.generation as usize % 2].lock().put(bytes) }
    }

    /// The number of this thread's goroutine's stack.
    pub fn stack(&mut self) -> u64 {
        // SAFETY: it is in a system function, or about to be in a system call.
        unsafe {
            let gp = (*self.m).curg;
            if gp.is_null() {
                return 0;
            }
            let pc = if (*gp).status.load(Relaxed) == G_SYSCALL { (*gp).sched_pc } else { 0 };
            let (mut pcs, mut n) = ([0; DEPTH], 0);
            walk_within(
                gp,
                pc,
                (*gp).sched_fp,
                |_| true,
                |pc, _| {
                    pcs[n] = pc;
                    n += 1;
                    n < DEPTH
                },
            );
            self.stack_of(&pcs[..n])
        }
    }

    /// The number of a stack that is a function that begins.
    pub fn stack_at(&mut self, code: usize) -> u64 {
        self.stack_of(&[code + 1])
    }

    /// An event of the P that the thread has or takes away.
    ///
    /// # Safety
    /// `p` is the caller's alone.
    unsafe fn proc_event(&mut self, kind: u8, p: *mut P, more: &[u64]) {
        // SAFETY: the contract above.
        unsafe {
            if (*p).trace_generation != self.generation {
                // It did not exist when the generation began.
                (*p).trace_generation = self.generation;
                (*p).trace_seq = 0;
                self.event(PROC_STATUS, &[(*p).id as u64, PROC_IDLE]);
            }
            (*p).trace_seq += 1;
            let mut args = [(*p).id as u64, (*p).trace_seq, 0];
            args[2..][..more.len()].copy_from_slice(more);
            self.event(kind, &args[..2 + more.len()]);
        }
    }

    /// The clocks.
    fn sync(&self) {
        let b = batch::begin(self.generation, NO_THREAD);
        if b.is_null() {
            return;
        }
        // SAFETY: it is ours.
        unsafe {
            (*b).byte(SYNC);
            (*b).byte(FREQUENCY);
            (*b).number(1_000_000_000);
            let (seconds, nanoseconds) = sys::walltime();
            (*b).event(CLOCK_SNAPSHOT, &[now(), seconds as u64, nanoseconds as u64]);
            batch::end(b);
        }
    }

    /// The state of all goroutines and Ps.
    ///
    /// # Safety
    /// In a stopped world, with the locks of all threads; the thread leads, and has a goroutine.
    unsafe fn states(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            let s = sched();
            self.sync();
            let (p, gp) = ((*self.m).p, (*self.m).curg);
            self.event(PROC_STATUS, &[(*p).id as u64, PROC_RUNNING]);
            self.event(GO_STATUS, &[(*gp).goid, (*self.m).tid as u64, GO_RUNNING]);
            for i in 0..s.gomaxprocs() as usize {
                let q = s.p(i);
                (*q).trace_generation = self.generation;
                (*q).trace_seq = 0;
                if q != p {
                    self.event(PROC_STATUS, &[i as u64, PROC_IDLE]);
                }
            }
            for i in 0..s.allg_len.load(Acquire) {
                let g = s.g(i);
                (*g).trace_seq = 0;
                let (thread, state) = match (*g).status.load(Acquire) {
                    _ if g == gp => continue,
                    G_RUNNABLE => (NO_THREAD, GO_RUNNABLE),
                    G_SYSCALL => (Id((*(*g).m).tid as u64), GO_IN_SYSCALL),
                    G_WAITING => (NO_THREAD, GO_WAITING),
                    _ => continue,
                };
                self.event(GO_STATUS, &[(*g).goid, thread.0, state]);
            }
            let stack = self.stack();
            self.event(PROCS_CHANGE, &[s.gomaxprocs() as u64, stack]);
            if GC_ACTIVE.load(Relaxed) {
                self.event(GC_ACTIVE_EVENT, &[GC_SEQ.fetch_add(1, Relaxed)]);
            }
            self.event(HEAP_GOAL, &[crate::gc::goal() as u64]);
        }
    }
}
const GC_ACTIVE_EVENT: u8 = event::GC_ACTIVE;

/// Begins a trace (0), a generation (1), or ends the trace (2). 0: to be called again.
extern "C" fn advance_body(what: usize) -> usize {
    // SAFETY: body of a system function.
    unsafe {
        if !try_stop_the_world() {
            (*getg()).ret0 = 0;
            yield_global()
        }
        let m = current_m();
        let old = GENERATION.load(Relaxed);
        let new = if what == 2 { 0 } else { LAST.load(Relaxed) + 1 };
        stop_ends();
        let first = sched().allm.load(Acquire);
        for_each_m(first, |m| (*m).trace.lock.lock());
        for_each_m(first, |m| {
            let b = core::mem::replace(&mut (*m).trace.batch, null_mut());
            if !b.is_null() {
                batch::end(b);
            }
        });
        if old == 0 {
            GC_SEQ.store(1, Relaxed);
            batch::begin_trace(new);
            samples::begin();
        }
        GENERATION.store(new, Relaxed);
        if new != 0 {
            LAST.store(new, Relaxed);
            Writer { m, generation: new }.states();
        }
        for_each_m(first, |m| (*m).trace.lock.unlock());
        start_the_world();
        if old != 0 {
            samples::write(old, new == 0);
            write_tables(old);
            batch::complete(old, new == 0);
        }
        1
    }
}
system_fn!("golift_trace_advance", advance_body, unpolled);

/// # Safety
/// `m` is the first of all Ms.
unsafe fn for_each_m(mut m: *mut M, f: impl Fn(*mut M)) {
    while !m.is_null() {
        f(m);
        // SAFETY: the contract above; Ms live for ever.
        m = unsafe { (*m).all_link };
    }
}

/// A batch that another one follows when it is full.
struct Series {
    generation: u64,
    kind: u8,
    batch: *mut Batch,
}

impl Series {
    /// Runs `f` on a batch with room for so much; none if there is no memory.
    fn with_room(&mut self, numbers: usize, bytes: usize, f: impl FnOnce(&mut Batch)) {
        // SAFETY: the batch is ours.
        unsafe {
            if !self.batch.is_null() && !(*self.batch).has_room(numbers, bytes) {
                batch::end(core::mem::replace(&mut self.batch, null_mut()));
            }
            if self.batch.is_null() {
                self.batch = batch::begin(self.generation, NO_THREAD);
                if self.batch.is_null() {
                    return;
                }
                (*self.batch).byte(self.kind);
            }
            f(&mut *self.batch);
        }
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        if !self.batch.is_null() {
            // SAFETY: it is ours.
            unsafe { batch::end(self.batch) }
        }
    }
}

/// Writes the tables of a generation that nobody adds to any more.
fn write_tables(generation: u64) {
    let i = generation as usize % 2;
    let stacks = core::mem::replace(&mut *STACKS[i].lock(), Table::new());
    let mut strings = core::mem::replace(&mut *STRINGS[i].lock(), Table::new());
    let mut series = Series { generation, kind: STACKS_KIND, batch: null_mut() };
    stacks.for_each(|id, bytes| {
        // Each frame is four numbers: an address that is only this frame's, two texts, a line.
        let (mut frames, mut n) = ([[0u64; 4]; DEPTH], 0);
        for pc in bytes.chunks_exact(8) {
            let pc = usize::from_le_bytes(pc.try_into().unwrap_or_default());
            let mut level = 0;
            // SAFETY: names and files are the linker's texts.
            unsafe {
                symtab::expand(pc - 1, |f| {
                    if f.flags as u32 & golift_abi::FUNC_WRAPPER == 0 && n < DEPTH {
                        let name = strings.put(clipped(core::slice::from_raw_parts(f.name, f.name_len)));
                        let file = strings.put(clipped(core::slice::from_raw_parts(f.file, f.file_len)));
                        frames[n] = [(pc as u64 - 1) | (level << 48), name, file, f.line as u64];
                        n += 1;
                    }
                    level += 1;
                    n < DEPTH
                });
            }
        }
        series.with_room(2 + 4 * n, 0, |b| {
            b.byte(STACK);
            for number in [id, n as u64].iter().chain(frames[..n].as_flattened()) {
                b.number(*number);
            }
        });
    });
    drop(series);
    let mut series = Series { generation, kind: STRINGS_KIND, batch: null_mut() };
    strings.for_each(|id, bytes| {
        series.with_room(2, bytes.len(), |b| {
            b.byte(STRING);
            b.number(id);
            b.number(bytes.len() as u64);
            b.bytes(bytes);
        });
    });
}
const STACKS_KIND: u8 = event::STACKS;
const STRINGS_KIND: u8 = event::STRINGS;

fn clipped(text: &[u8]) -> &[u8] {
    &text[..text.len().min(TEXT)]
}

/// Leaf: what the reader gets next; `out` has the address and length of a batch.
///
/// # Safety
/// `out` is writable.
extern "C" fn next_body(out: *mut [usize; 2]) -> usize {
    // SAFETY: the contract above.
    unsafe { batch::next(&mut *out) as usize }
}
system_fn!("golift_trace_next", next_body);

/// Is there something to read?
extern "C" fn is_readable_body() -> bool {
    batch::is_readable()
}
system_fn!("golift_trace_is_readable", is_readable_body);

/// The trace has been read to its end.
extern "C" fn free_body() {
    batch::free();
}
system_fn!("golift_trace_free", free_body);

const _: () = assert!(Next::Last as usize == 5);
