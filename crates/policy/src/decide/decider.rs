//! The one place where decisions are made.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Connection, Dataset, DatasetId, Diagnostic, DomainId, Field, FieldName, Level, PersonId,
    PolicyId, Purpose, PurposeId, Refusal, Register, Residency, RowClass, Rows, Session, Timestamp,
    View,
};

use super::ask::{Ask, Asked, FieldsAsked};
use super::class::Asker;
use super::decision::{
    ActionAnswer, Decision, DecisionId, InternedView, Observed, Outcome, Refused, StandingUnder,
    hash_view,
};
use super::domain::{mask_whole, masked_domains};
use super::grants::{Usable, usable_assessments, usable_grants};
use super::hint::Hint;
use super::observe::lift;
use super::permit::Permit;
use super::person::{Resolved, Standings, resolve};
use super::residency::{residencies, row_classes};
use super::rights::Rights;
use super::shape::{Draft, Drafter, rows_resource};
use super::world::{World, WorldError};
use crate::cedar::{Engine, Principal, Situation};
use crate::covered::Coverage;
use crate::error::Failure;
use crate::hash::{Hash, Hasher};

/// LIMIT: decisions kept. Past it the cache starts over; it is a cache, nothing is lost.
const DECISIONS_KEPT_MAX: usize = 16_384;

/// Decides. One per active bundle; threads share it.
#[derive(Debug)]
pub struct Decider {
    world: World,
    engine: Engine,
    warnings: Vec<Diagnostic>,
    residencies: Vec<Residency>,
    bundle: Hash,
    standings: Mutex<Option<Arc<Standings>>>,
    decided: Mutex<HashMap<Question, Arc<Answered>>>,
    views: Mutex<HashMap<Hash, Arc<View>>>,
}

/// Everything an answer depends on besides the bundle and the moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    asker: model::Asker,
    strength: model::Strength,
    connection: Connection,
    purpose: Option<PurposeId>,
    teams_at_most: Option<BTreeSet<model::TeamId>>,
    ask: Ask,
    rights: Hash,
}

/// An answer that may be used again until `until`, from `from` on.
#[derive(Debug)]
struct Answered {
    result: Result<Arc<Decision>, Refused>,
    from: Timestamp,
    until: Timestamp,
}

impl Decider {
    /// Compiles the bundle's policies and holds its regimes against each other.
    ///
    /// # Errors
    /// [`WorldError`] with everything that is wrong.
    pub fn new(world: World) -> Result<Self, WorldError> {
        let problems = world.regime_problems();
        if !problems.is_empty() {
            return Err(WorldError(problems));
        }
        let sources = world.sources();
        let (engine, warnings) =
            Engine::compile(&sources, &world.regime_ids()).map_err(WorldError)?;
        let residencies = residencies(&world.regimes);
        let bundle = bundle_hash(&world, &engine);
        Ok(Self {
            world,
            engine,
            warnings,
            residencies,
            bundle,
            standings: Mutex::new(None),
            decided: Mutex::new(HashMap::new()),
            views: Mutex::new(HashMap::new()),
        })
    }

    /// The bundle it decides by.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The compiled policies.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What the policy compiler found suspicious.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The hash of the whole bundle: regimes, ladder, policies, catalogue, people.
    pub const fn bundle_hash(&self) -> Hash {
        self.bundle
    }

    /// The residencies that rows about somebody can have.
    pub fn residencies(&self) -> &[Residency] {
        &self.residencies
    }

