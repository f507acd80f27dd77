//! Logging in and out, and what the application needs to know first.

use super::{BodyKind, Call, READ, Route, Rows, Run, Task, Verb, provider};
use crate::app::{App, clock};
use crate::auth::{self, Actor, Caller, Door, cookie, with_team};
use crate::media::JSON;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::screenings::wrong;
use crate::settings::DemoCase;
use athar_engine::{Chain, Engine};
use athar_team::{LoginError, NewSession, Role, Session, Team};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use std::time::Instant;

const TAG: &str = "team";
const CODES: &[codes::Code] = &[
    codes::UNAUTHENTICATED,
    codes::ORIGIN_REFUSED,
    codes::CSRF_REFUSED,
    codes::TEAM_UNAVAILABLE,
    codes::STATE_REFUSED,
    codes::FIELD_INVALID,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];
const LOGIN_CODES: &[codes::Code] = &[
    codes::LOGIN_REFUSED,
    codes::LOGIN_LOCKED,
    codes::RATE_LIMITED,
    codes::ORIGIN_REFUSED,
    codes::CSRF_REFUSED,
    codes::TEAM_UNAVAILABLE,
    codes::STATE_REFUSED,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
];
/// What the application begins with.
#[derive(Debug, Serialize, JsonSchema)]
struct SessionView {
    /// `local`: everybody is the user of this machine. `team`: people log in.
    #[schemars(with = "String")]
    mode: &'static str,
    /// Who is logged in; none where nobody is.
    user: Option<Me>,
    /// What they may.
    #[schemars(with = "Vec<String>")]
    scopes: Vec<&'static str>,
    /// What a request that changes something carries in `X-Athar-CSRF`.
    csrf: Option<String>,
    /// How to log in.
    login: LoginView,
    /// When the session ends if nothing more is asked, or in any case; seconds since 1970.
    expires_s: Option<i64>,
    /// Version of the program.
    #[schemars(with = "String")]
    version: &'static str,
    /// Chains of the store, the one that it was started for first.
    #[schemars(with = "Vec<String>")]
    chains: Vec<&'static str>,
    /// The guided case, where the store is the demo's.
    demo: Option<DemoCase>,
}

/// Who is logged in.
#[derive(Debug, Serialize, JsonSchema)]
struct Me {
    /// Number; none in local mode without a database.
    id: Option<i64>,
    /// The name that they log in by.
    name: String,
    /// The name that others see.
    display: String,
    /// `viewer`, `analyst`, `supervisor`, `admin`.
    #[schemars(with = "String")]
    role: &'static str,
    /// The language they read.
    language: String,
}

/// How to log in.
#[derive(Debug, Serialize, JsonSchema)]
struct LoginView {
    /// By name and password.
    password: bool,
    /// At a provider.
    oidc: Option<ProviderView>,
}

/// A provider to log in at.
#[derive(Debug, Serialize, JsonSchema)]
struct ProviderView {
    /// Its name for people.
    name: String,
    /// Where the browser goes.
    #[schemars(with = "String")]
    start: &'static str,
}

/// Name and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The name.
    name: String,
    /// The password.
    password: String,
}

/// A change of one's own password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The present one.
    current: String,
    /// The new one.
    new: String,
}

/// The language that one reads.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Language {
    /// `en` or `ar`.
    language: String,
}

