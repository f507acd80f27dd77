//! The application's pages, and the headers of every answer.

use crate::client::{Answer, ask, get, parse, raw};
use crate::team::Desk;
use crate::world::shared;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn page(path: &str) -> Answer {
    get(shared(), path)
}

/// What a service answers pages with: the application, or that it was not built.
fn page_status() -> u16 {
    if athar_webui::is_built() { 200 } else { 503 }
}

#[test]
fn every_answer_carries_the_headers_that_bind_a_browser() {
    let desk = Desk::new();
    let mut answers = vec![
        page("/"),
        page("/cases/7"),
        page("/v1/status"),
        page("/v1/nothing"),
        page("/assets/none.js"),
        page("/v1/address/nonsense"),
        page("/health"),
        ask(shared(), "DELETE", "/v1/status", &[], b""),
        ask(shared(), "POST", "/v1/screenings", &[("content-type", "text/html")], b"<script>"),
        ask(shared(), "HEAD", "/", &[], b""),
        get(desk.address(), "/v1/status"),
        desk.login("viewer", "wrong"),
        desk.login("viewer", crate::team::PASSWORD),
    ];
    answers.push(parse(&raw(shared(), b"GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")));
    for answer in answers {
        assert_eq!(answer.header("content-security-policy"), Some(POLICY), "{}", answer.status);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert!(answer.header("cache-control").is_some());
        // plain HTTP promises nothing about TLS
        assert_eq!(answer.header("strict-transport-security"), None);
    }
}

#[test]
fn every_path_of_the_application_is_its_page_and_no_path_leads_out_of_it() {
    for path in ["/", "/cases/7", "/s/bitcoin/%D8%A3", "/login?error=x", "/users"] {
        let answer = page(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (page_status(), Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(!answer.text().contains("<style") && !answer.text().contains(" onload="), "{path}");
        let head = ask(shared(), "HEAD", path, &[], b"");
        assert_eq!((head.status, head.body.len()), (answer.status, 0), "{path}");
        assert_eq!(head.header("content-length"), Some(answer.body.len().to_string().as_str()));
    }
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2f..%2fetc%2fpasswd",
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cCargo.toml",
        "/assets\\..\\Cargo.toml",
        "/assets/%00",
        "/assets/a%00.js",
        "/index.html%00",
        "/%c0%ae%c0%ae/x",
        "/assets/%252e%252e/x",
        "//etc/passwd",
        "/./x",
        "/assets//x",
        "/assets/",
        "/ASSETS/../x",
        "/%0d%0aset-cookie:%20a=b",
        "/.env.json",
    ] {
        let answer = page(path);
        // a server of HTTP itself may refuse a path before anybody looks at it
        assert!(answer.status == 404 || answer.status == 400, "{path}: {}", answer.status);
        assert!(!answer.text().contains("[workspace]") && !answer.text().contains("root:"), "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}

#[test]
fn files_of_the_application_are_kept_by_browsers_and_come_compressed() {
    let index = page("/");
    let tag = index.header("etag").unwrap().to_owned();
    let again = ask(shared(), "GET", "/", &[("if-none-match", &tag)], b"");
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())));
    for asset in athar_webui::assets() {
        let plain = page(&format!("/{}", asset.path));
        assert_eq!(plain.body, asset.bytes, "{}", asset.path);
        assert_eq!(plain.header("content-encoding"), None);
        for (encoding, form) in [("br", asset.brotli), ("gzip", asset.gzip)] {
            let Some(form) = form else { continue };
            let packed = ask(shared(), "GET", &format!("/{}", asset.path), &[("accept-encoding", encoding)], b"");
            assert_eq!((packed.header("content-encoding"), packed.body.as_slice()), (Some(encoding), form));
            assert_eq!(packed.header("vary"), Some("Accept-Encoding"));
            assert_ne!(packed.header("etag"), plain.header("etag"));
        }
        let keep = if asset.is_immutable() { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!(plain.header("cache-control"), Some(keep), "{}", asset.path);
    }
}

#[test]
fn readiness_is_told_apart_from_being_there() {
    let desk = Desk::new();
    assert_eq!(get(desk.address(), "/ready").json()["database"], "ok");
    assert_eq!(page("/ready").json()["database"], "none");
    // the answer needs neither key nor session
    assert_eq!(get(desk.address(), "/health").status, 200);
}
