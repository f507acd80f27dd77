//! Hits held against the truth of one world.

use super::rates::{LookAlikeHits, Shares};
use super::{Case, Hit, Truth, Verdict};
use crate::Tally;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Rows whose anchor is the label of a service that the money comes from or goes to, which every world has: a coupon service, a
/// dark market.
const ANCHORED_BY_A_SERVICE: [u32; 2] = [10, 23];

/// Look-alikes of one sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LookAlikes {
    /// Of this row: how many were hit, and how many there were.
    pub of_row: Tally,
    /// Of these, how many meet the definition.
    pub within: u64,
    /// Hits of this row on look-alikes of the sort, of any row.
    pub hits: u64,
}

/// One row's figures in one world.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Score {
    /// All hits and campaigns.
    pub all: Shares,
    /// Anchored hits and campaigns.
    pub anchored: Shares,
    /// Missed campaigns outside of the definition.
    pub outside: Tally,
    /// By what they are.
    pub look_alikes: BTreeMap<String, LookAlikes>,
}

impl Score {
    /// Adds another world's.
    pub fn add(&mut self, other: &Self) {
        self.all.add(&other.all);
        self.anchored.add(&other.anchored);
        super::rates::plus(&mut self.outside, other.outside);
        for (what, more) in &other.look_alikes {
            let own = self.look_alikes.entry(what.clone()).or_default();
            super::rates::plus(&mut own.of_row, more.of_row);
            own.within += more.within;
            own.hits += more.hits;
        }
    }

    /// The look-alikes as they are kept.
    pub fn look_alikes(&self) -> Vec<LookAlikeHits> {
        let told = |(what, found): (&String, &LookAlikes)| LookAlikeHits {
            look_alike: what.clone(),
            of_row: found.of_row,
            within: found.within,
            hits: found.hits,
        };
        self.look_alikes.iter().map(told).collect()
    }
}

/// Which cases an address or a transaction belongs to.
struct Index<'a> {
    addresses: FxHashMap<&'a str, Vec<usize>>,
    txids: FxHashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(cases: &'a [Case]) -> Self {
        let mut index = Self { addresses: FxHashMap::default(), txids: FxHashMap::default() };
        for (place, case) in cases.iter().enumerate() {
            for address in &case.addresses {
                index.addresses.entry(address).or_default().push(place);
            }
            for txid in &case.txids {
                index.txids.entry(txid).or_default().push(place);
            }
        }
        index
    }

    /// The cases that a hit overlaps.
    fn overlapped(&self, cases: &[Case], hit: &Hit) -> FxHashSet<usize> {
        let named = || hit.addresses.iter().chain(std::iter::once(&hit.subject)).map(String::as_str);
        // chains like Ethereum write an id with a prefix
        let legs = || hit.other_legs.iter().map(|leg| &leg.txid);
        let txids = || hit.txids.iter().chain(legs()).map(|txid| txid.trim_start_matches("0x"));
        let by_address = named().filter_map(|a| self.addresses.get(a)).flatten();
        let by_tx = txids().filter_map(|t| self.txids.get(t)).flatten();
        let all_named = |case: &Case| case.txids.iter().all(|txid| txids().any(|own| own == txid));
        let mut found: FxHashSet<usize> = by_address.copied().filter(|c| !cases[*c].needs_all_txids).collect();
        found.extend(by_tx.copied().filter(|c| !cases[*c].needs_all_txids || all_named(&cases[*c])));
        found
    }
}

