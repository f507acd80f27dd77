//! Which campaigns a world of accounts has, and what they will do.

use super::super::acts::{Acts, Due};
use super::super::rows::{DOLLAR, Rows, USD};
use super::super::{AccountActor, AccountRole, AccountStory, AccountTruth, AccountWorldSettings};
use super::act::{Act, TRIES};
use super::{Case, Story};
use crate::dice::Dice;
use crate::pair::{Hop, Migration};
use athar_types::{Category, Chain};
use std::cmp::Reverse;
use std::collections::BTreeMap;

const DAY: u32 = 86_400;
const HOUR: u32 = 3_600;
/// How often what a guard or an anchor asks of has a label, in thousandths.
const LABELLED: u64 = 700;

/// Where Tether's dollar and its bridge stand; a chain without them keeps what was drawn.
const fn real(chain: Chain) -> Option<[&'static str; 2]> {
    match chain {
        Chain::Ethereum => {
            Some(["0xdAC17F958D2ee523a2206206994597C13D831ec7", "0x1F748c76dE468e9D11bd340fA9D5CBADf315dFB0"])
        }
        Chain::Tron => Some(["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TFG4wBaDQ8sHWWP1ACeSGnoNR6RRzevLPt"]),
        _ => None,
    }
}

/// Puts the dollar token where the real one stands.
pub(in super::super) fn place_dollar(rows: &mut Rows) {
    let token = rows.tokens[DOLLAR] as usize;
    if let Some(real) = real(rows.params.chain).and_then(|[token, _]| rows.params.form.parse(token).ok()) {
        rows.truth.accounts[token].account = real;
    }
}

/// Plans every campaign and look-alike.
pub(in super::super) fn plan(acts: &mut Acts, seed: u64, settings: &AccountWorldSettings, story: &AccountStory) {
    let rows = &mut acts.cast.rows;
    let bridging = actor(rows, AccountActor::Bridge);
    let bridge = match real(rows.params.chain).and_then(|[_, bridge]| rows.params.form.parse(bridge).ok()) {
        Some(account) => {
            rows.known(AccountTruth { account, actor: bridging, role: AccountRole::Contract, customer: None })
        }
        None => rows.account(bridging, AccountRole::Contract, None),
    };
    let relayer = rows.account(bridging, AccountRole::Own, None);
    let issuer = acts.cast.issuer;
    let coins = rows.coin(1_000_000_000);
    rows.pay(issuer, relayer, super::super::rows::COIN, coins);
    rows.deploy(issuer, bridge);
    rows.mint(issuer, bridge, DOLLAR, 1_000_000_000 * USD);
    let labels = (1..).zip(&acts.cast.exchanges).flat_map(|(n, e)| {
        let hot = (e.hot, format!("Exchange {n} (simulated)"), Category::Exchange);
        let gas = (e.gas != e.hot).then(|| (e.gas, format!("Exchange {n} (simulated)"), Category::Exchange));
        let collector =
            (e.collector != e.hot).then(|| (e.collector, format!("Exchange {n} (simulated)"), Category::Exchange));
        [Some(hot), gas, collector].into_iter().flatten()
    });
    let mut planner = Planner {
        story: Story {
            dice: Dice::new(seed, "accounts/story"),
            acts: Vec::new(),
            cases: Vec::new(),
            labels: labels.collect(),
            funders: BTreeMap::new(),
            bridge,
            relayer,
            far_chain: story.far.chain_id,
        },
        dice: Dice::new(seed, &format!("accounts/plan/{}", settings.params.chain)),
        start: settings.start.0,
        days: story.days,
        acts,
        seed,
    };
    for rank in 0..story.remittances {
        planner.remittance(rank, false);
    }
    for rank in 0..story.remittances.div_ceil(2) {
        planner.remittance(rank, true);
    }
    for (decoy, count) in [false, true].into_iter().zip(story.migrations) {
        (0..count).for_each(|rank| planner.migration(rank, decoy));
    }
    for hop in Hop::all(seed, story.hops, settings.start, story.days) {
        planner.hop(&hop, hop.from_first == story.is_first);
    }
    let story = planner.story;
    acts.story = Some(story);
}

