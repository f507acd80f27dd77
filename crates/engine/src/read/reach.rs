//! What the answer of a screening was read from, so that later it can be told which answers a change can alter.
//!
//! The same walk that [`Engine::screen`] makes is made again, and every place it looks at is noted. The set is a superset of
//! what the answer needs and never less: a screening whose places nothing touches has the same statements as before. The
//! claim is tested by growing chains block by block (`desk/tests/engine_world.rs`).
//!
//! Why places are of several kinds: a large service is touched by every block. An answer that only met it depends on its
//! labels, not on its traffic; one about the service itself depends on both.

use super::ScreenOptions;
use super::trace::Known;
use crate::error::EngineError;
use crate::{Engine, target::Target};
use athar_entities::SERVICE_ADDRESSES_MIN;
use athar_trace::{Arrival, Direction, End, Limits, Owners, Policy, Question, Sink, Sources, Span, stream};
use athar_types::address::parse_key;
use athar_types::{AddressId, InputNum, OutputNum, TxNum};
use std::collections::BTreeSet;

/// An answer that was read from more places than this depends on everything.
pub const PLACES_MAX: usize = 10_000;
/// As in a screening: addresses of an entity whose money is followed, and their outputs.
const MEMBERS_MAX: u32 = 10_000;
const SOURCES_MAX: usize = 100_000;

/// Something that an answer was read from. Ids are those of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The labels of the entity with this root: it was met on the way.
    Met(u32),
    /// Who belongs to the entity with this root: it is the subject's own.
    Own(u32),
    /// The traffic of every address of the entity with this root.
    Traffic(u32),
    /// The traffic of one address.
    Address(u32),
    /// Whether an output is spent: it was not.
    Unspent(u64),
    /// Whether a text (an address or a transaction id) is on the chain, or is named by a label: 48 bits of its BLAKE3.
    Named(u64),
}

impl Place {
    /// The place that a text stands for.
    pub fn named(text: &str) -> Self {
        let hash = blake3::hash(text.as_bytes());
        let mut low = [0; 8];
        low[..6].copy_from_slice(&hash.as_bytes()[..6]);
        Self::Named(u64::from_le_bytes(low))
    }
}

/// The places of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Ascending; empty where [`Self::is_everything`].
    pub places: Vec<Place>,
    /// Whether there were more places than [`PLACES_MAX`].
    pub is_everything: bool,
}

/// Notes places while a walk goes on.
struct Noted<'a> {
    engine: &'a Engine,
    direction: Direction,
    places: BTreeSet<Place>,
}

impl Noted<'_> {
    fn met(&mut self, address: AddressId) {
        let root = self.engine.root_of(address);
        self.places.insert(Place::Met(root.0));
    }

    fn is_full(&self) -> bool {
        self.places.len() > PLACES_MAX
    }
}

impl Sink for Noted<'_> {
    fn reach(&mut self, at: &Arrival, _: &mut [Span]) {
        if let Some(address) = at.address.filter(|_| !at.is_own) {
            self.met(address);
        }
    }

    fn end(&mut self, output: OutputNum, _: &[Span], end: End) {
        if end == End::Held && self.direction == Direction::Forward {
            self.places.insert(Place::Unspent(output.0));
        }
    }

    fn go_on(&mut self, _: u64) -> bool {
        !self.is_full()
    }
}

/// The subject's own entity.
struct Owned<'a> {
    engine: &'a Engine,
    root: Option<AddressId>,
}

impl Owners for Owned<'_> {
    fn is_own(&self, address: AddressId) -> bool {
        self.root.is_some_and(|root| self.engine.root_of(address) == root)
    }
}