    /// Decides.
    ///
    /// Deterministic: the same session facts, ask, rights and moment give the same answer. Cost:
    /// one look-up while an earlier answer is valid; else a few dozen policy evaluations.
    pub fn decide(&self, session: &Session, ask: &Ask, rights: &Rights, now: Timestamp) -> Outcome {
        let question = Question {
            asker: session.asker.clone(),
            strength: session.strength,
            connection: session.connection,
            purpose: session.purpose.clone(),
            teams_at_most: session.teams_at_most.clone(),
            ask: ask.clone(),
            rights: rights.hash(),
        };
        let known = lock(&self.decided).get(&question).cloned();
        let answered = match known.filter(|known| known.from <= now && now < known.until) {
            Some(known) => known,
            None => {
                let answered = Arc::new(self.answer(session, ask, rights, now));
                let mut decided = lock(&self.decided);
                if decided.len() >= DECISIONS_KEPT_MAX {
                    decided.clear();
                }
                decided.insert(question, Arc::clone(&answered));
                answered
            }
        };
        match &answered.result {
            Ok(decision) => {
                Outcome::Permitted(Permit::new(Arc::clone(decision), session.id.clone()))
            }
            Err(refused) => Outcome::Refused(refused.clone()),
        }
    }

    /// Everybody's standing now: worked out once, used until a date changes something.
    pub(super) fn standings(&self, now: Timestamp) -> Arc<Standings> {
        let mut kept = lock(&self.standings);
        match kept.as_ref().filter(|standings| standings.is_good(now)) {
            Some(standings) => Arc::clone(standings),
            None => {
                let fresh = Arc::new(Standings::at(
                    &self.world.regimes,
                    &self.world.register,
                    now,
                ));
                *kept = Some(Arc::clone(&fresh));
                fresh
            }
        }
    }

    fn answer(&self, session: &Session, ask: &Ask, rights: &Rights, now: Timestamp) -> Answered {
        let standings = self.standings(now);
        let until = self.valid_until(&standings, rights, now);
        let result = self.people(session).and_then(|(people, via_service)| {
            self.check_ask(session, ask)?;
            let case = Case {
                decider: self,
                session,
                ask,
                rights,
                now,
                standings: &standings,
            };
            case.decide(&people, via_service, until)
                .map_err(|failure| Refused {
                    code: Refusal::PolicyError,
                    dataset: None,
                    field: None,
                    hint: None,
                    decision: None,
                    failure: Some(failure),
                })?
        });
        Answered {
            result,
            from: now,
            until,
        }
    }

    /// The people whose rights count: the person, or a service's whole audience.
    fn people(&self, session: &Session) -> Result<(Vec<PersonId>, bool), Refused> {
        let register = &self.world.register;
        let (people, via_service) = match &session.asker {
            model::Asker::Person(person) => (vec![person.clone()], false),
            model::Asker::Service(service) => match register.services.get(service) {
                Some(service) => (service.audience.iter().cloned().collect(), true),
                None => return Err(refused(Refusal::AskerUnknown)),
            },
        };
        for id in &people {
            match register.people.get(id) {
                None => return Err(refused(Refusal::AskerUnknown)),
                Some(person) if person.disabled => {
                    return Err(refused(Refusal::PersonDisabled));
                }
                Some(_) => {}
            }
        }
        if people.is_empty() {
            return Err(refused(Refusal::AskerUnknown));
        }
        Ok((people, via_service))
    }

    fn check_ask(&self, session: &Session, ask: &Ask) -> Result<(), Refused> {
        if let Some(purpose) = &session.purpose
            && !self.world.purposes.contains_key(purpose)
        {
            return Err(refused(Refusal::PurposeUnknown));
        }
        if ask.datasets.is_empty() {
            return Err(refused(Refusal::AskEmpty));
        }
        let named = ask.datasets.iter().map(|dataset| match &dataset.fields {
            FieldsAsked::All => 0,
            FieldsAsked::Named(fields) => fields.len(),
        });
        if ask.datasets.len() > Ask::DATASETS_MAX || named.sum::<usize>() > Ask::FIELDS_MAX {
            return Err(refused(Refusal::AskTooWide));
        }
        Ok(())
    }

