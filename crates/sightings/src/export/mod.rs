//! Campaigns for other programs: STIX 2.1, and rows for a TagPack.

mod stix;
mod tags;

pub use stix::{STIX_WALLET_EXTENSION, StixOptions, Tlp, stix_bundle};
pub use tags::{TagRow, tag_rows};
