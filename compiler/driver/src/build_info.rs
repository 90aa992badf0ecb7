//! The build information in executables.

use golift_load::{self as load, Graph, Origin};

use crate::session::Session;

/// Marks in an executable around the text of its build information, as gc writes them.
pub const INFO_START: [u8; 16] = *b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
/// The mark behind it.
pub const INFO_END: [u8; 16] = *b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

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
