//! Composite literals.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir::Value;
use golift_syntax::{CompositeLit, Expr, ExprKind};

use crate::static_init;

/// Literals of maps with more entries are filled from tables (gc's number).
const MANY_ENTRIES: usize = 25;

impl FuncLower<'_, '_> {
    pub fn composite(&mut self, e: &Expr, c: &CompositeLit, t: Ty) -> Val {
        self.at(e.pos);
        match self.cx.tys.under_kind(t) {
            TyKind::Struct(fields) => {
                if self.layout(t).is_mem() {
                    let addr = self.temp(t);
                    let barrier = !self.in_frame(addr);
                    self.composite_into(addr, c, t, barrier);
                    return Val::Mem { addr, fresh: true };
                }
                let elems = self.struct_elems(c, t);
                if elems.iter().any(|(path, _)| path.len() > 1) {
                    // A promoted field: through memory.
                    let addr = self.temp(t);
                    let barrier = !self.in_frame(addr);
                    self.composite_into(addr, c, t, barrier);
                    return self.load(addr, 0, t);
                }
                let mut vals: Vec<Option<Val>> = vec![None; fields.len()];
                for (path, v) in elems {
                    let i = path[0];
                    vals[i] = Some(self.elem_value(v, fields[i].ty));
                }
                let mut flat = smallvec::SmallVec::new();
                for (v, f) in vals.into_iter().zip(fields) {
                    let v = match v {
                        Some(v) => v,
                        None => self.zero(f.ty),
                    };
                    flat.extend(self.scalars(v, f.ty));
                }
                Val::Scalars(flat)
            }
            TyKind::Array(..) => {
                let addr = self.temp(t);
                let barrier = !self.in_frame(addr);
                self.composite_into(addr, c, t, barrier);
                match self.load(addr, 0, t) {
                    Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
                    v => v,
                }
            }
            TyKind::Slice(elem) => {
                let n = self.array_lit_len(c);
                let arr = self.cx.tys.array_of(*elem, n);
                let p = self.alloc(arr);
                self.composite_into(p, c, arr, true);
                let n = self.const_int(n as i64);
                Val::from_slice(&[p, n, n])
            }
            TyKind::Map(k, v) => {
                let hint = self.const_int(c.elems.len() as i64);
                let m = self.make_map(t, hint);
                let rest = self.constant_entries(t, m, c, *k, *v);
                for el in rest {
                    let ExprKind::KeyValue(ke, ve) = &el.kind else { panic!("map literal without key") };
                    self.order(&[ke, ve]);
                    let key = self.elem_value(ke, *k);
                    let key = self.stable(key, *k);
                    let val = self.elem_value(ve, *v);
                    let val = self.stable(val, *v);
                    self.at(el.pos);
                    let slot = self.map_assign(t, m, &key);
                    self.store(slot, 0, *v, val);
                }
                Val::one(m)
            }
            // `{…}` for an element of type *T.
            TyKind::Ptr(elem) => {
                let p = self.alloc(*elem);
                if matches!(self.cx.tys.under_kind(*elem), TyKind::Struct(_) | TyKind::Array(..)) {
                    self.composite_into(p, c, *elem, true);
                } else {
                    let v = self.composite(e, c, *elem);
                    self.store(p, 0, *elem, v);
                }
                Val::one(p)
            }
            k => panic!("composite literal of {k:?}"),
        }
    }

