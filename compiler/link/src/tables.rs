//! Tables for the runtime: functions, lines, strings, type links (golift-abi describes the formats).

use crate::reach::Live;
use crate::roots::{self, Roots};
use crate::symbols::{Atom, Input};
use cranelift_entity::EntityRef;
use golift_abi as abi;
use golift_abi::frame::ArgumentPart;
use golift_codegen::{CompiledFunction, FrameTable};
use golift_ir::{DataId, FuncDecl, Function, Loc, Text, Texts};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The tables, as far as they can be made before there are addresses.
#[derive(Default)]
pub struct Tables {
    /// Offset of each live function from the start of Go code.
    pub text_offsets: Vec<u32>,
    /// Bytes of Go code.
    pub text_size: u32,
    /// Functions.
    pub functab: Vec<u8>,
    /// Which location each piece of code has.
    pub pcline: Vec<u8>,
    /// Source locations.
    pub locs: Vec<u8>,
    /// Names.
    pub strtab: Vec<u8>,
    /// What frames hold.
    pub frames: Vec<u8>,
    /// Types that reflection may find, by their names.
    pub typelinks: Vec<DataId>,
    /// Method tables.
    pub itabs: Vec<DataId>,
    /// The collector's roots.
    pub roots: Roots,
}

struct Builder<'a> {
    t: Tables,
    texts: &'a Texts,
    strings: FxHashMap<Arc<str>, u32>,
    /// As `strings`, for texts of locations.
    of_texts: FxHashMap<Text, u32>,
    nodes: FxHashMap<abi::Loc, u32>,
    frames: FxHashMap<Vec<u8>, u32>,
}

/// Makes the tables of what is live.
pub fn build(input: &Input, live: &Live) -> Tables {
    let mut b = Builder {
        t: Tables::default(),
        texts: &input.program.texts,
        strings: FxHashMap::default(),
        of_texts: FxHashMap::default(),
        nodes: FxHashMap::default(),
        frames: FxHashMap::default(),
    };
    // Offset 0 is the empty string, and no frame table.
    b.string(&"".into());
    b.t.frames.push(0);
    let mut at = 0u32;
    for &id in &live.funcs {
        let code = input.compiled.funcs[id].as_ref().expect("live functions are compiled");
        let decl = &input.program.funcs[id];
        at = (at + code.body).next_multiple_of(code.align.max(1)) - code.body;
        b.t.text_offsets.push(at);
        b.function(decl, code, at, input.program.arguments.get(&id));
        at += code.code.len() as u32;
    }
    b.t.text_size = at;
    let datas: FxHashSet<DataId> = live.datas.iter().copied().collect();
    let keep = |ids: &[DataId]| ids.iter().copied().filter(|&d| datas.contains(&live.data(d))).collect();
    b.t.typelinks = keep(&input.program.typelinks);
    b.t.itabs = keep(&input.program.itabs);
    b.t.roots = roots::build(input, live);
    debug_assert!(b.t.typelinks.iter().all(|&d| live.resolver.atom_name(Atom::Data(d)) != "?"));
    b.t
}

/// Packages whose code may not be preempted asynchronously, as in gc: they hold runtime locks
/// or manipulate the scheduler's state.
fn is_runtime_internal(name: &str) -> bool {
    name.starts_with("runtime.") || name.starts_with("internal/runtime/")
}

/// Inlining such code into other functions does not make it preemptible.
fn inlined_from_runtime(texts: &Texts, body: &Function, mut loc: Loc) -> bool {
    while loc.index() != 0 {
        let d = &body.locs[loc];
        if d.parent.index() != 0 && is_runtime_internal(&texts[d.func]) {
            return true;
        }
        loc = d.parent;
    }
    false
}

