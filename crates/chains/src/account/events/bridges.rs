//! The bridges that are known, and the contracts whose logs are believed: `data/bridges.toml`.

use super::form::Form;
use super::signature;
use crate::account::tokens::Tokens;
use athar_types::Chain;
use athar_types::account::AccountBytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const SHIPPED: &str = include_str!("../../../data/bridges.toml");

/// The name of the bridge that a `BridgeEvent`'s protocol stands for.
pub fn bridge_name(protocol: u16) -> Option<&'static str> {
    Bridges::shipped().bridge(protocol).map(|bridge| bridge.name.as_str())
}

/// The id of that bridge in files and answers: `cctp-v1`.
pub fn bridge_id(protocol: u16) -> Option<&'static str> {
    Bridges::shipped().bridge(protocol).map(|bridge| bridge.id.as_str())
}

/// BLAKE3 of the file of bridges in hexadecimal: what an answer was made with.
pub fn bridges_version() -> String {
    blake3::hash(SHIPPED.as_bytes()).to_hex().to_string()
}

/// A protocol.
#[derive(Debug)]
pub(super) struct Bridge {
    number: u16,
    id: String,
    name: String,
    forms: Vec<Form>,
    /// The protocol's numbers of chains, and their EVM chain ids.
    domains: Vec<(u64, u64)>,
}

/// A contract whose logs are believed.
#[derive(Debug)]
pub(super) struct Site {
    /// Its chain.
    pub(super) chain: Chain,
    /// Its address.
    pub(super) contract: AccountBytes,
    /// Number of its protocol.
    pub(super) protocol: u16,
    /// EVM chain id of the other side, where it has only one.
    pub(super) far: Option<u64>,
    /// The token that it serves, where it serves one only.
    pub(super) token: Option<AccountBytes>,
    /// Whose messages it carries, where it carries those of many.
    pub(super) sender: Option<AccountBytes>,
}

/// Every bridge.
#[derive(Debug)]
pub(super) struct Bridges {
    bridges: Vec<Bridge>,
    sites: BTreeMap<(Chain, AccountBytes), Site>,
    /// What a first topic stands for.
    forms: BTreeMap<[u8; 32], Form>,
}

