//! An access log: what fits together, and each thing that does not, reported by its own name.

use model::Refusal;
use record::{
    AskerKind, Body, Decision, End, Entry, Heartbeat, Irregular, Marks, Outcome, Proof,
    RefusalEntry, Reservation, SchemaSeen, SessionEnd, SessionEnding, SessionStart, Shows, Start,
    Stop, StopReason, Strength, Trail, Ungoverned, Verb,
};
use std::collections::BTreeSet;

use crate::history::{access, control, digest, entry, line, person, stop};

#[derive(Clone, Default)]
struct Log {
    trail: Trail,
}

impl Log {
    /// Started, with a schema and one session.
    fn open() -> Self {
        let mut log = Self::default();
        log.fits(start(true));
        log.fits(schema());
        log.fits(session(1));
        log
    }

    fn apply(&mut self, entry: &Entry) -> Result<(), Irregular> {
        self.trail.apply(self.trail.size(), entry)
    }

    fn fits(&mut self, body: impl Into<Body>) {
        let entry = entry(body);
        self.apply(&entry).unwrap();
    }

    fn reports(&mut self, body: impl Into<Body>) -> Irregular {
        let entry = entry(body);
        self.apply(&entry).expect_err("it must be reported")
    }
}

fn start(clean: bool) -> Start {
    Start {
        log: access(1),
        build: line("cordon 0.1.0"),
        clean,
        continues: None,
    }
}

fn schema() -> SchemaSeen {
    SchemaSeen {
        upstream: line("app"),
        snapshot: digest(0x5c),
    }
}

fn session(session: u64) -> SessionStart {
    SessionStart {
        session,
        asker: person(9),
        asker_kind: AskerKind::Person,
        proofs: BTreeSet::from([Proof::Scram]),
        strength: Strength::Aal1,
        country: None,
        country_evidence: Vec::new(),
        purpose: None,
        teams_at_most: None,
        people: digest(0x91),
        build: line("cordon 0.1.0"),
    }
}

fn end(session: u64, statements: u64, ungoverned: u64) -> SessionEnd {
    SessionEnd {
        session,
        ending: SessionEnding::Closed,
        statements,
        ungoverned,
    }
}

fn decision(session: u64, number: u64) -> Decision {
    Decision {
        session,
        number,
        decision: digest(1),
        decided_ms: 0,
        valid_until_ms: None,
        purpose: None,
        policies: digest(2),
        policy_schema: digest(3),
        inputs: digest(4),
        upstream: line("app"),
        snapshot: digest(0x5c),
        verb: Verb::Select,
        read_only: true,
        covered: false,
        shows: Shows::Masked,
        datasets: Vec::new(),
        grants: BTreeSet::new(),
        observed: false,
        rows_until: 100,
        bytes_until: 1_000,
    }
}

const fn reservation(number: u64, rows_until: u64, bytes_until: u64) -> Reservation {
    Reservation {
        session: 1,
        number,
        rows_until,
        bytes_until,
    }
}

const fn outcome(number: u64, rows: u64, bytes: u64) -> Outcome {
    Outcome {
        session: 1,
        number,
        rows,
        bytes,
        rows_changed: None,
        duration_ms: 5,
        end: End::Complete,
        sqlstate: None,
    }
}

const fn refusal(session: Option<u64>, number: Option<u64>, count: u64) -> RefusalEntry {
    RefusalEntry {
        session,
        number,
        count,
        code: Refusal::NotVisible,
        decision: None,
        policies: None,
        inputs: None,
        snapshot: None,
        asker: None,
    }
}

const fn ungoverned(first: u64, count: u64) -> Ungoverned {
    Ungoverned {
        session: 1,
        first,
        count,
    }
}

fn open(log: &Log) -> Vec<u64> {
    log.trail.open_decisions().collect()
}

fn without_outcome(log: &Log) -> Vec<u64> {
    log.trail.without_outcome().collect()
}

