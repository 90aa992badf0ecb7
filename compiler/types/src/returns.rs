//! Terminating statements: does control reach the end of a function?

use golift_syntax::{Block, Branch, CaseClause, ExprKind, Stmt, StmtKind, Symbol};

use crate::check::Checker;

impl Checker {
    pub fn is_terminating_block(&self, b: &Block) -> bool {
        self.is_terminating_list(&b.stmts)
    }

    fn is_terminating_list(&self, list: &[Stmt]) -> bool {
        let last = list.iter().rev().find(|s| !matches!(s.kind, StmtKind::Empty));
        last.is_some_and(|s| self.is_terminating(s, None))
    }

    fn is_terminating(&self, s: &Stmt, label: Option<Symbol>) -> bool {
        match &s.kind {
            StmtKind::Labeled(label, inner) => self.is_terminating(inner, Some(label.name)),
            StmtKind::Expr(e) => {
                let e = e.unparen();
                matches!(e.kind, ExprKind::Call(_)) && self.panics.borrow().contains(&(self.env.get().file, e.id))
            }
            StmtKind::Return(_) => true,
            StmtKind::Branch(branch, _) => matches!(branch, Branch::Goto | Branch::Fallthrough),
            StmtKind::Block(b) => self.is_terminating_block(b),
            StmtKind::If(i) => {
                i.else_.as_ref().is_some_and(|e| self.is_terminating(e, None)) && self.is_terminating_block(&i.then)
            }
            StmtKind::Switch(s) => self.is_terminating_switch(&s.clauses, label),
            StmtKind::TypeSwitch(s) => self.is_terminating_switch(&s.clauses, label),
            StmtKind::Select(s) => {
                s.clauses.iter().all(|c| self.is_terminating_list(&c.body) && !has_break_list(&c.body, label, true))
            }
            StmtKind::For(f) => f.cond.is_none() && !has_break_list(&f.body.stmts, label, true),
            _ => false,
        }
    }

    fn is_terminating_switch(&self, clauses: &[CaseClause], label: Option<Symbol>) -> bool {
        clauses.iter().any(|c| c.is_default)
            && clauses.iter().all(|c| self.is_terminating_list(&c.body) && !has_break_list(&c.body, label, true))
    }
}

fn has_break_list(list: &[Stmt], label: Option<Symbol>, implicit: bool) -> bool {
    list.iter().any(|s| has_break(s, label, implicit))
}

/// Is there a `break` out of the statement with the label (or, if `implicit`, out of the innermost one)?
fn has_break(s: &Stmt, label: Option<Symbol>, implicit: bool) -> bool {
    match &s.kind {
        StmtKind::Labeled(_, inner) => has_break(inner, label, implicit),
        StmtKind::Branch(Branch::Break, None) => implicit,
        StmtKind::Branch(Branch::Break, Some(l)) => Some(l.name) == label,
        StmtKind::Block(b) => has_break_list(&b.stmts, label, implicit),
        StmtKind::If(i) => {
            has_break_list(&i.then.stmts, label, implicit)
                || i.else_.as_ref().is_some_and(|e| has_break(e, label, implicit))
        }
        StmtKind::Switch(s) => label.is_some() && s.clauses.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::TypeSwitch(s) => label.is_some() && s.clauses.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::Select(s) => label.is_some() && s.clauses.iter().any(|c| has_break_list(&c.body, label, false)),
        StmtKind::For(f) => label.is_some() && has_break_list(&f.body.stmts, label, false),
        StmtKind::Range(r) => label.is_some() && has_break_list(&r.body.stmts, label, false),
        _ => false,
    }
}
