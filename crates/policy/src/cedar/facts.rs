//! What a decision hands to Cedar: plain ordered facts, and their Cedar values.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{Context, Entities, Entity, EntityUid, Request, RestrictedExpression as Value};
use model::{
    Action, DataCategory, DatasetId, Jurisdiction, LegalCategory, Level, MaskKind, PersonId,
    PurposeId, RecipientClass, RegimeId, Residency, Role, Strength, TeamId, TransactionType,
};

use super::compile::{Answer, Engine};
use super::names::{self, Kind, uid};
use crate::error::Failure;

/// The asker, as policies know them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PrincipalFacts {
    pub(crate) id: PersonId,
    pub(crate) teams: BTreeSet<TeamId>,
    pub(crate) home_person_of: BTreeSet<RegimeId>,
    pub(crate) not_covered_by: BTreeSet<RegimeId>,
    pub(crate) at_home_of: BTreeSet<RegimeId>,
    pub(crate) residence: Option<Jurisdiction>,
    pub(crate) office: Option<Jurisdiction>,
    pub(crate) recipient_class: Option<RecipientClass>,
}

/// What is asked for: fields with equal labels, or rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResourceFacts {
    pub(crate) dataset: DatasetId,
    pub(crate) level: Level,
    pub(crate) legal: BTreeSet<LegalCategory>,
    pub(crate) residency: Residency,
    /// The regimes whose home residents these are; all of them where residency is unknown.
    pub(crate) home_of: BTreeSet<RegimeId>,
    /// What only fields have.
    pub(crate) cell: Option<CellFacts>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellFacts {
    pub(crate) categories: BTreeSet<DataCategory>,
    pub(crate) mask: Option<MaskKind>,
    pub(crate) allow_listed: bool,
}

/// One approval in one slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ApproverFacts {
    pub(crate) person: String,
    pub(crate) role: Role,
    pub(crate) home_of: BTreeSet<RegimeId>,
}

/// Slots 1 to 5.
pub(crate) type Slots = BTreeMap<u8, ApproverFacts>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GrantFacts {
    pub(crate) purpose: PurposeId,
    pub(crate) transaction: TransactionType,
    pub(crate) subject_limited: bool,
    pub(crate) legal: BTreeSet<LegalCategory>,
    pub(crate) approvers: Slots,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AssessmentFacts {
    pub(crate) regime: RegimeId,
    pub(crate) dataset: DatasetId,
    pub(crate) recipient: RecipientClass,
    pub(crate) masks: BTreeSet<MaskKind>,
    pub(crate) transaction: TransactionType,
    pub(crate) approvers: Slots,
}

/// Everything about the moment that is neither asker nor data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Situation {
    pub(crate) strength: Strength,
    pub(crate) via_service: bool,
    pub(crate) connection: Option<Jurisdiction>,
    pub(crate) connection_suspect: bool,
    pub(crate) purpose: Option<PurposeId>,
    pub(crate) joined: BTreeSet<LegalCategory>,
    pub(crate) grant: Option<GrantFacts>,
    pub(crate) breakglass: Option<GrantFacts>,
    pub(crate) assessment: Option<AssessmentFacts>,
}

/// The asker as Cedar entities, built once for a decision.
#[derive(Debug)]
pub(crate) struct Principal {
    uid: EntityUid,
    entities: Vec<Entity>,
}

impl Principal {
    pub(crate) fn new(facts: &PrincipalFacts) -> Result<Self, Failure> {
        let me = uid(Kind::Person, facts.id.as_str());
        let teams: Vec<EntityUid> = facts
            .teams
            .iter()
            .map(|team| uid(Kind::Team, team.as_str()))
            .collect();
        let mut attributes = std::collections::HashMap::from([
            ("home_person_of".to_owned(), regimes(&facts.home_person_of)),
            ("not_covered_by".to_owned(), regimes(&facts.not_covered_by)),
            ("at_home_of".to_owned(), regimes(&facts.at_home_of)),
        ]);
        for (name, place) in [("residence", facts.residence), ("office", facts.office)] {
            if let Some(place) = place {
                attributes.insert(name.to_owned(), named(Kind::Country, place.alpha2()));
            }
        }
        if let Some(class) = &facts.recipient_class {
            let value = named(Kind::RecipientClass, class.as_str());
            attributes.insert("recipient_class".to_owned(), value);
        }
        let person = Entity::new(me.clone(), attributes, teams.iter().cloned().collect())
            .map_err(Failure::inputs)?;
        let mut entities = vec![person];
        entities.extend(
            teams
                .into_iter()
                .map(|team| Entity::new_no_attrs(team, [].into())),
        );
        Ok(Self { uid: me, entities })
    }

    /// Asks whether the principal may do this to that, now.
    pub(crate) fn ask(
        &self,
        engine: &Engine,
        action: Action,
        resource: &ResourceFacts,
        situation: &Situation,
    ) -> Result<Answer, Failure> {
        let thing = resource.entity()?;
        let thing_uid = thing.uid();
        let entities = Entities::from_entities(self.entities.iter().cloned().chain([thing]), None)
            .map_err(Failure::inputs)?;
        let request = Request::new(
            self.uid.clone(),
            names::action(action),
            thing_uid,
            situation.context()?,
            Some(&engine.schema),
        )
        .map_err(Failure::inputs)?;
        engine
            .ask(action, &request, &entities)
            .map_err(Failure::policies)
    }
}