#[test]
fn a_session_that_is_whole_is_regular() {
    let mut log = Log::open();
    log.fits(ungoverned(1, 3));
    log.fits(decision(1, 1));
    assert_eq!(open(&log), [4]);
    log.fits(reservation(1, 200, 1_000));
    log.fits(reservation(1, 200, 4_000));
    log.fits(refusal(Some(1), Some(2), 5));
    log.fits(decision(1, 7));
    log.fits(outcome(7, 100, 1_000));
    log.fits(outcome(1, 200, 4_000));
    log.fits(ungoverned(4, 1));
    log.fits(refusal(None, None, 12));
    assert!(open(&log).is_empty());
    let heartbeat = Heartbeat {
        open_sessions: 1,
        open_decisions: 0,
        witnessed_size: 0,
        state: Some(log.trail.hash()),
    };
    log.fits(heartbeat);
    log.fits(end(1, 7, 4));
    log.fits(stop());
    log.fits(start(true));
    log.fits(session(2));
    assert_eq!((log.trail.size(), log.trail.open_sessions()), (18, 1));
    assert_eq!(log.trail.log(), Some(&access(1)));
    assert!(without_outcome(&log).is_empty());
}

#[test]
fn a_gap_in_the_numbers_is_reported_once() {
    let mut log = Log::open();
    let number = |expected, number| Irregular::Number {
        session: 1,
        expected,
        number,
    };
    assert_eq!(log.reports(decision(1, 2)), number(1, 2));
    log.fits(decision(1, 3));
    assert_eq!(log.reports(decision(1, 3)), number(4, 3), "a number twice");
    assert_eq!(log.reports(refusal(Some(1), Some(9), 1)), number(4, 9));
    assert_eq!(log.reports(ungoverned(2, 2)), number(1, 2));
    log.fits(ungoverned(4, 1));
    let sessions = |expected, session| Irregular::SessionNumber { expected, session };
    assert_eq!(log.reports(session(3)), sessions(2, 3));
    assert_eq!(log.reports(session(1)), sessions(4, 1), "a number twice");
    log.fits(session(4));
}

#[test]
fn what_was_not_decided_or_is_over_cannot_go_on() {
    let mut log = Log::open();
    let none = |number| Irregular::NoDecision { session: 1, number };
    assert_eq!(log.reports(reservation(1, 1, 1)), none(1));
    assert_eq!(log.reports(outcome(1, 1, 1)), none(1));
    log.fits(decision(1, 1));
    log.fits(outcome(1, 1, 1));
    assert_eq!(log.reports(outcome(1, 1, 1)), none(1));
    assert_eq!(log.reports(reservation(1, 200, 2_000)), none(1));
    log.fits(end(1, 1, 0));
    for body in [
        Body::from(decision(1, 2)),
        outcome(1, 0, 0).into(),
        reservation(1, 1, 1).into(),
        refusal(Some(1), Some(2), 1).into(),
        ungoverned(1, 1).into(),
        end(1, 1, 0).into(),
    ] {
        assert_eq!(log.reports(body), Irregular::NoSession(1));
    }
}

#[test]
fn more_than_was_reserved_is_reported() {
    let shrank = Irregular::ReservationShrank {
        session: 1,
        number: 1,
    };
    for (rows, bytes) in [(100, 1_000), (99, 2_000), (200, 999)] {
        let mut log = Log::open();
        log.fits(decision(1, 1));
        assert_eq!(log.reports(reservation(1, rows, bytes)), shrank);
    }
    let more = Irregular::MoreThanReserved {
        session: 1,
        number: 1,
    };
    for (rows, bytes) in [(101, 0), (0, 1_001)] {
        let mut log = Log::open();
        log.fits(decision(1, 1));
        assert_eq!(log.reports(outcome(1, rows, bytes)), more);
    }
}

