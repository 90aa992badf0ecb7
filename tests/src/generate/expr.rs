//! Expressions without effects, besides panics.
//!
//! Go leaves the order of calls and variable reads within an expression open, so no call in here changes
//! what another operand could see. Constant expressions are avoided where the compiler would have to reject them.

use std::fmt::Write as _;
use std::rc::Rc;

use super::declare::{bits_of, fits};
use super::program::Generator;
use super::types::{INTS, Sig, Ty};

/// Text of an expression and whether it is constant.
pub struct Expr {
    pub text: String,
    pub constant: bool,
}

fn plain(text: String) -> Expr {
    Expr { text, constant: false }
}

const WORDS: &[&str] = &[
    r#""""#,
    r#""a""#,
    r#""b""#,
    r#""abc""#,
    r#""hello, world""#,
    r#""é世界""#,
    r#""\xff\x80x""#,
    r#""\x00""#,
    r#""0123456789abcdefghij""#,
    r#""ab\u00adc\U0001F600""#,
];

impl Generator {
    pub fn value(&mut self, ty: &Ty, depth: usize) -> String {
        self.expr(ty, depth).text
    }

    /// A value that is not constant, so that the compiler does not evaluate operations on it.
    pub fn runtime_value(&mut self, ty: &Ty, depth: usize) -> String {
        let e = self.expr(ty, depth);
        if !e.constant {
            return e.text;
        }
        if self.rng.chance(50) { format!("id({})", e.text) } else { format!("idn({})", e.text) }
    }

    pub fn expr(&mut self, ty: &Ty, depth: usize) -> Expr {
        self.nesting += 1;
        let e = if self.nesting > 25 {
            plain(format!("*new({})", self.types.text(ty)))
        } else {
            self.expr_kinds(ty, depth)
        };
        self.nesting -= 1;
        e
    }

    fn expr_kinds(&mut self, ty: &Ty, depth: usize) -> Expr {
        if self.rng.chance(if depth == 0 { 80 } else { 40 }) {
            let places = self.places(ty, false);
            if !places.is_empty() {
                return plain(self.rng.pick(&places).clone());
            }
        }
        if depth > 0 && self.rng.chance(18) {
            return plain(self.any_kind(ty, depth - 1));
        }
        let name = self.types.text(ty);
        let wrap = |g: &Generator, text: String| {
            if matches!(ty, Ty::Named(_) | Ty::Inst(..)) { format!("{}({text})", g.types.text(ty)) } else { text }
        };
        match self.types.under(ty) {
            Ty::Int(kind) => self.int(&name, kind, ty, depth),
            Ty::Param => plain(self.param(depth)),
            Ty::Float(_) => self.float(&name, ty, depth),
            Ty::Complex(bits) => {
                let part = Ty::Float(bits / 2);
                if depth == 0 || self.rng.chance(40) {
                    let (re, im) = (self.runtime_value(&part, 0), self.value(&part, 0));
                    return plain(wrap(self, format!("complex({re}, {im})")));
                }
                let op = *self.rng.pick(&["+", "-", "*", "/"]);
                let (x, y) = (self.runtime_value(ty, depth - 1), self.runtime_value(ty, depth - 1));
                plain(format!("({x} {op} {y})"))
            }
            Ty::Bool => {
                let text = self.boolean(ty, depth);
                Expr { text: wrap(self, text.text), constant: text.constant }
            }
            Ty::Str => {
                let e = self.string(ty, depth);
                Expr { text: wrap(self, e.text), constant: e.constant }
            }
            Ty::Slice(e) => plain(self.slice(&name, ty, &e, depth)),
            Ty::Array(n, e) => plain(self.array(&name, n, &e, depth)),
            Ty::Map(k, v) => plain(self.map(&name, &k, &v, depth)),
            Ty::Ptr(e) => plain(self.pointer(&e, depth)),
            Ty::Func(sig) => {
                let text = self.func(&sig, depth, ty);
                plain(wrap(self, text))
            }
            Ty::Struct(fields) => {
                if fields.is_empty() || self.rng.chance(15) {
                    return plain(format!("{name}{{}}"));
                }
                let keyed = self.rng.chance(60);
                let mut list = Vec::new();
                for f in fields.iter() {
                    if keyed && f.embedded && self.rng.chance(50) {
                        for inner in self.types.promoted_keys(&fields, f) {
                            if self.rng.chance(60) {
                                let v = self.value(&inner.ty, depth.saturating_sub(1));
                                list.push(format!("{}: {v}", inner.name));
                            }
                        }
                        continue;
                    }
                    if keyed && self.rng.chance(25) {
                        continue;
                    }
                    let v = self.value(&f.ty, depth.saturating_sub(1));
                    list.push(if keyed { format!("{}: {v}", f.name) } else { v });
                }
                plain(format!("{name}{{{}}}", list.join(", ")))
            }
            Ty::Interface(n) => {
                let types = self.types.implementers(n);
                if types.is_empty() || self.rng.chance(5) {
                    return plain(format!("{name}(nil)"));
                }
                let t = self.rng.pick(&types).clone();
                plain(format!("{name}({})", self.value(&t, depth.saturating_sub(1))))
            }
            Ty::Any => {
                if self.rng.chance(5) {
                    return plain("any(nil)".into());
                }
                let t = self.some_type(1);
                plain(format!("any({})", self.value(&t, depth.saturating_sub(1))))
            }
            Ty::Arg(_) => {
                if depth > 0 && self.rng.chance(50) {
                    return plain(self.any_kind(ty, depth - 1));
                }
                plain(format!("*new({name})"))
            }
            Ty::Named(_) | Ty::Inst(..) => unreachable!("resolved"),
        }
    }

