//! `docs/reference/tables.md` lists every column of every table, and every live column of a store.
//!
//! After a wanted change run the test with `ATHAR_UPDATE_SCHEMAS=1` and review the difference.
use crate::support;

use athar_export::Table;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Two tests may rewrite the page.
static PAGE: Mutex<()> = Mutex::new(());

/// The generated part between two marks of the page, and what it should be.
fn check(mark: &str, expected: &str) {
    let _held = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join("docs/reference/tables.md");
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark}: begin -->\n"), format!("<!-- {mark}: end -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (found, after) = rest.split_once(&end).unwrap();
    if env::var_os("ATHAR_UPDATE_SCHEMAS").is_some() {
        fs::write(&path, format!("{before}{begin}{expected}{end}{after}")).unwrap();
    } else {
        assert!(found == expected, "{} ({mark}) does not list the columns that the code has", path.display());
    }
}

#[test]
fn the_documented_columns_are_the_exported_ones() {
    let mut text = String::new();
    for table in Table::ALL {
        let _ = writeln!(text, "\n### {table}\n\n{}\n\n| column | type | unit | meaning | null |", table.row());
        text.push_str("|---|---|---|---|---|\n");
        for c in table.columns() {
            let null = c.null.unwrap_or_default();
            let _ = writeln!(text, "| `{}` | {} | {} | {} | {null} |", c.name, c.kind.name(), c.unit, c.doc);
        }
    }
    text.push('\n');
    check("exported", &text);
}

/// A column of a source file's list.
struct Live {
    file: String,
    kind: String,
    doc: String,
}

/// The lists of columns in a source file: what each is of, and its columns. A list opens with `macro_name! {`, and each
/// column is its doc comment and `field: type = "file"`.
fn lists(source: &str) -> Vec<(String, Vec<Live>)> {
    let mut lists: Vec<(String, Vec<Live>)> = Vec::new();
    let mut doc = String::new();
    let mut inside = false;
    for line in source.lines().map(str::trim) {
        if line == "columns! {" || line == "tables! {" {
            lists.push((String::new(), Vec::new()));
            inside = true;
        } else if line == "}" {
            inside = false;
        }
        if !inside {
            continue;
        }
        if let Some(words) = line.strip_prefix("///") {
            doc = format!("{doc}{}{}", if doc.is_empty() { "" } else { " " }, words.trim());
        } else if let Some((field, file)) = line.split_once(" = \"") {
            let kind = field.split_once(": ").unwrap().1.to_string();
            let file = file.split('"').next().unwrap().to_string();
            lists.last_mut().unwrap().1.push(Live { file, kind, doc: std::mem::take(&mut doc) });
        } else if let Some((name, _)) = line.split_once("Columns") {
            // a list that says which of several it is
            lists.last_mut().unwrap().0 = name.to_lowercase();
        }
    }
    lists
}

/// A Rust type as Arrow names it.
fn arrow(kind: &str) -> String {
    if let Some(len) = kind.strip_prefix("[u8; ").and_then(|k| k.strip_suffix(']')) {
        return format!("fixed binary({len})");
    }
    let bits = &kind[1..];
    assert!(["8", "16", "32", "64"].contains(&bits), "no type of a column: {kind}");
    if kind.starts_with('u') { format!("uint{bits}") } else { format!("int{bits}") }
}

/// A doc comment as Markdown: links into the code become their last word.
fn plain(doc: &str) -> String {
    let mut out = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("[`") {
        let (link, after) = after.split_once("`]").unwrap();
        let _ = write!(out, "{before}`{}`", link.rsplit("::").next().unwrap());
        rest = after;
    }
    out + rest
}

fn live_columns() -> Vec<(String, Vec<Live>)> {
    let read = |path: &str| lists(&fs::read_to_string(root().join(path)).unwrap());
    let mut all = read("crates/ledger/src/schema.rs");
    for (name, _) in &mut all {
        let what = if name.is_empty() { "segment" } else { name.as_str() };
        *name = format!("Columns of a {what}");
    }
    let forest = read("crates/entities/src/tables.rs");
    all.extend(forest.into_iter().map(|(_, columns)| ("Columns of a forest".into(), columns)));
    all
}

#[test]
fn the_documented_live_columns_are_those_of_the_source() {
    let mut text = String::new();
    for (name, columns) in live_columns() {
        assert!(!columns.is_empty(), "{name}: no column was found in the source");
        let _ = writeln!(text, "\n### {name}\n\n| file | type | meaning |\n|---|---|---|");
        for c in columns {
            assert!(!c.doc.is_empty(), "{} has no doc comment", c.file);
            let _ = writeln!(text, "| `{}` | {} | {} |", c.file, arrow(&c.kind), plain(&c.doc));
        }
    }
    text.push('\n');
    check("live", &text);
}

#[test]
fn every_file_of_a_store_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    support::store(folder.path(), support::CHAIN, 2);
    let page = fs::read_to_string(root().join("docs/reference/tables.md")).unwrap();
    let mut folders = vec![folder.path().to_path_buf()];
    let mut files = 0;
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if item.path().is_dir() {
                folders.push(item.path());
            } else if let Some(name) = item.file_name().to_string_lossy().strip_suffix(".arrow") {
                assert!(page.contains(&format!("| `{name}` |")), "{name} is not documented");
                files += 1;
            }
        }
    }
    assert!(files > 100, "{files} files in three segments and a forest");
}
