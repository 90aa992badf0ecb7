//! Marking: roots, then everything reachable. Several markers may work at the same time, beside the program.
//!
//! **Who marks.** Whoever is on g0 of an M with a P may do a piece of the work ([`run`]): an M that has nothing to run, one that is
//! about to choose its next goroutine, up to a quarter of the time of its P, and one that allocates (`gc::cycle` decides). A piece ends soon
//! when the world is to be stopped.
//!
//! **Roots** are numbered jobs: package variables, specials, timers, goroutines. What the barriers demand of each is in
//! `gc::barrier`.
//!
//! **Goroutines.** The stack of a goroutine counts as it was when marking began. While a goroutine does not run its stack does not
//! change (but for what others send to it, which is marked anyway), so it is scanned when a marker comes to it, or before it runs for the first
//! time ([`before_running`]), whichever is first. `G.scanned` says who: it is the number of the collection, odd while somebody
//! scans. Goroutines in system calls, which go on by themselves, and the one that starts the collection are scanned while the world is
//! stopped; new ones have nothing to scan.

use super::stack_scan;
use super::work::{CHUNK, Chunk, WORK};
use crate::heap::pages::object_span_of;
use crate::heap::pointers::{for_each_pointer, for_each_pointer_between, masked};
use crate::heap::span::*;
use crate::sched::{self, G, sched};
use crate::{stack, symtab, sys};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};

/// Objects that are prefetched before they are scanned.
const AHEAD: usize = 8;
/// Objects between two looks at the clock.
const BATCH: usize = 32;
/// Large objects are scanned in pieces of so many bytes.
const PIECE: usize = 32 << 10;
/// Who finds nobody else with work gives half of its own away if it is so much.
const SHARED: usize = 8;
/// Roots of a job.
const VARIABLES: usize = 32;
const GOROUTINES: usize = 16;
/// Number of the collection, times two: what `G.scanned` becomes.
static EPOCH: AtomicU32 = AtomicU32::new(0);
/// Bytes of the objects that this collection has marked, and those of them that may hold pointers.
static MARKED: AtomicUsize = AtomicUsize::new(0);
static SCANNED: AtomicUsize = AtomicUsize::new(0);
/// `SCANNED` of the last collection.
static LAST_SCANNED: AtomicUsize = AtomicUsize::new(0);
/// Bytes of stacks that this collection has scanned, and that the last one has.
static STACKS: AtomicUsize = AtomicUsize::new(0);
static LAST_STACKS: AtomicUsize = AtomicUsize::new(0);
/// Goroutines that there were when marking began.
static OLD_GOROUTINES: AtomicUsize = AtomicUsize::new(0);
/// When marking began.
static BEGAN: core::sync::atomic::AtomicI64 = core::sync::atomic::AtomicI64::new(0);

/// Bytes of objects with pointers that the last collection scanned.
pub fn scanned_bytes() -> usize {
    LAST_SCANNED.load(Relaxed)
}
/// The same of the one that goes on, up to now.
pub fn scanned_now() -> usize {
    SCANNED.load(Relaxed)
}
/// Bytes of the objects that this collection has marked; what is allocated meanwhile is not counted.
pub fn marked_now() -> usize {
    MARKED.load(Relaxed)
}
/// Bytes of stacks that the last collection scanned.
pub fn stacks_bytes() -> usize {
    LAST_STACKS.load(Relaxed)
}
/// Leaf: the same for package runtime.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_stacks_scanned() -> usize {
    stacks_bytes()
}
/// Bytes of the lists of markers.
pub fn stack_bytes() -> usize {
    WORK.bytes()
}

/// A marker at work.
pub struct Worker {
    chunk: *mut Chunk,
    marked: usize,
    scanned: usize,
}

