//! Entries as a gateway and a control plane would make them, about nobody.

use std::collections::BTreeSet;

use model::{GrantId, PurposeId, Role, TransactionType};
use record::{
    AskerKind, Body, Commitments, Decision, Digest, Draft, End, Endorsement, Entry, Field,
    GrantEntry, IdempotencyKey, KeyId, Line, Outcome, Payload, Pseudonym, Revocation, Salt,
    SchemaSeen, SessionEnd, SessionEnding, SessionStart, Shows, Strength, Verb,
};

use super::{MARKS, now_ms};
use crate::fixture::mix;

/// A salt that is found again when it is searched for.
pub fn salt(seed: u64) -> [u8; 32] {
    let mut salt = [0; 32];
    for (at, chunk) in (0..).zip(salt.chunks_mut(8)) {
        chunk.copy_from_slice(&mix(seed * 4 + at).to_be_bytes());
    }
    salt
}

pub fn draft(
    control_size: u64,
    key: Option<u8>,
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
        idempotency: key.map(|key| IdempotencyKey::new([key; 16])),
        body,
        commitments: Commitments::new(),
    };
    Draft::new(entry, payloads).unwrap()
}

fn digest(byte: u8) -> Digest {
    Digest::new([byte; 32])
}

pub fn grant(control_size: u64, name: &str, subjects: &[u8], seed: u64) -> Draft {
    let body = GrantEntry {
        grant: GrantId::new(name).unwrap(),
        request: None,
        break_glass: None,
        flow: None,
        requester: Pseudonym::new([1; 32]),
        purpose: PurposeId::new("support").unwrap(),
        transaction: TransactionType::Employment,
        exemption: None,
        scope: Vec::new(),
        subjects: Some(1),
        start_ms: 0,
        expires_ms: u64::MAX,
        by: Vec::new(),
    };
    let payloads = [
        (GrantEntry::PARTIES, &b"nobody"[..]),
        (GrantEntry::TERMS, b"terms"),
        (GrantEntry::SUBJECTS, subjects),
    ];
    let key = u8::try_from(seed % 251).unwrap();
    draft(control_size, Some(key), body, &payloads, seed)
}

pub fn revocation(control_size: u64, grant: u64) -> Draft {
    let body = Revocation {
        grant,
        statement: digest(7),
        by: Endorsement {
            person: Pseudonym::new([2; 32]),
            key: KeyId::new([2; 32]),
            role: Role::HomeSecurity,
            signed_from: None,
            signed_ms: 1,
        },
    };
    draft(
        control_size,
        None,
        body,
        &[(Revocation::REVOKER, b"nobody")],
        9000,
    )
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
        None,
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
        None,
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
    draft(control_size, None, body, &payloads, seed)
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
    draft(control_size, None, body, &[], 0)
}

pub fn session_end(control_size: u64, session: u64, statements: u64) -> Draft {
    let body = SessionEnd {
        session,
        ending: SessionEnding::Closed,
        statements,
        ungoverned: 0,
    };
    draft(control_size, None, body, &[], 0)
}
