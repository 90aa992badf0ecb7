//! Deep trees on shallow stacks.
//!
//! The parser, and whatever walks its trees, is recursive. A tree of ordinary height
//! fits any stack; the rare high ones are handled on a thread of their own with a
//! stack to measure. (Growing the stack in place needs assembly or a C compiler.)

use std::panic::{panic_any, resume_unwind};
use std::{io, thread};

/// Trees up to this height need no [`with_stack`].
pub const SHALLOW: u32 = 256;

/// What [`with_stack`] panics with when the system refuses a thread: that is no bug.
#[derive(Debug)]
pub struct NoThread {
    /// Bytes of stack that were asked for.
    pub stack: usize,
    /// Why there is none.
    pub error: io::Error,
}

/// The largest stack up to `wished` bytes, but at least `least`, of which there is room for `many` in what is left of the address space. That is
/// without bounds, as a rule, and only what is touched of a stack costs memory; but there is `ulimit -v`.
pub fn affordable_stack(wished: usize, least: usize, many: usize) -> usize {
    let fits = |size: usize| {
        let probe = thread::Builder::new().stack_size(size.saturating_mul(many)).spawn(|| ());
        probe.is_ok_and(|probe| probe.join().is_ok())
    };
    let mut size = wished;
    while size / 2 >= least && !fits(size) {
        size /= 2;
    }
    size.max(least)
}

/// Calls `f` where the stack has room for a recursion `height` levels deep, at up to
/// `frame` bytes a level.
///
/// # Panics
/// With the panic of `f`, or with [`NoThread`].
pub fn with_stack<R: Send>(height: u32, frame: usize, f: impl FnOnce() -> R + Send) -> R {
    if height <= SHALLOW {
        return f();
    }
    with_stack_size((height as usize).saturating_mul(frame).max(1 << 20), f)
}

/// Calls `f` on a stack of that size.
///
/// # Panics
/// With the panic of `f`, or with [`NoThread`].
pub fn with_stack_size<R: Send>(size: usize, f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(size).spawn_scoped(scope, f);
        let worker = worker.unwrap_or_else(|error| panic_any(NoThread { stack: size, error }));
        worker.join().unwrap_or_else(|e| resume_unwind(e))
    })
}
