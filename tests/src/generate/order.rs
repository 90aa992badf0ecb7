//! Statements in which the order of evaluation, or what shares memory with what, can be seen.

use std::fmt::Write as _;
use std::rc::Rc;

use super::program::Generator;
use super::types::Ty;

impl Generator {
    /// Calls within one statement happen in order.
    pub fn traced(&mut self) -> String {
        let mut list = Vec::new();
        for _ in 0..6 {
            let n = self.rng.below(1000);
            list.push(format!("trace({n}, {})", self.rng.below(50)));
        }
        let [a, b, c, d, e, f] = &list[..] else { unreachable!("six") };
        let name = self.fresh("v");
        match self.rng.below(18) {
            0 => format!("println({a} + {b} * {c})\n"),
            1 => format!("println({a} > {b} && {c} < {d})\n"),
            2 => format!("println([]int{{{a}, {b}, {c}}}[{d} % 3])\n"),
            3 => format!("println(len(map[int]int{{{a}: {b}, {c}: {d}}}))\n"),
            4 => {
                let text = format!(
                    "{name} := make([]int, 50)\n{name}[{a}], {name}[{b}] = {c}, {d}\nprintln({name}[0], {name}[1], {name}[2])\n"
                );
                self.declare(&name, Ty::Slice(Rc::new(Ty::Int(0))), true);
                text
            }
            5 => format!("defer println({a}, {b})\n"),
            6 => format!("{{\nm := map[int]int{{}}\nm[{a}] += {b}\nm[{c}], m[{d}] = {e}, {f}\nprintln(len(m))\n}}\n"),
            7 => format!(
                "{{\ns := []int{{1, 2, 3}}\ni := 0\ni, s[i] = 2, {a}\ns[0], s[i], i = s[i], s[0], {b} % 3\nprintln(i, s[0], s[1], s[2])\n}}\n"
            ),
            8 => format!(
                "{{\np := &struct{{ a, b []int }}{{[]int{{{a}}}, []int{{{b}}}}}\np.a[0], p.b, p = {c}, nil, nil\nprintln(p == nil)\n}}\n"
            ),
            9 => format!("func(x ...int) {{ println(len(x), x[0]) }}({a}, {b}, {c})\n"),
            10 => format!(
                "switch {a} {{\ncase {b}, {c}:\nprintln(\"first\")\ncase {d}:\nprintln(\"second\")\ndefault:\nprintln(\"none\")\n}}\n"
            ),
            11 => format!(
                "{{\nch := make(chan int, 2)\ntrace(1, ch) <- {a}\nselect {{\ncase trace(2, ch) <- {b}:\ncase x := <-trace(3, (chan int)(nil)):\nprintln(x)\n}}\nprintln(<-ch, <-ch)\n}}\n"
            ),
            12 => format!(
                "for i, x := range trace(4, [...]int{{{a}, {b}}}) {{ println(i, x, {c}) }}\nfor range trace(5, 2) {{ println({d}) }}\n"
            ),
            13 => {
                format!("func() (r int) {{\ndefer func(x int) {{ r += x + {a} }}({b})\nr = {c}\nreturn {d} + r\n}}()\n")
            }
            14 => format!(
                "{{\ns := []int{{{a}, {b}}}\nf := func(i int, s []int) int {{ s[i] = {c}; return s[i] }}\ns[f(0, s) % 2] = f(1, s) - s[0]\nprintln(s[0], s[1])\n}}\n"
            ),
            15 => format!(
                "{{\nx := trace(6, struct{{ a, b int }}{{b: {a}, a: {b}}})\ny := x\ny.a, y.b = y.b, y.a\nprintln(x == y, x.a, y.a, any(x) == any(y))\n}}\n"
            ),
            16 => format!(
                "if x, y := {a}, {b}; x > y {{ println(x) }} else if z := {c}; z > x {{ println(z, y) }} else {{ println({d}) }}\n"
            ),
            _ => format!("println(min({a}, {b}), max({c}, {d}, {e}), string(rune({f} + 60)) + \"s\")\n"),
        }
    }

    /// Slices of one array.
    pub fn aliasing(&mut self) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let (s, r) = (self.fresh("v"), self.fresh("v"));
        let n = 1 + self.rng.below(4);
        let (i, j) = (self.rng.below(n + 1), self.rng.below(n + 1));
        let (i, j) = (i.min(j), i.max(j));
        let list: Vec<String> = (0..n).map(|_| self.value(&ty, 1)).collect();
        let mut text = format!("{s} := []{t}{{{}}}\n", list.join(", "));
        let third = if self.rng.chance(30) { format!(":{}", j + self.rng.below(n + 1 - j)) } else { String::new() };
        let _ = writeln!(text, "{r} := {s}[{i}:{j}{third}]");
        let slice = Ty::Slice(Rc::new(ty.clone()));
        self.declare(&s, slice.clone(), true);
        self.declare(&r, slice.clone(), true);
        for _ in 0..self.rng.below(4) + 1 {
            let x = self.value(&ty, 1);
            let _ = match self.rng.below(8) {
                0 => writeln!(text, "{r} = append({r}, {x})"),
                1 => writeln!(text, "{r} = append({r}, {s}...)"),
                2 => writeln!(text, "println(copy({s}, {r}), copy({s}[{i}:], {s}))"),
                3 => writeln!(text, "if len({r}) > 0 {{ {r}[0] = {x} }}"),
                4 => writeln!(text, "{r} = append({s}[:{i}], {s}[{j}:]...)"),
                5 => writeln!(text, "{s}, {r} = {r}, {s}"),
                6 => writeln!(
                    text,
                    "for i, x := range {s} {{ if len({s}) > 9 {{ break }}; if i == 0 {{ {s} = append({s}, x) }} }}"
                ),
                _ => writeln!(text, "{r} = append([]{t}{{{x}}}, {r}[:min(1, len({r}))]...)"),
            };
        }
        let (first, second) = (self.show(&s, &slice), self.show(&r, &slice));
        let _ = writeln!(text, "println(len({r}))\n{first}\n{second}\n{s}, {r} = shorten({s}), shorten({r})");
        text
    }

    /// A switch with a label, left from within loops.
    pub fn labelled_switch(&mut self, depth: usize) -> String {
        let (label, i) = (self.fresh("L"), self.fresh("i"));
        let (first, last) = (self.block(depth - 1), self.block(depth - 1));
        let value = self.value(&Ty::Int(0), 1);
        let n = self.rng.below(5);
        let inner = match self.rng.below(3) {
            0 => format!("for {i} := range {n} {{\nif {i} == 2 {{ break {label} }}\nprintln({i})\n}}"),
            1 => format!("for {i} := range count({n}) {{\nif {i} == 1 {{ break {label} }}\nprintln({i})\n}}"),
            _ => format!(
                "for {i} := range {n} {{\nswitch {i} {{\ncase 1:\ncontinue\ncase 3:\nbreak {label}\n}}\nprintln({i})\n}}"
            ),
        };
        format!(
            "{label}:\nswitch x := idn({value}); {{\ncase x > 3:\n{first}{inner}\nprintln(\"through\")\nfallthrough\ncase x < 0:\n{last}default:\nprintln(x == 0)\n}}\n"
        )
    }
}
