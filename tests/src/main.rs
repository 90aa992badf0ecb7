//! Tools that are too slow for `cargo test`:
//!
//! ```text
//! cargo build --release && cargo run --release -p golift-tests -- gotest [name...]
//! cargo build --release && cargo run --release -p golift-tests -- std [package...]    the standard library's own tests
//! cargo build --release && cargo run --release -p golift-tests -- scripts [--reference] [name...]    cmd/go's own script tests; with gc's go
//! cargo build --release && cargo run --release -p golift-tests -- modules [name or path@version...]    modules' own tests, against gc's verdicts
//! cargo build --release && cargo run --release -p golift-tests -- bench [name...]
//! cargo run --release -p golift-tests -- bless [name...]    expected outputs, from gc
//! cargo run --release -p golift-tests -- fuzz --seed N --count M [--keep folder]    random programs, compared with gc
//! cargo run --release -p golift-tests -- fuzz --seed N --print      the program of a seed
//! cargo run --release -p golift-tests -- fuzz --reduce file.go      a smaller program on which they disagree
//! cargo run --release -p golift-tests -- fuzz-front --seed N --count M    broken files for the front end
//! ```

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use golift_tests::{
    Source, Streams, bench, fuzz_front, gc_build, generate, gotest, layout, message_files, messages, own_tests, panics,
    programs, root, run, scripts,
};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let good = match args.split_first() {
        Some((command, rest)) if command == "gotest" => gotest::gotest(rest),
        Some((command, rest)) if command == "std" => own_tests::std(rest),
        Some((command, rest)) if command == "scripts" => scripts::scripts(rest),
        Some((command, rest)) if command == "modules" => own_tests::modules(rest),
        Some((command, rest)) if command == "bench" => bench::bench(rest),
        Some((command, rest)) if command == "fuzz" => generate::fuzz(rest),
        Some((command, rest)) if command == "fuzz-front" => fuzz_front::fuzz_front(rest),
        Some((command, rest)) if command == "bless" => bless(rest),
        _ => {
            eprintln!("usage: golift-tests gotest|std|scripts|modules|bench|bless|fuzz|fuzz-front [argument...]");
            return ExitCode::from(2);
        }
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes the expected outputs beside programs, as gc's executables print them.
fn bless(filters: &[String]) -> bool {
    let goroot = match golift_load::find_goroot(None, &|msg| eprintln!("{msg}")) {
        Ok(goroot) => goroot,
        Err(e) => {
            eprintln!("{e}");
            return false;
        }
    };
    let mut good = true;
    let layout = layout::path();
    let wanted = filters.is_empty() || filters.iter().any(|filter| layout.to_string_lossy().contains(filter.as_str()));
    if wanted && let Err(e) = fs::write(&layout, layout::go_source()) {
        good = false;
        println!("{}: {e}", layout.display());
    }
    for path in message_files() {
        let name = path.to_string_lossy().into_owned();
        let wanted = filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
        if wanted && let Err(e) = messages::bless(&goroot, &path) {
            good = false;
            println!("{name}: {e}");
        }
    }
    for dir in ["examples", "tests/run", "tests/fixedbugs", "tests/panics"] {
        for source in programs(&root().join(dir)) {
            let name = source.to_string_lossy().into_owned();
            let wanted = filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
            if wanted && let Err(e) = bless_one(&goroot, &source) {
                good = false;
                println!("{name}: {e}");
            }
        }
    }
    good
}

fn bless_one(goroot: &Path, source: &Path) -> Result<(), String> {
    let text = fs::read_to_string(source).map_err(|e| e.to_string())?;
    if text.contains("// ERROR ") {
        return Ok(());
    }
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let program = work.path().join("program");
    let prepared = Source::prepare(source, &text).map_err(|e| e.to_string())?;
    let built = gc_build(goroot, &prepared, &program).map_err(|e| e.to_string())?;
    if built.code() != Some(0) {
        return Err(built.text());
    }
    if source.with_extension("err").exists() {
        let blocks = panics::run_cases(&program, &text, 2).map_err(|e| e.to_string())?;
        return fs::write(source.with_extension("err"), panics::join(&blocks)).map_err(|e| e.to_string());
    }
    let outcome =
        run(&mut Command::new(&program), Streams::Stdout, Duration::from_secs(60)).map_err(|e| e.to_string())?;
    let expected = golift_tests::expected_exit(&text);
    if outcome.code() != Some(expected) {
        return Err(format!("{}, but {expected} is expected", outcome.ending()));
    }
    fs::write(source.with_extension("out"), outcome.output).map_err(|e| e.to_string())
}
