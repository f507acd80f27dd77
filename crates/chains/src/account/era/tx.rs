//! Transactions, and who signed them.

use super::rlp::{Item, Items, list};
use super::{EraError, keccak};
use crate::account::raw::RawTx;
use athar_types::account::{AccountBytes, U256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

const WHAT: &str = "a transaction";

/// A transaction and what a receipt needs to know of it.
pub(super) struct Read {
    pub(super) tx: RawTx,
    pub(super) nonce: u64,
    /// What is paid for a unit of gas, where that is not what the transaction offers.
    pub(super) paid: Option<U256>,
}

/// A transaction as it stands in the trie: RLP of the first form, or a type and RLP.
pub(super) fn encoded<'a>(item: &Item<'a>) -> &'a [u8] {
    if item.is_list { item.raw } else { item.payload }
}

/// Reads a transaction as it stands in the trie.
pub(super) fn transaction(bytes: &[u8], base_fee: Option<U256>) -> Result<Read, EraError> {
    match bytes {
        [0xc0..=0xff, ..] => first_form(bytes),
        [kind @ 1..=2, rest @ ..] => typed(*kind, rest, bytes, base_fee),
        _ => Err(EraError::Rlp { what: "a transaction of a type up to 2" }),
    }
}

fn first_form(bytes: &[u8]) -> Result<Read, EraError> {
    let mut items = Items::of_list(bytes, WHAT)?;
    let payload = items.rest();
    let nonce = items.small()?;
    let gas_price = items.number()?;
    let _gas = items.small()?;
    let (to, value, data) = (items.account()?, items.number()?, items.bytes()?);
    let signed = &payload[..payload.len() - items.rest().len()];
    let v = items.small()?;
    let (parity, digest) = match v {
        27 | 28 => (v == 28, keccak(&list(&[signed]))),
        // with the chain's id, against use on another chain (EIP-155)
        35.. => {
            let id = alloy_rlp::encode((v - 35) / 2);
            ((v - 35) % 2 == 1, keccak(&list(&[signed, &id, &[0x80, 0x80]])))
        }
        _ => return Err(EraError::Rlp { what: "a transaction's signature" }),
    };
    let from = signer(&digest, parity, items.number()?, items.number()?)?;
    items.end()?;
    let tx = raw(bytes, from, to, value, data, gas_price);
    Ok(Read { tx, nonce, paid: None })
}

fn typed(kind: u8, rest: &[u8], bytes: &[u8], base_fee: Option<U256>) -> Result<Read, EraError> {
    let mut items = Items::of_list(rest, WHAT)?;
    let payload = items.rest();
    let _chain = items.number()?;
    let nonce = items.small()?;
    let tip = if kind == 2 { Some(items.number()?) } else { None };
    let gas_price = items.number()?;
    let _gas = items.small()?;
    let (to, value, data) = (items.account()?, items.number()?, items.bytes()?);
    let _access = items.list()?;
    let signed = &payload[..payload.len() - items.rest().len()];
    let mut message = vec![kind];
    message.extend(list(&[signed]));
    let parity = match items.small()? {
        0 => false,
        1 => true,
        _ => return Err(EraError::Rlp { what: "a transaction's signature" }),
    };
    let from = signer(&keccak(&message), parity, items.number()?, items.number()?)?;
    items.end()?;
    // EIP-1559: the base fee and the tip, and never more than was offered
    let paid = tip.map(|tip| base_fee.unwrap_or_default().saturating_add(tip).min(gas_price));
    let tx = raw(bytes, from, to, value, data, gas_price);
    Ok(Read { tx, nonce, paid })
}

fn raw(bytes: &[u8], from: AccountBytes, to: Option<AccountBytes>, value: U256, data: &[u8], gas_price: U256) -> RawTx {
    let selector = data.get(..4).and_then(|head| head.try_into().ok());
    RawTx { hash: keccak(bytes), from, to, value, selector, gas_price, receipt: None, trc10: None }
}

/// Who signed `digest`.
fn signer(digest: &[u8; 32], parity: bool, r: U256, s: U256) -> Result<AccountBytes, EraError> {
    let wrong = |_| EraError::Rlp { what: "a transaction's signature" };
    let signature = Signature::from_scalars(r.to_be_bytes::<32>(), s.to_be_bytes::<32>()).map_err(wrong)?;
    // before Homestead either half of the curve's order was allowed; the library takes the lower, which has the other parity
    let (signature, parity) = match signature.normalize_s() {
        Some(lower) => (lower, !parity),
        None => (signature, parity),
    };
    let key = VerifyingKey::recover_from_prehash(digest, &signature, RecoveryId::new(parity, false)).map_err(wrong)?;
    let hash = keccak(&key.to_encoded_point(false).as_bytes()[1..]);
    let mut account = [0; 20];
    account.copy_from_slice(&hash[12..]);
    Ok(account)
}

/// The address of the contract that the account's transaction of that nonce creates.
pub(super) fn created(by: &AccountBytes, nonce: u64) -> AccountBytes {
    let hash = keccak(&list(&[&super::rlp::text(by), &alloy_rlp::encode(nonce)]));
    let mut account = [0; 20];
    account.copy_from_slice(&hash[12..]);
    account
}
