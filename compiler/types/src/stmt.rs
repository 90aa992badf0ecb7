//! Function bodies and statements.

use golift_syntax::{
    BinaryOp, Block, CallExpr, CaseClause, Diagnostic, Expr, ExprKind, Ident, Pos, RangeStmt, SelectStmt, Stmt,
    StmtKind, SwitchStmt, TypeSwitchStmt, UnaryOp, expr_string, start_pos, stmt_start_pos,
};
use rustc_hash::FxHashMap;

use crate::builtins::array_ptr_deref;
use crate::check::{Checker, Env};
use crate::constant::ConstValue;
use crate::expr::Kind;
use crate::literals::{ConstKey, const_key};
use crate::object::{Obj, ObjKind, VarKind};
use crate::operand::Operand;
use crate::package::Mode;
use crate::predicates::{comparable, identical};
use crate::scope::ScopeId;
use crate::types::{BasicKind, Type, TypeKind};
use crate::typeset::common_under;
use crate::universe;

impl Checker {
    /// Checks the body of a function whose parameters are in `scope`. `outer_tparams` is set for function literals.
    pub fn func_body(
        &self,
        decl: Option<u32>,
        sig: Type,
        scope: ScopeId,
        body: &'static Block,
        iota: Option<i64>,
        outer_tparams: Option<u32>,
    ) {
        let saved = self.env.get();
        let tparams = outer_tparams.unwrap_or_else(|| self.tparam_list(sig));
        self.env.set(Env {
            decl,
            file: saved.file,
            scope,
            version: saved.version,
            iota,
            anchor: saved.anchor,
            errpos: Pos::NONE,
            in_tparam_list: false,
            in_interface: false,
            sig: Some(sig),
            tparams,
            has_call_or_recv: false,
        });
        let outer_vars = self.local_vars.take();
        self.stmt_list(&body.stmts);
        let Some(s) = sig.as_signature() else { return };
        if !s.results.is_empty() && !self.is_terminating_block(body) {
            self.error(body.rbrace, "MissingReturn", "missing return");
        }
        let mut unused = self.local_vars.replace(outer_vars);
        unused.retain(|(_, v)| !v.is_used());
        // Outer scopes come first, and their numbers say so.
        unused.sort_by_key(|&(scope, v)| (scope, v.pos()));
        for (_, v) in unused {
            self.soft_error(v.pos(), "UnusedVar", format!("declared and not used: {}", v.name()));
        }
        self.env.set(saved);
    }

    /// The type parameters of a function, as an index into the lists.
    fn tparam_list(&self, sig: Type) -> u32 {
        let Some(s) = sig.as_signature() else { return 0 };
        if s.recv_tparams.is_empty() && s.tparams.is_empty() {
            return 0;
        }
        let list: Vec<Type> = s.recv_tparams.iter().chain(s.tparams.iter()).copied().collect();
        let mut lists = self.tparam_lists.borrow_mut();
        lists.push(list.into());
        lists.len() as u32 - 1
    }

    pub fn stmt_list(&self, list: &'static [Stmt]) {
        for s in list {
            self.stmt(s);
        }
    }

    fn block(&self, b: &'static Block) {
        self.open_scope();
        self.stmt_list(&b.stmts);
        self.close_scope();
    }

    fn stmt(&self, s: &'static Stmt) {
        let top = self.delayed_len();
        // What is made and dropped has no size in gc.
        let anchor = if is_dropped_make(s) { Pos::NONE } else { stmt_start_pos(s) };
        self.edit_env(|e| e.anchor = anchor);
        self.stmt_kind(s);
        // Function literals are checked with the statement, while the variables around them are in scope.
        self.process_delayed(top);
    }

