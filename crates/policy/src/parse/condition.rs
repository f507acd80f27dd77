//! Reading the tree of conditions of one rule.

use super::reader::{Reader, Table, Value, one_of};
use crate::condition::{
    AgeOf, AgeTest, AmountOf, AmountTest, Categories, Condition, ExposureTest, ListedTest, PatternTest, SearchTest,
    Selector, Side, SubjectTest,
};
use crate::error::PolicyError;
use crate::exact::{Unit, shown};
use crate::facts::{SubjectKind, SubjectStatus, Taint};
use crate::policy::{DEPTH_MAX, NODES_MAX, Policy};
use athar_types::{Basis, Category, Relation};
use std::collections::{BTreeMap, BTreeSet};

/// What reading conditions needs beside the document.
pub(super) struct Conditions<'a, 'g> {
    pub(super) reader: Reader<'a>,
    pub(super) groups: &'g BTreeMap<String, BTreeSet<Category>>,
    /// Conditions of the rule so far.
    pub(super) nodes: usize,
}

type Read<T> = Result<T, PolicyError>;

const KINDS: [&str; 14] = [
    "all",
    "any",
    "not",
    "ownership",
    "account_at",
    "counterparty",
    "indirect",
    "exposure",
    "listed",
    "pattern",
    "amount",
    "age",
    "subject",
    "search",
];
const SELECTED: [&str; 10] = [
    "direction",
    "category",
    "basis",
    "list",
    "programme",
    "confidence",
    "disputed",
    "days_after_listing",
    "hops_min",
    "taint",
];

