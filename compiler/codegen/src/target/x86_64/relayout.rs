//! Where instructions stand: short branches, and loops that lie in one line of the cache.
//!
//! **Problem.** Cranelift gives every branch within a function a 32-bit distance, most immediates 32 bits, and knows no alignment but that of constants. So code is
//! larger than need be, and whether a short loop crosses a cache line, which can halve its speed, is decided by chance.
//!
//! **Strategy.** The decoded instructions (`frame_map`) and what lies between them are a list of pieces, which is written anew. All branches
//! begin short, and one that does not reach its target becomes long, until all reach theirs; none becomes short again, so this ends. Before the
//! first instruction of a short innermost loop that would lie in more lines than it needs come no-ops. What nothing refers to
//! (behind shortened epilogues) is left out.
//!
//! **What else refers to code** is moved along: jump tables, addresses relative to the instruction pointer, and, by [`Layout::moved`] and
//! [`Layout::end`], relocations, lines and frame tables. A return address is the end of its call; padding comes after it.
//!
//! **Invariants.** The order of instructions stays. Constants keep their place relative to their alignment. No short branch has a
//! distance that looks like `pop rbp` to what reads the code backwards (`frame_state` in the runtime). If anything is not understood, the code stays as it is.

use super::code_flow::{Flow, Node};
use iced_x86::{Mnemonic, OpKind};

/// A cache line.
const LINE: u32 = 64;
/// Largest loop that is moved to the beginning of a line.
const MAX_LOOP: u32 = 4 * LINE;
/// What the runtime takes for the end of a frame if it stands before a jump.
const POP_RBP: i64 = 0x5d;

/// A function's code as Cranelift made it.
pub struct Old<'a> {
    pub code: &'a [u8],
    /// Of the beginning, for the sake of constants.
    pub align: u32,
    pub nodes: &'a [Node],
    /// Instructions that do nothing.
    pub needless: &'a [u32],
    /// Where the jump table at an address leads to; perhaps more than its entries, if constants follow.
    pub table: &'a dyn Fn(u32) -> Vec<u32>,
    /// Whether the linker fills in something at this place.
    pub is_relocated: &'a dyn Fn(u32) -> bool,
}

/// The new code.
pub struct Layout {
    pub code: Vec<u8>,
    pub align: u32,
    pieces: Vec<Piece>,
}

/// An instruction, or what lies between two of them.
struct Piece {
    at: u32,
    len: u32,
    kind: Kind,
    /// Where it stands now, and the padding before.
    new: u32,
    padding: u32,
}

enum Kind {
    Copied,
    Left,
    /// With its 32-bit immediate as one byte, which another opcode at this place says.
    ByteImmediate {
        opcode: u32,
    },
    /// Jump tables and constants; the latter need their alignment.
    Data {
        aligned: bool,
    },
    /// A branch to the piece `target`; without `condition` it is a jump.
    Branch {
        target: usize,
        condition: Option<u8>,
        is_long: bool,
    },
    /// An instruction with the distance to the old address `target` at `field`.
    Distance {
        target: u32,
        field: u32,
    },
}

impl Piece {
    fn new_len(&self) -> u32 {
        match self.kind {
            Kind::Left => 0,
            Kind::ByteImmediate { .. } => self.len - 3,
            Kind::Branch { is_long: false, .. } => 2,
            Kind::Branch { condition: Some(_), .. } => 6,
            Kind::Branch { condition: None, .. } => 5,
            Kind::Copied | Kind::Data { .. } | Kind::Distance { .. } => self.len,
        }
    }

    fn end(&self) -> u32 {
        self.new + self.new_len()
    }
}

/// Lays a function out; nothing if its code is not understood.
pub fn relayout(old: &Old) -> Option<Layout> {
    if old.nodes.is_empty() {
        return None;
    }
    let data = data(old)?;
    let mut pieces = pieces(old, &data)?;
    let loops = innermost_loops(&pieces);
    place(&mut pieces, &loops, old.align);
    let is_padded = pieces.iter().any(|p| p.padding > 0 && !matches!(p.kind, Kind::Data { .. }));
    let align = if is_padded { old.align.max(LINE) } else { old.align };
    let mut layout = Layout { code: Vec::with_capacity(old.code.len()), align, pieces };
    layout.write(old, &data)?;
    Some(layout)
}

