//! One function: prologue choice, Cranelift, extraction of code and tables.
//!
//! The stack check compares sp after the frame is allocated, and what it must tell the runtime is how large
//! the next segment has to be. The real frame is known only after register allocation, so a function is
//! compiled with a guess and again when the guess turns out wrong: at most three times, and almost always once.
//!
//! Below the limit lie [`golift_abi::STACK_RED_ZONE`] bytes that the prologue may use before the check:
//! saved registers and spilled parameters. A function with a larger spill area gets a wrapper in front of it,
//! which checks for the whole frame and then enters the body by a tail call.

use crate::cache::{KeyMaker, RawCode, RawReloc, RawTarget};
use crate::frame_map::frame_map;
use crate::isa::{Isas, is_huge};
use crate::translate::{self, Prologue, Translated};
use crate::{CodeReloc, CodeRelocKind, CodeTarget, CompiledFunction, Line, Options, Target};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self as clif, ExternalName, LibCall, UserExternalNameRef};
use cranelift_codegen::{CompiledCode, Context, FinalizedMachReloc, FinalizedRelocTarget};
use cranelift_entity::EntityRef;
use golift_abi as abi;
use golift_ir::{CallConv, DataId, FuncId, Program};

/// Spill area (with saved registers) up to which the check may come after its allocation.
const MAX_UNCHECKED_SPILL: u32 = 1024;
/// First guess of a frame's size beyond its explicit slots.
const SPILL_ALLOWANCE: u32 = 512;

/// Bit of a CLIF source location: no asynchronous preemption.
pub const NO_PREEMPT: u32 = 1 << 31;

/// Name spaces of Cranelift's user names.
pub mod space {
    pub const FUNC: u32 = 0;
    pub const DATA: u32 = 1;
    /// Index into [`super::SYMBOLS`].
    pub const SYMBOL: u32 = 2;
    /// A call that is replaced by nops: it only marks a place. The index says what to put there.
    pub const MARKER: u32 = 3;
    /// The body behind a stack-check wrapper.
    pub const SELF_BODY: u32 = 4;
}

/// Marker indices.
pub const MARKER_NOP: u32 = 0;
pub const MARKER_PAUSE: u32 = 1;

/// Runtime symbols that code generation itself refers to.
pub const SYMBOLS: &[&str] = &[
    abi::sym::WRITE_BARRIER,
    abi::sym::GC_WRITE_BARRIER,
    abi::sym::MEMMOVE,
    abi::sym::MEMCLR,
    abi::sym::FMA,
    abi::sym::FMAF,
];

pub fn symbol_index(name: &str) -> u32 {
    SYMBOLS.iter().position(|s| *s == name).expect("symbol is in the list") as u32
}

/// Compiles functions one after the other, reusing its buffers.
pub struct FunctionCompiler<'a> {
    program: &'a Program,
    target: Target,
    isas: &'a Isas,
    opts: &'a Options,
    ctx: Context,
    ctrl: ControlPlane,
    calls: translate::RuntimeCalls,
    key: KeyMaker,
}

impl<'a> FunctionCompiler<'a> {
    pub fn new(program: &'a Program, target: Target, isas: &'a Isas, opts: &'a Options) -> Self {
        FunctionCompiler {
            program,
            target,
            isas,
            opts,
            ctx: Context::new(),
            ctrl: ControlPlane::default(),
            calls: translate::RuntimeCalls::new(program),
            key: KeyMaker::new(target, opts),
        }
    }

    pub fn compile(&mut self, id: FuncId) -> CompiledFunction {
        let decl = &self.program.funcs[id];
        golift_ir::current::enter("generating code for", &decl.name);
        let body = decl.body.as_ref().expect("function has a body");
        let slots: u64 =
            body.slots.values().filter(|s| s.size > 0).map(|s| s.size.next_multiple_of(8).max(s.align as u64)).sum();
        let slots = u32::try_from(slots).expect("frame below 4 GB");
        if decl.flags.nosplit || decl.sig.conv == CallConv::C {
            return self.run(id, Prologue::None).0;
        }
        if slots <= abi::STACK_SMALL && translate::is_leaf(body) {
            let (f, _) = self.run(id, Prologue::None);
            if f.frame_size <= abi::STACK_SMALL {
                return f;
            }
        }
        let mut frame_bytes = slots + SPILL_ALLOWANCE;
        loop {
            let (f, above_slots) = self.run(id, Prologue::Check { frame_bytes });
            if above_slots > MAX_UNCHECKED_SPILL {
                return self.with_wrapper(id);
            }
            if f.frame_size + 16 <= frame_bytes {
                return f;
            }
            frame_bytes = f.frame_size + 64;
        }
    }

