//! IR function to CLIF function.
//!
//! Blocks, values and instructions map one to one, except that some instructions (write barriers, jump tables over 64 bits) need blocks of their own.
//!
//! Recovery points: control enters a landing block from *any later* point of the function, with all registers
//! and spill slots holding something else than at the recovery point. IR rules keep values of the function from being used
//! there, but Cranelift merges equal pure instructions: the address of a symbol computed before the recovery point would
//! serve after the landing. Constants are rematerialised by Cranelift in each block; for symbols, each
//! block that a landing reaches gets names of its own.

use crate::fault_lines::fault_locs;
use crate::names::{self, space};
use crate::slot_liveness::{SlotLiveness, slot_liveness};
use crate::target::Target;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    self as clif, AbiParam, BlockArg, ExceptionTableData, ExceptionTableItem, ExtFuncData, ExternalName, GlobalValue,
    GlobalValueData, InstBuilder, JumpTableData, MemFlagsData, SigRef, SourceLoc, StackSlotData, StackSlotKind,
    TrapCode, UserExternalName, UserFuncName, UserStackMapEntry, types,
};
use cranelift_codegen::isa::CallConv as ClifConv;
use cranelift_entity::{EntityRef, SecondaryMap};
use golift_abi as abi;
use golift_ir::dom::{reverse_postorder, tainted_blocks};
use golift_ir::{
    Args, Block, BlockCall, CallConv, Callee, FuncId, Function, Inst, InstData, Loc, Program, RuntimeFn, Signature,
    Slot, Type, Value,
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Trap code of `Unreachable`.
pub const TRAP_UNREACHABLE: TrapCode = TrapCode::unwrap_user(1);

/// The type in CLIF.
pub fn clif_type(ty: Type) -> clif::Type {
    match ty {
        Type::I8 => types::I8,
        Type::I16 => types::I16,
        Type::I32 => types::I32,
        Type::I64 | Type::Ptr => types::I64,
        Type::F32 => types::F32,
        Type::F64 => types::F64,
    }
}

/// The signature in CLIF.
pub fn clif_signature(sig: &Signature) -> clif::Signature {
    let conv = match sig.conv {
        CallConv::Go => ClifConv::Tail,
        CallConv::C => ClifConv::SystemV,
    };
    let mut s = clif::Signature::new(conv);
    s.params.extend(sig.params.iter().map(|&t| match (sig.conv, t) {
        // Rust expects small arguments extended; its own narrow types at this boundary are unsigned.
        (CallConv::C, Type::I8 | Type::I16) => AbiParam::new(clif_type(t)).uext(),
        _ => AbiParam::new(clif_type(t)),
    }));
    s.returns.extend(sig.results.iter().map(|&t| AbiParam::new(clif_type(t))));
    s
}

/// State of one function's translation.
pub struct Translator<'a, 'f> {
    /// Where the function is from.
    pub program: &'a Program,
    /// The machine.
    pub target: Target,
    /// The function.
    pub id: FuncId,
    /// Its body.
    pub f: &'a Function,
    /// Where instructions are added.
    pub pos: FuncCursor<'f>,
    blocks: SecondaryMap<Block, Option<clif::Block>>,
    values: SecondaryMap<Value, Option<clif::Value>>,
    slots: SecondaryMap<Slot, Option<clif::StackSlot>>,
    regions: SecondaryMap<Slot, Option<clif::AliasRegion>>,
    func_refs: FxHashMap<(u32, u32, Option<Block>), clif::FuncRef>,
    symbols: FxHashMap<(u32, u32, i64, Option<Block>), GlobalValue>,
    sigs: FxHashMap<Signature, SigRef>,
    /// Blocks reachable from a landing.
    taint: SecondaryMap<Block, bool>,
    /// The block being translated.
    pub block: Block,
    /// Some code may run more than once.
    pub has_loops: bool,
    /// Locations by index; the first is the unknown one.
    locs: Vec<Loc>,
    loc_indices: FxHashMap<Loc, u32>,
    fault_locs: FxHashMap<Inst, Loc>,
    liveness: SlotLiveness,
}

/// What the stencil of a translated function does not say.
pub struct Translated {
    /// Source locations of the function are indices into this list, so that they do not depend on what else is in the source file.
    pub locs: Vec<Loc>,
    /// Slots that a fault leaves alive.
    pub landing_slots: Vec<Slot>,
}

/// Translates function `id` into `func`, which must be clear. The `n`-th slot becomes the `n`-th stack slot; a call's stack map
/// holds the starts of the slots that are dead there.
pub fn translate(program: &Program, target: Target, id: FuncId, func: &mut clif::Function) -> Translated {
    let decl = &program.funcs[id];
    let f = decl.body.as_ref().expect("function has a body");
    func.name = UserFuncName::user(space::FUNC, id.index() as u32);
    func.signature = clif_signature(&decl.sig);
    // Locations are stored relative to the first one; zero keeps them clear of the "no location" pattern.
    func.params.ensure_base_srcloc(SourceLoc::new(0));
    let taint = tainted_blocks(f);
    let liveness = slot_liveness(f, &taint);
    let mut t = Translator {
        program,
        target,
        id,
        f,
        pos: FuncCursor::new(func),
        blocks: SecondaryMap::new(),
        values: SecondaryMap::new(),
        slots: SecondaryMap::new(),
        regions: SecondaryMap::new(),
        func_refs: FxHashMap::default(),
        symbols: FxHashMap::default(),
        sigs: FxHashMap::default(),
        taint,
        block: f.entry(),
        has_loops: false,
        locs: vec![Loc::new(0)],
        loc_indices: FxHashMap::default(),
        fault_locs: fault_locs(f),
        liveness,
    };
    t.body();
    Translated { locs: t.locs, landing_slots: t.liveness.landing }
}

impl Translator<'_, '_> {
    fn body(&mut self) {
        let order = reverse_postorder(self.f);
        for &b in &order {
            let cb = self.pos.func.dfg.make_block();
            self.blocks[b] = Some(cb);
            for &p in &self.f.blocks[b].params {
                let v = self.pos.func.dfg.append_block_param(cb, clif_type(self.f.ty(p)));
                self.values[p] = Some(v);
            }
            self.pos.func.layout.append_block(cb);
            let term = &self.f.insts[self.f.terminator(b)];
            if matches!(term, InstData::Unreachable) && b != self.f.entry() {
                self.pos.func.layout.set_cold(cb);
            }
            self.has_loops |= term.successors().iter().any(|&s| self.blocks[s].is_some());
        }
        self.make_slots();
        let entry = self.clif_block(self.f.entry());
        self.pos.goto_bottom(entry);
        for (i, &b) in order.iter().enumerate() {
            self.block = b;
            if i > 0 {
                let cb = self.clif_block(b);
                self.pos.goto_bottom(cb);
            }
            let insts = &self.f.blocks[b].insts;
            let mut k = 0;
            while k < insts.len() {
                self.set_loc(insts[k]);
                k += self.inst(&insts[k..]);
            }
        }
    }

    fn make_slots(&mut self) {
        for (slot, data) in self.f.slots.iter() {
            let size = u32::try_from(data.size).expect("slot below 4 GB");
            let align = data.align.clamp(1, 16).trailing_zeros() as u8;
            let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, align);
            self.slots[slot] = Some(self.pos.func.create_sized_stack_slot(data));
        }
        // A slot whose address only loads and stores use cannot be aliased: it gets a region of its own.
        let mut private = SecondaryMap::<Slot, bool>::with_default(true);
        let slot_of = |v: Value| match self.f.insts[self.f.def_inst(v)?] {
            InstData::SlotAddr { slot, .. } => Some(slot),
            _ => None,
        };
        for &b in &self.f.layout {
            for &i in &self.f.blocks[b].insts {
                match &self.f.insts[i] {
                    InstData::Load { .. } => {}
                    InstData::Store { val, .. } => {
                        if let Some(s) = slot_of(*val) {
                            private[s] = false;
                        }
                    }
                    InstData::RecoveryPoint { slot, .. } => private[*slot] = false,
                    other => other.for_each_use(|v| {
                        if let Some(s) = slot_of(v) {
                            private[s] = false;
                        }
                    }),
                }
            }
        }
        for slot in self.f.slots.keys().filter(|&s| private[s]).take(1000) {
            let n = slot.index() as u32;
            let data = clif::AliasRegionData { user_id: n, description: "slot".into() };
            self.regions[slot] = Some(self.pos.func.dfg.alias_regions.insert(data));
        }
    }

    /// The alias region of an address, if it is that of a private slot.
    pub fn region(&self, addr: Value) -> Option<clif::AliasRegion> {
        match self.f.insts[self.f.def_inst(addr)?] {
            InstData::SlotAddr { slot, .. } => self.regions[slot],
            _ => None,
        }
    }

    // ---- names ----

    /// The block in CLIF.
    pub fn clif_block(&self, b: Block) -> clif::Block {
        self.blocks[b].unwrap_or_else(|| panic!("{b} of {} is not reachable", self.program.funcs[self.id].name))
    }

    /// The slot in CLIF.
    pub fn slot(&self, s: Slot) -> clif::StackSlot {
        self.slots[s].expect("slots are made first")
    }

    /// The value in CLIF.
    pub fn val(&self, v: Value) -> clif::Value {
        self.values[v]
            .unwrap_or_else(|| panic!("{v} of {} is used before it is defined", self.program.funcs[self.id].name))
    }

    /// The values in CLIF.
    pub fn vals(&self, args: &[Value]) -> SmallVec<[clif::Value; 8]> {
        args.iter().map(|&v| self.val(v)).collect()
    }

    /// Binds the single result of `inst`.
    pub fn bind(&mut self, inst: Inst, v: clif::Value) {
        self.values[self.f.result(inst)] = Some(v);
    }

    /// Binds result `n` of `inst`.
    pub fn bind_nth(&mut self, inst: Inst, n: usize, v: clif::Value) {
        self.values[self.f.results[inst][n]] = Some(v);
    }

    /// The results of a call are those of the instruction.
    pub fn bind_all(&mut self, inst: Inst, call: clif::Inst) {
        let results = self.pos.func.dfg.inst_results(call);
        for (&r, &c) in self.f.results[inst].iter().zip(results) {
            self.values[r] = Some(c);
        }
    }

    /// What follows is at the instruction's location.
    pub fn set_loc(&mut self, inst: Inst) {
        let loc = self.loc_index(inst);
        self.pos.set_srcloc(SourceLoc::new(loc));
    }

    /// As `set_loc`, for code that may not be preempted.
    pub fn set_unsafe_loc(&mut self, inst: Inst) {
        let loc = self.loc_index(inst);
        self.pos.set_srcloc(SourceLoc::new(loc | names::NO_PREEMPT));
    }

    /// As `set_unsafe_loc`, if code that comes later (of another instruction, perhaps the same) is unsafe too: what Cranelift puts
    /// in between, such as the making of a constant, belongs to neither.
    pub fn set_unsafe_loc_up_to_next(&mut self, inst: Inst) {
        let loc = self.loc_index(inst);
        self.pos.set_srcloc(SourceLoc::new(loc | names::NO_PREEMPT | names::NO_PREEMPT_FOLLOWS));
    }

    fn loc_index(&mut self, inst: Inst) -> u32 {
        let loc = self.fault_locs.get(&inst).copied().unwrap_or(self.f.inst_locs[inst]);
        if loc.index() == 0 {
            return 0;
        }
        let locs = &mut self.locs;
        *self.loc_indices.entry(loc).or_insert_with(|| {
            locs.push(loc);
            locs.len() as u32 - 1
        })
    }

    fn name_zone(&self) -> Option<Block> {
        self.taint[self.block].then_some(self.block)
    }

    /// Is the block reachable from the landing of a recovery point?
    pub fn is_tainted(&self) -> bool {
        self.taint[self.block]
    }

    /// A signature of the function in CLIF.
    pub fn sig_ref(&mut self, sig: &Signature) -> SigRef {
        if let Some(&s) = self.sigs.get(sig) {
            return s;
        }
        let s = self.pos.func.import_signature(clif_signature(sig));
        self.sigs.insert(sig.clone(), s);
        s
    }

    /// A function of the program, to call it.
    pub fn func_ref(&mut self, id: FuncId) -> clif::FuncRef {
        let program = self.program;
        self.import(space::FUNC, id.index() as u32, &program.funcs[id].sig)
    }

    /// Whatever has a number in a name space, to call it.
    pub fn import(&mut self, namespace: u32, index: u32, sig: &Signature) -> clif::FuncRef {
        let key = (namespace, index, self.name_zone());
        if let Some(&r) = self.func_refs.get(&key) {
            return r;
        }
        let signature = self.sig_ref(sig);
        let name = self.pos.func.declare_imported_user_function(UserExternalName::new(namespace, index));
        let r = self.pos.func.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.func_refs.insert(key, r);
        r
    }

    /// A C function of the runtime that code generation itself calls.
    pub fn c_symbol(&mut self, name: &'static str, params: &[Type], results: &[Type]) -> clif::FuncRef {
        let sig = Signature { params: params.to_vec(), results: results.to_vec(), conv: CallConv::C };
        self.import(space::SYMBOL, names::symbol_index(name), &sig)
    }

    /// The address of that, and more.
    pub fn symbol_addr(&mut self, namespace: u32, index: u32, off: i64) -> clif::Value {
        let key = (namespace, index, off, self.name_zone());
        let gv = match self.symbols.get(&key) {
            Some(&gv) => gv,
            None => {
                let name = self.pos.func.declare_imported_user_function(UserExternalName::new(namespace, index));
                let gv = self.pos.func.create_global_value(GlobalValueData::Symbol {
                    name: ExternalName::user(name),
                    offset: off.into(),
                    colocated: true,
                    tls: false,
                });
                self.symbols.insert(key, gv);
                gv
            }
        };
        self.pos.ins().symbol_value(types::I64, gv)
    }

    /// A call that leaves no code but `marker`'s; `args` are alive there.
    pub fn marker(&mut self, marker: u32, args: &[clif::Value]) {
        let mut sig = clif::Signature::new(ClifConv::PreserveAll);
        for &a in args {
            sig.params.push(AbiParam::new(self.pos.func.dfg.value_type(a)));
        }
        let signature = self.pos.func.import_signature(sig);
        let name = self.pos.func.declare_imported_user_function(UserExternalName::new(space::MARKER, marker));
        let data = ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        let callee = self.pos.func.import_function(data);
        self.pos.ins().call(callee, args);
    }

    // ---- control flow ----

    /// A new block after the current one.
    pub fn split_block(&mut self) -> clif::Block {
        let here = self.pos.current_block().expect("in a block");
        let b = self.pos.func.dfg.make_block();
        self.pos.func.layout.insert_block_after(b, here);
        b
    }

    /// A new block off the hot path.
    pub fn cold_block(&mut self) -> clif::Block {
        let b = self.pos.func.dfg.make_block();
        self.pos.func.layout.append_block(b);
        self.pos.func.layout.set_cold(b);
        b
    }

    fn branch_args(&self, call: &BlockCall) -> (clif::Block, SmallVec<[BlockArg; 8]>) {
        let args = call.args.iter().map(|&v| BlockArg::Value(self.val(v))).collect();
        (self.clif_block(call.block), args)
    }

    fn clif_block_call(&mut self, call: &BlockCall) -> clif::BlockCall {
        let (b, args) = self.branch_args(call);
        self.pos.func.dfg.block_call(b, &args)
    }

    /// The end of a block.
    pub fn terminator(&mut self, data: &InstData) {
        match data {
            InstData::Jump(call) => {
                let (b, args) = self.branch_args(call);
                self.pos.ins().jump(b, &args);
            }
            InstData::Brif { cond, then_, else_ } => {
                let c = self.val(*cond);
                let (b1, a1) = self.branch_args(then_);
                let (b2, a2) = self.branch_args(else_);
                self.pos.ins().brif(c, b1, &a1, b2, &a2);
            }
            InstData::BrTable { index, targets, default } => self.br_table(*index, targets, default),
            InstData::Return { args } => {
                let args = self.vals(args);
                self.pos.ins().return_(&args);
            }
            InstData::TailCall { callee, args } => self.tail_call(callee, args),
            InstData::Unreachable => {
                self.pos.ins().trap(TRAP_UNREACHABLE);
            }
            InstData::RecoveryPoint { slot, next, landing } => self.recovery_point(*slot, next, *landing),
            other => unreachable!("{other:?} is no terminator"),
        }
    }

    fn br_table(&mut self, index: Value, targets: &[BlockCall], default: &BlockCall) {
        let mut x = self.val(index);
        if self.f.ty(index) == Type::I64 {
            // The table's index has 32 bits.
            let n = self.pos.ins().iconst(types::I64, targets.len() as i64);
            let out = self.pos.ins().icmp(clif::condcodes::IntCC::UnsignedGreaterThanOrEqual, x, n);
            let within = self.split_block();
            let (b, args) = self.branch_args(default);
            self.pos.ins().brif(out, b, &args, within, &[]);
            self.pos.goto_bottom(within);
            x = self.pos.ins().ireduce(types::I32, x);
        } else if self.f.ty(index) != Type::I32 {
            x = self.pos.ins().uextend(types::I32, x);
        }
        let table: Vec<_> = targets.iter().map(|t| self.clif_block_call(t)).collect();
        let default = self.clif_block_call(default);
        let table = self.pos.func.create_jump_table(JumpTableData::new(default, &table));
        self.pos.ins().br_table(x, table);
    }

    fn tail_call(&mut self, callee: &Callee, args: &Args) {
        if self.program.conv(callee) == CallConv::C || self.program.funcs[self.id].sig.conv == CallConv::C {
            let call = self.call_inst(callee, args);
            let results = self.pos.func.dfg.inst_results(call).to_vec();
            self.pos.ins().return_(&results);
            return;
        }
        match callee {
            Callee::Func(id) => {
                let args = self.vals(args);
                let f = self.func_ref(*id);
                self.pos.ins().return_call(f, &args);
            }
            Callee::Closure { func, sig } => {
                let (code, args) = self.closure(*func, args);
                let sig = self.sig_ref(sig);
                self.pos.ins().return_call_indirect(sig, code, &args);
            }
            Callee::Indirect { addr, sig } => {
                let args = self.vals(args);
                let addr = self.val(*addr);
                let sig = self.sig_ref(sig);
                self.pos.ins().return_call_indirect(sig, addr, &args);
            }
        }
    }

    /// Code pointer and complete arguments of a call through a func value.
    fn closure(&mut self, func: Value, args: &Args) -> (clif::Value, SmallVec<[clif::Value; 8]>) {
        let f = self.val(func);
        let mut all: SmallVec<[clif::Value; 8]> = SmallVec::new();
        all.push(f);
        all.extend(args.iter().map(|&v| self.val(v)));
        // A nil func value faults here.
        let code = self.pos.ins().load(types::I64, MemFlagsData::new(), f, 0);
        (code, all)
    }

    /// A call of whatever kind.
    pub fn call_inst(&mut self, callee: &Callee, args: &Args) -> clif::Inst {
        match callee {
            Callee::Func(id) if self.program.funcs[*id].runtime.is_some_and(RuntimeFn::is_bounds_panic) => {
                self.bounds_panic(*id, args)
            }
            Callee::Func(id) => {
                let args = self.vals(args);
                let f = self.func_ref(*id);
                self.pos.ins().call(f, &args)
            }
            Callee::Closure { func, sig } => {
                let (code, args) = self.closure(*func, args);
                let sig = self.sig_ref(sig);
                self.pos.ins().call_indirect(sig, code, &args)
            }
            Callee::Indirect { addr, sig } => {
                let args = self.vals(args);
                let addr = self.val(*addr);
                let sig = self.sig_ref(sig);
                self.pos.ins().call_indirect(sig, addr, &args)
            }
        }
    }

    /// Panics because of an index. The operands go through memory: arguments have fixed registers, and the register allocator would move
    /// values there and back in the loops that only may panic.
    fn bounds_panic(&mut self, id: FuncId, args: &Args) -> clif::Inst {
        let g = self.pos.ins().get_pinned_reg(types::I64);
        for (n, v) in self.vals(args).into_iter().enumerate() {
            self.pos.ins().store(MemFlagsData::trusted(), v, g, abi::g::BOUNDS + 8 * n as i32);
        }
        let no_params = Signature { params: Vec::new(), ..self.program.funcs[id].sig.clone() };
        let f = self.import(space::FUNC, id.index() as u32, &no_params);
        self.pos.ins().call(f, &[])
    }

    /// Tells `call` what `inst` leaves dead.
    pub fn note_dead_slots(&mut self, inst: Inst, call: clif::Inst) {
        for &slot in self.liveness.dead.get(&inst).into_iter().flatten() {
            let entry =
                UserStackMapEntry { ty: types::I64, slot: self.slots[slot].expect("slots are made first"), offset: 0 };
            self.pos.func.dfg.append_user_stack_map_entry(call, entry);
        }
    }

    /// Fills the record and ends the block with a `try_call` whose exceptional edge keeps the landing alive.
    /// The call itself is a marker: only its place in the control flow matters.
    fn recovery_point(&mut self, slot: Slot, next: &BlockCall, landing: Block) {
        let mut here = self.pos.current_block().expect("in a block");
        if self.pos.func.layout.entry_block() == Some(here) {
            // The entry may not be referred to, and below it is.
            let body = self.split_block();
            self.pos.ins().jump(body, &[]);
            self.pos.goto_bottom(body);
            here = body;
        }
        let flags = MemFlagsData::trusted();
        let record = self.slot(slot);
        let record = self.pos.ins().stack_addr(types::I64, record, 0);
        let pc = self.pos.ins().get_exception_handler_address(types::I64, here, 0);
        let sp = self.pos.ins().get_stack_pointer(types::I64);
        let fp = self.pos.ins().get_frame_pointer(types::I64);
        self.pos.ins().store(flags, pc, record, 0);
        self.pos.ins().store(flags, sp, record, 8);
        self.pos.ins().store(flags, fp, record, 16);
        let sig = self.sig_ref(&Signature::default());
        let nop = self.import(space::MARKER, names::MARKER_NOP, &Signature::default());
        let next = self.clif_block_call(next);
        let landing = self.clif_block(landing);
        let landing = self.pos.func.dfg.block_call(landing, &[BlockArg::TryCallExn(0)]);
        let table = ExceptionTableData::new(sig, next, [ExceptionTableItem::Default(landing)]);
        let table = self.pos.func.dfg.exception_tables.push(table);
        self.pos.ins().try_call(nop, &[], table);
    }
}
