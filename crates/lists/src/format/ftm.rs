//! `FollowTheMoney` entities, a JSON object a line, as `OpenSanctions` publishes them (`entities.ftm.json`), nested or not.
//!
//! Schema: the `FollowTheMoney` model. Persons, organisations, vessels and aircraft are entries; wallets, documents and
//! sanctions belong to the entry that they name, wherever they stand in the file. A file cut off inside a line is refused.

use super::words::{birth, identifier_kind};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, Wallet, add, joined};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Deserialize)]
struct Object {
    id: String,
    schema: String,
    #[serde(default)]
    caption: Option<String>,
    #[serde(default)]
    datasets: Vec<String>,
    #[serde(default)]
    last_change: Option<String>,
    #[serde(default)]
    properties: BTreeMap<String, Vec<Value>>,
}

impl Object {
    fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.properties.get(name).into_iter().flatten().filter_map(|value| match value {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => object.get("id").and_then(Value::as_str),
            _ => None,
        })
    }

    fn first(&self, name: &str) -> &str {
        self.texts(name).next().unwrap_or_default()
    }
}

fn kind(schema: &str) -> Option<EntryKind> {
    Some(match schema {
        "Person" => EntryKind::Person,
        "Organization" | "LegalEntity" | "Company" | "PublicBody" => EntryKind::Organisation,
        "Vessel" => EntryKind::Vessel,
        "Airplane" => EntryKind::Aircraft,
        _ => return None,
    })
}

/// Properties that are identifiers, with their kind.
const IDENTIFIERS: [(&str, &str); 12] = [
    ("passportNumber", "passport"),
    ("idNumber", "national_id"),
    ("socialSecurityNumber", "national_id"),
    ("taxNumber", "tax_id"),
    ("innCode", "tax_id"),
    ("registrationNumber", "registration"),
    ("imoNumber", "imo"),
    ("swiftBic", "swift"),
    ("leiCode", "lei"),
    ("phone", "phone"),
    ("email", "email"),
    ("website", "website"),
];

