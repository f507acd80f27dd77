//! What is known beside a chain, gathered for one run: publications, lists, notes, events, deposits, bridges, actors over chains,
//! names. Each in a file of its own; here which of them the chosen rules need, and what they share.
//!
//! Publications, listings and records of coupons are read always, because they corroborate every rule.

mod actors;
mod bridged;
mod deposits;
mod events;
mod kept;
mod listed;
mod named;
mod noted;
mod published;
mod redeemed;

pub(crate) use events::{EVENTS_BYTES_MAX, EVENTS_FILE, parse_events, read_events};

use crate::Engine;
use crate::account_chain::AccountChain;
use crate::error::EngineError;
use athar_patterns::rule::Setting;
use athar_patterns::{Facts, Rule};
use athar_types::Chain;

/// Which facts a run needs.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Wanted {
    /// Notes in transactions.
    pub(crate) memos: bool,
    /// Names.
    pub(crate) names: bool,
    /// Bridges.
    pub(crate) bridgings: bool,
    /// Actors over chains.
    pub(crate) actors: bool,
    /// Seconds between legs of a bridge that only amount and time tie.
    pub(crate) bridge_window: u32,
    /// Of an incremental run: the first new transaction. Notes and bridges before it are left out.
    pub(crate) since: Option<u32>,
}

/// The window for a bridge where no rule gives one.
const BRIDGE_WINDOW: u32 = 1_800;

impl Wanted {
    /// What some rules need.
    pub(crate) fn of(rules: &[&Rule], since: Option<u32>) -> Self {
        let needs = |operator: &str| rules.iter().any(|rule| rule.operator.name == operator);
        let minutes = rules.iter().filter(|rule| rule.operator.name == "bridged").filter_map(|rule| {
            match rule.parameters.get("lag_max").map(|p| &p.value) {
                Some(Setting::Number(minutes)) => u32::try_from(*minutes).ok(),
                _ => None,
            }
        });
        Self {
            memos: needs("noted"),
            names: needs("named"),
            bridgings: needs("bridged"),
            actors: needs("migrated"),
            bridge_window: minutes.max().map_or(BRIDGE_WINDOW, |minutes| minutes.saturating_mul(60)),
            since,
        }
    }
}

/// Everything known beside the chain of an engine that is wanted.
pub(crate) fn facts(engine: &Engine, wanted: &Wanted) -> Result<Facts, EngineError> {
    let mut facts = Facts {
        publications: published::publications(engine)?,
        listings: listed::listings(engine)?,
        redemptions: redeemed::redemptions(engine)?,
        context: redeemed::noted_addresses(engine)?,
        events: read_events(&engine.folder)?,
        euro_rates: crate::write::rates(&engine.folder)?,
        ..Facts::default()
    };
    deposits::fill(engine, &mut facts);
    if wanted.memos {
        facts.memos = noted::memos(engine, wanted.since)?;
    }
    if wanted.names {
        facts.names = named::names(engine)?;
    }
    if wanted.bridgings {
        facts.bridgings = bridged::bridgings(engine, wanted);
    }
    if wanted.actors {
        facts.actors = actors::actors(engine, &facts.publications)?;
    }
    Ok(facts)
}

impl Engine {
    /// The number that an address has on the chain of the engine, where it has been seen there. The text is read as it stands.
    pub(super) fn number_of(&self, text: &str) -> Option<u32> {
        let text = text.trim();
        if let Some(chain) = &self.account_chain {
            return chain.ledger.account_id(&chain.ledger.form().parse(text).ok()?);
        }
        let ledger = self.ledger.as_ref()?;
        let key = athar_types::address::parse_key(ledger.chain(), ledger.network(), text).ok()?;
        ledger.address_id(&key).map(|id| id.0)
    }

    /// The party of an address on the chain of the engine, as the worlds number them.
    pub(super) fn party_of(&self, address: u32) -> u32 {
        match &self.account_chain {
            Some(chain) => chain.entity_name(address),
            None => self.root_of(athar_types::AddressId(address)).0,
        }
    }

    /// The chain of accounts that is asked, opened.
    pub(super) fn of_accounts(&self) -> Option<&AccountChain> {
        self.account_chain.as_ref()
    }
}

/// Whether a chain's addresses are written like those of another: then a text of the one may be one of the other.
fn is_alike(a: Chain, b: Chain) -> bool {
    let form = |chain: Chain| chain.account().map(|params| params.form);
    a == b || (form(a).is_some() && form(a) == form(b))
}

#[cfg(test)]
mod tests;
