//! Raw Linux system calls. Numbers, flags and structs are those of the kernel's headers (`linux-raw-sys`).

use core::arch::asm;
use core::mem::offset_of;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::*;
use linux_raw_sys::{auxvec, errno};

/// Numbers of signals.
pub mod sig {
    pub use linux_raw_sys::general::{
        SIGABRT, SIGALRM, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGIO, SIGKILL, SIGPIPE, SIGPROF,
        SIGPWR, SIGQUIT, SIGRTMIN, SIGSEGV, SIGSTKFLT, SIGSTOP, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU,
        SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
    };
    /// The last one.
    pub const SIGRTMAX: u32 = 64;
}

/// Declares numbers of system calls.
macro_rules! numbers {
    ($($name:ident = $number:ident,)*) => {
        $(#[doc = concat!("The kernel's `", stringify!($number), "`.")] pub const $name: usize = $number as usize;)*
    };
}

/// Numbers of system calls.
pub mod nr {
    use linux_raw_sys::general::*;
    numbers! {
        READ = __NR_read,
        WRITE = __NR_write,
        OPEN = __NR_open,
        CLOSE = __NR_close,
        MMAP = __NR_mmap,
        MPROTECT = __NR_mprotect,
        MUNMAP = __NR_munmap,
        RT_SIGACTION = __NR_rt_sigaction,
        RT_SIGPROCMASK = __NR_rt_sigprocmask,
        RT_SIGRETURN = __NR_rt_sigreturn,
        SCHED_YIELD = __NR_sched_yield,
        MADVISE = __NR_madvise,
        NANOSLEEP = __NR_nanosleep,
        GETPID = __NR_getpid,
        CLONE = __NR_clone,
        SIGALTSTACK = __NR_sigaltstack,
        ARCH_PRCTL = __NR_arch_prctl,
        GETTID = __NR_gettid,
        FUTEX = __NR_futex,
        SCHED_GETAFFINITY = __NR_sched_getaffinity,
        CLOCK_GETTIME = __NR_clock_gettime,
        EXIT_GROUP = __NR_exit_group,
        EPOLL_WAIT = __NR_epoll_wait,
        EPOLL_CTL = __NR_epoll_ctl,
        TGKILL = __NR_tgkill,
        EVENTFD2 = __NR_eventfd2,
        EPOLL_CREATE1 = __NR_epoll_create1,
        GETRANDOM = __NR_getrandom,
        TIMER_CREATE = __NR_timer_create,
        TIMER_SETTIME = __NR_timer_settime,
        TIMER_DELETE = __NR_timer_delete,
        SETITIMER = __NR_setitimer,
    }
}

/// Makes a system call: the result, or a negative error.
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
/// Is that the result of a call that failed?
pub fn is_error(result: isize) -> bool {
    ERRORS.contains(&result)
}
/// Makes a system call of three arguments.
#[inline(always)]
pub fn syscall3(n: usize, a: usize, b: usize, c: usize) -> isize {
    syscall6(n, a, b, c, 0, 0, 0)
}
/// Makes a system call of four arguments.
#[inline(always)]
pub fn syscall4(n: usize, a: usize, b: usize, c: usize, d: usize) -> isize {
    syscall6(n, a, b, c, d, 0, 0)
}

/// Ends the process.
pub fn exit(code: i32) -> ! {
    loop {
        syscall3(nr::EXIT_GROUP, code as usize, 0, 0);
    }
}

/// Writes up to `n` bytes at `p`; bytes written or a negative error.
pub fn write(fd: i32, p: *const u8, n: usize) -> isize {
    syscall3(nr::WRITE, fd as usize, p as usize, n)
}

/// Writes `n` bytes at `p`, or gives up.
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

/// Errors are these numbers, negated.
pub const EINTR: isize = errno::EINTR as isize;
/// Not now.
pub const EAGAIN: isize = errno::EAGAIN as isize;

/// Keys of the auxiliary vector.
pub const AT_RANDOM: usize = auxvec::AT_RANDOM as usize;
/// Address of the vDSO.
pub const AT_SYSINFO_EHDR: usize = auxvec::AT_SYSINFO_EHDR as usize;

/// What a system call returns is an error in this range, else the result.
const ERRORS: core::ops::Range<isize> = -4095..0;

const READ_WRITE: u32 = PROT_READ | PROT_WRITE;
const ANONYMOUS: u32 = MAP_PRIVATE | MAP_ANONYMOUS;
/// In place of a descriptor.
const NO_FD: usize = usize::MAX;

/// Maps `n` bytes of zeroed memory that is charged only when touched; null when refused.
pub fn map(n: usize) -> *mut u8 {
    map_anywhere(n, READ_WRITE, MAP_NORESERVE)
}

/// The same for memory that will be used: refused where the system could never give it.
pub fn map_heap(n: usize) -> *mut u8 {
    map_anywhere(n, READ_WRITE, 0)
}

fn map_anywhere(n: usize, protection: u32, flags: u32) -> *mut u8 {
    let r = mmap(0, n, protection, ANONYMOUS | flags);
    if is_error(r) { core::ptr::null_mut() } else { r as *mut u8 }
}

fn mmap(at: usize, n: usize, protection: u32, flags: u32) -> isize {
    syscall6(nr::MMAP, at, n, protection as usize, flags as usize, NO_FD, 0)
}

/// Is there room in the address space for `n` bytes, whether or not there is memory for them?
pub fn has_room(n: usize) -> bool {
    let p = map_anywhere(n, PROT_NONE, MAP_NORESERVE);
    if !p.is_null() {
        unmap(p as usize, n);
    }
    !p.is_null()
}

/// Maps `n` bytes exactly at `addr`; false if the place is taken or memory is refused, as the system does with more than it
/// could ever give.
pub fn map_at(addr: usize, n: usize) -> bool {
    let r = mmap(addr, n, READ_WRITE, ANONYMOUS | MAP_FIXED_NOREPLACE);
    if r == addr as isize {
        return true;
    }
    if !is_error(r) {
        // An old kernel took the address as a hint.
        unmap(r as usize, n);
    }
    false
}

/// Gives `n` bytes of address space at `p` back.
pub fn unmap(p: usize, n: usize) {
    syscall3(nr::MUNMAP, p, n, 0);
}
/// Makes every access to `n` bytes at `p` a fault.
pub fn protect_none(p: usize, n: usize) {
    syscall3(nr::MPROTECT, p, n, PROT_NONE as usize);
}
/// Gives the pages back; they read as zero afterwards.
pub fn release(p: usize, n: usize) {
    syscall3(nr::MADVISE, p, n, MADV_DONTNEED as usize);
}

/// Seconds and nanoseconds, as clocks and waits have it.
pub type Timespec = __kernel_timespec;

fn timespec(ns: i64) -> Timespec {
    Timespec { tv_sec: ns / 1_000_000_000, tv_nsec: ns % 1_000_000_000 }
}

/// Sleeps while `*a == val`, at most `ns` nanoseconds (forever when negative).
pub fn futex_wait(a: &AtomicU32, val: u32, ns: i64) {
    let ts = timespec(ns);
    let tp = if ns < 0 { 0 } else { &raw const ts as usize };
    syscall6(nr::FUTEX, a.as_ptr() as usize, FUTEX_WAIT_PRIVATE as usize, val as usize, tp, 0, 0);
}
/// Wakes at most `n` threads that sleep on `a`.
pub fn futex_wake(a: &AtomicU32, n: u32) {
    syscall6(nr::FUTEX, a.as_ptr() as usize, FUTEX_WAKE_PRIVATE as usize, n as usize, 0, 0, 0);
}

/// Sleeps for `us` microseconds, or until a signal comes.
pub fn usleep(us: u64) {
    let ts = timespec(us as i64 * 1000);
    syscall3(nr::NANOSLEEP, &raw const ts as usize, 0, 0);
}
/// Lets other threads run.
pub fn osyield() {
    syscall3(nr::SCHED_YIELD, 0, 0, 0);
}
/// The calling thread's id.
pub fn gettid() -> i32 {
    syscall3(nr::GETTID, 0, 0, 0) as i32
}
/// The process's id.
pub fn getpid() -> i32 {
    syscall3(nr::GETPID, 0, 0, 0) as i32
}
/// Sends a signal to a thread of the process.
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

/// Reads a clock by the system call.
pub(super) fn clock_gettime_syscall(clock: u32, ts: &mut Timespec) {
    syscall3(nr::CLOCK_GETTIME, clock as usize, &raw mut *ts as usize, 0);
}

/// Fills `n` bytes at `p` with random ones, if there are any yet; bytes written or a negative error.
pub fn getrandom(p: *mut u8, n: usize) -> isize {
    syscall3(nr::GETRANDOM, p as usize, n, GRND_NONBLOCK as usize)
}

/// The kernel's `struct sigaction`, whose handler may also be `SIG_DFL` or `SIG_IGN`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct SigAction {
    /// A function, `SIG_DFL` (0) or `SIG_IGN` (1).
    pub handler: usize,
    /// `SA_` flags.
    pub flags: u64,
    /// Where the handler returns to.
    pub restorer: usize,
    /// Signals that are blocked while the handler runs.
    pub mask: u64,
}
const _: () = {
    type Kernel = kernel_sigaction;
    assert!(size_of::<SigAction>() == size_of::<Kernel>());
    assert!(offset_of!(SigAction, handler) == offset_of!(Kernel, sa_handler_kernel));
    assert!(offset_of!(SigAction, flags) == offset_of!(Kernel, sa_flags));
    assert!(offset_of!(SigAction, restorer) == offset_of!(Kernel, sa_restorer));
    assert!(offset_of!(SigAction, mask) == offset_of!(Kernel, sa_mask));
};
pub use linux_raw_sys::general::{SA_ONSTACK, SA_RESTART, SA_RESTORER, SA_SIGINFO};
pub use linux_raw_sys::general::{SI_TKILL, SI_USER, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SYS_SECCOMP};

