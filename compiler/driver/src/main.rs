//! The `golift` command.
//!
//! [`build::build`] is the list of the compiler's phases. What a command line asks for is a [`session::Session`]; `cli` holds the one table
//! of flags and variables.

#![warn(missing_docs)]
// Those macros panic where nobody reads, or the disk is full: `failure::print_all` does not.
#![deny(clippy::print_stdout)]

mod allocator;
mod assemble;
mod build;
mod build_info;
mod cache;
mod caches;
mod check_record;
mod cli;
mod commands;
mod cover;
mod diagnostics;
mod doctor;
mod environment;
mod excerpt;
mod external_link;
mod failure;
mod fetch;
mod file_overlay;
mod frames;
mod front;
mod fuzz;
mod go_command;
mod install;
mod interrupt;
mod json;
mod options;
mod output;
mod packages;
mod progress;
mod run;
mod session;
mod shims;
mod stamp;
mod test;
mod tool;
mod tool_flags;
mod tools;
mod trimpath;
mod undefined;
mod vcs;
mod versions;
mod vet;
mod work_dir;

use std::any::Any;
use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use commands::Invocation;
use failure::USAGE;
use golift_syntax::{NoThread, affordable_stack};
use session::STACK_SIZE;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// Enough for programs that people write, where there is not much address space.
const LEAST_STACK: usize = 64 << 20;

fn main() -> ExitCode {
    panic::set_hook(Box::new(report_panic));
    interrupt::listen();
    let mut words = std::env::args_os();
    let program = words.next();
    let shim = shims::started_as(program.as_deref());
    let args: Vec<OsString> = words.collect();
    let env = environment::Environment::of_process();
    let invocation = match shim {
        Some(name) => Ok(Invocation::of_shim(env, name, args)),
        None => Invocation::parse(env, &args, shims::is_go(program.as_deref())),
    };
    let invocation = match invocation {
        Ok(invocation) => invocation,
        Err(code) => return ExitCode::from(code),
    };
    // The other threads have a quarter each, and as much as all of them is left for the heap.
    let stack = affordable_stack(STACK_SIZE, LEAST_STACK, 2 * (1 + invocation.threads().div_ceil(4)));
    let pool = rayon::ThreadPoolBuilder::new().stack_size(stack / 4).num_threads(invocation.threads());
    if let Err(e) = pool.build_global() {
        no_thread(stack / 4, &e);
        return ExitCode::FAILURE;
    }
    let work = thread::Builder::new().name("main".into()).stack_size(stack).spawn(move || invocation.run());
    match work.map(thread::JoinHandle::join) {
        Ok(Ok(code)) => ExitCode::from(code),
        // The hook has said what there is to say.
        Ok(Err(payload)) if payload.is::<NoThread>() => ExitCode::FAILURE,
        Ok(Err(_)) => ExitCode::from(USAGE),
        Err(e) => {
            no_thread(stack, &e);
            ExitCode::FAILURE
        }
    }
}

fn no_thread(stack: usize, e: &dyn std::fmt::Display) {
    eprintln!(
        "golift: cannot start a thread with a stack of {} MB of address space: {e} (see ulimit -v and -u)",
        stack >> 20
    );
}

/// How the standard library's panics end that are about memory: for the signal stack of a new thread, for example.
const NO_MEMORY: &str = "(os error 12)";

/// A panic anywhere is a bug of the compiler, unless there is no memory.
fn report_panic(info: &panic::PanicHookInfo) {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    if REPORTED.swap(true, Ordering::Relaxed) {
        return; // what follows from the first one helps nobody
    }
    progress::clear_line();
    if let Some(NoThread { stack, error }) = info.payload().downcast_ref() {
        return no_thread(*stack, error);
    }
    let text = panic_text(info.payload());
    if text.ends_with(NO_MEMORY) {
        allocator::out_of_memory();
    }
    eprintln!("golift: internal compiler error: {text}");
    if let Some((what, name)) = golift_ir::current::get() {
        eprintln!("\twhile {what} {name}");
    }
    if let Some(location) = info.location() {
        eprintln!("\tat {location}");
    }
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
        eprintln!("{}", std::backtrace::Backtrace::force_capture());
    }
    eprintln!(
        "This is a bug in golift {} ({}), not in your program. Please report it with the\n\
         program that shows it and the output with RUST_BACKTRACE=1 set.",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
    );
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown panic".into())
}
