//! Any bytes as a locking script, and as an unlocking script with its witness.
#![no_main]

#[path = "../../crates/chains/tests/support/checks.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    checks::script(data);
    checks::reveal(data);
});
