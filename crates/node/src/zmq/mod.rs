//! What a node publishes over ZMQ.
//!
//! Only the part of ZMTP 3.0 that a subscriber needs is here, written out: the one kept pure-Rust library reserves
//! whatever length a frame claims before a byte of it has come, and connects again behind its user's back, while a
//! follower has to know that notices were missed (`docs/adr`).

mod feed;
mod frame;
mod notice;
mod socket;

pub use feed::{Feed, FeedEvent};
pub use notice::{Notice, SequenceNotice, Topic};
