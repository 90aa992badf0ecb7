//! Every instruction compiles for every target, also across threads.

use golift_codegen::{Options, Target, compile_program};
use golift_ir::{parse_program, verify_program};

const PROGRAM: &str = include_str!("../../ir/tests/all.ir");

#[test]
fn all_instructions_on_all_targets() {
    let p = parse_program(PROGRAM).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    for target in [Target::X86_64, Target::Arm64] {
        let run = |threads| compile_program(&p, &target, &Options { verify: true, threads, ..Options::default() });
        let (one, four) = (run(1), run(4));
        for id in p.funcs.keys().filter(|&id| p.funcs[id].body.is_some()) {
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
