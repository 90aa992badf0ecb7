//! How far the return address is from the stack pointer, in functions of assembly, which have no frame pointers of their own.
//!
//! A table is pairs of uleb128(pc delta + 1) and uleb128(bytes), ended by a zero byte: from that pc on, relative to the function's entry, the return
//! address lies so many bytes above the stack pointer. Before the first pair, and where there is none, it is not known.

use crate::pcline::uleb;

/// The distance at `pc`.
pub fn lookup(mut table: &[u8], pc: u32) -> Option<u32> {
    let (mut start, mut found) = (0, None);
    loop {
        let (delta, n) = uleb(table);
        if delta == 0 || start + delta - 1 > pc {
            return found;
        }
        start += delta - 1;
        let (bytes, m) = uleb(&table[n..]);
        found = Some(bytes);
        table = &table[n + m..];
    }
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn ranges() {
        // From 4 on 16, from 304 on 8.
        let table = [5, 16, 0xad, 2, 8, 0];
        assert_eq!(
            [0, 3, 4, 303, 304, 1000].map(|pc| lookup(&table, pc)),
            [None, None, Some(16), Some(16), Some(8), Some(8)]
        );
        assert_eq!(lookup(&[0], 7), None);
    }
}
