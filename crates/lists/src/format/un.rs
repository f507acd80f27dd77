//! The UN Security Council's consolidated list, `consolidated.xml`.
//!
//! Schema: <https://www.un.org/sc/resources/sc-sanctions.xsd>. Individuals and entities carry a permanent reference
//! (`QDi.006`), the committee's list (`UN_LIST_TYPE`), and an alias quality of their own (`Good`, `Low`; of entities
//! `a.k.a.`, `f.k.a.`).

use super::words::{birth_of, identifier_kind, name_with_scripts, other_script};
use super::{Collector, Header, ReadOptions};
use crate::date::{PartialDay, date};
use crate::entry::{Birth, EntryKind, ListEntry, NameKind, Quality, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::xml::{Element, Xml};
use std::path::Path;

pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let mut xml = Xml::open(path, &options.limits)?;
    let root = xml.root()?;
    let mut collector = Collector::default();
    while let Some(element) = xml.next(|path| path.len() == 3)? {
        let kind = match element.name.as_str() {
            "INDIVIDUAL" => EntryKind::Person,
            "ENTITY" => EntryKind::Organisation,
            _ => {
                collector.report.defect(element.line, "", ListDefectKind::UnknownField, &element.name);
                continue;
            }
        };
        let entry = entry(&element, kind, &mut collector);
        collector.push(entry, false);
    }
    let header = Header {
        list: "un-sc".into(),
        title: "United Nations Security Council Consolidated List".into(),
        format: ListFormat::UnXml,
        as_of: crate::date::day(root.attribute("dateGenerated")),
    };
    Ok(collector.finish(header, xml.provenance().into(), options))
}

fn entry(element: &Element, kind: EntryKind, collector: &mut Collector) -> ListEntry {
    let line = element.line;
    let mut entry = ListEntry::new(tidy(element.text_of("REFERENCE_NUMBER")), kind, line);
    let id = entry.id.clone();
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    entry.name(&joined(parts.map(|part| element.text_of(part)), " "), NameKind::Primary, Quality::Unstated);
    for child in &element.children {
        let text = child.text.as_str();
        match child.name.as_str() {
            "REFERENCE_NUMBER" | "SORT_KEY" | "SORT_KEY_LAST_MOD" => {}
            part if parts.contains(&part) => {}
            "NAME_ORIGINAL_SCRIPT" => entry.name(text, NameKind::OriginalScript, Quality::Unstated),
            "UN_LIST_TYPE" => add(&mut entry.programs, text),
            "LISTED_ON" => entry.listed_on = collector.day(line, &id, text),
            "DELISTED_ON" => entry.delisted_on = collector.day(line, &id, text),
            "LAST_DAY_UPDATED" => {
                for value in child.all("VALUE") {
                    let day = collector.day(value.line, &id, &value.text);
                    entry.updated_on = entry.updated_on.max(day);
                }
            }
            "COMMENTS1" => entry.remarks = Some(tidy(text)).filter(|t| !t.is_empty()),
            "NATIONALITY" => child.all("VALUE").for_each(|v| add(&mut entry.countries, &v.text)),
            "INDIVIDUAL_ALIAS" | "ENTITY_ALIAS" => alias(&mut entry, child),
            "INDIVIDUAL_ADDRESS" | "ENTITY_ADDRESS" => add(&mut entry.addresses, &flat(child)),
            "INDIVIDUAL_DATE_OF_BIRTH" => entry.births.extend(born(child, &id, collector)),
            "INDIVIDUAL_PLACE_OF_BIRTH" => add(&mut entry.birth_places, &flat(child)),
            "INDIVIDUAL_DOCUMENT" => document(&mut entry, child, collector),
            name => {
                let values: Vec<&Element> = child.all("VALUE").collect();
                if values.is_empty() {
                    entry.detail(name, &flat(child));
                }
                for v in &values {
                    entry.detail(name, &v.text);
                }
            }
        }
    }
    entry
}

