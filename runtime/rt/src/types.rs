//! What the runtime reads of type descriptors (`internal/abi.Type` of Go 1.27).

use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::*};

#[repr(C)]
pub struct Type {
    pub size: usize,
    pub ptr_bytes: usize,
    pub hash: u32,
    pub tflag: u8,
    pub align: u8,
    pub field_align: u8,
    pub kind: u8,
    pub equal: usize,
    pub gcdata: *const u8,
    pub str_off: u32,
    pub ptr_to_this: u32,
}

const TFLAG_MASK_ON_DEMAND: u8 = 1 << 4;
const KIND_ARRAY: u8 = 17;
const KIND_STRUCT: u8 = 25;

#[repr(C)]
struct ArrayType {
    t: Type,
    elem: *const Type,
    slice: *const Type,
    len: usize,
}
#[repr(C)]
struct StructType {
    t: Type,
    pkg_path: usize,
    fields: *const Field,
    nfields: usize,
    cap: usize,
}
#[repr(C)]
struct Field {
    name: usize,
    typ: *const Type,
    offset: usize,
}

/// The pointer mask (one bit per word of `ptr_bytes`), or null if it must be built first.
///
/// # Safety
/// `t` is a type descriptor.
#[inline(always)]
pub unsafe fn mask_if_ready(t: *const Type) -> *const u8 {
    // SAFETY: the contract above.
    unsafe {
        if (*t).tflag & TFLAG_MASK_ON_DEMAND == 0 {
            return (*t).gcdata;
        }
        (*((*t).gcdata as *const AtomicPtr<u8>)).load(Acquire)
    }
}

/// The pointer mask of `t`, built on first use where the descriptor asks for that.
///
/// # Safety
/// `t` is a type descriptor.
pub unsafe fn mask(t: *const Type) -> *const u8 {
    // SAFETY: the contract above.
    unsafe {
        let m = mask_if_ready(t);
        if !m.is_null() {
            return m;
        }
        let words = (*t).ptr_bytes / 8;
        let m = crate::heap::persistent::alloc(words.div_ceil(64) * 8, 8);
        fill(t, m, 0);
        let slot = &*((*t).gcdata as *const AtomicPtr<u8>);
        // The first one counts; another's is lost.
        match slot.compare_exchange(null_mut(), m, AcqRel, Acquire) {
            Ok(_) => m,
            Err(first) => first,
        }
    }
}

/// # Safety
/// `m` has room for the mask of `t` from `word` on.
unsafe fn fill(t: *const Type, m: *mut u8, word: usize) {
    // SAFETY: the contract above.
    unsafe {
        if (*t).ptr_bytes == 0 {
            return;
        }
        if (*t).tflag & TFLAG_MASK_ON_DEMAND == 0 {
            for i in 0..(*t).ptr_bytes / 8 {
                if *(*t).gcdata.add(i / 8) >> (i % 8) & 1 != 0 {
                    *m.add((word + i) / 8) |= 1 << ((word + i) % 8);
                }
            }
            return;
        }
        match (*t).kind & 31 {
            KIND_ARRAY => {
                let a = t as *const ArrayType;
                for i in 0..(*a).len {
                    fill((*a).elem, m, word + i * (*(*a).elem).size / 8);
                }
            }
            KIND_STRUCT => {
                let s = t as *const StructType;
                for i in 0..(*s).nfields {
                    let f = (*s).fields.add(i);
                    fill((*f).typ, m, word + (*f).offset / 8);
                }
            }
            _ => crate::traceback::throw("gc mask on demand for a type that is neither array nor struct"),
        }
    }
}

extern "C" fn get_gc_mask_body(t: *const Type) -> usize {
    // SAFETY: `t` is a type descriptor with pointers.
    unsafe { mask(t) as usize }
}
system_fn!("golift_get_gc_mask", get_gc_mask_body);