/// As a route of a person's own: everybody may ask, and those who have to be somebody are told so.
const OWN: Route = Route { tag: TAG, scope: None, door: Door::Person, rows: Rows::Numbered, codes: CODES, ..READ };

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/session",
        id: "session",
        summary: "Who is logged in, what they may, and how to log in",
        shape: |g| g.subschema_for::<SessionView>(),
        run: Run::Task(|call| Box::pin(async move { Reply::json(&view(&call.app, &call.head, &call.caller).await?) })),
        ..OWN
    },
    Route {
        method: Verb::Post,
        path: "/v1/session",
        id: "login",
        summary: "Logs in by name and password; the session comes as a cookie",
        door: Door::Login,
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Credentials>(), idempotent: false }),
        shape: |g| g.subschema_for::<SessionView>(),
        codes: LOGIN_CODES,
        run: Run::Task(login),
        ..OWN
    },
    Route {
        method: Verb::Delete,
        path: "/v1/session",
        id: "logout",
        summary: "Logs out: the session ends",
        status: 204,
        run: Run::Task(logout),
        ..OWN
    },
    Route {
        method: Verb::Post,
        path: "/v1/session/password",
        id: "changePassword",
        summary: "Changes one's own password; all other sessions of the person end",
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<PasswordChange>(), idempotent: false }),
        status: 204,
        codes: &[
            codes::UNAUTHENTICATED,
            codes::RATE_LIMITED,
            codes::ORIGIN_REFUSED,
            codes::CSRF_REFUSED,
            codes::TEAM_UNAVAILABLE,
            codes::NOT_FOUND,
            codes::STATE_REFUSED,
            codes::FIELD_INVALID,
            codes::TOO_MANY,
            codes::STORAGE_FULL,
            codes::BUSY,
            codes::TIME_LIMIT,
            codes::SHUTTING_DOWN,
        ],
        run: Run::Task(change_password),
        ..OWN
    },
    Route {
        method: Verb::Post,
        path: "/v1/session/language",
        id: "setLanguage",
        summary: "Sets the language that one reads",
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Language>(), idempotent: false }),
        status: 204,
        run: Run::Task(set_language),
        ..OWN
    },
    Route {
        path: "/v1/session/oidc",
        id: "oidcBegin",
        summary: "Sends the browser to the provider of logins",
        door: Door::Scope,
        status: 303,
        codes: &[
            codes::LOGIN_PROVIDER,
            codes::NOT_FOUND,
            codes::PATH_INVALID,
            codes::BUSY,
            codes::TIME_LIMIT,
            codes::TEAM_UNAVAILABLE,
            codes::SHUTTING_DOWN,
        ],
        run: Run::Task(provider::begin),
        ..OWN
    },
    Route {
        path: "/v1/session/oidc/callback",
        id: "oidcCallback",
        summary: "Where the provider of logins sends the browser back to; leads on to the application",
        door: Door::Login,
        params: &[&[
            Param::new("state", Kind::Text(200), "Which login it is"),
            Param::new("code", Kind::Text(4_096), "What the provider gives a token for"),
            Param::new("error", Kind::Text(200), "Why it let nobody in"),
            Param::new("error_description", Kind::Text(4_096), "Not used"),
            Param::new("error_uri", Kind::Text(4_096), "Not used"),
            Param::new("iss", Kind::Text(4_096), "The provider"),
            Param::new("session_state", Kind::Text(4_096), "Not used"),
            Param::new("scope", Kind::Text(4_096), "Not used"),
            Param::new("authuser", Kind::Text(200), "Not used"),
            Param::new("hd", Kind::Text(200), "Not used"),
            Param::new("prompt", Kind::Text(200), "Not used"),
            Param::new("client_info", Kind::Text(4_096), "Not used"),
        ]],
        status: 303,
        codes: LOGIN_CODES,
        run: Run::Task(provider::callback),
        ..OWN
    },
];

async fn view(app: &App, head: &Parts, caller: &Caller) -> Result<SessionView, Problem> {
    // looked up again: the door keeps who it is alone
    let session = if let Actor::User(_) = caller.actor { auth::session(app, head).await? } else { None };
    let mut view = blank(app);
    match (session, &caller.actor) {
        (Some(session), _) => fill(&mut view, session),
        (None, Actor::Local) => {
            let language = match (app.team(), app.local_user) {
                (Ok(_), Some(id)) => with_team(app, move |team| Ok(team.user(id)?.language)).await?,
                _ => "en".into(),
            };
            let name = crate::LOCAL_USER.to_owned();
            view.user =
                Some(Me { id: app.local_user, display: name.clone(), name, role: Role::Admin.text(), language });
            view.csrf = Some(app.local_csrf.clone());
            view.scopes = caller.scopes.names();
        }
        _ => {}
    }
    Ok(view)
}

/// What is the same for everybody.
fn blank(app: &App) -> SessionView {
    let store = app.store.load();
    let first = store.engine.chain();
    let mut chains = vec![first.name()];
    let held = Engine::chains_held(store.folder()).unwrap_or_default();
    chains.extend(held.into_iter().filter(|chain| *chain != first).map(Chain::name));
    let is_local = app.keys.is_none();
    SessionView {
        mode: if is_local { "local" } else { "team" },
        user: None,
        scopes: Vec::new(),
        csrf: None,
        login: LoginView {
            password: !is_local && app.team().is_ok(),
            oidc: app
                .provider
                .as_ref()
                .filter(|_| !is_local)
                .map(|p| ProviderView { name: p.oidc.name.clone(), start: "/v1/session/oidc" }),
        },
        expires_s: None,
        version: env!("CARGO_PKG_VERSION"),
        chains,
        demo: app.settings.people.demo.clone(),
    }
}

