//! One condition of a watchlist: what it names, which way money has to go, and how much at least.

use crate::DeskError;
use athar_types::address::parse_on;
use athar_types::{Asset, Category, Chain, Level, Network};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest text of a field, in bytes.
const TEXT_MAX: usize = 256;
/// Longest note, in bytes.
pub const WATCH_NOTE_BYTES_MAX: usize = 1_000;

/// What a watch names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// One address.
    Address,
    /// Every address that is one with an address, as the store's entities say.
    Entity,
    /// Addresses and entities whose labels in use have a category.
    Category,
    /// The addresses of a recorded campaign.
    Campaign,
    /// Hits of a pattern, `*` for any.
    Pattern,
    /// Any transaction with an output of at least an amount.
    Amount,
}

impl WatchKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Address, Self::Entity, Self::Category, Self::Campaign, Self::Pattern, Self::Amount];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Entity => "entity",
            Self::Category => "category",
            Self::Campaign => "campaign",
            Self::Pattern => "pattern",
            Self::Amount => "amount",
        }
    }

    /// The kind of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Which way money goes, seen from what is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Either.
    #[default]
    Any,
    /// To it: its outputs of the transaction are more than its inputs.
    Received,
    /// From it: its inputs are more than its outputs, so that change is no receipt.
    Sent,
}

impl Flow {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Any, Self::Received, Self::Sent];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }

    /// The way of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.name() == name)
    }
}

/// A watch to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWatch {
    /// What it names.
    pub kind: WatchKind,
    /// The chain; none: every chain. An address and an entity need it.
    pub chain: Option<Chain>,
    /// Address, category, id of a campaign or of a pattern; empty for an amount.
    pub value: String,
    /// Which way.
    pub direction: Flow,
    /// Asset of the amount; the coin of the chain where none is given.
    pub asset: Option<String>,
    /// Least amount in the asset's smallest units.
    pub at_least_units: Option<u128>,
    /// Least amount in cents of a US dollar, at the price of the day.
    pub at_least_usd_cents: Option<u64>,
    /// Severity of its alerts; of a pattern the least severity of hits that raise one.
    pub severity: Level,
    /// Why it is watched.
    pub note: String,
}

impl NewWatch {
    /// A watch with nothing else said.
    pub fn new(kind: WatchKind, chain: Option<Chain>, value: impl Into<String>) -> Self {
        Self {
            kind,
            chain,
            value: value.into(),
            direction: Flow::Any,
            asset: None,
            at_least_units: None,
            at_least_usd_cents: None,
            severity: if kind == WatchKind::Pattern { Level::Low } else { Level::Medium },
            note: String::new(),
        }
    }

    /// Checks the form, and writes an address as its chain does.
    pub(crate) fn checked(mut self) -> Result<Self, DeskError> {
        text("value", &self.value)?;
        if self.note.len() > WATCH_NOTE_BYTES_MAX || self.note.chars().any(|c| c.is_control() && c != '\n') {
            let what = format!("has more than {WATCH_NOTE_BYTES_MAX} bytes, or control characters");
            return Err(DeskError::input("note", what));
        }
        if self.severity < Level::Low {
            return Err(DeskError::input("severity", "is none of low, medium, high, severe"));
        }
        if self.value.is_empty() != (self.kind == WatchKind::Amount) {
            let what = if self.value.is_empty() { "is empty" } else { "is given, and an amount alone names nothing" };
            return Err(DeskError::input("value", what));
        }
        match self.kind {
            WatchKind::Address | WatchKind::Entity => {
                let chain = self.chain.ok_or_else(|| DeskError::input("chain", "an address needs its chain"))?;
                self.value = address(chain, &self.value)?;
            }
            WatchKind::Category => {
                let category: Category = self
                    .value
                    .parse()
                    .map_err(|_| DeskError::input("value", format!("`{}` is no category", self.value)))?;
                category.name().clone_into(&mut self.value);
            }
            WatchKind::Amount if self.at_least_units.is_none() && self.at_least_usd_cents.is_none() => {
                return Err(DeskError::input("at_least", "an amount needs units or dollars"));
            }
            WatchKind::Pattern if self.at_least_units.is_some() => {
                return Err(DeskError::input(
                    "at_least",
                    "hits of patterns have no amount of their own: give a severity",
                ));
            }
            WatchKind::Campaign | WatchKind::Pattern | WatchKind::Amount => {}
        }
        if let Some(asset) = &self.asset {
            text("asset", asset)?;
            let known: Asset =
                asset.parse().map_err(|_| DeskError::input("asset", format!("`{asset}` is not known")))?;
            let is_coin = |chain: Chain| Asset::coin_of(chain) == known;
            if self.chain.is_some_and(|chain| chain.account().is_none() && !is_coin(chain)) {
                return Err(DeskError::input("asset", format!("`{asset}` is not the coin of the chain")));
            }
            self.asset = Some(known.symbol().to_owned());
        }
        Ok(self)
    }

