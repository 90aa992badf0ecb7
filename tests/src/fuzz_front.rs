//! Fuzzing of the front end and of the IR's text form: broken input must give a message, soon, whatever it is.
//!
//! Inputs are made from Go files of this repository and of the distribution by random changes; target, seed and index determine an
//! input. They run in child processes, a few hundred each, because packages are never freed and because stack
//! overflows and endless loops cannot be caught. A child prints what it begins, so the parent knows what killed it; the input is
//! written to the target folder.
//!
//! `golift-tests fuzz-front --seed N --count M [--target syntax|check|ir]`

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use golift_check::CheckOptions;
use golift_load::{Context, Overlay, Request};
use golift_syntax::{Mode, SourceMap, choose, parse_file};
use golift_types::{Config, ImportError, Package, check_package};

use crate::generate::rng::Rng;
use crate::{cache_dir, entries, root};

const TARGETS: [&str; 3] = ["syntax", "check", "ir"];
/// Inputs for one child.
const CHUNK: usize = 300;
const SLOW: Duration = Duration::from_secs(2);
const HANGS: Duration = Duration::from_secs(30);
/// As the driver's threads have.
const STACK: usize = 256 << 20;
/// Longer files make slow inputs, not more interesting ones.
const LONGEST: usize = 30_000;
/// Packages that inputs may import.
const IMPORTS: [&str; 8] = ["fmt", "unsafe", "io", "math", "os", "sort", "strings", "sync"];

pub fn fuzz_front(args: &[String]) -> bool {
    if let [worker, target, seed, from, to] = args
        && worker == "--worker"
    {
        let number = |text: &String| text.parse().unwrap_or(0);
        run_inputs(target, number(seed) as u64, number(from), number(to));
        return true;
    }
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name: &str, default| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (seed, count) = (number("--seed", 1), number("--count", 1000));
    let mut failures = 0;
    for target in TARGETS.iter().filter(|target| value("--target").is_none_or(|wanted| wanted == *target)) {
        let mut from = 0;
        while from < count {
            let to = count.min(from + CHUNK);
            let (next, found) = run_child(target, seed as u64, from, to);
            failures += found;
            from = next;
        }
        println!("{target}: {count} inputs of seed {seed}");
    }
    println!("{failures} failures");
    failures == 0
}

