//! `mixed`: who took part in collaborative transactions. Each party by itself: that strangers mixed together ties none of them to
//! another, and mixing is a label, no reproach.

use super::seeds::{cents, m, p, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::{Candidate, Classes, Move, Party, Subject, Unit, Way};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Transactions that a thread takes at once.
const CHUNK: u32 = 1 << 14;

pub(super) static SPEC: Spec = Spec {
    name: "mixed",
    about: "parties that took part in collaborative transactions",
    parameters: &[
        p("kinds", Unit::Count, "names of the collaborative transactions that count"),
        p("parties_max", Unit::Count, "parties that are told at most, those in most mixes first"),
        p("moves_max", Unit::Count, "movements of a party that are read at most, the oldest"),
    ],
    measures: &[
        m("mixes", Unit::Count, "mixes that it took part in"),
        m("entered", Unit::Count, "movements into mixes"),
        m("left", Unit::Count, "movements out of mixes"),
        m("entered_cents", Unit::UsdCents, "what entered"),
        m("left_cents", Unit::UsdCents, "what came out"),
        m("bound_hit", Unit::Flag, "there were more parties or movements than are told"),
    ],
    bind: |params| {
        Ok(Box::new(Mixed {
            kinds: params.names("kinds")?.to_vec(),
            parties_max: params.small("parties_max")? as usize,
            moves_max: params.small("moves_max")? as usize,
            services: Classes::services(),
        }))
    },
};

struct Mixed {
    kinds: Vec<String>,
    parties_max: usize,
    moves_max: usize,
    services: Classes,
}

impl Bound for Mixed {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Added
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let (from, to) = (at.since.unwrap_or(0), at.world.txs());
        let chunks: Vec<u32> = (from..to).step_by(CHUNK as usize).collect();
        let mut took_part: Vec<(Party, u32)> = chunks
            .into_par_iter()
            .flat_map_iter(|start| {
                let (mut pairs, mut parties) = (Vec::new(), Vec::new());
                for tx in start..start.saturating_add(CHUNK).min(to) {
                    if self.kind(at, tx).is_some() {
                        parties.clear();
                        at.world.parties_of(tx, &mut parties);
                        // of a service, some customer of it took part, whom nobody can name
                        parties.retain(|p| *p != Party::NOBODY && !at.world.classes(*p).meets(self.services));
                        pairs.extend(parties.iter().map(|p| (*p, tx)));
                    }
                }
                pairs
            })
            .collect();
        took_part.par_sort_unstable();
        took_part.dedup();
        let mut groups: Vec<&[(Party, u32)]> = took_part.chunk_by(|a, b| a.0 == b.0).collect();
        let is_bounded = groups.len() > self.parties_max;
        if is_bounded {
            groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
            groups.truncate(self.parties_max);
            groups.sort_unstable();
        }
        let candidate = |group: &&[(Party, u32)]| self.candidate(at, group[0].0, is_bounded);
        found.extend(groups.par_iter().filter_map(candidate).collect::<Vec<_>>());
    }
}

