//! What a bridge says of a passage to or from another chain, and who there may be its other end.
//!
//! A trace stops at a bridge ([`super::AccountStop::Bridge`]). Where the protocol gives both sides a common message, that ties them.
//! Otherwise only amount and time do, and those never say which of several arrivals it was: the answer is a set with its
//! size, and a set of one is still a set.

use super::amount::Wide;
use athar_types::account::U256;
use serde::Serialize;

/// A passage of value through a bridge, as its log on this chain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Number of the protocol, as in `BridgeEvent`.
    pub protocol: u16,
    /// Whether value left this chain here; else it arrived. Forward only the first is a passage, backward the second.
    pub is_out: bool,
    /// The other chain by its EVM chain id, where the log says it.
    pub far_chain: Option<u64>,
    /// The account on the other chain, right-aligned as logs have it.
    pub far_account: Option<[u8; 32]>,
    /// What both sides of the passage have in common, where the protocol has such a thing.
    pub message: Option<[u8; 32]>,
    /// How much, in the smallest unit of the asset on this chain.
    pub amount: U256,
    /// When, in seconds since 1970.
    pub time: i64,
}

/// Something that a protocol's contracts did on the other chain: the other side of some passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FarSide {
    /// Number of the transfer on the other chain.
    pub transfer: u64,
    /// The account there, right-aligned as logs have it.
    pub account: [u8; 32],
    /// How much, in the smallest unit of the asset there.
    pub amount: U256,
    /// When, in seconds since 1970.
    pub time: i64,
    /// What both sides have in common, where the protocol has such a thing.
    pub message: Option<[u8; 32]>,
}

/// What makes something a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Seconds that a passage may take.
    pub window: i64,
    /// Seconds by which the clocks of the chains may differ: an arrival may be dated so much before its departure.
    pub skew: i64,
    /// How much of the amount, in millionths, fees may have taken.
    pub fee_max_ppm: u32,
    /// Decimals of the asset on this chain.
    pub decimals: u8,
    /// Decimals of the asset on the other.
    pub far_decimals: u8,
    /// At most so many candidates are listed.
    pub list_max: usize,
}

/// By what candidates were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The protocol's own message, the same on both sides.
    Message,
    /// The account that the log names, with amount and time.
    Account,
    /// Amount and time alone.
    Amount,
}

/// Who there may be the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// By what they were found.
    pub by: MatchedBy,
    /// How many there are.
    pub size: u64,
    /// The first in time, then by transfer.
    pub listed: Vec<FarSide>,
    /// Whether there are more than listed.
    pub is_truncated: bool,
}

/// Finds what may be the other end of a passage among what the protocol did on the other chain. Where the passage has a message and
/// one or more of `far` have the same, those alone; where its log names the account, those to it that amount and time allow; and else all
/// that amount and time allow. Of an empty set nothing follows: `far` may not hold everything.
pub fn candidates(passage: &Passage, far: impl IntoIterator<Item = FarSide>, by: &Match) -> Candidates {
    let mut tied = Vec::new();
    let mut fitting = Vec::new();
    for side in far {
        if passage.message.is_some() && side.message == passage.message {
            tied.push(side);
        }
        // two different messages are two passages
        let is_other = matches!((passage.message, side.message), (Some(a), Some(b)) if a != b);
        let is_named = passage.far_account.is_none_or(|account| account == side.account);
        if is_named && !is_other && fits_time(passage, &side, by) && fits_amount(passage, &side, by) {
            fitting.push(side);
        }
    }
    let (by_what, mut list) = if !tied.is_empty() {
        (MatchedBy::Message, tied)
    } else if passage.far_account.is_some() {
        (MatchedBy::Account, fitting)
    } else {
        (MatchedBy::Amount, fitting)
    };
    list.sort_by_key(|side| (side.time, side.transfer));
    let size = list.len() as u64;
    list.truncate(by.list_max);
    Candidates { by: by_what, size, is_truncated: (list.len() as u64) < size, listed: list }
}

fn fits_time(passage: &Passage, side: &FarSide, by: &Match) -> bool {
    let (left, arrived) = if passage.is_out { (passage.time, side.time) } else { (side.time, passage.time) };
    left.saturating_sub(by.skew) <= arrived && arrived <= left.saturating_add(by.window)
}

