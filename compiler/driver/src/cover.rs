//! Coverage of tests and programs: `-cover`, `-covermode`, `-coverpkg`, `-coverprofile`.
//!
//! The distribution's cover, compiled by golift, puts counters into the files of covered packages. Packages are loaded twice: first to find out which
//! they are, then with the instrumented files in the place of theirs, as `-overlay` would have it. gc's compiler and linker make the counters
//! known to the runtime; here the source does. To the first file of a package we add what cover writes beside it (counters and
//! the description of the code), and the call of `runtime.addCover` becomes the initial value of its first variable: so the package
//! is known before anything counts. What then writes and prints profiles is the distribution's
//! `internal/coverage/cfile`; a program writes to `GOCOVERDIR`, for which package main calls it at its beginning.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use golift_load::{CoverMain, Graph, LoadedPackage, Origin, files};
use golift_syntax::ast::Decl;
use serde::Deserialize;

use crate::build;
use crate::cli::flags::{CoverFlags, Flags};
use crate::cli::values::matches_package;
use crate::failure::Failure;
use crate::front::{self, Purpose};
use crate::session::Session;
use crate::tools;
use crate::work_dir::{read_file, write_file};

/// What is covered, and how.
pub struct Cover {
    /// For the main packages of the tests.
    pub main: CoverMain,
    /// Instrumented files, by the names of those whose places they take, as `-overlay` has them.
    pub files: BTreeMap<PathBuf, Option<PathBuf>>,
    /// Packages in which there is something to count, and the descriptions of their code.
    pub counted: Vec<(String, PathBuf)>,
}

impl Cover {
    /// Instruments what is to be covered. Nothing: there are errors, which will be shown when all is loaded again.
    pub fn find(session: &Session, args: &[String], purpose: Purpose) -> Result<Option<Cover>, Failure> {
        let flags = Flags { cover: CoverFlags::default(), ..session.flags.clone() };
        let inner = session.inner(session.env.clone(), flags);
        inner.within(|| {
            // With what the report is made by, which is covered, too, if it is asked for.
            let (graph, goroot) = build::load_for_cover(&inner, args, purpose)?;
            Ok(if graph.errors.is_empty() { Some(instrument(session, &goroot, &graph)?) } else { None })
        })
    }

    /// The description of a package in which there is something to count.
    pub fn description(&self, path: &str) -> Option<&Path> {
        self.counted.iter().find(|(counted, _)| counted == path).map(|(_, file)| file.as_path())
    }

    /// Adds what a profile may hold of packages that a test does not contain.
    pub fn hash(&self, hasher: &mut blake3::Hasher) -> Option<()> {
        for (path, description) in self.counted.iter().filter(|_| !self.main.patterns.is_empty()) {
            hasher.update(path.as_bytes()).update(&fs::read(description).ok()?);
        }
        Some(())
    }

    /// For a test that measures more than its own package: what it is to describe though it may not contain it.
    pub fn describe(&self, folder: &Path) -> Result<(), String> {
        if self.main.patterns.is_empty() {
            return Ok(());
        }
        let (paths, files): (Vec<&String>, Vec<&PathBuf>) =
            self.counted.iter().map(|(path, file)| (path, file)).unzip();
        let list = serde_json::json!({"ImportPaths": paths, "MetaFileFragments": files});
        write_file(&folder.join("metafiles.txt"), list.to_string().as_bytes())
    }
}

/// The profile of a package without tests: nothing was reached.
pub fn profile_of_nothing(session: &Session, goroot: &Path, description: &Path, to: &Path) -> Result<(), Failure> {
    let program = tools::find(session, goroot, "covdata")?;
    let mut command = Command::new(&program);
    command.arg("textfmt").arg("-i").arg(description.parent().unwrap_or(description)).arg("-o").arg(to);
    let output = command.env_clear().envs(session.env.all()).stdin(Stdio::null()).output();
    let output = output.map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::Message(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
}

/// What cover says about the package for the compiler.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Facts {
    meta_var: String,
    meta_len: u32,
    meta_hash: String,
    counter_prefix: String,
    pkg_id_var: String,
}