    /// Ways to get a value of any type.
    fn any_kind(&mut self, ty: &Ty, depth: usize) -> String {
        let name = self.types.text(ty);
        match self.rng.below(9) {
            0 => format!("id[{name}]({})", self.value(ty, depth)),
            1 => {
                let (c, x, y) = (self.value(&Ty::Bool, depth), self.value(ty, depth), self.value(ty, depth));
                format!("pick[{name}]({c}, {x}, {y})")
            }
            2 => format!("func() {name} {{ return {} }}()", self.value(ty, depth)),
            3 => {
                let t = self.some_type(1);
                let arg = self.value(&t, depth);
                let p = self.fresh("p");
                let mark = self.vars.len();
                self.declare(&p, t.clone(), true);
                let body = self.value(ty, depth);
                self.vars.truncate(mark);
                format!("func({p} {}) {name} {{ return {body} }}({arg})", self.types.text(&t))
            }
            4 if !matches!(ty, Ty::Any | Ty::Interface(_)) => format!("any({}).({name})", self.value(ty, depth)),
            5 => format!("*new(({name})({}))", self.value(ty, depth)),
            6 => {
                // A pure method with this result.
                let calls = self.method_calls(ty, depth);
                calls.unwrap_or_else(|| self.runtime_value(ty, depth))
            }
            7 => {
                let calls = self.func_calls(ty, depth);
                calls.unwrap_or_else(|| self.runtime_value(ty, depth))
            }
            _ => format!("[]{name}{{{}}}[0]", self.value(ty, depth)),
        }
    }

    /// A call of a func variable; these are pure. Not within func literals: that could be a recursion.
    fn func_calls(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if self.in_literal || self.careful {
            return None;
        }
        let sigs: Vec<Rc<Sig>> = self.sigs.iter().filter(|s| s.results == [ty.clone()]).cloned().collect();
        if sigs.is_empty() {
            return None;
        }
        let sig = self.rng.pick(&sigs).clone();
        let args: Vec<String> = sig.params.iter().map(|p| self.value(p, depth)).collect();
        Some(format!("({})({})", self.value(&Ty::Func(sig), depth), args.join(", ")))
    }

