//! Official lists: who is designated, since when, what changed.

use super::{Part, READ, Route, Run, found};
use crate::parameters::{Kind, PAGE, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use athar_engine::Day;
use athar_engine::lists::ListStore;
use athar_engine::read::{
    ListDiffView, ListEntriesView, ListEntryView, ListedView, ListsFoundView, ListsView, lists_diff, page_of_entries,
};
use std::path::Path;

const TAG: &str = "lists";
const LIST: Part = Part { name: "list", summary: "List, or one of its versions as list@day or list@hash" };
const ENTRY: Part = Part { name: "id", summary: "The list's reference of the entry" };
const MISSING: &[codes::Code] = &[codes::NOT_FOUND];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/lists",
        id: "lists",
        tag: TAG,
        summary: "Every imported version of every list",
        shape: |g| g.subschema_for::<ListsView>(),
        run: Run::Engine(|ask| Reply::view(&ask.engine()?.lists())),
        ..READ
    },
    Route {
        path: "/v1/lists/{list}/entries",
        id: "listEntries",
        tag: TAG,
        summary: "The entries of a list, a page of them",
        parts: &[LIST],
        params: &[
            PAGE,
            &[Param::new(
                "q",
                Kind::Text(200),
                "Only entries whose reference, one of whose names or addresses holds this",
            )],
        ],
        shape: |g| g.subschema_for::<ListEntriesView>(),
        codes: MISSING,
        run: Run::Engine(|ask| {
            let loaded = ask.store.list(ask.part(0))?;
            let view = page_of_entries(&loaded.0, &loaded.1, ask.given.get("q"), ask.offset, ask.limit);
            Ok(Reply::view(&view)?.next(view.truncated, ask.offset, view.entries.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/lists/{list}/entries/{id}",
        id: "listEntry",
        tag: TAG,
        summary: "All that a list says of one entry",
        parts: &[LIST, ENTRY],
        shape: |g| g.subschema_for::<ListEntryView>(),
        codes: MISSING,
        run: Run::Engine(|ask| found(ask.engine()?.list_entry(ask.part(0), ask.part(1))?)),
        ..READ
    },
    Route {
        path: "/v1/lists/{list}/entries/{id}/on/{day}",
        id: "listedOn",
        tag: TAG,
        summary: "Whether an entry was listed on a day: yes, no or unknown, with the reason",
        parts: &[LIST, ENTRY, Part { name: "day", summary: "Day as 2020-01-31" }],
        shape: |g| g.subschema_for::<ListedView>(),
        codes: &[codes::NOT_FOUND, codes::TARGET_INVALID],
        run: Run::Engine(|ask| {
            let wrong =
                || Problem::new(codes::TARGET_INVALID, format!("`{}` is no day as 2020-01-31", shown(ask.part(2))));
            let day: Day = ask.part(2).parse().map_err(|_| wrong().at("day"))?;
            Reply::view(&ask.engine()?.listed_on(ask.part(0), ask.part(1), day)?)
        }),
        ..READ
    },
    Route {
        path: "/v1/lists/diff",
        id: "listsDiff",
        tag: TAG,
        summary: "What was added, removed and changed between two stored versions",
        params: &[&[
            Param::new("old", Kind::Text(200), "The older version: list, list@day, or a hash").required(),
            Param::new("new", Kind::Text(200), "The newer version").required(),
        ]],
        shape: |g| g.subschema_for::<ListDiffView>(),
        codes: MISSING,
        run: Run::Engine(|ask| {
            let (old, new) = (ask.needed("old"), ask.needed("new"));
            stored(ask.store.folder(), [old, new])?;
            Reply::view(&lists_diff(ask.store.folder(), old, new)?)
        }),
        ..READ
    },
    Route {
        path: "/v1/lists/find",
        id: "listsFind",
        tag: TAG,
        summary: "Which entries have an account number, passport, phone number, e-mail or address",
        params: &[&[Param::new("value", Kind::Text(200), "The identifier").required()]],
        shape: |g| g.subschema_for::<ListsFoundView>(),
        run: Run::Engine(|ask| Reply::view(&ask.engine()?.lists_find(ask.needed("value"))?)),
        ..READ
    },
];

/// The command line compares files too. A client's text never names a file of the machine that serves it.
fn stored(folder: &Path, versions: [&str; 2]) -> Result<(), Problem> {
    let store = ListStore::open(folder.join("lists")).map_err(|e| Problem::internal(e.to_string()))?;
    match versions.into_iter().find(|version| store.find_version(version).is_none()) {
        Some(missing) => Err(Problem::new(codes::NOT_FOUND, format!("no version is called `{}`", shown(missing)))),
        None => Ok(()),
    }
}
