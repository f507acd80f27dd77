//! What an answer was based on, and how far that is behind the world: told with every decision, and a ground for one.

use crate::Engine;
use crate::live;
use athar_policy::Behind;
use athar_types::{Day, UnixTime};
use schemars::JsonSchema;
use serde::Serialize;

/// A follower that has not said so for this long is taken to be gone.
const SILENT_MS: u64 = 15_000;

/// What became of the store on disk since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum StoreState {
    /// It is as it was opened, or a newer state will be opened at the next look.
    #[default]
    Current,
    /// A newer state of it cannot be opened; the answer is from the one before.
    Older(String),
    /// It is no longer there.
    Missing(String),
}

/// The state of knowledge of one answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KnowledgeView {
    /// Chain and network.
    pub chain: String,
    /// Height or number of the last block in the store; none where it has none of the chain.
    pub tip_height: Option<u32>,
    /// Its hash.
    pub tip_hash: Option<String>,
    /// Its time.
    pub tip_time: Option<String>,
    /// Seconds since that time.
    pub tip_age_s: Option<u64>,
    /// Blocks that the store has less than a live follower's chain; none where no follower says.
    pub blocks_behind: Option<u32>,
    /// What the follower says of itself: `following`, `catching-up`, `disconnected`, or `silent`; none where there is none.
    pub follower: Option<String>,
    /// Blocks that the entities are behind the chain.
    pub entities_behind: u32,
    /// Hash over the labels in use.
    pub labels: String,
    /// The last day on which labels were imported or decided about.
    #[schemars(with = "Option<String>")]
    pub labels_day: Option<Day>,
    /// Hash over the lists in use; none where there is none.
    pub lists: Option<String>,
    /// The last day on which a list was imported.
    #[schemars(with = "Option<String>")]
    pub lists_day: Option<Day>,
    /// What became of the store on disk.
    pub store: StoreState,
    /// The bounds of the policy that were passed, in words of its file: `blocks`, `seconds`, `lists_days`.
    #[schemars(with = "Vec<String>")]
    pub behind: Vec<&'static str>,
}

impl Engine {
    /// The state of knowledge at `now_ms`, milliseconds since 1970.
    pub fn knowledge(&self, now_ms: u64, store: StoreState, bounds: &Behind) -> KnowledgeView {
        let now_s = now_ms / 1000;
        let of_outputs = self.ledger.as_ref().and_then(|l| Some(l.block_time(l.tip()?.height)));
        let of_accounts = || Some(self.account_chain.as_ref()?.ledger.tip()?.time);
        let tip_time: Option<UnixTime> = of_outputs.or_else(of_accounts);
        let tip_age_s = tip_time.map(|time| now_s.saturating_sub(u64::from(time.0)));
        let (follower, blocks_behind) = self.follower_says(now_ms);
        let labels_day = {
            let imports = self.labels.history().iter().map(|entry| entry.known_from);
            imports.chain(self.labels.decisions().iter().map(|decision| decision.day)).max()
        };
        let lists_day = self.lists.history().iter().map(|version| version.known_from).max();
        let today = Day((now_s / 86_400) as i32);
        let mut behind = Vec::new();
        // what nobody says is not known to be in time
        if bounds.blocks.is_some_and(|max| blocks_behind.is_none_or(|blocks| blocks > max)) {
            behind.push("blocks");
        }
        if bounds.seconds.is_some_and(|max| tip_age_s.is_none_or(|age| age > max)) {
            behind.push("seconds");
        }
        let days = lists_day.map(|day| i64::from(today.0) - i64::from(day.0));
        if bounds.lists_days.is_some_and(|max| days.is_none_or(|days| days > i64::from(max))) {
            behind.push("lists_days");
        }
        let basis = self.basis();
        KnowledgeView {
            chain: if basis.chain.is_empty() { self.chain.to_string() } else { basis.chain.clone() },
            tip_height: basis.tip_height,
            tip_hash: basis.tip_hash.clone(),
            tip_time: tip_time.map(|time| time.to_string()),
            tip_age_s,
            blocks_behind,
            follower,
            entities_behind: self.entities_behind().map_or(0, |(_, blocks)| blocks),
            labels: basis.labels.clone(),
            labels_day,
            lists: basis.lists.clone(),
            lists_day,
            store,
            behind,
        }
    }

    /// What a follower of this chain says of itself, and how many blocks it has more. Followers are of Bitcoin's nodes.
    fn follower_says(&self, now_ms: u64) -> (Option<String>, Option<u32>) {
        if self.chain != athar_types::Chain::Bitcoin {
            return (None, None);
        }
        let Some(follower) = live::follower(&self.folder) else { return (None, None) };
        if now_ms.saturating_sub(follower.beat_ms) > SILENT_MS {
            return (Some("silent".into()), None);
        }
        let own = self.basis().tip_height;
        let blocks = match (follower.state.as_str(), follower.tip_height, own) {
            ("following", Some(theirs), Some(own)) => Some(theirs.saturating_sub(own)),
            ("following", Some(theirs), None) => Some(theirs.saturating_add(1)),
            _ => None,
        };
        (Some(follower.state), blocks)
    }
}
