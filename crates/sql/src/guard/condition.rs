//! In which rows something holds: conditions on a row's residency, on what makes it public, and on
//! whose it is. All are two-valued and cannot fail.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is kept as it is"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Comparison, GrantId, Literal, Predicate, Residency};
use pgschema::ColumnNumber;

use super::parameter::{Parameter, Parameters};
use super::write::{and, any_of, boolean, call, cast, is, operator, or, text};
use crate::bind::{BoundSubject, Hop, Signal, Spellings, Whose};
use crate::kind::Kind;
use crate::tree::{Boolean, Constant, Expression, ObjectName, TruthTest, TypeName};

/// A condition on a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    True,
    False,
    /// The row is of one of these residencies.
    Residency(BTreeSet<Residency>),
    /// All of these conditions make the row public; `false`: not all of them do.
    Public(Vec<Predicate>, bool),
    /// The row's subjects are all in the subject set of one of these grants.
    Subjects(BTreeSet<GrantId>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::True => {}
                Self::False => return Self::False,
                other => {
                    if !kept.contains(&other) {
                        kept.push(other);
                    }
                }
            }
        }
        match kept.len() {
            0 => Self::True,
            1 => kept.pop().unwrap_or(Self::False),
            _ => Self::All(kept),
        }
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::False => {}
                Self::True => return Self::True,
                other => {
                    if !kept.contains(&other) {
                        kept.push(other);
                    }
                }
            }
        }
        match kept.len() {
            0 => Self::False,
            1 => kept.pop().unwrap_or(Self::False),
            _ => Self::Any(kept),
        }
    }
}

/// Where a condition finds a row's columns and those of the rows that tell its residency.
pub(super) trait Columns {
    /// The row's own column.
    fn own(&mut self, column: ColumnNumber) -> Option<Expression>;
    /// The row's own column of this name.
    fn named(&mut self, name: &str) -> Option<Expression>;
    /// A column of the row at the end of these hops.
    fn reached(&mut self, hops: &[Hop], column: ColumnNumber) -> Option<Expression>;
    /// The kind of the row's own column.
    fn kind(&self, column: ColumnNumber) -> Option<Kind>;
}

/// Writes conditions of one relation.
pub(super) struct Writer<'a> {
    pub(super) whose: &'a Whose,
    pub(super) spellings: &'a Spellings,
    /// The dataset to which grants' subject sets can belong, with the key kinds known.
    pub(super) subject_set_of: &'a dyn Fn(&GrantId) -> Option<model::DatasetId>,
}

