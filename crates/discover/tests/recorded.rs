//! Recording: a second run reads nothing again that did not change, a broken one is taken up, and no secret is in anything that is kept.
use crate::support;

use athar_discover::{Event, Knowledge, Progress, Recorded, Recorder, Settings, Totals, run, run_fed};
use athar_documents::fixture::{Part, mail, zip};
use athar_documents::fixture_archives::{Packing, Post, Warc, telegram_account_json, telegram_json};
use athar_documents::fixture_pictures::png_with_qr;
use athar_documents::{Document, Sink};
use athar_sightings::{Item, Keep, Query, Sighting, Sightings, SightingsError, VaultError};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;
use support::{Told, files, knowledge, plain, within};

/// A private key of documentation, and the words of a test vector of BIP 39.
const KEY: &str = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
const SEED: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const IBAN: &str = "DE89370400440532013000";
const PHONE: &str = "+442079460958";
const MAIL: &str = "somebody@example.org";
const NOW: i64 = 1_750_000_000;

/// Records a folder; `wanted` events are told before the run is broken.
fn record(store: &Path, folder: &Path, settings: &Settings, wanted: usize) -> (Told, Totals) {
    let (store, folder, settings) = (store.to_owned(), folder.to_owned(), settings.clone());
    within(Duration::from_secs(120), move || {
        let store = Sightings::open(&store).unwrap();
        let knowledge = knowledge();
        let known = Recorded::new(&store, &settings, knowledge.lexicon());
        let (mut told, mut count) = (Told::default(), 0);
        let recorder = Recorder::new(&store, &settings, knowledge.lexicon(), NOW, |event: &Event| {
            told.take(event);
            count += 1;
            count < wanted
        });
        let (recorder, totals) =
            run(&files(&folder), &settings, &knowledge, Some(&known), &Progress::default(), true, recorder);
        recorder.finish().unwrap();
        (told, totals)
    })
}

fn sightings(store: &Path) -> Vec<Sighting> {
    let page = Sightings::open(store).unwrap().sightings(&Query::default()).unwrap();
    assert!(page.unreadable.is_empty() && page.next.is_none());
    page.sightings
}

/// Where and what, of everything that counts.
fn places(store: &Path) -> Vec<String> {
    let open = Sightings::open(store).unwrap();
    let mut all: Vec<String> = sightings(store)
        .iter()
        .map(|seen| {
            let Item { file, member, sha256, .. } = open.item(seen.item).unwrap();
            let file = file.rsplit('/').next().unwrap_or_default().to_owned();
            let (kind, value, offset) = (&seen.kind, &seen.value, seen.offset);
            format!("{file} {member:?} {sha256:?} {kind} {value} {offset:?} {} {}", seen.excerpt, seen.score)
        })
        .collect();
    all.sort();
    all
}

fn threads(threads: usize) -> Settings {
    Settings { threads, ..Settings::default() }
}

/// A folder with two archives, whose records come twice, a chat and a page.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let addresses = plain(3, 200);
    let mut warc = Warc::new(Packing::GzipRecords);
    for n in 0..40 {
        let html = format!("<html><body><p>Donate to {} please</p></body></html>", addresses[n % 20]);
        warc.page("https://a.example/page", &html);
        let text = format!("Our address is {}", addresses[20 + n % 10]);
        let letter = mail(
            &["From: a@example.org", "Subject: s", "MIME-Version: 1.0"],
            &[
                Part::new("text/plain", "Dear all"),
                Part::new("text/plain", text.clone()).named("a.txt"),
                Part::new("text/plain", text).named("a.txt"),
            ],
        );
        warc.response("https://a.example/letter", "Content-Type: message/rfc822\r\n", &letter);
    }
    fs::write(folder.path().join("b.warc.gz"), warc.finish()).unwrap();
    let pages: Vec<_> = (0..20).map(|n| format!("<html><body>Pay {}</body></html>", addresses[40 + n])).collect();
    let names: Vec<_> = (0..20).map(|n| format!("{n}.html")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().zip(&pages).map(|(n, p)| (&**n, p.as_bytes())).collect();
    fs::write(folder.path().join("a.zip"), zip(&members)).unwrap();
    let texts: Vec<_> = (0..30).map(|n| format!("send to {}", addresses[70 + n])).collect();
    let posts: Vec<_> = texts.iter().map(|text| Post::new("A", 1_700_000_000, text)).collect();
    fs::write(folder.path().join("c.json"), telegram_json("C", 1, &posts)).unwrap();
    fs::write(folder.path().join("d.txt"), format!("Pay {} and {}", addresses[110], addresses[111])).unwrap();
    folder
}

