//! Calls of built-in functions.

use golift_syntax::{BinaryOp, CallExpr, ChanDir, Expr, expr_string, start_pos};

use crate::check::Checker;
use crate::constant::{ConstStr, ConstValue};
use crate::constant_ops;
use crate::expr::Kind;
use crate::object::{BuiltinId, Obj, ObjKind};
use crate::operand::Operand;
use crate::package::Mode;
use crate::predicates::identical;
use crate::types::{BasicKind, Term, Type, TypeKind};
use crate::typeset::{all_types, common_under, type_param_terms, under_is};
use crate::universe;

use BuiltinId as Id;

/// Name, number of arguments, whether there may be more, and how the call may be used.
fn properties(id: Id) -> (&'static str, usize, bool, Kind) {
    use Kind::{Expression as E, Statement as S};
    match id {
        Id::Append => ("append", 1, true, E),
        Id::Cap => ("cap", 1, false, E),
        Id::Clear => ("clear", 1, false, S),
        Id::Close => ("close", 1, false, S),
        Id::Complex => ("complex", 2, false, E),
        Id::Copy => ("copy", 2, false, S),
        Id::Delete => ("delete", 2, false, S),
        Id::Imag => ("imag", 1, false, E),
        Id::Len => ("len", 1, false, E),
        Id::Make => ("make", 1, true, E),
        Id::Max => ("max", 1, true, E),
        Id::Min => ("min", 1, true, E),
        Id::New => ("new", 1, false, E),
        Id::Panic => ("panic", 1, false, S),
        Id::Print => ("print", 0, true, S),
        Id::Println => ("println", 0, true, S),
        Id::Real => ("real", 1, false, E),
        Id::Recover => ("recover", 0, false, S),
        Id::Add => ("Add", 2, false, E),
        Id::Alignof => ("Alignof", 1, false, E),
        Id::Offsetof => ("Offsetof", 1, false, E),
        Id::Sizeof => ("Sizeof", 1, false, E),
        Id::Slice => ("Slice", 2, false, E),
        Id::SliceData => ("SliceData", 1, false, E),
        Id::String => ("String", 2, false, E),
        Id::StringData => ("StringData", 1, false, E),
        Id::Assert => ("assert", 1, false, S),
        Id::Trace => ("trace", 0, true, E),
    }
}

pub(crate) fn builtin_kind(id: Id) -> Kind {
    properties(id).3
}

/// The array that a pointer to an array points to; the type itself otherwise.
pub(crate) fn array_ptr_deref(t: Type) -> Type {
    match t.unalias().kind() {
        TypeKind::Pointer(b) if matches!(b.under().kind(), TypeKind::Array(_)) => b.under(),
        _ => t,
    }
}

impl Checker {
    /// Returns false after an error.
    pub fn builtin(&self, x: &mut Operand, e: &'static Expr, call: &'static CallExpr, id: Id) -> bool {
        let (name, min_args, variadic, _) = properties(id);
        if call.has_dots && id != Id::Append {
            let msg = format!("invalid operation: invalid use of ... with built-in {name}");
            self.error(start_pos(e), "InvalidDotDotDot", msg);
            self.use_exprs(&call.args);
            return false;
        }
        let saved = self.env.get().has_call_or_recv;
        let restore = matches!(id, Id::Len | Id::Cap);
        if restore {
            self.edit_env(|e| e.has_call_or_recv = false);
        }
        let sites = self.sites.borrow().len();
        let ok = self.builtin_args(x, e, call, id, name, min_args, variadic);
        if restore {
            self.edit_env(|e| e.has_call_or_recv = saved);
        }
        if ok && x.mode == Mode::Constant {
            // gc compiles only the value: no matter how large the types are.
            self.sites.borrow_mut().truncate(sites);
        }
        ok
    }

