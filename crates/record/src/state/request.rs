//! Requests, approvals, grants, revocations, emergencies: which may follow which.

use super::facts::{EmergencyFacts, RequestFacts, RequestStatus};
use super::{Refused, State};
use crate::body::{
    Approval, BreakGlass, BreakGlassReview, Endorsement, GrantEntry, RequestEntry, Revocation,
};
use crate::entry::Entry;
use crate::fixed::Pseudonym;

/// Source: design.md, section 8: a break-glass lasts 30 minutes.
const EMERGENCY_MINUTES: u64 = 30;
const MINUTE_MS: u64 = 60_000;

impl State {
    pub(super) fn check_request(&self, body: &RequestEntry, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let in_force = self.facts.constitution.as_ref().map_or(0, |c| c.number);
        if body.constitution != in_force {
            return Err(Refused::OtherConstitution {
                in_force,
                claimed: body.constitution,
            });
        }
        if body.scope.is_empty() {
            return Err(Refused::Empty("scope"));
        }
        if body.factors.is_empty() {
            return Err(Refused::Empty("factor"));
        }
        for (number, factor) in body.factors.iter().enumerate() {
            if factor.eligible.contains(&body.requester) {
                return Err(Refused::OwnRequest);
            }
            if factor.needed == 0 || factor.needed > factor.eligible.len() as u64 {
                return Err(Refused::Factor(number as u64));
            }
        }
        if body.duration_ms == 0 || body.open_until_ms <= entry.time_ms {
            return Err(Refused::EndsEarly("request"));
        }
        Ok(())
    }

    pub(super) fn check_approval(&self, body: &Approval, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let request = self.request_that_is(body.request, RequestStatus::Pending)?;
        if entry.time_ms >= request.asked.open_until_ms {
            return Err(Refused::RequestExpired(body.request));
        }
        let number = usize::try_from(body.factor).unwrap_or(usize::MAX);
        let Some(factor) = request.asked.factors.get(number) else {
            return Err(Refused::NoFactor {
                request: body.request,
                factor: body.factor,
            });
        };
        for given in &request.approvals {
            if given.person == body.by.person {
                return Err(Refused::SamePerson(given.person));
            }
            if given.key == body.by.key {
                return Err(Refused::SameKey(given.key));
            }
        }
        if !factor.eligible.contains(&body.by.person) {
            return Err(Refused::NotEligible(body.by.person));
        }
        if request.is_met(number, factor) {
            return Err(Refused::FactorMet(body.factor));
        }
        Ok(())
    }

    /// A request that is denied or dismissed; approved ones can still be, until they are granted.
    pub(super) fn check_judged(&self, index: u64) -> Result<(), Refused> {
        match self.request_that_is(index, RequestStatus::Pending) {
            Err(Refused::RequestIs {
                is: RequestStatus::Approved,
                ..
            }) => Ok(()),
            judged => judged.map(|_| ()),
        }
    }

    pub(super) fn check_grant(&self, body: &GrantEntry, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        if self
            .facts
            .grants
            .values()
            .any(|grant| grant.grant == body.grant)
        {
            return Err(Refused::GrantTwice(body.grant.clone()));
        }
        if body.expires_ms <= body.start_ms {
            return Err(Refused::EndsEarly("grant"));
        }
        match (body.request, body.break_glass) {
            (Some(request), None) => self.check_granted(body, request),
            (None, Some(emergency)) => self.check_emergency_grant(body, emergency),
            // Grants of an evaluation come from a file and are believed; the mark says so.
            (None, None) if self.is_evaluation() => Ok(()),
            (None, None) | (Some(_), Some(_)) => Err(Refused::RestsOn),
        }
    }

