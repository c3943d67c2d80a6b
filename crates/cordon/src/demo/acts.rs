//! The acts. A new capability adds its own to the list.

use std::path::Path;

use anyhow::Context;
use model::Timestamp;
use serde_json::{Value, json};

use super::sample::CASES;
use crate::cases;
use crate::output::Output;
use crate::verbs::load::Loaded;

/// What an act plays on.
pub struct Stage<'a> {
    /// Where the deployment lies that is served; empty before.
    pub dir: &'a Path,
    /// The deployment.
    pub loaded: &'a Loaded,
    /// The moment of the play: fixed, so that the answers are the same every day.
    pub now: Timestamp,
}

/// What an act found.
pub struct Act {
    /// Its title.
    pub title: &'static str,
    /// Plays it: the text, and how many checks passed and failed.
    pub play: fn(&Stage<'_>, &mut Output) -> anyhow::Result<Found>,
}

/// What an act tells.
pub struct Found {
    /// The text for people.
    pub text: String,
    /// The checks that passed.
    pub passed: usize,
    /// The checks that failed.
    pub failed: usize,
    /// The same for programs.
    pub value: Value,
}

/// All acts in order.
pub const ACTS: &[Act] = &[
    Act {
        title: "What everybody may do: the matrix",
        play: matrix,
    },
    Act {
        title: "What each of the cast gets",
        play: cast,
    },
    Act {
        title: "A music shop behind the gate",
        play: super::gate::play,
    },
];

fn matrix(stage: &Stage<'_>, _output: &mut Output) -> anyhow::Result<Found> {
    let matrix = stage.loaded.decider.matrix(stage.now)?;
    let kinds = matrix.kinds.len();
    // Nobody may see more than masks of home residents without an approval, above public.
    let mut failed = 0;
    for kind in &matrix.kinds {
        for ((level, residency), cells) in &kind.cells {
            let home = matches!(
                residency,
                model::Residency::Home(_) | model::Residency::Unknown
            );
            let open = [model::Level::Public, model::Level::Interoperability];
            if home && !open.contains(level) && cells.seen == model::Verdict::Clear {
                failed += 1;
            }
        }
    }
    let value = json!({ "kinds": kinds });
    Ok(Found {
        text: matrix.to_string(),
        passed: 1_usize.saturating_sub(failed),
        failed,
        value,
    })
}

fn cast(stage: &Stage<'_>, _output: &mut Output) -> anyhow::Result<Found> {
    let cases = cases::read(CASES)
        .map_err(anyhow::Error::msg)
        .context("policies/sample/cases.txt")?;
    let mut text = String::new();
    let (mut passed, mut failed) = (0, 0);
    let mut results = Vec::new();
    for case in &cases {
        let result = case.check(&stage.loaded.bundle, &stage.loaded.decider);
        let (mark, found) = match &result {
            Ok(found) => ("ok  ", found),
            Err(found) => ("FAIL", found),
        };
        text.push_str(&format!("{mark} {} ({found})\n", case.title));
        if result.is_ok() {
            passed += 1
        } else {
            failed += 1
        }
        results.push(json!({ "case": case.title, "ok": result.is_ok(), "found": found }));
    }
    Ok(Found {
        text,
        passed,
        failed,
        value: Value::Array(results),
    })
}
