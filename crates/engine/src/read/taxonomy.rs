//! The categories of labels, and which concepts of other vocabularies become which.

use athar_labels::{Scheme, concepts_of, risk_of};
use athar_types::{Basis, Category, Level, Relation};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A category.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CategoryView {
    /// Its name in files and answers.
    #[schemars(with = "String")]
    pub category: Category,
    /// Whether it says a risk.
    pub risk: bool,
    /// Whether it is a service, at which a trace stops.
    pub service: bool,
    /// Level of an address that carries it, where a designation or judgment says so.
    #[schemars(with = "String")]
    pub proven: Level,
    /// The same where somebody claims it.
    #[schemars(with = "String")]
    pub claimed: Level,
    /// The concepts that become it, by vocabulary; `*` stands for every concept of one that is not named.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub concepts: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Every category, from the weightiest to the lightest.
pub fn taxonomy() -> Vec<CategoryView> {
    let view = |category: &Category| {
        let mut concepts: BTreeMap<_, Vec<_>> = Scheme::ALL.into_iter().map(|s| (s.name(), Vec::new())).collect();
        for (scheme, concept) in concepts_of(*category) {
            concepts.entry(scheme.name()).or_default().push(concept);
        }
        CategoryView {
            category: *category,
            risk: category.is_risk(),
            service: category.is_service(),
            proven: risk_of(*category, Basis::Designation, Relation::Ownership),
            claimed: risk_of(*category, Basis::ThirdPartyClaim, Relation::Ownership),
            concepts,
        }
    };
    Category::ALL.iter().map(view).collect()
}
