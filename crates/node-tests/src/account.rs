//! What one address received, sent and holds.

/// Sums over an address's outputs in the best chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Satoshi of every output ever paid to it.
    pub received_sat: u64,
    /// Satoshi of those outputs that are spent.
    pub sent_sat: u64,
    /// Outputs ever paid to it.
    pub outputs: u64,
    /// Those of them that are spent.
    pub spent_outputs: u64,
    /// Height of the first output.
    pub first_height: u32,
    /// Height of the last output or spend.
    pub last_height: u32,
}

impl Account {
    /// Satoshi that it holds.
    pub fn balance_sat(&self) -> u64 {
        self.received_sat - self.sent_sat
    }

    pub(crate) fn receive(&mut self, height: u32, value_sat: u64) {
        if self.outputs == 0 {
            self.first_height = height;
        }
        self.outputs += 1;
        self.received_sat += value_sat;
        self.last_height = height;
    }

    pub(crate) fn send(&mut self, height: u32, value_sat: u64) {
        self.spent_outputs += 1;
        self.sent_sat += value_sat;
        self.last_height = height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_heights_follow_the_outputs() {
        let mut account = Account::default();
        account.receive(3, 100);
        account.receive(5, 50);
        account.send(9, 100);
        let expected =
            Account { received_sat: 150, sent_sat: 100, outputs: 2, spent_outputs: 1, first_height: 3, last_height: 9 };
        assert_eq!(account, expected);
        assert_eq!(account.balance_sat(), 50);
    }
}