fn fill(view: &mut SessionView, session: Session) {
    let Session { user, csrf, ends_s } = session;
    view.scopes = Caller::of_user(user.id, user.role).scopes.names();
    view.user = Some(Me {
        id: Some(user.id),
        name: user.name,
        display: user.display,
        role: user.role.text(),
        language: user.language,
    });
    (view.csrf, view.expires_s) = (Some(csrf), Some(ends_s));
}

/// Nobody logs in where nobody has to.
pub(super) fn in_team_mode(app: &App) -> Result<(), Problem> {
    if app.keys.is_none() {
        return Err(Problem::new(codes::STATE_REFUSED, "in local mode nobody logs in or out"));
    }
    Ok(())
}

/// The person who asks. In local mode the one of this machine.
fn person(caller: &Caller) -> Result<i64, Problem> {
    caller.user.ok_or_else(|| match caller.actor {
        Actor::Local => Problem::new(codes::STATE_REFUSED, "the service was started without a database of users"),
        _ => Problem::new(codes::UNAUTHENTICATED, "log in first"),
    })
}

/// What became of a login, for whoever tried and for the figures.
pub(super) fn outcome(app: &App, done: Result<NewSession, LoginError>) -> Result<NewSession, Problem> {
    let (counter, result) = match done {
        Ok(session) => (&app.logins.done, Ok(session)),
        Err(LoginError::Refused) => {
            (&app.logins.refused, Err(Problem::new(codes::LOGIN_REFUSED, "or nobody has this name, or it is disabled")))
        }
        Err(LoginError::Locked { wait_s }) => {
            let wait = u32::try_from(wait_s).unwrap_or(u32::MAX).max(1);
            (&app.logins.locked, Err(Problem::new(codes::LOGIN_LOCKED, "wait, then try again").retry(wait)))
        }
        Err(LoginError::Team(error)) => return Err(error.into()),
    };
    counter.fetch_add(1, Ordering::Relaxed);
    result
}

fn login(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, body, head, .. } = call;
        in_team_mode(&app)?;
        // what is wrong with the body is told by place, not by its text, which may be a password
        let given: Credentials = serde_json::from_slice(&body).map_err(|e| {
            let detail = format!("name and password are wanted (line {}, column {})", e.line(), e.column());
            Problem::new(codes::BODY_INVALID, detail)
        })?;
        let (source, per_minute) = (auth::source(&app, &head), app.settings.people.logins_per_minute);
        app.attempts.count(source.network(), per_minute, Instant::now())?;
        let old = auth::session_token(&app, &head);
        let work =
            move |team: &Team| Ok(team.login(clock(), &given.name, &given.password, Some(source.ip), old.as_deref()));
        let session = outcome(&app, with_team(&app, work).await?)?;
        app.attempts.pay_back(source.network(), per_minute, Instant::now());
        let cookie = cookie::set(&session.token, app.is_secure());
        let mut view = blank(&app);
        fill(&mut view, session.session);
        with_cookie(Reply::json(&view)?, cookie)
    })
}

pub(super) fn with_cookie(reply: Reply, cookie: Option<axum::http::HeaderValue>) -> Result<Reply, Problem> {
    let cookie = cookie.ok_or_else(|| Problem::internal("a cookie could not be written"))?;
    Ok(reply.header(SET_COOKIE, cookie))
}

fn logout(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, head, .. } = call;
        in_team_mode(&app)?;
        if let Some(token) = auth::session_token(&app, &head) {
            with_team(&app, move |team| Ok(team.logout(clock(), &token)?)).await?;
        }
        with_cookie(Reply::none(), cookie::clear(app.is_secure()))
    })
}

fn change_password(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, head, caller, body, .. } = call;
        in_team_mode(&app)?;
        let id = person(&caller)?;
        let given: PasswordChange = serde_json::from_slice(&body).map_err(|e| {
            let detail = format!("`current` and `new` are wanted (line {}, column {})", e.line(), e.column());
            Problem::new(codes::BODY_INVALID, detail)
        })?;
        // a session that was left open must not be good for guessing
        let (network, per_minute) = (auth::source(&app, &head).network(), app.settings.people.logins_per_minute);
        app.attempts.count(network, per_minute, Instant::now())?;
        let keep = auth::session_token(&app, &head);
        let work =
            move |team: &Team| Ok(team.change_password(clock(), id, &given.current, &given.new, keep.as_deref())?);
        with_team(&app, work).await?;
        app.attempts.pay_back(network, per_minute, Instant::now());
        Ok(Reply::none())
    })
}

fn set_language(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, caller, body, .. } = call;
        let id = person(&caller)?;
        let Language { language } = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
        with_team(&app, move |team| Ok(team.set_language(id, &language)?)).await?;
        Ok(Reply::none())
    })
}
