//! Passages of every bridge, from logs built here field by field as their sources declare them.

use super::tests::{account, amount, log, read};
use super::*;
use athar_types::account::{AccountBytes, BridgeEvent, EventKind, U256};

/// An address of the registry's form.
fn at(text: &str) -> AccountBytes {
    athar_types::address::parse_evm(text).unwrap()
}

fn token(chain: Chain, symbol: &str) -> AccountBytes {
    Tokens::shipped().by_symbol(chain, symbol).unwrap().contract
}

fn word(account: AccountBytes) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&account);
    word
}

const SPOKE: &str = "0x5c7BCd6E7De5423a257D81B442095A1a6ced35C5";
const GATEWAY_1: &str = "0xa3A7B6F88361F48403514059F1F16C8E78d60EeC";
const GATEWAY_2: &str = "0x09e9222E96E7B4AE2a407B98d48e330053351EEe";
const CELER: &str = "0x5427FEFA711Eff984124bFBB1AB6fbf5E3DA1820";
const MESSENGER: &str = "0xBd3fa81B58Ba92a82136038B25aDec7066af3155";
const HOP_USDC: &str = "0x3666f603Cc164936C1b87e207F36BEBa4AC5f18a";
const HOP_POLYGON: &str = "0x25D8039bB044dC227f741a9e381CA4cEAE2E6aE8";
const OPTIMISM: &str = "0x99C9fc46f92E8a1c0deC1b1747d010903E884bE1";
const PREDICATE: &str = "0x40ec5B33f54e0E8A33A975908C5BA1c14e5BbbDf";
const ETHER_PREDICATE: &str = "0x8484Ef722627bf18ca5Ae6BcF031c23E6e922B30";

/// What is expected: bridge, contract, direction, account, far chain, far account, token, amount. Messages are compared
/// between the two sides of a passage instead.
struct Case {
    chain: Chain,
    log: RawLog,
    bridge: &'static str,
    is_out: bool,
    account: Option<u8>,
    far_chain: Option<u64>,
    far_account: Option<u8>,
    token: Option<AccountBytes>,
    amount: u64,
    has_message: bool,
}

