//! What may be passed: the part an output can play on a path, and whether a transaction is open.

use super::answer::PathsEnd;
use super::question::PathsQuestion;
use crate::stop::{Owners, Stops};
use athar_ledger::{Input, Ledger};
use athar_types::{AddressId, InputNum, OutputNum, TxNum};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// What an output can be on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The first output only: it belongs to the party where paths begin.
    Start,
    /// The last output only.
    End,
    /// The first or the last: it belongs to both.
    Both,
    /// One between them.
    Through,
    /// None, and why; an output of nothing is none without a reason to tell.
    Barred(Option<PathsEnd>),
}

impl Role {
    /// Whether a path may go on from here in the money's direction.
    pub(super) fn leads_on(self) -> bool {
        matches!(self, Self::Start | Self::Both | Self::Through)
    }

    /// Whether a path may come here.
    pub(super) fn takes_in(self) -> bool {
        matches!(self, Self::End | Self::Both | Self::Through)
    }
}

/// The graph of a question. A step goes from an output to each output of the transaction that spends it.
pub(super) struct Ground<'a, S: ?Sized, O: ?Sized> {
    pub(super) ledger: &'a Ledger,
    pub(super) question: &'a PathsQuestion<'a, S, O>,
    /// Transactions within the heights asked for.
    window: Range<u32>,
    /// Whether each transaction met so far is open; asked again and again, and dear for the caller to tell.
    open: FxHashMap<u32, Option<PathsEnd>>,
}

impl<'a, S: Stops + ?Sized, O: Owners + ?Sized> Ground<'a, S, O> {
    pub(super) fn new(ledger: &'a Ledger, question: &'a PathsQuestion<'a, S, O>) -> Self {
        let (limits, end) = (question.limits, ledger.tx_count());
        let since = limits.since.map_or(0, |h| ledger.block(h).map_or(end, |b| b.txs.start));
        let until = limits.until.and_then(|h| ledger.block(h)).map_or(end, |b| b.txs.end);
        Self { ledger, question, window: since..until, open: FxHashMap::default() }
    }

    /// The part that an output can play, and its address.
    pub(super) fn role(&self, output: OutputNum) -> (Role, Option<AddressId>) {
        let address = self.ledger.output_address(output);
        let value = self.ledger.output_value(output).0;
        if value < self.question.limits.amount_min_sat.max(1) {
            return (Role::Barred((value > 0).then_some(PathsEnd::Amount)), address);
        }
        let role = match (self.question.from.has(output, address), self.question.to.has(output, address)) {
            (true, true) => Role::Both,
            (true, false) => Role::Start,
            (false, true) => Role::End,
            (false, false) => match self.question.stops.stop(output, address) {
                Some(reason) => Role::Barred(Some(reason.into())),
                None => Role::Through,
            },
        };
        (role, address)
    }

    /// Why a transaction is not passed, if so.
    pub(super) fn closed(&mut self, tx: TxNum) -> Option<PathsEnd> {
        if tx.0 < self.window.start {
            return Some(PathsEnd::Since);
        }
        if tx.0 >= self.window.end {
            return Some(PathsEnd::Until);
        }
        let (ledger, question) = (self.ledger, self.question);
        *self.open.entry(tx.0).or_insert_with(|| {
            let count = |range: Range<u64>| range.end - range.start;
            let fan = count(ledger.tx_inputs(tx)).max(count(ledger.tx_outputs(tx)));
            let is_too_wide = fan > u64::from(question.limits.fan_max);
            question.stops.stop_tx(tx).map(PathsEnd::from).or(is_too_wide.then_some(PathsEnd::Fan))
        })
    }

    /// Whether a step between outputs of these addresses goes from one owner to another.
    #[inline]
    pub(super) fn is_hop(&self, from: Option<AddressId>, to: Option<AddressId>) -> bool {
        !matches!((from, to), (Some(from), Some(to)) if from == to || self.question.owners.same_owner(from, to))
    }

    /// An output that a transaction spends, by the number of the input.
    #[inline]
    pub(super) fn spent(&self, input: u64) -> (OutputNum, Input) {
        let input = self.ledger.input(InputNum(input));
        (self.ledger.spent_output(&input), input)
    }
}
