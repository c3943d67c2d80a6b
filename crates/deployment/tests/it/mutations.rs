//! No file, however broken, makes loading panic.

use proptest::prelude::*;

use crate::place::sample;

const FILES: [&str; 6] = [
    "cordon.toml",
    "catalog/app.yaml",
    "policy/rules.cedar",
    "people.yaml",
    "grants.yaml",
    "assessments.yaml",
];

#[derive(Clone, Debug)]
enum Mutation {
    Cut(usize),
    Drop(usize, usize),
    Put(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = prop_oneof![
        any::<u8>(),
        proptest::sample::select(b"{}[]:,\"'&*-#\n \t%@=.".to_vec())
    ];
    prop_oneof![
        any::<usize>().prop_map(Mutation::Cut),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Mutation::Drop(at, length)),
        (any::<usize>(), proptest::collection::vec(byte, 1..6))
            .prop_map(|(at, bytes)| Mutation::Put(at, bytes)),
        (any::<usize>(), 1..400_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
    ]
}

fn apply(text: &mut Vec<u8>, mutation: &Mutation) {
    let length = text.len();
    let at = |place: usize| place % (length + 1);
    match mutation {
        Mutation::Cut(place) => text.truncate(at(*place)),
        Mutation::Drop(place, count) => {
            let from = at(*place);
            text.drain(from..(from + count).min(length));
        }
        Mutation::Put(place, bytes) => {
            let from = at(*place);
            text.splice(from..from, bytes.iter().copied());
        }
        Mutation::Repeat(place, count) => {
            let from = at(*place);
            let part = text[from..(from + count).min(length)].to_vec();
            text.splice(from..from, part);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_mutated_file_is_loaded_or_answered(
        file in 0..FILES.len(),
        mutations in proptest::collection::vec(mutation(), 1..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        for (index, name) in FILES.iter().enumerate() {
            let mut text = std::fs::read(sample().join(name)).unwrap();
            if index == file {
                mutations.iter().for_each(|mutation| apply(&mut text, mutation));
            }
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        match deployment::load(dir.path()) {
            Ok(bundle) => prop_assert!(policy::Decider::new(bundle.world).is_ok()),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(!fault.cause.is_empty() && !fault.remedy.is_empty());
                    prop_assert!(!fault.cause.ends_with('.') && !fault.remedy.ends_with('.'), "{}", fault);
                }
            }
        }
    }
}
