//! What the compiler is doing, for those who wait, and how long each phase took, for those who ask.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something stands on the terminal's last line.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Phases of a command.
pub struct Progress {
    current: Arc<Mutex<Option<String>>>,
    timings: Mutex<Vec<(&'static str, Duration)>>,
    report: bool,
    start: Instant,
}

impl Progress {
    /// `report` asks for the table of timings at the end.
    pub fn new(report: bool) -> Progress {
        let current = Arc::new(Mutex::new(Some(String::new())));
        if std::io::stderr().is_terminal() {
            let current = Arc::clone(&current);
            // Nobody misses it where there can be no thread.
            let _ = thread::Builder::new().name("progress".into()).spawn(move || show(&current));
        }
        Progress { current, timings: Mutex::default(), report, start: Instant::now() }
    }

    /// Runs a phase.
    pub fn phase<R>(&self, name: &'static str, work: impl FnOnce() -> R) -> R {
        self.set(Some(name.into()));
        let start = Instant::now();
        let result = work();
        self.timings.lock().unwrap_or_else(|e| e.into_inner()).push((name, start.elapsed()));
        result
    }

    fn set(&self, text: Option<String>) {
        *self.current.lock().unwrap_or_else(|e| e.into_inner()) = text;
    }

    /// No more phases: takes the line away and prints the timings.
    pub fn finish(&self) {
        self.set(None);
        clear_line();
        if !self.report {
            return;
        }
        let timings = std::mem::take(&mut *self.timings.lock().unwrap_or_else(|e| e.into_inner()));
        for (name, time) in timings {
            eprintln!("{name:12} {:8.1} ms", time.as_secs_f64() * 1000.0);
        }
        eprintln!("{:12} {:8.1} ms", "total", self.start.elapsed().as_secs_f64() * 1000.0);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.set(None);
        clear_line();
    }
}

fn show(current: &Mutex<Option<String>>) {
    let start = Instant::now();
    loop {
        thread::sleep(Duration::from_millis(100));
        let guard = current.lock().unwrap_or_else(|e| e.into_inner());
        let Some(text) = guard.as_ref() else { return };
        if start.elapsed() > PATIENCE && !text.is_empty() {
            eprint!("\r\x1b[Kgolift: {text} … {}s", start.elapsed().as_secs());
            let _ = std::io::stderr().flush();
            SHOWN.store(true, Ordering::Relaxed);
        }
    }
}

/// Makes room for other output.
pub fn clear_line() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        eprint!("\r\x1b[K");
    }
}
