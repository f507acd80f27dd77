//! Who owns each address of a world, from the simulator's answer sheet.

use crate::MeasureError;
use athar_ledger::Ledger;
use athar_types::{AddressId, address::parse_key};
use std::path::Path;

/// Stored for an address whose owner the truth does not name.
const NOBODY: u32 = u32::MAX;

/// The owner of each address of a ledger.
#[derive(Clone, Debug)]
pub struct Owners {
    owners: Vec<u32>,
    deposits: Vec<bool>,
}

impl Owners {
    /// Reads `truth/entities.csv` of a simulated world (columns `address` and `actor`, more may follow). Every address of
    /// the file must be in the ledger; addresses of the ledger that are not in the file have no known owner and count
    /// nowhere.
    pub fn read(path: &Path, ledger: &Ledger) -> Result<Self, MeasureError> {
        let wrong = |line: u64, what: String| MeasureError::Truth { path: path.into(), line, what };
        let mut rows = csv::Reader::from_path(path).map_err(|e| wrong(0, e.to_string()))?;
        let head = rows.headers().map_err(|e| wrong(1, e.to_string()))?;
        let column = |name: &str| {
            head.iter().position(|h| h == name).ok_or_else(|| wrong(1, format!("no column is called `{name}`")))
        };
        let (address, actor) = (column("address")?, column("actor")?);
        // what an address is for; worlds have it, other answer sheets need not
        let role = head.iter().position(|h| h == "role");
        let mut owners = vec![NOBODY; ledger.address_count() as usize];
        let mut deposits = vec![false; owners.len()];
        let mut row = csv::StringRecord::new();
        while rows.read_record(&mut row).map_err(|e| wrong(rows_line(&e), e.to_string()))? {
            let line = row.position().map_or(0, csv::Position::line);
            let key =
                parse_key(ledger.chain(), ledger.network(), &row[address]).map_err(|e| wrong(line, e.to_string()))?;
            let id =
                ledger.address_id(&key).ok_or_else(|| wrong(line, "the chain does not have this address".into()))?;
            owners[id.index()] =
                row[actor].parse().map_err(|_| wrong(line, format!("`{}` is no number of an actor", &row[actor])))?;
            deposits[id.index()] = role.is_some_and(|role| matches!(&row[role], "deposit" | "invoice"));
        }
        Ok(Self { owners, deposits })
    }

    /// Owners by number, [`None`] for those not known, in the order of ids: for tests and other sources of truth.
    pub fn new(owners: impl IntoIterator<Item = Option<u32>>) -> Self {
        let owners: Vec<u32> = owners.into_iter().map(|o| o.unwrap_or(NOBODY)).collect();
        Self { deposits: vec![false; owners.len()], owners }
    }

    /// The owner of an address, where it is known.
    pub fn of(&self, address: AddressId) -> Option<u32> {
        self.owners.get(address.index()).copied().filter(|o| *o != NOBODY)
    }

    /// Whether an address is one that a service gave out for a customer: to pay into an account, or to be paid an invoice.
    pub fn is_deposit(&self, address: AddressId) -> bool {
        self.deposits.get(address.index()).copied().unwrap_or(false)
    }

    /// Number of addresses.
    pub fn len(&self) -> u32 {
        self.owners.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }
}

fn rows_line(error: &csv::Error) -> u64 {
    error.position().map_or(0, csv::Position::line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use athar_ledger::fixture;

    #[test]
    fn a_wrong_answer_sheet_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let fixture = fixture::ledger(&folder.path().join("store"), "block\ncoinbase c0 -> miner 50\n");
        let path = folder.path().join("entities.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Owners::read(&path, &fixture).map(|o| o.len()).map_err(|e| e.to_string())
        };
        let miner = fixture.address_text(AddressId(0));
        assert_eq!(read(&format!("address,actor\n{miner},7\n")), Ok(1));
        assert!(read("address,owner\n").unwrap_err().contains("line 1: no column is called `actor`"));
        assert!(read(&format!("address,actor\n{miner},x\n")).unwrap_err().contains("line 2: `x` is no number"));
        let strange = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
        assert!(read(&format!("address,actor\n{miner},7\n{strange},7\n")).unwrap_err().contains("line 3"));
    }
}
