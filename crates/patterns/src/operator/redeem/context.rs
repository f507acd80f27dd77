//! Humanitarian context that was written down: of a record's beneficiary or buyer, of an address on the chain.
//!
//! A note says that there is an innocent reading, so it never makes a hit and never erases one: it is counted coupon by coupon and
//! named, and the rule's guard says what follows. Notes are named by their numbers alone, since hits are kept where notes are not.

use crate::{Candidate, Party, Redemption, World};
use athar_types::Bilingual;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Notes that a hit names.
const NAMED: usize = 10;

/// The notes on addresses, by party: whoever owns the address is who the note is about.
pub(super) struct Context<'a> {
    by_party: FxHashMap<Party, Vec<&'a Bilingual>>,
}

impl<'a> Context<'a> {
    pub(super) fn of(world: &'a dyn World) -> Self {
        let mut by_party: FxHashMap<Party, Vec<&Bilingual>> = FxHashMap::default();
        for (address, note) in &world.facts().context {
            by_party.entry(world.party(*address)).or_default().push(note);
        }
        Self { by_party }
    }

    /// Notes on the parties that one coupon went through.
    pub(super) fn of_parties(&self, parties: impl IntoIterator<Item = Party>) -> Vec<&'a Bilingual> {
        parties.into_iter().filter_map(|party| self.by_party.get(&party)).flatten().copied().collect()
    }

    /// Notes on a record, on who was paid by it, and on the party that it was for.
    pub(super) fn of_record<'r>(
        &'r self,
        world: &dyn World,
        record: &'r Redemption,
        party: Party,
    ) -> Vec<&'r Bilingual> {
        let mut notes = written(record);
        notes.extend(self.of_parties(record.address.map(|address| world.party(address)).into_iter().chain([party])));
        notes
    }
}

/// Notes on a record itself.
pub(super) fn written(record: &Redemption) -> Vec<&Bilingual> {
    record.context.iter().collect()
}

/// Counts what was found for each redemption, by the records and by the chain, and names the notes.
pub(super) fn put<'a>(
    candidate: &mut Candidate,
    by_record: impl Iterator<Item = Vec<&'a Bilingual>>,
    by_chain: impl Iterator<Item = Vec<&'a Bilingual>>,
) {
    let mut notes: BTreeSet<&Bilingual> = BTreeSet::new();
    let mut count = |found: Vec<&'a Bilingual>| {
        let has_some = !found.is_empty();
        notes.extend(found);
        usize::from(has_some)
    };
    let recorded: usize = by_record.map(&mut count).sum();
    let on_chain: usize = by_chain.map(&mut count).sum();
    // both tell of the same coupons
    candidate.measures.set("context", recorded.max(on_chain));
    candidate.measures.set("context_notes", notes.len());
    // before the records: a reader who sees three lines sees these
    let named = notes
        .iter()
        .take(NAMED)
        .map(|note| Bilingual::new(format!("humanitarian context: {}", note.en), format!("سياق إنساني: {}", note.ar)));
    let named: Vec<Bilingual> = named.collect();
    candidate.notes.splice(0..0, named);
}
