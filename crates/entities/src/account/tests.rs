use super::*;
use crate::Heuristic;
use athar_types::UnixTime;
use athar_types::account::{
    AccountBlock, AccountTxRow, AssetKey, EventKind, EventRow, TransferKind, TransferRow, TxStatus, U256,
};
use proptest::prelude::*;

const HOUR: u32 = 3_600;
const HOT: u8 = 1;
const D1: u8 = 10;
const D2: u8 = 11;
const A: u8 = 200;
const B: u8 = 201;
const C: u8 = 202;
const E: u8 = 203;
const DOLLAR: AssetKey = AssetKey::Token([250; 20]);

fn bytes(account: u8) -> [u8; 20] {
    [account; 20]
}

/// A chain written by hand: one transaction a block.
#[derive(Default)]
struct Chain {
    blocks: Vec<AccountBlock>,
    now: u32,
}

impl Chain {
    fn tx(&mut self, signer: [u8; 20], rows: &[([u8; 20], [u8; 20], AssetKey, U256)]) -> &mut Self {
        let kind =
            |asset: &AssetKey| if *asset == AssetKey::Native { TransferKind::Value } else { TransferKind::Token };
        let transfers = rows.iter().map(|(from, to, asset, amount)| TransferRow {
            tx: Some(0),
            from: Some(*from),
            to: Some(*to),
            asset: *asset,
            amount: *amount,
            kind: kind(asset),
        });
        self.blocks.push(AccountBlock {
            number: self.blocks.len() as u32,
            time: UnixTime(self.now),
            txs: vec![AccountTxRow {
                hash: [0; 32],
                from: signer,
                to: None,
                created: None,
                status: TxStatus::Success,
                selector: None,
            }],
            transfers: transfers.collect(),
            ..AccountBlock::default()
        });
        self.now += 60;
        self
    }

    fn pay(&mut self, from: u8, to: u8, amount: u64) -> &mut Self {
        self.tx(bytes(from), &[(bytes(from), bytes(to), DOLLAR, U256::from(amount))])
    }

    fn wait(&mut self, secs: u32) -> &mut Self {
        self.now += secs;
        self
    }

    fn contract(&mut self, account: u8) -> &mut Self {
        let event = EventRow { tx: 0, kind: EventKind::Contract { account: bytes(account) } };
        self.blocks.last_mut().unwrap().events.push(event);
        self
    }

    /// Pays in and is swept an hour later.
    fn deposit(&mut self, from: u8, address: u8, amount: u64) -> &mut Self {
        self.pay(from, address, amount).wait(HOUR).pay(address, HOT, amount)
    }

    fn flows(&self) -> MemoryFlows {
        MemoryFlows::of(&self.blocks).unwrap()
    }

    fn built(&self) -> (MemoryFlows, AccountForest) {
        let flows = self.flows();
        let forest = AccountForest::build(&flows, &AccountSettings::default()).unwrap();
        (flows, forest)
    }

    fn are_one(&self, a: u8, b: u8) -> bool {
        let (flows, forest) = self.built();
        let id = |account| flows.account(&bytes(account)).unwrap();
        forest.name(id(a)) == forest.name(id(b))
    }

    fn is_deposit(&self, account: u8) -> bool {
        let (flows, forest) = self.built();
        forest.custody(flows.account(&bytes(account)).unwrap()).is_some()
    }
}

/// A service: it pays fifty accounts, and nine deposit addresses besides those of the tests are swept.
fn service() -> Chain {
    let mut chain = Chain::default();
    for payee in 0..50u8 {
        let to = [[77, payee].repeat(10).try_into().unwrap(), bytes(HOT)];
        chain.tx(bytes(HOT), &[(to[1], to[0], DOLLAR, U256::from(5))]);
    }
    for customer in 0..10u8 {
        for _ in 0..2 {
            chain.deposit(100 + customer, 50 + customer, 1_000);
        }
    }
    chain
}

