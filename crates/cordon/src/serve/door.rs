//! How people come in: certificates, passwords, tokens.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use deployment::Service;
use gateway::{Doors, Limits, Networks};
use identity::oidc::{Configuration, Issuer};
use identity::scram::Verifiers;
use identity::tls::{Files, ServerTls};

pub(super) fn open(dir: &Path, service: &Service, verifiers: Verifiers) -> anyhow::Result<Doors> {
    Ok(Doors {
        tls: tls(dir, service)?,
        verifiers,
        issuer: issuer(service)?.map(Arc::new),
        plain: service.plain_loopback,
        networks: networks(service)?,
    })
}

/// Where the operator's own networks are.
///
/// # Errors
/// When a range is none.
pub fn networks(service: &Service) -> anyhow::Result<Networks> {
    let mut networks = Networks::default();
    for (range, country) in &service.networks {
        networks
            .add(range, *country)
            .context("cordon.toml: [[network]]")?;
    }
    Ok(networks)
}

/// TLS of the listener.
///
/// # Errors
/// When a file of it cannot be used, or when there is none and nobody could connect without it.
pub fn tls(dir: &Path, service: &Service) -> anyhow::Result<Option<ServerTls>> {
    let tls = service
        .tls
        .as_ref()
        .map(|tls| {
            ServerTls::load(&Files {
                certificate: dir.join(&tls.certificate),
                key: dir.join(&tls.key),
                client_ca: tls.client_authorities.as_ref().map(|path| dir.join(path)),
                revoked: tls.revoked.as_ref().map(|path| dir.join(path)),
            })
        })
        .transpose()?;
    if tls.is_none() && !service.plain_loopback {
        bail!(
            "nobody could connect: cordon.toml has no [tls]; name a certificate and its key there, or \
             set `plain_loopback = true` under [gateway] to try it out on this machine"
        );
    }
    Ok(tls)
}

/// The issuer of tokens. It is not asked yet.
///
/// # Errors
/// When a setting of `[oidc]` cannot be used.
pub fn issuer(service: &Service) -> anyhow::Result<Option<Issuer>> {
    let Some(text) = &service.oidc else {
        return Ok(None);
    };
    let configuration: Configuration =
        toml::from_str(text).context("cordon.toml: [oidc] is not understood")?;
    let settings = configuration.check().context("cordon.toml: [oidc]")?;
    Ok(Some(Issuer::new(settings)?))
}

/// Each session may hold a file, a link and its share of memory.
pub fn limits(service: &Service) -> anyhow::Result<Limits> {
    let limits = super::limits_of(service);
    if limits.sessions_max == 0 {
        bail!("cordon.toml: [limits] sessions must be above zero");
    }
    Ok(limits)
}
