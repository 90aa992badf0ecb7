//! Every instruction compiles for every target, also across threads.

use golift_codegen::{Options, Target, compile_program};
use golift_ir::{parse_program, verify_program};

const PROGRAM: &str = r#"data d0 "type:T" types align 8 size 16
func "runtime.newobject" (ptr) -> (ptr) {
bb0(v0: ptr):
  return (v0)
}
func "runtime.typedmemmove" (ptr, ptr, ptr) {
bb0(v0: ptr, v1: ptr, v2: ptr):
  return ()
}
func "runtime.typedmemclr" (ptr, ptr) {
bb0(v0: ptr, v1: ptr):
  return ()
}
func "main.main" (i64, ptr, f64) -> (i64) {
  slot ss0 24 align 8
  loc loc1 "main.main" "main.go" 4 3 loc0
bb0(v0: i64, v1: ptr, v2: f64):
  v3: i64 = iconst -5 @loc1
  v4: i64 = add v0, v3 @loc1
  v5: i8 = icmp slt v4, v0
  v6: i8 = fcmp le v2, v2
  v7: f64 = f64const 0x3ff0000000000000
  v8: f64 = fma v2, v7, v2
  v9: i64, v10: i64 = add_carry v0, v3, v3
  v11: i64 = load v1 8 notrap readonly
  store v1, v11 -16 notrap
  store v1, v8 5000
  v12: ptr = alloc d0 size 16 align 8
  store v12, v1 0 barrier
  mem_copy v12, v1 size 16 align 8 barrier d0
  mem_zero v12 size 16 align 8 barrier d0
  mem_copy v12, v1 size 100 align 8
  mem_zero v12 size 1000 align 8
  v13: i64 = atomic_add v1, v0
  v14: i64 = atomic_cas v1, v0, v3
  v15: i64 = atomic_load v1
  atomic_store v1, v15
  v16: ptr = func_addr "main.main"
  v17: i64 = call indirect v16 sig (i64, ptr, f64) -> (i64) args (v0, v1, v2)
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
  v30: ptr = get_sp
  v31: ptr = get_caller_fp
  v32: ptr = get_caller_pc
  v33: i64 = f_to_u_sat v8
  v34: i64 = bitrev v0
  v35: i32 = bswap v18
  v36: i64 = umulhi v33, v34
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
  tail_call "main.main" (v0, v1, v2)
bb6(v27: ptr):
  mem_zero v27 size 64 align 8
  v28: i64 = load v27 24
  return (v28)
}
"#;

#[test]
fn all_instructions_on_all_targets() {
    let p = parse_program(PROGRAM).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    for target in [Target::X86_64, Target::Arm64] {
        let run = |threads| compile_program(&p, &target, &Options { verify: true, threads, ..Options::default() });
        let (one, four) = (run(1), run(4));
        for id in p.funcs.keys() {
            let f = one.funcs[id].as_ref().unwrap();
            assert_eq!(one.funcs[id], four.funcs[id]);
            assert_eq!(f.lines[0].pc, 0);
            assert!(f.lines.is_sorted_by_key(|l| l.pc));
        }
        let main = one.funcs[p.func_by_name["main.main"]].as_ref().unwrap();
        assert!(main.lines.iter().any(|l| !l.no_preempt && l.loc == golift_ir::Loc::from_u32(1)));
    }
}

#[test]
fn small_leaves_have_no_stack_check() {
    let p = parse_program(PROGRAM).unwrap();
    let c = compile_program(&p, &Target::X86_64, &Options::default());
    let leaf = c.funcs[p.func_by_name["runtime.newobject"]].as_ref().unwrap();
    // push rbp; mov rbp,rsp; mov rax,rdi; mov rsp,rbp; pop rbp; ret
    assert!(leaf.code.len() <= 16, "{:x?}", leaf.code);
    assert!(leaf.relocs.is_empty());
}
