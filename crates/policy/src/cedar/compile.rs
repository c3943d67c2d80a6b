//! Policies from text to something that can be asked, or to everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Decision, Effect, Entities, Policy,
    PolicySet, Request, Schema, ValidationMode, Validator,
};
use model::{Action, Diagnostic, PolicyId, RegimeId};

use super::names;
use super::place::{complaint, line_and_column, parse_complaints};
use super::source::{Source, Tier};
use crate::hash::{Hash, Hasher};

/// The vocabulary of all policies.
pub const SCHEMA: &str = include_str!("../../../../policies/schema.cedarschema");

/// LIMIT: how far a policy may follow entities: an attribute of principal or resource, no further,
/// so that the slice of entities a decision records is all it can depend on.
const DEREFERENCES_MAX: u32 = 1;

/// One policy, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// Its tier.
    pub tier: Tier,
    /// What it means, from `@title`.
    pub title: String,
    /// The rule it follows, from `@source`.
    pub source: Option<String>,
    /// The file it stands in.
    pub file: String,
    /// Its text in Cedar's canonical form.
    pub text: String,
}

/// The policies of a deployment, compiled.
#[derive(Debug)]
pub struct Engine {
    authorizer: Authorizer,
    /// The policies that can apply to an action, so that the rest are not scanned.
    by_action: BTreeMap<Action, PolicySet>,
    pub(crate) schema: Schema,
    texts: BTreeMap<PolicyId, PolicyText>,
    policies: Hash,
    schema_hash: Hash,
}

/// What the policies say to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// The permits that allow, or the forbids that refuse; none where nothing permits.
    pub(crate) policies: BTreeSet<PolicyId>,
}

impl Engine {
    /// Compiles and validates the policies.
    ///
    /// # Errors
    /// Every policy without a unique `@id`, with a syntax or type error, in the wrong tier, or
    /// naming a person or dataset, each with its place.
    pub fn compile(
        sources: &[Source],
        regimes: &BTreeSet<RegimeId>,
    ) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut loaded = Loaded::default();
        for source in sources {
            loaded.read(source, regimes);
        }
        let schema = schema().map_err(|fault| vec![*fault])?;
        let warnings = loaded.validate(&schema, sources);
        if !loaded.faults.is_empty() {
            return Err(loaded.faults);
        }
        let mut by_action = BTreeMap::new();
        for &action in Action::ALL {
            by_action.insert(
                action,
                slice(&loaded.set, action).map_err(|fault| vec![*fault])?,
            );
        }
        let mut hasher = Hasher::new("cordon/policy-set/v1");
        for (id, policy) in &loaded.texts {
            hasher
                .text(id.as_str())
                .text(&format!("{:?}", policy.tier))
                .text(&policy.text);
        }
        let mut schema_hasher = Hasher::new("cordon/schema/v1");
        schema_hasher.text(SCHEMA);
        let engine = Self {
            authorizer: Authorizer::new(),
            by_action,
            schema,
            texts: loaded.texts,
            policies: hasher.finish(),
            schema_hash: schema_hasher.finish(),
        };
        Ok((engine, warnings))
    }

    /// All policies by id.
    pub const fn policies(&self) -> &BTreeMap<PolicyId, PolicyText> {
        &self.texts
    }

    /// The hash of all policies with their tiers.
    pub const fn policies_hash(&self) -> Hash {
        self.policies
    }

    /// The hash of the schema.
    pub const fn schema_hash(&self) -> Hash {
        self.schema_hash
    }

    /// Whether any of these policies belongs to a floor.
    pub(crate) fn is_floor(&self, policies: &BTreeSet<PolicyId>) -> bool {
        policies.iter().any(|id| {
            self.texts
                .get(id)
                .is_some_and(|text| matches!(text.tier, Tier::Floor(_)))
        })
    }

    /// Asks the policies one question.
    ///
    /// # Errors
    /// The policies that failed to evaluate. Cedar skips a policy that errs, which would leave an
    /// erring `forbid` open, so one error refuses the request.
    pub(crate) fn ask(
        &self,
        action: Action,
        request: &Request,
        entities: &Entities,
    ) -> Result<Answer, BTreeSet<PolicyId>> {
        let Some(set) = self.by_action.get(&action) else {
            return Err(BTreeSet::new());
        };
        let response = self.authorizer.is_authorized(request, set, entities);
        let failed: BTreeSet<_> = response
            .diagnostics()
            .errors()
            .map(|AuthorizationError::PolicyEvaluationError(error)| id_of(error.policy_id()))
            .collect();
        if !failed.is_empty() {
            return Err(failed);
        }
        Ok(Answer {
            allowed: response.decision() == Decision::Allow,
            policies: response.diagnostics().reason().map(id_of).collect(),
        })
    }
}