impl<'a> Conditions<'a, '_> {
    /// A table with exactly one key, the kind of the condition.
    pub(super) fn read(&mut self, value: &'a Value<'a>, field: &str, depth: usize) -> Read<Condition> {
        self.nodes += 1;
        if depth > DEPTH_MAX {
            return Err(self.reader.wrong(value, field, format!("more than {DEPTH_MAX} conditions below one another")));
        }
        if self.nodes > NODES_MAX {
            return Err(self.reader.wrong(value, field, format!("more than {NODES_MAX} conditions in one rule")));
        }
        let table = self.reader.table(value, field, &KINDS)?;
        let mut kinds = KINDS.into_iter().filter(|kind| table.get(kind).is_some());
        let kind = match (kinds.next(), kinds.next()) {
            (Some(kind), None) => kind,
            (None, _) => return Err(table.error(format!("a condition without a kind: one of {}", KINDS.join(", ")))),
            (Some(a), Some(b)) => {
                let what = format!("`{a}` beside `{b}`: a condition has one kind, `all` joins several");
                return Err(table.error(what));
            }
        };
        let (value, field) = table.must(kind)?;
        match kind {
            "all" => Ok(Condition::All(self.list(value, &field, depth)?)),
            "any" => Ok(Condition::Any(self.list(value, &field, depth)?)),
            "not" => Ok(Condition::Not(Box::new(self.read(value, &field, depth + 1)?))),
            "ownership" => self.exposure(value, &field, &[Relation::Ownership]),
            "account_at" => self.exposure(value, &field, &[Relation::AccountAt]),
            "counterparty" => self.exposure(value, &field, &[Relation::Counterparty]),
            "indirect" => self.exposure(value, &field, &[Relation::Indirect]),
            "exposure" => self.exposure(value, &field, &[Relation::Counterparty, Relation::Indirect]),
            "listed" => self.listed(value, &field),
            "pattern" => self.pattern(value, &field),
            "amount" => self.amount(value, &field),
            "age" => self.age(value, &field),
            "subject" => self.subject(value, &field),
            _ => self.search(value, &field),
        }
    }

    fn list(&mut self, value: &'a Value<'a>, field: &str, depth: usize) -> Read<Vec<Condition>> {
        let values = self.reader.array(value, field, NODES_MAX)?;
        values.into_iter().map(|(value, field)| self.read(value, &field, depth + 1)).collect()
    }

    fn exposure(&mut self, value: &'a Value<'a>, field: &str, relations: &[Relation]) -> Read<Condition> {
        let keys: Vec<&str> = SELECTED.into_iter().chain(["amount_sat", "usd", "share", "entities"]).collect();
        let table = self.reader.table(value, field, &keys)?;
        let of = self.selector(&table, relations)?;
        let test = ExposureTest {
            amount_sat: table.comparisons("amount_sat", Unit::Satoshi)?,
            usd: table.comparisons("usd", Unit::Usd)?,
            share: table.comparisons("share", Unit::Share)?,
            entities: table.comparisons("entities", Unit::Count)?,
            of,
        };
        if !test.of.is_of_money() {
            self.moneyless(&table, &["amount_sat", "usd", "share"])?;
        }
        if test.of.taint == Taint::Poison
            && !(test.amount_sat.is_empty() && test.usd.is_empty() && test.share.is_empty())
        {
            return Err(table.error("poison is what is reached, and never summed: it has no amount, usd or share"));
        }
        Ok(Condition::Exposure(Box::new(test)))
    }

    /// What is asked of exposures in conditions and beside weights.
    fn selector(&mut self, table: &Table<'a>, relations: &[Relation]) -> Read<Selector> {
        let sides = [Side::Received, Side::Sent, Side::Either];
        let of = Selector {
            relations: relations.iter().copied().collect(),
            direction: self.one(table, "direction", one_of(&sides, Side::name))?.unwrap_or(Side::Either),
            categories: self.categories(table)?,
            basis: table.words("basis", one_of(&Basis::ALL, Basis::name))?,
            lists: table.words("list", |text| Ok(text.to_owned()))?,
            programmes: table.words("programme", |text| Ok(text.to_uppercase()))?,
            confidence: table.comparisons("confidence", Unit::Count)?,
            disputed: table.flag("disputed")?,
            days_after_listing: table.comparisons("days_after_listing", Unit::Days)?,
            hops_min: table.comparisons("hops_min", Unit::Hops)?,
            taint: self.one(table, "taint", one_of(&Taint::ALL, Taint::name))?.unwrap_or(Taint::Fifo),
        };
        if !of.is_of_money() {
            self.moneyless(table, &["direction", "hops_min", "taint", "days_after_listing"])?;
        }
        Ok(of)
    }

    /// Whose share a weight counts: `of = { relation = […], … }`.
    pub(super) fn weighed(&mut self, value: &'a Value<'a>, field: &str) -> Read<Selector> {
        let keys: Vec<&str> = SELECTED.into_iter().chain(["relation"]).collect();
        let table = self.reader.table(value, field, &keys)?;
        let allowed = [Relation::Counterparty, Relation::Indirect];
        let mut relations = table.words("relation", one_of(&allowed, Relation::name))?;
        if relations.is_empty() {
            relations.extend(allowed);
        }
        let of = self.selector(&table, &relations.into_iter().collect::<Vec<_>>())?;
        if of.taint == Taint::Poison {
            return Err(table.error("poison is what is reached, and never summed: it has no share to weigh"));
        }
        Ok(of)
    }

    fn moneyless(&self, table: &Table<'a>, keys: &[&str]) -> Read<()> {
        match keys.iter().find_map(|key| table.get(key)) {
            Some((value, field)) => Err(self.reader.wrong(
                value,
                &field,
                "who somebody is, or whose account, moves no money: this can be asked of counterparty, indirect and exposure",
            )),
            None => Ok(()),
        }
    }

    fn categories(&self, table: &Table<'a>) -> Read<Categories> {
        let mut of = BTreeSet::new();
        let words = table.words("category", |word| {
            let group = Policy::group(self.groups, word).ok_or_else(|| {
                format!("`{}` is no category and no group: `athar labels taxonomy` lists them", shown(word))
            })?;
            of.extend(group);
            Ok(word.to_owned())
        })?;
        Ok(Categories { words, of })
    }

    fn one<T>(&self, table: &Table<'a>, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Read<Option<T>> {
        let Some((value, field)) = table.get(key) else { return Ok(None) };
        read(self.reader.text(value, &field)?).map(Some).map_err(|what| self.reader.wrong(value, &field, what))
    }

    fn listed(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let table = self.reader.table(value, field, &["list", "programme", "days", "active_after_days"])?;
        Ok(Condition::Listed(ListedTest {
            lists: table.words("list", |text| Ok(text.to_owned()))?,
            programmes: table.words("programme", |text| Ok(text.to_uppercase()))?,
            days: table.comparisons("days", Unit::Days)?,
            active_after_days: table.comparisons("active_after_days", Unit::Days)?,
        }))
    }

    fn pattern(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let table = self.reader.table(value, field, &["id", "count"])?;
        table.must("id")?;
        let ids = table.words("id", |text| {
            if super::reader::is_name(text) { Ok(text.to_owned()) } else { Err(format!("`{}` is no id", shown(text))) }
        })?;
        Ok(Condition::Pattern(PatternTest { ids, count: table.comparisons("count", Unit::Count)? }))
    }

    fn amount(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let table = self.reader.table(value, field, &["of", "amount_sat", "usd"])?;
        table.must("of")?;
        let of = self.one(&table, "of", |text| match text {
            "received" => Ok(AmountOf::Received),
            "sent" => Ok(AmountOf::Sent),
            "balance" => Ok(AmountOf::Balance),
            "attempt" => Ok(AmountOf::Attempt),
            _ => Err(format!("`{}` is none of received, sent, balance, attempt", shown(text))),
        })?;
        let amount_sat = table.comparisons("amount_sat", Unit::Satoshi)?;
        let usd = table.comparisons("usd", Unit::Usd)?;
        match of {
            Some(of) if !(amount_sat.is_empty() && usd.is_empty()) => {
                Ok(Condition::Amount(AmountTest { of, amount_sat, usd }))
            }
            _ => Err(table.error("compares nothing: `amount_sat` or `usd` is missing")),
        }
    }

    fn age(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let table = self.reader.table(value, field, &["of", "days"])?;
        table.must("days")?;
        let of = self.one(&table, "of", |text| match text {
            "first_seen" => Ok(AgeOf::FirstSeen),
            "last_seen" => Ok(AgeOf::LastSeen),
            _ => Err(format!("`{}` is none of first_seen, last_seen", shown(text))),
        })?;
        let Some(of) = of else { return Err(table.error("`of` is missing")) };
        Ok(Condition::Age(AgeTest { of, days: table.comparisons("days", Unit::Days)? }))
    }

    fn subject(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let keys = ["kind", "status", "deposit_account", "entity_size"];
        let table = self.reader.table(value, field, &keys)?;
        if keys.iter().all(|key| table.get(key).is_none()) {
            return Err(table.error(format!("asks nothing: one of {}", keys.join(", "))));
        }
        Ok(Condition::Subject(SubjectTest {
            kinds: table.words("kind", one_of(&SubjectKind::ALL, SubjectKind::name))?,
            statuses: table.words("status", one_of(&SubjectStatus::ALL, SubjectStatus::name))?,
            deposit_account: table.flag("deposit_account")?,
            entity_size: table.comparisons("entity_size", Unit::Count)?,
        }))
    }

    fn search(&self, value: &'a Value<'a>, field: &str) -> Read<Condition> {
        let table = self.reader.table(value, field, &["direction", "complete", "hops"])?;
        let sides = [Side::Received, Side::Sent, Side::Either];
        let test = SearchTest {
            direction: self.one(&table, "direction", one_of(&sides, Side::name))?.unwrap_or(Side::Either),
            complete: table.flag("complete")?,
            hops: table.comparisons("hops", Unit::Hops)?,
        };
        if test.complete.is_none() && test.hops.is_empty() {
            return Err(table.error("asks nothing: `complete` or `hops` is missing"));
        }
        Ok(Condition::Search(test))
    }
}
