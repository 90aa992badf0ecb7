//! What debuggers and remarks know of a function: its scopes, and the variables of the source and where they live.
//!
//! Problem: optimisation moves a variable from memory to a slot to values, and copies whole functions into others. Strategy: the tables
//! stand beside the code and never keep anything alive. Lowering fills them if it is asked to, otherwise they are empty and cost
//! nothing. A pass that replaces a value by another one says so ([`Function::replace_in_variables`]), one that turns a slot
//! into values gives the variables of the slot those, inlining copies tables below a scope that says where; what is
//! gone afterwards is dropped by [`Function::prune_variables`], which runs after each pass.
//!
//! Invariants (verified): a scope comes after its parent; a variable's values are defined by code in the layout, addresses among
//! them are pointers; slots exist. A part of a variable may have several values: the one that is alive holds.

use crate::entities::{Loc, Scope, Slot, Text, Value};
use crate::function::{Function, ValueDef};
use crate::inst::{InstData, Type};
use cranelift_entity::SecondaryMap;
use cranelift_entity::packed_option::PackedOption;

/// A block of the source in which names are declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeData {
    /// The scope around it; none for that of the function itself.
    pub parent: PackedOption<Scope>,
    /// The call that this was inlined at, for the scope of an inlined function; otherwise `Loc(0)`.
    pub inlined_at: Loc,
}

/// A variable of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceVarData {
    /// Its name.
    pub name: Text,
    /// Its type, as gc's linker writes it.
    pub ty: Text,
    /// Where it may be named.
    pub scope: Scope,
    /// Its declaration.
    pub loc: Loc,
    /// Is it a parameter (or result) of its function?
    pub param: bool,
    /// Where it is.
    pub place: VarPlace,
}

/// Where a variable lives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VarPlace {
    /// Nowhere any more.
    Gone,
    /// In a slot of the frame.
    Slot(Slot),
    /// In memory whose address is one of these values.
    Address(Vec<Value>),
    /// In values: each holds the scalar at that offset of the variable in memory.
    Values(Vec<(u32, Value)>),
}

impl Function {
    /// Uses of a value were replaced; variables follow.
    pub fn replace_in_variables(&mut self, mut resolve: impl FnMut(Value) -> Value) {
        for var in self.source_vars.values_mut() {
            match &mut var.place {
                VarPlace::Gone | VarPlace::Slot(_) => {}
                VarPlace::Address(values) => values.iter_mut().for_each(|v| *v = resolve(*v)),
                VarPlace::Values(parts) => parts.iter_mut().for_each(|(_, v)| *v = resolve(*v)),
            }
        }
    }

    /// Forgets the places that the code does not have any more, and finds the slots that objects became.
    pub fn prune_variables(&mut self) {
        if self.source_vars.is_empty() {
            return;
        }
        let defined = self.defined_values();
        let mut vars = std::mem::take(&mut self.source_vars);
        for var in vars.values_mut() {
            let place = std::mem::replace(&mut var.place, VarPlace::Gone);
            var.place = match place {
                VarPlace::Slot(slot) if self.slots[slot].size > 0 => VarPlace::Slot(slot),
                VarPlace::Gone | VarPlace::Slot(_) => VarPlace::Gone,
                VarPlace::Address(mut values) => {
                    retain_first(&mut values, |&v| defined[v] && self.ty(v) == Type::Ptr);
                    match values[..] {
                        [] => VarPlace::Gone,
                        [only] => self.slot_of(only).map_or(VarPlace::Address(values), VarPlace::Slot),
                        _ => VarPlace::Address(values),
                    }
                }
                VarPlace::Values(mut parts) => {
                    retain_first(&mut parts, |&(_, v)| defined[v]);
                    if parts.is_empty() { VarPlace::Gone } else { VarPlace::Values(parts) }
                }
            };
        }
        self.source_vars = vars;
    }

    /// The values that code in the layout defines.
    pub fn defined_values(&self) -> SecondaryMap<Value, bool> {
        let mut defined = SecondaryMap::new();
        for &b in &self.layout {
            let block = &self.blocks[b];
            let results = block.insts.iter().flat_map(|&i| &self.results[i]);
            block.params.iter().chain(results).for_each(|&v| defined[v] = true);
        }
        defined
    }

    /// The slot whose start is that address.
    fn slot_of(&self, v: Value) -> Option<Slot> {
        match self.values[v].def {
            ValueDef::Result(inst, _) => match self.insts[inst] {
                InstData::SlotAddr { slot, off: 0 } => Some(slot),
                _ => None,
            },
            ValueDef::Param(..) => None,
        }
    }
}

/// Keeps what is wanted, each once.
fn retain_first<T: Copy + Ord>(list: &mut Vec<T>, keep: impl Fn(&T) -> bool) {
    list.retain(keep);
    list.sort_unstable();
    list.dedup();
}
