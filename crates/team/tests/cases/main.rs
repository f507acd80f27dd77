//! Cases on both databases: rights, versions, undoing, files, erasure, bounds.
#![allow(clippy::unwrap_used)] // tests

#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod deconflict;
mod files;
mod hostile;
mod purge;
mod rights;
mod undo;
mod versions;
mod world;
