//! The project's own table: `address,label,category,source`, and optionally `confidence`, `basis`, `country`,
//! `valid_from`, `valid_to`, `chain`, `asset`, `actor`, `concepts`, `lastmod`, `entry`, `context`, `license`, `jurisdiction`
//! (another word for `country`) and `subject_kind`: `address`, which it is unless told, `transaction` or `account`.
//!
//! Texts that begin with an apostrophe before `=`, `+`, `-`, `@`, a tab or a line end lose the apostrophe: it is what
//! the project's own export puts there against spreadsheets.

use super::ImportOptions;
use super::builder::{Builder, Given, PackHeader};
use super::source::Source;
use super::table::{Table, TableRow};
use crate::assets::{self, Asset};
use crate::defect::{DefectKind, shown};
use crate::error::LabelError;
use crate::export::unguarded;
use crate::label::Claim;
use crate::manifest::BY_PLACE;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::Scheme;
use athar_types::Basis;

const REQUIRED: [&str; 4] = ["address", "label", "category", "source"];
const OPTIONAL: [&str; 15] = [
    "confidence",
    "basis",
    "country",
    "valid_from",
    "valid_to",
    "chain",
    "asset",
    "actor",
    "concepts",
    "lastmod",
    "entry",
    "context",
    "license",
    "jurisdiction",
    "subject_kind",
];

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    Ok(read_table(source, options, &Table::read(source, &REQUIRED)?))
}

/// Reads a table of any origin by the columns that the user named: JSON lines, or cells parted by commas, semicolons or tabs,
/// whichever stands in its first line. Fields that no column is named for are told as missing once; the other columns are kept as written.
pub(super) fn read_any(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let known = |field: &str| REQUIRED.contains(&field) || OPTIONAL.contains(&field);
    if let Some(field) = options.columns.keys().find(|field| !known(field)) {
        let fields = [&REQUIRED[..], &OPTIONAL[..]].concat().join(", ");
        let message = format!("`{}` is no field of a label; the fields are {fields}", shown(field));
        return Err(source.malformed(1, 0, message));
    }
    if !options.columns.contains_key("address") {
        return Err(source.malformed(1, 0, "no column is named for `address`"));
    }
    if source.text.trim_start().starts_with('{') {
        let table = Table::read_json_lines(source, &["address"], &options.columns)?;
        return Ok(read_table(source, options, &table));
    }
    let first = source.text.trim_start().lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';', b','].into_iter().find(|d| first.as_bytes().contains(d)).unwrap_or(b',');
    Ok(read_table(source, options, &Table::read_as(source, &["address"], delimiter, &options.columns)?))
}

fn read_table(source: &Source, options: &ImportOptions, table: &Table) -> (Draft, ImportReport) {
    let name = source.name();
    let header = PackHeader { title: name.clone(), series: format!("{BY_PLACE}{name}"), ..PackHeader::default() };
    let mut builder = Builder::new(source, options, Format::PlainCsv, header);
    let unknown: Vec<&str> =
        table.columns().iter().map(String::as_str).filter(|c| !REQUIRED.contains(c) && !OPTIONAL.contains(c)).collect();
    for name in &unknown {
        builder.unknown_field((1, 0), name);
    }
    for row in table.rows() {
        let claim = claim(&mut builder, &row, &unknown);
        let asset = match (row.cell("chain"), row.cell("asset")) {
            // a chain that the table of assets does not have is told; it never falls back to guessing
            (Some(chain), _) => assets::asset(chain),
            (None, Some(asset)) => assets::asset(asset),
            (None, None) => Asset::Unstated,
        };
        let context = row.cell("context").map(|text| unguarded(text).into());
        let given = Given { context, ..Given::row(row.line, claim) };
        let subject = unguarded(row.raw("address"));
        match row.cell("subject_kind").map(str::to_lowercase).as_deref() {
            None | Some("address") => builder.address(given, subject, &asset, false),
            Some("transaction") => builder.transaction(given, subject, &asset),
            Some("account") => builder.account(given, subject),
            Some(_) => {
                let message = "a kind that is none of address, transaction and account; kept as written, in quarantine";
                builder.broken(given, subject, DefectKind::Shape, message);
            }
        }
    }
    builder.finish()
}

fn claim(builder: &mut Builder<'_>, row: &TableRow<'_>, unknown: &[&str]) -> Claim {
    let place = (row.line, 0);
    let text = |column: &str| row.cell(column).map(|text| unguarded(text).to_owned());
    for column in ["label", "category", "source"] {
        if row.cell(column).is_none() {
            builder.missing_field(place, column);
        }
    }
    let mut concepts: Vec<String> = text("category").into_iter().collect();
    for concept in row.cell("concepts").unwrap_or_default().split('|').map(str::trim).filter(|c| !c.is_empty()) {
        if !concepts.iter().any(|c| c == concept) {
            concepts.push(concept.to_owned());
        }
    }
    let rule = builder.basis(row.raw("source"));
    let basis = match row.cell("basis").map(str::parse::<Basis>) {
        None => rule.basis,
        Some(Ok(basis)) => basis,
        Some(Err(error)) => {
            let message = format!("{error}; taken as third_party_claim");
            builder.defect(place, DefectKind::Basis, row.raw("basis"), message);
            Basis::ThirdPartyClaim
        }
    };
    let categories = builder.categories(place, Scheme::Graphsense, &concepts, true);
    let mut claim = Claim::new(text("label").unwrap_or_default(), categories, basis);
    claim.concepts = concepts;
    claim.source = text("source");
    claim.confidence = row.cell("confidence").map(|id| builder.confidence(place, id));
    claim.actor = text("actor");
    claim.country = text("country").or_else(|| text("jurisdiction"));
    claim.license = text("license");
    claim.asset = text("asset").or_else(|| text("chain"));
    claim.entry = text("entry");
    claim.valid_from = row.cell("valid_from").and_then(|day| builder.date(place, day));
    claim.valid_to = row.cell("valid_to").and_then(|day| builder.date(place, day));
    claim.lastmod = row.cell("lastmod").and_then(|day| builder.date(place, day));
    if let (Some(from), Some(to)) = (claim.valid_from, claim.valid_to)
        && to < from
    {
        let message = "the end lies before the begin; both dates are unknown";
        builder.defect(place, DefectKind::Date, &format!("{from} {to}"), message);
        (claim.valid_from, claim.valid_to) = (None, None);
    }
    claim.extra =
        unknown.iter().filter_map(|name| row.cell(name).map(|text| format!("{name}: {}", unguarded(text)))).collect();
    if let (Some(country), Some(jurisdiction)) = (&claim.country, text("jurisdiction"))
        && *country != jurisdiction
    {
        claim.extra.push(format!("jurisdiction: {jurisdiction}"));
    }
    claim
}
