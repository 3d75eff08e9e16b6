//! The light in the room, from the face that it falls on.
//!
//! Second-order spherical harmonics describe diffuse light to about one percent (Ramamoorthi and Hanrahan 2001). They
//! are fitted to the photo's skin over the fitted head's normals, as if the skin were of one colour; what is not (brows,
//! beard, lips) is weighed down. When the head turns, the light stays in the room: a place of the skin becomes as much
//! brighter as the light at its new normal is stronger than at its old one (ratio images: Liu, Shan, Zhang 2001).

use super::shading::{luminance, photo_color};
use glam::{Vec2, Vec3};
use image::RgbaImage;
use nalgebra::{SMatrix, SVector};

const TERMS: usize = 9;
/// Holds back the directions that no visible skin faces, as a share of the constant term's weight.
const RIDGE: f64 = 0.02;
/// Rounds of reweighting, and the deviation beyond which a place hardly counts, as a share of its light.
const ROUNDS: usize = 6;
const STRAY: f64 = 0.12;
/// Gains outside are the fit's errors rather than light.
const RANGE: (f32, f32) = (0.75, 1.3);
/// Share of the estimated change that is applied: skin lit from one side is partly lit from all.
const STRENGTH: f32 = 0.8;

/// Diffuse light over the directions, relative to its mean on the face; linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    terms: [f32; TERMS],
}

impl Light {
    /// From the skin of `image` at `places` (pixels) with unit normals in camera axes.
    pub fn estimate(image: &RgbaImage, places: impl Iterator<Item = (Vec2, Vec3)>) -> Self {
        let inside =
            |at: Vec2| at.x >= 0.0 && at.y >= 0.0 && at.x < image.width() as f32 && at.y < image.height() as f32;
        let samples: Vec<(SVector<f64, TERMS>, f64)> = places
            .filter(|(at, _)| inside(*at))
            .map(|(at, normal)| (basis(normal).map(f64::from), f64::from(linear(luminance(photo_color(image, at))))))
            .collect();
        let mean = samples.iter().map(|s| s.1).sum::<f64>() / samples.len().max(1) as f64;
        if samples.len() < 10 * TERMS || mean < 1e-3 {
            return Self::even();
        }
        let mut weights = vec![1.0_f64; samples.len()];
        let mut terms = SVector::<f64, TERMS>::zeros();
        for _ in 0..ROUNDS {
            let mut normal = SMatrix::<f64, TERMS, TERMS>::zeros();
            let mut right = SVector::<f64, TERMS>::zeros();
            for ((row, value), weight) in samples.iter().zip(&weights) {
                normal += row * row.transpose() * *weight;
                right += row * (value / mean * weight);
            }
            let ridge = RIDGE * normal[(0, 0)];
            (1..TERMS).for_each(|k| normal[(k, k)] += ridge);
            let Some(solved) = normal.cholesky() else { return Self::even() };
            terms = solved.solve(&right);
            for ((row, value), weight) in samples.iter().zip(&mut weights) {
                let light = row.dot(&terms).max(0.05);
                // Geman and McClure's weight: places of another colour lose their say.
                *weight = (1.0 + ((value / mean / light - 1.0) / STRAY).powi(2)).powi(-2);
            }
        }
        let terms: [f32; TERMS] = std::array::from_fn(|k| terms[k] as f32);
        if terms.iter().all(|t| t.is_finite()) { Self { terms } } else { Self::even() }
    }

    /// The same from everywhere.
    fn even() -> Self {
        Self { terms: std::array::from_fn(|k| f32::from(k == 0)) }
    }

    /// How strong it is on skin with this normal.
    pub fn at(&self, normal: Vec3) -> f32 {
        basis(normal).iter().zip(self.terms).map(|(b, t)| b * t).sum::<f32>().max(0.1)
    }

    /// Factor on an sRGB-encoded colour of skin that was lit `before` and is lit `after`, as [`Light::at`] has it.
    pub fn gain(before: f32, after: f32) -> f32 {
        let ratio = (after / before).powf(STRENGTH).clamp(RANGE.0, RANGE.1);
        // Encoded values are about the 2.2th root of light.
        ratio.powf(1.0 / 2.2)
    }
}

/// The nine harmonics at a unit vector, without their constants, which the fit absorbs.
fn basis(n: Vec3) -> SVector<f32, TERMS> {
    let Vec3 { x, y, z } = n;
    SVector::from([1.0, x, y, z, x * y, y * z, 3.0 * z * z - 1.0, x * z, x * x - y * y])
}

fn linear(encoded: f32) -> f32 {
    encoded.powf(2.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    /// A ball lit from the left: turning its lit side away darkens it, and dark spots do not disturb.
    #[test]
    fn a_side_turned_to_the_light_gets_brighter() {
        let normal = |x: u32, y: u32| {
            let at = (Vec2::new(x as f32, y as f32) - 50.0) / 50.0;
            (at.length() < 0.95).then(|| Vec3::new(at.x, -at.y, (1.0 - at.length_squared()).sqrt()))
        };
        let image = RgbaImage::from_fn(100, 100, |x, y| {
            let light = normal(x, y).map_or(0.0, |n| 0.5 - 0.35 * n.x);
            let dark = if (x / 7 + y / 9) % 6 == 0 { 0.2 } else { 1.0 };
            let level = (255.0 * (light * dark).powf(1.0 / 2.2)) as u8;
            Rgba([level, level, level, 255])
        });
        let places = (0..10_000_u32).filter_map(|i| {
            let (x, y) = (i % 100, i / 100);
            Some((Vec2::new(x as f32, y as f32), normal(x, y)?))
        });
        let light = Light::estimate(&image, places);
        let (left, right) = (Vec3::new(-0.5, 0.0, 0.866), Vec3::new(0.5, 0.0, 0.866));
        let gain = |before, after| Light::gain(light.at(before), light.at(after));
        assert!(gain(right, left) > 1.1, "{}", gain(right, left));
        assert!((gain(right, left) * gain(left, right) - 1.0).abs() < 0.02);
        assert_eq!(gain(left, left), 1.0);
    }

    #[test]
    fn without_skin_nothing_changes() {
        let image = RgbaImage::from_pixel(4, 4, Rgba([90, 90, 90, 255]));
        let light = Light::estimate(&image, std::iter::empty());
        assert_eq!(Light::gain(light.at(Vec3::X), light.at(Vec3::Z)), 1.0);
    }
}
