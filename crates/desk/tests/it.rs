//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod alert_kills;
mod alerts;
mod engine_world;
mod keys;
mod mail;
mod rescreen;
mod schemas;
mod storage;
mod support;
mod webhooks;
