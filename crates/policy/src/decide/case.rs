//! One question being answered: who, which datasets, which rights, one person at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::{
    Connection, Dataset, Field, FieldName, Level, PersonId, RecipientClass, Refusal, Register,
    Role, RowClass, Rows, Session, Timestamp,
};

use super::ask::{Ask, Asked, FieldsAsked};
use super::class::Asker;
use super::decider::{Decider, refused};
use super::decision::{ActionAnswer, Decision, Refused, StandingUnder};
use super::draft::Draft;
use super::drafter::{Drafter, rows_resource};
use super::grants::{Usable, usable_assessments, usable_grants};
use super::person::{Resolved, Standings, resolve};
use super::residency::row_classes;
use super::rights::Rights;
use crate::cedar::{Principal, Situation};
use crate::covered::Coverage;
use crate::error::Failure;
use crate::hash::{Hash, Hasher};
use crate::ladder::AllowList;

/// One question being answered.
pub(super) struct Case<'a> {
    pub(super) decider: &'a Decider,
    pub(super) session: &'a Session,
    pub(super) ask: &'a Ask,
    pub(super) rights: &'a Rights,
    pub(super) now: Timestamp,
    pub(super) standings: &'a Standings,
}

/// A dataset that is asked for, with the fields that count as asked.
pub(super) struct Part<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) fields: Vec<&'a Field>,
    pub(super) classes: Vec<RowClass>,
}

/// What one person may see and do.
pub(super) struct PersonAnswer {
    pub(super) drafts: Vec<Draft>,
    pub(super) actions: Vec<BTreeMap<RowClass, ActionAnswer>>,
    pub(super) resolved: Resolved,
    pub(super) inputs: Hash,
}

pub(super) type Decided = Result<Arc<Decision>, Refused>;

