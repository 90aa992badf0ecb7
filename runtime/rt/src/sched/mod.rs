//! Goroutines (G), threads (M) and processors (P).
//!
//! **Problem.** Many goroutines on few threads, without a global lock on the common paths.
//!
//! **Strategy.** As in Go: a P owns a lock-free queue of runnable goroutines and an
//! allocation cache; an M needs a P to run Go code. An idle M steals from other Ps and spins
//! a little before it sleeps. Blocking system calls leave the P where `sysmon` can take it.
//!
//! **Invariants.**
//!
//! * `G.status` changes: Waiting→Runnable only by the one that took the goroutine out of a
//!   wait structure; Runnable→Running only by the M that took it from a queue.
//! * A goroutine's saved context is complete before its status leaves Running: parking
//!   happens on g0, and the lock that guards the wait structure is released on g0.
//! * What a lock guards is reached only through it ([`Locked`]); all else in [`Sched`] is atomic.

pub mod all_threads;
pub mod bubble;
pub mod idle;
pub mod lists;
pub mod local_queue;
pub mod park;
pub mod poller;
pub mod preempt;
pub mod proc;
pub mod runq;
pub mod schedtrace;
pub mod stw;
pub mod syscall;
pub mod sysmon;
pub mod times;

use lists::Lists;
pub use park::*;
pub use preempt::{clear_preempt, preempt_one, request_preempt};
pub use proc::*;
pub use stw::*;
pub use syscall::entersyscall_leaf;

use crate::heap::cache::MCache;
use crate::lock::{Mutex, Note};
use crate::locked::{Guard, Locked};
use core::ptr::null_mut;
use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*,
};

