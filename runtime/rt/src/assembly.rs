//! Frames of assembly, which need not have frame pointers: the linker's tables say how far the return address is from the stack pointer.

use crate::symtab;
use golift_abi::{FUNC_ASSEMBLY, FuncEntry, depth};

/// The function at `pc`, if it is assembly or the bridge to it.
///
/// # Safety
/// None: any address will do.
unsafe fn function(pc: usize) -> Option<&'static FuncEntry> {
    // SAFETY: the contract above.
    unsafe { symtab::find_func(pc).filter(|f| f.flags & FUNC_ASSEMBLY != 0) }
}

/// Is `pc` in assembly?
///
/// # Safety
/// None: any address will do.
pub unsafe fn contains(pc: usize) -> bool {
    // SAFETY: the contract above.
    unsafe { function(pc).is_some() }
}

/// Where the return address of the frame is whose stack pointer is `sp` at `pc`.
///
/// # Safety
/// `f` contains `pc`.
unsafe fn return_at(f: &FuncEntry, pc: usize, sp: usize) -> Option<usize> {
    // SAFETY: the contract above.
    unsafe {
        let table = (f.frame != 0).then(|| symtab::frames_at(f.frame))?;
        Some(sp + depth::lookup(table, (pc - symtab::entry(f)) as u32)? as usize)
    }
}

/// Links the frames of assembly that was interrupted at `pc`, and will not go on, as those of Go code are linked, up to the Go function that
/// called it: each saved frame pointer leads to that of the caller. The frame pointer of the innermost one; nothing if a frame is not known.
///
/// # Safety
/// `sp` is the stack pointer there; the stack up to `hi` belongs to the goroutine, and there is room for a word below `sp`.
pub unsafe fn link_frames(pc: usize, sp: usize, hi: usize) -> Option<usize> {
    // SAFETY: the contract above. The word below a return address lies in the frame of the function, which does not go on, or below `sp`.
    unsafe {
        let innermost = return_at(function(pc)?, pc, sp)?.checked_sub(8)?;
        let mut link = innermost;
        while link + 16 <= hi {
            let caller = *((link + 8) as *const usize) - 1;
            // The bridge has saved the frame pointer of its caller itself, and that is Go code.
            let Some(f) = function(caller) else { return Some(innermost) };
            let above = return_at(f, caller, link + 16)?.checked_sub(8)?;
            *(link as *mut usize) = above;
            link = above;
        }
        None
    }
}
