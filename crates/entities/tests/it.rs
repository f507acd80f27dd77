//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod change;
mod explain;
mod faults;
mod forest;
mod overlay;
mod properties;
mod same_key;
mod shared_graphsense;
mod support;
mod without;
