//! `trace` on a chain of accounts: what became of what an account received, or where it came from.

use super::{AmountView, CoveredView, PassageView};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget, LedgerFlows, OwnAccounts};
use crate::error::EngineError;
use crate::read::{Moment, TraceOptions};
use athar_ledger::account::NONE;
use athar_trace::account::{
    AccountArrival, AccountEdge, AccountEnd, AccountLimits, AccountQuestion, AccountSink, AccountSources, AccountStop,
    AccountTotals, Conversion, Flows, Part, Place, Sum, stream,
};
use athar_types::account::{AssetKey, U256};
use athar_types::{Category, Day};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Places listed of each sort.
const PLACES_MAX: usize = 1_000;
/// Accounts of an entity that a trace starts from.
const MEMBERS_MAX: u32 = 10_000;
/// Transfers that a trace starts from.
pub(super) const SOURCES_MAX: usize = 100_000;

/// What one asset's taint came to. What began (`source` and `converted_in`) equals everything else: not a unit is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssetTotalsView {
    /// What the trace began with.
    pub source: AmountView,
    /// What other assets were exchanged for on the way.
    pub converted_in: AmountView,
    /// Still on balances (backward: there before the first known transfer).
    pub held: AmountView,
    /// At services, mixers, bridges and contracts.
    pub stopped: AmountView,
    /// Paid as fees.
    pub fee: AmountView,
    /// Left the chain (backward: came into being on it).
    pub outside: AmountView,
    /// Backward: of unknown origin, since the account gave more than its known receipts.
    pub unknown: AmountView,
    /// Came back to a source without leaving the subject's accounts.
    pub internal: AmountView,
    /// Came back to a source from others.
    pub returned: AmountView,
    /// Exchanged for other assets.
    pub converted_out: AmountView,
    /// Left at bounds.
    pub bounded: Vec<AccountBoundView>,
    /// What followed balances gave beyond all that is known to have come in: the store begins too late for them, or the token
    /// changes balances without a log. Never tainted.
    pub short: AmountView,
    /// Whether a sum passed 256 bits, as no honest token's does; it is then shown as the largest number of 256 bits.
    pub is_beyond_256_bits: bool,
}

/// What was left at a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountBoundView {
    /// The bound.
    pub bound: String,
    /// How much.
    pub amount: AmountView,
    /// In how many places.
    pub count: u64,
}

/// A place where taint ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountPlaceView {
    /// The account.
    pub account: String,
    /// Why the trace stopped there: `service`, `inferred_service`, `mixer`, `bridge`, `contract`; none where it is held.
    pub stop: Option<String>,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// How much, worth what it was on the day when the last of it came.
    pub amount: AmountView,
    /// The last transfer that brought some of it.
    pub tx: Option<String>,
    /// Its time.
    pub time: Option<String>,
    /// Fewest hops.
    pub hops: u32,
    /// What a bridge says of where it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage: Option<PassageView>,
}

/// An exchange that taint went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConversionView {
    /// The transaction.
    pub tx: String,
    /// The pool.
    pub pool: String,
    /// What went in, tainted and not.
    pub into: AmountView,
    /// The tainted part of it, in the smallest unit.
    pub tainted_in: String,
    /// What came out.
    pub out_of: AmountView,
    /// The tainted part of it, in the smallest unit, rounded down.
    pub tainted_out: String,
}

/// A transfer that carried taint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountEdgeView {
    /// The transaction.
    pub tx: Option<String>,
    /// Number of its block.
    pub number: u32,
    /// Its time.
    pub time: String,
    /// Who gave.
    pub from: Option<String>,
    /// Who received.
    pub to: Option<String>,
    /// What moved.
    #[serde(flatten)]
    pub amount: AmountView,
    /// The tainted part, in the smallest unit.
    pub tainted_units: String,
    /// Fewest hops.
    pub hop: u32,
}

