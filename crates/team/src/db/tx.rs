//! A transaction: statements and their rows.
//!
//! An error of a statement ends the transaction, on both databases: PostgreSQL does so by itself, and code that only SQLite forgives would be found
//! by whoever runs the other. What may already be there is asked with `ON CONFLICT DO NOTHING`, not by failing.

use super::postgres::Connection;
use super::value::{Row, Value};
use crate::TeamError;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A transaction, open.
pub struct Tx<'a> {
    pub(super) inner: Inner<'a>,
    pub(super) database: &'a str,
    /// Set by the first statement that fails.
    pub(super) failed: Option<Failed>,
}

pub(super) enum Inner<'a> {
    Sqlite(&'a rusqlite::Transaction<'a>),
    Postgres(&'a mut Connection),
}

/// What a failed statement means for the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    /// It can be tried again as it is.
    Again,
    /// The connection is gone, and nothing of it was stored.
    Lost,
    /// It stays as it is.
    Final,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Runs a statement; gives how many rows it changed.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, TeamError> {
        self.run(sql, params, &mut |_| Ok(()))
    }

    /// All rows. Bound them with `LIMIT`.
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, TeamError> {
        let mut rows = Vec::new();
        self.run(sql, params, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row, where there is one.
    pub fn first(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, TeamError> {
        let mut first = None;
        self.run(sql, params, &mut |row| {
            first.get_or_insert(row);
            Ok(())
        })?;
        Ok(first)
    }

    /// The one row that there must be: of a `count(*)`, of an `INSERT … RETURNING id`.
    pub fn one(&mut self, sql: &str, params: &[Value]) -> Result<Row, TeamError> {
        self.first(sql, params)?.ok_or_else(|| TeamError::Damaged {
            database: self.database.into(),
            what: "a statement that always gives a row gave none".into(),
        })
    }

    /// Hands over row after row without holding all of them.
    pub fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        mut take: impl FnMut(Row) -> Result<(), TeamError>,
    ) -> Result<(), TeamError> {
        self.run(sql, params, &mut take).map(drop)
    }

    fn run(
        &mut self,
        sql: &str,
        params: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), TeamError>,
    ) -> Result<u64, TeamError> {
        if self.failed.is_some() {
            return Err(TeamError::Database {
                database: self.database.into(),
                what: "a statement after one that failed in the same transaction".into(),
            });
        }
        if params.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Err(TeamError::invalid("text", "holds the character zero, which cannot be stored"));
        }
        let done = match &mut self.inner {
            Inner::Sqlite(transaction) => super::sqlite::run(transaction, self.database, sql, params, take),
            Inner::Postgres(connection) => connection.run(self.database, sql, params, take),
        };
        done.map_err(|(failed, error)| {
            self.failed = Some(failed);
            error
        })
    }

    /// The key that the next row of a table would get.
    pub(crate) fn next_key(&mut self, table: &str) -> Result<i64, TeamError> {
        let sql = match self.inner {
            Inner::Sqlite(_) => format!("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = '{table}'"),
            Inner::Postgres(_) => {
                format!("SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM {table}_id_seq")
            }
        };
        self.one(&sql, &[])?.int(0)
    }

    /// After rows were put in with keys of their own: the key that the next row gets.
    pub(crate) fn set_next_key(&mut self, table: &str, next: i64) -> Result<(), TeamError> {
        if matches!(self.inner, Inner::Postgres(_)) {
            return self.query(&format!("SELECT setval('{table}_id_seq', {}, false)", next.max(1)), &[]).map(drop);
        }
        self.execute(&format!("DELETE FROM sqlite_sequence WHERE name = '{table}'"), &[])?;
        self.execute(&format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {})", next.max(1) - 1), &[])
            .map(drop)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Null => ValueRef::Null,
        }))
    }
}
