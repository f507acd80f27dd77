//! The style sheet's colours, measured.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../template/style.css");

/// Custom properties of the first `:root` after `marker`.
fn colours(marker: &str) -> BTreeMap<&'static str, [u8; 3]> {
    let at = STYLE.find(marker).unwrap();
    let block = &STYLE[at + STYLE[at..].find(":root").unwrap()..];
    let block = &block[..block.find('}').unwrap()];
    block
        .split(['{', ';'])
        .filter_map(|d| d.split_once(':'))
        .filter_map(|(name, value)| {
            let hex = value.trim().strip_prefix('#')?;
            let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
            Some((name.trim().strip_prefix("--")?, [byte(0), byte(1), byte(2)]))
        })
        .collect()
}

/// Contrast ratio. Source: WCAG 2.2, definitions of relative luminance and contrast ratio.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let luminance = |rgb: [u8; 3]| {
        let [r, g, b] = rgb.map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_text_keeps_the_contrast_of_wcag_aa_in_light_dark_and_print() {
    for marker in [":root", "@media (prefers-color-scheme: dark)", "@media print"] {
        let colours = colours(marker);
        let of = |name: &str| *colours.get(name).unwrap_or_else(|| panic!("{marker} lacks {name}"));
        let boxes = ["box", "box-service", "box-held", "box-payer", "box-end"];
        let mut pairs = vec![("on", "accent"), ("on", "box-source"), ("warn-ink", "warn-wash"), ("ink", "accent-wash")];
        for level in ["severe", "high", "medium", "low"] {
            pairs.push(("on", level));
        }
        for text in ["ink", "soft", "accent", "severe", "high", "medium", "none", "unknown"] {
            pairs.push((text, "paper"));
        }
        for text in ["ink", "soft"] {
            pairs.push((text, "wash"));
            pairs.extend(boxes.map(|b| (text, b)));
        }
        pairs.push(("soft", "accent-wash"));
        for (text, ground) in pairs {
            let ratio = contrast(of(text), of(ground));
            assert!(ratio >= 4.5, "{marker}: {text} on {ground} has {ratio:.2}");
        }
        // what is no text but tells something needs less (WCAG 2.2, 1.4.11): edges of boxes
        for edge in ["flow", "flow-service", "flow-held", "flow-source"] {
            let ratio = contrast(of(edge), of("paper"));
            assert!(ratio >= 3.0, "{marker}: {edge} has {ratio:.2}");
        }
    }
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
}
