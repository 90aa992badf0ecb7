//! Checks the rules of the IR (crate documentation). A violation is a compiler bug; the verifier runs after
//! lowering and between passes in debug builds.

use crate::dom::{DominatorTree, tainted_blocks};
use crate::entities::*;
use crate::function::{Function, ValueDef};
use crate::inst::*;
use crate::names::*;
use crate::program::{FuncDecl, Linkage, Program, Signature};
use crate::variables::VarPlace;
use cranelift_entity::{EntityRef, SecondaryMap};

/// All violations in all functions; empty if the program is well formed.
pub fn verify_program(p: &Program) -> Vec<String> {
    let mut errors = Vec::new();
    for f in p.funcs.values() {
        errors.extend(verify_func(p, f));
    }
    for (id, d) in p.datas.iter() {
        if !d.align.is_power_of_two() {
            errors.push(format!("{id} {}: alignment {}", d.name, d.align));
        }
        if d.bytes.len() as u64 > d.size {
            errors.push(format!("{id} {}: {} bytes in {}", d.name, d.bytes.len(), d.size));
        }
        for r in &d.relocs {
            let n = match r.kind {
                crate::RelocKind::Abs64 => 8,
                crate::RelocKind::Abs32 => 4,
            };
            if r.offset as u64 + n > d.size {
                errors.push(format!("{id} {}: relocation at {} beyond {}", d.name, r.offset, d.size));
            }
        }
    }
    errors
}

/// Violations in one function.
pub fn verify_func(p: &Program, decl: &FuncDecl) -> Vec<String> {
    let Some(f) = &decl.body else { return Vec::new() };
    let mut v = Verifier { p, decl, f, errors: Vec::new(), at: String::new() };
    if decl.linkage == Linkage::Extern {
        v.error("extern function with a body");
    }
    v.structure();
    if v.errors.is_empty() {
        v.values();
        v.recovery();
        v.variables();
    }
    v.errors.into_iter().map(|e| format!("{}: {e}", decl.name)).collect()
}

struct Verifier<'a> {
    p: &'a Program,
    decl: &'a FuncDecl,
    f: &'a Function,
    errors: Vec<String>,
    at: String,
}

