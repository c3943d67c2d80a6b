//! What a SCRAM exchange refuses, and that a stranger learns nothing from its bytes.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use identity::IdentityError;
use identity::scram::{Binding, Mock, Nonce, PLAIN, PLUS, Scram, Verifiers};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::scram::{end_point, verifiers};

fn begin(verifiers: &Verifiers, user: &str) -> String {
    let scram = Scram::start(verifiers, user, PLAIN, Binding::Unavailable).unwrap();
    let (first, _) = scram
        .client_first(b"n,,n=,r=abc", Nonce::of(&[5; 18]))
        .unwrap();
    String::from_utf8(first.0).unwrap()
}

fn salt(first: &str) -> &str {
    first
        .split(",s=")
        .nth(1)
        .unwrap()
        .split(",i=")
        .next()
        .unwrap()
}

#[test]
fn an_unknown_user_gets_a_first_message_of_the_same_form_every_time() {
    let verifiers = verifiers();
    let known = begin(&verifiers, "ana");
    let mut salts = BTreeSet::new();
    for user in ["bob", "carol", "ana2", "", "<x>", "a\nb", "Ana"] {
        let first = begin(&verifiers, user);
        assert_eq!(first, begin(&verifiers, user), "{user:?}");
        assert_eq!(first.len(), known.len());
        assert_eq!(
            first.replace(salt(&first), salt(&known)),
            known,
            "only the salt differs"
        );
        assert!(
            salts.insert(salt(&first).to_owned()),
            "two users share a salt"
        );
    }
}

#[test]
fn the_salt_of_an_unknown_user_outlives_a_restart_and_differs_between_deployments() {
    let folder = TempDir::new().unwrap();
    let at = |name| {
        let mock = Mock::load_or_make(&folder.path().join(name)).unwrap();
        begin(&Verifiers::none(mock), "bob")
    };
    assert_eq!(at("mock"), at("mock"));
    assert_ne!(at("mock"), at("other"));
}

#[test]
fn a_mechanism_that_was_not_offered_is_refused() {
    let end = end_point();
    for (mechanism, binding) in [
        (PLUS, Binding::Unavailable),
        (PLAIN, Binding::Required(end.clone())),
        ("SCRAM-SHA-1", Binding::Offered(end.clone())),
        ("OAUTHBEARER", Binding::Offered(end.clone())),
        ("scram-sha-256", Binding::Offered(end.clone())),
        ("", Binding::Offered(end)),
    ] {
        let error = Scram::start(&verifiers(), "ana", mechanism, binding).unwrap_err();
        assert!(
            matches!(error, IdentityError::UnknownMechanism),
            "{mechanism}"
        );
        assert_eq!(error.sqlstate(), "08P01");
    }
}

#[test]
fn a_flag_that_does_not_go_with_the_mechanism_is_refused() {
    let end = end_point();
    for (mechanism, flag) in [(PLUS, "n"), (PLUS, "y"), (PLAIN, "p=tls-server-end-point")] {
        let ours = Binding::Offered(end.clone());
        let scram = Scram::start(&verifiers(), "ana", mechanism, ours).unwrap();
        let message = format!("{flag},,n=,r=abc");
        let error = scram
            .client_first(message.as_bytes(), Nonce::draw().unwrap())
            .unwrap_err();
        assert_eq!(error.sqlstate(), "08P01", "{mechanism} {flag}: {error}");
    }
}

#[test]
fn a_last_message_that_does_not_continue_the_exchange_is_refused() {
    let proof = STANDARD.encode([0; 32]);
    let nonce = format!("abc{}", STANDARD.encode([5; 18]));
    let answer = |last: String| {
        let scram = Scram::start(&verifiers(), "ana", PLAIN, Binding::Unavailable).unwrap();
        let first = scram.client_first(b"n,,n=,r=abc", Nonce::of(&[5; 18]));
        first.unwrap().1.client_final(last.as_bytes()).unwrap_err()
    };
    // Well formed, so that only the proof is wrong.
    let wrong = answer(format!("c=biws,r={nonce},p={proof}"));
    assert!(matches!(wrong, IdentityError::PasswordRefused), "{wrong}");
    for (what, last) in [
        (
            "the client's nonce alone",
            format!("c=biws,r=abc,p={proof}"),
        ),
        ("another nonce", format!("c=biws,r={nonce}x,p={proof}")),
        ("another header", format!("c=eSws,r={nonce},p={proof}")),
        (
            "data where none is bound",
            format!("c={},r={nonce},p={proof}", STANDARD.encode("n,,x")),
        ),
        ("nothing", String::new()),
    ] {
        let error = answer(last);
        assert_eq!(error.sqlstate(), "08P01", "{what}: {error}");
    }
}

#[test]
fn a_server_nonce_is_never_drawn_twice() {
    let verifiers = verifiers();
    let firsts: BTreeSet<Vec<u8>> = (0..1000)
        .map(|_| {
            let scram = Scram::start(&verifiers, "ana", PLAIN, Binding::Unavailable).unwrap();
            scram
                .client_first(b"n,,n=,r=abc", Nonce::draw().unwrap())
                .unwrap()
                .0
                .0
        })
        .collect();
    assert_eq!(firsts.len(), 1000);
}

proptest! {
    /// Whatever a stranger sends, they get the same kind of answer for a known and an unknown user.
    #[test]
    fn no_message_tells_whether_a_user_exists(
        first in "(n|y|p=tls-server-end-point|x),,?(n=|m=)?[a-z=]{0,3},r=[!-~]{0,8}",
        last in "c=(biws|eSws|[A-Za-z0-9+/=]{0,8}),r=[!-~]{0,8},p=[A-Za-z0-9+/=]{0,48}",
        follow: bool,
    ) {
        let verifiers = verifiers_once();
        let outcome = |user| {
            let scram = Scram::start(verifiers, user, PLAIN, Binding::Unavailable).unwrap();
            match scram.client_first(first.as_bytes(), Nonce::of(&[5; 18])) {
                Err(error) => error.to_string(),
                Ok((answer, waiting)) => {
                    let answer = String::from_utf8(answer.0).unwrap();
                    let nonce = answer.split(',').next().unwrap().to_owned();
                    let last = if follow {
                        format!("c=biws,{nonce},p={}", STANDARD.encode([7; 32]))
                    } else {
                        last.clone()
                    };
                    waiting.client_final(last.as_bytes()).unwrap_err().to_string()
                }
            }
        };
        prop_assert_eq!(outcome("ana"), outcome("bob"));
    }
}

fn verifiers_once() -> &'static Verifiers {
    static ONCE: std::sync::LazyLock<Verifiers> = std::sync::LazyLock::new(verifiers);
    &ONCE
}
