//! The ladder and the people behind a grant: what a decision checks of them by itself, whoever
//! wrote the grant down.

use std::collections::BTreeSet;

use model::{
    Action, Approval, DatasetId, FieldName, FlowId, Grant, GrantId, GrantKind, GrantScope,
    Jurisdiction, Level, Mask, PersonId, PurposeId, Role, SubjectSet, TeamId, TransactionType,
    Verdict,
};
use policy::{Ask, Asked, Decider, Outcome, Rights, Rung, World};

use crate::setting::{GENEROUS, session, small, world};

const PEOPLE: &str = "
    person boss: citizen US; lives US; desk US; roles home_security
    person ana: citizen US; lives US; desk US; reports to boss; teams staff, contractors
    person sam: citizen US; lives US; desk US; roles home_security
    person sue: citizen US; lives US; desk US; roles home_security
    person own: citizen US; lives US; desk US; roles data_owner
    person other: citizen US; lives US; desk US; roles data_owner
    person pri: citizen US; lives US; desk US; roles privacy
    person bei: citizen SG; lives CN; desk CN; roles privacy, validator
    person val: citizen US; lives US; desk US; roles validator
";

fn id() -> DatasetId {
    DatasetId::new("app/t").unwrap()
}

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

fn setting(level: Level, change: impl FnOnce(&mut World)) -> Decider {
    let generated = small(PEOPLE, vec![(Some(level), [].into(), Some(Mask::Null))]);
    let mut world = world(&["us-dsp"], &generated, GENEROUS);
    change(&mut world);
    Decider::new(world).unwrap()
}

fn grant(approvers: &[(&str, Role)]) -> Grant {
    let signed = |(name, role): &(&str, Role)| Approval {
        approver: person(name),
        role: *role,
        signed_from: Jurisdiction::parse("US").ok(),
        at: testkit::NOW.plus_days(-1),
    };
    Grant {
        id: GrantId::new("g1").unwrap(),
        kind: GrantKind::Ladder(FlowId::new("any").unwrap()),
        requester: person("ana"),
        purpose: PurposeId::new("incident").unwrap(),
        transaction: TransactionType::None,
        exemption: None,
        scope: vec![GrantScope {
            dataset: id(),
            fields: ["country", "f0"].map(|f| FieldName::new(f).unwrap()).into(),
            home: true,
            other: true,
            actions: [Action::ViewClear, Action::Export].into(),
        }],
        subjects: None,
        start: testkit::NOW.plus_seconds(-600),
        expires: testkit::NOW.plus_seconds(1_200),
        revoked: None,
        approvals: approvers.iter().map(signed).collect(),
    }
}

/// What ana sees of `f0` everywhere.
fn seen(decider: &Decider, session: &model::Session, grant: Grant) -> Verdict {
    let rights = Rights::new(vec![grant], vec![]);
    match decider.decide(session, &Ask::view(id()), &rights, testkit::NOW) {
        Outcome::Permitted(permit) => {
            let field = &permit.view(&id()).unwrap().view.fields[&FieldName::new("f0").unwrap()];
            field.cells.values().map(|cell| cell.verdict).min().unwrap()
        }
        Outcome::Refused(refused) => panic!("{} {:?}", refused.code, refused.failure),
    }
}

fn ana(decider: &Decider, grant: Grant) -> Verdict {
    seen(decider, &session("ana"), grant)
}

const TWO: [(&str, Role); 2] = [("sam", Role::HomeSecurity), ("sue", Role::HomeSecurity)];

#[test]
fn a_grant_opens_only_levels_whose_flow_its_approvers_fill() {
    let plain = setting(Level::Protected, |_| ());
    assert_eq!(ana(&plain, grant(&TWO)), Verdict::Clear);
    let refused = setting(Level::Protected, |world| {
        let rung = Rung::Refused("not now".to_owned());
        world.ladder.rungs.insert(Level::Protected, rung);
    });
    assert_eq!(ana(&refused, grant(&TWO)), Verdict::Masked);
    let more = setting(Level::Protected, |world| {
        let flow = FlowId::new("restricted-data").unwrap();
        world
            .ladder
            .rungs
            .insert(Level::Protected, Rung::Flow(flow));
    });
    assert_eq!(ana(&more, grant(&TWO)), Verdict::Masked);
    let all = [
        TWO[0],
        TWO[1],
        ("pri", Role::Privacy),
        ("val", Role::Validator),
    ];
    assert_eq!(ana(&more, grant(&all)), Verdict::Clear);
}

#[test]
fn a_grant_longer_than_its_flow_allows_opens_nothing() {
    let decider = setting(Level::Protected, |_| ());
    let mut long = grant(&TWO);
    long.expires = long.start.plus_seconds(8 * 3_600);
    assert_eq!(ana(&decider, long.clone()), Verdict::Clear);
    long.expires = long.expires.plus_seconds(1);
    assert_eq!(ana(&decider, long), Verdict::Masked);
}

