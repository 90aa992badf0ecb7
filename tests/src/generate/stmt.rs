//! Statements and function bodies.

use std::fmt::Write as _;
use std::rc::Rc;

use super::program::{Generator, Proc, Scope};
use super::types::{Sig, Ty, is_open};

impl Generator {
    /// Result list and block of a function whose parameters are declared.
    pub fn body(&mut self, sig: &Rc<Sig>) -> String {
        let named = self.rng.chance(60);
        let outer_results = std::mem::take(&mut self.results);
        let outer_labels = std::mem::take(&mut self.labels);
        let outer_loops = std::mem::take(&mut self.loops);
        let mark = self.vars.len();
        let procs = self.procs.len();
        let mut header = Vec::new();
        for r in &sig.results {
            let name = self.fresh("r");
            if named {
                header.push(format!("{name} {}", self.types.text(r)));
                self.declare(&name, r.clone(), true);
            } else {
                header.push(self.types.text(r));
            }
            self.results.push((if named { name } else { String::new() }, r.clone()));
        }
        let mut text = format!("({}) {{\n", header.join(", "));
        let exit = self.bare_exit(sig);
        let _ = writeln!(text, "if !tick() {{ {exit} }}");
        if self.rng.chance(35) {
            text += &self.recovering_defer();
        }
        let n = 2 + self.rng.below(5);
        for _ in 0..n {
            text += &self.statement(3);
        }
        text += &self.return_statement();
        self.vars.truncate(mark);
        self.procs.truncate(procs);
        self.results = outer_results;
        self.labels = outer_labels;
        self.loops = outer_loops;
        text + "}"
    }

    fn bare_exit(&self, sig: &Sig) -> String {
        let zeros: Vec<String> = sig.results.iter().map(|r| format!("*new({})", self.types.text(r))).collect();
        format!("return {}", zeros.join(", "))
    }

    fn return_statement(&mut self) -> String {
        let results = self.results.clone();
        if !results.is_empty() && !results[0].0.is_empty() && self.rng.chance(40) {
            // Results may be shadowed only by fresh names, so this is always allowed.
            return "return\n".into();
        }
        let values: Vec<String> = results.iter().map(|(_, t)| self.assigned(t, 2)).collect();
        format!("return {}\n", values.join(", "))
    }

    /// A value to assign. gc builds a literal right in the variable, so that a panic in the middle of it leaves a part;
    /// as an argument it is complete before the assignment.
    pub fn assigned(&mut self, ty: &Ty, depth: usize) -> String {
        let value = self.value(ty, depth);
        let literal = matches!(self.types.under(ty), Ty::Struct(_) | Ty::Array(..) | Ty::Slice(_) | Ty::Map(..));
        if literal && value.ends_with('}') { format!("id({value})") } else { value }
    }

