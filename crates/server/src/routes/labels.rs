//! Who somebody says an address is.

use super::{READ, Route, Run};
use crate::csv::Table;
use crate::media::{CSV, JSON};
use crate::parameters::{CHAIN, DAYS, Kind, PAGE, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_engine::Category;
use athar_engine::read::{CategoryView, LabelConflictsView, LabelFilter, LabelsOf, LabelsView, taxonomy};

const TAG: &str = "labels";

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/labels",
        id: "labels",
        tag: TAG,
        summary: "Labels, or those of one subject",
        params: &[
            CHAIN,
            DAYS,
            PAGE,
            &[
                Param::new("subject", Kind::Text(4_096), "Address, transaction id or account"),
                Param::new(
                    "of",
                    Kind::Word(&["in_use", "quarantined", "all"]),
                    "Which: those in use, quarantined entries, or everything, retracted labels too",
                ),
                Param::new("name", Kind::Text(200), "Only labels whose name holds this, upper and lower case alike"),
                Param::new("category", Kind::Text(60), "Only labels of a category"),
            ],
        ],
        media: &[JSON, CSV],
        shape: |g| g.subschema_for::<LabelsView>(),
        codes: &[codes::CURSOR_EXPIRED],
        run: Run::Engine(|ask| {
            let which = match ask.given.get("of") {
                Some("quarantined") => LabelsOf::Quarantined,
                Some("all") => LabelsOf::All,
                _ => LabelsOf::InUse,
            };
            let category = match ask.given.get("category") {
                None => None,
                Some(text) => Some(text.parse::<Category>().map_err(|error| {
                    Problem::new(codes::PARAMETER_INVALID, format!("`{}`: {error}", shown(text))).at("category")
                })?),
            };
            let filter = LabelFilter { name: ask.given.get("name").map(str::to_owned), category };
            let subject = ask.given.get("subject");
            let view = ask.engine_of_days()?.labels_filtered(subject, which, &filter, ask.offset, ask.limit)?;
            let reply = if ask.media == CSV { Reply::of(CSV, table(&view)?) } else { Reply::view(&view)? };
            Ok(reply.next(view.truncated, ask.offset, view.labels.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/labels/conflicts",
        id: "labelConflicts",
        tag: TAG,
        summary: "Subjects whose labels contradict each other",
        params: &[CHAIN, PAGE],
        shape: |g| g.subschema_for::<LabelConflictsView>(),
        run: Run::Engine(|ask| {
            let view = ask.engine()?.label_conflicts(ask.offset, ask.limit);
            Ok(Reply::view(&view)?.next(view.truncated, ask.offset, view.conflicts.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/labels/taxonomy",
        id: "taxonomy",
        tag: TAG,
        summary: "The categories, with the concepts of other vocabularies that become them",
        shape: |g| g.subschema_for::<Vec<CategoryView>>(),
        run: Run::Quick(|_| Reply::view(&taxonomy())),
        ..READ
    },
];

/// The labels of a page as a table: what tells them, and where they are from.
fn table(view: &LabelsView) -> Result<Vec<u8>, Problem> {
    let columns = [
        "id",
        "subject",
        "kind",
        "chain",
        "label",
        "category",
        "basis",
        "source",
        "confidence",
        "valid_from",
        "valid_to",
        "pack",
        "line",
        "quarantine",
        "note",
    ];
    let mut table = Table::new(&columns)?;
    // by the names of the JSON shape: one list of fields for both forms
    for label in &view.labels {
        let json = serde_json::to_value(label).map_err(|e| Problem::internal(e.to_string()))?;
        table.row(columns.iter().map(|column| crate::csv::cell(&json[*column])))?;
    }
    table.end()
}
