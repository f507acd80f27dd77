#![allow(missing_docs)]
use athar_chains::account::raw::RawBlock;
use athar_types::Chain;
use std::path::PathBuf;
#[derive(Clone, Copy, Debug)]
pub enum Format {
    Era,
    Etl,
    GraphSense,
    TronHttp,
    JsonRpc,
}
#[derive(Debug)]
pub struct Source;
#[derive(Clone, Copy, Debug)]
pub struct Knows {
    pub txs: bool,
    pub receipts: bool,
    pub logs: bool,
    pub traces: bool,
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct AccountSourceError;
impl Source {
    pub fn open_as(_: &[PathBuf], _: Chain, _: Option<Format>) -> Result<Self, AccountSourceError> {
        Err(AccountSourceError)
    }
    pub fn knows(&self) -> Knows {
        Knows { txs: true, receipts: true, logs: true, traces: true }
    }
}
impl Iterator for Source {
    type Item = Result<RawBlock, AccountSourceError>;
    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}
