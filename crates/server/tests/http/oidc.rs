//! Logging in at a provider of OpenID Connect: a small one on this machine, with real keys, honest and otherwise.

use crate::client::{Answer, ask};
use crate::team::{Browser, Desk};
use athar_server::{Oidc, People, Settings};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the provider does at the next login.
#[derive(Clone)]
struct Mind {
    /// Claims that are put over the right ones; null takes one away.
    claims: Value,
    /// By which algorithm tokens are signed.
    alg: &'static str,
    /// Whether the keys are published under another id from now on.
    kid: &'static str,
    /// The status of its answers to codes.
    status: u16,
}

struct Provider {
    address: SocketAddr,
    mind: Arc<Mutex<Mind>>,
    /// What was sent for the last code: the form, and the header.
    sent: Arc<Mutex<(HashMap<String, String>, String)>>,
    /// Nonce and challenge of the login under way.
    begun: Arc<Mutex<(String, String)>>,
}

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    random: SystemRandom,
}

impl Keys {
    fn new() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
        Self { rsa: RsaKeyPair::from_pkcs8(include_bytes!("issuer.pk8")).unwrap(), ec, random }
    }

    fn published(&self, kid: &str) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public: ring::rsa::PublicKeyComponents<Vec<u8>> = self.rsa.public_key().into();
        let point = self.ec.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "kid": format!("rsa-{kid}"), "n": encode(&public.n), "e": encode(&public.e) },
            { "kty": "EC", "use": "sig", "kid": format!("ec-{kid}"), "crv": "P-256", "alg": "ES256", "x": encode(&point[1..33]), "y": encode(&point[33..]) },
            { "kty": "oct", "kid": "shared" },
        ] })
    }

    fn token(&self, alg: &str, kid: &str, claims: &Value) -> String {
        let kid = if alg == "ES256" { format!("ec-{kid}") } else { format!("rsa-{kid}") };
        let head = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = match alg {
            "ES256" => self.ec.sign(&self.random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            "none" => Vec::new(),
            _ => {
                let mut out = vec![0; self.rsa.public().modulus_len()];
                let form: &dyn ring::signature::RsaEncoding =
                    if alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                self.rsa.sign(form, &self.random, signed.as_bytes(), &mut out).unwrap();
                out
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let provider = Self {
            address,
            mind: Arc::new(Mutex::new(Mind { claims: json!({}), alg: "RS256", kid: "1", status: 200 })),
            sent: Arc::default(),
            begun: Arc::default(),
        };
        let (mind, sent, begun) = (provider.mind.clone(), provider.sent.clone(), provider.begun.clone());
        std::thread::spawn(move || {
            let keys = Keys::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let mind = mind.lock().unwrap().clone();
                let begun = begun.lock().unwrap().clone();
                answer(stream, address, &keys, &mind, &begun, &sent);
            }
        });
        provider
    }

    fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    fn think(&self, change: impl FnOnce(&mut Mind)) {
        change(&mut self.mind.lock().unwrap());
    }
}

fn answer(
    mut stream: TcpStream,
    address: SocketAddr,
    keys: &Keys,
    mind: &Mind,
    (nonce, _): &(String, String),
    sent: &Mutex<(HashMap<String, String>, String)>,
) {
    let mut bytes = Vec::new();
    let mut part = [0; 4_096];
    let (head, body) = loop {
        let read = stream.read(&mut part).unwrap_or(0);
        if read == 0 {
            return;
        }
        bytes.extend(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if body.len() >= length.map_or(0, |n| n.trim().parse::<usize>().unwrap()) {
            break (head.to_owned(), body.to_owned());
        }
    };
    let issuer = format!("http://{address}");
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, content) = match path.as_str() {
        "/.well-known/openid-configuration" => (
            200,
            json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/login"), "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"), "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }),
        ),
        "/keys" => (200, keys.published(mind.kid)),
        "/token" => {
            let form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let given = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().starts_with("authorization: ").then(|| l[15..].to_owned()));
            *sent.lock().unwrap() = (form, given.unwrap_or_default());
            let now = athar_server::keys::now_s();
            let mut claims = json!({
                "iss": issuer, "sub": "subject-1", "aud": "athar", "iat": now, "exp": now + 300, "nonce": nonce,
                "preferred_username": "amal", "name": "أمل",
            });
            for (name, value) in mind.claims.as_object().unwrap() {
                if value.is_null() {
                    claims.as_object_mut().unwrap().remove(name);
                } else {
                    claims[name] = value.clone();
                }
            }
            let token = keys.token(mind.alg, mind.kid, &claims);
            (mind.status, json!({ "access_token": "unused", "token_type": "Bearer", "id_token": token }))
        }
        _ => (404, json!({})),
    };
    let content = content.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{content}",
        content.len()
    );
}

