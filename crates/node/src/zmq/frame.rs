//! ZMTP 3.0 as far as a subscriber without authentication needs it (RFC 23, rfc.zeromq.org/spec/23).

use athar_chains::bitcoin::BLOCK_LEN_MAX;

/// Bytes of a greeting.
pub(super) const GREETING_LEN: usize = 64;
/// Bytes of a frame at most: a block and nothing longer is ever published.
pub(super) const FRAME_BYTES_MAX: u64 = BLOCK_LEN_MAX as u64;
/// Parts of a message at most: topic, body, number.
pub(super) const PARTS_MAX: usize = 3;

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// Our greeting: version 3.0, no authentication, client.
pub(super) fn greeting() -> [u8; GREETING_LEN] {
    let mut out = [0; GREETING_LEN];
    out[0] = 0xff;
    out[9] = 0x7f;
    out[10] = 3;
    out[12..16].copy_from_slice(b"NULL");
    out
}

/// Whether a peer's greeting is one that we can talk to; what is wrong otherwise.
pub(super) fn check_greeting(theirs: &[u8; GREETING_LEN]) -> Result<(), String> {
    if theirs[0] != 0xff || theirs[9] & 1 == 0 {
        return Err("what answers does not speak ZMQ".into());
    }
    if theirs[10] < 3 {
        return Err(format!("it speaks version {} of ZMTP, version 3 is needed", theirs[10]));
    }
    let mechanism = &theirs[12..32];
    let name = mechanism.split(|b| *b == 0).next().unwrap_or_default();
    if name == b"NULL" {
        Ok(())
    } else {
        Err(format!(
            "it asks for the security mechanism {}, a node asks for none",
            String::from_utf8_lossy(name).escape_debug()
        ))
    }
}

/// The command that says that we subscribe.
pub(super) fn ready() -> Vec<u8> {
    let mut body = b"\x05READY".to_vec();
    for (name, value) in [("Socket-Type", "SUB"), ("Identity", "")] {
        body.push(name.len() as u8);
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(&(value.len() as u32).to_be_bytes());
        body.extend_from_slice(value.as_bytes());
    }
    frame(COMMAND, &body)
}

/// The message that subscribes to a topic.
pub(super) fn subscribe(topic: &str) -> Vec<u8> {
    let mut body = vec![1];
    body.extend_from_slice(topic.as_bytes());
    frame(0, &body)
}

/// The answer to a peer's PING.
pub(super) fn pong(context: &[u8]) -> Vec<u8> {
    frame(COMMAND, &[b"\x04PONG", context].concat())
}

/// A frame; ours are all short.
fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![flags, body.len() as u8];
    out.extend_from_slice(body);
    out
}

/// One frame of a peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) is_command: bool,
    pub(super) has_more: bool,
    pub(super) body: Vec<u8>,
}

/// The frame at the beginning of `buffer` with its length on the wire, `None` where it is not all there yet.
pub(super) fn take(buffer: &[u8]) -> Result<Option<(Frame, usize)>, String> {
    let Some(&flags) = buffer.first() else { return Ok(None) };
    if flags & !(MORE | LONG | COMMAND) != 0 {
        return Err(format!("a frame with the flags {flags:#04x}"));
    }
    let (head, len) = if flags & LONG == 0 {
        let Some(&len) = buffer.get(1) else { return Ok(None) };
        (2, u64::from(len))
    } else {
        let Some(raw) = buffer.get(1..9) else { return Ok(None) };
        let mut len = [0; 8];
        len.copy_from_slice(raw);
        (9, u64::from_be_bytes(len))
    };
    if len > FRAME_BYTES_MAX {
        return Err(format!("a frame of {len} bytes"));
    }
    let end = head + len as usize;
    let Some(body) = buffer.get(head..end) else { return Ok(None) };
    let body = body.to_vec();
    Ok(Some((Frame { is_command: flags & COMMAND != 0, has_more: flags & MORE != 0, body }, end)))
}

/// The name of a command and what follows it.
pub(super) fn command(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = body.split_first()?;
    rest.split_at_checked(usize::from(*len))
}

/// The socket type in a READY command.
pub(super) fn socket_type(mut properties: &[u8]) -> Option<&[u8]> {
    while let Some((name_len, rest)) = properties.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(*name_len))?;
        let (len, rest) = rest.split_at_checked(4)?;
        let len = u32::from_be_bytes([len[0], len[1], len[2], len[3]]);
        let (value, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        if name.eq_ignore_ascii_case(b"socket-type") {
            return Some(value);
        }
        properties = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_taken_whole_however_they_arrive() {
        let mut wire = Vec::new();
        wire.extend_from_slice(&[1, 3, b'a', b'b', b'c']);
        wire.extend_from_slice(&[2, 0, 0, 0, 0, 0, 0, 1, 44]);
        wire.extend_from_slice(&[7; 300]);
        wire.extend_from_slice(&[4, 0]);
        let mut buffer = Vec::new();
        let mut frames = Vec::new();
        for byte in wire {
            buffer.push(byte);
            if let Some((frame, end)) = take(&buffer).unwrap() {
                frames.push(frame);
                buffer.drain(..end);
            }
        }
        assert_eq!(frames.len(), 3);
        assert_eq!((frames[0].has_more, &frames[0].body[..]), (true, &b"abc"[..]));
        assert_eq!((frames[1].has_more, frames[1].body.len()), (false, 300));
        assert!(frames[2].is_command && frames[2].body.is_empty() && buffer.is_empty());
    }

    #[test]
    fn a_frame_longer_than_any_block_is_refused_before_it_is_read() {
        assert!(take(&[2, 0x7f, 255, 255, 255, 255, 255, 255, 255]).unwrap_err().contains("bytes"));
        assert!(take(&[0x80, 0]).unwrap_err().contains("flags"));
    }

    #[test]
    fn the_socket_type_is_found_among_properties_and_damage_gives_none() {
        let ready = ready();
        let (name, properties) = command(&ready[2..]).unwrap();
        assert_eq!((name, socket_type(properties)), (&b"READY"[..], Some(&b"SUB"[..])));
        assert_eq!(socket_type(b"\x0bSocket-Type\xff\xff\xff\xffPUB"), None);
        assert_eq!(socket_type(b"\xff"), None);
        assert_eq!(command(b"\x09PI"), None);
        let mut other = greeting();
        other[12..17].copy_from_slice(b"CURVE");
        assert!(check_greeting(&other).unwrap_err().contains("CURVE"));
        assert!(check_greeting(&[b'H'; GREETING_LEN]).is_err());
        assert_eq!(check_greeting(&greeting()), Ok(()));
    }
}
