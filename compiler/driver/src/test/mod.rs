//! `golift test`: a program for the tests of each package, built and run.
//!
//! All packages are loaded as one graph in which the tests share what they can (`golift_load`, testing), and checked at once, as far as
//! their programs are not in the cache. Then workers take one package after the other: build, run, report. Reports come out
//! in the order of the packages, whatever is ready first; a package that cannot be built fails alone.

mod report;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use golift_check::{Checked, CheckedPackage};
use golift_load::Graph;

use crate::build;
use crate::caches::Caches;
use crate::diagnostics::{self, Style};
use crate::failure::{Exit, Failure};
use crate::front::{Front, Purpose};
use crate::options::BackOptions;
use crate::output::write_executable;
use crate::session::{STACK_SIZE, Session};
use crate::tool_flags::CompileFlags;
use report::{Printer, Report};

/// Tests the packages of the arguments.
pub fn test(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let (graph, goroot) = build::load_graph(session, args, Purpose::Test)?;
    if !graph.errors.is_empty() {
        session.progress.finish();
        return Ok(cannot_load(session, &graph));
    }
    if graph.roots.is_empty() {
        return Err(Failure::Message("no packages to test".into()));
    }
    check_line(session, &graph)?;
    let tester = Tester::new(session, args, graph, goroot)?;
    // Made once, before several ask for it.
    session.work_dir()?;
    let count = tester.programs.len();
    let workers = session.flags.threads().min(count);
    let next = AtomicUsize::new(0);
    let work = || {
        session.within(|| {
            while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&index| index < count) {
                let report = tester.test(index);
                tester.printer.put(index, report);
            }
        });
    };
    thread::scope(|scope| {
        for number in 1..workers {
            let name = format!("test {number}");
            // One worker is enough where there can be no more.
            let _ = thread::Builder::new().name(name).stack_size(STACK_SIZE).spawn_scoped(scope, work);
        }
        work();
    });
    session.progress.finish();
    let failed = tester.printer.failed();
    if failed && !args.is_empty() {
        println!("FAIL");
    }
    Ok(u8::from(failed))
}

/// Patterns that lead nowhere: nothing is run.
fn cannot_load(session: &Session, graph: &Graph) -> Exit {
    let style = Style::for_build(session);
    for error in &graph.errors {
        diagnostics::print_setup_error(style, &error.import_path, error);
        println!("FAIL\t{} [setup failed]", error.import_path);
    }
    println!("FAIL");
    1
}

/// What only makes sense for one package.
fn check_line(session: &Session, graph: &Graph) -> Result<(), Failure> {
    let flags = &session.flags;
    let several = graph.roots.len() > 1;
    if let (Some(profile), true) = (&flags.test.profile, several) {
        return Err(Failure::Message(format!("cannot use {profile} flag with multiple packages")));
    }
    let Some(output) = &flags.output else { return Ok(()) };
    if several && output != Path::new("/dev/null") && !is_folder(session, output)? {
        return Err(Failure::Message("with multiple packages, -o must refer to a directory or /dev/null".into()));
    }
    Ok(())
}

fn is_folder(session: &Session, path: &Path) -> Result<bool, String> {
    Ok(path.as_os_str().to_string_lossy().ends_with('/') || session.absolute(path)?.is_dir())
}

/// All that the workers share.
struct Tester<'a> {
    session: &'a Session,
    /// No packages were named: what the one test prints is shown at once.
    here: bool,
    goroot: PathBuf,
    graph: Graph,
    /// A result for each package that some program needed; others were not looked at.
    checked: Vec<Option<CheckedPackage>>,
    programs: Vec<Program>,
    printer: Printer,
    stop: AtomicBool,
}

/// The program of a test.
struct Program {
    /// Its packages, as indices of the whole graph.
    packages: Vec<usize>,
    /// Taken when it is built.
    parts: Mutex<Option<Parts>>,
}

struct Parts {
    graph: Graph,
    options: BackOptions,
    caches: Caches,
    /// From the cache.
    image: Option<Vec<u8>>,
}

