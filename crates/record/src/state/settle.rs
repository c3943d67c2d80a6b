//! What a checked entry changes. Nothing here can refuse.

use super::facts::{
    Approved, EmergencyFacts, GrantFacts, LogFacts, LogStatus, RequestFacts, RequestStatus, Version,
};
use super::{State, used_by};
use crate::body::{Approval, BreakGlass, Erasure, GrantEntry, LogOpen};
use crate::entry::Entry;
use crate::fixed::Digest;
use crate::kind::Body;
use crate::name::LogName;

impl State {
    pub(super) fn settle(&mut self, index: u64, entry: &Entry) {
        let facts = &mut self.facts;
        facts.evaluation = Some(entry.marks.evaluation);
        if let Some(key) = entry.idempotency {
            facts.keys.insert(key, used_by(index, entry));
        }
        let version = |number, hash| Some(version(number, hash, index));
        match &entry.body {
            Body::Start(body) => {
                facts.log = Some(body.log.clone());
                facts.stopped = false;
            }
            Body::Stop(_) => facts.stopped = true,
            Body::RequestEntry(body) => {
                let request = RequestFacts {
                    asked: body.clone(),
                    status: RequestStatus::Pending,
                    approvals: Vec::new(),
                };
                facts.requests.insert(index, request);
            }
            Body::Approval(body) => self.settle_approval(body),
            Body::Denial(body) => self.set_status(body.request, RequestStatus::Denied),
            Body::Dismissal(body) => self.set_status(body.request, RequestStatus::Dismissed),
            Body::GrantEntry(body) => self.settle_grant(index, body),
            Body::Revocation(body) => {
                if let Some(grant) = facts.grants.get_mut(&body.grant) {
                    grant.revoked_by = Some(index);
                }
            }
            Body::BreakGlass(body) => {
                facts.emergencies.insert(index, emergency(body));
            }
            Body::BreakGlassReview(body) => {
                if let Some(emergency) = facts.emergencies.get_mut(&body.break_glass) {
                    emergency.review = Some(index);
                }
            }
            Body::Constitution(body) => {
                facts.constitution = version(body.version, body.hash);
                facts.constitution_expires_ms = Some(body.expires_ms);
            }
            Body::People(body) => facts.people = version(body.version, body.hash),
            Body::Catalogue(body) => {
                facts.catalogue = version(body.version, body.hash);
                facts.label_changes.clear();
            }
            Body::Policy(body) => facts.policy = version(body.version, body.hash),
            Body::LabelChange(body) => {
                let fields = facts.label_changes.entry(body.dataset.clone()).or_default();
                fields.insert(body.field.clone(), index);
            }
            Body::LogOpen(body) => self.settle_log_open(body),
            Body::Anchor(body) => self.with_log(&body.log, |log| {
                log.size = body.size;
                log.root = Some(body.root);
                log.witnessed_size = body.witnessed_size;
            }),
            Body::LogClose(body) => self.with_log(&body.log, |log| {
                log.status = LogStatus::Closed;
                log.size = body.size;
                log.root = Some(body.root);
            }),
            Body::LogLost(body) => self.with_log(&body.log, |log| {
                log.status = LogStatus::Lost;
                // The root belongs to the last anchor, which may be of another size.
                if log.size != body.witnessed_size {
                    log.root = None;
                }
                log.size = body.witnessed_size;
                log.witnessed_size = body.witnessed_size;
            }),
            Body::Erasure(body) => self.settle_erasure(index, body),
            // A heartbeat changes nothing; the others were refused.
            Body::Heartbeat(_)
            | Body::SessionStart(_)
            | Body::SessionEnd(_)
            | Body::SchemaSeen(_)
            | Body::Decision(_)
            | Body::Reservation(_)
            | Body::Outcome(_)
            | Body::RefusalEntry(_)
            | Body::Ungoverned(_) => {}
        }
    }

    fn settle_approval(&mut self, body: &Approval) {
        let Some(request) = self.facts.requests.get_mut(&body.request) else {
            return;
        };
        request.approvals.push(Approved {
            factor: body.factor,
            person: body.by.person,
            key: body.by.key,
        });
        if request.is_approved() {
            request.status = RequestStatus::Approved;
        }
    }

    fn settle_grant(&mut self, index: u64, body: &GrantEntry) {
        if let Some(request) = body.request {
            self.set_status(request, RequestStatus::Granted);
        }
        let emergency = body.break_glass;
        if let Some(used) = emergency.and_then(|used| self.facts.emergencies.get_mut(&used)) {
            used.grant = Some(index);
        }
        let grant = GrantFacts {
            grant: body.grant.clone(),
            requester: body.requester,
            scope: body.scope.clone(),
            start_ms: body.start_ms,
            expires_ms: body.expires_ms,
            revoked_by: None,
        };
        self.facts.grants.insert(index, grant);
    }

    fn settle_log_open(&mut self, body: &LogOpen) {
        if let Some(lost) = &body.replaces {
            self.with_log(lost, |lost| lost.replaced_by = Some(body.log.clone()));
        }
        let log = LogFacts {
            key: body.key.clone(),
            status: LogStatus::Open,
            size: 0,
            root: None,
            witnessed_size: 0,
            replaced_by: None,
        };
        self.facts.logs.insert(body.log.clone(), log);
    }

    fn settle_erasure(&mut self, index: u64, body: &Erasure) {
        let log = self.facts.erased.entry(body.log.clone()).or_default();
        let fields = log.entry(body.index).or_default();
        for field in &body.fields {
            fields.insert(*field, index);
        }
    }

    fn set_status(&mut self, request: u64, status: RequestStatus) {
        if let Some(request) = self.facts.requests.get_mut(&request) {
            request.status = status;
        }
    }

    fn with_log(&mut self, log: &LogName, change: impl FnOnce(&mut LogFacts)) {
        if let Some(log) = self.facts.logs.get_mut(log) {
            change(log);
        }
    }
}

const fn version(number: u64, hash: Digest, index: u64) -> Version {
    Version {
        number,
        hash,
        index,
    }
}

fn emergency(body: &BreakGlass) -> EmergencyFacts {
    EmergencyFacts {
        requester: body.requester,
        incident: body.incident.clone(),
        scope: body.scope.clone(),
        expires_ms: body.expires_ms,
        grant: None,
        review: None,
        declared_by: body.by.iter().map(|by| by.person).collect(),
    }
}
