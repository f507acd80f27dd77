//! The perceptual hash of a picture: 64 bits that change little when the picture is rescaled, compressed anew, brightened or
//! cropped a little.
//!
//! It is the DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section 3.1: the
//! picture as grey 32 x 32, its two-dimensional DCT-II, coefficients of low frequencies, and a bit for each that is above their
//! median. Where the paper takes a square of 8 x 8 without its edge, the 64 that follow the constant one in the order of u + v are taken
//! here: the square has nothing to say of a picture that changes along one axis only. It is written here because stored hashes must
//! not change with a library's version.

use image::GrayImage;

/// Pictures whose hashes differ in at most this many of 64 bits may be taken as the same picture passed on.
///
/// Measured on made-up scenes and what becomes of them when passed on: see `tests/pictures.rs`, which asserts the figures, and
/// `benches/pictures.rs`, which prints them. Plain QR codes look alike to any such hash (three corners are the same): of two
/// codes compare what they say.
pub const SAME_PICTURE_BITS_MAX: u32 = 10;

/// The hash of a picture that has nothing to hash: one shade. Such pictures are not to be compared.
pub const FLAT_HASH: u64 = 0;

const SIDE: usize = 32;
/// Frequencies along an axis that are needed: 0 to 10.
const FREQUENCIES: usize = 11;
const BITS: usize = 64;

/// The hash of a grey picture. [`FLAT_HASH`] where it is of one shade.
pub fn perceptual_hash(picture: &GrayImage) -> u64 {
    let small = shrink(picture);
    // rows, then columns; only the frequencies that are kept, from 1
    let cosine = |k: usize, n: usize| ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / (2 * SIDE) as f64).cos();
    let mut table = [[0.0; SIDE]; FREQUENCIES];
    for (k, row) in table.iter_mut().enumerate() {
        for (n, value) in row.iter_mut().enumerate() {
            *value = cosine(k, n);
        }
    }
    let mut rows = [[0.0; FREQUENCIES]; SIDE];
    for y in 0..SIDE {
        for k in 0..FREQUENCIES {
            rows[y][k] = (0..SIDE).map(|x| small[y][x] * table[k][x]).sum();
        }
    }
    // v up and u down along each diagonal, after the constant
    let order = (1..FREQUENCIES).flat_map(|sum| (0..=sum).map(move |v| (sum - v, v))).take(BITS);
    let mut coefficients = [0.0; BITS];
    for (coefficient, (u, v)) in coefficients.iter_mut().zip(order) {
        *coefficient = (0..SIDE).map(|y| rows[y][u] * table[v][y]).sum();
    }
    let strongest = coefficients.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
    // an amplitude below one shade is rounding, not a picture
    if strongest < (SIDE * SIDE / 4) as f64 {
        return FLAT_HASH;
    }
    let mut sorted = coefficients;
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[31], sorted[32]);
    coefficients.iter().enumerate().fold(0, |hash, (i, c)| hash | (u64::from(*c > median) << i))
}

/// In how many bits two hashes differ; `None` where one of them is of a picture of one shade.
pub fn hash_distance(a: u64, b: u64) -> Option<u32> {
    (a != FLAT_HASH && b != FLAT_HASH).then(|| (a ^ b).count_ones())
}

/// 32 x 32 means of areas, so that no pixel is left out at any size.
fn shrink(picture: &GrayImage) -> [[f64; SIDE]; SIDE] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut small = [[0.0; SIDE]; SIDE];
    if width == 0 || height == 0 {
        return small;
    }
    let pixels = picture.as_raw();
    for (cy, row) in small.iter_mut().enumerate() {
        let (top, end) = span(cy, height);
        for (cx, value) in row.iter_mut().enumerate() {
            let (left, right) = span(cx, width);
            let sum: u64 = (top..end)
                .map(|y| pixels[y * width + left..y * width + right].iter().map(|p| u64::from(*p)).sum::<u64>())
                .sum();
            *value = sum as f64 / ((end - top) * (right - left)) as f64;
        }
    }
    small
}

fn span(cell: usize, length: usize) -> (usize, usize) {
    let start = (cell * length / SIDE).min(length - 1);
    (start, ((cell + 1) * length / SIDE).clamp(start + 1, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn a_picture_of_one_shade_is_not_comparable_and_a_tiny_one_is_hashed() {
        for shade in [0, 127, 255] {
            assert_eq!(perceptual_hash(&GrayImage::from_pixel(100, 40, Luma([shade]))), FLAT_HASH);
        }
        assert_eq!(hash_distance(FLAT_HASH, 3), None);
        assert_eq!(hash_distance(7, 3), Some(1));
        assert_ne!(perceptual_hash(&GrayImage::from_fn(3, 2, |x, y| Luma([(x * 90 + y * 20) as u8]))), FLAT_HASH);
    }

    #[test]
    fn the_lowest_coefficients_are_those_of_a_transform_written_out() {
        // the slow formula, straight from the definition, on a picture that needs no scaling
        let picture = GrayImage::from_fn(32, 32, |x, y| Luma([((x * x + 3 * y * x + 7 * y) % 251) as u8]));
        let mut all = Vec::new();
        for sum_of_both in 1..=10 {
            for v in 0..=sum_of_both {
                let u = sum_of_both - v;
                let mut sum = 0.0;
                for y in 0..32 {
                    for x in 0..32 {
                        let pi = std::f64::consts::PI;
                        sum += f64::from(picture.get_pixel(x, y)[0])
                            * (pi * (f64::from(x) + 0.5) * f64::from(u) / 32.0).cos()
                            * (pi * (f64::from(y) + 0.5) * f64::from(v) / 32.0).cos();
                    }
                }
                all.push(sum);
            }
        }
        all.truncate(64);
        let mut sorted = all.clone();
        sorted.sort_by(f64::total_cmp);
        let median = f64::midpoint(sorted[31], sorted[32]);
        let expected: u64 = all.iter().enumerate().map(|(i, c)| u64::from(*c > median) << i).sum();
        assert_eq!(perceptual_hash(&picture), expected);
        assert_eq!(expected.count_ones(), 32);
    }
}
