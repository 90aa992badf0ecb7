//! Whole programs: the declarations and the order they are made in.

use std::fmt::Write as _;
use std::rc::Rc;

use super::rng::Rng;
use super::types::{Field, Interface, Method, Named, Sig, Ty, Types};

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
    pub generic: bool,
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
    pub in_generic: bool,
    counter: usize,
    /// Within a function with these named results.
    pub results: Vec<(String, Ty)>,
    /// Labels of enclosing loops.
    pub labels: Vec<String>,
    pub loops: usize,
    pub budget: usize,
}

/// The program of a seed.
pub fn program(seed: u64) -> String {
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
        in_generic: false,
        counter: 0,
        results: Vec::new(),
        labels: Vec::new(),
        loops: 0,
        budget: 0,
    };
    g.program(seed)
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

    fn basic(&mut self) -> Ty {
        match self.rng.below(10) {
            0..=4 => self.some_int(),
            5 => Ty::Float(if self.rng.chance(60) { 64 } else { 32 }),
            6 => Ty::Bool,
            7 | 8 => Ty::Str,
            _ => Ty::Complex(if self.rng.chance(60) { 128 } else { 64 }),
        }
    }

    pub fn some_type(&mut self, depth: usize) -> Ty {
        if self.in_generic && self.rng.chance(30) {
            return Ty::Param;
        }
        if !self.pool.is_empty() && self.rng.chance(65) {
            return self.rng.pick(&self.pool).clone();
        }
        self.new_type(depth)
    }

    fn new_type(&mut self, depth: usize) -> Ty {
        if depth == 0 || self.rng.chance(40) {
            return self.basic();
        }
        let sub = |g: &mut Generator| Rc::new(if g.rng.chance(50) { g.basic() } else { g.some_known(depth - 1) });
        match self.rng.below(10) {
            0..=2 => Ty::Slice(sub(self)),
            3 | 4 => {
                let n = *self.rng.pick(&[0, 1, 1, 2, 2, 3, 4, 4, 9, 40]);
                Ty::Array(n, sub(self))
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

    fn some_known(&mut self, depth: usize) -> Ty {
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
        let raw = self.rng.chance(15);
        match self.types.under(t) {
            Ty::Struct(fields) => {
                for f in fields.iter() {
                    self.walk(&format!("{text}.{}", f.name), &f.ty, a, ty, addressable, depth - 1, found);
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
            Ty::Interface(_) | Ty::Param => format!("showAny(any({text}))"),
            _ => format!("{}({text})", self.shower(ty)),
        }
    }

    fn program(&mut self, seed: u64) -> String {
        self.declare_types();
        let mut text = String::new();
        let mut globals = String::new();
        for _ in 0..self.rng.below(5) + 2 {
            let ty = self.some_type(2);
            let name = self.fresh("G");
            let value = self.value(&ty, 2);
            let _ = writeln!(globals, "var {name} {} = {value}", self.types.text(&ty));
            self.declare(&name, ty, true);
        }
        text += &self.methods();
        let count = 8 + self.rng.below(10);
        let mut main = String::new();
        for _ in 0..count {
            text += &self.function();
            let proc = self.procs.last().expect("just made").clone();
            for _ in 0..self.rng.below(2) + 1 {
                let call = self.call_text(&proc);
                let mut shows = String::new();
                let names: Vec<String> = proc.sig.results.iter().map(|_| self.fresh("r")).collect();
                for (name, ty) in names.iter().zip(&proc.sig.results) {
                    let ty = if *ty == Ty::Param { Ty::Any } else { ty.clone() };
                    let _ = writeln!(shows, "\t\t{}", self.show(name, &ty));
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
        if self.rng.chance(40) {
            // The end may be a panic that nobody recovers.
            let proc = self.procs.last().expect("there are some").clone();
            let call = self.call_text(&proc);
            let ty = self.some_type(1);
            let value = self.value(&ty, 2);
            let _ = writeln!(main, "\tfuel = 3000\n\t{call}\n\tpanic({value})");
        }
        let shows = self.show_functions();
        let decls = self.type_declarations();
        format!(
            "// Generated from seed {seed}.\npackage main\n\n{}\n{decls}\n{globals}\n{text}\n{shows}\nfunc main() {{\n{main}}}\n",
            include_str!("prelude.go")
        )
    }

    pub fn call_text(&mut self, proc: &Proc) -> String {
        let mut name = proc.name.clone();
        let mut args = Vec::new();
        let mut instance = None;
        for p in &proc.sig.params {
            if *p == Ty::Param && proc.generic {
                let t = instance.get_or_insert_with(|| self.some_int()).clone();
                args.push(self.value(&t, 1));
            } else {
                args.push(self.value(p, 2));
            }
        }
        if proc.generic {
            let t = instance.unwrap_or(Ty::Int(0));
            name = format!("{name}[{}]", self.types.text(&t));
        }
        format!("{name}({})", args.join(", "))
    }

    fn declare_types(&mut self) {
        for _ in 0..6 {
            let t = self.new_type(1);
            self.pool.push(t);
        }
        for name in ["M0", "M1", "M2", "M3"] {
            let params = (0..self.rng.below(3)).map(|_| self.some_known(1)).collect();
            let results = vec![self.some_known(1)];
            self.types.methods.push(Method { name, sig: Rc::new(Sig { params, results }) });
        }
        for i in 0..3 {
            let methods: Vec<usize> = (0..4).filter(|m| *m == i || self.rng.chance(25)).collect();
            self.types.interfaces.push(Interface { name: format!("I{i}"), methods });
            self.pool.push(Ty::Interface(i));
        }
        for n in 0..7 {
            let under = if self.rng.chance(60) {
                let count = *self.rng.pick(&[0, 1, 1, 2, 3, 4, 5, 12]);
                let mut fields: Vec<Field> = Vec::new();
                for i in 0..count {
                    let structs: Vec<usize> =
                        (0..n).filter(|s| !fields.iter().any(|f| f.name == self.types.named[*s].name)).collect();
                    if self.rng.chance(20) && !structs.is_empty() {
                        let s = *self.rng.pick(&structs);
                        let ty = Ty::Named(s);
                        fields.push(Field { name: self.types.named[s].name.clone(), ty, embedded: true });
                    } else {
                        fields.push(Field { name: format!("F{i}"), ty: self.some_known(2), embedded: false });
                    }
                }
                Ty::Struct(Rc::new(fields))
            } else {
                let mut t = self.new_type(1);
                while matches!(t, Ty::Ptr(_) | Ty::Any | Ty::Interface(_) | Ty::Named(_)) {
                    t = self.new_type(1);
                }
                t
            };
            let mut methods = Vec::new();
            for m in 0..4 {
                if self.rng.chance(45) {
                    methods.push((m, self.rng.chance(40)));
                }
            }
            self.types.named.push(Named { name: format!("N{n}"), under, methods });
            self.pool.push(Ty::Named(n));
            if self.rng.chance(30) {
                self.pool.push(Ty::Ptr(Rc::new(Ty::Named(n))));
            }
        }
        for _ in 0..6 {
            let t = self.new_type(2);
            if !self.pool.contains(&t) {
                self.pool.push(t);
            }
        }
        let mut unique: Vec<Ty> = Vec::new();
        for t in self.pool.drain(..) {
            if !unique.contains(&t) {
                unique.push(t);
            }
        }
        self.pool = unique;
        self.sigs =
            self.pool.iter().filter_map(|t| if let Ty::Func(sig) = t { Some(sig.clone()) } else { None }).collect();
    }

    fn type_declarations(&self) -> String {
        let mut text = String::new();
        for named in &self.types.named {
            let _ = writeln!(text, "type {} {}", named.name, self.types.text(&named.under));
        }
        for interface in &self.types.interfaces {
            let methods: Vec<String> = interface
                .methods
                .iter()
                .map(|m| format!("{}{}", self.types.methods[*m].name, self.types.sig_text(&self.types.methods[*m].sig)))
                .collect();
            let _ = writeln!(text, "type {} interface {{ {} }}", interface.name, methods.join("; "));
        }
        text
    }

    fn methods(&mut self) -> String {
        let mut text = String::new();
        self.in_method = true;
        self.in_literal = true;
        let mark = self.vars.len();
        for n in 0..self.types.named.len() {
            for (m, pointer) in self.types.named[n].methods.clone() {
                let sig = self.types.methods[m].sig.clone();
                let recv = if pointer { Ty::Ptr(Rc::new(Ty::Named(n))) } else { Ty::Named(n) };
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
        let generic = self.rng.chance(20);
        self.in_generic = generic;
        let mut params: Vec<Ty> = (0..self.rng.below(5)).map(|_| self.some_type(2)).collect();
        if generic {
            params.push(Ty::Param);
        }
        let results: Vec<Ty> = (0..self.rng.below(4)).map(|_| self.some_type(2)).collect();
        let sig = Rc::new(Sig { params, results });
        let params = self.params(&sig);
        self.budget = 6 + self.rng.below(30);
        let body = self.body(&sig);
        self.vars.truncate(mark);
        self.in_generic = false;
        let noinline = if self.rng.chance(40) { "//go:noinline\n" } else { "" };
        let brackets = if generic { "[T integer]" } else { "" };
        self.procs.push(Proc { name: name.clone(), sig, generic });
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
