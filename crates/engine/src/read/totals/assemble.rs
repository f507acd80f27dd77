//! From the sums of each chain to one answer. A source speaks on several chains: what falls with it is added up over them.

use super::moves::Figure;
use super::outputs::Services;
use super::sums::{Cell, Changes, Ranges, Retraction, ScopeSums, TOTAL, WEIGHTIEST_MAX};
use super::units::{Said, is_cash_out};
use super::view::{
    AmountChangeView, AmountRangeView, ChangeView, ContributionView, FigureView, MixView, ProviderView, RangeView,
    ServicePaidView, SumView, TotalAmountView, TotalsBy, TotalsRowView, TotalsScopeView,
};
use crate::json::Usd;
use crate::read::AssetView;
use athar_types::account::{U256, show_units};
use athar_types::{Basis, Category};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of an answer.
const ROWS_MAX: usize = 10_000;

/// The sums of one chain, with what names its assets and services.
#[derive(Debug)]
pub struct TotalsPart {
    pub(super) chain: super::view::TotalsChainView,
    pub(super) chain_name: &'static str,
    pub(super) assets: BTreeMap<u32, AssetView>,
    pub(super) labelled: ScopeSums,
    /// The same as `labelled` where there are no entities.
    pub(super) extended: ScopeSums,
    pub(super) services: Services,
    pub(super) providers: Vec<Said>,
}

/// An asset over all chains: place of the part, number in it.
type AssetKey = (usize, u32);

/// The sums of one set over all chains.
struct Scope<'a> {
    parts: &'a [TotalsPart],
    of: Vec<&'a ScopeSums>,
    rows: BTreeMap<String, usize>,
    /// By row (0 is the total), figure and asset.
    cells: BTreeMap<(usize, Figure, AssetKey), Cell>,
    by_label: Merged,
    by_source: Merged,
    sources: Vec<(String, Retraction, BTreeMap<(usize, Figure, AssetKey), [i128; 2]>)>,
}

/// The least and the most that single retractions change.
#[derive(Default)]
struct Merged {
    units: BTreeMap<(usize, Figure, AssetKey), [i128; 2]>,
    cents: BTreeMap<(usize, Figure), [i128; 2]>,
}

impl Merged {
    fn widen_units(&mut self, key: (usize, Figure, AssetKey), change: i128) {
        let range = self.units.entry(key).or_default();
        *range = [range[0].min(change), range[1].max(change)];
    }

    fn widen_cents(&mut self, key: (usize, Figure), change: i128) {
        let range = self.cents.entry(key).or_default();
        *range = [range[0].min(change), range[1].max(change)];
    }
}

