//! The store: what is recorded comes back, what is deleted is gone from every file, and damage stays where it is.
use athar_sightings::{
    FileState, ItemEnd, ItemId, NewItem, NewSighting, Query, Reading, Sightings, SightingsError, VaultError,
    is_personal,
};
use athar_types::{Chain, UnixTime};
use std::fs;
use std::path::Path;

const ADDRESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"; // BIP 173
const PHONE: &str = "+15555550123";

fn item(file: &str) -> NewItem {
    NewItem {
        kind: "html".into(),
        file: file.into(),
        uri: Some("https://News.Example:443/page?x=1".into()),
        channel: Some("The Private Channel".into()),
        title: Some("A title of its own".into()),
        captured: Some(UnixTime(1_600_000_000)),
        read_at: 1_700_000_000,
        sha256: Some([7; 32]),
        bytes: 1234,
        picture_hash: Some(0x0123_4567_89ab_cdef),
        sketch: b"a sketch in bytes".to_vec(),
        tool: "athar 0".into(),
        lexicon: "l1".into(),
        operator: Some("analyst-1".into()),
        original: Some(b"THE WHOLE ORIGINAL COPY".to_vec()),
        ..NewItem::default()
    }
}

fn address() -> NewSighting {
    NewSighting {
        kind: "address".into(),
        chains: vec![(Chain::Bitcoin, ADDRESS.into())],
        value: ADDRESS.into(),
        proof: "checksum".into(),
        manner: vec!["spaced".into()],
        offset: Some(17),
        page: Some(2),
        segment: "text".into(),
        excerpt: "an excerpt with words around".into(),
        language: Some("en".into()),
        score: 71,
        solicits: true,
        reasons: "[{\"kind\":\"donation\",\"points\":40}]".into(),
        lexicon: "l1".into(),
        message: Some("m-9".into()),
        author: Some("author-name".into()),
        posted: Some(UnixTime(1_500_000_000)),
        zone_known: true,
        reply_to: Some("m-8".into()),
        forwarded_from: Some("forwarder-name".into()),
        sketch: b"sketch of message".to_vec(),
        ..NewSighting::default()
    }
}

fn phone() -> NewSighting {
    NewSighting { kind: "phone".into(), value: PHONE.into(), excerpt: "call me".into(), ..NewSighting::default() }
}

fn record(store: &Sightings, item: NewItem, seen: &[NewSighting]) -> ItemId {
    let mut writer = store.writer();
    let id = writer.begin(item).unwrap();
    writer.add(id, seen).unwrap();
    writer.finish(id, ItemEnd::default()).unwrap();
    writer.flush().unwrap();
    id
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("sightings")).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().to_string_lossy().into(), fs::read(e.path()).unwrap())).collect()
}

