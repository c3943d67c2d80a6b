//! The one place where decisions are made.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Dataset, DatasetId, Diagnostic, Jurisdiction, Person, PersonId, Purpose, PurposeId, Refusal,
    RegimeId, Residency, Session, Timestamp, View,
};

use super::ask::{Ask, FieldsAsked};
use super::case::Case;
use super::decision::{InternedView, Outcome, Refused, hash_view};
use super::person::{Resolved, Standings, resolve};
use super::question::{Answered, Question, Settled};
use super::residency::residencies;
use super::rights::Rights;
use super::world::{World, WorldError};
use crate::cedar::Engine;
use crate::hash::{Hash, Hasher};

/// LIMIT: decisions kept. Past it the cache starts over; it is a cache, nothing is lost.
const DECISIONS_KEPT_MAX: usize = 4_096;

/// LIMIT: views kept to be shared: each subset of fields asked for makes one, so that one person
/// could make any number. Past it the sharing starts over; views in use live on.
const VIEWS_KEPT_MAX: usize = 65_536;

/// Decides. One per active bundle; threads share it.
#[derive(Debug)]
pub struct Decider {
    pub(super) world: World,
    pub(super) engine: Engine,
    warnings: Vec<Diagnostic>,
    pub(super) residencies: Vec<Residency>,
    pub(super) bundle: Hash,
    standings: Mutex<Option<Arc<Standings>>>,
    decided: Mutex<HashMap<Arc<Question>, Arc<Answered>>>,
    views: Mutex<HashMap<Hash, Arc<View>>>,
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
        self.settle(session, ask, rights, now).outcome(session)
    }

    /// As [`Decider::decide`], for whoever will ask the same again: with what [`Decider::again`] wants.
    pub fn decide_to_ask_again(
        &self,
        session: &Session,
        ask: &Ask,
        rights: &Rights,
        now: Timestamp,
    ) -> (Outcome, Settled) {
        let settled = self.settle(session, ask, rights, now);
        (settled.outcome(session), settled)
    }

    /// The answer that [`Decider::decide`] would give to the same ask, if that is an earlier one; `None`
    /// if it must be asked: by another session's facts, other rights, another bundle, or because the
    /// earlier answer's time is over.
    pub fn again(
        &self,
        settled: &Settled,
        session: &Session,
        rights: &Rights,
        now: Timestamp,
    ) -> Option<Outcome> {
        self.still_holds(settled, session, rights, now)
            .then(|| settled.outcome(session))
    }

    /// Whether [`Decider::again`] has an answer.
    pub fn still_holds(
        &self,
        settled: &Settled,
        session: &Session,
        rights: &Rights,
        now: Timestamp,
    ) -> bool {
        settled.holds(&self.bundle, session, rights, now)
    }

    fn settle(&self, session: &Session, ask: &Ask, rights: &Rights, now: Timestamp) -> Settled {
        let question = Question::new(session, ask, rights);
        let known = lock(&self.decided)
            .get_key_value(&question)
            .filter(|(_, known)| known.holds(now))
            .map(|(question, known)| (Arc::clone(question), Arc::clone(known)));
        let (question, answered) = known.unwrap_or_else(|| {
            let answered = Arc::new(self.answer(session, ask, rights, now));
            let question = Arc::new(question);
            let mut decided = lock(&self.decided);
            if decided.len() >= DECISIONS_KEPT_MAX {
                decided.clear();
            }
            decided.insert(Arc::clone(&question), Arc::clone(&answered));
            (question, answered)
        });
        Settled {
            question,
            answered,
            bundle: self.bundle,
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

    /// The person's facts and standings in a session.
    pub(crate) fn resolve(&self, person: &Person, session: &Session, now: Timestamp) -> Resolved {
        let world = &self.world;
        let standings = self.standings(now);
        resolve(
            &standings,
            &world.regimes,
            &world.register,
            person,
            session,
            now,
        )
    }

    /// Forgets every answer, as after a change of bundle: the next question is a cold one.
    pub fn forget(&self) {
        lock(&self.decided).clear();
    }

    fn answer(&self, session: &Session, ask: &Ask, rights: &Rights, now: Timestamp) -> Answered {
        let standings = self.standings(now);
        let until = self.valid_until(&standings, rights, now);
        let result = self
            .people(session, &standings, now)
            .and_then(|(people, via_service)| {
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
                        failure: Some(Box::new(failure)),
                    })?
            });
        Answered {
            result,
            from: now,
            until,
        }
    }

    /// The people whose rights count: the person, or a service's whole audience, and with it whom it
    /// acts for.
    fn people(
        &self,
        session: &Session,
        standings: &Standings,
        now: Timestamp,
    ) -> Result<(Vec<PersonId>, bool), Refused> {
        let register = &self.world.register;
        let (people, via_service) = match &session.asker {
            model::Asker::Person(person) => (vec![person.clone()], false),
            model::Asker::Service(service) => match register.services.get(service) {
                Some(service) => (service.audience.iter().cloned().collect(), true),
                None => return Err(refused(Refusal::AskerUnknown)),
            },
            model::Asker::OnBehalf(service, person) => {
                let audience = register.services.get(service).map(|known| &known.audience);
                let audience = audience.ok_or_else(|| refused(Refusal::AskerUnknown))?;
                if !self.is_delegated((service, person), session.purpose.as_ref(), standings, now) {
                    return Err(refused(Refusal::DelegationNeeded));
                }
                let mut people = audience.clone();
                people.insert(person.clone());
                (people.into_iter().collect(), true)
            }
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

    /// Whether a service may act for somebody now, for the purpose that is stated.
    fn is_delegated(
        &self,
        (service, person): (&model::ServiceId, &PersonId),
        purpose: Option<&PurposeId>,
        standings: &Standings,
        now: Timestamp,
    ) -> bool {
        let world = &self.world;
        let register = &world.register;
        register.people.contains_key(person)
            && register.delegations.iter().any(|delegation| {
                delegation.allows(purpose)
                    && delegation.lets((service, person), register, now, |signer| {
                        let mut under = standings.coverages(&world.regimes, register, now);
                        under.any(|coverage| coverage.is_at_home(signer))
                    })
            })
    }

    /// Whether the asker of a session may be who they say now: a service that acts for somebody needs
    /// a delegation.
    ///
    /// # Errors
    /// The refusal that every statement would get.
    pub fn check_asker(&self, session: &Session, now: Timestamp) -> Result<(), Refusal> {
        let standings = self.standings(now);
        let people = self.people(session, &standings, now);
        people.map(drop).map_err(|refused| refused.code)
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

    pub(super) fn intern(&self, view: View) -> InternedView {
        let hash = hash_view(&view);
        let mut views = lock(&self.views);
        if views.len() >= VIEWS_KEPT_MAX {
            views.clear();
        }
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

pub(super) const fn refused(code: Refusal) -> Refused {
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

impl Decider {
    /// The purposes that may be stated.
    pub fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        self.world.purposes.values()
    }

    /// The catalogue.
    pub const fn datasets(&self) -> &BTreeMap<DatasetId, Dataset> {
        &self.world.datasets
    }

    /// The places that make each regime's home.
    pub fn homes(&self) -> BTreeMap<RegimeId, BTreeSet<Jurisdiction>> {
        let regimes = self.world.regimes.iter();
        regimes
            .map(|regime| (regime.id.clone(), regime.home.clone()))
            .collect()
    }

    /// The dataset of this id, if the catalogue has it.
    pub fn dataset(&self, id: &DatasetId) -> Option<&Dataset> {
        self.world.datasets.get(id)
    }
}
