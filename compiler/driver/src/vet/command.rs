//! `golift vet`.

use golift_load::Graph;

use super::batch;
use super::verdict::{Verdict, head, parts, with_short_paths};
use super::verdicts::Verdicts;
use crate::build;
use crate::diagnostics::{self, Style};
use crate::failure::{Exit, Failure, print_all};
use crate::front::Purpose;
use crate::session::Session;

/// Checks packages and says what is wrong with them, as `go vet` does.
pub fn vet(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let goroot = build::goroot(session)?;
    let graph = batch::load(session, args)?;
    let style = Style::for_build(session);
    if diagnostics::print_load_errors(&graph, style) {
        session.progress.finish();
        return Ok(1);
    }
    if graph.roots.is_empty() {
        return Err(Failure::Message("no packages to vet".into()));
    }
    let mut code = 0;
    let mut packages = Vec::new();
    for (test, &root) in graph.tests.iter().zip(&graph.roots) {
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
    Ok(code)
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
    for line in verdict.text.lines() {
        eprintln!("{}", golift_load::shorten(line, cwd));
    }
    Ok(u8::from(verdict.failed))
}
