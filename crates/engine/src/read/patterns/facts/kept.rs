//! What was made of something that rarely changes, kept while that stays the same: with every new block a run would read all
//! lists again.

use std::sync::{Arc, Mutex, PoisonError};

/// One thing, with the hash of what it was made of.
pub(super) struct Kept<T>(Mutex<Option<([u8; 32], Arc<T>)>>);

impl<T> Kept<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The thing, made anew where it was made of something else.
    pub(super) fn get<E>(&self, of: [u8; 32], make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        // nothing is left half done under this lock
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, kept)) = &*lock()
            && *known == of
        {
            return Ok(kept.clone());
        }
        let made = Arc::new(make()?);
        *lock() = Some((of, made.clone()));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_again_only_of_something_else() {
        let kept = Kept::new();
        let mut made = 0;
        for of in [1, 1, 2, 1] {
            let got = kept.get([of; 32], || {
                made += 1;
                Ok::<u8, ()>(of)
            });
            assert_eq!(got.map(|got| *got), Ok(of));
        }
        assert_eq!(made, 3);
        assert!(kept.get([3; 32], || Err(())).is_err());
        assert_eq!(kept.get([1; 32], || Err(())).map(|got| *got), Ok(1));
    }
}
