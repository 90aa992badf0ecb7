//! Signals for `os/signal`: pending bits and one receiver.

use crate::lock::Note;
use crate::signal::{self, table::SIGPIPE};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

static WANTED: AtomicU64 = AtomicU64::new(0);
static IGNORED: AtomicU64 = AtomicU64::new(0);
static PENDING: AtomicU64 = AtomicU64::new(0);
static NOTE: Note = Note::new();
/// Handlers that are about to decide whether their signal is wanted, and to note it.
static DELIVERING: AtomicU32 = AtomicU32::new(0);
/// 1: the receiver has passed on all that it took, and waits.
static RECEIVING: AtomicU32 = AtomicU32::new(0);

/// In a signal handler: true if `os/signal` takes the signal.
pub fn send(sig: u32) -> bool {
    if sig == 0 || sig > 64 {
        return false;
    }
    // Who stops wanting the signal says so and then waits until no handler is here: one of the two sees the other.
    DELIVERING.fetch_add(1, SeqCst);
    let taken = WANTED.load(SeqCst) >> (sig - 1) & 1 != 0;
    if taken {
        PENDING.fetch_or(1 << (sig - 1), SeqCst);
    }
    DELIVERING.fetch_sub(1, SeqCst);
    if taken {
        NOTE.wakeup();
    }
    taken
}

/// Blocking leaf (between entersyscall and exitsyscall): the next signal.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_sigrecv() -> u32 {
    loop {
        let p = PENDING.load(SeqCst);
        if p != 0 {
            let sig = p.trailing_zeros();
            // Before the bit goes: see `golift_sigrecv_idle`.
            RECEIVING.store(0, SeqCst);
            PENDING.fetch_and(!(1 << sig), SeqCst);
            return sig + 1;
        }
        RECEIVING.store(1, SeqCst);
        NOTE.sleep();
        NOTE.clear();
    }
}
/// Leaf: have all signals that handlers took been passed on? In this order each place that a signal goes through is looked at before the next one.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_sigrecv_idle() -> u8 {
    (DELIVERING.load(SeqCst) == 0 && PENDING.load(SeqCst) == 0 && RECEIVING.load(SeqCst) == 1) as u8
}
fn bit(sig: u32) -> Option<u64> {
    (1..=64).contains(&sig).then(|| 1 << (sig - 1))
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_signal_enable(sig: u32) {
    if let Some(b) = bit(sig) {
        WANTED.fetch_or(b, SeqCst);
        IGNORED.fetch_and(!b, AcqRel);
        signal::enable(sig);
    }
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_signal_disable(sig: u32) {
    if let Some(b) = bit(sig) {
        signal::disable(sig);
        WANTED.fetch_and(!b, SeqCst);
    }
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_signal_ignore(sig: u32) {
    if let Some(b) = bit(sig) {
        signal::ignore(sig);
        WANTED.fetch_and(!b, SeqCst);
        IGNORED.fetch_or(b, AcqRel);
    }
}
/// The process was started to ignore `sig`.
pub fn note_ignored(sig: u32) {
    IGNORED.fetch_or(bit(sig).unwrap_or(0), AcqRel);
}
/// Is `sig` ignored?
pub fn is_ignored(sig: u32) -> bool {
    bit(sig).is_some_and(|b| IGNORED.load(Relaxed) & b != 0)
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_signal_ignored(sig: u32) -> u8 {
    is_ignored(sig) as u8
}
/// Leaf: `os.sigpipe`: die of SIGPIPE unless the program listens for it.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_sigpipe() {
    if !is_ignored(SIGPIPE) && !send(SIGPIPE) {
        signal::die_of(SIGPIPE)
    }
}
