//! Static initialisation: package variables whose initial values are known become data.
//!
//! A value is static if it is built from constants, addresses of package variables, functions without captured
//! variables, and literals of such things (maps excepted). Pointers to literals and backing arrays of slices become anonymous writable
//! objects. What is not static is initialised by code; whether that code may be left out when nobody uses
//! the variable is decided by [`is_pure`].

use crate::lower::Lower;
use crate::ty::{Basic, EnvId, Ty, TyKind, name_pkg};
use golift_ir as ir;
use golift_ir::{DataId, RelocKind, RelocTarget, Section};
use golift_syntax::{CompositeLit, Expr, ExprKind, UnaryOp};
use golift_types::{BuiltinId, ConstValue, FileInfo, Mode, Obj, ObjKind, Package, VarKind};

/// An object being filled.
struct Image {
    bytes: Vec<u8>,
    relocs: Vec<ir::Reloc>,
}

impl Image {
    fn reloc(&mut self, off: u64, target: RelocTarget, addend: i64) {
        self.relocs.push(ir::Reloc { offset: off as u32, kind: RelocKind::Abs64, target, addend });
    }
    fn put(&mut self, off: u64, bytes: &[u8]) {
        self.bytes[off as usize..off as usize + bytes.len()].copy_from_slice(bytes);
    }
}

struct Static<'a, 's> {
    cx: &'a mut Lower<'s>,
    pkg: Package,
    info: &'static FileInfo,
    env: EnvId,
    /// Only constants: the image is read-only and copied.
    constants_only: bool,
}

/// Largest object built at compile time.
const MAX_STATIC: u64 = 64 << 20;

impl Lower<'_> {
    /// Initialises the variable of a package statically. False if code is needed.
    pub fn init_static(&mut self, pkg: Package, n: u32) -> bool {
        let init = &pkg.init_order()[n as usize];
        let [var] = init.lhs.as_slice() else { return false };
        if var.name().as_str() == "_" {
            return false;
        }
        let t = self.tys.convert(var.ty(), EnvId::EMPTY);
        let size = self.layout(t).size;
        if size > MAX_STATIC {
            return false;
        }
        let d = self.global(*var);
        let mut img = Image { bytes: vec![0; size as usize], relocs: vec![] };
        let mut s = Static { cx: self, pkg, info: pkg.info(init.file), env: EnvId::EMPTY, constants_only: false };
        if !s.value(init.rhs, t, 0, &mut img) {
            return false;
        }
        if img.bytes.iter().any(|&b| b != 0) || !img.relocs.is_empty() {
            let data = &mut self.prog.datas[d];
            data.section = Section::Data;
            data.bytes = img.bytes.into();
            data.relocs = img.relocs;
        }
        true
    }
}

/// The contents of a literal made of constants only.
pub fn static_composite(
    cx: &mut Lower<'_>,
    pkg: Package,
    file: u32,
    env: EnvId,
    c: &CompositeLit,
    t: Ty,
) -> Option<(Vec<u8>, Vec<ir::Reloc>)> {
    let size = cx.layout(t).size;
    if size > MAX_STATIC {
        return None;
    }
    let mut img = Image { bytes: vec![0; size as usize], relocs: vec![] };
    let mut s = Static { cx, pkg, info: pkg.info(file), env, constants_only: true };
    s.literal(c, t, 0, &mut img).then_some((img.bytes, img.relocs))
}

/// A read-only table of structs whose fields are given by constants.
pub struct Table<'a, 's> {
    fields: Static<'a, 's>,
    entry: Ty,
    image: Image,
    count: usize,
}

impl<'a, 's> Table<'a, 's> {
    pub fn new(cx: &'a mut Lower<'s>, pkg: Package, file: u32, env: EnvId, entry: Ty) -> Self {
        let fields = Static { cx, pkg, info: pkg.info(file), env, constants_only: true };
        Table { fields, entry, image: Image { bytes: vec![], relocs: vec![] }, count: 0 }
    }

