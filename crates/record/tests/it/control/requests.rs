//! Requests, approvals, grants and emergencies: what may follow what, and what may not.

use model::{FlowId, GrantId, PurposeId};
use record::{Body, Refused, RequestStatus};

use super::{approved, denial, dismissal, revocation};
use crate::history::*;

#[test]
fn a_request_becomes_a_right_and_ends() {
    let (mut history, index) = approved();
    assert_eq!(
        history.state.request(index).unwrap().status,
        RequestStatus::Approved
    );
    let granted = history.add(grant(index));
    assert_eq!(
        history.state.request(index).unwrap().status,
        RequestStatus::Granted
    );
    let facts = history.state.grant(granted).unwrap();
    assert!(facts.is_in_force(NOW_MS) && !facts.is_in_force(NOW_MS + HOUR_MS));
    assert!(!facts.is_in_force(NOW_MS - 1));
    let revoked = history.add(revocation(granted));
    let facts = history.state.grant(granted).unwrap();
    assert_eq!(facts.revoked_by, Some(revoked));
    assert!(!facts.is_in_force(NOW_MS));
    assert_eq!(
        history.refused(revocation(granted)),
        Refused::RevokedAlready {
            grant: granted,
            by: revoked
        }
    );
    assert_eq!(history.refused(revocation(0)), Refused::NoGrant(0));
}

#[test]
fn a_request_must_be_one_that_people_can_judge() {
    let history = History::constituted();
    let refused = |change: &dyn Fn(&mut record::RequestEntry)| {
        let mut body = request();
        change(&mut body);
        history.refused(body)
    };
    let constitution = Refused::OtherConstitution {
        in_force: 1,
        claimed: 2,
    };
    assert_eq!(refused(&|body| body.constitution = 2), constitution);
    assert_eq!(refused(&|body| body.scope.clear()), Refused::Empty("scope"));
    assert_eq!(
        refused(&|body| body.factors.clear()),
        Refused::Empty("factor")
    );
    assert_eq!(
        refused(&|body| body.factors[1].needed = 0),
        Refused::Factor(1)
    );
    assert_eq!(
        refused(&|body| body.factors[0].needed = 3),
        Refused::Factor(0)
    );
    let own = |body: &mut record::RequestEntry| {
        body.factors[1].eligible.insert(person(9));
    };
    assert_eq!(refused(&own), Refused::OwnRequest);
    assert_eq!(
        refused(&|body| body.duration_ms = 0),
        Refused::EndsEarly("request")
    );
    assert_eq!(
        refused(&|body| body.open_until_ms = NOW_MS),
        Refused::EndsEarly("request")
    );
}

#[test]
fn an_approval_counts_once_for_one_factor_by_one_eligible_person() {
    let mut history = History::constituted();
    assert_eq!(history.refused(approval(5, 0, 1)), Refused::NoRequest(5));
    let index = history.add(request());
    let no_factor = Refused::NoFactor {
        request: index,
        factor: 2,
    };
    assert_eq!(history.refused(approval(index, 2, 1)), no_factor);
    assert_eq!(
        history.refused(approval(index, 0, 3)),
        Refused::NotEligible(person(3))
    );
    // The requester is eligible for nothing, which is how they cannot approve.
    assert_eq!(
        history.refused(approval(index, 0, 9)),
        Refused::NotEligible(person(9))
    );
    history.add(approval(index, 0, 2));
    // Eligible for both, counted for one.
    assert_eq!(
        history.refused(approval(index, 1, 2)),
        Refused::SamePerson(person(2))
    );
    assert_eq!(
        history.refused(approval(index, 0, 1)),
        Refused::FactorMet(0)
    );
    let mut borrowed = approval(index, 1, 3);
    borrowed.by.key = signed(2).key;
    assert_eq!(history.refused(borrowed), Refused::SameKey(signed(2).key));
    let mut late = history.clone();
    late.now_ms = request().open_until_ms;
    assert_eq!(
        late.refused(approval(index, 1, 3)),
        Refused::RequestExpired(index)
    );
    history.add(approval(index, 1, 3));
    let (is, needed) = (RequestStatus::Approved, RequestStatus::Pending);
    let closed = Refused::RequestIs {
        request: index,
        is,
        needed,
    };
    assert_eq!(history.refused(approval(index, 1, 1)), closed);
}

#[test]
fn a_request_is_judged_once() {
    let endings: [(Body, RequestStatus); 2] = [
        (denial(5).into(), RequestStatus::Denied),
        (dismissal(5).into(), RequestStatus::Dismissed),
    ];
    for (ending, status) in endings {
        let mut history = History::constituted();
        assert_eq!(history.refused(ending.clone()), Refused::NoRequest(5));
        let index = history.add(request());
        history.add(ending.clone());
        assert_eq!(history.state.request(index).unwrap().status, status);
        let is = |needed| Refused::RequestIs {
            request: index,
            is: status,
            needed,
        };
        assert_eq!(history.refused(ending.clone()), is(RequestStatus::Pending));
        assert_eq!(
            history.refused(approval(index, 0, 1)),
            is(RequestStatus::Pending)
        );
        assert_eq!(history.refused(grant(index)), is(RequestStatus::Approved));
        // An approved one can still be stopped before it is granted, and not after.
        let (mut history, index) = approved();
        let mut granted = history.clone();
        history.add(ending.clone());
        granted.add(grant(index));
        assert!(matches!(granted.refused(ending), Refused::RequestIs { .. }));
    }
}

