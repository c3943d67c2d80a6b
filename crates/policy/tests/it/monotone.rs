//! Adding a `forbid` never allows more.
//!
//! What a person may learn of a field is what they get when they ask for that field alone: asking
//! for several at once may leave rows out (a row is seen whole or not at all), which asking for
//! fewer gives back.

use std::collections::BTreeSet;

use model::{DatasetId, FieldName, RowClass, Rows, Verdict};
use policy::{Ask, Asked, DatasetAsk, Decider, FieldsAsked, Outcome};
use proptest::prelude::*;
use proptest::sample::select;

use crate::setting::{GENEROUS, decider, rights, session};

const FORBIDS: [&str; 8] = [
    r#"forbid (principal, action == Cordon::Action::"view_masked", resource) when { resource.residency == Cordon::Residency::"home" };"#,
    r#"forbid (principal, action == Cordon::Action::"view_clear", resource) when { resource.residency == Cordon::Residency::"other" };"#,
    r#"forbid (principal, action == Cordon::Action::"view_row", resource) when { resource.residency == Cordon::Residency::"unknown" };"#,
    r#"forbid (principal, action, resource) when { resource.level == Cordon::Level::"sensitive" };"#,
    r#"forbid (principal, action, resource) unless { principal in Cordon::Team::"nobody" };"#,
    r#"forbid (principal, action == Cordon::Action::"view_clear", resource) when { context has grant };"#,
    r#"forbid (principal, action == Cordon::Action::"view_masked", resource) when { resource.mask == Cordon::Mask::"pseudonym" };"#,
    r#"forbid (principal, action == Cordon::Action::"view_clear", resource) when { resource.legal.contains(Cordon::Legal::"biometric") };"#,
];

/// What is learnt of one field: per row class whether rows are seen, and the cell.
fn learnt(
    world: &testkit::World,
    decider: &Decider,
    dataset: &DatasetId,
    field: &FieldName,
) -> Vec<(RowClass, bool, Verdict, usize)> {
    let fields = FieldsAsked::Named(BTreeSet::from([field.clone()]));
    let ask = Ask {
        datasets: vec![DatasetAsk {
            dataset: dataset.clone(),
            fields,
        }],
        asked: Asked::View,
    };
    match decider.decide(&session("p0"), &ask, &rights(world), testkit::NOW) {
        Outcome::Refused(refused) => {
            assert!(refused.failure.is_none(), "{:?}", refused.failure);
            Vec::new()
        }
        Outcome::Permitted(permit) => {
            let view = &permit.view(dataset).unwrap().view;
            let cells = &view.fields[field].cells;
            view.rows
                .iter()
                .map(|(class, rows)| {
                    let cell = &cells[class];
                    let seen = *rows != Rows::Unseen;
                    (class.clone(), seen, cell.verdict, cell.clear_for.len())
                })
                .collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: testkit::cases(120), failure_persistence: None, ..Default::default() })]

    #[test]
    fn adding_a_forbid_never_allows_more(world in testkit::world(), forbid in select(&FORBIDS[..])) {
        let stricter = format!("{GENEROUS}\n@id(\"t.added\") {forbid}");
        let (mild, strict) = (decider(&world, GENEROUS), decider(&world, &stricter));
        for (id, dataset) in &world.datasets {
            for field in &dataset.fields {
                let before = learnt(&world, &mild, id, &field.name);
                for (class, seen, verdict, subjects) in learnt(&world, &strict, id, &field.name) {
                    let earlier = before.iter().find(|(c, ..)| *c == class);
                    let Some((_, was_seen, was, were)) = earlier else {
                        prop_assert!(false, "{class} of {} appeared", field.name);
                        continue;
                    };
                    prop_assert!(!seen || *was_seen, "{class} of {} is seen", field.name);
                    prop_assert!(verdict <= *was, "{class} of {}: {verdict} after {was}", field.name);
                    // Fewer subjects, unless the value was clear for everybody before.
                    prop_assert!(subjects <= *were || *was == Verdict::Clear);
                }
            }
        }
    }
}
