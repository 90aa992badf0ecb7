//! Assembly files of packages: run through the distribution's assembler, and read.
//!
//! Strategy: a package has its real files, as with `go` (the loader says which packages are assembled: [`LoadedPackage::is_assembled`]). When all
//! is type-checked, `cmd/asm` makes an object of each `.s` file, with go's flags and, if a file asks for it, a `go_asm.h` with the
//! package's constants and structs. The assembler is that of the distribution where it is there and runs on this machine; it takes some
//! milliseconds a file. If not, it is compiled like other tools of the distribution
//! (`golift tool asm`), which takes some seconds once.
//! Nothing of this happens in programs without such packages, and nothing is fetched.
//!
//! Objects are kept in the cache under a key of all that they depend on: the assembler, its flags, the file and what it includes. The key of
//! a program contains the same files ([`add_sources`]), because it is looked up before anything is checked.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use golift_asm::Object;
use golift_load::{LoadedPackage, files, short_dir};
use golift_types::{ConstKind, Obj, Package, TypeKind, sizes};
use rayon::prelude::*;

use crate::cache::{self, ASM};
use crate::failure::Failure;
use crate::front::Front;
use crate::session::Session;
use crate::tool_flags::assembler_flags;

/// The header that is made of the package.
const HEADER: &str = "go_asm.h";

/// One file to assemble.
struct Job<'a> {
    loaded: &'a LoadedPackage,
    package: Package,
    file: &'a str,
    /// `-asmflags`
    flags: Arc<[String]>,
    /// Contents of the header, if the file or another of the package includes it.
    header: Option<Arc<String>>,
}

/// Objects of all assembly of a program.
pub fn assemble(session: &Session, front: &Front, goroot: &Path) -> Result<Arc<[Object]>, Failure> {
    assemble_packages(session, front, goroot, |loaded| loaded.is_assembled)
}

/// The errors in assembly of packages of which no program is made; the distribution has none.
pub fn check(session: &Session, front: &Front, goroot: &Path) -> Result<(), Failure> {
    assemble_packages(session, front, goroot, |loaded| loaded.is_assembled && !loaded.is_std()).map(drop)
}

fn assemble_packages(
    session: &Session,
    front: &Front,
    goroot: &Path,
    wanted: impl Fn(&LoadedPackage) -> bool,
) -> Result<Arc<[Object]>, Failure> {
    let mut jobs = Vec::new();
    let cwd = session.dir()?.to_string_lossy();
    let packages = front.graph.packages.iter().zip(&front.checked.packages).enumerate();
    for (index, loaded, package) in packages.filter_map(|(n, (loaded, checked))| Some((n, loaded, checked.package?))) {
        if !wanted(loaded) {
            continue;
        }
        let flags: Arc<[String]> = assembler_flags(session.flags.asmflags.of(&front.graph, index, &cwd))?.into();
        let needs_header = included(loaded).iter().any(|path| path.file_name().is_some_and(|name| name == HEADER));
        let header = needs_header.then(|| Arc::new(asm_header(package)));
        let of_package = |file| Job { loaded, package, file, flags: Arc::clone(&flags), header: header.clone() };
        jobs.extend(loaded.asm_files.iter().map(|file| of_package(file.as_str())));
    }
    if jobs.is_empty() {
        return Ok(Arc::new([]));
    }
    let assembler = Assembler::find(session, goroot)?;
    let results: Vec<Result<Object, String>> =
        jobs.par_iter().enumerate().map(|(n, job)| session.within(|| assembler.object(job, n))).collect();
    let mut objects = Vec::new();
    let mut errors = String::new();
    let mut last = "";
    for (job, result) in jobs.iter().zip(results) {
        match result {
            Ok(object) => objects.push(object),
            Err(text) => {
                if last != job.loaded.path {
                    _ = writeln!(errors, "# {}", job.loaded.shown_name());
                }
                last = &job.loaded.path;
                _ = writeln!(errors, "{}", text.trim_end());
            }
        }
    }
    if errors.is_empty() { Ok(objects.into()) } else { Err(Failure::Message(errors.trim_end().to_owned())) }
}

/// What runs, and how.
struct Assembler<'a> {
    session: &'a Session,
    goroot: &'a Path,
    program: PathBuf,
    /// What comes before its own arguments.
    first: &'static [&'static str],
    /// Changes when the assembler does.
    identity: String,
    /// Names of the symbols that objects refer to by number.
    builtins: Vec<String>,
    cache: Option<PathBuf>,
    scratch: PathBuf,
}

