//! The truth of rows 1 and 2, which are about a label and not about a shape: who really dealt with a labelled campaign, and which
//! addresses an official list really means.
//!
//! Row 2 is told from the chain and from who owns each address in truth, and by no rule's code. A payment is a dealing of the owner of
//! what was spent with the owner of what was paid; a donor's change is nobody's dealing. With the labelled address itself the dealing is
//! asked for. With another address of the same campaign it is not, and telling it is right all the same; so is telling of the
//! campaign's own further addresses that the labelled one paid them: nobody else is wronged.
//!
//! Row 1 needs a list. One is written here: for each labelled campaign its labelled addresses, and as many slips of the pen, which
//! are addresses of others with two characters exchanged or with a letter that only looks like the right one.

use super::{Case, Truth};
use crate::truth::{Actors, is_pooling};
use crate::{MeasureError, Owners};
use athar_engine::{Chain, Engine, EngineError, Options};
use athar_ledger::{Ledger, Store};
use athar_types::{AddressId, OutputNum, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The rows.
pub(super) const LISTED: u32 = 1;
pub(super) const CONTACT: u32 = 2;
/// Row 2: what is worth less is dust (a dollar), as the typology says.
const DUST_CENTS: u64 = 100;
/// The day of the list that is written: within the worlds' time, so that payments come before and after.
const LISTED_ON: &str = "2021-06-30";

/// The labelled campaigns' addresses with a label of concern.
fn labelled(truth: &Truth) -> impl Iterator<Item = &String> {
    let real = truth.cases.iter().filter(|case| case.look_alike.is_none());
    real.flat_map(|case| &case.labelled)
}

fn open(store: &Path) -> Result<(Ledger, Engine), EngineError> {
    let missing = || EngineError::Empty { chain: Chain::Bitcoin, folder: store.into() };
    let ledger = Store::open(store)?.ledger(Chain::Bitcoin)?.ok_or_else(missing)?;
    Ok((ledger, Engine::open(store, &Options::default())?))
}

/// Who dealt with the labelled campaigns of a world: a case for everybody who did.
pub(super) fn contacts(truth: &Truth, store: &Path, world: &Path, seed: u64) -> Result<Truth, MeasureError> {
    let wrong = |source| MeasureError::Engine { seed, source: Box::new(source) };
    let (ledger, engine) = open(store).map_err(wrong)?;
    let owners = Owners::read(&world.join("truth/entities.csv"), &ledger)?;
    let actors = Actors::read(&world.join("truth/actors.csv"))?;
    let mut named: FxHashSet<u32> = FxHashSet::default();
    for text in labelled(truth) {
        let key = athar_types::address::parse_key(ledger.chain(), ledger.network(), text);
        named.extend(key.ok().and_then(|key| ledger.address_id(&key)).map(|id| id.0));
    }
    // whoever owns a labelled address, with all that they own
    let campaigns: FxHashSet<u32> = named.iter().filter_map(|id| owners.of(AddressId(*id))).collect();
    let mixes: FxHashSet<&String> =
        truth.cases.iter().filter(|case| case.rows == [super::cases::MIXES]).flat_map(|case| &case.txids).collect();
    let own = (0..owners.len()).map(AddressId).filter(|id| owners.of(*id).is_some_and(|o| campaigns.contains(&o)));
    let touched = own
        .flat_map(|id| ledger.address_outputs(id))
        .flat_map(|output| std::iter::once(ledger.output_tx(output).0).chain(ledger.spent_by(output)));
    let touched: BTreeSet<u32> = touched.map(|tx| tx.0).collect();
    let mut found: FxHashMap<u32, Dealer> = FxHashMap::default();
    for tx in touched.into_iter().map(TxNum) {
        let side = |output: OutputNum| {
            let address = ledger.output_address(output);
            (address.map_or(u32::MAX, |id| id.0), address.and_then(|id| owners.of(id)))
        };
        let spent: Vec<Side> = ledger.inputs(tx).map(|input| side(ledger.spent_output(&input))).collect();
        let paid: Vec<Side> = ledger.tx_outputs(tx).map(|output| side(OutputNum(output))).collect();
        let is_campaigns = |(_, owner): &Side| owner.is_some_and(|o| campaigns.contains(&o));
        let is_sent = spent.iter().any(is_campaigns);
        let txid = ledger.txid(tx).to_string();
        let Some(view) = engine.tx(&txid).map_err(wrong)?.filter(|view| !view.coinbase && !mixes.contains(&txid))
        else {
            continue;
        };
        // what it moved, at the day's price: a payment without one is looked at as if it were worth enough
        let cents = |sat: u64| match &view.price {
            Some(_) if view.output_sat > 0 => {
                let all = view.output_usd.as_ref().map_or(0, |usd| usd.0);
                (u128::from(all) * u128::from(sat) / u128::from(view.output_sat)) as u64
            }
            _ => DUST_CENTS,
        };
        let mut note = |(address, owner): Side, is_named: bool, sat: u64| {
            let Some(owner) = owner.filter(|_| !named.contains(&address)) else { return };
            let dealer = found.entry(owner).or_default();
            dealer.addresses.insert(address);
            dealer.is_asked |= is_named && !campaigns.contains(&owner) && cents(sat) >= DUST_CENTS;
        };
        if is_sent {
            let is_named = spent.iter().any(|(id, _)| named.contains(id));
            for (side, output) in paid.iter().zip(&view.outputs) {
                note(*side, is_named, output.value_sat);
            }
        } else {
            let is_named = paid.iter().any(|(id, _)| named.contains(id));
            let is_received = |side: &Side| if is_named { named.contains(&side.0) } else { is_campaigns(side) };
            let received = paid.iter().zip(&view.outputs).filter(|(side, _)| is_received(side));
            let sat = received.map(|(_, output)| output.value_sat).sum();
            for side in &spent {
                note(*side, is_named, sat);
            }
        }
    }
    let case = |(owner, dealer): (u32, Dealer)| Case {
        id: format!("dealt-{owner}"),
        rows: vec![CONTACT],
        meets_definition: dealer.is_asked,
        // of a service the statement is about a customer, and stays low
        is_labelled: !is_pooling(actors.kind(owner)),
        addresses: dealer.addresses.iter().map(|id| ledger.address_text(AddressId(*id))).collect(),
        ..Case::default()
    };
    Ok(Truth { rows: vec![CONTACT], cases: found.into_iter().map(case).collect(), ..of_size(truth) })
}

/// The address of an input or output, and who owns it.
type Side = (u32, Option<u32>);

/// Somebody who dealt with a labelled campaign.
#[derive(Default)]
struct Dealer {
    /// Own addresses that took part.
    addresses: FxHashSet<u32>,
    /// Whether it was with a labelled address itself, and worth more than dust.
    is_asked: bool,
}

/// A truth of the same world without cases.
fn of_size(truth: &Truth) -> Truth {
    Truth { txs: truth.txs, addresses: truth.addresses, ..Truth::default() }
}

/// Writes an official list beside a world's labels and tells what it means.
pub(super) fn list(truth: &Truth, store: &Path, world: &Path, seed: u64) -> Result<(PathBuf, Truth), MeasureError> {
    let wrong = |source| MeasureError::Engine { seed, source: Box::new(source) };
    let (ledger, _) = open(store).map_err(wrong)?;
    let mut meant: Vec<&String> = labelled(truth).collect();
    meant.sort_unstable();
    meant.dedup();
    let mut rows = String::from("order,identifier,asset,date\n");
    let mut cases = Vec::new();
    for (at, address) in meant.iter().enumerate() {
        let _ = writeln!(rows, "A {at},{address},BTC,{LISTED_ON}");
        cases.push(Case {
            id: format!("listed-{at}"),
            rows: vec![LISTED],
            meets_definition: true,
            is_labelled: true,
            addresses: std::iter::once((*address).clone()).collect(),
            ..Case::default()
        });
    }
    // spread over the world's addresses: everybody can be meant by mistake
    let step = (ledger.address_count() / (meant.len() as u32 + 1)).max(1);
    let whole: FxHashSet<&String> = meant.iter().copied().collect();
    for at in 0..meant.len() as u32 {
        let right = ledger.address_text(AddressId((at + 1) * step - 1));
        if whole.contains(&right) {
            continue;
        }
        let Some(written) = slip(&right, at) else { continue };
        let _ = writeln!(rows, "B {at},{written},BTC,{LISTED_ON}");
        cases.push(Case {
            id: format!("slip-{at}"),
            rows: vec![LISTED],
            look_alike: Some("slip of the pen".into()),
            addresses: std::iter::once(right).collect(),
            ..Case::default()
        });
    }
    let path = world.join("analyst/orders.csv");
    std::fs::write(&path, rows).map_err(|source| MeasureError::Io { path: path.clone(), source })?;
    Ok((path, Truth { rows: vec![LISTED], cases, ..of_size(truth) }))
}

/// An address as a careless hand writes it: two neighbours exchanged, or a letter of another script for one that looks like it.
fn slip(address: &str, turn: u32) -> Option<String> {
    if turn % 2 == 0 {
        let mut letters: Vec<char> = address.chars().collect();
        let at = (5..letters.len() - 1).find(|at| letters[*at] != letters[at + 1])?;
        letters.swap(at, at + 1);
        return Some(letters.into_iter().collect());
    }
    // Cyrillic letters
    let pairs = [('a', 'а'), ('c', 'с'), ('e', 'е'), ('p', 'р'), ('x', 'х'), ('y', 'у')];
    let (own, other) = pairs.into_iter().find(|(own, _)| address[4..].contains(*own))?;
    Some(format!("{}{}", &address[..4], address[4..].replacen(own, &other.to_string(), 1)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use athar_types::Network;
    use athar_types::address::parse_key;

    #[test]
    fn a_slip_is_no_address_of_the_chain() {
        for right in ["bcrt1qj4usvssu0ere58d0yv0txrnzyylj8ep75pnpny", "2MvgKfmtLMZzyFHNrRh9ao4N8NngbvKs9WS"] {
            assert!(parse_key(Chain::Bitcoin, Network::Regtest, right).is_ok());
            for turn in [0, 1] {
                let Some(written) = slip(right, turn) else { continue };
                assert_ne!(written, right);
                assert!(parse_key(Chain::Bitcoin, Network::Regtest, &written).is_err(), "{written}");
            }
        }
        assert!(slip("bcrt1qj4usvssu0ere58d0yv0txrnzyylj8ep75pnpny", 1).unwrap().contains('е'));
    }
}
