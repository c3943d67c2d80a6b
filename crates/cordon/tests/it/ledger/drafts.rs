//! Entries as a gateway would make them, about nobody.

use std::collections::BTreeSet;

use record::{
    AskerKind, Body, Commitments, Decision, Digest, Draft, End, Entry, Field, Line, Outcome,
    Payload, Pseudonym, Salt, SchemaSeen, SessionEnd, SessionEnding, SessionStart, Shows, Strength,
    Verb,
};

use super::{MARKS, now_ms};

/// A salt for each seed.
fn salt(seed: u64) -> [u8; 32] {
    let mut salt = [7; 32];
    salt[..8].copy_from_slice(&seed.to_be_bytes());
    salt
}

fn draft(
    control_size: u64,
    body: impl Into<Body>,
    payloads: &[(Field, &[u8])],
    seed: u64,
) -> Draft {
    let body = body.into();
    let kind = body.kind();
    let payloads = payloads.iter().zip(seed..).map(|((field, bytes), seed)| {
        Payload::new(kind, *field, Salt::new(salt(seed)), bytes.to_vec()).unwrap()
    });
    let payloads = payloads.collect();
    let entry = Entry {
        time_ms: now_ms(),
        control_size,
        marks: MARKS,
        idempotency: None,
        body,
        commitments: Commitments::new(),
    };
    Draft::new(entry, payloads).unwrap()
}

fn digest(byte: u8) -> Digest {
    Digest::new([byte; 32])
}

pub fn session_start(control_size: u64, session: u64) -> Draft {
    let body = SessionStart {
        session,
        asker: Pseudonym::new([3; 32]),
        asker_kind: AskerKind::Person,
        proofs: BTreeSet::new(),
        strength: Strength::Aal2,
        country: None,
        country_evidence: Vec::new(),
        purpose: None,
        teams_at_most: None,
        people: digest(4),
        build: Line::new("cordon 0.1 test").unwrap(),
    };
    draft(
        control_size,
        body,
        &[(SessionStart::ASKER, b"nobody")],
        9100,
    )
}

pub fn schema(control_size: u64) -> Draft {
    let body = SchemaSeen {
        upstream: Line::new("app").unwrap(),
        snapshot: digest(5),
    };
    draft(
        control_size,
        body,
        &[(SchemaSeen::SNAPSHOT, b"tables")],
        9200,
    )
}

pub fn decision(control_size: u64, session: u64, number: u64, text: &[u8], seed: u64) -> Draft {
    let body = Decision {
        session,
        number,
        decision: digest(6),
        decided_ms: now_ms(),
        valid_until_ms: None,
        purpose: None,
        policies: digest(7),
        policy_schema: digest(8),
        inputs: digest(9),
        upstream: Line::new("app").unwrap(),
        snapshot: digest(5),
        verb: Verb::Select,
        read_only: true,
        covered: false,
        shows: Shows::Masked,
        datasets: Vec::new(),
        grants: BTreeSet::new(),
        observed: false,
        rows_until: 100,
        bytes_until: 10_000,
    };
    let payloads = [
        (Decision::CLIENT_TEXT, text),
        (Decision::GUARDED_TEXT, &b"SELECT 1"[..]),
        (Decision::SETTINGS, b"search_path=public"),
    ];
    draft(control_size, body, &payloads, seed)
}

pub fn outcome(control_size: u64, session: u64, number: u64) -> Draft {
    let body = Outcome {
        session,
        number,
        rows: 1,
        bytes: 10,
        rows_changed: None,
        duration_ms: 2,
        end: End::Complete,
        sqlstate: None,
    };
    draft(control_size, body, &[], 0)
}

pub fn session_end(control_size: u64, session: u64, statements: u64) -> Draft {
    let body = SessionEnd {
        session,
        ending: SessionEnding::Closed,
        statements,
        ungoverned: 0,
    };
    draft(control_size, body, &[], 0)
}
