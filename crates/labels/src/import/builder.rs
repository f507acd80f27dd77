//! Collects the entries of one file into a pack and its report.

use super::ImportOptions;
use super::source::Source;
use super::subject::{Judgment, judge};
use crate::assets::{self, Asset};
use crate::bases::{self, Outcome as BasisOutcome};
use crate::confidence;
use crate::defect::{Defect, DefectKind, shown};
use crate::label::{Claim, Confidence, SubjectKind};
use crate::pack::{Actor, Concept, Draft, Format, PackId, PackInfo, Row};
use crate::report::{DEFECTS_MAX, ImportReport, Outcome};
use crate::taxonomy::{self, Meaning, Scheme};
use athar_types::{Category, Chain, Day};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Place of an entry or field in the file; column 0 is unknown.
pub(crate) type Place = (u32, u32);

pub(crate) struct Builder<'a> {
    options: &'a ImportOptions,
    info: PackInfo,
    report: ImportReport,
    claims: Vec<Claim>,
    claim_ids: FxHashMap<Claim, u32>,
    rows: Vec<Row>,
    seen: HashTable<u32>,
    actors: Vec<Actor>,
    actor_ids: FxHashMap<String, usize>,
    concepts: Vec<Concept>,
    /// Places of defects that were told, with the hash of their text.
    told: FxHashSet<(u32, u32, DefectKind, u64)>,
}

/// An entry as an importer gives it: everything but its subject.
pub(crate) struct Given {
    /// Line of the entry.
    pub(crate) line: u32,
    /// Place of the field that holds the subject.
    pub(crate) place: Place,
    pub(crate) claim: Claim,
    pub(crate) context: Option<Box<str>>,
}

impl Given {
    /// A row of a table.
    pub(crate) fn row(line: u32, claim: Claim) -> Self {
        Self { line, place: (line, 0), claim, context: None }
    }

    fn into_row(self, subject: SubjectKind, text: &str) -> (Row, Place, Claim) {
        let row = Row {
            claim: 0,
            subject,
            chain: None,
            text: text.into(),
            as_written: None,
            quarantine: None,
            note: None,
            context: self.context,
            line: self.line,
        };
        (row, self.place, self.claim)
    }
}

/// The header of a pack as an importer knows it.
#[derive(Default)]
pub(crate) struct PackHeader {
    pub(crate) title: String,
    pub(crate) creator: Option<String>,
    pub(crate) description: Option<String>,
    /// The series where neither the user nor a rule names one.
    pub(crate) series: String,
    pub(crate) part: Option<String>,
    pub(crate) as_of: Option<Day>,
    pub(crate) extra: Vec<String>,
    /// A source that speaks for the whole pack, for the rules of bases.
    pub(crate) source: Option<String>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(source: &Source, options: &'a ImportOptions, format: Format, header: PackHeader) -> Self {
        let rule = bases::outcome(
            format,
            &header.title,
            header.creator.as_deref().unwrap_or_default(),
            header.source.as_deref().unwrap_or_default(),
        );
        let series = options.series.clone().or_else(|| rule.series.map(str::to_owned)).unwrap_or(header.series);
        let source_hash = source.hash.to_hex().to_string();
        let mut tables = blake3::Hasher::new();
        for table in [assets::hash(), bases::hash(), confidence::hash(), taxonomy::hash()] {
            tables.update(&table);
        }
        let info = PackInfo {
            id: PackId::default(),
            format,
            title: header.title,
            creator: header.creator,
            description: header.description,
            series,
            part: header.part,
            as_of: options.as_of.or(header.as_of),
            license: options.license.clone(),
            source_hash: source_hash.clone(),
            source_bytes: source.bytes,
            tables: tables.finalize().to_hex().to_string(),
            extra: header.extra,
        };
        let report = ImportReport {
            file: source.path.clone(),
            format,
            title: info.title.clone(),
            series: info.series.clone(),
            as_of: info.as_of,
            source_hash,
            bytes: source.bytes,
            pack: PackId::default(),
            outcome: Outcome::Stored,
            supersedes: Vec::new(),
            namesakes: Vec::new(),
            rows: 0,
            accepted: 0,
            transactions: 0,
            identifiers: 0,
            actors: 0,
            concepts: 0,
            quarantined: 0,
            duplicates: 0,
            chain_from_text: 0,
            chains: BTreeMap::new(),
            encoding: source.encoding.0,
            encoding_guessed: source.encoding.1,
            defects_by_kind: BTreeMap::new(),
            defects: Vec::new(),
            defects_unlisted: 0,
            unknown_concepts: BTreeMap::new(),
            unknown_fields: BTreeMap::new(),
            missing_fields: BTreeMap::new(),
        };
        Self {
            options,
            info,
            report,
            claims: Vec::new(),
            claim_ids: FxHashMap::default(),
            rows: Vec::new(),
            seen: HashTable::new(),
            actors: Vec::new(),
            actor_ids: FxHashMap::default(),
            concepts: Vec::new(),
            told: FxHashSet::default(),
        }
    }

