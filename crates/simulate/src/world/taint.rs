//! The truth's own FIFO: how much of what a campaign received arrives where, to the satoshi.
//!
//! First in, first out, per transaction: the inputs' money in index order fills the outputs in index order, the fee as
//! a last output that nobody owns. An output that pays a campaign's source key is followed from its first satoshi;
//! what pays a service has arrived and is followed no further. Each campaign is followed by itself.

use super::{ActorId, Coin};
use std::collections::BTreeMap;

/// So many satoshi in a row, followed or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    len: u64,
    followed: bool,
}

/// What an output holds, by campaign.
type Followed = Vec<(usize, Vec<Run>)>;

/// Followed money that reached a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Arrival {
    /// Number of the transaction.
    pub(crate) tx: u32,
    /// Its output.
    pub(crate) vout: u16,
    /// The service.
    pub(crate) actor: ActorId,
    /// The followed part, in satoshi.
    pub(crate) value: u64,
}

/// Where a campaign's money is.
#[derive(Clone, Default, Debug)]
pub(crate) struct Totals {
    /// Satoshi that came in at the sources.
    pub(crate) sources: u64,
    /// Paid to miners.
    pub(crate) fees: u64,
    /// Came in at a source a second time; counted in `sources` again.
    pub(crate) reentered: u64,
    /// Reached services.
    pub(crate) arrivals: Vec<Arrival>,
}

/// An output as FIFO sees it.
#[derive(Clone, Copy)]
pub(crate) struct TaintOut {
    /// In satoshi.
    pub(crate) value: u64,
    /// Who gets it.
    pub(crate) actor: ActorId,
    /// Whether that is a service.
    pub(crate) service: bool,
    /// The campaign that this is a source of.
    pub(crate) source: Option<usize>,
}

/// Follows every campaign's money.
#[derive(Default)]
pub(crate) struct Taint {
    held: BTreeMap<(u32, u16), Followed>,
    totals: Vec<Totals>,
}

impl Taint {
    /// Follows a transaction; `followed[vout]` is set where some of the output is followed from now on.
    pub(crate) fn transaction(&mut self, tx: u32, coins: &[Coin], outs: &[TaintOut], followed: &mut Vec<bool>) {
        followed.clear();
        followed.resize(outs.len(), false);
        let mut inputs: Vec<Option<Followed>> = Vec::with_capacity(coins.len());
        for coin in coins {
            inputs.push(if coin.tainted { self.held.remove(&(coin.tx, coin.vout)) } else { None });
        }
        let mut campaigns: Vec<usize> = inputs.iter().flatten().flatten().map(|(c, _)| *c).collect();
        campaigns.extend(outs.iter().filter_map(|o| o.source));
        campaigns.sort_unstable();
        campaigns.dedup();
        for campaign in campaigns {
            if self.totals.len() <= campaign {
                self.totals.resize_with(campaign + 1, Totals::default);
            }
            let mut stream = Vec::new();
            for (coin, runs) in coins.iter().zip(&inputs) {
                match runs.iter().flatten().find(|(c, _)| *c == campaign) {
                    Some((_, runs)) => runs.iter().for_each(|run| extend(&mut stream, *run)),
                    None => extend(&mut stream, Run { len: coin.value, followed: false }),
                }
            }
            let mut queue = stream.into_iter();
            let mut current = queue.next();
            let totals = &mut self.totals[campaign];
            for (vout, out) in outs.iter().enumerate() {
                let mut runs = Vec::new();
                let mut left = out.value;
                while left > 0 {
                    let Some(run) = &mut current else { break };
                    let part = run.len.min(left);
                    extend(&mut runs, Run { len: part, ..*run });
                    left -= part;
                    run.len -= part;
                    if run.len == 0 {
                        current = queue.next();
                    }
                }
                let mut value = sum(&runs);
                if out.source == Some(campaign) {
                    totals.sources += out.value;
                    totals.reentered += value;
                    value = out.value;
                    runs = vec![Run { len: out.value, followed: true }];
                }
                if value == 0 {
                } else if out.service {
                    totals.arrivals.push(Arrival { tx, vout: vout as u16, actor: out.actor, value });
                } else {
                    followed[vout] = true;
                    self.held.entry((tx, vout as u16)).or_default().push((campaign, runs));
                }
            }
            let rest = current.into_iter().chain(queue);
            totals.fees += rest.filter(|run| run.followed).map(|run| run.len).sum::<u64>();
        }
    }

