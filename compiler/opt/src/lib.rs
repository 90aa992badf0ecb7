//! IR optimisation.
//!
//! Problem: Cranelift does common subexpressions, constant folding and register allocation, but neither inlining
//! nor anything that knows Go's objects. Strategy: functions are visited bottom-up over the strongly connected components of the
//! call graph, so that callees are optimised before they are inlined and their effect on pointer parameters
//! (`escape::Summary`) is known. Each function goes through the list [`PASSES`]; a pass is one file and
//! one function over one body.
//!
//! Invariants: every pass leaves valid IR (checked between passes when `Options::verify` is set); the order
//! of functions and all decisions depend on ids only, never on hashing or time.

#![warn(missing_docs)]

mod bounds;
mod cfg;
mod context;
mod conversions;
mod dce;
mod devirtualize;
mod early_exits;
mod edge_counters;
mod effects;
mod escape;
mod flow;
mod hoist;
mod inline;
mod nil_checks;
mod remarks;
mod rotate;
mod scalar_replace;
mod simplify;
mod tail_calls;
mod util;
mod zero_copies;

use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::dom::strongly_connected;
use golift_ir::{Callee, Data, FuncId, Function, InstData, Linkage, Program, Reloc, RelocTarget, verify_func};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub use context::{Context, Hindrance, Options, Summaries, Summary};
pub use edge_counters::count_edges;
pub use remarks::{Remark, RemarkKind, Remarks};

/// A transformation of one body.
pub type Pass = fn(&mut Function, &Context);

/// The passes of each function, in order.
///
/// `devirtualize` before `inline` finds the callees; inlining exposes constants (`simplify`), more known callees (second
/// round), and objects that do not escape; those become slots, and slots become values, which is again
/// something to simplify. Strings whose uses are then in sight need no memory of their own (`conversions`). What is left of the checks is compared with what branches and accesses prove. Calls become tail calls
/// (`tail_calls`) when none of them is to be inlined any more.
pub const PASSES: &[(&str, Pass)] = &[
    ("simplify", simplify::simplify),
    ("devirtualize", devirtualize::devirtualize),
    ("inline", inline::inline_calls),
    ("simplify", simplify::simplify),
    ("devirtualize", devirtualize::devirtualize),
    ("inline", inline::inline_calls),
    ("simplify", simplify::simplify),
    ("cfg", cfg::simplify_cfg),
    ("escape", escape::allocs_to_slots),
    ("scalar_replace", scalar_replace::slots_to_values),
    ("simplify", simplify::simplify),
    ("devirtualize", devirtualize::devirtualize),
    ("conversions", conversions::borrow_bytes),
    ("escape", escape::allocs_to_slots),
    ("scalar_replace", scalar_replace::slots_to_values),
    ("simplify", simplify::simplify),
    ("zero_copies", zero_copies::forward_zeros),
    ("nil_checks", nil_checks::eliminate_nil_checks),
    ("bounds", bounds::decide_comparisons),
    ("simplify", simplify::simplify),
    ("cfg", cfg::simplify_cfg),
    ("dce", dce::eliminate_dead_code),
    ("tail_calls", tail_calls::wrappers_leave_first),
];

/// The passes of functions that are not optimised. The runtime counts on variables that do not escape: it cannot allocate in a system call,
/// for example.
const NEEDED: &[(&str, Pass)] =
    &[("escape", escape::allocs_to_slots), ("tail_calls", tail_calls::wrappers_leave_first)];

/// The passes of each function when all have been through [`PASSES`], so that nothing is inlined any more.
pub const LATE_PASSES: &[(&str, Pass)] = &[
    ("early_exits", early_exits::inline_early_exits),
    ("rotate", rotate::rotate_loops),
    ("cfg", cfg::simplify_cfg),
    // Where the test of a loop has become its guard.
    ("hoist", hoist::hoist_invariants),
    ("cfg", cfg::simplify_cfg),
    ("dce", dce::eliminate_dead_code),
];

/// The pass of that name, if programs are right without it: the runtime counts on some.
pub fn optional_pass(name: &str) -> Option<&'static str> {
    let mut names = PASSES.iter().chain(LATE_PASSES).map(|p| p.0);
    names.find(|&n| n == name && !NEEDED.iter().any(|p| p.0 == n))
}

