//! Which data categories there are, and what the law counts them as. Both are data files.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use model::{DataCategory, LegalCategory};

/// Fideslang's default data categories.
static CATEGORIES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/data_categories.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect()
});

static LEGAL: LazyLock<Vec<Row>> =
    LazyLock::new(|| rows(include_str!("../data/legal_categories.tsv")).collect());

struct Row {
    category: &'static str,
    below: bool,
    legal: Vec<LegalCategory>,
}

/// A line that cannot be read is left out here; a test reads every line.
fn rows(text: &'static str) -> impl Iterator<Item = Row> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (category, scope, legal) = (columns.next()?, columns.next()?, columns.next()?);
            Some(Row {
                category,
                below: scope == "below",
                legal: legal
                    .split(',')
                    .map(LegalCategory::parse)
                    .collect::<Result<_, _>>()
                    .ok()?,
            })
        })
}

/// Fideslang's default data categories, in order.
pub fn default_categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES.iter().copied()
}

/// What the law counts a data category as, from the mapping in `data/legal_categories.tsv`. A
/// category of the operator's own takes what its ancestors pass down.
pub fn legal_categories_of(category: &DataCategory) -> BTreeSet<LegalCategory> {
    LEGAL
        .iter()
        .filter(|row| {
            category.as_str() == row.category || (row.below && category.is_within(row.category))
        })
        .flat_map(|row| row.legal.iter().copied())
        .collect()
}

/// Whether the taxonomy, or the operator's addition to it, has the category; if not, the nearest
/// one that it has.
pub(crate) fn look_up<'k>(
    text: &str,
    custom: &'k BTreeSet<String>,
) -> Result<DataCategory, Option<&'k str>> {
    if CATEGORIES.contains(text) || custom.contains(text) {
        return Ok(DataCategory::new(text));
    }
    let known = CATEGORIES.iter().copied();
    Err(document::nearest::dotted(
        text,
        known.chain(custom.iter().map(String::as_str)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_mapping_is_read_and_names_a_category() {
        let text = include_str!("../data/legal_categories.tsv");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(LEGAL.len(), lines);
        for row in LEGAL.iter() {
            assert!(CATEGORIES.contains(row.category), "{}", row.category);
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!(
                columns.len() == 4 && ["only", "below"].contains(&columns[1]),
                "{line}"
            );
        }
    }

    #[test]
    fn what_the_law_counts_each_category_as() {
        let table: Vec<String> = default_categories()
            .map(|category| {
                let legal = legal_categories_of(&DataCategory::new(category));
                let words: Vec<&str> = legal.iter().map(|legal| legal.as_str()).collect();
                format!("{category:<55}{}", words.join(", "))
                    .trim_end()
                    .to_owned()
            })
            .collect();
        assert_eq!(table.len(), 85);
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn a_category_of_ones_own_inherits() {
        let own = DataCategory::new("user.contact.pager");
        let legal = legal_categories_of(&own);
        assert!(legal.contains(&LegalCategory::CoveredPersonalIdentifier));
        let imprecise = DataCategory::new("user.location.imprecise");
        assert!(legal_categories_of(&imprecise).is_empty());
    }
}
