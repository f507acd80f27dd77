//! What is known beside the chain: publications, lists, coupons, dated events, names, notes in transactions, other chains.
//! Plain data that the engine gathers; numbers of addresses are those of the world, `None` where the chain has not seen it.

use crate::Classes;
use athar_types::{Bilingual, UnixTime};
use rustc_hash::{FxHashMap, FxHashSet};

/// A place where an address was published.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Publication {
    /// The address in the chain.
    pub address: Option<u32>,
    /// The address as text.
    pub text: String,
    /// The document or item, by its id.
    pub item: String,
    /// The channel or site that it stood on.
    pub place: String,
    /// When it was captured or posted.
    pub time: UnixTime,
    /// How much the passage asks for money for a cause, 0 to 100.
    pub solicitation: u8,
    /// Whether the score is at or above the threshold of a solicitation.
    pub solicits: bool,
    /// Whether the text quotes, reports or researches.
    pub is_quoted: bool,
    /// Whether the passage claims to give aid.
    pub claims_aid: bool,
    /// Points of asking for money in the passage.
    pub asks: u8,
    /// Points of a cause or a listed group in the passage.
    pub cause: u8,
    /// Whether a checksum proves the address.
    pub is_proved: bool,
}

/// An identifier on an official list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// The address in the chain.
    pub address: Option<u32>,
    /// The address as text.
    pub text: String,
    /// The list's name.
    pub list: String,
    /// The entry's name or reference.
    pub entry: String,
    /// Day of the first imported version that has it.
    pub first_seen: Option<UnixTime>,
    /// The entry's own date of designation, where the list gives one.
    pub listed_since: Option<UnixTime>,
    /// When it left the list, by imported versions.
    pub listed_until: Option<UnixTime>,
    /// The identifier as the list writes it.
    pub written: String,
    /// What the entry means: sanctions for another reason than terrorism are no link to it.
    pub classes: Classes,
}

/// A coupon that was redeemed to an address or an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redemption {
    /// The address in the chain that it was paid to.
    pub address: Option<u32>,
    /// Address or account, as the record has it: for accounts a pseudonym.
    pub beneficiary: String,
    /// Pseudonym of the account that it was credited to, also where it was paid to an address.
    pub account: Option<String>,
    /// When.
    pub time: UnixTime,
    /// Its worth in euro cents.
    pub euro_cents: u64,
    /// Pseudonym of the point of sale.
    pub outlet: Option<String>,
    /// Pseudonym of the buyer.
    pub buyer: Option<String>,
    /// Country of the redemption: ISO 3166-1 alpha-2.
    pub country: Option<[u8; 2]>,
    /// The record's id.
    pub record: String,
    /// Notes on the humanitarian context of the beneficiary or buyer, by name and not by text: hits are kept, and what a note says
    /// must go with it.
    pub context: Vec<Bilingual>,
}

/// An event with a date, around which gifts may rise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatedEvent {
    /// Its id in the events file.
    pub id: String,
    /// Its day.
    pub time: UnixTime,
    /// What it was.
    pub title: String,
}

/// A name that matches a listed one, with what else agrees.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameHit {
    /// Address that the name stands on, where it stands on one.
    pub address: Option<u32>,
    /// The name as given.
    pub name: String,
    /// The listed name.
    pub listed: String,
    /// The list's entry.
    pub entry: String,
    /// The score, of 1000.
    pub score_permille: u32,
    /// What else agrees: `birth_date`, `nationality`, `document`.
    pub attributes: Vec<String>,
    /// What it was found in: a label's or a record's id.
    pub found_in: String,
    /// What contradicts: `birth_date`, `nationality`, `document`.
    pub against: Vec<String>,
    /// The name as given in Latin letters, where it is in others.
    pub name_latin: Option<String>,
    /// The listed name in Latin letters, where it is in others.
    pub listed_latin: Option<String>,
    /// Whether the list itself calls the name a weak alias.
    pub is_weak: bool,
}

/// A text that a transaction carries, with a term of a sourced lexicon.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Memo {
    /// The transaction.
    pub tx: u32,
    /// The text.
    pub text: String,
    /// Terms of the lexicon that are more than religious words, with their source.
    pub terms: Vec<String>,
    /// Terms that alone say nothing.
    pub neutral: Vec<String>,
    /// How much the text asks for money for a cause, 0 to 100.
    pub score: u8,
    /// Whether the text quotes, reports or warns.
    pub is_quoted: bool,
}

