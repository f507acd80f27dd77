//! The raw bytes of an answer: what came over the connection, after TLS and before anything was made of it.
//!
//! A connector behind those of the HTTP client hands every byte on and keeps a copy, so the archive holds the server's own head and
//! body, chunk lengths included, and the client's parsing can be wrong without the evidence being so.

use std::sync::{Arc, Mutex, PoisonError};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// The copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    inner: Arc<Mutex<Taped>>,
}

#[derive(Debug, Default)]
pub(crate) struct Taped {
    /// What was asked, as it went out.
    pub(crate) sent: Vec<u8>,
    /// What came back, at most so many bytes.
    pub(crate) received: Vec<u8>,
    /// Bytes of the answer that are kept; past it the connection is cut.
    pub(crate) bytes_max: usize,
    /// Whether the answer was longer.
    pub(crate) was_cut: bool,
}

impl Tape {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { inner: Arc::new(Mutex::new(Taped { bytes_max, ..Taped::default() })) }
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Taped) -> T) -> T {
        look(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Puts a tape behind a connection.
#[derive(Debug)]
pub(crate) struct TapeConnector(pub(crate) Tape);

impl<In: Transport> Connector<In> for TapeConnector {
    type Out = Taping<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Taping { inner, tape: self.0.clone() }))
    }
}

/// A connection with a tape.
#[derive(Debug)]
pub(crate) struct Taping<In> {
    inner: In,
    tape: Tape,
}

impl<In: Transport> Transport for Taping<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let out = self.inner.buffers().output();
        let copy = out[..amount.min(out.len())].to_vec();
        self.tape.with(|tape| tape.sent.extend_from_slice(&copy));
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.inner.buffers().input().len();
        let progress = self.inner.await_input(timeout)?;
        let input = self.inner.buffers().input();
        let fresh = input.get(before..).unwrap_or_default();
        let is_cut = self.tape.with(|tape| {
            let room = tape.bytes_max - tape.received.len();
            tape.was_cut |= fresh.len() > room;
            tape.received.extend_from_slice(&fresh[..fresh.len().min(room)]);
            tape.was_cut
        });
        if is_cut {
            return Err(Error::BodyExceedsLimit(self.tape.with(|tape| tape.bytes_max as u64)));
        }
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