    /// A wrapper that checks the stack for a body with a large spill area.
    fn with_wrapper(&mut self, id: FuncId) -> CompiledFunction {
        let (body, _) = self.run(id, Prologue::None);
        let (mut whole, _) = self.run(id, Prologue::Wrapper { frame_bytes: body.frame_size + 64 });
        let align = body.align.max(16);
        let start = (whole.code.len() as u32).next_multiple_of(align);
        whole.code.resize(start as usize, 0xcc);
        for r in &mut whole.relocs {
            if r.target == CodeTarget::Symbol(SELF_BODY) {
                r.target = CodeTarget::Func(id);
                r.addend += start as i64;
            }
        }
        whole.code.extend_from_slice(&body.code);
        whole.relocs.extend(body.relocs.iter().map(|r| CodeReloc { offset: r.offset + start, ..*r }));
        whole.lines.extend(body.lines.iter().map(|l| Line { pc: l.pc + start, ..*l }));
        whole.lines.dedup_by_key(|l| (l.loc, l.no_preempt));
        whole.align = whole.align.max(align);
        whole.frame_size = body.frame_size;
        whole.frame = body.frame.map(|mut f| {
            f.states.iter_mut().for_each(|s| s.0 += start);
            f
        });
        whole
    }

    /// Compiles once, or takes the result from the cache. Also returns the bytes of the frame that lie above the explicit slots.
    fn run(&mut self, id: FuncId, prologue: Prologue) -> (CompiledFunction, u32) {
        self.ctx.clear();
        // Clearing alone leaves things of other functions behind (exception tables), and those would be part of the key.
        self.ctx.func = clif::Function::new();
        let translated = translate::translate(self.program, &self.calls, self.target, id, prologue, &mut self.ctx.func);
        let name = &self.program.funcs[id].name;
        if self.opts.dump.as_deref() == Some(&**name) {
            eprintln!("; {name}\n{}", self.ctx.func.display());
        }
        let Some(cache) = &self.opts.cache else {
            let code = self.compile_clif(name);
            return self.bind(code, translated);
        };
        let key = self.key.of(&self.ctx.func.stencil);
        let code = match cache.get(&key).and_then(|bytes| RawCode::decode(&bytes)) {
            Some(code) => code,
            None => {
                let code = self.compile_clif(name);
                cache.put(key, code.encode());
                code
            }
        };
        self.bind(code, translated)
    }

    /// Runs Cranelift on the function in `ctx`.
    fn compile_clif(&mut self, name: &str) -> RawCode {
        let isa = self.isas.of(&self.ctx.func);
        if let Err(e) = self.ctx.compile(isa, &mut self.ctrl) {
            let message = cranelift_codegen::print_errors::pretty_error(e.func, e.inner);
            panic!("code generation for {name} failed: {message}\n{}", e.func.display());
        }
        let code = self.ctx.compiled_code().expect("compiled just now");
        let frame = code.buffer.frame_layout().expect("functions have frames");
        let frame_size = frame.frame_to_fp_offset;
        let slots_end = frame
            .stackslots
            .iter()
            .map(|(slot, s)| s.offset + self.ctx.func.sized_stack_slots[slot].size)
            .max()
            .unwrap_or(0);
        RawCode {
            code: code.buffer.data().to_vec(),
            align: code.buffer.alignment.max(isa.function_alignment().minimum).max(16),
            relocs: code.buffer.relocs().iter().map(raw_reloc).collect(),
            lines: lines(code),
            frame_size,
            above_slots: frame_size - slots_end.min(frame_size),
            frame: match self.target {
                Target::X86_64 if !is_huge(&self.ctx.func) => frame_map(&self.ctx.func, code),
                _ => None,
            },
        }
    }

