//! The worlds of accounts that go with a world of bitcoin, and the truth of rows 11, 12 and 22.
//!
//! A row over several chains needs them in one store: the two worlds of accounts, joined by a bridge, are read into the store that
//! already holds bitcoin. Transactions of these rows are counted on the chains of accounts.

use super::{Case, Truth};
use crate::MeasureError;
use athar_engine::write::{MEMORY_BYTES, import_labels, ingest_account_blocks};
use athar_engine::{AccountKnows, Chain, Day};
use athar_simulate::account::{AccountStory, AccountWorld, AccountWorldSettings, TransferGift, world};
use athar_simulate::pair::{Hop, Migration, PAIR_DAYS, PAIR_START};
use athar_types::account::AccountParams;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The chains, in the order in which the bridge joins them.
pub(super) const CHAINS: [Chain; 2] = [Chain::Ethereum, Chain::Tron];
/// Rows that these worlds have cases of.
const ROWS: [u32; 3] = [11, 12, 22];
/// Campaigns of row 11 in each world.
const REMITTANCES: u32 = 2;
/// Passages over the bridge.
const HOPS: u32 = 24;
/// Row 22: most that may be kept as a fee where no message joins the two sides, in parts of a hundred thousand, and most seconds between them.
const FEE_PARTS_MAX: u64 = 1_000;
const HOP_SECS_MAX: u32 = 1_800;

/// Donors who left bitcoin, as the world of bitcoin tells it.
#[derive(Clone, Debug)]
struct CoinHalf {
    rank: u32,
    decoy: bool,
    addresses: Vec<String>,
    txids: Vec<String>,
    gifts: Vec<TransferGift>,
}

#[derive(Deserialize)]
struct Document {
    campaigns: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    kind: String,
    decoy: bool,
    drawn: BTreeMap<String, u64>,
    addresses: Vec<Own>,
    own_transactions: Vec<OwnTx>,
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Own {
    address: String,
}

#[derive(Deserialize)]
struct OwnTx {
    txid: String,
}

#[derive(Deserialize)]
struct Source {
    time: String,
    usd_cents: u64,
}

/// The halves of migrations in a world of bitcoin.
fn coin_halves(world: &Path) -> Result<Vec<CoinHalf>, MeasureError> {
    let path = world.join("truth/campaigns.json");
    let text = std::fs::read(&path).map_err(|source| MeasureError::Io { path: path.clone(), source })?;
    let wrong = |line: usize, what: String| MeasureError::Truth { path: path.clone(), line: line as u64, what };
    let document: Document = serde_json::from_slice(&text).map_err(|e| wrong(e.line(), e.to_string()))?;
    let half = |told: Told| {
        let gift = |source: &Source| match seconds(&source.time) {
            Some(time) => Ok(TransferGift { time, cents: source.usd_cents }),
            None => Err(wrong(0, format!("`{}` is no time", source.time))),
        };
        Ok(CoinHalf {
            rank: told.drawn.get("migration").copied().unwrap_or_default() as u32,
            decoy: told.decoy,
            gifts: told.sources.iter().map(gift).collect::<Result<_, _>>()?,
            addresses: told.addresses.into_iter().map(|own| own.address).collect(),
            txids: told.own_transactions.into_iter().map(|own| own.txid).collect(),
        })
    };
    document.campaigns.into_iter().filter(|told| told.kind == "chain-migration").map(half).collect()
}

/// `2018-01-01T00:00:00Z` as seconds since 1970.
pub(super) fn seconds(text: &str) -> Option<u32> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let day: Day = day.parse().ok()?;
    let mut seconds = u32::try_from(day.0).ok()?.checked_mul(86_400)?;
    for (part, unit) in clock.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<u32>().ok()? * unit;
    }
    Some(seconds)
}

