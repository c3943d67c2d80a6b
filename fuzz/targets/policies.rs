#![no_main]
//! Any bytes may stand in a deployment's own policies: compiling them answers with a decider or with
//! diagnostics, and never panics.

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use policy::{Decider, RulesFile, SHIPPED, SHIPPED_LADDER, World, read_ladder, read_regime};

/// The smallest world that policies can be compiled in: one shipped regime and its ladder, nobody
/// and nothing to decide about.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let shipped = &SHIPPED[0];
    World {
        regimes: vec![
            read_regime(shipped.file, shipped.data, shipped.floor, shipped.oversight).unwrap(),
        ],
        museum: false,
        ladder: read_ladder("ladder.yaml", SHIPPED_LADDER).unwrap(),
        rules: Vec::new(),
        datasets: Default::default(),
        register: Default::default(),
        purposes: Default::default(),
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let world = World {
        rules: vec![RulesFile {
            file: "policy/fuzz.cedar".to_owned(),
            text: text.to_owned(),
        }],
        ..WORLD.clone()
    };
    if let Err(error) = Decider::new(world) {
        let _ = error.to_string();
    }
});
