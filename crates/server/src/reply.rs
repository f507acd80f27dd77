//! An answer on its way to the client.

use crate::media;
use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its media type.
    pub(crate) media: &'static str,
    /// Its body.
    pub(crate) body: Body,
    /// The row that the next page begins with, where there is one.
    pub(crate) next: Option<u64>,
    /// The path of what was made.
    pub(crate) location: Option<String>,
    /// Further headers.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// Bytes of a type.
    pub(crate) fn of(media: &'static str, body: impl Into<Body>) -> Self {
        Self { status: StatusCode::OK, media, body: body.into(), next: None, location: None, headers: Vec::new() }
    }

    /// A view as the command line prints it with `--json`: the same bytes.
    pub(crate) fn view<T: Serialize>(view: &T) -> Result<Self, Problem> {
        let mut bytes = serde_json::to_vec_pretty(view).map_err(|e| Problem::internal(e.to_string()))?;
        bytes.push(b'\n');
        Ok(Self::of(media::JSON, bytes))
    }

    /// A value in as few bytes as JSON has.
    pub(crate) fn json<T: Serialize>(value: &T) -> Result<Self, Problem> {
        Ok(Self::of(media::JSON, serde_json::to_vec(value).map_err(|e| Problem::internal(e.to_string()))?))
    }

    /// Done, with nothing to tell.
    pub(crate) fn none() -> Self {
        Self::of(media::JSON, Body::empty()).status(StatusCode::NO_CONTENT)
    }

    /// The same with a header more.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with another status.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same with the row of the next page, where there is one.
    pub(crate) fn next(mut self, is_more: bool, offset: u64, rows: usize) -> Self {
        self.next = (is_more && rows > 0).then_some(offset + rows as u64);
        self
    }
}
