//! Asking the verifier in tests: what is given, what comes back.

use std::io::BufReader;

use merkle::{SignedCheckpoint, VerifierKey};
use verifier::{
    Export, Finding, MemorySource, PayloadLine, Report, Severity, Source, Terms, verify,
};

use crate::made::witness;
use crate::world::World;

/// What to verify, and on whose word.
pub struct Asked {
    pub sources: Vec<MemorySource>,
    pub terms: Terms,
}

impl Asked {
    /// One log by its key alone.
    pub fn one(files: MemorySource, key: VerifierKey) -> Self {
        Self {
            sources: vec![files],
            terms: Terms {
                keys: vec![key],
                workers: 1,
                ..Terms::default()
            },
        }
    }

    /// A whole deployment by the key of its control log.
    pub fn world(world: &World) -> Self {
        let mut asked = Self::one(world.control.files(), world.control.vkey());
        asked.sources.push(world.gate_1.files());
        asked.sources.push(world.gate_2.files());
        asked
    }

    /// With the witness's word.
    pub fn witnessed(mut self) -> Self {
        let keys = [witness().verifier().clone()];
        self.terms.witnesses = Some(Terms::any_of(&keys).unwrap());
        self
    }

    pub fn from(mut self, earlier: SignedCheckpoint) -> Self {
        self.terms.earlier.push(earlier);
        self
    }

    pub fn with_payloads(mut self, head: &str, lines: &[PayloadLine]) -> Self {
        self.terms.payloads = Some(export(head, lines));
        self
    }

    pub fn report(&self) -> Report {
        let sources: Vec<Box<dyn Source>> = self
            .sources
            .iter()
            .map(|source| Box::new(source.clone()) as Box<dyn Source>)
            .collect();
        verify(&sources, &self.terms, &mut |_| {}).unwrap()
    }

    /// The codes of everything graver than a gap.
    pub fn codes(&self) -> Vec<&'static str> {
        codes(&self.report())
    }
}

pub fn export(head: &str, lines: &[PayloadLine]) -> Export {
    let mut text = format!("{head}\n");
    for line in lines {
        text += &line.to_line();
        text.push('\n');
    }
    Export::read(&mut BufReader::new(text.as_bytes())).unwrap()
}

/// Violations and open questions, each code once, in the order of the report.
pub fn codes(report: &Report) -> Vec<&'static str> {
    let grave = |finding: &&Finding| {
        matches!(
            finding.severity(),
            Severity::Violation | Severity::CannotTell
        )
    };
    let mut codes: Vec<&'static str> = Vec::new();
    for finding in report.findings.iter().filter(grave) {
        if !codes.contains(&finding.code.as_str()) {
            codes.push(finding.code.as_str());
        }
    }
    codes
}

/// All codes of one severity, with their places.
pub fn told(report: &Report, severity: Severity) -> Vec<String> {
    let findings = report.findings.iter();
    let of = findings.filter(|finding| finding.severity() == severity);
    of.map(|finding| {
        let at = finding.entry.map(|index| format!(" at {index}"));
        format!("{}{}", finding.code, at.unwrap_or_default())
    })
    .collect()
}