    /// What the rules say of a label's source.
    pub(crate) fn basis(&self, source: &str) -> BasisOutcome {
        bases::outcome(self.info.format, &self.info.title, self.info.creator.as_deref().unwrap_or_default(), source)
    }

    /// Notes a defect. What stands in a field of the header, which every tag inherits, is told once.
    pub(crate) fn defect(&mut self, (line, column): Place, kind: DefectKind, text: &str, message: impl Into<String>) {
        if column > 0 && !self.told.insert((line, column, kind, hash(&text))) {
            return;
        }
        *self.report.defects_by_kind.entry(kind).or_default() += 1;
        if self.report.defects.len() == DEFECTS_MAX {
            self.report.defects_unlisted += 1;
            return;
        }
        let column = (column > 0).then_some(column);
        self.report.defects.push(Defect { line, column, kind, text: shown(text), message: message.into() });
    }

    /// A field that the format does not have: told once by its name, then counted.
    pub(crate) fn unknown_field(&mut self, place: Place, name: &str) {
        if count(&mut self.report.unknown_fields, name) {
            self.defect(
                place,
                DefectKind::UnknownField,
                name,
                "a field that the format does not have; kept as written",
            );
        }
    }

    /// A mandatory field that is absent: told once by its name, then counted.
    pub(crate) fn missing_field(&mut self, place: Place, name: &str) {
        if count(&mut self.report.missing_fields, name) {
            self.defect(
                place,
                DefectKind::MissingField,
                name,
                "a mandatory field is absent; the entry is kept without it",
            );
        }
    }

    /// The categories of concepts, the weightiest first; never empty. `own`: the texts may also be our own names.
    pub(crate) fn categories(&mut self, place: Place, scheme: Scheme, concepts: &[String], own: bool) -> Vec<Category> {
        let mut categories = Vec::with_capacity(concepts.len());
        for concept in concepts {
            let meaning = if own { taxonomy::own_meaning(concept) } else { taxonomy::meaning(scheme, concept) };
            match meaning {
                Meaning::Category(category) => categories.push(category),
                Meaning::Silent => {}
                Meaning::Unknown => {
                    categories.push(Category::Other);
                    if count(&mut self.report.unknown_concepts, concept) {
                        let message = "a concept that no mapping knows; kept as written under `other`";
                        self.defect(place, DefectKind::UnknownConcept, concept, message);
                    }
                }
            }
        }
        // declared in the order of their weight
        categories.sort_unstable();
        categories.dedup();
        if categories.is_empty() {
            categories.push(Category::Unknown);
        }
        categories
    }

    pub(crate) fn confidence(&mut self, place: Place, text: &str) -> Confidence {
        let confidence = confidence::confidence(text);
        if confidence.level.is_none() {
            let message =
                "neither a published id of confidence nor a number from 0 to 100; kept as written, without level";
            self.defect(place, DefectKind::Confidence, text, message);
        }
        confidence
    }

