//! Arguments, environment, auxiliary vector, and the knobs read from them.

use crate::global::Global;
use crate::{sys, traceback};

/// What GODEBUG says; written once, before other threads exist.
pub struct Debug {
    /// A line for each collection.
    pub gctrace: i32,
    /// Collect at every n-th slow allocation; 0: off.
    pub gcstress: u32,
    /// Check the heap after marking.
    pub gcverify: bool,
    /// No marking beside the program.
    pub gcstoptheworld: bool,
    /// Overwrite what is freed.
    pub clobberfree: bool,
    /// No SIGURG.
    pub asyncpreemptoff: bool,
    /// Milliseconds between lines about the scheduler; 0: none.
    pub schedtrace: i64,
    /// A line for each time that memory went back to the system.
    pub scavtrace: bool,
    /// They are about each P, M and goroutine.
    pub scheddetail: bool,
    /// Not 0: a world that does not stop for some seconds ends the program.
    pub stw_timeout: i32,
}
struct Info {
    argc: usize,
    argv: *const *const u8,
    envp: *const *const u8,
    nenv: usize,
    auxv: *const usize,
    debug: Debug,
}
// SAFETY: written once, before other threads exist.
static INFO: Global<Info> = unsafe {
    Global::new(Info {
        argc: 0,
        argv: core::ptr::null(),
        envp: core::ptr::null(),
        nenv: 0,
        auxv: core::ptr::null(),
        debug: Debug {
            gctrace: 0,
            gcstress: 0,
            gcverify: false,
            gcstoptheworld: false,
            clobberfree: false,
            asyncpreemptoff: false,
            schedtrace: 0,
            scavtrace: false,
            scheddetail: false,
            stw_timeout: 0,
        },
    })
};

/// What GODEBUG says.
pub fn debug() -> &'static Debug {
    // SAFETY: written once before other threads exist.
    unsafe { &(*INFO.get()).debug }
}

/// # Safety
/// `p` is a string of the kernel's block, which ends with a zero byte.
unsafe fn cstr(p: *const u8) -> &'static [u8] {
    // SAFETY: the contract above.
    unsafe {
        let mut n = 0;
        while *p.add(n) != 0 {
            n += 1;
        }
        core::slice::from_raw_parts(p, n)
    }
}

/// # Safety
/// `sp` is the stack pointer at process entry.
pub unsafe fn init(sp: *const usize) {
    // SAFETY: the contract above.
    unsafe {
        let i = &mut *INFO.get();
        i.argc = *sp;
        i.argv = sp.add(1) as *const *const u8;
        i.envp = i.argv.add(i.argc + 1);
        while !(*i.envp.add(i.nenv)).is_null() {
            i.nenv += 1;
        }
        i.auxv = i.envp.add(i.nenv + 1) as *const usize;
        let mut random = core::ptr::null();
        let mut vdso = 0;
        let mut a = i.auxv;
        while *a != 0 {
            match *a {
                sys::AT_RANDOM => random = *a.add(1) as *const u64,
                sys::AT_SYSINFO_EHDR => vdso = *a.add(1),
                _ => {}
            }
            a = a.add(2);
        }
        crate::rand::init(random);
        sys::init_vdso(vdso);
        if let Some(v) = getenv(b"GODEBUG") {
            let d = &mut i.debug;
            for kv in v.split(|&b| b == b',') {
                let Some(eq) = kv.iter().position(|&b| b == b'=') else { continue };
                let n = atoi(&kv[eq + 1..]).unwrap_or(0);
                match &kv[..eq] {
                    b"gctrace" => d.gctrace = n as i32,
                    b"gcstress" => d.gcstress = n.max(0) as u32,
                    b"gcverify" => d.gcverify = n != 0,
                    b"gcstoptheworld" => d.gcstoptheworld = n != 0,
                    b"clobberfree" => d.clobberfree = n != 0,
                    b"asyncpreemptoff" => d.asyncpreemptoff = n != 0,
                    b"schedtrace" => d.schedtrace = n,
                    b"scavtrace" => d.scavtrace = n > 0,
                    b"scheddetail" => d.scheddetail = n != 0,
                    b"stwtimeout" => d.stw_timeout = n as i32,
                    _ => {}
                }
            }
        }
        if let Some(v) = getenv(b"GOTRACEBACK") {
            traceback::init(v);
        }
    }
}

