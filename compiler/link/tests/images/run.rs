//! Small IR programs, compiled, linked and run.
use crate::support::*;

/// `runtime.main` that exits with the result of `f`.
fn exit_with(call: &str, rest: &str) -> String {
    format!("func \"runtime.main\" () {{\nbb0:\n  {call}\n  call \"golift_exit\" (v0)\n  unreachable\n}}\n{rest}")
}

#[test]
fn hello() {
    let out = run(r#"data d0 "" rodata align 1 size 6 bytes "68656c6c6f0a"
data d1 "main.p" data align 8 size 8 bytes "" mask "01" reloc 0 abs64 data d0 0
func "runtime.main" () {
bb0:
  v0: ptr = data_addr d1 0
  v1: ptr = load v0 0
  v2: i64 = iconst 6
  call "golift_write" (v1, v2)
  return ()
}
"#);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "hello\n");
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn recursion_grows_the_stack() {
    // fib(20) % 256 and a recursion 100000 deep.
    let text = exit_with(
        "v1: i64 = iconst 100000\n  v2: i64 = iconst 1\n  v0: i64 = call \"sum\" (v1, v2, v2, v2, v2, v2, v2, v2, v2)",
        r#"func "sum" (i64, i64, i64, i64, i64, i64, i64, i64, i64) -> (i64) {
bb0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64, v6: i64, v7: i64, v8: i64):
  v10: i64 = iconst 0
  v11: i8 = icmp eq v0, v10
  brif v11, bb1, bb2
bb1:
  return (v10)
bb2:
  v12: i64 = sub v0, v1
  v13: i64 = call "sum" (v12, v1, v2, v3, v4, v5, v6, v7, v8)
  v14: i64 = add v13, v8
  return (v14)
}
"#,
    );
    assert_eq!(status(&text), 100000 % 256);
}

#[test]
fn large_frames_ask_for_enough() {
    // The frame is larger than the first stack: morestack must be told its size.
    let text = exit_with(
        "v1: i64 = call \"big\" ()\n  v2: i64, v3: i64 = call \"golift_morestacks\" ()\n  v4: i64 = iconst 40\n  v5: i64 = lshr v3, v4\n  v0: i64 = add v5, v1",
        r#"func "big" () -> (i64) {
  slot ss0 200000 align 8
bb0:
  v0: ptr = slot_addr ss0 0
  v1: i64 = iconst 7
  store v0, v1 0
  call "use" (v0)
  v2: i64 = load v0 0
  return (v2)
}
func "use" (ptr) noinline {
bb0(v0: ptr):
  mem_zero v0 size 200000 align 8
  v1: i64 = iconst 5
  store v0, v1 0
  return ()
}
"#,
    );
    // The slot (16 bytes more for the frame pointer and a return address), divided by 256, and the 5 from the slot.
    assert_eq!(status(&text), ((200000 + 16) / 256 + 5) % 256);
}

#[test]
fn recovery_lands_with_the_record() {
    let text = exit_with(
        "v0: i64 = call \"guarded\" ()",
        r#"data d0 "main.x" bss align 8 size 8
func "guarded" () -> (i64) {
  slot ss0 40 align 8
bb0:
  v0: ptr = slot_addr ss0 0
  v1: i64 = iconst 33
  store v0, v1 32 notrap
  v9: ptr = data_addr d0 0
  store v9, v1 0
  recovery_point ss0, bb1, bb2
bb1:
  v2: ptr = slot_addr ss0 0
  v3: ptr = func_addr "thrower"
  call "thrower" (v2)
  v4: i64 = iconst 1
  return (v4)
bb2(v5: ptr):
  v6: i64 = load v5 32
  v7: ptr = data_addr d0 0
  v8: i64 = load v7 0
  v10: i64 = add v6, v8
  return (v10)
}
func "thrower" (ptr) noinline {
bb0(v0: ptr):
  call "golift_recover" (v0)
  unreachable
}
"#,
    );
    assert_eq!(status(&text), 66);
}

