//! Counters behind `runtime.MemStats`, `runtime/metrics` and `debug.ReadGCStats`.

use super::*;
use crate::heap::{NUM, persistent, span};
use crate::locked::Locked;

struct Counters {
    pause_total: AtomicU64,
    forced: AtomicU64,
    /// CPU time that was there up to the end of the last cycle: time multiplied by Ps.
    cpu_total: AtomicU64,
    /// The part of it in which cycles stopped all Ps.
    cpu_pause: AtomicU64,
    cpu_until: AtomicI64,
}
static C: Counters = Counters {
    pause_total: AtomicU64::new(0),
    forced: AtomicU64::new(0),
    cpu_total: AtomicU64::new(0),
    cpu_pause: AtomicU64::new(0),
    cpu_until: AtomicI64::new(0),
};

/// How many pauses are remembered.
const PAUSES: usize = 256;

/// Pauses in nanoseconds and their end times (wall clock): rings.
struct Pauses {
    ns: [u64; PAUSES],
    end: [u64; PAUSES],
}
static LAST_PAUSES: Locked<Pauses> = Locked::new(Pauses { ns: [0; PAUSES], end: [0; PAUSES] });

/// Where the pause of the `n`-th cycle is.
fn slot(n: u64) -> usize {
    (n as usize + PAUSES - 1) % PAUSES
}

/// The cycle that ends at `end` has stopped the world for `pauses` nanoseconds in all, and others have marked for `marking`.
///
/// # Safety
/// The world is stopped.
pub unsafe fn record_cycle(pauses: i64, marking: i64, end: i64, forced: bool) {
    let ns = pauses as u64;
    let i = slot(cycles());
    let (sec, nsec) = sys::walltime();
    let mut pauses = LAST_PAUSES.lock();
    pauses.ns[i] = ns;
    pauses.end[i] = sec as u64 * 1_000_000_000 + nsec as u64;
    drop(pauses);
    C.pause_total.fetch_add(ns, Relaxed);
    let procs = sched().gomaxprocs() as u64;
    let since = match C.cpu_until.swap(end, Relaxed) {
        0 => sched().start_ns.load(Relaxed),
        t => t,
    };
    let (gc, total) = (ns * procs + marking as u64, (end - since).max(0) as u64 * procs);
    C.cpu_total.fetch_add(total, Relaxed);
    C.cpu_pause.fetch_add(gc, Relaxed);
    note_overtime(gc as i64, total as i64);
    if forced {
        C.forced.fetch_add(1, Relaxed);
    }
}

/// Share of the CPU time, up to the last cycle, that was spent in collections.
pub fn gc_cpu_percent() -> i64 {
    match C.cpu_total.load(Relaxed) {
        0 => 0,
        total => (C.cpu_pause.load(Relaxed) as u128 * 100 / u128::from(total)) as i64,
    }
}

/// What `golift_read_stats` fills; mirrored by package runtime (`rtStats`).
#[repr(C)]
pub struct Stats {
    // Counts of objects; `tiny` pieces of blocks are included in none of the others.
    /// Pieces of tiny blocks.
    pub tiny: u64,
    /// Bytes of large objects that were allocated.
    pub large_alloc_bytes: u64,
    /// Bytes of large objects that were freed.
    pub large_free_bytes: u64,
    // Bytes of the heap. `heap_sys` = in use + idle, `released` is a part of idle.
    /// From the system.
    pub heap_sys: u64,
    /// In spans of objects.
    pub heap_inuse: u64,
    /// Given back to the system, or not touched yet.
    pub heap_released: u64,
    /// In segments of goroutines' stacks.
    pub stack_inuse: u64,
    /// From the system for stacks.
    pub stack_sys: u64,
    // Bytes of metadata.
    /// Structs of spans in use.
    pub span_inuse: u64,
    /// All structs of spans.
    pub span_sys: u64,
    /// Caches of Ps that run.
    pub cache_inuse: u64,
    /// Caches of all Ps.
    pub cache_sys: u64,
    /// The memory profile.
    pub bucket_sys: u64,
    /// Page tables and the mark stack.
    pub gc_sys: u64,
    /// Goroutines, threads, masks of types.
    pub other_sys: u64,
    // The collector.
    /// Live bytes at which the next cycle starts.
    pub next_gc: u64,
    /// Bytes that the last cycle marked.
    pub marked: u64,
    /// Bytes with pointers that it scanned.
    pub scanned: u64,
    /// Bytes of package variables with pointers.
    pub globals: u64,
    /// When it ended, in nanoseconds since 1970; 0: never.
    pub last_gc: u64,
    /// Nanoseconds of all pauses.
    pub pause_total: u64,
    /// Cycles.
    pub num_gc: u64,
    /// Cycles that the program asked for.
    pub num_forced: u64,
    /// CPU nanoseconds up to the last cycle.
    pub cpu_total: u64,
    /// The part of them in pauses.
    pub cpu_pause: u64,
    /// GOGC; negative: off.
    pub percent: i64,
    /// GOMEMLIMIT in bytes.
    pub limit: i64,
    // Queued and executed.
    /// Finalizers.
    pub finalizers: [u64; 2],
    /// Cleanups.
    pub cleanups: [u64; 2],
    /// Lengths of the last pauses: a ring.
    pub pause_ns: [u64; PAUSES],
    /// Their ends in nanoseconds since 1970.
    pub pause_end: [u64; PAUSES],
    /// Size, allocated, freed.
    pub by_size: [[u64; 3]; NUM],
}
check_layout!(Stats, golift_abi::layout::STATS, {
    tiny: "tiny",
    heap_sys: "heapSys",
    stack_inuse: "stackInuse",
    span_inuse: "spanInuse",
    bucket_sys: "bucketSys",
    next_gc: "nextGC",
    last_gc: "lastGC",
    cpu_total: "cpuTotal",
    percent: "percent",
    finalizers: "finalizersQueued",
    cleanups: "cleanupsQueued",
    pause_ns: "pauseNs",
    pause_end: "pauseEnd",
    by_size: "bySize",
});

