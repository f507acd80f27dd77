//! Backups: from either database into either, whole or not at all.
use crate::support;

use athar_team::{Actor, AuditOf, Entry, Role, Target, Team, TeamError, UserChange};
use std::fs;
use std::path::{Path, PathBuf};
use support::people::{PASSWORD, make, open};
use support::{on_each, sqlite_in};

const BY: Actor = Actor::Local;

/// A team with something of everything in it.
fn filled(url: &str) -> Team {
    let team = open(url);
    make(&team, "root", Role::Admin);
    let ann = make(&team, "سارة", Role::Analyst);
    let gone = make(&team, "gone", Role::Viewer);
    team.change_user(
        &BY,
        5,
        ann.id,
        1,
        &UserChange { display: Some("سارة \"H\" \\ ☕".into()), ..UserChange::default() },
    )
    .unwrap();
    team.link_identity(&BY, 6, "https://idp.example", "s", ann.id).unwrap();
    team.erase_user(&BY, 7, gone.id).unwrap();
    team.login(8, "root", PASSWORD, None, None).unwrap();
    for n in 0..20 {
        team.append_read(Entry::new(
            n,
            Actor::User(ann.id),
            "screen",
            Target::hashed("address", format!("address {n}")),
        ))
        .unwrap();
    }
    team
}

fn file(folder: &Path) -> PathBuf {
    folder.join("backup.zst")
}

