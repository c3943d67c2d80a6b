//! SCRAM with a client that others wrote, and with PostgreSQL's own verifiers.

use identity::IdentityError;
use identity::scram::{
    Binding, Mock, Nonce, PLAIN, PLUS, PasswordProof, Scram, Verifier, Verifiers,
};
use identity::tls::EndPoint;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use tempfile::TempDir;

use crate::made::{Place, person};

/// The verifiers of `ana` with the password `correct horse`, under a fixed secret.
pub fn verifiers() -> Verifiers {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    let verifier = Verifier::of_password("correct horse").unwrap();
    Verifiers::write(&path, &person("ana"), &verifier).unwrap();
    Verifiers::load(&path, Mock::of([9; 32])).unwrap()
}

pub fn end_point() -> EndPoint {
    let place = Place::make();
    let tls = identity::tls::ServerTls::load(&place.files()).unwrap();
    tls.end_point().unwrap().clone()
}

/// Logs in with the client library; `seen` is what the client knows of the channel.
fn log_in(
    user: &str,
    password: &str,
    mechanism: &str,
    ours: Binding,
    seen: ChannelBinding,
) -> Result<PasswordProof, IdentityError> {
    let mut client = ScramSha256::new(password.as_bytes(), seen);
    let scram = Scram::start(&verifiers(), user, mechanism, ours)?;
    let (first, waiting) = scram.client_first(client.message(), Nonce::draw()?)?;
    client.update(&first.0).unwrap();
    let (last, proof) = waiting.client_final(client.message())?;
    client.finish(&last.0).unwrap();
    Ok(proof)
}

fn seen(end_point: &EndPoint) -> ChannelBinding {
    ChannelBinding::tls_server_end_point(end_point.as_bytes().to_vec())
}

#[test]
fn the_right_password_is_proved_and_the_client_accepts_the_server() {
    let proof = log_in(
        "ana",
        "correct horse",
        PLAIN,
        Binding::Unavailable,
        ChannelBinding::unsupported(),
    )
    .unwrap();
    assert_eq!(proof.user(), &person("ana"));
    assert!(!proof.is_bound());
}

#[test]
fn a_bound_password_is_proved_as_bound() {
    let end = end_point();
    for binding in [
        Binding::Offered(end.clone()),
        Binding::Required(end.clone()),
    ] {
        let proof = log_in("ana", "correct horse", PLUS, binding, seen(&end)).unwrap();
        assert!(proof.is_bound());
    }
}

#[test]
fn a_client_that_cannot_bind_may_choose_the_plain_mechanism_where_it_is_offered() {
    let ours = Binding::Offered(end_point());
    let cannot = ChannelBinding::unsupported();
    let proof = log_in("ana", "correct horse", PLAIN, ours, cannot).unwrap();
    assert!(!proof.is_bound());
}

#[test]
fn a_client_that_was_told_of_no_binding_is_refused_where_it_is_offered() {
    let (ours, told) = (Binding::Offered(end_point()), ChannelBinding::unrequested());
    let error = log_in("ana", "correct horse", PLAIN, ours, told).unwrap_err();
    assert!(matches!(error, IdentityError::BindingDowngraded), "{error}");
    assert_eq!(error.sqlstate(), "28000");
    // Where there is none to offer, the client is right.
    let told = ChannelBinding::unrequested();
    assert!(log_in("ana", "correct horse", PLAIN, Binding::Unavailable, told).is_ok());
}

#[test]
fn a_client_bound_to_another_certificate_is_refused() {
    let ours = Binding::Offered(end_point());
    let other = seen(&end_point());
    let error = log_in("ana", "correct horse", PLUS, ours, other).unwrap_err();
    assert!(matches!(error, IdentityError::BindingMismatch), "{error}");
}

#[test]
fn the_wrong_password_and_the_unknown_user_get_one_answer() {
    let refused = |user, password| {
        let cannot = ChannelBinding::unsupported();
        let error = log_in(user, password, PLAIN, Binding::Unavailable, cannot).unwrap_err();
        assert!(matches!(error, IdentityError::PasswordRefused), "{error}");
        (error.to_string(), error.client_message(), error.sqlstate())
    };
    let wrong = refused("ana", "battery staple");
    assert_eq!(wrong.2, "28P01");
    for user in [
        "bob",
        "",
        "Ana",
        "ana ",
        "a\nb",
        "<nobody>",
        &"x".repeat(300),
    ] {
        assert_eq!(refused(user, "correct horse"), wrong, "{user:?}");
    }
}

#[test]
fn postgres_makes_the_same_verifier_of_the_same_password_and_salt() {
    let server = scratch::Server::start().unwrap();
    for (number, password) in ["pencil", "I\u{ad}X", "\u{2168}", "päßwörd", "a\u{7}b"]
        .into_iter()
        .enumerate()
    {
        let sql = format!(
            "SET password_encryption = 'scram-sha-256'; \
             CREATE ROLE person{number} PASSWORD '{password}'; \
             SELECT rolpassword FROM pg_authid WHERE rolname = 'person{number}'"
        );
        let theirs = server.run("postgres", &sql).unwrap();
        let theirs = theirs
            .lines()
            .find(|line| line.starts_with("SCRAM"))
            .unwrap();
        let salt = theirs.split([':', '$']).nth(2).unwrap();
        let salt = postgres_salt(salt);
        let ours = Verifier::with_salt(password, salt, Verifier::ITERATIONS).unwrap();
        assert_eq!(ours.to_string(), theirs, "{password:?}");
    }
}

fn postgres_salt(text: &str) -> [u8; 16] {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.unwrap().try_into().unwrap()
}
