//! Flags in the words of the crates that they are for.

use std::path::Path;

use golift_ir::Program;
use golift_load::Graph;
use rustc_hash::FxHashMap;

use crate::build_info::build_info;
use crate::failure::Failure;
use crate::front::Front;
use crate::session::Session;
use crate::tool_flags::{CompileFlags, LinkFlags};
use crate::trimpath::trimmed_folder;

/// What the back end is asked for.
pub struct BackOptions {
    /// What to compile for.
    pub target: golift_codegen::Target,
    /// For code generation; functions and cache are added later.
    pub codegen: golift_codegen::Options,
    /// For the linker.
    pub link: golift_link::LinkOptions,
    /// `-ldflags` of the main package.
    pub flags: LinkFlags,
    /// Experiment fieldtrack.
    pub field_track: bool,
    /// `-trimpath`
    pub trimpath: bool,
}

impl BackOptions {
    /// The error is for what golift does not have.
    pub fn new(session: &Session, graph: &Graph) -> Result<BackOptions, Failure> {
        let Session { env, flags, .. } = session;
        let (goos, goarch) = (env.goos(), env.goarch());
        let target = golift_codegen::Target::from_goarch(&goarch);
        let target = target.filter(|&target| goos == "linux" && golift_link::supports(target));
        let target = target
            .ok_or_else(|| Failure::Usage(format!("golift: building for {goos}/{goarch} is not supported yet")))?;
        let cwd = session.dir()?.to_string_lossy();
        let link_flags = LinkFlags::parse(flags.ldflags.of(graph, graph.roots[0], &cwd))?;
        let link = golift_link::LinkOptions {
            strip_symbols: link_flags.strip_symbols,
            strip_debug: link_flags.strip_debug,
            build_info: build_info(graph, session)?,
            go_version: golift_load::goroot_version(&graph.goroot).unwrap_or_default(),
        };
        let mut codegen = golift_codegen::Options {
            threads: flags.threads(),
            dump: env.text("GOLIFT_DUMP_CLIF"),
            ..golift_codegen::Options::default()
        };
        // Machine code is made without effort only if that is asked for everything that is compiled.
        let compile = CompileFlags::of_packages(&flags.gcflags, graph, &cwd)?;
        codegen.optimize &= !compile.iter().all(|flags| flags.no_optimizer);
        let field_track = session.context()?.has_experiment("fieldtrack");
        Ok(BackOptions { target, codegen, link, flags: link_flags, field_track, trimpath: flags.trimpath })
    }

    /// `-l`, `-N` and `-d` concern the functions of some packages.
    pub fn for_optimizer(&self, program: &Program, front: &Front) -> golift_opt::Options {
        let mut options = golift_opt::Options::default();
        let special = |flags: &CompileFlags| flags.no_inlining || flags.no_optimizer || !flags.passes_off.is_empty();
        if !front.flags.iter().any(special) {
            return options;
        }
        let mut folders = FxHashMap::default();
        for (package, flags) in front.graph.packages.iter().zip(&front.flags) {
            let name = match self.trimpath {
                true => trimmed_folder(package, &front.graph),
                false => package.dir.to_string_lossy().into_owned(),
            };
            folders.insert(name, flags);
        }
        for (id, func) in &program.funcs {
            let folder = program.texts[func.file].rsplit_once('/').map_or("", |(folder, _)| folder);
            let Some(flags) = folders.get(folder) else { continue };
            if flags.no_inlining {
                options.no_inlining.insert(id);
            }
            if !flags.passes_off.is_empty() {
                options.passes_off.insert(id, flags.passes_off.clone());
            }
            if flags.no_optimizer {
                options.unoptimized.insert(id);
            }
        }
        options
    }

    /// `-x` and `-n`: what will be done, in so many words.
    pub fn explain(&self, session: &Session, graph: &Graph, goroot: &Path, output: &Path) {
        let env = &session.env;
        eprintln!("GOROOT={}", goroot.display());
        eprintln!("GOOS={} GOARCH={}", env.goos(), env.goarch());
        eprintln!("GOLIFTCACHE={}", env.cache_dir().map_or("off".into(), |dir| dir.display().to_string()));
        for package in &graph.packages {
            let names: Vec<&str> = package.file_names.iter().map(String::as_str).collect();
            eprintln!("compile -p {} # cd {}; {}", package.path, package.dir.display(), names.join(" "));
        }
        let ldflags = &session.flags.ldflags_text;
        let space = if ldflags.is_empty() { "" } else { " " };
        eprintln!("link -o {}{space}{ldflags}", output.display());
    }
}
