//! A request repeated with one idempotency key gets the first answer again, and is not done twice.
//!
//! A client whose connection broke cannot know whether its request arrived; with a key it may simply send it again. The same key
//! with another body is a mistake of the client's, and refused. Answers are kept at the desk, and outlive the process; where the
//! store cannot be written they are kept in memory ([`InMemory`]).

use crate::generation::held;
use crate::problem::{Problem, codes};
use crate::settings::{IDEMPOTENT_BYTES_MAX, IDEMPOTENT_KEPT, IDEMPOTENT_MAX};
use athar_desk::{Begin, Desk, DeskError, Response, Ticket};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Whose key, for which route, and the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Id of the API key; none where the service asks for none.
    pub owner: Option<Arc<str>>,
    /// Method and path of the route.
    pub route: String,
    /// The key that the client chose.
    pub key: String,
}

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its status.
    pub status: u16,
    /// Its media type.
    pub media: &'static str,
    /// Its body.
    pub body: Bytes,
    /// The path of what was made.
    pub location: Option<String>,
}

/// A place that is held for a request which is being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    place: Place,
    /// What the desk gave for it.
    ticket: Option<Ticket>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the request is to be answered, and the place is held for it.
    New(Held),
    /// The same request was answered so.
    Answered(Stored),
    /// The same request was answered with this status; the answer was too long to be kept.
    Spent(u16),
    /// The same request is being answered.
    InProgress,
    /// Another request had this key.
    Reused,
}

/// Keeps answers by key.
pub trait Idempotency: Send + Sync + fmt::Debug {
    /// Looks a key up, and holds its place where nothing is known of it. `request` is the hash of all that the answer depends on.
    fn begin(&self, place: &Place, request: [u8; 32]) -> Result<Begun, Problem>;
    /// Keeps the answer of a held place.
    fn finish(&self, held: &Held, answer: Stored) -> Result<(), Problem>;
    /// Gives a held place back: the request was not answered, and may be sent again.
    fn abandon(&self, held: &Held);
}

/// A held place; given back when it is dropped without an answer. The desk writes to the disk: off the threads that answer.
#[derive(Debug)]
pub(crate) struct Guarded {
    app: Arc<crate::app::App>,
    held: Option<Held>,
}

impl Guarded {
    pub(crate) fn new(app: Arc<crate::app::App>, held: Held) -> Self {
        Self { app, held: Some(held) }
    }

    /// Keeps the answer.
    pub(crate) async fn finish(mut self, answer: Stored) -> Result<(), Problem> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let app = Arc::clone(&self.app);
        let done = tokio::task::spawn_blocking(move || app.idempotency.finish(&held, answer)).await;
        done.unwrap_or_else(|e| Err(Problem::internal(e.to_string())))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        let app = Arc::clone(&self.app);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || app.idempotency.abandon(&held))),
            Err(_) => app.idempotency.abandon(&held),
        }
    }
}

/// At the desk. An answer is stored as a line of JSON that says what it is, and the body behind it.
#[derive(Debug)]
pub(crate) struct AtDesk(pub(crate) Arc<Desk>);

#[derive(Serialize, Deserialize)]
struct Head {
    media: String,
    location: Option<String>,
}

fn envelope(answer: &Stored) -> Result<Response, Problem> {
    let head = Head { media: answer.media.into(), location: answer.location.clone() };
    let mut body = serde_json::to_vec(&head).map_err(|e| Problem::internal(e.to_string()))?;
    body.push(b'\n');
    body.extend_from_slice(&answer.body);
    Ok(Response { status: answer.status, body })
}

fn opened(response: Response) -> Result<Stored, Problem> {
    let damaged = || Problem::internal("a kept answer of an idempotency key cannot be read");
    let end = response.body.iter().position(|b| *b == b'\n').ok_or_else(damaged)?;
    let head: Head = serde_json::from_slice(&response.body[..end]).map_err(|_| damaged())?;
    let media = crate::media::named(&head.media).ok_or_else(damaged)?;
    let body = Bytes::from(response.body).slice(end + 1..);
    Ok(Stored { status: response.status, media, body, location: head.location })
}