/// Cedar's id as ours. Ids were checked when the policies were compiled.
fn id_of(id: &cedar_policy::PolicyId) -> PolicyId {
    let text: &str = id.as_ref();
    PolicyId::new(text).unwrap_or_else(|_| unreadable_id())
}

#[expect(
    clippy::expect_used,
    reason = "INVARIANT: the constant is a plain name"
)]
fn unreadable_id() -> PolicyId {
    PolicyId::new("unreadable").expect("a plain name")
}

fn schema() -> Result<Schema, Box<Diagnostic>> {
    match Schema::from_cedarschema_str(SCHEMA) {
        Ok((schema, _warnings)) => Ok(schema),
        Err(error) => Err(Box::new(Diagnostic::error(
            "policies/schema.cedarschema",
            error.to_string(),
            "this file is part of Cordon: report it",
        ))),
    }
}

/// The policies whose scope names the action or names none.
fn slice(set: &PolicySet, action: Action) -> Result<PolicySet, Box<Diagnostic>> {
    let uid = names::action(action);
    let applies = |policy: &&Policy| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(only) => only == uid,
        ActionConstraint::In(several) => several.contains(&uid),
    };
    PolicySet::from_policies(set.policies().filter(applies).cloned()).map_err(|error| {
        Box::new(Diagnostic::error(
            "policy",
            error.to_string(),
            "give each policy its own `@id`",
        ))
    })
}

#[derive(Default)]
struct Loaded {
    set: PolicySet,
    texts: BTreeMap<PolicyId, PolicyText>,
    faults: Vec<Diagnostic>,
}

impl Loaded {
    fn read(&mut self, source: &Source, regimes: &BTreeSet<RegimeId>) {
        let parsed = match PolicySet::from_str(&source.text) {
            Ok(parsed) => parsed,
            Err(errors) => {
                self.faults
                    .extend(parse_complaints(&source.file, &source.text, &errors));
                return;
            }
        };
        if parsed.num_of_templates() > 0 {
            self.faults.push(Diagnostic::error(
                &source.file,
                "templates (`?principal`, `?resource`) cannot be analysed",
                "write plain policies; put what differs into attributes, teams or grants",
            ));
        }
        for policy in parsed.policies() {
            if let Err(fault) = self.keep(source, policy, regimes) {
                self.faults.push(*fault);
            }
        }
    }

    fn keep(
        &mut self,
        source: &Source,
        policy: &Policy,
        regimes: &BTreeSet<RegimeId>,
    ) -> Result<(), Box<Diagnostic>> {
        let text = policy.to_cedar().unwrap_or_else(|| policy.to_string());
        let written = policy.annotation("id").filter(|id| !id.is_empty());
        let Some(id) = written else {
            let (line, column) = place_of_missing_id(&source.text);
            return Err(Box::new(
                Diagnostic::error(
                    &source.file,
                    "a policy has no `@id`",
                    "put `@id(\"a-name\")` above it; records name policies by it",
                )
                .at(line, column),
            ));
        };
        let fault = |cause: String, remedy: &str| {
            let at = source.text.find(&format!("@id(\"{id}\")")).unwrap_or(0);
            let (line, column) = line_and_column(&source.text, at);
            let path = format!("policy {id}");
            Box::new(
                Diagnostic::error(&source.file, cause, remedy)
                    .at(line, column)
                    .under(path),
            )
        };
        let id = PolicyId::new(id)
            .map_err(|error| fault(error.to_string(), "use letters, digits, `.`, `-` and `_`"))?;
        if policy.effect() == Effect::Permit && !source.tier.may_permit() {
            let cause = "a floor or house rule may only forbid".to_owned();
            return Err(fault(
                cause,
                "write it as `forbid`, or move it to the deployment's policies",
            ));
        }
        if let Some(earlier) = self.texts.get(&id) {
            let cause = format!("the id `{id}` is already used in {}", earlier.file);
            return Err(fault(cause, "give each policy its own id"));
        }
        check_literals(policy, regimes).map_err(|(cause, remedy)| fault(cause, remedy))?;
        let renamed = policy.new_id(cedar_policy::PolicyId::new(id.as_str()));
        if let Err(error) = self.set.add(renamed) {
            return Err(fault(error.to_string(), "give each policy its own id"));
        }
        self.texts.insert(
            id,
            PolicyText {
                tier: source.tier.clone(),
                title: policy.annotation("title").unwrap_or_default().to_owned(),
                source: policy.annotation("source").map(str::to_owned),
                file: source.file.clone(),
                text,
            },
        );
        Ok(())
    }

