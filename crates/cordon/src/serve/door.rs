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
    let issuer = service
        .oidc
        .as_ref()
        .map(|text| {
            let configuration: Configuration =
                toml::from_str(text).context("cordon.toml: [oidc] is not understood")?;
            anyhow::Ok(Arc::new(Issuer::new(configuration.check()?)?))
        })
        .transpose()?;
    let mut networks = Networks::default();
    for (range, country) in &service.networks {
        networks
            .add(range, *country)
            .context("cordon.toml: [[network]]")?;
    }
    Ok(Doors {
        networks,
        tls,
        verifiers,
        issuer,
        plain: service.plain_loopback,
    })
}

/// Each session may hold a file, a link and its share of memory.
pub(super) fn limits(service: &Service) -> anyhow::Result<Limits> {
    let limits = super::limits_of(service);
    if limits.sessions_max == 0 {
        bail!("cordon.toml: [limits] sessions must be above zero");
    }
    Ok(limits)
}
