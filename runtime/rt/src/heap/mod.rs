//! The heap: spans of size-class objects in 64 MB arenas.
//!
//! **Layout** (as gc's, so that `cap()` after `append` prints the same numbers): 8 KB pages,
//! 68 size classes to 32 KB, each in a variant with and without pointers. Pointer masks:
//!
//! * objects of at most 512 bytes with pointers: a bitmap of one bit per word at the end of
//!   their span;
//! * larger small objects with pointers: an 8-byte header with the type in front;
//! * large objects (more than 32 KB - 8): the type is in the span.
//!
//! **Paths.** `cache` (per P, no lock) → `central` (per class) → `pages`. Locks are taken in this order; `persistent` comes last.
//!
//! **Rooms.** The heap does not know the collector (`gc`), which is built on it: who allocates and may start a collection is
//! `gc::malloc`. What the heap must tell the collector it counts (`counts`).
//!
//! # Safety
//! A P's cache is touched only by the M that owns the P, or in a stopped world. Span fields
//! change under the class lock of `central`, or by the cache that holds the span.

pub mod alloc;
pub mod arena;
pub mod bits;
pub mod cache;
pub mod central;
pub mod counts;
pub mod pages;
pub mod persistent;
pub mod pointers;
pub mod sampling;
pub mod scavenge;
pub mod sizeclass;
pub mod span;
pub mod sweep;
pub mod verify;

pub use sizeclass::*;
