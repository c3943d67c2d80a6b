//! Countries and territories, in the spellings that real tables hold.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// A country or territory with an ISO 3166-1 code (`XK` for Kosovo beside them).
///
/// Territories stand for themselves (`PR` is not `US`); which of them make one home is said by a
/// regime, not here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jurisdiction(u16);

/// A text that names no country, or names two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownJurisdiction(pub String);

impl fmt::Display for UnknownJurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a country Cordon knows",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for UnknownJurisdiction {}

struct Entry {
    alpha2: &'static str,
    alpha3: &'static str,
    name: &'static str,
    spellings: &'static str,
}

struct Table {
    entries: Vec<Entry>,
    by_spelling: HashMap<String, Jurisdiction>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| read_table(include_str!("../data/jurisdictions.tsv")));

fn read_table(text: &'static str) -> Table {
    let mut entries = Vec::new();
    let mut by_spelling = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(alpha2), Some(alpha3), Some(name), Some(spellings)) = (
            columns.next(),
            columns.next(),
            columns.next(),
            columns.next(),
        ) else {
            continue;
        };
        let Ok(index) = u16::try_from(entries.len()) else {
            break;
        };
        for spelling in [alpha2, alpha3].into_iter().chain(spellings.split('|')) {
            by_spelling.insert(normalise(spelling), Jurisdiction(index));
        }
        entries.push(Entry {
            alpha2,
            alpha3,
            name,
            spellings,
        });
    }
    Table {
        entries,
        by_spelling,
    }
}

/// Case, full stops, repeated spaces, `&` and a leading `the` make no difference.
fn normalise(text: &str) -> String {
    let lower = text
        .to_lowercase()
        .replace('.', "")
        .replace('’', "'")
        .replace('&', " and ");
    let spaced = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    spaced
        .strip_prefix("the ")
        .map_or(spaced.clone(), str::to_owned)
}

impl Jurisdiction {
    /// Understands alpha-2, alpha-3, English names, the names in the place's own languages and
    /// the usual colloquial ones, whatever their case.
    ///
    /// # Errors
    /// [`UnknownJurisdiction`] for anything else, also for a name that two places share.
    pub fn parse(text: &str) -> Result<Self, UnknownJurisdiction> {
        TABLE
            .by_spelling
            .get(&normalise(text))
            .copied()
            .ok_or_else(|| UnknownJurisdiction(text.to_owned()))
    }

    /// Every jurisdiction, in the order of the alpha-2 codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..u16::try_from(TABLE.entries.len()).unwrap_or(u16::MAX)).map(Self)
    }

    /// The ISO 3166-1 alpha-2 code.
    pub fn alpha2(self) -> &'static str {
        self.entry().map_or("??", |entry| entry.alpha2)
    }

    /// The ISO 3166-1 alpha-3 code.
    pub fn alpha3(self) -> &'static str {
        self.entry().map_or("???", |entry| entry.alpha3)
    }

    /// The English name.
    pub fn name(self) -> &'static str {
        self.entry().map_or("unknown", |entry| entry.name)
    }

    /// All spellings that [`Jurisdiction::parse`] takes for this place, normalised (lower case).
    pub fn spellings(self) -> impl Iterator<Item = String> {
        self.entry().into_iter().flat_map(|entry| {
            [entry.alpha2, entry.alpha3]
                .into_iter()
                .chain(entry.spellings.split('|'))
                .map(normalise)
        })
    }

    fn entry(self) -> Option<&'static Entry> {
        TABLE.entries.get(usize::from(self.0))
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

impl fmt::Debug for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_real_tables_are_understood() {
        for (text, code) in [
            ("US", "US"),
            ("usa", "US"),
            ("U.S.A.", "US"),
            ("The United States of America", "US"),
            ("Germany", "DE"),
            ("Deutschland", "DE"),
            ("Czech Republic", "CZ"),
            (" United  Kingdom ", "GB"),
            ("中国", "CN"),
            ("PRC", "CN"),
            ("Hong Kong SAR", "HK"),
            ("Côte d'Ivoire", "CI"),
            ("Cote d’Ivoire", "CI"),
        ] {
            assert_eq!(
                Jurisdiction::parse(text).map(Jurisdiction::alpha2),
                Ok(code),
                "{text}"
            );
        }
    }

    #[test]
    fn what_names_no_country_is_unknown() {
        for text in ["", "EU", "Atlantis", "ＵＳ", "XX", "n/a", "null"] {
            assert!(Jurisdiction::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_spelling_names_two_places() {
        let mut seen: HashMap<String, Jurisdiction> = HashMap::new();
        for place in Jurisdiction::all() {
            for spelling in place.spellings() {
                let earlier = seen.insert(spelling.clone(), place);
                assert!(
                    earlier.is_none_or(|other| other == place),
                    "{spelling} is ambiguous"
                );
            }
        }
        assert_eq!(Jurisdiction::all().count(), 250);
    }
}
