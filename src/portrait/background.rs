//! The picture without the person: a smooth membrane over the hole, with the photo's own grain.
//!
//! The hole is filled by the harmonic function (Laplace's equation) with the surroundings as boundary, solved coarse
//! to fine over an image pyramid (push-pull, Gortler et al. 1996, with relaxation on each level). What a moving head
//! uncovers is a narrow rim, which a smooth fill meets well and a copied texture can only spoil.

use super::plane::Plane;
use image::{GrayImage, RgbaImage};

/// Coverage (of 255) from which a pixel is no longer plain background. Not lower: where the matte is merely unsure, the
/// photo itself is the better background; fainter hair than this is reached by the margin.
const COVERED: u8 = 64;
/// Relaxation sweeps on each level.
const SWEEPS: usize = 4;
/// Beyond this size the fill is computed reduced: it is smooth, so nothing is lost.
const MAX_FILL_SIDE: u32 = 512;

/// `image` with everything that `person` (same size) covers, and `margin` pixels around it, painted over.
pub(super) fn clean_plate(image: &RgbaImage, person: &GrayImage, margin: f32) -> RgbaImage {
    let (width, height) = image.dimensions();
    let factor = (MAX_FILL_SIDE as f32 / width.max(height) as f32).min(1.0);
    let small = |length: u32| ((length as f32 * factor).round() as usize).max(1);
    let (columns, rows) = (small(width), small(height));
    let known = known_pixels(person, columns, rows, (margin * factor).ceil() as usize);
    let resized = match factor < 1.0 {
        true => image::imageops::thumbnail(image, columns as u32, rows as u32),
        false => image.clone(),
    };
    let filled: [Plane; 3] = [0, 1, 2].map(|channel| {
        let plane = Plane::from_fn(columns, rows, |x, y| f32::from(resized.get_pixel(x as u32, y as u32).0[channel]));
        fill(plane, &known)
    });
    // Feathered over a few pixels: a hard seam between photo and fill would be visible.
    let blend = known.box_mean(2);
    let grain = grain_of(image, person);
    let mut plate = image.clone();
    for (x, y, pixel) in plate.enumerate_pixels_mut() {
        let (u, v) = ((x as f32 + 0.5) * columns as f32 / width as f32, (y as f32 + 0.5) * rows as f32 / height as f32);
        let keep = (blend.sample(u, v) * 2.0 - 1.0).clamp(0.0, 1.0);
        if keep >= 1.0 {
            continue;
        }
        let noise = grain * gaussian(x, y);
        for (value, plane) in pixel.0.iter_mut().zip(&filled) {
            let painted = plane.sample(u, v) + noise;
            *value = (keep * f32::from(*value) + (1.0 - keep) * painted).round().clamp(0.0, 255.0) as u8;
        }
    }
    plate
}

/// 1 where the picture shows background for sure, at the fill's size.
fn known_pixels(person: &GrayImage, columns: usize, rows: usize, margin: usize) -> Plane {
    let (width, height) = (person.width() as usize, person.height() as usize);
    let mut covered = Plane::filled(columns, rows, 0.0);
    for (y, row) in person.as_raw().chunks_exact(width).enumerate() {
        let base = (y * rows / height) * columns;
        for (x, &value) in row.iter().enumerate() {
            if value >= COVERED {
                covered.values[base + x * columns / width] = 1.0;
            }
        }
    }
    let grown = covered.dilated(margin);
    Plane { values: grown.values.iter().map(|c| 1.0 - c).collect(), ..grown }
}

/// `width` x `height` values: `value(i)` where `known`, a harmonic interpolation of those elsewhere.
pub(crate) fn harmonic_fill(width: usize, height: usize, known: &[bool], value: impl Fn(usize) -> f32) -> Vec<f32> {
    let values = known.iter().enumerate().map(|(i, &k)| if k { value(i) } else { 0.0 }).collect();
    let mask = Plane { width, height, values: known.iter().map(|&k| f32::from(k)).collect() };
    fill(Plane { width, height, values }, &mask).values
}

/// `plane` with the pixels where `known` is 0 replaced by a harmonic interpolation of the others.
fn fill(mut plane: Plane, known: &Plane) -> Plane {
    for (value, k) in plane.values.iter_mut().zip(&known.values) {
        *value *= k;
    }
    if plane.width.max(plane.height) > 1 && known.values.contains(&0.0) {
        let (half_sum, half_known) = (halve(&plane), halve(known));
        // Means over the known of each four pixels.
        let coarse = half_sum.zip(&half_known, |sum, k| if k > 0.0 { sum / k } else { 0.0 });
        let coarse_known =
            Plane { values: half_known.values.iter().map(|&k| f32::from(k > 0.0)).collect(), ..half_known };
        let coarse = fill(coarse, &coarse_known);
        let scale = [coarse.width as f32 / plane.width as f32, coarse.height as f32 / plane.height as f32];
        for y in 0..plane.height {
            for x in 0..plane.width {
                let at = y * plane.width + x;
                if known.values[at] == 0.0 {
                    plane.values[at] = coarse.sample((x as f32 + 0.5) * scale[0], (y as f32 + 0.5) * scale[1]);
                }
            }
        }
        relax(&mut plane, known);
    } else if known.values.iter().all(|&k| k == 0.0) {
        // Nothing known at all: the person fills the picture, and middle grey is as good as any.
        plane.values.fill(127.5);
    }
    plane
}

