//! The attack that decides: somebody who holds the log's key rewrites an entry, hashes everything
//! again and signs again.

use record::Entry;
use verifier::Verdict;

use crate::asked::{Asked, codes};
use crate::made::Made;
use crate::tampered::control;

/// The administrator's work: entry 6 rewritten, all derived files made anew and signed. The
/// cosigned checkpoint stays, because nobody but the witness can make another.
fn rewritten(size: u64) -> (Made, Asked) {
    let honest = control(size);
    let mut forged = honest.clone();
    let mut entry = Entry::decode(&forged.entries[6]).unwrap();
    entry.time_ms -= 86_400_000;
    forged.entries[6] = entry.encode().unwrap();
    forged.cosigned = None;
    let asked = Asked::one(forged.files(), honest.vkey());
    (honest, asked)
}

fn with_cosigned(honest: &Made, size: u64, mut asked: Asked) -> Asked {
    let kept = honest.cosigned_at(size).to_string().into_bytes();
    let files = &mut asked.sources[0].files;
    files.insert("checkpoint.witnessed".to_owned(), kept);
    asked.witnessed()
}

#[test]
fn what_the_log_key_rewrote_is_a_violation_by_the_witness_s_word() {
    let (honest, asked) = rewritten(300);
    let report = with_cosigned(&honest, 256, asked).report();
    assert_eq!(report.verdict(), Verdict::Violation);
    insta::assert_snapshot!(report.to_text(), @r#"
    VIOLATION: 1 found in 1 log with 300 entries

    checked
      control log example.org/cordon/control/1
        300 entries, root 5zZcqt+dSp5UUjp5iEViU7DCEB60RMau1W4EFu5KVB8=
        read and hashed: 300 entries in 2 bundles, 10159 bytes; 3 tiles compared
        written 2026-01-01T00:00:00.000Z to 2026-01-01T00:04:59.000Z
        catalogue 1, constitution 1, heartbeat 295, people 1, policy 1, start 1
        payloads: 6 withheld

    violations
      history-rewritten  example.org/cordon/control/1
        the first 256 entries are not those of the checkpoint that witness.example cosigned: they give the root 7VDBZxulFKJDdE9wI4CCcY62BD79qdG6doIFelhgf+U=, not B+KKl4atM4Z+oLqkFbXghORC9rE51HyvPu/BAWqjG7Y=; at least one of them was rewritten after that

    gaps: not wrong, not covered
      people-unchecked  example.org/cordon/control/1
        8 signatures of people are cited; this program does not verify them yet
      payloads-withheld  example.org/cordon/control/1
        6 payloads: no export was given (`--payloads`)
    "#);
}

#[test]
fn a_rewritten_log_of_the_witnessed_size_is_a_fork() {
    let (honest, asked) = rewritten(300);
    assert_eq!(with_cosigned(&honest, 300, asked).codes(), ["fork"]);
}

#[test]
fn a_rewritten_log_that_went_on_is_a_violation_too() {
    let (honest, asked) = rewritten(300);
    let asked = with_cosigned(&honest, 299, asked);
    assert_eq!(asked.codes(), ["history-rewritten"]);
}

#[test]
fn what_the_log_key_rewrote_is_a_violation_by_an_earlier_checkpoint() {
    let (honest, asked) = rewritten(300);
    let asked = asked.from(honest.checkpoint_at(10));
    assert_eq!(asked.codes(), ["history-rewritten"]);
}

#[test]
fn an_earlier_checkpoint_from_before_the_rewritten_entry_cannot_tell_but_says_how_far_it_reaches() {
    let (honest, asked) = rewritten(300);
    let report = asked.from(honest.checkpoint_at(5)).report();
    assert_eq!(codes(&report), ["tail-unvouched"]);
    assert!(report.to_text().contains("entries 5 to 299"));
}

#[test]
fn without_any_witness_the_verifier_says_that_it_cannot_tell() {
    let (_, asked) = rewritten(300);
    let report = asked.report();
    assert_eq!(report.verdict(), Verdict::CannotTell);
    insta::assert_snapshot!(report.to_text(), @r#"
    CANNOT TELL: no violation found in 300 entries of 1 log, but 1 question is open

    checked
      control log example.org/cordon/control/1
        300 entries, root 5zZcqt+dSp5UUjp5iEViU7DCEB60RMau1W4EFu5KVB8=
        read and hashed: 300 entries in 2 bundles, 10159 bytes; 3 tiles compared
        written 2026-01-01T00:00:00.000Z to 2026-01-01T00:04:59.000Z
        catalogue 1, constitution 1, heartbeat 295, people 1, policy 1, start 1
        payloads: 6 withheld

    cannot tell
      no-witness  example.org/cordon/control/1
        whoever holds the log's key can have written all of this anew: no witness and no earlier checkpoint says otherwise; give `--witness` or `--from`

    gaps: not wrong, not covered
      people-unchecked  example.org/cordon/control/1
        8 signatures of people are cited; this program does not verify them yet
      payloads-withheld  example.org/cordon/control/1
        6 payloads: no export was given (`--payloads`)
    "#);
}

#[test]
fn without_the_cosigned_checkpoint_the_verifier_cannot_tell_and_says_where_to_ask() {
    let (_, asked) = rewritten(300);
    let report = asked.witnessed().report();
    assert_eq!(codes(&report), ["quorum-missing"]);
    assert!(report.to_text().contains("ask a witness"));
}

#[test]
fn an_old_cosignature_does_not_vouch_for_what_came_long_after_it() {
    // The administrator keeps a cosigned checkpoint from before the entry that is rewritten.
    let (honest, asked) = rewritten(1000);
    let asked = with_cosigned(&honest, 5, asked);
    assert_eq!(asked.codes(), ["witness-behind"]);
}

#[test]
fn another_witness_s_word_does_not_count() {
    let honest = control(40);
    let mut asked = Asked::one(honest.files(), honest.vkey());
    let other = crate::made::other_witness().verifier().clone();
    asked.terms.witnesses = Some(verifier::Terms::any_of(&[other]).unwrap());
    assert_eq!(asked.codes(), ["quorum-missing"]);
}

#[test]
fn an_earlier_checkpoint_under_another_key_proves_nothing_and_is_said() {
    let honest = control(40);
    let stranger = {
        let mut log = Made::new(honest.name(), 0x77);
        log.entries = honest.entries.clone();
        log
    };
    let mut honest_alone = honest.clone();
    honest_alone.cosigned = None;
    let asked = Asked::one(honest_alone.files(), honest.vkey()).from(stranger.checkpoint_at(40));
    assert_eq!(asked.codes(), ["no-witness", "earlier-unsigned"]);
}
