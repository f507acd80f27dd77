//! What changed from one policy to another: rules added, removed, changed field by field.
//!
//! Compared is the canonical form, so that comments and layout are no change. Rules belong together by their id; an `all` or
//! `any` is compared member by member in order.

use crate::policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Changes of one rule, or of the policy's head, that are listed.
const CHANGES_MAX: usize = 200;

/// The difference of two policies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PolicyDiff {
    /// The older, as `name@version`.
    pub old: String,
    /// The newer.
    pub new: String,
    /// Changes outside the rules: name, titles, model, groups, thresholds, the order of the rules.
    pub head: Vec<Change>,
    /// Ids of rules that only the newer has, in its order.
    pub added: Vec<String>,
    /// Ids of rules that only the older has, in its order.
    pub removed: Vec<String>,
    /// Rules that both have and that differ.
    pub changed: Vec<RuleChange>,
}

impl PolicyDiff {
    /// Whether they say the same.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What changed in one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RuleChange {
    /// Its id.
    pub id: String,
    /// The fields.
    pub changes: Vec<Change>,
    /// Whether there are more than are listed.
    pub truncated: bool,
}

/// A field that changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The field, as `when.all[0].exposure.usd[0]`.
    pub field: String,
    /// What it was; null where it was not there.
    pub old: Option<String>,
    /// What it is; null where it is no longer there.
    pub new: Option<String>,
}

/// What changed from `old` to `new`.
pub fn diff(old: &Policy, new: &Policy) -> PolicyDiff {
    let only_in = |a: &Policy, b: &Policy| -> Vec<String> {
        a.rules.iter().filter(|r| !b.rules.iter().any(|o| o.id == r.id)).map(|r| r.id.clone()).collect()
    };
    let mut head = Vec::new();
    compare("", &head_of(old), &head_of(new), &mut head);
    let common = |a: &Policy, b: &Policy| -> Vec<String> {
        a.rules.iter().filter(|r| b.rules.iter().any(|o| o.id == r.id)).map(|r| r.id.clone()).collect()
    };
    let (before, after) = (common(old, new), common(new, old));
    if before != after {
        let order = |ids: Vec<String>| Some(ids.join(", "));
        head.push(Change { field: "order of the rules".into(), old: order(before), new: order(after) });
    }
    let mut changed = Vec::new();
    for rule in &old.rules {
        let Some(other) = new.rules.iter().find(|r| r.id == rule.id) else { continue };
        let mut changes = Vec::new();
        compare("", &json(rule), &json(other), &mut changes);
        if !changes.is_empty() {
            let truncated = changes.len() > CHANGES_MAX;
            changes.truncate(CHANGES_MAX);
            changed.push(RuleChange { id: rule.id.clone(), changes, truncated });
        }
    }
    PolicyDiff {
        old: old.short(),
        new: new.short(),
        head,
        added: only_in(new, old),
        removed: only_in(old, new),
        changed,
    }
}

/// Numbers of a policy are texts in its JSON, so none goes through a float.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn head_of(policy: &Policy) -> Value {
    let mut value = json(policy);
    if let Some(head) = value.as_object_mut() {
        head.remove("rules");
    }
    value
}

fn compare(field: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let inner = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
                compare(&inner, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), changes);
            }
        }
        (Value::Array(a), Value::Array(b)) if is_set(a) && is_set(b) => {
            // a list of words: what left and what came; one for one is a change
            let mut left = a.iter().filter(|w| !b.contains(w));
            let mut came = b.iter().filter(|w| !a.contains(w));
            let before = changes.len();
            loop {
                let (old, new) = (left.next().and_then(words), came.next().and_then(words));
                if old.is_none() && new.is_none() {
                    break;
                }
                changes.push(Change { field: field.into(), old, new });
            }
            if changes.len() == before {
                // the same words, another number or order of them
                changes.push(Change { field: field.into(), old: words(old), new: words(new) });
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                let (a, b) = (a.get(at).unwrap_or(&Value::Null), b.get(at).unwrap_or(&Value::Null));
                compare(&format!("{field}[{at}]"), a, b, changes);
            }
        }
        _ => changes.push(Change { field: field.into(), old: words(old), new: words(new) }),
    }
}

fn is_set(values: &[Value]) -> bool {
    values.iter().all(Value::is_string)
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
