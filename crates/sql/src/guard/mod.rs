//! A resolved statement and views in, a guarded statement out.

mod condition;
mod group;
mod guarded;
mod mask;
mod parameter;
mod plan;
mod pseudonym;
mod push;
mod raw;
mod relation;
mod rewrite;
mod total;
mod write;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{DatasetId, FieldName, GrantId, Refusal, View};

use crate::catalogue::{FIRST, Seen, TOLD, Told};
use crate::error::Refused;
use crate::resolve::{Context, Resolution, Role};
use crate::tree::walk::{self, Visit};
use crate::tree::{Expression, Statement};

pub use guarded::{Action, Change, Guarded};
pub use parameter::{KeyKind, Parameter, ParameterTypes};
pub use pseudonym::PseudonymKey;
pub use rewrite::{Form, Shape};

use parameter::Parameters;
use plan::Plan;

/// What a person may see, by dataset, and to which dataset's keys each grant's subject set belongs.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// The views of one decision.
    pub datasets: BTreeMap<DatasetId, Arc<View>>,
    /// The dataset whose keys a grant's subject set holds.
    pub subject_sets: BTreeMap<GrantId, DatasetId>,
    /// The datasets that the person may write.
    pub writable: BTreeSet<DatasetId>,
}

/// The plans of a statement's references, by their number.
#[derive(Clone, Debug)]
pub(crate) struct Plans<'a>(Rc<Vec<Plan<'a>>>);

impl<'a> Plans<'a> {
    fn of(&self, source: usize) -> Option<&Plan<'a>> {
        self.0.get(source)
    }
}

/// One statement being guarded.
struct Guard<'a> {
    context: &'a Context<'a>,
    resolution: &'a Resolution,
    types: &'a ParameterTypes,
    plans: Plans<'a>,
    parameters: Parameters,
    subject_set_of: &'a dyn Fn(&GrantId) -> Option<DatasetId>,
    /// Pseudonymised fields whose raw value is compared.
    raw_used: BTreeSet<(usize, FieldName)>,
    /// Above zero where outer rows may be grouped.
    outer_fixed: usize,
    all_total: bool,
    /// Whether any relation may take conditions of the statement in.
    moves: bool,
    /// The fields of each reference that must stand in its guarded relation; none means all.
    needed: Vec<Option<BTreeSet<FieldName>>>,
    shapes: Vec<Shape>,
}

impl Guard<'_> {
    fn judge(&self) -> total::Judge<'_> {
        total::Judge {
            context: self.context,
            resolution: self.resolution,
            plans: &self.plans,
            types: self.types,
        }
    }
}

/// Guards a resolved statement.
///
/// # Errors
/// A view that does not allow what the statement asks, or data that is not as the catalogue says.
pub fn guard(
    mut statement: Statement,
    resolution: &Resolution,
    context: &Context<'_>,
    views: &Views,
    types: &ParameterTypes,
) -> Result<Guarded, Refused> {
    if context.schema.snapshot().server_encoding != "UTF8" {
        return Err(Refused::new(
            Refusal::GuardNotPossible,
            "the database's encoding is not UTF8",
        ));
    }
    for declared in types.0.iter().flatten() {
        let allowed = match pgschema::builtin::type_by_oid(*declared) {
            Some(known) => known.allowed,
            None => context.schema.type_by_oid(*declared).is_some_and(|found| {
                found.kind == pgschema::TypeKind::Enum || context.schema.reviewed_type(found)
            }),
        };
        if !allowed {
            return Err(Refused::new(
                Refusal::TypeNotAllowed,
                "the type of a parameter",
            ));
        }
    }
    let mut parameters = Parameters::default();
    tell(&mut statement, resolution, &mut parameters);
    if let Some(seen) = &resolution.catalogue {
        return catalogue(statement, seen, parameters);
    }
    let plans = Plans(Rc::new(plans(resolution, context, views)?));
    writes::check(&statement, resolution, context, views, &plans)?;
    let subject_set_of = |grant: &GrantId| views.subject_sets.get(grant).cloned();
    let mut guard = Guard {
        context,
        resolution,
        types,
        plans,
        parameters,
        subject_set_of: &subject_set_of,
        raw_used: BTreeSet::new(),
        outer_fixed: 0,
        all_total: false,
        moves: true,
        needed: Vec::new(),
        shapes: Vec::new(),
    };
    guard.compare_raw(&mut statement);
    guard.needed = guard.needed_fields(&mut statement);
    let plans = &guard.plans.0;
    let conditional = plans.iter().any(has_conditional);
    let filters = conditional
        || plans
            .iter()
            .any(|plan| plan.rows != condition::Condition::True);
    guard.all_total = !filters || guard.judge().statement(&statement);
    guard.moves = conditional || !guard.all_total;
    guard
        .replace(&mut statement)
        .ok_or_else(|| Refused::new(Refusal::GuardNotPossible, "a mask does not fit its column"))?;
    let all_clear = guard.plans.0.iter().all(Plan::is_clear);
    let Guard {
        parameters, shapes, ..
    } = guard;
    let writes = resolution.uses.iter().any(|used| used.role == Role::Write);
    guarded::seal(statement, parameters, shapes, all_clear, writes)
}

