//! A request to screen: one subject or many, and how deep.

use super::subject::Subject;
use crate::problem::{Problem, codes, shown};
use crate::settings::BATCH_MAX;
use athar_engine::{AsOf, Day};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Hops of indirect exposure unless asked otherwise, and at most.
const HOPS: (u32, u32) = (3, 20);

/// How deep a screening goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Depth {
    /// What is known of the subject itself: its entity's labels and listings.
    #[default]
    Direct,
    /// Also whom it dealt with at first hand.
    Counterparty,
    /// Also whom it dealt with, and whom those dealt with.
    Exposure,
}

/// A batch.
#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)] // the shape, for the documentation; what is read is borrowed from the body
#[serde(deny_unknown_fields)]
pub(crate) struct BatchShape {
    /// The subjects, up to 10,000. One that is wrong gets an error of its own; the others are screened.
    #[schemars(length(min = 1, max = 10_000))]
    subjects: Vec<Subject>,
    #[serde(flatten)]
    options: OptionsShape,
}

/// A single subject, with how deep it is screened.
#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)] // the shape
#[serde(deny_unknown_fields)]
pub(crate) struct SingleShape {
    #[serde(flatten)]
    subject: Subject,
    #[serde(flatten)]
    options: OptionsShape,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)] // the shape
pub(crate) struct OptionsShape {
    /// `direct`, `counterparty` or `exposure`; without it `direct`, and with a policy `exposure`.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    depth: Option<Depth>,
    /// Hops that indirect exposure is followed for; with `exposure` only.
    #[schemars(range(min = 1, max = 20))]
    #[serde(default, skip_serializing_if = "may_be_absent")]
    hops: Option<u32>,
    /// The policy to judge by: `active`, or a name or version of `GET /v1/policies`. Without it no policy is asked.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    policy: Option<String>,
    /// Only labels that held in the world on that day.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    #[serde(default, skip_serializing_if = "may_be_absent")]
    at: Option<Day>,
    /// Only what this store knew at the end of that day.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    #[serde(default, skip_serializing_if = "may_be_absent")]
    known_at: Option<Day>,
}

/// For the description: a field of a request that need not be there. Requests are never written.
pub(crate) fn may_be_absent<T>(_: &T) -> bool {
    true
}

/// How subjects are screened.
#[derive(Clone, Debug, Default)]
pub(crate) struct How {
    pub(crate) depth: Depth,
    pub(crate) hops: u32,
    /// The policy asked for, by name.
    pub(crate) policy: Option<String>,
    pub(crate) as_of: AsOf,
}

/// A subject as it came: read, or what is wrong with it.
pub(crate) type Given = Result<Subject, (Box<RawValue>, Problem)>;

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) subjects: Vec<Given>,
    /// Whether it is one object, not a batch of one.
    pub(crate) is_single: bool,
    pub(crate) how: How,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    #[serde(borrow, default)]
    subjects: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    chain: Option<String>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    amount: Option<String>,
    #[serde(default)]
    asset: Option<String>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    monitor: Option<bool>,
    #[serde(default)]
    depth: Option<Depth>,
    #[serde(default)]
    hops: Option<u32>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    at: Option<Day>,
    #[serde(default)]
    known_at: Option<Day>,
}

/// How to screen, from parts that were given one by one.
pub(crate) fn how(
    depth: Option<Depth>,
    hops: Option<u32>,
    policy: Option<String>,
    as_of: AsOf,
) -> Result<How, Problem> {
    let depth = depth.unwrap_or(if policy.is_some() { Depth::Exposure } else { Depth::Direct });
    if policy.is_some() && depth == Depth::Direct {
        // a rule about counterparties that nobody looked for would be undecided every time
        let detail = "a policy asks about counterparties too: it goes with the depth `counterparty` or `exposure`";
        return Err(Problem::new(codes::BODY_INVALID, detail).at("depth"));
    }
    if let Some(hops) = hops
        && (depth != Depth::Exposure || !(1..=HOPS.1).contains(&hops))
    {
        let detail = format!("`hops` goes with the depth `exposure`, and is 1 to {}", HOPS.1);
        return Err(Problem::new(codes::BODY_INVALID, detail).at("hops"));
    }
    Ok(How { depth, hops: hops.unwrap_or(HOPS.0), policy, as_of })
}

