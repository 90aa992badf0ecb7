//! Decoding of line programs and table strings; see `Loc` for the format.

/// Reads an unsigned LEB128 number at the start of `bytes`: value and length.
pub fn uleb(bytes: &[u8]) -> (u32, usize) {
    let (mut value, mut shift, mut n) = (0u32, 0, 0);
    loop {
        let b = bytes[n];
        n += 1;
        if shift < 32 {
            value |= ((b & 0x7f) as u32) << shift;
        }
        shift += 7;
        if b & 0x80 == 0 {
            return (value, n);
        }
    }
}

/// Reads a signed LEB128 number at the start of `bytes`: value and length.
pub fn sleb(bytes: &[u8]) -> (i64, usize) {
    let (mut value, mut shift, mut n) = (0i64, 0, 0);
    loop {
        let b = bytes[n];
        n += 1;
        if shift < 64 {
            value |= ((b & 0x7f) as i64) << shift;
        }
        shift += 7;
        if b & 0x80 == 0 {
            if shift < 64 && b & 0x40 != 0 {
                value |= -1i64 << shift;
            }
            return (value, n);
        }
    }
}

/// The position (`POS_*`) that holds at `pc`, relative to the function's entry. For a return address look up
/// the address minus one.
pub fn lookup(program: &[u8], pc: u32) -> u32 {
    let mut rest = program;
    let (mut at, mut pos, mut found) = (0u32, 0i64, 0u32);
    loop {
        let (delta, n) = uleb(rest);
        if delta == 0 {
            return found;
        }
        rest = &rest[n..];
        let (step, n) = sleb(rest);
        rest = &rest[n..];
        at += delta - 1;
        pos += step;
        if at > pc {
            return found;
        }
        found = pos as u32;
    }
}

/// The string at `offset` of the string table.
pub fn string(strtab: &[u8], offset: u32) -> &[u8] {
    let bytes = &strtab[offset as usize..];
    let (len, n) = uleb(bytes);
    &bytes[n..n + len as usize]
}
