//! Disguises, and the sentences that identifiers stand in.

use super::make::{Form, group};
use super::{Case, Dice, Planted};
use crate::Kind;
use athar_types::Chain;

/// How an identifier is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // the names say it
pub enum Disguise {
    Plain,
    Quoted,
    PaymentUri,
    Link,
    TwoLines,
    QuotedLines,
    SpacedFours,
    SpacedLetters,
    Hyphens,
    Dots,
    ZeroWidth,
    SoftHyphens,
    Bidi,
    Cyrillic,
    Greek,
    FullWidth,
    ForeignDigits,
}

/// Every disguise.
pub const DISGUISES: [Disguise; 17] = [
    Disguise::Plain,
    Disguise::Quoted,
    Disguise::PaymentUri,
    Disguise::Link,
    Disguise::TwoLines,
    Disguise::QuotedLines,
    Disguise::SpacedFours,
    Disguise::SpacedLetters,
    Disguise::Hyphens,
    Disguise::Dots,
    Disguise::ZeroWidth,
    Disguise::SoftHyphens,
    Disguise::Bidi,
    Disguise::Cyrillic,
    Disguise::Greek,
    Disguise::FullWidth,
    Disguise::ForeignDigits,
];

/// The languages of the sentences.
pub const LANGUAGES: [&str; 8] = ["ar", "en", "fr", "tr", "he", "fa", "ur", "ru"];

/// Whether an identifier of that form can be found in that disguise at all: what nothing proves cannot be put together again.
pub fn fits(form: Form, disguise: Disguise) -> bool {
    use Disguise::{
        Bidi, Cyrillic, Dots, ForeignDigits, FullWidth, Greek, Hyphens, Link, PaymentUri, Plain, Quoted, SoftHyphens,
        SpacedFours, SpacedLetters, TwoLines, ZeroWidth,
    };
    let invisible = matches!(disguise, Plain | Quoted | ZeroWidth | SoftHyphens | Bidi);
    match form.kind {
        Kind::Address if form.name == "ethereum lower" => {
            invisible || matches!(disguise, PaymentUri | Link | SpacedFours | SpacedLetters | Hyphens | TwoLines)
        }
        Kind::Address if form.name == "solana" => invisible || matches!(disguise, PaymentUri | Link),
        // the hyphen is a letter of TON's alphabet
        Kind::Address if form.name == "ton" => disguise != Hyphens,
        Kind::Address => true,
        Kind::LightningInvoice => !matches!(disguise, Link | Greek | SpacedLetters),
        Kind::Iban => matches!(disguise, Plain | Quoted | SpacedFours | Hyphens | ZeroWidth | Bidi),
        Kind::Phone | Kind::ExchangeUser => matches!(disguise, Plain | Quoted | ForeignDigits),
        Kind::Card | Kind::CouponCode => matches!(disguise, Plain | Quoted | ForeignDigits),
        _ => {
            let _ = (Cyrillic, Dots, FullWidth);
            matches!(disguise, Plain | Quoted)
        }
    }
}

