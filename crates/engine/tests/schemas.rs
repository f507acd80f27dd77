//! The JSON shapes under `docs/reference/schema` are those of the views.
//!
//! After a wanted change run the test with `ATHAR_UPDATE_SCHEMAS=1` and review the difference.
use athar_engine::discovery::Found;
use athar_engine::lists::ListImport;
use athar_engine::names::{BatchLine, Comparison, NameView};
use athar_engine::policy::{PolicyDiff, Stored};
use athar_engine::read::{
    AccountAddressView, AccountBlockView, AccountEntityView, AccountExplainView, AccountExposureView, AccountTraceView,
    AccountTxView, AddressView, AssessedScreenView, BacktestView, BlockView, CampaignView, CampaignsView, CategoryView,
    CoinJoinView, ConflictsView, DecisionView, DirectView, EntityAnswer, EntityGrowthView, EntityPastView, ExplainView,
    ExposureAsOfView, ExposureView, ItemView, LabelConflictsView, LabelsView, ListDiffView, ListEntryView, ListedView,
    ListsFoundView, ListsView, MempoolView, PathsView, PoliciesView, PolicyView, PriceDayView, PricesStatusView,
    PricesView, ScreenView, SightingsCustodyView, SightingsView, StatusView, TotalsView, TraceCompareView, TraceView,
    TxView, VerifyView, WithoutView,
};
use athar_engine::read::{
    CouponFlowsView, NotesView, ReceiptsListView, RecordView, RecordsJournalView, RecordsStatusView, RecordsView,
};
use athar_engine::records::Receipt;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use std::{fs, path::Path};

/// The shape of what is written: a field that is left out where it is empty is not required.
fn shape<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

#[test]
fn the_documented_shapes_are_the_real_ones() {
    let shapes: Vec<(&str, Schema)> = vec![
        ("status", shape::<StatusView>()),
        ("verify", shape::<VerifyView>()),
        ("block", shape::<BlockView>()),
        ("tx", shape::<TxView>()),
        ("address", shape::<AddressView>()),
        ("entity", shape::<EntityAnswer>()),
        ("entity-at", shape::<EntityPastView>()),
        ("entity-growth", shape::<EntityGrowthView>()),
        ("entity-conflicts", shape::<ConflictsView>()),
        ("entity-without", shape::<WithoutView>()),
        ("explain", shape::<ExplainView>()),
        ("coinjoin", shape::<CoinJoinView>()),
        ("labels", shape::<LabelsView>()),
        ("labels-taxonomy", shape::<Vec<CategoryView>>()),
        ("labels-conflicts", shape::<LabelConflictsView>()),
        ("lists", shape::<ListsView>()),
        ("lists-import", shape::<Vec<ListImport>>()),
        ("lists-show", shape::<ListEntryView>()),
        ("lists-diff", shape::<ListDiffView>()),
        ("lists-on", shape::<ListedView>()),
        ("lists-find", shape::<ListsFoundView>()),
        ("names-screen", shape::<NameView>()),
        ("names-screen-file", shape::<BatchLine>()),
        ("names-compare", shape::<Comparison>()),
        ("prices-list", shape::<PricesView>()),
        ("prices-show", shape::<PriceDayView>()),
        ("prices-status", shape::<PricesStatusView>()),
        ("mempool", shape::<MempoolView>()),
        ("screen", shape::<Vec<ScreenView>>()),
        ("screen-direct", shape::<Vec<DirectView>>()),
        ("check", shape::<DecisionView>()),
        ("totals", shape::<TotalsView>()),
        ("screen-policy", shape::<Vec<AssessedScreenView>>()),
        ("policy-list", shape::<PoliciesView>()),
        ("policy-show", shape::<PolicyView>()),
        ("policy-stored", shape::<Stored>()),
        ("policy-diff", shape::<PolicyDiff>()),
        ("policy-test", shape::<BacktestView>()),
        ("trace", shape::<TraceView>()),
        ("trace-policies", shape::<TraceCompareView>()),
        ("exposure", shape::<ExposureView>()),
        ("exposure-at", shape::<ExposureAsOfView>()),
        ("paths", shape::<PathsView>()),
        ("discover", shape::<Found>()),
        ("sightings", shape::<SightingsView>()),
        ("sightings-item", shape::<ItemView>()),
        ("sightings-custody", shape::<SightingsCustodyView>()),
        ("records", shape::<RecordsView>()),
        ("records-record", shape::<RecordView>()),
        ("records-receipt", shape::<Receipt>()),
        ("records-imports", shape::<ReceiptsListView>()),
        ("records-linked", shape::<CouponFlowsView>()),
        ("records-stats", shape::<RecordsStatusView>()),
        ("records-journal", shape::<RecordsJournalView>()),
        ("records-notes", shape::<NotesView>()),
        ("campaigns", shape::<CampaignsView>()),
        ("campaign", shape::<CampaignView>()),
        ("account-address", shape::<AccountAddressView>()),
        ("account-tx", shape::<AccountTxView>()),
        ("account-block", shape::<AccountBlockView>()),
        ("account-entity", shape::<AccountEntityView>()),
        ("account-explain", shape::<AccountExplainView>()),
        ("account-trace", shape::<AccountTraceView>()),
        ("account-exposure", shape::<AccountExposureView>()),
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
