//! Campaigns: what was published together, by whom and where, as a graph whose every tie can be told.
//!
//! A *unit* is what is published at once: a message, or an item that is no chat. A *value* is what may stand in several units: an address, an
//! account, a handle, a site, a picture, a text. A campaign is a connected component of units and values that tie. Rows 5 (its published half),
//! 26 and 27 of the typologies are read off it. What glues without meaning anything is left out, and told: see [`Params`].

mod build;
mod ends;
mod hosts;
mod known;
mod model;
mod params;
mod unit;

pub use build::campaigns;
pub use hosts::{HostError, Hosts};
pub use known::KnownCampaign;
pub use model::{
    Campaign, CampaignAddress, Campaigns, CoPublication, Dated, LeftOut, Mention, MentionKind, PictureGroup, Place,
    PlaceKind, Rotation, RotationAddress, TextGroup, Tie, TieKind, TimelineEntry, UnitRef, Valued,
};
pub use params::{Params, PlacesMax};
