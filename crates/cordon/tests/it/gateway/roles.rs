//! A service that acts for people: `SET ROLE` under a delegation that somebody signed with OpenSSH.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Entries, Raw};
use crate::command::cordon;
use crate::serve::Setup;

const SERVICE: &str = "bi.metabase";
const SECURITY: &str = "sam.home-security";

fn ssh_keygen(arguments: &[&str]) {
    let ran = Command::new("ssh-keygen").args(arguments).output().unwrap();
    let heard = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{arguments:?}: {heard}");
}

/// Somebody's key, which stands in the register.
fn key_of(setup: &Setup, person: &str) -> PathBuf {
    let file = setup.file(&format!("{person}.key"));
    let path = file.to_str().unwrap();
    ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", path]);
    let public = std::fs::read_to_string(format!("{path}.pub")).unwrap();
    let entry = format!("  {person}:\n");
    let with_key = format!("{entry}    keys: [ \"{}\" ]\n", public.trim());
    setup.change("people.yaml", &entry, &with_key);
    file
}

/// The document by which the service may act for these, as the program writes it.
fn document(setup: &Setup, people: &[&str], until: &str) -> PathBuf {
    let mut arguments = vec!["people", "delegate", setup.dir_text(), SERVICE];
    arguments.extend(people);
    arguments.extend([
        "--purpose",
        "incident",
        "--from",
        "2026-01-01",
        "--until",
        until,
    ]);
    arguments.push("--json");
    let ran = cordon(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let command = told["sign"].as_str().unwrap();
    let file = told["file"].as_str().unwrap();
    assert!(command.contains("ssh-keygen -Y sign") && command.ends_with(file));
    file.into()
}

fn sign(document: &Path, key: &Path, namespace: &str) {
    let (key, document) = (key.to_str().unwrap(), document.to_str().unwrap());
    ssh_keygen(&["-q", "-Y", "sign", "-f", key, "-n", namespace, document]);
}

/// The sample, whose service may act for these until then; home security signed.
fn delegated(people: &[&str], until: &str) -> Setup {
    let setup = Setup::new();
    setup.set_password(SERVICE);
    let key = key_of(&setup, SECURITY);
    let document = document(&setup, people, until);
    sign(&document, &key, "delegation@cordon");
    setup
}

const LATER: &str = "2099-01-01";

fn is_refused(answers: &[String], code: &str) {
    let is_it = |answer: &String| answer.starts_with("Error") && answer.contains(code);
    assert!(answers.iter().any(is_it), "{code}: {answers:?}");
}

fn is_done(answers: &[String]) {
    let is_error = |answer: &String| answer.starts_with("Error");
    assert!(!answers.iter().any(is_error), "{answers:?}");
}

/// Standard base64 with padding.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let six = LETTERS.iter().position(|one| *one == letter).unwrap();
        held = held << 6 | u32::try_from(six).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}

/// The one value of an answer.
fn value(raw: &mut Raw, sql: &str) -> String {
    let first = raw.bytes_read().len();
    is_done(&raw.query(sql));
    let bytes = &raw.bytes_read()[first..];
    let start = bytes.iter().position(|byte| *byte == b'T').unwrap();
    let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let row = start + 1 + length(start + 1);
    assert_eq!(bytes[row], b'D');
    let cell = row + 7;
    String::from_utf8(bytes[cell + 4..cell + 4 + length(cell)].to_vec()).unwrap()
}

const USERS: &str = "select id, name from users";

#[test]
fn nobody_acts_for_anybody_without_a_delegation() {
    let setup = Setup::new();
    setup.set_password(SERVICE);
    let gateway = setup.start();
    for who in [SERVICE, "mei.eligible"] {
        let mut raw = Raw::connect(gateway.address(), who);
        let told = |answers: Vec<String>, name: &str| answers[0].replace(name, "NAME");
        let known = told(raw.query("set role \"ana.home\""), "ana.home");
        let unknown = told(raw.query("set role \"ana.homf\""), "ana.homf");
        assert!(known.contains("delegation-needed"), "{known}");
        assert_eq!(known, unknown);
        is_refused(&raw.query("set role postgres"), "delegation-needed");
        is_refused(
            &raw.query("set session authorization \"ana.home\""),
            "setting-not-allowed",
        );
        is_refused(
            &raw.query("select set_config('role', 'ana.home', false)"),
            "function-not-allowed",
        );
        // Nobody's role is taken from them.
        assert_eq!(value(&mut raw, "show role"), "none");
        is_done(&raw.query("set role none"));
        is_done(&raw.query(&format!("set role \"{who}\"")));
        assert_eq!(value(&mut raw, "select current_user"), who);
        is_done(&raw.query("reset role"));
        is_done(&raw.query(USERS));
    }
}