    fn stmt_kind(&self, s: &'static Stmt) {
        match &s.kind {
            StmtKind::Empty | StmtKind::Branch(..) => {}
            StmtKind::Decl(decls) => self.decl_stmt(decls),
            StmtKind::Labeled(_, inner) => self.stmt(inner),
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send(chan, value) => {
                let (mut ch, mut val) = (Operand::new(), Operand::new());
                self.expr(None, &mut ch, chan);
                self.generic_expr(&mut val, value, None);
                if !ch.is_valid() || !val.is_valid() {
                    return;
                }
                if let Some(elem) = self.chan_elem(stmt_start_pos(s), &ch, false) {
                    self.assignment(&mut val, Some(elem), "send");
                }
            }
            StmtKind::IncDec(inc, lhs) => {
                let mut x = Operand::new();
                self.expr(None, &mut x, lhs);
                if !x.is_valid() {
                    return;
                }
                if !x.ty.all_numeric() {
                    let op = if *inc { "++" } else { "--" };
                    let msg =
                        format!("invalid operation: {}{op} (non-numeric type {})", expr_string(lhs), self.ts(x.ty));
                    self.error(start_pos(lhs), "NonNumericIncDec", msg);
                    return;
                }
                self.assign_operand(lhs, &mut x, "assignment");
            }
            StmtKind::Assign(lhs, rhs) => self.assign_vars(lhs, rhs),
            StmtKind::Define(lhs, rhs) => self.short_var_decl(s.pos, lhs, rhs),
            StmtKind::AssignOp(op, lhs, rhs) => {
                let mut x = Operand::new();
                self.binary(&mut x, None, lhs, rhs, *op);
                self.assign_operand(lhs, &mut x, "assignment");
            }
            StmtKind::Go(call) => self.suspended_call("go", call),
            StmtKind::Defer(call) => self.suspended_call("defer", call),
            StmtKind::Return(results) => self.return_stmt(s, results),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(i) => {
                self.open_scope();
                if let Some(init) = &i.init {
                    self.stmt(init);
                }
                self.condition(&i.cond, "if");
                self.block(&i.then);
                if let Some(e) = &i.else_ {
                    self.stmt(e);
                }
                self.close_scope();
            }
            StmtKind::Switch(sw) => {
                self.open_scope();
                if let Some(init) = &sw.init {
                    self.stmt(init);
                }
                self.switch_stmt(sw);
                self.close_scope();
            }
            StmtKind::TypeSwitch(sw) => {
                self.open_scope();
                if let Some(init) = &sw.init {
                    self.stmt(init);
                }
                self.type_switch_stmt(sw);
                self.close_scope();
            }
            StmtKind::Select(sel) => self.select_stmt(sel),
            StmtKind::For(f) => {
                self.open_scope();
                if let Some(init) = &f.init {
                    self.stmt(init);
                }
                if let Some(cond) = &f.cond {
                    self.condition(cond, "for");
                }
                if let Some(post) = &f.post {
                    self.stmt(post);
                    // The parser has complained about a declaration here.
                    if let StmtKind::Define(lhs, _) = &post.kind {
                        self.use_exprs(lhs);
                    }
                }
                self.block(&f.body);
                self.close_scope();
            }
            StmtKind::Range(r) => self.range_stmt(s, r),
        }
    }

    fn condition(&self, cond: &'static Expr, what: &str) {
        let mut x = Operand::new();
        self.expr(None, &mut x, cond);
        if x.is_valid() && !x.ty.all_boolean() {
            let msg = format!("non-boolean condition in {what} statement");
            self.error(start_pos(cond), "InvalidCond", msg);
        }
        self.default_bool(&x);
    }

    /// A condition without another type is a bool.
    fn default_bool(&self, x: &Operand) {
        if x.is_valid()
            && x.ty.is_untyped()
            && let Some(e) = x.expr
        {
            self.update_expr_type(e, x.ty.default_type(), true);
        }
    }

    fn expr_stmt(&self, e: &'static Expr) {
        let mut x = Operand::new();
        let kind = self.raw_expr(None, &mut x, e, None, false);
        let (msg, code) = match x.mode {
            Mode::Builtin => ("must be called", "UncalledBuiltin"),
            Mode::TypeExpr => ("is not an expression", "NotAnExpr"),
            _ if kind == Kind::Statement => return,
            _ => ("is not used", "UnusedExpr"),
        };
        if x.is_valid() || kind != Kind::Statement {
            self.error(x.pos(), code, format!("{} {msg}", self.os(&x)));
        }
    }

    fn suspended_call(&self, keyword: &str, call: &'static Expr) {
        let code = if keyword == "go" { "InvalidGo" } else { "InvalidDefer" };
        if !matches!(call.kind, ExprKind::Call(_)) {
            let msg = format!("expression in {keyword} must be function call");
            self.error(start_pos(call), code, msg);
            self.use_exprs(std::slice::from_ref(call));
            return;
        }
        let mut x = Operand::new();
        let (msg, code) = match self.raw_expr(None, &mut x, call, None, false) {
            Kind::Conversion => ("requires function call, not conversion", code),
            Kind::Expression => ("discards result of", "UnusedResults"),
            Kind::Statement => return,
        };
        self.error(x.pos(), code, format!("{keyword} {msg} {}", self.os(&x)));
    }