    fn method_calls(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if self.in_method || self.careful {
            return None;
        }
        let methods: Vec<usize> =
            (0..self.types.methods.len()).filter(|m| self.types.methods[*m].sig.results == [ty.clone()]).collect();
        if methods.is_empty() {
            return None;
        }
        let m = *self.rng.pick(&methods);
        let sig = self.types.methods[m].sig.clone();
        let name = self.types.methods[m].name;
        let args: Vec<String> = sig.params.iter().map(|p| self.value(p, depth)).collect();
        let args = args.join(", ");
        let interfaces: Vec<usize> =
            (0..self.types.interfaces.len()).filter(|i| self.types.interfaces[*i].methods.contains(&m)).collect();
        if !interfaces.is_empty() && self.rng.chance(50) {
            let i = *self.rng.pick(&interfaces);
            let recv = self.value(&Ty::Interface(i), depth);
            return Some(format!("({recv}).{name}({args})"));
        }
        let recv_ty = self.receiver(m)?;
        let recv = self.value(&recv_ty, depth);
        if self.rng.chance(25) {
            let args = if args.is_empty() { String::new() } else { format!(", {args}") };
            return Some(format!("({}).{name}({recv}{args})", self.types.text(&recv_ty)));
        }
        Some(if self.rng.chance(20) {
            format!("id(({recv}).{name})({args})")
        } else {
            format!("({recv}).{name}({args})")
        })
    }

    /// A type that has the method.
    fn receiver(&mut self, m: usize) -> Option<Ty> {
        let mut fitting = Vec::new();
        for ty in self.types.with_methods() {
            match self.types.methods_of(&ty).iter().find(|(have, _)| *have == m) {
                Some((_, true)) => fitting.push(Ty::Ptr(Rc::new(ty))),
                Some(_) if self.rng.chance(20) => fitting.push(Ty::Ptr(Rc::new(ty))),
                Some(_) => fitting.push(ty),
                None => {}
            }
        }
        if fitting.is_empty() { None } else { Some(self.rng.pick(&fitting).clone()) }
    }

    /// A method value, or a method expression, of this type.
    fn method_value(&mut self, sig: &Sig, depth: usize) -> Option<String> {
        if self.in_method || self.careful {
            return None;
        }
        let methods: Vec<usize> = (0..self.types.methods.len()).collect();
        let m = *self.rng.pick(&methods);
        let (name, own) = (self.types.methods[m].name, self.types.methods[m].sig.clone());
        if *own == *sig {
            let recv = self.receiver(m)?;
            return Some(format!("({}).{name}", self.value(&recv, depth)));
        }
        let (first, rest) = sig.params.split_first()?;
        if own.params != rest || own.results != sig.results {
            return None;
        }
        let of = match first {
            Ty::Ptr(e) => (**e).clone(),
            t => t.clone(),
        };
        let pointer = matches!(first, Ty::Ptr(_));
        let has = self.types.methods_of(&of).iter().any(|(have, ptr)| *have == m && (pointer || !ptr));
        (has && (!matches!(of, Ty::Interface(_)) || matches!(first, Ty::Interface(_))))
            .then(|| format!("({}).{name}", self.types.text(first)))
    }

