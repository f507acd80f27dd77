//! One connection to a publisher.

use super::frame::{self, GREETING_LEN, PARTS_MAX};
use super::notice::{Notice, Topic};
use crate::error::NodeError;
use crate::url::ZmqUrl;
use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

/// Longest wait for a connection, and for the peer's greeting and READY after it.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a read waits before the caller is asked whether to go on.
const SLICE: Duration = Duration::from_millis(200);
const CHUNK: usize = 1 << 16;

/// A connection that is subscribed.
pub(super) struct Socket {
    url: ZmqUrl,
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Bytes at the beginning of `buffer` that were dealt with.
    done: usize,
    chunk: Vec<u8>,
    parts: Vec<Vec<u8>>,
}

impl Socket {
    /// Connects, greets, and subscribes to every topic.
    pub(super) fn connect(url: &ZmqUrl) -> Result<Self, NodeError> {
        let unreachable =
            |error: io::Error| NodeError::ZmqUnreachable { url: url.to_string(), what: error.to_string() };
        let addresses = url.socket().to_socket_addrs().map_err(unreachable)?;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let mut connected = None;
        for address in addresses {
            match TcpStream::connect_timeout(&address, CONNECT_MAX) {
                Ok(stream) => {
                    connected = Some(stream);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let stream = connected.ok_or(last).map_err(unreachable)?;
        let mut socket =
            Self { url: url.clone(), stream, buffer: Vec::new(), done: 0, chunk: vec![0; CHUNK], parts: Vec::new() };
        socket.handshake()?;
        Ok(socket)
    }

    fn handshake(&mut self) -> Result<(), NodeError> {
        let deadline = Instant::now() + CONNECT_MAX;
        self.stream
            .set_nodelay(true)
            .and_then(|()| self.stream.set_read_timeout(Some(SLICE)))
            .map_err(|e| self.lost(&e))?;
        self.stream.set_write_timeout(Some(CONNECT_MAX)).map_err(|e| self.lost(&e))?;
        self.send(&frame::greeting())?;
        while self.buffer.len() < GREETING_LEN {
            // an HTTP server answers with less than a greeting and closes
            if self.buffer.first().is_some_and(|b| *b != 0xff) {
                return Err(self.not_zmq("what answers does not speak ZMQ"));
            }
            self.fill(deadline)?;
        }
        let mut theirs = [0; GREETING_LEN];
        theirs.copy_from_slice(&self.buffer[..GREETING_LEN]);
        self.buffer.drain(..GREETING_LEN);
        frame::check_greeting(&theirs).map_err(|what| self.not_zmq(what))?;
        self.send(&frame::ready())?;
        loop {
            match self.frame()? {
                Some(frame) if frame.is_command => {
                    self.check_ready(&frame.body)?;
                    break;
                }
                Some(_) => return Err(self.not_zmq("a message came before READY")),
                None => self.fill(deadline)?,
            }
        }
        for topic in Topic::ALL {
            self.send(&frame::subscribe(topic.name()))?;
        }
        Ok(())
    }

    fn check_ready(&self, body: &[u8]) -> Result<(), NodeError> {
        match frame::command(body) {
            Some((b"READY", properties)) => match frame::socket_type(properties) {
                Some(b"PUB" | b"XPUB") => Ok(()),
                Some(other) => {
                    let name: String =
                        String::from_utf8_lossy(other).chars().take(20).flat_map(char::escape_debug).collect();
                    Err(self.not_zmq(format!("it is a {name} socket, not PUB")))
                }
                None => Err(self.not_zmq("it does not say of which type its socket is")),
            },
            Some((b"ERROR", why)) => {
                let why: String = String::from_utf8_lossy(why).chars().take(160).flat_map(char::escape_debug).collect();
                Err(self.not_zmq(format!("it refuses: {why}")))
            }
            _ => Err(self.not_zmq("no READY came")),
        }
    }

    /// The next notice with the running number of its topic; `None` where none came within a fifth of a second.
    pub(super) fn next(&mut self) -> Result<Option<(Topic, u32, Notice)>, NodeError> {
        loop {
            while let Some(frame) = self.frame()? {
                if frame.is_command {
                    // a heartbeat carries two bytes of time to live, then what the answer has to repeat
                    if let Some((b"PING", rest)) = frame::command(&frame.body)
                        && let Some(context) = rest.get(2..).filter(|c| c.len() <= 16)
                    {
                        self.send(&frame::pong(context))?;
                    }
                    continue;
                }
                if self.parts.len() == PARTS_MAX {
                    return Err(self.not_zmq(format!("a message of more than {PARTS_MAX} parts")));
                }
                self.parts.push(frame.body);
                if !frame.has_more {
                    let parts = std::mem::take(&mut self.parts);
                    return Notice::read(parts).map(Some).map_err(|what| self.not_zmq(what));
                }
            }
            match self.stream.read(&mut self.chunk) {
                Ok(0) => return Err(self.lost(&io::Error::from(io::ErrorKind::UnexpectedEof))),
                Ok(count) => self.keep(count),
                Err(error) if is_wait(&error) => return Ok(None),
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Reads more, up to a deadline.
    fn fill(&mut self, deadline: Instant) -> Result<(), NodeError> {
        loop {
            match self.stream.read(&mut self.chunk) {
                Ok(0) => return Err(self.not_zmq("it closed the connection before its greeting was over")),
                Ok(count) => {
                    self.keep(count);
                    return Ok(());
                }
                Err(error) if is_wait(&error) && Instant::now() < deadline => {}
                Err(error) if is_wait(&error) => {
                    return Err(self.not_zmq(format!("no greeting came within {} s", CONNECT_MAX.as_secs())));
                }
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// The next whole frame.
    fn frame(&mut self) -> Result<Option<frame::Frame>, NodeError> {
        let taken = frame::take(&self.buffer[self.done..]).map_err(|what| self.not_zmq(what))?;
        Ok(taken.map(|(frame, len)| {
            self.done += len;
            frame
        }))
    }

    /// Adds what was read to what is not dealt with yet.
    fn keep(&mut self, count: usize) {
        self.buffer.drain(..self.done);
        self.done = 0;
        self.buffer.extend_from_slice(&self.chunk[..count]);
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), NodeError> {
        self.stream.write_all(bytes).map_err(|error| self.lost(&error))
    }

    fn not_zmq(&self, what: impl Into<String>) -> NodeError {
        NodeError::NotZmq { url: self.url.to_string(), what: what.into() }
    }

    fn lost(&self, error: &io::Error) -> NodeError {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the node closed it".to_owned(),
            _ => error.to_string(),
        };
        NodeError::ZmqLost { url: self.url.to_string(), what }
    }
}

/// Whether a read only ran out of time.
fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
