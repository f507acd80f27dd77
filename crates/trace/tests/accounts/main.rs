//! Traces over accounts against references that know nothing of walkers: one follows single units, one replays every transfer
//! of the chain with a balance for everybody.
#![allow(clippy::unwrap_used)] // tests

mod answer;
mod exposed;
mod found;
mod hostile;
mod pots;
mod swapping;
mod swaps;
mod units;
mod whole;
mod world;

use answer::{Answer, walk};
use athar_trace::{Direction, Policy};
use proptest::prelude::*;
use world::{Case, case};

fn agrees(case: &Case, policy: Policy, direction: Direction) -> Result<(), TestCaseError> {
    let walked = walk(case, policy, direction);
    let expected: Answer = match policy {
        Policy::Fifo | Policy::Lifo => units::replay(case, policy, direction),
        _ => pots::replay(case, policy, direction),
    };
    prop_assert_eq!(&walked, &expected, "{} {}: {:#?}", policy, direction, case);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn fifo_forward_is_what_following_single_units_gives(case in case()) {
        agrees(&case, Policy::Fifo, Direction::Forward)?;
    }

    #[test]
    fn fifo_backward_is_what_following_single_units_gives(case in case()) {
        agrees(&case, Policy::Fifo, Direction::Backward)?;
    }

    #[test]
    fn lifo_forward_is_what_following_single_units_gives(case in case()) {
        agrees(&case, Policy::Lifo, Direction::Forward)?;
    }

    #[test]
    fn lifo_backward_is_what_following_single_units_gives(case in case()) {
        agrees(&case, Policy::Lifo, Direction::Backward)?;
    }

    #[test]
    fn haircut_forward_is_what_replaying_everybody_gives(case in case()) {
        agrees(&case, Policy::Haircut, Direction::Forward)?;
    }

    #[test]
    fn haircut_backward_is_what_replaying_everybody_gives(case in case()) {
        agrees(&case, Policy::Haircut, Direction::Backward)?;
    }

    #[test]
    fn poison_forward_is_what_replaying_everybody_gives(case in case()) {
        agrees(&case, Policy::Poison, Direction::Forward)?;
    }

    #[test]
    fn poison_backward_is_what_replaying_everybody_gives(case in case()) {
        agrees(&case, Policy::Poison, Direction::Backward)?;
    }
}
