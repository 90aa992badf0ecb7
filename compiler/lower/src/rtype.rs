//! Type descriptors and itabs, laid out as internal/abi declares them.
//!
//! Descriptors are made on demand, one per type, so that equality of types is equality of addresses. Method entries are filled when
//! a method of that name and signature can be called through an interface (see [`crate::lower`]).
//! Offsets of names, types and code are absolute 32-bit addresses.

use crate::front;
use crate::lower::{FuncKey, Lower, MethodSlot};
use crate::names::{self, Qualify};
use crate::ty::{Basic, Dir, FieldTy, MethodTy, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{DataId, RelocKind, RelocTarget, RuntimeFn, Section};
use golift_types::Package;

const TFLAG_UNCOMMON: u8 = 1 << 0;
const TFLAG_NAMED: u8 = 1 << 2;
const TFLAG_REGULAR_MEMORY: u8 = 1 << 3;
const TFLAG_GC_MASK_ON_DEMAND: u8 = 1 << 4;
const TFLAG_DIRECT_IFACE: u8 = 1 << 5;

/// Masks larger than this are built when the collector first needs them.
const MAX_MASK_BYTES: usize = 2048;

const COMMON: usize = 48;
const PTR_TO_THIS: u32 = 44;
/// Size of an interface descriptor without its methods.
const INTERFACE: usize = 80;
const UNCOMMON: usize = 16;
const METHOD: usize = 16;
const WORD: usize = 8;

/// Offsets and flags of `internal/abi.MapType`.
mod map_type {
    const WORD: usize = 8;

    /// Behind what all descriptors begin with.
    pub const KEY: usize = 48;
    pub const ELEM: usize = KEY + WORD;
    pub const GROUP: usize = ELEM + WORD;
    pub const HASHER: usize = GROUP + WORD;
    pub const GROUP_SIZE: usize = HASHER + WORD;
    const _: () = assert!(GROUP_SIZE == golift_ir::MAP_TYPE_GROUP_SIZE);
    pub const KEYS_OFF: usize = GROUP_SIZE + WORD;
    pub const KEY_STRIDE: usize = KEYS_OFF + WORD;
    pub const ELEMS_OFF: usize = KEY_STRIDE + WORD;
    pub const ELEM_STRIDE: usize = ELEMS_OFF + WORD;
    pub const ELEM_OFF: usize = ELEM_STRIDE + WORD;
    pub const FLAGS: usize = ELEM_OFF + WORD;
    pub const SIZE: usize = FLAGS + WORD;

    pub const NEED_KEY_UPDATE: u32 = 1 << 0;
    pub const HASH_MIGHT_PANIC: u32 = 1 << 1;
    pub const INDIRECT_KEY: u32 = 1 << 2;
    pub const INDIRECT_ELEM: u32 = 1 << 3;
}

/// Bytes under construction.
struct Blob {
    bytes: Vec<u8>,
    relocs: Vec<ir::Reloc>,
}

impl Blob {
    fn u16(&mut self, off: usize, v: u16) {
        self.bytes[off..off + 2].copy_from_slice(&v.to_le_bytes());
    }
    fn u32(&mut self, off: usize, v: u32) {
        self.bytes[off..off + 4].copy_from_slice(&v.to_le_bytes());
    }
    fn u64(&mut self, off: usize, v: u64) {
        self.bytes[off..off + 8].copy_from_slice(&v.to_le_bytes());
    }
    fn ptr(&mut self, off: usize, target: DataId, addend: i64) {
        let target = RelocTarget::Data(target);
        self.relocs.push(ir::Reloc { offset: off as u32, kind: RelocKind::Abs64, target, addend });
    }
    fn off32(&mut self, off: usize, target: DataId) {
        let target = RelocTarget::Data(target);
        self.relocs.push(ir::Reloc { offset: off as u32, kind: RelocKind::Abs32, target, addend: 0 });
    }
}

impl Lower<'_> {
    /// The descriptor of a type.
    pub fn rtype(&mut self, t: Ty) -> DataId {
        if let Some(&d) = self.rtypes.get(&t) {
            return d;
        }
        let string = names::type_string(&self.tys, t, Qualify::Path);
        let d = self.prog.add_data(ir::Data {
            name: format!("type:{string}"),
            section: Section::Types,
            align: 8,
            size: 0,
            bytes: vec![].into(),
            relocs: vec![],
            ptr_mask: vec![],
        });
        self.rtypes.insert(t, d);
        self.fill_rtype(t, d, &string);
        d
    }

    fn fill_rtype(&mut self, t: Ty, d: DataId, unique: &str) {
        let kind = self.tys.under_kind(t);
        let named = matches!(self.tys.kind(t), TyKind::Named { .. } | TyKind::Basic(_));
        let methods = if matches!(kind, TyKind::Interface(_)) { vec![] } else { self.method_set(t) };
        let unsafe_pointer = matches!(self.tys.kind(t), TyKind::Basic(Basic::UnsafePointer));
        let has_uncommon = matches!(self.tys.kind(t), TyKind::Named { .. }) || !methods.is_empty() || unsafe_pointer;
        let base = match kind {
            TyKind::Basic(_) => COMMON,
            TyKind::Ptr(_) | TyKind::Slice(_) | TyKind::Func(_) => COMMON + WORD,
            TyKind::Chan(..) => COMMON + 2 * WORD,
            TyKind::Array(..) => COMMON + 3 * WORD,
            TyKind::Interface(_) | TyKind::Struct(_) => INTERFACE,
            TyKind::Map(..) => map_type::SIZE,
            k => panic!("no descriptor for {k:?}"),
        };
        let extra_at = base + if has_uncommon { UNCOMMON } else { 0 };
        let extra = match kind {
            TyKind::Func(f) => 8 * (f.params.len() + f.results.len()),
            TyKind::Struct(f) => 24 * f.len(),
            TyKind::Interface(m) if self.tys.under(t) == t => 8 * m.len(),
            _ => 0,
        };
        let methods_at = extra_at + extra;
        let mut blob = Blob { bytes: vec![0; methods_at + METHOD * methods.len()], relocs: vec![] };
        self.common(t, &mut blob, named, has_uncommon, unique);
        match kind {
            TyKind::Basic(_) => {}
            TyKind::Ptr(e) | TyKind::Slice(e) => blob.ptr(COMMON, self.rtype(*e), 0),
            TyKind::Chan(dir, e) => {
                blob.ptr(COMMON, self.rtype(*e), 0);
                let dir = match dir {
                    Dir::Recv => 1,
                    Dir::Send => 2,
                    Dir::Both => 3,
                };
                blob.u64(56, dir);
            }
            TyKind::Array(e, n) => {
                blob.ptr(COMMON, self.rtype(*e), 0);
                let slice = self.tys.slice_of(*e);
                blob.ptr(56, self.rtype(slice), 0);
                blob.u64(64, *n);
            }
            TyKind::Func(f) => {
                blob.u16(COMMON, f.params.len() as u16);
                blob.u16(50, f.results.len() as u16 | if f.variadic { 1 << 15 } else { 0 });
                for (i, &p) in f.params.iter().chain(&f.results).enumerate() {
                    blob.ptr(extra_at + 8 * i, self.rtype(p), 0);
                }
            }
            TyKind::Struct(fields) => self.struct_part(t, fields, d, extra_at, &mut blob),
            TyKind::Interface(ms) => self.interface_part(t, ms, d, extra_at, &mut blob),
            TyKind::Map(k, v) => self.map_part(*k, *v, &mut blob),
            k => panic!("no descriptor for {k:?}"),
        }
        let mut slots = Vec::new();
        if has_uncommon {
            let pkg = match self.tys.kind(t) {
                TyKind::Named { obj, .. } => obj.pkg(),
                _ => None,
            };
            let path = if unsafe_pointer { Some("unsafe") } else { pkg.map(names::pkg_path) };
            if let Some(p) = path {
                let n = self.name_data(p.as_bytes(), false, &[], false, None);
                blob.off32(base, n);
            }
            blob.u16(base + 4, methods.len() as u16);
            blob.u16(base + 6, methods.iter().filter(|m| m.pkg.is_none()).count() as u16);
            blob.u32(base + 8, (methods_at - base) as u32);
            for (i, m) in methods.iter().enumerate() {
                let at = methods_at + METHOD * i;
                let foreign = m.pkg.filter(|&p| Some(p) != pkg);
                let n = self.name_data(m.name.as_str().as_bytes(), m.pkg.is_none(), &[], false, foreign);
                blob.off32(at, n);
                blob.off32(at + 4, self.rtype(m.sig));
                for off in [8, 12] {
                    slots.push((
                        Self::method_key(m),
                        MethodSlot {
                            data: d,
                            offset: (at + off) as u32,
                            kind: RelocKind::Abs32,
                            recv: t,
                            name: m.name,
                            pkg: m.pkg,
                            tfn: off == 12,
                        },
                    ));
                }
            }
        }
        let data = &mut self.prog.datas[d];
        data.size = blob.bytes.len() as u64;
        data.bytes = blob.bytes.into();
        data.relocs = blob.relocs;
        if !matches!(self.tys.kind(t), TyKind::Named { .. } | TyKind::Basic(_) | TyKind::Interface(_)) {
            self.prog.typelinks.push(d);
            self.typelink_names.push((names::type_string(&self.tys, t, Qualify::Name), d));
        }
        if self.in_iface.contains(&t) {
            for (key, slot) in slots {
                self.add_method_slot(key, slot);
            }
            self.link_pointer(t);
        } else if !slots.is_empty() {
            self.dormant.insert(t, slots.into_iter().map(|(_, s)| s).collect());
        }
    }

    fn common(&mut self, t: Ty, blob: &mut Blob, named: bool, uncommon: bool, unique: &str) {
        let l = self.layout(t);
        blob.u64(0, l.size);
        blob.u64(8, l.ptrdata);
        blob.u32(16, fnv1a(unique.as_bytes()));
        let mut flags = 0;
        if uncommon {
            flags |= TFLAG_UNCOMMON;
        }
        if named {
            flags |= TFLAG_NAMED;
        }
        if self.is_regular_memory(t) {
            flags |= TFLAG_REGULAR_MEMORY;
        }
        if self.is_direct_iface(t) {
            flags |= TFLAG_DIRECT_IFACE;
        }
        if l.ptrdata > 0 {
            if l.ptrdata as usize / 64 > MAX_MASK_BYTES {
                flags |= TFLAG_GC_MASK_ON_DEMAND;
                let cell = self.prog.add_data(ir::Data::zeroed(String::new(), 8, 8, vec![]));
                blob.ptr(32, cell, 0);
            } else {
                let mut mask = self.layouts.ptr_mask(&self.tys, t);
                mask.resize(mask.len().next_multiple_of(8), 0);
                let mask = self.string_data(&mask);
                self.prog.datas[mask].align = 8;
                blob.ptr(32, mask, 0);
            }
        }
        blob.bytes[20] = flags;
        blob.bytes[21] = l.align as u8;
        blob.bytes[22] = l.align as u8;
        blob.bytes[23] = self.abi_kind(t);
        if self.tys.comparable(t) {
            let alg = self.alg_type(t);
            let id = self.func(FuncKey::Equal(alg));
            let eq = self.func_value(id);
            blob.ptr(24, eq, 0);
        }
        let shown = names::type_string(&self.tys, t, Qualify::Name);
        // As in gc, the string of a pointer says it of what is pointed to.
        let named = match *self.tys.kind(t) {
            TyKind::Ptr(elem) => elem,
            _ => t,
        };
        let exported = matches!(self.tys.kind(named), TyKind::Named { obj, .. } if obj.is_exported());
        let name = self.name_data(shown.as_bytes(), exported, &[], false, None);
        blob.off32(40, name);
    }

    fn abi_kind(&self, t: Ty) -> u8 {
        match self.tys.under_kind(t) {
            TyKind::Basic(b) => match b {
                Basic::Bool => 1,
                Basic::Int => 2,
                Basic::Int8 => 3,
                Basic::Int16 => 4,
                Basic::Int32 => 5,
                Basic::Int64 => 6,
                Basic::Uint => 7,
                Basic::Uint8 => 8,
                Basic::Uint16 => 9,
                Basic::Uint32 => 10,
                Basic::Uint64 => 11,
                Basic::Uintptr => 12,
                Basic::Float32 => 13,
                Basic::Float64 => 14,
                Basic::Complex64 => 15,
                Basic::Complex128 => 16,
                Basic::String => 24,
                Basic::UnsafePointer | Basic::UntypedNil => 26,
            },
            TyKind::Array(..) => 17,
            TyKind::Chan(..) => 18,
            TyKind::Func(_) => 19,
            TyKind::Interface(_) => 20,
            TyKind::Map(..) => 21,
            TyKind::Ptr(_) => 22,
            TyKind::Slice(_) => 23,
            TyKind::Struct(_) => 25,
            k => panic!("no kind of {k:?}"),
        }
    }

    fn struct_part(&mut self, t: Ty, fields: &[FieldTy], d: DataId, at: usize, blob: &mut Blob) {
        if let Some(p) = fields.iter().find_map(|f| f.pkg) {
            let n = self.name_data(names::pkg_path(p).as_bytes(), false, &[], false, None);
            blob.ptr(COMMON, n, 0);
        }
        blob.ptr(56, d, at as i64);
        blob.u64(64, fields.len() as u64);
        blob.u64(72, fields.len() as u64);
        let offsets = &self.layout(t).offsets;
        for (i, f) in fields.iter().enumerate() {
            let n = self.name_data(f.name.as_str().as_bytes(), f.pkg.is_none(), &f.tag, f.embedded, None);
            blob.ptr(at + 24 * i, n, 0);
            blob.ptr(at + 24 * i + 8, self.rtype(f.ty), 0);
            blob.u64(at + 24 * i + 16, offsets[i]);
        }
    }

    fn interface_part(&mut self, t: Ty, methods: &[MethodTy], d: DataId, at: usize, blob: &mut Blob) {
        let pkg = match self.tys.kind(t) {
            TyKind::Named { obj, .. } => obj.pkg(),
            _ => methods.iter().find_map(|m| m.pkg),
        };
        if let Some(p) = pkg {
            let n = self.name_data(names::pkg_path(p).as_bytes(), false, &[], false, None);
            blob.ptr(COMMON, n, 0);
        }
        // Identical interface types share one list: the runtime tells them apart by its address.
        let under = self.tys.under(t);
        let (list, list_at) = if under == t { (d, at) } else { (self.rtype(under), INTERFACE) };
        blob.ptr(56, list, list_at as i64);
        blob.u64(64, methods.len() as u64);
        blob.u64(72, methods.len() as u64);
        if under != t {
            return;
        }
        for (i, m) in methods.iter().enumerate() {
            let foreign = m.pkg.filter(|&p| Some(p) != pkg);
            let n = self.name_data(m.name.as_str().as_bytes(), m.pkg.is_none(), &[], false, foreign);
            blob.off32(at + 8 * i, n);
            blob.off32(at + 8 * i + 4, self.rtype(m.sig));
        }
    }

    /// Swiss map groups: a control word and eight slots of key and element.
    fn map_part(&mut self, k: Ty, v: Ty, blob: &mut Blob) {
        const MAX_INLINE: u64 = 128;
        let (ks, vs) = (self.layout(k).size, self.layout(v).size);
        let uptr = self.basic(Basic::UnsafePointer);
        let kt = if ks > MAX_INLINE { uptr } else { k };
        let vt = if vs > MAX_INLINE { uptr } else { v };
        let slot = self.tys.anon_struct([kt, vt]);
        let slots = self.tys.array_of(slot, 8);
        let word = self.basic(Basic::Uint64);
        let group = self.tys.anon_struct([word, slots]);
        blob.ptr(map_type::KEY, self.rtype(k), 0);
        blob.ptr(map_type::ELEM, self.rtype(v), 0);
        blob.ptr(map_type::GROUP, self.rtype(group), 0);
        let alg = self.alg_type(k);
        let hash = self.func(FuncKey::Hash(alg));
        let hasher = self.func_value(hash);
        blob.ptr(map_type::HASHER, hasher, 0);
        let (gl, sl) = (self.layout(group), self.layout(slot));
        let slots_off = gl.offsets[1];
        let elem_off = sl.offsets[1];
        blob.u64(map_type::GROUP_SIZE, gl.size);
        blob.u64(map_type::KEYS_OFF, slots_off);
        blob.u64(map_type::KEY_STRIDE, sl.size);
        blob.u64(map_type::ELEMS_OFF, slots_off + elem_off);
        blob.u64(map_type::ELEM_STRIDE, sl.size);
        blob.u64(map_type::ELEM_OFF, elem_off);
        let mut flags = 0;
        if self.need_key_update(k) {
            flags |= map_type::NEED_KEY_UPDATE;
        }
        if self.hash_might_panic(k) {
            flags |= map_type::HASH_MIGHT_PANIC;
        }
        if ks > MAX_INLINE {
            flags |= map_type::INDIRECT_KEY;
        }
        if vs > MAX_INLINE {
            flags |= map_type::INDIRECT_ELEM;
        }
        blob.u32(map_type::FLAGS, flags);
    }

    /// Equal keys may differ in memory (floats, strings, interfaces).
    fn need_key_update(&self, t: Ty) -> bool {
        match self.tys.under_kind(t) {
            TyKind::Basic(b) => b.is_float() || b.is_complex() || *b == Basic::String,
            TyKind::Interface(_) => true,
            TyKind::Array(e, _) => self.need_key_update(*e),
            TyKind::Struct(f) => f.iter().any(|f| self.need_key_update(f.ty)),
            _ => false,
        }
    }

    fn hash_might_panic(&self, t: Ty) -> bool {
        match self.tys.under_kind(t) {
            TyKind::Interface(_) => true,
            TyKind::Array(e, _) => self.hash_might_panic(*e),
            TyKind::Struct(f) => f.iter().any(|f| self.hash_might_panic(f.ty)),
            _ => false,
        }
    }

    /// Equality and hash of values are those of their bytes.
    pub fn is_regular_memory(&self, t: Ty) -> bool {
        match self.tys.under_kind(t) {
            TyKind::Basic(b) => !b.is_float() && !b.is_complex() && *b != Basic::String,
            TyKind::Ptr(_) | TyKind::Chan(..) => true,
            TyKind::Array(e, _) => self.is_regular_memory(*e),
            TyKind::Struct(fields) => {
                if let Some(&known) = self.layouts.regular.borrow().get(&t) {
                    return known;
                }
                let regular = self.has_regular_fields(t, fields);
                self.layouts.regular.borrow_mut().insert(t, regular);
                regular
            }
            _ => false,
        }
    }

    fn has_regular_fields(&self, t: Ty, fields: &[FieldTy]) -> bool {
        let l = self.layout(t);
        let mut end = 0;
        for (f, &off) in fields.iter().zip(&l.offsets) {
            if off != end || f.name.is_blank() || !self.is_regular_memory(f.ty) {
                return false;
            }
            end = off + self.layout(f.ty).size;
        }
        end == l.size
    }

    /// An `abi.Name`: flags, length, bytes, tag, package.
    fn name_data(&mut self, name: &[u8], exported: bool, tag: &[u8], embedded: bool, pkg: Option<Package>) -> DataId {
        let mut b =
            vec![exported as u8 | ((!tag.is_empty()) as u8) << 1 | (pkg.is_some() as u8) << 2 | (embedded as u8) << 3];
        varint(&mut b, name.len());
        b.extend_from_slice(name);
        if !tag.is_empty() {
            varint(&mut b, tag.len());
            b.extend_from_slice(tag);
        }
        let key = (b.clone(), pkg.map_or(0, |p| golift_syntax::Symbol::intern(p.path()).index() + 1));
        if let Some(&d) = self.names_data.get(&key) {
            return d;
        }
        let mut relocs = vec![];
        if let Some(p) = pkg {
            let path = self.name_data(names::pkg_path(p).as_bytes(), false, &[], false, None);
            relocs.push(ir::Reloc {
                offset: b.len() as u32,
                kind: RelocKind::Abs32,
                target: RelocTarget::Data(path),
                addend: 0,
            });
            b.extend_from_slice(&[0; 4]);
        }
        let d = self.rodata(b, 1);
        self.prog.datas[d].section = Section::Types;
        self.prog.datas[d].relocs = relocs;
        self.names_data.insert(key, d);
        d
    }

    /// Values of the type may become dynamic values of interfaces: reflection reaches its parts, too.
    pub fn mark_in_iface(&mut self, t: Ty) {
        let mut work = vec![t];
        while let Some(t) = work.pop() {
            if !self.in_iface.insert(t) {
                continue;
            }
            if self.rtypes.contains_key(&t) {
                for slot in self.dormant.remove(&t).unwrap_or_default() {
                    let m = self.find_method(t, slot.name, slot.pkg).expect("method of the set");
                    let sig = self.found_sig(&m, slot.name, slot.pkg);
                    self.add_method_slot((slot.name, slot.pkg, sig), slot);
                }
                self.link_pointer(t);
            }
            match self.tys.under_kind(t) {
                TyKind::Ptr(e) | TyKind::Slice(e) | TyKind::Array(e, _) | TyKind::Chan(_, e) => work.push(*e),
                TyKind::Map(k, v) => work.extend([*k, *v]),
                TyKind::Struct(fields) => work.extend(fields.iter().map(|f| f.ty)),
                TyKind::Func(f) => work.extend(f.params.iter().chain(&f.results).copied()),
                _ => {}
            }
            if self.wants_pointer(t) {
                work.push(self.tys.ptr_to(t));
            }
        }
    }

    /// Reflection may take the address of values of the type and find methods there.
    fn wants_pointer(&self, t: Ty) -> bool {
        if self.tys.is_interface(t) {
            return false;
        }
        let declares =
            matches!(self.tys.kind(t), TyKind::Named { obj, .. } if !front::declared_methods(*obj).is_empty());
        let embeds = || matches!(self.tys.under_kind(t), TyKind::Struct(fields) if fields.iter().any(|f| f.embedded));
        declares || (embeds() && !self.method_set(self.tys.ptr_to(t)).is_empty())
    }

    fn link_pointer(&mut self, t: Ty) {
        if !self.wants_pointer(t) {
            return;
        }
        let ptr = self.tys.ptr_to(t);
        let p = self.rtype(ptr);
        let d = self.rtypes[&t];
        self.prog.datas[d].relocs.push(ir::Reloc {
            offset: PTR_TO_THIS,
            kind: RelocKind::Abs32,
            target: RelocTarget::Data(p),
            addend: 0,
        });
    }

    /// The itab of a concrete type for an interface type with methods.
    pub fn itab(&mut self, t: Ty, iface: Ty) -> DataId {
        let iface = self.tys.under(iface);
        if let Some(&d) = self.itabs.get(&(t, iface)) {
            return d;
        }
        let methods = self.tys.methods_of_interface(iface);
        let name = format!(
            "go:itab.{},{}",
            names::type_string(&self.tys, t, Qualify::Path),
            names::type_string(&self.tys, iface, Qualify::Path)
        );
        let size = 24 + 8 * methods.len();
        let mut blob = Blob { bytes: vec![0; size], relocs: vec![] };
        let inter = self.rtype(iface);
        blob.ptr(0, inter, 0);
        blob.ptr(8, self.rtype(t), 0);
        blob.u32(16, fnv1a(names::type_string(&self.tys, t, Qualify::Path).as_bytes()));
        let d = self.prog.add_data(ir::Data {
            name,
            section: Section::Itabs,
            align: 8,
            size: size as u64,
            bytes: blob.bytes.into(),
            relocs: blob.relocs,
            ptr_mask: vec![],
        });
        self.itabs.insert((t, iface), d);
        self.prog.itabs.push(d);
        for (i, m) in methods.iter().enumerate() {
            let slot = MethodSlot {
                data: d,
                offset: 24 + 8 * i as u32,
                kind: RelocKind::Abs64,
                recv: t,
                name: m.name,
                pkg: m.pkg,
                tfn: false,
            };
            self.add_method_slot(Self::method_key(m), slot);
        }
        d
    }

    /// Method entries that nothing can call lead to a function that says so.
    pub fn fill_unreachable_methods(&mut self) {
        let id = self.runtime_func(RuntimeFn::UnreachableMethod);
        let slots: Vec<MethodSlot> = std::mem::take(&mut self.waiting).into_values().flatten().collect();
        let dormant = std::mem::take(&mut self.dormant).into_values().flatten();
        for slot in slots.into_iter().chain(dormant) {
            self.prog.datas[slot.data].relocs.push(ir::Reloc {
                offset: slot.offset,
                kind: slot.kind,
                target: RelocTarget::Func(id),
                addend: 0,
            });
        }
        for d in self.prog.datas.values_mut() {
            if matches!(d.section, Section::Types | Section::Itabs) {
                d.relocs.sort_by_key(|r| r.offset);
            }
        }
    }
}

fn varint(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// 32-bit FNV-1a.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |h, &b| (h ^ b as u32).wrapping_mul(0x0100_0193))
}
