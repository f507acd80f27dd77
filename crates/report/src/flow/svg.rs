//! Draws a placed diagram as inline SVG.
//!
//! No style of its own: the page's style sheet colours the classes, so that dark mode and print work. For a language that
//! is written from right to left the drawing is mirrored and the text is not. Text is centred, so its place does not
//! depend on its direction.

use super::graph::{Flow, Kind};
use super::layout::{BOX_WIDTH, Layout, MARGIN, TOP};
use crate::visible::is_rtl;
use minijinja::HtmlEscape;
use std::fmt::Write as _;

/// The words in a box.
#[derive(Clone, Debug)]
pub(crate) struct BoxText {
    /// Who or what it is.
    pub(crate) title: String,
    /// Whether the title is an address or a hash.
    pub(crate) is_code: bool,
    /// What kind of thing that is, and how many.
    pub(crate) sub: String,
    /// Its amount.
    pub(crate) amount: String,
    /// All of it in full.
    pub(crate) tip: String,
}

/// The words around the diagram.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    /// Prefix of the ids that the drawing defines.
    pub(crate) id: &'static str,
    /// Its name.
    pub(crate) title: String,
    /// What it shows, in words.
    pub(crate) desc: String,
    /// Heading of each column.
    pub(crate) columns: Vec<String>,
    /// What each line says when pointed at.
    pub(crate) links: Vec<String>,
}

/// Draws a diagram. `texts` are in the order of [`Flow::nodes`]; `rtl` mirrors it.
pub(crate) fn draw(flow: &Flow, texts: &[BoxText], caption: &Caption, rtl: bool) -> String {
    let layout = Layout::of(flow);
    let is_mirrored = rtl != flow.backward;
    let x_of = |x: f64| if is_mirrored { layout.width - x } else { x };
    let box_x = |x: f64| if is_mirrored { layout.width - x - BOX_WIDTH } else { x };
    let mut out = String::new();
    let mut put = |args: std::fmt::Arguments<'_>| write_to(&mut out, args);
    let (width, height, id) = (layout.width, layout.height, caption.id);
    put(format_args!(
        "<svg class=\"flow\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        HtmlEscape(&caption.title),
        HtmlEscape(&caption.desc)
    ));
    for (x, heading) in layout.columns.iter().zip(&caption.columns) {
        let middle = box_x(*x) + BOX_WIDTH / 2.0;
        put(format_args!(
            "<text class=\"col\" x=\"{middle:.1}\" y=\"16\"{}>{}</text>\n",
            dir(heading),
            HtmlEscape(heading)
        ));
        put(format_args!(
            "<path class=\"colline\" d=\"M{:.1} {:.1}H{:.1}\"/>\n",
            box_x(*x) + MARGIN,
            TOP - 16.0,
            box_x(*x) + BOX_WIDTH - MARGIN
        ));
    }
    for ((link, ribbon), tip) in flow.links.iter().zip(&layout.ribbons).zip(&caption.links) {
        if ribbon.levels.is_empty() {
            continue;
        }
        let mut path = String::new();
        let mut last: Option<(f64, f64)> = None;
        for (from, to, y) in &ribbon.levels {
            let (from, to) = (x_of(*from), x_of(*to));
            if let Some((x, before)) = last {
                let middle = f64::midpoint(x, from);
                write_to(&mut path, format_args!("C{middle:.1} {before:.1} {middle:.1} {y:.1} {from:.1} {y:.1}"));
            } else {
                write_to(&mut path, format_args!("M{from:.1} {y:.1}"));
            }
            if (from - to).abs() > 0.05 {
                write_to(&mut path, format_args!("H{to:.1}"));
            }
            last = Some((to, *y));
        }
        let class = class_of(flow.nodes[link.far].kind);
        put(format_args!(
            "<path class=\"link l-{class}\" stroke-width=\"{:.1}\" d=\"{path}\"><title>{}</title></path>\n",
            ribbon.thickness,
            HtmlEscape(tip)
        ));
    }
    for ((node, rect), text) in flow.nodes.iter().zip(&layout.boxes).zip(texts) {
        let (x, middle) = (box_x(rect.x), rect.y + rect.height / 2.0);
        let class = class_of(node.kind);
        put(format_args!(
            "<g class=\"box b-{class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{BOX_WIDTH:.0}\" height=\"{:.1}\" rx=\"5\"/>",
            HtmlEscape(&text.tip),
            rect.y,
            rect.height
        ));
        if matches!(node.kind, Kind::Service | Kind::OtherServices | Kind::Payer | Kind::CoinJoin) {
            put(format_args!(
                "<rect class=\"inner\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.0}\" height=\"{:.1}\" rx=\"3\"/>",
                x + 3.0,
                rect.y + 3.0,
                BOX_WIDTH - 6.0,
                rect.height - 6.0
            ));
        }
        let centre = x + BOX_WIDTH / 2.0;
        let (em, title_class) = if text.is_code { (CODE_EM, "t code") } else { (TITLE_EM, "t") };
        let mut lines: Vec<(&str, String)> =
            wrapped(&text.title, BOX_WIDTH - 12.0, em, text.is_code).into_iter().map(|l| (title_class, l)).collect();
        if !text.sub.is_empty() {
            lines.push(("s", fitted(&text.sub, BOX_WIDTH - 10.0, SUB_EM, false)));
        }
        lines.push(("a", text.amount.clone()));
        // the baseline of the first line, so that the lines together are centred
        let mut y = middle - (lines.len() - 1) as f64 * LINE / 2.0 + 4.0;
        for (class, line) in lines {
            let dir = if class == "s" || class == "t" { dir(&line) } else { " direction=\"ltr\"" };
            put(format_args!(
                "<text class=\"{class}\" x=\"{centre:.1}\" y=\"{y:.1}\"{dir}>{}</text>",
                HtmlEscape(&line)
            ));
            y += LINE;
        }
        put(format_args!("</g>\n"));
    }
    out.push_str("</svg>");
    out
}