impl Verifier<'_> {
    fn error(&mut self, message: impl AsRef<str>) {
        self.errors.push(format!("{}{}", self.at, message.as_ref()));
    }

    fn check(&mut self, ok: bool, message: impl FnOnce() -> String) {
        if !ok {
            self.error(message());
        }
    }

    fn variables(&mut self) {
        let f = self.f;
        self.at = String::new();
        for (loc, d) in f.locs.iter() {
            let known = d.scope.expand().is_none_or(|scope| f.scopes.is_valid(scope));
            self.check(known, || format!("{loc} is in a scope that there is not"));
        }
        for (scope, d) in f.scopes.iter() {
            let parent_first = d.parent.expand().is_none_or(|parent| parent < scope);
            self.check(parent_first && f.locs.is_valid(d.inlined_at), || format!("{scope} comes before its parent"));
        }
        if f.source_vars.is_empty() {
            return;
        }
        let defined = f.defined_values();
        for (var, d) in f.source_vars.iter() {
            let known = f.scopes.is_valid(d.scope) && f.locs.is_valid(d.loc);
            self.check(known, || format!("{var} is in a scope or at a location that there is not"));
            let good = match &d.place {
                VarPlace::Gone => true,
                VarPlace::Slot(slot) => f.slots.is_valid(*slot),
                VarPlace::Address(values) => values.iter().all(|&v| defined[v] && f.ty(v) == Type::Ptr),
                VarPlace::Values(parts) => parts.iter().all(|&(_, v)| defined[v]),
            };
            self.check(good, || format!("{var} is at a place that there is not"));
        }
    }

    fn structure(&mut self) {
        let f = self.f;
        if f.layout.is_empty() {
            return self.error("no blocks");
        }
        let mut in_layout = SecondaryMap::<Block, bool>::new();
        for &b in &f.layout {
            if std::mem::replace(&mut in_layout[b], true) {
                self.error(format!("{b} is twice in the layout"));
            }
        }
        let mut seen = SecondaryMap::<Inst, bool>::new();
        for &b in &f.layout {
            let insts = &f.blocks[b].insts;
            for (n, &i) in insts.iter().enumerate() {
                if std::mem::replace(&mut seen[i], true) {
                    self.error(format!("{i} is in two places"));
                }
                let terminator = f.insts[i].is_terminator();
                if terminator != (n + 1 == insts.len()) {
                    self.error(format!("{b}: terminator out of place"));
                }
                for s in f.insts[i].successors() {
                    if !in_layout[s] {
                        self.error(format!("{b} branches to {s}, which is not in the layout"));
                    }
                    if s == f.entry() {
                        self.error(format!("{b} branches to the entry"));
                    }
                }
            }
            if insts.is_empty() {
                self.error(format!("{b} is empty"));
            }
        }
        let params: Vec<Type> = f.blocks[f.entry()].params.iter().map(|&v| f.ty(v)).collect();
        let want = &self.decl.sig.params;
        self.check(params == *want, || format!("entry has parameters {params:?}, the signature {want:?}"));
    }

    fn values(&mut self) {
        let f = self.f;
        let dom = DominatorTree::compute(f);
        // Where each value is defined: block and position in it (0 for parameters).
        let mut defs = SecondaryMap::<Value, Option<(Block, usize)>>::new();
        for &b in &f.layout {
            for (n, &v) in f.blocks[b].params.iter().enumerate() {
                defs[v] = Some((b, 0));
                self.check(f.values[v].def == ValueDef::Param(b, n as u32), || format!("{v}: wrong definition"));
            }
            for (pos, &i) in f.blocks[b].insts.iter().enumerate() {
                for (n, &v) in f.results[i].iter().enumerate() {
                    defs[v] = Some((b, pos + 1));
                    self.check(f.values[v].def == ValueDef::Result(i, n as u32), || format!("{v}: wrong definition"));
                }
            }
        }
        for &b in &dom.rpo {
            for (pos, &i) in f.blocks[b].insts.iter().enumerate() {
                self.at = format!("{b}, instruction {pos}: ");
                let mut bad = Vec::new();
                f.insts[i].for_each_use(|v| match defs.get(v) {
                    Some(Some((db, dp))) => {
                        let ok = if *db == b { *dp <= pos } else { dom.is_reachable(*db) && dom.dominates(*db, b) };
                        if !ok {
                            bad.push(format!("{v} does not dominate this use"));
                        }
                    }
                    _ => bad.push(format!("{v} is not defined")),
                });
                if bad.is_empty() {
                    self.types(i);
                }
                self.errors.extend(bad.into_iter().map(|e| format!("{}{e}", self.at)));
                self.check(f.inst_locs[i].index() < f.locs.len(), || "unknown location".into());
            }
        }
        self.at.clear();
        for (loc, d) in f.locs.iter() {
            self.check(d.parent.index() < loc.index().max(1), || format!("{loc}: parent {} comes later", d.parent));
        }
    }

    fn want(&mut self, v: Value, ty: Type) {
        let have = self.f.ty(v);
        self.check(have == ty, || format!("{v} is {}, not {}", type_name(have), type_name(ty)));
    }

    fn want_int(&mut self, v: Value) {
        let have = self.f.ty(v);
        self.check(have.is_int(), || format!("{v} is {}, not an integer", type_name(have)));
    }

    fn want_float(&mut self, v: Value) {
        let have = self.f.ty(v);
        self.check(have.is_float(), || format!("{v} is {}, not a float", type_name(have)));
    }

    fn results(&mut self, inst: Inst, types: &[Type]) {
        let have: Vec<Type> = self.f.results[inst].iter().map(|&v| self.f.ty(v)).collect();
        self.check(have == types, || format!("results are {have:?}, expected {types:?}"));
    }

    fn types(&mut self, inst: Inst) {
        use InstData::*;
        let f = self.f;
        match &f.insts[inst] {
            IConst { ty, .. } => {
                self.check(!ty.is_float(), || "iconst of float type".into());
                self.results(inst, &[*ty]);
            }
            F32Const { .. } => self.results(inst, &[Type::F32]),
            F64Const { .. } => self.results(inst, &[Type::F64]),
            FuncAddr { func } => {
                self.check(func.index() < self.p.funcs.len(), || "unknown function".into());
                self.results(inst, &[Type::Ptr]);
            }
            DataAddr { data, .. } | Alloc { typ: data, .. } => {
                self.check(data.index() < self.p.datas.len(), || format!("unknown {data}"));
                self.results(inst, &[Type::Ptr]);
            }
            SlotAddr { slot, .. } => {
                self.check(slot.index() < f.slots.len(), || format!("unknown {slot}"));
                self.results(inst, &[Type::Ptr]);
            }
            Unary { op, ty, arg } => {
                self.results(inst, &[*ty]);
                self.unary(*op, *ty, *arg);
            }
            Binary { op, args: [a, b] } => {
                let ta = f.ty(*a);
                self.results(inst, &[ta]);
                match op {
                    BinaryOp::PtrAdd => {
                        self.want(*a, Type::Ptr);
                        self.want(*b, Type::I64);
                    }
                    BinaryOp::FAdd
                    | BinaryOp::FSub
                    | BinaryOp::FMul
                    | BinaryOp::FDiv
                    | BinaryOp::FMin
                    | BinaryOp::FMax
                    | BinaryOp::FCopysign => {
                        self.want_float(*a);
                        self.want(*b, ta);
                    }
                    _ => {
                        self.want_int(*a);
                        self.want(*b, ta);
                    }
                }
            }
            Icmp { args: [a, b], .. } => {
                self.check(!f.ty(*a).is_float(), || "icmp of floats".into());
                self.want(*b, f.ty(*a));
                self.results(inst, &[Type::I8]);
            }
            Fcmp { args: [a, b], .. } => {
                self.want_float(*a);
                self.want(*b, f.ty(*a));
                self.results(inst, &[Type::I8]);
            }
            Select { cond, args: [a, b] } => {
                self.want(*cond, Type::I8);
                self.want(*b, f.ty(*a));
                self.results(inst, &[f.ty(*a)]);
            }
            Fma { args: [a, b, c] } => {
                self.want_float(*a);
                self.want(*b, f.ty(*a));
                self.want(*c, f.ty(*a));
                self.results(inst, &[f.ty(*a)]);
            }
            AddCarry { args } | SubBorrow { args } => {
                args.iter().for_each(|&a| self.want(a, Type::I64));
                self.results(inst, &[Type::I64, Type::I64]);
            }
            Load { ty, addr, flags, .. } => {
                self.want(*addr, Type::Ptr);
                self.check(!flags.barrier, || "load with a barrier".into());
                self.results(inst, &[*ty]);
            }
            Store { addr, val, flags, .. } => {
                self.want(*addr, Type::Ptr);
                if flags.barrier {
                    self.want(*val, Type::Ptr);
                }
                self.results(inst, &[]);
            }
            MemCopy { dst, src, .. } => {
                self.want(*dst, Type::Ptr);
                self.want(*src, Type::Ptr);
                self.results(inst, &[]);
            }
            MemZero { dst: addr, .. } | NilCheck { addr } => {
                self.want(*addr, Type::Ptr);
                self.results(inst, &[]);
            }
            AtomicLoad { ty, addr } => {
                self.want(*addr, Type::Ptr);
                self.results(inst, &[*ty]);
            }
            AtomicStore { addr, .. } => {
                self.want(*addr, Type::Ptr);
                self.results(inst, &[]);
            }
            AtomicRmw { addr, val, .. } => {
                self.want(*addr, Type::Ptr);
                self.results(inst, &[f.ty(*val)]);
            }
            AtomicCas { addr, expected, new } => {
                self.want(*addr, Type::Ptr);
                self.want(*new, f.ty(*expected));
                self.results(inst, &[f.ty(*expected)]);
            }
            GetG | GetFp | GetCallerFp | GetSp | GetCallerPc => {
                let ok = f.results[inst].len() == 1 && matches!(f.ty(f.result(inst)), Type::Ptr | Type::I64);
                self.check(ok, || "one word expected".into());
            }
            KeepAlive { .. } | Pause => self.results(inst, &[]),
            Forget { slot } => {
                self.check(slot.index() < f.slots.len(), || format!("unknown {slot}"));
                self.results(inst, &[]);
            }
            Call { callee, args } => {
                let sig = self.callee(callee, args);
                if let Some(sig) = sig {
                    self.results(inst, &sig.results);
                }
            }
            TailCall { callee, args } => {
                if let Some(sig) = self.callee(callee, args) {
                    let want = &self.decl.sig.results;
                    self.check(sig.results == *want, || "tail call with other results".into());
                }
            }
            Jump(t) => self.target(t),
            Brif { cond, then_, else_ } => {
                self.want(*cond, Type::I8);
                self.target(then_);
                self.target(else_);
            }
            BrTable { index, targets, default } => {
                self.check(f.ty(*index).is_int(), || "index is no integer".into());
                targets.iter().for_each(|t| self.target(t));
                self.target(default);
            }
            Return { args } => {
                let have: Vec<Type> = args.iter().map(|&v| f.ty(v)).collect();
                let want = &self.decl.sig.results;
                self.check(have == *want, || format!("returns {have:?}, the signature has {want:?}"));
            }
            Unreachable => {}
            RecoveryPoint { slot, next, landing } => {
                let size = f.slots.get(*slot).map_or(0, |s| s.size);
                self.check(size >= 24, || format!("{slot} is too small for a recovery record"));
                self.target(next);
                let params: Vec<Type> = f.blocks[*landing].params.iter().map(|&v| f.ty(v)).collect();
                self.check(params == [Type::Ptr], || format!("{landing} must have one parameter, the record"));
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, ty: Type, arg: Value) {
        use UnaryOp::*;
        let from = self.f.ty(arg);
        let ok = match op {
            Neg | Not | Clz | Ctz | Popcnt | Bswap | Bitrev => from.is_int() && ty == from,
            FNeg | FAbs | Sqrt | Floor | Ceil | FTrunc | Nearest => from.is_float() && ty == from,
            Sext | Zext => from.is_int() && ty.is_int() && ty.bytes() >= from.bytes(),
            Trunc => from.is_int() && ty.is_int() && ty.bytes() <= from.bytes(),
            SToF | UToF => from.is_int() && ty.is_float(),
            FToSSat | FToUSat => from.is_float() && ty.is_int(),
            FPromote => from == Type::F32 && ty == Type::F64,
            FDemote => from == Type::F64 && ty == Type::F32,
            Bitcast => from.bytes() == ty.bytes(),
            PtrToInt => from == Type::Ptr && ty == Type::I64,
            IntToPtr => from == Type::I64 && ty == Type::Ptr,
        };
        self.check(ok, || format!("{} from {} to {}", unary_name(op), type_name(from), type_name(ty)));
    }

    fn callee(&mut self, callee: &Callee, args: &Args) -> Option<Signature> {
        let f = self.f;
        let mut have: Vec<Type> = args.iter().map(|&v| f.ty(v)).collect();
        let sig = match callee {
            Callee::Func(id) => {
                if id.index() >= self.p.funcs.len() {
                    self.error("unknown function");
                    return None;
                }
                self.p.funcs[*id].sig.clone()
            }
            Callee::Closure { func, sig } => {
                self.want(*func, Type::Ptr);
                have.insert(0, Type::Ptr);
                (**sig).clone()
            }
            Callee::Indirect { addr, sig } => {
                self.want(*addr, Type::Ptr);
                (**sig).clone()
            }
        };
        self.check(have == sig.params, || format!("arguments {have:?} for parameters {:?}", sig.params));
        let floats = sig.results.iter().filter(|t| t.is_float()).count();
        self.check(floats <= 8 && sig.results.len() - floats <= 8, || "too many results".into());
        Some(sig)
    }

    fn target(&mut self, t: &BlockCall) {
        let f = self.f;
        let have: Vec<Type> = t.args.iter().map(|&v| f.ty(v)).collect();
        let want: Vec<Type> = f.blocks[t.block].params.iter().map(|&v| f.ty(v)).collect();
        self.check(have == want, || format!("{} gets {have:?}, wants {want:?}", t.block));
    }

    /// After a landing nothing from before it may be used.
    fn recovery(&mut self) {
        let f = self.f;
        let tainted = tainted_blocks(f);
        let mut after = SecondaryMap::<Inst, bool>::new();
        for &b in f.layout.iter().filter(|&&b| tainted[b]) {
            f.blocks[b].insts.iter().for_each(|&i| after[i] = true);
        }
        for &b in &f.layout {
            if !tainted[b] {
                continue;
            }
            for &i in &f.blocks[b].insts {
                self.at = format!("{b}, after a landing: ");
                if matches!(
                    f.insts[i],
                    InstData::SlotAddr { .. } | InstData::RecoveryPoint { .. } | InstData::Forget { .. }
                ) {
                    self.error("stack slot used");
                }
                let mut bad = Vec::new();
                f.insts[i].for_each_use(|v| {
                    let from = match f.values[v].def {
                        ValueDef::Param(b, _) => tainted[b],
                        ValueDef::Result(d, _) => after[d],
                    };
                    if !from {
                        bad.push(format!("{v} comes from before the landing"));
                    }
                });
                bad.into_iter().for_each(|e| self.error(e));
            }
        }
        self.at.clear();
    }
}
