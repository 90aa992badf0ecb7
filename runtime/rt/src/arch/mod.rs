//! Assembly, one file per architecture.

#[cfg(target_arch = "x86_64")]
#[macro_use]
pub mod x86_64;
#[cfg(target_arch = "x86_64")]
mod x86_64_context;
#[cfg(target_arch = "x86_64")]
pub mod x86_64_mem;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;
#[cfg(target_arch = "x86_64")]
pub use x86_64_context::Context;
