//! `bridged`: value that a party passes to another chain, or takes from one. Where the protocol gives both legs one id, that
//! ties them; else amount and time leave a set of candidates, which is told with its size and never decided.

use super::beside::{NOTES_MAX, m, note, p};
use super::{At, Bound, Scope, Spec};
use crate::{Bridging, Candidate, Move, OtherLeg, Party, Subject, Unit};
use athar_types::{Bilingual, isolated};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static SPEC: Spec = Spec {
    name: "bridged",
    about: "passages of one party through a bridge, with the other leg or its candidates",
    parameters: &[p("lag_max", Unit::Minutes, "legs that only amount and time tie are at most so far apart")],
    measures: &[
        m("passages", Unit::Count, "passages of the party through the bridge that have a leg on the other side"),
        m("matched", Unit::Count, "those whose other leg the protocol's own id names"),
        m("by_amount", Unit::Count, "those with candidates by amount and time alone"),
        m("ambiguity", Unit::Count, "most legs that fit one passage; 1 where ids name all"),
        m("unmatched", Unit::Count, "passages without any leg that fits"),
        m("unsearched", Unit::Count, "passages to chains that are not held: nothing was looked for"),
        m("out", Unit::Count, "passages that leave this chain"),
        m("lag_seconds", Unit::Seconds, "longest time between legs"),
        m("cents", Unit::UsdCents, "what the passages with a leg were worth, where priced"),
    ],
    bind: |params| Ok(Box::new(Bridged { lag_max: u64::from(params.small("lag_max")?) * 60 })),
};

struct Bridged {
    lag_max: u64,
}

impl Bound for Bridged {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let world = at.world;
        let mut by_party: BTreeMap<(Party, &str, u32), Vec<&Bridging>> = BTreeMap::new();
        for bridging in world.facts().bridgings.iter().filter(|b| b.tx < world.txs()) {
            let party = world.party(bridging.address);
            if party != Party::NOBODY && at.is_due(party) {
                by_party.entry((party, &bridging.protocol, bridging.asset)).or_default().push(bridging);
            }
        }
        for ((party, _, asset), bridgings) in by_party {
            found.push(self.look(at, party, asset, &bridgings));
        }
    }
}

impl Bridged {
    fn look(&self, at: &At<'_>, party: Party, asset: u32, bridgings: &[&Bridging]) -> Candidate {
        let is_matched = |b: &&&Bridging| b.matched.is_some();
        let in_time = |b: &Bridging| b.lag.is_none_or(|lag| u64::from(lag) <= self.lag_max);
        let by_amount = |b: &&&Bridging| b.matched.is_none() && b.candidates > 0 && in_time(b);
        let told: Vec<&&Bridging> = bridgings.iter().filter(|b| is_matched(b) || by_amount(b)).collect();
        let mut candidate = Candidate::of(Subject::Party(party), std::iter::empty::<&Move>());
        candidate.asset = asset;
        // a passage without a leg is told, and makes no hit
        let shown: &[&Bridging] = bridgings;
        let of: Vec<&Bridging> = if told.is_empty() { shown.to_vec() } else { told.iter().map(|b| **b).collect() };
        for bridging in &of {
            let time = at.world.time(bridging.tx);
            candidate.txs.push(bridging.tx);
            candidate.addresses.push(bridging.address);
            candidate.start = candidate.start.min(time);
            candidate.end = candidate.end.max(time);
            candidate.total.units = candidate.total.units.saturating_add(bridging.units);
            match bridging.cents {
                Some(cents) => candidate.total.cents = candidate.total.cents.saturating_add(cents),
                None => candidate.total.unpriced = candidate.total.unpriced.saturating_add(bridging.units),
            }
        }
        let count = |of: &dyn Fn(&&&Bridging) -> bool| bridgings.iter().filter(|b| of(b)).count();
        let measures = &mut candidate.measures;
        measures.set("passages", told.len());
        measures.set("matched", count(&is_matched));
        measures.set("by_amount", count(&by_amount));
        let ambiguity = told.iter().map(|b| if b.matched.is_some() { 1 } else { b.candidates }).max();
        measures.maybe("ambiguity", ambiguity);
        measures.set("unsearched", count(&|b| !b.is_searched && b.matched.is_none()));
        measures.set("unmatched", count(&|b| b.is_searched && !is_matched(b) && !by_amount(b)));
        measures.set("out", told.iter().filter(|b| b.is_out).count());
        measures.maybe("lag_seconds", told.iter().filter_map(|b| b.lag).max());
        measures.set("cents", if told.is_empty() { 0 } else { candidate.total.cents });
        let mut notes = BTreeSet::new();
        for bridging in &told {
            // of several that fit none is named as the other leg
            let only = match bridging.legs.as_slice() {
                [leg] if bridging.candidates == 1 => Some(leg),
                _ => None,
            };
            let leg = bridging.matched.as_ref().or(only).and_then(|leg| leg.split_once(' '));
            candidate.other_legs.extend(leg.map(|(chain, txid)| OtherLeg { chain: chain.into(), txid: txid.into() }));
        }
        for bridging in &told {
            let chain = bridging.other_chain.as_deref().unwrap_or("?");
            let way = if bridging.is_out { "to" } else { "from" };
            let legs = bridging.matched.clone().unwrap_or_else(|| bridging.legs.join(", "));
            let count = bridging.candidates.max(1);
            let to = if bridging.is_out { "إلى" } else { "من" };
            let [protocol, on, at] = [&bridging.protocol, chain, &legs].map(note);
            notes.insert(Bilingual::new(
                format!("{protocol} {way} {on}, {count} leg(s): {at}"),
                format!(
                    "{} {to} {}، عدد الحركات المقابلة {}: {}",
                    isolated(&protocol),
                    isolated(&on),
                    isolated(&count.to_string()),
                    isolated(&at)
                ),
            ));
            if notes.len() == NOTES_MAX {
                break;
            }
        }
        candidate.notes = notes.into_iter().collect();
        candidate
    }
}

