//! The usual form of a pack's list, read line by line: items of `key: value`, a value on its own line.
//!
//! Packs of half a million tags are written by programs and hold nothing else, and a YAML parser spends seconds on them.
//! What this reader takes is a part of YAML that has one meaning, and it gives the same values at the same places as the
//! parser does (a test compares them). On anything else it gives up, and the parser reads the file.

use super::source::Source;
use super::yaml::{self, Node, VALUES_MAX, Value};
use rayon::prelude::*;
use std::borrow::Cow;

/// Bytes that one thread reads at a time.
const PIECE: usize = 1 << 20;
/// Keys of an item; the parser reads longer ones.
const KEYS_MAX: usize = 24;

/// Reads a file whose last field is the list `name`, or gives up.
pub(super) fn read<'a>(source: &'a Source, name: &str, depth_max: usize) -> Option<Node<'a>> {
    let text = &*source.text;
    let head = format!("{name}:\n");
    let at = text.match_indices(&head).map(|(at, _)| at).find(|at| *at == 0 || text[..*at].ends_with('\n'))?;
    let (header, list) = text.split_at(at + head.len());
    let mut root = yaml::read_text(source, header, depth_max).ok()?;
    let Value::Map(entries) = &mut root.value else { return None };
    let (key, value) = entries.last_mut()?;
    if key.text() != Some(name) || !value.is_null() {
        return None;
    }
    let indent = list.bytes().take_while(|b| *b == b' ').count();
    if list.as_bytes().get(indent) != Some(&b'-') {
        return None;
    }
    let pieces: Option<Vec<Vec<Node<'a>>>> = pieces(list, indent)
        .into_par_iter()
        .map(|(from, to)| items(&list[from..to], source.line(header.len() + from), indent))
        .collect();
    let items: Vec<Node<'a>> = pieces?.into_iter().flatten().collect();
    let values = |node: &Node<'_>| 1 + 2 * node.entries().map_or(0, <[_]>::len);
    if items.is_empty() || items.iter().map(values).sum::<usize>() > VALUES_MAX / 2 {
        return None;
    }
    // the parser places a list without indentation at its first item
    let (line, column) = (items[0].line, if indent == 0 { items[0].column } else { indent as u32 + 1 });
    *value = Node { line, column, value: Value::List(items) };
    Some(root)
}

/// Cuts the list before items.
fn pieces(list: &str, indent: usize) -> Vec<(usize, usize)> {
    let begin = format!("\n{}- ", " ".repeat(indent));
    let (mut pieces, mut from) = (Vec::new(), 0);
    while from < list.len() {
        // a piece may begin inside a character, which no line that is read does
        let mut near = from + PIECE;
        while near < list.len() && !list.is_char_boundary(near) {
            near += 1;
        }
        let to = list.get(near..).and_then(|rest| rest.find(&begin)).map_or(list.len(), |at| near + at + 1);
        pieces.push((from, to));
        from = to;
    }
    pieces
}

fn items(text: &str, first_line: u32, indent: usize) -> Option<Vec<Node<'_>>> {
    let mut items: Vec<Node<'_>> = Vec::new();
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((i, whole)) = lines.next() {
        // what follows the last line end
        if lines.peek().is_none() && whole.is_empty() {
            break;
        }
        let line = first_line + i as u32;
        let (lead, rest) = whole.split_at_checked(indent)?;
        if lead.bytes().any(|b| b != b' ') {
            return None;
        }
        let column = indent as u32 + 3;
        let entry = if let Some(entry) = rest.strip_prefix("- ") {
            items.push(Node { line, column, value: Value::Map(Vec::with_capacity(4)) });
            entry
        } else {
            rest.strip_prefix("  ")?
        };
        let (key, value) = entry.split_once(": ")?;
        if !key.starts_with(|c: char| c.is_ascii_lowercase())
            || key.len() > 64
            || !key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            return None;
        }
        let Value::Map(entries) = &mut items.last_mut()?.value else { return None };
        if entries.len() == KEYS_MAX || entries.iter().any(|(other, _)| other.text() == Some(key) || other.is_null()) {
            return None;
        }
        let (text, plain) = scalar(value)?;
        let scalar = |text, plain, column| Node { line, column, value: Value::Scalar { text, plain } };
        entries.push((
            scalar(Cow::Borrowed(key), true, column),
            scalar(Cow::Borrowed(text), plain, column + key.len() as u32 + 2),
        ));
    }
    Some(items)
}