/// Instruments the packages of a graph that the flags select.
pub fn instrument(session: &Session, goroot: &Path, graph: &Graph) -> Result<Cover, Failure> {
    let flags = &session.flags.cover;
    let program = tools::find(session, goroot, "cover")?;
    let folder = session.work_dir()?.join("cover");
    let cwd = session.dir()?.to_string_lossy().into_owned();
    let mut matched = vec![false; flags.patterns.len()];
    let roots: Vec<&str> = graph.roots.iter().map(|&root| &*graph.packages[root].path).collect();
    let mut cover = Cover {
        main: CoverMain { mode: flags.mode.clone(), patterns: flags.patterns.clone(), packages: Vec::new() },
        files: BTreeMap::new(),
        counted: Vec::new(),
    };
    for package in graph.packages.iter().filter(|package| package.for_test.is_none()) {
        let is_tested = || graph.tests.iter().any(|test| test.path == package.path);
        let is_named = || {
            graph.is_of_main_module(package) || package.origin == Origin::CommandLine || roots.contains(&&*package.path)
        };
        let mut wanted = flags.patterns.is_empty() && if graph.tests.is_empty() { is_named() } else { is_tested() };
        for (pattern, matched) in flags.patterns.iter().zip(&mut matched) {
            let matches = matches_package(pattern, package, &cwd);
            wanted |= matches;
            *matched |= matches;
        }
        // Those of our overlay are nobody's to measure.
        let is_covered = |name: &&String| !name.ends_with("_test.go") && files::is_file(&package.dir.join(name));
        let files: Vec<&String> = package.file_names.iter().filter(is_covered).collect();
        // What the runtime is made of counts nothing: it runs before there are counters.
        if !wanted || files.is_empty() || front::is_of_runtime(package) || !package.syntax_errors.is_empty() {
            continue;
        }
        let place = folder.join(cover.main.packages.len().to_string());
        fs::create_dir_all(&place).map_err(|e| format!("golift: {}: {e}", place.display()))?;
        let description = instrument_package(session, graph, package, &files, &program, &place, &mut cover)?;
        cover.main.packages.push(package.path.clone());
        cover.counted.extend(description.map(|file| (package.path.clone(), file)));
    }
    for (pattern, _) in flags.patterns.iter().zip(&matched).filter(|(_, matched)| !**matched) {
        let what = if graph.tests.is_empty() { "built" } else { "tested" };
        eprintln!("warning: no packages being {what} depend on matches for pattern {pattern}");
    }
    Ok(cover)
}

/// Runs cover on the files of a package; gives the description of its code if there is anything to count.
fn instrument_package(
    session: &Session,
    graph: &Graph,
    package: &LoadedPackage,
    names: &[&String],
    program: &Path,
    place: &Path,
    cover: &mut Cover,
) -> Result<Option<PathBuf>, Failure> {
    let mode = &cover.main.mode;
    let (config, facts, list) = (place.join("pkgcfg.txt"), place.join("coveragecfg"), place.join("outfiles.txt"));
    let id = blake3::hash(package.path.as_bytes()).to_hex();
    // Alone in its folder, as covdata wants it.
    let description = place.join("meta").join(format!("covmeta.{id}"));
    fs::create_dir_all(place.join("meta")).map_err(|e| format!("golift: {}: {e}", place.display()))?;
    let about = serde_json::json!({
        "EmitMetaFile": description,
        "PkgPath": package.path, "PkgName": package.name, "Granularity": "perblock", "OutConfig": facts,
        "Local": package.origin == Origin::CommandLine,
        "ModulePath": graph.main_module.clone().filter(|_| graph.is_of_main_module(package)).unwrap_or_default(),
    });
    write_file(&config, about.to_string().as_bytes())?;
    let variables = place.join("covervars.go");
    let outputs: Vec<PathBuf> = names.iter().map(|name| place.join(name.replace(".go", ".cover.go"))).collect();
    let mut lines = format!("{}\n", variables.display());
    outputs.iter().for_each(|output| lines += &format!("{}\n", output.display()));
    write_file(&list, lines.as_bytes())?;
    let real = |name: &String| {
        let path = package.dir.join(name);
        files::real_path(&path).map_or_else(|| path.clone(), Cow::into_owned)
    };
    let mut command = Command::new(program);
    command.arg("-pkgcfg").arg(&config).args(["-mode", mode, "-var", &format!("goCover_{}_", &id[..12])]);
    command.arg("-outfilelist").arg(&list).args(names.iter().map(|name| real(name)));
    command.current_dir(&package.dir).env_clear().envs(session.env.all()).stdin(Stdio::null());
    let output = command.output().map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Message(format!("# {}\n{}", package.path, text.trim_end())));
    }
    let facts: Facts =
        serde_json::from_slice(&read_file(&facts)?).map_err(|e| format!("golift: {}: {e}", facts.display()))?;
    let text = String::from_utf8_lossy(&read_file(&variables)?).into_owned();
    let counters = counters(&text, &facts.counter_prefix);
    // The first file takes what cover wrote beside it.
    let first = String::from_utf8_lossy(&read_file(&outputs[0])?).into_owned();
    let (head, tail) =
        split_after_clause(&first, graph, package, names[0]).ok_or("golift: cover: no package clause".to_owned())?;
    let own = text.split_once(&format!("package {}", package.name)).map_or("", |(_, rest)| rest);
    let (functions, value) = registration(package, &facts, mode, &counters, graph.tests.is_empty())?;
    let (id, variables) = (&facts.pkg_id_var, on_one_line(own));
    let text = match end_of_imports(head, tail, graph, package, names[0]).map(|end| tail.split_at(end)) {
        // These variables come before all others, as gc has them, so that the order of the others stays what it was.
        Some((imports, rest)) => {
            let first = format!("{variables}var _ = func() bool {{ {id} = {value}; return true }}()");
            format!("{head}; import _golift_unsafe \"unsafe\"{imports}; {first}{rest}\n{functions}")
        }
        None => {
            let variables = variables.replace(&format!("var {id} uint32"), &format!("var {id} = {value}"));
            format!("{head}; import _golift_unsafe \"unsafe\"{tail}\n{variables}\n{functions}")
        }
    };
    write_file(&outputs[0], text.as_bytes())?;
    for (name, output) in names.iter().zip(outputs) {
        cover.files.insert(package.dir.join(name), Some(output));
    }
    Ok((!counters.is_empty()).then_some(description))
}

