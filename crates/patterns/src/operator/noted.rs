//! `noted`: a text in a transaction that has a term of a sourced lexicon. Religious words alone count nothing.
//!
//! The same text in many transactions is one candidate: whoever writes a slogan a thousand times says it once.

use super::beside::{NOTES_MAX, m, note};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::{Candidate, Memo, Move, Party, Subject, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// Transactions of one text whose parties are named.
const PARTIES_OF_MAX: usize = 100;

pub(super) static SPEC: Spec = Spec {
    name: "noted",
    about: "a text in a transaction with a term of a sourced lexicon",
    parameters: &[],
    measures: &[
        m("terms", Unit::Count, "different terms that are more than religious or neutral words"),
        m("neutral", Unit::Count, "different terms that alone say nothing"),
        m("score", Unit::Count, "how much the text asks for money for a cause, 0 to 100"),
        m("times", Unit::Count, "transactions that carry the same text"),
        m("quotes", Unit::Flag, "whether the text quotes, reports or warns"),
    ],
    bind: |_| Ok(Box::new(Noted)),
};

struct Noted;

impl Bound for Noted {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Added
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let world = at.world;
        let mut by_text: BTreeMap<&str, Vec<&Memo>> = BTreeMap::new();
        for memo in world.facts().memos.iter().filter(|memo| memo.tx < world.txs()) {
            by_text.entry(&memo.text).or_default().push(memo);
        }
        for (text, mut memos) in by_text {
            memos.sort_by_key(|memo| memo.tx);
            let (first, last) = (memos[0], memos[memos.len() - 1]);
            if at.since.is_some_and(|since| last.tx < since) {
                continue;
            }
            let mut candidate = Candidate::of(Subject::Tx(first.tx), std::iter::empty::<&Move>());
            candidate.txs = memos.iter().map(|memo| memo.tx).collect();
            candidate.txs.dedup();
            (candidate.start, candidate.end) = (world.time(first.tx), world.time(last.tx));
            for tx in candidate.txs.iter().take(PARTIES_OF_MAX) {
                world.parties_of(*tx, &mut candidate.parties);
            }
            candidate.parties.retain(|party| *party != Party::NOBODY);
            let terms: BTreeSet<&str> = memos.iter().flat_map(|memo| &memo.terms).map(String::as_str).collect();
            let neutral: BTreeSet<&str> = memos.iter().flat_map(|memo| &memo.neutral).map(String::as_str).collect();
            let measures = &mut candidate.measures;
            measures.set("terms", terms.len());
            measures.set("neutral", neutral.len());
            // religious and neutral words alone score nothing
            let score = memos.iter().map(|memo| memo.score).max().filter(|_| !terms.is_empty());
            measures.set("score", score.unwrap_or(0));
            measures.set("times", candidate.txs.len());
            measures.set("quotes", i64::from(memos.iter().any(|memo| memo.is_quoted)));
            candidate.notes.push(note(text).into());
            candidate.notes.extend(terms.iter().take(NOTES_MAX - 1).map(|term| note(term).into()));
            found.push(candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Memo;
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::{hits, hits_since, value};
    use athar_types::{Category, Level};

    fn world() -> HandWorld {
        let mut world = HandWorld::outputs();
        for n in 0..4 {
            world.pay(1_000 + n, n, 9, 100);
        }
        world
    }

    fn memo(tx: u32, text: &str, terms: &[&str], neutral: &[&str]) -> Memo {
        let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        Memo { tx, text: text.into(), terms: owned(terms), neutral: owned(neutral), score: 40, is_quoted: false }
    }

    #[test]
    fn one_text_in_several_transactions_is_one_hit() {
        let mut world = world();
        for tx in [2, 0, 3] {
            world.facts.memos.push(memo(tx, "arms for the brigade", &["brigade (example list)"], &[]));
        }
        let found = hits(&world, "memo-term");
        assert_eq!((found.len(), found[0].txids.len(), value(&found[0], "times")), (1, 3, Some(3)));
        assert_eq!(found[0].subject_text, format!("{:064x}", 0));
        assert_eq!(found[0].severity, Level::Low);
        world.label(9, Category::TerroristFinancing);
        assert_eq!(hits(&world, "memo-term")[0].severity, Level::Medium);
    }

    #[test]
    fn religious_words_alone_score_nothing() {
        let mut world = world();
        world.facts.memos.push(memo(0, "zakat and sadaqah", &[], &["zakat", "sadaqah"]));
        assert!(hits(&world, "memo-term").is_empty());
    }

    #[test]
    fn a_text_that_reports_stays_low() {
        let mut world = world();
        world.label(9, Category::TerroristFinancing);
        world.facts.memos.push(Memo { is_quoted: true, ..memo(0, "court: brigade", &["brigade"], &[]) });
        let found = hits(&world, "memo-term");
        assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
    }

    #[test]
    fn an_incremental_run_takes_new_ones_and_none_beyond_the_chain() {
        let mut world = world();
        world.facts.memos.push(memo(1, "a", &["t"], &[]));
        world.facts.memos.push(memo(3, "b", &["t"], &[]));
        world.facts.memos.push(memo(99, "c", &["t"], &[]));
        assert_eq!(hits(&world, "memo-term").len(), 2);
        assert_eq!(hits_since(&world, "memo-term", Some(2)).len(), 1);
    }
}
