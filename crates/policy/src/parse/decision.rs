//! The table `[decision]` of a policy. A key that is left out is as in the shipped table; the shipped table has all of them.

use super::reader::{Reader, Table, Value, one_of};
use super::{Read, part_of_one};
use crate::decision::{Answer, Behind, DecisionTable, LevelAnswers, ScoreAnswer, TIME_LIMIT_MS_MAX};
use crate::error::PolicyError;
use crate::policy::BYTES_MAX;
use std::path::Path;
use toml::de::DeTable;

const KEYS: &[&str] = &[
    "time_limit_ms",
    "levels",
    "scores",
    "listed",
    "undecided",
    "quarantined",
    "unknown_address",
    "other_chain",
    "malformed_address",
    "when_late",
    "when_store_fails",
    "when_not_kept",
    "when_behind",
];
const LEVELS: [&str; 6] = ["no_rule", "none", "low", "medium", "high", "severe"];

/// A file that holds a table and nothing else.
pub(crate) fn decision_file(path: &Path, text: &str) -> Result<DecisionTable, PolicyError> {
    let reader = Reader { path, text };
    if text.len() > BYTES_MAX {
        return Err(PolicyError::Large { path: path.into(), max: BYTES_MAX });
    }
    let document = DeTable::parse(text)
        .map_err(|error| reader.error(error.span().map_or(0, |span| span.start), "", error.message()))?;
    let top = reader.keyed(document.get_ref(), 0, "", &["decision"])?;
    let (value, field) = top.must("decision")?;
    read(reader, value, &field, None)
}

/// The table of a policy, where it has one.
pub(super) fn decision(reader: Reader<'_>, top: &Table<'_>) -> Read<Option<DecisionTable>> {
    let table = |(value, field): (_, String)| read(reader, value, &field, Some(DecisionTable::shipped()));
    top.get("decision").map(table).transpose()
}

fn read<'a>(
    reader: Reader<'a>,
    value: &'a Value<'a>,
    field: &str,
    shipped: Option<&DecisionTable>,
) -> Read<DecisionTable> {
    let table = reader.table(value, field, KEYS)?;
    let answer = |key: &str, of: fn(&DecisionTable) -> Answer| match (table.get(key), shipped) {
        (Some((value, field)), _) => word(reader, value, &field),
        (None, Some(shipped)) => Ok(of(shipped)),
        (None, None) => Err(table.error(format!("`{key}` is missing"))),
    };
    let malformed_address = answer("malformed_address", |t| t.malformed_address)?;
    if malformed_address == Answer::Allow {
        let (value, field) = table.must("malformed_address")?;
        return Err(reader.wrong(value, &field, "what is no address is never allowed: review or hold"));
    }
    let time_limit_ms = match (table.get("time_limit_ms"), shipped) {
        (Some((value, field)), _) => number(reader, value, &field, 1, u64::from(TIME_LIMIT_MS_MAX))? as u32,
        (None, Some(shipped)) => shipped.time_limit_ms,
        (None, None) => return Err(table.error("`time_limit_ms` is missing")),
    };
    Ok(DecisionTable {
        time_limit_ms,
        levels: levels(reader, &table, shipped)?,
        scores: scores(reader, &table)?,
        listed: answer("listed", |t| t.listed)?,
        undecided: answer("undecided", |t| t.undecided)?,
        quarantined: answer("quarantined", |t| t.quarantined)?,
        unknown_address: answer("unknown_address", |t| t.unknown_address)?,
        other_chain: answer("other_chain", |t| t.other_chain)?,
        malformed_address,
        when_late: answer("when_late", |t| t.when_late)?,
        when_store_fails: answer("when_store_fails", |t| t.when_store_fails)?,
        when_not_kept: answer("when_not_kept", |t| t.when_not_kept)?,
        when_behind: behind(reader, &table, shipped)?,
    })
}

fn word(reader: Reader<'_>, value: &Value<'_>, field: &str) -> Read<Answer> {
    let Some(text) = value.get_ref().as_str() else {
        return Err(reader.wrong(value, field, format!("a {} and not a text", value.get_ref().type_str())));
    };
    one_of(&Answer::ALL, Answer::name)(text).map_err(|what| reader.wrong(value, field, what))
}