impl<'a> Case<'a> {
    pub(super) fn decide(
        &self,
        people: &[PersonId],
        via_service: bool,
        until: Timestamp,
    ) -> Result<Decided, Failure> {
        let parts = self.parts();
        let mut whole: Option<PersonAnswer> = None;
        let mut standings = Vec::new();
        let mut hasher = Hasher::new("cordon/inputs/v1");
        for id in people {
            let Some(answer) = self.person_whatever_teams(id, &parts, via_service)? else {
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

    /// The datasets and fields asked for, as far as there are any. What is unknown is left to the
    /// end, where it looks like what is hidden.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        let world = &self.decider.world;
        self.ask
            .datasets
            .iter()
            .filter_map(|asked| {
                let dataset = world.datasets.get(&asked.dataset)?;
                let fields = match &asked.fields {
                    FieldsAsked::All => dataset.fields.iter().collect(),
                    FieldsAsked::Named(names) => dataset
                        .fields
                        .iter()
                        .filter(|f| names.contains(&f.name))
                        .collect(),
                };
                let classes = row_classes(dataset, &world.datasets, &self.decider.residencies);
                Some(Part {
                    dataset,
                    fields,
                    classes,
                })
            })
            .collect()
    }

    pub(super) fn coverages(&self) -> Vec<Coverage<'a>> {
        let world = &self.decider.world;
        self.standings
            .coverages(&world.regimes, &world.register, self.now)
            .collect()
    }

    /// A token that lists teams narrows and never widens: who leaves a team for a session must not
    /// escape a `forbid` about it, so the answer is the stricter one of with and without the list.
    pub(super) fn person_whatever_teams(
        &self,
        id: &PersonId,
        parts: &[Part<'a>],
        via_service: bool,
    ) -> Result<Option<PersonAnswer>, Failure> {
        let mut answer = self.person(id, parts, via_service)?;
        if self.session.teams_at_most.is_some()
            && let Some(answer) = &mut answer
        {
            let session = Session {
                teams_at_most: None,
                ..self.session.clone()
            };
            let unlisted = Case {
                session: &session,
                ..*self
            };
            if let Some(other) = unlisted.person(id, parts, via_service)? {
                answer.intersect(&other);
            }
        }
        Ok(answer)
    }

    pub(super) fn person(
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
            hasher
                .text(&format!("{:?}", usable.grant))
                .text(&format!("{:?}", usable.facts));
        }
        let recipient = resolved.facts.recipient_class.as_ref();
        let mut drafter = self.drafter(&principal, &situation, &grants);
        let mut drafts = Vec::new();
        for part in parts {
            let none = BTreeSet::new();
            let assessments = self.assessments(part.dataset, id, recipient);
            hasher.text(&format!("{assessments:?}"));
            drafts.push(drafter.draft(
                part.dataset,
                &part.fields,
                &part.classes,
                &assessments,
                &none,
            )?);
        }
        self.join(&mut drafter, parts, &mut drafts, (id, recipient))?;
        let actions = self.actions(&drafter, parts, &grants, &drafts)?;
        Ok(Some(PersonAnswer {
            drafts,
            actions,
            resolved,
            inputs: hasher.finish(),
        }))
    }

    /// A service carries no grants: a grant belongs to a person.
    pub(super) fn grants_of(
        &self,
        id: &PersonId,
        via_service: bool,
    ) -> BTreeMap<model::GrantId, Usable> {
        if via_service {
            return BTreeMap::new();
        }
        let world = &self.decider.world;
        usable_grants(
            self.rights,
            id,
            self.session.purpose.as_ref(),
            &self.coverages(),
            world,
            self.now,
        )
    }

    pub(super) fn assessments(
        &self,
        dataset: &Dataset,
        asker: &PersonId,
        recipient: Option<&RecipientClass>,
    ) -> Vec<crate::cedar::AssessmentFacts> {
        let coverages = self.coverages();
        let register: &Register = &self.decider.world.register;
        usable_assessments(
            self.rights,
            dataset,
            asker,
            recipient,
            &coverages,
            register,
            self.now,
        )
        .collect()
    }

    pub(super) fn drafter<'b>(
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
            allow_list: self.accepted_allow_list(),
            answers: HashMap::new(),
        }
    }

    /// The interoperability list, while both who accepted it are who they were taken for: two
    /// people of the register, not disabled, in their roles, home security at home.
    fn accepted_allow_list(&self) -> Option<&'a AllowList> {
        let world = &self.decider.world;
        let list = &world.ladder.allow_list;
        let coverages = self.coverages();
        let holds = |(id, role): &&(PersonId, Role)| {
            world.register.people.get(id).is_some_and(|person| {
                let roles = person.roles.as_ref().and_then(|fact| fact.at(self.now));
                let at_home = coverages.iter().any(|coverage| coverage.is_at_home(id));
                !person.disabled
                    && roles.is_some_and(|roles| roles.contains(role))
                    && (at_home || *role != Role::HomeSecurity)
            })
        };
        let accepted = list.accepted.iter().filter(holds).cloned().collect();
        AllowList::accepted_by(&accepted).then_some(list)
    }

    /// Asks again with the legal categories that the statement as a whole would show in clear. It
    /// can only take away: the categories enter a `forbid` alone.
    pub(super) fn join(
        &self,
        drafter: &mut Drafter<'_>,
        parts: &[Part<'a>],
        drafts: &mut [Draft],
        (asker, recipient): (&PersonId, Option<&RecipientClass>),
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
            let assessments = self.assessments(part.dataset, asker, recipient);
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

    pub(super) fn actions(
        &self,
        drafter: &Drafter<'_>,
        parts: &[Part<'a>],
        grants: &BTreeMap<model::GrantId, Usable>,
        drafts: &[Draft],
    ) -> Result<Vec<BTreeMap<RowClass, ActionAnswer>>, Failure> {
        let Asked::Act(action) = self.ask.asked else {
            return Ok(Vec::new());
        };
        let regimes = &self.decider.world.regimes;
        let mut all = Vec::new();
        for (part, draft) in parts.iter().zip(drafts) {
            let names: BTreeSet<FieldName> = part.fields.iter().map(|f| f.name.clone()).collect();
            let mut answers = BTreeMap::new();
            for class in &part.classes {
                let resource =
                    rows_resource(part.dataset, &part.fields, class, regimes, Level::max);
                let speaking = grants
                    .iter()
                    .filter(|(_, g)| g.covers_all(part.dataset, &names, class, action))
                    .map(|(id, _)| id.clone())
                    .collect();
                let none = BTreeSet::new();
                let determined =
                    drafter
                        .asker
                        .determine(action, &resource, &speaking, &[], &none)?;
                let requestable =
                    !determined.allowed && drafter.asker.is_requestable(action, &resource)?;
                // Nobody acts on rows of which they may not know.
                let rows = draft.rows.get(class).map(|reason| &reason.rows);
                let (allowed, for_subjects) = match rows {
                    Some(Rows::Seen) => (determined.allowed, determined.for_subjects),
                    Some(Rows::SeenFor(grants)) if determined.allowed => (false, grants.clone()),
                    Some(Rows::SeenFor(grants)) => (false, &determined.for_subjects & grants),
                    Some(Rows::Unseen) | None => (false, BTreeSet::new()),
                };
                let answer = ActionAnswer {
                    action,
                    allowed,
                    for_subjects,
                    policies: determined.policies,
                    requestable,
                };
                answers.insert(class.clone(), answer);
            }
            all.push(answers);
        }
        Ok(all)
    }
}

impl PersonAnswer {
    pub(super) fn intersect(&mut self, other: &Self) {
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
