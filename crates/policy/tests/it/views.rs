//! What a decision shows: grants, ladder, domains, observe mode, joined categories.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Approval, DatasetId, DomainId, FieldName, FlowId, Grant, GrantId, GrantKind,
    GrantScope, Jurisdiction, LegalCategory, Level, Mask, Observe, PersonId, PurposeId, Role,
    RowClass, Rows, Strength, SubjectSet, TransactionType, Verdict,
};
use policy::{Ask, Outcome, Permit, Rights};

use crate::setting::{GENEROUS, decider, session, small};

const PEOPLE: &str = "
    entity northern: organised CN
    entity harbor: organised SG; owned 60% by northern, rest others
    person ana: citizen US; lives US; desk US
    person mei: citizen SG; lives SG; desk SG
    person jun: citizen SG; lives SG; desk SG; works for harbor; recipient assessed
    person sam: citizen US; lives US; desk US; roles home_security
    person sue: citizen US; lives US; desk US; roles home_security
    person abe: citizen US; lives SG; desk SG; roles home_security
    person own: citizen US; lives US; desk US; roles data_owner
    person bob: citizen US; lives US; desk US; roles home_security; reports to ana
";

fn one(level: Level, mask: Option<Mask>) -> testkit::World {
    small(PEOPLE, vec![(Some(level), [].into(), mask)])
}

fn grant(approvers: &[(&str, Role, &str)], subjects: bool) -> Grant {
    let dataset = DatasetId::new("app/t").unwrap();
    Grant {
        id: GrantId::new("g1").unwrap(),
        kind: GrantKind::Ladder(FlowId::new("protected-data").unwrap()),
        requester: PersonId::new("ana").unwrap(),
        purpose: PurposeId::new("incident").unwrap(),
        transaction: TransactionType::None,
        exemption: None,
        scope: vec![GrantScope {
            dataset: dataset.clone(),
            fields: ["country", "f0", "f1"]
                .map(|f| FieldName::new(f).unwrap())
                .into(),
            home: true,
            other: true,
            actions: [Action::ViewClear].into(),
        }],
        subjects: subjects.then(|| SubjectSet {
            dataset,
            keys: vec!["k".into()],
        }),
        start: testkit::NOW.plus_seconds(-600),
        expires: testkit::NOW.plus_seconds(1_200),
        revoked: None,
        approvals: approvers
            .iter()
            .map(|(name, role, from)| Approval {
                approver: PersonId::new(name).unwrap(),
                role: *role,
                signed_from: Jurisdiction::parse(from).ok(),
                at: testkit::NOW.plus_days(-1),
            })
            .collect(),
    }
}

fn permit(world: &testkit::World, person: &str, grants: Vec<Grant>) -> Permit {
    let decider = decider(world, GENEROUS);
    let ask = Ask::view(DatasetId::new("app/t").unwrap());
    let rights = Rights::new(grants, world.assessments.clone());
    match decider.decide(&session(person), &ask, &rights, testkit::NOW) {
        Outcome::Permitted(permit) => permit,
        Outcome::Refused(refused) => panic!("{} {:?}", refused.code, refused.failure),
    }
}

