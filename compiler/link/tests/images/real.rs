//! The real runtime: it links, starts, and runs a main goroutine.

use crate::support::run_image;
use golift_codegen::{Options, Target, compile_program};
use golift_ir::{parse_program, verify_program};
use golift_link::{LinkOptions, link};

const HELLO: &str = r#"data d0 "" rodata align 1 size 6 bytes "68656c6c6f0a"
extern func "golift_write_err" (ptr, i64) c
extern func "golift_exit" (i32) c
func "runtime.main" () top {
bb0:
  v0: i64 = iconst 200000
  v1: i64 = call "main.deep" (v0)
  v2: ptr = data_addr d0 0
  v3: i64 = iconst 6
  call "golift_write_err" (v2, v3)
  v4: i32 = trunc v1
  call "golift_exit" (v4)
  unreachable
}
func "main.deep" (i64) -> (i64) noinline {
bb0(v0: i64):
  v1: i64 = iconst 0
  v2: i8 = icmp eq v0, v1
  brif v2, bb1, bb2
bb1:
  v3: i64 = iconst 7
  return (v3)
bb2:
  v4: i64 = iconst 1
  v5: i64 = sub v0, v4
  v6: i64 = call "main.deep" (v5)
  v7: i64 = xor v6, v5
  v8: i64 = xor v7, v5
  return (v8)
}
func "runtime.goexit" () {
bb0:
  unreachable
}
func "runtime.sigpanic" () {
bb0:
  v0: i32 = iconst 99
  call "golift_exit" (v0)
  unreachable
}
"#;

#[test]
fn hello_on_the_real_runtime() {
    let p = parse_program(HELLO).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    let compiled = compile_program(&p, &Target::X86_64, &Options::default());
    let start = std::time::Instant::now();
    let image = link(&p, &compiled, &LinkOptions::default()).unwrap_or_else(|e| panic!("{e}")).to_vec();
    let time = start.elapsed();
    println!("linked {} bytes in {time:?}", image.len());
    assert!(image.len() < 600_000, "{} bytes", image.len());
    let out = run_image(&image);
    assert_eq!(String::from_utf8_lossy(&out.stderr), "hello\n");
    assert_eq!(out.status.code(), Some(7));
}
