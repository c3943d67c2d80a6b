//! Whose data a row is.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Level, RegimeId};

/// The residency of a row's data subjects, as far as decisions tell it apart.
///
/// A row that is home under any regime is [`Residency::Home`] with all of them; a row whose
/// residency is NULL, unreadable or in conflict is [`Residency::Unknown`], which every floor
/// treats as home (design.md section 6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Residency {
    /// A resident of the home of these regimes (never empty).
    Home(BTreeSet<RegimeId>),
    /// A resident of somewhere that no loaded regime calls home.
    Other,
    /// Nobody can tell: counts as home everywhere.
    Unknown,
    /// The dataset is declared to be about nobody.
    NoSubject,
}

impl fmt::Display for Residency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home(regimes) => {
                f.write_str("home")?;
                for (index, regime) in regimes.iter().enumerate() {
                    write!(f, "{}{regime}", if index == 0 { " of " } else { " and " })?;
                }
                Ok(())
            }
            Self::Other => f.write_str("other"),
            Self::Unknown => f.write_str("unknown"),
            Self::NoSubject => f.write_str("no subject"),
        }
    }
}

/// The rows that get one answer: of one residency, and where a field's `level_when` holds or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowClass {
    /// Whose data.
    pub residency: Residency,
    /// Whether the dataset's or field's `level_when: public` condition is true for the row.
    pub public: bool,
}

impl RowClass {
    /// The level of a field of level `level` in such a row: what a condition makes public is
    /// public, everything else keeps its label.
    pub const fn level(&self, level: Level, has_condition: bool) -> Level {
        if self.public && has_condition {
            Level::Public
        } else {
            level
        }
    }
}

impl fmt::Display for RowClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            self.residency,
            if self.public { ", public row" } else { "" }
        )
    }
}
