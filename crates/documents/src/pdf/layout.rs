//! A page's characters to text in the order of reading.
//!
//! Producers place characters as they like: a word at a time, a letter at a time, Arabic from left to right as it is seen. So lines
//! are made from places alone: characters on one base line whose gaps are small are a piece of a line, whatever the order they were
//! drawn in. The pieces follow each other in the order of drawing, which keeps columns and cells apart, and a piece below the one
//! before it begins a new line. Within a piece, what is written from right to left is turned from the order it is seen in to the order
//! it is read in (a simple form of Unicode's bidirectional algorithm, run backwards), and presentation forms become letters (NFKC).

use super::content::{Drawn, Glyph};
use unicode_normalization::UnicodeNormalization;

/// A gap of so many font sizes parts two pieces of a line.
const PIECE_GAP: f64 = 1.2;
/// A gap of so many font sizes is a space.
const SPACE_GAP: f64 = 0.2;
/// Base lines that differ by so many font sizes are one.
const LINE_SLACK: f64 = 0.3;
/// Lines that lie apart by so many font sizes are one block.
const BLOCK_GAP: f64 = 2.0;

/// One character with its place along its own direction.
#[derive(Clone, Copy)]
struct Placed<'t> {
    text: &'t str,
    /// The order of drawing.
    order: usize,
    along: f64,
    across: f64,
    width: f64,
    size: f64,
    angle: i16,
}

/// A piece of a line: characters from left to right.
struct Piece<'t> {
    glyphs: Vec<Placed<'t>>,
    order: usize,
}

/// The text of a page. Lines are parted by a line end, blocks by an empty line.
pub(crate) fn text(drawn: &Drawn) -> String {
    let mut pieces = pieces(drawn);
    pieces.sort_by_key(|piece| piece.order);
    let mut text = String::new();
    let mut before: Option<&Piece<'_>> = None;
    for piece in &pieces {
        let line = said(piece);
        if line.trim().is_empty() {
            continue;
        }
        if let Some(before) = before {
            text.push_str(parting(before, piece));
        }
        text.push_str(line.trim());
        before = Some(piece);
    }
    text
}

fn parting(before: &Piece<'_>, piece: &Piece<'_>) -> &'static str {
    let (a, b) = (&before.glyphs[0], &piece.glyphs[0]);
    let size = a.size.max(b.size);
    let down = a.across - b.across;
    if a.angle != b.angle {
        return "\n\n";
    }
    if down.abs() <= LINE_SLACK * size {
        // the next cell of a row, or a word far off on the line
        return " ";
    }
    let end = |p: &Piece<'_>| p.glyphs.last().map_or(0.0, |g| g.along + g.width);
    let overlaps = a.along < end(piece) && b.along < end(before);
    if down > 0.0 && down <= BLOCK_GAP * size && overlaps { "\n" } else { "\n\n" }
}

fn pieces(drawn: &Drawn) -> Vec<Piece<'_>> {
    let mut placed: Vec<Placed<'_>> =
        drawn.glyphs.iter().enumerate().filter_map(|(order, glyph)| place(drawn, glyph, order)).collect();
    settle_marks(&mut placed);
    // by direction, then from the top down, then along
    placed.sort_by(|a, b| {
        a.angle
            .cmp(&b.angle)
            .then(b.across.total_cmp(&a.across))
            .then(a.along.total_cmp(&b.along))
            .then(a.order.cmp(&b.order))
    });
    let mut pieces = Vec::new();
    let mut line: Vec<Placed<'_>> = Vec::new();
    for glyph in placed {
        let same = line.last().is_none_or(|last: &Placed<'_>| {
            last.angle == glyph.angle && (line[0].across - glyph.across) <= LINE_SLACK * line[0].size.max(glyph.size)
        });
        if !same {
            part(std::mem::take(&mut line), &mut pieces);
        }
        line.push(glyph);
    }
    part(line, &mut pieces);
    pieces
}

