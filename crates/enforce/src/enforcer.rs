//! The way of a statement.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Action, DatasetId, FieldName, Session, Timestamp};
use pgschema::Schema;
use policy::{
    Ask, Asked, DatasetAsk, Decider, FieldsAsked, Hash, Outcome, Permit, Rights, Settled,
};
use sql::{
    Binding, Context, Guarded, Limits, ParameterTypes, Resolution, Role, SessionNames, Views,
};

use crate::refused::Refused;
use crate::sight::Sight;
use crate::standing::{Answers, Standing};

/// Everything that statements for one upstream are judged by.
pub struct Enforcer {
    decider: Arc<Decider>,
    schema: Arc<Schema>,
    binding: Binding,
}

/// Who asks, by which rights and when: all that a decision depends on beside what is asked.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Who asks.
    pub session: &'a Session,
    /// The rights in force.
    pub rights: &'a Rights,
    /// The moment.
    pub now: Timestamp,
}

/// Who asks, and how the session stands.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who asks, and when.
    pub moment: Moment<'a>,
    /// The session's own search path.
    pub path: Vec<String>,
    /// What the session calls itself.
    pub names: SessionNames,
    /// The types the client declared for parameters.
    pub types: ParameterTypes,
}

/// A statement that may be sent.
#[derive(Debug)]
pub struct Checked {
    /// What is sent.
    pub guarded: Guarded,
    /// What the statement's names were found to mean.
    pub resolution: Resolution,
    /// The leave to send it; none for a statement that touches no governed data.
    pub permit: Option<Permit>,
    /// What it was guarded by.
    pub basis: Basis,
    /// By which answers that was last found to be the same.
    standing: Standing,
}

/// What a guarded statement rests on: as long as all of it is the same, so is the statement.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The schema that its names were read by.
    schema: Arc<Schema>,
    /// What the statement asks for; none for one that touches no governed data.
    ask: Option<Ask>,
    /// The view of what it asks for.
    views: BTreeMap<DatasetId, Hash>,
    /// The view of everything in each dataset that it names.
    seen: BTreeMap<DatasetId, Hash>,
    /// Whose name stands in it where it asks for the user.
    user: String,
    /// The search path along which its names were looked up.
    path: Vec<String>,
    /// What it may write.
    writable: BTreeSet<DatasetId>,
}

impl Basis {
    /// The search path along which its names were looked up; another one may give them another meaning.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The datasets it reads or writes.
    pub fn datasets(&self) -> impl Iterator<Item = &DatasetId> {
        self.ask
            .iter()
            .flat_map(|ask| ask.datasets.iter().map(|asked| &asked.dataset))
    }
}

/// A decision made again for a statement that was guarded before.
#[derive(Debug)]
pub enum Renewed {
    /// The statement is what it would be now, and here is the leave to send it once more; none for
    /// one that touches no governed data.
    Same(Option<Permit>),
    /// Something else may be seen now: the statement must be guarded again.
    Changed,
}

impl Enforcer {
    /// Binds a decider's catalogue to the schema of one upstream.
    pub fn new(decider: Arc<Decider>, upstream: &str, schema: Arc<Schema>) -> Self {
        let binding = Binding::new(decider.datasets(), upstream, &decider.homes(), &schema);
        Self {
            decider,
            schema,
            binding,
        }
    }

    /// The catalogue bound to the schema.
    pub const fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The decider.
    pub const fn decider(&self) -> &Arc<Decider> {
        &self.decider
    }

    /// The schema.
    pub const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Checks the statements of one text, all or nothing.
    ///
    /// # Errors
    /// The first refusal.
    pub fn check(&self, text: &str, request: &Request<'_>) -> Result<Vec<Checked>, Refused> {
        sql::read(text, &Limits::default())?
            .into_iter()
            .map(|statement| self.check_one(statement, request))
            .collect()
    }

    fn check_one(
        &self,
        mut statement: sql::tree::Statement,
        request: &Request<'_>,
    ) -> Result<Checked, Refused> {
        let context = Context {
            schema: &self.schema,
            binding: &self.binding,
            path: request.path.clone(),
            names: request.names.clone(),
        };
        let mut sight = Sight {
            decider: &self.decider,
            request,
            refused: None,
            seen: BTreeMap::new(),
        };
        let resolution = sql::resolve(&mut statement, &context, &mut sight).map_err(|refused| {
            match sight.refused.take() {
                // The decider's own words have the hint. They name the dataset, which who may not see it
                // must not learn; and they may be about another one that the statement only met.
                Some(decided) if decided.code == refused.code && refused.about.is_empty() => {
                    decided.into()
                }
                _ => Refused::from(refused),
            }
        })?;
        let seen = sight.seen;
        let (ask, permit, views) = self.decide(&resolution, request)?;
        let guarded = sql::guard(statement, &resolution, &context, &views, &request.types)?;
        let basis = Basis {
            views: ask
                .iter()
                .zip(&permit)
                .flat_map(|(ask, permit)| hashes(ask, permit))
                .collect(),
            ask,
            seen,
            writable: views.writable,
            user: request.names.user.clone(),
            path: request.path.clone(),
            schema: Arc::clone(&self.schema),
        };
        Ok(Checked {
            guarded,
            resolution,
            permit,
            basis,
            standing: Standing::default(),
        })
    }

