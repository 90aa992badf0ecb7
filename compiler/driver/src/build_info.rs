//! The build information in executables.

use golift_load::{self as load, Graph, Origin};

use crate::failure::Failure;
use crate::session::Session;
use crate::vcs::{self, Status};

/// Marks in an executable around the text of its build information, as gc writes them.
pub const INFO_START: [u8; 16] = *b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
/// The mark behind it.
pub const INFO_END: [u8; 16] = *b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

/// Build information in the form of `debug.BuildInfo`, between the marks that `debug.ReadBuildInfo` expects.
pub fn build_info(graph: &Graph, session: &Session) -> Result<Vec<u8>, Failure> {
    let (flags, env) = (&session.flags, &session.env);
    let root = &graph.packages[graph.roots[0]];
    let mut text = format!("path\t{}\n", root.path);
    // A program may be of a module that the main module only requires.
    let of_program =
        |path: &str| root.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_main = graph.main_module.as_deref().is_some_and(of_program) || !matches!(root.origin, Origin::Module(_));
    let vcs = match (&graph.main_module, flags.build_vcs) {
        (Some(module), Some(insist)) if is_main && matches!(root.origin, Origin::Module(_)) => {
            vcs::status(session, &root.dir, module, insist)?
        }
        _ => None,
    };
    let home = graph.dependencies.iter().filter(|dependency| !is_main && of_program(&dependency.path));
    let home = home.max_by_key(|dependency| dependency.path.len());
    if let Some(load::Dependency { path, version, sum, replaced }) = home {
        text += &format!("mod\t{path}\t{version}\t{sum}\n");
        if let Some((path, version, sum)) = replaced {
            text += &format!("=>\t{path}\t{version}\t{sum}\n");
        }
    } else if let Some(module) = &graph.main_module
        && root.origin != Origin::CommandLine
    {
        let version = vcs.as_ref().and_then(Status::version).unwrap_or("(devel)");
        text += &format!("mod\t{module}\t{version}\t\n");
    }
    let is_home = |dependency: &&load::Dependency| home.is_some_and(|home| home.path == dependency.path);
    for dependency in graph.dependencies.iter().filter(|dependency| !is_home(dependency)) {
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
    if !flags.asmflags_text.is_empty() {
        setting("-asmflags", &flags.asmflags_text);
    }
    setting("-buildmode", "exe");
    setting("-compiler", "golift");
    if flags.cover.on {
        setting("-cover", "true");
    }
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
    match env.goarch().as_str() {
        "amd64" => setting("GOAMD64", &env.text("GOAMD64").unwrap_or_else(|| "v1".into())),
        "arm64" => setting("GOARM64", &env.text("GOARM64").unwrap_or_else(|| "v8.0".into())),
        _ => {}
    }
    for (name, value) in vcs.iter().flat_map(Status::settings) {
        setting(name, &value);
    }
    Ok([&INFO_START[..], text.as_bytes(), &INFO_END[..]].concat())
}
