//! The worked deployment means what its README says.

use model::{
    Asker, Connection, DatasetId, FieldName, Jurisdiction, Level, PersonId, PurposeId, Refusal,
    Residency, RowClass, Rows, ServiceId, Session, SessionId, Strength, Timestamp, Verdict,
};
use policy::{Ask, Decider, Outcome, Refused, Rights, Standing};

use crate::place::sample;

struct Sample {
    decider: Decider,
    rights: Rights,
    now: Timestamp,
}

struct Question<'a> {
    who: &'a str,
    from: &'a str,
    purpose: &'a str,
    strength: Strength,
}

const USERS: &str = "app/public.users";

impl Sample {
    fn new() -> Self {
        Self::of(&sample())
    }

    /// The sample with another text in its people register.
    fn with_people(from: &str, to: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "cordon.toml",
            "catalog/app.yaml",
            "policy/rules.cedar",
            "people.yaml",
        ] {
            let text = std::fs::read_to_string(sample().join(name)).unwrap();
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text.replace(from, to)).unwrap();
        }
        Self::of(dir.path())
    }

    fn of(dir: &std::path::Path) -> Self {
        let bundle = deployment::load(dir).unwrap_or_else(|faults| panic!("{faults:#?}"));
        Self {
            decider: Decider::new(bundle.world).unwrap(),
            rights: bundle.rights,
            now: Timestamp::parse("2026-06-01T10:00:00Z").unwrap(),
        }
    }

    fn ask(&self, question: &Question<'_>, dataset: &str) -> Outcome {
        let asker = if question.who.starts_with("bi.") {
            Asker::Service(ServiceId::new(question.who).unwrap())
        } else {
            Asker::Person(PersonId::new(question.who).unwrap())
        };
        let session = Session {
            id: SessionId::new("s1").unwrap(),
            asker,
            strength: question.strength,
            connection: Connection::Country(Jurisdiction::parse(question.from).unwrap()),
            purpose: Some(PurposeId::new(question.purpose).unwrap()),
            teams_at_most: None,
        };
        let ask = Ask::view(DatasetId::new(dataset).unwrap());
        self.decider.decide(&session, &ask, &self.rights, self.now)
    }

    fn at_work(&self, who: &str, from: &str, dataset: &str) -> Outcome {
        let question = Question {
            who,
            from,
            purpose: "analytics",
            strength: Strength::Aal2,
        };
        self.ask(&question, dataset)
    }

    fn refused(&self, who: &str, from: &str, dataset: &str) -> Refused {
        match self.at_work(who, from, dataset) {
            Outcome::Refused(refused) => refused,
            Outcome::Permitted(permit) => panic!("{who} sees {dataset}: {permit:?}"),
        }
    }
}

fn decision(outcome: Outcome) -> std::sync::Arc<policy::Decision> {
    match outcome {
        Outcome::Permitted(permit) => permit.decision().clone(),
        Outcome::Refused(refused) => panic!("{refused:#?}"),
    }
}

fn home() -> RowClass {
    RowClass {
        residency: Residency::Home([model::RegimeId::new("us-dsp").unwrap()].into()),
        public: false,
    }
}

fn verdict(decision: &policy::Decision, dataset: &str, field: &str, rows: &RowClass) -> Verdict {
    let view = &decision.views[&DatasetId::new(dataset).unwrap()].view;
    view.fields
        .get(&FieldName::new(field).unwrap())
        .map_or(Verdict::Hidden, |field| field.cells[rows].verdict)
}

fn standing(refused: &Refused) -> Standing {
    refused.decision.as_ref().unwrap().standings[0]
        .standing
        .clone()
}

#[test]
fn the_sample_loads_without_a_warning() {
    let bundle = deployment::load(&sample()).unwrap();
    assert_eq!(bundle.warnings, []);
    assert_eq!(bundle.world.datasets.len(), 7);
    let gaps = deployment::gaps_at(&bundle, Timestamp::parse("2026-06-01").unwrap());
    let gaps: Vec<String> = gaps
        .iter()
        .map(|gap| format!("{}: {}: {}", gap.kind, gap.subject, gap.text))
        .collect();
    insta::assert_snapshot!(gaps.join("\n"));
}

#[test]
fn covered_and_expired_people_see_nothing_of_home_residents() {
    let sample = Sample::new();
    for (who, from) in [
        ("jun.covered", "SG"),
        ("li.beijing", "CN"),
        ("tao.visiting", "US"),
        ("eve.expired", "SG"),
    ] {
        let refused = sample.refused(who, from, USERS);
        assert_eq!(
            (refused.code, refused.hint),
            (Refusal::NotVisible, None),
            "{who}"
        );
    }
}

#[test]
fn the_ownership_path_is_told() {
    let refused = Sample::new().refused("jun.covered", "SG", USERS);
    let Standing::Covered(path) = standing(&refused) else {
        panic!("{refused:?}")
    };
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(path.join("\n"));
}

#[test]
fn a_share_below_the_rule_frees_and_an_unknown_rest_does_not() {
    let below = Sample::with_people("share: 60%", "share: 49%");
    let decision = decision(below.at_work("jun.covered", "SG", USERS));
    assert!(decision.standings[0].standing.is_not_covered());
    let unknown = Sample::with_people(
        "share: 60% } ], rest: others",
        "share: 49% } ], rest: unknown",
    );
    let refused = unknown.refused("jun.covered", "SG", USERS);
    assert!(matches!(standing(&refused), Standing::Unknown(_)));
}