    /// What makes two watches of a list the same: all but severity and note.
    pub(crate) fn identity(&self, watchlist: i64) -> [u8; 32] {
        let parts = (
            watchlist,
            self.kind,
            self.chain.map(Chain::name),
            &self.value,
            self.direction,
            &self.asset,
            self.at_least_units.map(|units| units.to_string()),
            self.at_least_usd_cents,
        );
        blake3::hash(&serde_json::to_vec(&parts).unwrap_or_default()).into()
    }
}

/// A watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Watch {
    /// Its number.
    pub id: i64,
    /// Name of its list.
    pub watchlist: String,
    /// What it names.
    pub kind: WatchKind,
    /// The chain; none: every chain.
    pub chain: Option<String>,
    /// Address, category, id of a campaign or of a pattern; empty for an amount.
    pub value: String,
    /// Which way.
    pub direction: Flow,
    /// Asset of the amount; none: the coin of the chain.
    pub asset: Option<String>,
    /// Least amount in the asset's smallest units, as digits.
    pub at_least_units: Option<String>,
    /// Least amount in cents of a US dollar.
    pub at_least_usd_cents: Option<u64>,
    /// Severity of its alerts; of a pattern the least severity of hits that raise one.
    #[schemars(with = "String")]
    pub severity: Level,
    /// Why it is watched.
    pub note: String,
    /// When it was added, in seconds since 1970.
    pub added_at: i64,
}

/// The address as its chain writes it, on whatever network it is one.
fn address(chain: Chain, text: &str) -> Result<String, DeskError> {
    let first = match parse_on(chain, Network::Mainnet, text) {
        Ok(address) => return Ok(address.text),
        Err(error) => error,
    };
    let other = Network::ALL.into_iter().find_map(|network| parse_on(chain, network, text).ok());
    other
        .map(|address| address.text)
        .ok_or_else(|| DeskError::input("value", format!("not an address of {chain}: {first}")))
}

fn text(field: &'static str, text: &str) -> Result<(), DeskError> {
    if text.trim() != text || text.len() > TEXT_MAX || text.chars().any(char::is_control) {
        let what = format!("has white space around it, control characters, or more than {TEXT_MAX} bytes");
        return Err(DeskError::input(field, what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

    fn error(watch: NewWatch) -> String {
        watch.checked().unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_watched_is_refused_by_field() {
        let new = |kind, value: &str| NewWatch::new(kind, Some(Chain::Bitcoin), value);
        assert_eq!(new(WatchKind::Address, ADDRESS).checked().unwrap().value, ADDRESS);
        assert!(
            error(new(WatchKind::Address, &ADDRESS.replace('N', "M"))).starts_with("value: not an address of bitcoin")
        );
        assert!(error(NewWatch::new(WatchKind::Entity, None, ADDRESS)).starts_with("chain: "));
        assert!(error(new(WatchKind::Category, "nonsense")).starts_with("value: "));
        assert_eq!(
            new(WatchKind::Category, "terrorist-financing").checked().map(|w| w.value).unwrap_or_default().len(),
            19
        );
        assert!(error(new(WatchKind::Amount, "")).starts_with("at_least: "));
        assert!(error(new(WatchKind::Amount, "x")).starts_with("value: "));
        assert!(error(new(WatchKind::Campaign, "")).starts_with("value: "));
        assert!(
            error(NewWatch { severity: Level::None, ..new(WatchKind::Address, ADDRESS) }).starts_with("severity: ")
        );
        assert!(
            error(NewWatch { asset: Some("ETH".into()), ..new(WatchKind::Address, ADDRESS) }).starts_with("asset: ")
        );
        assert!(error(NewWatch { note: "\u{1b}".into(), ..new(WatchKind::Address, ADDRESS) }).starts_with("note: "));
    }

    #[test]
    fn an_address_of_a_test_network_is_one() {
        let regtest = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
        assert_eq!(NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), regtest).checked().unwrap().value, regtest);
    }
}
