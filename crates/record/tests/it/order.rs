//! The folds are pure: the same entries, the same state and hash; another order, refused or another
//! hash; a snapshot is as good as the entries.

use proptest::prelude::*;
use record::{Body, Entry, Refused, State, Trail};

use crate::arbitrary::any_entry_bytes;
use crate::history::*;

/// Some of everything.
fn long_history() -> History {
    let mut history = History::constituted();
    history.add(log_open(1));
    history.add(anchor(20, 10));
    let asked = history.add(request());
    history.add(approval(asked, 0, 1));
    history.add(approval(asked, 1, 3));
    history.add(grant(asked));
    let emergency = history.add(break_glass());
    history.add(erasure(3, &[1, 3]));
    history.add(label_change(2, "email"));
    history.add(review(emergency));
    history.add_keyed(7, request()).unwrap();
    history.add_keyed(7, request()).unwrap();
    history.add(log_close(30));
    history.add(stop());
    history
}

fn folded(entries: &[Entry]) -> Result<State, Refused> {
    let mut state = State::default();
    for (index, entry) in entries.iter().enumerate() {
        state.apply(index as u64, entry)?;
    }
    Ok(state)
}

/// When this changes, every snapshot and every heartbeat of logs that exist is void: that needs a
/// new version of the format.
#[test]
fn the_hash_of_a_state_is_the_same_on_every_machine() {
    let expected = "ba1ebe51ef70435a9ec30eaa36113ee07660270dab48eeee3459a0c30937bbba";
    assert_eq!(long_history().state.hash().to_string(), expected);
    let expected = "91117ec26666aaddb3947c8712c1217c6d0fd75db0c1101c262609b57229d8af";
    assert_eq!(State::default().hash().to_string(), expected);
}

#[test]
fn the_same_entries_give_the_same_state() {
    let history = long_history();
    assert_eq!(folded(&history.entries), Ok(history.state));
}

#[test]
fn each_new_entry_changes_the_hash() {
    let history = long_history();
    let mut state = State::default();
    let mut hashes = vec![state.hash()];
    for (index, entry) in history.entries.iter().enumerate() {
        state.apply(index as u64, entry).unwrap();
        assert!(!hashes.contains(&state.hash()), "entry {index}");
        hashes.push(state.hash());
    }
}

#[test]
fn another_order_is_refused_or_gives_another_hash() {
    // What repeats an entry has no effect, so it may stand anywhere after it.
    let mut history = long_history();
    let repeated = history
        .entries
        .iter()
        .rposition(|entry| entry.idempotency.is_some());
    history.entries.remove(repeated.unwrap());
    history.state = folded(&history.entries).unwrap();
    let count = history.entries.len();
    let mut refused = 0;
    for first in 0..count {
        for second in first + 1..count {
            let mut entries = history.entries.clone();
            entries.swap(first, second);
            match folded(&entries) {
                Ok(state) => assert_ne!(state.hash(), history.state.hash(), "{first} {second}"),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_snapshot_stands_for_the_entries_and_a_damaged_one_does_not() {
    let history = long_history();
    let bytes = history.state.encode();
    let read = State::decode(&bytes).unwrap();
    assert_eq!(read, history.state);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        if let Ok(read) = State::decode(&damaged) {
            assert_ne!(read.hash(), history.state.hash(), "byte {at}");
        }
        assert!(State::decode(&bytes[..at]).is_err());
    }
}

proptest! {
    /// What one log may hold after another entry does not depend on how often one asked.
    #[test]
    fn entries_of_any_sort_are_applied_or_refused_and_a_refusal_changes_nothing(
        made_up in prop::collection::vec(any_entry_bytes(), 1..6),
        start in 0_usize..20,
    ) {
        let history = long_history();
        let mut state = folded(&history.entries[..start.min(history.entries.len())]).unwrap();
        let mut trail = Trail::default();
        for bytes in made_up {
            let mut entry = Entry::decode(&bytes).unwrap();
            entry.marks.evaluation = false;
            entry.control_size = 0;
            let before = state.clone();
            let asked = state.check(state.size(), &entry);
            let applied = state.apply(state.size(), &entry);
            prop_assert_eq!(&asked, &applied);
            if applied.is_err() {
                prop_assert_eq!(state.hash(), before.hash());
            } else {
                prop_assert_eq!(state.size(), before.size() + 1);
            }
            let _ = trail.apply(trail.size(), &entry);
        }
        prop_assert_eq!(State::decode(&state.encode()).unwrap(), state);
    }
}

#[test]
fn the_first_entry_of_a_log_is_a_start_whatever_else_is_tried() {
    for entry in long_history().entries {
        let starts = matches!(entry.body, Body::Start(_));
        assert_eq!(State::default().check(0, &entry).is_ok(), starts);
    }
}