/// Three sentences of each language: `{a}` stands for the identifier, `{c}` for the name of the coin.
const SENTENCES: [(&str, [&str; 3]); 8] = [
    (
        "en",
        [
            "The fund takes gifts in {c} at {a} until the end of the month.",
            "We updated our page: {c} {a}. Thanks to everyone who helped last year!",
            "Our shop accepts {c} ({a}), and the library on the corner is open again.",
        ],
    ),
    (
        "ar",
        [
            "يستقبل الصندوق التبرعات بعملة {c} على العنوان {a} حتى نهاية الشهر.",
            "حدثنا صفحتنا: {c} {a}، وشكرا لكل من ساعدنا في العام الماضي!",
            "المتجر يقبل {c} ({a}) والمكتبة مفتوحة من جديد.",
        ],
    ),
    (
        "fr",
        [
            "L\u{2019}association reçoit des dons en {c} à l\u{2019}adresse {a} jusqu\u{2019}à la fin du mois.",
            "Notre page a été mise à jour : {c} {a}. Merci à tous ceux qui ont aidé l\u{2019}année dernière !",
            "La boutique accepte {c} ({a}) et la bibliothèque est ouverte à nouveau.",
        ],
    ),
    (
        "tr",
        [
            "Vakıf ay sonuna kadar {c} ile bağışları {a} adresinde kabul ediyor.",
            "Sayfamızı güncelledik: {c} {a}. Geçen yıl yardım eden herkese teşekkürler!",
            "Dükkânımız {c} ({a}) kabul ediyor, köşedeki kütüphane yeniden açıldı.",
        ],
    ),
    (
        "he",
        [
            "הקרן מקבלת תרומות ב {c} בכתובת {a} עד סוף החודש.",
            "עדכנו את הדף שלנו: {c} {a}. תודה לכל מי שעזר בשנה שעברה!",
            "החנות מקבלת {c} ({a}) והספרייה נפתחה מחדש.",
        ],
    ),
    (
        "fa",
        [
            "صندوق تا پایان ماه کمک\u{200c}ها را با {c} در نشانی {a} می\u{200c}پذیرد.",
            "صفحه\u{200c}مان را به\u{200c}روز کردیم: {c} {a}؛ از همه سپاسگزاریم!",
            "فروشگاه ما {c} ({a}) می\u{200c}پذیرد و کتابخانه دوباره باز شده است.",
        ],
    ),
    (
        "ur",
        [
            "فنڈ مہینے کے آخر تک {c} میں عطیات {a} پر وصول کرتا ہے۔",
            "ہم نے اپنا صفحہ تازہ کیا: {c} {a}۔ پچھلے سال مدد کرنے والوں کا شکریہ!",
            "ہماری دکان {c} ({a}) قبول کرتی ہے اور لائبریری دوبارہ کھل گئی ہے۔",
        ],
    ),
    (
        "ru",
        [
            "Фонд принимает пожертвования в {c} на адрес {a} до конца месяца.",
            "Мы обновили страницу: {c} {a}. Спасибо всем, кто помогал в прошлом году!",
            "Наш магазин принимает {c} ({a}), а библиотека на углу снова открыта.",
        ],
    ),
];

/// A sentence of a language around an identifier.
pub fn sentence(language: &str, coin: &str, identifier: &str, dice: &mut Dice) -> String {
    let sentences = SENTENCES.iter().find(|(l, _)| *l == language).map_or(SENTENCES[0].1, |(_, s)| *s);
    dice.pick(&sentences).replace("{c}", coin).replace("{a}", identifier)
}

/// The scheme of a payment URI and an explorer's link, by chain.
fn uri(chain: Chain) -> (&'static str, &'static str, &'static str) {
    match chain {
        Chain::Bitcoin => ("bitcoin:", "https://mempool.space/address/", "mempool.space"),
        Chain::BitcoinCash => ("bitcoincash:", "https://blockchair.com/bitcoin-cash/address/", "blockchair.com"),
        Chain::BitcoinSv => ("bitcoinsv:", "https://example.com/bsv/", "example.com"),
        Chain::BitcoinGold => ("bitcoingold:", "https://example.com/btg/", "example.com"),
        Chain::Litecoin => ("litecoin:", "https://litecoinspace.org/address/", "litecoinspace.org"),
        Chain::Dogecoin => ("dogecoin:", "https://dogechain.info/address/", "dogechain.info"),
        Chain::Dash => ("dash:", "https://blockchair.com/dash/address/", "blockchair.com"),
        Chain::Zcash => ("zcash:", "https://blockchair.com/zcash/address/", "blockchair.com"),
        Chain::Verge => ("verge:", "https://example.com/xvg/", "example.com"),
        Chain::Monero => ("monero:", "https://xmrchain.net/search?value=", "xmrchain.net"),
        Chain::Ethereum => ("ethereum:", "https://etherscan.io/address/", "etherscan.io"),
        Chain::EthereumClassic => ("ethereum:", "https://etcblockexplorer.com/address/", "etcblockexplorer.com"),
        Chain::BinanceSmartChain => ("ethereum:", "https://bscscan.com/address/", "bscscan.com"),
        Chain::Arbitrum => ("ethereum:", "https://arbiscan.io/address/", "arbiscan.io"),
        Chain::Polygon => ("ethereum:", "https://polygonscan.com/address/", "polygonscan.com"),
        Chain::Tron => ("tron:", "https://tronscan.org/#/address/", "tronscan.org"),
        Chain::Ripple => ("ripple:", "https://xrpscan.com/account/", "xrpscan.com"),
        Chain::Solana => ("solana:", "https://solscan.io/account/", "solscan.io"),
        Chain::Ton => ("ton://transfer/", "https://tonviewer.com/", "tonviewer.com"),
        Chain::Stellar => ("stellar:", "https://stellar.expert/explorer/public/account/", "stellar.expert"),
        Chain::Cardano => ("cardano:", "https://cardanoscan.io/address/", "cardanoscan.io"),
        Chain::Polkadot => ("polkadot:", "https://polkadot.subscan.io/account/", "polkadot.subscan.io"),
    }
}

