//! Reads the text form that [`crate::print`] writes (and describes).
//!
//! The first pass declares functions and data objects, so that bodies and relocations may refer to later ones.
//! Numbers of values, blocks, slots and locations are kept as written.

use crate::data::{Data, DataId, Reloc, RelocKind, RelocTarget};
use crate::entities::*;
use crate::function::{Function, LocData, ValueData, ValueDef};
use crate::inst::*;
use crate::names::*;
use crate::program::{CallConv, FuncDecl, FuncFlags, Linkage, Program, Signature};
use crate::runtime_fn::RuntimeFn;
use crate::variables::{ScopeData, SourceVarData, VarPlace};
use cranelift_entity::EntityRef;
use std::sync::Arc;

type Result<T> = std::result::Result<T, String>;

/// Parses a program; the error names the line.
pub fn parse_program(text: &str) -> Result<Program> {
    let toks = tokenize(text)?;
    let mut p = Parser { toks: &toks, pos: 0, program: Program::new() };
    p.program().map_err(|e| {
        let line = p.toks.get(p.pos.saturating_sub(1)).map_or(0, |t| t.line);
        format!("line {line}: {e}")
    })?;
    Ok(p.program)
}

#[derive(Clone, PartialEq, Debug)]
enum Tok {
    Word(String),
    Str(String),
    Int(i64),
    Punct(char),
}

struct Spanned {
    tok: Tok,
    line: u32,
}

fn tokenize(text: &str) -> Result<Vec<Spanned>> {
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line_no = n as u32 + 1;
        let mut rest = line;
        loop {
            rest = rest.trim_start();
            let Some(c) = rest.chars().next() else { break };
            let (tok, len) = match c {
                '#' | ';' => break,
                '"' => string_token(rest).ok_or_else(|| format!("line {line_no}: bad string"))?,
                '-' if rest.starts_with("->") => (Tok::Punct('>'), 2),
                '-' | '0'..='9' => {
                    let len = 1 + rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len() - 1);
                    let word = &rest[..len];
                    let value = match word.strip_prefix("0x") {
                        Some(h) => u64::from_str_radix(h, 16).ok().map(|v| v as i64),
                        None => word.parse::<i64>().ok().or_else(|| word.parse::<u64>().ok().map(|v| v as i64)),
                    };
                    (Tok::Int(value.ok_or_else(|| format!("line {line_no}: bad number {word}"))?), len)
                }
                c if c.is_ascii_alphabetic() || c == '_' => {
                    let len =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
                    (Tok::Word(rest[..len].into()), len)
                }
                c => (Tok::Punct(c), c.len_utf8()),
            };
            out.push(Spanned { tok, line: line_no });
            rest = &rest[len..];
        }
    }
    Ok(out)
}

/// A string as `{:?}` prints it.
fn string_token(s: &str) -> Option<(Tok, usize)> {
    let mut out = String::new();
    let mut chars = s.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((Tok::Str(out), i + 1)),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '0' => out.push('\0'),
                'u' => {
                    let mut code = 0;
                    for (_, c) in chars.by_ref() {
                        match c {
                            '{' => {}
                            '}' => break,
                            c => code = code * 16 + c.to_digit(16)?,
                        }
                    }
                    out.push(char::from_u32(code)?);
                }
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
    None
}

