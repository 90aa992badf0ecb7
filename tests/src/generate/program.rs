//! Whole programs: the declarations and the order they are made in.

use std::fmt::Write as _;
use std::rc::Rc;

use super::rng::Rng;
use super::types::{ARGS, Field, Sig, Ty, Types, is_open, subst};

pub struct Var {
    pub name: String,
    pub ty: Ty,
    pub addressable: bool,
}

/// Something with effects that a statement can call.
#[derive(Clone)]
pub struct Proc {
    pub name: String,
    pub sig: Rc<Sig>,
    /// Its own type parameters.
    pub scope: Scope,
}

/// Type parameters in scope: `T`, and how many of [`ARGS`].
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    pub param: bool,
    pub args: usize,
}

/// What a program is compiled as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Package main.
    Alone,
    /// Package `p<seed>` with a function `Main`.
    Package,
}

pub struct Generator {
    pub rng: Rng,
    pub types: Types,
    pub vars: Vec<Var>,
    pub procs: Vec<Proc>,
    /// Types that values of `any` have.
    pub pool: Vec<Ty>,
    /// Types with a function that prints values.
    shown: Vec<Ty>,
    pub sigs: Vec<Rc<Sig>>,
    /// Expressions within expressions.
    pub nesting: usize,
    pub in_literal: bool,
    pub in_method: bool,
    pub scope: Scope,
    /// Nothing may panic, since this is evaluated before `main`.
    pub careful: bool,
    /// Names of integer constants, with their values.
    pub consts: Vec<(String, i128)>,
    counter: usize,
    /// Within a function with these named results.
    pub results: Vec<(String, Ty)>,
    /// Labels of enclosing loops.
    pub labels: Vec<String>,
    pub loops: usize,
    pub budget: usize,
}

/// The program of a seed.
pub fn program(seed: u64, form: Form) -> String {
    let mut g = Generator {
        rng: Rng::new(seed),
        types: Types::default(),
        vars: Vec::new(),
        procs: Vec::new(),
        pool: Vec::new(),
        shown: Vec::new(),
        sigs: Vec::new(),
        nesting: 0,
        in_literal: false,
        in_method: false,
        scope: Scope::default(),
        careful: false,
        consts: Vec::new(),
        counter: 0,
        results: Vec::new(),
        labels: Vec::new(),
        loops: 0,
        budget: 0,
    };
    g.program(seed, form)
}