#[test]
fn a_service_has_no_more_rights_than_whom_it_acts_for() {
    let setup = delegated(&["jun.covered", "ana.home"], LATER);
    let gateway = setup.start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    is_done(&raw.query(USERS));
    is_done(&raw.query("set role \"jun.covered\""));
    is_refused(&raw.query(USERS), "not-visible");
    assert_eq!(value(&mut raw, "show role"), "jun.covered");
    assert_eq!(value(&mut raw, "select current_user"), "jun.covered");
    assert_eq!(value(&mut raw, "select current_role"), "jun.covered");
    assert_eq!(value(&mut raw, "select session_user"), SERVICE);
    let of = "select count(*) from cordon.my_access where relation = 'public.users'";
    assert_eq!(value(&mut raw, of), "0");
    let browsed = "select count(*) from pg_class where relname = 'users'";
    assert_eq!(value(&mut raw, browsed), "0");
    // As somebody of its audience it sees what it sees, and no more than its audience.
    is_done(&raw.query("set role \"ana.home\""));
    is_done(&raw.query(USERS));
    // Only who is delegated.
    is_refused(&raw.query("set role \"li.beijing\""), "delegation-needed");
    assert_eq!(value(&mut raw, "show role"), "ana.home");
    is_done(&raw.query("reset role"));
    assert_eq!(value(&mut raw, "select current_user"), SERVICE);
    // The purposes are those that were signed.
    is_done(&raw.query("set role \"jun.covered\""));
    is_done(&raw.query("set cordon.purpose = 'incident'"));
    is_done(&raw.query("select code from regions"));
    is_done(&raw.query("set cordon.purpose = 'support'"));
    is_refused(&raw.query("select code from regions"), "delegation-needed");
    is_done(&raw.query("reset role"));
    is_done(&raw.query("select code from regions"));
    // Nobody else has it: not the person, not another.
    let mut mei = Raw::connect(gateway.address(), "mei.eligible");
    is_refused(&mei.query("set role \"jun.covered\""), "delegation-needed");
}

#[test]
fn a_role_goes_as_a_transaction_goes() {
    let gateway = delegated(&["jun.covered"], LATER).start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    let role = |raw: &mut Raw| value(raw, "show role");
    raw.query("begin");
    is_done(&raw.query("set role \"jun.covered\""));
    assert_eq!(role(&mut raw), "jun.covered");
    raw.query("rollback");
    assert_eq!(role(&mut raw), "none");
    raw.query("begin");
    is_done(&raw.query("set local role \"jun.covered\""));
    assert_eq!(role(&mut raw), "jun.covered");
    raw.query("commit");
    assert_eq!(role(&mut raw), "none");
    raw.query("begin");
    raw.query("savepoint a");
    is_done(&raw.query("set role \"jun.covered\""));
    is_refused(&raw.query(USERS), "not-visible");
    is_done(&raw.query("rollback to a"));
    assert_eq!(role(&mut raw), "none");
    is_done(&raw.query(USERS));
    is_done(&raw.query("set role \"jun.covered\""));
    is_done(&raw.query("release a"));
    raw.query("commit");
    assert_eq!(role(&mut raw), "jun.covered");
    is_done(&raw.query("discard all"));
    assert_eq!(role(&mut raw), "none");
    is_done(&raw.query(USERS));
    // Several statements in one text: each in the role of its moment.
    is_refused(
        &raw.query(&format!("set role \"jun.covered\"; {USERS}")),
        "not-visible",
    );
    raw.query("reset role");
    let answers =
        raw.query("set role \"jun.covered\"; select current_user; reset role; select current_user");
    is_done(&answers);
}

