//! Why a row is no record, in words: never with the row's value, which may be a person's.

use crate::record::VALUE_BYTES_MAX;
use crate::{Field, Kind};
use athar_types::{Bilingual, Chain, isolated};
use serde::{Deserialize, Deserializer};

/// Why a row is no record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// A field that records of the kind must have.
    Missing(Field),
    /// Neither of the two that a redemption must have one of.
    NoAccount,
    /// Nothing is left of it once it is in its normal form.
    Empty(Field),
    Long(Field),
    NotUtf8(Field),
    /// A JSON value of another type.
    NotText(Field),
    /// A JSON number with more digits than one holds for certain.
    Digits(Field),
    Width {
        found: usize,
        head: usize,
    },
    NotJson {
        column: usize,
    },
    /// Of a line, with the column; of an array's element without.
    NotObject {
        column: Option<usize>,
    },
    TimeForm,
    /// Not in the form that the map gives.
    TimeOfMap,
    TimeParts,
    NoZone,
    /// An hour that the clocks left out.
    PutForward,
    TimeRange,
    TimeYears,
    Currency,
    AmountForm,
    Negative,
    Large,
    Decimals(u8),
    Country,
    NoSuchChain,
    NotOf(Chain),
    NoAddress,
}

impl Reason {
    /// In English and Arabic. Names of fields are those of files and maps in both.
    pub(crate) fn said(self) -> Bilingual {
        let (field, en, ar) = self.words();
        match field {
            None => Bilingual::new(en, ar),
            Some(field) => Bilingual::new(format!("{field}: {en}"), format!("{}: {ar}", isolated(field.name()))),
        }
    }

    fn words(self) -> (Option<Field>, String, String) {
        let plain = |field: Field, en: &str, ar: &str| (Some(field), en.to_owned(), ar.to_owned());
        match self {
            Self::Missing(field) => plain(field, "missing", "ناقص"),
            Self::NoAccount => plain(Field::Account, "missing, and no address either", "ناقص، ولا عنوان أيضًا"),
            Self::Empty(field) => plain(field, "empty", "فارغ"),
            Self::Long(field) => (
                Some(field),
                format!("longer than {VALUE_BYTES_MAX} bytes"),
                format!("أطول من {} بايت", figure(VALUE_BYTES_MAX)),
            ),
            Self::NotUtf8(field) => plain(field, "not in UTF-8", "ليس بترميز \u{2068}UTF-8\u{2069}"),
            Self::NotText(field) => plain(field, "not a text or a number", "ليس نصًّا ولا عددًا"),
            Self::Digits(field) => plain(
                field,
                "more digits than a JSON number holds for certain; send it as a string",
                "أرقامه أكثر مما يحفظه عدد في \u{2068}JSON\u{2069} بيقين؛ فأرسله نصًّا",
            ),
            Self::Width { found, head } => (
                None,
                format!("{found} columns where the head has {head}"),
                format!("عدد الأعمدة {} وهو في السطر الأول {}", figure(found), figure(head)),
            ),
            Self::NotJson { column } => (
                None,
                format!("not JSON, at column {column}"),
                format!("ليس \u{2068}JSON\u{2069}، عند العمود {}", figure(column)),
            ),
            Self::NotObject { column: Some(column) } => (
                None,
                format!("not a JSON object, at column {column}"),
                format!("ليس كائن \u{2068}JSON\u{2069}، عند العمود {}", figure(column)),
            ),
            Self::NotObject { column: None } => {
                (None, "not a JSON object".into(), "ليس كائن \u{2068}JSON\u{2069}".into())
            }
            Self::TimeForm => plain(Field::Time, "not in a form that is read", "ليس بصيغة مقروءة"),
            Self::TimeOfMap => plain(Field::Time, "not in the form of the map", "ليس بالصيغة التي في الخريطة"),
            Self::TimeParts => plain(Field::Time, "date or hour is missing", "التاريخ أو الساعة ناقصة"),
            Self::NoZone => {
                plain(Field::Time, "it names no zone, and the map gives none", "لا يذكر منطقة زمنية، ولا تذكرها الخريطة")
            }
            Self::PutForward => {
                plain(Field::Time, "the clock was put forward over it", "ساعة لم تكن: قُدّمت الساعة فتخطّتها")
            }
            Self::TimeRange => plain(Field::Time, "out of range", "خارج النطاق"),
            Self::TimeYears => {
                plain(Field::Time, "not between 1970 and 9999", "ليس بين \u{2068}1970\u{2069} و\u{2068}9999\u{2069}")
            }
            Self::Currency => plain(
                Field::Currency,
                "not a code of ISO 4217 or of a coin that is known here",
                "ليس رمزًا من \u{2068}ISO 4217\u{2069} ولا رمز عملة معروفة هنا",
            ),
            Self::AmountForm => plain(Field::Amount, "not a decimal number", "ليس عددًا عشريًّا"),
            Self::Negative => plain(Field::Amount, "negative", "سالب"),
            Self::Large => plain(Field::Amount, "too large", "أكبر من اللازم"),
            Self::Decimals(most) => (
                Some(Field::Amount),
                format!("more than {most} decimals"),
                format!("منازله العشرية أكثر مما للعملة ({})", figure(usize::from(most))),
            ),
            Self::Country => plain(Field::Country, "not a code of two letters", "ليس رمزًا من حرفين"),
            Self::NoSuchChain => plain(Field::Chain, "there is none of that name", "لا سلسلة بهذا الاسم"),
            Self::NotOf(chain) => (
                Some(Field::Address),
                format!("none of {}", chain.name()),
                format!("ليس من عناوين {}", isolated(chain.name())),
            ),
            Self::NoAddress => {
                plain(Field::Address, "none of a chain that is known here", "ليس من عناوين سلسلة معروفة هنا")
            }
        }
    }

