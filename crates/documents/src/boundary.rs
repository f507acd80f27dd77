//! The nearest character boundaries of a text. The standard library has these from Rust 1.91 on.

/// The last boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The first boundary at or after `at`.
pub(crate) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// The beginning of a text, of at most `bytes_max`.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    &text[..floor(text, bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_around_a_position() {
        let text = "a\u{628}b";
        assert_eq!((0..6).map(|at| floor(text, at)).collect::<Vec<_>>(), [0, 1, 1, 3, 4, 4]);
        assert_eq!((0..6).map(|at| ceil(text, at)).collect::<Vec<_>>(), [0, 1, 3, 3, 4, 4]);
        assert_eq!(head(text, 2), "a");
    }
}
