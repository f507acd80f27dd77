//! Addresses of OFAC's SDN list, one asset a file: a JSON list of texts. The asset is the last part of the file's name
//! (`sanctioned_addresses_XBT.json`), since the content does not say it.

use super::builder::{Builder, Given, PackHeader};
use super::source::Source;
use super::{ImportOptions, date_in_name};
use crate::assets::{self, Asset};
use crate::error::LabelError;
use crate::label::Claim;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::Scheme;
use serde_json::value::RawValue;

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let items: Vec<&RawValue> = serde_json::from_str(&source.text)
        .map_err(|error| source.malformed(error.line() as u32, error.column() as u32, error))?;
    let symbol = symbol_in_name(&source.name());
    let header = PackHeader {
        title: symbol.as_ref().map_or_else(
            || "OFAC SDN list, digital currency addresses".to_owned(),
            |symbol| format!("OFAC SDN list, digital currency addresses ({symbol})"),
        ),
        creator: Some("US Department of the Treasury, Office of Foreign Assets Control".into()),
        series: "us-ofac-sdn".into(),
        part: Some(symbol.clone().unwrap_or_else(|| source.name())),
        as_of: date_in_name(&source.path),
        ..PackHeader::default()
    };
    let mut builder = Builder::new(source, options, Format::OfacJson, header);
    let rule = builder.basis("");
    let categories = builder.categories((1, 0), Scheme::Graphsense, rule.implies, false);
    let mut claim = Claim::new("On OFAC's SDN list", categories, rule.basis);
    claim.concepts = rule.implies.to_vec();
    claim.source = Some("OFAC SDN list".into());
    let asset = symbol.as_deref().map_or(Asset::Unstated, assets::asset);
    claim.asset = symbol;
    for item in items {
        // the raw value is a part of the file's text, so its place is the distance between the two
        let byte = (item.get().as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize);
        let place = (source.line(byte), source.column(byte));
        let address: String = serde_json::from_str(item.get())
            .map_err(|_| source.malformed(place.0, place.1, "not a text; the list must hold addresses only"))?;
        let given = Given { line: place.0, place, claim: claim.clone(), context: None };
        builder.address(given, &address, &asset, false);
    }
    Ok(builder.finish())
}

/// `XBT` of `sanctioned_addresses_XBT.json`, if the table of assets has it.
fn symbol_in_name(name: &str) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let symbol = stem.rsplit_once('_').map_or(stem, |(_, last)| last);
    (!matches!(assets::asset(symbol), Asset::Unknown | Asset::Unstated)).then(|| symbol.to_owned())
}
