//! `golift test`: a program for the tests of each package, built and run.
//!
//! All packages are loaded as one graph in which the tests share what they can (`golift_load`, testing), and checked at once, as far as
//! their programs are not in the cache. Then workers take one package after the other: build, run, report. Reports come out
//! in the order of the packages, whatever is ready first; a package that cannot be built fails alone.

mod cached;
mod events;
mod report;
mod run;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;

use golift_check::{Checked, CheckedPackage};
use golift_link::Image;
use golift_load::{Graph, Origin};
use golift_syntax::Diagnostic;

use crate::build;
use crate::caches::Caches;
use crate::cover::{self, Cover, Profile};
use crate::diagnostics::{self, Style};
use crate::failure::{Exit, Failure, print_all};
use crate::front::{Front, Purpose};
use crate::options::BackOptions;
use crate::output::write_executable;
use crate::packages;
use crate::session::{STACK_SIZE, Session};
use crate::tool_flags::CompileFlags;
use crate::vet::{self, Verdicts};
use cached::{Kept, Results};
use events::Events;
use report::{Printer, Report};

/// Tests the packages of the arguments.
pub fn test(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    packages::update_requirements(session, args)?;
    let cover = if session.flags.cover.on { Cover::find(session, args, Purpose::Test)? } else { None };
    let (graph, goroot) = packages::load_covered(session, args, Purpose::Test, cover.as_ref())?;
    if !graph.errors.is_empty() {
        session.progress.finish();
        return cannot_load(session, &graph, &goroot);
    }
    if graph.roots.is_empty() {
        return Err(Failure::Message("no packages to test".into()));
    }
    check_line(session, &graph)?;
    // Before anything runs in vain.
    if let (false, Some(profile)) = (session.flags.test.compile_only, profile_path(session)?) {
        File::create(&profile).map_err(|e| format!("open {}: {}", profile.display(), golift_load::describe(&e)))?;
    }
    let tester = Tester::new(session, args, graph, goroot, cover)?;
    // Made once, before several ask for it.
    session.work_dir()?;
    let count = tester.programs.len();
    let workers = session.flags.threads().min(count);
    let next = AtomicUsize::new(0);
    let counter = session.progress.count_whole("testing");
    counter.total.store(count, Ordering::Relaxed);
    let work = || {
        session.within(|| {
            while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&index| index < count) {
                let report = tester.test(index);
                tester.end(index, report);
                counter.done.fetch_add(1, Ordering::Relaxed);
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
    let measured = tester.cover.as_ref().filter(|_| !session.flags.test.compile_only);
    if let (Some(cover), Some(profile)) = (measured, profile_path(session)?) {
        tester.profile.write(&cover.main.mode, &profile)?;
    }
    match tester.events {
        Some(events) => events.finish()?,
        None if failed && !args.is_empty() && !session.flags.test.fuzz => drop(print_all("FAIL\n")?),
        None => {}
    }
    Ok(u8::from(failed))
}

/// Where the profile of coverage goes.
fn profile_path(session: &Session) -> Result<Option<PathBuf>, String> {
    let flags = &session.flags.cover;
    let Some(profile) = &flags.profile else { return Ok(None) };
    session.absolute(&flags.output_dir.join(profile)).map(Some)
}

/// Patterns that lead nowhere: nothing is run.
fn cannot_load(session: &Session, graph: &Graph, goroot: &Path) -> Result<Exit, Failure> {
    let style = Style::for_build(session);
    let events = if session.flags.json { Some(Events::start(session, goroot)?) } else { None };
    for (index, error) in graph.errors.iter().enumerate() {
        diagnostics::print_setup_error(style, &error.import_path, error);
        let line = format!("FAIL\t{} [setup failed]\n", error.import_path);
        match &events {
            Some(events) => {
                events.begin(index, &error.import_path);
                events.cannot_build(index, &error.import_path);
                events.output(index, line.as_bytes());
                events.end(index, true);
            }
            None => drop(print_all(&line)?),
        }
    }
    match events {
        Some(events) => events.finish()?,
        None => drop(print_all("FAIL\n")?),
    }
    Ok(1)
}

/// What must not be asked for together with `-fuzz`; the messages are go's.
fn check_fuzz(session: &Session, graph: &Graph) -> Result<(), Failure> {
    let message = |text: &str| Err(Failure::Message(text.into()));
    let [test] = &graph.tests[..] else { return message("cannot use -fuzz flag with multiple packages") };
    if session.flags.cover.profile.is_some() {
        return message("cannot use -coverprofile flag with -fuzz flag");
    }
    if let Some(profile) = &session.flags.test.profile {
        return message(&format!("cannot use {profile} flag with -fuzz flag"));
    }
    // What fails is written beside the tests.
    let package = graph.packages.iter().find(|package| package.path == test.path);
    if package.is_some_and(|package| !graph.is_of_main_module(package) && package.origin != Origin::CommandLine) {
        return message("cannot use -fuzz flag on package outside the main module");
    }
    Ok(())
}

/// What only makes sense for one package.
fn check_line(session: &Session, graph: &Graph) -> Result<(), Failure> {
    let flags = &session.flags;
    let several = graph.roots.len() > 1;
    if flags.test.fuzz {
        check_fuzz(session, graph)?;
    }
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

/// Has vet look at what it has not seen yet, while the tests are built.
fn start_vet(session: &Session, args: &[String], graph: &Graph, goroot: &Path) -> Result<Verdicts, Failure> {
    let list = session.flags.test.vet.as_deref();
    let mut groups = Vec::new();
    for std in [false, true] {
        let Some(flags) = vet::flags_for_tests(list, std) else { continue };
        let tests = graph.tests.iter().zip(&graph.roots);
        let tests = tests.filter(|&(test, &root)| test.errors.is_empty() && graph.packages[root].is_std() == std);
        let packages: Vec<usize> = tests.flat_map(|(test, &root)| vet::parts(graph, &test.path, root)).collect();
        if !packages.is_empty() {
            groups.push((flags, packages));
        }
    }
    if groups.is_empty() || session.flags.dry_run {
        return Ok(Verdicts::default());
    }
    Verdicts::start(session, goroot, args, graph, &groups)
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
    /// `-cover`
    cover: Option<Cover>,
    /// `-coverprofile`
    profile: Profile,
    /// What vet says of the packages, before they are tested.
    verdicts: Verdicts,
    /// `-json`
    events: Option<Events>,
    /// How many tests have begun: they do so in their order.
    begun: Mutex<usize>,
    one_has_begun: Condvar,
    stop: AtomicBool,
}

/// A test that can begin.
enum Prepared<'a> {
    /// Others have failed, and that is enough.
    Stopped,
    NoFiles,
    /// It has passed before.
    Known(Kept),
    Built(Image, Option<Results<'a>>),
}

/// One that cannot: because of which package, and at what.
struct Unprepared {
    package: String,
    what: &'static str,
}

/// The program of a test.
struct Program {
    /// Its packages, as indices of the whole graph.
    packages: Vec<usize>,
    /// Taken when it is built.
    parts: Mutex<Option<Parts>>,
    /// The report of an earlier run that still holds.
    cached: Option<Kept>,
}

struct Parts {
    graph: Graph,
    options: BackOptions,
    caches: Caches,
    /// From the cache.
    image: Option<Vec<u8>>,
}

impl<'a> Tester<'a> {
    fn new(
        session: &'a Session,
        args: &[String],
        graph: Graph,
        goroot: PathBuf,
        cover: Option<Cover>,
    ) -> Result<Tester<'a>, Failure> {
        let mut programs = Vec::new();
        let mut unchecked: Vec<usize> = Vec::new();
        for (test, &root) in graph.tests.iter().zip(&graph.roots) {
            let packages = graph.reachable(&[root]);
            let mut parts = None;
            let mut cached = None;
            if test.errors.is_empty() {
                let part = graph.part(&packages, &[root]);
                if test.has_files {
                    let mut options = BackOptions::new(session, &part)?;
                    // What `testing.Testing` reports.
                    options.flags.assignments.push(("testing.testBinary".into(), b"1".to_vec()));
                    let caches = Caches::new(session, &options, &part, &goroot)?;
                    // Without patterns go runs the test in any case.
                    let keeps = !args.is_empty() && !session.flags.test.compile_only;
                    let results = || Results::of(session, &caches, test, &goroot, cover.as_ref());
                    cached = if keeps { results().and_then(|results| results.find()) } else { None };
                    // `-o` wants the executable even so.
                    if cached.is_none() || session.flags.output.is_some() {
                        let image = session.progress.phase("look up", || caches.program());
                        parts = Some(Parts { graph: part, options, caches, image });
                    }
                }
                let is_needed = cached.is_none() || parts.is_some();
                if is_needed && parts.as_ref().is_none_or(|parts| parts.image.is_none()) {
                    unchecked.push(root);
                }
            }
            programs.push(Program { packages, parts: Mutex::new(parts), cached });
        }
        let verdicts = start_vet(session, args, &graph, &goroot)?;
        let needed = graph.reachable(&unchecked);
        let (front, _) = build::check_packages(session, graph.part(&needed, &unchecked), Purpose::Test)?;
        let mut checked: Vec<Option<CheckedPackage>> = graph.packages.iter().map(|_| None).collect();
        for (package, result) in needed.into_iter().zip(front.checked.packages) {
            checked[package] = Some(result);
        }
        let printer = Printer::new(programs.len());
        let wants_events = session.flags.json && !session.flags.test.compile_only;
        let events = if wants_events { Some(Events::start(session, &goroot)?) } else { None };
        let (here, stop) = (args.is_empty(), AtomicBool::new(false));
        let (begun, one_has_begun) = (Mutex::new(0), Condvar::new());
        Ok(Tester {
            session,
            here,
            goroot,
            graph,
            checked,
            programs,
            printer,
            cover,
            profile: Profile::default(),
            verdicts,
            events,
            begun,
            one_has_begun,
            stop,
        })
    }

    /// What is to be run is there: the test begins, when those before it have. Each does so once, whatever comes of it.
    fn begin(&self, index: usize) {
        let mut begun = self.begun.lock().unwrap_or_else(|e| e.into_inner());
        while *begun < index {
            begun = self.one_has_begun.wait(begun).unwrap_or_else(|e| e.into_inner());
        }
        // After a failure no other is run, with `-failfast`.
        if let Some(events) = self.events.as_ref().filter(|_| !self.stop.load(Ordering::Relaxed)) {
            events.begin(index, &self.graph.tests[index].path);
        }
        *begun += 1;
        self.one_has_begun.notify_all();
    }

    /// Reports on a test.
    fn end(&self, index: usize, report: Report) {
        let report = match &self.events {
            Some(events) => {
                let failed = report.has_failed();
                events.output(index, &report.into_output());
                events.end(index, failed);
                if failed { Report::failed("") } else { Report::passed("") }
            }
            None => report,
        };
        self.printer.put(index, report);
    }

    /// The report on a test that cannot be built, because of which package.
    fn cannot_build(&self, index: usize, package: &str, what: &str) -> Report {
        if let Some(events) = &self.events {
            events.cannot_build(index, package);
        }
        Report::failed(format!("FAIL\t{} [{what} failed]\n", self.graph.tests[index].path))
    }

    fn test(&self, index: usize) -> Report {
        let prepared = if self.stop.load(Ordering::Relaxed) { Ok(Prepared::Stopped) } else { self.prepare(index) };
        self.begin(index);
        match prepared {
            Ok(Prepared::Stopped) => Report::default(),
            Ok(Prepared::NoFiles) => self.without_tests(index),
            Ok(Prepared::Known(kept)) => self.known(index, kept),
            Ok(Prepared::Built(image, results)) => self.run(index, &image, results.as_ref()),
            Err(Unprepared { package, what }) => self.cannot_build(index, &package, what),
        }
    }

    /// What was found out before.
    fn known(&self, index: usize, kept: Kept) -> Report {
        kept.profile.into_iter().for_each(|profile| self.profile.put(index, profile));
        Report::passed(kept.report)
    }

    /// A package without tests: nothing of it is reached.
    fn without_tests(&self, index: usize) -> Report {
        let path = &self.graph.tests[index].path;
        let Some(description) = self.cover.as_ref().and_then(|cover| cover.description(path)) else {
            return Report::passed(format!("?   \t{path}\t[no test files]\n"));
        };
        if self.session.flags.cover.profile.is_some() {
            let file = description.with_file_name("../profile");
            if let Err(Failure::Message(msg) | Failure::Usage(msg)) =
                cover::profile_of_nothing(self.session, &self.goroot, description, &file)
            {
                eprintln!("{msg}");
                return Report::failed(format!("FAIL\t{path} [build failed]\n"));
            }
            self.profile.add(index, &file);
        }
        Report::passed(format!("\t{path}\t\tcoverage: 0.0% of statements\n"))
    }

    /// Builds the test and has it vetted; says what is wrong.
    fn prepare(&self, index: usize) -> Result<Prepared<'_>, Unprepared> {
        let (test, style) = (&self.graph.tests[index], Style::for_build(self.session));
        for error in &test.errors {
            diagnostics::print_setup_error(style, &test.path, error);
        }
        if let Some(error) = test.errors.first() {
            return Err(Unprepared { package: error.import_path.clone(), what: "setup" });
        }
        let cached = self.programs[index].cached.clone();
        let prepared = match cached.filter(|_| self.session.flags.output.is_none()) {
            Some(kept) => Prepared::Known(kept),
            None => match self.build(index) {
                Ok(Some((image, results))) => Prepared::Built(image, results),
                Ok(None) => Prepared::NoFiles,
                Err(failure) => {
                    let package = self.failed_package(index);
                    match failure {
                        Failure::Reported => {}
                        Failure::Message(msg) | Failure::Usage(msg) => {
                            diagnostics::print_message(style, &package, &msg);
                        }
                    }
                    return Err(Unprepared { package, what: "build" });
                }
            },
        };
        match self.vet_complaint(index) {
            Ok(None) => Ok(prepared),
            Ok(Some(package)) => Err(Unprepared { package, what: "build" }),
            Err(msg) => {
                eprintln!("{msg}");
                Err(Unprepared { package: test.path.clone(), what: "build" })
            }
        }
    }

    fn run(&self, index: usize, image: &Image, results: Option<&Results>) -> Report {
        let test = &self.graph.tests[index];
        let report = self.keep(&test.path, image).and_then(|()| match &self.programs[index].cached {
            _ if self.session.flags.test.compile_only => Ok(Report::default()),
            Some(kept) => Ok(self.known(index, kept.clone())),
            None => {
                let place = run::Place {
                    index,
                    here: self.here,
                    alone: self.programs.len() == 1,
                    events: self.events.as_ref(),
                    results: results.filter(|_| !self.here),
                    cover: self.cover.as_ref().map(|cover| (cover, &self.profile)),
                };
                run::run(self.session, &self.goroot, test, image, &place)
            }
        });
        let report = report.unwrap_or_else(|msg| {
            eprintln!("{msg}");
            self.cannot_build(index, &test.path, "setup")
        });
        if report.has_failed() && self.session.flags.test.fail_fast {
            self.stop.store(true, Ordering::Relaxed);
        }
        report
    }

    /// Shows what vet has to say against the packages of a test; the first that it says something of. The error is a message.
    fn vet_complaint(&self, index: usize) -> Result<Option<String>, String> {
        let (graph, style) = (&self.graph, Style::for_build(self.session));
        let mut first = None;
        for package in vet::parts(graph, &graph.tests[index].path, graph.roots[index]) {
            let package = &graph.packages[package];
            let name = package.shown_name();
            let Some(verdict) = self.verdicts.of(&name)?.filter(|verdict| verdict.failed) else { continue };
            let text = vet::with_short_paths(&verdict.text, &package.dir, self.session.dir()?);
            let head = vet::head(package);
            let text = format!("{head}{}", text.trim_end());
            crate::progress::clear_line();
            diagnostics::print_message(style, &name, &text);
            first = first.or(Some(name));
        }
        Ok(first)
    }

    /// The package because of which a test cannot be built: the first with errors, or else its program.
    fn failed_package(&self, index: usize) -> String {
        let test = &self.graph.tests[index];
        let packages = self.programs[index].packages.iter();
        let mut wrong = packages.filter(|&&package| {
            self.checked[package].as_ref().is_some_and(|result| result.errors.iter().any(Diagnostic::is_error))
        });
        wrong.next().map_or_else(|| format!("{}.test", test.path), |&package| self.graph.packages[package].shown_name())
    }

    /// The executable and where the result goes, unless there is nothing to test.
    fn build(&self, index: usize) -> Result<Option<(Image, Option<Results<'_>>)>, Failure> {
        let test = &self.graph.tests[index];
        let program = &self.programs[index];
        let parts = program.parts.lock().unwrap_or_else(|e| e.into_inner()).take();
        let kept = parts
            .as_ref()
            .and_then(|parts| Results::of(self.session, &parts.caches, test, &self.goroot, self.cover.as_ref()));
        if let Some(Parts { image: Some(image), .. }) = parts {
            return Ok(Some((image.into(), kept)));
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
        Ok(Some((image, kept)))
    }

    /// `-c`, `-o`, profiles
    fn keep(&self, path: &str, image: &Image) -> Result<(), String> {
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
            // Who reads a profile needs it.
            None if flags.test.compile_only || flags.test.keeps_binary() => PathBuf::from(name),
            None => return Ok(()),
        };
        write_executable(&self.session.absolute(&output)?, &output, &image.parts())
    }
}
