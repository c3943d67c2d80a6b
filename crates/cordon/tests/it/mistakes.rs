//! An operator's mistake names file, line, cause and remedy, loses nothing, and ends with 3.

use crate::command::{cordon, sample, spoil};

#[test]
fn each_mistake_names_its_place_and_remedy() {
    let mistakes = [
        ("cordon.toml", "us-dsp", "us-dps"),
        ("catalog/app.yaml", "level: sensitive", "level: secret"),
        ("catalog/app.yaml", "pseudonym: person", "truncate: year"),
        ("people.yaml", "    residence: US", "    residense: US"),
        ("policy/rules.cedar", "@id(\"sample.masked\")\n", ""),
        (
            "policy/rules.cedar",
            "Cordon::Action::\"view_masked\"",
            "Cordon::Action::\"view_maskd\"",
        ),
    ];
    let mut texts = Vec::new();
    for (file, old, new) in mistakes {
        let dir = sample();
        let root = spoil(&dir, file, old, new);
        let ran = cordon(&["policy", "check", &root]);
        assert_eq!(ran.code, 3, "{file}: {}{}", ran.out, ran.err);
        assert!(
            ran.err.contains(&format!("error: {file}:")),
            "{file}: {}",
            ran.err
        );
        assert!(ran.err.contains("remedy: "), "{file}: {}", ran.err);
        assert!(ran.out.is_empty(), "{file}: {}", ran.out);
        texts.push(ran.err);
    }
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_program_gets_the_faults_as_json() {
    let dir = sample();
    let root = spoil(
        &dir,
        "catalog/app.yaml",
        "level: sensitive",
        "level: secret",
    );
    let ran = cordon(&["policy", "check", &root, "--json"]);
    assert_eq!(ran.code, 3);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["faults"][0]["file"], "catalog/app.yaml");
    assert!(value["faults"][0]["line"].as_u64().unwrap() > 0);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let ran = cordon(&[
        "decide",
        "policies/sample",
        "--as",
        "ana.home",
        "--dataset",
        "users",
    ]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("app/public.users"), "{}", ran.err);
    let ran = cordon(&["policy", "check", "no/such/directory"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let ran = cordon(&["catalog", "check", "docs"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let ran = cordon(&["decide", "policies/sample"]);
    assert_eq!(ran.code, 2);
    let ran = cordon(&["policy", "matrix", "policies/sample", "--at", "yesterday"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
}

#[test]
fn the_demo_does_not_write_over_a_directory_in_use() {
    let dir = sample();
    let root = dir.path().join("sample");
    let ran = cordon(&["demo", "--once", "--dir", root.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("not empty"), "{}", ran.err);
}

#[test]
fn every_verb_has_help_with_an_example() {
    for verb in [
        &["policy", "check"][..],
        &["policy", "matrix"],
        &["policy", "diff"],
        &["decide"],
        &["catalog", "check"],
        &["catalog", "diff"],
        &["demo"],
    ] {
        let ran = cordon(&[verb, &["--help"]].concat());
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("Example: cordon"), "{verb:?}: {}", ran.out);
    }
}
