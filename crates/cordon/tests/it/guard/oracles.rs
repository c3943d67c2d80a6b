//! What the oracles share: statements for a person, settings of the planner, and the canary scan.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::{DatasetId, View};
use testkit::Finder;
use testkit::statements::{Ground, Kind, Table, statement};

use super::hidden::{self, Seen};
use super::rows::{self, Row, TABLES};
use super::world::{Outcome, World};

/// Planner settings that move conditions about, by what they provoke.
pub const SETTINGS: [&str; 5] = [
    "SET enable_hashjoin = off; SET enable_mergejoin = off",
    "SET enable_nestloop = off; SET enable_seqscan = off",
    "SET random_page_cost = 0.1; SET join_collapse_limit = 1; SET from_collapse_limit = 1",
    // PostgreSQL 16 calls it by another name.
    "SELECT pg_catalog.set_config(name, 'on', false) FROM pg_catalog.pg_settings \
      WHERE name IN ('force_parallel_mode', 'debug_parallel_query'); \
     SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0",
    "SET enable_hashagg = off; SET enable_sort = off; SET enable_material = off",
];

/// Back to how the gate pins its links.
const DEFAULT: &str = "RESET ALL; SET search_path = pg_catalog; \
     SET standard_conforming_strings = on; SET statement_timeout = '4s'; SET jit = off; SET TimeZone = 'UTC'";

impl World {
    /// Default planner settings, then these.
    pub fn plan_by(&self, settings: &str) {
        let text = format!("{DEFAULT}; {settings}");
        assert!(matches!(self.direct(&text), Outcome::Rows(_, _)), "{text}");
    }

    pub fn view(&self, who: &str, table: &str) -> Option<&View> {
        let dataset = DatasetId::new(&format!("guard/public.{table}")).ok()?;
        self.people[who].get(&dataset).map(AsRef::as_ref)
    }
}

/// The ground on which statements for a person are made.
pub fn ground(world: &World, who: &str) -> Ground {
    let mut tables: Vec<Table> = TABLES
        .iter()
        .filter_map(|(table, columns)| {
            let view = world.view(who, table)?;
            let columns = columns
                .iter()
                .filter(|column| view.fields.keys().any(|name| name.as_str() == **column))
                .map(|column| ((*column).to_owned(), kind(table, column)))
                .collect();
            let name = (*table).to_owned();
            Some(Table { name, columns })
        })
        .collect();
    let columns = [
        ("id", Kind::Integer),
        ("name", Kind::Text),
        ("email", Kind::Text),
        ("salary", Kind::Integer),
    ];
    tables.push(Table {
        name: "subj_view".to_owned(),
        columns: columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec(),
    });
    let mut samples = Vec::new();
    for row in rows::base() {
        let columns = TABLES
            .iter()
            .find(|(name, _)| *name == row.table)
            .unwrap()
            .1;
        for (column, cell) in columns.iter().zip(&row.cells) {
            let (Seen::Clear, Some(cell)) =
                (hidden::seen(world.view(who, row.table), &row, column), cell)
            else {
                continue;
            };
            let kind = kind(row.table, column);
            let literal = match kind {
                Kind::Integer | Kind::Number => cell.clone(),
                Kind::Big => format!("{cell}::int8"),
                Kind::Text => format!("'{cell}'"),
                Kind::Date => format!("date '{cell}'"),
                Kind::Moment => format!("timestamptz '{cell}'"),
                Kind::Uuid => format!("'{cell}'::uuid"),
                Kind::Truth => continue,
            };
            samples.push((kind, literal));
        }
    }
    Ground { tables, samples }
}

pub fn kind(table: &str, column: &str) -> Kind {
    match (table, column) {
        ("msg", "id") | ("post", "views") => Kind::Big,
        ("post", "id") => Kind::Uuid,
        (_, "id" | "oid" | "subj_id" | "from_id" | "to_id" | "owner_id" | "salary") => {
            Kind::Integer
        }
        (_, "amt") => Kind::Number,
        (_, "born") => Kind::Date,
        (_, "created" | "placed" | "deleted") => Kind::Moment,
        _ => Kind::Text,
    }
}

/// The hidden values of these rows.
pub fn values_not_seen(world: &World, who: &str, rows: &[Row]) -> BTreeSet<String> {
    let mut hidden = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for row in rows {
        let columns = TABLES
            .iter()
            .find(|(name, _)| *name == row.table)
            .unwrap()
            .1;
        for (column, cell) in columns.iter().zip(&row.cells) {
            let Some(cell) = cell else { continue };
            let seen = hidden::seen(world.view(who, row.table), row, column);
            let is_key = column.ends_with("id");
            let is_pseudonym = matches!(&seen, Seen::Masked(model::Mask::Pseudonym(_)));
            // A number beside one that is seen is counted to, and a mask's own output is no secret.
            let counts = if is_key { is_pseudonym } else { true };
            let token = match cell.split_once(' ') {
                Some((_, time)) if kind(row.table, column) == Kind::Moment => {
                    time.trim_end_matches("+00")
                }
                _ => cell.as_str(),
            };
            if seen == Seen::Clear {
                shown.insert(token.to_owned());
                continue;
            }
            let is_mask = token.starts_with("19") && token.ends_with("-01-01");
            if counts && !is_mask && (token.len() > 5 || token.contains("tok") || token == "20093")
            {
                hidden.insert(token.to_owned());
            }
        }
    }
    hidden.retain(|token| !shown.contains(token));
    hidden
}

