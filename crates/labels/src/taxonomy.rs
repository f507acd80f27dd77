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
    /// Category names in answers of Chainalysis.
    Chainalysis,
    /// Category names in answers of Elliptic.
    Elliptic,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 7] =
        [Self::Graphsense, Self::Interpol, Self::Ofac, Self::Un, Self::Crystal, Self::Chainalysis, Self::Elliptic];

    /// The name in the table and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Graphsense => "graphsense",
            Self::Interpol => "interpol",
            Self::Ofac => "ofac",
            Self::Un => "un",
            Self::Crystal => "crystal",
            Self::Chainalysis => "chainalysis",
            Self::Elliptic => "elliptic",
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
    meanings: [FxHashMap<&'static str, Meaning>; 7],
    /// Why, where the table says so, in the order of the table.
    rows: Vec<(Scheme, &'static str, Meaning, &'static str)>,
    /// The first GraphSense concept of each category.
    graphsense: FxHashMap<Category, &'static str>,
}

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(|| {
    // the text is part of the program, and a test reads it
    read(TABLE).unwrap_or_else(|error| panic!("concepts.csv: {error}"))
});

fn read(text: &'static str) -> Result<Taxonomy, String> {
    let mut taxonomy = Taxonomy { meanings: Default::default(), rows: Vec::new(), graphsense: FxHashMap::default() };
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    for row in rows {
        let (scheme, concept, category, reason) = match row.splitn(4, ',').collect::<Vec<_>>()[..] {
            [scheme, concept, category] => (scheme, concept, category, ""),
            [scheme, concept, category, reason] => (scheme, concept, category, reason),
            _ => return Err(format!("`{row}` has not three columns")),
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
        taxonomy.rows.push((scheme, concept, meaning, reason));
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
    let schemes = [Scheme::Graphsense, Scheme::Interpol, Scheme::Crystal, Scheme::Chainalysis, Scheme::Elliptic];
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

/// Every row of the table in its order: scheme, concept, what it says, and why (empty where that is plain).
pub fn concepts() -> impl Iterator<Item = (Scheme, &'static str, Meaning, &'static str)> {
    TAXONOMY.rows.iter().copied()
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
        assert_eq!(concepts_of(Category::Scam).last(), Some(&(Scheme::Elliptic, "Scam")));
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
    fn only_what_names_terrorism_becomes_terrorist_financing() {
        for (scheme, concept, meaning, _) in concepts() {
            let lower = concept.to_lowercase();
            let names_it = ["terr", "sdgt", "fto", "sdt", "al-qaida", "taqa"].iter().any(|word| lower.contains(word));
            if meaning == Meaning::Category(Category::TerroristFinancing) {
                assert!(names_it, "{} {concept}", scheme.name());
            }
        }
        for silent_of_terrorism in
            ["HIFPAA", "LEBANON", "NS-PLC", "FSE-SDGT", "IRGC", "SOMALIA", "a programme of tomorrow"]
        {
            assert_eq!(meaning(Scheme::Ofac, silent_of_terrorism), Meaning::Category(Category::Sanctioned));
        }
    }

    #[test]
    fn every_programme_of_ofac_has_its_reason_and_names_of_vendors_are_kept_apart() {
        let of = |scheme| concepts().filter(move |row| row.0 == scheme);
        assert!(of(Scheme::Ofac).count() > 90 && of(Scheme::Ofac).all(|row| !row.3.is_empty()));
        assert_eq!(own_meaning("illicit actor-org"), Meaning::Category(Category::Perpetrator));
        assert_eq!(own_meaning("Terrorist Organisation"), Meaning::Category(Category::TerroristFinancing));
        assert_eq!(own_meaning("sanctioned jurisdiction"), Meaning::Silent, "where, not who");
        assert_eq!(meaning(Scheme::Chainalysis, "a name of tomorrow"), Meaning::Unknown);
        assert_eq!(meaning(Scheme::Elliptic, "a name of tomorrow"), Meaning::Unknown);
        let confirmed = |row: &(Scheme, &str, Meaning, &str)| row.3.starts_with("seen in use") || row.3 == "style only";
        assert!(of(Scheme::Elliptic).all(|row| confirmed(&row)));
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
