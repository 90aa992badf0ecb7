//! What each signal means by default, as in Go.

pub const SIGHUP: u32 = 1;
pub const SIGINT: u32 = 2;
pub const SIGILL: u32 = 4;
pub const SIGABRT: u32 = 6;
pub const SIGBUS: u32 = 7;
pub const SIGFPE: u32 = 8;
pub const SIGSEGV: u32 = 11;
pub const SIGPIPE: u32 = 13;
pub const SIGURG: u32 = 23;
pub const SIGPROF: u32 = 27;
pub const SIGSYS: u32 = 31;

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

/// The flags of a signal; 0: we have nothing to do with it.
pub const fn flags(sig: u32) -> u8 {
    match sig {
        1 | 2 | 15 => NOTIFY | KILL,
        3 | 6 => NOTIFY | THROW,
        4 | 5 | 16 => THROW | UNBLOCK,
        7 | 8 | 11 => PANIC | UNBLOCK,
        31 => THROW,
        17 | SIGURG | SIGPROF => NOTIFY | UNBLOCK,
        18 | 20..=22 => NOTIFY | DEFAULT,
        10 | 12..=14 | 24..=26 | 28..=30 => NOTIFY,
        // KILL and STOP cannot be caught. C libraries use 32 and 34 between their threads; 33 is ignored.
        9 | 19 | 32 | 34 => 0,
        33 => UNBLOCK | IGNORE,
        35..=64 => NOTIFY,
        _ => 0,
    }
}
/// Caught, and nothing done.
const IGNORE: u8 = 64;

/// The mask bit of a signal.
pub const fn bit(sig: u32) -> u64 {
    1 << (sig - 1)
}

/// Those that end the process with a dump.
pub fn name(sig: u32) -> &'static str {
    match sig {
        3 => "SIGQUIT: quit",
        SIGILL => "SIGILL: illegal instruction",
        5 => "SIGTRAP: trace trap",
        SIGABRT => "SIGABRT: abort",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        16 => "SIGSTKFLT: stack fault",
        SIGSYS => "SIGSYS: bad system call",
        _ => "signal",
    }
}
