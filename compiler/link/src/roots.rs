//! The collector's root table: which words of the writable segment hold Go pointers.
//!
//! Addresses of writable objects depend on the size of this table, which lies before them; only their distances
//! do not. So the table is built from distances, and the base address is added when it is written.
//! Adjacent objects share an entry; a long stretch without pointers ends it.

use crate::reach::Live;
use crate::symbols::Input;
use crate::writable::writable;
use golift_abi as abi;
use golift_ir::DataId;

/// A stretch of this many words without pointers costs more mask bytes than a new entry.
const MAX_GAP: u64 = 192;

pub struct Area {
    /// First word's object and word index: its address is known later.
    pub object: DataId,
    pub word: u64,
    pub words: u64,
    pub mask: Vec<u8>,
}

#[derive(Default)]
pub struct Roots {
    pub areas: Vec<Area>,
}

impl Roots {
    pub fn bytes(&self) -> u64 {
        let masks: usize = self.areas.iter().map(|a| a.mask.len()).sum();
        (self.areas.len() * size_of::<abi::GcRoot>() + masks) as u64
    }
}

pub fn build(input: &Input, live: &Live) -> Roots {
    let mut roots = Roots::default();
    // Distance from the first object, as `layout::assign` will place them: both sides start 64-aligned.
    let mut at = 0u64;
    let mut last: Option<u64> = None;
    let mut start = 0u64;
    let mut bss = false;
    for id in writable(input, live) {
        let d = &input.program.datas[id];
        if d.section == golift_ir::Section::Bss && !bss {
            at = at.next_multiple_of(64);
            bss = true;
        }
        at = at.next_multiple_of(d.align.clamp(1, 64) as u64);
        for (byte, &bits) in d.ptr_mask.iter().enumerate() {
            for bit in 0..8 {
                let word = byte as u64 * 8 + bit;
                if bits >> bit & 1 == 0 || word * 8 >= d.size {
                    continue;
                }
                let here = at / 8 + word;
                if last.is_none_or(|l| here - l > MAX_GAP) {
                    start = here;
                    roots.areas.push(Area { object: id, word, words: 0, mask: Vec::new() });
                }
                let area = roots.areas.last_mut().expect("pushed above");
                let i = here - start;
                area.mask.resize(i as usize / 8 + 1, 0);
                area.mask[i as usize / 8] |= 1 << (i % 8);
                area.words = i + 1;
                last = Some(here);
            }
        }
        at += d.size;
    }
    roots
}
