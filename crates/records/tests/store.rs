//! The store: what is imported comes back under pseudonyms, joins, and is gone from every file once it is deleted.
use athar_records::{
    BeneficiaryId, By, Field, FlowQuery, Kind, Map, NewNote, Order, Query, Receipt, Records, RecordsError, Subject,
    Value, VaultError,
};
use std::fs;
use std::path::Path;

const ADDRESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"; // BIP 173
const OTHER: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
const DAY: i64 = 86_400;
const NOW: i64 = 1_700_000_000;
const BY: By<'_> = By { time: NOW, operator: "analyst-1", reason: "" };

const SALES: &str = "\
code;pdv;ville;vendu;montant;client;commentaire
1111-2222;Tabac A;Lyon;29/09/2020 12:00;50,00;+33 6 12 34 56 78;x
3333 4444;Tabac B;Lille;30/09/2020 09:30;150;0033612345678;y
5555-6666;Tabac A;Lyon;30/09/2020 10:00;12,345;;z
7777-8888;Tabac C;Nice;29/03/2020 02:30;10;;z
9999-0000;Tabac C;Nice;01/10/2020 08:00;10;+33 700000000;
";
const REDEMPTIONS: &str = "\
serial,account,address,ip,country,time
11112222,user-77,bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4,192.0.2.7,tr,2020-09-29T12:30:00Z
33334444,user-77,BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4,192.0.2.8,TR,2020-09-30T12:30:00+03:00
ffff0000,user-78,1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2,192.0.2.9,FR,2020-10-01T12:30:00Z
99990000,user-79,not an address,192.0.2.9,FR,2020-10-01T12:30:00Z
99990000,user-79,,192.0.2.9,France,2020-10-01T12:30:00Z
";

fn sales_map() -> Map {
    Map::from_toml(
        "m.toml",
        "kind = \"coupon_sale\"\nzone = \"Europe/Paris\"\ntime_format = \"%d/%m/%Y %H:%M\"\ndecimal_comma = true\ndelimiter = \";\"\n\
         keep_plain = [\"outlet\"]\n[columns]\nserial = \"code\"\noutlet = \"pdv\"\nplace = \"ville\"\ntime = \"vendu\"\namount = \"montant\"\n\
         buyer = \"client\"\nphone = \"client\"\n[constants]\ncurrency = \"EUR\"\n",
    )
    .unwrap()
}

fn import(store: &Records, text: &str, kind: Kind, map: Map, retain: Option<u32>) -> Result<Receipt, RecordsError> {
    let order = Order { kind: Some(kind), map, retain_days: retain, name: "f.csv" };
    store.import(&order, BY, || Ok(text.as_bytes()))
}

fn filled(folder: &Path) -> Records {
    let store = Records::open(folder).unwrap();
    import(&store, SALES, Kind::CouponSale, sales_map(), None).unwrap();
    import(&store, REDEMPTIONS, Kind::Redemption, Map::default(), None).unwrap();
    store
}

/// Whether some file of the store holds the bytes.
fn is_in_a_file(folder: &Path, bytes: &[u8]) -> bool {
    let files = fs::read_dir(folder.join("records")).unwrap();
    files.map(|f| fs::read(f.unwrap().path()).unwrap()).any(|f| memchr::memmem::find(&f, bytes).is_some())
}

/// Every key in the database of keys.
fn keys(store: &Records) -> Vec<(i64, Vec<u8>)> {
    let raw = rusqlite::Connection::open(store.keys_path()).unwrap();
    let mut all = raw.prepare("SELECT item, key FROM keys").unwrap();
    let all = all.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    all.map(Result::unwrap).collect()
}

