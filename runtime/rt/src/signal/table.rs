//! What each signal means by default, as in Go.

pub use crate::sys::sig::*;

/// `os/signal` may have it.
pub const NOTIFY: u8 = 1;
/// Without a taker the process dies of it.
pub const KILL: u8 = 2;
/// Without a taker the process ends with a dump of all goroutines.
pub const THROW: u8 = 4;
/// A fault of the program is a panic. Sent by a process it is as `THROW`.
pub const PANIC: u8 = 8;
/// Left to the system unless the program asks for it.
pub const DEFAULT: u8 = 16;
/// Never blocked in our threads.
pub const UNBLOCK: u8 = 32;

/// Asks a thread for a system call (`sched::all_threads`); C libraries use the same one for that.
pub const PER_THREAD_CALL: u32 = SIGRTMIN + 1;

/// The flags of a signal; 0: we have nothing to do with it.
pub const fn flags(sig: u32) -> u8 {
    // What C libraries use between their threads.
    const SIGCANCEL: u32 = SIGRTMIN;
    const SIGTIMER: u32 = SIGRTMIN + 2;
    const FIRST_FREE: u32 = SIGRTMIN + 3;
    match sig {
        SIGHUP | SIGINT | SIGTERM => NOTIFY | KILL,
        SIGQUIT | SIGABRT => NOTIFY | THROW,
        SIGILL | SIGTRAP | SIGSTKFLT => THROW | UNBLOCK,
        SIGBUS | SIGFPE | SIGSEGV => PANIC | UNBLOCK,
        SIGSYS => THROW,
        SIGCHLD | SIGURG | SIGPROF => NOTIFY | UNBLOCK,
        SIGCONT | SIGTSTP | SIGTTIN | SIGTTOU => NOTIFY | DEFAULT,
        SIGUSR1 | SIGUSR2 | SIGPIPE | SIGALRM | SIGXCPU | SIGXFSZ | SIGVTALRM | SIGWINCH | SIGIO | SIGPWR => NOTIFY,
        SIGKILL | SIGSTOP => 0,
        SIGCANCEL | SIGTIMER => 0,
        PER_THREAD_CALL => UNBLOCK | IGNORE,
        FIRST_FREE..=SIGRTMAX => NOTIFY,
        _ => 0,
    }
}
/// Caught, and never the program's.
const IGNORE: u8 = 64;

/// The mask bit of a signal.
pub const fn bit(sig: u32) -> u64 {
    1 << (sig - 1)
}

/// Those that end the process with a dump.
pub fn name(sig: u32) -> &'static str {
    match sig {
        SIGQUIT => "SIGQUIT: quit",
        SIGILL => "SIGILL: illegal instruction",
        SIGTRAP => "SIGTRAP: trace trap",
        SIGABRT => "SIGABRT: abort",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        SIGSTKFLT => "SIGSTKFLT: stack fault",
        SIGSYS => "SIGSYS: bad system call",
        _ => "signal",
    }
}
