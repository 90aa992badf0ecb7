//! Functions and data that the assembler made, and the bridges between them and Go.
//!
//! Assembly speaks gc's ABI0: arguments and results lie in the caller's frame, above the return address, and every register may change. Our
//! calls have another shape, so a Go declaration without a body that assembly defines becomes two functions, and three if a parameter or result is
//! no list of scalars:
//!
//! ```text
//!   p.f          Go's convention: has room for all that assembly takes, puts the arguments on the stack as ABI0 lays
//!                them out, saves our registers, calls, loads the results
//!   p.f.abi0     the assembler's code
//!
//!   p.f          Go's convention: stores the arguments into a block as ABI0 lays them out, loads the results from it
//!   p.f.enter    has room for all that assembly takes, copies the block to the stack, saves our registers, calls
//!   p.f.abi0     the assembler's code
//! ```
//!
//! and a Go function that assembly refers to is `p.g.leave` there, which finds the goroutine and calls `p.g.args` with the address of the arguments.
//!
//! Stack: the bytes that an assembly function and what it calls take are known from its tables, so `enter` asks for them once; its own check
//! (functions without NOSPLIT have one) compares with the guard of a `g` that is always satisfied (`fake_g`). Functions that call
//! themselves get a fixed amount.
//!
//! A symbol is made when somebody refers to it, so assembly that is not used is not in the program.

use crate::abi::First;
use crate::assembly_symbols::Place;
use crate::eqhash::synthetic;
use crate::layout;
use crate::linkname;
use crate::lower::{FuncKey, Lower};
use crate::ty::{EnvId, FuncTy, Ty};
use crate::wrappers;
use golift_asm::{Kind, Object, Reloc, RelocKind, Symbol, SymbolRef};
use golift_ir as ir;
use golift_ir::{AsmCode, AsmReloc, AsmRelocKind, DataId, FuncFlags, FuncId, RelocTarget, Type as Ir};
use golift_types::Obj;
use std::sync::Arc;