/// The answer to a trace on a chain of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountTraceView {
    /// What was asked, as given.
    pub target: String,
    /// Chain.
    pub chain: String,
    /// `forward` or `backward`.
    #[schemars(with = "String")]
    pub direction: &'static str,
    /// How a balance hands taint on: `fifo`, `lifo`, `haircut` or `poison`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Whether amounts are conserved and summed: under every policy but poison, which says what was reached.
    pub is_summed: bool,
    /// Hops followed.
    pub hops_max: u32,
    /// What of the target names nothing in the store.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// What the trace begins with: `receipts` of the target's accounts, `transfers` that were named (and receipts), or `payments`
    /// of accounts that received nothing in what the store covers.
    #[schemars(with = "String")]
    pub begins_with: &'static str,
    /// Whether the target has more receipts than the 100,000 that the trace starts from.
    pub sources_truncated: bool,
    /// The sums, asset by asset.
    pub assets: Vec<AssetTotalsView>,
    /// Where it stopped, the most first.
    pub stopped: Vec<AccountPlaceView>,
    /// Where it lies.
    pub held: Vec<AccountPlaceView>,
    /// Places left out for their number.
    pub places_more: u64,
    /// Exchanges on the way.
    pub conversions: Vec<ConversionView>,
    /// Exchanges left out for their number.
    pub conversions_more: u64,
    /// Transfers that carried taint, in the order they were found.
    pub edges: Vec<AccountEdgeView>,
    /// How many there are.
    pub edge_count: u64,
    /// Bounds that were hit.
    pub bounds: Vec<String>,
    /// Balances whose history in the store begins too late.
    pub short_places: u64,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer; none where it was cut short.
    pub snapshot: Option<String>,
}

/// What a text of sources names.
pub(super) struct Asked {
    pub(super) sources: AccountSources,
    pub(super) own: OwnAccounts,
    pub(super) unseen: Vec<String>,
    /// Whether anything of it is in the store.
    pub(super) is_found: bool,
    pub(super) begins_with: &'static str,
}

/// What is collected while a trace runs.
#[derive(Default)]
struct Collected {
    edges: Vec<AccountEdge>,
    edges_max: usize,
    conversions: Vec<Conversion>,
    conversion_count: u64,
    ended: BTreeMap<(Option<AccountStop>, u32, u32), Ending>,
    /// Hops of what reached a balance last.
    is_cancelled: bool,
}

#[derive(Clone, Copy, Default)]
struct Ending {
    amount: Sum,
    last: Option<u64>,
    hops: u32,
}

impl AccountSink for Collected {
    fn edge(&mut self, edge: &AccountEdge) {
        if self.edges.len() < self.edges_max {
            self.edges.push(*edge);
        }
    }

    fn reach(&mut self, _: &AccountArrival, _: &mut [Part]) {}

    fn conversion(&mut self, conversion: &Conversion) {
        self.conversion_count += 1;
        if self.conversions.len() < PLACES_MAX {
            self.conversions.push(*conversion);
        }
    }

    fn end(&mut self, place: Place, transfer: Option<u64>, parts: &[Part], end: AccountEnd) {
        let stop = match end {
            AccountEnd::Held => None,
            AccountEnd::Stopped(stop) => Some(stop),
            _ => return,
        };
        let ending = self
            .ended
            .entry((stop, place.account, place.asset))
            .or_insert(Ending { hops: u32::MAX, ..Ending::default() });
        for part in parts {
            ending.amount += part.amount;
            ending.hops = ending.hops.min(part.hop);
        }
        ending.last = ending.last.max(transfer);
    }
}

/// A sum as an amount; one beyond 256 bits as the largest.
pub(super) fn clipped(sum: Sum) -> U256 {
    sum.saturating_to()
}

impl Engine {
    /// Follows what accounts received, or where it came from. `asset` keeps to one asset (a symbol or contract; `coin`).
    /// `None` where nothing of the target is in the store.
    ///
    /// # Errors
    /// A target that is no address, transaction, transfer (`TX:RANK`) or `category:NAME`, an unknown asset, and a policy that has no
    /// meaning on accounts.
    pub fn account_trace(
        &self,
        target: &str,
        asset: Option<&str>,
        options: &TraceOptions,
    ) -> Result<Option<AccountTraceView>, EngineError> {
        let chain = self.account_chain()?;
        let asset_id = asset.map(|text| chain.asset_named(text)).transpose()?;
        if options.amount_min_sat > 0 && asset_id.is_none() {
            return Err(EngineError::Target {
                input: options.amount_min_sat.to_string(),
                what: "a least amount on a chain of accounts is of one asset: name it".into(),
            });
        }
        let flows = LedgerFlows(&chain.ledger);
        let asked = account_asked(chain, target, asset_id, options.backward)?;
        if !asked.is_found {
            return Ok(None);
        }
        let limits = chain.limits(options, asset_id);
        let question = AccountQuestion {
            policy: options.policy,
            direction: options.direction(),
            sources: &asked.sources,
            stops: chain,
            owners: &asked.own,
            limits: &limits,
        };
        let mut collected = Collected { edges_max: options.edges_listed_max, ..Collected::default() };
        let totals = stream(&flows, &question, &mut collected)?;
        let snapshot = (!collected.is_cancelled).then(|| self.snapshot("trace", &(target.trim(), asset, options)));
        Ok(Some(self.account_trace_view(chain, target, options, &asked, &totals, &collected, snapshot)))
    }

