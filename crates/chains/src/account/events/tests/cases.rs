//! One log of every form of passage, built field by field as its source declares it.

use super::{account, amount, log, token};
use crate::account::events::RawLog;
use athar_types::Chain;
use athar_types::account::AccountBytes;
use athar_types::address::parse_tron;

/// An address of the registry's form.
pub(super) fn at(text: &str) -> AccountBytes {
    athar_types::address::parse_evm(text).unwrap()
}

pub(super) fn word(account: AccountBytes) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&account);
    word
}

pub(super) const SPOKE: &str = "0x5c7BCd6E7De5423a257D81B442095A1a6ced35C5";
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
pub(super) struct Case {
    pub(super) chain: Chain,
    pub(super) log: RawLog,
    pub(super) bridge: &'static str,
    pub(super) is_out: bool,
    pub(super) account: Option<u8>,
    pub(super) far_chain: Option<u64>,
    pub(super) far_account: Option<u8>,
    pub(super) token: Option<AccountBytes>,
    pub(super) amount: u64,
    pub(super) has_message: bool,
}

pub(super) fn cases() -> Vec<Case> {
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
        Case {
            bridge: "usdt0",
            is_out: true,
            far_chain: Some(728_126_428),
            far_account: None,
            token: Some(token(Chain::Ethereum, "USDT")),
            has_message: true,
            log: log(
                at("0x1F748c76dE468e9D11bd340fA9D5CBADf315dFB0"),
                "OFTSent(bytes32,uint32,address,uint256,uint256)",
                &[[8; 32], a1],
                &[amount(30_420), n, amount(76)],
            ),
            ..blank
        },
        Case {
            chain: Chain::Tron,
            bridge: "usdt0",
            far_chain: Some(1),
            far_account: None,
            token: Some(token(Chain::Tron, "USDT")),
            has_message: true,
            log: log(
                parse_tron("TFG4wBaDQ8sHWWP1ACeSGnoNR6RRzevLPt").unwrap(),
                "OFTReceived(bytes32,uint32,address,uint256)",
                &[[8; 32], a1],
                &[amount(30_101), n],
            ),
            ..blank
        },
    ]
}

pub(super) fn burn_1() -> RawLog {
    log(
        at(MESSENGER),
        "DepositForBurn(uint64,address,uint256,address,bytes32,uint32,bytes32,bytes32)",
        &[amount(4242), word(token(Chain::Ethereum, "USDC")), account(1)],
        &[amount(77), account(2), amount(7), [1; 32], [0; 32]],
    )
}

pub(super) fn across_deposit(pool: AccountBytes, to: u64, id: u64, is_new: bool) -> RawLog {
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
