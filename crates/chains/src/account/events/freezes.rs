//! What issuers of tokens tell when they block an account.
//!
//! Sources: `TetherToken.sol` (USDT on Ethereum and Tron: not indexed on Ethereum, indexed on Tron's later version),
//! `TetherTokenV2.sol` (USDT on chains where Tether took over a bridged token), `Blacklistable.sol` of Circle's
//! `FiatToken` (USDC), Paxos's `BUSDImplementation.sol`, whose `FrozenAddressWiped` has no amount: the burn is a transfer.

use super::words::{Word, address, data, number, topic};
use crate::account::raw::RawLog;
use crate::account::tokens::Tokens;
use athar_types::Chain;
use athar_types::account::EventKind;

/// What was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freeze {
    /// The account's tokens cannot move from now on.
    Frozen,
    /// They can again.
    Released,
    /// They are gone.
    Destroyed,
}

/// Signatures.
pub(super) const EVENTS: [(&str, Freeze); 10] = [
    ("AddedBlackList(address)", Freeze::Frozen),
    ("RemovedBlackList(address)", Freeze::Released),
    ("DestroyedBlackFunds(address,uint256)", Freeze::Destroyed),
    ("BlockPlaced(address)", Freeze::Frozen),
    ("BlockReleased(address)", Freeze::Released),
    ("DestroyedBlockedFunds(address,uint256)", Freeze::Destroyed),
    ("Blacklisted(address)", Freeze::Frozen),
    ("UnBlacklisted(address)", Freeze::Released),
    ("AddressFrozen(address)", Freeze::Frozen),
    ("AddressUnfrozen(address)", Freeze::Released),
];

/// The event, where the log is of a verified token whose issuer can freeze.
pub(super) fn read(chain: Chain, event: Freeze, log: &RawLog, tokens: &Tokens) -> Option<EventKind> {
    let token = tokens.get(chain, &log.address).filter(|token| token.can_freeze)?.contract;
    let words = fields(log, if event == Freeze::Destroyed { 2 } else { 1 })?;
    let account = address(words[0])?;
    Some(match event {
        Freeze::Frozen => EventKind::Freeze { token, account, is_frozen: true },
        Freeze::Released => EventKind::Freeze { token, account, is_frozen: false },
        Freeze::Destroyed => EventKind::Destroyed { token, account, amount: number(words[1]) },
    })
}

/// The `count` fields of an event all of whose fields are one word, whichever of the first ones are indexed.
fn fields(log: &RawLog, count: usize) -> Option<Vec<&Word>> {
    let indexed = log.topics.len().checked_sub(1)?;
    if indexed > count || log.data.len() != (count - indexed) * 32 {
        return None;
    }
    (0..count).map(|i| if i < indexed { topic(log, i) } else { data(log, i - indexed) }).collect()
}
