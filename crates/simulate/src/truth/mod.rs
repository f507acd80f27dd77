//! What really happened, and the part of it that an analyst would know.
//!
//! `truth/` is the answer sheet: who owns every address, every campaign with its transactions and the exact amounts
//! that reach its cash-outs, every mix. `analyst/` is what an investigation starts with: a few labels, prices.

mod analyst;
mod campaigns;
mod criteria;
mod flows;
mod manifest;
mod names;
mod records;
mod tables;

pub(crate) use manifest::{Counts, MANIFEST, write_manifest};

use crate::{Settings, SimulateError, agents::Economy, blocks::FileEntry};
use athar_types::Hash32;
use names::Names;

/// The first line of `truth/entities.csv`, whose rows come with the blocks.
pub(crate) const ENTITIES_HEAD: &[u8] = b"address,actor,role,customer\n";

/// Writes everything but `truth/entities.csv` and the manifest.
pub(crate) fn write(
    settings: &Settings,
    economy: &Economy,
    txids: &[Hash32],
) -> Result<(Vec<FileEntry>, usize), SimulateError> {
    let root = &settings.out;
    let names = Names::new(settings.seed, &economy.world, txids);
    let told = campaigns::tell(economy, &names);
    let mut files = vec![
        campaigns::write(root, settings.seed, &told)?,
        tables::write_actors(root, economy)?,
        tables::write_coinjoins(root, economy, &names)?,
    ];
    files.extend(analyst::write(root, settings.seed, economy, &names)?);
    files.extend(records::write(root, settings.seed, economy, &names)?);
    Ok((files, told.len()))
}