#[test]
fn a_second_run_reads_no_file_again_and_adds_nothing() {
    let (folder, store) = (folder(), tempfile::tempdir().unwrap());
    let (first, totals) = record(store.path(), folder.path(), &threads(2), usize::MAX);
    assert_eq!((totals.files, totals.files_known), (4, 0));
    let recorded = places(store.path());
    assert_eq!(recorded.len() as u64, totals.finds);
    assert_eq!(recorded.len(), first.found.len());
    let counts = Sightings::open(store.path()).unwrap().counts().unwrap();
    let (second, totals) = record(store.path(), folder.path(), &threads(2), usize::MAX);
    assert_eq!((totals.files, totals.files_known, totals.documents, totals.finds), (0, 4, 0, 0));
    assert!(second.lines.is_empty() && second.files_known == 4);
    assert_eq!(Sightings::open(store.path()).unwrap().counts().unwrap(), counts);
    assert_eq!(places(store.path()), recorded);
}

#[test]
fn a_file_that_changed_is_read_again_and_what_stayed_in_it_is_superseded_and_counted_once() {
    let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let addresses = plain(4, 4);
    let write = |count: usize| {
        let texts: Vec<_> = addresses[..count].iter().map(|a| format!("send to {a}")).collect();
        let posts: Vec<_> = texts.iter().map(|text| Post::new("A", 1_700_000_000, text)).collect();
        fs::write(folder.path().join("c.json"), telegram_json("C", 1, &posts)).unwrap();
    };
    write(3);
    record(store.path(), folder.path(), &threads(2), usize::MAX);
    assert_eq!(sightings(store.path()).len(), 3);
    write(4);
    let (_, totals) = record(store.path(), folder.path(), &threads(2), usize::MAX);
    assert_eq!((totals.files, totals.files_known, totals.finds), (1, 0, 4));
    let counts = Sightings::open(store.path()).unwrap().counts().unwrap();
    assert_eq!((counts.items, counts.superseded, counts.open), (4, 3, 0));
    let values: BTreeSet<_> = sightings(store.path()).into_iter().map(|seen| seen.value).collect();
    assert_eq!(values, addresses.iter().cloned().collect());
    // other settings read it again too
    let keeping = Settings { keep: Keep::Original, ..threads(2) };
    let (_, totals) = record(store.path(), folder.path(), &keeping, usize::MAX);
    assert_eq!((totals.files, totals.documents_known), (1, 0));
    assert_eq!(Sightings::open(store.path()).unwrap().counts().unwrap().items, 4);
}

#[test]
fn members_are_read_again_with_other_settings() {
    let (folder, store) = (folder(), tempfile::tempdir().unwrap());
    record(store.path(), folder.path(), &threads(1), usize::MAX);
    let before = places(store.path());
    let keeping = Settings { keep: Keep::Original, ..threads(2) };
    let (_, totals) = record(store.path(), folder.path(), &keeping, usize::MAX);
    assert_eq!((totals.files, totals.documents_known), (4, 0));
    assert_eq!(places(store.path()), before);
    let open = Sightings::open(store.path()).unwrap();
    assert_eq!(open.counts().unwrap().originals, open.counts().unwrap().items);
}

#[test]
fn a_run_that_was_broken_anywhere_is_taken_up_and_ends_like_an_unbroken_one() {
    let folder = folder();
    let whole = tempfile::tempdir().unwrap();
    record(whole.path(), folder.path(), &threads(2), usize::MAX);
    let expected = places(whole.path());
    let counts = Sightings::open(whole.path()).unwrap().counts().unwrap();
    // between any two events of two letters, whose attachments have one name and one content, and at a few places elsewhere
    for (n, points) in [(1, (64..96).step_by(2).collect::<Vec<_>>()), (2, vec![1, 20, 75, 130, 200, 333])] {
        for wanted in points {
            let store = tempfile::tempdir().unwrap();
            let (broken, _) = record(store.path(), folder.path(), &threads(n), wanted);
            assert!(broken.found.len() < expected.len());
            let again = places(store.path());
            assert!(again.len() < expected.len() && again.iter().all(|place| expected.contains(place)));
            record(store.path(), folder.path(), &threads(n), usize::MAX);
            assert_eq!(places(store.path()), expected, "broken after {wanted} events, {n} threads");
            let open = Sightings::open(store.path()).unwrap();
            let after = open.counts().unwrap();
            assert_eq!((after.items, after.sightings, after.open), (counts.items, counts.sightings, 0));
            assert!(open.verify().unwrap().is_empty());
        }
    }
}

