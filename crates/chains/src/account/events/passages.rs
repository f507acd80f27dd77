//! What the logs of each bridge say of a passage.
//!
//! An event stands for one side of it. Both sides are told to be one passage by the *message* that they share, where the
//! protocol has such a thing; otherwise by chain, account and amount, with as many candidates as fit. Where a log does not
//! say an amount exactly, it is 0: the transfers of the same transaction say it.
//!
//! Sources: those that `data/bridges.toml` names with each bridge.

use super::bridges::{Bridges, Site};
use super::form::Form;
use super::words::{Word, address, bytes, data, number, small, topic};
use crate::account::raw::RawLog;
use crate::account::tokens::Tokens;
use athar_types::Chain;
use athar_types::account::{AccountBytes, BridgeEvent, EventKind, EventRow, U256};
use sha3::{Digest, Keccak256};

/// Adds the passage that `log` tells of, where it is of a contract that is known, and has its exact form.
pub(super) fn read(chain: Chain, tx: u32, form: Form, log: &RawLog, tokens: &Tokens, out: &mut Vec<EventRow>) {
    let bridges = Bridges::shipped();
    let Some(site) = bridges.site(chain, &log.address, form) else { return };
    let (topics, words, is_open) = form.shape();
    let has_length = if is_open { log.data.len() >= words * 32 } else { log.data.len() == words * 32 };
    if log.topics.len() != topics + 1 || !has_length {
        return;
    }
    let log = Passage { bridges, site, tokens, log };
    if matches!(form, Form::Cctp1Received | Form::Cctp2Received) {
        log.complete(tx, form, out);
    } else if let Some(event) = log.event(form) {
        out.push(EventRow { tx, kind: EventKind::Bridge(event) });
    }
}

struct Passage<'a> {
    bridges: &'static Bridges,
    site: &'static Site,
    tokens: &'a Tokens,
    log: &'a RawLog,
}

