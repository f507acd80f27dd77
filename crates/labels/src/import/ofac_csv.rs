//! The digital-currency addresses of OFAC's SDN list as a table: `address,ofac_currency,sdn_uid,entity,programs,akas`
//! and `case_preserved` (`NO`: the capital letters of the address were lost on the way, so no checksum can hold).

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

const COLUMNS: [&str; 7] = ["address", "ofac_currency", "sdn_uid", "entity", "programs", "akas", "case_preserved"];

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let table = Table::read(source, &COLUMNS[..5])?;
    let header = PackHeader {
        title: "OFAC SDN list, digital currency addresses".into(),
        creator: Some("US Department of the Treasury, Office of Foreign Assets Control".into()),
        series: "us-ofac-sdn".into(),
        as_of: date_in_name(&source.path),
        ..PackHeader::default()
    };
    let mut builder = Builder::new(source, options, Format::OfacCsv, header);
    let unknown: Vec<&str> = table.columns().iter().map(String::as_str).filter(|c| !COLUMNS.contains(c)).collect();
    for name in &unknown {
        builder.unknown_field((1, 0), name);
    }
    for row in table.rows() {
        let place = (row.line, 0);
        for column in ["entity", "programs", "sdn_uid"] {
            if row.cell(column).is_none() {
                builder.missing_field(place, column);
            }
        }
        let programs: Vec<String> = row.raw("programs").split(',').map(str::trim).map(str::to_owned).collect();
        let programs: Vec<String> = programs.into_iter().filter(|p| !p.is_empty()).collect();
        let rule = builder.basis("");
        let mut categories = builder.categories(place, Scheme::Ofac, &programs, false);
        if programs.is_empty() {
            categories = vec![athar_types::Category::Sanctioned];
        }
        let mut claim = Claim::new(row.raw("entity").trim(), categories, rule.basis);
        claim.concepts = programs;
        claim.source = Some("OFAC SDN list".into());
        claim.asset = row.cell("ofac_currency").map(str::to_owned);
        claim.entry = row.cell("sdn_uid").map(str::to_owned);
        claim.aliases =
            row.raw("akas").split('|').map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect();
        claim.extra = unknown.iter().filter_map(|n| row.cell(n).map(|text| format!("{n}: {text}"))).collect();
        if let Some(preserved) = row.cell("case_preserved").filter(|text| !text.eq_ignore_ascii_case("yes")) {
            claim.extra.push(format!("case_preserved: {preserved}"));
        }
        let asset = assets::asset(row.raw("ofac_currency"));
        builder.address(Given::row(row.line, claim), row.raw("address"), &asset, false);
    }
    Ok(builder.finish())
}
