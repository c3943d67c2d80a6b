//! Ways around a decision that were tried and must stay shut.

use std::collections::BTreeMap;

use model::{
    Action, Approval, Assessment, AssessmentId, DatasetId, FieldName, FlowId, Grant, GrantId,
    GrantKind, GrantScope, Jurisdiction, Level, Mask, MaskKind, Observe, PersonId, PurposeId,
    RecipientClass, Refusal, RegimeId, Residency, Role, Rows, Session, Strength, SubjectSet,
    TransactionType, Verdict,
};
use policy::{
    Ask, Asked, DatasetAsk, Decider, Decision, FieldsAsked, Outcome, Refused, Rights, read_regime,
};

use crate::setting::{GENEROUS, decider, session, small, world};

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
    person val: citizen US; lives US; desk US; roles validator
    person vic: citizen US; lives US; desk US; roles validator; reports to jun
";

type Approver = (&'static str, Role, &'static str);

const SAM: Approver = ("sam", Role::HomeSecurity, "US");
const SUE: Approver = ("sue", Role::HomeSecurity, "US");
const ABE: Approver = ("abe", Role::HomeSecurity, "SG");

fn dataset_id(name: &str) -> DatasetId {
    DatasetId::new(&format!("app/{name}")).unwrap()
}

fn fields(names: &[&str]) -> std::collections::BTreeSet<FieldName> {
    names.iter().map(|n| FieldName::new(n).unwrap()).collect()
}

fn approvals(approvers: &[Approver]) -> Vec<Approval> {
    let one = |(name, role, from): &Approver| Approval {
        approver: PersonId::new(name).unwrap(),
        role: *role,
        signed_from: Jurisdiction::parse(from).ok(),
        at: testkit::NOW.plus_days(-1),
    };
    approvers.iter().map(one).collect()
}

fn scope(dataset: &str, names: &[&str], actions: &[Action]) -> GrantScope {
    GrantScope {
        dataset: dataset_id(dataset),
        fields: fields(names),
        home: true,
        other: true,
        actions: actions.iter().copied().collect(),
    }
}

fn grant(requester: &str, approvers: &[Approver], scope: Vec<GrantScope>) -> Grant {
    Grant {
        id: GrantId::new("g1").unwrap(),
        kind: GrantKind::Ladder(FlowId::new("protected-data").unwrap()),
        requester: PersonId::new(requester).unwrap(),
        purpose: PurposeId::new("incident").unwrap(),
        transaction: TransactionType::None,
        exemption: None,
        scope,
        subjects: None,
        start: testkit::NOW.plus_seconds(-600),
        expires: testkit::NOW.plus_seconds(1_200),
        revoked: None,
        approvals: approvals(approvers),
    }
}

fn subjects(keys: &[&str]) -> Option<SubjectSet> {
    Some(SubjectSet {
        dataset: dataset_id("t"),
        keys: keys.iter().map(|&key| key.to_owned()).collect(),
    })
}

fn ask(datasets: &[(&str, &[&str])], asked: Asked) -> Ask {
    let datasets = datasets.iter().map(|(name, names)| DatasetAsk {
        dataset: dataset_id(name),
        fields: match names {
            [] => FieldsAsked::All,
            names => FieldsAsked::Named(fields(names)),
        },
    });
    Ask {
        datasets: datasets.collect(),
        asked,
    }
}

fn view(dataset: &str) -> Ask {
    ask(&[(dataset, &[])], Asked::View)
}

fn decide(decider: &Decider, session: &Session, ask: &Ask, rights: &Rights) -> Outcome {
    decider.decide(session, ask, rights, testkit::NOW)
}

/// The whole decision, permitted or not.
fn decision(outcome: Outcome) -> std::sync::Arc<Decision> {
    match outcome {
        Outcome::Permitted(permit) => permit.decision().clone(),
        Outcome::Refused(refused) => refused
            .decision
            .clone()
            .unwrap_or_else(|| panic!("{refused:?}")),
    }
}

