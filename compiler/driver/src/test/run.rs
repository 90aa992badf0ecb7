//! Running the test of one package, and the words in which `go test` reports on it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use golift_link::Image;
use golift_load::Test;
use rustix::process::{Pid, Signal, kill_process};

use super::cached::Results;
use super::events::{Events, Sender};
use super::report::Report;
use crate::cover::{Cover, Profile};
use crate::interrupt;
use crate::output::write_executable;
use crate::run::signal_name;
use crate::session::Session;

/// How long a test may take, and its output after it has ended.
struct Limits {
    kill: Option<Duration>,
    wait: Option<Duration>,
}

impl Limits {
    /// As go has it: the test ends itself after `timeout`; if it does not, it is asked for its stacks and killed.
    fn new(timeout: Option<Duration>, unlimited: bool) -> Limits {
        let Some(timeout) = timeout.filter(|_| !unlimited) else { return Limits { kill: None, wait: None } };
        let wait = (timeout / 10).max(Duration::from_secs(5));
        Limits { kill: Some(timeout + wait.max(Duration::from_mins(1))), wait: Some(wait) }
    }
}

/// A test among the others of the command.
pub struct Place<'a> {
    /// Its number.
    pub index: usize,
    /// What it prints is shown at once.
    pub here: bool,
    /// There are no others.
    pub alone: bool,
    /// `-json`
    pub events: Option<&'a Events>,
    /// Where the result goes.
    pub results: Option<&'a Results<'a>>,
    /// `-cover`: where what is measured goes.
    pub cover: Option<(&'a Cover, &'a Profile)>,
}

const OUTPUT_DIR: &str = "-test.outputdir=";
const COVER_PROFILE: &str = "-test.coverprofile=";

/// The argument that tells a test where profiles go.
fn in_folder(session: &Session, dir: &Path) -> Result<OsString, String> {
    Ok(argument(
        OUTPUT_DIR,
        if dir.as_os_str().is_empty() { session.dir()?.to_owned() } else { session.absolute(dir)? },
    ))
}

/// A flag that ends in `=` and its value.
fn argument(flag: &str, value: impl AsRef<OsStr>) -> OsString {
    let mut word = OsString::from(flag);
    word.push(value);
    word
}

