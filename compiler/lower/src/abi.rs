//! How Go functions take parameters and give results.
//!
//! Order of IR parameters: `[func value | receiver scalars…] [result pointer] params…`. The func value comes first in closure
//! convention and the receiver word first in interface calls, so both shapes look alike to callers that only know the signature
//! (interface calls, reflection). Memory types are passed as addresses of copies that the callee may change.

use crate::layout::Layouts;
use crate::ty::{FuncTy, Ty, TyStore};
use golift_abi::call::MAX_RESULTS;
use golift_ir as ir;

#[derive(Clone, Debug)]
pub struct FnAbi {
    pub sig: ir::Signature,
    /// Results go through a pointer to a tuple in the caller's frame.
    pub sret: bool,
}

/// IR types of a parameter.
pub fn param_types(tys: &TyStore<'_>, layouts: &Layouts<'_>, t: Ty, out: &mut Vec<ir::Type>) {
    match &layouts.of(tys, t).scalars {
        Some(s) => out.extend(s.iter().map(|s| s.ty)),
        None => out.push(ir::Type::Ptr),
    }
}

/// Results do not fit registers.
pub fn needs_sret(tys: &TyStore<'_>, layouts: &Layouts<'_>, results: &[Ty]) -> bool {
    let (mut ints, mut floats) = (0, 0);
    for &r in results {
        match &layouts.of(tys, r).scalars {
            None => return true,
            Some(scalars) => {
                for s in scalars {
                    if s.ty.is_float() { floats += 1 } else { ints += 1 }
                }
            }
        }
    }
    ints > MAX_RESULTS || floats > MAX_RESULTS
}

/// `first` is what stands before the parameters: nothing, the receiver, or a func value.
pub fn fn_abi(tys: &TyStore<'_>, layouts: &Layouts<'_>, first: First, f: &FuncTy) -> FnAbi {
    let mut params = Vec::new();
    match first {
        First::None => {}
        First::Recv(t) => param_types(tys, layouts, t, &mut params),
        First::Word => params.push(ir::Type::Ptr),
    }
    let sret = needs_sret(tys, layouts, &f.results);
    if sret {
        params.push(ir::Type::Ptr);
    }
    for &p in &f.params {
        param_types(tys, layouts, p, &mut params);
    }
    let mut results = Vec::new();
    if !sret {
        for &r in &f.results {
            param_types(tys, layouts, r, &mut results);
        }
    }
    FnAbi { sig: ir::Signature { params, results, conv: ir::CallConv::Go }, sret }
}

/// What comes before the parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum First {
    None,
    Recv(Ty),
    /// A func value, or the data word of an interface.
    Word,
}
