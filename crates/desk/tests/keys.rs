//! Idempotency keys.
use athar_desk::{
    Begin, Desk, DeskError, KEPT_SECONDS, LEASE_SECONDS, NewSubject, RESPONSE_BYTES_MAX, Response, SubjectKind, Ticket,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use tempfile::TempDir;

const BODY: [u8; 32] = [1; 32];

fn desk() -> (TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    (folder, desk)
}

fn ticket(begin: Begin) -> Ticket {
    match begin {
        Begin::New(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn response(text: &str) -> Response {
    Response { status: 201, body: text.into() }
}

#[test]
fn a_request_sent_again_gets_the_same_answer_and_another_body_is_refused() {
    let (_folder, desk) = desk();
    let first = ticket(desk.begin("k", "alice", &BODY, 0).unwrap());
    assert_eq!(desk.begin("k", "alice", &BODY, 1).unwrap(), Begin::InProgress);
    assert_eq!(desk.begin("k", "alice", &[2; 32], 1).unwrap(), Begin::Conflict);
    desk.finish(&first, &response("done")).unwrap();
    assert_eq!(desk.begin("k", "alice", &BODY, 2).unwrap(), Begin::Replay(response("done")));
    assert_eq!(desk.begin("k", "alice", &[2; 32], 2).unwrap(), Begin::Conflict);
    // the key of another caller is another key
    assert!(matches!(desk.begin("k", "bob", &[2; 32], 2).unwrap(), Begin::New(_)));
    // for a day
    assert_eq!(desk.begin("k", "alice", &BODY, KEPT_SECONDS - 1).unwrap(), Begin::Replay(response("done")));
    assert!(matches!(desk.begin("k", "alice", &[2; 32], KEPT_SECONDS).unwrap(), Begin::New(_)));
    assert!(matches!(desk.begin("", "alice", &BODY, 0), Err(DeskError::Input { .. })));
    assert!(matches!(desk.begin(&"k".repeat(256), "alice", &BODY, 0), Err(DeskError::Input { .. })));
}

#[test]
fn of_many_at_once_one_is_carried_out() {
    let (_folder, desk) = desk();
    for round in 0..10 {
        let key = format!("round {round}");
        let (executed, together, answers) = (AtomicU32::new(0), Barrier::new(8), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    together.wait();
                    loop {
                        match desk.begin(&key, "alice", &BODY, 0).unwrap() {
                            Begin::New(ticket) => {
                                let number = executed.fetch_add(1, Ordering::SeqCst);
                                desk.finish(&ticket, &response(&format!("execution {number}"))).unwrap();
                            }
                            Begin::Replay(response) => {
                                answers.lock().unwrap().push(response);
                                break;
                            }
                            Begin::InProgress => thread::yield_now(),
                            other => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
        assert_eq!(executed.load(Ordering::SeqCst), 1);
        let answers = answers.into_inner().unwrap();
        assert_eq!(answers.len(), 8);
        assert!(answers.iter().all(|a| *a == response("execution 0")));
    }
}

#[test]
fn a_request_whose_worker_died_is_taken_over_and_the_dead_one_cannot_finish_it() {
    let (folder, desk) = desk();
    let dead = ticket(desk.begin("k", "alice", &BODY, 0).unwrap());
    drop(desk);
    let desk = Desk::open(folder.path()).unwrap();
    assert_eq!(desk.begin("k", "alice", &BODY, LEASE_SECONDS - 1).unwrap(), Begin::InProgress);
    let heir = ticket(desk.begin("k", "alice", &BODY, LEASE_SECONDS).unwrap());
    assert!(matches!(desk.finish(&dead, &response("late")), Err(DeskError::TakenOver)));
    desk.abandon(&dead).unwrap();
    desk.finish(&heir, &response("done")).unwrap();
    assert!(matches!(desk.finish(&heir, &response("twice")), Err(DeskError::TakenOver)));
    assert_eq!(desk.begin("k", "alice", &BODY, LEASE_SECONDS + 1).unwrap(), Begin::Replay(response("done")));
}

#[test]
fn what_was_given_up_can_be_sent_again_at_once() {
    let (_folder, desk) = desk();
    let first = ticket(desk.begin("k", "alice", &BODY, 0).unwrap());
    desk.abandon(&first).unwrap();
    let second = ticket(desk.begin("k", "alice", &[2; 32], 0).unwrap());
    desk.finish(&second, &response("done")).unwrap();
    desk.abandon(&second).unwrap();
    assert_eq!(desk.begin("k", "alice", &[2; 32], 0).unwrap(), Begin::Replay(response("done")));
}

#[test]
fn registering_and_finishing_are_one() {
    let (_folder, desk) = desk();
    let new = [NewSubject::new(SubjectKind::Address, "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")];
    let dead = ticket(desk.begin("k", "alice", &BODY, 0).unwrap());
    let heir = ticket(desk.begin("k", "alice", &BODY, LEASE_SECONDS).unwrap());
    // he who lost the request does nothing at all
    assert!(desk.register_once(&dead, &new, 1, |_| response("late")).is_err());
    assert_eq!(desk.counts().unwrap().subjects, 0);
    let sent = desk.register_once(&heir, &new, 2, |r| response(&format!("{}", r[0].id))).unwrap();
    assert_eq!(desk.begin("k", "alice", &BODY, 200).unwrap(), Begin::Replay(sent));
    assert_eq!(desk.counts().unwrap().subjects, 1);
}

#[test]
fn an_answer_that_is_too_long_is_not_kept_and_says_so() {
    let (_folder, desk) = desk();
    let long = Response { status: 200, body: vec![b'a'; RESPONSE_BYTES_MAX + 1] };
    let first = ticket(desk.begin("k", "alice", &BODY, 0).unwrap());
    desk.finish(&first, &long).unwrap();
    assert_eq!(desk.begin("k", "alice", &BODY, 1).unwrap(), Begin::Spent(200));
}
