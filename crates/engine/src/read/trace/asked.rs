//! What a trace is asked about: texts become outputs.
//!
//! | text | sources |
//! |---|---|
//! | an address | every output ever paid to it |
//! | `entity:ADDRESS` | every output ever paid to any address of its entity |
//! | a transaction id | its outputs |
//! | `TXID:VOUT` | that output |
//! | `category:NAME` | every output paid to a subject with a label of that category |
//!
//! Several texts, with commas or spaces between them, are one set of sources; a satoshi that several of them name counts
//! once.

use super::super::Moment;
use super::TraceOptions;
use super::known::{Known, Own};
use crate::error::EngineError;
use crate::{Engine, target::Target};
use athar_trace::{Limits, Policy, Question, Sources};
use athar_types::address::parse_key;
use athar_types::{AddressId, Category, Height, OutputNum};
use rustc_hash::FxHashSet;

/// Outputs that a trace may start from.
pub(super) const SOURCES_MAX: usize = 100_000;
/// Texts in one question.
const TEXTS_MAX: usize = 10_000;
/// Members of an entity gathered together.
const PAGE: u32 = 4096;

/// Sources, and whose they are.
pub(crate) struct Asked<'a> {
    pub(crate) sources: Sources,
    pub(crate) own: Own<'a>,
    /// Texts that name nothing on the chain in the store.
    pub(crate) unseen: Vec<String>,
}

impl Asked<'_> {
    /// The question to the walk.
    pub(super) fn question<'q>(
        &'q self,
        policy: Policy,
        options: &TraceOptions,
        stops: &'q Known<'q>,
        limits: &'q Limits,
    ) -> Question<'q, Known<'q>, Own<'q>> {
        let direction = options.direction();
        Question { policy, direction, sources: &self.sources, stops, owners: &self.own, limits }
    }
}

/// Outputs gathered up to the maximum.
#[derive(Default)]
struct Gathered {
    outputs: Vec<OutputNum>,
    is_full: bool,
}

impl Gathered {
    /// Adds outputs while there is room; says whether there is.
    fn add(&mut self, outputs: impl IntoIterator<Item = OutputNum>) -> bool {
        for output in outputs {
            if self.outputs.len() >= SOURCES_MAX {
                self.is_full = true;
                return false;
            }
            self.outputs.push(output);
        }
        true
    }
}

impl Engine {
    /// Reads the texts of a question. `None` where nothing of it is on the chain in the store.
    pub(crate) fn asked(&self, target: &str) -> Result<Option<Asked<'_>>, EngineError> {
        let ledger = self.ledger()?;
        let refuse = |text: &str, what: String| EngineError::Target { input: crate::shortened(text), what };
        let mut texts = target.split(|c: char| c == ',' || c.is_whitespace()).filter(|t| !t.is_empty()).peekable();
        if texts.peek().is_none() {
            return Err(refuse(target, "names nothing to trace".into()));
        }
        let mut own = Own { engine: self, addresses: FxHashSet::default(), roots: FxHashSet::default() };
        let (mut gathered, mut unseen) = (Gathered::default(), Vec::new());
        for (at, text) in texts.enumerate() {
            if at >= TEXTS_MAX {
                return Err(refuse(text, format!("more than {TEXTS_MAX} sources are named")));
            }
            let before = gathered.outputs.len();
            if let Some(name) = text.strip_prefix("category:") {
                let category: Category = name.parse().map_err(|error| refuse(text, format!("no category: {error}")))?;
                for subject in self.known.of_category(category, &self.labels) {
                    let root = self.known.root(subject);
                    if self.known.of_address(root) == Some(subject) {
                        own.addresses.insert(root);
                        gathered.add(ledger.address_outputs(root));
                    } else {
                        own.roots.insert(self.root_of(root));
                        self.gather_entity(root, &mut gathered);
                    }
                }
            } else if let Some(address) = text.strip_prefix("entity:") {
                self.forest()?;
                let Some(id) = self.address_id(address)? else {
                    unseen.push(text.to_string());
                    continue;
                };
                own.roots.insert(self.root_of(id));
                self.gather_entity(id, &mut gathered);
            } else {
                match Target::parse(text, ledger.chain(), ledger.network()) {
                    Target::Invalid(error) => {
                        return Err(refuse(
                            text,
                            format!("no address, transaction id, output, `entity:` or `category:`: {error}"),
                        ));
                    }
                    Target::Address(address) => {
                        let key = parse_key(ledger.chain(), ledger.network(), &address.text);
                        if let Some(id) = key.ok().and_then(|key| ledger.address_id(&key)) {
                            own.addresses.insert(id);
                            gathered.add(ledger.address_outputs(id));
                        }
                    }
                    Target::Hash(txid) => {
                        let outputs = ledger.tx_by_id(&txid).map(|tx| ledger.tx_outputs(tx).map(OutputNum));
                        gathered.add(outputs.into_iter().flatten());
                    }
                    Target::Output(txid, vout) => {
                        let outputs = ledger.tx_by_id(&txid).map(|tx| ledger.tx_outputs(tx));
                        let output = outputs.and_then(|mut o| o.nth(vout as usize));
                        gathered.add(output.map(OutputNum));
                    }
                }
            }
            if gathered.outputs.len() == before && !gathered.is_full {
                unseen.push(text.to_string());
            }
        }
        if gathered.outputs.is_empty() {
            return Ok(None);
        }
        let mut sources = Sources::outputs(ledger, gathered.outputs, SOURCES_MAX)?;
        if gathered.is_full {
            sources = sources.truncated();
        }
        Ok(Some(Asked { sources, own, unseen }))
    }

    /// The outputs of all members of an entity, page by page.
    fn gather_entity(&self, id: AddressId, gathered: &mut Gathered) {
        let Some(ledger) = &self.ledger else { return };
        let Some(forest) = &self.forest else {
            gathered.add(ledger.address_outputs(id));
            return;
        };
        let mut offset = 0;
        loop {
            let page = self.guard.members(forest, id, offset, PAGE);
            for member in &page {
                if !gathered.add(ledger.address_outputs(*member)) {
                    return;
                }
            }
            if page.len() < PAGE as usize {
                return;
            }
            offset += PAGE;
        }
    }

    /// The first block that counts from a moment on.
    pub(crate) fn since(&self, moment: Moment) -> Result<Height, EngineError> {
        let ledger = self.ledger()?;
        let count = ledger.block_count();
        match moment {
            Moment::Height(height) => Ok(Height(height)),
            // time stamps may go back from one block to the next: the first of the day counts. Beyond the tip: no block at all
            Moment::Day(day) => {
                Ok(Height((0..count).find(|h| ledger.block_time(Height(*h)).day() >= day).unwrap_or(count)))
            }
        }
    }

    /// The last block that counts up to a moment.
    pub(crate) fn until(&self, moment: Moment) -> Result<Height, EngineError> {
        let ledger = self.ledger()?;
        match moment {
            Moment::Height(height) => Ok(Height(height)),
            Moment::Day(day) => (0..ledger.block_count())
                .rev()
                .find(|h| ledger.block_time(Height(*h)).day() <= day)
                .map(Height)
                .ok_or_else(|| EngineError::Target {
                    input: day.to_string(),
                    what: "no such moment: before the first block".into(),
                }),
        }
    }
}
