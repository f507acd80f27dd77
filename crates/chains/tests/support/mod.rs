//! What the tests share. Each test file uses its part of it.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

pub(crate) mod checks;
pub(crate) mod fixtures;
pub(crate) mod shared;
