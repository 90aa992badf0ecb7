//! Clock reading through the kernel's vDSO, with the system call as fallback.
//!
//! The vDSO is a small ELF image whose address comes in the auxiliary vector. Its
//! `clock_gettime` needs up to some hundred bytes of stack, so it may be called from leaf
//! functions within the stack red zone.

use super::linux::{self, Timespec};
use crate::global::Global;
use linux_raw_sys::elf::{
    DT_GNU_HASH, DT_HASH, DT_NULL, DT_STRTAB, DT_SYMTAB, Elf_Dyn, Elf_Ehdr, Elf_Phdr, Elf_Sym, PT_DYNAMIC, PT_LOAD,
    SHN_UNDEF,
};
use linux_raw_sys::general::{CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_THREAD_CPUTIME_ID};

type ClockFn = unsafe extern "C" fn(u32, *mut Timespec) -> i32;
// SAFETY: written once, before other threads exist.
static CLOCK: Global<Option<ClockFn>> = unsafe { Global::new(None) };
/// Where the image's code lies; written with `CLOCK`.
// SAFETY: as above.
static CODE: Global<(usize, usize)> = unsafe { Global::new((0, 0)) };

/// The one place that calls the kernel's function: how much stack that needs is an assumption (tests/leaf_stack.rs).
#[inline(never)]
fn clock(id: u32) -> Timespec {
    let mut ts = Timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: CLOCK is written once before other threads exist.
    unsafe {
        match *CLOCK.get() {
            Some(f) => {
                f(id, &mut ts);
            }
            None => linux::clock_gettime_syscall(id, &mut ts),
        }
    }
    ts
}

/// Is `pc` in the vDSO?
pub fn in_vdso(pc: usize) -> bool {
    // SAFETY: written once before other threads exist.
    let (start, end) = unsafe { *CODE.get() };
    (start..end).contains(&pc)
}

fn nanoseconds(t: Timespec) -> i64 {
    t.tv_sec * 1_000_000_000 + t.tv_nsec
}

/// Monotonic nanoseconds.
#[inline]
pub fn nanotime() -> i64 {
    nanoseconds(clock(CLOCK_MONOTONIC))
}

/// CPU time that the calling thread has used, in nanoseconds.
pub fn thread_cputime() -> i64 {
    nanoseconds(clock(CLOCK_THREAD_CPUTIME_ID))
}

/// Wall clock: seconds since 1970 and nanoseconds.
#[inline]
pub fn walltime() -> (i64, i64) {
    let t = clock(CLOCK_REALTIME);
    (t.tv_sec, t.tv_nsec)
}

/// What is asked for, as the image's strings have it.
const NAME: &[u8] = b"__vdso_clock_gettime\0";

/// Finds `__vdso_clock_gettime` in the ELF image at `base`.
///
/// # Safety
/// `base` is 0 or AT_SYSINFO_EHDR of this process.
pub unsafe fn init_vdso(base: usize) {
    // SAFETY: the contract above; the kernel's image is well formed.
    unsafe {
        if base == 0 {
            return;
        }
        let header = base as *const Elf_Ehdr;
        let (mut dynamic, mut load) = (None, None);
        for i in 0..(*header).e_phnum as usize {
            let segment = (base + (*header).e_phoff + i * (*header).e_phentsize as usize) as *const Elf_Phdr;
            match (*segment).p_type {
                PT_LOAD if load.is_none() => {
                    load = Some(base + (*segment).p_offset - (*segment).p_vaddr);
                    let start = base + (*segment).p_offset;
                    *CODE.get() = (start, start + (*segment).p_memsz);
                }
                PT_DYNAMIC => dynamic = Some((base + (*segment).p_offset) as *const Elf_Dyn),
                _ => {}
            }
        }
        let (Some(mut entry), Some(load)) = (dynamic, load) else { return };
        let (mut symbols, mut strings, mut hash, mut gnu_hash) = (0, 0, 0, 0);
        while (*entry).d_tag != DT_NULL {
            let at = load + (*entry).d_un.d_ptr;
            match (*entry).d_tag {
                DT_STRTAB => strings = at,
                DT_SYMTAB => symbols = at,
                DT_HASH => hash = at,
                DT_GNU_HASH => gnu_hash = at,
                _ => {}
            }
            entry = entry.add(1);
        }
        if symbols == 0 || strings == 0 {
            return;
        }
        for i in 0..symbol_count(hash as *const u32, gnu_hash as *const u32) {
            let symbol = (symbols as *const Elf_Sym).add(i);
            let name = (strings + (*symbol).st_name as usize) as *const u8;
            if (*symbol).st_shndx != SHN_UNDEF && (0..NAME.len()).all(|k| *name.add(k) == NAME[k]) {
                *CLOCK.get() = Some(core::mem::transmute::<usize, ClockFn>(load + (*symbol).st_value));
                return;
            }
        }
    }
}

/// How many symbols there are, from the hash tables: nothing else tells it.
///
/// # Safety
/// Null, or tables of an image.
unsafe fn symbol_count(hash: *const u32, gnu_hash: *const u32) -> usize {
    // SAFETY: the contract above.
    unsafe {
        if !hash.is_null() {
            // Buckets, symbols.
            return *hash.add(1) as usize;
        }
        if gnu_hash.is_null() {
            return 0;
        }
        // Buckets, first symbol that is hashed, words of the filter, a shift; the filter; the buckets; the chains. The chain of
        // the highest bucket ends with the last symbol.
        let (nbuckets, first, filter) = (*gnu_hash as usize, *gnu_hash.add(1) as usize, *gnu_hash.add(2) as usize);
        let buckets = gnu_hash.add(4 + filter * 2);
        let chains = buckets.add(nbuckets);
        let mut last = (0..nbuckets).map(|i| *buckets.add(i) as usize).max().unwrap_or(0);
        while last >= first && *chains.add(last - first) & 1 == 0 {
            last += 1;
        }
        last + 1
    }
}
