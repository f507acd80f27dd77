//! What an operator measured of a candidate. A measure that could not be taken is not there, and nothing follows from it.

/// Measures by name, few enough to look through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Measures(Vec<(&'static str, i64)>);

impl Measures {
    /// Notes a measure.
    pub fn set(&mut self, name: &'static str, value: impl TryInto<i64>) {
        let value = value.try_into().unwrap_or(i64::MAX);
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Notes a measure that may be unknown.
    pub fn maybe(&mut self, name: &'static str, value: Option<impl TryInto<i64>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// A measure, where it was taken.
    pub fn get(&self, name: &str) -> Option<i64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// All, in the order of taking.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        self.0.iter().copied()
    }
}

/// A part of a whole in thousandths; `None` of nothing.
pub fn permille(part: impl Into<u128>, whole: impl Into<u128>) -> Option<i64> {
    let (part, whole) = (part.into(), whole.into());
    part.checked_mul(1000)?.checked_div(whole).map(|p| i64::try_from(p).unwrap_or(i64::MAX))
}

/// The middle value, the lower of two; sorts.
pub fn median(values: &mut [u64]) -> Option<u64> {
    if values.is_empty() {
        return None;
    }
    let middle = (values.len() - 1) / 2;
    Some(*values.select_nth_unstable(middle).1)
}
