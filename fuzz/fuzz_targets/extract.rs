//! Any text through the extractor: no panic; finds in order, inside the text and on characters' boundaries; what a checksum
//! proves reads back.

#![no_main]
#![allow(missing_docs)] // a program

use athar_extract::{Extractor, Kind, Options, Proof, mask, redact};
use athar_types::address::parse_for;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let all = Options { test_networks: true, bare_hashes: true, bare_solana: true };
    for (options, main) in [(Options::default(), true), (all, false)] {
        let finds = Extractor::new(options).finds(&text);
        let mut end = 0;
        for find in &finds {
            assert!(find.at.start >= end && find.at.start < find.at.end);
            assert!(text.get(find.at.clone()).is_some());
            end = find.at.end;
            let secret = matches!(find.kind, Kind::PrivateKey | Kind::SeedPhrase);
            assert_eq!(find.value.is_empty(), secret);
            for candidate in find.chains.iter().filter(|_| find.kind == Kind::Address && main) {
                if candidate.proof == Proof::Checksum {
                    let read = parse_for(candidate.chain, &candidate.value).expect("a proved address reads back");
                    assert_eq!(read.text, candidate.value);
                }
            }
            let _ = mask(find.kind, &find.value);
        }
        let _ = redact(&text, &finds);
    }
});
