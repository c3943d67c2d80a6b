//! Payloads that were disclosed: present, erased, withheld, MISSING, MISMATCH.

use std::collections::BTreeMap;
use std::io::BufReader;

use verifier::{Error, Export, ExportHead, Found, PayloadLine, Report, Severity};

use crate::asked::{Asked, codes, told};
use crate::made::{CONTROL, GATE_1};
use crate::world::World;

/// Everything, but for what the honest world erased.
pub fn disclosed(world: &World) -> Vec<PayloadLine> {
    let all = [&world.control, &world.gate_1, &world.gate_2].into_iter();
    let lines = all.flat_map(|log| log.payloads.clone());
    lines.filter(|line| !is_erased(line)).collect()
}

fn is_erased(line: &PayloadLine) -> bool {
    line.log == GATE_1 && line.index == 3 && line.field != "settings"
}

/// The head of an export that has everything.
pub fn head(world: &World) -> String {
    let logs = [&world.control, &world.gate_1, &world.gate_2];
    let sizes = logs.map(|log| (log.name().to_owned(), log.size()));
    ExportHead::new(BTreeMap::from(sizes), Vec::new()).to_line()
}

fn report(lines: &[PayloadLine]) -> Report {
    let world = World::honest();
    let asked = Asked::world(&world).witnessed();
    asked.with_payloads(&head(&world), lines).report()
}

fn violations(lines: &[PayloadLine]) -> Vec<String> {
    told(&report(lines), Severity::Violation)
}

fn place(lines: &mut [PayloadLine], log: &str, index: u64, field: &str) -> usize {
    let mut all = lines.iter();
    let found = all.position(|l| l.log == log && l.index == index && l.field == field);
    found.unwrap()
}

#[test]
fn payloads_that_fit_are_present_and_erased_ones_are_erased() {
    let report = report(&disclosed(&World::honest()));
    assert_eq!(codes(&report), Vec::<&str>::new());
    let counts: Vec<(u64, u64, u64)> = report
        .logs
        .iter()
        .map(|log| {
            let payloads = log.payloads;
            (payloads.present, payloads.erased, payloads.withheld)
        })
        .collect();
    assert_eq!(counts, [(16, 0, 0), (8, 2, 0), (0, 0, 0)]);
}

#[test]
fn a_payload_that_is_neither_there_nor_erased_is_missing() {
    let mut lines = disclosed(&World::honest());
    let at = place(&mut lines, GATE_1, 9, "client_text");
    lines.remove(at);
    assert_eq!(violations(&lines), ["payload-missing at 9"]);
}

#[test]
fn a_payload_that_the_store_misses_is_missing() {
    let mut lines = disclosed(&World::honest());
    let at = place(&mut lines, CONTROL, 2, "document");
    lines[at] = PayloadLine::absent(CONTROL, 2, "people", "document", Found::Missing);
    assert_eq!(violations(&lines), ["payload-missing at 2"]);
}

#[test]
fn a_payload_with_other_bytes_or_another_salt_is_a_mismatch() {
    for change in [0, 1] {
        let mut lines = disclosed(&World::honest());
        let at = place(&mut lines, GATE_1, 9, "client_text");
        match change {
            0 => lines[at].bytes = Some("AAAA".to_owned()),
            _ => lines[at].salt = Some("00".repeat(32)),
        }
        assert_eq!(violations(&lines), ["payload-mismatch at 9"]);
    }
}

#[test]
fn a_payload_of_one_field_given_for_another_is_a_mismatch() {
    let mut lines = disclosed(&World::honest());
    let text = place(&mut lines, GATE_1, 9, "client_text");
    let guarded = place(&mut lines, GATE_1, 9, "guarded_text");
    lines[text].field = "guarded_text".to_owned();
    lines[guarded].field = "client_text".to_owned();
    assert_eq!(violations(&lines), ["payload-mismatch at 9"; 2]);
}

#[test]
fn a_payload_said_to_be_erased_without_an_entry_is_a_violation() {
    let mut lines = disclosed(&World::honest());
    let at = place(&mut lines, GATE_1, 9, "client_text");
    lines[at] = PayloadLine::absent(GATE_1, 9, "decision", "client_text", Found::Erased);
    assert_eq!(violations(&lines), ["erased-without-entry at 9"]);
}