#[test]
fn every_row_is_a_record_or_in_quarantine_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let store = Records::open(folder.path()).unwrap();
    let receipt = import(&store, SALES, Kind::CouponSale, sales_map(), Some(30)).unwrap();
    assert_eq!((receipt.rows, receipt.added, receipt.known, receipt.quarantined), (5, 3, 0, 2));
    let reasons: Vec<_> = receipt.quarantine.iter().map(|q| (q.line, q.reason.en.as_str())).collect();
    assert_eq!(reasons, [(4, "amount: more than 2 decimals"), (5, "time: the clock was put forward over it")]);
    assert_eq!(receipt.unused, ["commentaire"]);
    assert_eq!(receipt.pseudonymised, [Field::Serial, Field::Buyer, Field::Phone]);
    assert_eq!(receipt.kept_plain, [Field::Outlet]);
    assert_eq!(receipt.first.unwrap().to_string(), "2020-09-29T12:00:00+02:00");
    // sha256sum of the text
    assert_eq!(receipt.sha256, {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(SALES))
    });
    assert_eq!(store.receipt(receipt.import).unwrap(), receipt);
    assert_eq!(store.imports(0, 10).unwrap(), [receipt]);

    let page = store.list(&Query::default()).unwrap();
    let first = &page.records[0];
    assert_eq!((page.records.len(), first.line, first.kind), (3, 2, Kind::CouponSale));
    assert_eq!(first.amount.as_ref().unwrap().to_string(), "50.00 EUR");
    assert_eq!(first.plain(Field::Place), Some("Lyon"));
    let Some(Value::Personal { value: Some(kept), .. }) = first.values.get(&Field::Outlet) else { panic!("{first:?}") };
    assert_eq!(kept, "Tabac A");
    assert!(matches!(first.values[&Field::Serial], Value::Personal { value: None, .. }));

    let receipt = import(&store, REDEMPTIONS, Kind::Redemption, Map::default(), None).unwrap();
    let reasons: Vec<_> = receipt.quarantine.iter().map(|q| (q.line, q.reason.en.as_str())).collect();
    assert_eq!(
        reasons,
        [(5, "address: none of a chain that is known here"), (6, "country: not a code of two letters")]
    );
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn equal_values_have_equal_pseudonyms_and_are_found_by_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let lines = |subject: &str| -> Vec<(Kind, u64)> {
        let query = Query { subject: Some(Subject::of(subject)), ..Query::default() };
        store.list(&query).unwrap().records.iter().map(|r| (r.kind, r.line)).collect()
    };
    let both = [(Kind::CouponSale, 2), (Kind::CouponSale, 3)];
    assert_eq!(lines("+33 612345678"), both);
    assert_eq!(lines("0033 6 12 34 56 78"), both);
    assert_eq!(lines("1111 2222"), [(Kind::CouponSale, 2), (Kind::Redemption, 2)]);
    assert_eq!(lines("user-77"), [(Kind::Redemption, 2), (Kind::Redemption, 3)]);
    assert_eq!(lines(&ADDRESS.to_uppercase()), [(Kind::Redemption, 2), (Kind::Redemption, 3)]);
    assert!(lines("user-7").is_empty());
    let one =
        store.list(&Query { subject: Some(Subject::of("user-78")), ..Query::default() }).unwrap().records.remove(0);
    let shown = one.pseudonym(Field::Account).unwrap().to_string();
    assert_eq!(lines(&shown), [(Kind::Redemption, 4)]);
    assert_eq!(store.by_address(OTHER).unwrap(), std::slice::from_ref(&one));
    assert_eq!(store.record(one.id).unwrap(), one);
    // pages go on where the last one ended
    let mut query = Query { limit: 2, ..Query::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.list(&query).unwrap();
        assert!(page.records.len() <= 2);
        seen.extend(page.records.iter().map(|r| r.id));
        let Some(next) = page.next else { break };
        query.after = next;
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted());
}

#[test]
fn nothing_that_leads_to_a_person_is_in_a_file_unless_it_was_asked_for_and_never_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    for value in
        ["11112222", "1111-2222", "Tabac A", "tabac a", "612345678", "user-77", "192.0.2.7", ADDRESS, "Lyon", "f.csv"]
    {
        assert!(!is_in_a_file(folder.path(), value.as_bytes()), "{value}");
    }
    let shown = store.list(&Query::default()).unwrap().records[0].pseudonym(Field::Serial).unwrap();
    assert!(!is_in_a_file(folder.path(), &shown.0), "a whole pseudonym");
}