    fn return_stmt(&self, s: &'static Stmt, results: &'static [Expr]) {
        let Some(sig) = self.env.get().sig.and_then(Type::as_signature) else { return };
        let named = sig.results.first().is_some_and(|r| r.name() != golift_syntax::Symbol::EMPTY);
        if results.is_empty() && named {
            for &obj in &sig.results {
                if let Some(alt) = self.lookup(obj.name()).filter(|&alt| alt != obj && !obj.name().is_blank()) {
                    let msg = format!("result parameter {} not in scope at return", obj.name());
                    let d = Diagnostic::new(stmt_start_pos(s), "OutOfScopeResult", msg);
                    let text = format!("inner declaration of {}", self.object_string(obj));
                    self.report(d.with_related(Obj::pos(alt), text));
                }
            }
            return;
        }
        if results.is_empty() && sig.results.is_empty() {
            return;
        }
        if sig.results.is_empty() {
            self.init_vars(&[], results, Some(s));
            return;
        }
        self.init_vars(&sig.results, results, Some(s));
    }

    fn object_string(&self, obj: Obj) -> String {
        let kind = match obj.kind() {
            ObjKind::Const => "const",
            ObjKind::TypeName => "type",
            ObjKind::Func => "func",
            _ => "var",
        };
        format!("{kind} {} {}", obj.name(), self.ts(obj.ty()))
    }

    fn multiple_defaults(&self, clauses: impl Iterator<Item = (bool, Pos)>) {
        let mut first: Option<Pos> = None;
        for (is_default, pos) in clauses {
            if !is_default {
                continue;
            }
            match first {
                Some(first) => {
                    let msg = format!("multiple defaults (first at {})", self.pos_string(first));
                    self.error(pos, "DuplicateDefault", msg);
                }
                None => first = Some(pos),
            }
        }
    }

    fn switch_stmt(&self, s: &'static SwitchStmt) {
        let mut x = Operand::new();
        match &s.tag {
            Some(tag) => {
                self.expr(None, &mut x, tag);
                self.assignment(&mut x, None, "switch expression");
                if x.is_valid() && !comparable(x.ty) && !x.ty.has_nil() {
                    let msg = format!("cannot switch on {} ({} is not comparable)", self.os(&x), self.ts(x.ty));
                    self.error(x.pos(), "InvalidExprSwitch", msg);
                    x.invalidate();
                }
            }
            None => {
                let pos = s.clauses.first().map_or(s.rbrace, |c| c.pos);
                x = Operand::dummy(Type::basic(BasicKind::Bool), pos, "true".into());
                x.mode = Mode::Constant;
                x.val = Some(ConstValue::Bool(true));
            }
        }
        self.multiple_defaults(s.clauses.iter().map(|c| (c.is_default, c.pos)));
        let mut seen: FxHashMap<ConstKey, Vec<(Pos, Type)>> = FxHashMap::default();
        for clause in &s.clauses {
            self.case_values(&x, clause, &mut seen);
            self.open_scope();
            self.stmt_list(&clause.body);
            self.close_scope();
        }
    }

    fn case_values(&self, x: &Operand, clause: &'static CaseClause, seen: &mut FxHashMap<ConstKey, Vec<(Pos, Type)>>) {
        for e in &clause.cases {
            let mut v = Operand::new();
            self.expr(None, &mut v, e);
            if !x.is_valid() || !v.is_valid() {
                continue;
            }
            self.convert_untyped(&mut v, x.ty);
            if !v.is_valid() {
                continue;
            }
            let (mut res, mut y) = (v.clone(), x.clone());
            self.comparison(&mut res, &mut y, BinaryOp::Eql, true);
            if !res.is_valid() || !v.is_const() {
                continue;
            }
            let val = v.constant();
            if matches!(val, ConstValue::Unknown | ConstValue::Bool(_) | ConstValue::Complex(_)) {
                continue;
            }
            let list = seen.entry(const_key(&val)).or_default();
            if let Some((pos, _)) = list.iter().find(|(_, t)| identical(v.ty, *t)) {
                let msg = format!("duplicate case {} in expression switch", self.os(&v));
                let d = Diagnostic::new(v.pos(), "DuplicateCase", msg);
                self.report(d.with_related(*pos, "previous case"));
                continue;
            }
            list.push((v.expr_pos(), v.ty));
        }
    }

