//! What the answers say addresses are called.

use athar_engine::read::{Evidence, TraceView};
use std::collections::BTreeMap;

use crate::input::CaseReport;

/// Labels by address, collected from every answer of a case. The first one found stays.
#[derive(Debug, Default)]
pub(crate) struct Names<'a>(BTreeMap<&'a str, Name<'a>>);

/// What an address is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name<'a> {
    /// The label.
    pub(crate) label: &'a str,
    /// Its category, by name.
    pub(crate) category: &'a str,
}

impl<'a> Names<'a> {
    /// Collects the labels of a case.
    pub(crate) fn of(case: &CaseReport<'a>) -> Self {
        let mut names = Self::default();
        for statement in case.screens.iter().flat_map(|s| &s.statements) {
            let category = statement.category.name();
            for evidence in &statement.evidence {
                if let Evidence::Label { subject, label, .. } = evidence {
                    names.add(subject, label, category);
                }
            }
            names.add(&statement.entity, &statement.label, category);
        }
        for label in case.entity.iter().flat_map(|e| &e.labels) {
            names.add(&label.subject, &label.label, label.category.name());
        }
        names.add_places(case.trace);
        if let Some(origin) = case.origin {
            names.add_places(origin);
        }
        names
    }

    /// The label of an address.
    pub(crate) fn get(&self, address: &str) -> Option<Name<'a>> {
        self.0.get(address).copied()
    }

    fn add(&mut self, address: &'a str, label: &'a str, category: &'a str) {
        self.0.entry(address).or_insert(Name { label, category });
    }

    fn add_places(&mut self, trace: &'a TraceView) {
        for place in [&trace.stopped, &trace.held, &trace.minted].into_iter().flatten() {
            if let (Some(address), Some(label)) = (&place.address, &place.label) {
                self.add(address, label, place.category.as_deref().unwrap_or("unknown"));
            }
        }
    }
}
