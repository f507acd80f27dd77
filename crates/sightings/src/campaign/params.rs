//! What ties, and what does not: the parameters of campaigns.

use crate::{NEAR_MIN, PICTURE_BITS};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In how many places (channels, sites, else files) a value may stand and still tie. One that stands in more is a hub: a share button, a
/// project's own donation address, an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlacesMax {
    /// An address, or another identifier that money is sent to.
    pub payment: u32,
    /// A telephone number or an e-mail address.
    pub contact: u32,
    /// A handle.
    pub handle: u32,
    /// A site that is linked to.
    pub site: u32,
    /// A channel that is forwarded from.
    pub channel: u32,
    /// A picture.
    pub picture: u32,
    /// A text.
    pub text: u32,
}

impl Default for PlacesMax {
    fn default() -> Self {
        Self { payment: 40, contact: 25, handle: 25, site: 15, channel: 40, picture: 25, text: 60 }
    }
}

/// The parameters. The defaults favour precision: two campaigns that are told apart can be put together by who reads them, a campaign
/// that has swallowed others misleads. They are judgements, and not measured on real campaigns.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Places from which a value is a hub.
    pub places_max: PlacesMax,
    /// A payment identifier in more places still ties where at least this share of the places solicits with it.
    pub hub_soliciting_share: f64,
    /// Addresses in one unit from which it is a list (of sanctions, a dump, a block page), and does not tie.
    pub unit_addresses_max: u32,
    /// Addresses that a site or channel publishes from which it does not tie what it publishes.
    pub publisher_addresses_max: u32,
    /// The same, where less than [`Self::publisher_soliciting_share`] of the units in which it publishes them solicit: a forum.
    pub publisher_addresses_free: u32,
    /// See there.
    pub publisher_soliciting_share: f64,
    /// A unit that does not solicit quotes where its reasons of news, court, research, warning and quotation sum up to minus this many
    /// points or less.
    pub quoting_points: u32,
    /// Whether units that quote tie.
    pub quoting_ties: bool,
    /// Whether units tie that neither solicit nor quote, and have an address or another payment identifier.
    pub neutral_ties: bool,
    /// The similarity from which texts are one text.
    pub near_min: f64,
    /// Bits of 64 in which the hashes of one picture may differ.
    pub picture_bits: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            places_max: PlacesMax::default(),
            hub_soliciting_share: 0.5,
            unit_addresses_max: 20,
            publisher_addresses_max: 60,
            publisher_addresses_free: 5,
            publisher_soliciting_share: 0.2,
            quoting_points: 15,
            quoting_ties: false,
            neutral_ties: true,
            near_min: NEAR_MIN,
            picture_bits: PICTURE_BITS,
        }
    }
}
