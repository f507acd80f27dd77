//! PostgreSQL: a bounded pool of connections, and transactions that mean what SQLite's mean.
//!
//! A writing transaction first takes one advisory lock, so that writers, of this server and of others, come one after another and each
//! sees what all before it stored. Every change appends to the audit log, whose head is one row, so writers would wait for each other there in any
//! case; taken first, the lock spares the failures of serialisation that come of waiting late. Reading transactions see one state
//! (`REPEATABLE READ, READ ONLY`) and wait for nobody.

use super::dialect::{Dialect, numbered, tables};
use super::sqlite::swallowed;
use super::tx::{Failed, Inner, Tx};
use super::url::Way;
use super::value::{Row, Value};
use crate::TeamError;
use athar_vault::held;
use bytes::{BufMut, BytesMut};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type};
use postgres::{Client, NoTls, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long is waited for a free connection.
const WAIT: Duration = Duration::from_secs(10);
/// How often a transaction is tried that another one, or a lost connection, ended.
const TRIES: u32 = 5;
/// Prepared statements that a connection keeps.
const STATEMENTS_MAX: usize = 512;
/// Names of the two locks: "athar" and a number.
const WRITER_LOCK: i64 = 0x6174_6861_7200_0001;
const TABLES_LOCK: i64 = 0x6174_6861_7200_0002;
/// What every connection is set to, whatever the user's own settings are. A writer that stops for a minute half-way loses its lock.
const SETTINGS: &str =
    "SET statement_timeout = '60s'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s';
    SET standard_conforming_strings = on; SET client_min_messages = warning; SET bytea_output = 'hex';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

/// A pool.
pub(super) struct Postgres {
    way: Way,
    free: Mutex<Free>,
    given_back: Condvar,
}

#[derive(Default)]
struct Free {
    idle: Vec<Connection>,
    /// Open, idle or not.
    open: usize,
}

/// A connection with its prepared statements.
pub(super) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

/// A connection out of the pool. It goes back only by [`Lent::give_back`]; dropped in any other way, as by a panic, it is closed.
struct Lent<'a> {
    pool: &'a Postgres,
    connection: Option<Connection>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("way", &self.way).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects, and brings the tables to the newest version; of several servers that start at once one does it.
    pub(super) fn open(way: Way, steps: &[&str]) -> Result<Self, TeamError> {
        let pool = Self { way, free: Mutex::default(), given_back: Condvar::new() };
        let mut lent = pool.lend()?;
        let name = &pool.way.shown;
        let connection = lent.connection();
        let one = |connection: &mut Connection, sql: &str| -> Result<Row, TeamError> {
            let mut first = None;
            let mut take = |row| {
                first = Some(row);
                Ok(())
            };
            connection.run(name, sql, &[], &mut take).map_err(|(_, error)| error)?;
            first.ok_or_else(|| TeamError::Database { database: name.clone(), what: "no answer".into() })
        };
        let encoding = one(connection, "SELECT current_setting('server_encoding')")?.text(0)?;
        if encoding != "UTF8" {
            let what = format!("its encoding is {encoding}; make the database with ENCODING 'UTF8'");
            return Err(TeamError::Database { database: name.clone(), what });
        }
        let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({TABLES_LOCK})");
        let failed = |error: postgres::Error| in_words(name, &error).1;
        connection.client.batch_execute(&begin).map_err(failed)?;
        connection
            .client
            .batch_execute("CREATE TABLE IF NOT EXISTS tables_version (version BIGINT NOT NULL)")
            .map_err(failed)?;
        let found = one(connection, "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM tables_version")?.int(0)?;
        let known = steps.len() as i64;
        if found > known {
            return Err(TeamError::Newer { database: name.clone(), found, known });
        }
        for (from, step) in steps.iter().enumerate().skip(found.max(0) as usize) {
            connection.client.batch_execute(&tables(Dialect::Postgres, step)).map_err(failed)?;
            let note = format!("DELETE FROM tables_version; INSERT INTO tables_version VALUES ({})", from + 1);
            connection.client.batch_execute(&note).map_err(failed)?;
        }
        connection.client.batch_execute("COMMIT").map_err(failed)?;
        lent.give_back();
        Ok(pool)
    }

    /// Runs `work`, again where that is without danger: nothing of it was stored.
    pub(super) fn transaction<T, E: From<TeamError>>(
        &self,
        writes: bool,
        work: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.once(writes, work) {
                Err((Failed::Again | Failed::Lost, _)) if tried < TRIES => {
                    std::thread::sleep(Duration::from_millis(20 << tried));
                }
                Err((_, error)) => return Err(error),
                Ok(done) => return Ok(done),
            }
        }
    }

    /// The first row of one statement, without a transaction around it.
    pub(super) fn first(&self, sql: &str, params: &[Value]) -> Result<Option<Row>, TeamError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let mut first = None;
            let mut take = |row| {
                first.get_or_insert(row);
                Ok(())
            };
            let mut lent = match self.lend() {
                Ok(lent) => lent,
                Err(TeamError::Unreachable { .. }) if tried < TRIES => {
                    std::thread::sleep(Duration::from_millis(20 << tried));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let connection = lent.connection();
            match connection.run(&self.way.shown, sql, params, &mut take) {
                Ok(_) => {
                    lent.give_back();
                    return Ok(first);
                }
                Err((Failed::Again | Failed::Lost, _)) if tried < TRIES => {
                    std::thread::sleep(Duration::from_millis(20 << tried));
                }
                Err((_, error)) => return Err(error),
            }
        }
    }

    pub(super) fn vacuum(&self, tables: &[&str]) -> Result<(), TeamError> {
        let mut lent = self.lend()?;
        let done = lent.connection().client.batch_execute(&format!("VACUUM {}", tables.join(", ")));
        done.map_err(|error| in_words(&self.way.shown, &error).1)?;
        lent.give_back();
        Ok(())
    }

    fn once<T, E: From<TeamError>>(
        &self,
        writes: bool,
        work: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, (Failed, E)> {
        let name = &self.way.shown;
        let ours = |(failed, error): (Failed, TeamError)| (failed, E::from(error));
        let mut lent = self.lend().map_err(|error| {
            // a server that starts again is back in a moment
            let failed = if matches!(error, TeamError::Unreachable { .. }) { Failed::Lost } else { Failed::Final };
            (failed, error.into())
        })?;
        let begin = if writes {
            format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()
        };
        let connection = lent.connection();
        connection.client.batch_execute(&begin).map_err(|error| ours(in_words(name, &error)))?;
        let mut tx = Tx { inner: Inner::Postgres(connection), database: name, failed: None };
        let done = work(&mut tx);
        let failed = tx.failed;
        match (done, failed) {
            (Ok(done), None) => {
                match connection.client.batch_execute(if writes { "COMMIT" } else { "ROLLBACK" }) {
                    Ok(()) => lent.give_back(),
                    Err(_) if !writes => {}
                    Err(error) => {
                        let (failed, error) = in_words(name, &error);
                        let lost = failed == Failed::Lost;
                        let error = match error {
                            TeamError::Unreachable { database, what } if lost => TeamError::Unknown { database, what },
                            error => error,
                        };
                        return Err((if lost { Failed::Final } else { failed }, error.into()));
                    }
                }
                Ok(done)
            }
            (done, failed) => {
                if connection.client.batch_execute("ROLLBACK").is_ok() {
                    lent.give_back();
                }
                let error = done.err().unwrap_or_else(|| swallowed(name).into());
                Err((failed.unwrap_or(Failed::Final), error))
            }
        }
    }

    fn lend(&self) -> Result<Lent<'_>, TeamError> {
        let until = Instant::now() + WAIT;
        let mut free = held(&self.free);
        loop {
            while let Some(connection) = free.idle.pop() {
                if !connection.client.is_closed() {
                    return Ok(Lent { pool: self, connection: Some(connection) });
                }
                free.open -= 1;
            }
            if free.open < self.way.pool {
                free.open += 1;
                drop(free);
                let mut lent = Lent { pool: self, connection: None };
                lent.connection = Some(self.connect()?);
                return Ok(lent);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let what = format!("all {} connections are taken", self.way.pool);
                return Err(TeamError::Busy { database: self.way.shown.clone(), what });
            }
            free = self.given_back.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn connect(&self) -> Result<Connection, TeamError> {
        let client = match &self.way.tls {
            Some(tls) => self.way.config.connect(tls.clone()),
            None => self.way.config.connect(NoTls),
        };
        let failed = |error: postgres::Error| match in_words(&self.way.shown, &error) {
            (Failed::Final, TeamError::Database { database, what }) if error.as_db_error().is_none() => {
                TeamError::Unreachable { database, what }
            }
            (_, error) => error,
        };
        let mut client = client.map_err(failed)?;
        client.batch_execute(SETTINGS).map_err(failed)?;
        Ok(Connection { client, statements: HashMap::new() })
    }
}

impl Lent<'_> {
    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is taken out only where it is given back")
    }

    fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            held(&self.pool.free).idle.push(connection);
            self.pool.given_back.notify_one();
            std::mem::forget(self);
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        held(&self.pool.free).open -= 1;
        self.pool.given_back.notify_one();
    }
}

