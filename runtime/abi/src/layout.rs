//! Layouts of the structs that package runtime (Go) and the Rust runtime both declare.
//!
//! The Rust declarations are checked against these tables at compile time (`check_layout!` in the runtime), the Go
//! declarations by `runtime/go/src/runtime/layout.go`, which is generated from them.

use crate::g;

/// A struct: its name in package runtime, its size, and the offsets of its fields by their names there.
pub struct Layout {
    /// Name in package runtime.
    pub name: &'static str,
    /// 0: Go declares only the head.
    pub size: usize,
    /// Names in package runtime, and byte offsets.
    pub fields: &'static [(&'static str, usize)],
}

impl Layout {
    /// The offset of a field.
    ///
    /// # Panics
    /// If there is no such field; at compile time, where this is meant to be used.
    pub const fn offset(&self, field: &str) -> usize {
        let mut i = 0;
        while i < self.fields.len() {
            if same(self.fields[i].0, field) {
                return self.fields[i].1;
            }
            i += 1;
        }
        panic!("no such field")
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// A goroutine: the part that compiled code and package runtime see.
pub const G: Layout = Layout {
    name: "g",
    size: 0,
    fields: &[
        ("stackLo", g::STACK_LO as usize),
        ("stackHi", g::STACK_HI as usize),
        ("stackguard", g::STACKGUARD as usize),
        ("m", g::M as usize),
        ("morestack", g::MORESTACK as usize),
        ("morestackFn", g::MORESTACK_FN as usize),
        ("morestackArgs", g::MORESTACK_ARGS as usize),
        ("_panic", g::PANIC as usize),
        ("_defer", g::DEFER as usize),
        ("goid", g::GOID as usize),
        ("schedSP", g::SCHED_SP as usize),
        ("schedPC", g::SCHED_PC as usize),
        ("schedFP", g::SCHED_FP as usize),
        ("bounds", g::BOUNDS as usize),
        ("labels", g::LABELS as usize),
        ("bubble", g::BUBBLE as usize),
        ("sig", g::SIG as usize),
        ("sigcode0", g::SIGCODE0 as usize),
        ("sigcode1", g::SIGCODE1 as usize),
        ("sigpc", g::SIGPC as usize),
        ("coroarg", g::COROARG as usize),
        ("words", g::GO_WORDS as usize),
        ("ret0", g::RET0 as usize),
        ("ret1", g::RET1 as usize),
    ],
};

/// A channel.
pub const HCHAN: Layout = Layout {
    name: "hchan",
    size: 112,
    fields: &[
        ("qcount", 0),
        ("dataqsiz", 8),
        ("buf", 16),
        ("elemsize", 24),
        ("closed", 28),
        ("timer", 32),
        ("elemtype", 40),
        ("sendx", 48),
        ("recvx", 56),
        ("recvq", 64),
        ("sendq", 80),
        ("bubble", 96),
        ("lock", 104),
    ],
};

/// A timer, as the runtime sees it.
pub const TIMER: Layout = Layout {
    name: "rtTimer",
    size: 80,
    fields: &[
        ("when", 0),
        ("period", 8),
        ("slot", 16),
        ("kind", 24),
        ("pending", 28),
        ("self", 32),
        ("seq", 40),
        ("fired", 48),
        ("firedWhen", 56),
        ("bubble", 64),
        ("ch", 72),
    ],
};

/// A synctest bubble: the part that package runtime sees.
pub const BUBBLE: Layout = Layout { name: "synctestBubble", size: 112, fields: &[("id", 0), ("now", 8)] };

/// The waiters of a `sync.Cond`.
pub const NOTIFY_LIST: Layout = Layout {
    name: "notifyList",
    size: 32,
    fields: &[("wait", 0), ("notify", 4), ("lock", 8), ("head", 16), ("tail", 24)],
};

/// A bucket of the memory profile.
pub const BUCKET: Layout = Layout {
    name: "memBucket",
    size: 64,
    fields: &[
        ("next", 0),
        ("size", 8),
        ("allocs", 16),
        ("frees", 24),
        ("nstk", 32),
        ("newAllocs", 40),
        ("chain", 48),
        ("hash", 56),
    ],
};

/// A logical frame of a list of callers.
pub const FRAME: Layout = Layout {
    name: "rtFrame",
    size: 72,
    fields: &[
        ("name", 0),
        ("file", 16),
        ("line", 32),
        ("startLine", 40),
        ("entry", 48),
        ("flags", 56),
        ("physical", 64),
    ],
};

/// Where a walk over a stack is.
pub const CURSOR: Layout = Layout { name: "stackCursor", size: 16, fields: &[("pc", 0), ("fp", 8)] };

/// What `runtime.MemStats` and metrics are made of.
pub const STATS: Layout = Layout {
    name: "rtStats",
    size: 31 * 8 + 2 * 256 * 8 + 68 * 24,
    fields: &[
        ("tiny", 0),
        ("heapSys", 24),
        ("stackInuse", 48),
        ("spanInuse", 64),
        ("bucketSys", 96),
        ("nextGC", 120),
        ("lastGC", 152),
        ("cpuTotal", 184),
        ("percent", 200),
        ("finalizersQueued", 216),
        ("cleanupsQueued", 232),
        ("pauseNs", 248),
        ("pauseEnd", 2296),
        ("bySize", 4344),
    ],
};

/// Counts of goroutines and threads.
pub const SCHED_STATS: Layout =
    Layout { name: "schedStats", size: 48, fields: &[("running", 0), ("created", 32), ("threads", 40)] };

/// Histograms of the times that the world was stopped.
pub const STOP_TIMES: Layout =
    Layout { name: "stopTimes", size: 4 * 161 * 8, fields: &[("stopping", 0), ("total", 2 * 161 * 8)] };

/// What package runtime has for a dump of the heap.
pub const HEAP_DUMP: Layout =
    Layout { name: "heapDump", size: 56, fields: &[("fd", 0), ("records", 8), ("arch", 24), ("version", 40)] };

/// The linker's description of the executable.
pub const MODULE_DATA: Layout = Layout {
    name: "moduledata",
    size: crate::ModuleData::<u64>::NAMES.len() * 8,
    fields: &[("textStart", 0), ("functab", 16), ("itabs", 128), ("modinfo", 160)],
};

/// Fields of package runtime's own structs that the Rust runtime follows.
pub const DEFER: Layout = Layout { name: "_defer", size: 0, fields: &[("link", crate::DEFER_LINK)] };
/// A panic, of which Rust follows the link.
pub const PANIC: Layout = Layout { name: "_panic", size: 0, fields: &[("link", crate::PANIC_LINK)] };

/// All of them.
pub const ALL: &[&Layout] = &[
    &G,
    &HCHAN,
    &TIMER,
    &BUBBLE,
    &NOTIFY_LIST,
    &BUCKET,
    &FRAME,
    &CURSOR,
    &STATS,
    &SCHED_STATS,
    &STOP_TIMES,
    &HEAP_DUMP,
    &MODULE_DATA,
    &DEFER,
    &PANIC,
];
