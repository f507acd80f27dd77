//! The rules: which figures make an entity a service of a kind, read from `data/services.toml`.
//!
//! A rule is a name and bounds on figures; all of them must hold. The first rule that matches, in the order of the file, is
//! the answer, with the figures that decided it. Nothing in here knows a label.

use super::figures::{FIGURES_VERSION, Figures, MADE_MIN, RECEIPTS_MIN};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const SHIPPED: &str = include_str!("../../data/services.toml");

/// A figure that a rule can ask for, or what follows from figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// [`Figures::addresses`].
    Addresses,
    /// [`Figures::days`].
    Days,
    /// [`Figures::receipts`].
    Receipts,
    /// [`Figures::coinbases`].
    Coinbases,
    /// [`Figures::made`].
    Made,
    /// [`Figures::sweeps`].
    Sweeps,
    /// [`Figures::batches`].
    Batches,
    /// [`Figures::payers`].
    Payers,
    /// [`Figures::paid`].
    Paid,
    /// [`Figures::both`].
    Both,
    /// Of 1,000 entities that it paid, how many also paid it.
    BothPermille,
    /// Of 1,000 members that were looked at, how many are used as a deposit address.
    DepositPermille,
    /// Receipts, coinbases and transactions made in 1,000 days at its pace.
    PerThousandDays,
}

impl Measure {
    /// Its name, as in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Addresses => "addresses",
            Self::Days => "days",
            Self::Receipts => "receipts",
            Self::Coinbases => "coinbases",
            Self::Made => "made",
            Self::Sweeps => "sweeps",
            Self::Batches => "batches",
            Self::Payers => "payers",
            Self::Paid => "paid",
            Self::Both => "both",
            Self::BothPermille => "both-permille",
            Self::DepositPermille => "deposit-permille",
            Self::PerThousandDays => "per-thousand-days",
        }
    }

    /// Its value.
    pub fn of(self, f: &Figures) -> u64 {
        let wide = u64::from;
        let permille = |part: u32, whole: u32| (wide(part) * 1000).checked_div(wide(whole)).unwrap_or(0);
        match self {
            Self::Addresses => wide(f.addresses),
            Self::Days => wide(f.days),
            Self::Receipts => wide(f.receipts),
            Self::Coinbases => wide(f.coinbases),
            Self::Made => wide(f.made),
            Self::Sweeps => wide(f.sweeps),
            Self::Batches => wide(f.batches),
            Self::Payers => wide(f.payers),
            Self::Paid => wide(f.paid),
            Self::Both => wide(f.both),
            Self::BothPermille => permille(f.both, f.paid),
            Self::DepositPermille => permille(f.deposits, f.sampled),
            Self::PerThousandDays => {
                let all = wide(f.receipts) + wide(f.coinbases) + wide(f.made);
                (all * 1000).checked_div(wide(f.days)).unwrap_or(0)
            }
        }
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Its number, which answers and stops carry; never given to another rule.
    pub id: u32,
    /// Its name, as `exchange-like`.
    pub name: String,
    /// What it claims, in a sentence.
    pub claims: String,
    /// What it takes the owner for, as simulated worlds name kinds of actors: what its rate is measured against.
    pub kinds: Vec<String>,
    /// Where the pattern and the bounds come from.
    pub sources: Vec<String>,
    /// Figures that must be so large.
    pub at_least: BTreeMap<Measure, u64>,
    /// Figures that must not be larger.
    #[serde(default)]
    pub at_most: BTreeMap<Measure, u64>,
}

/// A bound of a rule and the figure that was held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The figure.
    pub measure: Measure,
    /// The bound.
    pub limit: u64,
    /// Whether it is an upper one.
    pub is_upper: bool,
    /// What the entity has.
    pub value: u64,
}

impl Condition {
    /// Whether the figure is within the bound.
    pub const fn holds(&self) -> bool {
        if self.is_upper { self.value <= self.limit } else { self.value >= self.limit }
    }
}

impl Rule {
    /// Every bound with the figure that is held against it.
    pub fn conditions(&self, figures: &Figures) -> Vec<Condition> {
        self.bounds(figures).collect()
    }

    /// Whether all bounds hold.
    pub fn matches(&self, figures: &Figures) -> bool {
        self.bounds(figures).all(|condition| condition.holds())
    }

    fn bounds<'a>(&'a self, figures: &'a Figures) -> impl Iterator<Item = Condition> + 'a {
        let least = self.at_least.iter().map(|(measure, limit)| (*measure, *limit, false));
        let most = self.at_most.iter().map(|(measure, limit)| (*measure, *limit, true));
        least.chain(most).map(|(measure, limit, is_upper)| Condition {
            measure,
            limit,
            is_upper,
            value: measure.of(figures),
        })
    }
}

