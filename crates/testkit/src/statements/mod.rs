//! Statements from a seed: valid SELECTs over described tables, with most of what people and tools
//! write. Pure: the same description and seed give the same text.

mod dice;
mod expression;
mod from;
mod query;
mod select;

pub use dice::Dice;

/// Types that expressions are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `integer`
    Integer,
    /// `bigint`
    Big,
    /// `numeric`
    Number,
    /// `text` and `varchar`
    Text,
    /// `date`
    Date,
    /// `timestamptz`
    Moment,
    /// `uuid`
    Uuid,
    /// `boolean`
    Truth,
}

/// A table or view that statements may read.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name as it is written.
    pub name: String,
    /// Its columns.
    pub columns: Vec<(String, Kind)>,
}

/// What statements are made over.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Tables and views.
    pub tables: Vec<Table>,
    /// Literals that occur in the data, so that conditions hold now and then.
    pub samples: Vec<(Kind, String)>,
}

/// A statement made from a seed.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its text.
    pub text: String,
    /// Its ORDER BY leaves no choice but among equal rows.
    pub is_ordered: bool,
    /// Why its answer may depend on the order in which rows are met; `None` when it does not.
    pub loose: Option<&'static str>,
}

/// Something in FROM whose columns can be named.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) alias: String,
    pub(crate) columns: Vec<(String, Kind)>,
    /// Whether its row can be named as a whole and is a table's.
    pub(crate) is_table: bool,
}

/// Makes statements.
pub(crate) struct Maker<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) dice: Dice,
    pub(crate) names: u32,
    pub(crate) loose: Option<&'static str>,
    /// CTEs in scope.
    pub(crate) tables: Vec<Table>,
}

/// The statement of this seed.
#[must_use]
pub fn statement(ground: &Ground, seed: u64) -> Made {
    let mut maker = Maker {
        ground,
        dice: Dice::new(seed),
        names: 0,
        loose: None,
        tables: Vec::new(),
    };
    let (text, is_ordered) = maker.statement();
    Made {
        text,
        is_ordered,
        loose: maker.loose,
    }
}

impl Maker<'_> {
    pub(crate) fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ground, Kind, Table, statement};

    #[test]
    fn a_seed_gives_one_statement() {
        let ground = Ground {
            tables: vec![Table {
                name: "t".to_owned(),
                columns: vec![("a".to_owned(), Kind::Integer)],
            }],
            samples: Vec::new(),
        };
        for seed in 0..200 {
            let first = statement(&ground, seed).text;
            assert_eq!(first, statement(&ground, seed).text);
        }
    }
}
