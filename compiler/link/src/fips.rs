//! The sum over Go's cryptographic module that the program checks when FIPS mode is on (`crypto/internal/fips140/check`).
//!
//! Functions and data of the module lie together, so that four pieces of the image hold all of it: code, read-only data, data without and with
//! pointers. When the image is complete, their bounds and an HMAC of them are written into the variable `Linkinfo` (gc: `go:fipsinfo`).
//! What is inlined from the module into other packages is not covered, nor are variables that are zero at first.

use crate::addresses::{Layout, Range};
use crate::fips_module::{LINK_INFO, is_module_code, is_module_data};
use crate::reach::Live;
use crate::symbols::{Atom, Input};
use golift_ir::Section;
use sha2::{Digest, Sha256};

// `LINK_INFO` holds magic, sum, own address, bounds of four pieces.
const MAGIC: &[u8; 16] = b"\xff Go fipsinfo \xff\x00";
const SUM_AT: usize = MAGIC.len();
const SELF_AT: usize = SUM_AT + 32;
const BOUNDS_AT: usize = SELF_AT + 8;

/// Writes the bounds and the sum into an image that is complete otherwise.
pub fn seal(input: &Input, live: &Live, l: &Layout, image: &mut [u8]) {
    let datas = &input.program.datas;
    let Some(&info) = live.datas.iter().find(|&&d| datas[d].name == LINK_INFO && datas[d].section == Section::Data)
    else {
        return;
    };
    let of_data = |section: Section, pointers: bool| {
        let of_piece = live.datas.iter().filter(|&&d| {
            let data = &datas[d];
            data.section == section && data.ptr_mask.is_empty() != pointers && is_module_data(data)
        });
        bounds(of_piece.map(|&d| (l.addr[&Atom::Data(d)], datas[d].size)))
    };
    let code = live.funcs.iter().filter(|&&f| is_module_code(&input.program.funcs[f]));
    let code = code.map(|&f| {
        let size = input.compiled.funcs[f].as_ref().map_or(0, |code| code.code.len());
        (l.addr[&Atom::Func(f)], size as u64)
    });
    let pieces =
        [bounds(code), of_data(Section::Rodata, false), of_data(Section::Data, false), of_data(Section::Data, true)];
    let mut mac = Mac::new();
    mac.add(b"go fips object v1\n");
    for piece in pieces {
        let bytes =
            if piece.size() == 0 { &[][..] } else { &image[l.file_offset(piece.start)..l.file_offset(piece.end)] };
        mac.add(&piece.size().to_be_bytes());
        mac.add(bytes);
    }
    let sum = mac.finish();
    let addr = l.addr[&Atom::Data(info)];
    let at = l.file_offset(addr);
    let info = &mut image[at..];
    info[..SUM_AT].copy_from_slice(MAGIC);
    info[SUM_AT..SELF_AT].copy_from_slice(&sum);
    info[SELF_AT..BOUNDS_AT].copy_from_slice(&addr.to_le_bytes());
    for (n, piece) in pieces.iter().enumerate() {
        let at = BOUNDS_AT + 16 * n;
        info[at..at + 8].copy_from_slice(&piece.start.to_le_bytes());
        info[at + 8..at + 16].copy_from_slice(&piece.end.to_le_bytes());
    }
}

/// From the first to the last of objects, with what lies between them.
fn bounds(objects: impl Iterator<Item = (u64, u64)>) -> Range {
    let all = objects.map(|(start, size)| Range { start, end: start + size });
    all.reduce(|a, b| Range { start: a.start.min(b.start), end: a.end.max(b.end) }).unwrap_or_default()
}

/// HMAC-SHA-256 with a key of zeros.
struct Mac(Sha256);

impl Mac {
    /// Bytes that SHA-256 works on at once.
    const BLOCK: usize = 64;

    fn new() -> Mac {
        Mac(Sha256::new().chain_update([0x36; Mac::BLOCK]))
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self) -> [u8; 32] {
        Sha256::new().chain_update([0x5c; Mac::BLOCK]).chain_update(self.0.finalize()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_hmac() {
        // Python: hmac.new(bytes(32), b"abc", hashlib.sha256)
        let mut mac = Mac::new();
        mac.add(b"abc");
        let hex: String = mac.finish().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "fd7adb152c05ef80dccf50a1fa4c05d5a3ec6da95575fc312ae7c5d091836351");
    }

    #[test]
    fn bounds_cover_all() {
        assert_eq!(bounds([(8, 4), (2, 3)].into_iter()), Range { start: 2, end: 12 });
        assert_eq!(bounds([].into_iter()), Range::default());
    }
}