    #[allow(clippy::too_many_arguments)] // the parts of one answer
    fn account_trace_view(
        &self,
        chain: &AccountChain,
        target: &str,
        options: &TraceOptions,
        asked: &Asked,
        totals: &AccountTotals,
        collected: &Collected,
        snapshot: Option<String>,
    ) -> AccountTraceView {
        let place = |(key, ending): (&(Option<AccountStop>, u32, u32), &Ending)| {
            let (stop, account, asset) = *key;
            self.place_view(chain, stop, account, asset, ending)
        };
        let mut stopped: Vec<_> = collected.ended.iter().filter(|(key, _)| key.0.is_some()).collect();
        let mut held: Vec<_> = collected.ended.iter().filter(|(key, _)| key.0.is_none()).collect();
        for list in [&mut stopped, &mut held] {
            // the coin and verified tokens first, then the most of each asset
            list.sort_by(|a, b| {
                let rank = |asset: u32| (!chain.is_verified(asset), asset);
                (rank(a.0.2), b.1.amount, a.0.1).cmp(&(rank(b.0.2), a.1.amount, b.0.1))
            });
        }
        let more = stopped.len().saturating_sub(PLACES_MAX) + held.len().saturating_sub(PLACES_MAX);
        AccountTraceView {
            target: target.trim().into(),
            chain: chain.ledger.chain().to_string(),
            direction: if options.backward { "backward" } else { "forward" },
            policy: options.policy.name(),
            is_summed: totals.is_summed,
            hops_max: options.hops_max,
            unseen: asked.unseen.clone(),
            begins_with: asked.begins_with,
            sources_truncated: asked.sources.is_truncated(),
            assets: totals.assets.iter().map(|(asset, sums)| self.asset_totals(chain, *asset, sums)).collect(),
            stopped: stopped.into_iter().take(PLACES_MAX).map(place).collect(),
            held: held.into_iter().take(PLACES_MAX).map(place).collect(),
            places_more: more as u64,
            conversions: collected.conversions.iter().map(|c| self.conversion_view(chain, c)).collect(),
            conversions_more: collected.conversion_count - collected.conversions.len() as u64,
            edges: collected.edges.iter().map(|edge| self.account_edge(chain, edge)).collect(),
            edge_count: totals.edge_count,
            bounds: totals.bounds.iter().map(|bound| bound.name().to_string()).collect(),
            short_places: totals.short_places,
            covered: chain.covered(),
            snapshot,
        }
    }

    fn asset_totals(
        &self,
        chain: &AccountChain,
        asset: u32,
        sums: &athar_trace::account::AssetTotals,
    ) -> AssetTotalsView {
        let day = chain.ledger.tip().map_or(Day::default(), |tip| tip.time.day());
        // sums are of many days: they have no worth of their own, places have
        let amount = |sum: Sum| AmountView {
            usd: None,
            usd_at_par: false,
            ..chain.amount_on(&self.prices, asset, clipped(sum), day)
        };
        AssetTotalsView {
            source: amount(sums.source),
            converted_in: amount(sums.converted_in),
            held: amount(sums.held),
            stopped: amount(sums.stopped),
            fee: amount(sums.fee),
            outside: amount(sums.outside),
            unknown: amount(sums.unknown),
            internal: amount(sums.internal),
            returned: amount(sums.returned),
            converted_out: amount(sums.converted_out),
            bounded: sums
                .bounded
                .iter()
                .map(|b| AccountBoundView { bound: b.bound.name().into(), amount: amount(b.amount), count: b.count })
                .collect(),
            short: amount(sums.short),
            is_beyond_256_bits: sums.is_beyond_256_bits,
        }
    }

