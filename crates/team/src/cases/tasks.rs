//! What is to be done, over all cases that somebody sees.

use super::Cases;
use super::access::Who;
use super::body::{Body, Kind};
use super::bounds::PAGE_MAX;
use super::error::CaseError;
use super::items;
use super::model::{TaskOf, TaskPage};
use crate::params;

impl Cases<'_> {
    /// Open tasks of the cases that somebody is a member of, or with `all` of all that they see; with `assigned` only those given to them.
    /// Up to 1,000.
    pub fn tasks(&self, who: &Who, all: bool, assigned: bool, now_s: i64) -> Result<TaskPage, CaseError> {
        let sql = "SELECT i.id, i.version, i.created_s, i.created_by, i.changed_s, i.changed_by, i.body, c.id, c.title
            FROM case_items i JOIN cases c ON c.id = i.case_id
            WHERE i.is_open = 1 AND (?1 = 1 OR EXISTS (
                SELECT 1 FROM case_members m WHERE m.case_id = c.id AND m.user_id = ?2))
            ORDER BY c.id, i.id LIMIT ?3";
        // tasks that are not of the asker are passed over after they are read: so many are looked at, and no more
        let looked_at = if assigned { 20_000 } else { i64::from(PAGE_MAX) + 1 };
        self.reading(who, "task.list", None, None, now_s, |tx| {
            let user = who.user.unwrap_or(-1);
            let mut tasks = Vec::new();
            let mut truncated = false;
            let rows = tx.query(sql, params![all && who.supervises, user, looked_at])?;
            for row in &rows {
                let item = items::item(row)?;
                if assigned {
                    let body = Body::read(Kind::Task, item.body.get().as_bytes())?;
                    if !matches!(body, Body::Task(task) if task.assignee.is_some() && task.assignee == who.user) {
                        continue;
                    }
                }
                if tasks.len() >= PAGE_MAX as usize {
                    truncated = true;
                    break;
                }
                tasks.push(TaskOf { item, case: row.int(7)?, case_title: row.text(8)? });
            }
            truncated |= rows.len() as i64 == looked_at;
            Ok(TaskPage { tasks, truncated })
        })
    }
}
