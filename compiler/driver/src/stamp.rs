//! What is written into the finished program besides code and build information: where the distribution was, values of `-ldflags=-X`, and file names as `-trimpath`
//! wants them.

use golift_ir::{Data, Program, Reloc, RelocKind, RelocTarget, Section};
use golift_syntax::Symbol;
use std::path::Path;

use crate::front::Front;
use crate::options::BackOptions;
use crate::trimpath::trim_paths;

/// Writes all of it into a program that has just been lowered.
pub fn stamp(
    program: &mut Program,
    front: &Front,
    goroot: &Path,
    options: &BackOptions,
    tracked_fields: String,
) -> Result<(), String> {
    let mut assignments = Vec::new();
    if !options.trimpath {
        assignments.push(("runtime.defaultGOROOT".into(), goroot.as_os_str().as_encoded_bytes().to_vec()));
    }
    assignments.extend(options.flags.assignments.iter().cloned());
    assignments.push(("runtime.godebugDefault".into(), front.graph.godebug.clone().into_bytes()));
    if let Some(name) = options.flags.field_track.clone().filter(|_| options.field_track) {
        assignments.push((name, tracked_fields.into_bytes()));
    }
    set_variables(program, front, &assignments)?;
    // The linker fills it.
    if let Some((_, data)) = program.datas.iter_mut().find(|(_, data)| data.name == golift_link::FIPS_LINK_INFO) {
        data.section = Section::Data;
        data.bytes = vec![0; data.size as usize].into();
    }
    if options.trimpath {
        trim_paths(program, &front.graph);
    }
    Ok(())
}

/// Gives package variables the values of `-X` flags. Names that nothing refers to are passed over, as gc does.
fn set_variables(program: &mut Program, front: &Front, assignments: &[(String, Vec<u8>)]) -> Result<(), String> {
    for (name, value) in assignments {
        let Some((path, var)) = name.rsplit_once('.') else { continue };
        let Some(object) = find_variable(front, path, var) else { continue };
        if !object.ty().is_string() {
            return Err(format!("golift: link: {name}: cannot set with -X: not a var of type string"));
        }
        let package = if path == "main" { main_path(front) } else { path.to_owned() };
        let wanted = [name.clone(), format!("{package}.{var}")];
        let Some(id) = program.datas.iter().find(|(_, data)| wanted.contains(&data.name)).map(|(id, _)| id) else {
            continue;
        };
        let text = program.add_data(Data {
            name: String::new(),
            section: Section::Rodata,
            align: 1,
            size: value.len() as u64,
            bytes: value.clone().into(),
            relocs: Vec::new(),
            ptr_mask: Vec::new(),
        });
        let data = &mut program.datas[id];
        data.section = Section::Data;
        data.bytes = [0, value.len() as u64].map(u64::to_le_bytes).concat().into();
        data.relocs = vec![Reloc { offset: 0, kind: RelocKind::Abs64, target: RelocTarget::Data(text), addend: 0 }];
    }
    Ok(())
}

fn main_path(front: &Front) -> String {
    front.graph.packages[front.graph.roots[0]].path.clone()
}

/// The variable `var` of the package that gc's linker knows as `path`: the main package is `main`.
fn find_variable(front: &Front, path: &str, var: &str) -> Option<golift_types::Obj> {
    let wanted = if path == "main" { main_path(front) } else { path.to_owned() };
    let index = front.graph.packages.iter().position(|package| package.path == wanted)?;
    front.checked.packages[index].package?.lookup(Symbol::intern(var)).filter(|object| object.is_var())
}
