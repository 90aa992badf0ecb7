//! Model checks of the scheduler's lock-free parts, and of the collector's lists of work.
//!
//! The very files of the runtime are compiled here over loom's atomics (`sync`), and loom runs each test under all
//! interleavings and all values that the memory model lets a load return. Capacities and thread counts are tiny: what goes
//! wrong with more of them goes wrong with these.

#![cfg(test)]

#[path = "../../rt/src/sched/idle.rs"]
#[allow(dead_code)]
mod idle;
#[path = "../../rt/src/sched/local_queue.rs"]
#[allow(dead_code)]
mod local_queue;
#[path = "../../rt/src/lock.rs"]
#[allow(dead_code)]
mod lock;
#[path = "../../rt/src/locked.rs"]
#[allow(dead_code)]
mod locked;
#[path = "../../rt/src/sched/poller.rs"]
#[allow(dead_code)]
mod poller;
mod sync;
#[path = "../../rt/src/gc/work.rs"]
#[allow(dead_code)]
mod work;

/// What `gc::work` uses of the runtime: the type of spans, which it only points to, and memory.
mod heap {
    pub mod span {
        pub struct Span;
    }
}
mod sys {
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    fn layout(n: usize) -> Layout {
        Layout::from_size_align(n, 16).unwrap()
    }
    pub fn map(n: usize) -> *mut u8 {
        // SAFETY: chunks and buffers have a size.
        unsafe { alloc_zeroed(layout(n)) }
    }
    pub fn unmap(p: usize, n: usize) {
        // SAFETY: `work` gives back what it got, in its size.
        unsafe { dealloc(p as *mut u8, layout(n)) }
    }
}
mod traceback {
    pub fn throw(what: &str) -> ! {
        panic!("{what}")
    }
}

mod marking;
mod tests;
