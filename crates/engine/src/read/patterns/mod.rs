//! Patterns: typologies over a store. Which rules there are, and what they find.
//!
//! The rules and operators are `athar_patterns`; here they meet a store: [`outputs`] and `accounts` are its chains as worlds,
//! `facts` what is known beside them.

mod accounts;
pub(crate) mod facts;
mod hit;
mod kept;
mod outputs;

pub use hit::{
    CorroborationView, GuardOutcome, OtherLegView, PatternGuardView, PatternHitView, PatternStanding, PatternSubject,
    PatternValueView,
};

use crate::Engine;
use crate::error::EngineError;
use athar_patterns::rule::{Op, Setting};
use athar_patterns::{Found, Hit, Rule, RunOptions, Standing, Unit, World, renew, run, shipped};
use athar_types::Level;
use kept::Kept;
pub(crate) use kept::{KeptPatterns, lock as lock_patterns};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Rule files that a folder may hold.
pub const RULES_MAX: usize = 256;

/// Which patterns, and over what.
#[derive(Clone, Debug, Default)]
pub struct PatternsOptions {
    /// Ids of the patterns to look for; empty: all.
    pub only: Vec<String>,
    /// Only what blocks from this height on changed.
    pub since_height: Option<u32>,
    /// Gives severities as if every rule had been measured and held: for measuring them.
    pub as_measured: bool,
}

/// A parameter of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatternParameterView {
    /// A number in `unit`, or names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// Names: categories, countries, terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// How to read the number.
    pub unit: Option<Unit>,
    /// Where it comes from.
    pub source: String,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PatternView {
    /// Its id.
    pub id: String,
    /// Its row in the table of typologies.
    pub row: u32,
    /// Version of the rule.
    pub version: String,
    /// The operator that measures.
    pub operator: &'static str,
    /// Chains of outputs, of accounts.
    pub on: Vec<&'static str>,
    /// Its name.
    pub title: String,
    /// The same in Arabic.
    pub title_ar: String,
    /// What it looks for.
    pub about: String,
    /// The same in Arabic.
    pub about_ar: String,
    /// Where the definition comes from.
    pub sources: Vec<String>,
    /// Its parameters.
    pub parameters: BTreeMap<String, PatternParameterView>,
    /// What must hold, as `senders >= senders_min`.
    pub requires: Vec<String>,
    /// What keeps the innocent out.
    pub guards: Vec<String>,
    /// Whether it was measured.
    pub standing: PatternStanding,
}

/// Every pattern.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PatternsView {
    /// By row.
    pub patterns: Vec<PatternView>,
}

/// What a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PatternsRunView {
    /// The hits, by row, subject and beginning.
    pub hits: Vec<PatternHitView>,
    /// Ids and versions of the rules that were run.
    pub rules: Vec<String>,
    /// Entities or accounts whose movements were read.
    pub parties: u64,
    /// Those with more movements than are read: the newest are left out.
    pub cut_parties: u64,
    /// Everything that it was computed on.
    pub snapshot: String,
}

/// Hits that are kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PatternsKeptView {
    /// A page of hits, by row, subject and beginning.
    pub hits: Vec<PatternHitView>,
    /// How many there are.
    pub total: u64,
    /// Whether more follow.
    pub truncated: bool,
    /// Height of the last block that was looked at.
    pub tip_height: u32,
    /// Its hash.
    pub tip_hash: String,
    /// Everything that it was computed on.
    pub snapshot: String,
}

/// The rules of a folder, or the shipped ones.
pub enum Rules {
    /// They come with the program.
    Shipped,
    /// Read from files.
    Own(Vec<Rule>),
}

impl Rules {
    /// Reads the `*.toml` files of a folder; none gives the shipped ones.
    pub fn open(folder: Option<&Path>) -> Result<Self, EngineError> {
        let Some(folder) = folder else { return Ok(Self::Shipped) };
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| EngineError::Io { path, source }
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(io(folder))? {
            let path = entry.map_err(io(folder))?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.push(path);
            }
        }
        files.sort();
        if files.is_empty() || files.len() > RULES_MAX {
            let what = format!("holds {} rule files (*.toml), not 1 to {RULES_MAX}", files.len());
            return Err(EngineError::Output { path: folder.into(), what });
        }
        let mut texts = Vec::with_capacity(files.len());
        for path in files {
            let text = fs::read_to_string(&path).map_err(io(&path))?;
            texts.push((path.display().to_string(), text));
        }
        Ok(Self::Own(athar_patterns::parse_all(&texts)?))
    }

    /// Those of some ids; all where none is given.
    pub fn only(&self, ids: &[String]) -> Result<Vec<&Rule>, EngineError> {
        let all: &[Rule] = match self {
            Self::Shipped => shipped(),
            Self::Own(rules) => rules,
        };
        if let Some(unknown) = ids.iter().find(|id| !all.iter().any(|rule| rule.id == **id)) {
            return Err(athar_patterns::RuleError::Unknown(unknown.clone()).into());
        }
        Ok(all.iter().filter(|rule| ids.is_empty() || ids.contains(&rule.id)).collect())
    }
}