    pub(crate) fn date(&mut self, place: Place, text: &str) -> Option<Day> {
        // a time of day may follow
        let day = text.get(..10).filter(|_| matches!(text.as_bytes().get(10), None | Some(b'T' | b' ')));
        let found = day.and_then(|day| day.parse().ok());
        if found.is_none() {
            let message = "not a date of the form YYYY-MM-DD; the date is unknown";
            self.defect(place, DefectKind::Date, text, message);
        }
        found
    }

    /// A row whose subject should be an address. `accounts`: whether the list also holds account numbers.
    pub(crate) fn address(&mut self, given: Given, written: &str, asset: &Asset, accounts: bool) {
        let written = written.trim_end_matches(['\r', '\n']);
        self.judged(given, written, judge(written, asset, self.options.network, accounts));
    }

    /// As [`Self::address`], with the judgment over the text (without line ends) already at hand.
    pub(crate) fn judged(&mut self, given: Given, written: &str, judgment: Judgment) {
        let (mut row, place, claim) = given.into_row(SubjectKind::Address, written);
        match judgment {
            Judgment::Address { address, note, chain_from_text } => {
                row.chain = Some(address.chain);
                if *address.text != *row.text {
                    row.as_written = Some(row.text);
                }
                row.text = address.text.into();
                row.note = note.as_ref().map(|n| n.0);
                if let Some((kind, message)) = note {
                    self.defect(place, kind, written, message);
                }
                if self.push(row, place, claim) {
                    self.report.accepted += 1;
                    self.report.chain_from_text += u64::from(chain_from_text);
                    *self.report.chains.entry(address.chain).or_default() += 1;
                }
            }
            Judgment::Account => {
                row.subject = SubjectKind::Account;
                row.text = written.trim().into();
                let message = "an account number at a service, not an address; kept as an identifier of its own kind";
                self.defect(place, DefectKind::AccountNumber, written, message);
                if self.push(row, place, claim) {
                    self.report.identifiers += 1;
                }
            }
            Judgment::Quarantine { kind, message, chain } => {
                row.chain = chain;
                self.quarantine(row, place, kind, message, claim);
            }
        }
    }

    /// A row whose subject the file calls an account number at a service.
    pub(crate) fn account(&mut self, given: Given, written: &str) {
        let text = written.trim();
        let (row, place, claim) = given.into_row(SubjectKind::Account, text);
        if text.is_empty() {
            return self.quarantine(row, place, DefectKind::Empty, "no account number".into(), claim);
        }
        if self.push(row, place, claim) {
            self.report.identifiers += 1;
        }
    }

    /// A row whose subject should be a transaction.
    pub(crate) fn transaction(&mut self, given: Given, written: &str, asset: &Asset) {
        let (mut row, place, claim) = given.into_row(SubjectKind::Transaction, written);
        row.chain = match asset {
            Asset::Coin(chain) => Some(*chain),
            Asset::Token(chains) if chains.len() == 1 => Some(chains[0]),
            _ => None,
        };
        let digits = written.trim().strip_prefix("0x").unwrap_or(written.trim());
        let is_id = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match row.chain {
            // Solana and Ripple write their ids otherwise; nothing of theirs can be checked here
            Some(chain) if is_id && chain != Chain::Solana => {
                let prefix = if is_evm(chain) { "0x" } else { "" };
                let text = format!("{prefix}{}", digits.to_ascii_lowercase());
                if *text != *row.text {
                    row.as_written = Some(row.text);
                }
                row.text = text.into();
                if self.push(row, place, claim) {
                    self.report.transactions += 1;
                }
            }
            Some(_) => {
                let message = "not a transaction id of 64 hexadecimal digits; kept as written, in quarantine";
                self.quarantine(row, place, DefectKind::TransactionId, message.into(), claim);
            }
            None => {
                let message = "the chain of the transaction is not known; kept as written, in quarantine";
                self.quarantine(row, place, DefectKind::UnknownAsset, message.into(), claim);
            }
        }
    }

