//! Tests of the runtime, which is a workspace of its own (runtime/rt): its unit tests, and a program that uses it without our compiler.

use std::error::Error;
use std::fs;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Streams, root, run};

#[test]
fn units() {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--release", "--lib", "--quiet", "--manifest-path"])
        .arg(root().join("runtime/rt/Cargo.toml"))
        .arg("--target-dir")
        .arg(root().join("target/runtime"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "cargo test of runtime/rt: {status}");
}

fn succeeds(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// C functions in the role of compiled Go start goroutines, which send, select, lock, sleep, call the system, recurse, allocate and
/// collect. The program ends with a deadlock on purpose.
#[test]
fn fake_go() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let [runtime, object, program] = ["runtime.o", "fakego.o", "fakego"].map(|name| dir.path().join(name));
    fs::write(&runtime, golift_link::RUNTIME)?;
    succeeds(
        Command::new("gcc")
            // r15 holds the goroutine, the red zone of C is where signals push, and frames are found by frame pointer.
            .args(["-O2", "-w", "-masm=intel", "-ffixed-r15", "-fno-omit-frame-pointer", "-mno-red-zone", "-fno-pie"])
            .args(["-fno-stack-protector", "-fcf-protection=none", "-fno-reorder-blocks-and-partition", "-c"])
            .arg(root().join("runtime/rt/tests/fakego.c"))
            .arg("-o")
            .arg(&object),
    )?;
    succeeds(
        Command::new("ld")
            .args(["-static", "-e", "fake_entry", "--gc-sections", "-o"])
            .args([&program, &object, &runtime]),
    )?;
    for procs in ["1", "2", "8"] {
        // C has no write barriers, so marking has to be done in a stopped world.
        let variables = [("GOMAXPROCS", procs), ("GODEBUG", "gcstoptheworld=1")];
        let outcome = run(Command::new(&program).envs(variables), Streams::Both, Duration::from_secs(60))?;
        let text = outcome.text();
        let has = |line: &str| text.lines().any(|l| l == line);
        assert!(
            outcome.code() == Some(2)
                && has("ok")
                && has("fatal error: all goroutines are asleep - deadlock!")
                && has("main.fake(...)"),
            "GOMAXPROCS={procs}: {}\n{text}",
            outcome.ending(),
        );
    }
    Ok(())
}
