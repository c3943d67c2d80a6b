//! The worked sample through every verb.

use crate::command::{cordon, sample, spoil};

#[test]
fn the_matrix_of_the_sample_is_what_was_reviewed() {
    let ran = cordon(&["policy", "matrix", "policies/sample", "--at", "2026-01-15"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn the_demo_passes_all_its_checks() {
    let ran = cordon(&["demo", "--once"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("checks passed, 0 failed"), "{}", ran.out);
    let json = cordon(&["demo", "--once", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["failed"], 0);
    assert!(value["passed"].as_u64().unwrap() > 15);
}

#[test]
fn a_decision_names_each_field_with_verdict_and_reason() {
    let ask = [
        "--dataset",
        "public.users",
        "--purpose",
        "incident",
        "--at",
        "2026-06-01T10:00:00Z",
    ];
    let ran = cordon(
        &[
            &["decide", "policies/sample", "--as", "mei.eligible"],
            &ask[..],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let covered = cordon(
        &[
            &["decide", "policies/sample", "--as", "jun.covered"],
            &ask[..],
        ]
        .concat(),
    );
    assert_eq!(covered.code, 1, "{}", covered.err);
    // Hashes change with every word of the sample; what they must be is tested where they are made.
    let text = format!("{}\n{}", ran.out, covered.out);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("decision "))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn programs_get_the_same_decision_as_json() {
    let ran = cordon(&[
        "decide",
        "policies/sample",
        "--as",
        "jun.covered",
        "--dataset",
        "app/public.users",
        "--at",
        "2026-01-15",
        "--json",
    ]);
    assert_eq!(ran.code, 1);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["refusal"]["code"], "not-visible");
    assert_eq!(value["refusal"]["sqlstate"], "42501");
    assert_eq!(value["decision"]["standings"][0]["standing"], "covered");
    assert_eq!(value["decision"]["id"].as_str().unwrap().len(), 64);
}

#[test]
fn an_action_is_decided_beside_seeing() {
    let ask = [
        "--dataset",
        "public.regions",
        "--action",
        "export",
        "--at",
        "2026-01-15",
    ];
    let ran = cordon(&[&["decide", "policies/sample", "--as", "ana.home"], &ask[..]].concat());
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        ran.out.contains("export refused, may be asked for"),
        "{}",
        ran.out
    );
}

#[test]
fn the_sample_is_in_order_and_its_gaps_are_listed() {
    let ran = cordon(&["policy", "check", "policies/sample", "--at", "2026-01-15"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for gap in ["unlabelled", "fact_unknown", "unsigned"] {
        assert!(ran.out.contains(gap), "{gap} is not in\n{}", ran.out);
    }
    let ran = cordon(&["catalog", "check", "policies/sample"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("labelled"), "{}", ran.out);
}

#[test]
fn a_policy_that_opens_more_is_said_to_broaden() {
    let dir = sample();
    let same = dir.path().join("sample").to_str().unwrap().to_owned();
    let ran = cordon(&[
        "policy",
        "diff",
        "policies/sample",
        &same,
        "--at",
        "2026-01-15",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "no difference\n"));
    let wider = spoil(
        &dir,
        "policy/rules.cedar",
        "@id(",
        "@id(\"sample.wider\")\n@title(\"Everybody sees masks.\")\npermit (principal, action in [Cordon::Action::\"view_masked\", Cordon::Action::\"view_row\"], resource);\n\n@id(",
    );
    let ran = cordon(&[
        "policy",
        "diff",
        "policies/sample",
        &wider,
        "--at",
        "2026-01-15",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!(ran.out);
    let back = cordon(&[
        "policy",
        "diff",
        &wider,
        "policies/sample",
        "--at",
        "2026-01-15",
    ]);
    assert_eq!(back.code, 0, "{}", back.out);
}

#[test]
fn a_lowered_label_is_said_to_loosen() {
    let dir = sample();
    let lower = spoil(
        &dir,
        "catalog/app.yaml",
        "level: sensitive",
        "level: public",
    );
    let ran = cordon(&["catalog", "diff", "policies/sample", &lower]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("loosened"), "{}", ran.out);
    let back = cordon(&["catalog", "diff", &lower, "policies/sample"]);
    assert_eq!(back.code, 0, "{}", back.out);
}

#[test]
fn every_vendored_manifest_is_checked_by_the_binary() {
    let dir = crate::command::root().join("tests/data/fides/data/dataset");
    let mut refused = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let ran = cordon(&["catalog", "check", path.to_str().unwrap()]);
        match ran.code {
            0 => {}
            3 => refused.push(path.file_name().unwrap().to_str().unwrap().to_owned()),
            code => panic!("{}: exit {code}: {}", path.display(), ran.err),
        }
    }
    refused.sort();
    assert_eq!(
        refused,
        [
            "example_test_dataset.invalid",
            "postgres_example_invalid_masking_strategy_override_dataset.yml"
        ]
    );
}