    fn int(&mut self, name: &str, kind: usize, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 || self.rng.chance(15) {
            let consts: Vec<String> =
                self.consts.iter().filter(|(_, v)| fits(*v, kind)).map(|(name, _)| name.clone()).collect();
            let use_const = !consts.is_empty() && self.rng.chance(20);
            let value = if use_const { self.rng.pick(&consts).clone() } else { self.int_literal(kind) };
            return Expr { text: format!("{name}({value})"), constant: true };
        }
        let d = depth - 1;
        plain(match self.rng.below(16) {
            0..=4 => {
                let op = *self.rng.pick(&["+", "-", "*", "&", "|", "^", "&^"]);
                let (x, y) = (self.runtime_value(ty, d), self.value(ty, d));
                if self.rng.chance(50) { format!("({x} {op} {y})") } else { format!("({y} {op} {x})") }
            }
            5 | 6 => self.division(name, ty, d, kind),
            7 => {
                let count = self.some_int();
                let op = *self.rng.pick(&["<<", ">>"]);
                let x = self.runtime_value(ty, d);
                if self.rng.chance(40) {
                    return plain(format!("({x} {op} {})", self.rng.below(70)));
                }
                let y = self.runtime_value(&count, d);
                // Mostly not negative.
                if self.careful || self.rng.chance(95) {
                    format!("({x} {op} ({y} & 127 % 70))")
                } else {
                    format!("({x} {op} {y})")
                }
            }
            8 => format!("{}({})", *self.rng.pick(&["-", "^", "+"]), self.runtime_value(ty, d)),
            9 | 10 => {
                let from = self.some_int();
                format!("{name}({})", self.runtime_value(&from, d))
            }
            11 => {
                let from = Ty::Float(if self.rng.chance(50) { 32 } else { 64 });
                let x = self.runtime_value(&from, d);
                let bits = bits_of(kind);
                if self.rng.chance(50) {
                    format!("{name}(clamp(float64({x})))")
                } else if INTS[kind].starts_with('u') {
                    format!("{name}(within(float64({x}), -1, 1<<{bits}))")
                } else {
                    // The least value itself is in range, too, but not what lies below it in 64 bits.
                    let slack = if bits < 64 { "-1" } else { "" };
                    format!("{name}(within(float64({x}), -1<<{}{slack}, 1<<{}))", bits - 1, bits - 1)
                }
            }
            12 => {
                let t = self.some_sized_type();
                format!("{name}(id(len({})))", self.value(&t, d))
            }
            13 => {
                let s = self.runtime_value(&Ty::Str, d);
                format!("{name}(at({s}, {}))", self.value(&Ty::Int(0), d))
            }
            14 => {
                let f = *self.rng.pick(&["min", "max"]);
                format!("{f}({}, {})", self.runtime_value(ty, d), self.value(ty, d))
            }
            _ => {
                let (key, map) = (self.some_key(), ty.clone());
                let m = Ty::Map(Rc::new(key.clone()), Rc::new(map));
                format!("({})[{}]", self.value(&m, d), self.value(&key, d))
            }
        })
    }

    fn division(&mut self, name: &str, ty: &Ty, depth: usize, kind: usize) -> String {
        let op = *self.rng.pick(&["/", "%"]);
        let x = self.runtime_value(ty, depth);
        match self.rng.below(20) {
            0 if !self.careful => format!("({x} {op} {})", self.runtime_value(ty, depth)),
            1..=8 => {
                let mut by = self.int_literal(kind);
                if by == "0" {
                    by = "7".into();
                }
                format!("({x} {op} {name}({by}))")
            }
            _ => format!("({x} {op} ({} | 1))", self.runtime_value(ty, depth)),
        }
    }

    fn int_literal(&mut self, kind: usize) -> String {
        let bits = bits_of(kind);
        let signed = !INTS[kind].starts_with('u');
        let raw = match self.rng.below(6) {
            0 => self.rng.next(),
            1 => (1u64 << self.rng.below(64)).wrapping_sub(self.rng.below(3) as u64),
            2 => !(self.rng.below(5) as u64),
            _ => self.rng.below(20) as u64,
        };
        if signed {
            ((raw << (64 - bits)) as i64 >> (64 - bits)).to_string()
        } else {
            ((raw << (64 - bits)) >> (64 - bits)).to_string()
        }
    }

    /// A value of the type parameter.
    fn param(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(if depth == 0 { 1 } else { 7 }) {
            0 => format!("T({})", self.rng.below(128)),
            1 | 2 => {
                let op = *self.rng.pick(&["+", "-", "*", "&", "|", "^", "&^"]);
                format!("({} {op} {})", self.value(&Ty::Param, d), self.value(&Ty::Param, d))
            }
            3 => {
                let op = *self.rng.pick(&["/", "%"]);
                format!("({} {op} ({} | 1))", self.value(&Ty::Param, d), self.value(&Ty::Param, d))
            }
            4 => {
                let op = *self.rng.pick(&["<<", ">>"]);
                format!("({} {op} ({} & 15))", self.value(&Ty::Param, d), self.value(&Ty::Param, d))
            }
            5 => {
                let from = self.some_int();
                format!("T({})", self.runtime_value(&from, d))
            }
            _ => format!("min({}, {})", self.value(&Ty::Param, d), self.value(&Ty::Param, d)),
        }
    }

