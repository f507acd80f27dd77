//! A chain that was never mined, served over HTTP rightly, or wrongly in one way.

use athar_node::account::{EndpointSettings, EndpointUrl, EvmClient, EvmError, Fetcher, Head, Wanted};
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Number of the newest block.
pub(crate) const TIP: u64 = 60;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, b| text + &format!("{b:02x}"))
}

fn hash(what: &str, number: u64, branch: u64) -> String {
    hex(&Keccak256::digest(format!("{what} {number} {branch}")))
}

/// Blocks below the fork are those of branch 0.
fn branch_of(number: u64, branch: u64) -> u64 {
    if number < 20 { 0 } else { branch }
}

pub(crate) fn block_hash(number: u64, branch: u64) -> String {
    hash("block", number, branch_of(number, branch))
}

fn tx_hashes(number: u64, branch: u64) -> Vec<String> {
    (0..number % 4).map(|i| hash(&format!("tx {i}"), number, branch_of(number, branch))).collect()
}

fn bloom(items: &[Vec<u8>]) -> String {
    let mut bits = [0_u8; 256];
    for item in items {
        let digest = Keccak256::digest(item);
        for pair in [0, 2, 4] {
            let bit = (usize::from(digest[pair]) * 256 + usize::from(digest[pair + 1])) % 2048;
            bits[255 - bit / 8] |= 1 << (bit % 8);
        }
    }
    hex(&bits)
}

pub(crate) fn block(number: u64, branch: u64) -> Value {
    let address = "0x00000000000000000000000000000000000000aa";
    let hashes = tx_hashes(number, branch);
    let txs: Vec<Value> = hashes
        .iter()
        .enumerate()
        .map(|(i, hash)| {
            json!({"hash": hash, "transactionIndex": format!("{i:#x}"), "blockHash": block_hash(number, branch), "from": address,
                "to": address, "value": "0x1", "input": "0x", "gasPrice": "0x1", "gas": "0x5208", "nonce": "0x0"})
        })
        .collect();
    let items = if hashes.is_empty() { Vec::new() } else { vec![vec![0xbb; 20], vec![0x11; 32]] };
    json!({"number": format!("{number:#x}"), "hash": block_hash(number, branch),
        "parentHash": if number == 0 { hex(&[0; 32]) } else { block_hash(number - 1, branch) },
        "timestamp": format!("{:#x}", 1_700_000_000 + 12 * number), "logsBloom": bloom(&items), "miner": address, "transactions": txs})
}

pub(crate) fn receipts(number: u64, branch: u64) -> Value {
    let receipt = |hash: &String| {
        json!({"transactionHash": hash, "blockHash": block_hash(number, branch), "status": "0x1", "gasUsed": "0x5208",
            "logs": [{"address": hex(&[0xbb; 20]), "topics": [hex(&[0x11; 32])], "data": "0x"}]})
    };
    tx_hashes(number, branch).iter().map(receipt).collect()
}

/// The blocks that a filter of logs asks for.
pub(crate) fn range(filter: &Value) -> std::ops::RangeInclusive<u64> {
    let number =
        |field: &str| u64::from_str_radix(filter[field].as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap();
    number("fromBlock")..=number("toBlock")
}

fn logs(filter: &Value) -> Value {
    let of_block = |number: u64| {
        let mut index = 0;
        let mut all = Vec::new();
        for (rank, receipt) in receipts(number, 0).as_array().unwrap().iter().enumerate() {
            for log in receipt["logs"].as_array().unwrap() {
                let mut log = log.clone();
                log["blockNumber"] = json!(format!("{number:#x}"));
                log["blockHash"] = json!(block_hash(number, 0));
                log["transactionHash"] = receipt["transactionHash"].clone();
                log["transactionIndex"] = json!(format!("{rank:#x}"));
                log["logIndex"] = json!(format!("{index:#x}"));
                index += 1;
                all.push(log);
            }
        }
        all
    };
    range(filter).filter(|number| *number <= TIP).flat_map(of_block).collect()
}

/// The right result of a call; `None` for a method that the node lacks. It has no traces.
pub(crate) fn result(method: &str, params: &Value, branch: u64) -> Option<Value> {
    let number = params[0].as_str().and_then(|text| match text {
        "latest" => Some(TIP),
        text => u64::from_str_radix(text.strip_prefix("0x")?, 16).ok(),
    });
    Some(match (method, number) {
        ("eth_chainId", _) => json!("0x1"),
        ("eth_blockNumber", _) => json!(format!("{TIP:#x}")),
        ("eth_getBlockByNumber" | "eth_getBlockReceipts", Some(number)) if number > TIP => Value::Null,
        ("eth_getBlockByNumber", Some(number)) => block(number, branch),
        ("eth_getBlockReceipts", Some(number)) => receipts(number, branch),
        ("eth_getLogs", _) => logs(&params[0]),
        _ => return None,
    })
}

/// An answer over HTTP.
#[derive(Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The connection ends after so many bytes of the body.
    pub(crate) cut: Option<usize>,
    pub(crate) wait: Duration,
}