    #[allow(clippy::too_many_arguments)]
    fn builtin_args(
        &self,
        x: &mut Operand,
        e: &'static Expr,
        call: &'static CallExpr,
        id: Id,
        name: &str,
        min_args: usize,
        variadic: bool,
    ) -> bool {
        let mut args = Vec::new();
        let mut nargs = call.args.len();
        if !matches!(id, Id::Make | Id::New | Id::Offsetof | Id::Trace) {
            args = self.expr_list(&call.args);
            nargs = args.len();
            if args.iter().any(|a| !a.is_valid()) {
                return false;
            }
            if let Some(first) = args.first() {
                *x = first.clone();
            }
        }
        let msg = if nargs < min_args {
            "not enough"
        } else if !variadic && nargs > min_args {
            "too many"
        } else {
            ""
        };
        if !msg.is_empty() {
            let msg = format!(
                "invalid operation: {msg} arguments for {} (expected {min_args}, found {nargs})",
                expr_string(e)
            );
            self.error(start_pos(e), "WrongArgCount", msg);
            return false;
        }
        let b = Builtin { c: self, e, call, name };
        match id {
            Id::Append => b.append(x, args),
            Id::Cap | Id::Len => b.len(x, id == Id::Len),
            Id::Clear => b.clear(x),
            Id::Close => b.close(x),
            Id::Complex => b.complex(x, &mut args),
            Id::Copy => b.copy(x, &args),
            Id::Delete => b.delete(x, &mut args),
            Id::Imag | Id::Real => b.real_imag(x, id == Id::Real),
            Id::Make => b.make(x),
            Id::Max | Id::Min => b.min_max(x, &mut args, id == Id::Max),
            Id::New => b.new_variable(x),
            Id::Panic => b.panic(x),
            Id::Print | Id::Println => b.print(x, &mut args),
            Id::Recover => {
                x.mode = Mode::Value;
                x.ty = universe::empty_interface();
                b.record(Some(x.ty), &[]);
                true
            }
            Id::Add => b.unsafe_add(x, &mut args),
            Id::Alignof | Id::Sizeof => b.size_or_align(x, id == Id::Sizeof),
            Id::Offsetof => b.offsetof(x),
            Id::Slice => b.unsafe_slice(x, &mut args),
            Id::SliceData => b.slice_data(x),
            Id::String => b.unsafe_string(x, &mut args),
            Id::StringData => b.string_data(x),
            Id::Assert => b.assert(x),
            Id::Trace => false,
        }
    }

    /// The element type common to all slices that the operand may be; otherwise why not.
    fn slice_elem(&self, x: &Operand) -> Result<Type, String> {
        let mut elem: Option<Type> = None;
        let mut err = None;
        all_types(x.ty, &mut |tu| {
            let Some(TypeKind::Slice(e)) = tu.map(|(_, u)| u.kind()) else {
                err = Some(if x.is_nil() {
                    "argument must be a slice; have untyped nil".to_string()
                } else {
                    format!("argument must be a slice; have {}", self.os(x))
                });
                return false;
            };
            match elem {
                None => elem = Some(*e),
                Some(first) if !identical(first, *e) => {
                    err = Some(format!(
                        "mismatched slice element types {} and {} in {}",
                        self.ts(first),
                        self.ts(*e),
                        self.os(x)
                    ));
                    return false;
                }
                _ => {}
            }
            true
        });
        match (err, elem) {
            (None, Some(elem)) => Ok(elem),
            (err, _) => Err(err.unwrap_or_default()),
        }
    }

