//! Generated worlds: people around a web of owners, labelled datasets, rights of every shape.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Approval, Assessment, AssessmentId, DataCategory, Dataset, DatasetId, DomainId,
    Employer, Fact, Field, FieldName, FlowId, Grant, GrantId, GrantKind, GrantScope, Holding,
    Jurisdiction, LegalCategory, Level, Mask, MaskKind, Organisation, OrganisationId, Owner,
    Ownership, Person, PersonId, PurposeId, RecipientClass, Register, Rest, Role, Share, Subject,
    SubjectPath, SubjectSet, Subjects, TeamId, Timestamp, TransactionType, TypeFamily,
};
use model::{RegimeId, Residence, ResidencyEvidence};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::{END, NOW};

/// A world in plain types, without policies.
#[derive(Clone, Debug)]
pub struct World {
    /// Everybody; approvers are `sam`, `sue`, `own`, `pri`, `val`, the askers `p0`, `p1`, ...
    pub register: Register,
    /// The catalogue.
    pub datasets: BTreeMap<DatasetId, Dataset>,
    /// Grants of every shape, valid and not.
    pub grants: Vec<Grant>,
    /// Assessments of every shape.
    pub assessments: Vec<Assessment>,
}

/// What a strategy makes.
pub type Generated = BoxedStrategy<World>;

const COUNTRIES: [&str; 5] = ["US", "SG", "CN", "DE", "RU"];
const ENTITIES: usize = 5;
const PEOPLE: usize = 3;

#[expect(clippy::unwrap_used, reason = "the names are written here")]
fn made<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap()
}

