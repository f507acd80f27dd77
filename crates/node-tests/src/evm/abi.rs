//! Arguments of calls, as the contract ABI lays them down.

/// An address as a word of 32 bytes; `address` is `0x` and 40 digits.
pub fn address_word(address: &str) -> String {
    format!("{:0>64}", address.trim_start_matches("0x"))
}

/// A number as a word.
pub fn number_word(number: u128) -> String {
    format!("{number:064x}")
}

/// A text as its length and its bytes, which an offset points to.
pub fn text_tail(text: &str) -> String {
    let mut tail = number_word(text.len() as u128);
    for chunk in text.as_bytes().chunks(32) {
        let digits: String = chunk.iter().map(|b| format!("{b:02x}")).collect();
        tail.push_str(&format!("{digits:0<64}"));
    }
    tail
}
