//! Everything that is asked of the operating system. The only folder to edit for a port.

mod linux;
mod vdso;
pub use linux::*;
pub use vdso::{in_vdso, init_vdso, nanotime, thread_cputime, walltime};
