//! A control log in the making: bodies with sensible contents, applied one after the other.

use std::collections::BTreeSet;

use model::{
    Action, DatasetId, FieldName, FlowId, GrantId, Jurisdiction, Level, PurposeId, ReasonCode,
    RegimeId, Role, TransactionType,
};
use record::{
    Anchor, Applied, Approval, Body, BreakGlass, BreakGlassReview, Catalogue, Commitments,
    Constitution, Digest, Endorsement, Entry, Erasure, Factor, GrantEntry, IdempotencyKey, KeyId,
    LabelChange, Line, LogClose, LogLost, LogName, LogOpen, Marks, People, Policy, Pseudonym,
    Refused, RequestEntry, Scope, Start, State, Stop, StopReason,
};

pub const NOW_MS: u64 = 1_767_225_600_000;
pub const HOUR_MS: u64 = 3_600_000;

pub fn digest(byte: u8) -> Digest {
    Digest::new([byte; 32])
}

pub fn person(byte: u8) -> Pseudonym {
    Pseudonym::new([byte; 32])
}

pub fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

pub fn control() -> LogName {
    LogName::new("example.org/cordon/control/1").unwrap()
}

pub fn access(epoch: u8) -> LogName {
    LogName::new(&format!("example.org/cordon/access/gate-1/{epoch}")).unwrap()
}

/// A signature of the person, with the person's own key.
pub fn signed(who: u8) -> Endorsement {
    Endorsement {
        person: person(who),
        key: KeyId::new([who; 32]),
        role: Role::HomeSecurity,
        signed_from: Jurisdiction::parse("US").ok(),
        signed_ms: NOW_MS,
    }
}

/// Two people at home.
pub fn two() -> Vec<Endorsement> {
    vec![signed(1), signed(2)]
}

pub fn entry(body: impl Into<Body>) -> Entry {
    Entry {
        time_ms: NOW_MS,
        control_size: 0,
        marks: Marks::default(),
        idempotency: None,
        body: body.into(),
        commitments: Commitments::new(),
    }
}

/// A state, and what made it.
#[derive(Clone, Default)]
pub struct History {
    pub state: State,
    pub entries: Vec<Entry>,
    pub evaluation: bool,
    pub now_ms: u64,
}

impl History {
    /// Nothing yet.
    pub fn empty() -> Self {
        Self {
            now_ms: NOW_MS,
            ..Self::default()
        }
    }

    /// Started, with a constitution, people, a catalogue and policies in force.
    pub fn constituted() -> Self {
        let mut history = Self::empty();
        history.add(start(true));
        history.add(constitution(1, None));
        history.add(people(1, None));
        history.add(catalogue(1, None));
        history.add(policy(1, None));
        history
    }

    /// Started, as an evaluation.
    pub fn evaluation() -> Self {
        let mut history = Self::empty();
        history.evaluation = true;
        history.add(start(true));
        history
    }

    pub fn make(&self, body: impl Into<Body>) -> Entry {
        let mut entry = entry(body);
        entry.time_ms = self.now_ms;
        entry.marks.evaluation = self.evaluation;
        entry
    }

    /// Applies what must follow; its index.
    pub fn add(&mut self, body: impl Into<Body>) -> u64 {
        let entry = self.make(body);
        self.add_entry(&entry).unwrap();
        self.state.size() - 1
    }

    pub fn add_keyed(&mut self, key: u8, body: impl Into<Body>) -> Result<Applied, Refused> {
        let mut entry = self.make(body);
        entry.idempotency = Some(IdempotencyKey::new([key; 16]));
        self.add_entry(&entry)
    }

    pub fn add_entry(&mut self, entry: &Entry) -> Result<Applied, Refused> {
        let index = self.state.size();
        let applied = self.state.apply(index, entry)?;
        self.entries.push(entry.clone());
        Ok(applied)
    }

    /// Why it does not follow; and that asking and failing changed nothing.
    pub fn refused(&self, body: impl Into<Body>) -> Refused {
        self.refused_entry(&self.make(body))
    }

    pub fn refused_entry(&self, entry: &Entry) -> Refused {
        let index = self.state.size();
        let refused = self
            .state
            .check(index, entry)
            .expect_err("it must be refused");
        let mut state = self.state.clone();
        assert_eq!(state.apply(index, entry), Err(refused.clone()));
        assert_eq!(
            state.hash(),
            self.state.hash(),
            "a refused entry changed the state"
        );
        refused
    }
}

pub fn start(clean: bool) -> Start {
    Start {
        log: control(),
        build: line("cordon 0.1.0"),
        clean,
        continues: None,
    }
}

pub const fn stop() -> Stop {
    Stop {
        reason: StopReason::Asked,
    }
}

pub fn constitution(version: u64, previous: Option<Digest>) -> Constitution {
    Constitution {
        version,
        previous,
        hash: digest(0x80 + version as u8),
        expires_ms: NOW_MS + 1_000 * HOUR_MS,
        statement: digest(1),
        by: two(),
    }
}

