//! What reading leaves behind beside the values: faults, warnings, and names to be looked up.

use std::sync::Arc;

use model::{
    DatasetId, Diagnostic, FieldName, FlowId, ListId, OrganisationId, PersonId, PurposeId,
    RegimeId, ServiceId,
};

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Place {
    /// An error about what stands here.
    pub(crate) fn error(&self, cause: impl Into<String>, remedy: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.file, cause, remedy)
            .at(self.line, self.column)
            .under(self.path.clone())
    }

    /// A file as a whole.
    pub(crate) fn file(file: &str) -> Self {
        Self {
            file: Arc::from(file),
            path: String::new(),
            line: 0,
            column: 0,
        }
    }
}

/// A name of something that another file, or another part of the same file, must define.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) to: Target,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    Person(PersonId),
    Service(ServiceId),
    Organisation(OrganisationId),
    Dataset(DatasetId),
    Field(DatasetId, FieldName),
    Purpose(PurposeId),
    Flow(FlowId),
    Regime(RegimeId),
    DesignationList(ListId),
}

/// Reading goes on after a fault, so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) faults: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) references: Vec<Reference>,
}

impl Notes {
    pub(crate) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    pub(crate) fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning.as_warning());
    }

    pub(crate) fn refer(&mut self, to: Target, place: &Place) {
        let place = place.clone();
        self.references.push(Reference { to, place });
    }
}
