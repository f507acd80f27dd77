//! The forms that logs of bridges have: one decoder each.

use serde::Deserialize;

/// A form of log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    Cctp1Burn,
    Cctp1Mint,
    Cctp1Received,
    Cctp2Burn,
    Cctp2Mint,
    Cctp2Received,
    AcrossDeposit,
    AcrossFillV3,
    AcrossFill,
    OpErc20Out,
    OpEthOut,
    OpErc20In,
    OpEthIn,
    ArbitrumL1Out,
    ArbitrumL1In,
    ArbitrumL2Out,
    ArbitrumL2In,
    PolygonLock,
    PolygonLockEth,
    PolygonExit,
    PolygonExitEth,
    WormholeMessage,
    WormholeRedeemed,
    HopL1Out,
    HopL2Out,
    HopL2In,
    HopBonded,
    CelerSend,
    CelerRelay,
    OftSent,
    OftReceived,
}

impl Form {
    /// Topics after the signature and words of data; and whether more data may follow, where a field has any length.
    pub(super) const fn shape(self) -> (usize, usize, bool) {
        match self {
            Self::Cctp1Burn => (3, 5, false),
            Self::Cctp1Mint => (2, 1, false),
            Self::Cctp1Received => (2, 3, true),
            Self::Cctp2Burn => (3, 7, true),
            Self::Cctp2Mint => (2, 2, false),
            Self::Cctp2Received => (3, 3, true),
            Self::AcrossDeposit => (3, 10, true),
            Self::AcrossFillV3 => (3, 12, true),
            Self::AcrossFill => (3, 15, false),
            Self::OpErc20Out | Self::OpErc20In => (3, 3, true),
            Self::OpEthOut | Self::OpEthIn => (2, 2, true),
            Self::ArbitrumL1Out | Self::ArbitrumL1In => (3, 2, false),
            Self::ArbitrumL2Out => (3, 3, false),
            Self::ArbitrumL2In | Self::PolygonLock => (3, 1, false),
            Self::PolygonLockEth | Self::PolygonExit => (2, 1, false),
            Self::PolygonExitEth | Self::HopBonded => (1, 1, false),
            Self::WormholeMessage => (1, 4, true),
            Self::WormholeRedeemed => (3, 0, false),
            Self::HopL1Out => (3, 4, false),
            Self::HopL2In => (2, 4, false),
            Self::HopL2Out => (3, 6, false),
            Self::CelerSend => (0, 8, false),
            Self::CelerRelay => (0, 7, false),
            Self::OftSent => (2, 3, false),
            Self::OftReceived => (2, 2, false),
        }
    }

    /// Whether value leaves this chain.
    pub(super) const fn is_out(self) -> bool {
        matches!(
            self,
            Self::Cctp1Burn
                | Self::Cctp2Burn
                | Self::AcrossDeposit
                | Self::OpErc20Out
                | Self::OpEthOut
                | Self::ArbitrumL1Out
                | Self::ArbitrumL2Out
                | Self::PolygonLock
                | Self::PolygonLockEth
                | Self::WormholeMessage
                | Self::HopL1Out
                | Self::HopL2Out
                | Self::CelerSend
                | Self::OftSent
        )
    }
}
