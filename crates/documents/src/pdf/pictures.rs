//! The pictures of a PDF: JPEG files as they stand, and samples of grey, colour or a palette. What fax machines and scanners wrote
//! (CCITT, JBIG2) and JPEG 2000 is not decoded, and told.

use super::content::Rectangle;
use super::file::{File, Refused};
use crate::{Limits, TroubleKind};
use image::{GrayImage, Luma};
use lopdf::{Object, Stream};

/// A picture, as far as this module reads it.
pub(crate) enum Found {
    /// A JPEG file.
    Jpeg(Vec<u8>),
    /// Its pixels.
    Grey(GrayImage),
}

/// How samples become a shade of grey.
enum Space {
    Grey,
    Rgb,
    Cmyk,
    /// One ink: more of it is darker.
    Ink,
    /// The shades of a palette.
    Palette(Vec<u8>),
}

impl Space {
    fn parts(&self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Cmyk => 4,
            Self::Grey | Self::Ink | Self::Palette(_) => 1,
        }
    }
}

/// Reads a picture's stream.
pub(crate) fn read(file: &File<'_>, stream: &Stream, limits: &Limits) -> Result<Found, Refused> {
    let unsupported = |words: &str| Refused::new(TroubleKind::Unsupported, words);
    match file.filters(&stream.dict).last().map(Vec::as_slice) {
        Some(b"DCTDecode") => return Ok(Found::Jpeg(file.decoded(stream, 1, usize::MAX)?)),
        Some(b"JPXDecode") => return Err(unsupported("a picture in JPEG 2000 is not decoded")),
        Some(b"JBIG2Decode") => return Err(unsupported("a picture in JBIG2 is not decoded")),
        Some(b"CCITTFaxDecode" | b"CCF") => return Err(unsupported("a picture in fax coding is not decoded")),
        _ => {}
    }
    let whole = |key: &[u8]| file.number(&stream.dict, key).filter(|n| *n >= 0.0).map(|n| n as u64);
    let (Some(width), Some(height)) = (whole(b"Width"), whole(b"Height")) else {
        return Err(Refused::new(TroubleKind::Malformed, "a picture without a size"));
    };
    if width.saturating_mul(height) > limits.pixels || width == 0 || height == 0 {
        let words = format!("{width} x {height} pixels; the bound is {}", limits.pixels);
        return Err(Refused::new(TroubleKind::Bound, words));
    }
    let mask = matches!(file.get(&stream.dict, b"ImageMask"), Some(Object::Boolean(true)));
    let bits = if mask { 1 } else { whole(b"BitsPerComponent").unwrap_or(8) as usize };
    if !matches!(bits, 1 | 2 | 4 | 8 | 16) {
        return Err(Refused::new(TroubleKind::Malformed, format!("a picture of {bits} bits a sample")));
    }
    let space = match file.get(&stream.dict, b"ColorSpace") {
        Some(space) if !mask => read_space(file, &space, 0),
        _ => Some(Space::Grey),
    };
    let space = space.ok_or_else(|| unsupported("a picture's colours are not read"))?;
    let (width, height) = (width as usize, height as usize);
    let row = (width * space.parts() * bits).div_ceil(8);
    let samples = file.decoded(stream, 0, row.saturating_mul(height).saturating_add(4096))?;
    let decode = file.array(&stream.dict, b"Decode").unwrap_or_default();
    let first = decode.first().and_then(super::file::number);
    let flipped = first == Some(1.0) && !matches!(space, Space::Palette(_));
    let grey = shades(&samples, (width, height), bits, &space, flipped);
    Ok(Found::Grey(grey))
}

fn shades(samples: &[u8], (width, height): (usize, usize), bits: usize, space: &Space, flipped: bool) -> GrayImage {
    let parts = space.parts();
    let row = (width * parts * bits).div_ceil(8);
    let most = (1u32 << bits.min(8)) - 1;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        // what is missing at the end is white
        let line = samples.get(y * row..).map_or(&[][..], |rest| &rest[..row.min(rest.len())]);
        let sample = |i: usize| -> Option<u32> {
            Some(match bits {
                8 => u32::from(*line.get(i)?),
                16 => u32::from(*line.get(2 * i)?),
                _ => {
                    let bit = i * bits;
                    u32::from(*line.get(bit / 8)?) >> (8 - bits - bit % 8) & most
                }
            })
        };
        let light = |i: usize| sample(i).map(|value| value * 255 / most);
        for x in 0..width {
            let at = x * parts;
            let shade = match space {
                Space::Grey => light(at),
                Space::Ink => light(at).map(|ink| 255 - ink),
                Space::Palette(shades) => {
                    sample(at).map(|index| shades.get(index as usize).map_or(255, |shade| u32::from(*shade)))
                }
                Space::Rgb => match (light(at), light(at + 1), light(at + 2)) {
                    (Some(r), Some(g), Some(b)) => Some((r * 77 + g * 150 + b * 29) >> 8),
                    _ => None,
                },
                Space::Cmyk => match (light(at), light(at + 1), light(at + 2), light(at + 3)) {
                    (Some(c), Some(m), Some(y), Some(k)) => {
                        Some(255 - (((c * 77 + m * 150 + y * 29) >> 8) + k).min(255))
                    }
                    _ => None,
                },
            };
            let shade = shade.unwrap_or(255).min(255) as u8;
            pixels.push(if flipped { 255 - shade } else { shade });
        }
    }
    GrayImage::from_raw(width as u32, height as u32, pixels).unwrap_or_default()
}

