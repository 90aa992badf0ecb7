//! Calls of the functions of package unsafe.

use golift_syntax::{ExprKind, expr_string, start_pos};

use crate::builtins::Builtin;
use crate::constant::ConstValue;
use crate::lookup::{Lookup, deref_struct_ptr, lookup_field_or_method};
use crate::operand::Operand;
use crate::package::{Mode, SelectionKind};
use crate::record::selection;
use crate::sizes::{align_of, offsets_of, size_of};
use crate::types::{BasicKind, Type, TypeKind};
use crate::typeset::common_under;
use crate::universe;

impl Builtin<'_> {
    pub(crate) fn unsafe_add(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        self.version(17, "unsafe.Add");
        let pointer = Type::basic(BasicKind::UnsafePointer);
        self.c.assignment(x, Some(pointer), "argument to unsafe.Add");
        if !x.is_valid() || !self.c.is_valid_index(&mut args[1], "InvalidUnsafeAdd", "length", true) {
            return false;
        }
        x.mode = Mode::Value;
        x.ty = pointer;
        self.record(Some(pointer), &[pointer, args[1].ty]);
        true
    }

    pub(crate) fn size_or_align(&self, x: &mut Operand, size: bool) -> bool {
        let c = self.c;
        let context = format!("argument to unsafe.{}", self.name);
        c.assignment(x, None, &context);
        if !x.is_valid() {
            return false;
        }
        let uintptr = Type::basic(BasicKind::Uintptr);
        if c.has_var_size(x.ty) {
            x.mode = Mode::Value;
            x.val = None;
            self.record(Some(uintptr), &[x.ty]);
        } else {
            let n = if size { size_of(x.ty) } else { align_of(x.ty) };
            if n < 0 {
                return self.fail(x, "TypeTooLarge", format!("{} is too large", c.os(x)));
            }
            x.mode = Mode::Constant;
            x.val = Some(ConstValue::Int(n));
        }
        x.ty = uintptr;
        true
    }

    pub(crate) fn offsetof(&self, x: &mut Operand) -> bool {
        let c = self.c;
        let arg = &self.call.args[0];
        let inner = arg.unparen();
        let ExprKind::Selector(base_expr, sel) = &inner.kind else {
            let msg = format!("invalid argument: {} is not a selector expression", expr_string(arg));
            c.error(start_pos(arg), "BadOffsetofSyntax", msg);
            c.use_exprs(&self.call.args);
            return false;
        };
        c.expr(None, x, base_expr);
        if !x.is_valid() {
            return false;
        }
        let base = deref_struct_ptr(x.ty);
        let (obj, index, indirect) = match lookup_field_or_method(base, false, Some(c.pkg), sel.name) {
            Lookup::Found { obj, index, indirect } => (obj, index, indirect),
            _ => {
                let msg = format!("invalid argument: {} has no single field {}", c.ts(base), sel.name);
                return self.fail(x, "MissingFieldOrMethod", msg);
            }
        };
        if obj.is_func() {
            let msg = format!("invalid argument: {} is a method value", expr_string(arg));
            c.error(start_pos(arg), "InvalidOffsetof", msg);
            return false;
        }
        if indirect {
            let msg = format!("invalid argument: field {} is embedded via a pointer in {}", sel.name, c.ts(base));
            return self.fail(x, "InvalidOffsetof", msg);
        }
        let mode = if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
        let sel_info = selection(SelectionKind::FieldVal, base, obj, index.clone(), false, obj.ty());
        c.record_selection(inner, sel, sel_info);
        c.record_type(inner, mode, obj.ty(), None);
        let uintptr = Type::basic(BasicKind::Uintptr);
        if c.has_var_size(base) {
            x.mode = Mode::Value;
            x.val = None;
            self.record(Some(uintptr), &[obj.ty()]);
        } else {
            let mut offset = 0i64;
            let mut t = base;
            for &i in &index {
                let TypeKind::Struct(s) = t.under().kind() else { break };
                let d = offsets_of(&s.fields)[i as usize];
                offset = if d < 0 { -1 } else { offset.checked_add(d).unwrap_or(-1) };
                if offset < 0 {
                    return self.fail(x, "TypeTooLarge", format!("{} is too large", c.os(x)));
                }
                t = s.fields[i as usize].ty();
            }
            x.mode = Mode::Constant;
            x.val = Some(ConstValue::Int(offset));
        }
        x.ty = uintptr;
        true
    }

    pub(crate) fn unsafe_slice(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        self.version(17, "unsafe.Slice");
        let ptr = common_under(x.ty, None).ok();
        let Some(TypeKind::Pointer(base)) = ptr.map(Type::kind) else {
            let msg = format!("invalid argument: {} is not a pointer", self.c.os(x));
            return self.fail(x, "InvalidUnsafeSlice", msg);
        };
        if !self.c.is_valid_index(&mut args[1], "InvalidUnsafeSlice", "length", false) {
            return false;
        }
        x.mode = Mode::Value;
        x.ty = Type::new_slice(*base);
        self.record(Some(x.ty), &[ptr.unwrap_or(x.ty), args[1].ty]);
        true
    }

    pub(crate) fn slice_data(&self, x: &mut Operand) -> bool {
        self.version(20, "unsafe.SliceData");
        let slice = common_under(x.ty, None).ok();
        let Some(TypeKind::Slice(elem)) = slice.map(Type::kind) else {
            let msg = format!("invalid argument: {} is not a slice", self.c.os(x));
            return self.fail(x, "InvalidUnsafeSliceData", msg);
        };
        x.mode = Mode::Value;
        x.ty = Type::new_pointer(*elem);
        self.record(Some(x.ty), &[slice.unwrap_or(x.ty)]);
        true
    }

    pub(crate) fn unsafe_string(&self, x: &mut Operand, args: &mut [Operand]) -> bool {
        self.version(20, "unsafe.String");
        let ptr = Type::new_pointer(universe::byte_type());
        self.c.assignment(x, Some(ptr), "argument to unsafe.String");
        if !x.is_valid() || !self.c.is_valid_index(&mut args[1], "InvalidUnsafeString", "length", false) {
            return false;
        }
        x.mode = Mode::Value;
        x.ty = Type::basic(BasicKind::String);
        self.record(Some(x.ty), &[ptr, args[1].ty]);
        true
    }

    pub(crate) fn string_data(&self, x: &mut Operand) -> bool {
        self.version(20, "unsafe.StringData");
        let string = Type::basic(BasicKind::String);
        self.c.assignment(x, Some(string), "argument to unsafe.StringData");
        if !x.is_valid() {
            return false;
        }
        x.mode = Mode::Value;
        x.val = None;
        x.ty = Type::new_pointer(universe::byte_type());
        self.record(Some(x.ty), &[string]);
        true
    }
}
