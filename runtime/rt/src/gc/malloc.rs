//! `mallocgc` where the leaf cannot serve: may start a collection, and reports samples to the memory profile.

use super::cycle::assist;
use super::{stress_enabled, wanted};
use crate::arch::current_m;
use crate::heap::{alloc, pages, sampling};
use crate::types::Type;

/// What `golift_malloc_slow` returns in two registers.
#[repr(C)]
pub struct Allocated {
    /// The object, or [`COLLECT`].
    p: usize,
    /// Not 0: the object's size; its stack is to be reported to the memory profile.
    sampled: usize,
}

/// In place of an object: a collection is wanted first.
const COLLECT: usize = 1;
/// Flags of `golift_malloc_slow`.
const ZEROED: u8 = 1;
const NEVER_COLLECT: u8 = 2;

/// Allocates what the leaf refuses.
extern "C" fn malloc_slow_body(size: usize, typ: *const Type, flags: u8) -> Allocated {
    // SAFETY: body of a system function.
    unsafe {
        // A pinned goroutine may neither yield nor run the hooks of a collection.
        if flags & NEVER_COLLECT == 0 && (*current_m()).locks == 0 {
            if wanted(size) {
                return Allocated { p: COLLECT, sampled: 0 };
            }
            // Pays for what was taken the last time.
            let taken = core::mem::take(&mut (*(*current_m()).p).mcache.taken);
            if taken != 0 {
                assist(taken);
            }
        }
        let c = &raw mut (*(*current_m()).p).mcache;
        let tiny = (*c).tiny_allocs;
        let p = alloc::alloc(size, typ, flags & ZEROED != 0);
        if stress_enabled() || (*c).tiny_allocs != tiny || !sampling::sampled(&mut *c, size) {
            return Allocated { p, sampled: 0 };
        }
        Allocated { p, sampled: (*pages::object_span_of(p)).elemsize }
    }
}
system_fn!("golift_malloc_slow", malloc_slow_body, unpolled);
