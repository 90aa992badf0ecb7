//! Runs the model checks of the scheduler, which are a workspace of their own (runtime/model).

use std::process::Command;

use golift_tests::root;

#[test]
fn scheduler_models() {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--release", "--quiet", "--manifest-path"])
        .arg(root().join("runtime/model/Cargo.toml"))
        .arg("--target-dir")
        .arg(root().join("target/model"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "cargo test of runtime/model: {status}");
}
