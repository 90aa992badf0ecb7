//! Builds the Rust runtime and prelinks it into one relocatable object, which the linker embeds.
//!
//! The runtime is a cargo workspace of its own because it is built for the *target* of the compiler, as a
//! `panic=abort` static library with its own flags. Needs `ld` on the machine that builds golift;
//! users of golift need no linker.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TARGET: &str = "x86_64-unknown-linux-gnu";
const ENTRY: &str = "_rt0_amd64_linux";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let runtime = here.join("../../runtime");
    for dir in ["rt", "abi"] {
        for part in ["src", "Cargo.toml"] {
            println!("cargo::rerun-if-changed={}", runtime.join(dir).join(part).display());
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    let object = out.join("runtime.o");
    let manifest = runtime.join("rt/Cargo.toml");
    let library = build_library(&manifest, &out.join("rt"));
    let ld = env::var_os("LD").unwrap_or_else(|| "ld".into());
    let script = here.join("../../linker-scripts/prelink.ld");
    println!("cargo::rerun-if-changed={}", script.display());
    let mut prelink = Command::new(ld);
    prelink.args(["-r", "--strip-debug", "--discard-locals", "-u", ENTRY, "-T"]).arg(script);
    run(prelink.arg("-o").arg(&object).arg(&library));
    let size = fs::metadata(&object).expect("ld wrote it").len();
    assert!(size > 0, "empty runtime object");
}

/// Runs cargo for the runtime's own workspace.
fn build_library(manifest: &Path, target_dir: &Path) -> PathBuf {
    let cargo = env::var_os("CARGO").expect("set by cargo");
    let mut command = Command::new(cargo);
    // What the outer cargo set for this build script must not leak into the inner one.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let keep = ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY"].contains(&&*text);
        let outer = text.starts_with("CARGO") || text.starts_with("RUSTC") || text.starts_with("RUSTFLAGS");
        let profile = ["TARGET", "HOST", "PROFILE", "OPT_LEVEL", "DEBUG", "NUM_JOBS", "OUT_DIR"].contains(&&*text);
        if (outer && !keep) || profile {
            command.env_remove(&name);
        }
    }
    command
        .env("RUSTFLAGS", "-C relocation-model=static -C force-frame-pointers=yes")
        .args(["build", "--release", "--lib", "--target", TARGET, "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target_dir);
    run(&mut command);
    target_dir.join(TARGET).join("release/libgolift_runtime.a")
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(status.success(), "{command:?}: {status}");
}