/// Values that one person may see nowhere, ready to be looked for.
pub struct Canaries {
    /// Each form of each value, with the value's place.
    forms: Vec<(String, usize)>,
    tokens: Vec<String>,
    finder: Finder,
}

impl Canaries {
    /// Values in clear, reversed, in hex and base64; numbers in clear alone.
    pub fn new(tokens: impl IntoIterator<Item = String>) -> Self {
        let tokens: Vec<String> = tokens.into_iter().collect();
        let mut forms = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            forms.push((token.clone(), place));
            if is_number(token) {
                continue;
            }
            forms.push((token.chars().rev().collect(), place));
            forms.push((hex(token), place));
            forms.extend(base64(token).into_iter().map(|form| (form, place)));
        }
        let finder = Finder::new(forms.iter().map(|(form, _)| form));
        Self {
            forms,
            tokens,
            finder,
        }
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The canary that a text holds, unless it was asked for by its value.
    pub fn found(&self, text: &str, asked: &str) -> Option<&str> {
        self.finder
            .found(text)
            .filter_map(|(which, at)| {
                let (form, place) = self.forms.get(which)?;
                let token = self.tokens.get(*place)?;
                let counts = !is_number(form) || stands_alone(text, at.start, at.end);
                (counts && !asked.contains(token.as_str())).then_some(token.as_str())
            })
            .next()
    }
}

fn is_number(token: &str) -> bool {
    token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether what stands there is no part of a longer number.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    !is_digit(before) && !is_digit(after)
}

fn hex(token: &str) -> String {
    token.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The inner characters of a token's base64, at each of the three places it may begin.
fn base64(token: &str) -> Vec<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3)
        .filter_map(|skipped| {
            let bytes = token.as_bytes().get(skipped..)?;
            let whole: String = bytes
                .chunks_exact(3)
                .flat_map(|three| {
                    let word =
                        u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
                    [18, 12, 6, 0].map(|shift| char::from(LETTERS[(word >> shift & 63) as usize]))
                })
                .collect();
            (whole.len() > 6).then_some(whole)
        })
        .collect()
}

/// All that came back, as one text.
pub fn bytes(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(refused) => refused.to_string(),
        Outcome::Failed(_, message) => message.clone(),
        Outcome::Rows(names, rows) => {
            let mut text = names.join("\n");
            for cell in rows.iter().flatten().flatten() {
                text.push('\n');
                text.push_str(cell);
            }
            text
        }
    }
}

/// What this person may see nowhere of these rows.
pub fn canaries(world: &World, who: &str, rows: &[Row]) -> Canaries {
    Canaries::new(values_not_seen(world, who, rows))
}

/// What went wrong, with all that is needed to see it again.
pub fn report(world: &World, who: &str, seed: u64, text: &str) -> String {
    let guarded = match world.guard(who, text) {
        Ok(all) => all
            .iter()
            .map(|one| one.text().to_owned())
            .collect::<Vec<_>>()
            .join(";\n"),
        Err(refused) => refused.to_string(),
    };
    format!("person {who}, seed {seed}\n{text}\n-- guarded:\n{guarded}")
}

/// The statement of a seed.
pub fn made(ground: &Ground, seed: u64) -> testkit::statements::Made {
    statement(ground, seed)
}

#[test]
fn canaries_are_seen_without_the_guard() {
    let base = rows::base();
    let world = World::new("canary_direct", &rows::sql(&base));
    for who in ["analyst", "masked", "conditional"] {
        let canaries = canaries(&world, who, &base);
        assert!(canaries.len() > 40, "{who}: {}", canaries.len());
        let asked = "select * from subj";
        let answer = bytes(&world.direct("select * from public.subj"));
        assert!(canaries.found(&answer, asked).is_some(), "{who}");
        for changed in [
            "reverse(ssn)",
            "encode(ssn::bytea, 'hex')",
            "encode(('x' || ssn)::bytea, 'base64')",
        ] {
            let answer = bytes(&world.direct(&format!("select {changed} from public.subj")));
            assert!(canaries.found(&answer, asked).is_some(), "{who} {changed}");
        }
        let answer = bytes(&world.direct("select ssn::int from public.subj"));
        assert!(canaries.found(&answer, asked).is_some(), "{who}");
        assert_eq!(
            canaries.found(&bytes(&world.run(who, asked, &[])), asked),
            None,
            "{who}"
        );
    }
}