    /// Where a campaign's money went, and how much of it lies unspent outside services.
    pub(crate) fn totals(&self, campaign: usize) -> (Totals, u64) {
        let unspent = self.held.values().flatten().filter(|(c, _)| *c == campaign).map(|(_, runs)| sum(runs)).sum();
        (self.totals.get(campaign).cloned().unwrap_or_default(), unspent)
    }
}

fn extend(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.followed == run.followed => last.len += run.len,
        _ if run.len == 0 => {}
        _ => runs.push(run),
    }
}

fn sum(runs: &[Run]) -> u64 {
    runs.iter().filter(|run| run.followed).map(|run| run.len).sum()
}

#[cfg(test)]
mod tests {
    use super::{super::KeyId, *};

    fn coin(tx: u32, vout: u16, value: u64, tainted: bool) -> Coin {
        Coin { value, tx, key: KeyId(0), vout, tainted }
    }

    fn out(value: u64, service: bool, source: Option<usize>) -> TaintOut {
        TaintOut { value, actor: ActorId(9), service, source }
    }

    #[test]
    fn money_is_followed_in_order_and_none_is_lost() {
        let mut taint = Taint::default();
        let mut marks = Vec::new();
        taint.transaction(1, &[coin(0, 0, 200, false)], &[out(100, false, Some(0)), out(90, false, None)], &mut marks);
        assert_eq!(marks, [true, false]);
        // 50 clean, then 100 followed, 30 clean; outputs 70, 60, 40 and a fee of 10
        let coins = [coin(5, 0, 50, false), coin(1, 0, 100, true), coin(6, 0, 30, false)];
        taint.transaction(2, &coins, &[out(70, true, None), out(60, false, None), out(40, false, None)], &mut marks);
        assert_eq!(marks, [false, true, true]);
        let (totals, unspent) = taint.totals(0);
        assert_eq!(totals.arrivals, [Arrival { tx: 2, vout: 0, actor: ActorId(9), value: 20 }]);
        assert_eq!((totals.sources, totals.fees, unspent), (100, 0, 80));
        // the last output of 40 holds 20 followed, then 20 clean: as a fee of 15 none of it is followed
        taint.transaction(3, &[coin(2, 2, 40, true)], &[out(25, true, None)], &mut marks);
        let (totals, unspent) = taint.totals(0);
        assert_eq!((totals.arrivals[1].value, totals.fees, unspent), (20, 0, 60));
        taint.transaction(4, &[coin(2, 1, 60, true)], &[out(35, false, Some(0))], &mut marks);
        let (totals, unspent) = taint.totals(0);
        assert_eq!((totals.sources, totals.reentered, totals.fees, unspent), (135, 35, 25, 35));
        let arrived: u64 = totals.arrivals.iter().map(|a| a.value).sum();
        assert_eq!(totals.sources, arrived + totals.fees + totals.reentered + unspent);
    }

    #[test]
    fn campaigns_are_followed_apart() {
        let mut taint = Taint::default();
        let mut marks = Vec::new();
        let sources = [out(10, false, Some(0)), out(20, false, Some(1))];
        taint.transaction(1, &[coin(0, 0, 30, false)], &sources, &mut marks);
        taint.transaction(2, &[coin(1, 1, 20, true), coin(1, 0, 10, true)], &[out(25, true, None)], &mut marks);
        let value = |c| taint.totals(c).0.arrivals[0].value;
        assert_eq!((value(1), value(0)), (20, 5));
        assert_eq!((taint.totals(0).0.fees, taint.totals(1).0.fees), (5, 0));
    }
}
