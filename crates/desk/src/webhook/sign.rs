//! Signatures of webhooks: `Athar-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 (RFC 2104) with the endpoint's
//! secret over `SECONDS`, a full stop, and the body as it is.
//!
//! The time is signed with the body: who receives refuses what is older than [`TOLERANCE_SECONDS`], so that a recorded
//! request cannot be played again later, and drops what he has had by the event's id, so that not earlier either.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Name of the header.
pub const SIGNATURE_HEADER: &str = "Athar-Signature";
/// By how many seconds the time of a signature may differ from the receiver's clock.
pub const TOLERANCE_SECONDS: i64 = 300;

fn mac(secret: &str, t: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{t}.").as_bytes());
    mac.update(body);
    Some(mac)
}

/// The value of the header for a body sent at `t`, in seconds since 1970.
pub fn signature(secret: &str, t: i64, body: &[u8]) -> String {
    let tag = mac(secret, t, body).map(|mac| mac.finalize().into_bytes());
    format!("t={t},v1={}", hex::encode(tag.unwrap_or_default()))
}

/// Whether a header is the signature of a body, and not too old. Compares in constant time.
pub fn verify(secret: &str, header: &str, body: &[u8], now: i64) -> bool {
    let mut t = None;
    let mut tags: Vec<Vec<u8>> = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => t = value.parse::<i64>().ok(),
            Some(("v1", value)) => tags.extend(hex::decode(value).ok()),
            _ => {}
        }
    }
    let Some(t) = t.filter(|t| now.abs_diff(*t) <= TOLERANCE_SECONDS.unsigned_abs()) else { return false };
    let Some(mac) = mac(secret, t, body) else { return false };
    tags.iter().any(|tag| mac.clone().verify_slice(tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_secret_body_and_time_alone() {
        let header = signature("secret", 1_700_000_000, b"{}");
        // computed with `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`
        assert_eq!(header, "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
        assert!(verify("secret", &header, b"{}", 1_700_000_299));
        assert!(!verify("secret", &header, b"{}", 1_700_000_301), "too old");
        assert!(!verify("secret", &header, b"{}", 1_699_999_699), "from the future");
        assert!(!verify("secret", &header, b"{ }", 1_700_000_000));
        assert!(!verify("Secret", &header, b"{}", 1_700_000_000));
        assert!(!verify("secret", &header.replace("t=1700000000", "t=1700000001"), b"{}", 1_700_000_000));
        for junk in ["", "t=,v1=", "v1=00", "t=1700000000", "t=1700000000,v1=zz"] {
            assert!(!verify("secret", junk, b"{}", 1_700_000_000), "{junk}");
        }
    }
}