#[test]
fn what_was_prepared_bound_or_opened_in_one_role_is_not_run_in_another() {
    let gateway = delegated(&["jun.covered", "ana.home"], LATER).start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    raw.parse("users", USERS)
        .parse("who", "select current_user");
    is_done(&raw.sync());
    is_done(&raw.query("prepare p as select id, name from users"));
    is_done(&raw.query("set role \"jun.covered\""));
    raw.bind("", "users").execute("", 0);
    is_refused(&raw.sync(), "not-visible");
    is_refused(&raw.query("execute p"), "not-visible");
    let first = raw.bytes_read().len();
    raw.bind("", "who").execute("", 0);
    is_done(&raw.sync());
    let heard = String::from_utf8_lossy(&raw.bytes_read()[first..]).into_owned();
    assert!(heard.contains("jun.covered"), "{heard}");
    raw.query("reset role");
    // A portal and a cursor of one role give no row in another, though it may see the same.
    raw.query("begin");
    raw.bind("portal", "users").execute("portal", 1);
    is_done(&raw.sync());
    is_done(&raw.query("declare c cursor for select id, name from users"));
    is_done(&raw.query("fetch 1 from c"));
    is_done(&raw.query("savepoint a"));
    is_done(&raw.query("set role \"ana.home\""));
    raw.execute("portal", 1);
    is_refused(&raw.sync(), "view-changed");
    raw.query("rollback to a");
    is_done(&raw.query("set role \"ana.home\""));
    // Nothing of the refused FETCH went upstream: the session goes on.
    is_refused(&raw.query("fetch 1 from c"), "view-changed");
    assert_eq!(raw.query("rollback"), ["Complete ROLLBACK", "Ready I"]);
    raw.query("begin");
    is_done(&raw.query("declare c cursor for select id, name from users"));
    is_done(&raw.query("set role \"ana.home\""));
    raw.run("fetch 1 from c");
    is_refused(&raw.sync(), "view-changed");
    assert_eq!(raw.query("rollback"), ["Complete ROLLBACK", "Ready I"]);
}

