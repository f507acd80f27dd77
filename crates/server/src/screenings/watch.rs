//! Subjects that are watched from their screening on.

use super::result::{Screened, ScreeningResult};
use super::subject::Subject;
use crate::app::clock;
use crate::generation::Generation;
use crate::problem::{Problem, codes};
use athar_desk::{Desk, NewSubject, SubjectKind};
use athar_engine::{Asset, Chain};

/// Registers those that ask for it and could be screened, all or none, and notes their numbers. One that cannot be watched is an
/// error of that subject alone.
pub(super) fn watch(desk: &Desk, store: &Generation, results: &mut [ScreeningResult]) -> Result<(), Problem> {
    let (mut places, mut subjects) = (Vec::new(), Vec::new());
    for (at, result) in results.iter_mut().enumerate() {
        let Some((subject, screening)) = result.to_watch() else { continue };
        match subject_of(store, subject, screening) {
            Ok(new) => {
                places.push(at);
                subjects.push(new);
            }
            Err(problem) => result.fail(problem),
        }
    }
    let registered = desk.register(&subjects, clock())?;
    for (at, registered) in places.into_iter().zip(registered) {
        results[at].watched = Some(registered.id);
    }
    Ok(())
}

fn subject_of(store: &Generation, subject: &Subject, screening: &Screened) -> Result<NewSubject, Problem> {
    let kind = match (screening.kind(), subject.kind.as_deref()) {
        ("address", Some("withdrawal_attempt")) => SubjectKind::WithdrawalAttempt,
        ("address", _) => SubjectKind::Address,
        ("output", _) => SubjectKind::Output,
        ("transaction", _) => SubjectKind::Transaction,
        (other, _) => return Err(unwatchable(format!("it is of the kind {other}"))),
    };
    let named = screening.chain().and_then(Chain::from_name);
    let chain = named.unwrap_or(store.engine.chain());
    if !chain.has_ledger() {
        return Err(unwatchable(format!("no store can hold {}", chain.name())));
    }
    let mut new = NewSubject::new(kind, chain.name(), subject.value.trim());
    let coin = Asset::coin_of(chain).symbol();
    new.asset = subject.asset.clone().filter(|asset| !asset.trim().eq_ignore_ascii_case(coin));
    new.amount = subject.attempt_sat(chain)?.map(u128::from);
    new.reference.clone_from(&subject.reference);
    new.check()?;
    Ok(new)
}

fn unwatchable(detail: String) -> Problem {
    Problem::new(codes::SUBJECT_NOT_WATCHABLE, detail).at("monitor")
}