/// Scores the hits of a world, by row. Every row that the world has cases of is in the result; hits of other rows are left out.
/// `see` is shown what became of every hit and of every campaign: what to look at when a rule is made better.
pub fn score(truth: &Truth, hits: &[Hit], see: &mut dyn FnMut(Verdict)) -> BTreeMap<u32, Score> {
    let index = Index::new(&truth.cases);
    let by_name: FxHashMap<&str, u32> = super::ROWS.into_iter().map(|(row, id)| (id, row)).collect();
    let mut scores: BTreeMap<u32, Score> = truth.rows.iter().map(|row| (*row, Score::default())).collect();
    // for each row the cases that some hit names, and those that an anchored one does
    let mut found: FxHashMap<u32, [FxHashSet<usize>; 2]> = FxHashMap::default();
    for hit in hits {
        let Some(row) = by_name.get(hit.pattern.as_str()) else { continue };
        let Some(score) = scores.get_mut(row) else { continue };
        let overlapped = index.overlapped(&truth.cases, hit);
        let is_of_row = |c: &usize| truth.cases[*c].rows.contains(row);
        let is_of_kind = |c: &usize| truth.cases[*c].is_of(*row);
        let is_real = |c: &&usize| truth.cases[**c].look_alike.is_none();
        let right = overlapped.iter().any(|c| is_real(&c) && is_of_kind(c));
        let look_alikes: Vec<&str> = overlapped.iter().filter_map(|c| truth.cases[*c].look_alike.as_deref()).collect();
        let told = if right {
            "right"
        } else if !look_alikes.is_empty() {
            "look-alike"
        } else if overlapped.iter().any(|c| is_real(&c)) {
            "other campaign"
        } else {
            "ordinary"
        };
        let mut cases: Vec<String> = overlapped.iter().map(|c| truth.cases[*c].id.clone()).collect();
        cases.sort_unstable();
        see(Verdict { row: *row, told, cases, severity: hit.severity.clone(), subject: hit.subject.clone() });
        for (at, shares) in [&mut score.all, &mut score.anchored].into_iter().enumerate() {
            if at == 1 && !hit.is_anchored() {
                continue;
            }
            shares.hits.add(!right);
            match told {
                "right" => {}
                "look-alike" => shares.look_alikes += 1,
                "other campaign" => shares.other_campaigns += 1,
                _ => shares.ordinary += 1,
            }
            found.entry(*row).or_default()[at].extend(overlapped.iter().filter(|c| is_of_row(c)));
        }
        if !right {
            let kinds: FxHashSet<&str> = look_alikes.into_iter().collect();
            for kind in kinds {
                score.look_alikes.entry(kind.into()).or_default().hits += 1;
            }
        }
    }
    for (row, score) in &mut scores {
        let nothing = <[FxHashSet<usize>; 2]>::default();
        let [found, anchored] = found.get(row).unwrap_or(&nothing);
        for (place, case) in truth.cases.iter().enumerate().filter(|(_, case)| case.rows.contains(row)) {
            let told = match (found.contains(&place), case.meets_definition) {
                (true, true) => "found",
                (false, true) => "missed",
                (true, false) => "found outside the definition",
                (false, false) => "not found outside the definition",
            };
            let subject = case.look_alike.clone().unwrap_or_default();
            let severity = if case.is_labelled { "labelled" } else { "" }.into();
            see(Verdict { row: *row, told, cases: vec![case.id.clone()], severity, subject });
            match (&case.look_alike, case.meets_definition) {
                (Some(what), within) => {
                    let cell = score.look_alikes.entry(what.clone()).or_default();
                    cell.of_row.add(found.contains(&place));
                    cell.within += u64::from(within);
                }
                (None, true) => {
                    score.all.campaigns.add(!found.contains(&place));
                    if case.is_labelled || ANCHORED_BY_A_SERVICE.contains(row) {
                        score.anchored.campaigns.add(!anchored.contains(&place));
                    }
                }
                (None, false) => score.outside.add(!found.contains(&place)),
            }
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn case(id: &str, row: u32, decoy: Option<&str>, meets: bool, labelled: bool) -> Case {
        Case {
            id: id.into(),
            rows: vec![row],
            look_alike: decoy.map(Into::into),
            meets_definition: meets,
            is_labelled: labelled,
            addresses: [format!("a-{id}"), format!("b-{id}")].into_iter().collect(),
            txids: [format!("t-{id}")].into_iter().collect(),
            ..Case::default()
        }
    }

    fn hit(pattern: &str, addresses: &[&str], txids: &[&str], severity: &str) -> Hit {
        let all = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Hit {
            other_legs: Vec::new(),
            pattern: pattern.into(),
            subject: String::new(),
            addresses: all(addresses),
            txids: all(txids),
            severity: severity.into(),
        }
    }

    fn truth() -> Truth {
        Truth {
            rows: vec![18, 21],
            cases: vec![
                case("one", 18, None, true, true),
                case("two", 18, None, true, false),
                case("three", 18, None, false, true),
                case("spray", 21, None, true, true),
                case("gate", 18, Some("payment processor"), true, false),
                case("gate-2", 18, Some("payment processor"), false, false),
            ],
            txs: 1_000,
            addresses: 2_000,
            ..Truth::default()
        }
    }

    #[test]
    fn several_hits_on_one_campaign_are_right_and_find_it_once() {
        let hits = [
            hit("pass-through", &["a-one"], &[], "high"),
            hit("pass-through", &[], &["t-one"], "low"),
            hit("pass-through", &["x", "b-three"], &[], "medium"),
        ];
        let score = &score(&truth(), &hits, &mut |_| ())[&18];
        assert_eq!(score.all.hits, Tally { wrong: 0, of: 3 });
        assert_eq!(score.all.campaigns, Tally { wrong: 1, of: 2 });
        assert_eq!(score.outside, Tally { wrong: 0, of: 1 });
        assert_eq!(score.anchored.hits, Tally { wrong: 0, of: 2 });
        assert_eq!(score.anchored.campaigns, Tally { wrong: 0, of: 1 });
    }

    #[test]
    fn wrong_hits_are_told_apart_by_whom_they_wrong() {
        let hits = [
            hit("pass-through", &["a-gate"], &[], "low"),
            hit("pass-through", &["b-gate"], &[], "high"),
            hit("pass-through", &["a-spray"], &[], "low"),
            hit("pass-through", &["nobody"], &["nothing"], "low"),
            hit("pass-through", &["a-gate", "a-one"], &[], "low"),
            hit("no-such-pattern", &["a-one"], &[], "high"),
            hit("structuring", &["a-one"], &[], "high"),
        ];
        let mut seen = Vec::new();
        let scores = score(&truth(), &hits, &mut |verdict| seen.push((verdict.row, verdict.told)));
        assert_eq!(seen[..3], [(18, "look-alike"), (18, "look-alike"), (18, "other campaign")]);
        assert_eq!(seen[3..5], [(18, "ordinary"), (18, "right")]);
        assert!(seen[5..].contains(&(18, "missed")) && seen[5..].contains(&(21, "missed")));
        let found = &scores[&18];
        assert_eq!(found.all.hits, Tally { wrong: 4, of: 5 });
        assert_eq!((found.all.look_alikes, found.all.other_campaigns, found.all.ordinary), (2, 1, 1));
        assert_eq!((found.anchored.look_alikes, found.anchored.hits), (1, Tally { wrong: 1, of: 1 }));
        let gates = LookAlikes { of_row: Tally { wrong: 1, of: 2 }, within: 1, hits: 2 };
        assert_eq!(found.look_alikes["payment processor"], gates);
        assert_eq!(scores.len(), 2, "rows without a world are not scored");
        assert_eq!(scores[&21].all.campaigns, Tally { wrong: 1, of: 1 });
    }

    #[test]
    fn an_anchored_campaign_is_found_by_anchored_hits_only() {
        let score = &score(&truth(), &[hit("vasp-spray", &["a-spray"], &[], "low")], &mut |_| ())[&21];
        assert_eq!(score.all.campaigns, Tally { wrong: 0, of: 1 });
        assert_eq!(score.anchored.campaigns, Tally { wrong: 1, of: 1 });
        assert_eq!(score.all.reaches(), Some(true));
        assert_eq!(score.anchored.reaches(), Some(false));
    }

    #[test]
    fn two_sides_must_both_be_named_where_only_together_they_are_the_case() {
        let mut hop = case("hop", 22, None, true, true);
        hop.txids = ["out".to_string(), "in".to_string()].into_iter().collect();
        hop.needs_all_txids = true;
        let truth = Truth { rows: vec![22], cases: vec![hop], txs: 1, addresses: 2, ..Truth::default() };
        let right = |hit: Hit| score(&truth, &[hit], &mut |_| ())[&22].all.hits.wrong == 0;
        assert!(right(hit("chain-hop", &[], &["in", "out"], "low")));
        assert!(!right(hit("chain-hop", &["a-hop"], &["in", "other"], "low")));
        assert!(!right(hit("chain-hop", &["a-hop"], &[], "low")));
    }

    #[test]
    fn a_line_of_json_with_further_fields_is_a_hit() {
        let line = r#"{"pattern":"structuring","row":19,"rule_version":3,"subject":"a","addresses":["a"],"txids":["00"],"start":"x","end":"y","linked_sat":1,"total_sat":2,"severity":"low","why":{"en":"..."},"snapshot":"s"}"#;
        let hit: Hit = serde_json::from_str(line).unwrap();
        assert_eq!((hit.pattern.as_str(), hit.txids.len(), hit.is_anchored()), ("structuring", 1, false));
    }
}
