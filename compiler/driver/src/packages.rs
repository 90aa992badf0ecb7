//! Loading what is to be built or tested: after what changes modules and files before (`-mod=mod`, `-cover`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use golift_load::{self as load, Graph};

use crate::build;
use crate::cover::Cover;
use crate::diagnostics::{self, Style};
use crate::failure::Failure;
use crate::file_overlay;
use crate::front::Purpose;
use crate::go_command;
use crate::session::Session;

/// Finds, loads and parses the packages of a build, and says what is wrong with them.
pub fn load_packages(session: &Session, args: &[String]) -> Result<(Graph, PathBuf), Failure> {
    let (graph, goroot) = load_graph(session, args)?;
    if !graph.errors.is_empty() {
        session.progress.finish();
        diagnostics::print_load_errors(&graph, Style::for_build(session));
        return Err(Failure::Reported);
    }
    Ok((graph, goroot))
}

/// Finds, loads and parses the packages of a build.
pub fn load_graph(session: &Session, args: &[String]) -> Result<(Graph, PathBuf), Failure> {
    let purpose = Purpose::Build;
    update_requirements(session, args)?;
    if !session.flags.cover.on {
        return load_covered(session, args, purpose, None);
    }
    // Programs that are built one by one were covered together.
    if session.covered.get().is_none()
        && let Some(cover) = Cover::find(session, args, purpose)?
    {
        let covered = load_covered(session, args, purpose, Some(&cover));
        let _no_other_thread_loads = session.covered.set(cover.main);
        return covered;
    }
    build::load_with(session, args, purpose, session.covered.get())
}

/// The same with what was instrumented for coverage.
pub fn load_covered(
    session: &Session,
    args: &[String],
    purpose: Purpose,
    cover: Option<&Cover>,
) -> Result<(Graph, PathBuf), Failure> {
    let mut replaced = match &session.flags.overlay {
        Some(file) => file_overlay::read(file, session.dir()?)?,
        None => BTreeMap::default(),
    };
    replaced.extend(cover.iter().flat_map(|cover| cover.files.clone()));
    if !replaced.is_empty() {
        load::files::replace(replaced);
    }
    build::load_with(session, args, purpose, cover.map(|cover| &cover.main))
}

/// `-mod=mod`: the go command adds to go.mod what the packages need.
pub fn update_requirements(session: &Session, args: &[String]) -> Result<(), Failure> {
    let flags = &session.flags;
    if flags.module_mode.as_deref() != Some("mod") {
        return Ok(());
    }
    let mut list: Vec<OsString> = ["-mod=mod", "-e", "-deps", "-f", ""].map(OsString::from).into();
    list.extend(flags.modfile.iter().map(|file| format!("-modfile={}", file.display()).into()));
    list.extend(flags.overlay.iter().map(|file| format!("-overlay={}", file.display()).into()));
    list.extend(flags.writable_modules.then(|| "-modcacherw".into()));
    list.push(format!("-tags={}", flags.tags.join(",")).into());
    if !args.is_empty() {
        list.push("--".into());
        list.extend(args.iter().map(OsString::from));
    }
    match go_command::output(session, "list", &list)? {
        Ok((_, said)) => said.lines().filter(|line| line.starts_with("go: ")).for_each(|line| eprintln!("{line}")),
        Err(said) => return Err(Failure::Message(said.trim_end().to_owned())),
    }
    Ok(())
}