fn reused() -> Chain {
    let mut chain = service();
    for _ in 0..2 {
        chain.deposit(A, D1, 500).deposit(B, D1, 700);
    }
    chain
}

#[test]
fn payers_of_one_deposit_address_are_one_from_the_last_sweep_on() {
    let chain = reused();
    let (flows, forest) = chain.built();
    let id = |account| flows.account(&bytes(account)).unwrap();
    assert_eq!(forest.members(id(B), 0, 9), [id(A), id(B)]);
    assert_eq!((forest.name(id(B)), forest.size(id(A)), forest.entities()), (id(A), 2, 1));
    let deposit = forest.custody(id(D1)).unwrap();
    let expected = (id(HOT), 4, 1_000, false);
    assert_eq!((deposit.collector, deposit.forwards, deposit.forwarded_permille, deposit.is_contract), expected);
    assert_eq!(forest.customers(id(D1), 0, 9), [id(A), id(B)]);
    let last = flows.txs() - 1;
    let link = forest.joined(id(A), id(B)).unwrap();
    assert_eq!((link.tx.0, link.heuristic), (last, Heuristic::DepositReuse));
    assert_eq!(forest.name_as_of(id(B), last), id(A));
    assert_eq!(forest.name_as_of(id(B), last - 1), id(B));
    // a deposit address, a collector and a lone payer are nobody's
    for lone in [D1, HOT, 100] {
        assert_eq!(forest.members(id(lone), 0, 9), [id(lone)]);
    }
}

#[test]
fn a_path_names_every_deposit_address_and_what_was_sent() {
    let mut chain = reused();
    // the same person at another service address of another hot wallet would be the same; here a second service
    for payee in 0..50u8 {
        chain.tx(bytes(2), &[(bytes(2), [78, payee].repeat(10).try_into().unwrap(), DOLLAR, U256::from(5))]);
    }
    for customer in 0..10u8 {
        for _ in 0..2 {
            chain.pay(120 + customer, 70 + customer, 1_000).wait(HOUR).pay(70 + customer, 2, 1_000);
        }
    }
    for _ in 0..2 {
        for payer in [B, C] {
            chain.pay(payer, D2, 300).wait(HOUR).pay(D2, 2, 300);
        }
    }
    let (flows, forest) = chain.built();
    let id = |account| flows.account(&bytes(account)).unwrap();
    let found = forest.explain(id(A), id(C), &AccountBounds::default());
    let path: Vec<_> = found.steps.iter().map(|s| (s.a, s.deposit.unwrap(), s.b)).collect();
    assert_eq!(path, [(id(A), id(D1), id(B)), (id(B), id(D2), id(C))]);
    assert!(found.linked && !found.bound_hit);
    let sent = found.steps[1].of_b.unwrap();
    assert_eq!(flows.transfer(sent.sent).from, id(C));
    assert_eq!((flows.transfer(sent.passed_on).from, flows.transfer(sent.passed_on).to), (id(D2), id(2)));
    assert!(forest.explain(id(A), id(C), &AccountBounds { rows_max: 1 }).bound_hit);
    assert!(!forest.explain(id(A), id(100), &AccountBounds::default()).linked);
}

