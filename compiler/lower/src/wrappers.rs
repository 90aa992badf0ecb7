//! Lowering of each kind of [`FuncKey`]: declared functions and the wrappers that the compiler makes.

use crate::abi::First;
use crate::call::Target;
use crate::capture::{self, Scope};
use crate::eqhash::{self, synthetic};
use crate::expr::Cursor;
use crate::front::Symbol;
use crate::func::{FuncLower, Place0};
use crate::intrinsics::Intrinsic;
use crate::linkname;
use crate::lower::{FuncKey, Lower};
use crate::methods::FoundMethod;
use crate::operand::Val;
use crate::ty::{EnvId, FuncTy, Ty};
use golift_ir as ir;
use golift_ir::{FuncId, RuntimeFn, Type as Ir, Value};
use golift_syntax::{FuncDirectives, Pos};
use golift_types::{Obj, Package};
use smallvec::SmallVec;
use std::rc::Rc;

impl Lower<'_> {
    /// Lowers everything that was asked for.
    pub fn drain(&mut self) {
        while let Some((id, key)) = self.queue.pop_front() {
            if let Some(track) = &mut self.field_track {
                track.enter(id);
            }
            let body = self.lower_key(id, &key);
            self.prog.funcs[id].body = body;
        }
    }

    /// The body; nothing for what is machine code already.
    fn lower_key(&mut self, id: FuncId, key: &FuncKey) -> Option<ir::Function> {
        ir::current::enter("lowering", &self.prog.funcs[id].name);
        let name = self.prog.funcs[id].name.to_string();
        Some(match key {
            FuncKey::Decl { obj, env } => return self.declared(id, *obj, *env),
            FuncKey::MethodWord { recv, name: m, pkg } => self.method_word_body(id, *recv, *m, *pkg),
            FuncKey::MethodExpr { recv, name: m, pkg, targs } => {
                let found = self.method_instance(*recv, *m, *pkg, targs);
                self.method_expr_body(id, *recv, *m, *pkg, &found)
            }
            FuncKey::MethodValue { recv, name: m, pkg, targs } => {
                let found = self.method_instance(*recv, *m, *pkg, targs);
                self.method_value_body(id, *recv, *m, *pkg, &found)
            }
            FuncKey::Thunk(target) => self.thunk(id, *target),
            FuncKey::Equal(t) => eqhash::equal_func(self, *t, &name),
            FuncKey::Hash(t) => eqhash::hash_func(self, *t, &name),
            FuncKey::InitVar(pkg, n) => self.init_var_body(*pkg, *n),
            FuncKey::InitPackage(_) | FuncKey::InitAll => unreachable!("made by init"),
            FuncKey::ReflectCall(t) => self.reflect_call_body(&name, *t),
            FuncKey::ReflectMake(t) => self.reflect_make_body(&name, *t),
        })
    }

    fn declared(&mut self, id: FuncId, obj: Obj, env: EnvId) -> Option<ir::Function> {
        let (recv, fty, _) = self.decl_signature(obj, env);
        let decl_names = &self.prog.funcs[id];
        let (link, display, start_line) =
            (decl_names.name.to_string(), decl_names.display.clone(), decl_names.start_line);
        self.current = Some(obj);
        let Some((file, decl)) = obj.func_decl() else {
            return Some(self.missing_body(id, obj, &link, &fty, recv));
        };
        if let Some(symbol) = linkname::rust_symbol(obj) {
            let noescape = decl.flags.contains(FuncDirectives::NOESCAPE);
            return Some(self.rust_call(&link, symbol, recv, &fty, noescape, decl.name.pos));
        }
        let Some(body) = &decl.body else {
            if let Some(intrinsic) = self.intrinsics.of(obj, &self.links) {
                return Some(self.intrinsic_body(&link, intrinsic, &fty));
            }
            if let Some(body) = self.assembly_body(id, obj, &fty) {
                return body;
            }
            return Some(self.missing_body(id, obj, &link, &fty, recv));
        };
        let pkg = obj.pkg().expect("function has a package");
        let facts = capture::analyse(self, pkg, file, env, capture::Root::Func(decl));
        let at = Place0 { pkg, file, env, link, display, start_line };
        let mut f = FuncLower::new(self, at, Rc::new(facts), Scope::Root, fty);
        f.at(decl.name.pos);
        let first = recv.map_or(First::None, First::Recv);
        f.enter(first, decl.recv.as_ref(), &decl.ty);
        f.body(&decl.ty, body);
        Some(f.finish())
    }

    /// Returns what the callee returned; if the caller has a tuple for it, the callee fills that.
    fn forward(f: &mut FuncLower<'_, '_>, target: Target, fty: &FuncTy, ret: Option<Value>, args: Vec<Val>) {
        if !matches!(target, Target::Intrinsic(_)) {
            let (out, noreturn) = f.emit_call_to(target, fty, ret, args);
            match noreturn {
                true => f.b.unreachable(),
                false => f.b.ret(&out),
            };
            return;
        }
        let vals = f.emit_call(target, fty, args);
        if f.b.is_dead() {
            return;
        }
        return_to(f, fty, ret, vals);
    }

    /// A function bound to a symbol of the Rust runtime.
    fn rust_call(
        &mut self,
        link: &str,
        symbol: &str,
        recv: Option<Ty>,
        fty: &FuncTy,
        noescape: bool,
        pos: Pos,
    ) -> ir::Function {
        let abi = self.fn_abi(recv.map_or(First::None, First::Recv), fty);
        let mut sig = abi.sig.clone();
        sig.conv = ir::CallConv::C;
        let ext = self.prog.declare_extern(symbol, sig);
        self.prog.funcs[ext].flags.noescape |= noescape;
        let mut f = synthetic(self, link, fty.clone());
        // Bridges are no functions of Go's library: who calls one calls the runtime, with no frame between.
        let name = link.rsplit('.').next().unwrap_or(link);
        let is_bridge = name.strip_prefix("rt").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        match is_bridge {
            true => f.b.set_loc_id(ir::Loc::from_u32(0)),
            false => f.at(pos),
        }
        let entry = f.b.current();
        let params: Vec<Value> = abi.sig.params.iter().map(|&t| f.b.append_param(entry, t)).collect();
        let out = f.b.call(ir::Callee::Func(ext), params, &abi.sig.results);
        f.b.ret(&out);
        f.finish()
    }

    /// An intrinsic whose address is taken.
    fn intrinsic_body(&mut self, link: &str, intrinsic: Intrinsic, fty: &FuncTy) -> ir::Function {
        let mut f = synthetic(self, link, fty.clone());
        let (_, ret, args) = params(&mut f, First::None, fty);
        Self::forward(&mut f, Target::Intrinsic(intrinsic), fty, ret, args);
        f.finish()
    }

    /// A function that nobody provides: calling it ends the program with its name.
    fn missing_body(&mut self, id: FuncId, obj: Obj, link: &str, fty: &FuncTy, recv: Option<Ty>) -> ir::Function {
        self.missing.push((id, obj));
        // So that references to it can be found.
        self.prog.funcs[id].flags.noinline = true;
        let mut f = synthetic(self, link, fty.clone());
        params(&mut f, recv.map_or(First::None, First::Recv), fty);
        let msg = format!("function {link} is not implemented by golift");
        let v = f.string_const(msg.as_bytes());
        let st = f.cx.basic(crate::ty::Basic::String);
        let words = f.scalars(v, st);
        f.rt_panic(RuntimeFn::Throw, &words);
        f.finish()
    }

    fn method_word_body(&mut self, id: FuncId, recv: Ty, name: Symbol, pkg: Option<Package>) -> ir::Function {
        let link = self.prog.funcs[id].name.to_string();
        let m = self.find_method(recv, name, pkg).expect("method");
        let fty = self.tys.func(self.found_sig(&m, name, pkg)).clone();
        let direct = self.is_direct_iface(recv);
        let mut f = synthetic(self, &link, fty.clone());
        let (head, ret, args) = params(&mut f, First::Word, &fty);
        let word = head[0];
        let start = match f.cx.tys.as_ptr(recv) {
            Some(e) => {
                f.check_wrapped(word, e, &m, name);
                Cursor::Addr(word, 0, e)
            }
            None if direct => {
                let v = if f.layout(recv).scalars.is_some() {
                    Val::one(word)
                } else {
                    let addr = f.temp(recv);
                    f.b.store(addr, word, 0, ir::MemFlags { notrap: true, ..Default::default() });
                    Val::Mem { addr, fresh: true }
                };
                Cursor::Val(v, recv)
            }
            None => Cursor::Addr(word, 0, recv),
        };
        let target = f.found_target(start, &m, name, pkg);
        Self::forward(&mut f, target, &fty, ret, args);
        f.finish()
    }

    fn method_expr_body(
        &mut self,
        id: FuncId,
        recv: Ty,
        name: Symbol,
        pkg: Option<Package>,
        m: &FoundMethod,
    ) -> ir::Function {
        let link = self.prog.funcs[id].name.to_string();
        let inner = self.tys.func(self.found_sig(m, name, pkg)).clone();
        let mut outer = inner.clone();
        outer.params.insert(0, recv);
        let mut f = synthetic(self, &link, outer.clone());
        let (_, ret, mut args) = params(&mut f, First::None, &outer);
        let r = args.remove(0);
        let start = match f.cx.tys.as_ptr(recv) {
            Some(e) => {
                f.check_wrapped(r.single(), e, m, name);
                Cursor::Addr(r.single(), 0, e)
            }
            None => Cursor::Val(r, recv),
        };
        let target = f.found_target(start, m, name, pkg);
        Self::forward(&mut f, target, &inner, ret, args);
        f.finish()
    }

    fn method_value_body(
        &mut self,
        id: FuncId,
        recv: Ty,
        name: Symbol,
        pkg: Option<Package>,
        m: &FoundMethod,
    ) -> ir::Function {
        let link = self.prog.funcs[id].name.to_string();
        let fty = self.tys.func(self.found_sig(m, name, pkg)).clone();
        let mut f = synthetic(self, &link, fty.clone());
        let (head, ret, args) = params(&mut f, First::Word, &fty);
        let word = f.word();
        let st = f.cx.tys.anon_struct([word, recv]);
        let off = f.layout(st).offsets[1];
        let v = f.load(head[0], off as i32, recv);
        // Each call gets its own copy of the receiver.
        let v = f.stable(v, recv);
        let start = match f.cx.tys.as_ptr(recv) {
            Some(e) => Cursor::Addr(v.single(), 0, e),
            None => Cursor::Val(v, recv),
        };
        let target = f.found_target(start, m, name, pkg);
        Self::forward(&mut f, target, &fty, ret, args);
        f.finish()
    }

    /// Closure-convention entry: drops the func value.
    fn thunk(&mut self, id: FuncId, target: FuncId) -> ir::Function {
        let link = self.prog.funcs[id].name.to_string();
        let sig = self.prog.funcs[id].sig.clone();
        let void = FuncTy { params: vec![], results: vec![], variadic: false };
        let d = &self.prog.funcs[target];
        let loc = ir::LocData {
            func: self.prog.texts.intern(&d.display),
            file: d.file,
            line: d.start_line,
            column: d.start_column,
            start_line: d.start_line,
            parent: ir::Loc::from_u32(0),
            scope: None.into(),
        };
        let mut f = synthetic(self, &link, void);
        f.b.set_loc(loc);
        let entry = f.b.current();
        let params: Vec<Value> = sig.params.iter().map(|&t| f.b.append_param(entry, t)).collect();
        let args: ir::Args = params[1..].iter().copied().collect();
        f.b.ins0(ir::InstData::TailCall { callee: ir::Callee::Func(target), args });
        f.finish()
    }

    fn init_var_body(&mut self, pkg: Package, n: u32) -> ir::Function {
        let init = &pkg.init_order()[n as usize];
        let facts = capture::analyse(self, pkg, init.file, EnvId::EMPTY, capture::Root::Expr(init.rhs));
        // The initial values of a package are one function in gc, which numbers its literals.
        let literals = if facts.literals == 0 { 0 } else { self.literals_before(pkg)[n as usize] };
        let line = self.position(init.rhs.pos).1;
        let at = Place0 {
            pkg,
            file: init.file,
            env: EnvId::EMPTY,
            link: format!("{}.init.{n}", crate::names::pkg_path(pkg)),
            display: format!("{}.init", crate::names::pkg_path(pkg)).into(),
            start_line: line,
        };
        let void = FuncTy { params: vec![], results: vec![], variadic: false };
        let mut f = FuncLower::new(self, at, Rc::new(facts), Scope::Root, void);
        f.count_literals(literals);
        f.at(init.rhs.pos);
        f.order(&[init.rhs]);
        if let [var] = init.lhs.as_slice() {
            if var.name().as_str() == "_" {
                let t = f.obj_ty(*var);
                f.expr_to(init.rhs, t);
            } else {
                let t = f.obj_ty(*var);
                let v = f.expr_to(init.rhs, t);
                let p = f.var_place(*var);
                f.write_place(&p, v);
            }
        } else {
            let vals = f.multi(init.rhs, init.lhs.len());
            for (&var, (v, from)) in init.lhs.iter().zip(vals) {
                if var.name().as_str() == "_" {
                    continue;
                }
                let to = f.obj_ty(var);
                let v = f.convert_implicit(v, from, to);
                let p = f.var_place(var);
                f.write_place(&p, v);
            }
        }
        if !f.b.is_dead() {
            f.b.ret(&[]);
        }
        f.finish()
    }

    /// What there is to say of functions without a body.
    pub fn missing_functions(&self) -> Vec<crate::lower::Missing> {
        let of = |&(id, obj): &(FuncId, Obj)| crate::lower::Missing {
            id,
            symbol: self.links.symbol(obj),
            package: obj.pkg().map_or("", |p| p.path()),
        };
        self.missing.iter().map(of).collect()
    }

    fn literals_before(&mut self, pkg: Package) -> Rc<[u32]> {
        if let Some(counts) = self.literals_before.get(&pkg) {
            return counts.clone();
        }
        let mut sum = 0;
        let before = |init: &golift_types::InitAssign| {
            let facts = capture::analyse(self, pkg, init.file, EnvId::EMPTY, capture::Root::Expr(init.rhs));
            let before = sum;
            sum += facts.literals;
            before
        };
        let counts: Rc<[u32]> = pkg.init_order().iter().map(before).collect();
        self.literals_before.insert(pkg, counts.clone());
        counts
    }

    /// Calls a list of functions without parameters.
    pub fn call_list(&mut self, name: &str, list: &[FuncId]) -> ir::Function {
        let void = FuncTy { params: vec![], results: vec![], variadic: false };
        let mut f = synthetic(self, name, void);
        for &id in list {
            f.call_func(id, &[]);
        }
        f.b.ret(&[]);
        f.finish()
    }

    /// `(code, word, frame)`: loads the arguments from the frame, calls `code(word, args…)`, stores the results.
    /// The frame is what package reflect lays out: arguments in order, then, at a word boundary, results.
    fn reflect_call_body(&mut self, name: &str, t: Ty) -> ir::Function {
        let fty = self.tys.func(t).clone();
        let (arg_offs, res_offs) = self.frame_offsets(&fty);
        let mut f = synthetic(self, name, fty.clone());
        let entry = f.b.current();
        let code = f.b.append_param(entry, Ir::Ptr);
        let word = f.b.append_param(entry, Ir::Ptr);
        let frame = f.b.append_param(entry, Ir::Ptr);
        let mut args = Vec::new();
        for (&p, &off) in fty.params.iter().zip(&arg_offs) {
            let v = f.load(frame, off as i32, p);
            args.push(f.stable(v, p));
        }
        let vals = f.emit_call(Target::Interface { code, data: word }, &fty, args);
        for ((&r, &off), v) in fty.results.iter().zip(&res_offs).zip(vals) {
            f.store(frame, off as i32, r, v);
        }
        f.b.ret(&[]);
        f.finish()
    }

    /// Closure convention: stores the arguments into a frame, calls `reflect.golift_callReflect(ctx, frame)`, loads the results.
    fn reflect_make_body(&mut self, name: &str, t: Ty) -> ir::Function {
        let fty = self.tys.func(t).clone();
        let (arg_offs, res_offs) = self.frame_offsets(&fty);
        let mut f = synthetic(self, name, fty.clone());
        let (head, ret, args) = params(&mut f, First::Word, &fty);
        let mut tys = fty.params.clone();
        let word = f.word();
        // The results start at a word boundary: an empty word array aligns them.
        tys.push(f.cx.tys.array_of(word, 0));
        tys.extend(&fty.results);
        let frame_ty = f.cx.tys.anon_struct(tys);
        let frame = f.alloc(frame_ty);
        for ((v, &p), &off) in args.into_iter().zip(&fty.params).zip(&arg_offs) {
            f.store(frame, off as i32, p, v);
        }
        f.rt(RuntimeFn::ReflectMake, &[head[0], frame]);
        let mut vals = Vec::new();
        for (&r, &off) in fty.results.iter().zip(&res_offs) {
            vals.push(f.load(frame, off as i32, r));
        }
        return_to(&mut f, &fty, ret, vals);
        f.finish()
    }

    /// Offsets of arguments and results in reflect's frame.
    pub fn frame_offsets(&self, fty: &FuncTy) -> (Vec<u64>, Vec<u64>) {
        let mut off = 0u64;
        let mut place = |t: Ty| {
            let l = self.layout(t);
            off = off.next_multiple_of(l.align.max(1) as u64);
            let at = off;
            off += l.size;
            at
        };
        let args = fty.params.iter().map(|&p| place(p)).collect();
        let mut off = off.next_multiple_of(8);
        let res = fty
            .results
            .iter()
            .map(|&r| {
                let l = self.layout(r);
                off = off.next_multiple_of(l.align.max(1) as u64);
                let at = off;
                off += l.size;
                at
            })
            .collect();
        (args, res)
    }
}

