//! Bytes to typed rows, per chain: pure parsing, no IO.
//!
//! One folder per chain. Nothing here opens a file, reads a clock or allocates in proportion to a number that the
//! input merely claims; every function is total over arbitrary bytes and says where and why it refused them.

pub mod bitcoin;
