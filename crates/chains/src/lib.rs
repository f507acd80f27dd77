//! Bytes to typed rows, per chain: pure parsing, no IO.
