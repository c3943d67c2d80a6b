//! Tokens made by hand that a real issuer would never give out, each refused for its own reason.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::IdentityError;
use identity::oidc::Issuer;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::issuer::Running;
use crate::oidc::now;

struct Bench {
    issuer: Running,
    verifier: Issuer,
}

/// One issuer for all of these tests: none of them changes it.
static ONE: LazyLock<Mutex<Bench>> = LazyLock::new(|| Mutex::new(Bench::make()));

impl Bench {
    fn make() -> Self {
        let issuer = Running::start();
        let verifier = issuer.verifier();
        Self { issuer, verifier }
    }

    async fn borrow() -> MutexGuard<'static, Self> {
        ONE.lock().await
    }

    fn claims(&self) -> Value {
        let now = now().seconds();
        json!({
            "iss": self.issuer.address, "aud": self.issuer.audience, "sub": "ana",
            "exp": now + 600, "iat": now, "nbf": now,
        })
    }

    async fn outcome(&self, token: &str) -> Result<String, String> {
        match self.verifier.verify(token.as_bytes(), now()).await {
            Ok(proof) => Ok(proof.person().to_string()),
            Err(IdentityError::TokenRefused { cause }) => Err(cause),
            Err(other) => panic!("{other}"),
        }
    }

    async fn refused(&self, token: &str, says: &str) {
        let cause = self.outcome(token).await.unwrap_err();
        assert!(cause.contains(says), "expected `{says}`: {cause}");
    }
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "ES256-1", "typ": "at+jwt"})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

#[tokio::test]
async fn a_token_by_hand_passes_when_nothing_is_wrong_with_it() {
    let mut bench = Bench::borrow().await;
    let claims = bench.claims();
    for (header, claims) in [
        (header(), claims.clone()),
        (without(header(), "typ"), claims.clone()),
        (with(header(), "typ", json!("JWT")), claims.clone()),
        (
            header(),
            with(claims.clone(), "aud", json!(["x", bench.issuer.audience])),
        ),
        (header(), without(without(claims, "nbf"), "iat")),
    ] {
        let token = bench.issuer.sign(&header, &claims, "ES256");
        assert_eq!(
            bench.outcome(&token).await.as_deref(),
            Ok("ana"),
            "{header} {claims}"
        );
    }
}

#[tokio::test]
async fn a_token_without_a_signature_or_with_a_shared_secret_is_refused() {
    let mut bench = Bench::borrow().await;
    let claims = bench.claims();
    for (alg, by) in [
        ("none", "nobody"),
        ("None", "nobody"),
        ("HS256", "public-key-as-secret RS256"),
        ("HS256", "public-key-as-secret ES256"),
    ] {
        let kid = by.split(' ').next_back().unwrap().to_owned() + "-1";
        let token = bench
            .issuer
            .sign(&json!({"alg": alg, "kid": kid}), &claims, by);
        bench.refused(&token, "never counts").await;
    }
    let token = bench.issuer.sign(&header(), &claims, "nobody");
    bench
        .refused(&token, "its signature is not its key's")
        .await;
    let token = bench
        .issuer
        .sign(&header(), &claims, "public-key-as-secret ES256");
    bench
        .refused(&token, "its signature is not its key's")
        .await;
}

#[tokio::test]
async fn a_key_is_used_for_its_own_algorithm_alone() {
    let mut bench = Bench::borrow().await;
    let claims = bench.claims();
    for (alg, kid, by, says) in [
        ("RS256", "ES256-1", "RS256", "not that of its key"),
        ("ES256", "RS256-1", "ES256", "not that of its key"),
        ("ES256", "EdDSA-1", "ES256", "not that of its key"),
        ("RS256", "RS256-1", "ES256", "signature"),
        ("PS256", "RS256-1", "RS256", "not on the list"),
        ("ES384", "ES256-1", "ES256", "not on the list"),
        ("ES256", "ES256-2", "ES256", "none of the issuer's"),
        ("ES256", "", "ES256", "none of the issuer's"),
    ] {
        let token = bench
            .issuer
            .sign(&json!({"alg": alg, "kid": kid}), &claims, by);
        bench.refused(&token, says).await;
    }
}