fn cases() -> Vec<Case> {
    let usdc = token(Chain::Ethereum, "USDC");
    let blank = Case {
        chain: Chain::Ethereum,
        log: RawLog::default(),
        bridge: "",
        is_out: false,
        account: Some(1),
        far_chain: None,
        far_account: Some(2),
        token: None,
        amount: 77,
        has_message: false,
    };
    let e = Chain::Ethereum;
    let (a1, a2, n, u) = (account(1), account(2), amount(77), word(usdc));
    let op = |out: bool| {
        let name = if out { "ERC20DepositInitiated" } else { "ERC20WithdrawalFinalized" };
        let (from, to) = if out { (a1, a2) } else { (a2, a1) };
        let signature = format!("{name}(address,address,address,address,uint256,bytes)");
        log(at(OPTIMISM), &signature, &[u, account(9), from], &[to, n, amount(96), amount(0)])
    };
    let op_eth = |out: bool| {
        let name = if out { "ETHDepositInitiated" } else { "ETHWithdrawalFinalized" };
        let (from, to) = if out { (a1, a2) } else { (a2, a1) };
        let signature = format!("{name}(address,address,uint256,bytes)");
        log(at(OPTIMISM), &signature, &[from, to], &[n, amount(64), amount(0)])
    };
    vec![
        Case {
            bridge: "across",
            is_out: true,
            far_chain: Some(137),
            token: Some(usdc),
            has_message: true,
            log: across_deposit(at(SPOKE), 137, 5, false),
            ..blank
        },
        Case {
            bridge: "across",
            is_out: true,
            far_chain: Some(137),
            token: Some(usdc),
            has_message: true,
            log: across_deposit(at(SPOKE), 137, 5, true),
            ..blank
        },
        Case { bridge: "optimism", is_out: true, far_chain: Some(10), token: Some(usdc), log: op(true), ..blank },
        Case { bridge: "optimism", far_chain: Some(10), token: Some(usdc), log: op(false), ..blank },
        Case { bridge: "optimism", is_out: true, far_chain: Some(10), log: op_eth(true), ..blank },
        Case { bridge: "optimism", far_chain: Some(10), log: op_eth(false), ..blank },
        Case {
            bridge: "arbitrum",
            is_out: true,
            far_chain: Some(42_161),
            token: Some(usdc),
            log: log(
                at(GATEWAY_1),
                "DepositInitiated(address,address,address,uint256,uint256)",
                &[a1, a2, amount(9)],
                &[u, n],
            ),
            ..blank
        },
        Case {
            bridge: "arbitrum",
            far_chain: Some(42_161),
            token: Some(usdc),
            log: log(
                at(GATEWAY_1),
                "WithdrawalFinalized(address,address,address,uint256,uint256)",
                &[a2, a1, amount(0)],
                &[u, n],
            ),
            ..blank
        },
        Case {
            chain: Chain::Arbitrum,
            bridge: "arbitrum",
            is_out: true,
            far_chain: Some(1),
            log: log(
                at(GATEWAY_2),
                "WithdrawalInitiated(address,address,address,uint256,uint256,uint256)",
                &[a1, a2, amount(9)],
                &[u, amount(0), n],
            ),
            ..blank
        },
        Case {
            chain: Chain::Arbitrum,
            bridge: "arbitrum",
            far_chain: Some(1),
            log: log(at(GATEWAY_2), "DepositFinalized(address,address,address,uint256)", &[u, a2, a1], &[n]),
            ..blank
        },
        Case {
            bridge: "polygon-pos",
            is_out: true,
            far_chain: Some(137),
            token: Some(usdc),
            log: log(at(PREDICATE), "LockedERC20(address,address,address,uint256)", &[a1, a2, u], &[n]),
            ..blank
        },
        Case {
            bridge: "polygon-pos",
            is_out: true,
            far_chain: Some(137),
            log: log(at(ETHER_PREDICATE), "LockedEther(address,address,uint256)", &[a1, a2], &[n]),
            ..blank
        },
        Case {
            bridge: "polygon-pos",
            far_chain: Some(137),
            far_account: None,
            token: Some(usdc),
            log: log(at(PREDICATE), "ExitedERC20(address,address,uint256)", &[a1, u], &[n]),
            ..blank
        },
        Case {
            bridge: "polygon-pos",
            far_chain: Some(137),
            far_account: None,
            log: log(at(ETHER_PREDICATE), "ExitedEther(address,uint256)", &[a1], &[n]),
            ..blank
        },
        Case {
            bridge: "hop",
            is_out: true,
            account: None,
            far_chain: Some(137),
            token: Some(usdc),
            log: log(
                at(HOP_USDC),
                "TransferSentToL2(uint256,address,uint256,uint256,uint256,address,uint256)",
                &[amount(137), a2, account(9)],
                &[n, amount(70), amount(99), amount(0)],
            ),
            ..blank
        },
        Case {
            chain: Chain::Polygon,
            bridge: "hop",
            is_out: true,
            account: None,
            far_chain: Some(1),
            has_message: true,
            log: log(
                at(HOP_POLYGON),
                "TransferSent(bytes32,uint256,address,uint256,bytes32,uint256,uint256,uint256,uint256)",
                &[[8; 32], amount(1), a2],
                &[n, [3; 32], amount(1), amount(2), amount(3), amount(4)],
            ),
            ..blank
        },
        Case {
            chain: Chain::Polygon,
            bridge: "hop",
            far_chain: Some(1),
            far_account: None,
            log: log(
                at(HOP_POLYGON),
                "TransferFromL1Completed(address,uint256,uint256,uint256,address,uint256)",
                &[a1, account(9)],
                &[n, amount(70), amount(99), amount(0)],
            ),
            ..blank
        },
        Case {
            bridge: "hop",
            account: None,
            far_account: None,
            token: Some(usdc),
            has_message: true,
            log: log(at(HOP_USDC), "WithdrawalBonded(bytes32,uint256)", &[[8; 32]], &[n]),
            ..blank
        },
        Case {
            bridge: "celer",
            is_out: true,
            far_chain: Some(56),
            token: Some(usdc),
            has_message: true,
            log: log(
                at(CELER),
                "Send(bytes32,address,address,address,uint256,uint64,uint64,uint32)",
                &[],
                &[[8; 32], a1, a2, u, n, amount(56), amount(4), amount(5)],
            ),
            ..blank
        },
        Case {
            bridge: "celer",
            far_chain: Some(56),
            token: Some(usdc),
            has_message: true,
            log: log(
                at(CELER),
                "Relay(bytes32,address,address,address,uint256,uint64,bytes32)",
                &[],
                &[[7; 32], a2, a1, u, n, amount(56), [8; 32]],
            ),
            ..blank
        },
        Case {
            bridge: "cctp-v1",
            far_account: None,
            token: Some(usdc),
            log: log(at(MESSENGER), "MintAndWithdraw(address,uint256,address)", &[a1, u], &[n]),
            ..blank
        },
        Case {
            chain: e,
            bridge: "cctp-v1",
            is_out: true,
            far_chain: Some(137),
            token: Some(usdc),
            has_message: true,
            log: burn_1(),
            ..blank
        },
        Case {
            bridge: "cctp-v2",
            is_out: true,
            far_chain: Some(137),
            token: Some(usdc),
            log: log(
                at("0x28b5a0e9C621a5BadaA536219b3a228C8168cf5d"),
                "DepositForBurn(address,uint256,address,bytes32,uint32,bytes32,bytes32,uint256,uint32,bytes)",
                &[u, a1, amount(2000)],
                &[n, a2, amount(7), [1; 32], [0; 32], amount(3), amount(7 * 32), amount(0)],
            ),
            ..blank
        },
    ]
}

fn burn_1() -> RawLog {
    log(
        at(MESSENGER),
        "DepositForBurn(uint64,address,uint256,address,bytes32,uint32,bytes32,bytes32)",
        &[amount(4242), word(token(Chain::Ethereum, "USDC")), account(1)],
        &[amount(77), account(2), amount(7), [1; 32], [0; 32]],
    )
}

fn across_deposit(pool: AccountBytes, to: u64, id: u64, is_new: bool) -> RawLog {
    let signature = if is_new {
        "FundsDeposited(bytes32,bytes32,uint256,uint256,uint256,uint256,uint32,uint32,uint32,bytes32,bytes32,bytes32,bytes)"
    } else {
        "V3FundsDeposited(address,address,uint256,uint256,uint256,uint32,uint32,uint32,uint32,address,address,address,bytes)"
    };
    let usdc = word(token(Chain::Ethereum, "USDC"));
    let data = [
        usdc,
        account(9),
        amount(77),
        amount(70),
        amount(1),
        amount(2),
        amount(0),
        account(2),
        account(0),
        amount(320),
    ];
    log(pool, signature, &[amount(to), amount(id), account(1)], &[&data[..], &[amount(0)]].concat())
}

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
        "3e799b2d61372379e767ef8f04d65089179b7a6f63f9be3065806456c7309f1b", // LockedEther
        "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2", // LogMessagePublished
        "89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01", // Send of cBridge
    ];
    let topics: Vec<String> = bridges::Bridges::shipped().forms().map(|(topic, _)| hex::encode(topic)).collect();
    for topic in known {
        assert!(topics.iter().any(|t| t == topic), "{topic}");
    }
}
