//! Sums over the movements of one chain, and what each retraction would change.
//!
//! A retraction takes away the units that no other label holds, and only the transactions of those units count differently
//! then. So every label and every source is tried, one after the other, by counting those transactions again: what was
//! internal becomes a receipt from or a payment to an outsider, what was a receipt is none.

use super::moves::{Added, Figure, Moves, SERVICES_FROM};
use super::units::{Said, Service, Unit, Units, band};
use athar_types::{Basis, Day};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// The sum over everything, beside the rows that were asked for.
pub(super) const TOTAL: u32 = u32::MAX;
/// Retractions that are listed with what they change.
pub(super) const WEIGHTIEST_MAX: usize = 20;
/// Sources that are tried.
const SOURCES_MAX: usize = 2_000;

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    Month,
    Organisation,
    Asset,
}

/// A sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) units: u128,
    pub(super) cents: u64,
    pub(super) is_priced: bool,
    pub(super) unpriced: u128,
    /// Movements that it is of.
    pub(super) count: u64,
}

impl Cell {
    fn add(&mut self, amount: u128, cents: Option<u64>) {
        self.units = self.units.saturating_add(amount);
        self.count += 1;
        match cents.and_then(|cents| self.cents.checked_add(cents)) {
            Some(sum) => {
                self.cents = sum;
                self.is_priced = true;
            }
            None => self.unpriced = self.unpriced.saturating_add(amount),
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.units = self.units.saturating_add(other.units);
        self.cents = self.cents.saturating_add(other.cents);
        self.is_priced |= other.is_priced;
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        self.count += other.count;
    }
}

/// A change of a sum: smallest units, and cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) units: i128,
    pub(super) cents: i128,
}

/// Row, figure, asset.
pub(super) type Key = (u32, Figure, u32);
/// What one retraction changes.
pub(super) type Changes = BTreeMap<Key, Change>;

/// The least and the most that single retractions leave of figures, as changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    /// By row, figure and asset, in smallest units.
    pub(super) units: BTreeMap<Key, [i128; 2]>,
    /// By row and figure, in cents.
    pub(super) cents: BTreeMap<(u32, Figure), [i128; 2]>,
}

impl Ranges {
    pub(super) fn widen(&mut self, changes: &Changes) {
        let mut cents: BTreeMap<(u32, Figure), i128> = BTreeMap::new();
        for ((row, figure, asset), change) in changes {
            widen(self.units.entry((*row, *figure, *asset)).or_default(), change.units);
            *cents.entry((*row, *figure)).or_default() += change.cents;
        }
        for (key, change) in cents {
            widen(self.cents.entry(key).or_default(), change);
        }
    }
}

fn widen(range: &mut [i128; 2], change: i128) {
    range[0] = range[0].min(change);
    range[1] = range[1].max(change);
}

/// A label or source, and what its retraction changes of the totals.
#[derive(Clone, Debug)]
pub(super) struct Retraction {
    /// The label; none of a source.
    pub(super) said: Option<Said>,
    /// The source.
    pub(super) source: String,
    /// Labels that it takes away.
    pub(super) labels: u64,
    /// Addresses that leave the set.
    pub(super) addresses: u64,
    pub(super) changes: Changes,
}

impl Retraction {
    /// What it changes of one figure of the total, in cents.
    pub(super) fn total_cents(&self, figure: Figure) -> i128 {
        let of = self.changes.range((TOTAL, figure, 0)..=(TOTAL, figure, u32::MAX));
        of.map(|(_, change)| change.cents).sum()
    }

    /// How much it weighs: dollars of the figures, then units.
    pub(super) fn weight(&self) -> (u128, u128) {
        let figures = [Figure::Received, Figure::Sent, Figure::CashedOut];
        let cents = figures.iter().map(|f| self.total_cents(*f).unsigned_abs()).max().unwrap_or_default();
        let units = self.changes.iter().filter(|((row, ..), _)| *row == TOTAL).map(|(_, c)| c.units.unsigned_abs());
        (cents, units.max().unwrap_or_default())
    }
}

/// A unit's own part of the figures, for the mix of grounds.
#[derive(Clone, Debug)]
pub(super) struct UnitFacts {
    pub(super) basis: Basis,
    pub(super) band: &'static str,
    pub(super) is_disputed: bool,
    pub(super) is_contested: bool,
    pub(super) addresses: u64,
}