/// Where gc puts functions; vector code counts on it.
const CODE_ALIGN: u32 = 32;
impl Lower<'_> {
    /// Makes a declared function if assembly defines it; the body that it has if code generation needs help.
    pub fn assembly_body(&mut self, id: FuncId, obj: Obj, fty: &FuncTy) -> Option<Option<ir::Function>> {
        let place = self.assembly.function(&self.links.symbol(obj))?;
        let noescape = obj.func_decl().is_some_and(|(_, d)| d.flags.contains(golift_syntax::FuncDirectives::NOESCAPE));
        let target = self.asm_function(place);
        let decl = &mut self.prog.funcs[id];
        // Callers shall see what is declared of the addresses that it gets, not what becomes of the block.
        decl.flags = FuncFlags { noinline: true, wrapper: true, noescape, ..decl.flags };
        let link = decl.name.to_string();
        let (arg_offs, res_offs, size) = self.asm_frame(fty);
        let results = res_offs.first().map_or(size, |&at| at as u32);
        let stack = self.assembly.stack(place);
        let params = self.scalars_at(&fty.params, &arg_offs);
        let values = self.scalars_at(&fty.results, &res_offs).filter(|_| !self.abi(id).sret);
        if let (Some(params), Some(results)) = (params, values) {
            self.prog.assembly.insert(id, ir::Assembly::Direct { target, size, params, results, stack });
            return Some(None);
        }
        let enter = self.bridge(format!("{link}.enter"), vec![Ir::Ptr]);
        self.prog.assembly.insert(enter, ir::Assembly::Enter { target, size, results, stack });

        let mut f = synthetic(self, &link, fty.clone());
        let (_, ret, args) = wrappers::params(&mut f, First::None, fty);
        let slot = f.b.func.make_slot(u64::from(size.max(8)), 8);
        f.b.ins0(ir::InstData::Forget { slot });
        let block = f.b.slot_addr(slot, 0);
        for ((v, &p), &off) in args.into_iter().zip(&fty.params).zip(&arg_offs) {
            f.store_frame(block, off as i32, p, v);
        }
        f.call_func(enter, &[block]);
        let vals = fty.results.iter().zip(&res_offs).map(|(&r, &off)| f.load(block, off as i32, r)).collect();
        wrappers::return_to(&mut f, fty, ret, vals);
        Some(Some(f.finish()))
    }

    /// Offsets and types of all scalars of values that lie at the given offsets; nothing if a value is not made of scalars.
    fn scalars_at(&self, tys: &[Ty], offs: &[u64]) -> Option<Vec<(u32, Ir)>> {
        let mut all = Vec::new();
        for (&t, &off) in tys.iter().zip(offs) {
            all.extend(self.layout(t).scalars.as_ref()?.iter().map(|s| (off as u32 + s.off, s.ty)));
        }
        Some(all)
    }

    /// Offsets of arguments and results, and how many bytes they take.
    fn asm_frame(&self, fty: &FuncTy) -> (Vec<u64>, Vec<u64>, u32) {
        let (arg_offs, res_offs) = self.frame_offsets(fty);
        let end = |tys: &[Ty], offs: &[u64]| {
            let last = tys.last().zip(offs.last());
            last.map_or(0, |(&t, &off)| off + self.layout(t).size).next_multiple_of(8)
        };
        let size = end(&fty.params, &arg_offs).max(end(&fty.results, &res_offs));
        (arg_offs, res_offs, u32::try_from(size).expect("arguments are below 4 GB"))
    }

    /// Declares a function that no source has.
    fn bridge(&mut self, name: String, params: Vec<Ir>) -> FuncId {
        let name: Arc<str> = self.fresh_name(name).into();
        let file = self.autogenerated();
        self.prog.declare(ir::FuncDecl {
            name: name.clone(),
            display: name,
            sig: ir::Signature { params, results: vec![], conv: ir::CallConv::Go },
            linkage: ir::Linkage::Local,
            flags: FuncFlags { noinline: true, wrapper: true, ..FuncFlags::default() },
            runtime: None,
            file,
            start_line: 1,
            start_column: 0,
            body: None,
        })
    }

    fn asm_function(&mut self, place: Place) -> FuncId {
        match self.asm_symbol(place) {
            RelocTarget::Func(id) => id,
            _ => unreachable!("text becomes a function"),
        }
    }

    /// What a symbol of an object is in the program; made with all that it refers to when it is asked for first.
    fn asm_symbol(&mut self, place: Place) -> RelocTarget {
        let first = self.declare_asm(place);
        while let Some(place) = self.assembly.queue.pop() {
            self.define_asm(place);
        }
        first
    }

    fn declare_asm(&mut self, place: Place) -> RelocTarget {
        if let Some(&target) = self.assembly.made.get(&place) {
            return target;
        }
        let objects = Arc::clone(&self.assembly.objects);
        let symbol = &objects[place.0].symbols[place.1];
        let target = match &symbol.function {
            Some(function) => {
                let id = self.bridge(format!("{}.abi0", objects[place.0].full_name(symbol)), vec![]);
                let file = function.file.at(0).and_then(|n| objects[place.0].files.get(usize::try_from(n).ok()?));
                let file = file.map(|file| self.prog.texts.intern(&file.as_str().into()));
                let decl = &mut self.prog.funcs[id];
                decl.display = symbol.name.as_str().into();
                decl.flags.wrapper = false;
                decl.start_line = function.start_line;
                decl.file = file.unwrap_or(decl.file);
                RelocTarget::Func(id)
            }
            None => RelocTarget::Data(self.declare_asm_data(&objects[place.0], symbol)),
        };
        self.assembly.made.insert(place, target);
        self.assembly.queue.push(place);
        target
    }

    fn declare_asm_data(&mut self, object: &Object, symbol: &Symbol) -> DataId {
        let size = symbol.size.max(symbol.data.len() as u32);
        let section = match symbol.kind {
            Kind::Rodata => ir::Section::Rodata,
            _ if symbol.data.is_empty() && symbol.relocs.is_empty() => ir::Section::Bss,
            _ => ir::Section::Data,
        };
        // Of a package variable the declaration says where pointers are. Elsewhere there are none: gc refuses such data.
        let var = self.links.definition(&symbol.name).filter(|o| o.is_var() && !symbol.is_static);
        let ptr_mask = match var {
            Some(var) if section != ir::Section::Rodata => {
                let t = self.tys.convert(var.ty(), EnvId::EMPTY);
                self.layouts.ptr_mask(&self.tys, t)
            }
            _ => vec![],
        };
        // A name is for who looks for it; static ones are not unique.
        let name = if symbol.is_static { format!("{}<>", object.full_name(symbol)) } else { symbol.name.clone() };
        self.prog.add_data(ir::Data {
            name,
            section,
            align: symbol.align.max(layout::by_size(size.into())),
            size: size.into(),
            bytes: if section == ir::Section::Bss { vec![] } else { symbol.data.clone() }.into(),
            relocs: vec![],
            ptr_mask,
        })
    }

    /// Resolves the references of a declared symbol.
    fn define_asm(&mut self, place: Place) {
        let objects = Arc::clone(&self.assembly.objects);
        let symbol = &objects[place.0].symbols[place.1];
        let mut code = symbol.data.clone();
        code.resize(code.len().max(symbol.size as usize), 0);
        let mut relocs = Vec::new();
        for reloc in &symbol.relocs {
            let (kind, mut addend) = match reloc.kind {
                RelocKind::Address(8) => (AsmRelocKind::Abs64, reloc.addend),
                RelocKind::Address(_) | RelocKind::ThreadG => (AsmRelocKind::Abs32, reloc.addend),
                // Distances count from the end of the four bytes.
                RelocKind::PcRelative | RelocKind::Call => (AsmRelocKind::Pc32, reloc.addend - 4),
            };
            let target = if reloc.kind == RelocKind::ThreadG {
                addend = 0;
                match replace_thread_g(&mut code, reloc.offset as usize) {
                    true => Some(RelocTarget::Data(self.fake_g())),
                    false => None,
                }
            } else {
                self.asm_reference(place.0, reloc)
            };
            match target {
                Some(target) => relocs.push(AsmReloc { offset: reloc.offset, kind, target, addend }),
                None => {
                    let what = match &reloc.target {
                        SymbolRef::Named(name) => name.clone(),
                        _ => "TLS".into(),
                    };
                    self.assembly.undefined.push((symbol.name.clone(), what));
                }
            }
        }
        match self.assembly.made[&place] {
            RelocTarget::Func(id) => {
                let function = symbol.function.as_ref().expect("functions have tables");
                let own_file = function.file.at(0);
                let line = |&(pc, line): &(u32, i32)| {
                    // Lines of included files would be taken for lines of this one.
                    let known = line > 0 && function.file.at(pc) == own_file;
                    (pc, if known { line as u32 } else { 0 })
                };
                let depth = |&(pc, depth): &(u32, i32)| (pc, depth.max(0) as u32);
                self.prog.assembly.insert(
                    id,
                    ir::Assembly::Code(AsmCode {
                        align: symbol.align.max(CODE_ALIGN),
                        relocs,
                        lines: function.line.ranges.iter().map(line).collect(),
                        depths: function.sp.ranges.iter().map(depth).collect(),
                        code,
                    }),
                );
            }
            RelocTarget::Data(id) => {
                let data = |r: AsmReloc| ir::Reloc {
                    offset: r.offset,
                    kind: if r.kind == AsmRelocKind::Abs64 { ir::RelocKind::Abs64 } else { ir::RelocKind::Abs32 },
                    target: r.target,
                    addend: r.addend,
                };
                self.prog.datas[id].relocs = relocs.into_iter().map(data).collect();
            }
            RelocTarget::Extern(_) => unreachable!("never made of assembly"),
        }
    }

    /// What a relocation refers to; nothing if it is nowhere.
    fn asm_reference(&mut self, object: usize, reloc: &Reloc) -> Option<RelocTarget> {
        if let Some(place) = self.assembly.target(object, reloc) {
            return Some(self.declare_asm(place));
        }
        let SymbolRef::Named(name) = &reloc.target else { return None };
        if name.starts_with("runtime.morestack") {
            return Some(RelocTarget::Func(self.trap()));
        }
        if let Some(function) = name.strip_suffix("·f") {
            let obj = self.links.definition(function).filter(|o| o.is_func())?;
            let id = self.decl_func(obj, EnvId::EMPTY);
            return Some(RelocTarget::Data(self.func_value(id)));
        }
        let obj = self.links.definition(name)?;
        if obj.is_var() {
            return Some(RelocTarget::Data(self.global(obj)));
        }
        Some(RelocTarget::Func(self.leave(obj)))
    }

    /// The ABI0 entry of a Go function.
    fn leave(&mut self, obj: Obj) -> FuncId {
        let obj = self.links.resolve(obj);
        let callee = self.func(FuncKey::Decl { obj, env: EnvId::EMPTY });
        if let Some(&id) = self.assembly.leaves.get(&callee) {
            return id;
        }
        let (_, fty, _) = self.decl_signature(obj, EnvId::EMPTY);
        let name = self.prog.funcs[callee].name.to_string();
        let args = self.bridge(format!("{name}.args"), vec![Ir::Ptr]);
        let leave = self.bridge(format!("{name}.leave"), vec![]);
        self.prog.assembly.insert(leave, ir::Assembly::Leave { target: args });
        self.assembly.leaves.insert(callee, leave);

        let (arg_offs, res_offs, _) = self.asm_frame(&fty);
        let abi = self.abi(callee).clone();
        let mut f = synthetic(self, &name, fty.clone());
        let entry = f.b.current();
        let block = f.b.append_param(entry, Ir::Ptr);
        let mut values = Vec::new();
        for (&p, &off) in fty.params.iter().zip(&arg_offs) {
            let v = f.load(block, off as i32, p);
            values.push(f.stable(v, p));
        }
        let target = crate::call::Target::Func { id: callee, first: Default::default(), abi };
        let vals = f.emit_call(target, &fty, values);
        if !f.b.is_dead() {
            for ((&r, &off), v) in fty.results.iter().zip(&res_offs).zip(vals) {
                f.store_frame(block, off as i32, r, v);
            }
            f.b.ret(&[]);
        }
        self.prog.funcs[args].body = Some(f.finish());
        leave
    }

    fn trap(&mut self) -> FuncId {
        if let Some(id) = self.assembly.trap {
            return id;
        }
        let id = self.bridge("runtime.morestack.abi0".into(), vec![]);
        self.prog.assembly.insert(id, ir::Assembly::Trap);
        self.assembly.trap = Some(id);
        id
    }

    /// What assembly takes for the current `g`: zeros, whose guard lets every stack check pass.
    fn fake_g(&mut self) -> DataId {
        if let Some(id) = self.assembly.fake_g {
            return id;
        }
        let id = self.rodata(vec![0; 1024], 16);
        self.prog.datas[id].name = "runtime.g.abi0".into();
        self.assembly.fake_g = Some(id);
        id
    }

    /// The memory of a package variable that assembly defines.
    pub fn asm_variable(&mut self, obj: Obj) -> Option<DataId> {
        let symbol = self.links.symbol(obj);
        let place = self.assembly.by_name.get(&symbol).copied()?;
        if self.assembly.symbol(place).kind == Kind::Text || linkname::rust_symbol(obj).is_some() {
            return None;
        }
        match self.asm_symbol(place) {
            RelocTarget::Data(id) => Some(id),
            _ => None,
        }
    }
}