impl Generator {
    pub fn fresh(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}{}", self.counter)
    }

    pub fn declare(&mut self, name: &str, ty: Ty, addressable: bool) {
        self.vars.push(Var { name: name.into(), ty, addressable });
    }

    pub fn some_int(&mut self) -> Ty {
        Ty::Int(self.rng.below(super::types::INTS.len()))
    }

    pub fn some_key(&mut self) -> Ty {
        let keys: Vec<Ty> = self.pool.iter().filter(|t| self.types.good_key(t)).cloned().collect();
        if keys.is_empty() { Ty::Int(0) } else { self.rng.pick(&keys).clone() }
    }

    pub fn some_nilable(&mut self) -> Ty {
        let is =
            |t: &&Ty| matches!(t, Ty::Slice(_) | Ty::Map(..) | Ty::Ptr(_) | Ty::Func(_) | Ty::Any | Ty::Interface(_));
        let types: Vec<Ty> = self.pool.iter().filter(is).cloned().collect();
        if types.is_empty() { Ty::Any } else { self.rng.pick(&types).clone() }
    }

    pub fn some_sized_type(&mut self) -> Ty {
        let is = |t: &&Ty| matches!(self.types.under(t), Ty::Slice(_) | Ty::Map(..) | Ty::Array(..) | Ty::Str);
        let types: Vec<Ty> = self.pool.iter().filter(is).cloned().collect();
        if types.is_empty() { Ty::Str } else { self.rng.pick(&types).clone() }
    }

    pub fn basic(&mut self) -> Ty {
        match self.rng.below(10) {
            0..=4 => self.some_int(),
            5 => Ty::Float(if self.rng.chance(60) { 64 } else { 32 }),
            6 => Ty::Bool,
            7 | 8 => Ty::Str,
            _ => Ty::Complex(if self.rng.chance(60) { 128 } else { 64 }),
        }
    }

    pub fn some_type(&mut self, depth: usize) -> Ty {
        if self.scope.param && self.rng.chance(25) {
            return Ty::Param;
        }
        if self.scope.args > 0 && self.rng.chance(25) {
            return Ty::Arg(self.rng.below(self.scope.args));
        }
        if !self.pool.is_empty() && self.rng.chance(65) {
            return self.rng.pick(&self.pool).clone();
        }
        self.new_type(depth)
    }

    pub fn new_type(&mut self, depth: usize) -> Ty {
        if depth == 0 || self.rng.chance(40) {
            return self.basic();
        }
        let sub = |g: &mut Generator| Rc::new(if g.rng.chance(50) { g.basic() } else { g.some_known(depth - 1) });
        match self.rng.below(10) {
            0..=2 => Ty::Slice(sub(self)),
            3 | 4 => {
                let n = *self.rng.pick(&[0, 1, 1, 2, 2, 3, 4, 4, 9, 40]);
                let e = sub(self);
                let n = if self.types.weight(&e) > 20 { n.min(3) } else { n };
                Ty::Array(n, e)
            }
            5 => {
                let key = self.some_key();
                Ty::Map(Rc::new(key), sub(self))
            }
            6 => Ty::Ptr(sub(self)),
            7 => {
                let params = (0..self.rng.below(3)).map(|_| (*sub(self)).clone()).collect();
                Ty::Func(Rc::new(Sig { params, results: vec![(*sub(self)).clone()] }))
            }
            8 => Ty::Any,
            _ => {
                let n = self.rng.below(4);
                Ty::Struct(Rc::new(
                    (0..n)
                        .map(|i| Field { name: format!("A{i}"), ty: (*sub(self)).clone(), embedded: false })
                        .collect(),
                ))
            }
        }
    }

    pub fn some_known(&mut self, depth: usize) -> Ty {
        if !self.pool.is_empty() && self.rng.chance(60) {
            self.rng.pick(&self.pool).clone()
        } else {
            self.new_type(depth)
        }
    }

    /// Variables and what can be reached from them that have the type.
    pub fn places(&mut self, ty: &Ty, addressable: bool) -> Vec<String> {
        let mut found = Vec::new();
        for i in (0..self.vars.len()).rev().take(14) {
            let (name, t, a) = (self.vars[i].name.clone(), self.vars[i].ty.clone(), self.vars[i].addressable);
            self.walk(&name, &t, a, ty, addressable, 3, &mut found);
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "a walk")]
    fn walk(&mut self, text: &str, t: &Ty, a: bool, ty: &Ty, addressable: bool, depth: usize, found: &mut Vec<String>) {
        if t == ty && (a || !addressable) {
            found.push(text.to_owned());
            return;
        }
        if depth == 0 || found.len() > 8 {
            return;
        }
        let raw = !self.careful && self.rng.chance(15);
        match self.types.under(t) {
            Ty::Struct(fields) => {
                for f in fields.iter() {
                    self.walk(&format!("{text}.{}", f.name), &f.ty, a, ty, addressable, depth - 1, found);
                    if f.embedded {
                        self.walk_promoted(text, &fields, f, a, ty, addressable, depth - 1, found);
                    }
                }
            }
            Ty::Array(n, e) if n > 0 => {
                let i = self.rng.below(n);
                self.walk(&format!("{text}[{i}]"), &e, a, ty, addressable, depth - 1, found);
            }
            Ty::Slice(e) => {
                let i = self.rng.below(3);
                let text = if raw { format!("{text}[{i}]") } else { format!("(*elem({text}, {i}))") };
                self.walk(&text, &e, true, ty, addressable, depth - 1, found);
            }
            Ty::Ptr(e) => {
                let text = if raw { format!("(*{text})") } else { format!("(*deref({text}))") };
                self.walk(&text, &e, true, ty, addressable, depth - 1, found);
            }
            _ => {}
        }
    }

    /// The fields of an embedded field `via` that can be selected without naming it.
    #[expect(clippy::too_many_arguments, reason = "a walk")]
    fn walk_promoted(
        &mut self,
        text: &str,
        fields: &[Field],
        via: &Field,
        a: bool,
        ty: &Ty,
        addressable: bool,
        depth: usize,
        found: &mut Vec<String>,
    ) {
        let (inner, a) = match &via.ty {
            Ty::Ptr(_) if self.careful => return,
            Ty::Ptr(e) => ((**e).clone(), true),
            e => (e.clone(), a),
        };
        let Ty::Struct(deeper) = self.types.under(&inner) else { return };
        for f in deeper.iter() {
            if self.rng.chance(30) && self.types.promotes(fields, &via.name, &f.name) {
                self.walk(&format!("{text}.{}", f.name), &f.ty, a, ty, addressable, depth.saturating_sub(1), found);
            }
        }
    }

    /// The name of the function that prints values of the type.
    pub fn shower(&mut self, ty: &Ty) -> String {
        let n = self.shown.iter().position(|t| t == ty).unwrap_or_else(|| {
            self.shown.push(ty.clone());
            self.shown.len() - 1
        });
        format!("show{n}")
    }

    pub fn show(&mut self, text: &str, ty: &Ty) -> String {
        match ty {
            Ty::Any => format!("showAny({text})"),
            Ty::Interface(_) => format!("showAny(any({text}))"),
            _ if is_open(ty) => format!("showAny(any({text}))"),
            _ => format!("{}({text})", self.shower(ty)),
        }
    }

    fn program(&mut self, seed: u64, form: Form) -> String {
        self.declare_types();
        let mut text = self.constants();
        let mut globals = Vec::new();
        let mut main = String::new();
        for _ in 0..self.rng.below(6) + 2 {
            let ty = self.some_type(2);
            let name = self.fresh("G");
            let t = self.types.text(&ty);
            self.careful = self.rng.chance(60);
            let value = self.value(&ty, 2);
            if self.careful {
                globals.push(format!("var {name} {t} = {value}\n"));
            } else {
                globals.push(format!("var {name} {t}\n"));
                let _ = writeln!(main, "\tguard({name:?}, func() {{ {name} = {value} }})");
            }
            self.careful = false;
            self.declare(&name, ty, true);
        }
        // Their order is that of their dependencies.
        if self.rng.chance(50) {
            globals.reverse();
        }
        text += &globals.concat();
        text += &self.methods();
        let count = 2 + self.rng.below(4);
        for _ in 0..count {
            text += &self.function();
            let proc = self.procs.last().expect("just made").clone();
            for _ in 0..self.rng.below(2) + 1 {
                let (call, results) = self.call(&proc);
                let mut shows = String::new();
                let names: Vec<String> = results.iter().map(|_| self.fresh("r")).collect();
                for (name, ty) in names.iter().zip(&results) {
                    let _ = writeln!(shows, "\t\t{}", self.show(name, ty));
                }
                let binding = if names.is_empty() { String::new() } else { format!("{} := ", names.join(", ")) };
                let _ = writeln!(
                    main,
                    "\tfuel = 3000\n\tguard(\"{}\", func() {{\n\t\t{binding}{call}\n{shows}\t}})",
                    proc.name
                );
            }
        }
        let globals_shown: Vec<(String, Ty)> = self.vars.iter().map(|v| (v.name.clone(), v.ty.clone())).collect();
        for (name, ty) in globals_shown {
            let show = self.show(&name, &ty);
            let _ = writeln!(main, "\tprint(\"{name} \"); {show}");
        }
        main += &self.ending();
        let shows = self.show_functions();
        let decls = self.type_declarations();
        let (package, entry) = match form {
            Form::Alone => ("main".into(), "main"),
            Form::Package => (format!("p{seed}"), "Main"),
        };
        format!(
            "// Generated from seed {seed}.\npackage {package}\n\n{}{}\n{decls}\n{text}\n{shows}\nfunc {entry}() {{\n{main}}}\n",
            include_str!("prelude.go"),
            include_str!("containers.go")
        )
    }

    /// A call, and the types of its results.
    pub fn call(&mut self, proc: &Proc) -> (String, Vec<Ty>) {
        let mut name = proc.name.clone();
        let param = if self.scope.param && self.rng.chance(30) { Ty::Param } else { self.some_int() };
        let instance: Vec<Ty> = (0..proc.scope.args).map(|n| self.type_argument(n)).collect();
        let own = |t: &Ty| {
            let param = if proc.scope.param { Some(&param) } else { None };
            subst(t, param, &instance)
        };
        let args: Vec<String> = proc.sig.params.iter().map(|p| self.value(&own(p), 2)).collect();
        // All parameters occur as types of arguments, and these are never untyped, so that inference finds them.
        if proc.scope != Scope::default() && self.rng.chance(60) {
            let mut list = Vec::new();
            if proc.scope.param {
                list.push(self.types.text(&param));
            }
            list.extend(instance.iter().map(|t| self.types.text(t)));
            let given = if self.rng.chance(30) { 1 + self.rng.below(list.len()) } else { list.len() };
            name = format!("{name}[{}]", list[..given].join(", "));
        }
        (format!("{name}({})", args.join(", ")), proc.sig.results.iter().map(own).collect())
    }

    /// A type argument for the type parameter with this number.
    pub fn type_argument(&mut self, n: usize) -> Ty {
        if self.scope.args > n && self.rng.chance(30) {
            return Ty::Arg(n);
        }
        if n == 1 {
            return self.some_key();
        }
        let fits: Vec<Ty> = self
            .pool
            .iter()
            .filter(|t| !matches!(t, Ty::Any | Ty::Interface(_)) && self.types.weight(t) <= 40)
            .cloned()
            .collect();
        if fits.is_empty() || self.rng.chance(30) { self.basic() } else { self.rng.pick(&fits).clone() }
    }

    fn methods(&mut self) -> String {
        let mut text = String::new();
        self.in_method = true;
        self.in_literal = true;
        let mark = self.vars.len();
        let named = (0..self.types.named.len()).map(|n| (Ty::Named(n), self.types.named[n].methods.clone()));
        let mut list: Vec<(Ty, Vec<(usize, bool)>)> = named.collect();
        for (n, generic) in self.types.generics.iter().enumerate() {
            let args = (0..generic.arity).map(Ty::Arg).collect();
            list.push((Ty::Inst(n, Rc::new(args)), generic.methods.clone()));
        }
        for (ty, methods) in list {
            self.scope.args = if let Ty::Inst(_, args) = &ty { args.len() } else { 0 };
            for (m, pointer) in methods {
                let sig = self.types.methods[m].sig.clone();
                let recv = if pointer { Ty::Ptr(Rc::new(ty.clone())) } else { ty.clone() };
                self.declare("recv", recv.clone(), true);
                let params = self.params(&sig);
                let result = self.value(&sig.results[0], 3);
                self.vars.truncate(mark);
                let noinline = if self.rng.chance(30) { "//go:noinline\n" } else { "" };
                let _ = writeln!(
                    text,
                    "{noinline}func (recv {}) {}({params}) {} {{ return {result} }}",
                    self.types.text(&recv),
                    self.types.methods[m].name,
                    self.types.text(&sig.results[0])
                );
            }
        }
        self.scope = Scope::default();
        self.in_method = false;
        self.in_literal = false;
        text
    }

    pub fn params(&mut self, sig: &Sig) -> String {
        let mut params = Vec::new();
        for p in &sig.params {
            let name = self.fresh("a");
            params.push(format!("{name} {}", self.types.text(p)));
            self.declare(&name, p.clone(), true);
        }
        params.join(", ")
    }

    fn function(&mut self) -> String {
        let mark = self.vars.len();
        let name = self.fresh("f");
        let mut scope = Scope::default();
        if self.rng.chance(30) {
            scope = Scope { param: self.rng.chance(60), args: self.rng.below(3) };
        }
        self.scope = scope;
        let mut params: Vec<Ty> = (0..self.rng.below(5)).map(|_| self.some_type(2)).collect();
        let mut brackets = Vec::new();
        if scope.param {
            params.push(Ty::Param);
            brackets.push("T integer".to_owned());
        }
        for (n, (name, constraint)) in ARGS.iter().enumerate().take(scope.args) {
            params.push(Ty::Arg(n));
            brackets.push(format!("{name} {constraint}"));
        }
        let results: Vec<Ty> = (0..self.rng.below(4)).map(|_| self.some_type(2)).collect();
        let sig = Rc::new(Sig { params, results });
        let params = self.params(&sig);
        self.budget = 6 + self.rng.below(30);
        let body = self.body(&sig);
        self.vars.truncate(mark);
        self.scope = Scope::default();
        let noinline = if self.rng.chance(40) { "//go:noinline\n" } else { "" };
        let brackets = if brackets.is_empty() { String::new() } else { format!("[{}]", brackets.join(", ")) };
        self.procs.push(Proc { name: name.clone(), sig, scope });
        format!("{noinline}func {name}{brackets}({params}) {body}\n\n")
    }

    fn show_functions(&mut self) -> String {
        let mut any = "func showAny(v any) {\n\tswitch x := v.(type) {\n\tcase nil:\n\t\tprintln(\"nil\")\n".to_owned();
        let mut cases = self.pool.clone();
        cases.extend((0..super::types::INTS.len()).map(Ty::Int));
        cases.extend([Ty::Str, Ty::Bool, Ty::Float(32), Ty::Float(64), Ty::Complex(64), Ty::Complex(128)]);
        let mut seen: Vec<Ty> = Vec::new();
        for t in cases {
            if seen.contains(&t) || matches!(t, Ty::Any | Ty::Interface(_)) {
                continue;
            }
            let f = self.shower(&t);
            let _ =
                writeln!(any, "\tcase {}:\n\t\tprint({:?}, \" \"); {f}(x)", self.types.text(&t), self.types.text(&t));
            seen.push(t);
        }
        any += "\tdefault:\n\t\tprintln(\"another type\")\n\t}\n}\n";
        let mut n = 0;
        while n < self.shown.len() {
            let ty = self.shown[n].clone();
            let _ = writeln!(any, "func show{n}(v {}) {{", self.types.text(&ty));
            let body = match self.types.under(&ty) {
                Ty::Slice(e) => {
                    let show = self.show("x", &e);
                    format!(
                        "println(\"slice\", v == nil, len(v)); for i, x := range v {{ if i > 6 {{ break }}; {show} }}"
                    )
                }
                Ty::Array(_, e) => {
                    let show = self.show("x", &e);
                    format!("println(\"array\", len(v)); for i, x := range v {{ if i > 6 {{ break }}; {show} }}")
                }
                Ty::Map(k, e) => {
                    let show = self.show("v[k]", &e);
                    let list = match self.types.under(&k) {
                        Ty::Int(_) | Ty::Str => {
                            format!("for _, k := range keys(v) {{ {}; {show} }}", self.show("k", &k))
                        }
                        _ => format!("if len(v) == 1 {{ for k := range v {{ {}; {show} }} }}", self.show("k", &k)),
                    };
                    format!("println(\"map\", v == nil, len(v)); {list}")
                }
                Ty::Ptr(e) => {
                    let show = self.show("*v", &e);
                    format!("println(\"pointer\", v == nil); if v != nil {{ {show} }}")
                }
                Ty::Func(_) => "println(\"func\", v == nil)".into(),
                Ty::Struct(fields) => {
                    let mut text = "println(\"struct\")".to_owned();
                    for f in fields.iter() {
                        let show = self.show(&format!("v.{}", f.name), &f.ty);
                        let _ = write!(text, "; {show}");
                    }
                    text
                }
                _ => "println(v)".into(),
            };
            let _ = writeln!(any, "\tif fuel < -3000 {{ return }}; fuel--; {body}\n}}");
            n += 1;
        }
        any
    }
}
