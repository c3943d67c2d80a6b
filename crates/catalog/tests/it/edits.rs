//! Edits move no byte that was not asked for.

use catalog::edit::{Setting, set};
use catalog::{Options, What, read};
use model::{DatasetId, DomainId, FieldName, Level, Mask, Precision};
use similar::{ChangeTag, TextDiff};

use crate::{APP, vendored};

fn edit(text: &str, dataset: &str, field: &str, setting: &Setting) -> Result<String, String> {
    let dataset = DatasetId::new(dataset).unwrap();
    let field = FieldName::new(field).unwrap();
    match set(
        &[("app.yaml", text)],
        &Options::default(),
        &dataset,
        &field,
        setting,
    ) {
        Ok(edited) => Ok(edited.text),
        Err(faults) => Err(faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")),
    }
}

/// Only the lines that differ, as a diff shows them.
fn shown(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    diff.iter_all_changes()
        .filter(|change| change.tag() != ChangeTag::Equal)
        .map(|change| format!("{}{}", change.tag(), change.value()))
        .collect()
}

#[test]
fn every_form_of_a_field_can_be_edited() {
    let domain = |name: &str| Mask::Pseudonym(DomainId::new(name).unwrap());
    let cases = [
        (
            "app/public.users",
            "email",
            Setting::Level(Level::Restricted),
        ),
        (
            "app/public.users",
            "email",
            Setting::Mask(Mask::Partial { first: 2, last: 3 }),
        ),
        (
            "app/public.users",
            "country",
            Setting::Level(Level::Sensitive),
        ),
        ("app/public.users", "country", Setting::Mask(Mask::Null)),
        (
            "app/public.users",
            "country",
            Setting::Mask(Mask::Constant("it's \"x\": #\\ \n".into())),
        ),
        (
            "app/public.users",
            "added_yesterday",
            Setting::Level(Level::Protected),
        ),
        (
            "app/public.users",
            "added_yesterday",
            Setting::Mask(domain("no")),
        ),
        (
            "app/public.users",
            "born",
            Setting::Mask(Mask::Truncate(Precision::Month)),
        ),
        (
            "app/public.videos",
            "unlabelled",
            Setting::Level(Level::Aggregated),
        ),
        (
            "app/public.videos",
            "place",
            Setting::Mask(Mask::Truncate(Precision::Decimals(0))),
        ),
        (
            "app/public.videos",
            "views",
            Setting::Mask(Mask::Bucket(1000)),
        ),
        (
            "app/public.videos",
            "title",
            Setting::Level(Level::Sensitive),
        ),
        ("app/public.messages", "body", Setting::Mask(domain("text"))),
    ];
    let mut lines = Vec::new();
    for (dataset, field, setting) in cases {
        lines.push(format!("== {dataset}.{field} {setting:?}"));
        lines.push(match edit(APP, dataset, field, &setting) {
            Ok(text) => shown(APP, &text),
            Err(fault) => fault,
        });
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_cannot_be_set_alone_is_refused() {
    let level = Setting::Level(Level::Protected);
    let anchored = "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields:\n    - name: f\n      cordon: &hard { level: sensitive }\n    - name: g\n      cordon: *hard\n";
    let shown = [
        edit(APP, "app/public.users", "nobody", &level),
        edit(APP, "app/public.users", "profile", &level),
        edit(APP, "app/public.users", "id", &level),
        edit(
            APP,
            "app/public.users",
            "id",
            &Setting::Mask(Mask::Bucket(5)),
        )
        .map(|_| "done".into()),
        edit(
            APP,
            "app/public.users",
            "born",
            &Setting::Mask(Mask::Bucket(5)),
        ),
        edit(
            APP,
            "app/public.videos",
            "owner_id",
            &Setting::Mask(Mask::Null),
        )
        .map(|_| "done".into()),
        edit(anchored, "a/c", "f", &level),
        edit(anchored, "a/c", "g", &level),
        edit("dataset: [", "a/c", "g", &level),
    ];
    let shown: Vec<String> = shown.into_iter().map(|one| format!("{one:?}")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// Line ends, a file that does not end in one, an empty block, quotes and comments stay as they are.
#[test]
fn odd_texts_are_edited_or_refused_but_never_damaged() {
    let level = Setting::Level(Level::Public);
    let head = "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields:\n";
    let tails = [
        "    - name: f",
        "    - name: f\n      cordon:\n",
        "    - name: f\n      cordon: {}\n",
        "    - name: f\n      cordon: # soon\n        mask: null\n    # end",
        "    - { name: 'f' , }\n",
        "    - {name: \"f\",\n       cordon: {mask: ~}}\n\n\n",
        "    - name: f\n      description: >\n        long\n\n        text\n    - name: g\n",
        "    - name: f\n      description: |\n        # no comment\n          text\n\n    - name: g\n",
        "    -   name: f\n        fides_meta:\n            length: 3\n    -   name: g\n",
        "    - \n      name: f\n",
        "    - cordon: { level: sensitive }   # first\n      name: f\n",
        "    - ? name\n      : f\n",
    ];
    let mut lines = Vec::new();
    for (index, tail) in tails.iter().enumerate() {
        for crlf in [false, true] {
            let mut text = format!("{head}{tail}");
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let outcome = match edit(&text, "a/c", "f", &level) {
                Ok(new) => shown(&text, &new),
                Err(fault) => fault,
            };
            lines.push(format!(
                "== {index}{}\n{outcome:?}",
                if crlf { " crlf" } else { "" }
            ));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

/// The parser under the edits gives back each vendored manifest byte by byte.
#[test]
fn a_manifest_that_is_parsed_and_printed_is_the_same() {
    use std::str::FromStr;
    for (name, text) in vendored()
        .into_iter()
        .chain([("app.yaml".into(), APP.to_owned())])
    {
        if name.ends_with(".invalid") {
            continue;
        }
        let file = yaml_edit::YamlFile::from_str(&text).unwrap();
        assert!(file.to_string() == text, "{name}");
    }
}

/// Every seventh field of Fides' manifests takes a level and then a mask; lines are only added, and
/// taking the added lines away gives the old text.
#[test]
fn fields_of_real_manifests_take_a_label() {
    let mut edits = 0;
    for (name, text) in vendored() {
        if text.len() > 12_000 {
            continue;
        }
        let Ok(catalog) = read(&[(&name, &text)], &Options::default()) else {
            continue;
        };
        let fields = catalog.datasets.values().flat_map(|dataset| {
            dataset
                .fields
                .iter()
                .map(move |field| (dataset.id.clone(), field.clone()))
        });
        for (dataset, field) in fields.step_by(7) {
            let level = Setting::Level(Level::Sensitive);
            let files = [(name.as_str(), text.as_str())];
            let edited = match set(&files, &Options::default(), &dataset, &field.name, &level) {
                Ok(edited) => edited,
                // An object takes its level from the fields nested in it.
                Err(faults) => {
                    assert!(faults[0].cause.contains("nested"), "{}", faults[0]);
                    continue;
                }
            };
            assert!(matches!(edited.changes[..], [ref one] if matches!(one.what, What::Level(..))));
            assert_only_added(&text, &edited.text);
            let mask = Setting::Mask(Mask::Null);
            let files = [(name.as_str(), edited.text.as_str())];
            let masked = set(&files, &Options::default(), &dataset, &field.name, &mask).unwrap();
            assert_only_added(&text, &masked.text);
            edits += 1;
        }
    }
    assert!(edits > 100, "{edits}");
}

fn assert_only_added(old: &str, new: &str) {
    let diff = TextDiff::from_lines(old, new);
    let kept: String = diff
        .iter_all_changes()
        .filter(|change| change.tag() != ChangeTag::Insert)
        .map(|change| change.value().to_owned())
        .collect();
    let removed = diff
        .iter_all_changes()
        .any(|change| change.tag() == ChangeTag::Delete);
    assert!(kept == old && !removed, "{}", shown(old, new));
}
