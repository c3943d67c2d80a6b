//! Entries that the log's own writer should not have written, all properly signed.

use record::{Entry, Reservation, Stop, StopReason};
use verifier::Severity;

use crate::asked::{Asked, codes, told};
use crate::made::{CONTROL, GATE_1, GATE_2, Made};
use crate::tampered::control;
use crate::world::{
    DECISION_FIELDS, decision, end, heartbeat, outcome, schema, session, start, stop,
};

/// An access log with one open session, by itself.
fn access() -> Made {
    let mut log = Made::new(GATE_1, 0xe1);
    log.add(start(GATE_1, true), &[]);
    log.add(schema(), &[(1, b"snapshot")]);
    log.add(session(1), &[(1, b"mei")]);
    log.add(decision(1, 1), DECISION_FIELDS);
    log
}

fn asked(log: &Made) -> Asked {
    Asked::one(log.files(), log.vkey()).from(log.checkpoint_at(log.size()))
}

fn found(log: &Made) -> Vec<String> {
    let report = asked(log).report();
    told(&report, Severity::Violation)
}

#[test]
fn a_gap_in_the_numbering_of_statements_is_found() {
    let mut log = access();
    log.add(decision(1, 3), DECISION_FIELDS);
    assert_eq!(found(&log), ["statement-gap at 4"]);
}

#[test]
fn a_gap_in_the_numbering_of_sessions_is_found() {
    let mut log = access();
    log.add(session(3), &[(1, b"mei")]);
    assert_eq!(found(&log), ["session-gap at 4"]);
}

#[test]
fn a_decision_without_outcome_is_listed_with_what_may_have_left() {
    let mut log = access();
    let more = Reservation {
        session: 1,
        number: 1,
        rows_until: 7_000,
        bytes_until: 70_000,
    };
    log.add(more, &[]);
    log.add(end(1, 1, 0), &[]);
    let report = asked(&log).report();
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert!(told(&report, Severity::Gap).contains(&"outcome-missing at 3".to_owned()));
    let text = report.to_text();
    assert!(
        text.contains("at most 7000 rows and 70000 bytes left"),
        "{text}"
    );
}

#[test]
fn more_released_than_reserved_is_found() {
    let mut log = access();
    log.add(outcome(1, 1, 101), &[]);
    assert_eq!(found(&log), ["over-released at 4"]);
}

#[test]
fn an_outcome_without_a_decision_is_found() {
    let mut log = access();
    log.add(outcome(1, 2, 1), &[]);
    assert_eq!(found(&log), ["decision-absent at 4"]);
}

#[test]
fn every_other_irregularity_has_its_code() {
    type Change = fn(&mut Made);
    let cases: [(&str, Change); 9] = [
        ("session-unknown at 4", |log| {
            log.add(decision(2, 1), DECISION_FIELDS);
        }),
        ("count-contradicted at 4", |log| {
            log.add(end(1, 9, 0), &[]);
        }),
        ("schema-unknown at 4", |log| {
            let mut body = decision(1, 2);
            body.snapshot = crate::world::digest(0x99);
            log.add(body, DECISION_FIELDS);
        }),
        ("control-shrank at 5", |log| {
            log.control_size = 3;
            log.add(heartbeat(), &[]);
            log.control_size = 2;
            log.add(heartbeat(), &[]);
        }),
        ("evaluation-changed at 4", |log| {
            log.evaluation = true;
            log.add(heartbeat(), &[]);
        }),
        ("wrong-start at 4", |log| {
            log.add(start(GATE_1, true), &[]);
        }),
        ("wrong-log at 4", |log| {
            log.add(start(GATE_2, false), &[]);
        }),
        ("session-left-open at 4", |log| {
            log.add(stop(), &[]);
        }),
        ("state-contradicted at 4", |log| {
            let mut body = heartbeat();
            body.state = Some(crate::world::digest(0x99));
            log.add(body, &[]);
        }),
    ];
    for (code, change) in cases {
        let mut log = access();
        change(&mut log);
        assert_eq!(found(&log), [code]);
    }
}

