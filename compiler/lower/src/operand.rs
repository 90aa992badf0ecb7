//! Values, places, and where variables live.
//!
//! An rvalue is a [`Val`]: scalars, or the address of memory that holds it. A [`Place`] is what can be assigned to.
//! Memory behind a `Val` that is not `fresh` may change when later code runs, so whoever keeps it
//! across other evaluations takes a copy first (`FuncLower::stable`).

use crate::ty::Ty;
use golift_ir::{Slot, Value, Variable};
use smallvec::SmallVec;

#[derive(Clone, Debug)]
pub enum Val {
    Scalars(SmallVec<[Value; 4]>),
    /// Memory that holds the value; `fresh` memory is nobody else's.
    Mem {
        addr: Value,
        fresh: bool,
    },
}

impl Val {
    pub fn one(v: Value) -> Val {
        Val::Scalars(SmallVec::from_slice(&[v]))
    }

    pub fn from_slice(v: &[Value]) -> Val {
        Val::Scalars(SmallVec::from_slice(v))
    }

    /// The only scalar of a one-word value.
    pub fn single(&self) -> Value {
        match self {
            Val::Scalars(s) => s[0],
            Val::Mem { addr, .. } => *addr,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Place {
    Blank,
    /// Some of the scalars of an SSA variable.
    Ssa {
        vars: SmallVec<[Variable; 4]>,
        ty: Ty,
    },
    Mem {
        addr: Value,
        off: i32,
        ty: Ty,
    },
    /// An element of a map: assigned through `runtime.mapassign`.
    MapElem {
        map_ty: Ty,
        map: Value,
        key: Val,
        ty: Ty,
    },
}

/// Where a variable lives.
#[derive(Clone, Debug)]
pub enum VarLoc {
    Ssa(SmallVec<[Variable; 4]>),
    /// A memory type whose address is never taken.
    Slot(Slot),
    /// The address of its memory is in an SSA variable.
    Mem(Variable),
}
