//! Many targets, over all cores, answered in the order asked.

use super::{Depth, DirectView, ScreenOptions, ScreenView};
use crate::Engine;
use crate::error::EngineError;
use rayon::prelude::*;

impl Engine {
    /// Screens each of `inputs`, on the threads of the rayon pool that it is called in. The answers are in the order of the
    /// inputs, and those of [`Engine::screen`]. `done` is told after each one, from whichever thread answered it; on an error
    /// the first in order is given, once all that were begun are done.
    pub fn screen_batch<T: AsRef<str> + Sync>(
        &self,
        inputs: &[T],
        options: &ScreenOptions,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<ScreenView>, EngineError> {
        each(inputs, done, |input| self.screen(input, options))
    }

    /// The same with [`Engine::screen_direct`].
    pub fn screen_direct_batch<T: AsRef<str> + Sync>(
        &self,
        inputs: &[T],
        depth: Depth,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<DirectView>, EngineError> {
        each(inputs, done, |input| self.screen_direct(input, depth))
    }
}

fn each<T: AsRef<str> + Sync, V: Send>(
    inputs: &[T],
    done: &(dyn Fn() + Sync),
    answer: impl Fn(&str) -> Result<V, EngineError> + Sync,
) -> Result<Vec<V>, EngineError> {
    // one at a time: a few targets can take a thousand times as long as the others
    let answers: Vec<Result<V, EngineError>> = inputs
        .par_iter()
        .with_max_len(1)
        .map(|input| {
            let view = answer(input.as_ref());
            done();
            view
        })
        .collect();
    answers.into_iter().collect()
}
