//! Which public key a spend reveals, told from its form alone, without hashing.
//!
//! The form is necessary, not sufficient: a P2SH or P2WSH spend may look the same by chance or by design. The reader
//! of a reveal must hold it against the spent output: [`KeyReveal::PushedKey`] speaks for a P2PKH output,
//! [`KeyReveal::WitnessKey`] for P2WPKH, [`KeyReveal::WrappedKeyHash`] for P2SH; where consensus accepted such a spend
//! of such an output, the revealed key (or hash) is the one that the output names.

use super::opcode::OP_0;
use super::script::is_public_key;
use super::witness::Witness;

/// The form in which a spend reveals a public key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyReveal {
    /// No form that reveals one key.
    None,
    /// The unlocking script is two pushes, a signature and a key: a P2PKH spend. [`pushed_key`] gives the key.
    PushedKey {
        /// Whether the key has 33 bytes. Only such a key has P2WPKH forms.
        compressed: bool,
    },
    /// No unlocking script, and two witness items, the second a 33-byte key: a P2WPKH spend.
    WitnessKey,
    /// The unlocking script pushes only the P2WPKH program of this key hash, and the witness is that of a P2WPKH
    /// spend: P2WPKH wrapped in P2SH.
    WrappedKeyHash([u8; 20]),
}

/// The form in which an input reveals a public key; `witness` is `None` outside segwit transactions.
#[inline]
pub fn key_reveal(script_sig: &[u8], witness: Option<&Witness<'_>>) -> KeyReveal {
    let witness = witness.filter(|w| w.count() != 0);
    let Some(witness) = witness else {
        return match pushed_key(script_sig) {
            Some(key) => KeyReveal::PushedKey { compressed: key.len() == 33 },
            None => KeyReveal::None,
        };
    };
    if !has_key(witness) {
        return KeyReveal::None;
    }
    match script_sig {
        [] => KeyReveal::WitnessKey,
        [22, OP_0, 20, hash @ ..] => hash.try_into().map_or(KeyReveal::None, KeyReveal::WrappedKeyHash),
        _ => KeyReveal::None,
    }
}

/// The key that the unlocking script of a P2PKH spend pushes: exactly two direct pushes, the second a public key.
///
/// The first must have the length of a DER signature with its hash type (9 to 73 bytes, BIP 66) or one of the few
/// longer that were accepted before BIP 66.
#[inline]
pub fn pushed_key(script_sig: &[u8]) -> Option<&[u8]> {
    let (&len, rest) = script_sig.split_first()?;
    if !(9..=75).contains(&len) {
        return None;
    }
    let (_signature, rest) = rest.split_at_checked(usize::from(len))?;
    let (&len, key) = rest.split_first()?;
    (usize::from(len) == key.len() && is_public_key(key)).then_some(key)
}

/// Whether a witness is that of a P2WPKH spend: a signature and a compressed key. The first byte tells a key from a
/// taproot control block (0xc0 and up) and from an annex (0x50).
#[inline]
fn has_key(witness: &Witness<'_>) -> bool {
    witness.count() == 2 && witness.iter().nth(1).is_some_and(|key| key.len() == 33 && is_public_key(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(data: &[u8]) -> Vec<u8> {
        [&[data.len() as u8], data].concat()
    }

    fn key(first: u8, len: usize) -> Vec<u8> {
        let mut key = vec![0x77; len];
        key[0] = first;
        key
    }

    fn witness(items: &[&[u8]]) -> Vec<u8> {
        let mut raw = vec![items.len() as u8];
        raw.extend(items.iter().flat_map(|item| push(item)));
        raw
    }

    fn reveal(script_sig: &[u8], raw: &[u8]) -> KeyReveal {
        key_reveal(script_sig, Some(&Witness::parse(raw).unwrap().0))
    }

    #[test]
    fn a_signature_and_a_key_are_a_p2pkh_spend() {
        let signature = push(&[0x30; 71]);
        for (key, compressed) in [(key(2, 33), true), (key(3, 33), true), (key(4, 65), false), (key(7, 65), false)] {
            let script = [signature.clone(), push(&key)].concat();
            assert_eq!(key_reveal(&script, None), KeyReveal::PushedKey { compressed });
            assert_eq!(reveal(&script, &[0]), KeyReveal::PushedKey { compressed }, "empty witness");
            assert_eq!(pushed_key(&script), Some(key.as_slice()));
        }
    }

    #[test]
    fn other_unlocking_scripts_reveal_no_key() {
        let signature = push(&[0x30; 71]);
        let good = push(&key(2, 33));
        for script in [
            vec![],
            signature.clone(),
            good.clone(),
            [signature.clone(), push(&key(4, 33))].concat(),
            [signature.clone(), push(&key(2, 32))].concat(),
            [signature.clone(), good.clone(), vec![0]].concat(),
            [vec![0], signature.clone(), good.clone()].concat(),
            [push(&[1; 8]), good.clone()].concat(),
            [signature.clone(), good[..20].to_vec()].concat(),
        ] {
            assert_eq!(key_reveal(&script, None), KeyReveal::None, "{script:02x?}");
        }
    }

    #[test]
    fn segwit_spends_are_told_by_script_and_witness_together() {
        let signature = [0x30; 72];
        let spend = witness(&[&signature, &key(3, 33)]);
        let wrapped = push(&[&[0, 20], &[9; 20][..]].concat());
        assert_eq!(reveal(&[], &spend), KeyReveal::WitnessKey);
        assert_eq!(reveal(&wrapped, &spend), KeyReveal::WrappedKeyHash([9; 20]));
        // a taproot script path: the control block is 33 bytes but no key
        assert_eq!(reveal(&[], &witness(&[&[0x51], &key(0xc0, 33)])), KeyReveal::None);
        // a P2WSH spend, an uncompressed key, a key path, no witness, another script
        assert_eq!(reveal(&[], &witness(&[&[], &signature, &key(2, 33)])), KeyReveal::None);
        assert_eq!(reveal(&[], &witness(&[&signature, &key(2, 33), &[1]])), KeyReveal::None);
        assert_eq!(reveal(&[], &witness(&[&key(2, 33)])), KeyReveal::None);
        assert_eq!(reveal(&[], &witness(&[&signature, &key(4, 65)])), KeyReveal::None);
        assert_eq!(reveal(&[], &witness(&[&[0x77; 64]])), KeyReveal::None);
        assert_eq!(reveal(&wrapped, &[0]), KeyReveal::None);
        assert_eq!(key_reveal(&wrapped, None), KeyReveal::None);
        assert_eq!(reveal(&wrapped[..22], &spend), KeyReveal::None);
        assert_eq!(reveal(&[wrapped.as_slice(), &[0]].concat(), &spend), KeyReveal::None);
    }
}
