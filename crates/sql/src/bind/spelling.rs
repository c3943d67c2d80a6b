//! Which spellings of countries make a row home, by residency class.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use model::{Jurisdiction, Residency};

use super::{Homes, class_of};

/// Lists by the classes they are of.
type Made = Arc<Mutex<HashMap<Vec<Residency>, Arc<[String]>>>>;

/// Every spelling Cordon knows, in lower case, by the class of the country it names. What is in no
/// list is unknown.
#[derive(Clone, Debug)]
pub(crate) struct Spellings {
    by_class: BTreeMap<Residency, Arc<[String]>>,
    homes: Homes,
    /// Lists that were asked for: a thousand texts are not copied for every statement.
    made: Made,
}

impl Spellings {
    pub(super) fn new(homes: &Homes) -> Self {
        let mut by_class: BTreeMap<Residency, Vec<String>> = BTreeMap::new();
        for place in Jurisdiction::all() {
            by_class
                .entry(class_of(homes, place))
                .or_default()
                .extend(place.spellings());
        }
        Self {
            by_class: by_class
                .into_iter()
                .map(|(class, mut list)| {
                    list.sort();
                    list.dedup();
                    (class, Arc::from(list))
                })
                .collect(),
            homes: homes.clone(),
            made: Arc::default(),
        }
    }

    /// The classes that a country can have.
    pub(crate) fn classes(&self) -> impl Iterator<Item = &Residency> {
        self.by_class.keys()
    }

    /// The class of a country.
    pub(crate) fn class_of(&self, place: Jurisdiction) -> Residency {
        class_of(&self.homes, place)
    }

    /// The spellings of all countries of these classes, in order.
    pub(crate) fn of<'a>(&self, classes: impl Iterator<Item = &'a Residency>) -> Arc<[String]> {
        let classes: Vec<Residency> = classes.cloned().collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&classes) {
            return Arc::clone(known);
        }
        let mut list: Vec<String> = classes
            .iter()
            .filter_map(|class| self.by_class.get(class))
            .flat_map(|list| list.iter().cloned())
            .collect();
        list.sort();
        let list: Arc<[String]> = Arc::from(list);
        made.insert(classes, Arc::clone(&list));
        list
    }
}
