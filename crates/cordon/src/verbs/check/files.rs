//! What the files of a deployment are like beyond what they say: secrets, certificates, the ledger's
//! folder. Makes nothing that stays.

use std::path::Path;

use deployment::Bundle;

use crate::serve;

/// What was found.
pub(super) struct Files {
    /// What must be mended before the gateway can run.
    pub(super) faults: Vec<String>,
    /// What the first `cordon serve --evaluation` makes.
    pub(super) missing: Vec<String>,
    /// Who has a password.
    pub(super) passwords: Vec<String>,
}

impl Files {
    pub(super) fn check(dir: &Path, bundle: &Bundle) -> Self {
        let service = &bundle.service;
        let secrets = serve::check_secrets(dir);
        let mut faults = secrets.faults;
        let mut note = |result: anyhow::Result<()>| {
            if let Err(error) = result {
                faults.push(format!("{error:#}"));
            }
        };
        note(serve::tls(dir, service).map(drop));
        note(serve::issuer(service).map(drop));
        note(serve::networks(service).map(drop));
        note(serve::witnesses(bundle).map(drop));
        note(serve::limits(service).map(drop));
        note(is_writable(dir));
        for name in &secrets.passwords {
            let register = &bundle.world.register;
            let is_known = register.people.keys().any(|id| id.as_str() == name)
                || register.services.keys().any(|id| id.as_str() == name);
            if !is_known {
                note(Err(anyhow::anyhow!(
                    "`{name}` has a password and is nobody in people.yaml; take the line out of \
                     secrets/scram, or enter them"
                )));
            }
        }
        if bundle.upstreams.is_empty() {
            note(Err(anyhow::anyhow!(
                "the deployment has no upstream; name one in cordon.toml, e.g. [upstream.app]"
            )));
        }
        let shown = |path: &std::path::PathBuf| path.display().to_string();
        Self {
            faults,
            missing: secrets.missing.iter().map(shown).collect(),
            passwords: secrets.passwords,
        }
    }
}

/// Whether the ledger can be written, or made.
fn is_writable(dir: &Path) -> anyhow::Result<()> {
    let ledger = dir.join("ledger");
    let folder = if ledger.is_dir() { &ledger } else { dir };
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => anyhow::bail!(
            "the ledger cannot be written in {}: {error}; give it to the account that runs the gateway",
            folder.display()
        ),
    }
}
