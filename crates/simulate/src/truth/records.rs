//! `analyst/coupon_sales.csv` and `analyst/redemptions.csv`: what the coupon service could show of its own books.
//!
//! Every coupon that was redeemed on the chain is there, the networks' among those of ordinary customers and of resellers, beside coupons
//! that were never redeemed and ones that were only credited to an account. Nothing in the files says which is which: a network shows by its
//! sales at several counters, to a few buyers, redeemed from abroad for one account.
//!
//! Chance comes from a stream of its own, so that the world is the same with and without these files. Telephone numbers are of the range
//! that France keeps for fiction (06 39 98), IP addresses of those kept for documentation (RFC 5737).

use super::names::Names;
use crate::{
    SimulateError,
    agents::Economy,
    blocks::{FileEntry, HashedFile},
    dice::Dice,
    world::{DAY, HOUR},
};
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Towns of the points of sale.
const TOWNS: [&str; 12] =
    ["Lyon", "Lille", "Marseille", "Nantes", "Rouen", "Toulouse", "Metz", "Dijon", "Brest", "Pau", "Tours", "Amiens"];
/// Points of sale.
const OUTLETS: u64 = 90;
const MINUTE: u32 = 60;

/// Who redeems coupons, and how.
struct Customer {
    account: String,
    /// Telephone numbers of those who buy for them; none where nobody asked.
    buyers: Vec<Option<String>>,
    outlets: Vec<u64>,
    countries: Vec<&'static str>,
    /// The longest time between sale and redemption.
    held: u32,
}

/// Writes both files.
pub(super) fn write(
    root: &Path,
    seed: u64,
    economy: &Economy,
    names: &Names<'_>,
) -> Result<Vec<FileEntry>, SimulateError> {
    let mut dice = Dice::new(seed, "records");
    let mut sales: Vec<(u32, String)> = Vec::new();
    let mut redemptions: Vec<(u32, String)> = Vec::new();
    let mut customers: BTreeMap<u32, Customer> = BTreeMap::new();
    let mut next = vec![0; economy.campaigns.len()];
    for made in &economy.coupons.redeemed {
        let (key, cents) = (made.key, made.euro_cents);
        let actor = economy.world.keys[key].actor;
        // a campaign's own list says at which counter each of its coupons was bought
        let of_campaign = (0..next.len()).find(|c| {
            economy.campaigns[*c].redemptions.get(next[*c]).is_some_and(|r| (r.key, r.euro_cents) == (key, cents))
        });
        let mut counter = None;
        if let Some(campaign) = of_campaign {
            counter = Some(economy.campaigns[campaign].redemptions[next[campaign]].point_of_sale as usize);
            next[campaign] += 1;
        }
        let is_network = of_campaign.is_some_and(|c| !economy.campaigns[c].decoy);
        let customer =
            customers.entry(actor.0).or_insert_with(|| customer(&mut dice, is_network, of_campaign.is_some()));
        // each counter of a campaign has its own buyer; others buy where they are
        let place = counter.unwrap_or_else(|| dice.index(64));
        let outlet = customer.outlets[place % customer.outlets.len()];
        let buyer = customer.buyers[place % customer.buyers.len()].clone();
        let country = dice.pick(&customer.countries);
        let redeemed = made.time;
        let sold = redeemed.saturating_sub(dice.range(10 * MINUTE as u64, customer.held as u64) as u32);
        let serial = serial(&mut dice);
        sales.push((sold, sale(&serial, outlet, sold, cents, buyer.as_deref())));
        let (account, address) = (&customer.account, names.address(key));
        redemptions.push((redeemed, redemption(&mut dice, &serial, account, &address, country, redeemed)));
    }
    aside(&mut dice, economy, &mut sales, &mut redemptions);
    let text = |head: &str, mut rows: Vec<(u32, String)>| {
        rows.sort();
        rows.into_iter().fold(String::from(head), |mut text, (_, row)| {
            text.push_str(&row);
            text
        })
    };
    let sales = text("serial,outlet,place,time,amount,currency,buyer\n", sales);
    let redemptions = text("serial,account,address,ip,country,time\n", redemptions);
    Ok(vec![
        HashedFile::whole(root, "analyst/coupon_sales.csv", sales.as_bytes())?,
        HashedFile::whole(root, "analyst/redemptions.csv", redemptions.as_bytes())?,
    ])
}

