//! SSA construction on the fly.
//!
//! Problem: lowering walks the syntax tree once and assigns to variables in any order of control flow.
//! Strategy: Braun et al., "Simple and Efficient Construction of Static Single Assignment Form" (CC 2013): each
//! block keeps the current value of each variable; a read in a block without a definition asks the
//! predecessors, through a new block parameter where there are several or where they are not all known yet
//! (unsealed). Trivial parameters (all arguments equal) are removed at the end, by `finish`.
//! Invariants: a block is sealed once, when all of its predecessors are known; a filled block gets no more
//! instructions; every branch into a block carries one argument per block parameter when `finish` returns.

use crate::data::DataId;
use crate::entities::{Block, FuncId, Inst, Loc, Slot, SourceVar, Value};
use crate::function::{Function, LocData, ValueDef};
use crate::inst::*;
use crate::variables::VarPlace;
use cranelift_entity::{EntityRef, SecondaryMap, entity_impl};
use rustc_hash::FxHashMap;

/// A scalar variable of the source function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(u32);
entity_impl!(Variable, "var");

#[derive(Clone, Default)]
struct BlockState {
    preds: Vec<Inst>,
    sealed: bool,
    filled: bool,
    /// Made for code after a terminator.
    dead: bool,
    defs: FxHashMap<Variable, Value>,
    /// Parameters added by the builder: variable of each, in parameter order after the first `fixed`.
    incomplete: Vec<(Variable, u32)>,
}

/// Builds one function.
pub struct FunctionBuilder {
    /// What is built so far.
    pub func: Function,
    state: SecondaryMap<Block, BlockState>,
    var_types: Vec<Type>,
    /// The variable of the source that a scalar is part of, and its offset there; only where variables are kept.
    part_of: SecondaryMap<Variable, Option<(SourceVar, u32)>>,
    branch_block: SecondaryMap<Inst, Option<Block>>,
    current: Option<Block>,
    loc: Loc,
    loc_cache: FxHashMap<LocData, Loc>,
}

impl Default for FunctionBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl FunctionBuilder {
    /// A builder of an empty function.
    pub fn new() -> Self {
        FunctionBuilder {
            func: Function::new(),
            state: SecondaryMap::new(),
            var_types: Vec::new(),
            part_of: SecondaryMap::new(),
            branch_block: SecondaryMap::new(),
            current: None,
            loc: Loc::new(0),
            loc_cache: FxHashMap::default(),
        }
    }

    // ---- blocks ----

    /// A block that is not in the layout yet.
    pub fn create_block(&mut self) -> Block {
        self.func.make_block()
    }

    /// Goes on in `block`, which is appended to the layout.
    pub fn switch_to(&mut self, block: Block) {
        debug_assert!(!self.state[block].filled, "{block} is filled");
        self.func.layout.push(block);
        self.current = Some(block);
    }

    /// All predecessors of `block` are known.
    pub fn seal(&mut self, block: Block) {
        debug_assert!(!self.state[block].sealed, "{block} sealed twice");
        self.state[block].sealed = true;
        let incomplete = std::mem::take(&mut self.state[block].incomplete);
        for (var, index) in incomplete {
            self.fill_param(block, var, index);
        }
    }

    /// Creates a block, seals it, and goes on there. For blocks whose only predecessors exist already.
    pub fn seal_and_switch(&mut self, block: Block) {
        self.seal(block);
        self.switch_to(block);
    }

    /// The block that instructions go to. After a terminator that is a fresh unreachable block.
    pub fn current(&mut self) -> Block {
        if let Some(b) = self.current {
            return b;
        }
        let b = self.create_block();
        self.state[b].dead = true;
        self.seal_and_switch(b);
        b
    }

    /// Code that would be emitted now cannot be reached.
    pub fn is_dead(&self) -> bool {
        self.current.is_none_or(|b| self.state[b].dead)
    }

    /// Does a branch lead to `block` so far?
    pub fn has_preds(&self, block: Block) -> bool {
        !self.state[block].preds.is_empty()
    }

    /// Adds a parameter of `block` that is no [`Variable`]; branches to it must pass an argument.
    pub fn append_param(&mut self, block: Block, ty: Type) -> Value {
        self.func.append_param(block, ty)
    }

    // ---- locations ----

    /// Sets the location of the instructions that follow.
    pub fn set_loc(&mut self, data: LocData) -> Loc {
        let locs = &mut self.func.locs;
        self.loc = *self.loc_cache.entry(data).or_insert_with(|| locs.push(data));
        self.loc
    }

    /// As [`set_loc`](Self::set_loc), for a location that exists.
    pub fn set_loc_id(&mut self, loc: Loc) {
        self.loc = loc;
    }

