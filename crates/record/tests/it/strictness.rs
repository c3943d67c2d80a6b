//! An entry has one sequence of bytes: each other one is refused, with its place and its cause.

use proptest::prelude::*;
use record::{Cause, Entry, SIZE_MAX};

use crate::diagnostic::{Item, parse};
use crate::vectors;

fn vector(kind: &str) -> Item {
    parse(&vectors::of_kind(kind)[0].diagnostic)
}

fn cause(bytes: &[u8]) -> Cause {
    Entry::decode(bytes).expect_err("it must be refused").cause
}

/// What is said after one change to the first vector of a kind.
fn changed(kind: &str, change: impl FnOnce(&mut Item)) -> Cause {
    let mut item = vector(kind);
    change(&mut item);
    cause(&item.bytes())
}

fn number(value: u64) -> Item {
    Item::Unsigned(value)
}

fn text(value: &str) -> Item {
    Item::Text(value.to_owned())
}

/// Where the first of some bytes stand.
fn place_of(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted).expect("there")
}

#[test]
fn numbers_in_a_longer_form_are_refused() {
    let bytes = vector("reservation").bytes();
    // Key 3 of the envelope is followed by the control size 7.
    let at = place_of(&bytes, &[0x03, 0x07, 0x04]) + 1;
    for longer in [
        vec![0x18, 7],
        vec![0x19, 0, 7],
        vec![0x1a, 0, 0, 0, 7],
        vec![0x1b, 0, 0, 0, 0, 0, 0, 0, 7],
    ] {
        let mut changed = bytes.clone();
        changed.splice(at..=at, longer);
        let refused = Entry::decode(&changed).unwrap_err();
        assert_eq!((refused.at, refused.cause), (at, Cause::NotShortest));
    }
    for reserved in [0x1c, 0x1d, 0x1e] {
        let mut changed = bytes.clone();
        changed[at] = reserved;
        assert_eq!(cause(&changed), Cause::Reserved);
    }
}

#[test]
fn a_length_in_a_longer_form_is_refused() {
    let mut bytes = vector("stop").bytes();
    let at = place_of(&bytes, b"\x65asked");
    bytes.splice(at..=at, [0x78, 5]);
    assert_eq!(cause(&bytes), Cause::NotShortest);
}

#[test]
fn indefinite_lengths_are_refused() {
    let mut map = vector("stop").bytes();
    map[0] = 0xbf;
    map.push(0xff);
    assert_eq!(cause(&map), Cause::Indefinite);

    let mut string = vector("stop").bytes();
    let at = place_of(&string, b"\x65asked");
    string.splice(at..at + 6, *b"\x7f\x62as\x63ked\xff");
    assert_eq!(cause(&string), Cause::Indefinite);
}

#[test]
fn keys_out_of_order_and_keys_twice_are_refused() {
    let swap = |item: &mut Item| item.pairs().swap(2, 3);
    let name = "time_ms";
    // Read from the front, the key that stands too late is missed first.
    assert_eq!(changed("stop", swap), Cause::MissingKey { key: 2, name });
    let swap_body = |item: &mut Item| item.at(6).pairs().swap(0, 1);
    let name = "session";
    assert_eq!(
        changed("reservation", swap_body),
        Cause::MissingKey { key: 0, name }
    );
    // An optional key is not missed, so it is found out of order.
    let optional = |item: &mut Item| item.at(6).pairs().swap(5, 6);
    assert_eq!(changed("session-start", optional), Cause::Order);
    let twice = |item: &mut Item| {
        let pair = item.at(6).pairs()[1].clone();
        item.at(6).pairs().insert(1, pair);
    };
    assert_eq!(changed("reservation", twice), Cause::Order);
}

#[test]
fn sets_out_of_order_and_members_twice_are_refused() {
    let swap = |item: &mut Item| item.at(6).at(3).items().swap(0, 1);
    assert_eq!(changed("erasure", swap), Cause::Order);
    let twice = |item: &mut Item| {
        let first = item.at(6).at(3).items()[0].clone();
        item.at(6).at(3).items().insert(0, first);
    };
    assert_eq!(changed("erasure", twice), Cause::Order);
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    for (key, place) in [(8, 7), (200, 7)] {
        let add = |item: &mut Item| item.pairs().insert(place, (number(key), number(0)));
        assert_eq!(changed("stop", add), Cause::UnknownKey(key));
    }
    let in_body = |item: &mut Item| item.at(6).pairs().push((number(9), number(0)));
    assert_eq!(changed("stop", in_body), Cause::UnknownKey(9));
    let deeper = |item: &mut Item| {
        let pair = (number(7), number(0));
        item.at(6).at(15).items()[0].pairs().push(pair);
    };
    assert_eq!(changed("decision", deeper), Cause::UnknownKey(7));
    let word = |item: &mut Item| item.pairs().push((text("note"), number(0)));
    assert_eq!(changed("stop", word), Cause::Wanted("an unsigned integer"));
}