    /// Puts the entries that consist of constants into a map, by a loop over a table of them, if there are many. Returns the others.
    fn constant_entries<'e>(&mut self, t: Ty, m: Value, c: &'e CompositeLit, k: Ty, v: Ty) -> Vec<&'e Expr> {
        let all: Vec<&Expr> = c.elems.iter().collect();
        let entry = self.cx.tys.anon_struct([k, v]);
        if all.len() <= MANY_ENTRIES || self.layout(entry).size == 0 {
            return all;
        }
        let (pkg, file, env) = (self.pkg, self.file, self.env);
        let mut table = static_init::Table::new(self.cx, pkg, file, env, entry);
        let is_dynamic = |el: &&Expr| match &el.kind {
            ExprKind::KeyValue(key, value) => !table.add(&[key, value]),
            _ => true,
        };
        let rest = all.into_iter().filter(is_dynamic).collect();
        let Some((data, n)) = table.finish() else { return rest };
        let base = self.b.data_addr(data, 0);
        let n = self.const_int(n as i64);
        let offsets = self.layout(entry).offsets.clone();
        self.count_loop(n, None, |f, i| {
            let size = f.layout(entry).size;
            let step = f.b.binary_imm(golift_ir::BinaryOp::Mul, i, size as i64);
            let at = f.b.ptr_add(base, step);
            let [key, value] = [0, 1].map(|n| f.b.ptr_add_imm(at, offsets[n] as i64));
            let key = f.load_known(key, k);
            let slot = f.map_assign(t, m, &key);
            let value = f.load_known(value, v);
            f.store(slot, 0, v, value);
        });
        rest
    }

    /// An element; literals without a type take the element type.
    fn elem_value(&mut self, e: &Expr, t: Ty) -> Val {
        match &e.kind {
            ExprKind::CompositeLit(c) if c.ty.is_none() => match self.ready.remove(&e.id) {
                Some(v) => v,
                None => self.composite(e, c, t),
            },
            _ => self.expr_to(e, t),
        }
    }

    /// Fields and values of a struct literal; a field is a path of indices.
    pub fn struct_elems<'e>(&self, c: &'e CompositeLit, t: Ty) -> Vec<(Vec<usize>, &'e Expr)> {
        let mut out = Vec::new();
        for (i, el) in c.elems.iter().enumerate() {
            match &el.kind {
                ExprKind::KeyValue(k, v) => {
                    let name = k.as_ident().expect("field name");
                    let pkg = if name.name.is_exported() { None } else { Some(self.pkg) };
                    let found = self.cx.find_field(t, name.name, pkg).or_else(|| {
                        // Fields of unexported names in instances belong to the package of the generic type.
                        let obj = self.info.use_(name)?;
                        self.cx.find_field(t, name.name, crate::ty::name_pkg(obj))
                    });
                    let path = found.expect("field of the literal").path;
                    out.push((path.into_iter().map(|i| i as usize).collect(), &**v));
                }
                _ => out.push((vec![i], el)),
            }
        }
        out
    }

    /// Indices of the elements of an array or slice literal.
    pub fn array_elems<'e>(&self, c: &'e CompositeLit) -> Vec<(u64, &'e Expr)> {
        let mut out = Vec::new();
        let mut next = 0;
        for el in &c.elems {
            let (i, v) = match &el.kind {
                ExprKind::KeyValue(k, v) => {
                    let i = self.info.value_of(k).and_then(|c| c.to_int().as_u64()).expect("constant index");
                    (i, &**v)
                }
                _ => (next, el),
            };
            out.push((i, v));
            next = i + 1;
        }
        out
    }

    pub fn array_lit_len(&self, c: &CompositeLit) -> u64 {
        self.array_elems(c).iter().map(|e| e.0 + 1).max().unwrap_or(0)
    }

    /// Builds a struct or array literal in memory. `zeroed`: the memory is zero already.
    pub fn composite_into(&mut self, addr: Value, c: &CompositeLit, t: Ty, zeroed: bool) {
        match self.cx.tys.under_kind(t) {
            TyKind::Struct(fields) => {
                let elems = self.struct_elems(c, t);
                let complete = elems.len() == fields.len() && elems.iter().all(|(p, _)| p.len() == 1);
                if !zeroed && !complete {
                    self.zero_mem(addr, t);
                }
                let zeroed = zeroed || !complete;
                for (path, v) in elems {
                    let mut place = self.mem_place(addr, 0, t);
                    let mut ft = t;
                    for i in path {
                        if let Some(e) = self.cx.tys.as_ptr(ft) {
                            // A promoted field behind an embedded pointer.
                            let p = self.read_place(&place).single();
                            place = self.mem_place(p, 0, e);
                            ft = e;
                        }
                        place = self.place_field(place, i);
                        ft = self.cx.tys.fields(ft)[i].ty;
                    }
                    self.elem_into(place, v, ft, zeroed);
                }
            }
            TyKind::Array(elem, n) => {
                let elems = self.array_elems(c);
                if let Some(d) = self.static_array(c, t, &elems) {
                    let src = self.b.data_addr(d, 0);
                    let barrier = !self.in_frame(addr);
                    self.copy_mem(addr, src, t, barrier);
                    return;
                }
                let complete = elems.len() as u64 == *n;
                if !zeroed && !complete {
                    self.zero_mem(addr, t);
                }
                let size = self.layout(*elem).size;
                for (i, v) in elems {
                    let place = self.mem_place(addr, (i * size) as i64, *elem);
                    self.elem_into(place, v, *elem, zeroed || !complete);
                }
            }
            k => panic!("literal in memory of {k:?}"),
        }
    }

    fn elem_into(&mut self, place: crate::operand::Place, v: &Expr, t: Ty, zeroed: bool) {
        if let ExprKind::CompositeLit(c) = &v.unparen().kind
            && matches!(self.cx.tys.under_kind(t), TyKind::Struct(_) | TyKind::Array(..))
            && self.layout(t).is_mem()
            && (c.ty.is_none() || self.ty(v.unparen()) == t)
        {
            let addr = self.place_addr(&place);
            self.composite_into(addr, c, t, zeroed);
            return;
        }
        let val = self.elem_value(v, t);
        self.at(v.pos);
        self.write_place(&place, val);
    }

    /// Read-only contents for an array literal of several constants.
    fn static_array(&mut self, c: &CompositeLit, t: Ty, elems: &[(u64, &Expr)]) -> Option<golift_ir::DataId> {
        if elems.len() < 4 || c.elems.is_empty() {
            return None;
        }
        let pkg = self.pkg;
        let (file, env) = (self.file, self.env);
        let data = crate::static_init::static_composite(self.cx, pkg, file, env, c, t)?;
        let (bytes, relocs) = data;
        let align = self.layout(t).align;
        let d = self.cx.rodata(bytes, align);
        self.cx.prog.datas[d].relocs = relocs;
        Some(d)
    }

    /// The type of words that hold no pointers.
    pub fn word(&self) -> Ty {
        self.cx.basic(Basic::Uintptr)
    }
}
