//! Relocations of the runtime object and of compiled code.

use crate::reach::Live;
use crate::runtime_object::Reloc;
use crate::symbols::{Input, Place};
use golift_codegen::{CodeRelocKind, Target};
use object::elf;
use rustc_hash::FxHashSet;

/// Why a relocation cannot be applied.
pub type Error = String;

fn put32(bytes: &mut [u8], at: usize, v: u32) {
    bytes[at..at + 4].copy_from_slice(&v.to_le_bytes());
}

fn put64(bytes: &mut [u8], at: usize, v: u64) {
    bytes[at..at + 8].copy_from_slice(&v.to_le_bytes());
}

fn signed32(v: i64) -> Result<u32, Error> {
    i32::try_from(v).map(|v| v as u32).map_err(|_| format!("{v:#x} does not fit in 32 bits"))
}

fn unsigned32(v: u64) -> Result<u32, Error> {
    u32::try_from(v).map_err(|_| format!("{v:#x} does not fit in 32 bits"))
}

fn patch_insn(bytes: &mut [u8], at: usize, mask: u32, value: u32) {
    let old = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    put32(bytes, at, old & !mask | value & mask);
}

/// arm64 `adrp`: 21 bits of the page distance.
fn arm64_adrp(bytes: &mut [u8], at: usize, target: u64, place: u64) -> Result<(), Error> {
    let pages = (target & !0xfff).wrapping_sub(place & !0xfff) as i64 >> 12;
    if !(-(1 << 20)..1 << 20).contains(&pages) {
        return Err("adrp out of range".into());
    }
    let v = pages as u32;
    patch_insn(bytes, at, 0x60ff_ffe0, (v & 3) << 29 | (v >> 2 & 0x7_ffff) << 5);
    Ok(())
}

fn arm64_branch(bytes: &mut [u8], at: usize, delta: i64) -> Result<(), Error> {
    if !(-(1 << 27)..1 << 27).contains(&delta) {
        return Err("branch out of range".into());
    }
    patch_insn(bytes, at, 0x03ff_ffff, (delta >> 2) as u32);
    Ok(())
}

/// The 12-bit offset of an arm64 load/store of `1 << scale` bytes, or of `add` (scale 0).
fn arm64_lo12(bytes: &mut [u8], at: usize, target: u64, scale: u32) {
    patch_insn(bytes, at, 0x003f_fc00, ((target & 0xfff) as u32 >> scale) << 10);
}

/// Applies a relocation of compiled code: `target` is S + A.
pub fn apply_code(kind: CodeRelocKind, bytes: &mut [u8], at: usize, place: u64, target: u64) -> Result<(), Error> {
    match kind {
        CodeRelocKind::Abs64 => put64(bytes, at, target),
        CodeRelocKind::Abs32 => put32(bytes, at, unsigned32(target)?),
        CodeRelocKind::X86Pc32 => put32(bytes, at, signed32(target.wrapping_sub(place) as i64)?),
        CodeRelocKind::Arm64Call26 => arm64_branch(bytes, at, target.wrapping_sub(place) as i64)?,
        CodeRelocKind::Arm64AdrPage21 => arm64_adrp(bytes, at, target, place)?,
        CodeRelocKind::Arm64AddLo12 => arm64_lo12(bytes, at, target, 0),
    }
    Ok(())
}

/// True if an x86-64 instruction that uses a GOT entry can do without: a load becomes `lea`, an indirect
/// call or jump a direct one. Other instructions (compare with the entry) keep it.
fn x86_relaxable(data: &[u8], r: &Reloc) -> bool {
    let at = r.offset as usize;
    if r.addend != -4 || at < 2 {
        return false;
    }
    let rip_relative = data[at - 1] & 0xc7 == 0x05;
    (data[at - 2] == 0x8b && rip_relative) || (data[at - 2] == 0xff && matches!(data[at - 1], 0x15 | 0x25))
}

fn needs_got(target: Target, data: &[u8], r: &Reloc) -> bool {
    match target {
        Target::X86_64 => {
            matches!(r.r_type, elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX)
                && !x86_relaxable(data, r)
        }
        Target::Arm64 => matches!(r.r_type, elf::R_AARCH64_ADR_GOT_PAGE | elf::R_AARCH64_LD64_GOT_LO12_NC),
    }
}

/// Places that need an entry in the global offset table.
pub fn got_entries(input: &Input, live: &Live) -> Vec<Place> {
    let mut seen = FxHashSet::default();
    let mut out = Vec::new();
    for &s in &live.sections {
        let section = &input.runtime.sections[s as usize];
        for r in section.relocs.iter().filter(|r| needs_got(input.compiled.target, section.data, r)) {
            let place = live.resolver.runtime_symbol(r.symbol).expect("checked by reach");
            if seen.insert(place) {
                out.push(place);
            }
        }
    }
    out
}