/// The text up to the end of the package clause, and the rest.
fn split_after_clause<'t>(
    text: &'t str,
    graph: &Graph,
    package: &LoadedPackage,
    name: &str,
) -> Option<(&'t str, &'t str)> {
    let at = package.file_names.iter().position(|known| known == name)?;
    let position = graph.sources.physical_position(package.files[at].package.pos);
    // Cover puts a line of its own in front, and changes nothing before the clause.
    let mut start = 0;
    for _ in 0..position.line {
        start += text[start..].find('\n')? + 1;
    }
    let from = start + (position.col as usize).checked_sub(1)?;
    let rest = text.get(from..)?;
    let clause = rest.strip_prefix("package").filter(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
    let name = text.len() - clause.unwrap_or(rest).len();
    let end = name + text[name..].find(&package.name)? + package.name.len();
    Some(text.split_at(end))
}

/// Declarations of variables as one line of Go, which changes no line numbers.
fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty() && !part.starts_with("//")) {
        line += part;
        line += if part.ends_with(['{', ',']) { " " } else { "; " };
    }
    line
}

/// Where the imports end in the text behind the package clause. Nothing: it is hard to say.
fn end_of_imports(head: &str, tail: &str, graph: &Graph, package: &LoadedPackage, name: &str) -> Option<usize> {
    let at = package.file_names.iter().position(|known| known == name)?;
    let file = &package.files[at];
    let mut imports = file.decls.iter().filter_map(|decl| match decl {
        Decl::Import(import) => Some(import),
        _ => None,
    });
    let Some(last) = imports.next_back() else { return Some(own_imports(tail)) };
    let literal = last.path.as_ref()?;
    let position = graph.sources.physical_position(literal.pos);
    if position.line == graph.sources.physical_position(file.package.pos).line {
        return None;
    }
    // As above, one line further down.
    let lines_before = head.matches('\n').count();
    let mut start = 0;
    for _ in lines_before..position.line as usize {
        start += tail[start..].find('\n')? + 1;
    }
    let from = start + (position.col as usize).checked_sub(1)?;
    let mut end = from + tail.get(from..)?.strip_prefix(literal.text.as_str()).map(|_| literal.text.as_str().len())?;
    if last.group.is_none() {
        return Some(end);
    }
    // Up to the parenthesis, over comments.
    loop {
        let rest = &tail[end..];
        end += match rest.chars().next()? {
            ')' => return Some(end + 1),
            _ if rest.starts_with("//") => rest.find('\n')?,
            _ if rest.starts_with("/*") => rest.find("*/")? + 2,
            c => c.len_utf8(),
        };
    }
}

