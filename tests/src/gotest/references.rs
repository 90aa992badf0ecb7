//! gc's verdicts: a file with a line for each test. They do not change, and cost half an hour.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::sync::Mutex;

use super::judge::{Place, judge};
use super::recipe::Test;
use super::toolchain::Gc;
use crate::cache_dir;

/// Changes with what is asked of gc.
const FORMAT: u32 = 2;

pub struct References<'a> {
    place: Place<'a>,
    gc: Gc,
    known: BTreeMap<String, bool>,
    file: Option<Mutex<fs::File>>,
}

impl<'a> References<'a> {
    pub fn open(place: Place<'a>) -> References<'a> {
        let goroot = place.goroot;
        let version = golift_load::goroot_version(goroot).unwrap_or_default();
        let path = cache_dir().join(format!("gotest-{version}-{FORMAT}.txt"));
        let _ = fs::create_dir_all(cache_dir());
        let known = fs::read_to_string(&path).unwrap_or_default();
        let known = known.lines().filter_map(|line| line.split_once(' '));
        let known = known.map(|(verdict, name)| (name.to_owned(), verdict == "ok")).collect();
        let file = fs::OpenOptions::new().create(true).append(true).open(path).ok().map(Mutex::new);
        References { place, gc: Gc::new(goroot), known, file }
    }

    /// Does gc pass the test? Asks it only once.
    pub fn passes(&self, test: &Test) -> bool {
        let name = &test.name;
        if let Some(&passes) = self.known.get(name) {
            return passes;
        }
        let verdict = judge(self.place, test, &self.gc);
        let passes = verdict.is_ok();
        if let Err(reason) = &verdict {
            if reason.starts_with("cannot start") {
                return false; // says nothing about the test
            }
            println!("gc fails {} {name}: {reason}", test.action);
        }
        if let Some(file) = &self.file {
            let verdict = if passes { "ok" } else { "bad" };
            let _ = writeln!(file.lock().expect("no writer panicked"), "{verdict} {name}");
        }
        passes
    }
}
