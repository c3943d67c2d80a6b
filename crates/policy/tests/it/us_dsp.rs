//! The floor of 28 CFR 202 over generated worlds: nothing lifts it.

use model::{
    Connection, DatasetId, Jurisdiction, Residency, Role, Rows, Strength, Timestamp, Verdict,
};
use policy::{Ask, Decision, Outcome, Standing};
use proptest::prelude::*;

use crate::setting::{GENEROUS, decider, rights, session};

/// Whether an assessment in force speaks for this dataset and person, judged without Cedar.
fn is_assessed(world: &testkit::World, dataset: &DatasetId, person: &model::Person) -> bool {
    let class = person
        .recipient_class
        .as_ref()
        .and_then(|fact| fact.at(testkit::NOW));
    world.assessments.iter().any(|assessment| {
        let signed = |role| {
            assessment
                .approvals
                .iter()
                .any(|a| a.role == role && a.approver != person.id)
        };
        assessment.dataset == *dataset
            && Some(&assessment.recipient) == class
            && assessment.start <= testkit::NOW
            && testkit::NOW < assessment.expires
            && assessment.transaction != model::TransactionType::DataBrokerage
            && signed(Role::HomeSecurity)
            && signed(Role::Validator)
    })
}

/// Policies that say something else than [`GENEROUS`].
const OTHER: &str = "@id(\"t.none\") forbid (principal, action, resource);";

fn decision(outcome: Outcome) -> Option<std::sync::Arc<Decision>> {
    match outcome {
        Outcome::Permitted(permit) => Some(permit.decision().clone()),
        Outcome::Refused(refused) => {
            assert!(refused.failure.is_none(), "{:?}", refused.failure);
            refused.decision
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: testkit::cases(80), failure_persistence: None, ..Default::default() })]

    /// No combination of grants, roles, labels and break-glass lets a covered person see home or
    /// unknown rows in clear, nor masked or present without an assessment.
    #[test]
    fn a_covered_person_never_reaches_home_rows(
        world in testkit::world(),
        strong in any::<bool>(),
        from in prop_oneof![Just("US"), Just("SG"), Just("CN")],
    ) {
        let decider = decider(&world, GENEROUS);
        for (name, person) in &world.register.people {
            let mut session = session(name.as_str());
            session.strength = if strong { Strength::Aal2 } else { Strength::Aal1 };
            session.connection = Connection::Country(Jurisdiction::parse(from).unwrap());
            for dataset in world.datasets.keys() {
                let ask = Ask::view(dataset.clone());
                let outcome = decider.decide(&session, &ask, &rights(&world), testkit::NOW);
                let Some(decision) = decision(outcome) else { continue };
                let covered = decision
                    .standings
                    .iter()
                    .any(|s| !matches!(s.standing, Standing::NotCovered(_)));
                if !covered {
                    continue;
                }
                let assessed = is_assessed(&world, dataset, person);
                let view = &decision.views[dataset].view;
                for (class, rows) in &view.rows {
                    if !matches!(class.residency, Residency::Home(_) | Residency::Unknown) {
                        continue;
                    }
                    prop_assert!(assessed || *rows == Rows::Unseen, "{name} {class} rows {rows:?}");
                    for (field, shown) in &view.fields {
                        let cell = &shown.cells[class];
                        prop_assert!(cell.verdict != Verdict::Clear, "{name} {class} {field}");
                        prop_assert!(cell.clear_for.is_empty(), "{name} {class} {field}");
                        prop_assert!(assessed || cell.verdict == Verdict::Hidden);
                        let omic = world.datasets[dataset]
                            .field(field)
                            .is_some_and(|f| f.legal.iter().any(|l| l.is_omic()));
                        prop_assert!(!omic || cell.verdict == Verdict::Hidden);
                    }
                }
            }
        }
    }

    /// The same question in the same world has the same answer, from any decider.
    #[test]
    fn decisions_are_deterministic(world in testkit::world()) {
        let (one, two) = (decider(&world, GENEROUS), decider(&world, GENEROUS));
        prop_assert_eq!(one.bundle_hash(), two.bundle_hash());
        for name in world.register.people.keys() {
            for dataset in world.datasets.keys() {
                let ask = Ask::view(dataset.clone());
                let session = session(name.as_str());
                let first = decision(one.decide(&session, &ask, &rights(&world), testkit::NOW));
                let again = decision(one.decide(&session, &ask, &rights(&world), testkit::NOW));
                let other = decision(two.decide(&session, &ask, &rights(&world), testkit::NOW));
                prop_assert_eq!(&first, &again);
                prop_assert_eq!(&first, &other);
            }
        }
    }

    /// An answer that somebody held on to is given again only where asking would give the same one:
    /// never to another session, under other rights, by another bundle or past its time.
    #[test]
    fn an_answer_is_given_again_only_to_the_same_question(
        world in testkit::world(),
        days in 0..2_000_i64,
        change in 0..7_usize,
    ) {
        let decider = decider(&world, GENEROUS);
        let mut later = testkit::NOW;
        let mut asked_again = session("p0");
        let mut held = rights(&world);
        let mut by = &decider;
        let other = crate::setting::decider(&world, OTHER);
        match change {
            0 => later = testkit::NOW.plus_days(days),
            1 => later = testkit::NOW.plus_days(-1),
            2 => asked_again.strength = Strength::Aal1,
            3 => asked_again.connection = Connection::Unknown,
            4 => asked_again.asker = session("p1").asker,
            5 => held = policy::Rights::none(),
            _ => by = &other,
        }
        for dataset in world.datasets.keys() {
            let ask = Ask::view(dataset.clone());
            let (first, settled) =
                decider.decide_to_ask_again(&session("p0"), &ask, &rights(&world), testkit::NOW);
            let until = decision(first).map(|decision| decision.valid_until);
            let again = by.again(&settled, &asked_again, &held, later);
            let is_same = match change {
                0 => until.is_none_or(|until| later < until),
                5 => held.hash() == rights(&world).hash(),
                1..=4 | 6.. => false,
            };
            if let Some(again) = again {
                prop_assert!(is_same || until.is_none(), "{change} {days}");
                let fresh = crate::setting::decider(&world, GENEROUS);
                let fresh = decision(fresh.decide(&asked_again, &ask, &held, later));
                let views = |decision: &Decision| decision.views.clone();
                prop_assert_eq!(decision(again).as_deref().map(views), fresh.as_deref().map(views));
                prop_assert!(!matches!(change, 1..=4 | 6..), "{change}");
            } else {
                prop_assert!(change != 0 || until.is_none_or(|until| later >= until));
            }
        }
    }

    /// An answer is never used past a moment at which a fact, right or date changes.
    #[test]
    fn an_answer_is_valid_until_the_next_change(world in testkit::world(), days in 0..2_000_i64) {
        let decider = decider(&world, GENEROUS);
        let later = testkit::NOW.plus_days(days);
        for dataset in world.datasets.keys() {
            let ask = Ask::view(dataset.clone());
            let session = session("p0");
            let early = decision(decider.decide(&session, &ask, &rights(&world), testkit::NOW));
            let Some(early) = early else { continue };
            let fresh = crate::setting::decider(&world, GENEROUS);
            let late = decision(fresh.decide(&session, &ask, &rights(&world), later));
            if later < early.valid_until {
                let views = |d: &Decision| d.views.clone();
                prop_assert_eq!(late.as_deref().map(views), Some(views(&early)));
            }
            prop_assert!(early.valid_until > testkit::NOW);
            prop_assert!(early.valid_until <= Timestamp::MAX);
        }
    }
}
