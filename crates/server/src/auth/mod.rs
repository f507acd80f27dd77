//! Who asks, and whether they may: programs by their keys, people by their sessions, whoever is at this machine in local mode.
//!
//! One door for all routes ([`enter`]), so that no route can forget it. In order: the name that was asked for, where nobody has to
//! log in; who it is; whether a page of another site sent it; the scope. A session is looked up in the database with every
//! request: one that was ended, or whose user was, lets nobody in from then on, on any server.

mod attempts;
mod caller;
pub(crate) mod cookie;
mod keyed;
pub(crate) mod oidc;
mod origin;
mod source;

pub(crate) use attempts::Attempts;
pub(crate) use caller::{Actor, Caller};
pub(crate) use keyed::Rates;
pub(crate) use origin::check_host;
pub(crate) use source::{Peer, Source};

use crate::app::{App, clock};
use crate::keys::{Scope, now_s};
use crate::problem::{Problem, codes};
use athar_team::{Session, Team};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Instant;

/// What a route wants to know of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// What its scope says; where it has none nobody is asked anything, so that it answers whatever the database does.
    Scope,
    /// Who it is, where somebody has logged in; everybody may ask.
    Person,
    /// As `Person`; it begins a session, so that it needs no token of the one before.
    Login,
}

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
pub(crate) async fn enter(app: &App, head: &Parts, scope: Option<Scope>, door: Door) -> Result<Caller, Problem> {
    let caller = identify(app, head, scope.is_some(), door).await?;
    let Some(scope) = scope else { return Ok(caller) };
    if caller.actor == Actor::Nobody {
        let detail = "send `Authorization: Bearer KEY` or `X-API-Key: KEY`, or log in";
        return Err(Problem::new(codes::UNAUTHENTICATED, detail));
    }
    if !caller.has(scope) {
        return Err(Problem::new(codes::SCOPE_MISSING, format!("the route asks for the scope `{}`", scope.name())));
    }
    if let Some(rate) = app.settings.limits.rate {
        app.rates.count(caller.key.as_ref(), rate, Instant::now())?;
    }
    Ok(caller)
}

async fn identify(app: &App, head: &Parts, is_scoped: bool, door: Door) -> Result<Caller, Problem> {
    let is_change = !origin::is_safe(&head.method);
    let Some(keys) = &app.keys else {
        check_host(&head.headers)?;
        // programs of this machine need no token: a browser that another site leads here tells that it is one
        if is_change && origin::is_of_browser(&head.headers) {
            origin::check_origin(&head.headers, &source(app, head), app.settings.transport.behind_proxy)?;
            origin::check_token(&head.headers, &app.local_csrf)?;
        }
        return Ok(Caller::local(app.local_user));
    };
    if !is_scoped && door == Door::Scope {
        return Ok(Caller::nobody());
    }
    if is_scoped && let Some(token) = keyed::token(&head.headers) {
        return keyed::enter(&keys.load(), token, now_s());
    }
    if is_change {
        origin::check_origin(&head.headers, &source(app, head), app.settings.transport.behind_proxy)?;
    }
    let Some(session) = session(app, head).await? else { return Ok(Caller::nobody()) };
    if is_change && door != Door::Login {
        origin::check_token(&head.headers, &session.csrf)?;
    }
    Ok(Caller::of_user(session.user.id, session.user.role))
}

/// The session's token of a request.
pub(crate) fn session_token(app: &App, head: &Parts) -> Option<String> {
    cookie::read(&head.headers, app.is_secure()).map(str::to_owned)
}

/// The session of a request, as the database has it now.
pub(crate) async fn session(app: &App, head: &Parts) -> Result<Option<Session>, Problem> {
    let (Some(token), Ok(_)) = (session_token(app, head), app.team()) else { return Ok(None) };
    with_team(app, move |team| Ok(team.session(clock(), &token)?)).await
}

/// Asks the team's database, apart from the threads that talk to clients and from the engine's questions: a long trace holds up
/// nobody's session.
pub(crate) async fn with_team<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Team) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let team = std::sync::Arc::clone(app.team()?);
    let cancel = crate::pool::Cancel::default();
    app.team_pool.run(app.settings.limits.request_time, &cancel, move || work(&team)).await
}
