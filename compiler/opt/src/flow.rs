//! Follows an address through a body: the data flow of escape analysis.
//!
//! A value *is* the address ([`ADDR`]), or the address of memory that holds it, directly ([`HOLDS_ADDR`]) or further down
//! ([`LEADS_TO_ADDR`]); it was loaded through the address ([`INSIDE`]), or through something that was ([`DEEP`]), or is the address of
//! memory that holds such values, at any depth ([`HOLDS_INSIDE`]). Depth matters because most functions that let go of a slice
//! or of a func value keep what its elements refer to (`fmt`). Memory that holds such
//! values is known only if it is a slot of this frame: what is stored anywhere else escapes (or leaks, if it is something inside).
//! Slots are not told apart by time or field. The state only grows, by at most six bits a value, so the walk ends.
//!
//! What is stored in a result of a function that may recover may be returned after the landing, whose loads nobody sees here: it
//! escapes.
//!
//! A func value that is called gets out of sight only if its code lets it: whoever made it knows the code, and asks for what that
//! does with its first argument ([`Codes`]). Nobody else needs to know; of what such a value holds, only the code can say more.
//!
//! Integers are not followed: an address that becomes one escapes unless that is only compared, but for the way in which the library hides addresses
//! (`unsafe.Pointer(uintptr(p) ^ 0)`: internal/abi.NoEscape).

use crate::context::{Flow, Summaries};
use crate::effects::{self, Leaf};
use crate::util::{func_addr, int_const};
use cranelift_entity::SecondaryMap;
use golift_ir::*;
use rustc_hash::{FxHashMap, FxHashSet};

const ADDR: u8 = 1;
const HOLDS_ADDR: u8 = 1 << 1;
const LEADS_TO_ADDR: u8 = 1 << 2;
const INSIDE: u8 = 1 << 3;
const DEEP: u8 = 1 << 4;
const HOLDS_INSIDE: u8 = 1 << 5;

/// The bit of a set of results that stands for this one and all behind it.
const LAST_RESULT: usize = 15;

/// Addresses of memory from which the address itself can be loaded.
const TOWARDS: u8 = HOLDS_ADDR | LEADS_TO_ADDR;
/// Values that may lead to the address itself.
const TO_ADDR: u8 = ADDR | TOWARDS;

/// The code of func values that lie in slots or fresh objects, where it is known.
#[derive(Default)]
pub struct Codes {
    of: FxHashMap<Value, Option<FuncId>>,
}

impl Codes {
    /// Finds the stores of code addresses at the start of slots and objects.
    pub fn collect(f: &Function) -> Codes {
        let mut of: FxHashMap<Value, Option<FuncId>> = FxHashMap::default();
        for &i in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
            if let InstData::Store { addr, val, off: 0, .. } = f.insts[i]
                && let Some(func) = func_addr(f, val)
            {
                of.entry(addr).and_modify(|known| *known = known.filter(|k| *k == func)).or_insert(Some(func));
            }
        }
        Codes { of }
    }

    /// The code of the func value at an address, if that is a slot or an object made here.
    pub fn code(&self, f: &Function, v: Value) -> Option<FuncId> {
        matches!(f.insts[f.def_inst(v)?], InstData::Alloc { .. } | InstData::SlotAddr { off: 0, .. })
            .then(|| self.of.get(&v).copied().flatten())?
    }
}

/// Instructions that use each value, and the addresses of slots.
pub struct Uses {
    of: SecondaryMap<Value, Vec<Inst>>,
    slots: SecondaryMap<Slot, Vec<Value>>,
    /// Integers that become addresses.
    to_ptr: FxHashSet<Value>,
    /// Func values made here.
    pub codes: Codes,
    /// Recovery records.
    records: FxHashSet<Slot>,
    /// Slots whose addresses are in such records: results, which code that goes on after `recover` returns.
    results: FxHashSet<Slot>,
}

