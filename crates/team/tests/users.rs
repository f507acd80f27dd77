//! Users and logins, the same on both databases.
use crate::support;

use athar_team::{
    Actor, AuditOf, HashCost, LoginError, NewPassword, NewUser, Role, SessionRules, Team, TeamError, UserChange,
};
use std::net::IpAddr;
use support::on_each;
use support::people::{PASSWORD, make, open};

const BY: Actor = Actor::Local;

#[allow(clippy::unnecessary_wraps)] // as it is asked for
fn source(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

fn refused(done: Result<athar_team::NewSession, LoginError>) -> bool {
    matches!(done, Err(LoginError::Refused))
}

fn locked(done: Result<athar_team::NewSession, LoginError>) -> Option<i64> {
    match done {
        Err(LoginError::Locked { wait_s }) => Some(wait_s),
        _ => None,
    }
}

#[test]
fn a_user_is_made_once_and_changed_on_the_version_that_was_seen() {
    on_each(|url| {
        let team = open(url);
        assert!(!team.has_admin().unwrap());
        let root = make(&team, "root.one", Role::Admin);
        let ann = make(&team, "Ann", Role::Analyst);
        assert_eq!((ann.name.as_str(), ann.version, ann.role), ("ann", 1, Role::Analyst));
        assert!(team.has_admin().unwrap());
        let again = NewUser {
            name: "ＡＮＮ".into(),
            display: "Other".into(),
            role: Role::Viewer,
            language: "ar".into(),
            password: NewPassword::None,
        };
        assert!(matches!(team.create_user(&BY, 1, &again), Err(TeamError::Taken { .. })));
        let role = |role| UserChange { role: Some(role), ..UserChange::default() };
        let (changed, _) = team.change_user(&BY, 2, ann.id, 1, &role(Role::Supervisor)).unwrap();
        assert_eq!((changed.version, changed.role), (2, Role::Supervisor));
        let stale = team.change_user(&BY, 2, ann.id, 1, &role(Role::Viewer));
        assert!(matches!(stale, Err(TeamError::Version { seen: 1, current: 2, .. })));
        // nobody locks everybody out
        let last = team.change_user(&BY, 3, root.id, root.version, &role(Role::Viewer));
        assert!(last.unwrap_err().to_string().contains("last administrator"));
        assert!(team.erase_user(&BY, 3, root.id).is_err());
        let names: Vec<String> = team.users().unwrap().into_iter().map(|user| user.name).collect();
        assert_eq!(names, ["ann", "root.one"]);
        let made = NewUser { name: "ben".into(), password: NewPassword::Made, ..again };
        let (ben, password) = team.create_user(&BY, 4, &made).unwrap();
        team.login(5, "ben", &password.unwrap(), None, None).unwrap();
        let short = UserChange { password: Some(NewPassword::Given("short".into())), ..UserChange::default() };
        assert!(matches!(
            team.change_user(&BY, 6, ben.id, 1, &short),
            Err(TeamError::Invalid { field: "password", .. })
        ));
    });
}

#[test]
fn an_erased_user_leaves_his_id_and_nothing_personal() {
    on_each(|url| {
        let team = open(url);
        let ann = make(&team, "ann.personal", Role::Analyst);
        team.link_identity(&BY, 1, "https://idp.example", "subject-of-ann", ann.id).unwrap();
        let session = team.login(2_000, "ann.personal", PASSWORD, source(1), None).unwrap();
        team.erase_user(&BY, 2_001, ann.id).unwrap();
        assert!(team.session(2_002, &session.token).unwrap().is_none());
        assert!(refused(team.login(2_003, "ann.personal", PASSWORD, None, None)));
        assert!(refused(team.login_by_identity(2_003, "https://idp.example", "subject-of-ann", None)));
        let left = team.user(ann.id).unwrap();
        assert!(left.erased && left.name.is_empty() && left.display.is_empty() && !left.has_password);
        assert!(matches!(team.erase_user(&BY, 2_004, ann.id), Err(TeamError::NotFound { .. })));
        let again = make(&team, "ann.personal", Role::Viewer);
        assert!(again.id > ann.id);
        team.erase_user(&BY, 2_005, again.id).unwrap();
        let all = support::dump(url);
        assert!(!all.contains("ann.personal") && !all.contains("subject-of-ann"));
        assert!(team.verify_audit(None).unwrap().ok());
    });
}

#[test]
fn guesses_at_a_name_wait_longer_and_longer() {
    on_each(|url| {
        let team = open(url);
        make(&team, "ann", Role::Analyst);
        for name in ["ann", "nobody.has.this.name"] {
            for _ in 0..5 {
                assert!(refused(team.login(10_000, name, "wrong", source(1), None)), "{name}");
            }
            assert_eq!(locked(team.login(10_000, name, PASSWORD, source(2), None)), Some(15), "{name}");
            // what is refused while it is locked is no further failure
            assert_eq!(locked(team.login(10_014, name, PASSWORD, source(2), None)), Some(1), "{name}");
            assert!(refused(team.login(10_015, name, "wrong", source(2), None)), "{name}");
            assert_eq!(locked(team.login(10_015, name, "wrong", source(2), None)), Some(30), "{name}");
        }
        // the right one, when the wait is over, clears it
        team.login(10_045, "ann", PASSWORD, source(2), None).unwrap();
        for _ in 0..4 {
            assert!(refused(team.login(10_045, "ann", "wrong", source(2), None)));
        }
        team.login(10_046, "ann", PASSWORD, source(2), None).unwrap();
    });
}

#[test]
fn guesses_from_one_source_wait_whatever_the_names() {
    on_each(|url| {
        let team = open(url);
        make(&team, "ann", Role::Analyst);
        for guess in 0..20 {
            assert!(refused(team.login(10_000, &format!("user{guess}"), "wrong", source(1), None)), "{guess}");
        }
        assert_eq!(locked(team.login(10_000, "ann", PASSWORD, source(1), None)), Some(15));
        team.login(10_000, "ann", PASSWORD, source(2), None).unwrap();
        // an own account does not lift the wait: one failure more, and it is longer than before
        team.login(10_015, "ann", PASSWORD, source(1), None).unwrap();
        assert!(refused(team.login(10_050, "other", "wrong", source(1), None)));
        assert_eq!(locked(team.login(10_050, "ann", PASSWORD, source(1), None)), Some(30));
        // after a day it is forgotten
        team.login(200_000, "ann", PASSWORD, source(1), None).unwrap();
        let rows = team.db().first("SELECT count(*) FROM failures", &[]).unwrap().unwrap().int(0).unwrap();
        assert!(rows <= 1, "{rows}");
    });
}

#[test]
fn guesses_at_once_are_counted_before_they_are_looked_at() {
    on_each(|url| {
        let team = open(url);
        make(&team, "ann", Role::Analyst);
        let looked_at = std::thread::scope(|scope| {
            let all: Vec<_> = (0..24)
                .map(|guess| {
                    let team = &team;
                    scope.spawn(move || refused(team.login(10_000, "ann", "wrong", source(guess), None)))
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|looked_at| *looked_at).count()
        });
        assert_eq!(looked_at, 5);
    });
}

#[test]
fn an_administrator_unlocks_and_the_log_tells_both_without_a_name() {
    on_each(|url| {
        let team = open(url);
        let ann = make(&team, "ann", Role::Analyst);
        for _ in 0..5 {
            assert!(refused(team.login(10_000, "ann", "wrong", source(1), None)));
        }
        team.unlock(&Actor::User(99), 10_001, ann.id).unwrap();
        team.login(10_001, "ann", PASSWORD, source(1), None).unwrap();
        let log = team.audit(&AuditOf::default(), 100).unwrap();
        let said: Vec<String> =
            log.iter().map(|kept| format!("{} {} {} {}", kept.actor, kept.action, kept.target, kept.outcome)).collect();
        assert_eq!(said[0], format!("{0} session.begin {0} done", ann.id));
        assert_eq!(said[1], format!("99 user.unlock {} done", ann.id));
        assert_eq!(said[2], format!("nobody session.begin {} refused", ann.id));
        assert_eq!(said.last().unwrap(), &format!("local user.create {} done", ann.id));
    });
}

#[test]
fn a_session_ends_by_standing_still_by_age_and_by_logging_out() {
    on_each(|url| {
        let team = open(url).with_sessions(SessionRules { idle_s: 100, absolute_s: 1_000, most: 3 });
        make(&team, "ann", Role::Analyst);
        let at = 50_000;
        let new = team.login(at, "ann", PASSWORD, None, None).unwrap();
        assert_eq!(new.session.ends_s, at + 100);
        assert!(
            team.csrf_fits(&new.token, &new.session.csrf)
                && !team.csrf_fits(&new.token, "")
                && !team.csrf_fits("x", &new.session.csrf)
        );
        let seen = team.session(at + 99, &new.token).unwrap().unwrap();
        assert_eq!((seen.user.name.as_str(), seen.csrf), ("ann", new.session.csrf.clone()));
        // that it was seen is written with the log, and then it lasts on
        team.append_read(athar_team::Entry::new(at, Actor::System, "test", athar_team::Target::None)).unwrap();
        assert!(team.session(at + 198, &new.token).unwrap().is_some());
        assert!(team.session(at + 400, &new.token).unwrap().is_none(), "idle");
        for step in 0..11 {
            let _ = team.session(at + 90 * step, &new.token).unwrap();
            team.append_read(athar_team::Entry::new(at, Actor::System, "test", athar_team::Target::None)).unwrap();
        }
        assert!(team.session(at + 1_001, &new.token).unwrap().is_none(), "age");
        let old = team.login(at, "ann", PASSWORD, None, None).unwrap();
        let new = team.login(at, "ann", PASSWORD, None, Some(&old.token)).unwrap();
        assert!(team.session(at, &old.token).unwrap().is_none(), "the token from before the login is worth nothing");
        assert!(team.logout(at, &new.token).unwrap() && !team.logout(at, &new.token).unwrap());
        assert!(team.session(at, &new.token).unwrap().is_none());
        assert!(
            team.session(at, "").unwrap().is_none()
                && team.session(at, "'; DROP TABLE sessions; --").unwrap().is_none()
        );
        let many: Vec<_> = (0..5).map(|n| team.login(at + n, "ann", PASSWORD, None, None).unwrap().token).collect();
        let open = many.iter().filter(|token| team.session(at + 5, token).unwrap().is_some()).count();
        assert_eq!(open, 3);
        let counts = team.counts(at + 5).unwrap();
        assert_eq!((counts.users, counts.sessions, counts.cases), (1, 3, 0));
        assert_eq!(team.log().waiting(), 0);
    });
}

#[test]
fn a_session_ends_with_role_password_and_door() {
    on_each(|url| {
        let team = open(url);
        let ann = make(&team, "ann", Role::Analyst);
        let (one, two) =
            (team.login(1, "ann", PASSWORD, None, None).unwrap(), team.login(1, "ann", PASSWORD, None, None).unwrap());
        let wrong = team.change_password(2, ann.id, "wrong", "another long password", Some(&one.token));
        assert!(matches!(wrong, Err(TeamError::Invalid { field: "current", .. })));
        team.change_password(2, ann.id, PASSWORD, "staple of another kind", Some(&one.token)).unwrap();
        assert!(team.session(3, &one.token).unwrap().is_some() && team.session(3, &two.token).unwrap().is_none());
        assert!(refused(team.login(3, "ann", PASSWORD, None, None)));
        let ann = team.user(ann.id).unwrap();
        let change = |change| team.change_user(&BY, 4, ann.id, team.user(ann.id).unwrap().version, &change).unwrap();
        change(UserChange { display: Some("Ann B.".into()), ..UserChange::default() });
        assert!(team.session(5, &one.token).unwrap().is_some());
        change(UserChange { role: Some(Role::Viewer), ..UserChange::default() });
        assert!(team.session(5, &one.token).unwrap().is_none());
        let new = team.login(6, "ann", "staple of another kind", None, None).unwrap();
        change(UserChange { disabled: Some(true), ..UserChange::default() });
        assert!(team.session(7, &new.token).unwrap().is_none());
        assert!(refused(team.login(7, "ann", "staple of another kind", None, None)));
        change(UserChange { disabled: Some(false), ..UserChange::default() });
        team.login(8, "ann", "staple of another kind", None, None).unwrap();
    });
}

#[test]
fn an_identity_lets_its_user_in_and_belongs_to_one() {
    on_each(|url| {
        let team = open(url);
        let (ann, ben) = (make(&team, "ann", Role::Analyst), make(&team, "ben", Role::Viewer));
        team.link_identity(&BY, 1, "https://idp.example", "a1", ann.id).unwrap();
        let other = team.link_identity(&BY, 1, "https://idp.example", "a1", ben.id);
        assert!(matches!(other, Err(TeamError::Taken { .. })));
        let session = team.login_by_identity(2, "https://idp.example", "a1", None).unwrap();
        assert_eq!(session.session.user.id, ann.id);
        assert!(refused(team.login_by_identity(2, "https://other.example", "a1", None)));
        team.unlink_identity(&BY, 3, "https://idp.example", "a1").unwrap();
        assert!(team.session(3, &session.token).unwrap().is_none());
        assert_eq!(team.identities(ann.id).unwrap(), []);
    });
}

#[test]
fn a_cheap_hash_is_made_again_at_the_next_login() {
    on_each(|url| {
        let ann = make(&open(url), "ann", Role::Analyst);
        let stored =
            |team: &Team| team.db().first("SELECT password FROM users", &[]).unwrap().unwrap().text(0).unwrap();
        let team = Team::open(url).unwrap().with_hash_cost(HashCost { memory_kib: 256, passes: 1 });
        assert!(stored(&team).contains("m=64,"));
        assert!(refused(team.login(1, "ann", "wrong", None, None)));
        assert!(stored(&team).contains("m=64,"));
        team.login(1, "ann", PASSWORD, None, None).unwrap();
        assert!(stored(&team).contains("m=256,"));
        team.login(1, "ann", PASSWORD, None, None).unwrap();
        assert_eq!(team.user(ann.id).unwrap().version, 1);
    });
}

#[test]
fn a_copy_of_the_database_lets_nobody_in() {
    on_each(|url| {
        let team = open(url);
        make(&team, "ann", Role::Analyst);
        let new = team.login(1, "ann", PASSWORD, source(77), None).unwrap();
        let all = support::dump(url);
        assert!(
            !all.contains(&new.token)
                && !all.contains(&new.session.csrf)
                && !all.contains(PASSWORD)
                && !all.contains("192.0.2.77")
        );
    });
}