impl Bridges {
    /// Those that are built in.
    pub(super) fn shipped() -> &'static Self {
        static BRIDGES: OnceLock<Bridges> = OnceLock::new();
        BRIDGES.get_or_init(|| Self::parse(SHIPPED).unwrap_or_else(|error| panic!("data/bridges.toml: {error}")))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut all = Self { bridges: Vec::new(), sites: BTreeMap::new(), forms: BTreeMap::new() };
        for line in file.bridge {
            let place = |why: String| format!("bridge {} ({}): {why}", line.number, line.id);
            if all.bridges.iter().any(|bridge| bridge.number == line.number || bridge.id == line.id) {
                return Err(place("its number or id stands twice".to_string()));
            }
            if line.source.is_empty() {
                return Err(place("no source".to_string()));
            }
            for event in &line.event {
                if event.form.is_out() != (event.direction == Direction::Out) {
                    return Err(place(format!("{} has the other direction", event.signature)));
                }
                if *all.forms.entry(signature::hash(&event.signature)).or_insert(event.form) != event.form {
                    return Err(place(format!("{} has two forms", event.signature)));
                }
            }
            for contract in &line.contract {
                let site = contract.read(line.number).map_err(|why| place(format!("{}: {why}", contract.address)))?;
                if all.sites.insert((site.chain, site.contract), site).is_some() {
                    return Err(place(format!("{} stands twice", contract.address)));
                }
            }
            let domains = line.domains.iter().map(|(domain, id)| {
                domain.parse().map(|domain| (domain, *id)).map_err(|_| place(format!("domain {domain} is no number")))
            });
            let domains = domains.collect::<Result<_, _>>()?;
            let forms = line.event.iter().map(|event| event.form).collect();
            all.bridges.push(Bridge { number: line.number, id: line.id, name: line.name, forms, domains });
        }
        Ok(all)
    }

    fn bridge(&self, number: u16) -> Option<&Bridge> {
        self.bridges.iter().find(|bridge| bridge.number == number)
    }

    /// First topics and the forms of passage that they stand for.
    pub(super) fn forms(&self) -> impl Iterator<Item = ([u8; 32], Form)> {
        self.forms.iter().map(|(topic, form)| (*topic, *form))
    }

    /// Every contract, for tests that try logs on them.
    #[cfg(test)]
    pub(super) fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.values()
    }

    /// The contract, where it is known and its protocol has that form.
    pub(super) fn site(&self, chain: Chain, contract: &AccountBytes, form: Form) -> Option<&Site> {
        let site = self.sites.get(&(chain, *contract))?;
        self.bridge(site.protocol)?.forms.contains(&form).then_some(site)
    }

    /// The EVM chain id of a protocol's own number of a chain.
    pub(super) fn chain_of(&self, protocol: u16, domain: u64) -> Option<u64> {
        self.bridge(protocol)?.domains.iter().find(|pair| pair.0 == domain).map(|pair| pair.1)
    }

    /// A protocol's own number of a chain.
    pub(super) fn domain_of(&self, protocol: u16, chain: Chain) -> Option<u64> {
        let id = chain.account()?.chain_id;
        self.bridge(protocol)?.domains.iter().find(|pair| pair.1 == id).map(|pair| pair.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bridge: Vec<BridgeLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BridgeLine {
    number: u16,
    id: String,
    name: String,
    source: String,
    #[serde(default)]
    domains: BTreeMap<String, u64>,
    event: Vec<EventLine>,
    contract: Vec<ContractLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine {
    form: Form,
    signature: String,
    direction: Direction,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Out,
    In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractLine {
    chain: Chain,
    address: String,
    far: Option<u64>,
    /// Symbol in the registry of tokens.
    token: Option<String>,
    sender: Option<String>,
}

impl ContractLine {
    fn read(&self, protocol: u16) -> Result<Site, String> {
        let form = self.chain.account().ok_or("no chain of accounts")?.form;
        let address = |text: &str| match form.parse(text) {
            Ok(account) if form.text(&account) == text => Ok(account),
            Ok(_) => Err(format!("{text} is not written with its checksum")),
            Err(error) => Err(error.to_string()),
        };
        let token = self.token.as_deref().map(|symbol| {
            let token = Tokens::shipped().by_symbol(self.chain, symbol);
            token.map(|token| token.contract).ok_or(format!("{symbol} is not in the registry of tokens"))
        });
        Ok(Site {
            chain: self.chain,
            contract: address(&self.address)?,
            protocol,
            far: self.far,
            token: token.transpose()?,
            sender: self.sender.as_deref().map(address).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_bridges_are_whole() {
        let bridges = Bridges::shipped();
        for bridge in &bridges.bridges {
            assert_eq!(bridge_name(bridge.number), Some(bridge.name.as_str()));
            assert_eq!(bridge_id(bridge.number), Some(bridge.id.as_str()));
            let sites: Vec<&Site> = bridges.sites.values().filter(|site| site.protocol == bridge.number).collect();
            assert!(!sites.is_empty(), "{} has no contract", bridge.id);
            for site in sites.iter().filter(|_| !bridge.domains.is_empty()) {
                let domain = bridges.domain_of(bridge.number, site.chain).unwrap();
                assert_eq!(bridges.chain_of(bridge.number, domain), Some(site.chain.account().unwrap().chain_id));
            }
        }
        assert_eq!(bridge_name(1), Some("Circle CCTP"));
        assert_eq!((bridge_name(0), bridge_name(u16::MAX)), (None, None));
        assert_eq!(bridges_version().len(), 64);
    }

    #[test]
    fn a_file_that_cannot_be_right_is_refused() {
        let good = "[[bridge]]\nnumber = 1\nid = \"a\"\nname = \"A\"\nsource = \"s\"\n[[bridge.event]]\nform = \"hop-bonded\"\n\
            signature = \"X(bytes32)\"\ndirection = \"in\"\n[[bridge.contract]]\nchain = \"ethereum\"\n\
            address = \"0x3666f603Cc164936C1b87e207F36BEBa4AC5f18a\"\n";
        assert!(Bridges::parse(good).is_ok());
        for (from, to, said) in [
            ("0x3666f603Cc", "0x3666f603cc", "checksum"),
            ("\"in\"", "\"out\"", "other direction"),
            ("hop-bonded", "hop-bond", "hop-bond"),
            ("\"ethereum\"", "\"bitcoin\"", "no chain of accounts"),
            ("source = \"s\"", "source = \"\"", "no source"),
            ("address", "token = \"NONE\"\naddress", "not in the registry"),
        ] {
            let error = Bridges::parse(&good.replace(from, to)).unwrap_err();
            assert!(error.contains(said), "{to}: {error}");
        }
        assert!(Bridges::parse(&(good.to_string() + good)).unwrap_err().contains("stands twice"));
    }
}
