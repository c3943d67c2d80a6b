//! Drafts, the receipt, and what people are told when there is none.

use model::Refusal;
use record::{
    AppendError, BadDraft, Body, Cause, Decision, Draft, Entry, Field, LogLost, Outcome, Payload,
    RequestEntry, Salt, leaf_hash,
};
use sha2::{Digest as _, Sha256};

use crate::history::{access, digest, entry, log_lost, request};

fn payload(field: Field, bytes: &[u8]) -> Payload {
    Payload::new(
        RequestEntry::KIND,
        field,
        Salt::new([field.0 as u8; 32]),
        bytes.to_vec(),
    )
    .unwrap()
}

fn complete() -> Vec<Payload> {
    vec![
        payload(
            RequestEntry::STATEMENT,
            b"I ask for the addresses of 25 people.",
        ),
        payload(RequestEntry::REQUESTER, b"ana"),
        payload(RequestEntry::JUSTIFICATION, b"ticket 42"),
    ]
}

#[test]
fn a_draft_commits_to_its_payloads_and_knows_its_leaf() {
    let draft = Draft::new(entry(request()), complete()).unwrap();
    let read = Entry::decode(draft.bytes()).unwrap();
    assert_eq!(read, *draft.entry());
    assert_eq!(read.commitments.len(), 3);
    for payload in draft.payloads() {
        assert_eq!(read.commitments[&payload.field()], payload.commitment());
    }
    let leaf: [u8; 32] = Sha256::digest([&[0], draft.bytes()].concat()).into();
    assert_eq!(draft.leaf().bytes(), &leaf);
    assert_eq!(leaf_hash(draft.bytes()), *draft.leaf());
    let (_, bytes, payloads) = draft.into_parts();
    assert_eq!((bytes, payloads.len()), (read.encode().unwrap(), 3));
}

#[test]
fn every_commitment_has_its_payload_or_is_declared_to_be_elsewhere() {
    let mut payloads = complete();
    payloads.pop();
    let missing = Draft::new(entry(request()), payloads.clone()).unwrap_err();
    let BadDraft::Entry(malformed) = missing else {
        panic!("{missing:?}");
    };
    let name = "justification";
    assert_eq!(malformed.cause, Cause::MissingField { field: 2, name });
    let mut elsewhere = entry(request());
    elsewhere
        .commitments
        .insert(RequestEntry::JUSTIFICATION, digest(1));
    let draft = Draft::new(elsewhere.clone(), payloads).unwrap();
    assert_eq!(
        draft.entry().commitments[&RequestEntry::JUSTIFICATION],
        digest(1)
    );
    let twice = Draft::new(elsewhere, complete()).unwrap_err();
    assert_eq!(twice, BadDraft::Twice(RequestEntry::JUSTIFICATION));
    let mut payloads = complete();
    payloads.push(payload(RequestEntry::REQUESTER, b"ben"));
    let twice = Draft::new(entry(request()), payloads).unwrap_err();
    assert_eq!(twice, BadDraft::Twice(RequestEntry::REQUESTER));
}

#[test]
fn a_payload_of_another_kind_does_not_slip_in() {
    let field = LogLost::ACCOUNT;
    let other = Payload::new(LogLost::KIND, field, Salt::new([1; 32]), vec![]).unwrap();
    let refused = Draft::new(entry(request()), vec![other]).unwrap_err();
    let (payload, entry) = ("log-lost", "request");
    assert_eq!(refused, BadDraft::OtherKind { payload, entry });
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let mut body = request();
    body.scope = vec![body.scope[0].clone(); 4_097];
    let refused = Draft::new(entry(body.clone()), complete()).unwrap_err();
    assert!(refused.is_too_large(), "{refused:?}");
    body.scope.truncate(2_000);
    let refused = Draft::new(entry(body), complete()).unwrap_err();
    assert!(refused.is_too_large(), "{refused:?}");
    let missing = Draft::new(entry(log_lost(3)), vec![]).unwrap_err();
    assert!(!missing.is_too_large(), "{missing:?}");
}

#[test]
fn an_unknown_field_is_not_written() {
    let mut outcome: Entry = entry(Body::from(Outcome {
        session: 1,
        number: 1,
        rows: 0,
        bytes: 0,
        rows_changed: None,
        duration_ms: 0,
        end: record::End::Complete,
        sqlstate: None,
    }));
    outcome.commitments.insert(Field(9), digest(1));
    assert_eq!(outcome.encode().unwrap_err().cause, Cause::UnknownField(9));
}

#[test]
fn a_receipt_says_what_is_durable_and_where() {
    // The one place outside `ledger` that makes a receipt: to look at it.
    let durable = record::Durable::after_sync(access(1), 7, digest(3));
    assert_eq!((durable.log(), durable.index()), (&access(1), 7));
    assert_eq!(durable.leaf(), &digest(3));
    assert!(format!("{durable:?}").contains("gate-1/1 7 0303"));
}

#[test]
fn each_failure_to_record_is_told_to_people_by_a_code() {
    for (error, code) in [
        (AppendError::QueueFull, Refusal::RecordBusy),
        (AppendError::Deadline, Refusal::RecordBusy),
        (AppendError::NotNext, Refusal::RecordBusy),
        (AppendError::Stopped, Refusal::RecordStopped),
        (AppendError::DiskFull, Refusal::RecordStopped),
        (AppendError::ReadOnly, Refusal::RecordStopped),
        (AppendError::TooLarge, Refusal::RecordTooLarge),
    ] {
        assert_eq!(error.refusal(), code, "{error}");
        // 53 insufficient resources, 54 program limit, 58 system error.
        assert!(["53000", "54000", "58030"].contains(&code.entry().sqlstate));
    }
}

/// The fields of a decision that replay cannot do without are always there.
#[test]
fn a_decision_commits_to_all_that_replay_needs() {
    let always = Decision::KIND.fields.iter().filter(|field| field.required);
    let always: Vec<&str> = always.map(|field| field.name).collect();
    assert_eq!(always, ["client_text", "guarded_text", "settings"]);
}