#[test]
fn the_number_of_threads_does_not_change_what_is_known() {
    let folder = folder();
    let told = [1, 2, 5].map(|n| {
        let store = tempfile::tempdir().unwrap();
        record(store.path(), folder.path(), &threads(1), 150);
        record(store.path(), folder.path(), &threads(n), usize::MAX).0.lines
    });
    assert!(told[0].iter().any(|line| line.starts_with("known")));
    assert!(told[0] == told[1] && told[0] == told[2]);
}

#[cfg(unix)]
#[test]
fn a_file_that_could_not_be_read_is_not_held_for_read() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.txt");
    let address = &plain(5, 1)[0];
    fs::write(&path, format!("Pay {address}")).unwrap();
    let found = files(folder.path());
    // it vanishes after it was listed, and comes back as it was
    let kept = folder.path().join("kept");
    fs::rename(&path, &kept).unwrap();
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
    let open = Sightings::open(store.path()).unwrap();
    let look = || {
        let (settings, knowledge) = (threads(1), knowledge());
        let known = Recorded::new(&open, &settings, knowledge.lexicon());
        let recorder = Recorder::new(&open, &settings, knowledge.lexicon(), NOW, |_: &Event| true);
        let (recorder, totals) = run(&found, &settings, &knowledge, Some(&known), &Progress::default(), true, recorder);
        recorder.finish().unwrap();
        totals
    };
    let totals = look();
    assert_eq!((totals.problems, totals.finds), (1, 0));
    fs::rename(&kept, &path).unwrap();
    let totals = look();
    assert_eq!((totals.files_known, totals.problems, totals.finds), (0, 0, 1));
    assert_eq!(look().files_known, 1);
}

/// Files with secrets and an address each, in several formats and encodings; those whose copy can be cut exactly first.
fn secret_files() -> Vec<(&'static str, Vec<u8>)> {
    let addresses = plain(6, 12);
    let words = |n: usize| format!("Pay {} or keep {KEY} and the words {SEED} for later.", addresses[n]);
    let utf16 = |text: &str, big: bool| {
        let mark = if big { [0xfe, 0xff] } else { [0xff, 0xfe] };
        let units = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    let headers = ["From: a@example.org", "Subject: s", "MIME-Version: 1.0"];
    let part = |text: String, encoding: &str| Part::new("text/plain; charset=utf-8", text).encoded(encoding);
    let page = |hidden: &str| format!("<html><body>{hidden}<p>{}</p></body></html>", words(3));
    let texts: Vec<_> = (0..2).map(|n| format!("{} {n}", words(11))).collect();
    let posts: Vec<_> = texts.iter().map(|text| Post::new("A", 1_700_000_000, text)).collect();
    vec![
        ("a.txt", words(0).into_bytes()),
        ("b.md", format!("# A\n\n{}\n\n{KEY}\n", words(1)).into_bytes()),
        ("c.html", page("").into_bytes()),
        ("d.txt", utf16(&words(4), false)),
        ("e.txt", utf16(&words(5), true)),
        ("f.json", telegram_json("C", 1, &posts)),
        ("g.zip", zip(&[("x.txt", words(6).as_bytes()), ("y.html", page("").as_bytes())])),
        // a copy of these may show a secret where none was looked for, or in another encoding
        ("h.html", page(&format!("<!-- {KEY} --><script>var k='{KEY}'</script>")).into_bytes()),
        (
            "i.eml",
            mail(&headers, &[part(format!("Pay {}", addresses[7]), "8bit"), part(words(8), "base64").named("k.txt")]),
        ),
        ("j.eml", mail(&headers, &[part(words(9), "base64")])),
        ("k.eml", mail(&headers, &[part(words(10), "quoted-printable")])),
        ("l.png", png_with_qr(&format!("{KEY} {}", addresses[2]))),
    ]
}

/// Whether bytes show a secret, whatever their encoding of text.
fn shows(bytes: &[u8]) -> bool {
    let plain: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
    let parts = [&KEY[4..], &KEY[..20], &SEED[..24], &SEED[40..]];
    parts.iter().any(|part| plain.windows(part.len()).any(|w| w == part.as_bytes()))
}

#[test]
fn secrets_are_in_nothing_that_is_told_or_kept_and_copies_keep_the_hash_of_the_untouched_original() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in secret_files() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    for n in [1, 2] {
        let store = tempfile::tempdir().unwrap();
        let settings = Settings { keep: Keep::Original, excerpts: true, unmasked: true, ..threads(n) };
        let (told, _) = record(store.path(), folder.path(), &settings, usize::MAX);
        for line in &told.lines {
            assert!(!shows(line.as_bytes()), "{line}");
        }
        for kind in ["private_key", "seed_phrase"] {
            let of_kind: Vec<_> = told.found.iter().filter(|found| found.kind.name() == kind).collect();
            assert!(of_kind.len() >= 11, "{kind}: {}", of_kind.len());
            assert!(of_kind.iter().all(|found| found.value.is_empty()));
        }
        // the files of the store as they lie on the disk
        let lying = fs::read_dir(store.path().join("sightings")).unwrap();
        for entry in lying.map(|entry| entry.unwrap().path()) {
            assert!(!shows(&fs::read(&entry).unwrap()), "{}", entry.display());
        }
        let open = Sightings::open(store.path()).unwrap();
        let seen = sightings(store.path());
        assert!(seen.iter().all(|seen| !shows(format!("{seen:?}").as_bytes())));
        let items: BTreeSet<_> = seen.iter().map(|seen| seen.item).collect();
        let mut kept = BTreeSet::new();
        for id in items {
            let item = open.item(id).unwrap();
            let name = item.file.rsplit('/').next().unwrap().to_owned();
            let Some(copy) = open.original(id, NOW, "tester").unwrap() else { continue };
            assert!(!shows(&copy), "{name} {:?}: {}", item.member, String::from_utf8_lossy(&copy));
            let text: Vec<u8> = copy.iter().copied().filter(|b| *b != 0).collect();
            assert!(String::from_utf8_lossy(&text).contains("[secret removed]"), "{name}");
            if item.member.is_none() {
                use sha2::{Digest, Sha256};
                let original = fs::read(folder.path().join(&name)).unwrap();
                assert_eq!(item.sha256, Some(Sha256::digest(&original).into()), "{name}");
                assert_eq!(item.bytes, original.len() as u64);
            }
            kept.insert((name, item.member));
        }
        let names: Vec<_> =
            kept.iter().map(|(name, member)| format!("{name} {}", member.as_deref().unwrap_or(""))).collect();
        for wanted in ["a.txt ", "b.md ", "c.html ", "d.txt ", "e.txt ", "g.zip x.txt", "g.zip y.html"] {
            assert!(names.iter().any(|name| name == wanted), "no copy of {wanted}: {names:?}");
        }
        assert!(names.iter().any(|name| name.starts_with("f.json message 1")), "{names:?}");
    }
}

