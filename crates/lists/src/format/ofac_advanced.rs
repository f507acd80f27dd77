//! OFAC's Advanced Sanctions Data Model: `sdn_advanced.xml` and `cons_advanced.xml`.
//!
//! Schema: OFAC's "Explanatory Documentation for Advanced Sanctions Data Model format" and its XSD. Parties refer to
//! tables of reference values, locations and documents that come before them; the listing itself comes after them.
//! Meanings are taken from the texts of the reference values, never from their numbers.

use super::words::{birth_of, entry_kind, identifier_kind};
use super::{Collector, Header, ReadOptions};
use crate::date::PartialDay;
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, Wallet, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::xml::{Element, Xml};
use athar_types::Day;
use std::collections::HashMap;
use std::path::Path;

/// Reference values by kind and number, and the number that a value refers to.
#[derive(Default)]
struct Tables {
    values: HashMap<(String, String), (String, String)>,
    locations: HashMap<String, String>,
    documents: HashMap<String, Vec<Element>>,
}

impl Tables {
    fn value(&self, kind: &str, id: &str) -> &str {
        self.values.get(&(kind.into(), id.into())).map_or("", |(text, _)| text)
    }
}

pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let mut xml = Xml::open(path, &options.limits)?;
    xml.root()?;
    let mut tables = Tables::default();
    let mut collector = Collector::default();
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut as_of = None;
    let mut lists: Vec<String> = Vec::new();
    let wanted = |path: &[String]| match path {
        [_, section] => section == "DateOfIssue",
        [_, section, _] => section != "ReferenceValueSets",
        [_, section, _, _] => section == "ReferenceValueSets",
        _ => false,
    };
    while let Some(element) = xml.next(wanted)? {
        match element.name.as_str() {
            "DateOfIssue" => as_of = date_of(&element).and_then(PartialDay::day),
            "Location" => {
                let text = location(&element, &tables);
                tables.locations.insert(element.attribute("ID").into(), text);
            }
            "IDRegDocument" => {
                tables.documents.entry(element.attribute("IdentityID").into()).or_default().push(element);
            }
            "DistinctParty" => {
                for profile in element.all("Profile") {
                    let entry = party(&element, profile, &tables, &mut collector);
                    places.insert(profile.attribute("ID").into(), entries.len());
                    entries.push(entry);
                }
            }
            "SanctionsEntry" => {
                let list = tables.value("List", element.attribute("ListID"));
                add(&mut lists, list);
                let profile = element.attribute("ProfileID");
                match places.get(profile) {
                    Some(i) => listing(&mut entries[*i], &element, &tables, &mut collector),
                    None => collector.report.defect(element.line, profile, ListDefectKind::Orphan, profile),
                }
            }
            "ProfileRelationship" => {
                let kind = tables.value("RelationType", element.attribute("RelationTypeID"));
                let to = element.attribute("To-ProfileID");
                if let Some(i) = places.get(element.attribute("From-ProfileID")) {
                    entries[*i].detail("relation", &format!("{kind} {to}"));
                }
            }
            name => {
                let value = (tidy(&element.text), element.attribute("PartyTypeID").to_owned());
                tables.values.insert((name.into(), element.attribute("ID").into()), value);
            }
        }
    }
    for entry in entries {
        collector.push(entry, false);
    }
    let is_sdn = lists.is_empty() || lists.iter().any(|l| l.contains("SDN List") && !l.contains("Non-SDN"));
    let (list, title) = if is_sdn {
        ("us-ofac-sdn", "OFAC Specially Designated Nationals List")
    } else {
        ("us-ofac-cons", "OFAC Consolidated Sanctions List (non-SDN)")
    };
    let header = Header { list: list.into(), title: title.into(), format: ListFormat::OfacAdvancedXml, as_of };
    Ok(collector.finish(header, xml.provenance().into(), options))
}