fn refusal(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Refused(refused) => refused,
        Outcome::Permitted(permit) => panic!("permitted: {:?}", permit.decision().views),
    }
}

/// What the asker is told.
fn told(
    outcome: Outcome,
) -> (
    Refusal,
    Option<DatasetId>,
    Option<FieldName>,
    Option<String>,
) {
    let refused = refusal(outcome);
    let hint = refused.hint.map(|hint| hint.to_string());
    (refused.code, refused.dataset, refused.field, hint)
}

/// The verdicts of a field over all row classes, and whether subjects see it in clear.
fn verdicts(decision: &Decision, dataset: &str, field: &str) -> Vec<(Verdict, bool)> {
    let view = &decision.views[&dataset_id(dataset)].view;
    let field = view.fields.get(&FieldName::new(field).unwrap());
    field.map_or_else(Vec::new, |field| {
        let cell = |cell: &model::Cell| (cell.verdict, !cell.clear_for.is_empty());
        field.cells.values().map(cell).collect()
    })
}

fn one(level: Level) -> testkit::World {
    small(PEOPLE, vec![(Some(level), [].into(), Some(Mask::Null))])
}

#[test]
fn an_action_of_one_scope_does_not_leak_into_another() {
    let mut world = one(Level::Protected);
    let mut other = testkit::dataset("u", vec![(Some(Level::Protected), [].into(), None)]);
    other.id = dataset_id("u");
    world.datasets.insert(other.id.clone(), other);
    let scopes = vec![
        scope("t", &["f0"], &[Action::ViewMasked]),
        scope("u", &["f0"], &[Action::ViewClear]),
    ];
    let rights = Rights::new(vec![grant("ana", &[SAM, SUE], scopes)], vec![]);
    let outcome = decide(
        &decider(&world, GENEROUS),
        &session("ana"),
        &view("t"),
        &rights,
    );
    let seen = verdicts(&decision(outcome), "t", "f0");
    assert!(seen.iter().all(|(v, _)| *v == Verdict::Masked), "{seen:?}");
}

#[test]
fn a_residency_of_one_scope_does_not_leak_into_another() {
    let world = one(Level::Protected);
    let home = GrantScope {
        other: false,
        ..scope("t", &["f0"], &[Action::ViewMasked])
    };
    let other = GrantScope {
        home: false,
        ..scope("t", &["f0"], &[Action::ViewClear])
    };
    let rights = Rights::new(vec![grant("ana", &[SAM, SUE], vec![home, other])], vec![]);
    let outcome = decide(
        &decider(&world, GENEROUS),
        &session("ana"),
        &view("t"),
        &rights,
    );
    let decision = decision(outcome);
    let view = &decision.views[&dataset_id("t")].view;
    for (class, cell) in &view.fields[&FieldName::new("f0").unwrap()].cells {
        let clear = cell.verdict == Verdict::Clear;
        assert_eq!(clear, class.residency == Residency::Other, "{class}");
    }
}

#[test]
fn an_answer_ends_when_a_later_approval_begins_to_count() {
    let world = one(Level::Protected);
    let decider = decider(&world, GENEROUS);
    let mut grant = grant(
        "ana",
        &[ABE, SAM, SUE],
        vec![scope("t", &["f0"], &[Action::ViewClear])],
    );
    let later = testkit::NOW.plus_seconds(60);
    grant.approvals[0].at = later;
    let rights = Rights::new(vec![grant], vec![]);
    let first = decision(decide(&decider, &session("ana"), &view("t"), &rights));
    assert!(first.valid_until <= later, "{}", first.valid_until);
}