#[test]
fn every_guard_holds_alone() {
    assert!(reused().are_one(A, B));
    // once is no habit
    let mut chain = service();
    chain.deposit(A, D1, 500).deposit(A, D1, 500).deposit(B, D1, 700);
    assert!(!chain.are_one(A, B) && chain.is_deposit(D1));
    // a contract is no person
    assert!(!reused().contract(B).are_one(A, B));
    // who pays another deposit address of the same service pays for others
    let mut chain = reused();
    chain.deposit(B, D2, 10).deposit(C, D2, 10);
    assert!(!chain.are_one(A, B));
    // five payers: somebody takes money there
    let mut chain = reused();
    for payer in [C, E, 204] {
        chain.deposit(payer, D1, 400);
    }
    assert!(!chain.are_one(A, B) && chain.is_deposit(D1));
    // dust
    let mut chain = service();
    for _ in 0..2 {
        chain.deposit(A, D1, 100_000).deposit(B, D1, 70);
    }
    assert!(!chain.are_one(A, B));
    // a service that pays many
    let mut chain = reused();
    for payee in 0..51u8 {
        chain.tx(bytes(B), &[(bytes(B), [79, payee].repeat(10).try_into().unwrap(), DOLLAR, U256::from(5))]);
    }
    assert!(!chain.are_one(A, B));
    // what another signed
    let mut chain = service();
    for _ in 0..2 {
        chain.deposit(A, D1, 500);
        chain.tx(bytes(9), &[(bytes(B), bytes(D1), DOLLAR, U256::from(700))]).pay(D1, HOT, 700);
    }
    assert!(!chain.are_one(A, B));
    // transfers of nothing
    let mut chain = service();
    for _ in 0..5 {
        chain.deposit(A, D1, 500).pay(B, D1, 0);
    }
    assert!(!chain.are_one(A, B));
}

#[test]
fn what_is_no_deposit_address() {
    // one payment elsewhere
    assert!(!reused().pay(A, D1, 10).pay(D1, 5, 10).is_deposit(D1));
    // parts
    let mut chain = service();
    for _ in 0..4 {
        chain.pay(A, D1, 500).pay(D1, HOT, 250);
    }
    assert!(!chain.is_deposit(D1));
    // days later
    let mut chain = service();
    for _ in 0..4 {
        chain.pay(A, D1, 500).wait(48 * HOUR).pay(D1, HOT, 500);
    }
    assert!(!chain.is_deposit(D1));
    // paid by the service
    let mut chain = service();
    for _ in 0..4 {
        chain.deposit(HOT, D1, 500).deposit(A, D1, 500);
    }
    assert!(!chain.is_deposit(D1));
    // the fee of a token in the same transaction is a cost
    let mut chain = service();
    for _ in 0..2 {
        let amount = |n: u64| U256::from(n);
        let rows = [(bytes(D1), bytes(HOT), DOLLAR, amount(495)), (bytes(D1), bytes(6), DOLLAR, amount(5))];
        chain.pay(A, D1, 500).tx(bytes(D1), &rows);
    }
    assert!(chain.is_deposit(D1));
}

#[test]
fn a_collector_is_told_by_its_shape() {
    // a campaign to which everybody forwards, and which pays nobody out
    let mut chain = Chain::default();
    for customer in 0..20u8 {
        for _ in 0..2 {
            chain.deposit(100 + customer, 50 + customer, 1_000);
        }
    }
    assert!(!chain.is_deposit(50));
    // a pool
    assert!(!reused().contract(HOT).is_deposit(D1));
    // one that is emptied into a wallet that pays many
    let mut chain = service();
    for customer in 0..10u8 {
        for _ in 0..2 {
            chain.pay(120 + customer, 70 + customer, 1_000).wait(HOUR).pay(70 + customer, 3, 1_000);
        }
    }
    assert!(!chain.is_deposit(70));
    assert!(chain.pay(3, HOT, 20_000).is_deposit(70));
    // of whom the wallet has next to nothing, it is not the wallet
    for _ in 0..20 {
        chain.deposit(100, 50, 1_000_000);
    }
    assert!(chain.is_deposit(50) && !chain.is_deposit(70));
}

#[test]
fn strangers_cannot_hide_a_deposit_address() {
    let mut chain = reused();
    for token in 0..200u8 {
        let gift = AssetKey::Token([90, token].repeat(10).try_into().unwrap());
        chain.tx(bytes(8), &[(bytes(8), bytes(D1), gift, U256::MAX)]);
        chain.tx(bytes(8), &[(bytes(8), bytes(D1), gift, U256::MAX)]);
    }
    chain.pay(7, D1, 1).pay(HOT, D1, 3);
    assert!(chain.is_deposit(D1) && chain.are_one(A, B));
}