/// An event of a bridge, or a leg of one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bridging {
    /// The transaction on this chain.
    pub tx: u32,
    /// Who sends or receives here.
    pub address: u32,
    /// The bridge's name.
    pub protocol: String,
    /// The other chain's name, where the event tells it.
    pub other_chain: Option<String>,
    /// The other leg's chain and transaction, with a space between, where the protocol's own id names it.
    pub matched: Option<String>,
    /// Where no id matches: legs that fit by amount and time.
    pub candidates: u64,
    /// Smallest units.
    pub units: u128,
    /// US cents, where priced.
    pub cents: Option<u64>,
    /// Seconds between both legs, where a leg is known: of several candidates, to the nearest.
    pub lag: Option<u32>,
    /// Whether value left this chain here; else it arrived.
    pub is_out: bool,
    /// Whether the store holds the other chain, so that a leg could be looked for.
    pub is_searched: bool,
    /// The asset's number in the chain.
    pub asset: u32,
    /// The other leg's chain and transaction, with a space between, of each candidate that is listed; short.
    pub legs: Vec<String>,
}

/// What one actor received on another chain: a month's sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The day.
    pub time: UnixTime,
    /// Whether it is Bitcoin, or dollar tokens on Tron or Ethereum.
    pub is_bitcoin: bool,
    /// US cents received on it.
    pub cents: u64,
}

/// Addresses of one actor (by label name or campaign) over all chains held, and what they received by day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ActorOverChains {
    /// What ties them: a label's name, a campaign's id.
    pub name: String,
    /// Its addresses on this chain; those that labels or pages name first.
    pub addresses: Vec<u32>,
    /// Addresses on other chains, as text.
    pub others: Vec<String>,
    /// Received by day, over all chains, ascending.
    pub received: Vec<Elsewhere>,
    /// Who paid the first fees of accounts that nothing else ties to it.
    pub shared_funder: Option<String>,
    /// How many such accounts there are.
    pub funded: u32,
    /// Whether that funder is a service: then it groups nobody.
    pub funder_is_service: bool,
}

/// Everything known beside the chain.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    /// Publications, by text and time.
    pub publications: Vec<Publication>,
    /// Identifiers on lists.
    pub listings: Vec<Listing>,
    /// Coupons.
    pub redemptions: Vec<Redemption>,
    /// Notes on the humanitarian context of an address, by name, as in [`Redemption::context`].
    pub context: Vec<(u32, Bilingual)>,
    /// Dated events, ascending.
    pub events: Vec<DatedEvent>,
    /// What a euro cost: from which second on, and millionths of a dollar, ascending.
    pub euro_rates: Vec<(u32, u64)>,
    /// Names.
    pub names: Vec<NameHit>,
    /// Notes in transactions.
    pub memos: Vec<Memo>,
    /// Bridges.
    pub bridgings: Vec<Bridging>,
    /// Actors over chains.
    pub actors: Vec<ActorOverChains>,
    /// Addresses that the customer deposits of a custodial service come in at.
    pub deposits: FxHashSet<u32>,
    /// The service (its party) of a deposit address.
    pub deposit_service: FxHashMap<u32, u32>,
    /// The name of a labelled service, by its party: whom to ask.
    pub service_names: FxHashMap<u32, String>,
}

impl Facts {
    /// A hash over what does not come from the chain: publications, lists, coupons, events, rates, names. What does is decided by the
    /// chain's end, which a snapshot names anyway.
    pub fn version(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("athar pattern facts version 1");
        let mut part = |text: String| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        // whether the chain has seen an address is the chain's to say
        for publication in &self.publications {
            part(format!("{:?}", Publication { address: None, ..publication.clone() }));
        }
        for listing in &self.listings {
            part(format!("{:?}", Listing { address: None, ..listing.clone() }));
        }
        for redemption in &self.redemptions {
            // which notes there are, and not how they are called in each language
            let context =
                redemption.context.iter().map(|note| Bilingual { ar: String::new(), ..note.clone() }).collect();
            part(format!("{:?}", Redemption { address: None, context, ..redemption.clone() }));
        }
        // which note it is, and no more: the address is told by it
        for (_, note) in &self.context {
            part(note.en.clone());
        }
        for name in &self.names {
            part(format!("{:?}", NameHit { address: None, ..name.clone() }));
        }
        part(format!("{:?}", (&self.events, &self.euro_rates)));
        hasher.finalize().to_hex().to_string()
    }
}