fn country(index: usize) -> Jurisdiction {
    made(Jurisdiction::parse(
        COUNTRIES.get(index).copied().unwrap_or("US"),
    ))
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<Fact<T>>> {
    (value, 0..12_u8)
        .prop_map(|(value, luck)| {
            let expires = if luck == 0 { NOW } else { END };
            (luck != 1).then(|| Fact {
                value,
                source: "generated".to_owned(),
                expires,
            })
        })
        .boxed()
}

fn place() -> BoxedStrategy<Jurisdiction> {
    (0..COUNTRIES.len()).prop_map(country).boxed()
}

fn entity_id(index: usize) -> OrganisationId {
    made(OrganisationId::new(&format!("e{index}")))
}

fn entity(index: usize) -> BoxedStrategy<Organisation> {
    let holding = (0..ENTITIES, 1..7_u32).prop_map(|(owner, tenths)| Holding {
        owner: Owner::Organisation(entity_id(owner)),
        share: made(Share::from_hundredths(tenths * 1_000)),
    });
    let state = (0..COUNTRIES.len(), 1..6_u32).prop_map(|(place, tenths)| Holding {
        owner: Owner::State(country(place)),
        share: made(Share::from_hundredths(tenths * 1_000)),
    });
    let ownership = (
        vec(prop_oneof![4 => holding, 1 => state], 0..3),
        any::<bool>(),
    )
        .prop_map(|(holdings, others)| Ownership {
            holdings,
            rest: if others { Rest::Others } else { Rest::Unknown },
        });
    (
        maybe(place()),
        maybe(place()),
        maybe(ownership),
        0..10_u8,
        0..ENTITIES,
    )
        .prop_map(
            move |(organised_in, principal_place, ownership, luck, parent)| Organisation {
                id: entity_id(index),
                name: format!("entity {index}"),
                branch_of: (luck == 0 && parent != index).then(|| entity_id(parent)),
                organised_in,
                principal_place,
                ownership,
                designations: Some(Fact {
                    value: BTreeSet::new(),
                    source: "generated".to_owned(),
                    expires: END,
                }),
            },
        )
        .boxed()
}

fn asker(index: usize) -> BoxedStrategy<Person> {
    let citizenships = btree_set(place(), 1..3);
    let employer = (0..ENTITIES).prop_map(|e| Employer::Organisation(entity_id(e)));
    let contracts = vec(
        (0..ENTITIES).prop_map(|e| Employer::Organisation(entity_id(e))),
        0..2,
    );
    let class = select(vec!["assessed", "others"]).prop_map(|c| made(RecipientClass::new(c)));
    (
        maybe(citizenships),
        maybe(place()),
        maybe(employer),
        maybe(contracts),
        maybe(place()),
        maybe(class),
        any::<bool>(),
    )
        .prop_map(
            move |(citizenships, residence, employer, contracts, office, class, roles)| {
                let own = |role| {
                    if roles {
                        [role].into()
                    } else {
                        BTreeSet::new()
                    }
                };
                Person {
                    citizenships,
                    residence,
                    employer,
                    contracts,
                    office,
                    recipient_class: class,
                    keys: None,
                    ..plain(&format!("p{index}"), own(Role::HomeSecurity))
                }
            },
        )
        .boxed()
}

fn plain(name: &str, roles: BTreeSet<Role>) -> Person {
    let good = |place| {
        Some(Fact {
            value: place,
            source: "generated".to_owned(),
            expires: END,
        })
    };
    let home = country(0);
    let teams = [made(TeamId::new("staff"))].into();
    Person {
        id: made(PersonId::new(name)),
        name: name.to_owned(),
        disabled: false,
        citizenships: Some(Fact {
            value: [home].into(),
            source: "t".into(),
            expires: END,
        }),
        statuses: Some(Fact {
            value: BTreeSet::new(),
            source: "t".into(),
            expires: END,
        }),
        residence: good(home),
        employer: None,
        contracts: Some(Fact {
            value: Vec::new(),
            source: "t".into(),
            expires: END,
        }),
        designations: Some(Fact {
            value: BTreeSet::new(),
            source: "t".into(),
            expires: END,
        }),
        office: good(home),
        manager: Some(Fact {
            value: None,
            source: "t".into(),
            expires: END,
        }),
        teams: Some(Fact {
            value: teams,
            source: "t".into(),
            expires: END,
        }),
        roles: Some(Fact {
            value: roles,
            source: "t".into(),
            expires: END,
        }),
        recipient_class: None,
        keys: None,
    }
}

/// A field with these labels.
fn field(
    name: &str,
    level: Option<Level>,
    legal: BTreeSet<LegalCategory>,
    mask: Option<Mask>,
) -> Field {
    Field {
        name: made(FieldName::new(name)),
        label: level,
        categories: [DataCategory::new("user")].into(),
        legal,
        mask,
        type_name: Some("text".to_owned()),
        family: Some(TypeFamily::Text),
        primary_key: false,
        references: Vec::new(),
        public_when: None,
    }
}

/// A dataset `app/NAME` about people, with one field for each label and mask given.
pub fn dataset(
    name: &str,
    labels: Vec<(Option<Level>, BTreeSet<LegalCategory>, Option<Mask>)>,
) -> Dataset {
    let mut fields = vec![field(
        "country",
        Some(Level::Public),
        BTreeSet::new(),
        Some(Mask::Null),
    )];
    for (index, (level, legal, mask)) in labels.into_iter().enumerate() {
        fields.push(field(&format!("f{index}"), level, legal, mask));
    }
    let country = made(FieldName::new("country"));
    let residence = Residence {
        evidence: vec![ResidencyEvidence::Column(country.clone())],
    };
    Dataset {
        id: made(DatasetId::new(&format!("app/{name}"))),
        upstream: None,
        store: None,
        owner: None,
        fields,
        subjects: Subjects::Some(vec![Subject {
            key: vec![country],
            path: SubjectPath::Own(residence),
        }]),
        observe: None,
        undeclared_subjects: BTreeSet::new(),
    }
}

fn labels() -> BoxedStrategy<(Option<Level>, BTreeSet<LegalCategory>, Option<Mask>)> {
    let level = prop_oneof![1 => Just(None), 8 => select(Level::ALL).prop_map(Some)];
    let legal = subsequence(LegalCategory::ALL.to_vec(), 0..3);
    let mask = prop_oneof![
        Just(None),
        Just(Some(Mask::Null)),
        Just(Some(Mask::Constant("x".to_owned()))),
        Just(Some(Mask::Pseudonym(made(DomainId::new("person"))))),
        Just(Some(Mask::Partial { first: 1, last: 1 })),
    ];
    (level, legal, mask)
        .prop_map(|(l, c, m)| (l, c.into_iter().collect(), m))
        .boxed()
}

fn approvals() -> BoxedStrategy<Vec<Approval>> {
    let all = [
        ("sam", Role::HomeSecurity),
        ("sue", Role::HomeSecurity),
        ("own", Role::DataOwner),
        ("pri", Role::Privacy),
        ("val", Role::Validator),
        ("p0", Role::HomeSecurity),
        ("p1", Role::HomeSecurity),
    ];
    (subsequence(all.to_vec(), 0..=7), 0..6_usize)
        .prop_map(|(people, from)| {
            people
                .into_iter()
                .map(|(name, role)| Approval {
                    approver: made(PersonId::new(name)),
                    role,
                    // Mostly signed at home.
                    signed_from: Some(country(if from < 4 { 0 } else { from - 3 })),
                    at: NOW.plus_days(-1),
                })
                .collect()
        })
        .boxed()
}

fn ends() -> BoxedStrategy<Timestamp> {
    prop_oneof![4 => Just(END), 1 => Just(NOW)].boxed()
}

/// A grant of `app/t0` or `app/t1` to `p0`, of every shape.
pub fn grant(index: usize) -> BoxedStrategy<Grant> {
    let fields = subsequence(vec!["country", "f0", "f1", "f2", "f3"], 0..=5);
    let shape = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        0..2_usize,
    );
    let actions = subsequence(Action::ALL.to_vec(), 0..=9);
    (shape, fields, actions, approvals(), ends())
        .prop_map(
            move |(
                (home, other, subject_limited, emergency, table),
                fields,
                actions,
                approvals,
                expires,
            )| {
                let dataset = made(DatasetId::new(&format!("app/t{table}")));
                Grant {
                    id: made(GrantId::new(&format!("g{index}"))),
                    kind: if emergency {
                        GrantKind::BreakGlass("incident 1".to_owned())
                    } else {
                        GrantKind::Ladder(made(FlowId::new("protected-data")))
                    },
                    requester: made(PersonId::new("p0")),
                    purpose: made(PurposeId::new("incident")),
                    transaction: TransactionType::None,
                    exemption: None,
                    scope: vec![GrantScope {
                        dataset: dataset.clone(),
                        fields: fields
                            .into_iter()
                            .map(|f| made(FieldName::new(f)))
                            .collect(),
                        home,
                        other,
                        actions: actions.into_iter().chain([Action::ViewClear]).collect(),
                    }],
                    subjects: subject_limited.then(|| SubjectSet {
                        dataset,
                        keys: vec!["k".to_owned()],
                    }),
                    start: NOW.plus_seconds(-600),
                    expires: expires.min(NOW.plus_seconds(1_200)),
                    revoked: None,
                    approvals,
                }
            },
        )
        .boxed()
}

