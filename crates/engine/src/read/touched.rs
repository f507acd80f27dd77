//! What new blocks and changed labels touch: the places ([`Place`]) whose answers can be other than before.
//!
//! Nothing but the present store is needed: the merge forest tells which entities a block joined, since a link carries its
//! transaction, and its state before the block is that without the later links.
//!
//! When two entities become one, an answer that met one of them changes only where the other brings something: labels, or
//! the size that makes a service. So of thousands of merges a block only few touch anybody; but what was read of a root
//! that is gone must be found under the new one, which [`Touched::moved`] says.

use super::reach::Place;
use crate::Engine;
use crate::error::EngineError;
use athar_entities::{Forest, Links, SERVICE_ADDRESSES_MIN};
use athar_labels::mentioned;
use athar_ledger::Ledger;
use athar_types::address::parse_key;
use athar_types::{AddressId, Height, OutputNum, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// New transactions that are looked at one by one; where there are more, everything counts as touched.
pub const TOUCHED_TXS_MAX: u32 = 2_000_000;

/// An address that more outputs pay is no customer's account ([`athar_entities::deposits`]).
const ACCOUNT_OUTPUTS_MAX: usize = 500;

/// What a change of the store touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Places whose answers can be other than before because of the blocks.
    pub places: BTreeSet<Place>,
    /// The same for each text whose labels changed.
    pub labels: Vec<(String, Vec<Place>)>,
    /// Roots that are none any more, and the root that stands in their place.
    pub moved: Vec<(u32, u32)>,
    /// Why every answer counts as touched, where it does.
    pub everything: Option<String>,
}

impl Touched {
    fn all(why: impl Into<String>) -> Self {
        Self { everything: Some(why.into()), ..Self::default() }
    }
}

/// One step of the chain: its new transactions, and what there was before.
struct Step<'a> {
    ledger: &'a Ledger,
    first: u32,
    addresses_before: u32,
}

impl Step<'_> {
    /// The root of an address before the step.
    fn root_before(&self, forest: &Forest, address: AddressId) -> u32 {
        forest.find_as_of(address, TxNum(self.first - 1)).0
    }

    /// Whether somebody who paid an address, or was paid when it was swept, has become one with its entity: then it may be a
    /// customer's account no more, or be one now, and its label speak of the whole entity, or no more.
    fn has_turned(&self, forest: &Forest, address: AddressId) -> bool {
        let (root, before) = (forest.find(address), self.root_before(forest, address));
        let joins = |other: AddressId| forest.find(other) == root && self.root_before(forest, other) != before;
        self.ledger.address_outputs(address).take(ACCOUNT_OUTPUTS_MAX + 1).any(|output| {
            let (ledger, paid_by) = (self.ledger, self.ledger.output_tx(output).0);
            ledger.inputs(paid_by).filter_map(|input| input.address).any(joins)
                || ledger.spent_by(output).is_some_and(|sweep| {
                    ledger.outputs(sweep).take(ACCOUNT_OUTPUTS_MAX).filter_map(|output| output.address).any(joins)
                })
        })
    }
}

impl Engine {
    /// A digest of everything that labels say of each text: address, transaction id, account. Two stores that give the same for a
    /// text say the same of it.
    pub fn said(&self) -> BTreeMap<String, [u8; 16]> {
        let mut said: BTreeMap<String, blake3::Hasher> = BTreeMap::new();
        for label in &self.labels {
            let decided = label.decided.as_ref().map(|d| (&d.retracted, &d.disputed));
            let words = format!(
                "{:?}",
                (label.subject, label.chain, &*label.text, &label.claim, &label.pack.title, label.quarantine, decided)
            );
            let mut add = |text: &str| {
                let hasher = said.entry(text.to_owned()).or_default();
                hasher.update(&(words.len() as u64).to_le_bytes());
                hasher.update(words.as_bytes());
            };
            add(&label.text);
            if label.quarantine.is_some() {
                for (_, text) in &mentioned(&label.text) {
                    add(text);
                }
            }
        }
        let short = |hasher: &blake3::Hasher| {
            let mut digest = [0; 16];
            digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
            digest
        };
        said.iter().map(|(text, hasher)| (text.clone(), short(hasher))).collect()
    }

    /// What was touched since the chain ended with block `before` (height and hash), and by labels of `relabelled` texts. With
    /// no block before there was no chain.
    pub fn touched(&self, before: Option<(u32, &str)>, relabelled: &[String]) -> Result<Touched, EngineError> {
        if self.is_account_chain() {
            // what an answer on such a chain was read from is not kept, so any change may alter it
            let tip = self.basis().tip_height.zip(self.basis().tip_hash.as_deref());
            let is_same = relabelled.is_empty() && before == tip;
            return Ok(if is_same { Touched::default() } else { Touched::all("a change on a chain of accounts") });
        }
        let ledger = self.ledger.as_ref().filter(|l| l.tip().is_some());
        let step = match (before, ledger) {
            (None, None) => None,
            (None, Some(_)) => return Ok(Touched::all("the first blocks of a chain")),
            (Some(_), None) => return Ok(Touched::all("the chain is gone")),
            (Some((height, hash)), Some(ledger)) => {
                let Some(block) = ledger.block(Height(height)).filter(|b| b.hash.to_string() == hash) else {
                    return Ok(Touched::all(format!(
                        "a reorganisation: block {height} {hash} is no part of the chain"
                    )));
                };
                let first = block.txs.end;
                let addresses_before = if first < ledger.tx_count() {
                    ledger.addresses_before(TxNum(first))
                } else {
                    ledger.address_count()
                };
                Some(Step { ledger, first, addresses_before })
            }
        };
        let mut touched = Touched::default();
        if let Some(step) = &step {
            let new = step.ledger.tx_count() - step.first;
            if new > TOUCHED_TXS_MAX {
                return Ok(Touched::all(format!("{new} transactions at once")));
            }
            if let Some(why) = self.touch_blocks(step, &mut touched) {
                return Ok(Touched::all(why));
            }
        }
        for text in relabelled {
            let mut places = vec![Place::named(text)];
            let key = ledger.and_then(|l| Some((l, parse_key(l.chain(), l.network(), text).ok()?)));
            if let Some(id) = key.and_then(|(ledger, key)| ledger.address_id(&key)) {
                places.extend(self.label_places(step.as_ref(), id));
            }
            touched.labels.push((text.clone(), places));
        }
        Ok(touched)
    }

