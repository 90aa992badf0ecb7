//! Counters behind `runtime.MemStats` and `debug.ReadGCStats`.

use super::*;
use crate::heap::persistent;

struct Counters {
    mallocs: AtomicU64,
    frees: AtomicU64,
    alloc_bytes: AtomicU64,
    free_bytes: AtomicU64,
    tiny: AtomicU64,
    pause_total: AtomicU64,
    forced: AtomicU64,
    stw_ns: AtomicU64,
}
static C: Counters = Counters {
    mallocs: AtomicU64::new(0),
    frees: AtomicU64::new(0),
    alloc_bytes: AtomicU64::new(0),
    free_bytes: AtomicU64::new(0),
    tiny: AtomicU64::new(0),
    pause_total: AtomicU64::new(0),
    forced: AtomicU64::new(0),
    stw_ns: AtomicU64::new(0),
};

/// Pauses and their end times (wall clock), rings of 256.
static PAUSE_NS: Global<[u64; 256]> = Global::new([0; 256]);
static PAUSE_END: Global<[u64; 256]> = Global::new([0; 256]);

pub fn count_allocs(n: u64, size: usize) {
    C.mallocs.fetch_add(n, Relaxed);
    C.alloc_bytes.fetch_add(n * size as u64, Relaxed);
}
pub fn count_frees(n: u64, size: usize) {
    C.frees.fetch_add(n, Relaxed);
    C.free_bytes.fetch_add(n * size as u64, Relaxed);
}
pub fn add_tiny(n: u64) {
    C.tiny.fetch_add(n, Relaxed);
}

/// World stopped.
pub unsafe fn record_pause(start: i64, end: i64, forced: bool) {
    let ns = (end - start) as u64;
    let i = (cycles() as usize + 255) % 256;
    let (sec, nsec) = sys::walltime();
    (*PAUSE_NS.get())[i] = ns;
    (*PAUSE_END.get())[i] = sec as u64 * 1_000_000_000 + nsec as u64;
    C.pause_total.fetch_add(ns, Relaxed);
    C.stw_ns.fetch_add(ns, Relaxed);
    if forced {
        C.forced.fetch_add(1, Relaxed);
    }
}

pub unsafe fn gc_cpu_percent(now: i64) -> i64 {
    let total = now - sched().start_ns;
    if total <= 0 { 0 } else { C.stw_ns.load(Relaxed) as i64 * 100 / total }
}

pub unsafe fn for_each_root(_f: impl FnMut(usize)) {}

/// What `golift_read_memstats` fills; mirrored by package runtime.
#[repr(C)]
pub struct MemStats {
    pub heap_alloc: u64,
    pub total_alloc: u64,
    pub sys: u64,
    pub mallocs: u64,
    pub frees: u64,
    pub heap_sys: u64,
    pub heap_inuse: u64,
    pub heap_released: u64,
    pub heap_objects: u64,
    pub stack_inuse: u64,
    pub other_sys: u64,
    pub next_gc: u64,
    pub last_gc: u64,
    pub pause_total: u64,
    pub num_gc: u64,
    pub num_forced: u64,
    pub gc_cpu: u64,
    pub pause_ns: [u64; 256],
    pub pause_end: [u64; 256],
    pub by_size: [[u64; 3]; 68],
}

/// Fills `out` (in memory of the runtime's own or a Go object that the caller holds).
/// 0: try again.
extern "C" fn read_memstats_body(out: *mut MemStats) -> usize {
    // SAFETY: entry of a system function; `out` is held by the caller's frame.
    unsafe {
        if !sched::try_stop_the_world() {
            (*sched::getg()).ret0 = 0;
            sched::yield_global()
        }
        for i in 0..sched().gomaxprocs as usize {
            (**sched().allp.add(i)).mcache.flush();
        }
        sweep::finish();
        let tiny = C.tiny.load(Relaxed);
        let stacks = stack::IN_USE.load(Relaxed) as u64;
        let o = &mut *out;
        o.total_alloc = C.alloc_bytes.load(Relaxed);
        o.heap_alloc = o.total_alloc - C.free_bytes.load(Relaxed);
        o.mallocs = C.mallocs.load(Relaxed) + tiny;
        o.frees = C.frees.load(Relaxed) + tiny;
        o.heap_objects = o.mallocs - o.frees;
        o.heap_sys = (pages::HEAP_SYS.load(Relaxed) as u64).saturating_sub(stacks);
        o.heap_inuse = (pages::PAGES_IN_USE.load(Relaxed) as u64 * 8192).saturating_sub(stacks);
        o.heap_released = pages::RELEASED.load(Relaxed) as u64;
        o.stack_inuse = stacks;
        o.other_sys = persistent::BYTES.load(Relaxed) as u64;
        o.sys = o.heap_sys + stacks + o.other_sys;
        o.next_gc = goal() as u64;
        let n = cycles();
        o.num_gc = n;
        o.last_gc = if n == 0 { 0 } else { (*PAUSE_END.get())[(n as usize + 255) % 256] };
        o.pause_total = C.pause_total.load(Relaxed);
        o.num_forced = C.forced.load(Relaxed);
        o.gc_cpu = C.stw_ns.load(Relaxed);
        o.pause_ns = *PAUSE_NS.get();
        o.pause_end = *PAUSE_END.get();
        let h = &*pages::HEAP.get();
        for i in 0..h.all_len {
            let s = *h.all.add(i);
            if (*s).state == crate::heap::span::IN_USE && (*s).class > 1 && (*s).class != 0xff {
                let e = &mut o.by_size[(*s).class as usize >> 1];
                e[0] = (*s).elemsize as u64;
                e[1] += (*s).alloc_count as u64;
            }
        }
        sched::start_the_world();
        1
    }
}
system_fn!("golift_read_memstats", read_memstats_body);
