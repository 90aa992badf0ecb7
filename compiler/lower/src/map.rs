//! Maps and channels.
//!
//! Maps are the standard library's (internal/runtime/maps); compiled code calls its entry points of package runtime,
//! as gc does: special ones for keys of 4 and 8 bytes and strings, general ones for the rest.

use crate::func::FuncLower;
use crate::lower::ZERO_VAL;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{IntCC, RuntimeFn, Type as Ir, UnaryOp as Un, Value};

/// How keys are passed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Fast32,
    Fast64,
    Fast64Ptr,
    FastStr,
    Slow,
}

impl KeyKind {
    fn access1(self) -> RuntimeFn {
        match self {
            KeyKind::Fast32 => RuntimeFn::MapAccess1Fast32,
            KeyKind::Fast64 | KeyKind::Fast64Ptr => RuntimeFn::MapAccess1Fast64,
            KeyKind::FastStr => RuntimeFn::MapAccess1FastStr,
            KeyKind::Slow => RuntimeFn::MapAccess1,
        }
    }

    fn access2(self) -> RuntimeFn {
        match self {
            KeyKind::Fast32 => RuntimeFn::MapAccess2Fast32,
            KeyKind::Fast64 | KeyKind::Fast64Ptr => RuntimeFn::MapAccess2Fast64,
            KeyKind::FastStr => RuntimeFn::MapAccess2FastStr,
            KeyKind::Slow => RuntimeFn::MapAccess2,
        }
    }

    fn assign(self) -> RuntimeFn {
        match self {
            KeyKind::Fast32 => RuntimeFn::MapAssignFast32,
            KeyKind::Fast64 => RuntimeFn::MapAssignFast64,
            KeyKind::Fast64Ptr => RuntimeFn::MapAssignFast64Ptr,
            KeyKind::FastStr => RuntimeFn::MapAssignFastStr,
            KeyKind::Slow => RuntimeFn::MapAssign,
        }
    }

    fn delete(self) -> RuntimeFn {
        match self {
            KeyKind::Fast32 => RuntimeFn::MapDeleteFast32,
            KeyKind::Fast64 | KeyKind::Fast64Ptr => RuntimeFn::MapDeleteFast64,
            KeyKind::FastStr => RuntimeFn::MapDeleteFastStr,
            KeyKind::Slow => RuntimeFn::MapDelete,
        }
    }
}

/// Larger elements lie outside of their groups (`abi.MapMaxElemBytes`), which the special entry points do not know.
const MAX_FAST_ELEM: u64 = 128;

impl FuncLower<'_, '_> {
    pub fn map_key_ty(&self, map: Ty) -> Ty {
        match self.cx.tys.under_kind(map) {
            TyKind::Map(k, _) => *k,
            k => panic!("not a map: {k:?}"),
        }
    }

    fn key_kind(&self, map: Ty) -> KeyKind {
        let TyKind::Map(k, v) = self.cx.tys.under_kind(map) else { panic!("not a map") };
        if self.layout(*v).size > MAX_FAST_ELEM {
            return KeyKind::Slow;
        }
        match self.cx.tys.under_kind(*k) {
            TyKind::Basic(Basic::String) => KeyKind::FastStr,
            TyKind::Basic(b) if b.is_integer() => match self.layout(*k).size {
                4 => KeyKind::Fast32,
                8 => KeyKind::Fast64,
                _ => KeyKind::Slow,
            },
            TyKind::Ptr(_) | TyKind::Chan(..) | TyKind::Basic(Basic::UnsafePointer) => KeyKind::Fast64Ptr,
            _ => KeyKind::Slow,
        }
    }

    /// How the key is passed, and its words.
    fn key_args(&mut self, map: Ty, key: &Val, assign: bool) -> (KeyKind, Vec<Value>) {
        let kt = self.map_key_ty(map);
        let kind = self.key_kind(map);
        let words = match kind {
            KeyKind::Fast32 | KeyKind::Fast64 => vec![self.scalars(key.clone(), kt)[0]],
            KeyKind::Fast64Ptr => {
                let p = self.scalars(key.clone(), kt)[0];
                vec![if assign { p } else { self.b.unary(Un::PtrToInt, Ir::I64, p) }]
            }
            KeyKind::FastStr => self.scalars(key.clone(), kt).to_vec(),
            KeyKind::Slow => vec![self.spill(key, kt)],
        };
        (kind, words)
    }

