//! A policy from the text of its file. Unknown keys are refused, so that a slip of the pen is no silent rule.

mod condition;
mod decision;
mod reader;

use crate::error::PolicyError;
use crate::exact::{Quantity, Unit, shown};
use crate::policy::{BYTES_MAX, Effect, LevelFrom, Model, Policy, RULES_MAX, Rule, Why};
use athar_types::{Category, Level};
use condition::Conditions;
use reader::{Reader, Table, is_name, one_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use toml::de::DeTable;

pub(crate) use decision::decision_file;

type Read<T> = Result<T, PolicyError>;

/// The version of the format that is understood.
const FORMAT: &str = "1";
/// One, in millionths: the greatest weight and score.
const WHOLE: i128 = 1_000_000;

impl Policy {
    /// Reads the policy in a file.
    ///
    /// # Errors
    /// As [`Self::read_text`] and [`Self::parse`].
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        Self::parse(path, &Self::read_text(path)?)
    }

    /// The text of a file, no longer than a policy can be.
    ///
    /// # Errors
    /// The file cannot be read, is too long, or no UTF-8.
    pub fn read_text(path: &Path) -> Result<String, PolicyError> {
        let io = |source| PolicyError::Read { path: path.into(), source };
        let mut bytes = Vec::new();
        File::open(path).map_err(io)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() > BYTES_MAX {
            return Err(PolicyError::Large { path: path.into(), max: BYTES_MAX });
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|b| **b == b'\n').count() + 1;
            PolicyError::Field { path: path.into(), line, field: String::new(), what: "not UTF-8".into() }
        })
    }

    /// Reads the policy in a text; `path` is what errors call it.
    ///
    /// # Errors
    /// It is no TOML, or a field is missing, unknown, or says nothing that a policy can say.
    pub fn parse(path: &Path, text: &str) -> Result<Self, PolicyError> {
        let reader = Reader { path, text };
        if text.len() > BYTES_MAX {
            return Err(PolicyError::Large { path: path.into(), max: BYTES_MAX });
        }
        let document = DeTable::parse(text)
            .map_err(|error| reader.error(error.span().map_or(0, |span| span.start), "", error.message()))?;
        let keys = ["format", "name", "title", "about", "model", "groups", "levels", "rule", "decision"];
        let top = reader.keyed(document.get_ref(), 0, "", &keys)?;
        let (format, field) = top.must("format")?;
        if format.get_ref().as_integer().is_none_or(|format| format.as_str() != FORMAT) {
            return Err(reader.wrong(format, &field, format!("this program reads format {FORMAT}")));
        }
        let (model, field) = top.must("model")?;
        let models = [Model::Levels, Model::Weighted];
        let model = one_of(&models, Model::name)(reader.text(model, &field)?)
            .map_err(|what| reader.wrong(model, &field, what))?;
        let groups = groups(reader, &top)?;
        let title = top.titles("title")?.ok_or_else(|| top.error("`title` is missing"))?;
        let mut policy = Self {
            name: top.name("name")?,
            title,
            about: top.titles("about")?,
            model,
            levels: levels(reader, &top, model)?,
            rules: rules(reader, &top, model, &groups)?,
            groups,
            decision: decision::decision(reader, &top)?,
            version: String::new(),
        };
        policy.version = policy.hash();
        Ok(policy)
    }
}

fn groups(reader: Reader<'_>, top: &Table<'_>) -> Read<BTreeMap<String, BTreeSet<Category>>> {
    let mut groups = BTreeMap::new();
    let Some((value, field)) = top.get("groups") else { return Ok(groups) };
    let Some(table) = value.get_ref().as_table() else {
        return Err(reader.wrong(value, &field, format!("a {} and not a table", value.get_ref().type_str())));
    };
    for (name, value) in table {
        let (at, name) = (name.span().start, name.get_ref().as_ref());
        let field = format!("{field}.{}", shown(name));
        if !is_name(name) {
            return Err(reader.error(at, &field, "not 1 to 64 lower-case letters, digits and hyphens"));
        }
        if name == "any-risk" || name == "any-service" || Category::ALL.iter().any(|c| c.name() == name) {
            return Err(reader.error(at, &field, "the name is taken by a category or a built-in group"));
        }
        let read = one_of(Category::ALL, Category::name);
        groups.insert(name.to_owned(), reader.words(value, &field, read)?);
    }
    Ok(groups)
}