#[test]
fn break_glass_lasts_thirty_minutes() {
    let decider = setting(Level::Sensitive, |_| ());
    let mut emergency = grant(&TWO);
    emergency.kind = GrantKind::BreakGlass("incident 42".to_owned());
    assert_eq!(ana(&decider, emergency.clone()), Verdict::Clear);
    emergency.expires = emergency.expires.plus_seconds(1);
    assert_eq!(ana(&decider, emergency), Verdict::Masked);
}

#[test]
fn nobody_in_the_requesters_line_approves_up_or_down() {
    let decider = setting(Level::Protected, |_| ());
    let with_boss = [("boss", Role::HomeSecurity), ("own", Role::DataOwner)];
    assert_eq!(ana(&decider, grant(&with_boss)), Verdict::Masked);
}

#[test]
fn nobody_in_reach_of_a_country_of_concern_approves_in_any_role() {
    let decider = setting(Level::Protected, |_| ());
    let with = |second| ana(&decider, grant(&[TWO[0], second]));
    assert_eq!(with(("pri", Role::Privacy)), Verdict::Clear);
    assert_eq!(with(("bei", Role::Privacy)), Verdict::Masked);
    assert_eq!(with(("bei", Role::Validator)), Verdict::Masked);
}

#[test]
fn the_data_owner_is_the_owner_of_the_data() {
    let decider = setting(Level::Sensitive, |world| {
        world.datasets.get_mut(&id()).unwrap().owner = Some(person("own"));
    });
    let with = |owner| ana(&decider, grant(&[TWO[0], TWO[1], (owner, Role::DataOwner)]));
    assert_eq!(with("own"), Verdict::Clear);
    assert_eq!(with("other"), Verdict::Masked);
}

#[test]
fn a_subject_set_without_subjects_or_about_other_data_opens_nothing() {
    let decider = setting(Level::Protected, |_| ());
    for (dataset, keys) in [
        (id(), vec![]),
        (DatasetId::new("app/u").unwrap(), vec!["k".to_owned()]),
    ] {
        let mut limited = grant(&TWO);
        limited.subjects = Some(SubjectSet { dataset, keys });
        let rights = Rights::new(vec![limited], vec![]);
        let ask = Ask::view(id());
        let outcome = decider.decide(&session("ana"), &ask, &rights, testkit::NOW);
        let Outcome::Permitted(permit) = outcome else {
            panic!("refused")
        };
        let view = &permit.view(&id()).unwrap().view;
        assert!(
            view.fields
                .values()
                .flat_map(|f| f.cells.values())
                .all(|c| c.clear_for.is_empty())
        );
    }
}

#[test]
fn nobody_acts_on_rows_of_which_they_may_not_know() {
    let generated = small(
        PEOPLE,
        vec![(Some(Level::Protected), [].into(), Some(Mask::Null))],
    );
    let unseen = format!(
        "{GENEROUS}\n@id(\"t.unseen\") forbid (principal, action == Cordon::Action::\"view_row\", resource) when {{ resource.residency == Cordon::Residency::\"home\" }};"
    );
    let decider = Decider::new(world(&["us-dsp"], &generated, &unseen)).unwrap();
    let mut ask = Ask::view(id());
    ask.asked = Asked::Act(Action::Export);
    let rights = Rights::new(vec![grant(&TWO)], vec![]);
    let Outcome::Permitted(permit) = decider.decide(&session("ana"), &ask, &rights, testkit::NOW)
    else {
        panic!("refused")
    };
    for (class, answer) in &permit.decision().actions[&id()] {
        let home = matches!(class.residency, model::Residency::Home(_));
        assert_eq!(answer.allowed, !home, "{class}");
    }
}

#[test]
fn a_token_that_leaves_a_team_out_does_not_escape_a_forbid_about_it() {
    let generated = small(
        PEOPLE,
        vec![(Some(Level::Protected), [].into(), Some(Mask::Null))],
    );
    let rules = format!(
        "{GENEROUS}\n@id(\"t.contractors\") forbid (principal in Cordon::Team::\"contractors\", action == Cordon::Action::\"view_clear\", resource);"
    );
    let decider = Decider::new(world(&["us-dsp"], &generated, &rules)).unwrap();
    let mut narrowed = session("ana");
    assert_eq!(seen(&decider, &narrowed, grant(&TWO)), Verdict::Masked);
    narrowed.teams_at_most = Some(BTreeSet::from([TeamId::new("staff").unwrap()]));
    assert_eq!(seen(&decider, &narrowed, grant(&TWO)), Verdict::Masked);
}

#[test]
fn an_allow_list_accepted_by_nobody_in_the_register_opens_nothing() {
    let with = |home: &str, validator: &str| {
        let decider = setting(Level::Interoperability, |world| {
            let list = &mut world.ladder.allow_list;
            list.fields.insert((id(), FieldName::new("f0").unwrap()));
            list.accepted.insert((person(home), Role::HomeSecurity));
            list.accepted.insert((person(validator), Role::Validator));
        });
        ana(&decider, grant(&[]))
    };
    assert_eq!(with("sam", "val"), Verdict::Clear);
    assert_eq!(with("a-ghost", "val"), Verdict::Masked);
    assert_eq!(with("sam", "a-ghost"), Verdict::Masked);
    assert_eq!(with("own", "val"), Verdict::Masked);
}
