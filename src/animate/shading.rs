//! Light inside the mouth, computed a vertex at a time: a few hundred vertices need no shader of their own, and the
//! same code is its own test.

use glam::Vec3;
use image::RgbaImage;

/// How the photo's light colours what it does not show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Factor on each sRGB-encoded channel.
    pub gain: Vec3,
    /// 0 for a black-and-white photo, 1 for full colour.
    pub saturation: f32,
}

/// Mean sRGB of lit adult skin over all tones, to compare the photo's with.
const REFERENCE_SKIN: Vec3 = Vec3::new(0.72, 0.56, 0.48);

/// Light from above and in front, the studio's and the window's common ground.
const LIGHT: Vec3 = Vec3::new(0.12, 0.42, 0.90);

impl Tone {
    /// The tone of the skin around `places` (pixels): its brightness and cast, softened, because dark skin does not
    /// make teeth dark.
    pub fn of_skin(image: &RgbaImage, places: impl Iterator<Item = glam::Vec2>) -> Self {
        let mut samples: Vec<Vec3> = places
            .filter_map(|p| {
                let pixel =
                    (p.x >= 0.0 && p.y >= 0.0).then(|| image.get_pixel_checked(p.x as u32, p.y as u32)).flatten()?;
                Some(Vec3::new(f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])) / 255.0)
            })
            .collect();
        if samples.is_empty() {
            return Self { gain: Vec3::ONE, saturation: 1.0 };
        }
        // The brighter third says how strong the light is; beard and shadow are in the rest.
        samples.sort_by(|a, b| a.element_sum().total_cmp(&b.element_sum()));
        let bright = &samples[samples.len() * 2 / 3..];
        let mean = bright.iter().copied().sum::<Vec3>() / bright.len() as f32;
        let spread = mean.max_element() - mean.min_element();
        let luma = luminance(mean);
        let brightness = (luma / luminance(REFERENCE_SKIN)).clamp(0.35, 1.25).powf(0.6);
        let cast = (mean / luma.max(1e-3)) / (REFERENCE_SKIN / luminance(REFERENCE_SKIN));
        let saturation = ((spread / mean.max_element().max(1e-3) - 0.03) / 0.10).clamp(0.0, 1.0);
        // A grey photo has no cast, only less colour.
        let cast = Vec3::ONE.lerp(cast.clamp(Vec3::splat(0.7), Vec3::splat(1.3)), 0.5 * saturation);
        Self { gain: cast * brightness, saturation }
    }

    /// `color` (sRGB-encoded) as this photo would show it.
    pub fn apply(&self, color: Vec3) -> Vec3 {
        let grey = Vec3::splat(luminance(color));
        (grey.lerp(color, self.saturation) * self.gain).clamp(Vec3::ZERO, Vec3::ONE)
    }
}

/// The photo's colour at a place (pixels), 0..1; places outside take the edge's.
pub fn photo_color(image: &RgbaImage, at: glam::Vec2) -> Vec3 {
    let clip = |value: f32, length: u32| (value.max(0.0) as u32).min(length.saturating_sub(1));
    let p = image.get_pixel(clip(at.x, image.width()), clip(at.y, image.height()));
    Vec3::new(f32::from(p[0]), f32::from(p[1]), f32::from(p[2])) / 255.0
}

/// Rec. 709 luma of an sRGB-encoded colour.
pub fn luminance(color: Vec3) -> f32 {
    color.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

/// A wet surface: wrapped diffuse light and a soft highlight. `normal` is unit length in camera axes; `gloss` 0..1.
pub fn wet(base: Vec3, normal: Vec3, gloss: f32) -> Vec3 {
    let light = LIGHT.normalize();
    let diffuse = ((normal.dot(light) + 0.35) / 1.35).max(0.0);
    let half = (light + Vec3::Z).normalize();
    let highlight = normal.dot(half).max(0.0).powi(40) * gloss;
    base * (0.50 + 0.48 * diffuse) + Vec3::splat(highlight * 0.35)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec2;
    use image::Rgba;

    #[test]
    fn a_grey_photo_gives_a_grey_mouth() {
        let image = RgbaImage::from_pixel(4, 4, Rgba([140, 140, 140, 255]));
        let tone = Tone::of_skin(&image, (0..4).map(|i| Vec2::splat(i as f32)));
        let color = tone.apply(Vec3::new(0.7, 0.3, 0.3));
        assert!((color.x - color.z).abs() < 1e-3);
    }

    #[test]
    fn a_dark_photo_darkens_the_mouth() {
        let skin = |level: f32| {
            let pixel = Rgba([(190.0 * level) as u8, (145.0 * level) as u8, (120.0 * level) as u8, 255]);
            Tone::of_skin(&RgbaImage::from_pixel(2, 2, pixel), std::iter::once(Vec2::ZERO)).apply(Vec3::splat(0.8)).y
        };
        assert!(skin(0.4) < skin(1.0));
    }
}
