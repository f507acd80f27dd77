//! Amounts, shares and tables.

use crate::args::Tongue;
use athar_engine::{Bilingual, Chain, Millionths, Sats, Usd, UsdPrice};
use comfy_table::{ContentArrangement, Table, presets};
use std::sync::OnceLock;

/// The coin of the chain that is asked, as exchanges list it. One run of the program asks one chain.
static COIN: OnceLock<&'static str> = OnceLock::new();

/// Says which chain the amounts to come are of; the first word counts.
pub(crate) fn set_chain(chain: Chain) {
    let _ = COIN.set(chain.ticker().unwrap_or("?"));
}

/// `1.50000000 BTC`, or in the coin of the chain that is asked.
pub(crate) fn btc(sat: u64) -> String {
    format!("{} {}", Sats(sat), COIN.get().unwrap_or(&"BTC"))
}

/// `1.50000000 BTC (USD 12,345.67)`, or `(no price)`.
pub(crate) fn money(sat: u64, usd: Option<Usd>) -> String {
    format!("{} ({})", btc(sat), dollars(usd))
}

/// `USD 12,345.67`, or `no price`.
pub(crate) fn dollars(usd: Option<Usd>) -> String {
    usd.map_or_else(|| "no price".into(), |usd| format!("USD {}.{:02}", grouped(usd.0 / 100), usd.0 % 100))
}

/// A sum as [`money`], which says how much of it has no price: `3.00000000 BTC (USD 20.00 and 1.00000000 BTC without a
/// price)`.
pub(crate) fn money_of_sum(sat: u64, usd: Option<Usd>, unpriced_sat: u64) -> String {
    format!("{} ({})", btc(sat), dollars_of_sum(usd, unpriced_sat))
}

/// `USD 20.00`, `USD 20.00 and 1.00000000 BTC without a price`, or `no price`.
pub(crate) fn dollars_of_sum(usd: Option<Usd>, unpriced_sat: u64) -> String {
    let priced = dollars(usd);
    if usd.is_none() || unpriced_sat == 0 {
        priced
    } else {
        format!("{priced} and {} without a price", btc(unpriced_sat))
    }
}

/// The price of one unit, with all its decimals: `USD 7,175.65`, `USD 0.00203`.
pub(crate) fn price(usd: UsdPrice) -> String {
    let text = usd.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, "00"));
    format!("USD {}.{part}", whole.parse().map_or_else(|_| whole.into(), grouped))
}

/// Digits in threes.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `33.3%`, rounded down, and never 0 where there is something.
pub(crate) fn percent(share: Millionths) -> String {
    match share.0 {
        0 => "0%".into(),
        1..1_000 => "<0.1%".into(),
        s => format!("{}.{}%", s / 10_000, s / 1_000 % 10),
    }
}

/// A share with all its decimals: `0.0011%`.
pub(crate) fn fine_percent(share: Millionths) -> String {
    let text = format!("{}.{:04}", share.0 / 10_000, share.0 % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Bytes with a unit.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// Text of a stranger, fit for a terminal: control, bidirectional and invisible characters are shown escaped.
pub(crate) fn safe(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().flat_map(|c| if hidden(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// A text of several directions: its marks of direction stay, everything else that could deceive a terminal is escaped.
pub(crate) fn directed(text: &str) -> String {
    text.split_inclusive(['\u{2068}', '\u{2069}'])
        .map(|part| {
            let mark = part.chars().next_back().filter(|c| matches!(c, '\u{2068}' | '\u{2069}'));
            let words = mark.map_or(part, |mark| &part[..part.len() - mark.len_utf8()]);
            safe(words) + mark.map(String::from).as_deref().unwrap_or_default()
        })
        .collect()
}

/// A text in the language asked for, safe to print.
pub(crate) fn told(text: &Bilingual, tongue: Tongue) -> String {
    match tongue {
        Tongue::En => safe(&text.en),
        Tongue::Ar => directed(&text.ar),
    }
}

/// A table without lines, its header underlined.
pub(crate) fn plain_table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|h| h.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    let text: Vec<String> = table.lines().map(|l| l.trim_end().to_string()).collect();
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_shares_never_vanish() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(money(150_000_000, Some(Usd(1_234_567))), "1.50000000 BTC (USD 12,345.67)");
        assert_eq!(money(1, None), "0.00000001 BTC (no price)");
        assert_eq!(money_of_sum(300, Some(Usd(5)), 0), "0.00000300 BTC (USD 0.05)");
        assert_eq!(
            money_of_sum(300, Some(Usd(5)), 100),
            "0.00000300 BTC (USD 0.05 and 0.00000100 BTC without a price)"
        );
        assert_eq!(money_of_sum(300, None, 300), "0.00000300 BTC (no price)");
        assert_eq!(percent(Millionths(333_333)), "33.3%");
        assert_eq!(percent(Millionths(1)), "<0.1%");
        assert_eq!(percent(Millionths(1_000_000)), "100.0%");
    }

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(safe("حملة"), "حملة");
    }
}
