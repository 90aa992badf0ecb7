//! Raw Linux system calls (x86-64 numbers).

use core::arch::asm;
use core::sync::atomic::AtomicU32;

pub mod nr {
    pub const READ: usize = 0;
    pub const WRITE: usize = 1;
    pub const OPEN: usize = 2;
    pub const CLOSE: usize = 3;
    pub const MMAP: usize = 9;
    pub const MPROTECT: usize = 10;
    pub const MUNMAP: usize = 11;
    pub const RT_SIGACTION: usize = 13;
    pub const RT_SIGPROCMASK: usize = 14;
    pub const SCHED_YIELD: usize = 24;
    pub const MADVISE: usize = 28;
    pub const NANOSLEEP: usize = 35;
    pub const SETITIMER: usize = 38;
    pub const GETPID: usize = 39;
    pub const CLONE: usize = 56;
    pub const EXIT: usize = 60;
    pub const SIGALTSTACK: usize = 131;
    pub const ARCH_PRCTL: usize = 158;
    pub const GETTID: usize = 186;
    pub const FUTEX: usize = 202;
    pub const SCHED_GETAFFINITY: usize = 204;
    pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231;
    pub const EPOLL_WAIT: usize = 232;
    pub const EPOLL_CTL: usize = 233;
    pub const TGKILL: usize = 234;
    pub const EVENTFD2: usize = 290;
    pub const EPOLL_CREATE1: usize = 291;
    pub const GETRANDOM: usize = 318;
}