pub(super) fn read(text: Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    if !text.text.ends_with('\n') {
        return Err(text.malformed(text.text.len(), "the last line has no end: the file is cut off"));
    }
    let mut collector = Collector::default();
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut parts: Vec<(u32, Object)> = Vec::new();
    let mut datasets: Vec<String> = Vec::new();
    let mut byte = 0;
    for (i, line) in text.text.split_inclusive('\n').enumerate() {
        let number = i as u32 + 1;
        if !line.trim().is_empty() {
            let object = object(line).map_err(|(column, message)| text.malformed(byte + column, message))?;
            if let Some(kind) = kind(&object.schema) {
                for dataset in &object.datasets {
                    add(&mut datasets, dataset);
                }
                let entry = entry(&object, kind, number, &mut collector);
                places.entry(entry.id.clone()).or_insert(entries.len());
                entries.push(entry);
            }
            // nested wallets, documents and sanctions are parts like those on lines of their own; nested people (relatives,
            // owners) are no entries: to be named by an entry is not to be listed
            let mut queue = vec![object];
            while let Some(object) = queue.pop() {
                for value in object.properties.values().flatten().filter(|v| v.is_object()) {
                    match Object::deserialize(value) {
                        Ok(inner) => queue.push(inner),
                        Err(error) => return Err(text.malformed(byte, error)),
                    }
                }
                if kind(&object.schema).is_none() {
                    parts.push((number, object));
                }
            }
        }
        byte += line.len();
    }
    for (line, part) in &parts {
        attach(*line, part, &places, &mut entries, &mut collector);
    }
    for entry in entries {
        collector.push(entry, false);
    }
    let list = match &datasets[..] {
        [one] => format!("ftm-{}", one.replace('_', "-")),
        _ => "ftm".into(),
    };
    let title =
        format!("FollowTheMoney entities{}{}", if datasets.is_empty() { "" } else { " of " }, datasets.join(", "));
    let header = Header { list, title, format: ListFormat::FtmJson, as_of: None };
    let from = Provenance::of(&text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}

fn object(line: &str) -> Result<Object, (usize, String)> {
    serde_json::from_str(line).map_err(|error| (error.column().saturating_sub(1), format!("not an entity: {error}")))
}

fn entry(object: &Object, kind: EntryKind, line: u32, collector: &mut Collector) -> ListEntry {
    let mut entry = ListEntry::new(object.id.clone(), kind, line);
    let caption = object.caption.as_deref().unwrap_or_default();
    entry.name(caption, NameKind::Primary, Quality::Unstated);
    for (property, kind, quality) in [
        ("name", NameKind::Primary, Quality::Unstated),
        ("alias", NameKind::Alias, Quality::Unstated),
        ("weakAlias", NameKind::Alias, Quality::Low),
        ("previousName", NameKind::Former, Quality::Unstated),
    ] {
        for text in object.texts(property) {
            // the model gives every spelling as a name; one is the caption
            let is_other = kind == NameKind::Primary && !entry.names.is_empty();
            entry.name(text, if is_other && text != caption { NameKind::Alias } else { kind }, quality);
        }
    }
    for text in object.texts("birthDate") {
        if let Some(born) = birth(text) {
            if born.from.is_none() {
                collector.report.defect(line, &entry.id, ListDefectKind::Date, text);
            }
            entry.births.push(born);
        }
    }
    for property in ["nationality", "citizenship", "country", "jurisdiction"] {
        object.texts(property).for_each(|t| add(&mut entry.countries, t));
    }
    object.texts("birthPlace").for_each(|t| add(&mut entry.birth_places, t));
    object.texts("address").for_each(|t| add(&mut entry.addresses, t));
    for property in ["programId", "program"] {
        object.texts(property).for_each(|t| add(&mut entry.programs, t));
    }
    for (property, kind) in IDENTIFIERS {
        object.texts(property).for_each(|t| entry.identifier(kind, t, None, None));
    }
    entry.remarks = Some(joined(object.texts("notes"), " ")).filter(|t| !t.is_empty());
    entry.updated_on = object.last_change.as_deref().and_then(crate::date::day);
    const READ: [&str; 15] = [
        "name",
        "alias",
        "weakAlias",
        "previousName",
        "birthDate",
        "nationality",
        "citizenship",
        "country",
        "jurisdiction",
        "birthPlace",
        "address",
        "programId",
        "program",
        "notes",
        "sanctions",
    ];
    for property in object.properties.keys() {
        if !READ.contains(&property.as_str()) && !IDENTIFIERS.iter().any(|(name, _)| name == property) {
            object.texts(property).for_each(|t| entry.detail(property, t));
        }
    }
    entry
}

fn attach(
    line: u32,
    part: &Object,
    places: &HashMap<String, usize>,
    entries: &mut [ListEntry],
    collector: &mut Collector,
) {
    let owners = ["holder", "owner", "entity", "addressEntity", "person"].map(|name| part.first(name));
    let owner = owners.into_iter().find(|o| !o.is_empty()).unwrap_or_default();
    let Some(entry) = places.get(owner).map(|i| &mut entries[*i]) else {
        if matches!(part.schema.as_str(), "CryptoWallet" | "Passport" | "Identification" | "Sanction") {
            collector.report.defect(line, &part.id, ListDefectKind::Orphan, owner);
        }
        return;
    };
    match part.schema.as_str() {
        "CryptoWallet" => {
            for address in part.texts("publicKey") {
                let asset = part.first("currency").to_owned();
                entry.wallets.push(Wallet { asset, address: address.into(), line });
            }
            for number in part.texts("accountId") {
                entry.identifier("account", number, None, Some(part.first("currency")));
            }
        }
        "Passport" | "Identification" => {
            let words = if part.schema == "Passport" { "passport" } else { part.first("type") };
            let kind = identifier_kind(words);
            entry.identifier(kind, part.first("number"), Some(part.first("country")), Some(part.first("type")));
        }
        "Sanction" => {
            part.texts("programId").chain(part.texts("program")).for_each(|p| add(&mut entry.programs, p));
            let mut date = |name: &str| {
                let text = part.texts(name).next()?;
                collector.day(line, &entry.id, text)
            };
            let (listed, started, ended) = (date("listingDate"), date("startDate"), date("endDate"));
            let day = listed.or(started);
            entry.listed_on = [entry.listed_on, day].into_iter().flatten().min();
            entry.delisted_on = entry.delisted_on.max(ended);
            part.texts("authorityId").for_each(|t| entry.detail("authority_id", t));
        }
        _ => part.texts("full").for_each(|t| add(&mut entry.addresses, t)),
    }
}
