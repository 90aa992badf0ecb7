//! No input makes the parser panic, hang or report positions outside of the file.

use golift_syntax::{Mode, SourceMap, parse_file};

/// A small generator of pseudo-random numbers (xorshift); the tests are deterministic.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }
}

const SEED_SOURCE: &str = r#"// +build x
//go:build linux && (go1.18 || !cgo)
package p
import ( "fmt"; . "x"; _ `y` )
const ( a, b = iota, 1 << 3; c )
type T[P interface{ ~int | *string }, Q any] struct { a, b int `tag`; *E; pkg.F[int]; G[P, Q] }
type I interface { m(x ...int) (y, z string); ~[]byte | T[int, string]; comparable }
type A[P *C,] = map[string]chan<- func(<-chan int) [4][...]T
var x, y T = T{a: 1, b: {2, 3}}, []T{{}, {1}}
//go:noinline
func (t *T[P, Q]) m[R any](a, b R, c ...int) (d int, err error) {
L:	for i := range 10 { if x := f(); x != nil { continue L } else if y { break L } else { goto M } }
M:	switch x := y.(type) { case int, string: fallthrough; default: x++ }
	select { case v, ok := <-ch: _ = v; case ch <- 1: default: }
	defer func() { recover() }(); go f(a...)
	a, b = b, a; x <<= 1; x &^= 0x1p-2; s := "a\n\x00\u1234" + `raw` + 'x' + 1_000i
	z := a[1:2:3]; w := &T{}; *p = -^+!x &^ y; return z.(T).f[int](x), nil
}
"#;

const FRAGMENTS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    ":=",
    "=",
    "<-",
    "*",
    "...",
    ".",
    "func",
    "type",
    "struct",
    "interface",
    "map",
    "chan",
    "if",
    "for",
    "range",
    "switch",
    "case",
    "default",
    "select",
    "go",
    "defer",
    "return",
    "goto",
    "else",
    "var",
    "const",
    "import",
    "package",
    "\n",
    "//line x:1\n",
    "/*line :3:4*/",
    "//go:noinline\n",
    "/*",
    "`",
    "\"",
    "'",
    "\\",
    "0x",
    "1e",
    "_",
    "é",
    "\u{feff}",
    "\0",
    "~",
    "|",
    "x",
    ".(type)",
    "L:",
    "[]",
    "/* ERROR */",
];

fn check(source: &[u8]) {
    let map = SourceMap::new();
    let (file, errors) = parse_file(&map, "f", source, Mode::default());
    for error in &errors {
        assert!(map.physical_position(error.pos).line > 0);
        let _ = error.render(&map);
    }
    assert!(map.physical_position(file.eof).line > 0);
    let lines = source.iter().filter(|&&c| c == b'\n').count() as u32;
    assert!(map.physical_position(file.eof).line <= lines + 1);
}

fn mutate(random: &mut Random, source: &[u8]) -> Vec<u8> {
    let mut out = source.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(out.len() + 1);
        match random.below(5) {
            0 => {
                let end = (at + random.below(20)).min(out.len());
                out.drain(at..end);
            }
            1 => {
                let fragment = FRAGMENTS[random.below(FRAGMENTS.len())];
                out.splice(at..at, fragment.bytes());
            }
            2 if at < out.len() => out[at] = random.below(256) as u8,
            3 => out.truncate(at),
            _ => {
                let from = random.below(out.len() + 1);
                let end = (from + random.below(60)).min(out.len());
                let copy = out[from..end].to_vec();
                out.splice(at..at, copy);
            }
        }
    }
    out
}

#[test]
fn mutated_sources() {
    check(SEED_SOURCE.as_bytes());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..40_000 {
        check(&mutate(&mut random, SEED_SOURCE.as_bytes()));
    }
}

#[test]
fn random_fragments() {
    let mut random = Random(42);
    for _ in 0..20_000 {
        let mut source = String::from("package p\n");
        for _ in 0..random.below(60) {
            source.push_str(FRAGMENTS[random.below(FRAGMENTS.len())]);
            source.push_str(if random.below(3) == 0 { " " } else { "" });
        }
        check(source.as_bytes());
    }
}

#[test]
fn every_prefix() {
    for end in 0..SEED_SOURCE.len() {
        check(&SEED_SOURCE.as_bytes()[..end]);
    }
}
