//! Looking deeper step by step while the time lasts: the address itself, whom it dealt with, everybody on the way.
//!
//! Each step is told as soon as it is there, so that whoever waits has something to decide by when the time is over. A step
//! whose answer is `hold` already is the last: nothing deeper makes it milder.

use super::question::CheckQuestion;
use super::view::CheckDepth;
use crate::Engine;
use crate::error::EngineError;
use crate::read::screen::quarantined;
use crate::read::{
    AssessOptions, AssessedScreenView, Depth, DirectView, ListedIdentifier, PolicySet, ScreenOptions, ScreenStatus,
};
use athar_policy::{Answer, DecisionTable};
use athar_types::address::{NormalAddress, parse_on};
use athar_types::{Basis, Bilingual, Chain, Relation};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Hops that indirect exposure is followed for, as in a screening.
const HOPS: u32 = 3;
/// Transfers of accounts that are followed for each millisecond that is left: no clock is looked at while they are.
const TRANSFERS_PER_MS: u64 = 500;
/// Transfers that are followed however little time is left.
const TRANSFERS_MIN: u64 = 2_000;

/// What was found out so far.
#[derive(Clone, Debug)]
pub struct CheckFound {
    /// How deep.
    pub depth: CheckDepth,
    /// Why the text is no address of the chain.
    pub malformed: Option<Bilingual>,
    /// Whether the store has blocks of the chain.
    pub has_chain: bool,
    /// Whether the chain has seen the address.
    pub is_seen: bool,
    /// What is said of the address itself.
    pub own: Arc<DirectView>,
    /// Identities of labels by which the address itself is designated.
    pub designated: Vec<String>,
    /// Entries of official lists that have the very text.
    pub listed: Vec<ListedIdentifier>,
    /// Entries in quarantine that name the address.
    pub quarantined: Vec<Bilingual>,
    /// The screening and what the policy makes of it, as deep as was come.
    pub assessed: Option<Arc<AssessedScreenView>>,
    /// Whether everything was looked at that was to be.
    pub is_whole: bool,
    /// Whether a clock left something out.
    pub is_cut: bool,
    /// Whether the two addresses are of one entity.
    pub same_entity: Option<bool>,
    /// Why the own address is none.
    pub from_malformed: Option<Bilingual>,
    /// Snapshot of the whole; none where the clock cut it.
    pub snapshot: Option<String>,
}

