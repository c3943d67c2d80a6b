//! Bad manifests and the exact words about them.

use crate::{APP, faults_of};

/// The app with one text exchanged, so that each case shows its fault alone.
fn broken(old: &str, new: &str) -> String {
    assert!(APP.contains(old), "{old}");
    faults_of(&[("app.yaml", &APP.replacen(old, new, 1))])
}

fn cases(list: &[(&str, &str)]) -> String {
    let shown: Vec<String> = list
        .iter()
        .map(|(old, new)| format!("== {new}\n{}", broken(old, new)))
        .collect();
    shown.join("\n")
}

#[test]
fn files_that_are_no_manifests() {
    let shown: Vec<String> = [
        "",
        "# only a comment\n",
        "null\n",
        "datasets: []\n",
        "dataset: []\n",
        "dataset: x\n",
        "- fides_key: a\n",
        "dataset:\n  - fides_key: a\n    collections: [\n",
        "dataset:\n  - fides_key: a\n   collections: []\n",
        "dataset:\n\t- fides_key: a\n",
        "dataset:\n  - fides_key: a\n    fides_key: b\n    collections: []\n",
        "dataset: []\n---\ndataset: []\n",
        "dataset:\n  - *nobody\n",
        "dataset:\n  - fides_key: a\n    cordon: 5\n    collections: [ 7 ]\n",
        "dataset:\n  - fides_key: a\n    collections: [ { name: '', fields: [] }, { name: ' x', fields: [] } ]\n",
        "\u{0}",
    ]
    .iter()
    .map(|text| format!("== {text:?}\n{}", faults_of(&[("a.yaml", text)])))
    .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn words_that_are_not_known() {
    insta::assert_snapshot!(cases(&[
        ("user.contact.email", "user.contact.emial"),
        ("user.contact.email", "contact.email"),
        ("user.contact.email", "quantum"),
        ("level: sensitive", "level: secret"),
        ("level: sensitive", "levle: sensitive"),
        ("level: sensitive", "level: [sensitive]"),
        ("store: us-enclave-1", "store: us enclave"),
        ("upstream: app", "upstream: 'postgres://app'"),
        ("owner: vera", "owner: ''"),
        ("legal: [government_related]", "legal: [secret]"),
        ("legal: [government_related]", "legal: biometric"),
        ("type: date", "type: ''"),
        ("level_when: never", "level_when: always"),
        ("level_when: never", "level_when: { protected: 'true' }"),
    ]));
}

#[test]
fn masks_that_cannot_be() {
    insta::assert_snapshot!(cases(&[
        ("mask: { truncate: year }", "mask: { truncate: hour }"),
        ("mask: { truncate: year }", "mask: { truncate: second }"),
        (
            "mask: { truncate: year }",
            "mask: { partial: { first: 1 } }"
        ),
        ("mask: { truncate: year }", "mask: { pseudonym: person }"),
        ("mask: { truncate: year }", "mask: { blur: 3 }"),
        ("mask: { truncate: year }", "mask: blur"),
        ("mask: { truncate: year }", "mask: {}"),
        ("mask: { truncate: year }", "mask: { bucket: 0 }"),
        ("mask: { truncate: year }", "mask: { constant: 1.50 }"),
        ("mask: { truncate: year }", "mask: [null]"),
        ("mask: { bucket: 100 }", "mask: { bucket: -1 }"),
        ("mask: { bucket: 100 }", "mask: { bucket: many }"),
        (
            "mask: { partial: { first: 1, last: 0 } }",
            "mask: { partial: { first: 0 } }"
        ),
        (
            "mask: { partial: { first: 1, last: 0 } }",
            "mask: { partial: { middle: 3 } }"
        ),
        (
            "mask: { partial: { first: 1, last: 0 } }",
            "mask: { partial: { first: 300 } }"
        ),
        (
            "type: text, mask: \"null\"",
            "type: text, mask: null, not_null_domain: true"
        ),
        (
            "type: text, mask: \"null\"",
            "type: tsvector, mask: { constant: x }"
        ),
        (
            "cordon: { level: sensitive } }\n          - name: added",
            "cordon: { level: sensitive, mask: null } }\n          - name: added"
        ),
    ]));
}

#[test]
fn subjects_that_lead_nowhere() {
    insta::assert_snapshot!(cases(&[
        (
            "residency: { column: country }",
            "residency: { column: contry }"
        ),
        (
            "residency: { column: country }",
            "residency: { country: Atlantis }"
        ),
        (
            "residency: { column: country }",
            "residency: { country: NO, }"
        ),
        ("residency: { column: country }", "residency: []"),
        (
            "residency: { column: country }",
            "residency: { postcode: zip }"
        ),
        ("residency: { column: country }", "through: public.users"),
        ("residency: { column: country }", "through: public.videos"),
        ("residency: { column: country }", "through: public.settings"),
        ("residency: { column: country }", "through: public.user"),
        (
            "residency: { column: country }",
            "residency: { column: country }, through: public.videos"
        ),
        (
            "{ key: [id], residency: { column: country } }",
            "{ key: [id] }"
        ),
        (
            "{ key: [id], residency: { column: country } }",
            "{ key: [], residency: { column: country } }"
        ),
        (
            "{ key: [id], residency: { column: country } }",
            "{ key: id, residency: { column: country } }"
        ),
        (
            "{ key: [id], residency: { column: country } }",
            "{ key: [ID], residency: { column: country } }"
        ),
        (
            "{ key: [id], residency: { column: country } }",
            "{ key: [id, id], residency: { column: country } }"
        ),
        (
            "subjects: [ { key: [id], residency: { column: country } } ]",
            "subjects: none"
        ),
        (
            "subjects: [ { key: [id], residency: { column: country } } ]",
            "subjects: []"
        ),
        (
            "subjects: [ { key: [id], residency: { column: country } } ]",
            "subjects: nobody"
        ),
        ("key: [owner_id], through", "key: [owner_id, id], through"),
        ("until: 2026-01-31", "until: 2026-02-01"),
        ("until: 2026-01-31", "until: 2026-01-01"),
        ("until: 2026-01-31", "until: soon"),
        ("until: 2026-01-31", "till: 2026-01-31"),
    ]));
}

#[test]
fn conditions_that_are_not_total() {
    let old = "visibility = 'public' AND deleted_at IS NULL";
    insta::assert_snapshot!(cases(&[
        (old, "lower(visibility) = 'public'"),
        (old, "visibility = 'public' AND"),
        (old, "visibility = 1"),
        (old, "visibility"),
        (old, "visible"),
        (old, "\\\"Visibility\\\" = 'public'"),
        (old, "deleted_at < now()"),
        (old, "owner_id = 'me'"),
    ]));
}

#[test]
fn domains_that_contradict_each_other() {
    insta::assert_snapshot!(cases(&[
        // A foreign key in another domain than its key.
        (
            "direction: from } ] }\n            cordon: { level: protected, type: bigint, mask: { pseudonym: person }",
            "direction: from } ] }\n            cordon: { level: protected, type: bigint, mask: { pseudonym: sender }",
        ),
        // Two types in one domain.
        (
            "{ name: email, data_categories: [user.contact.email], cordon: { level: sensitive, type: text, mask: \"null\"",
            "{ name: email, data_categories: [user.contact.email], cordon: { level: sensitive, type: text, mask: { pseudonym: person }",
        ),
    ]));
}

#[test]
fn names_that_are_written_twice() {
    let twice = |text: &str| faults_of(&[("a.yaml", text)]);
    let one =
        "dataset: [ { fides_key: a, collections: [ { name: c, fields: [ { name: f } ] } ] } ]";
    let shown = [
        broken("name: email,", "name: id,"),
        broken("name: public.settings", "name: public.users"),
        faults_of(&[("a.yaml", one), ("b.yaml", one)]),
        twice(
            "dataset:\n- { fides_key: a, collections: [ { name: c, fields: [] } ] }\n- { fides_key: a, collections: [ { name: c, fields: [] } ] }\n",
        ),
        broken("name: country\n", "name: country\n            name: land\n"),
    ];
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let first = APP
        .replacen("user.contact.email", "user.contact.emial", 1)
        .replacen("level: sensitive, type: date", "level: top, typ: date", 1)
        .replacen("mask: { bucket: 100 }", "mask: { bucket: 0 }", 1);
    // What only the whole catalogue can tell is told beside it, as long as nothing was left out.
    let unknown = first.replacen("through: public.users", "through: public.usres", 1);
    let faults = faults_of(&[("first.yaml", &unknown)]);
    assert!(faults.contains("remedy: write `public.users`"), "{faults}");
    let second = "dataset:\n- fides_key: b c\n  collections:\n  - fields: [ { name: '' } ]\n";
    insta::assert_snapshot!(faults_of(&[
        ("first.yaml", &first),
        ("second.yaml", second)
    ]));
}

#[test]
fn a_circle_is_printed_with_its_path() {
    let collection = |name: &str, parent: &str| {
        format!(
            "  - {{ name: {name}, cordon: {{ subjects: [ {{ key: [id], through: {parent} }} ] }}, fields: [ {{ name: id, fides_meta: {{ primary_key: true }} }} ] }}\n"
        )
    };
    let text = format!(
        "dataset:\n- fides_key: a\n  collections:\n{}{}{}{}",
        collection("one", "two"),
        collection("two", "three"),
        collection("three", "one"),
        collection("four", "one"),
    );
    insta::assert_snapshot!(faults_of(&[("a.yaml", &text)]));
}

#[test]
fn what_should_be_looked_at_is_a_warning() {
    let text = APP
        // A clear key beside its pseudonym, a type that differs, a reference that leads nowhere.
        .replacen("cordon: { level: protected, type: bigint, mask: { pseudonym: person } }\n          - { name: body", "cordon: { level: protected, type: uuid }\n          - { name: body", 1)
        .replacen("field: public.videos.id", "field: public.video.id", 1);
    let catalog = crate::good(&text);
    let shown: Vec<String> = catalog.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n"));
}
