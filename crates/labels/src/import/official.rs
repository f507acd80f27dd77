//! Addresses and account numbers of an official list that was read in its own format (see `athar_lists`).
//!
//! A list's programmes decide the categories, by the table of concepts; a list that a third party put together stays its
//! claim. What is delisted holds until the day before, where the list gives the day.

use super::ImportOptions;
use super::builder::{Builder, Given, PackHeader};
use super::source::Source;
use crate::assets;
use crate::bases;
use crate::label::Claim;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::{self, Meaning, Scheme};
use athar_lists::{List, ListEntry, ListFormat, ListInfo, NameKind};
use athar_types::{Basis, Category, Day};
use std::path::Path;

/// Creator of a pack whose list is the decision itself; the rules of bases know it.
const OFFICIAL: &str = "official list";

/// Reads the labels of a list.
pub(crate) fn read_list(path: &Path, list: &List, options: &ImportOptions) -> (Draft, ImportReport) {
    let info = &list.info;
    let options = &ImportOptions { as_of: info.as_of, license: info.license.clone(), ..options.clone() };
    let source = Source::known(path, &info.source_hash, info.source_bytes);
    let header = PackHeader {
        title: info.title.clone(),
        creator: is_official(info.format).then(|| OFFICIAL.to_owned()),
        series: series(info),
        part: info.format.is_by_address().then(|| "by-asset".to_owned()),
        as_of: info.as_of,
        ..PackHeader::default()
    };
    let mut builder = Builder::new(&source, options, Format::OfficialList, header);
    let rule = builder.basis("");
    let (basis, implies) = (rule.basis, rule.implies);
    for entry in &list.entries {
        let mut categories = categories(info.format, entry);
        if !implies.is_empty() {
            categories = builder.categories((entry.line, 0), Scheme::Graphsense, implies, false);
        }
        let claim = |asset: &str| {
            let mut claim = Claim::new(name(info, entry), categories.clone(), basis);
            claim.concepts = if implies.is_empty() { entry.programs.clone() } else { implies.to_vec() };
            claim.source = info.origin.clone().or_else(|| Some(info.title.clone()));
            claim.asset = Some(asset.to_owned()).filter(|a| !a.is_empty());
            claim.valid_from = entry.listed_on;
            claim.valid_to = entry.delisted_on.map(|day| Day(day.0 - 1));
            claim.entry = (!info.format.is_by_address()).then(|| entry.id.clone());
            let others = entry.names.iter().filter(|n| n.kind != NameKind::Primary);
            claim.aliases = others.map(|n| n.text.clone()).collect();
            claim
        };
        for wallet in &entry.wallets {
            let asset = assets::asset(&wallet.asset);
            builder.address(Given::row(wallet.line, claim(&wallet.asset)), &wallet.address, &asset, false);
        }
        if info.format == ListFormat::NbctfCsv {
            // numbers of accounts at exchanges; a bank account of another list is an identifier of the list alone
            for number in entry.identifiers.iter().filter(|i| i.kind == "account") {
                let asset = number.note.clone().unwrap_or_default();
                let given = Given::row(entry.line, claim(&asset));
                builder.address(given, &number.value, &assets::asset(&asset), true);
            }
        }
    }
    builder.finish()
}

/// What a list is a version of among label packs: the same list as a label file is the same series.
pub(crate) fn series(info: &ListInfo) -> String {
    match (info.format, info.list.as_str()) {
        (_, "us-ofac-sdn-crypto" | "us-ofac-sdn-by-asset") => "us-ofac-sdn".into(),
        (ListFormat::NbctfCsv, "il-nbctf") => "il-nbctf-seizure-orders".into(),
        (_, list) => list.into(),
    }
}

/// Whether a format is that of the authority's own list.
const fn is_official(format: ListFormat) -> bool {
    !matches!(format, ListFormat::FtmJson | ListFormat::NamesCsv)
}

fn name(info: &ListInfo, entry: &ListEntry) -> String {
    match (entry.primary_name(), info.format) {
        (Some(name), _) => name.to_owned(),
        (None, ListFormat::NbctfCsv) => format!("NBCTF seizure order {}", entry.id),
        (None, ListFormat::OfacByAsset) => "OFAC SDN".to_owned(),
        (None, _) => format!("{} {}", info.title, entry.id),
    }
}

/// The categories of an entry, the weightiest first; never empty.
fn categories(format: ListFormat, entry: &ListEntry) -> Vec<Category> {
    let scheme = match format {
        ListFormat::OfacAdvancedXml | ListFormat::OfacCsv | ListFormat::OfacCryptoCsv | ListFormat::OfacByAsset => {
            Scheme::Ofac
        }
        ListFormat::NbctfCsv => return vec![Category::TerroristFinancing],
        ListFormat::FtmJson => {
            // such a file also holds people who are on no list: only the topic says that they are
            let listed = entry.details.iter().any(|d| d.name == "topics" && d.value == "sanction");
            return vec![if listed { Category::Sanctioned } else { Category::Unknown }];
        }
        ListFormat::NamesCsv => return vec![Category::Unknown],
        _ => Scheme::Un,
    };
    let mut categories: Vec<Category> = entry
        .programs
        .iter()
        .filter_map(|program| match taxonomy::meaning(scheme, program) {
            Meaning::Category(category) => Some(category),
            _ => None,
        })
        .collect();
    if categories.is_empty() {
        categories.push(Category::Sanctioned);
    }
    // declared in the order of their weight
    categories.sort_unstable();
    categories.dedup();
    categories
}

/// What standing on a list says of an entry, and on what ground: the categories, the weightiest first, and the basis.
pub fn official_meaning(info: &ListInfo, entry: &ListEntry) -> (Vec<Category>, Basis) {
    let creator = if is_official(info.format) { OFFICIAL } else { "" };
    let rule = bases::outcome(Format::OfficialList, &info.title, creator, "");
    (categories(info.format, entry), rule.basis)
}
