//! A span: a run of pages with objects of one size, or a stack, or free.

use super::*;
use crate::types::Type;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering::*};

/// A run that is free.
pub const FREE: u8 = 0;
/// Holds objects.
pub const IN_USE: u8 = 1;
/// Memory of the runtime itself (stack segments): no objects.
pub const MANUAL: u8 = 2;

/// Who may touch it is in the module `heap`.
#[repr(C)]
pub struct Span {
    /// Next in the list that has it.
    pub next: *mut Span,
    /// The one before.
    pub prev: *mut Span,
    /// Address of its first page.
    pub base: usize,
    /// Pages.
    pub npages: usize,
    /// Of a free run: pages that the system has (see `arena`). Of a used one: those that it had when the run was taken.
    pub released: usize,
    /// One past the last object.
    pub limit: usize,
    /// Bytes of a slot.
    pub elemsize: usize,
    /// For `index_of`; 0 in a span of one object.
    pub div_magic: u32,
    /// Slots.
    pub nelems: u32,
    /// Size class · 2 + noscan.
    pub class: u8,
    /// `FREE`, `IN_USE` or `MANUAL`; changes under the heap's lock. Markers read it without, and the other fields after it.
    pub state: AtomicU8,
    /// Memory may be dirty.
    pub needzero: bool,
    /// In the list of spans with specials.
    pub has_specials: bool,
    /// Next slot that may be free. Slots below are allocated.
    pub freeindex: u32,
    /// Bit i: slot `freeindex + i` is free (from `alloc_bits`, inverted, shifted).
    pub alloc_cache: u64,
    /// Slots that are allocated.
    pub alloc_count: u32,
    /// `alloc_count` when the cache took the span.
    pub cached_count: u32,
    /// Of a span of stack segments: the first free one that was in use.
    pub segments: usize,
    /// Where the table of all spans of objects has it; under the heap's lock.
    pub all_index: usize,
    /// The type of a large object with pointers.
    pub large_type: *const Type,
    /// What is known of single objects, unordered. Under the collector's lock of specials, like the next two.
    pub specials: *mut Special,
    /// Next of the spans with specials.
    pub special_link: *mut Span,
    /// Slots that the last sweep found in use.
    pub alloc_bits: [u64; 16],
    /// Slots that a marker has reached, or that a cache may allocate from while there are markers; cleared by sweeping.
    pub mark_bits: [AtomicU64; 16],
}

/// A note about an object of a span: what happens when it dies. The collector knows what it means.
#[repr(C)]
pub struct Special {
    /// Next of the span.
    pub next: *mut Special,
    /// Index of the object in its span.
    pub index: u32,
    /// One of the collector's kinds.
    pub kind: u8,
    /// Where in its slot the object begins: tiny objects share one.
    pub offset: u16,
    /// Func value (finalizer, cleanup), weak handle, or bucket of the memory profile.
    pub value: usize,
    /// Finalizers: type word of the interface parameter, 0 for a pointer parameter. Cleanups: their id.
    pub extra: usize,
}

