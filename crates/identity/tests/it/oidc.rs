//! Tokens of a real issuer, over HTTPS: what they prove, and how its keys come and go.

use std::time::{SystemTime, UNIX_EPOCH};

use identity::oidc::Issuer;
use identity::{Factor, IdentityError};
use model::{Strength, TeamId, Timestamp};
use serde_json::json;

use crate::issuer::Running;
use crate::made::person;

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap())
}

async fn cause(verifier: &Issuer, token: &str, at: Timestamp) -> String {
    match verifier.verify(token.as_bytes(), at).await.unwrap_err() {
        IdentityError::TokenRefused { cause } => cause,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_token_of_each_default_algorithm_proves_its_person() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    verifier.check().await.unwrap();
    for algorithm in ["ES256", "RS256", "EdDSA"] {
        let token = issuer.token("ana", algorithm);
        let proof = verifier.verify(token.as_bytes(), now()).await.unwrap();
        assert_eq!(proof.person(), &person("ana"), "{algorithm}");
        assert_eq!(proof.strength(), Strength::Aal2);
        let teams: Vec<_> = proof.teams_at_most().unwrap().iter().collect();
        assert_eq!(teams, [&TeamId::new("ana").unwrap()]);
        // 600 seconds of life and 60 of leeway, less what has passed since.
        let left = proof.valid_until().seconds() - now().seconds();
        assert!((600..=660).contains(&left), "{left}");
        let Factor::Token {
            issuer: by,
            subject,
            acr,
            id,
        } = proof.factor()
        else {
            panic!("{proof:?}");
        };
        assert_eq!((by, subject.as_str()), (&issuer.address, "ana"));
        assert_eq!(acr.as_deref(), Some("urn:example:two-factors"));
        assert!(id.is_some());
    }
    assert_eq!(issuer.asked(), 2, "once by `check`, once for all tokens");
}

#[tokio::test]
async fn an_unlisted_acr_is_one_factor_and_no_teams_claim_narrows_nothing() {
    let mut issuer = Running::start();
    let mut configuration = issuer.configuration();
    configuration.aal2_acr = vec!["urn:example".to_owned()];
    configuration.teams_claim = None;
    let verifier = Issuer::new(configuration.check().unwrap()).unwrap();
    let token = issuer.token("ana", "ES256");
    let proof = verifier.verify(token.as_bytes(), now()).await.unwrap();
    assert_eq!(proof.strength(), Strength::Aal1);
    assert_eq!(proof.teams_at_most(), None);
}

#[tokio::test]
async fn an_expired_token_is_refused_once_the_leeway_is_over() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    let token = issuer.token("ana", "ES256");
    let proof = verifier.verify(token.as_bytes(), now()).await.unwrap();
    let end = proof.valid_until();
    let last = verifier
        .verify(token.as_bytes(), end.plus_seconds(-1))
        .await;
    assert_eq!(last.unwrap().valid_until(), end);
    assert_eq!(cause(&verifier, &token, end).await, "it has expired");
    let early = now().plus_seconds(-3600);
    assert_eq!(
        cause(&verifier, &token, early).await,
        "it was issued in the future"
    );
}

#[tokio::test]
async fn new_keys_are_fetched_when_a_token_names_one_and_old_ones_count_no_more() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    let start = now();
    let old = issuer.token("ana", "ES256");
    verifier.verify(old.as_bytes(), start).await.unwrap();
    issuer.ask(&json!({"do": "rotate"}));
    let new = issuer.token("ana", "ES256");
    let asked = issuer.asked();
    // The issuer was asked a moment ago: an unknown key does not make us ask again.
    for seconds in [0, 10, 29] {
        let at = start.plus_seconds(seconds);
        assert_eq!(
            cause(&verifier, &new, at).await,
            "its key is none of the issuer's"
        );
        assert!(verifier.verify(old.as_bytes(), at).await.is_ok());
    }
    assert_eq!(issuer.asked(), asked);
    let later = start.plus_seconds(30);
    assert!(verifier.verify(new.as_bytes(), later).await.is_ok());
    assert_eq!(issuer.asked(), asked + 1);
    assert_eq!(
        cause(&verifier, &old, later).await,
        "its key is none of the issuer's"
    );
    assert_eq!(issuer.asked(), asked + 1);
}

