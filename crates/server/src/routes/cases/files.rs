//! A case as a file, out and in.

use super::attachments::saved;
use super::case::made;
use super::{READING, WRITING, at_cases, number, who};
use crate::app::clock;
use crate::auth::with_team;
use crate::media::ZIP;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{BodyKind, Call, Route, Run, Task, Verb};
use athar_team::cases::{Case, bounds};
use axum::body::Body;
use bytes::Bytes;
use std::fs::File;
use std::io::{Cursor, Read, Seek};

/// Bytes that are read of a file at once.
const CHUNK_BYTES: usize = 256 << 10;

pub(super) const EXPORT: Route = Route {
    path: "/v1/cases/{case}/export",
    id: "exportCase",
    summary: "A case whole, as a ZIP file: case.json, attachments by hash, and a manifest with the BLAKE3 and SHA-256 of each",
    media: &[ZIP],
    shape: |g| g.subschema_for::<String>(),
    run: Run::Task(export),
    ..READING
};

pub(super) const IMPORT: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/import",
    id: "importCase",
    summary: "Makes a case of an exported one, whole or not at all. Who imports it owns it; authors that are no users here become text",
    parts: &[],
    body: Some(BodyKind { media: &[ZIP], shape: |g| g.subschema_for::<String>(), idempotent: false }),
    body_bytes_max: bounds::IMPORT_BYTES_MAX as usize,
    status: 201,
    shape: |g| g.subschema_for::<Case>(),
    codes: IMPORTS,
    run: Run::Task(|call| at_cases(call, |at| made(&at.cases.import(at.who, Cursor::new(at.body), at.now_s)?))),
    ..WRITING
};

const IMPORTS: &[codes::Code] = &[
    codes::TEAM_UNAVAILABLE,
    codes::ORIGIN_REFUSED,
    codes::CSRF_REFUSED,
    codes::CASE_FORBIDDEN,
    codes::ARCHIVE_INVALID,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];

fn export(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, .. } = call;
        let (who, case) = (who(&caller), number(&ask, 0, "case")?);
        let file = with_team(&app, move |team| {
            let failed = |e: std::io::Error| Problem::internal(format!("a temporary file: {e}"));
            let mut file = tempfile::tempfile().map_err(failed)?;
            team.cases().export(&who, case, &mut file, clock())?;
            file.rewind().map_err(failed)?;
            Ok(file)
        })
        .await?;
        Ok(saved(Reply::of(ZIP, streamed(file)), &format!("case-{case}.zip")))
    })
}

/// A file as the body of an answer, read as the client takes it.
fn streamed(file: File) -> Body {
    let chunks = futures_util::stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            Ok::<_, std::io::Error>((chunk, file))
        });
        let (chunk, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!chunk.is_empty()).then(|| (Bytes::from(chunk), file)))
    });
    Body::from_stream(chunks)
}
