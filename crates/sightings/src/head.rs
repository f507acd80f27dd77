//! The head of the custody log: what names the state of the whole store, since nothing is recorded or deleted without an entry.

use crate::{Sightings, SightingsError};
use rusqlite::OptionalExtension;

impl Sightings {
    /// The hash of the newest entry of the custody log, in hexadecimal; `None` where nothing was ever recorded. Two stores with the same
    /// head recorded and deleted the same.
    pub fn custody_head(&self) -> Result<Option<String>, SightingsError> {
        self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT hash FROM custody ORDER BY seq DESC LIMIT 1")?;
            let hash: Option<Vec<u8>> = query.query_row([], |row| row.get(0)).optional()?;
            Ok(hash.map(hex::encode))
        })
    }
}
