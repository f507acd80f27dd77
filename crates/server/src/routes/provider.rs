//! Logging in at the provider: the way there, and the way back.

use super::session::{in_team_mode, outcome, with_cookie};
use super::{Call, Task};
use crate::app::{App, clock};
use crate::auth::{self, cookie, oidc, with_team};
use crate::media::JSON;
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::settings::LogLevel;
use athar_team::{NewPassword, NewSession, NewUser, Role, Team};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::request::Parts;

/// Where the provider sends the browser back to.
const BACK: &str = "/v1/session/oidc/callback";

/// Where the provider sends the browser back to, as the browser knows this service.
fn back(app: &App, head: &Parts) -> Result<String, Problem> {
    let host = head.headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    if !is_host {
        return Err(Problem::new(codes::PATH_INVALID, format!("`{}` is no name of a host", shown(host))).at("Host"));
    }
    let scheme = if auth::source(app, head).tls { "https" } else { "http" };
    Ok(format!("{scheme}://{host}{BACK}"))
}

fn leads_to(place: String) -> Reply {
    let mut reply = Reply::of(JSON, axum::body::Body::empty()).status(StatusCode::SEE_OTHER);
    reply.location = Some(place);
    reply
}

pub(super) fn begin(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, head, .. } = call;
        let none = || Problem::new(codes::NOT_FOUND, "the service was started without a provider of logins");
        let provider = app.provider.clone().filter(|_| app.keys.is_some()).ok_or_else(none)?;
        let (begun, back) = (oidc::Begun::new()?, back(&app, &head)?);
        let cookie = begun.cookie(app.is_secure());
        let place = with_team(&app, move |_| provider.begin(&begun, &back)).await?;
        with_cookie(leads_to(place), cookie)
    })
}

/// A person comes back. Whatever goes wrong, they see the application and not JSON; the log has the cause.
pub(super) fn callback(call: Call) -> Task {
    Box::pin(async move {
        let app = call.app.clone();
        let secure = app.is_secure();
        let mut reply = match come_back(call).await {
            Ok(session) => with_cookie(leads_to("/".into()), cookie::set(&session.token, secure))?,
            Err(problem) => {
                let fields = serde_json::json!({ "code": problem.code.name, "cause": problem.cause });
                // a service without a provider fails nobody: whoever comes here was led by nothing of ours
                let level = if app.provider.is_some() { LogLevel::Error } else { LogLevel::Requests };
                app.log.line(level, "login_failed", fields);
                leads_to(format!("/login?error={}", problem.code.name))
            }
        };
        reply = with_cookie(reply, oidc::clear(secure))?;
        Ok(reply)
    })
}

async fn come_back(call: Call) -> Result<NewSession, Problem> {
    let Call { app, ask, head, .. } = call;
    in_team_mode(&app)?;
    let none = || Problem::new(codes::NOT_FOUND, "the service was started without a provider of logins");
    let provider = app.provider.clone().ok_or_else(none)?;
    let begun = oidc::Begun::of(&head.headers, app.is_secure(), ask.needed("state"))?;
    if ask.given.get("iss").is_some_and(|iss| iss != provider.oidc.issuer) {
        return Err(oidc::refused("another provider answered"));
    }
    if let Some(error) = ask.given.get("error") {
        return Err(oidc::refused(format!("the provider said {}", shown(error))));
    }
    let code = ask.given.get("code").ok_or_else(|| oidc::refused("the provider gave no code"))?.to_owned();
    let (back, old) = (back(&app, &head)?, auth::session_token(&app, &head));
    let work = move |team: &Team| {
        let who = provider.finish(&begun, &code, &back, clock())?;
        let issuer = &provider.oidc.issuer;
        if team.user_by_identity(issuer, &who.subject)?.is_none() {
            if let Some(id) = expected(team, &who)? {
                team.link_identity(&athar_team::Actor::System, clock(), issuer, &who.subject, id)?;
            } else if provider.oidc.make_users {
                make_user(team, issuer, &who)?;
            }
        }
        Ok(team.login_by_identity(clock(), issuer, &who.subject, old.as_deref()))
    };
    outcome(&app, with_team(&app, work).await?)
}

/// The user that an administrator made for somebody who is to come by the provider: of the name that they have there, without a
/// password, and with no identity yet. No other account is ever taken by its name.
fn expected(team: &Team, who: &oidc::Identity) -> Result<Option<i64>, Problem> {
    let Some(name) = &who.name else { return Ok(None) };
    let found = team.user_by_name(name)?.filter(|user| !user.has_password && !user.disabled);
    let Some(user) = found.filter(|user| user.name != crate::LOCAL_USER) else { return Ok(None) };
    Ok(team.identities(user.id)?.is_empty().then_some(user.id))
}

/// A viewer for somebody whom the provider lets in for the first time. A name that is taken is never taken over: the account of
/// that name may be another person's.
fn make_user(team: &Team, issuer: &str, who: &oidc::Identity) -> Result<(), Problem> {
    let wanted = who.name.clone().unwrap_or_else(|| who.subject.clone());
    let display = who.display.clone().unwrap_or_else(|| wanted.clone());
    let new =
        NewUser { name: wanted, display, role: Role::Viewer, language: "und".into(), password: NewPassword::None };
    let by = athar_team::Actor::System;
    let made =
        team.create_user(&by, clock(), &new).map_err(|e| oidc::refused(format!("no user could be made: {e}")))?;
    Ok(team.link_identity(&by, clock(), issuer, &who.subject, made.0.id)?)
}
