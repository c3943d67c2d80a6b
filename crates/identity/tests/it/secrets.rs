//! The files of secrets: what they may look like, and what their errors say.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use identity::IdentityError;
use identity::scram::{Mock, Verifier, Verifiers};
use tempfile::TempDir;

use crate::made::{person, write};

fn load(path: &Path) -> Result<Verifiers, IdentityError> {
    Verifiers::load(path, Mock::of([9; 32]))
}

fn line(user: &str) -> String {
    let verifier = Verifier::with_salt("correct horse", [3; 16], 4096).unwrap();
    format!("{user} {verifier}")
}

#[test]
fn comments_and_empty_lines_are_passed_over() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    assert!(load(&path).unwrap().is_empty(), "no file, no passwords");
    let text = format!(
        "# people\n\n{}  # since May\n\t{}\r\n",
        line("ana"),
        line("bob")
    );
    write(&path, &text, 0o600);
    let found = load(&path).unwrap();
    assert_eq!(found.users().collect::<Vec<_>>(), ["ana", "bob"]);
}

#[test]
fn a_bad_line_is_named_and_never_repeated() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    let verifier = line("").trim().to_owned();
    let other = Verifier::with_salt("x", [3; 16], 5000).unwrap();
    for (bad, says) in [
        ("bob".to_owned(), "is not a name and a verifier"),
        (
            format!("bob {verifier} more"),
            "is not a name and a verifier",
        ),
        (
            "bob md53175bce1d3201d16594cebf9d7eb3f9d".to_owned(),
            "does not begin with",
        ),
        (verifier, "does not begin with a name"),
        (format!("b@b {other}"), "only letters"),
        (line("ana"), "has a line already"),
        (format!("bob {other}"), "number of iterations"),
    ] {
        write(&path, &format!("{}\n{bad}\n", line("ana")), 0o600);
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("scram:2: "), "{error}");
        assert!(error.contains(says), "{says}: {error}");
        for secret in bad.split([' ', '$', ':']).filter(|part| part.len() > 20) {
            assert!(!error.contains(secret), "{error}");
        }
        assert!(error.contains("; "), "a remedy: {error}");
    }
}

#[test]
fn a_file_that_others_can_reach_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secret");
    for mode in [0o640, 0o604, 0o620, 0o601, 0o666] {
        write(&path, "x", mode);
        for error in [
            load(&path).unwrap_err(),
            Mock::load_or_make(&path).unwrap_err(),
        ] {
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target");
    write(&target, &line("ana"), 0o600);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for path in [link.as_path(), folder.path(), Path::new("/dev/null")] {
        let error = load(path).unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
    }
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    write(&path, "", 0o600);
    fs::write(&path, b"ana \xff").unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn a_new_verifier_replaces_the_old_one_and_leaves_the_rest() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    let verifier = Verifier::of_password("one").unwrap();
    Verifiers::write(&path, &person("ana"), &verifier).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    write(
        &path,
        &format!("# people\n{}\n{}\n", line("ana"), line("bob")),
        0o600,
    );
    Verifiers::write(&path, &person("ana"), &verifier).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, format!("# people\nana {verifier}\n{}\n", line("bob")));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left over"
    );
}

#[test]
fn a_verifier_that_would_spoil_the_file_is_not_written() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    write(&path, &line("ana"), 0o600);
    let other = Verifier::with_salt("x", [3; 16], 5000).unwrap();
    assert!(Verifiers::write(&path, &person("bob"), &other).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), line("ana"));
}

#[test]
fn a_new_password_gets_as_many_iterations_as_the_others_have() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    let others = Verifier::with_salt("x", [3; 16], 5000).unwrap();
    write(&path, &format!("ana {others}"), 0o600);
    let made = load(&path).unwrap().make("correct horse").unwrap();
    assert!(made.to_string().starts_with("SCRAM-SHA-256$5000:"));
    Verifiers::write(&path, &person("bob"), &made).unwrap();
    assert_eq!(load(&path).unwrap().len(), 2);
}

#[test]
fn the_secret_for_unknown_names_is_made_once_and_private() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mock");
    Mock::load_or_make(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!((text.len(), mode & 0o7777), (65, 0o600));
    Mock::load_or_make(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    for bad in [
        "",
        "\n",
        "00",
        &"g".repeat(64),
        &"0".repeat(63),
        &"0".repeat(66),
        &"A".repeat(64),
    ] {
        write(&path, bad, 0o600);
        let error = Mock::load_or_make(&path).unwrap_err().to_string();
        assert!(error.contains("64 hex digits"), "{bad:?}: {error}");
    }
}

#[test]
fn no_debug_text_holds_a_secret() {
    let verifier = Verifier::with_salt("correct horse", [3; 16], 4096).unwrap();
    let shown = format!("{verifier:?} {:?}", Mock::of([0xab; 32]));
    assert_eq!(shown, "Verifier(..) Mock(..)");
}
