//! The table of reflect's call adapters (runtime/go/src/reflect/golift.go).
//!
//! Each function type that has a descriptor gets two adapters, if package reflect's calls are in the program at all. Adapters
//! may refer to more types, so the table grows to a fixpoint. The linker's layout decides addresses; reflect searches by address, so
//! the entries stand in the order of their descriptors in the types section.

use crate::front::Symbol;
use crate::lower::{FuncKey, Lower};
use crate::ty::{Basic, FuncTy, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{DataId, FuncId, RelocKind, RelocTarget, Section};

impl Lower<'_> {
    /// A type that is passed, stored and scanned the same way: types of one shape share their adapters.
    fn shape(&self, t: Ty) -> Ty {
        let word = self.basic(Basic::UnsafePointer);
        match self.tys.under_kind(t) {
            TyKind::Basic(b) => match b {
                Basic::Bool | Basic::Int8 => self.basic(Basic::Uint8),
                Basic::Int16 => self.basic(Basic::Uint16),
                Basic::Int32 => self.basic(Basic::Uint32),
                Basic::Int | Basic::Int64 | Basic::Uint | Basic::Uintptr => self.basic(Basic::Uint64),
                b => self.basic(*b),
            },
            TyKind::Ptr(_) | TyKind::Map(..) | TyKind::Chan(..) => word,
            TyKind::Slice(_) => self.tys.slice_of(self.basic(Basic::Uint8)),
            TyKind::Interface(_) => self.tys.intern(TyKind::Interface(vec![])),
            TyKind::Array(e, n) => self.tys.array_of(self.field_shape(*e), *n),
            TyKind::Struct(fields) => {
                let fields: Vec<Ty> = fields.iter().map(|f| self.field_shape(f.ty)).collect();
                self.tys.anon_struct(fields)
            }
            TyKind::Func(f) => {
                let part = |t: &Ty| self.field_shape(*t);
                self.tys.intern(TyKind::Func(FuncTy {
                    params: f.params.iter().map(part).collect(),
                    results: f.results.iter().map(part).collect(),
                    variadic: false,
                }))
            }
            TyKind::Tuple(_) | TyKind::Named { .. } => t,
        }
    }

    /// The shape of a part: a func value is one word.
    fn field_shape(&self, t: Ty) -> Ty {
        match self.tys.under_kind(t) {
            TyKind::Func(_) => self.basic(Basic::UnsafePointer),
            _ => self.shape(t),
        }
    }

    /// Fills `reflect.goliftFuncs` if something refers to it.
    pub fn reflect_adapters(&mut self) {
        let Some(var) = self.package("reflect").and_then(|p| p.lookup(Symbol::intern("goliftFuncs"))) else { return };
        let Some(&table) = self.globals.get(&var) else { return };
        let mut entries: Vec<(DataId, DataId, FuncId)> = Vec::new();
        let mut done = rustc_hash::FxHashSet::default();
        loop {
            let mut new: Vec<(DataId, Ty)> = self
                .rtypes
                .iter()
                .filter(|(t, _)| !done.contains(*t) && matches!(self.tys.under_kind(**t), TyKind::Func(_)))
                .map(|(t, d)| (*d, *t))
                .collect();
            if new.is_empty() {
                break;
            }
            new.sort();
            for (d, t) in new {
                done.insert(t);
                let shape = self.shape(t);
                let call = self.func(FuncKey::ReflectCall(shape));
                let call = self.func_value(call);
                let make = self.func(FuncKey::ReflectMake(shape));
                entries.push((d, call, make));
            }
            self.drain();
        }
        entries.sort_by_key(|e| e.0);
        let n = entries.len();
        let mut relocs = Vec::new();
        for (i, (typ, call, make)) in entries.into_iter().enumerate() {
            let at = 24 * i as u32;
            let abs = |offset, target| ir::Reloc { offset, kind: RelocKind::Abs64, target, addend: 0 };
            relocs.push(abs(at, RelocTarget::Data(typ)));
            relocs.push(abs(at + 8, RelocTarget::Data(call)));
            relocs.push(abs(at + 16, RelocTarget::Func(make)));
        }
        let array = self.rodata(vec![0; 24 * n], 8);
        self.prog.datas[array].relocs = relocs;
        let mut bytes = vec![0u8; 24];
        bytes[8..16].copy_from_slice(&(n as u64).to_le_bytes());
        bytes[16..24].copy_from_slice(&(n as u64).to_le_bytes());
        let data = &mut self.prog.datas[table];
        data.section = Section::Data;
        data.bytes = bytes.into();
        data.relocs =
            vec![ir::Reloc { offset: 0, kind: RelocKind::Abs64, target: RelocTarget::Data(array), addend: 0 }];
    }
}
