//! Labels and branches: are the targets there, is every label used, does a `goto` jump
//! over a variable or into a block?
//!
//! One walk over a function body (function literals inside have walks of their own). A
//! `goto` that finds no label in the enclosing blocks waits in the list of forward gotos,
//! which each block hands to the block around it, until its label turns up.

use rustc_hash::FxHashMap;

use crate::ast::*;
use crate::print::expr_string;
use crate::span::Pos;
use crate::stack::with_stack;
use crate::symbol::Symbol;

use super::Parser;

impl Parser<'_> {
    pub(super) fn check_branches(&mut self, body: &Block) {
        let errors = with_stack(self.height, 4 << 10, || Checker::default().function(body));
        self.branch_errors += errors.len();
        for (pos, message) in errors {
            let text = match message {
                Message::Text(text) => text,
                Message::JumpsIntoBlock(label, start) => {
                    format!("goto {label} jumps into block starting at {}", self.show(start))
                }
                Message::JumpsOver(label, var, at) => {
                    format!("goto {label} jumps over declaration of {var} at {}", self.show(at))
                }
                Message::AlreadyDefined(label, at) => {
                    format!("label {label} already defined at {}", self.show(at))
                }
            };
            self.error_at(pos, text);
        }
    }

    fn show(&self, pos: Pos) -> String {
        self.lex.lines.position(self.lex.file, pos).to_string()
    }
}

enum Message {
    Text(String),
    JumpsIntoBlock(Symbol, Pos),
    JumpsOver(Symbol, String, Pos),
    AlreadyDefined(Symbol, Pos),
}

struct Label {
    name: Ident,
    /// The block that declares it: its number, and where it starts.
    block: u32,
    block_start: Pos,
    kind: Target,
    used: bool,
}

/// What kind of statement a label stands before.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    Loop,
    SwitchOrSelect,
    Other,
}

/// Where the statements of a block are.
#[derive(Clone, Copy, Default)]
struct Targets {
    /// Inside of something that `break` leaves.
    breaks: bool,
    continues: bool,
    switch: Option<Switch>,
}

/// The innermost breakable statement is a switch.
#[derive(Clone, Copy)]
struct Switch {
    is_type_switch: bool,
    /// `None` in blocks nested in the clause.
    clause: Option<Clause>,
}

#[derive(Clone, Copy, PartialEq)]
enum Clause {
    Last,
    NotLast,
}

#[derive(Default)]
struct Checker {
    labels: FxHashMap<Symbol, Label>,
    /// The enclosing blocks: (number, label of the statement they belong to).
    blocks: Vec<(u32, Option<IdentId>)>,
    errors: Vec<(Pos, Message)>,
}

impl Checker {
    fn function(mut self, body: &Block) -> Vec<(Pos, Message)> {
        for label in self.block(Targets::default(), None, body.pos, &body.stmts) {
            match self.labels.get_mut(&label.name) {
                Some(target) => {
                    target.used = true;
                    let start = target.block_start;
                    self.errors.push((label.pos, Message::JumpsIntoBlock(label.name, start)));
                }
                None => self.error(label.pos, format!("label {} not defined", label.name)),
            }
        }
        let mut unused: Vec<Ident> = self.labels.values().filter(|l| !l.used).map(|l| l.name).collect();
        unused.sort_by_key(|name| name.pos);
        for label in unused {
            self.error(label.pos, format!("label {} defined and not used", label.name));
        }
        self.errors
    }

    fn error(&mut self, pos: Pos, text: impl Into<String>) {
        self.errors.push((pos, Message::Text(text.into())));
    }