impl Worker {
    /// # Safety
    /// On g0 of an M with a P, while marking goes on; `end` follows.
    unsafe fn begin() -> Worker {
        // SAFETY: the contract above.
        unsafe {
            WORK.enter();
            Worker { chunk: WORK.empty(), marked: 0, scanned: 0 }
        }
    }
    /// Leaves what is left to others; bytes that were scanned.
    ///
    /// # Safety
    /// As for `begin`.
    unsafe fn end(self) -> usize {
        // SAFETY: the contract above.
        unsafe {
            WORK.put(self.chunk);
            MARKED.fetch_add(self.marked, Relaxed);
            SCANNED.fetch_add(self.scanned, Relaxed);
            WORK.leave();
            self.scanned
        }
    }
    /// # Safety
    /// `obj` is a marked object of `s`, or a piece of one.
    #[inline(always)]
    unsafe fn push(&mut self, obj: usize, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            if (*self.chunk).n == CHUNK {
                WORK.put(self.chunk);
                self.chunk = WORK.empty();
            }
            let c = &mut *self.chunk;
            *c.items.get_unchecked_mut(c.n) = (obj, s);
            c.n += 1;
        }
    }
    #[inline(always)]
    fn pop(&mut self) -> Option<(usize, *mut Span)> {
        // SAFETY: the chunk is ours, and the first `n` items are set.
        unsafe {
            let c = &mut *self.chunk;
            if c.n == 0 {
                return None;
            }
            c.n -= 1;
            Some(*c.items.get_unchecked(c.n))
        }
    }
    /// # Safety
    /// `i` is an object of `s`.
    #[inline(always)]
    unsafe fn mark(&mut self, s: *mut Span, i: usize) {
        // SAFETY: the contract above.
        unsafe {
            if (*s).mark(i) {
                self.marked += (*s).elemsize;
                if !(*s).noscan() {
                    self.push((*s).object(i), s);
                }
            }
        }
    }
    /// Marks what a precise pointer leads to.
    ///
    /// # Safety
    /// `p` is a pointer that the program could use.
    #[inline(always)]
    unsafe fn pointer(&mut self, p: usize) {
        // SAFETY: the contract above.
        unsafe {
            if p == 0 {
                return;
            }
            let s = object_span_of(p);
            if !s.is_null() {
                self.mark(s, (*s).index_of(p));
            }
        }
    }
    /// Marks what a word leads to if it happens to be a pointer to an allocated object.
    /// False if it is no address of the heap.
    ///
    /// # Safety
    /// While marking goes on.
    #[inline(always)]
    unsafe fn maybe(&mut self, p: usize) -> bool {
        // SAFETY: the contract above. Slots that become objects meanwhile are marked already.
        unsafe {
            let s = object_span_of(p);
            if s.is_null() {
                return false;
            }
            let i = (*s).index_of(p);
            if !(*s).is_free(i) {
                self.mark(s, i);
            }
            true
        }
    }
    /// # Safety
    /// `obj` is a marked object of `s`, or a piece of one.
    #[inline(always)]
    unsafe fn scan(&mut self, obj: usize, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            let me: *mut Worker = self;
            if (*s).class > 1 {
                self.scanned += (*s).elemsize;
                for_each_pointer(&*s, obj, |_, p| (*me).pointer(p));
                return;
            }
            let end = (*s).base + (*s).elemsize;
            if obj == (*s).base {
                let mut piece = obj + PIECE;
                while piece < end {
                    self.push(piece, s);
                    piece += PIECE;
                }
            }
            let to = end.min(obj + PIECE);
            self.scanned += to - obj;
            for_each_pointer_between(&*s, obj, to, |_, p| (*me).pointer(p));
        }
    }
    /// Scans some of our own objects.
    ///
    /// # Safety
    /// While marking goes on.
    unsafe fn batch(&mut self) {
        // SAFETY: what is in the chunk is marked.
        unsafe {
            // A few objects wait in a queue while the processor fetches them.
            let mut queue = [(0usize, null_mut::<Span>()); AHEAD];
            let (mut first, mut n) = (0, 0);
            for _ in 0..BATCH {
                while n < AHEAD {
                    let Some((obj, s)) = self.pop() else { break };
                    crate::arch::prefetch(obj);
                    queue[(first + n) % AHEAD] = (obj, s);
                    n += 1;
                }
                if n == 0 {
                    return;
                }
                let (obj, s) = queue[first];
                first = (first + 1) % AHEAD;
                n -= 1;
                self.scan(obj, s);
            }
            for k in 0..n {
                let (obj, s) = queue[(first + k) % AHEAD];
                self.push(obj, s);
            }
            if (*self.chunk).n >= SHARED && WORK.wants_more() {
                self.share();
            }
        }
    }
    /// Gives half of what we have away.
    ///
    /// # Safety
    /// While marking goes on.
    #[cold]
    unsafe fn share(&mut self) {
        // SAFETY: both chunks are ours.
        unsafe {
            let other = WORK.empty();
            let half = (*self.chunk).n / 2;
            // The older half leads to more.
            (&mut (*other).items)[..half].copy_from_slice(&(&(*self.chunk).items)[..half]);
            (*other).n = half;
            let n = (*self.chunk).n;
            let mine = &mut *self.chunk;
            mine.items.copy_within(half..n, 0);
            mine.n = n - half;
            WORK.put(other);
            if sched().idle.ps() > 0 {
                sched::wakep();
            }
        }
    }
    /// Finds something to scan, or marks roots; false if there is nothing.
    ///
    /// # Safety
    /// While marking goes on.
    unsafe fn find(&mut self) -> bool {
        // SAFETY: what is taken is ours.
        unsafe {
            let noted = WORK.take_noted();
            if !noted.is_null() {
                for i in 0..(*noted).n {
                    self.maybe((&(*noted).items)[i]);
                }
                WORK.put_noted(noted);
                return true;
            }
            let c = WORK.take();
            if !c.is_null() {
                WORK.put(core::mem::replace(&mut self.chunk, c));
                return true;
            }
            let Some(job) = WORK.job() else { return false };
            self.roots(job);
            true
        }
    }
    /// # Safety
    /// While marking goes on.
    unsafe fn roots(&mut self, job: usize) {
        // SAFETY: the linker's table; goroutines live for ever.
        unsafe {
            let me: *mut Worker = self;
            for_each_root_of(
                job,
                |p| (*me).pointer(p),
                |p| {
                    (*me).maybe(p);
                },
                |gp| scan_if_suspended(&mut *me, gp),
            );
        }
    }
    /// Marks until there is nothing left to do, or `stop` says so.
    ///
    /// # Safety
    /// While marking goes on.
    unsafe fn work(&mut self, mut stop: impl FnMut(&Worker) -> bool) {
        // SAFETY: the contract above.
        unsafe {
            loop {
                if (*self.chunk).n != 0 {
                    self.batch();
                } else if !self.find() {
                    return;
                }
                if stop(self) {
                    return;
                }
            }
        }
    }
}

