//! Attachments: bytes in, bytes out. Whatever a file says it is, it goes out as bytes to be saved, never as a page or a picture.

use super::{At, CASE, ITEM, READING, WRITING, at_cases, who};
use crate::app::clock;
use crate::auth::with_team;
use crate::media::{ANY, OCTETS};
use crate::parameters::{Kind, Param};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::routes::{BodyKind, Call, Route, Run, Task, Verb};
use athar_team::cases::{AttachmentView, Kind as ItemKind, bounds};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;

/// The attachments of a case.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AttachmentList")]
struct AttachmentsView {
    /// All of them, by ascending number.
    items: Vec<AttachmentView>,
    /// Nothing: there is one page.
    next: Option<String>,
}

const NAME: Param =
    Param::new("name", Kind::Text(bounds::NAME_CHARS_MAX * 4), "What the file is called, without a folder").required();

pub(super) const LIST: Route = Route {
    path: "/v1/cases/{case}/attachments",
    id: "caseAttachments",
    summary: "The attachments of a case, without their bytes",
    shape: |g| g.subschema_for::<AttachmentsView>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let items = at.cases.attachments(at.who, at.case()?, at.now_s)?;
            Reply::json(&AttachmentsView { items, next: None })
        })
    }),
    ..READING
};

pub(super) const ADD: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{case}/attachments",
    id: "addCaseAttachment",
    summary: "Attaches a file of up to 32 MiB: the body is its bytes, whatever the media type says",
    params: &[&[NAME]],
    body: Some(BodyKind { media: &[ANY], shape: |g| g.subschema_for::<String>(), idempotent: false }),
    body_bytes_max: bounds::ATTACHMENT_BYTES_MAX,
    status: 201,
    shape: |g| g.subschema_for::<AttachmentView>(),
    run: Run::Task(add),
    ..WRITING
};

pub(super) const READ_ONE: Route = Route {
    path: "/v1/cases/{case}/attachments/{id}",
    id: "caseAttachment",
    summary: "The bytes of an attachment, to be saved",
    parts: &[CASE, ITEM],
    media: &[OCTETS],
    shape: |g| g.subschema_for::<String>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let (file, bytes) = at.cases.attachment(at.who, at.case()?, at.item()?, at.now_s)?;
            Ok(saved(Reply::of(OCTETS, bytes), &file.name))
        })
    }),
    ..READING
};

pub(super) const REMOVE: Route = Route {
    method: Verb::Delete,
    path: "/v1/cases/{case}/attachments/{id}",
    id: "removeCaseAttachment",
    summary: "Takes an attachment out of a case; it can be undone, so the case holds the bytes until it is purged",
    parts: &[CASE, ITEM],
    status: 204,
    run: Run::Task(|call| at_cases(call, remove)),
    ..WRITING
};

fn add(call: Call) -> Task {
    Box::pin(async move {
        let told = call.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let media = if media.is_empty() { OCTETS.to_owned() } else { media };
        let Call { app, ask, caller, body, .. } = call;
        let who = who(&caller);
        with_team(&app, move |team| {
            let at = At { cases: team.cases(), who: &who, ask: &ask, body: &body, now_s: clock() };
            let file = at.cases.attach(&who, at.case()?, ask.needed("name"), &media, &body, at.now_s)?;
            let mut reply = Reply::json(&file)?.status(StatusCode::CREATED);
            reply.location = Some(format!("/v1/cases/{}/attachments/{}", at.case()?, file.id));
            Ok(reply)
        })
        .await
    })
}

fn remove(at: &At<'_>) -> Result<Reply, Problem> {
    at.cases.remove(at.who, at.case()?, ItemKind::Attachment, at.item()?, None, at.now_s)?;
    Ok(Reply::none())
}

/// An answer that a browser saves under a name and never shows.
pub(super) fn saved(reply: Reply, name: &str) -> Reply {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    match HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}")) {
        Ok(value) => reply.header(CONTENT_DISPOSITION, value),
        Err(_) => reply.header(CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    }
}
