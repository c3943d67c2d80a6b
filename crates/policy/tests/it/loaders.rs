//! Spoilt texts: every loader answers with a value or with faults, and never panics.

use policy::{Decider, SHIPPED, SHIPPED_LADDER, read_ladder, read_regime};
use proptest::prelude::*;

use crate::setting::{GENEROUS, small, world};

/// A text with a few of its bytes replaced, removed or doubled, still UTF-8 as `&str` demands.
fn spoilt(text: &'static str) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, any::<char>());
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut letters: Vec<char> = text.chars().collect();
        for (place, how, letter) in changes {
            if letters.is_empty() {
                break;
            }
            let at = place.index(letters.len());
            match how {
                0 => letters[at] = letter,
                1 => drop(letters.remove(at)),
                2 => letters.insert(at, letters[at]),
                _ => letters.truncate(at.max(1)),
            }
        }
        letters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: testkit::cases(200), failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_spoilt_regime_is_read_or_refused(text in spoilt(SHIPPED[0].data)) {
        if let Err(faults) = read_regime("regime.yaml", &text, "", "") {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn a_spoilt_ladder_is_read_or_refused(text in spoilt(SHIPPED_LADDER)) {
        if let Err(faults) = read_ladder("ladder.yaml", &text) {
            prop_assert!(!faults.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: testkit::cases(60), failure_persistence: None, ..Default::default() })]

    #[test]
    fn spoilt_policies_are_compiled_or_refused(text in spoilt(GENEROUS)) {
        let generated = small("person p0: citizen US; lives US; desk US", vec![]);
        if let Err(error) = Decider::new(world(&["us-dsp"], &generated, &text)) {
            prop_assert!(!error.0.is_empty());
        }
    }
}