    /// Adds an entry of these fields. False if they are no constants; then the table is as before.
    pub fn add(&mut self, fields: &[&Expr]) -> bool {
        let layout = self.fields.cx.layout(self.entry);
        let at = self.image.bytes.len() as u64;
        if at + layout.size > MAX_STATIC {
            return false;
        }
        let mut entry = Image { bytes: vec![0; layout.size as usize], relocs: vec![] };
        let types = self.fields.cx.tys.fields(self.entry).iter().map(|f| f.ty).collect::<Vec<_>>();
        for ((field, ty), &offset) in fields.iter().zip(types).zip(&layout.offsets) {
            if !self.fields.elem(field, ty, offset, &mut entry) {
                return false;
            }
        }
        self.image.bytes.extend_from_slice(&entry.bytes);
        self.image.relocs.extend(entry.relocs.into_iter().map(|r| ir::Reloc { offset: r.offset + at as u32, ..r }));
        self.count += 1;
        true
    }

    /// The table and the number of its entries, if it has any.
    pub fn finish(self) -> Option<(DataId, usize)> {
        if self.count == 0 {
            return None;
        }
        let cx = self.fields.cx;
        let align = cx.layout(self.entry).align;
        let data = cx.rodata(self.image.bytes, align);
        cx.prog.datas[data].relocs = self.image.relocs;
        Some((data, self.count))
    }
}

impl Static<'_, '_> {
    fn ty(&self, e: &Expr) -> Ty {
        self.cx.tys.convert(self.info.type_of(e), self.env)
    }

    /// Writes the value of `e` as type `t` at `off`. False if it is not static (the image is then garbage).
    fn value(&mut self, e: &Expr, t: Ty, off: u64, img: &mut Image) -> bool {
        let tv = self.info.types(e.id);
        if tv.mode == Mode::Nil {
            return true;
        }
        let is_iface = self.cx.tys.is_interface(t);
        if tv.mode == Mode::Constant
            && let Some(c) = &tv.value
        {
            let from = self.ty(e);
            return if is_iface { self.boxed(e, from, t, off, img) } else { self.constant(c, t, off, img) };
        }
        if is_iface {
            if tv.ty.is_none() {
                return false;
            }
            let from = self.ty(e);
            if self.cx.tys.is_interface(from) {
                return match &e.unparen().kind {
                    // A conversion to an interface type: what is converted, boxed.
                    ExprKind::Call(c) if self.info.types(c.fun.id).is_type() && c.args.len() == 1 => {
                        self.value(&c.args[0], t, off, img)
                    }
                    _ => false,
                };
            }
            return self.boxed(e, from, t, off, img);
        }
        match &e.kind {
            ExprKind::Paren(x) => self.value(x, t, off, img),
            ExprKind::CompositeLit(c) => self.literal(c, t, off, img),
            ExprKind::Unary(UnaryOp::Addr, x) if !self.constants_only => self.address(x, off, img),
            ExprKind::Ident(i) if !self.constants_only => match self.info.use_(i) {
                Some(o) if o.is_func() && self.info.instance(i).is_none() => self.func(o, off, img),
                _ => false,
            },
            ExprKind::Selector(_, sel) if !self.constants_only && self.info.selection(e.id).is_none() => {
                match self.info.use_(sel) {
                    Some(o) if o.is_func() && self.info.instance(sel).is_none() => self.func(o, off, img),
                    _ => false,
                }
            }
            ExprKind::Call(c) if !self.constants_only => {
                // Conversions that keep the representation.
                if self.info.types(c.fun.id).is_type() && c.args.len() == 1 {
                    if self.info.types(c.args[0].id).mode == Mode::Nil {
                        return true;
                    }
                    let from = self.ty(&c.args[0]);
                    if let Some(text) = self.info.value_of(&c.args[0]).and_then(|c| c.as_str_bytes())
                        && let TyKind::Slice(elem) = self.cx.tys.under_kind(t)
                        && let TyKind::Basic(Basic::Uint8) = self.cx.tys.under_kind(*elem)
                    {
                        self.byte_slice(&text, off, img);
                        return true;
                    }
                    let (fu, tu) = (self.cx.tys.under(from), self.cx.tys.under(t));
                    return fu == tu && self.value(&c.args[0], from, off, img);
                }
                false
            }
            _ => false,
        }
    }

