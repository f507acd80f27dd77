//! Sources of blocks, as ordered blocks into the ledger.
//!
//! Block files come first: [`BlockFiles`] finds every block in a folder of `blk*.dat`, [`best_chain`] chooses the chain
//! with the most work over all headers (those of the store included), and [`ingest`] reads the blocks of that chain in
//! order, decodes them in parallel and hands them to the ledger's segment builder.
//!
//! Nothing here decides what a block means; nothing in the ledger knows where a block came from.

pub mod account;
mod best;
mod decode;
mod error;
mod files;
mod order;
mod pipeline;
mod scan;

pub use best::{BestChain, Unconnected, best_chain};
pub use decode::decode_rows;
pub use error::IngestError;
pub use files::BlockFiles;
pub use pipeline::{IngestReport, Progress, Settings, ingest};
pub use scan::{Damage, DamageKind, Found, Scan};
