//! ethereum-etl's tables: the same blocks from every form of them, and an error with its place from what is damaged.
#[path = "support/etl.rs"]
mod etl;

use athar_chains::account::etl::{EtlError, Problem};
use athar_chains::account::raw::RawBlock;
use athar_ingest::account::{AccountSourceError, Counts, Format, Settings, Source};
use athar_types::Chain;
use athar_types::account::U256;
use etl::{TXS, Written, world};
use std::io::Write as _;
use std::path::{Path, PathBuf};

type Read = Result<Vec<RawBlock>, AccountSourceError>;

fn read(path: &Path) -> Read {
    Source::open(&[path.to_path_buf()], Chain::Ethereum)?.collect()
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn write_csv(folder: &Path, tables: &[Written], leave: &[&str]) {
    for table in tables.iter().filter(|table| !leave.contains(&table.name)) {
        write(folder, &format!("{}.csv", table.name), &table.csv());
    }
}

#[test]
fn the_tables_of_a_block_become_one_block() {
    let folder = tempfile::tempdir().unwrap();
    write_csv(folder.path(), &world(10, 20), &[]);
    let mut source = Source::open(&[folder.path().to_path_buf()], Chain::Ethereum).unwrap();
    assert_eq!(source.format(), Format::Etl);
    assert!(source.knows().is_block_complete);
    assert_eq!(source.skipped().len(), 1, "token transfers beside logs: {:?}", source.skipped());
    let blocks: Vec<_> = source.by_ref().collect::<Result<_, _>>().unwrap();
    let txs = 10 * TXS;
    let expected = Counts {
        blocks: 10,
        transactions: txs,
        receipts: txs,
        logs: txs - 10,
        traces: 3 * txs,
        withdrawals: 10,
        ..Counts::default()
    };
    assert_eq!(source.counts(), expected);
    assert_eq!(source.told().calls_that_move_nothing, txs);
    for (block, n) in blocks.iter().zip(10_u64..) {
        assert_eq!((block.number, block.time, block.txs.len()), (n, 1_600_000_000 + n * 12, TXS as usize));
        assert_eq!(block.withdrawals[0].1, U256::from((1000 + n) * 1_000_000_000));
        assert_eq!((block.producer[19], block.base_fee), (5, Some(U256::from(7))));
        let calls = block.calls.as_ref().unwrap();
        assert_eq!(calls.len() as u64, 2 * TXS);
        for (t, tx) in block.txs.iter().enumerate() {
            let receipt = tx.receipt.as_ref().unwrap();
            let is_last = t as u64 == TXS - 1;
            assert_eq!((receipt.status, receipt.gas_used), (Some(!is_last), 50_000));
            assert_eq!(receipt.gas_price_paid, Some(U256::from(900_000_000)));
            assert_eq!(receipt.logs.len(), usize::from(!is_last));
            assert_eq!(tx.selector, Some([0xa9, 0x05, 0x9c, 0xbb]));
            assert_eq!(tx.value, U256::from(1_000_000_000_000_000_000_u128 * (t as u128 + 1) + u128::from(n)));
            let own: Vec<_> = calls.iter().filter(|call| call.tx == Some(t as u32)).collect();
            assert!(own[0].is_top && !own[1].is_top && own[0].value == tx.value);
            // what is inside of a call that failed failed as well, though its row does not say so
            assert!(own.iter().all(|call| call.is_reverted == is_last));
        }
    }
}

#[test]
fn every_form_of_the_same_tables_gives_the_same_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let tables = world(0, 300);
    write_csv(&root.join("csv"), &tables, &[]);
    for table in &tables {
        write(&root.join("json"), &format!("{}.json", table.name), &table.json());
        let packed = zstd::encode_all(table.csv().as_bytes(), 1).unwrap();
        std::fs::create_dir_all(root.join("zstd")).unwrap();
        std::fs::write(root.join("zstd").join(format!("{}.csv.zst", table.name)), packed).unwrap();
        let file = std::fs::create_dir_all(root.join("gzip"))
            .and_then(|()| std::fs::File::create(root.join("gzip").join(format!("{}.jsonl.gz", table.name))))
            .unwrap();
        let mut writer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        writer.write_all(table.json().as_bytes()).unwrap();
        writer.finish().unwrap();
        // `;` between topics, as some versions write them
        let csv = table.csv();
        let semicolons = csv.lines().map(|line| {
            let Some((before, rest)) = line.split_once('"').filter(|_| table.name == "logs") else {
                return line.to_string();
            };
            format!("{before}{}", rest.trim_end_matches('"').replace(',', ";"))
        });
        write(
            &root.join("semicolons"),
            &format!("{}.csv", table.name),
            &(semicolons.collect::<Vec<_>>().join("\n") + "\n"),
        );
        // rows in no order
        let mut lines: Vec<_> = table.csv().lines().map(String::from).collect();
        let rows = lines.len();
        for at in 1..rows {
            lines.swap(at, 1 + (at * 7919) % (rows - 1));
        }
        write(&root.join("shuffled"), &format!("{}.csv", table.name), &(lines.join("\r\n") + "\r\n"));
    }
    // ranges as ethereum-etl lays them out, and with flat names; written so that names do not sort by number
    for (from, to) in [(0, 9), (9, 120), (120, 300)] {
        for table in world(from, to) {
            let range = format!("start_block={from}/end_block={}", to - 1);
            write(&root.join("ranges").join(table.name).join(range), &format!("{}.csv", table.name), &table.csv());
            write(&root.join("flat"), &format!("{}_{from}_{}.csv", table.name, to - 1), &table.csv());
        }
    }
    let expected = read(&root.join("csv")).unwrap();
    assert_eq!(expected.len(), 300);
    for form in ["json", "zstd", "gzip", "semicolons", "ranges", "flat"] {
        let blocks = read(&root.join(form)).unwrap();
        assert_eq!(blocks.len(), expected.len(), "{form}");
        for (block, expected) in blocks.iter().zip(&expected) {
            assert_eq!(block, expected, "{form}");
        }
    }
    let shuffled = read(&root.join("shuffled")).unwrap();
    assert!(shuffled == expected);
}