/// Runs the test. The error is a message.
pub fn run(session: &Session, goroot: &Path, test: &Test, image: &Image, place: &Place) -> Result<Report, String> {
    let &Place { index, here, alone, events, results, cover } = place;
    let flags = &session.flags;
    let folder = session.work_dir()?.join(format!("b{:03}", index + 1));
    let failed = |what: &dyn std::fmt::Display, e: io::Error| format!("golift: {what}: {e}");
    fs::create_dir_all(&folder).map_err(|e| failed(&folder.display(), e))?;
    let program = folder.join(format!("{}.test", binary_name(&test.path)));
    write_executable(&program, &program, &image.parts())?;
    let mut words = flags.exec.clone();
    words.push(program.clone().into());
    let log = folder.join("testlog.txt");
    if results.is_some() {
        words.push(argument("-test.testlogfile=", &log));
    }
    words.push("-test.paniconexit0".into());
    let covered = folder.join("gocoverdir");
    let measured = folder.join("cover.out");
    if let Some((cover, _)) = cover {
        fs::create_dir_all(&covered).map_err(|e| failed(&covered.display(), e))?;
        cover.describe(&covered)?;
        words.push(argument("-test.gocoverdir=", &covered));
    }
    if flags.test.fuzz {
        words.push(argument("-test.fuzzcachedir=", fuzz_cache(session).join(&test.path)));
    }
    let mut has_folder = flags.test.profile.is_none();
    for arg in &flags.test.args {
        let bytes = arg.as_encoded_bytes();
        if let Some(dir) = bytes.strip_prefix(OUTPUT_DIR.as_bytes()) {
            // The test runs elsewhere.
            has_folder = true;
            words.push(in_folder(session, Path::new(OsStr::from_bytes(dir)))?);
        } else if bytes.starts_with(COVER_PROFILE.as_bytes()) {
            // All tests write into one in the end.
            words.push(argument(COVER_PROFILE, &measured));
        } else {
            words.push(arg.clone());
        }
    }
    if !has_folder {
        words.push(in_folder(session, Path::new(""))?);
    }
    if flags.explain || flags.dry_run {
        let shown: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        eprintln!("{}", shown.join(" "));
    }
    if flags.dry_run {
        return Ok(Report::default());
    }
    let path = match flags.exec.is_empty() {
        true => program.clone(),
        false => session.find_program(&words[0].to_string_lossy())?,
    };
    let mut command = Command::new(path);
    command.args(&words[1..]).current_dir(&test.dir).env_clear().envs(session.env.all()).env("PWD", &test.dir);
    // Tests that start `go` get the one of the distribution, as with `go test`.
    let mut search = goroot.join("bin").into_os_string();
    if let Some(path) = session.env.os("PATH").filter(|path| !path.is_empty()) {
        search.push(":");
        search.push(path);
    }
    command.env("PATH", search);
    if cover.is_some() {
        command.env("GOCOVERDIR", &covered);
    }
    let stream = here || flags.test.bench || flags.test.fuzz;
    let echo = match (events, stream || flags.test.show_passed && (alone || flags.parallel == Some(1))) {
        (Some(events), _) => Echo::Events(events.sender(index)),
        (None, true) => Echo::Stdout,
        (None, false) => Echo::None,
    };
    let mut ended = None;
    // A file that was just written may still be open in a child of another thread that is about to start something.
    for pause in [0, 10, 50, 200, 1000] {
        thread::sleep(Duration::from_millis(pause));
        let start = Instant::now();
        match start_and_wait(
            &mut command,
            echo.clone(),
            &Limits::new(flags.test.timeout, flags.test.bench || flags.test.fuzz),
        ) {
            Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy => {}
            result => {
                ended = Some((result.map_err(|e| failed(&program.display(), e))?, start.elapsed()));
                break;
            }
        }
    }
    let (end, time) = ended.ok_or_else(|| format!("golift: {}: text file busy", program.display()))?;
    cover.into_iter().for_each(|(_, profile)| profile.add(index, &measured));
    let mut report = describe(session, test, &end, time, stream);
    if end.has_passed() {
        results.into_iter().for_each(|results| results.save(&log, &report.0, &measured));
    }
    if !flags.keep_work {
        let _removed_with_the_session = fs::remove_dir_all(&folder);
    }
    if !matches!(echo, Echo::None) {
        // It has been shown.
        report.0.drain(..end.output.len().min(report.1));
    }
    Ok(if end.has_passed() { Report::passed(report.0) } else { Report::failed(report.0) })
}

/// Where inputs are kept that led to something new: where go keeps them, whose `clean -fuzzcache` removes them.
fn fuzz_cache(session: &Session) -> PathBuf {
    let env = &session.env;
    let user = || env.path("XDG_CACHE_HOME").or_else(|| env.path("HOME").map(|home| home.join(".cache")));
    let cache = env.path("GOCACHE").or_else(|| user().map(|dir| dir.join("go-build")));
    cache.unwrap_or_else(|| env.temp_dir().join("go-build")).join("fuzz")
}

/// How a test ended.
struct End {
    status: ExitStatus,
    output: Vec<u8>,
    /// It ran too long.
    killed_after: Option<Duration>,
    /// Somebody else still holds its output.
    incomplete_after: Option<Duration>,
}

impl End {
    fn has_passed(&self) -> bool {
        self.status.success() && self.incomplete_after.is_none()
    }
}

