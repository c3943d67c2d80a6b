//! Sets the level or the mask of one field in a manifest's text and leaves every other byte alone.
//!
//! The syntax tree of `yaml-edit` keeps comments, quotes and blank lines; why it is trusted only as
//! far as the text that is read back is said in `docs/decisions/0005-lossless-yaml.md`.

use std::str::FromStr;

use model::{DatasetId, Diagnostic, FieldName, Level, Mask};
use yaml_edit::{Document, Mapping};

use crate::block::written_mask;
use crate::{Catalog, Change, Options, What, diff, read};

/// What to write on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Its level.
    Level(Level),
    /// Its mask.
    Mask(Mask),
}

/// An edited file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The name of the file.
    pub file: String,
    /// Its new text.
    pub text: String,
    /// What changed: the setting, and when the field's level decides whether the collection's
    /// `level_when` holds for it, that too.
    pub changes: Vec<Change>,
}

/// Writes the setting into the file that holds the field. All files of the catalogue are given,
/// because the edited text is read again together with them.
///
/// # Errors
/// What is wrong with the files; an unknown field; a text that cannot be edited without changing
/// anything else. Then there is no text at all.
pub fn set(
    files: &[(&str, &str)],
    options: &Options,
    dataset: &DatasetId,
    field: &FieldName,
    setting: &Setting,
) -> Result<Edited, Vec<Diagnostic>> {
    let before = read(files, options)?;
    let known = before
        .datasets
        .get(dataset)
        .and_then(|found| found.field(field));
    if known.is_none() {
        let cause = format!("the catalogue has no field `{field}` in `{dataset}`");
        return Err(vec![Diagnostic::error(
            "",
            cause,
            "name a field of the catalogue",
        )]);
    }
    for (index, (file, text)) in files.iter().enumerate() {
        let Some(edited) = splice(text, dataset, field, setting) else {
            continue;
        };
        let replaced: Vec<(&str, &str)> = files
            .iter()
            .enumerate()
            .map(|(at, (name, text))| (*name, if at == index { edited.as_str() } else { *text }))
            .collect();
        let after = read(&replaced, options)?;
        let changes = verify(file, &before, &after, dataset, field, setting)?;
        only_lines_of_one_place(file, text, &edited)?;
        return Ok(Edited {
            file: (*file).to_owned(),
            text: edited,
            changes,
        });
    }
    Err(vec![by_hand(
        "catalogue",
        format!("the field `{field}` of `{dataset}` is not written where it can be edited"),
    )])
}

fn by_hand(file: &str, cause: String) -> Diagnostic {
    Diagnostic::error(file, cause, "edit the file by hand; nothing was written")
}

/// The text with the setting, when it is this text that holds the field.
fn splice(text: &str, dataset: &DatasetId, field: &FieldName, setting: &Setting) -> Option<String> {
    let document = Document::from_str(text).ok()?;
    let root = document.as_mapping()?;
    let manifest = named(&root, "dataset", "fides_key", dataset.manifest())?;
    let collection = named(&manifest, "collections", "name", dataset.collection())?;
    let field = named(&collection, "fields", "name", field.as_str())?;
    let (key, value) = match setting {
        Setting::Level(level) => ("level", level.to_string()),
        Setting::Mask(mask) => ("mask", written_mask(mask)),
    };
    if let Some(block) = field.get_mapping("cordon") {
        let parsed = Document::from_str(&format!("{key}: {value}\n")).ok()?;
        block.set(key, parsed.as_mapping()?.get(key)?);
    } else {
        let parsed = Document::from_str(&format!("cordon: {{ {key}: {value} }}\n")).ok()?;
        field.set("cordon", parsed.as_mapping()?.get("cordon")?);
    }
    Some(document.to_string())
}

/// The mapping of a list whose key has this value.
fn named(parent: &Mapping, list: &str, key: &str, wanted: &str) -> Option<Mapping> {
    let list = parent.get_sequence(list)?;
    (0..list.len()).find_map(|index| {
        let item = list.get(index)?;
        let item = item.as_mapping()?;
        let found = item.get(key)?;
        (found.as_scalar()?.as_string() == wanted).then(|| item.clone())
    })
}

/// The catalogue differs by the setting and by nothing that does not follow from it.
fn verify(
    file: &str,
    before: &Catalog,
    after: &Catalog,
    dataset: &DatasetId,
    field: &FieldName,
    setting: &Setting,
) -> Result<Vec<Change>, Vec<Diagnostic>> {
    let changes = diff(&before.datasets, &after.datasets);
    let set = after
        .datasets
        .get(dataset)
        .and_then(|found| found.field(field));
    let is_set = set.is_some_and(|found| match setting {
        Setting::Level(level) => found.label == Some(*level),
        Setting::Mask(mask) => found.mask.as_ref() == Some(mask),
    });
    let follows = |change: &Change| {
        let here = change.dataset == *dataset && change.field.as_ref() == Some(field);
        here && matches!(
            (&change.what, setting),
            (What::Level(..) | What::PublicWhen(..), Setting::Level(_))
                | (What::Mask(..) | What::Domain(..), Setting::Mask(_))
        )
    };
    if is_set && changes.is_empty() {
        let cause = format!("the field `{field}` of `{dataset}` has this setting already");
        return Err(vec![Diagnostic::error(
            file,
            cause,
            "leave the file as it is",
        )]);
    }
    let cause = if !is_set {
        format!(
            "the field `{field}` of `{dataset}` would not take the setting; a column takes its \
             level from the fields nested in it"
        )
    } else if let Some(other) = changes.iter().find(|change| !follows(change)) {
        format!("the edit would also change something else: {other}")
    } else {
        return Ok(changes);
    };
    Err(vec![by_hand(file, cause)])
}

/// LIMIT: a setting is one value or one new block, so at most this many lines may be replaced and
/// all of them next to each other.
const LINES_MAX: usize = 6;

fn only_lines_of_one_place(file: &str, old: &str, new: &str) -> Result<(), Vec<Diagnostic>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(left, right)| left == right).count()
    };
    let head = same(&mut old.iter().zip(&new));
    let tail = same(&mut old.iter().rev().zip(new.iter().rev()));
    let longest = old.len().max(new.len());
    let replaced = longest.saturating_sub(head + tail);
    if replaced <= LINES_MAX {
        return Ok(());
    }
    let cause = format!("the edit would touch {replaced} lines");
    Err(vec![by_hand(file, cause)])
}
