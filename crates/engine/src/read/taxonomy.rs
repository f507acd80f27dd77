//! The categories of labels, and which concepts of other vocabularies become which.

use athar_labels::{Scheme, concepts_of, risk_of};
use athar_types::{Basis, Category, Level, Relation, words};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A category.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CategoryView {
    /// Its name in files and answers.
    #[schemars(with = "String")]
    pub category: Category,
    /// Its name in English and Arabic, by the code of the language.
    #[schemars(with = "BTreeMap<String, String>")]
    pub name: BTreeMap<&'static str, &'static str>,
    /// What it means, likewise.
    #[schemars(with = "BTreeMap<String, String>")]
    pub definition: BTreeMap<&'static str, &'static str>,
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
        let by_language = |i: usize| {
            words(*category).map(|w| [("en", w.en[i].as_str()), ("ar", w.ar[i].as_str())].into()).unwrap_or_default()
        };
        CategoryView {
            category: *category,
            name: by_language(0),
            definition: by_language(1),
            risk: category.is_risk(),
            service: category.is_service(),
            proven: risk_of(*category, Basis::Designation, Relation::Ownership),
            claimed: risk_of(*category, Basis::ThirdPartyClaim, Relation::Ownership),
            concepts,
        }
    };
    Category::ALL.iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_labels::{Meaning, concepts};
    use std::fmt::Write;

    /// The page `docs/reference/taxonomy.md`, made from the tables.
    fn page() -> String {
        let mut out = String::from(
            "# Taxonomy\n\nMade from the tables in `crates/labels/data`; `ATHAR_UPDATE_TAXONOMY=1 cargo test -p athar-engine --lib \
             taxonomy` writes it anew.\n\n## Categories\n\nThe level is that of the labelled address itself, where a designation or \
             judgment says so and where somebody claims it.\n\n| category | English | Arabic | meaning | proven | claimed | trace \
             stops |\n|---|---|---|---|---|---|---|\n",
        );
        for c in taxonomy() {
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {} {} | {} | {} | {} |",
                c.category,
                c.name["en"],
                c.name["ar"],
                c.definition["en"],
                c.definition["ar"],
                c.proven,
                c.claimed,
                if c.service { "yes" } else { "no" }
            );
        }
        for scheme in Scheme::ALL {
            let _ = writeln!(out, "\n## Concepts of {}\n\n| concept | category | why |\n|---|---|---|", scheme.name());
            for (_, concept, meaning, reason) in concepts().filter(|row| row.0 == scheme) {
                let category = match meaning {
                    Meaning::Category(category) => category.name(),
                    _ => "none: it says how or where, not who",
                };
                let concept = if concept == "*" { "every other" } else { concept };
                let _ = writeln!(out, "| {concept} | {category} | {reason} |");
            }
        }
        out
    }

    #[test]
    fn the_page_of_the_taxonomy_is_that_of_the_tables() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/taxonomy.md");
        let page = page();
        if std::env::var_os("ATHAR_UPDATE_TAXONOMY").is_some() {
            std::fs::write(&path, &page).expect("the page is written");
        }
        assert!(std::fs::read_to_string(&path).expect("the page") == page, "run with ATHAR_UPDATE_TAXONOMY=1");
    }
}
