//! What the passes make of small functions.

use golift_ir::{parse_program, print_func, verify_program};
use golift_opt::{Options, optimize_program};

const TYPES: &str = r#"data d0 "type:T" types align 8 size 16
data d1 "itab" itabs align 8 size 32 reloc 24 abs64 func "impl" 0
extern func "runtime.newobject" (ptr) -> (ptr) c
func "impl" (ptr) -> (i64) noinline {
bb0(v0: ptr):
  v1: i64 = load v0 0
  return (v1)
}
func "keep" (ptr) noinline {
bb0(v0: ptr):
  v1: ptr = data_addr d1 0
  store v1, v0 0
  return ()
}
func "small" (i64, i64) -> (i64) {
  loc loc1 "small" "s.go" 7 0 5 loc0
bb0(v0: i64, v1: i64):
  v2: i64 = add v0, v1 @loc1
  return (v2)
}
"#;

/// The text of function `f` after optimisation.
#[track_caller]
fn optimized(f: &str) -> String {
    let mut p = parse_program(&format!("{TYPES}{f}")).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    optimize_program(&mut p, &Options { verify: true, ..Options::default() });
    print_func(&p, &p.funcs[p.func_by_name["f"]])
}

#[test]
fn constants_and_branches_fold() {
    let text = optimized(
        "func \"f\" (i64) -> (i64) {\nbb0(v0: i64):\n  v1: i64 = iconst 6\n  v2: i64 = iconst 7\n  v3: i64 = mul v1, v2\n  v4: i64 = iconst 42\n  v5: i8 = icmp eq v3, v4\n  brif v5, bb1, bb2\nbb1:\n  return (v3)\nbb2:\n  return (v0)\n}\n",
    );
    assert_eq!(text, "func \"f\" (i64) -> (i64) {\nbb0(v0: i64):\n  v3: i64 = iconst 42\n  return (v3)\n}\n");
}

#[test]
fn calls_are_inlined_with_their_locations() {
    let text = optimized(
        "func \"f\" (i64) -> (i64) {\n  loc loc1 \"f\" \"f.go\" 3 0 1 loc0\nbb0(v0: i64):\n  v1: i64 = call \"small\" (v0, v0) @loc1\n  v2: i64 = call \"small\" (v1, v0) @loc1\n  return (v2)\n}\n",
    );
    assert!(!text.contains("call"), "{text}");
    assert!(text.contains("loc loc2 \"small\" \"s.go\" 7 0 5 loc1"), "{text}");
    assert!(text.contains("add v0, v0 @loc2"), "{text}");
}

#[test]
fn objects_that_do_not_escape_become_values() {
    let text = optimized(
        "func \"f\" (i64) -> (i64) {\nbb0(v0: i64):\n  v1: ptr = alloc d0 size 16 align 8\n  v2: i8 = icmp eq v0, v0\n  store v1, v0 8\n  jump bb1(v0)\nbb1(v3: i64):\n  v4: i64 = load v1 8\n  v5: i64 = add v4, v3\n  store v1, v5 8\n  v6: i64 = iconst 100\n  v7: i8 = icmp sgt v5, v6\n  brif v7, bb2, bb1(v5)\nbb2:\n  v8: i64 = load v1 8\n  v9: i64 = load v1 0\n  v10: i64 = add v8, v9\n  return (v10)\n}\n",
    );
    for gone in ["alloc", "load", "store", "slot_addr"] {
        assert!(!text.contains(gone), "{gone}:\n{text}");
    }
}

#[test]
fn private_parameters_do_not_make_objects_escape() {
    let text = optimized(
        "func \"f\" () -> (i64) {\nbb0:\n  v1: ptr = alloc d0 size 16 align 8\n  v2: i64 = call \"impl\" (v1)\n  return (v2)\n}\n",
    );
    assert!(!text.contains("alloc") && text.contains("slot ss0 16 align 8"), "{text}");
    let text = optimized(
        "func \"f\" () {\nbb0:\n  v1: ptr = alloc d0 size 16 align 8\n  call \"keep\" (v1)\n  return ()\n}\n",
    );
    assert!(text.contains("alloc"), "{text}");
}

#[test]
fn objects_of_other_iterations_stay_in_the_heap() {
    // The object of one iteration is alive in the next.
    let text = optimized(
        "func \"f\" (ptr) -> (i64) {\nbb0(v0: ptr):\n  jump bb1(v0)\nbb1(v1: ptr):\n  v2: ptr = alloc d0 size 16 align 8\n  v3: i64 = load v1 0\n  store v2, v3 0\n  v4: i64 = iconst 10\n  v5: i8 = icmp sgt v3, v4\n  brif v5, bb2, bb1(v2)\nbb2:\n  return (v3)\n}\n",
    );
    assert!(text.contains("alloc"), "{text}");
}