/// A text in which everything stands beside everything.
fn personal(n: usize) -> String {
    let address = &plain(8, 40)[n];
    format!("Transfer to {IBAN} or {address}, call {PHONE}, write to {MAIL}, Binance ID: 412345678, thanks.")
}

#[test]
fn what_belongs_to_persons_is_masked_in_values_codes_and_excerpts_unless_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("a.txt"), personal(0)).unwrap();
    fs::write(root.join("b.html"), format!("<html><body><p>{}</p></body></html>", personal(1))).unwrap();
    let text = personal(2);
    fs::write(root.join("c.json"), telegram_json("C", 1, &[Post::new("Jane Doe", 1_700_000_000, &text)])).unwrap();
    fs::write(root.join("d.png"), png_with_qr(&format!("mailto:{MAIL}"))).unwrap();
    fs::write(root.join("e.png"), png_with_qr(&format!("BCD\n002\n1\nSCT\n\nSomebody\n{IBAN}\nEUR10"))).unwrap();
    // what is told with the segment before still stands in the excerpt of what follows
    let mut long = String::new();
    while long.len() < 200_000 {
        long.push_str(&format!("word {} {IBAN} {} ", long.len() / 100, plain(9, 3)[long.len() % 3]));
    }
    fs::write(root.join("f.txt"), &long).unwrap();
    let secrets = [IBAN, "DE89 3704", PHONE, MAIL, "412345678", "Jane Doe"];
    let (masked, _) = support::look(&files(root), &Settings { excerpts: true, ..threads(2) });
    for line in &masked.lines {
        for secret in secrets {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
    for kind in ["iban", "phone", "email", "exchange_user"] {
        let of_kind: Vec<_> = masked.found.iter().filter(|found| found.kind.name() == kind).collect();
        assert!(of_kind.len() >= 3 && of_kind.iter().all(|f| f.masked && f.value.contains('*')), "{kind}: {of_kind:?}");
    }
    let codes: Vec<_> = masked.found.iter().filter(|f| f.kind.name() == "qr").map(|f| (&*f.value, f.masked)).collect();
    assert!(codes.len() == 2 && codes.iter().all(|(value, masked)| *masked && value.contains("[masked]")), "{codes:?}");
    assert!(masked.addresses().all(|found| !found.masked && found.value.starts_with("bc1")));
    let shown = Settings { excerpts: true, unmasked: true, ..threads(2) };
    let (shown, _) = support::look(&files(root), &shown);
    assert_eq!(shown.lines.len(), masked.lines.len());
    for secret in secrets.into_iter().filter(|secret| !secret.contains("3704 ") && *secret != "DE89 3704") {
        assert!(shown.lines.iter().any(|line| line.contains(secret)), "{secret} is not shown");
    }
    assert!(shown.found.iter().all(|found| !found.masked));
}

#[test]
fn a_key_at_the_seam_of_two_segments_is_in_no_excerpt() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = plain(10, 1);
    let mut text = String::new();
    while text.len() < 400_000 {
        text.push_str(&format!("{KEY} {} {SEED} ", addresses[0]));
    }
    fs::write(folder.path().join("a.txt"), text).unwrap();
    let (told, _) = support::look(&files(folder.path()), &Settings { excerpts: true, unmasked: true, ..threads(1) });
    assert!(told.found.len() > 4_000);
    for found in told.addresses() {
        let excerpt = found.excerpt.as_deref().unwrap();
        assert!(!shows(excerpt.as_bytes()), "{:?}: {excerpt}", found.offset);
    }
}

