//! Who a user is at a provider of OpenID Connect: issuer and subject, which never change there, unlike names and addresses of mail.

use super::{User, user};
use crate::audit::{Actor, Entry, Target};
use crate::{Team, TeamError, params};
use serde::Serialize;

/// Bytes that an issuer or a subject may have.
const BYTES_MAX: usize = 1_024;

/// A user's identity at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The user there.
    pub subject: String,
    /// The user here.
    pub user: i64,
    /// When it was linked.
    pub created_s: i64,
}

impl Team {
    /// Links an identity to a user; refused where it belongs to another.
    pub fn link_identity(&self, by: &Actor, now_s: i64, issuer: &str, subject: &str, id: i64) -> Result<(), TeamError> {
        if [issuer, subject].iter().any(|text| text.is_empty() || text.len() > BYTES_MAX) {
            return Err(TeamError::invalid("identity", "issuer and subject have 1 to 1024 bytes"));
        }
        self.db().write(|tx| {
            if user(tx, id)?.erased {
                return Err(TeamError::NotFound { what: "user" });
            }
            let done = tx.execute(
                "INSERT INTO identities (issuer, subject, user_id, created_s) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (issuer, subject) DO NOTHING",
                params![issuer, subject, id, now_s],
            )?;
            if done == 0 {
                return Err(TeamError::Taken { what: "this identity".into() });
            }
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "user.identity.link", Target::id("user", id))])?;
            Ok(())
        })
    }

    /// Takes an identity from its user and ends his sessions, which may have begun with it.
    pub fn unlink_identity(&self, by: &Actor, now_s: i64, issuer: &str, subject: &str) -> Result<(), TeamError> {
        self.db().write(|tx| {
            let sql = "DELETE FROM identities WHERE issuer = ?1 AND subject = ?2 RETURNING user_id";
            let row = tx.first(sql, params![issuer, subject])?.ok_or(TeamError::NotFound { what: "identity" })?;
            let id = row.int(0)?;
            tx.execute("DELETE FROM sessions WHERE user_id = ?1", params![id])?;
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "user.identity.unlink", Target::id("user", id))])?;
            Ok(())
        })
    }

    /// The user of an identity, disabled or not.
    pub fn user_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<User>, TeamError> {
        self.db().read(|tx| {
            let sql = "SELECT user_id FROM identities WHERE issuer = ?1 AND subject = ?2";
            tx.first(sql, params![issuer, subject])?.map(|row| user(tx, row.int(0)?)).transpose()
        })
    }

    /// The identities of a user.
    pub fn identities(&self, id: i64) -> Result<Vec<Identity>, TeamError> {
        let sql =
            "SELECT issuer, subject, user_id, created_s FROM identities WHERE user_id = ?1 ORDER BY issuer, subject";
        self.db().read(|tx| {
            let rows = tx.query(sql, params![id])?;
            let made = rows.iter().map(|row| {
                Ok(Identity { issuer: row.text(0)?, subject: row.text(1)?, user: row.int(2)?, created_s: row.int(3)? })
            });
            made.collect()
        })
    }
}
