//! Ids that campaigns had before: campaigns grow together, fall apart, and begin earlier than was thought.

use super::build::address_id;
use super::model::{Campaign, Campaigns};
use crate::{Sightings, SightingsError};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses of a campaign that are remembered.
const REMEMBERED_MAX: usize = 5_000;

/// A campaign as it was told before: its id and digests of its addresses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownCampaign {
    /// The id.
    pub id: String,
    /// For each address, the id of the campaign whose first it would be.
    pub addresses: BTreeSet<String>,
}

impl Campaigns {
    /// Fills [`Campaign::former_ids`] from what was told before: every id under which one of a campaign's addresses was.
    pub fn name_former(&mut self, known: &[KnownCampaign]) {
        let mut of_address: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for campaign in known {
            for address in &campaign.addresses {
                of_address.entry(address).or_default().push(&campaign.id);
            }
        }
        for campaign in &mut self.campaigns {
            let ids = campaign.addresses.iter().filter_map(|a| of_address.get(&*address_id(&a.value)));
            let ids: BTreeSet<&str> = ids.flatten().copied().filter(|id| *id != campaign.id).collect();
            campaign.former_ids = ids.into_iter().map(str::to_owned).collect();
        }
    }
}

fn digests(campaign: &Campaign) -> BTreeSet<String> {
    campaign.addresses.iter().take(REMEMBERED_MAX).map(|a| address_id(&a.value)).collect()
}

impl Sightings {
    /// Names the campaigns as they were named before, and remembers them: fills their former ids. Only digests of addresses are kept.
    pub fn remember_campaigns(&self, campaigns: &mut Campaigns) -> Result<(), SightingsError> {
        let known = self.known_campaigns()?;
        campaigns.name_former(&known);
        self.db.write(|t| {
            let mut add = t.prepare_cached("INSERT OR IGNORE INTO campaigns VALUES (?1, ?2)")?;
            for campaign in &campaigns.campaigns {
                for address in digests(campaign) {
                    add.execute(params![campaign.id, address.as_bytes()])?;
                }
            }
            Ok(())
        })
    }

    /// Every campaign that was told before.
    pub fn known_campaigns(&self) -> Result<Vec<KnownCampaign>, SightingsError> {
        self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT id, CAST(address AS TEXT) FROM campaigns ORDER BY id, address")?;
            let mut known: Vec<KnownCampaign> = Vec::new();
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let (id, address): (String, String) = (row.get(0)?, row.get(1)?);
                if known.last().is_none_or(|k| k.id != id) {
                    known.push(KnownCampaign { id, addresses: BTreeSet::new() });
                }
                if let Some(last) = known.last_mut() {
                    last.addresses.insert(address);
                }
            }
            Ok(known)
        })
    }
}
