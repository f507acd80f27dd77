//! What an ID token must say (OpenID Connect Core, 3.1.3.7): of this provider, for this service, of now, of this login.

use super::{Identity, Oidc};
use serde::Deserialize;
use serde_json::Value;

/// Seconds that clocks may differ by.
const LEEWAY_S: i64 = 60;
/// Bytes of a subject, by the standard.
const SUBJECT_BYTES_MAX: usize = 255;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: String,
    preferred_username: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

/// Who a signed content says it is, or what is wrong with it.
pub(super) fn check(content: &[u8], oidc: &Oidc, nonce: &str, now_s: i64) -> Result<Identity, String> {
    let claims: Claims = serde_json::from_slice(content).map_err(|e| format!("the ID token cannot be read: {e}"))?;
    let wrong = |what: &str| Err(format!("the ID token {what}"));
    if claims.iss != oidc.issuer {
        return wrong("is of another issuer");
    }
    let audiences: Vec<&str> = match &claims.aud {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&oidc.client_id.as_str()) {
        return wrong("is for another client");
    }
    if claims.azp.as_ref().is_some_and(|party| *party != oidc.client_id)
        || (audiences.len() > 1 && claims.azp.is_none())
    {
        return wrong("was given to another party");
    }
    if claims.exp.saturating_add(LEEWAY_S) <= now_s {
        return wrong("has expired");
    }
    if claims.iat > now_s + LEEWAY_S || claims.nbf.is_some_and(|from| from > now_s + LEEWAY_S) {
        return wrong("is of a time to come");
    }
    if nonce.is_empty() || claims.nonce != nonce {
        return wrong("belongs to another login");
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_BYTES_MAX {
        return wrong("names nobody");
    }
    Ok(Identity { subject: claims.sub, name: claims.preferred_username.or(claims.email), display: claims.name })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use serde_json::json;

    #[test]
    fn every_claim_counts() {
        let oidc = Oidc {
            issuer: "https://login.example".into(),
            client_id: "athar".into(),
            client_secret: None,
            name: String::new(),
            make_users: false,
            roots: None,
        };
        let good = json!({
            "iss": "https://login.example", "sub": "s-1", "aud": "athar", "exp": 2_000, "iat": 1_000, "nonce": "n",
            "preferred_username": "amal", "name": "أمل",
        });
        let ask = |claims: &Value| check(claims.to_string().as_bytes(), &oidc, "n", 1_500);
        let amal = Identity { subject: "s-1".into(), name: Some("amal".into()), display: Some("أمل".into()) };
        assert_eq!(ask(&good).unwrap(), amal);
        for (field, value, may) in [
            ("iss", json!("https://login.example/"), false),
            ("aud", json!("other"), false),
            ("aud", json!(["athar"]), true),
            ("aud", json!(["athar", "other"]), false),
            ("aud", json!(7), false),
            ("azp", json!("other"), false),
            ("azp", json!("athar"), true),
            ("exp", json!(1_440), false),
            ("exp", json!(1_441), true),
            ("exp", json!("2000"), false),
            ("iat", json!(1_561), false),
            ("nbf", json!(1_561), false),
            ("nbf", json!("0"), false),
            ("nonce", json!("m"), false),
            ("sub", json!(""), false),
            ("sub", json!("x".repeat(256)), false),
        ] {
            let mut claims = good.clone();
            claims[field] = value.clone();
            assert_eq!(ask(&claims).is_ok(), may, "{field} {value}");
        }
        for field in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(field);
            assert!(ask(&claims).is_err(), "without {field}");
        }
        let mut both = good.clone();
        both["aud"] = json!(["athar", "other"]);
        both["azp"] = json!("athar");
        assert!(ask(&both).is_ok());
    }
}