pub fn people(version: u64, previous: Option<Digest>) -> People {
    People {
        version,
        previous,
        hash: digest(0x90 + version as u8),
        statement: digest(2),
        by: two(),
    }
}

pub fn catalogue(version: u64, previous: Option<Digest>) -> Catalogue {
    Catalogue {
        version,
        previous,
        hash: digest(0xa0 + version as u8),
        label_changes: 0,
        statement: digest(3),
        by: two(),
    }
}

pub fn policy(version: u64, previous: Option<Digest>) -> Policy {
    Policy {
        version,
        previous,
        hash: digest(0xb0 + version as u8),
        policies: digest(0x60),
        policy_schema: digest(0x61),
        regimes: BTreeSet::from([RegimeId::new("us-dsp").unwrap()]),
        ladder: digest(0x62),
        proofs: None,
        statement: digest(4),
        by: two(),
    }
}

pub fn label_change(catalogue: u64, field: &str) -> LabelChange {
    LabelChange {
        catalogue,
        dataset: DatasetId::new("app/public.users").unwrap(),
        field: FieldName::new(field).unwrap(),
        from: Some(Level::Sensitive),
        to: Some(Level::Protected),
        statement: digest(5),
        by: two(),
    }
}

pub fn scope() -> Vec<Scope> {
    vec![Scope {
        dataset: DatasetId::new("app/public.users").unwrap(),
        fields: BTreeSet::from([FieldName::new("email").unwrap()]),
        home: true,
        other: false,
        actions: BTreeSet::from([Action::ViewClear]),
    }]
}

/// Asked by person 9; one of 1 and 2, and 3, must agree.
pub fn request() -> RequestEntry {
    RequestEntry {
        requester: person(9),
        flow: FlowId::new("sensitive").unwrap(),
        purpose: PurposeId::new("incident").unwrap(),
        reason: ReasonCode::new("ticket").unwrap(),
        transaction: TransactionType::Employment,
        exemption: None,
        scope: scope(),
        subjects: Some(25),
        duration_ms: HOUR_MS,
        open_until_ms: NOW_MS + 24 * HOUR_MS,
        factors: vec![
            Factor {
                needed: 1,
                eligible: BTreeSet::from([person(1), person(2)]),
            },
            Factor {
                needed: 1,
                eligible: BTreeSet::from([person(2), person(3)]),
            },
        ],
        constitution: 1,
        statement: digest(6),
    }
}

pub fn approval(request: u64, factor: u64, who: u8) -> Approval {
    Approval {
        request,
        factor,
        statement: digest(7),
        by: signed(who),
    }
}

/// What was asked for, approved by 1 and 3.
pub fn grant(request: u64) -> GrantEntry {
    let asked = self::request();
    GrantEntry {
        grant: GrantId::new("g-1").unwrap(),
        request: Some(request),
        break_glass: None,
        flow: Some(asked.flow),
        requester: asked.requester,
        purpose: asked.purpose,
        transaction: asked.transaction,
        exemption: asked.exemption,
        scope: asked.scope,
        subjects: asked.subjects,
        start_ms: NOW_MS,
        expires_ms: NOW_MS + HOUR_MS,
        by: vec![signed(1), signed(3)],
    }
}

pub fn break_glass() -> BreakGlass {
    BreakGlass {
        requester: person(9),
        incident: line("INC-42"),
        scope: scope(),
        expires_ms: NOW_MS + HOUR_MS / 2,
        statement: digest(8),
        by: two(),
    }
}

pub fn emergency_grant(break_glass: u64) -> GrantEntry {
    GrantEntry {
        request: None,
        break_glass: Some(break_glass),
        flow: None,
        expires_ms: NOW_MS + HOUR_MS / 2,
        by: Vec::new(),
        ..grant(0)
    }
}

pub fn review(break_glass: u64) -> BreakGlassReview {
    BreakGlassReview {
        break_glass,
        justified: true,
        statement: digest(9),
        by: vec![signed(5), signed(6)],
    }
}

pub fn log_open(epoch: u8) -> LogOpen {
    LogOpen {
        log: access(epoch),
        key: line("key"),
        replaces: None,
    }
}

pub fn anchor(size: u64, witnessed_size: u64) -> Anchor {
    Anchor {
        log: access(1),
        size,
        root: digest(size as u8),
        checkpoint: digest(0xcc),
        witnessed_size,
    }
}

pub fn log_close(size: u64) -> LogClose {
    LogClose {
        log: access(1),
        size,
        root: digest(size as u8),
        checkpoint: digest(0xcc),
    }
}

pub fn log_lost(witnessed_size: u64) -> LogLost {
    LogLost {
        log: access(1),
        witnessed_size,
    }
}

pub fn erasure(index: u64, fields: &[u64]) -> Erasure {
    Erasure {
        log: access(1),
        index,
        kind: 19,
        fields: fields.iter().copied().collect(),
        statement: digest(10),
        by: two(),
    }
}
