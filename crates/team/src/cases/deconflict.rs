//! Whether another team has a subject too, told as far as that team's case discloses it.
//!
//! A question leaves an entry in the audit log with a salted hash of the subject: who asks for many subjects to learn of other teams' work
//! is seen by a supervisor. What is told is what may be told of the case: a case that discloses nothing is not even counted.

use super::Cases;
use super::access::Who;
use super::body::{Body, Subject};
use super::bounds::ALSO_MAX;
use super::error::CaseError;
use super::journal::damaged;
use super::model::{AlsoIn, Disclosure};
use super::subject;
use crate::{Entry, Target, Tx, params};

/// Cases with the subject that are looked at, those that disclose nothing included.
const LOOKED_AT_MAX: i64 = 1_000;

impl Cases<'_> {
    /// The cases that have a subject, each as far as it discloses that; in full where the person who asks may see it. `entity` is as in
    /// [`Cases::add`].
    pub fn also_in(
        &self,
        who: &Who,
        given: &Subject,
        entity: Option<&str>,
        now_s: i64,
    ) -> Result<Vec<AlsoIn>, CaseError> {
        let Body::Subject(given) = Body::Subject(given.clone()).checked()? else {
            return Err(damaged("a subject that is none"));
        };
        let chain = given.chain.as_deref();
        let key = subject::key(given.kind, chain, &given.value);
        let party = chain.zip(entity).map(|(chain, entity)| subject::party(chain, entity));
        let found = self.team.db().read(|tx| others(tx, who, None, &key, party.as_deref()))?;
        let target = Target::hashed("subject", key);
        self.team.append_read(Entry::new(now_s, who.actor.clone(), "deconfliction.ask", target))?;
        Ok(found)
    }
}

/// Cases other than one that have a subject of that key, or of that entity.
pub(crate) fn others(
    tx: &mut Tx<'_>,
    who: &Who,
    not: Option<i64>,
    key: &str,
    party: Option<&str>,
) -> Result<Vec<AlsoIn>, CaseError> {
    // an address matches a subject that is the entity's own address, and the other way round
    let sql = "SELECT c.id, c.title, c.disclosure,
            CASE WHEN EXISTS (SELECT 1 FROM case_members m WHERE m.case_id = c.id AND m.user_id = ?5) THEN 1 ELSE 0 END
        FROM cases c
        WHERE c.id <> ?1 AND c.id IN (
            SELECT i.case_id FROM case_items i WHERE i.subject_key = ?2 OR i.subject_key = ?3
            UNION SELECT i.case_id FROM case_items i WHERE i.party_key = ?2 OR i.party_key = ?3)
        ORDER BY c.id LIMIT ?4";
    let party = party.unwrap_or(key);
    let rows = tx.query(sql, params![not.unwrap_or(-1), key, party, LOOKED_AT_MAX, who.user.unwrap_or(-1)])?;
    let mut found = Vec::new();
    for row in rows {
        let disclosure = Disclosure::from_name(&row.text(2)?).ok_or_else(|| damaged("an unknown disclosure"))?;
        let is_seen = who.supervises || row.flag(3)?;
        if !is_seen && disclosure == Disclosure::Nothing {
            continue;
        }
        let id = row.int(0)?;
        let is_named = is_seen || disclosure == Disclosure::Title;
        let sql = "SELECT u.display FROM case_members m JOIN users u ON u.id = m.user_id
            WHERE m.case_id = ?1 AND m.role = 'owner' ORDER BY m.since_s, m.user_id LIMIT 5";
        let owners = tx.query(sql, params![id])?.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
        found.push(AlsoIn {
            case: is_named.then_some(id),
            title: is_named.then(|| row.text(1)).transpose()?,
            contact: Some(owners.join(", ")),
        });
        if found.len() >= ALSO_MAX {
            break;
        }
    }
    Ok(found)
}
