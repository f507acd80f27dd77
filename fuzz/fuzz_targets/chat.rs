//! Any bytes as an export of a messenger: the first byte tells which, and how small the bounds are.
#![no_main]

#[path = "../../crates/documents/tests/fuzzed/mod.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::chat(data));