impl Engine {
    /// Looks at the address of a question as deep as `until` allows, and tells each step to `found`. Following money ends at the
    /// time; a single step that is under way is brought to its end.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn check(
        &self,
        question: &CheckQuestion,
        set: &PolicySet,
        until: Instant,
        found: &mut dyn FnMut(CheckFound),
    ) -> Result<(), EngineError> {
        let table = set.deciding.decision();
        let mut now = self.check_itself(question, set)?;
        found(now.clone());
        if now.malformed.is_some() || is_over(until) || hold_by_itself(&now, table) {
            return Ok(());
        }
        for (depth, hops) in [(CheckDepth::Counterparty, 1), (CheckDepth::Exposure, HOPS)] {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            // whom it dealt with gets a third of the time: what it finds counts even where the rest is not finished
            let time = if depth == CheckDepth::Counterparty { left / 3 } else { left };
            let (options, is_narrowed) = self.check_options(question, hops, time);
            let assessed = self.assess(question.address.trim(), &options, set)?;
            now.depth = depth;
            now.is_cut = assessed.screen.snapshot.is_none()
                || (is_narrowed && assessed.screen.bounds.iter().any(|b| b.bound == "edges"));
            now.is_whole = depth == CheckDepth::Exposure && !now.is_cut;
            now.snapshot = (!now.is_cut).then(|| self.check_snapshot(question, set, depth));
            let verdict = &assessed.assessment.verdict;
            let is_hold = table.of_verdict(verdict.level, verdict.score) == Answer::Hold;
            now.assessed = Some(Arc::new(assessed));
            found(now.clone());
            if is_hold {
                return Ok(());
            }
        }
        Ok(())
    }

    fn check_snapshot(&self, question: &CheckQuestion, set: &PolicySet, depth: CheckDepth) -> String {
        let table = set.deciding.decision().version();
        self.snapshot("check", &(question, depth, set.deciding.version(), set.mode.name(), table))
    }

    /// The options of one step, and whether the time made them narrower than a screening's.
    fn check_options(&self, question: &CheckQuestion, hops_max: u32, time: Duration) -> (AssessOptions, bool) {
        let mut screen = ScreenOptions { hops_max, ..ScreenOptions::default() };
        let ms = u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1);
        screen.time_limit_ms = Some(ms);
        let mut is_narrowed = false;
        if self.is_account_chain() {
            let edges = u64::from(ms).saturating_mul(TRANSFERS_PER_MS).max(TRANSFERS_MIN);
            is_narrowed = edges < screen.edges_max;
            screen.edges_max = screen.edges_max.min(edges);
        }
        (AssessOptions { screen, attempt_sat: question.attempt() }, is_narrowed)
    }

    /// The first step: form, labels and listings of the address itself.
    fn check_itself(&self, question: &CheckQuestion, set: &PolicySet) -> Result<CheckFound, EngineError> {
        let text = question.address.trim();
        let own = self.screen_direct(text, Depth::Ownership)?;
        let read = read_address(question.chain, self, text);
        let has_chain = self.chain == question.chain
            && (self.ledger.as_ref().is_some_and(|l| l.tip().is_some())
                || self.account_chain.as_ref().is_some_and(|c| c.ledger.tip().is_some()));
        let mut listed = own.listed.clone();
        if read.is_ok() {
            listed.extend(self.listed_identifiers(text)?);
        }
        let mut designated: Vec<String> = own
            .statements
            .iter()
            .filter(|s| s.basis == Basis::Designation && s.relation == Relation::Ownership)
            .flat_map(|s| s.evidence.iter().map(|label| label.id.clone()))
            .collect();
        let mut notes = Vec::new();
        if let Ok(address) = &read {
            // of a chain that no ledger holds the text may have been read as another's above
            let labels = self.labels.lookup(address.chain, &address.text);
            designated.extend(labels.filter(|l| l.basis == Basis::Designation).map(|l| l.id().to_string()));
            notes.extend(self.labels.mentions(address.chain, &address.text).map(quarantined));
        } else {
            notes.extend(self.labels.quarantined(text).map(quarantined));
        }
        designated.sort();
        designated.dedup();
        let is_seen = own.status == ScreenStatus::Known;
        let (same_entity, from_malformed) = self.check_from(question, read.as_ref().ok());
        let malformed = read.err();
        let is_whole = malformed.is_some();
        Ok(CheckFound {
            depth: CheckDepth::Ownership,
            snapshot: Some(self.check_snapshot(question, set, CheckDepth::Ownership)),
            malformed,
            has_chain,
            is_seen,
            own: Arc::new(own),
            designated,
            listed,
            quarantined: notes,
            assessed: None,
            is_whole,
            is_cut: false,
            same_entity,
            from_malformed,
        })
    }

    /// Whether the address is of the same entity as one's own, and why the latter is no address.
    fn check_from(&self, question: &CheckQuestion, to: Option<&NormalAddress>) -> (Option<bool>, Option<Bilingual>) {
        let Some(from) = &question.from else { return (None, None) };
        let from = match read_address(question.chain, self, from.trim()) {
            Ok(from) => from,
            Err(why) => return (None, Some(why)),
        };
        let Some(to) = to.filter(|_| self.chain == question.chain) else { return (None, None) };
        if let Some(chain) = &self.account_chain {
            let id = |address: &NormalAddress| {
                chain.ledger.form().parse(&address.text).ok().and_then(|bytes| chain.ledger.account_id(&bytes))
            };
            let names = id(&from).zip(id(to)).filter(|_| chain.forest.is_some());
            return (names.map(|(a, b)| chain.entity_name(a) == chain.entity_name(b)), None);
        }
        let id = |address: &NormalAddress| self.address_id(&address.text).ok().flatten();
        let ids = id(&from).zip(id(to)).filter(|_| self.forest.is_some());
        (ids.map(|(a, b)| self.root_of(a) == self.root_of(b)), None)
    }
}

/// The address of the chain asked, or why it is none. On a test network the main network's addresses are none.
fn read_address(chain: Chain, engine: &Engine, text: &str) -> Result<NormalAddress, Bilingual> {
    let network = if engine.chain == chain { engine.network() } else { athar_types::Network::Mainnet };
    parse_on(chain, network, text).map_err(|error| error.said())
}

fn is_over(until: Instant) -> bool {
    Instant::now() >= until
}

/// Whether what is known of the address itself is answered with `hold` whatever the rules say.
fn hold_by_itself(found: &CheckFound, table: &DecisionTable) -> bool {
    let is_listed = !found.designated.is_empty() || found.listed.iter().any(|l| l.counts);
    is_listed && table.listed == Answer::Hold
}