#[test]
fn missing_keys_are_refused_by_name() {
    for (key, name) in [(0, "version"), (2, "time_ms"), (4, "marks"), (6, "body")] {
        let remove = |item: &mut Item| item.pairs().retain(|(at, _)| *at != number(key));
        // The keys are asked for in order, so the next one is met where this one is missed.
        assert_eq!(changed("stop", remove), Cause::MissingKey { key, name });
    }
    let remove = |item: &mut Item| item.at(6).pairs().retain(|(at, _)| *at != number(1));
    let name = "number";
    assert_eq!(
        changed("reservation", remove),
        Cause::MissingKey { key: 1, name }
    );
}

#[test]
fn what_follows_or_is_cut_off_is_refused() {
    for vector in vectors::all() {
        let bytes = vector.bytes();
        let mut longer = bytes.clone();
        longer.push(0);
        let refused = Entry::decode(&longer).unwrap_err();
        assert_eq!((refused.at, refused.cause), (bytes.len(), Cause::Trailing));
        for end in 0..bytes.len() {
            assert_eq!(
                cause(&bytes[..end]),
                Cause::EndsEarly,
                "{}: {end}",
                vector.title
            );
        }
    }
}

#[test]
fn unknown_versions_kinds_marks_and_words_are_refused() {
    let version = |item: &mut Item| *item.at(0) = number(2);
    assert_eq!(changed("stop", version), Cause::Version(2));
    for kind in [0, 4, 81, 65_535, u64::MAX] {
        let other = |item: &mut Item| *item.at(1) = number(kind);
        assert_eq!(changed("stop", other), Cause::Kind(kind));
    }
    for bits in [2, 3, u64::MAX] {
        let mark = |item: &mut Item| *item.at(4) = number(bits);
        assert_eq!(changed("stop", mark), Cause::Mark);
    }
    let word = |item: &mut Item| *item.at(6).at(0) = text("Asked");
    assert_eq!(changed("stop", word), Cause::UnknownWord("reason to stop"));
    let code = |item: &mut Item| *item.at(6).at(3) = text("no-such-code");
    assert_eq!(changed("refusal", code), Cause::UnknownWord("refusal"));
}

#[test]
fn values_of_another_type_or_form_are_refused() {
    for other in [
        text("1"),
        Item::Truth(true),
        Item::Bytes(vec![1]),
        Item::Array(vec![]),
    ] {
        let change = |item: &mut Item| *item.at(2) = other;
        assert_eq!(
            changed("stop", change),
            Cause::Wanted("an unsigned integer")
        );
    }
    let truth = |item: &mut Item| *item.at(6).at(2) = number(1);
    assert_eq!(changed("start", truth), Cause::Wanted("true or false"));
    let short = |item: &mut Item| *item.at(6).at(1) = Item::Bytes(vec![0; 31]);
    assert_eq!(changed("schema", short), Cause::Wanted("32 bytes"));
    // Other spellings that `model` understands, and names that it does not.
    for country in ["us", "USA", "XX", ""] {
        let change = |item: &mut Item| *item.at(6).at(5) = text(country);
        let wanted = Cause::BadText("an alpha-2 country code");
        assert_eq!(changed("session-start", change), wanted, "{country}");
    }
    for name in ["", "a b", "a+b", "a\n", "é"] {
        let change = |item: &mut Item| *item.at(6).at(0) = text(name);
        assert!(
            matches!(changed("start", change), Cause::BadText(_)),
            "{name}"
        );
    }
    for line in ["", " a", "a\u{7f}", &"a".repeat(401)] {
        let change = |item: &mut Item| *item.at(6).at(1) = text(line);
        assert!(
            matches!(changed("start", change), Cause::BadText(_)),
            "{line}"
        );
    }
    let mut bytes = vector("stop").bytes();
    let at = place_of(&bytes, b"\x65asked");
    bytes[at + 1] = 0xff;
    assert_eq!(cause(&bytes), Cause::NotText);
    // Null, undefined and floating point numbers are CBOR and stand nowhere in an entry.
    let clean = vector("start").bytes();
    for other in [0xf6, 0xf7, 0xe0] {
        let mut bytes = clean.clone();
        let at = bytes.len() - 3;
        assert_eq!(bytes[at], 0xf5, "the last key of the body is true");
        bytes[at] = other;
        assert_eq!(cause(&bytes), Cause::Wanted("true or false"));
    }
}

