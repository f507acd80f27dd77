//! A request repeated with one idempotency key gets the first answer again, and is not done twice.
//!
//! A client whose connection broke cannot know whether its request arrived; with a key it may simply send it again. The same key
//! with another body is a mistake of the client's, and refused. What is kept here lives as long as the process; [`Idempotency`]
//! is the border behind which a store that outlives it may stand.

use crate::generation::held;
use crate::problem::{Problem, codes};
use crate::settings::{IDEMPOTENT_BYTES_MAX, IDEMPOTENT_KEPT, IDEMPOTENT_MAX};
use bytes::Bytes;
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

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the request is to be answered, and the place is held for it.
    New,
    /// The same request was answered so.
    Answered(Stored),
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
    fn finish(&self, place: &Place, answer: Stored);
    /// Gives a held place back: the request was not answered, and may be sent again.
    fn abandon(&self, place: &Place);
}

/// A held place; given back when it is dropped without an answer.
#[derive(Debug)]
pub(crate) struct Guarded {
    app: Arc<crate::app::App>,
    place: Option<Place>,
}

impl Guarded {
    pub(crate) fn new(app: Arc<crate::app::App>, place: Place) -> Self {
        Self { app, place: Some(place) }
    }

    /// Keeps the answer.
    pub(crate) fn finish(mut self, answer: Stored) {
        if let Some(place) = self.place.take() {
            self.app.idempotency.finish(&place, answer);
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.app.idempotency.abandon(&place);
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
                Ok(Begun::New)
            }
        }
    }

    fn finish(&self, place: &Place, answer: Stored) {
        let mut kept = held(&self.kept);
        let Some(entry) = kept.by_place.get_mut(place) else { return };
        let bytes = answer.body.len();
        entry.answer = Some(answer);
        kept.bytes += bytes;
        kept.order.push_back((Instant::now(), place.clone()));
        kept.drop_oldest(Instant::now());
    }

    fn abandon(&self, place: &Place) {
        held(&self.kept).by_place.remove(place);
    }
}

/// The key of a request's header, where it has one.
pub(crate) fn key_of(headers: &axum::http::HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key("idempotency-key") { Err(invalid("it is given twice")) } else { Ok(None) };
    };
    let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len()));
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

    fn answer(bytes: usize) -> Stored {
        Stored { status: 200, media: crate::media::JSON, body: Bytes::from(vec![b'x'; bytes]), location: None }
    }

    #[test]
    fn a_key_goes_with_one_request_of_one_owner() {
        let kept = InMemory::default();
        let begin = |place: &Place, request: u8| kept.begin(place, [request; 32]).unwrap();
        assert_eq!(begin(&place("a"), 1), Begun::New);
        assert_eq!(begin(&place("a"), 1), Begun::InProgress);
        assert_eq!(begin(&place("a"), 2), Begun::Reused);
        kept.finish(&place("a"), answer(3));
        assert_eq!(begin(&place("a"), 1), Begun::Answered(answer(3)));
        assert_eq!(begin(&place("a"), 2), Begun::Reused);
        assert_eq!(begin(&Place { owner: Some("other".into()), ..place("a") }, 2), Begun::New);
        assert_eq!(begin(&place("b"), 1), Begun::New);
        kept.abandon(&place("b"));
        assert_eq!(begin(&place("b"), 2), Begun::New);
    }

    #[test]
    fn as_much_is_kept_as_may_be_and_the_oldest_goes() {
        let kept = InMemory::default();
        let size = IDEMPOTENT_BYTES_MAX / 4;
        for key in ["a", "b", "c", "d", "e"] {
            assert_eq!(kept.begin(&place(key), [0; 32]).unwrap(), Begun::New);
            kept.finish(&place(key), answer(size));
        }
        assert_eq!(kept.begin(&place("a"), [0; 32]).unwrap(), Begun::New);
        assert_eq!(kept.begin(&place("b"), [0; 32]).unwrap(), Begun::Answered(answer(size)));
        assert_eq!(held(&kept.kept).bytes, 4 * size);
    }
}
