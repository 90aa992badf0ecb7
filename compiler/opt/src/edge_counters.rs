//! Counters of edges, for fuzzing guided by coverage.
//!
//! Problem: the fuzzing engine of the distribution wants to know which ways through the program an input takes. Strategy, as gc's for `-d=libfuzzer`:
//! the entry of a function and each block that a branch leads to has a counter of one byte, which stays at 255. All lie in one object, in the order of
//! functions and blocks. This comes before all passes, so that a function that is inlined counts where it is inlined, too: what
//! is one edge of the source has one counter. Blocks that only end the program have none.

use cranelift_entity::SecondaryMap;
use golift_ir::{
    BinaryOp, Block, Data, DataId, FuncDecl, Function, Inst, InstData, IntCC, Loc, MemFlags, Program, Section, Type,
};

/// Puts counters into the functions that are `wanted`; gives the object that holds them, and how many there are.
pub fn count_edges(program: &mut Program, wanted: impl Fn(&Program, &FuncDecl) -> bool) -> (DataId, u64) {
    let counters = program.add_data(Data {
        name: "golift.edge_counters".into(),
        section: Section::Bss,
        align: 8,
        size: 0,
        bytes: Vec::new().into(),
        relocs: Vec::new(),
        ptr_mask: Vec::new(),
    });
    let mut count = 0;
    let ids: Vec<_> = program.funcs.keys().collect();
    for id in ids {
        if !wanted(program, &program.funcs[id]) {
            continue;
        }
        let Some(body) = &mut program.funcs[id].body else { continue };
        for block in counted(body) {
            count_block(body, block, counters, count);
            count += 1;
        }
    }
    program.datas[counters].size = count as u64;
    (counters, count as u64)
}

/// The entry, and what is reached by a choice.
fn counted(body: &Function) -> Vec<Block> {
    let mut chosen: SecondaryMap<Block, bool> = SecondaryMap::new();
    chosen[body.entry()] = true;
    for &block in &body.layout {
        let targets = body.insts[body.terminator(block)].successors();
        if targets.len() > 1 {
            targets.into_iter().for_each(|target| chosen[target] = true);
        }
    }
    let ends = |block: &Block| matches!(body.insts[body.terminator(*block)], InstData::Unreachable);
    body.layout.iter().copied().filter(|block| chosen[*block] && !ends(block)).collect()
}

/// Adds 1 to a counter where the block begins, unless it is full.
fn count_block(body: &mut Function, block: Block, counters: DataId, index: i64) {
    let first = body.blocks[block].insts[0];
    let loc = body.inst_locs[first];
    let flags = MemFlags { notrap: true, ..MemFlags::default() };
    let mut new: Vec<Inst> = Vec::new();
    let mut make = |data: InstData, ty: Type, loc: Loc| {
        let inst = body.make_inst(data, &[ty], loc);
        new.push(inst);
        body.result(inst)
    };
    let addr = make(InstData::DataAddr { data: counters, off: index }, Type::Ptr, loc);
    let old = make(InstData::Load { ty: Type::I8, addr, off: 0, flags }, Type::I8, loc);
    let full = make(InstData::IConst { ty: Type::I8, imm: -1 }, Type::I8, loc);
    let more = make(InstData::Icmp { cc: IntCC::Ne, args: [old, full] }, Type::I8, loc);
    let val = make(InstData::Binary { op: BinaryOp::Add, args: [old, more] }, Type::I8, loc);
    new.push(body.make_inst(InstData::Store { addr, val, off: 0, flags }, &[], loc));
    body.blocks[block].insts.splice(0..0, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use golift_ir::{parse_program, verify_program};

    #[test]
    fn each_way_has_a_counter() {
        let text = "func \"counted\" (i64) -> (i64) {\nbb0(v0: i64):\n  v1: i64 = iconst 0\n  v2: i8 = icmp sge v0, v1\n  brif v2, bb1, bb2\nbb1:\n  jump bb3(v0)\n\
            bb2:\n  v3: i64 = neg v0\n  jump bb3(v3)\nbb3(v4: i64):\n  return (v4)\n}\nfunc \"left.alone\" () -> () {\nbb0:\n  return ()\n}\n";
        let mut program = parse_program(text).unwrap();
        let (counters, count) = count_edges(&mut program, |_, decl| &*decl.name != "left.alone");
        assert_eq!(verify_program(&program), Vec::<String>::new());
        // Entry and both ways of the branch; where those meet is no choice.
        assert_eq!((count, program.datas[counters].size), (3, 3));
        let stores = |name: &str| {
            let body = program.funcs[program.func_by_name[name]].body.as_ref().unwrap();
            let insts = body.layout.iter().flat_map(|&block| &body.blocks[block].insts);
            insts.filter(|&&inst| matches!(body.insts[inst], InstData::Store { .. })).count()
        };
        assert_eq!((stores("left.alone"), stores("counted")), (0, 3));
    }
}
