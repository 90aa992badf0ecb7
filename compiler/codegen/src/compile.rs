//! One function: Cranelift, extraction of code and tables, and the stack check in front (`target`).

use crate::code::{CodeReloc, CodeTarget, CompiledFunction, Line};
use crate::isa::{Isas, is_huge};
use crate::key::KeyMaker;
use crate::leaf::{is_leaf, stack_arg_bytes};
use crate::names::{NO_PREEMPT, NO_PREEMPT_FOLLOWS, SYMBOLS, space, symbol_index};
use crate::options::Options;
use crate::raw_code::{RawCode, RawReloc, RawTarget};
use crate::reloc_kind::CodeRelocKind;
use crate::target::{Checked, Target};
use crate::translate::{self, Translated};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self as clif, ExternalName, LibCall, UserExternalNameRef};
use cranelift_codegen::{CompiledCode, Context, FinalizedMachReloc, FinalizedRelocTarget};
use cranelift_entity::EntityRef;
use golift_abi as abi;
use golift_ir::{CallConv, DataId, FuncId, Program};

/// Functions begin at multiples of this.
const ENTRY_ALIGN: u32 = 16;
/// What instructions by themselves need on any target.
const MAX_INSTRUCTION_ALIGN: u32 = 4;

/// The frame of a function is larger than any stack; so many bytes of it are variables.
pub struct FrameTooLarge(pub u64);

/// How many bytes the variables of a function take.
pub fn check_locals(body: &golift_ir::Function) -> Result<u64, FrameTooLarge> {
    let locals = body.frame_bytes();
    if locals > u64::from(abi::morestack::MAX_NEED) { Err(FrameTooLarge(locals)) } else { Ok(locals) }
}

/// Compiles functions one after the other, reusing its buffers.
pub struct FunctionCompiler<'a> {
    program: &'a Program,
    target: Target,
    isas: &'a Isas,
    opts: &'a Options,
    ctx: Context,
    ctrl: ControlPlane,
    key: KeyMaker,
}

impl<'a> FunctionCompiler<'a> {
    /// A compiler for functions of a program.
    pub fn new(program: &'a Program, target: Target, isas: &'a Isas, opts: &'a Options) -> Self {
        FunctionCompiler {
            program,
            target,
            isas,
            opts,
            ctx: Context::new(),
            ctrl: ControlPlane::default(),
            key: KeyMaker::new(target, opts),
        }
    }

    /// Compiles one function, which has a body.
    pub fn compile(&mut self, id: FuncId) -> Result<CompiledFunction, FrameTooLarge> {
        let decl = &self.program.funcs[id];
        golift_ir::current::enter("generating code for", &decl.name);
        if self.program.assembly.contains_key(&id) {
            let (mut f, is_checked) = crate::assembly::compile(self.program, id, self.target);
            if is_checked {
                f = self.with_stack_check(f, stack_arg_bytes(&decl.sig, self.target));
            }
            f.align = f.align.max(ENTRY_ALIGN);
            return Ok(f);
        }
        let body = decl.body.as_ref().expect("function has a body");
        let locals = check_locals(body)?;
        let f = self.run(id);
        if f.frame_size > abi::morestack::MAX_NEED - 16 {
            return Err(FrameTooLarge(locals));
        }
        let is_unchecked = f.frame_size <= abi::STACK_SMALL && (decl.flags.nosplit || is_leaf(body));
        let args = stack_arg_bytes(&decl.sig, self.target);
        let mut f = if is_unchecked || decl.sig.conv == CallConv::C { f } else { self.with_stack_check(f, args) };
        f.align = f.align.max(ENTRY_ALIGN);
        Ok(f)
    }

    /// Puts the check in front of a body that takes so many bytes of arguments on the stack.
    fn with_stack_check(&self, mut f: CompiledFunction, args: u32) -> CompiledFunction {
        // The frame pointer is saved above the frame, and a call in the function pushes its return address below.
        let need = f.frame_size + 16;
        let body = f.code.len() as u32;
        let check = self.target.stack_check(Checked { body, need, args });
        let start = check.entry.len() as u32;
        let mut code = check.entry;
        code.reserve_exact(f.code.len() + check.more.len());
        code.extend_from_slice(&f.code);
        code.extend_from_slice(&check.more);
        f.code = code;
        // Where there are constants among the instructions, it is the body that must be aligned; else the entry is, so that a call does not
        // fetch from two lines of the cache for the check.
        f.body = if f.align > MAX_INSTRUCTION_ALIGN { start } else { 0 };
        f.relocs.iter_mut().for_each(|r| r.offset += start);
        f.lines.iter_mut().for_each(|l| l.pc += start);
        f.assembly.iter_mut().flat_map(|a| &mut a.depths).for_each(|depth| depth.0 += start);
        let unknown = Line { pc: 0, loc: golift_ir::Loc::new(0), no_preempt: true };
        f.lines.insert(0, unknown);
        f.lines.push(Line { pc: start + body, ..unknown });
        f.lines.dedup_by_key(|l| (l.loc, l.no_preempt));
        if let Some(frame) = &mut f.frame {
            frame.states.iter_mut().for_each(|s| s.0 += start);
            for a in &mut frame.arguments {
                a.from += if a.from == 0 { 0 } else { start };
                a.to = a.to.saturating_add(start);
            }
        }
        f
    }

    /// Compiles the body, or takes it from the cache.
    fn run(&mut self, id: FuncId) -> CompiledFunction {
        self.ctx.clear();
        // Clearing alone leaves things of other functions behind (exception tables), and those would be part of the key.
        self.ctx.func = clif::Function::new();
        let translated = translate::translate(self.program, self.target, id, &mut self.ctx.func);
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
        let mut raw = RawCode {
            code: code.buffer.data().to_vec(),
            align: code.buffer.alignment.max(isa.function_alignment().minimum),
            relocs: code.buffer.relocs().iter().map(raw_reloc).collect(),
            lines: lines(code),
            frame_size,
            frame: None,
        };
        if !is_huge(&self.ctx.func) {
            self.target.finish(&self.ctx.func, code, &mut raw);
        }
        raw
    }

    /// Puts the names and locations of this program into position-independent code, and fills in the markers.
    fn bind(&self, raw: RawCode, translated: Translated) -> CompiledFunction {
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
                        space::MARKER => {
                            self.target.fill_marker(&mut code, r.offset as usize, n.index);
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
        CompiledFunction {
            code,
            align: raw.align,
            body: 0,
            relocs,
            lines,
            frame_size: raw.frame_size,
            frame,
            assembly: None,
        }
    }
}

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
    let mut follows = false;
    for s in code.buffer.get_srclocs_sorted() {
        if s.start == s.end {
            continue;
        }
        if s.start > end {
            add(end, UNKNOWN);
        }
        let mut loc = if s.loc.is_default() { UNKNOWN } else { s.loc.bits() };
        if loc & NO_PREEMPT != 0 && !s.loc.is_default() {
            follows = loc & NO_PREEMPT_FOLLOWS != 0;
            loc &= !NO_PREEMPT_FOLLOWS;
        } else if follows {
            loc |= NO_PREEMPT;
        }
        add(s.start, loc);
        end = s.end;
    }
    if end < code.buffer.data().len() as u32 {
        add(end, UNKNOWN);
    }
    out.dedup_by_key(|l| l.1);
    out
}
