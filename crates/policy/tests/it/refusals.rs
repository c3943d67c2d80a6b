//! Each refusal of a decision, and what it does not tell.

use std::collections::BTreeSet;

use model::{Action, Asker, DatasetId, FieldName, Level, Mask, PersonId, PurposeId, Refusal};
use policy::{Ask, Asked, DatasetAsk, Decider, FieldsAsked, Outcome, Refused, Rights};

use crate::setting::{GENEROUS, decider, session, small};

const PEOPLE: &str = "
    person ana: citizen US; lives US; desk US
    person mei: citizen SG; lives SG; desk SG
    person jun: citizen SG; lives CN; desk CN
    person gone: citizen US; lives US; desk US; disabled
";

fn world() -> testkit::World {
    small(
        PEOPLE,
        vec![
            (Some(Level::Protected), [].into(), Some(Mask::Null)),
            (Some(Level::Restricted), [].into(), None),
            (Some(Level::Aggregated), [].into(), None),
        ],
    )
}

fn ask(fields: &[&str]) -> Ask {
    let dataset = DatasetId::new("app/t").unwrap();
    let fields = match fields {
        [] => FieldsAsked::All,
        names => FieldsAsked::Named(names.iter().map(|n| FieldName::new(n).unwrap()).collect()),
    };
    Ask {
        datasets: vec![DatasetAsk { dataset, fields }],
        asked: Asked::View,
    }
}

fn refused(decider: &Decider, person: &str, ask: &Ask) -> Refused {
    match decider.decide(&session(person), ask, &Rights::none(), testkit::NOW) {
        Outcome::Refused(refused) => refused,
        Outcome::Permitted(permit) => panic!("permitted: {:?}", permit.decision().views),
    }
}

#[test]
fn unknown_and_not_requestable_data_are_refused_alike() {
    let decider = decider(&world(), GENEROUS.replace("t.clear", "t.clear2").as_str());
    let unknown = Ask::view(DatasetId::new("app/nothing").unwrap());
    // A covered person sees other residents' rows here, so hide those too.
    let hidden = format!(
        "{GENEROUS}\n@id(\"t.none\") forbid (principal, action, resource) when {{ resource.residency == Cordon::Residency::\"other\" }};"
    );
    let strict = crate::setting::decider(&world(), &hidden);
    let one = refused(&decider, "jun", &unknown);
    let two = refused(&strict, "jun", &ask(&[]));
    assert_eq!(
        (one.code, two.code),
        (Refusal::NotVisible, Refusal::NotVisible)
    );
    assert_eq!(one.code.as_str(), "not-visible");
    assert_eq!((one.hint, one.field), (None, None));
    assert_eq!((two.hint, two.field), (None, None));
    // By name neither says more.
    let named = refused(&strict, "jun", &ask(&["f0"]));
    let nameless = refused(&strict, "jun", &ask(&["no_such_field"]));
    assert_eq!(
        (named.code, nameless.code),
        (Refusal::NotVisible, Refusal::NotVisible)
    );
    assert_eq!((named.field, nameless.field), (None, None));
}

