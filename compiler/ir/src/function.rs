//! Function bodies.

use crate::entities::{Block, Inst, Loc, Scope, Slot, SourceVar, Text, Value};
use crate::inst::{InstData, Type};
use crate::variables::{ScopeData, SourceVarData};
use cranelift_entity::packed_option::PackedOption;
use cranelift_entity::{EntityRef, PrimaryMap, SecondaryMap};
use smallvec::SmallVec;

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueDef {
    /// The n-th parameter of a block.
    Param(Block, u32),
    /// The n-th result of an instruction.
    Result(Inst, u32),
}

/// What is known of a value.
#[derive(Clone, Copy, Debug)]
pub struct ValueData {
    /// Its type.
    pub ty: Type,
    /// Where it comes from.
    pub def: ValueDef,
}

/// A basic block.
#[derive(Clone, Default, Debug)]
pub struct BlockData {
    /// Its parameters: what other forms of SSA call phis.
    pub params: Vec<Value>,
    /// The terminator is the last one.
    pub insts: Vec<Inst>,
}

/// A stack slot: memory in the frame.
#[derive(Clone, Debug)]
pub struct SlotData {
    /// Bytes; 0 for one that is not used any more.
    pub size: u64,
    /// In bytes, a power of two.
    pub align: u32,
}

/// A node of the inline tree: where an instruction comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LocData {
    /// Display name of the function that contains the source text.
    pub func: Text,
    /// The file that it is in, as shown.
    pub file: Text,
    /// From 1; 0 is unknown.
    pub line: u32,
    /// In bytes, from 1; 0 is unknown.
    pub column: u32,
    /// Line of that function's declaration.
    pub start_line: u32,
    /// Call site that this was inlined at; `Loc(0)` when not inlined.
    pub parent: Loc,
    /// The scope that it is in, where scopes are kept.
    pub scope: PackedOption<Scope>,
}

/// A function body. Blocks not in `layout` are dead.
#[derive(Clone)]
pub struct Function {
    /// All blocks, dead ones too.
    pub blocks: PrimaryMap<Block, BlockData>,
    /// Block order; the first is the entry, whose parameters are the function's parameters.
    pub layout: Vec<Block>,
    /// All instructions, dead ones too.
    pub insts: PrimaryMap<Inst, InstData>,
    /// The results of each instruction.
    pub results: SecondaryMap<Inst, SmallVec<[Value; 1]>>,
    /// Where each instruction comes from.
    pub inst_locs: SecondaryMap<Inst, Loc>,
    /// All values, dead ones too.
    pub values: PrimaryMap<Value, ValueData>,
    /// The slots of the frame.
    pub slots: PrimaryMap<Slot, SlotData>,
    /// The inline tree; entry 0 is the unknown location.
    pub locs: PrimaryMap<Loc, LocData>,
    /// Scopes of the source; the first is that of the function. Empty unless lowering was asked for variables.
    pub scopes: PrimaryMap<Scope, ScopeData>,
    /// Variables of the source. Empty unless lowering was asked for them.
    pub source_vars: PrimaryMap<SourceVar, SourceVarData>,
}

impl Default for Function {
    fn default() -> Self {
        Self::new()
    }
}

impl Function {
    /// An empty body without blocks.
    pub fn new() -> Self {
        let mut locs = PrimaryMap::new();
        locs.push(LocData {
            func: Text::EMPTY,
            file: Text::EMPTY,
            line: 0,
            column: 0,
            start_line: 0,
            parent: Loc::new(0),
            scope: None.into(),
        });
        Function {
            blocks: PrimaryMap::new(),
            layout: Vec::new(),
            insts: PrimaryMap::new(),
            results: SecondaryMap::new(),
            inst_locs: SecondaryMap::with_default(Loc::new(0)),
            values: PrimaryMap::new(),
            slots: PrimaryMap::new(),
            locs,
            scopes: PrimaryMap::new(),
            source_vars: PrimaryMap::new(),
        }
    }

    /// The block that calls enter, whose parameters are those of the function.
    pub fn entry(&self) -> Block {
        self.layout[0]
    }

    /// Makes a block that is not yet in the layout.
    pub fn make_block(&mut self) -> Block {
        self.blocks.push(BlockData::default())
    }

    /// Adds a parameter to a block; branches to it must pass one more argument.
    pub fn append_param(&mut self, block: Block, ty: Type) -> Value {
        let n = self.blocks[block].params.len() as u32;
        let v = self.values.push(ValueData { ty, def: ValueDef::Param(block, n) });
        self.blocks[block].params.push(v);
        v
    }

    /// A slot of that many bytes.
    pub fn make_slot(&mut self, size: u64, align: u32) -> Slot {
        self.slots.push(SlotData { size, align })
    }

    /// Makes an instruction with results of the given types, not yet in a block.
    pub fn make_inst(&mut self, data: InstData, result_types: &[Type], loc: Loc) -> Inst {
        let inst = self.insts.push(data);
        let mut results = SmallVec::new();
        for (i, &ty) in result_types.iter().enumerate() {
            results.push(self.values.push(ValueData { ty, def: ValueDef::Result(inst, i as u32) }));
        }
        self.results[inst] = results;
        self.inst_locs[inst] = loc;
        inst
    }

    /// Bytes of all slots.
    pub fn frame_bytes(&self) -> u64 {
        self.slots.values().map(|s| s.size.next_multiple_of(8)).sum()
    }

    /// The type of a value.
    pub fn ty(&self, v: Value) -> Type {
        self.values[v].ty
    }

    /// The first result of an instruction.
    pub fn result(&self, inst: Inst) -> Value {
        self.results[inst][0]
    }

    /// The last instruction of a block in the layout.
    pub fn terminator(&self, block: Block) -> Inst {
        *self.blocks[block].insts.last().expect("block without terminator")
    }

    /// The instruction that defines `v`, if it is not a block parameter.
    pub fn def_inst(&self, v: Value) -> Option<Inst> {
        match self.values[v].def {
            ValueDef::Result(inst, _) => Some(inst),
            ValueDef::Param(..) => None,
        }
    }
}
