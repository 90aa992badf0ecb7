//! `golift vet`, and `golift fix`, which has other analyzers and does what they propose.

use std::collections::BTreeMap;
use std::fs;

use golift_load::{Graph, Origin};

use super::batch;
use super::verdict::{Verdict, head, parts, with_short_paths};
use super::verdicts::Verdicts;
use crate::build;
use crate::cli::flags::VetFlags;
use crate::diagnostics::{self, Style};
use crate::failure::{Exit, Failure, print_all};
use crate::front::Purpose;
use crate::session::Session;

/// Checks packages and says what is wrong with them, or mends it, as `go vet` and `go fix` do.
pub fn vet(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let goroot = build::goroot(session)?;
    let graph = batch::load(session, args)?;
    let style = Style::for_build(session);
    if diagnostics::print_load_errors(&graph, style) {
        session.progress.finish();
        return Ok(1);
    }
    if graph.roots.is_empty() {
        return Err(Failure::Message(format!("no packages to {}", session.flags.vet.tool.name())));
    }
    let mut code = 0;
    let mut packages = Vec::new();
    let VetFlags { fix, diff, .. } = session.flags.vet;
    // What others wrote is left as it is.
    let is_foreign = |root: usize| {
        let package = &graph.packages[root];
        match package.origin {
            Origin::Std => package.path.starts_with("vendor/"),
            Origin::Module(_) => !graph.is_of_main_module(package),
            Origin::CommandLine => false,
        }
    };
    for (test, &root) in graph.tests.iter().zip(&graph.roots) {
        if fix && !diff && parts(&graph, &test.path, root).first().is_some_and(|&package| is_foreign(package)) {
            continue;
        }
        for error in &test.errors {
            eprintln!("{}", error.msg);
            code = 1;
        }
        if test.errors.is_empty() {
            packages.extend(parts(&graph, &test.path, root));
        }
    }
    let flags = session.flags.vet.args.clone();
    let verdicts = Verdicts::start(session, &goroot, args, &graph, &[(flags, packages.clone())])?;
    let mut all = Vec::new();
    for &package in &packages {
        let verdict = verdicts.of(&graph.packages[package].shown_name()).map_err(refusal)?;
        all.push((package, verdict.unwrap_or_default()));
    }
    session.progress.finish();
    if all.iter().any(|(_, verdict)| verdict.broken_import) {
        code = 1;
        print_errors_of_imports(session, &graph, &packages)?;
    }
    for (package, verdict) in all.iter().filter(|(_, verdict)| !verdict.broken_import) {
        code |= print(session, &graph, *package, verdict)?;
    }
    if fix && !diff { Ok(apply(all.iter().map(|(_, verdict)| verdict)).max(code)) } else { Ok(code) }
}

/// Writes what has been mended. Several packages may have a file, and must agree about it.
fn apply<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> Exit {
    let mut contents: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, content) in verdicts.flat_map(|verdict| &verdict.fixed) {
        if contents.insert(file, content).is_some_and(|before| before != content) {
            eprintln!("reading archive of fixes: inconsistent fixes to file {file}");
            return 1;
        }
    }
    let mut code = 0;
    for (file, content) in contents {
        if let Err(e) = fs::write(file, content) {
            eprintln!("applying fix: open {file}: {}", golift_load::describe(&e));
            code = 1;
        }
    }
    code
}

/// Vet did not run: perhaps because of its flags, whose list is long.
fn refusal(msg: String) -> Failure {
    let first = msg.lines().next().unwrap_or_default();
    match first.starts_with("flag provided but not defined") || first.starts_with("invalid ") {
        true => Failure::Usage(format!("{first}\nRun 'golift help vet' for details.")),
        false => Failure::Message(msg),
    }
}

/// What is no correct Go, and is imported: the compiler says what is wrong with it.
fn print_errors_of_imports(session: &Session, graph: &Graph, packages: &[usize]) -> Result<(), Failure> {
    let imported: Vec<usize> =
        packages.iter().flat_map(|&p| graph.packages[p].imports.iter().filter_map(|import| import.package)).collect();
    let part = graph.part(&graph.reachable(&imported), &imported);
    build::check_packages(session, part, Purpose::Check).map(drop)
}

fn print(session: &Session, graph: &Graph, package: usize, verdict: &Verdict) -> Result<Exit, Failure> {
    let loaded = &graph.packages[package];
    let cwd = session.dir()?;
    if verdict.broken {
        let text = with_short_paths(&verdict.text, &loaded.dir, cwd);
        eprint!("{}{text}", head(loaded));
        return Ok(1);
    }
    if session.flags.vet.json {
        return print_all(&verdict.json);
    }
    if session.flags.vet.fix {
        if !verdict.text.is_empty() {
            eprint!("{}{}", head(loaded), with_short_paths(&verdict.text, &loaded.dir, cwd));
        }
        print_all(&verdict.diff)?;
        return Ok(u8::from(verdict.failed || !verdict.diff.is_empty()));
    }
    for line in verdict.text.lines() {
        eprintln!("{}", golift_load::shorten(line, cwd));
    }
    Ok(u8::from(verdict.failed))
}
