//! `cordon ledger verify` over what the books wrote: a life, a restart, a crash, a log that lost state,
//! and somebody who changes a file.

use std::fs;

use super::{Deployment, copy};
use crate::command::cordon;

#[test]
fn what_the_books_write_is_proved_to_whoever_has_the_keys_of_log_and_witness() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 3);
    open.stop();
    // A restart goes on with the same logs.
    let open = deployment.open();
    open.serve(2, 2);
    open.stop();
    let ran = deployment.verify(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("acme.example/cordon/control/1"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("acme.example/cordon/access/gate-1/1"));

    let json = deployment.verify(&["--json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["verdict"], "ok", "{}", json.out);
}

#[test]
fn without_a_witness_it_cannot_be_told() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 1);
    open.stop();
    let (log, dir) = (deployment.log_key(), deployment.path(""));
    let ran = cordon(&["ledger", "verify", &dir, "--log", &log]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
}

#[test]
fn a_running_deployment_verifies_while_it_is_written() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 2);
    open.wait_witnessed();
    let ran = deployment.verify(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    open.stop();
}

#[test]
fn a_crash_is_said_and_is_no_violation() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 2);
    open.wait_witnessed();
    drop(open);
    let open = deployment.open();
    open.serve(2, 1);
    open.stop();
    let ran = deployment.verify(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_log_that_was_put_back_from_an_old_copy_goes_on_as_the_next_epoch_and_the_loss_is_shown() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 1);
    open.stop();
    let folder = deployment.folder.path().join("ledger/access-gate-1-1");
    let old = deployment.folder.path().join("old");
    copy(&folder, &old);
    let open = deployment.open();
    open.serve(2, 4);
    open.stop();
    fs::remove_dir_all(&folder).unwrap();
    copy(&old, &folder);
    let open = deployment.open();
    assert_eq!(open.access.name().epoch(), 2);
    open.stop();
    let ran = deployment.verify(&[]);
    assert_ne!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out.contains("acme.example/cordon/access/gate-1/1"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("lost"), "{}", ran.out);
}

#[test]
fn one_changed_byte_is_a_violation() {
    let deployment = Deployment::new();
    let open = deployment.open();
    open.serve(1, 2);
    open.stop();
    // The widest: those of earlier checkpoints lie beside it and are not read.
    let bundle = deployment
        .folder
        .path()
        .join("ledger/access-gate-1-1/tile/entries/000.p/9");
    let mut bytes = fs::read(&bundle).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let ran = deployment.verify(&[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}

#[test]
fn the_key_of_somebody_else_proves_nothing() {
    let (ours, theirs) = (Deployment::new(), Deployment::new());
    for deployment in [&ours, &theirs] {
        let open = deployment.open();
        open.serve(1, 1);
        open.stop();
    }
    let (log, dir) = (theirs.log_key(), ours.path(""));
    let ran = cordon(&[
        "ledger",
        "verify",
        &dir,
        "--log",
        &log,
        "--witness",
        &ours.witness,
    ]);
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
}
