//! Where no memory is left, golift says so and ends, as with every other shortage.
//!
//! The standard library would abort the process, which looks like a fault of the compiler. Who asks for much at once may have another way
//! (`try_reserve`, as in `fs::read`), and is told.

use std::alloc::{GlobalAlloc, Layout, System};
use std::os::fd::BorrowedFd;

/// From this size on a failure is left to whoever asked.
const LARGE: usize = 16 << 20;

/// The system's allocator, which ends the process if it has nothing left.
pub struct Allocator;

// SAFETY: all is left to the system's allocator, or the process ends.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the same contract.
        checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the same contract.
        checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the same contract.
        checked(unsafe { System.realloc(old, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the same contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline]
fn checked(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() && size < LARGE {
        out_of_memory();
    }
    memory
}

/// Ends the process without asking for memory.
#[cold]
pub fn out_of_memory() -> ! {
    const STDERR: i32 = 2;
    // SAFETY: if standard error is closed, writing fails.
    let stderr = unsafe { BorrowedFd::borrow_raw(STDERR) };
    let _nobody_may_read_it = rustix::io::write(stderr, b"golift: out of memory (see ulimit -v)\n");
    std::process::exit(1)
}
