//! Views as text for people: plain words first, figures aligned, every hash whole.

mod chain;
mod evidence;
mod words;

pub(crate) use chain::{address, block, entity, ingest, simulate, status, tx, verify};
pub(crate) use evidence::{explain, labels, screen, trace};
pub(crate) use words::{btc, money, percent, plain_table};
