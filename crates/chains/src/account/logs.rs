//! Logs of tokens, as transfers.
//!
//! Sources: ERC-20 (EIP-20), ERC-721 (EIP-721), ERC-1155 (EIP-1155), the WETH9 contract. TRC-20 is ERC-20 under another name.
//! A log is a claim of the contract that wrote it. What it says is believed of that contract's own token, and of nothing else.

use super::raw::RawLog;
use super::tokens::Tokens;
use athar_types::Chain;
use athar_types::account::{AccountBytes, AddressForm, AssetKey, TransferKind, TransferRow, U256};
use sha3::{Digest, Keccak256};
use std::sync::OnceLock;

/// Items of one batch that are read; a log that claims more is odd. Gas bounds real ones far below.
const BATCH_MAX: usize = 10_000;

/// The topics that name the events read here.
struct Topics {
    transfer: [u8; 32],
    single: [u8; 32],
    batch: [u8; 32],
    deposit: [u8; 32],
    withdrawal: [u8; 32],
    /// CryptoKitties: items older than ERC-721, whose log indexes nothing.
    kitties: Option<AccountBytes>,
}

/// Keccak-256 of an event's signature: its first topic.
pub fn topic(signature: &str) -> [u8; 32] {
    Keccak256::digest(signature.as_bytes()).into()
}

fn topics() -> &'static Topics {
    static TOPICS: OnceLock<Topics> = OnceLock::new();
    TOPICS.get_or_init(|| Topics {
        transfer: topic("Transfer(address,address,uint256)"),
        single: topic("TransferSingle(address,address,address,uint256,uint256)"),
        batch: topic("TransferBatch(address,address,address,uint256[],uint256[])"),
        deposit: topic("Deposit(address,uint256)"),
        withdrawal: topic("Withdrawal(address,uint256)"),
        kitties: AddressForm::Evm.parse("0x06012c8cf97BEaD5deAe237070F9587f8E7A266d").ok(),
    })
}

/// What became of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read {
    /// It is no transfer.
    Other,
    /// It was added to the transfers.
    Transfer,
    /// It bears the name of a transfer, and is none.
    Odd,
}

/// An address in a word of 32 bytes; none where the upper twelve are not zero.
pub(crate) fn address_of(word: &[u8; 32]) -> Option<AccountBytes> {
    let (head, tail) = word.split_first_chunk::<12>()?;
    if *head != [0; 12] {
        return None;
    }
    tail.try_into().ok()
}

/// The word at a place of 32 bytes each.
pub(crate) fn word(data: &[u8], at: usize) -> Option<[u8; 32]> {
    let start = at.checked_mul(32)?;
    data.get(start..start.checked_add(32)?)?.try_into().ok()
}

fn number(word: &[u8; 32]) -> U256 {
    U256::from_be_bytes(*word)
}

/// Adds the transfers that a log tells.
pub(crate) fn read(chain: Chain, tx: u32, log: &RawLog, tokens: &Tokens, out: &mut Vec<TransferRow>) -> Read {
    let names = topics();
    let Some(first) = log.topics.first() else { return Read::Other };
    let put = |out: &mut Vec<TransferRow>, from: AccountBytes, to: AccountBytes, asset, amount| {
        let side = |account: AccountBytes| (account != [0; 20]).then_some(account);
        let kind = match (side(from), side(to)) {
            // from nowhere to nowhere: nobody's balance changes
            (None, None) => return,
            (None, Some(_)) => TransferKind::Mint,
            (Some(_), None) => TransferKind::Burn,
            _ => TransferKind::Token,
        };
        out.push(TransferRow { tx: Some(tx), from: side(from), to: side(to), asset, amount, kind });
    };
    if *first == names.transfer {
        let is_item = chain == Chain::Ethereum && names.kitties == Some(log.address);
        return match transfer(log, is_item) {
            Some((from, to, asset, amount)) => {
                put(out, from, to, asset, amount);
                Read::Transfer
            }
            None => Read::Odd,
        };
    }
    if *first == names.single {
        let parties = parties(log).filter(|_| log.data.len() == 64);
        let Some(((from, to), id, amount)) =
            parties.and_then(|p| Some((p, number(&word(&log.data, 0)?), number(&word(&log.data, 1)?))))
        else {
            return Read::Odd;
        };
        put(out, from, to, AssetKey::Item(log.address, id), amount);
        return Read::Transfer;
    }
    if *first == names.batch {
        let Some((from, to)) = parties(log) else { return Read::Odd };
        let Some(items) = batch(&log.data) else { return Read::Odd };
        for (id, amount) in items {
            put(out, from, to, AssetKey::Item(log.address, id), amount);
        }
        return Read::Transfer;
    }
    let is_deposit = *first == names.deposit;
    if (is_deposit || *first == names.withdrawal)
        // a token that writes Transfer as well would be counted twice: only contracts known to be like WETH9 are believed
        && tokens.get(chain, &log.address).is_some_and(|token| token.is_wrapped_coin)
        && let [_, who] = log.topics.as_slice()
        && let (Some(who), Some(amount), 32) = (address_of(who), word(&log.data, 0), log.data.len())
    {
        let (from, to) = if is_deposit { ([0; 20], who) } else { (who, [0; 20]) };
        put(out, from, to, AssetKey::Token(log.address), number(&amount));
        return Read::Transfer;
    }
    Read::Other
}