fn holding(folder: &Path, needle: &[u8]) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
    files(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

/// Everything that may stand in no file in the clear, ever.
const PERSONAL: [&str; 12] = [
    "The Private Channel",
    "A title of its own",
    "WHOLE ORIGINAL",
    "an excerpt with",
    "author-name",
    "forwarder-name",
    PHONE,
    "call me",
    "a sketch in bytes",
    "sketch of message",
    "page?x=1",
    "secret-file.html",
];

#[test]
fn what_is_recorded_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let id = record(&store, item("a.html"), &[address(), phone()]);
    let found = store.item(id).unwrap();
    assert_eq!(found.site.as_deref(), Some("news.example"));
    assert_eq!(found.uri.as_deref(), Some("https://News.Example:443/page?x=1"));
    assert_eq!((found.captured, found.read_at, found.bytes), (Some(UnixTime(1_600_000_000)), 1_700_000_000, 1234));
    assert_eq!((found.sha256, found.picture_hash), (Some([7; 32]), Some(0x0123_4567_89ab_cdef)));
    assert_eq!(found.sketch, b"a sketch in bytes");
    assert_eq!(found.operator.as_deref(), Some("analyst-1"));
    assert!(found.original_kept && found.same_original.is_empty());
    let page = store.sightings(&Query::default()).unwrap();
    assert_eq!((page.sightings.len(), page.next, page.unreadable.len()), (2, None, 0));
    let (seen, sent) = (&page.sightings[0], address());
    assert_eq!(
        (&seen.kind, &seen.chains, &seen.value, &seen.proof, &seen.manner, seen.offset, seen.page),
        (&sent.kind, &sent.chains, &sent.value, &sent.proof, &sent.manner, sent.offset, sent.page)
    );
    assert_eq!(
        (&seen.segment, &seen.excerpt, &seen.language, seen.score, seen.solicits, &seen.reasons, &seen.lexicon),
        (&sent.segment, &sent.excerpt, &sent.language, sent.score, sent.solicits, &sent.reasons, &sent.lexicon)
    );
    assert_eq!(
        (
            &seen.message,
            &seen.author,
            &seen.channel,
            seen.posted,
            seen.zone_known,
            &seen.reply_to,
            &seen.forwarded_from
        ),
        (
            &sent.message,
            &sent.author,
            &sent.channel,
            sent.posted,
            sent.zone_known,
            &sent.reply_to,
            &sent.forwarded_from
        )
    );
    assert_eq!(seen.sketch, sent.sketch);
    assert_eq!(page.sightings[1].value, PHONE);
    assert_eq!(store.original(id, 1, "analyst-2").unwrap().unwrap(), b"THE WHOLE ORIGINAL COPY");
    let log = store.custody(Some(id), 0, 10).unwrap();
    assert_eq!(log.iter().map(|e| &*e.action).collect::<Vec<_>>(), ["recorded", "original_shown"]);
    assert_eq!(log[1].operator, "analyst-2");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn nothing_personal_stands_in_any_file_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    record(&store, item("secret-file.html"), &[address(), phone()]);
    for words in PERSONAL {
        assert_eq!(holding(folder.path(), words.as_bytes()), Vec::<String>::new(), "{words}");
    }
    assert!(!holding(folder.path(), ADDRESS.as_bytes()).is_empty(), "an address is public, and is found by its text");
}

#[test]
fn a_deleted_item_is_in_no_file_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let other = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy";
    let stays = NewSighting { value: other.into(), chains: vec![(Chain::Bitcoin, other.into())], ..address() };
    let kept = record(&store, NewItem { sha256: Some([8; 32]), ..item("b.html") }, &[stays, phone()]);
    let mut gone = Vec::new();
    for n in 0..40 {
        gone.push(record(&store, item(&format!("secret-file{n}.html")), &[address(), phone()]));
    }
    // the keys as they stand in the database
    let keys = files(folder.path()).into_iter().find(|(name, _)| name == "keys.sqlite").unwrap().1;
    let raw = rusqlite::Connection::open(store.keys_path()).unwrap();
    let key = |item: ItemId| -> Vec<u8> {
        raw.query_row("SELECT key FROM keys WHERE item = ?1", [item.0 as i64], |row| row.get(0)).unwrap()
    };
    let destroyed: Vec<Vec<u8>> = gone.iter().map(|item| key(*item)).collect();
    let stays = key(kept);
    drop(raw);
    assert!(keys.windows(32).any(|w| w == destroyed[0]));
    assert_eq!(store.delete(&gone, 1_800_000_000, "analyst-3", "order 12").unwrap(), 40);
    for key in &destroyed {
        assert_eq!(holding(folder.path(), key), Vec::<String>::new());
    }
    assert_eq!(holding(folder.path(), ADDRESS.as_bytes()), Vec::<String>::new(), "its sightings are gone too");
    assert_eq!(holding(folder.path(), &stays), ["keys.sqlite"]);
    assert!(matches!(store.item(gone[0]), Err(SightingsError::Unknown(_))));
    assert!(matches!(store.original(gone[0], 1, ""), Err(SightingsError::Unknown(_))));
    assert_eq!(store.sightings(&Query { value: Some(ADDRESS.into()), ..Query::default() }).unwrap().sightings.len(), 0);
    let log = store.custody(Some(gone[3]), 0, 10).unwrap();
    let last = log.last().unwrap();
    assert_eq!(
        (&*last.action, &*last.operator, &*last.details, last.time),
        ("deleted", "analyst-3", "order 12", 1_800_000_000)
    );
    assert_eq!(last.sha256.as_deref(), Some(&*"07".repeat(32)));
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(store.item(kept).unwrap().file, "b.html");
    assert_eq!(store.delete(&gone, 1_800_000_000, "analyst-3", "again").unwrap(), 0);
}

