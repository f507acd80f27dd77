//! Hostile texts: the work for a byte is bounded, nothing panics, and finds keep their order and their bounds.

use athar_extract::torture::{Dice, cases};
use athar_extract::{Extractor, Find, Kind, Options, Proof, mask, redact};
use athar_types::address;
use proptest::prelude::*;

/// What any scan must hold to.
fn check(text: &str, finds: &[Find]) {
    let mut end = 0;
    for find in finds {
        assert!(find.at.start >= end && find.at.start < find.at.end && find.at.end <= text.len(), "{find:?}");
        assert!(text.is_char_boundary(find.at.start) && text.is_char_boundary(find.at.end), "{find:?}");
        end = find.at.end;
        assert!(find.manner.windows(2).all(|pair| pair[0] < pair[1]), "{find:?}");
        let secret = matches!(find.kind, Kind::PrivateKey | Kind::SeedPhrase);
        assert_eq!(find.value.is_empty(), secret, "{find:?}");
        assert_eq!(find.chains.is_empty(), !matches!(find.kind, Kind::Address | Kind::Txid), "{find:?}");
        if find.kind == Kind::Address {
            assert_eq!(find.value, find.chains[0].value);
            for candidate in &find.chains {
                let test = ["tb1", "bcrt1", "m", "n", "2"].iter().any(|p| candidate.value.starts_with(p));
                if candidate.proof == Proof::Checksum && !test {
                    let read = address::parse_for(candidate.chain, &candidate.value).unwrap();
                    assert_eq!(read.text, candidate.value);
                }
            }
        }
        let _ = mask(find.kind, &find.value);
    }
    let clean = redact(text, finds);
    if finds.iter().all(|f| !matches!(f.kind, Kind::PrivateKey | Kind::SeedPhrase)) {
        assert_eq!(clean, text);
    }
}

/// Both passes' work on `n` bytes of a pattern.
fn steps(pattern: &str, n: usize) -> u64 {
    let text = pattern.repeat(n / pattern.len());
    let mut finds = Vec::new();
    let steps = Extractor::default().scan(&text, &mut |find| finds.push(find));
    check(&text, &finds);
    steps
}

#[test]
fn twice_the_text_is_at_most_twice_the_work() {
    const N: usize = 1 << 15;
    for pattern in [
        "a1",
        "1",
        "1 ",
        " ",
        "1 A ",
        "a1 ",
        "A1b2 ",
        "0x",
        "0x0 ",
        "bc1q",
        "bc1 q ",
        "lnbc1",
        "lnbc1q ",
        "4",
        "DdzFF",
        "addr1 ",
        "GA ",
        "EQ ",
        "@",
        "a@",
        "a@b.co",
        "a.",
        "a.b/",
        "://",
        "http://",
        "http://a.b/",
        "+1 ",
        "00 44 ",
        "1234 ",
        "1234-",
        "uid 1",
        "coupon 123456789 ",
        "abandon ",
        "abandon zoo ",
        "\u{200b}",
        "a\u{200b}1",
        "а1",
        "１",
        "١",
        "[dot]",
        "a[at]",
        "\n> 1A",
        "z1\n",
        "GB29 ",
        "4111 1111 ",
        "\u{301}",
        "e\u{301}",
        "💰",
    ] {
        let (once, twice) = (steps(pattern, N), steps(pattern, 2 * N));
        assert!(twice <= 2 * once + 20_000, "{pattern:?}: {once} then {twice}");
        // each byte is looked at a bounded number of times, however long the forms are that could begin at it
        assert!(twice <= 120 * N as u64, "{pattern:?}: {twice} steps for {} bytes", 2 * N);
    }
}

#[test]
fn one_line_of_megabytes_is_searched_in_parts_and_an_address_in_it_is_found() {
    let address = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    for filler in ["a1", "x9 ", "1 ", "z"] {
        let half = filler.repeat((1 << 20) / filler.len());
        let text = format!("{half} {address} {half}");
        let mut finds = Vec::new();
        Extractor::default().scan(&text, &mut |find| finds.push(find));
        let found: Vec<_> = finds.iter().filter(|f| f.kind == Kind::Address).map(|f| f.value.as_str()).collect();
        assert_eq!(found, [address], "{filler:?}");
    }
}

#[test]
fn an_address_is_found_wherever_the_parts_of_a_long_stretch_meet() {
    let address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    let spaced = "b c 1 q w 5 0 8 d 6 q e j x t d g 4 y 5 r 3 z a r v a r y 0 c 5 x w 7 k v 8 f 3 t 4";
    for shift in 0..6 {
        let filler = "k3y9 ".repeat((27 << 10) / 5 + 31 * shift);
        for planted in [address, spaced] {
            let text = format!("{filler}{planted} {filler}{planted} end");
            let count = Extractor::default().finds(&text).iter().filter(|f| f.value == address).count();
            assert_eq!(count, 2, "shift {shift}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_text_is_searched_without_panic_and_both_ways_agree(seed in any::<u64>(), noise in "\\PC{0,60}", bytes in proptest::collection::vec(any::<char>(), 0..40)) {
        let mut dice = Dice::new(seed);
        let texts: Vec<String> = cases(seed, 1).skip(dice.below(5_000)).step_by(97).take(4).map(|case| case.text).collect();
        // texts cut and put together anyhow
        let mut text = String::new();
        for part in texts {
            let cut = (0..=dice.below(part.len())).rev().find(|i| part.is_char_boundary(*i)).unwrap_or(0);
            text.push_str(if dice.below(2) == 0 { &part[cut..] } else { &part[..cut] });
            text.push_str(if dice.below(2) == 0 { &noise } else { "\n" });
            text.extend(&bytes);
        }
        for options in [Options::default(), Options { test_networks: true, bare_hashes: true, bare_solana: true }] {
            let extractor = Extractor::new(options);
            let finds = extractor.finds(&text);
            check(&text, &finds);
            let mut all = Vec::new();
            extractor.scan_everything(&text, &mut |find| all.push(find));
            check(&text, &all);
            // in made-up noise the first pass may pass over what has no checksum, never what has one
            let proved = |finds: &[Find]| -> Vec<Find> {
                finds.iter().filter(|f| f.kind == Kind::Address && f.proof == Proof::Checksum).cloned().collect()
            };
            prop_assert_eq!(proved(&finds), proved(&all), "{:?}", text);
        }
    }
}
