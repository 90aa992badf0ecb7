//! Syntax as text, in the short form that messages use: bodies and literal values as `…`.

use std::fmt::Write as _;

use crate::ast::*;

/// An expression or type as messages show it.
pub fn expr_string(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr);
    out
}

/// Appends what [`expr_string`] gives.
pub fn write_expr(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Bad => out.push_str("<bad expr>"),
        ExprKind::Ident(ident) => out.push_str(ident.name.as_str()),
        ExprKind::BasicLit(literal) => out.push_str(literal.text.as_str()),
        ExprKind::FuncLit(literal) => {
            out.push_str("func");
            write_signature(out, &literal.ty);
            out.push_str(if literal.body.stmts.is_empty() { " {}" } else { " {…}" });
        }
        ExprKind::CompositeLit(literal) => {
            if let Some(ty) = &literal.ty {
                write_expr(out, ty);
            }
            out.push_str(if literal.elems.is_empty() { "{}" } else { "{…}" });
        }
        ExprKind::KeyValue(key, value) => {
            write_expr(out, key);
            out.push_str(": ");
            write_expr(out, value);
        }
        ExprKind::Paren(x) => {
            out.push('(');
            write_expr(out, x);
            out.push(')');
        }
        ExprKind::Selector(x, sel) => {
            write_expr(out, x);
            let _ = write!(out, ".{}", sel.name);
        }
        ExprKind::Index(x, indices) => {
            write_expr(out, x);
            out.push('[');
            write_exprs(out, indices);
            out.push(']');
        }
        ExprKind::Slice(slice) => {
            write_expr(out, &slice.x);
            out.push('[');
            let [low, high, max] = &slice.index;
            for (colon, index) in [("", low), (":", high)] {
                out.push_str(colon);
                if let Some(index) = index {
                    write_expr(out, index);
                }
            }
            if let Some(max) = max {
                out.push(':');
                write_expr(out, max);
            }
            out.push(']');
        }
        ExprKind::TypeAssert(x, ty) => {
            write_expr(out, x);
            out.push_str(".(");
            write_expr(out, ty);
            out.push(')');
        }
        ExprKind::TypeSwitchGuard(lhs, x) => {
            if let Some(lhs) = lhs {
                let _ = write!(out, "{} := ", lhs.name);
            }
            write_expr(out, x);
            out.push_str(".(type)");
        }
        ExprKind::Unary(op, x) => {
            out.push_str(op.as_str());
            write_expr(out, x);
        }
        ExprKind::Binary(op, x, y) => {
            write_expr(out, x);
            let _ = write!(out, " {} ", op.as_str());
            write_expr(out, y);
        }
        ExprKind::Call(call) => {
            write_expr(out, &call.fun);
            out.push('(');
            write_exprs(out, &call.args);
            out.push_str(if call.has_dots { "...)" } else { ")" });
        }
        ExprKind::ArrayType(len, elem) => {
            out.push('[');
            match len {
                Some(len) => write_expr(out, len),
                None => out.push_str("..."),
            }
            out.push(']');
            write_expr(out, elem);
        }
        ExprKind::SliceType(elem) => {
            out.push_str("[]");
            write_expr(out, elem);
        }
        ExprKind::DotsType(elem) => {
            out.push_str("...");
            write_expr(out, elem);
        }
        ExprKind::StructType(fields) => {
            out.push_str("struct{");
            write_fields(out, fields, "; ");
            out.push('}');
        }
        ExprKind::FuncType(ty) => {
            out.push_str("func");
            write_signature(out, ty);
        }
        ExprKind::InterfaceType(elems) => {
            out.push_str("interface{");
            for (i, elem) in elems.iter().enumerate() {
                out.push_str(if i > 0 { "; " } else { "" });
                match elem {
                    InterfaceElem::Method { name, ty } => {
                        out.push_str(name.name.as_str());
                        write_signature(out, ty);
                    }
                    InterfaceElem::Embedded(ty) => write_expr(out, ty),
                }
            }
            out.push('}');
        }
        ExprKind::MapType(key, value) => {
            out.push_str("map[");
            write_expr(out, key);
            out.push(']');
            write_expr(out, value);
        }
        ExprKind::ChanType(dir, elem) => {
            out.push_str(match dir {
                ChanDir::Both => "chan ",
                ChanDir::Send => "chan<- ",
                ChanDir::Recv => "<-chan ",
            });
            let ambiguous = *dir == ChanDir::Both && matches!(elem.kind, ExprKind::ChanType(ChanDir::Recv, _));
            if ambiguous {
                out.push('(');
            }
            write_expr(out, elem);
            if ambiguous {
                out.push(')');
            }
        }
    }
}

fn write_exprs(out: &mut String, exprs: &[Expr]) {
    for (i, expr) in exprs.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        write_expr(out, expr);
    }
}

fn write_fields(out: &mut String, fields: &[Field], separator: &str) {
    for (i, field) in fields.iter().enumerate() {
        out.push_str(if i > 0 { separator } else { "" });
        for (i, name) in field.names.iter().enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            out.push_str(name.name.as_str());
        }
        out.push_str(if field.names.is_empty() { "" } else { " " });
        write_expr(out, &field.ty);
        if let Some(tag) = &field.tag {
            let _ = write!(out, " {}", tag.text);
        }
    }
}

/// Appends parameters and results.
pub fn write_signature(out: &mut String, ty: &FuncType) {
    out.push('(');
    write_fields(out, &ty.params, ", ");
    out.push(')');
    match &ty.results[..] {
        [] => {}
        [result] if result.names.is_empty() => {
            out.push(' ');
            write_expr(out, &result.ty);
        }
        results => {
            out.push_str(" (");
            write_fields(out, results, ", ");
            out.push(')');
        }
    }
}

/// A simple statement as messages show it.
pub fn stmt_string(stmt: &Stmt) -> String {
    let mut out = String::new();
    let mut binary = |lhs: &[Expr], op: &str, rhs: &[Expr]| {
        write_exprs(&mut out, lhs);
        out.push_str(op);
        write_exprs(&mut out, rhs);
    };
    let one = std::slice::from_ref;
    match &stmt.kind {
        StmtKind::Expr(x) => binary(one(x), "", &[]),
        StmtKind::Send(x, y) => binary(one(x), " <- ", one(y)),
        StmtKind::Assign(lhs, rhs) => binary(lhs, " = ", rhs),
        StmtKind::Define(lhs, rhs) => binary(lhs, " := ", rhs),
        StmtKind::AssignOp(op, x, y) => binary(one(x), &format!(" {}= ", op.as_str()), one(y)),
        StmtKind::IncDec(inc, x) => binary(one(x), if *inc { "++" } else { "--" }, &[]),
        _ => out.push('…'),
    }
    out
}
