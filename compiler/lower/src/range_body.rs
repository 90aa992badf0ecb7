//! What a function knows while the body of a `for … range f` over an iterator function is lowered (`rangefunc`).

use crate::front::Symbol;
use golift_ir::Variable;

/// Ways out of the loop other than its own `break` and `continue`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Return,
    Break(Option<Symbol>),
    Continue(Option<Symbol>),
    Goto(Symbol),
}

/// State of lowering inside a body.
pub struct RangeBody {
    /// Address of the cell.
    pub cell: Variable,
    pub label: Option<Symbol>,
    /// Numbered from 1.
    pub exits: Vec<Exit>,
}
