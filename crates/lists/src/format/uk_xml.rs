//! The UK Sanctions List as XML (root `Designations`).
//!
//! Schema: the FCDO's published format guide. Names come in six parts, the sixth being the surname or the whole name.

use super::words::{birth, entry_kind};
use super::{Collector, Header, ReadOptions};
use crate::entry::{ListEntry, NameKind, Quality, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::xml::{Element, Xml};
use std::path::Path;

pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let mut xml = Xml::open(path, &options.limits)?;
    xml.root()?;
    let mut collector = Collector::default();
    let mut as_of = None;
    while let Some(element) = xml.next(|path| path.len() == 2)? {
        match element.name.as_str() {
            "DateGenerated" => as_of = crate::date::day(&element.text),
            "Designation" => {
                let entry = entry(&element, &mut collector);
                collector.push(entry, false);
            }
            name => collector.report.defect(element.line, "", ListDefectKind::UnknownField, name),
        }
    }
    let header =
        Header { list: "uk-sanctions".into(), title: "UK Sanctions List".into(), format: ListFormat::UkXml, as_of };
    Ok(collector.finish(header, xml.provenance().into(), options))
}

/// The kind and quality of a name by the words of the list.
pub(super) fn name_kind(kind: &str, strength: &str) -> (NameKind, Quality) {
    let quality = match strength.trim().to_lowercase().as_str() {
        "good quality a.k.a" | "good quality" | "good" | "strong" => Quality::Good,
        "low quality a.k.a" | "low quality" | "low" | "weak" => Quality::Low,
        _ => Quality::Unstated,
    };
    let kind = kind.trim().to_lowercase();
    let kind = match kind.as_str() {
        _ if kind.starts_with("primary name variation") => NameKind::Alias,
        _ if kind.starts_with("primary") => NameKind::Primary,
        _ if kind.contains("f.k.a") || kind.contains("formerly") || kind.contains("fka") => NameKind::Former,
        _ => NameKind::Alias,
    };
    (kind, quality)
}

fn entry(element: &Element, collector: &mut Collector) -> ListEntry {
    let id = tidy(element.text_of("UniqueID"));
    let mut entry = ListEntry::new(id.clone(), entry_kind(element.text_of("IndividualEntityShip")), element.line);
    entry.listed_on = collector.day(element.line, &id, element.text_of("DateDesignated"));
    entry.updated_on = collector.day(element.line, &id, element.text_of("LastUpdated"));
    add(&mut entry.programs, element.text_of("RegimeName"));
    for child in &element.children {
        match child.name.as_str() {
            "Names" => {
                for name in child.all("Name") {
                    let parts = ["Name1", "Name2", "Name3", "Name4", "Name5", "Name6"].map(|part| name.text_of(part));
                    let (kind, quality) = name_kind(name.text_of("NameType"), name.text_of("AliasStrength"));
                    entry.name(&joined(parts, " "), kind, quality);
                }
            }
            "NonLatinNames" => {
                for name in child.deep("NameNonLatinScript") {
                    entry.name(&name.text, NameKind::OriginalScript, Quality::Unstated);
                }
            }
            "Addresses" => {
                for address in child.all("Address") {
                    add(&mut entry.addresses, &joined(address.children.iter().map(|c| c.text.as_str()), ", "));
                }
            }
            "UniqueID" | "DateDesignated" | "LastUpdated" | "RegimeName" | "IndividualEntityShip" => {}
            "UKStatementofReasons" => entry.remarks = Some(tidy(&child.text)).filter(|t| !t.is_empty()),
            _ => leaves(&mut entry, child, collector),
        }
    }
    entry
}

/// Everything below an element, by the names of its leaves.
fn leaves(entry: &mut ListEntry, element: &Element, collector: &mut Collector) {
    match element.name.as_str() {
        "NationalIdentifier" => {
            let note = element.text_of("NationalIdentifierAdditionalInformation");
            entry.identifier("national_id", element.text_of("NationalIdentifierNumber"), None, Some(note));
        }
        "Passport" => {
            let note = element.text_of("PassportAdditionalInformation");
            entry.identifier("passport", element.text_of("PassportNumber"), None, Some(note));
        }
        "Location" => {
            let place = [element.text_of("TownOfBirth"), element.text_of("CountryOfBirth")];
            add(&mut entry.birth_places, &joined(place, ", "));
        }
        _ if !element.children.is_empty() => element.children.iter().for_each(|c| leaves(entry, c, collector)),
        "DOB" => {
            if let Some(born) = birth(&element.text) {
                if born.from.is_none() {
                    collector.report.defect(element.line, &entry.id, ListDefectKind::Date, &element.text);
                }
                entry.births.push(born);
            }
        }
        "Nationality" => add(&mut entry.countries, &element.text),
        "PhoneNumber" => entry.identifier("phone", &element.text, None, None),
        "EmailAddress" => entry.identifier("email", &element.text, None, None),
        "Website" => entry.identifier("website", &element.text, None, None),
        "IMONumber" => entry.identifier("imo", &element.text, None, None),
        "BusinessRegistrationNumber" => entry.identifier("registration", &element.text, None, None),
        name => entry.detail(name, &element.text),
    }
}
