//! Random programs must do the same before and after optimisation.
//!
//! Functions are generated from structured pieces (straight code, if, bounded loop), so that values dominate
//! their uses by construction; pointers come from slots, objects and parameters of 16 bytes.

use crate::support::*;
use std::fmt::Write;

struct Rng(u64);

impl Rng {
    fn next(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.next(items.len())]
    }
}

struct Gen<'a> {
    rng: &'a mut Rng,
    text: String,
    values: usize,
    blocks: usize,
    slots: usize,
    /// Index of this function; calls go to lower ones.
    func: usize,
}

/// Values in scope.
#[derive(Clone, Default)]
struct Scope {
    ints: Vec<usize>,
    /// Objects in the heap; these go anywhere.
    ptrs: Vec<usize>,
    /// Addresses of slots; these are only accessed: memory must not refer to them after the function's end.
    slots: Vec<usize>,
}

impl Gen<'_> {
    fn value(&mut self) -> usize {
        self.values += 1;
        self.values
    }

    fn block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks
    }

    fn line(&mut self, s: String) {
        writeln!(self.text, "  {s}").unwrap();
    }

    fn statement(&mut self, s: &mut Scope, depth: usize) {
        let v = self.value();
        let (a, b) = (self.rng.pick(&s.ints), self.rng.pick(&s.ints));
        let (p, q) = (self.rng.pick(&s.ptrs), self.rng.pick(&s.ptrs));
        let places: Vec<usize> = s.ptrs.iter().chain(&s.slots).copied().collect();
        let (x, y) = (self.rng.pick(&places), self.rng.pick(&places));
        let off = self.rng.next(2) * 8;
        match self.rng.next(19) {
            0 => {
                let c = self.rng.next(7) as i64 - 3;
                self.line(format!("v{v}: i64 = iconst {c}"));
                s.ints.push(v);
            }
            1..=3 => {
                let op = self.rng.pick(&["add", "sub", "mul", "and", "or", "xor"]);
                self.line(format!("v{v}: i64 = {op} v{a}, v{b}"));
                s.ints.push(v);
            }
            4 => {
                let w = self.value();
                let cc = self.rng.pick(&["eq", "ne", "slt", "sge", "ult", "ugt"]);
                self.line(format!("v{w}: i8 = icmp {cc} v{a}, v{b}"));
                if self.rng.next(2) == 0 {
                    self.line(format!("v{v}: i64 = zext v{w}"));
                } else {
                    self.line(format!("v{v}: i64 = select v{w}, v{a}, v{b}"));
                }
                s.ints.push(v);
            }
            5 | 6 => {
                self.line(format!("v{v}: i64 = load v{x} {off}"));
                s.ints.push(v);
            }
            7 | 8 => self.line(format!("store v{x}, v{a} {off}")),
            9 => {
                self.line(format!("v{v}: ptr = alloc d0 size 16 align 8"));
                s.ptrs.push(v);
            }
            10 => {
                self.line(format!("v{v}: ptr = slot_addr ss{} 0", self.slots));
                self.line(format!("mem_zero v{v} size 16 align 8"));
                self.slots += 1;
                s.slots.push(v);
            }
            11 => self.line(format!("mem_copy v{x}, v{y} size 16 align 8")),
            12 => {
                let w = self.value();
                self.line(format!("v{w}: i8 = icmp slt v{a}, v{b}"));
                self.line(format!("v{v}: ptr = select v{w}, v{p}, v{q}"));
                s.ptrs.push(v);
            }
            13 if self.func > 0 => {
                let f = self.rng.next(self.func);
                let w = self.value();
                self.line(format!("v{v}: i64, v{w}: ptr = call \"f{f}\" (v{a}, v{p}, v{q})"));
                s.ints.push(v);
                s.ptrs.push(w);
            }
            14 if self.func > 0 => {
                // A closure that holds a pointer and an integer.
                let (f, w) = (self.rng.next(self.func), self.value());
                self.line(format!("v{v}: ptr = alloc d1 size 24 align 8"));
                self.line(format!("v{w}: ptr = func_addr \"c{f}\""));
                self.line(format!("store v{v}, v{w} 0"));
                self.line(format!("store v{v}, v{p} 8"));
                self.line(format!("store v{v}, v{a} 16"));
                let r = self.value();
                self.line(format!("v{r}: i64 = call closure v{v} sig (ptr, i64) -> (i64) args (v{b})"));
                s.ints.push(r);
            }
            17 => self.line(format!("nil_check v{x}")),
            18 => {
                // A bounds check that skips an access.
                let (c, skip, ok) = (self.value(), self.block(), self.block());
                let cc = self.rng.pick(&["uge", "ult", "slt", "sgt"]);
                self.line(format!("v{c}: i8 = icmp {cc} v{a}, v{b}"));
                self.line(format!("brif v{c}, bb{skip}, bb{ok}"));
                writeln!(self.text, "bb{ok}:").unwrap();
                self.line(format!("store v{x}, v{a} {off}"));
                self.line(format!("jump bb{skip}"));
                writeln!(self.text, "bb{skip}:").unwrap();
            }
            15 if depth > 0 => self.if_else(s, depth - 1),
            16 if depth > 0 => self.counted_loop(s, depth - 1),
            _ => {
                // Keep a pointer in a global and read it back.
                self.line(format!("v{v}: ptr = data_addr d2 {off}"));
                if self.rng.next(3) == 0 {
                    self.line(format!("store v{v}, v{p} 0 barrier"));
                } else {
                    let w = self.value();
                    self.line(format!("v{w}: ptr = load v{v} 0"));
                    s.ptrs.push(w);
                }
            }
        }
    }

    fn statements(&mut self, s: &mut Scope, depth: usize) {
        for _ in 0..2 + self.rng.next(6) {
            self.statement(s, depth);
        }
    }

    fn if_else(&mut self, s: &mut Scope, depth: usize) {
        let (c, then_, else_, join) = (self.value(), self.block(), self.block(), self.block());
        let (a, b) = (self.rng.pick(&s.ints), self.rng.pick(&s.ints));
        self.line(format!("v{c}: i8 = icmp slt v{a}, v{b}"));
        self.line(format!("brif v{c}, bb{then_}, bb{else_}"));
        for block in [then_, else_] {
            writeln!(self.text, "bb{block}:").unwrap();
            let mut inner = s.clone();
            self.statements(&mut inner, depth);
            let (i, p) = (self.rng.pick(&inner.ints), self.rng.pick(&inner.ptrs));
            self.line(format!("jump bb{join}(v{i}, v{p})"));
        }
        let (i, p) = (self.value(), self.value());
        writeln!(self.text, "bb{join}(v{i}: i64, v{p}: ptr):").unwrap();
        s.ints.push(i);
        s.ptrs.push(p);
    }

    fn counted_loop(&mut self, s: &mut Scope, depth: usize) {
        let (head, exit) = (self.block(), self.block());
        let (zero, n, i, x, p) = (self.value(), self.value(), self.value(), self.value(), self.value());
        let (x0, p0) = (self.rng.pick(&s.ints), self.rng.pick(&s.ptrs));
        let count = 1 + self.rng.next(3);
        self.line(format!("v{zero}: i64 = iconst 0"));
        self.line(format!("v{n}: i64 = iconst {count}"));
        self.line(format!("jump bb{head}(v{zero}, v{x0}, v{p0})"));
        writeln!(self.text, "bb{head}(v{i}: i64, v{x}: i64, v{p}: ptr):").unwrap();
        let mut inner = s.clone();
        inner.ints.extend([i, x]);
        inner.ptrs.push(p);
        self.statements(&mut inner, depth);
        let (one, next, done) = (self.value(), self.value(), self.value());
        self.line(format!("v{one}: i64 = iconst 1"));
        self.line(format!("v{next}: i64 = add v{i}, v{one}"));
        self.line(format!("v{done}: i8 = icmp sge v{next}, v{n}"));
        let (x1, p1) = (self.rng.pick(&inner.ints), self.rng.pick(&inner.ptrs));
        self.line(format!("brif v{done}, bb{exit}(v{x1}, v{p1}), bb{head}(v{next}, v{x1}, v{p1})"));
        let (x, p) = (self.value(), self.value());
        writeln!(self.text, "bb{exit}(v{x}: i64, v{p}: ptr):").unwrap();
        s.ints.push(x);
        s.ptrs.push(p);
    }
}