#[test]
fn the_order_of_approvals_makes_no_difference() {
    let world = one(Level::Protected);
    let see = |approvers: &[Approver]| {
        let scope = vec![scope("t", &["f0"], &[Action::ViewClear])];
        let rights = Rights::new(vec![grant("ana", approvers, scope)], vec![]);
        let outcome = decide(
            &decider(&world, GENEROUS),
            &session("ana"),
            &view("t"),
            &rights,
        );
        verdicts(&decision(outcome), "t", "f0")
    };
    assert_eq!(see(&[ABE, SAM]), see(&[SAM, ABE]));
    assert_eq!(see(&[ABE, SAM, SUE]), see(&[SUE, SAM, ABE]));
}

/// Asked of the standing alone: who works for what nobody has registered.
fn is_not_covered(register: &str, person: &str) -> bool {
    let register = testkit::register(register).unwrap();
    let regime = crate::setting::regime("us-dsp");
    let reach = policy::Reach::at(&regime, &register, testkit::NOW);
    let coverage = policy::Coverage {
        regime: &regime,
        register: &register,
        reach: &reach,
        now: testkit::NOW,
    };
    let from = model::Connection::Country(Jurisdiction::parse("SG").unwrap());
    coverage
        .standing(&PersonId::new(person).unwrap(), from)
        .is_not_covered()
}

#[test]
fn who_is_tied_to_what_the_register_does_not_hold_is_unknown() {
    let mei = "person mei: citizen SG; lives SG; desk SG; works for";
    assert!(is_not_covered(
        &format!("entity fine: organised SG\n{mei} fine"),
        "mei"
    ));
    for (why, register) in [
        ("employer", format!("{mei} ghost")),
        (
            "owner",
            format!("entity shell: owned 60% by ghost, rest others\n{mei} shell"),
        ),
        (
            "person",
            format!("entity shell: owned 60% by person ghost, rest others\n{mei} shell"),
        ),
        (
            "parent",
            format!("entity desk: branch of ghost\n{mei} desk"),
        ),
        (
            "circle",
            format!("entity one: branch of two\nentity two: branch of one\n{mei} one"),
        ),
        ("self", format!("entity one: branch of one\n{mei} one")),
    ] {
        assert!(!is_not_covered(&register, "mei"), "{why}");
    }
}

#[test]
fn a_designated_branch_is_covered_whatever_its_parent_is() {
    let register = "
        entity bank: organised SG
        entity desk: branch of bank; designated us-dsp
        person mei: citizen SG; lives SG; desk SG; works for desk
        person kim: citizen SG; lives SG; desk SG; works for bank
    ";
    assert!(!is_not_covered(register, "mei"));
    assert!(is_not_covered(register, "kim"));
}

/// Sees `t`, and of the others nothing and nothing that could be requested.
const ONLY_PUBLIC: &str = r#"
@id("t.rows") permit (principal, action == Cordon::Action::"view_row", resource)
when { resource.level == Cordon::Level::"public" };
@id("t.clear") permit (principal, action == Cordon::Action::"view_clear", resource)
when { resource.level == Cordon::Level::"public" };
@id("t.protected") permit (principal, action, resource)
when { resource.level == Cordon::Level::"protected" && context has grant };
"#;

#[test]
fn a_refusal_does_not_tell_a_hidden_relation_from_one_that_does_not_exist() {
    let mut world = one(Level::Sensitive);
    for (name, level) in [
        ("hidden", Level::Restricted),
        ("also", Level::Restricted),
        ("ask", Level::Protected),
    ] {
        let mut dataset = testkit::dataset(name, vec![(Some(level), [].into(), None)]);
        dataset.id = dataset_id(name);
        dataset.fields.remove(0);
        world.datasets.insert(dataset.id.clone(), dataset);
    }
    let decider = decider(&world, ONLY_PUBLIC);
    let blank = |told: (
        Refusal,
        Option<DatasetId>,
        Option<FieldName>,
        Option<String>,
    ),
                 name: &str| {
        let (code, dataset, field, hint) = told;
        (
            code,
            dataset.map(|id| {
                if id == dataset_id(name) {
                    dataset_id("it")
                } else {
                    id
                }
            }),
            field,
            hint,
        )
    };
    let others: [(&str, &[&str]); 4] = [("t", &[]), ("t", &["f0"]), ("ask", &[]), ("also", &[])];
    for (other, names) in others {
        for first in [true, false] {
            let about = |name: &'static str| {
                let mut both = vec![(other, names), (name, &[][..])];
                if first {
                    both.reverse();
                }
                let ask = ask(&both, Asked::View);
                blank(
                    told(decide(&decider, &session("ana"), &ask, &Rights::none())),
                    name,
                )
            };
            assert_eq!(
                about("hidden"),
                about("missing"),
                "beside {other} {names:?}"
            );
        }
    }
}