    fn float(&mut self, name: &str, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 || self.rng.chance(15) {
            let values = [
                "0",
                "1",
                "-1",
                "0.5",
                "1.5",
                "3.25",
                "-2.75",
                "1e10",
                "1e-7",
                "123456.789",
                "16777217",
                "-0.1",
                "1e30",
            ];
            return Expr { text: format!("{name}({})", self.rng.pick(&values)), constant: true };
        }
        let d = depth - 1;
        plain(match self.rng.below(9) {
            0..=3 => {
                let op = *self.rng.pick(&["+", "-", "*", "/"]);
                let (x, y) = (self.runtime_value(ty, d), self.runtime_value(ty, d));
                format!("({x} {op} {y})")
            }
            4 => format!("-({})", self.runtime_value(ty, d)),
            5 => {
                let from = self.some_int();
                format!("{name}({})", self.runtime_value(&from, d))
            }
            6 => {
                let from = Ty::Float(if self.rng.chance(50) { 32 } else { 64 });
                format!("{name}({})", self.runtime_value(&from, d))
            }
            7 => {
                let f = *self.rng.pick(&["min", "max"]);
                format!("{f}({}, {})", self.runtime_value(ty, d), self.runtime_value(ty, d))
            }
            _ => format!("{name}({}({}))", self.rng.pick(&["real", "imag"]), self.runtime_value(&Ty::Complex(128), d)),
        })
    }

    fn boolean(&mut self, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 {
            return Expr { text: if self.rng.chance(50) { "true".into() } else { "false".into() }, constant: true };
        }
        let d = depth - 1;
        plain(match self.rng.below(10) {
            0 => format!("!({})", self.runtime_value(ty, d)),
            1 | 2 => {
                let op = *self.rng.pick(&["&&", "||"]);
                let t = self.types.text(&Ty::Bool);
                format!("({t}({}) {op} {t}({}))", self.runtime_value(ty, d), self.runtime_value(ty, d))
            }
            3..=6 => {
                let mut t = self.some_type(1);
                while !self.types.ordered(&t) {
                    t = self.some_type(1);
                }
                let op = *self.rng.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({} {op} {})", self.runtime_value(&t, d), self.value(&t, d))
            }
            7 => {
                let nilable = self.some_nilable();
                format!("({} {} nil)", self.value(&nilable, d), self.rng.pick(&["==", "!="]))
            }
            _ => {
                let mut t = self.some_type(2);
                while !self.types.comparable(&t) || matches!(self.types.under(&t), Ty::Ptr(_)) {
                    t = self.some_type(2);
                }
                if !self.types.strictly_comparable(&t) && (self.careful || self.rng.chance(70)) {
                    t = Ty::Int(0);
                }
                let op = *self.rng.pick(&["==", "!="]);
                let (x, y) = (self.runtime_value(&t, d), self.value(&t, d));
                if self.types.good_key(&t) && self.rng.chance(20) {
                    return plain(format!("(any({x}) {op} any({y}))"));
                }
                format!("(({x}) {op} ({y}))")
            }
        })
    }

    fn string(&mut self, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 || self.rng.chance(20) {
            return Expr { text: (*self.rng.pick(WORDS)).into(), constant: true };
        }
        let d = depth - 1;
        let bytes = Ty::Slice(Rc::new(Ty::Int(6)));
        let runes = Ty::Slice(Rc::new(Ty::Int(3)));
        plain(match self.rng.below(9) {
            0..=2 => format!("cat(string({}), string({}))", self.runtime_value(ty, d), self.value(ty, d)),
            3 => format!("(short({}) + short({}))", self.runtime_value(ty, d), self.value(ty, d)),
            4 => format!("string(shorten({}))", self.value(&bytes, d)),
            5 => format!("string(shorten({}))", self.value(&runes, d)),
            6 => format!("string(rune({}))", self.runtime_value(&Ty::Int(3), d)),
            7 => {
                let (s, i) = (self.runtime_value(&Ty::Str, d), self.value(&Ty::Int(0), d));
                format!("cut({s}, {i}, {})", self.value(&Ty::Int(0), d))
            }
            _ => format!(
                "cat(string({}), {}, {})",
                self.runtime_value(ty, d),
                self.rng.pick(WORDS),
                self.rng.pick(WORDS)
            ),
        })
    }

