//! TLS: the handshake, the certificate that is renewed, cookies, clients that begin and do not go on.

use crate::client::{Answer, connect, parse};
use crate::team::{Desk, PASSWORD};
use athar_server::{Limits, ServeError, Server, Settings, TlsFiles, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Writes a new certificate for `localhost`, and gives it.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    // the pair is taken up when both are there
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { cert: folder.join("cert.pem"), key: folder.join("key.pem") }
}

/// Asks over TLS, trusting one certificate.
fn ask_tls(address: SocketAddr, trusted: &CertificateDer<'static>, request: &str) -> Result<Answer, String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, connect(address));
    stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(parse(&answer))
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn the_service_speaks_tls_with_the_certificate_that_is_there_now() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let second = Duration::from_secs(1);
    let desk = Desk::with(|s| Settings {
        transport: Transport { tls: Some(files(folder.path())), behind_proxy: false },
        limits: Limits { head_time: second, ..Limits::for_workers(2) },
        ..s
    });
    let address = desk.address();
    // who begins and does not go on holds nobody up
    let silent = connect(address);
    let mut rubbish = connect(address);
    rubbish.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let health = ask_tls(address, &first, &request("GET", "/health", "", "")).unwrap();
    assert_eq!((health.status, health.header("strict-transport-security")), (200, Some("max-age=31536000")));
    let body = serde_json::json!({ "name": "viewer", "password": PASSWORD }).to_string();
    let from = |origin: &str| request("POST", "/v1/session", &format!("origin: {origin}\r\n"), &body);
    let login = ask_tls(address, &first, &from("https://localhost")).unwrap();
    let set = login.header("set-cookie").unwrap();
    assert!(login.status == 200 && set.starts_with("__Host-athar_session=") && set.ends_with("; Secure"), "{set}");
    assert_eq!(ask_tls(address, &first, &from("http://localhost")).unwrap().code(), "origin_refused");
    // both were cut off by the handshake's time
    for mut stream in [silent, rubbish] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"));
    }
    // renewed while it runs
    let renewed = certify(folder.path());
    let ask_new = || ask_tls(address, &renewed, &request("GET", "/health", "", "")).is_ok_and(|a| a.status == 200);
    assert!((0..100).any(|_| ask_new() || {
        std::thread::sleep(Duration::from_millis(100));
        false
    }));
    assert!(ask_tls(address, &first, &request("GET", "/health", "", "")).is_err());
    // a damaged one leaves it in use
    std::fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    let told = || desk.service.log.text().contains("certificate_unreadable");
    assert!((0..100).any(|_| told() || {
        std::thread::sleep(Duration::from_millis(100));
        false
    }));
    assert!(ask_new());
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_before_anything_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let other = tempfile::tempdir().unwrap();
    certify(other.path());
    let bind = |cert: &Path, key: &Path| {
        let tls = Some(TlsFiles { cert: cert.into(), key: key.into() });
        let settings = crate::world::settings(&crate::world::world().store);
        Server::bind(Settings { transport: Transport { tls, behind_proxy: false }, ..settings }, std::io::sink())
    };
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    for (cert, key) in [
        (folder.path().join("none.pem"), key.clone()),
        (cert.clone(), folder.path().join("none.pem")),
        (key.clone(), key.clone()),
        (cert.clone(), cert.clone()),
        (cert.clone(), other.path().join("key.pem")),
    ] {
        assert!(matches!(bind(&cert, &key), Err(ServeError::Tls { .. })), "{} {}", cert.display(), key.display());
    }
    assert!(bind(&cert, &key).is_ok());
}
