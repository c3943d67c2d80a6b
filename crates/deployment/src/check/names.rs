//! Names in the deployment's own policies that nothing else knows: they validate, and never match.

use std::collections::{BTreeMap, BTreeSet};

use document::nearest;
use model::{Diagnostic, Jurisdiction};
use policy::{Engine, RulesFile, Tier, World};

use crate::notes::Notes;

/// Warns of teams, purposes, recipient classes and countries that no file defines.
pub(crate) fn policies(engine: &Engine, world: &World, notes: &mut Notes) {
    let known = defined(world);
    for policy in engine.policies().values() {
        if !matches!(policy.tier, Tier::Rules) {
            continue;
        }
        for (kind, known) in &known {
            for name in named(&policy.text, kind) {
                let is_known = match *kind {
                    "Country" => is_country(name),
                    _ => known.contains(name),
                };
                if !is_known {
                    let file = policy.file.as_str();
                    notes.warn(warning(&world.rules, file, kind, name, known));
                }
            }
        }
    }
}

fn defined(world: &World) -> BTreeMap<&'static str, BTreeSet<&str>> {
    let people = || world.register.people.values();
    let teams = people().filter_map(|person| person.teams.as_ref());
    let classes = people().filter_map(|person| person.recipient_class.as_ref());
    BTreeMap::from([
        (
            "Team",
            teams
                .flat_map(|fact| fact.value.iter().map(|team| team.as_str()))
                .collect(),
        ),
        (
            "RecipientClass",
            classes.map(|fact| fact.value.as_str()).collect(),
        ),
        (
            "Purpose",
            world.purposes.keys().map(|id| id.as_str()).collect(),
        ),
        ("Country", BTreeSet::new()),
    ])
}

/// Policies know countries by their alpha-2 code alone.
fn is_country(name: &str) -> bool {
    Jurisdiction::parse(name).is_ok_and(|country| country.alpha2() == name)
}

/// The ids that a policy's canonical text names as this kind.
fn named<'t>(text: &'t str, kind: &str) -> BTreeSet<&'t str> {
    let opening = format!("Cordon::{kind}::\"");
    text.split(opening.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

fn warning(
    rules: &[RulesFile],
    file: &str,
    kind: &str,
    name: &str,
    known: &BTreeSet<&str>,
) -> Diagnostic {
    let (what, where_to) = match kind {
        "Team" => ("nobody is in the team", "add it to people's `teams`"),
        "RecipientClass" => (
            "nobody is of the recipient class",
            "add it as people's `recipient_class`",
        ),
        "Purpose" => ("nobody can state the purpose", "add it to cordon.toml"),
        _ => ("there is no country", "write its alpha-2 code, e.g. \"US\""),
    };
    let remedy = nearest::or_else(
        name,
        known.iter().copied(),
        format!("{where_to}, or correct the policy"),
    );
    let quoted = format!("\"{name}\"");
    let text = rules.iter().find(|rules| rules.file == file);
    let line = text.and_then(|rules| {
        let mut lines = rules.text.lines().zip(1_u64..);
        lines.find_map(|(line, number)| {
            (line.contains(&quoted) && line.contains(kind)).then_some(number)
        })
    });
    let cause = format!(
        "{what} `{}`, so the policy never matches",
        name.escape_debug()
    );
    Diagnostic::error(file, cause, remedy).at(line.unwrap_or_default(), 0)
}