/// Sets the action of a signal, unless `new` is null, and reads the old one, unless `old` is; 0 or a negative error.
pub fn sigaction(sig: u32, new: *const SigAction, old: *mut SigAction) -> isize {
    syscall4(nr::RT_SIGACTION, sig as usize, new as usize, old as usize, size_of::<kernel_sigset_t>())
}
/// `how`: `SIG_BLOCK`, `SIG_UNBLOCK` or `SIG_SETMASK`. Returns the old mask.
pub fn sigmask(how: u32, mask: u64) -> u64 {
    let mut old = 0u64;
    let size = size_of::<kernel_sigset_t>();
    syscall4(nr::RT_SIGPROCMASK, how as usize, &raw const mask as usize, &raw mut old as usize, size);
    old
}
/// Handlers of the calling thread run on `size` bytes at `lo`.
pub fn sigaltstack(lo: usize, size: usize) {
    let st = stack_t { ss_sp: lo as *mut _, ss_flags: 0, ss_size: size as u64 };
    syscall3(nr::SIGALTSTACK, &raw const st as usize, 0, 0);
}

/// Codes of a signal: an interval timer of the process, a timer that was made.
pub const SI_KERNEL: i32 = linux_raw_sys::general::SI_KERNEL as i32;
pub use linux_raw_sys::general::SI_TIMER;

