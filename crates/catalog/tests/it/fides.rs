//! Fides' own manifests: all that Fides takes is taken, what it refuses is refused, each for its
//! reason.

use catalog::{Options, read};
use model::GapKind;

use crate::{faults_of, vendored};

/// The files that Fides itself refuses, and why.
const INVALID: &[(&str, &str)] = &[
    // Lists begin with `*`, which YAML takes for an alias.
    (
        "example_test_dataset.invalid",
        "example_test_dataset.invalid:2:3",
    ),
    // Fides' server takes no masking override that needs a secret (`hash`); fideslang, which only
    // knows the shape of a manifest, lets it pass.
    (
        "postgres_example_invalid_masking_strategy_override_dataset.yml",
        "takes no strategy that needs a secret, such as `hash`, as an override",
    ),
];

#[test]
fn all_that_fides_takes_is_taken() {
    let mut fields = 0;
    let mut lines = Vec::new();
    for (name, text) in vendored() {
        let invalid = INVALID.iter().any(|(file, _)| *file == name);
        let Ok(catalog) = read(&[(&name, &text)], &Options::default()) else {
            assert!(invalid, "{}", faults_of(&[(&name, &text)]));
            lines.push(format!("{name}: refused"));
            continue;
        };
        assert!(!invalid, "{name} was taken");
        let here: usize = catalog.datasets.values().map(|one| one.fields.len()).sum();
        fields += here;
        // Without a block everything is open: no level, nobody said whom it is about.
        let count = |kind: GapKind| catalog.gaps.iter().filter(|gap| gap.kind == kind).count();
        assert_eq!(count(GapKind::Unlabelled), here, "{name}");
        assert_eq!(
            count(GapKind::SubjectsUndeclared),
            catalog.datasets.len(),
            "{name}"
        );
        let references = catalog.datasets.values().flat_map(|one| &one.fields);
        let references: usize = references.map(|field| field.references.len()).sum();
        lines.push(format!(
            "{name}: {} collections, {here} columns, {references} references, {} warnings",
            catalog.datasets.len(),
            catalog.warnings.len()
        ));
    }
    lines.push(format!("{fields} columns"));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_fides_refuses_is_refused_for_its_reason() {
    let files = vendored();
    for (wanted, reason) in INVALID {
        let (name, text) = files.iter().find(|(name, _)| name == wanted).unwrap();
        let faults = faults_of(&[(name, text)]);
        assert!(faults.contains(reason), "{faults}");
        assert_eq!(faults.lines().count(), 2, "{faults}");
    }
}

/// Each rule of fideslang that a manifest can break, and the same manifest without the fault.
#[test]
fn each_rule_of_fides_is_kept() {
    let field = |inner: &str| {
        format!(
            "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields:\n    - name: f\n{inner}"
        )
    };
    let meta = |inner: &str| field(&format!("      fides_meta: {{ {inner} }}\n"));
    let old_meta = |inner: &str| field(&format!("      fidesops_meta: {{ {inner} }}\n"));
    let collection = |inner: &str| {
        format!(
            "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields: []\n    fides_meta: {{ {inner} }}\n"
        )
    };
    let dataset = |inner: &str| format!("dataset:\n- {inner}\n");
    let pairs = [
        (meta("data_type: varchar"), meta("data_type: string")),
        (
            old_meta("data_type: varchar"),
            old_meta("data_type: 'object_id[]'"),
        ),
        (
            meta("data_type: string, return_all_elements: false"),
            meta("data_type: 'string[]', return_all_elements: true"),
        ),
        (meta("length: 0"), meta("length: 1")),
        (meta("length: -5"), meta("length: '40'")),
        (meta("length: 1.5"), meta("length: 40")),
        (meta("primary_key: maybe"), meta("primary_key: 'yes'")),
        (meta("identity: 5"), meta("identity: email")),
        (meta("redact: value"), meta("redact: name")),
        (
            meta("references: [ { dataset: a } ]"),
            meta("references: [ { dataset: b, field: c.d } ]"),
        ),
        (
            meta("references: [ { dataset: a, field: c.d, direction: up } ]"),
            meta("references: [ { dataset: b, field: c.d, direction: to } ]"),
        ),
        (
            meta("references: [ { dataset: 'a b', field: c.d } ]"),
            meta("references: []"),
        ),
        (
            meta("masking_strategy_override: {}"),
            meta("masking_strategy_override: { strategy: null_rewrite }"),
        ),
        (
            meta("masking_strategy_override: { strategy: hmac }"),
            meta(
                "masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: x } }",
            ),
        ),
        (
            field("      fides_meta: { data_type: string }\n      fields: [ { name: g } ]\n"),
            field("      fides_meta: { data_type: 'object[]' }\n      fields: [ { name: g } ]\n"),
        ),
        (
            field("      fields: [ { description: no name } ]\n"),
            field("      fields: [ { name: g }, { name: g } ]\n"),
        ),
        (
            field("      data_categories: [user.emial]\n"),
            field("      data_categories: [user]\n"),
        ),
        (
            field("      data_categories: user\n"),
            field("      data_categories: []\n"),
        ),
        (
            field("      data_uses: ['a b']\n"),
            field("      data_uses: [a.b]\n      unknown_key: { is: ignored }\n"),
        ),
        (
            field("      description: 5\n"),
            field("      description: five\n"),
        ),
        (field("    - name: f\n"), field("    - name: g\n")),
        (field("    - name: 5\n"), field("    - name: '5'\n")),
        (collection("after: [b]"), collection("after: [b.c]")),
        (
            collection("after: [b.public.c]"),
            collection("erase_after: [b-1.c_2]"),
        ),
        (
            collection("skip_processing: 7"),
            collection("skip_processing: false"),
        ),
        (
            collection("masking_strategy_override: { strategy: hash }"),
            collection("masking_strategy_override: { strategy: delete }"),
        ),
        (
            collection("partitioning: soon"),
            collection("partitioning: [ { any: thing } ]"),
        ),
        (collection("redact: [name]"), collection("redact: name")),
        (
            dataset("fides_key: 'a b'\n  collections: []"),
            dataset("fides_key: <a.b-c_1>\n  collections: []"),
        ),
        (
            dataset("fides_key: ä\n  collections: []"),
            dataset("fides_key: 5\n  name: 5\n  collections: []"),
        ),
        (
            dataset("fides_key: a"),
            dataset("fides_key: a\n  collections: []\n  tags: [x]"),
        ),
        (
            dataset("fides_key: a\n  collections: [ { name: c } ]"),
            dataset("fides_key: a\n  collections: [ { name: c, fields: [] } ]"),
        ),
        (
            dataset(
                "fides_key: a\n  collections: [ { name: c, fields: [] }, { name: c, fields: [] } ]",
            ),
            dataset(
                "fides_key: a\n  collections: [ { name: c, fields: [] }, { name: d, fields: [] } ]",
            ),
        ),
        (
            dataset("fides_key: a\n  collections: []\n  tags: x"),
            dataset("fides_key: a\n  collections: []\n  meta: {}"),
        ),
        (
            dataset("fides_key: a\n  collections: []\n  fides_meta: { after: ['?'] }"),
            dataset("fides_key: a\n  collections: []\n  fides_meta: { after: [b], namespace: {} }"),
        ),
        (
            dataset("fides_key: a\n  collections: []\n  organization_fides_key: '?'"),
            dataset("fides_key: a\n  collections: []\n  organization_fides_key: o"),
        ),
    ];
    let mut shown = Vec::new();
    for (bad, well) in &pairs {
        shown.push(faults_of(&[("a.yaml", bad)]));
        crate::good(well);
    }
    insta::assert_snapshot!(shown.join("\n"));
}