#[test]
fn an_entry_after_a_stop_is_found() {
    let mut log = access();
    log.add(outcome(1, 1, 1), &[]);
    log.add(end(1, 1, 0), &[]);
    log.add(stop(), &[]);
    log.add(heartbeat(), &[]);
    assert_eq!(found(&log), ["not-started at 7"]);
}

#[test]
fn a_reservation_that_shrinks_and_numbers_by_halves_are_found() {
    let mut log = access();
    let less = Reservation {
        session: 1,
        number: 1,
        rows_until: 1,
        bytes_until: 1,
    };
    log.add(less, &[]);
    let nothing = record::Ungoverned {
        session: 1,
        first: 1,
        count: 0,
    };
    log.add(nothing, &[]);
    let mut found = found(&log);
    found.sort();
    assert_eq!(found, ["number-malformed at 5", "reservation-shrank at 4"]);
}

#[test]
fn a_decision_of_an_open_session_is_noted_and_no_gap() {
    let report = asked(&access()).report();
    assert!(told(&report, Severity::Note).contains(&"decision-open".to_owned()));
    assert!(!told(&report, Severity::Gap).contains(&"outcome-missing at 3".to_owned()));
}

#[test]
fn a_log_passed_off_as_another_is_found() {
    let mut log = Made::new(GATE_2, 0xe2);
    log.entries = access().entries;
    assert_eq!(found(&log), ["wrong-log at 0"]);
}

#[test]
fn an_entry_of_a_later_version_or_kind_cannot_be_told() {
    // The version is the third byte of an entry, the kind follows under key 1.
    for (at, byte) in [(2, 2_u8), (4, 0x0f)] {
        let mut log = control(40);
        log.entries[30][at] = byte;
        log.cosigned = Some(40);
        let asked = Asked::one(log.files(), log.vkey()).witnessed();
        assert_eq!(asked.codes(), ["entry-unknown", "fold-stopped"]);
    }
}

#[test]
fn bytes_that_are_no_entry_are_a_violation() {
    let mut log = control(40);
    log.entries[30] = b"anything".to_vec();
    let asked = Asked::one(log.files(), log.vkey()).witnessed();
    assert_eq!(asked.codes(), ["entry-unreadable", "fold-stopped"]);
}

#[test]
fn a_control_entry_that_does_not_follow_is_named_and_ends_the_fold() {
    let mut log = control(20);
    let twice = Entry::decode(&log.entries[1]).unwrap();
    log.entries.push(twice.encode().unwrap());
    log.add(heartbeat(), &[]);
    log.cosigned = Some(log.size());
    let report = Asked::one(log.files(), log.vkey()).witnessed().report();
    assert_eq!(
        told(&report, Severity::Violation),
        ["control-does-not-follow at 20"]
    );
    assert_eq!(told(&report, Severity::CannotTell), ["fold-stopped at 21"]);
}

#[test]
fn an_evaluation_is_shown_as_a_gap() {
    let mut log = Made::new(CONTROL, 0xc1);
    log.evaluation = true;
    log.add(start(CONTROL, true), &[]);
    log.cosigned = Some(1);
    let report = Asked::one(log.files(), log.vkey()).witnessed().report();
    assert_eq!(told(&report, Severity::Gap), ["evaluation"]);
}

#[test]
fn a_writer_that_failed_and_one_that_began_anew_are_told() {
    let mut log = access();
    log.add(start(GATE_1, false), &[]);
    let failed = Stop {
        reason: StopReason::DiskFull,
    };
    log.add(failed, &[]);
    let report = asked(&log).report();
    assert!(told(&report, Severity::Note).contains(&"writer-restarted at 4".to_owned()));
    let gaps = told(&report, Severity::Gap);
    assert!(gaps.contains(&"writer-failed at 5".to_owned()), "{gaps:?}");
    assert!(
        gaps.contains(&"outcome-missing at 3".to_owned()),
        "{gaps:?}"
    );
}

#[test]
fn observe_mode_is_shown_as_a_gap() {
    let mut log = access();
    let mut body = decision(1, 2);
    body.observed = true;
    log.add(body, DECISION_FIELDS);
    let report = asked(&log).report();
    assert!(told(&report, Severity::Gap).contains(&"observed".to_owned()));
}
