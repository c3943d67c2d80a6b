//! All files of a deployment, each read by its own reader.

use std::path::Path;

use catalog::{Catalog, Options};
use model::{Assessment, Diagnostic};
use policy::{Ladder, Regime, RulesFile, SHIPPED_LADDER, read_ladder};

use crate::delegation::{self, Draft};
use crate::files::{self, DOCUMENT_LENGTH_MAX, POLICY_LENGTH_MAX, Unreadable};
use crate::layout::Layout;
use crate::notes::Notes;
use crate::regimes;
use crate::register::{self, Placed};
use crate::rights::{self, PlacedGrant};
use crate::settings::{self, Settings};

/// Everything that was read; what could not be read is `None`.
pub(super) struct Read {
    pub(super) settings: Option<Settings>,
    pub(super) regimes: Option<Vec<Regime>>,
    pub(super) manifests: Vec<(String, String)>,
    pub(super) catalog: Option<Catalog>,
    pub(super) rules: Vec<RulesFile>,
    pub(super) people: Option<Placed>,
    pub(super) ladder: Option<Ladder>,
    pub(super) grants: Vec<PlacedGrant>,
    pub(super) assessments: Vec<Assessment>,
    pub(super) delegations: Vec<Draft>,
}

pub(super) fn read_all(layout: &Layout, notes: &mut Notes) -> Read {
    let settings = required(
        layout,
        Layout::SETTINGS,
        "create it; it needs at least `name`, `home` and `regimes`",
        notes,
    )
    .and_then(|text| settings::read(&text, notes));
    let regimes = settings
        .as_ref()
        .and_then(|settings| settings.regimes.as_ref())
        .and_then(|named| {
            let found = regimes::read(layout, named, notes);
            (found.len() == named.len()).then_some(found)
        });
    let manifests = folder(layout, Layout::CATALOG, &["yaml", "yml"], notes);
    let catalog = catalog(&manifests, notes);
    let rules = folder(layout, Layout::POLICY, &["cedar"], notes);
    let people = required(
        layout,
        Layout::PEOPLE,
        "create it; it may begin with `people: {}`",
        notes,
    )
    .and_then(|text| register::read(&text, notes));
    let ladder = ladder(layout, notes);
    let grants = optional(layout, Layout::GRANTS, notes)
        .map(|text| rights::grants(&text, notes))
        .unwrap_or_default();
    let assessments = optional(layout, Layout::ASSESSMENTS, notes)
        .map(|text| rights::assessments(&text, notes))
        .unwrap_or_default();
    let rules = rules
        .unwrap_or_default()
        .into_iter()
        .map(|(file, text)| RulesFile { file, text })
        .collect();
    Read {
        settings,
        regimes,
        manifests: manifests.unwrap_or_default(),
        catalog,
        rules,
        people,
        ladder,
        grants,
        assessments,
        delegations: delegation::read(layout, notes),
    }
}

fn required(layout: &Layout, name: &str, missing: &str, notes: &mut Notes) -> Option<String> {
    match files::text(&layout.file(name), DOCUMENT_LENGTH_MAX) {
        Ok(text) => Some(text),
        Err(error) => {
            notes.fault(error.diagnostic(name, missing));
            None
        }
    }
}

fn optional(layout: &Layout, name: &str, notes: &mut Notes) -> Option<String> {
    match files::text_if_there(&layout.file(name), DOCUMENT_LENGTH_MAX) {
        Ok(text) => text,
        Err(error) => {
            notes.fault(error.diagnostic(name, "remove the link, or create what it points to"));
            None
        }
    }
}

/// Name and text of the files of a folder with these endings; `None` where any cannot be read.
fn folder(
    layout: &Layout,
    folder: &str,
    endings: &[&str],
    notes: &mut Notes,
) -> Option<Vec<(String, String)>> {
    let listed = match files::list(&layout.file(folder)) {
        Ok(listed) => listed,
        Err(Unreadable::Missing) => Vec::new(),
        Err(error) => {
            notes.fault(error.diagnostic(folder, "create the folder"));
            return None;
        }
    };
    let length_max = if folder == Layout::POLICY {
        POLICY_LENGTH_MAX
    } else {
        DOCUMENT_LENGTH_MAX
    };
    let mut found = Vec::new();
    let mut whole = true;
    for entry in listed {
        let name = format!("{folder}/{}", entry.name);
        let ends = |ending: &&str| Path::new(&name).extension().is_some_and(|e| *e == **ending);
        if entry.is_folder || !endings.iter().any(ends) {
            let remedy = format!("files of {folder}/ end in .{}", endings.join(" or ."));
            notes.warn(Diagnostic::error(&name, "it is not read", remedy));
            continue;
        }
        match files::text(&layout.file(&name), length_max) {
            Ok(text) => found.push((name, text)),
            Err(error) => {
                notes.fault(error.diagnostic(&name, "rename it: its name is not UTF-8"));
                whole = false;
            }
        }
    }
    whole.then_some(found)
}

fn catalog(manifests: &Option<Vec<(String, String)>>, notes: &mut Notes) -> Option<Catalog> {
    let manifests = manifests.as_ref()?;
    if manifests.is_empty() {
        notes.fault(Diagnostic::error(
            Layout::CATALOG,
            "there is no manifest, so no data is known",
            "write one, e.g. catalog/app.yaml with `dataset:`",
        ));
        return None;
    }
    let texts: Vec<(&str, &str)> = manifests
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    match catalog::read(&texts, &Options::default()) {
        Ok(catalog) => {
            notes.warnings.extend(catalog.warnings.iter().cloned());
            Some(catalog)
        }
        Err(faults) => {
            notes.faults.extend(faults);
            None
        }
    }
}

fn ladder(layout: &Layout, notes: &mut Notes) -> Option<Ladder> {
    let faults_before = notes.faults.len();
    let text = optional(layout, Layout::LADDER, notes);
    if notes.faults.len() > faults_before {
        return None;
    }
    let text = text.as_deref().unwrap_or(SHIPPED_LADDER);
    read_ladder(Layout::LADDER, text)
        .map_err(|faults| notes.faults.extend(faults))
        .ok()
}

/// The ladder that holds where a deployment has none of its own.
pub(super) fn shipped_ladder() -> Option<Ladder> {
    read_ladder(Layout::LADDER, SHIPPED_LADDER).ok()
}
