//! Users for tests, with hashes that cost next to nothing.

use athar_team::{Actor, HashCost, NewPassword, NewUser, Role, Team, User};

/// A password that is taken.
pub const PASSWORD: &str = "correct horse battery";

/// An open database whose hashes are cheap.
pub fn open(url: &str) -> Team {
    Team::open(url).unwrap().with_hash_cost(HashCost { memory_kib: 64, passes: 1 })
}

/// Makes a user.
pub fn make(team: &Team, name: &str, role: Role) -> User {
    let new = NewUser {
        name: name.into(),
        display: format!("The one called {name}"),
        role,
        language: "en".into(),
        password: NewPassword::Given(PASSWORD.into()),
    };
    team.create_user(&Actor::Local, 1_000, &new).unwrap().0
}