impl Idempotency for AtDesk {
    fn begin(&self, place: &Place, request: [u8; 32]) -> Result<Begun, Problem> {
        // a key of the client's belongs to one route: two of them may have it
        let owner = format!("{} {}", place.owner.as_deref().unwrap_or("-"), place.route);
        Ok(match self.0.begin(&place.key, &owner, &request, crate::app::clock())? {
            Begin::New(ticket) => Begun::New(Held { place: place.clone(), ticket: Some(ticket) }),
            Begin::Replay(response) => Begun::Answered(opened(response)?),
            Begin::Spent(status) => Begun::Spent(status),
            Begin::Conflict => Begun::Reused,
            Begin::InProgress => Begun::InProgress,
        })
    }

    fn finish(&self, held: &Held, answer: Stored) -> Result<(), Problem> {
        let Some(ticket) = &held.ticket else { return Ok(()) };
        match self.0.finish(ticket, &envelope(&answer)?) {
            // whoever took it over has the right to it; this client gets its answer all the same
            Ok(()) | Err(DeskError::TakenOver) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn abandon(&self, held: &Held) {
        if let Some(ticket) = &held.ticket {
            // where it cannot be stored the place is free again when its time is over
            let _ = self.0.abandon(ticket);
        }
    }
}

/// In memory, bounded in number, bytes and time; the oldest go first.
#[derive(Debug, Default)]
pub struct InMemory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_place: HashMap<Place, Entry>,
    /// Answered places, the oldest first.
    order: VecDeque<(Instant, Place)>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    request: [u8; 32],
    answer: Option<Stored>,
}

impl Kept {
    fn drop_oldest(&mut self, now: Instant) {
        while let Some((at, _)) = self.order.front() {
            let is_old = now.saturating_duration_since(*at) >= IDEMPOTENT_KEPT;
            if !is_old && self.order.len() <= IDEMPOTENT_MAX && self.bytes <= IDEMPOTENT_BYTES_MAX {
                break;
            }
            let Some((_, place)) = self.order.pop_front() else { break };
            let answer = self.by_place.remove(&place).and_then(|entry| entry.answer);
            self.bytes -= answer.map_or(0, |answer| answer.body.len());
        }
    }
}

impl Idempotency for InMemory {
    fn begin(&self, place: &Place, request: [u8; 32]) -> Result<Begun, Problem> {
        let mut kept = held(&self.kept);
        kept.drop_oldest(Instant::now());
        match kept.by_place.get(place) {
            Some(entry) if entry.request != request => Ok(Begun::Reused),
            Some(Entry { answer: Some(answer), .. }) => Ok(Begun::Answered(answer.clone())),
            Some(_) => Ok(Begun::InProgress),
            // as many may be held as requests run at once, which is bounded elsewhere
            None => {
                kept.by_place.insert(place.clone(), Entry { request, answer: None });
                Ok(Begun::New(Held { place: place.clone(), ticket: None }))
            }
        }
    }

    fn finish(&self, of: &Held, answer: Stored) -> Result<(), Problem> {
        let mut kept = held(&self.kept);
        let Some(entry) = kept.by_place.get_mut(&of.place) else { return Ok(()) };
        let bytes = answer.body.len();
        entry.answer = Some(answer);
        kept.bytes += bytes;
        kept.order.push_back((Instant::now(), of.place.clone()));
        kept.drop_oldest(Instant::now());
        Ok(())
    }