impl Uses {
    pub fn collect(f: &Function) -> Uses {
        let mut uses = Uses {
            of: SecondaryMap::new(),
            slots: SecondaryMap::new(),
            to_ptr: FxHashSet::default(),
            codes: Codes::collect(f),
            records: FxHashSet::default(),
            results: FxHashSet::default(),
        };
        for &b in &f.layout {
            for &i in &f.blocks[b].insts {
                match f.insts[i] {
                    InstData::SlotAddr { slot, .. } => uses.slots[slot].push(f.result(i)),
                    InstData::RecoveryPoint { slot, .. } => {
                        uses.records.insert(slot);
                    }
                    InstData::Unary { op: UnaryOp::IntToPtr, arg, .. } => {
                        uses.to_ptr.insert(arg);
                    }
                    _ => {}
                }
                f.insts[i].for_each_use(|v| {
                    if (f.ty(v) == Type::Ptr || was_ptr(f, v)) && uses.of[v].last() != Some(&i) {
                        uses.of[v].push(i);
                    }
                });
            }
        }
        if !uses.records.is_empty() {
            for slot in f.slots.keys() {
                for v in uses.slots[slot].clone() {
                    uses.note_result(f, slot, v);
                }
            }
        }
        uses
    }

    /// The object at the address `v` is now a slot.
    pub fn note_slot(&mut self, f: &Function, slot: Slot, v: Value) {
        self.slots[slot].push(v);
        self.note_result(f, slot, v);
    }

    /// Notes whether the address `v` of a slot is stored in a recovery record.
    fn note_result(&mut self, f: &Function, slot: Slot, v: Value) {
        let stored = self.of[v].iter().any(|&i| match f.insts[i] {
            InstData::Store { addr, val, .. } if val == v => {
                effects::base_slot(f, addr).is_some_and(|to| self.records.contains(&to))
            }
            _ => false,
        });
        if stored {
            self.results.insert(slot);
        }
    }

    /// Puts `to` in place of the address `from` wherever that is used.
    pub fn replace(&mut self, f: &mut Function, from: Value, to: Value) {
        for inst in std::mem::take(&mut self.of[from]) {
            f.insts[inst].for_each_use_mut(|v| {
                if *v == from {
                    *v = to;
                }
            });
            self.of[to].push(inst);
        }
    }

    /// Is the address hidden from the analysis on purpose?
    fn is_hidden(&self, f: &Function, int: Value) -> bool {
        self.of[int].iter().all(|&i| match f.insts[i] {
            InstData::Binary { op: BinaryOp::Xor, args } => args.iter().any(|&a| int_const(f, a) == Some(0)),
            _ => false,
        })
    }
}

/// Is the integer an address?
fn was_ptr(f: &Function, v: Value) -> bool {
    f.def_inst(v).is_some_and(|d| matches!(f.insts[d], InstData::Unary { op: UnaryOp::PtrToInt, .. }))
}

/// The system calls that get the integer, if all else that happens to it is arithmetic and comparisons.
fn system_calls(f: &Function, program: &Program, int: Value) -> Option<Vec<Inst>> {
    let mut derived = FxHashSet::from_iter([int]);
    let mut known = 0;
    let mut calls = Vec::new();
    while known < derived.len() {
        known = derived.len();
        for &inst in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
            let data = &f.insts[inst];
            let mut uses = false;
            data.for_each_use(|v| uses |= derived.contains(&v));
            match data {
                _ if !uses => {}
                InstData::Icmp { .. } => {}
                InstData::Binary { .. } => {
                    derived.insert(f.result(inst));
                }
                InstData::Call { callee: Callee::Func(c), .. } if program.funcs[*c].flags.uintptrkeepalive => {
                    if !calls.contains(&inst) {
                        calls.push(inst);
                    }
                }
                _ => return None,
            }
        }
    }
    Some(calls)
}

/// Where an address ends up, and the slots that hold it.
pub struct Followed {
    pub flow: Flow,
    pub holders: Vec<Slot>,
}

/// Follows the address `start`, and shows the instructions that may use the memory behind it (unless it escapes).
pub fn follow(
    f: &Function,
    program: &Program,
    summaries: &Summaries,
    uses: &Uses,
    start: Value,
    access: impl FnMut(Inst),
) -> Followed {
    let mut walk = Walk {
        f,
        program,
        summaries,
        uses,
        access,
        flow: Flow::default(),
        holders: Vec::new(),
        state: SecondaryMap::new(),
        slots: SecondaryMap::new(),
        work: Vec::new(),
    };
    walk.add(start, ADDR);
    while let Some(v) = walk.work.pop() {
        let state = walk.state[v];
        for &inst in &uses.of[v] {
            walk.step(v, state, inst);
            if walk.flow.escapes {
                return Followed { flow: Flow::ESCAPES, holders: Vec::new() };
            }
        }
    }
    Followed { flow: walk.flow, holders: walk.holders }
}

