//! What payments are worth, as a histogram: so that the truth can say which sum is large in this world.

/// Steps in an octave.
const STEPS: u32 = 8;

/// Payments by their worth in US cents, to an eighth of an octave.
#[derive(Clone, Debug)]
pub(crate) struct Worth(Vec<u64>);

impl Default for Worth {
    fn default() -> Self {
        Self(vec![0; (64 * STEPS) as usize])
    }
}

impl Worth {
    /// Counts one.
    pub(crate) fn add(&mut self, cents: u64) {
        self.0[step(cents) as usize] += 1;
    }

    /// The least value, to an eighth of an octave from above, that at most so many thousandths of the payments exceed.
    pub(crate) fn exceeded_by(&self, permille: u64) -> u64 {
        let all: u64 = self.0.iter().sum();
        let mut above = 0;
        for step in (0..64 * STEPS).rev() {
            above += self.0[step as usize];
            if above * 1000 > all * permille {
                return floor(step + 1);
            }
        }
        0
    }
}

fn step(cents: u64) -> u32 {
    let Some(octave) = cents.checked_ilog2() else { return 0 };
    // the three bits after the highest one
    let below = if octave >= 3 { cents >> (octave - 3) } else { cents << (3 - octave) };
    octave * STEPS + (below as u32 & 7)
}

/// The least value of a step.
fn floor(step: u32) -> u64 {
    let (octave, part) = (step / STEPS, u64::from(step % STEPS));
    let value = (u128::from(8 + part) << octave) >> 3;
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_right_to_an_eighth_of_an_octave() {
        let mut worth = Worth::default();
        (1..=10_000).for_each(|cents| worth.add(cents));
        let found = worth.exceeded_by(50);
        assert!((9500..=10_240).contains(&found), "{found}");
        assert_eq!(Worth::default().exceeded_by(50), 0);
        for cents in [8, 9, 15, 16, 1000, 123_456_789] {
            let step = step(cents);
            assert!(floor(step) <= cents && cents < floor(step + 1), "{cents}");
        }
    }
}