/// What the session is told of itself travels beside the statement.
fn tell(statement: &mut Statement, resolution: &Resolution, parameters: &mut Parameters) {
    struct Tell<'a> {
        told: &'a [Told],
        parameters: &'a mut Parameters,
    }
    impl Visit for Tell<'_> {
        fn expression(&mut self, expression: &mut Expression) {
            if let Expression::Parameter(number) = expression
                && let Some(place) = number.checked_sub(TOLD)
                && let Some(told) = usize::try_from(place).ok().and_then(|p| self.told.get(p))
            {
                *number = self.parameters.number(Parameter::Told(told.clone()));
            }
        }
    }
    if resolution.told.is_empty() {
        return;
    }
    let told = &resolution.told;
    walk::statement(statement, &mut Tell { told, parameters });
}

/// A statement about the catalogue, whose relations were replaced when its names were read.
fn catalogue(
    mut statement: Statement,
    seen: &Seen,
    parameters: Parameters,
) -> Result<Guarded, Refused> {
    struct Lists<'a> {
        seen: &'a Seen,
        parameters: Parameters,
    }
    impl Visit for Lists<'_> {
        fn expression(&mut self, expression: &mut Expression) {
            if let Expression::Parameter(number) = expression
                && *number >= FIRST
                && let Some(list) = self.seen.parameter(*number)
            {
                *number = self.parameters.number(list);
            }
        }
    }
    let mut lists = Lists { seen, parameters };
    walk::statement(&mut statement, &mut lists);
    // What PostgreSQL expects of its catalogue tells how much is in it.
    guarded::seal(statement, lists.parameters, Vec::new(), false, false)
        .map(|guarded| guarded.on_path(seen.search_path()))
}

fn has_conditional(plan: &Plan<'_>) -> bool {
    plan.columns
        .iter()
        .any(|column| matches!(column.shown, plan::Shown::Conditional(_, _)))
}

fn plans<'a>(
    resolution: &Resolution,
    context: &Context<'a>,
    views: &Views,
) -> Result<Vec<Plan<'a>>, Refused> {
    resolution
        .uses
        .iter()
        .map(|used| {
            let missing = || crate::resolve::not_visible(&used.alias);
            let view = views.datasets.get(&used.dataset).ok_or_else(missing)?;
            let bound = context
                .binding
                .tables
                .get(&used.dataset)
                .ok_or_else(missing)?;
            let relation = context.schema.relation(used.relation).ok_or_else(missing)?;
            let hidden = used
                .fields
                .iter()
                .find(|field| !view.fields.contains_key(*field));
            if let Some(field) = hidden {
                return Err(Refused::new(Refusal::FieldNotVisible, format!("`{field}`")));
            }
            if !view.shows_rows() && used.role == Role::Read {
                return Err(missing());
            }
            Ok(plan::plan(view, bound, relation))
        })
        .collect()
}
