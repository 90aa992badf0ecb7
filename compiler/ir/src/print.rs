//! The text form of programs, for tests and dumps.
//!
//! ```text
//! extern func "golift_nanotime" () -> (i64) c
//! data d0 "main.greeting" rodata align 8 size 16 bytes "68690000" reloc 8 abs64 data d1 + 0
//! data d1 "main.counter" bss align 8 size 8 mask "01"
//! typelink d0
//! func "main.add" (i64, i64) -> (i64) noinline display "main.add" file "main.go" line 3 column 6 {
//!   slot ss0 16 align 8
//!   loc loc1 "main.add" "main.go" 4 0 3 loc0 scope0
//!   scope scope0 loc0
//!   param local0 "a" "int" scope0 loc1 values (0: v0)
//!   var local1 "sum" "int" scope0 loc1 slot ss0
//! bb0(v0: i64, v1: i64):
//!   v2: i64 = add v0, v1 @loc1
//!   return (v2)
//! }
//! ```
//!
//! A location has function, file, line, column, the function's line, the call that it was inlined at, and perhaps a scope; a scope the call that
//! it was inlined at and its parent; a variable its name, type, scope, declaration and place. Functions are named by their symbol, data objects by their id (declared in order), everything inside a
//! function by its number. `bytes` and `mask` are hexadecimal. A type stands where values are defined only; operands
//! follow the order of the fields of [`crate::InstData`]. [`crate::parse`] reads what this module writes.

use crate::data::{RelocKind, RelocTarget, Section};
use crate::entities::*;
use crate::function::Function;
use crate::inst::*;
use crate::names::*;
use crate::program::{CallConv, FuncDecl, Linkage, Program, Signature};
use crate::variables::VarPlace;
use cranelift_entity::EntityRef;
use std::fmt::{self, Display, Write};

/// The text form of a whole program.
pub fn print_program(p: &Program) -> String {
    let mut s = String::new();
    for (id, d) in p.datas.iter() {
        print_data(p, id, d, &mut s).expect("strings do not fail");
    }
    for &d in &p.typelinks {
        let _ = writeln!(s, "typelink {d}");
    }
    for &d in &p.itabs {
        let _ = writeln!(s, "itab {d}");
    }
    for f in p.funcs.values() {
        s.push_str(&print_func(p, f));
    }
    s
}

/// The text form of one function with its declaration.
pub fn print_func(p: &Program, f: &FuncDecl) -> String {
    let mut s = String::new();
    write_func(p, f, &mut s).expect("strings do not fail");
    s
}

/// The body alone; callees, files and functions are named by id.
pub fn print_body(f: &Function) -> String {
    let mut s = String::new();
    write_body(None, f, &mut s).expect("strings do not fail");
    s
}

