//! A deterministic economy in Bitcoin Core's block format, with ground truth.