/// One function and a closure body that calls it.
fn function(rng: &mut Rng, func: usize) -> String {
    let noinline = if rng.next(3) == 0 { " noinline" } else { "" };
    let mut g = Gen { rng, text: String::new(), values: 10, blocks: 0, slots: 0, func };
    let mut s = Scope { ints: vec![0], ptrs: vec![1, 2], slots: vec![] };
    for _ in 0..2 {
        g.statements(&mut s, 2);
    }
    let (i, p) = (*s.ints.last().unwrap(), *s.ptrs.last().unwrap());
    g.line(format!("return (v{i}, v{p})"));
    let slots: String = (0..g.slots).map(|n| format!("  slot ss{n} 16 align 8\n")).collect();
    format!(
        "func \"f{func}\" (i64, ptr, ptr) -> (i64, ptr){noinline} {{\n{slots}bb0(v0: i64, v1: ptr, v2: ptr):\n{}}}\n\
         func \"c{func}\" (ptr, i64) -> (i64) closure {{\nbb0(v0: ptr, v1: i64):\n  v2: ptr = load v0 8\n  v3: i64 = load v0 16\n  \
         v4: i64 = add v1, v3\n  v5: i64, v6: ptr = call \"f{func}\" (v4, v2, v2)\n  return (v5)\n}}\n",
        g.text
    )
}