#[test]
fn a_full_disk_is_an_error_and_what_was_stored_before_stays_readable() {
    let (folder, store) = (folder(), tempfile::tempdir().unwrap());
    let first = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join("d.txt"), first.path().join("d.txt")).unwrap();
    record(store.path(), first.path(), &threads(1), usize::MAX);
    let before = places(store.path());
    assert_eq!(before.len(), 2);
    let (open, settings, knowledge) = (Sightings::open(store.path()).unwrap(), threads(2), knowledge());
    open.limit_pages(1).unwrap();
    let mut recorder = Recorder::new(&open, &settings, knowledge.lexicon(), NOW, |_: &Event| true);
    (recorder, _) = run(&files(folder.path()), &settings, &knowledge, None, &Progress::default(), true, recorder);
    let error = recorder.finish().unwrap_err();
    assert!(matches!(error, SightingsError::Vault(VaultError::Full { .. })), "{error}");
    drop(open);
    assert_eq!(places(store.path()), before);
    assert!(Sightings::open(store.path()).unwrap().verify().unwrap().is_empty());
    // with room again, the run is taken up
    record(store.path(), folder.path(), &threads(2), usize::MAX);
    assert!(places(store.path()).len() > 100);
}

#[test]
fn posts_of_two_chats_with_one_id_are_items_of_two_names() {
    let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = format!("send to {}", plain(12, 1)[0]);
    let posts = [Post::new("A", 1_700_000_000, &text)];
    fs::write(folder.path().join("r.json"), telegram_account_json(&[("One", 11, &posts), ("Two", 12, &posts)]))
        .unwrap();
    record(store.path(), folder.path(), &threads(1), usize::MAX);
    let open = Sightings::open(store.path()).unwrap();
    let names = sightings(store.path()).into_iter().map(|seen| open.item(seen.item).unwrap().member.unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["chat 11 message 1", "chat 12 message 1"]);
}

#[test]
fn what_is_fed_is_recorded_like_a_file() {
    let store = tempfile::tempdir().unwrap();
    let open = Sightings::open(store.path()).unwrap();
    let (settings, knowledge): (_, Knowledge) = (threads(3), knowledge());
    let pages: Vec<_> = plain(11, 30).iter().map(|a| format!("<html><body>Pay {a}</body></html>")).collect();
    let names: Vec<_> = (0..30).map(|n| format!("{n}.html")).collect();
    let archive = zip(&names.iter().zip(&pages).map(|(n, p)| (&**n, p.as_bytes())).collect::<Vec<_>>());
    let recorder = Recorder::new(&open, &settings, knowledge.lexicon(), NOW, |_: &Event| true);
    let mut feed = |sink: &mut dyn Sink| {
        let _ = settings.reader().read_bytes(Document::file("request"), &archive, sink);
    };
    let (recorder, totals) = run_fed("request", &mut feed, &settings, &knowledge, &Progress::default(), true, recorder);
    recorder.finish().unwrap();
    assert_eq!((totals.finds, totals.documents), (30, 31));
    assert_eq!(sightings(store.path()).len(), 30);
}