    /// Checks a block; returns the labels of gotos that have found none yet.
    fn block(&mut self, targets: Targets, label: Option<IdentId>, start: Pos, stmts: &[Stmt]) -> Vec<Ident> {
        let mut scope = Scope {
            targets,
            // Positions of block starts are unique, except for the block an `else` makes.
            number: start.raw(),
            start,
            forward: Vec::new(),
            var: None,
            label: None,
        };
        self.blocks.push((scope.number, label));
        let end = stmts.iter().rposition(|s| !matches!(s.kind, StmtKind::Empty));
        let stmts = &stmts[..end.map_or(0, |last| last + 1)];
        for (i, stmt) in stmts.iter().enumerate() {
            scope.label = None;
            self.stmt(&mut scope, stmt, i + 1 == stmts.len());
        }
        self.blocks.pop();
        scope.forward
    }

    fn stmt(&mut self, scope: &mut Scope, stmt: &Stmt, last: bool) {
        match &stmt.kind {
            StmtKind::Decl(decls) => {
                let var = decls.iter().find_map(|decl| match decl {
                    Decl::Var(var) => Some(var),
                    _ => None,
                });
                if let Some(var) = var {
                    scope.declare_var(var.pos, || var.names[0].name.to_string());
                }
            }
            StmtKind::Define(lhs, _) => {
                scope.declare_var(stmt.pos, || lhs.iter().map(expr_string).collect::<Vec<_>>().join(", "))
            }
            StmtKind::Labeled(label, inner) => {
                if !label.name.is_blank() {
                    self.declare_label(scope, label, inner);
                    scope.label = Some(label.id);
                }
                self.stmt(scope, inner, last);
            }
            StmtKind::Branch(branch, None) => self.unlabeled(scope, stmt.pos, *branch, last),
            StmtKind::Branch(branch, Some(label)) => self.labeled(scope, *branch, label),
            StmtKind::Block(block) => {
                let inner = scope.targets.nested();
                self.inner(scope, inner, block.pos, &block.stmts);
            }
            StmtKind::If(s) => {
                let inner = scope.targets.nested();
                self.inner(scope, inner, s.then.pos, &s.then.stmts);
                if let Some(else_) = &s.else_ {
                    self.inner(scope, inner, else_.pos, std::slice::from_ref(else_));
                }
            }
            StmtKind::For(s) => {
                let inner = Targets { breaks: true, continues: true, switch: None };
                self.inner(scope, inner, s.body.pos, &s.body.stmts);
            }
            StmtKind::Range(s) => {
                let inner = Targets { breaks: true, continues: true, switch: None };
                self.inner(scope, inner, s.body.pos, &s.body.stmts);
            }
            StmtKind::Switch(s) => self.clauses(scope, &s.clauses, false),
            StmtKind::TypeSwitch(s) => self.clauses(scope, &s.clauses, true),
            StmtKind::Select(s) => {
                let inner = Targets { breaks: true, switch: None, ..scope.targets };
                for clause in &s.clauses {
                    self.inner(scope, inner, clause.pos, &clause.body);
                }
            }
            _ => {}
        }
    }

    fn inner(&mut self, scope: &mut Scope, targets: Targets, start: Pos, stmts: &[Stmt]) {
        let forward = self.block(targets, scope.label, start, stmts);
        scope.forward.extend(forward);
    }

    fn clauses(&mut self, scope: &mut Scope, clauses: &[CaseClause], is_type_switch: bool) {
        for (i, clause) in clauses.iter().enumerate() {
            let position = if i + 1 == clauses.len() { Clause::Last } else { Clause::NotLast };
            let switch = Some(Switch { is_type_switch, clause: Some(position) });
            let inner = Targets { breaks: true, switch, ..scope.targets };
            self.inner(scope, inner, clause.pos, &clause.body);
        }
    }

