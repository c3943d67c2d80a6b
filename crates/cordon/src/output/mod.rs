//! What every verb says and how it ends: text or JSON on standard output, progress and errors on
//! standard error, one table of exit codes.

mod exit;
mod progress;

use std::io::{self, Write};

use model::{Diagnostic, Gap};
use serde_json::{Value, json};

pub use exit::{Exit, Faults, NotUsable};
pub use progress::Progress;

/// Where a verb speaks.
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON for programs.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs are listening.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// The verb's answer: the text for people, the value for programs.
    pub fn answer(&mut self, text: &str, value: &Value) -> anyhow::Result<()> {
        if self.json {
            let whole = serde_json::to_string_pretty(value)?;
            write_line(&mut io::stdout().lock(), &whole)
        } else {
            write_line(&mut io::stdout().lock(), text.trim_end_matches('\n'))
        }
    }

    /// One line of an answer that has many. False once its reader went away.
    pub fn line(&mut self, text: &str) -> anyhow::Result<bool> {
        match writeln!(io::stdout().lock(), "{text}") {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A remark for people, beside the answer.
    pub fn remark(&mut self, text: &str) {
        // A remark that cannot be written is lost; the answer and the exit code remain.
        let _ = write_line(&mut io::stderr().lock(), text);
    }

    /// Why the verb failed.
    pub fn failure(&mut self, error: &anyhow::Error) {
        if self.json {
            let faults: Vec<Value> = match error.downcast_ref::<Faults>() {
                Some(faults) => faults.0.iter().map(diagnostic_value).collect(),
                None => Vec::new(),
            };
            let value = json!({ "error": chain(error), "faults": faults });
            if let Ok(text) = serde_json::to_string_pretty(&value) {
                let _ = write_line(&mut io::stdout().lock(), &text);
            }
        }
        match error.downcast_ref::<Faults>() {
            Some(faults) => {
                for fault in &faults.0 {
                    self.remark(&format!("error: {fault}"));
                }
                self.remark(&format!(
                    "{} found; nothing was changed",
                    count(faults.0.len(), "error")
                ));
            }
            None => self.remark(&format!("error: {}", chain(error))),
        }
    }

    /// What somebody should look at; for people only, programs get it with the answer.
    pub fn warnings(&mut self, warnings: &[Diagnostic]) {
        if !self.json {
            for warning in warnings {
                self.remark(&format!("warning: {warning}"));
            }
        }
    }
}

/// An error and what it rests on, in one line.
fn chain(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// A reader that went away (`| head`) is not an error.
fn write_line(to: &mut impl Write, text: &str) -> anyhow::Result<()> {
    match writeln!(to, "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A diagnostic for programs.
pub fn diagnostic_value(fault: &Diagnostic) -> Value {
    json!({
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "path": fault.path,
        "cause": fault.cause,
        "remedy": fault.remedy,
    })
}

/// A gap for programs.
pub fn gap_value(gap: &Gap) -> Value {
    json!({ "kind": gap.kind.as_str(), "subject": gap.subject, "text": gap.text })
}

/// A table of gaps for people.
pub fn gaps_text(gaps: &[Gap]) -> String {
    if gaps.is_empty() {
        return "no gaps\n".to_owned();
    }
    let mut text = format!("{}:\n", count(gaps.len(), "gap"));
    for gap in gaps {
        text.push_str(&format!(
            "  {:<20} {}: {}\n",
            gap.kind.as_str(),
            gap.subject,
            gap.text
        ));
    }
    text
}
