//! Whose request it is, and what they may.

use crate::keys::Scope;
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
    /// A person, by number and name, with the hash of the session.
    User(User),
}

/// A person with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// Number in the database.
    pub(crate) id: i64,
    /// The name that they log in by.
    pub(crate) name: Arc<str>,
}

/// What somebody holds in a team. Each holds what the ones before it hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Reads, screens, reads the cases they are a member of.
    Viewer,
    /// Also writes, and works on cases.
    Analyst,
    /// Also sees every case, decides on policies, reads the audit log.
    Supervisor,
    /// Also users, keys, webhooks.
    Admin,
}

impl Role {
    /// What the role opens.
    pub(crate) const fn scopes(self) -> Scopes {
        let viewer = Scopes::of(&[Scope::Read, Scope::Screen, Scope::CaseRead]);
        match self {
            Self::Viewer => viewer,
            Self::Analyst => viewer.with(Scope::Write).with(Scope::CaseWrite),
            Self::Supervisor => Self::Analyst.scopes().with(Scope::Supervise),
            Self::Admin => Self::Supervisor.scopes().with(Scope::Admin),
        }
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
    fn new(key: Option<Arc<str>>, actor: Actor, role: Option<Role>, scopes: Scopes) -> Self {
        Self { key, actor, role, scopes, is_admin: scopes.has(Scope::Admin), may_write: scopes.has(Scope::Write) }
    }

    /// Nobody.
    pub(crate) fn nobody() -> Self {
        Self::new(None, Actor::Nobody, None, Scopes::default())
    }

    /// Whoever is at this machine: may everything.
    pub(crate) fn local() -> Self {
        Self::new(None, Actor::Local, Some(Role::Admin), Role::Admin.scopes())
    }

    /// The bearer of a key.
    pub(crate) fn of_key(id: &str, scopes: &[Scope]) -> Self {
        let id: Arc<str> = id.into();
        Self::new(Some(Arc::clone(&id)), Actor::Key(id), None, Scopes::of(scopes))
    }

    /// Somebody with a session.
    pub(crate) fn of_user(user: User, role: Role) -> Self {
        let key = Arc::from(format!("user-{}", user.id));
        Self::new(Some(key), Actor::User(user), Some(role), role.scopes())
    }

    /// Whether work of that owner is its own.
    pub(crate) fn owns(&self, owner: Option<&Arc<str>>) -> bool {
        self.is_admin || self.key.as_ref() == owner
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
        let roles = [Role::Viewer, Role::Analyst, Role::Supervisor, Role::Admin];
        for pair in roles.windows(2) {
            let (less, more) = (pair[0].scopes(), pair[1].scopes());
            assert!(Scope::ALL.into_iter().all(|scope| !less.has(scope) || more.has(scope)));
            assert_ne!(less, more);
        }
        assert_eq!(Role::Viewer.scopes().names(), ["read", "screen", "case_read"]);
        assert_eq!(Role::Admin.scopes().names().len(), Scope::ALL.len());
        assert!(!Role::Viewer.scopes().has(Scope::Write) && !Role::Supervisor.scopes().has(Scope::Admin));
    }

    #[test]
    fn nobody_may_nothing_and_owns_nothing() {
        let nobody = Caller::nobody();
        assert!(Scope::ALL.into_iter().all(|scope| !nobody.has(scope)));
        assert!(!nobody.owns(Some(&"a".into())) && !nobody.is_admin && !nobody.may_write);
    }
}
