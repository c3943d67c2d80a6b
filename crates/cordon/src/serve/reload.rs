//! Takes over what DIR says now, as far as it can be done without ending everybody's session.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use deployment::Service;
use postgres::Held;

use super::{Fixed, Serving, books, door, secrets, upstream};
use crate::verbs::load::Loaded;

/// What a running gateway took over.
pub struct Reloaded {
    /// What is in force that was not before, in words; the control log has an entry for each.
    pub changes: Vec<String>,
    /// How large the control log is now.
    pub control_size: u64,
}

impl Serving {
    /// Takes over another state of DIR: people, catalogue, policies and grants, passwords and
    /// certificates. Each upstream's schema is read again under the new catalogue. Whose right ends by
    /// it loses their session.
    ///
    /// # Errors
    /// When something cannot be taken over. Then everything stays as it was, unless the ledger failed in
    /// between: then no governed statement runs until a reload succeeds.
    pub async fn reload(&mut self, loaded: Loaded) -> anyhow::Result<Reloaded> {
        let Loaded { bundle, decider } = loaded;
        let wanted = Fixed {
            service: bundle.service.clone(),
            addresses: bundle.upstreams.clone(),
        };
        check_fixed(&self.fixed, &wanted)?;
        let hashes = books::Hashes::of(&decider);
        let decider = Arc::new(decider);
        let files = secrets::load(&self.dir).await?;
        let door = door::open(&self.dir, &wanted.service, files.verifiers)?;
        let mut watched = Vec::new();
        for (name, url) in &wanted.addresses {
            let parts = upstream::Parts {
                dir: &self.dir,
                name,
                url,
                service: &wanted.service,
                decider: &decider,
            };
            watched.push(upstream::watch(&parts).await?);
        }
        let rights = bundle.rights.clone();
        let (dir, control) = (self.dir.clone(), Arc::clone(&self.control));
        let activating = move || books::activate(&dir, &bundle, &hashes, &control);
        let activated = tokio::task::spawn_blocking(activating)
            .await
            .context("writing into the control log broke off")??;
        let control_size = activated.in_force.control_size;
        let terms = upstream::Terms {
            decider,
            rights,
            in_force: activated.in_force,
        };
        self.gate.open_doors(door);
        let turned = self.turn(watched, &terms).await;
        if turned.is_err() {
            // The control log has what is not in force yet, and perhaps nobody watches a schema.
            self.gate.databases().for_each(|database| database.halt());
        }
        turned.context("no governed statement runs until a reload succeeds")?;
        self.fixed = wanted;
        Ok(Reloaded {
            changes: activated.changes,
            control_size,
        })
    }

    /// Puts new worlds in force, each over the schema that is held for it.
    async fn turn(
        &mut self,
        watched: Vec<(upstream::Watched, Arc<Held>)>,
        terms: &upstream::Terms,
    ) -> anyhow::Result<()> {
        for watched in &mut self.upstreams {
            watched.let_go();
        }
        // INVARIANT: no statement begins in the old world once the control log has the new one.
        self.gate.databases().for_each(|database| database.halt());
        let mut upstreams = Vec::new();
        for (mut watched, held) in watched {
            let name = watched.name().to_owned();
            let database = self.gate.database(&name).map(Arc::clone);
            let database = database.with_context(|| format!("the upstream `{name}` is new"))?;
            let world = Arc::new(upstream::world(&name, &held, terms)?);
            let turned = self.gate.turn_to(&database, world).await;
            turned.context("the ledger does not take the schema of the data store")?;
            watched.follow(&self.gate, terms.clone());
            upstreams.push(watched);
        }
        self.upstreams = upstreams;
        Ok(())
    }
}

/// What cannot be taken over is refused as a whole, so that what runs is always what one state of DIR
/// says.
fn check_fixed(now: &Fixed, wanted: &Fixed) -> anyhow::Result<()> {
    let mut keys: Vec<&str> = Vec::new();
    if now.addresses != wanted.addresses {
        keys.push("[upstream]");
    }
    let (was, is) = (&now.service, &wanted.service);
    let fixed: [(&str, bool); 8] = [
        ("[gateway] name", was.gateway == is.gateway),
        (
            "[gateway] organisation",
            was.organisation == is.organisation,
        ),
        ("[gateway] listen", was.listen == is.listen),
        ("[gateway] http", was.http == is.http),
        ("[gateway] share_links", was.share_links == is.share_links),
        ("[gateway] links", was.links_max == is.links_max),
        ("[limits]", was.limits == is.limits),
        ("[[witness]]", was.witnesses == is.witnesses),
    ];
    keys.extend(fixed.iter().filter(|(_, same)| !same).map(|(key, _)| *key));
    if keys.is_empty() {
        return Ok(());
    }
    bail!(
        "cordon.toml: {} cannot change while the gateway runs; restart it, or take the change back",
        keys.join(", ")
    )
}

/// INVARIANT: every key of the service is either taken over by a reload or named above. This does not
/// compile once a key is added, so that nobody forgets to decide which.
const _: fn(Service) = |service| {
    let Service {
        gateway: _,
        organisation: _,
        listen: _,
        http: _,
        plain_loopback: _,
        share_links: _,
        links_max: _,
        tls: _,
        limits: _,
        oidc: _,
        witnesses: _,
        networks: _,
    } = service;
};
