//! Who asks, as the command line says it.

use clap::Args;
use model::{
    Asker, Connection, Jurisdiction, PersonId, PurposeId, ServiceId, Session, SessionId, Strength,
    Timestamp,
};

use crate::output::NotUsable;
use crate::verbs::load::{Loaded, moment};

/// Who asks, and how they come.
#[derive(Args)]
pub struct Who {
    /// The person or service that asks.
    #[arg(long = "as", value_name = "PERSON")]
    pub who: String,
    /// The purpose that is stated.
    #[arg(long)]
    pub purpose: Option<String>,
    /// How strongly the asker signed in.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub aal: u8,
    /// The country of the connection, or `unknown`; the asker's office if not given.
    #[arg(long, value_name = "COUNTRY")]
    pub from: Option<String>,
    /// The moment (a date or RFC 3339); now if not given.
    #[arg(long)]
    pub at: Option<String>,
}

/// A command line that cannot be used as it is.
pub fn unusable(error: impl std::fmt::Display) -> anyhow::Error {
    NotUsable(error.to_string()).into()
}

impl Who {
    /// The moment they ask.
    pub fn moment(&self) -> anyhow::Result<Timestamp> {
        moment(self.at.as_deref())
    }

    /// The session they would have.
    pub fn session(&self, loaded: &Loaded, now: Timestamp) -> anyhow::Result<Session> {
        let register = &loaded.bundle.world.register;
        let asker = match ServiceId::new(&self.who) {
            Ok(service) if register.services.contains_key(&service) => Asker::Service(service),
            _ => Asker::Person(PersonId::new(&self.who).map_err(unusable)?),
        };
        let office = match &asker {
            Asker::Person(id) => register
                .people
                .get(id)
                .and_then(|person| person.office.as_ref()?.at(now).copied()),
            Asker::Service(_) | Asker::OnBehalf(..) => Some(loaded.bundle.home),
        };
        let connection = match self.from.as_deref() {
            Some("unknown") => Connection::Unknown,
            Some(place) => Connection::Country(Jurisdiction::parse(place).map_err(unusable)?),
            None => office.map_or(Connection::Unknown, Connection::Country),
        };
        let purpose = self
            .purpose
            .as_deref()
            .map(PurposeId::new)
            .transpose()
            .map_err(unusable)?;
        Ok(Session {
            id: SessionId::new("command-line").map_err(unusable)?,
            asker,
            strength: if self.aal >= 2 {
                Strength::Aal2
            } else {
                Strength::Aal1
            },
            connection,
            purpose,
            teams_at_most: None,
        })
    }
}
