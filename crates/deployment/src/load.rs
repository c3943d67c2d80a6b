//! From a directory to a bundle, or to everything that is wrong with its files.

mod policies;
mod read;
mod stray;

use std::collections::BTreeMap;
use std::path::Path;

use model::{Dataset, DatasetId, Diagnostic, Register};
use policy::{Ladder, Regime, Rights, World};

use crate::bundle::Bundle;
use crate::check::{self, Known};
use crate::delegation;
use crate::files;
use crate::gaps;
use crate::layout::Layout;
use crate::notes::Notes;
use read::{Read, read_all, shipped_ladder};

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
    let mut read = read_all(&layout, &mut notes);
    delegate(&mut read, &mut notes);
    check_all(&read, &mut notes);
    stray::warn(&layout, &mut notes);
    assemble(read, notes)
}

/// What services may do for people is part of the register, once its signatures are verified.
fn delegate(read: &mut Read, notes: &mut Notes) {
    let drafts = std::mem::take(&mut read.delegations);
    let name = read.settings.as_ref().and_then(|one| one.name.clone());
    if let (Some(placed), Some(name)) = (&mut read.people, name) {
        let delegations = delegation::verified(drafts, &name, &placed.register, notes);
        placed.register.delegations = delegations;
    }
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
            .map(|settings| &settings.written.purposes),
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
    // Policies do not depend on the ladder: a faulty one must not hide what is wrong with them.
    let ladder = read.ladder.clone().or_else(shipped_ladder);
    if let (Some(regimes), Some(ladder)) = (&read.regimes, &ladder) {
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
                service: settings.service,
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
    const ORDER: [&str; 9] = [
        Layout::SETTINGS,
        Layout::REGIMES,
        Layout::CATALOG,
        Layout::PEOPLE,
        Layout::DELEGATIONS,
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