/// Time spent in each pass, in the order of first use.
#[derive(Clone, Debug, Default)]
pub struct Timings(pub Vec<(&'static str, Duration)>);

impl Timings {
    fn add(&mut self, name: &'static str, t: Duration) {
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, sum)) => *sum += t,
            None => self.0.push((name, t)),
        }
    }
}

/// Optimises all bodies of the program.
///
/// # Panics
///
/// When a pass breaks the IR and verification is on: a compiler bug.
pub fn optimize_program(program: &mut Program, opts: &Options) -> Timings {
    optimize_with_remarks(program, opts, None)
}

/// As [`optimize_program`], with remarks for those who ask.
///
/// # Panics
///
/// As [`optimize_program`].
pub fn optimize_with_remarks(program: &mut Program, opts: &Options, remarks: Option<&Remarks>) -> Timings {
    let (order, component) = call_order(program);
    let mut run = Run { program, opts, remarks, component, summaries: Summaries::new(), timings: Timings::default() };
    let is_optimized = |id: FuncId| !(opts.disabled || opts.unoptimized.contains(&id));
    run.bottom_up(&order, |id| if is_optimized(id) { PASSES } else { NEEDED });
    for &id in order.iter().filter(|&&id| is_optimized(id)) {
        run.passes(id, LATE_PASSES);
    }
    golift_ir::current::leave();
    run.timings
}

/// The optimisation of a program.
struct Run<'a> {
    program: &'a mut Program,
    opts: &'a Options,
    remarks: Option<&'a Remarks>,
    component: SecondaryMap<FuncId, u32>,
    summaries: Summaries,
    timings: Timings,
}