    fn abandon(&self, of: &Held) {
        held(&self.kept).by_place.remove(&of.place);
    }
}

/// The key of a request's header, where it has one.
pub(crate) fn key_of(headers: &axum::http::HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key("idempotency-key") { Err(invalid("it is given twice")) } else { Ok(None) };
    };
    // a header may hold tabs too, and `to_str` takes them
    let is_printable = |text: &&str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len())).filter(is_printable);
    text.map(|text| Some(text.to_owned())).ok_or_else(|| invalid("send 1 to 255 printable ASCII characters"))
}

fn invalid(what: &str) -> Problem {
    Problem::new(codes::IDEMPOTENCY_KEY_INVALID, what).at("Idempotency-Key")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    fn place(key: &str) -> Place {
        Place { owner: None, route: "POST /v1/screenings".into(), key: key.into() }
    }

    #[test]
    fn a_key_is_printable_and_not_too_long() {
        let of = |value: &[u8]| {
            let mut headers = axum::http::HeaderMap::new();
            headers.insert("idempotency-key", axum::http::HeaderValue::from_bytes(value).unwrap());
            key_of(&headers)
        };
        assert_eq!(of(b"a key ~").unwrap().as_deref(), Some("a key ~"));
        for wrong in [&b""[..], b"a\tkey", "é".as_bytes(), &[b'x'; 256]] {
            assert_eq!(of(wrong).unwrap_err().code.name, "idempotency_key_invalid", "{wrong:?}");
        }
    }

    fn answer(bytes: usize) -> Stored {
        Stored { status: 200, media: crate::media::JSON, body: Bytes::from(vec![b'x'; bytes]), location: None }
    }

    fn new(kept: &dyn Idempotency, key: &str, request: u8) -> Held {
        match kept.begin(&place(key), [request; 32]).unwrap() {
            Begun::New(held) => held,
            other => panic!("{other:?}"),
        }
    }

    fn keeps_answers(kept: &dyn Idempotency) {
        let begin = |place: &Place, request: u8| kept.begin(place, [request; 32]).unwrap();
        let a = new(kept, "a", 1);
        assert_eq!(begin(&place("a"), 1), Begun::InProgress);
        assert_eq!(begin(&place("a"), 2), Begun::Reused);
        let answer = Stored { location: Some("/v1/x".into()), status: 201, ..answer(3) };
        kept.finish(&a, answer.clone()).unwrap();
        assert_eq!(begin(&place("a"), 1), Begun::Answered(answer));
        assert_eq!(begin(&place("a"), 2), Begun::Reused);
        assert!(matches!(begin(&Place { owner: Some("other".into()), ..place("a") }, 2), Begun::New(_)));
        assert!(matches!(begin(&Place { route: "POST /v1/jobs".into(), ..place("a") }, 2), Begun::New(_)));
        let b = new(kept, "b", 1);
        kept.abandon(&b);
        new(kept, "b", 2);
    }

    #[test]
    fn a_key_goes_with_one_request_of_one_owner() {
        keeps_answers(&InMemory::default());
        let folder = tempfile::tempdir().unwrap();
        keeps_answers(&AtDesk(Arc::new(Desk::open(folder.path()).unwrap())));
        // and in another process
        let again = AtDesk(Arc::new(Desk::open(folder.path()).unwrap()));
        assert!(matches!(again.begin(&place("a"), [1; 32]).unwrap(), Begun::Answered(_)));
        assert_eq!(again.begin(&place("b"), [2; 32]).unwrap(), Begun::InProgress);
    }

    #[test]
    fn as_much_is_kept_as_may_be_and_the_oldest_goes() {
        let kept = InMemory::default();
        let size = IDEMPOTENT_BYTES_MAX / 4;
        for key in ["a", "b", "c", "d", "e"] {
            kept.finish(&new(&kept, key, 0), answer(size)).unwrap();
        }
        new(&kept, "a", 0);
        assert_eq!(kept.begin(&place("b"), [0; 32]).unwrap(), Begun::Answered(answer(size)));
        assert_eq!(held(&kept.kept).bytes, 4 * size);
    }
}