#[cfg(test)]
mod tests {
    use crate::Bridging;
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::{hits, value};
    use athar_types::{Category, Level};

    fn world(bridgings: Vec<Bridging>) -> HandWorld {
        let mut world = HandWorld::accounts();
        for n in 0..4 {
            world.pay(1_000 + n * 60, 0, 9, 1_000);
        }
        world.label(0, Category::TerroristFinancing);
        world.facts.bridgings = bridgings;
        world
    }

    fn by_id(tx: u32) -> Bridging {
        Bridging {
            tx,
            address: 0,
            protocol: "usdt0".into(),
            other_chain: Some("tron".into()),
            matched: Some("tron far-tx".into()),
            candidates: 1,
            units: 100_000,
            cents: Some(1_000),
            lag: Some(60),
            is_out: true,
            is_searched: true,
            ..Bridging::default()
        }
    }

    fn by_amount(tx: u32, candidates: u64, lag: u32) -> Bridging {
        let legs = vec!["tron near-tx".into(); candidates.min(3) as usize];
        Bridging { matched: None, legs, candidates, lag: Some(lag), ..by_id(tx) }
    }

    #[test]
    fn the_protocols_id_names_the_other_leg() {
        let found = hits(&world(vec![by_id(0), by_id(2)]), "chain-hop");
        assert_eq!((found.len(), found[0].txids.len(), found[0].total.cents), (1, 2, 2_000));
        assert_eq!((value(&found[0], "matched"), value(&found[0], "ambiguity")), (Some(2), Some(1)));
        assert_eq!(found[0].severity, Level::High);
        assert!(found[0].notes[0].en.contains("far-tx") && found[0].notes[0].ar.contains("far-tx"));
        assert_eq!((found[0].other_legs.len(), found[0].other_legs[0].chain.as_str()), (1, "tron"));
        assert_eq!((found[0].start, found[0].end), (1_000, 1_120));
    }

    #[test]
    fn without_an_id_candidates_are_counted_and_several_stay_low() {
        let found = hits(&world(vec![by_amount(0, 1, 1_800)]), "chain-hop");
        assert_eq!((value(&found[0], "by_amount"), found[0].severity), (Some(1), Level::High));
        assert_eq!(found[0].other_legs[0].txid, "near-tx");
        let several = by_amount(0, 2, 60);
        assert!(hits(&world(vec![several]), "chain-hop")[0].other_legs.is_empty(), "nobody can say which");
        // a second later than half an hour
        assert!(hits(&world(vec![by_amount(0, 1, 1_801)]), "chain-hop").is_empty());
        let found = hits(&world(vec![by_amount(0, 3, 60), by_id(1)]), "chain-hop");
        assert_eq!((value(&found[0], "ambiguity"), found[0].severity), (Some(3), Level::Low));
        assert_eq!(found[0].capped_by.as_deref(), Some("guard"));
    }

    #[test]
    fn no_leg_is_no_hit_and_neither_is_a_stranger() {
        assert!(hits(&world(vec![by_amount(0, 0, 60)]), "chain-hop").is_empty());
        let unsearched = Bridging { is_searched: false, ..by_amount(0, 0, 60) };
        let found = hits(&world(vec![unsearched, by_id(1)]), "chain-hop");
        assert_eq!((found[0].txids.len(), value(&found[0], "unsearched")), (1, Some(1)));
        let mut stranger = world(Vec::new());
        stranger.facts.bridgings = vec![Bridging { address: 9, ..by_id(0) }];
        assert!(hits(&stranger, "chain-hop").is_empty());
    }
}
