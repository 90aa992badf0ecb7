//! Clock reading through the kernel's vDSO, with the system call as fallback.
//!
//! The vDSO is a small ELF image whose address comes in the auxiliary vector. Its
//! `clock_gettime` needs up to some hundred bytes of stack, so it may be called from leaf
//! functions within the stack red zone.

use super::linux;
use crate::global::Global;

type ClockFn = unsafe extern "C" fn(i32, *mut [i64; 2]) -> i32;
// SAFETY: written once, before other threads exist.
static CLOCK: Global<Option<ClockFn>> = unsafe { Global::new(None) };

#[inline]
fn clock(id: usize) -> [i64; 2] {
    let mut ts = [0i64; 2];
    // SAFETY: CLOCK is written once before other threads exist.
    unsafe {
        match *CLOCK.get() {
            Some(f) => {
                f(id as i32, &mut ts);
            }
            None => linux::clock_gettime_syscall(id, &mut ts),
        }
    }
    ts
}

/// Monotonic nanoseconds.
#[inline]
pub fn nanotime() -> i64 {
    let t = clock(1);
    t[0] * 1_000_000_000 + t[1]
}

/// CPU time that the calling thread has used.
pub fn thread_cputime() -> i64 {
    let t = clock(3);
    t[0] * 1_000_000_000 + t[1]
}

/// Wall clock: seconds since 1970 and nanoseconds.
#[inline]
pub fn walltime() -> (i64, i64) {
    let t = clock(0);
    (t[0], t[1])
}

/// Finds `__vdso_clock_gettime` in the ELF image at `base`.
///
/// # Safety
/// `base` is 0 or AT_SYSINFO_EHDR of this process.
pub unsafe fn init_vdso(base: usize) {
    // SAFETY: the contract above.
    unsafe {
        if base == 0 {
            return;
        }
        let rd16 = |a: usize| *(a as *const u16);
        let rd32 = |a: usize| *(a as *const u32);
        let rd64 = |a: usize| *(a as *const u64) as usize;
        let phoff = rd64(base + 32);
        let phnum = rd16(base + 56) as usize;
        let phent = rd16(base + 54) as usize;
        let (mut dynamic, mut load, mut have_load) = (0usize, 0usize, false);
        for i in 0..phnum {
            let ph = base + phoff + i * phent;
            match rd32(ph) {
                1 if !have_load => {
                    load = base + rd64(ph + 8) - rd64(ph + 16);
                    have_load = true;
                }
                2 => dynamic = base + rd64(ph + 8),
                _ => {}
            }
        }
        if dynamic == 0 || !have_load {
            return;
        }
        let (mut symtab, mut strtab, mut hash, mut gnu_hash) = (0, 0, 0, 0);
        let mut d = dynamic;
        while rd64(d) != 0 {
            let v = load + rd64(d + 8);
            match rd64(d) {
                5 => strtab = v,
                6 => symtab = v,
                4 => hash = v,
                0x6fff_fef5 => gnu_hash = v,
                _ => {}
            }
            d += 16;
        }
        let nsym = if hash != 0 {
            rd32(hash + 4) as usize
        } else if gnu_hash != 0 {
            // Upper bound: walk the chains of the highest bucket.
            let (nb, symoff, bloom) =
                (rd32(gnu_hash) as usize, rd32(gnu_hash + 4) as usize, rd32(gnu_hash + 8) as usize);
            let buckets = gnu_hash + 16 + bloom * 8;
            let mut max = 0;
            for i in 0..nb {
                max = max.max(rd32(buckets + i * 4) as usize);
            }
            let chain = buckets + nb * 4;
            while max >= symoff && rd32(chain + (max - symoff) * 4) & 1 == 0 {
                max += 1;
            }
            max + 1
        } else {
            0
        };
        if symtab == 0 || strtab == 0 {
            return;
        }
        let want = b"__vdso_clock_gettime\0";
        for i in 0..nsym {
            let s = symtab + i * 24;
            let name = strtab + rd32(s) as usize;
            if rd16(s + 6) != 0 && (0..want.len()).all(|k| *((name + k) as *const u8) == want[k]) {
                *CLOCK.get() = Some(core::mem::transmute::<usize, ClockFn>(load + rd64(s + 8)));
                return;
            }
        }
    }
}