/// Makes the two worlds that go with a world of bitcoin, reads them into its store, and tells their truth. `change` alters their
/// settings, for tests.
pub(super) fn fill(
    store: &Path,
    economy: &Path,
    seed: u64,
    people: u32,
    today: Day,
    change: impl Fn(AccountWorldSettings) -> AccountWorldSettings,
) -> Result<Truth, MeasureError> {
    let halves = coin_halves(economy)?;
    let count = |decoy| halves.iter().filter(|half| half.decoy == decoy).count() as u32;
    let migrations = [count(false), count(true)];
    let mut truth = Truth { rows: ROWS.to_vec(), ..Truth::default() };
    let mut sides: Vec<BTreeMap<u32, Side>> = Vec::new();
    let wrong = |source| MeasureError::Engine { seed, source: Box::new(source) };
    for (place, chain) in CHAINS.into_iter().enumerate() {
        let params = |chain| {
            let missing = || MeasureError::Patterns { seed, what: format!("{chain} is no chain of accounts") };
            AccountParams::of(chain).ok_or_else(missing)
        };
        let story = AccountStory {
            days: PAIR_DAYS,
            remittances: REMITTANCES,
            // donors go where most dollars of the kind are: to the second chain
            migrations: if place == 1 { migrations } else { [0; 2] },
            hops: HOPS,
            is_first: place == 0,
            far: params(CHAINS[1 - place])?,
        };
        let mut made = world(seed, &change(AccountWorldSettings::paired(params(chain)?, people, story)));
        let labels = economy.join(format!("analyst/labels-{chain}.csv"));
        std::fs::write(&labels, made.labels_csv())
            .map_err(|source| MeasureError::Io { path: labels.clone(), source })?;
        truth.txs += made.blocks.iter().map(|block| block.txs.len() as u64).sum::<u64>();
        truth.addresses += made.truth.accounts.len() as u64;
        sides.push(sides_of(&made));
        tell(&made, seed, &halves, &mut truth.cases);
        let blocks = std::mem::take(&mut made.blocks);
        ingest_account_blocks(store, chain, None, AccountKnows::ALL, MEMORY_BYTES, blocks).map_err(wrong)?;
        import_labels(store, &[labels], today, None).map_err(wrong)?;
    }
    hops(seed, &sides, &mut truth.cases);
    Ok(truth)
}

/// Remittances and migrations of a world.
fn tell(made: &AccountWorld, seed: u64, halves: &[CoinHalf], cases: &mut Vec<Case>) {
    let told = |category: &str| category == "terrorist_financing";
    let labelled: FxHashSet<_> = made.labels.iter().filter(|l| told(l.category.name())).map(|l| l.account).collect();
    for campaign in &made.truth.campaigns {
        let mut case = Case {
            id: format!("{}-{}", made.params.chain, campaign.id),
            rows: vec![campaign.row],
            look_alike: campaign.look_alike.map(Into::into),
            meets_definition: campaign.meets_definition,
            is_labelled: campaign.accounts.iter().any(|a| labelled.contains(a)),
            addresses: campaign.accounts.iter().map(|a| made.params.form.text(a)).collect(),
            txids: campaign.txs.iter().map(tx_text).collect(),
            ..Case::default()
        };
        if campaign.row == 12 {
            let rank = campaign.drawn.get("migration").copied().unwrap_or_default() as u32;
            let decoy = campaign.look_alike.is_some();
            let Some(half) = halves.iter().find(|h| (h.rank, h.decoy) == (rank, decoy)) else { continue };
            let plan = Migration::draw(seed, rank, decoy);
            case.meets_definition = migrated(&plan, &half.gifts, &campaign.gifts);
            case.addresses.extend(half.addresses.iter().cloned());
            case.txids.extend(half.txids.iter().cloned());
        }
        cases.push(case);
    }
}

/// Row 12, in US cents: of what came in on both chains, bitcoin's share after the move is less than a fifth of its share before,
/// and in the 60 days after the move more tokens come in than in the 60 days before.
fn migrated(plan: &Migration, coins: &[TransferGift], tokens: &[TransferGift]) -> bool {
    const DAY: u32 = 86_400;
    let moved = plan.start.0 + plan.days_before * DAY;
    let sum = |gifts: &[TransferGift], from: u32, to: u32| -> u64 {
        gifts.iter().filter(|g| (from..to).contains(&g.time)).map(|g| g.cents).sum()
    };
    let share = |from: u32, to: u32| {
        let coins = sum(coins, from, to);
        (u128::from(coins) * 1_000_000).checked_div(u128::from(coins + sum(tokens, from, to))).unwrap_or(0)
    };
    let end = moved + plan.days_after * DAY;
    let (before, after) = (share(plan.start.0, moved), share(moved, end));
    let rises = sum(tokens, moved, moved + 60 * DAY) > sum(tokens, moved.saturating_sub(60 * DAY), moved);
    before > 0 && after * 5 < before && rises
}