#[test]
fn nothing_is_offered_where_no_approval_opens_the_rows() {
    let world = one(Level::Protected);
    let no_rows = r#"
        @id("t.clear") permit (principal, action == Cordon::Action::"view_clear", resource) when { context has grant };
    "#;
    let decider = decider(&world, no_rows);
    let hidden = told(decide(
        &decider,
        &session("ana"),
        &ask(&[("t", &["f0"])], Asked::View),
        &Rights::none(),
    ));
    assert_eq!(
        hidden,
        (Refusal::NotVisible, Some(dataset_id("t")), None, None)
    );
}

#[test]
fn break_glass_is_for_people_at_home_whosever_rows_they_are() {
    let world = one(Level::Protected);
    for (person, clear) in [("ana", true), ("mei", false), ("jun", false)] {
        let mut grant = grant(
            person,
            &[SAM, SUE],
            vec![scope("t", &["f0"], &[Action::ViewClear])],
        );
        grant.kind = GrantKind::BreakGlass("incident 42".to_owned());
        let rights = Rights::new(vec![grant], vec![]);
        let outcome = decide(
            &decider(&world, GENEROUS),
            &session(person),
            &view("t"),
            &rights,
        );
        let seen = verdicts(&decision(outcome), "t", "f0");
        assert_eq!(
            seen.iter().any(|(v, _)| *v == Verdict::Clear),
            clear,
            "{person}: {seen:?}"
        );
    }
}

#[test]
fn observe_mode_does_not_lift_a_floor_that_a_subject_set_lifts_for_its_subjects() {
    let mut generated = one(Level::Public);
    let observe = Observe {
        from: testkit::NOW,
        until: testkit::NOW.plus_days(1),
    };
    generated
        .datasets
        .get_mut(&dataset_id("t"))
        .unwrap()
        .observe = Some(observe);
    let floor = r#"
        @id("own.rows") forbid (principal, action == Cordon::Action::"view_row", resource)
        unless { context has grant };
    "#;
    let data = "
regime: own
title: a law of rows
in_force: { from: 2025-01-01 }
home: [SG]
countries_of_concern: []
covered_person: { rules: [ { rule: outside_home, source: the law } ] }
clocks: []
thresholds: []
";
    let mut world = world(&["us-dsp"], &generated, GENEROUS);
    world
        .regimes
        .push(read_regime("own.yaml", data, floor, "").unwrap());
    let decider = Decider::new(world).unwrap();
    let mut grant = grant(
        "ana",
        &[SAM, SUE],
        vec![scope("t", &["f0"], &[Action::ViewClear])],
    );
    grant.subjects = subjects(&["k"]);
    let outcome = decide(
        &decider,
        &session("ana"),
        &view("t"),
        &Rights::new(vec![grant], vec![]),
    );
    let decision = decision(outcome);
    let rows = &decision.views[&dataset_id("t")].view.rows;
    assert!(
        rows.values().all(|rows| matches!(rows, Rows::SeenFor(_))),
        "{rows:?}"
    );
}

