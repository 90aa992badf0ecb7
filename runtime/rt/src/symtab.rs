//! From program counters to functions, files and lines: decodes the linker's tables.

use golift_abi::{FUNC_ASSEMBLY, FUNC_WRAPPER, FuncEntry, Loc, ModuleData, POS_INLINED};

#[cfg(not(test))]
unsafe extern "C" {
    #[link_name = "runtime.moduledata"]
    static MODULEDATA: ModuleData;
}
/// The linker's description of the program.
#[cfg(not(test))]
#[inline(always)]
pub fn moduledata() -> *const ModuleData {
    &raw const MODULEDATA
}
/// An empty one.
#[cfg(test)]
pub fn moduledata() -> *const ModuleData {
    // SAFETY: all zero is a valid empty table, and it is only read.
    static EMPTY: crate::global::Global<ModuleData> = unsafe { crate::global::Global::new(core::mem::zeroed()) };
    EMPTY.get()
}

/// Is `pc` in compiled Go code?
#[inline]
pub fn in_go_text(pc: usize) -> bool {
    // SAFETY: the linker's table.
    unsafe {
        let md = moduledata();
        pc as u64 >= (*md).text_start && (pc as u64) < (*md).text_end
    }
}

/// uleb128 at `p`; value and next position.
///
/// # Safety
/// A number is at `p`.
unsafe fn uleb(mut p: *const u8) -> (u64, *const u8) {
    // SAFETY: the contract above.
    unsafe {
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
}
/// # Safety
/// `off` is an offset of the linker's.
pub unsafe fn string(off: u32) -> &'static [u8] {
    // SAFETY: the contract above.
    unsafe {
        let (n, p) = uleb(((*moduledata()).strtab as *const u8).add(off as usize));
        core::slice::from_raw_parts(p, n as usize)
    }
}

/// The function that contains `pc`.
///
/// # Safety
/// None: any address will do.
pub unsafe fn find_func(pc: usize) -> Option<&'static FuncEntry> {
    // SAFETY: the contract above.
    unsafe {
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
}

/// # Safety
/// `f` is of the linker's table.
pub unsafe fn entry(f: &FuncEntry) -> usize {
    // SAFETY: the contract above.
    unsafe { ((*moduledata()).text_start + f.entry as u64) as usize }
}

/// The position (`POS_*`) at `pc` in `f`.
///
/// # Safety
/// `f` is of the linker's table.
pub unsafe fn position(f: &FuncEntry, pc: usize) -> u32 {
    // SAFETY: the contract above.
    unsafe {
        // The program ends itself with a zero byte; the decoder never reads on.
        let p = ((*moduledata()).pcline as *const u8).add(f.pcline as usize);
        let end = (f.size as usize + 1) * 12;
        golift_abi::pcline::lookup(core::slice::from_raw_parts(p, end), (pc - entry(f)) as u32)
    }
}

/// The table of `f`'s frames, up to the end of all tables.
///
/// # Safety
/// `f` is of the linker's table.
pub unsafe fn frame_table(f: &FuncEntry) -> Option<&'static [u8]> {
    // SAFETY: the contract above.
    unsafe { (f.frame != 0 && f.flags & FUNC_ASSEMBLY == 0).then(|| frames_at(f.frame)) }
}

/// The tables of frames from an offset on.
///
/// # Safety
/// `offset` is one of the linker's.
pub unsafe fn frames_at(offset: u32) -> &'static [u8] {
    // SAFETY: the contract above.
    unsafe {
        let md = &*moduledata();
        &core::slice::from_raw_parts(md.frames as *const u8, md.frames_len as usize)[offset as usize..]
    }
}

/// # Safety
/// None: any index will do.
unsafe fn loc(i: u32) -> Option<&'static Loc> {
    // SAFETY: the contract above.
    unsafe {
        let md = &*moduledata();
        (u64::from(i) < md.nlocs).then(|| &*(md.locs as *const Loc).add(i as usize))
    }
}