/// What instructions refer to within the function.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Datum {
    at: u32,
    kind: DatumKind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DatumKind {
    /// Its address is taken.
    Address,
    Table,
    Constant,
}

fn data(old: &Old) -> Option<Vec<Datum>> {
    let mut data = Vec::new();
    for (k, n) in old.nodes.iter().enumerate() {
        if let Some(at) = distance(n, old) {
            let is_address = n.inst.mnemonic() == Mnemonic::Lea;
            data.push(Datum { at, kind: if is_address { DatumKind::Address } else { DatumKind::Constant } });
        }
        if let Flow::Table { .. } = n.flow {
            // lea base; movsxd; add; jmp: one instruction for Cranelift.
            let base = distance(&old.nodes[k.checked_sub(3)?], old)?;
            if old.nodes[k - 2].inst.mnemonic() != Mnemonic::Movsxd || base != n.next() {
                return None;
            }
            data.push(Datum { at: base, kind: DatumKind::Table });
        }
    }
    data.sort_unstable();
    data.dedup();
    Some(data)
}

fn pieces(old: &Old, data: &[Datum]) -> Option<Vec<Piece>> {
    let mut out: Vec<Piece> = Vec::with_capacity(old.nodes.len() + 4);
    let mut at = 0;
    let end = old.code.len() as u32;
    for n in old.nodes.iter().map(Some).chain([None]) {
        let next = n.map_or(end, |n| n.at);
        if at < next {
            out.push(between(at, next, data, old)?);
        }
        let Some(n) = n else { break };
        let len = n.next() - n.at;
        let kind = if old.needless.binary_search(&n.at).is_ok() { Kind::Left } else { instruction(n, old)? };
        out.push(Piece { at: n.at, len, kind, new: n.at, padding: 0 });
        at = n.next();
    }
    // Only now it is known which piece each branch leads to.
    for k in 0..out.len() {
        if let Kind::Branch { target, .. } = out[k].kind {
            let to = out.binary_search_by_key(&(target as u32), |p| p.at).ok()?;
            if let Kind::Branch { target, .. } = &mut out[k].kind {
                *target = to;
            }
        }
    }
    Some(out)
}

/// What lies between instructions: data, if something refers to it.
fn between(at: u32, end: u32, data: &[Datum], old: &Old) -> Option<Piece> {
    if (at..end).any(|n| (old.is_relocated)(n)) {
        return None;
    }
    let first = data.partition_point(|d| d.at < at);
    let inside = data[first..].iter().take_while(|d| d.at < end);
    let kind = match inside.map(|d| d.kind).max() {
        Some(kind) => Kind::Data { aligned: kind == DatumKind::Constant },
        None => Kind::Left,
    };
    Some(Piece { at, len: end - at, kind, new: at, padding: 0 })
}

/// The address within the function that an instruction refers to by its distance.
fn distance(n: &Node, old: &Old) -> Option<u32> {
    let is_linked = || (n.at..n.next()).any(|at| (old.is_relocated)(at));
    (n.inst.is_ip_rel_memory_operand() && !is_linked()).then(|| n.inst.ip_rel_memory_address() as u32)
}

