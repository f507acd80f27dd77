//! Rows for a TagPack: an address of a campaign, where it was published, and what is known of it.

use crate::campaign::{Campaign, CampaignAddress};
use crate::{Item, ItemId};
use serde::Serialize;
use std::collections::BTreeMap;

/// Originals that are named in a context.
const ORIGINALS_MAX: usize = 20;

/// An address for a TagPack. It is a statement about where a text stood, not about who owns the address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TagRow {
    /// The likeliest chain, by its name.
    pub chain: String,
    /// The address.
    pub address: String,
    /// The label.
    pub label: String,
    /// The URI that it was first published at, as far as is known; `None` where no item of it has one.
    pub source: Option<String>,
    /// More, as a JSON object: campaign, dates and what they rest on, score, hashes of the originals.
    pub context: String,
    /// The day on which it was last published, as far as is known.
    pub lastmod: String,
    /// Whether a text that it stood in solicits. One that does not was published with others that do.
    pub solicited: bool,
}

/// A row for each address of each campaign, in their order. Excerpts, channels and authors are not in them.
pub fn tag_rows(campaigns: &[Campaign], items: &[Item]) -> Vec<TagRow> {
    let items: BTreeMap<ItemId, &Item> = items.iter().map(|item| (item.id, item)).collect();
    let rows = campaigns.iter().flat_map(|campaign| campaign.addresses.iter().map(move |address| (campaign, address)));
    rows.map(|(campaign, address)| row(campaign, address, &items)).collect()
}

fn row(campaign: &Campaign, address: &CampaignAddress, items: &BTreeMap<ItemId, &Item>) -> TagRow {
    let published = || address.units.iter().filter_map(|unit| items.get(&unit.item));
    let mut originals: Vec<String> = Vec::new();
    for hash in published().filter_map(|item| item.sha256) {
        let hash = hex::encode(hash);
        if !originals.contains(&hash) && originals.len() < ORIGINALS_MAX {
            originals.push(hash);
        }
    }
    let context = serde_json::json!({
        "campaign": campaign.id,
        "first_published": address.first_published.day,
        "first_published_source": address.first_published.source,
        "units": address.units_total,
        "places": address.places_total,
        "score_max": address.score_max,
        "solicited": address.solicited,
        "originals_sha256": originals,
    });
    let what = if address.solicited {
        "Published in an appeal for money"
    } else {
        "Published together with an appeal for money"
    };
    TagRow {
        chain: address.chain.clone(),
        address: address.value.clone(),
        label: format!("{what} (campaign {})", campaign.id),
        source: published().find_map(|item| item.uri.clone()),
        context: context.to_string(),
        lastmod: address.last_published.day.clone(),
        solicited: address.solicited,
    }
}
