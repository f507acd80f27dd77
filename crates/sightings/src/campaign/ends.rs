//! Union-find: which of many ends hang together.

/// Ends by number.
#[derive(Debug)]
pub(super) struct Ends(Vec<u32>);

impl Ends {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    /// The one that stands for all that hang together with `end`.
    pub(super) fn root(&mut self, end: u32) -> u32 {
        let mut at = end;
        while self.0[at as usize] != at {
            let above = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = above;
            at = above;
        }
        at
    }

    /// Puts two together. The smaller number stands for both.
    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
