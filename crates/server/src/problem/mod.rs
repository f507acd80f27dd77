//! Errors as the service shows them: RFC 9457 problem details with a stable code.

pub mod codes;

use athar_desk::DeskError;
use athar_engine::EngineError;
use athar_engine::sightings::{SightingsError, VaultError};
use athar_team::TeamError;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use codes::Code;
use schemars::JsonSchema;
use serde::Serialize;

/// Characters of a request that a detail repeats at most.
const SHOWN_MAX: usize = 80;

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which.
    pub code: Code,
    /// What about this request caused it.
    pub detail: String,
    /// The parameter, field or header it is about.
    pub field: Option<Box<str>>,
    /// Seconds after which the same request may fare better.
    pub retry_after_s: Option<u32>,
    /// What happened inside; for the log, never for the client.
    pub cause: Option<String>,
    /// The present state of what another change overtook.
    pub current: Option<Box<serde_json::Value>>,
}

/// A problem as JSON (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProblemView {
    /// Where the service itself explains the code: a path.
    pub r#type: String,
    /// The stable code.
    pub code: String,
    /// What the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What about this request caused it.
    pub detail: String,
    /// The parameter, field or header it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The present state of what another change overtook, as a read would give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<serde_json::Value>,
    /// The section of the documentation.
    pub documentation: String,
    /// Id of the request, as in the log and in the header `X-Request-Id`.
    pub request_id: String,
}

impl Problem {
    /// A problem with its detail.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, retry_after_s: None, cause: None, current: None }
    }

    /// Names the parameter, field or header it is about.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into().into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Tells the present state.
    #[must_use]
    pub fn current(mut self, state: serde_json::Value) -> Self {
        self.current = Some(Box::new(state));
        self
    }

    /// A failure of the service's own: the client learns the request's id, the log the cause.
    pub fn internal(cause: impl Into<String>) -> Self {
        let mut problem = Self::new(codes::INTERNAL, "the operator finds the cause in the log under the request's id");
        problem.cause = Some(cause.into());
        problem
    }

    /// As JSON.
    pub fn view(&self, request_id: &str) -> ProblemView {
        ProblemView {
            r#type: format!("/problems/{}", self.code.name),
            code: self.code.name.into(),
            title: self.code.title.into(),
            status: self.code.status,
            detail: self.detail.clone(),
            field: self.field.as_deref().map(str::to_owned),
            current: self.current.as_deref().cloned(),
            documentation: documentation(self.code),
            request_id: request_id.into(),
        }
    }

    /// As a response.
    pub fn response(&self, request_id: &str) -> Response {
        let body = serde_json::to_vec(&self.view(request_id)).unwrap_or_default();
        let status = StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Where a code is explained, relative to the root of the project.
pub fn documentation(code: Code) -> String {
    format!("docs/reference/errors.md#{}", code.name)
}

/// A user's text, short and without control characters, fit for an error message.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        short.push('…');
    }
    short
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Input { field, what } => Self::new(codes::FIELD_INVALID, format!("it {what}")).at(field),
            DeskError::TooMany { what, max } => Self::new(codes::TOO_MANY, format!("{what}: no more than {max}")),
            DeskError::Unknown { what, .. } => Self::new(codes::NOT_FOUND, format!("there is no such {what}")),
            DeskError::File { line, what, .. } => {
                Self::new(codes::FIELD_INVALID, format!("line {line}: {}", shown(&what))).at("body")
            }
            DeskError::Overtaken { expected, found, .. } => {
                Self::new(codes::VERSION_CONFLICT, format!("it has version {found}, not {expected}")).at("version")
            }
            DeskError::State { what, .. } => Self::new(codes::STATE_REFUSED, format!("it {}", shown(&what))),
            DeskError::Target(error) => Self::new(codes::WEBHOOK_TARGET_REFUSED, shown(&error.to_string())).at("url"),
            DeskError::Vault(VaultError::Full { .. }) => Self::new(codes::STORAGE_FULL, "the operator makes room"),
            DeskError::Vault(VaultError::Locked { .. }) => {
                Self::new(codes::BUSY, "another process writes to the desk").retry(1)
            }
            DeskError::Engine(error) => error.into(),
            // every other one speaks of the database: its operator's matter
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<TeamError> for Problem {
    fn from(error: TeamError) -> Self {
        let away = |detail| Self::new(codes::TEAM_UNAVAILABLE, detail).retry(5);
        let caused = |problem: Self| Self { cause: Some(error.to_string()), ..problem };
        match &error {
            TeamError::NotFound { what } => Self::new(codes::NOT_FOUND, format!("there is no such {what}")),
            TeamError::Version { current, seen, .. } => {
                Self::new(codes::VERSION_CONFLICT, format!("it has version {current}, not {seen}")).at("version")
            }
            TeamError::Invalid { field, why } => {
                Self::new(codes::FIELD_INVALID, format!("it {}", shown(why))).at(*field)
            }
            TeamError::Refused { why } => Self::new(codes::STATE_REFUSED, shown(why)),
            TeamError::Taken { what } => Self::new(codes::STATE_REFUSED, format!("{} is there already", shown(what))),
            TeamError::TooMany { what, most } => Self::new(codes::TOO_MANY, format!("{what}: no more than {most}")),
            TeamError::Full { .. } => caused(Self::new(codes::STORAGE_FULL, "the operator makes room")),
            TeamError::Busy { .. } => caused(Self::new(codes::BUSY, "another process writes to it").retry(1)),
            TeamError::Unreachable { .. } => caused(away("nothing was stored; try again")),
            TeamError::Unknown { .. } => caused(away("look whether it was stored before doing it again")),
            TeamError::Log(inner) => {
                Self { cause: Some(inner.to_string()), ..away("the audit log could not be written") }
            }
            // every other one speaks of the database: its operator's matter
            _ => Self::internal(error.to_string()),
        }
    }
}

