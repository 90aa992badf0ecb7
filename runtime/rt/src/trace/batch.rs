//! Batches of events, each of one thread and generation, and the queues in which they wait for the reader.

use super::{Id, event};
use crate::locked::Locked;
use crate::sys;
use core::ptr::null_mut;

/// A batch, as the format limits it.
const SIZE: usize = 64 << 10;
/// A number takes so many bytes at most.
const NUMBER: usize = 10;
/// In front of the events: a kind and four numbers.
const HEADER: usize = 1 + 4 * NUMBER;
const ROOM: usize = SIZE - 64 - HEADER;

/// Events that are being written, or that wait to be read.
#[repr(C)]
pub struct Batch {
    link: *mut Batch,
    generation: u64,
    thread: Id,
    /// Times of the first and of the last event.
    first: u64,
    last: u64,
    len: usize,
    /// Where the header begins, once it has been written.
    start: usize,
    data: [u8; HEADER + ROOM],
}
const _: () = assert!(size_of::<Batch>() <= SIZE + 64);

struct Queue {
    head: *mut Batch,
    tail: *mut Batch,
}

/// What the reader and the writers share.
pub struct Queues {
    /// By generation, of which at most two are under way.
    full: [Queue; 2],
    free: *mut Batch,
    /// What the reader looks at.
    reading: *mut Batch,
    /// The generation that it reads.
    generation: u64,
    /// The last one of which all batches are in the queue.
    complete: u64,
    header_read: bool,
    end_read: bool,
    /// No generation comes after the one that is complete.
    last: bool,
}
// SAFETY: batches belong to no thread.
unsafe impl Send for Queues {}

const EMPTY: Queue = Queue { head: null_mut(), tail: null_mut() };

static QUEUES: Locked<Queues> = Locked::new(Queues {
    full: [EMPTY, EMPTY],
    free: null_mut(),
    reading: null_mut(),
    generation: 0,
    complete: 0,
    header_read: false,
    end_read: false,
    last: false,
});

/// An empty batch, or null.
pub fn begin(generation: u64, thread: Id) -> *mut Batch {
    let mut queues = QUEUES.lock();
    let mut b = queues.free;
    if b.is_null() {
        drop(queues);
        b = sys::map(size_of::<Batch>()) as *mut Batch;
    } else {
        // SAFETY: what is in the list is a batch.
        queues.free = unsafe { (*b).link };
    }
    if !b.is_null() {
        let now = super::now();
        // SAFETY: it is ours.
        unsafe {
            (*b).link = null_mut();
            (*b).generation = generation;
            (*b).thread = thread;
            (*b).first = now;
            (*b).last = now;
            (*b).len = 0;
            (*b).start = HEADER;
        }
    }
    b
}

/// Hands a batch to the reader.
///
/// # Safety
/// `b` is from [`begin`] and nobody writes to it any more.
pub unsafe fn end(b: *mut Batch) {
    // SAFETY: the contract above.
    unsafe {
        let mut header = [0; HEADER];
        header[0] = event::EVENT_BATCH;
        let mut n = 1;
        for number in [(*b).generation, (*b).thread.0, (*b).first, (*b).len as u64] {
            n += put(&mut header[n..], number);
        }
        (*b).start = HEADER - n;
        (&mut (*b).data)[HEADER - n..HEADER].copy_from_slice(&header[..n]);
        let mut queues = QUEUES.lock();
        let q = &mut queues.full[(*b).generation as usize % 2];
        if q.head.is_null() {
            q.head = b;
        } else {
            (*q.tail).link = b;
        }
        q.tail = b;
    }
}

/// Writes a number; its length.
fn put(to: &mut [u8], mut v: u64) -> usize {
    let mut n = 0;
    while v >= 0x80 {
        to[n] = v as u8 | 0x80;
        v >>= 7;
        n += 1;
    }
    to[n] = v as u8;
    n + 1
}

impl Batch {
    /// Is there room for so many numbers and further bytes?
    pub fn has_room(&self, numbers: usize, bytes: usize) -> bool {
        self.len + 1 + numbers * NUMBER + bytes <= ROOM
    }
    /// Has nothing been written?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Adds an event at the present time. There is room.
    pub fn event(&mut self, kind: u8, args: &[u64]) {
        let now = super::now().max(self.last);
        self.byte(kind);
        self.number(now - self.last);
        self.last = now;
        for &arg in args {
            self.number(arg);
        }
    }
    /// Adds a byte. There is room.
    pub fn byte(&mut self, b: u8) {
        self.data[HEADER + self.len] = b;
        self.len += 1;
    }
    /// Adds a number. There is room.
    pub fn number(&mut self, v: u64) {
        self.len += put(&mut self.data[HEADER + self.len..], v);
    }
    /// Adds bytes. There is room.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.data[HEADER + self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
    /// When the first event was.
    pub fn first(&self) -> u64 {
        self.first
    }
}

/// A trace begins with this generation.
pub fn begin_trace(generation: u64) {
    let mut queues = QUEUES.lock();
    queues.generation = generation;
    queues.complete = 0;
    queues.header_read = false;
    queues.end_read = false;
    queues.last = false;
}

/// All of a generation is in its queue; the last one if `last`.
pub fn complete(generation: u64, last: bool) {
    let mut queues = QUEUES.lock();
    queues.complete = generation;
    queues.last = last;
}

/// All has been read: the memory goes back.
pub fn free() {
    let mut queues = QUEUES.lock();
    while !queues.free.is_null() {
        let b = queues.free;
        // SAFETY: what is in the list is a batch that nobody uses.
        queues.free = unsafe { (*b).link };
        sys::unmap(b as usize, size_of::<Batch>());
    }
}

/// What the reader gets.
#[repr(usize)]
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Next {
    /// Nothing yet.
    Nothing,
    /// The header of the file.
    Header,
    /// A batch.
    Batch,
    /// The end of a generation.
    End,
    /// The generation whose end was read is done with.
    Done,
    /// The same, and no other follows.
    Last,
}

/// What comes next. A batch is there until the next call; `out` gets its address and length.
pub fn next(out: &mut [usize; 2]) -> Next {
    let mut queues = QUEUES.lock();
    let b = core::mem::replace(&mut queues.reading, null_mut());
    if !b.is_null() {
        // SAFETY: it is the reader's.
        unsafe { (*b).link = queues.free };
        queues.free = b;
    }
    if !queues.header_read {
        queues.header_read = true;
        return Next::Header;
    }
    if queues.end_read {
        queues.end_read = false;
        queues.generation += 1;
        return if queues.last && queues.complete + 1 == queues.generation { Next::Last } else { Next::Done };
    }
    let current = queues.generation;
    let q = &mut queues.full[current as usize % 2];
    let b = q.head;
    if b.is_null() {
        if queues.complete == current {
            queues.end_read = true;
            return Next::End;
        }
        return Next::Nothing;
    }
    // SAFETY: what is in the queue is a batch.
    unsafe {
        q.head = (*b).link;
        *out = [(*b).data.as_ptr() as usize + (*b).start, HEADER - (*b).start + (*b).len];
    }
    queues.reading = b;
    Next::Batch
}

/// Would the reader get anything?
pub fn is_readable() -> bool {
    let queues = QUEUES.lock();
    !queues.header_read
        || queues.end_read
        || !queues.full[queues.generation as usize % 2].head.is_null()
        || queues.complete == queues.generation
}
