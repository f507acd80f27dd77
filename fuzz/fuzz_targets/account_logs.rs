//! Any bytes as the logs of a transaction.
#![no_main]

#[path = "../../crates/chains/tests/support/checks_account.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::logs(data));
