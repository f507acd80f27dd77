//! Publications: every sighting of an address, with where it stood and what its passage asks.

use crate::Engine;
use crate::error::EngineError;
use crate::read::open_sightings;
use athar_patterns::Publication;
use athar_sightings::{Params, Query, Sighting};
use athar_types::{Chain, UnixTime};
use serde::Deserialize;

/// Publications that a run reads: the newest recorded beyond are left out.
const PUBLICATIONS_MAX: usize = 1_000_000;

/// A reason of a score, as a sighting keeps it.
#[derive(Deserialize)]
struct Reason {
    kind: String,
    #[serde(default)]
    points: i64,
}

/// Every publication of an address, of whatever chain; those of the engine's chain with their number there.
pub(super) fn publications(engine: &Engine) -> Result<Vec<Publication>, EngineError> {
    let Some(store) = open_sightings(&engine.folder)? else { return Ok(Vec::new()) };
    let mut query = Query { kind: Some("address".into()), ..Query::default() };
    let quoting = i64::from(Params::default().quoting_points);
    let mut found = Vec::new();
    loop {
        let page = store.sightings(&query)?;
        found.extend(page.sightings.iter().filter_map(|seen| publication(engine, seen, quoting)));
        match page.next {
            Some(next) if found.len() < PUBLICATIONS_MAX => query.after = next,
            _ => break,
        }
    }
    found.sort_by(|a, b| (&a.text, a.time, &a.item, &a.place).cmp(&(&b.text, b.time, &b.item, &b.place)));
    Ok(found)
}

fn publication(engine: &Engine, seen: &Sighting, quoting: i64) -> Option<Publication> {
    let own = |chain: Chain| super::is_alike(chain, engine.chain);
    let (_, text) = seen.chains.iter().find(|(chain, _)| own(*chain)).or(seen.chains.first())?;
    let address = seen.chains.iter().filter(|(chain, _)| own(*chain)).find_map(|(_, text)| engine.number_of(text));
    let reasons: Vec<Reason> = serde_json::from_str(&seen.reasons).unwrap_or_default();
    let points = |kinds: &[&str]| {
        let sum: i64 = reasons.iter().filter(|r| kinds.contains(&r.kind.as_str())).map(|r| r.points.max(0)).sum();
        u8::try_from(sum).unwrap_or(u8::MAX)
    };
    // a message is a document of its own
    let item = match &seen.message {
        Some(message) => format!("item {} message {message}", seen.item.0),
        None => format!("item {}", seen.item.0),
    };
    Some(Publication {
        address,
        text: text.clone(),
        item,
        place: seen.channel.clone().or_else(|| seen.site.clone()).unwrap_or_default(),
        time: UnixTime(u32::try_from(seen.time.max(0)).unwrap_or(u32::MAX)),
        solicitation: seen.score,
        solicits: seen.solicits,
        is_quoted: !seen.solicits && seen.against <= -quoting,
        claims_aid: reasons.iter().any(|r| r.kind == "charity" && r.points < 0),
        asks: points(&["donation"]),
        cause: points(&["cause", "group"]),
        is_proved: seen.proof == "checksum",
    })
}
