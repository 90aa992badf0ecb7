//! Everything that the named packages import, parsed.
//!
//! Works in waves: the folders of a wave are read in parallel, their files get positions in a fixed order (so that positions, and with them
//! everything that is ever sorted by position, do not depend on timing), then they are parsed in parallel, and what they
//! import and nobody has seen yet is the next wave.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use golift_syntax::GoVersion;
use golift_syntax::{self as syntax, Decl, Diagnostic, File, FileId, Pos, SourceMap};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::context::Context;
use crate::embed::{Embed, EmbedError, read_embedded, resolve_embeds};
use crate::faults;
use crate::files::describe;
use crate::godebug::{Settings, debug_lines};
use crate::header;
use crate::import_path::{is_illegal, is_relative, malformed_import, refusal};
use crate::modules::{FetchModules, ModuleFlags, Modules};
use crate::order::sort_topologically;
use crate::overlay::Overlay;
use crate::package::{Fault, Graph, Import, LoadError, LoadedPackage, Location, Origin, Test};
use crate::paths::{is_below, short_of, shorten};
use crate::patterns::{self, Roots};
use crate::scan::{self, Folder, SourceText};
use crate::testing::{self, Functions, TestFiles};
use crate::world;

/// What to load.
pub struct Request<'a> {
    /// The distribution.
    pub goroot: &'a Path,
    /// The current folder, as the user knows it.
    pub cwd: &'a Path,
    /// For what to choose files.
    pub context: &'a Context,
    /// Our files for packages of the distribution.
    pub overlay: &'a Overlay,
    /// Which modules there are.
    pub modules: &'a ModuleFlags,
    /// Packages or files.
    pub args: &'a [String],
    /// Packages that are needed whether or not something imports them.
    pub implicit: &'a [&'a str],
    /// Assembly cannot be used: choose files that do without.
    pub avoid_asm: bool,
    /// For whom.
    pub compiler: Compiler,
    /// Wanted are not the packages, but their tests.
    pub tests: bool,
    /// What tests say about coverage; programs only write it.
    pub cover: Option<&'a testing::CoverMain>,
    /// Gets missing modules; without it they stay missing.
    pub fetcher: Option<Arc<dyn FetchModules>>,
}

impl<'a> Request<'a> {
    /// For packages of the distribution as they are, whatever modules there are.
    pub fn of_distribution(
        goroot: &'a Path,
        context: &'a Context,
        overlay: &'a Overlay,
        args: &'a [String],
    ) -> Request<'a> {
        static NO_FLAGS: ModuleFlags = ModuleFlags { mode: None, file: None };
        Request {
            goroot,
            cwd: goroot,
            context,
            overlay,
            modules: &NO_FLAGS,
            args,
            implicit: &[],
            avoid_asm: false,
            compiler: Compiler::default(),
            tests: false,
            cover: None,
            fetcher: None,
        }
    }
}

/// How the compiler is called.
#[derive(Clone, Copy, Default)]
pub struct Compiler {
    /// Without the go command: what that looks at before is left to the compiler, the heads of files, embedded files and imports.
    pub alone: bool,
    /// As for the standard library, whose directives others may not use.
    pub std: bool,
}