    /// The places where the labels of an address are read: its entity, and what that was before.
    fn label_places(&self, step: Option<&Step<'_>>, id: AddressId) -> Vec<Place> {
        let mut roots = vec![self.root_of(id).0];
        if let (Some(step), Some(forest)) = (step, &self.forest) {
            roots.push(step.root_before(forest, id));
        }
        roots.into_iter().flat_map(|root| [Place::Met(root), Place::Own(root)]).collect()
    }

    fn touch_blocks(&self, step: &Step<'_>, touched: &mut Touched) -> Option<String> {
        let Step { ledger, first, addresses_before } = *step;
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        for tx in (first..ledger.tx_count()).map(TxNum) {
            touched.places.insert(Place::named(&ledger.txid(tx).to_string()));
            for input in ledger.inputs(tx) {
                let spent = ledger.spent_output(&input);
                touched.places.insert(Place::Unspent(spent.0));
                seen.extend(input.address.map(|a| a.0));
            }
            seen.extend(ledger.tx_outputs(tx).filter_map(|o| ledger.output_address(OutputNum(o))).map(|a| a.0));
            if let Some(forest) = &self.forest {
                let keys = forest.key_ties_at(tx).flat_map(|tie| [tie.a.0, tie.b.0]);
                seen.extend(keys);
                if forest.change_policy().is_some() {
                    seen.extend(forest.change_ties_at(ledger, tx).iter().flat_map(|tie| [tie.a.0, tie.b.0]));
                }
            }
        }
        for id in &seen {
            let id = AddressId(*id);
            if id.0 >= addresses_before {
                touched.places.insert(Place::named(&ledger.address_text(id)));
            } else {
                touched.places.insert(Place::Address(id.0));
            }
            touched.places.insert(Place::Traffic(self.root_of(id).0));
        }
        // a labelled address that was used: whether its label speaks of an account or of the whole entity may have turned
        for id in self.known.addresses().filter(|id| seen.contains(&id.0)) {
            touched.places.extend(self.label_places(Some(step), id));
        }
        let forest = self.forest.as_ref()?;
        let mut joined: FxHashMap<u32, BTreeSet<u32>> = FxHashMap::default();
        for id in seen.iter().map(|id| AddressId(*id)) {
            joined.entry(forest.find(id).0).or_default().insert(step.root_before(forest, id));
        }
        joined.retain(|_, sides| sides.len() > 1);
        let mut labelled: FxHashMap<u32, BTreeSet<u32>> = FxHashMap::default();
        for id in self.known.addresses() {
            let root = forest.find(id).0;
            let Some(sides) = joined.get(&root) else { continue };
            labelled.entry(root).or_default().insert(step.root_before(forest, id));
            if step.has_turned(forest, id) {
                touched.places.extend(sides.iter().flat_map(|side| [Place::Met(*side), Place::Own(*side)]));
                touched.places.extend(self.label_places(Some(step), id));
            }
        }
        let none = BTreeSet::new();
        for (root, sides) in &joined {
            if self.guard.is_cut(forest, AddressId(*root)) {
                return Some("an entity that the cut list cuts has grown".into());
            }
            touch_merge(step, forest, *root, sides, labelled.get(root).unwrap_or(&none), touched);
        }
        touched.moved.sort_unstable();
        None
    }
}

/// Entities with the roots `sides` have become the one of `root`; those of `labelled` carry labels.
fn touch_merge(
    step: &Step<'_>,
    forest: &Forest,
    root: u32,
    sides: &BTreeSet<u32>,
    labelled: &BTreeSet<u32>,
    touched: &mut Touched,
) {
    let before = TxNum(step.first - 1);
    let size = |side: u32| {
        if side < step.addresses_before { forest.size_as_of(AddressId(side), before) } else { 1 }
    };
    let is_service = |side: u32| size(side) >= SERVICE_ADDRESSES_MIN;
    let becomes_large = forest.size(AddressId(root)) >= SERVICE_ADDRESSES_MIN && !sides.iter().any(|s| is_service(*s));
    let weighty: BTreeSet<u32> =
        sides.iter().copied().filter(|side| labelled.contains(side) || is_service(*side)).collect();
    let name = forest.name(AddressId(root));
    for side in sides.iter().copied().filter(|side| *side < step.addresses_before) {
        let renamed = forest.name_as_of(AddressId(side), before) != name;
        let others = weighty.len() > usize::from(weighty.contains(&side));
        if others || becomes_large && !labelled.is_empty() || renamed && weighty.contains(&side) {
            touched.places.insert(Place::Met(side));
        }
        if others || renamed || !is_service(side) {
            touched.places.insert(Place::Own(side));
        }
        touched.places.insert(Place::Traffic(side));
        if side != root {
            touched.moved.push((side, root));
        }
    }
}