/// Fills `out`, which the caller's frame holds. 0: try again.
extern "C" fn read_stats_body(out: *mut Stats) -> usize {
    // SAFETY: entry of a system function; `out` is held by the caller's frame.
    unsafe {
        if !sched::try_stop_the_world() {
            (*sched::getg()).ret0 = 0;
            sched::yield_global()
        }
        let procs = sched().gomaxprocs() as usize;
        for i in 0..procs {
            (*sched().p(i)).mcache.flush();
        }
        sweep::finish();
        let n = cycles();
        let stack_pages = pages::MANUAL_PAGES.load(Relaxed) as u64 * pages::PAGE as u64;
        let heap = pages::metadata();
        let (span_inuse, span_sys) = heap.spans;
        let [large_alloc_bytes, large_free_bytes] = counts::large_bytes();
        let pauses = LAST_PAUSES.lock();
        let cache = size_of::<crate::heap::cache::MCache>() as u64;
        let mut o = Stats {
            tiny: counts::tiny(),
            large_alloc_bytes,
            large_free_bytes,
            heap_sys: pages::HEAP_SYS.load(Relaxed) as u64 - stack_pages,
            heap_inuse: pages::PAGES_IN_USE.load(Relaxed) as u64 * pages::PAGE as u64 - stack_pages,
            heap_released: pages::RELEASED_PAGES.load(Relaxed) as u64 * pages::PAGE as u64,
            stack_inuse: stack::IN_USE.load(Relaxed) as u64,
            stack_sys: stack_pages + pages::MAPPED_STACKS.load(Relaxed) as u64,
            span_inuse: (span_inuse * size_of::<span::Span>()) as u64,
            span_sys: (span_sys * size_of::<span::Span>()) as u64,
            cache_inuse: cache * procs as u64,
            cache_sys: cache * (0..sched().allp_cap()).filter(|&i| !(sched().p(i)).is_null()).count() as u64,
            bucket_sys: profile::bytes() as u64,
            gc_sys: (heap.tables + mark::stack_bytes()) as u64,
            other_sys: 0,
            next_gc: goal() as u64,
            marked: MARKED.load(Relaxed) as u64,
            scanned: mark::scanned_bytes() as u64,
            globals: mark::globals_bytes() as u64,
            last_gc: if n == 0 { 0 } else { pauses.end[slot(n)] },
            pause_total: C.pause_total.load(Relaxed),
            num_gc: n,
            num_forced: C.forced.load(Relaxed),
            cpu_total: C.cpu_total.load(Relaxed),
            cpu_pause: C.cpu_pause.load(Relaxed),
            percent: GOGC.load(Relaxed),
            limit: MEMORY_LIMIT.load(Relaxed),
            finalizers: special::counts(special::FINALIZER),
            cleanups: special::counts(special::CLEANUP),
            pause_ns: pauses.ns,
            pause_end: pauses.end,
            by_size: [[0; 3]; NUM],
        };
        drop(pauses);
        // Metadata is one pool; what is none of the above is Gs, Ms, masks of types.
        let metadata = persistent::BYTES.load(Relaxed) as u64;
        let known = o.span_sys + o.cache_sys + o.bucket_sys + heap.tables as u64;
        o.other_sys = metadata.saturating_sub(known);
        for (class, e) in o.by_size.iter_mut().enumerate() {
            let size = crate::heap::class_size(class) as u64;
            let [allocs, frees] = counts::of_class(class);
            *e = [size, allocs, frees];
        }
        out.write(o);
        sched::start_the_world();
        1
    }
}
system_fn!("golift_read_stats", read_stats_body);

