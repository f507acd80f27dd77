//! From plans to block files: scripts, transactions, blocks, their order on disk, and the files themselves.

mod encode;
mod files;
mod genesis;
mod keyring;
mod kind;
mod order;
mod plan;
mod tx;

pub(crate) use encode::{Encoded, Encoder};
pub(crate) use files::{BlockFiles, FileEntry, HashedFile};
pub(crate) use keyring::Keyring;
pub(crate) use kind::{Kind, TX_WEIGHT};
pub(crate) use order::Disorder;
pub(crate) use plan::{BlockPlan, InputPlan, Named, OutputPlan, Style, TxPlan, subsidy};
