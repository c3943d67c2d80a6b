//! From a directory to a bundle, or to everything that is wrong with its files.

mod policies;
mod stray;

use std::collections::BTreeMap;
use std::path::Path;

use catalog::{Catalog, Options};
use model::{Dataset, DatasetId, Diagnostic, Register};
use policy::{Ladder, Regime, Rights, RulesFile, SHIPPED_LADDER, World, read_ladder};

use crate::bundle::Bundle;
use crate::check::{self, Known};
use crate::files::{self, DOCUMENT_LENGTH_MAX, POLICY_LENGTH_MAX, Unreadable};
use crate::layout::Layout;
use crate::notes::Notes;
use crate::register::{self, Placed};
use crate::rights::{self, PlacedGrant};
use crate::settings::{self, Settings};
use crate::{gaps, regimes};

/// Everything that was read; what could not be read is `None`.
struct Read {
    settings: Option<Settings>,
    regimes: Option<Vec<Regime>>,
    manifests: Vec<(String, String)>,
    catalog: Option<Catalog>,
    rules: Vec<RulesFile>,
    people: Option<Placed>,
    ladder: Option<Ladder>,
    grants: Vec<PlacedGrant>,
    assessments: Vec<model::Assessment>,
}

/// Reads the directory.
///
/// Deterministic: the same files give the same bundle. Cost: every file once, policies compiled
/// once.
///
/// # Errors
/// Every fault of every file, by file and line; then nothing is loaded. Files are named relative to
/// the directory.
pub fn load(dir: &Path) -> Result<Bundle, Vec<Diagnostic>> {
    let layout = Layout::new(dir);
    // LIMIT: a folder is listed once here, so that a missing one is told once and not once a file.
    if let Err(error) = files::list(dir) {
        let remedy = "create it with `cordon init`, or correct the path";
        return Err(vec![error.diagnostic(&dir.to_string_lossy(), remedy)]);
    }
    let mut notes = Notes::default();
    let read = read_all(&layout, &mut notes);
    check_all(&read, &mut notes);
    stray::warn(&layout, &mut notes);
    assemble(read, notes)
}

fn read_all(layout: &Layout, notes: &mut Notes) -> Read {
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
        if entry.is_folder || !endings.iter().any(|ending| ends(ending)) {
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

fn check_all(read: &Read, notes: &mut Notes) {
    let register = read.people.as_ref().map(|placed| &placed.register);
    let datasets = read.catalog.as_ref().map(|catalog| &catalog.datasets);
    let known = Known {
        register,
        datasets,
        purposes: read
            .settings
            .as_ref()
            .map(|settings| settings.purposes.keys().collect()),
        ladder: read.ladder.as_ref(),
        regimes: read.regimes.as_deref(),
    };
    check::references(&known, notes);
    if let Some(placed) = &read.people {
        check::lines(placed, notes);
    }
    if let (Some(settings), Some(regimes)) = (&read.settings, &read.regimes)
        && let Some(home) = &settings.home
    {
        check::home(home, regimes, notes);
    }
    if let Some(datasets) = datasets {
        let settings = read.settings.as_ref();
        check::datasets(datasets, &read.manifests, settings, register, notes);
    }
    if let Some(ladder) = &read.ladder {
        check::grants(&read.grants, ladder, notes);
    }
    if let (Some(regimes), Some(ladder)) = (&read.regimes, &read.ladder) {
        policies::check(&world(read, regimes, ladder), register.is_some(), notes);
    }
}

/// The world as far as it was read: policies can be checked while manifests or people cannot.
fn world(read: &Read, regimes: &[Regime], ladder: &Ladder) -> World {
    let settings = read.settings.as_ref();
    World {
        regimes: regimes.to_vec(),
        museum: settings.is_some_and(|settings| settings.museum),
        ladder: ladder.clone(),
        rules: read.rules.clone(),
        datasets: read
            .catalog
            .as_ref()
            .map_or_else(BTreeMap::<DatasetId, Dataset>::new, |catalog| {
                catalog.datasets.clone()
            }),
        register: read
            .people
            .as_ref()
            .map_or_else(Register::default, |placed| placed.register.clone()),
        purposes: settings.map_or_else(BTreeMap::new, |settings| settings.purposes.clone()),
    }
}

fn assemble(read: Read, mut notes: Notes) -> Result<Bundle, Vec<Diagnostic>> {
    sort(&mut notes.faults);
    sort(&mut notes.warnings);
    let world = read
        .regimes
        .as_ref()
        .zip(read.ladder.as_ref())
        .map(|(regimes, ladder)| world(&read, regimes, ladder));
    let named = read
        .settings
        .as_ref()
        .and_then(|settings| settings.name.clone().zip(settings.home.clone()));
    match (world, named, read.settings, read.catalog) {
        (Some(world), Some((name, (home, _))), Some(settings), Some(catalog))
            if notes.faults.is_empty() =>
        {
            let grants = read.grants.into_iter().map(|placed| placed.grant).collect();
            Ok(Bundle {
                gaps: gaps::always(catalog.gaps, &name, world.museum),
                rights: Rights::new(grants, read.assessments),
                world,
                stores: settings.stores,
                upstreams: settings.upstreams,
                undeclared: catalog.undeclared,
                warnings: notes.warnings,
                name,
                home,
            })
        }
        // INVARIANT: what is missing was told as a fault.
        _ => Err(notes.faults),
    }
}

/// By file in the order of the layout, then by line.
fn sort(found: &mut Vec<Diagnostic>) {
    const ORDER: [&str; 8] = [
        Layout::SETTINGS,
        Layout::REGIMES,
        Layout::CATALOG,
        Layout::PEOPLE,
        Layout::POLICY,
        Layout::LADDER,
        Layout::GRANTS,
        Layout::ASSESSMENTS,
    ];
    found.sort_by_cached_key(|one| {
        let first = one.file.split('/').next().unwrap_or_default();
        let rank = ORDER.iter().position(|name| *name == first);
        let rank = rank.unwrap_or(ORDER.len());
        (rank, one.file.clone(), one.line, one.column)
    });
    found.dedup();
}