/// Groups of package variables.
fn variable_jobs() -> usize {
    // SAFETY: the linker's table.
    unsafe { ((*symtab::moduledata()).nroots as usize).div_ceil(VARIABLES) }
}

/// Calls the functions with what a job has: precise pointers, words that may be pointers, goroutines.
///
/// # Safety
/// While marking goes on, or in a stopped world.
unsafe fn for_each_root_of(
    job: usize,
    mut pointer: impl FnMut(usize),
    mut maybe: impl FnMut(usize),
    mut goroutine: impl FnMut(*mut G),
) {
    // SAFETY: the linker's table; goroutines live for ever.
    unsafe {
        let variables = variable_jobs();
        if job < variables {
            let md = symtab::moduledata();
            let roots = core::slice::from_raw_parts((*md).roots as *const golift_abi::GcRoot, (*md).nroots as usize);
            for r in roots.chunks(VARIABLES).nth(job).unwrap_or_default() {
                masked(r.addr as usize, r.words as usize, r.mask as *const u8, &mut |_, p| pointer(p));
            }
            return;
        }
        match job - variables {
            0 => super::special::for_each_root(&mut maybe, |s, obj| for_each_pointer(s, obj, |_, p| pointer(p))),
            1 => crate::timer::for_each_root(&mut maybe),
            group => {
                let s = sched();
                let from = (group - 2) * GOROUTINES;
                for i in from..(from + GOROUTINES).min(OLD_GOROUTINES.load(Relaxed)) {
                    goroutine(s.g(i));
                }
            }
        }
    }
}

