//! The cut list: merges that are not believed, applied when entities are read.
//!
//! The forest depends on chain and heuristics alone. What speaks against a merge lies above it: two owners that labels name
//! apart, two large entities that a single transaction ties, a decision of an analyst. Each is an entry of the list with its
//! reason. Every version of the list is kept and never overwritten; an answer that it touches names the version.
//!
//! A version holds, for each entity that it cuts, the exact parts that are left without the transactions it names
//! ([`athar_entities::partition`]). It knows the chain up to the block that it was made at: addresses that joined such an
//! entity later belong to no part until the list is made again, and stand for themselves.

mod find;
mod list;

pub use find::Found;
pub(crate) use find::update;
pub use list::{CutEntry, CutKind, CutList, Decision};

use crate::error::EngineError;
use athar_entities::{EntityView, Forest, Links};
use athar_ledger::Ledger;
use athar_types::{AddressId, Sats, TxNum};
use list::{CutEntity, Stored};
use rustc_hash::FxHashMap;
use std::path::Path;

/// Members looked at together while a page is gathered.
const PIECE: u32 = 4096;
/// Members whose outputs are summed up for the figures of a tree that joined a cut entity later.
const SUMMED_MAX: u32 = 1_000;

/// Where the list has an address.
enum Cut<'a> {
    /// In no entity that it cuts.
    No,
    /// In a part of one.
    Part(&'a Stored, &'a CutEntity, usize),
    /// In one, but it joined after the list was made, whose last transaction this is.
    Later(&'a CutEntity, TxNum),
}

/// The cut list as it is applied to one forest; empty where there is none.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    list: Option<Stored>,
    /// Entities that the list cuts, as places in it: by their root when it was made, and by the root of the entity now.
    by_root_then: FxHashMap<u32, u32>,
    by_root_now: FxHashMap<u32, u32>,
    /// Why a list that is there is not applied.
    stale: Option<String>,
}

/// The entities that a list cuts: their heuristics, and the policy for change where they have one.
fn of(forest: &Forest) -> String {
    let manifest = forest.manifest();
    match &manifest.change {
        Some(policy) => format!("{}.{}", manifest.heuristics, policy.chars().take(16).collect::<String>()),
        None => manifest.heuristics.to_string(),
    }
}

impl Guard {
    /// Reads the newest version for this forest.
    pub(crate) fn open(store: &Path, ledger: &Ledger, forest: &Forest) -> Result<Self, EngineError> {
        let Some(stored) = Stored::newest(store, ledger, &of(forest))? else {
            return Ok(Self::default());
        };
        let of = &stored.list;
        let stands =
            ledger.block(athar_types::Height(of.tip_height)).is_some_and(|b| b.hash.to_string() == of.tip_hash);
        if !stands {
            let stale = Some(format!("cut list {} was made on a chain that was reorganised since", of.number));
            return Ok(Self { stale, ..Self::default() });
        }
        let mut guard = Self::default();
        for (at, entity) in stored.list.entities.iter().enumerate() {
            let at = at as u32;
            guard.by_root_then.entry(entity.root).or_insert(at);
            guard.by_root_now.entry(forest.find(AddressId(entity.root)).0).or_insert(at);
        }
        guard.list = Some(stored);
        Ok(guard)
    }

    /// The list in use.
    pub(crate) fn list(&self) -> Option<&CutList> {
        self.list.as_ref().map(|stored| &stored.list)
    }

    pub(crate) fn stale(&self) -> Option<&str> {
        self.stale.as_deref()
    }