#[test]
fn a_deletion_that_was_cut_short_is_finished_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let (a, b) = (record(&store, item("a"), &[phone()]), record(&store, item("b"), &[phone()]));
    drop(store);
    // as a run leaves it that is killed after the rows went, before the key is destroyed; with a key in the journal
    let raw = rusqlite::Connection::open(folder.path().join("sightings/sightings.sqlite")).unwrap();
    raw.execute("DELETE FROM sightings WHERE item = ?1", [a.0 as i64]).unwrap();
    raw.execute("UPDATE items SET state = 3 WHERE id = ?1", [a.0 as i64]).unwrap();
    let keys = rusqlite::Connection::open(folder.path().join("sightings/keys.sqlite")).unwrap();
    let key: Vec<u8> = keys.query_row("SELECT key FROM keys WHERE item = ?1", [a.0 as i64], |row| row.get(0)).unwrap();
    drop((raw, keys));
    let journal = folder.path().join("sightings/keys.sqlite-journal");
    let mut bytes = fs::read(&journal).unwrap();
    bytes.truncate(2048);
    bytes.extend(&key);
    fs::write(&journal, &bytes).unwrap();
    assert_eq!(holding(folder.path(), &key).len(), 2, "in the database and in its journal");
    let store = Sightings::open(folder.path()).unwrap();
    assert_eq!(holding(folder.path(), &key), Vec::<String>::new());
    assert!(matches!(store.item(a), Err(SightingsError::Unknown(_))));
    assert_eq!(store.item(b).unwrap().file, "b");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn retention_deletes_what_was_read_before_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    for n in 0..600i64 {
        record(&store, NewItem { read_at: 1_000 + n, ..item(&format!("{n}")) }, &[phone()]);
    }
    assert_eq!(store.retain(1_500, 2_000, "cron", "500 seconds").unwrap(), 500);
    let counts = store.counts().unwrap();
    assert_eq!((counts.items, counts.sightings, counts.originals), (100, 100, 100));
    assert_eq!(counts.custody, 600 + 500);
    assert_eq!(store.verify_custody(None).unwrap().wrong, Vec::<String>::new());
    assert!(store.custody(None, 600, 1).unwrap()[0].action == "retention");
}

#[test]
fn a_secret_is_present_and_never_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow"; // BIP 39's test vectors
    let seed = NewSighting {
        kind: "seed_phrase".into(),
        value: words.into(),
        chains: vec![(Chain::Bitcoin, words.into())],
        offset: Some(44),
        ..NewSighting::default()
    };
    record(&store, item("s"), &[seed]);
    let seen = &store.sightings(&Query::default()).unwrap().sightings[0];
    assert_eq!((&*seen.kind, &*seen.value, seen.chains.len(), seen.offset), ("seed_phrase", "", 0, Some(44)));
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let (value, mark, aliases): (Option<String>, Option<Vec<u8>>, i64) = raw
        .query_row("SELECT value, mark, (SELECT count(*) FROM aliases) FROM sightings", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!((value, mark, aliases), (None, None, 0), "not even a hash of it");
}

