//! What is done with recorded sightings: shown whole, deleted, exported, laid over the chain.

use crate::Outcome;
use crate::args::ExportForm;
use crate::printer::Printer;
use anyhow::Context;
use athar_engine::read::{self, CampaignView, open_sightings};
use athar_engine::sightings::export::{StixOptions, TagRow, stix_bundle, tag_rows};
use athar_engine::sightings::{ItemId, Sightings};
use athar_engine::{Chain, Engine, EngineError, Options};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What is asked of the store of sightings, or the error that says how to get one.
pub(crate) fn recorded<T>(view: Option<T>) -> anyhow::Result<T> {
    view.context("nothing was recorded yet; `athar discover --record PATH...` does")
}

fn opened(store: &Path) -> anyhow::Result<Sightings> {
    recorded(open_sightings(store)?)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() as i64)
}

/// Whoever runs the program, where no name was given.
fn operator(named: Option<&str>) -> String {
    let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
    named.map(str::to_owned).or_else(user).unwrap_or_else(|| "unknown".into())
}

/// Writes the kept copy of a document.
pub(crate) fn original(
    store: &Path,
    item: u64,
    out: &Path,
    named: Option<&str>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let store = opened(store)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(out)
        .with_context(|| format!("cannot write {}", out.display()))?;
    let found = store.original(ItemId(item), now(), &operator(named));
    let Some(bytes) = found.inspect_err(|_| drop(std::fs::remove_file(out)))? else {
        std::fs::remove_file(out)?;
        printer.note(&format!("of document {item} no copy is kept"));
        return Ok(Outcome::Nothing);
    };
    file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(|| format!("cannot write {}", out.display()))?;
    printer.note(&format!("{} bytes written to {}; secrets are removed from them", bytes.len(), out.display()));
    Ok(Outcome::Done)
}

pub(crate) fn delete(
    store: &Path,
    items: &[u64],
    reason: &str,
    named: Option<&str>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let store = opened(store)?;
    let items: Vec<ItemId> = items.iter().copied().map(ItemId).collect();
    let deleted = store.delete(&items, now(), &operator(named), reason)?;
    printer.note(&format!("{deleted} of {} documents deleted, their keys destroyed", items.len()));
    Ok(if deleted == items.len() as u64 { Outcome::Done } else { Outcome::Nothing })
}

pub(crate) fn export(
    store: &Path,
    format: ExportForm,
    min_score: Option<u8>,
    creator: &str,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let store = opened(store)?;
    let (mut found, material) = read::recorded_campaigns(&store)?;
    found.campaigns.retain(|campaign| min_score.is_none_or(|min| campaign.score_max >= min));
    if found.campaigns.is_empty() {
        printer.note("no campaign: nothing that was recorded solicits and has an address");
        return Ok(Outcome::Nothing);
    }
    let details = format!("{} campaigns as {format:?} by {creator}", found.campaigns.len());
    // before it leaves: an export that is not in the log must not exist
    store.log_export(now(), creator, None, &details)?;
    let text = match format {
        ExportForm::Stix => {
            let options = StixOptions { now: now(), producer: creator, tlp: None, personal: false };
            let bundle = stix_bundle(&found.campaigns, &material.items, &[], options);
            serde_json::to_string_pretty(&bundle)? + "\n"
        }
        ExportForm::Tagpack => tagpack(creator, &tag_rows(&found.campaigns, &material.items))?,
    };
    printer.data(&text)?;
    Ok(Outcome::Done)
}

/// Rows as a GraphSense TagPack. Every text is a JSON string, which YAML reads as it is.
fn tagpack(creator: &str, rows: &[TagRow]) -> anyhow::Result<String> {
    let quoted = |text: &str| serde_json::to_string(text);
    let mut out = format!(
        "title: {}\ncreator: {}\ntags:\n",
        quoted("Addresses published in appeals for money, as sighted by Athar")?,
        quoted(creator)?
    );
    for row in rows {
        let Some(chain) = Chain::from_name(&row.chain) else { continue };
        let symbol = athar_engine::Asset::coin_of(chain).symbol();
        out.push_str(&format!("- address: {}\n  currency: {symbol}\n  network: {symbol}\n", quoted(&row.address)?));
        out.push_str(&format!("  label: {}\n", quoted(&row.label)?));
        out.push_str(&format!("  source: {}\n", quoted(row.source.as_deref().unwrap_or("a document without a URI"))?));
        out.push_str(&format!("  lastmod: {}\n  context: {}\n", row.lastmod, quoted(&row.context)?));
    }
    Ok(out)
}

/// A campaign with what its addresses received: each chain of the store is opened when it is first asked.
pub(crate) fn campaign(
    store: &Path,
    open: &Options,
    named: &str,
    unmasked: bool,
) -> anyhow::Result<Option<CampaignView>> {
    // a store of sightings need not have a chain
    let held = Engine::chains_held(store).unwrap_or_default();
    let mut engines: HashMap<Chain, Arc<Engine>> = HashMap::new();
    let mut engine_of = |chain: Chain| -> Result<Option<Arc<Engine>>, EngineError> {
        if !held.contains(&chain) {
            return Ok(None);
        }
        if let Some(engine) = engines.get(&chain) {
            return Ok(Some(Arc::clone(engine)));
        }
        let engine = Arc::new(Engine::open(store, &Options { chain: Some(chain), ..open.clone() })?);
        engines.insert(chain, Arc::clone(&engine));
        Ok(Some(engine))
    };
    let view = recorded(open_sightings(store)?.map(drop))
        .and_then(|()| Ok(read::campaign_view(store, named, unmasked, &mut engine_of)?))?;
    if view.is_some() {
        // so that its id is still known when it grows into another
        let store = opened(store)?;
        let (mut found, _) = read::recorded_campaigns(&store)?;
        store.remember_campaigns(&mut found)?;
    }
    Ok(view)
}