/// Marks are raised above their letters by as much as the font says: they go onto the line of the letter that was drawn next to them.
fn settle_marks(placed: &mut [Placed<'_>]) {
    for i in 0..placed.len() {
        let mark = placed[i];
        if mark.text.is_empty() || !mark.text.chars().all(is_mark) {
            continue;
        }
        let near = |letter: &&Placed<'_>| {
            letter.angle == mark.angle
                && !letter.text.chars().all(is_mark)
                && (letter.across - mark.across).abs() < 1.2 * letter.size
                && mark.along > letter.along - letter.size
                && mark.along < letter.along + letter.width + letter.size
        };
        let before = placed[i.saturating_sub(2)..i].iter().rev().find(near);
        let after = placed.get(i + 1..(i + 3).min(placed.len())).and_then(|next| next.iter().find(near));
        if let Some(across) = before.or(after).map(|letter| letter.across) {
            placed[i].across = across;
        }
    }
}

fn place<'t>(drawn: &'t Drawn, glyph: &Glyph, order: usize) -> Option<Placed<'t>> {
    let start = glyph.start as usize;
    let text = drawn.text.get(start..start + glyph.length as usize)?;
    let (sin, cos) = f64::from(glyph.angle).to_radians().sin_cos();
    let size = if glyph.size > 1e-6 { glyph.size } else { 1.0 };
    Some(Placed {
        text,
        order,
        along: glyph.x * cos + glyph.y * sin,
        across: glyph.y * cos - glyph.x * sin,
        width: glyph.width,
        size,
        angle: glyph.angle,
    })
}

/// Parts the characters of one base line where a gap is wide.
fn part<'t>(mut line: Vec<Placed<'t>>, pieces: &mut Vec<Piece<'t>>) {
    line.sort_by(|a, b| a.along.total_cmp(&b.along).then(a.order.cmp(&b.order)));
    let mut piece: Vec<Placed<'t>> = Vec::new();
    let mut reached = f64::MIN;
    for glyph in line {
        if let Some(last) = piece.last() {
            // bold by drawing twice, and shadows: the same character again at the same place
            if last.text == glyph.text
                && (glyph.along - last.along).abs() < 0.15 * glyph.size.min(last.size)
                && last.text != " "
            {
                continue;
            }
            if glyph.along - reached > PIECE_GAP * last.size.max(glyph.size) {
                give(std::mem::take(&mut piece), pieces);
                reached = f64::MIN;
            }
        }
        reached = reached.max(glyph.along + glyph.width);
        piece.push(glyph);
    }
    give(piece, pieces);
}

fn give<'t>(glyphs: Vec<Placed<'t>>, pieces: &mut Vec<Piece<'t>>) {
    if let Some(order) = glyphs.iter().map(|glyph| glyph.order).min() {
        pieces.push(Piece { glyphs, order });
    }
}

/// The characters of a piece as they are seen, from left to right, with spaces where gaps are: one entry a character that is drawn.
fn seen(piece: &Piece<'_>) -> Vec<String> {
    let glyphs = &piece.glyphs;
    let parts = spacing(glyphs);
    let mut seen: Vec<String> = Vec::new();
    for (i, glyph) in glyphs.iter().enumerate() {
        if i > 0 && parts(i) {
            let blank = |text: &str| text.trim().is_empty();
            if !blank(glyphs[i - 1].text) && !blank(glyph.text) {
                seen.push(" ".to_owned());
            }
        }
        let folded = folded(glyph.text);
        // a mark belongs to the letter it stands on, wherever it was placed
        match seen.last_mut() {
            Some(base) if folded.chars().all(is_mark) && !folded.is_empty() && base.trim() != "" => {
                base.push_str(&folded);
            }
            _ => seen.push(folded),
        }
    }
    seen
}