/// The sums of one set on one chain.
#[derive(Debug, Default)]
pub(super) struct ScopeSums {
    /// Names of the rows.
    pub(super) rows: Vec<String>,
    pub(super) cells: BTreeMap<Key, Cell>,
    pub(super) units: Vec<UnitFacts>,
    /// By unit, figure and asset.
    pub(super) by_unit: BTreeMap<(u32, Figure, u32), Cell>,
    /// What services were paid: by place in the table of services and asset.
    pub(super) paid: BTreeMap<(u32, u32), Cell>,
    /// What came in transactions that a provider gave in.
    pub(super) from_providers: BTreeMap<(u32, u32), Cell>,
    pub(super) ranges: Ranges,
    pub(super) weightiest: Vec<Retraction>,
    /// Labels whose retraction alone changes nothing: another label holds the same.
    pub(super) labels_without_effect: u64,
    pub(super) labels: u64,
    pub(super) sources: Vec<Retraction>,
    pub(super) sources_truncated: bool,
    pub(super) transactions: u64,
    pub(super) is_truncated: bool,
}

/// What the sums of a chain need to know.
pub(super) struct Context<'a> {
    pub(super) units: &'a Units,
    pub(super) services: &'a [Service],
    pub(super) grouping: Grouping,
    /// Cents that an amount of an asset was worth on a day.
    pub(super) worth: &'a dyn Fn(u32, u128, Day) -> Option<u64>,
    /// The name of an asset, as a row.
    pub(super) asset: &'a dyn Fn(u32) -> String,
}

/// Row names as they come.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    places: FxHashMap<String, u32>,
}

impl Names {
    fn place(&mut self, name: String) -> u32 {
        if let Some(at) = self.places.get(&name) {
            return *at;
        }
        let at = self.all.len() as u32;
        self.all.push(name.clone());
        self.places.insert(name, at);
        at
    }
}