/// The library ends its own runtime when a connection ends, which it must not do on a thread of another runtime.
impl Drop for Postgres {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut held(&self.free).idle);
        let _ = std::thread::spawn(move || drop(idle)).join();
    }
}

impl Connection {
    /// Runs a statement and hands over its rows; gives how many rows it changed or gave.
    pub(super) fn run(
        &mut self,
        name: &str,
        sql: &str,
        params: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), TeamError>,
    ) -> Result<u64, (Failed, TeamError)> {
        let failed = |error: postgres::Error| in_words(name, &error);
        if !self.statements.contains_key(sql) {
            if self.statements.len() >= STATEMENTS_MAX {
                self.statements.clear();
            }
            let made = self.client.prepare(&numbered(sql)).map_err(failed)?;
            self.statements.insert(sql.into(), made);
        }
        let statement = &self.statements[sql];
        if statement.columns().is_empty() {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
            return self.client.execute(statement, &params).map_err(failed);
        }
        let mut rows = self.client.query_raw(statement, params).map_err(failed)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut values = Vec::with_capacity(row.len());
            for column in 0..row.len() {
                values.push(value(&row, column).map_err(|what| {
                    (
                        Failed::Final,
                        TeamError::Damaged { database: name.into(), what: format!("column {column}: {what}") },
                    )
                })?);
            }
            count += 1;
            take(Row { values }).map_err(|error| (Failed::Final, error))?;
        }
        Ok(count)
    }
}

