//! A SKOS taxonomy in Turtle, such as INTERPOL's Dark Web and Virtual Assets taxonomy: its concepts, for reference.

use super::ImportOptions;
use super::builder::{Builder, PackHeader};
use super::source::Source;
use crate::error::LabelError;
use crate::pack::{Concept, Draft, Format};
use crate::report::ImportReport;
use crate::taxonomy::{Meaning, Scheme, meaning};
use oxrdf::Term;
use oxttl::TurtleParser;
use std::collections::BTreeMap;

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const DC_TITLE: &str = "http://purl.org/dc/terms/title";
const VERSION: &str = "http://www.w3.org/2002/07/owl#versionInfo";

/// What the statements about one subject say, in the order of the file.
#[derive(Default)]
struct Said {
    order: usize,
    is_concept: bool,
    is_scheme: bool,
    label: Option<String>,
    definition: Option<String>,
    title: Option<String>,
    version: Option<String>,
    broader: Vec<String>,
}

pub(super) fn read(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    let mut subjects: BTreeMap<String, Said> = BTreeMap::new();
    for triple in TurtleParser::new().for_slice(source.text.as_bytes()) {
        let triple = triple.map_err(|error| {
            let at = error.location().start;
            source.malformed(at.line as u32 + 1, at.column as u32 + 1, error.message())
        })?;
        let order = subjects.len();
        let said = subjects.entry(triple.subject.to_string()).or_insert_with(|| Said { order, ..Said::default() });
        let text = value(&triple.object);
        match triple.predicate.as_str() {
            TYPE if text == format!("{SKOS}Concept") => said.is_concept = true,
            TYPE if text == format!("{SKOS}ConceptScheme") => said.is_scheme = true,
            DC_TITLE => said.title = Some(text),
            // a version is a number; "Reviewed" stands there too
            VERSION if text.starts_with(|c: char| c.is_ascii_digit()) => said.version = Some(text),
            predicate => match predicate.strip_prefix(SKOS) {
                Some("prefLabel") => said.label = Some(text),
                Some("definition") => said.definition = Some(text),
                Some("broader") => said.broader.push(fragment(&text).to_owned()),
                _ => {}
            },
        }
    }
    let scheme = subjects.values().filter(|s| s.is_scheme).min_by_key(|s| s.order);
    let name = scheme.and_then(|s| s.label.clone().or_else(|| s.title.clone())).unwrap_or_else(|| source.name());
    let version = scheme.and_then(|s| s.version.clone());
    let header = PackHeader {
        title: version.map_or_else(|| name.clone(), |version| format!("{name} {version}")),
        series: format!("taxonomy:{name}"),
        ..PackHeader::default()
    };
    let mut builder = Builder::new(source, options, Format::Taxonomy, header);
    let mut concepts: Vec<(&String, &Said)> = subjects.iter().filter(|(_, s)| s.is_concept).collect();
    if concepts.is_empty() {
        return Err(source.malformed(1, 0, "no concept of a SKOS taxonomy"));
    }
    concepts.sort_by_key(|(_, said)| said.order);
    for (subject, said) in concepts {
        let id = fragment(subject.trim_matches(['<', '>'])).to_owned();
        let category = match meaning(Scheme::Interpol, &id) {
            Meaning::Category(category) => Some(category),
            Meaning::Silent | Meaning::Unknown => None,
        };
        builder.concept(Concept {
            label: said.label.clone().unwrap_or_else(|| id.clone()),
            definition: said.definition.clone(),
            broader: said.broader.clone(),
            category,
            id,
        });
    }
    Ok(builder.finish())
}

/// The text of a literal, or the IRI of a resource.
fn value(term: &Term) -> String {
    match term {
        Term::Literal(literal) => literal.value().to_owned(),
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::BlankNode(node) => node.to_string(),
    }
}

/// What follows the `#` of an IRI, or its last part.
fn fragment(iri: &str) -> &str {
    iri.rsplit(['#', '/']).next().unwrap_or(iri)
}