/// Loads the packages and everything they import. The error is for what stops everything; errors of packages are in
/// [`Graph::errors`].
pub fn load(request: &Request) -> Result<Graph, String> {
    let mut modules = Modules::find(request.goroot, request.cwd, request.modules, request.fetcher.clone())?;
    let roots = patterns::expand(request.args, &mut modules, request.cwd, request.overlay);
    modules.check_fatal()?;
    let main_module = modules.has_main.then(|| modules.list[0].path.clone());
    let mut loader = Loader {
        request,
        modules,
        sources: Arc::default(),
        packages: Vec::new(),
        index: FxHashMap::default(),
        pending: Vec::new(),
        optional: FxHashMap::default(),
        errors: Vec::new(),
        folded: FxHashMap::default(),
        functions: FxHashMap::default(),
    };
    let Roots { packages, files, errors, warnings } = roots;
    loader.errors = errors;
    let mut named: Vec<usize> = Vec::new();
    for root in packages {
        let package = loader.want(root.location, None);
        loader.optional.insert(package, root.wildcard);
        named.push(package);
    }
    if let Some((dir, names)) = files {
        let location = Location { path: "command-line-arguments".into(), dir, origin: Origin::CommandLine };
        named.push(loader.want(location, Some(names)));
    }
    let mut implicit = Vec::new();
    let for_tests: &[&str] = if request.tests { &testing::MAIN_IMPORTS } else { &[] };
    let for_coverage: &[&str] = if request.cover.is_some() { &testing::COVER_IMPORTS } else { &[] };
    for &path in request.implicit.iter().chain(for_tests).chain(for_coverage) {
        match loader.modules.resolve(path, None, request.overlay) {
            Ok(location) => implicit.push(loader.want(location, None)),
            Err(msg) => loader.errors.push(LoadError { import_path: path.to_owned(), msg }),
        }
    }
    loader.load_pending()?;
    let test_files = if request.tests { loader.read_tests(&named) } else { Vec::new() };
    loader.load_pending()?;
    loader.check_modules(&named)?;
    loader.judge_imports();
    loader.check_debug_lines();
    let godebug = loader.godebug(named.first());
    let Loader { sources, mut packages, mut errors, optional, modules, mut functions, .. } = loader;
    let is_tested = |package: usize| test_files.iter().any(|files| files.package == package);
    named.retain(|&package| {
        !packages[package].files.is_empty() || is_tested(package) || !optional.get(&package).copied().unwrap_or(false)
    });
    let mut tests = Vec::new();
    if request.tests {
        let mut parts = testing::Parts {
            packages: &mut packages,
            sources: &sources,
            functions: &mut functions,
            implicit: &implicit,
            cover: request.cover,
        };
        (tests, named) = assemble_tests(&mut parts, &named, &test_files, &modules, request.cwd).into_iter().unzip();
    } else {
        if request.cover.is_some() {
            // Package main calls it, which must be ready by then.
            for &package in &named {
                let pos = packages[package].files.first().map(|file| file.package.pos).unwrap_or_default();
                let known = |path: &str| packages[package].imports.iter().any(|import| import.path == path);
                let is_needed = |path: &str| testing::COVER_IMPORTS.contains(&path) && !known(path);
                let needed = implicit.iter().filter(|&&implicit| is_needed(&packages[implicit].path));
                let imports: Vec<Import> = needed
                    .map(|&package| Import {
                        path: packages[package].path.clone(),
                        pos,
                        package: Some(package),
                        fault: None,
                        refused: None,
                    })
                    .collect();
                packages[package].imports.extend(imports);
            }
        }
        // What is wrong with packages that nobody named or imports keeps the program from being built, too.
        let wanted: Vec<usize> = named.iter().chain(&implicit).copied().collect();
        errors.extend(faults::render(&packages, &wanted, &sources, request.cwd));
    }
    let (packages, named) = sort_topologically(packages, named);
    let goroot = request.goroot.into();
    let main_modules = modules.main_count();
    let dependencies = modules.dependencies(packages.iter().map(|package| package.origin));
    Ok(Graph {
        sources,
        packages,
        roots: named,
        errors,
        warnings,
        main_module,
        main_modules,
        dependencies,
        godebug,
        goroot,
        tests,
    })
}

/// The tests of the named packages, each with the root of its program, or the package itself if there is none.
fn assemble_tests(
    parts: &mut testing::Parts,
    named: &[usize],
    test_files: &[TestFiles],
    modules: &Modules,
    cwd: &Path,
) -> Vec<(Test, usize)> {
    let assemble = |&package: &usize| {
        let LoadedPackage { path, dir, origin, .. } = &parts.packages[package];
        let module = modules.path_of(*origin).unwrap_or_default();
        let mut test = Test { path: path.clone(), dir: dir.clone(), has_files: false, errors: Vec::new() };
        let files = test_files.iter().find(|files| files.package == package);
        test.has_files = files.is_some();
        let (root, mut shown) = match files.map(|files| testing::assemble(parts, files, &module)) {
            Some(Ok(program)) => (program.main, program.parts),
            Some(Err(msg)) => {
                test.errors.push(LoadError { import_path: test.path.clone(), msg });
                return (test, package);
            }
            None => (package, vec![package]),
        };
        shown.extend(parts.implicit);
        test.errors = faults::render(parts.packages, &shown, parts.sources, cwd);
        (test, root)
    };
    named.iter().map(assemble).collect()
}