const CYRILLIC: [(&str, &str); 2] = [("ABCEHKMPTXaceopxy", "АВСЕНКМРТХасеорху"), ("is", "іѕ")];
const GREEK: [(&str, &str); 2] = [("ABEHKMNPTXYZ", "ΑΒΕΗΚΜΝΡΤΧΥΖ"), ("ouvx", "ουνχ")];

/// Swaps some of the letters that have a twin, at least one where there is one.
fn swap(text: &str, pairs: &[(&str, &str)], dice: &mut Dice) -> String {
    let twin = |c: char| {
        pairs.iter().find_map(|(from, to)| from.chars().position(|f| f == c).and_then(|at| to.chars().nth(at)))
    };
    let able = text.chars().filter(|c| twin(*c).is_some()).count();
    let first = if able > 0 { dice.below(able) } else { 0 };
    let mut seen = 0;
    text.chars()
        .map(|c| match twin(c) {
            Some(other) => {
                seen += 1;
                if seen == first + 1 || dice.below(3) == 0 { other } else { c }
            }
            None => c,
        })
        .collect()
}

fn sprinkle(text: &str, with: &[&str], dice: &mut Dice) -> String {
    let mut out = String::new();
    let sure = 1 + dice.below(text.chars().count() - 2);
    for (n, c) in text.chars().enumerate() {
        if n > 0 && (n == sure || dice.below(4) == 0) {
            out.push_str(dice.pick(with));
        }
        out.push(c);
    }
    out
}

fn lines(text: &str, mark: &str, dice: &mut Dice) -> String {
    // a piece of fewer than twelve letters is rare where a line ends
    let at = if text.len() >= 26 { 13 + dice.below(text.len() - 25) } else { text.len() / 2 };
    format!("{}{mark}{}", &text[..at], &text[at..])
}

pub(super) fn case(form: Form, disguise: Disguise, language: &'static str, dice: &mut Dice) -> Case {
    let made = form.make(dice, language);
    let (text, mut host) = (made.text.as_str(), None);
    let (scheme, link, name) = uri(form.chain.unwrap_or(Chain::Bitcoin));
    let written = match disguise {
        Disguise::Plain => text.to_owned(),
        Disguise::Quoted => format!("\u{201c}{text}\u{201d}"),
        Disguise::PaymentUri if form.kind == Kind::LightningInvoice => format!("lightning:{text}"),
        Disguise::PaymentUri => format!("{scheme}{text}{}", dice.pick(&["", "?amount=0.5", "?label=Gift"])),
        Disguise::Link => {
            host = Some(name);
            format!("{link}{text}")
        }
        Disguise::TwoLines => lines(text, dice.pick(&["\n", "\r\n", "\n  "]), dice),
        Disguise::QuotedLines => lines(text, dice.pick(&["\n> ", "\n>> ", "\r\n> > "]), dice),
        Disguise::SpacedFours => group(text, 4, " "),
        Disguise::SpacedLetters => group(text, 1, " "),
        Disguise::Hyphens => group(text, 4 + dice.below(3), "-"),
        Disguise::Dots => group(text, 4 + dice.below(3), "."),
        Disguise::ZeroWidth => sprinkle(text, &["\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{feff}"], dice),
        Disguise::SoftHyphens => sprinkle(text, &["\u{ad}"], dice),
        Disguise::Bidi => {
            format!("\u{202a}{}\u{202c}", sprinkle(text, &["\u{200e}", "\u{200f}", "\u{2066}", "\u{2069}"], dice))
        }
        Disguise::Cyrillic => swap(text, &CYRILLIC, dice),
        Disguise::Greek => swap(text, &GREEK, dice),
        Disguise::FullWidth => text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { char::from_u32(c as u32 + 0xfee0).unwrap_or(c) } else { c })
            .collect(),
        Disguise::ForeignDigits => {
            let zero = if language == "fa" || language == "ur" { 0x6f0 } else { 0x660 };
            text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c)).collect()
        }
    };
    let coin = match form.chain {
        Some(chain) => title(chain.name()),
        None => match form.kind {
            Kind::Card => "Visa".to_owned(),
            _ => "Euro".to_owned(),
        },
    };
    let text = sentence(language, &coin, &written, dice);
    let planted = Planted { kind: form.kind, chain: form.chain, value: made.value, form: form.name, disguise, host };
    Case { text, language, planted: Some(planted), decoy: "" }
}

fn title(name: &str) -> String {
    let mut name: String = name.replace('-', " ");
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}