#[test]
fn a_kept_account_is_its_funders_where_asked_for() {
    let mut chain = service();
    let coins = |chain: &mut Chain, from: u8, to: u8| {
        chain.tx(bytes(from), &[(bytes(from), bytes(to), AssetKey::Native, U256::from(100))]);
    };
    coins(&mut chain, A, B);
    coins(&mut chain, A, B);
    chain.pay(B, A, 5);
    // friends: once, or nothing comes back
    coins(&mut chain, A, C);
    chain.pay(C, A, 5);
    coins(&mut chain, A, E);
    coins(&mut chain, A, E);
    let flows = chain.flows();
    let id = |account| flows.account(&bytes(account)).unwrap();
    let plain = AccountForest::build(&flows, &AccountSettings::default()).unwrap();
    assert_eq!(plain.size(id(A)), 1);
    let settings = AccountSettings { shared_funder: true, ..AccountSettings::default() };
    let forest = AccountForest::build(&flows, &settings).unwrap();
    assert_eq!(forest.members(id(A), 0, 9), [id(A), id(B)]);
    let step = forest.explain(id(A), id(B), &AccountBounds::default()).steps[0];
    assert_eq!((step.heuristic, step.of_a, step.deposit), (Heuristic::SharedFunder, None, None));
    assert_eq!(flows.transfer(step.of_b.unwrap().passed_on).to, id(A));
    assert_ne!(settings.version(), AccountSettings::default().version());
}

#[test]
fn rows_that_name_no_transaction_of_their_block_are_refused() {
    let mut chain = reused();
    chain.blocks[3].transfers[0].tx = Some(1);
    let error = MemoryFlows::of(&chain.blocks).unwrap_err();
    assert_eq!(error, MemoryFlowsError::Tx { block: 3, tx: 1, txs: 1 });
    assert_eq!(MemoryFlows::of(&[]).unwrap().txs(), 0);
}

proptest! {
    /// Rows of any kind, of amounts that pass every sum, with bounds of any size: no panic, and what must never be, is not.
    #[test]
    fn any_rows_make_a_forest_without_contracts(
        rows in prop::collection::vec((0u8..12, 0u8..12, 0u8..12, 0u8..3, 0u8..13, 0u8..4), 1..300),
        bounds in (0u32..3, 0u32..3, 0u32..3, 0u32..3), shared_funder in any::<bool>(),
    ) {
        let mut chain = Chain::default();
        for (signer, from, to, asset, kind, amount) in rows {
            let asset = [AssetKey::Native, DOLLAR, AssetKey::Token([3; 20])][usize::from(asset)];
            let amount = [U256::ZERO, U256::ONE, U256::MAX, U256::from(1_000)][usize::from(amount)];
            chain.tx(bytes(signer), &[(bytes(from), bytes(to), asset, amount)]);
            let row = &mut chain.blocks.last_mut().unwrap().transfers[0];
            row.kind = TransferKind::from_code(kind).unwrap();
            row.from = row.from.filter(|_| row.kind != TransferKind::Mint);
        }
        chain.contract(0);
        let settings = AccountSettings {
            forwarders_min: bounds.0,
            payees_min: bounds.1,
            forwards_min: bounds.2,
            deposits_min: bounds.3,
            shared_funder,
            ..AccountSettings::default()
        };
        let flows = chain.flows();
        let forest = AccountForest::build(&flows, &settings).unwrap();
        for account in 0..flows.accounts() {
            if forest.size(account) > 1 {
                prop_assert!(!flows.is_contract(account) && forest.custody(account).is_none());
            }
            for other in forest.members(account, 0, 50) {
                prop_assert_eq!(forest.name(other), forest.name(account));
                let found = forest.explain(account, other, &AccountBounds::default());
                prop_assert!(found.linked && (other == account || !found.steps.is_empty()));
            }
        }
    }
}
