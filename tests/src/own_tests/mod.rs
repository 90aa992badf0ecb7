//! Packages' own tests, run by golift and by gc: of the standard library (`std`), and of modules that people use (`modules`).

mod compare;
mod library;
mod modules;
mod verdicts;

pub use library::std;
pub use modules::modules;
