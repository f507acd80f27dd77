use super::*;
use proptest::prelude::*;

/// A block with one transaction, its receipt with one log, and its traces of either kind.
fn texts() -> [String; 4] {
    let (hash, tx) = (format!("0x{}", "ab".repeat(32)), format!("0x{}", "cd".repeat(32)));
    let (address, topic) = ([0xbb_u8; 20], [0x11_u8; 32]);
    let mut bloom = Bloom::default();
    bloom.add(&address);
    bloom.add(&topic);
    let block = json!({"number": "0x7", "hash": hash, "parentHash": format!("0x{}", "01".repeat(32)), "timestamp": "0x5",
        "logsBloom": hex::text(&bloom.0), "transactions": [{"hash": tx}]});
    let log = json!({"address": hex::text(&address), "topics": [hex::text(&topic)]});
    let receipts = json!([{"transactionHash": tx, "blockHash": hash, "logs": [log]}]);
    let traces = json!([{"blockHash": hash, "transactionPosition": 0, "traceAddress": []}, {"blockHash": hash}]);
    let traced = json!([{"txHash": tx, "result": {}}]);
    [block.to_string(), receipts.to_string(), traces.to_string(), traced.to_string()]
}

fn checked(texts: &[String; 4], kind: Traces) -> Result<Head, String> {
    let json: BlockJson<'_> = serde_json::from_str(&texts[0]).map_err(|error| error.to_string())?;
    let raw = |text: &String| RawValue::from_string(text.clone()).map_err(|error| error.to_string());
    let traces = if kind == Traces::TraceBlock { &texts[2] } else { &texts[3] };
    check(&json, 7, &raw(&texts[1])?, Some(&*raw(traces)?), kind, Checks::of_chain_id(1))
}

#[test]
fn a_block_whose_parts_agree_is_taken() {
    for kind in [Traces::TraceBlock, Traces::CallTracer] {
        assert_eq!(checked(&texts(), kind).unwrap().number, 7);
    }
}

#[test]
fn traces_that_are_missing_or_of_something_else_are_seen() {
    for (at, kind, from, to, words) in [
        (
            2,
            Traces::TraceBlock,
            "\"transactionPosition\":0",
            "\"transactionPosition\":1",
            "a trace of transaction 1 of 1",
        ),
        (2, Traces::TraceBlock, "\"traceAddress\":[]", "\"traceAddress\":[0]", "transaction 0 has no trace"),
        (2, Traces::TraceBlock, "0xab", "0xac", "of another block"),
        (3, Traces::CallTracer, "\"result\":{}", "\"error\":\"x\"", "transaction 0 has no trace"),
        (3, Traces::CallTracer, "0xcd", "0xce", "of another transaction"),
        (1, Traces::TraceBlock, "0x1111", "0x1112", "logsBloom"),
    ] {
        let mut all = texts();
        assert!(all[at].contains(from));
        all[at] = all[at].replace(from, to);
        let error = checked(&all, kind).unwrap_err();
        assert!(error.contains(words), "`{words}` is not in `{error}`");
    }
}

proptest! {
    #[test]
    fn changed_texts_are_refused_or_read_and_never_panic(
        at in 0_usize..4, place: prop::sample::Index, with in any::<char>(), is_cut: bool, is_calls: bool,
    ) {
        let mut all = texts();
        let mut chars: Vec<char> = all[at].chars().collect();
        let place = place.index(chars.len());
        if is_cut { chars.truncate(place) } else { chars[place] = with }
        all[at] = chars.into_iter().collect();
        let kind = if is_calls { Traces::CallTracer } else { Traces::TraceBlock };
        if let Ok(head) = checked(&all, kind) {
            prop_assert_eq!(head.number, 7);
        }
    }

    #[test]
    fn arbitrary_texts_never_panic(text: String) {
        let all = [text.clone(), text.clone(), text.clone(), text.clone()];
        let _ = checked(&all, Traces::TraceBlock);
        let _ = crate::account::pending::read(&text, athar_types::UnixTime(0));
        let _ = serde_json::from_str::<crate::account::call::Envelope<'_>>(&text);
        let _ = (hex::amount(&text), hex::quantity(&text), hex::bytes(&text), hex::fixed::<20>(&text));
        let _ = crate::account::EndpointUrl::parse(&text);
        let _ = crate::account::EndpointUrl::parse(&format!("https://{text}"));
    }
}