#[test]
fn the_ledger_names_the_service_and_whom_it_acted_for() {
    let gateway = delegated(&["jun.covered"], LATER).start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    is_done(&raw.query("set role \"jun.covered\""));
    is_done(&raw.query("select code from regions"));
    is_refused(&raw.query(USERS), "not-visible");
    drop(raw);
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    let start = entries.of_kind("session-start");
    assert_eq!(start[0]["body"]["asker_kind"], "service");
    let decision = entries.of_kind("decision");
    assert_eq!(decision.len(), 1);
    let key = setup.file("secrets/payload.key");
    let ran = cordon(&[
        "ledger",
        "export",
        setup.dir_text(),
        "--payloads",
        "--key",
        key.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<serde_json::Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let payload = |kind: &str, field: &str| {
        let is_it = |line: &&serde_json::Value| line["kind"] == kind && line["field"] == field;
        let bytes = lines.iter().find(is_it).unwrap()["bytes"].as_str().unwrap();
        String::from_utf8(base64(bytes)).unwrap()
    };
    let settings = payload("decision", "settings");
    assert!(settings.contains(&format!("user={SERVICE}")), "{settings}");
    assert!(settings.contains("role=jun.covered"), "{settings}");
    let detail = payload("refusal", "detail");
    assert!(detail.contains("for jun.covered: "), "{detail}");
}

#[test]
fn a_delegation_that_ends_ends_the_role_in_the_midst_of_a_cursor() {
    let setup = Setup::new();
    setup.set_password(SERVICE);
    let key = key_of(&setup, SECURITY);
    let gateway = setup.start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    let mut cursor = Raw::connect(gateway.address(), SERVICE);
    // Only now, so that a slow start takes nothing of its time.
    let soon = std::time::SystemTime::now() + Duration::from_secs(12);
    let seconds = soon.duration_since(std::time::UNIX_EPOCH).unwrap();
    let until = model::Timestamp::from_seconds(i64::try_from(seconds.as_secs()).unwrap());
    let paper = document(&gateway.setup, &["jun.covered"], &until.to_string());
    sign(&paper, &key, "delegation@cordon");
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded: ");
    for one in [&mut raw, &mut cursor] {
        is_done(&one.query("set role \"jun.covered\""));
    }
    is_done(&raw.query("select code from regions"));
    cursor.query("begin");
    is_done(&cursor.query("declare c cursor for select g from generate_series(1, 9) g, regions"));
    is_done(&cursor.query("fetch 1 from c"));
    // The clock is what is waited for.
    let patience = Instant::now() + Duration::from_secs(60);
    let ended = loop {
        let answers = cursor.query("fetch 1 from c");
        if answers.iter().any(|answer| answer.starts_with("Error")) {
            break answers;
        }
        assert!(Instant::now() < patience, "it never ends: {answers:?}");
    };
    is_refused(&ended, "no delegation in force");
    is_refused(&raw.query("select code from regions"), "delegation-needed");
    is_done(&raw.query("reset role"));
    is_done(&raw.query("select code from regions"));
    is_refused(&raw.query("set role \"jun.covered\""), "delegation-needed");
}

#[test]
fn a_disabled_person_is_acted_for_no_more() {
    let gateway = delegated(&["jun.covered"], LATER).start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    is_done(&raw.query("set role \"jun.covered\""));
    is_done(&raw.query("select code from regions"));
    let entry = "  jun.covered:\n";
    let disabled = format!("{entry}    disabled: true\n");
    gateway.setup.change("people.yaml", entry, &disabled);
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded: ");
    is_refused(&raw.query("select code from regions"), "person-disabled");
    is_done(&raw.query("reset role"));
    is_done(&raw.query("select code from regions"));
    is_refused(&raw.query("set role \"jun.covered\""), "person-disabled");
}

#[test]
fn only_what_was_signed_by_who_may_counts() {
    let code = |setup: &Setup| {
        let faults = deployment::load(setup.dir()).map(drop).unwrap_err();
        faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let is_told = |setup: &Setup, words: &str| {
        let told = code(setup);
        assert!(told.contains(words), "{words}: {told}");
        assert!(told.contains("delegations/"), "{told}");
    };
    let setup = Setup::new();
    let key = key_of(&setup, SECURITY);
    let mei = key_of(&setup, "mei.eligible");
    let paper = document(&setup, &["jun.covered"], LATER);
    is_told(&setup, "nobody has signed it");
    sign(&paper, &key, "file");
    is_told(&setup, "it is signed as `file`");
    let signature = setup.file(&format!("delegations/{SERVICE}-jun.covered.yaml.sig"));
    let again = |key: &Path| {
        std::fs::remove_file(&signature).unwrap();
        sign(&paper, key, "delegation@cordon");
    };
    again(&key);
    assert!(deployment::load(setup.dir()).is_ok());
    // Tampered: another end, in the one form.
    let text = std::fs::read_to_string(&paper).unwrap();
    std::fs::write(&paper, text.replace("2099", "2199")).unwrap();
    is_told(&setup, "it is not a signature of this document");
    std::fs::write(&paper, text.replace("people: [", "people:  [")).unwrap();
    is_told(&setup, "not in its one form");
    std::fs::write(&paper, text.replace("Sample video app", "Another")).unwrap();
    again(&key);
    is_told(&setup, "for the deployment `Another`");
    std::fs::write(&paper, text.replace("jun.covered\"", "jun.coverd\"")).unwrap();
    again(&key);
    is_told(&setup, "there is no person `jun.coverd`");
    std::fs::write(&paper, &text).unwrap();
    // A key that is nobody's.
    let stray = setup.file("stray.key");
    ssh_keygen(&[
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-f",
        stray.to_str().unwrap(),
    ]);
    again(&stray);
    is_told(&setup, "nobody's key in people.yaml");
    // An engineer's signature is good, and lets nobody act for a colleague.
    again(&mei);
    assert!(deployment::load(setup.dir()).is_ok());
    setup.set_password(SERVICE);
    let gateway = setup.start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    is_refused(&raw.query("set role \"jun.covered\""), "delegation-needed");
    drop(raw);
    let (_, setup) = gateway.stop();
    // For himself he may.
    let paper = document(&setup, &["mei.eligible"], LATER);
    sign(&paper, &mei, "delegation@cordon");
    let gateway = setup.start();
    let mut raw = Raw::connect(gateway.address(), SERVICE);
    is_done(&raw.query("set role \"mei.eligible\""));
    is_done(&raw.query(USERS));
}