impl Passage<'_> {
    fn event(&self, form: Form) -> Option<BridgeEvent> {
        let site = self.site;
        let blank = BridgeEvent {
            protocol: site.protocol,
            contract: site.contract,
            is_out: form.is_out(),
            account: None,
            far_chain: site.far,
            far_account: None,
            token: None,
            amount: U256::ZERO,
            message: None,
        };
        Some(match form {
            // handled with the mint that they complete
            Form::Cctp1Received | Form::Cctp2Received => return None,
            Form::Cctp1Burn => {
                let message = Some(key(&[&self.own_domain()?, self.topic(0)?]));
                BridgeEvent { message, ..self.burn(blank, 1, 2)? }
            }
            Form::Cctp2Burn => self.burn(blank, 0, 1)?,
            Form::Cctp1Mint | Form::Cctp2Mint => BridgeEvent {
                account: Some(address(self.topic(0)?)?),
                token: Some(address(self.topic(1)?)?),
                amount: number(self.data(0)?),
                ..blank
            },
            Form::AcrossDeposit => BridgeEvent {
                account: Some(address(self.topic(2)?)?),
                far_chain: small(self.topic(0)?),
                far_account: Some(*self.data(7)?),
                token: Some(address(self.data(0)?)?),
                amount: number(self.data(2)?),
                message: Some(key(&[&word_of(site.chain.account()?.chain_id), self.topic(1)?])),
                ..blank
            },
            Form::AcrossFillV3 => {
                let place = usize::try_from(small(self.data(11)?)?).ok()?;
                let info = self.log.data.get(place..)?;
                self.fill(blank, info.first_chunk()?, info.get(64..)?.first_chunk()?)?
            }
            Form::AcrossFill => self.fill(blank, self.data(11)?, self.data(13)?)?,
            Form::OpErc20Out => BridgeEvent {
                account: Some(address(self.topic(2)?)?),
                far_account: Some(*self.data(0)?),
                token: Some(address(self.topic(0)?)?),
                amount: number(self.data(1)?),
                ..blank
            },
            Form::OpErc20In => BridgeEvent {
                account: Some(address(self.data(0)?)?),
                far_account: Some(*self.topic(2)?),
                token: Some(address(self.topic(0)?)?),
                amount: number(self.data(1)?),
                ..blank
            },
            Form::OpEthOut => self.both(blank, 0, 1, None, 0)?,
            Form::OpEthIn => self.both(blank, 1, 0, None, 0)?,
            Form::ArbitrumL1Out => self.both(blank, 0, 1, Some(self.data(0)?), 1)?,
            Form::ArbitrumL1In => self.both(blank, 1, 0, Some(self.data(0)?), 1)?,
            // the log names the token of the other chain
            Form::ArbitrumL2Out => self.both(blank, 0, 1, None, 2)?,
            Form::ArbitrumL2In => self.both(blank, 2, 1, None, 0)?,
            Form::PolygonLock => self.both(blank, 0, 1, Some(self.topic(2)?), 0)?,
            Form::PolygonLockEth => self.both(blank, 0, 1, None, 0)?,
            Form::PolygonExit => BridgeEvent {
                account: Some(address(self.topic(0)?)?),
                token: Some(address(self.topic(1)?)?),
                amount: number(self.data(0)?),
                ..blank
            },
            Form::PolygonExitEth => {
                BridgeEvent { account: Some(address(self.topic(0)?)?), amount: number(self.data(0)?), ..blank }
            }
            Form::WormholeMessage => self.wormhole(blank)?,
            Form::WormholeRedeemed => BridgeEvent {
                far_chain: self.bridges.chain_of(site.protocol, small(self.topic(0)?)?),
                message: Some(key(&[self.topic(0)?, self.topic(1)?, self.topic(2)?])),
                ..blank
            },
            Form::HopL1Out => BridgeEvent {
                far_chain: small(self.topic(0)?),
                far_account: Some(*self.topic(1)?),
                token: site.token,
                amount: number(self.data(0)?),
                ..blank
            },
            Form::HopL2Out => BridgeEvent {
                far_chain: small(self.topic(1)?),
                far_account: Some(*self.topic(2)?),
                amount: number(self.data(0)?),
                message: Some(*self.topic(0)?),
                ..blank
            },
            Form::HopL2In => BridgeEvent {
                account: Some(address(self.topic(0)?)?),
                far_chain: Some(1),
                amount: number(self.data(0)?),
                ..blank
            },
            Form::HopBonded => BridgeEvent {
                token: site.token,
                amount: number(self.data(0)?),
                message: Some(*self.topic(0)?),
                ..blank
            },
            Form::CelerSend => BridgeEvent {
                account: Some(address(self.data(1)?)?),
                far_chain: small(self.data(5)?),
                far_account: Some(*self.data(2)?),
                token: Some(address(self.data(3)?)?),
                amount: number(self.data(4)?),
                message: Some(*self.data(0)?),
                ..blank
            },
            Form::CelerRelay => BridgeEvent {
                account: Some(address(self.data(2)?)?),
                far_chain: small(self.data(5)?),
                far_account: Some(*self.data(1)?),
                token: Some(address(self.data(3)?)?),
                amount: number(self.data(4)?),
                message: Some(*self.data(6)?),
                ..blank
            },
            Form::OftSent | Form::OftReceived => BridgeEvent {
                account: Some(address(self.topic(1)?)?),
                far_chain: self.bridges.chain_of(site.protocol, small(self.data(0)?)?),
                token: site.token,
                amount: number(self.data(1)?),
                // zeros: sent together with others, before their message has an id
                message: Some(*self.topic(0)?).filter(|id| *id != [0; 32]),
                ..blank
            },
        })
    }

    /// A burn of CCTP, whose token and account stand in topics.
    fn burn(&self, blank: BridgeEvent, token: usize, account: usize) -> Option<BridgeEvent> {
        Some(BridgeEvent {
            account: Some(address(self.topic(account)?)?),
            far_chain: self.bridges.chain_of(self.site.protocol, small(self.data(2)?)?),
            far_account: Some(*self.data(1)?),
            token: Some(address(self.topic(token)?)?),
            amount: number(self.data(0)?),
            ..blank
        })
    }

    /// A fill of Across: receiver and amount are those that it ended with, which the depositor may have changed.
    fn fill(&self, blank: BridgeEvent, receiver: &Word, amount: &Word) -> Option<BridgeEvent> {
        Some(BridgeEvent {
            account: Some(address(receiver)?),
            far_chain: small(self.topic(0)?),
            far_account: Some(*self.data(8)?),
            token: Some(address(self.data(1)?)?),
            amount: number(amount),
            message: Some(key(&[self.topic(0)?, self.topic(1)?])),
            ..blank
        })
    }

    /// An event with both accounts in topics and the amount in a word of data.
    fn both(
        &self,
        blank: BridgeEvent,
        account: usize,
        far: usize,
        token: Option<&Word>,
        amount: usize,
    ) -> Option<BridgeEvent> {
        let token = match token {
            Some(word) => Some(address(word)?),
            None => None,
        };
        let far_account = *self.topic(far)?;
        address(&far_account)?;
        Some(BridgeEvent {
            account: Some(address(self.topic(account)?)?),
            far_account: Some(far_account),
            token,
            amount: number(self.data(amount)?),
            ..blank
        })
    }

    /// A transfer among Wormhole's messages: kind 1 or 3, amount of at most eight decimals, token, its chain, receiver,
    /// its chain.
    fn wormhole(&self, blank: BridgeEvent) -> Option<BridgeEvent> {
        let sender = self.site.sender?;
        let domain = self.own_domain()?;
        if address(self.topic(0)?)? != sender {
            return None;
        }
        let payload = bytes(self.log, 2)?;
        let (kind, rest) = payload.split_first()?;
        let (amount, rest) = rest.split_first_chunk::<32>()?;
        let (token, rest) = rest.split_first_chunk::<32>()?;
        let (token_chain, rest) = rest.split_first_chunk::<2>()?;
        let (receiver, rest) = rest.split_first_chunk::<32>()?;
        let (far, rest) = rest.split_first_chunk::<2>()?;
        if !matches!(kind, 1 | 3) || rest.len() < 32 || (*kind == 1 && rest.len() != 32) {
            return None;
        }
        let is_local = small(&domain) == Some(u64::from(u16::from_be_bytes(*token_chain)));
        let token = if is_local { address(token) } else { None };
        Some(BridgeEvent {
            contract: sender,
            far_chain: self.bridges.chain_of(self.site.protocol, u64::from(u16::from_be_bytes(*far))),
            far_account: Some(*receiver),
            token,
            amount: token.and_then(|token| self.unrounded(&token, number(amount))).unwrap_or(U256::ZERO),
            message: Some(key(&[&domain, self.topic(0)?, self.data(0)?])),
            ..blank
        })
    }

    /// An amount that Wormhole cut to eight decimals, in the token's own; `None` where its decimals are not verified.
    fn unrounded(&self, token: &AccountBytes, amount: U256) -> Option<U256> {
        let decimals = self.tokens.get(self.site.chain, token)?.decimals;
        amount.checked_mul(U256::from(10).checked_pow(U256::from(decimals.saturating_sub(8)))?)
    }

    /// Says of the mint before it in the same transaction where it came from.
    ///
    /// CCTP tells a passage's arrival twice: as the mint, and then as the message that ordered it, which alone names the
    /// origin. The body of a message: version (4 bytes), burned token, receiver, amount, sender.
    fn complete(&self, tx: u32, form: Form, out: &mut [EventRow]) {
        let Some((domain, receiver, sender)) = self.received() else { return };
        let rows = out.iter_mut().rev().take_while(|row| row.tx == tx);
        let mut mints = rows.filter_map(|row| match &mut row.kind {
            EventKind::Bridge(event) => Some(event),
            _ => None,
        });
        let is_it = |event: &&mut BridgeEvent| {
            event.protocol == self.site.protocol
                && !event.is_out
                && event.far_account.is_none()
                && event.account == Some(receiver)
        };
        let Some(mint) = mints.find(is_it) else { return };
        mint.far_chain = small(&domain).and_then(|domain| self.bridges.chain_of(self.site.protocol, domain));
        mint.far_account = Some(sender);
        if form == Form::Cctp1Received {
            mint.message = self.topic(1).map(|nonce| key(&[&domain, nonce]));
        }
    }

    /// Origin's domain, receiver and sender of a message.
    fn received(&self) -> Option<(Word, AccountBytes, Word)> {
        let body = bytes(self.log, 2)?;
        let receiver = body.get(36..)?.first_chunk()?;
        let sender = body.get(100..)?.first_chunk()?;
        Some((*self.data(0)?, address(receiver)?, *sender))
    }

    fn own_domain(&self) -> Option<Word> {
        self.bridges.domain_of(self.site.protocol, self.site.chain).map(word_of)
    }

    fn topic(&self, at: usize) -> Option<&Word> {
        topic(self.log, at)
    }

    fn data(&self, at: usize) -> Option<&Word> {
        data(self.log, at)
    }
}

fn word_of(n: u64) -> Word {
    U256::from(n).to_be_bytes()
}

/// What both sides of a passage have in common, as one word: Keccak-256 of its parts.
fn key(parts: &[&Word]) -> Word {
    let mut hash = Keccak256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