fn print_data(p: &Program, id: crate::DataId, d: &crate::Data, s: &mut String) -> fmt::Result {
    write!(s, "data {id} {:?} {} align {} size {}", d.name, section_name(d.section), d.align, d.size)?;
    if d.section != Section::Bss && !d.bytes.is_empty() {
        write!(s, " bytes \"{}\"", hex(&d.bytes))?;
    }
    if !d.ptr_mask.is_empty() {
        write!(s, " mask \"{}\"", hex(&d.ptr_mask))?;
    }
    for r in &d.relocs {
        let kind = match r.kind {
            RelocKind::Abs64 => "abs64",
            RelocKind::Abs32 => "abs32",
        };
        write!(s, " reloc {} {kind} ", r.offset)?;
        match r.target {
            RelocTarget::Func(f) => write!(s, "func {:?}", p.funcs[f].name)?,
            RelocTarget::Data(d) => write!(s, "data {d}")?,
            RelocTarget::Extern(e) => write!(s, "symbol {:?}", p.externs[e as usize])?,
        }
        write!(s, " {}", r.addend)?;
    }
    s.push('\n');
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

fn write_func(p: &Program, f: &FuncDecl, s: &mut String) -> fmt::Result {
    if f.linkage == Linkage::Extern {
        s.push_str("extern ");
    }
    write!(s, "func {:?} ", f.name)?;
    write_sig(&f.sig, s)?;
    let flags = &f.flags;
    for (on, name) in [
        (flags.noinline, "noinline"),
        (flags.nosplit, "nosplit"),
        (flags.wrapper, "wrapper"),
        (flags.top, "top"),
        (flags.noreturn, "noreturn"),
        (flags.noescape, "noescape"),
        (flags.uintptrkeepalive, "uintptrkeepalive"),
        (flags.closure, "closure"),
    ] {
        if on {
            write!(s, " {name}")?;
        }
    }
    if let Some(runtime) = f.runtime
        && runtime.symbol() != &*f.name
    {
        write!(s, " runtime {:?}", runtime.name())?;
    }
    if f.display != f.name {
        write!(s, " display {:?}", f.display)?;
    }
    if !f.file.is_empty() {
        write!(s, " file {:?} line {} column {}", p.texts[f.file], f.start_line, f.start_column)?;
    }
    match &f.body {
        None => s.push('\n'),
        Some(body) => {
            s.push_str(" {\n");
            write_body(Some(p), body, s)?;
            s.push_str("}\n");
        }
    }
    Ok(())
}

fn write_sig(sig: &Signature, s: &mut String) -> fmt::Result {
    let list = |types: &[Type]| types.iter().map(|&t| type_name(t)).collect::<Vec<_>>().join(", ");
    write!(s, "({})", list(&sig.params))?;
    if !sig.results.is_empty() {
        write!(s, " -> ({})", list(&sig.results))?;
    }
    if sig.conv == CallConv::C {
        s.push_str(" c");
    }
    Ok(())
}

fn write_body(p: Option<&Program>, f: &Function, s: &mut String) -> fmt::Result {
    for (slot, d) in f.slots.iter() {
        writeln!(s, "  slot {slot} {} align {}", d.size, d.align)?;
    }
    for (loc, d) in f.locs.iter().skip(1) {
        let (func, file) = (text(p, d.func), text(p, d.file));
        write!(s, "  loc {loc} {func} {file} {} {} {} {}", d.line, d.column, d.start_line, d.parent)?;
        if let Some(scope) = d.scope.expand() {
            write!(s, " {scope}")?;
        }
        s.push('\n');
    }
    for (scope, d) in f.scopes.iter() {
        write!(s, "  scope {scope} {}", d.inlined_at)?;
        if let Some(parent) = d.parent.expand() {
            write!(s, " {parent}")?;
        }
        s.push('\n');
    }
    for (var, d) in f.source_vars.iter() {
        let (name, ty) = (text(p, d.name), text(p, d.ty));
        let kind = if d.param { "param" } else { "var" };
        write!(s, "  {kind} {var} {name} {ty} {} {} ", d.scope, d.loc)?;
        match &d.place {
            VarPlace::Gone => s.push_str("gone"),
            VarPlace::Slot(slot) => write!(s, "slot {slot}")?,
            VarPlace::Address(values) => write!(s, "address ({})", commas(values))?,
            VarPlace::Values(parts) => {
                write!(s, "values ({})", commas(parts.iter().map(|(at, v)| format!("{at}: {v}"))))?;
            }
        }
        s.push('\n');
    }
    for &b in &f.layout {
        write!(s, "{b}")?;
        if !f.blocks[b].params.is_empty() {
            let params: Vec<_> = f.blocks[b].params.iter().map(|&v| format!("{v}: {}", type_name(f.ty(v)))).collect();
            write!(s, "({})", params.join(", "))?;
        }
        s.push_str(":\n");
        for &i in &f.blocks[b].insts {
            s.push_str("  ");
            let results = &f.results[i];
            if !results.is_empty() {
                let results: Vec<_> = results.iter().map(|&v| format!("{v}: {}", type_name(f.ty(v)))).collect();
                write!(s, "{} = ", results.join(", "))?;
            }
            write_inst(p, &f.insts[i], s)?;
            if f.inst_locs[i].index() != 0 {
                write!(s, " @{}", f.inst_locs[i])?;
            }
            s.push('\n');
        }
    }
    Ok(())
}

fn commas<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| i.to_string()).collect::<Vec<_>>().join(", ")
}

fn func_name(p: Option<&Program>, id: FuncId) -> String {
    match p {
        Some(p) => format!("{:?}", p.funcs[id].name),
        None => id.to_string(),
    }
}

fn text(p: Option<&Program>, id: Text) -> String {
    match p {
        Some(p) => format!("{:?}", p.texts[id]),
        None => id.to_string(),
    }
}

struct Target<'a>(&'a BlockCall);

impl Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.block)?;
        if !self.0.args.is_empty() {
            write!(f, "({})", commas(&self.0.args))?;
        }
        Ok(())
    }
}

fn write_call(p: Option<&Program>, op: &str, callee: &Callee, args: &Args, s: &mut String) -> fmt::Result {
    match callee {
        Callee::Func(id) => write!(s, "{op} {} ({})", func_name(p, *id), commas(args)),
        Callee::Closure { func: v, sig } => {
            write!(s, "{op} closure {v} sig ")?;
            write_sig(sig, s)?;
            write!(s, " args ({})", commas(args))
        }
        Callee::Indirect { addr: v, sig } => {
            write!(s, "{op} indirect {v} sig ")?;
            write_sig(sig, s)?;
            write!(s, " args ({})", commas(args))
        }
    }
}