    fn slice(&mut self, name: &str, ty: &Ty, elem: &Ty, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(if depth == 0 { 3 } else { 9 }) {
            0 => format!("{name}(nil)"),
            1 => format!("make({name}, {}, 8)", self.rng.below(5)),
            3 => {
                let n = self.rng.below(3);
                let mut text = format!("append({name}(nil), ({})...", self.value(ty, d));
                if n > 0 {
                    let more: Vec<String> = (0..n).map(|_| self.value(elem, d)).collect();
                    text = format!("append(clip({}), {}", self.value(ty, d), more.join(", "));
                }
                text + ")"
            }
            4 => format!("part({}, {}, {})", self.value(ty, d), self.value(&Ty::Int(0), d), self.value(&Ty::Int(0), d)),
            5 => {
                let n = self.rng.below(4) + 1;
                let places = self.places(&Ty::Array(n, Rc::new(elem.clone())), true);
                match places.len() {
                    0 => format!("{name}{{}}"),
                    len => {
                        let place = places[self.rng.below(len)].clone();
                        format!("{name}({place}[{}:])", self.rng.below(n))
                    }
                }
            }
            6 if *elem == Ty::Int(6) => format!("{name}({})", self.value(&Ty::Str, d)),
            6 if *elem == Ty::Int(3) => format!("{name}({})", self.value(&Ty::Str, d)),
            _ => {
                let n = self.rng.below(5);
                let keyed = self.rng.chance(15);
                let mut list = Vec::new();
                for i in 0..n {
                    let v = self.value(elem, d);
                    list.push(if keyed { format!("{}: {v}", i * 2) } else { v });
                }
                format!("{name}{{{}}}", list.join(", "))
            }
        }
    }

    fn array(&mut self, name: &str, n: usize, elem: &Ty, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        if depth > 0 && self.rng.chance(10) {
            let s = Ty::Slice(Rc::new(elem.clone()));
            let pad = format!("append(clip({}), make({}, {n})...)", self.value(&s, d), self.types.text(&s));
            return format!("{name}({pad})");
        }
        let count = if self.rng.chance(20) { 0 } else { n.min(6) };
        let list: Vec<String> = (0..count).map(|_| self.value(elem, d)).collect();
        format!("{name}{{{}}}", list.join(", "))
    }

    fn map(&mut self, name: &str, key: &Ty, value: &Ty, depth: usize) -> String {
        if depth == 0 {
            return if self.rng.chance(20) { format!("{name}(nil)") } else { format!("{name}{{}}") };
        }
        let mut text = format!("{name}{{");
        for _ in 0..self.rng.below(4) {
            let k = self.value(key, depth - 1);
            let v = self.value(value, depth - 1);
            // Never constant, since constant keys must not be equal.
            let _ = write!(text, "id({}({k})): {v}, ", self.types.text(key));
        }
        text + "}"
    }

    fn pointer(&mut self, elem: &Ty, depth: usize) -> String {
        let name = self.types.text(elem);
        let places = self.places(elem, true);
        if !places.is_empty() && self.rng.chance(60) {
            return format!("&{}", self.rng.pick(&places));
        }
        match self.rng.below(12) {
            0 => format!("(*{name})(nil)"),
            1..=4 => format!("new({name})"),
            _ => format!("ref[{name}]({})", self.value(elem, depth.saturating_sub(1))),
        }
    }

    fn func(&mut self, sig: &Rc<Sig>, depth: usize, ty: &Ty) -> String {
        if self.rng.chance(3) {
            return format!("({})(nil)", self.types.text(ty));
        }
        if depth > 0
            && self.rng.chance(25)
            && let Some(value) = self.method_value(sig, depth - 1)
        {
            return value;
        }
        let mark = self.vars.len();
        let mut params = Vec::new();
        for p in &sig.params {
            let name = self.fresh("p");
            self.declare(&name, p.clone(), true);
            params.push(format!("{name} {}", self.types.text(p)));
        }
        let outer = std::mem::replace(&mut self.in_literal, true);
        let results: Vec<String> = sig.results.iter().map(|r| self.value(r, depth.saturating_sub(1))).collect();
        self.in_literal = outer;
        self.vars.truncate(mark);
        let types: Vec<String> = sig.results.iter().map(|r| self.types.text(r)).collect();
        format!("func({}) ({}) {{ return {} }}", params.join(", "), types.join(", "), results.join(", "))
    }
}