struct Walk<'a, A> {
    f: &'a Function,
    program: &'a Program,
    summaries: &'a Summaries,
    uses: &'a Uses,
    access: A,
    flow: Flow,
    holders: Vec<Slot>,
    state: SecondaryMap<Value, u8>,
    slots: SecondaryMap<Slot, u8>,
    work: Vec<Value>,
}

impl<A: FnMut(Inst)> Walk<'_, A> {
    fn add(&mut self, v: Value, state: u8) {
        if self.state[v] | state != self.state[v] {
            self.state[v] |= state;
            self.work.push(v);
        }
    }

    /// A value with this state gets out of sight.
    fn lose(&mut self, state: u8) {
        self.flow.escapes |= state & TO_ADDR != 0;
        self.flow.leaks |= state & (INSIDE | HOLDS_INSIDE) != 0;
        self.flow.leaks_deep |= state & DEEP != 0;
    }

    /// What is in the memory that a value with this state points to gets out of sight.
    fn lose_contents(&mut self, state: u8) {
        self.flow.escapes |= state & TOWARDS != 0;
        self.flow.leaks |= state & (ADDR | HOLDS_INSIDE) != 0;
        self.flow.leaks_deep |= state & (INSIDE | DEEP) != 0;
    }

    /// What the contents of that memory point to gets out of sight.
    fn lose_deep(&mut self, state: u8) {
        self.flow.escapes |= state & LEADS_TO_ADDR != 0;
        self.flow.leaks |= state & (HOLDS_ADDR | HOLDS_INSIDE) != 0;
        self.flow.leaks_deep |= state & (ADDR | INSIDE | DEEP) != 0;
    }

    /// A value with this state is stored at an address.
    fn store(&mut self, to: Value, state: u8) {
        let slot = effects::base_slot(self.f, to).filter(|slot| !self.uses.results.contains(slot));
        let Some(slot) = slot else { return self.lose(state) };
        let mut held = 0;
        if state & TO_ADDR != 0 {
            held |= if state & ADDR != 0 { HOLDS_ADDR } else { 0 };
            held |= if state & TOWARDS != 0 { LEADS_TO_ADDR } else { 0 };
            if !self.holders.contains(&slot) {
                self.holders.push(slot);
            }
        }
        if state & !TO_ADDR != 0 {
            held |= HOLDS_INSIDE;
        }
        if self.slots[slot] | held != self.slots[slot] {
            self.slots[slot] |= held;
            for &addr in &self.uses.slots[slot] {
                self.add(addr, held);
            }
        }
    }

    /// The memory that a value with this state points to is copied to an address.
    fn copy_contents(&mut self, to: Value, state: u8) {
        if effects::base_slot(self.f, to).is_none_or(|slot| self.uses.results.contains(&slot)) {
            return self.lose_contents(state);
        }
        self.store(to, loaded(state));
    }

    /// An instruction reads through a value with this state.
    fn load(&mut self, inst: Inst, state: u8) {
        if state & ADDR != 0 {
            (self.access)(inst);
        }
        let Some(&result) = self.f.results[inst].first() else { return };
        if self.f.ty(result) == Type::Ptr {
            self.add(result, loaded(state));
        } else if self.uses.to_ptr.contains(&result) {
            self.lose_contents(state);
        }
    }

    fn write(&mut self, inst: Inst, state: u8) {
        if state & ADDR != 0 {
            self.flow.writes = true;
            (self.access)(inst);
        }
    }

    fn step(&mut self, v: Value, state: u8, inst: Inst) {
        let f = self.f;
        match &f.insts[inst] {
            InstData::NilCheck { .. } | InstData::KeepAlive { .. } => {}
            InstData::Icmp { .. } => self.flow.compared |= state & ADDR != 0,
            InstData::Load { .. } | InstData::AtomicLoad { .. } => self.load(inst, state),
            InstData::MemZero { .. } => self.write(inst, state),
            InstData::MemCopy { dst, src, size, align, .. } => {
                if *dst == v {
                    self.write(inst, state);
                }
                if *src == v {
                    if state & ADDR != 0 {
                        (self.access)(inst);
                    }
                    if *size >= 8 && *align >= 8 {
                        self.copy_contents(*dst, state);
                    }
                }
            }
            InstData::Store { addr, val, .. } => {
                if *val == v {
                    self.store(*addr, state);
                }
                if *addr == v {
                    self.write(inst, state);
                }
            }
            InstData::AtomicStore { addr, val } => {
                if *val == v {
                    self.lose(state);
                }
                if *addr == v {
                    self.write(inst, state);
                }
            }
            InstData::AtomicRmw { addr, val, .. } => {
                if *val == v {
                    self.lose(state);
                }
                if *addr == v {
                    self.write(inst, state);
                    self.load(inst, state);
                }
            }
            InstData::AtomicCas { addr, expected, new } => {
                if *new == v || *expected == v {
                    self.lose(state);
                }
                if *addr == v {
                    self.write(inst, state);
                    self.load(inst, state);
                }
            }
            InstData::Binary { op: BinaryOp::PtrAdd, .. } | InstData::Select { .. } => {
                self.add(f.result(inst), state);
            }
            InstData::Unary { op: UnaryOp::PtrToInt, .. } => {
                if self.uses.is_hidden(f, f.result(inst)) {
                    return;
                }
                let Some(calls) = system_calls(f, self.program, f.result(inst)) else { return self.lose(state) };
                self.flow.compared |= state & ADDR != 0;
                for call in calls.into_iter().filter(|_| state & TO_ADDR != 0) {
                    // The kernel writes what it is given, and keeps nothing.
                    self.flow.writes = true;
                    (self.access)(call);
                }
            }
            InstData::Call { callee: Callee::Func(c), args } => self.call(inst, *c, args, v, state),
            InstData::Call { callee: Callee::Closure { func, .. }, args } => {
                if args.contains(&v) {
                    self.lose(state);
                }
                if *func == v {
                    self.called(v, state);
                }
            }
            InstData::TailCall { callee: Callee::Func(c), args } => {
                if state & TO_ADDR != 0 {
                    (self.access)(inst);
                }
                for (n, _) in args.iter().enumerate().filter(|(_, a)| **a == v) {
                    let known = self.summaries[*c].as_ref().and_then(|s| s.params.get(n).copied());
                    let p = known.unwrap_or(Flow::ESCAPES);
                    self.passed(v, state, p);
                    for result in 0..=LAST_RESULT {
                        self.returned(result, handed_back(p, state, result));
                    }
                }
            }
            InstData::Return { args } => {
                for (n, _) in args.iter().enumerate().filter(|(_, a)| **a == v) {
                    self.returned(n, state);
                }
            }
            data @ (InstData::Jump(_) | InstData::Brif { .. } | InstData::BrTable { .. }) => {
                self.flow.joins |= state & TO_ADDR != 0;
                data.for_each_target(|t| {
                    for (&a, &p) in t.args.iter().zip(&f.blocks[t.block].params) {
                        if a == v {
                            self.add(p, state);
                        }
                    }
                });
            }
            _ => self.lose(state),
        }
    }

    /// A value with this state is given to a function that does this with it. What the results may be is for the caller to see.
    fn passed(&mut self, v: Value, state: u8, p: Flow) {
        if p.escapes {
            return self.lose(state);
        }
        if p.leaks {
            self.lose_contents(state);
        }
        if p.leaks_deep {
            self.lose_deep(state);
        }
        if p.called {
            self.called(v, state);
        }
        if state & ADDR != 0 {
            self.flow.writes |= p.writes;
            self.flow.compared |= p.compared;
        }
        if state & TOWARDS != 0 {
            self.flow.writes = true;
            self.flow.compared = true;
        }
    }

    /// A value with this state is result `n` of the function.
    fn returned(&mut self, n: usize, state: u8) {
        if state & ADDR != 0 {
            self.flow.results |= 1 << n.min(LAST_RESULT);
        }
        if state & INSIDE != 0 {
            self.flow.contents |= 1 << n.min(LAST_RESULT);
        }
        if state & DEEP != 0 {
            self.flow.deep_contents |= 1 << n.min(LAST_RESULT);
        }
        self.lose(state & (TOWARDS | HOLDS_INSIDE));
    }

    /// A func value with this state is called: its code may do with what it holds what it wants, unless the code is known.
    fn called(&mut self, v: Value, state: u8) {
        self.flow.called |= state & ADDR != 0;
        let held = state & !ADDR;
        if held == 0 {
            return;
        }
        let code = self.uses.codes.code(self.f, v);
        let does =
            code.and_then(|code| self.summaries[code].as_ref()?.params.first().copied()).unwrap_or(Flow::ESCAPES);
        // Results of the call are not followed from here.
        if does.escapes || does.leaks || does.called || does.results | does.contents | does.deep_contents != 0 {
            self.lose_contents(held);
        } else if does.leaks_deep {
            self.lose_deep(held);
        }
        if held & TOWARDS != 0 {
            self.flow.writes = true;
            self.flow.compared = true;
        }
    }

    fn call(&mut self, inst: Inst, callee: FuncId, args: &[Value], v: Value, state: u8) {
        let (f, decl) = (self.f, &self.program.funcs[callee]);
        if state & TO_ADDR != 0 {
            (self.access)(inst);
        }
        if let Some(leaf) = effects::leaf(decl) {
            if leaf != Leaf::Reads {
                if args[0] == v {
                    self.write(inst, state);
                }
                if leaf == Leaf::WritesFirst && args.get(1) == Some(&v) {
                    self.copy_contents(args[0], state);
                }
            }
            return;
        }
        if decl.flags.noescape {
            self.write(inst, state);
            return self.lose_contents(state);
        }
        if decl.runtime.is_some_and(RuntimeFn::takes_buffer) && args[0] == v {
            self.write(inst, state);
            return self.add(f.results[inst][0], state);
        }
        if decl.runtime == Some(RuntimeFn::MapIterStart) && args[1] == v {
            // The iterator has the address of the map.
            self.write(inst, state);
            return self.store(args[2], state);
        }
        let concatenated = concatenates(f, self.program, args, callee, v);
        for (n, _) in args.iter().enumerate().filter(|(_, a)| **a == v) {
            let known = concatenated.or_else(|| {
                let callee = decl.runtime?;
                effects::on_map(callee, n).or_else(|| effects::on_defer(callee, n))
            });
            if known.is_none() && decl.runtime.is_some_and(effects::keeps_no_argument) {
                continue;
            }
            let p = known.or_else(|| self.summaries[callee].as_ref()?.params.get(n).copied()).unwrap_or(Flow::ESCAPES);
            self.passed(v, state, p);
            for (i, &r) in f.results[inst].iter().enumerate() {
                self.add(r, handed_back(p, state, i));
            }
        }
    }
}