fn write_mem_flags(flags: &MemFlags, s: &mut String) {
    for (on, name) in [(flags.notrap, " notrap"), (flags.barrier, " barrier"), (flags.readonly, " readonly")] {
        if on {
            s.push_str(name);
        }
    }
}

fn write_inst(p: Option<&Program>, inst: &InstData, s: &mut String) -> fmt::Result {
    match inst {
        InstData::IConst { imm, .. } => write!(s, "iconst {imm}"),
        InstData::F32Const { bits } => write!(s, "f32const {bits:#x}"),
        InstData::F64Const { bits } => write!(s, "f64const {bits:#x}"),
        InstData::FuncAddr { func } => write!(s, "func_addr {}", func_name(p, *func)),
        InstData::DataAddr { data, off } => write!(s, "data_addr {data} {off}"),
        InstData::SlotAddr { slot, off } => write!(s, "slot_addr {slot} {off}"),
        InstData::Unary { op, arg, .. } => write!(s, "{} {arg}", unary_name(*op)),
        InstData::Binary { op, args } => write!(s, "{} {}", binary_name(*op), commas(args)),
        InstData::Icmp { cc, args } => write!(s, "icmp {} {}", int_cc_name(*cc), commas(args)),
        InstData::Fcmp { cc, args } => write!(s, "fcmp {} {}", float_cc_name(*cc), commas(args)),
        InstData::Select { cond, args } => write!(s, "select {cond}, {}", commas(args)),
        InstData::Fma { args } => write!(s, "fma {}", commas(args)),
        InstData::AddCarry { args } => write!(s, "add_carry {}", commas(args)),
        InstData::SubBorrow { args } => write!(s, "sub_borrow {}", commas(args)),
        InstData::Load { addr, off, flags, .. } => {
            write!(s, "load {addr} {off}")?;
            write_mem_flags(flags, s);
            Ok(())
        }
        InstData::Store { addr, val, off, flags } => {
            write!(s, "store {addr}, {val} {off}")?;
            write_mem_flags(flags, s);
            Ok(())
        }
        InstData::MemCopy { dst, src, size, align, barrier } => {
            write!(s, "mem_copy {dst}, {src} size {size} align {align}")?;
            barrier.map_or(Ok(()), |d| write!(s, " barrier {d}"))
        }
        InstData::MemZero { dst, size, align, barrier } => {
            write!(s, "mem_zero {dst} size {size} align {align}")?;
            barrier.map_or(Ok(()), |d| write!(s, " barrier {d}"))
        }
        InstData::Alloc { typ, size, align } => write!(s, "alloc {typ} size {size} align {align}"),
        InstData::NilCheck { addr } => write!(s, "nil_check {addr}"),
        InstData::AtomicLoad { addr, .. } => write!(s, "atomic_load {addr}"),
        InstData::AtomicStore { addr, val } => write!(s, "atomic_store {addr}, {val}"),
        InstData::AtomicRmw { op, addr, val } => write!(s, "{} {addr}, {val}", atomic_name(*op)),
        InstData::AtomicCas { addr, expected, new } => write!(s, "atomic_cas {addr}, {expected}, {new}"),
        InstData::GetG => write!(s, "get_g"),
        InstData::GetFp => write!(s, "get_fp"),
        InstData::GetCallerFp => write!(s, "get_caller_fp"),
        InstData::GetCallerPc => write!(s, "get_caller_pc"),
        InstData::GetSp => write!(s, "get_sp"),
        InstData::KeepAlive { arg } => write!(s, "keep_alive {arg}"),
        InstData::Pause => write!(s, "pause"),
        InstData::Forget { slot } => write!(s, "forget {slot}"),
        InstData::Call { callee, args } => write_call(p, "call", callee, args, s),
        InstData::TailCall { callee, args } => write_call(p, "tail_call", callee, args, s),
        InstData::Jump(call) => write!(s, "jump {}", Target(call)),
        InstData::Brif { cond, then_, else_ } => write!(s, "brif {cond}, {}, {}", Target(then_), Target(else_)),
        InstData::BrTable { index, targets, default } => {
            write!(s, "br_table {index}, [{}], {}", commas(targets.iter().map(Target)), Target(default))
        }
        InstData::Return { args } => write!(s, "return ({})", commas(args)),
        InstData::Unreachable => write!(s, "unreachable"),
        InstData::RecoveryPoint { slot, next, landing } => {
            write!(s, "recovery_point {slot}, {}, {landing}", Target(next))
        }
    }
}