    /// A field that a kind of records needs.
    pub(crate) fn missing_of(kind: Kind, has: impl Fn(Field) -> bool) -> Option<Self> {
        let missing = kind.required().iter().find(|field| !has(**field)).map(|field| Self::Missing(*field));
        let is_to_nobody = kind == Kind::Redemption && !has(Field::Account) && !has(Field::Address);
        missing.or(is_to_nobody.then_some(Self::NoAccount))
    }
}

fn figure(number: usize) -> String {
    isolated(&number.to_string())
}

/// Reads a reason. Receipts of before it was said in both languages hold an English text.
pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Bilingual, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Said(Bilingual),
        Text(String),
    }
    Ok(match Kept::deserialize(from)? {
        Kept::Said(said) => said,
        Kept::Text(text) => Bilingual::same(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quarantined, When};

    #[test]
    fn names_stand_apart_in_arabic() {
        assert_eq!(
            Reason::NotOf(Chain::Bitcoin).said(),
            Bilingual::new(
                "address: none of bitcoin",
                "\u{2068}address\u{2069}: ليس من عناوين \u{2068}bitcoin\u{2069}"
            )
        );
        assert_eq!(
            Reason::Decimals(2).said().ar,
            "\u{2068}amount\u{2069}: منازله العشرية أكثر مما للعملة (\u{2068}2\u{2069})"
        );
        assert_eq!(
            Reason::Width { found: 3, head: 4 }.said().ar,
            "عدد الأعمدة \u{2068}3\u{2069} وهو في السطر الأول \u{2068}4\u{2069}"
        );
        assert!(When::try_from("yesterday".to_owned()).is_err_and(|why| why == "time: not in a form that is read"));
    }

    #[test]
    fn a_receipt_of_before_is_read() {
        let before: Quarantined = serde_json::from_str(r#"{"line":4,"reason":"time: out of range"}"#).unwrap();
        assert_eq!(before.reason, Bilingual::same("time: out of range"));
        let kept = Quarantined { line: 4, reason: Reason::Negative.said() };
        assert_eq!(serde_json::from_str::<Quarantined>(&serde_json::to_string(&kept).unwrap()).unwrap(), kept);
    }
}