/// Takes the hits that stand on off-chain records out of what a store keeps; how many.
pub(crate) fn forget_recorded_hits(folder: &Path) -> Result<u64, EngineError> {
    Kept::forget_recorded(folder)
}

/// Every pattern that can be looked for.
pub fn patterns(rules: &Rules) -> Result<PatternsView, EngineError> {
    let view = |rule: &Rule| PatternView {
        id: rule.id.clone(),
        row: rule.row,
        version: rule.version.clone(),
        operator: rule.operator.name,
        on: [("outputs", rule.on_outputs), ("accounts", rule.on_accounts)]
            .into_iter()
            .filter_map(|(name, is_on)| is_on.then_some(name))
            .collect(),
        title: rule.title.en.clone(),
        title_ar: rule.title.ar.clone(),
        about: rule.about.en.clone(),
        about_ar: rule.about.ar.clone(),
        sources: rule.sources.clone(),
        parameters: rule
            .parameters
            .iter()
            .map(|(name, parameter)| {
                let (value, names) = match &parameter.value {
                    Setting::Number(number) => (Some(*number), None),
                    Setting::Names(names) => (None, Some(names.clone())),
                };
                let unit = rule.unit(name).filter(|_| value.is_some());
                (name.clone(), PatternParameterView { value, names, unit, source: parameter.source.clone() })
            })
            .collect(),
        requires: rule.require.iter().map(|c| said(&c.measure, c.op, &c.limit.to_string())).collect(),
        guards: rule
            .guards
            .iter()
            .map(|g| format!("{}: {}", g.id, said(&g.pass.measure, g.pass.op, &g.pass.limit.to_string())))
            .collect(),
        standing: athar_patterns::standing(rule).into(),
    };
    Ok(PatternsView { patterns: rules.only(&[])?.into_iter().map(view).collect() })
}

/// The file of a shipped rule.
pub fn pattern_file(id: &str) -> Option<&'static str> {
    let is_of = |(file, _): &&(&str, &str)| {
        file.strip_suffix(".toml").and_then(|f| f.split_once('-')).is_some_and(|(_, of)| of == id)
    };
    athar_patterns::FILES.iter().find(is_of).map(|(_, text)| *text)
}

fn said(measure: &str, op: Op, limit: &str) -> String {
    format!("{measure} {} {limit}", op.sign())
}

/// What decides a run besides the store, for its snapshot.
#[derive(Serialize)]
struct Asked<'a> {
    rules: &'a [String],
    facts: &'a str,
    /// Height from which on it was looked, where it was not the whole chain.
    since: Option<u32>,
}

/// The end of the chain that a run looked at.
struct End {
    height: u32,
    hash: String,
    txs: u32,
}

impl Engine {
    /// Looks for patterns over the whole chain, or over what new blocks changed.
    pub fn patterns_run(&self, rules: &Rules, options: &PatternsOptions) -> Result<PatternsRunView, EngineError> {
        let rules = rules.only(&options.only)?;
        self.with_world(
            &rules,
            |_| options.since_height.is_some(),
            |world, end, first_tx_at| {
                let since = options.since_height.map(|height| first_tx_at(height).unwrap_or(end.txs));
                let standing =
                    |rule: &Rule| if options.as_measured { Standing::Held } else { athar_patterns::standing(rule) };
                let found = run(world, &rules, &standing, RunOptions { since });
                Ok(self.told(&rules, &world.facts().version(), options.since_height, found))
            },
        )
    }

    /// Looks for patterns and keeps the hits in the store. Where hits of the same rules, labels and facts are kept already, only what
    /// the chain added is looked at; the answer is that of a whole run.
    pub fn patterns_keep(&self, rules: &Rules, options: &PatternsOptions) -> Result<PatternsRunView, EngineError> {
        let rules = rules.only(&options.only)?;
        let ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
        // what was kept of blocks that have left the chain is worth nothing
        let kept =
            Kept::open(&self.folder, self.chain.name()).filter(|kept| self.has_block(kept.tip_height, &kept.tip_hash));
        let stands = |facts: &str| kept.as_ref().is_some_and(|kept| kept.basis == self.patterns_basis(&rules, facts));
        self.with_world(&rules, stands, |world, end, first_tx_at| {
            let facts = world.facts().version();
            let is_same = |kept: &&Kept| first_tx_at(kept.tip_height + 1).unwrap_or(end.txs) == kept.txs;
            let kept = kept.as_ref().filter(|_| stands(&facts)).filter(is_same);
            let mut found = match kept {
                Some(kept) => renew(world, &rules, &athar_patterns::standing, kept.hits.clone(), kept.txs),
                None => run(world, &rules, &athar_patterns::standing, RunOptions::default()),
            };
            // what is no risk, as taking part in a CoinJoin, is for whoever asks for it: a chain has millions of these
            found.hits.retain(|hit| hit.severity > Level::None);
            let basis = self.patterns_basis(&rules, &facts);
            Kept::new(basis, end.height, end.hash.clone(), end.txs, ids.clone(), found.hits.clone()).save(
                &self.folder,
                self.chain.name(),
                self.basis().records.as_deref(),
            )?;
            Ok(self.told(&rules, &facts, None, found))
        })
    }