fn lines(path: &Path) -> Vec<String> {
    let text = zstd::decode_all(fs::File::open(path).unwrap()).unwrap();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

fn pack(path: &Path, lines: &[String]) {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    fs::write(path, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
}

fn same(from: &Team, into: &Team) {
    assert_eq!(from.users().unwrap(), into.users().unwrap());
    let (old, new) = (from.audit(&AuditOf::default(), 1_000).unwrap(), into.audit(&AuditOf::default(), 1_000).unwrap());
    assert_eq!((new[0].action.as_str(), &new[1..]), ("backup.restore", &old[..]));
    assert!(into.verify_audit(Some(from.audit_head().unwrap())).unwrap().ok());
    assert_eq!(
        from.subject_in_audit("address", "address 3").unwrap().unwrap(),
        into.subject_in_audit("address", "address 3").unwrap().unwrap()
    );
}

#[test]
fn a_team_moves_from_either_database_into_either() {
    on_each(|from| {
        on_each(|into| {
            let folder = tempfile::tempdir().unwrap();
            let path = file(folder.path());
            let old = filled(from);
            let made = old.backup(&BY, 100, &path).unwrap();
            assert!(made.tables.contains(&("users".into(), 3)), "{made:?}");
            let restored = Team::restore(into, &path, &BY, 101).unwrap();
            assert_eq!((restored.backup, restored.made_s, restored.audit.ok()), (made, 100, true));
            let new = open(into);
            same(&old, &new);
            // the password is still the one, and nobody is logged in
            let session = new.login(200, "root", PASSWORD, None, None).unwrap();
            assert!(old.session(200, &session.token).unwrap().is_none());
            // the id of the erased user is not given again
            assert_eq!(make(&new, "next", Role::Viewer).id, 4);
            // and a backup of the other one holds the same
            let second = folder.path().join("second.zst");
            new.backup(&BY, 300, &second).unwrap();
            let (one, two) = (lines(&path), lines(&second));
            let settings = |lines: &[String]| lines.iter().find(|line| line.contains("secret")).cloned();
            assert_eq!(settings(&one), settings(&two));
            // only into an empty one
            let full = Team::restore(into, &path, &BY, 102).unwrap_err();
            assert!(full.to_string().contains("only into an empty one"), "{full}");
            drop((old, new));
            // `on_each` opens the first one once more for the next
            support::emptied(from);
        });
    });
}

#[test]
fn a_backup_appears_whole_and_over_nothing() {
    on_each(|url| {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let team = filled(url);
        fs::write(folder.path().join("backup.zst.part"), "left behind").unwrap();
        team.backup(&BY, 1, &path).unwrap();
        assert!(matches!(team.backup(&BY, 1, &path), Err(TeamError::Refused { .. })));
        assert!(matches!(team.backup(&BY, 1, &folder.path().join("no/where")), Err(TeamError::Io { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(!lines(&path).iter().any(|line| line.contains("\"sessions\"") || line.contains("\"failures\"")));
    });
}

#[test]
fn a_damaged_or_newer_backup_is_refused_by_its_line_and_nothing_is_stored() {
    on_each(|into| {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        filled(&sqlite_in(folder.path())).backup(&BY, 1, &path).unwrap();
        let good = lines(&path);
        let user = good.iter().position(|line| line.contains("سارة")).unwrap();
        let whole = fs::read(&path).unwrap();
        let refused = |what: &str, line: Option<usize>| {
            let error = Team::restore(into, &path, &BY, 2).unwrap_err();
            let said = error.to_string();
            assert!(said.contains(what), "{what}: {said}");
            assert!(matches!(error, TeamError::Backup { .. }) && said.contains("backup.zst"), "{error:?}");
            if let Some(line) = line {
                assert!(said.contains(&format!("line {line}:")), "{said}");
            }
        };
        let changed = |at: usize, line: String| {
            let mut lines = good.clone();
            lines[at] = line;
            pack(&path, &lines);
        };
        changed(user, good[user].replace("analyst", "admin"));
        refused("their hash is another", None);
        changed(user, good[user].replace(']', ",1]"));
        refused("values for", Some(user + 1));
        changed(user, "[1.5]".into());
        refused("values for", Some(user + 1));
        changed(user, good[user].replacen("[2", "[1", 1));
        refused("does not fit", Some(user + 1));
        changed(user, "nonsense".into());
        refused("neither a row nor the end", Some(user + 1));
        changed(0, good[0].replace("\"tables_version\":", "\"tables_version\":9"));
        refused("use the newer program", Some(1));
        changed(0, good[0].replace("\"athar_team_backup\":1", "\"athar_team_backup\":2"));
        refused("use the newer program", Some(1));
        changed(0, "{}".into());
        refused("no backup", Some(1));
        changed(1, good[1].replace("settings", "sqlite_master"));
        refused("is not known", Some(2));
        changed(1, good[1].replace("\"value\"", "\"value) SELECT 1; --\""));
        refused("is not known", Some(2));
        for cut in [1, 2, user, user + 1, good.len() - 1] {
            pack(&path, &good[..cut]);
            refused("manifest is missing", Some(cut + 1));
        }
        let mut more = good.clone();
        more.push("[1]".into());
        pack(&path, &more);
        refused("after the manifest", Some(good.len() + 1));
        let mut less = good.clone();
        less.remove(user);
        pack(&path, &less);
        refused("are said to be", None);
        // bytes of the packed file
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        refused("", None);
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x20;
        fs::write(&path, &flipped).unwrap();
        refused("", None);
        fs::write(&path, "not packed at all").unwrap();
        refused("cannot be unpacked", Some(1));
        assert!(matches!(Team::restore(into, &folder.path().join("none"), &BY, 2), Err(TeamError::Io { .. })));
        // after all that the database is empty still, and takes the good one
        fs::write(&path, &whole).unwrap();
        Team::restore(into, &path, &BY, 3).unwrap();
        assert_eq!(open(into).users().unwrap().len(), 2);
    });
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    on_each(|url| {
        let folder = tempfile::tempdir().unwrap();
        let team = filled(url);
        let other = open(url);
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut n = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    n += 1;
                    other
                        .append_read(Entry::new(
                            n,
                            Actor::System,
                            "test",
                            Target::hashed("address", format!("new {n}")),
                        ))
                        .unwrap();
                }
            });
            for n in 0..5 {
                let path = folder.path().join(format!("{n}.zst"));
                team.backup(&BY, n, &path).unwrap();
                let into = tempfile::tempdir().unwrap();
                let restored = Team::restore(&sqlite_in(into.path()), &path, &BY, 1).unwrap();
                assert!(restored.audit.ok(), "{restored:?}");
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    });
}

#[test]
fn a_log_that_was_broken_before_is_restored_and_said_to_be() {
    on_each(|url| {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let team = filled(url);
        team.db().write::<_, TeamError>(|tx| tx.execute("UPDATE audit SET actor = '9' WHERE seq = 3", &[])).unwrap();
        team.backup(&BY, 1, &path).unwrap();
        let into = tempfile::tempdir().unwrap();
        let restored = Team::restore(&sqlite_in(into.path()), &path, &BY, 1).unwrap();
        assert_eq!(restored.audit.broken_at, Some(3));
    });
}

/// As a program that knew no cases would have written it.
fn of_tables_1(lines: &[String]) -> Vec<String> {
    let mut old = vec![lines[0].replace("\"tables_version\":2", "\"tables_version\":1")];
    let first_of_cases = lines.iter().position(|line| line.contains("{\"table\":\"cases\"")).unwrap();
    let last_of_cases = lines.iter().rposition(|line| line.starts_with("{\"end\":\"case")).unwrap();
    old.extend_from_slice(&lines[1..first_of_cases]);
    old.extend_from_slice(&lines[last_of_cases + 1..lines.len() - 1]);
    let ends: Vec<&str> = old.iter().filter(|line| line.starts_with("{\"end\"")).map(String::as_str).collect();
    let hash = blake3::hash(old.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes());
    let manifest = format!("{{\"manifest\":[{}],\"blake3\":\"{}\"}}", ends.join(","), hash.to_hex());
    old.push(manifest);
    old
}

#[test]
fn a_backup_of_earlier_tables_is_restored_and_its_tables_are_brought_forward() {
    on_each(|into| {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let old = filled(&sqlite_in(folder.path()));
        old.backup(&BY, 1, &path).unwrap();
        let earlier = of_tables_1(&lines(&path));
        assert!(!earlier.iter().any(|line| line.contains("case_items")));
        pack(&path, &earlier);
        Team::restore(into, &path, &BY, 2).unwrap();
        let new = open(into);
        same(&old, &new);
        assert_eq!(new.db().first("SELECT count(*) FROM case_items", &[]).unwrap().unwrap().int(0).unwrap(), 0);
    });
}