impl FuncLower<'_, '_> {
    /// The target of a found method with the operand under a cursor.
    /// A value method of `elem`, called through a nil pointer to it, panics with its name.
    fn check_wrapped(&mut self, p: Value, elem: Ty, m: &FoundMethod, name: Symbol) {
        if m.interface || m.ptr_recv || !m.path.is_empty() || m.base != elem {
            return;
        }
        let id = self.cx.found_func(m);
        let method = self.cx.prog.funcs[id].display.to_string();
        let full = method.strip_suffix(name.as_str()).and_then(|t| t.strip_suffix('.')).unwrap_or(&method);
        // Import paths have dots before their last slash only, and type arguments are shown as dots in brackets.
        let start = full.find('[').map_or(full, |at| &full[..at]).rfind('.').map_or(0, |dot| dot + 1);
        let msg = format!("value method {method} called using nil *{} pointer", &full[start..]);
        let is_nil = self.b.icmp_imm(ir::IntCC::Eq, p, 0);
        self.guard(is_nil, |f| {
            let v = f.string_const(msg.as_bytes());
            let st = f.cx.basic(crate::ty::Basic::String);
            let words = f.scalars(v, st);
            f.rt_panic(RuntimeFn::PanicWrap, &words);
        });
    }

    pub fn found_target(&mut self, start: Cursor, m: &FoundMethod, name: Symbol, pkg: Option<Package>) -> Target {
        if m.interface {
            let c = self.walk(start, &m.path);
            let (v, t) = self.cursor_value(c);
            // An embedded pointer to an interface has no methods: `t` is the interface.
            let s = self.scalars(v, t);
            return self.interface_target(m.base, s[0], s[1], name, pkg);
        }
        let first: SmallVec<[Value; 4]> = self.receiver_from(start, m);
        let id = self.cx.found_func(m);
        let abi = self.cx.abi(id).clone();
        Target::Func { id, first, abi }
    }
}

