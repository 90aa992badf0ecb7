//! Models of marking: what is put into the lists of work, or noted by a barrier, is taken exactly once.

use crate::tests::{check, each_once};
use crate::work::{CHUNK, Chunk, NOTED, Noted, Work};
use loom::sync::Arc;
use loom::thread;
use std::ptr::null_mut;

/// A marker of the runtime (`gc::mark::Worker`): objects are numbers, and object n up to `PARENTS` refers to object n + `PARENTS`.
struct Marker<'w> {
    work: &'w Work,
    chunk: *mut Chunk,
    scanned: Vec<usize>,
}

const PARENTS: usize = 2;

impl Marker<'_> {
    /// Marks until it finds nothing more; what it has scanned.
    fn run(work: &Work) -> Vec<usize> {
        work.enter();
        // SAFETY: what is taken is given back below.
        let mut m = Marker { work, chunk: unsafe { work.empty() }, scanned: Vec::new() };
        while m.step() {}
        // SAFETY: the chunk is ours.
        unsafe { work.put(m.chunk) };
        work.leave();
        m.scanned
    }
    fn push(&mut self, n: usize) {
        // SAFETY: the chunk is ours.
        unsafe {
            if (*self.chunk).n == CHUNK {
                self.work.put(self.chunk);
                self.chunk = self.work.empty();
            }
            let c = &mut *self.chunk;
            c.items[c.n] = (n, null_mut());
            c.n += 1;
        }
    }
    fn step(&mut self) -> bool {
        // SAFETY: what is taken is ours, and given back.
        unsafe {
            if (*self.chunk).n > 0 {
                (*self.chunk).n -= 1;
                let (n, _) = (&(*self.chunk).items)[(*self.chunk).n];
                self.scanned.push(n);
                if n <= PARENTS {
                    self.push(n + PARENTS);
                }
                // Gives what is left away, if there is nothing to take for others.
                if (*self.chunk).n > 0 && self.work.wants_more() {
                    let full = std::mem::replace(&mut self.chunk, self.work.empty());
                    self.work.put(full);
                }
                return true;
            }
            let noted = self.work.take_noted();
            if !noted.is_null() {
                for i in 0..(*noted).n {
                    self.push((&(*noted).items)[i]);
                }
                self.work.put_noted(noted);
                return true;
            }
            let c = self.work.take();
            if !c.is_null() {
                self.work.put(std::mem::replace(&mut self.chunk, c));
                return true;
            }
            let Some(job) = self.work.job() else { return false };
            self.push(job + 1);
            true
        }
    }
}

/// What a stopped world does: hands the buffers over, and marks what is left.
fn finish(work: &Work, buffer: usize) -> Vec<usize> {
    let buffer = buffer as *mut Noted;
    // SAFETY: the mutator has ended, so the buffer is ours.
    unsafe {
        if !buffer.is_null() && (*buffer).n > 0 {
            work.exchange_noted(buffer);
        }
    }
    let scanned = Marker::run(work);
    assert!(work.seems_done());
    scanned
}

#[test]
fn two_markers_scan_each_object_once() {
    check(2, || {
        let work = Arc::new(Work::new());
        work.begin(PARENTS);
        let other = {
            let work = work.clone();
            thread::spawn(move || Marker::run(&work))
        };
        let mut got = Marker::run(&work);
        got.extend(other.join().unwrap());
        got.extend(finish(&work, 0));
        each_once(got, 2 * PARENTS);
    });
}

#[test]
fn what_a_barrier_notes_is_scanned_once() {
    check(2, || {
        let work = Arc::new(Work::new());
        work.begin(0);
        let mutator = {
            let work = work.clone();
            thread::spawn(move || {
                let mut buffer: *mut Noted = null_mut();
                // SAFETY: the buffer is this thread's until it is handed over.
                unsafe {
                    for n in 1..=PARENTS {
                        if buffer.is_null() || (*buffer).n == NOTED {
                            buffer = work.exchange_noted(buffer);
                        }
                        let b = &mut *buffer;
                        b.items[b.n] = n;
                        b.n += 1;
                    }
                }
                buffer as usize
            })
        };
        let mut got = Marker::run(&work);
        got.extend(finish(&work, mutator.join().unwrap()));
        each_once(got, 2 * PARENTS);
    });
}

/// Who sees nothing to do while one marker works, and nobody notes anything, sees the end of marking.
#[test]
fn marking_seems_done_when_it_is() {
    check(3, || {
        let work = Arc::new(Work::new());
        work.begin(1);
        let done = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let marker = {
            let (work, done) = (work.clone(), done.clone());
            thread::spawn(move || {
                work.enter();
                // SAFETY: the chunk is given back.
                unsafe {
                    let c = work.empty();
                    assert_eq!(work.job(), Some(0));
                    done.store(1, loom::sync::atomic::Ordering::Relaxed);
                    work.put(c);
                }
                work.leave();
            })
        };
        if work.seems_done() {
            assert_eq!(done.load(loom::sync::atomic::Ordering::Relaxed), 1);
        }
        marker.join().unwrap();
        assert!(work.seems_done());
    });
}
