//! GraphSense TagPacks: every field of their schema, the header's values inherited by each tag unless it says otherwise.
//!
//! Source: `tagpack_schema.yaml` and `tagpack.py` of graphsense-tagpack-tool.

use super::ImportOptions;
use super::builder::{Builder, Given, PackHeader};
use super::plain_yaml;
use super::source::Source;
use super::subject::{Judgment, judge};
use super::yaml::{self, Node};
use crate::assets::{self, Asset};
use crate::defect::DefectKind;
use crate::error::LabelError;
use crate::export;
use crate::label::Claim;
use crate::manifest::BY_PLACE;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::Scheme;
use athar_types::Network;
use rayon::prelude::*;
use std::collections::HashMap;

/// Fields of the header that no tag has.
const HEADER: [&str; 7] = ["title", "creator", "description", "owner", "is_public", "tags", "header"];
/// Fields of a tag; the header may hold each for all tags.
const TAG: [&str; 15] = [
    "address",
    "tx_hash",
    "label",
    "source",
    "currency",
    "network",
    "context",
    "confidence",
    "is_cluster_definer",
    "lastmod",
    "category",
    "abuse",
    "concepts",
    "actor",
    "tag_type",
];

type Fields<'a> = HashMap<&'a str, &'a Node<'a>>;

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let root = match plain_yaml::read(source, "tags", options.limits.depth_max) {
        Some(root) => root,
        None => yaml::read(source, options.limits.depth_max)?,
    };
    let malformed = |node: &Node<'_>, message: &str| source.malformed(node.line, node.column, message);
    let entries = root.entries().ok_or_else(|| malformed(&root, "not a map of fields"))?;
    let mut header: Fields<'_> = HashMap::new();
    // the fields of a `header:` map count as the pack's own
    let below = entries.iter().filter(|(k, _)| k.text() == Some("header")).filter_map(|(_, v)| v.entries()).flatten();
    for (key, value) in below.chain(entries) {
        header.insert(key.text().unwrap_or_default(), value);
    }
    let tags = *header.get("tags").ok_or_else(|| malformed(&root, "no tags"))?;
    let Some(tags) = tags.items().or_else(|| tags.is_null().then_some(&[])) else {
        return Err(malformed(tags, "tags are not a list"));
    };
    let text = |name: &str| header.get(name).and_then(|node| node.text()).map(str::to_owned);
    let mut extra: Vec<String> = header
        .iter()
        .filter(|(name, _)| matches!(**name, "owner" | "is_public") || !(HEADER.contains(name) || TAG.contains(name)))
        .map(|(name, node)| format!("{name}: {}", as_text(node)))
        .collect();
    extra.sort_unstable();
    let (title, creator) = (text("title").unwrap_or_default(), text("creator"));
    let pack = PackHeader {
        series: series_of("tagpack", creator.as_deref(), &title, source),
        title,
        creator,
        description: text("description"),
        part: None,
        as_of: text("lastmod").and_then(|day| day.get(..10).and_then(|d| d.parse().ok())),
        extra,
        source: text("source"),
    };
    let mut builder = Builder::new(source, options, Format::TagPack, pack);
    for name in ["title", "creator"] {
        if !header.contains_key(name) {
            builder.missing_field((root.line, 0), name);
        }
    }
    let mut unknown: Vec<(&str, &Node<'_>)> =
        header.iter().filter(|(n, _)| !HEADER.contains(n) && !TAG.contains(n)).map(|(n, v)| (*n, *v)).collect();
    unknown.sort_unstable_by_key(|(_, node)| (node.line, node.column));
    for (name, node) in unknown {
        builder.unknown_field((node.line, node.column), name);
    }
    for some in tags.chunks(TAGS_AT_ONCE) {
        // checking an address costs most of a tag, and needs nothing of the others
        let judgments: Vec<Option<Judgment>> =
            some.par_iter().map(|node| judgment(&header, node, options.network)).collect();
        for (node, judgment) in some.iter().zip(judgments) {
            tag(&mut builder, &header, node, judgment);
        }
    }
    Ok(builder.finish())
}

/// Tags whose addresses are checked before the first of them is taken.
const TAGS_AT_ONCE: usize = 1 << 16;

/// What a tag's address turns out to be, where it has one.
fn judgment(header: &Fields<'_>, node: &Node<'_>, network: Network) -> Option<Judgment> {
    let entries = node.entries()?;
    let own = |name: &str| entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value);
    let field = |name: &str| own(name).or_else(|| header.get(name).copied()).filter(|n| !n.is_null());
    let text = field("address")?.text()?.trim_end_matches(['\r', '\n']);
    Some(judge(text, &asset_of(&field), network, false))
}

/// The asset that a tag names.
fn asset_of<'a>(field: &impl Fn(&str) -> Option<&'a Node<'a>>) -> Asset {
    match field("network").or_else(|| field("currency")).and_then(Node::text) {
        Some(name) => assets::asset(name),
        None => Asset::Unstated,
    }
}