    /// Puts the names and locations of this program into position-independent code, and fills in the markers.
    fn bind(&self, raw: RawCode, translated: Translated) -> (CompiledFunction, u32) {
        let names = self.ctx.func.params.user_named_funcs();
        let mut code = raw.code;
        let mut relocs = Vec::with_capacity(raw.relocs.len());
        for r in &raw.relocs {
            let target = match r.target {
                RawTarget::Name(n) => {
                    let n = &names[UserExternalNameRef::new(n as usize)];
                    match n.namespace {
                        space::FUNC => CodeTarget::Func(FuncId::new(n.index as usize)),
                        space::DATA => CodeTarget::Data(DataId::new(n.index as usize)),
                        space::SYMBOL => CodeTarget::Symbol(SYMBOLS[n.index as usize]),
                        space::SELF_BODY => CodeTarget::Symbol(SELF_BODY),
                        space::MARKER => {
                            self.fill_marker(&mut code, r.offset as usize, n.index);
                            continue;
                        }
                        other => unreachable!("name space {other}"),
                    }
                }
                RawTarget::Symbol(n) => CodeTarget::Symbol(SYMBOLS[n as usize]),
            };
            relocs.push(CodeReloc { offset: r.offset, kind: r.kind, target, addend: r.addend });
        }
        let line = |l: &(u32, u32)| Line {
            pc: l.0,
            loc: translated.locs[(l.1 & !NO_PREEMPT) as usize],
            no_preempt: l.1 & NO_PREEMPT != 0,
        };
        let lines = raw.lines.iter().map(line).collect();
        let frame = raw.frame.map(|mut f| {
            f.fault = translated.landing_slots.iter().map(|s| s.index() as u32).collect();
            f
        });
        (CompiledFunction { code, align: raw.align, relocs, lines, frame_size: raw.frame_size, frame }, raw.above_slots)
    }

    /// Overwrites the call whose relocation is at `offset`.
    fn fill_marker(&self, code: &mut [u8], offset: usize, marker: u32) {
        match self.target {
            Target::X86_64 => {
                assert_eq!(code[offset - 1], 0xe8, "marker is a near call");
                let bytes: &[u8; 5] = match marker {
                    MARKER_PAUSE => &[0xf3, 0x90, 0x0f, 0x1f, 0x00],
                    _ => &[0x0f, 0x1f, 0x44, 0x00, 0x00],
                };
                code[offset - 1..offset + 4].copy_from_slice(bytes);
            }
            Target::Arm64 => {
                // `yield` or `nop`.
                let word: u32 = if marker == MARKER_PAUSE { 0xd503_203f } else { 0xd503_201f };
                code[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
            }
        }
    }
}

/// Stands for the body while a wrapper is put together.
const SELF_BODY: &str = "";

fn raw_reloc(r: &FinalizedMachReloc) -> RawReloc {
    let target = match &r.target {
        FinalizedRelocTarget::ExternalName(ExternalName::User(u)) => RawTarget::Name(u.index() as u32),
        FinalizedRelocTarget::ExternalName(ExternalName::LibCall(LibCall::FmaF64)) => {
            RawTarget::Symbol(symbol_index(abi::sym::FMA))
        }
        FinalizedRelocTarget::ExternalName(ExternalName::LibCall(LibCall::FmaF32)) => {
            RawTarget::Symbol(symbol_index(abi::sym::FMAF))
        }
        other => panic!("relocation to {other:?}"),
    };
    let kind = match r.kind {
        Reloc::Abs8 => CodeRelocKind::Abs64,
        Reloc::Abs4 => CodeRelocKind::Abs32,
        Reloc::X86PCRel4 | Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => CodeRelocKind::X86Pc32,
        Reloc::Arm64Call => CodeRelocKind::Arm64Call26,
        Reloc::Aarch64AdrPrelPgHi21 => CodeRelocKind::Arm64AdrPage21,
        Reloc::Aarch64AddAbsLo12Nc => CodeRelocKind::Arm64AddLo12,
        other => panic!("relocation kind {other:?}"),
    };
    RawReloc { offset: r.offset, kind, target, addend: r.addend }
}

/// Location changes of the code: pc, and index of the location with the preemption bit. Code without location (prologue) may not be
/// preempted.
fn lines(code: &CompiledCode) -> Vec<(u32, u32)> {
    const UNKNOWN: u32 = NO_PREEMPT;
    let mut out = vec![(0, UNKNOWN)];
    let mut add = |pc: u32, loc: u32| {
        let last = out.last_mut().expect("never empty");
        if last.0 == pc {
            last.1 = loc;
        } else if last.1 != loc {
            out.push((pc, loc));
        }
    };
    let mut end = 0;
    for s in code.buffer.get_srclocs_sorted() {
        if s.start == s.end {
            continue;
        }
        if s.start > end {
            add(end, UNKNOWN);
        }
        add(s.start, if s.loc.is_default() { UNKNOWN } else { s.loc.bits() });
        end = s.end;
    }
    if end < code.buffer.data().len() as u32 {
        add(end, UNKNOWN);
    }
    out.dedup_by_key(|l| l.1);
    out
}
