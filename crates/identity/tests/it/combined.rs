//! Proofs of one connection put together: who it is then, how strongly, and until when.

use identity::certificates::Issued;
use identity::scram::{Binding, Mock, Nonce, PLAIN, PasswordProof, Scram, Verifier, Verifiers};
use identity::tls::ClientCertificate;
use identity::{Authenticated, Factor, IdentityError, Proof};
use model::{Asker, PersonId, Register, ServiceId, Strength, Timestamp};
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use tempfile::TempDir;

use crate::issuer::Running;
use crate::made::{Place, long, person, validity};
use crate::oidc::now;
use crate::tls::shown;

/// A person and a disabled one, a service, and a name that is both.
fn register() -> Register {
    let mut register = Register::default();
    for name in ["ana", "dora", "both", "bob"] {
        let person = model::Person {
            id: person(name),
            name: name.to_owned(),
            disabled: name == "dora",
            citizenships: None,
            statuses: None,
            residence: None,
            employer: None,
            contracts: None,
            designations: None,
            office: None,
            manager: None,
            teams: None,
            roles: None,
            recipient_class: None,
            keys: None,
        };
        register.people.insert(person.id.clone(), person);
    }
    for name in ["charts", "both"] {
        let service = model::ServiceAudience {
            id: ServiceId::new(name).unwrap(),
            name: name.to_owned(),
            audience: [person("ana")].into(),
        };
        register.services.insert(service.id.clone(), service);
    }
    register
}

/// A real exchange, in which the user proves the password that they have.
fn password(user: &str) -> PasswordProof {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    Verifiers::write(&path, &person(user), &Verifier::of_password("x").unwrap()).unwrap();
    let verifiers = Verifiers::load(&path, Mock::of([9; 32])).unwrap();
    let mut client = ScramSha256::new(b"x", ChannelBinding::unsupported());
    let scram = Scram::start(&verifiers, user, PLAIN, Binding::Unavailable).unwrap();
    let nonce = Nonce::draw().unwrap();
    let (first, waiting) = scram.client_first(client.message(), nonce).unwrap();
    client.update(&first.0).unwrap();
    waiting.client_final(client.message()).unwrap().1
}

fn certificate(issued: impl Fn(&Place) -> Issued) -> ClientCertificate {
    let place = Place::make();
    let issued = issued(&place);
    shown(&place, &issued).unwrap().unwrap()
}

fn combine(
    user: &str,
    certificate: Option<&ClientCertificate>,
    at: Timestamp,
) -> Result<Authenticated, IdentityError> {
    let proof = Proof::Password(password(user));
    Authenticated::combine(user, proof, certificate, &register(), at)
}

#[test]
fn a_password_alone_is_one_factor_and_has_no_end() {
    let found = combine("ana", None, now()).unwrap();
    assert_eq!(found.person(), Some(&person("ana")));
    assert_eq!(found.strength(), Strength::Aal1);
    assert_eq!(found.factors(), [Factor::Password { bound: false }]);
    assert_eq!(found.valid_until(), Timestamp::MAX);
    assert_eq!(found.teams_at_most(), None);
}

#[test]
fn a_certificate_with_a_password_is_two_factors_until_the_certificate_ends() {
    let until = validity("2020-01-01", "2098-01-01");
    let shown = certificate(|place| place.authority.client(&person("ana"), until).unwrap());
    let found = combine("ana", Some(&shown), now()).unwrap();
    assert_eq!(found.strength(), Strength::Aal2);
    assert_eq!(found.valid_until(), until.until);
    let [
        Factor::Certificate {
            fingerprint,
            serial,
        },
        Factor::Password { .. },
    ] = found.factors()
    else {
        panic!("{found:?}");
    };
    assert_eq!(
        (*fingerprint, serial.as_str()),
        (shown.fingerprint(), shown.serial())
    );
    assert!(
        found.factors()[0]
            .to_string()
            .contains(&fingerprint.to_string())
    );
    let error = combine("ana", Some(&shown), until.until).unwrap_err();
    assert!(matches!(error, IdentityError::ProofEnded), "{error}");
}

#[test]
fn a_certificate_of_another_person_is_refused() {
    let bobs = certificate(|place| place.client("bob"));
    for user in ["ana", "bo", "bob2", "Bob"] {
        let error = combine(user, Some(&bobs), now()).unwrap_err();
        assert!(
            matches!(error, IdentityError::DifferentPerson { .. }),
            "{error}"
        );
        assert_eq!(error.sqlstate(), "28000");
    }
}

#[test]
fn a_password_of_another_user_is_refused() {
    let proof = Proof::Password(password("bob"));
    let error = Authenticated::combine("ana", proof, None, &register(), now()).unwrap_err();
    assert!(
        matches!(error, IdentityError::DifferentPerson { .. }),
        "{error}"
    );
}

