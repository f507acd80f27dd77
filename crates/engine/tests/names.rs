//! Names against imported lists: one, and files of customers.
use athar_engine::lists::ReadOptions;
use athar_engine::names::{Batch, BatchFormat, Customers, Grade, NamePairs, NameScreener, Query, Session, Wanted};
use athar_engine::write::import_lists;
use athar_engine::{Day, EngineError};
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = "id,name,alias,born,country\n\
    1,Usama bin Ladin,Osama bin Laden;أسامة بن لادن,1957,Saudi Arabia\n\
    2,Ayman al-Zawahiri,,1951-06-19,Egypt\n\
    3,=HYPERLINK(\"http://x\") Evil,,,\n";

fn store() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("own.csv");
    fs::write(&list, LIST).unwrap();
    let outcome = import_lists(&folder.path().join("store"), &[list], &ReadOptions::default(), Day(20_000)).unwrap();
    assert!(outcome.lists.refused.is_empty(), "{:?}", outcome.lists.refused);
    folder
}

fn customers(folder: &Path, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join("customers.csv");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_name_is_screened_without_a_chain_and_the_answer_depends_on_the_lists() {
    let folder = store();
    let screener = NameScreener::open(&folder.path().join("store"), &[]).unwrap();
    let ask = |name: &str| screener.view(&Query { name: name.into(), ..Query::default() }, &Wanted::default());
    let view = ask("ايمن الظواهري");
    assert_eq!((view.hits.len(), view.hits[0].id.as_str(), view.hits[0].grade), (1, "2", Grade::Possible));
    assert_eq!((view.lists.len(), view.lists[0].list.as_str(), view.lists[0].as_of), (1, "names-own", None));
    assert_eq!(view.snapshot, ask("ايمن الظواهري").snapshot);
    assert_ne!(view.snapshot, ask("أسامة بن لادن").snapshot);
    // a newer version of the list gives another snapshot
    let list = folder.path().join("own.csv");
    fs::write(&list, format!("{LIST}4,Somebody Else,,,\n")).unwrap();
    import_lists(&folder.path().join("store"), &[list], &ReadOptions::default(), Day(20_001)).unwrap();
    let newer = NameScreener::open(&folder.path().join("store"), &["names-own".into()]).unwrap();
    let query = Query { name: "ايمن الظواهري".into(), ..Query::default() };
    assert_ne!(newer.view(&query, &Wanted::default()).snapshot, view.snapshot);
    assert!(matches!(NameScreener::open(&folder.path().join("none"), &[]), Err(EngineError::NoLists)));
    let unknown = NameScreener::open(&folder.path().join("store"), &["no-such".into()]).unwrap_err().to_string();
    assert!(unknown.contains("no-such"), "{unknown}");
}

#[test]
fn birth_and_country_of_a_customer_are_read_from_the_file() {
    let folder = store();
    let screener = NameScreener::open(&folder.path().join("store"), &[]).unwrap();
    let file = customers(folder.path(), "Name,born,country\nايمن الظواهري,١٩٥١,مصر\nAyman al-Zawahiri,1990,\n");
    let customers = Customers::read(&file, None).unwrap();
    let grades: Vec<Grade> = customers
        .queries
        .iter()
        .map(|q| screener.screen(q, &Wanted { threshold: 0.5, top: 1 }, &mut Session::default())[0].grade)
        .collect();
    assert_eq!(grades, [Grade::Likely, Grade::Unlikely]);
}

#[test]
fn arabic_files_in_windows_1256_are_read_and_mixed_ones_refused_with_their_byte() {
    let folder = store();
    // "name\nأسامة بن لادن\n" in windows-1256
    let arabic = b"\xC3\xD3\xC7\xE3\xC9 \xC8\xE4 \xE1\xC7\xCF\xE4";
    let file = customers(folder.path(), [b"name\n".as_slice(), arabic, b"\n"].concat());
    let read = Customers::read(&file, None).unwrap();
    assert_eq!((read.encoding.as_str(), read.queries[0].name.as_str()), ("windows-1256", "أسامة بن لادن"));
    let mixed = [b"name\n".as_slice(), "أسامة بن لادن\n".as_bytes(), arabic, b"\n"].concat();
    let error = Customers::read(&customers(folder.path(), mixed), None).unwrap_err().to_string();
    assert!(error.contains("customers.csv") && error.contains("byte"), "{error}");
}

#[test]
fn a_file_without_the_column_or_with_a_torn_row_is_told_with_its_line() {
    let folder = store();
    let error = Customers::read(&customers(folder.path(), "names\nx\n"), None).unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("`name`"), "{error}");
    let error = Customers::read(&customers(folder.path(), "name,born\nA,1\nB\n"), None).unwrap_err().to_string();
    assert!(error.contains("customers.csv") && error.contains("line 3"), "{error}");
    let error = NamePairs::read(&customers(folder.path(), "name1,b\nA,1\n"), None).unwrap_err().to_string();
    assert!(error.contains("`name2`"), "{error}");
    assert!(Customers::read(&folder.path().join("absent.csv"), None).unwrap_err().to_string().contains("absent.csv"));
}

