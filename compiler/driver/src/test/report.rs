//! What is printed about packages, in their order.

use std::io::Write as _;
use std::sync::Mutex;

/// The end of one test.
#[derive(Default)]
pub struct Report {
    output: Vec<u8>,
    failed: bool,
}

impl Report {
    pub fn passed(output: impl Into<Vec<u8>>) -> Report {
        Report { output: output.into(), failed: false }
    }

    pub fn failed(output: impl Into<Vec<u8>>) -> Report {
        Report { output: output.into(), failed: true }
    }

    /// What it says.
    pub fn into_output(self) -> Vec<u8> {
        self.output
    }

    pub fn has_failed(&self) -> bool {
        self.failed
    }
}

/// Prints reports, each when all before it are printed.
pub struct Printer {
    state: Mutex<State>,
}

struct State {
    waiting: Vec<Option<Report>>,
    next: usize,
    failed: bool,
}

impl Printer {
    /// For so many reports.
    pub fn new(count: usize) -> Printer {
        let waiting = (0..count).map(|_| None).collect();
        Printer { state: Mutex::new(State { waiting, next: 0, failed: false }) }
    }

    /// Takes the report on the test of this index.
    pub fn put(&self, index: usize, report: Report) {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let State { waiting, next, failed } = &mut *state;
        *failed |= report.failed;
        waiting[index] = Some(report);
        while let Some(report) = waiting.get_mut(*next).and_then(Option::take) {
            *next += 1;
            if !report.output.is_empty() {
                crate::progress::clear_line();
                // Who does not read it still gets the exit code.
                let _ = std::io::stdout().write_all(&report.output);
            }
        }
    }

    /// Has any test failed?
    pub fn failed(&self) -> bool {
        self.state.lock().unwrap_or_else(|e| e.into_inner()).failed
    }
}