/// Sums of 2 x 2 pixels, odd sizes rounded up.
fn halve(plane: &Plane) -> Plane {
    let (width, height) = (plane.width, plane.height);
    Plane::from_fn(width.div_ceil(2), height.div_ceil(2), |x, y| {
        let mut sum = 0.0;
        for v in 2 * y..(2 * y + 2).min(height) {
            for u in 2 * x..(2 * x + 2).min(width) {
                sum += plane.values[v * width + u];
            }
        }
        sum
    })
}

/// Gauss-Seidel sweeps of Laplace's equation over the unknown pixels; no flow through the picture's border.
fn relax(plane: &mut Plane, known: &Plane) {
    let (width, height) = (plane.width, plane.height);
    for _ in 0..SWEEPS {
        for y in 0..height {
            for x in 0..width {
                let at = y * width + x;
                if known.values[at] != 0.0 {
                    continue;
                }
                let left = plane.values[if x > 0 { at - 1 } else { at }];
                let right = plane.values[if x + 1 < width { at + 1 } else { at }];
                let above = plane.values[if y > 0 { at - width } else { at }];
                let below = plane.values[if y + 1 < height { at + width } else { at }];
                plane.values[at] = 0.25 * (left + right + above + below);
            }
        }
    }
}

/// Standard deviation of the background's noise, grey levels: Immerkaer, "Fast Noise Variance Estimation" (1996), with
/// the median in place of the mean so that edges in the background do not count.
fn grain_of(image: &RgbaImage, person: &GrayImage) -> f32 {
    const KERNEL: [[f32; 3]; 3] = [[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]];
    let (width, height) = image.dimensions();
    if width < 3 || height < 3 {
        return 0.0;
    }
    let step = (u64::from(width) * u64::from(height) / 200_000).max(1) as usize;
    let mut responses: Vec<f32> = (0..(width - 2) as usize * (height - 2) as usize)
        .step_by(step)
        .map(|i| ((i as u32) % (width - 2) + 1, (i as u32) / (width - 2) + 1))
        .filter(|&(x, y)| person.get_pixel(x, y).0[0] < COVERED)
        .map(|(x, y)| {
            let green = |u: u32, v: u32| f32::from(image.get_pixel(x + u - 1, y + v - 1).0[1]);
            let sum: f32 = (0..3_u32)
                .flat_map(|v| (0..3_u32).map(move |u| (u, v)))
                .map(|(u, v)| KERNEL[v as usize][u as usize] * green(u, v))
                .sum();
            sum.abs()
        })
        .collect();
    if responses.is_empty() {
        return 0.0;
    }
    let middle = responses.len() / 2;
    let (_, median, _) = responses.select_nth_unstable_by(middle, f32::total_cmp);
    // The kernel's norm is 6; the median of |N(0, 1)| is 0.6745. More than 12 levels is texture, not grain.
    (*median / 6.0 / 0.6745).min(12.0)
}

/// Noise of about N(0, 1) that depends on the place alone.
fn gaussian(x: u32, y: u32) -> f32 {
    let mut state = (u64::from(x) << 32 | u64::from(y)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^= state >> 29;
    // The sum of four uniform numbers of 16 bits has the variance 4 / 12.
    let sum: f32 = (0..4).map(|i| ((state >> (16 * i)) & 0xffff) as f32 / 65535.0 - 0.5).sum();
    sum * 3.0_f32.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgba};

    #[test]
    fn a_gradient_continues_under_the_person() {
        let slope = |x: u32, y: u32| (40 + x + y / 2) as u8;
        let mut image = RgbaImage::from_fn(120, 90, |x, y| Rgba([slope(x, y), 100, 50, 255]));
        let person = GrayImage::from_fn(120, 90, |x, y| Luma([if (40..80).contains(&x) && y > 30 { 255 } else { 0 }]));
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            if person.get_pixel(x, y).0[0] > 0 {
                *pixel = Rgba([255, 0, 255, 255]);
            }
        }
        let plate = clean_plate(&image, &person, 2.0);
        for (x, y) in [(45, 40), (60, 50), (75, 80)] {
            let pixel = plate.get_pixel(x, y).0;
            assert!(pixel[0].abs_diff(slope(x, y)) < 22, "{x} {y}: {pixel:?}");
            assert!(pixel[1].abs_diff(100) < 8 && pixel[2].abs_diff(50) < 8, "nothing of the person: {pixel:?}");
        }
        assert_eq!(plate.get_pixel(5, 5), image.get_pixel(5, 5), "what is background stays");
    }

    #[test]
    fn a_person_everywhere_is_no_trouble() {
        let image = RgbaImage::from_pixel(33, 20, Rgba([9, 9, 9, 255]));
        let plate = clean_plate(&image, &GrayImage::from_pixel(33, 20, Luma([255])), 3.0);
        assert_eq!(plate.dimensions(), (33, 20));
    }
}