/// Sums up.
pub(super) fn sum_up(context: &Context<'_>, set: &[Unit], moves: &Moves) -> ScopeSums {
    let said = &context.units.said;
    let mut sums =
        ScopeSums { transactions: moves.len() as u64, is_truncated: moves.is_truncated, ..ScopeSums::default() };
    let mut names = Names::default();
    let organisations: Vec<u32> = match context.grouping {
        Grouping::Organisation => set
            .iter()
            .map(|unit| names.place(context.units.speaker(unit).map_or_else(String::new, |s| s.organisation.clone())))
            .collect(),
        _ => Vec::new(),
    };
    let mut assets: FxHashMap<u32, u32> = FxHashMap::default();
    let mut months: FxHashMap<i32, u32> = FxHashMap::default();
    let mut row_of = |names: &mut Names, unit: u32, day: Day, asset: u32| match context.grouping {
        Grouping::Month => {
            let (year, month, _) = day.ymd();
            *months.entry(year * 12 + month as i32).or_insert_with(|| names.place(format!("{year:04}-{month:02}")))
        }
        Grouping::Organisation => organisations[unit as usize],
        Grouping::Asset => *assets.entry(asset).or_insert_with(|| names.place((context.asset)(asset))),
    };
    let service = |party: u32| context.services[(party - SERVICES_FROM) as usize].figure;
    for at in 0..moves.len() as u32 {
        let (day, asset) = (moves.day(at), moves.asset(at));
        let provider = moves.givers(at).iter().find_map(|side| {
            let service = context.services.get(side.party.checked_sub(SERVICES_FROM)? as usize)?;
            service.is_provider.then_some(side.party)
        });
        moves.counts(at, |_| true, service, &mut |added: Added| {
            let cents = (context.worth)(asset, added.amount, day);
            let row = row_of(&mut names, added.unit, day, asset);
            for row in [row, TOTAL] {
                sums.cells.entry((row, added.figure, asset)).or_default().add(added.amount, cents);
            }
            sums.by_unit.entry((added.unit, added.figure, asset)).or_default().add(added.amount, cents);
            if added.figure == Figure::Sent
                && let Some(at) = added.party.checked_sub(SERVICES_FROM)
                && (at as usize) < context.services.len()
            {
                sums.paid.entry((at, asset)).or_default().add(added.amount, cents);
            }
            if let (Figure::Received, Some(provider)) = (added.figure, provider) {
                let key = (provider - SERVICES_FROM, asset);
                sums.from_providers.entry(key).or_default().add(added.amount, cents);
            }
        });
    }
    sums.units = set.iter().map(|unit| facts(context.units, unit)).collect();

    // without one label, without one source
    let mut without = |fallen: &[u32]| -> Changes {
        let gone: FxHashSet<u32> = fallen.iter().copied().collect();
        let mut changes = Changes::new();
        for at in moves.of_units(fallen) {
            let (day, asset) = (moves.day(at), moves.asset(at));
            for (is_after, sign) in [(false, -1_i128), (true, 1)] {
                moves.counts(at, |unit| !is_after || !gone.contains(&unit), service, &mut |added: Added| {
                    let cents = (context.worth)(asset, added.amount, day).unwrap_or_default();
                    let row = row_of(&mut names, added.unit, day, asset);
                    for row in [row, TOTAL] {
                        let change = changes.entry((row, added.figure, asset)).or_default();
                        change.units += sign * i128::try_from(added.amount).unwrap_or(i128::MAX / 4);
                        change.cents += sign * i128::from(cents);
                    }
                });
            }
        }
        changes.retain(|_, change| *change != Change::default());
        changes
    };
    let mut units_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, unit) in (0_u32..).zip(set) {
        for label in &unit.labels {
            units_of.entry(*label).or_default().push(at);
        }
    }
    sums.labels = units_of.len() as u64;
    let addresses = |fallen: &[u32]| fallen.iter().map(|at| set[*at as usize].addresses.len() as u64).sum();
    let mut tried: FxHashSet<&str> = FxHashSet::default();
    for (label, held) in &units_of {
        let of = &said[*label as usize];
        if !tried.insert(&of.id) {
            continue;
        }
        // the same statement of the same source in two files falls with one decision
        let falls = |at: &&u32| set[**at as usize].labels.iter().all(|l| said[*l as usize].id == of.id);
        let fallen: Vec<u32> = held.iter().filter(falls).copied().collect();
        if fallen.is_empty() {
            sums.labels_without_effect += 1;
            continue;
        }
        let changes = without(&fallen);
        sums.ranges.widen(&changes);
        sums.weightiest.push(Retraction {
            said: Some(of.clone()),
            source: of.source.clone(),
            labels: 1,
            addresses: addresses(&fallen),
            changes,
        });
        if sums.weightiest.len() >= 8 * WEIGHTIEST_MAX {
            keep_weightiest(&mut sums.weightiest, WEIGHTIEST_MAX);
        }
    }
    keep_weightiest(&mut sums.weightiest, WEIGHTIEST_MAX);
    let mut by_source: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for label in units_of.keys() {
        by_source.entry(&said[*label as usize].source).or_default().push(*label);
    }
    sums.sources_truncated = by_source.len() > SOURCES_MAX;
    for (source, labels) in by_source.into_iter().take(SOURCES_MAX) {
        let mut held: Vec<u32> = labels.iter().flat_map(|label| &units_of[label]).copied().collect();
        held.sort_unstable();
        held.dedup();
        held.retain(|at| set[*at as usize].labels.iter().all(|l| said[*l as usize].source == source));
        let changes = without(&held);
        sums.sources.push(Retraction {
            said: None,
            source: source.to_owned(),
            labels: labels.len() as u64,
            addresses: addresses(&held),
            changes,
        });
    }
    sums.rows = names.all;
    sums
}

/// Keeps those that weigh most, the weightiest first.
pub(super) fn keep_weightiest(all: &mut Vec<Retraction>, max: usize) {
    all.sort_by(|a, b| {
        let name = |r: &Retraction| (r.source.clone(), r.said.as_ref().map(|s| s.id.clone()));
        b.weight().cmp(&a.weight()).then_with(|| name(a).cmp(&name(b)))
    });
    all.truncate(max);
}

fn facts(units: &Units, unit: &Unit) -> UnitFacts {
    let speaker = units.speaker(unit);
    let confidence = unit.labels.iter().filter_map(|at| units.said[*at as usize].confidence).max();
    UnitFacts {
        basis: speaker.map_or(Basis::OwnAnalysis, |s| s.basis),
        band: band(confidence),
        is_disputed: unit.labels.iter().any(|at| units.said[*at as usize].is_disputed),
        is_contested: units.is_contested(unit),
        addresses: unit.addresses.len() as u64,
    }
}
