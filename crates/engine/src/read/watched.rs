//! What a watch on a chain needs of a store: whose address a key is, which addresses carry a category, what an amount is worth.
//!
//! Watches are looked up by address key, as scripts name them, so that an address that the chain has never seen can be watched too.

use super::campaigns::recorded_campaigns;
use super::sightings::open_sightings;
use crate::Engine;
use crate::error::EngineError;
use crate::json::Usd;
use athar_ledger::Ledger;
use athar_types::address::parse_key;
use athar_types::{AddressKey, Category, Day, Network, UnixTime};

/// Days that a price is looked back for, where the day itself has none yet.
const PRICE_DAYS_BACK: i32 = 7;

/// An address that a label or a campaign names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAddress {
    /// The address.
    pub key: AddressKey,
    /// What stands for its entity; none where the name stays on the address, or the chain has never seen it.
    pub root: Option<u32>,
    /// The name given to it.
    pub name: String,
}

impl Engine {
    /// The network of the chain; none where the store has no blocks of it, or it is a chain of accounts.
    pub fn ledger_network(&self) -> Option<Network> {
        self.ledger.as_ref().map(Ledger::network)
    }

    /// The blocks of the chain as they are stored; none where there are none, or it is a chain of accounts.
    pub fn chain_ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Reads an address of the chain.
    pub fn key_of(&self, text: &str) -> Option<AddressKey> {
        parse_key(self.chain, self.ledger_network()?, text.trim()).ok()
    }

    /// What stands for the entity of an address: equal for two addresses exactly when they are one. None where no output of the
    /// store ever paid it, or there are no entities. It holds for this opened state of the store alone.
    pub fn entity_root(&self, key: &AddressKey) -> Option<u32> {
        let (ledger, forest) = (self.ledger.as_ref()?, self.forest.as_ref()?);
        Some(self.guard.root(forest, ledger.address_id(key)?).0)
    }

    /// The addresses of the chain whose labels in use have a category. Where a label speaks of the whole entity its root is given.
    pub fn labelled(&self, category: Category) -> Vec<NamedAddress> {
        let Some(network) = self.ledger_network() else { return Vec::new() };
        let of_chain = self.labels.iter().filter(|l| l.is_accepted() && l.chain == Some(self.chain));
        let of_category = of_chain.filter(|label| label.categories.contains(&category));
        let named = of_category.filter_map(|label| {
            let key = parse_key(self.chain, network, &label.text).ok()?;
            let id = self.ledger.as_ref().and_then(|ledger| ledger.address_id(&key));
            let stays = id.is_none_or(|id| self.known.of_address(id).is_some());
            let root = if stays { None } else { self.entity_root(&key) };
            Some(NamedAddress { key, root, name: label.name.clone() })
        });
        named.collect()
    }

    /// The addresses in a recorded campaign that can be of this chain, by the campaign's id, one it had before, or an address in it;
    /// none where there is no such campaign.
    pub fn campaign_keys(&self, named: &str) -> Result<Option<Vec<NamedAddress>>, EngineError> {
        let Some(store) = open_sightings(&self.folder)? else { return Ok(None) };
        let (found, _) = recorded_campaigns(&store)?;
        let named = named.trim();
        let campaign = found.campaigns.into_iter().find(|c| {
            c.id == named
                || c.former_ids.iter().any(|id| id == named)
                || c.addresses.iter().any(|a| a.value.eq_ignore_ascii_case(named))
        });
        let Some(campaign) = campaign else { return Ok(None) };
        let of_chain = campaign.addresses.into_iter().filter(|a| a.chains.iter().any(|name| name == self.chain.name()));
        let keyed = of_chain
            .filter_map(|a| Some(NamedAddress { key: self.key_of(&a.value)?, root: None, name: campaign.id.clone() }));
        Ok(Some(keyed.collect()))
    }

    /// Worth of an amount at the price of a day, or of the nearest of the seven days before it that has one, with that day.
    pub fn usd_near(&self, sat: u64, time: UnixTime) -> Option<(Usd, Day)> {
        let day = time.day();
        (0..=PRICE_DAYS_BACK).map(|back| Day(day.0 - back)).find_map(|day| Some((self.usd_on(sat, day)?, day)))
    }
}
