//! x86-64.

mod arguments;
mod assembly;
mod code_flow;
mod frame_map;
mod relayout;

pub use assembly::{changed_registers, direct, enter, leave, trap};
pub use code_flow::ARGUMENT_REGISTERS;

use super::contract::{Checked, StackCheck};
use crate::names::MARKER_PAUSE;
use crate::raw_code::RawCode;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::Function;
use golift_abi as abi;
use rustc_hash::FxHashSet;

/// Taken for granted: x86-64-v2.
pub const FEATURES: &[&str] = &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_cmpxchg16b"];

/// See `target`.
pub fn stack_check(checked: Checked) -> StackCheck {
    let guard = displacement(abi::g::STACKGUARD);
    let mut entry = Vec::with_capacity(18);
    if checked.need <= abi::STACK_CHECKED {
        entry.extend([0x49, 0x3b, 0x67, guard]); // cmp rsp, [r15 + guard]
    } else {
        let need = i32::try_from(checked.need).expect("frames are below 2 GB");
        entry.extend([0x4c, 0x8d, 0x94, 0x24]); // lea r10, [rsp - need]
        entry.extend((-need).to_le_bytes());
        entry.extend([0x4d, 0x3b, 0x57, guard]); // cmp r10, [r15 + guard]
    }
    // jbe more
    match i8::try_from(checked.body) {
        Ok(near) => entry.extend([0x76, near as u8]),
        Err(_) => {
            entry.extend([0x0f, 0x86]);
            entry.extend(checked.body.to_le_bytes());
        }
    }

    let mut more = Vec::with_capacity(19);
    let jump = [0x41, 0xff, 0x67, displacement(abi::g::MORESTACK)]; // jmp [r15 + morestack]
    more.extend([0x4c, 0x8d, 0x15]); // lea r10, [rip + after the jump]
    more.extend((jump.len() as u32).to_le_bytes());
    more.extend(jump);
    let back = entry.len() + checked.body as usize + more.len();
    more.extend(abi::morestack::pack(back as u64, checked.need, checked.args).to_le_bytes());
    StackCheck { entry, more }
}

/// Offset of a field of `G` as an 8-bit displacement.
const fn displacement(offset: i32) -> u8 {
    assert!(offset >= 0 && offset < 128);
    offset as u8
}

/// Overwrites the call whose relocation is at `offset`.
pub fn fill_marker(code: &mut [u8], offset: usize, marker: u32) {
    assert_eq!(code[offset - 1], 0xe8, "marker is a near call");
    let bytes: &[u8; 5] = match marker {
        MARKER_PAUSE => &[0xf3, 0x90, 0x0f, 0x1f, 0x00],
        _ => &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    };
    code[offset - 1..offset + 4].copy_from_slice(bytes);
}

/// Finds out what frames hold, and lays the code out anew.
///
/// The `mov rsp, rbp` before `pop rbp` that has nothing to do goes: the processor has to follow the stack pointer through it, which in
/// functions that do little costs half of their time.
pub fn finish(func: &Function, compiled: &CompiledCode, raw: &mut RawCode) {
    let found = frame_map::analyse(func, compiled);
    raw.frame = found.frame;
    let relocs: FxHashSet<u32> = raw.relocs.iter().map(|r| r.offset).collect();
    let old = relayout::Old {
        code: &raw.code,
        align: raw.align,
        nodes: &found.nodes,
        needless: &found.needless_moves,
        table: &|base| frame_map::table_targets(compiled, base),
        is_relocated: &|at| relocs.contains(&at),
    };
    let Some(layout) = relayout::relayout(&old) else { return };
    raw.relocs.iter_mut().for_each(|r| r.offset = layout.moved(r.offset));
    for line in &mut raw.lines {
        line.0 = layout.moved(line.0);
    }
    // Of those that begin at the same place now, the last one holds.
    raw.lines.reverse();
    raw.lines.dedup_by_key(|l| l.0);
    raw.lines.reverse();
    raw.lines.dedup_by_key(|l| l.1);
    if let Some(frame) = &mut raw.frame {
        frame.states.iter_mut().for_each(|s| s.0 = layout.end(s.0));
        for a in &mut frame.arguments {
            a.from = layout.moved(a.from);
            a.to = if a.to == u32::MAX { a.to } else { layout.moved(a.to) };
        }
    }
    raw.align = layout.align;
    raw.code = layout.code;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_lead_to_their_info() {
        for (need, args) in [(64, 0), (256, 16), (257, 16), (1 << 20, 9600), (abi::morestack::MAX_NEED, 0)] {
            let check = stack_check(Checked { body: 1000, need, args });
            let target = u32::from_le_bytes(*check.entry.last_chunk().unwrap());
            assert_eq!(target, 1000);
            let info = u64::from_le_bytes(*check.more.last_chunk().unwrap());
            let unpacked = abi::morestack::unpack(info);
            assert_eq!(unpacked.back as usize, check.entry.len() + 1000 + check.more.len() - 8);
            assert_eq!((unpacked.need, unpacked.args), (need.next_multiple_of(64), args));
        }
    }
}
