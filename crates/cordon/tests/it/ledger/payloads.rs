//! `cordon ledger export --payloads`, and `verify` over what it writes.

use std::fs;

use record::{Decision, SessionStart};

use super::{Deployment, append, drafts, order};
use crate::command::{Ran, cordon};

fn export(deployment: &Deployment, more: &[&str]) -> Ran {
    let (dir, key) = (deployment.path(""), deployment.path("secrets/payload.key"));
    let mut arguments = vec!["ledger", "export", &dir, "--payloads", "--key", &key];
    arguments.extend(more);
    cordon(&arguments)
}

fn verify(deployment: &Deployment, exported: &str) -> Ran {
    let file = deployment.folder.path().join("payloads.jsonl");
    fs::write(&file, exported).unwrap();
    deployment.verify(&["--payloads", file.to_str().unwrap()])
}

fn served() -> Deployment {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 2);
    open.stop();
    deployment
}

#[test]
fn what_is_exported_is_what_the_entries_commit_to() {
    let deployment = served();
    let exported = export(&deployment, &[]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let ran = verify(&deployment, &exported.out);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    // Two statements with three payloads each, the session and the schema with one.
    let of_gate = |line: &&str| line.contains("\"found\":\"present\"") && line.contains("/access/");
    assert_eq!(
        exported.out.lines().filter(of_gate).count(),
        8,
        "{}",
        exported.out
    );
}

#[test]
fn an_export_takes_nothing_away_from_the_writer() {
    // What the writer is in the middle of writing has its last name later.
    let deployment = served();
    let payloads = deployment.access_folder() + "/payloads/";
    let unfinished = payloads + "00000000000000000099.pay.new";
    fs::write(&unfinished, "half").unwrap();
    let exported = export(&deployment, &[]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    assert_eq!(fs::read_to_string(&unfinished).unwrap(), "half");
}

#[test]
fn a_changed_payload_is_a_violation() {
    let deployment = served();
    let exported = export(&deployment, &[]).out;
    // `SELECT 1` becomes `SELECT 2`.
    assert!(exported.contains("U0VMRUNUIDE="), "{exported}");
    let ran = verify(
        &deployment,
        &exported.replacen("U0VMRUNUIDE=", "U0VMRUNUIDI=", 1),
    );
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("MISMATCH"), "{}", ran.out);
}

#[test]
fn a_payload_that_is_left_out_is_missing_unless_its_class_is_withheld() {
    let deployment = served();
    let exported = export(&deployment, &[]).out;
    let without: String = exported
        .lines()
        .filter(|line| !line.contains("client_text"))
        .map(|line| format!("{line}\n"))
        .collect();
    let ran = verify(&deployment, &without);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("MISSING"), "{}", ran.out);

    let withheld = export(&deployment, &["--withhold", "literal"]).out;
    assert!(!withheld.contains("client_text"));
    let ran = verify(&deployment, &withheld);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn an_erased_payload_is_erased_by_an_entry() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 1);
    let size = open.access.control_size_min();
    append(&open.access, drafts::session_start(size, 2));
    let decision = append(
        &open.access,
        drafts::decision(size, 2, 1, b"SELECT 'gone'", 77),
    );
    append(&open.access, drafts::outcome(size, 2, 1));
    append(&open.access, drafts::session_end(size, 2, 1));
    let report = open
        .access
        .erase(order(decision.index(), Decision::CLIENT_TEXT))
        .unwrap();
    open.stop();
    let exported = export(&deployment, &[]);
    assert!(
        exported
            .out
            .contains(&format!("\"found\":\"erased\",\"by\":{}", report.by))
    );
    let ran = verify(&deployment, &exported.out);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("erased"), "{}", ran.out);
    // And the entry is shown as ever.
    let ran = cordon(&[
        "ledger",
        "show",
        &deployment.access_folder(),
        &decision.index().to_string(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("decision"), "{}", ran.out);
}

#[test]
fn a_locked_class_is_refused_by_name() {
    let deployment = Deployment::new();
    let open = deployment.open();
    let size = open.access.control_size_min();
    append(&open.access, drafts::schema(size));
    let session = append(&open.access, drafts::session_start(size, 1));
    append(&open.access, drafts::session_end(size, 1, 0));
    let refused = open
        .access
        .erase(order(session.index(), SessionStart::ASKER));
    assert!(refused.unwrap_err().to_string().contains("party"));
    open.stop();
}

#[test]
fn another_deployments_key_opens_nothing() {
    let (ours, theirs) = (served(), served());
    let (dir, key) = (ours.path(""), theirs.path("secrets/payload.key"));
    let ran = cordon(&["ledger", "export", &dir, "--payloads", "--key", &key]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("key"), "{}", ran.err);
    assert!(!ran.out.contains("\"present\""));
}

#[test]
fn an_unknown_class_and_an_address_are_refused_with_the_remedy() {
    let deployment = served();
    let ran = export(&deployment, &["--withhold", "everything"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("literal"), "{}", ran.err);
    let key = deployment.path("secrets/payload.key");
    let ran = cordon(&[
        "ledger",
        "export",
        "http://127.0.0.1:1/",
        "--payloads",
        "--key",
        &key,
    ]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("never published"), "{}", ran.err);
}
