//! Identifiers under administrative seizure orders of Israel's National Bureau for Counter Terror Financing, as a table
//! with English or Hebrew headers: the order, an identifier, the asset; optional a name, a date and an identity number.
//!
//! An entry is an order. An identifier is the address of a wallet unless it is digits alone: then it is the number of an
//! account at a service. The number of an order names a year and no day, so the day of listing stays unknown unless a
//! column gives it.

use super::table::{Table, records};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, Wallet, add, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;

/// Our field for each header, English and Hebrew, as `table::simple` gives them.
const FIELDS: [(&str, &[&str]); 6] = [
    ("order", &["order", "ordernumber", "צו", "מספרצו", "מסצו", "צותפיסה", "מספרצותפיסה", "צת"]),
    ("identifier", &["identifier", "wallet", "walletaddress", "ארנק", "כתובתארנק", "מספרארנק", "כתובת", "מזהה"]),
    ("asset", &["asset", "currency", "מטבע", "סוגמטבע", "נכס"]),
    ("name", &["name", "שם", "שםבעלים", "שםהבעלים", "שםמלא"]),
    ("date", &["date", "תאריך", "תאריךצו", "תאריךחתימה"]),
    ("id_number", &["idnumber", "תז", "תעודתזהות", "מספרזהות", "דרכון"]),
];

fn field(header: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(_, names)| names.contains(&header)).map(|(field, _)| *field)
}

/// Whether a header (of simple names) is one of these tables'.
pub(super) fn is_header(header: &[String]) -> bool {
    let has = |wanted: &str| header.iter().any(|h| field(h) == Some(wanted));
    has("order") && has("identifier")
}

pub(super) fn read(text: &Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let table = Table::new(text, records(text, true, options.limits.text_bytes_max)?, 0)?;
    let mut collector = Collector::default();
    table.tell_unknown(|name| field(name).is_some(), &mut collector);
    let mut orders: Vec<ListEntry> = Vec::new();
    for row in &table.rows {
        let cell = |wanted: &str| {
            table.columns().iter().position(|h| field(h) == Some(wanted)).map_or("", |i| row.cells[i].trim())
        };
        let order = tidy(cell("order"));
        let place = orders.iter().position(|e| e.id == order && !order.is_empty());
        let place = place.unwrap_or_else(|| {
            let mut entry = ListEntry::new(order.clone(), EntryKind::Other, row.line);
            add(&mut entry.programs, "NBCTF");
            orders.push(entry);
            orders.len() - 1
        });
        let entry = &mut orders[place];
        entry.name(cell("name"), NameKind::Primary, Quality::Unstated);
        if let Some(day) = collector.day(row.line, &order, cell("date")) {
            entry.listed_on = Some(entry.listed_on.map_or(day, |known| known.min(day)));
        }
        entry.identifier("national_id", cell("id_number"), None, None);
        let (value, asset) = (cell("identifier"), cell("asset"));
        let is_number =
            value.chars().any(|c| c.is_ascii_digit()) && value.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
        if value.is_empty() || matches!(value, "-" | "–" | "—") {
            collector.report.defect(row.line, &order, ListDefectKind::Form, value);
        } else if is_number {
            entry.identifier("account", value, None, Some(asset));
        } else {
            entry.wallets.push(Wallet { asset: asset.into(), address: value.into(), line: row.line });
        }
        for (i, name) in table.columns().iter().enumerate().filter(|(_, name)| field(name).is_none()) {
            entry.detail(name, &row.cells[i]);
        }
    }
    for entry in orders {
        collector.push(entry, true);
    }
    let header = Header {
        list: "il-nbctf".into(),
        title: "Seizure orders of Israel's National Bureau for Counter Terror Financing".into(),
        format: ListFormat::NbctfCsv,
        as_of: None,
    };
    let from = Provenance::of(text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}