    /// Where the list has an address.
    fn cut(&self, forest: &Forest, address: AddressId) -> Cut<'_> {
        let Some(stored) = self.list.as_ref().filter(|_| !self.by_root_now.is_empty()) else { return Cut::No };
        // whoever was in such an entity then is in it now, so that most addresses are asked about once
        let Some(joined) = self.by_root_now.get(&forest.find(address).0) else { return Cut::No };
        let (entities, tip) = (&stored.list.entities, TxNum(stored.list.tip_tx));
        match self.by_root_then.get(&forest.find_as_of(address, tip).0) {
            Some(at) => {
                let entity = &entities[*at as usize];
                Cut::Part(stored, entity, stored.part(entity, address))
            }
            None => Cut::Later(&entities[*joined as usize], tip),
        }
    }

    /// Whether the list cuts the entity that the forest has an address in: then what is stored of that entity does not hold.
    pub(crate) fn is_cut(&self, forest: &Forest, address: AddressId) -> bool {
        !matches!(self.cut(forest, address), Cut::No)
    }

    /// What stands for the entity of an address: equal for two addresses exactly when they are one.
    pub(crate) fn root(&self, forest: &Forest, address: AddressId) -> AddressId {
        match self.cut(forest, address) {
            Cut::No => forest.find(address),
            Cut::Part(_, entity, part) => AddressId(entity.parts[part].name),
            Cut::Later(_, tip) => forest.find_as_of(address, tip),
        }
    }

    /// The name of its entity: the first-seen address.
    pub(crate) fn name(&self, forest: &Forest, address: AddressId) -> AddressId {
        match self.cut(forest, address) {
            Cut::No => forest.name(address),
            Cut::Part(_, entity, part) => AddressId(entity.parts[part].name),
            Cut::Later(_, tip) => forest.name_as_of(address, tip),
        }
    }

    /// Number of addresses in it.
    pub(crate) fn size(&self, forest: &Forest, address: AddressId) -> u32 {
        match self.cut(forest, address) {
            Cut::No => forest.size(address),
            Cut::Part(_, entity, part) => entity.parts[part].size,
            Cut::Later(_, tip) => forest.size_as_of(address, tip),
        }
    }

    /// A page of its addresses.
    pub(crate) fn members(&self, forest: &Forest, address: AddressId, offset: u32, limit: u32) -> Vec<AddressId> {
        match self.cut(forest, address) {
            Cut::No => forest.members(address, offset, limit),
            Cut::Part(stored, entity, part) => {
                // as of the list, since who joined later is in no part; piece by piece, since a page needs few of millions
                let tip = TxNum(stored.list.tip_tx);
                let pieces = (0_u32..)
                    .step_by(PIECE as usize)
                    .map(|at| forest.members_as_of(AddressId(entity.root), tip, at, PIECE));
                let all = pieces.take_while(|piece| !piece.is_empty()).flatten();
                let own = all.filter(|a| stored.part(entity, *a) == part);
                own.skip(offset as usize).take(limit as usize).collect()
            }
            Cut::Later(_, tip) => forest.members_as_of(address, tip, offset, limit),
        }
    }

    /// Its figures; none where they are not known ([`Forest::entity`]), or would have to be summed up from too many members.
    pub(crate) fn entity(&self, ledger: &Ledger, forest: &Forest, address: AddressId) -> Option<EntityView> {
        match self.cut(forest, address) {
            Cut::No => forest.entity(ledger, address),
            Cut::Part(_, entity, part) => {
                let part = &entity.parts[part];
                Some(EntityView {
                    name: AddressId(part.name),
                    size: part.size,
                    first_tx: TxNum(part.first_tx),
                    last_tx: TxNum(part.last_tx),
                    received: Sats(part.received_sat),
                    sent: Sats(part.sent_sat),
                })
            }
            Cut::Later(_, tip) => {
                let size = forest.size_as_of(address, tip);
                let members = || forest.members_as_of(address, tip, 0, size);
                (size <= SUMMED_MAX).then(|| EntityView::of(ledger, forest.name_as_of(address, tip), &members()))
            }
        }
    }

    /// The entries that cut the entity of an address.
    pub(crate) fn applied<'a>(
        &'a self,
        forest: &Forest,
        address: AddressId,
    ) -> impl Iterator<Item = &'a CutEntry> + 'a {
        let entity = match self.cut(forest, address) {
            Cut::No => None,
            Cut::Part(_, entity, _) | Cut::Later(entity, _) => Some(entity.root),
        };
        let entries = self.list.as_ref().map(|stored| stored.list.entries.as_slice()).unwrap_or_default();
        entries.iter().filter(move |entry| entry.applied && entity == Some(entry.root))
    }
}
