//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod conditions;
mod decision;
mod laws;
mod parse;
mod store;
mod support;
mod weights;