/// A package that somebody wants and nobody has read yet.
struct Pending {
    package: usize,
    location: Location,
    files: Files,
}

/// The files of a package.
enum Files {
    /// Those of its folder.
    Folder,
    /// Given by name.
    Named(Vec<String>),
    /// Chosen and read already: test files.
    Read(Vec<SourceText>),
}

struct Loader<'a> {
    request: &'a Request<'a>,
    modules: Modules,
    sources: Arc<SourceMap>,
    packages: Vec<LoadedPackage>,
    /// By folder, because a vendored package has several names.
    index: FxHashMap<String, usize>,
    pending: Vec<Pending>,
    /// Packages of the command line: may they be empty?
    optional: FxHashMap<usize, bool>,
    errors: Vec<LoadError>,
    /// Import paths in lower case, and what they are as they were seen first.
    folded: FxHashMap<String, String>,
    /// What packages of test files hold.
    functions: FxHashMap<usize, Result<Functions, String>>,
}

struct Parsed {
    file: File,
    errors: Vec<Diagnostic>,
    embeds: Vec<Embed>,
    embed_errors: Vec<EmbedError>,
    header_error: Option<String>,
    digest: [u8; 32],
    /// Of a test file.
    functions: Option<Result<Functions, String>>,
}

impl Loader<'_> {
    fn want(&mut self, location: Location, names: Option<Vec<String>>) -> usize {
        if let Some(&known) = self.index.get(&location.path) {
            return known;
        }
        let package = self.add(&location.path, &location);
        self.index.insert(location.path.clone(), package);
        let files = names.map_or(Files::Folder, Files::Named);
        self.pending.push(Pending { package, location, files });
        package
    }

    /// An empty package.
    fn add(&mut self, path: &str, location: &Location) -> usize {
        self.packages.push(LoadedPackage {
            path: path.into(),
            name: String::new(),
            dir: location.dir.clone(),
            origin: location.origin,
            go_version: self.modules.go_version(location.origin),
            files: Vec::new(),
            file_names: Vec::new(),
            asm_files: Vec::new(),
            is_assembled: false,
            avoided_asm: Vec::new(),
            test_files: Vec::new(),
            ignored_files: Vec::new(),
            imports: Vec::new(),
            embeds: Vec::new(),
            syntax_errors: Vec::new(),
            directive_errors: Vec::new(),
            fault: None,
            digest: [0; 32],
            for_test: None,
        });
        self.packages.len() - 1
    }

    fn load_pending(&mut self) -> Result<(), String> {
        while !self.pending.is_empty() {
            self.wave();
            self.modules.check_fatal()?;
        }
        Ok(())
    }

    /// Reads the test files of packages, and wants what they import.
    fn read_tests(&mut self, named: &[usize]) -> Vec<TestFiles> {
        let mut seen = FxHashSet::default();
        let tested: Vec<usize> = named.iter().copied().filter(|&package| seen.insert(package)).collect();
        let read = world::par_map(&tested, |&package| {
            let LoadedPackage { path, dir, origin, test_files, .. } = &self.packages[package];
            let request = self.request;
            let overlay = Some(request.overlay).filter(|_| *origin == Origin::Std || request.avoid_asm);
            let context = Some(request.context).filter(|_| *origin != Origin::CommandLine);
            scan::read_tests(dir, path, test_files, context, overlay)
        });
        let mut found = Vec::new();
        for (package, texts) in tested.into_iter().zip(read) {
            let location = self.packages[package].location();
            let mut files = TestFiles { package, internal: None, external: None, error: texts.error };
            let external_path = format!("{}_test", location.path);
            for (texts, path, part) in [
                (texts.internal, &location.path, &mut files.internal),
                (texts.external, &external_path, &mut files.external),
            ] {
                if !texts.is_empty() {
                    let package = self.add(path, &location);
                    self.packages[package].for_test = Some(location.path.clone());
                    self.pending.push(Pending { package, location: location.clone(), files: Files::Read(texts) });
                    *part = Some(package);
                }
            }
            if files.internal.or(files.external).is_some() || files.error.is_some() {
                found.push(files);
            }
        }
        found
    }

    fn wave(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        let folders: Vec<std::io::Result<Folder>> = world::par_map(&pending, |p| self.read(p));
        let mut texts: Vec<(usize, FileId, SourceText)> = Vec::new();
        for (p, folder) in pending.iter_mut().zip(folders) {
            match folder {
                Ok(mut folder) => {
                    if let Files::Read(texts) = &mut p.files {
                        folder.go_files = std::mem::take(texts);
                    }
                    self.add_folder(p, folder, &mut texts);
                }
                Err(e) => {
                    let msg = format!("open {}: {}", p.location.dir.display(), describe(&e));
                    self.packages[p.package].blame(Fault::AtImport(msg));
                }
            }
        }
        let parsed: Vec<Parsed> = world::par_map(&texts, |(package, id, text)| self.parse(*package, *id, text));
        let mut embed_errors: FxHashMap<usize, Vec<EmbedError>> = FxHashMap::default();
        for ((package, _, text), parsed) in texts.into_iter().zip(parsed) {
            let p = &mut self.packages[package];
            p.files.push(Arc::new(parsed.file));
            let mut digest = blake3::Hasher::new();
            digest.update(&p.digest).update(text.path.as_os_str().as_encoded_bytes()).update(&parsed.digest);
            p.digest = digest.finalize().into();
            p.file_names.push(text.name);
            p.syntax_errors.extend(parsed.errors);
            p.embeds.extend(parsed.embeds);
            if let Some(functions) = parsed.functions {
                let known = self.functions.entry(package).or_insert_with(|| Ok(Functions::default()));
                if let Ok(all) = known
                    && let Err(msg) = functions.and_then(|functions| all.add(functions))
                {
                    *known = Err(msg);
                }
            }
            if let Some(msg) = parsed.header_error {
                p.blame(Fault::Complete(msg));
            }
            if !self.request.compiler.alone {
                embed_errors.entry(package).or_default().extend(parsed.embed_errors);
            }
        }
        self.read_embedded(&pending);
        let imports = pending.iter().filter(|p| p.location.origin != Origin::Std);
        let imports: FxHashSet<String> = imports
            .flat_map(|p| &self.packages[p.package].files)
            .flat_map(|file| imports_of(file))
            .map(|(p, _)| p)
            .collect();
        self.modules.prefetch(imports.iter().map(String::as_str));
        for p in pending {
            // `go` looks at the patterns of a package in their order.
            let first = embed_errors.remove(&p.package).into_iter().flatten().min_by(|a, b| a.pattern.cmp(&b.pattern));
            self.finish_package(p.package, &p.location);
            if let Some(error) = first {
                let at = shorten(&self.sources.position(error.pos).to_string(), self.request.cwd);
                self.packages[p.package].blame(Fault::Complete(format!("{at}: {}", error.msg)));
            }
        }
    }

    fn read(&self, p: &Pending) -> std::io::Result<Folder> {
        let Location { path, dir, origin } = &p.location;
        let request = self.request;
        match (&p.files, origin) {
            (Files::Read(_), _) => Ok(Folder::default()),
            (Files::Named(names), _) => Ok(scan::read_files(dir, names)),
            (Files::Folder, Origin::Std) => scan::scan_folder(dir, path, request.context, Some(request.overlay)),
            (Files::Folder, _) => {
                let overlay = Some(request.overlay).filter(|_| request.avoid_asm);
                scan::scan_foreign_folder(dir, path, request.context, overlay)
            }
        }
    }

    fn add_folder(&mut self, p: &Pending, mut folder: Folder, texts: &mut Vec<(usize, FileId, SourceText)>) {
        let count = folder.go_files.len();
        // Files without a name on the command line that need cgo are as good as excluded.
        let excluded: Vec<String> = folder.go_files.iter().filter(|f| f.imports_c()).map(|f| f.name.clone()).collect();
        folder.go_files.retain(|f| !excluded.contains(&f.name));
        let package = &mut self.packages[p.package];
        package.ignored_files = folder.ignored;
        package.ignored_files.extend(excluded);
        package.asm_files = folder.asm_files;
        package.is_assembled = folder.is_assembled && self.request.avoid_asm;
        package.avoided_asm = folder.avoided_asm;
        package.test_files = folder.test_files;
        if let Some(msg) = folder.errors.drain(..).next() {
            package.blame(Fault::AtImport(msg));
        }
        if package.origin != Origin::Std && !self.request.compiler.alone {
            let names = folder.go_files.iter().map(|file| &file.name).chain(&package.test_files);
            let names = names.chain(&package.ignored_files).chain(&package.asm_files).chain(&package.avoided_asm);
            if let Some((one, other)) = same_but_for_case(names.map(String::as_str)) {
                package.blame(Fault::WithPath(format!("case-insensitive file name collision: {one:?} and {other:?}")));
            }
            let dir = p.location.dir.to_string_lossy();
            if dir.contains(['\r', '\n']) {
                package.blame(Fault::WithPath(format!("invalid package directory {dir:?}")));
            }
            let path = package.path.clone();
            if let Some(other) = self.note_path(&path) {
                let msg = format!("case-insensitive import collision: {path:?} and {other:?}");
                self.packages[p.package].blame(Fault::AtImport(msg));
            }
        }
        let package = &mut self.packages[p.package];
        // Test files that are named are no error, but there is nothing to do with them either.
        let only_tests = matches!(p.files, Files::Named(_)) && !package.test_files.is_empty();
        if folder.go_files.is_empty() && !only_tests && !self.optional.get(&p.package).copied().unwrap_or(false) {
            let Location { path, dir, .. } = &p.location;
            let dir = dir.display();
            package.blame(match (count, package.ignored_files.is_empty(), package.test_files.is_empty()) {
                (0, true, true) => Fault::WithPath(format!("no Go files in {dir}")),
                (0, true, false) => Fault::Late(format!("{path}: no non-test Go files in {dir}")),
                _ => Fault::WithPath(format!("build constraints exclude all Go files in {dir}")),
            });
        }
        // Where cgo is off, `go` ignores all but Fortran.
        let is_wrong = |language: &str| language == "Fortran" || self.request.context.go_has_cgo;
        let foreign = ["C", "C++", "Objective-C", "Fortran"].iter().find_map(|&language| {
            folder
                .foreign
                .get(language)
                .filter(|_| !folder.uses_cgo && is_wrong(language))
                .map(|files| (language, files))
        });
        if let (Some((language, files)), false) = (foreign, package.is_std()) {
            let files = files.join(" ");
            let msg = format!("{language} source files not allowed when not using cgo or SWIG: {files}");
            package.blame(Fault::WithPath(msg));
        }
        for text in folder.go_files {
            let id = self.sources.add_file(&text.path.to_string_lossy(), text.text.len());
            texts.push((p.package, id, text));
        }
    }

    fn parse(&self, package: usize, id: FileId, text: &SourceText) -> Parsed {
        let std = self.request.compiler.std || self.packages[package].is_std();
        let mode = syntax::Mode { std, ..syntax::Mode::default() };
        let (file, errors) = syntax::parse_source(&self.sources.file(id), &text.text, mode);
        let (embeds, embed_errors) = resolve_embeds(&file, &self.packages[package].dir);
        let header_error = header::first_error(&text.text).filter(|_| !self.request.compiler.alone).map(|error| {
            // After the last newline no new line begins.
            let back = u32::from(error.offset == text.text.len() && text.text.ends_with(b"\n"));
            if error.msg == header::NUL {
                return format!("go: reading {}: {}", short_of(&text.path, self.request.cwd), error.msg);
            }
            let mut position = self.sources.position(self.sources.file(id).pos(error.offset as u32 - back));
            position.col += back;
            format!("{}: {}", shorten(&position.to_string(), self.request.cwd), error.msg)
        });
        let digest = blake3::hash(&text.text).into();
        let is_test = self.packages[package].for_test.is_some();
        let functions = is_test.then(|| Functions::of_file(&file, &self.sources.file(id), &text.text));
        Parsed { file, errors, embeds, embed_errors, header_error, digest, functions }
    }

    /// Reads what the packages embed, each file once.
    fn read_embedded(&mut self, pending: &[Pending]) {
        let packages = || pending.iter().map(|p| p.package);
        let embeds = packages().flat_map(|p| self.packages[p].embeds.iter().map(move |embed| (p, embed)));
        let paths: FxHashSet<PathBuf> = embeds
            .flat_map(|(p, embed)| embed.files.iter().map(move |(name, _)| (p, name)))
            .map(|(p, name)| self.packages[p].dir.join(name))
            .collect();
        let paths: Vec<PathBuf> = paths.into_iter().collect();
        let contents = world::par_map(&paths, |path| read_embedded(path));
        let read: FxHashMap<&PathBuf, _> = paths.iter().zip(contents).collect();
        for package in packages() {
            let LoadedPackage { embeds, dir, .. } = &mut self.packages[package];
            for embed in embeds {
                for (name, contents) in &mut embed.files {
                    match &read[&dir.join(&*name)] {
                        Ok(bytes) => *contents = Arc::clone(bytes),
                        Err(why) => drop(embed.error.get_or_insert_with(|| format!("embed {name}: {why}"))),
                    }
                }
            }
        }
    }

    /// Checks that the files belong together, and wants what they import.
    fn finish_package(&mut self, package: usize, location: &Location) {
        let p = &mut self.packages[package];
        if matches!(p.fault, Some(Fault::Complete(_))) {
            return;
        }
        drop_documentation(p);
        let Some(first) = p.files.first() else {
            if !p.ignored_files.is_empty()
                && p.syntax_errors.is_empty()
                && !self.optional.get(&package).copied().unwrap_or(false)
            {
                let dir = p.dir.display();
                p.blame(Fault::WithPath(format!("build constraints exclude all Go files in {dir}")));
            }
            return;
        };
        p.name = first.package.name.as_str().to_owned();
        let other = p.files.iter().zip(&p.file_names).find(|(f, _)| f.package.name != first.package.name);
        if let (Some((file, name)), true) = (other, p.syntax_errors.is_empty()) {
            p.fault = Some(Fault::AtImport(format!(
                "found packages {} ({}) and {} ({name}) in {}",
                p.name,
                p.file_names[0],
                file.package.name,
                p.dir.display()
            )));
        }
        let mut imports: Vec<(String, Pos)> = Vec::new();
        let all: Vec<(String, Pos)> = p.files.iter().flat_map(|file| imports_of(file)).collect();
        for (path, pos) in all {
            if path.is_empty() || path.contains(is_illegal) {
                if self.request.compiler.alone {
                    continue;
                }
                // `go` shows this position as it is.
                let position = self.sources.position(pos);
                p.blame(Fault::Complete(format!("{position}: invalid import path: {path}")));
                return;
            }
            if !imports.iter().any(|(known, _)| *known == path) {
                imports.push((path, pos));
            }
        }
        imports.sort();
        for (path, pos) in imports {
            let mut import = Import { path, pos, package: None, fault: None, refused: None };
            match import.path.as_str() {
                "unsafe" => {}
                path => match self.resolve_import(path, location) {
                    Ok(target) => import.package = Some(self.want(target, None)),
                    Err(_) if self.request.compiler.alone => import.refused = Some(refusal(path)),
                    Err(msg) => {
                        self.note_path(path);
                        import.fault = Some(msg);
                    }
                },
            }
            self.packages[package].imports.push(import);
        }
    }

    fn resolve_import(&mut self, path: &str, importer: &Location) -> Result<Location, String> {
        if is_relative(path) {
            return Err(format!("{path:?} is relative, but relative import paths are not supported in module mode"));
        }
        if path.starts_with('/') {
            return Err(format!("{path:?} is not a package path; see 'go help packages'"));
        }
        // The compiler alone takes letters that the go command does not.
        let alone = self.request.compiler.alone;
        if let Some(why) = malformed_import(path).filter(|why| !(alone && why.starts_with("invalid char"))) {
            return Err(format!("malformed import path {path:?}: {why}"));
        }
        self.modules.resolve(path, Some(importer), self.request.overlay)
    }

    /// Another import path that differs from this one in case only, which would be the same folder elsewhere.
    fn note_path(&mut self, path: &str) -> Option<String> {
        let first = self.folded.entry(path.to_lowercase()).or_insert_with(|| path.to_owned());
        (first != path).then(|| first.clone())
    }

    /// Does go.mod list what is needed, in the versions that are needed?
    fn check_modules(&mut self, named: &[usize]) -> Result<(), String> {
        for importer in 0..self.packages.len() {
            let p = &self.packages[importer];
            for target in p.imports.iter().filter_map(|import| import.package) {
                let target = &self.packages[target];
                if let Err(msg) = self.modules.check_direct(&p.path, p.origin, &target.path, target.origin) {
                    self.packages[importer].blame(Fault::Complete(msg));
                    break;
                }
            }
        }
        // What the main modules need, also through others.
        let mut needed: Vec<usize> =
            (0..self.packages.len()).filter(|&p| self.modules.is_main(self.packages[p].origin)).collect();
        let mut is_needed = vec![false; self.packages.len()];
        needed.iter().for_each(|&package| is_needed[package] = true);
        while let Some(package) = needed.pop() {
            for target in self.packages[package].imports.iter().filter_map(|import| import.package) {
                if !std::mem::replace(&mut is_needed[target], true) {
                    needed.push(target);
                }
            }
        }
        named.iter().for_each(|&package| is_needed[package] = true);
        let packages = self.packages.iter().zip(is_needed);
        self.modules.check_roots(packages.filter(|(_, is_needed)| *is_needed).map(|(package, _)| package.origin))
    }

    /// Finds, for each package, the first import that is not allowed.
    fn judge_imports(&mut self) {
        let has_internal = |package: &LoadedPackage| package.imports.iter().any(|import| is_internal(&import.path));
        let mut named = self.packages.iter().filter(|package| package.origin == Origin::CommandLine);
        let named = named.find(|package| has_internal(package));
        let named_dir = named.map(|package| package.dir.clone());
        let home = named_dir.and_then(|dir| self.modules.resolve_dir(&dir, &dir).ok());
        for package in 0..self.packages.len() {
            let fault =
                self.packages[package].imports.iter().find_map(|import| self.forbidden(package, import, home.as_ref()));
            if let Some(fault) = fault {
                self.packages[package].blame(fault);
            }
        }
    }

    /// The settings of the program whose main package this is.
    fn godebug(&self, main: Option<&usize>) -> String {
        let version = if self.modules.has_main { self.modules.list[0].go_version } else { GoVersion::LATEST };
        // The main packages of tests are made later; what goes for the module goes for them.
        let is_program = |p: &&LoadedPackage| (p.name == "main" || self.request.tests) && !p.is_std();
        let Some(main) = main.map(|&n| &self.packages[n]).filter(is_program) else {
            return String::new();
        };
        let files = if main.name == "main" { &main.files[..] } else { &[] };
        let lines = || files.iter().flat_map(|file| debug_lines(file)).filter_map(|d| d.args().split_once('='));
        if version >= GoVersion::LATEST && self.modules.godebug.is_empty() && lines().next().is_none() {
            return String::new();
        }
        let of_module = self.modules.godebug.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Settings::read(&self.modules.goroot).defaults(version, of_module.chain(lines()))
    }

    fn check_debug_lines(&mut self) {
        let Loader { modules, packages, sources, .. } = self;
        let mut settings = None;
        for p in packages.iter_mut().filter(|p| !p.is_std()) {
            if p.files.iter().any(|file| debug_lines(file).next().is_some()) {
                let settings = settings.get_or_insert_with(|| Settings::read(&modules.goroot));
                let position = |pos| sources.position(pos).to_string();
                p.directive_errors = settings.check_files(p.files.iter().map(|file| &**file), position);
            }
        }
    }

    /// `home`: the package that files on the command line would be, where they lie.
    fn forbidden(&self, importer: usize, import: &Import, home: Option<&Location>) -> Option<Fault> {
        let Import { path, pos, .. } = import;
        let at = || shorten(&self.sources.position(*pos).to_string(), self.request.cwd);
        if is_relative(path) {
            return Some(Fault::Complete(format!("{}: local import {path:?} in non-local package", at())));
        }
        let (target, importer) = (&self.packages[import.package?], &self.packages[importer]);
        let home = match importer.origin {
            Origin::CommandLine => home.cloned(),
            _ => Some(importer.home()),
        };
        let allowed = home.is_some_and(|home| internal_allowed(&target.location(), &home));
        if target.fault.is_none() && is_internal(&target.path) && !allowed {
            return Some(Fault::Import(*pos, format!("use of internal package {} not allowed", target.path)));
        }
        if target.name == "main" && target.dir != importer.dir {
            let msg = format!("{}: import {path:?} is a program, not an importable package", at());
            return Some(Fault::Complete(msg));
        }
        None
    }
}