#[test]
fn importing_a_file_again_adds_nothing_and_an_overlapping_one_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let version = store.version().unwrap();
    let again = import(&store, REDEMPTIONS, Kind::Redemption, Map::default(), None).unwrap();
    assert!(again.already);
    assert_eq!((again.rows, again.added), (5, 3));
    assert_eq!(store.version().unwrap(), version);
    // the same rows under another file, with one more, and one of them twice
    let more =
        format!("{REDEMPTIONS}12,user-80,{OTHER},,,2020-10-02T00:00:00Z\n12,user-80,{OTHER},,,2020-10-02T00:00:00Z\n");
    let receipt = import(&store, &more, Kind::Redemption, Map::default(), None).unwrap();
    assert_eq!((receipt.added, receipt.known, receipt.quarantined), (1, 4, 2));
    assert_ne!(store.version().unwrap(), version);
    // a number of its own makes a row another
    let map = || Map::from_line("id=n").unwrap();
    let rows = "n,account,time\n1,a,2020-01-01T00:00:00Z\n2,a,2020-01-01T00:00:00Z\n";
    assert_eq!(import(&store, rows, Kind::Login, map(), None).unwrap().added, 2);
}

#[test]
fn a_killed_import_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Records::open(folder.path()).unwrap();
    let mut rows = String::from("account,time\n");
    for n in 0..45_000 {
        rows.push_str(&format!("a{n},{}\n", 1_600_000_000 + n));
    }
    // the file ends in the middle of a quote that is never closed: what came before is stored
    let broken = format!("{rows}\"{}", "x".repeat(2 << 20));
    let error = import(&store, &broken, Kind::Login, Map::default(), None).unwrap_err();
    assert!(error.to_string().starts_with("f.csv: line 45002: a row is longer than 1 MiB"), "{error}");
    assert_eq!(store.counts().unwrap().records[&Kind::Login], 45_000);
    assert_eq!(store.counts().unwrap().open, 1);
    let receipt = import(&store, &rows, Kind::Login, Map::default(), None).unwrap();
    assert_eq!((receipt.added, receipt.known), (0, 45_000));
    // the unfinished import can be deleted, with what came with it
    let open = store.imports(0, 10).unwrap().remove(0);
    assert_eq!(store.delete_import(open.import, BY).unwrap(), 45_000);
    assert_eq!(store.counts().unwrap().records.get(&Kind::Login), None);
    assert_eq!(keys(&store).len(), 1, "the receipt of the other import");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_deleted_is_in_no_file_nor_is_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let person = store.list(&Query { subject: Some(Subject::of("user-77")), ..Query::default() }).unwrap().records;
    let account = person[0].pseudonym(Field::Account).unwrap();
    let note = NewNote { subject: Subject::of("user-77"), text: "a relative", source: "statement", time: NOW };
    let note = store.humanitarian_context(&note, BY).unwrap();
    assert_eq!(note.subject, account.to_string());
    let sale =
        store.list(&Query { subject: Some(Subject::of("9999-0000")), ..Query::default() }).unwrap().records[0].id;
    let (left, import_of_sales) = (store.list(&Query::default()).unwrap(), store.record(sale).unwrap().import);
    let before = keys(&store);
    let sealed: Vec<(i64, Vec<u8>)> = {
        let raw = rusqlite::Connection::open(store.path()).unwrap();
        let mut all = raw.prepare("SELECT id, sealed FROM records UNION SELECT id, sealed FROM notes").unwrap();
        let all = all.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        all.map(Result::unwrap).collect()
    };
    let marks_before: i64 = {
        let raw = rusqlite::Connection::open(store.path()).unwrap();
        raw.query_row("SELECT count(*) FROM marks", [], |r| r.get(0)).unwrap()
    };

    let asked = By { reason: "request of the person", ..BY };
    assert_eq!(store.delete_subject(&Subject::of("user-77"), asked).unwrap(), 2);
    assert_eq!(store.delete(&[sale, 999_999], asked).unwrap(), 1);

    let mut gone: Vec<i64> = person.iter().map(|r| r.id as i64).collect();
    gone.extend([sale as i64, note.id as i64]);
    for (id, key) in &before {
        for half in [&key[..16], &key[8..24], &key[16..]] {
            assert_eq!(is_in_a_file(folder.path(), half), !gone.contains(id), "key of {id}");
        }
    }
    for (id, sealed) in &sealed {
        for part in sealed.chunks_exact(24) {
            assert_eq!(is_in_a_file(folder.path(), part), !gone.contains(id), "sealed bytes of {id}");
        }
    }
    for record in &person {
        assert!(matches!(store.record(record.id), Err(RecordsError::Unknown { .. })));
    }
    assert!(store.notes(&Subject::of(&account.to_string())).unwrap().is_empty());
    assert!(
        store.list(&Query { subject: Some(Subject::of("user-77")), ..Query::default() }).unwrap().records.is_empty()
    );
    let now = store.list(&Query::default()).unwrap().records;
    assert_eq!(now.len(), left.records.len() - 3);
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let marks: i64 = raw.query_row("SELECT count(*) FROM marks", [], |r| r.get(0)).unwrap();
    // of each redemption serial, account, ip and address; of the sale serial, outlet and buyer, whose telephone is the same
    assert_eq!(marks_before - marks, 2 * 4 + 3);
    // the journal says it to whoever has the value, and to nobody else
    let entries = store.journal(0, 100).unwrap();
    assert_eq!(entries.iter().filter(|e| e.speaks_of(&account.to_string())).count(), 1);
    assert!(!entries.iter().any(|e| serde_json::to_string(e).unwrap().contains(&account.to_string()[2..])));
    assert!(entries.iter().any(|e| e.action == "deleted_records" && e.subject == Some(sale)));
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(store.delete_import(import_of_sales, asked).unwrap(), 2);
    assert!(matches!(store.receipt(import_of_sales), Err(RecordsError::Unknown { .. })));
    // what was deleted may come again
    let receipt = import(&store, SALES, Kind::CouponSale, sales_map(), None).unwrap();
    assert_eq!((receipt.already, receipt.added), (false, 3));
}

