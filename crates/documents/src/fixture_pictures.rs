//! Pictures made in code, for tests and benchmarks: QR codes as they are met (small, turned, inverted, in a screenshot, worn by
//! JPEG), and pictures without a code, with the changes that a picture goes through when it is passed on.
//!
//! Everything comes from seeds: two calls give the same bytes.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, imageops};
use qrcode::{Color, EcLevel, QrCode, Version};
use std::io::Cursor;

/// Numbers that look random and are the same each time (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        (self.next_u64() % u64::from(end.max(1))) as u32
    }
}

/// A QR code with its quiet zone of four modules, black on white. `version` is the least that is used.
pub fn qr(text: &str, module_px: u32, version: i16) -> GrayImage {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("a text that fits a QR code");
    let least = Version::Normal(version);
    let code = if code.version().width() < least.width() {
        QrCode::with_version(text, least, EcLevel::M).expect("a text that fits the version")
    } else {
        code
    };
    let width = code.width() as u32;
    GrayImage::from_fn((width + 8) * module_px, (width + 8) * module_px, |x, y| {
        let (x, y) = (x / module_px, y / module_px);
        let inside = (4..width + 4).contains(&x) && (4..width + 4).contains(&y);
        let dark = inside && code[((x - 4) as usize, (y - 4) as usize)] == Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    })
}

/// A picture turned about its middle by any angle, on a canvas that holds it, the corners in `ground`.
pub fn turned(picture: &GrayImage, degrees: f64, ground: u8) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
    let out_w = (w * cos.abs() + h * sin.abs()).ceil();
    let out_h = (w * sin.abs() + h * cos.abs()).ceil();
    let at = |x: i64, y: i64| {
        let inside = (0..i64::from(picture.width())).contains(&x) && (0..i64::from(picture.height())).contains(&y);
        f64::from(if inside { picture.get_pixel(x as u32, y as u32)[0] } else { ground })
    };
    GrayImage::from_fn(out_w as u32, out_h as u32, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - out_w / 2.0, f64::from(y) + 0.5 - out_h / 2.0);
        let (sx, sy) = (dx * cos + dy * sin + w / 2.0 - 0.5, -dx * sin + dy * cos + h / 2.0 - 0.5);
        let (fx, fy) = (sx.floor(), sy.floor());
        let (x0, y0) = (fx as i64, fy as i64);
        let top = at(x0, y0) * (1.0 - sx + fx) + at(x0 + 1, y0) * (sx - fx);
        let low = at(x0, y0 + 1) * (1.0 - sx + fx) + at(x0 + 1, y0 + 1) * (sx - fx);
        Luma([(top * (1.0 - sy + fy) + low * (sy - fy)).round().clamp(0.0, 255.0) as u8])
    })
}

/// Light and dark swapped.
pub fn inverted(picture: &GrayImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| Luma([255 - picture.get_pixel(x, y)[0]]))
}

/// The range of brightness pressed between `dark` and `light`.
pub fn pressed(picture: &GrayImage, dark: u8, light: u8) -> GrayImage {
    let span = u32::from(light - dark);
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        Luma([(u32::from(dark) + u32::from(picture.get_pixel(x, y)[0]) * span / 255) as u8])
    })
}

/// Every pixel off by at most `most`.
pub fn noisy(picture: &GrayImage, most: u8, seed: u64) -> GrayImage {
    let mut dice = Dice::new(seed);
    let mut noisy = picture.clone();
    for pixel in noisy.pixels_mut() {
        let by = dice.below(2 * u32::from(most) + 1) as i32 - i32::from(most);
        pixel[0] = (i32::from(pixel[0]) + by).clamp(0, 255) as u8;
    }
    noisy
}

