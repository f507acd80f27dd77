//! The audit log: nothing is changed unseen, and nothing that was answered is lost.
use crate::support;

use athar_team::{Actor, Anchor, AuditOf, Database, Entry, Outcome, Target, Team, TeamError, params};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use support::on_each;

fn entry(n: i64) -> Entry {
    Entry::new(1_000 + n, Actor::User(n % 3), "test.do", Target::id("thing", n)).in_case(n % 5)
}

/// A log of so many entries.
fn written(url: &str, count: i64) -> Team {
    let team = Team::open(url).unwrap();
    let entries: Vec<Entry> = (1..=count).map(entry).collect();
    team.db().write(|tx| team.append_in(tx, &entries)).unwrap();
    team
}

fn change(team: &Team, sql: &str) {
    team.db().write::<_, TeamError>(|tx| tx.execute(sql, &[])).unwrap();
}

#[test]
fn the_log_is_read_in_pages_by_actor_and_case() {
    on_each(|url| {
        let team = written(url, 100);
        let all = team.audit(&AuditOf::default(), 30).unwrap();
        assert_eq!(all.iter().map(|kept| kept.seq).collect::<Vec<_>>(), (71..=100).rev().collect::<Vec<_>>());
        let of = AuditOf { actor: Some("1".into()), case: Some(2), before: Some(70) };
        let some: Vec<i64> = team.audit(&of, 1_000).unwrap().iter().map(|kept| kept.seq).collect();
        assert_eq!(some, [67, 52, 37, 22, 7]);
        let json = serde_json::to_value(&all[0]).unwrap();
        assert_eq!(
            (json["actor"].as_str(), json["target"].as_str(), json["case"].as_i64()),
            (Some("1"), Some("100"), Some(0))
        );
        assert_eq!(json["hash"].as_str().map(str::len), Some(64));
        assert!(matches!(
            team.append_read(Entry { action: "x", target: Target::id("t", "y".repeat(500)), ..entry(1) }),
            Err(TeamError::Invalid { .. })
        ));
    });
}