#[test]
fn who_is_not_in_the_register_or_disabled_in_it_is_refused_in_the_same_words() {
    let mut answers = std::collections::BTreeSet::new();
    for user in ["nobody", "dora", "both"] {
        let error = combine(user, None, now()).unwrap_err();
        answers.insert((error.client_message(), error.sqlstate()));
        assert!(error.to_string().contains(user), "{error}");
    }
    let wrong = IdentityError::PasswordRefused;
    assert_eq!(answers, [(wrong.client_message(), wrong.sqlstate())].into());
}

#[test]
fn a_service_connects_by_password_and_is_no_person() {
    let found = combine("charts", None, now()).unwrap();
    assert_eq!(
        found.asker(),
        &Asker::Service(ServiceId::new("charts").unwrap())
    );
    assert_eq!(found.person(), None);
}

#[test]
fn a_session_is_no_longer_welcome_once_the_register_says_so() {
    let (ana, charts) = (combine("ana", None, now()), combine("charts", None, now()));
    let (ana, charts) = (ana.unwrap(), charts.unwrap());
    let mut register = register();
    assert!(ana.is_still_welcome(&register).is_ok());
    register.people.get_mut(&person("ana")).unwrap().disabled = true;
    let error = ana.is_still_welcome(&register).unwrap_err();
    assert!(matches!(error, IdentityError::Disabled { .. }), "{error}");
    register.people.remove(&person("ana"));
    register.services.clear();
    for gone in [ana, charts] {
        let error = gone.is_still_welcome(&register).unwrap_err();
        assert!(
            matches!(error, IdentityError::NotRegistered { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_token_proves_its_own_user_and_narrows() {
    let mut issuer = Running::start_plain();
    let verifier = issuer.verifier();
    let mut prove = async |client: &str, user: &str, certificate: Option<&ClientCertificate>| {
        let token = issuer.token(client, "ES256");
        let token = verifier.verify(token.as_bytes(), now()).await.unwrap();
        let end = token.valid_until();
        let proof = Proof::Token(token);
        Authenticated::combine(user, proof, certificate, &register(), now())
            .map(|found| (found, end))
    };
    let (found, end) = prove("ana", "ana", None).await.unwrap();
    assert_eq!(found.person(), Some(&person("ana")));
    assert_eq!(found.strength(), Strength::Aal2);
    assert_eq!(found.valid_until(), end);
    assert_eq!(found.teams_at_most().unwrap().len(), 1);
    let shown = found.factors()[0].to_string();
    assert!(
        shown.contains("subject=\"ana\"") && shown.contains("acr="),
        "{shown}"
    );
    // Another's token, or another's certificate beside one's own token.
    let error = prove("ana", "bob", None).await.unwrap_err();
    assert!(
        matches!(error, IdentityError::DifferentPerson { .. }),
        "{error}"
    );
    let bobs = certificate(|place| place.client("bob"));
    let error = prove("ana", "ana", Some(&bobs)).await.unwrap_err();
    assert!(
        matches!(error, IdentityError::DifferentPerson { .. }),
        "{error}"
    );
    // What ends first ends the session.
    let anas = certificate(|place| place.authority.client(&person("ana"), long()).unwrap());
    let (found, end) = prove("ana", "ana", Some(&anas)).await.unwrap();
    assert_eq!((found.valid_until(), found.factors().len()), (end, 2));
}

#[test]
fn a_certificate_is_read_by_its_san_first_and_names_one_person() {
    let place = Place::make();
    let read = |subject: &str, san: &[&str]| {
        let issued = place.unusual(subject, san);
        shown(&place, &issued).map(|found| found.unwrap().person().clone())
    };
    let named = |name: &str| PersonId::new(name).unwrap();
    assert_eq!(read("ana", &[]).unwrap(), named("ana"));
    assert_eq!(
        read("Ana Home", &["URI:urn:cordon:person:ana"]).unwrap(),
        named("ana")
    );
    assert_eq!(
        read("bob", &["URI:urn:cordon:person:ana"]).unwrap(),
        named("ana")
    );
    let others = [
        "URI:https://x.example/ana",
        "DNS:bob",
        "email:bob@x.example",
    ];
    assert_eq!(read("ana", &others).unwrap(), named("ana"));
    for (subject, san) in [
        ("Ana Home", vec![]),
        ("ana", vec!["URI:urn:cordon:person:"]),
        ("ana", vec!["URI:urn:cordon:person:a b"]),
        (
            "ana",
            vec!["URI:urn:cordon:person:ana", "URI:urn:cordon:person:bob"],
        ),
        ("ana/CN=bob", vec![]),
        ("", vec![]),
    ] {
        let error = read(subject, &san).unwrap_err();
        assert!(
            matches!(error, IdentityError::CertificateRefused { .. }),
            "{error}"
        );
        assert_eq!(error.sqlstate(), "28000");
    }
}
