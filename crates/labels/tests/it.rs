//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod anything;
mod common;
mod decisions;
mod export;
mod faults;
mod hostile;
mod shared_labels;
mod store;
mod tables;
mod tagpack;