/// The verdict of field `f0` by residency, e.g. `home masked, other clear, unknown masked`.
fn shown(permit: &Permit, field: &str) -> String {
    let view = &permit.view(&DatasetId::new("app/t").unwrap()).unwrap().view;
    let Some(field) = view.fields.get(&FieldName::new(field).unwrap()) else {
        return "absent".into();
    };
    let cells: BTreeMap<&RowClass, String> = field
        .cells
        .iter()
        .filter(|(class, _)| view.rows[*class] != Rows::Unseen)
        .map(|(class, cell)| {
            let extra = if cell.clear_for.is_empty() {
                ""
            } else {
                "+subjects"
            };
            (class, format!("{}{extra}", cell.verdict))
        })
        .collect();
    let words = cells.iter().map(|(class, text)| {
        let class = class.to_string();
        format!("{} {text}", class.split(' ').next().unwrap_or_default())
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn protected_data_is_masked_without_a_grant_and_clear_with_two_people_of_the_ladder() {
    let world = one(Level::Protected, Some(Mask::Null));
    let with = |approvers: &[(&str, Role, &str)]| {
        shown(&permit(&world, "ana", vec![grant(approvers, false)]), "f0")
    };
    let masked = "home masked, other masked, unknown masked";
    assert_eq!(shown(&permit(&world, "ana", vec![]), "f0"), masked);
    let sam = ("sam", Role::HomeSecurity, "US");
    let sue = ("sue", Role::HomeSecurity, "US");
    assert_eq!(with(&[sam, sue]), "home clear, other clear, unknown clear");
    assert_eq!(
        with(&[sam, ("own", Role::DataOwner, "US")]),
        "home clear, other clear, unknown clear"
    );
    // One person, the same person twice, nobody of home security.
    assert_eq!(with(&[sam]), masked);
    assert_eq!(with(&[sam, sam]), masked);
    assert_eq!(with(&[("own", Role::DataOwner, "US")]), masked);
    // Signed from abroad, or by somebody who lives abroad.
    assert_eq!(
        with(&[
            ("sam", Role::HomeSecurity, "SG"),
            ("abe", Role::HomeSecurity, "US")
        ]),
        masked
    );
    // The requester, somebody without the role, somebody who reports to the requester.
    assert_eq!(with(&[("ana", Role::HomeSecurity, "US"), sam]), masked);
    assert_eq!(with(&[("own", Role::HomeSecurity, "US"), sam]), masked);
    assert_eq!(with(&[("bob", Role::HomeSecurity, "US"), sam]), masked);
}

#[test]
fn a_grant_opens_nothing_outside_its_time_purpose_person_and_scope() {
    let world = one(Level::Protected, Some(Mask::Null));
    let good = grant(
        &[
            ("sam", Role::HomeSecurity, "US"),
            ("sue", Role::HomeSecurity, "US"),
        ],
        false,
    );
    let masked = "home masked, other masked, unknown masked";
    let with = |change: &dyn Fn(&mut Grant)| {
        let mut grant = good.clone();
        change(&mut grant);
        shown(&permit(&world, "ana", vec![grant]), "f0")
    };
    assert_eq!(with(&|_| ()), "home clear, other clear, unknown clear");
    assert_eq!(with(&|g| g.expires = testkit::NOW), masked);
    assert_eq!(with(&|g| g.start = testkit::NOW.plus_seconds(1)), masked);
    assert_eq!(with(&|g| g.revoked = Some(testkit::NOW)), masked);
    assert_eq!(
        with(&|g| g.purpose = PurposeId::new("analytics").unwrap()),
        masked
    );
    assert_eq!(
        with(&|g| g.requester = PersonId::new("mei").unwrap()),
        masked
    );
    assert_eq!(
        with(&|g| g.scope[0].fields = [FieldName::new("f1").unwrap()].into()),
        masked
    );
    assert_eq!(
        with(&|g| g.scope[0].actions = [Action::Export].into()),
        masked
    );
    assert_eq!(
        with(&|g| g.scope[0].other = false),
        "home clear, other masked, unknown clear"
    );
    assert_eq!(
        with(&|g| g.scope[0].home = false),
        "home masked, other clear, unknown masked"
    );
}

#[test]
fn one_factor_and_a_suspicious_connection_get_masks() {
    let world = one(Level::Protected, Some(Mask::Null));
    let decider = decider(&world, GENEROUS);
    let good = grant(
        &[
            ("sam", Role::HomeSecurity, "US"),
            ("sue", Role::HomeSecurity, "US"),
        ],
        false,
    );
    let ask = Ask::view(DatasetId::new("app/t").unwrap());
    let rights = Rights::new(vec![good], vec![]);
    let see = |session: &model::Session| match decider.decide(session, &ask, &rights, testkit::NOW)
    {
        Outcome::Permitted(permit) => shown(&permit, "f0"),
        Outcome::Refused(refused) => refused.code.to_string(),
    };
    let mut session = session("ana");
    assert_eq!(see(&session), "home clear, other clear, unknown clear");
    session.strength = Strength::Aal1;
    assert_eq!(see(&session), "home masked, other masked, unknown masked");
    session.strength = Strength::Aal2;
    for connection in [
        model::Connection::Unknown,
        model::Connection::Country(Jurisdiction::parse("CN").unwrap()),
    ] {
        session.connection = connection;
        assert_eq!(see(&session), "home masked, other masked, unknown masked");
    }
}

#[test]
fn outside_the_home_a_grant_opens_named_subjects_only() {
    let world = one(Level::Protected, Some(Mask::Null));
    let approvers = [
        ("sam", Role::HomeSecurity, "US"),
        ("sue", Role::HomeSecurity, "US"),
    ];
    let for_mei = |subjects| {
        let mut grant = grant(&approvers, subjects);
        grant.requester = PersonId::new("mei").unwrap();
        shown(&permit(&world, "mei", vec![grant]), "f0")
    };
    assert_eq!(for_mei(false), "home masked, other clear, unknown masked");
    assert_eq!(
        for_mei(true),
        "home masked+subjects, other masked+subjects, unknown masked+subjects"
    );
}

#[test]
fn a_field_without_a_mask_is_absent_rather_than_clear() {
    let world = one(Level::Protected, None);
    assert_eq!(shown(&permit(&world, "ana", vec![]), "f0"), "absent");
}

#[test]
fn a_pseudonym_domain_is_clear_as_a_whole_or_not_at_all() {
    let domain = || Some(Mask::Pseudonym(DomainId::new("person").unwrap()));
    let mut world = small(
        PEOPLE,
        vec![
            (Some(Level::Public), [].into(), domain()),
            (Some(Level::Protected), [].into(), domain()),
        ],
    );
    let all = "home masked, other masked, unknown masked";
    // f0 is public, yet f1 of the same domain is masked.
    assert_eq!(shown(&permit(&world, "ana", vec![]), "f0"), all);
    let approvers = [
        ("sam", Role::HomeSecurity, "US"),
        ("sue", Role::HomeSecurity, "US"),
    ];
    let granted = permit(&world, "ana", vec![grant(&approvers, false)]);
    assert_eq!(
        shown(&granted, "f0"),
        "home clear, other clear, unknown clear"
    );
    // A subject set never clears a domain.
    let some = permit(&world, "ana", vec![grant(&approvers, true)]);
    assert_eq!(shown(&some, "f1"), all);
    // A masked field in another relation masks the domain here.
    let mut other = testkit::dataset("u", vec![(Some(Level::Sensitive), [].into(), domain())]);
    other.id = DatasetId::new("app/u").unwrap();
    world.datasets.insert(other.id.clone(), other);
    assert_eq!(
        shown(&permit(&world, "ana", vec![grant(&approvers, false)]), "f0"),
        all
    );
}

#[test]
fn legal_categories_are_joined_in_clear_only_under_one_grant() {
    let world = small(
        PEOPLE,
        vec![
            (
                Some(Level::Protected),
                [LegalCategory::PersonalHealth].into(),
                Some(Mask::Null),
            ),
            (
                Some(Level::Protected),
                [LegalCategory::PreciseGeolocation].into(),
                Some(Mask::Null),
            ),
        ],
    );
    let approvers = [
        ("sam", Role::HomeSecurity, "US"),
        ("sue", Role::HomeSecurity, "US"),
    ];
    let part = |id: &str, field: &str| {
        let mut grant = grant(&approvers, false);
        grant.id = GrantId::new(id).unwrap();
        grant.scope[0].fields = [FieldName::new(field).unwrap()].into();
        grant
    };
    let apart = permit(&world, "ana", vec![part("g1", "f0"), part("g2", "f1")]);
    assert_eq!(
        shown(&apart, "f0"),
        "home masked, other masked, unknown masked"
    );
    assert_eq!(
        shown(&apart, "f1"),
        "home masked, other masked, unknown masked"
    );
    let together = permit(&world, "ana", vec![grant(&approvers, false)]);
    assert_eq!(
        shown(&together, "f0"),
        "home clear, other clear, unknown clear"
    );
}

#[test]
fn observe_mode_lifts_house_rules_and_never_the_floor() {
    let mut world = one(Level::Protected, Some(Mask::Null));
    let id = DatasetId::new("app/t").unwrap();
    let from = testkit::NOW.plus_days(-1);
    let observe = Some(Observe {
        from,
        until: testkit::NOW.plus_days(1),
    });
    world.datasets.get_mut(&id).unwrap().observe = observe;
    let ana = permit(&world, "ana", vec![]);
    assert_eq!(shown(&ana, "f0"), "home clear, other clear, unknown clear");
    assert_eq!(ana.decision().observed.len(), 3);
    let jun = permit(&world, "jun", vec![]);
    assert_eq!(shown(&jun, "f0"), "other clear");
    world.datasets.get_mut(&id).unwrap().observe = Some(Observe {
        from,
        until: testkit::NOW,
    });
    assert_eq!(
        shown(&permit(&world, "ana", vec![]), "f0"),
        "home masked, other masked, unknown masked"
    );
}

#[test]
fn people_with_the_same_rights_share_one_view() {
    let world = one(Level::Protected, Some(Mask::Null));
    let decider = decider(&world, GENEROUS);
    let ask = Ask::view(DatasetId::new("app/t").unwrap());
    let view = |person: &str| match decider.decide(
        &session(person),
        &ask,
        &Rights::none(),
        testkit::NOW,
    ) {
        Outcome::Permitted(permit) => permit.view(&ask.datasets[0].dataset).unwrap().clone(),
        Outcome::Refused(refused) => panic!("{}", refused.code),
    };
    let (ana, mei, jun) = (view("ana"), view("mei"), view("jun"));
    assert_eq!(ana.hash, mei.hash);
    assert!(std::sync::Arc::ptr_eq(&ana.view, &mei.view));
    assert_ne!(ana.hash, jun.hash);
}

#[test]
fn an_expired_fact_is_unknown_and_unknown_is_covered() {
    let mut world = one(Level::Protected, Some(Mask::Null));
    assert_eq!(
        shown(&permit(&world, "mei", vec![]), "f0"),
        "home masked, other masked, unknown masked"
    );
    let mei = world
        .register
        .people
        .get_mut(&PersonId::new("mei").unwrap())
        .unwrap();
    mei.residence.as_mut().unwrap().expires = testkit::NOW;
    let blocked = permit(&world, "mei", vec![]);
    assert_eq!(shown(&blocked, "f0"), "other masked");
    assert_eq!(blocked.decision().standings.len(), 1);
}

#[test]
fn what_a_row_condition_makes_public_is_clear_and_the_rest_is_not() {
    let mut world = one(Level::Protected, Some(Mask::Null));
    let dataset = world.datasets.values_mut().next().unwrap();
    let condition = model::Predicate::Holds(FieldName::new("country").unwrap());
    dataset.fields[1].public_when = Some(model::PublicWhen { condition });
    let permit = permit(&world, "ana", vec![]);
    let view = &permit.view(&DatasetId::new("app/t").unwrap()).unwrap().view;
    let field = &view.fields[&FieldName::new("f0").unwrap()];
    for (class, cell) in &field.cells {
        let expected = if class.public {
            Verdict::Clear
        } else {
            Verdict::Masked
        };
        assert_eq!(cell.verdict, expected, "{class}");
    }
}

#[test]
fn two_regimes_add_up() {
    let world = one(Level::Protected, Some(Mask::Null));
    let decider = policy::Decider::new(crate::setting::world(
        &["us-dsp", "eu-clover"],
        &world,
        GENEROUS,
    ))
    .unwrap();
    let names: BTreeSet<String> = decider
        .residencies()
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "home of eu-clover",
        "home of eu-clover and us-dsp",
        "home of us-dsp",
        "other",
        "unknown",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
    // Covered under us-dsp alone, jun still reaches European rows from Singapore.
    let ask = Ask::view(DatasetId::new("app/t").unwrap());
    let Outcome::Permitted(permit) =
        decider.decide(&session("jun"), &ask, &Rights::none(), testkit::NOW)
    else {
        panic!("refused")
    };
    let view = &permit.view(&ask.datasets[0].dataset).unwrap().view;
    let seen: Vec<String> = view
        .rows
        .iter()
        .filter(|(_, rows)| **rows == Rows::Seen)
        .map(|(class, _)| class.to_string())
        .collect();
    assert_eq!(seen, ["home of eu-clover", "other"]);
}

#[test]
fn rows_whose_residency_nobody_can_tell_count_as_home() {
    let residencies = |world: &testkit::World| {
        let permit = permit(world, "ana", vec![]);
        let view = &permit.view(&DatasetId::new("app/t").unwrap()).unwrap().view;
        view.rows
            .keys()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let declared = one(Level::Protected, Some(Mask::Null));
    assert_eq!(residencies(&declared), "home of us-dsp, other, unknown");
    let mut world = declared.clone();
    let dataset = world.datasets.values_mut().next().unwrap();
    dataset
        .undeclared_subjects
        .insert(FieldName::new("f0").unwrap());
    assert_eq!(residencies(&world), "unknown");
    // Declared about nobody, yet with a foreign key to people.
    let dataset = world.datasets.values_mut().next().unwrap();
    dataset.subjects = model::Subjects::Nobody;
    assert_eq!(residencies(&world), "unknown");
    // Declared about nobody, yet with a data category of users, or a legal one.
    let dataset = world.datasets.values_mut().next().unwrap();
    dataset.undeclared_subjects.clear();
    assert_eq!(residencies(&world), "unknown");
    let dataset = world.datasets.values_mut().next().unwrap();
    for field in &mut dataset.fields {
        field.categories.clear();
    }
    assert_eq!(residencies(&world), "no subject");
    let dataset = world.datasets.values_mut().next().unwrap();
    dataset.fields[1].legal.insert(LegalCategory::HumanGenomic);
    assert_eq!(residencies(&world), "unknown");
    // Through a parent that says nothing, or is not there.
    let mut world = declared;
    let dataset = world.datasets.values_mut().next().unwrap();
    let parent = DatasetId::new("app/parent").unwrap();
    dataset.subjects = model::Subjects::Some(vec![model::Subject {
        key: vec![FieldName::new("f0").unwrap()],
        path: model::SubjectPath::Through(parent.clone()),
    }]);
    assert_eq!(residencies(&world), "unknown");
    let mut undeclared = testkit::dataset("parent", vec![]);
    undeclared.subjects = model::Subjects::Undeclared;
    world.datasets.insert(parent, undeclared);
    assert_eq!(residencies(&world), "unknown");
}