/// Coupons that the chain knows nothing of: kept in a drawer, or credited to an account and spent elsewhere.
fn aside(dice: &mut Dice, economy: &Economy, sales: &mut Vec<(u32, String)>, redemptions: &mut Vec<(u32, String)>) {
    let times: Vec<u32> = economy.coupons.redeemed.iter().map(|r| r.time).collect();
    for (n, time) in times.iter().enumerate() {
        let kind = n % 8;
        if kind != 0 && kind != 5 {
            continue;
        }
        let sold = time.saturating_sub(dice.range(0, 5 * DAY as u64) as u32);
        let (serial, outlet) = (serial(dice), dice.below(OUTLETS));
        let cents = dice.pick(&[1_000, 2_000, 5_000, 5_000, 10_000]);
        let buyer = dice.chance(300).then(|| phone(dice));
        sales.push((sold, sale(&serial, outlet, sold, cents, buyer.as_deref())));
        if kind == 5 {
            let redeemed = sold + dice.range(10 * MINUTE as u64, 4 * DAY as u64) as u32;
            let account = account(dice);
            redemptions.push((redeemed, redemption(dice, &serial, &account, "", "FR", redeemed)));
        }
    }
}

fn customer(dice: &mut Dice, is_network: bool, is_campaign: bool) -> Customer {
    let account = account(dice);
    if is_network {
        return Customer {
            account,
            buyers: (0..7).map(|_| Some(phone(dice))).collect(),
            outlets: (0..7).map(|_| dice.below(OUTLETS)).collect(),
            countries: vec!["TR", "TR", "TR", "LB"],
            held: 8 * HOUR,
        };
    }
    if is_campaign {
        // a reseller redeems what its customers bring, from its own office
        return Customer {
            account,
            buyers: vec![None, None, Some(phone(dice))],
            outlets: (0..7).map(|_| dice.below(OUTLETS)).collect(),
            countries: vec!["FR"],
            held: 20 * DAY,
        };
    }
    let home = dice.below(OUTLETS);
    Customer {
        account,
        buyers: vec![dice.chance(300).then(|| phone(dice))],
        outlets: vec![home, home, home, dice.below(OUTLETS)],
        countries: match dice.below(20) {
            0 => vec!["BE"],
            1 => vec!["FR", "TR"],
            2 => vec!["DE"],
            _ => vec!["FR"],
        },
        held: 20 * DAY,
    }
}

fn serial(dice: &mut Dice) -> String {
    let mut part = || dice.below(10_000);
    format!("{:04}-{:04}-{:04}-{:04}", part(), part(), part(), part())
}

fn account(dice: &mut Dice) -> String {
    format!("BB{:010}", dice.below(10_000_000_000))
}

fn phone(dice: &mut Dice) -> String {
    format!("+3363998{:04}", dice.below(10_000))
}

fn sale(serial: &str, outlet: u64, time: u32, cents: u64, buyer: Option<&str>) -> String {
    let town = TOWNS[(outlet % TOWNS.len() as u64) as usize];
    let (euros, cents) = (cents / 100, cents % 100);
    let buyer = buyer.unwrap_or_default();
    format!("{serial},counter {outlet},{town},{},{euros}.{cents:02},EUR,{buyer}\n", Names::time(time))
}

fn redemption(dice: &mut Dice, serial: &str, account: &str, address: &str, country: &str, time: u32) -> String {
    let net = dice.pick(&["192.0.2", "198.51.100", "203.0.113"]);
    let mut row = String::new();
    let host = dice.range(1, 254);
    let _ = writeln!(row, "{serial},{account},{address},{net}.{host},{country},{}", Names::time(time));
    row
}
