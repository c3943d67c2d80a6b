//! The book of access logs, and what may be erased.

use record::{Body, Class, Field, LogStatus, Refused};

use crate::history::*;

#[test]
fn an_access_log_is_opened_once_grows_and_ends() {
    let mut history = History::constituted();
    for body in [
        Body::from(anchor(1, 0)),
        log_close(1).into(),
        log_lost(0).into(),
    ] {
        assert_eq!(history.refused(body), Refused::NoLog(access(1)));
    }
    history.add(log_open(1));
    assert_eq!(history.refused(log_open(1)), Refused::LogTwice(access(1)));
    let mut this = log_open(1);
    this.log = control();
    assert_eq!(history.refused(this), Refused::LogTwice(control()));
    history.add(anchor(20, 10));
    history.add(anchor(20, 20));
    let shrank = Refused::Shrank {
        log: access(1),
        before: 20,
        now: 19,
    };
    assert_eq!(history.refused(anchor(19, 20)), shrank);
    assert_eq!(history.refused(log_close(19)), shrank);
    let mut fork = anchor(20, 20);
    fork.root = digest(0);
    assert_eq!(history.refused(fork), Refused::Forked(access(1)));
    let mut fork = log_close(20);
    fork.root = digest(0);
    assert_eq!(history.refused(fork), Refused::Forked(access(1)));
    let witnessed = |witnessed| Refused::Witnessed {
        log: access(1),
        witnessed,
    };
    assert_eq!(history.refused(anchor(21, 19)), witnessed(19));
    assert_eq!(history.refused(anchor(21, 22)), witnessed(22));
    assert_eq!(history.refused(log_lost(19)), witnessed(19));
    let mut early = log_open(2);
    early.replaces = Some(access(1));
    let is = |is, needed| Refused::LogIs {
        log: access(1),
        is,
        needed,
    };
    assert_eq!(
        history.refused(early.clone()),
        is(LogStatus::Open, LogStatus::Lost)
    );

    let mut closed = history.clone();
    closed.add(log_close(21));
    for body in [
        Body::from(anchor(21, 21)),
        log_close(21).into(),
        log_lost(21).into(),
    ] {
        assert_eq!(closed.refused(body), is(LogStatus::Closed, LogStatus::Open));
    }
    assert_eq!(closed.refused(log_open(1)), Refused::LogTwice(access(1)));
    assert_eq!(
        closed.refused(early.clone()),
        is(LogStatus::Closed, LogStatus::Lost)
    );

    // The witness saw one entry more than the last anchor said.
    history.add(log_lost(21));
    let facts = history.state.access_log(&access(1)).unwrap();
    assert_eq!(
        (facts.status, facts.size, facts.root),
        (LogStatus::Lost, 21, None)
    );
    assert_eq!(
        history.refused(anchor(22, 21)),
        is(LogStatus::Lost, LogStatus::Open)
    );
    history.add(early);
    let mut again = log_open(3);
    again.replaces = Some(access(1));
    assert_eq!(history.refused(again), Refused::ReplacedAlready(access(1)));
}

#[test]
fn only_what_may_be_erased_is_erased_once_and_after_it_was_anchored() {
    let mut history = History::constituted();
    assert_eq!(history.refused(erasure(3, &[1])), Refused::NoLog(access(1)));
    history.add(log_open(1));
    history.add(anchor(20, 20));
    let log = access(1);
    assert_eq!(
        history.refused(erasure(20, &[1])),
        Refused::NotAnchored { log, index: 20 }
    );
    assert_eq!(history.refused(erasure(3, &[])), Refused::Empty("field"));
    let locked = Refused::Locked {
        kind: "decision",
        field: "settings",
        class: Class::Method,
    };
    assert_eq!(history.refused(erasure(3, &[1, 5])), locked);
    assert!(
        locked
            .to_string()
            .contains("`settings` of `decision` is of the class `method`")
    );
    for field in [0, 7, 65_537] {
        assert_eq!(
            history.refused(erasure(3, &[field])),
            Refused::NoField { kind: 19, field }
        );
    }
    let mut nothing = erasure(3, &[1]);
    nothing.kind = 99;
    assert_eq!(
        history.refused(nothing),
        Refused::NoField { kind: 99, field: 1 }
    );

    let by = history.add(erasure(3, &[1, 3]));
    assert_eq!(history.state.erased_by(&access(1), 3, Field(3)), Some(by));
    assert_eq!(history.state.erased_by(&access(1), 3, Field(4)), None);
    assert_eq!(
        history.refused(erasure(3, &[3, 4])),
        Refused::ErasedAlready { field: 3, by }
    );
    // The subjects of a request in the control log itself.
    let asked = history.add(request());
    let mut subjects = erasure(asked, &[4]);
    subjects.log = control();
    subjects.kind = 32;
    history.add(subjects);
}