/// Buckets of a time histogram of runtime/metrics: four for each power of two from 2⁸ ns up, and those below.
pub const TIME_BUCKETS: usize = 40 * 4;

/// Durations, counted by size, in the buckets of runtime/metrics; mirrored by package runtime (`timeHistogram`).
#[repr(C)]
pub struct TimeHistogram {
    counts: [AtomicU64; TIME_BUCKETS],
    overflow: AtomicU64,
}
impl TimeHistogram {
    /// An empty one.
    pub const fn new() -> Self {
        TimeHistogram { counts: [const { AtomicU64::new(0) }; TIME_BUCKETS], overflow: AtomicU64::new(0) }
    }
    /// Counts a duration.
    pub fn record(&self, ns: i64) {
        match Self::bucket(ns.max(0) as u64) {
            Some(i) => self.counts[i].fetch_add(1, Relaxed),
            None => self.overflow.fetch_add(1, Relaxed),
        };
    }
    /// The two bits after the highest one tell the quarter of a power of two; all below 2⁸ count as one power.
    fn bucket(ns: u64) -> Option<usize> {
        let bits = (u64::BITS - ns.leading_zeros()).max(8) as usize;
        let power = bits - 8;
        let quarter = (ns >> (bits.max(9) - 3)) as usize & 3;
        (power < 40).then_some(power * 4 + quarter)
    }
}

impl Default for TimeHistogram {
    fn default() -> Self {
        Self::new()
    }
}

/// How long the world took to stop, and how long it was stopped, for collections and for other reasons.
#[repr(C)]
pub struct StopTimes {
    stopping: [TimeHistogram; 2],
    total: [TimeHistogram; 2],
}
check_layout!(StopTimes, golift_abi::layout::STOP_TIMES, {
    stopping: "stopping",
    total: "total",
});
static STOPS: StopTimes =
    StopTimes { stopping: [const { TimeHistogram::new() }; 2], total: [const { TimeHistogram::new() }; 2] };
/// Of the stop that goes on: written by its leader only.
static STOP_BEGAN: AtomicI64 = AtomicI64::new(0);
static STOP_DONE: AtomicI64 = AtomicI64::new(0);
static STOP_FOR_GC: AtomicU32 = AtomicU32::new(0);

/// The caller leads and begins to stop the world.
pub fn stop_begins() {
    STOP_BEGAN.store(sys::nanotime(), Relaxed);
    STOP_FOR_GC.store(0, Relaxed);
}
/// All Ps have stopped.
pub fn stop_done() {
    STOP_DONE.store(sys::nanotime(), Relaxed);
}
/// This stop is a collection's.
pub fn stop_is_for_gc() {
    STOP_FOR_GC.store(1, Relaxed);
}
/// The world starts again.
pub fn stop_ends() {
    let began = STOP_BEGAN.load(Relaxed);
    let other = 1 - STOP_FOR_GC.load(Relaxed) as usize;
    STOPS.stopping[other].record(STOP_DONE.load(Relaxed) - began);
    STOPS.total[other].record(sys::nanotime() - began);
}

/// Leaf: the histograms.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_stop_times() -> *const StopTimes {
    &raw const STOPS
}

/// What runtime/metrics says about goroutines and threads; mirrored by package runtime (`schedStats`).
#[repr(C)]
pub struct SchedStats {
    /// Running, runnable, in system calls, waiting.
    states: [u64; 4],
    created: u64,
    threads: u64,
}
check_layout!(SchedStats, golift_abi::layout::SCHED_STATS, {
    states: "running",
    created: "created",
    threads: "threads",
});

/// Counts goroutines by state, as they happen to be.
extern "C" fn read_sched_stats_body(out: *mut SchedStats) {
    // SAFETY: entry of a system function; `out` is on the caller's stack; Gs are never freed.
    unsafe {
        let s = sched();
        let mut states = [0; 4];
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            let k = match (*gp).status.load(Relaxed) {
                sched::G_RUNNING => 0,
                sched::G_RUNNABLE => 1,
                sched::G_SYSCALL => 2,
                sched::G_WAITING => 3,
                _ => continue,
            };
            states[k] += 1;
        }
        let threads = sched::mcount() as u64;
        out.write(SchedStats { states, created: s.goid.load(Relaxed), threads });
    }
}
system_fn!("golift_read_sched_stats", read_sched_stats_body);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_durations() {
        // As gc's: the first four are 64 ns wide, then four for each power of two.
        let at = |ns| TimeHistogram::bucket(ns);
        for (ns, want) in
            [(0, 0), (63, 0), (64, 1), (255, 3), (256, 4), (319, 4), (320, 5), (511, 7), (512, 8), (640, 9)]
        {
            assert_eq!(at(ns), Some(want), "{ns}");
        }
        assert_eq!(at((1 << 47) - 1), Some(TIME_BUCKETS - 1));
        assert_eq!(at(1 << 47), None);
    }
}
