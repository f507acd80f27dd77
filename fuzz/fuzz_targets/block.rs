//! Any bytes as a block and as a transaction: refused at a place inside them, or re-encoded to the byte.
#![no_main]

#[path = "../../crates/chains/tests/support/checks.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    checks::block(data);
    checks::tx(data);
});