#[test]
fn token_transfers_alone_are_read_as_the_logs_that_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let tables = world(0, 5);
    write_csv(
        &folder.path().join("logs"),
        &tables,
        &["blocks", "transactions", "receipts", "token_transfers", "traces"],
    );
    write_csv(&folder.path().join("transfers"), &tables, &["blocks", "transactions", "receipts", "logs", "traces"]);
    let of = |name: &str| Source::open(&[folder.path().join(name)], Chain::Ethereum).unwrap();
    let (mut logs, mut transfers) = (of("logs"), of("transfers"));
    assert!(logs.knows().logs && logs.knows().token_transfers && !logs.knows().traces && !logs.knows().fees);
    assert!(!transfers.knows().logs && transfers.knows().token_transfers);
    let from_logs: Vec<_> = logs.by_ref().collect::<Result<_, _>>().unwrap();
    let mut from_transfers: Vec<_> = transfers.by_ref().collect::<Result<_, _>>().unwrap();
    assert_eq!(transfers.counts().token_transfers, 5 * (TXS - 1));
    assert_eq!((logs.told().txs_by_hash, logs.told().blocks_without_facts), (5 * (TXS - 1), 5));
    for (block, full) in from_transfers.iter_mut().zip(&from_logs) {
        assert_eq!(block.hash, [0; 32], "a transfer does not name its block's hash");
        block.hash = full.hash;
    }
    assert!(from_transfers == from_logs);
    assert!(from_logs.iter().all(|block| block.calls.is_none()), "without traces nothing is said of calls");
}

#[test]
fn rows_beyond_the_window_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut blocks = world(0, 30_000).remove(0);
    let late = blocks.rows.remove(17);
    blocks.rows.push(late);
    write(folder.path(), "blocks.csv", &blocks.csv());
    let open = |window_bytes| {
        let settings = Settings { window_bytes, ..Settings::default() };
        Source::open_with(&[folder.path().to_path_buf()], Chain::Ethereum, settings).unwrap()
    };
    assert_eq!(open(64 << 20).flatten().count(), 30_000);
    let mut source = open(1000);
    let error = source.by_ref().find_map(Result::err).unwrap();
    assert!(matches!(error, AccountSourceError::Order { line: 30_001, block: 17, .. }), "{error}");
    assert!(error.to_string().contains("blocks.csv line 30001"), "{error}");
    assert!(source.next().is_none(), "nothing after an error");
}

/// What is read when one line of one table is replaced.
fn damaged(table: &str, line: usize, change: impl Fn(&str) -> String) -> AccountSourceError {
    let folder = tempfile::tempdir().unwrap();
    for written in world(0, 3) {
        let text = written.csv();
        let changed = text
            .lines()
            .enumerate()
            .map(|(at, text)| if written.name == table && at + 1 == line { change(text) } else { text.to_string() });
        write(folder.path(), &format!("{}.csv", written.name), &(changed.collect::<Vec<_>>().join("\n") + "\n"));
    }
    read(folder.path()).unwrap_err()
}

