//! The prices of one asset, day by day: a look-up is one array access.

use crate::price::Price;
use athar_types::Day;

/// A price and the sources that give it, as sorted indices into a list of names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) price: Price,
    pub(crate) sources: Vec<u32>,
    pub(crate) is_builtin: bool,
}

/// Prices of one asset from a first day on. Days are within a century, so the array stays small whatever a file says.
#[derive(Clone, Default, Debug)]
pub(crate) struct Series {
    first: i32,
    days: Vec<Option<Entry>>,
    count: usize,
}

impl Series {
    /// The entry of a day.
    pub(crate) fn get(&self, day: Day) -> Option<&Entry> {
        self.days.get(usize::try_from(day.0.checked_sub(self.first)?).ok()?)?.as_ref()
    }

    /// Puts an entry in its day's place.
    pub(crate) fn set(&mut self, day: Day, entry: Entry) {
        if self.days.is_empty() {
            self.first = day.0;
        }
        if day.0 < self.first {
            let missing = (self.first - day.0) as usize;
            self.days.splice(0..0, std::iter::repeat_n(None, missing));
            self.first = day.0;
        }
        let at = (day.0 - self.first) as usize;
        if at >= self.days.len() {
            self.days.resize(at + 1, None);
        }
        self.count += usize::from(self.days[at].is_none());
        self.days[at] = Some(entry);
    }

    /// Number of days with a price.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// First and last day with a price.
    pub(crate) fn span(&self) -> Option<(Day, Day)> {
        // both ends hold a price: the array grows only to make room for one
        (self.count > 0).then(|| (Day(self.first), Day(self.first + self.days.len() as i32 - 1)))
    }

    /// Days with a price, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Day, &Entry)> {
        self.days.iter().enumerate().filter_map(|(i, e)| Some((Day(self.first + i as i32), e.as_ref()?)))
    }

    /// Ranges of days without a price between the first and the last, both ends included.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = (Day, Day)> {
        let days: Vec<i32> = self.iter().map(|(day, _)| day.0).collect();
        let pairs: Vec<(i32, i32)> = days.windows(2).map(|w| (w[0], w[1])).collect();
        pairs.into_iter().filter(|(a, b)| b - a > 1).map(|(a, b)| (Day(a + 1), Day(b - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_whatever_order_they_came() {
        let entry = |units| Entry { price: Price::from_units(units).unwrap(), sources: vec![], is_builtin: false };
        let mut series = Series::default();
        assert_eq!((series.span(), series.get(Day(0)), series.gaps().count()), (None, None, 0));
        for (day, units) in [(10, 1), (5, 2), (20, 3), (10, 4), (-3, 5), (11, 6)] {
            series.set(Day(day), entry(units));
        }
        let found: Vec<(i32, u64)> = series.iter().map(|(d, e)| (d.0, e.price.units())).collect();
        assert_eq!(found, [(-3, 5), (5, 2), (10, 4), (11, 6), (20, 3)]);
        assert_eq!((series.count(), series.span()), (5, Some((Day(-3), Day(20)))));
        for day in [i32::MIN, -4, 6, 19, 21, i32::MAX] {
            assert_eq!(series.get(Day(day)), None);
        }
        let gaps: Vec<(i32, i32)> = series.gaps().map(|(a, b)| (a.0, b.0)).collect();
        assert_eq!(gaps, [(-2, 4), (6, 9), (12, 19)]);
    }
}