#[test]
fn an_erasure_is_named_and_another_one_than_it_claims_is_a_violation() {
    let mut line = PayloadLine::absent(GATE_1, 3, "decision", "client_text", Found::Erased);
    let mut lines = disclosed(&World::honest());
    line.by = Some(14);
    lines.push(line.clone());
    assert_eq!(violations(&lines), Vec::<String>::new());
    line.by = Some(13);
    lines.pop();
    lines.push(line);
    assert_eq!(violations(&lines), ["erased-without-entry at 3"]);
}

#[test]
fn a_payload_that_is_there_though_an_entry_orders_it_erased_is_a_gap() {
    let world = World::honest();
    let mut lines = disclosed(&world);
    let erased = world.gate_1.payloads.iter().find(|line| is_erased(line));
    lines.push(erased.unwrap().clone());
    let gaps = told(&report(&lines), Severity::Gap);
    assert!(
        gaps.contains(&"erasure-not-done at 3".to_owned()),
        "{gaps:?}"
    );
}

#[test]
fn an_erasure_that_lies_about_the_kind_of_its_entry_is_a_violation() {
    // Entry 2 is a session's start, whose field 1 is locked; a decision's field 1 is not.
    let mut world = World::honest();
    world
        .control
        .add(crate::world::erasure(2, &[1]), &[(1, b"demand 18")]);
    world.control.cosigned = Some(world.control.size());
    let mut lines = disclosed(&world);
    let at = place(&mut lines, GATE_1, 2, "asker");
    lines.remove(at);
    let asked = Asked::world(&world).witnessed();
    let report = asked.with_payloads(&head(&world), &lines).report();
    let mut found = told(&report, Severity::Violation);
    found.sort();
    assert_eq!(found, ["erasure-wrong at 2", "payload-missing at 2"]);
}

#[test]
fn what_is_withheld_is_counted_and_no_violation() {
    let world = World::honest();
    let mut lines = disclosed(&world);
    lines.retain(|line| line.log == CONTROL && line.field != "document");
    let sizes = BTreeMap::from([(CONTROL.to_owned(), 99)]);
    let withheld = vec![
        "party".to_owned(),
        "method".to_owned(),
        "approval".to_owned(),
    ];
    let head = ExportHead::new(sizes, withheld).to_line();
    let asked = Asked::world(&world).witnessed();
    let report = asked.with_payloads(&head, &lines).report();
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert_eq!(report.logs[0].payloads.withheld, 4);
    assert_eq!(report.logs[1].payloads.erased, 2);
}

#[test]
fn a_payload_that_no_entry_commits_to_is_a_violation() {
    let mut lines = disclosed(&World::honest());
    lines.push(PayloadLine::absent(
        GATE_1,
        4,
        "outcome",
        "error_text",
        Found::Withheld,
    ));
    assert_eq!(violations(&lines), ["payload-uncommitted at 4"]);
}

#[test]
fn payloads_of_entries_that_were_not_given_are_noted() {
    let mut lines = disclosed(&World::honest());
    lines.push(PayloadLine::absent(
        GATE_1,
        99,
        "outcome",
        "error_text",
        Found::Withheld,
    ));
    let notes = told(&report(&lines), Severity::Note);
    assert!(notes.contains(&"payload-outside".to_owned()), "{notes:?}");
}

#[test]
fn an_export_that_is_none_is_refused_with_its_line() {
    let world = World::honest();
    let good = world.control.payloads[0].to_line();
    let head = head(&world);
    for (text, wanted) in [
        (String::new(), "line 1"),
        (format!("{good}\n"), "line 1"),
        (format!("{head}\n{good}\n{good}\n"), "line 3"),
        (format!("{head}\n{good}"), "line 2"),
        (
            format!("{head}\n{}\n", good.replace("host", "guest")),
            "line 2",
        ),
        (
            format!("{head}\n{}\n", good.replace("salt", "pepper")),
            "line 2",
        ),
        (
            format!(
                "{head}\n{}\n",
                good.replace("\"kind\":\"start\"", "\"kind\":\"x\"")
            ),
            "line 2",
        ),
    ] {
        let error: Error = Export::read(&mut BufReader::new(text.as_bytes())).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}: {text}");
    }
}