#[test]
fn calls_through_known_tables_are_direct() {
    let text = optimized(
        "func \"f\" (ptr) -> (i64) {\nbb0(v0: ptr):\n  v1: ptr = data_addr d1 0\n  v2: ptr = load v1 24\n  v3: i64 = call indirect v2 sig (ptr) -> (i64) args (v0)\n  return (v3)\n}\n",
    );
    assert!(text.contains("call \"impl\" (v0)") && !text.contains("indirect"), "{text}");
}

#[test]
fn a_local_closure_disappears() {
    let text = optimized(
        r#"func "f" (i64) -> (i64) {
bb0(v0: i64):
  v1: ptr = alloc d0 size 16 align 8
  v2: ptr = func_addr "body"
  store v1, v2 0
  store v1, v0 8
  v3: i64 = call closure v1 sig (ptr, i64) -> (i64) args (v0)
  return (v3)
}
func "body" (ptr, i64) -> (i64) closure {
bb0(v0: ptr, v1: i64):
  v2: i64 = load v0 8
  v3: i64 = mul v2, v1
  return (v3)
}
"#,
    );
    assert!(text.ends_with("bb0(v0: i64):\n  v5: i64 = mul v0, v0\n  return (v5)\n}\n"), "{text}");
}

#[test]
fn recovery_points_survive() {
    let text = optimized(
        r#"func "f" (i64) -> (i64) {
  slot ss0 40 align 8
  slot ss1 8 align 8
bb0(v0: i64):
  v1: ptr = slot_addr ss1 0
  store v1, v0 0
  recovery_point ss0, bb1, bb2
bb1:
  v2: i64 = load v1 0
  v3: i64 = call "small" (v2, v0)
  jump bb3(v3)
bb2(v4: ptr):
  v5: i64 = load v4 32
  v6: i64 = call "small" (v5, v5)
  jump bb3(v6)
bb3(v7: i64):
  return (v7)
}
"#,
    );
    assert!(text.contains("recovery_point ss0, bb1, bb2"), "{text}");
    assert!(text.contains("call \"small\" (v5, v5)") && !text.contains("ss1, "), "{text}");
}

#[test]
fn checks_that_cannot_fail_go() {
    // for i := 0; i < n; i++ { check i <u n; load }
    let text = optimized(
        r#"func "f" (ptr, i64) -> (i64) {
bb0(v0: ptr, v1: i64):
  v2: i64 = iconst 0
  jump bb1(v2, v2)
bb1(v3: i64, v4: i64):
  v5: i8 = icmp sge v3, v1
  brif v5, bb2, bb3
bb2:
  return (v4)
bb3:
  v6: i8 = icmp uge v3, v1
  brif v6, bb4, bb5
bb4:
  unreachable
bb5:
  v7: ptr = ptr_add v0, v3
  v8: i8 = load v7 0
  v9: i64 = zext v8
  v10: i64 = add v4, v9
  v11: i64 = iconst 1
  v12: i64 = add v3, v11
  jump bb1(v12, v10)
}
"#,
    );
    assert!(!text.contains("uge") && text.contains("sge"), "{text}");
    // The counter of a loop without a bound below the increment may wrap around: the check stays.
    let text = optimized(
        r#"func "f" (ptr, i64) -> (i64) {
bb0(v0: ptr, v1: i64):
  v2: i64 = iconst 0
  jump bb1(v2)
bb1(v3: i64):
  v6: i8 = icmp uge v3, v1
  brif v6, bb4, bb5
bb4:
  unreachable
bb5:
  v7: ptr = ptr_add v0, v3
  v8: i8 = load v7 0
  v11: i64 = iconst 1
  v12: i64 = add v3, v11
  brif v8, bb2, bb1(v12)
bb2:
  return (v12)
}
"#,
    );
    assert!(text.contains("uge"), "{text}");
    // A byte indexes a table of 256 entries.
    let text = optimized(
        r#"func "f" (i8) -> (i64) {
bb0(v0: i8):
  v1: i64 = zext v0
  v2: i64 = iconst 256
  v3: i8 = icmp uge v1, v2
  brif v3, bb1, bb2
bb1:
  unreachable
bb2:
  return (v1)
}
"#,
    );
    assert!(!text.contains("brif"), "{text}");
}

#[test]
fn one_nil_check_is_enough() {
    let text = optimized(
        r#"func "f" (ptr) -> (i64) {
bb0(v0: ptr):
  nil_check v0
  v1: i64 = load v0 8
  nil_check v0
  v2: i64 = load v0 16
  v3: i64 = load v0 24
  v4: i64 = add v1, v2
  return (v4)
}
"#,
    );
    assert!(!text.contains("nil_check"), "{text}");
    assert!(text.contains("load v0 8\n") && text.contains("load v0 16 notrap"), "{text}");
    assert!(!text.contains("load v0 24"), "{text}");
}