/// Makes a timer of the CPU time of the thread `tid` of this process, whose ends send `sig` to that thread; its number or a
/// negative error.
pub fn thread_timer(tid: i32, sig: u32) -> isize {
    /// What the kernel adds to the number of a thread to name its clock: of one thread, as the scheduler counts.
    const PER_THREAD: i32 = 4;
    const SCHEDULED: i32 = 2;
    let clock = !tid << 3 | PER_THREAD | SCHEDULED;
    let event = sigevent {
        sigev_value: sigval { sival_int: 0 },
        sigev_signo: sig as i32,
        sigev_notify: SIGEV_THREAD_ID as i32,
        _sigev_un: sigevent__bindgen_ty_1 { _tid: tid },
    };
    let mut id = 0i32;
    let r = syscall3(nr::TIMER_CREATE, clock as isize as usize, &raw const event as usize, &raw mut id as usize);
    if is_error(r) { r } else { id as isize }
}
/// The timer ends after `first` nanoseconds, and each `interval` after that.
pub fn timer_set(id: i32, first: i64, interval: i64) -> isize {
    let spec = __kernel_itimerspec { it_interval: timespec(interval), it_value: timespec(first) };
    syscall4(nr::TIMER_SETTIME, id as usize, 0, &raw const spec as usize, 0)
}
/// There is no such timer any more.
pub fn timer_delete(id: i32) {
    syscall3(nr::TIMER_DELETE, id as usize, 0, 0);
}
/// Sends SIGPROF to some thread of the process each `us` microseconds of CPU time; 0: never.
pub fn process_timer(us: i64) {
    let time = timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 };
    let spec = itimerval { it_interval: time, it_value: time };
    syscall3(nr::SETITIMER, ITIMER_PROF as usize, &raw const spec as usize, 0);
}