    /// The location of the instructions that follow.
    pub fn loc(&self) -> Loc {
        self.loc
    }

    // ---- variables ----

    /// A new variable of that type; reading it before it is defined gives zero.
    pub fn declare_var(&mut self, ty: Type) -> Variable {
        self.var_types.push(ty);
        Variable::new(self.var_types.len() - 1)
    }

    /// The type that the variable was declared with.
    pub fn var_type(&self, var: Variable) -> Type {
        self.var_types[var.index()]
    }

    /// From here on `var` is `val`.
    pub fn def_var(&mut self, var: Variable, val: Value) {
        debug_assert_eq!(self.var_type(var), self.func.ty(val), "type of {var}");
        let b = self.current();
        self.state[b].defs.insert(var, val);
        self.note_value(var, val);
    }

    /// `var` holds the scalar at an offset of a variable of the source, or the address of that variable.
    pub fn is_part_of(&mut self, var: Variable, of: SourceVar, offset: u32) {
        self.part_of[var] = Some((of, offset));
    }

    fn note_value(&mut self, var: Variable, val: Value) {
        let Some(&Some((of, offset))) = self.part_of.get(var) else { return };
        match &mut self.func.source_vars[of].place {
            VarPlace::Values(parts) => parts.push((offset, val)),
            VarPlace::Address(values) => values.push(val),
            VarPlace::Gone | VarPlace::Slot(_) => {}
        }
    }

    /// What `var` is here: a value, through new block parameters where control flow joins.
    pub fn use_var(&mut self, var: Variable) -> Value {
        let b = self.current();
        self.read(b, var)
    }

    fn read(&mut self, block: Block, var: Variable) -> Value {
        // Walk up chains of single predecessors without recursion.
        let mut chain = Vec::new();
        let mut b = block;
        let val = loop {
            if let Some(&v) = self.state[b].defs.get(&var) {
                break v;
            }
            let s = &self.state[b];
            if s.sealed && s.preds.len() == 1 && self.func.layout.first() != Some(&b) {
                let pred = self.pred_block(s.preds[0]);
                chain.push(b);
                b = pred;
                continue;
            }
            if s.sealed && s.preds.is_empty() {
                // Entry (read before any definition) or unreachable block.
                let v = self.zero_at_start(b, self.var_type(var));
                self.state[b].defs.insert(var, v);
                break v;
            }
            let v = self.func.append_param(b, self.var_type(var));
            let index = self.func.blocks[b].params.len() as u32 - 1;
            self.state[b].defs.insert(var, v);
            self.note_value(var, v);
            if self.state[b].sealed {
                self.fill_param(b, var, index);
            } else {
                self.state[b].incomplete.push((var, index));
            }
            break v;
        };
        for c in chain {
            self.state[c].defs.insert(var, val);
        }
        val
    }

    fn pred_block(&self, branch: Inst) -> Block {
        self.branch_block[branch].expect("branch is in a block")
    }

    fn fill_param(&mut self, block: Block, var: Variable, index: u32) {
        let preds = self.state[block].preds.clone();
        for branch in preds {
            let from = self.pred_block(branch);
            let v = self.read(from, var);
            self.func.insts[branch].for_each_target_mut(|t| {
                if t.block == block && t.args.len() == index as usize {
                    t.args.push(v);
                }
            });
        }
    }

    /// A zero of type `ty` at the start of `block`.
    fn zero_at_start(&mut self, block: Block, ty: Type) -> Value {
        let inst = self.func.make_inst(zero_inst(ty), &[ty], Loc::new(0));
        self.func.blocks[block].insts.insert(0, inst);
        self.func.result(inst)
    }

    // ---- instructions ----

    /// Appends an instruction with the given result types.
    pub fn ins_multi(&mut self, data: InstData, types: &[Type]) -> Inst {
        let block = self.current();
        let terminator = data.is_terminator();
        let targets = data.successors();
        let inst = self.func.make_inst(data, types, self.loc);
        self.func.blocks[block].insts.push(inst);
        if terminator {
            self.branch_block[inst] = Some(block);
            for t in targets {
                debug_assert!(!self.state[t].sealed, "branch to sealed {t}");
                if !self.state[t].preds.contains(&inst) {
                    self.state[t].preds.push(inst);
                }
            }
            self.state[block].filled = true;
            self.current = None;
        }
        inst
    }

    /// As [`ins_multi`](Self::ins_multi), for one result.
    pub fn ins(&mut self, data: InstData, ty: Type) -> Value {
        let inst = self.ins_multi(data, &[ty]);
        self.func.result(inst)
    }

