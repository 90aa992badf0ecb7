//! The finished executable.
//!
//! Problem: embedded files may be as large as memory allows. Strategy: what is large and shared with whoever read it is not copied into
//! the image: there is a hole of zeros for it, pages that nobody touches, and who writes or hashes the image takes its parts.

use std::sync::Arc;

/// The bytes of an executable, in parts.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// Everything that has an address, with holes.
    loaded: Vec<u8>,
    /// What belongs into the holes, by where they begin.
    shared: Vec<(usize, Arc<Vec<u8>>)>,
    /// What follows: symbols and the table of sections.
    rest: Vec<u8>,
}

impl Image {
    /// An image in which the shared bytes lie at these places.
    pub(crate) fn new(loaded: Vec<u8>, mut shared: Vec<(usize, Arc<Vec<u8>>)>) -> Image {
        shared.sort_by_key(|(at, _)| *at);
        Image { loaded, shared, rest: Vec::new() }
    }

    /// The part that is not shared.
    pub(crate) fn loaded_mut(&mut self) -> &mut [u8] {
        &mut self.loaded
    }

    /// Adds what has no address.
    pub(crate) fn set_rest(&mut self, rest: Vec<u8>) {
        self.rest = rest;
    }

    /// All bytes, in order.
    pub fn parts(&self) -> Vec<&[u8]> {
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut at = 0;
        for (start, bytes) in &self.shared {
            parts.push(&self.loaded[at..*start]);
            parts.push(bytes);
            at = start + bytes.len();
        }
        parts.extend([&self.loaded[at..], &self.rest]);
        parts
    }

    /// All bytes in one place.
    pub fn to_vec(&self) -> Vec<u8> {
        self.parts().concat()
    }
}

impl From<Vec<u8>> for Image {
    fn from(bytes: Vec<u8>) -> Image {
        Image::new(bytes, Vec::new())
    }
}