#[test]
fn an_eligible_engineer_sees_masks_and_how_to_ask() {
    let decision = decision(Sample::new().at_work("mei.eligible", "SG", USERS));
    for field in ["id", "name", "email", "country", "born", "followers"] {
        assert_eq!(
            verdict(&decision, USERS, field, &home()),
            Verdict::Masked,
            "{field}"
        );
    }
    for field in ["passport", "added_yesterday"] {
        assert_eq!(
            verdict(&decision, USERS, field, &home()),
            Verdict::Hidden,
            "{field}"
        );
    }
    let hints: Vec<String> = decision.hints.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(hints.join("\n"));
}

#[test]
fn people_at_home_and_citizens_abroad_are_not_covered() {
    let sample = Sample::new();
    for (who, from) in [
        ("wei.texas", "US"),
        ("uma.beijing", "CN"),
        ("ana.home", "US"),
    ] {
        let decision = decision(sample.at_work(who, from, USERS));
        assert!(decision.standings[0].standing.is_not_covered(), "{who}");
        assert_eq!(
            verdict(&decision, USERS, "email", &home()),
            Verdict::Masked,
            "{who}"
        );
    }
}

#[test]
fn a_grant_opens_its_fields_for_its_purpose_with_two_factors() {
    let sample = Sample::new();
    let ask = |strength, purpose| {
        let question = Question {
            who: "ana.home",
            from: "US",
            purpose,
            strength,
        };
        let decision = decision(sample.ask(&question, USERS));
        ["email", "born"].map(|field| verdict(&decision, USERS, field, &home()))
    };
    use Verdict::{Clear, Masked};
    assert_eq!(ask(Strength::Aal2, "support"), [Clear, Masked]);
    assert_eq!(ask(Strength::Aal1, "support"), [Masked, Masked]);
    assert_eq!(ask(Strength::Aal2, "analytics"), [Masked, Masked]);
}

#[test]
fn a_subject_set_opens_its_subjects_alone() {
    let sample = Sample::new();
    let question = Question {
        who: "mei.eligible",
        from: "SG",
        purpose: "incident",
        strength: Strength::Aal2,
    };
    let decision = decision(sample.ask(&question, USERS));
    let view = &decision.views[&DatasetId::new(USERS).unwrap()].view;
    let cell = &view.fields[&FieldName::new("email").unwrap()].cells[&home()];
    assert_eq!(cell.verdict, Verdict::Masked);
    assert_eq!(cell.clear_for.len(), 1, "{cell:?}");
}

#[test]
fn no_approval_lifts_the_floor() {
    let sample = Sample::new();
    let question = Question {
        who: "jun.covered",
        from: "SG",
        purpose: "incident",
        strength: Strength::Aal2,
    };
    assert!(matches!(sample.ask(&question, USERS), Outcome::Refused(_)));
}

#[test]
fn break_glass_opens_locations_at_home() {
    let sample = Sample::new();
    let locations = "app/public.device_locations";
    let question = Question {
        who: "wei.texas",
        from: "US",
        purpose: "incident",
        strength: Strength::Aal2,
    };
    let decision = decision(sample.ask(&question, locations));
    assert_eq!(
        verdict(&decision, locations, "latitude", &home()),
        Verdict::Clear
    );
    assert_eq!(
        verdict(&decision, locations, "device_id", &home()),
        Verdict::Masked
    );
}

#[test]
fn an_assessment_shows_masks_to_its_recipients_alone() {
    let sample = Sample::new();
    let videos = "app/public.videos";
    let decision = decision(sample.at_work("li.beijing", "CN", videos));
    assert_eq!(
        verdict(&decision, videos, "title", &home()),
        Verdict::Masked
    );
    assert_eq!(
        verdict(&decision, videos, "owner_id", &home()),
        Verdict::Masked
    );
    let view = &decision.views[&DatasetId::new(videos).unwrap()].view;
    assert_eq!(view.rows[&home()], Rows::Seen);
    let refused = sample.refused("jun.covered", "SG", videos);
    assert_eq!(refused.code, Refusal::NotVisible);
}

#[test]
fn a_shared_tool_sees_what_all_of_its_audience_may_see() {
    let sample = Sample::new();
    let question = Question {
        who: "bi.metabase",
        from: "US",
        purpose: "support",
        strength: Strength::Aal2,
    };
    let decision = decision(sample.ask(&question, USERS));
    assert_eq!(verdict(&decision, USERS, "email", &home()), Verdict::Masked);
}

#[test]
fn the_sample_shows_every_level_and_every_kind_of_mask() {
    let bundle = deployment::load(&sample()).unwrap();
    let fields = || {
        bundle
            .world
            .datasets
            .values()
            .flat_map(|dataset| &dataset.fields)
    };
    for &level in Level::ALL {
        assert!(fields().any(|field| field.label == Some(level)), "{level}");
    }
    for &kind in model::MaskKind::ALL {
        let has = |field: &model::Field| field.mask.as_ref().map(model::Mask::kind) == Some(kind);
        assert!(fields().any(has), "{kind}");
    }
    assert!(fields().any(|field| field.label.is_none()));
}