#[test]
fn sightings_are_found_by_everything_that_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let legacy = "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu";
    let cash = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"; // the address format's own test vector
    let both = NewSighting {
        kind: "address".into(),
        value: legacy.into(),
        chains: vec![(Chain::Bitcoin, legacy.into()), (Chain::BitcoinCash, cash.into())],
        channel: Some("other channel".into()),
        ..NewSighting::default()
    };
    let a = record(&store, item("a"), &[address(), phone()]);
    let b = record(&store, NewItem { uri: None, captured: None, ..item("b") }, &[both]);
    let ask = |query: Query| {
        let page = store.sightings(&query).unwrap();
        page.sightings.into_iter().map(|s| (s.item, s.n)).collect::<Vec<_>>()
    };
    let q = Query::default;
    assert_eq!(ask(Query { value: Some(ADDRESS.into()), ..q() }), [(a, 0)]);
    assert_eq!(ask(Query { value: Some(PHONE.into()), ..q() }), [(a, 1)]);
    assert_eq!(ask(Query { value: Some(legacy.into()), ..q() }), [(b, 0)]);
    assert_eq!(ask(Query { value: Some(cash.into()), ..q() }), [(b, 0)], "by the text on another chain");
    assert_eq!(ask(Query { value: Some("x".into()), ..q() }), []);
    assert_eq!(ask(Query { kind: Some("phone".into()), ..q() }), [(a, 1)]);
    assert_eq!(ask(Query { chain: Some(Chain::BitcoinCash), ..q() }), [(b, 0)]);
    assert_eq!(ask(Query { chain: Some(Chain::Bitcoin), ..q() }), [(a, 0), (b, 0)]);
    assert_eq!(ask(Query { file: Some("b".into()), ..q() }), [(b, 0)]);
    assert_eq!(ask(Query { site: Some("NEWS.example".into()), ..q() }), [(a, 0), (a, 1)]);
    assert_eq!(ask(Query { channel: Some(" the private channel".into()), ..q() }), [(a, 0), (a, 1)]);
    assert_eq!(ask(Query { channel: Some("Other Channel".into()), ..q() }), [(b, 0)]);
    assert_eq!(ask(Query { item: Some(b), ..q() }), [(b, 0)]);
    // posted 1.5e9, captured 1.6e9, read 1.7e9
    assert_eq!(ask(Query { from: Some(1_500_000_000), to: Some(1_500_000_001), ..q() }), [(a, 0)]);
    assert_eq!(ask(Query { from: Some(1_600_000_000), to: Some(1_650_000_000), ..q() }), [(a, 1)]);
    assert_eq!(ask(Query { from: Some(1_650_000_000), ..q() }), [(b, 0)]);
    assert_eq!(ask(Query { score_min: 71, ..q() }), [(a, 0)]);
    assert_eq!(ask(Query { score_min: 72, ..q() }), []);
    assert_eq!(ask(Query { solicits: Some(false), ..q() }), [(a, 1), (b, 0)]);
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = store.sightings(&Query { after, limit: 1, ..q() }).unwrap();
        all.extend(page.sightings.iter().map(|s| (s.item, s.n)));
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(all, [(a, 0), (a, 1), (b, 0)]);
    let material = store.material().unwrap();
    assert_eq!((material.items.len(), material.sightings.len(), material.cut), (2, 3, false));
    assert!(
        material.sightings.iter().all(|s| s.excerpt.is_empty() && s.author.is_none()),
        "what campaigns do not need"
    );
    assert_eq!(material.sightings[0].sketch, b"sketch of message");
}

