//! Text form: what is printed parses back to the same text, and the verifier finds broken rules.

use golift_ir::*;

const ALL: &str = r#"data d0 "main.greeting" rodata align 8 size 16 bytes "68690000" reloc 8 abs64 data d1 4
data d1 "main.count\"er" bss align 8 size 8 mask "01"
data d2 "" types align 4 size 8 bytes "00" reloc 0 abs32 func "main.main" 0 reloc 4 abs32 symbol "golift_x" -1
typelink d2
itab d0
func "main.main" (i64, ptr, f64) -> (i64) noinline file "main.go" line 3 {
  slot ss0 24 align 8
  loc loc1 "main.main" "main.go" 4 3 loc0
  loc loc2 "main.inner" "main.go" 9 8 loc1
bb0(v0: i64, v1: ptr, v2: f64):
  v3: i64 = iconst -5 @loc1
  v4: i64 = add v0, v3 @loc2
  v5: i8 = icmp slt v4, v0
  v6: i8 = fcmp le v2, v2
  v7: f64 = f64const 0x3ff0000000000000
  v8: f64 = fma v2, v7, v2
  v9: i64, v10: i64 = add_carry v0, v3, v3
  v11: i64 = load v1 8 notrap readonly
  store v1, v11 -16 notrap
  v12: ptr = alloc d2 size 16 align 8
  store v12, v1 0 barrier
  mem_copy v12, v1 size 16 align 8 barrier d2
  mem_zero v12 size 16 align 8
  v13: i64 = atomic_add v1, v0
  v14: i64 = atomic_cas v1, v0, v3
  v15: i64 = call "main.add" (v0, v3)
  v16: ptr = func_addr "main.add"
  v17: i64 = call indirect v16 sig (i64, i64) -> (i64) args (v0, v0)
  call closure v16 sig (ptr, i64) args (v0)
  v18: i32 = trunc v0
  v19: f64 = u_to_f v18
  v20: ptr = slot_addr ss0 8
  v21: ptr = data_addr d0 4
  v22: i64 = select v6, v0, v3
  nil_check v1
  keep_alive v1
  pause
  v23: ptr = get_g
  brif v5, bb1(v4), bb2
bb1(v24: i64):
  v25: i64 = sub v24, v0
  br_table v25, [bb2, bb3(v24)], bb4
bb2:
  recovery_point ss0, bb5, bb6
bb3(v26: i64):
  return (v26)
bb4:
  unreachable
bb5:
  tail_call "main.add" (v0, v0)
bb6(v27: ptr):
  v28: i64 = load v27 24
  return (v28)
}
func "main.add" (i64, i64) -> (i64) {
bb0(v0: i64, v1: i64):
  v2: i64 = add v0, v1
  return (v2)
}
extern func "golift_x" (ptr) -> (i8) c
"#;

#[test]
fn round_trip() {
    let p = parse_program(ALL).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    assert_eq!(print_program(&p), ALL);
}

#[track_caller]
fn rejects(body: &str, message: &str) {
    let text = format!("func \"f\" (i64) -> (i64) {{\n  slot ss0 24 align 8\n{body}\n}}\n");
    let p = parse_program(&text).unwrap();
    let errors = verify_program(&p);
    assert!(errors.iter().any(|e| e.contains(message)), "{errors:?}");
}

#[test]
fn verifier_finds_broken_rules() {
    rejects("bb0(v0: i64):\n jump bb0(v0)", "branches to the entry");
    rejects("bb0(v0: i64):\n v1: i32 = iconst 1\n return (v1)", "returns");
    rejects("bb0(v0: i64):\n v1: i64 = add v0, v2\n v2: i64 = iconst 1\n return (v1)", "dominate");
    rejects("bb0(v0: i64):\n v1: i32 = iconst 1\n v2: i64 = add v0, v1\n return (v2)", "v1 is i32");
    rejects("bb0(v0: i64):\n jump bb1\nbb1(v1: i64):\n return (v1)", "bb1 gets");
    rejects("bb0(v0: i64):\n call \"f\" (v0)\n return (v0)", "results");
    rejects(
        "bb0(v0: i64):\n recovery_point ss0, bb1, bb2\nbb1:\n return (v0)\nbb2(v1: ptr):\n return (v0)",
        "before the landing",
    );
}

#[test]
fn errors_name_the_line() {
    let e = parse_program("func \"f\" () {\nbb0:\n  frobnicate\n}\n").err().unwrap();
    assert_eq!(e, "line 3: unknown instruction frobnicate");
}
