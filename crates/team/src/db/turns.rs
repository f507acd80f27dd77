//! Writers of one process take turns, in the order in which they came.
//!
//! A lock of the system lets whoever is awake go first: one thread that writes again and again keeps out the thread that writes the
//! audit log, and with it everybody who reads.

use athar_vault::held;
use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The number that whoever comes next gets.
    next: u64,
    /// The number whose turn it is.
    now: u64,
}

/// A turn; the next one begins when it is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for a turn.
    pub(super) fn take(&self) -> Turn<'_> {
        let mut state = held(&self.state);
        let mine = state.next;
        state.next += 1;
        while state.now != mine {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        held(&self.0.state).now += 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_came_first_goes_first_and_a_panic_ends_a_turn() {
        let turns = Turns::default();
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = turns.take();
            for number in 0..8_u64 {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let _turn = turns.take();
                    order.lock().unwrap().push(number);
                });
                // until it has its number
                while held(&turns.state).next < number + 2 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), (0..8).collect::<Vec<_>>());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _turn = turns.take();
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        drop(turns.take());
    }
}