#[test]
fn what_was_being_deleted_when_the_process_was_killed_is_deleted_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let import = store.list(&Query { kind: Some(Kind::Redemption), ..Query::default() }).unwrap().records[0].import;
    drop(store);
    let raw = rusqlite::Connection::open(folder.path().join("records/records.sqlite")).unwrap();
    raw.execute("UPDATE imports SET state = 3, sealed = x'' WHERE id = ?1", [import as i64]).unwrap();
    drop(raw);
    let store = Records::open(folder.path()).unwrap();
    assert_eq!(store.counts().unwrap().records.get(&Kind::Redemption), None);
    assert_eq!(keys(&store).len(), 1 + 3, "the import of sales and its records");
    // a key that nothing has is found
    let raw = rusqlite::Connection::open(store.keys_path()).unwrap();
    raw.execute("INSERT INTO keys VALUES (777, zeroblob(32))", []).unwrap();
    drop(raw);
    assert_eq!((store.tidy().unwrap(), store.tidy().unwrap()), (1, 0));
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn retention_deletes_what_is_past_its_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Records::open(folder.path()).unwrap();
    import(&store, SALES, Kind::CouponSale, sales_map(), Some(30)).unwrap();
    import(&store, REDEMPTIONS, Kind::Redemption, Map::default(), None).unwrap();
    let at = |days: i64| By { time: NOW + days * DAY, ..BY };
    assert_eq!(store.retain(at(29)).unwrap(), 0);
    assert_eq!(store.retain(at(30)).unwrap(), 3);
    assert_eq!(store.retain(at(3_000)).unwrap(), 0);
    store.set_retention(Kind::Redemption, Some(365), BY).unwrap();
    assert_eq!(store.counts().unwrap().retention_days[&Kind::Redemption], 365);
    assert_eq!(store.retain(at(364)).unwrap(), 0);
    store.set_retention(Kind::Redemption, None, BY).unwrap();
    assert_eq!(store.retain(at(366)).unwrap(), 0);
    // by the time that they tell of: one is of 1 October
    let october = 1_601_510_400;
    assert_eq!(store.delete_before(Some(Kind::Login), october, BY).unwrap(), 0);
    assert_eq!(store.delete_before(Some(Kind::Redemption), october, BY).unwrap(), 2);
    store.set_retention(Kind::Redemption, Some(0), BY).unwrap();
    assert_eq!(store.retain(BY).unwrap(), 1);
    assert!(store.set_retention(Kind::Login, Some(99_999), BY).is_err());
    assert!(store.counts().unwrap().records.is_empty());
    assert_eq!(keys(&store).len(), 0);
}

