//! The heuristics for accounts against worlds whose truth is known.
#![allow(clippy::unwrap_used)] // tests

mod measured;
mod page;
mod world;
