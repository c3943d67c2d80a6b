//! `./x bench policy`: what one question, one cold view and one cached answer cost, beside Cedar's
//! own `is_authorized` on the same policies in the same rounds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};
use model::{
    Action, Asker, Connection, DatasetId, Jurisdiction, LegalCategory, Level, Mask, PersonId,
    Session, SessionId, Strength,
};
use policy::{
    Ask, Decider, Outcome, Rights, RulesFile, SHIPPED, SHIPPED_LADDER, World, read_ladder,
    read_regime,
};
use testkit::{Contender, interleave};

const RULES: &str = include_str!("../../../policies/sample/policy/rules.cedar");

fn world(fields: usize, labels: usize) -> World {
    let shipped = SHIPPED
        .iter()
        .find(|shipped| shipped.id == "us-dsp")
        .unwrap();
    let regime = read_regime(shipped.file, shipped.data, shipped.floor, shipped.oversight).unwrap();
    let levels = [
        Level::Public,
        Level::Protected,
        Level::Sensitive,
        Level::Restricted,
    ];
    let legal = [LegalCategory::Biometric, LegalCategory::PersonalHealth];
    let columns = (0..fields)
        .map(|index| {
            let class = index % labels;
            let categories: BTreeSet<_> = legal
                .get(class / levels.len())
                .copied()
                .into_iter()
                .collect();
            (
                Some(levels[class % levels.len()]),
                categories,
                Some(Mask::Null),
            )
        })
        .collect();
    let dataset = testkit::dataset("t", columns);
    World {
        regimes: vec![regime],
        museum: false,
        ladder: read_ladder("ladder.yaml", SHIPPED_LADDER).unwrap(),
        rules: vec![RulesFile {
            file: "rules.cedar".to_owned(),
            text: RULES.to_owned(),
        }],
        datasets: BTreeMap::from([(dataset.id.clone(), dataset)]),
        register: testkit::register(
            "person ana: citizen US; lives US; desk US; teams analytics, staff",
        )
        .unwrap(),
        purposes: BTreeMap::new(),
    }
}

fn session() -> Session {
    Session {
        id: SessionId::new("bench").unwrap(),
        asker: Asker::Person(PersonId::new("ana").unwrap()),
        strength: Strength::Aal2,
        connection: Connection::Country(Jurisdiction::parse("US").unwrap()),
        purpose: None,
        teams_at_most: None,
    }
}