fn random_program(seed: u64) -> String {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let n = 4;
    let mut text = String::from(
        r#"data d0 "type:pair" types align 8 size 16 bytes "10"
data d1 "type:closure" types align 8 size 16 bytes "18"
data d2 "main.globals" data align 8 size 16 mask "03" reloc 0 abs64 data d3 0 reloc 8 abs64 data d3 16
data d3 "main.target" bss align 8 size 32
data d4 "heap" bss align 8 size 1000000
data d5 "heap.next" bss align 8 size 8
func "runtime.newobject" (ptr) -> (ptr) noinline {
bb0(v0: ptr):
  v1: i64 = load v0 0
  v2: ptr = data_addr d5 0
  v3: i64 = load v2 0
  v4: i64 = add v3, v1
  store v2, v4 0
  v5: ptr = data_addr d4 0
  v6: ptr = ptr_add v5, v3
  return (v6)
}
"#,
    );
    for f in 0..n {
        text += &function(&mut rng, f);
    }
    writeln!(
        text,
        r#"func "runtime.main" () {{
  slot ss0 40 align 8
bb0:
  v0: i64 = iconst 5
  v1: ptr = alloc d0 size 16 align 8
  v2: ptr = alloc d0 size 16 align 8
  v3: i64, v4: ptr = call "f{}" (v0, v1, v2)
  v5: ptr = slot_addr ss0 0
  store v5, v3 0
  mem_copy v5, v1 size 16 align 8
  v6: ptr = slot_addr ss0 16
  mem_copy v6, v2 size 16 align 8
  store v5, v3 32
  v7: i64 = iconst 40
  call "golift_write" (v5, v7)
  v8: ptr = data_addr d3 0
  v9: i64 = iconst 32
  call "golift_write" (v8, v9)
  return ()
}}"#,
        n - 1
    )
    .unwrap();
    text
}

#[test]
fn optimisation_keeps_the_meaning() {
    for seed in 1..=60 {
        let text = random_program(seed);
        let out = run(&text);
        assert_eq!(out.status.code(), Some(0), "seed {seed}:\n{text}");
        assert_eq!(out.stdout.len(), 72);
    }
}