    /// Does the size of the type depend on type parameters?
    pub fn has_var_size(&self, t: Type) -> bool {
        let t = t.unalias();
        match t.kind() {
            TypeKind::Named(n) => {
                if let Some(&known) = self.var_sizes.borrow().get(&t) {
                    return known;
                }
                if !n.is_instance() && self.obj_path_index.borrow().contains_key(&n.obj) {
                    self.is_complete(t);
                    return true;
                }
                let start = self.var_size_path.borrow().iter().position(|&p| p == t);
                if let Some(start) = start {
                    let cycle: Vec<(Obj, Option<Type>)> = self.var_size_path.borrow()[start..]
                        .iter()
                        .filter_map(|&p| p.as_named_node().map(|n| (n.obj, n.is_instance().then_some(p))))
                        .collect();
                    self.cycle_error_of(&cycle, 0);
                    return true;
                }
                // As if its declaration was in progress: a cycle through it is shown in full.
                let declared = !n.is_instance() && n.obj.pkg() == Some(self.pkg);
                if declared {
                    self.push(n.obj);
                }
                self.var_size_path.borrow_mut().push(t);
                let var = self.has_var_size(crate::named::rhs(t).unwrap_or_else(Type::invalid));
                self.var_size_path.borrow_mut().pop();
                if declared {
                    self.pop();
                }
                self.var_sizes.borrow_mut().insert(t, var);
                var
            }
            TypeKind::Array(a) => self.has_var_size(a.elem),
            TypeKind::Struct(s) => s.fields.iter().any(|f| self.has_var_size(f.ty())),
            TypeKind::TypeParam(_) => true,
            _ => false,
        }
    }
}

/// Is every type of the operand's type set a string or a slice of bytes? Also whether there is a string.
fn bytes_or_string(t: Type) -> (bool, bool) {
    let mut has_string = false;
    let ok = all_types(t, &mut |tu| match tu {
        Some((_, u)) => {
            if let TypeKind::Slice(e) = u.kind()
                && identical(*e, universe::byte_type())
            {
                return true;
            }
            has_string |= u.is_string();
            u.is_string()
        }
        None => false,
    });
    (ok, has_string)
}

/// One call of a built-in function.
pub(crate) struct Builtin<'a> {
    pub(crate) c: &'a Checker,
    pub(crate) e: &'static Expr,
    pub(crate) call: &'static CallExpr,
    pub(crate) name: &'a str,
}

