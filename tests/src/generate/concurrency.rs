//! Goroutines and channels with one possible outcome.
//!
//! A goroutine either runs statements while its creator waits for it, or evaluates what has no effects, or works on values of its own;
//! what it prints is ordered by channels.

use std::fmt::Write as _;
use std::rc::Rc;

use super::program::Generator;
use super::types::Ty;

impl Generator {
    pub fn concurrent(&mut self, depth: usize) -> String {
        match self.rng.below(10) {
            0 | 1 => self.rendezvous(depth),
            2 => self.producer(depth),
            3 => self.workers(),
            4 | 5 => self.select(depth),
            6 => self.channel_operations(),
            7 => self.pipeline(),
            8 => self.ping_pong(),
            _ => self.synchronised(),
        }
    }

    /// Statements in a place that none of the labels, loops and results around reach.
    fn isolated_block(&mut self, depth: usize) -> String {
        let (results, labels, loops) =
            (std::mem::take(&mut self.results), std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
        let body = self.block(depth);
        (self.results, self.labels, self.loops) = (results, labels, loops);
        body
    }

    fn rendezvous(&mut self, depth: usize) -> String {
        let done = self.fresh("ch");
        let body = self.isolated_block(depth - 1);
        let recovering = {
            let results = std::mem::take(&mut self.results);
            let text = self.recovering_defer();
            self.results = results;
            text
        };
        let end = if self.rng.chance(20) { "runtime.Goexit()\n" } else { "" };
        match self.rng.below(3) {
            0 => format!(
                "{{\n{done} := make(chan bool, {})\ngo func() {{\ndefer func() {{ recover(); close({done}) }}()\n{recovering}{body}{end}}}()\n<-{done}\n}}\n",
                self.rng.below(2)
            ),
            1 => format!(
                "{{\nvar {done} sync.WaitGroup\n{done}.Add(1)\ngo func() {{\ndefer func() {{ recover(); {done}.Done() }}()\n{recovering}{body}{end}}}()\n{done}.Wait()\n}}\n"
            ),
            _ => format!(
                "{{\nvar {done} sync.WaitGroup\n{done}.Go(func() {{\ndefer func() {{ recover() }}()\n{recovering}{body}{end}}})\n{done}.Wait()\n}}\n"
            ),
        }
    }

    fn producer(&mut self, depth: usize) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let (vals, ch, x) = (self.fresh("v"), self.fresh("ch"), self.fresh("x"));
        let values: Vec<String> = (0..self.rng.below(5)).map(|_| self.value(&ty, 1)).collect();
        let mark = self.vars.len();
        self.declare(&x, ty.clone(), true);
        let (label, body) = self.loop_body(depth);
        let show = self.show(&x, &ty);
        self.vars.truncate(mark);
        format!(
            "{{\n{vals} := []{t}{{{}}}\n{ch} := make(chan {t}, {})\ngo func() {{ defer close({ch}); for _, x := range {vals} {{ {ch} <- x }} }}()\n{label}for {x} := range {ch} {{\nif !tick() {{ break }}\n{show}\n{body}}}\n}}\n",
            values.join(", "),
            self.rng.below(6)
        )
    }

