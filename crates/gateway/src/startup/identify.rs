//! Who it is: a password by SCRAM, or a token inside TLS, together with the certificate of the
//! connection. Nothing here tells whether a user exists.

use std::sync::Arc;

use bytes::BytesMut;
use identity::scram::{Binding, Nonce, Scram};
use identity::{Authenticated, IdentityError, Proof};
use model::Refusal;
use wire::client::{Secret, StartupMessage, take_authentication};
use wire::server;

use super::Stranger;
use crate::gate::Gate;
use crate::problem::{Problem, sqlstate};
use crate::session::ClientError;

/// Why nobody is identified.
pub(super) enum Failed {
    /// The connection is gone.
    Gone,
    /// The client is told.
    Told(Box<Stranger>, Box<Problem>),
}

/// A reason before the stranger is put to it.
enum Why {
    Gone,
    Problem(Box<Problem>),
}

impl From<ClientError> for Why {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Malformed(error) => error.into(),
            ClientError::Closed | ClientError::Broken(_) | ClientError::Slow => Self::Gone,
        }
    }
}

impl From<wire::Error> for Why {
    fn from(error: wire::Error) -> Self {
        let about = error.to_string();
        Self::Problem(Box::new(Problem::refusal(
            Refusal::ProtocolViolation,
            &about,
        )))
    }
}

impl From<IdentityError> for Why {
    fn from(error: IdentityError) -> Self {
        Self::Problem(Box::new(problem(&error)))
    }
}

/// Proves who it is.
pub(super) async fn identify(
    gate: &Arc<Gate>,
    mut stranger: Stranger,
    wish: &StartupMessage,
) -> Result<(Stranger, Authenticated), Failed> {
    match prove(gate, &mut stranger, wish).await {
        Ok(authenticated) => Ok((stranger, authenticated)),
        Err(Why::Gone) => Err(Failed::Gone),
        Err(Why::Problem(problem)) => Err(Failed::Told(Box::new(stranger), problem)),
    }
}

async fn prove(
    gate: &Arc<Gate>,
    stranger: &mut Stranger,
    wish: &StartupMessage,
) -> Result<Authenticated, Why> {
    let asks_replication = wish
        .parameter("replication")
        .is_some_and(|value| !matches!(value, "false" | "off" | "no" | "0"));
    if asks_replication {
        let problem = Problem::refusal(Refusal::MessageNotAllowed, "replication");
        return Err(Why::Problem(Box::new(problem)));
    }
    if !wish.is_spoken() {
        let mut out = BytesMut::new();
        server::negotiate_version(&mut out, wish.version().agreed(), wish.extensions())?;
        stranger.write(out).await?;
    }
    let user = wish.user();
    let doors = gate.doors();
    let issuer = doors.issuer.as_ref();
    let proof = match issuer.filter(|issuer| stranger.is_tls && issuer.users().matches(user)) {
        Some(issuer) => {
            let mut out = BytesMut::new();
            server::authentication_cleartext(&mut out);
            stranger.write(out).await?;
            let secret = secret(stranger).await?;
            let token = secret.password()?.as_bytes();
            Proof::Token(issuer.verify(token, gate.now()).await?)
        }
        None => Proof::Password(scram(gate, stranger, user).await?),
    };
    let Some(world) = gate.databases().next().map(|database| database.world()) else {
        return Err(Why::Problem(Box::new(Problem::refusal(
            Refusal::DatabaseUnknown,
            "",
        ))));
    };
    let certificate = stranger.certificate.as_ref();
    let register = world.register();
    Ok(Authenticated::combine(
        user,
        proof,
        certificate,
        register,
        gate.now(),
    )?)
}

async fn scram(
    gate: &Arc<Gate>,
    stranger: &mut Stranger,
    user: &str,
) -> Result<identity::scram::PasswordProof, Why> {
    let doors = gate.doors();
    let end_point = doors
        .tls
        .as_ref()
        .and_then(|tls| tls.end_point())
        .filter(|_| stranger.is_tls);
    let binding = end_point.map_or(Binding::Unavailable, |end| Binding::Offered(end.clone()));
    let mut out = BytesMut::new();
    server::authentication_sasl(&mut out, binding.mechanisms())?;
    stranger.write(out).await?;

    let answer = secret(stranger).await?;
    let initial = answer.sasl_initial()?;
    let scram = Scram::start(&doors.verifiers, user, initial.mechanism, binding)?;
    let first = initial.response.unwrap_or_default();
    let (said, waiting) = scram.client_first(first, Nonce::draw()?)?;
    let mut out = BytesMut::new();
    server::authentication_sasl_continue(&mut out, &said.0)?;
    stranger.write(out).await?;

    let answer = secret(stranger).await?;
    let (said, proof) = waiting.client_final(answer.sasl_response())?;
    let mut out = BytesMut::new();
    server::authentication_sasl_final(&mut out, &said.0)?;
    stranger.write(out).await?;
    Ok(proof)
}

async fn secret(stranger: &mut Stranger) -> Result<Secret, Why> {
    loop {
        if let Some(secret) = take_authentication(&mut stranger.inbox)? {
            return Ok(secret);
        }
        stranger.read().await?;
    }
}

/// What the client is told.
pub(super) fn problem(error: &IdentityError) -> Problem {
    // The cause may name somebody, or quote what they sent.
    tracing::debug!(%error, "somebody was not let in");
    if matches!(error, IdentityError::IssuerUnreachable { .. }) {
        tracing::warn!(%error, "nobody can come in with a token");
    } else {
        tracing::info!(sqlstate = error.sqlstate(), "somebody was not let in");
    }
    let mut problem = Problem::refusal(Refusal::AuthenticationFailed, "");
    problem.sqlstate = sqlstate(error.sqlstate());
    error.client_message().clone_into(&mut problem.message);
    problem
}
