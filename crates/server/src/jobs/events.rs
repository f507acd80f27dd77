//! How a job goes on, as server-sent events.

use super::table::{Job, JobState};
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// A comment is sent after such a silence, so that the way to the client stays open and a gone client is noticed.
const SILENCE: Duration = Duration::from_secs(15);
/// Between two events of progress at least.
const PACE: Duration = Duration::from_millis(100);

/// A body of events, the last of which is `done`, `failed` or `cancelled`. Each carries the job as `GET /v1/jobs/{id}` shows it,
/// without its result.
pub(super) fn body(job: Arc<Job>) -> Body {
    let follow = job.follow();
    let first = Some((job, follow, true));
    Body::from_stream(stream::unfold(first, |state| async move {
        let (job, mut follow, is_first) = state?;
        if !is_first {
            tokio::time::sleep(PACE).await;
            match tokio::time::timeout(SILENCE, follow.changed()).await {
                Err(_) => {
                    return Some((Ok::<_, Infallible>(Bytes::from_static(b": \n\n")), Some((job, follow, false))));
                }
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
        }
        let state = follow.borrow_and_update().state;
        let event = match state {
            JobState::Waiting | JobState::Running => "progress",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        };
        let data = serde_json::to_string(&job.view(false)).unwrap_or_default();
        let text = Bytes::from(format!("event: {event}\ndata: {data}\n\n"));
        Some((Ok(text), (!state.is_over()).then_some((job, follow, false))))
    }))
}
