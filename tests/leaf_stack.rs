//! How much stack the runtime's leaves need, from the machine code of the built runtime.
//!
//! **Problem.** Leaves, stubs of system functions and the thunks for preemption run on a goroutine's stack without a check. They have
//! [`STACK_LEAF`] bytes; nothing but the compiled code tells what they take.
//!
//! **Strategy.** From each symbol that compiled code may call, control flow is followed with the distance of the stack pointer from
//! the entry, through direct calls and jumps, until it returns, traps, or leaves the goroutine's stack by loading the stack pointer.
//! Anything that cannot be followed (an indirect call, recursion) fails, unless it is listed here with its need.
//!
//! Functions that end the process do not count: they may use what they find.

use std::collections::{BTreeMap, HashMap, HashSet};

use golift_abi::STACK_LEAF;
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionIndex, SymbolKind};

/// `__vdso_clock_gettime`, the one function that is called by its address. It is the kernel's; that of Linux 6.18 takes less than
/// 100 bytes.
const CLOCK: i64 = 512;
/// What calls it.
const CALLS_CLOCK: &str = "4vdso5clock";

/// Parts of names of functions that end the process.
const ENDS: &[&str] = &["9panicking", "9traceback5throw", "rust_begin_unwind", "3sys5linux4exit", "6signal6die_of"];

/// Symbols that do not begin on a goroutine's stack.
const ELSEWHERE: &[&str] = &[
    // The body of a system function has returned to g0.
    "golift_system_preempt",
    "golift_systemreturn",
    // Threads are started by others, on g0.
    "golift_clone",
    "golift_enter_g0",
    // One checks the stack as Go functions do, the other is counted as an unchecked Go function (its frame has 128 bytes).
    "golift_reflect_call",
    "golift_reflect_made",
    // Ends of sections.
    "golift_framed_end",
    "golift_leaf_end",
];

/// A place in the code: section and offset.
type Place = (usize, u64);

struct Section {
    code: Vec<u8>,
    /// Code and what is outside, by the offset of the field that refers to it.
    relocations: HashMap<u64, Target>,
}

#[derive(Clone, Copy)]
enum Target {
    Place(Place),
    /// Not in the runtime: Go functions and tables of the program.
    Outside,
}

struct Runtime {
    sections: HashMap<usize, Section>,
    /// Symbols of code.
    symbols: BTreeMap<String, Place>,
    names: BTreeMap<Place, (String, u64)>,
}

fn load() -> Runtime {
    let file = object::File::parse(golift_link::RUNTIME).expect("the runtime is an object file");
    let mut sections = HashMap::new();
    let is_code =
        |index: SectionIndex| file.section_by_index(index).is_ok_and(|s| s.kind() == object::SectionKind::Text);
    for section in file.sections().filter(|s| s.kind() == object::SectionKind::Text) {
        let mut relocations = HashMap::new();
        for (at, r) in section.relocations() {
            let RelocationTarget::Symbol(symbol) = r.target() else { panic!("relocation without symbol") };
            let symbol = file.symbol_by_index(symbol).expect("relocations name symbols");
            let target = match symbol.section_index() {
                // The field is followed by the next instruction in all calls and jumps.
                Some(index) if is_code(index) => {
                    Target::Place((index.0, (symbol.address() as i64 + r.addend() + 4) as u64))
                }
                Some(_) => continue,
                None => Target::Outside,
            };
            relocations.insert(at, target);
        }
        sections.insert(
            section.index().0,
            Section { code: section.data().expect("sections have data").to_vec(), relocations },
        );
    }
    let (mut symbols, mut names) = (BTreeMap::new(), BTreeMap::new());
    for s in file.symbols() {
        let Some(index) = s.section_index().filter(|&i| is_code(i)) else { continue };
        if matches!(s.kind(), SymbolKind::Section | SymbolKind::File) {
            continue;
        }
        let name = s.name().expect("names are text").to_owned();
        symbols.insert(name.clone(), (index.0, s.address()));
        names.insert((index.0, s.address()), (name, s.size()));
    }
    Runtime { sections, symbols, names }
}

impl Runtime {
    /// The beginning and the name of the function at `place`.
    fn function(&self, place: Place) -> (u64, &str) {
        let before = self.names.range(..=place).next_back().filter(|((section, _), _)| *section == place.0);
        before.map_or((0, "?"), |((_, begin), (name, _))| (*begin, name))
    }

    fn name(&self, place: Place) -> &str {
        self.function(place).1
    }

    /// Where the function at `entry` ends, if that is known.
    fn end(&self, entry: Place) -> Option<u64> {
        self.names.get(&entry).filter(|(_, size)| *size > 0).map(|(_, size)| entry.1 + size)
    }

    /// Where a direct call or jump leads.
    fn target(&self, section: usize, i: &Instruction) -> Option<Target> {
        let field = i.next_ip() - 4;
        match self.sections[&section].relocations.get(&field) {
            Some(target) => Some(*target),
            None if i.op0_kind() == OpKind::NearBranch64 => Some(Target::Place((section, i.near_branch_target()))),
            None => None,
        }
    }
}