impl Writer<'_> {
    /// The condition as SQL; what cannot be written does not hold.
    pub(super) fn write(
        &self,
        condition: &Condition,
        columns: &mut dyn Columns,
        parameters: &mut Parameters,
    ) -> Expression {
        match condition {
            Condition::True => boolean(true),
            Condition::False => boolean(false),
            Condition::Residency(classes) => self.residency(classes, columns, parameters),
            // Nothing says when a row is public, so none is.
            Condition::Public(predicates, holds) if predicates.is_empty() => boolean(!holds),
            Condition::Public(predicates, holds) => {
                let written: Option<Vec<Expression>> = predicates
                    .iter()
                    .map(|predicate| predicate_sql(predicate, columns))
                    .collect();
                match (written, holds) {
                    (Some(parts), true) => is(and(parts), TruthTest::True),
                    (Some(parts), false) => is(and(parts), TruthTest::NotTrue),
                    // Not public is the stricter answer.
                    (None, holds) => boolean(!holds),
                }
            }
            Condition::Subjects(grants) => or(grants
                .iter()
                .filter_map(|grant| self.subjects(grant, columns, parameters))
                .collect()),
            Condition::All(parts) => and(parts
                .iter()
                .map(|part| self.write(part, columns, parameters))
                .collect()),
            Condition::Any(parts) => or(parts
                .iter()
                .map(|part| self.write(part, columns, parameters))
                .collect()),
        }
    }

    /// Every subject of the row is in the grant's set. A subject that the set cannot name is not.
    fn subjects(
        &self,
        grant: &GrantId,
        columns: &mut dyn Columns,
        parameters: &mut Parameters,
    ) -> Option<Expression> {
        let Whose::Subjects(subjects) = self.whose else {
            return None;
        };
        let dataset = (self.subject_set_of)(grant)?;
        let mut parts = Vec::new();
        for subject in subjects {
            let (_, key) = subject.keys.iter().find(|(of, _)| *of == dataset)?;
            let [column] = key.as_slice() else {
                return None;
            };
            let kind = super::parameter::KeyKind::of(columns.kind(*column)?)?;
            let parameter = Parameter::Subjects {
                grant: grant.clone(),
                kind,
            };
            let array = parameters.typed(parameter, kind.array_name());
            parts.push(is(any_of(columns.own(*column)?, array), TruthTest::True));
        }
        Some(and(parts))
    }

    /// The row is of one of the classes. With several subjects the strictest governs: each of them
    /// must be.
    fn residency(
        &self,
        classes: &BTreeSet<Residency>,
        columns: &mut dyn Columns,
        parameters: &mut Parameters,
    ) -> Expression {
        let subjects = match self.whose {
            Whose::Subjects(subjects) => subjects,
            // All rows are of one class, which the view knows better than the row.
            Whose::OneClass => return boolean(false),
            Whose::Broken => return boolean(classes.contains(&Residency::Unknown)),
        };
        let each = |classes: &BTreeSet<Residency>,
                    columns: &mut dyn Columns,
                    parameters: &mut Parameters| {
            and(subjects
                .iter()
                .map(|subject| self.subject(subject, classes, columns, parameters))
                .collect())
        };
        let signals: usize = subjects.iter().map(|subject| subject.evidence.len()).sum();
        let homes: Vec<&Residency> = classes
            .iter()
            .filter(|class| matches!(class, Residency::Home(_)))
            .collect();
        if signals < 2 || is_closed(classes) {
            return each(classes, columns, parameters);
        }
        // A row that is home to two of them is of a class that is not among these: each row's homes
        // must be one and the same.
        let rest: BTreeSet<Residency> = classes
            .iter()
            .filter(|class| !matches!(class, Residency::Home(_)))
            .cloned()
            .collect();
        or(homes
            .into_iter()
            .map(|home| {
                let mut one = rest.clone();
                one.insert(home.clone());
                each(&one, columns, parameters)
            })
            .collect())
    }

    fn subject(
        &self,
        subject: &BoundSubject,
        classes: &BTreeSet<Residency>,
        columns: &mut dyn Columns,
        parameters: &mut Parameters,
    ) -> Expression {
        if let [signal] = subject.evidence.as_slice() {
            return match signal {
                Signal::Constant(place) => {
                    boolean(classes.contains(&self.spellings.class_of(*place)))
                }
                Signal::Column(column) => {
                    let Some(value) = columns.reached(&subject.hops, *column) else {
                        return boolean(classes.contains(&Residency::Unknown));
                    };
                    self.one_of(value, classes, parameters)
                }
            };
        }
        self.several(subject, classes, columns, parameters)
    }

    /// Whether a country's name is of one of the classes; a name in no list is unknown.
    fn one_of(
        &self,
        value: Expression,
        classes: &BTreeSet<Residency>,
        parameters: &mut Parameters,
    ) -> Expression {
        if classes.contains(&Residency::Unknown) {
            let others = self
                .spellings
                .classes()
                .filter(|class| !classes.contains(*class));
            let list = self.spellings.of(others);
            if list.is_empty() {
                return boolean(true);
            }
            return is(self.listed(value, list, parameters), TruthTest::NotTrue);
        }
        let list = self.spellings.of(classes.iter());
        if list.is_empty() {
            return boolean(false);
        }
        is(self.listed(value, list, parameters), TruthTest::True)
    }

    #[expect(clippy::unused_self, reason = "reads beside its siblings")]
    fn listed(
        &self,
        value: Expression,
        list: Arc<[String]>,
        parameters: &mut Parameters,
    ) -> Expression {
        let array = parameters.typed(Parameter::Texts(list), "_text");
        any_of(folded(value), array)
    }

    /// Several signals of one subject: any home signal makes it home; NULL, what names no country,
    /// and two different countries are unknown.
    fn several(
        &self,
        subject: &BoundSubject,
        classes: &BTreeSet<Residency>,
        columns: &mut dyn Columns,
        parameters: &mut Parameters,
    ) -> Expression {
        let homes: BTreeSet<Residency> = self
            .spellings
            .classes()
            .filter(|class| matches!(class, Residency::Home(_)))
            .cloned()
            .collect();
        let refused: BTreeSet<Residency> = homes.difference(classes).cloned().collect();
        let other = BTreeSet::from([Residency::Other]);
        let mut home_parts = Vec::new();
        let mut refused_parts = Vec::new();
        let mut other_parts = Vec::new();
        let mut first: Option<Expression> = None;
        for signal in &subject.evidence {
            match signal {
                Signal::Constant(place) => {
                    let class = self.spellings.class_of(*place);
                    home_parts.push(boolean(homes.contains(&class)));
                    refused_parts.push(boolean(refused.contains(&class)));
                    // A constant beside a column is a conflict unless both are home.
                    other_parts.push(boolean(false));
                }
                Signal::Column(column) => {
                    let Some(value) = columns.reached(&subject.hops, *column) else {
                        return boolean(false);
                    };
                    home_parts.push(self.one_of(value.clone(), &homes, parameters));
                    refused_parts.push(self.one_of(value.clone(), &refused, parameters));
                    other_parts.push(self.one_of(value.clone(), &other, parameters));
                    match &first {
                        None => first = Some(value),
                        Some(first) => other_parts.push(is(
                            operator("=", folded(first.clone()), folded(value)),
                            TruthTest::True,
                        )),
                    }
                }
            }
        }
        let home_allowed = Expression::Boolean(Boolean::Not, vec![or(refused_parts)]);
        Expression::Case {
            subject: None,
            arms: vec![
                crate::tree::CaseArm {
                    condition: or(home_parts),
                    result: home_allowed,
                },
                crate::tree::CaseArm {
                    condition: and(other_parts),
                    result: boolean(classes.contains(&Residency::Other)),
                },
            ],
            otherwise: Some(Box::new(boolean(classes.contains(&Residency::Unknown)))),
        }
    }
}