impl Span {
    /// Holds one large object.
    #[inline(always)]
    pub fn is_large(&self) -> bool {
        self.class <= 1 && self.state.load(Relaxed) == IN_USE
    }
    /// Its objects have no pointers.
    #[inline(always)]
    pub fn noscan(&self) -> bool {
        self.class & 1 != 0
    }
    /// Index of the object that contains `p`.
    #[inline(always)]
    pub fn index_of(&self, p: usize) -> usize {
        // Exact for offsets within a span: magic = ⌈2³²/size⌉.
        (((p - self.base) as u64 * self.div_magic as u64) >> 32) as usize
    }
    /// Address of slot `i`.
    #[inline(always)]
    pub fn object(&self, i: usize) -> usize {
        self.base + i * self.elemsize
    }
    /// Is slot `i` free?
    #[inline(always)]
    pub fn is_free(&self, i: usize) -> bool {
        i >= self.freeindex as usize && self.alloc_bits[i / 64] >> (i % 64) & 1 == 0
    }
    /// Has the marker reached slot `i`?
    #[inline(always)]
    pub fn marked(&self, i: usize) -> bool {
        self.mark_bits[i / 64].load(Relaxed) >> (i % 64) & 1 != 0
    }
    /// Sets the mark; true if it was not set. Of several markers one gets true.
    #[inline(always)]
    pub fn mark(&self, i: usize) -> bool {
        // SAFETY: i < nelems <= 1024.
        let w = unsafe { self.mark_bits.get_unchecked(i / 64) };
        let b = 1u64 << (i % 64);
        w.load(Relaxed) & b == 0 && w.fetch_or(b, Relaxed) & b == 0
    }
    /// Slots of the `w`-th word that are free.
    fn free_word(&self, w: usize) -> u64 {
        let (first, free) = (self.freeindex as usize, !self.alloc_bits[w]);
        let from = match first.saturating_sub(w * 64) {
            n @ 0..64 => !0 << n,
            _ => 0,
        };
        let to = match (self.nelems as usize).saturating_sub(w * 64) {
            n @ 0..64 => !(!0 << n),
            _ => !0,
        };
        free & from & to
    }
    /// Marks the free slots: what is allocated in them while there are markers survives, and need not be scanned, because all
    /// that it can refer to is either as new, or was reachable when marking began.
    pub fn mark_free_slots(&self) {
        for w in 0..(self.nelems as usize).div_ceil(64) {
            self.mark_bits[w].fetch_or(self.free_word(w), Relaxed);
        }
    }
    /// Withdraws the marks of slots that are free still.
    pub fn unmark_free_slots(&self) {
        for w in 0..(self.nelems as usize).div_ceil(64) {
            self.mark_bits[w].fetch_and(!self.free_word(w), Relaxed);
        }
    }
    /// Withdraws all marks.
    pub fn clear_marks(&self) {
        for w in &self.mark_bits[..(self.nelems as usize).div_ceil(64)] {
            w.store(0, Relaxed);
        }
    }
    /// Loads `alloc_cache` for the 64 slots from `freeindex` (a multiple of 64).
    #[inline]
    pub fn refill_alloc_cache(&mut self) {
        self.alloc_cache = !self.alloc_bits[self.freeindex as usize / 64];
    }
    /// Address of the pointer bitmap in the span.
    #[inline(always)]
    pub fn heap_bits(&self) -> usize {
        let bytes = self.npages << 13;
        self.base + bytes - bytes / 64
    }
    /// Prepares a span of fresh pages for objects of a small class.
    pub fn init_small(&mut self, class: usize) {
        let c = class >> 1;
        let size = class_size(c);
        let mut bytes = self.npages << 13;
        if class & 1 == 0 && size <= MAX_IN_SPAN_BITS {
            bytes -= bytes / 64;
        }
        self.class = class as u8;
        self.elemsize = size;
        self.nelems = (bytes / size) as u32;
        self.div_magic = (u32::MAX / size as u32).wrapping_add(1);
        self.limit = self.base + self.nelems as usize * size;
        self.reset();
    }
    /// Prepares a span of fresh pages for one large object of `size` bytes.
    pub fn init_large(&mut self, size: usize, noscan: bool) {
        self.class = noscan as u8;
        self.elemsize = size;
        self.nelems = 1;
        self.div_magic = 0;
        self.limit = self.base + size;
        self.reset();
    }
    fn reset(&mut self) {
        self.freeindex = 0;
        self.alloc_count = 0;
        self.cached_count = 0;
        self.has_specials = false;
        self.large_type = core::ptr::null();
        self.specials = core::ptr::null_mut();
        self.alloc_bits = [0; 16];
        self.mark_bits = [const { AtomicU64::new(0) }; 16];
        self.alloc_cache = !0;
        // Whoever sees this sees the rest.
        self.state.store(IN_USE, Release);
    }
}

/// Doubly linked list with a sentinel-free head.
pub struct SpanList {
    /// Null: the list is empty.
    pub first: *mut Span,
}
// SAFETY: spans belong to no thread.
unsafe impl Send for SpanList {}

impl SpanList {
    /// An empty one.
    pub const fn new() -> Self {
        SpanList { first: core::ptr::null_mut() }
    }
    /// # Safety
    /// The caller holds the lock of the list, and the span is in none other.
    pub unsafe fn push(&mut self, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            (*s).prev = core::ptr::null_mut();
            (*s).next = self.first;
            if !self.first.is_null() {
                (*self.first).prev = s;
            }
            self.first = s;
        }
    }
    /// # Safety
    /// The caller holds the lock of the list, and the span is in none other.
    pub unsafe fn remove(&mut self, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            if (*s).prev.is_null() {
                self.first = (*s).next;
            } else {
                (*(*s).prev).next = (*s).next;
            }
            if !(*s).next.is_null() {
                (*(*s).next).prev = (*s).prev;
            }
            (*s).next = core::ptr::null_mut();
            (*s).prev = core::ptr::null_mut();
        }
    }
    /// # Safety
    /// The caller holds the lock of the list, and the span is in none other.
    pub unsafe fn pop(&mut self) -> *mut Span {
        // SAFETY: the contract above.
        unsafe {
            let s = self.first;
            if !s.is_null() {
                self.remove(s);
            }
            s
        }
    }
}
impl Default for SpanList {
    fn default() -> Self {
        Self::new()
    }
}
