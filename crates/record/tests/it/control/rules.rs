//! Constitution, people, catalogue, policies and labels: which version may follow, and who signs.

use record::{Body, Endorsement, Refused};

use crate::history::*;

#[test]
fn nothing_is_decided_without_a_constitution_that_holds() {
    let mut history = History::empty();
    history.add(start(true));
    let waiting: [Body; 5] = [
        people(1, None).into(),
        catalogue(1, None).into(),
        policy(1, None).into(),
        label_change(1, "email").into(),
        break_glass().into(),
    ];
    for body in waiting.clone() {
        assert_eq!(history.refused(body), Refused::NoConstitution);
    }
    history.add(constitution(1, None));
    history.now_ms = constitution(1, None).expires_ms;
    for body in waiting {
        assert_eq!(history.refused(body), Refused::ConstitutionExpired);
    }
    assert_eq!(history.refused(request()), Refused::ConstitutionExpired);
    // The next version is the way out.
    let mut next = constitution(2, Some(digest(0x81)));
    assert_eq!(
        history.refused(next.clone()),
        Refused::EndsEarly("constitution")
    );
    next.expires_ms = history.now_ms + HOUR_MS;
    history.add(next);
    history.add(people(1, None));
}

#[test]
fn versions_have_no_gap_and_name_the_one_before() {
    let mut history = History::constituted();
    let version = |what, version| Refused::Version {
        what,
        expected: 2,
        version,
    };
    for wrong in [1, 3] {
        assert_eq!(
            history.refused(constitution(wrong, None)),
            version("constitution", wrong)
        );
        assert_eq!(
            history.refused(people(wrong, None)),
            version("people register", wrong)
        );
        assert_eq!(
            history.refused(catalogue(wrong, None)),
            version("catalogue", wrong)
        );
        assert_eq!(
            history.refused(policy(wrong, None)),
            version("policy", wrong)
        );
    }
    for previous in [None, Some(digest(0))] {
        let refused = |what| Refused::Previous { what };
        assert_eq!(
            history.refused(constitution(2, previous)),
            refused("constitution")
        );
        assert_eq!(
            history.refused(people(2, previous)),
            refused("people register")
        );
        assert_eq!(
            history.refused(catalogue(2, previous)),
            refused("catalogue")
        );
        assert_eq!(history.refused(policy(2, previous)), refused("policy"));
    }
    history.add(constitution(2, Some(digest(0x81))));
    history.add(people(2, Some(digest(0x91))));
    history.add(catalogue(2, Some(digest(0xa1))));
    let index = history.add(policy(2, Some(digest(0xb1))));
    let in_force = history.state.policy().unwrap();
    assert_eq!(
        (in_force.number, in_force.hash, in_force.index),
        (2, digest(0xb2), index)
    );
}

#[test]
fn what_changes_the_rules_is_signed_by_two_people_with_two_keys() {
    let mut history = History::constituted();
    let index = history.add(log_open(1));
    history.add(anchor(20, 0));
    let emergency = history.add(break_glass());
    assert!(index > 0);
    let signed_by = |by: Vec<Endorsement>| -> Vec<Body> {
        let mut constitution = constitution(2, Some(digest(0x81)));
        let mut people = people(2, Some(digest(0x91)));
        let mut catalogue = catalogue(2, Some(digest(0xa1)));
        let mut policy = policy(2, Some(digest(0xb1)));
        let mut label = label_change(2, "email");
        let mut erasure = erasure(3, &[1]);
        let mut break_glass = break_glass();
        let mut review = review(emergency);
        constitution.by.clone_from(&by);
        people.by.clone_from(&by);
        catalogue.by.clone_from(&by);
        policy.by.clone_from(&by);
        label.by.clone_from(&by);
        erasure.by.clone_from(&by);
        break_glass.by.clone_from(&by);
        review.by = by;
        vec![
            constitution.into(),
            people.into(),
            catalogue.into(),
            policy.into(),
            label.into(),
            erasure.into(),
            break_glass.into(),
            review.into(),
        ]
    };
    let mut borrowed = signed(6);
    borrowed.key = signed(5).key;
    let mut second_key = signed(5);
    second_key.key = signed(6).key;
    let one = Refused::TooFewSigners {
        needed: 2,
        signed: 1,
    };
    for (by, why) in [
        (vec![signed(5)], one),
        (vec![signed(5), borrowed], Refused::SameKey(signed(5).key)),
        (vec![signed(5), second_key], Refused::SamePerson(person(5))),
    ] {
        for body in signed_by(by) {
            assert_eq!(history.refused(body.clone()), why, "{body:?}");
        }
    }
    for body in signed_by(vec![signed(5), signed(6)]) {
        let entry = history.make(body);
        assert!(
            history.state.check(history.state.size(), &entry).is_ok(),
            "{entry:?}"
        );
    }
}

#[test]
fn a_catalogue_brings_the_changes_of_labels_that_were_announced() {
    let mut history = History::constituted();
    let announced = history.add(label_change(2, "email"));
    history.add(label_change(2, "name"));
    let (dataset, field) = (
        label_change(2, "email").dataset,
        label_change(2, "email").field,
    );
    let twice = Refused::LabelTwice {
        dataset: dataset.clone(),
        field: field.clone(),
        index: announced,
    };
    assert_eq!(history.refused(label_change(2, "email")), twice);
    let mut same = label_change(2, "email");
    same.to = same.from;
    assert_eq!(history.refused(same), Refused::LabelSame { dataset, field });
    let what = "catalogue";
    let late = Refused::Version {
        what,
        expected: 2,
        version: 3,
    };
    assert_eq!(history.refused(label_change(3, "phone")), late);
    let mut next = catalogue(2, Some(digest(0xa1)));
    for brought in [0, 1, 3] {
        next.label_changes = brought;
        let refused = Refused::LabelChanges {
            announced: 2,
            brought,
        };
        assert_eq!(history.refused(next.clone()), refused);
    }
    next.label_changes = 2;
    history.add(next);
    history.add(label_change(3, "email"));
}
