//! The JSON shapes under `docs/reference/schema` are those of the views.
//!
//! After a wanted change run the test with `ATHAR_UPDATE_SCHEMAS=1` and review the difference.
#![allow(clippy::unwrap_used)] // tests

use athar_engine::lists::ListImport;
use athar_engine::names::{BatchLine, Comparison, NameView};
use athar_engine::policy::{PolicyDiff, Stored};
use athar_engine::read::{
    AddressView, AssessedScreenView, BacktestView, BlockView, CategoryView, CoinJoinView, ConflictsView, DirectView,
    EntityAnswer, EntityGrowthView, EntityPastView, ExplainView, ExposureAsOfView, ExposureView, LabelConflictsView,
    LabelsView, ListDiffView, ListEntryView, ListedView, ListsFoundView, ListsView, MempoolView, PathsView,
    PoliciesView, PolicyView, PriceDayView, PricesStatusView, PricesView, ScreenView, StatusView, TraceCompareView,
    TraceView, TxView, VerifyView, WithoutView,
};
use schemars::{Schema, schema_for};
use std::{fs, path::Path};

#[test]
fn the_documented_shapes_are_the_real_ones() {
    let shapes: Vec<(&str, Schema)> = vec![
        ("status", schema_for!(StatusView)),
        ("verify", schema_for!(VerifyView)),
        ("block", schema_for!(BlockView)),
        ("tx", schema_for!(TxView)),
        ("address", schema_for!(AddressView)),
        ("entity", schema_for!(EntityAnswer)),
        ("entity-at", schema_for!(EntityPastView)),
        ("entity-growth", schema_for!(EntityGrowthView)),
        ("entity-conflicts", schema_for!(ConflictsView)),
        ("entity-without", schema_for!(WithoutView)),
        ("explain", schema_for!(ExplainView)),
        ("coinjoin", schema_for!(CoinJoinView)),
        ("labels", schema_for!(LabelsView)),
        ("labels-taxonomy", schema_for!(Vec<CategoryView>)),
        ("labels-conflicts", schema_for!(LabelConflictsView)),
        ("lists", schema_for!(ListsView)),
        ("lists-import", schema_for!(Vec<ListImport>)),
        ("lists-show", schema_for!(ListEntryView)),
        ("lists-diff", schema_for!(ListDiffView)),
        ("lists-on", schema_for!(ListedView)),
        ("lists-find", schema_for!(ListsFoundView)),
        ("names-screen", schema_for!(NameView)),
        ("names-screen-file", schema_for!(BatchLine)),
        ("names-compare", schema_for!(Comparison)),
        ("prices-list", schema_for!(PricesView)),
        ("prices-show", schema_for!(PriceDayView)),
        ("prices-status", schema_for!(PricesStatusView)),
        ("mempool", schema_for!(MempoolView)),
        ("screen", schema_for!(Vec<ScreenView>)),
        ("screen-direct", schema_for!(Vec<DirectView>)),
        ("screen-policy", schema_for!(Vec<AssessedScreenView>)),
        ("policy-list", schema_for!(PoliciesView)),
        ("policy-show", schema_for!(PolicyView)),
        ("policy-stored", schema_for!(Stored)),
        ("policy-diff", schema_for!(PolicyDiff)),
        ("policy-test", schema_for!(BacktestView)),
        ("trace", schema_for!(TraceView)),
        ("trace-policies", schema_for!(TraceCompareView)),
        ("exposure", schema_for!(ExposureView)),
        ("exposure-at", schema_for!(ExposureAsOfView)),
        ("paths", schema_for!(PathsView)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/schema");
    let update = std::env::var_os("ATHAR_UPDATE_SCHEMAS").is_some();
    if update {
        fs::create_dir_all(&folder).unwrap();
    }
    for (name, schema) in shapes {
        let path = folder.join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if update {
            fs::write(&path, &text).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == text, "{} is not the shape of `athar {} --json`", path.display(), name.replace('-', " "));
    }
}
