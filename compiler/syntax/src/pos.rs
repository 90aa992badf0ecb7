//! Where nodes start and end, by gc's rules.

use crate::ast::{Expr, ExprKind, Field, FuncType, InterfaceElem, Stmt, StmtKind};
use crate::span::Pos;

/// The leftmost position of an expression.
pub fn start_pos(expr: &Expr) -> Pos {
    let mut x = expr;
    loop {
        x = match &x.kind {
            ExprKind::CompositeLit(lit) => match &lit.ty {
                Some(ty) => ty,
                None => return x.pos,
            },
            ExprKind::KeyValue(key, _) => key,
            ExprKind::Selector(x, _)
            | ExprKind::Index(x, _)
            | ExprKind::TypeAssert(x, _)
            | ExprKind::Binary(_, x, _) => x,
            ExprKind::TypeSwitchGuard(Some(lhs), _) => return lhs.pos,
            ExprKind::TypeSwitchGuard(None, x) => x,
            ExprKind::Call(call) => &call.fun,
            // gc forgets about slice expressions; so does this, on purpose.
            _ => return x.pos,
        }
    }
}

/// The leftmost position of a statement.
pub fn stmt_start_pos(stmt: &Stmt) -> Pos {
    match &stmt.kind {
        StmtKind::Send(x, _) | StmtKind::AssignOp(_, x, _) | StmtKind::IncDec(_, x) => start_pos(x),
        StmtKind::Assign(lhs, _) | StmtKind::Define(lhs, _) => lhs.first().map_or(stmt.pos, start_pos),
        _ => stmt.pos,
    }
}

/// Approximately the end of an expression: exact for names and literals; for an
/// expression that ends in a closing token, the end of what it encloses, or that token.
pub fn end_pos(expr: &Expr) -> Pos {
    let mut x = expr;
    loop {
        x = match &x.kind {
            ExprKind::Bad => return x.pos,
            ExprKind::Ident(ident) => return ident.pos.offset(ident.name.as_str().len() as u32),
            ExprKind::BasicLit(lit) => return lit.pos.offset(lit.text.as_str().len() as u32),
            ExprKind::CompositeLit(lit) => return lit.rbrace,
            ExprKind::KeyValue(_, value) => value,
            ExprKind::FuncLit(lit) => return lit.body.rbrace,
            ExprKind::Paren(x) | ExprKind::TypeSwitchGuard(_, x) | ExprKind::Unary(_, x) => x,
            ExprKind::Selector(_, sel) => return sel.pos.offset(sel.name.as_str().len() as u32),
            ExprKind::Index(x, indices) => indices.last().unwrap_or(x),
            ExprKind::Slice(slice) => slice.index.iter().rev().flatten().next().unwrap_or(&slice.x),
            ExprKind::TypeAssert(_, ty) => ty,
            ExprKind::Binary(_, _, y) => y,
            ExprKind::Call(call) => call.args.last().unwrap_or(&call.fun),
            ExprKind::ArrayType(_, elem)
            | ExprKind::SliceType(elem)
            | ExprKind::DotsType(elem)
            | ExprKind::MapType(_, elem)
            | ExprKind::ChanType(_, elem) => elem,
            ExprKind::StructType(fields) => match fields.last() {
                Some(field) => &field.ty,
                None => return x.pos,
            },
            ExprKind::FuncType(ty) => return func_type_end_pos(ty),
            ExprKind::InterfaceType(elems) => match elems.last() {
                Some(InterfaceElem::Method { ty, .. }) => return func_type_end_pos(ty),
                Some(InterfaceElem::Embedded(ty)) => ty,
                None => return x.pos,
            },
        }
    }
}

/// Approximately the end of a signature.
pub fn func_type_end_pos(ty: &FuncType) -> Pos {
    let last: Option<&Field> = ty.results.last().or(ty.params.last());
    last.map_or(ty.pos, |field| end_pos(&field.ty))
}

/// Approximately the end of a statement: its closing brace, or the end of its last expression.
pub fn stmt_end_pos(stmt: &Stmt) -> Pos {
    let last = |list: &[Expr]| list.last().map_or(stmt.pos, end_pos);
    match &stmt.kind {
        StmtKind::Empty => stmt.pos,
        StmtKind::Labeled(_, inner) => stmt_end_pos(inner),
        StmtKind::Block(block) => block.rbrace,
        StmtKind::Expr(x)
        | StmtKind::Send(_, x)
        | StmtKind::AssignOp(_, _, x)
        | StmtKind::Go(x)
        | StmtKind::Defer(x) => end_pos(x),
        StmtKind::Decl(decls) => decls.last().map_or(stmt.pos, decl_end_pos),
        StmtKind::Assign(_, rhs) | StmtKind::Define(_, rhs) | StmtKind::Return(rhs) => last(rhs),
        StmtKind::IncDec(_, x) => end_pos(x).offset(2),
        StmtKind::Branch(_, Some(label)) => label.pos.offset(label.name.as_str().len() as u32),
        StmtKind::Branch(_, None) => stmt.pos,
        StmtKind::If(s) => s.else_.as_ref().map_or(s.then.rbrace, stmt_end_pos),
        StmtKind::For(s) => s.body.rbrace,
        StmtKind::Range(s) => s.body.rbrace,
        StmtKind::Switch(s) => s.rbrace,
        StmtKind::TypeSwitch(s) => s.rbrace,
        StmtKind::Select(s) => s.rbrace,
    }
}

/// Approximately the end of a declaration.
pub fn decl_end_pos(decl: &crate::ast::Decl) -> Pos {
    use crate::ast::Decl;
    match decl {
        Decl::Import(d) => d.path.map_or(d.pos, |path| path.pos.offset(path.text.as_str().len() as u32)),
        Decl::Const(d) => value_spec_end(&d.names, d.ty.as_ref(), &d.values, d.pos),
        Decl::Var(d) => value_spec_end(&d.names, d.ty.as_ref(), &d.values, d.pos),
        Decl::Type(d) => end_pos(&d.ty),
        Decl::Func(d) => d.body.as_ref().map_or_else(|| func_type_end_pos(&d.ty), |b| b.rbrace),
    }
}

fn value_spec_end(names: &[crate::ast::Ident], ty: Option<&Expr>, values: &[Expr], pos: Pos) -> Pos {
    if let Some(x) = values.last().or(ty) {
        return end_pos(x);
    }
    names.last().map_or(pos, |name| name.pos.offset(name.name.as_str().len() as u32))
}
