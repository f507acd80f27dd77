//! The tables of a backup, those first that others refer to.

/// A table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    /// Whether its `id` is given by the database.
    pub(super) numbered: bool,
}

/// All that are kept in a backup. A test compares them with the tables that there are.
pub(super) const TABLES: &[Table] = &[
    Table { name: "settings", columns: &["name", "value"], numbered: false },
    Table {
        name: "users",
        columns: &[
            "id",
            "version",
            "name",
            "display",
            "role",
            "language",
            "disabled",
            "password",
            "created_s",
            "changed_s",
            "erased_s",
        ],
        numbered: true,
    },
    Table { name: "identities", columns: &["issuer", "subject", "user_id", "created_s"], numbered: false },
    Table { name: "audit_salts", columns: &["mark", "salt"], numbered: false },
    Table {
        name: "audit",
        columns: &["seq", "at_s", "actor", "action", "target_kind", "target", "case_id", "outcome", "hash"],
        numbered: false,
    },
    Table { name: "audit_head", columns: &["one", "seq", "hash"], numbered: false },
    Table {
        name: "cases",
        columns: &[
            "id",
            "version",
            "title",
            "search",
            "state",
            "summary",
            "legal_basis",
            "retention_until",
            "humanitarian",
            "humanitarian_note",
            "disclosure",
            "created_s",
            "created_by",
            "changed_s",
            "next_item",
            "next_seq",
            "texts",
        ],
        numbered: true,
    },
    Table { name: "case_members", columns: &["case_id", "user_id", "role", "since_s"], numbered: false },
    Table { name: "case_people", columns: &["case_id", "id", "display"], numbered: false },
    Table {
        name: "case_items",
        columns: &[
            "case_id",
            "id",
            "kind",
            "version",
            "created_s",
            "created_by",
            "changed_s",
            "changed_by",
            "body",
            "subject_key",
            "party_key",
            "is_open",
            "linked",
        ],
        numbered: false,
    },
    Table { name: "case_files", columns: &["hash", "size", "bytes"], numbered: false },
    Table { name: "case_holds", columns: &["case_id", "hash", "size"], numbered: false },
    Table {
        name: "case_changes",
        columns: &[
            "case_id",
            "seq",
            "at_s",
            "by_id",
            "action",
            "kind",
            "item",
            "state",
            "kept",
            "version",
            "summary",
            "of_seq",
            "undone_seq",
            "undone_by",
        ],
        numbered: false,
    },
];

/// What is left out: a session or a lock that was over must not come back.
#[cfg(test)]
const LEFT_OUT: [&str; 2] = ["sessions", "failures"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, TeamError, params};

    #[test]
    fn every_table_and_column_is_in_a_backup_or_left_out_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(folder.path().join("team.sqlite").to_str().unwrap()).unwrap();
        db.read::<_, TeamError>(|tx| {
            let tables =
                tx.query("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", &[])?;
            let mut seen = 0;
            for table in tables {
                let (name, sql) = (table.text(0)?, table.text(1)?);
                if LEFT_OUT.contains(&name.as_str()) {
                    continue;
                }
                let listed = TABLES
                    .iter()
                    .find(|table| table.name == name)
                    .unwrap_or_else(|| panic!("{name} is not in backups"));
                let columns =
                    tx.query("SELECT name FROM pragma_table_info(?1) ORDER BY cid", params![name.as_str()])?;
                let columns: Vec<String> = columns.iter().map(|row| row.text(0).unwrap()).collect();
                assert_eq!(listed.columns, columns, "{name}");
                assert_eq!(listed.numbered, sql.contains("AUTOINCREMENT"), "{name}");
                seen += 1;
            }
            assert_eq!(seen, TABLES.len());
            Ok(())
        })
        .unwrap();
    }
}
