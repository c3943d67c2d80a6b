//! The regimes in force, from those that are shipped and from `regimes/ID`.

use std::collections::BTreeSet;

use document::nearest;
use model::{Diagnostic, RegimeId};
use policy::{Regime, SHIPPED, Shipped, read_regime};

use crate::files::{self, DOCUMENT_LENGTH_MAX, POLICY_LENGTH_MAX, Unreadable};
use crate::layout::Layout;
use crate::notes::{Notes, Place};

/// The regimes that the settings name, as far as they could be read.
pub(crate) fn read(layout: &Layout, named: &[(RegimeId, Place)], notes: &mut Notes) -> Vec<Regime> {
    let own = own(layout, notes);
    let mut found = Vec::new();
    for (id, place) in named {
        if let Some(shipped) = shipped(id) {
            let regime = read_regime(shipped.file, shipped.data, shipped.floor, shipped.oversight);
            take(regime, &mut found, notes);
        } else if own.contains(id.as_str()) {
            let regime = read_own(layout, id, notes);
            found.extend(regime);
        } else {
            let known = SHIPPED.iter().map(|shipped| shipped.id);
            let known = known.chain(own.iter().map(String::as_str));
            let remedy = nearest::or_else(
                id.as_str(),
                known,
                format!(
                    "write one of {}, or put your own into regimes/{id}",
                    SHIPPED.iter().map(|s| s.id).collect::<Vec<_>>().join(", ")
                ),
            );
            notes.fault(place.error(format!("there is no regime `{id}`"), remedy));
        }
    }
    let in_force = |id: &str| named.iter().any(|(named, _)| named.as_str() == id);
    for id in own.iter().filter(|id| !in_force(id)) {
        let warning = Diagnostic::error(
            &format!("{}/{id}", Layout::REGIMES),
            "the regime is not in force",
            format!("add `{id}` to `regimes` in cordon.toml, or remove the folder"),
        );
        notes.warn(warning);
    }
    found
}

fn shipped(id: &RegimeId) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.id == id.as_str())
}

fn take(regime: Result<Regime, Vec<Diagnostic>>, found: &mut Vec<Regime>, notes: &mut Notes) {
    match regime {
        Ok(regime) => found.push(regime),
        Err(faults) => notes.faults.extend(faults),
    }
}

/// The folders in `regimes`; one with the id of a shipped regime is refused, named or not.
fn own(layout: &Layout, notes: &mut Notes) -> BTreeSet<String> {
    let listed = match files::list(&layout.regimes()) {
        Ok(listed) => listed,
        Err(Unreadable::Missing) => return BTreeSet::new(),
        Err(error) => {
            notes.fault(error.diagnostic(Layout::REGIMES, "create the folder"));
            return BTreeSet::new();
        }
    };
    let mut own = BTreeSet::new();
    for entry in listed {
        let file = format!("{}/{}", Layout::REGIMES, entry.name.escape_debug());
        if !entry.is_folder {
            notes.warn(Diagnostic::error(
                &file,
                "it is not read",
                "a regime is a folder with regime.yaml and floor.cedar; move it or remove it",
            ));
        } else if SHIPPED.iter().any(|shipped| shipped.id == entry.name) {
            notes.fault(Diagnostic::error(
                &file,
                format!(
                    "`{}` is shipped with cordon; its floor cannot be replaced",
                    entry.name
                ),
                "give your regime another id and name both in `regimes`: floors add up",
            ));
        } else {
            own.insert(entry.name);
        }
    }
    own
}

fn read_own(layout: &Layout, id: &RegimeId, notes: &mut Notes) -> Option<Regime> {
    let name = |file: &str| format!("{}/{id}/{file}", Layout::REGIMES);
    let mut text = |file: &str, length_max: usize, missing: &str| match files::text(
        &layout.file(&name(file)),
        length_max,
    ) {
        Ok(text) => Some(text),
        Err(error) => {
            notes.fault(error.diagnostic(&name(file), missing));
            None
        }
    };
    let data = text(
        "regime.yaml",
        DOCUMENT_LENGTH_MAX,
        "write the regime's data, as in the regimes that are shipped",
    );
    let floor = text(
        "floor.cedar",
        POLICY_LENGTH_MAX,
        "write what the regime forbids; a regime without a floor is an empty file",
    );
    let oversight = files::text_if_there(&layout.file(&name("oversight.cedar")), POLICY_LENGTH_MAX);
    let oversight = match oversight {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            notes.fault(error.diagnostic(&name("oversight.cedar"), "remove the link"));
            return None;
        }
    };
    let file = name("regime.yaml");
    let mut found = Vec::new();
    take(
        read_regime(&file, &data?, &floor?, &oversight),
        &mut found,
        notes,
    );
    let regime = found.pop()?;
    if regime.id == *id {
        return Some(regime);
    }
    notes.fault(
        Diagnostic::error(
            &file,
            format!(
                "the regime in the folder `{id}` calls itself `{}`",
                regime.id
            ),
            format!("write `regime: {id}`, or rename the folder"),
        )
        .under("regime"),
    );
    None
}