/// One world's side of a passage.
struct Side {
    txid: String,
    account: String,
    time: u32,
    labelled: bool,
}

fn sides_of(made: &AccountWorld) -> BTreeMap<u32, Side> {
    let wanted: BTreeMap<[u8; 32], u32> = made.truth.hops.iter().map(|(rank, tx)| (*tx, *rank)).collect();
    let labelled: FxHashSet<_> = made.labels.iter().map(|l| l.account).collect();
    let mut sides = BTreeMap::new();
    for block in &made.blocks {
        for event in &block.events {
            let athar_types::account::EventKind::Bridge(bridge) = event.kind else { continue };
            let tx = &block.txs[event.tx as usize];
            let (Some(rank), Some(account)) = (wanted.get(&tx.hash), bridge.account) else { continue };
            sides.insert(
                *rank,
                Side {
                    txid: tx_text(&tx.hash),
                    account: made.params.form.text(&account),
                    time: block.time.0,
                    labelled: labelled.contains(&account),
                },
            );
        }
    }
    sides
}

/// Row 22. Everybody's passages count: what is measured is whether the right two sides are put together.
fn hops(seed: u64, sides: &[BTreeMap<u32, Side>], cases: &mut Vec<Case>) {
    let [first, second] = sides else { return };
    for hop in Hop::all(seed, HOPS, PAIR_START, PAIR_DAYS) {
        let (Some(a), Some(b)) = (first.get(&hop.rank), second.get(&hop.rank)) else { continue };
        let near = a.time.abs_diff(b.time) <= HOP_SECS_MAX && hop.fee_parts <= FEE_PARTS_MAX;
        cases.push(Case {
            id: format!("hop-{}", hop.rank + 1),
            rows: vec![22],
            look_alike: None,
            meets_definition: hop.has_message || near,
            is_labelled: hop.campaign && (a.labelled || b.labelled),
            // only a campaign's are needles
            addresses: if hop.campaign {
                [a, b].map(|side| side.account.clone()).into_iter().collect()
            } else {
                FxHashSet::default()
            },
            txids: [a.txid.clone(), b.txid.clone()].into_iter().collect(),
            needs_all_txids: true,
            ..Case::default()
        });
    }
}

/// A transaction's id, as hits are compared: without `0x`.
fn tx_text(tx: &[u8; 32]) -> String {
    use std::fmt::Write;
    tx.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for time in [0, 1_514_764_800, 1_573_959_072, 4_000_000_000] {
            assert_eq!(seconds(&athar_types::UnixTime(time).to_string()), Some(time));
        }
        assert_eq!(seconds("2019-11-17"), None);
        assert_eq!(seconds("2019-11-17T0a:00:00Z"), None);
    }

    #[test]
    fn a_migration_needs_bitcoins_share_to_fall_and_tokens_to_rise() {
        let plan = Migration { days_before: 60, days_after: 60, ..Migration::draw(1, 0, false) };
        let gifts = |days: &[u32], cents| -> Vec<TransferGift> {
            days.iter().map(|day| TransferGift { time: plan.start.0 + day * 86_400, cents }).collect()
        };
        let (before, after) = (gifts(&[5, 20, 40], 1_000), gifts(&[65, 80, 100], 1_000));
        assert!(migrated(&plan, &before, &after));
        assert!(!migrated(&plan, &before, &[]), "nothing rises");
        let stays = [before.clone(), gifts(&[70, 90, 110], 1_000)].concat();
        assert!(!migrated(&plan, &stays, &after), "bitcoin stays");
        assert!(!migrated(&plan, &[], &after), "nothing was there to fall");
        let late = gifts(&[121, 125], 1_000);
        assert!(!migrated(&plan, &before, &late), "after the end");
    }
}
