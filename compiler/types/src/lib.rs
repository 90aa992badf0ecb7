//! Types of Go programs: type store, objects, constants, and the type checker.
//!
//! [`check_package`] checks one package and returns a [`Package`] that holds its objects and, for each file, what every
//! expression and identifier means ([`FileInfo`]). Packages may be checked in parallel as long as
//! the packages that one imports are finished.

#![warn(missing_docs)]
// `Type`, `Obj` and `Package` are compared and hashed by address; what changes inside does not matter.
#![allow(clippy::mutable_key_type)]

mod assign;
mod bigfloat;
mod builtin_unsafe;
mod builtins;
mod call;
pub mod check;
pub mod constant;
mod constant_ops;
mod convert;
mod decl;
mod expr;
mod index;
mod infer;
mod initorder;
mod instances;
mod late;
pub mod literal_value;
mod literals;
pub mod lookup;
mod mono;
pub mod named;
pub mod object;
mod operand;
pub mod package;
pub mod predicates;
mod record;
mod resolver;
mod returns;
mod scope;
mod selector;
mod signature;
pub mod sizes;
mod stmt;
pub mod subst;
pub mod types;
pub mod typeset;
pub mod typestring;
mod typexpr;
mod unify;
pub mod universe;
mod validtype;

pub use check::{Config, ImportError, Importer, check_package};
pub use constant::{ConstKind, ConstStr, ConstValue};
pub use golift_syntax::GoVersion;
pub use lookup::{Lookup, MethodEntry, all_methods, implements, lookup_field_or_method, missing_method, satisfies};
pub use named::{instantiate, instantiate_signature};
pub use object::{BuiltinId, Obj, ObjKind, ObjScope, VarKind, method_order};
pub use package::{FileInfo, InitAssign, Instance, Mode, Package, Selection, SelectionKind, TypeAndValue};
pub use predicates::{comparable, identical, identical_ignore_tags, strictly_comparable, type_hash};
pub use sizes::{align_of, offsets_of, size_of};
pub use subst::{SubstMap, subst};
pub use types::{
    Alias, Array, Basic, BasicKind, Chan, Interface, Map, Named, Signature, Struct, Term, Tuple, Type, TypeKind,
    TypeParam, Union,
};
pub use typeset::{TermList, TypeSet, core_type, type_param_terms};
pub use typestring::{Qualifier, signature_string, type_string};