/// A scalar that has one meaning and ends with its line: its text, and whether it is without quotes.
fn scalar(value: &str) -> Option<(&str, bool)> {
    let good = |c: char| matches!(c, ' '..='~') || c.is_alphanumeric();
    if !value.chars().all(good) {
        return None;
    }
    let (first, last) = (*value.as_bytes().first()?, *value.as_bytes().last()?);
    match first {
        b'"' | b'\'' => {
            let inner = value.get(1..value.len() - 1).filter(|_| value.len() > 1 && last == first)?;
            (!inner.bytes().any(|b| b == first || b == b'\\')).then_some((inner, false))
        }
        _ if value.starts_with(char::is_alphanumeric) => {
            let simple = !matches!(last, b' ' | b':') && !value.contains(": ") && !value.contains(" #");
            simple.then_some((value, true))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Limits;
    use proptest::prelude::*;
    use std::path::Path;

    fn source(text: &str) -> Source {
        Source::from_bytes(Path::new("f"), text.as_bytes(), &Limits::default(), None).unwrap()
    }

    /// Whether the file was read line by line; the parser must then agree.
    fn agrees(text: &str) -> bool {
        let source = source(text);
        let Some(read) = read(&source, "tags", 64) else { return false };
        let parsed = yaml::read(&source, 64).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(format!("{read:?}"), format!("{parsed:?}"), "{text}");
        true
    }

    #[test]
    fn the_usual_form_is_read_as_the_parser_reads_it() {
        assert!(agrees("title: a\ntags:\n- address: x\n  label: b c\n- address: 'y z'\n  label: \"شبكة #: \"\n"));
        assert!(agrees("tags:\n  - label: a: \n".replace(": \n", "\n").as_str()));
        assert!(agrees("a: &x 1\ntags:\n- label: 2021-03-04\n  b: ''\n  c: null\n  d: https://x.y/#z\n"));
        assert!(agrees("tags:\n- a: b"), "a last line without its end");
        let many: String = (0..40_000).map(|i| format!("- address: a{i}\n  label: مثال {i}\n")).collect();
        assert!(many.len() > PIECE && agrees(&format!("title: t\ntags:\n{many}")));
    }

    #[test]
    fn anything_else_is_left_to_the_parser() {
        for list in [
            "",
            "[]\n",
            "- a\n",
            "- a: b\nmore: c\n",
            "- a: b\n\n",
            "- a: b # c\n",
            "- a: b: c\n",
            "- a: b:\n",
            "- a: &x b\n",
            "- a: *x\n",
            "- a: [b]\n",
            "- a: |\n    b\n",
            "- a: b\n    c\n",
            "- a: \"b\\n\"\n",
            "- a: 'it''s'\n",
            "- a: b\n  a: c\n",
            "- a: b\r\n",
            "- a:  b\n",
            "- a: b\n - c: d\n",
            "- a: \"b\n",
            "- a: b\n---\n",
            "-  a: b\n",
            "- <<: b\n",
            "- a: -\n",
            "- ? a\n",
            "- a: \u{feff}\n",
        ] {
            assert!(read(&source(&format!("tags:\n{list}")), "tags", 64).is_none(), "{list}");
        }
        assert!(read(&source("tags:\n- a: b\ntags:\n- a: b\n"), "tags", 64).is_none());
        assert!(read(&source("x: |\n tags:\n- a: b\n"), "tags", 64).is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_read_so_the_parser_reads_the_same(
            list in proptest::collection::vec("(- |  |   |)(a|bc|null|d_e)(: |:|)([a-z0-9 :#'\"&*!|>%@{}\\[\\],.~شא-]{0,8})", 0..8),
            head in "(title: x\n|)",
        ) {
            agrees(&format!("{head}tags:\n{}\n", list.join("\n")));
        }
    }
}
