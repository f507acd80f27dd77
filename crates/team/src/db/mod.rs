//! The database of a team: SQLite in a file, or PostgreSQL by URL, behind one face.
//!
//! Nothing outside this folder knows which of the two it is. A writing transaction is alone, on both: it sees what all before it stored, and whoever
//! writes next sees it whole. A reading one sees one state and waits for nobody.

mod dialect;
mod postgres;
mod schema;
mod sqlite;
mod turns;
mod tx;
mod url;
mod value;

pub use tx::Tx;
pub use value::{Row, Value};

use crate::TeamError;
use std::path::Path;

/// A database that is open. Threads share it by reference; several processes may use it at once.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    name: String,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Database {
    /// Opens the database that a text names: `postgres://…`, or the path of an SQLite file, which is made where there is none.
    /// Its tables are brought to the newest version.
    pub fn open(text: &str) -> Result<Self, TeamError> {
        Self::open_at(text, Self::tables_version())
    }

    /// The same with the tables of an earlier version, where it is new: an older backup is restored into them.
    pub(crate) fn open_at(text: &str, version: i64) -> Result<Self, TeamError> {
        let steps = &schema::STEPS[..version.clamp(0, Self::tables_version()) as usize];
        if url::is_url(text) {
            let way: url::Way = text.parse()?;
            let name = way.shown.clone();
            return Ok(Self { engine: Engine::Postgres(postgres::Postgres::open(way, steps)?), name });
        }
        if text.contains("://") {
            return Err(TeamError::Url {
                what: "only postgres:// is known; anything else is the path of a file".into(),
            });
        }
        let engine = Engine::Sqlite(sqlite::Sqlite::open(Path::new(text), steps)?);
        Ok(Self { engine, name: text.into() })
    }

    /// How it is shown: a path, or a URL without its password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The newest version of the tables that this program knows.
    pub fn tables_version() -> i64 {
        schema::STEPS.len() as i64
    }

    /// Runs `work` in one transaction: all of it is stored, and on the disk when this returns, or nothing. It may be run again where another
    /// transaction or a lost connection ended it, so it changes nothing outside. Not to be called inside another transaction, nor on
    /// a thread of an asynchronous runtime.
    pub fn write<T, E: From<TeamError>>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.transaction(true, &mut work)
    }

    /// Runs `work` on one state of the database. What holds for [`Database::write`] holds here.
    pub fn read<T, E: From<TeamError>>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.transaction(false, &mut work)
    }

    /// The first row of one statement that reads: without the cost of a transaction around it.
    pub fn first(&self, sql: &str, params: &[Value]) -> Result<Option<Row>, TeamError> {
        match &self.engine {
            Engine::Sqlite(_) => self.read(|tx| tx.first(sql, params)),
            Engine::Postgres(postgres) => postgres.first(sql, params),
        }
    }

    /// After personal data was deleted from tables: what a database still keeps of deleted rows goes, as far as it can be made to. SQLite has overwritten
    /// them and empties its log; PostgreSQL takes them out of its pages (`VACUUM`), and what its own log and its backups hold is their
    /// keeper's affair.
    pub fn sweep(&self, tables: &[&str]) -> Result<(), TeamError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.database.empty_log(),
            Engine::Postgres(postgres) => postgres.vacuum(tables),
        }
    }

    /// Whether it answers.
    pub fn ready(&self) -> Result<(), TeamError> {
        self.read(|tx| tx.query("SELECT count(*) FROM audit_head", &[]).map(drop))
    }

    /// At most so many pages of 4 KiB in an SQLite file: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), TeamError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.database.limit_pages(pages),
            Engine::Postgres(_) => Ok(()),
        }
    }

    fn transaction<T, E: From<TeamError>>(
        &self,
        writes: bool,
        work: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.transaction(&self.name, writes, work),
            Engine::Postgres(postgres) => postgres.transaction(writes, work),
        }
    }
}
