//! Compiles, links and runs IR text with a small runtime in assembly.

use golift_codegen::{CompiledProgram, Options, Target, compile_program};
use golift_ir::{Program, parse_program, verify_program};
use golift_link::{Image, LinkError, LinkOptions, link_with_runtime};
use golift_opt::optimize_program;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runtime functions that test programs may call.
pub const EXTERNS: &str = r#"
extern func "golift_exit" (i64) c
extern func "golift_write" (ptr, i64) c
extern func "golift_recover" (ptr) c
extern func "golift_set_barrier" (i32) c
extern func "golift_barrier_count" () -> (i64) c
extern func "golift_morestacks" () -> (i64, i64) c
extern func "golift_module" () -> (ptr, i64) c
extern func "golift_never" () c
"#;

fn scratch(name: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{n}", std::process::id()))
}

/// The assembled runtime.
pub fn runtime() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/images/mini_rt.s");
        let object = scratch("mini_rt.o");
        let ok = Command::new("cc").args(["-c", source, "-o"]).arg(&object).status().expect("cc runs");
        assert!(ok.success());
        std::fs::read(object).expect("cc wrote it")
    })
}

pub fn program(text: &str) -> Program {
    let p = parse_program(&format!("{text}{EXTERNS}")).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(verify_program(&p), Vec::<String>::new());
    p
}

pub fn compile(p: &Program) -> CompiledProgram {
    compile_program(p, &Target::X86_64, &Options { verify: true, threads: 2, ..Options::default() })
}

pub fn link(p: &Program) -> Result<Vec<u8>, LinkError> {
    link_parts(p).map(|image| image.to_vec())
}

pub fn link_parts(p: &Program) -> Result<Image, LinkError> {
    let opts = LinkOptions { build_info: b"path\tcommand-line-arguments\n".to_vec(), ..LinkOptions::default() };
    link_with_runtime(p, &compile(p), &opts, runtime())
}

pub fn run_image(image: &[u8]) -> Output {
    let path = scratch("a.out");
    std::fs::write(&path, image).expect("writable");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("permissions");
    // A fork of another test thread may still hold the file open for writing.
    let out = loop {
        match Command::new(&path).output() {
            Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            out => break out.expect("the image runs"),
        }
    };
    if std::env::var_os("KEEP").is_none() {
        let _ = std::fs::remove_file(&path);
    }
    out
}

/// Runs the program as it is and optimised; both must do the same.
pub fn run(text: &str) -> Output {
    let mut p = program(text);
    let plain = run_image(&link(&p).unwrap_or_else(|e| panic!("{e}")));
    optimize_program(&mut p, &golift_opt::Options { verify: true, ..Default::default() });
    let optimized = run_image(&link(&p).unwrap_or_else(|e| panic!("{e}")));
    let text = golift_ir::print_program(&p);
    assert_eq!(plain, optimized, "optimised program:\n{text}");
    plain
}

/// Runs the program and returns its exit status (the argument of `golift_exit` modulo 256).
#[track_caller]
pub fn status(text: &str) -> i32 {
    let out = run(text);
    out.status.code().unwrap_or_else(|| panic!("{}\n{text}", out.status))
}
