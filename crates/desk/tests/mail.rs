//! Alerts by mail, to a mail server on this machine that takes them, refuses them, or says nothing.
#![cfg(feature = "mail")]
use athar_desk::Desk;
use athar_desk::sink::{NewSink, Parcel};
use athar_desk::webhook::{SendError, Sender, SenderSettings};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What the server says to a recipient, and the mails that it took.
fn server(to_recipient: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mails: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = mails.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
            say("220 localhost ESMTP");
            while let Some(Ok(line)) = lines.next() {
                match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                    "EHLO" => say("250-localhost\r\n250 8BITMIME"),
                    "RCPT" => say(to_recipient),
                    "DATA" => {
                        say("354 go on");
                        let mail: Vec<String> =
                            lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                        kept.lock().unwrap().push(mail.join("\n"));
                        say("250 taken");
                    }
                    "QUIT" => {
                        say("221 bye");
                        break;
                    }
                    _ => say("250 well"),
                }
            }
        }
    });
    (at, mails)
}

fn url(at: SocketAddr) -> String {
    format!("smtp://{at}?from=athar@example.org&to=desk@example.org&tls=none")
}

fn sender() -> Sender {
    let second = Duration::from_secs(1);
    Sender::new(SenderSettings { resolve: second, connect: second, total: second })
}

#[test]
fn a_test_event_arrives_as_a_mail_with_its_marks() {
    let (at, mails) = server("250 well");
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let id = desk.add_sink(&NewSink { url: url(at), ..NewSink::default() }, 1).unwrap();
    desk.test_endpoint(id, 2).unwrap();
    assert_eq!(desk.deliver(&sender(), &|| 3, &mut || true).unwrap().delivered, 1);
    let mails = mails.lock().unwrap();
    assert_eq!(mails.len(), 1);
    for wanted in [
        "From: athar@example.org",
        "To: desk@example.org",
        "X-Athar-Attempt: 1",
        "X-Athar-Duplicate: false",
        "[athar] webhook.test",
    ] {
        assert!(mails[0].contains(wanted), "{wanted} in {}", mails[0]);
    }
}

#[test]
fn a_refusal_is_repeated_later_and_marked_and_a_server_that_says_nothing_takes_no_longer_than_it_may() {
    let (at, mails) = server("550 no such user");
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let id = desk.add_sink(&NewSink { url: url(at), ..NewSink::default() }, 1).unwrap();
    desk.test_endpoint(id, 2).unwrap();
    assert_eq!(desk.deliver(&sender(), &|| 3, &mut || true).unwrap().failed, 1);
    let waiting = desk.deliveries("waiting", 0, 10).unwrap().rows.remove(0);
    assert_eq!((waiting.attempts, waiting.begun), (1, 1));
    assert!(waiting.error.unwrap().contains("550") && waiting.due_at > 3);
    assert!(mails.lock().unwrap().is_empty());

    // what is repeated says so
    let (well, taken) = server("250 well");
    let parcel = Parcel { delivery: 1, attempt: 2, event: "evt_1", kind: "alert.raised", body: "{}", now: 1 };
    sender().send(&url(well), "", &parcel, true).unwrap();
    assert!(taken.lock().unwrap()[0].contains("X-Athar-Duplicate: true"));

    // takes connections and never says anything
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let error = sender().send(&url(silent.local_addr().unwrap()), "", &parcel, true).unwrap_err();
    assert!(matches!(error, SendError::Failed(_)), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
