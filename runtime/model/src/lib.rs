//! Model checks of the scheduler's lock-free parts.
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
#[path = "../../rt/src/sched/poller.rs"]
#[allow(dead_code)]
mod poller;
mod sync;

mod tests;
