//! The layouts of price files, told by their header.

use csv::StringRecord;
use std::fmt;

/// Which columns a price file has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// `day,asset,usd,source`: this program's own. Every row names its asset and its source.
    Own,
    /// `date` and `close` among others (`date,open,high,low,close`): the day's close is the price. The asset and the
    /// source are named by whoever imports it.
    Close,
    /// `snapped_at` and `price` among others (`snapped_at,price,market_cap,total_volume`, as CoinGecko exports it): the
    /// price at that moment, which begins the UTC day, is the day's. Asset and source as above.
    Snapshots,
}

/// Where a layout's values stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub(crate) layout: Layout,
    pub(crate) day: usize,
    pub(crate) price: usize,
    /// Asset and source, where the file names them.
    pub(crate) names: Option<(usize, usize)>,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 3] = [Self::Own, Self::Close, Self::Snapshots];

    /// The columns that it is told by, as they are written in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "day,asset,usd,source",
            Self::Close => "date,close",
            Self::Snapshots => "snapped_at,price",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Columns {
    /// Finds the layout that a header has; case does not matter. The error says what was expected.
    pub(crate) fn of(header: &StringRecord) -> Result<Self, String> {
        let names: Vec<String> = header.iter().map(|h| h.trim().to_ascii_lowercase()).collect();
        let at = |name: &str| names.iter().position(|n| n == name);
        let found = match (at("date"), at("close"), at("snapped_at"), at("price")) {
            _ if names == ["day", "asset", "usd", "source"] => {
                Self { layout: Layout::Own, day: 0, price: 2, names: Some((1, 3)) }
            }
            (Some(day), Some(price), None, None) => Self { layout: Layout::Close, day, price, names: None },
            (None, None, Some(day), Some(price)) => Self { layout: Layout::Snapshots, day, price, names: None },
            _ => {
                return Err("no columns of a price table\n\
                            hint: day,asset,usd,source or date,open,high,low,close or snapped_at,price,..."
                    .into());
            }
        };
        for used in [found.day, found.price] {
            if names.iter().filter(|n| **n == names[used]).count() > 1 {
                return Err(format!("the column {} stands there twice", names[used]));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_told_by_its_header() {
        let of = |text: &str| Columns::of(&text.split(',').collect::<StringRecord>());
        for (header, layout, day, price) in [
            ("day,asset,usd,source", Layout::Own, 0, 2),
            ("date,open,high,low,close", Layout::Close, 0, 4),
            ("Date,Open,High,Low,Close,Adj Close,Volume", Layout::Close, 0, 4),
            ("close,date", Layout::Close, 1, 0),
            ("snapped_at,price,market_cap,total_volume", Layout::Snapshots, 0, 1),
        ] {
            let found = of(header).unwrap();
            assert_eq!((found.layout, found.day, found.price), (layout, day, price), "{header}");
        }
        for bad in
            ["", "date,usd", "day,usd,asset,source", "date,close,snapped_at,price", "2010-07-12,0.0,0.01,0.0,0.01"]
        {
            assert!(of(bad).unwrap_err().contains("hint: day,asset,usd,source"), "{bad}");
        }
        assert!(of("date,close,close").unwrap_err().contains("close stands there twice"));
    }
}