    fn place_view(
        &self,
        chain: &AccountChain,
        stop: Option<AccountStop>,
        account: u32,
        asset: u32,
        ending: &Ending,
    ) -> AccountPlaceView {
        let block = ending.last.map(|n| chain.ledger.block(chain.ledger.transfer_block(n)));
        let day = block.as_ref().map_or(Day::default(), |block| block.time.day());
        let tx = ending.last.map(|n| chain.ledger.transfer(n).tx).filter(|tx| *tx != NONE);
        let is_bridge = matches!(stop, Some(AccountStop::Bridge { .. }));
        let passage = ending.last.filter(|_| is_bridge).and_then(|n| LedgerFlows(&chain.ledger).bridge(n));
        AccountPlaceView {
            account: chain.account_text(account).unwrap_or_default(),
            stop: stop.map(|stop| stop_name(stop).to_string()),
            labels: self.labels_on(chain, account).map(|label| label.name.clone()).collect(),
            amount: chain.amount_on(&self.prices, asset, clipped(ending.amount), day),
            tx: tx.map(|tx| chain.tx_text(tx)),
            time: block.map(|block| block.time.to_string()),
            hops: if ending.hops == u32::MAX { 0 } else { ending.hops },
            passage: passage.map(|passage| self.passage_view(chain, asset, &passage)),
        }
    }

    fn conversion_view(&self, chain: &AccountChain, c: &Conversion) -> ConversionView {
        let day = chain.ledger.tx_time(c.tx).day();
        let amount = |asset, sum: Sum| chain.amount_on(&self.prices, asset, clipped(sum), day);
        ConversionView {
            tx: chain.tx_text(c.tx),
            pool: chain.ledger.account_text(c.pool),
            into: amount(c.asset_in, c.amount_in),
            tainted_in: c.tainted_in.to_string(),
            out_of: amount(c.asset_out, c.amount_out),
            tainted_out: c.tainted_out.to_string(),
        }
    }

    fn account_edge(&self, chain: &AccountChain, edge: &AccountEdge) -> AccountEdgeView {
        let block = chain.ledger.block(chain.ledger.transfer_block(edge.transfer));
        AccountEdgeView {
            tx: (edge.tx != NONE).then(|| chain.tx_text(edge.tx)),
            number: block.number,
            time: block.time.to_string(),
            from: chain.account_text(edge.from),
            to: chain.account_text(edge.to),
            amount: chain.amount_on(&self.prices, edge.asset, edge.amount, block.time.day()),
            tainted_units: edge.tainted.to_string(),
            hop: edge.hop,
        }
    }
}

fn stop_name(stop: AccountStop) -> &'static str {
    match stop {
        AccountStop::Service { .. } => "service",
        AccountStop::InferredService { .. } => "inferred_service",
        AccountStop::Mixer { .. } => "mixer",
        AccountStop::Bridge { .. } => "bridge",
        _ => "contract",
    }
}

impl AccountChain {
    /// The asset of that name: `coin`, a symbol of the registry, a contract, or `trc10:NUMBER`.
    pub(crate) fn asset_named(&self, text: &str) -> Result<u32, EngineError> {
        let wrong =
            || super::not_a("asset in the store (coin, a symbol of the registry, a contract, trc10:NUMBER)", text);
        let params = self.ledger.params();
        if text == "coin" || text.eq_ignore_ascii_case(params.coin.symbol()) {
            return Ok(athar_ledger::account::NATIVE);
        }
        let key = match text.strip_prefix("trc10:") {
            Some(number) => AssetKey::Trc10(number.parse().map_err(|_| wrong())?),
            None => match Self::tokens().by_symbol(params.chain, text) {
                Some(token) => AssetKey::Token(token.contract),
                None => AssetKey::Token(params.form.parse(text).map_err(|_| wrong())?),
            },
        };
        self.ledger.asset_id(&key).ok_or_else(wrong)
    }

    /// The bounds of a question.
    pub(super) fn limits(&self, options: &TraceOptions, asset: Option<u32>) -> AccountLimits {
        let first_from = |moment: Moment| -> u64 {
            let rank = match moment {
                Moment::Height(number) => self.ledger.first_rank_from(number),
                Moment::Day(day) => self.ledger.first_rank_at(day_start(day)),
            };
            self.first_transfer_of(rank)
        };
        let after = |moment: Moment| -> u64 {
            let rank = match moment {
                Moment::Height(number) => {
                    number.checked_add(1).map_or(u32::MAX, |next| self.ledger.first_rank_from(next))
                }
                Moment::Day(day) => self.ledger.first_rank_at(day_start(Day(day.0.saturating_add(1)))),
            };
            self.first_transfer_of(rank)
        };
        let amount_min = match asset {
            Some(asset) if options.amount_min_sat > 0 => BTreeMap::from([(asset, Sum::from(options.amount_min_sat))]),
            _ => BTreeMap::new(),
        };
        AccountLimits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            since: options.since.map(first_from),
            until: options.until.map(after),
            amount_min,
            ..AccountLimits::default()
        }
    }

    fn first_transfer_of(&self, rank: u32) -> u64 {
        if rank < self.ledger.block_count() {
            self.ledger.block(rank).transfers.start
        } else {
            self.ledger.transfer_count()
        }
    }
}

