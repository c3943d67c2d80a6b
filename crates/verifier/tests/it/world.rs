//! A deployment in the making: a control log and two access logs with everything that an honest
//! gate writes.

use std::collections::BTreeSet;

use model::{
    Action, DatasetId, FieldName, FlowId, GrantId, Jurisdiction, PurposeId, ReasonCode, Refusal,
    RegimeId, Role, TransactionType,
};
use record::{
    Anchor, Approval, AskerKind, Catalogue, Cells, Constitution, Decision, Digest, End,
    Endorsement, Erasure, Factor, GrantEntry, Heartbeat, KeyId, Line, LogClose, LogName, LogOpen,
    Outcome, People, Policy, Proof, Pseudonym, RefusalEntry, RequestEntry, Reservation, SchemaSeen,
    Scope, SessionEnd, SessionEnding, SessionStart, Shown, Shows, Start, Stop, StopReason,
    Strength, Ungoverned, Verb,
};

use crate::made::{CONTROL, GATE_1, GATE_2, Made, NOW_MS};

const HOUR_MS: u64 = 3_600_000;

pub fn digest(byte: u8) -> Digest {
    Digest::new([byte; 32])
}

pub fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

pub fn log_name(text: &str) -> LogName {
    LogName::new(text).unwrap()
}

fn signed(who: u8) -> Endorsement {
    Endorsement {
        person: Pseudonym::new([who; 32]),
        key: KeyId::new([who; 32]),
        role: Role::HomeSecurity,
        signed_from: Jurisdiction::parse("US").ok(),
        signed_ms: NOW_MS,
    }
}

fn two() -> Vec<Endorsement> {
    vec![signed(1), signed(2)]
}

