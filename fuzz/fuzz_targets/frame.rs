//! Any bytes as a piece of a block file.
#![no_main]

#[path = "../../crates/chains/tests/support/checks.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::frame(data));