/// A goroutine. The head (to `golift_abi::g::PRIVATE`) is known to compiled code.
#[repr(C)]
pub struct G {
    /// Lowest usable address of the segment in use. Written by this goroutine's thread when it changes segments, like the next
    /// two.
    pub stack_lo: usize,
    /// One past the highest address: the segment's header.
    pub stack_hi: usize,
    /// What stack checks compare sp with. Others poison it to have the goroutine yield (`preempt`).
    pub stackguard: AtomicU64,
    /// The M that runs it; written on g0 of that M. Null while it does not run.
    pub m: *mut M,
    /// The thunk; written once.
    pub morestack: usize,
    /// The function to restart; written and read by the thunk.
    pub morestack_fn: usize,
    /// What it needs; written by the thunk, read by `newsegment`.
    pub morestack_args: u64,
    /// Innermost panic; package runtime's.
    pub panic: usize,
    /// Innermost deferred call; package runtime's and compiled code's.
    pub defer: usize,
    /// Its number; written when it starts.
    pub goid: u64,
    /// Stack pointer while it does not run, or is in a system function. Written by stubs and `entersyscall`, like the next
    /// two; read by `gogo`, the collector and tracebacks.
    pub sched_sp: usize,
    /// Program counter, where it matters (system calls).
    pub sched_pc: usize,
    /// Frame pointer.
    pub sched_fp: usize,
    /// What a failed check of an index has compared; compiled code's.
    pub bounds: [usize; 2],
    /// Profiling labels; package runtime's.
    pub labels: usize,
    /// Synctest bubble, or null; its own, or its parent's when it is made.
    pub bubble: *mut bubble::Bubble,
    /// Signal of the fault; written by the handler, read by `sigpanic`, like the next three.
    pub sig: usize,
    /// Code of the fault.
    pub sigcode0: usize,
    /// Address that faulted.
    pub sigcode1: usize,
    /// Where the fault was.
    pub sigpc: usize,
    /// Running coroutine; package runtime's.
    pub coroarg: usize,
    /// Package runtime's.
    pub go_words: [usize; 4],
    /// Result word of the system function that parked it; written by that or by the waker, read by `gogo`.
    pub ret0: usize,
    /// The second one.
    pub ret1: usize,
    // --- known to the runtime's assembly ---
    /// The func value of the goroutine's body.
    pub start_fn: usize,
    /// Asked to yield: see `preempt`.
    pub preempt: AtomicU32,
    /// Makes the next field a multiple of a word.
    pub _pad: u32,
    /// Callee-saved registers at `entersyscall`.
    pub sys_regs: [usize; 4],
    /// Frame pointer and return address that the caller of `entersyscall` saved.
    pub sys_caller: [usize; 2],
    /// While waiting, and until it runs again: objects, or addresses of this stack, that only the runtime knows.
    pub held: [usize; 2],
    /// Where the leaf that this goroutine is in really returns to, and the place on the stack whose return address was
    /// exchanged for `golift_leaf_return` (0: none). Only the thread that runs the goroutine uses them.
    pub leaf_return: usize,
    /// The place of the exchanged return address.
    pub leaf_slot: usize,
    // --- Rust only ---
    /// A `G_` state. Who takes it from one to another owns it meanwhile.
    pub status: AtomicU32,
    /// Why it waits (`wait`); written by itself when it parks.
    pub wait_reason: u8,
    /// Parked, and counted as blocked by its bubble; who takes it out of its wait structure withdraws it.
    pub durable: bool,
    /// Not counted by `NumGoroutine` and the deadlock detector's report.
    pub system: bool,
    /// `select` that parked: 0 while no case has been chosen.
    pub select_done: AtomicU32,
    /// Next in a run queue, in a list of free ones or of ones to be made ready; its owner's.
    pub sched_link: *mut G,
    /// When it became runnable; 0: nobody wants to know. Written by who owns it, as its state.
    pub runnable_since: i64,
    /// First segment; null: it has ended, and its stack was freed.
    pub stack_base: *mut crate::stack::Segment,
    /// Bytes of all its segments; its own thread's, or the collector's in a stopped world.
    pub stack_bytes: usize,
    /// The collection that has scanned it last: see `gc::mark`.
    pub scanned: AtomicU32,
    /// When it began to wait; 0: not noted.
    pub wait_since: i64,
    /// Where the `go` statement is, and in which goroutine.
    pub gopc: usize,
    /// The number of the goroutine with the `go` statement; written once.
    pub parent_goid: u64,
    /// The M that alone may run it, or null; written by itself.
    pub locked_m: *mut M,
    /// Wait records of a parked channel operation or select.
    pub sudogs: *mut crate::chan::Sudog,
    /// What the waker left: the sudog that fired.
    pub param: *mut crate::chan::Sudog,
    /// For `time.Sleep`; armed by itself, under the timers' lock from then on.
    pub sleep_timer: crate::timer_heap::Timer,
    /// Events of the trace's generation that change who may run it; who changes that counts.
    pub trace_seq: u64,
}
check_layout!(G, golift_abi::layout::G, {
    stack_lo: "stackLo",
    stack_hi: "stackHi",
    stackguard: "stackguard",
    m: "m",
    morestack: "morestack",
    morestack_fn: "morestackFn",
    morestack_args: "morestackArgs",
    panic: "_panic",
    defer: "_defer",
    goid: "goid",
    sched_sp: "schedSP",
    sched_pc: "schedPC",
    sched_fp: "schedFP",
    bounds: "bounds",
    labels: "labels",
    bubble: "bubble",
    sig: "sig",
    sigcode0: "sigcode0",
    sigcode1: "sigcode1",
    sigpc: "sigpc",
    coroarg: "coroarg",
    go_words: "words",
    ret0: "ret0",
    ret1: "ret1",
});
const _: () = assert!(core::mem::offset_of!(G, start_fn) == golift_abi::g::PRIVATE as usize);

/// Being made.
pub const G_IDLE: u32 = 0;
/// In a run queue, or about to be.
pub const G_RUNNABLE: u32 = 1;
/// Runs, or is in a system function.
pub const G_RUNNING: u32 = 2;
/// In a system call: its M may have lost the P.
pub const G_SYSCALL: u32 = 3;
/// Parked.
pub const G_WAITING: u32 = 4;
/// Ended, and free for another body.
pub const G_DEAD: u32 = 6;

const _: () = assert!(core::mem::offset_of!(M, curg) == golift_abi::M_CURG as usize);

