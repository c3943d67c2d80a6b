//! The command line: keys, settings, what people and programs are shown.

use std::fs;
use std::process::{Command, Output};

use crate::made::{Log, Place, ask, log_key};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordon-witness"));
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn new_key_is_printed_in_public_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("w1.key");
    let file = file.to_str().unwrap();
    let made = run(&["keygen", file, "--name", "witness.example/w1"]);
    assert!(made.status.success());
    let key = text(&made.stdout);
    let key: merkle::VerifierKey = key.trim_end().parse().unwrap();
    assert_eq!(
        (key.name(), key.algorithm().byte()),
        ("witness.example/w1", 0x04)
    );
    let before = fs::read(file).unwrap();
    let again = run(&["keygen", file, "--name", "witness.example/w1"]);
    assert_eq!(again.status.code(), Some(4));
    assert_eq!(fs::read(file).unwrap(), before);
}

#[test]
fn bad_name_says_what_a_good_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("w1.key");
    let refused = run(&["keygen", file.to_str().unwrap(), "--name", "a name"]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(text(&refused.stderr).contains("witness.example/w1"));
    assert!(!file.exists());
}

#[test]
fn mistake_in_the_settings_is_named_with_its_line() {
    let place = Place::new();
    let path = place.folder.path().join("witness.toml");
    let log = log_key().verifier().to_string();
    let good =
        format!("key = \"w1.key\"\nstate = \"s\"\nlisten = \"127.0.0.1:0\"\nlogs = [\"{log}\"]\n");
    fs::write(&path, good.replace("listen", "lissen")).unwrap();
    let refused = run(&["serve", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(4));
    let said = text(&refused.stderr);
    assert!(
        said.contains("witness.toml") && said.contains("line 3"),
        "{said}"
    );
    fs::write(&path, good).unwrap();
    let settings = cordon_witness::Settings::read(&path).unwrap();
    assert_eq!(settings.key, place.settings.key);
}

#[test]
fn show_tells_people_and_programs_and_answers_with_its_exit_code() {
    let place = Place::new();
    let witness = place.open();
    ask(&witness, &Log::of(5).request(0));
    let state = place.settings.state.to_str().unwrap();
    // The witness runs: reading needs no lock.
    let shown = run(&["show", state]);
    assert_eq!(shown.status.code(), Some(0));
    assert!(
        text(&shown.stdout).contains("cosigned size 5"),
        "{}",
        text(&shown.stdout)
    );
    ask(&witness, &Log::rewritten(5, 1).request(5));
    let shown = run(&["show", state]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(text(&shown.stdout).contains("CONTRADICTS"));
    let shown = run(&["show", state, "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(value["logs"][0]["contradictions"][0]["kind"], "fork");
}

#[test]
fn directory_that_is_no_state_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(&["show", folder.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(text(&refused.stderr).contains("no state of a witness"));
}