#[inline(always)]
pub fn syscall6(n: usize, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let r: isize;
    // SAFETY: the kernel keeps all registers but rax, rcx and r11; what the call does to
    // memory is the caller's business.
    unsafe {
        asm!("syscall", inlateout("rax") n as isize => r, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    r
}
#[inline(always)]
pub fn syscall3(n: usize, a: usize, b: usize, c: usize) -> isize {
    syscall6(n, a, b, c, 0, 0, 0)
}
#[inline(always)]
pub fn syscall4(n: usize, a: usize, b: usize, c: usize, d: usize) -> isize {
    syscall6(n, a, b, c, d, 0, 0)
}

pub fn exit(code: i32) -> ! {
    loop {
        syscall3(nr::EXIT_GROUP, code as usize, 0, 0);
    }
}

pub fn write(fd: i32, p: *const u8, n: usize) -> isize {
    syscall3(nr::WRITE, fd as usize, p as usize, n)
}

pub fn write_all(fd: i32, p: *const u8, n: usize) {
    let mut off = 0;
    while off < n {
        let r = write(fd, p.wrapping_add(off), n - off);
        if r == -EINTR || r == -EAGAIN {
            continue;
        }
        if r <= 0 {
            return;
        }
        off += r as usize;
    }
}

pub const EINTR: isize = 4;
pub const EAGAIN: isize = 11;
pub const ENOMEM: isize = 12;

const PROT_RW: usize = 3;
const MAP_PRIVATE: usize = 2;
const MAP_ANON: usize = 0x20;
const MAP_NORESERVE: usize = 0x4000;
const MAP_FIXED_NOREPLACE: usize = 0x100000;

/// Maps `n` bytes of zeroed memory that is charged only when touched; null when refused.
pub fn map(n: usize) -> *mut u8 {
    map_anywhere(n, MAP_NORESERVE)
}

/// The same for memory that will be used: refused where the system could never give it.
pub fn map_heap(n: usize) -> *mut u8 {
    map_anywhere(n, 0)
}

fn map_anywhere(n: usize, flags: usize) -> *mut u8 {
    let r = syscall6(nr::MMAP, 0, n, PROT_RW, MAP_PRIVATE | MAP_ANON | flags, usize::MAX, 0);
    if (-4095..0).contains(&r) { core::ptr::null_mut() } else { r as *mut u8 }
}

/// Is there room in the address space for `n` bytes, whether or not there is memory for them?
pub fn has_room(n: usize) -> bool {
    let r = syscall6(nr::MMAP, 0, n, 0, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, usize::MAX, 0);
    if (-4095..0).contains(&r) {
        return false;
    }
    unmap(r as usize, n);
    true
}

/// Maps `n` bytes exactly at `addr`; false if the place is taken or memory is refused, as the system does with more than it
/// could ever give.
pub fn map_at(addr: usize, n: usize) -> bool {
    let fl = MAP_PRIVATE | MAP_ANON | MAP_FIXED_NOREPLACE;
    let r = syscall6(nr::MMAP, addr, n, PROT_RW, fl, usize::MAX, 0);
    if r == addr as isize {
        return true;
    }
    if !(-4095..0).contains(&r) {
        // An old kernel took the address as a hint.
        syscall3(nr::MUNMAP, r as usize, n, 0);
    }
    false
}

pub fn unmap(p: usize, n: usize) {
    syscall3(nr::MUNMAP, p, n, 0);
}
pub fn protect_none(p: usize, n: usize) {
    syscall3(nr::MPROTECT, p, n, 0);
}
/// Gives the pages back; they read as zero afterwards.
pub fn release(p: usize, n: usize) {
    syscall3(nr::MADVISE, p, n, 4);
}

/// Sleeps while `*a == val`, at most `ns` nanoseconds (forever when negative).
pub fn futex_wait(a: &AtomicU32, val: u32, ns: i64) {
    let ts = [ns / 1_000_000_000, ns % 1_000_000_000];
    let tp = if ns < 0 { 0 } else { ts.as_ptr() as usize };
    syscall6(nr::FUTEX, a as *const _ as usize, 128, val as usize, tp, 0, 0);
}
pub fn futex_wake(a: &AtomicU32, n: u32) {
    syscall6(nr::FUTEX, a as *const _ as usize, 129, n as usize, 0, 0, 0);
}

pub fn usleep(us: u64) {
    let ts = [(us / 1_000_000) as i64, (us % 1_000_000 * 1000) as i64];
    syscall3(nr::NANOSLEEP, ts.as_ptr() as usize, 0, 0);
}
pub fn osyield() {
    syscall3(nr::SCHED_YIELD, 0, 0, 0);
}
pub fn gettid() -> i32 {
    syscall3(nr::GETTID, 0, 0, 0) as i32
}
pub fn getpid() -> i32 {
    syscall3(nr::GETPID, 0, 0, 0) as i32
}
pub fn tgkill(pid: i32, tid: i32, sig: i32) {
    syscall3(nr::TGKILL, pid as usize, tid as usize, sig as usize);
}

/// Number of CPUs this process may run on.
pub fn ncpu() -> i32 {
    let mut set = [0u64; 128];
    let r = syscall3(nr::SCHED_GETAFFINITY, 0, core::mem::size_of_val(&set), set.as_mut_ptr() as usize);
    if r <= 0 {
        return 1;
    }
    let n: u32 = set[..(r as usize / 8).min(128)].iter().map(|w| w.count_ones()).sum();
    n.max(1) as i32
}

pub fn clock_gettime_syscall(clock: usize, ts: &mut [i64; 2]) {
    syscall3(nr::CLOCK_GETTIME, clock, ts.as_mut_ptr() as usize, 0);
}

pub fn getrandom(p: *mut u8, n: usize) -> isize {
    syscall3(nr::GETRANDOM, p as usize, n, 1)
}

/// Kernel's `struct sigaction` for x86-64.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct SigAction {
    pub handler: usize,
    pub flags: u64,
    pub restorer: usize,
    pub mask: u64,
}
pub const SA_SIGINFO: u64 = 4;
pub const SA_ONSTACK: u64 = 0x0800_0000;
pub const SA_RESTART: u64 = 0x1000_0000;
pub const SA_RESTORER: u64 = 0x0400_0000;

pub fn sigaction(sig: u32, new: *const SigAction, old: *mut SigAction) -> isize {
    syscall4(nr::RT_SIGACTION, sig as usize, new as usize, old as usize, 8)
}
/// `how`: 0 block, 1 unblock, 2 set. Returns the old mask.
pub fn sigmask(how: usize, mask: u64) -> u64 {
    let mut old = 0u64;
    syscall4(nr::RT_SIGPROCMASK, how, &mask as *const _ as usize, &mut old as *mut _ as usize, 8);
    old
}
pub fn sigaltstack(lo: usize, size: usize) {
    let st: [usize; 3] = [lo, 0, size];
    syscall3(nr::SIGALTSTACK, st.as_ptr() as usize, 0, 0);
}

#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct EpollEvent {
    pub events: u32,
    pub data: u64,
}
pub fn epoll_create() -> isize {
    syscall3(nr::EPOLL_CREATE1, 0x80000, 0, 0)
}
pub fn epoll_ctl(ep: i32, op: usize, fd: i32, ev: *const EpollEvent) -> isize {
    syscall4(nr::EPOLL_CTL, ep as usize, op, fd as usize, ev as usize)
}
pub fn epoll_wait(ep: i32, evs: *mut EpollEvent, n: usize, ms: i32) -> isize {
    syscall4(nr::EPOLL_WAIT, ep as usize, evs as usize, n, ms as isize as usize)
}
pub fn eventfd() -> isize {
    syscall3(nr::EVENTFD2, 0, 0x80800, 0)
}

#[repr(C)]
pub struct SigInfo {
    pub signo: i32,
    pub errno: i32,
    pub code: i32,
    pub pad: i32,
    pub addr: usize,
}

/// Reads a small file into `buf`; bytes read or a negative error.
pub fn read_file(path_nul: &[u8], buf: &mut [u8]) -> isize {
    let fd = syscall3(nr::OPEN, path_nul.as_ptr() as usize, 0x80000, 0);
    if fd < 0 {
        return fd;
    }
    let mut n = 0usize;
    while n < buf.len() {
        let r = syscall3(nr::READ, fd as usize, buf.as_mut_ptr() as usize + n, buf.len() - n);
        if r <= 0 {
            break;
        }
        n += r as usize;
    }
    syscall3(nr::CLOSE, fd as usize, 0, 0);
    n as isize
}
