//! What is found in small texts, kind by kind, and what is not.

use athar_extract::{Extractor, Find, Kind, Manner, Options, Proof, redact};
use athar_types::Chain;

fn finds(text: &str) -> Vec<Find> {
    let finds = Extractor::default().finds(text);
    let mut all = Vec::new();
    Extractor::default().scan_everything(text, &mut |find| all.push(find));
    assert_eq!(finds, all, "the first pass changed what is found in {text:?}");
    finds
}

fn values(text: &str) -> Vec<(Kind, String)> {
    finds(text).into_iter().map(|find| (find.kind, find.value)).collect()
}

fn one(text: &str) -> Find {
    let mut finds = finds(text);
    assert_eq!(finds.len(), 1, "{text:?}: {finds:?}");
    finds.remove(0)
}

const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";

/// An address of each form, of the standards' and projects' own documents.
const ADDRESSES: [(Chain, &str); 22] = [
    (Chain::Bitcoin, GENESIS),
    (Chain::Bitcoin, SEGWIT),
    (Chain::Bitcoin, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    (Chain::BitcoinCash, "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
    (Chain::Litecoin, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
    (Chain::Dogecoin, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
    (Chain::Zcash, "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC"),
    (Chain::Zcash, "t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd"),
    (Chain::Ethereum, USDT),
    (Chain::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    (Chain::Ripple, "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"),
    (Chain::Monero, "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"),
    (Chain::Ton, "EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF"),
    (Chain::Stellar, "GAQAA5L65LSYH7CQ3VTJ7F3HHLGCL3DSLAR2Y47263D56MNNGHSQSTVY"),
    (Chain::Stellar, "MAQAA5L65LSYH7CQ3VTJ7F3HHLGCL3DSLAR2Y47263D56MNNGHSQSAAAAAAAAAAE2LP26"),
    (Chain::Cardano, "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8"),
    (Chain::Cardano, "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw"),
    (Chain::Cardano, "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi"),
    (
        Chain::Cardano,
        "DdzFFzCqrhsw3prhfMFDNFowbzUku3QmrMwarfjUbWXRisodn97R436SHc1rimp4MhPNmbdYb1aTdqtGSJixMVMi5MkArDQJ6Sc1n3Ez",
    ),
    (Chain::Polkadot, "19E2g3eFj1V3ioeuYdygKk6XpuQz6S1w2os836nfy3P5bYL"),
    (Chain::BitcoinGold, "GQTHiTTRyiEzU65mdKYbfVpFpNR6JhHxnp"),
    (Chain::Dash, "XtTs8pU6YWz8vDSbfyoY3YvZfwNBPhJQnk"),
];

#[test]
fn an_address_of_each_form_is_found_in_plain_text() {
    for (chain, text) in &ADDRESSES[..20] {
        for sentence in
            [format!("Send to {text}, please."), format!("({text})"), (*text).to_owned(), format!("تبرع:{text}\n")]
        {
            let find = one(&sentence);
            assert_eq!((find.kind, find.proof), (Kind::Address, Proof::Checksum), "{sentence}");
            assert_eq!((find.chains[0].chain, find.value.as_str()), (*chain, *text));
            assert!(sentence[find.at.clone()].ends_with(text.trim_start_matches("bitcoincash:")), "{sentence}");
            assert_eq!(find.manner, []);
        }
    }
}

#[test]
fn pieces_are_put_together_where_the_checksum_proves_it() {
    let grouped = |text: &str, size: usize, mark: &str| {
        let letters: Vec<char> = text.chars().collect();
        letters.chunks(size).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(mark)
    };
    for (chain, text) in &ADDRESSES[..20] {
        let text = text.trim_start_matches("bitcoincash:");
        for (size, mark, manner) in [
            (4, " ", Manner::Spaced),
            (1, " ", Manner::Spaced),
            (5, ".", Manner::Separated),
            (17, "\n", Manner::Lines),
            (17, "\n> ", Manner::Lines),
            (1, "\u{200b}", Manner::Invisible),
            (6, "\u{ad}", Manner::Invisible),
        ] {
            let sentence = format!("please send it to {} thanks", grouped(text, size, mark));
            let find = one(&sentence);
            assert_eq!((find.chains[0].chain, find.manner.as_slice()), (*chain, &[manner][..]), "{sentence}");
        }
    }
    let bent = one(&format!("x {} y", GENESIS.replace('P', "Р").replace('e', "е")));
    assert_eq!((bent.value.as_str(), bent.manner.as_slice()), (GENESIS, &[Manner::Lookalike][..]));
    // a repair that nothing proves is none
    let lower = USDT.to_lowercase();
    assert_eq!(values(&format!("x {} y", lower.replace('a', "а"))), []);
    assert_eq!(values(&format!("x {} y", grouped(&lower, 7, " "))), []);
    assert_eq!(one(&format!("usdt erc20 {}", grouped(&lower, 7, " "))).proof, Proof::Context);
}

#[test]
fn nothing_is_found_inside_longer_texts_or_one_letter_off() {
    for (_, text) in &ADDRESSES[..20] {
        let text = text.trim_start_matches("bitcoincash:");
        assert_eq!(values(&format!("x{text}")), [], "{text}");
        assert_eq!(values(&format!("{text}x")), [], "{text}");
        assert_eq!(values(&format!("é{text}")), [], "{text}");
        let last = if text.ends_with('x') { "y" } else { "x" };
        assert_eq!(values(&format!("{}{last}", &text[..text.len() - 1])), [], "{text}");
    }
}

#[test]
fn uris_and_links_say_the_chain() {
    let find = one("litecoin:3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC?amount=1");
    assert_eq!((find.chains[0].chain, find.manner.as_slice()), (Chain::Litecoin, &[Manner::PaymentUri][..]));
    assert_eq!(find.chains.len(), 4);
    let found = finds(&format!("https://etherscan.io/address/{}", USDT.to_lowercase()));
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].kind, found[0].value.as_str()), (Kind::Site, "etherscan.io"));
    assert_eq!((found[1].proof, found[1].manner.as_slice()), (Proof::Context, &[Manner::Link][..]));
    let txid = "a".repeat(63) + "1";
    let found = finds(&format!("https://mempool.space/tx/{txid}"));
    assert_eq!((found[1].kind, found[1].chains.len(), found[1].chains[0].chain), (Kind::Txid, 1, Chain::Bitcoin));
    assert_eq!(one(&format!("ethereum:pay-{USDT}@1")).manner, [Manner::PaymentUri]);
    assert_eq!(one("solana:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v").proof, Proof::Context);
    assert_eq!(one("phantom EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v").chains[0].chain, Chain::Solana);
    assert_eq!(values("id EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"), []);
}

#[test]
fn a_bare_hash_is_nothing_unless_asked_for_or_told() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert_eq!(values(&format!("sha256 {hash}")), []);
    assert_eq!(one(&format!("txid: {hash}")).proof, Proof::Context);
    let asked = Extractor::new(Options { bare_hashes: true, ..Options::default() });
    assert_eq!(asked.finds(hash)[0].proof, Proof::Form);
    let find = one(&format!("my private key is {hash} keep it"));
    assert_eq!((find.kind, find.value.as_str()), (Kind::PrivateKey, ""));
}

#[test]
fn secrets_are_told_and_never_copied() {
    for (kind, secret) in [
        // of BIP 32, BIP 38 and the wiki's page on WIF; the vectors of BIP 39 and of SEP-23's kin are public test keys
        (Kind::PrivateKey, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
        (Kind::PrivateKey, "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"),
        (Kind::PrivateKey, "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg"),
        (
            Kind::PrivateKey,
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ),
        (Kind::PrivateKey, "sn3nxiW7v8KXzPzAqzyHXbSSKNuN9"),
        (Kind::SeedPhrase, "legal winner thank year wave sausage worth useful legal winner thank yellow"),
    ] {
        let text = format!("Look: {secret}. That is all");
        let found = finds(&text);
        let find = found.iter().find(|f| f.kind == kind).unwrap_or_else(|| panic!("{text}: {found:?}"));
        assert_eq!((&text[find.at.clone()], find.value.as_str()), (secret, ""));
        let clean = redact(&text, &found);
        assert!(!clean.contains(secret) && clean.contains("removed]"), "{clean}");
        assert!(!format!("{found:?}").contains(secret));
    }
}

#[test]
fn invoices_are_found_by_their_checksum() {
    // of BOLT 11's examples
    let invoice = "lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpuaztrnwngzn3kdzw5hydlzf03qdgm2hdq27cqv3agm2awhz5se903vruatfhq77w3ls4evs3ch9zw97j25emudupq63nyw24cg27h2rspfj9srp";
    for text in [invoice.to_owned(), invoice.to_uppercase(), format!("lightning:{invoice}")] {
        let find = one(&text);
        assert_eq!((find.kind, find.value.as_str()), (Kind::LightningInvoice, invoice));
    }
    assert_eq!(values(&invoice.replacen("2500u", "2600u", 1)), []);
}

#[test]
fn identifiers_of_people_are_typed() {
    for (text, kind, value) in [
        ("IBAN GB29 NWBK 6016 1331 9268 19", Kind::Iban, "GB29NWBK60161331926819"),
        ("card 4111111111111111", Kind::Card, "4111111111111111"),
        ("4111 1111 1111 1111", Kind::Card, "4111111111111111"),
        ("call +44 20 7946 0958", Kind::Phone, "+442079460958"),
        ("واتساب +٩٦٣ ٩٤٤ ٥٥٥ ٦٦٦", Kind::Phone, "+963944555666"),
        ("هاتف 00963944555666", Kind::Phone, "+963944555666"),
        ("Binance ID: 123456789", Kind::ExchangeUser, "123456789"),
        ("معرف بينانس ١٢٣٤٥٦٧٨٩", Kind::ExchangeUser, "123456789"),
        ("UID123456789", Kind::ExchangeUser, "123456789"),
        ("coupon 1234 5678 90", Kind::CouponCode, "1234567890"),
        ("كوبون: 1234567890", Kind::CouponCode, "1234567890"),
        ("kupon kodu 12345678", Kind::CouponCode, "12345678"),
        ("voucher AB12-34CD-5678", Kind::CouponCode, "AB1234CD5678"),
        ("write to Donate.Now@Example.org.", Kind::Email, "donate.now@example.org"),
        ("donate [at] example [dot] org", Kind::Email, "donate@example.org"),
        ("follow @Some_Name on it", Kind::Handle, "unknown:some_name"),
        ("telegram: @Some_Name", Kind::Handle, "telegram:some_name"),
        ("https://t.me/Some_Name", Kind::Handle, "telegram:some_name"),
        ("t.me/Some_Name", Kind::Handle, "telegram:some_name"),
        ("https://Example.org/a?b", Kind::Site, "example.org"),
        ("hxxps://example[.]org/a", Kind::Site, "example.org"),
        ("see www.example.co.uk", Kind::Site, "www.example.co.uk"),
        (
            "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion",
            Kind::Site,
            "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion",
        ),
    ] {
        assert_eq!(values(text), [(kind, value.to_owned())], "{text}");
    }
    let listed = values("coupons: 1234567890, 2345678901\n3456789012");
    assert_eq!(listed.len(), 3, "{listed:?}");
}

#[test]
fn ordinary_texts_hold_nothing() {
    for text in [
        "The price rose by 12.5% on 2023-11-04 at 10:00:00 +0200.",
        "order 4111111111111111 of 00441234567890",
        "ISBN 978-3-16-148410-0, serial AB12-CD34-EF56",
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "report.pdf, main.rs, e.g. this; end.Next",
        "@media print { } @Override",
        "call me at 5 pm, 555 0123",
        "Your code is 123456",
        "Le 12 juin, l\u{2019}été 2019, COVID-19, l'iPhone 12",
        "في عام 2023 بلغ العدد ١٢٣٤٥٦٧٨٩ نسمة",
        "2023-10-11 12:13:14 00 2023",
    ] {
        assert_eq!(values(text), [], "{text}");
    }
}