impl Builtin<'_> {
    pub(crate) fn record(&self, result: Option<Type>, args: &[Type]) {
        self.c.record_builtin(&self.call.fun, self.c.make_sig(result, args, false));
    }

    pub(crate) fn fail(&self, x: &Operand, code: &'static str, msg: String) -> bool {
        self.c.error(x.pos(), code, msg);
        false
    }

    pub(crate) fn version(&self, minor: u16, what: &str) {
        self.c.verify_version(start_pos(&self.call.fun), minor, || what.to_string());
    }

    fn append(&self, x: &mut Operand, mut args: Vec<Operand>) -> bool {
        let c = self.c;
        let elem = match c.slice_elem(x) {
            Ok(elem) => elem,
            Err(why) => return self.fail(x, "InvalidAppend", format!("invalid append: {why}")),
        };
        let bytes = Type::new_slice(universe::byte_type());
        let mut sig = None;
        if args.len() == 2 && self.call.has_dots && c.assignable_to(x, bytes, false).is_ok() {
            let (ok, has_string) = bytes_or_string(args[1].ty);
            if ok && has_string {
                if args[1].ty.is_untyped()
                    && let Some(e) = args[1].expr
                {
                    c.update_expr_type(e, Type::basic(BasicKind::String), true);
                }
                sig = Some(c.make_sig(Some(x.ty), &[x.ty, args[1].ty], true));
            }
        }
        let sig = sig.unwrap_or_else(|| {
            let sig = c.make_sig(Some(x.ty), &[x.ty, Type::new_slice(elem)], true);
            c.arguments(self.e, self.call, sig, vec![], &[], &mut args, vec![]);
            sig
        });
        c.record_builtin(&self.call.fun, sig);
        x.mode = Mode::Value;
        x.val = None;
        true
    }

    fn len(&self, x: &mut Operand, is_len: bool) -> bool {
        let mut mode = Mode::Invalid;
        let mut val = None;
        let under = x.ty.under();
        match array_ptr_deref(under).kind() {
            TypeKind::Basic(b) if b.kind.is_string() && is_len => {
                mode = Mode::Value;
                if let (true, ConstValue::Str(s)) = (x.is_const(), x.constant()) {
                    mode = Mode::Constant;
                    val = Some(ConstValue::Int(ConstStr::len(&s) as i64));
                } else if x.is_const() {
                    mode = Mode::Constant;
                    val = Some(ConstValue::Unknown);
                }
            }
            TypeKind::Array(a) => {
                mode = Mode::Value;
                if !self.c.env.get().has_call_or_recv {
                    mode = Mode::Constant;
                    val = Some(if a.len >= 0 { ConstValue::Int(a.len) } else { ConstValue::Unknown });
                }
            }
            TypeKind::Slice(_) | TypeKind::Chan(_) => mode = Mode::Value,
            TypeKind::Map(_) if is_len => mode = Mode::Value,
            TypeKind::Interface(_) if x.ty.is_type_param() => {
                let ok = under_is(x.ty, |u| {
                    u.is_some_and(|u| match array_ptr_deref(u).kind() {
                        TypeKind::Basic(b) => b.kind.is_string() && is_len,
                        TypeKind::Array(_) | TypeKind::Slice(_) | TypeKind::Chan(_) => true,
                        TypeKind::Map(_) => is_len,
                        _ => false,
                    })
                });
                if ok {
                    mode = Mode::Value;
                }
            }
            _ => {}
        }
        if mode == Mode::Invalid {
            if under.is_valid() {
                let code = if is_len { "InvalidLen" } else { "InvalidCap" };
                let msg = format!("invalid argument: {} for built-in {}", self.c.os(x), self.name);
                self.c.error(x.pos(), code, msg);
            }
            return false;
        }
        let int = Type::basic(BasicKind::Int);
        if x.ty.is_untyped()
            && let Some(e) = x.expr
        {
            self.c.update_expr_type(e, Type::basic(BasicKind::String), true);
        }
        if mode != Mode::Constant {
            self.record(Some(int), &[x.ty]);
        }
        x.mode = mode;
        x.ty = int;
        x.val = val;
        true
    }

    fn clear(&self, x: &mut Operand) -> bool {
        self.version(21, "clear");
        let ok = under_is(x.ty, |u| {
            let ok = u.is_some_and(|u| matches!(u.kind(), TypeKind::Map(_) | TypeKind::Slice(_)));
            if !ok {
                let msg = format!(
                    "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                    self.c.os(x)
                );
                self.c.error(x.pos(), "InvalidClear", msg);
            }
            ok
        });
        if !ok {
            return false;
        }
        x.mode = Mode::NoValue;
        self.record(None, &[x.ty]);
        true
    }

    fn close(&self, x: &mut Operand) -> bool {
        let ok = under_is(x.ty, |u| {
            let what = match u.map(Type::kind) {
                Some(TypeKind::Chan(c)) if c.dir != ChanDir::Recv => return true,
                Some(TypeKind::Chan(_)) => "receive-only channel",
                _ => "non-channel",
            };
            let msg = format!("invalid operation: cannot close {what} {}", self.c.os(x));
            self.fail(x, "InvalidClose", msg)
        });
        if !ok {
            return false;
        }
        x.mode = Mode::NoValue;
        self.record(None, &[x.ty]);
        true
    }

    fn complex(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        let c = self.c;
        let mut y = args[1].clone();
        match (x.ty.is_untyped(), y.ty.is_untyped()) {
            (false, false) => {}
            (true, false) => c.convert_untyped(x, y.ty),
            (false, true) => c.convert_untyped(&mut y, x.ty),
            (true, true) => {
                if x.is_const() && y.is_const() {
                    for o in [&mut *x, &mut y] {
                        if o.ty.is_numeric() && o.constant().imag().sign() == 0 {
                            o.ty = Type::basic(BasicKind::UntypedFloat);
                        }
                    }
                } else {
                    c.convert_untyped(x, Type::basic(BasicKind::Float64));
                    c.convert_untyped(&mut y, Type::basic(BasicKind::Float64));
                }
            }
        }
        if !x.is_valid() || !y.is_valid() {
            return false;
        }
        if !identical(x.ty, y.ty) {
            let msg = format!(
                "invalid operation: {} (mismatched types {} and {})",
                expr_string(self.e),
                c.ts(x.ty),
                c.ts(y.ty)
            );
            return self.fail(x, "InvalidComplex", msg);
        }
        let f = |t: Type| match t.basic_kind() {
            Some(BasicKind::Float32) => Some(Type::basic(BasicKind::Complex64)),
            Some(BasicKind::Float64) => Some(Type::basic(BasicKind::Complex128)),
            Some(BasicKind::UntypedFloat) => Some(Type::basic(BasicKind::UntypedComplex)),
            _ => None,
        };
        let Some(result) = self.apply_type_func(&f, x, "InvalidComplex") else {
            let msg = format!("invalid argument: arguments have type {}, expected floating-point", c.ts(x.ty));
            return self.fail(x, "InvalidComplex", msg);
        };
        if x.is_const() && y.is_const() {
            x.val = Some(ConstValue::make_complex(&x.constant().to_float(), &y.constant().to_float()));
        } else {
            x.mode = Mode::Value;
            x.val = None;
            self.record(Some(result), &[x.ty, x.ty]);
        }
        x.ty = result;
        true
    }

    fn copy(&self, x: &mut Operand, args: &[Operand]) -> bool {
        let c = self.c;
        let dst = match c.slice_elem(x) {
            Ok(elem) => elem,
            Err(why) => return self.fail(x, "InvalidCopy", format!("invalid copy: {why}")),
        };
        let y = &args[1];
        let bytes = Type::new_slice(universe::byte_type());
        let special = c.assignable_to(x, bytes, false).is_ok() && bytes_or_string(y.ty).0;
        if special {
            if y.ty.is_untyped()
                && let Some(e) = y.expr
            {
                c.update_expr_type(e, Type::basic(BasicKind::String), true);
            }
        } else {
            let src = match c.slice_elem(y) {
                Ok(elem) => elem,
                Err(_) if y.ty.all_string() => universe::byte_type(),
                Err(why) => return self.fail(y, "InvalidCopy", format!("invalid copy: {why}")),
            };
            if !identical(dst, src) {
                let msg = format!(
                    "invalid copy: arguments {} and {} have different element types {} and {}",
                    c.os(x),
                    c.os(y),
                    c.ts(dst),
                    c.ts(src)
                );
                return self.fail(x, "InvalidCopy", msg);
            }
        }
        let int = Type::basic(BasicKind::Int);
        self.record(Some(int), &[x.ty, y.ty]);
        x.mode = Mode::Value;
        x.ty = int;
        true
    }

    fn delete(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        let c = self.c;
        let map = x.ty;
        let mut key: Option<Type> = None;
        let ok = under_is(map, |u| {
            let Some(TypeKind::Map(m)) = u.map(Type::kind) else {
                return self.fail(x, "InvalidDelete", format!("invalid argument: {} is not a map", c.os(x)));
            };
            if key.is_some_and(|k| !identical(m.key, k)) {
                let msg = format!("invalid argument: maps of {} must have identical key types", c.os(x));
                return self.fail(x, "InvalidDelete", msg);
            }
            key = Some(m.key);
            true
        });
        let (true, Some(key)) = (ok, key) else { return false };
        *x = args[1].clone();
        c.assignment(x, Some(key), "argument to delete");
        if !x.is_valid() {
            return false;
        }
        x.mode = Mode::NoValue;
        self.record(None, &[map, key]);
        true
    }

    fn real_imag(&self, x: &mut Operand, real: bool) -> bool {
        let c = self.c;
        if x.ty.is_untyped() {
            if x.is_const() {
                if x.ty.is_numeric() {
                    x.ty = Type::basic(BasicKind::UntypedComplex);
                }
            } else {
                c.convert_untyped(x, Type::basic(BasicKind::Complex128));
                if !x.is_valid() {
                    return false;
                }
            }
        }
        let f = |t: Type| match t.basic_kind() {
            Some(BasicKind::Complex64) => Some(Type::basic(BasicKind::Float32)),
            Some(BasicKind::Complex128) => Some(Type::basic(BasicKind::Float64)),
            Some(BasicKind::UntypedComplex) => Some(Type::basic(BasicKind::UntypedFloat)),
            _ => None,
        };
        let code = if real { "InvalidReal" } else { "InvalidImag" };
        let Some(result) = self.apply_type_func(&f, x, code) else {
            let msg = format!("invalid argument: argument has type {}, expected complex type", c.ts(x.ty));
            return self.fail(x, code, msg);
        };
        if x.is_const() {
            let v = x.constant();
            x.val = Some(if real { v.real() } else { v.imag() });
        } else {
            x.mode = Mode::Value;
            self.record(Some(result), &[x.ty]);
        }
        x.ty = result;
        true
    }

    /// The result type of `complex`, `real`, `imag`; for a type parameter another one that has the results as its type set.
    fn apply_type_func(&self, f: &dyn Fn(Type) -> Option<Type>, x: &Operand, code: &'static str) -> Option<Type> {
        let Some(tp) = x.ty.as_type_param() else { return f(x.ty) };
        let mut terms = Vec::new();
        for t in type_param_terms(x.ty)? {
            terms.push(Term { tilde: t.tilde, ty: f(t.ty)? });
        }
        let msg = format!(
            "{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)",
            self.c.os(x),
            self.name
        );
        self.c.soft_error(x.pos(), code, msg);
        let obj = Obj::new(ObjKind::TypeName, golift_syntax::Pos::NONE, Some(self.c.pkg), tp.obj.name(), None);
        let bound = Type::new_interface(false);
        bound.complete_interface(vec![], vec![Type::new_union(terms)], vec![]);
        Some(Type::new_type_param(obj, Some(bound)))
    }

    fn make(&self, x: &mut Operand) -> bool {
        let c = self.c;
        let arg = &self.call.args[0];
        let t = c.var_type(arg);
        if t.is_invalid() {
            return false;
        }
        let mut cond = |tu: Option<(Type, Type)>| match tu.map(|(_, u)| u.kind()) {
            Some(TypeKind::Slice(_) | TypeKind::Map(_) | TypeKind::Chan(_)) => Ok(()),
            None => Err("no specific type".to_string()),
            _ => Err("type must be slice, map, or channel".to_string()),
        };
        let u = match common_under(t, Some(&mut cond)) {
            Ok(u) => u,
            Err(why) => {
                let why = c.no_common_text(why);
                let msg = format!("invalid argument: cannot make {}: {why}", expr_string(arg));
                c.error(start_pos(arg), "InvalidMake", msg);
                return false;
            }
        };
        let min = if matches!(u.kind(), TypeKind::Slice(_)) { 2 } else { 1 };
        let nargs = self.call.args.len();
        if nargs < min || min + 1 < nargs {
            let msg = format!(
                "invalid operation: {} expects {min} or {} arguments; found {nargs}",
                expr_string(self.e),
                min + 1
            );
            c.error(start_pos(self.e), "WrongArgCount", msg);
            return false;
        }
        let mut types = vec![t];
        let mut sizes = Vec::new();
        for arg in &self.call.args[1..] {
            let (t, size) = c.index(arg, -1);
            types.push(t);
            if size >= 0 {
                sizes.push(size);
            }
        }
        if let [len, cap] = sizes[..]
            && len > cap
        {
            let pos = start_pos(&self.call.args[1]);
            c.error(pos, "SwappedMakeArgs", "invalid argument: length and capacity swapped");
        }
        x.mode = Mode::Value;
        x.ty = t;
        self.record(Some(t), &types);
        true
    }

    fn min_max(&self, x: &mut Operand, args: &mut [Operand], max: bool) -> bool {
        let c = self.c;
        self.version(21, &format!("built-in {}", self.name));
        let op = if max { BinaryOp::Gtr } else { BinaryOp::Lss };
        for (i, a) in args.iter_mut().enumerate() {
            if !a.ty.all_ordered() {
                let msg = format!("invalid argument: {} cannot be ordered", c.os(a));
                return self.fail(a, "InvalidMinMaxOperand", msg);
            }
            if i == 0 {
                continue;
            }
            c.match_types(x, a);
            if !x.is_valid() {
                return false;
            }
            if !identical(x.ty, a.ty) {
                let msg = format!(
                    "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                    c.ts(x.ty),
                    c.ts(a.ty),
                    a.expr_text()
                );
                return self.fail(a, "MismatchedTypes", msg);
            }
            if x.is_const() && a.is_const() {
                if constant_ops::compare(&a.constant(), op, &x.constant()) {
                    *x = a.clone();
                }
            } else {
                x.mode = Mode::Value;
            }
        }
        if !x.is_const() {
            x.mode = Mode::Value;
            c.assignment(x, Some(universe::empty_interface()), &format!("argument to built-in {}", self.name));
            if !x.is_valid() {
                return false;
            }
        }
        for a in args.iter() {
            if let Some(e) = a.expr {
                c.update_expr_type(e, x.ty, true);
            }
        }
        if !x.is_const() {
            x.val = None;
            self.record(Some(x.ty), &vec![x.ty; args.len()]);
        }
        true
    }

    fn new_variable(&self, x: &mut Operand) -> bool {
        let c = self.c;
        let arg = &self.call.args[0];
        c.expr_or_type(x, arg, false);
        c.exclude(x, true, false);
        match x.mode {
            Mode::Invalid => return false,
            Mode::TypeExpr => c.valid_var_type(arg, x.ty),
            _ => {
                if x.ty.is_untyped() {
                    c.assignment(x, None, "argument to new");
                    if !x.is_valid() {
                        return false;
                    }
                }
                self.version(26, &format!("new({})", expr_string(arg)));
            }
        }
        let t = x.ty;
        x.mode = Mode::Value;
        x.val = None;
        x.ty = Type::new_pointer(t);
        self.record(Some(x.ty), &[t]);
        true
    }

    fn panic(&self, x: &mut Operand) -> bool {
        let c = self.c;
        let env = c.env.get();
        if env.sig.and_then(Type::as_signature).is_some_and(|s| !s.results.is_empty()) {
            c.panics.borrow_mut().insert((env.file, self.e.id));
        }
        c.assignment(x, Some(universe::empty_interface()), "argument to panic");
        if !x.is_valid() {
            return false;
        }
        x.mode = Mode::NoValue;
        self.record(None, &[universe::empty_interface()]);
        true
    }

    fn print(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        let mut params = Vec::new();
        for a in args {
            self.c.assignment(a, None, &format!("argument to built-in {}", self.name));
            if !a.is_valid() {
                return false;
            }
            params.push(a.ty);
            self.c.note_printed(self.e.pos, self.name, a.ty);
        }
        x.mode = Mode::NoValue;
        self.record(None, &params);
        true
    }

    fn assert(&self, x: &mut Operand) -> bool {
        let msg = match (x.is_const(), x.constant()) {
            (true, ConstValue::Bool(true)) => return true,
            (true, ConstValue::Bool(false)) => {
                self.c.error(start_pos(self.e), "Test", format!("{} failed", expr_string(self.e)));
                return true;
            }
            _ => format!("invalid argument: {} is not a boolean constant", self.c.os(x)),
        };
        self.fail(x, "Test", msg)
    }
}