fn desk(provider: &Provider, make_users: bool) -> Desk {
    let oidc = Oidc {
        issuer: provider.issuer(),
        client_id: "athar".into(),
        client_secret: Some("s3cret of the client".into()),
        name: "Ministry".into(),
        make_users,
        roots: None,
    };
    Desk::with(|s| Settings { people: People { oidc: Some(oidc), ..s.people.clone() }, ..s })
}

/// The cookies that an answer sets.
fn cookies(answer: &Answer) -> HashMap<String, String> {
    let set = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let pairs = set.filter_map(|(_, value)| value.split(';').next()?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Begins a login: where the browser is sent, with its parameters, and the cookie of the login.
fn begin(desk: &Desk, provider: &Provider) -> (HashMap<String, String>, String) {
    let begun = ask(desk.address(), "GET", "/v1/session/oidc", &[], b"");
    assert_eq!(begun.status, 303, "{}", begun.text());
    let place = begun.header("location").unwrap();
    let (page, query) = place.split_once('?').unwrap();
    assert_eq!(page, format!("{}/login", provider.issuer()));
    let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    *provider.begun.lock().unwrap() = (query["nonce"].clone(), query["code_challenge"].clone());
    let set = begun.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    (query, format!("athar_oidc={}", cookies(&begun)["athar_oidc"]))
}

/// Comes back as the provider sends the browser.
fn come_back(desk: &Desk, state: &str, cookie: &str) -> Answer {
    let path = format!("/v1/session/oidc/callback?state={state}&code=the%20code&session_state=x");
    let headers = [("cookie", cookie), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    ask(desk.address(), "GET", &path, &headers, b"")
}

fn login(desk: &Desk, provider: &Provider) -> Answer {
    let (query, cookie) = begin(desk, provider);
    come_back(desk, &query["state"], &cookie)
}

#[test]
fn a_person_logs_in_at_the_provider() {
    let provider = Provider::start();
    let desk = desk(&provider, true);
    let session = crate::client::get(desk.address(), "/v1/session").json();
    assert_eq!(session["login"]["oidc"], json!({ "name": "Ministry", "start": "/v1/session/oidc" }));
    let (query, cookie) = begin(&desk, &provider);
    let back = format!("http://{}/v1/session/oidc/callback", desk.address());
    assert_eq!((query["redirect_uri"].as_str(), query["response_type"].as_str()), (back.as_str(), "code"));
    assert_eq!((query["client_id"].as_str(), query["code_challenge_method"].as_str()), ("athar", "S256"));
    assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
    let answer = come_back(&desk, &query["state"], &cookie);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{}", desk.service.log.text());
    let set = cookies(&answer);
    assert!(set["athar_oidc"].is_empty());
    let (form, header) = provider.sent.lock().unwrap().clone();
    assert_eq!((form["code"].as_str(), form["redirect_uri"].as_str()), ("the code", back.as_str()));
    let challenge =
        URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, form["code_verifier"].as_bytes()));
    assert_eq!(challenge, query["code_challenge"]);
    let pair = String::from_utf8(STANDARD.decode(header.split_once(' ').unwrap().1).unwrap()).unwrap();
    assert_eq!(pair, "athar:s3cret+of+the+client");
    // a viewer was made, and is the same one the next time, by every algorithm
    let browser = Browser {
        address: desk.address(),
        cookie: format!("athar_session={}", set["athar_session"]),
        csrf: String::new(),
    };
    let user = browser.get("/v1/session").json()["user"].clone();
    assert_eq!(
        (user["name"].as_str(), user["role"].as_str(), user["display"].as_str()),
        (Some("amal"), Some("viewer"), Some("أمل"))
    );
    for alg in ["PS256", "ES256", "RS256"] {
        provider.think(|mind| (mind.alg, mind.claims) = (alg, json!({ "preferred_username": "renamed" })));
        let again = cookies(&login(&desk, &provider));
        let browser = Browser { cookie: format!("athar_session={}", again["athar_session"]), ..browser.clone() };
        assert_eq!(browser.get("/v1/session").json()["user"], user, "{alg}");
    }
    let log = desk.service.log.text();
    assert!(!log.contains("the code") && !log.contains("s3cret") && !log.contains(&set["athar_session"]), "{log}");
}

#[test]
fn whoever_the_provider_does_not_vouch_for_stays_outside() {
    let provider = Provider::start();
    let desk = desk(&provider, true);
    let is_refused = |answer: &Answer, what: &str| {
        let place = answer.header("location").unwrap_or_default().to_owned();
        assert!(answer.status == 303 && place.starts_with("/login?error=login_"), "{what}: {} {place}", answer.status);
        assert!(!cookies(answer).contains_key("athar_session"), "{what}");
    };
    for (what, claims) in [
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("another client", json!({ "aud": "other" })),
        ("expired", json!({ "exp": 1_000 })),
        ("another login", json!({ "nonce": "other" })),
        ("no nonce", json!({ "nonce": null })),
        ("nobody", json!({ "sub": "" })),
        ("of a time to come", json!({ "iat": 99_999_999_999_u64 })),
    ] {
        provider.think(|mind| mind.claims = claims);
        is_refused(&login(&desk, &provider), what);
    }
    provider.think(|mind| (mind.claims, mind.alg) = (json!({}), "none"));
    is_refused(&login(&desk, &provider), "unsigned");
    provider.think(|mind| mind.alg = "RS384");
    is_refused(&login(&desk, &provider), "an algorithm that is not read");
    provider.think(|mind| (mind.alg, mind.status) = ("RS256", 400));
    is_refused(&login(&desk, &provider), "a code that counts for nothing");
    provider.think(|mind| mind.status = 500);
    is_refused(&login(&desk, &provider), "a provider that fails");
    provider.think(|mind| mind.status = 200);
    // another browser's login, an invented state, no cookie
    let ((query, cookie), (other, _)) = (begin(&desk, &provider), begin(&desk, &provider));
    is_refused(&come_back(&desk, &other["state"], &cookie), "another login's state");
    is_refused(&come_back(&desk, &query["state"], "a=b"), "another browser");
    is_refused(&come_back(&desk, "x", "athar_oidc=x.."), "an invented one");
    let refused = format!("/v1/session/oidc/callback?state={}&error=access_denied", query["state"]);
    is_refused(&ask(desk.address(), "GET", &refused, &[("cookie", &cookie)], b""), "the provider's own no");
    // no account is taken over by its name
    provider.think(|mind| mind.claims = json!({ "sub": "subject-2", "preferred_username": "admin" }));
    is_refused(&login(&desk, &provider), "a name that is another's");
    assert_eq!(desk.browser("admin").get("/v1/users").json()["users"].as_array().unwrap().len(), 4);
}

#[test]
fn only_who_was_expected_is_let_in_where_users_are_not_made() {
    let provider = Provider::start();
    let desk = desk(&provider, false);
    let admin = desk.browser("admin");
    assert!(login(&desk, &provider).header("location").unwrap().contains("login_refused"));
    let made = admin.ask("POST", "/v1/users", &json!({ "name": "amal", "role": "analyst", "oidc": true }));
    assert!(made.status == 201 && made.json()["password"].is_null(), "{}", made.text());
    let set = cookies(&login(&desk, &provider));
    let browser = Browser {
        address: desk.address(),
        cookie: format!("athar_session={}", set["athar_session"]),
        csrf: String::new(),
    };
    assert_eq!(browser.get("/v1/session").json()["user"]["role"], "analyst");
    // the account is that person's from now on, whatever somebody else is called there
    provider.think(|mind| mind.claims = json!({ "sub": "subject-9" }));
    assert!(login(&desk, &provider).header("location").unwrap().contains("login_refused"));
}
