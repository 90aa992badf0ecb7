//! The module data: which field has which table, for both ways to link.

use crate::options::LinkOptions;
use crate::tables::Tables;
use golift_abi::{FuncEntry, Loc, ModuleData};

/// Where the parts of an executable lie: addresses, or what will become one.
pub struct Parts<T> {
    pub text: [T; 2],
    pub functab: T,
    pub pcline: T,
    pub locs: T,
    pub strtab: T,
    pub frames: T,
    pub roots: T,
    pub types: [T; 2],
    pub typelinks: T,
    pub itabs: T,
    pub data: [T; 2],
    pub modinfo: T,
}

/// The fields of the module data in order; `number` makes one of a number.
pub fn module_data<T>(t: &Tables, opts: &LinkOptions, parts: Parts<T>, number: impl Fn(u64) -> T) -> Vec<T> {
    let count = |n: usize| number(n as u64);
    let ([text_start, text_end], [types, etypes], [data_start, data_end]) = (parts.text, parts.types, parts.data);
    let module_data = ModuleData {
        text_start,
        text_end,
        functab: parts.functab,
        nfunctab: count(t.functab.len() / size_of::<FuncEntry>()),
        pcline: parts.pcline,
        locs: parts.locs,
        nlocs: count(t.locs.len() / size_of::<Loc>()),
        strtab: parts.strtab,
        frames: parts.frames,
        frames_len: count(t.frames.len()),
        roots: parts.roots,
        nroots: count(t.roots.areas.len()),
        types,
        etypes,
        typelinks: parts.typelinks,
        ntypelinks: count(t.typelinks.len()),
        itabs: parts.itabs,
        nitabs: count(t.itabs.len()),
        data_start,
        data_end,
        modinfo: parts.modinfo,
        modinfo_len: count(opts.build_info.len()),
    };
    module_data.fields().into()
}
