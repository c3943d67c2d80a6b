//! `prove`, `check-proof`, `show`, `tail` and `export` over a log that the books wrote.

use std::fs;

use super::Deployment;
use crate::command::cordon;

fn served() -> Deployment {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 2);
    open.stop();
    deployment
}

/// The proof of an entry and its bytes, in two files.
fn proved(deployment: &Deployment, index: &str) -> (String, String) {
    let folder = deployment.access_folder();
    let (proof, entry) = (
        deployment.path(&format!("{index}.proof")),
        deployment.path(&format!("{index}.entry")),
    );
    let ran = cordon(&[
        "ledger", "prove", &folder, index, "--proof", &proof, "--entry", &entry,
    ]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    (proof, entry)
}

#[test]
fn an_entry_is_proved_without_the_log() {
    let deployment = served();
    let (proof, entry) = proved(&deployment, "3");
    let log = deployment.path("ledger/access-gate-1-1/log.vkey");
    let check = |proof: &str, entry: &str, more: &[&str]| {
        let mut arguments = vec!["ledger", "check-proof", proof, entry, "--log", &log];
        arguments.extend(more);
        cordon(&arguments)
    };
    let witnessed = ["--witness", deployment.witness.as_str()];
    let ran = check(&proof, &entry, &witnessed);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    // On the log's word alone it cannot be told.
    assert_eq!(check(&proof, &entry, &[]).code, 3);
    // Another entry, and the control log's key.
    let (_, other) = proved(&deployment, "4");
    let ran = check(&proof, &other, &witnessed);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let wrong = deployment.log_key();
    let ran = cordon(&["ledger", "check-proof", &proof, &entry, "--log", &wrong]);
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    // A bit of the proof.
    let text = fs::read_to_string(&proof).unwrap();
    let line = text.lines().find(|line| line.len() == 44).unwrap();
    let flipped = line.replacen(&line[..1], if line.starts_with('A') { "B" } else { "A" }, 1);
    fs::write(&proof, text.replacen(line, &flipped, 1)).unwrap();
    let ran = check(&proof, &entry, &witnessed);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}

#[test]
fn entries_are_shown_tailed_and_exported() {
    let deployment = served();
    let folder = deployment.access_folder();
    let ran = cordon(&["ledger", "show", &folder, "3"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("session"), "{}", ran.out);
    let ran = cordon(&["ledger", "show", &folder, "1000"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);

    let all = cordon(&["ledger", "export", &folder]);
    assert_eq!(all.code, 0, "{}", all.err);
    let lines: Vec<serde_json::Value> = all
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 7, "{}", all.out);
    let some = cordon(&["ledger", "export", &folder, "--from", "2", "--to", "5"]);
    let expected: Vec<&str> = all.out.lines().skip(2).take(3).collect();
    assert_eq!(some.out.lines().collect::<Vec<_>>(), expected);

    let tail = cordon(&["ledger", "tail", &folder]);
    assert_eq!(tail.code, 0, "{}", tail.err);
    assert!(tail.out.contains("stop"), "{}", tail.out);
}

#[test]
fn a_folder_of_several_logs_is_no_log() {
    let deployment = served();
    let ran = cordon(&["ledger", "show", &deployment.path("ledger"), "0"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("several logs"), "{}", ran.err);
}
