//! Switches over many constants.
//!
//! Problem: a chain of comparisons takes time of the number of cases, in the program and, for generated switches of thousands, in the
//! compiler. Strategy: as in gc, runs of constant cases are sorted (they are distinct) and searched: integers by halving, with
//! jump tables where they lie close together, strings first by length. Cases that are no constants keep their place: what comes before them is
//! compared before them. A few cases are a chain as before.

use crate::constant::{int_bits, sign_extend};
use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{BinaryOp, Block, IntCC, RuntimeFn, Type as Ir, Value};
use golift_syntax::Expr;
use golift_types::Mode;

/// Up to so many cases are compared one after the other.
const CHAIN: usize = 4;
/// A jump table has at least so many cases, and one of so many entries is a case (gc's numbers).
const TABLE: usize = 8;
const DENSITY: u64 = 4;

/// A case of a switch and the block that it leads to.
#[derive(Clone, Copy)]
pub struct Case<'e> {
    pub expr: &'e Expr,
    pub body: Block,
}

/// How an integer is compared.
#[derive(Clone, Copy)]
struct Number {
    value: Value,
    ty: Ir,
    signed: bool,
}

impl Number {
    /// Numbers in the order of these are in the order of the type.
    fn key(self, n: i64) -> i128 {
        if self.signed { n.into() } else { self.unsigned(n).into() }
    }

    /// The bits of the type, without extension.
    fn unsigned(self, n: i64) -> u64 {
        n as u64 & (u64::MAX >> (64 - 8 * self.ty.bytes()))
    }
}

impl FuncLower<'_, '_> {
    /// True if cases of a switch over `tag` may be searched by [`search`](Self::search).
    pub fn is_searchable(&self, tag: &Val, t: Ty) -> bool {
        let Val::Scalars(scalars) = tag else { return false };
        match self.cx.tys.under_kind(t) {
            // What is known is decided case by case.
            TyKind::Basic(b) if b.is_integer() => self.b.as_iconst(scalars[0]).is_none(),
            TyKind::Basic(Basic::String) => self.b.as_iconst(scalars[1]).is_none(),
            _ => false,
        }
    }