impl Builder<'_> {
    fn string(&mut self, s: &Arc<str>) -> u32 {
        if let Some(&at) = self.strings.get(s) {
            return at;
        }
        let at = self.t.strtab.len() as u32;
        uleb(&mut self.t.strtab, s.len() as u64);
        self.t.strtab.extend_from_slice(s.as_bytes());
        self.strings.insert(s.clone(), at);
        at
    }

    fn text(&mut self, text: Text) -> u32 {
        if let Some(&at) = self.of_texts.get(&text) {
            return at;
        }
        let at = self.string(&self.texts[text]);
        self.of_texts.insert(text, at);
        at
    }

    fn function(&mut self, decl: &FuncDecl, code: &CompiledFunction, offset: u32, arguments: Option<&Arc<[u8]>>) {
        let mut flags = 0;
        let takes_nothing = match arguments {
            Some(list) => matches!(ArgumentPart::decode(list).0, ArgumentPart::End),
            None => code.assembly.is_none() && decl.sig.params.len() <= decl.flags.closure as usize,
        };
        let arguments = arguments.filter(|_| !takes_nothing);
        for (on, flag) in [
            (decl.flags.wrapper, abi::FUNC_WRAPPER),
            (decl.flags.top, abi::FUNC_TOP),
            (takes_nothing, abi::FUNC_NOARGS),
            (code.assembly.is_some(), abi::FUNC_ASSEMBLY),
            (decl.flags.nosplit || code.assembly.is_some() || is_runtime_internal(&decl.name), abi::FUNC_NOPREEMPT),
        ] {
            if on {
                flags |= flag;
            }
        }
        let entry = abi::FuncEntry {
            entry: offset,
            size: code.code.len() as u32,
            name: self.string(&decl.display),
            file: self.text(decl.file),
            start_line: decl.start_line,
            pcline: self.t.pcline.len() as u32,
            flags,
            frame: match (&code.frame, &code.assembly) {
                (Some(frame), _) => self.frame(frame, arguments),
                (None, Some(assembly)) => self.frame_bytes(encode_depths(&assembly.depths)),
                (None, None) => 0,
            },
        };
        let e = &entry;
        for word in [e.entry, e.size, e.name, e.file, e.start_line, e.pcline, e.flags, e.frame] {
            self.t.functab.extend_from_slice(&word.to_le_bytes());
        }
        let mut positions: FxHashMap<Loc, u32> = FxHashMap::default();
        let (mut pc, mut pos) = (0, 0i64);
        let of_assembly = code.assembly.iter().flat_map(|a| &a.lines);
        let of_assembly: Vec<(u32, u32)> = of_assembly.map(|&(pc, line)| (pc, line << 2 | abi::POS_UNSAFE)).collect();
        let empty;
        let body = match &decl.body {
            Some(body) => body,
            None => {
                empty = Function::new();
                &empty
            }
        };
        let lines = code.lines.iter().filter(|_| of_assembly.is_empty()).map(|line| {
            let mut new = self.position(decl, body, line.loc, &mut positions);
            if line.no_preempt || inlined_from_runtime(self.texts, body, line.loc) {
                new |= abi::POS_UNSAFE;
            }
            (line.pc, new)
        });
        let lines: Vec<(u32, u32)> = lines.collect();
        for (at, new) in of_assembly.into_iter().chain(lines) {
            if new as i64 == pos {
                continue;
            }
            uleb(&mut self.t.pcline, (at - pc) as u64 + 1);
            sleb(&mut self.t.pcline, new as i64 - pos);
            (pc, pos) = (at, new as i64);
        }
        self.t.pcline.push(0);
    }

    /// Offset of the table; equal ones are there once.
    fn frame(&mut self, frame: &FrameTable, arguments: Option<&Arc<[u8]>>) -> u32 {
        let list = arguments.map(|list| self.frame_bytes(list.to_vec()));
        self.frame_bytes(encode_frame(frame, list))
    }

    fn frame_bytes(&mut self, bytes: Vec<u8>) -> u32 {
        if let Some(&at) = self.frames.get(&bytes) {
            return at;
        }
        let at = self.t.frames.len() as u32;
        self.t.frames.extend_from_slice(&bytes);
        self.frames.insert(bytes, at);
        at
    }

    fn position(&mut self, decl: &FuncDecl, body: &Function, loc: Loc, memo: &mut FxHashMap<Loc, u32>) -> u32 {
        if loc.index() == 0 {
            return 0;
        }
        if let Some(&p) = memo.get(&loc) {
            return p;
        }
        let d = &body.locs[loc];
        let position = if d.parent.index() == 0 && d.file == decl.file {
            d.line << 2
        } else {
            let parent = self.position(decl, body, d.parent, memo);
            let node = abi::Loc {
                func: self.text(d.func),
                file: self.text(d.file),
                line: d.line,
                start_line: d.start_line,
                parent,
            };
            let next = self.nodes.len() as u32;
            let index = *self.nodes.entry(node).or_insert(next);
            if index == next {
                for word in [node.func, node.file, node.line, node.start_line, node.parent] {
                    self.t.locs.extend_from_slice(&word.to_le_bytes());
                }
            }
            index << 2 | abi::POS_INLINED
        };
        memo.insert(loc, position);
        position
    }
}

/// In the format of `abi::frame`, with the list of arguments that is at an offset, if they are shown.
fn encode_frame(f: &FrameTable, arguments: Option<u32>) -> Vec<u8> {
    let mut out = vec![f.saved];
    uleb(&mut out, f.words.into());
    if f.outgoing != 0 {
        out[0] |= abi::frame::HAS_OUTGOING;
        uleb(&mut out, f.outgoing.into());
    }
    uleb(&mut out, f.spills.into());
    if !f.slots.is_empty() {
        out[0] |= abi::frame::HAS_SLOTS;
        uleb(&mut out, f.slots.len() as u64);
        for &(at, words) in &f.slots {
            uleb(&mut out, at.into());
            uleb(&mut out, words.into());
        }
        list(&mut out, &f.fault);
    }
    let mut pc = 0;
    for (at, bits) in &f.states {
        uleb(&mut out, (at - pc).into());
        list(&mut out, bits);
        pc = *at;
    }
    out.push(0);
    if let Some(list) = arguments {
        out[0] |= abi::frame::HAS_ARGUMENTS;
        uleb(&mut out, list.into());
        uleb(&mut out, f.arguments.len() as u64);
        for a in &f.arguments {
            let in_part = a.from != 0 || a.to != u32::MAX;
            out.push(a.param | if in_part { abi::frame::IN_PART } else { 0 });
            uleb(&mut out, a.home.number().into());
            if in_part {
                uleb(&mut out, a.from.into());
                uleb(&mut out, if a.to == u32::MAX { 0 } else { (a.to - a.from).into() });
            }
        }
    }
    out
}

