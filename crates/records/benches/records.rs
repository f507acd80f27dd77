//! A million redemptions and as many sales: importing, joining, looking up, deleting; prints its figures. `ATHAR_BENCH_RECORDS` says how
//! many rows.
#![allow(missing_docs)] // a program

use athar_records::{By, FlowQuery, Kind, Map, Order, Query, Receipt, Records, Subject};
use std::fmt::Write as _;
use std::time::Instant;

const BY: By<'_> = By { time: 1_700_000_000, operator: "bench", reason: "" };

/// Most memory that the process ever held, in MiB; none where the system does not tell.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
}

fn import(store: &Records, kind: Kind, text: &str) -> Receipt {
    let order = Order { kind: Some(kind), map: Map::default(), retain_days: None, name: "bench.csv" };
    store.import(&order, BY, || Ok(text.as_bytes())).expect("imports")
}

fn main() {
    let count: u64 = std::env::var("ATHAR_BENCH_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Records::open(folder.path()).expect("opens");
    let mut sales = String::from("serial,outlet,place,time,amount,currency,buyer\n");
    let mut redemptions = String::from("serial,account,ip,country,time\n");
    for n in 0..count {
        let time = 1_500_000_000 + n * 60;
        let _ = writeln!(sales, "{n:016},counter {},Lyon,{time},50.00,EUR,+3363998{:04}", n % 900, n % 10_000);
        let _ = writeln!(redemptions, "{n:016},BB{:08},192.0.2.{},FR,{}", n % 40_009, n % 250, time + 3_600);
    }
    println!("rows made: {} MiB; peak memory {:?} MiB", (sales.len() + redemptions.len()) >> 20, peak_mib());
    for (kind, text) in [(Kind::CouponSale, &sales), (Kind::Redemption, &redemptions)] {
        let start = Instant::now();
        let receipt = import(&store, kind, text);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{kind}: {} rows in {seconds:.1} s, {:.0} rows/s; peak memory {:?} MiB",
            receipt.added,
            receipt.added as f64 / seconds,
            peak_mib()
        );
    }
    let start = Instant::now();
    assert!(import(&store, Kind::CouponSale, &sales).already);
    println!("the same file again: {:.2} s", start.elapsed().as_secs_f64());
    let bytes: u64 = std::fs::read_dir(folder.path().join("records"))
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    println!("on disk: {} bytes a record", bytes / (2 * count));
    let start = Instant::now();
    let query = Query { subject: Some(Subject::of("BB00000077")), ..Query::default() };
    let found = store.list(&query).expect("lists").records.len();
    println!("records of one account: {found} in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let flows = store.voucher_flows(&FlowQuery::default()).expect("joins");
    println!(
        "join: {} redemptions, {} matched, {} beneficiaries in {:.1} s; peak memory {:?} MiB",
        flows.redemptions,
        flows.matched,
        flows.beneficiaries.len(),
        start.elapsed().as_secs_f64(),
        peak_mib()
    );
    drop(flows);
    let start = Instant::now();
    let import = store.imports(0, 1).expect("lists")[0].import;
    let deleted = store.delete_import(import, BY).expect("deletes");
    println!("import deleted: {deleted} records in {:.1} s", start.elapsed().as_secs_f64());
}
