//! What a build can take from earlier ones, and leaves for later ones: see [`crate::cache`] for how it is kept.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use golift_load::Graph;

use crate::assemble;
use crate::cache::{self, CodeStore, ProgramStore};
use crate::failure::Failure;
use crate::options::BackOptions;
use crate::session::Session;

/// The caches of one build.
pub struct Caches {
    program: Option<ProgramStore>,
    /// The folder with machine code, and what was opened there.
    code: Option<PathBuf>,
    functions: OnceLock<Arc<CodeStore>>,
    /// `-a`, `-n`: nothing old may be used.
    rebuild: bool,
}

impl Caches {
    /// The caches that the flags allow. Nothing is opened yet.
    pub fn new(session: &Session, options: &BackOptions, graph: &Graph, goroot: &Path) -> Result<Caches, Failure> {
        session.env.check_cache_dir()?;
        let flags = &session.flags;
        // What is to be shown must be made.
        let shows = options.codegen.dump.is_some() || session.env.text("GOLIFT_DUMP_IR").is_some();
        let dir = session.env.cache_dir().filter(|_| !shows);
        // What another linker makes depends on more than we know.
        let dir_of_programs = dir.as_deref().filter(|_| !options.flags.external);
        let program = dir_of_programs.map(|dir| ProgramStore::new(dir, program_key(session, options, graph, goroot)));
        let code = dir.filter(|_| !flags.rebuild);
        Ok(Caches { program, code, functions: OnceLock::new(), rebuild: flags.rebuild || flags.dry_run })
    }

    /// The whole executable, if it was made before.
    pub fn program(&self) -> Option<Vec<u8>> {
        self.program.as_ref().filter(|_| !self.rebuild)?.get()
    }

    /// Stands for all that the executable depends on, if that is known.
    pub fn program_key(&self) -> Option<&str> {
        self.program.as_ref().map(ProgramStore::name)
    }

    /// Machine code of functions.
    pub fn functions(&self) -> Option<Arc<dyn golift_codegen::CodeCache>> {
        let dir = self.code.as_deref()?;
        let store = self.functions.get_or_init(|| Arc::new(CodeStore::open(dir)));
        Some(Arc::clone(store) as Arc<dyn golift_codegen::CodeCache>)
    }

    /// Keeps what is new.
    pub fn save(&self, image: &golift_link::Image) {
        self.functions.get().into_iter().for_each(|store| store.save());
        self.program.iter().for_each(|store| store.put(&image.parts()));
    }
}

/// A hash of all that the executable depends on.
fn program_key(session: &Session, options: &BackOptions, graph: &Graph, goroot: &Path) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    add(cache::build_id().as_bytes());
    add(goroot.as_os_str().as_encoded_bytes());
    let (env, flags) = (&session.env, &session.flags);
    // Patterns of flags may be seen from the current folder.
    let per_package = [&flags.asmflags, &flags.gcflags, &flags.ldflags];
    let cwd = Some(session.dir()).filter(|_| per_package.iter().any(|flags| !flags.is_empty()));
    let settings = (env.goos(), env.goarch(), env.text("GOEXPERIMENT"), &flags.tags, flags.trimpath, cwd);
    add(format!("{settings:?} {per_package:?} {:?}", graph.roots).as_bytes());
    add(format!("{} {} {}", flags.gcflags_text, flags.ldflags_text, flags.test.fuzz).as_bytes());
    add(format!("{:?} {:?} {}", graph.main_module, graph.dependencies, graph.godebug).as_bytes());
    add(&options.link.build_info);
    for package in &graph.packages {
        let about = (&package.path, &package.dir, package.origin, package.go_version, &package.asm_files);
        add(format!("{about:?}").as_bytes());
        add(&package.digest);
        assemble::add_sources(package, &mut add);
        for (name, contents) in package.embeds.iter().flat_map(|embed| &embed.files) {
            add(name.as_bytes());
            add(contents);
        }
    }
    hasher.finalize()
}
