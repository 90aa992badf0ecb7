//! What experiment fieldtrack remembers while functions are lowered (`fieldtrack`).

use golift_ir::FuncId;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct FieldTrack {
    /// The function that is being lowered.
    pub current: Option<FuncId>,
    /// Who asked for a function first.
    pub askers: FxHashMap<FuncId, FuncId>,
    /// The first user of each field.
    pub users: BTreeMap<String, FuncId>,
}

impl FieldTrack {
    pub fn enter(&mut self, id: FuncId) {
        self.current = Some(id);
    }

    pub fn note_request(&mut self, id: FuncId) {
        if let Some(asker) = self.current {
            self.askers.entry(id).or_insert(asker);
        }
    }
}