/// Files of a package of this name are for readers only.
fn drop_documentation(package: &mut LoadedPackage) {
    let is_documentation = |file: &Arc<File>| file.package.name.as_str() == "documentation";
    if !package.files.iter().any(is_documentation) {
        return;
    }
    let files = std::mem::take(&mut package.files);
    for (file, name) in files.into_iter().zip(std::mem::take(&mut package.file_names)) {
        if is_documentation(&file) {
            package.ignored_files.push(name);
        } else {
            package.files.push(file);
            package.file_names.push(name);
        }
    }
}

fn is_internal(path: &str) -> bool {
    path.split('/').any(|part| part == "internal")
}

/// Two names that differ in case only.
fn same_but_for_case<'n>(names: impl Iterator<Item = &'n str>) -> Option<(&'n str, &'n str)> {
    let mut seen: FxHashMap<String, &str> = FxHashMap::default();
    for name in names {
        if let Some(other) = seen.insert(name.to_lowercase(), name).filter(|other| *other != name) {
            return Some((name.min(other), name.max(other)));
        }
    }
    None
}

/// The import paths that a file's declarations say, with their places.
fn imports_of(file: &File) -> impl Iterator<Item = (String, Pos)> {
    file.decls.iter().filter_map(|decl| {
        let Decl::Import(import) = decl else { return None };
        let bytes = syntax::literal::unquote_string(import.path.as_ref()?.text.as_str())?;
        Some((String::from_utf8_lossy(&bytes).into_owned(), import.pos))
    })
}

/// A package `a/internal/b` belongs to the packages below `a`.
fn internal_allowed(target: &Location, importer: &Location) -> bool {
    let mut parts: Vec<&str> = target.path.split('/').collect();
    let Some(at) = parts.iter().rposition(|&part| part == "internal") else { return true };
    parts.truncate(at);
    let parent = parts.join("/");
    match importer.origin {
        Origin::Std => target.origin == Origin::Std && (parent.is_empty() || is_below(&importer.path, &parent)),
        Origin::Module(_) => target.origin != Origin::Std && is_below(&importer.path, &parent),
        Origin::CommandLine => false,
    }
}