#[test]
fn callee_saved_registers_survive_recovery() {
    // The caller keeps values across the guarded call, whose landing sees clobbered registers.
    let text = exit_with(
        "v1: i64 = iconst 10\n  v0: i64 = call \"caller\" (v1)",
        r#"func "caller" (i64) -> (i64) {
bb0(v0: i64):
  v1: i64 = call "id" (v0)
  v2: i64 = call "id" (v1)
  v3: i64 = call "id" (v2)
  v4: i64 = call "guarded" ()
  v5: i64 = add v1, v2
  v6: i64 = add v5, v3
  v7: i64 = add v6, v4
  v8: i64 = add v7, v0
  return (v8)
}
func "id" (i64) -> (i64) noinline {
bb0(v0: i64):
  return (v0)
}
func "guarded" () -> (i64) {
  slot ss0 24 align 8
bb0:
  recovery_point ss0, bb1, bb2
bb1:
  v2: ptr = slot_addr ss0 0
  call "golift_recover" (v2)
  unreachable
bb2(v5: ptr):
  v6: i64 = iconst 2
  return (v6)
}
"#,
    );
    assert_eq!(status(&text), 42);
}

#[test]
fn write_barriers() {
    let text = exit_with(
        "v9: ptr = data_addr d0 0\n  call \"stores\" (v9)\n  v10: i32 = iconst 1\n  call \"golift_set_barrier\" (v10)\n  call \"stores\" (v9)\n  v1: i64 = call \"golift_barrier_count\" ()\n  v2: i64 = load v9 8\n  v3: i64 = ptr_to_int v9\n  v4: i64 = sub v3, v2\n  v0: i64 = add v1, v4",
        r#"data d0 "main.x" bss align 8 size 32 mask "0f"
func "stores" (ptr) {
bb0(v0: ptr):
  store v0, v0 0 barrier
  store v0, v0 8 barrier
  store v0, v0 16 notrap barrier
  return ()
}
"#,
    );
    assert_eq!(status(&text), 3);
}

#[test]
fn closures_tables_and_tail_calls() {
    let text = exit_with(
        "v1: ptr = data_addr d0 0\n  v2: i64 = iconst 2\n  v0: i64 = call closure v1 sig (ptr, i64) -> (i64) args (v2)",
        r#"data d0 "main.f" rodata align 8 size 16 bytes "00000000000000001400000000000000" reloc 0 abs64 func "body" 0
func "body" (ptr, i64) -> (i64) closure {
bb0(v0: ptr, v1: i64):
  v2: i64 = load v0 8
  br_table v1, [bb1, bb1, bb2, bb1], bb1
bb1:
  v3: i64 = iconst 1
  return (v3)
bb2:
  tail_call "twice" (v2)
}
func "twice" (i64) -> (i64) {
bb0(v0: i64):
  v1: i64 = add v0, v0
  return (v1)
}
"#,
    );
    assert_eq!(status(&text), 40);
}

#[test]
fn nil_faults_and_reads_the_frame() {
    let out = run(&exit_with("v1: ptr = iconst 0\n  v0: i64 = load v1 8", ""));
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&out.status), Some(11));
    // The frame pointer of the callee's caller is the frame pointer here.
    let text = exit_with(
        "v1: ptr = call \"parent\" ()\n  v2: ptr = get_fp\n  v3: i8 = icmp eq v1, v2\n  v0: i64 = zext v3",
        "func \"parent\" () -> (ptr) noinline {\nbb0:\n  v0: ptr = get_caller_fp\n  return (v0)\n}\n",
    );
    assert_eq!(status(&text), 1);
}

