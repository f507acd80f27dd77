//! The rules that come with the program.

use crate::{Rule, RuleError};
use std::sync::OnceLock;

/// The files, by row.
pub const FILES: &[(&str, &str)] = &[
    ("01-listed-owner.toml", include_str!("../rules/01-listed-owner.toml")),
    ("02-direct-counterparty.toml", include_str!("../rules/02-direct-counterparty.toml")),
    ("03-indirect-exposure.toml", include_str!("../rules/03-indirect-exposure.toml")),
    ("04-static-donation-address.toml", include_str!("../rules/04-static-donation-address.toml")),
    ("05-address-rotation.toml", include_str!("../rules/05-address-rotation.toml")),
    ("06-fresh-per-donor.toml", include_str!("../rules/06-fresh-per-donor.toml")),
    ("07-many-to-one-then-exit.toml", include_str!("../rules/07-many-to-one-then-exit.toml")),
    ("08-layer-to-hub-redistribute.toml", include_str!("../rules/08-layer-to-hub-redistribute.toml")),
    ("09-facilitator.toml", include_str!("../rules/09-facilitator.toml")),
    ("10-voucher-network.toml", include_str!("../rules/10-voucher-network.toml")),
    ("11-round-increment-remittance.toml", include_str!("../rules/11-round-increment-remittance.toml")),
    ("12-chain-migration.toml", include_str!("../rules/12-chain-migration.toml")),
    ("13-sudden-large-donation.toml", include_str!("../rules/13-sudden-large-donation.toml")),
    ("14-event-spike.toml", include_str!("../rules/14-event-spike.toml")),
    ("15-privacy-coin-exit.toml", include_str!("../rules/15-privacy-coin-exit.toml")),
    ("16-coinjoin-mixer.toml", include_str!("../rules/16-coinjoin-mixer.toml")),
    ("17-peel-chain.toml", include_str!("../rules/17-peel-chain.toml")),
    ("18-pass-through.toml", include_str!("../rules/18-pass-through.toml")),
    ("19-structuring.toml", include_str!("../rules/19-structuring.toml")),
    ("20-new-account-drain.toml", include_str!("../rules/20-new-account-drain.toml")),
    ("21-vasp-spray.toml", include_str!("../rules/21-vasp-spray.toml")),
    ("22-chain-hop.toml", include_str!("../rules/22-chain-hop.toml")),
    ("23-dark-market-purchase.toml", include_str!("../rules/23-dark-market-purchase.toml")),
    ("24-charity-front.toml", include_str!("../rules/24-charity-front.toml")),
    ("25-deposit-address-in-appeal.toml", include_str!("../rules/25-deposit-address-in-appeal.toml")),
    ("26-solicitation-page.toml", include_str!("../rules/26-solicitation-page.toml")),
    ("27-co-publication.toml", include_str!("../rules/27-co-publication.toml")),
    ("28-memo-term.toml", include_str!("../rules/28-memo-term.toml")),
    ("29-fraud-front.toml", include_str!("../rules/29-fraud-front.toml")),
    ("30-name-hit.toml", include_str!("../rules/30-name-hit.toml")),
];

/// Every shipped rule, by row.
///
/// # Panics
/// Where a shipped file is wrong; a test reads them all.
pub fn shipped() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| match parse_all(FILES) {
        Ok(rules) => rules,
        Err(error) => unreachable!("a shipped rule is wrong: {error}"),
    })
}

/// Reads rules, by row and id; no two may have one id.
pub fn parse_all<T: AsRef<str>>(files: &[(T, T)]) -> Result<Vec<Rule>, RuleError> {
    let mut rules = files.iter().map(|(f, t)| Rule::parse(f.as_ref(), t.as_ref())).collect::<Result<Vec<_>, _>>()?;
    rules.sort_by(|a, b| (a.row, &a.id).cmp(&(b.row, &b.id)));
    match rules.windows(2).find(|pair| pair[0].id == pair[1].id) {
        Some(pair) => Err(RuleError::Twice(pair[0].id.clone())),
        None => Ok(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_a_rule() {
        for (file, text) in FILES {
            let rule = Rule::parse(file, text).unwrap();
            assert_eq!(*file, format!("{:02}-{}.toml", rule.row, rule.id));
        }
        assert_eq!(shipped().len(), FILES.len());
    }
}