#[test]
fn what_the_ladder_would_open_is_refused_with_the_flow_to_ask() {
    let only_granted = "
        @id(\"t.clear\") permit (principal, action in [Cordon::Action::\"view_clear\", Cordon::Action::\"view_row\"], resource) when { context has grant };
    ";
    let decider = decider(&world(), only_granted);
    let refused = refused(&decider, "ana", &ask(&[]));
    assert_eq!(refused.code, Refusal::ApprovalNeeded);
    assert_eq!(refused.code.as_str(), "approval-needed");
    let hint = refused.hint.unwrap().to_string();
    // Mixed levels take the strictest flow.
    assert!(hint.contains("flow restricted-data"), "{hint}");
}

#[test]
fn a_field_that_is_hidden_or_does_not_exist_is_refused_alike() {
    let decider = decider(&world(), GENEROUS);
    let hidden = refused(&decider, "ana", &ask(&["f1"]));
    let missing = refused(&decider, "ana", &ask(&["no_such_field"]));
    assert_eq!(
        (hidden.code, missing.code),
        (Refusal::FieldNotVisible, Refusal::FieldNotVisible)
    );
    assert_eq!(hidden.code.as_str(), "field-not-visible");
    assert_eq!((hidden.hint, missing.hint), (None, None));
}

#[test]
fn who_is_not_registered_or_disabled_is_refused() {
    let decider = decider(&world(), GENEROUS);
    assert_eq!(
        refused(&decider, "nobody", &ask(&[])).code.as_str(),
        "asker-unknown"
    );
    assert_eq!(
        refused(&decider, "gone", &ask(&[])).code.as_str(),
        "person-disabled"
    );
    let mut session = session("ana");
    session.asker = Asker::Service(model::ServiceId::new("bi").unwrap());
    let outcome = decider.decide(&session, &ask(&[]), &Rights::none(), testkit::NOW);
    assert!(matches!(outcome, Outcome::Refused(r) if r.code == Refusal::AskerUnknown));
}

#[test]
fn a_purpose_nobody_defined_is_refused() {
    let decider = decider(&world(), GENEROUS);
    let mut session = session("ana");
    session.purpose = Some(PurposeId::new("curiosity").unwrap());
    let outcome = decider.decide(&session, &ask(&[]), &Rights::none(), testkit::NOW);
    let Outcome::Refused(refused) = outcome else {
        panic!("permitted")
    };
    assert_eq!(refused.code.as_str(), "purpose-unknown");
}

#[test]
fn an_empty_or_boundless_ask_is_refused() {
    let decider = decider(&world(), GENEROUS);
    let nothing = Ask {
        datasets: Vec::new(),
        asked: Asked::View,
    };
    assert_eq!(
        refused(&decider, "ana", &nothing).code.as_str(),
        "ask-empty"
    );
    let one = ask(&[]).datasets.remove(0);
    let wide = Ask {
        datasets: vec![one; Ask::DATASETS_MAX + 1],
        asked: Asked::View,
    };
    assert_eq!(
        refused(&decider, "ana", &wide).code.as_str(),
        "ask-too-wide"
    );
    let names: BTreeSet<FieldName> = (0..=Ask::FIELDS_MAX)
        .map(|i| FieldName::new(&format!("f{i}")).unwrap())
        .collect();
    let dataset = DatasetId::new("app/t").unwrap();
    let datasets = vec![DatasetAsk {
        dataset,
        fields: FieldsAsked::Named(names),
    }];
    let deep = Ask {
        datasets,
        asked: Asked::View,
    };
    assert_eq!(
        refused(&decider, "ana", &deep).code.as_str(),
        "ask-too-wide"
    );
}

#[test]
fn an_action_no_approval_could_open_is_refused() {
    let decider = decider(&world(), GENEROUS);
    let mut acting = ask(&["f0"]);
    acting.asked = Asked::Act(Action::Aggregate);
    assert_eq!(
        refused(&decider, "ana", &acting).code.as_str(),
        "action-not-allowed"
    );
    acting.asked = Asked::Act(Action::Export);
    assert_eq!(
        refused(&decider, "ana", &acting).code,
        Refusal::ApprovalNeeded
    );
}

#[test]
fn a_service_sees_what_all_of_its_audience_may_see() {
    let mut world = world();
    let audience = |names: &[&str]| names.iter().map(|n| PersonId::new(n).unwrap()).collect();
    for (id, names) in [
        ("home", &["ana"][..]),
        ("mixed", &["ana", "jun"]),
        ("broken", &["ana", "gone"]),
    ] {
        let id = model::ServiceId::new(id).unwrap();
        let service = model::ServiceAudience {
            id: id.clone(),
            name: id.to_string(),
            audience: audience(names),
        };
        world.register.services.insert(id, service);
    }
    let decider = decider(&world, GENEROUS);
    let seen = |service: &str| {
        let mut session = session("ana");
        session.asker = Asker::Service(model::ServiceId::new(service).unwrap());
        match decider.decide(&session, &ask(&["f0"]), &Rights::none(), testkit::NOW) {
            Outcome::Permitted(permit) => {
                let dataset = DatasetId::new("app/t").unwrap();
                let view = &permit.view(&dataset).unwrap().view;
                let seen = view
                    .rows
                    .iter()
                    .filter(|(_, rows)| **rows == model::Rows::Seen);
                seen.map(|(class, _)| class.to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            Outcome::Refused(refused) => refused.code.to_string(),
        }
    };
    assert_eq!(seen("home"), "home of us-dsp, other, unknown");
    assert_eq!(seen("mixed"), "other");
    assert_eq!(seen("broken"), "person-disabled");
}