#[test]
fn a_changed_byte_names_its_item_and_the_others_stay_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let a = record(&store, item("a"), &[address(), phone()]);
    let b = record(&store, item("b"), &[address()]);
    let c = record(&store, item("c"), &[address()]);
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let flip = |table: &str, holds: &str| {
        let (id, mut sealed): (i64, Vec<u8>) = raw
            .query_row(&format!("SELECT rowid, sealed FROM {table} WHERE {holds}"), [], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap();
        let at = sealed.len() / 2;
        sealed[at] ^= 1;
        raw.execute(&format!("UPDATE {table} SET sealed = ?1 WHERE rowid = ?2"), (sealed, id)).unwrap();
    };
    flip("sightings", &format!("item = {a} AND n = 0"));
    flip("items", &format!("id = {b}"));
    flip("originals", &format!("item = {c}"));
    let page = store.sightings(&Query::default()).unwrap();
    assert_eq!(page.sightings.iter().map(|s| (s.item, s.n)).collect::<Vec<_>>(), [(a, 1), (b, 0), (c, 0)]);
    assert_eq!((page.unreadable.len(), page.unreadable[0].item), (1, a));
    let error = store.item(b).unwrap_err().to_string();
    assert!(error.starts_with(&format!("item {b} in ")) && error.contains("sightings.sqlite"), "{error}");
    assert!(store.item(a).is_ok() && store.item(c).is_ok());
    let error = store.original(c, 1, "").unwrap_err().to_string();
    assert!(error.contains(&format!("item {c}")) && error.contains("copy of the original"), "{error}");
    let material = store.material().unwrap();
    assert_eq!((material.items.len(), material.sightings.len(), material.unreadable.len()), (2, 3, 2));
    let wrong = store.verify().unwrap();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    // sealed parts of the same item cannot take each other's place either
    raw.execute(&format!("UPDATE sightings SET sealed = (SELECT sealed FROM sightings WHERE item = {a} AND n = 1) WHERE item = {a} AND n = 0"), []).unwrap();
    assert_eq!(store.sightings(&Query { item: Some(a), ..Query::default() }).unwrap().unreadable.len(), 1);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    for name in ["sightings.sqlite", "keys.sqlite"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sightings")).unwrap();
        fs::write(folder.path().join("sightings").join(name), vec![b'x'; 8192]).unwrap();
        let error = Sightings::open(folder.path()).unwrap_err();
        assert!(matches!(error, SightingsError::Vault(VaultError::Damaged { .. })), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    rusqlite::Connection::open(store.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    assert!(matches!(Sightings::open(folder.path()), Err(SightingsError::Vault(VaultError::Newer { found: 99, .. }))));
}

#[test]
fn on_a_full_disk_nothing_is_half_stored_and_it_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    record(&store, item("a"), &[address()]);
    let pages: u32 =
        rusqlite::Connection::open(store.path()).unwrap().query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    let mut writer = store.writer();
    let id = writer.begin(item("b")).unwrap();
    writer.add(id, &vec![address(); 2_000]).unwrap();
    writer.finish(id, ItemEnd::default()).unwrap();
    store.limit_pages(pages + 8).unwrap();
    let error = writer.flush().unwrap_err();
    assert!(matches!(error, SightingsError::Vault(VaultError::Full { .. })), "{error:?}");
    assert!(error.to_string().contains("sightings.sqlite"));
    assert_eq!(store.counts().unwrap().sightings, 1);
    store.limit_pages(1 << 30).unwrap();
    writer.flush().unwrap();
    assert_eq!(store.counts().unwrap().sightings, 2_001);
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_read_is_not_read_again_unless_something_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let reading = Reading { file: "a", member: None, sha256: &[7; 32], tool: "athar 0", lexicon: "l1" };
    let mut writer = store.writer();
    let id = writer.begin(item("a")).unwrap();
    writer.flush().unwrap();
    assert!(!store.is_done(reading).unwrap(), "an open item is not done");
    writer.finish(id, ItemEnd::default()).unwrap();
    writer.flush().unwrap();
    assert!(store.is_done(reading).unwrap());
    assert!(!store.is_done(Reading { lexicon: "l2", ..reading }).unwrap());
    assert!(!store.is_done(Reading { tool: "athar 1", ..reading }).unwrap());
    assert!(!store.is_done(Reading { sha256: &[8; 32], ..reading }).unwrap());
    assert!(!store.is_done(Reading { member: Some("m"), ..reading }).unwrap());
    let file = FileState { path: "a", bytes: 10, mtime_ns: 99, settings: b"s" };
    assert!(!store.file_is_done(file).unwrap());
    writer.file_done(file).unwrap();
    assert!(store.file_is_done(file).unwrap());
    assert!(!store.file_is_done(FileState { mtime_ns: 98, ..file }).unwrap());
    assert!(!store.file_is_done(FileState { settings: b"t", ..file }).unwrap());
}

#[test]
fn a_newer_reading_supersedes_and_the_same_original_elsewhere_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = record(&Sightings::open(folder.path()).unwrap(), item("a"), &[address()]);
    let store = Sightings::open(folder.path()).unwrap();
    let second = record(&store, NewItem { lexicon: "l2".into(), ..item("a") }, &[address(), phone()]);
    let elsewhere = record(&store, item("b"), &[address()]);
    let page = store.sightings(&Query { value: Some(ADDRESS.into()), ..Query::default() }).unwrap();
    assert_eq!(page.sightings.iter().map(|s| s.item).collect::<Vec<_>>(), [second, elsewhere]);
    let all = store.sightings(&Query { superseded: true, ..Query::default() }).unwrap();
    assert_eq!(all.sightings.len(), 4);
    assert_eq!(store.item(first).unwrap().superseded_by, Some(second));
    assert_eq!(store.item(elsewhere).unwrap().same_original, [first, second]);
    assert_eq!(store.items_of_original(&[7; 32]).unwrap(), [first, second, elsewhere]);
    let log = store.custody(Some(first), 0, 10).unwrap();
    assert_eq!(log.iter().map(|e| &*e.action).collect::<Vec<_>>(), ["recorded", "superseded"]);
    assert!(
        store.custody(Some(elsewhere), 0, 1).unwrap()[0].details.contains(&format!("\"same_original_as\":{first}"))
    );
}

#[test]
fn items_may_be_open_at_once_and_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let mut writer = store.writer();
    let outer = writer.begin(item("a")).unwrap();
    let inner = writer.begin(NewItem { member: Some("m".into()), ..item("a") }).unwrap();
    writer.add(outer, &[address()]).unwrap();
    writer.add(inner, &[phone()]).unwrap();
    let end = ItemEnd {
        sha256: Some([9; 32]),
        bytes: Some(5),
        title: Some("late".into()),
        sketch: b"late".to_vec(),
        ..ItemEnd::default()
    };
    writer.finish(inner, end).unwrap();
    assert!(matches!(writer.add(inner, &[phone()]), Err(SightingsError::NotOpen(_))));
    writer.flush().unwrap();
    assert_eq!(store.counts().unwrap().open, 1);
    assert_eq!(store.sightings(&Query::default()).unwrap().sightings.len(), 1, "what is open is not seen");
    let found = store.item(inner).unwrap();
    assert_eq!(
        (found.sha256, found.bytes, found.title.as_deref(), &found.sketch[..]),
        (Some([9; 32]), 5, Some("late"), &b"late"[..])
    );
    writer.abandon(outer).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.open, counts.items, counts.sightings), (0, 1, 1));
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(store.tidy().unwrap(), 0);
}

