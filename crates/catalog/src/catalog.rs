//! From the texts of manifests to a [`Catalog`], or to everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Dataset, DatasetId, Diagnostic, Gap};

use crate::draft::Draft;
use crate::entry::Faults;
use crate::fides;
use crate::resolve::{Drafts, gaps, resolve};

/// What a reader may be told beside the manifests.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Data categories of the operator's own, beside those of the Fideslang taxonomy.
    pub custom_categories: BTreeSet<String>,
}

/// The datasets of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// All datasets by id.
    pub datasets: BTreeMap<DatasetId, Dataset>,
    /// What nobody has said, and what it is treated as.
    pub gaps: Vec<Gap>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
}

/// Reads manifests, given as name and text. Fides' own keys that it does not know are ignored, as
/// Fides does; keys of a `cordon:` block must be known.
///
/// # Errors
/// Every fault of every file, in their order; then nothing is loaded.
pub fn read(files: &[(&str, &str)], options: &Options) -> Result<Catalog, Vec<Diagnostic>> {
    let mut faults = Faults::new();
    let mut drafts = Drafts::new();
    let mut all_whole = true;
    for (file, text) in files {
        let (manifests, is_whole) = fides::manifests(file, text, options, &mut faults);
        all_whole &= is_whole;
        for manifest in manifests {
            for collection in manifest.collections {
                let draft = Draft::new(collection, &manifest.block, &mut faults);
                insert(&mut drafts, draft, &mut faults);
            }
        }
    }
    // What one file lacks because it could not be read would look like a fault of another.
    let mut warnings = Vec::new();
    if all_whole {
        warnings = resolve(&mut drafts, &mut faults);
    }
    if !faults.is_empty() {
        sort(&mut faults, files);
        return Err(faults);
    }
    sort(&mut warnings, files);
    let (gaps, mut undeclared) = gaps(&drafts);
    let datasets = drafts
        .into_iter()
        .map(|(id, draft)| {
            let undeclared_subjects = undeclared.remove(&id).unwrap_or_default();
            let dataset = Dataset {
                undeclared_subjects,
                ..draft.dataset
            };
            (id, dataset)
        })
        .collect();
    Ok(Catalog {
        datasets,
        gaps,
        warnings,
    })
}

/// Two datasets of one id would leave open which labels hold.
fn insert(drafts: &mut Drafts, draft: Draft, faults: &mut Faults) {
    let id = draft.dataset.id.clone();
    match drafts.get(&id) {
        // Within one file the fault is told where the names are compared, unless the file has the
        // same manifest twice.
        Some(first) if !told_already(&first.place.path, &first.place.file, &draft) => {
            let cause = format!(
                "the dataset `{id}` is written twice, first at {}",
                first.place.short()
            );
            faults.push(draft.place.error(cause, "keep one of the two"));
        }
        Some(_) => {}
        None => {
            drafts.insert(id, draft);
        }
    }
}

/// `dataset[0]` of `dataset[0].collections[2].name`.
fn told_already(first_path: &str, first_file: &str, second: &Draft) -> bool {
    let manifest = |path: &str| path.split('.').next().map(str::to_owned);
    first_file == &*second.place.file && manifest(first_path) == manifest(&second.place.path)
}

fn sort(found: &mut [Diagnostic], files: &[(&str, &str)]) {
    let order = |file: &str| files.iter().position(|(name, _)| *name == file);
    found.sort_by_cached_key(|one| (order(&one.file), one.line, one.column));
}