impl Assembler<'_> {
    fn find<'a>(session: &'a Session, goroot: &'a Path) -> Result<Assembler<'a>, Failure> {
        let version = fs::read_to_string(goroot.join("VERSION")).unwrap_or_default();
        let host = if cfg!(target_arch = "aarch64") { "linux_arm64" } else { "linux_amd64" };
        let ready = goroot.join("pkg/tool").join(host).join("asm");
        let runs = Command::new(&ready).arg("-V=full").env_clear().output().ok().filter(|o| o.status.success());
        let (program, first, identity) = match runs {
            Some(output) => (ready, &[][..], String::from_utf8_lossy(&output.stdout).into_owned()),
            // Golift's own command for tools: to compile a program is the business of a build, which this is a part of.
            None => {
                let own = env::current_exe().map_err(|e| format!("golift: {}", golift_load::describe(&e)))?;
                (own, &["tool", "asm"][..], cache::build_id().to_owned())
            }
        };
        let list = fs::read_to_string(goroot.join("src/cmd/internal/goobj/builtinlist.go"));
        let list = list.map_err(|e| format!("golift: cmd/internal/goobj: {}", golift_load::describe(&e)))?;
        let builtins = list.lines().filter_map(|line| line.trim().strip_prefix("{\"")?.split_once('"'));
        let cache = session.env.cache_dir().map(|dir| dir.join(ASM));
        Ok(Assembler {
            session,
            goroot,
            program,
            first,
            identity: format!("{identity} {version}"),
            builtins: builtins.map(|(name, _)| name.to_owned()).collect(),
            cache,
            scratch: session.work_dir()?.to_owned(),
        })
    }

    /// The object of a file, new or from the cache; the error is what `go` prints.
    fn object(&self, job: &Job, number: usize) -> Result<Object, String> {
        let (variables, flags) = (&self.session.env, &self.session.flags);
        let (goos, goarch) = (variables.goos(), variables.goarch());
        let mut args = vec!["-p".to_owned(), job.package.symbol_path().to_owned()];
        args.extend(["-D".into(), format!("GOOS_{goos}"), "-D".into(), format!("GOARCH_{goarch}")]);
        if job.loaded.is_std() {
            args.push("-std".into());
        }
        match goarch.as_str() {
            "amd64" => {
                args.extend(["-D".into(), format!("GOAMD64_{}", variables.text("GOAMD64").unwrap_or("v1".into()))])
            }
            "arm64" if variables.text("GOARM64").is_some_and(|value| value.contains("lse")) => {
                args.extend(["-D".into(), "GOARM64_LSE".into()]);
            }
            _ => {}
        }
        args.extend_from_slice(&job.flags);
        let key = self.key(job, &args);
        let kept = self.cache.as_ref().map(|dir| dir.join(key.to_hex().as_str()));
        if let Some(path) = kept.as_ref().filter(|_| !flags.rebuild)
            && let Ok(object) = cache::read(path).map_err(|e| e.to_string()).and_then(|b| self.read(job, &b))
        {
            return Ok(object);
        }
        let bytes = self.run(job, &args, number)?;
        let object = self.read(job, &bytes).map_err(|e| format!("{}: {e}", job.file))?;
        if let Some(dir) = &self.cache {
            cache::put(dir, key.to_hex().as_str(), &[&bytes]);
        }
        Ok(object)
    }

    fn read(&self, job: &Job, bytes: &[u8]) -> Result<Object, String> {
        golift_asm::read(job.package.symbol_path(), bytes, &self.builtins)
    }

    fn key(&self, job: &Job, args: &[String]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        add(self.identity.as_bytes());
        add(format!("{args:?} {}", job.file).as_bytes());
        // Names of files are in the object.
        add(job.loaded.dir.as_os_str().as_encoded_bytes());
        add(job.header.as_deref().map_or("", |text| text).as_bytes());
        add_sources(job.loaded, &mut add);
        hasher.finalize()
    }

    fn run(&self, job: &Job, args: &[String], number: usize) -> Result<Vec<u8>, String> {
        let dir = self.scratch.join(format!("asm{number}"));
        let failed = |e: std::io::Error| format!("golift: {}: {}", dir.display(), golift_load::describe(&e));
        fs::create_dir_all(&dir).map_err(failed)?;
        if let Some(header) = &job.header {
            fs::write(dir.join(HEADER), header.as_bytes()).map_err(failed)?;
        }
        let object = dir.join("asm.o");
        let mut command = Command::new(&self.program);
        command.args(self.first).args(args).arg("-trimpath").arg(format!("{}=>", dir.display()));
        command.arg("-I").arg(&dir).arg("-I").arg(self.goroot.join("pkg/include")).arg("-o").arg(&object);
        command.arg(format!("./{}", job.file)).current_dir(&job.loaded.dir);
        command.env_clear().envs(self.session.env.all()).env("PWD", &job.loaded.dir);
        command.env("GOOS", self.session.env.goos()).env("GOARCH", self.session.env.goarch());
        command.env("GOROOT", self.goroot).env_remove("GOFLAGS");
        let output = command.output().map_err(|e| format!("golift: {}: {e}", self.program.display()))?;
        if output.status.success() {
            return fs::read(&object).map_err(failed);
        }
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        // The folder as it is seen from here.
        let here = match self.session.dir().map(|cwd| short_dir(&job.loaded.dir, cwd)) {
            Ok(dir) if dir == "." => return Err(text.into_owned()),
            Ok(dir) => dir,
            Err(_) => job.loaded.dir.display().to_string(),
        };
        let relative = |line: &str| match line.strip_prefix("./") {
            Some(rest) => format!("{here}/{rest}"),
            None => line.replace(" ./", &format!(" {here}/")),
        };
        Err(text.lines().map(relative).collect::<Vec<_>>().join("\n"))
    }
}