impl Run<'_> {
    /// Lets all bodies go through lists of passes, callees first, and notes what callers may know of them.
    fn bottom_up<'p>(&mut self, order: &[FuncId], passes: impl Fn(FuncId) -> &'p [(&'static str, Pass)]) {
        for component in order.chunk_by(|a, b| self.component[*a] == self.component[*b]).collect::<Vec<_>>() {
            let recursive = component.len() > 1 || calls_itself(self.program, component[0]);
            // The members of a cycle see each other's summaries while they are optimised.
            if recursive {
                self.summarize(component, recursive);
            }
            for &id in component {
                self.passes(id, passes(id));
            }
            self.summarize(component, recursive);
        }
    }

    /// Lets a body go through a list of passes.
    fn passes(&mut self, id: FuncId, passes: &[(&'static str, Pass)]) {
        let Some(mut body) = self.program.funcs[id].body.take() else { return };
        golift_ir::current::enter("optimising", &self.program.funcs[id].name);
        let off = self.opts.passes_off.get(&id);
        for (n, &(name, pass)) in passes.iter().enumerate() {
            if off.is_some_and(|off| off.contains(&name)) {
                continue;
            }
            let start = Instant::now();
            let cx = Context {
                program: self.program,
                opts: self.opts,
                id,
                component: &self.component,
                summaries: &self.summaries,
                remarks: self.remarks,
                pass: name,
                last: passes[n + 1..].iter().all(|p| p.0 != name),
            };
            pass(&mut body, &cx);
            body.prune_variables();
            self.timings.add(name, start.elapsed());
            if self.opts.verify {
                body = verified(self.program, id, body, name);
            }
        }
        self.program.funcs[id].body = Some(body);
    }

    /// Notes what callers may know of the bodies of a component. Functions that call each other are thought to do nothing until
    /// their bodies say otherwise; whoever calls a function of which more is known now is looked at again.
    fn summarize(&mut self, component: &[FuncId], recursive: bool) {
        let start = Instant::now();
        let Run { program, summaries, .. } = self;
        let bodies: Vec<(FuncId, &Function)> =
            component.iter().filter_map(|&id| Some((id, program.funcs[id].body.as_ref()?))).collect();
        if recursive {
            for &(id, body) in &bodies {
                summaries[id] = Some(escape::unknown(body, program, id, context::Flow::default()));
            }
        }
        let mut callers: FxHashMap<FuncId, Vec<usize>> = FxHashMap::default();
        for (n, (_, body)) in bodies.iter().enumerate().filter(|_| recursive) {
            for_each_callee(program, body, |callee| callers.entry(callee).or_default().push(n));
        }
        let mut work: VecDeque<usize> = (0..bodies.len()).collect();
        let mut waits = vec![true; bodies.len()];
        let mut budget = bodies.len() * MAX_ROUNDS;
        while let Some(n) = work.pop_front() {
            let (id, body) = bodies[n];
            waits[n] = false;
            let summary = Some(escape::summarize(body, program, id, summaries));
            if summaries[id] != summary {
                summaries[id] = summary;
                for &caller in callers.get(&id).into_iter().flatten() {
                    if !std::mem::replace(&mut waits[caller], true) {
                        work.push_back(caller);
                    }
                }
            }
            budget -= 1;
            if budget == 0 && !work.is_empty() {
                for &(id, body) in &bodies {
                    summaries[id] = Some(escape::unknown(body, program, id, context::Flow::ESCAPES));
                }
                break;
            }
        }
        self.timings.add("summary", start.elapsed());
    }
}

/// How often the bodies of a component are looked at, on average, before nothing is believed of them.
const MAX_ROUNDS: usize = 20;

fn calls_itself(program: &Program, id: FuncId) -> bool {
    let mut found = false;
    if let Some(body) = &program.funcs[id].body {
        for_each_callee(program, body, |callee| found |= callee == id);
    }
    found
}

/// Runs one pass of [`PASSES`] or [`LATE_PASSES`] over all bodies, callees first, as `optimize_program` would; for tests.
///
/// # Panics
///
/// When there is no pass of that name, or when it breaks the IR.
pub fn run_pass(program: &mut Program, name: &str, opts: &Options, remarks: Option<&Remarks>) {
    let pass = PASSES.iter().chain(LATE_PASSES).find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no pass {name}"));
    let (order, component) = call_order(program);
    let opts = &Options { verify: true, ..opts.clone() };
    let summaries = Summaries::new();
    let mut run = Run { program, opts, remarks, component, summaries, timings: Timings::default() };
    run.bottom_up(&order, |_| std::slice::from_ref(pass));
}

fn verified(program: &mut Program, id: FuncId, body: Function, pass: &str) -> Function {
    program.funcs[id].body = Some(body);
    let errors = verify_func(program, &program.funcs[id]);
    if !errors.is_empty() {
        let text = golift_ir::print_func(program, &program.funcs[id]);
        panic!("pass {pass} broke the IR:\n{}\n{text}", errors.join("\n"));
    }
    program.funcs[id].body.take().expect("put there above")
}

/// The code of a static func value.
fn func_value(data: &Data) -> Option<FuncId> {
    match *data.relocs {
        [Reloc { offset: 0, target: RelocTarget::Func(func), .. }] if data.size == 8 => Some(func),
        _ => None,
    }
}

/// Functions that a body calls, or may call through func values that it makes: inlining often shows that.
fn for_each_callee(program: &Program, f: &Function, mut found: impl FnMut(FuncId)) {
    for &i in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
        match &f.insts[i] {
            InstData::Call { callee: Callee::Func(c), .. } | InstData::TailCall { callee: Callee::Func(c), .. } => {
                found(*c)
            }
            InstData::FuncAddr { func } => found(*func),
            InstData::DataAddr { data, off: 0 } => func_value(&program.datas[*data]).into_iter().for_each(&mut found),
            _ => {}
        }
    }
}

/// Functions with bodies, callees first, and the component of each.
fn call_order(program: &Program) -> (Vec<FuncId>, SecondaryMap<FuncId, u32>) {
    let components = strongly_connected(program.funcs.len(), |n| {
        let decl = &program.funcs[FuncId::new(n)];
        let mut out = Vec::new();
        if let (Linkage::Local, Some(f)) = (decl.linkage, &decl.body) {
            for_each_callee(program, f, |callee| out.push(callee.index()));
        }
        out
    });
    let mut order = Vec::new();
    let mut component = SecondaryMap::with_capacity(program.funcs.len());
    for (n, c) in components.into_iter().enumerate() {
        for f in c {
            component[FuncId::new(f)] = n as u32;
            order.push(FuncId::new(f));
        }
    }
    (order, component)
}
