//! Idempotency keys: a request that is sent again is not carried out again.
//!
//! `begin` says which of four a request is. A new one is worked on by whoever got the ticket, until he finishes it, gives it
//! up, or his time is over: then the next one with the same key takes the work over (the process may have been killed).
//! What must happen exactly once is done in the transaction that finishes the request ([`Desk::register_once`]).

use crate::DeskError;
use crate::db::{Desk, Done};
use crate::register::{Registered, register};
use crate::subject::NewSubject;
use rusqlite::{OptionalExtension, Transaction, params};

/// How long an answer is kept for repetition, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 3600;
/// How long a request may be worked on, in seconds.
pub const LEASE_SECONDS: i64 = 120;
/// Requests that are kept for one API key.
pub const REQUESTS_MAX: u64 = 100_000;
/// Longest answer that is kept for repetition, in bytes.
pub const RESPONSE_BYTES_MAX: usize = 16 << 20;
/// Longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 255;

/// An answer as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

/// The right to work on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    api_key: String,
    key: String,
    number: i64,
}

/// What a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Seen for the first time, or given up by an earlier one: carry it out.
    New(Ticket),
    /// Carried out before: send this again.
    Replay(Response),
    /// Carried out before with this status; the answer was too long to be kept.
    Spent(u16),
    /// The key was used for another body.
    Conflict,
    /// Another one is carrying it out right now.
    InProgress,
}

impl Desk {
    /// Begins a request of an API key with an idempotency key. `body_hash` stands for method, path and body.
    pub fn begin(&self, key: &str, api_key: &str, body_hash: &[u8; 32], now: i64) -> Result<Begin, DeskError> {
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            return Err(DeskError::input("Idempotency-Key", format!("does not have 1 to {KEY_BYTES_MAX} bytes")));
        }
        self.write(|t| {
            t.prepare_cached(
                "DELETE FROM requests WHERE (api_key, idempotency_key) IN
                 (SELECT api_key, idempotency_key FROM requests WHERE expires_at <= ?1 LIMIT 100)
                 OR (api_key = ?2 AND idempotency_key = ?3 AND expires_at <= ?1)",
            )?
            .execute(params![now, api_key, key])?;
            let mut find = t.prepare_cached(
                "SELECT body_hash, ticket, leased_until, status, response FROM requests
                 WHERE api_key = ?1 AND idempotency_key = ?2",
            )?;
            type Row = (Vec<u8>, i64, i64, Option<u16>, Option<Vec<u8>>);
            let found: Option<Row> = find
                .query_row([api_key, key], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))
                .optional()?;
            let number = match found {
                Some((hash, ..)) if hash[..] != body_hash[..] => return Ok(Begin::Conflict),
                Some((_, _, _, Some(status), Some(body))) => return Ok(Begin::Replay(Response { status, body })),
                Some((_, _, _, Some(status), None)) => return Ok(Begin::Spent(status)),
                Some((_, _, leased_until, None, _)) if leased_until > now => return Ok(Begin::InProgress),
                Some((_, ticket, ..)) => ticket + 1,
                None => {
                    let count = "SELECT count(*) FROM requests WHERE api_key = ?1";
                    let count: i64 = t.prepare_cached(count)?.query_row([api_key], |row| row.get(0))?;
                    if count as u64 >= REQUESTS_MAX {
                        return Err(DeskError::TooMany { what: "idempotency keys in a day", max: REQUESTS_MAX }.into());
                    }
                    1
                }
            };
            t.prepare_cached(
                "INSERT INTO requests (api_key, idempotency_key, body_hash, ticket, leased_until, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET ticket = ?4, leased_until = ?5, expires_at = ?6",
            )?
            .execute(params![api_key, key, &body_hash[..], number, now + LEASE_SECONDS, now + KEPT_SECONDS])?;
            Ok(Begin::New(Ticket { api_key: api_key.into(), key: key.into(), number }))
        })
    }

    /// Finishes a request: from now on it is answered by this. Refused where another has taken it over.
    pub fn finish(&self, ticket: &Ticket, response: &Response) -> Result<(), DeskError> {
        self.write(|t| finish(t, ticket, response))
    }

    /// Gives a request up, so that it can be sent again at once: it failed, and nothing was done.
    pub fn abandon(&self, ticket: &Ticket) -> Result<(), DeskError> {
        self.write(|t| {
            t.execute(
                "DELETE FROM requests WHERE api_key = ?1 AND idempotency_key = ?2 AND ticket = ?3 AND status IS NULL",
                params![ticket.api_key, ticket.key, ticket.number],
            )?;
            Ok(())
        })
    }

    /// Registers subjects and finishes the request that asked for it, in one transaction: however often it is sent and
    /// wherever the process is killed, it happens once.
    pub fn register_once(
        &self,
        ticket: &Ticket,
        subjects: &[NewSubject],
        now: i64,
        respond: impl FnOnce(&[Registered]) -> Response,
    ) -> Result<Response, DeskError> {
        subjects.iter().try_for_each(NewSubject::check)?;
        if subjects.len() > crate::REGISTER_MAX {
            return Err(DeskError::TooMany { what: "subjects at once", max: crate::REGISTER_MAX as u64 });
        }
        self.write(|t| {
            let registered = register(t, subjects, now)?;
            let response = respond(&registered);
            finish(t, ticket, &response)?;
            Ok(response)
        })
    }
}

fn finish(t: &Transaction<'_>, ticket: &Ticket, response: &Response) -> Done<()> {
    let kept = (response.body.len() <= RESPONSE_BYTES_MAX).then_some(&response.body);
    let done = t
        .prepare_cached(
            "UPDATE requests SET status = ?4, response = ?5
             WHERE api_key = ?1 AND idempotency_key = ?2 AND ticket = ?3 AND status IS NULL",
        )?
        .execute(params![ticket.api_key, ticket.key, ticket.number, response.status, kept])?;
    if done == 1 { Ok(()) } else { Err(DeskError::TakenOver.into()) }
}