/// The needs of functions that are known.
#[derive(Default)]
struct Needs {
    known: HashMap<Place, i64>,
    /// Those that are being looked at: who calls one of them is recursive.
    open: Vec<Place>,
}

impl Needs {
    /// Bytes of stack below the one where the return address ends, at most, when the function at `entry` has been called.
    fn of(&mut self, runtime: &Runtime, entry: Place) -> Result<i64, String> {
        if let Some(&need) = self.known.get(&entry) {
            return Ok(need);
        }
        let name = runtime.name(entry);
        if ENDS.iter().any(|part| name.contains(part)) {
            return Ok(0);
        }
        if self.open.contains(&entry) {
            return Err(format!("{name} is recursive"));
        }
        self.open.push(entry);
        let need = self.follow(runtime, entry).map_err(|e| format!("{e}\n  in {name}"))?;
        self.open.pop();
        self.known.insert(entry, need);
        Ok(need)
    }

    fn follow(&mut self, runtime: &Runtime, entry: Place) -> Result<i64, String> {
        let mut need = 0;
        // Place, distance of sp, and of the frame pointer if it is in this frame.
        let mut work = vec![(entry, 0i64, None::<i64>)];
        let mut seen = HashSet::new();
        while let Some((place, mut depth, mut frame)) = work.pop() {
            let (section, mut at) = place;
            let code = &runtime.sections[&section].code;
            loop {
                if !seen.insert((section, at)) {
                    break;
                }
                // Another one than was entered after a jump.
                let (begin, name) = runtime.function((section, at));
                let rest = code.get(at as usize..).filter(|rest| !rest.is_empty()).ok_or("runs out of its section")?;
                let i = Decoder::with_ip(64, rest, at, DecoderOptions::NONE).decode();
                let unknown = |what: &str| Err(format!("{what} at {name}+{:#x} ({:?})", at - begin, i.code()));
                match i.flow_control() {
                    FlowControl::Next => {}
                    // The kernel has a stack of its own.
                    _ if i.mnemonic() == Mnemonic::Syscall => {}
                    // A breakpoint goes on behind it.
                    FlowControl::Interrupt if i.mnemonic() == Mnemonic::Int3 => {}
                    FlowControl::Return | FlowControl::Exception | FlowControl::Interrupt => break,
                    FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch => {
                        match runtime.target(section, &i) {
                            // As the address is behind the function that was entered, it is in the same one or a tail call.
                            Some(Target::Place(to)) => {
                                if ENDS.iter().all(|part| !runtime.name(to).contains(part)) {
                                    work.push((to, depth, frame));
                                }
                            }
                            Some(Target::Outside) => {}
                            None => return unknown("jump that cannot be followed"),
                        }
                        if i.flow_control() == FlowControl::UnconditionalBranch {
                            break;
                        }
                    }
                    FlowControl::Call => match runtime.target(section, &i) {
                        Some(Target::Place(to)) => {
                            need = need.max(depth + 8 + self.of(runtime, to)?);
                            if ENDS.iter().any(|part| runtime.name(to).contains(part)) {
                                break;
                            }
                        }
                        // Go functions check the stack.
                        Some(Target::Outside) => need = need.max(depth + 8),
                        None => return unknown("call that cannot be followed"),
                    },
                    FlowControl::IndirectCall => match runtime.target(section, &i) {
                        Some(Target::Place(to)) => need = need.max(depth + 8 + self.of(runtime, to)?),
                        _ if name.contains(CALLS_CLOCK) => need = need.max(depth + 8 + CLOCK),
                        // The thunk calls the function on its new segment, the first code of a goroutine its body.
                        _ if name.starts_with("golift_morestack") || name == "golift_gostart" => {}
                        _ => return unknown("indirect call"),
                    },
                    // The thunk starts the function anew, which checks the stack.
                    FlowControl::IndirectBranch if name.starts_with("golift_morestack") => break,
                    FlowControl::IndirectBranch => {
                        // A table of jumps: to anywhere in the function.
                        let Some(end) = runtime.end((section, begin)) else { return unknown("indirect jump") };
                        let body = &code[i.next_ip() as usize..end as usize];
                        let rest = Decoder::with_ip(64, body, i.next_ip(), DecoderOptions::NONE);
                        work.extend(rest.into_iter().map(|to| ((section, to.ip()), depth, frame)));
                        break;
                    }
                    _ => {}
                }
                match sp_after(&i, depth, frame) {
                    Sp::At(d) => depth = d,
                    Sp::Elsewhere => break,
                    Sp::Unknown => return unknown("stack pointer"),
                }
                if i.code() == Code::Mov_r64_rm64 || i.code() == Code::Mov_rm64_r64 {
                    if i.op0_register() == Register::RBP && i.op1_register() == Register::RSP {
                        frame = Some(depth);
                    }
                } else if i.mnemonic() == Mnemonic::Pop && i.op0_register() == Register::RBP {
                    frame = None;
                }
                need = need.max(depth);
                at = i.next_ip();
            }
        }
        Ok(need)
    }
}

