//! Running Go programs through golift and through gc, for the test suites and the benchmark.

pub mod bench;
pub mod errorcheck;
pub mod fuzz_front;
pub mod generate;
pub mod golden;
pub mod gotest;
pub mod known;
pub mod layout;
pub mod messages;
pub mod own_tests;
pub mod panics;
pub mod rust_code;
pub mod scripts;
mod source;

use std::env;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub use source::{Source, build, expected_exit, gc_build, go_files, programs};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root").to_owned()
}

/// Where results may be kept between runs.
pub fn cache_dir() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("golift-tests")
}

/// The compiler under test: `GOLIFT`, else next to this program.
pub fn golift() -> PathBuf {
    if let Some(path) = env::var_os("GOLIFT") {
        return path.into();
    }
    let mut dir = env::current_exe().expect("own path");
    dir.pop();
    if dir.ends_with("deps") {
        dir.pop();
    }
    dir.join("golift")
}

/// What came of running something.
pub struct Outcome {
    /// Standard output and standard error.
    pub output: Vec<u8>,
    pub status: Option<ExitStatus>,
    pub time: Duration,
}

impl Outcome {
    /// Exit code; none after a signal or timeout.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    /// How it ended, for people.
    pub fn ending(&self) -> String {
        match self.status {
            None => "timeout".into(),
            Some(status) => match (status.code(), status.signal()) {
                (Some(code), _) => format!("exit {code}"),
                (None, Some(signal)) => format!("signal {signal}"),
                (None, None) => "unknown end".into(),
            },
        }
    }
}

/// Which streams of the program count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    Stdout,
    Both,
}

/// Runs a command without input. After the timeout it, and what it has started, is killed.
pub fn run(command: &mut Command, streams: Streams, timeout: Duration) -> io::Result<Outcome> {
    let mut file = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?);
    // One file for both keeps their order.
    command.stderr(if streams == Streams::Both { Stdio::from(file.try_clone()?) } else { Stdio::null() });
    command.process_group(0);
    let start = Instant::now();
    let mut child = command.spawn()?;
    let status = wait(&mut child, start, timeout)?;
    let time = start.elapsed();
    let mut output = Vec::new();
    io::Seek::rewind(&mut file)?;
    io::Read::read_to_end(&mut file, &mut output)?;
    Ok(Outcome { output, status, time })
}

fn wait(child: &mut Child, start: Instant, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > timeout {
            // The process is the leader of its group; `kill` is the portable way without libc. Without the dashes that end
            // the flags, procps 4.0.2 takes -1234 for -1, which is everybody.
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Calls `work` for every item on as many threads as there are CPUs; results in order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new((0..items.len()).map(|_| None).collect());
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    results.lock().expect("no worker panicked")[index] = Some(result);
                }
            });
        }
    });
    results.into_inner().expect("no worker panicked").into_iter().map(|r| r.expect("all done")).collect()
}

/// What is in a folder of inputs, sorted.
///
/// # Panics
///
/// When it cannot be read or is empty: a test must not pass on nothing.
pub fn entries(dir: &Path) -> Vec<PathBuf> {
    let listed: io::Result<Vec<PathBuf>> =
        fs::read_dir(dir).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths = listed.unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    assert!(!paths.is_empty(), "{} is empty", dir.display());
    paths.sort();
    paths
}

/// The files of a folder with one of these extensions, sorted.
///
/// # Panics
///
/// When there are none.
pub fn files_with(dir: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut files = entries(dir);
    files.retain(|path| path.extension().is_some_and(|e| extensions.iter().any(|&x| e == x)));
    assert!(!files.is_empty(), "{}: no files with the extensions {extensions:?}", dir.display());
    files
}

/// The text of an input.
///
/// # Panics
///
/// When it cannot be read.
pub fn read_input(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files of `tests/messages`.
pub fn message_files() -> Vec<PathBuf> {
    files_with(&root().join("tests/messages"), &["txt"])
}

/// The first lines in which two texts differ.
pub fn first_difference(expected: &str, got: &str) -> String {
    let (mut e, mut g) = (expected.lines(), got.lines());
    let mut line = 1;
    loop {
        match (e.next(), g.next()) {
            (Some(x), Some(y)) if x == y => line += 1,
            (None, None) => return "the texts differ in their last newline".into(),
            (x, y) => {
                let show = |side: Option<&str>| side.map_or("the end".into(), |text| format!("{text:?}"));
                return format!("line {line}: expected {}, got {}", show(x), show(y));
            }
        }
    }
}
