//! Text form: what is printed parses back to the same text, and the verifier finds broken rules.

use golift_ir::*;

/// Every instruction, and data with everything that it may have.
const ALL: &str = include_str!("all.ir");

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
fn verifier_finds_lost_variables() {
    let tables = |place: &str| format!("  scope scope0 loc0\n  var local0 \"x\" \"int\" scope0 loc0 {place}\n");
    let body = "bb0(v0: i64):\n return (v0)";
    rejects(&format!("{}{body}", tables("values (0: v1)")), "local0 is at a place");
    rejects(&format!("{}{body}", tables("address (v0)")), "local0 is at a place");
    rejects(&format!("{}{body}", tables("slot ss7")), "local0 is at a place");
    rejects(&format!("  scope scope0 loc0 scope0\n{body}"), "before its parent");
}

#[test]
fn errors_name_the_line() {
    let e = parse_program("func \"f\" () {\nbb0:\n  frobnicate\n}\n").err().unwrap();
    assert_eq!(e, "line 3: unknown instruction frobnicate");
}
