//! QR codes in a grey picture.
//!
//! `rxing`, a port of the reader that most telephones had, finds codes that are plain to see, turned, or in inverted colours. What
//! has been passed on needs help, so a picture without a code is tried in further forms: with its contrast stretched tile by tile,
//! smoothed against noise, enlarged where it is small, made smaller where it is large. A code's own error correction rejects what is
//! none, so a further form costs time only; time is bounded by a deadline that is looked at before each.

use image::{GrayImage, Luma, imageops};
use rxing::helpers::detect_multiple_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Codes of one picture that are given.
const CODES_MAX: usize = 64;

/// What was found, and whether every form was tried.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) texts: Vec<String>,
    pub(crate) all_tried: bool,
}

/// What the QR codes of a picture say, each once, in the order found.
pub(crate) fn read(grey: &GrayImage, deadline: Instant) -> Found {
    let mut found = Found::default();
    look(grey, &mut found.texts);
    for form in FORMS {
        if !found.texts.is_empty() {
            break;
        }
        if Instant::now() >= deadline {
            return found;
        }
        if let Some(picture) = form(grey) {
            look(&picture, &mut found.texts);
        }
    }
    found.all_tried = true;
    found
}

type Form = fn(&GrayImage) -> Option<GrayImage>;
const FORMS: [Form; 5] = [stretched, reduced, enlarged, smoothed, smoothed_and_stretched];

fn smoothed_and_stretched(grey: &GrayImage) -> Option<GrayImage> {
    stretched(&smoothed(grey)?)
}

fn enlarged(grey: &GrayImage) -> Option<GrayImage> {
    let side = grey.width().max(grey.height());
    let by = if side <= 400 { 3 } else { 2 };
    (side <= 1600)
        .then(|| imageops::resize(grey, grey.width() * by, grey.height() * by, imageops::FilterType::Triangle))
}

fn reduced(grey: &GrayImage) -> Option<GrayImage> {
    let side = grey.width().max(grey.height());
    let target = if side > 3000 { 1500 } else { side / 2 };
    let to = |length: u32| ((u64::from(length) * u64::from(target) / u64::from(side)) as u32).max(1);
    (side > 500).then(|| imageops::thumbnail(grey, to(grey.width()), to(grey.height())))
}

fn smoothed(grey: &GrayImage) -> Option<GrayImage> {
    (u64::from(grey.width()) * u64::from(grey.height()) <= 16_000_000).then(|| imageops::fast_blur(grey, 1.0))
}

/// Each tile's own darkest and lightest made black and white, mixed between tiles' middles.
fn stretched(grey: &GrayImage) -> Option<GrayImage> {
    const TILE: u32 = 48;
    let (width, height) = grey.dimensions();
    if width < 20 || height < 20 || u64::from(width) * u64::from(height) > 16_000_000 {
        return None;
    }
    let (across, down) = (width.div_ceil(TILE), height.div_ceil(TILE));
    let mut ranges = vec![(255u8, 0u8); (across * down) as usize];
    for (x, y, Luma([shade])) in grey.enumerate_pixels() {
        let range = &mut ranges[(y / TILE * across + x / TILE) as usize];
        *range = (range.0.min(*shade), range.1.max(*shade));
    }
    // the range of a tile and its neighbours, so that an edge of a tile is no edge of the picture
    let around = |tx: u32, ty: u32| {
        let mut range = (255u8, 0u8);
        for ny in ty.saturating_sub(1)..=(ty + 1).min(down - 1) {
            for nx in tx.saturating_sub(1)..=(tx + 1).min(across - 1) {
                let (low, high) = ranges[(ny * across + nx) as usize];
                range = (range.0.min(low), range.1.max(high));
            }
        }
        range
    };
    let wide: Vec<(u8, u8)> =
        (0..down).flat_map(|ty| (0..across).map(move |tx| (tx, ty))).map(|(x, y)| around(x, y)).collect();
    Some(GrayImage::from_fn(width, height, |x, y| {
        let (low, high) = wide[(y / TILE * across + x / TILE) as usize];
        let shade = grey.get_pixel(x, y)[0];
        let span = u32::from(high - low);
        Luma([if span < 12 { 255 } else { (u32::from(shade.saturating_sub(low)) * 255 / span).min(255) as u8 }])
    }))
}

fn look(grey: &GrayImage, texts: &mut Vec<String>) {
    let (width, height) = grey.dimensions();
    if width < 21 || height < 21 {
        return;
    }
    // a library's mistake on one picture must not end the reading of the others
    let said = catch_unwind(AssertUnwindSafe(|| {
        let mut hints = DecodeHints {
            PossibleFormats: Some([BarcodeFormat::QR_CODE].into_iter().collect()),
            TryHarder: Some(true),
            AlsoInverted: Some(true),
            ..DecodeHints::default()
        };
        detect_multiple_in_luma_with_hints(grey.as_raw().clone(), width, height, &mut hints).unwrap_or_default()
    }));
    for code in said.unwrap_or_default() {
        let text = code.getText();
        if texts.len() < CODES_MAX && !text.is_empty() && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }
}
