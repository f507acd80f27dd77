//! GraphSense ActorPacks: who stands behind the actor ids of TagPacks.
//!
//! Source: `actorpack_schema.yaml` of graphsense-tagpack-tool.

use super::ImportOptions;
use super::builder::{Builder, Given, PackHeader};
use super::source::Source;
use super::tagpack::{as_text, series_of};
use super::yaml::{self, Node};
use crate::defect::DefectKind;
use crate::error::LabelError;
use crate::label::Claim;
use crate::pack::{Actor, Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::Scheme;
use athar_types::{Basis, Category};
use std::collections::HashMap;

const HEADER: [&str; 6] = ["title", "creator", "description", "is_public", "lastmod", "actors"];
const ACTOR: [&str; 8] = ["id", "label", "uri", "lastmod", "categories", "jurisdictions", "context", "aliases"];

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let root = yaml::read(source, options.limits.depth_max)?;
    let malformed = |node: &Node<'_>, message: &str| source.malformed(node.line, node.column, message);
    let entries = root.entries().ok_or_else(|| malformed(&root, "not a map of fields"))?;
    let header: HashMap<&str, &Node<'_>> =
        entries.iter().map(|(key, value)| (key.text().unwrap_or_default(), value)).collect();
    let actors = *header.get("actors").ok_or_else(|| malformed(&root, "no actors"))?;
    let Some(actors) = actors.items().or_else(|| actors.is_null().then_some(&[])) else {
        return Err(malformed(actors, "actors are not a list"));
    };
    let text = |name: &str| header.get(name).and_then(|node| node.text()).map(str::to_owned);
    let (title, creator) = (text("title").unwrap_or_default(), text("creator"));
    let unknown = || entries.iter().filter(|(key, _)| !HEADER.contains(&key.text().unwrap_or_default()));
    let pack = PackHeader {
        series: series_of("actorpack", creator.as_deref(), &title, source),
        title,
        creator,
        description: text("description"),
        as_of: text("lastmod").and_then(|day| day.get(..10).and_then(|d| d.parse().ok())),
        extra: unknown().map(|(k, v)| format!("{}: {}", k.text().unwrap_or_default(), as_text(v))).collect(),
        ..PackHeader::default()
    };
    let mut builder = Builder::new(source, options, Format::ActorPack, pack);
    for name in ["title", "creator"] {
        if !header.contains_key(name) {
            builder.missing_field((root.line, 0), name);
        }
    }
    for (key, _) in unknown() {
        builder.unknown_field((key.line, key.column), key.text().unwrap_or_default());
    }
    for node in actors {
        actor(&mut builder, &header, node);
    }
    Ok(builder.finish())
}

fn actor(builder: &mut Builder<'_>, header: &HashMap<&str, &Node<'_>>, node: &Node<'_>) {
    let place = (node.line, node.column);
    let given = || {
        let claim = Claim::new("", vec![Category::Unknown], Basis::ThirdPartyClaim);
        Given { line: node.line, place, claim, context: None }
    };
    let Some(entries) = node.entries() else {
        let message = "an actor that is not a map of fields; kept as written, in quarantine";
        return builder.broken(given(), &as_text(node), DefectKind::Shape, message);
    };
    let own: HashMap<&str, &Node<'_>> =
        entries.iter().map(|(key, value)| (key.text().unwrap_or_default(), value)).collect();
    let field = |name: &str| own.get(name).copied().filter(|n| !n.is_null());
    let text = |name: &str| field(name).and_then(Node::text).map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        match field(name) {
            Some(node) => match node.items() {
                Some(items) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
                None => node.text().map(str::to_owned).into_iter().collect(),
            },
            None => Vec::new(),
        }
    };
    let Some(id) = text("id") else {
        let message = "an actor without an id; kept as written, in quarantine";
        return builder.broken(given(), &as_text(node), DefectKind::MissingField, message);
    };
    for name in ["label", "uri", "categories"] {
        if field(name).is_none() {
            builder.missing_field(place, name);
        }
    }
    for (key, _) in entries {
        let name = key.text().unwrap_or_default();
        if !ACTOR.contains(&name) {
            builder.unknown_field((key.line, key.column), name);
        }
    }
    let concepts = list("categories");
    let at = field("categories").map_or(place, |n| (n.line, n.column));
    let categories = builder.categories(at, Scheme::Graphsense, &concepts, false);
    let lastmod = field("lastmod").or_else(|| header.get("lastmod").copied().filter(|n| !n.is_null()));
    let lastmod = lastmod.and_then(|n| n.text().and_then(|day| builder.date((n.line, n.column), day)));
    let mut context = field("context").map(Node::to_json);
    // what the schema does not have is kept in the context
    let unknown: Vec<_> = entries.iter().filter(|(k, _)| !ACTOR.contains(&k.text().unwrap_or_default())).collect();
    if !unknown.is_empty() {
        let kept = context.get_or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
        if let Some(map) = kept.as_object_mut() {
            map.extend(unknown.iter().map(|(k, v)| (k.text().unwrap_or_default().to_owned(), v.to_json())));
        }
    }
    builder.actor(
        place,
        Actor {
            label: text("label").unwrap_or_else(|| id.clone()),
            id,
            uri: text("uri").filter(|uri| !uri.is_empty()),
            concepts,
            categories,
            jurisdictions: list("jurisdictions"),
            aliases: list("aliases"),
            lastmod,
            context: context.map(|json| json.to_string()),
            line: node.line,
        },
    );
}