fn date_of(element: &Element) -> Option<PartialDay> {
    let part = |name: &str| element.text_of(name).parse::<u16>().ok();
    let (year, month, day) = (part("Year")?, part("Month"), part("Day"));
    match (month, day) {
        (Some(m), Some(d)) => PartialDay::of_day(year, u32::from(m), u32::from(d)),
        (Some(m), None) => PartialDay::of_month(year, u32::from(m)),
        _ => PartialDay::of_year(year),
    }
}

fn location(element: &Element, tables: &Tables) -> String {
    let parts = element.deep("Value");
    let country = element.child("LocationCountry").map_or("", |c| tables.value("Country", c.attribute("CountryID")));
    joined(parts.iter().map(|v| v.text.as_str()).chain([country]), ", ")
}

fn party(party: &Element, profile: &Element, tables: &Tables, collector: &mut Collector) -> ListEntry {
    let sub_type = profile.attribute("PartySubTypeID");
    let (sub, of) = tables.values.get(&("PartySubType".into(), sub_type.into())).cloned().unwrap_or_default();
    let kind = match entry_kind(&sub) {
        EntryKind::Other => entry_kind(tables.value("PartyType", &of)),
        known => known,
    };
    let mut entry = ListEntry::new(party.attribute("FixedRef"), kind, party.line);
    entry.remarks = Some(tidy(party.text_of("Comment"))).filter(|t| !t.is_empty());
    for identity in profile.all("Identity") {
        let mut groups: HashMap<&str, &str> = HashMap::new();
        for group in identity.deep("NamePartGroup") {
            groups.insert(group.attribute("ID"), tables.value("NamePartType", group.attribute("NamePartTypeID")));
        }
        for alias in identity.all("Alias") {
            names(&mut entry, alias, tables);
        }
        for document in tables.documents.get(identity.attribute("ID")).into_iter().flatten() {
            let words = tables.value("IDRegDocType", document.attribute("IDRegDocTypeID"));
            let country = tables.value("Country", document.attribute("IssuedBy-CountryID"));
            let note = joined([words, document.text_of("Comment"), document.text_of("IssuingAuthority")], ", ");
            let number = document.text_of("IDRegistrationNo");
            entry.identifier(identifier_kind(words), number, Some(country), Some(&note));
        }
    }
    for feature in profile.all("Feature") {
        let kind = tables.value("FeatureType", feature.attribute("FeatureTypeID"));
        for version in feature.all("FeatureVersion") {
            add_feature(&mut entry, kind, version, tables, collector);
        }
    }
    entry
}

fn names(entry: &mut ListEntry, alias: &Element, tables: &Tables) {
    let is_primary = alias.attribute("Primary") == "true";
    let kind = match tables.value("AliasType", alias.attribute("AliasTypeID")) {
        _ if is_primary => NameKind::Primary,
        "F.K.A." => NameKind::Former,
        _ => NameKind::Alias,
    };
    let quality = match alias.attribute("LowQuality") {
        "true" => Quality::Low,
        "false" if !is_primary => Quality::Good,
        _ => Quality::Unstated,
    };
    for name in alias.all("DocumentedName") {
        let parts = name.deep("NamePartValue");
        let is_latin =
            parts.iter().all(|part| matches!(tables.value("Script", part.attribute("ScriptID")), "" | "Latin"));
        let kind = if is_latin { kind } else { NameKind::OriginalScript };
        entry.name(&joined(parts.iter().map(|p| p.text.as_str()), " "), kind, quality);
    }
}