    /// A page of the kept hits; `None` where none are kept whose last block is in the chain.
    ///
    /// `address` leaves only hits that are about it or in which it takes part.
    pub fn patterns_kept(
        &self,
        pattern: Option<&str>,
        address: Option<&str>,
        min_severity: Level,
        offset: u64,
        limit: usize,
    ) -> Option<PatternsKeptView> {
        let kept = &self.kept_patterns()?.kept;
        let is_asked = |hit: &&Hit| {
            pattern.is_none_or(|pattern| hit.pattern == pattern)
                && hit.severity >= min_severity
                && address.is_none_or(|a| hit.subject_text == a || hit.addresses.iter().any(|own| own == a))
        };
        let asked: Vec<&Hit> = kept.hits.iter().filter(is_asked).collect();
        let snapshot = self.snapshot("patterns_kept", &(&kept.basis, &kept.tip_hash));
        let page = asked.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit);
        let hits: Vec<_> = page.map(|hit| PatternHitView::of(hit, self.chain.name(), &snapshot)).collect();
        Some(PatternsKeptView {
            total: asked.len() as u64,
            truncated: offset + (hits.len() as u64) < asked.len() as u64,
            hits,
            tip_height: kept.tip_height,
            tip_hash: kept.tip_hash.clone(),
            snapshot,
        })
    }

    /// The kept hits, read once; `None` where none are kept whose last block is in the chain.
    pub(crate) fn kept_patterns(&self) -> Option<&KeptPatterns> {
        let open = || {
            let kept = Kept::open(&self.folder, self.chain.name())?;
            self.has_block(kept.tip_height, &kept.tip_hash).then(|| KeptPatterns::of(kept))
        };
        self.patterns.get_or_init(open).as_ref()
    }

    fn told(&self, rules: &[&Rule], facts: &str, since: Option<u32>, found: Found) -> PatternsRunView {
        let names: Vec<String> = rules.iter().map(|rule| format!("{} {}", rule.id, rule.version)).collect();
        let snapshot = self.snapshot("patterns", &Asked { rules: &names, facts, since });
        let hits = found.hits.iter().map(|hit| PatternHitView::of(hit, self.chain.name(), &snapshot)).collect();
        PatternsRunView { hits, rules: names, parties: found.parties, cut_parties: found.cut, snapshot }
    }

    /// Everything but the chain's end that hits depend on.
    fn patterns_basis(&self, rules: &[&Rule], facts: &str) -> String {
        let names: Vec<&str> = rules.iter().map(|rule| rule.version.as_str()).collect();
        let mut basis = self.basis().clone();
        (basis.tip_height, basis.tip_hash, basis.entities_tip) = (None, None, None);
        basis.snapshot("patterns kept", &(names, facts))
    }

    /// Whether the chain has that block.
    fn has_block(&self, height: u32, hash: &str) -> bool {
        if let Some(chain) = &self.account_chain {
            let block = chain.ledger.rank_of(height).map(|rank| chain.ledger.block(rank));
            return block.is_some_and(|block| crate::engine::hex(&block.hash) == hash);
        }
        let ledger = self.ledger.as_ref().filter(|ledger| height < ledger.block_count());
        ledger.and_then(|l| l.block(athar_types::Height(height))).is_some_and(|block| block.hash.to_string() == hash)
    }

    /// Runs `work` on the chain as a world with its end, and a function that gives the first transaction of a block. `is_partial` says of
    /// the version of the facts whether only what is new will be looked at.
    fn with_world<T>(
        &self,
        rules: &[&Rule],
        is_partial: impl FnOnce(&str) -> bool,
        work: impl FnOnce(&dyn World, &End, &dyn Fn(u32) -> Option<u32>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let facts = facts::facts(self, &facts::Wanted::of(rules, None))?;
        if let Some(chain) = &self.account_chain {
            let ledger = &chain.ledger;
            let empty = || EngineError::Empty { chain: self.chain, folder: self.folder.clone() };
            let tip = ledger.tip().ok_or_else(empty)?;
            let world = accounts::AccountsWorld::new(self, facts)?;
            let end = End { height: tip.number, hash: crate::engine::hex(&tip.hash), txs: ledger.tx_count() };
            let first = |number: u32| {
                let rank = ledger.first_rank_from(number);
                (rank < ledger.block_count()).then(|| ledger.block(rank).txs.start)
            };
            return work(&world, &end, &first);
        }
        let ledger = self.ledger()?;
        let empty = || EngineError::Empty { chain: self.chain, folder: self.folder.clone() };
        let tip = ledger.tip().ok_or_else(empty)?;
        let is_partial = is_partial(&facts.version());
        let world = outputs::OutputsWorld::new(self, facts, is_partial)?;
        let end = End { height: tip.height.0, hash: tip.hash.to_string(), txs: ledger.tx_count() };
        let first = |height: u32| {
            let known = Some(height).filter(|height| *height < ledger.block_count());
            known.and_then(|height| ledger.block(athar_types::Height(height))).map(|block| block.txs.start)
        };
        work(&world, &end, &first)
    }
}
