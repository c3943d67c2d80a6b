//! What holds for every input.

use catalog::{Options, condition, diff, read};
use model::{Comparison, FieldName, Literal, Predicate};
use proptest::prelude::*;

use crate::{APP, good, vendored};

fn field_names() -> impl Strategy<Value = FieldName> {
    prop_oneof![
        "[a-z_][a-z0-9_]{0,8}",
        prop::sample::select(vec![
            "and",
            "Select",
            "null",
            "a\"b",
            "Unit Price",
            "ü",
            "1st",
            "not"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(|name| FieldName::new(&name).unwrap())
}

fn literals() -> impl Strategy<Value = Literal> {
    prop_oneof![
        "[ -~äß']{0,12}".prop_map(Literal::Text),
        "-?[0-9]{1,9}(\\.[0-9]{1,4})?".prop_map(Literal::Number),
        any::<bool>().prop_map(Literal::Boolean),
    ]
}

fn comparisons() -> impl Strategy<Value = Comparison> {
    use Comparison as C;
    prop::sample::select(vec![
        C::Equal,
        C::NotEqual,
        C::Less,
        C::LessOrEqual,
        C::Greater,
        C::GreaterOrEqual,
    ])
}

/// What the grammar can say: ANDs and ORs of one part are that part.
fn predicates() -> impl Strategy<Value = Predicate> {
    let leaf = prop_oneof![
        (field_names(), comparisons(), literals())
            .prop_map(|(field, op, literal)| Predicate::Compare(field, op, literal)),
        (field_names(), prop::collection::vec(literals(), 1..4))
            .prop_map(|(field, list)| Predicate::In(field, list)),
        field_names().prop_map(Predicate::IsNull),
        field_names().prop_map(Predicate::IsNotNull),
        field_names().prop_map(Predicate::Holds),
    ];
    leaf.prop_recursive(8, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Predicate::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Predicate::Or),
            inner.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_condition_that_is_printed_is_read_back(predicate in predicates()) {
        let printed = predicate.to_string();
        prop_assume!(printed.len() <= condition::LENGTH_MAX);
        prop_assert_eq!(condition::parse(&printed), Ok(predicate));
    }

    #[test]
    fn any_text_is_a_condition_or_an_error_and_what_is_read_prints_and_reads_back(
        text in prop_oneof![
            any::<String>(),
            "( |a|b|and|or|not|in|is|null|=|<>|<|\\(|\\)|,|'x'|\"Y\"|1|-2\\.5|true){0,40}",
            "(not ?|\\( ?){0,200}a(\\)| or b| and c){0,200}",
        ]
    ) {
        if let Ok(predicate) = condition::parse(&text) {
            prop_assert_eq!(condition::parse(&predicate.to_string()), Ok(predicate));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn mutated_manifests_never_panic_the_reader(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let mut files = vendored();
        files.retain(|(_, text)| text.len() < 12_000);
        files.push(("app.yaml".to_owned(), APP.to_owned()));
        let (name, text) = &files[file.index(files.len())];
        let mut bytes = text.clone().into_bytes();
        for (at, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, b"\n:-[]{}&*'\"#"[usize::from(byte) % 12]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(faults) = read(&[(name, &text)], &Options::default()) {
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!(!fault.remedy.is_empty() && !fault.cause.ends_with('.'), "{}", fault);
            }
        }
    }
}

#[test]
fn reading_twice_gives_the_same_and_no_difference() {
    assert_eq!(good(APP), good(APP));
    assert_eq!(diff(&good(APP).datasets, &good(APP).datasets), []);
}
