//! A full disk and a damaged file: a clear error, and what was stored stays.
use crate::support;

use athar_team::{Actor, Database, Entry, Target, Team, TeamError, Value, params};
use std::fs;
use support::{postgres, sqlite_in};

#[test]
fn a_full_disk_is_said_and_nothing_of_the_change_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_in(folder.path());
    let team = Team::open(&url).unwrap();
    let entry = |n: i64| Entry::new(n, Actor::System, "test", Target::id("thing", n));
    team.append_read(entry(1)).unwrap();
    let pages = team.db().first("SELECT page_count FROM pragma_page_count", &[]).unwrap().unwrap().int(0).unwrap();
    team.db().limit_pages(pages as u32 + 2).unwrap();
    let full = team.db().write::<_, TeamError>(|tx| {
        team.append_in(tx, &[entry(2)])?;
        tx.execute("INSERT INTO settings (name, value) VALUES ('x', ?1)", params![vec![7_u8; 100_000]])
    });
    assert!(matches!(&full, Err(TeamError::Full { database }) if *database == url), "{full:?}");
    // reads are refused with their entry, and say why
    let mut error = None;
    for n in 0..5_000 {
        if let Err(refused) = team.append_read(entry(n)) {
            error = Some(refused.to_string());
            break;
        }
    }
    let error = error.unwrap();
    assert!(error.contains("the audit log cannot be written") && error.contains("full"), "{error}");
    assert!(team.verify_audit(None).unwrap().ok());
    team.db().limit_pages(1_000_000).unwrap();
    team.append_read(entry(9)).unwrap();
}

#[test]
fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_in(folder.path());
    fs::write(&url, vec![b'x'; 8_192]).unwrap();
    let error = Team::open(&url).unwrap_err();
    assert!(matches!(error, TeamError::Damaged { .. }) && error.to_string().contains(&url), "{error}");
    fs::remove_file(&url).unwrap();
    let team = Team::open(&url).unwrap();
    for n in 0..2_000 {
        team.db()
            .write(|tx| team.append_in(tx, &[Entry::new(n, Actor::System, "test", Target::id("thing", n))]))
            .unwrap();
        if n == 200 {
            // not more than it takes
            break;
        }
    }
    drop(team);
    // everything after the first pages: tables are there, rows are not
    let mut bytes = fs::read(&url).unwrap();
    let from = bytes.len() / 4;
    bytes[from..].fill(0xAA);
    fs::write(&url, bytes).unwrap();
    let found = Team::open(&url).and_then(|team| team.verify_audit(None).map(|found| assert!(!found.ok())));
    assert!(matches!(&found, Ok(()) | Err(TeamError::Damaged { .. })), "{found:?}");
    let none = Team::open(&format!("{}/no/such\0", folder.path().display()));
    assert!(none.is_err());
}

#[test]
fn what_is_no_database_is_refused() {
    assert!(matches!(Database::open("mysql://a@b/c"), Err(TeamError::Url { .. })));
    // a port where nobody answers
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Database::open(&format!("postgres://ann:s3cret@127.0.0.1:{port}/desk")).unwrap_err();
    assert!(matches!(error, TeamError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("s3cret"));
    let Some(url) = postgres() else { return };
    let missing = Database::open(&format!("{url}_not_there")).unwrap_err();
    assert!(missing.to_string().contains("does not exist"), "{missing}");
    let encrypted = Database::open(&format!("{url}?sslmode=require")).unwrap_err();
    assert!(matches!(encrypted, TeamError::Unreachable { .. }), "{encrypted:?}");
}

#[test]
fn an_encrypted_connection_is_to_the_server_that_was_meant() {
    let Some(own) = support::Own::start_secured() else { return };
    let url = own.url();
    let roots = own.certificate().display().to_string();
    for mode in ["require", "verify-ca", "verify-full"] {
        let good = Database::open(&format!("{url}?sslmode={mode}&sslrootcert={roots}")).unwrap();
        let encrypted = good.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).unwrap().unwrap();
        assert!(encrypted.flag(0).unwrap());
    }
    // by the list of Mozilla it is nobody
    let unknown = Database::open(&format!("{url}?sslmode=require")).unwrap_err();
    assert!(unknown.to_string().contains("certificate"), "{unknown}");
    // the right certificate under another name
    let renamed = format!("{}?sslmode=require&sslrootcert={roots}", url.replace("127.0.0.1", "localhost"));
    let other = Database::open(&renamed).unwrap_err();
    assert!(other.to_string().contains("certificate"), "{other}");
    // the password, in the URL or in a file, and never in an error
    let bare = url.replace("s3cret%20of%20the%20server", "s3cret-wrong");
    let wrong = Database::open(&format!("{bare}?sslmode=disable")).unwrap_err();
    let said = format!("{wrong} {wrong:?} {unknown} {unknown:?} {other:?}");
    assert!(said.contains("password authentication failed") && !said.contains("s3cret"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, format!("{}\n", support::SERVER_PASSWORD)).unwrap();
    let by_file = bare.replace(":s3cret-wrong", "");
    assert!(Database::open(&by_file).is_err());
    Database::open(&format!("{by_file}?password_file={}", file.display())).unwrap();
}

#[test]
fn tables_of_a_newer_program_are_refused() {
    support::on_each(|url| {
        drop(Database::open(url).unwrap());
        if url.starts_with("postgres") {
            support::client(url).batch_execute("UPDATE tables_version SET version = 99").unwrap();
        } else {
            let connection = rusqlite::Connection::open(url).unwrap();
            connection.pragma_update(None, "user_version", 99).unwrap();
        }
        let error = Database::open(url).unwrap_err();
        assert!(matches!(error, TeamError::Newer { found: 99, .. }), "{error:?}");
    });
}

#[test]
fn a_row_that_was_written_by_another_hand_is_an_error_and_not_a_panic() {
    support::on_each(|url| {
        let team = Team::open(url).unwrap();
        team.db()
            .write::<_, TeamError>(|tx| tx.execute("UPDATE audit_head SET hash = ?1", &[Value::Bytes(vec![1, 2, 3])]))
            .unwrap();
        let error = team.append_read(Entry::new(1, Actor::System, "test", Target::None)).unwrap_err();
        assert!(error.to_string().contains("32 bytes expected"), "{error}");
        assert!(Team::open(url).is_ok());
    });
}