#[tokio::test]
async fn a_header_that_brings_its_own_key_or_demands_is_refused() {
    let mut bench = Bench::borrow().await;
    let claims = bench.claims();
    let question = json!({"do": "embedded", "header": header(), "claims": claims});
    let token = bench.issuer.ask(&question)["token"]
        .as_str()
        .unwrap()
        .to_owned();
    bench.refused(&token, "a key of its own (`jwk`)").await;
    for (header, says) in [
        (
            with(header(), "jku", json!("https://evil.example/jwks")),
            "`jku`",
        ),
        (
            with(header(), "x5u", json!("https://evil.example/x5u")),
            "`x5u`",
        ),
        (with(header(), "x5c", json!(["AAAA"])), "`x5c`"),
        (with(header(), "crit", json!(["b64"])), "demands"),
        (with(header(), "typ", json!("logout+jwt")), "its type"),
        (with(header(), "typ", json!(1)), "`typ` is not text"),
        (without(header(), "kid"), "names no key"),
        (without(header(), "alg"), "names no algorithm"),
        (with(header(), "alg", json!(["ES256"])), "`alg` is not text"),
        (json!([1]), "not a JSON object"),
        (
            json!("{\"alg\":\"ES256\",\"alg\":\"none\",\"kid\":\"ES256-1\"}"),
            "not a JSON object",
        ),
    ] {
        let token = bench.issuer.sign(&header, &claims, "ES256");
        bench.refused(&token, says).await;
    }
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let mut bench = Bench::borrow().await;
    let (good, now) = (bench.claims(), now().seconds());
    let doubled = format!(
        "{{\"sub\":\"bob\",{}",
        good.to_string().trim_start_matches('{')
    );
    for (claims, says) in [
        (
            with(good.clone(), "iss", json!("https://evil.example")),
            "another issuer's",
        ),
        (
            with(
                good.clone(),
                "iss",
                json!(format!("{}/", bench.issuer.address)),
            ),
            "another issuer's",
        ),
        (without(good.clone(), "iss"), "another issuer's"),
        (
            with(good.clone(), "aud", json!("https://other.example")),
            "another audience",
        ),
        (with(good.clone(), "aud", json!([])), "another audience"),
        (
            with(good.clone(), "aud", json!([{}])),
            "`aud` is not a list",
        ),
        (without(good.clone(), "aud"), "another audience"),
        (with(good.clone(), "exp", json!(now - 60)), "has expired"),
        (with(good.clone(), "exp", json!(-1)), "has expired"),
        (
            with(good.clone(), "exp", json!("never")),
            "`exp` is not a number",
        ),
        (
            with(good.clone(), "exp", json!(1e300)),
            "`exp` is not a number",
        ),
        (without(good.clone(), "exp"), "has no end"),
        (with(good.clone(), "nbf", json!(now + 120)), "not valid yet"),
        (with(good.clone(), "iat", json!(now + 120)), "in the future"),
        (without(good.clone(), "sub"), "names no subject"),
        (with(good.clone(), "sub", json!("")), "empty"),
        (with(good.clone(), "sub", json!("ana\u{0}")), "names nobody"),
        (with(good.clone(), "sub", json!(7)), "`sub` is not text"),
        (
            with(good.clone(), "sub", json!("x".repeat(256))),
            "longer than 255",
        ),
        (with(good.clone(), "acr", json!(2)), "`acr` is not text"),
        (
            with(good.clone(), "teams", json!([1])),
            "`teams` is not a list",
        ),
        (
            with(good.clone(), "cnf", json!({"jkt": "x"})),
            "bound to a key",
        ),
        (json!([1]), "claims are not a JSON object"),
        (json!(doubled), "claims are not a JSON object"),
    ] {
        let token = bench.issuer.sign(&header(), &claims, "ES256");
        bench.refused(&token, says).await;
    }
}

#[tokio::test]
async fn a_real_token_for_another_audience_is_refused() {
    let mut bench = Bench::borrow().await;
    let token = bench.issuer.token_for("ana", "https://other.example/ES256");
    bench.refused(&token, "another audience").await;
}

#[tokio::test]
async fn every_changed_byte_of_a_real_token_is_noticed() {
    let mut bench = Bench::borrow().await;
    let token = bench.issuer.token("ana", "ES256");
    assert!(bench.outcome(&token).await.is_ok());
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(bench.outcome(&changed).await.is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn what_has_not_the_form_of_a_token_is_refused_without_asking_the_issuer() {
    let mut bench = Bench::make();
    let token = bench.issuer.token("ana", "ES256");
    let encoded = URL_SAFE_NO_PAD.encode("{}");
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "correct horse".to_owned(),
        format!("{token}."),
        format!("{token}.{encoded}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        token.replace('.', " "),
        format!("{encoded}.{encoded}.{encoded}"),
        format!("{token}{}", "A".repeat(16 * 1024)),
    ] {
        assert!(bench.outcome(&bad).await.is_err(), "{bad:?}");
    }
    let long = format!("{token}{}", "A".repeat(16 * 1024));
    bench.refused(&long, "longer than 16 KiB").await;
    let not_text = bench.verifier.verify(b"a.\xff.c", now()).await;
    assert!(not_text.is_err());
    assert_eq!(bench.issuer.asked(), 0);
}