fn instruction(n: &Node, old: &Old) -> Option<Kind> {
    let bytes = &old.code[n.at as usize..n.next() as usize];
    if let Flow::Branch { target, .. } = n.flow {
        let condition = match bytes {
            [0xe9, _, _, _, _] | [0xeb, _] => None,
            [0x0f, c @ 0x80..=0x8f, _, _, _, _] | [c @ 0x70..=0x7f, _] => Some(c & 0xf),
            _ => return None,
        };
        return Some(Kind::Branch { target: target as usize, condition, is_long: false });
    }
    let Some(target) = distance(n, old) else {
        return Some(byte_immediate(n, bytes).map_or(Kind::Copied, |opcode| Kind::ByteImmediate { opcode }));
    };
    if target as usize >= old.code.len() {
        return None;
    }
    // The distance is the last of what the operand takes; behind it there may be an immediate.
    let immediate = (0..n.inst.op_count())
        .map(|op| match n.inst.op_kind(op) {
            OpKind::Register | OpKind::Memory => Some(0),
            OpKind::Immediate8 | OpKind::Immediate8to16 | OpKind::Immediate8to32 | OpKind::Immediate8to64 => Some(1),
            OpKind::Immediate32 | OpKind::Immediate32to64 => Some(4),
            _ => None,
        })
        .sum::<Option<u32>>()?;
    let field = (n.next() - n.at).checked_sub(immediate + 4)?;
    let stands = i32::from_le_bytes(bytes[field as usize..][..4].try_into().ok()?);
    (i64::from(n.next()) + i64::from(stands) == i64::from(target)).then_some(Kind::Distance { target, field })
}

/// Where the opcode of an instruction is that has a short form for its immediate.
fn byte_immediate(n: &Node, bytes: &[u8]) -> Option<u32> {
    const ARITHMETIC: u8 = 0x81;
    const IMUL: u8 = 0x69;
    let opcode = usize::from(matches!(bytes[0], 0x40..=0x4f));
    let is_long = matches!(bytes.get(opcode), Some(&ARITHMETIC | &IMUL)) && !n.inst.is_ip_rel_memory_operand();
    let immediate = i32::from_le_bytes(*bytes.last_chunk()?);
    (is_long && i8::try_from(immediate).is_ok()).then_some(opcode as u32)
}

/// Loops without loops in them, as first and last piece: what a backward branch spans.
fn innermost_loops(pieces: &[Piece]) -> Vec<(usize, usize)> {
    let mut loops: Vec<(usize, usize)> = Vec::new();
    for (k, p) in pieces.iter().enumerate() {
        let Kind::Branch { target, .. } = p.kind else { continue };
        if target > k {
            continue;
        }
        // Ends ascend: what begins after this one's beginning lies in it.
        match loops.last_mut() {
            Some(last) if last.0 == target => last.1 = k,
            Some(last) if last.0 > target => {}
            _ => loops.push((target, k)),
        }
    }
    loops.sort_unstable();
    loops
}

