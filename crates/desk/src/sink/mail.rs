//! Mail by SMTP (RFC 5321), one message for an event.
//!
//! `smtps://` speaks TLS from the start, `smtp://` asks for STARTTLS and sends nothing without it; `tls=none` is taken for a server on
//! this machine alone. A message's id is made of the event's, so that a mail program that has it already shows it once.

use super::Parcel;
use crate::webhook::SendError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport as _};
use serde_json::Value;
use std::time::Duration;

/// Recipients of one sink.
const RECIPIENTS_MAX: usize = 20;
/// Longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// A mail server and who is written to, read from a URL.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    host: String,
    port: u16,
    user: Option<String>,
    is_tls: bool,
    is_plain: bool,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Server {
    /// Reads `smtp[s]://[USER@]HOST[:PORT]?from=ADDRESS&to=ADDRESS[,ADDRESS…][&tls=none]`.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("is no URL")?;
        let is_tls = scheme == "smtps";
        let (place, query) = rest.split_once('?').ok_or("has no ?from=ADDRESS&to=ADDRESS")?;
        let (user, place) = match place.rsplit_once('@') {
            Some((user, place)) => {
                let read = form_urlencoded::parse(user.as_bytes()).next().map(|(name, _)| name.into_owned());
                (read, place)
            }
            None => (None, place),
        };
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            return Err("holds a password, which would be shown: give it apart".into());
        }
        let place = place.trim_end_matches('/');
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') => {
                (host, port.parse().map_err(|_| "has no port that is a number")?)
            }
            _ => (place, if is_tls { 465 } else { 587 }),
        };
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
        if host.is_empty() || !host.chars().all(is_host) {
            return Err("names no server".into());
        }
        let (mut from, mut to, mut is_plain) = (None, Vec::new(), false);
        let mailbox =
            |text: &str| text.parse::<Mailbox>().map_err(|error| format!("`{}`: {error}", text.escape_debug()));
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "from" => from = Some(mailbox(&value)?),
                "to" => to = value.split(',').map(mailbox).collect::<Result<_, _>>()?,
                "tls" if value == "none" => is_plain = true,
                "tls" if value == "starttls" => {}
                _ => return Err(format!("`{}` is none of from, to, tls", name.escape_debug())),
            }
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if is_plain && (is_tls || !is_here) {
            return Err("tls=none: only a server on this machine is spoken to in the clear".into());
        }
        if to.is_empty() || to.len() > RECIPIENTS_MAX {
            return Err(format!("has no recipients, or more than {RECIPIENTS_MAX}"));
        }
        Ok(Self { host, port, user, is_tls, is_plain, from: from.ok_or("has no from=ADDRESS")?, to })
    }

    fn transport(&self, password: &str, time: Duration) -> Result<SmtpTransport, String> {
        let tls = if self.is_plain {
            Tls::None
        } else {
            let parameters = TlsParameters::new(self.host.clone()).map_err(|error| error.to_string())?;
            if self.is_tls { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
        };
        let mut builder = SmtpTransport::builder_dangerous(&self.host).port(self.port).tls(tls).timeout(Some(time));
        if let Some(user) = &self.user {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_owned()));
        }
        Ok(builder.build())
    }
}

pub(super) fn send(url: &str, password: &str, parcel: &Parcel<'_>, time: Duration) -> Result<(), SendError> {
    let failed = SendError::Failed;
    let server = Server::parse(url).map_err(failed)?;
    let message = message(&server, parcel).map_err(failed)?;
    let transport = server.transport(password, time).map_err(failed)?;
    match transport.send(&message) {
        Ok(_) => Ok(()),
        Err(error) => match error.status().map(|code| code.to_string()) {
            // it answered, and does not want this one: the next may be taken
            Some(code) if error.is_permanent() => Err(SendError::Status { status: code.parse().unwrap_or(500) }),
            _ => Err(failed(error.to_string())),
        },
    }
}

fn message(server: &Server, parcel: &Parcel<'_>) -> Result<Message, String> {
    let event: Value = serde_json::from_str(parcel.body).map_err(|error| error.to_string())?;
    let mut builder = Message::builder().from(server.from.clone());
    for to in &server.to {
        builder = builder.to(to.clone());
    }
    let mut message = builder
        .subject(subject(parcel, &event))
        .message_id(Some(format!("<{}@athar.invalid>", parcel.event)))
        .header(ContentType::TEXT_PLAIN)
        .body(text(parcel, &event))
        .map_err(|error| error.to_string())?;
    let marks = [
        ("X-Athar-Event", parcel.event.to_owned()),
        ("X-Athar-Delivery", parcel.delivery.to_string()),
        ("X-Athar-Attempt", parcel.attempt.to_string()),
        ("X-Athar-Duplicate", parcel.is_duplicate().to_string()),
    ];
    for (name, value) in marks {
        message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    Ok(message)
}

/// A text of an event, without line breaks.
fn word(value: &Value) -> String {
    let text =
        value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned);
    text.chars().filter(|c| !c.is_control()).collect()
}

