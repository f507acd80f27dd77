//! What elements do to the text in and around them, and where hidden ones end.

/// What an element does to the text in and around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Inline,
    /// Parted from what is around it.
    Block,
    /// A block whose end tag may be missing.
    OpenBlock,
    /// A block that never has an end tag.
    Rule,
    Break,
    /// A block whose white space stays.
    Kept,
    Title,
    Script,
    Style,
    Raw,
    /// Not shown where scripts run.
    Unseen,
    Drawing,
}

pub(super) fn element(name: &[u8]) -> Element {
    match name {
        b"br" => Element::Break,
        b"p" | b"li" | b"td" | b"th" | b"tr" | b"dt" | b"dd" | b"option" | b"optgroup" | b"thead" | b"tbody"
        | b"tfoot" | b"caption" => Element::OpenBlock,
        b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"table" | b"section"
        | b"article" | b"header" | b"footer" | b"nav" | b"main" | b"aside" | b"figure" | b"figcaption"
        | b"blockquote" | b"form" | b"fieldset" | b"legend" | b"address" | b"details" | b"summary" | b"dialog"
        | b"body" | b"html" | b"head" | b"center" | b"select" | b"button" | b"menu" | b"dir" | b"hgroup"
        | b"frameset" | b"object" | b"video" | b"audio" | b"canvas" | b"marquee" | b"search" => Element::Block,
        b"hr" | b"frame" => Element::Rule,
        b"pre" | b"textarea" | b"xmp" | b"listing" | b"plaintext" => Element::Kept,
        b"title" => Element::Title,
        b"script" => Element::Script,
        b"style" => Element::Style,
        b"iframe" | b"noembed" | b"noframes" => Element::Raw,
        b"noscript" | b"template" => Element::Unseen,
        b"svg" => Element::Drawing,
        _ => Element::Inline,
    }
}

/// Elements that have no end tag and no content.
pub(super) fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"frame"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

/// An element whose content is not shown, until it ends. There is no tree: what tells its end are the tags of its own name and,
/// where its end tag may be missing, those of blocks around it.
pub(super) struct Hidden {
    name: Vec<u8>,
    /// Elements of the same name inside of it that are open.
    same: usize,
    /// Blocks inside of it that are open.
    blocks: usize,
}

impl Hidden {
    pub(super) fn new(name: &[u8]) -> Self {
        Self { name: name.to_vec(), same: 0, blocks: 0 }
    }

    /// A start tag inside of it. True where the hidden element ends before it: an item ends where the next begins.
    pub(super) fn ends_at_start(&self, name: &[u8], kind: Element) -> bool {
        self.blocks == 0 && self.name == name && kind == Element::OpenBlock
    }

    /// An element opens inside of it.
    pub(super) fn open(&mut self, name: &[u8], kind: Element) {
        self.same += usize::from(self.name == name);
        self.blocks += usize::from(kind == Element::Block && self.name != name);
    }

    /// An end tag. True where the hidden element ends with it.
    pub(super) fn ends_at_end(&mut self, name: &[u8], kind: Element) -> bool {
        if matches!(name, b"body" | b"html") {
            return true;
        }
        if self.name == name {
            return take_one(&mut self.same);
        }
        kind == Element::Block && take_one(&mut self.blocks) && element(&self.name) == Element::OpenBlock
    }
}

/// Counts one down; true where there was none.
fn take_one(count: &mut usize) -> bool {
    let none = *count == 0;
    *count = count.saturating_sub(1);
    none
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_element_ends_with_its_own_end_tag_or_that_of_a_block_around_it() {
        let mut division = Hidden::new(b"div");
        division.open(b"div", Element::Block);
        division.open(b"p", Element::OpenBlock);
        assert!(!division.ends_at_end(b"p", Element::OpenBlock));
        assert!(!division.ends_at_end(b"div", Element::Block));
        assert!(!division.ends_at_end(b"ul", Element::Block));
        assert!(division.ends_at_end(b"div", Element::Block));
        let mut item = Hidden::new(b"li");
        assert!(item.ends_at_start(b"li", Element::OpenBlock));
        item.open(b"ul", Element::Block);
        assert!(!item.ends_at_start(b"li", Element::OpenBlock));
        assert!(!item.ends_at_end(b"ul", Element::Block));
        assert!(item.ends_at_end(b"ul", Element::Block));
    }
}