/// A picture of a telephone's screen, 1080 x 2400, with bars, bubbles and lines like words, and `code` pasted at `at`.
pub fn screenshot(code: &GrayImage, at: (u32, u32), seed: u64) -> RgbImage {
    let mut dice = Dice::new(seed);
    let mut screen = RgbImage::from_pixel(1080, 2400, Rgb([236, 229, 221]));
    block(&mut screen, (0, 0, 1080, 180), Rgb([7, 94, 84]));
    block(&mut screen, (0, 2260, 1080, 140), Rgb([245, 245, 245]));
    let mut y = 220;
    while y < 2200 {
        let height = 90 + dice.below(220);
        let (x, width) = (if dice.below(2) == 0 { 30 } else { 330 }, 500 + dice.below(200));
        block(&mut screen, (x, y, width, height), Rgb([255, 255, 255]));
        let mut line = y + 24;
        while line + 24 < y + height {
            let mut word = x + 24;
            while word + 120 < x + width {
                let long = 20 + dice.below(100);
                for stroke in 0..long / 9 {
                    let tall = 10 + dice.below(18);
                    block(&mut screen, (word + stroke * 9, line + 28 - tall, 4, tall), Rgb([40, 40, 40]));
                }
                word += long + 16;
            }
            line += 46;
        }
        y += height + 24;
    }
    let margin = 16;
    block(
        &mut screen,
        (at.0 - margin, at.1 - margin, code.width() + 2 * margin, code.height() + 2 * margin),
        Rgb([255, 255, 255]),
    );
    let code = DynamicImage::ImageLuma8(code.clone()).to_rgb8();
    imageops::replace(&mut screen, &code, i64::from(at.0), i64::from(at.1));
    screen
}

fn block(picture: &mut RgbImage, (x, y, width, height): (u32, u32, u32, u32), colour: Rgb<u8>) {
    for y in y..(y + height).min(picture.height()) {
        for x in x..(x + width).min(picture.width()) {
            picture.put_pixel(x, y, colour);
        }
    }
}

/// A picture without a code: a ground of two shades with a few shapes, as a poster or a photograph has.
pub fn scene(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut dice = Dice::new(seed);
    let mut colour = || Rgb([dice.below(256) as u8, dice.below(256) as u8, dice.below(256) as u8]);
    let (from, to) = (colour(), colour());
    let mut dice = Dice::new(seed ^ 0x5ce0e);
    let (gx, gy) = (f64::from(dice.below(200)) / 100.0 - 1.0, f64::from(dice.below(200)) / 100.0 - 1.0);
    let mut shapes = Vec::new();
    for _ in 0..4 + dice.below(6) {
        let place = (dice.below(1000), dice.below(1000), 60 + dice.below(300), 60 + dice.below(300));
        let colour = Rgb([dice.below(256) as u8, dice.below(256) as u8, dice.below(256) as u8]);
        shapes.push((place, dice.below(2) == 0, colour));
    }
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        for ((sx, sy, sw, sh), round, colour) in shapes.iter().rev() {
            let du = (u * 1000.0 - f64::from(*sx)) / f64::from(*sw);
            let dv = (v * 1000.0 - f64::from(*sy)) / f64::from(*sh);
            if if *round { du * du + dv * dv < 1.0 } else { du.abs() < 1.0 && dv.abs() < 1.0 } {
                return *colour;
            }
        }
        let t = (0.5 + (u - 0.5) * gx + (v - 0.5) * gy).clamp(0.0, 1.0);
        let mix = |i: usize| (f64::from(from[i]) * (1.0 - t) + f64::from(to[i]) * t) as u8;
        Rgb([mix(0), mix(1), mix(2)])
    })
}

/// As PNG.
pub fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

/// As JPEG of a quality of 1 to 100.
pub fn jpeg(picture: impl Into<DynamicImage>, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.into().write_with_encoder(encoder).expect("a picture that JPEG can hold");
    bytes
}

/// In any format that `image` writes.
pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut bytes), format).expect("a picture that the format can hold");
    bytes
}

/// A PNG that is a QR code of `text`.
pub fn png_with_qr(text: &str) -> Vec<u8> {
    png(qr(text, 4, 1))
}

/// A JPEG of quality 80 that is a telephone's screen with a small QR code of `text`.
pub fn jpeg_screenshot_with_qr(text: &str) -> Vec<u8> {
    jpeg(screenshot(&qr(text, 5, 1), (380, 1200), 7), 80)
}

/// One picture with codes: its bytes, and what its codes say.
#[derive(Clone, Debug)]
pub struct Coded {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// What every code in it says.
    pub texts: Vec<String>,
}

