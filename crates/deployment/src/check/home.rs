//! The deployment's home, held against the homes of its regimes.

use model::Jurisdiction;
use policy::Regime;

use super::references::ids;
use crate::notes::{Notes, Place};

/// A home that no regime protects is a slip: nobody there would be anybody's home resident.
pub(crate) fn home(home: &(Jurisdiction, Place), regimes: &[Regime], notes: &mut Notes) {
    let (country, place) = home;
    if regimes.is_empty() || regimes.iter().any(|regime| regime.home.contains(country)) {
        return;
    }
    let cause = format!(
        "{} is not the home of any regime in force ({})",
        country.name(),
        ids(regimes)
    );
    let remedy =
        "name the country that your regimes protect, or add a regime that protects this one";
    notes.fault(place.error(cause, remedy));
}