/// The text of an element, or of its children in their order.
fn flat(element: &Element) -> String {
    let own = tidy(&element.text);
    joined(std::iter::once(own.as_str()).chain(element.children.iter().map(|c| c.text.as_str())), ", ")
}

fn alias(entry: &mut ListEntry, alias: &Element) {
    let name = alias.text_of("ALIAS_NAME");
    let (kind, quality) = match alias.text_of("QUALITY").to_lowercase().as_str() {
        "good" => (NameKind::Alias, Quality::Good),
        "low" => (NameKind::Alias, Quality::Low),
        "f.k.a." => (NameKind::Former, Quality::Unstated),
        _ => (NameKind::Alias, Quality::Unstated),
    };
    name_with_scripts(entry, name, kind, quality);
    let note = alias.text_of("NOTE");
    for script in other_script(note) {
        entry.name(&script, NameKind::OriginalScript, Quality::Unstated);
    }
    let rest = ["DATE_OF_BIRTH", "CITY_OF_BIRTH", "COUNTRY_OF_BIRTH", "NOTE"].map(|part| alias.text_of(part));
    let rest = joined(rest, ", ");
    if !rest.is_empty() {
        entry.detail("alias_note", &joined([name, &rest], ": "));
    }
}

fn born(element: &Element, id: &str, collector: &mut Collector) -> Option<Birth> {
    let circa = element.text_of("TYPE_OF_DATE").eq_ignore_ascii_case("APPROXIMATELY");
    let part = |name: &str| Some(element.text_of(name)).filter(|t| !t.is_empty());
    let note = element.text_of("NOTE");
    let year = |text: Option<&str>| text.and_then(|t| t.parse().ok()).and_then(PartialDay::of_year);
    let (from, to) = match (part("DATE"), part("YEAR")) {
        (Some(day), _) => (date(day), None),
        (None, Some(text)) => (year(Some(text)), None),
        (None, None) => (year(part("FROM_YEAR")), year(part("TO_YEAR"))),
    };
    let range = joined([element.text_of("FROM_YEAR"), element.text_of("TO_YEAR")], " to ");
    let written = joined([element.text_of("DATE"), element.text_of("YEAR"), range.as_str(), note], ", ");
    if written.is_empty() {
        return None;
    }
    let has_date = ["DATE", "YEAR", "FROM_YEAR", "TO_YEAR"].iter().any(|name| part(name).is_some());
    if has_date
        && (from.is_none() || (part("TO_YEAR").is_some() && to.is_none()) || to.is_some_and(|to| Some(to) < from))
    {
        collector.report.defect(element.line, id, ListDefectKind::Date, &written);
        return Some(birth_of(None, None, circa, &written));
    }
    Some(birth_of(from, to, circa, &written))
}

fn document(entry: &mut ListEntry, document: &Element, collector: &mut Collector) {
    let parts = |name: &str| tidy(document.text_of(name));
    let (kind, kind2, number) = (parts("TYPE_OF_DOCUMENT"), parts("TYPE_OF_DOCUMENT2"), parts("NUMBER"));
    let country = joined([parts("COUNTRY_OF_ISSUE").as_str(), parts("ISSUING_COUNTRY").as_str()], " / ");
    let issued = parts("DATE_OF_ISSUE");
    let issued = if issued.is_empty() { issued } else { format!("issued {issued}") };
    let note = joined([kind2.as_str(), issued.as_str(), parts("CITY_OF_ISSUE").as_str(), parts("NOTE").as_str()], ", ");
    let words = if kind.is_empty() { kind2.as_str() } else { kind.as_str() };
    if number.is_empty() {
        let rest = joined([kind.as_str(), country.as_str(), note.as_str()], ", ");
        if !rest.is_empty() {
            collector.report.defect(document.line, &entry.id, ListDefectKind::Form, &rest);
            entry.detail("document", &rest);
        }
        return;
    }
    let kind = if words.is_empty() { "other" } else { identifier_kind(words) };
    entry.identifier(kind, &number, Some(&country), Some(&note));
}
