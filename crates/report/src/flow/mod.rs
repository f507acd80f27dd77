//! The flow diagram: a trace as at most about forty boxes and the lines between them, drawn as inline SVG.
//!
//! * [`graph`] sums a trace up: outputs to boxes, movements to lines, so that every box takes in what it gives out;
//! * [`layout`] places them in columns by hop;
//! * [`svg`] draws them, mirrored for languages that are written from right to left.

mod graph;
mod layout;
mod names;
mod svg;

pub(crate) use graph::{Column, Flow, Kind, Node};
pub(crate) use names::Names;
pub(crate) use svg::{BoxText, Caption, draw};