/// The report, and how much of the output it begins with. What has been streamed was seen only by the reader: as `go`
/// does, the status is named then.
fn describe(session: &Session, test: &Test, end: &End, time: Duration, streamed: bool) -> (Vec<u8>, usize) {
    let json = session.flags.json;
    let flags = &session.flags.test;
    let seconds = format!("{:.3}s", time.as_secs_f64());
    let show = !end.has_passed() || flags.show_passed || flags.bench || flags.fuzz || json;
    let mut text = if show { end.output.clone() } else { Vec::new() };
    let shown = text.len();
    let path = &test.path;
    let add = |text: &mut Vec<u8>, line: &str| text.extend_from_slice(line.as_bytes());
    if end.has_passed() {
        if shown > 0 && !text.ends_with(b"\n") {
            add(&mut text, "\n");
        }
        let says = |warning: &str| contains_line(&end.output, warning);
        let note = match () {
            () if says("testing: warning: no tests to run") => " [no tests to run]",
            () if says("testing: warning: no fuzz tests to fuzz") => " [no fuzz tests to fuzz]",
            () if says("testing: warning: -fuzz matches more than one fuzz test, won't fuzz") => {
                "[-fuzz matches more than one fuzz test, won't fuzz]"
            }
            () => "",
        };
        let measured = (session.flags.cover.on && !streamed).then(|| coverage(&end.output)).flatten();
        let measured = measured.map(|measured| format!("\tcoverage: {measured}")).unwrap_or_default();
        add(&mut text, &format!("ok  \t{path}\t{seconds}{measured}{note}\n"));
        return (text, shown);
    }
    match (end.killed_after, end.incomplete_after) {
        (Some(limit), _) => {
            let signal = if end.status.signal() == Some(9) { "killed" } else { "quit" };
            add(&mut text, &format!("*** Test killed with {signal}: ran too long ({}).\n", go_duration(limit)));
        }
        (None, Some(wait)) => {
            add(&mut text, &format!("*** Test I/O incomplete {} after exiting.\n", go_duration(wait)));
        }
        (None, None) => {}
    }
    match end.status.code() {
        Some(code) if streamed || end.output.is_empty() => add(&mut text, &format!("exit status {code}\n")),
        Some(_) if !end.output.ends_with(b"\n") => add(&mut text, "\n"),
        Some(_) => {}
        None => {
            let dumped = if end.status.core_dumped() { " (core dumped)" } else { "" };
            add(&mut text, &format!("signal: {}{dumped}\n", signal_name(end.status.signal().unwrap_or(0))));
        }
    }
    let mark = if flags.marks || json { "\x16" } else { "" };
    add(&mut text, &format!("{mark}FAIL\t{path}\t{seconds}\n"));
    (text, shown)
}

/// What package testing says of the coverage.
fn coverage(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    let (_, after) = text.split_once("coverage: ")?;
    after.split_once('\n').map(|(measured, _)| measured.to_owned())
}

fn contains_line(output: &[u8], line: &str) -> bool {
    output.split(|&b| b == b'\n').any(|found| found == line.as_bytes())
}

/// Whole seconds, as Go prints them: `1m0s`.
fn go_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

/// Who is shown at once what a test prints.
#[derive(Clone)]
enum Echo {
    None,
    Stdout,
    Events(Sender),
}

impl Echo {
    fn show(&self, bytes: &[u8]) {
        match self {
            Echo::None => {}
            Echo::Stdout => {
                // Who does not read it still gets the exit code.
                let mut stdout = io::stdout().lock();
                let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
            }
            Echo::Events(sender) => sender.output(bytes),
        }
    }
}

fn start_and_wait(command: &mut Command, echo: Echo, limits: &Limits) -> io::Result<End> {
    let (mut reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let child = interrupt::Child::start(command);
    // The command holds the other end, too.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child?;
    let (output, all) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n) = reader.read(&mut buffer) {
            // What comes after the wait is shown no more.
            if n == 0 || output.send(buffer[..n].to_vec()).is_err() {
                break;
            }
            echo.show(&buffer[..n]);
        }
    });
    let pid = child.pid();
    let (done, timer) = mpsc::channel::<()>();
    let limit = limits.kill;
    let watch = thread::spawn(move || {
        let limit = limit?;
        if timer.recv_timeout(limit) != Err(RecvTimeoutError::Timeout) {
            return None;
        }
        let ask = |signal| pid.map_or(Ok(()), |pid: Pid| kill_process(pid, signal));
        // It may have ended meanwhile.
        let _ = ask(Signal::QUIT);
        if timer.recv_timeout(Duration::from_secs(5)) == Err(RecvTimeoutError::Timeout) {
            let _ = ask(Signal::KILL);
        }
        Some(limit)
    });
    let status = child.wait();
    drop(done);
    let killed_after = watch.join().unwrap_or(None);
    let mut collected = Vec::new();
    let mut incomplete_after = None;
    let deadline = limits.wait.map(|wait| Instant::now() + wait);
    loop {
        let next = match deadline {
            Some(deadline) => all.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => all.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(bytes) => collected.extend(bytes),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                incomplete_after = limits.wait;
                break;
            }
        }
    }
    Ok(End { status: status?, output: collected, killed_after, incomplete_after })
}

/// The last element of an import path that is no version.
pub fn binary_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let is_version = last.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1));
    parts.next().filter(|_| is_version).unwrap_or(last)
}