/// The hash by the words of docs/reference/team.md, without the code under test.
#[test]
fn the_first_hash_is_that_of_the_reference() {
    on_each(|url| {
        let team = written(url, 1);
        let mut bytes = b"athar audit 1".to_vec();
        bytes.extend([0; 32]);
        bytes.extend(1_i64.to_be_bytes());
        bytes.extend(1_001_i64.to_be_bytes());
        for text in ["1", "test.do", "thing", "1"] {
            bytes.extend((text.len() as u32).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend(1_i64.to_be_bytes());
        bytes.extend(4_u32.to_be_bytes());
        bytes.extend(b"done");
        assert_eq!(team.audit_head().unwrap(), Anchor { seq: 1, hash: *blake3::hash(&bytes).as_bytes() });
    });
}

#[test]
fn whatever_is_changed_is_found_at_its_number() {
    let damages = [
        ("UPDATE audit SET actor = '7' WHERE seq = 5000", 5_000),
        ("UPDATE audit SET outcome = 'refused' WHERE seq = 1", 1),
        ("UPDATE audit SET case_id = NULL WHERE seq = 42", 42),
        ("UPDATE audit SET at_s = at_s + 1 WHERE seq = 6000", 6_000),
        ("UPDATE audit SET target_kind = 'thi', target = 'ng9' WHERE seq = 9", 9),
        ("DELETE FROM audit WHERE seq = 100", 100),
        ("DELETE FROM audit WHERE seq = 6000", 6_000),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 8) WHERE seq = 7", 7),
        ("UPDATE audit_head SET seq = 5999, hash = (SELECT hash FROM audit WHERE seq = 5999)", 5_999),
        ("UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 1)", 6_000),
        (
            "INSERT INTO audit SELECT 6001, at_s, actor, action, target_kind, target, case_id, outcome, hash FROM audit WHERE seq = 1",
            6_001,
        ),
    ];
    on_each(|url| {
        let team = written(url, 6_000);
        let good = team.verify_audit(None).unwrap();
        assert!(good.ok() && good.entries == 6_000);
        for (sql, at) in damages {
            // in a transaction that is taken back
            let found = team.db().write::<(), TeamError>(|tx| {
                tx.execute(sql, &[])?;
                let found = athar_team::verify_in(tx, None)?;
                assert_eq!(found.broken_at, Some(at), "{sql}: {found:?}");
                Err(TeamError::NotFound { what: "end" })
            });
            assert!(matches!(found, Err(TeamError::NotFound { .. })), "{found:?}");
        }
        assert_eq!(team.verify_audit(None).unwrap(), good);
    });
}

#[test]
fn a_cut_off_end_is_found_by_who_remembers_it() {
    on_each(|url| {
        let team = written(url, 50);
        let anchor = team.audit_head().unwrap();
        assert!(team.verify_audit(Some(anchor)).unwrap().ok());
        change(&team, "DELETE FROM audit WHERE seq > 40");
        change(&team, "UPDATE audit_head SET seq = 40, hash = (SELECT hash FROM audit WHERE seq = 40)");
        assert!(team.verify_audit(None).unwrap().ok(), "the chain alone cannot know");
        assert_eq!(team.verify_audit(Some(anchor)).unwrap().broken_at, Some(41));
        // and who writes another end in its place is found too
        let entries: Vec<Entry> = (90..120).map(entry).collect();
        team.db().write(|tx| team.append_in(tx, &entries)).unwrap();
        assert!(team.verify_audit(None).unwrap().ok());
        assert_eq!(team.verify_audit(Some(anchor)).unwrap().broken_at, Some(50));
    });
}

#[test]
fn a_searched_value_is_a_hash_until_its_salt_is_destroyed() {
    on_each(|url| {
        let team = Team::open(url).unwrap();
        let value = "bc1q-a-searched-address";
        let asked = |value: &str| {
            team.append_read(Entry::new(1, Actor::User(1), "screen", Target::hashed("address", value))).unwrap();
            team.audit(&AuditOf::default(), 1).unwrap()[0].target.clone()
        };
        let (one, again, other) = (asked(value), asked(value), asked("another"));
        assert!(one.starts_with("hash:") && one == again && one != other);
        assert_eq!(team.subject_in_audit("address", value).unwrap(), Some(one.clone()));
        assert_eq!(team.subject_in_audit("person", value).unwrap(), None);
        assert!(!support::dump(url).contains(value));
        assert!(team.forget_subject("address", value).unwrap() && !team.forget_subject("address", value).unwrap());
        assert_eq!(team.subject_in_audit("address", value).unwrap(), None);
        assert!(team.verify_audit(None).unwrap().ok(), "the log stays whole");
        assert_ne!(asked(value), one, "a new salt, a new hash");
        // another team's database calls it otherwise
        let folder = tempfile::tempdir().unwrap();
        let else_where = Team::open(&support::sqlite_in(folder.path())).unwrap();
        else_where.append_read(Entry::new(1, Actor::User(1), "screen", Target::hashed("address", "another"))).unwrap();
        assert_ne!(else_where.audit(&AuditOf::default(), 1).unwrap()[0].target, other);
    });
}

#[test]
fn a_change_and_its_entry_are_stored_together_or_not_at_all() {
    on_each(|url| {
        let team = written(url, 3);
        let failed = team.db().write::<(), TeamError>(|tx| {
            team.append_in(tx, &[entry(4).outcome(Outcome::Done)])?;
            Err(TeamError::Refused { why: "something else went wrong".into() })
        });
        assert!(failed.is_err());
        assert_eq!(team.audit_head().unwrap().seq, 3);
        // and one that cannot be stored takes its change with it
        let failed = team.db().write::<(), TeamError>(|tx| {
            tx.execute("INSERT INTO settings (name, value) VALUES ('x', ?1)", params![vec![1_u8]])?;
            team.append_in(tx, &[Entry { target: Target::id("t", "y".repeat(500)), ..entry(4) }]).map(drop)
        });
        assert!(failed.is_err());
        assert!(team.db().first("SELECT 1 FROM settings WHERE name = 'x'", &[]).unwrap().is_none());
    });
}

#[test]
fn many_on_two_servers_append_at_once_and_the_chain_is_one() {
    on_each(|url| {
        let teams = [Team::open(url).unwrap(), Team::open(url).unwrap()];
        std::thread::scope(|scope| {
            for thread in 0..16 {
                let team = &teams[thread % 2];
                scope.spawn(move || {
                    for n in 0..20 {
                        let entry = entry(thread as i64 * 100 + n);
                        if n % 4 == 0 {
                            team.db().write(|tx| team.append_in(tx, std::slice::from_ref(&entry))).unwrap();
                        } else {
                            team.append_read(entry).unwrap();
                        }
                    }
                });
            }
        });
        let found = teams[0].verify_audit(None).unwrap();
        assert!(found.ok() && found.entries == 320, "{found:?}");
        let targets: BTreeSet<String> =
            teams[1].audit(&AuditOf::default(), 1_000).unwrap().into_iter().map(|kept| kept.target).collect();
        assert_eq!(targets.len(), 320);
    });
}

/// Not a test: what the next ones start as a process of its own, and kill.
#[test]
fn child() {
    let Ok(told) = std::env::var("ATHAR_TEAM_CHILD") else { return };
    let (name, url) = told.split_once(' ').unwrap();
    let team = Team::open(url).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let team = &team;
            scope.spawn(move || {
                for n in 0..1_000_000 {
                    let id = format!("{name}-{thread}-{n}");
                    let entry = Entry::new(n, Actor::System, "test.child", Target::id("thing", &id));
                    let done = if n % 3 == 0 {
                        team.db().write(|tx| team.append_in(tx, std::slice::from_ref(&entry)))
                    } else {
                        team.append_read(entry)
                    };
                    done.unwrap();
                    println!("stored {id}");
                }
            });
        }
    });
}

