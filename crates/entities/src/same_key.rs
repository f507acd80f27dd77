//! Address forms of one public key.
//!
//! A key can be paid in three ways whose addresses look unrelated: P2PKH, P2WPKH (BIP 141) and P2WPKH wrapped in P2SH
//! (BIP 141). All of them are hashes of the key, so once the key is seen in a spend, anybody can compute the other two:
//! who can spend one can spend all. Uncompressed keys have no segwit form (BIP 143) and tie nothing.
//!
//! The tie is as certain as the hash function. What it cannot say is who paid the other form: anyone who saw the key
//! could send coins to a form that its owner never handed out. So a tie holds from the first transaction at which the
//! key was revealed AND both forms existed, and it keeps the transaction that revealed the key as its evidence.

use athar_ledger::Ledger;
use athar_types::{AddressId, AddressKey, AddressKind, TxNum};
use rayon::prelude::*;

/// Addresses looked at by one task.
const CHUNK: u32 = 1 << 16;

/// Two forms of one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyTie {
    /// The first transaction at which the key was revealed and both forms existed.
    pub at: TxNum,
    /// The form that existed first of all forms of the key.
    pub a: AddressId,
    /// The other form.
    pub b: AddressId,
    /// The transaction that revealed the key: the first spend from any of its forms.
    pub reveal: TxNum,
}

/// Every tie of the chain, by ascending moment, then by the addresses.
///
/// None on a chain without segwit: there only one form of a key is the key's, and what looks like another is anybody's.
/// One look-up in the address dictionary for each form of each P2PKH and P2WPKH address, shared among all cores.
pub fn ties(ledger: &Ledger) -> Vec<KeyTie> {
    if !ledger.chain().has_segwit() {
        return Vec::new();
    }
    let count = ledger.address_count();
    let chunks = count.div_ceil(CHUNK);
    let mut ties: Vec<KeyTie> = (0..chunks)
        .into_par_iter()
        .flat_map_iter(|chunk| {
            let end = (chunk + 1).saturating_mul(CHUNK).min(count);
            (chunk * CHUNK..end).flat_map(|id| ties_led_by(ledger, AddressId(id)))
        })
        .collect();
    ties.par_sort_unstable();
    ties
}

/// The ties of the key behind `address`, where it is the oldest P2PKH or P2WPKH form of its key: so each key is
/// looked at once.
fn ties_led_by(ledger: &Ledger, address: AddressId) -> Vec<KeyTie> {
    let key = ledger.address_key(address);
    let other = match key.kind() {
        AddressKind::P2pkh => AddressKind::P2wpkh,
        AddressKind::P2wpkh => AddressKind::P2pkh,
        _ => return Vec::new(),
    };
    let Ok(hash) = <&[u8; 20]>::try_from(key.payload()) else { return Vec::new() };
    let bare = AddressKey::new(other, hash).and_then(|k| ledger.address_id(&k));
    if bare.is_some_and(|b| b < address) {
        return Vec::new();
    }
    let wrapped = ledger.address_id(&AddressKey::wrapped_p2wpkh(hash));
    let mut forms: Vec<AddressId> = [Some(address), bare, wrapped].into_iter().flatten().collect();
    // only the P2PKH form can have been spent with an uncompressed key, and a hash has but one key behind it
    if forms.len() < 2 || forms.iter().any(|f| ledger.is_uncompressed(*f)) {
        return Vec::new();
    }
    let Some(reveal) = forms.iter().filter_map(|f| first_spend(ledger, *f)).min() else { return Vec::new() };
    forms.sort_unstable();
    let oldest = forms[0];
    forms[1..].iter().map(|b| KeyTie { at: reveal.max(first_paid(ledger, *b)), a: oldest, b: *b, reveal }).collect()
}

/// The first transaction that spends from an address.
fn first_spend(ledger: &Ledger, address: AddressId) -> Option<TxNum> {
    ledger.address_outputs(address).filter_map(|output| ledger.spent_by(output)).min()
}

/// The first transaction that pays an address.
pub(crate) fn first_paid(ledger: &Ledger, address: AddressId) -> TxNum {
    // an address exists because some output pays it
    ledger.address_outputs(address).next().map_or(TxNum(0), |output| ledger.output_tx(output).0)
}