impl Engine {
    /// Everything that [`Self::screen`] of the same text with the same options is read from.
    pub fn reach(&self, input: &str, options: &ScreenOptions) -> Result<Reach, EngineError> {
        if self.is_account_chain() {
            return Ok(Reach { places: Vec::new(), is_everything: true });
        }
        let mut noted = Noted { engine: self, direction: Direction::Forward, places: BTreeSet::new() };
        noted.places.insert(Place::named(input.trim()));
        match Target::parse(input, self.chain, self.network()) {
            Target::Address(address) => {
                noted.places.insert(Place::named(&address.text));
                let ledger = self.ledger.as_ref().filter(|l| l.chain() == address.chain);
                let id = ledger.and_then(|l| {
                    l.address_id(&parse_key(l.chain(), l.network(), &address.text).ok()?).map(|id| (l, id))
                });
                if let Some((ledger, id)) = id {
                    if self.note_owner(id, &mut noted) {
                        noted.places.insert(Place::Address(id.0));
                        let sources = Sources::addresses(ledger, [id], SOURCES_MAX)?;
                        self.note_walks(&sources, &sources, None, options, &mut noted);
                    } else {
                        noted.places.insert(Place::Traffic(self.root_of(id).0));
                        let mut members =
                            self.forest.as_ref().map_or_else(Vec::new, |f| self.guard.members(f, id, 0, MEMBERS_MAX));
                        if !members.contains(&id) {
                            members.push(id);
                        }
                        let sources = Sources::addresses(ledger, members, SOURCES_MAX)?;
                        self.note_walks(&sources, &sources, Some(id), options, &mut noted);
                    }
                }
            }
            Target::Hash(txid) => {
                noted.places.insert(Place::named(&txid.to_string()));
                if let Some((ledger, tx)) = self.ledger.as_ref().and_then(|l| Some((l, l.tx_by_id(&txid)?))) {
                    let spent = ledger.tx_inputs(tx).map(|i| ledger.spent_output(&ledger.input(InputNum(i))));
                    let received = Sources::outputs(ledger, spent, SOURCES_MAX)?.reached();
                    let made = ledger.tx_outputs(tx).map(OutputNum);
                    let sent = Sources::outputs(ledger, made, SOURCES_MAX)?.reached();
                    self.note_walks(&received, &sent, None, options, &mut noted);
                }
            }
            Target::Output(txid, vout) => {
                noted.places.insert(Place::named(&txid.to_string()));
                let tx = self.ledger.as_ref().and_then(|l| Some((l, l.tx_by_id(&txid)?)));
                let output = tx.and_then(|(l, tx)| Some((l, OutputNum(l.tx_outputs(tx).nth(vout as usize)?))));
                if let Some((ledger, output)) = output {
                    let address = ledger.output_address(output);
                    let own = address.filter(|id| {
                        noted.places.insert(Place::Address(id.0));
                        !self.note_owner(*id, &mut noted)
                    });
                    let sources = Sources::outputs(ledger, [output], SOURCES_MAX)?;
                    self.note_walks(&sources, &sources, own, options, &mut noted);
                }
            }
            Target::Invalid(_) => {}
        }
        let is_everything = noted.is_full();
        Ok(Reach { places: if is_everything { Vec::new() } else { noted.places.into_iter().collect() }, is_everything })
    }

    /// Notes what it takes to know whose an address is, and says whether it is an account at a service.
    fn note_owner(&self, id: AddressId, noted: &mut Noted<'_>) -> bool {
        let root = self.root_of(id);
        let (Some(ledger), Some(forest)) = (&self.ledger, &self.forest) else {
            noted.places.insert(Place::Own(root.0));
            return false;
        };
        let is_account = self.account(id).is_some();
        noted.places.insert(if is_account { Place::Met(root.0) } else { Place::Own(root.0) });
        let is_service = self.known.of_entity(root).is_some_and(|subject| self.known.is_service(subject));
        if is_service || self.guard.size(forest, id) >= SERVICE_ADDRESSES_MIN {
            // whether it is an account turns on who pays it and where the sweeps go
            for output in ledger.address_outputs(id).take(PLACES_MAX) {
                let sweep = ledger.spent_by(output);
                let paid_by = ledger.output_tx(output).0;
                let paying = ledger.inputs(paid_by).filter_map(|input| input.address);
                let swept = sweep.into_iter().flat_map(|tx: TxNum| ledger.outputs(tx)).filter_map(|o| o.address);
                for address in paying.chain(swept) {
                    noted.met(address);
                    if noted.is_full() {
                        return is_account;
                    }
                }
            }
        }
        is_account
    }

    /// Walks both ways as a screening does.
    fn note_walks(
        &self,
        received: &Sources,
        sent: &Sources,
        own: Option<AddressId>,
        options: &ScreenOptions,
        noted: &mut Noted<'_>,
    ) {
        let Some(ledger) = &self.ledger else { return };
        let limits = Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            sources_max: SOURCES_MAX,
            edges_listed_max: 0,
            keep_paths: false,
            ..Limits::default()
        };
        let (stops, owners) = (Known(self), Owned { engine: self, root: own.map(|id| self.root_of(id)) });
        for (direction, sources) in [(Direction::Backward, received), (Direction::Forward, sent)] {
            noted.direction = direction;
            let question =
                Question { policy: Policy::Fifo, direction, sources, stops: &stops, owners: &owners, limits: &limits };
            stream(ledger, &question, noted);
        }
    }
}