impl<'a> Scope<'a> {
    fn new(parts: &'a [TotalsPart], pick: impl Fn(&'a TotalsPart) -> &'a ScopeSums) -> Self {
        let of: Vec<&ScopeSums> = parts.iter().map(pick).collect();
        let names: BTreeSet<&String> = of.iter().flat_map(|sums| &sums.rows).collect();
        let rows: BTreeMap<String, usize> = names.into_iter().cloned().zip(1..).collect();
        let mut scope = Self {
            parts,
            of,
            rows,
            cells: BTreeMap::new(),
            by_label: Merged::default(),
            by_source: Merged::default(),
            sources: Vec::new(),
        };
        scope.join();
        scope
    }

    /// The place of a part's row over all chains.
    fn row(&self, part: usize, row: u32) -> usize {
        if row == TOTAL { 0 } else { self.rows.get(&self.of[part].rows[row as usize]).copied().unwrap_or_default() }
    }

    fn join(&mut self) {
        for part in 0..self.of.len() {
            let sums = self.of[part];
            for ((row, figure, asset), cell) in &sums.cells {
                let key = (self.row(part, *row), *figure, (part, *asset));
                self.cells.entry(key).or_default().join(cell);
            }
            // a label is of one chain: what it changes there is all that it changes
            let Ranges { units, cents } = &sums.ranges;
            for ((row, figure, asset), range) in units {
                let key = (self.row(part, *row), *figure, (part, *asset));
                for change in range {
                    self.by_label.widen_units(key, *change);
                }
            }
            for ((row, figure), range) in cents {
                let key = (self.row(part, *row), *figure);
                for change in range {
                    self.by_label.widen_cents(key, *change);
                }
            }
        }
        let mut sources: BTreeMap<&str, (Retraction, BTreeMap<(usize, Figure, AssetKey), [i128; 2]>)> = BTreeMap::new();
        for part in 0..self.of.len() {
            for retraction in &self.of[part].sources {
                let (all, changes) = sources.entry(&retraction.source).or_insert_with(|| {
                    let empty = Retraction {
                        said: None,
                        source: retraction.source.clone(),
                        labels: 0,
                        addresses: 0,
                        changes: Changes::new(),
                    };
                    (empty, BTreeMap::new())
                });
                all.labels += retraction.labels;
                all.addresses += retraction.addresses;
                for ((row, figure, asset), change) in &retraction.changes {
                    let key = (self.row(part, *row), *figure, (part, *asset));
                    let sum = changes.entry(key).or_default();
                    *sum = [sum[0] + change.units, sum[1] + change.cents];
                    if *row == TOTAL {
                        // to weigh it by: assets of two chains must not be taken for one
                        let place = (TOTAL, *figure, asset.wrapping_add((part as u32) << 24));
                        let of = all.changes.entry(place).or_default();
                        (of.units, of.cents) = (of.units + change.units, of.cents + change.cents);
                    }
                }
            }
        }
        for (source, (retraction, changes)) in sources {
            let mut cents: BTreeMap<(usize, Figure), i128> = BTreeMap::new();
            for ((row, figure, asset), [units, worth]) in &changes {
                self.by_source.widen_units((*row, *figure, *asset), *units);
                *cents.entry((*row, *figure)).or_default() += worth;
            }
            for (key, change) in cents {
                self.by_source.widen_cents(key, change);
            }
            self.sources.push((source.to_owned(), retraction, changes));
        }
        self.sources.sort_by(|a, b| b.1.weight().cmp(&a.1.weight()).then_with(|| a.0.cmp(&b.0)));
    }

    fn asset(&self, (part, asset): AssetKey) -> Option<&'a AssetView> {
        self.parts[part].assets.get(&asset)
    }

    fn sum<'b>(&self, cells: impl Iterator<Item = (AssetKey, &'b Cell)>) -> SumView {
        let mut by_asset: BTreeMap<AssetKey, Cell> = BTreeMap::new();
        for (asset, cell) in cells {
            by_asset.entry(asset).or_default().join(cell);
        }
        let mut order: Vec<(AssetKey, Cell)> = by_asset.into_iter().collect();
        order.sort_by_key(|(asset, cell)| (Reverse(cell.cents), *asset));
        let priced = order.iter().any(|(_, cell)| cell.is_priced);
        let is_partly_unpriced = order.iter().any(|(_, cell)| cell.unpriced > 0);
        let cents = order.iter().map(|(_, cell)| cell.cents).fold(0, u64::saturating_add);
        SumView {
            count: order.iter().map(|(_, cell)| cell.count).sum(),
            usd: (priced || !is_partly_unpriced).then_some(Usd(cents)),
            is_partly_unpriced,
            amounts: order.iter().filter_map(|(asset, cell)| self.amount(*asset, cell)).collect(),
        }
    }

    fn amount(&self, key: AssetKey, cell: &Cell) -> Option<TotalAmountView> {
        let asset = self.asset(key)?;
        Some(TotalAmountView {
            chain: self.parts[key.0].chain_name.into(),
            units: cell.units.to_string(),
            amount: asset.decimals.map(|decimals| show_units(U256::from(cell.units), decimals)),
            usd: cell.is_priced.then_some(Usd(cell.cents)),
            unpriced_units: cell.unpriced.to_string(),
            asset: asset.clone(),
        })
    }

    fn figure(&self, row: usize, figure: Figure) -> FigureView {
        let sum = self.row_sum(row, figure);
        FigureView {
            without_a_label: self.range(row, figure, &sum, &self.by_label),
            without_a_source: self.range(row, figure, &sum, &self.by_source),
            sum,
        }
    }

    fn row_sum(&self, row: usize, figure: Figure) -> SumView {
        let range = self.cells.range((row, figure, (0, 0))..=(row, figure, (usize::MAX, u32::MAX)));
        self.sum(range.map(|((_, _, asset), cell)| (*asset, cell)))
    }

    fn range(&self, row: usize, figure: Figure, sum: &SumView, merged: &Merged) -> RangeView {
        let [least, most] = merged.cents.get(&(row, figure)).copied().unwrap_or_default();
        let plus = |usd: Usd, change: i128| Usd(u64::try_from((i128::from(usd.0) + change).max(0)).unwrap_or(u64::MAX));
        let keys: BTreeSet<AssetKey> = {
            let cells = self.cells.range((row, figure, (0, 0))..=(row, figure, (usize::MAX, u32::MAX)));
            let changed = merged.units.range((row, figure, (0, 0))..=(row, figure, (usize::MAX, u32::MAX)));
            cells.map(|((.., asset), _)| *asset).chain(changed.map(|((.., asset), _)| *asset)).collect()
        };
        let amounts = keys.into_iter().filter_map(|key| {
            let units = self.cells.get(&(row, figure, key)).map_or(0, |cell| cell.units);
            let [least, most] = merged.units.get(&(row, figure, key)).copied().unwrap_or_default();
            let with = |change: i128| units.saturating_add_signed(change).to_string();
            Some(AmountRangeView {
                chain: self.parts[key.0].chain_name.into(),
                asset: name_of(self.asset(key)?),
                units_min: with(least),
                units_max: with(most),
            })
        });
        RangeView {
            usd_min: sum.usd.map(|usd| plus(usd, least)),
            usd_max: sum.usd.map(|usd| plus(usd, most)),
            amounts: amounts.collect(),
        }
    }

    fn row_view(&self, key: &str, row: usize) -> TotalsRowView {
        TotalsRowView {
            key: key.into(),
            received: self.figure(row, Figure::Received),
            sent: self.figure(row, Figure::Sent),
            cashed_out: self.figure(row, Figure::CashedOut),
            to_other_services: self.row_sum(row, Figure::ToServices),
            to_inferred_services: self.row_sum(row, Figure::ToInferred),
            internal: self.row_sum(row, Figure::Internal),
            fees: self.row_sum(row, Figure::Fees),
            shared: self.row_sum(row, Figure::Shared),
        }
    }

    /// Figures of the units that are wanted.
    fn mix(
        &self,
        of: String,
        is_allegation: Option<bool>,
        wanted: impl Fn(&super::sums::UnitFacts) -> bool,
    ) -> MixView {
        let figure = |figure: Figure| {
            self.sum(self.of.iter().enumerate().flat_map(|(part, sums)| {
                let wanted = &wanted;
                sums.by_unit.iter().filter_map(move |((unit, f, asset), cell)| {
                    (*f == figure && wanted(&sums.units[*unit as usize])).then_some(((part, *asset), cell))
                })
            }))
        };
        MixView {
            of,
            is_allegation,
            units: self.of.iter().flat_map(|sums| &sums.units).filter(|unit| wanted(unit)).count() as u64,
            received: figure(Figure::Received),
            sent: figure(Figure::Sent),
            cashed_out: figure(Figure::CashedOut),
        }
    }

    fn view(&self, by: TotalsBy) -> TotalsScopeView {
        let units = || self.of.iter().flat_map(|sums| &sums.units);
        let mut rows: Vec<TotalsRowView> = self.rows.iter().map(|(name, row)| self.row_view(name, *row)).collect();
        let rows_left_out = rows.len().saturating_sub(ROWS_MAX) as u64;
        if by != TotalsBy::Month || rows_left_out > 0 {
            let weight = |row: &TotalsRowView| {
                let usd = |sum: &SumView| sum.usd.map_or(0, |usd| usd.0);
                Reverse(usd(&row.received.sum).max(usd(&row.sent.sum)))
            };
            rows.sort_by_key(weight);
            rows.truncate(ROWS_MAX);
        }
        let bases: BTreeSet<Basis> = units().map(|unit| unit.basis).collect();
        let bands = ["high", "medium", "low", "not_said"];
        let mut labels: Vec<(usize, &Retraction)> = Vec::new();
        for (part, sums) in self.of.iter().enumerate() {
            labels.extend(sums.weightiest.iter().map(|retraction| (part, retraction)));
        }
        labels.sort_by(|a, b| b.1.weight().cmp(&a.1.weight()).then_with(|| id(a.1).cmp(&id(b.1))));
        TotalsScopeView {
            addresses: units().map(|unit| unit.addresses).sum(),
            units: units().count() as u64,
            labels: self.of.iter().map(|sums| sums.labels).sum(),
            sources: self.sources.len() as u64,
            disputed_units: units().filter(|unit| unit.is_disputed).count() as u64,
            contested_units: units().filter(|unit| unit.is_contested).count() as u64,
            transactions: self.of.iter().map(|sums| sums.transactions).sum(),
            total: self.row_view("", 0),
            rows,
            rows_left_out,
            by_basis: bases
                .into_iter()
                .map(|basis| self.mix(basis.name().into(), Some(basis.is_allegation()), |unit| unit.basis == basis))
                .collect(),
            by_confidence: bands
                .into_iter()
                .map(|band| self.mix(band.into(), None, |unit| unit.band == band))
                .filter(|mix| mix.units > 0)
                .collect(),
            decided: self.mix("decided".into(), Some(false), |unit| !unit.basis.is_allegation()),
            alleged: self.mix("alleged".into(), Some(true), |unit| unit.basis.is_allegation()),
            services: self.services(),
            weightiest_labels: labels
                .into_iter()
                .take(WEIGHTIEST_MAX)
                .map(|(part, retraction)| {
                    let total = retraction.changes.iter().filter(|((row, ..), _)| *row == TOTAL);
                    let changes = total.map(|((_, f, asset), c)| ((*f, (part, *asset)), [c.units, c.cents])).collect();
                    self.contribution(retraction, &changes)
                })
                .collect(),
            labels_without_effect: self.of.iter().map(|sums| sums.labels_without_effect).sum(),
            weightiest_sources: self
                .sources
                .iter()
                .take(WEIGHTIEST_MAX)
                .map(|(_, retraction, changes)| {
                    let total = changes.iter().filter(|((row, ..), _)| *row == 0);
                    let changes = total.map(|((_, figure, asset), change)| ((*figure, *asset), *change)).collect();
                    self.contribution(retraction, &changes)
                })
                .collect(),
            truncated: self.of.iter().any(|sums| sums.is_truncated || sums.sources_truncated),
        }
    }

    fn contribution(&self, of: &Retraction, changes: &BTreeMap<(Figure, AssetKey), [i128; 2]>) -> ContributionView {
        let change = |figure: Figure| {
            let all: Vec<(AssetKey, [i128; 2])> =
                changes.iter().filter(|((f, _), _)| *f == figure).map(|((_, asset), c)| (*asset, *c)).collect();
            let amounts = all.iter().filter_map(|(asset, [units, _])| {
                Some(AmountChangeView {
                    chain: self.parts[asset.0].chain_name.into(),
                    asset: name_of(self.asset(*asset)?),
                    units: units.to_string(),
                })
            });
            ChangeView { usd: signed(all.iter().map(|(_, [_, cents])| cents).sum()), amounts: amounts.collect() }
        };
        ContributionView {
            label: of.said.as_ref().map(|said| said.id.clone()),
            subject: of.said.as_ref().map(|said| said.subject.clone()),
            name: of.said.as_ref().map(|said| said.name.clone()),
            basis: of.said.as_ref().map(|said| said.basis),
            source: of.source.clone(),
            labels: of.labels,
            addresses: of.addresses,
            received: change(Figure::Received),
            sent: change(Figure::Sent),
            cashed_out: change(Figure::CashedOut),
        }
    }

    fn services(&self) -> Vec<ServicePaidView> {
        let mut kinds: BTreeMap<Option<Category>, (BTreeSet<(usize, u32)>, Vec<(AssetKey, &Cell)>)> = BTreeMap::new();
        for (part, sums) in self.of.iter().enumerate() {
            for ((service, asset), cell) in &sums.paid {
                let Some(row) = self.parts[part].services.rows.get(*service as usize) else { continue };
                let (services, cells) = kinds.entry(row.category).or_default();
                services.insert((part, *service));
                cells.push(((part, *asset), cell));
            }
        }
        let mut all: Vec<ServicePaidView> = kinds
            .into_iter()
            .map(|(category, (services, cells))| ServicePaidView {
                category,
                is_cash_out: category.is_some_and(is_cash_out),
                services: services.len() as u64,
                paid: self.sum(cells.into_iter()),
            })
            .collect();
        all.sort_by_key(|paid| (!paid.is_cash_out, Reverse(paid.paid.usd.map_or(0, |usd| usd.0)), paid.category));
        all
    }

    fn providers(&self) -> Vec<ProviderView> {
        let mut all = Vec::new();
        for (part, sums) in self.of.iter().enumerate() {
            let of = &self.parts[part];
            let mut told = BTreeSet::new();
            for (at, service) in of.services.rows.iter().enumerate().filter(|(_, service)| service.is_provider) {
                let cells =
                    |from: &'a BTreeMap<(u32, u32), Cell>| {
                        self.sum(from.iter().filter_map(move |((s, asset), cell)| {
                            (*s as usize == at).then_some(((part, *asset), cell))
                        }))
                    };
                told.insert(service.name.clone());
                all.push(ProviderView {
                    name: service.name.clone(),
                    chain: of.chain_name.into(),
                    linked_sent: cells(&sums.paid),
                    linked_received: cells(&sums.from_providers),
                });
            }
            for said in of.providers.iter().filter(|said| told.insert(said.name.clone())) {
                all.push(ProviderView {
                    name: said.name.clone(),
                    chain: of.chain_name.into(),
                    linked_sent: self.sum(std::iter::empty()),
                    linked_received: self.sum(std::iter::empty()),
                });
            }
        }
        all.sort_by(|a, b| (&a.name, &a.chain).cmp(&(&b.name, &b.chain)));
        all
    }
}

fn id(of: &Retraction) -> Option<&str> {
    of.said.as_ref().map(|said| said.id.as_str())
}

fn name_of(asset: &AssetView) -> String {
    asset.symbol.clone().unwrap_or_else(|| asset.id.clone())
}

fn signed(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// Both sets and the providers.
pub(super) fn assemble(parts: &[TotalsPart], by: TotalsBy) -> (TotalsScopeView, TotalsScopeView, Vec<ProviderView>) {
    let extended = Scope::new(parts, |part| &part.extended);
    (Scope::new(parts, |part| &part.labelled).view(by), extended.view(by), extended.providers())
}