/// An event, and what it was asked for with.
pub type EpollEvent = epoll_event;
pub use linux_raw_sys::general::{
    EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP,
};
/// A new epoll descriptor or a negative error.
pub fn epoll_create() -> isize {
    syscall3(nr::EPOLL_CREATE1, EPOLL_CLOEXEC as usize, 0, 0)
}
/// `op`: `EPOLL_CTL_ADD` or `EPOLL_CTL_DEL`. 0 or a negative error.
pub fn epoll_ctl(ep: i32, op: u32, fd: i32, ev: *const EpollEvent) -> isize {
    syscall4(nr::EPOLL_CTL, ep as usize, op as usize, fd as usize, ev as usize)
}
/// Waits for events at most `ms` milliseconds (for ever when negative); their number or a negative error.
pub fn epoll_wait(ep: i32, evs: *mut EpollEvent, n: usize, ms: i32) -> isize {
    syscall4(nr::EPOLL_WAIT, ep as usize, evs as usize, n, ms as isize as usize)
}
/// A new event descriptor or a negative error.
pub fn eventfd() -> isize {
    syscall3(nr::EVENTFD2, 0, (EFD_CLOEXEC | EFD_NONBLOCK) as usize, 0)
}

/// The head of the kernel's `siginfo_t`, as a fault fills it.
#[repr(C)]
pub struct SigInfo {
    /// The signal.
    pub signo: i32,
    /// An error that goes with it; mostly 0.
    pub errno: i32,
    /// Who sent it, or the kind of fault.
    pub code: i32,
    pad: i32,
    /// The address that faulted.
    pub addr: usize,
}
const _: () = {
    type Head = siginfo__bindgen_ty_1__bindgen_ty_1;
    assert!(offset_of!(SigInfo, signo) == offset_of!(Head, si_signo));
    assert!(offset_of!(SigInfo, errno) == offset_of!(Head, si_errno));
    assert!(offset_of!(SigInfo, code) == offset_of!(Head, si_code));
    assert!(offset_of!(SigInfo, addr) == offset_of!(Head, _sifields));
};

/// What a thread shares with the one that starts it: everything but stack and thread register.
pub const THREAD: usize =
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS) as usize;

/// Sets the fs base of the calling thread.
pub fn set_fs(base: usize) {
    syscall3(nr::ARCH_PRCTL, ARCH_SET_FS as usize, base, 0);
}

/// Reads a small file into `buf`; bytes read or a negative error.
pub fn read_file(path_nul: &[u8], buf: &mut [u8]) -> isize {
    let fd = syscall3(nr::OPEN, path_nul.as_ptr() as usize, (O_RDONLY | O_CLOEXEC) as usize, 0);
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