impl From<SightingsError> for Problem {
    fn from(error: SightingsError) -> Self {
        match error {
            SightingsError::Unknown(_) => Self::new(codes::NOT_FOUND, "no document has this number"),
            SightingsError::Vault(VaultError::Full { .. }) => Self::new(codes::STORAGE_FULL, "the operator makes room"),
            SightingsError::Vault(VaultError::Locked { .. }) | SightingsError::NotOpen(_) => {
                Self::new(codes::BUSY, "another process or request writes to the sightings").retry(1)
            }
            // what was given was checked before it came here
            SightingsError::Input { .. } => Self::internal(error.to_string()),
            // the databases are their operator's matter, and their paths are not for clients
            other => {
                let detail = "the operator finds the cause in the log under the request's id";
                Self { cause: Some(other.to_string()), ..Self::new(codes::SIGHTINGS_UNAVAILABLE, detail) }
            }
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        if let EngineError::Records(error) = error {
            return error.into();
        }
        if let EngineError::Sightings(error) = error {
            return error.into();
        }
        match &error {
            EngineError::NotAccounts(_) | EngineError::OnlyOutputs(_) | EngineError::AccountTrace(_) => {
                Self::new(codes::TARGET_INVALID, error.to_string())
            }
            EngineError::Target { .. } => Self::new(codes::TARGET_INVALID, error.to_string()),
            EngineError::Empty { chain, .. } | EngineError::EmptyAccounts { chain, .. } => {
                Self::new(codes::STORE_EMPTY, format!("the store holds no blocks of {chain} yet"))
            }
            EngineError::NoEntities { chain, heuristics, .. } => {
                Self::new(codes::ENTITIES_MISSING, format!("the store has no entities by {heuristics} for {chain}"))
            }
            EngineError::NoLists => Self::new(codes::LISTS_MISSING, "the store has no list of names"),
            EngineError::Lists(athar_engine::lists::ListError::NoSuch { what }) => {
                Self::new(codes::NOT_FOUND, format!("no such list: {}", shown(what)))
            }
            // every other one speaks of the store's files: its operator's matter
            _ => Self::internal(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_named_once_and_have_a_status_of_an_error() {
        for (at, code) in codes::ALL.iter().enumerate() {
            assert!((400..600).contains(&code.status), "{}", code.name);
            assert!(code.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", code.name);
            assert!(codes::ALL[at + 1..].iter().all(|other| other.name != code.name), "{} twice", code.name);
            assert_eq!(codes::find(code.name), Some(*code));
        }
    }

    #[test]
    fn the_documentation_has_a_section_for_every_code_and_for_nothing_else() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/errors.md");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let names: Vec<&str> = codes::ALL.iter().map(|code| code.name).collect();
        assert_eq!(sections, names);
        for code in codes::ALL {
            let section = text.split("### ").find(|s| s.lines().next() == Some(code.name)).unwrap_or_default();
            let head = format!("Status {}. {}", code.status, code.title);
            assert!(section.contains(&head), "the section of {} says another status or title", code.name);
        }
    }

    #[test]
    fn a_request_is_shown_short_and_without_control_characters() {
        assert_eq!(shown("a\u{1b}[31m\n\u{202e}"), "a\\u{1b}[31m\\n\\u{202e}");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN_MAX + 1);
    }
}
