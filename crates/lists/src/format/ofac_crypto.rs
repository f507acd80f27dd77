//! The digital-currency addresses of OFAC's list as one table: an entry for each uid, with its addresses.

use super::table::{Table, records};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, Wallet, add, tidy};
use crate::error::ListError;
use crate::list::{List, ListFormat, Report};
use crate::source::Text;
use std::collections::HashMap;

const COLUMNS: [&str; 7] = ["address", "ofaccurrency", "sdnuid", "entity", "programs", "akas", "casepreserved"];

pub(super) fn read(text: &Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let table = Table::new(text, records(text, true, options.limits.text_bytes_max)?, 0)?;
    let mut collector = Collector::default();
    table.tell_unknown(|name| COLUMNS.contains(&name), &mut collector);
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        let cell = |name: &str| table.cell(row, name);
        let uid = tidy(cell("sdnuid"));
        let place = *places.entry(uid.clone()).or_insert_with(|| {
            entries.push(ListEntry::new(uid, EntryKind::Other, row.line));
            entries.len() - 1
        });
        let entry = &mut entries[place];
        entry.name(cell("entity"), NameKind::Primary, Quality::Unstated);
        cell("akas").split('|').for_each(|aka| entry.name(aka, NameKind::Alias, Quality::Unstated));
        cell("programs").split(',').for_each(|program| add(&mut entry.programs, program));
        let (asset, address) = (cell("ofaccurrency").to_owned(), cell("address").to_owned());
        entry.wallets.push(Wallet { asset, address, line: row.line });
    }
    for entry in entries {
        collector.push(entry, false);
    }
    let header = Header {
        list: "us-ofac-sdn-crypto".into(),
        title: "Digital-currency addresses of OFAC's SDN list".into(),
        format: ListFormat::OfacCryptoCsv,
        as_of: None,
    };
    let from = Provenance::of(text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}