    fn valid_until(&self, standings: &Standings, rights: &Rights, now: Timestamp) -> Timestamp {
        // Observe windows of all datasets count, asked or not: pseudonym domains span them.
        let observed = self
            .world
            .datasets
            .values()
            .filter_map(|dataset| dataset.observe)
            .flat_map(|observe| [observe.from, observe.until]);
        observed
            .chain([standings.until(), rights.changes_after(now)])
            .filter(|moment| *moment > now)
            .min()
            .unwrap_or(Timestamp::MAX)
    }

    fn intern(&self, view: View) -> InternedView {
        let hash = hash_view(&view);
        let mut views = lock(&self.views);
        let shared = views.entry(hash).or_insert_with(|| Arc::new(view));
        InternedView {
            view: Arc::clone(shared),
            hash,
        }
    }
}

/// A panic elsewhere leaves a cache that is still whole: entries are inserted complete.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn refused(code: Refusal) -> Refused {
    Refused {
        code,
        dataset: None,
        field: None,
        hint: None,
        decision: None,
        failure: None,
    }
}

fn bundle_hash(world: &World, engine: &Engine) -> Hash {
    let mut hasher = Hasher::new("cordon/bundle/v1");
    hasher
        .text(&engine.policies_hash().to_string())
        .text(&engine.schema_hash().to_string());
    for regime in &world.regimes {
        hasher.text("regime").text(&format!("{regime:?}"));
    }
    hasher.text("ladder").text(&format!("{:?}", world.ladder));
    for dataset in world.datasets.values() {
        hasher.text("dataset").text(&format!("{dataset:?}"));
    }
    hasher
        .text("register")
        .text(&format!("{:?}", world.register));
    for purpose in world.purposes.values() {
        hasher.text("purpose").text(&format!("{purpose:?}"));
    }
    hasher.finish()
}

/// One question being answered.
struct Case<'a> {
    decider: &'a Decider,
    session: &'a Session,
    ask: &'a Ask,
    rights: &'a Rights,
    now: Timestamp,
    standings: &'a Standings,
}

/// A dataset that is asked for, with the fields that count as asked.
struct Part<'a> {
    dataset: &'a Dataset,
    fields: Vec<&'a Field>,
    classes: Vec<RowClass>,
}

/// What one person may see and do.
struct PersonAnswer {
    drafts: Vec<Draft>,
    actions: Vec<BTreeMap<RowClass, ActionAnswer>>,
    resolved: Resolved,
    inputs: Hash,
}

type Decided = Result<Arc<Decision>, Refused>;

impl<'a> Case<'a> {
    fn decide(
        &self,
        people: &[PersonId],
        via_service: bool,
        until: Timestamp,
    ) -> Result<Decided, Failure> {
        let parts = match self.parts() {
            Ok(parts) => parts,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut whole: Option<PersonAnswer> = None;
        let mut standings = Vec::new();
        let mut hasher = Hasher::new("cordon/inputs/v1");
        for id in people {
            let Some(answer) = self.person(id, &parts, via_service)? else {
                continue;
            };
            hasher.text(&answer.inputs.to_string());
            for (regime, standing) in &answer.resolved.standings {
                standings.push(StandingUnder {
                    person: id.clone(),
                    regime: regime.clone(),
                    standing: standing.clone(),
                });
            }
            match &mut whole {
                None => whole = Some(answer),
                Some(whole) => whole.intersect(&answer),
            }
        }
        let Some(mut whole) = whole else {
            return Ok(Err(refused(Refusal::AskerUnknown)));
        };
        let mut observed = Vec::new();
        self.settle(&parts, &mut whole, &mut observed, via_service, people)?;
        let decision =
            Arc::new(self.decision(&parts, &whole, standings, hasher.finish(), observed, until));
        Ok(match self.refusal(&parts, &whole, &decision) {
            Some(refused) => Err(refused),
            None => Ok(decision),
        })
    }

    /// The datasets and fields asked for. Unknown datasets refuse the whole; an unknown field is
    /// left to the end, where it looks like a hidden one.
    fn parts(&self) -> Result<Vec<Part<'a>>, Refused> {
        let world = &self.decider.world;
        self.ask
            .datasets
            .iter()
            .map(|asked| {
                let dataset = world.datasets.get(&asked.dataset).ok_or_else(|| Refused {
                    dataset: Some(asked.dataset.clone()),
                    ..refused(Refusal::NotVisible)
                })?;
                let fields = match &asked.fields {
                    FieldsAsked::All => dataset.fields.iter().collect(),
                    FieldsAsked::Named(names) => dataset
                        .fields
                        .iter()
                        .filter(|f| names.contains(&f.name))
                        .collect(),
                };
                let classes = row_classes(dataset, &self.decider.residencies);
                Ok(Part {
                    dataset,
                    fields,
                    classes,
                })
            })
            .collect()
    }

