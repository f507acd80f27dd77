//! Any bytes as a web archive: the first byte tells whether WARC, ARC, or what its content tells, and how small the bounds are.
#![no_main]

#[path = "../../crates/documents/tests/fuzzed/mod.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::web_archive(data));