impl Request {
    /// Whether it asks for a subject to be watched.
    pub(crate) fn is_watching(&self) -> bool {
        self.subjects.iter().flatten().any(|subject| subject.monitor == Some(true))
    }

    /// Reads a body of JSON.
    #[allow(clippy::result_large_err)] // a subject that is wrong is kept in its place, not passed on
    pub(crate) fn json(body: &[u8]) -> Result<Self, Problem> {
        let raw: Raw<'_> = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
        let as_of = AsOf { true_on: raw.at, known_on: raw.known_at };
        let how = how(raw.depth, raw.hops, raw.policy, as_of)?;
        let Raw { subjects, kind, chain, value, amount, asset, reference, monitor, .. } = raw;
        let (subjects, is_single) = match (subjects, value) {
            (None, Some(value)) => (vec![Ok(Subject { kind, chain, value, amount, asset, reference, monitor })], true),
            (Some(subjects), None)
                if monitor.is_none()
                    && [&kind, &chain, &amount, &asset, &reference].iter().all(|field| field.is_none()) =>
            {
                check_size(subjects.len())?;
                #[allow(clippy::result_large_err, reason = "kept beside those that are right, not handed up")]
                let read = |raw: &RawValue| {
                    serde_json::from_str(raw.get()).map_err(|error| {
                        let problem = Problem::new(codes::SUBJECT_MALFORMED, shown(&error.to_string()));
                        (raw.to_owned(), problem)
                    })
                };
                (subjects.into_iter().map(read).collect(), false)
            }
            _ => {
                let detail = "give either `value` (one subject) or `subjects` (a batch), and no fields of a subject beside `subjects`";
                return Err(Problem::new(codes::BODY_INVALID, detail));
            }
        };
        Ok(Self { subjects, is_single, how })
    }

    /// Reads a body of comma-separated values with a header row. Columns are the fields of a subject.
    pub(crate) fn csv(body: &[u8], how: How) -> Result<Self, Problem> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body);
        let wrong = |error: &csv::Error| Problem::new(codes::BODY_INVALID, shown(&error.to_string()));
        let header = reader.headers().map_err(|e| wrong(&e))?.clone();
        let known = ["kind", "chain", "value", "amount", "asset", "reference"];
        if let Some(other) = header.iter().find(|name| !known.contains(&name.trim())) {
            let detail = format!("no column is called `{}`; there are {}", shown(other), known.join(", "));
            return Err(Problem::new(codes::BODY_INVALID, detail));
        }
        let at = known.map(|name| header.iter().position(|column| column.trim() == name));
        let [_, _, Some(_), ..] = at else {
            return Err(Problem::new(codes::BODY_INVALID, "the header row has no column `value`"));
        };
        let mut subjects = Vec::new();
        for row in reader.records() {
            // a row that is not UTF-8 is wrong alone; the reader goes on behind it
            subjects.push(match row {
                Ok(row) if row.len() == header.len() => {
                    let field = |n: usize| {
                        let text = row.get(at[n]?)?.trim();
                        (!text.is_empty()).then(|| athar_engine::unguarded(text).to_owned())
                    };
                    Ok(Subject {
                        kind: field(0),
                        chain: field(1),
                        value: field(2).unwrap_or_default(),
                        amount: field(3),
                        asset: field(4),
                        reference: field(5),
                        monitor: None,
                    })
                }
                Ok(row) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    let detail = format!("line {line} has {} fields, the header {}", row.len(), header.len());
                    Err((RawValue::NULL.to_owned(), Problem::new(codes::SUBJECT_MALFORMED, detail)))
                }
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    let problem = Problem::new(codes::SUBJECT_MALFORMED, shown(&error.to_string()));
                    Err((RawValue::NULL.to_owned(), problem))
                }
                Err(error) => return Err(wrong(&error)),
            });
            check_size(subjects.len())?;
        }
        check_size(subjects.len())?;
        Ok(Self { subjects, is_single: false, how })
    }
}