impl Mixed {
    fn kind(&self, at: &At<'_>, tx: u32) -> Option<&'static str> {
        at.world.mix(tx).filter(|kind| self.kinds.iter().any(|k| k == kind))
    }

    /// A party with everything that it moved into and out of mixes.
    fn candidate(&self, at: &At<'_>, party: Party, is_bounded: bool) -> Option<Candidate> {
        let timeline = read(at, party, self.moves_max);
        let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut last = None;
        let mut moves: Vec<&Move> = Vec::new();
        for movement in &timeline.moves {
            // a party's movements come by transaction, so one look is enough for all of one
            let kind = match last {
                Some((tx, kind)) if tx == movement.tx => kind,
                _ => {
                    let kind = self.kind(at, movement.tx);
                    if let Some(kind) = kind {
                        *kinds.entry(kind).or_default() += 1;
                    }
                    kind
                }
            };
            last = Some((movement.tx, kind));
            if kind.is_some() {
                moves.push(movement);
            }
        }
        if moves.is_empty() {
            return None;
        }
        let side = |way: Way| moves.iter().copied().filter(move |m| m.way == way);
        let mut candidate = Candidate::of(Subject::Party(party), moves.iter().copied());
        // who else took part is nobody's counterparty
        candidate.parties.clear();
        let measures = &mut candidate.measures;
        measures.set("mixes", candidate.txs.len());
        measures.set("entered", side(Way::Out).count());
        measures.set("left", side(Way::In).count());
        measures.set("entered_cents", cents(side(Way::Out)));
        measures.set("left_cents", cents(side(Way::In)));
        measures.set("bound_hit", i64::from(is_bounded || timeline.is_cut));
        candidate.notes = kinds.iter().map(|(kind, count)| format!("{kind}: {count}").into()).collect();
        Some(candidate)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;

    fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "coinjoin-mixer").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    /// 1 to 5 mix into 11 to 15.
    fn mixed(kind: &'static str) -> HandWorld {
        let mut world = HandWorld::outputs();
        for address in 1..=5 {
            world.pay(START, 0, address, 5_010);
        }
        let ins: Vec<(u32, u64)> = (1..=5).map(|a| (a, 5_010)).collect();
        let outs: Vec<(u32, u64)> = (11..=15).map(|a| (a, 5_000)).collect();
        world.pay_mixed(START + 60, kind, &ins, &outs);
        world
    }

    #[test]
    fn each_who_entered_or_left_is_told_alone_and_not_damned() {
        let found = hits(&mixed("whirlpool"), None);
        assert_eq!(found.len(), 10);
        for hit in &found {
            assert_eq!((hit.severity, hit.txids.len(), hit.addresses.len()), (Level::None, 1, 1));
            assert_eq!(hit.notes, ["whirlpool: 1".into()]);
        }
        assert_eq!((found[0].total.cents, found[9].total.cents), (5_010, 5_000));
    }

    #[test]
    fn a_linked_party_that_mixes_is_worth_a_look_and_says_nothing_of_the_others() {
        let mut world = mixed("wasabi1");
        world.label(2, Category::TerroristFinancing);
        let found = hits(&world, None);
        let raised: Vec<&str> =
            found.iter().filter(|h| h.severity > Level::Low).map(|h| h.subject_text.as_str()).collect();
        assert_eq!(raised, ["address-2"]);
    }

    #[test]
    fn other_kinds_later_payments_and_an_empty_world_give_nothing() {
        assert!(hits(&HandWorld::outputs(), None).is_empty());
        assert!(hits(&mixed("whirlpool-tx0"), None).is_empty());
        let mut world = mixed("whirlpool");
        let since = world.pay(START + 120, 11, 20, 4_000);
        assert_eq!(hits(&world, None).len(), 10);
        assert!(hits(&world, Some(since)).is_empty());
        assert_eq!(hits(&world, Some(since - 1)).len(), 10);
    }

    #[test]
    fn a_service_took_no_part_itself() {
        let mut world = mixed("whirlpool");
        world.label(11, Category::Exchange);
        let found = hits(&world, None);
        assert_eq!((found.len(), found.iter().any(|h| h.subject_text == "address-11")), (9, false));
    }

    #[test]
    fn one_party_in_two_mixes_is_one_hit() {
        let mut world = mixed("whirlpool");
        world.pay_mixed(START + 600, "whirlpool", &[(11, 5_000), (12, 5_000)], &[(21, 4_990), (22, 4_990)]);
        let found = hits(&world, None);
        let hit = found.iter().find(|h| h.subject_text == "address-11").unwrap();
        assert_eq!((found.len(), hit.txids.len(), hit.notes.clone()), (12, 2, vec!["whirlpool: 2".into()]));
    }
}