/// From and to of an ERC-1155 log, whose first indexed address is who moved it.
fn parties(log: &RawLog) -> Option<(AccountBytes, AccountBytes)> {
    let [_, _, from, to] = log.topics.as_slice() else { return None };
    Some((address_of(from)?, address_of(to)?))
}

/// The standard forms, and those of contracts older than the standards: fewer indexed parameters, the others as data in
/// order.
///
/// An indexed third parameter is an item's id, an unindexed one a token's amount. A contract of items that does not index
/// the id cannot be told from a token by its log: `is_item` says that it is known to be one.
fn transfer(log: &RawLog, is_item: bool) -> Option<(AccountBytes, AccountBytes, AssetKey, U256)> {
    let indexed = log.topics.get(1..)?;
    let words = log.data.len() / 32;
    if !log.data.len().is_multiple_of(32) || indexed.len() + words != 3 {
        return None;
    }
    let part = |at: usize| indexed.get(at).copied().or_else(|| word(&log.data, at - indexed.len()));
    let (from, to, last) = (address_of(&part(0)?)?, address_of(&part(1)?)?, number(&part(2)?));
    Some(match indexed.len() {
        3 => (from, to, AssetKey::Item(log.address, last), U256::from(1)),
        _ if is_item => (from, to, AssetKey::Item(log.address, last), U256::from(1)),
        _ => (from, to, AssetKey::Token(log.address), last),
    })
}