fn assessment(index: usize) -> BoxedStrategy<Assessment> {
    let masks = subsequence(MaskKind::ALL.to_vec(), 0..=6);
    let class = select(vec!["assessed", "others"]);
    let transaction =
        prop_oneof![4 => Just(TransactionType::None), 1 => Just(TransactionType::DataBrokerage)];
    (0..2_usize, masks, class, approvals(), ends(), transaction)
        .prop_map(
            move |(table, masks, class, approvals, expires, transaction)| Assessment {
                id: made(AssessmentId::new(&format!("a{index}"))),
                regime: made(RegimeId::new("us-dsp")),
                dataset: made(DatasetId::new(&format!("app/t{table}"))),
                recipient: made(RecipientClass::new(class)),
                transaction,
                masks: masks.into_iter().collect(),
                start: NOW.plus_days(-1),
                expires,
                approvals,
            },
        )
        .boxed()
}

/// Worlds with two datasets, a web of owners, three askers, five approvers, and rights.
pub fn world() -> Generated {
    let entities: Vec<_> = (0..ENTITIES).map(entity).collect();
    let askers: Vec<_> = (0..PEOPLE).map(asker).collect();
    let tables = (vec(labels(), 1..5), vec(labels(), 1..4));
    let grants: Vec<_> = (0..3).map(grant).collect();
    let assessments: Vec<_> = (0..2).map(assessment).collect();
    (entities, askers, tables, grants, assessments)
        .prop_map(|(entities, askers, (first, second), grants, assessments)| {
            let mut register = Register::default();
            for entity in entities {
                register.organisations.insert(entity.id.clone(), entity);
            }
            let approvers = [
                ("sam", Role::HomeSecurity),
                ("sue", Role::HomeSecurity),
                ("own", Role::DataOwner),
                ("pri", Role::Privacy),
                ("val", Role::Validator),
            ];
            let employer = Employer::Organisation(entity_id(ENTITIES));
            let approvers = approvers.map(|(name, role)| Person {
                employer: Some(Fact {
                    value: employer.clone(),
                    source: "t".into(),
                    expires: END,
                }),
                ..plain(name, [role].into())
            });
            for person in askers.into_iter().chain(approvers) {
                register.people.insert(person.id.clone(), person);
            }
            let datasets = [dataset("t0", first), dataset("t1", second)];
            World {
                register,
                datasets: datasets.into_iter().map(|d| (d.id.clone(), d)).collect(),
                grants,
                assessments,
            }
        })
        .boxed()
}
