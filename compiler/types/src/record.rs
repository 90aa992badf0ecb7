//! Records what the checker finds out about the nodes of a file.

use golift_syntax::{Expr, ExprKind, Ident};

use crate::check::Checker;
use crate::constant::ConstValue;
use crate::late::Site;
use crate::object::Obj;
use crate::operand::Operand;
use crate::package::{FileInfo, Instance, Mode, Selection, SelectionKind};
use crate::types::{Type, TypeKind};

impl Checker {
    pub fn with_info<R>(&self, f: impl FnOnce(&mut FileInfo) -> R) -> R {
        f(&mut self.infos.borrow_mut()[self.env.get().file as usize])
    }

    /// Records an operand for its expression. Untyped ones may still change.
    pub fn record(&self, x: &Operand) {
        let Some(e) = x.expr else { return };
        let (ty, value) = match x.mode {
            Mode::Invalid => return,
            Mode::NoValue => (None, None),
            Mode::Constant => (Some(x.ty), x.val.clone()),
            _ => (Some(x.ty), None),
        };
        let untyped = ty.is_some_and(Type::is_untyped);
        self.with_info(|info| {
            let entry = &mut info.types[e.id.index()];
            entry.mode = x.mode;
            entry.ty = ty;
            entry.value = value;
            entry.untyped = untyped;
            entry.is_lhs = false;
        });
    }

    pub fn record_type(&self, e: &Expr, mode: Mode, ty: Type, value: Option<ConstValue>) {
        if mode == Mode::Invalid {
            return;
        }
        self.with_info(|info| {
            let entry = &mut info.types[e.id.index()];
            entry.mode = mode;
            entry.ty = Some(ty);
            entry.value = value;
            entry.untyped = false;
            entry.is_lhs = false;
        });
    }

    /// The signature of a built-in function at a call.
    pub fn record_builtin(&self, f: &Expr, sig: Type) {
        let mut f = f;
        loop {
            self.record_type(f, Mode::Builtin, sig, None);
            match &f.kind {
                ExprKind::Paren(x) => f = x,
                _ => return,
            }
        }
    }

    pub fn record_comma_ok(&self, e: &Expr, a: &[Operand]) {
        let (t0, t1) = (a[0].ty, a[1].ty);
        if a[0].mode == Mode::Invalid {
            return;
        }
        let tuple = Type::new_tuple(vec![t0, t1]);
        let mut e = e;
        loop {
            self.with_info(|info| {
                let entry = &mut info.types[e.id.index()];
                entry.ty = Some(tuple);
                entry.untyped = false;
            });
            match &e.kind {
                ExprKind::Paren(x) => e = x,
                _ => return,
            }
        }
    }

    pub fn record_instance(&self, e: &Expr, targs: &[Type], ty: Type) {
        let Some(ident) = instantiated_ident(e) else { return };
        if !self.config.is_std {
            let sites = targs.iter().map(|&ty| Site { anchor: ident.pos, ty, declared: false });
            self.type_arguments.borrow_mut().extend(sites);
        }
        self.with_info(|info| info.instances.insert(ident.id, Instance { targs: targs.into(), ty }));
    }

    pub fn record_def(&self, ident: &Ident, obj: Obj) {
        self.with_info(|info| info.defs[ident.id.index()] = Some(obj));
    }

    pub fn record_use(&self, ident: &Ident, obj: Obj) {
        self.with_info(|info| info.uses[ident.id.index()] = Some(obj));
    }

    pub fn record_selection(&self, e: &Expr, sel: &Ident, s: Selection) {
        self.record_use(sel, s.obj);
        self.with_info(|info| info.selections.insert(e.id, s));
    }
}

fn instantiated_ident(e: &Expr) -> Option<&Ident> {
    match &e.kind {
        ExprKind::Ident(ident) | ExprKind::Selector(_, ident) => Some(ident),
        ExprKind::Index(x, _) | ExprKind::Paren(x) => instantiated_ident(x),
        _ => None,
    }
}

/// The selection of a method or field, before the type of the expression is known.
pub(crate) fn selection(
    kind: SelectionKind,
    recv: Type,
    obj: Obj,
    index: Vec<u32>,
    indirect: bool,
    ty: Type,
) -> Selection {
    Selection { kind, recv, obj, index: index.into(), indirect, ty }
}

/// Is the type a tuple?
pub(crate) fn tuple_types(t: Type) -> Option<&'static [Type]> {
    match t.kind() {
        TypeKind::Tuple(tuple) => Some(&tuple.types),
        _ => None,
    }
}