    /// Type-checks everything; returns what is only suspicious.
    fn validate(&mut self, schema: &Schema, sources: &[Source]) -> Vec<Diagnostic> {
        let validator = Validator::new(schema.clone());
        let result =
            validator.validate_with_level(&self.set, ValidationMode::Strict, DEREFERENCES_MAX);
        let locate =
            |id: &cedar_policy::PolicyId, error: &dyn miette::Diagnostic, cause: String| {
                let id = id_of(id);
                let file = self
                    .texts
                    .get(&id)
                    .map(|text| text.file.clone())
                    .unwrap_or_default();
                let text = sources
                    .iter()
                    .find(|s| s.file == file)
                    .map_or("", |s| s.text.as_str());
                complaint(
                    &file,
                    text,
                    error,
                    cause,
                    "see policies/schema.cedarschema for the vocabulary",
                )
                .under(format!("policy {id}"))
            };
        let mut faults: Vec<_> = result
            .validation_errors()
            .map(|error| locate(error.policy_id(), error, error.to_string()))
            .collect();
        // Cedar repeats an error for each action it is checked against, in no fixed order.
        let place = |f: &Diagnostic| (f.file.clone(), f.line, f.column, f.path.clone());
        faults.sort_by_key(|fault| (place(fault), fault.remedy.clone(), fault.cause.clone()));
        faults.dedup_by_key(|fault| (place(fault), fault.remedy.clone()));
        let warnings = result
            .validation_warnings()
            .map(|warning| locate(warning.policy_id(), warning, warning.to_string()).as_warning())
            .collect();
        self.faults.extend(faults);
        warnings
    }
}

/// Users and datasets stay out of policies: they are attributes, teams and grants. A regime that
/// is not loaded would silently never match.
fn check_literals(
    policy: &Policy,
    regimes: &BTreeSet<RegimeId>,
) -> Result<(), (String, &'static str)> {
    for literal in policy.entity_literals() {
        let kind = literal.type_name().to_string();
        let id: &str = literal.id().as_ref();
        match kind.as_str() {
            "Cordon::Person" => {
                return Err((
                    format!("it names the person `{id}`"),
                    "use a team, an attribute or a grant; policies do not name people",
                ));
            }
            "Cordon::Dataset" => {
                return Err((
                    format!("it names the dataset `{id}`"),
                    "label the fields and use level, category or grant; policies do not name datasets",
                ));
            }
            "Cordon::Regime" if !regimes.iter().any(|regime| regime.as_str() == id) => {
                return Err((
                    format!("it names the regime `{id}`, which is not loaded"),
                    "load the regime in cordon.toml or correct the name",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The first `permit` or `forbid` that no `@id` precedes.
fn place_of_missing_id(text: &str) -> (u64, u64) {
    let mut has_id = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        has_id |= line.starts_with("@id(");
        if line.starts_with("permit") || line.starts_with("forbid") {
            if !has_id {
                return (index as u64 + 1, 1);
            }
            has_id = false;
        }
    }
    (0, 0)
}