/// One logical frame, mirrored by package runtime (`rtFrame`).
#[repr(C)]
pub struct Frame {
    /// Display name, and its length.
    pub name: *const u8,
    /// See `name`.
    pub name_len: usize,
    /// File name, and its length.
    pub file: *const u8,
    /// See `file`.
    pub file_len: usize,
    /// Line of the position; 0: unknown.
    pub line: usize,
    /// Line of the function's declaration.
    pub start_line: usize,
    /// Entry of the physical function.
    pub entry: usize,
    /// `golift_abi::FUNC_` flags.
    pub flags: usize,
    /// Outermost logical frame of its physical one.
    pub physical: usize,
}
check_layout!(Frame, golift_abi::layout::FRAME, {
    name: "name",
    file: "file",
    line: "line",
    start_line: "startLine",
    entry: "entry",
    flags: "flags",
    physical: "physical",
});
check_layout!(ModuleData, golift_abi::layout::MODULE_DATA, {
    text_start: "textStart",
    functab: "functab",
    itabs: "itabs",
    modinfo: "modinfo",
});

/// What a func value's thunk calls: the function of the same name. Any other function itself.
///
/// # Safety
/// `f` is of the linker's table.
unsafe fn behind_thunk(f: &'static FuncEntry) -> &'static FuncEntry {
    // SAFETY: the contract above: its code can be read.
    unsafe {
        if f.flags & FUNC_WRAPPER == 0 {
            return f;
        }
        let name = string(f.name);
        let start = entry(f);
        let ends = (start + 5).min(start + f.size as usize)..=start + f.size as usize;
        let targets = ends.filter_map(|end| crate::arch::called_or_jumped_before(end));
        let mut functions = targets.filter_map(|target| find_func(target).filter(|g| entry(g) == target));
        functions.find(|g| !core::ptr::eq(*g, f) && string(g.name) == name).unwrap_or(f)
    }
}

/// Calls `f` for each logical frame at `pc` (an address *within* the instruction), innermost
/// first.
///
/// # Safety
/// None: any address will do.
pub unsafe fn expand(pc: usize, mut f: impl FnMut(&Frame) -> bool) {
    // SAFETY: the contract above.
    unsafe {
        let Some(fe) = find_func(pc) else { return };
        let mut pos = position(fe, pc);
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
                flags: match physical {
                    true => fe.flags as usize,
                    // All that the compiler makes are wrappers but for functions of types.
                    false if fl == b"<autogenerated>" && !n.starts_with(b"type:.") => FUNC_WRAPPER as usize,
                    false => 0,
                },
                physical: physical as usize,
            }
        };
        while pos & POS_INLINED != 0
            && let Some(l) = loc(pos >> 2)
        {
            let physical = l.parent == 0;
            if !f(&mk(l.func, l.file, l.line as usize, l.start_line as usize, physical)) || physical {
                return;
            }
            pos = l.parent;
        }
        let line = if pos >> 2 == 0 { fe.start_line } else { pos >> 2 };
        f(&mk(fe.name, fe.file, line as usize, fe.start_line as usize, true));
    }
}

/// Leaf: fills `out` with the `n`-th logical frame at `pc`; 0 if there is none.
///
/// # Safety
/// `out` is writable.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_frame(pc: usize, n: usize, out: *mut Frame) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        let (mut i, mut found) = (0, 0);
        expand(pc, |f| {
            if i == n {
                core::ptr::copy_nonoverlapping(f, out, 1);
                if f.physical != 0
                    && let Some(fe) = find_func(pc)
                {
                    (*out).entry = entry(behind_thunk(fe));
                }
                found = 1;
                return false;
            }
            i += 1;
            true
        });
        found
    }
}

/// Leaf: entry of the function that contains `pc`, or 0.
///
/// # Safety
/// None: any address will do.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_func_entry(pc: usize) -> usize {
    // SAFETY: the contract above.
    unsafe { find_func(pc).map_or(0, |f| entry(f)) }
}

/// Leaf: fills `out` with the physical function that contains `pc` itself (not a call site).
///
/// # Safety
/// `out` is writable.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_func_info(pc: usize, out: *mut Frame) -> u8 {
    // SAFETY: the contract above.
    unsafe {
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
        // At 0: 5; at 10: 3; at 200: 0.
        let prog = [1, 5, 11, 0x7e, 0xbf, 0x01, 0x7d, 0];
        for (pc, want) in [(0, 5), (9, 5), (10, 3), (199, 3), (200, 0)] {
            assert_eq!(golift_abi::pcline::lookup(&prog, pc), want);
        }
        // SAFETY: a well-formed number.
        unsafe { assert_eq!(uleb([0xe5, 0x8e, 0x26].as_ptr()).0, 624485) };
    }
}