fn write_to(out: &mut String, args: std::fmt::Arguments<'_>) {
    // writing to a string does not fail
    let _ = out.write_fmt(args);
}

/// Sizes of the text in a box, as in the style sheet.
const TITLE_EM: f64 = 12.5;
const CODE_EM: f64 = 11.5;
const SUB_EM: f64 = 11.0;
/// From one line of text to the next.
const LINE: f64 = 14.5;

const fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Payer => "payer",
        Kind::Source => "source",
        Kind::Hop => "hop",
        Kind::Service | Kind::OtherServices => "service",
        Kind::CoinJoin => "mix",
        Kind::Held => "held",
        Kind::OtherPayers | Kind::HopOthers | Kind::Unlisted => "others",
        Kind::Minted | Kind::Returned | Kind::Bounded | Kind::Fee | Kind::FeeBounded => "end",
    }
}

fn dir(text: &str) -> &'static str {
    if is_rtl(text) { " direction=\"rtl\"" } else { " direction=\"ltr\"" }
}

/// Estimated width of a text.
fn width_of(text: &str, em: f64, is_code: bool) -> f64 {
    let letter = |c: char| match c {
        _ if is_code => 0.61,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.33,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.9,
        'A'..='Z' => 0.69,
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' => 0.0,
        '\u{590}'..='\u{8ff}' => 0.5,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' => 1.05,
        '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{1ffff}' => 1.3,
        _ => 0.57,
    };
    text.chars().map(letter).sum::<f64>() * em
}

/// The text in one line or two, broken at a space; what does not fit is cut.
fn wrapped(text: &str, width: f64, em: f64, is_code: bool) -> Vec<String> {
    if width_of(text, em, is_code) > width {
        let fits = |(at, _): &(usize, &str)| width_of(&text[..*at], em, is_code) <= width;
        if let Some((at, space)) = text.match_indices(' ').take_while(fits).last() {
            let (first, rest) = (text[..at].trim(), &text[at + space.len()..]);
            if !first.is_empty() {
                return vec![first.to_string(), fitted(rest, width, em, is_code)];
            }
        }
    }
    vec![fitted(text, width, em, is_code)]
}

/// The text, cut to fit a width.
fn fitted(text: &str, width: f64, em: f64, is_code: bool) -> String {
    if width_of(text, em, is_code) <= width {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width_of(&out, em, is_code) > width - em {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_the_box_and_never_grows() {
        assert_eq!(fitted("Exchange", 120.0, 12.0, false), "Exchange");
        let cut = fitted(&"W".repeat(500), 120.0, 12.0, false);
        assert!(cut.ends_with('…') && cut.chars().count() < 14);
        assert!(fitted(&"資".repeat(50), 120.0, 12.0, false).chars().count() <= 11);
        assert_eq!(wrapped("Bosphorus Exchange", 100.0, 12.0, false), ["Bosphorus", "Exchange"]);
        assert_eq!(wrapped("Exchange", 100.0, 12.0, false), ["Exchange"]);
        assert!(wrapped(&"long words ".repeat(50), 100.0, 12.0, false).len() == 2);
    }

    /// Left edges of the boxes of a drawing, in order.
    fn edges(svg: &str) -> Vec<f64> {
        svg.split("<rect x=\"").skip(1).map(|s| s[..s.find('"').unwrap()].parse().unwrap()).collect()
    }

    #[test]
    fn right_to_left_mirrors_the_boxes_and_not_the_text() {
        let case = crate::common::campaign();
        let flow = Flow::of(&case.trace, case.origin.as_ref(), &crate::flow::Names::default());
        let text = |title: &str| BoxText {
            title: title.into(),
            is_code: false,
            sub: "نص".into(),
            amount: "1.00000000 BTC".into(),
            tip: "tip".into(),
        };
        let texts: Vec<BoxText> = flow.nodes.iter().map(|_| text("title <b>")).collect();
        let caption = Caption {
            id: "x",
            title: "t".into(),
            desc: "d".into(),
            columns: flow.columns.iter().map(|_| "عمود".into()).collect(),
            links: flow.links.iter().map(|_| "l".into()).collect(),
        };
        let [ltr, rtl] = [false, true].map(|rtl| draw(&flow, &texts, &caption, rtl));
        let width = Layout::of(&flow).width;
        for (left, right) in edges(&ltr).into_iter().zip(edges(&rtl)) {
            assert!((left + right + BOX_WIDTH - width).abs() < 0.2, "{left} {right}");
        }
        for svg in [ltr, rtl] {
            assert!(
                svg.contains("direction=\"ltr\">1.00000000 BTC</text>") && svg.contains("direction=\"rtl\">نص</text>")
            );
            assert!(svg.contains("title &lt;b&gt;") && !svg.contains("<b>") && !svg.contains("transform"));
            assert!(svg.contains("role=\"img\" aria-labelledby=\"x-title x-desc\""));
        }
    }
}
