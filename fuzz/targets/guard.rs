#![no_main]
//! Any statement that is guarded names governed relations within guards alone, whatever it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use model::{
    Cell, Dataset, DatasetId, FieldName, FieldView, RegimeId, Residency, RowClass, Rows, Verdict,
    View,
};
use pgschema::Schema;
use sql::{Binding, Context, Limits, ParameterTypes, Refused, SessionNames, Sight, Views};

struct World {
    schema: Schema,
    binding: Binding,
    views: Views,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let catalog = include_str!("../../policies/sample/catalog/app.yaml");
    let snapshot = include_str!("../../policies/sample/schema.json");
    let datasets = catalog::read(&[("app.yaml", catalog)], &catalog::Options::default())
        .unwrap()
        .datasets;
    let schema = Schema::new(serde_json::from_str(snapshot).unwrap()).unwrap();
    let us = BTreeSet::from([model::Jurisdiction::parse("US").unwrap()]);
    let homes = BTreeMap::from([(RegimeId::new("us-dsp").unwrap(), us)]);
    let binding = Binding::new(&datasets, "app", &homes, &schema);
    let views = Views {
        datasets: datasets
            .values()
            .map(|dataset| (dataset.id.clone(), Arc::new(view(dataset))))
            .collect(),
        ..Views::default()
    };
    World {
        schema,
        binding,
        views,
    }
});

/// Rows of other places alone, masked.
fn view(dataset: &Dataset) -> View {
    let home = Residency::Home(BTreeSet::from([RegimeId::new("us-dsp").unwrap()]));
    let classes = [home, Residency::Other, Residency::Unknown].map(|residency| RowClass {
        residency,
        public: false,
    });
    let cell = Cell {
        verdict: Verdict::Masked,
        clear_for: BTreeSet::new(),
    };
    View {
        dataset: dataset.id.clone(),
        rows: classes
            .iter()
            .map(|class| {
                let seen = class.residency == Residency::Other;
                (class.clone(), if seen { Rows::Seen } else { Rows::Unseen })
            })
            .collect(),
        fields: dataset
            .fields
            .iter()
            .filter(|field| field.mask.is_some())
            .map(|field| {
                let cells = classes.iter().map(|class| (class.clone(), cell.clone()));
                let view = FieldView {
                    mask: field.mask.clone(),
                    cells: cells.collect(),
                };
                (field.name.clone(), view)
            })
            .collect(),
    }
}

struct Seen<'a>(&'a Views);

impl Sight for Seen<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, Refused> {
        let view = &self.0.datasets[dataset];
        Ok(view.fields.keys().map(|name| (name.clone(), false)).collect())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(statements) = sql::read_bytes(bytes, &Limits::default()) else {
        return;
    };
    let world = &*WORLD;
    let context = Context {
        schema: &world.schema,
        binding: &world.binding,
        path: vec!["public".to_owned()],
        names: SessionNames::default(),
    };
    for mut statement in statements {
        let Ok(resolution) = sql::resolve(&mut statement, &context, &mut Seen(&world.views)) else {
            continue;
        };
        let types = ParameterTypes::default();
        if let Ok(guarded) = sql::guard(statement, &resolution, &context, &world.views, &types) {
            // Every governed relation is named as a guard names it.
            let text = guarded.text();
            for place in text.match_indices("\"public\".").map(|(place, _)| place) {
                let rest = &text[place..];
                let name_end = rest[9..].find('"').and_then(|_| rest[10..].find('"')).unwrap() + 11;
                assert!(rest[name_end..].starts_with(" AS \"cordon:"), "{text}");
            }
        }
    }
});