/// How many jobs there are.
fn jobs() -> usize {
    variable_jobs() + 2 + OLD_GOROUTINES.load(Relaxed).div_ceil(GOROUTINES)
}

/// Bytes of package variables with pointers.
pub fn globals_bytes() -> usize {
    // SAFETY: the linker's table.
    unsafe {
        let md = symtab::moduledata();
        let mut n = 0;
        for i in 0..(*md).nroots as usize {
            n += (*((*md).roots as *const golift_abi::GcRoot).add(i)).words as usize * 8;
        }
        n
    }
}

// --- goroutines -------------------------------------------------------------------------------

/// What `G.scanned` of a new goroutine is: it has nothing to scan.
pub fn epoch() -> u32 {
    EPOCH.load(Relaxed)
}

/// `gp` is about to run: its stack is scanned if it has not been since marking began.
///
/// # Safety
/// On g0 of an M with a P; `gp` is suspended, and the caller alone will run it.
#[inline(always)]
pub unsafe fn before_running(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if (*gp).scanned.load(Acquire) != epoch() {
            scan_before_running(gp);
        }
    }
}

/// # Safety
/// As `before_running`.
#[cold]
#[inline(never)]
unsafe fn scan_before_running(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let mut tries = 0;
        while !transition_to_scanning(gp) {
            if (*gp).scanned.load(Acquire) == epoch() {
                return;
            }
            // A marker is at it.
            tries += 1;
            if tries < 1000 {
                core::hint::spin_loop();
            } else {
                sys::usleep(10);
            }
        }
        if crate::heap::central::is_marking() {
            let mut w = Worker::begin();
            scan_claimed(&mut w, gp);
            w.end();
        }
        (*gp).scanned.store(epoch(), Release);
    }
}

/// Takes the right to scan a goroutine; who has it calls `scan_claimed`, or stores the epoch.
///
/// # Safety
/// `gp` is a goroutine.
#[must_use]
unsafe fn transition_to_scanning(gp: *mut G) -> bool {
    // SAFETY: goroutines live for ever.
    unsafe {
        let old = (*gp).scanned.load(Acquire);
        old & !1 != epoch() && (*gp).scanned.compare_exchange(old, epoch() | 1, AcqRel, Relaxed).is_ok()
    }
}

/// # Safety
/// While marking goes on.
unsafe fn scan_if_suspended(w: &mut Worker, gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if matches!((*gp).status.load(Acquire), sched::G_DEAD | sched::G_IDLE) || !transition_to_scanning(gp) {
            return;
        }
        match (*gp).status.load(Acquire) {
            sched::G_WAITING | sched::G_RUNNABLE => {
                scan_claimed(w, gp);
                let cur = (*gp).stack_hi as *mut stack::Segment;
                // What was cached for calls that it does not make just now.
                stack::free_after(gp, cur);
            }
            sched::G_DEAD | sched::G_IDLE => {}
            _ => crate::traceback::throw("mark: a goroutine runs that has not been scanned"),
        }
        (*gp).scanned.store(epoch(), Release);
    }
}

/// # Safety
/// The caller has the right to scan `gp`, which is suspended, or in a system call in a stopped world.
unsafe fn scan_claimed(w: &mut Worker, gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let status = (*gp).status.load(Acquire);
        // Collections are when the time since which a goroutine waits is taken.
        if matches!(status, sched::G_WAITING | sched::G_SYSCALL) && (*gp).wait_since == 0 {
            (*gp).wait_since = BEGAN.load(Relaxed);
        }
        stack_scan::scan(&mut stack_scan::memory(), gp, status == sched::G_SYSCALL, |p, _| w.maybe(p));
        STACKS.fetch_add(stack::used(gp), Relaxed);
    }
}

// --- one collection ---------------------------------------------------------------------------

