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

pub mod idle;
pub mod lists;
pub mod local_queue;
pub mod park;
pub mod preempt;
pub mod proc;
pub mod runq;
pub mod stw;
pub mod syscall;
pub mod sysmon;

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
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};

/// A goroutine. The head (to `golift_abi::g::PRIVATE`) is known to compiled code.
#[repr(C)]
pub struct G {
    pub stack_lo: usize,
    pub stack_hi: usize,
    pub stackguard: AtomicU64,
    pub m: *mut M,
    pub morestack: usize,
    pub morestack_fn: usize,
    pub morestack_args: u64,
    pub panic: usize,
    pub defer: usize,
    pub goid: u64,
    pub sched_sp: usize,
    pub sched_pc: usize,
    pub sched_fp: usize,
    pub ret0: usize,
    pub ret1: usize,
    pub labels: usize,
    pub bubble: usize,
    pub sig: usize,
    pub sigcode0: usize,
    pub sigcode1: usize,
    pub sigpc: usize,
    pub coroarg: usize,
    pub go_words: [usize; 4],
    // --- known to the runtime's assembly ---
    /// The func value of the goroutine's body.
    pub start_fn: usize,
    /// Asked to yield: see `preempt`.
    pub preempt: AtomicU32,
    pub _pad: u32,
    /// Callee-saved registers at `entersyscall`.
    pub sys_regs: [usize; 4],
    /// Frame pointer and return address that the caller of `entersyscall` saved.
    pub sys_caller: [usize; 2],
    /// While waiting: objects, or addresses of this stack, that only the runtime knows.
    pub held: [usize; 2],
    /// Where the leaf that this goroutine is in really returns to, and the place on the stack whose return address was
    /// exchanged for `golift_leaf_return` (0: none). Only the thread that runs the goroutine uses them.
    pub leaf_return: usize,
    pub leaf_slot: usize,
    // --- Rust only ---
    pub status: AtomicU32,
    pub wait_reason: u8,
    /// Not counted by `NumGoroutine` and the deadlock detector's report.
    pub system: bool,
    /// `select` that parked: 0 while no case has been chosen.
    pub select_done: AtomicU32,
    pub sched_link: *mut G,
    /// First segment; freed with the goroutine.
    pub stack_base: *mut crate::stack::Segment,
    pub stack_bytes: usize,
    pub wait_since: i64,
    /// Where the `go` statement is, and in which goroutine.
    pub gopc: usize,
    pub parent_goid: u64,
    pub locked_m: *mut M,
    /// Wait records of a parked channel operation or select.
    pub sudogs: *mut crate::chan::Sudog,
    /// What the waker left: the sudog that fired.
    pub param: *mut crate::chan::Sudog,
    pub sleep_timer: crate::timer::Timer,
    pub all_index: usize,
    pub throw_split: u32,
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
    ret0: "ret0",
    ret1: "ret1",
    labels: "labels",
    bubble: "bubble",
    sig: "sig",
    sigcode0: "sigcode0",
    sigcode1: "sigcode1",
    sigpc: "sigpc",
    coroarg: "coroarg",
    go_words: "words",
});
const _: () = assert!(core::mem::offset_of!(G, start_fn) == golift_abi::g::PRIVATE as usize);

pub const G_IDLE: u32 = 0;
pub const G_RUNNABLE: u32 = 1;
pub const G_RUNNING: u32 = 2;
pub const G_SYSCALL: u32 = 3;
pub const G_WAITING: u32 = 4;
pub const G_DEAD: u32 = 6;

/// A thread. The first three words are known to assembly.
#[repr(C)]
pub struct M {
    pub self_: *mut M,
    pub g0_sp: usize,
    pub curg: *mut G,
    pub p: *mut P,
    /// The P to take when woken.
    pub next_p: *mut P,
    /// The P held when the system call began.
    pub old_p: *mut P,
    pub id: u64,
    pub tid: i32,
    pub spinning: bool,
    pub blocked: bool,
    /// Not zero: the running goroutine must not be preempted.
    pub locks: i32,
    /// Print statements under way, one in the other: see `print`.
    pub prints: u32,
    pub park: Note,
    pub sched_link: *mut M,
    pub all_link: *mut M,
    pub locked_g: *mut G,
    pub lock_count: u32,
    pub g0_lo: usize,
    pub gsignal_lo: usize,
    pub rand: [u64; 2],
    pub dying: u32,
    pub syscall_tick: u32,
    pub sigmask: u64,
}

pub const P_IDLE: u32 = 0;
pub const P_RUNNING: u32 = 1;
pub const P_SYSCALL: u32 = 2;
pub const P_GCSTOP: u32 = 3;
pub const P_DEAD: u32 = 4;

pub const RUNQ: usize = 256;

#[repr(C)]
pub struct P {
    pub id: i32,
    pub status: AtomicU32,
    pub link: *mut P,
    pub m: *mut M,
    pub sched_tick: AtomicU32,
    pub syscall_tick: AtomicU32,
    /// The time slice is over; who inherits it must yield.
    pub preempt: AtomicU32,
    /// What sysmon saw last (only sysmon).
    pub mon_sched_tick: u32,
    pub mon_sched_when: i64,
    pub mon_sys_tick: u32,
    pub mon_sys_when: i64,
    /// What it takes next inherits the time slice.
    pub runq: local_queue::LocalQueue<G, RUNQ>,
    pub gfree: *mut G,
    pub gfree_n: u32,
    pub mcache: MCache,
    pub sudog_cache: *mut crate::chan::Sudog,
}

pub struct Sched {
    pub lists: Locked<Lists>,
    pub idle: idle::Idle,
    /// Length of the global run queue.
    pub runq_size: AtomicI32,
    /// The world is being stopped, or is.
    pub gcwaiting: AtomicU32,
    pub stopnote: Note,
    pub sysmon_wait: AtomicU32,
    pub sysmon_note: Note,
    pub last_poll: AtomicI64,
    pub poll_until: AtomicI64,
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
    pub ncpu: AtomicI32,
    pub allm: AtomicPtr<M>,
    /// Table of all goroutines, read without the lock of its capacity.
    allg: AtomicPtr<*mut G>,
    pub allg_len: AtomicUsize,
    pub allg_cap: Locked<usize>,
    pub panicking: AtomicU32,
    pub main_started: AtomicBool,
    /// Written once at start, as is the next one.
    pub start_ns: AtomicI64,
    pub schedtrace_ms: AtomicI64,
}

pub struct FreeGs(*mut G);
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
    last_poll: AtomicI64::new(1),
    poll_until: AtomicI64::new(0),
    goid: AtomicU64::new(0),
    free_gs: Locked::new(FreeGs(null_mut())),
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

#[inline(always)]
pub fn sched() -> &'static Sched {
    &SCHED
}

impl Sched {
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
#[inline(always)]
pub fn getp() -> *mut P {
    // SAFETY: as above.
    unsafe { (*crate::arch::current_m()).p }
}

pub use golift_abi::wait::{self, REASONS as WAIT_REASONS};
