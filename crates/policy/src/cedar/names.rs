//! The schema's names as Cedar identifiers.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use model::Action;

/// The entity types of `policies/schema.cedarschema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Level,
    Residency,
    Legal,
    Mask,
    Role,
    Transaction,
    Regime,
    Country,
    Team,
    Purpose,
    Dataset,
    RecipientClass,
    Person,
    Cell,
    Rows,
    Action,
}

impl Kind {
    const ALL: [Self; 16] = [
        Self::Level,
        Self::Residency,
        Self::Legal,
        Self::Mask,
        Self::Role,
        Self::Transaction,
        Self::Regime,
        Self::Country,
        Self::Team,
        Self::Purpose,
        Self::Dataset,
        Self::RecipientClass,
        Self::Person,
        Self::Cell,
        Self::Rows,
        Self::Action,
    ];
}

static TYPES: LazyLock<HashMap<Kind, EntityTypeName>> = LazyLock::new(|| {
    Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let name = EntityTypeName::from_str(&format!("Cordon::{kind:?}")).ok()?;
            Some((kind, name))
        })
        .collect()
});

/// `Cordon::Kind::"id"`.
#[expect(
    clippy::expect_used,
    reason = "INVARIANT: every kind's name is a Cedar identifier (tested)"
)]
pub(crate) fn uid(kind: Kind, id: &str) -> EntityUid {
    let name = TYPES.get(&kind).expect("every kind is a type name").clone();
    EntityUid::from_type_name_and_id(name, EntityId::new(id))
}

/// `Cordon::Action::"view_clear"` and so on.
pub(crate) fn action(action: Action) -> EntityUid {
    uid(Kind::Action, action.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_type_name() {
        for kind in Kind::ALL {
            assert_eq!(
                uid(kind, "x").to_string(),
                format!("Cordon::{kind:?}::\"x\"")
            );
        }
    }
}
