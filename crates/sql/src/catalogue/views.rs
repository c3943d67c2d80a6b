//! Views of the catalogue: their definitions, which are read over the guarded relations.

use std::collections::HashMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../data/catalogue/views-15.sql");

static VIEWS: LazyLock<HashMap<(&'static str, &'static str), &'static str>> = LazyLock::new(|| {
    TEXT.split("-- view ")
        .skip(1)
        .filter_map(|block| {
            let (name, definition) = block.split_once('\n')?;
            Some((name.split_once('.')?, definition.trim()))
        })
        .collect()
});

/// A view's definition.
pub(super) fn definition(schema: &str, name: &str) -> Option<&'static str> {
    let views: &HashMap<(&str, &str), &'static str> = &VIEWS;
    views.get(&(schema, name)).copied()
}
