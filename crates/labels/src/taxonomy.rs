//! From the concepts of other vocabularies to ours, and back for exports: the table `data/concepts.csv`.

use athar_types::Category;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/concepts.csv");

/// Whose vocabulary a concept is from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scheme {
    /// GraphSense's concepts, abuses and entities.
    Graphsense,
    /// INTERPOL's Dark Web and Virtual Assets taxonomy.
    Interpol,
    /// Programmes of OFAC's SDN list.
    Ofac,
    /// Regimes of the United Nations' list, and of lists that follow it.
    Un,
    /// Entity types of Crystal's.
    Crystal,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 5] = [Self::Graphsense, Self::Interpol, Self::Ofac, Self::Un, Self::Crystal];

    /// The name in the table and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Graphsense => "graphsense",
            Self::Interpol => "interpol",
            Self::Ofac => "ofac",
            Self::Un => "un",
            Self::Crystal => "crystal",
        }
    }
}

/// What a concept says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A category.
    Category(Category),
    /// How or where, not who: no category.
    Silent,
    /// No mapping knows it.
    Unknown,
}

struct Taxonomy {
    /// By [`Scheme`] as an index, then by concept.
    meanings: [FxHashMap<&'static str, Meaning>; 5],
    /// The first GraphSense concept of each category.
    graphsense: FxHashMap<Category, &'static str>,
}

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(|| {
    // the text is part of the program, and a test reads it
    read(TABLE).unwrap_or_else(|error| panic!("concepts.csv: {error}"))
});

fn read(text: &'static str) -> Result<Taxonomy, String> {
    let mut taxonomy = Taxonomy { meanings: Default::default(), graphsense: FxHashMap::default() };
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    for row in rows {
        let [scheme, concept, category] = row.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("`{row}` has not three columns"));
        };
        let Some(scheme) = Scheme::ALL.into_iter().find(|s| s.name() == scheme) else {
            return Err(format!("`{row}` has an unknown scheme"));
        };
        let meaning = match category {
            "-" => Meaning::Silent,
            name => Meaning::Category(name.parse().map_err(|error| format!("`{row}`: {error}"))?),
        };
        if taxonomy.meanings[scheme as usize].insert(concept, meaning).is_some() {
            return Err(format!("`{row}` stands there twice"));
        }
        if let (Scheme::Graphsense, Meaning::Category(category)) = (scheme, meaning) {
            taxonomy.graphsense.entry(category).or_insert(concept);
        }
    }
    Ok(taxonomy)
}

/// What `concept` says in its scheme. A `*` row of the table speaks for all that it does not name.
pub fn meaning(scheme: Scheme, concept: &str) -> Meaning {
    let meanings = &TAXONOMY.meanings[scheme as usize];
    meanings.get(concept).or_else(|| meanings.get("*")).copied().unwrap_or(Meaning::Unknown)
}

/// What a text in a field for our own categories says: one of ours, or a concept of GraphSense's or INTERPOL's.
pub(crate) fn own_meaning(text: &str) -> Meaning {
    if let Ok(category) = text.parse() {
        return Meaning::Category(category);
    }
    let schemes = [Scheme::Graphsense, Scheme::Interpol, Scheme::Crystal];
    schemes.into_iter().map(|scheme| meaning(scheme, text)).find(|m| *m != Meaning::Unknown).unwrap_or(Meaning::Unknown)
}

/// The concepts that map to `category`, with their schemes, in order. `*` speaks for every other concept of its scheme.
pub fn concepts_of(category: Category) -> Vec<(Scheme, &'static str)> {
    let mut found: Vec<(Scheme, &str)> = Scheme::ALL
        .into_iter()
        .flat_map(|scheme| {
            TAXONOMY.meanings[scheme as usize].iter().map(move |(concept, meaning)| (scheme, *concept, *meaning))
        })
        .filter(|(_, _, meaning)| *meaning == Meaning::Category(category))
        .map(|(scheme, concept, _)| (scheme, concept))
        .collect();
    found.sort_by_key(|(scheme, concept)| (*scheme as usize, *concept));
    found
}

/// GraphSense's concept for a category, for exports. `None` where it has none.
pub(crate) fn graphsense_concept(category: Category) -> Option<&'static str> {
    TAXONOMY.graphsense.get(&category).copied()
}

/// BLAKE3 of the table: part of a pack's identity, since another table would read the same file otherwise.
pub(crate) fn hash() -> [u8; 32] {
    *blake3::hash(TABLE.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_keeps_the_decisions_written_in_it() {
        let says = |scheme, concept| meaning(scheme, concept);
        let is = Meaning::Category;
        assert_eq!(says(Scheme::Graphsense, "terrorism"), is(Category::TerroristFinancing));
        assert_eq!(says(Scheme::Graphsense, "terrorism_financing"), is(Category::TerroristFinancing));
        assert_eq!(says(Scheme::Graphsense, "extremism"), is(Category::Extremism));
        assert_eq!(says(Scheme::Graphsense, "cold_wallet"), Meaning::Silent);
        assert_eq!(says(Scheme::Graphsense, "tumbler"), Meaning::Unknown);
        assert_eq!(says(Scheme::Interpol, "tumbler"), is(Category::Mixer));
        assert_eq!(says(Scheme::Ofac, "SDGT"), is(Category::TerroristFinancing));
        assert_eq!(says(Scheme::Ofac, "IRGC"), is(Category::Sanctioned));
        assert_eq!(says(Scheme::Un, "Al-Qaida"), is(Category::TerroristFinancing));
        assert_eq!(says(Scheme::Un, "Taliban"), is(Category::Sanctioned));
        assert_eq!(own_meaning("Coupon service"), is(Category::CouponService));
        assert_eq!(own_meaning("mixing_service"), is(Category::Mixer));
        assert_eq!(own_meaning("crypto_atm"), is(Category::Atm));
        assert_eq!(own_meaning("stolen_coins"), is(Category::Theft));
        assert_eq!(own_meaning("enforcement_action"), Meaning::Silent);
        assert_eq!(says(Scheme::Interpol, "hardware_wallet"), Meaning::Silent);
        assert_eq!(concepts_of(Category::Scam).last(), Some(&(Scheme::Crystal, "scam")));
        assert_eq!(own_meaning("no such thing"), Meaning::Unknown);
    }

    #[test]
    fn extremism_is_reached_from_extremism_only_and_never_the_other_way() {
        for meanings in &TAXONOMY.meanings {
            for (concept, meaning) in meanings {
                let names_extremism = concept.contains("extremis");
                assert_eq!(*meaning == Meaning::Category(Category::Extremism), names_extremism, "{concept}");
            }
        }
    }

    #[test]
    fn exports_use_a_concept_that_reads_back_as_the_same_category() {
        assert_eq!(graphsense_concept(Category::TerroristFinancing), Some("terrorism_financing"));
        for category in Category::ALL {
            if let Some(concept) = graphsense_concept(*category) {
                assert_eq!(meaning(Scheme::Graphsense, concept), Meaning::Category(*category));
            }
        }
    }

    #[test]
    fn a_broken_table_is_told() {
        for (bad, why) in [
            ("h\ngraphsense,a", "three columns"),
            ("h\nelse,a,-", "unknown scheme"),
            ("h\nofac,a,nothing", "no known category"),
            ("h\nofac,a,-\nofac,a,-", "twice"),
        ] {
            assert!(read(bad).err().unwrap().contains(why), "{bad}");
        }
    }
}
