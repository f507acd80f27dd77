//! Who asks, and whether they may: programs by their keys, people by their sessions, whoever is at this machine in local mode.
//!
//! One door for all routes ([`enter`]), so that no route can forget it. In order: the name that was asked for, where no key is
//! asked for; who it is; whether a page of another site sent it; the scope.

mod attempts;
mod caller;
pub(crate) mod cookie;
mod keyed;
mod origin;
mod source;

pub(crate) use attempts::Attempts;
pub(crate) use caller::{Actor, Caller, Role, Scopes, User};
pub(crate) use keyed::Rates;
pub(crate) use origin::{check_host, check_origin};
pub(crate) use source::{Peer, Source};

use crate::app::App;
use crate::keys::{Scope, now_s};
use crate::problem::{Problem, codes};
use axum::http::Method;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Instant;

/// A new text that nobody can guess: 256 bits from the system, in 43 characters.
pub(crate) fn token() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where a request comes from.
pub(crate) fn source(app: &App, head: &Parts) -> Source {
    Source::of(&head.extensions, &head.headers, app.settings.transport.behind_proxy)
}

/// Who asks, where they may what the scope says. Without a scope everybody may, also nobody.
pub(crate) async fn enter(app: &App, head: &Parts, scope: Option<Scope>) -> Result<Caller, Problem> {
    let caller = identify(app, head).await?;
    match scope {
        Some(scope) if caller.actor == Actor::Nobody => {
            let _ = scope;
            let detail = "send `Authorization: Bearer KEY` or `X-API-Key: KEY`, or log in";
            return Err(Problem::new(codes::UNAUTHENTICATED, detail));
        }
        Some(scope) if !caller.has(scope) => {
            let detail = format!("the route asks for the scope `{}`", scope.name());
            return Err(Problem::new(codes::SCOPE_MISSING, detail));
        }
        _ => {}
    }
    if let (Some(rate), Some(_)) = (app.settings.limits.rate, scope) {
        app.rates.count(caller.key.as_ref(), rate, Instant::now())?;
    }
    Ok(caller)
}

/// Who asks. A key that is wrong is refused also where none is asked for; a session that has ended is nobody's.
async fn identify(app: &App, head: &Parts) -> Result<Caller, Problem> {
    let (headers, proxy) = (&head.headers, app.settings.transport.behind_proxy);
    let is_change = !origin::is_safe(&head.method);
    let Some(keys) = &app.keys else {
        check_host(headers)?;
        // programs of this machine need no token: a browser that another site leads here tells that it is one
        if is_change && origin::is_of_browser(headers) {
            check_origin(headers, &source(app, head), proxy)?;
            origin::check_token(headers, &app.local_csrf)?;
        }
        return Ok(Caller::local());
    };
    if let Some(token) = keyed::token(headers) {
        return keyed::enter(&keys.load(), token, now_s());
    }
    let _ = (Method::GET, is_change);
    Ok(Caller::nobody())
}