#[test]
fn commitments_must_be_known_complete_ordered_and_single() {
    let unknown = |item: &mut Item| item.at(7).items()[0].items()[0] = number(9);
    assert_eq!(changed("schema", unknown), Cause::UnknownField(9));
    let far = |item: &mut Item| item.at(7).items()[0].items()[0] = number(65_537);
    assert_eq!(changed("schema", far), Cause::UnknownField(65_537));
    let none = |item: &mut Item| item.at(7).items().clear();
    let name = "snapshot";
    assert_eq!(
        changed("schema", none),
        Cause::MissingField { field: 1, name }
    );
    let swap = |item: &mut Item| item.at(7).items().swap(0, 1);
    assert_eq!(changed("decision", swap), Cause::Order);
    let twice = |item: &mut Item| {
        let first = item.at(7).items()[0].clone();
        item.at(7).items().insert(0, first);
    };
    assert_eq!(changed("decision", twice), Cause::Order);
    let three = |item: &mut Item| item.at(7).items()[0].items().push(number(0));
    assert_eq!(changed("schema", three), Cause::TooMany { most: 2 });
    let one = |item: &mut Item| item.at(7).items()[0].items().truncate(1);
    assert_eq!(changed("schema", one), Cause::Wanted("an array of two"));
}

#[test]
fn an_entry_is_as_large_as_a_bundle_allows_and_no_larger() {
    let sized = |count: usize, last: usize| {
        let mut item = vector("decision");
        let names = (0..count).map(|n| text(&format!("{n:0>199}")));
        let mut names: Vec<Item> = names
            .chain([text(&format!("x{}", "y".repeat(last)))])
            .collect();
        names.sort_by_key(Item::bytes);
        *item.at(6).at(15).items()[0].at(3).items()[0].at(3) = Item::Array(names);
        item.bytes()
    };
    let base = sized(322, 30).len();
    let last = 30 + (SIZE_MAX - base);
    // The length of the last name takes no more bytes to say in this range.
    assert!((30..200).contains(&last), "{last}");
    let largest = sized(322, last);
    assert_eq!(largest.len(), SIZE_MAX);
    let entry = Entry::decode(&largest).unwrap();
    assert_eq!(entry.encode().unwrap().len(), SIZE_MAX);
    let larger = sized(322, last + 1);
    let size = SIZE_MAX + 1;
    assert_eq!(cause(&larger), Cause::TooLarge { size });
}

#[test]
fn a_count_that_promises_too_much_is_refused_before_it_is_believed() {
    let bytes = vector("erasure").bytes();
    let at = place_of(&bytes, &[0x83, 0x01, 0x03, 0x04]);
    for huge in [
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x99, 0x10, 0x01],
    ] {
        let mut changed = bytes.clone();
        changed.splice(at..=at, huge);
        assert_eq!(cause(&changed), Cause::TooMany { most: 4_096 });
    }
    let mut long = vector("stop").bytes();
    let at = place_of(&long, b"\x65asked");
    long.splice(
        at..=at,
        [0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    );
    assert_eq!(cause(&long), Cause::EndsEarly);
}

proptest! {
    #[test]
    fn bytes_of_any_sort_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode().unwrap(), bytes);
        }
    }

    /// Whatever is changed in a vector, it is refused or it is another entry with these very bytes:
    /// no two sequences of bytes are one entry.
    #[test]
    fn a_changed_byte_is_refused_or_says_something_else(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        other in any::<u8>(),
        cut in 0_usize..3,
        add in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let vectors = vectors::all();
        let original = vectors[which.index(vectors.len())].bytes();
        let mut bytes = original.clone();
        let at = at.index(bytes.len());
        bytes[at] = other;
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, add);
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(&entry.encode().unwrap(), &bytes);
            prop_assert_eq!(entry == Entry::decode(&original).unwrap(), bytes == original);
        }
    }
}