    fn constant(&mut self, c: &ConstValue, t: Ty, off: u64, img: &mut Image) -> bool {
        let TyKind::Basic(b) = self.cx.tys.under_kind(t) else { return false };
        match b {
            Basic::String => {
                let bytes = c.as_str_bytes().unwrap_or_default();
                if !bytes.is_empty() {
                    let d = self.cx.string_data(&bytes);
                    img.reloc(off, RelocTarget::Data(d), 0);
                    img.put(off + 8, &(bytes.len() as u64).to_le_bytes());
                }
            }
            Basic::Bool => img.put(off, &[c.as_bool().unwrap_or(false) as u8]),
            Basic::Float32 => img.put(off, &c.to_float().as_f32().unwrap_or(0.0).to_le_bytes()),
            Basic::Float64 => img.put(off, &c.to_float().as_f64().unwrap_or(0.0).to_le_bytes()),
            Basic::Complex64 | Basic::Complex128 => {
                let part = self.cx.basic(if *b == Basic::Complex64 { Basic::Float32 } else { Basic::Float64 });
                let size = self.cx.layout(part).size;
                return self.constant(&c.real(), part, off, img) && self.constant(&c.imag(), part, off + size, img);
            }
            _ => {
                let size = self.cx.layout(t).size as usize;
                img.put(off, &crate::constant::int_bits(c).to_le_bytes()[..size]);
            }
        }
        true
    }

    /// `[]byte("…")`: bytes of its own, without room for more.
    fn byte_slice(&mut self, text: &[u8], off: u64, img: &mut Image) {
        let n = text.len() as u64;
        let d = self.cx.prog.add_data(ir::Data {
            name: String::new(),
            section: Section::Data,
            align: 1,
            size: n,
            bytes: text.to_vec().into(),
            relocs: vec![],
            ptr_mask: Default::default(),
        });
        img.reloc(off, RelocTarget::Data(d), 0);
        img.put(off + 8, &n.to_le_bytes());
        img.put(off + 16, &n.to_le_bytes());
    }

    /// A concrete value in an interface.
    fn boxed(&mut self, e: &Expr, from: Ty, to: Ty, off: u64, img: &mut Image) -> bool {
        if self.constants_only {
            return false;
        }
        let l = self.cx.layout(from);
        let (size, align) = (l.size, l.align);
        let direct = self.cx.is_direct_iface(from);
        if direct {
            if !self.value(e, from, off + 8, img) {
                return false;
            }
        } else {
            let mut inner = Image { bytes: vec![0; size as usize], relocs: vec![] };
            if !self.value(e, from, 0, &mut inner) {
                return false;
            }
            let d = if size == 0 {
                self.cx.zero_base()
            } else {
                let d = self.cx.rodata(inner.bytes, align);
                self.cx.prog.datas[d].relocs = inner.relocs;
                d
            };
            img.reloc(off + 8, RelocTarget::Data(d), 0);
        }
        self.cx.mark_in_iface(from);
        let word = if self.cx.tys.is_empty_interface(to) { self.cx.rtype(from) } else { self.cx.itab(from, to) };
        img.reloc(off, RelocTarget::Data(word), 0);
        true
    }

    fn func(&mut self, o: Obj, off: u64, img: &mut Image) -> bool {
        let id = self.cx.decl_func(o, EnvId::EMPTY);
        let d = self.cx.func_value(id);
        img.reloc(off, RelocTarget::Data(d), 0);
        true
    }

    /// `&x` of a package variable, or of a literal.
    fn address(&mut self, x: &Expr, off: u64, img: &mut Image) -> bool {
        let x = x.unparen();
        if let ExprKind::CompositeLit(c) = &x.kind {
            let t = self.ty(x);
            return match self.object(c, t) {
                Some(d) => {
                    img.reloc(off, RelocTarget::Data(d), 0);
                    true
                }
                None => false,
            };
        }
        let Some((var, add)) = self.var_offset(x) else { return false };
        let d = self.cx.global(var);
        img.reloc(off, RelocTarget::Data(d), add as i64);
        true
    }

