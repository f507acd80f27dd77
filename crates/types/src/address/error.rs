//! Why a text is not an address.

use crate::{Bilingual, isolated};
use crate::{Chain, Network};

/// Why a text is not an address of the chain it was read for. Says what is wrong, never what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// The checksum does not match: at least one character is wrong.
    #[error("checksum does not match: at least one character is wrong")]
    Checksum,
    /// A character that the format never uses; letters of other scripts that look Latin are the usual case.
    #[error("character U+{code:04X} at position {position} does not belong in an address{}", if *look_alike { " (it looks like a Latin letter)" } else { "" })]
    Character {
        /// Unicode scalar value of the character.
        code: u32,
        /// Position in characters, from 0.
        position: usize,
        /// Whether it is a known look-alike of an ASCII letter or digit.
        look_alike: bool,
    },
    /// The length or version byte fits no known form.
    #[error("no known form: {0}")]
    Form(&'static str),
    /// A good address, of another network of the same chain.
    #[error("an address of another network ({0})")]
    OtherNetwork(Network),
    /// A good address, of another chain.
    #[error("an address of another chain ({0})")]
    OtherChain(Chain),
    /// Upper and lower case are mixed where the format forbids it.
    #[error("upper and lower case mixed")]
    MixedCase,
}

impl AddressError {
    /// What is wrong, in Arabic. What an English message says of a form's lengths and versions is left out.
    pub fn arabic(&self) -> String {
        match self {
            Self::Empty => "النص فارغ".into(),
            Self::Checksum => "المجموع الاختباري غير مطابق: في النص محرف خاطئ على الأقل".into(),
            Self::Character { code, position, look_alike } => format!(
                "المحرف {} في الموضع {} لا يرد في أي عنوان{}",
                isolated(&format!("U+{code:04X}")),
                isolated(&position.to_string()),
                if *look_alike { " (وهو يشبه حرفًا لاتينيًا)" } else { "" }
            ),
            Self::Form(_) => "ليس بشكل معروف".into(),
            Self::OtherNetwork(network) => format!("عنوان على شبكة أخرى ({})", isolated(&network.to_string())),
            Self::OtherChain(chain) => format!("عنوان على سلسلة أخرى ({})", isolated(chain.name())),
            Self::MixedCase => "أحرف كبيرة وصغيرة مختلطة".into(),
        }
    }

    /// What is wrong, in both languages.
    pub fn said(&self) -> Bilingual {
        Bilingual::new(self.to_string(), self.arabic())
    }
}

/// The first character outside printable ASCII, as an error; look-alikes of ASCII letters are told apart.
pub(super) fn foreign_character(text: &str) -> Option<AddressError> {
    text.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()).map(|(position, c)| {
        let look_alike =
            unicode_security::confusable_detection::skeleton(&c.to_string()).all(|s| s.is_ascii_alphanumeric());
        AddressError::Character { code: c as u32, position, look_alike: look_alike && c.is_alphanumeric() }
    })
}
