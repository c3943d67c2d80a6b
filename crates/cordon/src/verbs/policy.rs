//! `cordon policy check|matrix|diff`.

use std::path::PathBuf;

use clap::Subcommand;
use policy::{Decider, Difference, Matrix, Tier, compare_matrices};
use serde_json::{Value, json};

use crate::output::{Exit, Output, Progress, count, diagnostic_value, gap_value, gaps_text};
use crate::verbs::load::{load, moment};

/// What to do with a deployment's policies.
#[derive(Subcommand)]
pub enum Command {
    /// Load everything and say what is wrong, what is open and what was loaded.
    #[command(after_help = "Example: cordon policy check policies/sample")]
    Check {
        /// The deployment's directory.
        dir: PathBuf,
        /// The moment to check at (a date or RFC 3339); now if not given.
        #[arg(long)]
        at: Option<String>,
    },
    /// Print the whole meaning: person kind x level x residency x action.
    #[command(after_help = "Example: cordon policy matrix policies/sample > matrix.txt")]
    Matrix {
        /// The deployment's directory.
        dir: PathBuf,
        /// The moment to look at.
        #[arg(long)]
        at: Option<String>,
    },
    /// Say what changes for whom between two directories; exit 1 if anybody may do more.
    #[command(after_help = "Example: cordon policy diff deployed/ draft/")]
    Diff {
        /// The directory as it was.
        old: PathBuf,
        /// The directory as it is to be.
        new: PathBuf,
        /// The moment to look at.
        #[arg(long)]
        at: Option<String>,
    },
}

/// Runs it.
pub fn run(command: &Command, output: &mut Output) -> anyhow::Result<Exit> {
    match command {
        Command::Check { dir, at } => check(dir, at.as_deref(), output),
        Command::Matrix { dir, at } => {
            let loaded = load(dir, output)?;
            let matrix = matrix(&loaded.decider, at.as_deref(), output)?;
            output.answer(&matrix.to_string(), &matrix_value(&matrix))?;
            Ok(Exit::Done)
        }
        Command::Diff { old, new, at } => diff(old, new, at.as_deref(), output),
    }
}

fn check(dir: &std::path::Path, at: Option<&str>, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(dir, output)?;
    let now = moment(at)?;
    let world = &loaded.bundle.world;
    let mut gaps = loaded.bundle.gaps.clone();
    gaps.extend(deployment::gaps_at(&loaded.bundle, now));
    gaps.sort();
    gaps.dedup();
    let policies = loaded.decider.engine().policies();
    let of = |tier: &dyn Fn(&Tier) -> bool| policies.values().filter(|p| tier(&p.tier)).count();
    let floor = of(&|tier| matches!(tier, Tier::Floor(_)));
    let house = of(&|tier| matches!(tier, Tier::House));
    let rules = of(&|tier| matches!(tier, Tier::Rules));
    let regimes: Vec<&str> = world
        .regimes
        .iter()
        .map(|regime| regime.id.as_str())
        .collect();
    let text = format!(
        "{} is in order\n  regimes   {}\n  policies  {floor} floor, {house} house, {rules} own\n  \
         datasets  {}\n  people    {}\n  bundle    {}\n{}",
        loaded.bundle.name,
        regimes.join(", "),
        world.datasets.len(),
        world.register.people.len(),
        loaded.decider.bundle_hash(),
        gaps_text(&gaps)
    );
    let warnings = loaded
        .bundle
        .warnings
        .iter()
        .chain(loaded.decider.warnings());
    let value = json!({
        "name": loaded.bundle.name,
        "regimes": regimes,
        "policies": { "floor": floor, "house": house, "own": rules },
        "datasets": world.datasets.len(),
        "people": world.register.people.len(),
        "bundle": loaded.decider.bundle_hash().to_string(),
        "warnings": warnings.map(diagnostic_value).collect::<Vec<_>>(),
        "gaps": gaps.iter().map(gap_value).collect::<Vec<_>>(),
    });
    output.answer(&text, &value)?;
    Ok(Exit::Done)
}

fn matrix(decider: &Decider, at: Option<&str>, output: &Output) -> anyhow::Result<Matrix> {
    let people = decider.world().register.people.len();
    let what = format!("working out the matrix of {}", count(people, "person"));
    let _progress = Progress::begin(&what, output.is_json());
    Ok(decider.matrix(moment(at)?)?)
}

fn diff(
    old: &std::path::Path,
    new: &std::path::Path,
    at: Option<&str>,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let (before, after) = (load(old, output)?, load(new, output)?);
    let texts = policy_changes(&before.decider, &after.decider);
    let changes = compare_matrices(
        &matrix(&before.decider, at, output)?,
        &matrix(&after.decider, at, output)?,
    );
    let broader = changes.iter().any(|change| change.broadens);
    let mut text = String::new();
    for line in &texts {
        text.push_str(line);
        text.push('\n');
    }
    for change in &changes {
        text.push_str(&format!("{change}\n"));
    }
    text.push_str(match (texts.is_empty() && changes.is_empty(), broader) {
        (true, _) => "no difference\n",
        (false, true) => "somebody may do more than before: this needs the policy quorum\n",
        (false, false) => "nobody may do more than before\n",
    });
    let value = json!({
        "policies": texts,
        "changes": changes.iter().map(difference_value).collect::<Vec<_>>(),
        "broadens": broader,
    });
    output.answer(&text, &value)?;
    Ok(if broader { Exit::No } else { Exit::Done })
}

/// Policies that were added, removed or rewritten, by id.
fn policy_changes(before: &Decider, after: &Decider) -> Vec<String> {
    let (old, new) = (before.engine().policies(), after.engine().policies());
    let mut lines = Vec::new();
    for (id, policy) in old {
        match new.get(id) {
            None => lines.push(format!("policy {id} removed: {}", policy.title)),
            Some(now) if now.text != policy.text || now.tier != policy.tier => {
                lines.push(format!("policy {id} changed: {}", now.title));
            }
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(*id));
    lines.extend(added.map(|(id, policy)| format!("policy {id} added: {}", policy.title)));
    lines
}

fn difference_value(change: &Difference) -> Value {
    json!({
        "people": change.people.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "level": change.level.as_str(),
        "residency": change.residency.to_string(),
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "broadens": change.broadens,
    })
}

fn matrix_value(matrix: &Matrix) -> Value {
    let kinds = matrix.kinds.iter().map(|kind| {
        let cells = kind.cells.iter().map(|((level, residency), cells)| {
            let actions: serde_json::Map<String, Value> = cells
                .actions
                .iter()
                .map(|(action, leave)| (action.to_string(), json!(format!("{leave:?}"))))
                .collect();
            json!({
                "level": level.as_str(),
                "residency": residency.to_string(),
                "seen": cells.seen.to_string(),
                "rows": cells.rows,
                "may_ask": cells.may_ask,
                "actions": actions,
            })
        });
        json!({
            "kind": kind.facts.to_string(),
            "people": kind.people.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "cells": cells.collect::<Vec<_>>(),
        })
    });
    json!({ "kinds": kinds.collect::<Vec<_>>() })
}
