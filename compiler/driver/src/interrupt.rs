//! What happens on signals: an interrupted build leaves nothing behind, and `golift run` lets its program answer.

use std::fmt::Display;
use std::process::{self, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use std::{io, thread};

use golift_load::temporary;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::failure::{Exit, Failure};

/// The program that `golift run` has started; 0 without one, [`STARTING`] while it may run already, but is not known.
static CHILD: AtomicU32 = AtomicU32::new(0);
const STARTING: u32 = u32::MAX;

/// Starts to listen.
pub fn listen() {
    // A file that would become too large is an error of the write, not the end.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    static SIGNALS: OnceLock<()> = OnceLock::new();
    SIGNALS.get_or_init(|| {
        // What is ignored stays so, also for what golift starts: `nohup` counts on it.
        let ignored = ignored_signals();
        let wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
        let Ok(mut signals) = Signals::new(wanted) else { return };
        let _ = thread::Builder::new().name("signals".into()).spawn(move || signals.forever().for_each(handle));
    });
}

/// A bit for each signal that this process was started to ignore.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn handle(signal: i32) {
    while CHILD.load(Ordering::SeqCst) == STARTING {
        thread::sleep(Duration::from_millis(1));
    }
    let child = i32::try_from(CHILD.load(Ordering::SeqCst)).ok().and_then(Pid::from_raw);
    let Some(child) = child else {
        end_children(signal);
        let _nothing_is_made = temporary::remove_all();
        // Ends the process as the signal would have.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        std::process::exit(1);
    };
    // The terminal sends the first two to the program too.
    let forwarded = match signal {
        SIGTERM => Signal::TERM,
        SIGHUP => Signal::HUP,
        _ => return,
    };
    let _ = kill_process(child, forwarded);
}

/// Runs a program to its end. Meanwhile signals are its business.
pub fn run(command: &mut Command) -> io::Result<ExitStatus> {
    CHILD.store(STARTING, Ordering::SeqCst);
    let started = command.spawn();
    CHILD.store(started.as_ref().map_or(0, process::Child::id), Ordering::SeqCst);
    let mut child = started?;
    let status = child.wait();
    CHILD.store(0, Ordering::SeqCst);
    status
}

/// As [`run`], in the place of golift: its exit code. `what` is what cannot be run.
pub fn run_in_place(command: &mut Command, what: impl Display) -> Result<Exit, Failure> {
    let status = run(command).map_err(|e| format!("golift: cannot run {what}: {e}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Tests that run: they end with golift.
static CHILDREN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// What is asked to end has so long for it.
const GRACE: Duration = Duration::from_millis(200);

/// Passes the signal on, and kills who does not care. No more are started, because the list stays locked.
fn end_children(signal: i32) {
    let children = CHILDREN.lock().unwrap_or_else(|e| e.into_inner());
    let signal_all = |signal| {
        children.iter().filter_map(|&id| i32::try_from(id).ok().and_then(Pid::from_raw)).for_each(|pid| {
            // It may have ended.
            let _ = kill_process(pid, signal);
        });
    };
    if children.is_empty() {
        return std::mem::forget(children);
    }
    signal_all(Signal::from_named_raw(signal).unwrap_or(Signal::TERM));
    thread::sleep(GRACE);
    signal_all(Signal::KILL);
    std::mem::forget(children);
}

/// A program that is ended when golift is. Several may run at once.
pub struct Child(process::Child);

impl Child {
    /// Starts it.
    pub fn start(command: &mut Command) -> io::Result<Child> {
        let mut children = CHILDREN.lock().unwrap_or_else(|e| e.into_inner());
        let child = command.spawn()?;
        children.push(child.id());
        Ok(Child(child))
    }

    /// Its number.
    pub fn pid(&self) -> Option<Pid> {
        i32::try_from(self.0.id()).ok().and_then(Pid::from_raw)
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.0.wait();
        let mut children = CHILDREN.lock().unwrap_or_else(|e| e.into_inner());
        children.retain(|&id| id != self.0.id());
        status
    }
}
