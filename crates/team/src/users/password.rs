//! Which passwords are taken.
//!
//! Length is what counts; rules about kinds of characters only move people to `Password1!`. What is refused is what guessers try first: the commonest words
//! with digits around them, the own name, runs and repetitions.

use crate::{TeamError, random};
use unicode_normalization::UnicodeNormalization;

/// Characters of a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Characters of a password, at most.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// What the commonest passwords of every published list are made of.
const COMMON: [&str; 46] = [
    "password",
    "passwort",
    "motdepasse",
    "contraseña",
    "пароль",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "pass",
    "admin",
    "administrator",
    "root",
    "user",
    "login",
    "welcome",
    "letmein",
    "changeme",
    "secret",
    "qwertyuiop",
    "qwertz",
    "qwerty",
    "azerty",
    "asdfghjkl",
    "asdf",
    "zxcvbnm",
    "zxcv",
    "1q2w3e4r5t6y",
    "1q2w3e4r",
    "1qaz2wsx",
    "q1w2e3r4",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "master",
    "superman",
    "batman",
    "princess",
    "sunshine",
    "shadow",
    "abc",
    "test",
    "athar",
    "bitcoin",
    "default",
];
/// Letters that are left when the common ones and the name are taken away: fewer are too few.
const LEFT_MIN: usize = 4;
/// Digits that are left where there are no letters: a long random number is a password.
const DIGITS_MIN: usize = 16;
/// Different characters.
const KINDS_MIN: usize = 5;

/// The bytes that are hashed: one spelling, so that a password typed on another keyboard is the same.
pub(crate) fn spelled(password: &str) -> String {
    password.nfkc().collect()
}

/// Refuses what is guessed first. `name` is the user's.
pub(crate) fn check(field: &'static str, password: &str, name: &str) -> Result<(), TeamError> {
    let bad = |why: &str| Err(TeamError::invalid(field, why));
    // before anything is done with it
    if password.len() > 4 * PASSWORD_CHARS_MAX {
        return bad("has at most 256 characters");
    }
    let spelled = spelled(password);
    let length = spelled.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return bad("has at least 12 characters");
    }
    if length > PASSWORD_CHARS_MAX {
        return bad("has at most 256 characters");
    }
    if spelled.contains('\0') {
        return bad("holds the character zero");
    }
    let small = spelled.to_lowercase();
    let kinds: std::collections::BTreeSet<char> = small.chars().collect();
    if kinds.len() < KINDS_MIN {
        return bad("repeats a few characters: it is guessed at once");
    }
    let steps = small.chars().zip(small.chars().skip(1)).filter(|(a, b)| (*a as i64 - *b as i64).abs() <= 1).count();
    if 4 * steps >= 3 * (length - 1) {
        return bad("is a run of letters or digits: it is guessed at once");
    }
    let mut left = small;
    for part in name.split(['.', '_', '-', '@', '+']).chain([name]).filter(|part| part.chars().count() >= 3) {
        left = left.replace(part, " ");
    }
    for word in COMMON {
        left = left.replace(word, " ");
    }
    let letters = left.chars().filter(|char| char.is_alphabetic()).count();
    let digits = left.chars().filter(char::is_ascii_digit).count();
    // digits and signs around a word are what everybody adds
    if letters < LEFT_MIN && digits < DIGITS_MIN {
        return bad("is a common word, or the name, with digits or signs: it is among the first that are guessed");
    }
    Ok(())
}

/// A password for a new user: 100 random bits in letters that are not taken for each other.
pub(crate) fn generate() -> Result<String, TeamError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 20] = random::bytes()?;
    let letters: Vec<char> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)] as char).collect();
    Ok(letters.chunks(5).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for bad in [
            "short",
            "password1234",
            "Password-2024!",
            "P@ssw0rd!!!!!!",
            "123456789012",
            "abcdefghijklmn",
            "aaaaaaaaaaaa",
            "abababababab",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "sara.haddad-2024",
            "HADDAD!!1234",
            "adminadmin1234",
            "letmein letmein 1",
        ] {
            assert!(check("password", bad, "sara.haddad").is_err(), "{bad}");
        }
        assert!(check("password", &"correct horse ".repeat(20), "sara").is_err());
    }

    #[test]
    fn what_is_long_and_own_is_taken() {
        for good in ["correct horse battery", "جمل أزرق يشرب القهوة", "xK7#pQ2$mW9!", "8241907735562093817460"]
        {
            check("password", good, "sara.haddad").unwrap();
        }
        for _ in 0..50 {
            let made = generate().unwrap();
            check("password", &made, "sara.haddad").unwrap();
            assert_eq!(made.len(), 23);
        }
        assert_ne!(generate().unwrap(), generate().unwrap());
    }
}
