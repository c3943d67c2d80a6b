//! Entries of every kind, made up from the shapes that the crate publishes.

use std::collections::BTreeSet;

use model::Jurisdiction;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use record::{Entry, Form, KINDS, Kind, Shape, Table};

use crate::diagnostic::Item;

/// Any number, small ones and those at the borders of CBOR's forms more often.
fn number() -> BoxedStrategy<u64> {
    prop_oneof![
        0_u64..30,
        select(vec![
            23,
            24,
            255,
            256,
            65_535,
            65_536,
            u64::from(u32::MAX),
            u64::MAX
        ]),
        any::<u64>(),
    ]
    .boxed()
}

fn text(form: Form) -> BoxedStrategy<String> {
    match form {
        Form::Name(_) => "[a-zA-Z0-9_.:<>-]{1,20}".boxed(),
        Form::Column => "[a-zé]([a-zé ]{0,20}[a-zé])?".boxed(),
        Form::Dataset => "[a-z_]{1,8}/[a-z]([a-z. ]{0,20}[a-z])?".boxed(),
        Form::Country => {
            let codes = Jurisdiction::all().map(|place| place.alpha2().to_owned());
            select(codes.collect::<Vec<_>>()).boxed()
        }
        Form::Log => "[!-*,-~]{1,60}".boxed(),
        Form::Line => "[!-~é]([ -~é]{0,60}[!-~é])?".boxed(),
    }
}

fn shaped(shape: &'static Shape) -> BoxedStrategy<Item> {
    match shape {
        Shape::Unsigned => number().prop_map(Item::Unsigned).boxed(),
        Shape::Truth => any::<bool>().prop_map(Item::Truth).boxed(),
        Shape::Bytes(length, _) => vec(any::<u8>(), *length).prop_map(Item::Bytes).boxed(),
        Shape::Text(form) => text(*form).prop_map(Item::Text).boxed(),
        Shape::Word(_, words) => select(words())
            .prop_map(|word| Item::Text(word.to_owned()))
            .boxed(),
        Shape::List(of, _) => vec(shaped(of), 0..4).prop_map(Item::Array).boxed(),
        Shape::Set(of, _) => vec(shaped(of), 0..4)
            .prop_map(|mut items| {
                items.sort_by_key(Item::bytes);
                items.dedup();
                Item::Array(items)
            })
            .boxed(),
        Shape::Table(table) => filled(table),
        Shape::Map(..) => panic!("entries have no maps with open keys"),
    }
}

/// What must be there, or what is there half of the time.
fn perhaps<T: std::fmt::Debug + Clone + 'static>(
    required: bool,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    if required {
        value.prop_map(Some).boxed()
    } else {
        prop::option::of(value).boxed()
    }
}

fn filled(table: &'static Table) -> BoxedStrategy<Item> {
    let member = |key: &'static record::Key| {
        let value = perhaps(key.required, shaped(key.shape));
        value.prop_map(|value| value.map(|value| (Item::Unsigned(key.number), value)))
    };
    let members: Vec<_> = table.keys.iter().map(member).collect();
    members
        .prop_map(|members| Item::Map(members.into_iter().flatten().collect()))
        .boxed()
}

fn committed(kind: &'static Kind) -> BoxedStrategy<Item> {
    let field = |field: &'static record::Committed| {
        let commitment = perhaps(field.required, vec(any::<u8>(), 32));
        commitment.prop_map(|commitment| {
            let number = Item::Unsigned(u64::from(field.field.0));
            commitment.map(|bytes| Item::Array(vec![number, Item::Bytes(bytes)]))
        })
    };
    let fields: Vec<_> = kind.fields.iter().map(field).collect();
    fields
        .prop_map(|fields| Item::Array(fields.into_iter().flatten().collect()))
        .boxed()
}

/// The canonical bytes of any entry of a kind.
pub fn entry_bytes(kind: &'static Kind) -> BoxedStrategy<Vec<u8>> {
    let Shape::Table(table) = kind.body else {
        panic!("{} has no table", kind.name);
    };
    let head = (
        number(),
        number(),
        0_u64..2,
        prop::option::of(vec(any::<u8>(), 16)),
    );
    (head, filled(table), committed(kind))
        .prop_map(
            |((time_ms, control_size, marks, idempotency), body, commitments)| {
                let mut pairs = vec![
                    (0, Item::Unsigned(1)),
                    (1, Item::Unsigned(u64::from(kind.number))),
                    (2, Item::Unsigned(time_ms)),
                    (3, Item::Unsigned(control_size)),
                    (4, Item::Unsigned(marks)),
                ];
                pairs.extend(idempotency.map(|bytes| (5, Item::Bytes(bytes))));
                pairs.extend([(6, body), (7, commitments)]);
                let pairs = pairs.into_iter();
                Item::Map(
                    pairs
                        .map(|(key, value)| (Item::Unsigned(key), value))
                        .collect(),
                )
                .bytes()
            },
        )
        .boxed()
}

/// The canonical bytes of any entry.
pub fn any_entry_bytes() -> BoxedStrategy<Vec<u8>> {
    select(KINDS.to_vec()).prop_flat_map(entry_bytes).boxed()
}

#[test]
fn entries_of_every_kind_are_read_and_written_as_they_were() {
    let mut runner = proptest::test_runner::TestRunner::default();
    for kind in KINDS {
        runner
            .run(&entry_bytes(kind), |bytes| {
                let entry = Entry::decode(&bytes)
                    .map_err(|why| TestCaseError::fail(format!("{}: {why}", kind.name)))?;
                prop_assert_eq!(entry.kind(), *kind);
                prop_assert_eq!(entry.encode().unwrap(), bytes);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn kinds_keys_and_fields_have_numbers_of_their_own_in_order() {
    assert!(KINDS.is_sorted_by(|a, b| a.number < b.number));
    let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    for kind in KINDS {
        assert_eq!(Kind::named(kind.name), Some(*kind));
        assert!(
            kind.fields.is_sorted_by(|a, b| a.field < b.field),
            "{}",
            kind.name
        );
        ordered(kind.body);
    }
}

/// The reader asks for keys in the order of the table.
fn ordered(shape: &'static Shape) {
    match shape {
        Shape::Table(table) => {
            assert!(
                table.keys.is_sorted_by(|a, b| a.number < b.number),
                "{}",
                table.name
            );
            table.keys.iter().for_each(|key| ordered(key.shape));
        }
        Shape::List(of, _) | Shape::Set(of, _) => ordered(of),
        Shape::Unsigned
        | Shape::Truth
        | Shape::Bytes(..)
        | Shape::Text(_)
        | Shape::Word(..)
        | Shape::Map(..) => {}
    }
}
