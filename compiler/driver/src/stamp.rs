//! What is written into the finished program besides code: values of `-ldflags=-X`, file names as `-trimpath` wants them, and build
//! information.

use std::path::Path;
use std::sync::Arc;

use golift_ir::{Data, Program, Reloc, RelocKind, RelocTarget, Section, Text};
use golift_load::{self as load, Graph, LoadedPackage, Origin};
use golift_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::build::Front;
use crate::options::BackOptions;
use crate::session::Session;

/// Marks in an executable around the text of its build information, as gc writes them.
pub const INFO_START: [u8; 16] = *b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
/// The mark behind it.
pub const INFO_END: [u8; 16] = *b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

/// `name=value` of a `-X` flag.
pub fn parse_assignment(text: &[u8]) -> Result<(String, Vec<u8>), String> {
    let at = text.iter().position(|&b| b == b'=').filter(|&at| text[..at].contains(&b'.'));
    let at = at.ok_or("golift: -ldflags: -X flag requires argument of the form importpath.name=value")?;
    Ok((String::from_utf8_lossy(&text[..at]).into_owned(), text[at + 1..].to_vec()))
}

/// Writes all of it into a program that has just been lowered.
pub fn stamp(
    program: &mut Program,
    front: &Front,
    options: &BackOptions,
    tracked_fields: String,
) -> Result<(), String> {
    let mut assignments = options.flags.assignments.clone();
    assignments.push(("runtime.godebugDefault".into(), front.graph.godebug.clone().into_bytes()));
    if let Some(name) = options.flags.field_track.clone().filter(|_| options.field_track) {
        assignments.push((name, tracked_fields.into_bytes()));
    }
    set_variables(program, front, &assignments)?;
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
            bytes: value.clone(),
            relocs: Vec::new(),
            ptr_mask: Vec::new(),
        });
        let data = &mut program.datas[id];
        data.section = Section::Data;
        data.bytes = vec![0; 16];
        data.bytes[8..].copy_from_slice(&(value.len() as u64).to_le_bytes());
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

/// `-trimpath`: what source files of a package have in their names in place of its folder: its import path. Modules with a version
/// name that, too, and files of the command line have nothing.
pub fn trimmed_folder(package: &LoadedPackage, graph: &Graph) -> String {
    let below = |path: &str| package.path.strip_prefix(path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    // Modules may lie in others.
    let modules = graph.dependencies.iter().filter(|module| below(&module.path).is_some());
    let module = modules.max_by_key(|module| module.path.len()).filter(|module| !module.version.is_empty());
    match (package.origin, module) {
        (Origin::CommandLine, _) => ".".into(),
        (Origin::Module(_), Some(module)) => {
            format!("{}@{}{}", module.path, module.version, below(&module.path).unwrap_or_default())
        }
        _ => package.path.clone(),
    }
}

fn trim_paths(program: &mut Program, graph: &Graph) {
    let folder = |package: &LoadedPackage| package.dir.to_string_lossy().into_owned();
    let folders: FxHashMap<String, String> =
        graph.packages.iter().map(|package| (folder(package), trimmed_folder(package, graph))).collect();
    let mut known: FxHashMap<Text, Text> = FxHashMap::default();
    let texts = &mut program.texts;
    let mut trim = |file: &mut Text| {
        *file = *known.entry(*file).or_insert_with_key(|&file| {
            let text = Arc::clone(&texts[file]);
            let path = Path::new(&*text);
            let folder = path.parent().and_then(|dir| folders.get(&*dir.to_string_lossy()));
            match (folder, path.file_name()) {
                (Some(folder), Some(name)) => texts.intern(&format!("{folder}/{}", name.to_string_lossy()).into()),
                _ => file,
            }
        });
    };
    for func in program.funcs.values_mut() {
        trim(&mut func.file);
        if let Some(body) = &mut func.body {
            body.locs.values_mut().for_each(|loc| trim(&mut loc.file));
        }
    }
}

/// Build information in the form of `debug.BuildInfo`, between the marks that `debug.ReadBuildInfo` expects.
pub fn build_info(graph: &Graph, session: &Session) -> Vec<u8> {
    let (flags, env) = (&session.flags, &session.env);
    let root = &graph.packages[graph.roots[0]];
    let mut text = format!("path\t{}\n", root.path);
    if let Some(module) = &graph.main_module
        && root.origin != Origin::CommandLine
    {
        text += &format!("mod\t{module}\t(devel)\t\n");
    }
    for dependency in &graph.dependencies {
        let load::Dependency { path, version, sum, replaced } = dependency;
        text += &format!("dep\t{path}\t{version}\t{sum}\n");
        if let Some((path, version, sum)) = replaced {
            text += &format!("=>\t{path}\t{version}\t{sum}\n");
        }
    }
    let mut setting = |name: &str, value: &str| {
        let plain = !value.contains([' ', '\t', '\n', '"', '`']) && !value.is_empty();
        text += &if plain { format!("build\t{name}={value}\n") } else { format!("build\t{name}={value:?}\n") };
    };
    setting("-buildmode", "exe");
    setting("-compiler", "golift");
    if !flags.gcflags_text.is_empty() {
        setting("-gcflags", &flags.gcflags_text);
    }
    // Values given to the linker may hold paths.
    if !flags.ldflags_text.is_empty() && !flags.trimpath {
        setting("-ldflags", &flags.ldflags_text);
    }
    if !flags.tags.is_empty() {
        setting("-tags", &flags.tags.join(","));
    }
    if flags.trimpath {
        setting("-trimpath", "true");
    }
    setting("CGO_ENABLED", "0");
    setting("GOARCH", &env.goarch());
    setting("GOOS", &env.goos());
    [&INFO_START[..], text.as_bytes(), &INFO_END[..]].concat()
}

/// The build information in the bytes of an executable.
pub fn find_build_info(image: &[u8]) -> Option<&str> {
    let start = find(image, &INFO_START)? + INFO_START.len();
    let end = start + find(&image[start..], &INFO_END)?;
    std::str::from_utf8(&image[start..end]).ok()
}

fn find(bytes: &[u8], wanted: &[u8; 16]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