    /// Decides again for a statement that this enforcer has guarded: a permit is used up by sending.
    /// `user` is what the session calls itself now. Whether the session's path is still
    /// [`Basis::path`] the caller knows: for what is open already it does not count.
    ///
    /// # Errors
    /// When what was allowed is refused now.
    pub fn renew(
        &self,
        checked: &Checked,
        moment: &Moment<'_>,
        user: &str,
    ) -> Result<Renewed, Refused> {
        // Its names may mean something else by now.
        let is_theirs = checked.basis.user == user;
        if !is_theirs || !Arc::ptr_eq(&checked.basis.schema, &self.schema) {
            return Ok(Renewed::Changed);
        }
        self.judge(checked, moment)
    }

    /// As [`Enforcer::renew`] for a statement that runs already: what its names mean was settled when it
    /// began, so only what may be seen counts.
    ///
    /// # Errors
    /// When what was allowed is refused now.
    pub fn judge(&self, checked: &Checked, moment: &Moment<'_>) -> Result<Renewed, Refused> {
        if let Some(permit) = checked.standing.renew(&self.decider, moment) {
            return Ok(Renewed::Same(permit));
        }
        let basis = &checked.basis;
        let mut beside = Vec::new();
        for (dataset, hash) in &basis.seen {
            let (permit, settled) = self.permit(&Ask::view(dataset.clone()), moment)?;
            if permit.view(dataset).map(|interned| interned.hash) != Some(*hash) {
                return Ok(Renewed::Changed);
            }
            beside.push(settled);
        }
        let Some(ask) = &basis.ask else {
            checked.standing.keep(Answers { ask: None, beside });
            return Ok(Renewed::Same(None));
        };
        let (permit, settled) = self.permit(ask, moment)?;
        let views: BTreeMap<DatasetId, Hash> = hashes(ask, &permit).collect();
        let writable = self.writable(&checked.resolution, moment, &mut beside)?;
        if views != basis.views || writable != basis.writable {
            return Ok(Renewed::Changed);
        }
        let ask = Some(settled);
        checked.standing.keep(Answers { ask, beside });
        Ok(Renewed::Same(Some(permit)))
    }

    fn permit(&self, ask: &Ask, moment: &Moment<'_>) -> Result<(Permit, Settled), Refused> {
        let Moment {
            session,
            rights,
            now,
        } = *moment;
        match self.decider.decide_to_ask_again(session, ask, rights, now) {
            (Outcome::Permitted(permit), settled) => Ok((permit, settled)),
            (Outcome::Refused(refused), _) => Err(refused.into()),
        }
    }

    /// Decides once over everything that the statement reads, because it counts as joined.
    fn decide(
        &self,
        resolution: &Resolution,
        request: &Request<'_>,
    ) -> Result<(Option<Ask>, Option<Permit>, Views), Refused> {
        let mut asked: BTreeMap<DatasetId, (bool, BTreeSet<FieldName>)> = BTreeMap::new();
        for used in &resolution.uses {
            let entry = asked.entry(used.dataset.clone()).or_default();
            entry.0 |= used.all;
            entry.1.extend(used.fields.iter().cloned());
        }
        if asked.is_empty() {
            return Ok((None, None, Views::default()));
        }
        let datasets = asked
            .into_iter()
            .map(|(dataset, (all, fields))| DatasetAsk {
                dataset,
                fields: if all {
                    FieldsAsked::All
                } else {
                    FieldsAsked::Named(fields)
                },
            })
            .collect();
        let ask = Ask {
            datasets,
            asked: Asked::View,
        };
        let (permit, _) = self.permit(&ask, &request.moment)?;
        let mut views = Views {
            subject_sets: request
                .moment
                .rights
                .subject_sets()
                .map(|(grant, dataset)| (grant.clone(), dataset.clone()))
                .collect(),
            ..Views::default()
        };
        for dataset in &ask.datasets {
            if let Some(interned) = permit.view(&dataset.dataset) {
                views
                    .datasets
                    .insert(dataset.dataset.clone(), Arc::clone(&interned.view));
            }
        }
        views.writable = self.writable(resolution, &request.moment, &mut Vec::new())?;
        Ok((Some(ask), Some(permit), views))
    }

    /// The datasets that the statement writes and the person may write, in all rows. The answers that
    /// say so are added to `answers`.
    fn writable(
        &self,
        resolution: &Resolution,
        moment: &Moment<'_>,
        answers: &mut Vec<Settled>,
    ) -> Result<BTreeSet<DatasetId>, Refused> {
        let targets: BTreeSet<&DatasetId> = resolution
            .uses
            .iter()
            .filter(|used| used.role == Role::Write)
            .map(|used| &used.dataset)
            .collect();
        let mut writable = BTreeSet::new();
        for dataset in targets {
            let ask = Ask {
                asked: Asked::Act(Action::Write),
                ..Ask::view(dataset.clone())
            };
            let (permit, settled) = self.permit(&ask, moment)?;
            answers.push(settled);
            let everywhere =
                permit.decision().actions.get(dataset).is_some_and(|rows| {
                    !rows.is_empty() && rows.values().all(|answer| answer.allowed)
                });
            if everywhere {
                writable.insert(dataset.clone());
            }
        }
        Ok(writable)
    }
}

/// The hashes of the views of what is asked for.
fn hashes<'a>(ask: &'a Ask, permit: &'a Permit) -> impl Iterator<Item = (DatasetId, Hash)> + 'a {
    ask.datasets.iter().filter_map(|asked| {
        let hash = permit.view(&asked.dataset)?.hash;
        Some((asked.dataset.clone(), hash))
    })
}
