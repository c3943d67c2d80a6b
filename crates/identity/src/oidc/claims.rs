//! What a verified token says, held against the settings and the time.

use std::collections::BTreeSet;

use model::{PersonId, Strength, TeamId, Timestamp};

use super::configuration::Settings;
use super::json::Object;
use crate::authenticated::Factor;

/// LIMIT: what is kept of a claim in records (OpenID Connect gives `sub` 255 characters).
const TEXT_BYTES_MAX: usize = 255;

/// Proof that somebody holds a token of the issuer for this audience; made by an
/// [`Issuer`](super::Issuer) alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenProof {
    person: PersonId,
    factor: Factor,
    strength: Strength,
    valid_until: Timestamp,
    teams_at_most: Option<BTreeSet<TeamId>>,
}

impl TokenProof {
    /// Whom the token names.
    pub const fn person(&self) -> &PersonId {
        &self.person
    }

    /// Issuer, subject and `acr`.
    pub const fn factor(&self) -> &Factor {
        &self.factor
    }

    /// AAL2 where the token's `acr` is listed.
    pub const fn strength(&self) -> Strength {
        self.strength
    }

    /// The token's expiry with the leeway: the live session ends then.
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// The teams that the token leaves; `None` narrows nothing.
    pub const fn teams_at_most(&self) -> Option<&BTreeSet<TeamId>> {
        self.teams_at_most.as_ref()
    }

    pub(crate) fn into_parts(self) -> (Factor, Strength, Option<BTreeSet<TeamId>>) {
        (self.factor, self.strength, self.teams_at_most)
    }
}

/// Judges the claims of a token whose signature has been verified.
pub(super) fn judge(
    claims: &Object,
    settings: &Settings,
    now: Timestamp,
) -> Result<TokenProof, String> {
    if claims.text("iss")? != Some(settings.issuer.as_str()) {
        return Err("it is another issuer's".to_owned());
    }
    let audience = claims.texts("aud")?.unwrap_or_default();
    if !audience.contains(&settings.audience.as_str()) {
        return Err("it is for another audience".to_owned());
    }
    // The token is worth nothing without its holder's key or certificate, which is not looked at here.
    if claims.has("cnf") {
        return Err("it is bound to a key of its holder, which is not supported".to_owned());
    }
    let valid_until = valid_until(claims, settings, now)?;
    let subject = short(claims, "sub")?.ok_or("it names no subject")?;
    let name = claims.text(&settings.person_claim)?;
    let name =
        name.ok_or_else(|| format!("it has no `{}` that names a person", settings.person_claim))?;
    let person = PersonId::new(name)
        .map_err(|error| format!("its `{}` names nobody: {error}", settings.person_claim))?;
    let acr = short(claims, "acr")?;
    let listed = acr
        .as_ref()
        .is_some_and(|acr| settings.aal2_acr.contains(acr));
    Ok(TokenProof {
        person,
        strength: if listed {
            Strength::Aal2
        } else {
            Strength::Aal1
        },
        valid_until,
        teams_at_most: teams(claims, settings)?,
        factor: Factor::Token {
            issuer: settings.issuer.clone(),
            subject,
            id: short(claims, "jti")?,
            acr,
        },
    })
}

fn valid_until(claims: &Object, settings: &Settings, now: Timestamp) -> Result<Timestamp, String> {
    let early = |moment: i64| moment.saturating_sub(settings.leeway_s) > now.seconds();
    let expiry = claims.seconds("exp")?.ok_or("it has no end (`exp`)")?;
    let end = Timestamp::from_seconds(expiry).plus_seconds(settings.leeway_s);
    if now >= end {
        return Err("it has expired".to_owned());
    }
    if claims.seconds("nbf")?.is_some_and(early) {
        return Err("it is not valid yet".to_owned());
    }
    if claims.seconds("iat")?.is_some_and(early) {
        return Err("it was issued in the future".to_owned());
    }
    Ok(end)
}

/// A name that no team can have is in no team: leaving it out narrows as the token says.
fn teams(claims: &Object, settings: &Settings) -> Result<Option<BTreeSet<TeamId>>, String> {
    let Some(claim) = &settings.teams_claim else {
        return Ok(None);
    };
    let names = claims.texts(claim)?;
    Ok(names.map(|names| {
        let teams = names.into_iter().filter_map(|name| TeamId::new(name).ok());
        teams.collect()
    }))
}

fn short(claims: &Object, name: &str) -> Result<Option<String>, String> {
    match claims.text(name)? {
        Some(text) if text.is_empty() || text.len() > TEXT_BYTES_MAX => {
            Err(format!("its `{name}` is empty or longer than 255 bytes"))
        }
        found => Ok(found.map(str::to_owned)),
    }
}