fn start(name: &str, url: &str) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "audit::child", "--nocapture"])
        .env("ATHAR_TEAM_CHILD", format!("{name} {url}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads what a child says was stored: `lines` of it, then kills it, then the rest.
fn kill_after(mut child: std::process::Child, lines: usize) -> Vec<String> {
    let mut stored = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // the last line may be cut
        let Some(id) = line.split_once("stored ").map(|(_, id)| id.to_owned()) else { continue };
        stored.push(id);
        if stored.len() >= lines && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(stored.len() >= lines, "{} lines", stored.len());
    stored
}

fn ids(url: &str) -> BTreeSet<String> {
    let db = Database::open(url).unwrap();
    let rows =
        db.read::<_, TeamError>(|tx| tx.query("SELECT target FROM audit WHERE action = 'test.child'", &[])).unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

fn all_there(url: &str, stored: &[String]) {
    let there = ids(url);
    // all lines but the last were read whole
    let lost: Vec<&String> = stored[..stored.len() - 1].iter().filter(|id| !there.contains(*id)).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let found = Team::open(url).unwrap().verify_audit(None).unwrap();
    assert!(found.ok(), "{found:?}");
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_it_answered() {
    on_each(|url| {
        for kill in 0..4 {
            let stored = kill_after(start(&format!("one{kill}"), url), 20 + 37 * kill);
            all_there(url, &stored);
        }
    });
}

#[test]
fn two_processes_write_and_one_of_them_is_killed() {
    on_each(|url| {
        drop(Team::open(url).unwrap());
        let (one, two) = (start("one", url), start("two", url));
        std::thread::scope(|scope| {
            let two = scope.spawn(|| kill_after(two, 200));
            let mut stored = kill_after(one, 60);
            // the other went on, and ends later
            stored.pop();
            let mut other = two.join().unwrap();
            other.pop();
            stored.append(&mut other);
            stored.push(String::new());
            all_there(url, &stored);
        });
    });
}

#[test]
fn a_database_server_that_is_killed_loses_nothing_and_is_found_again() {
    let Some(mut own) = support::Own::start() else { return };
    let url = own.url();
    let team = Team::open(&url).unwrap();
    let mut stored = Vec::new();
    for round in 0..3_i64 {
        std::thread::scope(|scope| {
            let writing: Vec<_> = (0..4_i64)
                .map(|thread| {
                    let team = &team;
                    scope.spawn(move || {
                        let mut stored = Vec::new();
                        // far more than there is time for
                        for n in 0..1_000_000 {
                            assert!(n < 999_999, "a server that was stopped still stores");
                            let id = format!("{round}-{thread}-{n}");
                            let entry = Entry::new(n, Actor::System, "test.child", Target::id("thing", &id));
                            match team.append_read(entry) {
                                Ok(_) => stored.push(id),
                                Err(error) => {
                                    let said = error.to_string();
                                    assert!(
                                        !said.contains("panicked") && said.contains("postgres://athar@127.0.0.1"),
                                        "{said}"
                                    );
                                    break;
                                }
                            }
                        }
                        stored
                    })
                })
                .collect();
            std::thread::sleep(std::time::Duration::from_millis(300));
            own.stop();
            for one in writing {
                stored.append(&mut one.join().unwrap());
            }
        });
        assert!(matches!(team.db().ready(), Err(TeamError::Unreachable { .. })));
        own.run();
        // the same team, without being opened again
        team.db().ready().unwrap();
    }
    assert!(stored.len() > 10);
    let there = ids(&url);
    let lost: Vec<&String> = stored.iter().filter(|id| !there.contains(*id)).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    assert!(team.verify_audit(None).unwrap().ok());
}