fn assessment(approvers: &[Approver]) -> Assessment {
    Assessment {
        id: AssessmentId::new("a1").unwrap(),
        regime: RegimeId::new("us-dsp").unwrap(),
        dataset: dataset_id("t"),
        recipient: RecipientClass::new("assessed").unwrap(),
        transaction: TransactionType::Employment,
        masks: [MaskKind::Null].into(),
        start: testkit::NOW.plus_days(-1),
        expires: testkit::NOW.plus_days(1),
        approvals: approvals(approvers),
    }
}

#[test]
fn an_assessment_is_not_signed_by_those_who_report_to_the_recipient() {
    let world = one(Level::Protected);
    let seen = |validator: &'static str| {
        let approvers = [SAM, (validator, Role::Validator, "US")];
        let rights = Rights::new(vec![], vec![assessment(&approvers)]);
        let outcome = decide(
            &decider(&world, GENEROUS),
            &session("jun"),
            &view("t"),
            &rights,
        );
        decision(outcome).views[&dataset_id("t")]
            .view
            .rows
            .values()
            .filter(|r| **r == Rows::Seen)
            .count()
    };
    assert_eq!(seen("val"), 3);
    assert_eq!(seen("vic"), 1);
}

fn acts(decider: &Decider, session: &Session, action: Action, grant: &Grant) -> bool {
    let rights = Rights::new(vec![grant.clone()], vec![]);
    let ask = ask(&[("t", &["f0"])], Asked::Act(action));
    let outcome = decide(decider, session, &ask, &rights);
    let decision = decision(outcome);
    decision
        .actions
        .values()
        .flat_map(BTreeMap::values)
        .any(|a| a.allowed)
}

const BEYOND: [Action; 5] = [
    Action::Export,
    Action::Train,
    Action::Copy,
    Action::Erase,
    Action::Write,
];

#[test]
fn a_grant_that_nobody_valid_has_approved_opens_nothing() {
    let world = one(Level::Public);
    let decider = decider(&world, GENEROUS);
    let with = |approvers: &[Approver]| grant("ana", approvers, vec![scope("t", &["f0"], &BEYOND)]);
    for action in BEYOND {
        assert!(
            acts(&decider, &session("ana"), action, &with(&[SAM, SUE])),
            "{action}"
        );
        assert!(
            !acts(&decider, &session("ana"), action, &with(&[])),
            "{action}"
        );
        let own = ("ana", Role::HomeSecurity, "US");
        assert!(
            !acts(&decider, &session("ana"), action, &with(&[own])),
            "{action}"
        );
    }
}

#[test]
fn one_factor_or_a_suspicious_connection_takes_nothing_out_and_changes_nothing() {
    let world = one(Level::Protected);
    let decider = decider(&world, GENEROUS);
    let grant = grant("ana", &[SAM, SUE], vec![scope("t", &["f0"], &BEYOND)]);
    let strong = session("ana");
    let weak = Session {
        strength: Strength::Aal1,
        ..strong.clone()
    };
    let suspect = Session {
        connection: model::Connection::Unknown,
        ..strong.clone()
    };
    for action in BEYOND {
        assert!(acts(&decider, &strong, action, &grant), "{action}");
        assert!(
            !acts(&decider, &weak, action, &grant),
            "{action} with one factor"
        );
        assert!(
            !acts(&decider, &suspect, action, &grant),
            "{action} from nobody knows where"
        );
    }
}

#[test]
fn a_decision_is_named_by_the_subjects_of_its_grant_too() {
    let world = one(Level::Protected);
    let decider = decider(&world, GENEROUS);
    let id = |keys: &[&str]| {
        let mut grant = grant(
            "ana",
            &[SAM, SUE],
            vec![scope("t", &["f0"], &[Action::ViewClear])],
        );
        grant.subjects = subjects(keys);
        let rights = Rights::new(vec![grant], vec![]);
        let decision = decision(decide(&decider, &session("ana"), &view("t"), &rights));
        (decision.id, decision.inputs)
    };
    assert_eq!(id(&["k"]), id(&["k"]));
    assert_ne!(id(&["k"]), id(&["l"]));
}