#[tokio::test]
async fn many_unknown_keys_at_once_make_one_request() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    let claims = json!({});
    let tokens: Vec<String> = (0..20)
        .map(|number| {
            let header = json!({"alg": "ES256", "kid": format!("unknown-{number}")});
            issuer.sign(&header, &claims, "ES256")
        })
        .collect();
    let at = now();
    let mut all = tokio::task::JoinSet::new();
    let verifier = std::sync::Arc::new(verifier);
    for token in tokens {
        let verifier = std::sync::Arc::clone(&verifier);
        all.spawn(async move { cause(&verifier, &token, at).await });
    }
    while let Some(cause) = all.join_next().await {
        assert_eq!(cause.unwrap(), "its key is none of the issuer's");
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_make_the_next_one_ask_again() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    let (token, at) = (issuer.token("ana", "ES256"), now());
    let hangs_up = verifier.verify(token.as_bytes(), at);
    let given_up = tokio::time::timeout(std::time::Duration::ZERO, hangs_up).await;
    assert!(given_up.is_err(), "no answer can be there at once");
    let error = verifier.verify(token.as_bytes(), at).await.unwrap_err();
    assert!(error.to_string().contains("a moment ago"), "{error}");
    assert_eq!(issuer.asked(), 0);
    let later = verifier.verify(token.as_bytes(), at.plus_seconds(5)).await;
    assert!(later.is_ok());
}

#[tokio::test]
async fn an_issuer_that_fails_leaves_its_keys_until_they_are_too_old() {
    let mut issuer = Running::start();
    let verifier = issuer.verifier();
    let start = now();
    let claims = |end: i64| {
        json!({
            "iss": issuer.address, "aud": issuer.audience, "sub": "ana",
            "exp": start.seconds() + end,
        })
    };
    let claims = claims(100_000);
    let token = issuer.sign(&json!({"alg": "ES256", "kid": "ES256-1"}), &claims, "ES256");
    verifier.verify(token.as_bytes(), start).await.unwrap();
    issuer.ask(&json!({"do": "break"}));
    for seconds in [301, 3599] {
        let at = start.plus_seconds(seconds);
        assert!(
            verifier.verify(token.as_bytes(), at).await.is_ok(),
            "{seconds}"
        );
    }
    let at = start.plus_seconds(3604);
    let error = verifier.verify(token.as_bytes(), at).await.unwrap_err();
    assert!(
        matches!(error, IdentityError::IssuerUnreachable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("500"), "{error}");
    assert_eq!(error.sqlstate(), "57P03");
    // It is asked again soon after it failed.
    issuer.ask(&json!({"do": "mend"}));
    assert!(
        verifier
            .verify(token.as_bytes(), at.plus_seconds(5))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_issuer_with_a_certificate_of_another_authority_is_not_believed() {
    let mut issuer = Running::start();
    let other = Running::start();
    let token = issuer.token("ana", "ES256");
    for authority in [Some(other.authority()), None] {
        let mut configuration = issuer.configuration();
        configuration.issuer_ca = authority;
        let verifier = Issuer::new(configuration.check().unwrap()).unwrap();
        for error in [
            verifier.check().await.unwrap_err(),
            verifier.verify(token.as_bytes(), now()).await.unwrap_err(),
        ] {
            assert!(
                matches!(error, IdentityError::IssuerUnreachable { .. }),
                "{error}"
            );
            assert!(error.to_string().contains("certificate"), "{error}");
        }
    }
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn a_loopback_issuer_is_reached_without_tls_where_that_is_set() {
    let mut issuer = Running::start_plain();
    let token = issuer.token("bob", "EdDSA");
    let proof = issuer
        .verifier()
        .verify(token.as_bytes(), now())
        .await
        .unwrap();
    assert_eq!(proof.person(), &person("bob"));
    let mut configuration = issuer.configuration();
    configuration.loopback_http = false;
    assert!(configuration.check().is_err());
}

#[tokio::test]
async fn an_address_where_another_issuer_answers_is_not_believed() {
    let issuer = Running::start_plain();
    let mut configuration = issuer.configuration();
    configuration.issuer = issuer.address.replace("127.0.0.1", "localhost");
    let verifier = Issuer::new(configuration.check().unwrap()).unwrap();
    let error = verifier.check().await.unwrap_err().to_string();
    assert!(error.contains("another issuer's"), "{error}");
}