/// Decides the lengths of branches, and where everything stands.
fn place(pieces: &mut [Piece], loops: &[(usize, usize)], align: u32) {
    loop {
        let mut at = 0;
        let mut next_loop = loops.iter().peekable();
        for k in 0..pieces.len() {
            let mut padding = 0;
            if let Some(&&(first, last)) = next_loop.peek()
                && first == k
            {
                next_loop.next();
                let size: u32 = pieces[first..=last].iter().map(Piece::new_len).sum();
                padding = loop_padding(at, size);
            }
            let p = &mut pieces[k];
            if let Kind::Data { aligned: true } = p.kind {
                padding = p.at.wrapping_sub(at) % align;
            }
            p.padding = padding;
            p.new = at + padding;
            at = p.end();
        }
        let mut changed = false;
        for k in 0..pieces.len() {
            let Kind::Branch { target, is_long: false, .. } = pieces[k].kind else { continue };
            let distance = i64::from(pieces[target].new) - i64::from(pieces[k].end());
            if i8::try_from(distance).is_err() || distance == POP_RBP {
                if let Kind::Branch { is_long, .. } = &mut pieces[k].kind {
                    *is_long = true;
                }
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

/// What is to be put before a loop of that size at `at`: up to the next line, if the loop lies in fewer lines then.
fn loop_padding(at: u32, size: u32) -> u32 {
    let padding = at.next_multiple_of(LINE) - at;
    let lines = |at: u32| (at + size - 1) / LINE - at / LINE;
    if size <= MAX_LOOP && lines(at + padding) < lines(at) { padding } else { 0 }
}

impl Layout {
    fn piece(&self, old: u32) -> &Piece {
        &self.pieces[self.pieces.partition_point(|p| p.at <= old).saturating_sub(1)]
    }

    /// Where what was at `old` is now.
    pub fn moved(&self, old: u32) -> u32 {
        let p = self.piece(old);
        p.new + (old - p.at).min(p.new_len())
    }

    /// Where the instruction before `old` ends now.
    pub fn end(&self, old: u32) -> u32 {
        old.checked_sub(1).map_or(0, |last| self.piece(last).end())
    }

    fn write(&mut self, old: &Old, data: &[Datum]) -> Option<()> {
        let mut code = std::mem::take(&mut self.code);
        for p in &self.pieces {
            no_ops(&mut code, p.padding);
            let bytes = &old.code[p.at as usize..][..p.len as usize];
            match p.kind {
                Kind::Left => {}
                Kind::Copied | Kind::Data { .. } => code.extend_from_slice(bytes),
                Kind::ByteImmediate { opcode } => {
                    let start = code.len();
                    code.extend_from_slice(&bytes[..bytes.len() - 3]);
                    // The sign-extended forms.
                    code[start + opcode as usize] |= 2;
                }
                Kind::Branch { target, condition, is_long } => {
                    let distance = i64::from(self.pieces[target].new) - i64::from(p.end());
                    match condition {
                        Some(c) if is_long => code.extend([0x0f, 0x80 | c]),
                        Some(c) => code.push(0x70 | c),
                        None => code.push(if is_long { 0xe9 } else { 0xeb }),
                    }
                    if is_long {
                        code.extend(i32::try_from(distance).ok()?.to_le_bytes());
                    } else {
                        code.push(i8::try_from(distance).ok()? as u8);
                    }
                }
                Kind::Distance { target, field } => {
                    let distance = i64::from(self.moved(target)) - i64::from(p.end());
                    let start = code.len() + field as usize;
                    code.extend_from_slice(bytes);
                    code[start..start + 4].copy_from_slice(&i32::try_from(distance).ok()?.to_le_bytes());
                }
            }
        }
        for (k, table) in data.iter().enumerate().filter(|(_, d)| d.kind == DatumKind::Table) {
            let next = data[k + 1..].iter().find(|d| d.at > table.at).map_or(u32::MAX, |d| d.at);
            let room = (next - table.at) as usize / 4;
            let new_base = self.moved(table.at);
            for (n, &target) in (old.table)(table.at).iter().enumerate().take(room) {
                let entry = new_base as usize + 4 * n;
                let distance = i64::from(self.moved(target)) - i64::from(new_base);
                code.get_mut(entry..entry + 4)?.copy_from_slice(&i32::try_from(distance).ok()?.to_le_bytes());
            }
        }
        self.code = code;
        Some(())
    }
}

/// Appends so many bytes that do nothing.
fn no_ops(code: &mut Vec<u8>, mut bytes: u32) {
    const LONGEST: usize = 9;
    const NO_OPS: [&[u8]; LONGEST] = [
        &[0x90],
        &[0x66, 0x90],
        &[0x0f, 0x1f, 0x00],
        &[0x0f, 0x1f, 0x40, 0x00],
        &[0x0f, 0x1f, 0x44, 0x00, 0x00],
        &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
        &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
        &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];
    while bytes > 0 {
        let no_op = NO_OPS[(bytes as usize).min(LONGEST) - 1];
        code.extend_from_slice(no_op);
        bytes -= no_op.len() as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions, FlowControl};

    /// Lays out what begins with `code`, all of which is instructions up to `end`.
    fn laid_out(code: &[u8], end: u32, align: u32, needless: &[u32], table: &[u32]) -> Layout {
        let mut nodes = Vec::new();
        let mut decoder = Decoder::with_ip(64, &code[..end as usize], 0, DecoderOptions::NONE);
        while decoder.can_decode() {
            let at = decoder.ip() as u32;
            let inst = decoder.decode();
            let flow = match inst.flow_control() {
                FlowControl::UnconditionalBranch => {
                    Flow::Branch { target: inst.near_branch_target() as u32, conditional: false }
                }
                FlowControl::ConditionalBranch => {
                    Flow::Branch { target: inst.near_branch_target() as u32, conditional: true }
                }
                FlowControl::IndirectBranch => Flow::Table { block: 0 },
                FlowControl::Return => Flow::Exit,
                _ => Flow::Next,
            };
            // What comes behind an end is told from code by the caller, by a byte that is no instruction here.
            if code[at as usize] != 0xcc {
                nodes.push(Node { at, inst, flow });
            }
        }
        let old = Old { code, align, nodes: &nodes, needless, table: &|_| table.to_vec(), is_relocated: &|_| false };
        relayout(&old).expect("understood")
    }

    fn jump_over(n: usize, opcode: &[u8]) -> Vec<u8> {
        let mut code = opcode.to_vec();
        code.extend((n as u32).to_le_bytes());
        code.extend(vec![0x90; n]);
        code.push(0xc3);
        code
    }

    #[test]
    fn branches_are_short_where_they_reach() {
        for (n, opcode, short) in [(127, &[0xe9][..], true), (128, &[0xe9], false), (127, &[0x0f, 0x84], true)] {
            let code = jump_over(n, opcode);
            let new = laid_out(&code, code.len() as u32, 4, &[], &[]);
            assert_eq!(new.code.len(), if short { 2 + n + 1 } else { code.len() });
            let end = code.len() as u32 - 1;
            assert_eq!(new.code[new.moved(end) as usize], 0xc3);
            assert_eq!(new.moved(end + 1) as usize, new.code.len());
        }
        // The distance must not look like `pop rbp` before a jump.
        let code = jump_over(0x5d, &[0xe9]);
        assert_eq!(laid_out(&code, code.len() as u32, 4, &[], &[]).code, code);
    }

    #[test]
    fn one_long_branch_may_make_others_long() {
        // Each of two branches reaches its target only if the other one is short; a third one is too far.
        let mut code = vec![0x0f, 0x84];
        code.extend((6 + 5 + 119u32).to_le_bytes());
        code.extend([0x0f, 0x85]);
        code.extend((5 + 119 + 130u32).to_le_bytes());
        code.extend([0xe9, 119, 0, 0, 0]);
        code.extend(vec![0x90; 119]);
        code.extend(vec![0x90; 130]);
        code.push(0xc3);
        let new = laid_out(&code, code.len() as u32, 4, &[], &[]);
        assert_eq!(new.code[..2], [0x74, 6 + 2 + 119]);
        assert_eq!(new.code[2..8], [0x0f, 0x85, 251, 0, 0, 0]);
        assert_eq!(new.code[8..10], [0xeb, 119]);
    }

    #[test]
    fn short_loops_begin_with_a_line() {
        // 48 bytes, a loop of 16.
        let mut code = vec![0x90; 48];
        code.extend([0x90; 14]);
        code.extend([0x0f, 0x85]);
        code.extend((-20i32).to_le_bytes());
        code.push(0xc3);
        let new = laid_out(&code, code.len() as u32, 4, &[], &[]);
        // It ends with the line as it is.
        assert_eq!((new.moved(48), new.align), (48, 4));
        code.insert(0, 0x90);
        let new = laid_out(&code, code.len() as u32, 4, &[], &[]);
        assert_eq!((new.moved(49), new.end(49), new.align), (64, 49, LINE));
        assert_eq!(new.code[78..], [0x75, -16i8 as u8, 0xc3]);
    }

    #[test]
    fn what_code_refers_to_moves_along() {
        // jmp over a needless instruction and dead bytes; a constant, which stays aligned; an immediate after the distance.
        let mut code = vec![0xe9, 5, 0, 0, 0, 0x48, 0x89, 0xec, 0xcc, 0xcc];
        code.extend([0x80, 0x3d, 15, 0, 0, 0, 7]); // 10: cmp byte [rip + 15], 7
        code.extend([0x48, 0x8d, 0x05, 0xf0, 0xff, 0xff, 0xff]); // 17: lea rax, [rip - 16] = 8
        code.push(0xc3); // 24
        code.resize(32, 0);
        code.push(42);
        let new = laid_out(&code, 25, 16, &[5], &[]);
        let constant = new.moved(32) as usize;
        assert_eq!((new.code[constant], constant % 16), (42, 0));
        let at = new.moved(10) as usize;
        let distance = i32::from_le_bytes(*new.code[at + 2..].first_chunk().unwrap());
        assert_eq!((at + 7) as i32 + distance, constant as i32);
        assert_eq!(new.moved(5), new.moved(8));
    }

    #[test]
    fn immediates_are_short_where_they_fit() {
        let mut code = vec![0x48, 0x81, 0xc7, 1, 0, 0, 0]; // add rdi, 1
        code.extend([0x81, 0xf9, 0x80, 0xff, 0xff, 0xff]); // cmp ecx, -128
        code.extend([0x48, 0x69, 0xc7, 24, 0, 0, 0]); // imul rax, rdi, 24
        code.extend([0x48, 0x81, 0xe9, 0x80, 0, 0, 0]); // sub rcx, 128
        code.extend([0x66, 0x81, 0xc1, 1, 0]); // add cx, 1
        code.push(0xc3);
        let new = laid_out(&code, code.len() as u32, 4, &[], &[]);
        let mut expected = vec![0x48, 0x83, 0xc7, 1, 0x83, 0xf9, 0x80, 0x48, 0x6b, 0xc7, 24];
        expected.extend(&code[20..]);
        assert_eq!(new.code, expected);
        assert_eq!((new.moved(7), new.moved(13), new.end(20), new.moved(20)), (4, 7, 11, 11));
    }

    #[test]
    fn jump_tables_are_written_anew() {
        let mut code = vec![0xe9, 0, 0, 0, 0]; // becomes shorter
        code.extend([0x48, 0x8d, 0x05, 9, 0, 0, 0]); // 5: lea rax, [rip + 9] = 21
        code.extend([0x48, 0x63, 0x0c, 0xb8]); // movsxd rcx, [rax + rdi*4]
        code.extend([0x48, 0x01, 0xc8]); // add rax, rcx
        code.extend([0xff, 0xe0]); // jmp rax
        let base = code.len() as u32;
        assert_eq!(base, 21);
        code.extend(8u32.to_le_bytes());
        code.extend(9u32.to_le_bytes());
        code.extend([0xc3, 0xc3]);
        let mut nodes = Vec::new();
        for (from, to) in [(0, 21), (29, 31)] {
            let mut decoder = Decoder::with_ip(64, &code[from..to], from as u64, DecoderOptions::NONE);
            while decoder.can_decode() {
                let at = decoder.ip() as u32;
                let inst = decoder.decode();
                let flow = match inst.flow_control() {
                    FlowControl::UnconditionalBranch => Flow::Branch { target: 5, conditional: false },
                    FlowControl::IndirectBranch => Flow::Table { block: 0 },
                    FlowControl::Return => Flow::Exit,
                    _ => Flow::Next,
                };
                nodes.push(Node { at, inst, flow });
            }
        }
        let targets = vec![29, 30];
        let table = |_| targets.clone();
        let old = Old { code: &code, align: 4, nodes: &nodes, needless: &[], table: &table, is_relocated: &|_| false };
        let new = relayout(&old).expect("understood");
        assert_eq!(new.code[18..], [8, 0, 0, 0, 9, 0, 0, 0, 0xc3, 0xc3]);
        // What does not look like a table is not touched.
        let without_add: Vec<Node> = nodes.into_iter().filter(|n| n.inst.mnemonic() != Mnemonic::Add).collect();
        let old =
            Old { code: &code, align: 4, nodes: &without_add, needless: &[], table: &table, is_relocated: &|_| false };
        assert!(relayout(&old).is_none());
    }
}
