//! RLP, item by item: nothing is copied, nothing recurses, and no length is believed beyond the bytes that are there.

use super::EraError;
use athar_types::account::{AccountBytes, U256};

/// An item.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// Whether it is a list.
    pub(super) is_list: bool,
    /// What it holds.
    pub(super) payload: &'a [u8],
    /// All of it, its head included.
    pub(super) raw: &'a [u8],
}

/// The items of a list, or several after one another.
#[derive(Clone, Copy)]
pub(super) struct Items<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Items<'a> {
    /// The items of the one list that `bytes` are.
    pub(super) fn of_list(bytes: &'a [u8], what: &'static str) -> Result<Self, EraError> {
        let mut all = Self { rest: bytes, what };
        let list = all.list()?;
        all.end()?;
        Ok(list)
    }

    fn wrong(&self) -> EraError {
        EraError::Rlp { what: self.what }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes that are not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn item(&mut self) -> Result<Item<'a>, EraError> {
        let all = self.rest;
        let mut rest = all;
        let head = alloy_rlp::Header::decode(&mut rest).map_err(|_| self.wrong())?;
        let payload = rest.get(..head.payload_length).ok_or_else(|| self.wrong())?;
        self.rest = &rest[head.payload_length..];
        let raw = &all[..all.len() - self.rest.len()];
        Ok(Item { is_list: head.list, payload, raw })
    }

    pub(super) fn list(&mut self) -> Result<Self, EraError> {
        let item = self.item()?;
        if item.is_list { Ok(Self { rest: item.payload, what: self.what }) } else { Err(self.wrong()) }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], EraError> {
        let item = self.item()?;
        if item.is_list { Err(self.wrong()) } else { Ok(item.payload) }
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], EraError> {
        self.bytes()?.try_into().map_err(|_| self.wrong())
    }

    /// A number, without leading zeros.
    pub(super) fn number(&mut self) -> Result<U256, EraError> {
        let bytes = self.bytes()?;
        if bytes.len() > 32 || bytes.first() == Some(&0) {
            return Err(self.wrong());
        }
        Ok(U256::from_be_slice(bytes))
    }

    pub(super) fn small(&mut self) -> Result<u64, EraError> {
        self.number()?.try_into().map_err(|_| self.wrong())
    }

    /// An address, or nothing.
    pub(super) fn account(&mut self) -> Result<Option<AccountBytes>, EraError> {
        let bytes = self.bytes()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        bytes.try_into().map(Some).map_err(|_| self.wrong())
    }

    pub(super) fn end(&self) -> Result<(), EraError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong()) }
    }
}

/// A list of items that are encoded already.
pub(super) fn list(parts: &[&[u8]]) -> Vec<u8> {
    let payload_length = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(payload_length + 9);
    alloy_rlp::Header { list: true, payload_length }.encode(&mut out);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A text of bytes.
pub(super) fn text(bytes: &[u8]) -> Vec<u8> {
    alloy_rlp::encode(bytes)
}