#[test]
fn a_batch_that_stopped_goes_on_and_gives_the_same_bytes() {
    let folder = store();
    let screener = NameScreener::open(&folder.path().join("store"), &[]).unwrap();
    let mut text = String::from("name\n");
    for i in 0..40_000 {
        text += if i % 1_000 == 7 { "Osama Bin Laden\n" } else { "Jean Dupont\n" };
    }
    let customers = Customers::read(&customers(folder.path(), &text), None).unwrap();
    for format in [BatchFormat::JsonLines, BatchFormat::Csv] {
        let batch = Batch { screener: &screener, customers: &customers, wanted: Wanted::default(), format };
        let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
        let mut steps = Vec::new();
        let summary = batch.write_file(&whole, true, &mut |done| steps.push(done)).unwrap();
        assert_eq!((summary.customers, summary.before, summary.with_hits), (40_000, 0, 40));
        assert_eq!(steps, [16_384, 32_768, 40_000]);
        let bytes = fs::read(&whole).unwrap();
        if format == BatchFormat::JsonLines {
            assert_eq!(bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count(), 40_000);
        }
        // a kill after the second step: the state is that of the first or second, the file longer
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            batch.write_file(&stopped, true, &mut |done| assert!(done < 32_768, "killed")).unwrap();
        }));
        assert!(killed.is_err());
        let mut torn = fs::read(&stopped).unwrap();
        torn.extend_from_slice(b"{\"name\":\"half a li");
        fs::write(&stopped, &torn).unwrap();
        let other = Batch { wanted: Wanted { threshold: 0.5, top: 1 }, ..Batch { ..batch } };
        let error = other.write_file(&stopped, false, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("stopped") && error.contains("another question"), "{error}");
        let batch = Batch { screener: &screener, customers: &customers, wanted: Wanted::default(), format };
        let summary = batch.write_file(&stopped, false, &mut |_| ()).unwrap();
        assert!(summary.before >= 16_384, "{summary:?}");
        assert!(fs::read(&stopped).unwrap() == bytes, "{format:?}");
        assert!(!folder.path().join("stopped.state").exists());
        let error = batch.write_file(&stopped, false, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("--overwrite"), "{error}");
        let mut streamed = Vec::new();
        batch.write(&mut streamed, &mut |_| ()).unwrap();
        assert!(streamed == bytes);
    }
}

#[test]
fn answers_as_csv_run_no_formula_and_json_lines_have_the_documented_fields() {
    let folder = store();
    let screener = NameScreener::open(&folder.path().join("store"), &[]).unwrap();
    let file = customers(folder.path(), "name\n\"=HYPERLINK(\"\"http://x\"\") Evil\"\nأسامة بن لادن\n");
    let customers = Customers::read(&file, None).unwrap();
    let wanted = Wanted { threshold: 0.3, top: 1 };
    let written = |format| {
        let mut out = Vec::new();
        Batch { screener: &screener, customers: &customers, wanted, format }.write(&mut out, &mut |_| ()).unwrap();
        String::from_utf8(out).unwrap()
    };
    let csv = written(BatchFormat::Csv);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for row in reader.records() {
        assert!(row.unwrap().iter().all(|cell| !cell.starts_with('=')), "{csv}");
    }
    let lines: Vec<serde_json::Value> =
        written(BatchFormat::JsonLines).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    let hit = &lines[1]["hits"][0];
    assert_eq!(
        (&lines[1]["name"], &hit["id"], &hit["list"]),
        (&"أسامة بن لادن".into(), &"1".into(), &"names-own".into())
    );
    assert!(hit["score"].as_f64().unwrap() > 0.9 && hit["why"]["parts"].is_array() && hit["matched_name"].is_string());
}