struct Parser<'a> {
    toks: &'a [Spanned],
    pos: usize,
    program: Program,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Tok> {
        self.toks.get(self.pos).map(|t| &t.tok)
    }

    fn next(&mut self) -> Result<Tok> {
        let t = self.peek().cloned().ok_or("unexpected end")?;
        self.pos += 1;
        Ok(t)
    }

    fn word(&mut self) -> Result<String> {
        match self.next()? {
            Tok::Word(w) => Ok(w),
            t => Err(format!("expected a word, found {t:?}")),
        }
    }

    fn string(&mut self) -> Result<String> {
        match self.next()? {
            Tok::Str(s) => Ok(s),
            t => Err(format!("expected a string, found {t:?}")),
        }
    }

    fn int(&mut self) -> Result<i64> {
        match self.next()? {
            Tok::Int(i) => Ok(i),
            t => Err(format!("expected a number, found {t:?}")),
        }
    }

    fn opt_punct(&mut self, c: char) -> bool {
        let hit = self.peek() == Some(&Tok::Punct(c));
        self.pos += hit as usize;
        hit
    }

    fn punct(&mut self, c: char) -> Result<()> {
        match self.opt_punct(c) {
            true => Ok(()),
            false => Err(format!("expected '{c}', found {:?}", self.peek())),
        }
    }

    fn opt_word(&mut self, w: &str) -> bool {
        let hit = matches!(self.peek(), Some(Tok::Word(x)) if x == w);
        self.pos += hit as usize;
        hit
    }

    fn expect(&mut self, w: &str) -> Result<()> {
        match self.opt_word(w) {
            true => Ok(()),
            false => Err(format!("expected {w}, found {:?}", self.peek())),
        }
    }

    fn entity<E: EntityRef>(&mut self, prefix: &str) -> Result<E> {
        let w = self.word()?;
        entity_number(&w, prefix).map(E::new).ok_or_else(|| format!("expected {prefix}N, found {w}"))
    }

    fn opt_entity<E: EntityRef>(&mut self, prefix: &str) -> Result<Option<E>> {
        let Some(Tok::Word(w)) = self.peek() else { return Ok(None) };
        let number = entity_number(w, prefix);
        self.pos += number.is_some() as usize;
        Ok(number.map(E::new))
    }

    fn list<T>(&mut self, close: char, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut out = Vec::new();
        while !self.opt_punct(close) {
            out.push(item(self)?);
            if !self.opt_punct(',') {
                self.punct(close)?;
                break;
            }
        }
        Ok(out)
    }

    fn ty(&mut self) -> Result<Type> {
        let w = self.word()?;
        type_from(&w).ok_or_else(|| format!("unknown type {w}"))
    }

    fn signature(&mut self) -> Result<Signature> {
        self.punct('(')?;
        let params = self.list(')', Self::ty)?;
        let results = if self.opt_punct('>') {
            self.punct('(')?;
            self.list(')', Self::ty)?
        } else {
            Vec::new()
        };
        let conv = if self.opt_word("c") { CallConv::C } else { CallConv::Go };
        Ok(Signature { params, results, conv })
    }

    fn program(&mut self) -> Result<()> {
        // Bodies and relocations to come back to.
        let mut bodies = Vec::new();
        let mut relocs = Vec::new();
        while let Some(tok) = self.peek().cloned() {
            match tok {
                Tok::Word(w) if w == "data" => relocs.push(self.data_decl()?),
                Tok::Word(w) if w == "typelink" => {
                    self.pos += 1;
                    let d = self.entity("d")?;
                    self.program.typelinks.push(d);
                }
                Tok::Word(w) if w == "itab" => {
                    self.pos += 1;
                    let d = self.entity("d")?;
                    self.program.itabs.push(d);
                }
                _ => {
                    let id = self.func_decl()?;
                    if self.opt_punct('{') {
                        bodies.push((id, self.pos));
                        while !self.opt_punct('}') {
                            self.next()?;
                        }
                    }
                }
            }
        }
        for (id, pos) in relocs {
            self.pos = pos;
            self.relocs(id)?;
        }
        for (id, pos) in bodies {
            self.pos = pos;
            let body = self.body()?;
            self.program.funcs[id].body = Some(body);
        }
        Ok(())
    }

    fn data_decl(&mut self) -> Result<(DataId, usize)> {
        self.expect("data")?;
        let id: DataId = self.entity("d")?;
        let name = self.string()?;
        let w = self.word()?;
        let section = section_from(&w).ok_or_else(|| format!("unknown section {w}"))?;
        self.expect("align")?;
        let align = self.int()? as u32;
        self.expect("size")?;
        let size = self.int()? as u64;
        let bytes = if self.opt_word("bytes") { unhex(&self.string()?)? } else { Vec::new() };
        let ptr_mask = if self.opt_word("mask") { unhex(&self.string()?)? } else { Vec::new() };
        let new = self.program.add_data(Data {
            name,
            section,
            align,
            size,
            bytes: bytes.into(),
            relocs: Vec::new(),
            ptr_mask,
        });
        if new != id {
            return Err(format!("{id} must be declared in order"));
        }
        let start = self.pos;
        while self.opt_word("reloc") {
            for _ in 0..5 {
                self.next()?;
            }
        }
        Ok((id, start))
    }

    fn relocs(&mut self, id: DataId) -> Result<()> {
        while self.opt_word("reloc") {
            let offset = self.int()? as u32;
            let kind = match self.word()?.as_str() {
                "abs64" => RelocKind::Abs64,
                "abs32" => RelocKind::Abs32,
                w => return Err(format!("unknown relocation {w}")),
            };
            let target = match self.word()?.as_str() {
                "func" => RelocTarget::Func(self.func_ref()?),
                "data" => RelocTarget::Data(self.entity("d")?),
                "symbol" => {
                    let name = self.string()?;
                    RelocTarget::Extern(self.program.extern_symbol(&name))
                }
                w => return Err(format!("unknown target {w}")),
            };
            let addend = self.int()?;
            self.program.datas[id].relocs.push(Reloc { offset, kind, target, addend });
        }
        Ok(())
    }

    fn func_decl(&mut self) -> Result<FuncId> {
        let linkage = if self.opt_word("extern") { Linkage::Extern } else { Linkage::Local };
        self.expect("func")?;
        let name: Arc<str> = self.string()?.into();
        let sig = self.signature()?;
        let mut decl = FuncDecl {
            name: name.clone(),
            display: name,
            sig,
            linkage,
            flags: FuncFlags::default(),
            runtime: None,
            file: Text::EMPTY,
            start_line: 0,
            start_column: 0,
            body: None,
        };
        while let Some(Tok::Word(w)) = self.peek().cloned() {
            let flag = match w.as_str() {
                "noinline" => &mut decl.flags.noinline,
                "nosplit" => &mut decl.flags.nosplit,
                "wrapper" => &mut decl.flags.wrapper,
                "top" => &mut decl.flags.top,
                "noreturn" => &mut decl.flags.noreturn,
                "closure" => &mut decl.flags.closure,
                "noescape" => &mut decl.flags.noescape,
                "uintptrkeepalive" => &mut decl.flags.uintptrkeepalive,
                "runtime" => {
                    self.pos += 1;
                    let name = self.string()?;
                    let f = RuntimeFn::from_name(&name);
                    decl.runtime = Some(f.ok_or_else(|| format!("compiled code calls no runtime.{name}"))?);
                    continue;
                }
                "display" => {
                    self.pos += 1;
                    decl.display = self.string()?.into();
                    continue;
                }
                "file" => {
                    self.pos += 1;
                    decl.file = self.text()?;
                    self.expect("line")?;
                    decl.start_line = self.int()? as u32;
                    self.expect("column")?;
                    decl.start_column = self.int()? as u32;
                    continue;
                }
                _ => break,
            };
            *flag = true;
            self.pos += 1;
        }
        if self.program.func_by_name.contains_key(&decl.name) {
            return Err(format!("function {} declared twice", decl.name));
        }
        Ok(self.program.declare(decl))
    }

    fn text(&mut self) -> Result<Text> {
        let text = self.string()?.into();
        Ok(self.program.texts.intern(&text))
    }

    fn func_ref(&mut self) -> Result<FuncId> {
        let name = self.string()?;
        self.program.func_by_name.get(&*name).copied().ok_or_else(|| format!("unknown function {name:?}"))
    }

    fn body(&mut self) -> Result<Function> {
        let mut f = Function::new();
        self.make_entities(&mut f);
        while self.opt_word("slot") {
            let slot: Slot = self.entity("ss")?;
            let size = self.int()? as u64;
            self.expect("align")?;
            let align = self.int()? as u32;
            if f.make_slot(size, align) != slot {
                return Err(format!("{slot} must be declared in order"));
            }
        }
        while self.opt_word("loc") {
            let loc: Loc = self.entity("loc")?;
            let data = LocData {
                func: self.text()?,
                file: self.text()?,
                line: self.int()? as u32,
                column: self.int()? as u32,
                start_line: self.int()? as u32,
                parent: self.entity("loc")?,
                scope: self.opt_entity::<Scope>("scope")?.into(),
            };
            if f.locs.push(data) != loc {
                return Err(format!("{loc} must be declared in order"));
            }
        }
        while self.opt_word("scope") {
            let scope: Scope = self.entity("scope")?;
            let data = ScopeData { inlined_at: self.entity("loc")?, parent: self.opt_entity::<Scope>("scope")?.into() };
            if f.scopes.push(data) != scope {
                return Err(format!("{scope} must be declared in order"));
            }
        }
        while let Some(param) = self.opt_word("param").then_some(true).or_else(|| self.opt_word("var").then_some(false))
        {
            let var: SourceVar = self.entity("local")?;
            let (name, ty) = (self.text()?, self.text()?);
            let (scope, loc) = (self.entity("scope")?, self.entity("loc")?);
            let place = self.place()?;
            if f.source_vars.push(SourceVarData { name, ty, scope, loc, param, place }) != var {
                return Err(format!("{var} must be declared in order"));
            }
        }
        while !self.opt_punct('}') {
            let block: Block = self.entity("bb")?;
            f.layout.push(block);
            if self.opt_punct('(') {
                let params = self.list(')', Self::typed_value)?;
                for (n, (v, ty)) in params.into_iter().enumerate() {
                    f.values[v] = ValueData { ty, def: ValueDef::Param(block, n as u32) };
                    f.blocks[block].params.push(v);
                }
            }
            self.punct(':')?;
            loop {
                let inst = self.inst(&mut f)?;
                f.blocks[block].insts.push(inst);
                if f.insts[inst].is_terminator() {
                    break;
                }
            }
        }
        Ok(f)
    }

    fn place(&mut self) -> Result<VarPlace> {
        Ok(match self.word()?.as_str() {
            "gone" => VarPlace::Gone,
            "slot" => VarPlace::Slot(self.entity("ss")?),
            "address" => VarPlace::Address(self.args()?.to_vec()),
            "values" => {
                self.punct('(')?;
                VarPlace::Values(self.list(')', |p| {
                    let at = p.int()? as u32;
                    p.punct(':')?;
                    Ok((at, p.value()?))
                })?)
            }
            other => return Err(format!("{other} is no place")),
        })
    }

    /// Makes all values and blocks that the body mentions.
    fn make_entities(&self, f: &mut Function) {
        let mut values = 0;
        let mut blocks = 0;
        for t in &self.toks[self.pos..] {
            match &t.tok {
                Tok::Word(w) => {
                    values = values.max(entity_number(w, "v").map_or(0, |n| n + 1));
                    blocks = blocks.max(entity_number(w, "bb").map_or(0, |n| n + 1));
                }
                Tok::Punct('}') => break,
                _ => {}
            }
        }
        for _ in 0..blocks {
            f.make_block();
        }
        for _ in 0..values {
            f.values.push(ValueData { ty: Type::I8, def: ValueDef::Param(Block::new(0), u32::MAX) });
        }
    }

    fn typed_value(&mut self) -> Result<(Value, Type)> {
        let v = self.entity("v")?;
        self.punct(':')?;
        Ok((v, self.ty()?))
    }

    fn value(&mut self) -> Result<Value> {
        self.entity("v")
    }

    fn values<const N: usize>(&mut self) -> Result<[Value; N]> {
        let mut out = [Value::new(0); N];
        for (i, v) in out.iter_mut().enumerate() {
            if i > 0 {
                self.punct(',')?;
            }
            *v = self.value()?;
        }
        Ok(out)
    }

    fn args(&mut self) -> Result<Args> {
        self.punct('(')?;
        Ok(self.list(')', Self::value)?.into())
    }

    fn target(&mut self) -> Result<BlockCall> {
        let block = self.entity("bb")?;
        let args = if self.peek() == Some(&Tok::Punct('(')) { self.args()? } else { Args::new() };
        Ok(BlockCall { block, args })
    }

    fn inst(&mut self, f: &mut Function) -> Result<Inst> {
        let mut results = Vec::new();
        if matches!(self.peek(), Some(Tok::Word(w)) if entity_number(w, "v").is_some()) {
            loop {
                results.push(self.typed_value()?);
                if !self.opt_punct(',') {
                    break;
                }
            }
            self.punct('=')?;
        }
        let ty = results.first().map_or(Type::I8, |r| r.1);
        let data = self.inst_data(ty)?;
        let loc = if self.opt_punct('@') { self.entity("loc")? } else { Loc::new(0) };
        let inst = f.make_inst(data, &[], loc);
        for (n, &(v, ty)) in results.iter().enumerate() {
            f.values[v] = ValueData { ty, def: ValueDef::Result(inst, n as u32) };
        }
        f.results[inst] = results.into_iter().map(|r| r.0).collect();
        Ok(inst)
    }

    fn inst_data(&mut self, ty: Type) -> Result<InstData> {
        let op = self.word()?;
        if let Some(op) = unary_from(&op) {
            return Ok(InstData::Unary { op, ty, arg: self.value()? });
        }
        if let Some(op) = binary_from(&op) {
            return Ok(InstData::Binary { op, args: self.values()? });
        }
        if let Some(op) = atomic_from(&op) {
            let [addr, val] = self.values()?;
            return Ok(InstData::AtomicRmw { op, addr, val });
        }
        Ok(match op.as_str() {
            "iconst" => InstData::IConst { ty, imm: self.int()? },
            "f32const" => InstData::F32Const { bits: self.int()? as u32 },
            "f64const" => InstData::F64Const { bits: self.int()? as u64 },
            "func_addr" => InstData::FuncAddr { func: self.func_ref()? },
            "data_addr" => InstData::DataAddr { data: self.entity("d")?, off: self.int()? },
            "slot_addr" => InstData::SlotAddr { slot: self.entity("ss")?, off: self.int()? as i32 },
            "icmp" => {
                let cc = int_cc_from(&self.word()?).ok_or("unknown comparison")?;
                InstData::Icmp { cc, args: self.values()? }
            }
            "fcmp" => {
                let cc = float_cc_from(&self.word()?).ok_or("unknown comparison")?;
                InstData::Fcmp { cc, args: self.values()? }
            }
            "select" => {
                let [cond, a, b] = self.values()?;
                InstData::Select { cond, args: [a, b] }
            }
            "fma" => InstData::Fma { args: self.values()? },
            "add_carry" => InstData::AddCarry { args: self.values()? },
            "sub_borrow" => InstData::SubBorrow { args: self.values()? },
            "load" => InstData::Load { ty, addr: self.value()?, off: self.int()? as i32, flags: self.mem_flags() },
            "store" => {
                let [addr, val] = self.values()?;
                InstData::Store { addr, val, off: self.int()? as i32, flags: self.mem_flags() }
            }
            "mem_copy" => {
                let [dst, src] = self.values()?;
                let (size, align) = self.size_align()?;
                InstData::MemCopy { dst, src, size, align, barrier: self.opt_barrier()? }
            }
            "mem_zero" => {
                let dst = self.value()?;
                let (size, align) = self.size_align()?;
                InstData::MemZero { dst, size, align, barrier: self.opt_barrier()? }
            }
            "alloc" => {
                let typ = self.entity("d")?;
                let (size, align) = self.size_align()?;
                InstData::Alloc { typ, size, align }
            }
            "nil_check" => InstData::NilCheck { addr: self.value()? },
            "atomic_load" => InstData::AtomicLoad { ty, addr: self.value()? },
            "atomic_store" => {
                let [addr, val] = self.values()?;
                InstData::AtomicStore { addr, val }
            }
            "atomic_cas" => {
                let [addr, expected, new] = self.values()?;
                InstData::AtomicCas { addr, expected, new }
            }
            "get_g" => InstData::GetG,
            "get_fp" => InstData::GetFp,
            "get_caller_fp" => InstData::GetCallerFp,
            "get_caller_pc" => InstData::GetCallerPc,
            "get_sp" => InstData::GetSp,
            "keep_alive" => InstData::KeepAlive { arg: self.value()? },
            "pause" => InstData::Pause,
            "forget" => InstData::Forget { slot: self.entity("ss")? },
            "call" => {
                let (callee, args) = self.call()?;
                InstData::Call { callee, args }
            }
            "tail_call" => {
                let (callee, args) = self.call()?;
                InstData::TailCall { callee, args }
            }
            "jump" => InstData::Jump(self.target()?),
            "brif" => {
                let cond = self.value()?;
                self.punct(',')?;
                let then_ = self.target()?;
                self.punct(',')?;
                InstData::Brif { cond, then_, else_: self.target()? }
            }
            "br_table" => {
                let index = self.value()?;
                self.punct(',')?;
                self.punct('[')?;
                let targets = self.list(']', Self::target)?;
                self.punct(',')?;
                InstData::BrTable { index, targets, default: self.target()? }
            }
            "return" => InstData::Return { args: self.args()? },
            "unreachable" => InstData::Unreachable,
            "recovery_point" => {
                let slot = self.entity("ss")?;
                self.punct(',')?;
                let next = self.target()?;
                self.punct(',')?;
                InstData::RecoveryPoint { slot, next, landing: self.entity("bb")? }
            }
            other => return Err(format!("unknown instruction {other}")),
        })
    }

    fn call(&mut self) -> Result<(Callee, Args)> {
        if let Some(Tok::Str(_)) = self.peek() {
            let f = self.func_ref()?;
            return Ok((Callee::Func(f), self.args()?));
        }
        let kind = self.word()?;
        let v = self.value()?;
        self.expect("sig")?;
        let sig = Box::new(self.signature()?);
        self.expect("args")?;
        let callee = match kind.as_str() {
            "closure" => Callee::Closure { func: v, sig },
            "indirect" => Callee::Indirect { addr: v, sig },
            _ => return Err(format!("unknown callee {kind}")),
        };
        Ok((callee, self.args()?))
    }

    fn mem_flags(&mut self) -> MemFlags {
        MemFlags {
            notrap: self.opt_word("notrap"),
            barrier: self.opt_word("barrier"),
            readonly: self.opt_word("readonly"),
        }
    }

    fn size_align(&mut self) -> Result<(u64, u32)> {
        self.expect("size")?;
        let size = self.int()? as u64;
        self.expect("align")?;
        Ok((size, self.int()? as u32))
    }

    fn opt_barrier(&mut self) -> Result<Option<DataId>> {
        match self.opt_word("barrier") {
            true => self.entity("d").map(Some),
            false => Ok(None),
        }
    }
}

fn entity_number(w: &str, prefix: &str) -> Option<usize> {
    let digits = w.strip_prefix(prefix)?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

fn unhex(s: &str) -> Result<Vec<u8>> {
    if !s.len().is_multiple_of(2) || !s.is_ascii() {
        return Err("odd hex string".into());
    }
    (0..s.len()).step_by(2).map(|i| u8::from_str_radix(&s[i..i + 2], 16).map_err(|e| e.to_string())).collect()
}