    /// The element of a key, and whether it is there.
    pub fn map_read(&mut self, map_ty: Ty, m: Value, key: &Val, comma_ok: bool) -> (Val, Option<Value>) {
        let elem = self.cx.tys.elem(map_ty);
        let typ = self.rtype_addr(map_ty);
        let (kind, keys) = self.key_args(map_ty, key, false);
        let mut args = vec![typ, m];
        args.extend(keys);
        let big = self.layout(elem).size > ZERO_VAL;
        if !comma_ok && !big {
            let p = self.rt1(kind.access1(), &args);
            return (self.load_known(p, elem), None);
        }
        let out = self.rt(kind.access2(), &args);
        let (p, ok) = (out[0], out[1]);
        if !big {
            return (self.load_known(p, elem), Some(ok));
        }
        let tmp = self.temp(elem);
        let (yes, no, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.brif(ok, yes, no);
        self.b.seal_and_switch(yes);
        let barrier = !self.in_frame(tmp);
        self.copy_mem(tmp, p, elem, barrier);
        self.b.jump(done, &[]);
        self.b.seal_and_switch(no);
        self.zero_mem(tmp, elem);
        self.b.jump(done, &[]);
        self.b.seal_and_switch(done);
        (Val::Mem { addr: tmp, fresh: true }, Some(ok))
    }

    /// Address of the element of a key, made if it is not there.
    pub fn map_assign(&mut self, map_ty: Ty, m: Value, key: &Val) -> Value {
        let typ = self.rtype_addr(map_ty);
        let (kind, keys) = self.key_args(map_ty, key, true);
        let mut args = vec![typ, m];
        args.extend(keys);
        self.rt1(kind.assign(), &args)
    }

    pub fn map_delete(&mut self, map_ty: Ty, m: Value, key: &Val) {
        let typ = self.rtype_addr(map_ty);
        let (kind, keys) = self.key_args(map_ty, key, false);
        let mut args = vec![typ, m];
        args.extend(keys);
        self.rt(kind.delete(), &args);
    }

    /// Number of entries: the first word of the map.
    pub fn map_len(&mut self, m: Value) -> Value {
        let is_nil = self.b.icmp_imm(IntCC::Eq, m, 0);
        let some = self.b.create_block();
        let done = self.b.create_block();
        let n = self.b.append_param(done, Ir::I64);
        let zero = self.const_int(0);
        self.b.ins0(ir::InstData::Brif {
            cond: is_nil,
            then_: ir::BlockCall { block: done, args: [zero].into_iter().collect() },
            else_: ir::BlockCall { block: some, args: Default::default() },
        });
        self.b.seal_and_switch(some);
        let used = self.b.load(Ir::I64, m, 0, ir::MemFlags { notrap: true, ..Default::default() });
        self.b.jump(done, &[used]);
        self.b.seal_and_switch(done);
        n
    }

    // ---- channels ----

    pub fn chan_send(&mut self, ch: Value, elem: Ty, v: Val) {
        let p = self.spill(&v, elem);
        self.rt(RuntimeFn::ChanSend1, &[ch, p]);
        self.clear_buffer(p, &v, elem);
    }

    /// Empties the memory that `v` was spilled to, or received in. Its address may lie in a register for the rest of a loop, and
    /// would keep the value alive.
    pub fn clear_buffer(&mut self, p: Value, v: &Val, elem: Ty) {
        if matches!(v, Val::Scalars(_)) && self.layout(elem).has_pointers() && self.in_frame(p) {
            self.zero_mem(p, elem);
        }
    }

    /// Where a received value goes. What was received there before is not kept while the goroutine waits for the next.
    pub fn receive_buffer(&mut self, elem: Ty) -> Value {
        let p = self.temp(elem);
        if self.layout(elem).has_pointers() && self.in_frame(p) {
            self.zero_mem(p, elem);
        }
        p
    }

    pub fn chan_recv(&mut self, ch: Value, elem: Ty, comma_ok: bool) -> (Val, Option<Value>) {
        let p = self.receive_buffer(elem);
        let ok = if comma_ok {
            Some(self.rt1(RuntimeFn::ChanRecv2, &[ch, p]))
        } else {
            self.rt(RuntimeFn::ChanRecv1, &[ch, p]);
            None
        };
        let v = match self.load(p, 0, elem) {
            Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
            v => v,
        };
        self.clear_buffer(p, &v, elem);
        (v, ok)
    }
}
