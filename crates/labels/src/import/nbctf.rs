//! Seizure orders of Israel's National Bureau for Counter Terror Financing as a table: `order,identifier,asset`.
//!
//! An identifier is an address of any chain or the number of an account at an exchange; the asset is mostly left out.

use super::builder::{Builder, Given, PackHeader};
use super::source::Source;
use super::table::Table;
use super::{ImportOptions, date_in_name};
use crate::assets;
use crate::error::LabelError;
use crate::label::Claim;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::Scheme;

const COLUMNS: [&str; 3] = ["order", "identifier", "asset"];

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let table = Table::read(source, &COLUMNS)?;
    let header = PackHeader {
        title: "NBCTF seizure orders".into(),
        creator: Some("National Bureau for Counter Terror Financing of Israel".into()),
        series: "il-nbctf-seizure-orders".into(),
        as_of: date_in_name(&source.path),
        ..PackHeader::default()
    };
    let mut builder = Builder::new(source, options, Format::Nbctf, header);
    let unknown: Vec<&str> = table.columns().iter().map(String::as_str).filter(|c| !COLUMNS.contains(c)).collect();
    for name in &unknown {
        builder.unknown_field((1, 0), name);
    }
    let rule = builder.basis("");
    let categories = builder.categories((1, 0), Scheme::Graphsense, rule.implies, false);
    for row in table.rows() {
        let place = (row.line, 0);
        let order = row.cell("order");
        if order.is_none() {
            builder.missing_field(place, "order");
        }
        let name = order.map_or_else(|| "NBCTF seizure order".to_owned(), |o| format!("NBCTF seizure order {o}"));
        let mut claim = Claim::new(name, categories.clone(), rule.basis);
        claim.concepts = rule.implies.to_vec();
        claim.source = Some("NBCTF seizure orders".into());
        claim.asset = row.cell("asset").map(str::to_owned);
        claim.entry = order.map(str::to_owned);
        claim.extra = unknown.iter().filter_map(|n| row.cell(n).map(|text| format!("{n}: {text}"))).collect();
        let asset = assets::asset(row.raw("asset"));
        builder.address(Given::row(row.line, claim), row.raw("identifier"), &asset, true);
    }
    Ok(builder.finish())
}