enum Sp {
    At(i64),
    /// The stack pointer was loaded: this is another stack.
    Elsewhere,
    Unknown,
}

/// The distance of the stack pointer from the entry after an instruction.
fn sp_after(i: &Instruction, depth: i64, frame: Option<i64>) -> Sp {
    let to_sp = i.op_count() > 0 && i.op0_kind() == OpKind::Register && i.op0_register() == Register::RSP;
    match i.mnemonic() {
        Mnemonic::Call | Mnemonic::Cmp | Mnemonic::Test => Sp::At(depth),
        Mnemonic::Leave => frame.map_or(Sp::Unknown, |f| Sp::At(f - 8)),
        Mnemonic::Mov if to_sp && i.op1_kind() == OpKind::Register && i.op1_register() == Register::RBP => {
            frame.map_or(Sp::Unknown, Sp::At)
        }
        Mnemonic::Mov if to_sp => Sp::Elsewhere,
        Mnemonic::Lea if to_sp && i.memory_base() == Register::RBP && i.memory_index() == Register::None => {
            frame.map_or(Sp::Unknown, |f| Sp::At(f - i.memory_displacement64() as i64))
        }
        Mnemonic::Lea if to_sp && i.memory_base() == Register::RSP && i.memory_index() == Register::None => {
            Sp::At(depth - i.memory_displacement64() as i64)
        }
        // Alignment; at most this much.
        Mnemonic::And if to_sp => Sp::At(depth + (-i.immediate(1).cast_signed() - 1)),
        Mnemonic::Add | Mnemonic::Sub if to_sp && i.op1_kind() == OpKind::Register => Sp::Unknown,
        _ if i.is_stack_instruction() || to_sp => Sp::At(depth - i64::from(i.stack_pointer_increment()) - moved(i)),
        _ => Sp::At(depth),
    }
}

/// What `add rsp, n` and `sub rsp, n` do.
fn moved(i: &Instruction) -> i64 {
    match i.mnemonic() {
        Mnemonic::Add => i.immediate(1).cast_signed(),
        Mnemonic::Sub => -i.immediate(1).cast_signed(),
        _ => 0,
    }
}

#[test]
fn leaves_fit_in_their_part_of_the_red_zone() {
    let runtime = load();
    let mut needs = Needs::default();
    let mut deepest: Vec<(i64, &str)> = Vec::new();
    let mut faults = Vec::new();
    for (name, &place) in &runtime.symbols {
        if !name.starts_with("golift_") || ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        needs.open.clear();
        // The call itself pushes a word.
        match needs.of(&runtime, place) {
            Ok(need) => deepest.push((need + 8, name)),
            Err(e) => faults.push(e),
        }
    }
    deepest.sort_unstable();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(deepest.len() > 150, "{} symbols", deepest.len());
    let need = deepest.last().map_or(0, |d| d.0);
    let shown: Vec<_> = deepest.iter().rev().take(12).collect();
    assert!(need <= i64::from(STACK_LEAF), "leaves need {need} bytes: {shown:?}");
    assert!(
        need + 128 > i64::from(STACK_LEAF),
        "STACK_LEAF is much more than the {need} bytes that leaves need: {shown:?}"
    );
}

/// A fault in a leaf that works on the program's memory is the program's, which holds for its own section only.
#[test]
fn framed_leaves_call_only_leaves() {
    let runtime = load();
    let (section, first) = runtime.symbols["golift_framed_start"];
    let (_, end) = runtime.symbols["golift_framed_end"];
    let (frameless, low) = runtime.symbols["golift_leaf_start"];
    let (_, high) = runtime.symbols["golift_leaf_end"];
    let is_leaf =
        |(s, at): Place| s == section && (first..end).contains(&at) || s == frameless && (low..high).contains(&at);
    let code = &runtime.sections[&section].code[first as usize..end as usize];
    let mut calls = 0;
    for i in Decoder::with_ip(64, code, first, DecoderOptions::NONE) {
        match i.flow_control() {
            FlowControl::IndirectCall | FlowControl::IndirectBranch => {
                panic!("indirect call in {}", runtime.name((section, i.ip())))
            }
            FlowControl::Call | FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                let Some(Target::Place(to)) = runtime.target(section, &i) else { panic!("{i:?}") };
                let (from, to_name) = (runtime.name((section, i.ip())), runtime.name(to));
                let ends = ENDS.iter().any(|part| to_name.contains(part));
                assert!(ends || is_leaf(to), "{from} calls {to_name}");
                calls += 1;
            }
            _ => {}
        }
    }
    assert!(calls > 5, "{calls} calls");
}