#[test]
fn arithmetic() {
    let cases: &[(&str, i64)] = &[
        ("v1: f64 = f64const 0x7ff8000000000000\n  v0: i64 = f_to_s_sat v1", 0),
        ("v1: f64 = f64const 0x405ec00000000000\n  v2: f64 = floor v1\n  v0: i64 = f_to_s_sat v2", 123),
        ("v1: f64 = f64const 0x4008000000000000\n  v2: f64 = fma v1, v1, v1\n  v0: i64 = f_to_s_sat v2", 12),
        (
            "v1: i64 = iconst -1\n  v2: i64 = iconst 1\n  v3: i64 = iconst 0\n  v4: i64, v0: i64 = add_carry v1, v2, v3",
            1,
        ),
        ("v1: i64 = iconst 0\n  v2: i64 = iconst 1\n  v4: i64, v0: i64 = sub_borrow v1, v2, v2", 1),
        (
            "v1: i8 = iconst -1\n  v2: i32 = sext v1\n  v3: i64 = zext v2\n  v4: i64 = iconst 28\n  v0: i64 = lshr v3, v4",
            15,
        ),
        ("v1: i64 = iconst 240\n  v2: i64 = popcnt v1\n  v3: i64 = ctz v1\n  v0: i64 = add v2, v3", 8),
        (
            "v1: i64 = iconst -9223372036854775808\n  v2: i64 = umulhi v1, v1\n  v3: i64 = iconst 62\n  v0: i64 = lshr v2, v3",
            1,
        ),
        (
            "v1: i64 = iconst 7\n  keep_alive v1\n  pause\n  v2: i8 = icmp ult v1, v1\n  v3: i64 = iconst 1\n  v0: i64 = select v2, v3, v1",
            7,
        ),
    ];
    for (body, want) in cases {
        assert_eq!(status(&exit_with(body, "")), *want as i32, "{body}");
    }
}

#[test]
fn block_moves() {
    // Copies of every size up to past the inline limit, checked byte by byte by a checksum.
    for size in (0..140).step_by(1) {
        let bytes: String = (0..size).map(|i| format!("{:02x}", i as u8)).collect();
        let want = (0..size).sum::<i64>() % 256;
        let text = exit_with(
            "v0: i64 = call \"copy\" ()",
            &format!(
                r#"data d0 "src" rodata align 1 size {size} bytes "{bytes}"
func "copy" () -> (i64) {{
  slot ss0 160 align 8
bb0:
  v0: ptr = slot_addr ss0 8
  v1: ptr = data_addr d0 0
  mem_zero v0 size 150 align 1
  mem_copy v0, v1 size {size} align 1
  v2: i64 = iconst 0
  jump bb1(v2, v2)
bb1(v3: i64, v4: i64):
  v5: ptr = ptr_add v0, v3
  v6: i8 = load v5 0
  v7: i64 = zext v6
  v8: i64 = add v4, v7
  v9: i64 = iconst 1
  v10: i64 = add v3, v9
  v11: i64 = iconst 150
  v12: i8 = icmp eq v10, v11
  brif v12, bb2(v8), bb1(v10, v8)
bb2(v13: i64):
  return (v13)
}}
"#
            ),
        );
        assert_eq!(status(&text), want as i32, "size {size}");
    }
}

#[test]
fn spills_beyond_the_red_zone_get_a_wrapper() {
    // 300 values alive across a call: the spill area exceeds the limit.
    let n = 300;
    let mut body = String::from("func \"wide\" (i64) -> (i64) {\nbb0(v0: i64):\n");
    for i in 1..=n {
        body += &format!("  v{i}: i64 = call \"id\" (v{})\n", i - 1);
    }
    body += &format!("  v{}: i64 = add v1, v2\n", n + 1);
    for i in 3..=n {
        body += &format!("  v{}: i64 = add v{}, v{i}\n", n + i - 1, n + i - 2);
    }
    body += &format!("  return (v{})\n}}\n", 2 * n - 1);
    body += "func \"id\" (i64) -> (i64) noinline {\nbb0(v0: i64):\n  return (v0)\n}\n";
    let text = exit_with("v1: i64 = iconst 3\n  v0: i64 = call \"wide\" (v1)", &body);
    assert_eq!(status(&text), 900 % 256);
}