    /// A grant may be shorter than what was approved and may have fewer subjects; nothing else.
    fn check_granted(&self, body: &GrantEntry, index: u64) -> Result<(), Refused> {
        let request = self.request_that_is(index, RequestStatus::Approved)?;
        let asked = &request.asked;
        let differs = |differs: bool, what| {
            if differs {
                Err(Refused::NotAsApproved(what))
            } else {
                Ok(())
            }
        };
        differs(body.requester != asked.requester, "requester")?;
        differs(body.purpose != asked.purpose, "purpose")?;
        differs(body.flow.as_ref() != Some(&asked.flow), "flow")?;
        differs(body.transaction != asked.transaction, "transaction")?;
        differs(body.exemption != asked.exemption, "exemption")?;
        differs(body.scope != asked.scope, "scope")?;
        let wider = match (asked.subjects, body.subjects) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(most), Some(subjects)) => subjects > most,
        };
        differs(wider, "set of subjects")?;
        let longer = body.expires_ms.saturating_sub(body.start_ms) > asked.duration_ms;
        differs(longer, "duration")?;
        differs(!is_by(&body.by, request), "set of approvers")
    }

    fn check_emergency_grant(&self, body: &GrantEntry, index: u64) -> Result<(), Refused> {
        let emergency = self.emergency(index)?;
        if emergency.grant.is_some() {
            return Err(Refused::BreakGlassUsed(index));
        }
        if body.requester != emergency.requester {
            return Err(Refused::NotAsApproved("requester"));
        }
        if body.scope != emergency.scope {
            return Err(Refused::NotAsApproved("scope"));
        }
        if body.expires_ms > emergency.expires_ms {
            return Err(Refused::NotAsApproved("duration"));
        }
        Ok(())
    }

    pub(super) fn check_revocation(&self, body: &Revocation) -> Result<(), Refused> {
        let grant = self.facts.grants.get(&body.grant);
        let grant = grant.ok_or(Refused::NoGrant(body.grant))?;
        match grant.revoked_by {
            None => Ok(()),
            Some(by) => Err(Refused::RevokedAlready {
                grant: body.grant,
                by,
            }),
        }
    }

    pub(super) fn check_break_glass(
        &self,
        body: &BreakGlass,
        entry: &Entry,
    ) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        self.check_signers(&body.by)?;
        if body.by.iter().any(|by| by.person == body.requester) {
            return Err(Refused::OwnRequest);
        }
        if body.scope.is_empty() {
            return Err(Refused::Empty("scope"));
        }
        if body.expires_ms <= entry.time_ms {
            return Err(Refused::EndsEarly("break-glass"));
        }
        if body.expires_ms - entry.time_ms > EMERGENCY_MINUTES * MINUTE_MS {
            return Err(Refused::TooLong {
                minutes: EMERGENCY_MINUTES,
            });
        }
        Ok(())
    }

    pub(super) fn check_review(&self, body: &BreakGlassReview) -> Result<(), Refused> {
        let emergency = self.emergency(body.break_glass)?;
        if emergency.review.is_some() {
            return Err(Refused::ReviewedAlready(body.break_glass));
        }
        self.check_signers(&body.by)?;
        let was_part = |person: &Pseudonym| {
            *person == emergency.requester || emergency.declared_by.contains(person)
        };
        match body.by.iter().find(|by| was_part(&by.person)) {
            Some(by) => Err(Refused::OwnReview(by.person)),
            None => Ok(()),
        }
    }

    fn emergency(&self, index: u64) -> Result<&EmergencyFacts, Refused> {
        let emergency = self.facts.emergencies.get(&index);
        emergency.ok_or(Refused::NoBreakGlass(index))
    }

    fn request_that_is(&self, index: u64, needed: RequestStatus) -> Result<&RequestFacts, Refused> {
        let request = self.facts.requests.get(&index);
        let request = request.ok_or(Refused::NoRequest(index))?;
        if request.status == needed {
            Ok(request)
        } else {
            Err(Refused::RequestIs {
                request: index,
                is: request.status,
                needed,
            })
        }
    }
}

/// Whether exactly those who approved the request are named, each with the key they used.
fn is_by(by: &[Endorsement], request: &RequestFacts) -> bool {
    let named = |person, key| by.iter().any(|by| by.person == person && by.key == key);
    by.len() == request.approvals.len()
        && request
            .approvals
            .iter()
            .all(|given| named(given.person, given.key))
}