    /// The leading cases that are constants, if they are worth a search.
    pub fn constant_run<'c, 'e>(&self, cases: &'c [Case<'e>]) -> &'c [Case<'e>] {
        let is_constant = |case: &Case| self.info.types(case.expr.id).mode == Mode::Constant;
        let run = cases.iter().take_while(|case| is_constant(case)).count();
        if run > CHAIN { &cases[..run] } else { &[] }
    }

    /// Branches to the body of the constant that `tag` equals; afterwards the current block is where it equals none.
    pub fn search(&mut self, tag: &Val, t: Ty, cases: &[Case]) {
        let miss = self.b.create_block();
        let scalars = self.scalars(tag.clone(), t);
        let constant = |f: &Self, case: &Case| f.info.value_of(case.expr).cloned().expect("constants have values");
        match self.cx.tys.under_kind(t) {
            TyKind::Basic(Basic::String) => {
                let bytes = |case: &Case| (constant(self, case).as_str_bytes().unwrap_or_default().to_vec(), case.body);
                let cases = cases.iter().map(bytes).collect();
                self.search_strings(t, &scalars, cases, miss);
            }
            TyKind::Basic(b) => {
                let ty = self.b.ty(scalars[0]);
                let number = Number { value: scalars[0], ty, signed: !b.is_unsigned() };
                let bits = |case: &Case| (sign_extend(int_bits(&constant(self, case)), ty), case.body);
                let cases = cases.iter().map(bits).collect();
                self.search_numbers(number, cases, miss);
            }
            k => panic!("search of {k:?}"),
        }
        self.b.seal_and_switch(miss);
    }

    fn search_numbers(&mut self, number: Number, mut cases: Vec<(i64, Block)>, miss: Block) {
        cases.sort_by_key(|case| number.key(case.0));
        self.search_sorted(number, &cases, miss);
    }

    fn search_sorted(&mut self, number: Number, cases: &[(i64, Block)], miss: Block) {
        if cases.len() <= CHAIN {
            for &(n, body) in cases {
                let next = self.b.create_block();
                let hit = self.b.icmp_imm(IntCC::Eq, number.value, n);
                self.b.brif(hit, body, next);
                self.b.seal_and_switch(next);
            }
            return self.b.jump(miss, &[]);
        }
        let (first, last) = (cases[0].0, cases[cases.len() - 1].0);
        let span = number.unsigned(last.wrapping_sub(first));
        if cases.len() >= TABLE && span / DENSITY < cases.len() as u64 {
            return self.jump_table(number, cases, span, miss);
        }
        let (low, high) = cases.split_at(cases.len() / 2);
        let (below, above) = (self.b.create_block(), self.b.create_block());
        let less = if number.signed { IntCC::Slt } else { IntCC::Ult };
        let is_below = self.b.icmp_imm(less, number.value, high[0].0);
        self.b.brif(is_below, below, above);
        self.b.seal_and_switch(below);
        self.search_sorted(number, low, miss);
        self.b.seal_and_switch(above);
        self.search_sorted(number, high, miss);
    }

    /// Entries that are no case lead to `miss`, as everything beyond the table does.
    fn jump_table(&mut self, number: Number, cases: &[(i64, Block)], span: u64, miss: Block) {
        let first = cases[0].0;
        let to = |block| ir::BlockCall { block, args: Default::default() };
        let mut targets = vec![to(miss); span as usize + 1];
        for &(n, body) in cases {
            targets[number.unsigned(n.wrapping_sub(first)) as usize] = to(body);
        }
        // Wraps around below the first case.
        let index = self.b.binary_imm(BinaryOp::Sub, number.value, first);
        self.b.ins0(ir::InstData::BrTable { index, targets, default: to(miss) });
    }

    fn search_strings(&mut self, t: Ty, tag: &[Value], mut cases: Vec<(Vec<u8>, Block)>, miss: Block) {
        cases.sort_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
        let groups: Vec<&[(Vec<u8>, Block)]> = cases.chunk_by(|a, b| a.0.len() == b.0.len()).collect();
        let blocks: Vec<Block> = groups.iter().map(|_| self.b.create_block()).collect();
        let lengths = groups.iter().zip(&blocks).map(|(group, &block)| (group[0].0.len() as i64, block)).collect();
        let length = Number { value: tag[1], ty: Ir::I64, signed: true };
        self.search_numbers(length, lengths, miss);
        for (group, block) in groups.into_iter().zip(blocks) {
            self.b.seal_and_switch(block);
            self.search_strings_of_length(t, tag, group, miss);
        }
    }

    fn search_strings_of_length(&mut self, t: Ty, tag: &[Value], cases: &[(Vec<u8>, Block)], miss: Block) {
        if cases.len() <= CHAIN {
            for (text, body) in cases {
                let next = self.b.create_block();
                let want = self.string_const(text);
                let hit = self.equal(t, Val::Scalars(tag.iter().copied().collect()), want);
                self.b.brif(hit, *body, next);
                self.b.seal_and_switch(next);
            }
            return self.b.jump(miss, &[]);
        }
        let (low, high) = cases.split_at(cases.len() / 2);
        let (below, above) = (self.b.create_block(), self.b.create_block());
        let middle = self.string_const(&high[0].0);
        let middle = self.scalars(middle, t);
        let order = self.rt1(RuntimeFn::CmpString, &[tag[0], tag[1], middle[0], middle[1]]);
        let is_below = self.b.icmp_imm(IntCC::Slt, order, 0);
        self.b.brif(is_below, below, above);
        self.b.seal_and_switch(below);
        self.search_strings_of_length(t, tag, low, miss);
        self.b.seal_and_switch(above);
        self.search_strings_of_length(t, tag, high, miss);
    }
}
