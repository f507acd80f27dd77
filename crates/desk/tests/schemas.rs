//! The JSON shapes of the desk under `docs/reference/schema`, as `athar desk … --json` prints them.
//!
//! After a wanted change run the test with `ATHAR_UPDATE_SCHEMAS=1` and review the difference.
use athar_desk::alert::{Alert, AlertFigures, Caught, Handled, HistoryEntry, Raised, Suppression};
use athar_desk::watch::{Watch, WatchImport, Watchlist};
use athar_desk::webhook::{Delivered, Delivery, Endpoint};
use athar_desk::{Change, Counts, Page, Registered, Rescreened, Screening, Subject};
use schemars::{Schema, schema_for};
use std::{fs, path::Path};

#[test]
fn the_documented_shapes_are_the_real_ones() {
    let shapes: [(&str, Schema); 19] = [
        ("desk-counts", schema_for!(Counts)),
        ("desk-registered", schema_for!(Registered)),
        ("desk-subjects", schema_for!(Page<Subject>)),
        ("desk-screenings", schema_for!(Page<Screening>)),
        ("desk-changes", schema_for!(Page<Change>)),
        ("desk-endpoints", schema_for!(Vec<Endpoint>)),
        ("desk-deliveries", schema_for!(Page<Delivery>)),
        ("desk-rescreened", schema_for!(Rescreened)),
        ("desk-delivered", schema_for!(Delivered)),
        ("desk-watchlists", schema_for!(Vec<Watchlist>)),
        ("desk-watches", schema_for!(Page<Watch>)),
        ("desk-watch-import", schema_for!(WatchImport)),
        ("desk-alerts", schema_for!(Page<Alert>)),
        ("desk-alert-history", schema_for!(Page<HistoryEntry>)),
        ("desk-alert-handled", schema_for!(Handled)),
        ("desk-alert-raised", schema_for!(Raised)),
        ("desk-alert-blocks", schema_for!(Caught)),
        ("desk-alert-figures", schema_for!(AlertFigures)),
        ("desk-suppressions", schema_for!(Page<Suppression>)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/schema");
    for (name, schema) in shapes {
        let path = folder.join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("ATHAR_UPDATE_SCHEMAS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{} is not the shape", path.display());
    }
}