/// Whether what is before a character is a space, by the way the piece is set.
fn spacing<'g>(glyphs: &'g [Placed<'_>]) -> Box<dyn Fn(usize) -> bool + 'g> {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let step = |i: usize| glyphs[i].along - glyphs[i - 1].along;
    let gap = move |i: usize| (step(i) - glyphs[i - 1].width) / glyphs[i].size;
    let all = 1..glyphs.len();
    // characters at equal steps, as in the boxes of a form or a typewriter's: a space is a step left out
    let pitch = middle(all.clone().map(step).collect());
    let equal = all.clone().filter(|i| (step(*i) - pitch).abs() < 0.05 * pitch).count();
    if glyphs.len() > 6 && equal * 5 >= all.len() * 4 {
        return Box::new(move |i| step(i) > 1.4 * pitch);
    }
    // letters that are all set apart by the same are not words of one letter
    let usual = middle(all.clone().map(gap).collect());
    let least = if usual > 0.1 && all.len() > 3 { usual + 0.15 } else { SPACE_GAP };
    Box::new(move |i| gap(i) > least)
}

/// The text of a piece in the order of reading.
fn said(piece: &Piece<'_>) -> String {
    let seen = seen(piece);
    let sides: Vec<Side> = seen.iter().map(|text| side(text)).collect();
    let right = sides.iter().filter(|side| **side == Side::Right).count();
    if right == 0 {
        return seen.concat();
    }
    let left = sides.iter().filter(|side| **side == Side::Left).count();
    // the side that has more letters is taken as the line's own
    let base = if right >= left { Side::Right } else { Side::Left };
    let resolved = resolve(&sides, base);
    let mut runs: Vec<(Side, Vec<&str>)> = Vec::new();
    for (text, side) in seen.iter().zip(resolved) {
        match runs.last_mut() {
            Some((run, texts)) if *run == side => texts.push(text),
            _ => runs.push((side, vec![text])),
        }
    }
    for (run, texts) in &mut runs {
        if *run == Side::Right {
            texts.reverse();
        }
    }
    if base == Side::Right {
        runs.reverse();
    }
    runs.into_iter().flat_map(|(_, texts)| texts).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Left,
    Right,
    /// Digits run from left to right and do not say which side the line has.
    Digit,
    Neither,
}

fn side(text: &str) -> Side {
    let of = |c: char| match c {
        '0'..='9' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => Side::Digit,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => Side::Right,
        c if c.is_alphabetic() => Side::Left,
        _ => Side::Neither,
    };
    text.chars().map(of).find(|side| *side != Side::Neither).unwrap_or(Side::Neither)
}

/// What is neither goes with its neighbours where they agree, else with the line.
fn resolve(sides: &[Side], base: Side) -> Vec<Side> {
    let strong = |side: Side| if side == Side::Digit { Side::Left } else { side };
    let mut resolved: Vec<Side> = sides.iter().map(|side| strong(*side)).collect();
    let mut i = 0;
    while i < sides.len() {
        if resolved[i] != Side::Neither {
            i += 1;
            continue;
        }
        let end = (i..sides.len()).find(|j| resolved[*j] != Side::Neither).unwrap_or(sides.len());
        let before = if i == 0 { base } else { resolved[i - 1] };
        let after = resolved.get(end).copied().unwrap_or(base);
        // a space between two numbers in a line from right to left parts them
        let joined = before == after
            && !(base == Side::Right
                && i > 0
                && sides[i - 1] == Side::Digit
                && sides.get(end) == Some(&Side::Digit)
                && end - i > 1);
        resolved[i..end].fill(if joined { before } else { base });
        i = end;
    }
    resolved
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}')
}

