//! Passages through bridges, each with its other leg where the store holds the other chain: by the protocol's own message, else by
//! amount and time, and then with how many fit.

use super::Wanted;
use crate::Engine;
use crate::account_chain::{AccountChain, hash_text, worth};
use crate::read::account_chain::{bridge_side, is_dealing};
use athar_ledger::account::AccountLedger;
use athar_patterns::Bridging;
use athar_trace::account::{FarSide, Match, MatchedBy, Passage, candidates};
use athar_types::account::{AccountParams, BridgeEvent, EventKind, U256};
use rustc_hash::FxHashMap;

/// Seconds by which the clocks of two chains may differ.
const SKEW: i64 = 120;
/// Millionths of the amount that fees may have taken.
const FEE_MAX_PPM: u32 = 20_000;
/// Legs listed of one passage.
const LISTED_MAX: usize = 3;
/// Passages that a run looks at: more are left out.
const PASSAGES_MAX: usize = 1_000_000;

/// What the bridges did on another chain.
struct Far<'a> {
    ledger: &'a AccountLedger,
    /// By protocol and direction, in order of time.
    sides: FxHashMap<(u16, bool), Vec<FarSide>>,
    /// The sides with a message, by it.
    by_message: FxHashMap<(u16, bool, [u8; 32]), Vec<FarSide>>,
}

impl<'a> Far<'a> {
    fn of(ledger: &'a AccountLedger) -> Self {
        let mut far = Self { ledger, sides: FxHashMap::default(), by_message: FxHashMap::default() };
        for notice in ledger.notices() {
            let EventKind::Bridge(event) = notice.event else { continue };
            let Some(side) = bridge_side(ledger, notice.tx, &event) else { continue };
            let key = (event.protocol, event.is_out);
            far.sides.entry(key).or_default().push(side);
            if let Some(message) = side.message {
                far.by_message.entry((key.0, key.1, message)).or_default().push(side);
            }
        }
        far.sides.values_mut().for_each(|sides| sides.sort_by_key(|side| (side.time, side.transfer)));
        far
    }

    /// Those that may be the other leg: with its message, or near in time.
    fn near(&self, passage: &Passage, window: i64) -> Vec<FarSide> {
        let key = (passage.protocol, !passage.is_out);
        let tied = passage.message.and_then(|message| self.by_message.get(&(key.0, key.1, message)));
        if let Some(tied) = tied {
            return tied.clone();
        }
        let Some(sides) = self.sides.get(&key) else { return Vec::new() };
        let reach = window.saturating_add(SKEW);
        let from = sides.partition_point(|side| side.time < passage.time.saturating_sub(reach));
        let end = sides.partition_point(|side| side.time <= passage.time.saturating_add(reach));
        sides[from..end].to_vec()
    }
}

/// The passages of the engine's chain, in chain order; none of a chain of outputs, whose bridges write no logs.
pub(super) fn bridgings(engine: &Engine, wanted: &Wanted) -> Vec<Bridging> {
    let Some(chain) = engine.of_accounts() else { return Vec::new() };
    let far: Vec<Far<'_>> = engine.other_accounts().map(Far::of).collect();
    let since = wanted.since.unwrap_or(0);
    let notices = chain.ledger.notices().skip_while(|notice| notice.tx < since);
    let passages = notices.filter_map(|notice| match notice.event {
        EventKind::Bridge(event) => Some((notice.tx, event)),
        _ => None,
    });
    let of =
        |(tx, event): (u32, BridgeEvent)| bridging(engine, chain, &far, tx, &event, i64::from(wanted.bridge_window));
    passages.take(PASSAGES_MAX).filter_map(of).collect()
}

fn bridging(
    engine: &Engine,
    chain: &AccountChain,
    far: &[Far<'_>],
    tx: u32,
    event: &BridgeEvent,
    window: i64,
) -> Option<Bridging> {
    let ledger = &chain.ledger;
    let account = event.account.and_then(|bytes| ledger.account_id(&bytes));
    // the transfer that the log speaks of: its own amount, between the account or the contract and another
    let contract = ledger.account_id(&event.contract);
    let transfer = ledger.tx_transfers(tx).map(|n| ledger.transfer(n)).find(|t| {
        let takes_part = |who: Option<u32>| who.is_some_and(|who| t.from == who || t.to == who);
        is_dealing(t)
            && (takes_part(account) || takes_part(contract))
            && (event.amount == t.amount || event.amount == U256::ZERO)
    });
    // where the log names nobody, whoever gave to the contract or got from it
    let address = account.or_else(|| {
        let t = transfer.as_ref()?;
        Some(if event.is_out { t.from } else { t.to })
    })?;
    let asset = transfer.as_ref().map_or(0, |t| t.asset);
    let amount = transfer.as_ref().map_or(event.amount, |t| t.amount);
    let facts = chain.asset_facts(asset);
    let time = ledger.tx_time(tx);
    let passage = Passage {
        protocol: event.protocol,
        is_out: event.is_out,
        far_chain: event.far_chain,
        far_account: event.far_account,
        message: event.message,
        amount,
        time: i64::from(time.0),
    };
    let is_far = |far: &&Far<'_>| match event.far_chain {
        Some(id) => AccountParams::of_chain_id(id).is_some_and(|params| params.chain == far.ledger.chain()),
        None => true,
    };
    let decimals = facts.decimals.unwrap_or(0);
    let by =
        Match { window, skew: SKEW, fee_max_ppm: FEE_MAX_PPM, decimals, far_decimals: decimals, list_max: LISTED_MAX };
    let cents = transfer.as_ref().and_then(|_| worth(&engine.prices, &facts, amount, time.day()));
    let named = event.far_chain.map(|id| {
        AccountParams::of_chain_id(id).map_or_else(|| format!("chain id {id}"), |params| params.chain.to_string())
    });
    let mut bridging = Bridging {
        tx,
        address,
        protocol: AccountChain::bridge_name(event.protocol),
        other_chain: named,
        units: u128::try_from(amount).unwrap_or(u128::MAX),
        cents: cents.map(|(usd, _)| usd.0),
        is_out: event.is_out,
        asset,
        ..Bridging::default()
    };
    for far in far.iter().filter(is_far) {
        bridging.is_searched = true;
        let found = candidates(&passage, far.near(&passage, window), &by);
        if found.size == 0 {
            continue;
        }
        let leg = |side: &FarSide| {
            let far_tx = far.ledger.transfer(side.transfer).tx;
            format!("{} {}", far.ledger.chain(), hash_text(far.ledger.form(), &far.ledger.tx_hash(far_tx)))
        };
        let lag = found.listed.iter().map(|side| side.time.abs_diff(passage.time)).min();
        let lag = lag.and_then(|lag| u32::try_from(lag).ok());
        bridging.lag = match (bridging.lag, lag) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        bridging.candidates += found.size;
        bridging.legs.extend(found.listed.iter().map(leg));
        if found.by == MatchedBy::Message && found.size == 1 {
            bridging.matched = found.listed.first().map(leg);
            bridging.other_chain.get_or_insert_with(|| far.ledger.chain().to_string());
        }
    }
    if bridging.matched.is_some() {
        bridging.candidates = 1;
    }
    bridging.legs.truncate(LISTED_MAX);
    Some(bridging)
}
