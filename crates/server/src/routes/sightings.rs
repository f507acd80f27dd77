//! Where identifiers were published: one document looked at, what was recorded of documents, and the campaigns made of it.
//!
//! What belongs to a person (account, card and telephone numbers, coupon codes, e-mail addresses, authors) is masked in every answer:
//! over HTTP there is no way to ask for it. What is recorded is read as it is at the moment of the question, not as it was when the
//! service opened the store.

use super::desk::{PAGE as NUMBERED, after, number, rows};
use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb, found};
use crate::auth::Caller;
use crate::keys::Scope;
use crate::media::JSON;
use crate::parameters::{Kind, PAGE, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::Ask;
use crate::settings::{FINDS_MAX, MEMBER_BYTES_MAX, MEMBERS_MAX, UNPACKED_BYTES_MAX, UNREAD_MAX};
use athar_engine::discovery::{Event, Found, Problem as Unread, Settings};
use athar_engine::documents::Limits;
use athar_engine::read::{
    CampaignView, CampaignsView, ItemView, SightingsCustodyView, SightingsView, campaign_view_of, custody,
    open_sightings, recorded_campaigns, sighted_item, sightings,
};
use athar_engine::sightings::campaign::KnownCampaign;
use athar_engine::sightings::{Campaign, Query};
use athar_engine::write::{DiscoverSummary, discover_bytes_with};
use athar_engine::{Chain, Day, Engine};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

const TAG: &str = "sightings";
/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// Media types of documents. What a document is read as its content decides: they are there for clients that send one anyway.
const DOCUMENTS: &[&str] = &[
    "application/octet-stream",
    "text/plain",
    "text/html",
    "text/markdown",
    "text/csv",
    JSON,
    "application/xhtml+xml",
    "application/pdf",
    "application/warc",
    "application/zip",
    "application/gzip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "message/rfc822",
    "multipart/related",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
];
const READS: &[codes::Code] = &[codes::SIGHTINGS_UNAVAILABLE, codes::BUSY];

/// What was found in a document.
#[derive(Debug, Serialize, JsonSchema)]
struct DiscoverView {
    /// What was looked at, what was found in all, and whether it was recorded.
    summary: DiscoverSummary,
    /// The finds, in the order of the document; at most 10,000. All are recorded, where that was asked.
    finds: Vec<Found>,
    /// Whether there are more finds than are listed.
    finds_truncated: bool,
    /// What could not be read, in the order of the document; at most 1,000.
    problems: Vec<Unread>,
    /// Whether more could not be read than is listed.
    problems_truncated: bool,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/discover",
        id: "discover",
        tag: TAG,
        summary: "Looks for identifiers in one document: its content tells what it is, whatever the media type says. \
                  With `record` the key needs the scope `write` too",
        params: &[&[
            Param::new(
                "name",
                Kind::Text(1_024),
                "Name of the document, for finds and the record, and where the content does not tell the kind its ending; \
                 without it one made of its hash",
            ),
            Param::new("record", Kind::Boolean, "Records what is found in the store"),
            Param::new("min_score", Kind::Integer(0, 100, Some(0)), "Only finds in passages with at least this score"),
            Param::new("excerpts", Kind::Boolean, "Gives the text around each find, personal identifiers masked"),
            Param::new(
                "bare_hashes",
                Kind::Boolean,
                "Also hashes that nothing says to be transactions, and Base58 texts that nothing says to be of Solana",
            ),
            Param::new("test_networks", Kind::Boolean, "Also addresses of test networks"),
        ]],
        body: Some(BodyKind { media: DOCUMENTS, shape: |g| g.subschema_for::<serde_json::Value>(), idempotent: false }),
        shape: |g| g.subschema_for::<DiscoverView>(),
        codes: &[codes::SIGHTINGS_UNAVAILABLE, codes::STORAGE_FULL, codes::BUSY],
        run: Run::Task(discover),
        ..READ
    },
    Route {
        path: "/v1/sightings",
        id: "sightings",
        tag: TAG,
        summary: "Where identifiers were seen, in the order in which that was recorded; personal ones masked",
        params: &[
            NUMBERED,
            &[
                Param::new("value", Kind::Text(4_096), "The identifier, in its normal form"),
                Param::new("kind", Kind::Text(40), "What it is: `address`, `iban`, and the others"),
                Param::new("chain", Kind::AnyChain, "A chain that it could belong to"),
                Param::new("channel", Kind::Text(4_096), "Channel, group or chat; upper and lower case count alike"),
                Param::new("site", Kind::Text(255), "Host that it was published on"),
                Param::new("file", Kind::Text(4_096), "File or document, as it was named"),
                Param::new("min_score", Kind::Integer(0, 100, Some(0)), "Only in passages with at least this score"),
                Param::new("from", Kind::Day, "Published on that day or later, as far as is known"),
                Param::new("to", Kind::Day, "Published on that day or before"),
            ],
        ],
        shape: |g| g.subschema_for::<SightingsView>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Engine(|ask| {
            let query = query(ask);
            let view = sightings(folder(ask), &query, false)?;
            let view = view.unwrap_or_else(|| SightingsView::none(&query, false));
            let mut reply = Reply::view(&view)?;
            reply.next = view.next;
            Ok(reply)
        }),
        ..READ
    },
    Route {
        path: "/v1/sightings/items/{id}",
        id: "sightedItem",
        tag: TAG,
        summary: "A recorded document: what was seen in it, what resembles it, what was done with it",
        parts: &[Part { name: "id", summary: "Number of the document" }],
        shape: |g| g.subschema_for::<ItemView>(),
        codes: &[codes::NOT_FOUND, codes::TARGET_INVALID, codes::SIGHTINGS_UNAVAILABLE, codes::BUSY],
        run: Run::Engine(|ask| {
            let id = u64::try_from(number(ask)?).unwrap_or_default();
            found_recorded(sighted_item(folder(ask), id, false)?)
        }),
        ..READ
    },
    Route {
        path: "/v1/sightings/custody",
        id: "sightingsCustody",
        tag: TAG,
        summary: "The chain of custody of recorded documents, checked, from the oldest entry on",
        params: &[NUMBERED],
        shape: |g| g.subschema_for::<SightingsCustodyView>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Engine(|ask| {
            let view = custody(folder(ask), ask.offset, rows(ask))?.unwrap_or_else(SightingsCustodyView::none);
            let mut reply = Reply::view(&view)?;
            reply.next = view.page.last().filter(|_| view.truncated).map(|last| last.seq);
            Ok(reply)
        }),
        ..READ
    },
    Route {
        path: "/v1/campaigns",
        id: "campaigns",
        tag: TAG,
        summary: "What was published together, the first published first",
        params: &[
            PAGE,
            &[Param::new("totals", Kind::Boolean, "Also what the addresses of each received on their chains")],
        ],
        shape: |g| g.subschema_for::<CampaignsView>(),
        codes: &[codes::SIGHTINGS_UNAVAILABLE, codes::BUSY, codes::ENTITIES_MISSING],
        rows: Rows::OfSightings,
        run: Run::Engine(|ask| {
            let made = ask.store.campaigns()?;
            let none = || CampaignsView::none(ask.offset, ask.limit);
            let mut view = made.as_ref().map_or_else(none, |made| made.view(ask.offset, ask.limit));
            if let Some(made) = made.filter(|_| ask.given.is("totals")) {
                let held = Engine::chains_held(folder(ask)).unwrap_or_default();
                for line in &mut view.campaigns {
                    let mut engine_of = |chain: Chain| {
                        let is_asked = held.contains(&chain) && !ask.cancel.is_cancelled();
                        is_asked.then(|| ask.store.of_chain(Some(chain))).transpose()
                    };
                    if ask.cancel.is_cancelled() {
                        break;
                    }
                    line.totals = ask.store.campaign_totals(&made, &line.id, &mut engine_of)?;
                }
            }
            let is_more = ask.offset.saturating_add(view.campaigns.len() as u64) < view.total;
            Ok(Reply::view(&view)?.next(is_more, ask.offset, view.campaigns.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/campaigns/{id}",
        id: "campaign",
        tag: TAG,
        summary: "A campaign, with what its addresses received on the chains of the store",
        parts: &[Part { name: "id", summary: "Id of the campaign, one that it had before, or an address in it" }],
        shape: |g| g.subschema_for::<CampaignView>(),
        codes: &[codes::NOT_FOUND, codes::ENTITIES_MISSING, codes::SIGHTINGS_UNAVAILABLE, codes::BUSY],
        run: Run::Engine(|ask| {
            let held = Engine::chains_held(folder(ask)).unwrap_or_default();
            let mut engine_of = |chain: Chain| {
                // of a question whose time is over nobody reads the answer
                let is_asked = held.contains(&chain) && !ask.cancel.is_cancelled();
                is_asked.then(|| ask.store.of_chain(Some(chain))).transpose()
            };
            let view = match ask.store.campaigns()? {
                Some(made) => campaign_view_of(&made, ask.part(0), false, &mut engine_of)?,
                None => None,
            };
            if let Some(view) = &view {
                remember(folder(ask), &view.campaign);
            }
            found_recorded(view)
        }),
        ..READ
    },
];

fn folder(ask: &Ask) -> &Path {
    ask.store.folder()
}

fn found_recorded<T: Serialize>(view: Option<T>) -> Result<Reply, Problem> {
    if view.is_none() {
        return Err(Problem::new(codes::NOT_FOUND, "nothing of this kind was recorded; that says nothing else of it"));
    }
    found(view)
}

/// Keeps the ids of campaigns, so that the one that was shown is still found by its id when it grows into another. A store that cannot
/// be written is read all the same.
fn remember(folder: &Path, shown: &Campaign) {
    let kept = || -> Result<(), Problem> {
        let Some(store) = open_sightings(folder)? else { return Ok(()) };
        let is_it = |known: &KnownCampaign| known.id == shown.id && known.addresses.len() >= shown.addresses.len();
        // all are made anew to be kept: not for one that is known as it is
        if !store.known_campaigns()?.iter().any(is_it) {
            store.remember_campaigns(&mut recorded_campaigns(&store)?.0)?;
        }
        Ok(())
    };
    drop(kept());
}

fn query(ask: &Ask) -> Query {
    let given = &ask.given;
    let text = |name: &str| given.get(name).map(str::to_owned);
    let day = |name: &str, more: i64| given.parsed::<Day>(name).map(|day| (i64::from(day.0) + more) * DAY_S);
    Query {
        value: text("value"),
        kind: text("kind"),
        chain: given.chain(),
        file: text("file"),
        site: text("site"),
        channel: text("channel"),
        from: day("from", 0),
        to: day("to", 1),
        score_min: given.parsed("min_score").unwrap_or(0),
        after: u64::try_from(after(ask)).unwrap_or_default(),
        limit: rows(ask),
        ..Query::default()
    }
}

/// Looks at the body, in the pool.
fn discover(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, body, .. } = call;
        if ask.given.is("record") && !caller.may_write {
            let detail = format!("`record` asks for the scope `{}`", Scope::Write.name());
            return Err(Problem::new(codes::SCOPE_MISSING, detail));
        }
        if body.is_empty() {
            return Err(Problem::new(codes::BODY_INVALID, "it is empty: send one document"));
        }
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        let settings = settings(&ask, &caller, time.as_secs());
        app.pool.run(time, &cancel, move || look(&ask, &settings, &body)).await
    })
}

/// How a document of a request is looked at: by one thread, within the time of a request, no more at once than a machine can bear with
/// all its workers busy.
fn settings(ask: &Ask, caller: &Caller, seconds: u64) -> Settings {
    let given = &ask.given;
    Settings {
        excerpts: given.is("excerpts"),
        bare_hashes: given.is("bare_hashes"),
        test_networks: given.is("test_networks"),
        score_min: given.parsed("min_score").unwrap_or(0),
        ..bounded(caller, seconds)
    }
}

/// The bounds of one document.
pub(super) fn bounded(caller: &Caller, seconds: u64) -> Settings {
    let bounds = Limits::default();
    Settings {
        limits: Limits {
            document_bytes: MEMBER_BYTES_MAX,
            unpacked_bytes: UNPACKED_BYTES_MAX,
            members: MEMBERS_MAX,
            seconds: bounds.seconds.min(seconds).max(1),
            ..bounds
        },
        threads: 1,
        unmasked: false,
        operator: caller.as_author(),
        ..Settings::default()
    }
}

fn look(ask: &Ask, settings: &Settings, body: &[u8]) -> Result<Reply, Problem> {
    let name = match ask.given.get("name") {
        Some(name) => name.to_owned(),
        // one of its own for every document: two at once must not be taken for readings of the same
        None => format!("upload-{}", &blake3::hash(body).to_hex()[..16]),
    };
    let (mut finds, mut unread) = (Vec::new(), Vec::new());
    let tell = |event: &Event| {
        match event {
            Event::Find(found, _) if finds.len() < FINDS_MAX => finds.push((**found).clone()),
            Event::Problem(problem) if unread.len() < UNREAD_MAX => unread.push((**problem).clone()),
            _ => {}
        }
        !ask.cancel.is_cancelled()
    };
    let known = ask.store.passages()?;
    let summary = discover_bytes_with(&known, folder(ask), &name, body, settings, ask.given.is("record"), tell)?;
    Reply::view(&DiscoverView {
        finds_truncated: summary.totals.finds > finds.len() as u64,
        problems_truncated: summary.totals.problems > unread.len() as u64,
        summary,
        finds,
        problems: unread,
    })
}