    /// As [`ins_multi`](Self::ins_multi), without results.
    pub fn ins0(&mut self, data: InstData) {
        self.ins_multi(data, &[]);
    }

    /// The type of a value.
    pub fn ty(&self, v: Value) -> Type {
        self.func.ty(v)
    }

    /// The constant that defines `v`, if it is one.
    pub fn as_iconst(&self, v: Value) -> Option<i64> {
        match self.func.insts[self.func.def_inst(v)?] {
            InstData::IConst { imm, .. } => Some(imm),
            _ => None,
        }
    }

    /// An integer constant, or an address made of one.
    pub fn iconst(&mut self, ty: Type, imm: i64) -> Value {
        self.ins(InstData::IConst { ty, imm }, ty)
    }

    /// Zero of any type.
    pub fn zero(&mut self, ty: Type) -> Value {
        self.ins(zero_inst(ty), ty)
    }

    /// The nil address.
    pub fn nil(&mut self) -> Value {
        self.iconst(Type::Ptr, 0)
    }

    /// The address of a function's code.
    pub fn func_addr(&mut self, func: FuncId) -> Value {
        self.ins(InstData::FuncAddr { func }, Type::Ptr)
    }

    /// The address `off` bytes into a data object.
    pub fn data_addr(&mut self, data: DataId, off: i64) -> Value {
        self.ins(InstData::DataAddr { data, off }, Type::Ptr)
    }

    /// The address `off` bytes into a slot.
    pub fn slot_addr(&mut self, slot: Slot, off: i32) -> Value {
        self.ins(InstData::SlotAddr { slot, off }, Type::Ptr)
    }

    /// An operation with one operand and a result of type `ty`.
    pub fn unary(&mut self, op: UnaryOp, ty: Type, arg: Value) -> Value {
        self.ins(InstData::Unary { op, ty, arg }, ty)
    }

    /// Binary operation; the result has the type of the first operand.
    pub fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.ins(InstData::Binary { op, args: [a, b] }, ty)
    }

    /// As [`binary`](Self::binary) with a constant on the right.
    pub fn binary_imm(&mut self, op: BinaryOp, a: Value, imm: i64) -> Value {
        let ty = if op == BinaryOp::PtrAdd { Type::I64 } else { self.ty(a) };
        let b = self.iconst(ty, imm);
        self.binary(op, a, b)
    }

    /// The address `off` bytes behind `p`.
    pub fn ptr_add(&mut self, p: Value, off: Value) -> Value {
        self.binary(BinaryOp::PtrAdd, p, off)
    }

    /// As [`ptr_add`](Self::ptr_add) for a constant; `p` itself for zero.
    pub fn ptr_add_imm(&mut self, p: Value, off: i64) -> Value {
        if off == 0 { p } else { self.binary_imm(BinaryOp::PtrAdd, p, off) }
    }

    /// Compares integers or addresses: a bool.
    pub fn icmp(&mut self, cc: IntCC, a: Value, b: Value) -> Value {
        self.ins(InstData::Icmp { cc, args: [a, b] }, Type::I8)
    }

    /// As [`icmp`](Self::icmp) with a constant on the right.
    pub fn icmp_imm(&mut self, cc: IntCC, a: Value, imm: i64) -> Value {
        let ty = self.ty(a);
        let b = self.iconst(ty, imm);
        self.icmp(cc, a, b)
    }

    /// Compares floats: a bool.
    pub fn fcmp(&mut self, cc: FloatCC, a: Value, b: Value) -> Value {
        self.ins(InstData::Fcmp { cc, args: [a, b] }, Type::I8)
    }

    /// `a` if `cond` is not zero, else `b`; both are evaluated.
    pub fn select(&mut self, cond: Value, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.ins(InstData::Select { cond, args: [a, b] }, ty)
    }

    /// Reads a scalar at `addr + off`.
    pub fn load(&mut self, ty: Type, addr: Value, off: i32, flags: MemFlags) -> Value {
        self.ins(InstData::Load { ty, addr, off, flags }, ty)
    }

    /// Writes a scalar to `addr + off`.
    pub fn store(&mut self, addr: Value, val: Value, off: i32, flags: MemFlags) {
        self.ins0(InstData::Store { addr, val, off, flags });
    }

    /// Calls; gives the results.
    pub fn call(&mut self, callee: Callee, args: impl IntoIterator<Item = Value>, results: &[Type]) -> Vec<Value> {
        let inst = self.ins_multi(InstData::Call { callee, args: args.into_iter().collect() }, results);
        self.func.results[inst].to_vec()
    }

    /// Goes on in `block` with these values for its parameters.
    pub fn jump(&mut self, block: Block, args: &[Value]) {
        self.ins0(InstData::Jump(BlockCall { block, args: args.iter().copied().collect() }));
    }

    /// Put the exit or the panic in `then_`: Cranelift hoists invariants only then.
    pub fn brif(&mut self, cond: Value, then_: Block, else_: Block) {
        let call = |block| BlockCall { block, args: Args::new() };
        self.ins0(InstData::Brif { cond, then_: call(then_), else_: call(else_) });
    }

    /// Returns the scalars of the results.
    pub fn ret(&mut self, args: &[Value]) {
        self.ins0(InstData::Return { args: args.iter().copied().collect() });
    }

    /// Says that control never gets here.
    pub fn unreachable(&mut self) {
        self.ins0(InstData::Unreachable);
    }

    // ---- end ----

    /// Drops unreachable blocks and trivial parameters and hands the function over.
    pub fn finish(mut self) -> Function {
        if self.current.is_some_and(|b| !self.state[b].filled) {
            self.unreachable();
        }
        remove_unreachable(&mut self.func);
        remove_trivial_params(&mut self.func);
        self.func.prune_variables();
        self.func
    }
}