    fn workers(&mut self) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let (out, wg, i) = (self.fresh("v"), self.fresh("wg"), self.fresh("i"));
        let n = 1 + self.rng.below(4);
        let mark = self.vars.len();
        self.declare(&i, Ty::Int(0), false);
        let value = self.value(&ty, 3);
        self.vars.truncate(mark);
        let slice = Ty::Slice(Rc::new(ty));
        let show = self.show(&out, &slice);
        let mut text = format!(
            "{out} := make([]{t}, {n})\n{{\nvar {wg} sync.WaitGroup\nfor {i} := range {n} {{\n{wg}.Go(func() {{ defer func() {{ recover() }}(); {out}[{i}] = {value} }})\n}}\n{wg}.Wait()\n}}\n{show}\n"
        );
        self.new_var(&mut text, &out, slice);
        text
    }

    fn select(&mut self, depth: usize) -> String {
        let (a, b) = (self.some_type(1), self.some_type(1));
        let (ta, tb) = (self.types.text(&a), self.types.text(&b));
        let (c1, c2, x) = (self.fresh("ch"), self.fresh("ch"), self.fresh("x"));
        let (va, vb) = (self.value(&a, 2), self.value(&b, 2));
        let ready = self.rng.below(4);
        let setup = match ready {
            0 => format!("{c1} <- {va}\n"),
            1 => format!("{c2} <- {vb}\n{c2} <- *new({tb})\n"),
            2 => format!("close({c1})\n{c2} <- {vb}\n{c2} <- *new({tb})\n<-{c1}\n{c1} = nil\n"),
            _ => String::new(),
        };
        let mark = self.vars.len();
        let label = self.fresh("L");
        self.labels.push(label.clone());
        self.declare(&x, a.clone(), true);
        let first = self.show(&x, &a) + "\n" + &self.block(depth - 1);
        self.vars.truncate(mark);
        let second = self.block(depth - 1);
        let default = self.block(depth - 1);
        self.labels.pop();
        // The second channel has room unless it was filled, so one case at most is ready.
        let mut text = format!("{{\n{c1}, {c2} := make(chan {ta}, 1), make(chan {tb}, 2)\n{setup}");
        let send = match ready {
            1 | 2 => format!("case {c2} <- {vb}:\nprintln(\"full\")\n"),
            _ => format!("case x, ok := <-{c2}:\n_ = x\nprintln(ok)\n"),
        };
        let ends = if ready == 0 && self.rng.chance(50) { String::new() } else { format!("default:\n{default}") };
        // A select takes no `continue`, and its label only if that is used.
        let whole = format!(
            "select {{\ncase {x} := <-{c1}:\n_ = {x}\n{first}{send}case <-(chan bool)(nil):\n{second}{ends}}}\n"
        );
        let whole = whole.replace(&format!("continue {label}\n"), &format!("break {label}\n"));
        if whole.contains(&format!("break {label}\n")) {
            let _ = writeln!(text, "{label}:");
        }
        text + &whole + "}\n"
    }

    fn channel_operations(&mut self) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let ch = self.fresh("ch");
        let n = 1 + self.rng.below(4);
        let mut text = format!("{{\n{ch} := make(chan {t}, {n})\n");
        let mut filled = 0;
        let mut closed = false;
        for _ in 0..self.rng.below(8) + 1 {
            match self.rng.below(5) {
                0 | 1 if filled < n && !closed => {
                    let _ = writeln!(text, "{ch} <- {}", self.value(&ty, 2));
                    filled += 1;
                }
                2 | 3 if filled > 0 || closed => {
                    let (x, ok) = (self.fresh("x"), self.fresh("ok"));
                    let show = self.show(&x, &ty);
                    let _ = writeln!(text, "{x}, {ok} := <-{ch}\nprintln({ok})\n{show}");
                    filled = filled.saturating_sub(1);
                }
                4 if !closed => {
                    let _ = writeln!(text, "close({ch})");
                    closed = true;
                }
                _ => {
                    let _ = writeln!(text, "println(len({ch}), cap({ch}), {ch} == nil)");
                }
            }
        }
        text + "}\n"
    }

    fn pipeline(&mut self) -> String {
        let ty = self.some_type(1);
        let t = self.types.text(&ty);
        let result = self.some_type(1);
        let r = self.types.text(&result);
        let (source, x) = (self.fresh("v"), self.fresh("x"));
        let values: Vec<String> = (0..self.rng.below(4)).map(|_| self.value(&ty, 1)).collect();
        let mark = self.vars.len();
        self.declare(&x, ty, true);
        let value = self.assigned(&result, 2);
        self.vars.truncate(mark);
        let y = self.fresh("x");
        let show = self.show(&y, &result);
        format!(
            "{{\n{source} := []{t}{{{}}}\nfor {y} := range stage(feed({source}), func({x} {t}) (r {r}) {{ defer func() {{ recover() }}(); return {value} }}) {{\n{show}\n}}\n}}\n",
            values.join(", ")
        )
    }

    fn ping_pong(&mut self) -> String {
        let (a, b) = (self.fresh("ch"), self.fresh("ch"));
        let n = self.rng.below(5);
        format!(
            "{{\n{a}, {b} := make(chan int), make(chan int)\ngo func() {{\ndefer close({b})\nfor x := range {a} {{ println(\"ping\", x); {b} <- x * {} }}\n}}()\nfor i := range {n} {{ {a} <- i; println(\"pong\", <-{b}) }}\nclose({a})\n_, ok := <-{b}\nprintln(ok)\n}}\n",
            self.rng.below(9)
        )
    }

    fn synchronised(&mut self) -> String {
        let (mu, n) = (self.fresh("mu"), 1 + self.rng.below(6));
        match self.rng.below(4) {
            0 => format!(
                "{{\nvar {mu} sync.Mutex\nvar wg sync.WaitGroup\nsum := 0\nfor i := range {n} {{ wg.Go(func() {{ {mu}.Lock(); defer {mu}.Unlock(); sum += i * i }}) }}\nwg.Wait()\nprintln(sum)\n}}\n"
            ),
            1 => {
                let ty = self.some_type(1);
                let value = self.value(&ty, 2);
                let t = self.types.text(&ty);
                let show = self.show(&format!("{mu}()"), &ty);
                format!(
                    "{{\n{mu} := sync.OnceValue(func() {t} {{ println(\"once\"); return {value} }})\n{show}\n{show}\n}}\n"
                )
            }
            2 => format!(
                "{{\nvar {mu} atomic.Int64\nvar wg sync.WaitGroup\nfor i := range {n} {{ wg.Go(func() {{ {mu}.Add(int64(i)) }}) }}\nwg.Wait()\nprintln({mu}.Load(), {mu}.CompareAndSwap({n}, 0))\n}}\n"
            ),
            _ => format!(
                "{{\nvar {mu} sync.Once\nfor i := range {n} {{ exactly(func() {{ {mu}.Do(func() {{ println(\"once\", i); panic(i) }}) }}) }}\n}}\n"
            ),
        }
    }
}
