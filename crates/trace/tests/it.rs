//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod amounts;
mod exposure;
mod lines;
mod naive;
mod paths;
mod told;
mod ways;
