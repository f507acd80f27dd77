//! The engine's work, apart from the threads that talk to clients: so many questions at once, so many that wait.

use crate::problem::{Problem, codes};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A sign to work that nobody waits for it any longer. Work that goes over many items looks at it between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Gives the sign.
    pub(crate) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was given.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The bounded pool.
#[derive(Debug)]
pub(crate) struct Pool {
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Pool {
    pub(crate) fn new(running_max: usize, waiting_max: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(running_max)), waiting: AtomicUsize::new(0), waiting_max }
    }

    /// Runs work within a time, waiting included. When the time is over the client is told so; the work itself ends at its own
    /// bounds, or at the sign, and keeps its place until then: no more than the pool's size ever runs.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        time: Duration,
        cancel: &Cancel,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let late = || Problem::new(codes::TIME_LIMIT, format!("{} seconds", time.as_secs())).retry(5);
        let begun = tokio::time::Instant::now();
        let slot = match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => {
                let _waiting = Waiting::join(&self.waiting, self.waiting_max)?;
                let slot = tokio::time::timeout(time, Arc::clone(&self.slots).acquire_owned()).await;
                slot.map_err(|_| late())?.map_err(|_| Problem::new(codes::SHUTTING_DOWN, "no more work is begun"))?
            }
        };
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        match tokio::time::timeout_at(begun + time, done).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(Problem::internal(format!("a question failed: {error}"))),
            Err(_) => {
                cancel.cancel();
                Err(late())
            }
        }
    }

    /// A place for work without a time limit, when there is one.
    pub(crate) async fn slot(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }
}

/// One of those who wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize, max: usize) -> Result<Self, Problem> {
        let waiting = Self(count);
        if count.fetch_add(1, Ordering::AcqRel) >= max {
            // dropped here: it leaves again
            return Err(Problem::new(codes::BUSY, format!("{max} requests are waiting")).retry(1));
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn late_work_gets_a_sign_and_keeps_its_place_until_it_ends() {
        let pool = Arc::new(Pool::new(1, 1));
        let cancel = Cancel::default();
        let (ended, sign) = (Arc::new(AtomicBool::new(false)), cancel.clone());
        let flag = Arc::clone(&ended);
        let work = move || {
            while !sign.is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(50));
            flag.store(true, Ordering::Release);
            Ok(())
        };
        let late = pool.run(Duration::from_millis(20), &cancel, work).await.unwrap_err();
        assert_eq!(late.code, codes::TIME_LIMIT);
        // the next question waits for the place of the late one
        let flag = Arc::clone(&ended);
        let sign = Cancel::default();
        let after = pool.run(Duration::from_secs(9), &sign, move || Ok(flag.load(Ordering::Acquire))).await;
        assert!(after.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn more_than_may_wait_are_told_so_at_once() {
        let pool = Arc::new(Pool::new(1, 1));
        let (free, held) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(Duration::from_secs(9), &Cancel::default(), move || Ok(held.recv().is_ok())).await }
        });
        while pool.slots.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(Duration::from_secs(9), &Cancel::default(), || Ok(true)).await }
        });
        while pool.waiting.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
        let third = pool.run(Duration::from_secs(9), &Cancel::default(), || Ok(true)).await.unwrap_err();
        assert_eq!((third.code, third.retry_after_s), (codes::BUSY, Some(1)));
        free.send(()).unwrap();
        assert!(first.await.unwrap().unwrap() && second.await.unwrap().unwrap());
        // a panic gives its place back and stops nothing
        let panicked = pool.run::<()>(Duration::from_secs(9), &Cancel::default(), || panic!("of a test")).await;
        assert_eq!(panicked.unwrap_err().code, codes::INTERNAL);
        assert!(pool.run(Duration::from_secs(9), &Cancel::default(), || Ok(true)).await.unwrap());
    }
}
