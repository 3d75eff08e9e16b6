//! The processor's form of a picture: the pixels and their halvings, from which patches are sampled.

use super::{Border, Patch};
use image::RgbaImage;

/// A picture and its halvings, each pixel the mean of four.
#[derive(Debug)]
pub struct Pyramid<'a> {
    base: &'a RgbaImage,
    smaller: Vec<RgbaImage>,
}

impl<'a> Pyramid<'a> {
    /// Makes the halvings, down to a side of less than 8 pixels.
    pub fn new(base: &'a RgbaImage) -> Self {
        let mut smaller: Vec<RgbaImage> = Vec::new();
        loop {
            let last = smaller.last().unwrap_or(base);
            if last.width().min(last.height()) < 8 {
                return Self { base, smaller };
            }
            let next = halve(last);
            smaller.push(next);
        }
    }

    /// The patch as `size` x `size` RGB planes, -1..1, rows from the top.
    pub fn tensor(&self, patch: Patch, size: usize, border: Border) -> Vec<f32> {
        let shrink = patch.side / size as f32;
        let level = (shrink.max(1.0).log2() as usize).min(self.smaller.len());
        let to_level = 1.0 / (1_u32 << level) as f32;
        // The level nearest above leaves a reduction of less than two: 2 x 2 samples a pixel cover it.
        let taps = if shrink * to_level > 1.05 { 2 } else { 1 };
        let source = if level == 0 { self.base } else { &self.smaller[level - 1] };
        let limit = [self.base.width() as f32, self.base.height() as f32];
        let plane = size * size;
        let mut out = vec![0.0; 3 * plane];
        let step = 1.0 / (size * taps) as f32;
        let weight = 2.0 / (255.0 * (taps * taps) as f32);
        for y in 0..size {
            for x in 0..size {
                let mut sum = [0.0_f32; 3];
                for tap in 0..taps * taps {
                    let u = ((x * taps + tap % taps) as f32 + 0.5) * step;
                    let v = ((y * taps + tap / taps) as f32 + 0.5) * step;
                    let at = patch.to_image([u, v]);
                    let outside = (0..2).any(|axis| at[axis] < 0.0 || at[axis] >= limit[axis]);
                    let color = match border {
                        Border::Zero if outside => [127.5; 3],
                        _ => bilinear(source, at[0] * to_level, at[1] * to_level),
                    };
                    for channel in 0..3 {
                        sum[channel] += color[channel];
                    }
                }
                for channel in 0..3 {
                    out[channel * plane + y * size + x] = sum[channel] * weight - 1.0;
                }
            }
        }
        out
    }
}

/// Bilinear sample at continuous pixel coordinates (pixel centres at +0.5), edges repeated; 0..255.
fn bilinear(image: &RgbaImage, x: f32, y: f32) -> [f32; 3] {
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    let x = (x - 0.5).clamp(0.0, right as f32);
    let y = (y - 0.5).clamp(0.0, bottom as f32);
    let (x0, y0) = (x as u32, y as u32);
    let (x1, y1) = ((x0 + 1).min(right), (y0 + 1).min(bottom));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let [a, b, c, d] = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| image.get_pixel(x, y).0);
    std::array::from_fn(|i| {
        let top = f32::from(a[i]) * (1.0 - fx) + f32::from(b[i]) * fx;
        let low = f32::from(c[i]) * (1.0 - fx) + f32::from(d[i]) * fx;
        top * (1.0 - fy) + low * fy
    })
}

/// Half the size, odd sizes rounded up; alpha is taken as opaque.
fn halve(image: &RgbaImage) -> RgbaImage {
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    RgbaImage::from_fn(image.width().div_ceil(2), image.height().div_ceil(2), |x, y| {
        let (x0, y0) = (2 * x, 2 * y);
        let (x1, y1) = ((x0 + 1).min(right), (y0 + 1).min(bottom));
        let four = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| image.get_pixel(x, y).0);
        let mean = |i: usize| (four.iter().map(|p| u32::from(p[i])).sum::<u32>().div_ceil(4)) as u8;
        image::Rgba([mean(0), mean(1), mean(2), 255])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    #[test]
    fn an_unscaled_patch_is_the_pixels_themselves() {
        let image = RgbaImage::from_fn(16, 16, |x, y| Rgba([x as u8, y as u8, 200, 255]));
        let pyramid = Pyramid::new(&image);
        let patch = Patch { center: [8.0, 8.0], side: 8.0, angle: 0.0, mirrored: false };
        let planes = pyramid.tensor(patch, 8, Border::Zero);
        assert!((planes[8 * 3 + 5] - (9.0 * 2.0 / 255.0 - 1.0)).abs() < 1e-6, "column 5 of the patch is x = 9");
        let mirrored = pyramid.tensor(Patch { mirrored: true, ..patch }, 8, Border::Zero);
        assert!((mirrored[2] - planes[5]).abs() < 1e-6);
    }

    #[test]
    fn shrinking_averages() {
        let checks = RgbaImage::from_fn(96, 96, |x, y| Rgba([if (x + y) % 2 == 0 { 255 } else { 0 }; 4]));
        let pyramid = Pyramid::new(&checks);
        for size in [9, 20, 40] {
            let patch = Patch { center: [48.0, 48.0], side: 96.0, angle: 0.3, mirrored: false };
            let planes = pyramid.tensor(patch, size, Border::Edge);
            let worst = planes.iter().fold(0.0_f32, |worst, v| worst.max(v.abs()));
            assert!(worst < 0.35, "size {size}: {worst}");
        }
    }

    #[test]
    fn outside_is_grey_or_the_edge() {
        let white = RgbaImage::from_pixel(8, 8, Rgba([255; 4]));
        let pyramid = Pyramid::new(&white);
        let patch = Patch { center: [0.0, 4.0], side: 8.0, angle: 0.0, mirrored: false };
        assert_eq!(pyramid.tensor(patch, 8, Border::Zero)[0], 0.0);
        assert_eq!(pyramid.tensor(patch, 8, Border::Edge)[0], 1.0);
    }
}
