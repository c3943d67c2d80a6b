//! A regime: a body of law or promise as dated data, with its floor as Cedar policies.

mod read;
mod shipped;

use std::collections::BTreeSet;

use model::{Jurisdiction, LegalCategory, ListId, RegimeId, Share, Timestamp};
use serde::Deserialize;

pub use read::read as read_regime;
pub use shipped::{SHIPPED, Shipped};

/// What a body of law or promise says, as far as Cordon acts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    /// Its id, as policies name it: `Cordon::Regime::"us-dsp"`.
    pub id: RegimeId,
    /// Its name, for people to read.
    pub title: String,
    /// When it is in force. Outside, nobody is covered by it.
    pub in_force: Period,
    /// Superseded: loads only beside [`Regime::requires`], or in a museum.
    pub historical: bool,
    /// The regime that must be loaded with it.
    pub requires: Option<RegimeId>,
    /// The places that make its home.
    pub home: BTreeSet<Jurisdiction>,
    /// Countries of concern, each with its dates.
    pub countries_of_concern: Vec<CountryOfConcern>,
    /// Who is a covered person.
    pub covered: CoveredRules,
    /// Quantities from which data is bulk: data for the meter to come.
    pub thresholds: Vec<Threshold>,
    /// Deadlines the regime sets: data for reports to come.
    pub clocks: Vec<Clock>,
    /// The floor: Cedar `forbid` policies that nothing lifts.
    pub floor: String,
    /// Cedar `forbid` policies of the promise beyond the law; observe mode may suspend them.
    pub oversight: String,
}

/// From the first moment on, up to but not including the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Period {
    /// Whether the moment lies in it.
    pub fn contains(self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// A country whose reach makes a person covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountryOfConcern {
    /// Which.
    pub country: Jurisdiction,
    /// When.
    pub listed: Period,
}

/// Who is a covered person under a regime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredRules {
    /// From which share on an owner reaches through.
    pub ownership_share: Share,
    /// The list on which the regime's authority names people and entities.
    pub designation_list: Option<ListId>,
    /// The rules in the order in which a reason is given, each with its source.
    pub rules: Vec<(CoveredRule, String)>,
    /// What makes a home person, who is covered only by designation; empty: nothing does.
    pub home_person: Vec<HomePersonRule>,
    /// The source of the rule on home persons.
    pub home_person_source: String,
}

/// One way to be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoveredRule {
    /// Named on the regime's list.
    Designated,
    /// Primarily resident in a country of concern.
    Resident,
    /// Employed by such a country or a covered entity.
    Employed,
    /// Working on contract for one.
    Contracted,
    /// An entity organised under the law of a country of concern.
    OrganisedIn,
    /// An entity run from one.
    PrincipalPlace,
    /// An entity owned by covered persons or such countries, directly or indirectly, alone or in
    /// aggregate.
    Owned,
    /// A desk in a country of concern.
    Office,
    /// A connection from one, now.
    Connected,
    /// Living or working anywhere outside the home.
    OutsideHome,
}

/// One way to be a home person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomePersonRule {
    /// A citizen of a home country.
    Citizen,
    /// A national, permanent resident, refugee or asylee of one.
    Status,
    /// Primarily resident in one.
    Resident,
}

/// A quantity from which data of a category is bulk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Of what.
    pub category: LegalCategory,
    /// `count >= this` is bulk.
    pub count: u64,
    /// Counted per `person` or per `device`.
    pub per: String,
    /// Over the preceding so many days.
    pub window_days: u32,
    /// The rule.
    pub source: String,
}

/// A deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What has to be done.
    pub what: String,
    /// Within how many days.
    pub days: u32,
    /// The rule.
    pub source: String,
}

impl Regime {
    /// Whether the country is of concern now, and since when.
    pub fn concern(&self, country: Jurisdiction, now: Timestamp) -> Option<Timestamp> {
        self.countries_of_concern
            .iter()
            .find(|entry| entry.country == country && entry.listed.contains(now))
            .map(|entry| entry.listed.from)
    }

    /// The next moment after `now` at which the regime's own dates change what it says.
    pub fn changes_after(&self, now: Timestamp) -> Timestamp {
        let listed = self.countries_of_concern.iter().map(|entry| entry.listed);
        listed
            .chain([self.in_force])
            .flat_map(|period| [period.from, period.until])
            .filter(|moment| *moment > now)
            .min()
            .unwrap_or(Timestamp::MAX)
    }
}