/// A thread. The first three words are known to assembly, and the goroutine to compiled code that comes from there (`golift_abi::M_CURG`).
#[repr(C)]
pub struct M {
    /// Its own address, for assembly.
    pub self_: *mut M,
    /// Where g0's stack begins anew for each system function; written once.
    pub g0_sp: usize,
    /// The goroutine that it runs; written by itself. Others read it to send a request to yield.
    pub curg: *mut G,
    /// The P that it has, or null; written by itself.
    pub p: *mut P,
    /// The P to take when woken.
    pub next_p: *mut P,
    /// The P held when the system call began.
    pub old_p: *mut P,
    /// Its number; written once.
    pub id: u64,
    /// The kernel's number; written by who started it.
    pub tid: i32,
    /// It looks for work; its own.
    pub spinning: bool,
    /// Not zero: the running goroutine must not be preempted.
    pub locks: i32,
    /// Print statements under way, one in the other: see `print`.
    pub prints: u32,
    /// Where it sleeps while it has nothing to do.
    pub park: Note,
    /// Next idle M; under the scheduler's lock.
    pub sched_link: *mut M,
    /// Next of all Ms; written once.
    pub all_link: *mut M,
    /// The goroutine that alone it may run, or null; its own.
    pub locked_g: *mut G,
    /// How often that goroutine has locked it (`LockOSThread`).
    pub lock_count: u32,
    /// Low end of g0's stack; written once.
    pub g0_lo: usize,
    /// Low end of the signal stack; written once.
    pub gsignal_lo: usize,
    /// State of `cheaprand`; its own.
    pub rand: [u64; 2],
    /// 1: it is ending the process; its own.
    pub dying: u32,
    /// `P::syscall_tick` when its system call began; its own.
    pub syscall_tick: u32,
    /// The signals that its thread blocks when it runs, and once a fork is over.
    pub sigmask: u64,
    /// 1: its thread is asked for a system call that all make; cleared by itself.
    pub owes_call: AtomicU32,
    /// The timer for the CPU profile, plus one; 0: it has none. Changed under the lock of `cpuprof`.
    pub prof_timer: AtomicI32,
    /// Its part of the trace.
    pub trace: crate::trace::Thread,
}

/// In the idle list.
pub const P_IDLE: u32 = 0;
/// An M has it.
pub const P_RUNNING: u32 = 1;
/// Its M is in a system call; who changes this state may take it.
pub const P_SYSCALL: u32 = 2;
/// Stopped with the world.
pub const P_GCSTOP: u32 = 3;
/// Above GOMAXPROCS.
pub const P_DEAD: u32 = 4;

/// Goroutines in a P's own queue.
pub const RUNQ: usize = 256;

/// The right to run Go code, with what is best not shared. The M that has it uses it, and others where it says so.
#[repr(C)]
pub struct P {
    /// Its index among all; written once.
    pub id: i32,
    /// A `P_` state.
    pub status: AtomicU32,
    /// Next idle P; under the scheduler's lock.
    pub link: *mut P,
    /// The M that has it.
    pub m: *mut M,
    /// Counts time slices. The monitor reads it.
    pub sched_tick: AtomicU32,
    /// Counts system calls. The monitor reads it, and adds one when it takes the P away.
    pub syscall_tick: AtomicU32,
    /// The time slice is over; who inherits it must yield.
    pub preempt: AtomicU32,
    /// What sysmon saw last (only sysmon).
    pub mon_sched_tick: u32,
    /// When that was.
    pub mon_sched_when: i64,
    /// The count of system calls.
    pub mon_sys_tick: u32,
    /// When that was.
    pub mon_sys_when: i64,
    /// What it takes next inherits the time slice.
    pub runq: local_queue::LocalQueue<G, RUNQ>,
    /// Ended goroutines for new ones.
    pub gfree: *mut G,
    /// Their number.
    pub gfree_n: u32,
    /// Spans to allocate from.
    pub mcache: MCache,
    /// Wait records that are free.
    pub sudog_cache: *mut crate::chan::Sudog,
    /// Goroutines that have become runnable on it.
    pub runnables: u32,
    /// The thread that is in a system call with it, for who takes it away.
    pub syscall_tid: i32,
    /// Events of the trace's generation that change whose it is; who changes that counts.
    pub trace_seq: u64,
    /// The generation in which its state was written last.
    pub trace_generation: u64,
    /// What write barriers have noted; handed over when it is full, or in a stopped world.
    pub noted: *mut crate::gc::work::Noted,
    /// Nanoseconds that it has spent marking in this collection.
    pub mark_ns: i64,
}

