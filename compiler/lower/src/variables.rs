//! Scopes and variables for debuggers, where they are asked for (`Input::variables`): which [`golift_ir::SourceVarData`] a declared
//! variable is, and in which scope code stands.
//!
//! A scope of the source becomes one of the IR with its first variable.

use crate::func::FuncLower;
use crate::names::{Qualify, type_string};
use crate::ty::Ty;
use golift_ir::{Scope, ScopeData, Slot, SourceVar, SourceVarData, VarPlace, Variable};
use golift_types::Obj;

impl FuncLower<'_, '_> {
    /// Opens the scope of the function itself.
    pub fn open_function(&mut self) {
        if self.cx.variables {
            let root = ScopeData { parent: None.into(), inlined_at: golift_ir::Loc::from_u32(0) };
            let root = self.b.func.scopes.push(root);
            self.open_scopes.open.push(Some(root));
        }
    }

    /// Lowers something that is a scope of its own.
    pub fn in_scope(&mut self, work: impl FnOnce(&mut Self)) {
        if self.open_scopes.open.is_empty() {
            return work(self);
        }
        self.open_scopes.open.push(None);
        work(self);
        self.open_scopes.open.pop();
    }

    /// The scope that code is in.
    pub fn current_scope(&self) -> Option<Scope> {
        self.open_scopes.open.iter().rev().find_map(|scope| *scope)
    }

    /// The variable lives in these scalars from their next definitions on.
    pub fn note_scalars(&mut self, obj: Obj, t: Ty, vars: &[Variable]) {
        if let Some(of) = self.source_var(obj, t, VarPlace::Values(Vec::new())) {
            for (&var, scalar) in vars.iter().zip(self.layout(t).scalars.iter().flatten()) {
                self.b.is_part_of(var, of, scalar.off);
            }
        }
    }

    /// The variable lives where `var` will point to.
    pub fn note_address(&mut self, obj: Obj, t: Ty, var: Variable) {
        if let Some(of) = self.source_var(obj, t, VarPlace::Address(Vec::new())) {
            self.b.is_part_of(var, of, 0);
        }
    }

    /// The variable lives in the slot.
    pub fn note_slot(&mut self, obj: Obj, t: Ty, slot: Slot) {
        self.source_var(obj, t, VarPlace::Slot(slot));
    }

    /// The entry of a variable in the tables, new on first request.
    fn source_var(&mut self, obj: Obj, t: Ty, place: VarPlace) -> Option<SourceVar> {
        if self.open_scopes.open.is_empty() || obj.name().is_blank() {
            return None;
        }
        if let Some(&var) = self.open_scopes.vars.get(&obj) {
            return Some(var);
        }
        let outer = self.open_scopes.open.iter().rev().skip(1).find_map(|scope| *scope);
        let scopes = &mut self.b.func.scopes;
        let innermost = self.open_scopes.open.last_mut().expect("not empty");
        let data = ScopeData { parent: outer.into(), inlined_at: golift_ir::Loc::from_u32(0) };
        let scope = *innermost.get_or_insert_with(|| scopes.push(data));
        let texts = &mut self.cx.prog.texts;
        let name = texts.intern(&obj.name().as_str().into());
        let ty = texts.intern(&type_string(&self.cx.tys, t, Qualify::Path).into());
        let loc = self.declaration(obj.pos());
        let param = self.open_scopes.open.len() == 1 && !self.captured.contains(&obj);
        let var = self.b.func.source_vars.push(SourceVarData { name, ty, scope, loc, param, place });
        self.open_scopes.vars.insert(obj, var);
        Some(var)
    }
}
