//! Passages of every bridge, and every way to imitate one.

use super::cases::{SPOKE, across_deposit, at, burn_1, cases, word};
use super::{account, amount, log, read, token};
use crate::account::events::*;
use athar_types::account::{AccountBytes, BridgeEvent, EventKind, U256};

fn event(chain: Chain, log: &RawLog) -> BridgeEvent {
    match read(chain, log)[..] {
        [EventKind::Bridge(event)] => event,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn each_passage_is_read_from_its_bridges_contract() {
    for case in cases() {
        let name = format!("{} {}", case.bridge, hex::encode(case.log.topics[0]));
        let event = event(case.chain, &case.log);
        assert_eq!(bridge_id(event.protocol), Some(case.bridge), "{name}");
        assert_eq!((event.contract, event.is_out), (case.log.address, case.is_out), "{name}");
        assert_eq!(event.account, case.account.map(|b| [b; 20]), "{name}");
        assert_eq!(event.far_chain, case.far_chain, "{name}");
        assert_eq!(event.far_account, case.far_account.map(account), "{name}");
        assert_eq!(event.token, case.token, "{name}");
        assert_eq!(event.amount, U256::from(case.amount), "{name}");
        assert_eq!(event.message.is_some(), case.has_message, "{name}");
    }
}

#[test]
fn every_form_is_tried() {
    // further below: both messages of CCTP and its second mint, both fills of Across, both of Wormhole's
    assert_eq!(cases().len() + 7, bridges::Bridges::shipped().forms().count());
}

#[test]
fn imitations_are_refused() {
    for case in cases() {
        let right = &case.log;
        let name = format!("{} {}", case.bridge, hex::encode(right.topics[0]));
        assert_eq!(read(case.chain, right).len(), 1, "{name}");
        let other = RawLog { address: [9; 20], ..right.clone() };
        assert_eq!(read(case.chain, &other), [], "{name}: another contract");
        let usdt = RawLog { address: token(Chain::Ethereum, "USDT"), ..right.clone() };
        assert_eq!(read(case.chain, &usdt), [], "{name}: a token's contract");
        assert_eq!(read(Chain::EthereumClassic, right), [], "{name}: another chain");
        let mut more = right.clone();
        more.topics.push([0; 32]);
        assert_eq!(read(case.chain, &more), [], "{name}: a topic too many");
        let mut fewer = right.clone();
        fewer.topics.pop();
        assert_eq!(read(case.chain, &fewer), [], "{name}: a topic too few");
        let topic = right.topics[0];
        let (_, form) = bridges::Bridges::shipped().forms().find(|(hash, _)| *hash == topic).unwrap();
        let (_, words, is_open) = form.shape();
        let mut short = right.clone();
        short.data.truncate((words * 32).saturating_sub(1));
        assert_eq!(read(case.chain, &short), [], "{name}: data too short");
        if !is_open {
            let mut long = right.clone();
            long.data.push(0);
            assert_eq!(read(case.chain, &long), [], "{name}: data too long");
        }
    }
}

#[test]
fn both_sides_of_an_across_passage_have_one_message() {
    let polygon = at("0x9295ee1d8C5b022Be115A2AD3c30C72E34e7F096");
    let native = token(Chain::Polygon, "USDC");
    let head = [
        account(9),
        word(native),
        amount(77),
        amount(70),
        amount(1),
        amount(2),
        amount(0),
        account(0),
        account(1),
        account(3),
    ];
    let topics = [amount(1), amount(5), account(8)];
    // the depositor changed the receiver from 3 to 2, and the amount from 70 to 69
    let old = log(
        polygon,
        "FilledV3Relay(address,address,uint256,uint256,uint256,uint256,uint32,uint32,uint32,address,address,address,address,bytes,(address,bytes,uint256,uint8))",
        &topics,
        &[&head[..], &[amount(384), amount(416), amount(0), account(2), amount(128), amount(69), amount(0), amount(0)]]
            .concat(),
    );
    let new = log(
        polygon,
        "FilledRelay(bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint32,uint32,bytes32,bytes32,bytes32,bytes32,bytes32,(bytes32,bytes32,uint256,uint8))",
        &topics,
        &[&head[..], &[[6; 32], account(2), [0; 32], amount(69), amount(0)]].concat(),
    );
    let out = event(Chain::Ethereum, &across_deposit(at(SPOKE), 137, 5, false));
    for fill in [&old, &new] {
        let fill = event(Chain::Polygon, fill);
        assert_eq!((fill.message, fill.is_out), (out.message, false));
        assert_eq!((fill.account, fill.amount, fill.token), (Some([2; 20]), U256::from(69), Some(native)));
        assert_eq!((fill.far_chain, fill.far_account), (Some(1), Some(account(1))));
    }
    let another = event(Chain::Ethereum, &across_deposit(at(SPOKE), 137, 6, true));
    assert_ne!(another.message, out.message);
    let mut wild = old;
    wild.data[11 * 32..12 * 32].fill(255);
    assert_eq!(read(Chain::Polygon, &wild), [], "a place outside of the data");
}

#[test]
fn what_stargate_sends_together_has_no_message_yet() {
    let pool = at("0xc026395860Db2d07ee33e05fE50ed7bD583189C7");
    let sent = |id: [u8; 32], domain: u64| {
        let signature = "OFTSent(bytes32,uint32,address,uint256,uint256)";
        log(pool, signature, &[id, account(1)], &[amount(domain), amount(77), amount(77)])
    };
    let bus = event(Chain::Ethereum, &sent([0; 32], 30_184));
    assert_eq!((bridge_id(bus.protocol), bus.message, bus.far_chain), (Some("stargate-v2"), None, Some(8453)));
    assert_eq!(bus.token, Some(token(Chain::Ethereum, "USDC")));
    let taxi = event(Chain::Ethereum, &sent([7; 32], 39_999));
    assert_eq!((taxi.message, taxi.far_chain), (Some([7; 32]), None), "a chain that is not known");
}

/// A message's body: version, burned token, receiver, amount, sender.
fn received(nonce: u64) -> RawLog {
    let body = [&[0; 4][..], &word(token(Chain::Ethereum, "USDC")), &account(2), &amount(77), &account(1)].concat();
    let mut log = log(
        at("0xF3be9355363857F3e001be68856A2f96b4C39Ba9"),
        "MessageReceived(address,uint32,uint64,bytes32,bytes)",
        &[account(8), amount(nonce)],
        &[amount(0), [5; 32], amount(96), amount(body.len() as u64)],
    );
    log.data.extend(body);
    log
}

#[test]
fn a_cctp_mint_is_completed_by_the_message_that_ordered_it() {
    let native = token(Chain::Polygon, "USDC");
    let mint = log(
        at("0x9daF8c91AEFAE50b9c0E69629D3F6Ca40cA3B3FE"),
        "MintAndWithdraw(address,uint256,address)",
        &[account(2), word(native)],
        &[amount(77)],
    );
    let mut out = Vec::new();
    events(Chain::Polygon, 0, &mint, Tokens::shipped(), &mut out);
    // of another transaction: not this one's message
    events(Chain::Polygon, 1, &received(4242), Tokens::shipped(), &mut out);
    assert!(matches!(out[..], [EventRow { tx: 0, kind: EventKind::Bridge(BridgeEvent { message: None, .. }) }]));
    events(Chain::Polygon, 0, &received(4242), Tokens::shipped(), &mut out);
    let [EventRow { kind: EventKind::Bridge(arrived), .. }] = out[..] else { panic!("{out:?}") };
    let burned = event(Chain::Ethereum, &burn_1());
    assert_eq!(arrived.message, burned.message);
    assert_eq!((arrived.far_chain, arrived.far_account), (Some(1), Some(account(1))));
    assert_eq!((arrived.account, arrived.amount), (Some([2; 20]), burned.amount));
    // a second message finds no mint that is open
    events(Chain::Polygon, 0, &received(4243), Tokens::shipped(), &mut out);
    assert_eq!(out.len(), 1);
    assert!(matches!(out[0].kind, EventKind::Bridge(BridgeEvent { message, .. }) if message == burned.message));
}

#[test]
fn a_mint_of_the_second_cctp_gets_its_origin_too() {
    let native = word(token(Chain::Arbitrum, "USDC"));
    let mint = log(
        at("0x28b5a0e9C621a5BadaA536219b3a228C8168cf5d"),
        "MintAndWithdraw(address,uint256,address,uint256)",
        &[account(2), native],
        &[amount(76), amount(1)],
    );
    let body = [&[0; 4][..], &native, &account(2), &amount(77), &account(1), &amount(3)].concat();
    let mut message = log(
        at("0x81D40F21F12A8F0E3252Bccb954D722d4c464B64"),
        "MessageReceived(address,uint32,bytes32,bytes32,uint32,bytes)",
        &[account(8), [6; 32], amount(2000)],
        &[amount(6), [5; 32], amount(96), amount(body.len() as u64)],
    );
    message.data.extend(body);
    let mut out = Vec::new();
    events(Chain::Arbitrum, 0, &mint, Tokens::shipped(), &mut out);
    let mut cut = message.clone();
    cut.data.truncate(4 * 32 + 100);
    for incomplete in [cut, RawLog { address: [9; 20], ..message.clone() }] {
        events(Chain::Arbitrum, 0, &incomplete, Tokens::shipped(), &mut out);
        assert!(matches!(out[..], [EventRow { kind: EventKind::Bridge(BridgeEvent { far_chain: None, .. }), .. }]));
    }
    events(Chain::Arbitrum, 0, &message, Tokens::shipped(), &mut out);
    let [EventRow { kind: EventKind::Bridge(arrived), .. }] = out[..] else { panic!("{out:?}") };
    assert_eq!((arrived.far_chain, arrived.far_account), (Some(8453), Some(account(1))));
    // a burn of this version does not know its number yet: nothing is shared
    assert_eq!((arrived.amount, arrived.message), (U256::from(76), None));
}

fn wormhole(kind: u8, symbol: Option<&str>, token_chain: u16, sender: AccountBytes) -> RawLog {
    let token = symbol.map_or([9; 20], |symbol| token(Chain::Ethereum, symbol));
    let mut payload = vec![kind];
    payload.extend(amount(500_000_000));
    payload.extend(word(token));
    payload.extend(token_chain.to_be_bytes());
    payload.extend(account(2));
    payload.extend(5_u16.to_be_bytes());
    payload.extend(amount(0));
    let core = at("0x98f3c9e6E3fAce36bAAd05FE09d375Ef1464288B");
    let signature = "LogMessagePublished(address,uint64,uint32,bytes,uint8)";
    let length = payload.len() as u64;
    let mut log =
        log(core, signature, &[word(sender)], &[amount(31), amount(0), amount(128), amount(1), amount(length)]);
    payload.resize(payload.len().next_multiple_of(32), 0);
    log.data.extend(payload);
    log
}

#[test]
fn wormhole_transfers_are_told_from_other_messages() {
    let bridge = at("0x3ee18B2214AFF97000D974cf647E7C347E8fa585");
    let sent = event(Chain::Ethereum, &wormhole(1, Some("WETH"), 2, bridge));
    assert_eq!((sent.contract, sent.is_out), (bridge, true));
    assert_eq!((sent.far_chain, sent.far_account), (Some(137), Some(account(2))));
    // five ether, which the message has in units of 10^-8
    assert_eq!(sent.amount, U256::from(5_000_000_000_000_000_000_u64));
    assert_eq!(sent.token, Some(token(Chain::Ethereum, "WETH")));
    let usdc = event(Chain::Ethereum, &wormhole(3, Some("USDC"), 2, bridge));
    assert_eq!(usdc.amount, U256::from(500_000_000), "six decimals are not cut");
    let unverified = event(Chain::Ethereum, &wormhole(1, None, 2, bridge));
    assert_eq!((unverified.token, unverified.amount), (Some([9; 20]), U256::ZERO));
    let foreign = event(Chain::Ethereum, &wormhole(1, Some("WETH"), 4, bridge));
    assert_eq!((foreign.token, foreign.amount), (None, U256::ZERO));
    assert_eq!(read(Chain::Ethereum, &wormhole(2, Some("WETH"), 2, bridge)), [], "names a token, moves none");
    assert_eq!(read(Chain::Ethereum, &wormhole(1, Some("WETH"), 2, [9; 20])), [], "somebody else's message");
    assert_eq!(read(Chain::Polygon, &wormhole(1, Some("WETH"), 2, bridge)), [], "another chain's contract");

    let redeemed = log(
        at("0x5a58505a96D1dbf8dF91cB21B54419FC36e93fdE"),
        "TransferRedeemed(uint16,bytes32,uint64)",
        &[amount(2), word(bridge), amount(31)],
        &[],
    );
    let arrived = event(Chain::Polygon, &redeemed);
    assert_eq!((arrived.message, arrived.far_chain), (sent.message, Some(1)));
    assert_eq!((arrived.account, arrived.amount), (None, U256::ZERO));
}

#[test]
fn topics_of_bridges_are_those_that_the_chains_have() {
    // facts of the chains, from the sources' generated bindings and from explorers
    let known = [
        "a123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f", // V3FundsDeposited
        "32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3", // FundsDeposited
        "1b2a7ff080b8cb6ff436ce0372e399692bbfb6d4ae5766fd8d58a7b8cc6142e6", // MintAndWithdraw, version 1
        "50c55e915134d457debfa58eb6f4342956f8b0616d51a89a3659360178e1ab63", // MintAndWithdraw, version 2
        "718594027abd4eaed59f95162563e0cc6d0e8d5b86b1c7be8b1b0ac3343d0396", // ERC20DepositInitiated
        "35d79ab81f2b2017e19afb5c5571778877782d7a8786f5907f93b0f4702f4f23", // ETHDepositInitiated
        "891afe029c75c4f8c5855fc3480598bc5a53739344f6ae575bdb7ea2a79f56b3", // WithdrawalFinalized
        "3e799b2d61372379e767ef8f04d65089179b7a6f63f9be3065806456c7309f1b", // LockedEther
        "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2", // LogMessagePublished
        "89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01", // Send of cBridge
    ];
    let topics: Vec<String> = bridges::Bridges::shipped().forms().map(|(topic, _)| hex::encode(topic)).collect();
    for topic in known {
        assert!(topics.iter().any(|t| t == topic), "{topic}");
    }
}
