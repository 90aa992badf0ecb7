//! What a program can reach: functions and data objects that are never referred to from the roots
//! are neither compiled nor linked.

use crate::data::{DataId, RelocTarget};
use crate::entities::FuncId;
use crate::inst::{Callee, InstData};
use crate::program::Program;
use crate::runtime_fn::RuntimeFn;
use cranelift_entity::EntitySet;

/// What is reached.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// The functions.
    pub funcs: EntitySet<FuncId>,
    /// The data objects.
    pub datas: EntitySet<DataId>,
}

/// Follows calls, addresses and relocations from [`RuntimeFn::ROOTS`] and `root_datas`.
pub fn reachable(program: &Program, root_datas: impl IntoIterator<Item = DataId>) -> Reachable {
    let mut r = Reachable::default();
    let mut funcs: Vec<FuncId> = Vec::new();
    let mut datas: Vec<DataId> = Vec::new();
    for &root in RuntimeFn::ROOTS {
        if let Some(id) = program.runtime_fn(root)
            && r.funcs.insert(id)
        {
            funcs.push(id);
        }
    }
    for d in root_datas {
        if r.datas.insert(d) {
            datas.push(d);
        }
    }
    loop {
        if let Some(id) = funcs.pop() {
            let mut func = |f: FuncId| {
                if r.funcs.insert(f) {
                    funcs.push(f);
                }
            };
            let mut data = |d: DataId| {
                if r.datas.insert(d) {
                    datas.push(d);
                }
            };
            if let Some(assembly) = program.assembly.get(&id) {
                assembly.for_each_target(|target| match target {
                    RelocTarget::Func(f) => func(f),
                    RelocTarget::Data(d) => data(d),
                    RelocTarget::Extern(_) => {}
                });
            }
            let Some(body) = &program.funcs[id].body else { continue };
            let helper = |f: RuntimeFn| program.runtime_fn(f);
            for &b in &body.layout {
                for &i in &body.blocks[b].insts {
                    match &body.insts[i] {
                        InstData::FuncAddr { func: f } => func(*f),
                        InstData::DataAddr { data: d, .. } => data(*d),
                        InstData::Alloc { typ, .. } => {
                            data(*typ);
                            helper(RuntimeFn::NewObject).into_iter().for_each(&mut func);
                        }
                        InstData::MemCopy { barrier: Some(typ), .. } => {
                            data(*typ);
                            helper(RuntimeFn::TypedMemMove).into_iter().for_each(&mut func);
                        }
                        InstData::MemZero { barrier: Some(typ), .. } => {
                            data(*typ);
                            helper(RuntimeFn::TypedMemClr).into_iter().for_each(&mut func);
                        }
                        InstData::Call { callee: Callee::Func(f), .. }
                        | InstData::TailCall { callee: Callee::Func(f), .. } => func(*f),
                        _ => {}
                    }
                }
            }
        } else if let Some(d) = datas.pop() {
            for reloc in &program.datas[d].relocs {
                match reloc.target {
                    RelocTarget::Func(f) => {
                        if r.funcs.insert(f) {
                            funcs.push(f);
                        }
                    }
                    RelocTarget::Data(t) => {
                        if r.datas.insert(t) {
                            datas.push(t);
                        }
                    }
                    RelocTarget::Extern(_) => {}
                }
            }
        } else {
            return r;
        }
    }
}

/// The functions with an instruction that refers to `target`.
pub fn referrers(program: &Program, target: FuncId) -> Vec<FuncId> {
    let refers = |inst: &InstData| match inst {
        InstData::FuncAddr { func }
        | InstData::Call { callee: Callee::Func(func), .. }
        | InstData::TailCall { callee: Callee::Func(func), .. } => *func == target,
        _ => false,
    };
    let bodies = program.funcs.iter().filter_map(|(id, f)| Some((id, f.body.as_ref()?)));
    let found = bodies.filter(|(_, body)| {
        body.layout.iter().flat_map(|&b| &body.blocks[b].insts).any(|&inst| refers(&body.insts[inst]))
    });
    found.map(|(id, _)| id).collect()
}