/// Presentation forms and ligatures as letters; controls left out.
fn folded(text: &str) -> String {
    let form = |c: char| matches!(c, '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let clean = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .map(|c| if c == '\u{a0}' || c == '\t' { ' ' } else { c });
    if text.chars().any(form) { clean.nfkc().collect() } else { clean.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters side by side, from left to right, of half their size in width.
    fn drawn(lines: &[(&str, f64, f64)]) -> Drawn {
        let mut drawn = Drawn::default();
        for (line, x, y) in lines {
            for (i, c) in line.chars().enumerate() {
                let start = drawn.text.len() as u32;
                drawn.text.push(c);
                let (x, length) = (x + i as f64 * 5.0, c.len_utf8() as u32);
                drawn.glyphs.push(Glyph { start, length, x, y: *y, width: 5.0, size: 10.0, angle: 0 });
            }
        }
        drawn
    }

    #[test]
    fn characters_drawn_in_any_order_are_a_line() {
        let address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        let mut page = drawn(&[(address, 50.0, 700.0)]);
        let n = page.glyphs.len();
        page.glyphs = (0..n).map(|i| page.glyphs[i * 5 % n].clone()).collect();
        assert_eq!(text(&page), address);
    }

    #[test]
    fn columns_stay_apart_and_lines_of_one_block_together() {
        let page = drawn(&[
            ("left one", 50.0, 700.0),
            ("left two", 50.0, 688.0),
            ("right one", 300.0, 700.0),
            ("right two", 300.0, 688.0),
            ("foot", 50.0, 100.0),
        ]);
        assert_eq!(text(&page), "left one\nleft two\n\nright one\nright two\n\nfoot");
    }

    #[test]
    fn letters_set_apart_are_one_word_and_gaps_are_spaces() {
        let mut page = drawn(&[("bc1qspaced", 50.0, 700.0)]);
        for (i, glyph) in page.glyphs.iter_mut().enumerate() {
            glyph.x += i as f64 * 2.5;
        }
        assert_eq!(text(&page), "bc1qspaced");
        let page = drawn(&[("two", 50.0, 700.0), ("words", 68.0, 700.0)]);
        assert_eq!(text(&page), "two words");
    }

    #[test]
    fn what_is_seen_from_left_to_right_is_read_from_right_to_left() {
        // "تبرع الآن" as it is seen, with an address beside it
        let arabic: String = "تبرع الآن".chars().rev().collect();
        assert_eq!(text(&drawn(&[(&arabic, 50.0, 700.0)])), "تبرع الآن");
        let seen = format!("bc1qxyz 2024 {arabic}");
        assert_eq!(text(&drawn(&[(&seen, 50.0, 700.0)])), "تبرع الآن bc1qxyz 2024");
        let seen = format!("send it to {} today please", "هنا".chars().rev().collect::<String>());
        assert_eq!(text(&drawn(&[(&seen, 50.0, 700.0)])), "send it to هنا today please");
    }

    #[test]
    fn presentation_forms_become_letters() {
        // initial, medial and final forms, and the ligature of lam and alef, as seen from left to right
        let seen = "\u{fefb}\u{fee1}\u{fefc}\u{feb3}";
        assert_eq!(text(&drawn(&[(seen, 50.0, 700.0)])), "سلاملا");
        assert_eq!(text(&drawn(&[("o\u{fb03}ce", 50.0, 700.0)])), "office");
    }

    #[test]
    fn equal_steps_make_words_and_a_step_left_out_is_a_space() {
        let mut page = drawn(&[("0xAB1 fi1lBe", 50.0, 700.0)]);
        for glyph in &mut page.glyphs {
            glyph.width = if "fil1".contains(&page.text[glyph.start as usize..][..1]) { 2.0 } else { 5.0 };
        }
        page.glyphs.remove(5);
        assert_eq!(text(&page), "0xAB1 fi1lBe");
    }

    #[test]
    fn a_mark_above_its_letter_stays_with_it() {
        // ba with fatha, as it is seen, the mark raised by more than a line's slack
        let mut page = drawn(&[("\u{645}\u{64e}\u{628}", 50.0, 700.0)]);
        page.glyphs[1] = Glyph { x: 56.0, y: 706.0, width: 0.0, ..page.glyphs[1].clone() };
        page.glyphs[2].x = 55.0;
        assert_eq!(text(&page), "\u{628}\u{64e}\u{645}");
    }

    #[test]
    fn letters_drawn_twice_are_one() {
        let page = drawn(&[("bold", 50.0, 700.0), ("bold", 50.3, 700.0)]);
        assert_eq!(text(&page), "bold");
    }
}