#[test]
fn the_custody_log_shows_what_was_changed_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    for n in 0..5 {
        record(&store, item(&n.to_string()), &[]);
    }
    store.log_export(5, "analyst-1", None, "STIX of 3 campaigns").unwrap();
    let whole = store.verify_custody(None).unwrap();
    assert_eq!((whole.entries, whole.wrong.len()), (6, 0));
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let refused = raw.execute("UPDATE custody SET operator = 'nobody' WHERE seq = 3", []).unwrap_err();
    assert!(refused.to_string().contains("only added to"));
    assert!(raw.execute("DELETE FROM custody WHERE seq = 3", []).is_err());
    raw.execute_batch("DROP TRIGGER custody_is_not_changed; DROP TRIGGER custody_is_not_deleted;").unwrap();
    raw.execute("UPDATE custody SET operator = 'nobody' WHERE seq = 3", []).unwrap();
    assert_eq!(store.verify_custody(None).unwrap().wrong, ["entry 3: it was changed"]);
    raw.execute("UPDATE custody SET operator = 'analyst-1' WHERE seq = 3", []).unwrap();
    assert_eq!(store.verify_custody(Some(&whole.head)).unwrap().wrong.len(), 0);
    raw.execute("DELETE FROM custody WHERE seq = 3", []).unwrap();
    assert!(!store.verify_custody(None).unwrap().wrong.is_empty());
    raw.execute("DELETE FROM custody WHERE seq >= 3", []).unwrap();
    assert_eq!(store.verify_custody(None).unwrap().wrong.len(), 0, "a cut end is not seen by itself");
    assert_eq!(store.verify_custody(Some(&whole.head)).unwrap().wrong.len(), 1, "but against a head that was noted");
}

#[test]
fn several_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let one = Sightings::open(folder.path()).unwrap();
    let two = Sightings::open(folder.path()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = if thread % 2 == 0 { &one } else { &two };
            scope.spawn(move || {
                let mut writer = store.writer();
                for n in 0..50 {
                    let id = writer.begin(item(&format!("{thread}-{n}"))).unwrap();
                    writer.add(id, &[address(), phone()]).unwrap();
                    writer.finish(id, ItemEnd::default()).unwrap();
                    if n % 7 == 0 {
                        writer.flush().unwrap();
                    }
                    if n == 20 {
                        store.delete(&[id], 1, "t", "r").unwrap();
                    }
                }
                writer.flush().unwrap();
            });
        }
    });
    let counts = one.counts().unwrap();
    let ids: std::collections::BTreeSet<u64> = one.material().unwrap().items.iter().map(|i| i.id.0).collect();
    assert_eq!(ids.len() as u64, counts.items);
    assert_eq!(counts.items, 200, "item 20 of each was not flushed when it was asked to be deleted");
    assert_eq!(counts.sightings, 400);
    assert_eq!(two.verify().unwrap(), Vec::<String>::new());
}

#[test]
#[cfg(unix)]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    record(&store, item("a"), &[address()]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("sightings")), 0o700);
    for entry in fs::read_dir(folder.path().join("sightings")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn personal_is_all_but_what_is_public() {
    for kind in ["iban", "card", "phone", "exchange_user", "coupon_code", "email", "handle", "anything_new"] {
        assert!(is_personal(kind));
    }
    assert!(!is_personal("address") && !is_personal("site"));
}