impl<'a> Tester<'a> {
    fn new(session: &'a Session, args: &[String], graph: Graph, goroot: PathBuf) -> Result<Tester<'a>, Failure> {
        let mut programs = Vec::new();
        let mut unchecked: Vec<usize> = Vec::new();
        for (test, &root) in graph.tests.iter().zip(&graph.roots) {
            let packages = graph.reachable(&[root]);
            let mut parts = None;
            if test.errors.is_empty() {
                let part = graph.part(&packages, &[root]);
                if test.has_files {
                    let mut options = BackOptions::new(session, &part)?;
                    // What `testing.Testing` reports.
                    options.flags.assignments.push(("testing.testBinary".into(), b"1".to_vec()));
                    let caches = Caches::new(session, &options, &part, &goroot)?;
                    let image = session.progress.phase("look up", || caches.program());
                    parts = Some(Parts { graph: part, options, caches, image });
                }
                if parts.as_ref().is_none_or(|parts| parts.image.is_none()) {
                    unchecked.push(root);
                }
            }
            programs.push(Program { packages, parts: Mutex::new(parts) });
        }
        let needed = graph.reachable(&unchecked);
        let (front, _) = build::check_packages(session, graph.part(&needed, &unchecked), Purpose::Test)?;
        let mut checked: Vec<Option<CheckedPackage>> = graph.packages.iter().map(|_| None).collect();
        for (package, result) in needed.into_iter().zip(front.checked.packages) {
            checked[package] = Some(result);
        }
        let printer = Printer::new(programs.len());
        let stop = AtomicBool::new(false);
        Ok(Tester { session, here: args.is_empty(), goroot, graph, checked, programs, printer, stop })
    }

    fn test(&self, index: usize) -> Report {
        let test = &self.graph.tests[index];
        if self.stop.load(Ordering::Relaxed) {
            return Report::default();
        }
        for error in &test.errors {
            diagnostics::print_setup_error(Style::for_build(self.session), &test.path, error);
        }
        if !test.errors.is_empty() {
            return Report::failed(format!("FAIL\t{} [setup failed]\n", test.path));
        }
        let image = match self.build(index) {
            Ok(image) => image,
            Err(failure) => {
                match failure {
                    Failure::Reported => {}
                    Failure::Message(msg) | Failure::Usage(msg) => {
                        diagnostics::print_message(Style::for_build(self.session), &test.path, &msg);
                    }
                }
                return Report::failed(format!("FAIL\t{} [build failed]\n", test.path));
            }
        };
        let Some(image) = image else { return Report::passed(format!("?   \t{}\t[no test files]\n", test.path)) };
        let report = self.keep(&test.path, &image).and_then(|()| match self.session.flags.test.compile_only {
            true => Ok(Report::default()),
            false => run::run(self.session, &self.goroot, test, index, &image, self.here, self.programs.len() == 1),
        });
        let report = report.unwrap_or_else(|msg| {
            eprintln!("{msg}");
            Report::failed(format!("FAIL\t{} [setup failed]\n", test.path))
        });
        if report.has_failed() && self.session.flags.test.fail_fast {
            self.stop.store(true, Ordering::Relaxed);
        }
        report
    }

    /// The executable, unless there is nothing to test.
    fn build(&self, index: usize) -> Result<Option<Vec<u8>>, Failure> {
        let program = &self.programs[index];
        let parts = program.parts.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(Parts { image: Some(image), .. }) = parts {
            return Ok(Some(image));
        }
        let mut results = Vec::new();
        for &package in &program.packages {
            match self.checked[package].as_ref().and_then(|result| result.package) {
                Some(package) => results.push(CheckedPackage { package: Some(package), errors: Vec::new() }),
                // Its errors have been shown.
                None => return Err(Failure::Reported),
            }
        }
        let Some(Parts { graph, options, caches, .. }) = parts else { return Ok(None) };
        let cwd = self.session.dir()?.to_string_lossy();
        let flags = CompileFlags::of_packages(&self.session.flags.gcflags, &graph, &cwd)?;
        let front = Front { graph, checked: Checked { packages: results }, flags };
        let image = build::compile(self.session, &front, &self.goroot, &options, &caches, false)?;
        caches.save(&image);
        Ok(Some(image))
    }

    /// `-c`, `-o`
    fn keep(&self, path: &str, image: &[u8]) -> Result<(), String> {
        let flags = &self.session.flags;
        let name = format!("{}.test", run::binary_name(path));
        let output = match &flags.output {
            Some(output) if output == Path::new("/dev/null") => return Ok(()),
            Some(output) if is_folder(self.session, output)? => {
                let folder = self.session.absolute(output)?;
                std::fs::create_dir_all(&folder).map_err(|e| format!("golift: {}: {e}", folder.display()))?;
                output.join(name)
            }
            Some(output) => output.clone(),
            None if flags.test.compile_only => PathBuf::from(name),
            None => return Ok(()),
        };
        write_executable(&self.session.absolute(&output)?, &output, image)
    }
}