#[test]
fn damage_is_told_with_file_line_and_column() {
    let cut = damaged("transactions", 4, |line| line[..150].to_string());
    assert!(matches!(cut, AccountSourceError::Columns { line: 4, expected: 12, .. }), "{cut}");
    let quote = damaged("logs", 2, |line| line.trim_end_matches('"').to_string());
    assert!(matches!(quote, AccountSourceError::Columns { line: 2, found: 0, .. }), "{quote}");
    let row = |error: AccountSourceError| match error {
        AccountSourceError::Row { line, source: EtlError::Field { problem, .. }, path } => {
            (path.file_name().unwrap().to_string_lossy().into_owned(), line, problem)
        }
        other => panic!("{other}"),
    };
    let large =
        damaged("transactions", 3, |line| line.replace(",2000000000000000000,", &format!(",{},", "9".repeat(78))));
    assert_eq!(row(large), ("transactions.csv".into(), 3, Problem::Large));
    let float = damaged("transactions", 3, |line| line.replace(",2000000000000000000,", ",2e+18,"));
    assert_eq!(row(float), ("transactions.csv".into(), 3, Problem::Float));
    let topic = damaged("logs", 3, |line| line.replace("ddf252ad", "ddf252"));
    assert_eq!(row(topic), ("logs.csv".into(), 3, Problem::Hash));
    let data = damaged("logs", 3, |line| line.replace(&format!(",0x{:064x}", 5_000_000), ",0x123"));
    assert_eq!(row(data), ("logs.csv".into(), 3, Problem::Bytes));
    let kind =
        damaged("traces", 5, |line| line.replace(",delegatecall,", ",teleport,").replace(",call,", ",teleport,"));
    assert_eq!(row(kind), ("traces.csv".into(), 5, Problem::Kind));
    let status = damaged("receipts", 2, |line| line.replace(",1,900000000", ",2,900000000"));
    assert_eq!(row(status), ("receipts.csv".into(), 2, Problem::Truth));
    let block = damaged("blocks", 3, |line| line.replacen('1', "0", 1));
    let twice = matches!(block, AccountSourceError::Block { source: EtlError::BlockTwice(0), .. });
    assert!(twice, "{block}");
    let tx = damaged("transactions", 3, |line| line.replace(&etl::hash(2, 1), &etl::hash(2, 0)));
    assert!(matches!(tx, AccountSourceError::Block { source: EtlError::TxTwice { block: 0, .. }, .. }), "{tx}");
    let log = damaged("logs", 3, |line| line.replacen('1', "0", 1));
    assert!(matches!(log, AccountSourceError::Block { source: EtlError::LogTwice { .. }, .. }), "{log}");
    let trace = damaged("traces", 3, |line| line.rsplit_once(',').unwrap().0.to_string() + ",0");
    assert!(
        matches!(trace, AccountSourceError::Block { source: EtlError::TraceTwice { order: 0, .. }, .. }),
        "{trace}"
    );
    // half a number is a number as well: a last line without its end is not believed
    let folder = tempfile::tempdir().unwrap();
    let text = world(0, 3).remove(0).csv();
    let path = write(folder.path(), "blocks.csv", text.trim_end());
    let error = read(&path).unwrap_err();
    assert!(matches!(error, AccountSourceError::NoEnd { line: 4, .. }), "{error}");
    let receipt = damaged("receipts", 3, |line| line.replace(&etl::hash(2, 1), &etl::hash(2, 0)));
    assert!(matches!(receipt, AccountSourceError::Block { source: EtlError::ReceiptTwice { .. }, .. }), "{receipt}");
}

#[test]
fn what_is_no_table_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| Source::open(&[path.to_path_buf()], Chain::Ethereum).unwrap_err();
    assert!(matches!(open(folder.path()), AccountSourceError::NoFiles(_)));
    assert!(matches!(open(&folder.path().join("absent.csv")), AccountSourceError::Io { .. }));
    let other = write(folder.path(), "prices.csv", "date,price\n2020-01-01,1\n");
    assert!(matches!(open(&other), AccountSourceError::NotRecognised(_)));
    let twice = write(folder.path(), "twice.csv", "number,hash,hash,parent_hash\n");
    assert!(matches!(open(&twice), AccountSourceError::Header(_)));
    assert!(matches!(Source::open(&[other], Chain::Bitcoin), Err(AccountSourceError::Chain(Chain::Bitcoin))));
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "logs_0_9.json", "{\"log_index\": 1, \"bl");
    assert!(matches!(open(folder.path()), AccountSourceError::NotRecognised(_)), "a cut table is no other matter");
    let folder = tempfile::tempdir().unwrap();
    write_csv(folder.path(), &world(0, 2), &[]);
    for (name, text) in
        [("prices.csv", "date,price\n"), ("empty.json", ""), ("notes.md", "x"), ("bytes.csv", "\u{1}\n")]
    {
        write(folder.path(), name, text);
    }
    let source = Source::open(&[folder.path().to_path_buf()], Chain::Ethereum).unwrap();
    assert_eq!(source.skipped().len(), 5, "{:?}", source.skipped());
    assert_eq!(source.count(), 2);
}
