//! Maps and channels.
//!
//! Maps are the standard library's (internal/runtime/maps); compiled code calls its entry points of package runtime,
//! as gc does: special ones for keys of 4 and 8 bytes and strings, general ones for the rest.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{IntCC, Type as Ir, UnaryOp as Un, Value};

/// How keys are passed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Fast32,
    Fast64,
    Fast64Ptr,
    FastStr,
    Slow,
}

/// Size of `runtime.zeroVal`: larger missing elements need zeros of their own.
const ZERO_VAL: u64 = 1024;

impl FuncLower<'_, '_> {
    pub fn map_key_ty(&self, map: Ty) -> Ty {
        match self.cx.tys.under_kind(map) {
            TyKind::Map(k, _) => *k,
            k => panic!("not a map: {k:?}"),
        }
    }

    fn key_kind(&self, map: Ty) -> KeyKind {
        let TyKind::Map(k, v) = self.cx.tys.under_kind(map) else { panic!("not a map") };
        if self.layout(*v).size > 128 {
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

    /// Name suffix and key arguments.
    fn key_args(&mut self, map: Ty, key: &Val, assign: bool) -> (&'static str, Vec<Value>) {
        let kt = self.map_key_ty(map);
        match self.key_kind(map) {
            KeyKind::Fast32 => ("_fast32", vec![self.scalars(key.clone(), kt)[0]]),
            KeyKind::Fast64 => ("_fast64", vec![self.scalars(key.clone(), kt)[0]]),
            KeyKind::Fast64Ptr => {
                let p = self.scalars(key.clone(), kt)[0];
                if assign { ("_fast64ptr", vec![p]) } else { ("_fast64", vec![self.b.unary(Un::PtrToInt, Ir::I64, p)]) }
            }
            KeyKind::FastStr => ("_faststr", self.scalars(key.clone(), kt).to_vec()),
            KeyKind::Slow => ("", vec![self.spill(key, kt)]),
        }
    }

    /// The element of a key, and whether it is there.
    pub fn map_read(&mut self, map_ty: Ty, m: Value, key: &Val, comma_ok: bool) -> (Val, Option<Value>) {
        let elem = self.cx.tys.elem(map_ty);
        let typ = self.rtype_addr(map_ty);
        let (suffix, keys) = self.key_args(map_ty, key, false);
        let mut args = vec![typ, m];
        args.extend(keys);
        let big = self.layout(elem).size > ZERO_VAL;
        if !comma_ok && !big {
            let p = self.rt1(&format!("mapaccess1{suffix}"), &args);
            return (self.load_known(p, elem), None);
        }
        let out = self.rt(&format!("mapaccess2{suffix}"), &args);
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
        let (suffix, keys) = self.key_args(map_ty, key, true);
        let mut args = vec![typ, m];
        args.extend(keys);
        self.rt1(&format!("mapassign{suffix}"), &args)
    }

    pub fn map_delete(&mut self, map_ty: Ty, m: Value, key: &Val) {
        let typ = self.rtype_addr(map_ty);
        let (suffix, keys) = self.key_args(map_ty, key, false);
        let mut args = vec![typ, m];
        args.extend(keys);
        self.rt(&format!("mapdelete{suffix}"), &args);
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
        self.rt("chansend1", &[ch, p]);
    }

    pub fn chan_recv(&mut self, ch: Value, elem: Ty, comma_ok: bool) -> (Val, Option<Value>) {
        let p = self.temp(elem);
        let ok = if comma_ok {
            Some(self.rt1("chanrecv2", &[ch, p]))
        } else {
            self.rt("chanrecv1", &[ch, p]);
            None
        };
        let v = match self.load(p, 0, elem) {
            Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
            v => v,
        };
        (v, ok)
    }
}
