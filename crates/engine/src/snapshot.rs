//! The snapshot of an answer: a hash over everything that can change it.

use serde::Serialize;

/// Everything but the question that an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// Program and version.
    pub program: String,
    /// Chain and network.
    pub chain: String,
    /// Height of the last block; `None` in an empty store.
    pub tip_height: Option<u32>,
    /// Hash of the last block.
    pub tip_hash: Option<String>,
    /// Version of the entity rules and which of them apply.
    pub heuristics: String,
    /// Hash over the labels in use.
    pub labels: String,
    /// Hash over the imported versions of official lists, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<String>,
    /// Hash of the table that turns labels into levels.
    pub risk_table: String,
    /// Hash of the price table in use: imported prices, and built-in ones where those count.
    pub prices: String,
    /// Version of the cut list, and the block that it was made at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuts: Option<String>,
    /// Versions of the figures and the rules by which services are inferred, and the last block that was counted; none
    /// where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
    /// What of a chain of accounts the store covers, and the registry of tokens in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<String>,
    /// Version of the off-chain records, where the store has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// Hash of the last block that the entities know, where that is not the chain's last one; or of the block that the stored
    /// ones end with, where it has left the chain and some figures are not known for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entities_tip: Option<String>,
}

impl Basis {
    /// The snapshot of one answer: BLAKE3 over the basis, the command's name and its parameters, in hexadecimal.
    pub fn snapshot(&self, command: &str, parameters: &impl Serialize) -> String {
        Snapshots::of(self).snapshot(command, parameters)
    }
}

/// Makes the snapshots of one opened store: the basis is hashed once, each question goes on from there.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots(blake3::Hasher);

impl Snapshots {
    pub(crate) fn of(basis: &Basis) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("athar snapshot version 1");
        part(&mut hasher, basis);
        Self(hasher)
    }

    /// See [`Basis::snapshot`].
    pub(crate) fn snapshot(&self, command: &str, parameters: &impl Serialize) -> String {
        let mut hasher = self.0.clone();
        part(&mut hasher, &command);
        part(&mut hasher, parameters);
        hasher.finalize().to_hex().to_string()
    }
}

/// Adds a value as JSON. Of plain structs: field order is the order of declaration, so equal values give equal bytes.
fn part(hasher: &mut blake3::Hasher, value: &impl Serialize) {
    let part = serde_json::to_vec(value).unwrap_or_default();
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(&part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_gives_another_snapshot_and_none_the_same() {
        let basis = Basis {
            program: "athar 0".into(),
            chain: "bitcoin/regtest".into(),
            tip_height: Some(7),
            tip_hash: Some("aa".into()),
            heuristics: "1 co-spend".into(),
            labels: "l".into(),
            lists: None,
            risk_table: "r".into(),
            prices: "p".into(),
            cuts: None,
            services: None,
            accounts: None,
            records: None,
            entities_tip: None,
        };
        let first = basis.snapshot("screen", &("a", 3));
        assert_eq!(first, basis.clone().snapshot("screen", &("a", 3)));
        assert_ne!(first, basis.snapshot("trace", &("a", 3)));
        assert_ne!(first, basis.snapshot("screen", &("a", 4)));
        assert_ne!(first, Basis { labels: "m".into(), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { lists: Some("n".into()), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { cuts: Some("c".into()), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { services: Some("1.1".into()), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { records: Some("v".into()), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { entities_tip: Some("99".into()), ..basis.clone() }.snapshot("screen", &("a", 3)));
        assert_ne!(first, Basis { tip_height: Some(8), ..basis }.snapshot("screen", &("a", 3)));
    }
}