fn check_size(subjects: usize) -> Result<(), Problem> {
    match subjects {
        0 => Err(Problem::new(codes::BATCH_EMPTY, "give at least one").at("subjects")),
        1..=BATCH_MAX => Ok(()),
        _ => Err(Problem::new(codes::BATCH_TOO_LARGE, format!("at most {BATCH_MAX}")).at("subjects")),
    }
}

/// What a JSON parser says of a body: line and column, and texts of the body short and harmless.
pub(crate) fn wrong(error: &serde_json::Error) -> Problem {
    Problem::new(codes::BODY_INVALID, shown(&error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn one_bad_subject_is_bad_alone() {
        let body = br#"{"subjects":[{"value":"a"},{"value":7},null,"x",{"value":"b","amount":1.5},{"value":"c"}],"depth":"exposure","hops":2}"#;
        let request = Request::json(body).unwrap();
        assert_eq!(
            request.subjects.iter().map(Result::is_ok).collect::<Vec<_>>(),
            [true, false, false, false, false, true]
        );
        assert_eq!((request.how.depth, request.how.hops, request.is_single), (Depth::Exposure, 2, false));
    }

    #[test]
    fn bodies_that_mean_nothing_are_refused() {
        for (body, code) in [
            ("", codes::BODY_INVALID),
            ("[]", codes::BODY_INVALID),
            ("{}", codes::BODY_INVALID),
            (r#"{"subjects":[]}"#, codes::BATCH_EMPTY),
            (r#"{"subjects":[{"value":"a"}],"value":"b"}"#, codes::BODY_INVALID),
            (r#"{"subjects":[{"value":"a"}],"chain":"bitcoin"}"#, codes::BODY_INVALID),
            (r#"{"value":"a","hops":2}"#, codes::BODY_INVALID),
            (r#"{"value":"a","depth":"exposure","hops":21}"#, codes::BODY_INVALID),
            (r#"{"value":"a","depth":"deep"}"#, codes::BODY_INVALID),
            (r#"{"value":"a","policy":"strict","depth":"direct"}"#, codes::BODY_INVALID),
            (r#"{"value":"a","depth":"counterparty","hops":2}"#, codes::BODY_INVALID),
            (r#"{"value":"a","extra":1}"#, codes::BODY_INVALID),
            (r#"{"value":"a","value":"b"}"#, codes::BODY_INVALID),
            (&format!(r#"{{"value":{}"#, "[".repeat(100_000)), codes::BODY_INVALID),
            (&format!(r#"{{"subjects":[{}1]}}"#, "1,".repeat(BATCH_MAX)), codes::BATCH_TOO_LARGE),
        ] {
            assert_eq!(Request::json(body.as_bytes()).unwrap_err().code, code, "{}", &body[..body.len().min(60)]);
        }
        assert!(Request::json(b"\xff\xfe").is_err());
    }

    #[test]
    fn a_table_names_its_columns_and_keeps_its_good_rows() {
        let body = b"\xef\xbb\xbfreference,value,kind\nr1,a,address\nr2,b\nr3,\xff,\n'=r4,\"c,d\",\n";
        let request = Request::csv(body, How::default()).unwrap();
        let read: Vec<Option<&str>> =
            request.subjects.iter().map(|s| s.as_ref().ok().map(|s| s.value.as_str())).collect();
        assert_eq!(read, [Some("a"), None, None, Some("c,d")]);
        assert_eq!(request.subjects[3].as_ref().unwrap().reference.as_deref(), Some("=r4"));
        for (body, says) in
            [("", "value"), ("kind\n", "value"), ("value,colour\n", "colour"), ("value\n", "at least one")]
        {
            let problem = Request::csv(body.as_bytes(), How::default()).unwrap_err();
            assert!(problem.detail.contains(says), "{body:?}: {problem:?}");
        }
        let many = format!("value\n{}", "x\n".repeat(BATCH_MAX + 1));
        assert_eq!(Request::csv(many.as_bytes(), How::default()).unwrap_err().code, codes::BATCH_TOO_LARGE);
    }
}
