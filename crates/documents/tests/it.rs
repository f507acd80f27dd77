//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod any;
mod archives;
mod chats;
mod docx;
mod fuzzed;
mod html;
mod kept;
mod mail;
mod pdf;
mod pictures;
#[path = "support/seen.rs"]
mod seen;
mod shared_warc;
mod support;
mod text;
mod warc;
