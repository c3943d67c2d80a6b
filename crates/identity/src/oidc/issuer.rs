//! The one issuer of a deployment: verifies tokens with the keys that it publishes now.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use model::Timestamp;
use tokio::sync::Mutex;

use super::address::Address;
use super::claims::{self, TokenProof};
use super::configuration::Settings;
use super::fetch::Fetch;
use super::json::Object;
use super::keys::Keys;
use super::pattern::UserPattern;
use super::token::Token;
use crate::error::IdentityError;

/// LIMIT: how often unknown keys may make us ask. Anybody can send tokens that name unknown keys.
const PAUSE_S: u64 = 30;
/// LIMIT: how soon an issuer is asked again after it gave nothing.
const PAUSE_AFTER_FAILURE_S: u64 = 5;

/// Verifies access tokens. Shared by all connections; safe to call at once.
pub struct Issuer {
    settings: Settings,
    fetch: Fetch,
    /// The keys of the last successful fetch.
    current: RwLock<Option<Arc<Fetched>>>,
    /// Held while the issuer is asked, so that many who wait make one request.
    last_try: Mutex<Option<Try>>,
}

#[derive(Debug)]
struct Fetched {
    keys: Keys,
    at: Timestamp,
}

#[derive(Clone)]
struct Try {
    at: Timestamp,
    failure: Option<String>,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Issuer")
            .field(&self.settings.issuer)
            .finish()
    }
}

impl Issuer {
    /// Prepares to verify; asks nobody yet. The first token does, or [`Issuer::check`].
    ///
    /// # Errors
    /// When the file of the issuer's authorities cannot be read.
    pub fn new(settings: Settings) -> Result<Self, IdentityError> {
        Ok(Self {
            fetch: Fetch::make(settings.issuer_ca.as_deref())?,
            settings,
            current: RwLock::new(None),
            last_try: Mutex::new(None),
        })
    }

    /// Which users are asked for a token.
    pub const fn users(&self) -> &UserPattern {
        self.settings.users()
    }

    /// Asks the issuer for its keys once, for `cordon check` and for a start that tells early.
    ///
    /// # Errors
    /// [`IdentityError::IssuerUnreachable`] with the cause.
    pub async fn check(&self) -> Result<(), IdentityError> {
        let _one_at_a_time = self.last_try.lock().await;
        let keys = self.fetch_keys().await;
        keys.map(|_| ()).map_err(unreachable)
    }

    /// Verifies a token: form, algorithm, key, signature, issuer, audience, times, person. `token` is
    /// the password message's text without its final NUL; nothing of it is kept.
    ///
    /// # Errors
    /// [`IdentityError::TokenRefused`] with the cause for the log; or
    /// [`IdentityError::IssuerUnreachable`] when there are no keys to verify with.
    pub async fn verify(&self, token: &[u8], now: Timestamp) -> Result<TokenProof, IdentityError> {
        let token = Token::read(token).map_err(refused)?;
        if !self.settings.algorithms.contains(&token.algorithm) {
            return Err(refused("its algorithm is not on the list"));
        }
        let fetched = self.keys_for(&token.key, now).await?;
        let key = fetched.keys.find(&token.key);
        let key = key.ok_or_else(|| refused("its key is none of the issuer's"))?;
        if key.algorithm != token.algorithm {
            return Err(refused("its algorithm is not that of its key"));
        }
        if !key.verifies(token.message, &token.signature) {
            return Err(refused("its signature is not its key's"));
        }
        let claims = token.claims().map_err(refused)?;
        claims::judge(&claims, &self.settings, now).map_err(refused)
    }

    /// The keys to look `id` up in; asks the issuer when they are old, or lack it.
    async fn keys_for(&self, id: &str, now: Timestamp) -> Result<Arc<Fetched>, IdentityError> {
        if let Some(found) = self.fresh(id, now) {
            return Ok(found);
        }
        let mut last_try = self.last_try.lock().await;
        // Somebody else may have asked while we waited.
        if let Some(found) = self.fresh(id, now) {
            return Ok(found);
        }
        let pause = |last: &Try| match last.failure {
            Some(_) => PAUSE_AFTER_FAILURE_S,
            None => PAUSE_S,
        };
        if last_try
            .as_ref()
            .is_none_or(|last| apart(last.at, now) >= pause(last))
        {
            // Written down before: a client that hangs up meanwhile must not make the next one ask again.
            let unanswered = "it was asked a moment ago and has not answered yet".to_owned();
            *last_try = Some(Try {
                at: now,
                failure: Some(unanswered),
            });
            let failure = self.refresh(now).await.err();
            *last_try = Some(Try { at: now, failure });
        }
        let found = self
            .current()
            .filter(|found| apart(found.at, now) < self.settings.keys_max_age_s);
        found.ok_or_else(|| {
            let failure = last_try.as_ref().and_then(|last| last.failure.clone());
            unreachable(failure.unwrap_or_else(|| "its keys are too old".to_owned()))
        })
    }

    /// The keys at hand if they are young and know `id`.
    fn fresh(&self, id: &str, now: Timestamp) -> Option<Arc<Fetched>> {
        self.current().filter(|found| {
            apart(found.at, now) < self.settings.keys_refresh_s && found.keys.find(id).is_some()
        })
    }

    fn current(&self) -> Option<Arc<Fetched>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Old keys go at once: a key that the issuer does not publish any more counts no more.
    async fn refresh(&self, now: Timestamp) -> Result<(), String> {
        let keys = self.fetch_keys().await?;
        let fetched = Arc::new(Fetched { keys, at: now });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
        Ok(())
    }

    async fn fetch_keys(&self) -> Result<Keys, String> {
        let document = self.fetch.document(&self.settings.discovery).await?;
        let document = Object::read(&document)
            .ok_or_else(|| "its discovery document is not a JSON object".to_owned())?;
        // Source: OpenID Connect Discovery 1.0 section 4.3.
        if document.text("issuer")? != Some(self.settings.issuer.as_str()) {
            return Err("its discovery document is another issuer's".to_owned());
        }
        let place = document.text("jwks_uri")?;
        let place = place.ok_or_else(|| "its discovery document names no key set".to_owned())?;
        let place = Address::parse(place, self.settings.loopback_http)
            .map_err(|cause| format!("the address of its key set cannot be used: {cause}"))?;
        Keys::read(&self.fetch.document(&place).await?)
    }
}

/// Seconds between two moments, whichever is first: a clock that was set back makes keys old too.
fn apart(one: Timestamp, other: Timestamp) -> u64 {
    one.seconds().abs_diff(other.seconds())
}

fn refused(cause: impl Into<String>) -> IdentityError {
    IdentityError::TokenRefused {
        cause: cause.into(),
    }
}

fn unreachable(cause: String) -> IdentityError {
    IdentityError::IssuerUnreachable { cause }
}
