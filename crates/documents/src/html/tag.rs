//! A tag as it is read: its name, its attributes, and where their values stand. One is used for all tags of a page.

use std::ops::Range;

/// The tag that is being read.
#[derive(Default)]
pub(super) struct Tag {
    pub(super) name: Vec<u8>,
    pub(super) is_end: bool,
    pub(super) closes_itself: bool,
    /// Where its `<` stands.
    pub(super) at: usize,
    /// Names and values, one after the other.
    pub(super) bytes: Vec<u8>,
    pub(super) attributes: Vec<Attribute>,
    /// Positions in `bytes` and in the page where a value begins or goes on after a reference.
    pub(super) places: Vec<(usize, usize)>,
}

#[derive(Clone, Default)]
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) places: Range<usize>,
}

impl Tag {
    pub(super) fn begin(&mut self, at: usize, is_end: bool) {
        self.name.clear();
        self.is_end = is_end;
        self.closes_itself = false;
        self.at = at;
        self.clear_attributes();
    }

    pub(super) fn clear_attributes(&mut self) {
        self.bytes.clear();
        self.attributes.clear();
        self.places.clear();
    }

    pub(super) fn name(&self, attribute: &Attribute) -> &[u8] {
        &self.bytes[attribute.name.clone()]
    }

    pub(super) fn value(&self, attribute: &Attribute) -> &[u8] {
        &self.bytes[attribute.value.clone()]
    }

    /// Whether it says that its content is not shown.
    pub(super) fn hides(&self) -> bool {
        self.attributes.iter().any(|attribute| match self.name(attribute) {
            b"hidden" => !self.value(attribute).eq_ignore_ascii_case(b"false"),
            b"style" => hides(self.value(attribute)),
            _ => false,
        })
    }
}

/// Whether a style hides what it is for.
fn hides(style: &[u8]) -> bool {
    style.split(|&b| b == b';').any(|rule| {
        let mut words = rule.splitn(2, |&b| b == b':').map(<[u8]>::trim_ascii);
        let (property, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let value = value.split(|&b| b == b'!' || b == b' ').next().unwrap_or_default();
        (property.eq_ignore_ascii_case(b"display") && value.eq_ignore_ascii_case(b"none"))
            || (property.eq_ignore_ascii_case(b"visibility") && value.eq_ignore_ascii_case(b"hidden"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_that_hides_is_told_from_one_that_does_not() {
        for style in ["display:none", "color: red; DISPLAY : none !important", "visibility:hidden;"] {
            assert!(hides(style.as_bytes()), "{style}");
        }
        for style in ["display:block", "x-display:none", "content:none", "", ";;:", "display"] {
            assert!(!hides(style.as_bytes()), "{style}");
        }
    }
}
