//! The settings of tokens as an operator writes them, and as they are once they have been checked.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

use super::address::Address;
use super::algorithm::Algorithm;
use super::pattern::UserPattern;
use crate::error::IdentityError;

/// LIMIT: more would let tokens live on that have ended.
const LEEWAY_MAX_S: u32 = 300;
/// LIMIT: a key that the issuer has withdrawn counts no longer than this.
const KEYS_MAX_AGE_MAX_S: u32 = 86_400;

/// The table of `cordon.toml` that turns tokens on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The issuer, letter by letter as in its tokens' `iss`.
    pub issuer: String,
    /// What a token's `aud` must hold.
    pub audience: String,
    /// Which users are asked for a token: a name with at most one `*`.
    pub oidc_users: String,
    /// The signatures that count.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<String>,
    /// The claim that names the person of the register.
    #[serde(default = "default_person_claim")]
    pub person_claim: String,
    /// The claim that lists teams: membership is then at most this. None by default.
    #[serde(default)]
    pub teams_claim: Option<String>,
    /// The values of `acr` that count as AAL2. None by default.
    #[serde(default)]
    pub aal2_acr: Vec<String>,
    /// How far the clocks may differ, in seconds.
    #[serde(default = "default_leeway_s")]
    pub leeway_s: u32,
    /// After how many seconds the keys are fetched again.
    #[serde(default = "default_keys_refresh_s")]
    pub keys_refresh_s: u32,
    /// After how many seconds without a successful fetch the keys count no more.
    #[serde(default = "default_keys_max_age_s")]
    pub keys_max_age_s: u32,
    /// A PEM file of the authorities of the issuer's own certificate, in place of the public ones.
    #[serde(default)]
    pub issuer_ca: Option<PathBuf>,
    /// Whether an issuer on a loopback address may be reached without TLS.
    #[serde(default)]
    pub loopback_http: bool,
}

fn default_algorithms() -> Vec<String> {
    ["ES256", "RS256", "EdDSA"].map(str::to_owned).to_vec()
}

fn default_person_claim() -> String {
    "sub".to_owned()
}

const fn default_leeway_s() -> u32 {
    60
}

const fn default_keys_refresh_s() -> u32 {
    300
}

const fn default_keys_max_age_s() -> u32 {
    3600
}

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) issuer: String,
    pub(super) discovery: Address,
    pub(super) audience: String,
    pub(super) users: UserPattern,
    pub(super) algorithms: BTreeSet<Algorithm>,
    pub(super) person_claim: String,
    pub(super) teams_claim: Option<String>,
    pub(super) aal2_acr: BTreeSet<String>,
    pub(super) leeway_s: i64,
    pub(super) keys_refresh_s: u64,
    pub(super) keys_max_age_s: u64,
    pub(super) issuer_ca: Option<PathBuf>,
    pub(super) loopback_http: bool,
}

impl Configuration {
    /// Checks every value; reads no file and asks nobody.
    ///
    /// # Errors
    /// [`IdentityError::Setting`] with the key.
    pub fn check(self) -> Result<Settings, IdentityError> {
        for (key, value) in [
            ("audience", &self.audience),
            ("person_claim", &self.person_claim),
            (
                "teams_claim",
                self.teams_claim.as_ref().unwrap_or(&self.audience),
            ),
        ] {
            if value.trim().is_empty() {
                return Err(bad(key, "it is empty", "write it as the issuer does"));
            }
        }
        if self.leeway_s > LEEWAY_MAX_S {
            return Err(bad(
                "leeway_s",
                "it is more than 300",
                "set the clocks instead",
            ));
        }
        let (refresh, max_age) = (self.keys_refresh_s, self.keys_max_age_s);
        if refresh < 30 || refresh > max_age || max_age > KEYS_MAX_AGE_MAX_S {
            let cause = "not 30 <= keys_refresh_s <= keys_max_age_s <= 86400";
            return Err(bad("keys_refresh_s", cause, "300 and 3600 are usual"));
        }
        let users = UserPattern::parse(&self.oidc_users)
            .map_err(|cause| bad("oidc_users", cause, "write a name with at most one `*`"))?;
        let remedy = "write the issuer's https address as its tokens name it in `iss`";
        let discovery = discovery(&self.issuer, self.loopback_http)
            .map_err(|cause| bad("issuer", cause, remedy))?;
        Ok(Settings {
            discovery,
            users,
            algorithms: algorithms(&self.algorithms)?,
            issuer: self.issuer,
            audience: self.audience,
            person_claim: self.person_claim,
            teams_claim: self.teams_claim,
            aal2_acr: self.aal2_acr.into_iter().collect(),
            leeway_s: i64::from(self.leeway_s),
            keys_refresh_s: u64::from(refresh),
            keys_max_age_s: u64::from(max_age),
            issuer_ca: self.issuer_ca,
            loopback_http: self.loopback_http,
        })
    }
}

impl Settings {
    /// Which users are asked for a token. The gateway asks them inside TLS only, and nobody else ever.
    pub const fn users(&self) -> &UserPattern {
        &self.users
    }
}

/// Source: OpenID Connect Discovery 1.0 section 4.
fn discovery(issuer: &str, loopback_http: bool) -> Result<Address, &'static str> {
    if issuer.contains('?') {
        return Err("it has a query, which an issuer never has");
    }
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    Address::parse(
        &format!("{base}/.well-known/openid-configuration"),
        loopback_http,
    )
}

fn algorithms(names: &[String]) -> Result<BTreeSet<Algorithm>, IdentityError> {
    let remedy = "choose from ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA; `none` and \
                  symmetric ones never count";
    if names.is_empty() {
        return Err(bad("algorithms", "no signature would count", remedy));
    }
    let read = |name: &String| {
        Algorithm::parse(name).ok_or_else(|| {
            let cause = format!("`{}` is none that may count", name.escape_debug());
            bad("algorithms", cause, remedy)
        })
    };
    names.iter().map(read).collect()
}

fn bad(key: &'static str, cause: impl Into<String>, remedy: &'static str) -> IdentityError {
    IdentityError::Setting {
        key,
        cause: cause.into(),
        remedy,
    }
}
