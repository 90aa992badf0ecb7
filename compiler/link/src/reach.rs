//! Which atoms the program needs, and which identical constants are one.

use crate::error::LinkError;
use crate::fips_module;
use crate::runtime_object::Kind;
use crate::symbols::{Atom, Input, Place, Resolver};
use golift_abi as abi;
use golift_ir::{Data, DataId, FuncId, RuntimeFn, Section};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the image consists of.
pub struct Live<'a> {
    /// Finds what references lead to.
    pub resolver: Resolver<'a>,
    /// Section indices of the runtime object, ascending.
    pub sections: Vec<u32>,
    /// In the order of addresses.
    pub funcs: Vec<FuncId>,
    /// Ascending; without duplicates of other ones.
    pub datas: Vec<DataId>,
    /// Live objects that another one stands for.
    pub same_as: FxHashMap<DataId, DataId>,
}

impl Live<'_> {
    /// The object that represents `d`.
    pub fn data(&self, d: DataId) -> DataId {
        self.same_as.get(&d).copied().unwrap_or(d)
    }
}

/// Follows all references from the entry point and from what the runtime names.
pub fn find_live<'a>(input: &Input<'a>) -> Result<Live<'a>, LinkError> {
    let resolver = Resolver::new(input);
    let mut seen = FxHashSet::default();
    let mut work = Vec::new();
    let mut undefined: Vec<(String, Vec<String>)> = Vec::new();
    let mut undefined_index = FxHashMap::default();
    let mut missing = |name: &str, user: String| {
        let i = *undefined_index.entry(name.to_string()).or_insert_with(|| {
            undefined.push((name.to_string(), Vec::new()));
            undefined.len() - 1
        });
        let users = &mut undefined[i].1;
        if users.len() < 5 && !users.contains(&user) {
            users.push(user);
        }
    };
    let entry = resolver.by_name(abi::sym::ENTRY);
    if entry.is_none() {
        missing(abi::sym::ENTRY, "the entry point".into());
    }
    let roots = RuntimeFn::ROOTS.iter().filter_map(|root| resolver.by_name(root.symbol()));
    for place in entry.into_iter().chain(roots) {
        if let Place::Atom(a, _) = place
            && seen.insert(a)
        {
            work.push(a);
        }
    }
    while let Some(atom) = work.pop() {
        let mut follow = |place: Result<Place, &str>| match place {
            Ok(Place::Atom(a, _)) => {
                if seen.insert(a) {
                    work.push(a);
                }
            }
            Ok(_) => {}
            Err(name) => missing(name, resolver.atom_name(atom)),
        };
        match atom {
            Atom::Section(s) => {
                for r in &input.runtime.sections[s as usize].relocs {
                    follow(resolver.runtime_symbol(r.symbol));
                }
            }
            Atom::Func(f) => {
                let code = input.compiled.funcs[f].as_ref().expect("resolved to compiled code");
                code.relocs.iter().for_each(|r| follow(resolver.code_target(r.target)));
            }
            Atom::Data(d) => {
                let data = &input.program.datas[d];
                data.relocs.iter().for_each(|r| follow(resolver.data_target(r.target)));
            }
        }
    }
    if !undefined.is_empty() {
        undefined.sort();
        return Err(LinkError::Undefined(undefined));
    }
    let mut live =
        Live { resolver, sections: Vec::new(), funcs: Vec::new(), datas: Vec::new(), same_as: FxHashMap::default() };
    for atom in seen {
        match atom {
            Atom::Section(s) if input.runtime.sections[s as usize].kind != Kind::Dropped => live.sections.push(s),
            Atom::Section(_) => {}
            Atom::Func(f) => live.funcs.push(f),
            Atom::Data(d) => live.datas.push(d),
        }
    }
    live.sections.sort_unstable();
    // Go's cryptographic module lies together.
    live.funcs.sort_unstable_by_key(|&f| (fips_module::is_module_code(&input.program.funcs[f]), f));
    live.datas.sort_unstable();
    merge_constants(input, &mut live);
    merge_empty_variables(input, &mut live);
    Ok(live)
}

/// Variables of size zero lie where objects of size zero on the heap do: programs can see that.
fn merge_empty_variables(input: &Input, live: &mut Live) {
    let datas = &input.program.datas;
    let Some(&zero) = live.datas.iter().find(|&&d| datas[d].name == ZERO_BASE) else { return };
    let same_as = &mut live.same_as;
    live.datas.retain(|&d| {
        let empty = datas[d].size == 0 && matches!(datas[d].section, Section::Data | Section::Bss);
        if empty {
            same_as.insert(d, zero);
        }
        !empty
    });
}

/// Package runtime's variable whose address all objects of size zero have.
const ZERO_BASE: &str = "runtime.zerobase";

/// Anonymous read-only objects with equal content share one place (string literals mostly).
fn merge_constants(input: &Input, live: &mut Live) {
    let datas = &input.program.datas;
    let mergeable = |d: &Data| d.section == Section::Rodata && d.name.is_empty() && d.relocs.is_empty();
    let mut first: FxHashMap<(&[u8], u64, u32), DataId> = FxHashMap::default();
    let same_as = &mut live.same_as;
    live.datas.retain(|&id| {
        let d = &datas[id];
        if !mergeable(d) {
            return true;
        }
        let representative = *first.entry((&*d.bytes, d.size, d.align)).or_insert(id);
        if representative != id {
            same_as.insert(id, representative);
        }
        representative == id
    });
}
