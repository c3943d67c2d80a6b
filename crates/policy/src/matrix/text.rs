//! The matrix as a compliance officer reads it, and reviews it in a diff.

use std::collections::BTreeMap;
use std::fmt;

use model::{Action, Level, Residency, Verdict};

use super::{Cells, Kind, KindFacts, Leave, Matrix};

const LABEL_WIDTH: usize = 48;
const COLUMN_WIDTH: usize = 18;

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Without any grant, with two factors, from one's own desk:"
        )?;
        writeln!(f, "  clear    the value is seen")?;
        writeln!(f, "  masked   a mask stands in for it")?;
        writeln!(f, "  hidden   neither value nor row is seen")?;
        writeln!(
            f,
            "  yes/no   the action is allowed or no approval opens it"
        )?;
        writeln!(
            f,
            "  ask      an approval could open it, as the ladder says"
        )?;
        for kind in &self.kinds {
            writeln!(f)?;
            kind.write(f, &self.residencies)?;
        }
        Ok(())
    }
}

impl Kind {
    fn write(&self, f: &mut fmt::Formatter<'_>, residencies: &[Residency]) -> fmt::Result {
        writeln!(f, "== {}", self.facts)?;
        let people: Vec<String> = self.people.iter().map(ToString::to_string).collect();
        writeln!(f, "   who: {}", people.join(", "))?;
        let head: Vec<String> = residencies.iter().map(ToString::to_string).collect();
        write_line(f, "", &head)?;
        for &level in Level::ALL {
            let cells: Vec<&Cells> = residencies
                .iter()
                .filter_map(|residency| self.cells.get(&(level, residency.clone())))
                .collect();
            let seen: Vec<String> = cells.iter().map(|cell| seen(cell)).collect();
            write_line(f, &format!("{level}: see"), &seen)?;
            for (actions, answers) in group(&cells) {
                write_line(f, &format!("  {}", actions.join(", ")), &answers)?;
            }
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, label: &str, columns: &[String]) -> fmt::Result {
    let mut line = format!("   {label:<LABEL_WIDTH$}");
    for column in columns {
        line.push_str(&format!(" {column:<COLUMN_WIDTH$}"));
    }
    writeln!(f, "{}", line.trim_end())
}

fn seen(cell: &Cells) -> String {
    let verdict = match cell.seen {
        Verdict::Hidden if cell.rows => "row only".to_owned(),
        Verdict::Hidden | Verdict::Masked | Verdict::Clear => cell.seen.to_string(),
    };
    if cell.may_ask {
        format!("{verdict}, ask")
    } else {
        verdict
    }
}

/// Actions with the same answers stand in one line.
fn group(cells: &[&Cells]) -> Vec<(Vec<String>, Vec<String>)> {
    let mut by_action: BTreeMap<Action, Vec<String>> = BTreeMap::new();
    for cell in cells {
        for (action, leave) in &cell.actions {
            let word = match leave {
                Leave::Allowed => "yes",
                Leave::MayAsk => "ask",
                Leave::Refused => "no",
            };
            by_action.entry(*action).or_default().push(word.to_owned());
        }
    }
    let mut lines: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (action, answers) in by_action {
        match lines.iter_mut().find(|(_, known)| *known == answers) {
            Some((actions, _)) => actions.push(action.to_string()),
            None => lines.push((vec![action.to_string()], answers)),
        }
    }
    lines
}

impl fmt::Display for KindFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (regime, established) in &self.covered {
            parts.push(if *established {
                format!("covered by {regime}")
            } else {
                format!("standing under {regime} not established")
            });
        }
        for regime in &self.not_covered_by {
            parts.push(format!("not covered by {regime}"));
        }
        for regime in &self.at_home_of {
            parts.push(format!("at home of {regime}"));
        }
        if self.at_home_of.is_empty() {
            parts.push("away from home".to_owned());
        }
        let teams: Vec<&str> = self.teams.iter().map(model::TeamId::as_str).collect();
        parts.push(match teams.as_slice() {
            [] => "no team".to_owned(),
            teams => format!("teams {}", teams.join(", ")),
        });
        f.write_str(&parts.join("; "))
    }
}