#[test]
fn decisions_whose_outcome_never_came_are_listed() {
    let mut log = Log::open();
    log.fits(decision(1, 1));
    log.fits(session(2));
    log.fits(decision(2, 1));
    log.fits(end(1, 1, 0));
    assert_eq!((without_outcome(&log), open(&log)), (vec![3], vec![5]));
    // The writer died.
    log.fits(start(false));
    assert_eq!((without_outcome(&log), open(&log)), (vec![3, 5], vec![]));
    log.fits(session(3));
    log.fits(decision(3, 1));
    assert_eq!(log.reports(stop()), Irregular::SessionsLeftOpen(1));
    assert_eq!(without_outcome(&log), [3, 5, 9]);

    let mut log = Log::open();
    log.fits(decision(1, 1));
    let failed = Stop {
        reason: StopReason::SyncFailed,
    };
    log.fits(failed);
    assert_eq!(without_outcome(&log), [3]);
}

#[test]
fn what_counts_nothing_or_half_names_a_session_is_reported() {
    let mut log = Log::open();
    assert_eq!(log.reports(ungoverned(1, 0)), Irregular::Nothing);
    assert_eq!(
        log.reports(refusal(Some(1), Some(1), 0)),
        Irregular::Nothing
    );
    assert_eq!(log.reports(refusal(None, None, 0)), Irregular::Nothing);
    assert_eq!(
        log.reports(refusal(Some(1), None, 1)),
        Irregular::HalfNumbered
    );
    assert_eq!(
        log.reports(refusal(None, Some(1), 1)),
        Irregular::HalfNumbered
    );
    assert_eq!(log.reports(end(1, 1, 0)), Irregular::Counts(1));
    log.fits(session(2));
    assert_eq!(log.reports(end(2, 0, 1)), Irregular::Counts(2));
}

#[test]
fn a_decision_under_an_unknown_schema_cannot_be_decided_again() {
    let mut log = Log::open();
    let mut other = decision(1, 1);
    other.snapshot = digest(0x5d);
    assert_eq!(log.reports(other), Irregular::UnknownSchema(digest(0x5d)));
}

#[test]
fn the_frame_of_a_log_is_checked_and_reading_goes_on() {
    let mut log = Log::default();
    assert_eq!(log.reports(schema()), Irregular::NotStarted);
    let not_clean = |is, claimed| Irregular::NotClean { is, claimed };
    assert_eq!(Log::default().reports(start(false)), not_clean(true, false));

    let mut log = Log::open();
    let expected = log.trail.size();
    let gap = log.trail.apply(expected + 2, &entry(decision(1, 1)));
    assert_eq!(
        gap,
        Err(Irregular::Index {
            expected,
            index: expected + 2
        })
    );
    assert_eq!(log.trail.size(), expected + 3);
    let order = crate::history::log_open(2);
    assert_eq!(log.reports(order), Irregular::NotHere("log-open"));
    let mut forgetful = entry(decision(1, 2));
    forgetful.control_size = 10;
    log.apply(&forgetful).unwrap();
    assert_eq!(log.trail.control_size(), 10);
    forgetful.body = outcome(2, 0, 0).into();
    forgetful.control_size = 9;
    let shrank = Irregular::ControlShrank { before: 10, now: 9 };
    assert_eq!(log.apply(&forgetful), Err(shrank));
    let mut marked = entry(outcome(1, 0, 0));
    marked.control_size = 10;
    marked.marks = Marks { evaluation: true };
    assert_eq!(log.apply(&marked), Err(Irregular::EvaluationMark));

    let mut log = Log::open();
    assert_eq!(log.reports(start(true)), not_clean(false, true));
    let mut moved = start(false);
    moved.log = control();
    let (expected, claimed) = (access(1), control());
    assert_eq!(
        log.reports(moved),
        Irregular::OtherLog { expected, claimed }
    );
    log.fits(stop());
    assert_eq!(log.reports(schema()), Irregular::Stopped);
}

#[test]
fn a_heartbeat_that_cites_another_trail_is_reported() {
    let mut log = Log::open();
    let is = log.trail.hash();
    let heartbeat = Heartbeat {
        open_sessions: 1,
        open_decisions: 0,
        witnessed_size: 0,
        state: Some(digest(0)),
    };
    let other = Irregular::OtherState {
        is,
        claimed: digest(0),
    };
    assert_eq!(log.reports(heartbeat), other);
}
