//! Sightings: where and when an address or another identifier was published, with its context and the hash of the original; and the
//! campaigns they make together.
//!
//! Invariants: what is kept of a document is encrypted under a key of its own, and deleting it destroys that key. Secrets of others
//! (private keys, seeds) are never kept. A sighting says that a text stood somewhere: it never says who owns an address.

mod again;
pub mod campaign;
mod custody;
mod error;
pub mod export;
mod field;
mod head;
mod item_id;
mod near;
mod pictures;
mod read;
mod rows;
mod sealed;
mod sighting;
mod sketch;
mod store;
mod writer;

pub use athar_vault::VaultError;

pub use again::{Again, Known};
pub use campaign::{Campaign, Campaigns, Hosts, Params, campaigns};
pub use custody::{Action, CUSTODY_PAGE_MAX, CustodyCheck, CustodyEntry, DETAILS_BYTES_MAX, OPERATOR_BYTES_MAX};
pub use error::SightingsError;
pub use item_id::ItemId;
pub use near::{BAND_MINIMA, BANDS, COMPARED_MAX, GROUPING_COMPARED_MAX, NEAR_MIN, Near, SketchIndex, groups};
pub use pictures::{PICTURE_BITS, PICTURE_BITS_MAX, PICTURE_BITS_MIN, PictureIndex, is_telling};
pub use rows::{DateSource, Item, MATERIAL_MAX, Material, PAGE_MAX, Page, Query, SAME_MAX, Sighting, Unreadable};
pub use sealed::{is_masked, is_personal, is_secret};
pub use sighting::{ItemEnd, Keep, NewItem, NewSighting};
pub use sketch::{SHINGLE_CHARS, SHINGLES_MIN, SKETCH_BYTES, SKETCH_MINIMA, Sketch, Sketcher};
pub use store::{Counts, Sightings};
pub use writer::{
    EXCERPT_BYTES_MAX, FileState, ITEM_SIGHTINGS_MAX, ORIGINAL_BYTES_MAX, Reading, TEXT_BYTES_MAX, Writer, host,
};
