//! Deep trees on shallow stacks.
//!
//! The parser, and whatever walks its trees, is recursive. A tree of ordinary height
//! fits any stack; the rare high ones are handled on a thread of their own with a
//! stack to measure. (Growing the stack in place needs assembly or a C compiler.)

use std::panic::resume_unwind;
use std::thread;

/// Trees up to this height need no [`with_stack`].
pub const SHALLOW: u32 = 256;

/// Calls `f` where the stack has room for a recursion `height` levels deep, at up to
/// `frame` bytes a level.
///
/// # Panics
/// With the panic of `f`, or when the system has no memory for the stack.
pub fn with_stack<R: Send>(height: u32, frame: usize, f: impl FnOnce() -> R + Send) -> R {
    if height <= SHALLOW {
        return f();
    }
    let size = (height as usize).saturating_mul(frame).max(1 << 20);
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(size).spawn_scoped(scope, f);
        worker.expect("no memory for a deep stack").join().unwrap_or_else(|e| resume_unwind(e))
    })
}