/// Parameters of a synthetic function with the given receiver and signature.
pub fn params(f: &mut FuncLower<'_, '_>, first: First, fty: &FuncTy) -> (Vec<Value>, Option<Value>, Vec<Val>) {
    let entry = f.b.current();
    let mut head = Vec::new();
    let mut tys = Vec::new();
    match first {
        First::None => {}
        First::Word => tys.push(Ir::Ptr),
        First::Recv(t) => crate::abi::param_types(&f.cx.tys, &f.cx.layouts, t, &mut tys),
    }
    for t in tys {
        head.push(f.b.append_param(entry, t));
    }
    let sret = crate::abi::needs_sret(&f.cx.tys, &f.cx.layouts, &fty.results);
    let ret = sret.then(|| f.b.append_param(entry, Ir::Ptr));
    let mut args = Vec::new();
    for &p in &fty.params {
        args.push(match &f.layout(p).scalars {
            Some(s) => Val::Scalars(s.iter().map(|s| f.b.append_param(entry, s.ty)).collect()),
            None => Val::Mem { addr: f.b.append_param(entry, Ir::Ptr), fresh: true },
        });
    }
    (head, ret, args)
}

/// Returns values, through the tuple at `ret` if there is one.
pub fn return_to(f: &mut FuncLower<'_, '_>, fty: &FuncTy, ret: Option<Value>, vals: Vec<Val>) {
    match ret {
        Some(p) => {
            f.store_results(p, &fty.results, vals);
            f.b.ret(&[]);
        }
        None => {
            let mut flat = Vec::new();
            for (v, &t) in vals.into_iter().zip(&fty.results) {
                flat.extend(f.scalars(v, t));
            }
            f.b.ret(&flat);
        }
    }
}
