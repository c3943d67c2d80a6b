//! Twin databases: what differs in hidden data alone cannot be told apart.

use std::collections::BTreeMap;

use sql::{Guarded, Refused};

use super::hidden;
use super::oracles::{self, Canaries, SETTINGS};
use super::rows::{self, Row};
use super::world::{Outcome, World};

/// LIMIT: joins of everything with everything make millions of rows that show nothing new.
const ROWS_MAX: usize = 100_000;
const TOO_MANY: &str = "too many rows to compare";

/// The first database and those that a person must not be able to tell from it.
pub struct Twins {
    pub who: &'static str,
    pub first: World,
    pub others: Vec<World>,
    /// The rows of the first of the others, met in the opposite order.
    reversed: World,
    canaries: Vec<Canaries>,
    pub counts: Counts,
}

/// What came of the statements, for the figures.
#[derive(Debug, Default)]
pub struct Counts {
    pub statements: usize,
    pub refused: usize,
    /// Refusals by code.
    pub refusals: BTreeMap<String, usize>,
    pub failed: usize,
    pub rows: usize,
    pub empty: usize,
    pub compared: usize,
    /// Differences that are no leak, by why.
    pub residuals: BTreeMap<String, usize>,
}

impl Twins {
    /// Twins with no hidden row, one, and a thousand.
    pub fn new(who: &'static str, stem: &str) -> Self {
        Self::with(who, stem, &[0, 1, 1000])
    }

    /// Twins with so many hidden rows in each table.
    pub fn with(who: &'static str, stem: &str, hidden_rows: &[i64]) -> Self {
        let base = rows::base();
        let first = World::new(&format!("{stem}_{who}_a"), &rows::sql(&base));
        let mut sets: Vec<Vec<Row>> = vec![base];
        let mut others = Vec::new();
        let mut backwards = hidden::twin(&|table| first.view(who, table), 11, 0);
        backwards.reverse();
        let reversed = World::new(&format!("{stem}_{who}_reversed"), &rows::sql(&backwards));
        for (place, count) in hidden_rows.iter().copied().enumerate() {
            let seed = 11 + u64::try_from(place).unwrap();
            let rows = hidden::twin(&|table| first.view(who, table), seed, count);
            let world = World::new(&format!("{stem}_{who}_{place}"), &rows::sql(&rows));
            if count != 1 {
                world.direct("ANALYZE");
            }
            sets.push(rows);
            others.push(world);
        }
        let canaries = sets
            .iter()
            .map(|rows| {
                let mut all = oracles::values_not_seen(&first, who, rows);
                if all.len() > 600 {
                    // Among so many numbers and dates one is met by calculation now and then.
                    all.retain(|token| token.contains("tok"));
                }
                Canaries::new(all)
            })
            .collect();
        Self {
            who,
            first,
            others,
            reversed,
            canaries,
            counts: Counts::default(),
        }
    }

    pub fn plan_by(&self, settings: &str) {
        self.first.plan_by(settings);
        for other in &self.others {
            other.plan_by(settings);
        }
    }

    /// Runs a statement on all and compares; says what is wrong.
    pub fn compare(
        &mut self,
        text: &str,
        is_ordered: bool,
        loose: Option<&str>,
    ) -> Result<(), String> {
        let who = self.who;
        self.counts.statements += 1;
        let guarded = self.first.guard(who, text);
        let answer = self.first.send_all(&guarded, &[]);
        if matches!(&answer, Outcome::Rows(_, rows) if rows.len() > ROWS_MAX) {
            *self
                .counts
                .residuals
                .entry(TOO_MANY.to_owned())
                .or_default() += 1;
            return Ok(());
        }
        self.scan(0, text, &answer)?;
        match &answer {
            Outcome::Refused(refused) => {
                self.counts.refused += 1;
                let code = format!("{:?}", refused.code);
                *self.counts.refusals.entry(code).or_default() += 1;
            }
            Outcome::Failed(_, _) => self.counts.failed += 1,
            Outcome::Rows(_, rows) if rows.is_empty() => self.counts.empty += 1,
            Outcome::Rows(_, _) => self.counts.rows += 1,
        }
        let texts = texts(&self.first, &guarded);
        for place in 0..self.others.len() {
            let guarded = self.others[place].guard(who, text);
            let other = self.others[place].send_all(&guarded, &[]);
            self.scan(place + 1, text, &other)?;
            if texts != self::texts(&self.others[place], &guarded) {
                return Err("the guarded texts differ".to_owned());
            }
            self.counts.compared += 1;
            if same(&answer, &other, is_ordered) {
                continue;
            }
            let Some(why) = self.residual(text, &answer, &other, is_ordered, loose) else {
                return Err(format!(
                    "twin {place} differs\n{}\n-- and\n{}",
                    short(&answer),
                    short(&other)
                ));
            };
            *self.counts.residuals.entry(why).or_default() += 1;
        }
        Ok(())
    }