fn day_start(day: Day) -> athar_types::UnixTime {
    athar_types::UnixTime(u32::try_from(i64::from(day.0) * 86_400).unwrap_or(if day.0 < 0 { 0 } else { u32::MAX }))
}

/// What the words of a target name.
pub(super) fn account_asked(
    chain: &AccountChain,
    target: &str,
    asset: Option<u32>,
    backward: bool,
) -> Result<Asked, EngineError> {
    let flows = LedgerFlows(&chain.ledger);
    let (mut accounts, mut transfers, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
    for text in target.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        if let Some(name) = text.strip_prefix("category:") {
            let category: Category = name.parse().map_err(|_| super::not_a("category (category:NAME)", text))?;
            let labelled = chain.labelled.accounts();
            accounts.extend(labelled.into_iter().filter(|account| chain.labelled.is(*account, category)));
            continue;
        }
        let (text, is_entity) = match text.strip_prefix("entity:") {
            Some(address) => (address, true),
            None => (text, false),
        };
        match AccountTarget::parse(text, chain.ledger.form()) {
            AccountTarget::Account(bytes) => match chain.ledger.account_id(&bytes) {
                Some(account) if is_entity => accounts.extend(chain.members(account, MEMBERS_MAX)),
                Some(account) => accounts.push(account),
                None => unseen.push(text.to_string()),
            },
            AccountTarget::Hash(_) | AccountTarget::Transfer(..) if is_entity => {
                return Err(super::not_a("address after entity:", text));
            }
            AccountTarget::Hash(hash) => match chain.ledger.tx_by_hash(&hash) {
                Some(tx) => transfers.extend(chain.ledger.tx_transfers(tx)),
                None => unseen.push(text.to_string()),
            },
            AccountTarget::Transfer(hash, rank) => {
                let found = chain.ledger.tx_by_hash(&hash).map(|tx| chain.ledger.tx_transfers(tx));
                match found.and_then(|all| all.clone().nth(rank as usize)) {
                    Some(n) => transfers.push(n),
                    None => unseen.push(text.to_string()),
                }
            }
            AccountTarget::Invalid(error) => {
                return Err(EngineError::Target {
                    input: crate::shortened(text),
                    what: format!(
                        "no address, entity:ADDRESS, transaction, transfer (TX:RANK) or category:NAME: {error}"
                    ),
                });
            }
        }
    }
    let is_found = !accounts.is_empty() || !transfers.is_empty();
    accounts.sort_unstable();
    accounts.dedup();
    let wanted = |n: &u64| asset.is_none_or(|asset| chain.ledger.transfer(*n).asset == asset);
    let mut begins_with = if transfers.is_empty() { "receipts" } else { "transfers" };
    let sources = if transfers.is_empty() {
        let receipts = AccountSources::receipts(&flows, &accounts, asset, SOURCES_MAX);
        if receipts.parts().is_empty() && !backward && !accounts.is_empty() {
            // a store that begins in the middle of a chain has accounts that only gave
            begins_with = "payments";
            AccountSources::payments(&flows, &accounts, asset, SOURCES_MAX)
        } else {
            receipts
        }
    } else {
        let own: rustc_hash::FxHashSet<u32> = accounts.iter().copied().collect();
        let receipts = accounts.iter().flat_map(|account| {
            chain.ledger.of_account(*account, 0).filter(|n| {
                let transfer = chain.ledger.transfer(*n);
                transfer.to == *account && !own.contains(&transfer.from)
            })
        });
        let all = transfers.iter().copied().chain(receipts).filter(wanted).map(|n| (n, 0));
        AccountSources::transfers(&flows, all, SOURCES_MAX)?
    };
    Ok(Asked { sources, own: OwnAccounts(accounts.into_iter().collect()), unseen, is_found, begins_with })
}