    fn declare_label(&mut self, scope: &mut Scope, label: &Ident, stmt: &Stmt) {
        if let Some(other) = self.labels.get(&label.name) {
            let message = Message::AlreadyDefined(label.name, other.name.pos);
            self.errors.push((label.pos, message));
        } else {
            let kind = match stmt.kind {
                StmtKind::For(_) | StmtKind::Range(_) => Target::Loop,
                StmtKind::Switch(_) | StmtKind::TypeSwitch(_) | StmtKind::Select(_) => Target::SwitchOrSelect,
                _ => Target::Other,
            };
            let declared = Label { name: *label, block: scope.number, block_start: scope.start, kind, used: false };
            self.labels.insert(label.name, declared);
        }
        let (found, waiting): (Vec<Ident>, Vec<Ident>) =
            std::mem::take(&mut scope.forward).into_iter().partition(|g| g.name == label.name);
        scope.forward = waiting;
        for goto in found {
            if let Some(target) = self.labels.get_mut(&label.name) {
                target.used = true;
            }
            if let Some(var) = &scope.var
                && var.jumped_over.contains(&goto.id)
            {
                let message = Message::JumpsOver(goto.name, var.name.clone(), var.pos);
                self.errors.push((goto.pos, message));
            }
        }
    }

    fn unlabeled(&mut self, scope: &Scope, pos: Pos, branch: Branch, last: bool) {
        match branch {
            Branch::Break if !scope.targets.breaks => {
                self.error(pos, "break is not in a loop, switch, or select");
            }
            Branch::Continue if !scope.targets.continues => {
                self.error(pos, "continue is not in a loop");
            }
            Branch::Fallthrough => match scope.targets.switch {
                Some(Switch { is_type_switch: true, .. }) => {
                    self.error(pos, "cannot fallthrough in type switch");
                }
                Some(Switch { clause: Some(Clause::NotLast), .. }) if last => {}
                Some(Switch { clause: Some(Clause::Last), .. }) if last => {
                    self.error(pos, "cannot fallthrough final case in switch");
                }
                _ => self.error(pos, "fallthrough statement out of place"),
            },
            _ => {}
        }
    }

    fn labeled(&mut self, scope: &mut Scope, branch: Branch, label: &Ident) {
        let name = label.name;
        let target = self.labels.get_mut(&name);
        match branch {
            Branch::Goto => {
                // Even a label that is no valid target counts as used.
                let valid = target.is_some_and(|target| {
                    target.used = true;
                    self.blocks.iter().any(|&(number, _)| number == target.block)
                });
                if !valid {
                    scope.forward.push(*label);
                }
            }
            Branch::Break | Branch::Continue => {
                let verb = if branch == Branch::Break { "break" } else { "continue" };
                let Some(target) = target else {
                    return self.error(label.pos, format!("{verb} label not defined: {name}"));
                };
                target.used = true;
                let encloses = self.blocks.iter().any(|&(_, id)| id == Some(target.name.id));
                let fits = match target.kind {
                    Target::Loop => true,
                    Target::SwitchOrSelect => branch == Branch::Break,
                    Target::Other => false,
                };
                if !encloses || !fits {
                    self.error(label.pos, format!("invalid {verb} label {name}"));
                }
            }
            Branch::Fallthrough => {}
        }
    }
}

impl Targets {
    /// Inside of a block that is no target of branches.
    fn nested(self) -> Targets {
        let switch = self.switch.map(|switch| Switch { clause: None, ..switch });
        Targets { switch, ..self }
    }
}

/// A block under way.
struct Scope {
    targets: Targets,
    number: u32,
    start: Pos,
    /// Labels of gotos that have found none yet.
    forward: Vec<Ident>,
    /// The last variable declaration so far.
    var: Option<Var>,
    /// Label of the current statement.
    label: Option<IdentId>,
}

struct Var {
    pos: Pos,
    name: String,
    /// Gotos that jump over it if their labels turn up in this block.
    jumped_over: Vec<IdentId>,
}

impl Scope {
    fn declare_var(&mut self, pos: Pos, name: impl FnOnce() -> String) {
        // Without a waiting goto nothing can jump over it.
        self.var = (!self.forward.is_empty()).then(|| Var {
            pos,
            name: name(),
            jumped_over: self.forward.iter().map(|label| label.id).collect(),
        });
    }
}
