//! The `golift` command.
//!
//! [`build::build`] is the list of the compiler's phases; everything else here reads flags and prints.

mod build;
mod cache;
mod check_record;
mod commands;
mod diagnostics;
mod excerpt;
mod external_link;
mod file_overlay;
mod flags;
mod help;
mod interrupt;
mod json;
mod progress;
mod settings;
mod stamp;
mod tool_flags;
mod undefined;
mod work_dir;

use std::any::Any;
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The work runs on a thread with room for deep recursion; only what is touched costs memory.
const STACK_SIZE: usize = 1 << 30;

/// Exit code for wrong flags and arguments.
pub const USAGE: u8 = 2;

fn main() -> ExitCode {
    panic::set_hook(Box::new(report_panic));
    interrupt::listen();
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_SIZE / 4);
    if pool.build_global().is_err() {
        eprintln!("golift: cannot start threads");
        return ExitCode::FAILURE;
    }
    let args: Vec<String> = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let work =
        thread::Builder::new().name("main".into()).stack_size(STACK_SIZE).spawn(move || commands::dispatch(&args));
    let Ok(work) = work else {
        eprintln!("golift: cannot start a thread");
        return ExitCode::FAILURE;
    };
    match work.join() {
        Ok(code) => ExitCode::from(code),
        // The hook has said what there is to say.
        Err(_) => ExitCode::from(USAGE),
    }
}

/// A panic anywhere is a bug of the compiler.
fn report_panic(info: &panic::PanicHookInfo) {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    if REPORTED.swap(true, Ordering::Relaxed) {
        return; // what follows from the first one helps nobody
    }
    progress::clear_line();
    eprintln!("golift: internal compiler error: {}", panic_text(info.payload()));
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
