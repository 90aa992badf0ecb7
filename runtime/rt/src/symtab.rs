//! From program counters to functions, files and lines: decodes the linker's tables.

use golift_abi::{FuncEntry, Loc, ModuleData};

#[cfg(not(test))]
unsafe extern "C" {
    #[link_name = "runtime.moduledata"]
    static MODULEDATA: ModuleData;
}
#[cfg(not(test))]
#[inline(always)]
pub fn moduledata() -> *const ModuleData {
    &raw const MODULEDATA
}
#[cfg(test)]
pub fn moduledata() -> *const ModuleData {
    // SAFETY: all zero is a valid empty table.
    static EMPTY: crate::global::Global<ModuleData> = crate::global::Global::new(unsafe { core::mem::zeroed() });
    EMPTY.get()
}

#[inline]
pub fn in_go_text(pc: usize) -> bool {
    // SAFETY: the linker's table.
    unsafe {
        let md = moduledata();
        pc as u64 >= (*md).text_start && (pc as u64) < (*md).text_end
    }
}

/// uleb128 at `p`; value and next position.
unsafe fn uleb(mut p: *const u8) -> (u64, *const u8) {
    let (mut v, mut sh) = (0u64, 0);
    loop {
        let b = *p;
        p = p.add(1);
        v |= ((b & 0x7f) as u64) << sh;
        sh += 7;
        if b & 0x80 == 0 {
            return (v, p);
        }
    }
}
unsafe fn sleb(mut p: *const u8) -> (i64, *const u8) {
    let (mut v, mut sh) = (0i64, 0);
    loop {
        let b = *p;
        p = p.add(1);
        v |= ((b & 0x7f) as i64) << sh;
        sh += 7;
        if b & 0x80 == 0 {
            if sh < 64 && b & 0x40 != 0 {
                v |= -1 << sh;
            }
            return (v, p);
        }
    }
}

pub unsafe fn string(off: u32) -> &'static [u8] {
    let (n, p) = uleb(((*moduledata()).strtab as *const u8).add(off as usize));
    core::slice::from_raw_parts(p, n as usize)
}

/// The function that contains `pc`.
pub unsafe fn find_func(pc: usize) -> Option<&'static FuncEntry> {
    if !in_go_text(pc) {
        return None;
    }
    let md = &*moduledata();
    let off = (pc as u64 - md.text_start) as u32;
    let tab = core::slice::from_raw_parts(md.functab as *const FuncEntry, md.nfunctab as usize);
    let i = tab.partition_point(|f| f.entry <= off);
    let f = tab.get(i.checked_sub(1)?)?;
    (off - f.entry < f.size).then_some(f)
}

pub unsafe fn entry(f: &FuncEntry) -> usize {
    ((*moduledata()).text_start + f.entry as u64) as usize
}

/// Index into the locations for the instruction at offset `off` of the line program at `p`.
unsafe fn decode(mut p: *const u8, off: u32) -> u32 {
    let (mut pc, mut loc, mut cur) = (0u64, 0i64, 0i64);
    loop {
        let (d, q) = uleb(p);
        if d == 0 {
            return cur as u32;
        }
        let (l, q) = sleb(q);
        p = q;
        pc += d - 1;
        if pc > off as u64 {
            return cur as u32;
        }
        loc += l;
        cur = loc;
    }
}

/// Location index of `pc` in `f`; 0 = unknown or unsafe to interrupt.
pub unsafe fn loc_index(f: &FuncEntry, pc: usize) -> u32 {
    decode(((*moduledata()).pcline as *const u8).add(f.pcline as usize), (pc - entry(f)) as u32)
}

pub unsafe fn loc(i: u32) -> Option<&'static Loc> {
    let md = &*moduledata();
    if i == 0 || i as u64 >= md.nlocs {
        return None;
    }
    Some(&*(md.locs as *const Loc).add(i as usize))
}

/// One logical frame, mirrored by package runtime (`rtFrame`).
#[repr(C)]
pub struct Frame {
    pub name: *const u8,
    pub name_len: usize,
    pub file: *const u8,
    pub file_len: usize,
    pub line: usize,
    pub start_line: usize,
    /// Entry of the physical function.
    pub entry: usize,
    pub flags: usize,
    /// Outermost logical frame of its physical one.
    pub physical: usize,
}

/// Calls `f` for each logical frame at `pc` (an address *within* the instruction), innermost
/// first.
pub unsafe fn expand(pc: usize, mut f: impl FnMut(&Frame) -> bool) {
    let Some(fe) = find_func(pc) else { return };
    let mut i = loc_index(fe, pc);
    let mk = |name: u32, file: u32, line, start, physical: bool| {
        let (n, fl) = (string(name), string(file));
        Frame {
            name: n.as_ptr(),
            name_len: n.len(),
            file: fl.as_ptr(),
            file_len: fl.len(),
            line,
            start_line: start,
            entry: entry(fe),
            flags: if physical { fe.flags as usize } else { 0 },
            physical: physical as usize,
        }
    };
    if loc(i).is_none() {
        f(&mk(fe.name, fe.file, fe.start_line as usize, fe.start_line as usize, true));
        return;
    }
    while let Some(l) = loc(i) {
        let last = l.parent == 0;
        if !f(&mk(l.func, l.file, l.line as usize, l.start_line as usize, last)) {
            return;
        }
        i = l.parent;
    }
}

/// Leaf: fills `out` with the `n`-th logical frame at `pc`; 0 if there is none.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_frame(pc: usize, n: usize, out: *mut Frame) -> u8 {
    let (mut i, mut found) = (0, 0);
    expand(pc, |f| {
        if i == n {
            core::ptr::copy_nonoverlapping(f, out, 1);
            found = 1;
            return false;
        }
        i += 1;
        true
    });
    found
}

/// Leaf: entry of the function that contains `pc`, or 0.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_func_entry(pc: usize) -> usize {
    find_func(pc).map_or(0, |f| entry(f))
}

/// Leaf: fills `out` with the physical function that contains `pc` itself (not a call site).
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_func_info(pc: usize, out: *mut Frame) -> u8 {
    let Some(fe) = find_func(pc) else { return 0 };
    let (n, fl) = (string(fe.name), string(fe.file));
    out.write(Frame {
        name: n.as_ptr(),
        name_len: n.len(),
        file: fl.as_ptr(),
        file_len: fl.len(),
        line: fe.start_line as usize,
        start_line: fe.start_line as usize,
        entry: entry(fe),
        flags: fe.flags as usize,
        physical: 1,
    });
    1
}

/// Leaf: the module data, for package runtime.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_moduledata() -> usize {
    moduledata() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn line_program() {
        // At 0: loc 5; at 10: loc 3; at 200: loc 0.
        let prog = [1, 5, 11, 0x7e, 0xbf, 0x01, 0x7d, 0];
        // SAFETY: a well-formed program.
        unsafe {
            assert_eq!(decode(prog.as_ptr(), 0), 5);
            assert_eq!(decode(prog.as_ptr(), 9), 5);
            assert_eq!(decode(prog.as_ptr(), 10), 3);
            assert_eq!(decode(prog.as_ptr(), 199), 3);
            assert_eq!(decode(prog.as_ptr(), 200), 0);
        }
    }
    #[test]
    fn leb() {
        // SAFETY: well-formed numbers.
        unsafe {
            assert_eq!(uleb([0xe5, 0x8e, 0x26].as_ptr()).0, 624485);
            assert_eq!(sleb([0xc0, 0xbb, 0x78].as_ptr()).0, -123456);
        }
    }
}