#[test]
fn a_grant_says_what_was_approved_or_less() {
    let mut history = History::constituted();
    let pending = history.add(request());
    history.add(approval(pending, 0, 1));
    let (is, needed) = (RequestStatus::Pending, RequestStatus::Approved);
    let early = Refused::RequestIs {
        request: pending,
        is,
        needed,
    };
    assert_eq!(history.refused(grant(pending)), early);

    let (mut history, index) = approved();
    assert_eq!(history.refused(grant(77)), Refused::NoRequest(77));
    let refused = |change: &dyn Fn(&mut record::GrantEntry)| {
        let mut body = grant(index);
        change(&mut body);
        history.refused(body)
    };
    let differs = Refused::NotAsApproved;
    assert_eq!(
        refused(&|body| body.requester = person(8)),
        differs("requester")
    );
    let purpose = PurposeId::new("curiosity").unwrap();
    assert_eq!(
        refused(&|body| body.purpose = purpose.clone()),
        differs("purpose")
    );
    let flow = FlowId::new("protected").unwrap();
    assert_eq!(
        refused(&|body| body.flow = Some(flow.clone())),
        differs("flow")
    );
    let none = model::TransactionType::None;
    assert_eq!(
        refused(&|body| body.transaction = none),
        differs("transaction")
    );
    let exemption = record::Exemption {
        rule: line("r"),
        counsel_reference: line("c"),
    };
    assert_eq!(
        refused(&|body| body.exemption = Some(exemption.clone())),
        differs("exemption")
    );
    assert_eq!(
        refused(&|body| body.scope[0].other = true),
        differs("scope")
    );
    assert_eq!(
        refused(&|body| body.scope[0].fields.clear()),
        differs("scope")
    );
    assert_eq!(
        refused(&|body| body.subjects = Some(26)),
        differs("set of subjects")
    );
    assert_eq!(
        refused(&|body| body.subjects = None),
        differs("set of subjects")
    );
    assert_eq!(refused(&|body| body.expires_ms += 1), differs("duration"));
    assert_eq!(
        refused(&|body| body.expires_ms = body.start_ms),
        Refused::EndsEarly("grant")
    );
    for by in [
        vec![],
        vec![signed(1)],
        vec![signed(1), signed(2)],
        vec![signed(1), signed(1)],
    ] {
        assert_eq!(
            refused(&|body| body.by.clone_from(&by)),
            differs("set of approvers")
        );
    }
    assert_eq!(refused(&|body| body.request = None), Refused::RestsOn);
    assert_eq!(
        refused(&|body| body.break_glass = Some(1)),
        Refused::RestsOn
    );

    let mut less = grant(index);
    less.subjects = Some(1);
    less.expires_ms -= 1;
    less.by.reverse();
    history.add(less.clone());
    assert_eq!(
        history.refused(less.clone()),
        Refused::GrantTwice(less.grant.clone())
    );
    less.grant = GrantId::new("g-2").unwrap();
    assert!(
        matches!(history.refused(less), Refused::RequestIs { .. }),
        "one grant a request"
    );
}

#[test]
fn a_break_glass_is_short_used_once_and_reviewed_by_others() {
    let mut history = History::constituted();
    let mut long = break_glass();
    long.expires_ms += 1;
    assert_eq!(history.refused(long), Refused::TooLong { minutes: 30 });
    let mut past = break_glass();
    past.expires_ms = NOW_MS;
    assert_eq!(history.refused(past), Refused::EndsEarly("break-glass"));
    let mut own = break_glass();
    own.by[1] = signed(9);
    assert_eq!(history.refused(own), Refused::OwnRequest);
    let mut empty = break_glass();
    empty.scope.clear();
    assert_eq!(history.refused(empty), Refused::Empty("scope"));
    assert_eq!(
        history.refused(emergency_grant(5)),
        Refused::NoBreakGlass(5)
    );
    assert_eq!(history.refused(review(5)), Refused::NoBreakGlass(5));

    let index = history.add(break_glass());
    let refused = |change: &dyn Fn(&mut record::GrantEntry)| {
        let mut body = emergency_grant(index);
        change(&mut body);
        history.refused(body)
    };
    let differs = Refused::NotAsApproved;
    assert_eq!(
        refused(&|body| body.requester = person(8)),
        differs("requester")
    );
    assert_eq!(
        refused(&|body| body.scope[0].home = false),
        differs("scope")
    );
    assert_eq!(refused(&|body| body.expires_ms += 1), differs("duration"));
    let granted = history.add(emergency_grant(index));
    let mut second = emergency_grant(index);
    second.grant = GrantId::new("g-2").unwrap();
    assert_eq!(history.refused(second), Refused::BreakGlassUsed(index));
    for who in [1, 9] {
        let mut own = review(index);
        own.by[1] = signed(who);
        assert_eq!(history.refused(own), Refused::OwnReview(person(who)));
    }
    let reviewed = history.add(review(index));
    assert_eq!(
        history.refused(review(index)),
        Refused::ReviewedAlready(index)
    );
    let facts = history.state.break_glass(index).unwrap();
    assert_eq!((facts.grant, facts.review), (Some(granted), Some(reviewed)));
}