/// Pictures with QR codes by the way they are met: the name of the way and its pictures. `count` pictures a way.
pub fn qr_kinds(count: u64) -> Vec<(&'static str, Vec<Coded>)> {
    type Make = fn(&str, u64) -> Vec<u8>;
    let kinds: [(&'static str, Make); 23] = [
        ("plain, 2 px a module", |t, s| png(qr(t, 2, version(s)))),
        ("plain, 3 px a module", |t, s| png(qr(t, 3, version(s)))),
        ("plain, 8 px a module", |t, s| png(qr(t, 8, version(s)))),
        ("turned by 90 degrees", |t, s| png(imageops::rotate90(&qr(t, 4, version(s))))),
        ("turned by 180 degrees", |t, s| png(imageops::rotate180(&qr(t, 4, version(s))))),
        ("turned by 270 degrees", |t, s| png(imageops::rotate270(&qr(t, 4, version(s))))),
        ("turned by 5 degrees", |t, s| png(turned(&qr(t, 4, version(s)), 5.0, 255))),
        ("turned by 10 degrees", |t, s| png(turned(&qr(t, 4, version(s)), 10.0, 255))),
        ("turned by 33 degrees", |t, s| png(turned(&qr(t, 5, version(s)), 33.0, 255))),
        ("inverted", |t, s| png(inverted(&qr(t, 4, version(s))))),
        ("JPEG of quality 50, 4 px", |t, s| jpeg(qr(t, 4, version(s)), 50)),
        ("JPEG of quality 50, 3 px", |t, s| jpeg(qr(t, 3, version(s)), 50)),
        ("JPEG of quality 20, 4 px", |t, s| jpeg(qr(t, 4, version(s)), 20)),
        ("screenshot, 5 px a module", |t, s| png(screenshot(&qr(t, 5, 1), place(s), s))),
        ("screenshot, 3 px a module", |t, s| png(screenshot(&qr(t, 3, 1), place(s), s))),
        ("screenshot, 4 px, JPEG 70", |t, s| jpeg(screenshot(&qr(t, 4, 1), place(s), s), 70)),
        ("screenshot, inverted code", |t, s| png(screenshot(&inverted(&qr(t, 4, 1)), place(s), s))),
        ("noise of 60", |t, s| png(noisy(&qr(t, 4, version(s)), 60, s))),
        ("noise of 110", |t, s| png(noisy(&qr(t, 4, version(s)), 110, s))),
        ("contrast of 40 of 255", |t, s| png(pressed(&qr(t, 4, version(s)), 100, 140))),
        ("contrast of 20, noise of 4", |t, s| png(noisy(&pressed(&qr(t, 4, version(s)), 100, 120), 4, s))),
        ("shadow across", |t, s| png(shaded(&qr(t, 5, version(s))))),
        ("pressed sideways to 80 %", |t, s| {
            let code = qr(t, 6, version(s));
            png(imageops::resize(&code, code.width() * 4 / 5, code.height(), imageops::FilterType::Triangle))
        }),
    ];
    let mut made: Vec<(&'static str, Vec<Coded>)> = kinds
        .into_iter()
        .map(|(name, make)| {
            let coded = (0..count).map(|seed| {
                let text = payload(seed);
                Coded { bytes: make(&text, seed), texts: vec![text] }
            });
            (name, coded.collect())
        })
        .collect();
    let two = |seed: u64| {
        let texts = vec![payload(2 * seed), payload(2 * seed + 1)];
        let mut page = GrayImage::from_pixel(1000, 1400, Luma([255]));
        imageops::replace(&mut page, &qr(&texts[0], 4, version(seed)), 40, 60);
        imageops::replace(&mut page, &qr(&texts[1], 5, version(seed + 1)), 480, 800);
        Coded { bytes: png(page), texts }
    };
    made.push(("two in one picture", (0..count).map(two).collect()));
    made
}

/// A made-up payload: an address-like text or a payment URI, of 34 to 110 bytes.
pub fn payload(seed: u64) -> String {
    const LETTERS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mut dice = Dice::new(seed ^ 0xadd);
    let mut word = |length: u32| -> String {
        (0..length).map(|_| char::from(LETTERS[dice.below(LETTERS.len() as u32) as usize])).collect()
    };
    match seed % 3 {
        0 => format!("bc1q{}", word(38)),
        1 => format!("bitcoin:bc1q{}?amount=0.01&label={}", word(38), word(20)),
        _ => format!("T{}", word(33)),
    }
}

fn version(seed: u64) -> i16 {
    [1, 4, 7, 10][(seed % 4) as usize]
}

fn place(seed: u64) -> (u32, u32) {
    let mut dice = Dice::new(seed ^ 0x91ace);
    (60 + dice.below(600), 260 + dice.below(1500))
}

fn shaded(picture: &GrayImage) -> GrayImage {
    let width = picture.width();
    GrayImage::from_fn(width, picture.height(), |x, y| {
        let light = 60 + 195 * x / width;
        Luma([(u32::from(picture.get_pixel(x, y)[0]).max(40) * light / 255) as u8])
    })
}
