//! What a policy must be to be loaded, and what an erring one does.

use model::{Level, Refusal};
use policy::{Ask, Decider, Outcome, Rights};

use crate::setting::{GENEROUS, decider, session, small, world};

fn people() -> testkit::World {
    small(
        "person p0: citizen US; lives US; desk US",
        vec![(Some(Level::Public), [].into(), None)],
    )
}

fn faults(rules: &str) -> String {
    match Decider::new(world(&["us-dsp"], &people(), rules)) {
        Ok(_) => "loaded".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_policy_that_cannot_be_relied_on_is_refused_with_its_place() {
    let bad = [
        "permit (principal, action, resource)",
        "\npermit (principal, action, resource);",
        "@id(\"a\") permit (principal, action, resource);\n@id(\"a\") permit (principal, action, resource);",
        "@id(\"base.connection\") permit (principal, action, resource);",
        "@id(\"a\") permit (principal == ?principal, action, resource);",
        "@id(\"a\") permit (principal, action, resource) when { resource.levle == Cordon::Level::\"public\" };",
        "@id(\"a\") permit (principal, action == Cordon::Action::\"view_clear\", resource) when { resource.level == Cordon::Level::\"pubic\" };",
        "@id(\"a\") permit (principal == Cordon::Person::\"ana\", action, resource);",
        "@id(\"a\") permit (principal, action, resource) when { resource.dataset == Cordon::Dataset::\"app/t\" };",
        "@id(\"a\") permit (principal, action, resource) when { principal.not_covered_by.contains(Cordon::Regime::\"eu-clover\") };",
        "@id(\"a\") permit (principal, action, resource) when { context.grant.subject_limited };",
        "@id(\"a b\") permit (principal, action, resource);",
    ];
    let all: Vec<String> = bad.iter().map(|rules| faults(rules)).collect();
    assert!(all.iter().all(|text| text != "loaded"));
    insta::assert_snapshot!(all.join("\n---\n"));
}

#[test]
fn the_shipped_regimes_load_together() {
    for regimes in [
        vec!["us-dsp"],
        vec!["eu-clover"],
        vec!["us-dsp", "eu-clover"],
        vec!["us-dsp", "us-project-texas"],
        vec!["us-dsp", "eu-clover", "us-project-texas"],
    ] {
        let decider = Decider::new(world(&regimes, &people(), GENEROUS)).unwrap();
        assert!(
            decider.warnings().is_empty(),
            "{regimes:?}: {:?}",
            decider.warnings()
        );
    }
}

#[test]
fn the_historical_regime_loads_alone_only_in_a_museum() {
    let alone = world(&["us-project-texas"], &people(), GENEROUS);
    assert!(Decider::new(alone.clone()).is_err());
    assert!(
        Decider::new(policy::World {
            museum: true,
            ..alone
        })
        .is_ok()
    );
    assert!(Decider::new(world(&[], &people(), GENEROUS)).is_err());
}

#[test]
fn a_policy_that_errs_refuses_everything_it_speaks_to() {
    let erring = "@id(\"t.overflow\") forbid (principal, action == Cordon::Action::\"view_clear\", resource) when { context.strength + 9223372036854775807 > 0 };";
    let decider = decider(&people(), &format!("{GENEROUS}\n{erring}"));
    let ask = Ask::view(model::DatasetId::new("app/t").unwrap());
    let outcome = decider.decide(&session("p0"), &ask, &Rights::none(), testkit::NOW);
    let Outcome::Refused(refused) = outcome else {
        panic!("an erring forbid was skipped")
    };
    assert_eq!(refused.code, Refusal::PolicyError);
    assert_eq!(refused.code.as_str(), "policy-error");
    let failure = refused.failure.unwrap().to_string();
    assert!(failure.contains("t.overflow"), "{failure}");
}
