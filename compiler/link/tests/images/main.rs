//! Executables made from IR text, looked into and run.

mod link;
mod run;
mod support;