    fn is_nil_expr(&self, e: &'static Expr) -> bool {
        match e.unparen().as_ident() {
            Some(name) => self.lookup(name.name) == Some(universe::nil()),
            None => false,
        }
    }

    /// Checks the types of a clause. The result is the type of the clause's variable.
    fn case_types(
        &self,
        x: Option<&Operand>,
        clause: &'static CaseClause,
        seen: &mut Vec<(Option<Type>, &'static Expr)>,
        hashes: &mut FxHashMap<u64, Vec<usize>>,
    ) -> Type {
        let mut last: Option<Type> = None;
        for e in &clause.cases {
            let t = if self.is_nil_expr(e) {
                let mut dummy = Operand::new();
                self.expr(None, &mut dummy, e);
                None
            } else {
                let t = self.var_type(e);
                last = Some(t);
                if t.is_invalid() {
                    continue;
                }
                Some(t)
            };
            last = t;
            let hash = t.map_or(0, crate::predicates::type_hash);
            let bucket = hashes.entry(hash).or_default();
            let other = bucket.iter().map(|&i| seen[i]).find(|(o, _)| match (t, o) {
                (None, None) => true,
                (Some(a), Some(b)) => identical(a, *b),
                _ => false,
            });
            if let Some((_, other)) = other {
                let text = t.map_or("nil".into(), |t| self.ts(t));
                let msg = format!("duplicate case {text} in type switch");
                let d = Diagnostic::new(start_pos(e), "DuplicateCase", msg);
                self.report(d.with_related(start_pos(other), "previous case"));
                continue;
            }
            bucket.push(seen.len());
            seen.push((t, e));
            if let (Some(x), Some(t)) = (x, t) {
                self.type_assertion(e, x, t, true);
            }
        }
        match last {
            Some(t) if clause.cases.len() == 1 => t,
            _ => x.map_or_else(Type::invalid, |x| x.ty),
        }
    }

    fn type_switch_stmt(&self, s: &'static TypeSwitchStmt) {
        let mut lhs: Option<&'static Ident> = s.lhs.as_ref();
        if let Some(name) = lhs
            && name.name.is_blank()
        {
            self.soft_error(name.pos, "NoNewVar", "no new variable on left side of :=");
            lhs = None;
        }
        let mut x = Operand::new();
        self.expr(None, &mut x, &s.x);
        let mut sx = None;
        if x.is_valid() {
            if x.ty.is_type_param() {
                let msg = format!("cannot use type switch on type parameter value {}", self.os(&x));
                self.error(x.pos(), "InvalidTypeSwitch", msg);
            } else if x.ty.is_interface() {
                sx = Some(&x);
            } else {
                let msg = format!("{} is not an interface", self.os(&x));
                self.error(x.pos(), "InvalidTypeSwitch", msg);
            }
        }
        self.multiple_defaults(s.clauses.iter().map(|c| (c.is_default, c.pos)));
        let mut vars = Vec::new();
        let mut seen = Vec::new();
        let mut hashes = FxHashMap::default();
        for clause in &s.clauses {
            let t = self.case_types(sx, clause, &mut seen, &mut hashes);
            let scope = self.open_scope();
            if let Some(lhs) = lhs {
                let obj = Obj::new_var(VarKind::Local, lhs.pos, Some(self.pkg), lhs.name, Some(t));
                self.declare(scope, None, obj);
                self.with_info(|info| info.clause_vars.insert(clause.id, obj));
                vars.push(obj);
            }
            self.stmt_list(&clause.body);
            self.close_scope();
        }
        if let Some(lhs) = lhs {
            let used = vars.iter().any(|v| v.is_used());
            vars.iter().for_each(|v| v.set_used());
            if !used {
                self.soft_error(lhs.pos, "UnusedVar", format!("{} declared and not used", lhs.name));
            }
        }
    }

    fn select_stmt(&self, s: &'static SelectStmt) {
        self.multiple_defaults(s.clauses.iter().map(|c| (c.comm.is_none(), c.pos)));
        for clause in &s.clauses {
            let mut valid = false;
            let rhs = match clause.comm.as_ref().map(|c| &c.kind) {
                None | Some(StmtKind::Send(..)) => {
                    valid = true;
                    None
                }
                Some(StmtKind::Assign(_, rhs) | StmtKind::Define(_, rhs)) if rhs.len() == 1 => Some(&rhs[0]),
                Some(StmtKind::Expr(e)) => Some(e),
                _ => None,
            };
            if let Some(e) = rhs
                && matches!(e.unparen().kind, ExprKind::Unary(UnaryOp::Recv, _))
            {
                valid = true;
            }
            if !valid {
                let pos = clause.comm.as_ref().map_or(clause.pos, stmt_start_pos);
                let msg = "select case must be send or receive (possibly with assignment)";
                self.error(pos, "InvalidSelectCase", msg);
                continue;
            }
            self.open_scope();
            if let Some(comm) = &clause.comm {
                self.stmt(comm);
            }
            self.stmt_list(&clause.body);
            self.close_scope();
        }
    }

    fn range_stmt(&self, s: &'static Stmt, r: &'static RangeStmt) {
        let lhs: Vec<&'static Expr> = r.lhs.iter().collect();
        let (key_expr, value_expr, extra) = (lhs.first().copied(), lhs.get(1).copied(), lhs.get(2).copied());
        let mut x = Operand::new();
        self.edit_env(|e| e.has_call_or_recv = false);
        self.expr(None, &mut x, &r.x);
        let (mut key, mut val) = (None, None);
        if x.is_valid() {
            let err = |pos, code, msg: String| self.soft_error(pos, code, msg);
            match self.range_types(x.ty) {
                Err(cause) => {
                    let mut msg = format!("cannot range over {}", self.os(&x));
                    if !cause.is_empty() {
                        msg = format!("{msg}: {cause}");
                    }
                    err(x.pos(), "InvalidRangeExpr", msg);
                }
                Ok((k, v)) => {
                    if let (None, Some(e)) = (k, key_expr) {
                        let msg = format!("range over {} permits no iteration variables", self.os(&x));
                        err(start_pos(e), "InvalidIterVar", msg);
                    } else if let (None, Some(e)) = (v, value_expr) {
                        let msg = format!("range over {} permits only one iteration variable", self.os(&x));
                        err(start_pos(e), "InvalidIterVar", msg);
                    } else if let Some(e) = extra {
                        let msg = "range clause permits at most two iteration variables";
                        err(start_pos(e), "InvalidIterVar", msg.into());
                    }
                    (key, val) = (k, v);
                }
            }
        }
        let over_int = x.is_valid() && x.ty.is_integer();
        if x.is_valid()
            && x.ty.is_untyped()
            && !over_int
            && let Some(e) = x.expr
        {
            self.update_expr_type(e, x.ty.default_type(), true);
        }
        let scope = self.open_scope();
        let pairs = [(key_expr, key), (value_expr, val)];
        if r.def {
            let mut vars = Vec::new();
            for (e, t) in pairs {
                let Some(e) = e else { continue };
                let name = e.as_ident();
                let obj = match name {
                    Some(ident) => {
                        let obj = Obj::new_var(VarKind::Local, ident.pos, Some(self.pkg), ident.name, None);
                        self.record_def(ident, obj);
                        if !ident.name.is_blank() {
                            vars.push(obj);
                        }
                        obj
                    }
                    None => {
                        let msg = format!("invalid syntax tree: cannot declare {}", expr_string(e));
                        self.error(start_pos(e), "InvalidSyntaxTree", msg);
                        Obj::new_var(VarKind::Local, e.pos, Some(self.pkg), golift_syntax::Symbol::BLANK, None)
                    }
                };
                match t.filter(|t| t.is_valid()) {
                    None => {
                        obj.set_ty(Type::invalid());
                        obj.set_used();
                    }
                    Some(_) if over_int => self.init_var(obj, &mut x, "range clause"),
                    Some(t) => {
                        // For want of a better expression the operand is the variable itself.
                        let mut y = Operand::value(t, e);
                        self.init_var(obj, &mut y, "assignment");
                    }
                }
            }
            if vars.is_empty() {
                self.error(s.pos, "NoNewVar", "no new variables on left side of :=");
            }
            for obj in vars {
                self.declare(scope, None, obj);
            }
        } else if key_expr.is_some() {
            for (e, t) in pairs {
                let (Some(e), Some(t)) = (e, t.filter(|t| t.is_valid())) else { continue };
                if over_int {
                    self.assign_operand(e, &mut x, "range clause");
                    if x.is_valid() && !x.ty.is_integer() {
                        let msg = format!("cannot use iteration variable of type {}", self.ts(x.ty));
                        self.soft_error(start_pos(e), "InvalidRangeExpr", msg);
                    }
                } else {
                    let mut y = Operand::value(t, e);
                    self.assign_operand(e, &mut y, "assignment");
                }
            }
        } else if over_int {
            self.assignment(&mut x, None, "range clause");
        }
        self.block(&r.body);
        self.close_scope();
    }

    /// Types of the iteration variables, or why one cannot range over the type.
    fn range_types(&self, orig: Type) -> Result<(Option<Type>, Option<Type>), String> {
        let mut cond = |tu: Option<(Type, Type)>| match tu {
            Some((t, u)) => match u.kind() {
                TypeKind::Chan(c) if c.dir == golift_syntax::ChanDir::Send => {
                    Err(format!("receive from send-only channel {}", self.ts(t)))
                }
                _ => Ok(()),
            },
            None => Ok(()),
        };
        let u = common_under(orig, Some(&mut cond)).map_err(|why| self.no_common_text(why))?;
        let int = Type::basic(BasicKind::Int);
        match array_ptr_deref(u).kind() {
            TypeKind::Basic(b) if b.kind.is_string() => Ok((Some(int), Some(universe::rune_type()))),
            TypeKind::Basic(b) if b.kind.is_integer() => {
                if !self.allow_version(22) {
                    return Err("requires go1.22 or later".into());
                }
                Ok((Some(orig), None))
            }
            TypeKind::Array(a) => Ok((Some(int), Some(a.elem))),
            TypeKind::Slice(elem) => Ok((Some(int), Some(*elem))),
            TypeKind::Map(m) => Ok((Some(m.key), Some(m.elem))),
            TypeKind::Chan(c) => Ok((Some(c.elem), None)),
            TypeKind::Signature(f) => {
                if !self.allow_version(23) {
                    return Err("requires go1.23 or later".into());
                }
                const SHAPE: &str = "func must be func(yield func(...) bool)";
                if f.params.len() != 1 {
                    return Err(format!("{SHAPE}: wrong argument count"));
                }
                if !f.results.is_empty() {
                    return Err(format!("{SHAPE}: unexpected results"));
                }
                let cb_type = match common_under(f.params[0].ty(), None) {
                    Ok(u) => u,
                    Err(why) => return Err(format!("{SHAPE}: in yield type, {}", self.no_common_text(why))),
                };
                let Some(cb) = cb_type.as_signature() else {
                    return Err(format!("{SHAPE}: argument is not func"));
                };
                if cb.params.len() > 2 {
                    return Err(format!("{SHAPE}: yield func has too many parameters"));
                }
                let bool_type = Type::basic(BasicKind::Bool);
                if cb.results.len() != 1 || !identical(cb.results[0].ty(), bool_type) {
                    if cb.results.len() == 1 && cb.results[0].ty().is_boolean() {
                        return Err(format!("{SHAPE}: yield func returns user-defined boolean, not bool"));
                    }
                    return Err(format!("{SHAPE}: yield func does not return bool"));
                }
                if cb.variadic {
                    return Err(format!("yield func of type {} cannot be variadic", self.ts(cb_type)));
                }
                Ok((cb.params.first().map(|p| p.ty()), cb.params.get(1).map(|p| p.ty())))
            }
            _ => Err(String::new()),
        }
    }
}

/// `_ = make(...)`.
fn is_dropped_make(s: &Stmt) -> bool {
    let StmtKind::Assign(left, right) = &s.kind else { return false };
    let ([left], [right]) = (&left[..], &right[..]) else { return false };
    let is_make = |call: &CallExpr| call.fun.as_ident().is_some_and(|f| f.name.as_str() == "make");
    left.as_ident().is_some_and(|name| name.name.is_blank()) && matches!(&right.kind, ExprKind::Call(c) if is_make(c))
}