#[test]
fn sales_meet_redemptions_by_serial() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    // a sale after the redemption is another coupon's story, and of two before it the last counts
    let more = "serial,outlet,time,amount,currency\n11112222,late,2020-09-29T13:00:00Z,75,EUR\n11112222,early,2020-09-01T00:00:00Z,20,EUR\n";
    import(&store, more, Kind::CouponSale, Map::default(), None).unwrap();
    let phone = store.list(&Query { subject: Some(Subject::of("+33612345678")), ..Query::default() }).unwrap().records
        [0]
    .pseudonym(Field::Buyer)
    .unwrap();
    let note = NewNote {
        subject: Subject::Pseudonym(phone),
        text: "mother of a woman held at a camp",
        source: "statement to the court",
        time: 1_600_000_000,
    };
    store.humanitarian_context(&note, BY).unwrap();
    let flows = store.voucher_flows(&FlowQuery::default()).unwrap();
    assert_eq!((flows.redemptions, flows.matched, flows.beneficiaries.len()), (3, 2, 2));
    let one = &flows.beneficiaries[0];
    assert!(matches!(one.id, BeneficiaryId::Account(_)));
    assert_eq!(one.addresses.iter().collect::<Vec<_>>(), [ADDRESS]);
    assert_eq!((one.euro_cents, one.unpriced, one.outlets.len()), (20_000, 0, 2));
    assert_eq!(one.places.iter().collect::<Vec<_>>(), ["Lille", "Lyon"]);
    assert_eq!(one.countries.iter().collect::<Vec<_>>(), ["TR"]);
    assert_eq!(one.redemptions[0].sale.as_ref().unwrap().time.to_string(), "2020-09-29T12:00:00+02:00");
    assert_eq!(one.redemptions[0].chain.as_deref(), Some("bitcoin"));
    assert_eq!(one.redemptions[1].time.to_string(), "2020-09-30T12:30:00+03:00");
    assert_eq!(one.buyers.iter().collect::<Vec<_>>(), [&phone]);
    assert_eq!(one.context.len(), 1);
    assert_eq!(one.context[0].text, "mother of a woman held at a camp");
    let other = &flows.beneficiaries[1];
    assert_eq!((other.redemptions[0].sale.clone(), other.unpriced), (None, 1));
    assert!(other.context.is_empty());
    let by_address =
        store.voucher_flows(&FlowQuery { by_address: true, redemptions_min: 2, ..FlowQuery::default() }).unwrap();
    assert_eq!(by_address.beneficiaries.len(), 1);
    assert_eq!(by_address.beneficiaries[0].id, BeneficiaryId::Address(ADDRESS.into()));
    let none = FlowQuery { from: Some(1_602_000_000), ..FlowQuery::default() };
    assert_eq!(store.voucher_flows(&none).unwrap().redemptions, 0);
    // a value that no record names is no subject of a note
    let wrong = NewNote { subject: Subject::of("+33 699999999"), text: "a", source: "b", time: 0 };
    assert!(store.humanitarian_context(&wrong, BY).unwrap_err().to_string().contains("no record names it"));
}

#[test]
fn a_changed_byte_a_newer_store_and_a_full_disk_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let id: i64 = raw.query_row("SELECT min(id) FROM records", [], |r| r.get(0)).unwrap();
    raw.execute("UPDATE records SET sealed = (SELECT sealed FROM records WHERE id = ?1 + 1) WHERE id = ?1", [id])
        .unwrap();
    let page = store.list(&Query::default()).unwrap();
    assert_eq!((page.records.len(), page.unreadable.len(), page.unreadable[0].id), (5, 1, id as u64));
    assert!(matches!(store.record(id as u64), Err(RecordsError::Record { .. })));
    assert_eq!(store.verify().unwrap().len(), 1);
    // it is deleted all the same
    assert_eq!(store.delete(&[id as u64], BY).unwrap(), 1);
    let strays = "SELECT count(*) FROM marks WHERE record NOT IN (SELECT id FROM records)";
    assert_eq!(raw.query_row(strays, [], |r| r.get::<_, i64>(0)).unwrap(), 0);
    assert!(raw.execute("DELETE FROM journal", []).unwrap_err().to_string().contains("only added to"));

    let pages: u32 = raw.query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    store.limit_pages(pages + 4).unwrap();
    let many: String = (0..2_000).map(|n| format!("a{n},{}\n", 1_600_000_000 + n)).collect();
    let many = format!("account,time\n{many}");
    let full = import(&store, &many, Kind::Login, Map::default(), None).unwrap_err();
    assert!(matches!(full, RecordsError::Vault(VaultError::Full { .. })), "{full}");
    assert_eq!(store.counts().unwrap().records.get(&Kind::Login), None);
    store.limit_pages(1 << 30).unwrap();
    assert_eq!(import(&store, &many, Kind::Login, Map::default(), None).unwrap().added, 2_000);

    raw.pragma_update(None, "user_version", 99).unwrap();
    drop((raw, store));
    assert!(matches!(Records::open(folder.path()), Err(RecordsError::Vault(VaultError::Newer { found: 99, .. }))));
}