    /// Package variable and byte offset of an addressable expression.
    fn var_offset(&self, x: &Expr) -> Option<(Obj, u64)> {
        let x = x.unparen();
        match &x.kind {
            ExprKind::Ident(i) => package_var(self.info.use_(i)?).map(|o| (o, 0)),
            ExprKind::Selector(y, sel) => match self.info.selection(x.id) {
                None => package_var(self.info.use_(sel)?).map(|o| (o, 0)),
                Some(s) => {
                    let (var, mut off) = self.var_offset(y)?;
                    let mut t = self.ty(y);
                    for &i in &self.cx.find_field(t, s.obj.name(), name_pkg(s.obj))?.path {
                        if self.cx.tys.as_ptr(t).is_some() {
                            return None;
                        }
                        off += self.cx.layout(t).offsets[i as usize];
                        t = self.cx.tys.fields(t)[i as usize].ty;
                    }
                    Some((var, off))
                }
            },
            ExprKind::Index(y, idx) => {
                let TyKind::Array(elem, n) = self.cx.tys.under_kind(self.ty(y)) else { return None };
                let i = self.info.value_of(&idx[0])?.to_int().as_u64()?;
                let (var, off) = self.var_offset(y)?;
                (i < *n).then(|| (var, off + i * self.cx.layout(*elem).size))
            }
            _ => None,
        }
    }

    /// A literal as a writable object of its own.
    fn object(&mut self, c: &CompositeLit, t: Ty) -> Option<DataId> {
        let l = self.cx.layout(t);
        let (size, align) = (l.size, l.align);
        if size == 0 {
            return Some(self.cx.zero_base());
        }
        if size > MAX_STATIC {
            return None;
        }
        let mut img = Image { bytes: vec![0; size as usize], relocs: vec![] };
        if !self.literal(c, t, 0, &mut img) {
            return None;
        }
        let mask = self.cx.layouts.ptr_mask(&self.cx.tys, t);
        Some(self.cx.prog.add_data(ir::Data {
            name: String::new(),
            section: Section::Data,
            align: align.max(1),
            size,
            bytes: img.bytes.into(),
            relocs: img.relocs,
            ptr_mask: mask,
        }))
    }

