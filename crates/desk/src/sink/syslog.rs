//! Syslog (RFC 5424) to this machine: over UDP (RFC 5426), over TCP with octet counting (RFC 6587), or to the socket of the system's
//! log. What goes further from there is the business of the system's log.
//!
//! A datagram is never answered: that it was sent is all that can be known, so delivery over UDP is as sure as this machine's own
//! loopback.

use super::Parcel;
use crate::webhook::SendError;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

/// Facility 13, log audit.
const FACILITY: u32 = 13;
/// How long the other side of a TCP connection is waited for to close it.
const CLOSE_WAIT: Duration = Duration::from_millis(500);
/// Longest datagram, in bytes: what fits a UDP packet on loopback. A longer event is sent without its body, which the desk still has.
const DATAGRAM_MAX: usize = 60_000;
/// The enterprise number that RFC 5612 reserves for documentation: parameters are named as here whoever runs the program.
const ENTERPRISE: u32 = 32_473;

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// UDP on this machine.
    Udp(SocketAddr),
    /// TCP on this machine.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Place {
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("is no URL")?;
        if scheme == "syslog+unix" {
            let path =
                Some(rest).filter(|path| path.starts_with('/')).ok_or("names no socket: syslog+unix:///dev/log")?;
            return Ok(Self::Unix(path.into()));
        }
        let address: SocketAddr =
            rest.parse().map_err(|_| "names no address and port, such as 127.0.0.1:514".to_owned())?;
        if !address.ip().is_loopback() {
            return Err("is not this machine: its own log hands messages on".into());
        }
        Ok(if scheme == "syslog+tcp" { Self::Tcp(address) } else { Self::Udp(address) })
    }

    pub(super) fn send(&self, parcel: &Parcel<'_>, time: Duration) -> Result<(), SendError> {
        let run = || -> io::Result<()> {
            match self {
                Self::Udp(to) => {
                    let from: SocketAddr =
                        if to.is_ipv4() { ([127, 0, 0, 1], 0).into() } else { ([0, 0, 0, 0, 0, 0, 0, 1], 0).into() };
                    let socket = UdpSocket::bind(from)?;
                    // a connected socket hears where nobody listens
                    socket.connect(to)?;
                    socket.send(datagram(parcel).as_bytes())?;
                    Ok(())
                }
                Self::Tcp(to) => {
                    let mut stream = TcpStream::connect_timeout(to, time)?;
                    stream.set_write_timeout(Some(time))?;
                    let message = message(parcel, parcel.body);
                    stream.write_all(format!("{} {message}", message.len()).as_bytes())?;
                    stream.flush()?;
                    stream.shutdown(std::net::Shutdown::Write)?;
                    // whoever reads to the end closes, which says that it came; one who keeps the connection open is believed
                    stream.set_read_timeout(Some(CLOSE_WAIT))?;
                    match stream.read(&mut [0; 64]) {
                        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Err(error),
                        _ => Ok(()),
                    }
                }
                #[cfg(unix)]
                Self::Unix(path) => {
                    let socket = std::os::unix::net::UnixDatagram::unbound()?;
                    socket.set_write_timeout(Some(time))?;
                    socket.connect(path)?;
                    socket.send(datagram(parcel).as_bytes())?;
                    Ok(())
                }
                #[cfg(not(unix))]
                Self::Unix(_) => Err(io::Error::other("this system has no such socket")),
            }
        };
        run().map_err(|error| SendError::Failed(error.to_string()))
    }
}

fn datagram(parcel: &Parcel<'_>) -> String {
    let whole = message(parcel, parcel.body);
    if whole.len() <= DATAGRAM_MAX {
        return whole;
    }
    let short = format!("{{\"id\":\"{}\",\"type\":\"{}\",\"truncated\":true}}", parcel.event, parcel.kind);
    message(parcel, &short)
}

/// A message of RFC 5424: header, structured data, and the event as UTF-8 behind its mark.
fn message(parcel: &Parcel<'_>, body: &str) -> String {
    // warning: what needs a person is in the event
    let priority = FACILITY * 8 + 4;
    format!(
        "<{priority}>1 {} - athar {} {} [alert@{ENTERPRISE} delivery=\"{}\" event=\"{}\" attempt=\"{}\" duplicate=\"{}\"] \u{feff}{body}",
        time(parcel.now),
        std::process::id(),
        parcel.kind,
        parcel.delivery,
        parcel.event,
        parcel.attempt,
        parcel.is_duplicate(),
    )
}

/// RFC 3339 of seconds since 1970.
fn time(seconds: i64) -> String {
    athar_types::UnixTime(u32::try_from(seconds).unwrap_or(0)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARCEL: Parcel<'_> = Parcel {
        delivery: 3,
        attempt: 2,
        event: "evt_1",
        kind: "alert.raised",
        body: "{\"a\":\"\u{639}\"}",
        now: 1_700_000_000,
    };

    #[test]
    fn a_message_is_of_the_form_of_the_standard() {
        let text = message(&PARCEL, PARCEL.body);
        assert!(text.starts_with("<108>1 2023-11-14T22:13:20Z - athar "), "{text}");
        assert!(
            text.contains(
                "[alert@32473 delivery=\"3\" event=\"evt_1\" attempt=\"2\" duplicate=\"true\"] \u{feff}{\"a\""
            ),
            "{text}"
        );
    }

    #[test]
    fn it_arrives_over_udp_tcp_and_a_socket() {
        let time = Duration::from_secs(2);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let place = Place::parse(&format!("syslog+udp://{}", udp.local_addr().unwrap())).unwrap();
        place.send(&PARCEL, time).unwrap();
        let mut buffer = [0; 2_000];
        let read = udp.recv(&mut buffer).unwrap();
        assert!(std::str::from_utf8(&buffer[..read]).unwrap().ends_with(PARCEL.body));

        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::parse(&format!("syslog+tcp://{}", tcp.local_addr().unwrap())).unwrap();
        place.send(&PARCEL, time).unwrap();
        let mut text = String::new();
        tcp.accept().unwrap().0.read_to_string(&mut text).unwrap();
        let (length, rest) = text.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), rest.len());

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        Place::parse(&format!("syslog+unix://{}", path.display())).unwrap().send(&PARCEL, time).unwrap();
        assert!(socket.recv(&mut buffer).unwrap() > 100);
        drop((udp, tcp));
        let gone = Place::parse("syslog+tcp://127.0.0.1:1").unwrap().send(&PARCEL, time).unwrap_err();
        assert!(matches!(gone, SendError::Failed(_)), "{gone}");
    }

    #[test]
    fn what_is_too_long_for_a_datagram_is_named() {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(DATAGRAM_MAX));
        let text = datagram(&Parcel { body: &body, ..PARCEL });
        assert!(text.len() < 1_000 && text.contains("\"truncated\":true"), "{}", text.len());
    }
}
