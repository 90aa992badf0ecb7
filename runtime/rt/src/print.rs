//! Output to standard error without allocation, for messages of the runtime itself.

use crate::arch::current_m;
use crate::lock::Mutex;
use crate::sys;

/// Writes bytes to standard error.
pub fn bytes(b: &[u8]) {
    write_err(b.as_ptr(), b.len());
}

/// To standard error, and while the process dies also to where `debug.SetCrashOutput` says.
fn write_err(p: *const u8, n: usize) {
    sys::write_all(2, p, n);
    if let Some(fd) = crate::traceback::crash_fd() {
        sys::write_all(fd, p, n);
    }
}

/// Writes text to standard error.
pub fn str(s: &str) {
    bytes(s.as_bytes());
}

/// Writes a decimal number.
pub fn uint(v: u64) {
    let mut buf = [0u8; 20];
    bytes(fmt_uint(&mut buf, v));
}

/// Writes a decimal number.
pub fn int(v: i64) {
    if v < 0 {
        str("-");
    }
    uint(v.unsigned_abs());
}

/// Writes a number as `0x…`.
pub fn hex(v: u64) {
    Stderr.hex(v)
}

fn fmt_hex(buf: &mut [u8; 18], mut v: u64) -> &[u8] {
    let mut i = buf.len();
    loop {
        i -= 1;
        buf[i] = b"0123456789abcdef"[(v & 15) as usize];
        v >>= 4;
        if v == 0 {
            break;
        }
    }
    buf[i - 1] = b'x';
    buf[i - 2] = b'0';
    &buf[i - 2..]
}

/// Where a text goes.
pub trait Out {
    /// Writes bytes.
    fn bytes(&mut self, b: &[u8]);
    /// Writes text.
    fn str(&mut self, s: &str) {
        self.bytes(s.as_bytes());
    }
    /// Writes a decimal number.
    fn uint(&mut self, v: u64) {
        self.bytes(fmt_uint(&mut [0; 20], v));
    }
    /// Writes a decimal number.
    fn int(&mut self, v: i64) {
        if v < 0 {
            self.str("-");
        }
        self.uint(v.unsigned_abs());
    }
    /// Writes a number as `0x…`.
    fn hex(&mut self, v: u64) {
        self.bytes(fmt_hex(&mut [0; 18], v));
    }
}

/// Standard error.
pub struct Stderr;
impl Out for Stderr {
    fn bytes(&mut self, b: &[u8]) {
        bytes(b);
    }
}

/// Memory that takes what it has room for.
pub struct Buffer {
    start: *mut u8,
    room: usize,
    len: usize,
}
impl Buffer {
    /// # Safety
    /// The `room` bytes at `start` are the caller's as long as the value is used.
    pub unsafe fn new(start: *mut u8, room: usize) -> Buffer {
        Buffer { start, room, len: 0 }
    }
    /// Bytes that were written.
    pub fn written(&self) -> usize {
        self.len
    }
}
impl Out for Buffer {
    fn bytes(&mut self, b: &[u8]) {
        let n = b.len().min(self.room - self.len);
        // SAFETY: there is room for that, see `new`.
        unsafe { core::ptr::copy_nonoverlapping(b.as_ptr(), self.start.add(self.len), n) };
        self.len += n;
    }
}

/// The decimal digits of a number.
pub fn fmt_uint(buf: &mut [u8; 20], mut v: u64) -> &[u8] {
    let mut i = buf.len();
    loop {
        i -= 1;
        buf[i] = b'0' + (v % 10) as u8;
        v /= 10;
        if v == 0 {
            break;
        }
    }
    &buf[i..]
}

/// Held while a print statement of a program is under way. What the runtime itself says does not wait for it.
static STATEMENT: Mutex = Mutex::new();

/// Leaf: begins a print statement, perhaps within another one of this goroutine, which stays on its M.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_print_lock() {
    // SAFETY: the M of this thread.
    unsafe {
        let m = current_m();
        (*m).locks += 1;
        if (*m).prints == 0 {
            STATEMENT.lock();
        }
        (*m).prints += 1;
    }
}

extern "C" fn print_unlock_body() {
    // SAFETY: as above.
    unsafe {
        let m = current_m();
        (*m).prints -= 1;
        if (*m).prints == 0 {
            STATEMENT.unlock();
        }
        (*m).locks -= 1;
    }
}
polled_leaf!("golift_print_unlock", print_unlock_body);

/// Leaf: `write(2, p, n)` for the print statements of package runtime.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_write_err(p: *const u8, n: usize) {
    write_err(p, n);
}

/// Leaf: `write(fd, p, n)`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_write_fd(fd: usize, p: *const u8, n: usize) -> isize {
    sys::write(fd as i32, p, n)
}
