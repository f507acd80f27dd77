//! The EU's consolidated financial sanctions list, `xmlFullSanctionsList` 1.1 (root `export`).
//!
//! Schema: the FSF's published XSD. Nearly everything stands in attributes. The list gives no day of listing unless an
//! entity carries `designationDate`; the dates of its regulations are kept as details, not taken for one.

use super::words::{birth_of, entry_kind, identifier_kind};
use super::{Collector, Header, ReadOptions};
use crate::date::{PartialDay, date};
use crate::entry::{ListEntry, NameKind, Quality, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::xml::{Element, Xml};
use std::path::Path;

pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let mut xml = Xml::open(path, &options.limits)?;
    let root = xml.root()?;
    let mut collector = Collector::default();
    while let Some(element) = xml.next(|path| path.len() == 2)? {
        if element.name == "sanctionEntity" {
            let entry = entry(&element, &mut collector);
            collector.push(entry, false);
        } else {
            collector.report.defect(element.line, "", ListDefectKind::UnknownField, &element.name);
        }
    }
    let header = Header {
        list: "eu-fsf".into(),
        title: "EU consolidated list of persons, groups and entities subject to financial sanctions".into(),
        format: ListFormat::EuXml,
        as_of: crate::date::day(root.attribute("generationDate")),
    };
    Ok(collector.finish(header, xml.provenance().into(), options))
}

fn entry(element: &Element, collector: &mut Collector) -> ListEntry {
    let line = element.line;
    let kind = element.child("subjectType").map_or("", |s| s.attribute("code"));
    let reference = tidy(element.attribute("euReferenceNumber"));
    let id = if reference.is_empty() { tidy(element.attribute("logicalId")) } else { reference };
    let mut entry = ListEntry::new(id.clone(), entry_kind(kind), line);
    entry.listed_on = collector.day(line, &id, element.attribute("designationDate"));
    for name in ["unitedNationId", "logicalId", "designationDetails"] {
        entry.detail(name, element.attribute(name));
    }
    let mut remarks = Vec::new();
    for child in &element.children {
        let get = |name: &str| child.attribute(name);
        match child.name.as_str() {
            "regulation" => {
                add(&mut entry.programs, get("programme"));
                entry.detail("regulation", &joined([get("numberTitle"), get("publicationDate")], ", "));
            }
            "subjectType" => {}
            "nameAlias" => name(&mut entry, child),
            "citizenship" => add(&mut entry.countries, get("countryDescription")),
            "birthdate" => birth(&mut entry, child, collector),
            "identification" => {
                let number = Some(get("number")).filter(|n| !n.is_empty()).unwrap_or(get("latinNumber"));
                let words = joined([get("identificationTypeCode"), get("identificationTypeDescription")], " ");
                let kind = match get("identificationTypeCode") {
                    "passport" => "passport",
                    "id" => "national_id",
                    "fiscalcode" => "tax_id",
                    "regnumber" => "registration",
                    "imo" => "imo",
                    "bic" => "swift",
                    _ => identifier_kind(&words),
                };
                let remark = joined(child.all("remark").map(|r| r.text.as_str()), "; ");
                let note = joined([get("identificationTypeDescription"), get("issuedBy"), remark.as_str()], ", ");
                entry.identifier(kind, number, Some(get("countryDescription")), Some(&note));
            }
            "address" => {
                let parts = ["street", "poBox", "zipCode", "city", "region", "place", "countryDescription"].map(get);
                let text = joined(parts.into_iter().filter(|p| *p != "UNKNOWN"), ", ");
                add(&mut entry.addresses, &text);
                for contact in child.all("contactInfo") {
                    let kind = identifier_kind(contact.attribute("key"));
                    entry.identifier(kind, contact.attribute("value"), None, Some(contact.attribute("key")));
                }
            }
            "remark" => remarks.push(tidy(&child.text)),
            name => entry.detail(name, &child.text),
        }
    }
    entry.remarks = Some(remarks.join(" ")).filter(|t| !t.trim().is_empty());
    entry
}

fn name(entry: &mut ListEntry, alias: &Element) {
    let whole = alias.attribute("wholeName");
    let parts = joined(["firstName", "middleName", "lastName"].map(|part| alias.attribute(part)), " ");
    let text = if whole.trim().is_empty() { parts.as_str() } else { whole };
    let is_latin =
        !text.chars().any(|c| c.is_alphabetic() && c >= '\u{370}' && !('\u{1e00}'..='\u{1eff}').contains(&c));
    let quality = match alias.attribute("strong") {
        "true" => Quality::Good,
        "false" => Quality::Low,
        _ => Quality::Unstated,
    };
    let kind = match entry.names.iter().any(|n| n.kind == NameKind::Primary) {
        _ if !is_latin => NameKind::OriginalScript,
        // the list's first name is the one that it files the entry under
        false if quality != Quality::Low => NameKind::Primary,
        _ => NameKind::Alias,
    };
    entry.name(text, kind, quality);
    for name in ["function", "title", "gender"] {
        entry.detail(name, alias.attribute(name));
    }
}

fn birth(entry: &mut ListEntry, element: &Element, collector: &mut Collector) {
    let get = |name: &str| element.attribute(name);
    let number = |name: &str| get(name).parse::<u16>().ok().filter(|n| *n > 0);
    let year = |name: &str| number(name).and_then(PartialDay::of_year);
    let (from, to) = if get("birthdate").is_empty() {
        let partial = match (number("year"), number("monthOfYear"), number("dayOfMonth")) {
            (Some(y), Some(m), Some(d)) => PartialDay::of_day(y, u32::from(m), u32::from(d)),
            (Some(y), Some(m), None) => PartialDay::of_month(y, u32::from(m)),
            (Some(y), None, _) => PartialDay::of_year(y),
            _ => None,
        };
        (partial.or_else(|| year("yearRangeFrom")), partial.or_else(|| year("yearRangeTo")))
    } else {
        (date(get("birthdate")), None)
    };
    let parts = ["birthdate", "year", "yearRangeFrom", "yearRangeTo"].map(get);
    let written = if parts[0].is_empty() { joined(parts, " to ") } else { parts[0].to_owned() };
    if !written.is_empty() {
        if from.is_none() {
            collector.report.defect(element.line, &entry.id, ListDefectKind::Date, &written);
        }
        entry.births.push(birth_of(from, to, get("circa") == "true", &written));
    }
    let place = ["city", "zipCode", "region", "place", "countryDescription"].map(get);
    add(&mut entry.birth_places, &joined(place.into_iter().filter(|p| *p != "UNKNOWN"), ", "));
}