fn actor(rows: &mut Rows, kind: AccountActor) -> u32 {
    rows.truth.actors.push(kind);
    rows.truth.actors.len() as u32 - 1
}

struct Planner<'a> {
    story: Story,
    dice: Dice,
    acts: &'a mut Acts,
    start: u32,
    days: u32,
    seed: u64,
}

impl Planner<'_> {
    fn at(&mut self, time: u32, act: Act) {
        let place = self.story.acts.len();
        self.story.acts.push(act);
        self.acts.due.push(Reverse((time, Due::Story { act: place, tries: TRIES })));
    }

    fn account(&mut self, actor: u32) -> u32 {
        self.acts.cast.rows.account(actor, AccountRole::Own, None)
    }

    fn actor(&mut self, kind: AccountActor) -> u32 {
        actor(&mut self.acts.cast.rows, kind)
    }

    fn exchange(&mut self) -> usize {
        self.dice.index(self.acts.cast.exchanges.len())
    }

    fn labelled(&mut self, account: u32, text: String, category: Category) {
        if self.dice.chance(LABELLED) {
            self.story.labels.push((account, text, category));
        }
    }

    /// Row 11. Look-alikes are a company that pays wages, and a desk that trades in round sums.
    fn remittance(&mut self, rank: u32, decoy: bool) {
        let payroll = decoy && rank.is_multiple_of(2);
        let count = self.dice.range(2, 12);
        let people = if payroll { self.dice.range(2, 6) } else { self.dice.range(1, 7) };
        let days = self.dice.range(4, 60);
        let unit = self.dice.pick(&[700u64, 1_000, 1_000, 5_000, 10_000, 10_000]);
        let off = self.dice.range(0, 9);
        let origins = if self.dice.chance(850) { 1 } else { 2 };
        let kind = match (decoy, payroll) {
            (false, _) => AccountActor::Campaign,
            (true, true) => AccountActor::Company,
            (true, false) => AccountActor::Desk,
        };
        let head = self.actor(kind);
        let mut accounts = Vec::new();
        for _ in 0..people {
            // couriers and staff are people of their own; a desk has several accounts
            let owner = match (decoy, payroll) {
                (true, false) => head,
                (true, true) => self.actor(AccountActor::Person),
                _ if self.dice.chance(600) => self.actor(AccountActor::Mule),
                _ => head,
            };
            accounts.push(self.account(owner));
        }
        let from: Vec<usize> = (0..origins).map(|_| self.exchange()).collect();
        let start = self.start + self.dice.range(2, u64::from(self.days).saturating_sub(days + 10).max(3)) as u32 * DAY;
        let wages: Vec<u64> = accounts.iter().map(|_| self.dice.range(1, 5)).collect();
        for payment in 0..count {
            let to = (payment % people) as usize;
            let times = if payroll { wages[to] } else { self.dice.range(1, 4) };
            let dollars = u128::from(unit * times);
            // what is off is a fee that somebody forgot, or a rate
            let amount = dollars * USD - dollars * USD * u128::from(self.dice.range(0, off)) / 1000;
            let time = if payroll {
                start + (payment / people) as u32 * 30 * DAY + self.dice.below(20_000) as u32
            } else {
                start + self.dice.below(days * u64::from(DAY)) as u32
            };
            let exchange = from[self.dice.index(from.len())];
            self.at(time, Act::Out { exchange, to: accounts[to], amount });
            let sells_at = self.exchange();
            let later = time + self.dice.range(1, 90) as u32 * HOUR;
            self.at(later, Act::PayIn { from: accounts[to], exchange: sells_at });
        }
        let (id, what) = if decoy { ("decoy", "Desk") } else { ("campaign", "Courier of") };
        let id = format!("remittance-{id}-{}", rank + 1);
        if !payroll {
            let category = if decoy { Category::PeerToPeerExchange } else { Category::TerroristFinancing };
            self.labelled(accounts[0], format!("{what} {id} (simulated)"), category);
        }
        self.story.cases.push(Case {
            id,
            row: 11,
            kind: "round-increment-remittance",
            look_alike: decoy.then_some(if payroll { "payroll" } else { "OTC desk" }),
            accounts,
            drawn: BTreeMap::from([
                ("transfers", count),
                ("beneficiaries", people),
                ("days", days),
                ("unit_usd", unit),
                ("off_permille_max", off),
                ("origins", origins),
            ]),
        });
    }

    /// Row 12, the half on this chain.
    fn migration(&mut self, rank: u32, decoy: bool) {
        let plan = Migration::draw(self.seed, rank, decoy);
        let head = self.actor(if decoy { AccountActor::Charity } else { AccountActor::Campaign });
        let accounts: Vec<u32> = (0..plan.token_addresses).map(|_| self.account(head)).collect();
        let mut own = accounts.clone();
        if plan.own_funder {
            let funder = self.account(head);
            self.story.funders.extend(accounts.iter().map(|a| (*a, funder)));
            own.push(funder);
        }
        let (before, after) = plan.token_gifts;
        let moved = plan.start.0 + plan.days_before * DAY;
        let span = |days: u32| u64::from(days.max(1)) * u64::from(DAY);
        for gift in 0..before + after {
            let time = if gift < before {
                plan.start.0 + self.dice.below(span(plan.days_before)) as u32
            } else {
                let gap = plan.gap_days.min(plan.days_after - 1);
                moved + gap * DAY + self.dice.below(span(plan.days_after - gap)) as u32
            };
            let to = accounts[self.dice.index(accounts.len())];
            let amount = u128::from(self.dice.bell(plan.median_cents, 2)) * USD / 100;
            self.at(time, Act::Gift { to, amount });
        }
        let exchange = self.exchange();
        for month in 1..=(plan.days_before + plan.days_after) / 30 {
            for account in &accounts {
                let time = plan.start.0 + month * 30 * DAY + self.dice.below(u64::from(DAY)) as u32;
                self.at(time, Act::PayIn { from: *account, exchange });
            }
        }
        if let Some(category) = plan.category {
            self.story.labels.push((accounts[0], plan.label(), category));
        }
        let id = if decoy { "decoy" } else { "campaign" };
        self.story.cases.push(Case {
            id: format!("migration-{id}-{}", rank + 1),
            row: 12,
            kind: "chain-migration",
            look_alike: decoy.then_some("charity"),
            accounts: own,
            drawn: BTreeMap::from([("migration", u64::from(rank)), ("own_funder", u64::from(plan.own_funder))]),
        });
    }

    /// Row 22, the side of a passage that this world shows.
    fn hop(&mut self, hop: &Hop, leaves: bool) {
        let head = self.actor(if hop.campaign { AccountActor::Campaign } else { AccountActor::Person });
        let account = hop.accounts[usize::from(!leaves)];
        let account =
            self.acts.cast.rows.known(AccountTruth { account, actor: head, role: AccountRole::Own, customer: None });
        let message = hop.has_message.then_some(hop.message);
        let exchange = self.exchange();
        if leaves {
            let amount = u128::from(hop.cents) * USD / 100;
            let earlier = hop.leaves.0 - self.dice.range(1, 20) as u32 * HOUR;
            self.at(earlier, Act::Out { exchange, to: account, amount: amount + amount / 50 });
            self.at(hop.leaves.0, Act::HopOut { rank: hop.rank, from: account, amount, far: hop.accounts[1], message });
            if hop.campaign && hop.labelled {
                let text = format!("Crossing of hop-{} (simulated)", hop.rank + 1);
                self.story.labels.push((account, text, Category::TerroristFinancing));
            }
        } else {
            let amount = u128::from(hop.arrives_cents()) * USD / 100;
            let time = hop.leaves.0 + hop.delay_secs;
            self.at(time, Act::HopIn { rank: hop.rank, to: account, amount, message });
            let later = time + self.dice.range(1, 60) as u32 * HOUR;
            self.at(later, Act::PayIn { from: account, exchange });
        }
    }
}
