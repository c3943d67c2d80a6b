//! Where a control log begins, what marks it, what it repeats: refused by name where it may not be.

use record::{Applied, Body, Heartbeat, Refused, SessionEnd, SessionEnding};

use super::{denial, dismissal, revocation};
use crate::history::*;

#[test]
fn entries_come_once_and_in_order() {
    let history = History::constituted();
    let entry = history.make(request());
    for index in [0, 4, 6, u64::MAX] {
        let refused = history.state.check(index, &entry);
        assert_eq!(refused, Err(Refused::Index { expected: 5, index }));
    }
    let mut ahead = entry;
    ahead.control_size = 6;
    let refused = history.refused_entry(&ahead);
    assert_eq!(
        refused,
        Refused::FromTheFuture {
            size: 5,
            claimed: 6
        }
    );
}

#[test]
fn entries_of_access_logs_are_refused_in_the_control_log() {
    let end = SessionEnd {
        session: 1,
        ending: SessionEnding::Closed,
        statements: 0,
        ungoverned: 0,
    };
    let refused = History::constituted().refused(end);
    assert_eq!(refused, Refused::NotHere("session-end"));
}

#[test]
fn a_log_begins_with_a_start_and_goes_on_with_one_after_a_stop() {
    let mut history = History::empty();
    assert_eq!(history.refused(constitution(1, None)), Refused::NotStarted);
    let not_clean = |is, claimed| Refused::NotClean { is, claimed };
    assert_eq!(history.refused(start(false)), not_clean(true, false));
    history.add(start(true));
    // A second start without a stop: the writer before it died.
    assert_eq!(history.refused(start(true)), not_clean(false, true));
    history.add(start(false));
    history.add(stop());
    assert_eq!(history.refused(constitution(1, None)), Refused::Stopped);
    assert_eq!(history.refused(stop()), Refused::Stopped);
    let mut moved = start(true);
    moved.log = access(1);
    let (expected, claimed) = (control(), access(1));
    assert_eq!(
        history.refused(moved),
        Refused::OtherLog { expected, claimed }
    );
    history.add(start(true));
}

#[test]
fn an_evaluation_stays_one_and_nothing_else_becomes_one() {
    for evaluation in [false, true] {
        let mut history = if evaluation {
            History::evaluation()
        } else {
            History::constituted()
        };
        assert_eq!(history.state.is_evaluation(), evaluation);
        history.evaluation = !evaluation;
        assert_eq!(history.refused(stop()), Refused::EvaluationMark);
    }
}

#[test]
fn an_evaluation_believes_its_files_and_only_an_evaluation_does() {
    let mut believed = grant(0);
    believed.request = None;
    believed.flow = None;
    let mut history = History::evaluation();
    let mut unsigned = policy(1, None);
    unsigned.by.clear();
    history.add(unsigned.clone());
    history.add(believed.clone());

    let history = History::constituted();
    assert_eq!(history.refused(believed), Refused::RestsOn);
    let (needed, signed) = (2, 0);
    unsigned.version = 2;
    unsigned.previous = Some(digest(0xb1));
    assert_eq!(
        history.refused(unsigned),
        Refused::TooFewSigners { needed, signed }
    );
}

#[test]
fn a_heartbeat_cites_the_state_before_it() {
    let mut history = History::constituted();
    let heartbeat = |state| Heartbeat {
        open_sessions: 0,
        open_decisions: 0,
        witnessed_size: 0,
        state,
    };
    history.add(heartbeat(None));
    let before = history.state.hash();
    let wrong = history.refused(heartbeat(Some(digest(0))));
    assert_eq!(
        wrong,
        Refused::OtherState {
            is: before,
            claimed: digest(0)
        }
    );
    history.add(heartbeat(Some(before)));
}

#[test]
fn a_repeated_request_is_suppressed_and_a_reused_key_is_refused() {
    let mut history = History::constituted();
    assert_eq!(history.add_keyed(7, request()), Ok(Applied::New));
    let index = history.state.size() - 1;
    // Tried again later, by another try of the same client.
    history.now_ms += 5_000;
    assert_eq!(
        history.add_keyed(7, request()),
        Ok(Applied::Duplicate(index))
    );
    assert!(history.state.request(index + 1).is_none());
    let mut other = request();
    other.subjects = Some(26);
    assert_eq!(history.add_keyed(7, other), Err(Refused::KeyUsed { index }));
    assert_eq!(
        history.add_keyed(7, stop()),
        Err(Refused::KeyUsed { index })
    );
    assert_eq!(history.add_keyed(8, request()), Ok(Applied::New));
}

#[test]
fn what_people_sign_is_found_in_one_place() {
    let signed_bodies: [Body; 8] = [
        constitution(1, None).into(),
        people(1, None).into(),
        catalogue(1, None).into(),
        policy(1, None).into(),
        label_change(1, "email").into(),
        break_glass().into(),
        review(1).into(),
        erasure(1, &[1]).into(),
    ];
    for body in signed_bodies {
        assert_eq!(body.endorsed().unwrap().by.len(), 2, "{body:?}");
    }
    for body in [
        Body::from(approval(1, 0, 1)),
        denial(1).into(),
        revocation(1).into(),
    ] {
        assert_eq!(body.endorsed().unwrap().by, [signed(1)]);
    }
    assert_eq!(Body::from(dismissal(1)).endorsed().unwrap().by, [signed(9)]);
    assert_eq!(Body::from(request()).endorsed(), None);
}