/// A variable of the environment at start.
pub fn getenv(name: &[u8]) -> Option<&'static [u8]> {
    // SAFETY: the kernel's environment block.
    unsafe {
        let i = &*INFO.get();
        for k in 0..i.nenv {
            let e = cstr(*i.envp.add(k));
            if e.len() > name.len() && e[name.len()] == b'=' && &e[..name.len()] == name {
                return Some(&e[name.len() + 1..]);
            }
        }
    }
    None
}

/// A decimal number, perhaps with a minus.
pub fn atoi(b: &[u8]) -> Option<i64> {
    let (neg, d) = match b {
        [b'-', r @ ..] => (true, r),
        r => (false, r),
    };
    if d.is_empty() {
        return None;
    }
    let mut n = 0i64;
    for &c in d {
        if !c.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_add((c - b'0') as i64)?;
    }
    Some(if neg { -n } else { n })
}

/// GOGC in percent, negative: off.
pub fn gogc() -> i64 {
    match getenv(b"GOGC") {
        Some(b"off") => -1,
        // As Go reads an int32, perhaps with a plus; all that is negative turns the collector off.
        Some(v) => match atoi(v.strip_prefix(b"+").filter(|v| !v.starts_with(b"-")).unwrap_or(v)) {
            Some(n) if i32::try_from(n).is_ok() => n.max(-1),
            _ => 100,
        },
        None => 100,
    }
}

/// `GOMEMLIMIT`: bytes with an optional suffix B, KiB, MiB, GiB, TiB.
pub fn memory_limit() -> i64 {
    match getenv(b"GOMEMLIMIT") {
        None | Some(b"") | Some(b"off") => i64::MAX,
        Some(v) => parse_bytes(v).unwrap_or_else(|| {
            crate::print::str("GOMEMLIMIT=");
            crate::print::bytes(v);
            crate::print::str("\n");
            traceback::throw("malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`")
        }),
    }
}

fn parse_bytes(v: &[u8]) -> Option<i64> {
    let (d, shift) = match v {
        [d @ .., b'K', b'i', b'B'] => (d, 10),
        [d @ .., b'M', b'i', b'B'] => (d, 20),
        [d @ .., b'G', b'i', b'B'] => (d, 30),
        [d @ .., b'T', b'i', b'B'] => (d, 40),
        [d @ .., b'B'] => (d, 0),
        d => (d, 0),
    };
    let n = atoi(d)?;
    if n < 0 {
        return None;
    }
    n.checked_mul(1 << shift)
}

/// GOMAXPROCS from the environment, else from the CPUs and the cgroup's limit.
pub fn default_procs(ncpu: i32) -> i32 {
    if let Some(n) = getenv(b"GOMAXPROCS").and_then(atoi)
        && n > 0
    {
        return n.min(1024) as i32;
    }
    cgroup_limit().map_or(ncpu, |l| ncpu.min(l)).max(1)
}

/// CPU bandwidth of cgroup v2 at the usual place, rounded up, at least 2.
fn cgroup_limit() -> Option<i32> {
    let mut buf = [0u8; 64];
    let n = sys::read_file(b"/sys/fs/cgroup/cpu.max\0", &mut buf);
    if n <= 0 {
        return None;
    }
    let line = buf[..n as usize].split(|&b| b == b'\n').next()?;
    let mut it = line.split(|&b| b == b' ');
    let quota = atoi(it.next()?)?;
    let period = atoi(it.next()?)?;
    if quota <= 0 || period <= 0 {
        return None;
    }
    Some(((quota + period - 1) / period).max(2) as i32)
}

/// Two result words.
#[repr(C)]
pub struct Words {
    /// The first.
    pub a: usize,
    /// The second.
    pub b: usize,
}
/// Leaf: argc and argv.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_args() -> Words {
    // SAFETY: written once at start.
    unsafe { Words { a: (*INFO.get()).argc, b: (*INFO.get()).argv as usize } }
}
/// Leaf: number of environment strings and envp.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_envs() -> Words {
    // SAFETY: as above.
    unsafe { Words { a: (*INFO.get()).nenv, b: (*INFO.get()).envp as usize } }
}
/// Leaf: the auxiliary vector, pairs of words ended by a zero tag.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_auxv() -> usize {
    // SAFETY: as above.
    unsafe { (*INFO.get()).auxv as usize }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn numbers() {
        assert_eq!(atoi(b"-12"), Some(-12));
        assert_eq!(atoi(b"x"), None);
        assert_eq!(parse_bytes(b"512MiB"), Some(512 << 20));
        assert_eq!(parse_bytes(b"10B"), Some(10));
        assert_eq!(parse_bytes(b"1k"), None);
    }
}
