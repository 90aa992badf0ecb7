//! Heap sanity walker, run after marking when `GODEBUG=gcverify=1`; the world is stopped.
//!
//! Checks: the page table agrees with the spans, counts agree with bits, no marked slot is
//! free, and every precise pointer of a marked object leads to a marked object.

use super::pages::{PAGE, for_each_span, object_span_of, span_of};
use super::pointers::for_each_pointer;
use super::span::*;
use crate::traceback::throw;
use core::sync::atomic::Ordering::*;

/// # Safety
/// The world is stopped.
pub unsafe fn verify() {
    // SAFETY: the contract above.
    unsafe {
        for_each_span(|s| {
            if (*s).state.load(Relaxed) != IN_USE {
                return;
            }
            for p in 0..(*s).npages {
                if span_of((*s).base + p * PAGE) != s {
                    throw("gcverify: page table does not agree with span");
                }
            }
            let mut allocated = 0;
            for i in 0..(*s).nelems as usize {
                let free = (*s).is_free(i);
                allocated += !free as u32;
                if !(*s).marked(i) {
                    continue;
                }
                if free {
                    throw("gcverify: free slot is marked");
                }
                for_each_pointer(&*s, (*s).object(i), |slot, p| {
                    let t = object_span_of(p);
                    if !t.is_null() && !(*t).marked((*t).index_of(p)) {
                        crate::print::str("gcverify: slot ");
                        crate::print::hex(slot as u64);
                        crate::print::str(" -> ");
                        crate::print::hex(p as u64);
                        crate::print::str("\n");
                        throw("gcverify: marked object points to unmarked object");
                    }
                });
            }
            if allocated != (*s).alloc_count {
                throw("gcverify: allocation count is wrong");
            }
        });
    }
}
