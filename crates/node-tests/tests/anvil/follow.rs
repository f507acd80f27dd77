//! Following anvil: new blocks, reorganisations, lost connections, waiting transactions. What was handed on must in the
//! end be what a fresh fetch gives.

use crate::fixture::{account, blocks, client, params};
use athar_chains::account::Tokens;
use athar_node::account::{EndpointUrl, EvmError, FollowEvent, FollowSettings, Follower, token_claims};
use athar_node_tests::evm::{Anvil, EvmWorld, Op, address_word, configured_anvil, number_word};
use athar_types::account::{AccountBlock, U256};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// What a store would hold.
#[derive(Default)]
struct Held {
    blocks: Vec<AccountBlock>,
    drops: Vec<(u64, u64)>,
    pending: Vec<athar_node::account::PendingTx>,
    connected: usize,
    lost: usize,
}

impl Held {
    fn on(&mut self, event: FollowEvent) {
        match event {
            FollowEvent::Drop { to, hash, depth } => {
                let before = self.blocks.len();
                self.blocks.retain(|block| u64::from(block.number) <= to);
                assert_eq!(self.blocks.last().unwrap().hash, hash);
                assert_eq!((before - self.blocks.len()) as u64, depth);
                self.drops.push((to, depth));
            }
            FollowEvent::Block(block) => {
                if let Some(last) = self.blocks.last() {
                    assert_eq!((last.number + 1, last.hash), (block.number, block.parent));
                }
                self.blocks.push(*block);
            }
            FollowEvent::Pending(txs) => self.pending.extend(txs),
            FollowEvent::Connected => self.connected += 1,
            FollowEvent::Lost(_) => self.lost += 1,
        }
    }
}

/// Steps until `is` holds.
fn until(follower: &mut Follower<'_>, held: &mut Held, what: &str, is: impl Fn(&Held) -> bool) {
    let start = Instant::now();
    while !is(held) {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} did not come");
        let told = follower.step::<EvmError>(Duration::from_millis(100), |event| {
            held.on(event);
            Ok(())
        });
        told.unwrap();
    }
}

fn follow<'a>(client: &'a athar_node::account::EvmClient, socket: Option<String>) -> Follower<'a> {
    let settings = FollowSettings {
        socket: socket.map(|url| EndpointUrl::parse(&url).unwrap()),
        // where the socket tells, the clock must not be what finds the blocks
        poll: Duration::from_millis(300),
        is_pending: true,
        ..FollowSettings::default()
    };
    Follower::new(client, params(), Tokens::shipped(), 0, [], settings)
}

fn height(held: &Held) -> u64 {
    held.blocks.last().map_or(0, |block| u64::from(block.number))
}

/// After whatever happened, the rows are those of a fresh fetch.
fn assert_fresh(node: &Anvil, held: &Held) {
    let fresh = blocks(&client(node), 0, node.height().unwrap());
    assert_eq!(held.blocks, fresh);
}

#[test]
fn reorganisations_leave_what_a_fresh_fetch_gives() {
    let Some(program) = configured_anvil("following anvil") else { return };
    for is_socket in [true, false] {
        let node = Anvil::start(&program, &[]).unwrap();
        let mut world = EvmWorld::build(&node, 7).unwrap();
        let client = client(&node);
        let mut follower = follow(&client, is_socket.then(|| node.ws_url()));
        let mut held = Held::default();
        let to = node.height().unwrap();
        until(&mut follower, &mut held, "the chain", |held| height(held) == to);
        assert!(held.drops.is_empty());
        world.live(6, 6).unwrap();
        until(&mut follower, &mut held, "new blocks", |held| height(held) == to + 6);
        assert_eq!(held.connected, usize::from(is_socket));
        for depth in [1, 3, 5] {
            // the same height with other blocks
            let at = height(&held);
            let drops = held.drops.len();
            node.reorg(depth).unwrap();
            node.mine().unwrap();
            until(&mut follower, &mut held, "the other branch", |held| held.drops.len() > drops && height(held) > at);
            assert_eq!(held.drops.last(), Some(&(at - depth, depth)));
            assert_fresh(&node, &held);
        }
        // once in the middle of everything, unseen between
        node.mine().unwrap();
        node.reorg(4).unwrap();
        node.reorg(2).unwrap();
        node.mine().unwrap();
        let to = node.height().unwrap();
        until(&mut follower, &mut held, "the last branch", |held| height(held) == to);
        assert_fresh(&node, &held);
    }
}

