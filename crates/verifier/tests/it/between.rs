//! Access logs against the control log beside them.

use record::{LogClose, LogLost, LogOpen};
use verifier::Severity;

use crate::asked::{Asked, codes, told};
use crate::made::{GATE_1, GATE_2, Made};
use crate::world::{World, heartbeat, line, log_name, start};

fn asked(world: &World) -> Asked {
    Asked::world(world).witnessed()
}

/// The control log goes on and is witnessed again.
fn add(world: &mut World, body: impl Into<record::Body>) {
    world.control.add(body, &[]);
    world.control.cosigned = Some(world.control.size());
}

#[test]
fn an_access_log_cut_after_an_anchor_is_a_violation() {
    let mut world = World::honest();
    world.gate_1.entries.truncate(8);
    assert_eq!(asked(&world).codes(), ["log-cut"]);
}

#[test]
fn an_access_log_that_does_not_have_the_root_of_its_anchor_is_a_violation() {
    let mut world = World::honest();
    let mut entry = record::Entry::decode(&world.gate_1.entries[6]).unwrap();
    entry.time_ms += 1;
    world.gate_1.entries[6] = entry.encode().unwrap();
    // The anchor at 4 holds, the one at 12 does not.
    let report = asked(&world).report();
    assert_eq!(told(&report, Severity::Violation), ["anchor-contradicted"]);
    assert!(report.to_text().contains("anchors 12 entries"));
}

#[test]
fn a_log_that_went_on_after_it_was_closed_is_a_violation() {
    let mut world = World::honest();
    world.gate_2.add(start(GATE_2, true), &[]);
    assert_eq!(asked(&world).codes(), ["grown-after-close"]);
}

#[test]
fn an_access_log_that_nobody_opened_is_a_violation() {
    let mut asked = asked(&World::honest());
    let mut other = Made::new("example.org/cordon/access/gate-9/1", 0xe9);
    other.add(start(other.name().to_owned().as_str(), true), &[]);
    asked.sources.push(other.files());
    assert_eq!(asked.codes(), ["log-not-opened"]);
}

#[test]
fn an_access_log_that_was_not_given_leaves_a_question_open() {
    let mut asked = asked(&World::honest());
    asked.sources.pop();
    assert_eq!(asked.codes(), ["log-not-found"]);
}

#[test]
fn an_access_log_alone_says_that_its_anchors_were_not_compared() {
    let world = World::honest();
    let earlier = world.gate_1.checkpoint_at(world.gate_1.size());
    let asked = Asked::one(world.gate_1.files(), world.gate_1.vkey()).from(earlier);
    let report = asked.report();
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert!(told(&report, Severity::Gap).contains(&"control-not-given".to_owned()));
}

#[test]
fn a_lost_log_is_a_gap_whether_its_rest_is_there_or_not() {
    let mut world = World::honest();
    let lost = LogLost {
        log: log_name(GATE_1),
        witnessed_size: 12,
    };
    world.control.add(lost, &[(1, b"the disk died")]);
    add(&mut world, heartbeat());
    let with = asked(&world).report();
    assert!(told(&with, Severity::Gap).contains(&"log-lost".to_owned()));
    let mut asked = asked(&world);
    asked.sources.remove(1);
    let without = asked.report();
    assert_eq!(codes(&without), Vec::<&str>::new());
    assert!(told(&without, Severity::Gap).contains(&"log-lost at 16".to_owned()));
}

#[test]
fn entries_that_cite_more_of_the_control_log_than_was_given_are_told() {
    let mut world = World::honest();
    world.gate_1.control_size = 99;
    world.gate_1.add(heartbeat(), &[]);
    let report = asked(&world).report();
    assert!(told(&report, Severity::Gap).contains(&"control-unseen".to_owned()));
}

#[test]
fn a_key_that_the_control_log_does_not_spell_leaves_a_question_open() {
    let mut world = World::honest();
    let open = LogOpen {
        log: log_name("example.org/cordon/access/gate-9/1"),
        key: line("no key"),
        replaces: None,
    };
    add(&mut world, open);
    let mut asked = asked(&world);
    let mut other = Made::new("example.org/cordon/access/gate-9/1", 0xe9);
    other.add(start("example.org/cordon/access/gate-9/1", true), &[]);
    asked.sources.push(other.files());
    assert_eq!(asked.codes(), ["log-key-unusable"]);
}

#[test]
fn an_access_log_under_another_key_than_its_opening_names_is_a_violation() {
    let mut world = World::honest();
    world.gate_2.key = Made::new(GATE_2, 0x99).key;
    assert_eq!(asked(&world).codes(), ["log-signature-wrong"]);
}

#[test]
fn a_close_with_another_root_is_a_violation() {
    let mut world = World::honest();
    let close = LogClose {
        log: log_name(GATE_1),
        size: 13,
        root: crate::world::digest(0x13),
        checkpoint: crate::world::digest(0xcc),
    };
    add(&mut world, close);
    let found = asked(&world).codes();
    assert_eq!(found, ["anchor-contradicted", "grown-after-close"]);
}
