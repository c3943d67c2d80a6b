//! Key files: made once, with nobody else's eyes on them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use ledger::{Keys, LogName, Surroundings};

#[test]
fn keys_are_made_once_and_loaded_only_if_nobody_else_can_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let randomness = Surroundings::real().randomness;
    let create = || Keys::create(folder.path(), randomness.as_ref());
    let refused = |keys: Result<Keys, ledger::LedgerError>| {
        let text = keys.err().unwrap().to_string();
        text.replace(&folder.path().display().to_string(), "secrets")
    };
    insta::assert_snapshot!(refused(Keys::load(folder.path())), @"`secrets/log-control.key` is not there: restore it from a copy, or make the keys if there is no log yet; with another key a log cannot be opened");
    let made = create().unwrap();
    let name = LogName::control("acme.example", 1).unwrap();
    let vkey = |keys: &Keys| keys.signer(&name).unwrap().verifier().to_string();
    assert_eq!(vkey(&made), vkey(&Keys::load(folder.path()).unwrap()));
    let mut texts = Vec::new();
    for file in ["log-control.key", "log-access.key", "payload.key"] {
        let path = folder.path().join(file);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        texts.push(fs::read_to_string(path).unwrap());
    }
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 3, "each is another");
    insta::assert_snapshot!(refused(create()), @"`secrets/log-control.key` is there already: load the keys; if their making was interrupted and there is no log yet, remove it");
    assert_eq!(vkey(&made), vkey(&Keys::load(folder.path()).unwrap()));
    assert_eq!(format!("{made:?}"), "Keys(..)");

    let payload = folder.path().join("payload.key");
    fs::set_permissions(&payload, Permissions::from_mode(0o640)).unwrap();
    insta::assert_snapshot!(refused(Keys::load(folder.path())), @"`secrets/payload.key` can be read by others than its owner: run `chmod 600` on it, and ask who could read it until now");
    fs::set_permissions(&payload, Permissions::from_mode(0o600)).unwrap();
    for bad in [
        "",
        "\n",
        "00",
        &"+0".repeat(32),
        &format!("{}\n\n", "0".repeat(64)),
        &"é".repeat(32),
    ] {
        fs::write(&payload, bad).unwrap();
        assert!(Keys::load(folder.path()).is_err(), "{bad:?}");
    }
    insta::assert_snapshot!(refused(Keys::load(folder.path())), @"`secrets/payload.key` is no key, which is one line of 64 hex digits: restore it from a copy, or make the keys if there is no log yet; with another key a log cannot be opened");
}