/// Runs a child for some inputs; gives the input to go on with, and how many failed.
fn run_child(target: &str, seed: u64, from: usize, to: usize) -> (usize, usize) {
    let own = std::env::current_exe().expect("own path");
    let numbers = [seed as usize, from, to].map(|n| n.to_string());
    let mut command = Command::new(own);
    command.args(["fuzz-front", "--worker", target]).args(&numbers).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starting a child");
    let (sender, lines) = channel();
    let output = child.stdout.take().expect("a pipe");
    thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    let errors = child.stderr.take().expect("a pipe");
    let errors = thread::spawn(move || BufReader::new(errors).lines().map_while(Result::ok).collect::<Vec<_>>());
    let (mut current, mut failures) = (from, 0);
    let ending = loop {
        match lines.recv_timeout(HANGS) {
            Ok(line) => match line.split_once(' ') {
                Some(("begin", index)) => current = index.parse().unwrap_or(current),
                Some((what, _)) => {
                    failures += 1;
                    save(target, seed, current, what);
                }
                None if line == "done" => break None,
                None => {}
            },
            Err(RecvTimeoutError::Timeout) => break Some("hangs"),
            Err(RecvTimeoutError::Disconnected) => break Some("dies"),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let errors = errors.join().unwrap_or_default();
    errors.iter().take(4).for_each(|line| println!("\t{line}"));
    match ending {
        None => (to, failures),
        Some(what) => {
            save(target, seed, current, what);
            (current + 1, failures + 1)
        }
    }
}

fn save(target: &str, seed: u64, index: usize, what: &str) {
    let dir = cache_dir().join("fuzz-front");
    let _ = fs::create_dir_all(&dir);
    let path = dir.join(format!("{what}-{target}-{seed}-{index}.txt"));
    let _ = fs::write(&path, input(target, seed, index, &Corpus::read(target)));
    println!("{what}: {}", path.display());
}

/// The child: each input in turn.
fn run_inputs(target: &str, seed: u64, from: usize, to: usize) {
    let corpus = Corpus::read(target);
    let target = target.to_owned();
    let worker = thread::Builder::new().stack_size(STACK).spawn(move || {
        let library = if target == "check" { library() } else { Vec::new() };
        for index in from..to {
            let input = input(&target, seed, index, &corpus);
            say(&format!("begin {index}"));
            let start = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| try_input(&target, &input, &library)));
            if result.is_err() {
                say("panics -");
            } else if start.elapsed() > SLOW {
                say("slow -");
            }
        }
        say("done");
    });
    let _ = worker.expect("a thread").join();
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn try_input(target: &str, input: &[u8], library: &[(String, Package)]) {
    if target == "ir" {
        // What parses may be wrong, but not so wrong that it cannot be printed.
        if let Ok(program) = golift_ir::parse_program(&String::from_utf8_lossy(input)) {
            golift_ir::verify_program(&program);
            golift_ir::print_program(&program);
        }
        return;
    }
    let map = Arc::new(SourceMap::new());
    let (tree, mut errors) = parse_file(&map, "x.go", input, Mode::default());
    if target == "check" {
        let importer = |path: &str| {
            let found = library.iter().find(|(known, _)| known == path);
            found.map(|(_, package)| *package).ok_or_else(|| ImportError("not found".into()))
        };
        let config = Config { source_map: Some(map.clone()), ..Config::default() };
        errors.extend(check_package("p", vec![Arc::new(tree)], &importer, &config).1);
    }
    for error in choose(&map, &errors, usize::MAX).errors {
        error.render(&map);
    }
}

/// The packages of the library that inputs import.
fn library() -> Vec<(String, Package)> {
    let Ok(goroot) = golift_load::find_goroot(None, &|_| ()) else { return Vec::new() };
    let context = Context::new("linux", "amd64", Vec::new(), "").expect("a known target");
    let args = IMPORTS.map(String::from);
    let request = Request {
        goroot: &goroot,
        cwd: Path::new("/"),
        context: &context,
        overlay: &Overlay::none(),
        args: &args,
        implicit: &[],
        avoid_asm: false,
        compiler: golift_load::Compiler::default(),
        tests: false,
        cover: None,
        fetcher: None,
        modules: &Default::default(),
    };
    let Ok(graph) = golift_load::load(&request) else { return Vec::new() };
    let checked = golift_check::check(&graph, CheckOptions { skip_std_bodies: true, ..CheckOptions::default() });
    let packages = graph.packages.iter().zip(&checked.packages);
    packages.filter_map(|(loaded, result)| Some((loaded.path.clone(), result.package?))).collect()
}

/// The files that inputs are made from.
struct Corpus {
    files: Vec<String>,
}

impl Corpus {
    fn read(target: &str) -> Corpus {
        let mut paths = Vec::new();
        if target == "ir" {
            paths.push(root().join("compiler/ir/tests/all.ir"));
        } else {
            for dir in ["tests/run", "tests/fixedbugs", "tests/errors", "examples"] {
                collect(&root().join(dir), &mut paths);
            }
            if let Some(goroot) = golift_load::existing_goroot(None) {
                for dir in ["internal/types/testdata", "cmd/compile/internal/syntax/testdata", "sort", "container"] {
                    collect(&goroot.join("src").join(dir), &mut paths);
                }
            }
        }
        // Some of gc's inputs are no UTF-8.
        let files = paths.into_iter().filter_map(|path| fs::read_to_string(path).ok());
        Corpus { files: files.filter(|text| text.len() < LONGEST && text.len() > 20).collect() }
    }
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for path in entries(dir) {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|e| e == "go") {
            paths.push(path);
        }
    }
}

