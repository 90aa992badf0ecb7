//! Allocation: the fast leaf, and what serves when a P's cache cannot. The slow system function, which may start a collection, is
//! `gc::malloc`.

use super::cache::*;
use super::*;
use crate::arch::{current_m, x86_64_mem::golift_memclr};
use crate::types::{self, Type};

/// Where objects of size 0 live.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[allow(non_upper_case_globals)]
pub static golift_zerobase: [u64; 2] = [0; 2];

/// Allocates from the P's cache; 0 if the cache cannot serve.
///
/// # Safety
/// On the M whose P has the cache; `typ` is null or a type descriptor.
#[inline(always)]
unsafe fn from_cache(c: &mut MCache, size: usize, typ: *const Type, needzero: bool) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let noscan = typ.is_null() || (*typ).ptr_bytes == 0;
        if noscan {
            if size < 16 {
                return tiny(c, size);
            }
            let s = c.spans[class_of(size) << 1 | 1];
            if s.is_null() {
                return 0;
            }
            let s = &mut *s;
            let v = next_free(s);
            if v != 0 && needzero && s.needzero {
                golift_memclr(v as *mut u8, s.elemsize);
            }
            return v;
        }
        let mask = types::mask_if_ready(typ);
        if mask.is_null() {
            return 0;
        }
        if size <= MAX_IN_SPAN_BITS {
            let s = c.spans[class_of(size) << 1];
            if s.is_null() {
                return 0;
            }
            let s = &mut *s;
            let v = next_free(s);
            if v == 0 {
                return 0;
            }
            if s.needzero {
                golift_memclr(v as *mut u8, s.elemsize);
            }
            bits::write(s, v, bits::pattern(typ, mask, size));
            return v;
        }
        let s = c.spans[class_of(size + HEADER) << 1];
        if s.is_null() {
            return 0;
        }
        let s = &mut *s;
        let v = next_free(s);
        if v == 0 {
            return 0;
        }
        if s.needzero {
            golift_memclr(v as *mut u8, s.elemsize);
        }
        *(v as *mut *const Type) = typ;
        v + HEADER
    }
}

/// # Safety
/// On the M whose P has the cache.
#[inline(always)]
unsafe fn tiny(c: &mut MCache, size: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut off = c.tiny_off;
        if size & 7 == 0 {
            off = (off + 7) & !7;
        } else if size & 3 == 0 {
            off = (off + 3) & !3;
        } else if size & 1 == 0 {
            off = (off + 1) & !1;
        }
        if c.tiny != 0 && off + size <= 16 {
            c.tiny_off = off + size;
            c.tiny_allocs += 1;
            return c.tiny + off;
        }
        // Class 2 = 16 bytes, noscan.
        let s = c.spans[2 << 1 | 1];
        if s.is_null() {
            return 0;
        }
        let v = next_free(&mut *s);
        if v == 0 {
            return 0;
        }
        *(v as *mut [u64; 2]) = [0; 2];
        if c.tiny == 0 || size < c.tiny_off {
            c.tiny = v;
            c.tiny_off = size;
        }
        v
    }
}

/// Leaf: allocates `size > 0` bytes of (repeated) `typ`, or of pointer-free memory when `typ`
/// is null; null if only `golift_malloc_slow` can.
///
/// # Safety
/// On an M with a P; `typ` is null or a type descriptor.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_malloc_fast(size: usize, typ: *const Type, needzero: u8) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let c = &mut (*(*current_m()).p).mcache;
        // A stack to sample, a new sampling rate, or the stress mode.
        if size > MAX_SMALL - HEADER || size as isize > c.sample_left || c.sample_rate != sampling::rate() {
            return 0;
        }
        let v = from_cache(c, size, typ, needzero != 0);
        c.sample_left -= size as isize;
        v
    }
}

/// Allocation on g0; never collects.
///
/// # Safety
/// On g0 of an M with a P; `typ` is null or a type descriptor.
pub unsafe fn alloc(size: usize, typ: *const Type, needzero: bool) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let noscan = typ.is_null() || (*typ).ptr_bytes == 0;
        if !noscan {
            types::mask(typ);
        }
        if size <= MAX_SMALL - HEADER {
            let c = &mut (*(*current_m()).p).mcache;
            loop {
                let v = from_cache(c, size, typ, needzero);
                if v != 0 {
                    return v;
                }
                let class = if noscan {
                    class_of(size.max(16)) << 1 | 1
                } else if size <= MAX_IN_SPAN_BITS {
                    class_of(size) << 1
                } else {
                    class_of(size + HEADER) << 1
                };
                let class = if noscan && size < 16 { 2 << 1 | 1 } else { class };
                if !c.refill(class) {
                    oom(size);
                }
            }
        }
        let s = central::alloc_large(size, noscan);
        if s.is_null() {
            oom(size);
        }
        if (*s).needzero && (needzero || !noscan) {
            golift_memclr((*s).base as *mut u8, (*s).elemsize);
        }
        if !noscan {
            (*s).large_type = typ;
        }
        (*(*current_m()).p).mcache.taken += (*s).elemsize;
        (*s).base
    }
}

#[cold]
fn oom(size: usize) -> ! {
    crate::print::str("runtime: out of memory: cannot allocate ");
    crate::print::uint(size as u64);
    crate::print::str("-byte block (");
    crate::print::uint(pages::HEAP_SYS.load(core::sync::atomic::Ordering::Relaxed) as u64);
    crate::print::str(" in use)\n");
    crate::traceback::throw("out of memory")
}
