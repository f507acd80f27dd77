//! Import times, printed: `cargo bench -p athar-lists`. A made-up list of the size of OFAC's (`ATHAR_BENCH_ENTRIES`, 20,000
//! unless told) as tables and in the UN's XML, and the files given in `ATHAR_BENCH_LISTS`, parted by `:`.

use athar_lists::{Identifiers, ListStore, ReadOptions, diff};
use athar_types::Day;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u32 = std::env::var("ATHAR_BENCH_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir()?;
    let mut files = made_up(folder.path(), count)?;
    let given = std::env::var("ATHAR_BENCH_LISTS").unwrap_or_default();
    files.extend(given.split(':').filter(|f| !f.is_empty()).map(PathBuf::from));
    for (i, file) in files.iter().enumerate() {
        let mut best = f64::MAX;
        for round in 0..3 {
            let mut store = ListStore::open(folder.path().join(format!("store{i}-{round}")))?;
            let start = Instant::now();
            let outcome = store.import(&[file], &ReadOptions::default(), Day(0))?;
            best = best.min(start.elapsed().as_secs_f64());
            if let Some(refused) = outcome.refused.first() {
                return Err(refused.to_string().into());
            }
        }
        let store = ListStore::open(folder.path().join(format!("store{i}-0")))?;
        let version = &store.history()[0];
        println!(
            "{}: {} entries, {} bytes: imported in {:.3} s, best of three",
            version.file, version.info.entries, version.info.source_bytes, best
        );
        let list = store.load(&version.version)?;
        let start = Instant::now();
        assert!(diff(&list, &list).is_empty());
        println!("  compared with itself in {:.3} s", start.elapsed().as_secs_f64());
        let start = Instant::now();
        let all = Identifiers::of(&store)?;
        println!("  {} identifiers read in {:.3} s", all.len(), start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The same entries as OFAC's tables and as the UN's XML.
fn made_up(folder: &Path, count: u32) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let (mut sdn, mut alt, mut add, mut un) = (String::new(), String::new(), String::new(), String::new());
    un.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CONSOLIDATED_LIST><INDIVIDUALS>\n");
    let null = "\"-0- \",".repeat(7);
    for i in 0..count {
        let remarks = format!("DOB 10 Dec 19{:02}; Passport A{i:07} (Exampleland); nationality Exampleland.", i % 100);
        writeln!(sdn, "{i},\"SURNAME{i}, Given{}\",\"individual\",\"SDGT\",{null}\"{remarks}\"", i % 997)?;
        writeln!(add, "{i},{i},\"{i} Example Street\",\"Example City\",\"Exampleland\",\"-0- \"")?;
        writeln!(
            un,
            "<INDIVIDUAL><DATAID>{i}</DATAID><FIRST_NAME>Given{}</FIRST_NAME><SECOND_NAME>SURNAME{i}</SECOND_NAME>\
             <UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><REFERENCE_NUMBER>QDi.{i}</REFERENCE_NUMBER><LISTED_ON>2001-10-12</LISTED_ON>",
            i % 997
        )?;
        for j in 0..3 {
            writeln!(alt, "{i},{},\"aka\",\"ALIAS{i}, Other{j}\",\"-0- \"", i * 3 + j)?;
            let alias = format!("<QUALITY>Good</QUALITY><ALIAS_NAME>Other{j} ALIAS{i}</ALIAS_NAME>");
            writeln!(un, "<INDIVIDUAL_ALIAS>{alias}</INDIVIDUAL_ALIAS>")?;
        }
        writeln!(
            un,
            "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>A{i:07}</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL>"
        )?;
    }
    un.push_str("</INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>\n");
    for (name, text) in [("sdn.csv", &mut sdn), ("alt.csv", &mut alt), ("add.csv", &mut add)] {
        text.push_str("\u{1a}\n");
        fs::write(folder.join(name), text)?;
    }
    fs::write(folder.join("un.xml"), un)?;
    Ok(vec![folder.join("sdn.csv"), folder.join("un.xml")])
}