/// Whether the union of any two homes among the classes is among them too.
fn is_closed(classes: &BTreeSet<Residency>) -> bool {
    let homes: Vec<&BTreeSet<model::RegimeId>> = classes
        .iter()
        .filter_map(|class| match class {
            Residency::Home(homes) => Some(homes),
            Residency::Other | Residency::Unknown | Residency::NoSubject => None,
        })
        .collect();
    homes.iter().all(|a| {
        homes
            .iter()
            .all(|b| classes.contains(&Residency::Home(a.union(b).cloned().collect())))
    })
}

/// A country's name as it is compared: lower case, byte by byte.
fn folded(value: Expression) -> Expression {
    Expression::Collate(
        Box::new(call("lower", vec![cast(value, Kind::Text)])),
        ObjectName::builtin("C"),
    )
}

/// A catalogue's condition as SQL over the row's columns; `None` if a column is not there.
fn predicate_sql(predicate: &Predicate, columns: &mut dyn Columns) -> Option<Expression> {
    let mut list = |parts: &[Predicate]| -> Option<Vec<Expression>> {
        parts
            .iter()
            .map(|part| predicate_sql(part, columns))
            .collect()
    };
    Some(match predicate {
        Predicate::And(parts) => and(list(parts)?),
        Predicate::Or(parts) => or(list(parts)?),
        Predicate::Not(part) => {
            Expression::Boolean(Boolean::Not, vec![predicate_sql(part, columns)?])
        }
        Predicate::Compare(field, comparison, value) => operator(
            comparison_name(*comparison),
            columns.named(field.as_str())?,
            literal(value),
        ),
        Predicate::In(field, values) => {
            let column = columns.named(field.as_str())?;
            or(values
                .iter()
                .map(|value| operator("=", column.clone(), literal(value)))
                .collect())
        }
        Predicate::IsNull(field) => {
            Expression::IsNull(Box::new(columns.named(field.as_str())?), true)
        }
        Predicate::IsNotNull(field) => {
            Expression::IsNull(Box::new(columns.named(field.as_str())?), false)
        }
        Predicate::Holds(field) => columns.named(field.as_str())?,
    })
}

const fn comparison_name(comparison: Comparison) -> &'static str {
    comparison.as_str()
}

fn literal(value: &Literal) -> Expression {
    match value {
        Literal::Text(value) => text(value),
        Literal::Boolean(value) => boolean(*value),
        Literal::Number(digits) => match digits.strip_prefix('-') {
            // The grammar has no negative constants.
            Some(_) => Expression::Cast(Box::new(text(digits)), TypeName::builtin("numeric")),
            None => match digits.parse::<i32>() {
                Ok(value) => Expression::Constant(Constant::Integer(value)),
                Err(_) => Expression::Constant(Constant::Number(digits.clone())),
            },
        },
    }
}