fn number(reader: Reader<'_>, value: &Value<'_>, field: &str, min: u64, max: u64) -> Read<u64> {
    let digits = value.get_ref().as_integer().filter(|n| n.radix() == 10).map(|n| n.as_str().replace('_', ""));
    let number = digits.and_then(|digits| digits.parse::<u64>().ok()).filter(|n| (min..=max).contains(n));
    number.ok_or_else(|| reader.wrong(value, field, format!("no whole number from {min} to {max}")))
}

/// The answers to levels. Each must be at least as strict as that of the level below.
fn levels(reader: Reader<'_>, table: &Table<'_>, shipped: Option<&DecisionTable>) -> Read<LevelAnswers> {
    let given = match table.get("levels") {
        Some((value, field)) => Some((value, reader.table(value, &field, &LEVELS)?)),
        None => None,
    };
    let mut all = [Answer::Allow; LEVELS.len()];
    for (at, key) in LEVELS.iter().enumerate() {
        let found = given.as_ref().and_then(|(_, table)| table.get(key));
        let of = |levels: &LevelAnswers| {
            [levels.no_rule, levels.none, levels.low, levels.medium, levels.high, levels.severe][at]
        };
        all[at] = match (found, shipped) {
            (Some((value, field)), _) => word(reader, value, &field)?,
            (None, Some(shipped)) => of(&shipped.levels),
            (None, None) => return Err(table.error(format!("`levels.{key}` is missing"))),
        };
    }
    // nothing known is no level, and is answered as whoever decides likes
    if let Some(at) = (2..all.len()).find(|at| all[*at] < all[at - 1])
        && let Some((value, _)) = &given
    {
        let what = format!(
            "`{}` is answered more mildly ({}) than `{}` below it ({})",
            LEVELS[at],
            all[at],
            LEVELS[at - 1],
            all[at - 1]
        );
        return Err(reader.wrong(value, "decision.levels", what));
    }
    let [no_rule, none, low, medium, high, severe] = all;
    Ok(LevelAnswers { no_rule, none, low, medium, high, severe })
}

fn scores(reader: Reader<'_>, table: &Table<'_>) -> Read<Vec<ScoreAnswer>> {
    let Some((value, field)) = table.get("scores") else { return Ok(Vec::new()) };
    let table = reader.table(value, &field, &["review", "hold"])?;
    let mut scores: Vec<ScoreAnswer> = Vec::new();
    for answer in [Answer::Review, Answer::Hold] {
        let Some((value, field)) = table.get(answer.name()) else { continue };
        let at_least = part_of_one(reader, value, &field)?;
        if scores.last().is_some_and(|below| below.at_least.parts >= at_least.parts) {
            return Err(reader.wrong(value, &field, "not above the score of the milder answer"));
        }
        scores.push(ScoreAnswer { at_least, answer });
    }
    if scores.is_empty() {
        return Err(reader.wrong(value, &field, "names no score"));
    }
    Ok(scores)
}

fn behind(reader: Reader<'_>, table: &Table<'_>, shipped: Option<&DecisionTable>) -> Read<Behind> {
    let Some((value, field)) = table.get("when_behind") else {
        return shipped.map(|s| s.when_behind).ok_or_else(|| table.error("`when_behind` is missing"));
    };
    let table = reader.table(value, &field, &["blocks", "seconds", "lists_days", "answer"])?;
    let bound = |key, max| {
        let read = |(value, field): (_, String)| number(reader, value, &field, 0, max);
        table.get(key).map(read).transpose()
    };
    let behind = Behind {
        blocks: bound("blocks", u64::from(u32::MAX))?.map(|n| n as u32),
        seconds: bound("seconds", u64::from(u32::MAX))?,
        lists_days: bound("lists_days", u64::from(u32::MAX))?.map(|n| n as u32),
        answer: match table.get("answer") {
            Some((value, field)) => word(reader, value, &field)?,
            None => return Err(table.error("`answer` is missing")),
        },
    };
    // a table that looks at nothing would never be behind, which is a slip of the pen
    if behind.blocks.is_none() && behind.seconds.is_none() && behind.lists_days.is_none() {
        return Err(reader.wrong(value, &field, "names none of blocks, seconds, lists_days"));
    }
    Ok(behind)
}