/// Marking begins. Scans what goes on by itself or at once: goroutines in system calls, and the one that runs here.
///
/// # Safety
/// The world is stopped, and caches are flushed.
pub unsafe fn begin(now: i64) {
    // SAFETY: the contract above.
    unsafe {
        super::assert_world_stopped();
        MARKED.store(0, Relaxed);
        SCANNED.store(0, Relaxed);
        STACKS.store(0, Relaxed);
        BEGAN.store(now, Relaxed);
        EPOCH.fetch_add(2, AcqRel);
        OLD_GOROUTINES.store(sched().allg_len.load(Acquire), Relaxed);
        WORK.begin(jobs());
        let mut w = Worker::begin();
        let mut m = sched().allm.load(Acquire);
        while !m.is_null() {
            let gp = (*m).curg;
            let mine = m == crate::arch::current_m();
            if !gp.is_null() && (mine || (*gp).status.load(Acquire) == sched::G_SYSCALL) && transition_to_scanning(gp) {
                scan_claimed(&mut w, gp);
                (*gp).scanned.store(epoch(), Release);
            }
            m = (*m).all_link;
        }
        w.end();
    }
}

/// Does a piece of the work: scans about `limit` bytes, at most until `deadline`, and not when the world is to be stopped. Bytes that were
/// scanned.
///
/// # Safety
/// On g0 of an M with a P, while marking goes on.
pub unsafe fn run(limit: usize, deadline: i64) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut w = Worker::begin();
        w.work(|w| w.scanned >= limit || sched().gcwaiting.load(Relaxed) != 0 || sys::nanotime() >= deadline);
        w.end()
    }
}

/// Marks what is left, `limit` bytes of it: true if nothing is.
///
/// # Safety
/// The world is stopped, barriers' buffers are handed over, marking goes on.
pub unsafe fn finish(limit: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let mut w = Worker::begin();
        w.work(|w| w.scanned >= limit);
        w.end();
        WORK.seems_done()
    }
}

/// Marking is over.
///
/// # Safety
/// The world is stopped, and `finish` has said so.
pub unsafe fn end() {
    LAST_SCANNED.store(scanned_now(), Relaxed);
    LAST_STACKS.store(STACKS.load(Relaxed), Relaxed);
}

/// Is the object at `p` marked? What is no object of the heap counts as marked.
///
/// # Safety
/// The world is stopped, after marking.
pub unsafe fn is_marked(p: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        s.is_null() || (*s).marked((*s).index_of(p))
    }
}

/// Marks one object and what it reaches, after marking (finalizers).
///
/// # Safety
/// The world is stopped.
pub unsafe fn mark_more(p: usize) {
    // SAFETY: the contract above.
    unsafe {
        let mut w = Worker::begin();
        w.pointer(p);
        w.work(|_| false);
        w.end();
    }
}

/// Looks at all roots once more, after marking beside the program: what they lead to must be marked. Together with `heap::verify`, which
/// looks from each marked object to the next one, this says that nothing was missed. Of stacks it looks only at what frames surely have.
///
/// # Safety
/// The world is stopped, and marking is over.
pub unsafe fn verify_roots() {
    // SAFETY: the contract above.
    unsafe {
        let check = |job: usize, what: &str, p: usize| {
            let s = object_span_of(p);
            if s.is_null() || (*s).marked((*s).index_of(p)) || (*s).is_free((*s).index_of(p)) {
                return;
            }
            crate::print::str("gcverify: root ");
            crate::print::int(job as i64);
            crate::print::str(" (");
            crate::print::str(what);
            crate::print::str(") -> ");
            crate::print::hex(p as u64);
            crate::print::str(", class ");
            crate::print::int((*s).class as i64);
            crate::print::str("\n");
            crate::traceback::throw("gcverify: reachable object is not marked")
        };
        OLD_GOROUTINES.store(sched().allg_len.load(Acquire), Relaxed);
        for job in 0..jobs() {
            for_each_root_of(
                job,
                |p| check(job, "variable", p),
                |p| check(job, "runtime", p),
                |gp| {
                    let status = (*gp).status.load(Acquire);
                    if matches!(status, sched::G_DEAD | sched::G_IDLE) {
                        return;
                    }
                    let room = &mut stack_scan::memory();
                    stack_scan::scan(room, gp, status == sched::G_SYSCALL, |p, sure| {
                        // A truth value in a register may leave the rest of an old pointer there.
                        if sure && p & 0xff > 1 {
                            check(job, "goroutine", p);
                        }
                        !object_span_of(p).is_null()
                    });
                },
            );
        }
    }
}
