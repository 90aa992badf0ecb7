//! Statements that use the generic types and functions of `containers.go`.

use std::rc::Rc;

use super::program::Generator;
use super::types::{Sig, Ty};

impl Generator {
    pub fn container(&mut self) -> String {
        let (a, c) = (self.some_type(1), self.some_type(1));
        let (ta, tc) = (self.types.text(&a), self.types.text(&c));
        let (va, wa, vc) = (self.value(&a, 2), self.value(&a, 1), self.value(&c, 1));
        let name = self.fresh("v");
        let x = self.fresh("x");
        let mapping = |g: &mut Generator, from: &Ty, to: &Ty| {
            let sig = Rc::new(Sig { params: vec![from.clone()], results: vec![to.clone()] });
            let p = g.fresh("p");
            let mark = g.vars.len();
            g.declare(&p, from.clone(), true);
            let value = g.value(to, 2);
            g.vars.truncate(mark);
            let (from, to) = (g.types.text(&sig.params[0]), g.types.text(&sig.results[0]));
            format!("func({p} {from}) {to} {{ return {value} }}")
        };
        let show_a = self.show(&x, &a);
        let show_c = self.show(&x, &c);
        match self.rng.below(12) {
            0 => {
                let f = mapping(self, &a, &c);
                format!(
                    "{{\n{name} := some[{ta}]({va})\nprintln({name}.ok)\n{{ {x} := {name}.Or({wa}); {show_a} }}\n{{ {x}, _ := {name}.Then({f}).Get(); {show_c} }}\n{name}.Set({wa})\n{{ {x} := {name}.v; {show_a} }}\n}}\n"
                )
            }
            1 => format!(
                "{{\n{name} := pair[{ta}, {tc}]{{{va}, {vc}}}\n{{ {x} := {name}.Swap().First; {show_c} }}\n{{ {x} := {name}.Swap().Swap().First; {show_a} }}\n}}\n"
            ),
            2 => {
                let exit = *self.rng.pick(&["", "if i == 1 { break }", "if i == 0 { continue }"]);
                format!(
                    "{{\nvar {name} list[{ta}]\n{name}.Push({va}, {wa})\n{name}.Push()\n{name}.Push({wa})\nfor i, {x} := range {name}.All() {{\n{exit}\nprintln(i)\n{show_a}\n}}\nprintln({name}.n)\n}}\n"
                )
            }
            3 => {
                let f = mapping(self, &a, &c);
                format!(
                    "{{\nvar {name} list[{ta}]\n{name}.Push({va}, {wa})\nfor _, {x} := range {name}.Mapped({f}).All() {{\n{show_c}\n}}\nprintln({name}.Fold(0, func(n int, _ {ta}) int {{ return n*2 + 1 }}))\n}}\n"
                )
            }
            4 => {
                let k = self.some_key();
                let tk = self.types.text(&k);
                let keys: Vec<String> = (0..4).map(|_| self.value(&k, 1)).collect();
                format!(
                    "{{\n{name} := set[{tk}]{{}}\n{name}.Add({})\n{name}.Remove({})\nprintln(len({name}), {name}.Has({}))\n}}\n",
                    keys[..3].join(", "),
                    keys[1],
                    keys[3]
                )
            }
            5 => {
                let k = self.rng.pick(&[Ty::Int(0), Ty::Int(1), Ty::Str, Ty::Int(9), Ty::Float(64)]).clone();
                let tk = self.types.text(&k);
                let keys: Vec<String> = (0..4).map(|_| self.value(&k, 2)).collect();
                format!(
                    "{{\nvar {name} *tree[{tk}, {ta}]\n{name} = {name}.Put({}, {va}).Put({}, {wa}).Put({}, {va})\n{name}.Walk(func(k {tk}, {x} {ta}) bool {{ println(k); {show_a}; return k != {} }})\n}}\n",
                    keys[0], keys[1], keys[2], keys[3]
                )
            }
            6 => format!(
                "{{\n{name} := wrapped[{ta}]{{option: some[{ta}]({va}), list: &list[{ta}]{{}}, name: \"w\"}}\n{name}.Push({wa}, {va})\n{name}.Set({wa})\nprintln({name}.n, {name}.ok, {name}.Fold(1, func(n int, _ {ta}) int {{ return n + 1 }}))\nvar i interface {{ Push(...{ta}) }} = {name}\ni.Push({va})\nf := {name}.Get\n{{ {x}, ok := f(); println(ok, {name}.list.n); {show_a} }}\n}}\n"
            ),
            7 => {
                let f = mapping(self, &a, &c);
                let s = self.value(&Ty::Slice(Rc::new(a.clone())), 2);
                format!("for _, {x} := range mapped(shorten({s}), {f}) {{\nif !tick() {{ break }}\n{show_c}\n}}\n")
            }
            8 => {
                let (f, g) = (mapping(self, &a, &c), mapping(self, &c, &a));
                format!("{{\n{name} := compose({f}, {g})\n{{ {x} := compose({name}, {name})({va}); {show_a} }}\n}}\n")
            }
            9 => {
                let list: Vec<String> = (0..3).map(|_| self.value(&Ty::Int(0), 2)).collect();
                format!("println(least(weight({}), weight({}), weight({})))\n", list[0], list[1], list[2])
            }
            10 => {
                let t = self.some_int();
                let tt = self.types.text(&t);
                let s = self.value(&Ty::Slice(Rc::new(t)), 2);
                format!(
                    "{{\ntype local {tt}\n{name} := vec[local]{{1, 2, local(sum({s}))}}\nprintln(sum({name}), len({name}), sum(vec[{tt}](nil)))\n}}\n"
                )
            }
            _ => {
                let k = self.some_key();
                let tk = self.types.text(&k);
                let keys: Vec<String> = (0..3).map(|_| self.value(&k, 1)).collect();
                let f = mapping(self, &k, &a);
                format!(
                    "{{\n{name} := cached({f})\nfor _, k := range []{tk}{{{}}} {{\n{x} := {name}(k)\n{show_a}\n}}\n}}\n",
                    keys.join(", ")
                )
            }
        }
    }
}