fn fits_amount(passage: &Passage, side: &FarSide, by: &Match) -> bool {
    // what a contract claims of decimals is no reason for huge powers
    if by.decimals.max(by.far_decimals) > 77 {
        return false;
    }
    let wide = |amount: U256, decimals: u8| Wide::from(amount) * Wide::from(10).pow(Wide::from(decimals));
    // each in the unit of both: near * 10^far is compared with far * 10^near
    let (near, far) = (wide(passage.amount, by.far_decimals), wide(side.amount, by.decimals));
    let (left, arrived) = if passage.is_out { (near, far) } else { (far, near) };
    let kept = 1_000_000 - u64::from(by.fee_max_ppm.min(1_000_000));
    // the far side is rounded to its own unit
    let unit = wide(U256::from(1), by.decimals.max(by.far_decimals));
    arrived <= left && left * Wide::from(kept) <= (arrived + unit) * Wide::from(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage() -> Passage {
        Passage {
            protocol: 1,
            is_out: true,
            far_chain: None,
            far_account: None,
            message: None,
            amount: U256::from(1_000_000_000_u64),
            time: 1_000,
        }
    }

    fn side(transfer: u64, amount: u128, time: i64) -> FarSide {
        FarSide { transfer, account: [transfer as u8; 32], amount: U256::from(amount), time, message: None }
    }

    const BY: Match = Match { window: 600, skew: 10, fee_max_ppm: 1_000, decimals: 6, far_decimals: 18, list_max: 2 };
    const UNIT: u128 = 1_000_000_000_000;

    #[test]
    fn amount_and_time_give_a_set_with_its_size() {
        let far = [
            side(1, 1_000_000_000 * UNIT, 990),   // by a clock that is late
            side(2, 999_000_000 * UNIT, 1_600),   // the largest fee, the last second
            side(3, 998_999_000 * UNIT, 1_100),   // too little
            side(4, 1_000_000_001 * UNIT, 1_100), // more than left
            side(5, 1_000_000_000 * UNIT, 989),   // before it left
            side(6, 1_000_000_000 * UNIT, 1_601), // too late
            side(7, 999_500_000 * UNIT, 1_200),
        ];
        let found = candidates(&passage(), far, &BY);
        assert_eq!((found.by, found.size, found.is_truncated), (MatchedBy::Amount, 3, true));
        assert_eq!(found.listed.iter().map(|s| s.transfer).collect::<Vec<_>>(), [1, 7]);
        // the same seen from the other side: what arrives left with a little more
        let arrived = Passage { is_out: false, ..passage() };
        let by = Match { far_decimals: 6, ..BY };
        let far = [side(1, 1_000_900_000, 500), side(2, 1_000_000_000, 1_010), side(3, 999_999_999, 900)];
        let found = candidates(&arrived, far, &by);
        assert_eq!(found.listed.iter().map(|s| s.transfer).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_message_ties_and_a_named_account_narrows() {
        let mut far = [side(1, 1_000_000_000 * UNIT, 1_100), side(2, 1_000_000_000 * UNIT, 1_100), side(3, 5, 9_000)];
        let named = Passage { far_account: Some([2; 32]), ..passage() };
        let found = candidates(&named, far, &BY);
        assert_eq!((found.by, found.size, found.listed[0].transfer), (MatchedBy::Account, 1, 2));
        far[2].message = Some([9; 32]);
        far[0].message = Some([8; 32]);
        let tied = Passage { message: Some([9; 32]), ..passage() };
        let found = candidates(&tied, far, &BY);
        assert_eq!((found.by, found.size, found.listed[0].transfer), (MatchedBy::Message, 1, 3));
        // the one with another message is out, the one without may be it
        let found = candidates(&tied, [far[0], far[1]], &BY);
        assert_eq!((found.by, found.size, found.listed[0].transfer), (MatchedBy::Amount, 1, 2));
    }

    #[test]
    fn no_amount_and_no_number_of_decimals_overflows() {
        let huge = Passage { amount: U256::MAX, ..passage() };
        let far = FarSide { amount: U256::MAX, ..side(1, 0, 1_000) };
        for (decimals, far_decimals) in [(0, 0), (77, 77), (255, 0), (0, 255), (77, 0)] {
            let by = Match { decimals, far_decimals, ..BY };
            let found = candidates(&huge, [far], &by);
            assert_eq!(found.size, u64::from(decimals == far_decimals), "{decimals} {far_decimals}");
        }
    }
}