/// Passes the assembly files of a package, and what they include, to `add`.
pub fn add_sources(loaded: &LoadedPackage, add: &mut impl FnMut(&[u8])) {
    if !loaded.is_assembled {
        return;
    }
    let own = loaded.asm_files.iter().map(|file| loaded.dir.join(file));
    for path in own.chain(included(loaded)) {
        if let Ok(text) = files::read(&path) {
            add(path.as_os_str().as_encoded_bytes());
            add(&text);
        }
    }
}

/// The files that the assembly files of a package include by names that lead somewhere from there, and those that these include. They need not exist.
fn included(loaded: &LoadedPackage) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut work: Vec<PathBuf> = loaded.asm_files.iter().map(|file| loaded.dir.join(file)).collect();
    while let Some(path) = work.pop() {
        let Ok(text) = files::read(&path) else { continue };
        for line in text.split(|&b| b == b'\n') {
            let line = String::from_utf8_lossy(line);
            let Some(rest) = line.trim_start().strip_prefix('#') else { continue };
            let Some(rest) = rest.trim_start().strip_prefix("include") else { continue };
            if let Some(name) = rest.trim().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                // The assembler looks from the folder of the package, whoever includes.
                let target = loaded.dir.join(name);
                if found.insert(target.clone()) {
                    work.push(target);
                }
            }
        }
    }
    found
}

/// Constants and structs of a package for assembly, in gc's form.
fn asm_header(package: Package) -> String {
    let mut out = format!("// generated by compile -asmhdr from package {}\n\n", package.name().as_str());
    let mut objects: Vec<Obj> = package.names().into_iter().filter_map(|name| package.lookup(name)).collect();
    objects.sort_by_key(|o| o.pos());
    for object in objects {
        let name = object.name().as_str();
        if object.is_const() {
            let value = object.const_value();
            if !matches!(value.kind(), ConstKind::Float | ConstKind::Complex | ConstKind::Unknown) {
                _ = writeln!(out, "#define const_{name} {}", exact(&value));
            }
        } else if object.is_type_name()
            && object.ty().as_named().is_none_or(|n| n.tparams().is_empty())
            && let TypeKind::Struct(s) = object.ty().under().kind()
        {
            _ = writeln!(out, "#define {name}__size {}", sizes::size_of(object.ty()));
            for (field, offset) in s.fields.iter().zip(sizes::offsets_of(&s.fields)) {
                if field.name().as_str() != "_" {
                    _ = writeln!(out, "#define {name}_{} {offset}", field.name().as_str());
                }
            }
        }
    }
    out
}

/// A constant as it is written, whole.
fn exact(value: &golift_types::ConstValue) -> String {
    match (value.as_bigint(), value.as_str_bytes()) {
        (Some(number), _) => number.to_string(),
        (None, Some(bytes)) => golift_types::constant::quote(&bytes),
        (None, None) => value.to_string(),
    }
}