/// Ids and amounts of a batch: two arrays, each behind an offset.
fn batch(data: &[u8]) -> Option<Vec<(U256, U256)>> {
    let array = |at: usize| -> Option<(usize, usize)> {
        let offset: usize = number(&word(data, at)?).try_into().ok()?;
        if !offset.is_multiple_of(32) {
            return None;
        }
        let len: usize = number(&word(data, offset / 32)?).try_into().ok()?;
        // the array must lie in the data, whatever the length claims
        (len <= BATCH_MAX && (offset / 32 + 1).checked_add(len)? <= data.len() / 32).then_some((offset / 32 + 1, len))
    };
    let ((ids, count), (amounts, same)) = (array(0)?, array(1)?);
    if count != same {
        return None;
    }
    (0..count).map(|at| Some((number(&word(data, ids + at)?), number(&word(data, amounts + at)?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn padded(account: u8) -> [u8; 32] {
        let mut word = [0; 32];
        word[12..].fill(account);
        word
    }

    fn amount(n: u64) -> [u8; 32] {
        U256::from(n).to_be_bytes()
    }

    fn log(topics: Vec<[u8; 32]>, data: &[[u8; 32]]) -> RawLog {
        RawLog { address: [9; 20], topics, data: data.concat(), index: None }
    }

    fn of(log: &RawLog) -> (Read, Vec<TransferRow>) {
        let mut out = Vec::new();
        (read(Chain::Ethereum, 3, log, Tokens::shipped(), &mut out), out)
    }

    #[test]
    fn the_topic_of_transfers_is_the_published_one() {
        let hex: String = topics().transfer.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    }

    #[test]
    fn tokens_and_items_are_told_apart_and_the_zero_account_is_outside() {
        let t = topics().transfer;
        let (what, rows) = of(&log(vec![t, padded(1), padded(2)], &[amount(5)]));
        assert_eq!(what, Read::Transfer);
        assert_eq!(rows[0].asset, AssetKey::Token([9; 20]));
        assert_eq!((rows[0].from, rows[0].to, rows[0].amount), (Some([1; 20]), Some([2; 20]), U256::from(5)));
        assert_eq!((rows[0].tx, rows[0].kind), (Some(3), TransferKind::Token));
        let (_, rows) = of(&log(vec![t, padded(0), padded(2), amount(7)], &[]));
        assert_eq!((rows[0].asset, rows[0].amount), (AssetKey::Item([9; 20], U256::from(7)), U256::from(1)));
        assert_eq!((rows[0].from, rows[0].kind), (None, TransferKind::Mint));
        let (_, rows) = of(&log(vec![t, padded(1), padded(0)], &[amount(5)]));
        assert_eq!((rows[0].to, rows[0].kind), (None, TransferKind::Burn));
        assert_eq!(of(&log(vec![t, padded(0), padded(0)], &[amount(5)])).1, [], "nobody's balance changes");
        // items older than the standard
        let kitty = RawLog { address: topics().kitties.unwrap(), ..log(vec![t], &[padded(1), padded(2), amount(7)]) };
        let (_, rows) = of(&kitty);
        assert_eq!((rows[0].asset, rows[0].amount), (AssetKey::Item(kitty.address, U256::from(7)), U256::from(1)));
        // contracts that index less
        for indexed in 0..2 {
            let words = [padded(1), padded(2), amount(5)];
            let topics = [t].into_iter().chain(words[..indexed].iter().copied()).collect();
            let (what, rows) = of(&log(topics, &words[indexed..]));
            assert_eq!((what, rows[0].from, rows[0].amount), (Read::Transfer, Some([1; 20]), U256::from(5)));
        }
    }

    #[test]
    fn logs_that_imitate_transfers_are_odd() {
        let t = topics().transfer;
        let most = U256::MAX.to_be_bytes();
        for bad in [
            log(vec![t], &[]),
            log(vec![t, padded(1), padded(2)], &[]),
            log(vec![t, padded(1), padded(2)], &[amount(5), amount(5)]),
            log(vec![t, padded(1), padded(2), amount(1)], &[amount(5)]),
            log(vec![t, padded(1), padded(2), amount(1), amount(1)], &[]),
            log(vec![t, most, padded(2)], &[amount(5)]),
            RawLog { data: vec![0; 31], ..log(vec![t, padded(1), padded(2)], &[]) },
            log(vec![topics().single, padded(1), padded(2)], &[amount(1), amount(1)]),
            log(vec![topics().batch, padded(1), padded(1), padded(2)], &[amount(64), most, amount(1)]),
            log(vec![topics().batch, padded(1), padded(1), padded(2)], &[amount(65), amount(64), amount(1)]),
        ] {
            assert_eq!(of(&bad), (Read::Odd, vec![]), "{bad:?}");
        }
        assert_eq!(of(&log(vec![], &[])), (Read::Other, vec![]));
        assert_eq!(
            of(&log(vec![topic("Approval(address,address,uint256)"), padded(1), padded(2)], &[amount(1)])).0,
            Read::Other
        );
        // the largest amount is an amount
        let (_, rows) = of(&log(vec![t, padded(1), padded(2)], &[most]));
        assert_eq!(rows[0].amount, U256::MAX);
    }

    #[test]
    fn batches_give_a_row_an_item() {
        let data = [amount(64), amount(160), amount(2), amount(10), amount(11), amount(2), amount(1), amount(4)];
        let (what, rows) = of(&log(vec![topics().batch, padded(7), padded(1), padded(2)], &data));
        assert_eq!(what, Read::Transfer);
        let got: Vec<_> = rows.iter().map(|r| (r.asset, r.amount)).collect();
        let item = |id: u64| AssetKey::Item([9; 20], U256::from(id));
        assert_eq!(got, [(item(10), U256::from(1)), (item(11), U256::from(4))]);
    }

    proptest! {
        #[test]
        fn no_log_is_too_odd_to_be_read(
            which in 0..5_usize,
            topics in prop::collection::vec(any::<[u8; 32]>(), 0..6),
            data in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let t = super::topics();
            let first = [t.transfer, t.single, t.batch, t.deposit, t.withdrawal][which];
            let log = RawLog { address: [1; 20], topics: [first].into_iter().chain(topics).collect(), data, index: None };
            let (what, rows) = of(&log);
            // a batch may be empty, and what goes from nowhere to nowhere gives no row
            prop_assert!(what == Read::Transfer || rows.is_empty());
            for row in rows {
                prop_assert!(row.from.is_some() || row.to.is_some());
                prop_assert!(matches!(row.kind, TransferKind::Token | TransferKind::Mint | TransferKind::Burn));
            }
        }
    }
}
