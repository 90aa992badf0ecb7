//! The keys of [`crate::cache`]: hashes of what Cranelift sees.

use std::hash::{Hash, Hasher};

use cranelift_codegen::ir::function::FunctionStencil;

use crate::cache::Key;
use crate::options::Options;
use crate::target::Target;

/// Makes keys, reusing its buffer.
pub struct KeyMaker {
    settings: [u8; 3],
    buffer: Bytes,
}

impl KeyMaker {
    pub fn new(target: Target, opts: &Options) -> KeyMaker {
        let settings = [target as u8, u8::from(opts.optimize), u8::from(opts.verify)];
        KeyMaker { settings, buffer: Bytes(Vec::new()) }
    }

    pub fn of(&mut self, stencil: &FunctionStencil) -> Key {
        self.buffer.0.clear();
        self.buffer.0.extend(self.settings);
        stencil.hash(&mut self.buffer);
        *blake3::hash(&self.buffer.0).as_bytes()
    }
}

/// Collects what a `Hash` implementation feeds to its hasher. Equal input gives equal bytes within one build of the compiler.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the bytes are hashed as a whole")
    }
}
