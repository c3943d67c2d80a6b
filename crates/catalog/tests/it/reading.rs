//! Good manifests: what every word of the block becomes.

use catalog::{Options, parent_key, read};
use model::{Dataset, DatasetId, FieldName, Subjects};

use crate::{APP, good};

/// One line a field, for people.
fn shown(dataset: &Dataset) -> String {
    let mut lines = vec![format!(
        "{} upstream={:?} store={:?} owner={:?}",
        dataset.id,
        dataset.upstream.as_deref().unwrap_or("-"),
        dataset
            .store
            .as_ref()
            .map_or("-".into(), ToString::to_string),
        dataset
            .owner
            .as_ref()
            .map_or("-".into(), ToString::to_string),
    )];
    lines.push(match &dataset.subjects {
        Subjects::Some(list) => list
            .iter()
            .map(|one| format!("  about {:?} by {:?}\n", one.key, one.path))
            .collect::<String>()
            .trim_end()
            .to_owned(),
        Subjects::Undeclared => "  about whom nobody said".to_owned(),
        Subjects::Nobody => "  about nobody".to_owned(),
    });
    lines.extend(
        dataset
            .observe
            .map(|observe| format!("  observed {observe:?}")),
    );
    for field in &dataset.fields {
        let legal: Vec<&str> = field.legal.iter().map(|legal| legal.as_str()).collect();
        let mut line = format!(
            "  {:<16} {:<16} {:<26} {:<12} [{}]",
            field.name.as_str(),
            field.label.map_or("-".into(), |level| level.to_string()),
            field.mask.as_ref().map_or("-".into(), ToString::to_string),
            field.type_name.as_deref().unwrap_or("-"),
            legal.join(" "),
        );
        for reference in &field.references {
            line.push_str(&format!(" -> {}.{}", reference.dataset, reference.field));
        }
        if let Some(when) = &field.public_when {
            line.push_str(&format!("\n      public when {}", when.condition));
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[test]
fn every_word_of_the_block_is_read() {
    let catalog = good(APP);
    let text: Vec<String> = catalog.datasets.values().map(shown).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn what_is_left_open_is_a_gap() {
    let catalog = good(APP);
    let gaps: Vec<String> = catalog
        .gaps
        .iter()
        .map(|gap| format!("{} {}: {}", gap.kind, gap.subject, gap.text))
        .collect();
    insta::assert_snapshot!(gaps.join("\n"));
    let undeclared: Vec<String> = catalog
        .datasets
        .values()
        .filter(|dataset| !dataset.undeclared_subjects.is_empty())
        .map(|dataset| format!("{} {:?}", dataset.id, dataset.undeclared_subjects))
        .collect();
    assert_eq!(
        undeclared,
        ["app/public.reports {FieldName(\"case_id\"), FieldName(\"video_id\")}"]
    );
    assert_eq!(catalog.warnings, []);
}

#[test]
fn a_through_key_names_columns_of_its_parent() {
    let catalog = good(APP);
    let dataset = |name: &str| &catalog.datasets[&DatasetId::new(name).unwrap()];
    let users = dataset("app/public.users");
    for child in ["app/public.messages", "app/public.videos"] {
        let child = dataset(child);
        let Subjects::Some(subjects) = &child.subjects else {
            panic!("no subjects")
        };
        for subject in subjects {
            let columns = parent_key(child, subject, users);
            assert_eq!(columns, Some(vec![FieldName::new("id").unwrap()]));
        }
    }
}

#[test]
fn datasets_of_several_files_know_each_other() {
    let users = "dataset: [ { fides_key: a, collections: [ { name: users, \
        cordon: { subjects: [ { key: [id], residency: { country: Germany } } ] }, \
        fields: [ { name: id, cordon: { level: protected } } ] } ] } ]";
    let posts = "dataset: [ { fides_key: b, collections: [ { name: posts, \
        cordon: { subjects: [ { key: [by], through: a/users } ] }, \
        fields: [ { name: by, cordon: { level: protected } } ] } ] } ]";
    for files in [[("u", users), ("p", posts)], [("p", posts), ("u", users)]] {
        let catalog = read(&files, &Options::default()).unwrap();
        assert_eq!(catalog.datasets.len(), 2);
        assert_eq!(catalog.gaps, []);
    }
}

#[test]
fn a_custom_category_is_taken_when_the_caller_lists_it() {
    let text = "dataset: [ { fides_key: a, collections: [ { name: c, \
        fields: [ { name: f, data_categories: [user.contact.pager] } ] } ] } ]";
    assert!(read(&[("a", text)], &Options::default()).is_err());
    let options = Options {
        custom_categories: ["user.contact.pager".to_owned()].into(),
    };
    assert!(read(&[("a", text)], &options).is_ok());
}

#[test]
fn a_null_mask_may_be_a_word_or_nothing() {
    for mask in ["\"null\"", "null", "~", "'null'", ""] {
        let text = format!(
            "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields:\n    - name: f\n      cordon:\n        level: protected\n        mask: {mask}\n"
        );
        let catalog = good(&text);
        let field = &catalog.datasets.values().next().unwrap().fields[0];
        assert_eq!(field.mask, Some(model::Mask::Null), "{mask}");
    }
}

#[test]
fn anchors_and_merges_are_understood() {
    let text = "dataset:\n- fides_key: a\n  collections:\n  - name: c\n    fields:\n    - name: f\n      cordon: &hard { level: sensitive, mask: null }\n    - name: g\n      cordon: *hard\n    - name: h\n      cordon: { <<: *hard, level: restricted }\n";
    let catalog = good(text);
    let fields = &catalog.datasets.values().next().unwrap().fields;
    assert_eq!(fields[1].label, Some(model::Level::Sensitive));
    assert_eq!(fields[2].label, Some(model::Level::Restricted));
    assert_eq!(fields[2].mask, Some(model::Mask::Null));
}