/// One tag, its own fields before the header's. `judgment`: that over its address.
fn tag(builder: &mut Builder<'_>, header: &Fields<'_>, node: &Node<'_>, judgment: Option<Judgment>) {
    let place = (node.line, node.column);
    let Some(entries) = node.entries() else {
        let claim = Claim::new("", vec![athar_types::Category::Unknown], builder.basis("").basis);
        let given = Given { line: node.line, place, claim, context: None };
        return builder.broken(given, &as_text(node), DefectKind::Shape, "a tag that is not a map of fields");
    };
    // a tag has few fields: looking through them costs less than a map
    let own = |name: &str| entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value);
    let mut extra = Vec::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if !TAG.contains(&name) {
            builder.unknown_field((key.line, key.column), name);
            extra.push(format!("{name}: {}", as_text(value)));
        }
    }
    let field = |name: &str| own(name).or_else(|| header.get(name).copied()).filter(|n| !n.is_null());
    let mut claim = claim(builder, place, &field);
    let context = field("context").map(|node| node.text().map_or_else(|| node.to_json().to_string(), str::to_owned));
    let context = context.and_then(|text| export::take_own(&text, &mut claim));
    claim.extra = extra;
    let subject = field("address").or_else(|| field("tx_hash"));
    let given = |claim| Given {
        line: node.line,
        place: subject.map_or(place, |at| (at.line, at.column)),
        claim,
        context: context.map(String::into_boxed_str),
    };
    match (field("address"), field("tx_hash")) {
        (Some(address), other) => {
            if let Some(other) = other {
                let message = "an address and a transaction in one tag; the transaction is kept as a note";
                builder.defect((other.line, other.column), DefectKind::Shape, &as_text(other), message);
                claim.extra.push(format!("tx_hash: {}", as_text(other)));
            }
            if let (Some(text), Some(judgment)) = (address.text(), judgment) {
                builder.judged(given(claim), text.trim_end_matches(['\r', '\n']), judgment);
            } else {
                let message = "an address that is no text; kept as written, in quarantine";
                builder.broken(given(claim), &as_text(address), DefectKind::Shape, message);
            }
        }
        (None, Some(hash)) => builder.transaction(given(claim), &as_text(hash), &asset_of(&field)),
        (None, None) => {
            builder.broken(given(claim), "", DefectKind::Empty, "a tag without address and transaction");
        }
    }
}

fn claim<'a>(builder: &mut Builder<'_>, tag: (u32, u32), field: &impl Fn(&str) -> Option<&'a Node<'a>>) -> Claim {
    let text = |name: &str| field(name).and_then(Node::text).map(str::to_owned);
    let at = |name: &str| field(name).map_or(tag, |node| (node.line, node.column));
    for name in ["label", "source", "confidence"] {
        if field(name).is_none() {
            builder.missing_field(tag, name);
        }
    }
    if field("currency").is_none() && field("network").is_none() {
        builder.missing_field(tag, "currency");
    }
    for name in ["label", "source", "currency", "network", "confidence", "category", "abuse", "actor", "tag_type"] {
        if let Some(node) = field(name)
            && node.text().is_none()
        {
            builder.defect(at(name), DefectKind::Shape, &as_text(node), format!("{name} is no text; left out"));
        }
    }
    // as GraphSense does: the list of concepts, then abuse and category unless they are in it
    let mut concepts: Vec<String> = Vec::new();
    if let Some(node) = field("concepts") {
        match node.items() {
            Some(items) => concepts.extend(items.iter().filter_map(Node::text).map(str::to_owned)),
            None => concepts.extend(node.text().map(str::to_owned)),
        }
    }
    for concept in ["abuse", "category"].into_iter().filter_map(text) {
        if !concepts.contains(&concept) {
            concepts.push(concept);
        }
    }
    let rule = builder.basis(&text("source").unwrap_or_default());
    concepts.extend(rule.implies.iter().filter(|c| !concepts.contains(c)).cloned().collect::<Vec<_>>());
    let places = ["concepts", "abuse", "category"].into_iter().find(|n| field(n).is_some()).map_or(tag, at);
    let categories = builder.categories(places, Scheme::Graphsense, &concepts, false);
    let mut claim = Claim::new(text("label").unwrap_or_default(), categories, rule.basis);
    claim.concepts = concepts;
    claim.source = text("source");
    claim.confidence = text("confidence").map(|id| builder.confidence(at("confidence"), &id));
    claim.actor = text("actor");
    claim.asset = match (text("currency"), text("network")) {
        (Some(currency), Some(network)) if currency != network => Some(format!("{currency} on {network}")),
        (currency, network) => currency.or(network),
    };
    claim.lastmod = text("lastmod").and_then(|day| builder.date(at("lastmod"), &day));
    claim.tag_type = text("tag_type");
    claim.is_cluster_definer = match text("is_cluster_definer").as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("true" | "yes" | "on") => Some(true),
        Some("false" | "no" | "off") => Some(false),
        Some(other) => {
            let message = "neither true nor false; taken as not said";
            builder.defect(at("is_cluster_definer"), DefectKind::Boolean, other, message);
            None
        }
    };
    claim
}

/// What a pack is a version of. Collections give one title to many files, so the name of the file belongs to it; a pack
/// without a title is known by its file alone.
pub(super) fn series_of(kind: &str, creator: Option<&str>, title: &str, source: &Source) -> String {
    let name = source.name();
    if title.is_empty() {
        return format!("{BY_PLACE}{name}");
    }
    format!("{kind}:{}:{title}:{name}", creator.unwrap_or_default())
}

/// A value of any shape as one text.
pub(super) fn as_text(node: &Node<'_>) -> String {
    match node.text() {
        Some(text) => text.to_owned(),
        None if node.is_null() => String::new(),
        None => node.to_json().to_string(),
    }
}
