//! One SQL means the same on both databases.
use crate::support;

use athar_team::{Database, TeamError, Value, params};
use support::on_each;

#[test]
fn values_come_back_as_they_went_in() {
    on_each(|url| {
        let db = Database::open(url).unwrap();
        db.write::<_, TeamError>(|tx| {
            let bytes = vec![0_u8, 255, 39, 92];
            tx.execute(
                "INSERT INTO settings (name, value) VALUES (?1, ?2)",
                params!["what ?1 'quoted' ☕", bytes.clone()],
            )?;
            let row = tx.one("SELECT name, value FROM settings WHERE value = ?1", params![bytes.clone()])?;
            assert_eq!((row.text(0)?, row.bytes(1)?), ("what ?1 'quoted' ☕".into(), bytes));
            let row = tx.one(
                "SELECT CAST(?1 AS BIGINT), count(*), EXISTS (SELECT 1 FROM settings), NULL FROM settings",
                params![i64::MIN],
            )?;
            assert_eq!((row.int(0)?, row.int(1)?, row.flag(2)?, row.opt_text(3)?), (i64::MIN, 1, true, None));
            Ok(())
        })
        .unwrap();
        let refused = db.write::<_, TeamError>(|tx| {
            tx.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params!["a\0b", vec![1_u8]])
        });
        assert!(matches!(refused, Err(TeamError::Invalid { .. })), "{refused:?}");
    });
}

#[test]
fn a_failed_statement_that_is_passed_over_stores_nothing() {
    on_each(|url| {
        let db = Database::open(url).unwrap();
        let put = "INSERT INTO settings (name, value) VALUES (?1, ?2)";
        let done = db.write::<_, TeamError>(|tx| {
            tx.execute(put, params!["a", vec![1_u8]])?;
            assert!(matches!(tx.execute(put, params!["a", vec![2_u8]]), Err(TeamError::Taken { .. })));
            Ok(())
        });
        assert!(done.unwrap_err().to_string().contains("nothing was stored"));
        let orphan = db.write::<_, TeamError>(|tx| {
            tx.execute("INSERT INTO identities (issuer, subject, user_id, created_s) VALUES ('a', 'b', 99, 0)", &[])
        });
        assert!(matches!(orphan, Err(TeamError::Reference { .. })), "{orphan:?}");
        let count = db.read::<_, TeamError>(|tx| tx.one("SELECT count(*) FROM settings", &[])?.int(0)).unwrap();
        assert_eq!(count, 0);
    });
}

#[test]
fn writers_come_one_after_another_and_lose_nothing() {
    on_each(|url| {
        let db = Database::open(url).unwrap();
        let other = Database::open(url).unwrap();
        let put = "INSERT INTO settings (name, value) VALUES ('n', ?1)";
        db.write::<_, TeamError>(|tx| tx.execute(put, params![vec![0_u8]])).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let db = if thread % 2 == 0 { &db } else { &other };
                scope.spawn(move || {
                    for _ in 0..10 {
                        db.write::<_, TeamError>(|tx| {
                            let n = tx.one("SELECT value FROM settings WHERE name = 'n'", &[])?.bytes(0)?[0];
                            tx.execute("UPDATE settings SET value = ?1 WHERE name = 'n'", params![vec![n + 1]])
                        })
                        .unwrap();
                    }
                });
            }
        });
        let n =
            db.read::<_, TeamError>(|tx| tx.one("SELECT value FROM settings WHERE name = 'n'", &[])?.bytes(0)).unwrap();
        assert_eq!(n, [80]);
    });
}

#[test]
fn several_open_a_new_database_at_once() {
    on_each(|url| {
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..6).map(|_| scope.spawn(|| athar_team::Team::open(url))).collect();
            for opened in opening {
                opened.join().unwrap().unwrap();
            }
        });
        let db = Database::open(url).unwrap();
        let heads = db.read::<_, TeamError>(|tx| tx.query("SELECT seq FROM audit_head", &[])).unwrap();
        assert_eq!(heads.len(), 1);
    });
}

#[test]
fn text_is_ordered_byte_by_byte_on_both() {
    on_each(|url| {
        let db = Database::open(url).unwrap();
        for name in ["b", "a", "B", "é", "ب", "_"] {
            db.write::<_, TeamError>(|tx| {
                tx.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params![name, vec![0_u8]])
            })
            .unwrap();
        }
        let rows = db.read::<_, TeamError>(|tx| tx.query("SELECT name FROM settings ORDER BY name", &[])).unwrap();
        let names: Vec<&Value> = rows.iter().map(|row| &row.values()[0]).collect();
        assert_eq!(names, ["B", "_", "a", "b", "é", "ب"].map(Value::from).iter().collect::<Vec<_>>());
    });
}