pub fn start(name: &str, clean: bool) -> Start {
    Start {
        log: log_name(name),
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

pub const fn heartbeat() -> Heartbeat {
    Heartbeat {
        open_sessions: 0,
        open_decisions: 0,
        witnessed_size: 0,
        state: None,
    }
}

/// A control log, two access logs.
#[derive(Clone)]
pub struct World {
    pub control: Made,
    pub gate_1: Made,
    pub gate_2: Made,
}

impl World {
    /// An honest deployment: one erasure, every log anchored, the control log witnessed.
    pub fn honest() -> Self {
        let mut world = Self {
            control: Made::new(CONTROL, 0xc1),
            gate_1: gate_1(),
            gate_2: gate_2(),
        };
        begin(&mut world.control);
        for log in [&world.gate_1, &world.gate_2] {
            let open = LogOpen {
                log: log_name(log.name()),
                key: line(&log.vkey().to_string()),
                replaces: None,
            };
            world.control.add(open, &[]);
        }
        ask_and_grant(&mut world.control);
        let size = world.gate_1.size();
        for size in [4, size - 2] {
            let anchor = world.anchor_of(&world.gate_1, size);
            world.control.add(anchor, &[]);
        }
        let closed = world.gate_2.size();
        let close = LogClose {
            log: log_name(GATE_2),
            size: closed,
            root: Digest::new(*world.gate_2.head_at(closed).root.bytes()),
            checkpoint: digest(0xcc),
        };
        world.control.add(close, &[]);
        world.control.add(erasure(3, &[1, 4]), &[(1, b"demand 17")]);
        world.control.add(heartbeat(), &[]);
        world.control.cosigned = Some(world.control.size());
        world
    }

    pub fn anchor_of(&self, log: &Made, size: u64) -> Anchor {
        Anchor {
            log: log_name(log.name()),
            size,
            root: Digest::new(*log.head_at(size).root.bytes()),
            checkpoint: digest(0xcc),
            witnessed_size: 0,
        }
    }
}

/// Erases fields of the decision at this index of the first access log.
pub fn erasure(index: u64, fields: &[u64]) -> Erasure {
    Erasure {
        log: log_name(GATE_1),
        index,
        kind: 19,
        fields: fields.iter().copied().collect(),
        statement: digest(10),
        by: two(),
    }
}

/// Start, constitution, people, catalogue, policies.
pub fn begin(control: &mut Made) {
    control.add(start(CONTROL, true), &[(1, b"host")]);
    let constitution = Constitution {
        version: 1,
        previous: None,
        hash: digest(0x81),
        expires_ms: NOW_MS + 1000 * HOUR_MS,
        statement: digest(1),
        by: two(),
    };
    control.add(constitution, &[(1, b"constitution"), (2, b"signatures")]);
    let people = People {
        version: 1,
        previous: None,
        hash: digest(0x91),
        statement: digest(2),
        by: two(),
    };
    control.add(people, &[(1, b"people")]);
    let catalogue = Catalogue {
        version: 1,
        previous: None,
        hash: digest(0xa1),
        label_changes: 0,
        statement: digest(3),
        by: two(),
    };
    control.add(catalogue, &[(1, b"manifests")]);
    let policy = Policy {
        version: 1,
        previous: None,
        hash: digest(0xb1),
        policies: digest(0x60),
        policy_schema: digest(0x61),
        regimes: BTreeSet::from([RegimeId::new("us-dsp").unwrap()]),
        ladder: digest(0x62),
        proofs: None,
        statement: digest(4),
        by: two(),
    };
    control.add(policy, &[(1, b"policies")]);
}

fn ask_and_grant(control: &mut Made) {
    let scope = vec![Scope {
        dataset: DatasetId::new("app/public.users").unwrap(),
        fields: BTreeSet::from([FieldName::new("email").unwrap()]),
        home: true,
        other: false,
        actions: BTreeSet::from([Action::ViewClear]),
    }];
    let requester = Pseudonym::new([9; 32]);
    let factor = |people: &[u8]| Factor {
        needed: 1,
        eligible: people
            .iter()
            .map(|who| Pseudonym::new([*who; 32]))
            .collect(),
    };
    let request = RequestEntry {
        requester,
        flow: FlowId::new("sensitive").unwrap(),
        purpose: PurposeId::new("incident").unwrap(),
        reason: ReasonCode::new("ticket").unwrap(),
        transaction: TransactionType::Employment,
        exemption: None,
        scope: scope.clone(),
        subjects: Some(25),
        duration_ms: HOUR_MS,
        open_until_ms: NOW_MS + 24 * HOUR_MS,
        factors: vec![factor(&[1, 2]), factor(&[2, 3])],
        constitution: 1,
        statement: digest(6),
    };
    let fields: &[(u16, &[u8])] = &[(1, b"mei"), (2, b"incident 42"), (3, b"statement")];
    let id = control.add(request, fields);
    for (factor, who) in [(0, 1), (1, 3)] {
        let approval = Approval {
            request: id,
            factor,
            statement: digest(7),
            by: signed(who),
        };
        control.add(approval, &[(1, b"ann"), (2, b"signature")]);
    }
    let grant = GrantEntry {
        grant: GrantId::new("g-1").unwrap(),
        request: Some(id),
        break_glass: None,
        flow: Some(FlowId::new("sensitive").unwrap()),
        requester,
        purpose: PurposeId::new("incident").unwrap(),
        transaction: TransactionType::Employment,
        exemption: None,
        scope,
        subjects: Some(25),
        start_ms: NOW_MS,
        expires_ms: NOW_MS + HOUR_MS,
        by: vec![signed(1), signed(3)],
    };
    control.add(grant, &[(1, b"parties"), (2, b"terms")]);
}

pub fn session(session: u64) -> SessionStart {
    SessionStart {
        session,
        asker: Pseudonym::new([9; 32]),
        asker_kind: AskerKind::Person,
        proofs: BTreeSet::from([Proof::Scram, Proof::ClientCertificate]),
        strength: Strength::Aal2,
        country: Jurisdiction::parse("US").ok(),
        country_evidence: Vec::new(),
        purpose: None,
        teams_at_most: None,
        people: digest(0x91),
        build: line("cordon 0.1.0"),
    }
}

pub fn decision(session: u64, number: u64) -> Decision {
    Decision {
        session,
        number,
        decision: digest(0x30),
        decided_ms: NOW_MS,
        valid_until_ms: None,
        purpose: None,
        policies: digest(0x60),
        policy_schema: digest(0x61),
        inputs: digest(0x31),
        upstream: line("app"),
        snapshot: digest(0x40),
        verb: Verb::Select,
        read_only: true,
        covered: false,
        shows: Shows::Masked,
        datasets: vec![Shown {
            dataset: DatasetId::new("app/public.users").unwrap(),
            view: digest(0x32),
            written: false,
            cells: vec![Cells {
                rows: BTreeSet::from([line("other")]),
                clear: BTreeSet::from([FieldName::new("id").unwrap()]),
                clear_for_subjects: BTreeSet::new(),
                masked: BTreeSet::from([FieldName::new("email").unwrap()]),
            }],
        }],
        grants: BTreeSet::new(),
        observed: false,
        rows_until: 100,
        bytes_until: 10_000,
    }
}

pub const DECISION_FIELDS: &[(u16, &[u8])] = &[
    (1, b"SELECT email FROM users"),
    (4, b"SELECT guarded"),
    (5, b"settings"),
];

pub const fn outcome(session: u64, number: u64, rows: u64) -> Outcome {
    Outcome {
        session,
        number,
        rows,
        bytes: rows * 10,
        rows_changed: None,
        duration_ms: 12,
        end: End::Complete,
        sqlstate: None,
    }
}

pub fn schema() -> SchemaSeen {
    SchemaSeen {
        upstream: line("app"),
        snapshot: digest(0x40),
    }
}

/// Two sessions; the second one's decision has a reservation and never an outcome.
fn gate_1() -> Made {
    let mut log = Made::new(GATE_1, 0xe1);
    log.control_size = 7;
    log.add(start(GATE_1, true), &[]);
    log.add(schema(), &[(1, b"snapshot")]);
    log.add(session(1), &[(1, b"mei")]);
    log.add(decision(1, 1), DECISION_FIELDS);
    log.add(outcome(1, 1, 42), &[]);
    let refusal = RefusalEntry {
        session: Some(1),
        number: Some(2),
        count: 1,
        code: Refusal::NotVisible,
        decision: None,
        policies: None,
        inputs: None,
        snapshot: None,
        asker: None,
    };
    log.add(refusal, &[(1, b"SELECT 1 FROM nowhere")]);
    let ungoverned = Ungoverned {
        session: 1,
        first: 1,
        count: 3,
    };
    log.add(ungoverned, &[]);
    log.add(end(1, 2, 3), &[]);
    log.add(session(2), &[(1, b"mei")]);
    log.add(decision(2, 1), DECISION_FIELDS);
    let reservation = Reservation {
        session: 2,
        number: 1,
        rows_until: 500,
        bytes_until: 50_000,
    };
    log.add(reservation, &[]);
    log.add(end(2, 1, 0), &[]);
    log.add(heartbeat(), &[]);
    log.add(heartbeat(), &[]);
    log
}

pub const fn end(session: u64, statements: u64, ungoverned: u64) -> SessionEnd {
    SessionEnd {
        session,
        ending: SessionEnding::Closed,
        statements,
        ungoverned,
    }
}

fn gate_2() -> Made {
    let mut log = Made::new(GATE_2, 0xe2);
    log.add(start(GATE_2, true), &[]);
    log.add(heartbeat(), &[]);
    log.add(stop(), &[]);
    log
}