impl Reply {
    pub(crate) fn ok(value: &Value) -> Self {
        Self { status: 200, body: value.to_string(), ..Self::default() }
    }
}

/// Answers a body rightly, each result changed by `change(method, number, result)`.
pub(crate) fn answer(body: &str, branch: u64, change: &dyn Fn(&str, u64, Value) -> Value) -> Value {
    let one = |call: &Value| {
        let method = call["method"].as_str().unwrap();
        let number = call["params"][0].as_str().and_then(|t| u64::from_str_radix(t.strip_prefix("0x")?, 16).ok());
        match result(method, &call["params"], branch) {
            Some(result) => {
                json!({"jsonrpc": "2.0", "id": call["id"], "result": change(method, number.unwrap_or(TIP), result)})
            }
            None => {
                json!({"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32601, "message": "the method does not exist"}})
            }
        }
    };
    match serde_json::from_str(body).unwrap() {
        Value::Array(calls) => calls.iter().map(one).collect(),
        call => one(&call),
    }
}

/// A server; its address, and how many requests it had.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Server {
    /// Replies to each request by `reply(how many came before, body)`.
    pub(crate) fn start(reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/key-0123456789", listener.local_addr().unwrap().port());
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, reply) = (Arc::clone(&requests), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (count, reply, stream) = (Arc::clone(&count), Arc::clone(&reply), stream.unwrap());
                thread::spawn(move || serve(stream, &count, &*reply));
            }
        });
        Self { url, requests }
    }

    /// One that answers rightly.
    pub(crate) fn good() -> Self {
        Self::start(|_, body| Reply::ok(&answer(body, 0, &|_, _, value| value)))
    }

    /// One whose results are changed once blocks are asked for: what it is asked first is answered rightly.
    pub(crate) fn changed(change: impl Fn(&str, u64, Value) -> Value + Send + Sync + 'static) -> Self {
        Self::start(move |_, body| {
            Reply::ok(&answer(body, 0, &|method, number, value| {
                if is_fetch(body) { change(method, number, value) } else { value }
            }))
        })
    }

    pub(crate) fn settings(&self) -> EndpointSettings {
        let mut settings = EndpointSettings::new(EndpointUrl::parse(&self.url).unwrap());
        settings.call_max = Duration::from_secs(1);
        settings.answer_bytes_max = 1 << 20;
        settings
    }
}

/// Whether whole blocks are asked for.
pub(crate) fn is_fetch(body: &str) -> bool {
    body.contains(",true]")
}

fn serve(stream: TcpStream, count: &AtomicUsize, reply: &dyn Fn(usize, &str) -> Reply) {
    let mut out = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let reply = reply(count.fetch_add(1, Ordering::SeqCst), &String::from_utf8(body).unwrap());
        thread::sleep(reply.wait);
        let head = format!("HTTP/1.1 {} X\r\n{}Content-Length: {}\r\n\r\n", reply.status, reply.head, reply.body.len());
        let body = &reply.body.as_bytes()[..reply.cut.unwrap_or(reply.body.len())];
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(body)).is_err() || reply.cut.is_some() {
            return;
        }
    }
}

pub(crate) fn client(servers: &[&Server]) -> Result<EvmClient, EvmError> {
    let endpoints = servers.iter().map(|server| server.settings()).collect();
    EvmClient::connect_with(endpoints, Wanted::default(), Duration::from_secs(4))
}

/// Fetches the blocks up to the newest; the heads that were handed on, and the error that ended it.
pub(crate) fn fetch(client: &EvmClient) -> (Vec<Head>, Option<EvmError>) {
    let mut heads = Vec::new();
    let done = Fetcher::new(client).run::<_, EvmError>(
        0,
        TIP,
        None,
        |parts| Ok(parts.head),
        |head, same| {
            assert_eq!(*head, same);
            heads.push(*head);
            Ok(true)
        },
    );
    (heads, done.err())
}

/// Whether these are the first blocks of the right chain.
pub(crate) fn assert_right(heads: &[Head]) {
    for (head, number) in heads.iter().zip(0..) {
        assert_eq!((head.number, hex(&head.hash)), (number, block_hash(number, 0)));
    }
}
