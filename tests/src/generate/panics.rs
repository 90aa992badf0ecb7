//! Panics: of the runtime and of the program, recovered, replaced and at a program's end; and what misused iterators do.

use std::fmt::Write as _;
use std::rc::Rc;

use super::program::Generator;
use super::types::Ty;

impl Generator {
    /// A function literal whose last operation is the only one that can panic, so that the message is certain.
    fn exact(&mut self) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let n = self.rng.below(5);
        let kinds = ["int", "int8", "uint8", "int64", "uint64", "uint32", "uintptr"];
        let kind = *self.rng.pick(&kinds);
        let index = match self.rng.below(4) {
            0 if !kind.starts_with('u') => format!("idn({kind}(-{}))", 1 + self.rng.below(100)),
            1 if kind == "uint64" => "idn(uint64(1) << 63)".into(),
            _ => format!("idn({kind}({}))", self.rng.below(8)),
        };
        let bound = |g: &mut Generator| match g.rng.below(5) {
            0 => String::new(),
            1 => format!("idn(-{})", 1 + g.rng.below(3)),
            _ => format!("idn({})", g.rng.below(9)),
        };
        let (i, j) = (bound(self), bound(self));
        let body = match self.rng.below(25) {
            0 => format!("_ = make([]{t}, {n})[{index}]"),
            1 => format!("s := make([]{t}, {n}, 7)\ni := {index}\ns[i] = *new({t})"),
            2 => format!("_ = idn({:?})[{index}]", "x".repeat(n)),
            3 => format!("var a [{n}]{t}\n_ = a[{index}]"),
            4 => format!("p := idn(new([{n}]{t}))\np[{index}] = *new({t})"),
            5 => format!("println(len(make([]{t}, {n}, 6)[{i}:{j}]))"),
            6 => format!("println(len(idn({:?})[{i}:{j}]))", "y".repeat(n)),
            7 => format!("var a [{n}]{t}\nprintln(len(a[{i}:{j}]))"),
            8 => {
                let k = self.rng.below(9);
                let j = if j.is_empty() { "idn(1)".into() } else { j };
                format!("println(cap(make([]{t}, {n}, 6)[{i}:{j}:idn({k})]))")
            }
            9 => format!("_ = [{}]{t}(make([]{t}, {n}))", self.rng.below(6)),
            10 => format!("_ = (*[{}]{t})(make([]{t}, {n}))\n(*[0]{t})([]{t}(nil))[{index}] = *new({t})", n.min(2)),
            11 => format!("var m map[int]{t}\nm[idn({n})] = *new({t})"),
            12 => format!("p := idn((*{t})(nil))\nprintln(\"before\")\n*p = *new({t})"),
            13 => format!("p := idn((*struct {{ a [{n}]{t}; b int }})(nil))\nprintln(p.b)"),
            14 => {
                let kind = self.some_int();
                let t = self.types.text(&kind);
                let op = *self.rng.pick(&["/", "%"]);
                format!("x, y := idn({t}({n})), idn({t}(0))\nprintln(x {op} y)")
            }
            15 => {
                let kind = *self.rng.pick(&["int", "int8", "int64"]);
                format!("println(idn(uint16({n})) {} idn({kind}(-{n}-1)))", self.rng.pick(&["<<", ">>"]))
            }
            16 => {
                let (value, other) = (self.some_type(1), self.some_type(1));
                let t = self.types.text(&value);
                format!("x := any(*new({t}))\n_ = x.({})", self.types.text(&other))
            }
            17 => {
                let n = self.rng.below(self.types.interfaces.len());
                let value = self.some_type(1);
                format!("x := any(*new({}))\n_ = x.({})", self.types.text(&value), self.types.interfaces[n].name)
            }
            18 => match self.rng.below(4) {
                0 => "println(len(make([]int, idn(-1))))".into(),
                1 => format!("println(len(make([]{t}, 2, idn(1))))"),
                2 => "println(len(make([]int, idn(1) << 62)))".into(),
                _ => "println(cap(make(chan int, idn(-5))))".into(),
            },
            19 => {
                let what = *self.rng.pick(&["close(ch)", "ch <- 1"]);
                format!("ch := make(chan int, 3)\nch <- {n}\nclose(ch)\nprintln(<-ch)\n{what}")
            }
            20 => "var ch chan int\nclose(ch)".into(),
            21 => {
                let value = self.some_type(1);
                let t = self.types.text(&value);
                format!("m := map[any]int{{}}\nprintln(m[any(*new({t}))])\nm[any(*new({t}))]++\nprintln(len(m))")
            }
            22 => {
                let value = self.some_type(1);
                let t = self.types.text(&value);
                format!("x, y := any(*new({t})), any(*new({t}))\nprintln(id(x) == id(y))")
            }
            23 => format!("var f func() {t}\n_ = f()"),
            _ => {
                let value = self.panic_value();
                format!("panic({value})")
            }
        };
        format!("func() {{\n{body}\n}}")
    }

    /// A panic of which the message is compared.
    pub fn exact_panic(&mut self) -> String {
        format!("exactly({})\n", self.exact())
    }

    fn panic_value(&mut self) -> String {
        match self.rng.below(6) {
            0 => "thrown{7, \"thrown\"}".into(),
            1 => "\"text\"".into(),
            2 => "nil".into(),
            3 => "&thrown{8, \"pointer\"}".into(),
            4 => format!("error(thrown{{{}, \"error\"}})", self.rng.below(9)),
            _ => {
                let t = self.basic();
                self.value(&t, 1)
            }
        }
    }

    pub fn panic_statement(&mut self) -> String {
        let what = if self.rng.chance(30) {
            let t = self.some_type(1);
            self.value(&t, 2)
        } else {
            self.panic_value()
        };
        format!("if {} {{ panic({what}) }}\n", self.condition(2))
    }

    /// Range over functions that do not keep the rules, and what comes of it.
    pub fn iterator_misuse(&mut self) -> String {
        let (i, n) = (self.fresh("i"), self.rng.below(4));
        let iterator = *self.rng.pick(&["stubborn", "swallowing", "leaking", "repeating"]);
        let exit = match self.rng.below(4) {
            0 => "break".to_owned(),
            1 => "continue".into(),
            2 => "return".into(),
            _ => format!("panic({})", self.panic_value()),
        };
        let mark = self.vars.len();
        self.declare(&i, Ty::Int(0), true);
        let (results, labels, loops) =
            (std::mem::take(&mut self.results), std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
        let body = self.assignment();
        (self.results, self.labels, self.loops) = (results, labels, loops);
        self.vars.truncate(mark);
        let later = if iterator == "leaking" && self.rng.chance(60) { "kept(1)\n" } else { "" };
        format!(
            "exactly(func() {{\ndefer println(\"after {iterator}\")\nfor {i} := range {iterator}({n}) {{\n{body}println({i})\nif {i} == {} {{ {exit} }}\n}}\n{later}}})\n",
            self.rng.below(4)
        )
    }

    /// What `main` ends with.
    pub fn ending(&mut self) -> String {
        let mut text = "\tfuel = 3000\n".to_owned();
        match self.rng.below(20) {
            0..=7 => return String::new(),
            8 | 9 => {
                let proc = self.procs.last().expect("there are some").clone();
                let (call, _) = self.call(&proc);
                let ty = self.some_type(1);
                let value = self.value(&ty, 2);
                let _ = writeln!(text, "\t{call}\n\tpanic({value})");
            }
            10..=12 => {
                let _ = writeln!(text, "\tprintln(\"exact ending\")\n\t{}()", self.exact());
            }
            13 => {
                let (first, second) = (self.exact(), self.exact());
                let _ = writeln!(text, "\tprintln(\"exact ending\")\n\tdefer {second}()\n\t{first}()");
            }
            14 => {
                // A panic that is recovered and raised again.
                let (first, again) = (self.exact(), self.rng.chance(50));
                let value = if again { "e".to_owned() } else { "thrown{9, \"instead\"}".into() };
                let _ = writeln!(
                    text,
                    "\tprintln(\"exact ending\")\n\tdefer func() {{ e := recover(); println(e != nil); panic({value}) }}()\n\t{first}()"
                );
            }
            15 => {
                let _ = writeln!(
                    text,
                    "\tprintln(\"exact ending\")\n\tdone := make(chan bool)\n\tgo func() {{\n\tfunc() {{ defer println(\"deferred\"); {}() }}()\n\tdone <- true\n\t}}()\n\t<-done",
                    self.exact()
                );
            }
            16 => {
                let _ = writeln!(text, "\tdefer println(\"not run\")\n\tos.Exit({})", self.rng.below(200));
            }
            17 => {
                let how = *self.rng.pick(&[
                    "<-make(chan int)",
                    "select {}",
                    "make(chan int) <- 1",
                    "var ch chan int\n\t<-ch",
                    "var mu sync.Mutex\n\tmu.Lock()\n\tmu.Lock()",
                    "var wg sync.WaitGroup\n\twg.Add(1)\n\twg.Wait()",
                    "for range make(chan bool) {\n\t}",
                ]);
                let _ = writeln!(text, "\tdefer println(\"not run\")\n\t{how}");
            }
            18 => text += "\tdefer println(\"exiting\")\n\truntime.Goexit()\n",
            _ => {
                let result = Rc::new(super::types::Sig { params: vec![], results: vec![] });
                let body = self.body(&result);
                let _ = writeln!(text, "\tfunc() {body}()");
            }
        }
        text
    }
}