    fn literal(&mut self, c: &CompositeLit, t: Ty, off: u64, img: &mut Image) -> bool {
        match self.cx.tys.under_kind(t) {
            TyKind::Struct(fields) => {
                for (i, el) in c.elems.iter().enumerate() {
                    let (path, v) = match &el.kind {
                        ExprKind::KeyValue(k, v) => {
                            let Some(name) = k.as_ident() else { return false };
                            let pkg = if name.name.is_exported() { None } else { Some(self.pkg) };
                            match self.cx.find_field(t, name.name, pkg) {
                                Some(f) if f.path.len() == 1 => (f.path[0] as usize, &**v),
                                _ => return false,
                            }
                        }
                        _ => (i, el),
                    };
                    if fields[path].name.as_str() == "_" {
                        // Blank fields stay zero.
                        if !self.pure(v) {
                            return false;
                        }
                        continue;
                    }
                    let at = off + self.cx.layout(t).offsets[path];
                    if !self.elem(v, fields[path].ty, at, img) {
                        return false;
                    }
                }
                true
            }
            TyKind::Array(elem, _) => {
                let size = self.cx.layout(*elem).size;
                let mut next = 0;
                for el in &c.elems {
                    let (i, v) = match &el.kind {
                        ExprKind::KeyValue(k, v) => match self.info.value_of(k).and_then(|c| c.to_int().as_u64()) {
                            Some(i) => (i, &**v),
                            None => return false,
                        },
                        _ => (next, el),
                    };
                    next = i + 1;
                    if !self.elem(v, *elem, off + i * size, img) {
                        return false;
                    }
                }
                true
            }
            TyKind::Slice(elem) if !self.constants_only => {
                let mut n = 0;
                let mut next = 0;
                for el in &c.elems {
                    let i = match &el.kind {
                        ExprKind::KeyValue(k, _) => match self.info.value_of(k).and_then(|c| c.to_int().as_u64()) {
                            Some(i) => i,
                            None => return false,
                        },
                        _ => next,
                    };
                    next = i + 1;
                    n = n.max(next);
                }
                let arr = self.cx.tys.array_of(*elem, n);
                let Some(d) = self.object(c, arr) else { return false };
                img.reloc(off, RelocTarget::Data(d), 0);
                img.put(off + 8, &n.to_le_bytes());
                img.put(off + 16, &n.to_le_bytes());
                true
            }
            TyKind::Ptr(elem) if !self.constants_only => match self.object(c, *elem) {
                Some(d) => {
                    img.reloc(off, RelocTarget::Data(d), 0);
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    fn elem(&mut self, e: &Expr, t: Ty, off: u64, img: &mut Image) -> bool {
        match &e.kind {
            ExprKind::CompositeLit(c) if c.ty.is_none() => self.literal(c, t, off, img),
            _ => self.value(e, t, off, img),
        }
    }

    /// Evaluating the expression has no effect but its value.
    fn pure(&self, e: &Expr) -> bool {
        let tv = self.info.types(e.id);
        if matches!(tv.mode, Mode::Constant | Mode::Nil | Mode::TypeExpr) {
            return true;
        }
        match &e.kind {
            ExprKind::Paren(x) => self.pure(x),
            ExprKind::Ident(_) | ExprKind::BasicLit(_) | ExprKind::FuncLit(_) => true,
            ExprKind::Selector(x, _) => match self.info.selection(e.id) {
                None => true,
                // Following a pointer may fault.
                Some(s) => !s.indirect && self.pure(x),
            },
            ExprKind::CompositeLit(c) => c.elems.iter().all(|el| match &el.kind {
                ExprKind::KeyValue(k, v) => {
                    let struct_key = k.as_ident().is_some_and(|i| self.info.use_(i).is_some_and(|o| o.is_field()));
                    (struct_key || self.pure(k)) && self.pure(v)
                }
                _ => self.pure(el),
            }),
            ExprKind::Unary(op, x) => *op != UnaryOp::Recv && *op != UnaryOp::Star && self.pure(x),
            ExprKind::Binary(op, x, y) => {
                use golift_syntax::BinaryOp::{Div, Rem, Shl, Shr};
                !matches!(op, Div | Rem | Shl | Shr) && self.pure(x) && self.pure(y)
            }
            ExprKind::Call(c) => {
                if self.info.types(c.fun.id).is_type() {
                    return c.args.iter().all(|a| self.pure(a));
                }
                let name = match &c.fun.unparen().kind {
                    ExprKind::Ident(i) => self.info.use_(i),
                    ExprKind::Selector(_, i) => self.info.use_(i),
                    _ => None,
                };
                let Some(o) = name else { return false };
                let pure_func = match o.kind() {
                    ObjKind::Builtin(b) => matches!(
                        b,
                        BuiltinId::Len | BuiltinId::Cap | BuiltinId::Make | BuiltinId::New | BuiltinId::Append
                    ),
                    ObjKind::Func => self.cx.known.is_pure(o),
                    _ => false,
                };
                pure_func && c.args.iter().all(|a| self.pure(a))
            }
            _ => false,
        }
    }
}

fn package_var(o: Obj) -> Option<Obj> {
    (o.kind() == ObjKind::Var(VarKind::Package)).then_some(o)
}

/// The n-th initialisation of a package may be left out when nobody refers to its variables.
pub fn is_pure(cx: &mut Lower<'_>, pkg: Package, n: u32) -> bool {
    let init = &pkg.init_order()[n as usize];
    if init.lhs.iter().all(|v| v.name().as_str() == "_") && init.lhs.len() == 1 {
        // `var _ I = T{}` only states a fact.
        let s = Static { cx, pkg, info: pkg.info(init.file), env: EnvId::EMPTY, constants_only: false };
        return s.pure(init.rhs);
    }
    let s = Static { cx, pkg, info: pkg.info(init.file), env: EnvId::EMPTY, constants_only: false };
    s.pure(init.rhs)
}
