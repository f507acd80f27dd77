//! Reasons in words, in English and Arabic.

use crate::{Language, Reason, ReasonKind};

impl ReasonKind {
    /// The name of the kind; in English where there is none in the language.
    pub const fn name_in(self, language: Language) -> &'static str {
        let arabic = matches!(language, Language::Ar);
        let (en, ar) = match self {
            Self::Donation => ("asks for money", "طلب المال أو التبرع"),
            Self::Payment => ("means of payment", "وسيلة دفع"),
            Self::Cause => ("cause", "الغاية المعلنة"),
            Self::Urgency => ("urgency or secrecy", "استعجال أو كتمان"),
            Self::Group => ("named group", "جماعة مسماة في قائمة"),
            Self::Address => ("address or payment identifier", "عنوان أو معرّف دفع"),
            Self::PictureHint => ("address in a picture", "العنوان داخل صورة"),
            Self::Together => ("asking, cause and payment together", "اجتماع الطلب والغاية ووسيلة الدفع"),
            Self::News => ("against: news", "ضدّه: خبر صحفي"),
            Self::Court => ("against: court or authority", "ضدّه: قضاء أو جهة رسمية"),
            Self::Research => ("against: research", "ضدّه: بحث أو تحليل"),
            Self::Warning => ("against: warning or refusal", "ضدّه: تحذير أو نهي"),
            Self::Charity => ("against: ordinary charity", "ضدّه: عمل خيري معتاد"),
            Self::Commerce => ("against: trade or profit", "ضدّه: تجارة أو ربح"),
            Self::Quotation => ("against: quoted or reported", "ضدّه: كلام منقول"),
        };
        if arabic { ar } else { en }
    }
}

impl Reason {
    /// The reason in one line: what it is about, the words that hit, points and entry. Words of the text are between marks, as they
    /// stand there: whoever shows them must treat them as foreign text.
    pub fn words_in(&self, language: Language) -> String {
        let name = self.kind.name_in(language);
        let arabic = language == Language::Ar;
        let points = format!("{:+}", self.points);
        match (self.words.is_empty(), arabic) {
            (true, _) => format!("{name} ({points}, {})", self.entry),
            (false, true) => format!("{name}: «{}» ({points}، {})", self.words, self.entry),
            (false, false) => format!("{name}: “{}” ({points}, {})", self.words, self.entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_in_both_languages() {
        let reason =
            Reason { kind: ReasonKind::Donation, words: "donate".into(), entry: "en.donation.ask".into(), points: 20 };
        assert_eq!(reason.words_in(Language::En), "asks for money: “donate” (+20, en.donation.ask)");
        assert_eq!(reason.words_in(Language::Fr), reason.words_in(Language::En));
        assert_eq!(reason.words_in(Language::Ar), "طلب المال أو التبرع: «donate» (+20، en.donation.ask)");
        let reason = Reason { kind: ReasonKind::News, words: String::new(), entry: "x".into(), points: -3 };
        assert_eq!(reason.words_in(Language::En), "against: news (-3, x)");
    }
}