/// In the format of `abi::depth`.
fn encode_depths(depths: &[(u32, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut pc = 0;
    for &(at, bytes) in depths {
        uleb(&mut out, u64::from(at - pc) + 1);
        uleb(&mut out, bytes.into());
        pc = at;
    }
    out.push(0);
    out
}

fn list(out: &mut Vec<u8>, items: &[u32]) {
    uleb(out, items.len() as u64);
    let mut last = 0;
    for &n in items {
        uleb(out, (n - last).into());
        last = n;
    }
}

fn uleb(out: &mut Vec<u8>, mut v: u64) {
    loop {
        let byte = (v & 0x7f) as u8;
        v >>= 7;
        if v == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

fn sleb(out: &mut Vec<u8>, mut v: i64) {
    loop {
        let byte = (v & 0x7f) as u8;
        v >>= 7;
        if (v == 0 && byte & 0x40 == 0) || (v == -1 && byte & 0x40 != 0) {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use golift_codegen::ArgumentHome;

    #[test]
    fn frame_round_trip() {
        let table = FrameTable {
            words: 300,
            outgoing: 2,
            slots: vec![(2, 3), (5, 90)],
            spills: 200,
            saved: 0b0101,
            fault: vec![1],
            states: vec![(7, vec![0, 5, 6, 205]), (300, vec![6, 70])],
            arguments: vec![
                ArgumentHome { param: 0, home: golift_codegen::Home::Register(2), from: 0, to: 9 },
                ArgumentHome { param: 0, home: golift_codegen::Home::Spill(150), from: 200, to: u32::MAX },
                ArgumentHome { param: 31, home: golift_codegen::Home::Stack(3), from: 0, to: u32::MAX },
            ],
        };
        let bytes = encode_frame(&table, Some(1000));
        let homes = |pc| {
            let a = abi::frame::Arguments::decode(&bytes, pc).expect("arguments are there");
            assert_eq!((a.parts, a.homes[31]), (1000, Some(abi::frame::Home::Stack(3))));
            a.homes[0]
        };
        assert_eq!(homes(8), Some(abi::frame::Home::Register(2)));
        assert_eq!([homes(9), homes(199)], [None; 2]);
        assert_eq!(homes(200), Some(abi::frame::Home::Frame(98 + 150)));
        assert!(abi::frame::Arguments::decode(&encode_frame(&table, None), 8).is_none());
        let at = |pc| {
            let frame = abi::frame::Frame::decode(&bytes, pc);
            let registers: Vec<bool> = (0..abi::frame::REGS).map(|n| frame.register(n)).collect();
            let (mut slots, mut spills) = (Vec::new(), Vec::new());
            frame.for_each_slot(|at, words, live| slots.push((at, words, live)));
            frame.for_each_spill(|w| spills.push(w));
            assert_eq!((frame.words, frame.outgoing, frame.saved, frame.saves_at()), (300, 2, 5, 298));
            (registers, slots, spills)
        };
        let slots = |a, b| vec![(2, 3, a), (5, 90, b)];
        assert_eq!(at(None), (vec![false; 4], slots(false, true), vec![]));
        assert_eq!(at(Some(6)), (vec![false; 4], slots(false, false), vec![]));
        let first = vec![true, false, false, false];
        assert_eq!(at(Some(7)), (first.clone(), slots(false, true), vec![98, 297]));
        assert_eq!(at(Some(299)), (first.clone(), slots(false, true), vec![98, 297]));
        assert_eq!(at(Some(300)), (first, slots(false, true), vec![162, 297]));
    }

    #[test]
    fn leb_round_trip() {
        for v in [0u64, 1, 127, 128, 300, 1 << 31] {
            let mut b = Vec::new();
            uleb(&mut b, v);
            assert_eq!(abi::pcline::uleb(&b), (v as u32, b.len()));
        }
        for v in [0i64, 1, -1, 63, 64, -64, -65, 1 << 33, -(1 << 33)] {
            let mut b = Vec::new();
            sleb(&mut b, v);
            assert_eq!(abi::pcline::sleb(&b), (v, b.len()));
        }
    }
}
