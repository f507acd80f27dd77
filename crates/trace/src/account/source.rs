//! What a trace over accounts begins with.

use super::amount::{Sum, sum_of};
use super::error::AccountError;
use super::flows::{Flows, NONE};
use std::collections::BTreeMap;

/// A set of transfers: what each of them brought is tainted whole, whoever received it.
///
/// Forward a trace asks what the receivers did with it, backward where the givers had it from. Taint that comes back in a
/// transfer that is a source itself is not counted a second time: it ends there, as `internal` (it never left the owner) or
/// `returned` (it did), and the source's own taint goes on in its place.
#[derive(Clone, Debug, Default)]
pub struct AccountSources {
    /// Number and mark, ascending, no number twice.
    parts: Vec<(u64, u32)>,
    truncated: bool,
    reached: bool,
}

impl AccountSources {
    /// Transfers, each with a mark of the caller's ([`super::Part::tag`]). Those that move nothing are left out; so are fees and
    /// what left the chain: nobody received them. Only the first `max` are taken. A transfer named twice
    /// counts once, with the smaller mark.
    pub fn transfers<F: Flows + ?Sized>(
        flows: &F,
        transfers: impl IntoIterator<Item = (u64, u32)>,
        max: usize,
    ) -> Result<Self, AccountError> {
        let mut given = transfers.into_iter();
        let mut parts = Vec::new();
        for (n, tag) in given.by_ref().take(max) {
            if n >= flows.transfers() {
                return Err(AccountError::UnknownTransfer { transfer: n, count: flows.transfers() });
            }
            let transfer = flows.transfer(n);
            if transfer.moves() && transfer.receiver().is_some() && !transfer.kind.is_fee() {
                parts.push((n, tag));
            }
        }
        Ok(Self::new(parts, given.next().is_some()))
    }

    /// Everything that the accounts ever received (of one asset, where it is given) from anybody who is not among them, in chain order. Only the
    /// first `max` receipts are taken. The mark is 0.
    pub fn receipts<F: Flows + ?Sized>(flows: &F, accounts: &[u32], asset: Option<u32>, max: usize) -> Self {
        Self::of_accounts(flows, accounts, asset, max, |from, to| (to, from))
    }

    /// Everything that the accounts ever gave to anybody who is not among them, fees aside: for asking backward where that came
    /// from, or forward what the receivers did with it.
    pub fn payments<F: Flows + ?Sized>(flows: &F, accounts: &[u32], asset: Option<u32>, max: usize) -> Self {
        Self::of_accounts(flows, accounts, asset, max, |from, to| (from, to))
    }

    fn of_accounts<F: Flows + ?Sized>(
        flows: &F,
        accounts: &[u32],
        asset: Option<u32>,
        max: usize,
        sides: impl Fn(u32, u32) -> (u32, u32),
    ) -> Self {
        let mut own = accounts.to_vec();
        own.sort_unstable();
        own.dedup();
        let mut parts = Vec::new();
        let mut truncated = false;
        for account in &own {
            let mut count = 0;
            for n in flows.of_account(*account, 0) {
                let t = flows.transfer(n);
                let (subject, other) = sides(t.from, t.to);
                let is_asked = subject == *account
                    && own.binary_search(&other).is_err()
                    && asset.is_none_or(|a| a == t.asset)
                    && t.moves()
                    && t.receiver().is_some()
                    && !t.kind.is_fee()
                    // coins put aside and taken back were the account's all along
                    && !t.giver().is_some_and(|giver| giver.is_staked);
                if is_asked {
                    if count == max {
                        truncated = true;
                        break;
                    }
                    parts.push((n, 0));
                    count += 1;
                }
            }
        }
        let mut sources = Self::new(parts, truncated);
        if sources.parts.len() > max {
            sources.parts.truncate(max);
            sources.truncated = true;
        }
        sources
    }

    /// Every transfer of the transactions, fees and what left the chain aside.
    pub fn transactions<F: Flows + ?Sized>(flows: &F, txs: &[u32], max: usize) -> Result<Self, AccountError> {
        if txs.contains(&NONE) {
            return Err(AccountError::UnknownTx { tx: NONE });
        }
        Self::transfers(flows, txs.iter().flat_map(|tx| flows.of_tx(*tx)).map(|n| (n, 0)), max)
    }

    fn new(mut parts: Vec<(u64, u32)>, truncated: bool) -> Self {
        parts.sort_unstable();
        parts.dedup_by_key(|part| part.0);
        Self { parts, truncated, reached: false }
    }

    /// The same sources as places that taint has to reach yet: forward, their receivers are one hop away, and stops apply to
    /// them, as they always do to the givers of a backward trace.
    #[must_use]
    pub fn reached(mut self) -> Self {
        self.reached = true;
        self
    }

    /// Whether the sources are places yet to be reached.
    pub fn are_reached(&self) -> bool {
        self.reached
    }

    /// Whether there were more sources than were taken.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Numbers and marks, ascending.
    pub fn parts(&self) -> &[(u64, u32)] {
        &self.parts
    }

    /// The mark of a transfer that is a source.
    #[inline]
    pub(super) fn tag_of(&self, n: u64) -> Option<u32> {
        let (first, last) = (self.parts.first()?, self.parts.last()?);
        if n < first.0 || n > last.0 {
            return None;
        }
        let at = self.parts.binary_search_by_key(&n, |part| part.0).ok()?;
        Some(self.parts[at].1)
    }

    /// What they hold, by asset.
    pub fn sums<F: Flows + ?Sized>(&self, flows: &F) -> BTreeMap<u32, Sum> {
        let mut sums = BTreeMap::new();
        for (n, _) in &self.parts {
            let transfer = flows.transfer(*n);
            *sums.entry(transfer.asset).or_insert(Sum::ZERO) += sum_of(transfer.amount);
        }
        sums
    }
}