fn add_feature(entry: &mut ListEntry, kind: &str, version: &Element, tables: &Tables, collector: &mut Collector) {
    let place = version.all("VersionLocation").map(|l| tables.locations.get(l.attribute("LocationID")));
    let place = joined(place.flatten().map(String::as_str), "; ");
    let details = version.all("VersionDetail").map(|detail| {
        let reference = tables.value("DetailReference", detail.attribute("DetailReferenceID"));
        joined([detail.text.as_str(), reference], " ")
    });
    let details: Vec<String> = details.filter(|d| !d.is_empty()).collect();
    let comment = version.text_of("Comment");
    let text = joined(details.iter().map(String::as_str).chain([place.as_str(), comment]), ", ");
    if let Some(asset) = kind.strip_prefix("Digital Currency Address") {
        let asset = asset.trim_start_matches([' ', '-']);
        if details.len() != 1 {
            collector.report.defect(version.line, &entry.id, ListDefectKind::Form, &text);
        }
        for address in details {
            entry.wallets.push(Wallet { asset: asset.into(), address, line: version.line });
        }
        return;
    }
    match kind {
        "Birthdate" => {
            let Some(period) = version.child("DatePeriod") else {
                entry.detail("birthdate", &text);
                return;
            };
            let end = |side: &str, part: &str| period.child(side).and_then(|s| s.child(part)).and_then(date_of);
            let (from, to) = (end("Start", "From"), end("End", "To").or_else(|| end("End", "From")));
            let circa = period.children.iter().any(|side| side.attribute("Approximate") == "true");
            let (from, to) = narrowed(from, to);
            let written = joined(
                [
                    from.map(|d| d.to_string()).unwrap_or_default().as_str(),
                    to.filter(|to| Some(*to) != from).map(|d| d.to_string()).unwrap_or_default().as_str(),
                ],
                " to ",
            );
            if from.is_none() {
                collector.report.defect(version.line, &entry.id, ListDefectKind::Date, &text);
            }
            entry.births.push(birth_of(from, to, circa, &written));
        }
        "Place of Birth" => add(&mut entry.birth_places, &text),
        "Nationality Country" | "Citizenship Country" | "Nationality of Registration" => {
            add(&mut entry.countries, &text);
        }
        "Location" => add(&mut entry.addresses, &text),
        _ => match identifier_kind(kind) {
            "other" | "registration" | "national_id" => entry.detail(kind, &text),
            known => entry.identifier(known, &text, None, Some(kind)),
        },
    }
}

/// A period of a whole year or month is written from its first to its last day: given as that year or month.
fn narrowed(from: Option<PartialDay>, to: Option<PartialDay>) -> (Option<PartialDay>, Option<PartialDay>) {
    let (Some(a), Some(b)) = (from, to) else { return (from, to.or(from)) };
    let whole_year =
        a.year == b.year && (a.month, a.day) == (Some(1), Some(1)) && (b.month, b.day) == (Some(12), Some(31));
    if whole_year {
        let year = PartialDay::of_year(a.year);
        return (year, year);
    }
    let last = |d: PartialDay| d.day().is_some_and(|day| Day(day.0 + 1).ymd().2 == 1);
    if (a.year, a.month) == (b.year, b.month) && a.day == Some(1) && last(b) {
        let month = PartialDay::of_month(a.year, u32::from(a.month.unwrap_or_default()));
        return (month, month);
    }
    (from, to)
}

fn listing(entry: &mut ListEntry, element: &Element, tables: &Tables, collector: &mut Collector) {
    for event in element.all("EntryEvent") {
        let kind = tables.value("EntryEventType", event.attribute("EntryEventTypeID")).to_lowercase();
        let day = event.child("Date").and_then(date_of).and_then(PartialDay::day);
        if day.is_none() {
            collector.report.defect(event.line, &entry.id, ListDefectKind::Date, &kind);
        }
        // a party may stand on the list under several programmes: its listing is the earliest
        match kind.as_str() {
            "created" => entry.listed_on = [entry.listed_on, day].into_iter().flatten().min(),
            "removed" | "deleted" => entry.delisted_on = day,
            _ => entry.updated_on = entry.updated_on.max(day),
        }
        entry.detail("legal_basis", tables.value("LegalBasis", event.attribute("LegalBasisID")));
    }
    for measure in element.all("SanctionsMeasure") {
        let kind = tables.value("SanctionsType", measure.attribute("SanctionsTypeID"));
        let comment = measure.text_of("Comment");
        match kind {
            "Program" => add(&mut entry.programs, comment),
            _ => entry.detail("measure", &joined([kind, comment], ": ")),
        }
    }
}
