//! The flow diagram: a trace as at most about forty boxes and the lines between them, drawn as inline SVG.
//!
//! * [`gather`] gives every satoshi of a trace an end;
//! * [`graph`] sums it up: outputs to boxes, movements to lines, so that every box takes in what it gives out;
//! * [`layout`] places them in columns by hop;
//! * [`svg`] draws them, mirrored for languages that are written from right to left.

mod gather;
mod graph;
mod layout;
mod names;
mod svg;
#[cfg(test)]
mod tests;

pub(crate) use graph::{Column, Flow, Kind, Node};
pub(crate) use names::Names;
pub(crate) use svg::{BoxText, Caption, draw};