#[test]
fn what_is_not_of_this_chain_is_no_reorganisation() {
    let Some(program) = configured_anvil("following anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    for _ in 0..20 {
        node.mine().unwrap();
    }
    let client = client(&node);
    let known = (5..15).map(|number| (number, [number as u8; 32]));
    let mut follower = Follower::new(&client, params(), Tokens::shipped(), 0, known, FollowSettings::default());
    let error = follower.step::<EvmError>(Duration::ZERO, |event| panic!("{event:?}")).unwrap_err();
    assert!(matches!(error, EvmError::TooDeep { depth: 10, from: 14 }), "{error}");
}

#[test]
fn waiting_transactions_are_seen_and_go_when_they_happen() {
    let Some(program) = configured_anvil("following anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let mut world = EvmWorld::build(&node, 8).unwrap();
    let client = client(&node);
    let mut follower = follow(&client, Some(node.ws_url()));
    let mut held = Held::default();
    let to = node.height().unwrap();
    until(&mut follower, &mut held, "the chain", |held| height(held) == to && held.connected == 1);
    let (alice, bob) = (world.people[1].clone(), world.strangers[0].clone());
    let words = [address_word(&bob), number_word(12_345)];
    world.token_call(&alice, "Token", "transfer(address,uint256)", &words).unwrap();
    world.send(&alice, Some(&bob), 77, "0x").unwrap();
    until(&mut follower, &mut held, "what waits", |held| held.pending.len() >= 2);
    assert_eq!(follower.pending().len(), 2);
    let (alice, bob) = (account(&alice), account(&bob));
    let asked = held.pending.iter().find_map(|tx| tx.asks).unwrap();
    assert_eq!((asked.token, asked.from, asked.to), (account(&world.contracts["Token"]), alice, bob));
    assert_eq!(asked.amount, U256::from(12_345));
    assert!(held.pending.iter().any(|tx| tx.to == Some(bob) && tx.value == U256::from(77) && tx.asks.is_none()));
    assert_eq!(follower.pending().of_account(&bob).count(), 2);
    world.mine().unwrap();
    until(&mut follower, &mut held, "the block", |held| height(held) == to + 1);
    assert!(follower.pending().is_empty());
    assert_eq!(held.blocks.last().unwrap().txs.len(), 2);
}

#[test]
fn lost_connections_come_back_and_leave_no_gap() {
    let Some(program) = configured_anvil("following anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let mut world = EvmWorld::build(&node, 9).unwrap();
    let gate = Gate::open(&node.ws_url());
    let client = client(&node);
    let mut follower = follow(&client, Some(format!("ws://127.0.0.1:{}", gate.port)));
    let mut held = Held::default();
    until(&mut follower, &mut held, "the connection", |held| held.connected == 1);
    for round in 1..=3 {
        gate.cut();
        // while nobody listens
        for op in [Op::Coins, Op::Tokens, Op::Swap] {
            world.act(op).unwrap();
            world.mine().unwrap();
        }
        if round == 2 {
            node.reorg(2).unwrap();
        }
        let to = node.height().unwrap();
        until(&mut follower, &mut held, "everything since", |held| {
            held.lost >= round && held.connected > round && height(held) == to
        });
        assert_fresh(&node, &held);
    }
}

#[test]
fn tokens_say_what_they_are() {
    let Some(program) = configured_anvil("tokens of anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let world = EvmWorld::build(&node, 10).unwrap();
    let of = |name: &str| account(&world.contracts[name]);
    let claims = token_claims(&client(&node), &[of("Token"), of("OldToken"), of("Pool"), [9; 20]]).unwrap();
    let symbol = claims[0].symbol.as_ref().unwrap();
    assert_eq!((symbol.len(), &symbol[64..68]), (96, &b"USDX"[..]));
    assert_eq!(claims[0].decimals.as_ref().unwrap()[31], 6);
    let old = claims[1].symbol.as_ref().unwrap();
    assert_eq!((old.len(), &old[..3]), (32, &b"OLD"[..]));
    // a contract without such functions, and no contract at all
    assert_eq!(
        (&claims[2], &claims[3]),
        (&athar_node::account::TokenClaims::default(), &athar_node::account::TokenClaims::default())
    );
}

/// Passes connections on to a node, and cuts them.
struct Gate {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    fn open(ws_url: &str) -> Self {
        let target = ws_url.strip_prefix("ws://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = Arc::clone(&open);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (Ok(near), Ok(far)) = (near, TcpStream::connect(&target)) else { continue };
                let pairs = [
                    (near.try_clone().unwrap(), far.try_clone().unwrap()),
                    (far.try_clone().unwrap(), near.try_clone().unwrap()),
                ];
                kept.lock().unwrap().extend([near, far]);
                for (mut from, mut to) in pairs {
                    thread::spawn(move || {
                        let mut buffer = [0; 4096];
                        while let Ok(count) = from.read(&mut buffer) {
                            if count == 0 || to.write_all(&buffer[..count]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { port, open }
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