    /// A row that can be no label: kept all the same.
    pub(crate) fn broken(&mut self, given: Given, text: &str, kind: DefectKind, message: &str) {
        let (row, place, claim) = given.into_row(SubjectKind::Address, text);
        self.quarantine(row, place, kind, message.into(), claim);
    }

    fn quarantine(&mut self, mut row: Row, place: Place, kind: DefectKind, message: String, claim: Claim) {
        self.defect(place, kind, &row.text, message);
        row.quarantine = Some(kind);
        row.claim = self.claim_id(claim);
        self.report.rows += 1;
        self.report.quarantined += 1;
        self.rows.push(row);
    }

    /// Adds an accepted row, unless the file said exactly the same before.
    fn push(&mut self, mut row: Row, place: Place, claim: Claim) -> bool {
        row.claim = self.claim_id(claim);
        self.report.rows += 1;
        let rows = &self.rows;
        let same = |a: &Row, b: &Row| {
            a.text == b.text && a.context == b.context && (a.subject, a.chain, a.claim) == (b.subject, b.chain, b.claim)
        };
        let hash = |r: &Row| hash(&(r.subject, r.chain, r.claim, &r.text, &r.context));
        let found = self.seen.find(hash(&row), |other| same(&rows[*other as usize], &row)).copied();
        if let Some(first) = found {
            self.report.duplicates += 1;
            let message = format!("the same as line {}; counted, not stored twice", self.rows[first as usize].line);
            self.defect(place, DefectKind::Duplicate, &row.text, message);
            return false;
        }
        let id = self.rows.len() as u32;
        self.seen.insert_unique(hash(&row), id, |other| hash(&rows[*other as usize]));
        self.rows.push(row);
        true
    }

    fn claim_id(&mut self, claim: Claim) -> u32 {
        if let Some(id) = self.claim_ids.get(&claim) {
            return *id;
        }
        let id = self.claims.len() as u32;
        self.claims.push(claim.clone());
        self.claim_ids.insert(claim, id);
        id
    }

    /// An actor. An id given twice is told; a second entry that says something else is kept beside the first.
    pub(crate) fn actor(&mut self, place: Place, actor: Actor) {
        self.report.rows += 1;
        if let Some(first) = self.actor_ids.get(&actor.id) {
            let first = &self.actors[*first];
            let line = first.line;
            let same = *first == Actor { line, ..actor.clone() };
            let message = if same {
                format!("the same as line {line}; counted, not stored twice")
            } else {
                format!("the id of line {line}, with other content; the first entry answers look-ups")
            };
            self.defect(place, DefectKind::Duplicate, &actor.id, message);
            if same {
                self.report.duplicates += 1;
                return;
            }
        } else {
            self.actor_ids.insert(actor.id.clone(), self.actors.len());
        }
        self.report.actors += 1;
        self.actors.push(actor);
    }

    pub(crate) fn concept(&mut self, concept: Concept) {
        self.report.rows += 1;
        self.report.concepts += 1;
        self.concepts.push(concept);
    }

    pub(crate) fn finish(self) -> (Draft, ImportReport) {
        let Self { info, report, claims, rows, actors, concepts, .. } = self;
        (Draft { info, claims, rows, actors, concepts }, report)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Counts a name; whether it is the first time.
fn count(counts: &mut BTreeMap<String, u64>, name: &str) -> bool {
    if let Some(n) = counts.get_mut(name) {
        *n += 1;
        return false;
    }
    counts.insert(name.to_owned(), 1);
    true
}

fn is_evm(chain: Chain) -> bool {
    matches!(
        chain,
        Chain::Ethereum | Chain::EthereumClassic | Chain::BinanceSmartChain | Chain::Arbitrum | Chain::Polygon
    )
}