fn zero_inst(ty: Type) -> InstData {
    match ty {
        Type::F32 => InstData::F32Const { bits: 0 },
        Type::F64 => InstData::F64Const { bits: 0 },
        _ => InstData::IConst { ty, imm: 0 },
    }
}

/// Drops the blocks that the entry does not reach from the layout.
pub fn remove_unreachable(func: &mut Function) {
    let mut reached = SecondaryMap::<Block, bool>::new();
    let mut work = vec![func.entry()];
    reached[func.entry()] = true;
    while let Some(b) = work.pop() {
        for s in func.insts[func.terminator(b)].successors() {
            if !reached[s] {
                reached[s] = true;
                work.push(s);
            }
        }
    }
    func.layout.retain(|&b| reached[b]);
}

/// Removes block parameters whose arguments are all one value (or the parameter itself).
pub fn remove_trivial_params(func: &mut Function) {
    let mut alias = SecondaryMap::<Value, Option<Value>>::new();
    fn resolve(alias: &mut SecondaryMap<Value, Option<Value>>, mut v: Value) -> Value {
        while let Some(a) = alias[v] {
            if let Some(aa) = alias[a] {
                alias[v] = Some(aa);
            }
            v = a;
        }
        v
    }
    // Arguments of each parameter, gathered once.
    let mut incoming = SecondaryMap::<Value, Vec<Value>>::new();
    let mut landing = SecondaryMap::<Block, bool>::new();
    for &b in &func.layout {
        let term = func.terminator(b);
        if let InstData::RecoveryPoint { landing: l, .. } = func.insts[term] {
            landing[l] = true;
        }
        let blocks = &func.blocks;
        func.insts[term].for_each_target_mut(|t| {
            for (&param, &arg) in blocks[t.block].params.iter().zip(&t.args) {
                incoming[param].push(arg);
            }
        });
    }
    let entry = func.entry();
    let mut changed = true;
    let mut any = false;
    while changed {
        changed = false;
        for &b in &func.layout {
            if b == entry || landing[b] {
                continue;
            }
            for &p in &func.blocks[b].params {
                if alias[p].is_some() {
                    continue;
                }
                let mut same = None;
                let mut trivial = true;
                for &arg in &incoming[p] {
                    let a = resolve(&mut alias, arg);
                    if a == p || Some(a) == same {
                        continue;
                    }
                    if same.is_some() {
                        trivial = false;
                        break;
                    }
                    same = Some(a);
                }
                if let (true, Some(s)) = (trivial, same) {
                    alias[p] = Some(s);
                    changed = true;
                    any = true;
                }
            }
        }
    }
    if !any {
        return;
    }
    func.replace_in_variables(|v| resolve(&mut alias, v));
    for i in 0..func.layout.len() {
        let b = func.layout[i];
        for j in 0..func.blocks[b].insts.len() {
            let inst = func.blocks[b].insts[j];
            let blocks = &func.blocks;
            func.insts[inst].for_each_target_mut(|t| {
                let params = &blocks[t.block].params;
                let mut k = 0;
                t.args.retain(|_| {
                    k += 1;
                    alias[params[k - 1]].is_none()
                });
            });
            func.insts[inst].for_each_use_mut(|v| *v = resolve(&mut alias, *v));
        }
    }
    for i in 0..func.layout.len() {
        let b = func.layout[i];
        let mut params = std::mem::take(&mut func.blocks[b].params);
        params.retain(|&p| alias[p].is_none());
        for (n, &p) in params.iter().enumerate() {
            func.values[p].def = ValueDef::Param(b, n as u32);
        }
        func.blocks[b].params = params;
    }
}