/// The imports that cover has put behind the package clause.
fn own_imports(tail: &str) -> usize {
    let mut end = 0;
    while let Some(import) = tail[end..].trim_start_matches(' ').strip_prefix(';') {
        let Some(spec) = import.trim_start_matches(' ').strip_prefix("import ") else { break };
        let Some(quote) = spec.match_indices('"').nth(1) else { break };
        end = tail.len() - spec.len() + quote.0 + 1;
    }
    end
}

/// Names and lengths of the counters, of which each function has some.
fn counters<'t>(text: &'t str, prefix: &str) -> Vec<(&'t str, &'t str)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("var ")?.strip_suffix("]uint32"));
    lines.filter_map(|line| line.split_once(" [")).filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// By what the runtime learns of the package: functions, and an expression that calls them, whose value is the package's number.
fn registration(
    package: &LoadedPackage,
    facts: &Facts,
    mode: &str,
    counters: &[(&str, &str)],
    is_program: bool,
) -> Result<(String, String), String> {
    let Facts { meta_var, meta_len, meta_hash, counter_prefix, .. } = facts;
    let mode = match mode {
        "set" => 1,
        "count" => 2,
        _ => 3,
    };
    let bytes: Vec<String> =
        meta_hash.as_bytes().chunks(2).map(|pair| format!("0x{}", String::from_utf8_lossy(pair))).collect();
    if bytes.len() != 16 {
        return Err(format!("golift: cover: hash {meta_hash:?}"));
    }
    let mut list = String::new();
    for (name, length) in counters {
        let _ = write!(list, "{{&{name}[0], {length}}}, ");
    }
    let blob = "struct { counters *uint32; len uint64 }";
    // The package of a program calls itself main.
    let is_main = is_program && package.name == "main";
    let path = if is_main { "main" } else { &package.path };
    let mut functions = format!(
        "//go:linkname {counter_prefix}add runtime.addCover\nfunc {counter_prefix}add(meta _golift_unsafe.Pointer, size uint32, hash [16]byte, path string, mode uint8, counters []{blob}) uint32\n\n"
    );
    let call = format!(
        "{counter_prefix}add(_golift_unsafe.Pointer(&{meta_var}), {meta_len}, [16]byte{{{}}}, {path:?}, {mode}, []{blob}{{{list}}})",
        bytes.join(", "),
    );
    if !is_main {
        return Ok((functions, call));
    }
    // All that it imports has been made known by now.
    let hook = format!("{counter_prefix}hook");
    functions += &format!("//go:linkname {hook} internal/coverage/cfile.InitHook\nfunc {hook}(istest bool)\n");
    Ok((functions, format!("func() uint32 {{ id := {call}; {hook}(false); return id }}()")))
}

/// What the tests measured, on its way into one profile.
#[derive(Default)]
pub struct Profile {
    parts: Mutex<BTreeMap<usize, Vec<u8>>>,
}

impl Profile {
    /// The profile of a test; it may have written none.
    pub fn add(&self, test: usize, file: &Path) {
        if let Ok(text) = fs::read(file) {
            self.put(test, text);
        }
    }

    /// The same from its text.
    pub fn put(&self, test: usize, text: Vec<u8>) {
        self.parts.lock().unwrap_or_else(|e| e.into_inner()).insert(test, text);
    }

    /// Writes the whole: the head of the first, and the lines of all.
    pub fn write(&self, mode: &str, path: &Path) -> Result<(), String> {
        let head = format!("mode: {mode}\n");
        let mut text = head.clone().into_bytes();
        for part in self.parts.lock().unwrap_or_else(|e| e.into_inner()).values() {
            text.extend_from_slice(part.strip_prefix(head.as_bytes()).unwrap_or_default());
        }
        write_file(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_text() {
        assert_eq!(own_imports("; import _ \"a\";import b \"c\" // x"), 27);
        assert_eq!(own_imports("\n\nfunc f() {}"), 0);
        let line = on_one_line("\n\nvar a [2]uint32\n// x\nvar m = [...]byte{\n 1,\n 2,}\nvar b uint32\n");
        assert_eq!(line, "var a [2]uint32; var m = [...]byte{ 1, 2,}; var b uint32; ");
    }

    #[test]
    fn finds_counters() {
        let text = "var p_P uint32\nvar p__0 [6]uint32\nvar p__1 [5]uint32\nvar p_M = [...]byte{\n";
        assert_eq!(counters(text, "p_"), [("p__0", "6"), ("p__1", "5")]);
    }
}
