//! The order of the program's objects in the writable segment.

use crate::fips_module;
use crate::reach::Live;
use crate::symbols::Input;
use golift_ir::{Data, DataId, Section};

/// What comes before what.
fn writable_class(d: &Data) -> u8 {
    match (d.section == Section::Bss, d.ptr_mask.is_empty()) {
        (false, true) => 0,
        (false, false) => 1,
        (true, false) => 2,
        (true, true) => 3,
    }
}

/// Live writable objects of the program in layout order.
pub fn writable(input: &Input, live: &Live) -> Vec<DataId> {
    let datas = &input.program.datas;
    let mut out: Vec<DataId> =
        live.datas.iter().copied().filter(|&d| matches!(datas[d].section, Section::Data | Section::Bss)).collect();
    out.sort_by_key(|&d| {
        (writable_class(&datas[d]), fips_module::is_module_data(&datas[d]), std::cmp::Reverse(datas[d].align))
    });
    out
}
