//! Whose request it is, and what they may.

use crate::keys::Scope;
use athar_team::Role;
use std::sync::Arc;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Nobody that the service knows: only routes that are open to everybody.
    Nobody,
    /// Whoever sits at this machine, where the service asks for neither keys nor users.
    Local,
    /// A program, by the id of its key.
    Key(Arc<str>),
    /// A person with a session, by number.
    User(i64),
}

/// What a role opens.
pub(crate) const fn scopes_of(role: Role) -> Scopes {
    let viewer = Scopes::of(&[Scope::Read, Scope::Screen, Scope::CaseRead]);
    match role {
        Role::Viewer => viewer,
        Role::Analyst => viewer.with(Scope::Write).with(Scope::CaseWrite),
        Role::Supervisor => scopes_of(Role::Analyst).with(Scope::Supervise),
        Role::Admin => scopes_of(Role::Supervisor).with(Scope::Admin),
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(u16);

impl Scopes {
    /// Of a list.
    pub(crate) const fn of(scopes: &[Scope]) -> Self {
        let (mut set, mut at) = (Self(0), 0);
        while at < scopes.len() {
            set = set.with(scopes[at]);
            at += 1;
        }
        set
    }

    /// With one more.
    pub(crate) const fn with(self, scope: Scope) -> Self {
        Self(self.0 | 1 << scope as u16)
    }

    /// Whether it holds one.
    pub(crate) const fn has(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u16 != 0
    }

    /// The names, in order.
    pub(crate) fn names(self) -> Vec<&'static str> {
        Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::name).collect()
    }
}

/// Whose request it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose jobs, idempotency keys and entries in journals these are: the id of a key, `user-7`, or none where everybody is the
    /// same one.
    pub(crate) key: Option<Arc<str>>,
    /// Who acts.
    pub(crate) actor: Actor,
    /// The person's number in the database; in local mode that of the user `local`, where there is a database.
    pub(crate) user: Option<i64>,
    /// The role, of people and of whoever is at this machine; keys have scopes alone.
    pub(crate) role: Option<Role>,
    /// What they may.
    pub(crate) scopes: Scopes,
    /// Whether it may see and end the work of others.
    pub(crate) is_admin: bool,
    /// Whether it may change what the service keeps.
    pub(crate) may_write: bool,
}

impl Caller {
    /// Who it is, as journals of the store name their authors: a key or a user, by number. None in local mode, where nobody is told apart.
    pub(crate) fn as_author(&self) -> Option<String> {
        match &self.actor {
            Actor::Nobody | Actor::Local => None,
            Actor::Key(id) => Some(format!("key {id}")),
            Actor::User(id) => Some(format!("user {id}")),
        }
    }

    fn new(key: Option<Arc<str>>, actor: Actor, role: Option<Role>, scopes: Scopes) -> Self {
        let (is_admin, may_write) = (scopes.has(Scope::Admin), scopes.has(Scope::Write));
        Self { key, actor, user: None, role, scopes, is_admin, may_write }
    }

    /// Nobody.
    pub(crate) fn nobody() -> Self {
        Self::new(None, Actor::Nobody, None, Scopes::default())
    }

    /// Whoever is at this machine: may everything.
    pub(crate) fn local(user: Option<i64>) -> Self {
        Self { user, ..Self::new(None, Actor::Local, Some(Role::Admin), scopes_of(Role::Admin)) }
    }

    /// The bearer of a key.
    pub(crate) fn of_key(id: &str, scopes: &[Scope]) -> Self {
        let id: Arc<str> = id.into();
        Self::new(Some(Arc::clone(&id)), Actor::Key(id), None, Scopes::of(scopes))
    }

    /// Somebody with a session.
    pub(crate) fn of_user(id: i64, role: Role) -> Self {
        let key = Arc::from(format!("user-{id}"));
        Self { user: Some(id), ..Self::new(Some(key), Actor::User(id), Some(role), scopes_of(role)) }
    }

    /// Whether work of that owner is its own.
    pub(crate) fn owns(&self, owner: Option<&Arc<str>>) -> bool {
        self.is_admin || self.key.as_ref() == owner
    }

    /// As the audit log names them.
    pub(crate) fn in_audit(&self) -> athar_team::Actor {
        match &self.actor {
            Actor::Nobody => athar_team::Actor::Nobody,
            Actor::Local => athar_team::Actor::Local,
            Actor::Key(id) => athar_team::Actor::Key(id.to_string()),
            Actor::User(id) => athar_team::Actor::User(*id),
        }
    }

    /// Whether it holds a scope.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.has(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_holds_what_the_one_before_it_holds_and_more() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (scopes_of(pair[0]), scopes_of(pair[1]));
            assert!(Scope::ALL.into_iter().all(|scope| !less.has(scope) || more.has(scope)));
            assert_ne!(less, more);
        }
        assert_eq!(scopes_of(Role::Viewer).names(), ["read", "screen", "case_read"]);
        assert_eq!(scopes_of(Role::Admin).names().len(), Scope::ALL.len());
        assert!(!scopes_of(Role::Viewer).has(Scope::Write) && !scopes_of(Role::Supervisor).has(Scope::Admin));
    }

    #[test]
    fn nobody_may_nothing_and_owns_nothing() {
        let nobody = Caller::nobody();
        assert!(Scope::ALL.into_iter().all(|scope| !nobody.has(scope)));
        assert!(!nobody.owns(Some(&"a".into())) && !nobody.is_admin && !nobody.may_write);
    }
}