impl ResourceFacts {
    fn entity(&self) -> Result<Entity, Failure> {
        let residency = match self.residency {
            Residency::Home(_) => "home",
            Residency::Other => "other",
            Residency::Unknown => "unknown",
            Residency::NoSubject => "none",
        };
        let mut attributes = std::collections::HashMap::from([
            (
                "dataset".to_owned(),
                named(Kind::Dataset, self.dataset.as_str()),
            ),
            ("level".to_owned(), named(Kind::Level, self.level.as_str())),
            ("legal".to_owned(), legal(&self.legal)),
            ("residency".to_owned(), named(Kind::Residency, residency)),
            ("home_of".to_owned(), regimes(&self.home_of)),
        ]);
        let kind = match &self.cell {
            None => Kind::Rows,
            Some(cell) => {
                let all: BTreeSet<&str> = cell
                    .categories
                    .iter()
                    .flat_map(DataCategory::ancestors)
                    .collect();
                let categories = all.into_iter().map(|c| Value::new_string(c.to_owned()));
                let mask = cell.mask.map_or("none", MaskKind::as_str);
                attributes.insert("categories".to_owned(), Value::new_set(categories));
                attributes.insert("mask".to_owned(), named(Kind::Mask, mask));
                attributes.insert(
                    "allow_listed".to_owned(),
                    Value::new_bool(cell.allow_listed),
                );
                Kind::Cell
            }
        };
        Entity::new(uid(kind, "asked"), attributes, [].into()).map_err(Failure::inputs)
    }
}

impl Situation {
    fn context(&self) -> Result<Context, Failure> {
        let mut pairs = vec![
            (
                "strength".to_owned(),
                Value::new_long(self.strength.level()),
            ),
            ("via_service".to_owned(), Value::new_bool(self.via_service)),
            (
                "connection_suspect".to_owned(),
                Value::new_bool(self.connection_suspect),
            ),
            ("joined".to_owned(), legal(&self.joined)),
        ];
        if let Some(place) = self.connection {
            pairs.push((
                "connection".to_owned(),
                named(Kind::Country, place.alpha2()),
            ));
        }
        if let Some(purpose) = &self.purpose {
            pairs.push(("purpose".to_owned(), named(Kind::Purpose, purpose.as_str())));
        }
        for (name, grant) in [("grant", &self.grant), ("breakglass", &self.breakglass)] {
            if let Some(grant) = grant {
                pairs.push((name.to_owned(), grant.value()?));
            }
        }
        if let Some(assessment) = &self.assessment {
            pairs.push(("assessment".to_owned(), assessment.value()?));
        }
        Context::from_pairs(pairs).map_err(Failure::inputs)
    }
}

impl GrantFacts {
    fn value(&self) -> Result<Value, Failure> {
        let mut fields = vec![
            (
                "purpose".to_owned(),
                named(Kind::Purpose, self.purpose.as_str()),
            ),
            (
                "transaction".to_owned(),
                named(Kind::Transaction, self.transaction.as_str()),
            ),
            (
                "subject_limited".to_owned(),
                Value::new_bool(self.subject_limited),
            ),
            ("legal".to_owned(), legal(&self.legal)),
        ];
        fields.extend(slots(&self.approvers)?);
        Value::new_record(fields).map_err(Failure::inputs)
    }
}

impl AssessmentFacts {
    fn value(&self) -> Result<Value, Failure> {
        let masks = self
            .masks
            .iter()
            .map(|mask| named(Kind::Mask, mask.as_str()));
        let mut fields = vec![
            (
                "regime".to_owned(),
                named(Kind::Regime, self.regime.as_str()),
            ),
            (
                "dataset".to_owned(),
                named(Kind::Dataset, self.dataset.as_str()),
            ),
            (
                "recipient".to_owned(),
                named(Kind::RecipientClass, self.recipient.as_str()),
            ),
            ("masks".to_owned(), Value::new_set(masks)),
            (
                "transaction".to_owned(),
                named(Kind::Transaction, self.transaction.as_str()),
            ),
        ];
        // The schema knows only the slots an assessment needs.
        let needed = self
            .approvers
            .iter()
            .filter(|(slot, _)| matches!(slot, 1 | 5));
        fields.extend(slots(
            &needed.map(|(slot, by)| (*slot, by.clone())).collect(),
        )?);
        Value::new_record(fields).map_err(Failure::inputs)
    }
}

fn slots(approvers: &Slots) -> Result<Vec<(String, Value)>, Failure> {
    approvers
        .iter()
        .map(|(slot, by)| {
            let record = Value::new_record([
                ("person".to_owned(), named(Kind::Person, &by.person)),
                ("role".to_owned(), named(Kind::Role, by.role.as_str())),
                ("home_of".to_owned(), regimes(&by.home_of)),
            ]);
            Ok((format!("approver{slot}"), record.map_err(Failure::inputs)?))
        })
        .collect()
}

fn named(kind: Kind, id: &str) -> Value {
    Value::new_entity_uid(uid(kind, id))
}

fn regimes(ids: &BTreeSet<RegimeId>) -> Value {
    Value::new_set(ids.iter().map(|id| named(Kind::Regime, id.as_str())))
}

fn legal(categories: &BTreeSet<LegalCategory>) -> Value {
    Value::new_set(
        categories
            .iter()
            .map(|category| named(Kind::Legal, category.as_str())),
    )
}
