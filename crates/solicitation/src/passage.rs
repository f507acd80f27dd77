//! What is scored, and the score.

use serde::{Deserialize, Serialize};

/// A language that there is a lexicon for, by its ISO 639-1 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Language {
    Ar,
    En,
    Fr,
    Tr,
    He,
    Fa,
    Ur,
    Ru,
}

/// A text and what stands around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passage<'a> {
    /// The segment itself: a paragraph, a message. What is past [`TEXT_MAX`](crate::TEXT_MAX) bytes is left out: of a long text
    /// give what stands around a find.
    pub segment: &'a str,
    /// The text before it in the same document, at most a few hundred bytes; counts less.
    pub before: &'a str,
    /// The text after it, the same.
    pub after: &'a str,
    /// The title or subject of the document.
    pub title: Option<&'a str>,
    /// Addresses or payment identifiers found in the segment.
    pub addresses_inside: u32,
    /// The same in what stands around.
    pub addresses_near: u32,
    /// Whether the message was forwarded.
    pub forwarded: bool,
}

/// What a reason is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonKind {
    /// A word of giving or asking for money.
    Donation,
    /// A word for a means of payment.
    Payment,
    /// A cause: fighters, families of fighters, arms, prisoners of the group.
    Cause,
    /// Urgency or secrecy.
    Urgency,
    /// A named group of an imported list.
    Group,
    /// An address or payment identifier in the same segment, or near.
    Address,
    /// "The address is in the picture."
    PictureHint,
    /// Asking, a cause and a means of payment stand together.
    Together,
    /// Against: a news report.
    News,
    /// Against: a court, an indictment, a seizure, a list.
    Court,
    /// Against: research.
    Research,
    /// Against: a warning.
    Warning,
    /// Against: a recognised charity's ordinary appeal.
    Charity,
    /// Against: an offer of profit, goods or a trade.
    Commerce,
    /// Against: reported speech around the words that score.
    Quotation,
}

/// One reason for a score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// What it is about.
    pub kind: ReasonKind,
    /// The words of the text that hit, as they stand there; of a group, its name in the list (where only a part of
    /// it stands there, that part); of addresses, how many.
    pub words: String,
    /// The entry of the lexicon that was hit (`ar.donation.ask`; `denied.…` where it was denied), or of the list; `address.inside`,
    /// `address.near`, `sum`, `together`, `together.hint` and `quotation.marks` are rules.
    pub entry: String,
    /// Points of 100, after caps; negative where it speaks against.
    pub points: i32,
}

/// The score of a passage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Solicitation {
    /// 0 to 100: the sum of the reasons' points, cut to that range.
    pub score: u8,
    /// Whether the score reaches the threshold of the lexicon's version.
    pub solicits: bool,
    /// Every reason, the heaviest first.
    pub reasons: Vec<Reason>,
    /// The version of the lexicons, by content.
    pub lexicon: String,
}