/// Cedar alone: the same policies in one set, entities and request made before.
fn bare() -> (Authorizer, PolicySet, Entities, Request) {
    let base = include_str!("../../../policies/base.cedar");
    let shipped = SHIPPED
        .iter()
        .find(|shipped| shipped.id == "us-dsp")
        .unwrap();
    let text = [base, shipped.floor, shipped.oversight, RULES].concat();
    let policies = PolicySet::from_str(&text).unwrap();
    let uid = |text: &str| EntityUid::from_str(text).unwrap();
    let set = |items: &[&str]| {
        RestrictedExpression::new_set(
            items
                .iter()
                .map(|item| RestrictedExpression::new_entity_uid(uid(item))),
        )
    };
    let one = |item: &str| RestrictedExpression::new_entity_uid(uid(item));
    let person = Entity::new(
        uid("Cordon::Person::\"ana\""),
        [
            (
                "home_person_of".to_owned(),
                set(&["Cordon::Regime::\"us-dsp\""]),
            ),
            (
                "not_covered_by".to_owned(),
                set(&["Cordon::Regime::\"us-dsp\""]),
            ),
            (
                "at_home_of".to_owned(),
                set(&["Cordon::Regime::\"us-dsp\""]),
            ),
        ]
        .into(),
        [
            uid("Cordon::Team::\"analytics\""),
            uid("Cordon::Team::\"staff\""),
        ]
        .into(),
    )
    .unwrap();
    let cell = Entity::new(
        uid("Cordon::Cell::\"asked\""),
        [
            ("dataset".to_owned(), one("Cordon::Dataset::\"app/t\"")),
            ("level".to_owned(), one("Cordon::Level::\"protected\"")),
            ("legal".to_owned(), set(&[])),
            ("residency".to_owned(), one("Cordon::Residency::\"home\"")),
            ("home_of".to_owned(), set(&["Cordon::Regime::\"us-dsp\""])),
            ("mask".to_owned(), one("Cordon::Mask::\"null\"")),
            (
                "allow_listed".to_owned(),
                RestrictedExpression::new_bool(false),
            ),
            (
                "categories".to_owned(),
                RestrictedExpression::new_set([RestrictedExpression::new_string(
                    "user".to_owned(),
                )]),
            ),
        ]
        .into(),
        [].into(),
    )
    .unwrap();
    let entities = Entities::from_entities([person, cell], None).unwrap();
    let context = Context::from_pairs([
        ("strength".to_owned(), RestrictedExpression::new_long(2)),
        (
            "via_service".to_owned(),
            RestrictedExpression::new_bool(false),
        ),
        (
            "connection_suspect".to_owned(),
            RestrictedExpression::new_bool(false),
        ),
        ("joined".to_owned(), set(&[])),
    ])
    .unwrap();
    let request = Request::new(
        uid("Cordon::Person::\"ana\""),
        uid("Cordon::Action::\"view_clear\""),
        uid("Cordon::Cell::\"asked\""),
        context,
        None,
    )
    .unwrap();
    (Authorizer::new(), policies, entities, request)
}

fn main() {
    // `cargo test` runs benches once to see that they work.
    let (rounds, runs) = if std::env::args().any(|a| a == "--bench") {
        (15, 40)
    } else {
        (1, 1)
    };
    let ask = Ask::view(DatasetId::new("app/t").unwrap());
    let (authorizer, policies, entities, request) = bare();
    let eight = Decider::new(world(20, 8)).unwrap();
    let one = Decider::new(world(20, 1)).unwrap();
    let warm = Decider::new(world(20, 8)).unwrap();
    let rights = Rights::none();
    let mut tick = 0;
    // A moment not asked before is a cold question; facts do not change, so nothing else differs.
    let mut cold = |decider: &Decider| {
        tick += 1;
        decider.forget();
        let outcome = decider.decide(
            &session(),
            &ask,
            &rights,
            testkit::NOW.plus_seconds(tick % 60),
        );
        assert!(matches!(outcome, Outcome::Permitted(_)));
        black_box(outcome);
    };
    let cold = std::cell::RefCell::new(&mut cold);
    let known = session();
    let ana = PersonId::new("ana").unwrap();
    let home = warm.residencies()[0].clone();
    println!("{} policies\n", warm.engine().policies().len());
    let report = interleave(
        rounds,
        runs,
        &mut [
            Contender {
                name: "Cedar alone: is_authorized, entities ready",
                run: Box::new(|| {
                    black_box(authorizer.is_authorized(&request, &policies, &entities));
                }),
            },
            Contender {
                name: "one action x label class x residency, entities built",
                run: Box::new(|| {
                    let (level, action) = (Level::Protected, Action::ViewClear);
                    black_box(warm.allows(&ana, action, level, &home, testkit::NOW)).unwrap();
                }),
            },
            Contender {
                name: "cold view: 20 fields, 3 residencies, 1 label class",
                run: Box::new(|| cold.borrow_mut()(&one)),
            },
            Contender {
                name: "cold view: 20 fields, 3 residencies, 8 label classes",
                run: Box::new(|| cold.borrow_mut()(&eight)),
            },
            Contender {
                name: "cached view: 20 fields, 3 residencies",
                run: Box::new(|| {
                    black_box(warm.decide(&known, &ask, &rights, testkit::NOW));
                }),
            },
        ],
    );
    println!("{report}");
}
