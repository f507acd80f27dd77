//! Names on labels that are like listed ones, with what else agrees. A label that comes from a list itself says nothing new, and
//! a service is no person; and where a label gives nothing besides the name, no second attribute can agree.

use crate::Engine;
use crate::error::EngineError;
use crate::names::{NameScreener, Query, Session, Wanted};
use athar_labels::Label;
use athar_names::{Agreement, Facts};
use athar_patterns::NameHit;
use athar_types::Basis;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Different names that a run screens; of more the first count.
const NAMES_MAX: usize = 20_000;
/// Listed subjects kept of a name.
const TOP: usize = 3;
/// Hits that a run keeps.
const HITS_MAX: usize = 100_000;

/// A name with what is known besides it, and where it stands.
struct Asked<'a> {
    facts: Facts,
    on: Vec<(u32, &'a Label)>,
}

/// The hits of names on labels of the engine's chain, by address and entry.
pub(super) fn names(engine: &Engine) -> Result<Vec<NameHit>, EngineError> {
    let mut asked: FxHashMap<(&str, String), Asked<'_>> = FxHashMap::default();
    let is_official = |basis| matches!(basis, Basis::Designation | Basis::SeizureOrder);
    for label in engine.labels.iter().filter(|l| l.is_accepted() && l.chain == Some(engine.chain)) {
        if label.is_service() || is_official(label.basis) {
            continue;
        }
        let mut facts = facts_of(label);
        if facts == Facts::default() {
            continue;
        }
        let Some(address) = engine.number_of(&label.text) else { continue };
        // an address on the list's entry is a number that agrees
        facts.identifiers.push(label.text.to_string());
        let full = asked.len() >= NAMES_MAX;
        let key = (label.name.as_str(), format!("{facts:?}"));
        if !full || asked.contains_key(&key) {
            asked.entry(key).or_insert_with(|| Asked { facts, on: Vec::new() }).on.push((address, label));
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let screener = match NameScreener::open(&engine.folder, &[]) {
        Ok(screener) => screener,
        Err(EngineError::NoLists) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let wanted = Wanted { top: TOP, ..Wanted::default() };
    let asked: Vec<_> = asked.into_iter().collect();
    let screen = |session: &mut Session, ((name, _), Asked { facts, on }): &((&str, String), Asked<'_>)| {
        let query = Query { name: (*name).to_owned(), facts: facts.clone() };
        let hits = screener.screen(&query, &wanted, session);
        let of = |hit: &crate::names::Hit| {
            let (agrees, against) = attributes(hit);
            let hit_on = |(address, label): &(u32, &Label)| NameHit {
                address: Some(*address),
                name: (*name).to_owned(),
                listed: hit.matched_name.clone(),
                entry: format!("{} {}", hit.list, hit.id),
                score_permille: permille(hit.score),
                attributes: agrees.clone(),
                found_in: format!("{} line {}", label.pack.title, label.line),
                against: against.clone(),
                name_latin: hit.why.query_latin.clone(),
                listed_latin: hit.why.listed_latin.clone(),
                is_weak: hit.weak_alias,
            };
            on.iter().map(hit_on).collect::<Vec<_>>()
        };
        // a name alone is no hit of the typology
        hits.iter().filter(|hit| !attributes(hit).0.is_empty()).flat_map(of).collect::<Vec<_>>()
    };
    let mut found: Vec<NameHit> = asked.par_iter().map_init(Session::default, screen).flatten().collect();
    found.sort_by(|a, b| (a.address, &a.entry, &a.name).cmp(&(b.address, &b.entry, &b.name)));
    found.dedup_by(|a, b| (a.address, &a.entry, &a.name) == (b.address, &b.entry, &b.name));
    found.truncate(HITS_MAX);
    Ok(found)
}

/// A score of 0 to 1 in thousandths.
fn permille(score: f32) -> u32 {
    // scores are rounded to thousandths and lie between 0 and 1
    (score * 1_000.0).round().clamp(0.0, 1_000.0) as u32
}

/// What agrees and what contradicts. Numbers of different kinds differ always, so that only one that is the same says anything.
fn attributes(hit: &crate::names::Hit) -> (Vec<String>, Vec<String>) {
    let facts = &hit.why.facts;
    let told = [("birth_date", facts.born), ("nationality", facts.country), ("document", facts.identifier)];
    let agrees = told.iter().filter(|(_, how)| *how == Agreement::Same).map(|(name, _)| (*name).to_owned());
    let differs = |(name, how): &&(&str, Agreement)| *how == Agreement::Different && *name != "document";
    (agrees.collect(), told.iter().filter(differs).map(|(name, _)| (*name).to_owned()).collect())
}

/// What a label says of a person besides the name: its country, and the fields that its file had beyond the known ones.
fn facts_of(label: &Label) -> Facts {
    let mut facts = Facts { countries: label.country.iter().cloned().collect(), ..Facts::default() };
    for (key, value) in label.extra.iter().filter_map(|field| field.split_once(':')) {
        let (key, value) = (key.trim().to_lowercase(), value.trim());
        if ["birth", "born", "dob"].iter().any(|word| key.contains(word)) {
            facts.born.extend(Facts::years(value));
        } else if ["passport", "national_id", "identity", "document"].iter().any(|word| key.contains(word)) {
            facts.identifiers.push(value.to_owned());
        } else if key.contains("nationality") {
            facts.countries.push(value.to_owned());
        }
    }
    facts
}
