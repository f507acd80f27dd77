//! `truth/manifest.json`: what was asked for, what was written, and a hash of every file. It is written last, so a
//! folder that has one is whole.

use crate::{
    CampaignSet, Settings, SimulateError, Story,
    blocks::{FileEntry, HashedFile},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Where it lies.
pub(crate) const MANIFEST: &str = "truth/manifest.json";

/// What a world holds.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Transactions of the best chain.
    pub(crate) txs: u64,
    /// Blocks of the best chain, the genesis block included.
    pub(crate) blocks: u64,
    /// Blocks beside it.
    pub(crate) stale_blocks: u64,
    /// Spending inputs of the best chain.
    pub(crate) inputs: u64,
    /// Outputs of the best chain, without the commitments of coinbases.
    pub(crate) outputs: u64,
    /// Keys that were made, paid or not.
    pub(crate) keys: u64,
    /// Actors.
    pub(crate) actors: u64,
    /// Campaigns and look-alikes.
    pub(crate) campaigns: u64,
    /// Bytes of blocks and their frames.
    pub(crate) block_bytes: u64,
    /// Time of the last block.
    pub(crate) last_time: u64,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: u32,
    program: &'static str,
    version: &'static str,
    story: &'static str,
    network: &'static str,
    seed: u64,
    txs: u32,
    xor: bool,
    disorder: bool,
    tail_multiple: u64,
    /// Where they are not the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_set: Option<&'static str>,
    /// Of a profile with one large service.
    #[serde(skip_serializing_if = "Option::is_none")]
    hub_permille: Option<u32>,
    file_len_max: u64,
    usd_cents_per_euro: u64,
    counts: &'a Counts,
    /// Measured figures of a profile.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measured: &'a BTreeMap<&'static str, u64>,
    /// In order of path.
    files: &'a [FileEntry],
    /// SHA-256 of the lines `sha256  path` of all files, in order of path: what `sha256sum` would print.
    digest: &'a str,
}

/// Writes the manifest; returns the digest over all files.
pub(crate) fn write_manifest(
    settings: &Settings,
    counts: &Counts,
    measured: &BTreeMap<&'static str, u64>,
    mut files: Vec<FileEntry>,
) -> Result<String, SimulateError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut hash = Sha256::new();
    for file in &files {
        hash.update(format!("{}  {}\n", file.sha256, file.path));
    }
    let digest = hex::encode(hash.finalize());
    let manifest = Manifest {
        format: 1,
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        story: match settings.story {
            Story::Economy => "economy",
            Story::Profile => "profile",
        },
        network: "regtest",
        seed: settings.seed,
        txs: settings.txs,
        xor: settings.xor,
        disorder: settings.disorder,
        tail_multiple: settings.tail_multiple,
        campaign_set: (settings.campaigns != CampaignSet::Usual).then(|| settings.campaigns.name()),
        hub_permille: (settings.hub_permille > 0).then_some(settings.hub_permille),
        file_len_max: settings.file_len_max,
        usd_cents_per_euro: crate::agents::USD_CENTS_PER_EURO,
        counts,
        measured,
        files: &files,
        digest: &digest,
    };
    let mut file = HashedFile::create(&settings.out, MANIFEST)?;
    serde_json::to_writer_pretty(&mut file, &manifest).map_err(|e| SimulateError::io(file.path())(e.into()))?;
    file.put(b"\n")?;
    file.close(0)?;
    Ok(digest)
}
