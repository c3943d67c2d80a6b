//! A small deployment for tests: shipped regimes and ladder, a few plain rules.

use std::collections::BTreeMap;

use model::{
    Asker, Connection, Jurisdiction, PersonId, Purpose, PurposeId, Register, Session, SessionId,
    Strength,
};
use policy::{
    Decider, Regime, Rights, RulesFile, SHIPPED, SHIPPED_LADDER, World, read_ladder, read_regime,
};

/// Everybody sees rows and masks; grants and emergencies open what they name.
pub const GENEROUS: &str = r#"
@id("t.rows") permit (principal, action == Cordon::Action::"view_row", resource);
@id("t.masked") permit (principal, action == Cordon::Action::"view_masked", resource);
@id("t.clear") permit (principal, action == Cordon::Action::"view_clear", resource);
@id("t.act") permit (
  principal,
  action in [
    Cordon::Action::"aggregate", Cordon::Action::"export", Cordon::Action::"train",
    Cordon::Action::"copy", Cordon::Action::"erase", Cordon::Action::"write"
  ],
  resource
);
"#;

pub fn regime(id: &str) -> Regime {
    let shipped = SHIPPED.iter().find(|shipped| shipped.id == id).unwrap();
    read_regime(shipped.file, shipped.data, shipped.floor, shipped.oversight).unwrap()
}

pub fn world(regimes: &[&str], generated: &testkit::World, rules: &str) -> World {
    let purpose = Purpose {
        id: PurposeId::new("incident").unwrap(),
        title: "find out what broke".to_owned(),
        reason_codes: Vec::new(),
    };
    World {
        regimes: regimes.iter().map(|id| regime(id)).collect(),
        museum: false,
        ladder: read_ladder("ladder.yaml", SHIPPED_LADDER).unwrap(),
        rules: vec![RulesFile {
            file: "rules.cedar".to_owned(),
            text: rules.to_owned(),
        }],
        datasets: generated.datasets.clone(),
        register: generated.register.clone(),
        purposes: BTreeMap::from([(purpose.id.clone(), purpose)]),
    }
}

pub fn decider(generated: &testkit::World, rules: &str) -> Decider {
    Decider::new(world(&["us-dsp"], generated, rules)).unwrap()
}

pub fn rights(generated: &testkit::World) -> Rights {
    Rights::new(generated.grants.clone(), generated.assessments.clone())
}

pub fn session(person: &str) -> Session {
    Session {
        id: SessionId::new("s1").unwrap(),
        asker: Asker::Person(PersonId::new(person).unwrap()),
        strength: Strength::Aal2,
        connection: Connection::Country(Jurisdiction::parse("SG").unwrap()),
        purpose: Some(PurposeId::new("incident").unwrap()),
        teams_at_most: None,
    }
}

/// A world with these people and one dataset `app/t` of these fields.
pub fn small(
    people: &str,
    labels: Vec<(
        Option<model::Level>,
        std::collections::BTreeSet<model::LegalCategory>,
        Option<model::Mask>,
    )>,
) -> testkit::World {
    let register: Register = testkit::register(people).unwrap();
    let dataset = testkit::dataset("t", labels);
    testkit::World {
        register,
        datasets: BTreeMap::from([(dataset.id.clone(), dataset)]),
        grants: Vec::new(),
        assessments: Vec::new(),
    }
}