/// All rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleSet {
    /// Raised with every change to a rule.
    pub version: u32,
    /// [`FIGURES_VERSION`] that the bounds are for.
    pub figures_version: u32,
    /// The rules; the first that matches counts.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// The rules that come with the program.
    ///
    /// # Panics
    /// Where the file compiled in is damaged; a test reads it.
    pub fn shipped() -> &'static Self {
        static RULES: LazyLock<RuleSet> =
            LazyLock::new(|| RuleSet::parse(SHIPPED).expect("the shipped rules of services"));
        &RULES
    }

    /// Reads rules. The error says what is wrong with them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let set: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        if set.figures_version != FIGURES_VERSION {
            return Err(format!("the rules are for figures {}, these are {FIGURES_VERSION}", set.figures_version));
        }
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for rule in &set.rules {
            if !ids.insert(rule.id) || !names.insert(&rule.name) {
                return Err(format!("rule {}: its id or name is taken", rule.name));
            }
            let least = |measures: &[Measure]| measures.iter().filter_map(|m| rule.at_least.get(m)).max().copied();
            let made = least(&[Measure::Made, Measure::Paid, Measure::Batches, Measure::Sweeps]);
            let paid = least(&[Measure::Receipts, Measure::Payers, Measure::Coinbases]);
            // entities below have no figures, so a rule that asks for less would speak of some and pass others over
            if made < Some(u64::from(MADE_MIN)) || paid < Some(u64::from(RECEIPTS_MIN)) {
                return Err(format!(
                    "rule {}: it must ask for {MADE_MIN} transactions and {RECEIPTS_MIN} receipts at least",
                    rule.name
                ));
            }
        }
        Ok(set)
    }

    /// The first rule that matches.
    pub fn first(&self, figures: &Figures) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.matches(figures))
    }

    /// The rule with that number.
    pub fn rule(&self, id: u32) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn set(bounds: &str) -> Result<RuleSet, String> {
        RuleSet::parse(&format!(
            "version = 1\nfigures-version = {FIGURES_VERSION}\n[[rules]]\nid = 1\nname = \"a\"\nclaims = \"\"\nkinds = []\nsources = []\n{bounds}"
        ))
    }

    #[test]
    fn the_shipped_rules_can_be_read_and_say_where_they_come_from() {
        let rules = RuleSet::shipped();
        assert!(rules.rules.len() >= 3);
        assert!(rules.rules.iter().all(|r| !r.claims.is_empty() && !r.sources.is_empty() && r.at_least.len() >= 3));
        assert!(rules.rules.iter().all(|r| rules.rule(r.id) == Some(r) && r.name.ends_with("-like")));
    }

    #[test]
    fn every_bound_must_hold_and_upper_ones_are_upper() {
        let rules = set("[rules.at-least]\nmade = 20\npayers = 50\n[rules.at-most]\nbatches = 3\n").unwrap();
        let fits = Figures { made: 20, payers: 50, batches: 3, ..Figures::default() };
        assert_eq!(rules.first(&fits).map(|r| r.id), Some(1));
        for off in [Figures { made: 19, ..fits }, Figures { payers: 49, ..fits }, Figures { batches: 4, ..fits }] {
            assert_eq!(rules.first(&off), None, "{off:?}");
            assert_eq!(rules.rules[0].conditions(&off).iter().filter(|c| !c.holds()).count(), 1);
        }
    }

    #[test]
    fn rules_that_cannot_be_answered_are_refused() {
        let wrong = |bounds: &str| set(bounds).unwrap_err();
        assert!(wrong("[rules.at-least]\nmade = 9\npayers = 50\n").contains("must ask for 10 transactions"));
        assert!(wrong("[rules.at-least]\nmade = 10\npayers = 49\n").contains("50 receipts"));
        assert!(wrong("[rules.at-least]\npayers = 50\n").contains("rule a"));
        assert!(wrong("[rules.at-least]\nmood = 50\n").contains("mood"));
        assert!(RuleSet::parse("version = 1\nfigures-version = 99\nrules = []").unwrap_err().contains("figures 99"));
        let twice = "[rules.at-least]\nmade = 10\npayers = 50\n[[rules]]\nid = 1\nname = \"b\"\nclaims = \"\"\nkinds = []\nsources = []\n[rules.at-least]\nmade = 10\npayers = 50\n";
        assert!(wrong(twice).contains("taken"));
    }

    #[test]
    fn shares_and_paces_are_whole_numbers_that_are_cut() {
        let f =
            Figures { both: 1, paid: 3, deposits: 2, sampled: 3, receipts: 7, made: 3, days: 4, ..Figures::default() };
        let of = |m: Measure| m.of(&f);
        assert_eq!((of(Measure::BothPermille), of(Measure::DepositPermille)), (333, 666));
        assert_eq!(of(Measure::PerThousandDays), 2_500);
        assert_eq!(Measure::BothPermille.of(&Figures::default()), 0);
    }
}