    fn scan(&self, place: usize, text: &str, answer: &Outcome) -> Result<(), String> {
        match self.canaries[place].found(&oracles::bytes(answer), text) {
            Some(token) => Err(format!(
                "canary {token} in database {place}\n{}",
                short(answer)
            )),
            None => Ok(()),
        }
    }

    /// Why a difference is none that tells of hidden data.
    fn residual(
        &self,
        text: &str,
        answer: &Outcome,
        other: &Outcome,
        is_ordered: bool,
        loose: Option<&str>,
    ) -> Option<String> {
        for outcome in [answer, other] {
            if let Outcome::Failed(code, _) = outcome
                && (code.starts_with("53") || code == "57014")
            {
                return Some(format!("resources {code}"));
            }
        }
        if let (Outcome::Rows(_, a), Outcome::Rows(_, b)) = (answer, other)
            && let Some(loose) = loose
        {
            // A LIMIT or DISTINCT after a free choice leaves more or fewer rows.
            let rest = if a.len() == b.len() {
                ""
            } else {
                ", and so many rows"
            };
            return Some(format!("{loose}{rest}"));
        }
        // A condition that fails on rows that are seen fails in some plans and orders of rows and in
        // others not. Then both answers come from one and the same data, hidden data included.
        let fails = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_, _));
        if fails(answer) || fails(other) {
            let mut found: Vec<Outcome> = Vec::new();
            for world in [&self.others[0], &self.reversed] {
                for settings in SETTINGS.iter().copied().chain([""]) {
                    world.plan_by(settings);
                    found.push(world.run(self.who, text, &[]));
                }
            }
            let meets = |b: &Outcome| found.iter().any(|a| same(a, b, is_ordered));
            if meets(answer) && meets(other) {
                return Some("an error of seen rows that depends on plan or order".to_owned());
            }
            if loose.is_some() {
                return Some("an error after a loose choice".to_owned());
            }
        }
        None
    }
}

fn texts(world: &World, guarded: &Result<Vec<Guarded>, Refused>) -> Vec<String> {
    match guarded {
        Ok(all) => {
            // The gate writes the name of the database itself.
            let name = &world.schema.snapshot().database;
            let texts = all.iter().map(|one| one.text().replace(name, "database"));
            texts.collect()
        }
        Err(refused) => vec![refused.to_string()],
    }
}

pub fn same(a: &Outcome, b: &Outcome, is_ordered: bool) -> bool {
    match (a, b) {
        (Outcome::Refused(a), Outcome::Refused(b)) => a == b,
        (Outcome::Failed(a, _), Outcome::Failed(b, _)) => a == b,
        (Outcome::Rows(names, rows), Outcome::Rows(others, other)) => {
            names == others
                && if is_ordered {
                    rows == other
                } else {
                    a.multiset() == b.multiset()
                }
        }
        _ => false,
    }
}

pub fn short(outcome: &Outcome) -> String {
    let text = format!("{outcome:?}");
    text.chars().take(1500).collect()
}

fn generated(mut twins: Twins, many: u32) {
    let who = twins.who;
    let ground = oracles::ground(&twins.first, who);
    let mut wrong = Vec::new();
    let many = u64::from(many);
    // Statements by settings: changing them costs more than a statement.
    for block in 0..many.div_ceil(10) {
        let place = usize::try_from(block).unwrap() % (SETTINGS.len() * 2);
        let settings = SETTINGS.get(place).copied().unwrap_or("");
        twins.plan_by(settings);
        for seed in block * 10..(block * 10 + 10).min(many) {
            let made = oracles::made(&ground, seed);
            if let Err(fault) = twins.compare(&made.text, made.is_ordered, made.loose) {
                let report = oracles::report(&twins.first, who, seed, &made.text);
                wrong.push(format!("{report}\n-- by {settings}\n-- {fault}"));
                twins.plan_by(settings);
            }
        }
    }
    println!("{who}: {:?}", twins.counts);
    assert!(
        wrong.is_empty(),
        "{} wrong:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(
        twins.counts.rows * 100 >= twins.counts.statements * 50,
        "{:?}",
        twins.counts
    );
}

#[test]
fn the_analyst_cannot_tell_twins_apart() {
    generated(Twins::new("analyst", "twin"), testkit::cases(60));
}

#[test]
fn the_masked_cannot_tell_twins_apart() {
    generated(Twins::new("masked", "twin"), testkit::cases(40));
}

#[test]
fn the_conditional_cannot_tell_twins_apart() {
    generated(Twins::new("conditional", "twin"), testkit::cases(60));
}

/// Plans over a table of which almost nothing is seen are others than those over small ones.
#[test]
fn a_hundred_thousand_hidden_rows_tell_nothing() {
    let twins = Twins::with("analyst", "vast", &[0, 100_000]);
    generated(twins, if testkit::is_long() { 400 } else { 8 });
}
