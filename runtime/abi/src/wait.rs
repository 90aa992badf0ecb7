//! Why a goroutine waits, as package runtime and the Rust runtime number it.

/// Declares the constants and the texts of tracebacks once.
macro_rules! reasons {
    ($($name:ident $text:literal,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($name,)* }
        $(#[doc = concat!("Shown as: ", $text)] pub const $name: u8 = Number::$name as u8;)*
        /// What tracebacks say, by number.
        pub const REASONS: &[&str] = &[$($text),*];
        /// Names of the constants, by number.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

reasons! {
    ZERO "",
    GC_ASSIST "GC assist wait",
    IO "IO wait",
    CHAN_RECV_NIL "chan receive (nil chan)",
    CHAN_SEND_NIL "chan send (nil chan)",
    FINALIZER "finalizer wait",
    FORCE_GC_IDLE "force gc (idle)",
    SEMACQUIRE "semacquire",
    SLEEP "sleep",
    SYNC_COND_WAIT "sync.Cond.Wait",
    SYNC_MUTEX "sync.Mutex.Lock",
    SYNC_RW_R "sync.RWMutex.RLock",
    SYNC_RW "sync.RWMutex.Lock",
    SYNC_WG "sync.WaitGroup.Wait",
    CHAN_RECV "chan receive",
    CHAN_SEND "chan send",
    SELECT "select",
    SELECT_NO_CASES "select (no cases)",
    COROUTINE "coroutine",
    TIMER "timer goroutine (idle)",
    PREEMPTED "preempted",
    GC_WORKER "GC worker (idle)",
    SYNCTEST_RUN "synctest.Run",
    SYNCTEST_WAIT "synctest.Wait",
    CLEANUP "cleanup wait",
    STOPPING_WORLD "stopping the world",
    SYNCTEST_CHAN_RECV "chan receive (durable)",
    SYNCTEST_CHAN_SEND "chan send (durable)",
    SYNCTEST_SELECT "select (durable)",
    SYNCTEST_WG "sync.WaitGroup.Wait (durable)",
}

/// Does a goroutine of a synctest bubble that waits for this count as blocked, because only the bubble can wake it?
pub const fn is_durable(reason: u8) -> bool {
    matches!(
        reason,
        CHAN_RECV_NIL
            | CHAN_SEND_NIL
            | SELECT_NO_CASES
            | SLEEP
            | SYNC_COND_WAIT
            | COROUTINE
            | SYNCTEST_RUN
            | SYNCTEST_WAIT
            | SYNCTEST_CHAN_RECV
            | SYNCTEST_CHAN_SEND
            | SYNCTEST_SELECT
            | SYNCTEST_WG
    )
}