/// The input that target, seed and index stand for.
fn input(target: &str, seed: u64, index: usize, corpus: &Corpus) -> Vec<u8> {
    let name = target.bytes().fold(0u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let mut rng = Rng::new(seed ^ name.wrapping_mul(index as u64 + 1));
    let base = rng.pick(&corpus.files);
    let other = rng.pick(&corpus.files);
    let mut tokens: Vec<&str> = tokens(base);
    for _ in 0..1 + rng.below(4) {
        change(&mut tokens, other, &mut rng);
    }
    let mut bytes = tokens.concat().into_bytes();
    if target == "syntax" {
        for _ in 0..rng.below(4) {
            flip(&mut bytes, &mut rng);
        }
    }
    bytes
}

const WORDS: [&str; 60] = [
    "if",
    "for",
    "func",
    "return",
    "var",
    "const",
    "type",
    "struct",
    "interface",
    "map",
    "chan",
    "go",
    "defer",
    "select",
    "switch",
    "case",
    "default",
    "break",
    "goto",
    "range",
    "package",
    "import",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ";",
    ":",
    ":=",
    "=",
    "==",
    "+",
    "*",
    "&",
    "|",
    "^",
    "!",
    "<",
    "<-",
    "<<",
    "...",
    "~",
    ".",
    "_",
    "x",
    "T",
    "int",
    "string",
    "any",
    "nil",
    "iota",
    "1",
    "1e9",
    "'c'",
    "\"s\"",
    "\n",
    "//go:noinline\n",
];

/// One random change.
fn change<'a>(tokens: &mut Vec<&'a str>, other: &'a str, rng: &mut Rng) {
    if tokens.is_empty() {
        return;
    }
    let (i, j) = (rng.below(tokens.len()), rng.below(tokens.len()));
    match rng.below(9) {
        0 => drop(tokens.remove(i)),
        1 => tokens[i] = tokens[j],
        2 => tokens.swap(i, j),
        3 => tokens.insert(i, tokens[j]),
        4 => tokens[i] = rng.pick::<&str>(&WORDS),
        5 => tokens.insert(i, rng.pick::<&str>(&WORDS)),
        6 => drop(tokens.drain(i..tokens.len().min(i + rng.below(20)))),
        // Part of the same file, and of another one.
        7 => {
            let part = tokens[j..tokens.len().min(j + rng.below(40))].to_vec();
            tokens.splice(i..i, part);
        }
        _ => {
            let theirs = self::tokens(other);
            let from = rng.below(theirs.len());
            let part = theirs[from..theirs.len().min(from + rng.below(60))].to_vec();
            tokens.splice(i..i, part);
        }
    }
}

fn flip(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.below(bytes.len());
    match rng.below(4) {
        0 => bytes[at] ^= 1 << rng.below(8),
        1 => bytes[at] = rng.draw() as u8,
        2 => bytes.truncate(at),
        _ => bytes.insert(at, *rng.pick(b"\0\n\"'`\\/*\xff\xc3(){}[]")),
    }
}

/// Words, literals, blanks and single characters: put together they are the text.
fn tokens(source: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match c {
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            '"' | '`' => rest[1..].find(c).map_or(rest.len(), |n| n + 2),
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |n| n + 2),
            c => c.len_utf8(),
        };
        out.push(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_reproducible() {
        let corpus = Corpus { files: vec!["package p\n\nfunc f() { x(1) }\n".into(), "package q // y\n".into()] };
        let make = |index| input("syntax", 7, index, &corpus);
        assert_eq!(make(3), make(3));
        assert_ne!(make(3), make(4));
        assert_eq!(tokens("a+ \"b\" // c\n").concat(), "a+ \"b\" // c\n");
    }

    /// A few inputs of each kind, to keep the runner itself in order.
    #[test]
    fn a_few_inputs() {
        for target in TARGETS {
            let corpus = Corpus::read(target);
            for index in 0..20 {
                try_input(target, &input(target, 1, index, &corpus), &[]);
            }
        }
    }
}