/// Applies a relocation of the runtime object. `bytes` is the whole image, `at` the offset there,
/// `base` the offset of the section, `s` the symbol's address and `got` that of its GOT entry.
pub fn apply_runtime(
    target: Target,
    r: &Reloc,
    bytes: &mut [u8],
    base: usize,
    place: u64,
    s: u64,
    got: Option<u64>,
) -> Result<(), Error> {
    let at = base + r.offset as usize;
    let sa = s.wrapping_add(r.addend as u64);
    let pcrel = |v: u64| signed32(v.wrapping_add(r.addend as u64).wrapping_sub(place) as i64);
    match target {
        Target::X86_64 => match r.r_type {
            elf::R_X86_64_NONE => {}
            elf::R_X86_64_64 => put64(bytes, at, sa),
            elf::R_X86_64_32 => put32(bytes, at, unsigned32(sa)?),
            elf::R_X86_64_32S => put32(bytes, at, signed32(sa as i64)?),
            elf::R_X86_64_PC32 | elf::R_X86_64_PLT32 => put32(bytes, at, pcrel(s)?),
            elf::R_X86_64_PC64 => put64(bytes, at, sa.wrapping_sub(place)),
            elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX => {
                if let Some(got) = got {
                    put32(bytes, at, pcrel(got)?);
                    return Ok(());
                }
                match (bytes[at - 2], bytes[at - 1]) {
                    // mov → lea
                    (0x8b, _) => bytes[at - 2] = 0x8d,
                    // call *[rip] → addr32 call
                    (0xff, 0x15) => {
                        bytes[at - 2] = 0x67;
                        bytes[at - 1] = 0xe8;
                    }
                    // jmp *[rip] → jmp; nop
                    _ => {
                        bytes[at - 2] = 0xe9;
                        put32(bytes, at - 1, pcrel(s)?.wrapping_add(1));
                        bytes[at + 3] = 0x90;
                        return Ok(());
                    }
                }
                put32(bytes, at, pcrel(s)?);
            }
            other => return Err(format!("unsupported relocation type {}", other.0)),
        },
        Target::Arm64 => match r.r_type {
            elf::R_AARCH64_NONE => {}
            elf::R_AARCH64_ABS64 => put64(bytes, at, sa),
            elf::R_AARCH64_ABS32 => put32(bytes, at, unsigned32(sa)?),
            elf::R_AARCH64_PREL32 => put32(bytes, at, signed32(sa.wrapping_sub(place) as i64)?),
            elf::R_AARCH64_PREL64 => put64(bytes, at, sa.wrapping_sub(place)),
            elf::R_AARCH64_CALL26 | elf::R_AARCH64_JUMP26 => arm64_branch(bytes, at, sa.wrapping_sub(place) as i64)?,
            elf::R_AARCH64_ADR_PREL_PG_HI21 | elf::R_AARCH64_ADR_PREL_PG_HI21_NC => arm64_adrp(bytes, at, sa, place)?,
            elf::R_AARCH64_ADD_ABS_LO12_NC | elf::R_AARCH64_LDST8_ABS_LO12_NC => arm64_lo12(bytes, at, sa, 0),
            elf::R_AARCH64_LDST16_ABS_LO12_NC => arm64_lo12(bytes, at, sa, 1),
            elf::R_AARCH64_LDST32_ABS_LO12_NC => arm64_lo12(bytes, at, sa, 2),
            elf::R_AARCH64_LDST64_ABS_LO12_NC => arm64_lo12(bytes, at, sa, 3),
            elf::R_AARCH64_LDST128_ABS_LO12_NC => arm64_lo12(bytes, at, sa, 4),
            elf::R_AARCH64_ADR_GOT_PAGE => arm64_adrp(bytes, at, got.ok_or("no GOT entry")?, place)?,
            elf::R_AARCH64_LD64_GOT_LO12_NC => arm64_lo12(bytes, at, got.ok_or("no GOT entry")?, 3),
            other => return Err(format!("unsupported relocation type {}", other.0)),
        },
    }
    Ok(())
}

/// The GOT entry's index for a relocation, if it uses one.
pub fn got_index(target: Target, data: &[u8], r: &Reloc, place: Place, got: &[Place]) -> Option<usize> {
    needs_got(target, data, r).then(|| got.iter().position(|&p| p == place).expect("collected before"))
}
