//! What a person sees of the rows, and other rows that a person must not be able to tell from them.
//!
//! What a mask leaves of a value is written here again, apart from the guard.

use model::{Mask, Precision, Rows, Verdict, View};
use testkit::statements::Dice;

use super::rows::{Row, TABLES, base, some, unseen};
use super::views;

/// What a person sees of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Clear,
    Masked(Mask),
    No,
}

/// What the view shows of this row's column.
pub fn seen(view: Option<&View>, row: &Row, column: &str) -> Seen {
    let Some(view) = view else { return Seen::No };
    let class = row.class();
    if view.rows.get(&class) != Some(&Rows::Seen) {
        return Seen::No;
    }
    let field = view.fields.iter().find(|(name, _)| name.as_str() == column);
    let Some((_, field)) = field else {
        return Seen::No;
    };
    match field.cells.get(&class).map(|cell| cell.verdict) {
        Some(Verdict::Clear) => Seen::Clear,
        _ => Seen::Masked(field.mask.clone().unwrap_or(Mask::Null)),
    }
}

/// Whether the person sees the row at all.
pub fn sees_row(view: Option<&View>, row: &Row) -> bool {
    view.is_some_and(|view| view.rows.get(&row.class()) == Some(&Rows::Seen))
}

/// The other database: what the person cannot tell from `base`, with so many unseen rows.
pub fn twin<'a>(view: &dyn Fn(&str) -> Option<&'a View>, seed: u64, many: i64) -> Vec<Row> {
    let mut dice = Dice::new(seed);
    let mut rows: Vec<Row> = base()
        .into_iter()
        .filter(|row| sees_row(view(row.table), row))
        .collect();
    for row in &mut rows {
        let columns = TABLES
            .iter()
            .find(|(name, _)| *name == row.table)
            .unwrap()
            .1;
        let was = row.clone();
        for (place, column) in columns.iter().enumerate() {
            let seen = seen(view(row.table), &was, column);
            let old = was.cells[place].clone();
            row.cells[place] = match seen {
                Seen::Clear => old,
                Seen::No => free(&mut dice, "hid"),
                Seen::Masked(mask) => varied(&mask, row.table, column, old, &was, &mut dice),
            };
        }
    }
    let governed = view("subj")
        .is_some_and(|view| view.rows.get(&views::class("other", false)) != Some(&Rows::Seen));
    rows.extend(unseen(many, governed));
    dice.shuffle(&mut rows);
    rows
}

fn free(dice: &mut Dice, stem: &str) -> Option<String> {
    (!dice.once_in(4)).then(|| format!("{stem}tokother{}", dice.next() % 10_000_000_000))
}

/// Another value that the mask does not tell from the old one.
fn varied(
    mask: &Mask,
    table: &str,
    column: &str,
    old: Option<String>,
    row: &Row,
    dice: &mut Dice,
) -> Option<String> {
    match mask {
        Mask::Pseudonym(_) => old,
        Mask::Null | Mask::Constant(_) => match column {
            // What makes a row public shows in its title.
            "visibility" | "deleted" if row.public => old,
            "visibility" => some("secret"),
            "deleted" => (!dice.once_in(2)).then(|| "2025-05-05 05:05:05+00".to_owned()),
            "country" => some(dice.word(&["DE", "US", "CN", "XX", "nowhere"])),
            _ => free(dice, table),
        },
        Mask::Partial { first, last } => {
            let (first, last) = (usize::from(*first), usize::from(*last));
            let old = old.filter(|old| old.chars().count() > first + last);
            let middle = format!("z{}", dice.next() % 1_000_000);
            match old {
                None => dice.once_in(2).then(|| "q".repeat(first + last)),
                Some(old) => {
                    let cut = old.len() - last;
                    Some(format!("{}{middle}{}", &old[..first], &old[cut..]))
                }
            }
        }
        Mask::Truncate(precision) => match old {
            None => dice.once_in(2).then(|| "1970-01-01".to_owned()),
            Some(old) => Some(match precision {
                Precision::Year => format!("{}-11-{:02}", &old[..4], 1 + dice.below(28)),
                Precision::Month => {
                    format!("{}-{:02} 23:59:59.5+00", &old[..7], 1 + dice.below(28))
                }
                _ => format!("{} 23:{:02}:59.25+00", &old[..10], dice.below(60)),
            }),
        },
        Mask::Bucket(width) => {
            let value: f64 = old.as_deref().map_or(0.0, |old| old.parse().unwrap());
            let width = f64::from(*width);
            let low = (value / width).floor() * width;
            // Never the mask's own output, which the person may see.
            let inside = 1 + dice.below(if width < 20.0 { 9 } else { 98 });
            // A partition takes no NULL.
            let is_null = table != "plog" && low == 0.0 && dice.once_in(2);
            (!is_null).then(|| format!("{}", low + f64::from(u8::try_from(inside).unwrap())))
        }
    }
}