fn value(row: &postgres::Row, column: usize) -> Result<Value, String> {
    let kind = row.columns()[column].type_();
    let read = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Value::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(column).map(Value::from),
        Type::BOOL => row.try_get::<_, Option<bool>>(column).map(Value::from),
        Type::TEXT | Type::VARCHAR | Type::NAME => row.try_get::<_, Option<String>>(column).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column).map(Value::from),
        _ => return Err(format!("the type {kind}, which is not used here; write CAST(… AS BIGINT)")),
    };
    read.map_err(|error| error.to_string())
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => out.put_i64(*value),
            (Self::Int(value), &Type::INT4) => out.put_i32(i32::try_from(*value)?),
            (Self::Int(value), &Type::BOOL) => out.put_u8(u8::from(*value != 0)),
            (Self::Text(value), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => out.put_slice(value.as_bytes()),
            (Self::Bytes(value), &Type::BYTEA) => out.put_slice(value),
            (Self::Int(_), _) => return Err(format!("a number where {kind} is wanted").into()),
            (Self::Text(_), _) => return Err(format!("text where {kind} is wanted").into()),
            (Self::Bytes(_), _) => return Err(format!("bytes where {kind} is wanted").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// An error in our words. PostgreSQL's details are left out: they hold values.
fn in_words(name: &str, error: &postgres::Error) -> (Failed, TeamError) {
    let database = name.to_owned();
    let Some(said) = error.as_db_error() else {
        let what = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        let lost = error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>);
        return if lost {
            (Failed::Lost, TeamError::Unreachable { database, what })
        } else {
            (Failed::Final, TeamError::Database { database, what })
        };
    };
    let code = said.code();
    let what = format!("{} ({})", said.message(), code.code());
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        (Failed::Again, TeamError::Busy { database, what })
    } else if *code == SqlState::UNIQUE_VIOLATION {
        (Failed::Final, TeamError::Taken { what: said.constraint().unwrap_or("a value").to_owned() })
    } else if *code == SqlState::FOREIGN_KEY_VIOLATION {
        (Failed::Final, TeamError::Reference { what: said.constraint().unwrap_or("a row").to_owned() })
    } else if [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY].contains(code) {
        (Failed::Final, TeamError::Full { database })
    } else if [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED, SqlState::TOO_MANY_CONNECTIONS].contains(code) {
        (Failed::Final, TeamError::Busy { database, what })
    } else if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) {
        (Failed::Final, TeamError::Damaged { database, what })
    } else if code.code().starts_with("08") || code.code().starts_with("57P") || code.code() == "25P03" {
        // the server ends or is not ready, or we stood still for too long
        (Failed::Lost, TeamError::Unreachable { database, what })
    } else {
        (Failed::Final, TeamError::Database { database, what })
    }
}