/// What all threads share.
pub struct Sched {
    /// What the scheduler's lock guards.
    pub lists: Locked<Lists>,
    /// Counts of idle Ps and of threads that look for work.
    pub idle: idle::Idle,
    /// Length of the global run queue.
    pub runq_size: AtomicI32,
    /// The world is being stopped, or is.
    pub gcwaiting: AtomicU32,
    /// Wakes who stops the world, when the last P has stopped.
    pub stopnote: Note,
    /// 1: the monitor sleeps; set under the scheduler's lock.
    pub sysmon_wait: AtomicU32,
    /// Wakes the monitor.
    pub sysmon_note: Note,
    /// Who sleeps at the network poller.
    pub poller: poller::Poller,
    /// The last number of a goroutine.
    pub goid: AtomicU64,
    /// Dead goroutines, linked by `sched_link`.
    pub free_gs: Locked<FreeGs>,
    /// Goroutines alive without the system ones.
    pub ngs: AtomicI64,
    /// Changes in a stopped world.
    gomaxprocs: AtomicI32,
    /// Table of all Ps and its capacity; grows in a stopped world.
    allp: AtomicPtr<*mut P>,
    allp_cap: AtomicI32,
    /// CPUs; written once.
    pub ncpu: AtomicI32,
    /// All Ms, linked by `all_link`.
    pub allm: AtomicPtr<M>,
    /// Table of all goroutines, read without the lock of its capacity.
    allg: AtomicPtr<*mut G>,
    /// Goroutines in the table.
    pub allg_len: AtomicUsize,
    /// Its capacity. Who adds a goroutine holds the lock.
    pub allg_cap: Locked<usize>,
    /// 1: a thread is ending the process.
    pub panicking: AtomicU32,
    /// The program's main goroutine runs: deadlocks are looked for.
    pub main_started: AtomicBool,
    /// Written once at start, as is the next one.
    pub start_ns: AtomicI64,
    /// Milliseconds between lines about the scheduler; 0: none.
    pub schedtrace_ms: AtomicI64,
}

/// The first ones.
pub struct FreeGs {
    with_stack: *mut G,
    without: *mut G,
}
// SAFETY: goroutines belong to no thread.
unsafe impl Send for FreeGs {}

static SCHED: Sched = Sched {
    lists: Locked::new(Lists::new()),
    idle: idle::Idle::new(),
    runq_size: AtomicI32::new(0),
    gcwaiting: AtomicU32::new(0),
    stopnote: Note::new(),
    sysmon_wait: AtomicU32::new(0),
    sysmon_note: Note::new(),
    poller: poller::Poller::new(),
    goid: AtomicU64::new(0),
    free_gs: Locked::new(FreeGs { with_stack: null_mut(), without: null_mut() }),
    ngs: AtomicI64::new(0),
    gomaxprocs: AtomicI32::new(1),
    allp: AtomicPtr::new(null_mut()),
    allp_cap: AtomicI32::new(0),
    ncpu: AtomicI32::new(1),
    allm: AtomicPtr::new(null_mut()),
    allg: AtomicPtr::new(null_mut()),
    allg_len: AtomicUsize::new(0),
    allg_cap: Locked::new(0),
    panicking: AtomicU32::new(0),
    main_started: AtomicBool::new(false),
    start_ns: AtomicI64::new(0),
    schedtrace_ms: AtomicI64::new(0),
};

/// The scheduler.
#[inline(always)]
pub fn sched() -> &'static Sched {
    &SCHED
}

impl Sched {
    /// The monitor watches from now on, if it slept.
    #[inline(always)]
    pub fn wake_monitor(&self) {
        if self.sysmon_wait.load(Relaxed) != 0 && self.sysmon_wait.swap(0, AcqRel) != 0 {
            self.sysmon_note.wakeup();
        }
    }
    /// Ps that run.
    #[inline(always)]
    pub fn gomaxprocs(&self) -> i32 {
        self.gomaxprocs.load(Relaxed)
    }
    /// The `i`-th P, null if it was never made; `i` is less than GOMAXPROCS, or was so once.
    #[inline(always)]
    pub fn p(&self, i: usize) -> *mut P {
        debug_assert!(i < self.allp_cap.load(Relaxed) as usize);
        // SAFETY: the table has that many entries and is never freed.
        unsafe { *self.allp.load(Acquire).add(i) }
    }
    /// How many Ps there ever were, at most.
    pub fn allp_cap(&self) -> usize {
        self.allp_cap.load(Relaxed) as usize
    }
    /// The `i`-th goroutine; `i` is less than `allg_len`.
    #[inline(always)]
    pub fn g(&self, i: usize) -> *mut G {
        debug_assert!(i < self.allg_len.load(Relaxed));
        // SAFETY: the table has that many entries and is never freed.
        unsafe { *self.allg.load(Acquire).add(i) }
    }
}

/// The running goroutine of this M.
#[inline(always)]
pub fn getg() -> *mut G {
    // SAFETY: the M outlives its thread.
    unsafe { (*crate::arch::current_m()).curg }
}
/// The P of this thread, or null.
#[inline(always)]
pub fn getp() -> *mut P {
    // SAFETY: as above.
    unsafe { (*crate::arch::current_m()).p }
}

pub use golift_abi::wait::{self, REASONS as WAIT_REASONS};
