//! Verdicts from the cache, or from a run of vet beside the build.

use std::path::Path;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use golift_load::Graph;
use rustc_hash::FxHashMap;

use super::verdict::{Place, Verdict};
use super::{batch, keys};
use crate::failure::Failure;
use crate::session::Session;

/// Verdicts that are known or on their way.
#[derive(Default)]
pub struct Verdicts {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: FxHashMap<String, Verdict>,
    running: Vec<JoinHandle<Result<Vec<Verdict>, String>>>,
}

impl Verdicts {
    /// Starts to check packages of a graph with these flags of vet. `patterns` are what the graph was made from.
    pub fn start(
        session: &Session,
        goroot: &Path,
        patterns: &[String],
        graph: &Graph,
        groups: &[(Vec<String>, Vec<usize>)],
    ) -> Result<Verdicts, Failure> {
        let mut state = State::default();
        let mut full = None;
        for (flags, packages) in groups {
            let mut missing = Vec::new();
            let mut keys = keys::Keys::new(session, goroot, graph, flags);
            for &package in packages {
                let name = graph.packages[package].shown_name();
                let place = Place::new(session, &keys.of_root(package));
                match place.as_ref().and_then(Place::read) {
                    Some(verdict) => drop(state.known.insert(name, verdict)),
                    None => missing.push((name, place)),
                }
            }
            if missing.is_empty() {
                continue;
            }
            if full.is_none() {
                full = Some(batch::load(session, patterns)?);
            }
            let Some(full) = &full else { continue };
            let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
            let job = batch::prepare(session, goroot, full, flags, &names)?;
            let places: FxHashMap<String, Option<Place>> = missing.into_iter().collect();
            let work = move || {
                let verdicts = job.run()?;
                for verdict in verdicts.iter().filter(|verdict| !verdict.broken) {
                    places.get(&verdict.key).into_iter().flatten().for_each(|place| place.write(verdict));
                }
                Ok(verdicts)
            };
            let thread = thread::Builder::new().name("vet".into()).spawn(work);
            state.running.push(thread.map_err(|e| format!("golift: vet: {e}"))?);
        }
        Ok(Verdicts { state: Mutex::new(state) })
    }

    /// The verdict on a package, when it is there.
    pub fn of(&self, name: &str) -> Result<Option<Verdict>, String> {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        while !state.known.contains_key(name) {
            let Some(thread) = state.running.pop() else { break };
            let verdicts = thread.join().map_err(|_| "golift: vet: internal error".to_owned())??;
            state.known.extend(verdicts.into_iter().map(|verdict| (verdict.key.clone(), verdict)));
        }
        Ok(state.known.get(name).cloned())
    }
}
