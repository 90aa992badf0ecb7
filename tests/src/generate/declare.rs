//! Types and constants that a program declares.

use std::fmt::Write as _;
use std::rc::Rc;

use super::program::Generator;
use super::types::{ARGS, Field, Generic, INTS, Interface, Method, Named, Sig, Ty};

impl Generator {
    pub fn declare_types(&mut self) {
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
        for n in 0..3 {
            self.declare_generic(n);
        }
        for n in 0..5 {
            let under = if self.rng.chance(65) {
                self.struct_type(n)
            } else {
                let mut t = self.new_type(1);
                while matches!(t, Ty::Ptr(_) | Ty::Any | Ty::Interface(_) | Ty::Named(_)) {
                    t = self.new_type(1);
                }
                t
            };
            let methods = self.some_methods();
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

    fn some_methods(&mut self) -> Vec<(usize, bool)> {
        let have: Vec<usize> = (0..4).filter(|_| self.rng.chance(40)).collect();
        have.into_iter().map(|m| (m, self.rng.chance(40))).collect()
    }

    /// A struct type that may embed named types before number `n`, pointers to these, instances and interfaces.
    fn struct_type(&mut self, n: usize) -> Ty {
        let count = *self.rng.pick(&[0, 1, 1, 2, 3, 4, 5, 12]);
        let mut fields: Vec<Field> = Vec::new();
        let mut recursive = false;
        for i in 0..count {
            if self.rng.chance(25)
                && let Some(f) = self.embedded(n)
                && fields.iter().all(|have| have.name != f.name)
            {
                fields.push(f);
                continue;
            }
            let ty = if !recursive && self.rng.chance(8) {
                recursive = true;
                Ty::Ptr(Rc::new(Ty::Named(n)))
            } else {
                let ty = self.some_known(2);
                if self.types.weight(&ty) > 100 { Ty::Slice(Rc::new(ty)) } else { ty }
            };
            fields.push(Field { name: format!("F{i}"), ty, embedded: false });
        }
        Ty::Struct(Rc::new(fields))
    }

    fn embedded(&mut self, n: usize) -> Option<Field> {
        let mut types: Vec<(String, Ty)> = (0..n).map(|s| (self.types.named[s].name.clone(), Ty::Named(s))).collect();
        for (i, interface) in self.types.interfaces.iter().enumerate() {
            types.push((interface.name.clone(), Ty::Interface(i)));
        }
        for ty in &self.types.instances {
            if let Ty::Inst(g, _) = ty {
                types.push((self.types.generics[*g].name.clone(), ty.clone()));
            }
        }
        let (name, ty) = self.rng.pick(&types).clone();
        let pointer = !matches!(ty, Ty::Interface(_)) && self.rng.chance(35);
        Some(Field { name, ty: if pointer { Ty::Ptr(Rc::new(ty)) } else { ty }, embedded: true })
    }

    /// A generic type, and some instances of it.
    fn declare_generic(&mut self, n: usize) {
        let arity = 1 + self.rng.below(2);
        let a = Rc::new(Ty::Arg(0));
        let key = if arity == 2 { Ty::Arg(1) } else { Ty::Str };
        let map = Ty::Map(Rc::new(key.clone()), a.clone());
        let this = Ty::Inst(n, Rc::new((0..arity).map(Ty::Arg).collect()));
        let under = match self.rng.below(8) {
            0 => Ty::Slice(a),
            1 => map,
            2 => Ty::Array(self.rng.below(4), a),
            3 => Ty::Func(Rc::new(Sig { params: vec![key], results: vec![Ty::Arg(0)] })),
            _ => {
                let mut fields = vec![Field { name: "E0".into(), ty: Ty::Arg(0), embedded: false }];
                let others = [Ty::Slice(a.clone()), map, key, Ty::Ptr(a), Ty::Ptr(Rc::new(this)), self.some_known(1)];
                for (i, ty) in others.into_iter().enumerate() {
                    if self.rng.chance(35) {
                        fields.push(Field { name: format!("E{}", i + 1), ty, embedded: false });
                    }
                }
                if n > 0 && self.rng.chance(40) {
                    let g = self.rng.below(n);
                    let list = [Ty::Arg(0), Ty::Arg(arity - 1)];
                    let fits = self.types.generics[g].arity == 1 || arity == 2;
                    if fits {
                        let args = list[..self.types.generics[g].arity].to_vec();
                        let name = self.types.generics[g].name.clone();
                        fields.push(Field { name, ty: Ty::Inst(g, Rc::new(args)), embedded: true });
                    }
                }
                Ty::Struct(Rc::new(fields))
            }
        };
        let methods = self.some_methods();
        self.types.generics.push(Generic { name: format!("Y{n}"), arity, under, methods });
        for _ in 0..2 {
            let args = (0..arity).map(|i| self.type_argument(i)).collect();
            let ty = Ty::Inst(n, Rc::new(args));
            if !self.pool.contains(&ty) {
                self.types.instances.push(ty.clone());
                self.pool.push(ty);
            }
        }
    }

    pub fn type_declarations(&self) -> String {
        let mut text = String::new();
        for named in &self.types.named {
            let _ = writeln!(text, "type {} {}", named.name, self.types.text(&named.under));
        }
        for generic in &self.types.generics {
            let params: Vec<String> =
                ARGS.iter().take(generic.arity).map(|(name, constraint)| format!("{name} {constraint}")).collect();
            let _ = writeln!(text, "type {}[{}] {}", generic.name, params.join(", "), self.types.text(&generic.under));
        }
        for (i, interface) in self.types.interfaces.iter().enumerate() {
            // What an earlier interface has is embedded.
            let within = |other: &&Interface| other.methods.iter().all(|m| interface.methods.contains(m));
            let inner = self.types.interfaces[..i].iter().find(within);
            let mut elems: Vec<String> = inner.iter().map(|other| other.name.clone()).collect();
            for m in &interface.methods {
                if inner.is_none_or(|other| !other.methods.contains(m)) {
                    let method = &self.types.methods[*m];
                    elems.push(format!("{}{}", method.name, self.types.sig_text(&method.sig)));
                }
            }
            let _ = writeln!(text, "type {} interface {{ {} }}", interface.name, elems.join("; "));
        }
        text
    }

    /// Constant declarations, of values that are known here and not only in Go.
    pub fn constants(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.rng.below(3) {
            let n = 1 + self.rng.below(5);
            let (k, c) = (1 + self.rng.below(9) as i128, self.rng.below(50) as i128);
            type Value = fn(i128, i128, i128) -> i128;
            let forms: [(String, Value); 9] = [
                (format!("iota*{k} + {c}"), |i, k, c| i * k + c),
                (format!("{c} << iota"), |i, _, c| c << i),
                (format!("{c} - {k}*iota"), |i, k, c| c - k * i),
                (format!("(iota + {c}) * (iota - {k})"), |i, k, c| (i + c) * (i - k)),
                (format!("-({c} + iota) % {k}"), |i, k, c| -(c + i) % k),
                (format!("({c} - 9*iota) / {k}"), |i, k, c| (c - 9 * i) / k),
                (format!("^iota &^ {c}"), |i, _, c| !i & !c),
                (format!("{k} << 100 >> (95 + iota)"), |i, k, _| (k << 100) >> (95 + i)),
                (format!("len(\"{}\") ^ iota", "x".repeat(c as usize)), |i, _, c| c ^ i),
            ];
            let (expr, value) = self.rng.pick(&forms).clone();
            let values: Vec<i128> = (0..n as i128).map(|i| value(i, k, c)).collect();
            let kind = self.rng.below(INTS.len());
            // `len` is an int.
            let kind = if expr.starts_with("len") { 0 } else { kind };
            let typed = self.rng.chance(50) && values.iter().all(|v| fits(*v, kind));
            text += "const (\n";
            for (i, v) in values.iter().enumerate() {
                let skipped = self.rng.chance(15);
                let name = if skipped { "_".into() } else { self.fresh("K") };
                let ty = if typed { format!(" {}", INTS[kind]) } else { String::new() };
                let _ = if i == 0 { writeln!(text, "\t{name}{ty} = {expr}") } else { writeln!(text, "\t{name}") };
                if !skipped {
                    self.consts.push((name, *v));
                }
            }
            text += ")\n";
        }
        text
    }
}

/// Whether an integer type can hold the value.
pub fn fits(value: i128, kind: usize) -> bool {
    let bits = bits_of(kind);
    if INTS[kind].starts_with('u') {
        value >= 0 && value < 1 << bits
    } else {
        value >= -(1 << (bits - 1)) && value < 1 << (bits - 1)
    }
}

pub fn bits_of(kind: usize) -> u32 {
    match INTS[kind].trim_start_matches("uint").trim_start_matches("int") {
        "8" => 8,
        "16" => 16,
        "32" => 32,
        _ => 64,
    }
}
