//! Executables made from IR text, looked into and run.

mod link;
mod random;
mod real;
mod run;
mod support;
