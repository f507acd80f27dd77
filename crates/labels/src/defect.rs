//! What can be wrong with one entry of a file, and how it is shown.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of defect of one entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DefectKind {
    /// No text at all.
    Empty,
    /// A dash or its like where a text should be.
    Placeholder,
    /// A letter of another script that looks like a Latin one.
    LookAlike,
    /// Another character that no address has.
    ForeignCharacter,
    /// The checksum does not match.
    Checksum,
    /// Upper and lower case mixed where the format forbids it.
    MixedCase,
    /// The form fits no address of the chain.
    Form,
    /// An address of another network (a testnet).
    OtherNetwork,
    /// Several addresses in one cell.
    SeveralAddresses,
    /// More text beside an address, such as a destination tag: the entry means one account behind a shared address.
    TrailingText,
    /// Digits only: an account number at a service, kept as an identifier of that kind.
    AccountNumber,
    /// The asset says one chain, the checksum of the text proves another. Filed under what the text proves.
    AssetMismatch,
    /// A token that also lives on Bitcoin (Omni), written with a Bitcoin address. Filed under Bitcoin.
    OmniToken,
    /// An asset whose addresses cannot be checked here.
    UnsupportedAsset,
    /// An asset that the table of assets does not have.
    UnknownAsset,
    /// White space around the text; the text itself is whole.
    WhiteSpace,
    /// Not 64 hexadecimal digits.
    TransactionId,
    /// The same statement about the same subject a second time in one file. Counted, not stored twice.
    Duplicate,
    /// A field that the format does not have.
    UnknownField,
    /// A mandatory field is absent.
    MissingField,
    /// A concept that no mapping knows; kept as written under `other`.
    UnknownConcept,
    /// Not a date of the form YYYY-MM-DD, or an end before its begin.
    Date,
    /// Neither true nor false.
    Boolean,
    /// Neither a published id of confidence nor a number from 0 to 100.
    Confidence,
    /// Not a known basis.
    Basis,
    /// A field of the wrong shape (a list where a text should be).
    Shape,
}

impl DefectKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Empty,
        Self::Placeholder,
        Self::LookAlike,
        Self::ForeignCharacter,
        Self::Checksum,
        Self::MixedCase,
        Self::Form,
        Self::OtherNetwork,
        Self::SeveralAddresses,
        Self::TrailingText,
        Self::AccountNumber,
        Self::AssetMismatch,
        Self::OmniToken,
        Self::UnsupportedAsset,
        Self::UnknownAsset,
        Self::WhiteSpace,
        Self::TransactionId,
        Self::Duplicate,
        Self::UnknownField,
        Self::MissingField,
        Self::UnknownConcept,
        Self::Date,
        Self::Boolean,
        Self::Confidence,
        Self::Basis,
        Self::Shape,
    ];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Placeholder => "placeholder",
            Self::LookAlike => "look_alike",
            Self::ForeignCharacter => "foreign_character",
            Self::Checksum => "checksum",
            Self::MixedCase => "mixed_case",
            Self::Form => "form",
            Self::OtherNetwork => "other_network",
            Self::SeveralAddresses => "several_addresses",
            Self::TrailingText => "trailing_text",
            Self::AccountNumber => "account_number",
            Self::AssetMismatch => "asset_mismatch",
            Self::OmniToken => "omni_token",
            Self::UnsupportedAsset => "unsupported_asset",
            Self::UnknownAsset => "unknown_asset",
            Self::WhiteSpace => "white_space",
            Self::TransactionId => "transaction_id",
            Self::Duplicate => "duplicate",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::UnknownConcept => "unknown_concept",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Confidence => "confidence",
            Self::Basis => "basis",
            Self::Shape => "shape",
        }
    }
}

impl DefectKind {
    /// The kind in Arabic, for people.
    pub const fn arabic(self) -> &'static str {
        match self {
            Self::Empty => "لا نص فيه",
            Self::Placeholder => "علامة نائبة مكان النص",
            Self::LookAlike => "حرف من أبجدية أخرى يشبه حرفًا لاتينيًا",
            Self::ForeignCharacter => "محرف لا يرد في أي عنوان",
            Self::Checksum => "المجموع الاختباري غير مطابق",
            Self::MixedCase => "أحرف كبيرة وصغيرة مختلطة",
            Self::Form => "شكل غير متوقع",
            Self::OtherNetwork => "عنوان شبكة أخرى",
            Self::SeveralAddresses => "عدة عناوين في خانة واحدة",
            Self::TrailingText => "نص زائد إلى جانب العنوان",
            Self::AccountNumber => "رقم حساب لدى خدمة",
            Self::AssetMismatch => "الأصل المذكور لا يوافق سلسلة العنوان",
            Self::OmniToken => "رمز Omni على عنوان بيتكوين",
            Self::UnsupportedAsset => "أصل لا تُفحص عناوينه هنا",
            Self::UnknownAsset => "أصل غير معروف",
            Self::WhiteSpace => "فراغ حول النص",
            Self::TransactionId => "ليس معرّف معاملة",
            Self::Duplicate => "مكرر",
            Self::UnknownField => "حقل لا تعرفه الصيغة",
            Self::MissingField => "حقل إلزامي ناقص",
            Self::UnknownConcept => "مفهوم غير معروف",
            Self::Date => "تاريخ غير صحيح",
            Self::Boolean => "القيمة ليست «نعم» ولا «لا»",
            Self::Confidence => "درجة ثقة غير صحيحة",
            Self::Basis => "أساس غير معروف",
            Self::Shape => "حقل شكله غير صحيح",
        }
    }
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One defect of one entry, with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Defect {
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in characters, from 1, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is wrong.
    pub kind: DefectKind,
    /// The text concerned, escaped and cut: see [`shown`].
    pub text: String,
    /// What is wrong, for people, and what became of the entry.
    pub message: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}: {}", self.kind, self.message)?;
        if !self.text.is_empty() {
            write!(f, " [{}]", self.text)?;
        }
        Ok(())
    }
}

pub use athar_lists::{SHOWN_MAX, shown};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_letters_and_controls_are_shown_escaped_and_long_texts_cut() {
        assert_eq!(shown("T\u{41d}9"), "T\\u{41d}9");
        assert_eq!(shown("a\u{202e}b\n\\"), "a\\u{202e}b\\u{a}\\\\");
        assert_eq!(shown(&"x".repeat(1_000)).chars().count(), SHOWN_MAX + 1);
    }

    #[test]
    fn names_are_the_ones_in_json() {
        for kind in [DefectKind::Empty, DefectKind::SeveralAddresses, DefectKind::Shape, DefectKind::OmniToken] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn the_application_says_the_kinds_as_a_screening_does() {
        let path = format!("{}/../../ui/src/i18n/ar/common.json", env!("CARGO_MANIFEST_DIR"));
        let texts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for kind in DefectKind::ALL {
            assert_eq!(texts["defect"][kind.name()].as_str(), Some(kind.arabic()), "{kind}");
        }
    }
}