/// Makes of `mov reg, fs:[offset]`, whose offset is at `at`, an equally long `mov reg, address`; false if there is another instruction.
fn replace_thread_g(code: &mut [u8], at: usize) -> bool {
    let Some(start) = at.checked_sub(5) else { return false };
    let Some(&mut [fs, ref mut rex, ref mut op, ref mut modrm, ref mut sib]) = code[start..].first_chunk_mut::<5>()
    else {
        return false;
    };
    // REX.W with or without REX.R; no base, no index.
    if fs != 0x64 || *rex & !4 != 0x48 || *op != 0x8b || *modrm & 0xc7 != 0x04 || *sib != 0x25 {
        return false;
    }
    let (high, low) = (*rex >> 2 & 1, *modrm >> 3 & 7);
    // 66 90; REX.W c7 /0
    code[start..at].copy_from_slice(&[0x66, 0x90, 0x48 | high, 0xc7, 0xc0 | low]);
    true
}

#[cfg(test)]
mod tests {
    use super::replace_thread_g;

    #[test]
    fn thread_g_becomes_an_address() {
        let mut rcx = [0x64, 0x48, 0x8b, 0x0c, 0x25, 0xf8, 0xff, 0xff, 0xff];
        assert!(replace_thread_g(&mut rcx, 5));
        assert_eq!(rcx[..5], [0x66, 0x90, 0x48, 0xc7, 0xc1]);
        let mut r9 = [0x64, 0x4c, 0x8b, 0x0c, 0x25, 0, 0, 0, 0];
        assert!(replace_thread_g(&mut r9, 5));
        assert_eq!(r9[..5], [0x66, 0x90, 0x49, 0xc7, 0xc1]);
        let mut store = [0x64, 0x48, 0x89, 0x0c, 0x25, 0, 0, 0, 0];
        assert!(!replace_thread_g(&mut store, 5));
        assert!(!replace_thread_g(&mut [0; 4], 0));
    }
}
