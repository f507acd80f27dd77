//! Counting what was found of the set: recall by form and by disguise, and what was found that is not there.

use super::{Case, Disguise};
use crate::{Find, Kind};
use std::collections::BTreeMap;

/// Planted identifiers, and how many were found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Planted.
    pub planted: u64,
    /// Found, with the right value, and of an address the right chain among its candidates.
    pub found: u64,
}

/// Results over many cases.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// By form.
    pub forms: BTreeMap<&'static str, Tally>,
    /// By disguise.
    pub disguises: BTreeMap<Disguise, Tally>,
    /// By language of the sentence.
    pub languages: BTreeMap<&'static str, Tally>,
    /// Decoys by kind: how many, and in how many something was found.
    pub decoys: BTreeMap<&'static str, (u64, u64)>,
    /// Finds that are nothing that was planted.
    pub wrong: u64,
    /// The first texts that went wrong, with what was found.
    pub examples: Vec<String>,
}

impl Score {
    /// Counts a case and what was found in it.
    pub fn count(&mut self, case: &Case, finds: &[Find]) {
        let mut wrong = 0;
        if let Some(planted) = &case.planted {
            let mut found = false;
            for find in finds {
                let right = find.kind == planted.kind
                    && match planted.chain {
                        Some(chain) => find.chains.iter().any(|c| c.chain == chain && c.value == planted.value),
                        None => find.value == planted.value,
                    };
                let host = find.kind == Kind::Site && planted.host.is_some_and(|host| find.value == host);
                found |= right;
                wrong += u64::from(!right && !host);
            }
            for tally in [
                self.forms.entry(planted.form).or_default(),
                self.disguises.entry(planted.disguise).or_default(),
                self.languages.entry(case.language).or_default(),
            ] {
                tally.planted += 1;
                tally.found += u64::from(found);
            }
            if !found || wrong > 0 {
                self.example(case, finds);
            }
        } else {
            wrong += finds.len() as u64;
            let (count, hit) = self.decoys.entry(case.decoy).or_default();
            *count += 1;
            *hit += u64::from(!finds.is_empty());
            if !finds.is_empty() {
                self.example(case, finds);
            }
        }
        self.wrong += wrong;
    }

    fn example(&mut self, case: &Case, finds: &[Find]) {
        if self.examples.len() < 40 {
            let what = case.planted.as_ref().map_or(case.decoy.to_owned(), |p| format!("{} {:?}", p.form, p.disguise));
            let found: Vec<_> = finds.iter().map(|f| (f.kind, f.value.as_str(), f.manner.as_slice())).collect();
            self.examples.push(format!("{what}: {:?}\n    found {found:?}", case.text));
        }
    }

    /// All planted identifiers.
    pub fn total(&self) -> Tally {
        self.forms
            .values()
            .fold(Tally::default(), |all, t| Tally { planted: all.planted + t.planted, found: all.found + t.found })
    }

    /// Found of planted, and right of found.
    pub fn recall_and_precision(&self) -> (f64, f64) {
        let total = self.total();
        (
            total.found as f64 / total.planted.max(1) as f64,
            total.found as f64 / (total.found + self.wrong).max(1) as f64,
        )
    }
}
