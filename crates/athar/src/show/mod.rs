//! Views as text for people: plain words first, figures aligned, every hash whole.

mod chain;
mod evidence;
mod follow;
mod words;

pub(crate) use chain::{address, block, entity, ingest, simulate, status, tx, verify};
pub(crate) use evidence::{explain, headline, labels, risk, screen, trace};
pub(crate) use follow::{event, mempool};
pub(crate) use words::{btc, dollars, grouped, money, plain_table};
