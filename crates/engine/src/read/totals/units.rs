//! Whose money is counted: the labelled addresses of a category, alone, and with the entities that they belong to.
//!
//! A unit is what one retraction can take away as a whole: in the one set a labelled address, in the other an entity. A
//! service that carries the category is no unit. What an exchange holds belongs to its customers, and a provider's total is
//! nobody's figure: only what the group's own addresses moved to and from it is told.

use super::moves::Figure;
use athar_labels::Label;
use athar_types::{Basis, Category};
use std::collections::BTreeMap;

/// Members of an entity that are counted with it; a larger one is not extended to.
pub(super) const MEMBERS_MAX: u32 = 100_000;

/// A label that makes an address one of the set.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// Its identity.
    pub(super) id: String,
    pub(super) name: String,
    /// Where the statement was made, as far as that is one source.
    pub(super) source: String,
    pub(super) organisation: String,
    pub(super) basis: Basis,
    pub(super) confidence: Option<u8>,
    pub(super) is_disputed: bool,
    /// The address.
    pub(super) subject: String,
}

/// An address or entity of the set.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    /// Its labels, as places in [`Units::said`].
    pub(super) labels: Vec<u32>,
    /// Its addresses.
    pub(super) addresses: Vec<u32>,
}

/// A service that was paid, or that carries the category itself.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) category: Option<Category>,
    /// What paying it counts as.
    pub(super) figure: Figure,
    /// Whether it carries the category asked for.
    pub(super) is_provider: bool,
}

/// The set of one chain.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) said: Vec<Said>,
    /// Each labelled address alone.
    pub(super) labelled: Vec<Unit>,
    /// The same with their entities; none where entities are not built.
    pub(super) extended: Option<Vec<Unit>>,
    /// Services that carry the category: label, name, address.
    pub(super) providers: Vec<Said>,
    /// Why addresses were not extended to their entity: count by reason.
    pub(super) not_extended: BTreeMap<&'static str, u64>,
}

/// Services where coins become money or goods: exchanges of every kind, machines, brokers, processors, coupon sellers.
pub(super) const fn is_cash_out(category: Category) -> bool {
    matches!(
        category,
        Category::Exchange
            | Category::HighRiskExchange
            | Category::PeerToPeerExchange
            | Category::Atm
            | Category::Hawala
            | Category::PaymentProcessor
            | Category::CouponService
    )
}

/// What paying a service with such labels counts as, and the category that says so: the one that weighs most.
pub(super) fn service_of<'a>(labels: impl Iterator<Item = &'a Label>) -> Option<(String, Category, Figure)> {
    let mut best: Option<(Category, &Label)> = None;
    for label in labels.filter(|label| label.is_service()) {
        let Some(category) = label.categories.iter().copied().filter(|c| c.is_service()).min() else { continue };
        // where one label says exchange and another says mixer, the place where coins become money is no less one
        let rank = |c: Category| (!is_cash_out(c), c);
        if best.is_none_or(|(known, _)| rank(category) < rank(known)) {
            best = Some((category, label));
        }
    }
    best.map(|(category, label)| {
        let figure = if is_cash_out(category) { Figure::CashedOut } else { Figure::ToServices };
        (label.name.clone(), category, figure)
    })
}

impl Said {
    pub(super) fn of(label: &Label, actor: Option<&str>) -> Self {
        Self {
            id: label.id().to_string(),
            name: label.name.clone(),
            source: source_of(label),
            organisation: actor.unwrap_or(&label.name).to_owned(),
            basis: label.basis,
            confidence: label.confidence.as_ref().and_then(|c| c.level),
            is_disputed: label.is_disputed(),
            subject: label.text.to_string(),
        }
    }
}

/// Where a statement was made: the host of its URL, the text that names its source, or else the file.
fn source_of(label: &Label) -> String {
    let Some(source) = label.source.as_deref().map(str::trim).filter(|s| !s.is_empty()) else {
        return label.pack.title.clone();
    };
    let host = source.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    host.filter(|host| !host.is_empty()).unwrap_or(source).to_owned()
}

/// How sure the strongest source of a unit is.
pub(super) const fn band(confidence: Option<u8>) -> &'static str {
    match confidence {
        None => "not_said",
        Some(0..40) => "low",
        Some(40..70) => "medium",
        Some(70..) => "high",
    }
}

impl Units {
    /// The label that speaks for a unit: the strongest basis, then the first in the order of the store.
    pub(super) fn speaker(&self, unit: &Unit) -> Option<&Said> {
        unit.labels.iter().map(|at| &self.said[*at as usize]).min_by_key(|said| said.basis)
    }

    /// Whether several organisations are named on one unit.
    pub(super) fn is_contested(&self, unit: &Unit) -> bool {
        let mut names = unit.labels.iter().map(|at| &self.said[*at as usize].organisation);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }
}
