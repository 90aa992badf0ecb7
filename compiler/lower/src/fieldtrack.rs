//! Experiment fieldtrack: which fields with the tag `go:"track"` the program uses, and through which calls it gets there.
//!
//! A field is used where a selector of a function that is lowered goes through it. As only what is reached is lowered, and every function
//! has one that asked for it first, the list that gc's linker makes from its own search comes out here.

use crate::func::FuncLower;
use crate::lower::Lower;
use crate::names::{self, Qualify};
use crate::ty::{Ty, TyKind};

const TAG: &[u8] = b"go:\"track\"";

impl Lower<'_> {
    /// A line for each field that is used: its name, its first user, and who asked for that.
    pub fn tracked_fields(&self) -> String {
        let mut text = String::new();
        let Some(track) = &self.field_track else { return text };
        for (field, &user) in &track.users {
            text += field;
            let mut next = Some(user);
            while let Some(id) = next {
                text.push('\t');
                text += &self.prog.funcs[id].display;
                next = track.askers.get(&id).copied();
            }
            text.push('\n');
        }
        text
    }
}

impl FuncLower<'_, '_> {
    /// Field `i` of the struct type `t` is selected.
    pub fn note_field(&mut self, t: Ty, i: usize) {
        let Some(track) = &mut self.cx.field_track else { return };
        let field = &self.cx.tys.fields(t)[i];
        // Fields of types without a name have no name to be listed under.
        if field.tag.windows(TAG.len()).any(|part| part == TAG)
            && let TyKind::Named { .. } = self.cx.tys.kind(t)
            && let Some(user) = track.current
        {
            let name = format!("{}.{}", names::type_string(&self.cx.tys, t, Qualify::Path), field.name);
            track.users.entry(name).or_insert(user);
        }
    }
}