#[test]
fn what_cannot_be_meant_is_refused_before_a_row_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Records::open(folder.path()).unwrap();
    let wrong = |map: Map, kind| import(&store, "a,b\n1,2\n", kind, map, None).unwrap_err().to_string();
    assert!(wrong(sales_map(), Kind::Login).contains("`login` is asked for, and the map is of `coupon_sale`"));
    assert!(wrong(Map { zone: Some("Mars".into()), ..Map::default() }, Kind::Login).contains("no such zone: Mars"));
    assert!(wrong(Map::from_line("account=c").unwrap(), Kind::Login).contains("there is no column `c`"));
    let order = Order { map: Map::default(), kind: None, retain_days: None, name: "f" };
    assert!(
        store.import(&order, BY, || Ok(&b""[..])).unwrap_err().to_string().starts_with("kind: it is not said which")
    );
}

#[test]
fn two_who_change_the_records_at_once_leave_the_version_of_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    drop(Records::open(folder.path()).unwrap());
    let marked = folder.path().join("records").join("VERSION");
    let start = std::sync::Barrier::new(6);
    std::thread::scope(|scope| {
        for who in 0..6 {
            let (start, folder) = (&start, folder.path());
            scope.spawn(move || {
                start.wait();
                for n in 0..10 {
                    let store = Records::open(folder).unwrap();
                    let text = format!("account,time\na{who}-{n},{NOW}\n");
                    import(&store, &text, Kind::Login, Map::default(), None).unwrap();
                }
            });
        }
    });
    // opening would mark it
    let marked = fs::read_to_string(marked).unwrap();
    let store = Records::open(folder.path()).unwrap();
    assert_eq!(store.counts().unwrap().records[&Kind::Login], 60);
    assert_eq!(marked, store.version().unwrap());
}

#[test]
fn many_at_once_import_note_read_and_delete_without_an_error() {
    let folder = tempfile::tempdir().unwrap();
    drop(Records::open(folder.path()).unwrap());
    let subject = Subject::of(ADDRESS);
    std::thread::scope(|scope| {
        for who in 0..6_u64 {
            let (folder, subject) = (folder.path(), &subject);
            scope.spawn(move || {
                for n in 0..12 {
                    // as a service has it: each request opens them anew
                    let store = Records::open(folder).unwrap();
                    match (who + n) % 4 {
                        0 => {
                            let text = format!("account,time\na{},{NOW}\na{who}-{n},{NOW}\n", n % 3);
                            match import(&store, &text, Kind::Login, Map::default(), None) {
                                Ok(_) | Err(RecordsError::DeletedMeanwhile { .. }) => {}
                                Err(error) => panic!("{error}"),
                            }
                        }
                        1 => {
                            let note = NewNote { subject: subject.clone(), text: "a", source: "b", time: 0 };
                            store.humanitarian_context(&note, BY).unwrap();
                        }
                        2 => {
                            store.delete_subject(subject, BY).unwrap();
                            store.delete_subject(&Subject::of("a1"), BY).unwrap();
                        }
                        _ => {
                            let page = store.list(&Query::default()).unwrap();
                            assert_eq!(page.unreadable, []);
                            store.all_notes().unwrap();
                            for receipt in store.imports(0, 100).unwrap() {
                                match store.delete_import(receipt.import, BY) {
                                    Ok(_) | Err(RecordsError::Unknown { .. }) => {}
                                    Err(error) => panic!("{error}"),
                                }
                            }
                        }
                    }
                }
            });
        }
    });
    let store = Records::open(folder.path()).unwrap();
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_that_two_import_at_once_is_imported_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        drop(Records::open(folder.path()).unwrap());
        let start = std::sync::Barrier::new(3);
        let receipts: Vec<Receipt> = std::thread::scope(|scope| {
            let run = || {
                let store = Records::open(folder.path()).unwrap();
                start.wait();
                import(&store, SALES, Kind::CouponSale, sales_map(), None).unwrap()
            };
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(receipts.iter().filter(|receipt| !receipt.already).count(), 1);
        let store = Records::open(folder.path()).unwrap();
        assert_eq!((store.counts().unwrap().imports, store.counts().unwrap().records[&Kind::CouponSale]), (1, 3));
    }
}
