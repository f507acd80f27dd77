//! Answers of nodes and logs with a few bytes changed, cut and grown: nothing panics, and what is refused leaves nothing.
#[path = "support/checks_account.rs"]
mod checks;

use proptest::prelude::*;

fn word(n: u8, len: usize) -> String {
    format!("0x{}", hex::encode(vec![n; len]))
}

/// Texts that are read as they stand, each with the byte that chooses its method.
fn good() -> Vec<Vec<u8>> {
    let (block, first, second, who) = (word(2, 32), word(100, 32), word(101, 32), word(7, 20));
    let log = format!(
        r#"{{"address":"{who}","topics":["{first}"],"data":"0x00ff","blockNumber":"0x10","blockHash":"{block}","transactionHash":"{first}","transactionIndex":"0x0","logIndex":"0x1"}}"#
    );
    let call = format!(
        r#"{{"type":"CALL","from":"{who}","to":"{who}","value":"0x1","calls":[{{"type":"CREATE2","to":"{who}","error":"x"}}]}}"#
    );
    let trace = format!(
        r#"{{"action":{{"callType":"call","from":"{who}","to":"{who}","value":"0x2"}},"blockHash":"{block}","traceAddress":[0],"transactionHash":"{first}","transactionPosition":0,"type":"call"}}"#
    );
    let texts = [
        format!(
            r#"{{"number":"0x10","hash":"{block}","parentHash":"{first}","timestamp":"0x5","transactions":[{{"hash":"{first}","from":"{who}","to":null,"value":"0x1","input":"0xa9059cbb"}}],"withdrawals":[{{"address":"{who}","amount":"0x1"}}]}}"#
        ),
        format!(
            r#"[{{"transactionHash":"{first}","status":"0x1","gasUsed":"0x5","logs":[{log}]}},{{"transactionHash":"{second}","gasUsed":"0x5","logs":[]}}]"#
        ),
        format!("[{trace}]"),
        format!(r#"[{{"txHash":"{first}","result":{call}}},{{"result":{call}}}]"#),
        format!("[{log}]"),
    ];
    (0_u8..).zip(texts).map(|(which, text)| [&[which], text.as_bytes()].concat()).collect()
}

#[test]
fn the_texts_that_are_damaged_below_are_read_as_they_stand() {
    for text in good() {
        assert!(checks::answer(&text), "{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn what_a_node_wrote_is_cut_in_errors() {
    let long = "x".repeat(100_000);
    let who = word(7, 20);
    for (which, text) in [
        (0, format!("\"{long}\"")),
        (0, format!(r#"{{"number":"{long}"}}"#)),
        (1, format!(r#"[{{"{long}":1,"logs":"{long}"}}]"#)),
        (2, format!(r#"[{{"action":{{}},"type":"{long}"}}]"#)),
        (3, format!(r#"[{{"result":{{"type":"{long}"}}}},{{}}]"#)),
        (3, format!(r#"[{{"error":"{long}"}},{{}}]"#)),
        (3, format!(r#"[{{"result":{{"type":"CALL","to":"{who}","calls":"{long}"}}}},{{}}]"#)),
    ] {
        assert!(!checks::answer(&[&[which], text.as_bytes()].concat()));
    }
}

#[test]
fn a_cut_text_is_never_read() {
    for text in good() {
        for len in 1..text.len() {
            assert!(!checks::answer(&text[..len]), "{}", String::from_utf8_lossy(&text[..len]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_damaged_text_is_read_or_leaves_nothing(
        which in 0..5_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut text = good()[which].clone();
        for (at, byte, how) in edits {
            let at = at.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => text.insert(at, byte),
                _ if text.len() > 1 => { text.remove(at); }
                _ => {}
            }
        }
        checks::answer(&text);
    }

    #[test]
    fn any_bytes_are_logs(data in prop::collection::vec(any::<u8>(), 0..600), events in prop::collection::vec(0..8_u8, 1..9)) {
        let mut data = data;
        // so that known events are frequent
        for (at, event) in (1..data.len()).step_by(70).zip(events) {
            data[at] = event;
        }
        checks::logs(&data);
    }
}
