//! What looks like an identifier and is none.

use super::Dice;
use super::make::{FORMS, group};
use crate::Kind;

/// The kinds of decoy.
pub const DECOYS: [&str; 26] = [
    "sha256",
    "md5",
    "uuid",
    "base64",
    "pgp",
    "ssh key",
    "jwt",
    "git log",
    "hex dump",
    "isbn",
    "serial",
    "order",
    "date like a phone",
    "one letter off",
    "one letter off, spaced",
    "cut short",
    "inside a longer word",
    "two halves of two",
    "url with a token",
    "colour and css",
    "code",
    "log line",
    "license key",
    "api key",
    "coordinates",
    "ordinary crypto talk",
];

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE62: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";

fn base64_lines(dice: &mut Dice, lines: usize) -> String {
    (0..lines).map(|_| dice.letters(64, BASE64)).collect::<Vec<_>>().join("\n")
}

/// One decoy of a kind. Nothing must be found in it.
pub fn decoy(kind: &str, dice: &mut Dice) -> String {
    match kind {
        "sha256" => format!("{}  archive.tar", dice.letters(64, HEX)),
        "md5" => format!("MD5 (archive) = {}", dice.letters(32, HEX)),
        "uuid" => {
            let hex = dice.letters(32, HEX);
            format!("request {}-{}-{}-{}-{} done", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        }
        "base64" => format!("{}\n{}==", base64_lines(dice, 3), dice.letters(22, BASE64)),
        "pgp" => format!(
            "-----BEGIN PGP SIGNATURE-----\n\n{}\n={}\n-----END PGP SIGNATURE-----",
            base64_lines(dice, 5),
            dice.letters(4, BASE64)
        ),
        "ssh key" => format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{} laptop", dice.letters(44, BASE64)),
        "jwt" => format!(
            "Bearer eyJ{}.eyJ{}.{}",
            dice.letters(33, BASE62),
            dice.letters(70, BASE62),
            dice.letters(43, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        ),
        "git log" => {
            format!("commit {}\nAuthor: somebody\n\n    Fix {} in parser", dice.letters(40, HEX), dice.letters(7, HEX))
        }
        "hex dump" => {
            let row = |dice: &mut Dice, n: usize| format!("{:08x}  {}", n * 16, group(&dice.letters(32, HEX), 2, " "));
            (0..4).map(|n| row(dice, n)).collect::<Vec<_>>().join("\n")
        }
        "isbn" => {
            format!("ISBN 978-{}-{}-{}-{}", dice.below(9), 10 + dice.below(89), dice.letters(6, DIGITS), dice.below(10))
        }
        "serial" => format!("S/N: {}-{}", dice.letters(4, b"ABCDEFGHJKLMNP"), dice.letters(12, b"ABCDEF0123456789")),
        "order" => format!("Order {} has been shipped, parcel {}.", dice.letters(16, DIGITS), dice.letters(13, DIGITS)),
        "date like a phone" => format!(
            "20{:02}-{:02}-{:02} {:02}:{:02}:00 +0{}00 / 00{}.{:02}.{:02}",
            dice.below(30),
            1 + dice.below(12),
            1 + dice.below(28),
            dice.below(24),
            dice.below(60),
            dice.below(10),
            dice.below(10),
            dice.below(30),
            dice.below(12)
        ),
        "one letter off" | "one letter off, spaced" | "cut short" | "inside a longer word" | "two halves of two" => {
            let checked: Vec<_> = FORMS.into_iter().filter(|f| f.checked && f.kind == Kind::Address).collect();
            let form = dice.pick(&checked);
            let text = form.make(dice, "en").text;
            let broken = match kind {
                "cut short" => text[..text.len() - 1 - dice.below(3)].to_owned(),
                "inside a longer word" => format!("{}{text}{}", dice.letters(3, BASE62), dice.letters(2, BASE62)),
                "two halves of two" => {
                    let other = form.make(dice, "en").text;
                    let half = text.len() / 2;
                    format!("{}{}", &text[..half], other.get(half..).unwrap_or("x"))
                }
                _ => off_by_one(&text, dice),
            };
            let broken = if kind.ends_with("spaced") { group(&broken, 4, " ") } else { broken };
            format!("Please note that {broken} is no longer in use.")
        }
        "url with a token" => {
            format!(
                "see {}?session={}&next={} for it",
                dice.pick(&["/login", "/cart"]),
                dice.letters(44, BASE62),
                dice.letters(20, BASE62)
            )
        }
        "colour and css" => {
            format!("@media print {{ a {{ color: #{}; }} }} /* {} */", dice.letters(6, HEX), dice.letters(8, HEX))
        }
        "code" => format!(
            "let x{} = 0x{}u64; // masks 0x{}\nreturn self.{}(a1, b2, c3, d4);",
            dice.below(99),
            dice.letters(16, HEX),
            dice.letters(8, HEX),
            dice.letters(6, b"abcdef")
        ),
        "log line" => format!(
            "10.0.{}.{} - - [0{}/Oct/2023:13:55:{:02}] \"GET /a{} HTTP/1.1\" 200 {}",
            dice.below(256),
            dice.below(256),
            1 + dice.below(9),
            dice.below(60),
            dice.letters(9, DIGITS),
            dice.letters(5, DIGITS)
        ),
        "license key" => format!("License {}", group(&dice.letters(25, b"BCDFGHJKMPQRTVWXY2346789"), 5, "-")),
        "api key" => format!("API_TOKEN={}", dice.letters(44, BASE62)),
        "coordinates" => {
            format!("{}.{}, {}.{}", dice.below(90), dice.letters(14, DIGITS), dice.below(180), dice.letters(14, DIGITS))
        }
        _ => dice
            .pick(&[
                "Bitcoin rose by 4.2% to 67123.45 dollars while Ethereum and Solana fell; block 812345 was full.",
                "A Tron address begins with T and has 34 letters, a Bitcoin one often with 1, 3 or bc1q.",
                "The 0x prefix is common, as in 0x1234 or 0xdeadbeef, and 1 BTC is 100000000 satoshi.",
                "Never give anybody your private key or the twelve words of your seed phrase.",
            ])
            .to_owned(),
    }
}

/// One letter changed for another of its own class.
fn off_by_one(text: &str, dice: &mut Dice) -> String {
    let mut letters = text.as_bytes().to_vec();
    loop {
        // the first letters say the form; changing them makes another text, not a slip
        let at = 8 + dice.below(letters.len() - 8);
        let class: &[u8] = match letters[at] {
            b'2'..=b'9' => b"23456789",
            b'a'..=b'f' => b"acdef",
            b'g'..=b'z' => b"ghjkmnpqrstuvwxyz",
            b'A'..=b'F' => b"ABCDEF",
            b'G'..=b'Z' => b"GHJKLMNPQRSTUVWXYZ",
            _ => continue,
        };
        let other = dice.pick(class);
        if other != letters[at] {
            letters[at] = other;
            return String::from_utf8_lossy(&letters).into_owned();
        }
    }
}