/// What result `n` of a function may be that does `p` with an argument of this state.
fn handed_back(p: Flow, state: u8, n: usize) -> u8 {
    let if_in = |results: u16, state: u8| if results >> n.min(LAST_RESULT) & 1 == 1 { state } else { 0 };
    if_in(p.results, state) | if_in(p.contents, loaded(state)) | if_in(p.deep_contents, loaded_deep(state))
}

/// What a pointer may be that is loaded through a value with this state.
fn loaded(state: u8) -> u8 {
    let mut out = 0;
    if state & HOLDS_ADDR != 0 {
        out |= ADDR;
    }
    if state & LEADS_TO_ADDR != 0 {
        out |= TOWARDS;
    }
    if state & ADDR != 0 {
        out |= INSIDE;
    }
    if state & (INSIDE | DEEP) != 0 {
        out |= DEEP;
    }
    if state & HOLDS_INSIDE != 0 {
        out |= INSIDE | DEEP | HOLDS_INSIDE;
    }
    out
}

/// What a pointer may be that is loaded through one that is loaded through a value with this state, or further on.
fn loaded_deep(state: u8) -> u8 {
    let mut out = loaded(loaded(state));
    while out | loaded(out) != out {
        out |= loaded(out);
    }
    out
}

/// What a concatenation does with its operand at `v`: the result is the operand itself if all others are empty.
fn concatenates(f: &Function, program: &Program, args: &[Value], callee: FuncId, v: Value) -> Option<Flow> {
    use RuntimeFn::*;
    let words = match program.funcs[callee].runtime? {
        ConcatString2 | ConcatString3 => args,
        ConcatString2Buf | ConcatString3Buf => &args[1..],
        _ => return None,
    };
    let longer = words.chunks(2).filter(|s| s[0] != v).any(|s| int_const(f, s[1]).is_some_and(|n| n > 0));
    Some(Flow { results: if longer { 0 } else { 1 }, ..Flow::default() })
}