    pub fn recovering_defer(&mut self) -> String {
        let mut text = "defer func() {\nif e := recover(); e != nil {\nif err, ok := e.(error); ok { println(\"recovered\", err.Error()) } else { showAny(e) }\n".to_owned();
        let results = self.results.clone();
        for (name, ty) in results {
            if !name.is_empty() && self.rng.chance(70) {
                let _ = writeln!(text, "{name} = {}", self.assigned(&ty, 2));
            }
        }
        text += "}\n";
        let saved = std::mem::take(&mut self.results);
        let (labels, loops) = (std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
        if self.rng.chance(50) {
            text += &self.block(1);
        }
        (self.results, self.labels, self.loops) = (saved, labels, loops);
        text + "}()\n"
    }

    pub fn block(&mut self, depth: usize) -> String {
        let mark = self.vars.len();
        let procs = self.procs.len();
        let mut text = String::new();
        for _ in 0..self.rng.below(3) + 1 {
            text += &self.statement(depth);
        }
        self.vars.truncate(mark);
        self.procs.truncate(procs);
        text
    }

    pub fn new_var(&mut self, text: &mut String, name: &str, ty: Ty) {
        let _ = writeln!(text, "_ = {name}");
        self.declare(name, ty, true);
    }

    pub fn statement(&mut self, depth: usize) -> String {
        if self.budget == 0 {
            return self.show_statement();
        }
        self.budget -= 1;
        let compound = depth > 0;
        match self.rng.below(44) {
            0..=3 => {
                let ty = self.some_type(2);
                let name = self.fresh("v");
                let t = self.types.text(&ty);
                let value = self.value(&ty, 3);
                let mut text = match self.rng.below(4) {
                    0 => format!("var {name} {t}\n"),
                    1 => format!("var {name} {t} = {value}\n"),
                    2 => format!("var {name} = ({t})({value})\n"),
                    _ => format!("{name} := ({t})({value})\n"),
                };
                self.new_var(&mut text, &name, ty);
                text
            }
            4..=8 => self.assignment(),
            9 => self.multiple_assignment(),
            10 | 11 => self.show_statement(),
            12..=14 => self.call_statement(),
            15 => self.map_statement(),
            16 => self.slice_statement(),
            17 if compound => self.closure(depth),
            18 | 19 if compound => self.if_statement(depth),
            20 | 21 if compound => self.for_statement(depth),
            22 | 23 if compound => self.range_statement(depth),
            24 if compound => self.switch_statement(depth),
            25 if compound => self.type_switch(depth),
            26 if compound => self.goto_statement(depth),
            27 => self.jump(),
            28 => self.defer_statement(depth),
            29 => self.assertion(),
            30 => self.traced(),
            31 if compound => {
                let mut text = "func() {\n".to_owned();
                let (results, labels, loops) = (
                    std::mem::take(&mut self.results),
                    std::mem::take(&mut self.labels),
                    std::mem::take(&mut self.loops),
                );
                text += &self.recovering_defer();
                text += &self.block(depth - 1);
                (self.results, self.labels, self.loops) = (results, labels, loops);
                text + "}()\n"
            }
            32 => self.panic_statement(),
            33 if compound => self.loop_closures(),
            34 | 35 => self.exact_panic(),
            36 if compound => self.iterator_misuse(),
            37 | 38 if compound => self.concurrent(depth),
            39 | 40 => self.container(),
            41 => self.aliasing(),
            42 if compound => self.labelled_switch(depth),
            _ => self.assignment(),
        }
    }

    /// Somewhere to assign to.
    pub fn target(&mut self) -> Option<(String, Ty)> {
        for _ in 0..6 {
            let ty = if self.rng.chance(60) && !self.vars.is_empty() {
                let n = self.rng.below(self.vars.len());
                self.vars[n].ty.clone()
            } else {
                self.some_type(1)
            };
            let places = self.places(&ty, true);
            if !places.is_empty() {
                return Some((self.rng.pick(&places).clone(), ty));
            }
        }
        None
    }

    pub fn assignment(&mut self) -> String {
        let Some((place, ty)) = self.target() else { return self.show_statement() };
        match self.types.under(&ty) {
            Ty::Int(_) | Ty::Param if self.rng.chance(40) => {
                if self.rng.chance(25) {
                    return format!("{place}{}\n", self.rng.pick(&["++", "--"]));
                }
                let op = *self.rng.pick(&["+", "-", "*", "&", "|", "^", "&^", "/", "%", "<<", ">>"]);
                let y = self.runtime_value(&ty, 1);
                match op {
                    "/" | "%" => format!("{place} {op}= {y} | 1\n"),
                    "<<" | ">>" => format!("{place} {op}= {y} & 31\n"),
                    _ => format!("{place} {op}= {y}\n"),
                }
            }
            Ty::Float(_) | Ty::Complex(_) if self.rng.chance(30) => {
                let op = *self.rng.pick(&["+", "-", "*", "/"]);
                format!("{place} {op}= {}\n", self.runtime_value(&ty, 1))
            }
            _ => format!("{place} = {}\n", self.assigned(&ty, 3)),
        }
    }

    fn multiple_assignment(&mut self) -> String {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for _ in 0..2 + self.rng.below(2) {
            if let Some((place, ty)) = self.target() {
                right.push(self.value(&ty, 1));
                left.push(place);
            }
        }
        if left.is_empty() { String::new() } else { format!("{} = {}\n", left.join(", "), right.join(", ")) }
    }

    pub fn show_statement(&mut self) -> String {
        if self.vars.is_empty() {
            return "println(\"here\")\n".into();
        }
        if self.rng.chance(25) {
            let ty = self.some_type(2);
            let value = self.value(&ty, 3);
            return self.show(&format!("({})({value})", self.types.text(&ty)), &ty) + "\n";
        }
        let n = self.vars.len() - 1 - self.rng.below(self.vars.len().min(8));
        let (name, ty) = (self.vars[n].name.clone(), self.vars[n].ty.clone());
        self.show(&name, &ty) + "\n"
    }

    fn call_statement(&mut self) -> String {
        if self.procs.is_empty() {
            return self.assignment();
        }
        let n = self.procs.len() - 1 - self.rng.below(self.procs.len().min(6));
        let proc = self.procs[n].clone();
        let (call, results) = self.call(&proc);
        if results.is_empty() {
            return if self.rng.chance(10) { format!("defer {call}\n") } else { call + "\n" };
        }
        if self.rng.chance(10) {
            return call + "\n";
        }
        let mut text = String::new();
        let names: Vec<String> = results.iter().map(|_| self.fresh("v")).collect();
        let binding: Vec<&str> = names.iter().map(|n| if self.rng.chance(15) { "_" } else { n.as_str() }).collect();
        if binding.iter().all(|b| *b == "_") {
            let _ = writeln!(text, "{} = {call}", binding.join(", "));
            return text;
        }
        let _ = writeln!(text, "{} := {call}", binding.join(", "));
        for (bound, ty) in binding.iter().zip(&results) {
            if *bound != "_" {
                self.new_var(&mut text, bound, ty.clone());
            }
        }
        text
    }

    fn map_statement(&mut self) -> String {
        let maps: Vec<(String, Rc<Ty>, Rc<Ty>)> = self
            .vars
            .iter()
            .filter_map(|v| match self.types.under(&v.ty) {
                Ty::Map(k, e) => Some((v.name.clone(), k, e)),
                _ => None,
            })
            .collect();
        if maps.is_empty() {
            return self.assignment();
        }
        let (name, k, e) = self.rng.pick(&maps).clone();
        let key = self.value(&k, 1);
        match self.rng.below(6) {
            0 => format!("delete({name}, {key})\n"),
            1 => {
                let (x, ok) = (self.fresh("v"), self.fresh("ok"));
                let mut text = format!("{x}, {ok} := {name}[{key}]\n");
                self.new_var(&mut text, &x, (*e).clone());
                self.new_var(&mut text, &ok, Ty::Bool);
                text
            }
            2 if self.rng.chance(30) => format!("clear({name})\n"),
            _ => {
                let value = self.value(&e, 2);
                if let Ty::Int(_) = self.types.under(&e)
                    && self.rng.chance(40)
                {
                    return format!("if {name} != nil {{ {name}[{key}] += {value} }}\n");
                }
                if self.rng.chance(95) {
                    format!("if {name} != nil {{ {name}[{key}] = {value} }}\n")
                } else {
                    format!("{name}[{key}] = {value}\n")
                }
            }
        }
    }

    fn slice_statement(&mut self) -> String {
        let slices: Vec<(String, Ty, Rc<Ty>)> = self
            .vars
            .iter()
            .filter_map(|v| match self.types.under(&v.ty) {
                Ty::Slice(e) if v.addressable => Some((v.name.clone(), v.ty.clone(), e)),
                _ => None,
            })
            .collect();
        if slices.is_empty() {
            return self.assignment();
        }
        let (name, ty, e) = self.rng.pick(&slices).clone();
        match self.rng.below(8) {
            0 => format!("println(copy({name}, {}))\n", self.value(&ty, 2)),
            1 => format!("println(copy({name}[min(1, len({name})):], {name}))\n"),
            2 if self.rng.chance(30) => format!("clear({name})\n"),
            3 => {
                let alias = self.fresh("v");
                let mut text = format!("{alias} := {name}[:{}:cap({name})]\n", "0");
                if self.rng.chance(60) {
                    text = format!("{alias} := part({name}, {}, {})\n", self.rng.below(4), self.rng.below(4));
                }
                self.new_var(&mut text, &alias, ty);
                text
            }
            4 => format!("if len({name}) > 1 {{ {name}[0], {name}[1] = {name}[1], {name}[0] }}\n"),
            5 if self.rng.chance(25) => {
                let (i, j) = (self.rng.below(4), self.rng.below(6));
                format!("{name} = {name}[min({i}, len({name})):][:min({j}, 1):]\n").replace(":]\n", "]\n")
            }
            _ => format!("{name} = append({name}, {})\n", self.value(&e, 2)),
        }
    }

    /// A closure that changes what it captures.
    fn closure(&mut self, depth: usize) -> String {
        let name = self.fresh("c");
        let params: Vec<Ty> = (0..self.rng.below(3)).map(|_| self.some_type(1)).collect();
        let results: Vec<Ty> = (0..self.rng.below(3)).map(|_| self.some_type(1)).collect();
        let sig = Rc::new(Sig { params, results });
        let mark = self.vars.len();
        let params = self.params(&sig);
        let outer = self.results.clone();
        let budget = self.budget;
        self.budget = budget.min(5);
        let body = if depth > 1 { self.body(&sig) } else { self.short_body(&sig) };
        self.budget = budget.saturating_sub(5);
        self.results = outer;
        self.vars.truncate(mark);
        self.procs.retain(|p| p.name != name);
        self.procs.push(Proc { name: name.clone(), sig, scope: Scope::default() });
        format!("{name} := func({params}) {body}\n_ = {name}\n")
    }

    fn short_body(&mut self, sig: &Rc<Sig>) -> String {
        let types: Vec<String> = sig.results.iter().map(|r| self.types.text(r)).collect();
        let saved = std::mem::take(&mut self.results);
        let change = self.assignment();
        self.results = saved;
        let values: Vec<String> = sig.results.iter().map(|r| self.assigned(r, 2)).collect();
        format!("({}) {{\n{change}return {}\n}}", types.join(", "), values.join(", "))
    }

    fn if_statement(&mut self, depth: usize) -> String {
        let mut text = format!("if {} {{\n{}}}", self.condition(2), self.block(depth - 1));
        if self.rng.chance(40) {
            let _ = write!(text, " else if {} {{\n{}}}", self.condition(1), self.block(depth - 1));
        }
        if self.rng.chance(50) {
            let _ = write!(text, " else {{\n{}}}", self.block(depth - 1));
        }
        text + "\n"
    }

    /// In parentheses, because of composite literals.
    pub fn condition(&mut self, depth: usize) -> String {
        format!("bool({})", self.runtime_value(&Ty::Bool, depth))
    }

    pub fn loop_body(&mut self, depth: usize) -> (String, String) {
        let label = self.fresh("L");
        self.labels.push(label.clone());
        self.loops += 1;
        let body = self.block(depth - 1);
        self.loops -= 1;
        self.labels.pop();
        let used = ["break", "continue"].iter().any(|word| body.contains(&format!("{word} {label}\n")));
        (if used { format!("{label}:\n") } else { String::new() }, body)
    }

    fn for_statement(&mut self, depth: usize) -> String {
        let mark = self.vars.len();
        let text = match self.rng.below(4) {
            0 => {
                let (label, body) = self.loop_body(depth);
                format!("{label}for tick() && {} {{\n{body}}}\n", self.condition(2))
            }
            1 => {
                let i = self.fresh("i");
                self.declare(&i, Ty::Int(0), true);
                let (label, body) = self.loop_body(depth);
                format!("{label}for {i} := {}; {i} > 0 && tick(); {i} -= 2 {{\n{body}}}\n", self.rng.below(9))
            }
            _ => {
                let i = self.fresh("i");
                let ty = if self.rng.chance(70) { Ty::Int(0) } else { self.some_int() };
                self.declare(&i, ty.clone(), true);
                let (label, body) = self.loop_body(depth);
                let start = self.types.text(&ty);
                format!("{label}for {i} := {start}(0); {i} < {} && tick(); {i}++ {{\n{body}}}\n", self.rng.below(6))
            }
        };
        self.vars.truncate(mark);
        text
    }

    fn range_statement(&mut self, depth: usize) -> String {
        let mark = self.vars.len();
        let (i, x) = (self.fresh("i"), self.fresh("x"));
        let over;
        let mut vars = Vec::new();
        match self.rng.below(8) {
            0 => {
                let t = self.some_int();
                over = format!("{}(id({}))", self.types.text(&t), self.rng.below(6));
                vars.push((i, t));
            }
            1 => {
                over = self.value(&Ty::Str, 2);
                vars.extend([(i, Ty::Int(0)), (x, Ty::Int(3))]);
            }
            2 => {
                over = format!("count({})", self.rng.below(6));
                vars.push((i, Ty::Int(0)));
            }
            3 | 4 => {
                let e = self.some_type(1);
                over = format!("pairs({})", self.value(&Ty::Slice(Rc::new(e.clone())), 2));
                vars.extend([(i, Ty::Int(0)), (x, e)]);
            }
            5 => {
                let e = self.some_type(1);
                let n = self.rng.below(4) + 1;
                let array = Ty::Array(n, Rc::new(e.clone()));
                let array = if self.rng.chance(30) { Ty::Ptr(Rc::new(array)) } else { array };
                over = self.value(&array, 2);
                vars.extend([(i, Ty::Int(0)), (x, e)]);
            }
            6 => {
                let k = if self.rng.chance(50) { Ty::Str } else { Ty::Int(0) };
                let m = Ty::Map(Rc::new(k.clone()), Rc::new(self.some_type(1)));
                over = format!("keys({})", self.value(&m, 2));
                vars.extend([(i, Ty::Int(0)), (x, k)]);
            }
            _ => {
                let e = self.some_type(1);
                over = self.value(&Ty::Slice(Rc::new(e.clone())), 3);
                vars.extend([(i, Ty::Int(0)), (x, e)]);
            }
        }
        if vars.len() == 2 && self.rng.chance(20) {
            vars.pop();
        }
        let names: Vec<String> = vars.iter().map(|(n, _)| n.clone()).collect();
        let mut uses = String::new();
        for (name, ty) in vars {
            self.new_var(&mut uses, &name, ty);
        }
        let exit = "if !tick() { break }\n";
        if self.rng.chance(10) {
            self.vars.truncate(mark);
            return format!("for range ({over}) {{\n{exit}{}}}\n", self.show_statement());
        }
        let (label, body) = self.loop_body(depth);
        self.vars.truncate(mark);
        format!("{label}for {} := range ({over}) {{\n{exit}{uses}{body}}}\n", names.join(", "))
    }

    fn switch_statement(&mut self, depth: usize) -> String {
        let mark = self.loops;
        let mut text;
        let n = self.rng.below(4) + 1;
        if self.rng.chance(30) {
            text = "switch {\n".to_owned();
            for _ in 0..n {
                let _ = write!(text, "case {}:\n{}", self.condition(1), self.block(depth - 1));
                if self.rng.chance(10) {
                    text += "fallthrough\n";
                }
            }
            text += "default:\n";
        } else {
            let ty = self.some_key();
            text = format!("switch v := id({}); v {{\n", self.value(&ty, 2))
                .replace("v := id(", &format!("v := id[{}](", self.types.text(&ty)));
            for _ in 0..n {
                let mut cases = Vec::new();
                for _ in 0..self.rng.below(2) + 1 {
                    // Constant cases have to be distinct.
                    cases.push(format!("id[{}]({})", self.types.text(&ty), self.value(&ty, 1)));
                }
                let _ = write!(text, "case {}:\n{}", cases.join(", "), self.block(depth - 1));
                if self.rng.chance(20) {
                    text += "fallthrough\n";
                }
            }
            if let Ty::Int(_) = self.types.under(&ty) {
                for c in 0..self.rng.below(12) {
                    let _ = writeln!(text, "case {c}:\nprintln({c})");
                }
            }
            if ty == Ty::Str {
                text += "case \"a\", \"abc\":\nprintln(\"abc\")\ncase \"hello, world\", \"é世界\", \"b\":\nprintln(\"b\")\n";
            }
            text += "default:\n";
        }
        self.loops = mark;
        text + &self.block(depth - 1) + "}\n"
    }

    fn type_switch(&mut self, depth: usize) -> String {
        let operand = if self.rng.chance(70) {
            self.value(&Ty::Any, 2)
        } else {
            let n = self.rng.below(self.types.interfaces.len());
            format!("any({})", self.value(&Ty::Interface(n), 2))
        };
        let x = self.fresh("x");
        let mut text = format!("switch {x} := ({operand}).(type) {{\n");
        let mut seen: Vec<Ty> = Vec::new();
        for _ in 0..self.rng.below(5) + 1 {
            let mut types = Vec::new();
            for _ in 0..if self.rng.chance(25) { 2 } else { 1 } {
                let mut t = self.some_type(1);
                if is_open(&t) {
                    t = Ty::Int(1); // could be a duplicate otherwise
                }
                if !seen.contains(&t) && t != Ty::Any {
                    seen.push(t.clone());
                    types.push(t);
                }
            }
            if types.is_empty() {
                continue;
            }
            let names: Vec<String> = types.iter().map(|t| self.types.text(t)).collect();
            let bound = if types.len() == 1 { types[0].clone() } else { Ty::Any };
            let mark = self.vars.len();
            let mut body = String::new();
            self.new_var(&mut body, &x, bound);
            body += &self.block(depth - 1);
            self.vars.truncate(mark);
            let _ = write!(text, "case {}:\n{body}", names.join(", "));
        }
        let mark = self.vars.len();
        self.declare(&x, Ty::Any, true);
        let body = self.block(depth - 1);
        self.vars.truncate(mark);
        text + &format!("default:\n_ = {x}\n{body}}}\n")
    }

    fn goto_statement(&mut self, depth: usize) -> String {
        let (label, n) = (self.fresh("J"), self.fresh("n"));
        let (labels, loops) = (std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
        let body = self.block(depth - 1);
        (self.labels, self.loops) = (labels, loops);
        if self.rng.chance(50) {
            return format!(
                "{{\n{n} := 0\n{label}:\n{{\n{body}}}\n{n}++\nif {n} < {} && tick() {{ goto {label} }}\n}}\n",
                self.rng.below(5)
            );
        }
        format!("{{\nif {} {{ goto {label} }}\n{{\n{body}}}\n{label}:\nprintln(\"{label}\")\n}}\n", self.condition(2))
    }

    fn jump(&mut self) -> String {
        let text = match self.rng.below(4) {
            0 if !self.labels.is_empty() => format!("break {}", self.rng.pick(&self.labels)),
            1 if !self.labels.is_empty() => format!("continue {}", self.rng.pick(&self.labels)),
            2 if self.loops > 0 => "continue".into(),
            // The function may be a closure without results.
            _ if self.loops > 0 => {
                if self.rng.chance(50) {
                    "break".into()
                } else {
                    self.return_statement().trim_end().into()
                }
            }
            _ => return self.assignment(),
        };
        format!("if {} {{ {text}\n}}\n", self.condition(2))
    }

    fn defer_statement(&mut self, depth: usize) -> String {
        match self.rng.below(4) {
            0 => {
                let ty = self.some_type(1);
                let value = self.value(&ty, 2);
                let call = self.show(&format!("({})({value})", self.types.text(&ty)), &ty);
                format!("defer {call}\n")
            }
            1 => format!("defer println(\"deferred\", {})\n", self.value(&Ty::Int(0), 2)),
            2 => self.recovering_defer(),
            _ => {
                let (results, labels, loops) = (
                    std::mem::take(&mut self.results),
                    std::mem::take(&mut self.labels),
                    std::mem::take(&mut self.loops),
                );
                let body = self.block(depth.min(1));
                (self.results, self.labels, self.loops) = (results, labels, loops);
                format!("defer func() {{\n{body}}}()\n")
            }
        }
    }

    fn assertion(&mut self) -> String {
        let mut ty = self.some_type(1);
        if ty == Ty::Any {
            ty = Ty::Int(0);
        }
        let (x, ok) = (self.fresh("v"), self.fresh("ok"));
        let mut text = format!("{x}, {ok} := ({}).({})\n", self.value(&Ty::Any, 2), self.types.text(&ty));
        self.new_var(&mut text, &x, ty);
        self.new_var(&mut text, &ok, Ty::Bool);
        text
    }

    /// Closures that see their own iteration's variable.
    fn loop_closures(&mut self) -> String {
        let (list, i) = (self.fresh("l"), self.fresh("i"));
        let n = self.rng.below(5);
        let head = match self.rng.below(3) {
            0 => format!("for {i} := 0; {i} < {n}; {i}++"),
            1 => format!("for {i} := range {n}"),
            _ => format!("for {i} := range count({n})"),
        };
        format!(
            "var {list} []func() int\n{head} {{\n{list} = append({list}, func() int {{ {i} += 10; return {i} }})\nif {i} == 2 {{ {i}++ }}\n}}\nfor _, f := range {list} {{ println(f(), f()) }}\n"
        )
    }
}
