//! The people of the team.

use super::desk::number;
use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb};
use crate::app::clock;
use crate::auth::with_team;
use crate::keys::Scope;
use crate::media::JSON;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::screenings::may_be_absent;
use athar_team::{Entry, NewPassword, NewUser, Role, Target, User, UserChange};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TAG: &str = "team";
const CODES: &[codes::Code] = &[codes::STORAGE_FULL, codes::TOO_MANY];
const CODES_ONE: &[codes::Code] = &[
    codes::STORAGE_FULL,
    codes::TOO_MANY,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
    codes::FIELD_INVALID,
    codes::STATE_REFUSED,
    codes::VERSION_CONFLICT,
];

/// A role in the team; each opens what the ones before it open.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    /// Reads, screens, reads cases.
    Viewer,
    /// Also writes and works on cases.
    Analyst,
    /// Also sees every case, decides on policies, reads the audit log.
    Supervisor,
    /// Also users, keys and webhooks.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Analyst => Self::Analyst,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Analyst => Self::Analyst,
            Role::Supervisor => Self::Supervisor,
            Role::Admin => Self::Admin,
        }
    }
}

/// A person of the team.
#[derive(Debug, Serialize, JsonSchema)]
struct UserView {
    /// Number; never given to another.
    id: i64,
    /// Version: a change names the one it saw.
    version: i64,
    /// The name that they log in by.
    name: String,
    /// The name that others see.
    display: String,
    /// The role.
    role: RoleName,
    /// Whether they are kept out.
    disabled: bool,
    /// Whether they have a password; one who comes by the provider of logins has none.
    has_password: bool,
    /// When the user was made, seconds since 1970.
    created_s: i64,
}

impl UserView {
    fn of(user: User) -> Self {
        let User { id, version, name, display, role, disabled, has_password, created_s, .. } = user;
        Self { id, version, name, display, role: role.into(), disabled, has_password, created_s }
    }
}

/// The people of the team.
#[derive(Debug, Serialize, JsonSchema)]
struct UsersView {
    /// All who were not erased, by name.
    users: Vec<UserView>,
}

/// A user to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUserBody {
    /// The name to log in by: letters and digits of any script, and `. _ - @ +`.
    name: String,
    /// The name that others see; the name to log in by where it is left out.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    display: Option<String>,
    /// The role.
    role: RoleName,
    /// `en` or `ar`.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    language: Option<String>,
    /// The password, of at least 12 characters; one is made where it is left out.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    password: Option<String>,
    /// True: they come by the provider of logins, under this name, and have no password.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    oidc: bool,
}

/// A user that was made or changed.
#[derive(Serialize, JsonSchema)]
struct Made {
    /// The user.
    user: UserView,
    /// The password, where one was made: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// What is changed of a user; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// The version that was seen.
    version: i64,
    /// The name that others see.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    display: Option<String>,
    /// The role.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    role: Option<RoleName>,
    /// Whether they are kept out.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    disabled: Option<bool>,
    /// A new password; an empty text has one made.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    password: Option<String>,
}

const ADMIN: Route = Route { tag: TAG, scope: Some(Scope::Admin), rows: Rows::Numbered, codes: CODES_ONE, ..READ };
const ID: &[Part] = &[Part { name: "id", summary: "Number of the user" }];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/users",
        id: "users",
        summary: "The people of the team",
        scope: Some(Scope::CaseRead),
        shape: |g| g.subschema_for::<UsersView>(),
        codes: CODES,
        run: Run::Task(|call| {
            Box::pin(async move {
                let by = call.caller.in_audit();
                let users = with_team(&call.app, move |team| {
                    team.append_read(Entry::new(clock(), by, "user.list", Target::None))?;
                    Ok(team.users()?)
                });
                Reply::json(&UsersView { users: users.await?.into_iter().map(UserView::of).collect() })
            })
        }),
        ..ADMIN
    },
    Route {
        method: Verb::Post,
        path: "/v1/users",
        id: "addUser",
        summary: "Makes a user; a password that was made is shown this once",
        // not kept for an idempotency key: the answer may hold a password
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<NewUserBody>(), idempotent: false }),
        status: 201,
        shape: |g| g.subschema_for::<Made>(),
        run: Run::Task(add),
        ..ADMIN
    },
    Route {
        method: Verb::Patch,
        path: "/v1/users/{id}",
        id: "changeUser",
        summary: "Changes a user: another role, another password, keeping out and letting in again",
        parts: ID,
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Change>(), idempotent: false }),
        shape: |g| g.subschema_for::<Made>(),
        run: Run::Task(change),
        ..ADMIN
    },
    Route {
        method: Verb::Delete,
        path: "/v1/users/{id}",
        id: "eraseUser",
        summary: "Erases a person: names, password and sessions; the number stays in the audit log",
        parts: ID,
        status: 204,
        run: Run::Task(|call| {
            Box::pin(async move {
                let (id, by) = (number(&call.ask)?, call.caller.in_audit());
                with_team(&call.app, move |team| Ok(team.erase_user(&by, clock(), id)?)).await?;
                Ok(Reply::none())
            })
        }),
        ..ADMIN
    },
];

/// A body that may hold a password: what is wrong with it is told by place, never by its text.
fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|e| {
        let detail = format!("line {}, column {}: the description says which fields there are", e.line(), e.column());
        Problem::new(codes::BODY_INVALID, detail)
    })
}

fn add(call: Call) -> Task {
    Box::pin(async move {
        let given: NewUserBody = read(&call.body)?;
        if given.oidc && given.password.is_some() {
            return Err(
                Problem::new(codes::FIELD_INVALID, "whoever comes by the provider has no password").at("password")
            );
        }
        let password = match given.password {
            _ if given.oidc => NewPassword::None,
            Some(password) => NewPassword::Given(password),
            None => NewPassword::Made,
        };
        let display = given.display.unwrap_or_else(|| given.name.clone());
        let language = given.language.unwrap_or_else(|| "und".into());
        let new = NewUser { name: given.name, display, role: given.role.into(), language, password };
        let by = call.caller.in_audit();
        let (user, password) = with_team(&call.app, move |team| Ok(team.create_user(&by, clock(), &new)?)).await?;
        let location = format!("/v1/users/{}", user.id);
        let mut reply = Reply::json(&Made { user: UserView::of(user), password })?.status(StatusCode::CREATED);
        reply.location = Some(location);
        Ok(reply)
    })
}

fn change(call: Call) -> Task {
    Box::pin(async move {
        let (id, by) = (number(&call.ask)?, call.caller.in_audit());
        let Change { version, display, role, disabled, password } = read(&call.body)?;
        let password = password.map(|text| if text.is_empty() { NewPassword::Made } else { NewPassword::Given(text) });
        let change = UserChange { display, role: role.map(Role::from), disabled, password };
        let work = move |team: &athar_team::Team| Ok(team.change_user(&by, clock(), id, version, &change)?);
        let (user, password) = with_team(&call.app, work).await?;
        Reply::json(&Made { user: UserView::of(user), password })
    })
}