fn read_space(file: &File<'_>, space: &Object, depth: usize) -> Option<Space> {
    let (name, array) = match space {
        Object::Name(name) => (name.clone(), Vec::new()),
        Object::Array(array) => match file.resolved(array.first()?)? {
            Object::Name(name) => (name, array.clone()),
            _ => return None,
        },
        _ => return None,
    };
    match name.as_slice() {
        b"DeviceGray" | b"CalGray" | b"G" => Some(Space::Grey),
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Space::Rgb),
        b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
        b"Separation" => Some(Space::Ink),
        b"ICCBased" => match file.resolved(array.get(1)?)? {
            Object::Stream(profile) => match file.number(&profile.dict, b"N")? as u32 {
                1 => Some(Space::Grey),
                3 => Some(Space::Rgb),
                4 => Some(Space::Cmyk),
                _ => None,
            },
            _ => None,
        },
        b"Indexed" | b"I" if depth == 0 => {
            let base = read_space(file, &file.resolved(array.get(1)?)?, depth + 1)?;
            let colours = match file.resolved(array.get(3)?)? {
                Object::String(bytes, _) => bytes,
                Object::Stream(stream) => file.decoded(&stream, 0, 4096).ok()?,
                _ => return None,
            };
            let count = (colours.len() / base.parts()).min(256);
            Some(Space::Palette(shades(&colours, (count, 1), 8, &base, false).into_raw()))
        }
        _ => None,
    }
}

/// A QR code that is drawn from rectangles is a picture as well: they are painted, a module some pixels wide. `None` where there are
/// too few for a code.
pub(crate) fn painted(rectangles: &[Rectangle]) -> Option<GrayImage> {
    const LEAST: usize = 40;
    const SIDE_MAX: f64 = 1500.0;
    // a code is modules and short runs of them; a table is long rules
    let short = |r: &&Rectangle| {
        let (width, height) = (r.right - r.left, r.high - r.low);
        width < 12.0 * height && height < 12.0 * width
    };
    let mut sides: Vec<f64> = rectangles
        .iter()
        .filter(|r| r.light < 0.5)
        .filter(short)
        .map(|r| (r.right - r.left).min(r.high - r.low))
        .filter(|side| *side > 1e-3)
        .collect();
    if sides.len() < LEAST {
        return None;
    }
    sides.sort_by(f64::total_cmp);
    let module = sides[sides.len() / 4];
    // rules and grounds of the page are far larger than a module, or far longer than a code
    let of_code = |r: &&Rectangle| (r.right - r.left).max(r.high - r.low) <= 60.0 * module;
    let edges = |f: fn(f64, f64) -> f64, start: f64, of: fn(&Rectangle) -> f64| {
        rectangles.iter().filter(of_code).filter(|r| r.light < 0.5).map(of).fold(start, f)
    };
    let (left, right) = (edges(f64::min, f64::MAX, |r| r.left), edges(f64::max, f64::MIN, |r| r.right));
    let (low, high) = (edges(f64::min, f64::MAX, |r| r.low), edges(f64::max, f64::MIN, |r| r.high));
    let scale = (4.0 / module).min(SIDE_MAX / (right - left)).min(SIDE_MAX / (high - low));
    let quiet = 4.0 * module * scale;
    let length = |from: f64, to: f64| ((to - from) * scale + 2.0 * quiet).ceil().max(1.0);
    let (width, height) = (length(left, right), length(low, high));
    if !(width <= 2.0 * SIDE_MAX && height <= 2.0 * SIDE_MAX) {
        return None;
    }
    let mut picture = GrayImage::from_pixel(width as u32, height as u32, Luma([255]));
    let mut painted = 0u64;
    for r in rectangles.iter().filter(of_code) {
        let across = |x: f64| ((x - left) * scale + quiet).round().clamp(0.0, width) as u32;
        let down = |y: f64| ((high - y) * scale + quiet).round().clamp(0.0, height) as u32;
        let (x0, x1, y0, y1) = (across(r.left), across(r.right), down(r.high), down(r.low));
        painted += u64::from(x1 - x0) * u64::from(y1 - y0);
        // the same ground painted again and again
        if painted > 400_000_000 {
            break;
        }
        for y in y0..y1 {
            for x in x0..x1 {
                picture.put_pixel(x, y, Luma([(r.light * 255.0) as u8]));
            }
        }
    }
    Some(picture)
}
