//! `-json`: what tests print, as events.
//!
//! The distribution's test2json makes them. Golift compiles it, with an entry of ours (`runtime/go/src/cmd/test2json`) that converts the outputs of all
//! tests of one command, and sends it what the tests print, in frames; its standard output is golift's.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::failure::Failure;
use crate::session::Session;
use crate::tools;

/// The converter, running.
pub struct Events {
    child: Child,
    /// Frames are written whole. Nothing: the converter is to end.
    frames: Arc<Mutex<Option<ChildStdin>>>,
}

/// What one test prints goes here.
#[derive(Clone)]
pub struct Sender {
    frames: Arc<Mutex<Option<ChildStdin>>>,
    test: usize,
}

impl Sender {
    /// It prints something.
    pub fn output(&self, bytes: &[u8]) {
        send(&self.frames, b'o', self.test, bytes);
    }
}

impl Events {
    /// Starts the converter.
    pub fn start(session: &Session, goroot: &Path) -> Result<Events, Failure> {
        let program = tools::find(session, goroot, "test2json")?;
        let mut command = Command::new(&program);
        command.arg("-golift-serve").env_clear().envs(session.env.all()).current_dir(session.dir()?);
        command.stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
        let frames = Arc::new(Mutex::new(child.stdin.take()));
        Ok(Events { child, frames })
    }

    /// The test of this number begins.
    pub fn begin(&self, test: usize, package: &str) {
        self.send(b's', test, package.as_bytes());
    }

    /// It prints something.
    pub fn output(&self, test: usize, bytes: &[u8]) {
        self.send(b'o', test, bytes);
    }

    /// It could not be built, because this package could not.
    pub fn cannot_build(&self, test: usize, package: &str) {
        self.send(b'b', test, package.as_bytes());
    }

    /// It has ended.
    pub fn end(&self, test: usize, failed: bool) {
        self.send(if failed { b'f' } else { b'p' }, test, &[]);
    }

    /// For the thread that reads what the test prints.
    pub fn sender(&self, test: usize) -> Sender {
        Sender { frames: Arc::clone(&self.frames), test }
    }

    fn send(&self, kind: u8, test: usize, bytes: &[u8]) {
        send(&self.frames, kind, test, bytes);
    }

    /// All events have been written after this.
    pub fn finish(mut self) -> Result<(), Failure> {
        drop(self.frames.lock().unwrap_or_else(|e| e.into_inner()).take());
        let failed = |what: String| Failure::Message(format!("golift: test2json: {what}"));
        let status = self.child.wait().map_err(|e| failed(e.to_string()))?;
        // Where nobody reads, it is ended by a signal.
        if status.code().is_some_and(|code| code != 0) { Err(failed(status.to_string())) } else { Ok(()) }
    }
}

fn send(frames: &Mutex<Option<ChildStdin>>, kind: u8, test: usize, bytes: &[u8]) {
    let mut frame = Vec::with_capacity(9 + bytes.len());
    frame.push(kind);
    frame.extend((test as u32).to_le_bytes());
    frame.extend((bytes.len() as u32).to_le_bytes());
    frame.extend_from_slice(bytes);
    let mut frames = frames.lock().unwrap_or_else(|e| e.into_inner());
    // Who does not read the events still gets the exit code.
    let _ = frames.as_mut().map(|frames| frames.write_all(&frame));
}
