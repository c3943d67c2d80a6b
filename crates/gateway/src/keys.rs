//! The keys of pseudonyms: one root of the deployment, a key for each domain, class of recipients and
//! purpose. Source: design.md, section 6.

use std::fmt;

use enforce::Secrets;
use model::{Asker, DomainId, GrantId, Timestamp};
use record::Pseudonym;
use ring::hmac;
use sql::{PseudonymKey, Told};

use crate::session::Settings;
use crate::world::World;

/// The pseudonym root of a deployment.
pub struct Root(hmac::Key);

impl fmt::Debug for Root {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root(..)")
    }
}

impl Root {
    /// From 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Who somebody is in the ledger: equal for one person in all entries, and no name.
    pub(crate) fn asker(&self, asker: &Asker) -> Pseudonym {
        let (kind, id) = match asker {
            Asker::Person(id) => ("person", id.as_str()),
            // A session is the service's, for whomever it acts in it.
            Asker::Service(id) | Asker::OnBehalf(id, _) => ("service", id.as_str()),
        };
        Pseudonym::new(self.derive(&["cordon/asker/v1", kind, id]))
    }

    /// Parts are preceded by their lengths, so that no two lists give the same input.
    fn derive(&self, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }
}

/// The keys of one session.
pub(crate) struct SessionKeys<'a> {
    root: &'a Root,
    world: &'a World,
    class: String,
    purpose: String,
    told: &'a [(Told, String)],
}

impl<'a> SessionKeys<'a> {
    pub(crate) fn new(
        root: &'a Root,
        world: &'a World,
        asker: &Asker,
        settings: &Settings,
        told: &'a [(Told, String)],
        now: Timestamp,
    ) -> Self {
        Self {
            told,
            root,
            world,
            class: class(world, asker, now),
            purpose: settings
                .purpose()
                .map_or_else(String::new, |purpose| purpose.to_string()),
        }
    }
}

impl Secrets for SessionKeys<'_> {
    fn key(&self, domain: &DomainId) -> Option<PseudonymKey> {
        let parts = [
            "cordon/domain/v1",
            domain.as_str(),
            &self.class,
            &self.purpose,
        ];
        Some(PseudonymKey::new(self.root.derive(&parts)))
    }

    fn told(&self, told: &Told) -> Option<String> {
        let mut known = self.told.iter();
        known
            .find(|(one, _)| one == told)
            .map(|(_, rows)| rows.clone())
    }

    fn subjects(&self, grant: &GrantId) -> Option<Vec<String>> {
        let set = self.world.rights().grants().get(grant)?.subjects.as_ref()?;
        match self.world.key_of(&set.dataset) {
            // A domain that has a key is masked as a whole, so what the requester saw are pseudonyms.
            Some((domain, kind)) => {
                let key = self.key(&domain)?;
                Some(
                    set.keys
                        .iter()
                        .filter_map(|seen| key.raw(seen, kind))
                        .collect(),
                )
            }
            None => Some(set.keys.clone()),
        }
    }
}

/// People of one recipient class see one pseudonym for one subject; who is in none, or no longer, has
/// his own.
pub(crate) fn class(world: &World, asker: &Asker, now: Timestamp) -> String {
    let known = match asker {
        Asker::Person(id) => world
            .register()
            .people
            .get(id)
            .and_then(|person| person.recipient_class.as_ref()?.at(now)),
        Asker::Service(_) | Asker::OnBehalf(..) => None,
    };
    match (known, asker) {
        (Some(class), _) => format!("class {class}"),
        (None, Asker::Person(id)) => format!("person {id}"),
        (None, Asker::Service(id)) => format!("service {id}"),
        // Neither the service's own nor the person's: whoever looks at several cannot join them.
        (None, Asker::OnBehalf(id, person)) => format!("service {id} for {person}"),
    }
}
