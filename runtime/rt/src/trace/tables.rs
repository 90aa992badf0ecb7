//! Tables of a generation: texts and stacks have numbers, which events refer to.

use crate::sys;
use core::ptr::null_mut;

const BUCKETS: usize = 1 << 12;
const CHUNK: usize = 64 << 10;

/// An entry; its bytes follow it.
#[repr(C)]
struct Node {
    link: *mut Node,
    hash: u64,
    id: u64,
    len: usize,
}

/// A piece of memory; its rest follows it.
#[repr(C)]
struct Chunk {
    link: *mut Chunk,
    size: usize,
}

/// Numbers of byte strings, from 1 on.
pub struct Table {
    buckets: *mut *mut Node,
    chunks: *mut Chunk,
    at: usize,
    end: usize,
    len: u64,
}
// SAFETY: the memory belongs to no thread.
unsafe impl Send for Table {}

impl Table {
    /// An empty one, without memory.
    pub const fn new() -> Table {
        Table { buckets: null_mut(), chunks: null_mut(), at: 0, end: 0, len: 0 }
    }

    /// The number of these bytes; 0 if there is no memory for them.
    pub fn put(&mut self, bytes: &[u8]) -> u64 {
        if self.buckets.is_null() {
            self.buckets = sys::map(BUCKETS * size_of::<*mut Node>()) as *mut *mut Node;
            if self.buckets.is_null() {
                return 0;
            }
        }
        let hash = hash(bytes);
        // SAFETY: the table and its nodes are this value's.
        unsafe {
            let bucket = self.buckets.add(hash as usize % BUCKETS);
            let mut node = *bucket;
            while !node.is_null() {
                if (*node).hash == hash && Self::bytes(node) == bytes {
                    return (*node).id;
                }
                node = (*node).link;
            }
            let node = self.alloc(size_of::<Node>() + bytes.len()) as *mut Node;
            if node.is_null() {
                return 0;
            }
            self.len += 1;
            node.write(Node { link: *bucket, hash, id: self.len, len: bytes.len() });
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), node.add(1).cast(), bytes.len());
            *bucket = node;
            self.len
        }
    }

    /// # Safety
    /// `node` is one of this table, which lives as long as the result is used.
    unsafe fn bytes<'a>(node: *const Node) -> &'a [u8] {
        // SAFETY: the contract above.
        unsafe { core::slice::from_raw_parts(node.add(1).cast(), (*node).len) }
    }

    /// # Safety
    /// The caller initialises the memory, which is aligned for words.
    unsafe fn alloc(&mut self, size: usize) -> *mut u8 {
        let size = size.next_multiple_of(8);
        if self.end - self.at < size {
            let total = CHUNK.max(size + size_of::<Chunk>());
            let chunk = sys::map(total) as *mut Chunk;
            if chunk.is_null() {
                return null_mut();
            }
            // SAFETY: fresh memory.
            unsafe { chunk.write(Chunk { link: self.chunks, size: total }) };
            self.chunks = chunk;
            self.at = chunk as usize + size_of::<Chunk>();
            self.end = chunk as usize + total;
        }
        let p = self.at as *mut u8;
        self.at += size;
        p
    }

    /// Calls `f` for each entry with its number.
    pub fn for_each(&self, mut f: impl FnMut(u64, &[u8])) {
        if self.buckets.is_null() {
            return;
        }
        for i in 0..BUCKETS {
            // SAFETY: as above.
            unsafe {
                let mut node = *self.buckets.add(i);
                while !node.is_null() {
                    f((*node).id, Self::bytes(node));
                    node = (*node).link;
                }
            }
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if !self.buckets.is_null() {
            sys::unmap(self.buckets as usize, BUCKETS * size_of::<*mut Node>());
        }
        while !self.chunks.is_null() {
            let chunk = self.chunks;
            // SAFETY: a piece of this table.
            unsafe {
                self.chunks = (*chunk).link;
                sys::unmap(chunk as usize, (*chunk).size);
            }
        }
    }
}

/// Addresses of a stack differ in all their bytes.
fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut h = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        h = (h ^ u64::from_le_bytes(word.try_into().unwrap_or_default())).wrapping_mul(K);
        h ^= h >> 29;
    }
    for &b in words.remainder() {
        h = (h ^ u64::from(b)).wrapping_mul(K);
    }
    h ^ h >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let mut t = Table::new();
        let texts: Vec<String> = (0..20_000).map(|i| format!("text {i} {}", "x".repeat(i % 50))).collect();
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(t.put(text.as_bytes()), i as u64 + 1);
        }
        assert_eq!(t.put(&[]), 20_001);
        for (i, text) in texts.iter().enumerate().rev() {
            assert_eq!(t.put(text.as_bytes()), i as u64 + 1);
        }
        let mut seen = 0;
        t.for_each(|id, bytes| {
            seen += 1;
            assert_eq!(bytes, texts.get(id as usize - 1).map_or(&[][..], |t| t.as_bytes()));
        });
        assert_eq!(seen, 20_001);
        let big = vec![7; 200_000];
        assert_eq!((t.put(&big), t.put(&big), t.put(b"text 0 ")), (20_002, 20_002, 1));
    }
}
