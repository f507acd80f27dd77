//! Tables as ethereum-etl writes them, of a small invented chain.

use std::fmt::Write;

/// A table: its name, its columns, its rows.
pub(crate) struct Written {
    /// Its name.
    pub(crate) name: &'static str,
    columns: &'static [&'static str],
    /// Its rows, each with its block.
    pub(crate) rows: Vec<(u64, Vec<String>)>,
}

/// Columns whose JSON value is a bare number; the rest are texts, and texts from `[` lists.
const NUMBERS: &[&str] = &[
    "number",
    "block_number",
    "timestamp",
    "block_timestamp",
    "transaction_count",
    "transaction_index",
    "log_index",
    "gas_used",
    "cumulative_gas_used",
    "nonce",
    "value",
    "gas_price",
    "status",
    "base_fee_per_gas",
    "trace_index",
    "effective_gas_price",
    "gas",
];

impl Written {
    /// As CSV with a header.
    pub(crate) fn csv(&self) -> String {
        let mut text = self.columns.join(",") + "\n";
        for (_, row) in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                // topics and trace addresses are lists with commas, withdrawals are what Python shows
                let cell = match self.columns[at] {
                    "withdrawals" => cell.replace('"', "'"),
                    _ => cell.trim_matches(['[', ']']).replace('"', ""),
                };
                if cell.contains(',') { write!(text, "{comma}\"{cell}\"") } else { write!(text, "{comma}{cell}") }
                    .unwrap();
            }
            text.push('\n');
        }
        text
    }

    /// As one JSON object a line.
    pub(crate) fn json(&self) -> String {
        let mut text = String::new();
        for (_, row) in &self.rows {
            text.push('{');
            for (at, cell) in row.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                let name = self.columns[at];
                match cell.as_str() {
                    "" => write!(text, "{comma}\"{name}\": null"),
                    cell if cell.starts_with('[') || NUMBERS.contains(&name) => {
                        write!(text, "{comma}\"{name}\": {cell}")
                    }
                    cell => write!(text, "{comma}\"{name}\": \"{cell}\""),
                }
                .unwrap();
            }
            text.push_str("}\n");
        }
        text
    }
}

/// An address with that number.
pub(crate) fn address(n: u64) -> String {
    format!("0x{n:040x}")
}

/// A hash with that number, of that kind.
pub(crate) fn hash(kind: u8, n: u64) -> String {
    format!("0x{kind:02x}{n:062x}")
}

/// Transactions of each block; the last one of a block fails.
pub(crate) const TXS: u64 = 4;

/// The tables of blocks `from..to`. Each transaction but the last transfers a token, and sends on a part of its value
/// through a call inside it.
pub(crate) fn world(from: u64, to: u64) -> Vec<Written> {
    let table = |name, columns| Written { name, columns, rows: Vec::new() };
    let mut blocks = table(
        "blocks",
        &[
            "number",
            "hash",
            "parent_hash",
            "nonce",
            "miner",
            "timestamp",
            "transaction_count",
            "base_fee_per_gas",
            "withdrawals",
        ],
    );
    let mut txs = table(
        "transactions",
        &[
            "hash",
            "nonce",
            "block_hash",
            "block_number",
            "transaction_index",
            "from_address",
            "to_address",
            "value",
            "gas",
            "gas_price",
            "input",
            "block_timestamp",
        ],
    );
    let mut receipts = table(
        "receipts",
        &[
            "transaction_hash",
            "transaction_index",
            "block_hash",
            "block_number",
            "cumulative_gas_used",
            "gas_used",
            "contract_address",
            "status",
            "effective_gas_price",
        ],
    );
    let mut logs = table(
        "logs",
        &[
            "log_index",
            "transaction_hash",
            "transaction_index",
            "block_hash",
            "block_number",
            "address",
            "data",
            "topics",
        ],
    );
    let mut transfers = table(
        "token_transfers",
        &["token_address", "from_address", "to_address", "value", "transaction_hash", "log_index", "block_number"],
    );
    let mut traces = table(
        "traces",
        &[
            "block_number",
            "transaction_hash",
            "transaction_index",
            "from_address",
            "to_address",
            "value",
            "trace_type",
            "call_type",
            "trace_address",
            "error",
            "trace_index",
        ],
    );
    let topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    for n in from..to {
        let number = n.to_string();
        let time = (1_600_000_000 + n * 12).to_string();
        let withdrawal = format!(
            r#"[{{"index": {n}, "validator_index": 7, "address": "{}", "amount": "{}"}}]"#,
            address(9),
            1000 + n
        );
        blocks.rows.push((
            n,
            vec![
                number.clone(),
                hash(1, n),
                hash(1, n.wrapping_sub(1)),
                "9".into(),
                address(5),
                time.clone(),
                TXS.to_string(),
                "7".into(),
                withdrawal,
            ],
        ));
        for t in 0..TXS {
            let tx = hash(2, n * TXS + t);
            let (rank, from, to) = (t.to_string(), address(100 + t), address(200 + t));
            let is_failed = t == TXS - 1;
            let value = format!("{}", 1_000_000_000_000_000_000_u128 * u128::from(t + 1) + u128::from(n));
            txs.rows.push((
                n,
                vec![
                    tx.clone(),
                    "1".into(),
                    hash(1, n),
                    number.clone(),
                    rank.clone(),
                    from.clone(),
                    to.clone(),
                    value.clone(),
                    "90000".into(),
                    "1000000000".into(),
                    "0xa9059cbb00".into(),
                    time.clone(),
                ],
            ));
            receipts.rows.push((
                n,
                vec![
                    tx.clone(),
                    rank.clone(),
                    hash(1, n),
                    number.clone(),
                    "1".into(),
                    "50000".into(),
                    String::new(),
                    u8::from(!is_failed).to_string(),
                    "900000000".into(),
                ],
            ));
            if !is_failed {
                let amount = 5_000_000 + n;
                let parties = [from.clone(), to.clone()].map(|a| format!("0x{:0>64}", &a[2..]));
                logs.rows.push((
                    n,
                    vec![
                        rank.clone(),
                        tx.clone(),
                        rank.clone(),
                        hash(1, n),
                        number.clone(),
                        address(300),
                        format!("0x{amount:064x}"),
                        format!(r#"["{topic}","{}","{}"]"#, parties[0], parties[1]),
                    ],
                ));
                transfers.rows.push((
                    n,
                    vec![
                        address(300),
                        from.clone(),
                        to.clone(),
                        amount.to_string(),
                        tx.clone(),
                        rank.clone(),
                        number.clone(),
                    ],
                ));
            }
            let error = if is_failed { "Reverted" } else { "" };
            let mut trace = |from: &str, to: &str, value: &str, how: &str, path: &str, error: &str| {
                let order = (traces.rows.len() as u64).to_string();
                traces.rows.push((
                    n,
                    [&number, &tx, &rank, from, to, value, "call", how, path, error, &order].map(String::from).to_vec(),
                ));
            };
            trace(&from, &to, &value, "call", "", error);
            // its own row tells nothing of the failure around it
            trace(&to, &address(400), "77", "call", "[0]", "");
            trace(&to, &address(401), "77", "delegatecall", "[0,0]", "");
        }
    }
    vec![blocks, txs, receipts, logs, transfers, traces]
}
