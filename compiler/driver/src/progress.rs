//! What golift is doing, for those who wait at a terminal, and how long each phase took, for those who ask.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use golift_codegen::Counter;

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Characters within a bar.
const BAR: usize = 24;

/// Something stands on the terminal's last line.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Phases of a command.
pub struct Progress {
    line: Line,
    timings: Mutex<Vec<(&'static str, Duration)>>,
    report: bool,
    start: Instant,
}

/// What is shown, shared with the thread that shows it.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    /// The phase, and how far it is.
    phase: Option<(String, Option<Arc<Counter>>)>,
    /// What all phases belong to, and is shown instead of them.
    whole: Option<(String, Arc<Counter>)>,
    /// Nothing more is to come.
    is_over: bool,
}

impl Line {
    fn get(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Progress {
    /// `report` asks for the table of timings at the end.
    pub fn new(report: bool) -> Progress {
        let line = Line::default();
        if std::io::stderr().is_terminal() {
            let line = line.clone();
            // Nobody misses it where there can be no thread.
            let _ = thread::Builder::new().name("progress".into()).spawn(move || show(&line));
        }
        Progress { line, timings: Mutex::default(), report, start: Instant::now() }
    }

    /// Runs a phase.
    pub fn phase<R>(&self, name: &'static str, work: impl FnOnce() -> R) -> R {
        self.line.get().phase = Some((name.into(), None));
        let start = Instant::now();
        let result = work();
        self.timings.lock().unwrap_or_else(|e| e.into_inner()).push((name, start.elapsed()));
        result
    }

    /// Counts what the present phase does.
    pub fn count(&self) -> Arc<Counter> {
        let counter = Arc::<Counter>::default();
        if let Some((_, shown)) = &mut self.line.get().phase {
            *shown = Some(Arc::clone(&counter));
        }
        counter
    }

    /// Counts what the phases that follow belong to.
    pub fn count_whole(&self, name: &str) -> Arc<Counter> {
        let counter = Arc::<Counter>::default();
        self.line.get().whole = Some((name.into(), Arc::clone(&counter)));
        counter
    }

    /// No more phases: takes the line away and prints the timings.
    pub fn finish(&self) {
        self.line.get().is_over = true;
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
        self.line.get().is_over = true;
        clear_line();
    }
}

fn show(line: &Line) {
    let start = Instant::now();
    loop {
        thread::sleep(Duration::from_millis(100));
        let shown = line.get();
        if shown.is_over {
            return;
        }
        if start.elapsed() > PATIENCE
            && let Some(text) = text_of(&shown)
        {
            eprint!("\r\x1b[Kgolift: {text} … {}s", start.elapsed().as_secs());
            let _ = std::io::stderr().flush();
            SHOWN.store(true, Ordering::Relaxed);
        }
    }
}

fn text_of(shown: &Shown) -> Option<String> {
    let (name, counter) = match (&shown.whole, &shown.phase) {
        (Some((name, counter)), _) => (name, Some(counter)),
        (None, Some((name, counter))) => (name, counter.as_ref()),
        (None, None) => return None,
    };
    let counts = counter.map(|counter| (counter.done.load(Ordering::Relaxed), counter.total.load(Ordering::Relaxed)));
    Some(match counts {
        Some((done, total)) if total > 0 => format!("{name} [{}] {done}/{total}", bar(done, total)),
        _ => name.clone(),
    })
}

/// So much of the bar is full.
fn bar(done: usize, total: usize) -> String {
    let full = (done.min(total) * BAR).checked_div(total).unwrap_or(0);
    format!("{}{}", "#".repeat(full), "-".repeat(BAR - full))
}

/// Makes room for other output.
pub fn clear_line() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        eprint!("\r\x1b[K");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_from_the_left() {
        assert_eq!(bar(0, 3), "-".repeat(24));
        assert_eq!(bar(1, 3), format!("{}{}", "#".repeat(8), "-".repeat(16)));
        // More than all is all; and of nothing, nothing is done.
        assert_eq!(bar(7, 3), "#".repeat(24));
        assert_eq!(bar(0, 0), "-".repeat(24));
    }

    #[test]
    fn the_whole_is_shown_before_its_parts() {
        let progress = Progress::new(false);
        let text = || text_of(&progress.line.get());
        assert_eq!(text(), None);
        progress.phase("codegen", || {
            assert_eq!(text().as_deref(), Some("codegen"));
            let counter = progress.count();
            counter.total.store(4, Ordering::Relaxed);
            counter.done.store(1, Ordering::Relaxed);
            assert_eq!(text().as_deref(), Some("codegen [######------------------] 1/4"));
        });
        progress.count_whole("testing").total.store(2, Ordering::Relaxed);
        progress.phase("codegen", || assert_eq!(text().as_deref(), Some("testing [------------------------] 0/2")));
    }
}
