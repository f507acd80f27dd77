//! A picture's bytes to grey pixels, with its size known before a pixel is decoded.

use crate::{Limits, TroubleKind};
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, Limits as ImageLimits};
use std::io::Cursor;

/// A decoded picture, grey.
pub(crate) struct Decoded {
    /// Its pixels over white.
    pub(crate) grey: GrayImage,
    /// Its pixels over black, where some are transparent.
    pub(crate) over_black: Option<GrayImage>,
}

/// Why a picture was not decoded.
pub(crate) struct Refused {
    pub(crate) kind: TroubleKind,
    pub(crate) words: String,
}

/// Decodes a picture, the first frame of one that moves.
///
/// The header is read first: what says more than [`Limits::pixels`] is refused before anything is allocated for it, and decoding may
/// allocate eight bytes a pixel of that bound and no more.
pub(crate) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refused> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| refused(&e.into()))?;
    if reader.format().is_none() {
        let words = "a picture of a format that is not read".to_owned();
        return Err(Refused { kind: TroubleKind::Unsupported, words });
    }
    let mut bounds = ImageLimits::default();
    let side = u32::try_from(limits.pixels).unwrap_or(u32::MAX);
    bounds.max_image_width = Some(side);
    bounds.max_image_height = Some(side);
    bounds.max_alloc = Some(limits.pixels.saturating_mul(8));
    reader.limits(bounds);
    let decoder = reader.into_decoder().map_err(|e| refused(&e))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        let words = format!("{width} x {height} pixels; the bound is {}", limits.pixels);
        return Err(Refused { kind: TroubleKind::Bound, words });
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| refused(&e))?;
    if !picture.color().has_alpha() {
        return Ok(Decoded { grey: picture.into_luma8(), over_black: None });
    }
    let pixels = picture.into_luma_alpha8();
    let (width, height) = pixels.dimensions();
    let clear = pixels.pixels().any(|p| p[1] < 255);
    let over = |ground: u32| {
        let mix = |p: &image::LumaA<u8>| {
            ((u32::from(p[0]) * u32::from(p[1]) + ground * (255 - u32::from(p[1])) + 127) / 255) as u8
        };
        GrayImage::from_raw(width, height, pixels.pixels().map(mix).collect()).unwrap_or_default()
    };
    Ok(Decoded { grey: over(255), over_black: clear.then(|| over(0)) })
}

fn refused(error: &ImageError) -> Refused {
    let kind = match error {
        ImageError::Limits(_) => TroubleKind::Bound,
        ImageError::Unsupported(_) => TroubleKind::Unsupported,
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => TroubleKind::Truncated,
        _ => TroubleKind::Malformed,
    };
    Refused { kind, words: format!("the picture was not decoded: {error}") }
}

/// Whether a picture has more than one frame: a GIF with a second image, a PNG with an animation, a WebP that says so.
pub(crate) fn moves(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"GIF8") {
        return gif_frames_two(bytes).unwrap_or(false);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        // the chunk stands before the pixels
        let head = &bytes[..bytes.len().min(4096)];
        return head.windows(4).any(|w| w == b"acTL");
    }
    bytes.starts_with(b"RIFF")
        && bytes.get(12..16) == Some(b"VP8X")
        && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
}

/// Walks the blocks of a GIF without decoding; `None` where it ends early.
fn gif_frames_two(bytes: &[u8]) -> Option<bool> {
    let table = |flags: u8| if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut frames = 0;
    loop {
        match *bytes.get(at)? {
            0x21 => at += 2,
            0x2c => {
                frames += 1;
                if frames == 2 {
                    return Some(true);
                }
                at += 10 + table(*bytes.get(at + 9)?) + 1;
            }
            _ => return Some(false),
        }
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}