fn subject(parcel: &Parcel<'_>, event: &Value) -> String {
    let alert = &event["alert"];
    let mark = if parcel.is_duplicate() { " (repeated)" } else { "" };
    let text = format!(
        "[athar] {}{mark} {} {} {}",
        parcel.kind,
        word(&alert["severity"]),
        word(&alert["watchlist"]),
        word(&alert["subject"])
    );
    text.trim_end().chars().take(SUBJECT_CHARS_MAX).collect()
}

fn text(parcel: &Parcel<'_>, event: &Value) -> String {
    let alert = &event["alert"];
    let mut out = String::new();
    let rows = [
        ("Alert", "تنبيه", &alert["id"]),
        ("Severity", "الخطورة", &alert["severity"]),
        ("State", "الحالة", &alert["state"]),
        ("Stage", "المرحلة", &alert["stage"]),
        ("Watchlist", "قائمة المراقبة", &alert["watchlist"]),
        ("Pattern", "النمط", &alert["pattern"]),
        ("Subject", "موضوع التنبيه", &alert["subject"]),
        ("Transaction", "المعاملة", &alert["txid"]),
        ("Amount (smallest units)", "المبلغ (بأصغر وحدة)", &alert["units"]),
        ("Asset", "الأصل", &alert["asset"]),
        ("Change", "التغيير", &event["change"]["action"]),
        ("By", "بواسطة", &event["change"]["actor"]),
    ];
    for (english, arabic, value) in rows.into_iter().filter(|(.., value)| !value.is_null()) {
        out.push_str(&format!("{english} / {arabic}: {}\n", word(value)));
    }
    if parcel.is_duplicate() {
        out.push_str(&format!(
            "\nAttempt {}: this message may have been delivered before.\nالمحاولة {}: ربما سُلّمت هذه الرسالة من قبل.\n",
            parcel.attempt, parcel.attempt
        ));
    }
    out.push_str(&format!("\n{}\n", parcel.body));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_and_nothing_goes_in_the_clear_but_to_this_machine() {
        let server = Server::parse(
            "smtps://fiu%40example.org@mail.example.org?from=athar@example.org&to=a@example.org,b@example.org",
        )
        .unwrap();
        assert_eq!((server.port, server.user.as_deref(), server.to.len()), (465, Some("fiu@example.org"), 2));
        assert!(Server::parse("smtp://127.0.0.1:2525?from=a@b.example&to=c@d.example&tls=none").is_ok());
        assert!(Server::parse("smtp://[::1]:2525?from=a@b.example&to=c@d.example&tls=none").is_ok());
        for wrong in [
            "smtp://mail.example.org?from=a@b.example&to=c@d.example&tls=none",
            "smtp://mail.example.org",
            "smtp://mail.example.org?from=a@b.example",
            "smtp://mail.example.org?to=a@b.example",
            "smtp://mail.example.org?from=nonsense&to=a@b.example",
            "smtp://user:password@mail.example.org?from=a@b.example&to=c@d.example",
            "smtp://?from=a@b.example&to=c@d.example",
            "smtp://mail.example.org:port?from=a@b.example&to=c@d.example",
            "smtp://mail.example.org?from=a@b.example&to=c@d.example&cc=x",
        ] {
            assert!(Server::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_says_what_and_which_attempt() {
        let server = Server::parse("smtp://127.0.0.1:2525?from=a@b.example&to=c@d.example&tls=none").unwrap();
        let body =
            "{\"alert\":{\"id\":4,\"severity\":\"severe\",\"subject\":\"x\\r\\nBcc: e@f.example\"},\"change\":{}}";
        let parcel = Parcel { delivery: 3, attempt: 2, event: "evt_1", kind: "alert.raised", body, now: 0 };
        let text = String::from_utf8(message(&server, &parcel).unwrap().formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        for wanted in [
            "Message-ID: <evt_1@athar.invalid>",
            "X-Athar-Attempt: 2",
            "X-Athar-Duplicate: true",
            "X-Athar-Delivery: 3",
        ] {
            assert!(head.contains(wanted), "{wanted} in {head}");
        }
        assert!(!head.lines().any(|line| line.starts_with("Bcc:")), "{head}");
    }
}