fn levels(reader: Reader<'_>, top: &Table<'_>, model: Model) -> Read<Vec<LevelFrom>> {
    let Some((value, field)) = top.get("levels") else {
        return match model {
            Model::Levels => Ok(Vec::new()),
            Model::Weighted => Err(top.error("`levels` is missing: from which score on a level is which")),
        };
    };
    if model == Model::Levels {
        return Err(reader.wrong(value, &field, "only the weighted model has thresholds"));
    }
    let names: Vec<&str> = Level::ALL[1..].iter().map(|l| l.name()).collect();
    let table = reader.table(value, &field, &names)?;
    let mut levels: Vec<LevelFrom> = Vec::new();
    for level in &Level::ALL[1..] {
        let Some((value, field)) = table.get(level.name()) else { continue };
        let score = part_of_one(reader, value, &field)?;
        if levels.last().is_some_and(|below| below.score.parts >= score.parts) {
            return Err(reader.wrong(value, &field, "not above the threshold of the level below it"));
        }
        levels.push(LevelFrom { level: *level, score });
    }
    if levels.is_empty() {
        return Err(reader.wrong(value, &field, "names no level"));
    }
    Ok(levels)
}

/// A weight, score or threshold: 0 to 1.
fn part_of_one<'a>(reader: Reader<'a>, value: &'a reader::Value<'a>, field: &str) -> Read<Quantity> {
    let quantity = reader.quantity(value, field, Unit::Score)?;
    if quantity.parts > WHOLE {
        return Err(reader.wrong(value, field, "more than 1"));
    }
    Ok(quantity)
}

fn rules<'a>(
    reader: Reader<'a>,
    top: &Table<'a>,
    model: Model,
    groups: &BTreeMap<String, BTreeSet<Category>>,
) -> Read<Vec<Rule>> {
    let (value, field) = top.must("rule")?;
    let mut rules: Vec<Rule> = Vec::new();
    for (value, field) in reader.array(value, &field, RULES_MAX)? {
        let keys = ["id", "title", "why", "when", "level", "score", "weight", "of"];
        let table = reader.table(value, &field, &keys)?;
        let id = table.name("id")?;
        if let Some(first) = rules.iter().position(|rule| rule.id == id) {
            let (value, field) = table.must("id")?;
            return Err(reader.wrong(value, &field, format!("rule[{first}] has the id `{id}` already")));
        }
        let mut conditions = Conditions { reader, groups, nodes: 0 };
        let when = table.get("when").map(|(value, field)| conditions.read(value, &field, 1)).transpose()?;
        let effect = effect(reader, &table, model, &mut conditions)?;
        if when.is_none() && !matches!(effect, Effect::Weight { .. }) {
            return Err(table.error("`when` is missing: only a weight goes without"));
        }
        let why = match table.get("why") {
            Some((value, _)) if value.get_ref().is_table() => table.titles("why")?.map(Why::Titles),
            Some((value, field)) => Some(Why::Text(reader.text(value, &field)?.to_owned())),
            None => None,
        };
        let title = table.titles("title")?.ok_or_else(|| table.error("`title` is missing"))?;
        rules.push(Rule { id, title, why, when, effect });
    }
    Ok(rules)
}

fn effect<'a>(
    reader: Reader<'a>,
    table: &Table<'a>,
    model: Model,
    conditions: &mut Conditions<'a, '_>,
) -> Read<Effect> {
    let allowed: &[&str] = match model {
        Model::Levels => &["level"],
        Model::Weighted => &["score", "weight"],
    };
    let others: &[&str] = match model {
        Model::Levels => &["score", "weight", "of"],
        Model::Weighted => &["level"],
    };
    if let Some((value, field)) = others.iter().find_map(|key| table.get(key)) {
        let what = format!("a rule of the {} model has {}", model.name(), allowed.join(" or "));
        return Err(reader.wrong(value, &field, what));
    }
    match (table.get("level"), table.get("score"), table.get("weight"), table.get("of")) {
        (Some((value, field)), ..) => {
            let level = one_of(&Level::ALL[1..], Level::name)(reader.text(value, &field)?);
            Ok(Effect::Level(level.map_err(|what| reader.wrong(value, &field, what))?))
        }
        (None, Some((value, field)), None, None) => Ok(Effect::Score(part_of_one(reader, value, &field)?)),
        (None, None, Some((value, field)), Some((of, of_field))) => Ok(Effect::Weight {
            weight: part_of_one(reader, value, &field)?,
            of: Box::new(conditions.weighed(of, &of_field)?),
        }),
        (None, None, Some(_), None) => Err(table.error("`of` is missing: whose share the weight counts")),
        (None, Some(_), ..) | (None, None, None, Some(_)) => {
            Err(table.error("`score` stands alone, and `weight` goes with `of`"))
        }
        (None, None, None, None) => Err(table.error(format!("does nothing: {} is missing", allowed.join(" or ")))),
    }
}
