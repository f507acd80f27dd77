//! Alphabets: the letters that names are compared in, and the way to them from other scripts.
//!
//! Two alphabets stand for all: `a`–`z`, and the Arabic letters with those of Persian and Urdu. Cyrillic, Greek and what
//! else there is come to the first by romanisation; Hebrew comes to the second, letter by letter, because it leaves out
//! the same vowels.

/// Number of letters of the Arabic alphabet here.
pub(crate) const ARABIC: usize = 35;

/// The Arabic letters by code; [`fold_arabic`] maps every other form to one of them.
pub(crate) const ARABIC_LETTERS: [char; ARABIC] = [
    'ا', 'ب', 'ت', 'ث', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ظ', 'ع', 'غ', 'ف', 'ق', 'ك', 'ل',
    'م', 'ن', 'ه', 'و', 'ي', 'ء', 'پ', 'چ', 'ژ', 'گ', 'ڤ', 'ة',
];

/// The code of a letter of [`ARABIC_LETTERS`].
pub(crate) fn arabic_code(letter: char) -> Option<u8> {
    ARABIC_LETTERS.iter().position(|l| *l == letter).map(|i| i as u8)
}

/// The letters of a folded word. A ha that ends a word is read as ta marbuta, whose dots are often left out: only so is it
/// also written `at` (Jabhat).
pub(crate) fn arabic_codes(word: &str) -> Vec<u8> {
    let mut codes: Vec<u8> = word.chars().filter_map(arabic_code).collect();
    if codes.len() >= 3
        && let Some(last) = codes.last_mut()
        && ARABIC_LETTERS[*last as usize] == 'ه'
    {
        *last = ARABIC as u8 - 1;
    }
    codes
}

/// Folds a character of the Arabic script to one of [`ARABIC_LETTERS`]; `None`: no letter (a vowel sign, tatweel).
///
/// Hamza is carried or left out as the writer likes (أحمد, احمد), alef maqsura and ya are one letter in Egypt and in
/// Persian, ta marbuta is often typed as ha, and Persian and Urdu keyboards have their own kaf, ya and ha: none of these
/// tells two names apart.
pub(crate) const fn fold_arabic(c: char) -> Option<char> {
    Some(match c {
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' | 'ٵ' | 'ا' => 'ا',
        'ؤ' | 'ۆ' | 'ۇ' | 'ۈ' | 'ۋ' | 'ۏ' | 'ٶ' => 'و',
        'ئ' | 'ى' | 'ی' | 'ې' | 'ۍ' | 'ێ' | 'ے' | 'ۓ' | 'ٸ' => 'ي',
        'ک' | 'ڪ' | 'ګ' | 'ڭ' => 'ك',
        'ہ' | 'ھ' | 'ۀ' | 'ە' | 'ۂ' | 'ة' | 'ۃ' => 'ه',
        'ٹ' | 'ټ' => 'ت',
        'ڈ' | 'ډ' => 'د',
        'ڑ' | 'ړ' | 'ڕ' => 'ر',
        'ں' | 'ڼ' | 'ڻ' => 'ن',
        'ڵ' => 'ل',
        'ښ' | 'ڜ' => 'ش',
        'ږ' => 'ژ',
        'ځ' => 'ز',
        'څ' => 'س',
        'ڨ' => 'گ',
        'ڥ' => 'ڤ',
        'ݣ' => 'گ',
        'ب' | 'ت' | 'ث' | 'ج' | 'ح' | 'خ' | 'د' | 'ذ' | 'ر' | 'ز' | 'س' | 'ش' | 'ص' | 'ض' | 'ط' | 'ظ' | 'ع' | 'غ'
        | 'ف' | 'ق' | 'ك' | 'ل' | 'م' | 'ن' | 'ه' | 'و' | 'ي' | 'ء' | 'پ' | 'چ' | 'ژ' | 'گ' | 'ڤ' => c,
        _ => return None,
    })
}

/// A Hebrew letter as the Arabic one of the same origin; `geresh`: a geresh follows, which makes the Arabic sounds that
/// Hebrew lacks (Academy of the Hebrew Language, rules for the transcription of Arabic, 2006).
pub(crate) const fn hebrew_to_arabic(c: char, geresh: bool) -> Option<char> {
    Some(match (c, geresh) {
        ('א', _) => 'ا',
        ('ב', _) => 'ب',
        ('ג', true) => 'ج',
        ('ג', false) => 'گ',
        ('ד', true) => 'ذ',
        ('ד', false) => 'د',
        ('ה', _) => 'ه',
        ('ו', _) => 'و',
        ('ז', true) => 'ژ',
        ('ז', false) => 'ز',
        ('ח', true) => 'خ',
        ('ח', false) => 'ح',
        ('ט', true) => 'ظ',
        ('ט', false) => 'ط',
        ('י', _) => 'ي',
        ('כ' | 'ך', true) => 'خ',
        ('כ' | 'ך', false) => 'ك',
        ('ל', _) => 'ل',
        ('מ' | 'ם', _) => 'م',
        ('נ' | 'ן', _) => 'ن',
        ('ס', _) => 'س',
        ('ע', true) => 'غ',
        ('ע', false) => 'ع',
        ('פ' | 'ף', _) => 'ف',
        ('צ' | 'ץ', true) => 'ض',
        ('צ' | 'ץ', false) => 'ص',
        ('ק', _) => 'ق',
        ('ר', true) => 'غ',
        ('ר', false) => 'ر',
        ('ש', _) => 'ش',
        ('ת', true) => 'ث',
        ('ת', false) => 'ت',
        _ => return None,
    })
}

/// A Cyrillic letter in Latin letters, as passports and newspapers write it: Russian with the letters of Ukrainian, of
/// the Caucasus and of Central Asia.
pub(crate) const fn cyrillic_to_latin(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' | 'ғ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' | 'ә' => "e",
        'ё' => "yo",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'ӣ' => "i",
        'й' | 'ј' => "y",
        'ї' => "yi",
        'к' => "k",
        'қ' => "q",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'ң' => "ng",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ұ' | 'ү' | 'ӯ' => "u",
        'ў' => "w",
        'ф' => "f",
        'х' => "kh",
        'ҳ' | 'һ' => "h",
        'ц' => "ts",
        'ч' => "ch",
        'ҷ' => "j",
        'ш' => "sh",
        'щ' => "sh",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        'ъ' | 'ь' | 'ӏ' => "",
        _ => return None,
    })
}

/// A Latin letter with a mark as the letters that it sounds like, where leaving the mark out would change the sound.
pub(crate) const fn latin_with_mark(c: char) -> Option<&'static str> {
    Some(match c {
        'ş' | 'ș' | 'š' => "sh",
        'ç' | 'č' | 'ć' => "ch",
        'ž' => "zh",
        'ğ' | 'ġ' => "gh",
        'ß' => "ss",
        'æ' => "ae",
        'ø' | 'œ' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ə' => "e",
        'ḫ' | 'ẖ' => "kh",
        _ => return None,
    })
}
