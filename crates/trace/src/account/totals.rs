//! The sums of a trace over accounts: every unit of the sources once, asset by asset.

use super::amount::{Sum, digits, is_beyond};
use super::limits::AccountBound;
use super::sink::AccountEnd;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was left at one bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountBounded {
    /// The bound.
    pub bound: AccountBound,
    /// How much.
    #[serde(serialize_with = "digits")]
    pub amount: Sum,
    /// In how many places or arrivals.
    pub count: u64,
}

/// Where taint of one asset came from and ended. Under poison every amount but [`Self::source`] is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AssetTotals {
    /// What the sources hold together.
    #[serde(serialize_with = "digits")]
    pub source: Sum,
    /// What other assets were exchanged for: taint that began here by a conversion.
    #[serde(serialize_with = "digits")]
    pub converted_in: Sum,
    /// Forward: still on balances.
    #[serde(serialize_with = "digits")]
    pub held: Sum,
    /// At stops.
    #[serde(serialize_with = "digits")]
    pub stopped: Sum,
    /// Paid as fees; backward, collected as fees.
    #[serde(serialize_with = "digits")]
    pub fee: Sum,
    /// Burned; backward, minted or paid out by the chain.
    #[serde(serialize_with = "digits")]
    pub outside: Sum,
    /// Backward: of unknown origin.
    #[serde(serialize_with = "digits")]
    pub unknown: Sum,
    /// Came back to a source without ever leaving the owner.
    #[serde(serialize_with = "digits")]
    pub internal: Sum,
    /// Came back to a source from somebody else.
    #[serde(serialize_with = "digits")]
    pub returned: Sum,
    /// Exchanged for other assets.
    #[serde(serialize_with = "digits")]
    pub converted_out: Sum,
    /// Left at bounds, in the order of [`AccountBound`].
    pub bounded: Vec<AccountBounded>,
    /// What followed balances gave beyond all that is known to have come in, while there was taint on them: coverage that
    /// begins late, tokens that change balances without a log. It is of unknown origin and never tainted. Backward: what
    /// the histories looked at lack.
    #[serde(serialize_with = "digits")]
    pub short: Sum,
    /// Whether a balance or sum passed 2^256 - 1, as no honest token's can. All sums are exact nonetheless.
    pub is_beyond_256_bits: bool,
}

impl AssetTotals {
    /// Left at bounds, together.
    pub fn bounded_sum(&self) -> Sum {
        self.bounded.iter().fold(Sum::ZERO, |sum, b| sum + b.amount)
    }

    /// Everything that ended, together.
    pub fn ended(&self) -> Sum {
        self.held
            + self.stopped
            + self.fee
            + self.outside
            + self.unknown
            + self.internal
            + self.returned
            + self.converted_out
            + self.bounded_sum()
    }
}

/// Where everything ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountTotals {
    /// Whether amounts are conserved and summed: under every policy but poison.
    pub is_summed: bool,
    /// By asset.
    pub assets: BTreeMap<u32, AssetTotals>,
    /// Transfers that carried taint.
    pub edge_count: u64,
    /// Conversions.
    pub conversion_count: u64,
    /// Places that taint was held on at the end.
    pub held_count: u64,
    /// Arrivals at stops.
    pub stopped_count: u64,
    /// Balances that were opened.
    pub place_count: u64,
    /// Opened balances whose earlier transfers gave more than had come in: what is known of them begins too late.
    pub short_places: u64,
    /// Transfers looked at, with those of histories; one that is looked at for several balances counts for each.
    pub looked_count: u64,
    /// Every bound that was hit, ascending.
    pub bounds: Vec<AccountBound>,
}

impl AccountTotals {
    /// Whether every unit of taint is accounted for exactly once: in each asset, what the sources and conversions brought is what
    /// ended there. Of what is not summed, whether nothing was.
    pub fn check(&self) -> bool {
        self.assets.values().all(|a| {
            let whole = if self.is_summed { a.source + a.converted_in } else { Sum::ZERO };
            a.ended() == whole
        })
    }

    pub(super) fn asset(&mut self, asset: u32) -> &mut AssetTotals {
        self.assets.entry(asset).or_default()
    }

    /// Counts taint that ended. Under poison `amount` is 0.
    pub(super) fn end(&mut self, asset: u32, amount: Sum, end: AccountEnd) {
        match end {
            AccountEnd::Held => self.held_count += 1,
            AccountEnd::Stopped(_) => self.stopped_count += 1,
            AccountEnd::Bounded(bound) => {
                if let Err(at) = self.bounds.binary_search(&bound) {
                    self.bounds.insert(at, bound);
                }
            }
            _ => {}
        }
        let sums = self.asset(asset);
        match end {
            AccountEnd::Held => sums.held += amount,
            AccountEnd::Stopped(_) => sums.stopped += amount,
            AccountEnd::Fee => sums.fee += amount,
            AccountEnd::Outside => sums.outside += amount,
            AccountEnd::Unknown => sums.unknown += amount,
            AccountEnd::Converted => sums.converted_out += amount,
            // counted where it is found, by whether it left the owner
            AccountEnd::Rejoined => {}
            AccountEnd::Bounded(bound) => match sums.bounded.binary_search_by_key(&bound, |b| b.bound) {
                Ok(at) => {
                    sums.bounded[at].amount += amount;
                    sums.bounded[at].count += 1;
                }
                Err(at) => sums.bounded.insert(at, AccountBounded { bound, amount, count: 1 }),
            },
        }
    }

    pub(super) fn flag(&mut self, asset: u32, sum: &Sum) {
        if is_beyond(sum) {
            self.asset(asset).is_beyond_256_bits = true;
        }
    }
}