    fn coverages(&self) -> Vec<Coverage<'a>> {
        let world = &self.decider.world;
        self.standings
            .coverages(&world.regimes, &world.register, self.now)
            .collect()
    }

    fn person(
        &self,
        id: &PersonId,
        parts: &[Part<'a>],
        via_service: bool,
    ) -> Result<Option<PersonAnswer>, Failure> {
        let world = &self.decider.world;
        let Some(person) = world.register.people.get(id) else {
            return Ok(None);
        };
        let resolved = resolve(
            self.standings,
            &world.regimes,
            &world.register,
            person,
            self.session,
            self.now,
        );
        let situation = Situation {
            strength: self.session.strength,
            via_service,
            connection: match self.session.connection {
                Connection::Country(place) => Some(place),
                Connection::Unknown => None,
            },
            connection_suspect: resolved.connection_suspect,
            purpose: self.session.purpose.clone(),
            joined: BTreeSet::new(),
            grant: None,
            breakglass: None,
            assessment: None,
        };
        let grants = self.grants_of(id, via_service);
        let principal = Principal::new(&resolved.facts)?;
        let mut hasher = Hasher::new("cordon/person/v1");
        hasher
            .text(&format!("{:?}", resolved.facts))
            .text(&format!("{situation:?}"));
        for usable in grants.values() {
            hasher.text(&format!("{:?}", usable.facts));
        }
        let mut drafter = self.drafter(&principal, &situation, &grants);
        let mut drafts = Vec::new();
        for part in parts {
            let none = BTreeSet::new();
            let assessments = self.assessments(part.dataset);
            hasher.text(&format!("{assessments:?}"));
            drafts.push(drafter.draft(
                part.dataset,
                &part.fields,
                &part.classes,
                &assessments,
                &none,
            )?);
        }
        self.join(&mut drafter, parts, &mut drafts)?;
        let actions = self.actions(&drafter, parts, &grants)?;
        Ok(Some(PersonAnswer {
            drafts,
            actions,
            resolved,
            inputs: hasher.finish(),
        }))
    }

    /// A service carries no grants: a grant belongs to a person.
    fn grants_of(&self, id: &PersonId, via_service: bool) -> BTreeMap<model::GrantId, Usable> {
        if via_service {
            return BTreeMap::new();
        }
        let world = &self.decider.world;
        usable_grants(
            self.rights,
            id,
            self.session.purpose.as_ref(),
            &self.coverages(),
            &world.register,
            &world.datasets,
            self.now,
        )
    }

    fn assessments(&self, dataset: &Dataset) -> Vec<crate::cedar::AssessmentFacts> {
        let coverages = self.coverages();
        let register: &Register = &self.decider.world.register;
        usable_assessments(self.rights, dataset, &coverages, register, self.now).collect()
    }

    fn drafter<'b>(
        &'b self,
        principal: &'b Principal,
        situation: &'b Situation,
        grants: &'b BTreeMap<model::GrantId, Usable>,
    ) -> Drafter<'b> {
        Drafter {
            asker: Asker {
                engine: &self.decider.engine,
                principal,
                situation,
                grants,
            },
            regimes: &self.decider.world.regimes,
            allow_list: &self.decider.world.ladder.allow_list,
            answers: HashMap::new(),
        }
    }

    /// Asks again with the legal categories that the statement as a whole would show in clear. It
    /// can only take away: the categories enter a `forbid` alone.
    fn join(
        &self,
        drafter: &mut Drafter<'_>,
        parts: &[Part<'a>],
        drafts: &mut [Draft],
    ) -> Result<(), Failure> {
        let joined: BTreeSet<_> = parts
            .iter()
            .zip(drafts.iter())
            .flat_map(|(part, draft)| draft.clear_categories(part.dataset))
            .collect();
        if joined.len() < 2 {
            return Ok(());
        }
        for (part, draft) in parts.iter().zip(drafts) {
            let assessments = self.assessments(part.dataset);
            *draft = drafter.draft(
                part.dataset,
                &part.fields,
                &part.classes,
                &assessments,
                &joined,
            )?;
        }
        Ok(())
    }

    fn actions(
        &self,
        drafter: &Drafter<'_>,
        parts: &[Part<'a>],
        grants: &BTreeMap<model::GrantId, Usable>,
    ) -> Result<Vec<BTreeMap<RowClass, ActionAnswer>>, Failure> {
        let Asked::Act(action) = self.ask.asked else {
            return Ok(Vec::new());
        };
        let regimes = &self.decider.world.regimes;
        let mut all = Vec::new();
        for part in parts {
            let names: BTreeSet<FieldName> = part.fields.iter().map(|f| f.name.clone()).collect();
            let mut answers = BTreeMap::new();
            for class in &part.classes {
                let resource =
                    rows_resource(part.dataset, &part.fields, class, regimes, Level::max);
                let speaking = grants
                    .iter()
                    .filter(|(_, g)| g.covers_all(part.dataset, &names, &class.residency, action))
                    .map(|(id, _)| id.clone())
                    .collect();
                let none = BTreeSet::new();
                let determined =
                    drafter
                        .asker
                        .determine(action, &resource, &speaking, &[], &none)?;
                let requestable =
                    !determined.allowed && drafter.asker.is_requestable(action, &resource)?;
                let answer = ActionAnswer {
                    action,
                    allowed: determined.allowed,
                    for_subjects: determined.for_subjects,
                    policies: determined.policies,
                    requestable,
                };
                answers.insert(class.clone(), answer);
            }
            all.push(answers);
        }
        Ok(all)
    }

    /// Everything that comes after the policies, in this order: observe mode lifts, unseen rows
    /// hide their cells, pseudonym domains are made whole, partly hidden rows are left out.
    fn settle(
        &self,
        parts: &[Part<'a>],
        whole: &mut PersonAnswer,
        observed: &mut Vec<Observed>,
        via_service: bool,
        people: &[PersonId],
    ) -> Result<(), Failure> {
        for (part, draft) in parts.iter().zip(&mut whole.drafts) {
            observed.extend(lift(part.dataset, draft, self.now));
            draft.hide_unseen_rows();
        }
        let mut masked = BTreeSet::new();
        let uses_domains = parts.iter().any(|part| {
            part.fields
                .iter()
                .any(|f| f.mask.as_ref().and_then(model::Mask::domain).is_some())
        });
        if uses_domains {
            for id in people {
                masked.extend(self.masked_everywhere(id, via_service)?);
            }
            for (part, draft) in parts.iter().zip(&whole.drafts) {
                masked.extend(masked_domains(part.dataset, draft));
            }
        }
        for (part, draft) in parts.iter().zip(&mut whole.drafts) {
            mask_whole(part.dataset, draft, &masked);
            draft.leave_out_partly_hidden_rows();
            draft.hide_unseen_rows();
        }
        Ok(())
    }

    /// The domains that the person sees masked anywhere in the catalogue.
    fn masked_everywhere(
        &self,
        id: &PersonId,
        via_service: bool,
    ) -> Result<BTreeSet<DomainId>, Failure> {
        let parts: Vec<Part<'a>> = self
            .decider
            .world
            .datasets
            .values()
            .filter_map(|dataset| {
                let keyed = |f: &&Field| f.mask.as_ref().and_then(model::Mask::domain).is_some();
                let fields: Vec<&Field> = dataset.fields.iter().filter(keyed).collect();
                let classes = row_classes(dataset, &self.decider.residencies);
                (!fields.is_empty()).then_some(Part {
                    dataset,
                    fields,
                    classes,
                })
            })
            .collect();
        let mut masked = BTreeSet::new();
        if let Some(mut answer) = self.person(id, &parts, via_service)? {
            for (part, draft) in parts.iter().zip(&mut answer.drafts) {
                lift(part.dataset, draft, self.now);
                draft.hide_unseen_rows();
                masked.extend(masked_domains(part.dataset, draft));
            }
        }
        Ok(masked)
    }

    fn decision(
        &self,
        parts: &[Part<'a>],
        whole: &PersonAnswer,
        standings: Vec<StandingUnder>,
        inputs: Hash,
        observed: Vec<Observed>,
        valid_until: Timestamp,
    ) -> Decision {
        let mut views = BTreeMap::new();
        let mut cells = BTreeMap::new();
        let mut rows = BTreeMap::new();
        let mut determining: BTreeSet<PolicyId> = BTreeSet::new();
        let mut hasher = Hasher::new("cordon/decision/v1");
        hasher
            .text(&self.decider.bundle.to_string())
            .text(&inputs.to_string());
        hasher.text(&format!("{:?}", self.ask));
        for (part, draft) in parts.iter().zip(&whole.drafts) {
            let view = self.decider.intern(draft.view(part.dataset));
            hasher.text(&view.hash.to_string());
            for cell in draft.cells.values().flat_map(BTreeMap::values) {
                determining.extend(cell.policies.iter().cloned());
            }
            for reason in draft.rows.values() {
                determining.extend(reason.policies.iter().cloned());
            }
            views.insert(part.dataset.id.clone(), view);
            cells.insert(part.dataset.id.clone(), draft.cells.clone());
            rows.insert(part.dataset.id.clone(), draft.rows.clone());
        }
        let mut actions = BTreeMap::new();
        for (part, answers) in parts.iter().zip(&whole.actions) {
            for answer in answers.values() {
                hasher.text(&format!("{answer:?}"));
                determining.extend(answer.policies.iter().cloned());
            }
            actions.insert(part.dataset.id.clone(), answers.clone());
        }
        Decision {
            id: DecisionId(hasher.finish()),
            policies: self.decider.engine.policies_hash(),
            schema: self.decider.engine.schema_hash(),
            inputs,
            views,
            actions,
            cells,
            rows,
            standings,
            determining,
            hints: self.hints(parts, whole),
            observed,
            valid_until,
        }
    }

    /// What could be asked for, one hint a dataset; mixed levels take the strictest.
    fn hints(&self, parts: &[Part<'a>], whole: &PersonAnswer) -> Vec<Hint> {
        let second_factor = self.session.strength < model::Strength::Aal2;
        let mut hints = Vec::new();
        for (part, draft) in parts.iter().zip(&whole.drafts) {
            let open: Vec<&&Field> = part
                .fields
                .iter()
                .filter(|field| {
                    draft
                        .cells
                        .get(&field.name)
                        .is_some_and(|cells| cells.values().any(|cell| cell.requestable))
                })
                .collect();
            let Some(level) = open.iter().map(|field| field.level()).max() else {
                continue;
            };
            let outside = part.classes.iter().any(|class| {
                let homes =
                    super::residency::home_of(&class.residency, &self.decider.world.regimes);
                !homes.is_subset(&whole.resolved.facts.at_home_of)
            });
            let fields = open.iter().map(|field| field.name.clone()).collect();
            let ladder = &self.decider.world.ladder;
            let id = &part.dataset.id;
            hints.extend(Hint::new(ladder, id, fields, level, outside, second_factor));
        }
        hints
    }

    /// The refusal, if there is one: a dataset of which nothing is seen, a field asked by name
    /// that is absent, an action that no residency allows.
    fn refusal(
        &self,
        parts: &[Part<'a>],
        whole: &PersonAnswer,
        decision: &Arc<Decision>,
    ) -> Option<Refused> {
        for ((part, draft), asked) in parts.iter().zip(&whole.drafts).zip(&self.ask.datasets) {
            let id = &part.dataset.id;
            let hint = decision
                .hints
                .iter()
                .find(|hint| hint.dataset == *id)
                .cloned();
            let about = |code, field, hint| Refused {
                dataset: Some(id.clone()),
                field,
                hint,
                decision: Some(Arc::clone(decision)),
                ..refused(code)
            };
            let absent = draft.absent();
            let nothing = draft
                .rows
                .values()
                .all(|reason| reason.rows == Rows::Unseen)
                || absent.len() == draft.cells.len();
            // A field that does not exist says no more than a dataset of which nothing is seen.
            let sees_some_field = !nothing || self.sees_something(part, whole);
            if nothing && !sees_some_field {
                return Some(match hint {
                    Some(hint) => about(Refusal::ApprovalNeeded, None, Some(hint)),
                    None => about(Refusal::NotVisible, None, None),
                });
            }
            if let FieldsAsked::Named(names) = &asked.fields {
                let hidden = names
                    .iter()
                    .find(|name| absent.contains(*name) || !draft.cells.contains_key(*name));
                if let Some(name) = hidden {
                    return Some(about(Refusal::FieldNotVisible, Some(name.clone()), None));
                }
            }
            if let Some(answers) = decision.actions.get(id) {
                let none = answers
                    .values()
                    .all(|a| !a.allowed && a.for_subjects.is_empty());
                if none && answers.values().any(|answer| answer.requestable) {
                    return Some(about(Refusal::ApprovalNeeded, None, hint));
                }
                if none {
                    return Some(about(Refusal::ActionNotAllowed, None, None));
                }
            }
        }
        None
    }

    /// Whether the dataset is visible when all of it is asked for.
    fn sees_something(&self, part: &Part<'a>, whole: &PersonAnswer) -> bool {
        if part.fields.len() == part.dataset.fields.len() {
            return false;
        }
        let id = whole.resolved.facts.id.clone();
        let all = Part {
            dataset: part.dataset,
            fields: part.dataset.fields.iter().collect(),
            classes: part.classes.clone(),
        };
        let answer = self.person(&id, std::slice::from_ref(&all), false);
        let Ok(Some(answer)) = answer else {
            return false;
        };
        let Some(draft) = answer.drafts.first() else {
            return false;
        };
        let mut draft = draft.clone();
        draft.hide_unseen_rows();
        draft.absent().len() < draft.cells.len()
            && draft
                .rows
                .values()
                .any(|reason| reason.rows != Rows::Unseen)
    }
}

impl PersonAnswer {
    fn intersect(&mut self, other: &Self) {
        for (mine, theirs) in self.drafts.iter_mut().zip(&other.drafts) {
            mine.intersect(theirs);
        }
        for (mine, theirs) in self.actions.iter_mut().zip(&other.actions) {
            for (class, answer) in mine {
                answer.allowed &= theirs.get(class).is_some_and(|answer| answer.allowed);
                answer.for_subjects.clear();
            }
        }
    }
}

/// The purposes, for people who look for one.
impl Decider {
    /// The purposes that may be stated.
    pub fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        self.world.purposes.values()
    }

    /// The dataset of this id, if the catalogue has it.
    pub fn dataset(&self, id: &DatasetId) -> Option<&Dataset> {
        self.world.datasets.get(id)
    }
}
