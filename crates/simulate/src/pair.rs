//! What two worlds of one story have in common: the clock that they share, and campaigns that are half in the one and half in
//! the other.
//!
//! A world of bitcoin and one of accounts are simulated apart. Both draw a [`Migration`] from the same stream, so that they tell
//! the same story without having seen each other; a label of the same text on both sides is what ties them for an observer.

use crate::dice::Dice;
use athar_types::{Category, UnixTime, account::AccountBytes};

/// When the world of accounts begins that goes with a world of bitcoin: 2019-06-01T00:00:00Z, in its second year.
pub const PAIR_START: UnixTime = UnixTime(1_559_347_200);
/// Days that it must last for every migration to be over.
pub const PAIR_DAYS: u32 = 260;

const DAY: u32 = 86_400;

/// Donors who leave bitcoin for a dollar token on another chain (row 12).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// How many there are before it in the two worlds.
    pub rank: u32,
    /// Whether it is innocent.
    pub decoy: bool,
    /// First second of the story.
    pub start: UnixTime,
    /// Days from the start to the day on which the donors are asked to move.
    pub days_before: u32,
    /// Days from there to the end.
    pub days_after: u32,
    /// Days from the move to the first gift in tokens beyond what came before.
    pub gap_days: u32,
    /// Gifts in bitcoin before and after the move.
    pub coin_gifts: (u32, u32),
    /// Gifts in tokens before and after the move.
    pub token_gifts: (u32, u32),
    /// Median gift in US cents, on both chains.
    pub median_cents: u64,
    /// Addresses on the other chain.
    pub token_addresses: u32,
    /// Whether one account of its own pays the fees of those addresses; otherwise an exchange does.
    pub own_funder: bool,
    /// What the label on both sides says that it is, where there is one.
    pub category: Option<Category>,
}

impl Migration {
    /// The migration of a rank in the worlds of a seed.
    pub fn draw(seed: u64, rank: u32, decoy: bool) -> Self {
        let what = if decoy { "decoy" } else { "campaign" };
        let mut dice = Dice::new(seed, &format!("migration/{what}/{rank}"));
        let days_before = dice.range(60, 100) as u32;
        let days_after = dice.range(50, 110) as u32;
        let before = dice.range(8, 40);
        let left_permille = if dice.chance(250) { dice.range(200, 900) } else { dice.range(0, 150) };
        let after = before * u64::from(days_after) / u64::from(days_before) * left_permille / 1000;
        Self {
            rank,
            decoy,
            start: UnixTime(PAIR_START.0 + dice.range(3, 20) as u32 * DAY),
            days_before,
            days_after,
            gap_days: dice.range(0, 40) as u32,
            coin_gifts: (before as u32, after as u32),
            token_gifts: (dice.range(0, 4) as u32, dice.range(6, 50) as u32),
            median_cents: dice.octaves(2_000, 60_000),
            token_addresses: dice.range(1, 4) as u32,
            own_funder: !decoy && dice.chance(700),
            category: if decoy {
                Some(Category::HumanitarianOrganisation)
            } else {
                dice.chance(850).then_some(Category::TerroristFinancing)
            },
        }
    }

    /// What the labels on both sides say.
    pub fn label(&self) -> String {
        let what = if self.decoy { "Relief fund" } else { "Moved appeal" };
        format!("{what} {} (simulated)", self.rank + 1)
    }
}

/// A passage over a bridge between two worlds of accounts (row 22). Each of them plays its side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// Its rank in the two worlds.
    pub rank: u32,
    /// Whether a campaign takes it; otherwise ordinary people do.
    pub campaign: bool,
    /// Whether it leaves the first of the two worlds; otherwise the second.
    pub from_first: bool,
    /// When it leaves.
    pub leaves: UnixTime,
    /// Seconds until it arrives.
    pub delay_secs: u32,
    /// US cents that leave.
    pub cents: u64,
    /// Of a hundred thousand parts so many are kept as a fee.
    pub fee_parts: u64,
    /// Whether both sides name the message that they share.
    pub has_message: bool,
    /// The message.
    pub message: [u8; 32],
    /// The account on the side that it leaves, and the one on which it arrives.
    pub accounts: [AccountBytes; 2],
    /// Whether somebody has put a label on the account that it leaves.
    pub labelled: bool,
}

impl Hop {
    /// The passages of the two worlds of a seed, in order of leaving; a third of them are campaigns'. Some pass within minutes of
    /// another with the same amount.
    pub fn all(seed: u64, count: u32, start: UnixTime, days: u32) -> Vec<Self> {
        let mut dice = Dice::new(seed, "hops");
        let mut hops: Vec<Self> = Vec::new();
        let span = u64::from(days.saturating_sub(6).max(1)) * u64::from(DAY);
        for rank in 0..count {
            let twin = (rank % 3 == 2 && dice.chance(600)).then(|| hops.last().cloned()).flatten();
            let cents = match dice.below(10) {
                0..4 => dice.range(1, 40) * 50_000,
                _ => dice.octaves(8_000, 4_000_000),
            };
            let mut accounts = [[0; 20]; 2];
            for account in &mut accounts {
                for part in account.chunks_mut(8) {
                    part.copy_from_slice(&dice.any().to_le_bytes()[..part.len()]);
                }
            }
            let mut message = [0; 32];
            message.chunks_mut(8).for_each(|part| part.copy_from_slice(&dice.any().to_le_bytes()));
            let leaves = UnixTime(start.0 + 2 * DAY + dice.below(span) as u32);
            let mut hop = Self {
                rank,
                campaign: rank % 3 == 0,
                from_first: dice.chance(500),
                leaves,
                delay_secs: dice.range(60, 2_700) as u32,
                cents,
                fee_parts: dice.range(0, 1_300),
                has_message: dice.chance(550),
                message,
                accounts,
                labelled: dice.chance(700),
            };
            if let Some(like) = twin {
                hop.leaves = UnixTime(like.leaves.0 + dice.below(600) as u32);
                (hop.cents, hop.from_first) = (like.cents, like.from_first);
                hop.has_message &= dice.chance(300);
            }
            hops.push(hop);
        }
        hops
    }

    /// US cents that arrive.
    pub fn arrives_cents(&self) -> u64 {
        self.cents - self.cents * self.fee_parts / 100_000
    }
}
