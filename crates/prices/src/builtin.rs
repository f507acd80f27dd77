//! The history that comes with the program: `data/btc.txt` and `data/eth.txt`.
//!
//! Where they come from, their licence and how they are made stands in `data/README.md`. They are for the coins of public
//! networks that have a market; whoever wants other figures imports them, and an import holds before the built-in price.

use crate::price::Price;
use athar_types::{Asset, Day};
use std::sync::LazyLock;

const TABLES: [&str; 2] = [include_str!("../data/btc.txt"), include_str!("../data/eth.txt")];

/// The built-in history of one asset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Builtin {
    /// The asset.
    pub asset: Asset,
    /// Where the prices are from.
    pub source: String,
    /// First day.
    pub from: Day,
    /// A price for each day from the first on; `None` where the source has none.
    pub prices: Vec<Option<Price>>,
}

static BUILTIN: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    // the texts are part of the program, and a test reads them
    TABLES.into_iter().map(|text| Builtin::parse(text).unwrap_or_else(|e| panic!("built-in prices: {e}"))).collect()
});

/// The built-in histories, one for each asset.
pub fn builtin() -> &'static [Builtin] {
    &BUILTIN
}

impl Builtin {
    /// The price of a day.
    pub fn price(&self, day: Day) -> Option<Price> {
        let at = usize::try_from(day.0.checked_sub(self.from.0)?).ok()?;
        *self.prices.get(at)?
    }

    /// The form of the data files: comments, three heads, then a line for each day (`-`: no price).
    pub fn to_text(&self) -> String {
        let mut out = format!(
            "# US dollars for one {}, a line for each UTC day from the first on; `-`: no price. See README.md.\n\
             asset {}\nsource {}\nfrom {}\n",
            self.asset, self.asset, self.source, self.from
        );
        for price in &self.prices {
            out.push_str(&price.map_or_else(|| "-".into(), |p| p.to_string()));
            out.push('\n');
        }
        out
    }

    /// Reads what [`Self::to_text`] writes. The error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let mut head = |name: &str| {
            let (_, line) = lines.next().unwrap_or_default();
            line.strip_prefix(name).and_then(|l| l.strip_prefix(' ')).ok_or_else(|| format!("no line `{name} …`"))
        };
        let asset = head("asset")?.parse().map_err(|_| "an unknown asset")?;
        let source = head("source")?.to_string();
        let from = head("from")?.parse()?;
        let price = |(at, line): (usize, &str)| match line {
            "-" => Ok(None),
            text => text.parse().map(Some).map_err(|e| format!("line {}: `{text}`: {e}", at + 1)),
        };
        let prices = lines.map(price).collect::<Result<_, String>>()?;
        Ok(Self { asset, source, from, prices })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_read_and_are_small() {
        for (text, builtin) in TABLES.into_iter().zip(builtin()) {
            assert_eq!(builtin.to_text(), text, "{}", builtin.asset);
            assert!(text.len() < 80_000, "{} bytes of {}", text.len(), builtin.asset);
            assert!(builtin.prices.first().is_some_and(Option::is_some), "{}", builtin.asset);
        }
        let of = |asset, y, m, d| {
            let day = Day::from_ymd(y, m, d).unwrap();
            let price = builtin().iter().find(|b| b.asset == asset).unwrap().price(day);
            price.map(|p| p.to_string())
        };
        // as the shared files have them: first, last, and the one day that the source of ETH lacks
        assert_eq!(of(Asset::Btc, 2010, 7, 12).as_deref(), Some("0.01"));
        assert_eq!(of(Asset::Btc, 2026, 2, 12).as_deref(), Some("65602.07"));
        assert_eq!(of(Asset::Btc, 2010, 7, 11), None);
        assert_eq!(of(Asset::Btc, 2026, 2, 13), None);
        assert_eq!(of(Asset::Eth, 2015, 8, 7).as_deref(), Some("2.83162"));
        assert_eq!(of(Asset::Eth, 2015, 8, 9), None);
        assert_eq!(of(Asset::Eth, 2015, 8, 10).as_deref(), Some("0.6875857091"));
    }

    #[test]
    fn a_damaged_table_is_named_by_its_line() {
        for (text, error) in [
            ("", "no line `asset …`"),
            ("asset BTC\nfrom 2020-01-01\n", "no line `source …`"),
            ("asset BTC\nsource x\nfrom 2020-01-01\n1.00\n0\n", "line 5: `0`"),
            ("# x\nasset BTC\nsource x\nfrom 2020-01-01\n1.0x\n", "line 5: `1.0x`"),
        ] {
            assert!(Builtin::parse(text).unwrap_err().contains(error), "{text}");
        }
    }
}
