//! Locking scripts by chain: the same bytes mean different things where a chain lacks segwit or has forms of its own.

use crate::bitcoin::{Script, classify};
use crate::bitcoin_cash::split_tokens;
use athar_types::Chain;

/// Names the locking script of an output of `chain`.
///
/// - Where a chain has no segwit, what looks like a witness program is [`Script::Unknown`]: anybody may spend it.
/// - Bitcoin Cash: tokens before the script are passed over, and a 32-byte script hash is known.
/// - Litecoin: programs of version 8 and 9 are the doors of the extension block, [`Script::Opaque`].
#[inline]
pub fn classify_on(chain: Chain, script: &[u8]) -> Script<'_> {
    match chain {
        Chain::Bitcoin => classify(script),
        Chain::Litecoin => match classify(script) {
            Script::WitnessUnknown { version: 8 | 9, program } if program.len() == 32 => Script::Opaque,
            other => other,
        },
        Chain::BitcoinCash => match split_tokens(script).1 {
            [0xaa, 32, hash @ .., 0x87] if hash.len() == 32 => hash.try_into().map_or(Script::Unknown, Script::P2sh32),
            locking => without_segwit(locking),
        },
        _ => without_segwit(script),
    }
}

#[inline]
fn without_segwit(script: &[u8]) -> Script<'_> {
    match classify(script) {
        Script::P2wpkh(_) | Script::P2wsh(_) | Script::P2tr(_) | Script::WitnessUnknown { .. } => Script::Unknown,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::ScriptKind;

    fn kind(chain: Chain, script: &[u8]) -> ScriptKind {
        classify_on(chain, script).kind()
    }

    #[test]
    fn witness_programs_are_programs_only_where_the_chain_has_them() {
        let program = |version: u8, len: u8| [&[version, len][..], &vec![7; usize::from(len)]].concat();
        for (script, on_bitcoin, on_litecoin) in [
            (program(0, 20), ScriptKind::P2wpkh, ScriptKind::P2wpkh),
            (program(0, 32), ScriptKind::P2wsh, ScriptKind::P2wsh),
            (program(0x51, 32), ScriptKind::P2tr, ScriptKind::P2tr),
            (program(0x58, 32), ScriptKind::WitnessUnknown, ScriptKind::Opaque),
            (program(0x59, 32), ScriptKind::WitnessUnknown, ScriptKind::Opaque),
            (program(0x59, 20), ScriptKind::WitnessUnknown, ScriptKind::WitnessUnknown),
        ] {
            assert_eq!(kind(Chain::Bitcoin, &script), on_bitcoin);
            assert_eq!(kind(Chain::Litecoin, &script), on_litecoin);
            for chain in [Chain::BitcoinCash, Chain::Dogecoin, Chain::Zcash] {
                assert_eq!(kind(chain, &script), ScriptKind::Unknown, "{chain}");
            }
        }
    }

    #[test]
    fn tokens_do_not_hide_the_address_behind_them() {
        let lock = [&[0x76, 0xa9, 20][..], &[9; 20], &[0x88, 0xac]].concat();
        let carried = [&[0xef][..], &[1; 32], &[0x10, 5], &lock].concat();
        assert_eq!(
            classify_on(Chain::BitcoinCash, &carried).address(),
            classify_on(Chain::BitcoinCash, &lock).address()
        );
        assert_eq!(kind(Chain::BitcoinCash, &carried), ScriptKind::P2pkh);
        assert_eq!(kind(Chain::Bitcoin, &carried), ScriptKind::Unknown);
        let long = [&[0xaa, 32][..], &[9; 32], &[0x87]].concat();
        assert_eq!(kind(Chain::BitcoinCash, &long), ScriptKind::P2sh32);
        assert_eq!(kind(Chain::Bitcoin, &long), ScriptKind::Unknown);
    }
}
