//! YAML as a small tree in which every value knows its line, read from parser events under bounds.
//!
//! The usual YAML readers give values without places, merge duplicate keys silently and expand aliases without end.
//! Here a duplicate key, a second document, an unknown tag, deep nesting or aliases that grow refuse the file.

use super::source::Source;
use crate::defect::shown;
use crate::error::LabelError;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Values that all aliases of a file may stand for together.
const ALIASED_MAX: usize = 10_000;
/// Keys of a map that are compared one by one.
const FEW: usize = 24;
/// Values of one file.
pub(crate) const VALUES_MAX: usize = 16_000_000;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    /// Line, from 1.
    pub(crate) line: u32,
    /// Column in characters, from 1.
    pub(crate) column: u32,
    pub(crate) value: Value<'a>,
}

/// A value. A scalar is kept as written: it is for the reader of a field to know what it should be.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Scalar {
        text: Cow<'a, str>,
        /// Written without quotes.
        plain: bool,
    },
    List(Vec<Node<'a>>),
    Map(Vec<(Node<'a>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The text of a scalar; `None` for lists, maps and YAML's null.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => None,
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of any scalar as written, null included.
    fn raw(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }

    pub(crate) fn entries(&self) -> Option<&[(Node<'a>, Node<'a>)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Node<'a>]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value as JSON; plain scalars that are numbers, booleans or null become such.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Scalar { .. } if self.is_null() => Json::Null,
            Value::Scalar { text, plain: true } => match &**text {
                "true" | "True" | "TRUE" => Json::Bool(true),
                "false" | "False" | "FALSE" => Json::Bool(false),
                text => text.parse::<i64>().map_or_else(|_| Json::String(text.to_owned()), Json::from),
            },
            Value::Scalar { text, .. } => Json::String(text.clone().into_owned()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => Json::Object(
                entries.iter().map(|(k, v)| (k.text().unwrap_or_default().to_owned(), v.to_json())).collect(),
            ),
        }
    }

    fn weight(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(items) => items.iter().map(Self::weight).sum(),
            Value::Map(entries) => entries.iter().map(|(k, v)| k.weight() + v.weight()).sum(),
        }
    }
}

/// A list or map that is not complete yet.
struct Open<'a> {
    line: u32,
    column: u32,
    anchor: usize,
    kind: OpenKind<'a>,
}

enum OpenKind<'a> {
    List(Vec<Node<'a>>),
    /// `seen`: the keys, kept from the time when comparing them one by one would cost too much.
    Map {
        entries: Vec<(Node<'a>, Node<'a>)>,
        seen: HashSet<String>,
        key: Option<Node<'a>>,
    },
}

/// Reads the one document of a file.
pub(crate) fn read(source: &Source, depth_max: usize) -> Result<Node<'_>, LabelError> {
    read_text(source, &source.text, depth_max)
}

/// As [`read`], of a text that the file begins with.
pub(crate) fn read_text<'a>(source: &'a Source, text: &'a str, depth_max: usize) -> Result<Node<'a>, LabelError> {
    let mut reader = Reader { source, stack: Vec::new(), anchors: HashMap::new(), aliased: 0, values: 0, root: None };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            match (at.line() as u32, source.last_line()) {
                (line, last) if line > last => {
                    source.malformed(last, 0, format!("the file ends too early: {}", error.info()))
                }
                (line, _) => source.malformed(line, at.col() as u32 + 1, error.info()),
            }
        })?;
        let error =
            |message: String| Err(source.malformed(span.start.line() as u32, span.start.col() as u32 + 1, message));
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return error("a second document; a pack is one".into());
                }
            }
            Event::SequenceStart(anchor, ref tag) => {
                reader.check_tag(tag.as_deref(), &["seq"], span)?;
                reader.open(span, anchor, OpenKind::List(Vec::new()));
            }
            Event::MappingStart(anchor, ref tag) => {
                reader.check_tag(tag.as_deref(), &["map"], span)?;
                let kind = OpenKind::Map { entries: Vec::new(), seen: HashSet::new(), key: None };
                reader.open(span, anchor, kind);
            }
            Event::Scalar(text, style, anchor, tag) => {
                reader.check_tag(tag.as_deref(), &["str", "int", "float", "bool", "null", "timestamp"], span)?;
                let (line, column) = place(span);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                reader.put(Node { line, column, value: Value::Scalar { text, plain } }, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => reader.close()?,
            Event::Alias(id) => {
                let (line, column) = place(span);
                let Some(anchored) = reader.anchors.get(&id) else {
                    return error("an alias of a value that is not complete, or too large to repeat".into());
                };
                reader.aliased += anchored.weight();
                if reader.aliased > ALIASED_MAX {
                    return error(format!("aliases stand for more than {ALIASED_MAX} values"));
                }
                let node = Node { line, column, value: anchored.value.clone() };
                reader.put(node, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if reader.stack.len() > depth_max {
            return error(format!("nested deeper than {depth_max}"));
        }
    }
    reader.root.ok_or_else(|| source.malformed(1, 0, "no document"))
}

fn place(span: Span) -> (u32, u32) {
    (span.start.line() as u32, span.start.col() as u32 + 1)
}

struct Reader<'a> {
    source: &'a Source,
    stack: Vec<Open<'a>>,
    anchors: HashMap<usize, Node<'a>>,
    aliased: usize,
    values: usize,
    root: Option<Node<'a>>,
}

impl<'a> Reader<'a> {
    fn error(&self, line: u32, column: u32, message: impl ToString) -> LabelError {
        self.source.malformed(line, column, message)
    }

    fn check_tag(&self, tag: Option<&saphyr_parser::Tag>, known: &[&str], span: Span) -> Result<(), LabelError> {
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str())) => {
                let (line, column) = place(span);
                Err(self.error(line, column, format!("tag {} is not read", shown(&tag.to_string()))))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, anchor: usize, kind: OpenKind<'a>) {
        let (line, column) = place(span);
        self.stack.push(Open { line, column, anchor, kind });
    }

    fn close(&mut self) -> Result<(), LabelError> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = match open.kind {
            OpenKind::List(items) => Value::List(items),
            OpenKind::Map { entries, .. } => Value::Map(entries),
        };
        self.put(Node { line: open.line, column: open.column, value }, open.anchor)
    }

    /// Puts a complete value where it belongs.
    fn put(&mut self, node: Node<'a>, anchor: usize) -> Result<(), LabelError> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(self.error(node.line, node.column, format!("more than {VALUES_MAX} values")));
        }
        if anchor > 0 && node.weight() <= ALIASED_MAX {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map { entries, seen, key }) => {
                if let Some(key) = key.take() {
                    if entries.len() == FEW {
                        seen.extend(entries.iter().filter_map(|(k, _)| k.raw()).map(str::to_owned));
                    }
                    if entries.len() >= FEW {
                        seen.extend(key.raw().map(str::to_owned));
                    }
                    entries.push((key, node));
                    return Ok(());
                }
                let Value::Scalar { text, plain } = &node.value else {
                    return Err(self.error(node.line, node.column, "a key that is no text"));
                };
                if *plain && text == "<<" {
                    return Err(self.error(node.line, node.column, "merge keys (<<) are not read"));
                }
                let twice = if entries.len() > FEW {
                    seen.contains(&**text)
                } else {
                    entries.iter().any(|(k, _)| k.raw() == Some(text))
                };
                if twice {
                    let message = format!("duplicate key `{}`", shown(text));
                    return Err(self.error(node.line, node.column, message));
                }
                *key = Some(node);
            }
        }
        Ok(())
    }
}
